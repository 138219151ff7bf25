// SPDX-License-Identifier: Apache-2.0

package base

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Compare says what the move of an image to another base would bring: of the
// findings that its base has, those that the candidate does not have and those
// that it has too, and what only the candidate has. Both must be ranked, and the
// image's findings must have their origin. What a layer of one's own replaces
// counts on neither side.
func Compare(r, candidate *sekisho.Result) sekisho.BaseCandidate {
	out := sekisho.BaseCandidate{
		Name: candidate.Target.Name, Digest: cmp.Or(candidate.Target.IndexDigest, candidate.Target.Digest), Incomplete: !Assessed(candidate),
		RemovesByClass: map[sekisho.RiskClass]int{}, AddsByClass: map[sekisho.RiskClass]int{},
	}
	own := map[string]bool{}
	if r.Base != nil {
		for i := range r.Packages {
			if p := &r.Packages[i]; !p.Hidden && p.Introduced != nil && p.Introduced.Index >= r.Base.Layers {
				own[p.Ecosystem+"\x00"+p.Name] = true
			}
		}
	}
	theirs, ours := map[string]bool{}, map[string]bool{}
	for i := range candidate.Findings {
		if f := &candidate.Findings[i]; comparable(f) {
			for _, k := range keys(f) {
				theirs[k] = true
			}
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Origin != sekisho.OriginBase || !comparable(f) {
			continue
		}
		all := keys(f)
		for _, k := range all {
			ours[k] = true
		}
		if slices.ContainsFunc(all, func(k string) bool { return theirs[k] }) {
			out.Keeps++
			continue
		}
		out.Removes++
		out.Closes = append(out.Closes, f.ID)
		count(f, out.RemovesByClass, &out.RemovesKEV)
		if f.Risk != nil {
			out.Risk += f.Risk.Score
		}
	}
	for i := range candidate.Findings {
		f := &candidate.Findings[i]
		if !comparable(f) || slices.ContainsFunc(keys(f), func(k string) bool { return ours[k] }) || f.Package != nil && own[f.Package.Ecosystem+"\x00"+f.Package.Name] {
			continue
		}
		out.Adds++
		count(f, out.AddsByClass, &out.AddsKEV)
		if f.Risk != nil {
			out.Risk -= f.Risk.Score
		}
	}
	slices.Sort(out.Closes)
	out.Closes = slices.Compact(out.Closes)
	return out
}

// Choose orders candidates by the risk that they remove and marks the best one,
// when it removes any and was assessed as a whole.
func Choose(all []sekisho.BaseCandidate) {
	slices.SortStableFunc(all, func(a, b sekisho.BaseCandidate) int {
		return cmp.Or(whole(a.Incomplete)-whole(b.Incomplete), -cmp.Compare(a.Risk, b.Risk), cmp.Compare(a.Adds, b.Adds), -cmp.Compare(a.Removes, b.Removes))
	})
	if len(all) > 0 && !all[0].Incomplete && all[0].Risk > 0 && all[0].Removes > 0 {
		all[0].Best = true
	}
}

func whole(incomplete bool) int {
	if incomplete {
		return 1
	}
	return 0
}

// Assessed says whether a clean result of an image means anything: it was
// read as a whole, and somebody still says what is wrong with its packages.
func Assessed(r *sekisho.Result) bool {
	if !r.Coverage.Complete || r.Coverage.OS == "unsupported" || r.Coverage.OS == "end-of-life" {
		return false
	}
	for _, e := range r.Coverage.Ecosystems {
		if e.NotAssessed > 0 && slices.Contains([]string{sekisho.EcosystemDeb, sekisho.EcosystemAPK, sekisho.EcosystemRPM, sekisho.EcosystemALPM}, e.Ecosystem) {
			return false
		}
	}
	return true
}

// comparable leaves out what is suppressed and what a base does not decide.
func comparable(f *sekisho.Finding) bool {
	return f.Suppressed == nil && (f.Kind == sekisho.Vulnerability || f.Kind == sekisho.Secret || f.Kind == sekisho.Malware)
}

// keys tell a finding by the flaw, under each of its names, and by the package,
// whatever its version; what is about a file, by its path.
func keys(f *sekisho.Finding) []string {
	subject := f.Location.Path
	if f.Package != nil {
		subject = f.Package.Ecosystem + "\x00" + f.Package.Name
	}
	out := []string{string(f.Kind) + "\x00" + strings.ToUpper(f.Rule) + "\x00" + subject}
	for _, a := range f.Aliases {
		out = append(out, string(f.Kind)+"\x00"+strings.ToUpper(a)+"\x00"+subject)
	}
	return out
}

func count(f *sekisho.Finding, by map[sekisho.RiskClass]int, kev *[]string) {
	if f.Risk != nil {
		by[f.Risk.Class]++
	}
	if f.KEV != nil && !slices.Contains(*kev, f.Rule) {
		*kev = append(*kev, f.Rule)
		slices.Sort(*kev)
	}
}

// Moved compares the base of an image with what its tag names now, an opened
// image: by digest, and where the base's is not known, by its layers. The layers
// that agree verify the base and split it. It returns false where neither can be
// compared.
func Moved(r *sekisho.Result, now *sekisho.Artifact) bool {
	b := r.Base
	same := 0
	for i := range now.Layers {
		if i >= len(r.Layers) || now.Layers[i].DiffID == "" || now.Layers[i].DiffID != r.Layers[i].DiffID {
			break
		}
		same++
	}
	all := len(now.Layers) > 0 && same == len(now.Layers)
	current := cmp.Or(now.Target.IndexDigest, now.Target.Digest, now.Target.ConfigDigest)
	switch {
	case b.Digest != "" && (b.Digest == now.Target.Digest || b.Digest == now.Target.IndexDigest || b.Digest == now.Target.ConfigDigest):
		b.Current = b.Digest
	case all && (!b.Split || b.Layers == len(now.Layers)):
		// Another digest of the same layers: packed or annotated anew.
		b.Current, b.Digest = current, cmp.Or(b.Digest, current)
	case b.Digest == "" && !b.Split, current == "":
		return false
	default:
		b.Current, b.Moved = current, true
		return true
	}
	if all {
		// What was opened knows better than what was claimed.
		b.Verified = true
		if !b.Split || b.Layers != len(now.Layers) {
			b.Split, b.SplitBy, b.Layers = true, sekisho.BaseByChain, len(now.Layers)
		}
	}
	return true
}

// Builders are the images of other stages than that of the image's base, as the
// builder's materials tell them, else the Dockerfile that the history fits;
// several is true when there were other stages at all, and stages are their names,
// nil where the Dockerfile is not known or one of them has no name.
func Builders(art *sekisho.Artifact, k Known, b *sekisho.BaseImage) (images []Material, stages []string, several bool) {
	if art.Image == nil {
		return nil, nil, false
	}
	s := &search{art: art, img: art.Image, known: k}
	if p := art.Image.Provenance; p != nil {
		s.record = p.Build
	}
	s.align()
	isBase := func(name, digest string) bool {
		return b != nil && (digest != "" && digest == b.Digest || (digest == "" || b.Digest == "") && sameName(name, b.Name))
	}
	if p := art.Image.Provenance; p != nil && p.PredicateType != "" {
		for _, m := range Materials(p) {
			if !isBase(m.Name, m.Digest) {
				images = append(images, m)
			}
		}
	}
	if s.fit == nil {
		return images, nil, len(images) > 0 && b != nil && b.KnownBy == sekisho.BaseByProvenance
	}
	for i := range s.fit.build.Stages {
		if s.fit.stacked(i) {
			continue
		}
		several = true
		stages = append(stages, s.fit.build.Stages[i].Name)
	}
	if slices.Contains(stages, "") {
		stages = nil
	}
	if len(images) > 0 || !several {
		return images, stages, several
	}
	seen := map[string]bool{}
	for i := range s.fit.build.Stages {
		st := &s.fit.build.Stages[i]
		if s.fit.stacked(i) || st.Parent >= 0 || !st.Known || st.From == "scratch" || seen[st.From] || isBase(st.From, "") || sameName(st.From, s.fit.root.From) {
			continue
		}
		seen[st.From] = true
		m := Material{Name: st.From}
		if name, digest, ok := strings.Cut(st.From, "@"); ok {
			m.Name, m.Digest = name, digest
		}
		images = append(images, m)
	}
	return images, stages, several
}
