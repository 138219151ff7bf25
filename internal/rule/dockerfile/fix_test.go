// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"golang.org/x/tools/txtar"

	"github.com/sekisho/sekisho/internal/check"
)

const fixArchive = "testdata/fix/fix.txtar"

// The archive holds NAME/before, NAME/after and, where they differ from the
// defaults, NAME/options: words of "unsafe", "pin" and ids of rules.
func TestFix(t *testing.T) {
	ar, err := txtar.ParseFile(fixArchive)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]map[string]string{}
	for _, f := range ar.Files {
		name, part, _ := strings.Cut(f.Name, "/")
		if cases[name] == nil {
			cases[name] = map[string]string{}
		}
		cases[name][part] = string(f.Data)
	}
	if len(cases) < 20 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			var o FixOptions
			for word := range strings.FieldsSeq(cases[name]["options"]) {
				switch word {
				case "unsafe":
					o.Unsafe = true
				case "pin":
					o.Pin = func(ref string) string {
						if strings.Contains(ref, "unknown") {
							return ""
						}
						return "sha256:" + strings.Repeat("a", 64)
					}
				default:
					o.Rules = append(o.Rules, word)
				}
			}
			for _, eol := range []string{"\n", "\r\n"} {
				before := strings.ReplaceAll(cases[name]["before"], "\n", eol)
				want := strings.ReplaceAll(cases[name]["after"], "\n", eol)
				if eol == "\r\n" && strings.Contains(before, "<<") {
					continue // a shell reads the carriage returns: such scripts are left alone
				}
				got := Fix([]byte(before), o)
				if got.Mistake != "" {
					t.Fatal(got.Mistake)
				}
				if d := cmp.Diff(want, string(got.Text)); d != "" {
					t.Errorf("%q: %s", eol, d)
				}
				stable(t, []byte(before), o)
			}
		})
	}
}

// stable fails when fixing twice is not fixing once, or the result does not
// parse with BuildKit's parser.
func stable(t *testing.T, text []byte, o FixOptions) (edits int) {
	t.Helper()
	once := Fix(text, o)
	edits = len(once.Edits)
	if once.Mistake != "" {
		if !bytes.Equal(once.Text, text) {
			t.Fatalf("it has %q and was rewritten", once.Mistake)
		}
		return edits
	}
	if edits == 0 { // a second time would be the same
		if !bytes.Equal(once.Text, text) {
			t.Fatal("changed without an edit")
		}
		return edits
	}
	twice := Fix(once.Text, o)
	if twice.Mistake != "" || len(twice.Edits) > 0 || !bytes.Equal(once.Text, twice.Text) {
		t.Fatalf("the second time changed it (%q):\n%s\nthen\n%s\nthen\n%s", twice.Mistake, text, once.Text, twice.Text)
	}
	kinds, err := keywords(text)
	if err != nil {
		return edits // read statement by statement, where BuildKit reads nothing
	}
	after, err := keywords(once.Text)
	if err != nil {
		t.Fatalf("BuildKit cannot read the result: %v\n%s", err, once.Text)
	}
	added := 0
	for _, e := range once.Edits {
		added += e.adds
	}
	if len(after) != len(kinds)+added {
		t.Fatalf("%d instructions became %d, with %d added\n%s", len(kinds), len(after), added, once.Text)
	}
	// The instructions are the same, but for the kinds that fixes change and what
	// they add.
	i := 0
	for _, kind := range after {
		if i < len(kinds) && (kind == kinds[i] || kind == "copy" && kinds[i] == "add" || kind == "label" && kinds[i] == "maintainer") {
			i++
		} else if added--; added < 0 {
			t.Fatalf("%v became %v", kinds, after)
		}
	}
	if i != len(kinds) {
		t.Fatalf("%v became %v", kinds, after)
	}
	if n, m := bytes.Count(text, []byte("#")), bytes.Count(once.Text, []byte("#")); n != m {
		t.Fatalf("%d marks of comments became %d\n%s", n, m, once.Text)
	}
	if bytes.Count(text, []byte("\r\n")) == bytes.Count(text, []byte("\n")) && bytes.Count(once.Text, []byte("\r\n")) != bytes.Count(once.Text, []byte("\n")) {
		t.Fatalf("the ends of lines are mixed\n%q", once.Text)
	}
	return edits
}

func keywords(text []byte) (out []string, err error) {
	r, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if _, _, err := instructions.Parse(r.AST, nil); err != nil {
		return nil, err
	}
	for _, n := range r.AST.Children {
		out = append(out, strings.ToLower(n.Value))
	}
	return out, nil
}

// options are those that every fixture is tried with.
func fixOptions() []FixOptions {
	var every []string
	for _, r := range Rules() {
		every = append(every, r.ID)
	}
	return []FixOptions{
		{},
		{Unsafe: true},
		{Rules: every},
		{Rules: every, Pin: func(string) string { return "sha256:" + strings.Repeat("0", 64) }},
		{Settings: &check.Settings{On: every}, Unsafe: true},
	}
}

// Every Dockerfile of every archive of the room.
func TestFixesAreStable(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 50 {
		t.Fatal(len(files), err)
	}
	files = append(files, practice, fixArchive)
	least := 500
	if raced {
		files, least = files[:8], 1
	}
	n, edits := 0, 0
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if !fromLine.Match(f.Data) {
				continue
			}
			for _, o := range fixOptions() {
				n++
				edits += stable(t, f.Data, o)
			}
		}
	}
	t.Logf("%d runs, %d edits", n, edits)
	if edits < least {
		t.Errorf("only %d edits in %d runs", edits, n)
	}
}

// What was rewritten is no finding any more.
func TestFixSilencesTheFinding(t *testing.T) {
	ar, err := txtar.ParseFile(fixArchive)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if !strings.HasSuffix(f.Name, "/before") {
			continue
		}
		got := Fix(f.Data, FixOptions{})
		had := map[string]int{}
		for _, e := range got.Edits {
			had[e.Rule]++
		}
		count := func(text []byte) map[string]int {
			n := map[string]int{}
			for _, found := range judge(t, map[string][]byte{"Dockerfile": text}, nil).Findings {
				n[found.Rule]++
			}
			return n
		}
		before, after := count(f.Data), count(got.Text)
		for rule := range had {
			if before[rule] > 0 && after[rule] >= before[rule] {
				t.Errorf("%s: %s has %d findings, before it had %d\n%s", f.Name, rule, after[rule], before[rule], got.Text)
			}
		}
		for rule, n := range after {
			if n > before[rule] {
				t.Errorf("%s: %s is new\n%s", f.Name, rule, got.Text)
			}
		}
	}
}

func TestFixLeavesBrokenFiles(t *testing.T) {
	for _, text := range []string{"", "FROM a\nBROKEN x\nRUN apt-get install x\n", "RUN apt-get install x\n", "FROM a b c\nADD x /\n"} {
		got := Fix([]byte(text), FixOptions{Unsafe: true})
		if got.Mistake == "" || got.Line < 1 || string(got.Text) != text || len(got.Edits) > 0 {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// Rules say that they can be fixed when they can.
func TestFixableIsSaid(t *testing.T) {
	can := Fixable()
	for _, r := range Rules() {
		if r.Fixable != slices.Contains(can, r.ID) {
			t.Errorf("%s: fixable is %v", r.ID, r.Fixable)
		}
	}
	for _, id := range can {
		if catalogue()[id] == nil {
			t.Errorf("there is no rule %s", id)
		}
	}
}

func TestFixHonoursSettings(t *testing.T) {
	text := []byte("FROM debian:12\n# hadolint ignore=DL3015\nRUN apt-get update && apt-get install -y tree && rm -rf /var/lib/apt/lists/*\nADD a.conf /\n")
	if got := string(Fix(text, FixOptions{}).Text); strings.Contains(got, "recommends") || !strings.Contains(got, "COPY a.conf /") {
		t.Error(got)
	}
	if got := string(Fix(text, FixOptions{Settings: &check.Settings{Off: []string{"DL3020"}}}).Text); got != string(text) {
		t.Error(got)
	}
	if got := string(Fix(text, FixOptions{Hadolint: []byte("ignored: [DL3020]\n")}).Text); got != string(text) {
		t.Error(got)
	}
}

func FuzzFix(f *testing.F) {
	for _, name := range []string{practice, fixArchive} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(text).Files {
			f.Add(file.Data)
		}
	}
	f.Add([]byte("\xef\xbb\xbf# escape=`\r\nFROM debian\r\nRUN apt-get update && `\r\n # c\r\n apt install x;\r\nCMD a `\r\n b\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, o := range fixOptions() {
			stable(t, text, o)
		}
	})
}

// Whatever is wrong with an edit, a file in which more changes than it touches
// is not made.
func TestUnsoundEditsAreRefused(t *testing.T) {
	f := Parse([]byte("FROM a\nRUN true\nRUN x <<A\nb\nA\nCMD c\n"))
	at := func(s string) int { return bytes.Index(f.Text, []byte(s)) }
	for name, tt := range map[string]struct {
		edit Edit
		want bool
	}{
		"fine":              {Edit{From: at("true"), To: at("true") + 4, Text: "false"}, true},
		"an added line":     {Edit{From: at("CMD"), To: at("CMD"), Text: "USER 1\n", adds: 1}, true},
		"one unsaid":        {Edit{From: at("CMD"), To: at("CMD"), Text: "USER 1\n"}, false},
		"swallows the next": {Edit{From: at("true"), To: at("true") + 4, Text: "true \\"}, false},
		"opens a heredoc":   {Edit{From: at("true"), To: at("true") + 4, Text: "<<Z"}, false},
		"breaks the words":  {Edit{From: at("true"), To: at("true") + 4, Text: "if"}, false},
		"no instruction":    {Edit{From: at("CMD"), To: at("CMD") + 3, Text: "START"}, false},
		"over two of them":  {Edit{From: at("true"), To: at("b\n") + 1, Text: "true\nRUN x <<A\nz"}, false},
	} {
		if got := f.sound(Parse(Apply(f.Text, []Edit{tt.edit})), []Edit{tt.edit}); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	// What moved while nobody touched it.
	if f.sound(Parse([]byte("FROM a\nRUN true\nRUN x <<A\nz\nA\nCMD c\n")), []Edit{{From: at("true"), To: at("true"), Text: ""}}) {
		t.Error("a here-document changed unseen")
	}
}

// A shell reads the carriage returns of a here-document: nothing is added to it.
func TestFixLeavesCarriageReturnsInHeredocs(t *testing.T) {
	text := "FROM debian:12\r\nRUN <<EOT\r\nset -e\r\napt-get update\r\napt-get install -y --no-install-recommends tree\r\nEOT\r\n"
	if got := Fix([]byte(text), FixOptions{}); string(got.Text) != text {
		t.Errorf("%q", got.Text)
	}
}
