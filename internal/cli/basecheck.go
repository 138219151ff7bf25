// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/base"
	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/risk"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/source/image"
)

// recognised is what is known of the base and the build of one image.
type recognised struct {
	base *sekisho.BaseImage
	// builders are the images of other stages; several is true when there were
	// other stages.
	builders []base.Material
	several  bool
}

// aboutBase answers what was asked about the base of a judged image: whether its
// tag moved, what candidates would bring, what is in the images of builder
// stages. The result must be ranked, and is to be ranked again.
func (in *inspector) aboutBase(ctx context.Context, r *sekisho.Result, known *recognised) error {
	f := in.flags
	base.Attribute(r) // other tools' findings have come since
	if known.several || len(known.builders) > 0 {
		r.Coverage.BuilderStages = sekisho.BuildersNotAssessed
	}
	if f.bases.check {
		if err := in.checkBase(ctx, r); err != nil {
			return err
		}
	}
	if len(f.bases.candidates) > 0 {
		if err := in.compareBases(ctx, r); err != nil {
			return err
		}
	}
	if f.bases.builders {
		return in.scanBuilders(ctx, r, known)
	}
	return nil
}

// note tells what could not be done about the base, in the report and at once.
func (in *inspector) note(r *sekisho.Result, m message.Text, args ...any) {
	if !in.flags.quiet {
		in.app.remark(m, args...)
	}
	r.Problems = append(r.Problems, sekisho.Problem{Stage: sekisho.StageOpen, Minor: true, Error: message.En.Of(m, args...)})
	r.Coverage.Problems = len(r.Problems)
}

// named says whether the base has a name that can be asked for.
func named(b *sekisho.BaseImage) bool {
	return b != nil && b.Name != "" && b.Name != "scratch" && b.KnownBy != sekisho.BaseByGuess
}

// checkBase asks what the tag of the base names now: the registry, and where it
// cannot say, the daemons.
func (in *inspector) checkBase(ctx context.Context, r *sekisho.Result) error {
	if !named(r.Base) {
		in.note(r, message.BaseUnknownFor, "--check-base")
		return nil
	}
	o, err := in.app.imageOptions(in.platformOf(r), in.app.newProgress(true))
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(r.Base.Name, "@")
	var errs []error
	for _, place := range []string{"registry", "docker", "podman", "containerd"} {
		ctx, cancel := context.WithTimeout(ctx, baseTime)
		all, err := image.Open(ctx, place, name, o)
		cancel()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		ok := base.Moved(r, all[0])
		now := all[0].Target.Digest
		closeAll(all)
		if !ok {
			in.note(r, message.BaseNoDigest, name, now)
		}
		base.Attribute(r)
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	in.note(r, message.BaseCheckFails, name, errs[0])
	return nil
}

// platformOf are the flags for opening what belongs to the result's image.
func (in *inspector) platformOf(r *sekisho.Result) *scanFlags {
	f := *in.flags
	f.bases, f.input, f.quiet = baseFlags{}, "", true
	if p := r.Target.Platform; p != nil {
		f.platform = platformFlag(p.String())
	}
	return &f
}

// beside inspects another image in the way of the result's own.
func (in *inspector) beside(ctx context.Context, r *sekisho.Result, name string) (*sekisho.Result, error) {
	other := in.quiet()
	other.flags = in.platformOf(r)
	t, err := in.app.target([]string{name}, other.flags)
	if err != nil {
		return nil, err
	}
	return other.inspect(ctx, t)
}

// compareBases inspects the candidates, and orders them by what they remove.
func (in *inspector) compareBases(ctx context.Context, r *sekisho.Result) error {
	if r.Base == nil || !r.Base.Split || r.Base.Layers == 0 {
		in.note(r, message.BaseUnknownFor, "--base-candidate")
		return nil
	}
	for _, name := range in.flags.bases.candidates {
		c, err := in.beside(ctx, r, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil && c.Target.Kind != sekisho.KindImage {
			return in.app.usage(message.BaseNoCandidate, name)
		}
		if err != nil {
			in.note(r, message.BaseCandidateFails, name, err)
			continue
		}
		risk.Rank(c, risk.SettingOf(r), risk.Default(), ecosystem.Compare())
		r.Base.Candidates = append(r.Base.Candidates, base.Compare(r, c))
	}
	base.Choose(r.Base.Candidates)
	return nil
}

// scanBuilders inspects the images of builder stages. What the steps of a stage
// added to its image is in no image that could be opened.
func (in *inspector) scanBuilders(ctx context.Context, r *sekisho.Result, known *recognised) error {
	for _, m := range known.builders {
		out := sekisho.BuilderImage{Name: m.Name, Digest: m.Digest}
		b, err := in.beside(ctx, r, "image:"+m.Reference())
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			out.Error = oneLine(err)
			r.Builders = append(r.Builders, out)
			continue
		}
		out.Assessed, out.Packages, out.Digest = true, len(b.Packages), m.Digest
		for i := range b.Findings {
			b.Findings[i].Origin = sekisho.OriginBuilder
		}
		risk.Rank(b, risk.SettingOf(b), risk.Default(), ecosystem.Compare())
		out.Findings = slices.DeleteFunc(b.Findings, func(f sekisho.Finding) bool { return f.Suppressed != nil })
		r.Builders = append(r.Builders, out)
		r.Coverage.BuilderStages = sekisho.BuildersInPart
	}
	return nil
}
