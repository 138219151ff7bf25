// SPDX-License-Identifier: Apache-2.0

// Package arch is the floor plan, held by its test: which room may import
// which, and which room a third party's SDK stays in. It reads source text and
// knows nothing of what the program does; nobody imports it.
package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

const module = "github.com/sekisho/sekisho/"

// floors maps each room to its floor. A family ("source/") is a folder whose
// members are rooms of one floor. A room imports lower floors only.
var floors = map[string]int{
	"internal/sekisho": 1,
	"internal/cputime": 1,
	"internal/keyword": 1,
	"internal/message": 1,
	"internal/pattern": 1,

	"internal/advisory":    2,
	"internal/base":        2,
	"internal/check":       2,
	"internal/cloud":       2,
	"internal/check/":      2,
	"internal/diff":        2,
	"internal/document":    2,
	"internal/exception":   2,
	"internal/expression":  2,
	"internal/imageref":    2,
	"internal/advisory/":   2,
	"internal/layer":       2,
	"internal/license":     2,
	"internal/licensetext": 2,
	"internal/livecheck":   2,
	"internal/manifest":    2,
	"internal/match":       2,
	"internal/policy":      2,
	"internal/policy/":     2,
	"internal/report":      2,
	"internal/risk":        2,
	"internal/sensitive":   2,
	"internal/signature":   2,
	"internal/merge":       2,
	"internal/witness":     2,

	"internal/engine":     3,
	"internal/engine/":    3,
	"internal/source/":    3,
	"internal/ecosystem/": 3,
	"internal/scan":       3,
	"internal/rule":       3,
	"internal/rule/":      3,

	"internal/cli": 5,

	"cmd/":     6,
	"bench/":   6,
	"scripts/": 6,
	"test/":    6,

	// The floor plan itself imports no room.
	"internal/arch": 0,
}

// siblings are the imports that are allowed although both rooms are on one
// floor: from a room, or from a whole family, to a room or to a family.
var siblings = []struct{ from, to, why string }{
	{"internal/ecosystem", "internal/ecosystem/", "the index names every member"},
	{"internal/ecosystem/", "internal/ecosystem/scalibr", "the adapter of osv-scalibr's extractors"},
	{"internal/ecosystem/", "internal/ecosystem/lockfile", "the frame of extractors that read one text or JSON file"},
	{"internal/ecosystem/", "internal/ecosystem/requirement", "the requirements of versions that feeds state"},
	{"internal/ecosystem/", "internal/ecosystem/oval", "the format of two publishers' advisories"},
	{"internal/ecosystem/", "internal/ecosystem/relation", "who needs whom in a database of packages"},
	{"internal/ecosystem/", "internal/ecosystem/semver", "the order of the worlds that follow Semantic Versioning"},
	{"internal/ecosystem/", "internal/ecosystem/extracttest", "the suite of the family; only tests use it"},
	{"internal/rule", "internal/rule/", "the index names every member"},
	{"internal/rule/aws", "internal/rule/cloudformation", "makes stacks for its rules to judge; only tests use it"},
	{"internal/rule/aws", "internal/rule/terraform", "makes stacks for its rules to judge; only tests use it"},
	{"internal/engine", "internal/engine/", "compares the names of detectors; only tests use it"},
	{"internal/engine/", "internal/engine/enginetest", "real engines; only tests use it"},
	{"internal/cloud", "internal/document", "the arguments of resources are trees of values"},
	{"internal/exception", "internal/document", "files of exceptions are documents"},
	{"internal/check/", "internal/check", "the rules of users, and the suite of archives"},
	{"internal/check/userrule", "internal/document", "the rules of users are documents"},
	{"internal/check/userrule", "internal/expression", "the rules of users are expressions"},
	{"internal/expression", "internal/document", "expressions stand in documents"},
	{"internal/signature", "internal/document", "what is signed is a document"},
	{"internal/risk", "internal/document", "files of weights are documents"},
	{"internal/policy/userpolicy", "internal/policy", "makes the rules that are judged by"},
	{"internal/policy/userpolicy", "internal/document", "policies are documents"},
	{"internal/policy/userpolicy", "internal/expression", "the conditions of policies are expressions"},
	{"internal/rule/", "internal/rule/shell", "the judgement of shell text in any file"},
	{"internal/advisory/", "internal/advisory", "reads the entries of feeds; only tests use it"},
}

// testsOnly are rooms that a sibling's tests may import, and nothing else of it.
var testsOnly = []string{"internal/ecosystem/extracttest", "internal/engine/enginetest", "internal/advisory"}

// sdks are third parties' modules that stay in one room or family, or in several
// with a line each.
var sdks = []struct{ prefix, room string }{
	{"github.com/google/go-containerregistry", "internal/source/image"},
	{"github.com/go-git/", "internal/source/repo"},
	{"github.com/google/osv-scalibr", "internal/ecosystem/"},
	{"github.com/BurntSushi/toml", "internal/ecosystem/"},
	{"github.com/BurntSushi/toml", "internal/exception"},
	{"github.com/BurntSushi/toml", "internal/rule/kubernetes"},
	{"github.com/Masterminds/sprig", "internal/rule/kubernetes"},
	{"github.com/pandatix/go-cvss", "internal/advisory"},
	{"github.com/google/licensecheck", "internal/licensetext"},
	{"github.com/moby/buildkit", "internal/rule/dockerfile"},
	{"mvdan.cc/sh", "internal/rule/shell"},
	{"cel.dev/", "internal/expression"},
	{"cel.dev/", "internal/check/userrule"},
	{"cel.dev/", "internal/policy/userpolicy"},
	{"helm.sh/helm", "internal/rule/kubernetes"},
	{"k8s.io/client-go", "internal/rule/kubernetes"},
	{"sigs.k8s.io/kustomize", "internal/rule/kubernetes"},
	{"github.com/compose-spec/", "internal/rule/compose"},
	{"github.com/hashicorp/hcl", "internal/rule/terraform"},
	{"github.com/zclconf/go-cty", "internal/rule/terraform"},
	{"github.com/spf13/", "internal/cli"},
	{"golang.org/x/term", "internal/cli"},
	{"github.com/rogpeppe/go-internal", "internal/cli"},
	{"github.com/santhosh-tekuri/jsonschema", "internal/report"},
	{"github.com/CycloneDX/", "internal/report"},
	{"github.com/spdx/", "internal/report"},
}

// testSDKs are those of them that only tests of their room may import: what the
// program does by itself is held to them.
var testSDKs = []string{"helm.sh/helm", "k8s.io/client-go"}

// source is one Go file: its path from the repository's root, and its text.
type source struct {
	path string
	text string
}

// check returns every violation of the plan, in the order of the files.
func check(files []source) []string {
	var bad []string
	for _, f := range files {
		say := func(format string, args ...any) {
			bad = append(bad, f.path+": "+fmt.Sprintf(format, args...))
		}
		if !strings.HasPrefix(f.text, "// SPDX-License-Identifier: Apache-2.0\n") {
			say("the first line is not the SPDX line")
		}
		room := f.path[:max(0, strings.LastIndexByte(f.path, '/'))]
		if _, ok := floorOf(room); !ok {
			say("the room %s is not in the floor plan", room)
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.path, f.text, parser.SkipObjectResolution)
		if err != nil {
			say("%v", err)
			continue
		}
		test := strings.HasSuffix(f.path, "_test.go")
		for _, d := range tree.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				say("has a func init")
			}
		}
		if !test {
			for _, why := range untold(room, tree) {
				say("%s", why)
			}
		}
		for _, imp := range tree.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				say("%v", err)
				continue
			}
			if imp.Name != nil && imp.Name.Name == "_" && !test && name != "embed" {
				say("imports %s for its side effects", name)
			}
			if why := allowed(room, name, test); why != "" {
				say("%s", why)
			}
		}
	}
	return bad
}

// allowed says why the room may not import name; empty when it may.
func allowed(room, name string, test bool) string {
	to, ours := strings.CutPrefix(name, module)
	if !ours {
		return outside(room, name, test)
	}
	mine, _ := floorOf(room)
	floor, ok := floorOf(to)
	switch {
	case !ok:
		return fmt.Sprintf("imports %s, which is not in the floor plan", to)
	case to == room, floor < mine && floor > 0:
	case floor == mine && slices.ContainsFunc(siblings, func(s struct{ from, to, why string }) bool {
		return within(room, s.from) && within(to, s.to) && (test || !slices.Contains(testsOnly, to))
	}):
	case floor == mine:
		return fmt.Sprintf("imports %s, a room of its own floor", to)
	default:
		return fmt.Sprintf("imports %s, which is on a higher floor", to)
	}
	return ""
}

// outside is allowed for an import from another module.
func outside(room, name string, test bool) string {
	first, _, _ := strings.Cut(name, "/")
	if !strings.Contains(first, ".") {
		return ""
	}
	if room == "internal/sekisho" || room == "internal/policy" || room == "internal/arch" {
		if !test || name != "github.com/google/go-cmp/cmp" {
			return fmt.Sprintf("imports %s, and this room has the standard library only", name)
		}
	}
	why := ""
	for _, s := range sdks {
		switch {
		case !strings.HasPrefix(name, s.prefix):
		case within(room, s.room) && !test && slices.Contains(testSDKs, s.prefix):
			return fmt.Sprintf("imports %s, which is for tests only", name)
		case within(room, s.room) || test && within(room, "test/"):
			return ""
		case why == "":
			why = fmt.Sprintf("imports %s, which stays in %s", name, s.room)
		}
	}
	return why
}

// floorOf finds the floor of a room, by its own line or its family's.
func floorOf(room string) (int, bool) {
	if f, ok := floors[room]; ok {
		return f, true
	}
	for p, f := range floors {
		if strings.HasSuffix(p, "/") && within(room, p) {
			return f, true
		}
	}
	return 0, false
}

// within reports whether room is the named one, or of the family "name/". A
// family has one level, and its index is the room without the slash.
func within(room, name string) bool {
	family, ok := strings.CutSuffix(name, "/")
	if !ok {
		return room == name
	}
	rest, ok := strings.CutPrefix(room, family)
	return ok && (rest == "" || rest[0] == '/' && !strings.Contains(rest[1:], "/"))
}
