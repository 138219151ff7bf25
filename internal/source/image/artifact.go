// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sekisho/sekisho/internal/advisory/depot"
	"github.com/sekisho/sekisho/internal/message"
)

// The media types of a database in a registry: an OCI artifact whose layers are
// the depot's files as they are, titled by world.
// See https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage.
const (
	databaseType          = "application/vnd.sekisho.db.v1"
	databaseManifestType  = "application/vnd.sekisho.db.manifest.v1+json"
	databaseSignatureType = "application/vnd.sekisho.db.signature.v1+json"
	databaseShardType     = "application/vnd.sekisho.db.shard.v1"
	titleKey              = "org.opencontainers.image.title"
)

// maxDatabaseFile bounds the manifest and the signature file of a database.
const maxDatabaseFile = 8 << 20

// Database is a vulnerability database in a registry. It implements
// [depot.Origin], and must be closed.
type Database struct {
	registry *registry
	ref      string // the tag or digest
	name     string
}

// OpenDatabase prepares the reference of a database, example.com/team/db:1,
// with the options of registries. Nothing is asked of the network yet.
func OpenDatabase(ctx context.Context, ref string, o RegistryOptions) (*Database, error) {
	if err := checkReference(ref); err != nil {
		return nil, err
	}
	s, id, name, err := openRemote(ctx, ref, Options{Registry: o})
	if err != nil {
		return nil, err
	}
	g, ok := s.(*registry)
	if !ok {
		return nil, message.Errorf("%s is in no registry", ref)
	}
	return &Database{registry: g, ref: id, name: name}, nil
}

// Manifest implements [depot.Origin].
func (d *Database) Manifest(ctx context.Context) (manifest, signature []byte, err error) {
	raw, _, _, err := d.registry.Manifest(ctx, d.ref)
	if err != nil {
		return nil, nil, d.gone(err)
	}
	var m v1.Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, nil, message.Errorf("read %s: %w", d.name, errGarbage)
	}
	if m.ArtifactType != databaseType && m.Config.MediaType != databaseType {
		return nil, nil, message.Errorf("%s is no database of vulnerabilities but an image or another artifact: check the name", d.name)
	}
	for _, l := range m.Layers {
		switch l.MediaType {
		case databaseManifestType:
			manifest, err = d.small(ctx, l)
		case databaseSignatureType:
			signature, err = d.small(ctx, l)
		}
		if err != nil {
			return nil, nil, d.gone(err)
		}
	}
	if manifest == nil {
		return nil, nil, message.Errorf("%s is called a database of vulnerabilities and has no manifest of one", d.name)
	}
	return manifest, signature, nil
}

// small reads a blob that is one of the two files beside the shards.
func (d *Database) small(ctx context.Context, desc v1.Descriptor) ([]byte, error) {
	if desc.Size < 1 || desc.Size > maxDatabaseFile {
		return nil, message.Errorf("read %s: its %s cannot have %d bytes", d.name, desc.MediaType, desc.Size)
	}
	rc, err := d.registry.Blob(ctx, desc)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	raw, err := io.ReadAll(io.LimitReader(rc, desc.Size+1))
	if err != nil {
		return nil, err
	}
	return raw, verify(raw, desc.Digest)
}

// Shard implements [depot.Origin]. The stream survives broken connections.
func (d *Database) Shard(ctx context.Context, digest string, offset int64) (rc io.ReadCloser, err error) {
	g := d.registry
	err = g.each(ctx, digest, func(p *place, client *http.Client) error {
		b := &resuming{
			ctx: ctx, client: client, url: g.url(p, "blobs", digest), off: offset,
			explain: func(err error) error { return g.explain(p, digest, err) },
		}
		if err := b.connect(); err != nil {
			return err
		}
		rc = b
		return nil
	})
	if err != nil {
		return nil, d.gone(err)
	}
	return rc, nil
}

// gone tells the depot what a registry does not have.
func (d *Database) gone(err error) error {
	if errors.Is(err, errNoImage) {
		return message.Because([]error{depot.ErrGone, err}, "%w", err)
	}
	return err
}

// Close gives connections back.
func (d *Database) Close() error { return d.registry.Close() }

// PushDatabase puts a directory's database under a tag of a registry, and
// returns the digest of the artifact. Every shard must be present and is
// verified; shards that the registry has are not sent again. The same edition
// gives the same artifact.
func PushDatabase(ctx context.Context, ref, dir string, policy depot.Policy, o RegistryOptions) (digest string, err error) {
	to, err := OpenDatabase(ctx, ref, o)
	if err != nil {
		return "", err
	}
	if strings.Contains(to.ref, ":") {
		return "", message.Errorf("%s is a digest: push to a tag, like example.com/team/db:1", ref)
	}
	d, err := depot.Open(ctx, dir, policy)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	img, err := packDatabase(ctx, d)
	if err != nil {
		return "", message.Errorf("push the database: %w", err)
	}
	p := &to.registry.places[len(to.registry.places)-1] // the registry itself
	auth, err := to.registry.authenticator(ctx, p)
	if err != nil {
		return "", err
	}
	err = remote.Write(p.repo.Tag(to.ref), img, remote.WithContext(ctx), remote.WithAuth(auth), remote.WithTransport(p.base), remote.WithJobs(4))
	var te *transport.Error
	switch host := p.repo.RegistryStr(); {
	case err == nil:
	case errors.As(err, &te) && (te.StatusCode == http.StatusUnauthorized || te.StatusCode == http.StatusForbidden):
		return "", message.Because([]error{err}, "%s does not let us push to %s: run docker login %s, or give --username and --password-stdin", host, p.repo.RepositoryStr(), host)
	default:
		return "", message.Errorf("push the database: %w", to.registry.explain(p, to.ref, err))
	}
	h, err := img.Digest()
	if err != nil {
		return "", err
	}
	return h.String(), nil
}

// packDatabase describes a whole depot as an artifact.
func packDatabase(ctx context.Context, d *depot.Depot) (v1.Image, error) {
	manifest, signature := d.Files()
	a := &artifact{layers: map[v1.Hash]*fileLayer{}}
	config := []byte("{}")
	m := v1.Manifest{
		SchemaVersion: 2, MediaType: types.OCIManifestSchema1, ArtifactType: databaseType,
		Config: a.add(databaseType, "", config).desc,
	}
	a.config = config
	m.Layers = append(m.Layers, a.add(databaseManifestType, "manifest.json", manifest).desc)
	if signature != nil {
		m.Layers = append(m.Layers, a.add(databaseSignatureType, "manifest.json.sig", signature).desc)
	}
	for _, s := range d.Manifest().Shards {
		if err := d.CheckShard(ctx, s.World); err != nil {
			return nil, err
		}
		path, err := d.Path(s.World)
		if err != nil {
			return nil, err
		}
		h, err := v1.NewHash(s.Digest)
		if err != nil {
			return nil, err
		}
		l := &fileLayer{path: path, desc: v1.Descriptor{
			MediaType: databaseShardType, Digest: h, Size: s.Size, Annotations: map[string]string{titleKey: s.World},
		}}
		a.layers[h] = l
		m.Layers = append(m.Layers, l.desc)
	}
	m.Annotations = map[string]string{"org.opencontainers.image.created": d.Manifest().Created}
	var err error
	if a.manifest, err = json.Marshal(m); err != nil {
		return nil, err
	}
	return partial.CompressedToImage(a)
}

// artifact implements go-containerregistry's partial.CompressedImageCore.
type artifact struct {
	manifest, config []byte
	layers           map[v1.Hash]*fileLayer
}

func (a *artifact) add(mediaType types.MediaType, title string, raw []byte) *fileLayer {
	h, _, err := v1.SHA256(bytes.NewReader(raw))
	if err != nil { // a buffer does not fail
		return nil
	}
	l := &fileLayer{raw: raw, desc: v1.Descriptor{MediaType: mediaType, Digest: h, Size: int64(len(raw))}}
	if title != "" {
		l.desc.Annotations = map[string]string{titleKey: title}
	}
	a.layers[h] = l
	return l
}

func (a *artifact) RawConfigFile() ([]byte, error)      { return a.config, nil }
func (a *artifact) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }
func (a *artifact) RawManifest() ([]byte, error)        { return a.manifest, nil }
func (a *artifact) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	l, ok := a.layers[h]
	if !ok {
		return nil, message.Errorf("the artifact has no blob %s", h)
	}
	return l, nil
}

// fileLayer is a blob of the artifact: bytes, or a file.
type fileLayer struct {
	desc v1.Descriptor
	raw  []byte
	path string
}

func (l *fileLayer) Digest() (v1.Hash, error)            { return l.desc.Digest, nil }
func (l *fileLayer) Size() (int64, error)                { return l.desc.Size, nil }
func (l *fileLayer) MediaType() (types.MediaType, error) { return l.desc.MediaType, nil }
func (l *fileLayer) Compressed() (io.ReadCloser, error) {
	if l.path == "" {
		return io.NopCloser(bytes.NewReader(l.raw)), nil
	}
	return os.Open(l.path)
}
