// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"bytes"
	"context"
	"errors"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Checker judges the stacks that the readers make of an inventory, and the
// definitions of ECS in JSON.
func Checker(s *check.Settings, readers ...cloud.Reader) sekisho.Checker {
	return checker{settings: s, readers: append([]cloud.Reader{readECS}, readers...)}
}

type checker struct {
	settings *check.Settings
	readers  []cloud.Reader
}

func (checker) Name() string { return "aws" }

// Check judges every resource once, in the order of the stacks.
func (c checker) Check(ctx context.Context, inv *sekisho.Inventory) (sekisho.Judgement, error) {
	j := check.NewJudge(c.settings)
	files := map[string]*source{}
	for i := range inv.Resources {
		res := &inv.Resources[i]
		switch res.Kind {
		case sekisho.ResourceECS, sekisho.ResourceTerraform, sekisho.ResourceCloudFormation:
			if !res.Location.Hidden {
				files[res.Location.Path] = &source{location: res.Location, text: res.Text}
			}
		}
	}
	var failed error
	for _, read := range c.readers {
		stacks, err := read(ctx, inv)
		failed = errors.Join(failed, err)
		for _, s := range stacks {
			if err := ctx.Err(); err != nil {
				return j.Judgement(), err
			}
			c.stack(j, s, files)
		}
	}
	return j.Judgement(), failed
}

// source is a file that resources are written in.
type source struct {
	location sekisho.Location
	text     []byte
	scanned  bool
	silences []check.Silence
	lines    [][]byte
}

func (c checker) stack(j *check.Judge, s *cloud.Stack, files map[string]*source) {
	for _, p := range s.Problems {
		j.Problem(p)
	}
	w := newWorld(s, c.settings)
	for i := range s.Mistakes {
		m := &s.Mistakes[i]
		it := &Item{Resource: &cloud.Resource{Path: m.Path, Line: m.Line, Column: m.Column, EndLine: m.Line}, World: w, Mistake: m}
		rules.Run(j, place(it, files), it)
	}
	for _, it := range w.Items {
		at := place(it, files)
		rules.Run(j, at, it)
		j.RunUser(at, sekisho.ResourceAWS, subject{it})
	}
}

// place is the resource as findings name it, with the silences that speak of it.
func place(it *Item, files map[string]*source) *check.Place {
	at := &check.Place{Location: sekisho.Location{Path: it.Path}, Resource: it.Title}
	if f := files[it.Path]; f != nil {
		at.Location = f.location
		if !f.scanned {
			f.scanned, f.silences = true, check.Silences(f.text, "#", "//")
		}
		for _, s := range f.silences {
			if s.Whole || f.speaksOf(s.Line, it) {
				at.Silences = append(at.Silences, s)
			}
		}
		if len(at.Silences) > 0 {
			at.Blocks = append(at.Blocks, check.Block{First: it.Line, Last: max(it.Line, it.EndLine)})
			at.Blocks = blocks(it.Body, it.Path, 0, at.Blocks)
		}
	}
	for _, s := range it.Skips {
		at.Silences = append(at.Silences, check.Silence{Whole: true, IDs: []string{s.ID}, By: s.By, Reason: s.Reason})
	}
	return at
}

// speaksOf says whether a comment is in a resource, or right above it.
func (f *source) speaksOf(line int, it *Item) bool {
	if line >= it.Line {
		return line <= max(it.Line, it.EndLine)
	}
	if f.lines == nil {
		f.lines = bytes.Split(f.text, []byte("\n"))
	}
	for n := line; n < it.Line-1 && n < len(f.lines); n++ {
		if text := bytes.TrimSpace(f.lines[n]); len(text) > 0 && text[0] != '#' && !bytes.HasPrefix(text, []byte("//")) {
			return false
		}
	}
	return true
}

// blocks are the lines of each member and item that is written in the file.
func blocks(n *document.Node, file string, depth int, out []check.Block) []check.Block {
	if n == nil || depth > 50 || len(out) > 100_000 {
		return out
	}
	for i, item := range n.Items {
		if item.File == "" || item.File == file {
			first := item.Line
			if n.Kind == document.Map && n.Keys[i].Line > 0 {
				first = n.Keys[i].Line
			}
			if first > 0 {
				out = append(out, check.Block{First: first, Last: max(first, item.EndLine)})
			}
		}
		out = blocks(item, file, depth+1, out)
	}
	return out
}
