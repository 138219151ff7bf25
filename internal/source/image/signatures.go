// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/signature"
)

// What signatures of an image may cost: lookups and documents in all, the bytes
// of all, and those of one payload of cosign, which is some hundred bytes long.
const (
	maxSignatureDocs  = 256
	maxSignatureBytes = 64 << 20
	maxPayload        = 1 << 20
)

// Annotations of cosign.
// See https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md.
const (
	cosignSignature   = "dev.cosignproject.cosign/signature"
	cosignCertificate = "dev.sigstore.cosign/certificate"
	cosignKind        = "kind" // of an entry of a layout that cosign saved
	cosignKinds       = "dev.cosignproject.cosign/"
)

// typeCosignReferrer is the type of cosign's signatures that refer to an image.
const typeCosignReferrer = "application/vnd.dev.cosign.artifact.sig.v1+json"

// signatures finds what may be a signature of the manifest, or of the index that
// it was chosen from: under cosign's tags, and among what refers to it.
func (a *assembly) signatures(ctx context.Context, digest string) (*sekisho.SignatureSearch, []sekisho.Problem) {
	f := signatureFinder{assembly: a, search: &sekisho.SignatureSearch{Digests: []string{digest}, Asked: true}}
	if a.indexDigest != "" && a.indexDigest != digest {
		f.search.Digests = append(f.search.Digests, a.indexDigest)
	}
	for _, tail := range []string{".sig", "", ".att"} {
		for _, d := range f.search.Digests {
			switch tag := strings.Replace(d, ":", "-", 1) + tail; tail {
			case "":
				f.referrers(ctx, d)
			default:
				f.manifest(ctx, tag, false)
			}
		}
	}
	if _, local := a.store.(holder); local {
		// What a layout holds is not all that there is.
		f.search.Asked, f.search.Why = false, sekisho.Tell(message.SignatureLocal.Words(a.source))
	}
	return f.search, f.problems
}

// signatureFinder collects what may be signatures of one image.
type signatureFinder struct {
	*assembly

	search   *sekisho.SignatureSearch
	problems []sekisho.Problem
	seen     map[string]bool
	blobs    map[string][]byte
	bytes    int64
	full     bool
}

// unread says that something could not be read: there may be a signature in it.
func (f *signatureFinder) unread(path string, err error) {
	f.search.Asked = false
	p := sekisho.Problem{Stage: sekisho.StageOpen, Path: path, Minor: true}
	f.problems = append(f.problems, p.Saying(message.Say("what may be a signature of the image cannot be read: %w", err)))
}

// first says whether something was not looked at before, and is not too much.
func (f *signatureFinder) first(key string) bool {
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	switch {
	case f.full, f.seen[key]:
		return false
	case len(f.seen) >= maxSignatureDocs:
		f.tooMany()
		return false
	}
	f.seen[key] = true
	return true
}

func (f *signatureFinder) tooMany() {
	code, args, english := message.SignatureTooMany.Words(maxSignatureDocs, maxSignatureBytes>>20)
	f.full, f.search.Asked, f.search.Why = true, false, sekisho.Tell(code, args, english)
	p := sekisho.Problem{Stage: sekisho.StageOpen, Path: f.search.Digests[0], Minor: true}
	f.problems = append(f.problems, p.Saying(code, args, english))
}

// referrers reads what refers to the digest and may be a signature.
func (f *signatureFinder) referrers(ctx context.Context, digest string) {
	all, err := f.store.Referrers(ctx, digest)
	if err != nil {
		f.unread(digest, err)
		return
	}
	for i := range all {
		switch kind := all[i].ArtifactType; {
		case kind == "", kind == typeCosignReferrer, kind == signature.TypeEnvelope, kind == signature.TypeInToto, strings.HasPrefix(kind, signature.TypeBundle), kind == typeEmpty:
			f.manifest(ctx, all[i].Digest.String(), true)
		case kind == signature.TypeNotation, strings.Contains(strings.ToLower(kind), "signature"):
			if f.first(all[i].Digest.String()) {
				f.foreign(all[i].Digest.String(), kind)
			}
		}
	}
}

// typeEmpty is the type of a configuration that says nothing. Registries that
// know no type of the artifact list it in its place.
const typeEmpty = "application/vnd.oci.empty.v1+json"

func (f *signatureFinder) foreign(manifest, kind string) {
	f.search.Documents = append(f.search.Documents, sekisho.SignedDocument{Manifest: manifest, MediaType: kind})
}

// manifest reads the documents that a manifest carries as layers; known is true
// where it should be there.
func (f *signatureFinder) manifest(ctx context.Context, ref string, known bool) {
	if ctx.Err() != nil || !f.first(ref) {
		return
	}
	raw, mediaType, digest, err := f.store.Manifest(ctx, ref)
	if err != nil {
		if known || !errors.Is(err, errNoImage) {
			f.unread(ref, err)
		}
		return
	}
	doc, err := parseDocument(raw, mediaType, ref)
	if err != nil {
		f.unread(ref, err)
		return
	}
	if doc.manifest == nil {
		return // signatures lie in manifests
	}
	if kind := first(doc.manifest.ArtifactType, string(doc.manifest.Config.MediaType)); kind == signature.TypeNotation {
		f.foreign(digest, kind)
		return
	}
	for i := range doc.manifest.Layers {
		f.layer(ctx, &doc.manifest.Layers[i], digest)
	}
}

func (f *signatureFinder) layer(ctx context.Context, l *v1.Descriptor, manifest string) {
	kind, limit := string(l.MediaType), int64(maxStatement)
	d := sekisho.SignedDocument{Manifest: manifest, MediaType: kind, Certificate: l.Annotations[cosignCertificate] != ""}
	switch {
	case kind == signature.TypeSimple:
		limit, d.Signature = maxPayload, l.Annotations[cosignSignature]
	case kind == signature.TypeEnvelope, strings.HasPrefix(kind, signature.TypeBundle):
	default:
		return // a bare statement has no signature
	}
	// Several signatures are of one payload.
	id := l.Digest.String()
	if !f.first(id + " " + d.Signature + " " + strconv.FormatBool(d.Certificate)) {
		return
	}
	text, ok := f.blobs[id]
	if !ok {
		if f.bytes += max(l.Size, 0); f.bytes > maxSignatureBytes {
			f.tooMany()
			return
		}
		var err error
		if text, err = readBlob(ctx, f.store, *l, limit); err != nil {
			f.unread(manifest, err)
			return
		}
		if f.blobs == nil {
			f.blobs = map[string][]byte{}
		}
		f.blobs[id] = text
	}
	d.Text = text
	f.search.Documents = append(f.search.Documents, d)
}

// besideImage says whether an entry of a layout's index is no image but lies
// beside one: a signature, an attestation, what refers to another.
func besideImage(d v1.Descriptor) bool {
	if kind, ok := strings.CutPrefix(d.Annotations[cosignKind], cosignKinds); ok {
		return !strings.HasPrefix(kind, "image")
	}
	if d.ArtifactType != "" && !isImageConfig(typeOf(d.ArtifactType)) && d.Platform == nil {
		return true
	}
	return slices.ContainsFunc([]string{".sig", ".att", ".sbom"}, func(tail string) bool { return isDigestTag(d, tail) })
}

// isDigestTag says whether an entry has a name such as sha256-0123.sig.
func isDigestTag(d v1.Descriptor, tail string) bool {
	name := imageName(d)
	name = name[strings.LastIndex(name, ":")+1:]
	hex, ok := strings.CutSuffix(strings.TrimPrefix(name, "sha256-"), tail)
	return ok && len(hex) == 64 && strings.HasPrefix(name, "sha256-")
}
