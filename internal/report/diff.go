// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// diffFormats are those of comparisons.
var diffFormats = []struct {
	name  string
	write func(w io.Writer, c *sekisho.Comparison, o Options) error
}{
	{"table", writeDiffTable},
	{"json", func(w io.Writer, c *sekisho.Comparison, _ Options) error { return encode(w, c) }},
	{"markdown", writeDiffMarkdown},
}

// DiffFormats lists the names of the formats of comparisons.
func DiffFormats() []string {
	var names []string
	for _, f := range diffFormats {
		names = append(names, f.name)
	}
	return names
}

// WriteDiff writes a comparison in a format.
func WriteDiff(w io.Writer, format string, c *sekisho.Comparison, o Options) error {
	i := slices.Index(DiffFormats(), format)
	if i < 0 {
		return message.Errorf("there is no format %q: %s", format, strings.Join(DiffFormats(), ", "))
	}
	o.Lang = cmp.Or(o.Lang, message.En)
	if o.Width <= 0 {
		o.Width = 100
	}
	if format != "json" {
		for _, one := range comparisons(c) {
			for _, list := range [][]sekisho.Finding{one.Added, one.Appeared, one.Fixed, one.Vanished, one.Unchanged} {
				worded(&sekisho.Result{Rules: one.Rules, Findings: list}, o.Lang)
			}
			for j := range one.Changed {
				f := &one.Changed[j].Finding
				f.Title, f.Why, f.Fix = Words(&sekisho.Result{Rules: one.Rules}, f, o.Lang)
			}
		}
	}
	return diffFormats[i].write(w, c, o)
}

// Bounds of what a person reads of a comparison; the JSON has all.
const (
	mostDiffed  = 40
	mostUpdates = 25
)

// diffPart is a list of findings under its heading.
type diffPart struct {
	head     message.Text
	sgr      string
	findings []sekisho.Finding
}

func diffParts(c *sekisho.Comparison) []diffPart {
	return []diffPart{
		{message.DiffAdded, "1;31", c.Added},
		{message.DiffAppeared, "1;33", c.Appeared},
		{message.DiffFixed, "1;32", c.Fixed},
		{message.DiffVanished, "1;33", c.Vanished},
	}
}

func comparisons(c *sekisho.Comparison) []*sekisho.Comparison {
	out := []*sekisho.Comparison{c}
	for i := range c.Platforms {
		out = append(out, &c.Platforms[i])
	}
	return out
}

func writeDiffTable(w io.Writer, c *sekisho.Comparison, o Options) error {
	t := &table{Writer: bufio.NewWriter(w), o: o}
	for i, c := range comparisons(c) {
		if i > 0 {
			t.line("")
		}
		t.comparison(c)
	}
	return t.Flush()
}

func (t *table) comparison(c *sekisho.Comparison) {
	t.line(t.colour("1", t.text(message.DiffOld)+": ") + title(&c.Old.Target))
	t.line(t.colour("1", t.text(message.DiffNew)+": ") + title(&c.New.Target))
	t.line(t.text(message.Findings) + ": " + t.text(message.DiffSummary, len(c.Added)+len(c.Appeared), len(c.Fixed), len(c.Unchanged)))
	for _, s := range RemarkTexts(c.Remarks, t.o.Lang) {
		t.wrap("", "  ", t.colour("33", t.text(message.DiffRemark)+": ")+clean(s))
	}
	for _, p := range diffParts(c) {
		if len(p.findings) == 0 {
			continue
		}
		t.line("")
		t.line(t.colour(p.sgr, fmt.Sprintf("%s %d", t.text(p.head), len(p.findings))))
		for i := range p.findings {
			if i == mostDiffed {
				t.line("  " + t.text(message.DiffMore, len(p.findings)-i))
				break
			}
			t.wrap("  ", "    ", diffLine(&p.findings[i], t.o.Lang))
		}
	}
	if len(c.Changed) > 0 {
		t.line("")
		t.line(t.colour("1", fmt.Sprintf("%s %d", t.text(message.DiffChanged), len(c.Changed))))
		for i := range c.Changed {
			if i == mostDiffed {
				t.line("  " + t.text(message.DiffMore, len(c.Changed)-i))
				break
			}
			ch := &c.Changed[i]
			t.wrap("  ", "    ", diffLine(&ch.Finding, t.o.Lang)+": "+changeText(ch, t.o.Lang))
		}
	}
	t.line("")
	p := &c.Packages
	t.line(t.colour("1", t.text(message.DiffPackages)+": ") + packageSum(p, t.o.Lang))
	rows := packageRows(p)
	for i, row := range rows {
		if i == mostUpdates {
			t.line("  " + t.text(message.DiffMore, len(rows)-i))
			break
		}
		t.wrap("  ", "    ", clean(row))
	}
	for _, s := range diffSums(c, t.o.Lang) {
		t.line(t.colour("1", s[0]+": ") + s[1])
	}
	for _, l := range diffDetails(c) {
		t.wrap("  ", "    ", clean(l))
	}
}

// diffLine is a finding in one line.
func diffLine(f *sekisho.Finding, l message.Lang) string {
	parts := []string{l.Of(message.SeverityNames[f.Severity.String()]), f.Rule}
	if s := placeOf(f); s != "" {
		parts = append(parts, s)
	}
	parts = append(parts, scores(f, l)...)
	if f.Fixed != "" {
		parts = append(parts, l.Of(message.FixArrow, fixedIn(f)))
	}
	if f.Title != "" && f.Kind != sekisho.Vulnerability {
		parts = append(parts, f.Title)
	}
	return clean(strings.Join(parts, "  "))
}

// changeText names what differs of one finding.
func changeText(ch *sekisho.FindingChange, l message.Lang) string {
	var out []string
	for _, d := range ch.Changes {
		label := map[string]message.Text{
			sekisho.FieldSeverity: message.Severity, sekisho.FieldFixed: message.Fixed, sekisho.FieldStatus: message.Status,
			sekisho.FieldVersion: message.Version, sekisho.FieldPath: message.Where,
		}
		name := func(s string) string {
			if m, ok := message.SeverityNames[s]; ok && d.Field == sekisho.FieldSeverity {
				return l.Of(m)
			}
			return cmp.Or(s, "-")
		}
		switch {
		case d.Field == sekisho.FieldKEV && d.From == "":
			out = append(out, l.Of(message.DiffNewly))
		case d.Field == sekisho.FieldKEV:
			out = append(out, "KEV "+name(d.From)+" → "+name(d.To))
		case d.Field == sekisho.FieldSuppressed && d.To == "":
			out = append(out, l.Of(message.DiffWasSilent))
		case d.Field == sekisho.FieldSuppressed:
			out = append(out, l.Of(message.DiffIsSilent, d.To))
		default:
			out = append(out, l.Of(label[d.Field])+" "+name(d.From)+" → "+name(d.To))
		}
	}
	return clean(strings.Join(out, l.Of(message.ListComma)))
}

func packageSum(p *sekisho.PackageChanges, l message.Lang) string {
	return l.Of(message.DiffPackageSum, len(p.Added), len(p.Removed), len(p.Upgraded), len(p.Downgraded)+len(p.Changed), p.Unchanged)
}

// packageRows are the packages that differ: "+ added", "- removed", "↑", "↓".
func packageRows(p *sekisho.PackageChanges) (out []string) {
	for _, part := range []struct {
		mark string
		all  []sekisho.PackageChange
	}{{"↓", p.Downgraded}, {"↑", p.Upgraded}, {"~", p.Changed}, {"+", p.Added}, {"-", p.Removed}} {
		for _, c := range part.all {
			version := c.From
			switch {
			case c.From == "":
				version = c.To
			case c.To != "":
				version += " → " + c.To
			}
			out = append(out, fmt.Sprintf("%s %s %s (%s)", part.mark, c.Name, version, c.Ecosystem))
		}
	}
	return out
}

// diffSums are the counts of what differs beside packages, as label and text.
func diffSums(c *sekisho.Comparison, l message.Lang) (out [][2]string) {
	if len(c.Files) > 0 {
		n := map[string]int{}
		for _, f := range c.Files {
			n[f.State]++
		}
		out = append(out, [2]string{l.Of(message.DiffFiles), l.Of(message.DiffFileSum, n[sekisho.FileAdded], n[sekisho.FileRemoved], n[sekisho.FileModified], n[sekisho.FileRenamed])})
	}
	if s := c.Signature; s != nil {
		out = append(out, [2]string{l.Of(message.Signatures), signatureState(&s.From, l) + " → " + signatureState(&s.To, l)})
	}
	if y := c.Layers; y != nil {
		out = append(out, [2]string{l.Of(message.DiffLayers), l.Of(message.DiffLayerSum, len(y.Added), len(y.Removed), y.Unchanged, y.Shared)})
	}
	return out
}

// signatureState is how one side of a comparison is signed.
func signatureState(s *sekisho.SignatureState, l message.Lang) string {
	switch s.State {
	case sekisho.SignatureVerified:
		return clean(l.Of(message.SignatureYes, some(s.By)))
	case sekisho.SignatureUnverified:
		return l.Of(message.SignatureNo)
	case sekisho.SignatureNone:
		return l.Of(message.SignatureNothing)
	}
	return l.Of(message.SignatureNotKnown)
}

// diffDetails are the layers and settings that differ.
func diffDetails(c *sekisho.Comparison) (out []string) {
	if c.Layers != nil {
		for _, part := range []struct {
			mark string
			all  []sekisho.Layer
		}{{"+", c.Layers.Added}, {"-", c.Layers.Removed}} {
			for i, y := range part.all {
				if i == mostUpdates {
					break
				}
				out = append(out, part.mark+" "+cutTo(cmp.Or(y.Instruction, y.DiffID, y.Digest), 90))
			}
		}
	}
	for i, f := range c.Image {
		if i == mostUpdates {
			break
		}
		out = append(out, fmt.Sprintf("%s: %s → %s", f.Field, cutTo(cmp.Or(f.From, "-"), 60), cutTo(cmp.Or(f.To, "-"), 60)))
	}
	return out
}

// RemarkTexts of a comparison or a baseline in the language.
func RemarkTexts(all []sekisho.Reason, l message.Lang) (out []string) {
	for _, r := range all {
		m, ok := message.RemarkTexts[r.Code]
		if !ok || m.Args != len(r.Args) {
			out = append(out, strings.Join(append([]string{r.Code}, r.Args...), " "))
			continue
		}
		var args []any
		for _, a := range r.Args {
			args = append(args, cmp.Or(a, "-"))
		}
		out = append(out, l.Of(m.Text, args...))
	}
	return out
}

func writeDiffMarkdown(w io.Writer, c *sekisho.Comparison, o Options) error {
	out := newComment(cmp.Or(o.Comment, "diff:"+CommentKey(&c.New.Target)), o.Lang)
	diffMarkdown(out, c)
	_, err := io.WriteString(w, out.end())
	return err
}

// diffMarkdown writes what is new in the open and the rest folded.
func diffMarkdown(b *comment, c *sekisho.Comparison) {
	l := b.lang
	for i, c := range comparisons(c) {
		if i > 0 {
			b.add("\n")
		}
		b.add("## %s → %s\n\n", md(title(&c.Old.Target)), md(title(&c.New.Target)))
		b.add("**%s**\n", l.Of(message.DiffSummary, len(c.Added)+len(c.Appeared), len(c.Fixed), len(c.Unchanged)))
		for _, s := range RemarkTexts(c.Remarks, l) {
			b.add("\n> %s: %s\n", l.Of(message.DiffRemark), md(s))
		}
		for i, p := range diffParts(c) {
			head, tail := fmt.Sprintf("%s %d", l.Of(p.head), len(p.findings)), ""
			if i == 0 {
				head = "\n### " + head + "\n\n"
			} else {
				head, tail = details(head), endDetails
			}
			rows := make([]*sekisho.Finding, len(p.findings))
			for i := range p.findings {
				rows[i] = &p.findings[i]
			}
			findingTable(b, head, tail, &sekisho.Result{Target: c.New.Target}, fold(rows), mostRows)
		}
		b.list(details(fmt.Sprintf("%s %d", l.Of(message.DiffChanged), len(c.Changed))), endDetails, len(c.Changed), mostDiffed, func(i int) string {
			f := &c.Changed[i].Finding
			return fmt.Sprintf("- %s %s: %s\n", md(f.Rule), md(placeOf(f)), md(changeText(&c.Changed[i], l)))
		}, message.CommentFindings)
		rows := packageRows(&c.Packages)
		sum := l.Of(message.DiffPackages) + ": " + packageSum(&c.Packages, l)
		if len(rows) == 0 {
			b.add("\n%s\n", sum)
		}
		b.list(details(sum), endDetails, len(rows), mostRows, func(i int) string { return "- " + md(rows[i]) + "\n" }, message.CommentPackages)
		for _, s := range diffSums(c, l) {
			b.add("\n%s: %s\n", s[0], md(s[1]))
		}
		lines := diffDetails(c)
		b.list("\n", "", len(lines), len(lines), func(i int) string { return "- " + md(lines[i]) + "\n" }, message.CommentLines)
	}
}
