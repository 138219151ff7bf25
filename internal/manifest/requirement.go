// SPDX-License-Identifier: Apache-2.0

package manifest

import "strings"

// style is how an ecosystem writes requirements.
type style struct {
	// commas and spaces part the conditions that all must hold.
	commas, spaces bool
	// partial: a bare version with fewer parts than three is a range ("4.17").
	partial bool
	// v: a version may begin with a v, which is kept.
	v bool
	// fold: names differ by case only in how they are written.
	fold bool
	// exact: the text is a version and nothing else.
	exact bool
}

// rewritten is the version in a requirement that gives way to another: the same
// one where the requirement allows what is wanted.
type rewritten struct {
	from, to int
	version  string
	refused  string
}

// operators with the longest first; those that set a lower bound or pin.
var operators = []string{"===", "==", "~=", "~>", ">=", "<=", "!=", "^", "~", "=", ">", "<"}

// condition is one part of a requirement: an operator and a version.
type condition struct {
	op       string
	from, to int // of the version
}

// rewrite raises the lower bound or the pin of a requirement. What has more than
// one of them, or an upper bound that what is wanted does not keep, is refused.
func rewrite(req string, w Want, st style) rewritten {
	same := rewritten{}
	trimmed := strings.TrimSpace(req)
	switch {
	case trimmed == "" || trimmed == "*" || trimmed == "latest":
		return same
	case strings.ContainsAny(req, "/:@#") || strings.HasPrefix(trimmed, "git") && !isDigit(trimmed):
		return rewritten{refused: RefusedSource}
	}
	all, ok := conditions(req, st)
	if !ok {
		if within(trimmed, w.To) {
			return same
		}
		return rewritten{refused: RefusedRange}
	}
	lower := -1
	for i, c := range all {
		n, ok := w.Order(w.To, req[c.from:c.to])
		if !ok {
			return rewritten{refused: RefusedRange}
		}
		switch c.op {
		case "<":
			ok = n < 0
		case "<=":
			ok = n <= 0
		case "!=":
			ok = n != 0
		default:
			ok = lower < 0
			lower = i
		}
		if !ok {
			return rewritten{refused: RefusedRange}
		}
	}
	if lower < 0 {
		return rewritten{refused: RefusedRange}
	}
	c := all[lower]
	old := req[c.from:c.to]
	n, _ := w.Order(w.To, old)
	switch {
	case n <= 0:
		return same
	case c.op == ">":
		return same // the version is above it already
	case (c.op == "~=" || c.op == "~>" || c.op == "" && st.partial) && parts(old) < parts(w.To):
		// Fewer parts allow more: what they allow is not narrowed.
		cut := parts(old) - 1
		if c.op == "" {
			cut++
		}
		if head(old, cut) == head(w.To, cut) {
			return same
		}
		if c.op == "" {
			return rewritten{c.from, c.to, head(w.To, cut), ""}
		}
	}
	to := strings.TrimPrefix(w.To, "v")
	if strings.HasPrefix(old, "v") {
		to = "v" + to
	}
	return rewritten{c.from, c.to, to, ""}
}

// conditions takes a requirement apart; false for one that is more than
// conditions that all must hold.
func conditions(req string, st style) (out []condition, ok bool) {
	if strings.Contains(req, "|") {
		return nil, false
	}
	for i := 0; ; {
		for i < len(req) && (req[i] == ' ' || req[i] == '\t' || req[i] == ',' && len(out) > 0 && st.commas) {
			i++
		}
		if i >= len(req) {
			return out, len(out) > 0
		}
		if len(out) > 0 && (st.exact || !st.spaces && !(st.commas && strings.Contains(req[out[len(out)-1].to:i], ","))) {
			return nil, false
		}
		var c condition
		for _, op := range operators {
			if strings.HasPrefix(req[i:], op) {
				c.op, i = op, i+len(op)
				break
			}
		}
		if c.op != "" && st.exact {
			return nil, false
		}
		for i < len(req) && (req[i] == ' ' || req[i] == '\t') {
			i++
		}
		c.from = i
		for i < len(req) && isVersionByte(req[i]) {
			i++
		}
		c.to = i
		v := req[c.from:c.to]
		if st.v || strings.HasPrefix(v, "v") && !st.exact {
			v = strings.TrimPrefix(v, "v")
		}
		if !isDigit(v) || wildcard(v) {
			return nil, false
		}
		out = append(out, c)
	}
}

// wildcard says whether a part of a version stands for any: "4.x".
func wildcard(v string) bool {
	for p := range strings.SplitSeq(v, ".") {
		if p == "x" || p == "X" || p == "" {
			return true
		}
	}
	return false
}

// within says whether a version is one of "4.17.x" or "4.*".
func within(pattern, version string) bool {
	cut := -1
	for i, p := range strings.Split(pattern, ".") {
		if any := p == "x" || p == "X" || p == "*"; any && cut < 0 {
			cut = i
		} else if !any && (cut >= 0 || strings.Trim(p, "0123456789") != "" || p == "") {
			return false
		}
	}
	return cut > 0 && head(pattern, cut) == head(strings.TrimPrefix(version, "v"), cut)
}

func parts(v string) int { return 1 + strings.Count(v, ".") }

// head is the first n parts of a version.
func head(v string, n int) string {
	all := strings.SplitN(v, ".", n+1)
	return strings.Join(all[:min(n, len(all))], ".")
}
