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
