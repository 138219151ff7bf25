// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What an index may cost: indexes in indexes, entries in all, and documents
// that are fetched to learn a platform that the index does not tell.
const (
	maxIndexDepth   = 4
	maxIndexEntries = 4096
	maxIndexFetches = 64
)

// assembly makes artifacts of one image in a store.
type assembly struct {
	store   store
	opts    Options
	source  string
	name    string
	tags    []string
	entries []entry

	indexDigest string
	indexNotes  map[string]string
	fetches     int
}

// entry is one manifest of an index.
type entry struct {
	desc        v1.Descriptor
	platform    *sekisho.Platform // nil when the index does not tell
	attestation bool
	subject     string
}

// holder is a store that knows without much ado which blobs it holds: archives
// and directories may lack some.
type holder interface{ has(h v1.Hash) bool }

func (a *assembly) holds(h v1.Hash) bool {
	s, ok := a.store.(holder)
	return !ok || s.has(h)
}

// open makes the artifacts of the manifest or index that root (a tag or a
// digest) names. It takes the store over: it is closed with the last artifact,
// or at once where there is an error.
func (a *assembly) open(ctx context.Context, root string) ([]*sekisho.Artifact, error) {
	return a.finish(a.fromRoot(ctx, root))
}

// openIndex does the same for an index that has no digest of its own.
func (a *assembly) openIndex(ctx context.Context, idx *v1.IndexManifest) ([]*sekisho.Artifact, error) {
	return a.finish(a.fromIndex(ctx, idx, ""))
}

func (a *assembly) finish(arts []*sekisho.Artifact, err error) ([]*sekisho.Artifact, error) {
	if err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	closeWithLast(arts, a.store.Close)
	return arts, nil
}

// closeWithLast closes what artifacts share when each of them was closed.
func closeWithLast(arts []*sekisho.Artifact, release func() error) {
	var open atomic.Int32
	open.Store(int32(len(arts)))
	for _, art := range arts {
		art.Close = sync.OnceValue(func() error {
			if open.Add(-1) > 0 {
				return nil
			}
			return release()
		})
	}
}

func (a *assembly) fromRoot(ctx context.Context, root string) ([]*sekisho.Artifact, error) {
	raw, mediaType, digest, err := a.store.Manifest(ctx, root)
	if err != nil {
		return nil, err
	}
	doc, err := parseDocument(raw, mediaType, a.name)
	if err != nil {
		return nil, err
	}
	if doc.index != nil {
		return a.fromIndex(ctx, doc.index, digest)
	}
	art, err := a.artifact(ctx, doc.manifest, digest, nil)
	if err != nil {
		return nil, err
	}
	want, asked, err := wanted(a.opts)
	if err != nil {
		return nil, err
	}
	if p := art.Target.Platform; asked && !a.opts.AllPlatforms && p != nil && rank(*p, want) == 0 {
		return nil, &PlatformError{Name: a.name, Want: want, Have: []sekisho.Platform{*p}}
	}
	return []*sekisho.Artifact{art}, nil
}

func (a *assembly) fromIndex(ctx context.Context, idx *v1.IndexManifest, digest string) ([]*sekisho.Artifact, error) {
	a.indexDigest, a.indexNotes = digest, idx.Annotations
	if err := a.flatten(ctx, idx, 1); err != nil {
		return nil, err
	}
	var held, missing []entry
	for i := range a.entries {
		e := &a.entries[i]
		switch {
		case e.attestation:
			continue
		case !a.holds(e.desc.Digest):
			missing = append(missing, *e)
			continue
		case e.platform == nil:
			p, err := a.askConfig(ctx, e.desc)
			if err != nil {
				return nil, err
			}
			e.platform = p
		}
		if !slices.ContainsFunc(held, func(h entry) bool { return h.desc.Digest == e.desc.Digest }) {
			held = append(held, *e)
		}
	}
	want, asked, err := wanted(a.opts)
	if err != nil {
		return nil, err
	}
	if len(held) == 0 && len(missing) == 0 {
		return nil, message.Errorf("index of %s holds no image: there is nothing to scan", a.name)
	}
	chosen := held
	if !a.opts.AllPlatforms {
		e, ok := choose(held, want)
		switch {
		case ok:
			chosen = []entry{e}
		case !asked && len(held) == 1:
			// Nobody asked for a platform and there is but one.
		default:
			if m, ok := choose(missing, want); ok {
				return nil, message.Errorf("%s %s lists platform %s but does not hold it: save or pull the image again for that platform", a.source, a.name, m.platform)
			}
			return nil, &PlatformError{Name: a.name, Want: want, Have: platforms(append(slices.Clone(held), missing...))}
		}
	}
	if len(chosen) == 0 {
		return nil, message.Errorf("%s %s lists platforms but holds none of them: save or pull the image again", a.source, a.name)
	}
	var arts []*sekisho.Artifact
	for _, e := range chosen {
		raw, mediaType, dg, err := a.store.Manifest(ctx, e.desc.Digest.String())
		if err != nil {
			return nil, err
		}
		doc, err := parseDocument(raw, mediaType, a.name)
		if err != nil {
			return nil, err
		}
		if doc.manifest == nil {
			return nil, message.Errorf("read index of %s: entry %s is no image manifest, although the index says so", a.name, e.desc.Digest)
		}
		art, err := a.artifact(ctx, doc.manifest, dg, &e)
		if err != nil {
			return nil, err
		}
		arts = append(arts, art)
	}
	if a.opts.AllPlatforms {
		for _, m := range missing {
			p := "of an unknown platform"
			if m.platform != nil {
				p = m.platform.String()
			}
			arts[0].Problems = append(arts[0].Problems, sekisho.Problem{Stage: sekisho.StageOpen, Path: m.desc.Digest.String()}.Saying(message.Say("the image for %s is listed but not held by the %s: it was not assessed, save or pull it for every platform", p, a.source)))
		}
	}
	return arts, nil
}

// flatten collects the manifests of an index and of the indexes in it.
func (a *assembly) flatten(ctx context.Context, idx *v1.IndexManifest, depth int) error {
	if depth > maxIndexDepth {
		return message.Errorf("read index of %s: indexes are nested deeper than %d", a.name, maxIndexDepth)
	}
	for _, d := range idx.Manifests {
		if len(a.entries) >= maxIndexEntries {
			return message.Errorf("read index of %s: it has more than the %d entries that are read", a.name, maxIndexEntries)
		}
		if d.Digest.Hex == "" {
			return message.Errorf("read index of %s: an entry has no digest", a.name)
		}
		if d.MediaType.IsSchema1() {
			continue
		}
		if d.MediaType.IsIndex() {
			if !a.holds(d.Digest) {
				continue
			}
			if err := a.fetch(); err != nil {
				return err
			}
			raw, mediaType, _, err := a.store.Manifest(ctx, d.Digest.String())
			if err != nil {
				return err
			}
			doc, err := parseDocument(raw, mediaType, a.name)
			if err != nil {
				return err
			}
			if doc.index == nil {
				return message.Errorf("read index of %s: entry %s is no index, although the index says so", a.name, d.Digest)
			}
			if err := a.flatten(ctx, doc.index, depth+1); err != nil {
				return err
			}
			continue
		}
		e := entry{desc: d, platform: platformOf(d.Platform)}
		switch {
		case d.Annotations["vnd.docker.reference.type"] != "":
			e.attestation, e.subject = true, d.Annotations["vnd.docker.reference.digest"]
		case e.platform != nil && e.platform.OS == "unknown" && e.platform.Architecture == "unknown":
			e.attestation = true
		case d.ArtifactType != "" && e.platform == nil && !isImageConfig(typeOf(d.ArtifactType)):
			continue // a signature, an SBOM or the like
		}
		a.entries = append(a.entries, e)
	}
	return nil
}

func (a *assembly) fetch() error {
	if a.fetches++; a.fetches > maxIndexFetches {
		return message.Errorf("read index of %s: more than %d manifests would have to be read to learn its platforms", a.name, maxIndexFetches)
	}
	return nil
}

// askConfig learns the platform of a manifest from its configuration.
func (a *assembly) askConfig(ctx context.Context, d v1.Descriptor) (*sekisho.Platform, error) {
	if err := a.fetch(); err != nil {
		return nil, err
	}
	raw, mediaType, _, err := a.store.Manifest(ctx, d.Digest.String())
	if err != nil {
		return nil, err
	}
	doc, err := parseDocument(raw, mediaType, a.name)
	if err != nil || doc.manifest == nil {
		return nil, err
	}
	if !isImageConfig(doc.manifest.Config.MediaType) || !a.holds(doc.manifest.Config.Digest) {
		return nil, nil
	}
	body, err := readBlob(ctx, a.store, doc.manifest.Config, maxConfig)
	if err != nil {
		return nil, err
	}
	c, _, err := parseConfig(body, a.name)
	return c.platform(), err
}

// artifact makes the artifact of a platform manifest. e is its entry in the
// index, nil when there is no index.
func (a *assembly) artifact(ctx context.Context, m *v1.Manifest, digest string, e *entry) (*sekisho.Artifact, error) {
	art := &sekisho.Artifact{Target: sekisho.Target{
		Kind: sekisho.KindImage, Name: a.name, Source: a.source,
		Digest: digest, IndexDigest: a.indexDigest, ConfigDigest: m.Config.Digest.String(),
	}}
	art.Layers, art.Problems = a.layers(m)

	img := &sekisho.ImageConfig{}
	var platform *sekisho.Platform
	if isImageConfig(m.Config.MediaType) {
		raw, err := readBlob(ctx, a.store, m.Config, maxConfig)
		if err != nil {
			return nil, message.Errorf("read configuration of %s: %w", a.name, err)
		}
		c, problems, err := parseConfig(raw, a.name)
		if err != nil {
			return nil, err
		}
		img, platform = c.image(), c.platform()
		art.Problems = append(art.Problems, problems...)
		art.Problems = append(art.Problems, c.describe(art.Layers)...)
	} else {
		art.Problems = append(art.Problems, sekisho.Problem{Stage: sekisho.StageOpen, Path: m.Config.Digest.String()}.Saying(message.Say("this is no container image: its configuration is of type %s", m.Config.MediaType)))
	}
	if e != nil && e.platform != nil {
		if platform != nil && rank(*platform, sekisho.Platform{OS: e.platform.OS, Architecture: e.platform.Architecture}) == 0 {
			art.Problems = append(art.Problems, sekisho.Problem{Stage: sekisho.StageOpen, Minor: true}.Saying(message.Say("the index says that this image is for %s, and its configuration says %s", e.platform, platform)))
		}
		platform = e.platform
	}
	if platform != nil {
		p := *platform
		art.Target.Platform = &p
	}
	if a.indexDigest != "" || len(a.entries) > 1 {
		art.Target.Platforms = a.platformManifests()
	}
	img.Tags = slices.Clone(a.tags)
	img.Annotations = merge(a.indexNotes, m.Annotations)
	img.Provenance = claimed(img)
	art.StageSBOMs = a.stageSBOMs(digest)
	if len(a.entries) > 0 {
		p := img.Provenance
		if p == nil {
			p = new(sekisho.Provenance)
		}
		if err := a.attested(ctx, digest, p); err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			art.Problems = append(art.Problems, sekisho.Problem{Stage: sekisho.StageOpen, Path: digest, Minor: true}.Saying(message.Words(err)))
		} else if p.PredicateType != "" {
			img.Provenance = p
		}
	}
	art.Image = img
	if a.opts.Attached {
		found, problems := a.attachments(ctx, digest)
		art.Attached, art.Problems = found, append(art.Problems, problems...)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if a.opts.Signatures {
		found, problems := a.signatures(ctx, digest)
		art.Signatures, art.Problems = found, append(art.Problems, problems...)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return art, nil
}

func (a *assembly) platformManifests() []sekisho.PlatformManifest {
	var out []sekisho.PlatformManifest
	for _, e := range a.entries {
		pm := sekisho.PlatformManifest{Digest: e.desc.Digest.String(), Attestation: e.attestation, Subject: e.subject}
		if e.platform != nil {
			pm.Platform = *e.platform
		}
		out = append(out, pm)
	}
	return out
}

// layers lists the layers of a manifest, with a problem for each that cannot be
// read.
func (a *assembly) layers(m *v1.Manifest) ([]sekisho.Layer, []sekisho.Problem) {
	var problems []sekisho.Problem
	_, local := a.store.(holder)
	var total int64
	for _, l := range m.Layers {
		total += max(l.Size, 0)
	}
	pull := newMeter("pull", total, a.opts.Progress)
	if local {
		pull = nil
	}
	out := make([]sekisho.Layer, len(m.Layers))
	for i, d := range m.Layers {
		digest := d.Digest.String()
		out[i] = sekisho.Layer{Digest: digest, MediaType: string(d.MediaType), Size: d.Size}
		var why error
		switch kindOfLayer(d.MediaType) {
		case layerForeign:
			if len(d.URLs) > 0 && !(local && a.holds(d.Digest)) {
				why = message.New("the layer is kept elsewhere (a foreign layer, as of Windows base images) and was not assessed: save the image with its foreign layers to scan it")
			}
		case layerEncrypted:
			why = message.New("the layer is encrypted and was not assessed: decrypt the image first")
		case layerUnknown:
			why = message.Errorf("the layer is of type %s, which is no file system, and was not assessed", d.MediaType)
		}
		if why == nil && !a.holds(d.Digest) {
			why = message.Errorf("the %s does not hold the layer, and it was not assessed: save or pull the image again", a.source)
		}
		if why != nil {
			problems = append(problems, sekisho.Problem{Stage: sekisho.StageOpen, Path: digest, Layer: digest}.Saying(message.Words(why)))
			continue
		}
		out[i].Open = func(ctx context.Context) (sekisho.FileStream, error) {
			rc, err := a.store.Blob(ctx, d)
			if err != nil {
				return nil, err
			}
			// The diff id was filled in after this function was made.
			return layer.NewStream(ctx, pull.wrap(rc), layer.Options{Digest: digest, DiffID: out[i].DiffID, Size: d.Size, Bounds: a.opts.Bounds})
		}
	}
	return out, problems
}

func platforms(entries []entry) []sekisho.Platform {
	var out []sekisho.Platform
	for _, e := range entries {
		if e.platform != nil {
			out = append(out, *e.platform)
		}
	}
	return out
}

// merge lays upper over lower; nil when both are empty.
func merge(lower, upper map[string]string) map[string]string {
	if len(lower)+len(upper) == 0 {
		return nil
	}
	out := make(map[string]string, len(lower)+len(upper))
	maps.Copy(out, lower)
	maps.Copy(out, upper)
	return out
}

// readBlob reads a small blob whole and verifies its digest.
func readBlob(ctx context.Context, s store, d v1.Descriptor, limit int64) ([]byte, error) {
	if d.Size > limit {
		return nil, message.Errorf("blob %s has %d bytes, more than the %d that are read", d.Digest, d.Size, limit)
	}
	rc, err := s.Blob(ctx, d)
	if err != nil {
		return nil, err
	}
	raw, err := readAll(ctx, rc, limit)
	if err := errors.Join(err, rc.Close()); err != nil {
		return nil, message.Errorf("read blob %s: %w", d.Digest, err)
	}
	return raw, verify(raw, d.Digest)
}

// readAll reads up to limit bytes; more are an error.
func readAll(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(cancellable(ctx, r), limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > limit {
		return nil, message.Errorf("it has more than the %d bytes that are read", limit)
	}
	return raw, nil
}

func verify(raw []byte, want v1.Hash) error {
	var h hash.Hash
	switch want.Algorithm {
	case "sha256":
		h = sha256.New()
	case "sha512":
		h = sha512.New()
	default:
		return message.Errorf("verify %s: the digest is of no known kind (sha256, sha512)", want)
	}
	h.Write(raw)
	if got := hex.EncodeToString(h.Sum(nil)); got != want.Hex {
		return message.Errorf("verify %s: the content has digest %s:%s: it was damaged or exchanged, pull or save the image again", want, want.Algorithm, got)
	}
	return nil
}

func validDigest(s string) bool {
	_, err := v1.NewHash(s)
	return err == nil
}

// errNoBlob is returned for what an archive or directory does not hold.
var errNoBlob = message.Errorf("blob is not there: %w", fs.ErrNotExist)
