// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// writeMarkdown writes a comment for a pull request: what is decided, what to do
// and what is new stand in the open, the rest is folded. It stays below the length
// that a comment may have.
func writeMarkdown(w io.Writer, r *sekisho.Result, o Options) error {
	l := o.Lang
	c := newComment(orElse(o.Comment, CommentKey(&r.Target)), l)
	c.add("## %s\n\n**%s: %s**", md(title(&r.Target)), l.Of(message.Verdict), verdictWord(&r.Verdict, l))
	if reasons := plainReasons(&r.Verdict, l); len(reasons) > 0 {
		c.add(" - %s", cell(cutTo(strings.Join(reasons, l.Of(message.ListStop)), 4*mostCell)))
	}
	c.add("\n")
	rules := ruleLines(r, l)
	c.list("\n", "", len(rules), mostRules, func(i int) string {
		s := "- " + cell(cutTo(rules[i].Text, 2*mostCell))
		if rules[i].Hits != "" {
			s += " (" + cell(cutTo(rules[i].Hits, 2*mostCell)) + ")"
		}
		return s + "\n"
	}, message.CommentRules)
	for i, one := range all(r) {
		if i > 0 {
			c.add("\n## %s\n", md(title(&one.Target)))
		}
		markdownResult(c, one)
	}
	if n := len(r.Differences); n > 0 {
		c.list("\n### "+l.Of(message.Differences)+"\n\n", "", n, mostRows, func(i int) string {
			d, s := &r.Differences[i], ""
			for _, p := range all(r) {
				if p.Target.Platform != nil {
					name := p.Target.Platform.String()
					s += " " + md(name) + " " + md(orElse(d.Versions[name], l.Of(message.Missing))) + ";"
				}
			}
			return "- " + md(d.Name) + ":" + s + "\n"
		}, message.CommentDifferences)
	}
	_, err := io.WriteString(w, c.end())
	return err
}

// Bounds of what a person reads of each sort in a comment; a table of findings is
// folded from mostOpen rows on.
const (
	mostRules = 20
	mostOpen  = 20
	mostRows  = 200
	// Of what was not assessed, in the open and folded.
	mostOpenProblems = 5
	mostProblemLines = 50
)

// md is a text in a comment: harmless, and no longer than a line or three.
func md(s string) string {
	if len(s) > 4*mostCell { // signs without a width take room too
		s = strings.ToValidUTF8(s[:4*mostCell], "") + "…"
	}
	return cell(cutTo(s, mostCell))
}

func markdownResult(c *comment, r *sekisho.Result) {
	l := c.lang
	c.add("\n")
	if s := baselineText(r, l); s != "" {
		c.add("- **%s**\n", md(s))
	}
	n := count(r)
	c.add("- %s\n", cell(n.line(l, len(r.Packages))))
	if r.Baseline != nil {
		for _, s := range RemarkTexts(r.Baseline.Remarks, l) {
			c.add("- %s: %s\n", l.Of(message.DiffRemark), md(s))
		}
	}
	if s := weightsLine(r, l); s != "" {
		c.add("- %s\n", md(s))
	}
	markdownOpen(c, r)
	markdownActions(c, r)
	markdownFindings(c, r)
	markdownSuppressed(c, r)
	markdownWitnesses(c, r)
	markdownScope(c, r)
}

// markdownOpen says in the open what was to be looked at and was not.
func markdownOpen(c *comment, r *sekisho.Result) {
	l := c.lang
	var lines []string
	for _, s := range r.Coverage.Scanners {
		if s.Asked && !s.Ran {
			lines = append(lines, s.Name+": "+why(&s, l))
		}
	}
	for i := range r.Problems {
		if p := &r.Problems[i]; !p.Minor {
			lines = append(lines, problemText(p, l))
		}
	}
	c.list("\n### "+l.Of(message.NotAssessed)+"\n\n", "", len(lines), mostOpenProblems, func(i int) string { return "- " + md(lines[i]) + "\n" }, message.CommentProblems)
}

// markdownActions lists what to do: the first ten, and all that must be done now.
func markdownActions(c *comment, r *sekisho.Result) {
	l := c.lang
	var shown []*sekisho.Action
	for i := range r.Actions {
		if a := &r.Actions[i]; len(shown) < mostActions || a.Class == sekisho.ActNow {
			shown = append(shown, a)
		}
	}
	tail := ""
	if s := waiting(r, l); s != "" {
		tail = "\n" + md(s) + "\n"
	}
	c.list("\n### "+l.Of(message.ActionsHead)+"\n\n", tail, len(shown), len(shown), func(i int) string {
		a := shown[i]
		command := ""
		if c := clean(a.Command); c != "" && !strings.Contains(c, "`") {
			command = "<br>`" + c + "`"
		}
		return fmt.Sprintf("%d. **%s** %s (%s)%s\n", i+1, md(className(a.Class, l)), md(actionText(r, a, l)), actionNotes(a, l), command)
	}, message.CommentActions)
	c.leave(message.CommentActions, len(r.Actions)-len(shown))
}

// markdownFindings are a table of what is new, and a folded one of what is known;
// without anything to compare with, the worst are in the open.
func markdownFindings(c *comment, r *sekisho.Result) {
	var open, folded []*row
	since := r.Baseline != nil && (r.Baseline.Kind == sekisho.BaselineSince || compared(r))
	for _, f := range fold(ordered(r)) {
		switch {
		case f.Suppressed != nil:
		case since && !fresh(f.Finding), !since && len(open) == mostOpen:
			folded = append(folded, f)
		default:
			open = append(open, f)
		}
	}
	head, rest := message.Findings, message.CommentFurther
	if since {
		head, rest = message.DiffAdded, message.CommentKnown
	}
	findingTable(c, fmt.Sprintf("\n### %s %d\n\n", c.lang.Of(head), countRows(open)), "", r, open, mostRows)
	markdownSuggestions(c, open)
	findingTable(c, details(c.lang.Of(rest, countRows(folded))), endDetails, r, folded, mostRows)
}

// countRows is the number of findings in rows.
func countRows(rows []*row) int {
	n := len(rows)
	for _, r := range rows {
		n += len(r.others)
	}
	return n
}

// findingTable is a table of findings between a head and a tail. What has no room
// is counted by findings, not by rows.
func findingTable(c *comment, head, tail string, r *sekisho.Result, findings []*row, most int) {
	l := c.lang
	head += fmt.Sprintf("| %s | %s | %s | %s | %s |\n|---|---|---|---|---|\n", l.Of(message.Severity), l.Of(message.Rule), l.Of(message.Subject), l.Of(message.Fixed), l.Of(message.Title))
	shown := c.list(head, tail, len(findings), most, func(i int) string { return findingRow(r, findings[i], l) }, message.CommentFindings)
	c.leave(message.CommentFindings, countRows(findings[shown:])-len(findings[shown:]))
}

func findingRow(r *sekisho.Result, of *row, l message.Lang) string {
	f := of.Finding
	rule := md(f.Rule)
	if page := idPage(f.Rule); page != "" {
		rule = "[" + rule + "](" + page + ")"
	}
	if exploited(f) {
		rule += " **KEV**"
	}
	about := scores(f, l)
	if exploited(f) {
		about = about[1:]
	}
	if s := witnessed(f, l); s != "" {
		about = append(about, s)
	}
	if f.Title != f.Rule && f.Title != "" && !strings.HasSuffix(f.Title, ": "+f.Rule) {
		about = append(about, strings.TrimSpace(f.Title+" "+of.also(l)))
	}
	where := of.where()
	if at := orElse(f.Location.Path, packagePath(r, f)); f.Package != nil && r.Target.Kind == sekisho.KindRepository && at != "" {
		where += " (" + at + ")"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", l.Of(message.SeverityNames[f.Severity.String()]), rule, md(where),
		md(orElse(fixedIn(f), statusText(f, l))), md(strings.Join(about, ", ")))
}

func markdownSuppressed(c *comment, r *sekisho.Result) {
	rows, n := suppressedRows(r, c.lang), 0
	for _, s := range rows {
		n += s.all
	}
	c.list(details(fmt.Sprintf("%s %d", c.lang.Of(message.Suppressed), n)), endDetails, len(rows), mostRows, func(i int) string {
		return fmt.Sprintf("- %s %s: %s\n", md(rows[i].Rule), md(rows[i].Where), md(rows[i].Why))
	}, message.CommentSuppressed)
}

// markdownWitnesses says how other tools' reports compare, and where they disagree.
func markdownWitnesses(c *comment, r *sekisho.Result) {
	if len(r.Witnesses) == 0 {
		return
	}
	said := witnessLines(r, c.lang)
	c.list("\n### "+c.lang.Of(message.WitnessSection)+"\n\n", "", len(said), len(said), func(i int) string { return "- " + md(said[i]) + "\n" }, message.CommentWitnesses)
	lines, left := disputes(r, c.lang)
	c.list(details(c.lang.Of(message.DisagreeSection)), endDetails, len(lines), len(lines), func(i int) string { return "- " + md(lines[i]) + "\n" }, message.CommentDisputes)
	c.leave(message.CommentDisputes, left)
}

// markdownScope is what was looked at, and by what.
func markdownScope(c *comment, r *sekisho.Result) {
	l := c.lang
	var lines []string
	add := func(indent, label, text string) {
		if text == "" {
			return
		}
		if label != "" {
			label += ": "
		}
		lines = append(lines, indent+"- "+label+md(text)+"\n")
	}
	add("", l.Of(message.System), osLine(r, l))
	add("", l.Of(message.Database), databaseLine(r, l))
	add("", l.Of(message.Signatures), SignatureText(r, l))
	add("", l.Of(message.BaseImage), BaseText(r, l))
	for _, s := range workloadTexts(r, l) {
		add("", l.Of(message.WorkloadRuns), s)
	}
	for _, s := range candidateTexts(r, l) {
		add("  ", "", s)
	}
	for _, s := range builderTexts(r, l) {
		add("", "", s)
	}
	for _, e := range r.Coverage.Ecosystems {
		add("", l.Of(message.Packages), fmt.Sprintf("%s %d (%s %d, %s %d)", e.Ecosystem, e.Packages, l.Of(message.OwnedCount), e.Owned, l.Of(message.HiddenCount), e.Hidden))
	}
	add("", l.Of(message.NotAssessed), unjudged(r, l))
	add("", "", licenseLine(r, l))
	for _, s := range without(r, l) {
		add("", "", s)
	}
	for _, s := range r.Coverage.Scanners {
		if !s.Ran {
			add("", l.Of(message.NotAssessed), s.Name+": "+why(&s, l))
		}
	}
	scope := len(lines)
	for i := range r.Problems {
		add("", l.Of(message.NotAssessed), problemText(&r.Problems[i], l))
	}
	c.list(details(l.Of(message.Coverage)), endDetails, len(lines), scope+mostProblemLines, func(i int) string { return lines[i] }, message.CommentLines)
}

// cell makes text harmless in Markdown, inside a table too: no markup, no HTML, no
// new cell, no link, and no mention of a person, an issue or a merge request. Who
// looks for those looks at the text after the markup was read, where only a space
// of no width keeps the sign and the name apart.
func cell(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "~", `\~`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "$", "&#36;",
		"&", "&amp;&#8203;", "#", `\#&#8203;`, "@", "@&#8203;", "!", `\!&#8203;`, "://", ":&#8203;//", "www.", "www&#8203;.", "GH-", "GH&#8203;-",
	).Replace(clean(s))
}
