// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// bodies are RUN bodies of the usual kinds, alone and joined as Dockerfiles do.
func bodies(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/bodies.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := strings.Split(strings.TrimSpace(string(text)), "\n")
	var single []string
	for i, b := range out {
		if strings.Contains(b, "EOF") {
			out[i] = strings.ReplaceAll(b, `\n`, "\n")
			continue
		}
		single = append(single, b)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 240 {
		var parts []string
		for range 2 + r.IntN(3) {
			parts = append(parts, single[r.IntN(len(single))])
		}
		out = append(out, strings.Join(parts, []string{" && ", "; ", " \\\n  && "}[r.IntN(3)]))
	}
	return out
}

// covered are the codes that Findings knows.
func covered(code string) bool {
	_, ok := Explain(code)
	return ok
}

// deliberate are the differences that are meant: see docs/rules-shell.md.
func deliberate(body string, d Dialect, f *Finding, missing bool) bool {
	switch f.Code {
	case "SC2015":
		return missing // behind a test, and before true: newer versions are silent too
	case "SC2154":
		return missing && (strings.Contains(body, ". ") || strings.Contains(body, "source ") || strings.Contains(body, "eval "))
	case "SC3040":
		return !missing && d == Dash // dash before 0.5.13 has no pipefail
	case "SC3028":
		return missing // HOSTNAME
	case "SC2112":
		return true
	}
	return false
}

// What ShellCheck says about the same bodies, code by code.
func TestAgainstShellCheck(t *testing.T) {
	program, err := exec.LookPath("shellcheck")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("shellcheck is not installed")
		}
		t.Skip("shellcheck is not installed")
	}
	type score struct{ both, extra, missing, meant int }
	scores := map[string]*score{}
	at := func(code string) *score {
		if scores[code] == nil {
			scores[code] = &score{}
		}
		return scores[code]
	}
	var total score
	all := bodies(t)
	for i, body := range all {
		d := Dialect(i % 3)
		s, err := Parse(body+"\n", d)
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		theirs, err := External(t.Context(), program, body+"\n", d, nil)
		if err != nil {
			t.Fatal(err)
		}
		key := func(f *Finding) string { return fmt.Sprintf("%s %d:%d", f.Code, f.Line, f.Column) }
		want := map[string]*Finding{}
		for i := range theirs {
			if covered(theirs[i].Code) {
				want[key(&theirs[i])] = &theirs[i]
			}
		}
		count := func(f *Finding, missing bool) {
			x := at(f.Code)
			switch {
			case deliberate(body, d, f, missing):
				x.meant++
				total.meant++
			case missing:
				x.missing++
				total.missing++
				t.Logf("missing %s in (%s) %s", key(f), d, body)
			default:
				x.extra++
				total.extra++
				t.Logf("extra %s in (%s) %s", key(f), d, body)
			}
		}
		for _, f := range s.Findings(nil) {
			if want[key(&f)] == nil {
				count(&f, false)
				continue
			}
			at(f.Code).both++
			total.both++
			delete(want, key(&f))
		}
		for _, f := range want {
			count(f, true)
		}
	}
	for code, x := range scores {
		t.Logf("%s: both %d, extra %d, missing %d, meant %d", code, x.both, x.extra, x.missing, x.meant)
	}
	precision := float64(total.both) / float64(total.both+total.extra)
	recall := float64(total.both) / float64(total.both+total.missing)
	t.Logf("%d bodies: %d found by both, precision %.3f, recall %.3f, %d differences are meant", len(all), total.both, precision, recall, total.meant)
	if precision < 0.98 || recall < 0.95 || total.both < 500 {
		t.Errorf("precision %.3f, recall %.3f over %d findings", precision, recall, total.both)
	}
}

func BenchmarkFindings(b *testing.B) {
	all := bodies(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		s, err := Parse(all[n%len(all)], POSIX)
		if err != nil {
			b.Fatal(err)
		}
		s.Findings(nil)
		s.Uses()
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "bodies/s")
}
