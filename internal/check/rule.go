// SPDX-License-Identifier: Apache-2.0

// Package check is what all rules share: a rule is data and a pure function
// over one kind of resource, a set holds the rules of a kind and judges with
// them, comments in the file silence what they name. It opens no file, knows no
// kind of file, and makes of every broken rule the same Finding.
package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Rule is a rule over resources of the shape T.
type Rule[T any] struct {
	sekisho.Rule
	// Judge calls found for each place that breaks the rule. It is pure: the
	// same resource gives the same hits, in the same order.
	Judge func(t T, found func(Hit))
}

// Hit is one place where a rule is broken.
type Hit struct {
	// Line and Column where it begins, EndLine and EndColumn where it ends
	// (behind the last byte); 1 based, 0 where it has no meaning.
	Line, Column, EndLine, EndColumn int
	// Path is set when the place is in another file than the resource: the
	// values file behind a template.
	Path string
	// Layer is the diff id of the layer, for rules over images, and Instruction
	// what made it.
	Layer       string
	Instruction string
	// Index of the layer, and whether a later layer hides the file.
	Index  int
	Hidden bool
	// Resource is set when it is another than the place's: "Deployment/web".
	Resource string
	// Excerpt is the text that is wrong, as it is written and in one line. Never
	// a secret.
	Excerpt string
	// Args fill "{0}", "{1}" in the texts of the rule.
	Args []string
	// Key tells this hit from others of the rule in the resource, whatever line
	// it is on; Excerpt where empty.
	Key string
	// Group is what the hit is about where it is told once for many resources, at
	// the first of them: file and resource are then no part of what it is.
	Group string
	// Severity of this hit, when it is not the rule's.
	Severity sekisho.Severity
	// Package that the hit is about, if any.
	Package *sekisho.PackageRef
	// Causes are other places that made the wrong value: the key of a values
	// file. They become evidence beside the hit's own.
	Causes []sekisho.Evidence
}

// Set holds the rules of one kind of resource.
type Set[T any] struct {
	kind string
	// Pointers: rules are large, and a set grows at every start of the program.
	rules []*Rule[T]
}

// NewSet makes an empty set for a kind of resource (sekisho.ResourceImage ...).
func NewSet[T any](kind string) *Set[T] { return &Set[T]{kind: kind} }

// Add adds a rule while the program starts: var _ = rules.Add(...). The value
// means nothing. A second rule of the same id ends the program: it is a mistake
// in the source.
func (s *Set[T]) Add(r Rule[T]) struct{} {
	r.Kind = s.kind
	if slices.ContainsFunc(s.rules, func(o *Rule[T]) bool { return o.ID == r.ID }) {
		panic(fmt.Sprintf("two rules are called %s/%s", s.kind, r.ID))
	}
	s.rules = append(s.rules, &r)
	return struct{}{}
}

// Tally is how often each rule that runs finds something in a resource, by its id.
func (s *Set[T]) Tally(settings *Settings, t T) map[string]int {
	out := map[string]int{}
	for _, r := range s.rules {
		if !settings.Runs(&r.Rule) {
			continue
		}
		func() {
			defer func() { _ = recover() }() // Run tells of it
			r.Judge(t, func(Hit) { out[r.ID]++ })
		}()
	}
	return out
}

// Mended says whether a rule finds less in a resource than before, and no rule of
// the same or a higher severity more.
func (s *Set[T]) Mended(id string, before, after map[string]int) bool {
	var own sekisho.Severity
	for _, r := range s.rules {
		if r.ID == id {
			own = r.Severity
		}
	}
	return after[id] < before[id] && !slices.ContainsFunc(s.rules, func(r *Rule[T]) bool {
		return r.Severity >= own && after[r.ID] > before[r.ID]
	})
}

// Kind of resource that the set judges.
func (s *Set[T]) Kind() string { return s.kind }

// Rules returns what is known of each rule, in the order of the ids.
func (s *Set[T]) Rules() []sekisho.Rule {
	out := make([]sekisho.Rule, 0, len(s.rules))
	for i := range s.rules {
		out = append(out, s.rules[i].Rule)
	}
	slices.SortFunc(out, func(a, b sekisho.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

var ruleID = pattern.New(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Lint says what a rule lacks; tests of every set ask it.
func Lint(r *sekisho.Rule) (bad []string) {
	say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(r.Kind+"/"+r.ID+": "+format, args...)) }
	if !ruleID.MatchString(r.ID) {
		say("the id is not lower-case words")
	}
	if r.Severity == sekisho.SeverityUnknown {
		say("no severity")
	}
	for name, w := range map[string]sekisho.Words{"title": r.Title, "why": r.Why, "fix": r.Fix, "because": r.Because} {
		if w.EN == "" || w.JA == "" {
			say("%s lacks a language", name)
		}
		if w.EN == w.JA {
			say("%s is not translated", name)
		}
	}
	if len(r.Title.EN) > 100 {
		say("the title is long")
	}
	if len(r.Stages) == 0 {
		say("no stages")
	}
	slices.Sort(bad)
	return bad
}
