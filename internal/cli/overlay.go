// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// overlay are texts that stand in place of files of a tree, by their paths, or
// beside them: the tree is inspected as if they were written.
type overlay map[string][]byte

// lay puts the texts over the last layer of trees.
func (o overlay) lay(artifacts []*sekisho.Artifact) {
	for _, art := range artifacts {
		if len(o) == 0 || len(art.Layers) == 0 {
			continue
		}
		art.Layers = slices.Clone(art.Layers)
		last := &art.Layers[len(art.Layers)-1]
		open := last.Open
		last.Open = func(ctx context.Context) (sekisho.FileStream, error) {
			under, err := open(ctx)
			if err != nil {
				return nil, err
			}
			return &overlaid{FileStream: under, texts: maps.Clone(o)}, nil
		}
	}
}

// overlaid is a stream with the texts in it.
type overlaid struct {
	sekisho.FileStream

	texts map[string][]byte // not met yet
	now   io.Reader         // of the current file, nil for the one below
	rest  []string          // when the stream below is at its end
	ended bool
}

func (s *overlaid) Next() (*sekisho.File, error) {
	s.now = nil
	if !s.ended {
		f, err := s.FileStream.Next()
		if !errors.Is(err, io.EOF) {
			if err != nil {
				return f, err
			}
			if text, ok := s.texts[f.Path]; ok && f.Type == sekisho.TypeRegular {
				delete(s.texts, f.Path)
				over := *f
				s.fill(&over, text)
				return &over, nil
			}
			return f, nil
		}
		s.ended, s.rest = true, slices.Sorted(maps.Keys(s.texts))
	}
	if len(s.rest) == 0 {
		return nil, io.EOF
	}
	f := &sekisho.File{Path: s.rest[0], Mode: 0o644}
	s.rest = s.rest[1:]
	s.fill(f, s.texts[f.Path])
	return f, nil
}

func (s *overlaid) fill(f *sekisho.File, text []byte) {
	f.Size, s.now = int64(len(text)), bytes.NewReader(text)
	f.Open = func() (sekisho.Content, error) { return content{bytes.NewReader(text)}, nil }
}

func (s *overlaid) Read(p []byte) (int, error) {
	if s.now != nil {
		return s.now.Read(p)
	}
	return s.FileStream.Read(p)
}

// content is a text as the content of a file.
type content struct{ *bytes.Reader }

func (content) Close() error { return nil }
