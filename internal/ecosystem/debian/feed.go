// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feeds returns the feed of Debian's security tracker. It reads, by their base
// names:
//
//   - data.json, https://security-tracker.debian.org/tracker/data/json:
//     {package: {id: {releases: {codename: {status, fixed_version, urgency,
//     nodsa, nodsa_reason}}}}}, the rows;
//   - DSA-list and DLA-list, data/DSA/list and data/DLA/list of
//     https://salsa.debian.org/security-tracker-team/security-tracker: which
//     announcement fixed a flaw in a release;
//   - CVE-list.*, data/CVE/list of the same, whole or in part: what the security
//     team decided where data.json says no more than "open", or nothing.
//
// Every other file is passed over: the overlay beside a rebuilt data.json tells
// where its rows came from, and says nothing that they do not.
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name:      "debian-tracker",
		Publisher: "Debian Security Team",
		License:   "public data, no licence stated",
		URL:       "https://security-tracker.debian.org/tracker/data/json",
		Starter:   true,
		Parse:     parseTracker,
	}}
}

// worldOf is the world of a release by its codename. Sid has no number.
func worldOf(codename string) (string, bool) {
	switch codename {
	case "wheezy":
		return "debian/7", true
	case "jessie":
		return "debian/8", true
	case "stretch":
		return "debian/9", true
	case "buster":
		return "debian/10", true
	case "bullseye":
		return "debian/11", true
	case "bookworm":
		return "debian/12", true
	case "trixie":
		return "debian/13", true
	case "forky":
		return "debian/14", true
	case "duke":
		return "debian/15", true
	case "sid":
		return "debian/sid", true
	}
	return "", false
}

// trackerRow is a cell of data.json.
type trackerRow struct {
	subject
	status, fixed, urgency, reason string
	nodsa                          bool
}

// subject is what a row, an announcement or a note is about.
type subject struct{ pkg, id, codename string }

// tracker gathers the files: the lists may come after data.json.
type tracker struct {
	out   sekisho.FeedSink
	rows  []trackerRow
	seen  bool
	lists announcements
	notes map[subject]string
	order []subject // of notes
}

func parseTracker(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	t := tracker{out: out, lists: announcements{of: map[subject][]announcement{}}, notes: map[subject]string{}}
	for f, err := range files {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		switch base := path.Base(f.Path); {
		case base == "data.json":
			t.seen = true
			t.readData(f)
		case base == "DSA-list", base == "DLA-list", strings.HasSuffix(f.Path, "DSA/list"), strings.HasSuffix(f.Path, "DLA/list"):
			t.lists.read(f, out)
		case strings.HasPrefix(base, "CVE-list"), strings.HasSuffix(f.Path, "CVE/list"):
			t.readNotes(f)
		}
	}
	if !t.seen {
		out.Problem("data.json", errors.New("the feed has no such file: nothing is known of any release"))
		return nil
	}
	if t.lists.newest != "" {
		out.Date(t.lists.newest)
	}
	t.emit()
	return ctx.Err()
}

// flaw is the value of an id in data.json. The description is not read.
type flaw struct {
	Releases map[string]struct {
		Status string `json:"status"`
		Fixed  string `json:"fixed_version"`
		// Urgency is a word, with "**" where the tracker's editors set it by
		// hand.
		Urgency string `json:"urgency"`
		// NoDSA gives the words of the team why there is no announcement, and
		// Reason what follows: "", "ignored" or "postponed".
		NoDSA  *string `json:"nodsa"`
		Reason string  `json:"nodsa_reason"`
	} `json:"releases"`
}

// readData reads one package at a time. What is damaged is left out alone, as
// far as its bounds can still be told.
func (t *tracker) readData(f sekisho.FeedFile) {
	d := json.NewDecoder(bytes.NewReader(f.Data))
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		t.out.Problem(f.Path, errors.New("is no JSON object of packages"))
		return
	}
	for d.More() {
		tok, err := d.Token()
		pkg, ok := tok.(string)
		var raw json.RawMessage
		if err == nil && ok {
			err = d.Decode(&raw)
		}
		if err != nil || !ok {
			t.out.Problem(f.Path, fmt.Errorf("read after the package %q, byte %d: %w", pkg, d.InputOffset(), err))
			return
		}
		t.readPackage(f.Path, pkg, raw)
	}
	if _, err := d.Token(); err != nil {
		t.out.Problem(f.Path, fmt.Errorf("is cut off at byte %d: %w", d.InputOffset(), err))
	}
}

func (t *tracker) readPackage(file, pkg string, raw json.RawMessage) {
	var flaws map[string]flaw
	if err := json.Unmarshal(raw, &flaws); err != nil {
		var each map[string]json.RawMessage
		if err := json.Unmarshal(raw, &each); err != nil {
			t.out.Problem(file, fmt.Errorf("read the package %q: %w", pkg, err))
			return
		}
		flaws = make(map[string]flaw, len(each))
		for _, id := range slices.Sorted(maps.Keys(each)) {
			var one flaw
			if err := json.Unmarshal(each[id], &one); err != nil {
				t.out.Problem(file, fmt.Errorf("read %q of the package %q: %w", id, pkg, err))
				continue
			}
			flaws[id] = one
		}
	}
	for _, id := range slices.Sorted(maps.Keys(flaws)) {
		if !isFlaw(id) {
			t.out.Problem(file, fmt.Errorf("the package %q has the id %q, which is neither CVE- nor TEMP-", pkg, id))
			continue
		}
		releases := flaws[id].Releases
		for _, codename := range slices.Sorted(maps.Keys(releases)) {
			r := releases[codename]
			t.rows = append(t.rows, trackerRow{
				subject: subject{pkg, id, codename},
				status:  r.Status, fixed: r.Fixed, reason: r.Reason, nodsa: r.NoDSA != nil,
				urgency: strings.TrimRight(r.Urgency, "* "),
			})
		}
	}
}

// thin is the share of the fullest release's rows, one in so many, that a
// release must have to count as covered. The tracker lists the releases that it
// follows for every package; what is left of a former one would let its
// packages seem assessed.
const thin = 100

// emit calls out for each row, in the order of data.json, then for what only
// the notes say.
func (t *tracker) emit() {
	count := map[string]int{}
	for i := range t.rows {
		count[t.rows[i].codename]++
	}
	most := 0
	for _, n := range count {
		most = max(most, n)
	}
	covered, packages := map[string]string{}, map[string]bool{}
	for _, codename := range slices.Sorted(maps.Keys(count)) {
		world, known := worldOf(codename)
		switch {
		case !known:
			t.out.Problem("data.json", fmt.Errorf("the release %q is not known: its %d rows are left out", codename, count[codename]))
		case count[codename] < most/thin:
			t.out.Problem("data.json", fmt.Errorf("the release %q has %d rows and another %d: it is not covered, its rows are left out",
				codename, count[codename], most))
		default:
			covered[codename] = world
		}
	}
	for i := range t.rows {
		r := &t.rows[i]
		packages[r.pkg] = true
		note := t.notes[r.subject]
		delete(t.notes, r.subject)
		if world := covered[r.codename]; world != "" {
			t.emitRow(world, r, note)
		}
	}
	for _, s := range t.order {
		note, left := t.notes[s]
		if world := covered[s.codename]; left && world != "" && packages[s.pkg] {
			delete(t.notes, s)
			t.out.Advisory(&sekisho.Advisory{World: world, Package: s.pkg, BySource: true, ID: s.id, Status: statusOfNote(note)})
		}
	}
}

func (t *tracker) emitRow(world string, r *trackerRow, note string) {
	a := sekisho.Advisory{World: world, Package: r.pkg, BySource: true, ID: r.id}
	a.Severity, a.Urgency = severityOf(r.urgency)
	switch r.status {
	case "resolved":
		switch r.fixed {
		case "":
			t.out.Problem("data.json", fmt.Errorf("%s of %s is resolved in %s, by no version", r.id, r.pkg, r.codename))
			return
		case "0":
			a.Status = sekisho.StatusNotAffected
		default:
			a.Status = sekisho.StatusFixed
			a.Ranges = []sekisho.Range{{Fixed: r.fixed}}
			for _, l := range t.lists.of[r.subject] {
				a.Aliases = append(a.Aliases, l.id)
				if a.Published == "" || l.day < a.Published {
					a.Published = l.day
				}
			}
		}
	case "open":
		a.Status = sekisho.StatusAffected
		switch {
		case r.urgency == "end-of-life":
			a.Status = sekisho.StatusEndOfLife
		case r.nodsa && r.reason == "ignored":
			a.Status = sekisho.StatusWillNotFix
		case r.nodsa && r.reason == "postponed":
			a.Status = sekisho.StatusDeferred
		case note != "" && !r.nodsa:
			a.Status = statusOfNote(note)
		}
	case "undetermined":
		a.Status = sekisho.StatusInvestigating
	default:
		t.out.Problem("data.json", fmt.Errorf("%s of %s has the status %q in %s, which is not known", r.id, r.pkg, r.status, r.codename))
		return
	}
	t.out.Advisory(&a)
}

// severityOf gives the severity that an urgency means, and the word to keep.
// "Not yet assigned" is the absence of one.
func severityOf(urgency string) (sekisho.Severity, string) {
	switch urgency {
	case "unimportant":
		return sekisho.SeverityNegligible, urgency
	case "low":
		return sekisho.SeverityLow, urgency
	case "medium":
		return sekisho.SeverityMedium, urgency
	case "high":
		return sekisho.SeverityHigh, urgency
	case "not yet assigned":
		return sekisho.SeverityUnknown, ""
	}
	return sekisho.SeverityUnknown, urgency
}

// isFlaw reports whether id is CVE-YEAR-NUMBER, or one of the tracker's own
// TEMP-BUG-HASH for what has no CVE yet.
func isFlaw(id string) bool {
	if rest, ok := strings.CutPrefix(id, "CVE-"); ok {
		year, number, _ := strings.Cut(rest, "-")
		return len(year) == 4 && len(number) >= 4 && len(number) <= 19 && digits(year) && digits(number)
	}
	rest, ok := strings.CutPrefix(id, "TEMP-")
	bug, hash, _ := strings.Cut(rest, "-")
	return ok && len(id) <= 64 && bug != "" && digits(bug) && hash != "" && strings.Trim(hash, "0123456789ABCDEFabcdef") == ""
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
