// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"context"
	"crypto/sha1" //nolint:gosec // the name that git gives a blob, no protection
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Files names every file and link of a source tree by its path, with what tells
// its content: the name that git gives it. Files that cannot be read are left
// out: the walk of the scan says so. Names are comparable between trees of the
// same format; Format of a history, "" for SHA-1.
func Files(ctx context.Context, a *sekisho.Artifact, format string) (map[string]string, error) {
	out := map[string]string{}
	for _, l := range a.Layers {
		s, err := l.Open(ctx)
		if err != nil {
			return nil, err
		}
		err = files(ctx, s, format, out)
		if err = errors.Join(err, s.Close()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func files(ctx context.Context, s sekisho.FileStream, format string, out map[string]string) error {
	for {
		if t, ok := s.(*treeStream); ok {
			t.namesOnly = true
		}
		f, err := s.Next()
		var pe *sekisho.ProblemError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &pe):
			continue
		case err != nil:
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if t, ok := s.(*treeStream); ok {
			if f.Type == sekisho.TypeRegular || f.Type == sekisho.TypeSymlink {
				out[f.Path] = t.id
			}
			continue
		}
		switch f.Type {
		case sekisho.TypeSymlink:
			h := blobHash(format, int64(len(f.Link)))
			_, _ = io.WriteString(h, f.Link) // a hash takes everything
			out[f.Path] = hex.EncodeToString(h.Sum(nil))
		case sekisho.TypeRegular:
			if f.Size > sekisho.DefaultBounds.FileBytes {
				out[f.Path] = fmt.Sprintf("%d bytes", f.Size)
				continue
			}
			c, err := f.Open()
			if err != nil {
				continue
			}
			h := blobHash(format, c.Size())
			_, err = io.Copy(h, io.NewSectionReader(c, 0, c.Size()))
			if err = errors.Join(err, c.Close()); err == nil {
				out[f.Path] = hex.EncodeToString(h.Sum(nil))
			}
		default:
		}
	}
}

// blobHash begins the name of a blob: "blob SIZE\0" and the content.
func blobHash(format string, size int64) hash.Hash {
	h := sha1.New() //nolint:gosec // as above
	if format == FormatSHA256 {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00", size)
	return h
}

// FormatSHA256 is the format of names in newer repositories.
const FormatSHA256 = "sha256"

// Format of the names of objects: FormatSHA256, or empty for SHA-1.
func (h *History) Format() string {
	if h.objects.size == sha256.Size {
		return FormatSHA256
	}
	return ""
}

// FormatOf is that of the repository that a directory belongs to.
func FormatOf(dir string) string {
	h, err := OpenHistory(dir)
	if err != nil {
		return ""
	}
	defer func() { _ = h.Close() }() // it was only read
	return h.Format()
}
