// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/base"
	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/risk"
	"github.com/sekisho/sekisho/internal/scan"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/source/image"
	"github.com/sekisho/sekisho/internal/source/sbom"
)

// recognised is what is known of the base and the build of one image.
type recognised struct {
	base *sekisho.BaseImage
	// builders are the images of other stages; several is true when there were
	// other stages.
	builders []base.Material
	several  bool
	// stages are the names of the other stages, where all are known; sboms reads
	// what the builder attached about some of them, and may be nil.
	stages []string
	sboms  func(context.Context) ([]sekisho.StageSBOM, error)
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
	r.Problems = append(r.Problems, sekisho.Problem{Stage: sekisho.StageOpen, Minor: true}.Saying(message.Note(m, args...)))
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
	name, _, _ := strings.Cut(r.Base.Name, "@")
	o, err := in.app.imageOptions(in.claimed(r, name), in.app.newProgress(true))
	if err != nil {
		return err
	}
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

// claimed are the flags for opening an image that the result's image names. The
// name may be anybody's: the credentials of the command line go to the registry of
// the target alone. Those that Docker keeps are a registry's own anyway.
func (in *inspector) claimed(r *sekisho.Result, name string) *scanFlags {
	f := in.platformOf(r)
	if r.Target.Source != "registry" || imageref.Parse(r.Target.Name, "").Registry != imageref.Parse(name, "").Registry {
		f.registry.username, f.registry.password, f.registry.token = "", "", ""
	}
	return f
}

// beside inspects another image in the way of the result's own.
func (in *inspector) beside(ctx context.Context, name string, f *scanFlags) (*sekisho.Result, error) {
	other := in.quiet()
	other.flags = f
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
		c, err := in.beside(ctx, name, in.platformOf(r))
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

// scanBuilders judges the bills of materials of other stages, where the builder
// attached them, and inspects the images of the rest. What the steps of a stage
// added to its image is in its bill of materials alone.
func (in *inspector) scanBuilders(ctx context.Context, r *sekisho.Result, known *recognised) error {
	have, err := in.judgeStages(ctx, r, known)
	if err != nil {
		return err
	}
	if len(have) > 0 {
		r.Coverage.BuilderStages = sekisho.BuildersInPart
	}
	if len(known.stages) > 0 && !slices.ContainsFunc(known.stages, func(name string) bool { return !have[strings.ToLower(name)] }) {
		r.Coverage.BuilderStages = sekisho.BuildersAssessed
		return nil
	}
	for _, m := range known.builders {
		out := sekisho.BuilderImage{Name: m.Name, Digest: m.Digest}
		b, err := in.beside(ctx, "image:"+m.Reference(), in.claimed(r, m.Name))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			out.Error = oneLine(err)
			r.Builders = append(r.Builders, out)
			continue
		}
		r.Builders = append(r.Builders, builderOf(out, b))
		r.Coverage.BuilderStages = sekisho.BuildersInPart
	}
	return nil
}

// judgeStages judges the bills of materials of stages, and gives their names.
func (in *inspector) judgeStages(ctx context.Context, r *sekisho.Result, known *recognised) (map[string]bool, error) {
	if known.sboms == nil {
		return nil, nil
	}
	all, err := known.sboms(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		in.note(r, message.BaseStageFails, err)
	}
	have := map[string]bool{}
	for _, s := range all {
		out := sekisho.BuilderImage{Name: s.Stage, Stage: true}
		art, err := sbom.Open(ctx, bytes.NewReader(s.Document), s.Stage, sbom.Options{Bounds: in.flags.bounds()})
		var b *sekisho.Result
		if err == nil {
			opt := in.base
			in.perTarget(art, &opt)
			b, err = scan.Run(ctx, art, opt)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			out.Error = oneLine(err)
			r.Builders = append(r.Builders, out)
			continue
		}
		have[strings.ToLower(s.Stage)] = true
		r.Builders = append(r.Builders, builderOf(out, b))
	}
	return have, nil
}

// builderOf takes over what was found: it is in a builder stage only.
func builderOf(out sekisho.BuilderImage, b *sekisho.Result) sekisho.BuilderImage {
	out.Assessed, out.Packages = true, len(b.Packages)
	for i := range b.Findings {
		b.Findings[i].Origin = sekisho.OriginBuilder
	}
	risk.Rank(b, risk.SettingOf(b), risk.Default(), ecosystem.Compare())
	out.Findings = slices.DeleteFunc(b.Findings, func(f sekisho.Finding) bool { return f.Suppressed != nil })
	return out
}
