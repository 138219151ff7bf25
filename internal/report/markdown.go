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
	fmt.Fprintf(b, "\n**%s: %s** - %s\n", l.Of(message.Verdict), l.Of(word), cell(strings.Join(r.Verdict.Reasons, "; ")))
	return b.Flush()
}

func markdownResult(b *bufio.Writer, r *sekisho.Result, l message.Lang) {
	fmt.Fprintf(b, "## %s\n\n", cell(title(&r.Target)))
	fmt.Fprintf(b, "- %s: %s\n- %s: %s\n", l.Of(message.System), cell(osLine(r, l)), l.Of(message.Database), cell(databaseLine(r, l)))
	by, total, suppressed := count(r)
	var sums []string
	for _, s := range sekisho.Severities {
		if by[s] > 0 {
			sums = append(sums, fmt.Sprintf("%s %d", l.Of(message.SeverityNames[s.String()]), by[s]))
		}
	}
	fmt.Fprintf(b, "- %s\n", l.Of(message.TotalLine, total, orElse(strings.Join(sums, ", "), "-"), suppressed, len(r.Packages)))
	if total > 0 {
		fmt.Fprintf(b, "\n| %s | %s | %s | %s | %s |\n|---|---|---|---|---|\n", l.Of(message.Severity), l.Of(message.Rule), l.Of(message.Where), l.Of(message.Fixed), l.Of(message.Title))
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Suppressed == nil {
				fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", l.Of(message.SeverityNames[f.Severity.String()]), cell(f.Rule), cell(subject(f)), cell(f.Fixed), cell(f.Title))
			}
		}
	}
	fmt.Fprintf(b, "\n### %s\n\n| %s | %s | %s | %s |\n|---|---:|---:|---:|\n", l.Of(message.Packages), l.Of(message.Ecosystem), l.Of(message.Visible), l.Of(message.OwnedCount), l.Of(message.HiddenCount))
	for _, e := range r.Coverage.Ecosystems {
		fmt.Fprintf(b, "| %s | %d | %d | %d |\n", e.Ecosystem, e.Packages, e.Owned, e.Hidden)
	}
	fmt.Fprintf(b, "\n### %s\n\n", l.Of(message.NotAssessed))
	for _, s := range r.Coverage.Scanners {
		if !s.Ran {
			fmt.Fprintf(b, "- %s: %s\n", cell(s.Name), cell(s.Why))
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

// cell makes text harmless in Markdown: no markup, no HTML, no new cell, no
// mention and no link.
func cell(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;",
		"&", "&amp;", "#", `\#`, "@", "&#64;", "://", ":&#47;&#47;", "!", `\!`,
	).Replace(clean(s))
}
