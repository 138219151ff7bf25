// SPDX-License-Identifier: Apache-2.0

// Package base recognises the image that another one was built on, splits
// findings into those of the base and one's own, and finds the line of the
// Dockerfile that made a layer. It is pure: it opens no image and no file, asks
// no registry, and says nothing that it is not sure of, but for the guess, which
// is named as one.
package base

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Known is what the caller knows beside the image.
type Known struct {
	// Index of bases that the user added; nil for none.
	Index *Index
	// Builds are Dockerfiles that the image may have been built from: the given
	// one, or those that were found.
	Builds []*Build
	// Parse reads the Dockerfile that a builder's attestation holds; nil where
	// nobody can. It returns nil for what is none.
	Parse func(file string, text []byte, args map[string]string) *Build
}

// Recognise finds the base of an opened image and writes the lines of the
// Dockerfile to its layers. It returns nil where nothing is known: for anything
// but an image, and for one that is in the index itself and on nothing else.
func Recognise(art *sekisho.Artifact, k Known) *sekisho.BaseImage {
	if art.Image == nil || len(art.Layers) == 0 {
		return nil
	}
	s := &search{art: art, img: art.Image, known: k, chains: chains(art.Layers)}
	if p := art.Image.Provenance; p != nil {
		s.record = p.Build
	}
	s.align()
	s.lines()
	for _, rung := range []func() *sekisho.BaseImage{s.byProvenance, s.byAnnotation, s.byChain, s.byDockerfile, s.byGuess} {
		if b := rung(); b != nil {
			s.split(b)
			s.from(b)
			return b
		}
	}
	return nil
}

// Fits says whether the history of an opened image fits a Dockerfile.
func Fits(art *sekisho.Artifact, b *Build) bool {
	return art.Image != nil && align(b, art.Image.History, len(art.Layers)) != nil
}

// search holds what the rungs share.
type search struct {
	art    *sekisho.Artifact
	img    *sekisho.ImageConfig
	known  Known
	record *sekisho.BuildRecord
	chains []string
	// fit is the alignment of the history with a Dockerfile; nil for none.
	fit *fit
}

// align tries the Dockerfile of the attestation, else those that were handed in.
func (s *search) align() {
	builds := s.known.Builds
	if r := s.record; r != nil && len(r.Text) > 0 && s.known.Parse != nil {
		if b := s.known.Parse(r.File, r.Text, r.Args); b != nil {
			b.Given, b.Target = true, r.Target
			builds = append([]*Build{b}, builds...)
		}
	}
	for _, b := range builds {
		if s.fit = align(b, s.img.History, len(s.art.Layers)); s.fit != nil {
			return
		}
	}
}

// lines writes the place in the Dockerfile to each layer: as the builder noted
// it, else as the alignment has it.
func (s *search) lines() {
	if s.fit != nil {
		for i, line := range s.fit.lines(len(s.art.Layers)) {
			if line > 0 {
				s.art.Layers[i].File, s.art.Layers[i].Line = s.fit.build.File, line
			}
		}
	}
	if s.record == nil {
		return
	}
	at := map[string]int{}
	for _, step := range s.record.Steps {
		if step.Line == 0 || step.Image != "" {
			continue
		}
		for _, stack := range step.Layers {
			// The layer is the step's when all below it are the image's too.
			n := len(stack)
			if n == 0 || n > len(s.art.Layers) || !s.has(stack) {
				continue
			}
			key := stack[n-1]
			if old, ok := at[key]; ok && old != step.Line {
				at[key] = -1 // two steps, one result
				continue
			}
			at[key] = step.Line
			l := &s.art.Layers[n-1]
			l.File, l.Line = s.record.File, step.Line
		}
	}
	for i := range s.art.Layers {
		if l := &s.art.Layers[i]; at[l.Digest] < 0 {
			l.File, l.Line = "", 0
		}
	}
}

// has says whether the digests are those of the lowest layers.
func (s *search) has(stack []string) bool {
	if len(stack) == 0 || len(stack) > len(s.art.Layers) {
		return false
	}
	for i, d := range stack {
		if d == "" || s.art.Layers[i].Digest != d {
			return false
		}
	}
	return true
}

// byProvenance takes the material whose layers lie lowest; without layers, the
// one that the Dockerfile's FROM names, or the only one.
func (s *search) byProvenance() *sekisho.BaseImage {
	p := s.img.Provenance
	if p == nil || p.PredicateType == "" {
		return nil
	}
	images := Materials(p)
	var found *sekisho.BaseImage
	if s.record != nil {
		for _, step := range s.record.Steps {
			if step.Image == "" {
				continue
			}
			for _, stack := range step.Layers {
				if s.has(stack) && (found == nil || len(stack) > found.Layers) {
					found = &sekisho.BaseImage{Name: step.Image, Digest: step.Digest, Layers: len(stack), Split: true, File: s.record.File, Line: step.Line}
				}
			}
		}
	}
	if found == nil && s.fit != nil {
		for _, m := range images {
			if sameName(m.Name, s.fit.root.From) {
				found = &sekisho.BaseImage{Name: m.Name, Digest: m.Digest}
				break
			}
		}
	}
	if found == nil && len(images) == 1 && !s.stacked() {
		found = &sekisho.BaseImage{Name: images[0].Name, Digest: images[0].Digest}
	}
	if found == nil {
		return nil
	}
	found.KnownBy = sekisho.BaseByProvenance
	if found.Digest == "" {
		for _, m := range images {
			if sameName(m.Name, found.Name) {
				found.Digest = m.Digest
			}
		}
	}
	return found
}

// stacked says whether the builder noted layers: the base is then among them, or
// they are of another image.
func (s *search) stacked() bool {
	return s.record != nil && slices.ContainsFunc(s.record.Steps, func(step sekisho.BuildStep) bool { return len(step.Layers) > 0 })
}

// byAnnotation believes org.opencontainers.image.base.name and .digest, first
// those of the manifest, then the labels.
// See https://github.com/opencontainers/image-spec/blob/main/annotations.md.
func (s *search) byAnnotation() *sekisho.BaseImage {
	const name, digest = "org.opencontainers.image.base.name", "org.opencontainers.image.base.digest"
	for _, from := range []struct {
		notes map[string]string
		rung  string
	}{{s.img.Annotations, sekisho.BaseByAnnotation}, {s.img.Labels, sekisho.BaseByLabel}} {
		b := &sekisho.BaseImage{Name: strings.TrimSpace(from.notes[name]), Digest: strings.TrimSpace(from.notes[digest]), KnownBy: from.rung}
		if b.Name != "" || b.Digest != "" {
			return b
		}
	}
	return nil
}

// byChain finds the longest image of the index whose layers are the lowest ones.
func (s *search) byChain() *sekisho.BaseImage {
	e := s.known.Index.longest(s.chains, s.art.Target.ConfigDigest)
	if e == nil {
		return nil
	}
	b := &sekisho.BaseImage{KnownBy: sekisho.BaseByChain, Verified: true, Split: true, Layers: e.Layers}
	first := 0
	if s.fit != nil { // of several names, the one that FROM uses
		first = max(0, slices.IndexFunc(e.Names, func(n Named) bool { return sameName(n.Name, s.fit.root.From) }))
	}
	for i, n := range e.Names {
		if i == first {
			b.Name, b.Digest = n.Name, n.Digest
			continue
		}
		b.Names = append(b.Names, n.Name)
	}
	return b
}

func (s *search) byDockerfile() *sekisho.BaseImage {
	if s.fit == nil || !s.fit.root.Known {
		return nil
	}
	b := &sekisho.BaseImage{KnownBy: sekisho.BaseByDockerfile, Split: true, Layers: s.fit.base}
	b.Name = s.fit.root.From
	if name, digest, ok := strings.Cut(s.fit.root.From, "@"); ok {
		b.Name, b.Digest = name, digest
	}
	return b
}

// split finds out how many layers are the base's, where the rung did not tell.
func (s *search) split(b *sekisho.BaseImage) {
	if b.Split && b.KnownBy != sekisho.BaseByProvenance {
		return
	}
	if e := s.known.Index.named(b.Name, b.Digest, s.chains, s.art.Target.ConfigDigest); e != nil {
		// The claim of how many layers are the base's yields to what was opened.
		b.Verified = true
		if !b.Split || b.Layers != e.Layers {
			b.Split, b.Layers, b.SplitBy = true, e.Layers, sekisho.BaseByChain
		}
		return
	}
	if b.Split {
		return
	}
	if s.fit != nil && s.fit.agrees(b) {
		b.Split, b.Layers, b.SplitBy = true, s.fit.base, sekisho.BaseByDockerfile
		return
	}
	if n, ok := commented(s.img.History, b.Name, len(s.art.Layers)); ok {
		b.Split, b.Layers, b.SplitBy = true, n, b.KnownBy
	}
}

// from adds the line of the FROM, where the Dockerfile is known and agrees.
func (s *search) from(b *sekisho.BaseImage) {
	if b.Line > 0 || s.fit == nil || b.KnownBy == sekisho.BaseByGuess {
		return
	}
	if !s.fit.agrees(b) {
		return
	}
	b.File, b.Line = s.fit.build.File, s.fit.root.Line
}

// commented reads the comment "FROM name" that buildah leaves at the first step
// of its own: what is below it is the base.
func commented(history []sekisho.History, name string, layers int) (int, bool) {
	if name == "" || filled(history) != layers {
		return 0, false
	}
	for i, h := range history {
		if ref, ok := strings.CutPrefix(h.Comment, "FROM "); ok && sameName(ref, name) {
			n := filled(history[:i])
			return n, n > 0
		}
	}
	return 0, false
}

// filled counts the entries that made a layer.
func filled(history []sekisho.History) int {
	n := 0
	for i := range history {
		if !history[i].EmptyLayer {
			n++
		}
	}
	return n
}

// Attribute writes to the packages and findings of a result the lines of the
// Dockerfile that its layers have, and gives the findings their origin, by the
// layer that brought in what they are about. A finding that no layer brought in,
// such as one about the configuration, has no origin.
func Attribute(r *sekisho.Result) {
	index := make(map[string]int, len(r.Layers))
	for i := range r.Layers {
		for _, id := range []string{r.Layers[i].DiffID, r.Layers[i].Digest} {
			if _, ok := index[id]; id != "" && !ok {
				index[id] = i
			}
		}
	}
	place := func(in *sekisho.Introduction) {
		if in != nil && in.Index >= 0 && in.Index < len(r.Layers) {
			in.File, in.Line = r.Layers[in.Index].File, r.Layers[in.Index].Line
		}
	}
	for i := range r.Packages {
		place(r.Packages[i].Introduced)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		place(f.Introduced)
		f.Origin = ""
		if r.Base == nil || !r.Base.Split {
			continue
		}
		at := -1
		if f.Introduced != nil {
			at = f.Introduced.Index
		} else if n, ok := index[f.Layer]; ok {
			at = n
		}
		switch {
		case at < 0 || at >= len(r.Layers):
		case at < r.Base.Layers:
			f.Origin = sekisho.OriginBase
		default:
			f.Origin = sekisho.OriginOwn
		}
	}
}
