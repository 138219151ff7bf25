// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of the table: what is more is counted, and is in the other formats.
const (
	mostDetailed = 4  // findings of one package, a line each
	mostListed   = 5  // ids in one line
	mostPackages = 15 // packages of one severity; what is to be done now is never left out
)

// group is what is wrong with one package, resource or file, worst first.
type group struct {
	subject  string
	findings []*sekisho.Finding
	// others are the names of packages that have the same, as the binary
	// packages of one source have.
	others []string
}

func (g *group) worst() *sekisho.Finding { return g.findings[0] }

// groups of the findings that nothing suppressed, the worst first.
func groups(r *sekisho.Result) []*group {
	at := map[string]*group{}
	var out []*group
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Suppressed != nil {
			continue
		}
		// The same package in two ecosystems is two, and so is it when two
		// layers brought it in.
		key := subject(f)
		if f.Package != nil {
			key += "\x00" + f.Package.PURL
		}
		if f.Introduced != nil {
			key += "\x00" + f.Introduced.Layer
		}
		g := at[key]
		if g == nil {
			g = &group{subject: subject(f)}
			at[key] = g
			out = append(out, g)
		}
		g.findings = append(g.findings, f)
	}
	for _, g := range out {
		slices.SortStableFunc(g.findings, worse)
	}
	slices.SortStableFunc(out, func(a, b *group) int {
		x, y := *a.worst(), *b.worst()
		x.Rule, y.Rule = "", ""
		if n := worse(&x, &y); n != 0 {
			return n
		}
		return strings.Compare(a.subject, b.subject)
	})
	return out
}

// merged puts packages of the same version, layer and findings together.
func merged(all []*group) []*group {
	at := map[string]*group{}
	var out []*group
	for _, g := range all {
		p := g.worst().Package
		if p == nil || p.Name == "" {
			out = append(out, g)
			continue
		}
		var key strings.Builder
		key.WriteString(p.Ecosystem + "\x00" + p.Version)
		if in := g.worst().Introduced; in != nil {
			key.WriteString("\x00" + in.Layer)
		}
		for _, f := range g.findings {
			fmt.Fprintf(&key, "\x00%s %d %s %s", f.Rule, f.Severity, fixedIn(f), f.Status)
		}
		if same := at[key.String()]; same != nil {
			same.others = append(same.others, p.Name)
			continue
		}
		at[key.String()] = g
		out = append(out, g)
	}
	return out
}

// title of a group: "libc6 2.36, and libc-bin, locales".
func (t *table) title(g *group) string {
	if slices.ContainsFunc(g.findings, fresh) && t.marked {
		return t.colour("1;35", "["+t.text(message.NewMark)+"]") + " " + t.name(g)
	}
	return t.name(g)
}

// name of a group and of the packages that have the same.
func (t *table) name(g *group) string {
	if len(g.others) == 0 {
		return t.colour("1", clean(g.subject))
	}
	names := clean(strings.Join(g.others[:min(len(g.others), mostListed)], ", "))
	if n := len(g.others) - mostListed; n > 0 {
		names += " " + t.text(message.AndFindings, n)
	}
	return t.colour("1", clean(g.subject)) + " " + t.text(message.AlsoIn, names)
}

// fix is the version that fixes all of a package's findings that can be fixed,
// when they name the same one.
func (g *group) fix() string {
	fixed := ""
	for _, f := range g.findings {
		one := fixedIn(f)
		if one != "" && fixed != "" && one != fixed {
			return ""
		}
		fixed = orElse(fixed, one)
	}
	return fixed
}

// state of a package's findings when nothing fixes any of them and it is the
// same for all.
func (g *group) state(l message.Lang) string {
	state := statusText(g.findings[0], l)
	for _, f := range g.findings {
		if f.Fixed != "" || statusText(f, l) != state {
			return ""
		}
	}
	return state
}

// head writes what a package is and what is true of all its findings; told is
// that, so that it is not said again of each.
func (t *table) head(g *group) (head, told string) {
	head = t.title(g)
	if fixed := g.fix(); fixed != "" {
		return head + "  " + t.colour("32", t.text(message.FixArrow, clean(fixed))), fixed
	}
	if state := g.state(t.o.Lang); state != "" {
		return head + "  " + t.colour("33", "["+clean(state)+"]"), state
	}
	return head, ""
}

func (t *table) findings(r *sekisho.Result) {
	t.heading(message.Findings)
	whole := r
	defer func() {
		t.configuration(whole)
		t.wrap("  ", "    ", t.text(message.Total)+": "+count(whole).line(t.o.Lang, len(whole.Packages)))
	}()
	if count(r).all == 0 {
		t.line("  " + t.text(message.NoFindings))
	}
	r = withoutConfiguration(r)
	n := count(r)
	all := merged(groups(r))
	for _, s := range sekisho.Severities {
		if n.by[s] == 0 {
			continue
		}
		head := "  " + t.colour(severityColour[s], fmt.Sprintf(" %s %d ", t.text(message.SeverityNames[s.String()]), n.by[s]))
		if !slices.ContainsFunc(all, func(g *group) bool { return g.worst().Severity == s }) {
			t.wrap(head, "    ", t.colour("2", t.text(message.AllWithWorse)))
			continue
		}
		t.line(strings.TrimRight(head, " "))
		above, shown, left := n.by[s], 0, 0
		for _, g := range all {
			if g.worst().Severity != s {
				continue
			}
			for _, f := range g.findings {
				if f.Severity == s {
					above -= 1 + len(g.others)
				}
			}
			if shown >= mostPackages && !slices.ContainsFunc(g.findings, urgent) {
				left++
				continue
			}
			shown++
			if s >= sekisho.SeverityHigh || g.worst().Kind != sekisho.Vulnerability || exploited(g.worst()) {
				t.detailed(r, g)
			} else {
				t.brief(g)
			}
		}
		if left > 0 {
			t.wrap("    ", "      ", t.colour("2", t.text(message.AndPackages, left)))
		}
		if above > 0 {
			t.wrap("    ", "      ", t.colour("2", t.text(message.WithWorse, above)))
		}
	}
}

// urgent findings are in the class of what is to be done now.
func urgent(f *sekisho.Finding) bool { return f.Risk != nil && f.Risk.Class == sekisho.ActNow }

// detailed writes a package with a line for each of its worst findings and one
// for the rest.
func (t *table) detailed(r *sekisho.Result, g *group) {
	head, told := t.head(g)
	t.wrap("    ", "      ", head)
	worst := 0
	for worst < len(g.findings) && worst < mostDetailed && (g.findings[worst].Severity == g.worst().Severity || exploited(g.findings[worst])) {
		f := g.findings[worst]
		worst++
		parts := []string{clean(f.Rule)}
		for i, s := range scores(f, t.o.Lang) {
			if i == 0 && exploited(f) {
				s = t.colour("1;31", s)
			}
			parts = append(parts, s)
		}
		if f.Fixed != "" && told == "" {
			parts = append(parts, t.colour("32", t.text(message.FixArrow, clean(fixedIn(f)))))
		}
		if s := statusText(f, t.o.Lang); s != "" && s != told {
			parts = append(parts, t.colour("33", "["+clean(s)+"]"))
		}
		if s := witnessed(f, t.o.Lang); s != "" {
			parts = append(parts, t.colour("2", "("+clean(s)+")"))
		}
		if f.Title != "" {
			parts = append(parts, clean(f.Title))
		}
		t.wrap("      ", "        ", strings.Join(parts, "  "))
		if f.Fix != "" && f.Kind != sekisho.Vulnerability {
			t.wrap("        ", "          ", t.text(message.Remedy)+": "+clean(f.Fix))
		}
	}
	if rest := g.findings[worst:]; len(rest) > 0 {
		t.wrap("      ", "        ", t.list(rest, told, true))
	}
	t.introduced(r, g.worst())
}

// brief writes a package and its findings in one line.
func (t *table) brief(g *group) {
	head, told := t.head(g)
	t.wrap("    ", "      ", head+"  "+t.list(g.findings, told, false))
}

// list names findings: "medium: CVE-1 (2.0), CVE-2; low: CVE-3 and 4 more".
func (t *table) list(findings []*sekisho.Finding, told string, named bool) string {
	var b strings.Builder
	for i, f := range findings {
		if i == mostListed {
			b.WriteString(" " + t.text(message.AndFindings, len(findings)-i))
			break
		}
		first := i == 0 || findings[i-1].Severity != f.Severity
		switch {
		case i > 0 && first:
			b.WriteString("; ")
		case i > 0:
			b.WriteString(", ")
		}
		if first && (named || i > 0) {
			b.WriteString(t.text(message.SeverityNames[f.Severity.String()]) + ": ")
		}
		b.WriteString(clean(f.Rule))
		if f.ResourceKind == sekisho.ResourceEngine && len(f.Aliases) > 0 {
			b.WriteString(" " + clean(f.Aliases[0])) // the rule says only which engine
		}
		switch {
		case f.Fixed == "":
			if s := statusText(f, t.o.Lang); s != "" && s != told {
				b.WriteString(" [" + clean(s) + "]")
			}
		case told == "":
			b.WriteString(" (" + t.text(message.FixArrow, clean(fixedIn(f))) + ")")
		}
		if foreign(f) {
			b.WriteString(" (" + clean(witnessed(f, t.o.Lang)) + ")")
		}
	}
	return b.String()
}

// introduced says which layer brought a package in, and its instruction in one
// line.
func (t *table) introduced(r *sekisho.Result, f *sekisho.Finding) {
	if f.Introduced == nil || f.Introduced.Instruction == "" || len(r.Layers) < 2 {
		return
	}
	label := fmt.Sprintf("%s: %d ", t.text(message.Introduced), f.Introduced.Index)
	room := max(t.o.Width, 40) - 6 - columns(label)
	t.line("      " + t.colour("2", label+cutTo(clean(introducedText(f.Introduced)), max(room, 20))))
}
