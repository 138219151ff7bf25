// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/signature"
)

// What statements beside an image may cost.
const (
	maxAttached      = 64
	maxAttachedBytes = 64 << 20
)

// Media types of what holds statements.
const (
	typeEnvelope = signature.TypeEnvelope
	typeInToto   = signature.TypeInToto
	typeBundle   = signature.TypeBundle
)

// vexPredicates are the types of in-toto's statements that speak of what
// affects an image: OpenVEX, CycloneDX with an analysis, CSAF.
var vexPredicates = []string{"https://openvex.dev/ns", "https://cyclonedx.org/", "https://docs.oasis-open.org/csaf/"}

// attachments finds the VEX documents beside the manifest: those that refer to
// it (or to the index that it was chosen from), cosign's tag of attestations,
// and what BuildKit put into the index.
// See https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
// and https://github.com/sigstore/cosign/blob/main/specs/ATTESTATION_SPEC.md.
func (a *assembly) attachments(ctx context.Context, subject string) ([]sekisho.Attachment, []sekisho.Problem) {
	f := attachedFinder{assembly: a, subjects: []string{subject}}
	if a.indexDigest != "" {
		f.subjects = append(f.subjects, a.indexDigest)
	}
	for _, s := range f.subjects {
		all, err := a.store.Referrers(ctx, s)
		if err != nil {
			f.problem(s, message.Errorf("list what refers to the image: %w", err))
		}
		for i := range all {
			f.manifest(ctx, all[i].Digest.String(), true)
		}
		f.manifest(ctx, strings.Replace(s, ":", "-", 1)+".att", false)
	}
	for _, e := range a.entries {
		if e.attestation && slices.Contains(f.subjects, e.subject) && a.holds(e.desc.Digest) {
			f.manifest(ctx, e.desc.Digest.String(), true)
		}
	}
	return f.found, f.problems
}

// attachedFinder collects statements about one image.
type attachedFinder struct {
	*assembly
	subjects []string
	found    []sekisho.Attachment
	problems []sekisho.Problem
	seen     map[string]bool
	bytes    int64
	full     bool
}

func (f *attachedFinder) problem(path string, err error) {
	f.problems = append(f.problems, sekisho.Problem{Stage: sekisho.StageOpen, Path: path, Minor: true}.Saying(message.Words(err)))
}

// first says whether something was not looked at before, and is not too much.
func (f *attachedFinder) first(key string) bool {
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	if f.seen[key] || f.full {
		return false
	}
	if len(f.seen) >= maxAttached {
		f.full = true
		f.problem(f.subjects[0], message.Errorf("more than %d documents are attached to the image: the rest was not read", maxAttached))
		return false
	}
	f.seen[key] = true
	return true
}

// manifest reads the statements that a manifest carries as layers; known is true
// where it should be there.
func (f *attachedFinder) manifest(ctx context.Context, ref string, known bool) {
	if ctx.Err() != nil || !f.first(ref) {
		return
	}
	raw, mediaType, digest, err := f.store.Manifest(ctx, ref)
	if err != nil {
		if known {
			f.problem(ref, message.Errorf("read what is attached to the image: %w", err))
		}
		return
	}
	doc, err := parseDocument(raw, mediaType, ref)
	if err != nil || doc.manifest == nil {
		if err != nil {
			f.problem(ref, err)
		}
		return
	}
	for _, l := range doc.manifest.Layers {
		kind := string(l.MediaType)
		wrapped := kind == typeEnvelope || kind == typeInToto || strings.HasPrefix(kind, typeBundle)
		if predicate := l.Annotations["in-toto.io/predicate-type"] + l.Annotations["predicateType"]; wrapped && predicate != "" && !vexPredicate(predicate) || !wrapped && !vexMedia(kind) {
			continue
		}
		if !f.holds(l.Digest) || !f.first(l.Digest.String()) {
			continue
		}
		if f.bytes += l.Size; f.bytes > maxAttachedBytes {
			f.full = true
			f.problem(ref, message.Errorf("more than %d MiB are attached to the image: the rest was not read", maxAttachedBytes>>20))
			return
		}
		f.layer(ctx, l, digest, wrapped)
	}
}

func (f *attachedFinder) layer(ctx context.Context, l v1.Descriptor, digest string, wrapped bool) {
	body, err := readBlob(ctx, f.store, l, maxStatement)
	if err != nil {
		f.problem(digest, message.Errorf("read what is attached to the image: %w", err))
		return
	}
	var envelope []byte
	signed := false
	if wrapped {
		envelope = body
		if body, signed, err = f.unwrap(body); err != nil {
			f.problem(digest, message.Errorf("read what is attached to the image: %w", err))
			return
		}
	}
	if body != nil {
		if !signed {
			envelope = nil
		}
		f.found = append(f.found, sekisho.Attachment{Name: digest, Text: body, Signed: signed, Envelope: envelope})
	}
}

// unwrap takes the predicate out of an in-toto statement, and that out of an
// envelope; nil where it says nothing of what affects the image. Signed is true
// for an envelope that carries a signature: it is not verified here.
func (f *attachedFinder) unwrap(body []byte) (predicate []byte, signed bool, err error) {
	switch e, err := signature.OpenEnvelope(body); {
	case err == nil:
		body, signed = e.Payload, len(e.Signatures) > 0
	case !errors.Is(err, signature.ErrNoEnvelope):
		return nil, false, err
	}
	s, err := signature.ParseStatement(body)
	if err != nil {
		return nil, false, err
	}
	if !vexPredicate(s.PredicateType) || len(bytes.TrimSpace(s.Predicate)) == 0 {
		return nil, false, nil
	}
	if s.About(f.subjects) == "" {
		return nil, false, message.Errorf("the statement is about another image than %s", f.subjects[0])
	}
	return s.Predicate, signed, nil
}

func vexPredicate(s string) bool {
	return slices.ContainsFunc(vexPredicates, func(p string) bool { return strings.HasPrefix(s, p) })
}

// vexMedia says whether a layer is a VEX document as it is.
func vexMedia(kind string) bool {
	kind = strings.ToLower(kind)
	return strings.Contains(kind, "openvex") || strings.Contains(kind, "vex+json") || strings.Contains(kind, "csaf") || strings.Contains(kind, "cyclonedx+json")
}
