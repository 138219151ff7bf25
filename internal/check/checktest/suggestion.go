// SPDX-License-Identifier: Apache-2.0

package checktest

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Suggestions follows every suggestion of every example in dir/ID.txtar, alone:
// the file must still be read, the finding be gone, and none of the same or a
// higher severity have come. It is done for each end of line. It gives the number
// of suggestions by rule.
func Suggestions(t *testing.T, rules []sekisho.Rule, dir string, judge func(t testing.TB, files map[string][]byte, s *check.Settings) sekisho.Judgement) map[string]int {
	t.Helper()
	made := map[string]int{}
	for i := range rules {
		id := rules[i].ID
		text, err := os.ReadFile(filepath.Join(dir, id+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		a, err := check.ParseArchive(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(a.Cases)) {
			for _, eol := range []string{"\n", "\r\n"} {
				files := map[string][]byte{}
				for p, text := range a.Cases[name] {
					files[p] = []byte(strings.ReplaceAll(string(text), "\n", eol))
				}
				settings := &check.Settings{On: []string{id}}
				before := judge(t, files, settings)
				for i := range before.Findings {
					f := &before.Findings[i]
					if f.Suggestion == nil {
						continue
					}
					if f.Rule == id {
						made[id]++
					}
					follow(t, id+"/"+name, files, f, before, func(files map[string][]byte) sekisho.Judgement { return judge(t, files, settings) })
				}
			}
		}
	}
	return made
}

func follow(t *testing.T, name string, files map[string][]byte, f *sekisho.Finding, before sekisho.Judgement, judge func(map[string][]byte) sekisho.Judgement) {
	t.Helper()
	next := maps.Clone(files)
	text, ok := check.Follow(files[f.Location.Path], f.Suggestion)
	if !ok {
		t.Errorf("%s: %s:%d: the suggestion is not about the file: %+v", name, f.Rule, f.Location.Line, f.Suggestion)
		return
	}
	next[f.Location.Path] = text
	after := judge(next)
	was, is := countOf(before.Findings), countOf(after.Findings)
	if key := (kindOf{f.Rule, f.Severity, f.Location.Path}); is[key] >= was[key] {
		t.Errorf("%s: %s:%d: followed, and still there\n%s", name, f.Rule, f.Location.Line, text)
	}
	for key, n := range is {
		if key.severity >= f.Severity && n > was[key] && !(key.rule == f.Rule && key.severity == f.Severity) {
			t.Errorf("%s: %s:%d: followed, and %s (%s) is new\n%s", name, f.Rule, f.Location.Line, key.rule, key.severity, text)
		}
	}
	if len(after.Problems) > len(before.Problems) {
		t.Errorf("%s: %s:%d: followed, and the file has a problem: %v\n%s", name, f.Rule, f.Location.Line, after.Problems, text)
	}
}

// kindOf tells findings apart by what cannot change when lines move.
type kindOf struct {
	rule     string
	severity sekisho.Severity
	path     string
}

func countOf(all []sekisho.Finding) map[kindOf]int {
	out := map[kindOf]int{}
	for i := range all {
		if f := &all[i]; f.Suppressed == nil {
			out[kindOf{f.Rule, f.Severity, f.Location.Path}]++
		}
	}
	return out
}
