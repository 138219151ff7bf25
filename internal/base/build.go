// SPDX-License-Identifier: Apache-2.0

package base

import (
	"slices"
	"strings"
)

// Build is a Dockerfile as far as bases and layers go. The room of Dockerfiles
// makes it of a text; whoever changes a FROM finds its place here.
type Build struct {
	// File as reports name it.
	File   string
	Stages []Stage
	// Target is the stage that was built, by name or number; empty for the last.
	// Given is true when somebody said that the image is of this file.
	Target string
	Given  bool
}

// Stage is one FROM with its steps.
type Stage struct {
	// Name behind AS, in lower case; empty without one.
	Name string
	// From is the reference with variables resolved; Known is false when one of
	// them has no value. Written is how it stands in the file.
	From, Written string
	Known         bool
	// Parent is the stage that From means, -1 for an image.
	Parent int
	// Line and Column (1 based, in bytes) where Written begins. Written may be a
	// variable alone: Arg is then its name, and ArgLine where the value stands.
	Line, Column int
	Arg          string
	ArgLine      int
	Steps        []Step
}

// Step is one instruction behind FROM.
type Step struct {
	// Keyword in upper case, and the first line.
	Keyword string
	Line    int
	// Texts are the arguments without flags as a history may have them: as
	// written, or with the content of here-documents in their place.
	Texts []string
}

// Final is the index of the stage that is built: the target, else the last one;
// -1 where there is none.
func (b *Build) Final() int {
	if b.Target != "" {
		for i := range b.Stages {
			if strings.EqualFold(b.Stages[i].Name, b.Target) {
				return i
			}
		}
	}
	return len(b.Stages) - 1
}

// Root is the index of the stage that stands on an image, for the stage of index
// i: the end of its chain of FROM; -1 where there is none.
func (b *Build) Root(i int) int {
	for n := 0; i >= 0 && i < len(b.Stages); n++ {
		p := b.Stages[i].Parent
		if p < 0 || p >= i || n > len(b.Stages) {
			return i
		}
		i = p
	}
	return -1
}

// Bases are the references of the images that stages stand on, each once, the
// final one's first; "scratch" and what is not known are left out.
func (b *Build) Bases() []string {
	var out []string
	seen := map[string]bool{"scratch": true}
	add := func(i int) {
		if i < 0 {
			return
		}
		if s := &b.Stages[i]; s.Parent < 0 && s.Known && !seen[s.From] {
			seen[s.From] = true
			out = append(out, s.From)
		}
	}
	add(b.Root(b.Final()))
	for i := range b.Stages {
		add(i)
	}
	return out
}

// steps of a stage with those of the stages below it, the first one first.
func (b *Build) steps(i int) []Step {
	var stack []int
	for n := 0; i >= 0 && i < len(b.Stages) && n <= len(b.Stages); n++ {
		stack = append(stack, i)
		p := b.Stages[i].Parent
		if p >= i {
			break
		}
		i = p
	}
	var out []Step
	for _, n := range slices.Backward(stack) {
		if len(out)+len(b.Stages[n].Steps) > maxSteps {
			return nil
		}
		out = append(out, b.Stages[n].Steps...)
	}
	return out
}
