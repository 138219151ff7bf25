// SPDX-License-Identifier: Apache-2.0

package sekisho

import (
	"context"
	"io"
	"io/fs"
	"time"
)

// Artifact is a target, opened. A repository or a root file system is an
// artifact of one layer; an SBOM has none and brings its Inventory instead.
type Artifact struct {
	Target Target
	// Layers in the order they are stacked, lowest first.
	Layers []Layer
	// History is what the commits of a repository hold, nil unless it was asked for.
	History *GitHistory
	// Image is nil for anything but an image.
	Image *ImageConfig
	// Inventory holds facts that needed no walk (from an SBOM, a purl).
	Inventory Inventory
	// Attached are statements that lie beside an image, when they were asked for.
	Attached []Attachment
	// Signatures is what lies where signatures lie, when it was asked for.
	Signatures *SignatureSearch
	// StageSBOMs reads the bills of materials that a builder attached for stages
	// other than the image's; nil where there are none. It may use the network.
	StageSBOMs func(ctx context.Context) ([]StageSBOM, error)
	// Problems met while opening: a foreign layer, a wrong digest.
	Problems []Problem
	// Close releases what the source holds (files, connections); may be nil.
	Close func() error
}

// Attachment is a document beside an image: what somebody who may write to the
// repository says of it.
type Attachment struct {
	// Name is the digest of the manifest that carries it.
	Name string
	Text []byte
	// Signed is true where a signature is with it. Nobody has verified it.
	Signed bool
	// Envelope is the document that Text was taken out of, with what signs it; nil
	// where there is none.
	Envelope []byte
}

// Layer is one layer of an artifact and the way to stream it.
type Layer struct {
	// Digest of the blob as stored or transferred ("sha256:..."); empty for
	// directories and where the source cannot know it (a Docker archive).
	Digest string `json:"digest,omitempty"`
	// DiffID is the digest of the uncompressed tar. Empty for directories.
	DiffID    string `json:"diffId,omitempty"`
	MediaType string `json:"mediaType,omitempty"`
	// Size of the blob in bytes, -1 or 0 when unknown.
	Size int64 `json:"size,omitempty"`
	// Instruction that made the layer, from the image history.
	Instruction string `json:"instruction,omitempty"`
	// File and Line of the instruction in the Dockerfile, where that is known
	// beyond doubt; Line is 0 otherwise.
	File    string     `json:"file,omitempty"`
	Line    int        `json:"line,omitempty"`
	Created *time.Time `json:"created,omitempty"`
	// Open starts a stream of the layer's files in archive order. It may be
	// called again after the stream was closed. Nil when the layer cannot be
	// read (a foreign layer): a Problem of the artifact says why.
	Open func(ctx context.Context) (FileStream, error) `json:"-"`
}

// FileStream yields files in archive order, once. It is used by one goroutine.
type FileStream interface {
	// Next advances to the next file; the File is valid until the following
	// call. At the end it returns io.EOF, after every digest was verified; a
	// digest that differs, a truncated or damaged archive is an error. A
	// ProblemError is about one file, and the walk may go on.
	Next() (*File, error)
	// Reader reads the content of the current file (regular files only). What
	// is not read is skipped.
	io.Reader
	Close() error
}

// FileType is what a directory entry is.
type FileType uint8

// The types of file. Whiteout and Opaque are the layer format's marks, see
// https://github.com/opencontainers/image-spec/blob/main/layer.md.
const (
	TypeRegular FileType = iota
	TypeDir
	TypeSymlink
	TypeHardlink
	TypeDevice
	TypeFIFO
	// TypeWhiteout removes Path (already without the ".wh." mark) of lower layers.
	TypeWhiteout
	// TypeOpaque hides everything that lower layers hold under the directory Path.
	TypeOpaque
)

// File is one entry of a layer.
type File struct {
	// Path is clean, slash separated, without a leading slash: "usr/lib/os-release".
	// The root itself is ".".
	Path string
	Type FileType
	// Mode holds permission, setuid, setgid and sticky bits.
	Mode    fs.FileMode
	Size    int64 // -1 when only Open tells it
	UID     int
	GID     int
	ModTime time.Time
	// Link is the target of a symbolic link (as written) or of a hard link (a
	// clean path within the layer).
	Link string
	// Object names the content, in a history: the blob.
	Object string
	// Head is the beginning of a regular file, HeadSize bytes at most; filled by
	// the walk before Wants is asked, and valid only during that call.
	Head []byte
	// Open gives the content at any time and from any goroutine, for sources
	// where files can be opened at will (directories). Nil for archives, whose
	// content comes from the stream.
	Open func() (Content, error)
}

// HeadSize is how much of each regular file Wants can look at, in bytes.
const HeadSize = 512

// Content is random access to a wanted file.
type Content interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// ImageConfig is what the image says of itself.
// See https://github.com/opencontainers/image-spec/blob/main/config.md.
type ImageConfig struct {
	Created      *time.Time        `json:"created,omitempty"`
	Author       string            `json:"author,omitempty"`
	User         string            `json:"user,omitempty"`
	Env          []string          `json:"-"` // may hold secrets: never reported as it is
	Entrypoint   []string          `json:"entrypoint,omitempty"`
	Cmd          []string          `json:"cmd,omitempty"`
	WorkingDir   string            `json:"workingDir,omitempty"`
	ExposedPorts []string          `json:"exposedPorts,omitempty"`
	Volumes      []string          `json:"volumes,omitempty"`
	Healthcheck  []string          `json:"healthcheck,omitempty"`
	StopSignal   string            `json:"stopSignal,omitempty"`
	Labels       map[string]string `json:"labels,omitempty"`
	// Annotations of the manifest and, under them, of the index.
	Annotations map[string]string `json:"annotations,omitempty"`
	History     []History         `json:"history,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Provenance  *Provenance       `json:"provenance,omitempty"`
}

// History is one step of the image's build history.
type History struct {
	Created    *time.Time `json:"created,omitempty"`
	CreatedBy  string     `json:"createdBy,omitempty"`
	Comment    string     `json:"comment,omitempty"`
	EmptyLayer bool       `json:"emptyLayer,omitempty"`
}

// Provenance says where an image came from, as the image itself claims: from
// org.opencontainers.image.* labels and annotations, and from an attached SLSA
// statement. Nothing here has been verified by signature.
type Provenance struct {
	Source     string `json:"source,omitempty"`
	Revision   string `json:"revision,omitempty"`
	BaseName   string `json:"baseName,omitempty"`
	BaseDigest string `json:"baseDigest,omitempty"`
	// PredicateType of the in-toto statement found beside the image, if any.
	PredicateType string `json:"predicateType,omitempty"`
	Builder       string `json:"builder,omitempty"`
	BuildType     string `json:"buildType,omitempty"`
	// Materials are the build's inputs ("pkg:docker/..." with digests).
	Materials []string `json:"materials,omitempty"`
	// Build is what the statement tells of the steps; nil for nothing.
	Build *BuildRecord `json:"-"`
}
