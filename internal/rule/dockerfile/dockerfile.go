// SPDX-License-Identifier: Apache-2.0

// Package dockerfile judges Dockerfiles and Containerfiles: it recognises them,
// parses them with BuildKit's own parser instruction by instruction, resolves
// what stages hand on to each other, and holds the rules over the result. It
// builds nothing, asks no registry, and knows of a base image only what its name
// says. See https://docs.docker.com/reference/dockerfile/.
package dockerfile

import (
	"context"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// rules is the set that the files of this room add to.
var rules = check.NewSet[*File](sekisho.ResourceDockerfile)

// Rules is the catalogue of the kind, in the order of ids.
func Rules() []sekisho.Rule { return rules.Rules() }

// maxFile is the size above which a file is refused.
const maxFile = 4 << 20

// Extractors returns the extractor of Dockerfiles and of the files beside them
// that change how they are judged.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{extractor{}} }

type extractor struct{}

func (extractor) Name() string { return "rule/dockerfile" }
func (extractor) Version() int { return 1 }

func (extractor) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && kindOf(f.Path) != ""
}

// kindOf says what a file is by its name; empty for one that is not ours.
func kindOf(file string) string {
	base := path.Base(file)
	if strings.HasSuffix(base, ".dockerignore") {
		return sekisho.ResourceContext
	}
	if file == ".hadolint.yaml" || file == ".hadolint.yml" {
		return sekisho.ResourceIgnore
	}
	for _, name := range [...]string{"Dockerfile", "Containerfile"} {
		lower := strings.ToLower(name)
		if base == name || base == lower || strings.HasPrefix(base, name+".") ||
			strings.HasSuffix(base, "."+name) || strings.HasSuffix(base, "."+lower) {
			switch path.Ext(base) {
			// A template, a test and a page about a Dockerfile are none.
			case ".md", ".go", ".py", ".js", ".ts", ".rb", ".erb", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".html", ".json", ".yml", ".yaml", ".orig", ".swp":
				return ""
			}
			return sekisho.ResourceDockerfile
		}
	}
	return ""
}

// fromLine tells a Dockerfile from other files that are named like one.
var fromLine = pattern.New(`(?im)^[ \t]*FROM[ \t]+\S`)

func (extractor) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if in.Size > maxFile {
		return inv, message.Errorf("the file has %d bytes, more than the %d that a Dockerfile may have", in.Size, maxFile)
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	if base := path.Base(in.Path); kindOf(in.Path) == sekisho.ResourceDockerfile && strings.Contains(base, ".") && !fromLine.Match(b) {
		return inv, nil // a part of one, or something else of that name
	}
	inv.Resources = []sekisho.Resource{{Kind: kindOf(in.Path), Text: append([]byte(nil), b...)}}
	return inv, nil
}

// Checker judges the Dockerfiles of an inventory by the settings.
func Checker(s *check.Settings) sekisho.Checker { return checker{s} }

type checker struct{ settings *check.Settings }

func (checker) Name() string { return "dockerfile" }

func (c checker) Check(ctx context.Context, inv *sekisho.Inventory) (sekisho.Judgement, error) {
	s := check.Settings{}
	if c.settings != nil {
		s = *c.settings
	}
	var problems []sekisho.Problem
	config, problem := hadolintConfig(inv)
	if problem != nil {
		problems = append(problems, *problem)
	}
	config.apply(&s)
	ignores := map[string][]byte{}
	for i := range inv.Resources {
		if r := &inv.Resources[i]; r.Kind == sekisho.ResourceContext && !r.Location.Hidden && strings.HasSuffix(r.Location.Path, ".dockerignore") {
			ignores[r.Location.Path] = r.Text
		}
	}
	j, work := check.NewJudge(&s), suggestedWorkAll
	for _, p := range problems {
		j.Problem(p)
	}
	for i := range inv.Resources {
		r := &inv.Resources[i]
		if r.Kind != sekisho.ResourceDockerfile || r.Location.Hidden {
			continue
		}
		if err := ctx.Err(); err != nil {
			return j.Judgement(), err
		}
		f := Parse(r.Text)
		f.Settings = &s
		f.Ignore = ignoreOf(r.Location.Path, ignores)
		f.Ignore.Unknown = inv.Target.Source == "file"
		if f.Refused != nil {
			j.Problem(sekisho.Problem{Path: r.Location.Path}.Saying(message.Words(f.Refused)))
		}
		f.askBase(ctx)
		if err := f.askShellCheck(ctx); err != nil {
			j.Problem(sekisho.Problem{Path: r.Location.Path}.Saying(message.Words(err)))
		}
		at := &check.Place{Location: r.Location, Blocks: f.blocks(), Silences: append(silences(r.Text, config), config.silences...), Suggest: f.suggester(&work).suggest}
		rules.Run(j, at, f)
		j.RunUser(at, sekisho.ResourceDockerfile, f)
	}
	return j.Judgement(), nil
}

// silences are the comments of the file. Checkov's count for all of a
// Dockerfile, wherever they stand.
func silences(text []byte, config *hadolint) []check.Silence {
	all := check.Silences(text, "#")
	kept := all[:0]
	for _, s := range all {
		if s.By == "checkov" {
			s.Whole = true
		}
		if s.By == "hadolint" && config.noPragma {
			continue
		}
		kept = append(kept, s)
	}
	return kept
}

// ignoreOf finds the file that says what is no part of the build's context: one
// of the Dockerfile's own name, else .dockerignore in its directory or in one
// above it, since any of them may be the context.
func ignoreOf(file string, ignores map[string][]byte) Ignore {
	if text, ok := ignores[file+".dockerignore"]; ok {
		return Ignore{Found: true, Own: true, Text: text}
	}
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if text, ok := ignores[path.Join(dir, ".dockerignore")]; ok {
			return Ignore{Found: true, Own: dir == path.Dir(file), Text: text}
		}
		if dir == "." || dir == "/" {
			return Ignore{}
		}
	}
}
