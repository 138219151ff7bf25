// SPDX-License-Identifier: Apache-2.0

// Package ubuntu knows the feed of Ubuntu's security team: its tracker of CVEs,
// a text file each. What Ubuntu leaves on a disk is dpkg's, and the debian
// room's to read. It judges nothing.
//
// Format: https://git.launchpad.net/ubuntu-cve-tracker, README and
// scripts/cve_lib.py describe it.
package ubuntu

import (
	"context"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/advisory/feedfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feeds returns the feed of the tracker's active and retired CVEs.
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name:      "ubuntu-uct",
		Publisher: "Canonical",
		License:   "CC-BY-SA-4.0",
		URL:       "https://git.launchpad.net/ubuntu-cve-tracker",
		Parse:     parseTracker,
	}}
}

// parseTracker reads every file named CVE-*. Those of "ignored" are about no
// package of Ubuntu, and "subprojects" about what is not in its archive.
func parseTracker(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	strange := map[string]bool{}
	return feedfile.Each(ctx, files, out, func(p string) bool {
		dirs := strings.Split(path.Dir(p), "/")
		return strings.HasPrefix(path.Base(p), "CVE-") && !slices.Contains(dirs, "ignored") && !slices.Contains(dirs, "subprojects")
	}, func(f sekisho.FeedFile, out sekisho.FeedSink) error { return parseCVE(f, strange, out) })
}

// line is a status: of a package, in a release and channel.
type line struct {
	pkg, key string
	series
	word, detail string
}

// parseCVE reads one file. A series that is not known is told once and kept in
// strange.
func parseCVE(f sekisho.FeedFile, strange map[string]bool, out sekisho.FeedSink) error {
	cve := sekisho.CVE{}
	priority := map[string]string{}
	var lines []line
	field, number := "", 0
	for text := range strings.Lines(string(f.Data)) {
		number++
		text = strings.TrimRight(text, "\r\n \t")
		if text == "" || text[0] == '#' {
			field = ""
			continue
		}
		if text[0] == ' ' || text[0] == '\t' {
			if field == "CVSS" {
				if c, ok := readCVSS(text); ok {
					cve.CVSS = append(cve.CVSS, c)
				}
			}
			continue
		}
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			field = ""
			continue // prose that lost its indent
		}
		field, value = name, strings.TrimSpace(value)
		switch word, _, _ := strings.Cut(value, " "); {
		case name == "Candidate":
			cve.ID = value
		case name == "PublicDate":
			cve.Published = dayOf(value)
		case name == "Priority", strings.HasPrefix(name, "Priority_"):
			priority[name] = word
		case name != "" && name[0] >= 'a' && name[0] <= 'z':
			l, err := readLine(name, value)
			if err != nil {
				out.Problem(f.Path, fmt.Errorf("line %d: %w", number, err))
				continue
			}
			if !l.known && !strange[l.key] {
				strange[strings.Clone(l.key)] = true
				out.Problem(f.Path, fmt.Errorf("line %d: the series %q is not known; its lines are left out", number, l.key))
			}
			if l.world != "" && l.word != "DNE" {
				lines = append(lines, l)
			}
		}
	}
	if !isCVE(cve.ID) {
		return fmt.Errorf("the candidate is %q, no CVE", cve.ID)
	}
	if cve.Published != "" {
		out.Date(cve.Published)
	}
	if len(cve.CVSS) > 0 || cve.Published != "" {
		out.CVE(&cve)
	}
	settled := map[[2]string]bool{}
	for i := range lines {
		if l := &lines[i]; l.channel == "" && (l.word == "released" || l.word == "not-affected") {
			settled[[2]string{l.world, l.pkg}] = true
		}
	}
	for i := range lines {
		if err := emit(&cve, &lines[i], settled, priority, out); err != nil {
			out.Problem(f.Path, err)
		}
	}
	return nil
}

// emit calls out for a status, unless it says no more than another one: settled
// are the worlds and packages that the release itself has fixed or never had
// to.
func emit(cve *sekisho.CVE, l *line, settled map[[2]string]bool, priority map[string]string, out sekisho.FeedSink) error {
	a := sekisho.Advisory{
		World: l.world, Package: l.pkg, BySource: true, ID: cve.ID, Channel: l.channel, Published: cve.Published,
	}
	for _, key := range []string{"Priority_" + l.pkg + "_" + l.key, "Priority_" + l.pkg, "Priority"} {
		if a.Urgency = priority[key]; a.Urgency != "" {
			break
		}
	}
	a.Severity = severityOf(a.Urgency)
	if a.Severity == sekisho.SeverityUnknown {
		a.Urgency = ""
	}
	switch l.word {
	case "released":
		version := versionOf(l.detail)
		if version == "" {
			return fmt.Errorf("%s is released in %s, by no version: %q", l.pkg, l.key, l.detail)
		}
		a.Status, a.Ranges = sekisho.StatusFixed, []sekisho.Range{{Fixed: version}}
	case "needed", "pending":
		a.Status = sekisho.StatusAffected
	case "needs-triage":
		a.Status = sekisho.StatusInvestigating
	case "deferred":
		a.Status = sekisho.StatusDeferred
	case "ignored":
		a.Status = sekisho.StatusWillNotFix
		if endOfLife(l.detail) {
			a.Status = sekisho.StatusEndOfLife
		}
	case "not-affected":
		// An extended channel starts from what its release had published: what
		// the release fixed is "not affected" there, which is no news of the
		// versions before the fix.
		if l.channel != "" && settled[[2]string{l.world, l.pkg}] {
			return nil
		}
		a.Status = sekisho.StatusNotAffected
	default:
		return fmt.Errorf("%s has the status %q in %s, which is not known", l.pkg, l.word, l.key)
	}
	out.Advisory(&a)
	return nil
}

// readLine takes "esm-infra/focal_openssl: released (1.1.1f-1ubuntu2.20)"
// apart, cut at the colon. Names of packages have no underscore.
func readLine(name, value string) (line, error) {
	key, pkg, ok := strings.Cut(name, "_")
	if !ok {
		return line{series: series{known: true}}, nil // a field that is not ours
	}
	if pkg == "" || strings.ContainsAny(pkg, " \t") {
		return line{}, fmt.Errorf("%q names no package", name)
	}
	word, detail, _ := strings.Cut(value, " ")
	if word == "" {
		return line{}, fmt.Errorf("%q has no status", name)
	}
	return line{pkg: pkg, key: key, series: seriesOf(key), word: word, detail: strings.TrimSpace(detail)}, nil
}

// versionOf is the version in "(1.2-3ubuntu1)"; empty when there is none.
func versionOf(detail string) string {
	v, _, _ := strings.Cut(strings.TrimLeft(detail, "( "), ")")
	if v == "" || v[0] < '0' || v[0] > '9' || len(v) > 256 {
		return ""
	}
	if strings.ContainsFunc(v, func(r rune) bool {
		return !strings.ContainsRune(".+~:-", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return ""
	}
	return v
}

// endOfLife reports whether the reason of an "ignored" is that support ended.
func endOfLife(reason string) bool {
	reason = strings.ToLower(reason)
	for _, s := range []string{"end of life", "end-of-life", "end of standard support", "out of standard support", "end of kernel support", "end of esm support"} {
		if strings.Contains(reason, s) {
			return true
		}
	}
	return false
}

// severityOf is the severity of a priority; "untriaged" is none yet.
func severityOf(priority string) sekisho.Severity {
	s, err := sekisho.ParseSeverity(priority)
	if err != nil {
		return sekisho.SeverityUnknown
	}
	return s
}

// readCVSS reads " nvd: CVSS:3.1/AV:N/... [7.5 HIGH]". The score is left to
// who computes it from the vector.
func readCVSS(text string) (sekisho.CVSS, bool) {
	source, rest, ok := strings.Cut(strings.TrimSpace(text), ": ")
	vector, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if !ok || !strings.HasPrefix(vector, "CVSS:") || len(vector) > 512 {
		return sekisho.CVSS{}, false
	}
	return sekisho.CVSS{Source: strings.Clone(source), Vector: strings.Clone(vector)}, true
}

// dayOf is the day of "2022-03-15 17:15:00 UTC"; empty for "unknown".
func dayOf(s string) string {
	day, _, _ := strings.Cut(s, " ")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return ""
	}
	return day
}

// isCVE reports whether id is CVE-YEAR-NUMBER.
func isCVE(id string) bool {
	rest, ok := strings.CutPrefix(id, "CVE-")
	year, number, _ := strings.Cut(rest, "-")
	isNumber := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	return ok && len(year) == 4 && len(number) >= 4 && len(number) <= 19 && isNumber(year) && isNumber(number)
}
