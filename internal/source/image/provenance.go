// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const (
	maxStatement = 16 << 20
	maxMaterials = 10_000
	slsaPrefix   = "https://slsa.dev/provenance/"
)

// claimed reads what labels and annotations say of an image's origin; the
// annotations, which the last one to push wrote, go before the labels, which a
// base image may have left behind.
// See https://github.com/opencontainers/image-spec/blob/main/annotations.md.
func claimed(img *sekisho.ImageConfig) *sekisho.Provenance {
	const prefix = "org.opencontainers.image."
	get := func(key string) string {
		if v := img.Annotations[prefix+key]; v != "" {
			return v
		}
		return img.Labels[prefix+key]
	}
	p := sekisho.Provenance{Source: get("source"), Revision: get("revision"), BaseName: get("base.name"), BaseDigest: get("base.digest")}
	if p.Source == "" && p.Revision == "" && p.BaseName == "" && p.BaseDigest == "" {
		return nil
	}
	return &p
}

// statement is an in-toto statement with a SLSA provenance of either version:
// https://slsa.dev/spec/v0.2/provenance, https://slsa.dev/spec/v1.0/provenance.
type statement struct {
	PredicateType string `json:"predicateType"`
	Subject       []struct {
		Digest map[string]string `json:"digest"`
	} `json:"subject"`
	Predicate struct {
		// v0.2
		Builder   struct{ ID string } `json:"builder"`
		BuildType string              `json:"buildType"`
		Materials []material          `json:"materials"`
		Metadata  struct {
			BuildKit buildkit `json:"https://mobyproject.org/buildkit@v1#metadata"`
		} `json:"metadata"`
		BuildConfig buildConfig `json:"buildConfig"`
		Invocation  struct {
			Parameters parameters `json:"parameters"`
		} `json:"invocation"`
		// v1
		BuildDefinition struct {
			BuildType            string     `json:"buildType"`
			ResolvedDependencies []material `json:"resolvedDependencies"`
			ExternalParameters   struct {
				Request parameters `json:"request"`
			} `json:"externalParameters"`
			InternalParameters struct {
				BuildConfig buildConfig `json:"buildConfig"`
			} `json:"internalParameters"`
		} `json:"buildDefinition"`
		RunDetails struct {
			Builder  struct{ ID string } `json:"builder"`
			Metadata struct {
				BuildKit buildkit `json:"buildkit_metadata"`
			} `json:"metadata"`
		} `json:"runDetails"`
	} `json:"predicate"`
}

type material struct {
	URI    string            `json:"uri"`
	Digest map[string]string `json:"digest"`
}

// vcs is what BuildKit noted of the working tree.
type vcs struct {
	Source   string `json:"source"`
	Revision string `json:"revision"`
}

// parseStatement adds what a provenance statement says to p. The statement must
// be about the manifest with the digest subject.
func parseStatement(raw []byte, subject string, p *sekisho.Provenance) error {
	var s statement
	if err := document.Decode(raw, &s); err != nil && !typeError(err) {
		return message.Errorf("read provenance: %w", err)
	}
	if !strings.HasPrefix(s.PredicateType, slsaPrefix) {
		return message.Errorf("read provenance: predicate type %q is not SLSA's", s.PredicateType)
	}
	algorithm, hex, _ := strings.Cut(subject, ":")
	about := slices.ContainsFunc(s.Subject, func(e struct {
		Digest map[string]string `json:"digest"`
	},
	) bool {
		return e.Digest[algorithm] == hex
	})
	if len(s.Subject) > 0 && !about {
		return message.Errorf("read provenance: the statement is about another image than %s", subject)
	}
	p.PredicateType = s.PredicateType
	pr := &s.Predicate
	p.Builder = first(pr.RunDetails.Builder.ID, pr.Builder.ID)
	p.BuildType = first(pr.BuildDefinition.BuildType, pr.BuildType)
	materials := pr.BuildDefinition.ResolvedDependencies
	if len(materials) == 0 {
		materials = pr.Materials
	}
	for _, m := range materials[:min(len(materials), maxMaterials)] {
		parts := []string{m.URI}
		for _, a := range slices.Sorted(maps.Keys(m.Digest)) {
			parts = append(parts, a+":"+m.Digest[a])
		}
		p.Materials = append(p.Materials, strings.TrimSpace(strings.Join(parts, " ")))
	}
	noted := &pr.RunDetails.Metadata.BuildKit
	if noted.VCS == (vcs{}) && noted.Source.Infos == nil && noted.Layers == nil {
		noted = &pr.Metadata.BuildKit
	}
	config := &pr.BuildDefinition.InternalParameters.BuildConfig
	if len(config.Steps) == 0 {
		config = &pr.BuildConfig
	}
	request := &pr.BuildDefinition.ExternalParameters.Request
	if len(request.Args) == 0 {
		request = &pr.Invocation.Parameters
	}
	p.Build = recordOf(noted, config, request)
	tree := noted.VCS
	p.Source, p.Revision = first(p.Source, tree.Source), first(p.Revision, tree.Revision)
	return nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// attested reads the provenance that BuildKit attached to the manifest with the
// digest subject: an attestation manifest of the same index, with one in-toto
// statement a layer.
// See https://docs.docker.com/build/metadata/attestations/attestation-storage/.
func (a *assembly) attested(ctx context.Context, subject string, p *sekisho.Provenance) error {
	for _, e := range a.entries {
		if !e.attestation || e.subject != subject || !a.holds(e.desc.Digest) {
			continue
		}
		raw, mediaType, _, err := a.store.Manifest(ctx, e.desc.Digest.String())
		if err != nil {
			return message.Errorf("read attestation %s: %w", e.desc.Digest, err)
		}
		doc, err := parseDocument(raw, mediaType, e.desc.Digest.String())
		if err != nil {
			return err
		}
		if doc.manifest == nil {
			continue
		}
		for _, l := range doc.manifest.Layers {
			if !strings.HasPrefix(l.Annotations["in-toto.io/predicate-type"], slsaPrefix) || !a.holds(l.Digest) {
				continue
			}
			body, err := readBlob(ctx, a.store, l, maxStatement)
			if err != nil {
				return message.Errorf("read provenance: %w", err)
			}
			return parseStatement(body, subject, p)
		}
	}
	return nil
}
