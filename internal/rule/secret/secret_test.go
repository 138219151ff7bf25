// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// look runs the detectors over a file, in parts of the given size (0: at once).
func look(t testing.TB, sc *Scanner, path string, content []byte, part int) []sekisho.SecretFact {
	t.Helper()
	w := sc.Sniff(&sekisho.File{Path: path, Size: int64(len(content))})
	if w == nil {
		return nil
	}
	if part == 0 {
		w.Write(content, true)
		return w.Facts().Secrets
	}
	for len(content) > 0 {
		n := min(part, len(content))
		chunk := bytes.Clone(content[:n])
		content = content[n:]
		if !w.Write(chunk, len(content) == 0) {
			break
		}
		clear(chunk) // it is valid during the call only
	}
	return w.Facts().Secrets
}

func names(facts []sekisho.SecretFact) string {
	var out []string
	for _, f := range facts {
		out = append(out, f.Detector)
	}
	return strings.Join(out, " ")
}

func TestRules(t *testing.T) {
	for _, d := range all() {
		for _, kind := range []string{kindFile, kindDeleted, kindImage} {
			r := d.ruleOf(kind)
			for _, bad := range check.Lint(&r) {
				t.Error(bad)
			}
		}
	}
}

// However the content is cut into parts, the same is found at the same place.
func TestPartsAndWindows(t *testing.T) {
	token := githubToken(7)
	filler := strings.Repeat("the quick brown fox jumps over the lazy dog ", 8000)
	for _, at := range []int{0, 1000, window - 10, window, window + lookAhead - 20, window + lookAhead + lookBehind - 17, 200_000} {
		content := []byte(filler[:at] + "\n  x " + token + " y\n" + filler)
		for _, part := range []int{0, 1, 511, 4096, 100_000, 131_072} {
			if part == 1 && at > 1000 {
				continue
			}
			facts := look(t, New(nil, nil), "a.txt", content, part)
			if len(facts) != 1 {
				t.Fatalf("at %d in parts of %d: %d secrets", at, part, len(facts))
			}
			if l := facts[0].Location; l.Line != 2 || l.Column != 5 || l.EndColumn != 45 || facts[0].Excerpt != "ghp_…[40]" || facts[0].Level != levelChecksum {
				t.Errorf("at %d in parts of %d: %+v", at, part, facts[0])
			}
		}
	}
}

func TestNoText(t *testing.T) {
	token := githubToken(1)
	sc := New(nil, nil)
	for name, content := range map[string][]byte{
		"a NUL": []byte("\x7fELF\x00\x00 " + token), "control characters": []byte(strings.Repeat("\x01\x02abc", 100) + token),
	} {
		if f := look(t, sc, "x", content, 0); len(f) != 0 {
			t.Errorf("%s: found %s", name, names(f))
		}
	}
	for _, order := range []string{"little", "big"} {
		var b []byte
		for _, r := range "\ufeffpassword\r\n " + token + " \U0001f600\n" {
			u := []uint16{uint16(r)}
			if r > 0xffff {
				u = []uint16{uint16(0xd800 + (r-0x10000)>>10), uint16(0xdc00 + (r-0x10000)&0x3ff)}
			}
			for _, x := range u {
				if order == "big" {
					b = append(b, byte(x>>8), byte(x))
				} else {
					b = append(b, byte(x), byte(x>>8))
				}
			}
		}
		for _, part := range []int{0, 7} {
			if f := look(t, sc, "x", b, part); len(f) != 1 || f[0].Location.Line != 2 || f[0].Location.Column != 2 {
				t.Errorf("UTF-16 %s in parts of %d: %+v", order, part, f)
			}
		}
	}
}

// The value is in nothing that leaves the room.
func TestValueStaysInside(t *testing.T) {
	token := githubToken(5)
	facts := look(t, New(nil, nil), "a", []byte("t="+token), 0)
	if len(facts) != 1 {
		t.Fatal("nothing found")
	}
	if s := fmt.Sprintf("%+v", facts); strings.Contains(s, token[4:]) || strings.Contains(s, token[4:12]) {
		t.Error("a fact holds the value")
	}
	other := look(t, New(nil, []byte("another key")), "a", []byte("t="+token), 0)
	if other[0].Hash == facts[0].Hash {
		t.Error("the hash does not depend on the key")
	}
	if New(nil, []byte("k")).Version() == New(nil, nil).Version() || New(&check.Settings{Off: []string{"jwt", "npm-token"}}, nil).Version() == New(nil, nil).Version() {
		t.Error("facts of another key or other detectors would be taken from the cache")
	}
	sc := New(nil, nil)
	got := sc.Redact("RUN curl -H 'Authorization: token " + token + "' https://bob:Gk3" + "xP0qv8@git.internal/x")
	if strings.Contains(got, token) || strings.Contains(got, "Gk3"+"xP0") || !strings.Contains(got, "ghp_…[40]") || !strings.HasPrefix(got, "RUN curl") || !strings.HasSuffix(got, "@git.internal/x") {
		t.Error("the instruction is not redacted: ", len(got))
	}
}

func TestManyInOneFile(t *testing.T) {
	var b bytes.Buffer
	for i := range 3000 {
		fmt.Fprintf(&b, "%s\n", githubToken(i))
	}
	w := New(nil, nil).Sniff(&sekisho.File{Path: "a", Size: int64(b.Len())})
	w.Write(b.Bytes(), true)
	inv := w.Facts()
	if len(inv.Secrets) != maxPerFile || len(inv.Problems) != 1 || inv.Problems[0].Bound != "secrets" {
		t.Errorf("%d secrets, problems %v", len(inv.Secrets), inv.Problems)
	}
}

// A line without an end is looked through in bounded memory.
func TestLongLine(t *testing.T) {
	size := 1 << 30
	if testing.Short() || raced {
		size = 64 << 20
	}
	w := New(nil, nil).Sniff(&sekisho.File{Path: "a", Size: int64(size)})
	part := []byte(strings.Repeat("password:\"token= ", 1<<13))
	token := []byte(" " + githubToken(3) + " ")
	done := 0
	allocs := testing.AllocsPerRun(1, func() {
		for done < size/2 {
			w.Write(part, false)
			done += len(part)
		}
	})
	w.Write(token, false)
	w.Write(part, true)
	if f := w.Facts().Secrets; len(f) != 1 || f[0].Location.Line != 1 || f[0].Location.Column < size/2 {
		t.Errorf("%+v", f)
	}
	if allocs > 1e6 {
		t.Errorf("%v allocations", allocs)
	}
}
