// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/cputime"
)

// Each line is judged as sh, dash, ash and bash; "-" for nothing. What is wanted
// was checked against ShellCheck 0.9, but for the lines marked with ours.
func TestFindings(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"foo $X \"$X\" $# ${#X} ${X:+$Y} x=$X", "SC2086@33 SC2086@5"},
		{"x=abc; foo $x; x=\"a b\"; foo $x", "SC2086@29"},
		{"if t; then x=a; else x=b; fi; foo $x", ""},
		{"if t; then x=a; fi; foo $x", "SC2086@25"},
		{"case a in a) x=a;; *) exit 1;; esac; foo $x", ""},
		{"x=a; (x=$B); foo $x", ""},
		{"x=a; while t; do foo $x; x=$B; done", "SC2086@22"},
		{"t && x=a && foo $x", ""}, // ours: ShellCheck asks for quotes
		{"f() { local x; x=$B; }; x=a; f; foo $x", ""},
		{"foo $(ls) \"$(ls)\" $(seq 3); x=$(ls)", "SC2046@5"},
		{"foo $@ $* \"$@\"", "SC2048@8 SC2068@5 SC2086@8"},
		{"for i in $X $(ls); do :; done", ""},
		{"echo \"$lower\" \"${other:-}\" \"$UPPER\"", "SC2154@7"},
		{". ./env; echo \"$lower\"", ""}, // ours: the file may set it
		{"echo \"$http_proxy\"", ""},     // ours
		{"[ -n \"$x\" ] && echo \"$x\"", ""},
		{"cd x; make", "SC2164@1"},
		{"cd x && make; cd ..", ""},
		{"set -e; cd x", ""},
		{"cd x || exit 1", ""},
		{"a && b || c", "SC2015@3"},
		{"a && b || true; a && b || echo c; a && [ b ] || c; if a && b || c; then :; fi", ""},
		{"rm *.x -- *.y; rm ./*; echo *", "SC2035@4"},
		{"read x; read -r x; read -sr x", "SC2162@1"},
		{"x=$(id -u) && export x", ""},
		{"f() { local -r x=$(a); export y=$(b); }; local -r z=$(c)", "SC2155@31 SC2155@51"},
		{"x=`id`", "SC2006@3"},
		{"$X a; $X/b a; $(id) a; $(id)/b a; $@ a", "SC2046@24 SC2068@35 SC2086@7"},
		{": ${X:=a}; : ${Y:?a}", "SC2086@14"},
	} {
		s, err := Parse(tt.text, Bash)
		if err != nil {
			t.Fatal(err)
		}
		if got := codesOf(s.Findings(nil)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
	s, err := Parse("echo \"$given\" $RANDOM", POSIX)
	if err != nil {
		t.Fatal(err)
	}
	if got := codesOf(s.Findings(map[string]bool{"given": true, "RANDOM": true})); got != "" {
		t.Error(got)
	}
}

// Directives of ShellCheck's silence the command below, or the whole script.
func TestDirectives(t *testing.T) {
	for text, want := range map[string]string{
		"a\n# shellcheck disable=SC2086\nfoo $X `id`\nfoo $Y\n":                       "SC2006@8 SC2046@8 SC2086@5",
		"#!/bin/bash\n# shellcheck disable=SC2086,SC2046 # why\nfoo $X $(id)\nfoo $Y": "",
		"a\n# shellcheck disable=all\nif a; then\n foo $X\nfi\nfoo $Y":                "SC2086@5",
		"a\n# shellcheck disable=SC2000-SC2999\nfoo $X":                               "",
		"a\n# shellcheck source=x disable=SC2086\nfoo $X":                             "",
		"a\n# shellcheck shell=sh\nfoo $X":                                            "SC2086@5",
		"foo '\n# shellcheck disable=SC2086\n'\nfoo $X":                               "SC2086@5",
	} {
		s, err := Parse(text, Bash)
		if err != nil {
			t.Fatal(err)
		}
		if got := codesOf(s.Findings(nil)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func codesOf(fs []Finding) string {
	var out []string
	for _, f := range fs {
		out = append(out, fmt.Sprintf("%s@%d", f.Code, f.Column))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestDialects(t *testing.T) {
	for _, tt := range []struct{ text, sh, dash, ash string }{
		{"[[ -f x ]]", "SC3010@1", "SC3010@1", ""},
		{"[ a == b ]", "SC3014@5", "SC3014@5", ""},
		{"local x=1", "SC3043@1", "", ""},
		{"export x=$B", "SC2086@10", "", ""},
		{"echo -e a", "SC3037@6", "SC3036@6", ""},
		{"echo -n a", "SC3037@6", "", ""},
		{"echo 'a\\nb'", "SC2028@6", "", "SC2028@6"},
		{"set -o pipefail", "SC3040@8", "SC3040@8", ""},
		{"a=(b c)", "SC3030@3", "SC3030@3", "SC3030@3"},
		{"cat <(ls) {a,b}", "SC3001@5 SC3009@11", "SC3001@5 SC3009@11", "SC3001@5 SC3009@11"},
		{"x=${Y/a/b}", "SC3060@3", "SC3060@3", ""},
		{"x=${Y^^}", "SC3059@3", "SC3059@3", "SC3059@3"},
		{"source x", "SC3046@1", "SC3046@1", ""},
		{"a |& b", "SC3029@3", "SC3029@3", "SC3029@3"},
		{"read -rp x y", "SC3045@6", "", ""},
		{"shopt -s x", "SC3044@1", "SC3044@1", "SC3044@1"},
		{"trap x ERR; printf %q x", "SC3047@8 SC3050@20", "SC3047@8 SC3050@20", "SC3047@8 SC3050@20"},
		{"((x++))", "SC3006@1 SC3018@4", "SC3006@1 SC3018@4", "SC3006@1"},
		{"function f { a; }", "SC2112@1", "SC2112@1", ""},
	} {
		for d, want := range map[Dialect]string{POSIX: tt.sh, Dash: tt.dash, Ash: tt.ash} {
			s, err := Parse(tt.text, d)
			if err != nil {
				t.Fatal(err)
			}
			if got := codesOf(s.Findings(nil)); got != want {
				t.Errorf("%s in %s: %q, want %q", tt.text, d, got, want)
			}
		}
		s, err := Parse(tt.text, Bash)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range s.Findings(nil) {
			if f.Code >= "SC3" {
				t.Errorf("%s in bash: %s", tt.text, f.Code)
			}
		}
	}
}

func TestCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes() {
		if seen[c.ID] || c.ID == "" {
			t.Errorf("%q twice or empty", c.ID)
		}
		seen[c.ID] = true
		if c.Title.EN == "" || c.Title.JA == "" || c.Why.EN == "" || c.Why.JA == "" || c.Fix.EN == "" || c.Fix.JA == "" {
			t.Errorf("%s lacks words", c.ID)
		}
	}
	if _, ok := Explain("SC9999"); ok {
		t.Error("SC9999 is explained")
	}
}

// What cannot be read in time ends: nothing here may take seconds.
func TestHostile(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("while a; do x=$(b); ", 1200) + strings.Repeat("done;", 1200),
		strings.Repeat("a && x=b && ", 20000) + "c",
		strings.Repeat("a|", 60000) + "b",
		strings.Repeat("if a; then x=b; ", 1500) + strings.Repeat("fi;", 1500),
		strings.Repeat("sh -c \"", 20) + "a",
		"echo " + strings.Repeat("{a,b}", 500),
		strings.Repeat("sudo ", 30000) + "a",
		"echo " + strings.Repeat("$X ", 60000),
		strings.Repeat("$(", 3000) + "a" + strings.Repeat(")", 3000),
		"echo {1..1000000000}{1..1000000000}",
	} {
		var err error
		took := cputime.Of(func() {
			var s *Script
			if s, err = Parse(text, Bash); err == nil {
				s.Findings(nil)
				s.Uses()
			}
		})
		if took > 5*time.Second {
			t.Errorf("%.20s: %v", text, took)
		} else {
			t.Logf("%.20s: %v %v", text, took, err)
		}
	}
}

// Beyond the bound of work a script is not judged for quotes any more, rather
// than for minutes.
func TestWork(t *testing.T) {
	for depth, want := range map[int]bool{3: true, 3000: false} {
		s, err := Parse(strings.Repeat("while a; do x=$(b); ", depth)+strings.Repeat("done;", depth)+"foo $y", Bash)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.ContainsFunc(s.Findings(nil), func(f Finding) bool { return f.Code == "SC2086" })
		if got != want {
			t.Errorf("%d loops: %v", depth, got)
		}
	}
}

func TestExternal(t *testing.T) {
	dir := t.TempDir()
	program := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
		return p
	}
	found := program("found", `cat >/dev/null; echo '{"comments":[{"line":2,"endLine":2,"column":3,"endColumn":5,"code":2154,"message":"x is referenced but not assigned."},{"line":1,"column":1,"code":3010,"message":"m"}]}'; exit 1`)
	fs, err := External(t.Context(), found, "a", POSIX, nil)
	if err != nil || len(fs) != 2 || fs[0].Code != "SC2154" || fs[0].Line != 2 || fs[0].EndColumn != 5 || fs[0].Arg != "x" || fs[1].Message != "m" {
		t.Errorf("%+v %v", fs, err)
	}
	if fs, err = External(t.Context(), found, "a", Ash, map[string]bool{"x": true}); err != nil || len(fs) != 0 {
		t.Errorf("%+v %v", fs, err)
	}
	for name, text := range map[string]string{"broken": "echo '{'", "fails": "echo no >&2; exit 3", "much": "yes | head -c 9000000"} {
		if _, err := External(t.Context(), program(name, text), "a", POSIX, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := External(t.Context(), filepath.Join(dir, "none"), "a", POSIX, nil); err == nil {
		t.Error("no program and no error")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := External(ctx, program("slow", "exec sleep 30"), "a", POSIX, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
