// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// saved is one image of the manifest.json that docker save writes.
// See https://github.com/moby/docker-image-spec/blob/main/v1.2.md.
type saved struct {
	Config   string   `json:"Config"`
	RepoTags []string `json:"RepoTags"`
	Layers   []string `json:"Layers"`
}

const maxSavedImages = 10_000

func parseSaved(raw []byte, name string) ([]saved, error) {
	var all []saved
	if err := document.Decode(raw, &all); err != nil {
		return nil, message.Errorf("read manifest.json of %s: it is not what docker save writes: %w", name, err)
	}
	if len(all) == 0 || len(all) > maxSavedImages {
		return nil, message.Errorf("read manifest.json of %s: it names %d images", name, len(all))
	}
	for i, s := range all {
		if s.Config == "" {
			return nil, message.Errorf("read manifest.json of %s: image %d names no configuration", name, i)
		}
		if len(s.Layers) > maxLayers {
			return nil, message.Errorf("read manifest.json of %s: image %d has %d layers, more than the %d that are read", name, i, len(s.Layers), maxLayers)
		}
	}
	return all, nil
}

// pickSaved returns the image that ref names: a tag, a reference, "@number" or
// "@" and the image id; "" when there is but one.
func pickSaved(all []saved, ref, name string) (saved, error) {
	var offer []string
	for i, s := range all {
		if len(s.RepoTags) == 0 {
			offer = append(offer, "@"+strconv.Itoa(i))
		}
		offer = append(offer, s.RepoTags...)
	}
	if ref == "" {
		for _, s := range all[1:] {
			if s.Config != all[0].Config {
				return saved{}, message.Errorf("archive %s holds several images: %v", name, offerText(offer))
			}
		}
		one := all[0]
		for _, s := range all[1:] {
			one.RepoTags = append(slices.Clone(one.RepoTags), s.RepoTags...)
		}
		return one, nil
	}
	if what, ok := strings.CutPrefix(ref, "@"); ok {
		for _, s := range all {
			if id := configHex(s.Config); id != "" && id == strings.TrimPrefix(what, "sha256:") {
				return s, nil
			}
		}
		picked, err := pickNumber(all, what, name)
		if err != nil {
			return saved{}, err
		}
		return picked[0], nil
	}
	for _, s := range all {
		if slices.ContainsFunc(s.RepoTags, func(tag string) bool { return familiar(tag) == familiar(ref) }) {
			return s, nil
		}
	}
	for _, s := range all {
		if slices.ContainsFunc(s.RepoTags, func(tag string) bool { return strings.HasSuffix(tag, ":"+ref) }) {
			return s, nil
		}
	}
	return saved{}, message.Errorf("archive %s holds no image %s: %v", name, ref, offerText(offer))
}

// pickNumber picks by position, as the syntax "@0" of other tools does.
func pickNumber[T any](all []T, number, name string) ([]T, error) {
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(all) {
		return nil, message.Errorf("%s holds no image @%s: it has %d, counted from @0", name, number, len(all))
	}
	return all[i : i+1 : i+1], nil
}

// configHex gives the image id that the path of a configuration tells, if any:
// "<id>.json", "blobs/sha256/<id>", "sha256:<id>".
func configHex(p string) string {
	s := p[strings.LastIndexAny(p, "/:")+1:]
	s = strings.TrimSuffix(s, ".json")
	if !validDigest("sha256:" + s) {
		return ""
	}
	return s
}

// fromSaved makes the artifact of an image that docker save wrote. It has no
// manifest, so that nothing but the image id and the diff ids can be verified.
func fromSaved(ctx context.Context, t *tarIndex, s saved, source string, o Options) (*sekisho.Artifact, error) {
	raw, err := t.read(ctx, s.Config, maxConfig)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	id := hex.EncodeToString(sum[:])
	if want := configHex(s.Config); want != "" && want != id {
		return nil, message.Errorf("archive %s: the configuration %s has digest sha256:%s: it was damaged or exchanged, save the image again", t.name, s.Config, id)
	}
	c, problems, err := parseConfig(raw, t.name)
	if err != nil {
		return nil, err
	}
	art := &sekisho.Artifact{
		Target: sekisho.Target{Kind: sekisho.KindImage, Name: t.name, Source: source, ConfigDigest: "sha256:" + id, Platform: c.platform()},
		Image:  c.image(), Problems: problems,
	}
	art.Image.Tags = s.RepoTags
	art.Image.Provenance = claimed(art.Image)
	art.Layers = make([]sekisho.Layer, len(s.Layers))
	for i, p := range s.Layers {
		l := &art.Layers[i]
		e, err := t.find(p)
		if err != nil {
			art.Problems = append(art.Problems, sekisho.Problem{Stage: sekisho.StageOpen, Path: p}.Saying(message.Say("%v: the layer was not assessed", err)))
			continue
		}
		l.Size = e.size
		l.Open = func(ctx context.Context) (sekisho.FileStream, error) {
			rc, size, err := t.open(ctx, p)
			if err != nil {
				return nil, err
			}
			return layer.NewStream(ctx, rc, layer.Options{DiffID: l.DiffID, Size: size, Bounds: o.Bounds})
		}
	}
	art.Problems = append(art.Problems, c.describe(art.Layers)...)
	want, asked, err := wanted(o)
	if err != nil {
		return nil, err
	}
	if p := art.Target.Platform; asked && !o.AllPlatforms && p != nil && rank(*p, want) == 0 {
		return nil, &PlatformError{Name: t.name, Want: want, Have: []sekisho.Platform{*p}}
	}
	return art, nil
}
