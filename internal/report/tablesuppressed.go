// SPDX-License-Identifier: Apache-2.0

package report

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// mostReasons is how many reasons of suppressions the table lists.
const mostReasons = 20

// silenced is a finding that an exception or a statement suppressed, or all of
// a package that a statement of the program's own did.
type silenced struct {
	Rule, Where, Why string
	all              int
}

// suppressedRows lists what was suppressed. A statement that is built in is about a
// package, whatever the flaw: that is one row.
func suppressedRows(r *sekisho.Result, l message.Lang) []silenced {
	var out []silenced
	at := map[string]int{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Suppressed == nil {
			continue
		}
		s := silenced{clean(f.Rule), clean(subject(f)), clean(SuppressionText(f.Suppressed, l)), 1}
		if f.Suppressed.Code != "" && f.Package != nil {
			key := f.Suppressed.Code + "\x00" + f.Package.PURL
			if n, ok := at[key]; ok {
				out[n].all++
				out[n].Rule = l.Of(message.TotalFindings, out[n].all)
				continue
			}
			at[key] = len(out)
		}
		out = append(out, s)
	}
	return out
}

// excuse is one reason, and how many findings it suppressed.
type excuse struct {
	text string
	all  int
}

// excuses are the reasons of suppressions, the one that covers most first.
func excuses(r *sekisho.Result, l message.Lang) []*excuse {
	at := map[string]*excuse{}
	var out []*excuse
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Suppressed == nil {
			continue
		}
		text := clean(SuppressionText(f.Suppressed, l))
		e := at[text]
		if e == nil {
			e = &excuse{text: text}
			at[text] = e
			out = append(out, e)
		}
		e.all++
	}
	slices.SortStableFunc(out, func(a, b *excuse) int {
		if a.all != b.all {
			return b.all - a.all
		}
		return strings.Compare(a.text, b.text)
	})
	return out
}

// suppressed counts what was suppressed, by reason: the findings themselves are
// in the other formats.
func (t *table) suppressed(r *sekisho.Result) {
	all := excuses(r, t.o.Lang)
	if len(all) == 0 {
		return
	}
	t.heading(message.SuppressedFindings)
	for i, e := range all {
		if i == mostReasons {
			t.line("  " + t.text(message.AndFindings, len(all)-i))
			break
		}
		t.wrap("  ", "    ", t.text(message.SuppressedLine, e.all, e.text))
	}
}
