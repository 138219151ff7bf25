// SPDX-License-Identifier: Apache-2.0

package message

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every code has a text in both languages, every text is listed and used by a
// room, and no two have one code.
func TestFaults(t *testing.T) {
	codes := map[string]bool{}
	for _, f := range Faults() {
		if strings.Contains(f.Code, "/") {
			t.Errorf("%s: a slash is what codes are joined by", f.Code)
		}
		en, ja := verbs(f.Text.En), verbs(f.Text.Ja)
		switch {
		case f.Code == "" || f.Text.En == "" || f.Text.Ja == "" || f.Text.En == f.Text.Ja && !strings.HasPrefix(f.Code, "glue-"):
			t.Errorf("%+v lacks something", f)
		case codes[f.Code]:
			t.Errorf("two texts have the code %s", f.Code)
		case !slices.Equal(en, ja):
			t.Errorf("%s: verbs %v in English, %v in Japanese", f.Code, en, ja)
		}
		codes[f.Code] = true
	}
	file, err := parser.ParseFile(token.NewFileSet(), "faults.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	listed, defined := map[string]bool{}, []string{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			defined = append(defined, n.Names[0].Name)
			return false
		case *ast.Ident:
			listed[n.Name] = true
		}
		return true
	})
	used := uses(t)
	for _, name := range defined {
		if !listed[name] {
			t.Errorf("%s is not among Faults", name)
		}
		if !used[name] {
			t.Errorf("nobody uses %s", name)
		}
	}
	if len(defined) != len(named()) || len(defined) < 40 {
		t.Errorf("%d are defined and %d listed", len(defined), len(named()))
	}
	for _, f := range named() {
		if slices.ContainsFunc(verbs(f.Text.En), func(v string) bool { return !strings.HasSuffix(v, "%s") }) {
			t.Errorf("%s: all verbs must be %%s", f.Code)
		}
	}
}

// uses are the names of this room that other rooms' programs name.
func uses(t *testing.T) map[string]bool {
	t.Helper()
	names := regexp.MustCompile(`\bmessage\.([A-Z]\w*)`)
	out := map[string]bool{}
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return err
		}
		text, err := os.ReadFile(p)
		for _, m := range names.FindAllSubmatch(text, -1) {
			out[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFault(t *testing.T) {
	code, args, english := FaultFileBytes.Words(int64(7), 5)
	if code != "file-bytes" || !slices.Equal(args, []string{"7", "5"}) || english != "the file has 7 bytes, more than 5: it was not read, raise --max-file-bytes to read it" {
		t.Errorf("%s %q %s", code, args, english)
	}
	if got := Ja.Fault(code, args, english); got != "ファイルサイズ 7 バイトが上限 5 バイトを超えるため、読み取っていません。--max-file-bytes で上限を変更できます" {
		t.Error(got)
	}
	if got := En.Fault(code, args, english); got != english {
		t.Error(got)
	}
	code, args, english = UnassessedWords("no-advisories", []string{"deb"}, "no advisories for deb", "a 1, +3")
	if english != "not assessed: no advisories for deb (a 1, +3)" {
		t.Error(english)
	}
	if got := Ja.Fault(code, args, english); got != "未評価: deb の脆弱性情報なし (a 1, +3)" {
		t.Error(got)
	}
	// What a later version or a stranger wrote is shown as it is.
	for _, code := range []string{"", "of-tomorrow", Unassessed, Unassessed + "no-advisories", "file-bytes"} {
		if got := Ja.Fault(code, nil, "as it is"); got != "as it is" {
			t.Errorf("%q: %s", code, got)
		}
	}
	if got := Ja.Fault("has-fix", nil, "the version has the fix"); got != "修正済みのバージョン" {
		t.Error(got)
	}
	if got := Ja.Fault("read", []string{"100%d %s"}, ""); got != "読み取れません: 100%d %s" {
		t.Error(got)
	}
}
