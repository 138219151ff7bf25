// SPDX-License-Identifier: Apache-2.0

package osv

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxRecord bounds one record of a zip within a feed; the largest in the field
// are kernel advisories of 8 MB.
const maxRecord = 64 << 20

var (
	errNoID   = errors.New("record without an id")
	errTooBig = fmt.Errorf("record larger than %d MiB", maxRecord>>20)
)

// reader holds what is reused from record to record.
type reader struct {
	feed string
	out  sekisho.FeedSink
	// day is the newest day on which a record was modified.
	day string
	// path of the record at hand, for its problems.
	path string
	// seen are the rows of the record at hand: products that share a world say
	// the same of a package many times.
	seen map[rowKey]struct{}
	row  sekisho.Advisory
	// aliases of the record at hand, once worked out: for languages and for
	// distributions.
	aliases [2][]string
	aliased [2]bool
}

type rowKey struct {
	world, name, channel, module, ranges string
}

func parse(ctx context.Context, p publisher, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	r := reader{feed: p.feed.Name, out: out, seen: map[rowKey]struct{}{}}
	for f, err := range files {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if path.Ext(f.Path) == ".zip" {
			if err := r.zip(ctx, p, f); err != nil {
				return err
			}
			continue
		}
		if p.wants(f.Path) {
			r.file(f.Path, f.Data)
		}
	}
	if r.day != "" {
		out.Date(r.day)
	}
	return nil
}

func (p publisher) wants(name string) bool {
	if path.Ext(name) != ".json" || path.Base(name) == "last_updated.json" {
		return false
	}
	return p.only == nil || p.only(name)
}

// zip reads the records of an archive within the feed, as the buckets of osv.dev
// hold one for each ecosystem. Only the context's error ends the build.
func (r *reader) zip(ctx context.Context, p publisher, f sekisho.FeedFile) error {
	z, err := zip.NewReader(bytes.NewReader(f.Data), int64(len(f.Data)))
	if err != nil {
		r.out.Problem(f.Path, err)
		return nil
	}
	var buf bytes.Buffer
	for _, m := range z.File {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !p.wants(m.Name) {
			continue
		}
		name := f.Path + "/" + m.Name
		buf.Reset()
		in, err := m.Open()
		if err == nil {
			_, err = io.Copy(&buf, io.LimitReader(in, maxRecord+1))
			err = errors.Join(err, in.Close())
		}
		if err == nil && buf.Len() > maxRecord {
			err = errTooBig
		}
		if err != nil {
			r.out.Problem(name, err)
			continue
		}
		r.file(name, buf.Bytes())
	}
	return nil
}

// file reads one record.
func (r *reader) file(name string, data []byte) {
	r.path = name
	var rec record
	err := json.Unmarshal(data, &rec)
	if err == nil && rec.ID == "" {
		err = errNoID
	}
	if err != nil {
		r.out.Problem(name, err)
		return
	}
	r.day = max(r.day, day(rec.Modified), day(rec.Published), since(rec.ID))
	if rec.Withdrawn != "" {
		return
	}
	r.flaw(&rec)
	clear(r.seen)
	r.aliased = [2]bool{}
	for i := range rec.Affected {
		r.affected(&rec, &rec.Affected[i])
	}
}

// day is the date of an RFC 3339 time, empty when it is none or nonsense: the
// sources of the Go database say 0001, tests of others 3000.
func day(s string) string {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' || s < "1980" || s >= "2100" {
		return ""
	}
	for i, c := range []byte(s[:10]) {
		if i != 4 && i != 7 && (c < '0' || c > '9') {
			return ""
		}
	}
	return s[:10]
}

// since is the first day of the year in the id of a record of the Go database,
// whose sources carry no other date.
func since(id string) string {
	year, ok := strings.CutPrefix(id, "GO-")
	if !ok || len(year) < 4 {
		return ""
	}
	return day(year[:4] + "-01-01")
}

// flaw tells what a record says of a CVE, whatever package has it: only where
// the record is about that one and gives vectors for it.
func (r *reader) flaw(rec *record) {
	var vectors []sekisho.CVSS
	for _, s := range rec.Severity {
		if isVector(s.Type) {
			vectors = append(vectors, sekisho.CVSS{Source: r.feed, Vector: s.Score})
		}
	}
	if len(vectors) == 0 && len(rec.Specific.CWEs) == 0 {
		return
	}
	cve := ownCVE(rec.ID)
	own := cve != ""
	if !own {
		lists := [][]string{rec.Aliases, rec.Upstream}
		if len(rec.Affected) > 0 {
			p := &rec.Affected[0].Package
			if where, _ := locate(p.Ecosystem, p.Name, p.PURL); where.distro {
				lists = append(lists, rec.Related)
			}
		}
		for _, ids := range lists {
			for _, id := range ids {
				switch {
				case !isCVE(id) || id == cve:
				case cve != "":
					return // several: whose the vector is, is not said
				default:
					cve = id
				}
			}
			if cve != "" {
				break
			}
		}
	}
	if cve == "" {
		return
	}
	c := sekisho.CVE{ID: cve, CVSS: vectors, CWEs: rec.Specific.CWEs, Published: day(rec.Specific.NVDPublished)}
	if own && c.Published == "" {
		c.Published = day(rec.Published)
	}
	r.out.CVE(&c)
}

func isVector(kind string) bool { return strings.HasPrefix(kind, "CVSS_V") }

func isCVE(id string) bool { return strings.HasPrefix(id, "CVE-") }

// ownCVE is the CVE that a record is about by its own id: "CVE-2024-1",
// "UBUNTU-CVE-2024-1", "CURL-CVE-2024-1".
func ownCVE(id string) string {
	if i := strings.Index(id, "CVE-"); i == 0 || i > 0 && id[i-1] == '-' {
		return id[i:]
	}
	return ""
}
