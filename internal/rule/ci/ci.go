// SPDX-License-Identifier: Apache-2.0

// Package ci judges definitions of builds: GitHub Actions workflows and
// composite actions, GitLab CI, CircleCI, Tekton tasks and pipelines, AWS
// CodeBuild's buildspec. Jenkinsfiles are programs and are not read. It fetches
// nothing: includes, orbs and actions are judged by how they are named.
package ci

import (
	"bytes"
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var rules = check.NewSet[*Definition](sekisho.ResourceCI)

// Rules is what is known of each rule.
func Rules() []sekisho.Rule { return members().Mark(rules.Rules()) }

// Extractors returns the one that keeps definitions of builds.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{extractor{}} }

// fileBytes is the size of the largest file that is kept.
const fileBytes = 4 << 20

type extractor struct{}

func (extractor) Name() string { return "ci/definition" }
func (extractor) Version() int { return 1 }

// Wants looks at names only: Tekton's files may have any.
func (extractor) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || strings.HasPrefix(f.Path, ".git/") || strings.Contains(f.Path, "node_modules/") {
		return false
	}
	ext := path.Ext(f.Path)
	return ext == ".yml" || ext == ".yaml"
}

// Extract keeps the file if it defines a build.
func (extractor) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	named := systemByName(in.Path)
	if in.Size > fileBytes {
		if named == "" {
			return sekisho.Inventory{}, nil
		}
		return sekisho.Inventory{Problems: []sekisho.Problem{
			sekisho.Problem{Stage: sekisho.StageExtract, Path: in.Path, Bound: "file-bytes"}.Saying(message.Say("the file has %d bytes; configuration of more than %d is not judged: split it", in.Size, fileBytes)),
		}}, nil
	}
	text, err := in.Bytes()
	if err != nil {
		return sekisho.Inventory{}, err
	}
	if system(in.Path, text) == "" {
		return sekisho.Inventory{}, nil
	}
	return sekisho.Inventory{Resources: []sekisho.Resource{{Kind: sekisho.ResourceCI, Location: sekisho.Location{Path: in.Path}, Text: bytes.Clone(text)}}}, nil
}

// The systems.
const (
	githubWorkflow = "github-workflow"
	githubAction   = "github-action"
	gitlab         = "gitlab"
	circleci       = "circleci"
	tekton         = "tekton"
	codebuild      = "codebuild"
)

// systemByName knows the files that have a name of their own.
func systemByName(p string) string {
	name := path.Base(p)
	stem := strings.TrimSuffix(strings.TrimSuffix(name, ".yml"), ".yaml")
	dir := "/" + path.Dir(p) + "/"
	switch {
	case strings.HasSuffix(dir, "/.github/workflows/"), strings.HasSuffix(dir, "/.gitea/workflows/"), strings.HasSuffix(dir, "/.forgejo/workflows/"):
		return githubWorkflow
	case stem == "action":
		return githubAction
	case stem == ".gitlab-ci", strings.HasSuffix(stem, ".gitlab-ci"), strings.Contains(dir, "/.gitlab/ci/"), strings.Contains(dir, "/.gitlab-ci/"):
		return gitlab
	case strings.Contains(dir, "/.circleci/"):
		return circleci
	case strings.HasPrefix(stem, "buildspec"):
		return codebuild
	}
	return ""
}

// system decides what a file is, by a search of words and no parsing.
func system(p string, text []byte) string {
	switch s := systemByName(p); {
	case s == githubAction && !bytes.Contains(text, []byte("runs:")), s == codebuild && !bytes.Contains(text, []byte("phases")):
		return ""
	case s != "":
		return s
	}
	if bytes.Contains(text, []byte("tekton.dev/")) && !bytes.Contains(text, []byte("{{")) {
		return tekton
	}
	return ""
}

// Checker judges the definitions of an inventory.
func Checker(s *check.Settings) sekisho.Checker { return checker{s} }

type checker struct{ settings *check.Settings }

func (checker) Name() string { return "ci" }

// Check judges each file, in the order of the inventory.
func (c checker) Check(ctx context.Context, inv *sekisho.Inventory) (sekisho.Judgement, error) {
	j := check.NewJudge(c.settings)
	known := members()
	for i := range inv.Resources {
		if err := ctx.Err(); err != nil {
			return j.Judgement(), err
		}
		r := &inv.Resources[i]
		if r.Kind != sekisho.ResourceCI || r.Location.Hidden {
			continue
		}
		at := &check.Place{Location: r.Location, Silences: append(check.Silences(r.Text, "#"), zizmor(r.Text)...), Suggest: known.In(r.Text)}
		for _, d := range read(r.Location.Path, r.Text) {
			if len(at.Silences) > 0 {
				at.Blocks = blocks(d.Root, nil, 0)
			}
			rules.Run(j, at, d)
		}
	}
	out := j.Judgement()
	out.Findings = once(out.Findings)
	return out, nil
}

// once drops what is found again at the same place: a part that several jobs
// share by an anchor is written, and wrong, once.
func once(all []sekisho.Finding) []sekisho.Finding {
	type place struct {
		rule, path, text  string
		line, column, end int
	}
	seen := map[place]bool{}
	return slices.DeleteFunc(all, func(f sekisho.Finding) bool {
		p := place{f.Rule, f.Location.Path, f.Evidence[0].Text, f.Location.Line, f.Location.Column, f.Location.EndColumn}
		if seen[p] {
			return true
		}
		seen[p] = true
		return false
	})
}

// read makes definitions of a file; one that cannot be read has Broken set.
func read(p string, text []byte) []*Definition {
	sys := system(p, text)
	if sys == "" {
		return nil
	}
	var out []*Definition
	docs, err := document.YAML(text)
	lines := lineStarts(text)
	for _, n := range docs {
		d := &Definition{System: sys, Path: p, Root: n, text: text, lines: lines}
		if d.build() {
			out = append(out, d)
		}
	}
	if err != nil {
		d := &Definition{System: sys, Path: p, Broken: err, text: text, lines: lines, Root: &document.Node{Line: 1}}
		if e, ok := errors.AsType[*document.Error](err); ok && e.Line > 0 {
			d.Root.Line = e.Line
		}
		out = append(out, d)
	}
	return out
}

func lineStarts(text []byte) []int {
	out := []int{0}
	for i, c := range text {
		if c == '\n' {
			out = append(out, i+1)
		}
	}
	return out
}

// blocks are the lines of each step, job and member, so that a comment above one
// covers all of it.
func blocks(n *document.Node, out []check.Block, depth int) []check.Block {
	if n == nil || depth > 20 {
		return out
	}
	for i, item := range n.Items {
		first := item.Line
		if n.Kind == document.Map {
			first = n.Keys[i].Line
		}
		if first > 0 {
			out = append(out, check.Block{First: first, Last: max(first, item.EndLine)})
		}
		out = blocks(item, out, depth+1)
	}
	return out
}

// zizmor reads "# zizmor: ignore[rule,rule]"
// (https://docs.zizmor.sh/usage/#with-comments).
func zizmor(text []byte) []check.Silence {
	if !bytes.Contains(text, []byte("zizmor:")) {
		return nil
	}
	var out []check.Silence
	n := 0
	for line := range bytes.Lines(text) {
		n++
		_, rest, ok := bytes.Cut(line, []byte("# zizmor: ignore["))
		list, reason, closed := bytes.Cut(rest, []byte("]"))
		if !ok || !closed {
			continue
		}
		out = append(out, check.Silence{
			Line: n, Here: true, By: "zizmor", Reason: strings.TrimSpace(string(reason)),
			IDs: strings.FieldsFunc(string(list), func(r rune) bool { return r == ',' || r == ' ' }),
		})
	}
	return out
}
