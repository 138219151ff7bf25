// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// announcement is a DSA or a DLA.
type announcement struct{ id, day string }

func (a announcement) compare(b announcement) int {
	return cmp.Or(strings.Compare(a.day, b.day), strings.Compare(a.id, b.id))
}

// announcements are those that fixed a flaw of a package in a release.
type announcements struct {
	of     map[subject][]announcement
	newest string
}

// maxPairs bounds what one announcement can name, flaws times packages: the
// largest real one has some thousand (a kernel in two releases).
const maxPairs = 100_000

// maxAnnouncements bounds those of one flaw in one package and release.
const maxAnnouncements = 50

// read reads a list of announcements:
//
//	[21 Aug 2026] DSA-6458-1 gst-plugins-bad1.0 - security update
//		{CVE-2026-12891 CVE-2026-12892}
//		[trixie] - gst-plugins-bad1.0 1.26.2-3+deb13u3
//
// A package that a release has no fixed version of is in angle brackets and
// not taken.
func (l *announcements) read(f sekisho.FeedFile, out sekisho.FeedSink) {
	var at announcement
	var flaws []string
	named := map[string]bool{}
	pairs := 0
	number := 0
	for line := range strings.Lines(string(f.Data)) {
		number++
		line = strings.TrimRight(line, "\r\n \t")
		switch {
		case strings.HasPrefix(line, "["):
			at, flaws, pairs = announcement{}, nil, 0
			clear(named)
			day, rest, ok := strings.Cut(line[1:], "] ")
			when, err := time.Parse("2 Jan 2006", day)
			id, _, _ := strings.Cut(rest, " ")
			if !ok || err != nil || !isAnnouncement(id) {
				out.Problem(f.Path, fmt.Errorf("line %d names no announcement and its day", number))
				continue
			}
			at = announcement{id: id, day: when.Format(time.DateOnly)}
			l.newest = max(l.newest, at.day)
		case at.id == "":
			// What belongs to a damaged announcement.
		case strings.HasPrefix(strings.TrimLeft(line, " \t"), "{"):
			list := strings.Trim(strings.TrimLeft(line, " \t"), "{}")
			for id := range strings.FieldsSeq(list) {
				if isFlaw(id) && !named[id] && len(flaws) < maxPairs {
					named[id] = true
					flaws = append(flaws, id)
				}
			}
		default:
			codename, pkg, what, ok := releaseLine(line)
			if !ok || strings.HasPrefix(what, "<") {
				continue
			}
			if pairs += len(flaws); pairs > maxPairs {
				out.Problem(f.Path, fmt.Errorf("line %d: %s names too many flaws and packages", number, at.id))
				at = announcement{}
				continue
			}
			for _, id := range flaws {
				s := subject{pkg, id, codename}
				if had := l.of[s]; len(had) < maxAnnouncements && !slices.Contains(had, at) {
					had = append(had, at)
					slices.SortFunc(had, announcement.compare)
					l.of[s] = had
				}
			}
		}
	}
}

// isAnnouncement reports whether id is DSA-NUMBER or DLA-NUMBER, with a
// revision or, as the first ones, without.
func isAnnouncement(id string) bool {
	rest, ok := strings.CutPrefix(id, "DSA-")
	if !ok {
		rest, ok = strings.CutPrefix(id, "DLA-")
	}
	number, revision, _ := strings.Cut(rest, "-")
	return ok && len(id) <= 20 && number != "" && digits(number) && digits(revision)
}

// releaseLine takes "[trixie] - foo 1.2-3" or "[trixie] - foo <no-dsa> (why)"
// apart; what is the version, or the note with its brackets.
func releaseLine(line string) (codename, pkg, what string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "[")
	if !ok {
		return "", "", "", false
	}
	codename, rest, ok = strings.Cut(rest, "]")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 3 || fields[0] != "-" {
		return "", "", "", false
	}
	return codename, fields[1], fields[2], true
}

// statusOfNote is what the team's decision means; empty for a word that is
// none.
func statusOfNote(note string) string {
	switch note {
	case "<not-affected>":
		return sekisho.StatusNotAffected
	case "<ignored>":
		return sekisho.StatusWillNotFix
	case "<postponed>":
		return sekisho.StatusDeferred
	case "<end-of-life>":
		return sekisho.StatusEndOfLife
	case "<no-dsa>", "<unfixed>":
		return sekisho.StatusAffected
	case "<undetermined>":
		return sekisho.StatusInvestigating
	}
	return ""
}

// readNotes reads the lines of a list of flaws that decide about a release:
//
//	CVE-2026-66034 (libssh2 through 1.11.1 ...)
//		- libssh2 1.11.1-5 (bug #1142856)
//		[trixie] - libssh2 <no-dsa> (Minor issue)
//		NOTE: https://example.com
//
// The lines without a release tell of unstable, and of the others only with
// every release's own version at hand, which data.json was made with.
func (t *tracker) readNotes(f sekisho.FeedFile) {
	id, number := "", 0
	for line := range strings.Lines(string(f.Data)) {
		number++
		if line = strings.TrimRight(line, "\r\n \t"); line == "" {
			continue
		}
		if line[0] != '\t' && line[0] != ' ' {
			id, _, _ = strings.Cut(line, " ")
			switch {
			case isFlaw(id):
			case strings.HasPrefix(id, "CVE-") && strings.HasSuffix(id, "-XXXX"):
				id = "" // not numbered yet: data.json calls it TEMP-
			default:
				t.out.Problem(f.Path, fmt.Errorf("line %d: %w", number, errors.New("names no CVE")))
				id = ""
			}
			continue
		}
		codename, pkg, note, ok := releaseLine(line)
		if !ok || id == "" || statusOfNote(note) == "" {
			continue
		}
		s := subject{pkg, id, codename}
		if _, had := t.notes[s]; !had {
			t.order = append(t.order, s)
		}
		t.notes[s] = note
	}
}
