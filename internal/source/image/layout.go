// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Annotations that name an image of a layout: the specification's own, which
// holds a tag or a whole reference, and containerd's, which Docker writes too.
const (
	refNameKey    = "org.opencontainers.image.ref.name"
	containerdKey = "io.containerd.image.name"
)

// layout is an OCI image layout, in a directory or an archive.
// See https://github.com/opencontainers/image-spec/blob/main/image-layout.md.
type layout struct {
	files
	name  string
	index *v1.IndexManifest
	close func() error
}

// openLayout reads the index of a layout.
func openLayout(ctx context.Context, from files, name string, release func() error) (*layout, error) {
	raw, err := readFile(ctx, from, "index.json", maxManifest)
	if err != nil {
		return nil, err
	}
	doc, err := parseDocument(raw, "", name)
	if err != nil {
		return nil, err
	}
	if doc.index == nil {
		return nil, message.Errorf("read %s: its index.json is no image index", name)
	}
	return &layout{files: from, name: name, index: doc.index, close: release}, nil
}

// Manifest reads the blob of a digest, or of a tag by which the index names it.
func (l *layout) Manifest(ctx context.Context, ref string) ([]byte, string, string, error) {
	if !strings.Contains(ref, ":") {
		i := slices.IndexFunc(l.index.Manifests, func(d v1.Descriptor) bool { return named(d, ref) })
		if i < 0 {
			return nil, "", "", message.Errorf("read manifest %s of %s: %w", ref, l.name, errNoImage)
		}
		ref = l.index.Manifests[i].Digest.String()
	}
	h, err := v1.NewHash(ref)
	if err != nil {
		return nil, "", "", message.Errorf("read manifest %s of %s: %w", ref, l.name, err)
	}
	raw, err := readFile(ctx, l.files, blobPath(h), maxManifest)
	if err != nil {
		return nil, "", "", err
	}
	return raw, "", ref, verify(raw, h)
}

// Blob opens a blob. One of another size than the descriptor says is an error.
func (l *layout) Blob(ctx context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	rc, size, err := l.open(ctx, blobPath(d.Digest))
	if err != nil {
		return nil, err
	}
	if d.Size > 0 && size != d.Size {
		rc.Close()
		return nil, message.Errorf("blob %s of %s has %d bytes and not %d as its manifest says: it was cut off or exchanged, save or copy the image again", d.Digest, l.name, size, d.Size)
	}
	return rc, nil
}

// Referrers of a layout are the entries of its index that name digest as their
// subject, and what cosign saved beside an image.
func (l *layout) Referrers(ctx context.Context, digest string) ([]v1.Descriptor, error) {
	var out []v1.Descriptor
	for _, d := range l.index.Manifests[:min(len(l.index.Manifests), maxIndexFetches)] {
		if d.Platform != nil || d.MediaType.IsIndex() || !l.has(d.Digest) {
			continue
		}
		if besideImage(d) && d.Annotations[cosignKind] != "" {
			d.ArtifactType = "" // cosign states that of an image
			out = append(out, d)
			continue
		}
		raw, mediaType, _, err := l.Manifest(ctx, d.Digest.String())
		if err != nil {
			return nil, err
		}
		doc, err := parseDocument(raw, mediaType, l.name)
		if err != nil {
			return nil, err
		}
		if m := doc.manifest; m != nil && m.Subject != nil && m.Subject.Digest.String() == digest {
			d.ArtifactType = first(m.ArtifactType, d.ArtifactType, string(m.Config.MediaType))
			out = append(out, d)
		}
	}
	return out, nil
}

func (l *layout) Close() error {
	if l.close == nil {
		return nil
	}
	return l.close()
}

func (l *layout) has(h v1.Hash) bool { return l.exists(blobPath(h)) }

// artifacts opens the image that ref names: "" when there is but one, a tag, a
// whole reference, "@digest" or "@number".
func (l *layout) artifacts(ctx context.Context, ref string, a *assembly) ([]*sekisho.Artifact, error) {
	a.store = l
	chosen, err := l.pick(ref)
	if err != nil {
		return a.finish(nil, err)
	}
	for _, d := range l.index.Manifests {
		same := func(c v1.Descriptor) bool { return c.Digest == d.Digest }
		if n := imageName(d); n != "" && !slices.Contains(a.tags, n) && slices.ContainsFunc(chosen, same) {
			a.tags = append(a.tags, n)
		}
	}
	if len(chosen) == 1 {
		return a.open(ctx, chosen[0].Digest.String())
	}
	// Several manifests without an index over them: one image, a platform each.
	return a.openIndex(ctx, &v1.IndexManifest{Manifests: chosen})
}

// pick returns the descriptors of the one image that ref names.
func (l *layout) pick(ref string) ([]v1.Descriptor, error) {
	var all []v1.Descriptor
	for _, d := range l.index.Manifests {
		if d.Digest.Hex == "" {
			return nil, message.Errorf("read index of %s: an entry has no digest", l.name)
		}
		if ref != "" || !besideImage(d) {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		return nil, message.Errorf("%s holds no image", l.name)
	}
	found := all
	switch digest, isDigest := strings.CutPrefix(ref, "@"); {
	case ref == "":
	case isDigest:
		h, err := v1.NewHash(digest)
		if err != nil {
			return pickNumber(all, digest, l.name)
		}
		for _, d := range all {
			if d.Digest == h {
				return []v1.Descriptor{d}, nil
			}
		}
		if !l.has(h) {
			return nil, message.Errorf("%s holds no image %s: %v", l.name, digest, l.offer(all))
		}
		return []v1.Descriptor{{Digest: h}}, nil
	default:
		found = nil
		for _, d := range all {
			if named(d, ref) {
				found = append(found, d)
			}
		}
		if len(found) == 0 {
			return nil, message.Errorf("%s holds no image %s: %v", l.name, ref, l.offer(all))
		}
	}
	// The same manifest under several names is one image.
	var distinct []v1.Descriptor
	names := map[string]bool{}
	for _, d := range found {
		names[imageName(d)] = true
		if !slices.ContainsFunc(distinct, func(x v1.Descriptor) bool { return x.Digest == d.Digest }) {
			distinct = append(distinct, d)
		}
	}
	switch {
	case len(distinct) == 1:
		return distinct, nil
	case len(names) > 1 && !l.oneImage(distinct):
		return nil, message.Errorf("%s holds several images: %v", l.name, l.offer(all))
	case slices.ContainsFunc(distinct, func(d v1.Descriptor) bool { return d.MediaType.IsIndex() }):
		return nil, message.Errorf("%s holds several images of the same name: %v", l.name, l.offer(all))
	}
	return distinct, nil
}

// oneImage says whether at most one of the entries is an image with a name, and
// the others are attestations or have none.
func (l *layout) oneImage(ds []v1.Descriptor) bool {
	names := map[string]bool{}
	for _, d := range ds {
		if n := imageName(d); n != "" {
			names[n] = true
		}
	}
	return len(names) == 1
}

// offer says what there is to choose from.
func (l *layout) offer(all []v1.Descriptor) error {
	var have []string
	for _, d := range all {
		n := imageName(d)
		if n == "" {
			n = "@" + d.Digest.String()
		}
		if !slices.Contains(have, n) {
			have = append(have, n)
		}
	}
	return offerText(have)
}

func offerText(have []string) error {
	const most = 20
	tail := ""
	if n := len(have); n > most {
		have, tail = have[:most], fmt.Sprintf(" and %d more", n-most)
	}
	return message.Errorf("name one of them after a colon: %s", strings.Join(have, ", ")+tail)
}

// imageName is the name of an entry of a layout's index.
func imageName(d v1.Descriptor) string {
	return first(d.Annotations[containerdKey], d.Annotations[refNameKey])
}

// named says whether ref, a tag or a reference, names the entry.
func named(d v1.Descriptor, ref string) bool {
	for _, n := range []string{d.Annotations[containerdKey], d.Annotations[refNameKey]} {
		if n == "" {
			continue
		}
		if n == ref || familiar(n) == familiar(ref) || strings.HasSuffix(n, ":"+ref) {
			return true
		}
	}
	return false
}

// familiar shortens a reference to what Docker shows: without the registry and
// library of Docker Hub, and with its tag.
func familiar(ref string) string {
	for _, p := range []string{"docker.io/", "index.docker.io/"} {
		ref = strings.TrimPrefix(ref, p)
	}
	ref = strings.TrimPrefix(ref, "library/")
	if !strings.Contains(ref, "@") && !strings.Contains(ref[strings.LastIndex(ref, "/")+1:], ":") {
		ref += ":latest"
	}
	return ref
}
