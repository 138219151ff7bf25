// SPDX-License-Identifier: Apache-2.0

package message

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain text, 日本語 é 🙂": "plain text, 日本語 é 🙂", "a\x1b[31mb": "a�[31mb", "a\nb\tc\r": "a�b�c�", "a\u202eb\u2066c\u200fd\u061ce": "a�b�c�d�e",
		"z\u200b\u200d\u2060\ufeff\u00ad\U000e0041": "z������", "\u2028\u2029\u0085": "���", "\xff\xfe": "��", "Hangul \u3164": "Hangul �",
		"##[add-mask]x": "# #[add-mask]x", "a ##vso[task.setvariable variable=PATH]x": "a # #vso[task.setvariable variable=PATH]x", "##teamcity[x] ##[y]": "# #teamcity[x] # #[y]",
		"###[x": "## #[x", "## a heading": "## a heading", "##": "##", "##\x1b[": "##�[", "##\u200b[x]": "##�[x]",
	} {
		if got := Shown(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A text of commands alone takes no longer than another one.
func TestShownIsLinear(t *testing.T) {
	long := strings.Repeat("##[", 1<<20)
	if got := Shown(long); len(got) != len(long)+1<<20 {
		t.Errorf("%d bytes", len(got))
	}
}

func FuzzShown(f *testing.F) {
	for _, s := range []string{"###vso[##[", "a\x1b[b\u202e", "######[[", "\xff##["} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Shown(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, Unseen) {
			t.Errorf("%q: %q", s, got)
		}
		if i, _ := LogCommand(got); i >= 0 {
			t.Errorf("%q: %q holds a command", s, got)
		}
		if Shown(got) != got {
			t.Errorf("%q: %q changes once more", s, got)
		}
	})
}
