// SPDX-License-Identifier: Apache-2.0

package image

import (
	"encoding/json"
	"errors"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
)

// What a document may cost; document.Decode bounds its values. Registries refuse
// manifests above 4 MiB.
const (
	maxManifest = 8 << 20
	maxConfig   = 8 << 20
	maxLayers   = 1024
)

// manifestOrIndex is a manifest or an index, whichever is not nil.
type manifestOrIndex struct {
	index    *v1.IndexManifest
	manifest *v1.Manifest
}

// parseDocument reads an image manifest or an image index, of OCI or of Docker
// schema 2. What the bytes say of themselves goes before the media type that
// they came with. A document that could be read as both is refused, since its
// readers would not agree on what the image is.
// See https://github.com/opencontainers/image-spec/blob/main/manifest.md.
func parseDocument(raw []byte, mediaType, name string) (manifestOrIndex, error) {
	if len(raw) > maxManifest {
		return manifestOrIndex{}, message.Errorf("read manifest of %s: it has %d bytes, more than the %d that are read", name, len(raw), maxManifest)
	}
	var shape struct {
		SchemaVersion int             `json:"schemaVersion"`
		MediaType     string          `json:"mediaType"`
		Manifests     json.RawMessage `json:"manifests"`
		Layers        json.RawMessage `json:"layers"`
		Config        json.RawMessage `json:"config"`
		FSLayers      json.RawMessage `json:"fsLayers"`
	}
	if err := document.Decode(raw, &shape); err != nil {
		return manifestOrIndex{}, message.Errorf("read manifest of %s: it is no manifest: %w", name, err)
	}
	if shape.MediaType != "" {
		mediaType = shape.MediaType
	}
	mediaType, _, _ = strings.Cut(mediaType, ";")
	mt := types.MediaType(strings.TrimSpace(mediaType))
	if mt.IsSchema1() || shape.SchemaVersion == 1 || shape.FSLayers != nil {
		return manifestOrIndex{}, message.Errorf("image %s has a manifest of Docker's schema 1, which was given up in 2017 and cannot be verified: pull it with Docker and push it again, then scan that", name)
	}
	isIndex, isImage := shape.Manifests != nil, shape.Layers != nil || shape.Config != nil
	switch {
	case isIndex && isImage:
		return manifestOrIndex{}, message.Errorf("read manifest of %s: it is an index and an image at once, which is not allowed: build the image again", name)
	case mt.IsIndex() || isIndex && !mt.IsImage():
		var idx v1.IndexManifest
		if err := document.Decode(raw, &idx); err != nil {
			return manifestOrIndex{}, message.Errorf("read index of %s: %w", name, err)
		}
		return manifestOrIndex{index: &idx}, nil
	case mt.IsImage() || isImage:
		var m v1.Manifest
		if err := document.Decode(raw, &m); err != nil {
			return manifestOrIndex{}, message.Errorf("read manifest of %s: %w", name, err)
		}
		if m.Config.Digest.Hex == "" {
			return manifestOrIndex{}, message.Errorf("read manifest of %s: it names no configuration", name)
		}
		if len(m.Layers) > maxLayers {
			return manifestOrIndex{}, message.Errorf("read manifest of %s: it has %d layers, more than the %d that are read", name, len(m.Layers), maxLayers)
		}
		for i, l := range m.Layers {
			if l.Digest.Hex == "" {
				return manifestOrIndex{}, message.Errorf("read manifest of %s: layer %d has no digest", name, i+1)
			}
		}
		return manifestOrIndex{manifest: &m}, nil
	}
	return manifestOrIndex{}, message.Errorf("read manifest of %s: its media type %q is neither an image nor an index", name, mediaType)
}

// typeError says that err is only about fields of an unexpected type, and that
// the rest was decoded.
func typeError(err error) bool {
	var te *json.UnmarshalTypeError
	return errors.As(err, &te)
}

// layerKind says how a layer of a manifest is to be treated.
type layerKind uint8

const (
	layerTar layerKind = iota
	layerForeign
	layerEncrypted
	layerUnknown
)

// kindOfLayer judges by the media type. The compression is left to the bytes.
func kindOfLayer(mt types.MediaType) layerKind {
	s := string(mt)
	switch {
	case strings.HasSuffix(s, "+encrypted"):
		return layerEncrypted
	case !mt.IsDistributable(), strings.HasPrefix(s, "application/vnd.oci.image.layer.nondistributable."), strings.HasPrefix(s, "application/vnd.docker.image.rootfs.foreign."):
		return layerForeign
	case s == "", mt.IsLayer(), strings.HasPrefix(s, "application/vnd.oci.image.layer.v1.tar"), strings.HasPrefix(s, "application/vnd.docker.image.rootfs.diff.tar"):
		return layerTar
	}
	return layerUnknown
}

// isImageConfig says whether a configuration's media type is that of a
// container image. Old builders left it out, or wrote a plain JSON type.
func isImageConfig(mt types.MediaType) bool {
	switch mt {
	case "", types.OCIConfigJSON, types.DockerConfigJSON, "application/json", "application/octet-stream":
		return true
	}
	return false
}
