// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// WriteProposal writes a proposal in one of the formats of comparisons.
func WriteProposal(w io.Writer, format string, p *sekisho.Proposal, o Options) error {
	if !slices.Contains(DiffFormats(), format) {
		return message.Errorf("there is no format %q: %s", format, strings.Join(DiffFormats(), ", "))
	}
	o.Lang = cmp.Or(o.Lang, message.En)
	if o.Width <= 0 {
		o.Width = 100
	}
	switch format {
	case "json":
		return encode(w, p)
	case "markdown":
		return proposalMarkdown(w, p, o)
	}
	return proposalTable(w, p, o)
}

// proposalPart is a list under its heading.
type proposalPart struct {
	head  string
	lines []string
}

// proposalParts are the lists of a proposal, but the comparison and the diffs.
func proposalParts(p *sekisho.Proposal, l message.Lang) []proposalPart {
	var out []proposalPart
	add := func(head message.Text, lines []string) {
		if len(lines) > 0 {
			out = append(out, proposalPart{l.Of(head), lines})
		}
	}
	if p.Base != nil {
		add(message.ProposalBase, baseLines(p.Base, l))
	} else {
		lines := append(raiseLines(p, l), followedLines(p, l)...)
		if len(lines) == 0 {
			lines = []string{l.Of(message.ProposalNothing)}
		}
		add(message.ProposalChange, lines)
	}
	add(message.ProposalLeft, append(leftLines(p, l), stayLines(p, l)...))
	for _, ran := range []bool{true, false} {
		var lines []string
		for _, c := range p.Commands {
			if c.Ran == ran {
				lines = append(lines, clean(commandText(&c)))
			}
		}
		if ran {
			add(message.ProposalRan, lines)
		} else {
			add(message.ProposalRun, lines)
		}
	}
	return out
}

func baseLines(b *sekisho.BaseProposal, l message.Lang) []string {
	size := func(n int64) string {
		if n <= 0 {
			return ""
		}
		return l.Of(message.ProposalSize, bytesText(n))
	}
	present := l.Of(message.ProposalBaseLine, b.From, place(b.File, b.Line), b.Packages, size(b.Size))
	if b.Incomplete {
		present += l.Of(message.ListStop) + l.Of(message.ProposalPartly)
	}
	lines := []string{clean(present)}
	for i := range b.Moves {
		m := &b.Moves[i]
		if m.Error != "" {
			lines = append(lines, clean(l.Of(message.ProposalNotRead, m.Name, m.Error)))
			continue
		}
		s := l.Of(message.ProposalMove, m.Name, m.Removes, byClass(m.RemovesByClass, m.RemovesKEV, l), m.Adds, byClass(m.AddsByClass, m.AddsKEV, l), m.Keeps, -m.Risk, m.Packages, m.Packages-b.Packages, size(m.Size))
		if m.Incomplete {
			s += l.Of(message.ListStop) + l.Of(message.BasePartly)
		}
		if m.Best && len(b.Moves) > 1 {
			s = l.Of(message.ProposalChosen) + ": " + s
		}
		lines = append(lines, clean(s))
	}
	if m, ok := message.MoveTexts[b.Why.Code]; ok && m.Args == len(b.Why.Args) {
		var args []any
		for _, a := range b.Why.Args {
			args = append(args, a)
		}
		lines = append(lines, clean(l.Of(m.Text, args...)))
	}
	return lines
}

func raiseLines(p *sekisho.Proposal, l message.Lang) (out []string) {
	for i := range p.Raises {
		r := &p.Raises[i]
		s := l.Of(message.ProposalRaise, r.Name, r.From, r.To, place(r.Path, r.Line), r.Closes)
		if r.Was == r.Now {
			s += l.Of(message.ListStop) + l.Of(message.ProposalAllowed, r.Was)
		}
		if r.Major {
			s += l.Of(message.ListStop) + l.Of(message.ProposalMajor)
		}
		out = append(out, clean(s))
	}
	return out
}

// followedLines are the edits, those of a rule in a file on one line.
func followedLines(p *sekisho.Proposal, l message.Lang) (out []string) {
	type group struct{ path, rule string }
	var order []group
	lines, unsafe := map[group][]string{}, map[group]bool{}
	for i := range p.Followed {
		f := &p.Followed[i]
		g := group{f.Path, f.Rule}
		if lines[g] == nil {
			order = append(order, g)
		}
		if n := strconv.Itoa(f.Line); !slices.Contains(lines[g][max(0, len(lines[g])-1):], n) {
			lines[g] = append(lines[g], n)
		}
		unsafe[g] = unsafe[g] || f.Unsafe
	}
	for _, g := range order {
		s := g.path + ":" + strings.Join(lines[g], ",") + "  " + g.rule
		if unsafe[g] {
			s += " (" + l.Of(message.SuggestionUnsafe) + ")"
		}
		out = append(out, clean(s))
	}
	return out
}

// mostStays is how many places of edits that were not made are named.
const mostStays = 30

// stayLines are the edits that were not made, those of one reason on one line.
func stayLines(p *sekisho.Proposal, l message.Lang) (out []string) {
	var order []string
	places := map[string][]string{}
	for i := range p.Stays {
		s := &p.Stays[i]
		if places[s.Why.Code] == nil {
			order = append(order, s.Why.Code)
		}
		places[s.Why.Code] = append(places[s.Why.Code], place(s.Path, s.Line)+" "+s.Rule)
	}
	for _, code := range order {
		why := code
		if t, ok := message.StayTexts[code]; ok {
			why = l.Of(t)
		}
		all := places[code]
		s := strings.Join(all[:min(len(all), mostStays)], l.Of(message.ListComma))
		if n := len(all) - mostStays; n > 0 {
			s += l.Of(message.ListComma) + l.Of(message.ProposalMoreStays, n)
		}
		out = append(out, clean(why+": "+s))
	}
	return out
}

func leftLines(p *sekisho.Proposal, l message.Lang) (out []string) {
	for i := range p.Left {
		f := &p.Left[i]
		why := f.Why.Code
		if m, ok := message.LeftTexts[f.Why.Code]; ok && m.Args == len(f.Why.Args) {
			var args []any
			for _, a := range f.Why.Args {
				if t, ok := message.RefusalTexts[a]; ok {
					a = l.Of(t)
				}
				args = append(args, a)
			}
			why = l.Of(m.Text, args...)
		}
		out = append(out, clean(fmt.Sprintf("%s %s (%s): %s", f.Name, f.Version, some(f.Rules), why)))
	}
	return out
}

// plainWord are the letters that a shell takes as they are.
const plainWord = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./-_"

// commandText is a command as a shell takes it.
func commandText(c *sekisho.Command) string {
	var words []string
	for _, a := range c.Args {
		words = append(words, quoted(a))
	}
	s := strings.Join(words, " ")
	if c.Dir != "" && c.Dir != "." {
		s = "(cd " + quoted(c.Dir) + " && " + s + ")"
	}
	return s
}

// quoted is a word as a shell takes it.
func quoted(s string) string {
	if s == "" || strings.ContainsFunc(s, func(c rune) bool { return !strings.ContainsRune(plainWord, c) }) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

func proposalTable(w io.Writer, p *sekisho.Proposal, o Options) error {
	t := &table{Writer: bufio.NewWriter(w), o: o}
	for i, part := range proposalParts(p, o.Lang) {
		if i > 0 {
			t.line("")
		}
		t.line(t.colour("1", part.head))
		for _, s := range part.lines {
			t.wrap("  ", "    ", s)
		}
	}
	if p.Comparison != nil {
		head := message.ProposalDelta
		if p.Projected {
			head = message.ProposalForecast
		}
		t.line("")
		t.wrap("", "", t.colour("1", t.text(head)))
		for _, c := range comparisons(p.Comparison) {
			worded(&sekisho.Result{Rules: c.Rules, Findings: c.Added}, o.Lang)
			t.comparison(c)
		}
	}
	for i, e := range p.Edits {
		if i == 0 {
			t.line("")
		}
		if p.Written {
			t.line(t.text(message.ProposalWritten) + ": " + clean(e.Path))
			continue
		}
		fmt.Fprint(t, printable(e.Diff))
	}
	return t.Flush()
}

// printable is a text of several lines without control characters, that a
// hostile file could send to a terminal.
func printable(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		body, ended := strings.CutSuffix(line, "\n")
		b.WriteString(strings.Map(func(c rune) rune {
			if c < ' ' && c != '\t' && c != '\r' || c == 0x7f || c >= 0x80 && c < 0xa0 {
				return '\ufffd'
			}
			return c
		}, body))
		if ended {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func proposalMarkdown(w io.Writer, p *sekisho.Proposal, o Options) error {
	b := bufio.NewWriter(w)
	for _, part := range proposalParts(p, o.Lang) {
		fmt.Fprintf(b, "## %s\n\n", part.head)
		for _, s := range part.lines {
			fmt.Fprintf(b, "- %s\n", cell(s))
		}
		fmt.Fprintln(b)
	}
	for _, e := range p.Edits {
		fence := "```"
		for strings.Contains(e.Diff, fence) {
			fence += "`"
		}
		fmt.Fprintf(b, "<details open><summary>%s</summary>\n\n%sdiff\n%s%s\n\n</details>\n\n", cell(e.Path), fence, printable(e.Diff), fence)
	}
	if p.Projected {
		fmt.Fprintf(b, "> %s\n\n", o.Lang.Of(message.ProposalForecast))
	}
	if p.Comparison != nil {
		o.Comment = partOfOther
		if err := WriteDiff(b, "markdown", p.Comparison, o); err != nil {
			return err
		}
	}
	return b.Flush()
}
