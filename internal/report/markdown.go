// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// writeMarkdown writes a summary for a pull request's comment or a wiki.
func writeMarkdown(w io.Writer, r *sekisho.Result, o Options) error {
	b := bufio.NewWriter(w)
	l := o.Lang
	for _, r := range all(r) {
		markdownResult(b, r, l)
	}
	if len(r.Differences) > 0 {
		fmt.Fprintf(b, "\n### %s\n\n", l.Of(message.Differences))
		for _, d := range r.Differences {
			fmt.Fprintf(b, "- %s:", cell(d.Name))
			for _, p := range all(r) {
				if p.Target.Platform != nil {
					name := p.Target.Platform.String()
					fmt.Fprintf(b, " %s %s;", cell(name), cell(orElse(d.Versions[name], l.Of(message.Missing))))
				}
			}
			fmt.Fprintln(b)
		}
	}
	word := map[sekisho.Decision]message.Text{sekisho.Allow: message.Allowed, sekisho.Deny: message.DeniedWord, sekisho.Incomplete: message.Incomplete}[r.Verdict.Decision]
	fmt.Fprintf(b, "\n**%s: %s**", l.Of(message.Verdict), l.Of(word))
	if reasons := plainReasons(&r.Verdict, l); len(reasons) > 0 {
		fmt.Fprintf(b, " - %s", cell(strings.Join(reasons, l.Of(message.ListStop))))
	}
	fmt.Fprintln(b)
	for i, line := range ruleLines(r, l) {
		if i == 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(b, "- %s", cell(line.Text))
		if line.Hits != "" {
			fmt.Fprintf(b, " (%s)", cell(line.Hits))
		}
		fmt.Fprintln(b)
	}
	return b.Flush()
}

func markdownResult(b *bufio.Writer, r *sekisho.Result, l message.Lang) {
	fmt.Fprintf(b, "## %s\n\n", cell(title(&r.Target)))
	fmt.Fprintf(b, "- %s: %s\n- %s: %s\n", l.Of(message.System), cell(osLine(r, l)), l.Of(message.Database), cell(databaseLine(r, l)))
	if s := BaseText(r, l); s != "" {
		fmt.Fprintf(b, "- %s: %s\n", l.Of(message.BaseImage), cell(s))
	}
	for _, s := range candidateTexts(r, l) {
		fmt.Fprintf(b, "  - %s\n", cell(s))
	}
	for _, s := range builderTexts(r, l) {
		fmt.Fprintf(b, "- %s\n", cell(s))
	}
	if s := baselineText(r, l); s != "" {
		fmt.Fprintf(b, "- **%s**\n", cell(s))
	}
	n := count(r)
	fmt.Fprintf(b, "- %s\n", n.line(l, len(r.Packages)))
	if s := weightsLine(r, l); s != "" {
		fmt.Fprintf(b, "- %s\n", cell(s))
	}
	markdownActions(b, r, l)
	markdownFindings(b, r, l)
	markdownSuppressed(b, r, l)
	markdownWitnesses(b, r, l)
	fmt.Fprintf(b, "\n### %s\n\n| %s | %s | %s | %s |\n|---|---:|---:|---:|\n", l.Of(message.Packages), l.Of(message.Ecosystem), l.Of(message.Visible), l.Of(message.OwnedCount), l.Of(message.HiddenCount))
	for _, e := range r.Coverage.Ecosystems {
		fmt.Fprintf(b, "| %s | %d | %d | %d |\n", e.Ecosystem, e.Packages, e.Owned, e.Hidden)
	}
	fmt.Fprintf(b, "\n### %s\n\n", l.Of(message.NotAssessed))
	if s := licenseLine(r, l); s != "" {
		fmt.Fprintf(b, "- %s\n", s)
	}
	for _, s := range without(r, l) {
		fmt.Fprintf(b, "- %s\n", cell(s))
	}
	for _, s := range r.Coverage.Scanners {
		if !s.Ran {
			fmt.Fprintf(b, "- %s: %s\n", cell(s.Name), cell(why(&s, l)))
		}
	}
	for i := range r.Problems {
		if i == 50 {
			fmt.Fprintf(b, "- %s\n", l.Of(message.MoreProblems, len(r.Problems)-50))
			break
		}
		fmt.Fprintf(b, "- %s\n", cell(problemText(&r.Problems[i])))
	}
}

// markdownActions lists what to do: the first ten, and all that must be done now.
func markdownActions(b *bufio.Writer, r *sekisho.Result, l message.Lang) {
	if len(r.Actions) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", l.Of(message.ActionsHead))
	shown, rest := 0, 0
	for i := range r.Actions {
		a := &r.Actions[i]
		if shown >= mostActions && a.Class != sekisho.ActNow {
			rest += len(a.Closes)
			continue
		}
		shown++
		fmt.Fprintf(b, "%d. **%s** %s (%s)\n", shown, className(a.Class, l), cell(actionText(r, a, l)), actionNotes(a, l))
	}
	if rest > 0 {
		fmt.Fprintf(b, "\n%s\n", l.Of(message.ActionsMore, len(r.Actions)-shown, rest))
	}
	fmt.Fprintln(b)
}

// mostRows bounds the table: a comment on GitHub holds 65536 characters.
const mostRows = 200

func markdownFindings(b *bufio.Writer, r *sekisho.Result, l message.Lang) {
	all := groups(r)
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| %s | %s | %s | %s | %s |\n|---|---|---|---|---|\n", l.Of(message.Severity), l.Of(message.Rule), l.Of(message.Subject), l.Of(message.Fixed), l.Of(message.Title))
	rows, left := 0, 0
	for _, s := range sekisho.Severities {
		for _, g := range all {
			for _, f := range g.findings {
				if f.Severity != s {
					continue
				}
				if rows == mostRows {
					left++
					continue
				}
				rows++
				rule := cell(f.Rule)
				if page := idPage(f.Rule); page != "" {
					rule = "[" + rule + "](" + page + ")"
				}
				if exploited(f) {
					rule += " **KEV**"
				}
				if fresh(f) && r.Baseline != nil && r.Baseline.Kind != sekisho.BaselineSince {
					rule = "**" + l.Of(message.NewMark) + "** " + rule
				}
				about := scores(f, l)
				if exploited(f) {
					about = about[1:]
				}
				if s := witnessed(f, l); s != "" {
					about = append(about, s)
				}
				if f.Title != "" {
					about = append(about, f.Title)
				}
				fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", l.Of(message.SeverityNames[f.Severity.String()]), rule, cell(placeOf(f)),
					cell(orElse(fixedIn(f), statusText(f, l))), cell(strings.Join(about, ", ")))
			}
		}
	}
	if left > 0 {
		fmt.Fprintf(b, "\n%s\n", l.Of(message.MoreProblems, left))
	}
}

func markdownSuppressed(b *bufio.Writer, r *sekisho.Result, l message.Lang) {
	head := false
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Suppressed == nil {
			continue
		}
		if !head {
			fmt.Fprintf(b, "\n### %s\n\n", l.Of(message.Suppressed))
			head = true
		}
		fmt.Fprintf(b, "- %s %s: %s\n", cell(f.Rule), cell(subject(f)), cell(suppressionText(f.Suppressed, l)))
	}
}

// markdownWitnesses says how other tools' reports compare, and where they disagree.
func markdownWitnesses(b *bufio.Writer, r *sekisho.Result, l message.Lang) {
	if len(r.Witnesses) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", l.Of(message.WitnessSection))
	for _, s := range witnessLines(r, l) {
		fmt.Fprintf(b, "- %s\n", cell(s))
	}
	lines, left := disputes(r, l)
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", l.Of(message.DisagreeSection))
	for _, s := range lines {
		fmt.Fprintf(b, "- %s\n", cell(s))
	}
	if left > 0 {
		fmt.Fprintf(b, "\n%s\n", l.Of(message.DisagreeMore, left))
	}
}

// cell makes text harmless in Markdown: no markup, no HTML, no new cell, no
// mention and no link.
func cell(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;",
		"&", "&amp;", "#", `\#`, "@", "&#64;", "://", ":&#47;&#47;", "!", `\!`,
	).Replace(clean(s))
}
