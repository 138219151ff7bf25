// SPDX-License-Identifier: Apache-2.0

package advisory

import (
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// The format of a row and of a flaw within a block; docs/database.md describes
// it. Every number is a varint, a string its length and its bytes. What a row
// does not have costs one bit of its flags.
const (
	hasAliases = 1 << iota
	hasVersions
	hasSeverity
	hasUrgency
	hasCVSS
	hasModule
	hasArches
	hasChannel
	hasPublished
	hasModified
	hasSummary
	hasInformational
	isMalicious
	isBySource
)

// statuses in the order of their codes: append only.
var statuses = []string{
	sekisho.StatusFixed, sekisho.StatusAffected, sekisho.StatusNotAffected, sekisho.StatusWillNotFix,
	sekisho.StatusEndOfLife, sekisho.StatusInvestigating, sekisho.StatusDeferred,
}

var errShort = message.New("the record ends early")

type encoder struct{ b []byte }

func (e *encoder) uint(n uint64) { e.b = binary.AppendUvarint(e.b, n) }

func (e *encoder) str(s string) {
	e.uint(uint64(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoder) strs(list []string, one func(string)) {
	e.uint(uint64(len(list)))
	for _, s := range list {
		one(s)
	}
}

// id writes an identifier. A CVE in its usual form is its number shifted by
// one, with its year; anything else is a length shifted by one, marked, and
// the bytes.
func (e *encoder) id(s string) {
	if year, n, ok := cveNumber(s); ok {
		e.uint(n << 1)
		e.uint(year)
		return
	}
	e.uint(uint64(len(s))<<1 | 1)
	e.b = append(e.b, s...)
}

// cveNumber splits "CVE-2024-0001" into 24 (years since 2000, wrapped below
// that at 100) and 1; only where the same text comes back.
func cveNumber(s string) (year, n uint64, ok bool) {
	rest, ok := strings.CutPrefix(s, "CVE-")
	if !ok || len(rest) < 9 || rest[4] != '-' || len(rest) > 16 || (len(rest) > 9 && rest[5] == '0') {
		return 0, 0, false
	}
	y, err := strconv.ParseUint(rest[:4], 10, 16)
	if err != nil || y < 1990 || y > 2089 {
		return 0, 0, false
	}
	if n, err = strconv.ParseUint(rest[5:], 10, 48); err != nil {
		return 0, 0, false
	}
	return (y + 100 - 2000) % 100, n, true
}

func cveText(year, n uint64) string {
	y := 2000 + year
	if year >= 90 {
		y -= 100
	}
	b := make([]byte, 0, 16)
	b = append(b, "CVE-"...)
	b = strconv.AppendUint(b, y, 10)
	b = append(b, '-')
	for limit := uint64(1000); limit > n && limit > 1; limit /= 10 {
		b = append(b, '0')
	}
	return string(strconv.AppendUint(b, n, 10))
}

// epoch of the days in records.
var epoch = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// day writes "2024-05-06" (or the beginning of a longer timestamp) as days; 0
// for anything else.
func (e *encoder) day(s string) { e.uint(dayNumber(s)) }

func dayNumber(s string) uint64 {
	if len(s) < 10 {
		return 0
	}
	t, err := time.Parse(time.DateOnly, s[:10])
	if err != nil || t.Before(epoch) {
		return 0
	}
	return uint64(t.Sub(epoch)/(24*time.Hour)) + 1
}

func dayText(n uint64) string {
	if n == 0 || n > 60000 {
		return ""
	}
	return epoch.AddDate(0, 0, int(n-1)).Format(time.DateOnly)
}

// advisory appends one row. The feed is a number that the shard's table
// resolves; World and Package are the row's place and not repeated.
func (e *encoder) advisory(a *sekisho.Advisory, feed int, facts bool) {
	e.b = append(e.b, byte(feed))
	var flags uint64
	set := func(bit uint64, on bool) {
		if on {
			flags |= bit
		}
	}
	published, modified := dayNumber(a.Published), dayNumber(a.Modified)
	set(hasAliases, len(a.Aliases) > 0)
	set(hasVersions, len(a.Versions) > 0)
	set(hasSeverity, a.Severity != 0)
	set(hasUrgency, a.Urgency != "")
	set(hasCVSS, len(a.CVSS) > 0)
	set(hasModule, a.Module != "")
	set(hasArches, len(a.Arches) > 0)
	set(hasChannel, a.Channel != "")
	set(hasPublished, published != 0)
	set(hasModified, modified != 0)
	set(hasSummary, a.Summary != "" && !facts)
	set(hasInformational, a.Informational != "")
	set(isMalicious, a.Malicious)
	set(isBySource, a.BySource)
	e.uint(flags)
	e.b = append(e.b, statusCode(a.Status))
	e.id(a.ID)
	e.uint(uint64(len(a.Ranges)))
	for _, r := range a.Ranges {
		e.rng(r)
	}
	if flags&hasAliases != 0 {
		e.strs(a.Aliases, e.id)
	}
	if flags&hasVersions != 0 {
		e.strs(a.Versions, e.str)
	}
	if flags&hasSeverity != 0 {
		e.b = append(e.b, byte(a.Severity))
	}
	if flags&hasUrgency != 0 {
		e.str(a.Urgency)
	}
	if flags&hasCVSS != 0 {
		e.strs(a.CVSS, e.vector)
	}
	if flags&hasModule != 0 {
		e.str(a.Module)
	}
	if flags&hasArches != 0 {
		e.strs(a.Arches, e.str)
	}
	if flags&hasChannel != 0 {
		e.str(a.Channel)
	}
	if flags&hasPublished != 0 {
		e.uint(published)
	}
	if flags&hasModified != 0 {
		e.uint(modified)
	}
	if flags&hasSummary != 0 {
		e.str(a.Summary)
	}
	if flags&hasInformational != 0 {
		e.str(a.Informational)
	}
}

// rng writes a range: a byte that says which ends there are, then the ends.
func (e *encoder) rng(r sekisho.Range) {
	var kind byte
	if r.Introduced != "" && r.Introduced != "0" {
		kind |= 1
	}
	if r.Fixed != "" {
		kind |= 2
	}
	if r.LastAffected != "" {
		kind |= 4
	}
	e.b = append(e.b, kind)
	if kind&1 != 0 {
		e.str(r.Introduced)
	}
	if kind&2 != 0 {
		e.str(r.Fixed)
	}
	if kind&4 != 0 {
		e.str(r.LastAffected)
	}
}

func statusCode(s string) byte {
	for i, n := range statuses {
		if n == s {
			return byte(i)
		}
	}
	return byte(1) // affected: what is not understood is not called harmless
}

// decoder reads what encoder wrote. Strings are parts of the block's text:
// they cost nothing and keep the block alive.
type decoder struct {
	s   string
	err error
}

func (d *decoder) fail() {
	d.err = errShort
	d.s = ""
}

func (d *decoder) uint() uint64 {
	var n uint64
	for i := 0; i < len(d.s) && i < 10; i++ {
		c := d.s[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.s = d.s[i+1:]
			return n
		}
	}
	d.fail()
	return 0
}

func (d *decoder) byte() byte {
	if d.s == "" {
		d.fail()
		return 0
	}
	c := d.s[0]
	d.s = d.s[1:]
	return c
}

func (d *decoder) take(n uint64) string {
	if n > uint64(len(d.s)) {
		d.fail()
		return ""
	}
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}

func (d *decoder) str() string { return d.take(d.uint()) }

func (d *decoder) id() string {
	n := d.uint()
	if n&1 != 0 {
		return d.take(n >> 1)
	}
	return cveText(d.uint()%100, n>>1)
}

// strs reads into the memory of list.
func (d *decoder) strs(list []string, one func() string) []string {
	list = list[:0]
	n := d.uint()
	if n > uint64(len(d.s)) {
		d.fail()
		return list
	}
	for range n {
		list = append(list, one())
	}
	return list
}

// advisory reads one row into a, whose slices are used again. It returns the
// number of the feed.
func (d *decoder) advisory(a *sekisho.Advisory) (feed int) {
	*a = sekisho.Advisory{World: a.World, Package: a.Package, Aliases: a.Aliases[:0], Ranges: a.Ranges[:0], Versions: a.Versions[:0], CVSS: a.CVSS[:0], Arches: a.Arches[:0]}
	feed = int(d.byte())
	flags := d.uint()
	a.Malicious, a.BySource = flags&isMalicious != 0, flags&isBySource != 0
	if code := int(d.byte()); code < len(statuses) {
		a.Status = statuses[code]
	} else {
		d.fail()
	}
	a.ID = d.id()
	n := d.uint()
	if n > uint64(len(d.s)) {
		d.fail()
		return feed
	}
	for range n {
		var r sekisho.Range
		kind := d.byte()
		if kind&1 != 0 {
			r.Introduced = d.str()
		}
		if kind&2 != 0 {
			r.Fixed = d.str()
		}
		if kind&4 != 0 {
			r.LastAffected = d.str()
		}
		a.Ranges = append(a.Ranges, r)
	}
	if flags&hasAliases != 0 {
		a.Aliases = d.strs(a.Aliases, d.id)
	}
	if flags&hasVersions != 0 {
		a.Versions = d.strs(a.Versions, d.str)
	}
	if flags&hasSeverity != 0 {
		a.Severity = sekisho.Severity(d.byte())
	}
	if flags&hasUrgency != 0 {
		a.Urgency = d.str()
	}
	if flags&hasCVSS != 0 {
		a.CVSS = d.strs(a.CVSS, d.vector)
	}
	if flags&hasModule != 0 {
		a.Module = d.str()
	}
	if flags&hasArches != 0 {
		a.Arches = d.strs(a.Arches, d.str)
	}
	if flags&hasChannel != 0 {
		a.Channel = d.str()
	}
	if flags&hasPublished != 0 {
		a.Published = dayText(d.uint())
	}
	if flags&hasModified != 0 {
		a.Modified = dayText(d.uint())
	}
	if flags&hasSummary != 0 {
		a.Summary = d.str()
	}
	if flags&hasInformational != 0 {
		a.Informational = d.str()
	}
	return feed
}

// The parts that a flaw can have.
const (
	cveCVSS = 1 << iota
	cveCWEs
	cveEPSS
	cveKEV
	cveRansomware
	cveExploits
	cvePublished
	cveRejected
)

// cve appends what is known of a flaw; parts is a mask of what to write.
func (e *encoder) cve(c *sekisho.CVE, parts uint64) {
	var flags uint64
	for bit, on := range map[uint64]bool{
		cveCVSS: len(c.CVSS) > 0, cveCWEs: len(c.CWEs) > 0, cveEPSS: c.EPSS != nil, cveKEV: c.KEV != nil,
		cveRansomware: c.KEV != nil && c.KEV.Ransomware, cveExploits: len(c.Exploits) > 0, cvePublished: dayNumber(c.Published) != 0,
		cveRejected: c.Rejected,
	} {
		if on && parts&bit != 0 {
			flags |= bit
		}
	}
	e.uint(flags)
	if flags&cveCVSS != 0 {
		e.uint(uint64(len(c.CVSS)))
		for _, v := range c.CVSS {
			e.str(v.Source)
			e.vector(v.Vector)
		}
	}
	if flags&cveCWEs != 0 {
		e.strs(c.CWEs, func(s string) { e.str(strings.TrimPrefix(s, "CWE-")) })
	}
	if flags&cveEPSS != 0 {
		// first.org publishes five decimals.
		e.uint(uint64(c.EPSS.Score*1e5 + 0.5))
		e.uint(uint64(c.EPSS.Percentile*1e5 + 0.5))
		e.day(c.EPSS.Date)
	}
	if flags&cveKEV != 0 {
		e.day(c.KEV.Added)
		e.day(c.KEV.Due)
	}
	if flags&cveExploits != 0 {
		e.strs(c.Exploits, e.str)
	}
	if flags&cvePublished != 0 {
		e.day(c.Published)
	}
}

// cve reads a flaw into c, beside what c already has.
func (d *decoder) cve(c *sekisho.CVE) {
	flags := d.uint()
	if flags&cveCVSS != 0 {
		n := d.uint()
		if n > uint64(len(d.s)) {
			d.fail()
			return
		}
		for range n {
			source := d.str()
			vector := d.vector()
			c.CVSS = append(c.CVSS, sekisho.CVSS{Source: source, Vector: vector, Score: Score(vector)})
		}
	}
	if flags&cveCWEs != 0 {
		c.CWEs = d.strs(nil, func() string { return "CWE-" + d.str() })
	}
	if flags&cveEPSS != 0 {
		c.EPSS = &sekisho.EPSS{Score: float64(d.uint()) / 1e5, Percentile: float64(d.uint()) / 1e5, Date: dayText(d.uint())}
	}
	if flags&cveKEV != 0 {
		c.KEV = &sekisho.KEV{Added: dayText(d.uint()), Due: dayText(d.uint()), Ransomware: flags&cveRansomware != 0}
	}
	if flags&cveExploits != 0 {
		c.Exploits = d.strs(nil, d.str)
	}
	if flags&cvePublished != 0 {
		c.Published = dayText(d.uint())
	}
	c.Rejected = c.Rejected || flags&cveRejected != 0
}
