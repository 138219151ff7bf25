// SPDX-License-Identifier: Apache-2.0

// Command floor does the least that any scanner of layers must do, and nothing
// else: it reads each layer of an image archive, verifies its digest,
// decompresses it, hashes what comes out and goes through the tar's entries,
// all layers at once. What it takes is the floor under every scan's time.
//
//	go run ./bench/floor IMAGE.tar
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: floor IMAGE.tar")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(4)
	}
}

type section struct{ off, size int64 }

func run(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	files := map[string]section{}
	for tr := tar.NewReader(f); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		off, err := f.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		files[path.Clean(h.Name)] = section{off, h.Size}
	}
	open := func(name string) *io.SectionReader {
		s := files[name]
		return io.NewSectionReader(f, s.off, s.size)
	}
	read := func(name string, v any) error {
		b, err := io.ReadAll(open(name))
		if err != nil {
			return err
		}
		return json.Unmarshal(b, v)
	}
	var layers []string
	if _, ok := files["manifest.json"]; ok {
		var m []struct{ Layers []string }
		if err := read("manifest.json", &m); err != nil {
			return err
		}
		layers = m[0].Layers
	} else {
		var index struct{ Manifests []struct{ Digest string } }
		if err := read("index.json", &index); err != nil {
			return err
		}
		var m struct{ Layers []struct{ Digest string } }
		if err := read(blob(index.Manifests[0].Digest), &m); err != nil {
			return err
		}
		for _, l := range m.Layers {
			layers = append(layers, blob(l.Digest))
		}
	}
	var group sync.WaitGroup
	errs := make([]error, len(layers))
	counts := make([]int, len(layers))
	for i, l := range layers {
		group.Go(func() { counts[i], errs[i] = walk(open(l)) })
	}
	group.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	fmt.Println(len(layers), "layers,", total, "entries")
	return errors.Join(errs...)
}

func blob(digest string) string { return "blobs/" + strings.Replace(digest, ":", "/", 1) }

func walk(r io.Reader) (n int, err error) {
	compressed := sha256.New()
	br := bufio.NewReaderSize(r, 256<<10)
	head, err := br.Peek(4)
	if err != nil {
		return 0, err
	}
	var plain io.Reader = br
	var sums []hash.Hash
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		if plain, err = gzip.NewReader(bufio.NewReaderSize(io.TeeReader(br, compressed), 64<<10)); err != nil {
			return 0, err
		}
		sums = append(sums, compressed)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		if plain, err = zstd.NewReader(io.TeeReader(br, compressed)); err != nil {
			return 0, err
		}
		sums = append(sums, compressed)
	}
	diffID := sha256.New()
	tee := io.TeeReader(plain, diffID)
	for tr := tar.NewReader(tee); ; n++ {
		if _, err := tr.Next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return n, err
		}
	}
	if _, err := io.Copy(io.Discard, tee); err != nil {
		return n, err
	}
	for _, s := range append(sums, diffID) {
		s.Sum(nil)
	}
	return n, nil
}
