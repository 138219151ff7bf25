// SPDX-License-Identifier: Apache-2.0

package sekisho

import (
	"context"
	"io"
)

// Extractor reads one kind of file and states the facts in it. Extractors keep
// no state and are called from several goroutines at once.
type Extractor interface {
	// Name is unique and stable: "debian/status", "npm/package-lock".
	Name() string
	// Version is raised whenever the same bytes would give other facts: it is
	// part of the cache key.
	Version() int
	// Wants is asked once of every regular file and every symbolic link (by its
	// name). It does no I/O; f.Head holds the beginning of the file.
	Wants(f *File) bool
	// Extract reads one wanted file. It may return facts beside an error; an
	// error becomes a Problem of that file and the walk goes on. Locations may
	// be left empty: the walk then fills in the input's path and layer. A
	// package found at a line, or inside an archive ("app.war!/lib/a.jar"),
	// sets Location itself, with Path beginning with Input.Path.
	Extract(ctx context.Context, in *Input) (Inventory, error)
}

// Grouper is an Extractor whose files are read together: a database with its
// journal. Wanted files with the same Group key are kept until the layer ends
// and then given in one call: Input is the file for which the key equals the
// path, the others are in Input.Beside. A key without its main file is dropped.
// The empty key is of all wanted files of the layer: Input is the first by path.
type Grouper interface {
	Extractor
	// Group returns the path of the main file that the file at path belongs to.
	Group(path string) string
}

// Input is one wanted file, complete, with random access. Content is valid
// during the call only.
type Input struct {
	Path    string
	File    File // Head and Open are not set
	Content io.ReaderAt
	Size    int64
	// Beside holds the other files of the group, by path.
	Beside map[string]*Input
	// Bounds that an extractor which opens nested archives must keep.
	Bounds Bounds
}

// NewReader reads the content from its beginning.
func (in *Input) NewReader() *io.SectionReader { return io.NewSectionReader(in.Content, 0, in.Size) }

// Bytes returns the whole content. When it is in memory already it is not
// copied: do not write to it or keep it (strings made from it are copies).
func (in *Input) Bytes() ([]byte, error) {
	if b, ok := in.Content.(interface{ Bytes() []byte }); ok {
		return b.Bytes(), nil
	}
	b := make([]byte, in.Size)
	n, err := in.Content.ReadAt(b, 0)
	if n == len(b) {
		err = nil
	}
	return b[:n], err
}

// Bounds limits what hostile input may cost. Crossing one is a Problem that
// names the bound. The zero value of a field means its default.
type Bounds struct {
	// FileBytes is the size of a single wanted file.
	FileBytes int64
	// TotalBytes is the uncompressed size of all layers together.
	TotalBytes int64
	// Entries is the number of files in all layers together.
	Entries int64
	// PathBytes is the length of one path.
	PathBytes int
	// Nesting is the depth of archives within archives.
	Nesting int
	// Ratio is uncompressed to compressed bytes of one stream.
	Ratio int64
	// RetainBytes is how much content is kept in memory before a temporary
	// file takes the rest.
	RetainBytes int64
}

// DefaultBounds are far above what real images need and far below what hurts.
var DefaultBounds = Bounds{
	FileBytes:   1 << 30,
	TotalBytes:  64 << 30,
	Entries:     10_000_000,
	PathBytes:   4096,
	Nesting:     8,
	Ratio:       1100, // deflate's own maximum is 1032:1
	RetainBytes: 64 << 20,
}

// WithDefaults replaces zero fields by their defaults.
func (b Bounds) WithDefaults() Bounds {
	d := DefaultBounds
	set := func(v *int64, d int64) {
		if *v == 0 {
			*v = d
		}
	}
	set(&b.FileBytes, d.FileBytes)
	set(&b.TotalBytes, d.TotalBytes)
	set(&b.Entries, d.Entries)
	set(&b.Ratio, d.Ratio)
	set(&b.RetainBytes, d.RetainBytes)
	if b.PathBytes == 0 {
		b.PathBytes = d.PathBytes
	}
	if b.Nesting == 0 {
		b.Nesting = d.Nesting
	}
	return b
}

// Checker judges facts and never opens a file.
type Checker interface {
	Name() string
	// Check returns findings in a stable order. An error means that it could
	// not run at all; the judgement may hold a part even then.
	Check(ctx context.Context, inv *Inventory) (Judgement, error)
}

// Judgement is what a checker has to say.
type Judgement struct {
	Findings []Finding
	// Problems are what it could not assess.
	Problems []Problem
	// NotAssessed counts the packages that it could not judge, by ecosystem; nil
	// for a checker that judges no packages.
	NotAssessed map[string]int
	// Licenses counts what is known of licences; nil for a checker that judges
	// none.
	Licenses *LicenseCoverage
	// Rules are those that the findings name, with their texts.
	Rules []Rule
}
