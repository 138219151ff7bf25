// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The house stands as planned.
func TestFloorPlan(t *testing.T) {
	files := repository(t)
	if len(files) < 50 {
		t.Fatalf("only %d files were found: the test looks in the wrong place", len(files))
	}
	for _, b := range check(files) {
		t.Error(b)
	}
}

// A room that was removed leaves its line in no plan.
func TestNoRoomIsEmpty(t *testing.T) {
	files := repository(t)
	for room := range floors {
		found := false
		for _, f := range files {
			found = found || within(filepath.ToSlash(filepath.Dir(f.path)), room)
		}
		if !found {
			t.Errorf("%s is in the floor plan and holds no Go file", room)
		}
	}
}

// repository reads every Go file that the repository holds.
func repository(t *testing.T) []source {
	t.Helper()
	const root = "../.."
	var files []source
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if n := e.Name(); p != root && (strings.HasPrefix(n, ".") || n == "testdata" || n == "bin" || n == "dist") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && p != root {
				return filepath.SkipDir // a module of its own, such as a benchmark
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		files = append(files, source{filepath.ToSlash(rel), string(b)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// The checker must be seen to fail, on each rule.
func TestCheckFindsViolations(t *testing.T) {
	const spdx = "// SPDX-License-Identifier: Apache-2.0\n\n"
	imports := func(name string) string { return spdx + "package p\n\nimport _ \"" + name + "\"\n" }
	uses := func(name string) string { return spdx + "package p\n\nimport x \"" + name + "\"\n\nvar _ = x.Y\n" }
	for name, tt := range map[string]struct {
		path, text, want string
	}{
		"upward":                    {"internal/layer/a.go", uses(module + "internal/scan"), "higher floor"},
		"the roof":                  {"internal/scan/a.go", uses(module + "internal/cli"), "higher floor"},
		"a sibling":                 {"internal/source/image/a.go", uses(module + "internal/source/repo"), "its own floor"},
		"a neighbour":               {"internal/report/a.go", uses(module + "internal/policy"), "its own floor"},
		"the engine":                {"internal/scan/a.go", uses(module + "internal/ecosystem"), "its own floor"},
		"two ecosystems":            {"internal/ecosystem/npm/a.go", uses(module + "internal/ecosystem/debian"), "its own floor"},
		"feeds' files outside test": {"internal/advisory/osv/a.go", uses(module + "internal/advisory"), "its own floor"},
		"suite outside test":        {"internal/ecosystem/npm/a.go", uses(module + "internal/ecosystem/extracttest"), "its own floor"},
		"an unlisted room":          {"internal/util/a.go", spdx + "package util\n", "not in the floor plan"},
		"a room in a room":          {"internal/layer/deep/a.go", spdx + "package deep\n", "not in the floor plan"},
		"unlisted import":           {"internal/cli/a.go", uses(module + "internal/util"), "not in the floor plan"},
		"stray SDK":                 {"internal/scan/a.go", uses("github.com/google/go-containerregistry/pkg/v1"), "stays in internal/source/image"},
		"stray scalibr":             {"internal/source/image/a.go", uses("github.com/google/osv-scalibr/extractor"), "stays in internal/ecosystem/"},
		"Helm outside test":         {"internal/rule/kubernetes/a.go", uses("helm.sh/helm/v4/pkg/engine"), "for tests only"},
		"stray cobra":               {"cmd/sekisho/main.go", uses("github.com/spf13/cobra"), "stays in internal/cli"},
		"ground floor":              {"internal/sekisho/a.go", uses("go.yaml.in/yaml/v3"), "standard library only"},
		"blank import":              {"internal/scan/a.go", imports("image/png"), "side effects"},
		"init":                      {"internal/scan/a.go", spdx + "package scan\n\nfunc init() {}\n", "func init"},
		"no SPDX line":              {"internal/scan/a.go", "package scan\n", "SPDX"},
		"a Problem in words":        {"internal/scan/a.go", spdx + "package scan\n\nvar _ = sekisho.Problem{Path: \"a\", Error: \"b\"}\n", "without a code"},
		"Problems in words":         {"internal/rule/ci/a.go", spdx + "package ci\n\nvar _ = []sekisho.Problem{{Error: \"b\"}}\n", "without a code"},
		"an error in words":         {"internal/source/image/a.go", spdx + "package image\n\nvar _ = fmt.Errorf(\"read %w\", err)\n", "in no catalogue"},
		"a new error in words":      {"internal/engine/yara/a.go", spdx + "package yara\n\nvar _ = errors.New(\"none\")\n", "in no catalogue"},
		"no Go":                     {"internal/scan/a.go", spdx + "package scan\nfunc {", "expected"},
	} {
		got := strings.Join(check([]source{{tt.path, tt.text}}), "\n")
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: check says %q, want something about %q", name, got, tt.want)
		}
	}
	for name, f := range map[string]source{
		"downward":        {"internal/scan/a.go", uses(module + "internal/layer")},
		"index":           {"internal/ecosystem/ecosystem.go", uses(module + "internal/ecosystem/npm")},
		"adapter":         {"internal/ecosystem/npm/a.go", uses(module + "internal/ecosystem/scalibr")},
		"suite in a test": {"internal/ecosystem/npm/a_test.go", uses(module + "internal/ecosystem/extracttest")},
		"Helm in a test":  {"internal/rule/kubernetes/a_test.go", uses("helm.sh/helm/v4/pkg/engine")},
		"blank in a test": {"internal/scan/a_test.go", imports("image/png")},
		"embed":           {"internal/scan/a.go", imports("embed")},
		"a coded Problem": {"internal/scan/a.go", spdx + "package scan\n\nvar _ = sekisho.Problem{Path: \"a\"}.Saying(message.Say(\"b\"))\n"},
		"another Problem": {"internal/scan/a.go", spdx + "package scan\n\nvar _ = other.Problem{Error: \"b\"}\n"},
		"words in a test": {"internal/scan/a_test.go", spdx + "package scan\n\nvar _ = sekisho.Problem{Error: fmt.Errorf(\"b\").Error()}\n"},
		"another's words": {"internal/layer/a.go", spdx + "package layer\n\nvar _ = errors.New(text)\n"},
		"a method init":   {"internal/scan/a.go", spdx + "package scan\n\ntype t int\n\nfunc (t) init() {}\n"},
	} {
		if bad := check([]source{f}); len(bad) > 0 {
			t.Errorf("%s: %v, want it allowed", name, bad)
		}
	}
}
