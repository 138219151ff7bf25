// SPDX-License-Identifier: Apache-2.0

// Package engine makes findings of what the engines of the user say: ClamAV and
// YARA, a room each below. It reads no file and talks to no engine. What an
// engine says is repeated, with its version and its database's; that an engine
// says nothing of a file means only that it knows nothing of it.
package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// The detectors whose facts are judged here, with the rule of each.
const (
	ClamAV = "clamav"
	YARA   = "yara"
)

// maxEvidence is how many places of one file are named.
const maxEvidence = 20

// Checker makes findings of the facts of engines. The settings (nil for none)
// switch the rules off and change their severities.
func Checker(s *check.Settings) sekisho.Checker { return checker{s} }

type checker struct{ settings *check.Settings }

// Name of the checker.
func (checker) Name() string { return "engine" }

// Check makes one finding of a file and a signature, however many places hold
// the file.
func (c checker) Check(_ context.Context, inv *sekisho.Inventory) (out sekisho.Judgement, err error) {
	type key struct{ detector, name, sum string }
	groups := map[key][]*sekisho.MalwareFact{}
	var order []key
	for i := range inv.Malware {
		f := &inv.Malware[i]
		if r := ruleOf(f.Detector); r == nil || !c.settings.Runs(r) {
			continue
		}
		k := key{f.Detector, f.Name, cmp.Or(f.SHA256, fmt.Sprint(i))}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], f)
	}
	used := map[string]bool{}
	for _, k := range order {
		r := ruleOf(k.detector)
		if !used[r.ID] {
			used[r.ID] = true
			out.Rules = append(out.Rules, *r)
		}
		out.Findings = append(out.Findings, c.finding(r, groups[k], inv))
	}
	slices.SortFunc(out.Rules, func(a, b sekisho.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

func (c checker) finding(r *sekisho.Rule, places []*sekisho.MalwareFact, inv *sekisho.Inventory) sekisho.Finding {
	// The place that counts is one that a container sees.
	slices.SortStableFunc(places, func(a, b *sekisho.MalwareFact) int { return hidden(a) - hidden(b) })
	first := places[0]
	args := []string{first.Name, first.Location.Path}
	sum := sha256.Sum256([]byte(strings.Join([]string{"engine", first.Detector, first.Name, first.Location.Path}, "\x00")))
	f := sekisho.Finding{
		ID: hex.EncodeToString(sum[:16]), Kind: sekisho.Malware, Rule: r.ID, ResourceKind: r.Kind, Aliases: []string{first.Name},
		Severity: cmp.Or(first.Severity, r.Severity), Title: check.Fill(r.Title.EN, args), Why: check.Fill(r.Why.EN, args), Fix: check.Fill(r.Fix.EN, args),
		Args: args, Location: first.Location, Layer: first.Location.Layer,
	}
	if c.settings != nil {
		for id, s := range c.settings.Severities {
			if check.Names(id, r) {
				f.Severity = s
			}
		}
	}
	if i := first.Location.Index; i < len(inv.Layers) && inv.Layers[i].Instruction != "" {
		f.Introduced = &sekisho.Introduction{Layer: first.Location.Layer, Index: i, Instruction: inv.Layers[i].Instruction}
	}
	for n, p := range places {
		if n == maxEvidence {
			f.Evidence = append(f.Evidence, sekisho.Evidence{Source: first.Engine, ID: first.Name, Text: fmt.Sprintf("and %d more places", len(places)-n)})
			break
		}
		f.Evidence = append(f.Evidence, sekisho.Evidence{Source: p.Engine, ID: p.Name, Date: p.Date, Text: text(p, len(inv.Layers) > 1), Path: p.Location.Path})
	}
	return f
}

// text of one place: what the rule says of itself, what was seen, where.
func text(p *sekisho.MalwareFact, layers bool) string {
	var parts []string
	for _, s := range []string{p.Text, p.Excerpt} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if p.SHA256 != "" {
		parts = append(parts, "sha256:"+p.SHA256)
	}
	if layers || p.Location.Hidden {
		parts = append(parts, fmt.Sprintf("layer %d", p.Location.Index))
	}
	if p.Location.Hidden {
		parts = append(parts, "deleted or replaced by a later layer")
	}
	return strings.Join(parts, ", ")
}

func hidden(f *sekisho.MalwareFact) int {
	if f.Location.Hidden {
		return 1
	}
	return 0
}
