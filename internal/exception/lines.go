// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// idForm is what an id looks like.
var idForm = pattern.New(`^[A-Za-z0-9][A-Za-z0-9_.:+/-]*$`)

// lines reads an id a line, as .trivyignore
// (https://trivy.dev/docs/latest/configuration/filtering/#trivyignore) and
// .dockleignore (https://github.com/goodwithtech/dockle#ignore-checkpoints) have
// it: "#" begins a comment, and Trivy's lines may end in exp:2026-01-31. The
// comment on the line, else those just above the block of ids, is the reason.
func (r *reader) lines(text []byte) {
	var above []string
	n, ids := 0, false
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimSpace(line)
		here := &document.Node{Line: n}
		if line == "" {
			above, ids = nil, false
			continue
		}
		line, comment, _ := strings.Cut(line, "#")
		fields := strings.Fields(line)
		comment = strings.TrimSpace(comment)
		if len(fields) == 0 {
			if ids {
				above, ids = nil, false
			}
			if comment != "" {
				above = append(above, comment)
			}
			continue
		}
		ids = true
		if len(fields[0]) > 256 || !idForm.MatchString(fields[0]) {
			r.bad(here, "%.60q is no id of a rule or a vulnerability", fields[0])
			continue
		}
		e := sekisho.Exception{Rule: fields[0], Reason: comment}
		kind := ""
		if r.Format == Dockle {
			kind = sekisho.ResourceImage + "/"
		}
		if comment == "" {
			e.Reason = strings.Join(above, " ")
		}
		good := true
		for _, f := range fields[1:] {
			until, ok := strings.CutPrefix(f, "exp:")
			d, isDate := day(until)
			if !ok || !isDate || r.Format == Dockle {
				r.bad(here, "%.60q after the id is not understood, an end is written exp:2026-12-31", f)
				good = false
			}
			e.Expires = d
		}
		if good {
			r.foreign(here, kind, e)
		}
	}
}

// ids reads a list of ids that linters leave out; it may be one text with commas.
func (r *reader) ids(n *document.Node, kind string) {
	var items []*document.Node
	if n != nil && n.Kind == document.String {
		items = []*document.Node{n}
	} else {
		items = r.list(n, "the rules to leave out")
	}
	for _, item := range items {
		at := &document.Node{Line: item.Line, Column: item.Column}
		for id := range strings.SplitSeq(item.Str(), ",") {
			here := *at
			at.Column += len(id) + 1
			id = strings.TrimSpace(id)
			switch {
			case id == "" && item.Kind != document.String:
				r.bad(item, "the id of a rule must be a text")
			case id == "":
			case strings.ContainsAny(id, "*?") || strings.EqualFold(id, "low") || strings.EqualFold(id, "medium") || strings.EqualFold(id, "high") || strings.EqualFold(id, "critical"):
				r.skip(item, "%q names no single rule", id)
			case !idForm.MatchString(id):
				r.bad(item, "%.60q is no id of a rule", id)
			default:
				r.foreign(&here, kind, sekisho.Exception{Rule: id})
			}
		}
	}
}
