// SPDX-License-Identifier: Apache-2.0

// Package image opens container images, wherever they are kept: a registry, a
// daemon, an archive, a directory. It reads manifests and configurations and
// hands out layers as streams; it does not look into files.
package image

import (
	"context"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// store is where manifests and blobs are kept: a repository of a registry, an
// OCI layout in a directory or an archive.
type store interface {
	// Manifest returns the raw bytes of the manifest or index that ref (a tag
	// or a digest) names, its media type and its digest. Bytes that do not have
	// the digest that was asked for are an error.
	Manifest(ctx context.Context, ref string) (raw []byte, mediaType string, digest string, err error)
	// Blob opens a blob. The caller verifies the digest while it reads.
	Blob(ctx context.Context, desc v1.Descriptor) (io.ReadCloser, error)
	// Referrers lists the descriptors that refer to digest (signatures, SBOMs,
	// attestations); none where the store has no such notion.
	Referrers(ctx context.Context, digest string) ([]v1.Descriptor, error)
	Close() error
}
