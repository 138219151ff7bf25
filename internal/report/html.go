// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

// page is one result as the template wants it.
type page struct {
	Lang      message.Lang
	CSS       template.CSS
	Script    template.JS
	Policy    string
	T         map[string]string
	Results   []*pageResult
	Reasons   []string
	Rules     []ruleLine
	Partly    string // why what was let through is not green
	Word      string
	Class     string // of the stamp
	Data      []pageData
	Created   string
	Different []sekisho.PlatformDifference
}

type pageResult struct {
	*sekisho.Result
	Title, OSLine, DBLine   string
	BaseLine, SignatureLine string
	Workloads               []string
	Candidates              []string // images that the base was compared with
	Line, Weights           string
	Fixable, Exploited, New int
	Compared                string // with what, and what came of it
	Silenced                []silenced
	Total, Suppressed, Seen int
	Severities              []slice
	Ecosystems              []bar // those with most packages
	MoreEcosystems          []bar
	MoreEcosystemsLine      string
	Unjudged                string   // packages that nobody could judge, by ecosystem
	Unowned                 []string // programs that nobody could name
	UnownedLine             string
	ToDo, MoreToDo          []toDo
	ToDoLine, MoreToDoLine  string
	Waiting                 string
	MoreFrom                int
	LayerBars               []bar
	Top                     []topPackage
	NotRun                  []silent
	Problems                []string
	MoreProblems            string
	Lines                   []string
	Ended                   bool
}

// Open says that something was not assessed.
func (p *pageResult) Open() bool { return len(p.NotRun)+len(p.Problems) > 0 || p.Unjudged != "" }

// topPackage is one of those with most findings, as a bar of parts.
type topPackage struct {
	Label string
	Count int
	Parts []part
}

type part struct {
	Name     string
	X, Width float64
}

// toDo is one action.
type toDo struct{ Class, Word, Text, Notes, Command string }

// silent is a scanner that did not run.
type silent struct{ Name, Why string }

// slice is a part of the ring, bar a line of a bar chart.
type slice struct {
	Name, Label  string
	Count        int
	Dash, Offset float64
}

type bar struct {
	Label, Title string
	Count        int
	Percent      float64
}

// pageData is what the script searches and sorts: short keys, one row each.
type pageData struct {
	Findings []pageFinding `json:"f"`
	Packages [][]string    `json:"p"`
}

// pageFinding is one row of the findings, with what a click on it opens.
type pageFinding struct {
	Severity string      `json:"s"`
	Label    string      `json:"l"`
	Rule     string      `json:"r"`
	Where    string      `json:"w"`
	Fixed    string      `json:"x,omitempty"`
	State    string      `json:"n,omitempty"`
	Title    string      `json:"t,omitempty"`
	Score    float64     `json:"c,omitempty"`
	EPSS     float64     `json:"e,omitempty"`
	From     string      `json:"i,omitempty"`
	KEV      string      `json:"k,omitempty"`
	New      string      `json:"b,omitempty"` // beside a baseline
	Facts    [][2]string `json:"d"`
	Edits    []pageEdit  `json:"g,omitempty"`
	Many     int         `json:"m,omitempty"` // findings that the row is, where it is more than one
	Links    []string    `json:"u,omitempty"`
}

// pageEdit is the suggestion of a finding.
type pageEdit struct {
	Head  string     `json:"h"`
	Note  string     `json:"n,omitempty"`
	Lines []editLine `json:"l"`
}

// writeHTML writes one self-contained page: no request leaves it.
func writeHTML(w io.Writer, r *sekisho.Result, o Options) error {
	t, err := template.New("page").Funcs(template.FuncMap{"clean": clean}).Parse(pageHTML)
	if err != nil {
		return message.Errorf("read the page's template: %w", err)
	}
	l := o.Lang
	p := page{
		Lang: l, CSS: template.CSS(pageCSS), Script: template.JS(pageJS), Reasons: plainReasons(&r.Verdict, l), Rules: ruleLines(r, l), //nolint:gosec // our own files, embedded
		Created:   l.Of(message.Created, r.Created.UTC().Format("2006-01-02 15:04 UTC"), orElse(r.Tool.Version, "dev")),
		Different: r.Differences, T: map[string]string{}, Data: []pageData{},
	}
	p.Policy = "default-src 'none'; img-src data:; style-src 'sha256-" + sum(pageCSS) + "'; script-src 'sha256-" + sum(pageJS) + "'; base-uri 'none'; form-action 'none'"
	p.Class = string(r.Verdict.Decision)
	if r.Verdict.Decision == sekisho.Allow && !judged(r) {
		p.Class = string(sekisho.Incomplete) // let through, but not in green
		p.Partly = l.Of(message.Incomplete)
	}
	p.Word = l.Of(map[sekisho.Decision]message.Text{sekisho.Allow: message.Allowed, sekisho.Deny: message.DeniedWord, sekisho.Incomplete: message.Incomplete}[r.Verdict.Decision])
	for k, m := range map[string]message.Text{
		"target": message.Target, "system": message.System, "database": message.Database, "findings": message.Findings,
		"nofindings": message.NoFindings, "packages": message.Packages, "coverage": message.Coverage, "notassessed": message.NotAssessed,
		"problems": message.Problems, "verdict": message.Verdict, "severity": message.Severity, "rule": message.Rule,
		"package": message.Package, "version": message.Version, "fixed": message.Fixed, "introduced": message.Introduced,
		"where": message.Where, "title": message.Title, "ecosystem": message.Ecosystem, "filter": message.Filter,
		"all": message.AllSeverities, "bylayer": message.ByLayer, "byecosystem": message.ByEcosystem, "byseverity": message.BySeverity,
		"theme": message.Theme, "licenses": message.Licenses, "shown": message.ShownOf, "differences": message.Differences,
		"layers": message.Layers, "ran": message.Ran, "didnotrun": message.DidNotRun, "missing": message.Missing, "kind": message.Kind,
		"fixable": message.OnlyFixable, "exploited": message.OnlyExploited, "new": message.OnlyNew, "suppressed": message.Suppressed, "references": message.References,
		"top": message.TopPackages, "todo": message.ActionsHead, "base": message.BaseImage, "signature": message.Signatures, "runs": message.WorkloadRuns, "subject": message.Subject,
	} {
		p.T[k] = l.Of(m)
	}
	for _, r := range all(r) {
		p.Results = append(p.Results, pageOf(r, l))
		p.Data = append(p.Data, dataOf(r, l))
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return err
	}
	// The lines are the template's; what is in them is made safe where it is put
	// in, and here where that was forgotten.
	for line := range bytes.Lines(b.Bytes()) {
		if bytes.ContainsFunc(bytes.TrimRight(line, "\n"), func(c rune) bool { return message.Unseen(c) && c != '\t' }) {
			line = bytes.Map(func(c rune) rune {
				if message.Unseen(c) && c != '\t' && c != '\n' {
					return unicode.ReplacementChar
				}
				return c
			}, line)
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// compared says whether a result has both what is new and what is known, so that
// the two are worth telling apart.
func compared(r *sekisho.Result) bool {
	return r.Baseline != nil && r.Baseline.Kind != sekisho.BaselineSince && r.Baseline.New+r.Baseline.Known > 0
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(h[:])
}

// ring is the circumference of the chart's circle of radius 54.
const ring = 2 * math.Pi * 54

func pageOf(r *sekisho.Result, l message.Lang) *pageResult {
	n := count(r)
	out := &pageResult{Result: r, Title: title(&r.Target), OSLine: osLine(r, l), BaseLine: BaseText(r, l), SignatureLine: SignatureText(r, l), Workloads: workloadTexts(r, l), Candidates: candidateTexts(r, l), DBLine: databaseLine(r, l), Total: n.all, Suppressed: n.suppressed, Line: n.line(l, len(r.Packages)), Weights: weightsLine(r, l), Fixable: n.fixable, Exploited: n.exploited}
	if out.Compared = baselineText(r, l); compared(r) {
		for i := range r.Findings {
			if f := &r.Findings[i]; fresh(f) && f.Suppressed == nil {
				out.New++
			}
		}
	}
	out.toDo(r, l)
	out.Ended = r.Coverage.OS == "end-of-life" || r.Coverage.OS == "unsupported"
	at := 0.0
	for _, s := range sekisho.Severities {
		if some := n.by[s]; some > 0 {
			part := ring * float64(some) / float64(n.all)
			out.Severities = append(out.Severities, slice{s.String(), l.Of(message.SeverityNames[s.String()]), some, part, -at})
			at += part
		}
	}
	most := 1
	for _, e := range r.Coverage.Ecosystems {
		out.Seen += e.Packages
		most = max(most, e.Packages+e.Hidden)
	}
	for _, e := range r.Coverage.Ecosystems {
		out.Ecosystems = append(out.Ecosystems, bar{Label: e.Ecosystem, Count: e.Packages, Percent: 100 * float64(e.Packages) / float64(most)})
	}
	const mostEcosystems = 8
	slices.SortStableFunc(out.Ecosystems, func(a, b bar) int { return b.Count - a.Count })
	if n := len(out.Ecosystems); n > mostEcosystems {
		out.Ecosystems, out.MoreEcosystems = out.Ecosystems[:mostEcosystems], out.Ecosystems[mostEcosystems:]
		out.MoreEcosystemsLine = l.Of(message.MoreWorlds, n-mostEcosystems)
	}
	out.Unjudged = unjudged(r, l)
	out.Silenced = suppressedRows(r, l)
	out.Top = topPackages(r)
	layers := make([]int, len(r.Layers))
	most = 1
	for i := range r.Packages {
		if p := &r.Packages[i]; p.Introduced != nil && !p.Hidden && p.Introduced.Index < len(layers) {
			layers[p.Introduced.Index]++
			most = max(most, layers[p.Introduced.Index])
		}
	}
	if len(layers) > 1 {
		for i, n := range layers {
			text := orElse(clean(r.Layers[i].Instruction), cutTo(orElse(r.Layers[i].DiffID, r.Layers[i].Digest), 19))
			out.LayerBars = append(out.LayerBars, bar{Label: fmt.Sprintf("%d  %s", i, cutTo(text, 60)), Title: text, Count: n, Percent: 100 * float64(n) / float64(most)})
		}
	}
	for _, s := range r.Coverage.Scanners {
		if !s.Ran {
			out.NotRun = append(out.NotRun, silent{clean(s.Name), clean(why(&s, l))})
		}
	}
	out.Lines = append(out.Lines, without(r, l)...)
	if r.Coverage.Layers > 0 {
		out.Lines = append(out.Lines, l.Of(message.LayersLine, r.Coverage.Layers, r.Coverage.LayersCached, r.Coverage.LayersUnread),
			l.Of(message.FilesLine, r.Coverage.Files, bytesText(r.Coverage.Bytes), r.Coverage.FilesRead))
	}
	out.Lines = append(out.Lines, builderTexts(r, l)...)
	for _, s := range []string{resourceLine(r, l), licenseLine(r, l)} {
		if s != "" {
			out.Lines = append(out.Lines, s)
		}
	}
	if h := r.Coverage.History; h != nil {
		out.Lines = append(out.Lines, historyLine(h, l))
	}
	if n := r.Coverage.LockedOnly; n > 0 {
		out.Lines = append(out.Lines, l.Of(message.LockedOnly, n))
	}
	if n := r.Coverage.UnownedBinaries; n > 0 {
		out.UnownedLine = l.Of(message.UnownedCount, n)
		for _, p := range r.Coverage.Unowned {
			out.Unowned = append(out.Unowned, clean(p))
		}
	}
	const mostProblems = 200
	for i := range r.Problems {
		if i == mostProblems {
			out.MoreProblems = l.Of(message.MoreProblems, len(r.Problems)-mostProblems)
			break
		}
		out.Problems = append(out.Problems, problemText(&r.Problems[i], l))
	}
	return out
}

// unjudged counts the packages that no advisories were found for.
func unjudged(r *sekisho.Result, l message.Lang) string {
	var parts []string
	for _, e := range r.Coverage.Ecosystems {
		if e.NotAssessed > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", e.Ecosystem, e.NotAssessed))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return l.Of(message.Unjudged, strings.Join(parts, ", "))
}

// topPackages are the nine packages with most findings, coloured by severity.
func topPackages(r *sekisho.Result) []topPackage {
	all := slices.DeleteFunc(merged(groups(r)), func(g *group) bool { return g.worst().Package == nil })
	slices.SortStableFunc(all, func(a, b *group) int { return len(b.findings) - len(a.findings) })
	var out []topPackage
	for _, g := range all[:min(len(all), 9)] {
		top := topPackage{Label: clean(g.subject), Count: len(g.findings)}
		if n := len(g.others); n > 0 {
			top.Label += fmt.Sprintf(" +%d", n)
		}
		unit := 100 / float64(len(all[0].findings))
		for i, f := range g.findings {
			if i > 0 && g.findings[i-1].Severity == f.Severity {
				top.Parts[len(top.Parts)-1].Width += unit
				continue
			}
			top.Parts = append(top.Parts, part{f.Severity.String(), unit * float64(i), unit})
		}
		out = append(out, top)
	}
	return out
}

// toDo lists the actions: the first ten and all that must be done now are shown.
func (p *pageResult) toDo(r *sekisho.Result, l message.Lang) {
	closed, hidden := 0, 0
	for i := range r.Actions {
		a := &r.Actions[i]
		closed += len(a.Closes)
		line := toDo{string(a.Class), className(a.Class, l), actionText(r, a, l), actionNotes(a, l), clean(a.Command)}
		if len(p.ToDo) >= mostActions && a.Class != sekisho.ActNow {
			hidden += len(a.Closes)
			p.MoreToDo = append(p.MoreToDo, line)
			continue
		}
		p.ToDo = append(p.ToDo, line)
	}
	p.Waiting = waiting(r, l)
	p.ToDoLine = l.Of(message.ActionsSummary, len(r.Actions), closed, p.Total)
	p.MoreFrom = len(p.ToDo) + 1
	p.MoreToDoLine = l.Of(message.ActionsRest, len(p.MoreToDo), hidden)
}

func dataOf(r *sekisho.Result, l message.Lang) pageData {
	d := pageData{Findings: []pageFinding{}, Packages: [][]string{}}
	var all []*sekisho.Finding
	for _, g := range groups(r) {
		all = append(all, g.findings...)
	}
	for _, f := range fold(all) {
		d.Findings = append(d.Findings, pageFindingOf(r, f, l))
	}
	slices.SortStableFunc(d.Findings, func(a, b pageFinding) int { return severityRank(a.Severity) - severityRank(b.Severity) })
	for i := range r.Packages {
		p := &r.Packages[i]
		where := clean(p.Path)
		if p.Line > 0 {
			where += fmt.Sprintf(":%d", p.Line)
		}
		if len(p.Locations) > 1 {
			where += fmt.Sprintf(" (+%d)", len(p.Locations)-1)
		}
		note := ""
		if p.Hidden {
			note = l.Of(message.Hidden)
		} else if p.OwnedBy != "" {
			note = l.Of(message.OwnedBy, clean(p.OwnedBy))
		}
		from := ""
		if p.Introduced != nil && len(r.Layers) > 1 {
			from = fmt.Sprintf("%d %s", p.Introduced.Index, cutTo(clean(introducedText(p.Introduced)), 60))
		}
		d.Packages = append(d.Packages, []string{clean(p.Name), clean(p.Version), p.Ecosystem, clean(strings.Join(p.Licenses, ", ")), from, where, note})
	}
	return d
}

func severityRank(name string) int {
	return slices.IndexFunc(sekisho.Severities, func(s sekisho.Severity) bool { return s.String() == name })
}

func pageFindingOf(r *sekisho.Result, of *row, l message.Lang) pageFinding {
	f := of.Finding
	name := f.Severity.String()
	out := pageFinding{
		Severity: name, Label: l.Of(message.SeverityNames[name]), Rule: clean(f.Rule), Where: clean(of.where()), Fixed: clean(fixedIn(f)),
		State: clean(statusText(f, l)), Title: strings.TrimSpace(clean(f.Title) + " " + of.also(l)), Score: score(f), Facts: [][2]string{}, Links: links(f, 5),
	}
	if f.EPSS != nil {
		out.EPSS = math.Round(f.EPSS.Score*1000) / 10
	}
	if exploited(f) {
		out.KEV = scores(f, l)[0]
	}
	if compared(r) && fresh(f) {
		out.New = l.Of(message.NewMark)
	}
	add := func(label message.Text, value string) {
		if value != "" {
			out.Facts = append(out.Facts, [2]string{l.Of(label), clean(value)})
		}
	}
	add(message.WhyBad, f.Why)
	add(message.Remedy, advise(f, l))
	for _, fact := range facts(f, l) {
		out.Facts = append(out.Facts, [2]string{fact[0], clean(fact[1])})
	}
	if f.Introduced != nil && len(r.Layers) > 1 {
		out.From = fmt.Sprintf("%d %s", f.Introduced.Index, cutTo(clean(introducedText(f.Introduced)), 48))
		add(message.Introduced, fmt.Sprintf("%d %s", f.Introduced.Index, introducedText(f.Introduced)))
	}
	if f.Package != nil {
		add(message.Package, f.Package.PURL)
	}
	if f.Location.Path != "" {
		where := f.Location.Path
		if f.Location.Line > 0 {
			where += fmt.Sprintf(":%d", f.Location.Line)
		}
		if len(of.others) > 0 {
			out.Many, where = 1+len(of.others), placeOf(f)
		}
		add(message.Where, where)
	}
	for _, o := range of.others {
		add(message.Where, placeOf(o))
	}
	for _, o := range append([]*sekisho.Finding{f}, of.others...) {
		if s := suggested(o); s != nil {
			edit := pageEdit{Head: l.Of(message.SuggestionHead), Lines: suggestionDiff(s)}
			if out.Many > 0 {
				edit.Head += " " + clean(placeOf(o))
			}
			if s.Unsafe {
				edit.Note = l.Of(message.SuggestionUnsafe)
			}
			out.Edits = append(out.Edits, edit)
		}
	}
	if page := idPage(f.Rule); page != "" && !slices.Contains(out.Links, page) {
		out.Links = append(out.Links, page)
	}
	return out
}

// JSON of the data, safe inside a script element: < > & are escaped.
func (p page) JSON() (template.JS, error) {
	b, err := json.Marshal(p.Data)
	return template.JS(b), err //nolint:gosec // escaped by json.Marshal
}
