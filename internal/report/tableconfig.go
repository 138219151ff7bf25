// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// mostLines is how many places of one rule in a file are named.
const mostLines = 8

// withoutConfiguration is the result with the findings that are about packages
// and content alone.
func withoutConfiguration(r *sekisho.Result) *sekisho.Result {
	out := *r
	out.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f sekisho.Finding) bool { return f.Kind == sekisho.Misconfiguration })
	return &out
}

// broken is one rule that is broken in one file, at one or more places.
type broken struct {
	first *sekisho.Finding
	lines []int
	all   int
	// who are the services, containers or roles that it is said of in the same words.
	who []folk
}

// folk is a service or a container, and the line where it stands.
type folk struct {
	name string
	line int
}

// configFile is a file, or an image's configuration, and what is wrong in it.
type configFile struct {
	name   string
	rules  []*broken
	worst  sekisho.Severity
	counts map[sekisho.Severity]int
}

// configFiles are the files with findings, the one with the worst first; within
// a file the findings stand by severity and then by line.
func configFiles(r *sekisho.Result) []*configFile {
	at := map[string]*configFile{}
	byRule := map[string]*broken{}
	var out []*configFile
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Kind != sekisho.Misconfiguration || f.Suppressed != nil {
			continue
		}
		name := orElse(f.Location.Path, r.Target.Name)
		c := at[name]
		if c == nil {
			c = &configFile{name: name, counts: map[sekisho.Severity]int{}}
			at[name] = c
			out = append(out, c)
		}
		c.counts[f.Severity]++
		c.worst = max(c.worst, f.Severity)
		// The same words are written once, with the lines of all places.
		key, who := foldKey(name, f)
		b := byRule[key]
		if b == nil {
			b = &broken{first: f}
			byRule[key] = b
			c.rules = append(c.rules, b)
		}
		b.all++
		if who != "" && !slices.ContainsFunc(b.who, func(o folk) bool { return o.name == who }) {
			b.who = append(b.who, folk{who, f.Location.Line})
			if f.Location.Line < b.first.Location.Line {
				b.first = f // the words are those of the first in the file
			}
		}
		if f.Location.Line > 0 && !slices.Contains(b.lines, f.Location.Line) {
			b.lines = append(b.lines, f.Location.Line)
		}
	}
	for _, c := range out {
		for _, b := range c.rules {
			slices.Sort(b.lines)
			slices.SortStableFunc(b.who, func(x, y folk) int { return cmp.Or(cmp.Compare(x.line, y.line), strings.Compare(x.name, y.name)) })
		}
		slices.SortStableFunc(c.rules, func(a, b *broken) int {
			return cmp.Or(-cmp.Compare(a.first.Severity, b.first.Severity), -cmp.Compare(a.first.State, b.first.State), cmp.Compare(firstLine(a.lines), firstLine(b.lines)), cmp.Compare(a.first.Rule, b.first.Rule))
		})
	}
	slices.SortStableFunc(out, func(a, b *configFile) int {
		return cmp.Or(-cmp.Compare(a.worst, b.worst), -cmp.Compare(a.counts[a.worst], b.counts[b.worst]), cmp.Compare(a.name, b.name))
	})
	return out
}

func firstLine(lines []int) int {
	if len(lines) == 0 {
		return 0
	}
	return lines[0]
}

// configuration writes what is set up wrongly, by file.
func (t *table) configuration(r *sekisho.Result) {
	files := configFiles(r)
	if len(files) == 0 {
		return
	}
	for _, c := range files {
		var sums []string
		for _, s := range sekisho.Severities {
			if n := c.counts[s]; n > 0 {
				sums = append(sums, t.colour(severityColour[s], fmt.Sprintf("%s %d", t.text(message.SeverityNames[s.String()]), n)))
			}
		}
		t.wrap("  ", "    ", t.colour("1", clean(c.name))+"  "+strings.Join(sums, t.text(message.ListComma)))
		for _, b := range c.rules {
			t.broken(b)
		}
	}
}

// broken writes one rule: where, what, and what to write instead.
func (t *table) broken(b *broken) {
	f := b.first
	parts := []string{t.colour(severityColour[f.Severity], t.text(message.SeverityNames[f.Severity.String()]))}
	if fresh(f) && t.marked {
		parts = append(parts, t.colour("1;35", "["+t.text(message.NewMark)+"]"))
	}
	if where := lineList(b.lines); where != "" {
		parts = append(parts, where)
	}
	parts = append(parts, clean(f.Title)+" "+t.colour("2", "("+clean(f.Rule)+")"))
	switch {
	case len(b.who) > 1:
		var same []string
		for _, o := range b.who {
			if o.name != f.Args[0] {
				same = append(same, o.name)
			}
		}
		parts = append(parts, t.colour("2", alsoIn(same, t.o.Lang)))
	case b.all > len(b.lines) && b.all > 1:
		parts = append(parts, t.text(message.Times, b.all))
	case f.Resource != "":
		parts = append(parts, t.colour("2", clean(f.Resource)))
	}
	t.wrap("    ", "      ", strings.Join(parts, "  "))
	if b.all == 1 && len(f.Evidence) > 0 && f.Evidence[0].Text != "" {
		t.wrap("        ", "          ", t.colour("36", clean(f.Evidence[0].Text)))
	}
	if s := t.causes(b); s != "" {
		t.wrap("        ", "          ", t.text(message.CausedBy, s))
	}
	if f.Fix != "" && f.Severity >= sekisho.SeverityMedium {
		t.wrap("        ", "          ", t.text(message.Remedy)+": "+clean(f.Fix))
	}
}

// mostCauses is how many further places of a finding a line names.
const mostCauses = 3

// causes are the further places that made a wrong value: "values.yaml:2
// privileged: true and 12 more"; empty where the findings have none.
func (t *table) causes(b *broken) string {
	if b.all > 1 || len(b.first.Evidence) < 2 {
		return ""
	}
	var places []string
	for _, e := range b.first.Evidence[1:] {
		if e.Path == "" {
			continue
		}
		at := e.Path
		if e.Line > 0 {
			at += fmt.Sprintf(":%d", e.Line)
		}
		places = append(places, clean(strings.TrimSpace(at+" "+e.Text)))
	}
	out := strings.Join(places[:min(len(places), mostCauses)], ", ")
	if n := len(places) - mostCauses; n > 0 {
		out += " " + t.text(message.AndFindings, n)
	}
	return out
}

// resourceLine counts the configuration files that were judged: "3 kubernetes, 1
// dockerfile"; empty where there are none.
func resourceLine(r *sekisho.Result, l message.Lang) string {
	var parts []string
	for _, c := range r.Coverage.Resources {
		parts = append(parts, fmt.Sprintf("%s %d", clean(c.Kind), c.Files))
	}
	if len(parts) == 0 {
		return ""
	}
	return l.Of(message.ResourcesLine, strings.Join(parts, l.Of(message.ListComma)))
}

// lineList is "3, 7, 9".
func lineList(lines []int) string {
	out := make([]string, 0, mostLines+1)
	for i, n := range lines {
		if i == mostLines {
			out = append(out, "...")
			break
		}
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, ", ")
}

// placeOf is where a finding is: a package, or the line of a file and what is
// declared there.
func placeOf(f *sekisho.Finding) string {
	if f.Kind != sekisho.Misconfiguration || f.Location.Path == "" {
		return subject(f)
	}
	where := f.Location.Path
	if f.Location.Line > 0 {
		where += ":" + strconv.Itoa(f.Location.Line)
	}
	return strings.TrimSpace(where + " " + f.Resource)
}
