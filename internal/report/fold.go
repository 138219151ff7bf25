// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// mostSame is how many further services or containers are named.
const mostSame = 6

// row is what people read as one: a finding, and those in which the same file says
// the same of other services, containers or roles, in the order of the file.
type row struct {
	*sekisho.Finding
	others []*sekisho.Finding
}

// folded are the title and the fix of a finding without the name of what it is
// about, and that name: what one file says of ten services in the same words is
// one thing to read.
func folded(f *sekisho.Finding) (title, fix, who string) {
	if f.Resource == "" || len(f.Args) == 0 || f.Args[0] == "" || !strings.Contains(f.Title, f.Args[0]) {
		return f.Title, f.Fix, ""
	}
	who = f.Args[0]
	return strings.Replace(f.Title, who, "\x01", 1), strings.ReplaceAll(f.Fix, who, "\x01"), who
}

// foldKey is the same for findings that say the same of one file, and who the
// service or container that a finding is about, empty for what is about none.
func foldKey(name string, f *sekisho.Finding) (key, who string) {
	title, fix, who := folded(f)
	return strings.Join([]string{name, f.Rule, title, fix, f.Severity.String(), f.State}, "\x00"), who
}

// fold makes one of the findings that say the same of several services in one
// file; it stands where the first of them stood. All others stay one each.
func fold(all []*sekisho.Finding) []*row {
	at := map[string]*row{}
	out := make([]*row, 0, len(all))
	for _, f := range all {
		if f.Kind == sekisho.Misconfiguration && f.Location.Path != "" && f.Suppressed == nil {
			if key, who := foldKey(f.Location.Path, f); who != "" {
				if r := at[key]; r != nil {
					r.others = append(r.others, f)
					continue
				}
				at[key] = &row{Finding: f}
				out = append(out, at[key])
				continue
			}
		}
		out = append(out, &row{Finding: f})
	}
	for _, r := range out {
		if len(r.others) > 0 {
			same := append([]*sekisho.Finding{r.Finding}, r.others...)
			slices.SortStableFunc(same, func(a, b *sekisho.Finding) int {
				return cmp.Or(cmp.Compare(a.Location.Line, b.Location.Line), strings.Compare(a.Args[0], b.Args[0]), strings.Compare(a.Resource, b.Resource))
			})
			r.Finding, r.others = same[0], same[1:]
		}
	}
	return out
}

// where is the place of a row: that of its finding, or the lines of all.
func (r *row) where() string {
	if len(r.others) == 0 {
		return placeOf(r.Finding)
	}
	var lines []int
	for _, f := range append([]*sekisho.Finding{r.Finding}, r.others...) {
		if n := f.Location.Line; n > 0 && !slices.Contains(lines, n) {
			lines = append(lines, n)
		}
	}
	if len(lines) == 0 {
		return r.Location.Path
	}
	return r.Location.Path + ":" + lineList(lines)
}

// also names those of which the same is said: by their own names, or by the
// resources around them where the names are one.
func (r *row) also(l message.Lang) string {
	var names []string
	for _, f := range r.others {
		name := f.Args[0]
		if name == r.Args[0] {
			name = f.Resource
		}
		if name != r.Resource && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return alsoIn(names, l)
}

// alsoIn is "(the same in app, db)", of many names the first; empty for none.
func alsoIn(names []string, l message.Lang) string {
	if len(names) == 0 {
		return ""
	}
	if n := len(names) - mostSame; n > 0 {
		names = append(slices.Clone(names[:mostSame]), l.Of(message.AndMore, strconv.Itoa(n)))
	}
	return l.Of(message.AlsoIn, clean(strings.Join(names, l.Of(message.ListComma))))
}
