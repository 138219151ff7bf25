// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const (
	spdxPredicate = "https://spdx.dev/Document"
	// maxStages bounds how many documents of one image are read, maxStageSBOM one
	// of them, in bytes.
	maxStages    = 64
	maxStageSBOM = 64 << 20
)

// stageSBOMs gives a function that reads what BuildKit attached to the manifest
// with BUILDKIT_SBOM_SCAN_STAGE: an SPDX statement a stage, beside the one about
// the image. It is nil where the index has no attestation of the manifest.
// See https://docs.docker.com/build/metadata/attestations/sbom/.
func (a *assembly) stageSBOMs(subject string) func(context.Context) ([]sekisho.StageSBOM, error) {
	var at []v1.Hash
	for _, e := range a.entries {
		if e.attestation && e.subject == subject && a.holds(e.desc.Digest) {
			at = append(at, e.desc.Digest)
		}
	}
	if len(at) == 0 {
		return nil
	}
	return func(ctx context.Context) ([]sekisho.StageSBOM, error) {
		var out []sekisho.StageSBOM
		for _, digest := range at {
			raw, mediaType, _, err := a.store.Manifest(ctx, digest.String())
			if err != nil {
				return out, message.Errorf("read attestation %s: %w", digest, err)
			}
			doc, err := parseDocument(raw, mediaType, digest.String())
			if err != nil {
				return out, err
			}
			if doc.manifest == nil {
				continue
			}
			for _, l := range doc.manifest.Layers {
				if l.Annotations["in-toto.io/predicate-type"] != spdxPredicate || !a.holds(l.Digest) || len(out) == maxStages {
					continue
				}
				body, err := readBlob(ctx, a.store, l, maxStageSBOM)
				if err != nil {
					return out, message.Errorf("read the bill of materials of a stage: %w", err)
				}
				s, err := parseStageSBOM(body, subject)
				if err != nil {
					return out, err
				}
				if s != nil {
					out = append(out, *s)
				}
			}
		}
		return out, nil
	}
}

// parseStageSBOM reads a statement with an SPDX document; nil for the one about
// the image. BuildKit mounts a stage at /run/src/extras/sbom-NAME for the
// scanner, and scanners name the document after that.
func parseStageSBOM(raw []byte, subject string) (*sekisho.StageSBOM, error) {
	var s struct {
		PredicateType string `json:"predicateType"`
		Subject       []struct {
			Digest map[string]string `json:"digest"`
		} `json:"subject"`
		Predicate json.RawMessage `json:"predicate"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, message.Errorf("read the bill of materials of a stage: %w", err)
	}
	if s.PredicateType != spdxPredicate {
		return nil, message.Errorf("read the bill of materials of a stage: predicate type %q is not SPDX's", s.PredicateType)
	}
	algorithm, hex, _ := strings.Cut(subject, ":")
	if len(s.Subject) > 0 && !slices.ContainsFunc(s.Subject, func(e struct {
		Digest map[string]string `json:"digest"`
	},
	) bool {
		return hex != "" && e.Digest[algorithm] == hex
	}) {
		return nil, message.Errorf("read the bill of materials of a stage: the statement is about another image than %s", subject)
	}
	var doc struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(s.Predicate, &doc); err != nil {
		return nil, message.Errorf("read the bill of materials of a stage: %w", err)
	}
	stage, ok := strings.CutPrefix(doc.Name[strings.LastIndexByte(doc.Name, '/')+1:], "sbom-")
	if !ok || stage == "" {
		return nil, nil //nolint:nilnil // the document of the image itself
	}
	return &sekisho.StageSBOM{Stage: stage, Document: s.Predicate}, nil
}
