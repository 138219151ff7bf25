// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestUnified(t *testing.T) {
	want := "--- a/f\n+++ b/f\n@@ -1,5 +1,5 @@\n 1\n-2\n+two\n 3\n 4\n 5\n"
	if got := unified("f", "1\n2\n3\n4\n5\n6\n", "1\ntwo\n3\n4\n5\n6\n"); got != want {
		t.Errorf("got\n%s", got)
	}
	if got := unified("f", "a\n", "a\n"); got != "" {
		t.Error(got)
	}
	if got := unified("f", "a", "a\nb"); !strings.Contains(got, "-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline") {
		t.Errorf("got\n%s", got)
	}
}

// What is shown makes the second text of the first, by patch(1) where it is
// installed.
func FuzzUnified(f *testing.F) {
	f.Add("a\nb\nc\nd\ne\nf\ng\nh\ni\n", "a\nB\nc\nd\ne\nf\ng\nh\nj\n")
	f.Add("", "x")
	f.Add("x\ny", "y\nx\n")
	f.Add(strings.Repeat("a\n", 1500), strings.Repeat("b\n", 1500))
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := trimEmpty(strings.SplitAfter(a, "\n")), trimEmpty(strings.SplitAfter(b, "\n"))
		var got []string
		at := 0
		for _, c := range changes(x, y) {
			if c.i < at || c.j < c.i || c.l < c.k || c.i == c.j && c.k == c.l {
				t.Fatalf("%q %q: %+v", a, b, c)
			}
			got = append(append(got, x[at:c.i]...), y[c.k:c.l]...)
			at = c.j
		}
		got = append(got, x[at:]...)
		if strings.Join(got, "") != strings.Join(y, "") && a != b {
			t.Fatalf("%q %q: %q", a, b, got)
		}
		unified("f", a, b)
	})
}

func TestUnifiedIsAPatch(t *testing.T) {
	program, err := exec.LookPath("patch")
	if err != nil {
		t.Skip("patch is not installed")
	}
	a := "FROM a\n" + strings.Repeat("RUN x\n", 20) + "CMD a\n"
	b := "# c\nFROM a\n" + strings.Repeat("RUN x\n", 9) + "RUN y\n" + strings.Repeat("RUN x\n", 10) + "USER 1\nCMD b"
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte(a), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-s", name)
	cmd.Stdin = strings.NewReader(unified("f", a, b))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != b {
		t.Errorf("%v: %q", err, got)
	}
}
