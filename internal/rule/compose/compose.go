// SPDX-License-Identifier: Apache-2.0

// Package compose judges what starts containers without an orchestrator:
// Docker Compose files, podman quadlets, and docker run lines in scripts,
// Makefiles and systemd units. All three become the same Service, and one
// definition of a rule is made for each of them. It starts nothing, asks no
// engine and no registry, and reads variables only from .env files of the tree.
//
// Formats: https://github.com/compose-spec/compose-spec/blob/main/spec.md,
// https://docs.podman.io/en/latest/markdown/podman-systemd.unit.5.html,
// https://docs.docker.com/reference/cli/docker/container/run/.
package compose

import (
	"context"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Checker judges the Compose files, quadlets and docker run lines of an
// inventory.
func Checker(s *check.Settings) sekisho.Checker { return checker{s} }

type checker struct{ settings *check.Settings }

func (checker) Name() string { return "compose" }

// tree are the files of the room, by path.
type tree struct {
	settings *check.Settings
	files    map[string]*sekisho.Resource
	order    []string
	envs     map[string]*envFile
	problems []sekisho.Problem
}

func (c checker) Check(ctx context.Context, inv *sekisho.Inventory) (sekisho.Judgement, error) {
	t := newTree(c.settings, inv)
	j := check.NewJudge(c.settings)
	err := t.each(ctx, func(services []*Service) { t.judge(j, services) })
	if err == nil {
		for _, p := range t.problems {
			j.Problem(p)
		}
	}
	out := j.Judgement()
	if err == nil {
		out.Findings = once(out.Findings)
	}
	return out, err
}

// newTree takes the files of the room out of an inventory.
func newTree(s *check.Settings, inv *sekisho.Inventory) *tree {
	t := &tree{settings: s, files: map[string]*sekisho.Resource{}, envs: map[string]*envFile{}}
	for i := range inv.Resources {
		r := &inv.Resources[i]
		if r.Location.Hidden {
			continue
		}
		switch {
		case sets[r.Kind] != nil:
			t.files[r.Location.Path] = r
			t.order = append(t.order, r.Location.Path)
		case r.Kind == sekisho.ResourceContext && isEnvFile(r.Location.Path):
			t.envs[r.Location.Path] = parseEnv(r.Text)
		}
	}
	return t
}

// each reads the services of every file, in order.
func (t *tree) each(ctx context.Context, visit func([]*Service)) error {
	projects := newProjects(t)
	for _, p := range t.order {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch r := t.files[p]; r.Kind {
		case sekisho.ResourceCompose:
			visit(projects.services(p))
		case sekisho.ResourceQuadlet:
			visit(quadlet(p, r.Text))
		default:
			visit(t.commands(p, r.Text))
		}
	}
	return nil
}

// judge judges each service once for every file that it is made of, so that the
// comments of a file silence what is found in it.
func (t *tree) judge(j *check.Judge, services []*Service) {
	places, known := map[string]*check.Place{}, members()
	for _, s := range services {
		s.Settings, s.envs = t.settings, t.envs
		for i, file := range s.files() {
			r := t.files[file]
			if r == nil {
				continue
			}
			at := places[file]
			if at == nil {
				at = &check.Place{Location: r.Location, Silences: check.Silences(r.Text, "#")}
				if r.Kind == sekisho.ResourceCompose {
					at.Suggest = known.In(r.Text)
				}
				if len(at.Silences) > 0 {
					at.Blocks = blocks(r, services)
				}
				places[file] = at
			}
			s.File = file
			sets[s.Kind].Run(j, at, s)
			if i == 0 && s.Broken == "" && !s.Docs {
				at := *at
				at.Resource = s.Resource
				j.RunUser(&at, s.Kind, subject{s})
			}
		}
	}
}

// files that the service is made of, its own first.
func (s *Service) files() []string {
	out := []string{s.At.File}
	if s.raw == nil {
		return out
	}
	seen := map[string]bool{s.At.File: true}
	visit := func(file string) {
		if file != "" && !seen[file] {
			seen[file] = true
			out = append(out, file)
		}
	}
	filesOf(s.raw, visit)
	return out
}

// blocks are the services of a file: a silence above one covers it all.
func blocks(r *sekisho.Resource, services []*Service) []check.Block {
	var out []check.Block
	for _, s := range services {
		if s.At.File == r.Location.Path && s.At.EndLine >= s.At.Line {
			out = append(out, check.Block{First: s.At.Line, Last: s.At.EndLine})
			if s.raw != nil {
				out = append(out, membersOf(s.raw, s.At.File)...)
			}
		}
	}
	return out
}

// once keeps the first of the findings of a rule at one place: services share
// text by anchors, extends and overrides.
func once(all []sekisho.Finding) []sekisho.Finding {
	type key struct {
		kind, rule, path, text string
		line, column           int
	}
	seen := map[key]bool{}
	kept := all[:0]
	for i := range all {
		f := &all[i]
		k := key{f.ResourceKind, f.Rule, f.Location.Path, strings.Join(f.Args[min(1, len(f.Args)):], "\x00"), f.Location.Line, f.Location.Column}
		if !seen[k] {
			seen[k] = true
			kept = append(kept, *f)
		}
	}
	return kept
}
