// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cputime"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// everything runs with the detectors that are off, too.
func everything() *Scanner {
	s := &check.Settings{}
	for _, r := range Rules() {
		s.On = append(s.On, r.ID)
	}
	return New(s, nil)
}

// Text that is made of keywords costs a bounded multiple of plain text.
func TestHostileTextIsLinear(t *testing.T) {
	sc := everything()
	size := 1 << 20
	if testing.Short() || raced {
		size = 128 << 10
	}
	unit := []string{`{"service_account"`, `"service_account"}{`, "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nAAAA", "eyJ-", "eyJhbGciOiJIUzI1NiJ9.", "pypi-", "ops_eyJ-", "password=", "password='", "://a:b", "://a:bcdefghi@x", "current-context token: ", `"auth": auths`, "AKIA-", "PuTTY-User-Key-File-", "Q~0", "T3Blbk" + "FJ-", "/1O/w1cDnyilFU=", `\"auth\"`, "{", "fm2_-"}
	for _, k := range sc.detectors {
		for _, w := range k.keywords {
			if !slices.Contains(unit, w) {
				unit = append(unit, w)
			}
		}
	}
	for _, u := range unit {
		content := bytes.Repeat([]byte(u), size/len(u))
		for _, path := range []string{"a", ".env"} {
			var inv sekisho.Inventory
			took := cputime.Of(func() {
				w := sc.Sniff(&sekisho.File{Path: path, Size: int64(len(content))})
				w.Write(content, true)
				inv = w.Facts()
			})
			// Far more than it takes: not its square.
			if took > 5*time.Second {
				t.Errorf("%d bytes of %q took %v", len(content), u, took)
			}
			if len(inv.Secrets) > maxPerFile {
				t.Errorf("%q: %d secrets", u, len(inv.Secrets))
			}
		}
	}
}

// Many secrets that are all the same are one, at once, and do not hide another.
func TestRepeatedSecretHidesNothing(t *testing.T) {
	one := strings.Repeat("postgres://app:Gk3"+"xP0qv8Zt@db.prod.internal/x\n", 20_000)
	f := look(t, New(nil, nil), "a", []byte(one+githubToken(2)+"\n"), 0)
	if names(f) != "url-password github-token" {
		t.Errorf("found %s", names(f))
	}
}

func FuzzSniff(f *testing.F) {
	for _, list := range examples(f) {
		for _, e := range list {
			f.Add([]byte(strings.NewReplacer("«", "", "»", "").Replace(e.good)), e.path, 7)
			for _, b := range e.bad {
				f.Add([]byte(b), e.path, 100)
			}
		}
	}
	f.Add([]byte("\xff\xfea\x00b\x00\n\x00"), "x", 3)
	sc := everything()
	f.Fuzz(func(t *testing.T, content []byte, path string, part int) {
		if len(content) > 1<<16 {
			return
		}
		whole := look(t, sc, path, content, 0)
		for _, s := range whole {
			l := s.Location
			if l.Line < 1 || l.Column < 1 || l.EndLine < l.Line || l.EndLine == l.Line && l.EndColumn <= l.Column {
				t.Fatalf("%s at %+v", s.Detector, l)
			}
			if i := strings.Index(s.Excerpt, "…["); i < 0 || i > 4 || !utf8.ValidString(s.Excerpt) {
				t.Fatalf("excerpt %q", s.Excerpt)
			}
			if len(s.Hash) != 32 || s.Level == "" {
				t.Fatalf("%+v", s)
			}
		}
		if part > 0 {
			if d := cmp.Diff(whole, look(t, sc, path, content, part)); d != "" {
				t.Fatalf("in parts of %d: %s", part, d)
			}
		}
	})
}

func FuzzRedact(f *testing.F) {
	f.Add("RUN curl https://a:Gk3" + "xP0qv8Zt@b.internal")
	f.Add("x " + githubToken(1) + " y")
	sc := New(nil, nil)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<14 {
			return
		}
		out := sc.Redact(s)
		facts := sc.inText(s)
		if len(facts) == 0 && out != s && len(s) < window {
			t.Fatalf("%q became %q although nothing is in it", s, out)
		}
		for _, d := range sc.inText(out) {
			for _, o := range facts {
				if d.Hash == o.Hash {
					t.Fatalf("%s is still in %q", d.Detector, out)
				}
			}
		}
	})
}
