// SPDX-License-Identifier: Apache-2.0

package secret

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

// maxEvidence is how many places of one secret are named.
const maxEvidence = 20

// Check makes findings of the facts. One secret is one finding, however many files hold it, and one
// however many texts of the configuration do.
func (sc *Scanner) Check(_ context.Context, inv *sekisho.Inventory) (sekisho.Judgement, error) {
	j := &judgement{sc: sc, inv: inv, used: map[string]bool{}, known: map[string]*detector{}}
	for _, d := range sc.detectors {
		j.known[d.id] = d
	}
	type key struct {
		detector, hash string
		image          bool // in the configuration: what to do is another thing
	}
	groups := map[key][]*sekisho.SecretFact{}
	var order []key
	for i := range inv.Secrets {
		f := &inv.Secrets[i]
		if j.known[f.Detector] == nil {
			continue
		}
		k := key{f.Detector, f.Hash, f.Resource != ""}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], f)
	}
	for _, k := range order {
		if k.image {
			j.image(groups[k])
		} else {
			j.file(groups[k])
		}
	}
	slices.SortFunc(j.out.Rules, func(a, b sekisho.Rule) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Kind, b.Kind))
	})
	return j.out, nil
}

type judgement struct {
	sc    *Scanner
	inv   *sekisho.Inventory
	out   sekisho.Judgement
	used  map[string]bool
	known map[string]*detector
}

// file makes a finding of the places of one secret.
func (j *judgement) file(places []*sekisho.SecretFact) {
	// The place that counts is visible and sure, and the first of these.
	slices.SortStableFunc(places, func(a, b *sekisho.SecretFact) int {
		return j.order(a) - j.order(b)
	})
	first := places[0]
	kind := kindFile
	if first.Location.Hidden {
		kind = kindDeleted
	}
	var args []string
	if first.Past != nil {
		kind, args = kindHistory, []string{lifetime(first.Past)}
	}
	d := j.known[first.Detector]
	f := j.finding(d, kind, first.Severity, first.Hash, "", args)
	f.Location, f.Layer = first.Location, first.Location.Layer
	if why := j.doubt(first); why != "" {
		f.Suppressed = &sekisho.Suppression{By: "sekisho", Reason: doubts[why]}
	}
	if i := first.Location.Index; i < len(j.inv.Layers) && j.inv.Layers[i].Instruction != "" {
		f.Introduced = &sekisho.Introduction{Layer: first.Location.Layer, Index: i, Instruction: j.inv.Layers[i].Instruction}
	}
	for n, p := range places {
		if n == maxEvidence {
			f.Evidence = append(f.Evidence, sekisho.Evidence{Source: kind + "/" + d.id, Text: fmt.Sprintf("and %d more places", len(places)-n)})
			break
		}
		text := p.Excerpt
		if p.Past != nil {
			f.Evidence = append(f.Evidence, pastEvidence(kind+"/"+d.id, p))
			continue
		}
		if len(j.inv.Layers) > 1 || p.Location.Hidden {
			text += fmt.Sprintf(", layer %d", p.Location.Index)
		}
		if p.Location.Hidden {
			text += ", deleted or replaced by a later layer"
		}
		f.Evidence = append(f.Evidence, sekisho.Evidence{Source: kind + "/" + d.id, ID: p.Level, Text: text, Path: p.Location.Path, Line: p.Location.Line})
	}
	j.out.Findings = append(j.out.Findings, f)
}

// order puts the place that counts first: visible and without doubt, before what
// a later layer or commit took away.
func (j *judgement) order(p *sekisho.SecretFact) int {
	return 4*rank(j.doubt(p) != "") + 2*rank(p.Past != nil) + rank(p.Location.Hidden)
}

func rank(last bool) int {
	if last {
		return 1
	}
	return 0
}

// doubts are the reasons why a secret is likely to be nobody's: it stays in the
// report, counted apart.
var doubts = map[string]string{
	"test":     "in a place of tests, examples or documents: made to be read",
	"packaged": "a file of a distribution's package: everybody has it",
	"library":  "a file of a published library: everybody has it",
}

func (j *judgement) doubt(p *sekisho.SecretFact) string {
	d := j.known[p.Detector]
	if p.Past != nil && p.Note == "test" {
		// It may have had a place that is none of tests.
		for _, at := range p.Past.Paths {
			if doubt(d, at) == "" {
				return ""
			}
		}
	}
	if p.Note != "" {
		return p.Note
	}
	if !d.chosen && !d.opaque {
		return ""
	}
	path := p.Location.Path
	for _, dir := range [...]string{"node_modules/", "site-packages/", "dist-packages/", "vendor/bundle/", "pkg/mod/", "BOOT-INF/lib/", "WEB-INF/lib/", ".m2/repository/", ".gradle/caches/", "_cacache/"} {
		if strings.HasPrefix(path, dir) || strings.Contains(path, "/"+dir) {
			return "library"
		}
	}
	if strings.HasPrefix(path, "usr/") {
		path, _, _ = strings.Cut(path, "!/") // an archive is owned as a whole
		h := sekisho.HashPath(path)
		for i := range j.inv.Owned {
			if j.inv.Owned[i].Files.HasHash(h) {
				return "packaged"
			}
		}
	}
	return ""
}

// finding fills in what all findings have.
func (j *judgement) finding(d *detector, kind string, severity sekisho.Severity, hash, place string, args []string) sekisho.Finding {
	r := d.ruleOf(kind)
	sum := sha256.Sum256([]byte(strings.Join([]string{"secret", d.id, place, hash}, "\x00")))
	f := sekisho.Finding{
		ID: hex.EncodeToString(sum[:16]), Kind: sekisho.Secret, Rule: d.id, ResourceKind: kind, Severity: cmp.Or(severity, d.severity),
		Title: check.Fill(r.Title.EN, args), Why: check.Fill(r.Why.EN, args), Fix: check.Fill(r.Fix.EN, args), Args: args, References: r.References,
	}
	j.sc.vault.name(f.ID, d.id, hash)
	if j.sc.settings != nil {
		for id, s := range j.sc.settings.Severities {
			if check.Names(id, &r) {
				f.Severity = s
			}
		}
	}
	if name := kind + "/" + d.id; !j.used[name] {
		j.used[name] = true
		j.out.Rules = append(j.out.Rules, r)
	}
	return f
}

// maxText is how much of one text of the configuration is looked through.
const maxText = 1 << 20

// inText looks through a text that is no file.
func (sc *Scanner) inText(s string) []sekisho.SecretFact {
	if len(s) < 8 {
		return nil
	}
	sn := &sniffer{sc: sc, line: 1, probe: true, files: sc.variables()}
	sn.Write([]byte(s[:min(len(s), maxText)]), true)
	return sn.Facts().Secrets
}

// variables are the detectors of .env files: an image's variables are written alike.
func (sc *Scanner) variables() []*detector {
	for _, d := range sc.files {
		if d.id == "env-file-secret" {
			return []*detector{d}
		}
	}
	return nil
}

// Redact puts the excerpt of each secret in its place.
func (sc *Scanner) Redact(s string) string {
	if len(s) < 8 {
		return s
	}
	sn := &sniffer{sc: sc, line: 1, probe: true, files: sc.variables(), keep: true}
	sn.Write([]byte(s), true)
	spans := sn.spans
	slices.SortFunc(spans, func(a, b hit) int { return cmp.Compare(a.start, b.start) })
	var out strings.Builder
	at := 0
	for _, h := range spans {
		if h.start < at {
			continue
		}
		out.WriteString(s[at:h.start])
		out.WriteString(excerpt(h.detector, []byte(s[h.start:h.end])))
		at = h.end
	}
	out.WriteString(s[at:])
	return out.String()
}
