// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// SniffImage looks through variables, labels, annotations, commands and the build
// history. What is recognised in one text is looked for in the others, whatever
// its name is there.
func (sc *Scanner) SniffImage(c *sekisho.ImageConfig) []sekisho.SecretFact {
	texts := c.Texts()
	type found struct {
		fact  sekisho.SecretFact
		value string
	}
	var all []found
	seen := map[string]bool{}
	var out []sekisho.SecretFact
	add := func(f sekisho.SecretFact, t *sekisho.ImageText) bool {
		f.Resource = t.Name
		key := f.Detector + "\x00" + f.Hash + "\x00" + t.Name
		if seen[key] {
			return false
		}
		seen[key] = true
		out = append(out, f)
		return true
	}
	for i := range texts {
		for _, f := range sc.inText(texts[i].Text) {
			if add(f, &texts[i]) {
				all = append(all, found{f, f.Location.Within(texts[i].Text)})
			}
		}
	}
	for i := range texts {
		for _, f := range all {
			at := strings.Index(texts[i].Text, f.value)
			if at < 0 || len(f.value) < 8 {
				continue
			}
			before := texts[i].Text[:at]
			line, column := 1+strings.Count(before, "\n"), at-strings.LastIndexByte(before, '\n')
			if strings.Contains(f.value, "\n") {
				continue
			}
			f.fact.Location = sekisho.Location{Line: line, Column: column, EndLine: line, EndColumn: column + len(f.value)}
			add(f.fact, &texts[i])
		}
	}
	return out
}

// image makes a finding of the texts of the configuration that hold one secret.
func (j *judgement) image(places []*sekisho.SecretFact) {
	if j.inv.Image == nil {
		return
	}
	steps := map[string]int{}
	order := map[string]int{}
	for i, t := range j.inv.Image.Texts() {
		steps[t.Name], order[t.Name] = t.Step, i
	}
	slices.SortStableFunc(places, func(a, b *sekisho.SecretFact) int {
		return cmp.Compare(order[a.Resource], order[b.Resource])
	})
	first := places[0]
	d := j.known[first.Detector]
	f := j.finding(d, kindImage, first.Severity, first.Hash, first.Resource, []string{first.Resource})
	f.Resource = first.Resource
	for n, p := range places {
		if n == maxEvidence {
			break
		}
		if f.Introduced == nil {
			f.Introduced = j.introduced(steps[p.Resource])
		}
		f.Evidence = append(f.Evidence, sekisho.Evidence{Source: kindImage + "/" + d.id, ID: p.Level, Text: p.Resource + ": " + p.Excerpt})
	}
	if f.Introduced != nil {
		f.Layer = f.Introduced.Layer
	}
	j.out.Findings = append(j.out.Findings, f)
}

// introduced is the layer that a step of the history made; nil when it made none.
func (j *judgement) introduced(step int) *sekisho.Introduction {
	layer := -1
	for i, h := range j.inv.Image.History {
		if !h.EmptyLayer {
			layer++
		}
		if i+1 == step && !h.EmptyLayer && layer < len(j.inv.Layers) {
			return &sekisho.Introduction{Layer: j.inv.Layers[layer].DiffID, Index: layer, Instruction: h.CreatedBy}
		}
	}
	return nil
}
