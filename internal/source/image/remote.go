// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// openRegistry opens an image in its registry; nothing is pulled but manifests
// and configuration until a layer is opened.
func openRegistry(ctx context.Context, ref string, o Options) ([]*sekisho.Artifact, error) {
	if err := checkReference(ref); err != nil {
		return nil, err
	}
	if o.remote == nil {
		return nil, errors.New("no registry can be asked: this build has none")
	}
	s, root, name, err := o.remote(ctx, ref, o)
	if err != nil {
		return nil, err
	}
	return (&assembly{store: s, opts: o, source: "registry", name: name}).open(ctx, root)
}
