// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// openRegistry opens an image in its registry; nothing is pulled but manifests
// and configuration until a layer is opened.
func openRegistry(ctx context.Context, ref string, o Options) ([]*sekisho.Artifact, error) {
	if err := checkReference(ref); err != nil {
		return nil, err
	}
	s, root, name, err := openRemote(ctx, ref, o)
	if err != nil {
		return nil, err
	}
	return (&assembly{store: s, opts: o, source: "registry", name: name}).open(ctx, root)
}
