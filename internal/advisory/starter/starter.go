// SPDX-License-Identifier: Apache-2.0

// Package starter holds the database that is in the binary: facts alone, from
// sources whose licence lets facts be carried (NOTICE names them), so that the
// first scan needs no network. `make starter` rebuilds it. The room knows where
// the parts are and not what they say.
package starter

import (
	"archive/tar"
	_ "embed"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/sekisho/sekisho/internal/message"
)

//go:embed starter.tar
var archive string

// manifest is the name of the entry that lists the others, as in an export.
const manifest = "manifest.json"

var parts = sync.OnceValues(func() (map[string]string, error) { return index(archive) })

// index finds the entries of a tar archive without copying them.
func index(text string) (map[string]string, error) {
	r := strings.NewReader(text)
	t := tar.NewReader(r)
	found := map[string]string{}
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, message.Errorf("read the starter database: %w", err)
		}
		at := int64(len(text)) - int64(r.Len())
		if h.Size > int64(r.Len()) {
			return nil, message.Errorf("read the starter database: %w", io.ErrUnexpectedEOF)
		}
		found[h.Name] = text[at : at+h.Size]
	}
}

// Manifest gives the manifest's text.
func Manifest() (string, error) {
	p, err := parts()
	return p[manifest], err
}

// Shard gives the bytes of a digest ("sha256:..."), and whether it is there.
func Shard(digest string) (string, bool) {
	p, err := parts()
	s, ok := p["shards/sha256/"+strings.TrimPrefix(digest, "sha256:")]
	return s, ok && err == nil
}

// Size is how many bytes the starter adds to the binary.
func Size() int { return len(archive) }
