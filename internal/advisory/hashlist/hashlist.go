// SPDX-License-Identifier: Apache-2.0

// Package hashlist reads lists of the hashes of malicious files, in the formats
// that publishers have. It knows formats alone: it fetches nothing and judges
// nothing.
package hashlist

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feed is the name of the entry in a directory of feeds.
const Feed = "malware-hashes"

// World is the shard of the hashes of an algorithm: "sha256", "sha1", "md5".
func World(algorithm string) string { return "malware-hash/" + algorithm }

// Algorithms by the length of their hashes in hex.
var algorithms = map[int]string{64: "sha256", 40: "sha1", 32: "md5"}

// Algorithm of a hash in hex; empty when it is none.
func Algorithm(hash string) string {
	a := algorithms[len(hash)]
	if a == "" {
		return ""
	}
	for i := range len(hash) {
		if c := hash[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return ""
		}
	}
	return a
}

// Entry is one malicious file.
type Entry struct {
	// Hash in lower-case hex, and its algorithm.
	Hash, Algorithm string
	// Name of the malware or signature; may be empty.
	Name string
	// Size of the file in bytes, -1 where the list does not say.
	Size int64
	// Date on which it was seen first, "2024-05-06"; may be empty.
	Date string
}

// maxLine bounds a line: those of MalwareBazaar have less than 2 kB.
const maxLine = 1 << 20

// maxName is how much of a name is kept, in bytes.
const maxName = 120

var errNoHash = errors.New("no hash of 64, 40 or 32 hexadecimal digits")

// Read calls yield for each entry of a list, and problem for each line that is
// none. The format is told by the line:
//
//	HASH [NAME]                 sha256sum(1) and lists of hashes alone
//	HASH:SIZE:NAME              ClamAV's .hdb and .hsb (a SIZE of * is any)
//	"DATE", "SHA256", ...       the CSV of MalwareBazaar (abuse.ch), and any
//	                            other CSV with a hash in a column
//
// Comments begin with "#", ";" or "//". See
// https://docs.clamav.net/manual/Signatures/HashSignatures.html and
// https://bazaar.abuse.ch/export/.
func Read(r io.Reader, yield func(Entry), problem func(line int, err error)) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	columns := bazaar
	n := 0
	for sc.Scan() {
		n++
		line := strings.TrimSpace(strings.TrimPrefix(sc.Text(), "\ufeff"))
		switch {
		case line == "":
			continue
		case line[0] == '#' && strings.Contains(line, "sha256_hash"):
			columns = header(strings.TrimLeft(line, "# "), columns)
			continue
		case line[0] == '#', line[0] == ';', strings.HasPrefix(line, "//"):
			continue
		}
		e, err := parse(line, &columns)
		switch {
		case errors.Is(err, errHeader):
		case err != nil:
			problem(n, err)
		default:
			yield(e)
		}
	}
	if err := sc.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("line %d is longer than 1 MiB: this is no list of hashes", n+1)
	} else if err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}

// columns of a CSV; -1 for one that is not there.
type columns struct{ date, hash, name int }

// bazaar are those of MalwareBazaar.
var bazaar = columns{date: 0, hash: 1, name: 8}

var errHeader = errors.New("a header")

func header(line string, old columns) columns {
	fields, err := split(line)
	if err != nil {
		return old
	}
	c := columns{-1, -1, -1}
	for i, f := range fields {
		switch strings.ToLower(strings.TrimSpace(f)) {
		case "first_seen_utc", "first_seen", "firstseen", "date":
			c.date = i
		case "sha256_hash", "sha256", "hash":
			c.hash = i
		case "signature", "name", "malware", "family":
			c.name = i
		}
	}
	if c.hash < 0 {
		return old
	}
	return c
}

func split(line string) ([]string, error) {
	r := csv.NewReader(strings.NewReader(line))
	r.LazyQuotes, r.TrimLeadingSpace, r.FieldsPerRecord = true, true, -1
	return r.Read()
}

func parse(line string, c *columns) (Entry, error) {
	e := Entry{Size: -1}
	switch end := strings.IndexAny(line, " \t:,\""); {
	case end < 0:
		e.Hash = line
	case line[end] == ':':
		fields := strings.Split(line, ":")
		e.Hash = fields[0]
		if len(fields) < 3 {
			return e, errors.New("a hash and a colon, without size and name")
		}
		if fields[1] != "*" {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil || n < 0 {
				return e, fmt.Errorf("size %q is no number", fields[1])
			}
			e.Size = n
		}
		e.Name = fields[2]
	case line[end] == ' ' || line[end] == '\t':
		e.Hash, e.Name = line[:end], strings.TrimLeft(line[end:], " \t*")
	default:
		fields, err := split(line)
		if err != nil {
			return e, err
		}
		at := func(i int) string {
			if i < 0 || i >= len(fields) {
				return ""
			}
			return strings.TrimSpace(fields[i])
		}
		e.Hash = at(c.hash)
		if Algorithm(e.Hash) != "" {
			e.Name, e.Date = at(c.name), day(at(c.date))
			break
		}
		if h := header(line, columns{-1, -1, -1}); h.hash >= 0 {
			*c = h
			return e, errHeader
		}
		for i := range fields {
			if Algorithm(at(i)) != "" {
				e.Hash, e.Name = at(i), at(i+1)
				break
			}
		}
	}
	if e.Algorithm = Algorithm(e.Hash); e.Algorithm == "" {
		return e, errNoHash
	}
	e.Hash = strings.ToLower(e.Hash)
	if e.Name = name(e.Name); strings.EqualFold(e.Name, "n/a") || strings.EqualFold(e.Name, "null") {
		e.Name = ""
	}
	return e, nil
}

// name is printable and short.
func name(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	for len(s) > maxName {
		_, n := utf8.DecodeLastRuneInString(s[:maxName+1])
		s = s[:maxName+1-max(n, 1)]
	}
	return strings.TrimSpace(s)
}

func day(s string) string {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return ""
	}
	for i, c := range []byte(s[:10]) {
		if i != 4 && i != 7 && (c < '0' || c > '9') {
			return ""
		}
	}
	return s[:10]
}

// Feeds returns the feed of hashes.
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name: Feed, Publisher: "abuse.ch MalwareBazaar, ClamAV and others", License: "of each list (MalwareBazaar: CC0-1.0)",
		URL: "https://bazaar.abuse.ch/export/", Parse: parseFeed,
	}}
}

// parseFeed reads the files of an entry that are named like lists.
func parseFeed(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	for f, err := range files {
		if err != nil {
			return err
		}
		switch strings.ToLower(path.Ext(f.Path)) {
		case "", ".txt", ".csv", ".hdb", ".hsb", ".hdu", ".hsu", ".sha256", ".sha1", ".md5", ".list", ".hashes":
		default:
			continue
		}
		if strings.HasPrefix(strings.ToUpper(path.Base(f.Path)), "README") || strings.HasPrefix(strings.ToUpper(path.Base(f.Path)), "LICENSE") {
			continue
		}
		n := 0
		err = Read(bytes.NewReader(f.Data), func(e Entry) {
			if n++; n%4096 == 0 && ctx.Err() != nil {
				return
			}
			out.Advisory(e.row())
			if e.Date != "" {
				out.Date(e.Date)
			}
		}, func(line int, err error) { out.Problem(f.Path, fmt.Errorf("line %d: %w", line, err)) })
		if err != nil {
			out.Problem(f.Path, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// unnamed is the id of an entry without a name.
const unnamed = "unnamed"

// row of the database: the hash is the package, its size the version.
func (e *Entry) row() *sekisho.Advisory {
	a := &sekisho.Advisory{World: World(e.Algorithm), Package: e.Hash, ID: e.Name, Status: sekisho.StatusAffected, Malicious: true, Published: e.Date}
	if a.ID == "" {
		a.ID = unnamed
	}
	if e.Size >= 0 {
		a.Versions = []string{strconv.FormatInt(e.Size, 10)}
	}
	return a
}

// OfRow gives the entry of a row.
func OfRow(a *sekisho.Advisory) Entry {
	e := Entry{Hash: strings.Clone(a.Package), Algorithm: Algorithm(a.Package), Name: strings.Clone(a.ID), Size: -1, Date: strings.Clone(a.Published)}
	if e.Name == unnamed {
		e.Name = ""
	}
	if len(a.Versions) > 0 {
		if n, err := strconv.ParseInt(a.Versions[0], 10, 64); err == nil {
			e.Size = n
		}
	}
	return e
}

// Fits says whether the entry speaks of a file of this size.
func (e *Entry) Fits(size int64) bool { return e.Size < 0 || e.Size == size }

// Hex of a raw hash.
func Hex(raw string) string { return hex.EncodeToString([]byte(raw)) }
