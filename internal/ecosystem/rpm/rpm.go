// SPDX-License-Identifier: Apache-2.0

// Package rpm knows what the RPM Package Manager leaves on a disk: its database
// in each of its three forms (Berkeley DB hash, ndb, SQLite with a journal left
// over) and the text manifest of distroless images. It reads page by page, so
// that a database of hundreds of megabytes costs no more memory than its
// largest header. It writes nothing, judges nothing and knows no release.
//
// Headers: https://rpm-software-management.github.io/rpm/manual/format_header.html,
// tags: https://rpm-software-management.github.io/rpm/manual/tags.html.
package rpm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this room.
func Extractors() []sekisho.Extractor {
	return []sekisho.Extractor{database{}, manifest{}}
}

// database reads var/lib/rpm/{Packages,Packages.db,rpmdb.sqlite} and the same
// in the other places that distributions moved it to.
type database struct{}

const (
	bdbName    = "Packages"
	ndbName    = "Packages.db"
	sqliteName = "rpmdb.sqlite"
	walSuffix  = "-wal"
)

func (database) Name() string { return "rpm/database" }
func (database) Version() int { return 2 }

func (database) Wants(f *sekisho.File) bool {
	p := f.Path
	switch {
	case strings.HasPrefix(p, "var/lib/rpm/"):
		p = p[len("var/lib/rpm/"):]
	case strings.HasPrefix(p, "usr/lib/sysimage/rpm/"):
		p = p[len("usr/lib/sysimage/rpm/"):]
	case strings.HasPrefix(p, "usr/share/rpm/"):
		p = p[len("usr/share/rpm/"):]
	default:
		return false
	}
	switch p {
	case bdbName, ndbName, sqliteName, sqliteName + walSuffix:
		return true
	}
	return false
}

// Group brings SQLite's write-ahead log to its database.
func (database) Group(path string) string { return strings.TrimSuffix(path, walSuffix) }

// blobs calls each for every header in a database. What each returns ends the
// reading; what could not be read is in the error, after all that could.
type blobs func(ctx context.Context, in *sekisho.Input, each func(number uint32, blob []byte) error) error

func (database) Extract(ctx context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	var inv sekisho.Inventory
	var read blobs
	switch {
	case strings.HasSuffix(in.Path, "/"+sqliteName):
		read = readSQLite
	case strings.HasSuffix(in.Path, "/"+ndbName):
		read = readNDB
	default:
		read = readBDB
	}
	var damaged damage
	var all relations
	err := read(ctx, in, func(number uint32, blob []byte) error {
		h, err := parseHeader(blob)
		if err != nil {
			damaged.add(fmt.Errorf("read header %d: %w", number, err))
			return nil
		}
		p, err := h.pkg()
		if err != nil {
			damaged.add(fmt.Errorf("read header %d: %w", number, err))
		}
		if err != nil || p.Name == "gpg-pubkey" { // a signing key that rpm stores as if it were a package
			return nil
		}
		inv.Packages = append(inv.Packages, p)
		all.add(h)
		owned := sekisho.Ownership{Ecosystem: sekisho.EcosystemRPM, Name: p.Name, Arch: p.Arch, Version: p.Version}
		if owned.Files, err = h.files(); err != nil {
			damaged.add(fmt.Errorf("read the file list of %s: %w", p.Name, err))
		}
		if len(owned.Files) > 0 {
			inv.Owned = append(inv.Owned, owned)
		}
		return nil
	})
	if err == nil && damaged.err() == nil { // else not all is known
		if !all.relate(&inv) {
			inv.Problems = append(inv.Problems, sekisho.Problem{Minor: true}.Saying(message.Say("the dependencies are too many: it is not known which packages need which")))
		}
	}
	if err = errors.Join(err, damaged.err()); err != nil {
		return inv, fmt.Errorf("read the rpm database (packages may be missing): %w", err)
	}
	return inv, nil
}

// damage collects errors, the first few of them in words.
type damage struct {
	first []error
	more  int
}

func (d *damage) add(err error) {
	if len(d.first) < 5 {
		d.first = append(d.first, err)
		return
	}
	d.more++
}

func (d *damage) err() error {
	if d.more > 0 {
		return errors.Join(append(d.first, fmt.Errorf("and %d more", d.more))...)
	}
	return errors.Join(d.first...)
}

// readAt fills b from offset off, all of it.
func readAt(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// pageSet remembers which pages were read: none is needed twice, so what a
// hostile database can cost is bounded by its size.
type pageSet []uint64

func newPageSet(pages int64) pageSet { return make(pageSet, pages/64+1) }

// add reports whether the page is new.
func (s pageSet) add(page uint32) bool {
	i, bit := int(page/64), uint64(1)<<(page%64)
	if i >= len(s) || s[i]&bit != 0 {
		return false
	}
	s[i] |= bit
	return true
}
