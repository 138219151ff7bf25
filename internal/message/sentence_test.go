// SPDX-License-Identifier: Apache-2.0

package message

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every English text that a room speaks is in the catalogue, and every text of the
// catalogue is spoken by a room.
func TestSentences(t *testing.T) {
	have := map[string]string{}
	for _, f := range Faults() {
		if other, twice := have[f.Text.En]; twice {
			t.Errorf("%s and %s are one English text", f.Code, other)
		}
		have[f.Text.En] = f.Code
	}
	spoken := map[string]bool{}
	for english, where := range sentences(t) {
		spoken[english] = true
		if _, ok := have[english]; !ok && english != "%w" {
			t.Errorf("%s: no text of the catalogue is %q", where, english)
		}
	}
	of := map[string]bool{}
	for _, f := range slices.Concat(named(), notes) {
		of[f.Code] = true // see TestFaults, TestNotes
	}
	for english, code := range have {
		if !spoken[english] && !of[code] {
			t.Errorf("nobody says %s", code)
		}
	}
	if len(spoken) < 200 {
		t.Errorf("only %d sentences were found: does the test still see the rooms?", len(spoken))
	}
}

// sentences are the English texts that the rooms hand to [Errorf], [New], [Say] and
// [Because], with the place of one of each.
func sentences(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, p, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if text, ok := mistake(call, p); ok {
				if text == "" {
					t.Errorf("%s: a mistake is told by English as it stands, so that this test sees it", set.Position(call.Pos()))
				}
				out[text] = set.Position(call.Pos()).String()
				return true
			}
			name, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if room, ok := name.X.(*ast.Ident); !ok || room.Name != "message" {
				return true
			}
			at := 0
			switch name.Sel.Name {
			case "Errorf", "New", "Say":
			case "Because":
				at = 1
			default:
				return true
			}
			lit, ok := call.Args[at].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: message.%s takes its English as it stands, so that this test sees it", set.Position(call.Pos()), name.Sel.Name)
				return true
			}
			english, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Error(err)
			}
			if name.Sel.Name == "New" {
				english = strings.ReplaceAll(english, "%", "%%")
			}
			out[english] = set.Position(call.Pos()).String()
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// mistake is the English of a call that tells a mistake of a user's file, in the
// rooms that collect them (see [Told]); ok is false for any other call, and for one
// that passes on the format that it was given.
func mistake(call *ast.CallExpr, file string) (english string, ok bool) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	tells := map[string][]string{
		"../risk": {"bad"}, "../exception": {"bad", "skip", "at"}, "../policy/userpolicy": {"bad", "wrong"},
		"../check/userrule": {"bad"}, "../sekisho": {"bad", "mistake"},
	}
	if !slices.Contains(tells[filepath.ToSlash(filepath.Dir(file))], name) {
		return "", false
	}
	args := call.Args
	if name == "mistake" { // the code is before it
		args = args[1:]
	}
	for _, a := range args {
		if id, isName := a.(*ast.Ident); isName && id.Name == "format" {
			return "", false
		}
		if lit, isText := a.(*ast.BasicLit); isText && lit.Kind == token.STRING {
			english, _ = strconv.Unquote(lit.Value)
			return english, true
		}
	}
	return "", true
}

// The codes of the vocabulary's own errors, which cannot ask the catalogue, are
// those of their texts in it.
func TestVocabulary(t *testing.T) {
	files, err := filepath.Glob("../sekisho/*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	call := regexp.MustCompile(`\bmistake\("([a-z-]+)", ("[^\n]*?[^\\]"),`)
	for _, p := range files {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllSubmatch(text, -1) {
			seen++
			english, err := strconv.Unquote(string(m[2]))
			if f, ok := FaultOf(string(m[1])); err != nil || !ok || f.Text.En != english {
				t.Errorf("%s: the catalogue has %q for %s", p, f.Text.En, m[1])
			}
		}
	}
	if seen < 4 {
		t.Errorf("only %d are found: does the test still see them?", seen)
	}
}

func TestErrorInJapanese(t *testing.T) {
	end := errors.New("connection refused")
	deep := Errorf("read manifest of %s: it has %d layers, more than the %d that are read", "app", 9, 5)
	for _, tt := range []struct {
		err  error
		code string
		args []string
		ja   string
	}{
		{New("too many entries"), "many-entries", nil, "項目が多すぎます"},
		{deep, "manifest-layers", []string{"app", "9", "5"}, "app のマニフェストを読み取れません。レイヤー数 9 が上限 5 を超えています"},
		{Errorf("open %s: %w", "a", end), "open", []string{"a", "connection refused"}, "a を開けません: 接続を拒否されました (connection refused)"},
		{Errorf("open %s: %w", "a", deep), "open/manifest-layers", []string{"a", "app", "9", "5"}, "a を開けません: app のマニフェストを読み取れません。レイヤー数 9 が上限 5 を超えています"},
		{Errorf("%w (before that, looked in %s (%v) and %s (%v))", deep, "docker", New("it is not running"), "podman", end), "looked-before/manifest-layers", []string{"docker", "it is not running", "podman", "connection refused", "app", "9", "5"}, "app のマニフェストを読み取れません。レイヤー数 9 が上限 5 を超えています (先に docker (動作していない) と podman (接続を拒否されました (connection refused)) も確認しました)"},
		{fmt.Errorf("docs/a: %w", deep), "in/manifest-layers", []string{"docs/a: ", "app", "9", "5"}, "docs/a: app のマニフェストを読み取れません。レイヤー数 9 が上限 5 を超えています"},
		{fmt.Errorf("%w", deep), "manifest-layers", []string{"app", "9", "5"}, "app のマニフェストを読み取れません。レイヤー数 9 が上限 5 を超えています"},
		{Errorf("open %s: %w", "%d %s", errors.New("100%")), "open", []string{"%d %s", "100%"}, "%d %s を開けません: 100%"},
		{Errorf("not in the %s of anything", "catalogue"), "", nil, "not in the catalogue of anything"},
		{end, "", nil, "接続を拒否されました (connection refused)"},
		{Because([]error{end}, "%s holds no image", "a"), "layout-empty", []string{"a"}, "a にイメージがありません"},
		{Because([]error{end}, "%w", deep), "manifest-layers", []string{"app", "9", "5"}, "app のマニフェストを読み取れません。レイヤー数 9 が上限 5 を超えています"},
		{errors.Join(New("too many entries"), end), "", nil, "項目が多すぎます\n接続を拒否されました (connection refused)"},
	} {
		code, args, english := Words(tt.err)
		if _, many := any(tt.err).(interface{ Unwrap() []error }); english != tt.err.Error() || code != tt.code && !many || !slices.Equal(args, tt.args) && !many {
			t.Errorf("%v: %q %q %q", tt.err, code, args, english)
		}
		if got := Ja.Error(tt.err); got != tt.ja {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.ja)
		}
		if got := En.Error(tt.err); got != tt.err.Error() {
			t.Errorf("%v: %q in English", tt.err, got)
		}
		// What a report has carried is said in the same words.
		if got := Ja.Fault(code, args, english); code != "" && got != tt.ja {
			t.Errorf("%v from its code: %q, want %q", tt.err, got, tt.ja)
		}
	}
	if !errors.Is(Errorf("open %s: %w", "a", end), end) || !errors.Is(Because([]error{end}, "no such image"), end) || errors.Is(New("no such image"), New("no such image")) {
		t.Error("causes are lost")
	}
	// Codes of another version, or with arguments that do not fit.
	for _, code := range []string{"open", "open/", "open/of-tomorrow", "in", "in/open", "many-entries/open", "/", "open/open/open"} {
		if got := Ja.Fault(code, nil, "as it is"); got != "as it is" {
			t.Errorf("%q: %s", code, got)
		}
	}
	if got := Ja.Of(Text{"x: %v", "x: %v"}, deep); got != "x: app のマニフェストを読み取れません。レイヤー数 9 が上限 5 を超えています" {
		t.Error(got)
	}
}

// What the command line notes in reports is a fault as well as a text.
func TestNotes(t *testing.T) {
	texts, err := filepath.Glob("../cli/*.go")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("notes.go")
	if err != nil {
		t.Fatal(err)
	}
	noted := regexp.MustCompile(`(?:\.note\(r, |\.idle\(\w+, sekisho\.\w+, |message\.Note\()message\.(\w+)`)
	count := 0
	for _, p := range texts {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range noted.FindAllSubmatch(text, -1) {
			if count++; !strings.Contains(string(table), ", "+string(m[1])+"}") {
				t.Errorf("%s: %s is noted, and notes has no code for it", p, m[1])
			}
		}
	}
	if count < 10 {
		t.Errorf("only %d notes were found: does the test still see them?", count)
	}
}

// Words inside a sentence are said in the language too, and places stay before it.
func TestMistakeInJapanese(t *testing.T) {
	for _, tt := range []struct {
		err error
		ja  string
	}{
		{Told("%q is no field of %v: %s", "nme", New("a rule"), "name, when"), `"nme" はルールのフィールドではありません。使えるフィールド: name, when`},
		{fmt.Errorf("a.yaml:3:5: %w", Told("rules is a list")), "a.yaml:3:5: rules はリストで書きます"},
		{Errorf("%s:%d:%d: %w", "w.yaml", 1, 7, Told("%s is a number", "kev")), "w.yaml:1:7: kev には数値を書きます"},
		{Errorf("line %d: %w", 2, Errorf("this is no JSON: %w", New("the text ends in the middle"))), "2 行目: JSON として正しくありません: テキストが途中で終わっています"},
	} {
		if got := Ja.Error(tt.err); got != tt.ja {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.ja)
		}
	}
}
