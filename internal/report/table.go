// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// colours by severity, as SGR parameters.
var severityColour = map[sekisho.Severity]string{
	sekisho.SeverityCritical: "1;37;41", sekisho.SeverityHigh: "1;31", sekisho.SeverityMedium: "33",
	sekisho.SeverityLow: "36", sekisho.SeverityNegligible: "2", sekisho.SeverityUnknown: "2",
}

// table writes for a person at a terminal.
type table struct {
	*bufio.Writer
	o Options
	// marked says that some findings are new and others are not.
	marked bool
}

func writeTable(w io.Writer, r *sekisho.Result, o Options) error {
	t := &table{Writer: bufio.NewWriter(w), o: o, marked: r.Baseline != nil && r.Baseline.Kind != sekisho.BaselineSince}
	for i, r := range all(r) {
		if i > 0 {
			t.line("")
		}
		t.result(r)
	}
	if len(r.Differences) > 0 {
		t.differences(r)
	}
	t.verdict(r)
	return t.Flush()
}

func (t *table) text(m message.Text, args ...any) string { return t.o.Lang.Of(m, args...) }

func (t *table) colour(sgr, s string) string {
	if !t.o.Color || sgr == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

// line writes one line: whatever a text of others holds, it ends where the line does
// and has no colours but ours. The Writer keeps the error until Flush.
func (t *table) line(s string) {
	for t.o.Color {
		i := strings.Index(s, "\x1b[")
		if i < 0 {
			break
		}
		n := i + 2
		for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == ';') {
			n++
		}
		if n == len(s) || s[n] != 'm' {
			break
		}
		io.WriteString(t, clean(s[:i])) //nolint:errcheck // see above
		io.WriteString(t, s[i:n+1])     //nolint:errcheck // see above
		s = s[n+1:]
	}
	fmt.Fprintln(t, clean(s))
}

func (t *table) heading(m message.Text) {
	t.line("")
	t.line(t.colour("1", t.text(m)))
}

func (t *table) result(r *sekisho.Result) {
	t.line(t.colour("1", t.text(message.Target)+": ") + title(&r.Target))
	if d := r.Target.Digest; d != "" {
		t.line("  " + clean(d))
	}
	t.wrap("", "  ", t.text(message.System)+": "+osLine(r, t.o.Lang))
	if s := BaseText(r, t.o.Lang); s != "" {
		t.wrap("", "  ", t.text(message.BaseImage)+": "+s)
	}
	for _, s := range workloadTexts(r, t.o.Lang) {
		t.wrap("", "  ", t.text(message.WorkloadRuns)+": "+s)
	}
	for _, s := range candidateTexts(r, t.o.Lang) {
		t.wrap("  ", "    ", t.text(message.BaseCandidateBy)+": "+s)
	}
	if s := SignatureText(r, t.o.Lang); s != "" {
		t.wrap("", "  ", t.text(message.Signatures)+": "+s)
	}
	t.wrap("", "  ", t.text(message.Database)+": "+databaseLine(r, t.o.Lang))
	if s := baselineText(r, t.o.Lang); s != "" {
		t.wrap("", "  ", t.colour("1", s))
	}
	t.actions(r)
	t.findings(r)
	t.suppressed(r)
	t.witnesses(r)
	t.packages(r)
	t.coverage(r)
}

// osLine says which release it is and how long it is supported.
func osLine(r *sekisho.Result, l message.Lang) string {
	if r.OS == nil {
		return l.Of(message.NoOS)
	}
	s := r.OS.PrettyName
	if s == "" {
		s = r.OS.ID + " " + r.OS.Version
	}
	today := r.Created.Format("2006-01-02")
	var notes []string
	switch {
	case r.Coverage.OS == "unsupported":
		notes = append(notes, l.Of(message.OSUnsupported))
	case r.OS.Derived:
		notes = append(notes, l.Of(message.OSDerived, r.OS.Family))
	}
	switch {
	case r.OS.EOL == "":
	case today <= r.OS.EOL:
		notes = append(notes, l.Of(message.OSSupported, r.OS.EOL))
	case today <= r.OS.EOLExtended:
		notes = append(notes, l.Of(message.OSExtended, r.OS.EOL, r.OS.EOLExtended))
	default:
		notes = append(notes, l.Of(message.OSEnded, max(r.OS.EOL, r.OS.EOLExtended)))
	}
	if len(notes) > 0 {
		s += " (" + strings.Join(notes, "; ") + ")"
	}
	return clean(s)
}

func databaseLine(r *sekisho.Result, l message.Lang) string {
	if r.Database == nil {
		return l.Of(message.NoDatabase)
	}
	var s strings.Builder
	s.WriteString(strings.TrimSpace(r.Database.Kind + " " + r.Database.Date))
	for i, src := range r.Database.Sources {
		if i == 0 {
			s.WriteString(": ")
		} else {
			s.WriteString(", ")
		}
		s.WriteString(strings.TrimSpace(src.Name + " " + src.Date))
	}
	return clean(s.String())
}

func (t *table) packages(r *sekisho.Result) {
	if len(r.Coverage.Ecosystems) == 0 && len(r.Coverage.Resources) > 0 {
		return // configuration alone
	}
	t.heading(message.Packages)
	rows := [][]string{{t.text(message.Ecosystem), t.text(message.Visible), t.text(message.OwnedCount), t.text(message.HiddenCount), t.text(message.NotAssessed)}}
	for _, e := range r.Coverage.Ecosystems {
		rows = append(rows, []string{e.Ecosystem, fmt.Sprint(e.Packages), fmt.Sprint(e.Owned), fmt.Sprint(e.Hidden), fmt.Sprint(e.NotAssessed)})
	}
	t.columns(rows)
	if !t.o.Packages || len(r.Packages) == 0 {
		return
	}
	t.heading(message.AllPackages)
	rows = [][]string{{t.text(message.Package), t.text(message.Version), t.text(message.Ecosystem), t.text(message.Introduced), t.text(message.Where)}}
	for i := range r.Packages {
		p := &r.Packages[i]
		layer, where := "", p.Path
		if p.Introduced != nil && len(r.Layers) > 1 {
			layer = fmt.Sprintf("%d %s", p.Introduced.Index, cutTo(introducedText(p.Introduced), 30))
		}
		if p.Line > 0 {
			where += fmt.Sprintf(":%d", p.Line)
		}
		if len(p.Locations) > 1 {
			where += fmt.Sprintf(" (+%d)", len(p.Locations)-1)
		}
		if p.Hidden {
			where += " [" + t.text(message.Hidden) + "]"
		}
		if p.OwnedBy != "" {
			where += " [" + t.text(message.OwnedBy, p.OwnedBy) + "]"
		}
		rows = append(rows, []string{p.Name, p.Version, p.Ecosystem, layer, where})
	}
	t.columns(rows)
}

// columns writes rows with columns as wide as their widest cell.
func (t *table) columns(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i := range row {
			row[i] = clean(row[i])
			widths[i] = max(widths[i], columns(row[i]))
		}
	}
	for n, row := range rows {
		var b strings.Builder
		b.WriteString("  ")
		for i, cell := range row {
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-columns(cell)+2))
			}
		}
		if n == 0 {
			t.line(t.colour("2", b.String()))
		} else {
			t.line(strings.TrimRight(b.String(), " "))
		}
	}
}

func (t *table) coverage(r *sekisho.Result) {
	t.heading(message.Coverage)
	c := &r.Coverage
	var ran, reasons []string
	idle := map[string][]string{}
	for _, s := range c.Scanners {
		switch {
		case s.Ran:
			ran = append(ran, clean(scannerName(&s)))
		default:
			text := why(&s, t.o.Lang)
			if len(idle[text]) == 0 {
				reasons = append(reasons, text)
			}
			idle[text] = append(idle[text], clean(s.Name))
		}
	}
	if len(ran) > 0 {
		t.wrap("  ", "    ", t.text(message.Ran)+": "+strings.Join(ran, ", "))
	}
	for _, s := range without(r, t.o.Lang) {
		t.wrap("  ", "    ", s)
	}
	for _, text := range reasons {
		t.wrap("  ", "    ", t.colour("33", t.text(message.DidNotRun))+": "+strings.Join(idle[text], ", ")+" ("+clean(text)+")")
	}
	if c.Layers > 0 {
		t.line("  " + t.text(message.LayersLine, c.Layers, c.LayersCached, c.LayersUnread))
		t.line("  " + t.text(message.FilesLine, c.Files, bytesText(c.Bytes), c.FilesRead))
	}
	for _, s := range []string{resourceLine(r, t.o.Lang), licenseLine(r, t.o.Lang)} {
		if s != "" {
			t.wrap("  ", "    ", s)
		}
	}
	if h := c.History; h != nil {
		t.wrap("  ", "    ", clean(historyLine(h, t.o.Lang)))
	}
	if c.LockedOnly > 0 {
		t.wrap("  ", "    ", t.text(message.LockedOnly, c.LockedOnly))
	}
	for _, s := range builderTexts(r, t.o.Lang) {
		t.wrap("  ", "    ", s)
	}
	if c.UnownedBinaries > 0 {
		names := strings.Join(c.Unowned, ", ")
		if c.UnownedBinaries > len(c.Unowned) {
			names += ", ..."
		}
		t.wrap("  ", "    ", t.text(message.UnownedLine, c.UnownedBinaries, clean(names)))
	}
	if len(r.Problems) == 0 {
		return
	}
	t.heading(message.Problems)
	const most = 20
	// What makes the result incomplete comes first.
	problems := slices.Clone(r.Problems)
	slices.SortStableFunc(problems, func(a, b sekisho.Problem) int {
		switch {
		case a.Minor == b.Minor:
			return 0
		case b.Minor:
			return -1
		}
		return 1
	})
	for i, p := range problems {
		if i == most {
			t.line("  " + t.text(message.MoreProblems, len(problems)-most))
			break
		}
		t.wrap("  ", "    ", problemText(&p, t.o.Lang))
	}
}

// historyLine says what was looked through of a repository's commits.
func historyLine(h *sekisho.HistoryCoverage, l message.Lang) string {
	text := l.Of(message.HistoryLine, h.Commits, h.Contents, bytesText(h.Bytes))
	if h.Since != "" {
		text += " (" + h.Since + "..HEAD)"
	}
	return text
}

func problemText(p *sekisho.Problem, l message.Lang) string {
	s := p.Stage + ": "
	switch {
	case p.Path != "":
		s += p.Path + ": "
	case p.Layer != "":
		s += cutTo(p.Layer, 19) + ": "
	}
	return clean(s + l.Fault(p.Code, p.Args, p.Error))
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
}

func (t *table) differences(r *sekisho.Result) {
	t.heading(message.Differences)
	var platforms []string
	for _, r := range all(r) {
		name := r.Target.Digest
		if r.Target.Platform != nil {
			name = r.Target.Platform.String()
		}
		platforms = append(platforms, name)
	}
	rows := [][]string{append([]string{t.text(message.Package), t.text(message.Ecosystem)}, platforms...)}
	for _, d := range r.Differences {
		row := []string{d.Name, d.Ecosystem}
		for _, p := range platforms {
			v := d.Versions[p]
			if v == "" {
				v = "(" + t.text(message.Missing) + ")"
			}
			row = append(row, v)
		}
		rows = append(rows, row)
	}
	t.columns(rows)
}

func (t *table) verdict(r *sekisho.Result) {
	t.line("")
	v := &r.Verdict
	word, sgr := t.text(message.Allowed), "1;32"
	if !judged(r) {
		sgr = "1;33" // let through, but not in green
	}
	switch v.Decision {
	case sekisho.Deny:
		word, sgr = t.text(message.DeniedWord), "1;31"
	case sekisho.Incomplete:
		word, sgr = t.text(message.Incomplete), "1;33"
	}
	head := t.text(message.Verdict) + ": " + t.colour(sgr, word)
	if reasons := plainReasons(v, t.o.Lang); len(reasons) > 0 {
		head += " - " + clean(strings.Join(reasons, t.text(message.ListStop)))
	}
	t.wrap("", "  ", head)
	for _, line := range ruleLines(r, t.o.Lang) {
		t.wrap("  ", "    ", t.colour(map[string]string{sekisho.ReasonRuleDenied: "1;31", sekisho.ReasonRuleUnseen: "2"}[line.Code], clean(line.Text)))
		if line.Hits != "" {
			t.wrap("    ", "    ", t.colour("2", line.Hits))
		}
	}
}

// columns is how many columns of a terminal a string takes.
func columns(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] == '\x1b' { // our own colours take none
			if j := strings.IndexByte(s[i:], 'm'); j >= 0 {
				i += j + 1
				continue
			}
		}
		p, size := width.LookupString(s[i:])
		if size == 0 {
			break
		}
		if k := p.Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
		n++
		i += size
	}
	return n
}

// cutTo shortens a string to n columns.
func cutTo(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	w := 0
	for i, c := range s {
		if w += columns(string(c)); w > n-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// wrap writes a paragraph, broken to the width of the terminal.
func (t *table) wrap(first, rest, s string) {
	for _, line := range Lines(first, rest, s, max(t.o.Width, 40)) {
		t.line(line)
	}
}

// Lines breaks a paragraph at spaces (and between wide characters, as Japanese
// is) to limit columns. The first line begins with first, others with rest.
func Lines(first, rest, s string, limit int) (lines []string) {
	out := first
	at := columns(first)
	fresh := true
	for _, word := range pieces(s) {
		n := columns(word)
		if !fresh && at+columns(strings.TrimRight(word, " ")) > limit {
			lines = append(lines, strings.TrimRight(out, " "))
			out, at = rest, columns(rest)
			word = strings.TrimLeft(word, " ")
			n = columns(word)
		}
		out += word
		at += n
		fresh = false
	}
	return append(lines, strings.TrimRight(out, " "))
}

// pieces cuts a string where a line may end.
func pieces(s string) (out []string) {
	start := 0
	prevWide, prevStop := false, false
	for i, c := range s {
		p, _ := width.LookupString(string(c))
		wide := p.Kind() == width.EastAsianWide
		// No line begins with a full stop or a comma, half or full width.
		if i > start && (i > 0 && s[i-1] == ' ' && c != ' ' || (wide && prevWide || prevStop) && !strings.ContainsRune("、。」)", c)) {
			out = append(out, s[start:i])
			start = i
		}
		prevWide, prevStop = wide, c == '、' || c == '。'
	}
	return append(out, s[start:])
}
