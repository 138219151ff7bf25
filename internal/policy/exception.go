// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// The kinds of Remark.
const (
	// RemarkSuppressed: findings that the exception suppressed.
	RemarkSuppressed = "suppressed"
	// RemarkExpired: the exception has ended; Findings are those that it would
	// have covered and that nothing else covers.
	RemarkExpired = "expired"
	// RemarkEnding: it ends within EndingDays.
	RemarkEnding = "ending"
	// RemarkUnused: it could have matched in this result, and matched nothing.
	RemarkUnused = "unused"
)

// EndingDays before its end an exception is warned about.
const EndingDays = 14

// Remark is something to tell about one entry of a file of exceptions.
type Remark struct {
	Kind      string            `json:"kind"`
	Exception sekisho.Exception `json:"exception"`
	Findings  int               `json:"findings"`
}

// Except suppresses the findings of a result, and of its further platforms, that
// an exception covers; they stay in the result. Suppressions that are there
// already stay as they are. Where several exceptions cover a finding the first
// of the list is named. Today is a day, "2026-01-31", in UTC: an exception holds
// on its last day and never after it. Which findings are suppressed does not
// depend on the order of the list.
//
// Findings of secrets and of malicious packages are covered only by an exception
// that names their rule.
func Except(r *sekisho.Result, list []sekisho.Exception, today, environment string) []Remark {
	x := newExceptor(list, today, environment)
	x.result(r)
	for i := range r.Platforms {
		x.result(&r.Platforms[i])
	}
	return x.remarks(today)
}

// entry is an exception, made ready to be compared.
type entry struct {
	*sekisho.Exception
	kind, key string
	pkg       packagePattern
	product   *sekisho.PURL
	expired   bool
	// sound is false when a constraint cannot be understood: it matches nothing.
	sound bool
	// group is the entry of the file that it is a part of.
	group int
	// here says that it applies to the target of the result that is looked at.
	here bool
}

// group is one entry of a file: a list of paths makes several exceptions of it.
type group struct {
	first            *sekisho.Exception
	expired          bool
	applied, matched bool
	// suppressed counts findings, and uncovered those that it covered until it
	// ended; last is the finding that was counted last.
	suppressed, uncovered, last int
}

type exceptor struct {
	entries []entry
	groups  []group
	byKey   map[string][]int
	any     []int
	seen    int // findings, so far
}

func newExceptor(list []sekisho.Exception, today, environment string) *exceptor {
	x := &exceptor{entries: make([]entry, len(list)), byKey: map[string][]int{}}
	type place struct {
		by           string
		line, column int
	}
	at := map[place]int{}
	for i := range list {
		e := &x.entries[i]
		e.Exception = &list[i]
		e.kind, e.key = splitRule(e.Rule)
		e.expired = expired(e.Expires, today)
		e.sound = e.key != "" && e.Range == "" && e.ready() && (e.Environment == "" || wild(e.Environment, environment))
		p := place{e.By, e.Line, e.Column}
		g, ok := at[p]
		if !ok || e.Line == 0 {
			g = len(x.groups)
			x.groups = append(x.groups, group{first: e.Exception, expired: e.expired, last: -1})
			at[p] = g
		}
		e.group = g
		if e.key == sekisho.AnyRule {
			x.any = append(x.any, i)
		} else {
			x.byKey[e.key] = append(x.byKey[e.key], i)
		}
	}
	return x
}

// kinds that may stand before the id of a rule.
var kinds = []string{
	string(sekisho.Vulnerability), string(sekisho.Misconfiguration), string(sekisho.Secret), string(sekisho.Malware), string(sekisho.License),
	sekisho.ResourceDockerfile, sekisho.ResourceImage, sekisho.ResourceKubernetes, sekisho.ResourceCompose, sekisho.ResourceQuadlet,
	sekisho.ResourceDockerRun, sekisho.ResourceAWS, sekisho.ResourceCI, sekisho.ResourceHelm, sekisho.ResourceKustomize,
	sekisho.ResourceTerraform, sekisho.ResourceCloudFormation, sekisho.ResourceECS, sekisho.ResourceAccounts,
}

// splitRule gives the kind, if any, and the key of a rule.
func splitRule(rule string) (kind, key string) {
	if before, after, ok := strings.Cut(rule, "/"); ok && slices.Contains(kinds, strings.ToLower(strings.TrimSpace(before))) {
		return strings.ToLower(strings.TrimSpace(before)), sekisho.RuleKey(after)
	}
	return "", sekisho.RuleKey(rule)
}

// expired says whether the last day is over. What is no date has ended, and so
// has everything with an end when nobody knows the day.
func expired(until, today string) bool {
	if until == "" {
		return false
	}
	end, err := time.Parse(time.DateOnly, until)
	now, err2 := time.Parse(time.DateOnly, today)
	return err != nil || err2 != nil || now.After(end)
}

// Ending says whether the last day of an exception is today or within EndingDays.
func Ending(until, today string) bool {
	end, err := time.Parse(time.DateOnly, until)
	now, err2 := time.Parse(time.DateOnly, today)
	return err == nil && err2 == nil && !now.After(end) && end.Sub(now) <= EndingDays*24*time.Hour
}

// suppresses says whether one of this status silences findings.
func suppresses(e *sekisho.Exception) bool {
	return e.Status == sekisho.StatusNotAffected || e.Status == sekisho.StatusFixed || e.Status == "" && !e.Statement
}

func (x *exceptor) result(r *sekisho.Result) {
	at := newPlace(r)
	for i := range x.entries {
		e := &x.entries[i]
		e.here = e.sound && at.applies(e)
		if e.here && judged(r, e) {
			x.groups[e.group].applied = true
		}
	}
	var candidates []int
	for i := range r.Findings {
		f := &r.Findings[i]
		candidates = append(candidates[:0], x.any...)
		candidates = append(candidates, x.byKey[sekisho.RuleKey(f.Rule)]...)
		for _, a := range f.Aliases {
			candidates = append(candidates, x.byKey[sekisho.RuleKey(a)]...)
		}
		slices.Sort(candidates)
		x.finding(f, slices.Compact(candidates))
		x.seen++
	}
}

// finding finds the exception that covers a finding. Candidates are in the order
// of the list.
func (x *exceptor) finding(f *sekisho.Finding, candidates []int) {
	chosen, statement := -1, -1
	var over []int
	for _, i := range candidates {
		e := &x.entries[i]
		if !e.here || !e.covers(f) {
			continue
		}
		x.groups[e.group].matched = true
		switch {
		case e.expired:
			over = append(over, i)
		case e.Statement:
			if statement < 0 || later(e, &x.entries[statement]) {
				statement = i
			}
		case chosen < 0 && suppresses(e.Exception):
			chosen = i
		}
	}
	if f.Suppressed != nil {
		return
	}
	if statement >= 0 && suppresses(x.entries[statement].Exception) && (chosen < 0 || statement < chosen) {
		chosen = statement
	}
	if chosen < 0 {
		for _, i := range over {
			if g := &x.groups[x.entries[i].group]; g.last != x.seen {
				g.last = x.seen
				g.uncovered++
			}
		}
		return
	}
	e := &x.entries[chosen]
	x.groups[e.group].suppressed++
	f.Suppressed = &sekisho.Suppression{
		By: e.By, Reason: e.Reason, Until: e.Expires, Owner: e.Owner, Approver: e.Approver, Status: e.Status, Justification: e.Justification, Code: e.Code,
	}
}

// later says whether statement a counts rather than b: the later one, and of two
// of one time the one that does not suppress.
func later(a, b *entry) bool {
	if a.Created != b.Created {
		return a.Created > b.Created
	}
	return !suppresses(a.Exception) && suppresses(b.Exception)
}

// covers compares an exception that applies to the target, and whose rule is one
// of the finding's, with the rest of the finding.
func (e *entry) covers(f *sekisho.Finding) bool {
	switch {
	case e.key == sekisho.AnyRule && named(f):
		return false
	case e.kind != "" && e.kind != string(f.Kind) && e.kind != f.ResourceKind:
		return false
	case e.FixState != "" && !fixState(e.FixState, f):
		return false
	case e.Inert != "" && e.Inert != f.Inert:
		return false
	case e.Path != "" && !matchPath(e.Path, f.Location.Path):
		return false
	case e.Package == "" && e.Type == "":
		return true
	case f.Package == nil:
		return false
	}
	return e.pkg.matches(f.Package)
}

// named says whether only an exception that names the rule may cover a finding.
func named(f *sekisho.Finding) bool {
	malicious := func(id string) bool { return strings.HasPrefix(strings.ToUpper(id), "MAL-") }
	return f.Kind == sekisho.Secret || f.Kind == sekisho.Malware || malicious(f.Rule) || slices.ContainsFunc(f.Aliases, malicious)
}

// fixState compares the states of Grype with what is known of a fix.
func fixState(want string, f *sekisho.Finding) bool {
	if f.Kind != sekisho.Vulnerability {
		return false
	}
	never := f.Status == sekisho.StatusWillNotFix || f.Status == sekisho.StatusEndOfLife
	switch want {
	case "fixed":
		return f.Fixed != ""
	case "not-fixed":
		return f.Fixed == "" && !never
	case "wont-fix":
		return f.Fixed == "" && never
	case "unknown":
		return f.Fixed == "" && f.Status == ""
	}
	return false
}

// judged says whether the result looked for what the exception is about at all:
// one that could not match is not unused.
func judged(r *sekisho.Result, e *entry) bool {
	scanner := ""
	switch {
	case e.kind == string(sekisho.Vulnerability), strings.HasPrefix(e.key, "CVE-"), strings.HasPrefix(e.key, "GHSA-"):
		scanner = "vuln"
	case e.kind == string(sekisho.Secret), e.kind == string(sekisho.Malware), e.kind == string(sekisho.License):
		scanner = e.kind
	case e.kind == sekisho.ResourceImage:
		return r.Target.Kind == sekisho.KindImage
	case e.kind != "":
		scanner = "misconfig"
		if e.kind != string(sekisho.Misconfiguration) && !slices.ContainsFunc(r.Coverage.Resources, func(c sekisho.ResourceCoverage) bool { return c.Kind == e.kind }) {
			return false
		}
	}
	i := slices.IndexFunc(r.Coverage.Scanners, func(s sekisho.ScannerCoverage) bool { return s.Name == scanner })
	return i < 0 || r.Coverage.Scanners[i].Ran
}

// remarks in the order of the list.
func (x *exceptor) remarks(today string) []Remark {
	var out []Remark
	for i := range x.groups {
		g := &x.groups[i]
		say := func(kind string, n int) { out = append(out, Remark{kind, *g.first, n}) }
		if g.suppressed > 0 {
			say(RemarkSuppressed, g.suppressed)
		}
		switch {
		case g.expired:
			say(RemarkExpired, g.uncovered)
		case g.applied && !g.matched && !g.first.Statement:
			say(RemarkUnused, 0)
		case Ending(g.first.Expires, today):
			say(RemarkEnding, g.suppressed)
		}
	}
	return out
}
