// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// BaseText says in one line what the base image is, how that is known, and how
// many findings come from it; empty where no base is known.
func BaseText(r *sekisho.Result, l message.Lang) string {
	b := r.Base
	if b == nil {
		return ""
	}
	if b.Name == "scratch" {
		return l.Of(message.BaseScratch)
	}
	parts := []string{baseName(r, l)}
	rung := l.Of(message.BaseKnown[b.KnownBy])
	switch b.KnownBy {
	case sekisho.BaseByProvenance, sekisho.BaseByAnnotation, sekisho.BaseByLabel:
		word := message.BaseClaimed
		if b.Verified {
			word = message.BaseVerified
		}
		rung += l.Of(message.ListComma) + l.Of(word)
	}
	if b.Line > 0 {
		rung += l.Of(message.ListComma) + l.Of(message.BaseFrom, place(b.File, b.Line))
	}
	if !b.Split {
		parts = append(parts, rung, l.Of(message.BaseNotSplit))
	} else {
		fromBase, all := baseCount(r)
		layers := l.Of(message.BaseLayers, b.Layers, len(r.Layers))
		switch {
		case b.Layers == len(r.Layers):
			layers = l.Of(message.BaseLayersAll, b.Layers)
		case b.Layers == 1:
			layers = l.Of(message.BaseLayersOne, len(r.Layers))
		}
		layers += l.Of(message.ListComma) + rung
		if b.SplitBy != "" && b.SplitBy != b.KnownBy {
			layers += l.Of(message.ListComma) + l.Of(message.BaseLayersBy, baseRung(b.SplitBy, l))
		}
		parts = append(parts, l.Of(message.BaseSplit, fromBase, all, layers))
	}
	if len(b.Names) > 0 {
		parts = append(parts, l.Of(message.BaseAlso, some(b.Names)))
	}
	switch {
	case b.Moved:
		parts = append(parts, l.Of(message.BaseMoved, cutTo(b.Current, 19)))
	case b.Current != "" && b.Current == b.Digest:
		parts = append(parts, l.Of(message.BaseCurrent))
	}
	return clean(strings.Join(parts, l.Of(message.ListStop)))
}

func baseRung(rung string, l message.Lang) string {
	if m, ok := message.BaseKnown[rung]; ok {
		return l.Of(m)
	}
	return rung
}

// baseName is the name, else the digest, else what can be said of a guess.
func baseName(r *sekisho.Result, l message.Lang) string {
	if s := cmp.Or(r.Base.Name, r.Base.Digest); s != "" {
		return s
	}
	if r.OS == nil {
		return l.Of(message.BaseUnnamedNoOS)
	}
	return l.Of(message.BaseUnnamed, cmp.Or(r.OS.PrettyName, r.OS.ID+" "+r.OS.Version))
}

func baseCount(r *sekisho.Result) (fromBase, all int) {
	for i := range r.Findings {
		if r.Findings[i].Suppressed != nil {
			continue
		}
		all++
		if r.Findings[i].Origin == sekisho.OriginBase {
			fromBase++
		}
	}
	return fromBase, all
}

// candidateTexts are the images that the base was compared with, a line each.
func candidateTexts(r *sekisho.Result, l message.Lang) []string {
	if r.Base == nil {
		return nil
	}
	var out []string
	for i := range r.Base.Candidates {
		c := &r.Base.Candidates[i]
		s := l.Of(message.BaseCandidate, c.Name, c.Removes, byClass(c.RemovesByClass, c.RemovesKEV, l), c.Adds, byClass(c.AddsByClass, c.AddsKEV, l), c.Keeps)
		if c.Incomplete {
			s += l.Of(message.ListStop) + l.Of(message.BasePartly)
		}
		out = append(out, clean(s))
	}
	return out
}

// byClass counts by class, the most urgent first, and names what is exploited.
func byClass(n map[sekisho.RiskClass]int, kev []string, l message.Lang) string {
	var parts []string
	for _, c := range sekisho.RiskClasses {
		if n[c] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", className(c, l), n[c]))
		}
	}
	if len(kev) > 0 {
		parts = append(parts, l.Of(message.BaseKEV, some(kev)))
	}
	if len(parts) == 0 {
		return l.Of(message.BaseNothing)
	}
	return strings.Join(parts, l.Of(message.ListComma))
}

// builderTexts say what became of the images of builder stages.
func builderTexts(r *sekisho.Result, l message.Lang) []string {
	var out []string
	switch r.Coverage.BuilderStages {
	case sekisho.BuildersNotAssessed:
		out = append(out, l.Of(message.BuildersNot))
	case sekisho.BuildersInPart:
		out = append(out, l.Of(message.BuildersPartly))
	case sekisho.BuildersAssessed:
		out = append(out, l.Of(message.BuildersDone))
	}
	for i := range r.Builders {
		b := &r.Builders[i]
		if !b.Assessed {
			out = append(out, clean(l.Of(message.BuilderUnassessed, b.Name, b.Error)))
			continue
		}
		classes := map[sekisho.RiskClass]int{}
		for j := range b.Findings {
			if k := b.Findings[j].Risk; k != nil {
				classes[k.Class]++
			}
		}
		out = append(out, clean(l.Of(message.BuilderLine, b.Name, b.Packages, len(b.Findings), byClass(classes, nil, l))))
	}
	return out
}

// place is "Dockerfile:12"; empty without a line.
func place(file string, line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", orElse(file, "Dockerfile"), line)
}

// introducedText is the instruction that brought something in, with its place in
// the Dockerfile before it, where that is known.
func introducedText(in *sekisho.Introduction) string {
	if at := place(in.File, in.Line); at != "" {
		return strings.TrimSpace(at + " " + in.Instruction)
	}
	return in.Instruction
}

// changes are those actions that speak of a line of the Dockerfile.
var changes = [...]string{
	sekisho.ActionUpgradeOwn, sekisho.ActionUpgradeBase, sekisho.ActionRebuildBase, sekisho.ActionMoveBase,
	sekisho.ActionDropOwn, sekisho.ActionDropBase,
}

// actionPlace is where an action changes the Dockerfile; empty where that is not
// known or the action's text says it.
func actionPlace(a *sekisho.Action) string {
	if a.Path == "" || len(a.Lines) == 0 || !slices.Contains(changes[:], a.Kind) {
		return ""
	}
	return a.Path + ":" + strings.ReplaceAll(lineList(a.Lines), ", ", ",")
}
