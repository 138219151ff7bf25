// SPDX-License-Identifier: Apache-2.0

package yara

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/engine/enginetest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// rulesOf writes files of rules and returns their directory.
func rulesOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func options(t *testing.T, rules ...string) Options {
	t.Helper()
	return Options{Program: enginetest.Need(t, "yara"), Compiler: enginetest.Need(t, "yarac"), Rules: rules, TempDir: t.TempDir()}
}

func open(t *testing.T, opt Options) *Engine {
	t.Helper()
	e, err := Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.Close()
		if _, err := os.Stat(e.dir); err == nil {
			t.Errorf("%s is left behind", e.dir)
		}
	})
	return e
}

type sample struct{ path, text string }

// examine gives the files of a layer at once, in parts.
func examine(t *testing.T, e *Engine, files ...sample) sekisho.Inventory {
	t.Helper()
	l := e.Begin(t.Context())
	var wg sync.WaitGroup
	slots := make(chan struct{}, 4)
	for i, f := range files {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			w := l.Sniff(&sekisho.File{Path: f.path, Size: int64(len(f.text))})
			if w == nil {
				return
			}
			b := []byte(f.text)
			if i%2 == 0 && len(b) > 1 {
				w.Write(b[:len(b)/2], false)
				b = b[len(b)/2:]
			}
			w.Write(b, true)
			if inv := w.Facts(); len(inv.Malware)+len(inv.Problems) != 0 {
				t.Errorf("a file told before the end: %v", inv)
			}
		})
	}
	wg.Wait()
	inv := l.End()
	slices.SortFunc(inv.Malware, func(a, b sekisho.MalwareFact) int {
		return strings.Compare(a.Location.Path+" "+a.Name, b.Location.Path+" "+b.Name)
	})
	return inv
}

func names(inv sekisho.Inventory) (out []string) {
	for _, m := range inv.Malware {
		out = append(out, m.Location.Path+" "+m.Name)
	}
	for _, p := range inv.Problems {
		out = append(out, fmt.Sprintf("%s minor=%v passing=%v %s", p.Bound, p.Minor, p.Passing, p.Error))
	}
	return out
}

const marked = `rule marked : one two {
	meta:
		description = "a \"quoted\" [text]\nof two lines"
		reference = "https://example.com/rule"
		severity = "critical"
	strings:
		$a = "hostile"
	condition: $a
}`

func TestRealYara(t *testing.T) {
	dir := rulesOf(t, map[string]string{
		"a.yar": marked, "sub/b.yara": `rule marked { strings: $x = "hostile" condition: #x > 8 } rule scored { meta: score = 75 strings: $s = { 7f 45 4c 46 } condition: $s at 0 }`,
		"readme.txt": "no rules",
	})
	e := open(t, options(t, dir))
	if v := e.EngineVersion(); !strings.HasPrefix(v, "YARA 4.") || !strings.HasSuffix(v, "2 files of rules") {
		t.Error(v)
	}
	files := []sample{{"etc/h [x] 'q'\nf1.txt", "so hostile, so hostile"}, {"bin/elf", "\x7fELF and more"}, {"many", strings.Repeat("hostile ", 10)}}
	for i := range 1000 { // several batches
		files = append(files, sample{fmt.Sprintf("clean/%d", i), fmt.Sprint("text ", i)})
	}
	inv := examine(t, e, files...)
	want := []string{"bin/elf scored", "etc/h [x] 'q'\nf1.txt marked", "many marked", "many marked"}
	if d := cmp.Diff(want, names(inv)); d != "" {
		t.Fatal(d)
	}
	f := inv.Malware[1]
	if f.Text != `a "quoted" [text] of two lines (https://example.com/rule)` || f.Severity != sekisho.SeverityCritical || len(f.SHA256) != 64 ||
		f.Excerpt != "namespace a, tags one two, $a at 0x3 (7 bytes), $a at 0xf (7 bytes)" || strings.Contains(f.Excerpt, "hostile") {
		t.Errorf("%+v", f)
	}
	if s := inv.Malware[0].Severity; s != sekisho.SeverityHigh {
		t.Errorf("a score of 75 is %v", s)
	}
	if s := inv.Malware[2].Excerpt + inv.Malware[3].Excerpt; !strings.Contains(s, "namespace sub/b") || !strings.Contains(s, "and 5 more") {
		t.Error(s)
	}
}

func TestCompiledRules(t *testing.T) {
	dir := rulesOf(t, map[string]string{"a.yar": marked, "other.yar": `rule other { condition: filesize == 3 }`})
	out := filepath.Join(dir, "compiled")
	if b, err := exec.CommandContext(t.Context(), enginetest.Need(t, "yarac"), filepath.Join(dir, "a.yar"), out).CombinedOutput(); err != nil {
		t.Fatalf("%s", b)
	}
	e := open(t, options(t, out, filepath.Join(dir, "other.yar")))
	inv := examine(t, e, sample{"x", "hostile"}, sample{"y", "abc"})
	if d := cmp.Diff([]string{"x marked", "y other"}, names(inv)); d != "" {
		t.Error(d)
	}
}

func TestFingerprint(t *testing.T) {
	dir := rulesOf(t, map[string]string{"a.yar": marked, "b.yar": strings.Replace(marked, "hostile", "hostage", 1), "inc.yar": `include "a.yar"`})
	print := func(opt Options) string { return open(t, opt).Fingerprint() }
	a := options(t, filepath.Join(dir, "a.yar"))
	if first, second := print(a), print(a); first != second {
		t.Error("the same rules have two keys")
	}
	before := print(options(t, filepath.Join(dir, "inc.yar")))
	seen := map[string]bool{print(a): true, print(options(t, filepath.Join(dir, "b.yar"))): true, before: true}
	a.MaxBytes = 5
	seen[print(a)] = true
	if err := os.WriteFile(filepath.Join(dir, "a.yar"), []byte(strings.Replace(marked, "hostile", "other", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	seen[print(options(t, filepath.Join(dir, "inc.yar")))] = true
	if len(seen) != 5 {
		t.Errorf("%d keys of 5 sets of rules", len(seen))
	}
}

func TestRulesThatAreWrong(t *testing.T) {
	dir := rulesOf(t, map[string]string{
		"syntax.yar": "rule x {", "unknown.yar": "rule a { condition: nothing } rule b { condition: nothing2 }", "dir/readme": "", "junk": "YARA and no more",
	})
	for name, want := range map[string]string{
		"syntax.yar":  "the rules do not compile: rule \"x\" in ",
		"unknown.yar": `undefined identifier "nothing" (and 1 more)`,
		"dir":         "there is no file *.yar or *.yara in ",
		"nowhere":     "cannot be read: no such file",
		"junk":        "yara does not take the compiled rules",
	} {
		opt := options(t, filepath.Join(dir, name))
		_, err := Open(t.Context(), opt)
		var re *RulesError
		if !errors.As(err, &re) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(opt.TempDir); len(left) != 0 {
			t.Errorf("%s: %v is left behind", name, left)
		}
	}
	opt := options(t, dir)
	opt.Program = "/bin/false"
	if _, err := Open(t.Context(), opt); err == nil || errors.As(err, new(*RulesError)) {
		t.Errorf("%v", err)
	}
	opt.Program = "/bin/echo" // prints what it is asked
	if _, err := Open(t.Context(), opt); err == nil || !strings.Contains(err.Error(), "version 4 of YARA is needed") {
		t.Errorf("%v", err)
	}
}

// Rules that are none examine nothing: whoever asks is told, and may not take
// silence for a clean result.
func TestNoRules(t *testing.T) {
	dir := rulesOf(t, map[string]string{"empty.yar": "", "comment.yar": "// rule a { condition: true }", "dir/a.yar": "import \"math\"", "dir/b.yar": "", "one.yar": "rule a { condition: false }"})
	for _, name := range []string{"empty.yar", "comment.yar", "dir"} {
		opt := options(t, filepath.Join(dir, name))
		if _, err := Open(t.Context(), opt); !errors.Is(err, ErrNoRules) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(opt.TempDir); len(left) != 0 {
			t.Errorf("%s: %v is left behind", name, left)
		}
	}
	compiled := filepath.Join(dir, "compiled")
	if b, err := exec.CommandContext(t.Context(), enginetest.Need(t, "yarac"), filepath.Join(dir, "empty.yar"), compiled).CombinedOutput(); err != nil {
		t.Fatalf("%s", b)
	}
	if _, err := Open(t.Context(), options(t, compiled)); !errors.Is(err, ErrNoRules) {
		t.Errorf("compiled: %v", err)
	}
	open(t, options(t, compiled, filepath.Join(dir, "one.yar")))
	for stats, want := range map[string]int{"": 1, "number of rules: none": 1, "x\nnumber of rules                    : 12\n": 12, "number of rules : 0\n": 0} {
		if n := countRules(stats); n != want {
			t.Errorf("%q: %d, want %d", stats, n, want)
		}
	}
}

func TestVariablesOfOthers(t *testing.T) {
	dir := rulesOf(t, map[string]string{"a.yar": `rule named { condition: filename matches /x/ } rule plain { condition: filesize == 2 }`})
	e := open(t, options(t, dir))
	inv := examine(t, e, sample{"x", "ab"})
	if d := cmp.Diff([]string{"x plain"}, names(inv)); d != "" {
		t.Error(d)
	}
	if n := e.Note(); len(n) != 1 || !n[0].Minor || !strings.Contains(n[0].Error, "filename") {
		t.Errorf("%v", n)
	}
}

// slow takes for ever for files of more than 100 bytes.
const slow = `rule slow { condition: filesize > 100 and for all i in (1..2000000000) : ( uint8(i % 10) >= 0 ) } rule quick { condition: filesize > 0 }`

func TestSlowFilesAreNamedAndTheOthersExamined(t *testing.T) {
	opt := options(t, rulesOf(t, map[string]string{"a.yar": slow}))
	opt.Timeout = time.Second
	e := open(t, opt)
	long := strings.Repeat("x", 200)
	inv := examine(t, e, sample{"a", "1"}, sample{"b", long}, sample{"c", "2"}, sample{"d", "3"})
	want := []string{"a quick", "c quick", "d quick", "yara-timeout minor=false passing=true 1 files were not examined to the end by YARA within 1s each: b; raise --yara-timeout, or make the rules cheaper"}
	if d := cmp.Diff(want, names(inv)); d != "" {
		t.Error(d)
	}
}

func TestLargeFiles(t *testing.T) {
	opt := options(t, rulesOf(t, map[string]string{"a.yar": marked}))
	opt.MaxBytes = 10
	e := open(t, opt)
	got := names(examine(t, e, sample{"small", "hostile"}, sample{"large", "hostile and large"}))
	if len(got) != 2 || got[0] != "small marked" || !strings.HasPrefix(got[1], "yara-max-bytes minor=true passing=false 1 files are larger than 10 bytes and were not examined by YARA: large;") {
		t.Errorf("%q", got)
	}
}

func TestVeryManyMatches(t *testing.T) {
	e := open(t, options(t, rulesOf(t, map[string]string{"a.yar": `rule every { condition: true } rule letters { strings: $b = /[a-z]/ condition: $b }`})))
	files := make([]sample, 3000)
	for i := range files {
		files[i] = sample{fmt.Sprint(i), "abcdefghij"}
	}
	inv := examine(t, e, files...)
	if len(inv.Malware) != maxFacts || len(inv.Problems) != 1 || !strings.Contains(inv.Problems[0].Error, "1000 more matches are not told") {
		t.Errorf("%d matches, %v", len(inv.Malware), inv.Problems)
	}
}

// program writes a shell script that stands for yara.
func program(t *testing.T, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "yara")
	if err := os.WriteFile(p, []byte("#!/bin/sh\ncase $1 in --version) echo 4.9.9; exit;; esac\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return p
}

// A file that breaks the program costs no other file.
func TestCrash(t *testing.T) {
	real := enginetest.Need(t, "yara")
	opt := options(t, rulesOf(t, map[string]string{"a.yar": marked}))
	opt.Program = program(t, `for last; do :; done
if [ -n "$(xargs grep -l CRASH <"$last" 2>/dev/null)" ]; then kill -SEGV $$; fi
exec `+real+` "$@"
`)
	e := open(t, opt)
	got := names(examine(t, e, sample{"a", "hostile"}, sample{"b", "hostile CRASH"}, sample{"c", "hostile"}, sample{"d", "hostile"}, sample{"e", "x"}))
	if len(got) != 4 || !slices.Equal(got[:3], []string{"a marked", "c marked", "d marked"}) ||
		!strings.Contains(got[3], "minor=false passing=true 1 files were not examined by YARA (b): yara ended with signal: segmentation fault") {
		t.Errorf("%q", got)
	}
}

func TestProgramsThatMisbehave(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"speaks":  {`echo hello`, "the program's output is not understood"},
		"endless": {`case $* in *list-*) yes 0x1:2:x;; esac`, "the program's output is not understood"},
		"ends":    {`case $* in *list-*) echo "error: what" >&2; exit 9;; esac`, "yara ended with what"},
		"error":   {`case $* in *list-*) echo "error scanning f1: could not map file" >&2;; esac`, "could not map file"},
	} {
		opt := options(t, rulesOf(t, map[string]string{"a.yar": marked}))
		opt.Program = program(t, c.text+"\n")
		got := names(examine(t, open(t, opt), sample{"a", "x"}))
		if len(got) != 1 || !strings.Contains(got[0], "minor=false passing=true 1 files were not examined by YARA (a)") || !strings.Contains(got[0], c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestCancelled(t *testing.T) {
	opt := options(t, rulesOf(t, map[string]string{"a.yar": slow}))
	e := open(t, opt)
	ctx, cancel := context.WithCancel(t.Context())
	l := e.Begin(ctx)
	w := l.Sniff(&sekisho.File{Path: "a", Size: 200})
	w.Write(bytes.Repeat([]byte("x"), 200), true)
	w.Facts()
	time.AfterFunc(300*time.Millisecond, cancel)
	begin := time.Now()
	l.End()
	if d := time.Since(begin); d > 5*time.Second {
		t.Errorf("it took %v to stop", d)
	}
}

func TestParse(t *testing.T) {
	known := func(s string) bool { return s == "f1" }
	got, err := parse(strings.NewReader("default:a [] [] f1\nn/s:b [x,y] [k=\"v ] [ \\\"f1\\\" \\x41\\\\\",score =80,ok=true] f1\n0x10:5:$a\n0xff:0:$b: secret\n"), known)
	if err != nil {
		t.Fatal(err)
	}
	want := []match{
		{file: "f1", namespace: "default", rule: "a"},
		{file: "f1", namespace: "n/s", rule: "b", tags: []string{"x", "y"}, meta: []pair{{"k", `v ] [ "f1" A\`}, {"score", "80"}, {"ok", "true"}}, strings: []string{"$a at 0x10 (5 bytes)", "$b at 0xff (0 bytes)"}},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(match{}, pair{})); d != "" {
		t.Error(d)
	}
	for _, s := range []string{"x", "a [] [] f1", "d:a [] [] f2", "d:a [] f1", "0x1:1:$a\nd:a [] [] f1", "d:a [] [] f1\n0xzz:1:$a", "d:a [] [] f1\n0x1:-1:$a", strings.Repeat("y", 2*maxLine)} {
		if _, err := parse(strings.NewReader(s), known); err == nil {
			t.Errorf("%.40q was understood", s)
		}
	}
}

func TestSeverity(t *testing.T) {
	for text, want := range map[string]sekisho.Severity{
		"": sekisho.SeverityUnknown, `severity="High"`: sekisho.SeverityHigh, `severity="informational"`: sekisho.SeverityNegligible, `score=100`: sekisho.SeverityCritical,
		`score=60`: sekisho.SeverityMedium, `score=10`: sekisho.SeverityLow, `score=-5`: sekisho.SeverityUnknown, `score=1000`: sekisho.SeverityUnknown,
		`severity=85`: sekisho.SeverityHigh, `threat_level="moderate",score=10`: sekisho.SeverityMedium, `severity="whatever"`: sekisho.SeverityUnknown,
	} {
		m := match{meta: parseMeta(text)}
		if got := m.severity(); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("default:a [] [] f1\nn/s:b [x,y] [k=\"v\",score =80,ok=true] f1\n0x10:5:$a\n"))
	f.Add([]byte("default:a [] [k=\"\\x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, _ := parse(bytes.NewReader(b), func(s string) bool { return s == "f1" })
		for i := range got {
			fact := got[i].fact("YARA", &handed{path: "p"})
			if s := fact.Name + fact.Text + fact.Excerpt; strings.ContainsAny(s, "\x00\x1b\n\r") || fact.Location.Path != "p" || fact.Name == "" {
				t.Errorf("%+v", fact)
			}
		}
	})
}
