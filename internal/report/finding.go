// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// ordered are the findings with the worst first.
func ordered(r *sekisho.Result) []*sekisho.Finding {
	out := make([]*sekisho.Finding, len(r.Findings))
	for i := range r.Findings {
		out[i] = &r.Findings[i]
	}
	slices.SortStableFunc(out, func(a, b *sekisho.Finding) int {
		if fresh(a) != fresh(b) { // what a change brings stands first
			if fresh(a) {
				return -1
			}
			return 1
		}
		return worse(a, b)
	})
	return out
}

// subject is what a finding is about: a package, a resource, a file.
func subject(f *sekisho.Finding) string {
	switch {
	case f.Package != nil && f.Package.Name != "":
		return strings.TrimSpace(f.Package.Name + " " + f.Package.Version)
	case f.Package != nil:
		return f.Package.PURL
	case f.Resource != "":
		return f.Resource
	case f.Location.Line > 0:
		return fmt.Sprintf("%s:%d", f.Location.Path, f.Location.Line)
	}
	return f.Location.Path
}

// headline is the title, or where there is none (facts have no prose) what is
// wrong with what.
func headline(f *sekisho.Finding) string {
	if f.Title != "" {
		return f.Title
	}
	if s := subject(f); s != "" {
		return f.Rule + " in " + s
	}
	return f.Rule
}

// score is the highest CVSS score that a source gives, 0 where none does.
func score(f *sekisho.Finding) float64 {
	best := 0.0
	for _, c := range f.CVSS {
		best = max(best, c.Score)
	}
	return best
}

// exploited says whether the flaw is known to be used in attacks.
func exploited(f *sekisho.Finding) bool { return f.KEV != nil }

func percent(f float64) string { return fmt.Sprintf("%.1f%%", 100*f) }

// scores is what is known of the danger, in a few words: "KEV (ransomware),
// CVSS 9.8, EPSS 94.4%". Empty where nothing is.
func scores(f *sekisho.Finding, l message.Lang) []string {
	var out []string
	switch {
	case f.KEV != nil && f.KEV.Ransomware:
		out = append(out, l.Of(message.KEVRansomware))
	case f.KEV != nil:
		out = append(out, "KEV")
	}
	if s := score(f); s > 0 {
		out = append(out, fmt.Sprintf("CVSS %.1f", s))
	}
	if f.EPSS != nil {
		out = append(out, "EPSS "+percent(f.EPSS.Score))
	}
	return out
}

// fixedIn is the version that fixes a finding, with the channel where it is to
// be had from an extra one alone: "1.2 (esm-apps)".
func fixedIn(f *sekisho.Finding) string {
	channel := ""
	for _, e := range f.Evidence {
		if e.Fixed != "" && e.Fixed == f.Fixed {
			if e.Channel == "" {
				return f.Fixed
			}
			channel = e.Channel
		}
	}
	if f.Fixed == "" || channel == "" {
		return f.Fixed
	}
	return f.Fixed + " (" + channel + ")"
}

// ofPackage says whether a finding is a flaw, or malice, of a package, as
// formats for vulnerabilities know them.
func ofPackage(f *sekisho.Finding) bool {
	return f.Package != nil && (f.Kind == sekisho.Vulnerability || f.Kind == sekisho.Malware)
}

// statusText is the state of a finding that nothing fixes.
func statusText(f *sekisho.Finding, l message.Lang) string {
	if f.Kind != sekisho.Vulnerability || f.Fixed != "" {
		return ""
	}
	if m, ok := message.StatusNames[f.Status]; ok {
		return l.Of(m)
	}
	return orElse(f.Status, l.Of(message.StatusNames["affected"]))
}

// advise is what to do about a finding, where something can be done.
func advise(f *sekisho.Finding, l message.Lang) string {
	switch {
	case f.Fix != "":
		return f.Fix
	case f.Kind == sekisho.Malware && f.Package != nil && f.Package.Name != "":
		return l.Of(message.RemoveMalicious, strings.TrimSpace(f.Package.Name+" "+f.Package.Version))
	case f.Fixed != "" && f.Package != nil && f.Package.Name != "":
		return l.Of(message.UpgradeTo, f.Package.Name, fixedIn(f))
	case f.Fixed != "":
		return l.Of(message.UpgradeTo, subject(f), fixedIn(f))
	}
	return ""
}

// facts are the details of a finding as pairs of a label and a value, for
// formats that show one finding at a time.
func facts(f *sekisho.Finding, l message.Lang) [][2]string {
	var out [][2]string
	add := func(label message.Text, value string) {
		if value != "" {
			out = append(out, [2]string{l.Of(label), value})
		}
	}
	if f.KEV != nil {
		s := l.Of(message.KEVAdded, orElse(f.KEV.Added, "-"))
		if f.KEV.Due != "" {
			s += l.Of(message.KEVDue, f.KEV.Due)
		}
		if f.KEV.Ransomware {
			s += l.Of(message.KEVUsedByRansomware)
		}
		add(message.Exploited, s)
	}
	for _, c := range f.CVSS {
		s := fmt.Sprintf("%.1f", c.Score)
		if c.Score <= 0 {
			s = "-"
		}
		if c.Source != "" {
			s += " (" + c.Source + ")"
		}
		add(message.CVSS, strings.TrimSpace(s+" "+c.Vector))
	}
	if e := f.EPSS; e != nil {
		s := percent(e.Score)
		if e.Percentile > 0 {
			s = l.Of(message.EPSSRank, s, percent(math.Floor(1000*e.Percentile)/1000)) // 0.99954 is not all of them
		}
		if e.Date != "" {
			s += " (" + e.Date + ")"
		}
		add(message.EPSS, s)
	}
	add(message.Exploits, strings.Join(f.Exploits, ", "))
	add(message.CWEs, strings.Join(f.CWEs, ", "))
	add(message.Aliases, strings.Join(f.Aliases, ", "))
	add(message.Status, statusText(f, l))
	add(message.Published, f.Published)
	if head, lines := RiskText(f.Risk, l); head != "" {
		for i := range lines {
			lines[i] = strings.Join(strings.Fields(lines[i]), " ")
		}
		add(message.RiskScore, head+": "+strings.Join(lines, "; "))
	}
	for _, e := range f.Evidence {
		add(message.Evidence, evidenceText(&e, l))
	}
	for i := range f.Witnesses {
		add(message.Witnesses, WitnessText(&f.Witnesses[i], l))
	}
	for i := range f.Disagreements {
		add(message.Disagreements, DisagreementText(&f.Disagreements[i], l))
	}
	return out
}

// SuppressionText says who silenced a finding, why, and until when.
func SuppressionText(s *sekisho.Suppression, l message.Lang) string {
	if s.Code != "" {
		return l.Of(message.StatedBy, s.By, l.Fault(s.Code, nil, s.Reason))
	}
	why := slices.DeleteFunc([]string{s.Status, s.Justification, s.Reason}, func(s string) bool { return s == "" })
	out := l.Of(message.SuppressedBy, s.By, orElse(strings.Join(why, ": "), l.Of(message.SuppressedNoReason)))
	if s.Until != "" {
		out += l.Of(message.SuppressedUntil, s.Until)
	}
	return out
}

// evidenceText is one reason in one line: "debian-tracker CVE-1 (2026-01-01):
// installed 1 is below 2 [< 2, dpkg]".
func evidenceText(e *sekisho.Evidence, l message.Lang) string {
	s := strings.TrimSpace(e.Source + " " + e.ID)
	if e.Date != "" {
		s += " (" + e.Date + ")"
	}
	var says []string
	if e.Text != "" {
		says = append(says, l.Fault(e.Code, e.Args, e.Text))
	}
	if e.Severity != "" {
		says = append(says, "severity "+e.Severity)
	}
	if e.Status != "" && e.Status != sekisho.StatusFixed {
		says = append(says, strings.ReplaceAll(e.Status, "_", " "))
	}
	if e.Fixed != "" {
		says = append(says, "fixed in "+e.Fixed)
	}
	if e.Channel != "" {
		says = append(says, "from "+e.Channel)
	}
	if len(says) > 0 {
		s += ": " + strings.Join(says, ", ")
	}
	var by []string
	for _, v := range []string{e.Range, e.Order} {
		if v != "" {
			by = append(by, v)
		}
	}
	if len(by) > 0 {
		s += " [" + strings.Join(by, ", ") + "]"
	}
	if e.Path != "" {
		s += " " + e.Path
		if e.Line > 0 {
			s += fmt.Sprintf(":%d", e.Line)
		}
	}
	return s
}

// links are the references that are web addresses, at most most of them.
func links(f *sekisho.Finding, most int) []string {
	var out []string
	for _, s := range f.References {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsAny(s, " <>\"`{}|\\^") || slices.Contains(out, s) {
			continue
		}
		if len(out) == most {
			break
		}
		out = append(out, s)
	}
	return out
}

// cwe is the number of "CWE-79", 0 where it is none.
func cwe(s string) int {
	digits, ok := strings.CutPrefix(s, "CWE-")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 {
		return 0
	}
	return n
}

// idPage is where a person reads about an id; empty for unknown sorts.
func idPage(id string) string {
	strange := func(c rune) bool {
		return c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	}
	switch {
	case strings.ContainsFunc(id, strange):
		return ""
	case strings.HasPrefix(id, "CVE-"):
		return "https://nvd.nist.gov/vuln/detail/" + id
	case strings.HasPrefix(id, "GHSA-"):
		return "https://github.com/advisories/" + id
	}
	return ""
}

// worse orders findings for people: the severity, what is exploited, the
// scores, what can be fixed, and the id.
func worse(a, b *sekisho.Finding) int {
	epss := func(f *sekisho.Finding) float64 {
		if f.EPSS == nil {
			return 0
		}
		return f.EPSS.Score
	}
	order := func(x, y float64) int {
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	}
	truth := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	for _, n := range []int{
		order(float64(a.Severity), float64(b.Severity)), order(truth(fresh(a)), truth(fresh(b))), order(truth(exploited(a)), truth(exploited(b))),
		order(epss(a), epss(b)), order(score(a), score(b)), order(truth(a.Fixed != ""), truth(b.Fixed != "")),
	} {
		if n != 0 {
			return n
		}
	}
	return strings.Compare(a.Rule, b.Rule)
}

// tally counts the findings of a result that nothing suppressed.
type tally struct {
	by                                  map[sekisho.Severity]int
	all, suppressed, fixable, exploited int
}

func count(r *sekisho.Result) *tally {
	t := &tally{by: map[sekisho.Severity]int{}}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Suppressed != nil {
			t.suppressed++
			continue
		}
		t.by[f.Severity]++
		t.all++
		if f.Fixed != "" {
			t.fixable++
		}
		if exploited(f) {
			t.exploited++
		}
	}
	return t
}

// line of a tally: "14 findings: critical 3, high 4; 9 with a fix; ...".
func (t *tally) line(l message.Lang, packages int) string {
	var sums []string
	for _, s := range sekisho.Severities {
		if t.by[s] > 0 {
			sums = append(sums, fmt.Sprintf("%s %d", l.Of(message.SeverityNames[s.String()]), t.by[s]))
		}
	}
	out := l.Of(message.TotalFindings, t.all)
	if len(sums) > 0 {
		out = l.Of(message.TotalBySeverity, t.all, strings.Join(sums, l.Of(message.ListComma)))
		out += l.Of(message.TotalFixable, t.fixable)
	}
	if t.exploited > 0 {
		out += l.Of(message.TotalExploited, t.exploited)
	}
	return out + l.Of(message.TotalRest, t.suppressed, packages)
}
