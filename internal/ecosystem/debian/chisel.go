// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// chiselManifest reads var/lib/chisel/manifest.wall of chiselled Ubuntu images,
// which carry slices of packages and no dpkg database: lines of JSON within
// zstd, a header and then packages, slices, paths and contents. It names no
// source packages, so SourceName stays empty.
//
// Format: https://documentation.ubuntu.com/chisel/en/latest/reference/manifest/.
type chiselManifest struct{}

const (
	// maxManifest is how much of a manifest is read, in bytes after unpacking;
	// real ones have a few hundred kilobytes.
	maxManifest = 64 << 20
	// maxWindow is the memory that unpacking may take, in bytes.
	maxWindow = 32 << 20
	// maxManifestLine is the length of one line, in bytes.
	maxManifestLine = 1 << 20
)

func (chiselManifest) Name() string               { return "debian/chisel" }
func (chiselManifest) Version() int               { return 1 }
func (chiselManifest) Wants(f *sekisho.File) bool { return f.Path == "var/lib/chisel/manifest.wall" }

// chiselLine is any line: the fields of the kinds that count here.
type chiselLine struct {
	Wall    string   `json:"jsonwall"`
	Kind    string   `json:"kind"`
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Arch    string   `json:"arch"`
	Path    string   `json:"path"`
	Slices  []string `json:"slices"`
}

func (chiselManifest) Extract(ctx context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	z, err := zstd.NewReader(in.NewReader(), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return sekisho.Inventory{}, fmt.Errorf("open the chisel manifest: %w", err)
	}
	defer z.Close()
	inv, err := readChisel(ctx, z)
	if err != nil {
		return inv, fmt.Errorf("read the chisel manifest (packages may be missing): %w", err)
	}
	return inv, nil
}

func readChisel(ctx context.Context, r io.Reader) (sekisho.Inventory, error) {
	limited := &io.LimitedReader{R: r, N: maxManifest}
	lines := bufio.NewScanner(limited)
	lines.Buffer(make([]byte, 0, 64<<10), maxManifestLine)
	var inv sekisho.Inventory
	files := map[string]sekisho.PathSet{}
	var damaged error
	for number := 1; lines.Scan(); number++ {
		if number%4096 == 0 && ctx.Err() != nil {
			return inv, ctx.Err()
		}
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var l chiselLine
		err := json.Unmarshal(lines.Bytes(), &l)
		switch {
		case number == 1 && (err != nil || l.Wall == ""):
			return inv, errors.New("it has no header of a JSON wall")
		case err != nil && damaged == nil:
			damaged = fmt.Errorf("line %d: %w", number, err)
		case err != nil:
		case l.Kind == "package" && (l.Name == "" || l.Version == ""):
			damaged = fmt.Errorf("line %d: the package has no name or no version", number)
		case l.Kind == "package":
			inv.Packages = append(inv.Packages, sekisho.Package{Ecosystem: sekisho.EcosystemDeb, Name: l.Name, Version: l.Version, Arch: l.Arch})
		case l.Kind == "path" && !strings.HasSuffix(l.Path, "/"):
			for i, s := range l.Slices { // "openssl_bins"
				name, _, _ := strings.Cut(s, "_")
				if i == 0 || !strings.HasPrefix(l.Slices[i-1], name+"_") {
					files[name] = append(files[name], sekisho.HashPath(l.Path))
				}
			}
		}
	}
	for _, p := range inv.Packages {
		if set := files[p.Name]; len(set) > 0 {
			inv.Owned = append(inv.Owned, sekisho.Ownership{Ecosystem: p.Ecosystem, Name: p.Name, Arch: p.Arch, Version: p.Version, Files: slices.Clip(set.Sorted())})
			delete(files, p.Name)
		}
	}
	if err := lines.Err(); err != nil {
		return inv, err
	}
	if limited.N <= 0 {
		return inv, fmt.Errorf("it has more than %d bytes", maxManifest)
	}
	return inv, damaged
}
