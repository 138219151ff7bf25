// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Mark gives every finding of r its state beside a baseline, and r the counts.
// What the baseline did not look at is new: nobody accepted it. So is what was
// suppressed there and is not any more: an exception that ended is no old debt.
func Mark(r, baseline *sekisho.Result, b sekisho.Baseline, o Options) {
	b.Target, b.Created = baseline.Target, baseline.Created
	c := Compare(baseline, r, o)
	for _, m := range append([]sekisho.Comparison{*c}, c.Platforms...) {
		b.Fixed += len(m.Fixed)
		b.Vanished += len(m.Vanished)
	}
	old := map[string]*sekisho.Result{}
	for i := range baseline.Platforms {
		old[platform(&baseline.Platforms[i])] = &baseline.Platforms[i]
	}
	mark(r, baseline, &b, o.Files)
	for i := range r.Platforms {
		p := &r.Platforms[i]
		was := old[platform(p)]
		if was == nil {
			was = &sekisho.Result{}
		}
		mark(p, was, &b, o.Files)
	}
	b.Files = o.Files
	for _, m := range c.Remarks {
		if m.Code != sekisho.RemarkNewIncomplete && m.Code != sekisho.RemarkOldScanners {
			b.Remarks = append(b.Remarks, m)
		}
	}
	r.Baseline = &b
}

func mark(r, baseline *sekisho.Result, b *sekisho.Baseline, files []sekisho.FileChange) {
	m := pair(baseline.Findings, r.Findings, files)
	for i := range r.Findings {
		f := &r.Findings[i]
		f.State = sekisho.StateNew
		if j := m.of[i]; j >= 0 && (baseline.Findings[j].Suppressed == nil || f.Suppressed != nil) {
			f.State = sekisho.StateKnown
		}
		switch {
		case f.Suppressed != nil:
		case f.State == sekisho.StateNew:
			b.New++
		default:
			b.Known++
		}
	}
}

// OnlyNew takes the known findings out of a result that was marked.
func OnlyNew(r *sekisho.Result) {
	drop := func(all []sekisho.Finding) []sekisho.Finding {
		return slices.DeleteFunc(all, func(f sekisho.Finding) bool { return f.State == sekisho.StateKnown })
	}
	r.Findings = drop(r.Findings)
	for i := range r.Platforms {
		r.Platforms[i].Findings = drop(r.Platforms[i].Findings)
	}
}

// staleDays is the age from which a baseline is worth a word.
const staleDays = 90

// Doubts says why a saved baseline may be the wrong one for a target: it is of
// another, or it is old.
func Doubts(r, baseline *sekisho.Result, now time.Time) (out []sekisho.Reason) {
	if a, b := identity(&baseline.Target), identity(&r.Target); a != b {
		out = append(out, sekisho.Reason{Code: sekisho.RemarkForeign, Args: []string{baseline.Target.Name, r.Target.Name}})
	}
	if days := Age(baseline, now); days > staleDays {
		out = append(out, sekisho.Reason{Code: sekisho.RemarkStale, Args: []string{strconv.Itoa(days)}})
	}
	return out
}

// identity is what stays of a target's name from build to build: an image without
// tag and digest, the address of a repository without the way to it. Directories
// lie elsewhere on every machine, and only their last name is compared.
func identity(t *sekisho.Target) string {
	name := t.Name
	switch {
	case t.Kind == sekisho.KindImage:
		name, _, _ = strings.Cut(name, "@")
		if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
			name = name[:i]
		}
	case t.Repository != "":
		name = strings.TrimSuffix(strings.TrimSuffix(t.Repository, "/"), ".git")
		name = name[strings.LastIndexAny(name, "/:")+1:]
	case t.Kind == sekisho.KindRepository:
		name, _, _ = strings.Cut(name, "@")
	}
	if t.Kind != sekisho.KindImage {
		name = name[strings.LastIndexByte(name, '/')+1:]
	}
	return string(t.Kind) + " " + name
}
