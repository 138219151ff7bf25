// SPDX-License-Identifier: Apache-2.0

package sekisho

import (
	"slices"
	"strings"
)

// TargetKind says what sort of thing was opened.
type TargetKind string

// The kinds of target. The values appear in reports and are never reused.
const (
	KindImage      TargetKind = "image"
	KindRootFS     TargetKind = "rootfs"
	KindRepository TargetKind = "repository"
	KindSBOM       TargetKind = "sbom"
	KindPURL       TargetKind = "purl"
)

// Target names what was asked for and, once opened, what it turned out to be.
type Target struct {
	Kind TargetKind `json:"kind"`
	// Name is what a person would call it: an image reference, a path.
	Name string `json:"name"`
	// Source is the way it was opened: "registry", "docker", "podman",
	// "containerd", "docker-archive", "oci-archive", "oci-dir", "dir", "file",
	// "repo", "git" (a revision out of git's store), "sbom", "purl".
	Source string `json:"source"`
	// Digest is the digest of the platform manifest (images), the git commit
	// (repositories) or the file (SBOMs); empty where there is none.
	Digest string `json:"digest,omitempty"`
	// IndexDigest is the digest of the image index the manifest was chosen from.
	IndexDigest string `json:"indexDigest,omitempty"`
	// ConfigDigest is the digest of the image configuration, "image id" to Docker.
	ConfigDigest string    `json:"configDigest,omitempty"`
	Platform     *Platform `json:"platform,omitempty"`
	// Repository is the address of the origin and Revision the branch of a
	// source tree, as its git directory says.
	Repository string `json:"repository,omitempty"`
	Revision   string `json:"revision,omitempty"`
	// Platforms lists what else the index offers, when there was an index.
	Platforms []PlatformManifest `json:"platforms,omitempty"`
}

// PlatformManifest is one entry of an image index.
type PlatformManifest struct {
	Platform Platform `json:"platform"`
	Digest   string   `json:"digest"`
	// Attestation is true for BuildKit's attestation manifests, which hold no image.
	Attestation bool `json:"attestation,omitempty"`
	// Subject is the digest of the manifest that an attestation speaks of.
	Subject string `json:"subject,omitempty"`
}

// Platform is an OCI platform.
// See https://github.com/opencontainers/image-spec/blob/main/image-index.md.
type Platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant,omitempty"`
	OSVersion    string `json:"osVersion,omitempty"`
}

// ParsePlatform reads "os/arch[/variant]".
func ParsePlatform(s string) (Platform, error) {
	parts := strings.Split(s, "/")
	if len(parts) < 2 || len(parts) > 3 {
		return Platform{}, mistake("platform-form", "platform %q is not os/arch or os/arch/variant, for example linux/arm64", s)
	}
	if slices.Contains(parts, "") {
		return Platform{}, mistake("platform-part", "platform %q has an empty part, write it like linux/arm64", s)
	}
	p := Platform{OS: parts[0], Architecture: parts[1]}
	if len(parts) == 3 {
		p.Variant = parts[2]
	}
	return p, nil
}

func (p Platform) String() string {
	s := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

// Matches reports whether an image of platform p serves a request for want:
// same system and architecture, and the same variant where want names one.
func (p Platform) Matches(want Platform) bool {
	return p.OS == want.OS && p.Architecture == want.Architecture &&
		(want.Variant == "" || p.Variant == want.Variant || (want.Architecture == "arm64" && want.Variant == "v8" && p.Variant == ""))
}
