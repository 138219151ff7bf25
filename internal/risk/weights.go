// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of what a user may set: within them more danger never lowers a score.
const (
	maxPoints = 100
	maxDays   = 3650
	minFactor = 0.01
)

// weight is one figure of the table: where it is, and what it may be.
type weight struct {
	code       string
	whole      *int
	part       *float64
	from, upTo float64
}

// table lists every figure by its code, but for the days.
func (w *Weights) table() []weight {
	points := func(code string, p *int) weight { return weight{code: code, whole: p, upTo: maxPoints} }
	factor := func(code string, p *float64) weight { return weight{code: code, part: p, from: minFactor, upTo: 1} }
	return []weight{
		points("remote", &w.Remote), points("effortless", &w.Effortless), points("kev", &w.KEV), points("ransomware", &w.Ransomware),
		points("epss", &w.EPSS), points("epss-percentile", &w.Percentile), points("exploited", &w.Exploited), points("exploit", &w.Exploit), points("fix", &w.Fix), points("old-fix", &w.OldFix),
		points("exposed", &w.Exposed), points("routed", &w.Routed), points("root", &w.Root), points("powers", &w.Powers), points("privileged", &w.Privileged), points("in-use", &w.InUse),
		points("application", &w.Application), points("direct", &w.Direct), points("secret", &w.Secret), points("verified", &w.Verified), factor("rejected", &w.Rejected), points("malware", &w.Malware),
		factor("hidden", &w.Hidden), factor("dev", &w.Dev), factor("builder", &w.Builder), factor("not-in-use", &w.NotInUse), factor("no-code", &w.NoCode), factor("host-kernel", &w.HostKernel),
		factor("likely", &w.Likely), points("plan-from", &w.PlanFrom), points("track-from", &w.TrackFrom),
	}
}

// Load reads a file of weights: a map of codes to figures over those of Default,
// with "severity" and "sla" maps of their own. Every mistake is told with its
// line and column.
//
//	kev: 40
//	severity: {critical: 45}
//	sla: {act-now: 3}
func Load(name string, text []byte) (*Weights, error) {
	docs, err := document.YAML(text)
	if err != nil {
		if de, ok := errors.AsType[*document.Error](err); ok && de.Line > 0 {
			return nil, message.Errorf("%s:%d: %w", name, de.Line, de.Cause)
		}
		return nil, message.Errorf("%s: %w", name, err)
	}
	if len(docs) != 1 || docs[0].Kind != document.Map {
		return nil, message.Errorf("%s: weights are one map of codes to figures", name)
	}
	w := Default()
	r := &reader{name: name}
	all := w.table()
	for key, n := range docs[0].Members() {
		i := slices.IndexFunc(all, func(x weight) bool { return x.code == key })
		switch {
		case key == "severity":
			r.severities(w, n)
		case key == "sla":
			r.days(w, n)
		case i < 0:
			names := []string{"severity", "sla"}
			for _, x := range all {
				names = append(names, x.code)
			}
			r.bad(docs[0].Key(key), "there is no weight %q: %s", key, strings.Join(names, ", "))
		default:
			r.set(&all[i], n)
		}
	}
	if w.TrackFrom > w.PlanFrom {
		r.bad(docs[0], "track-from %d is above plan-from %d", w.TrackFrom, w.PlanFrom)
	}
	for i, s := range sekisho.Severities {
		if i+1 < len(sekisho.Severities) && sekisho.Severities[i+1] != sekisho.SeverityUnknown && w.Severity[s.String()] < w.Severity[sekisho.Severities[i+1].String()] {
			r.bad(cmp.Or(docs[0].Key("severity"), docs[0]), "severity %s has fewer points than %s", s, sekisho.Severities[i+1])
		}
	}
	if err := errors.Join(r.errs...); err != nil {
		return nil, err
	}
	return w, nil
}

type reader struct {
	name string
	errs []error
}

func (r *reader) bad(n *document.Node, format string, args ...any) {
	r.errs = append(r.errs, message.Errorf("%s:%d:%d: %w", r.name, n.Line, n.Column, message.Told(format, args...)))
}

// set reads one figure within its bounds.
func (r *reader) set(w *weight, n *document.Node) {
	v, err := strconv.ParseFloat(n.Str(), 64)
	switch {
	case n.Kind != document.Number || err != nil:
		r.bad(n, "%s is a number", w.code)
	case w.whole != nil && v != float64(int(v)), v < w.from, v > w.upTo, v != v:
		if w.whole != nil {
			r.bad(n, "%s is a whole number from %g to %g", w.code, w.from, w.upTo)
			return
		}
		r.bad(n, "%s is a number from %g to %g", w.code, w.from, w.upTo)
	case w.whole != nil:
		*w.whole = int(v)
	default:
		*w.part = v
	}
}

func (r *reader) severities(w *Weights, n *document.Node) {
	if n.Kind != document.Map {
		r.bad(n, "severity is a map of severities to points")
		return
	}
	for key, v := range n.Members() {
		if _, ok := w.Severity[key]; !ok {
			r.bad(n.Key(key), "there is no severity %q: %s", key, strings.Join(slices.Sorted(maps.Keys(w.Severity)), ", "))
			continue
		}
		points := w.Severity[key]
		r.set(&weight{code: "severity." + key, whole: &points, upTo: maxPoints}, v)
		w.Severity[key] = points
	}
}

func (r *reader) days(w *Weights, n *document.Node) {
	if n.Kind != document.Map {
		r.bad(n, "sla is a map of classes to days")
		return
	}
	for key, v := range n.Members() {
		class := sekisho.RiskClass(key)
		if !slices.Contains(sekisho.RiskClasses, class) {
			var names []string
			for _, c := range sekisho.RiskClasses {
				names = append(names, string(c))
			}
			r.bad(n.Key(key), "there is no class %q: %s", key, strings.Join(names, ", "))
			continue
		}
		days := w.Days[class]
		r.set(&weight{code: "sla." + key, whole: &days, upTo: maxDays}, v)
		w.Days[class] = days
	}
}

// Changes are the figures that are not those of Default.
func (w *Weights) Changes() []sekisho.WeightChange {
	var out []sekisho.WeightChange
	add := func(code string, v, was float64) {
		if v != was {
			out = append(out, sekisho.WeightChange{Code: code, Value: v, Default: was})
		}
	}
	d := Default()
	mine, theirs := w.table(), d.table()
	for i := range mine {
		if mine[i].whole != nil {
			add(mine[i].code, float64(*mine[i].whole), float64(*theirs[i].whole))
		} else {
			add(mine[i].code, *mine[i].part, *theirs[i].part)
		}
	}
	for _, s := range sekisho.Severities {
		add("severity."+s.String(), float64(w.Severity[s.String()]), float64(d.Severity[s.String()]))
	}
	for _, c := range sekisho.RiskClasses {
		add("sla."+string(c), float64(w.Days[c]), float64(d.Days[c]))
	}
	return out
}
