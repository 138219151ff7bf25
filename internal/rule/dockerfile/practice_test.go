// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sekisho/sekisho/internal/check"
)

const practice = "testdata/practice/practice.txtar"

// practices reads the Dockerfiles of the archive, by directory.
func practices(t testing.TB) (dirs map[string]map[string][]byte, want string, ar *txtar.Archive) {
	t.Helper()
	ar, err := txtar.ParseFile(practice)
	if err != nil {
		t.Fatal(err)
	}
	dirs = map[string]map[string][]byte{}
	for _, f := range ar.Files {
		dir, name, ok := strings.Cut(f.Name, "/")
		if !ok {
			want = string(f.Data)
			continue
		}
		if dirs[dir] == nil {
			dirs[dir] = map[string][]byte{}
		}
		dirs[dir][name] = f.Data
	}
	return dirs, want, ar
}

// What a user sees of real files: the whole list is wanted, so that a rule that
// becomes louder shows here.
func TestPractice(t *testing.T) {
	dirs, want, ar := practices(t)
	var got strings.Builder
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		j := judge(t, dirs[dir], nil)
		if len(j.Problems) > 0 {
			t.Error(dir, j.Problems)
		}
		lines := make([]string, 0, len(j.Findings))
		for _, f := range j.Findings {
			lines = append(lines, fmt.Sprintf("%s/%s:%02d:%02d %s %s: %s\n", dir, f.Location.Path, f.Location.Line, f.Location.Column, f.Severity, f.Rule, f.Evidence[0].Text))
		}
		slices.Sort(lines)
		got.WriteString(strings.Join(lines, ""))
	}
	if u := flag.Lookup("update"); u != nil && u.Value.String() == "true" {
		ar.Files[len(ar.Files)-1].Data = []byte(got.String())
		if err := os.WriteFile(practice, txtar.Format(ar), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want, got.String()); d != "" {
		t.Error(d)
	}
	if strings.Contains(got.String(), "super-secret") || strings.Contains(got.String(), "app123") {
		t.Error("a secret is shown")
	}
}

// Any rule that is off may be asked for over any file.
func TestPracticeWithAllRules(t *testing.T) {
	var on []string
	for _, r := range Rules() {
		on = append(on, r.ID)
	}
	dirs, _, _ := practices(t)
	for dir, files := range dirs {
		if j := judge(t, files, &check.Settings{On: on}); len(j.Problems) > 0 {
			t.Error(dir, j.Problems)
		}
	}
}

func TestEveryExcerptIsInTheFile(t *testing.T) {
	dirs, _, _ := practices(t)
	for dir, files := range dirs {
		for _, f := range judge(t, files, nil).Findings {
			lines := strings.Split(string(files[f.Location.Path]), "\n")
			if f.Location.Line < 1 || f.Location.Line > len(lines) || f.Location.Column < 1 || f.Location.Column > len(lines[f.Location.Line-1]) {
				t.Errorf("%s: %s at %d:%d", dir, f.Rule, f.Location.Line, f.Location.Column)
			}
			if f.Location.EndLine < f.Location.Line || f.Location.EndLine == f.Location.Line && f.Location.EndColumn < f.Location.Column {
				t.Errorf("%s: %s ends before it begins: %+v", dir, f.Rule, f.Location)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	ar, err := txtar.ParseFile(practice)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range ar.Files {
		f.Add(file.Data)
	}
	f.Add([]byte("FROM a\nRUN <<A cat <<-B\nx\nA\n\tB\nONBUILD ONBUILD RUN x\nENV A=${B:-${C}}\n"))
	f.Add([]byte("# escape=`\nFROM a\nRUN x `\n\n# c\n y\nLABEL a b"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file := Parse(text)
		file.Settings = &check.Settings{Labels: map[string]string{"a": "url"}, StrictLabels: true, Registries: []string{"docker.io"}}
		lines := strings.Count(string(text), "\n") + 1
		for _, s := range file.Statements {
			if s.First < 1 || s.Last > lines || s.Last < s.First {
				t.Fatalf("lines %d to %d of %d", s.First, s.Last, lines)
			}
		}
		at := &check.Place{Blocks: file.blocks(), Silences: silences(text, &hadolint{})}
		var on []string
		for _, r := range Rules() {
			on = append(on, r.ID)
		}
		j := check.NewJudge(&check.Settings{On: on})
		rules.Run(j, at, file)
		for _, p := range j.Judgement().Problems {
			t.Fatal(p)
		}
		for _, found := range j.Judgement().Findings {
			if found.Location.Line < 1 || found.Location.Line > lines {
				t.Fatalf("%s at line %d of %d", found.Rule, found.Location.Line, lines)
			}
		}
		file.Vars()
		file.Locate("instructions[0].text")
	})
}

func FuzzIgnore(f *testing.F) {
	f.Add("*\n!src\n**/x[a-\\]\n", "src/a")
	f.Fuzz(func(_ *testing.T, text, name string) { ignored(parseIgnore([]byte(text)), name) })
}

// One operation is one Dockerfile: parsed, its scripts too, and judged.
func BenchmarkCheck(b *testing.B) {
	dirs, _, _ := practices(b)
	var texts [][]byte
	size := 0
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		for name, text := range dirs[dir] {
			if kindOf(name) == "dockerfile" {
				texts = append(texts, text)
				size += len(text)
			}
		}
	}
	b.SetBytes(int64(size / len(texts)))
	for i := 0; b.Loop(); i++ {
		f := Parse(texts[i%len(texts)])
		f.Settings = &check.Settings{}
		rules.Run(check.NewJudge(nil), &check.Place{}, f)
	}
}
