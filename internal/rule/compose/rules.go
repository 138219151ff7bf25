// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// sets hold the rules by kind of resource: each is written once and made for
// every kind that it has a way to say.
var sets = map[string]*check.Set[*Service]{
	sekisho.ResourceCompose:   check.NewSet[*Service](sekisho.ResourceCompose),
	sekisho.ResourceQuadlet:   check.NewSet[*Service](sekisho.ResourceQuadlet),
	sekisho.ResourceDockerRun: check.NewSet[*Service](sekisho.ResourceDockerRun),
}

// rule is a rule over containers, whatever asks for them.
type rule struct {
	sekisho.Rule
	// Compose, Quadlet and Run are how the setting is written there; they stand
	// for "{how}" in the texts. A kind with none does not have the rule.
	Compose, Quadlet, Run string
	Judge                 func(s *Service, found func(check.Hit))
	// Exec and Broken rules judge what the others do not: docker exec, and files
	// that cannot be read.
	Exec, Broken bool
	// Docs rules judge examples in documentation, and nothing else.
	Docs bool
}

// add makes the rule for each kind. The value means nothing.
//
//nolint:unparam // a rule adds itself while a variable of the package is made, which takes a value
func add(r rule) struct{} {
	for _, kind := range kinds {
		how := map[string]string{sekisho.ResourceCompose: r.Compose, sekisho.ResourceQuadlet: r.Quadlet, sekisho.ResourceDockerRun: r.Run}[kind]
		if how == "" {
			continue
		}
		one := r.Rule
		one.Stages = []string{sekisho.StageSource, sekisho.StageDeploy}
		for _, words := range [...]*sekisho.Words{&one.Title, &one.Why, &one.Fix, &one.Because} {
			words.EN = strings.ReplaceAll(words.EN, "{how}", how)
			words.JA = strings.ReplaceAll(words.JA, "{how}", how)
		}
		sets[kind].Add(check.Rule[*Service]{Rule: one, Judge: func(s *Service, found func(check.Hit)) {
			if s.Exec != r.Exec || (s.Broken != "") != r.Broken || s.Docs != r.Docs {
				return
			}
			r.Judge(s, func(h check.Hit) {
				// The file is judged with its own silences: see Checker.
				if h.Path == s.File {
					h.Path = ""
					found(h)
				}
			})
		}})
	}
	return struct{}{}
}

// Rules is the catalogue of the three kinds.
func Rules() []sekisho.Rule {
	var all []sekisho.Rule
	for _, kind := range kinds {
		some := sets[kind].Rules()
		if kind == sekisho.ResourceCompose {
			some = members().Mark(some)
		}
		all = append(all, some...)
	}
	return all
}

// w makes the text of a rule.
func w(en, ja string) sekisho.Words { return sekisho.Words{EN: en, JA: ja} }

// ids takes a list of ids apart.
func ids(list string) []string { return strings.Fields(list) }
