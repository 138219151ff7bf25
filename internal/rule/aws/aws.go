// SPDX-License-Identifier: Apache-2.0

// Package aws judges infrastructure of AWS that runs containers: ECS, Fargate,
// ECR, EKS and what is around them, declared in any language that a reader makes
// stacks of; task and service definitions of ECS in JSON it reads itself. It
// opens no file and asks no account.
package aws

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var rules = check.NewSet[*Item](sekisho.ResourceAWS)

// Rules returns what is known of each rule.
func Rules() []sekisho.Rule { return rules.Rules() }

// The two who can be responsible on Fargate. Rules of AWS are about what
// Fargate does not let anybody do; they are judged on instances only.
const (
	customer = "customer"
	amazon   = "aws"
)

func w(en, ja string) sekisho.Words { return sekisho.Words{EN: en, JA: ja} }

// anywhere are the stages of a rule over infrastructure.
func anywhere() []string { return []string{sekisho.StageSource, sekisho.StageDeploy} }

// ids splits the list of a rule's aliases or references.
func ids(list string) []string { return strings.Fields(list) }

// add adds a rule. A place is reported once for each text, however many
// instances of a module or a loop share it.
func add(r sekisho.Rule, judge func(it *Item, found func(check.Hit))) struct{} { //nolint:unparam // "var _ = add(...)" needs a value
	r.Stages = anywhere()
	if r.Owner == "" {
		r.Owner = customer
	}
	id := r.ID
	return rules.Add(check.Rule[*Item]{Rule: r, Judge: func(it *Item, found func(check.Hit)) {
		judge(it, func(h check.Hit) {
			at := once{rule: id, path: h.Path, line: h.Line, column: h.Column, text: h.Excerpt, key: h.Key}
			if at.path == "" {
				at.path = it.Path
			}
			if !it.World.told[at] {
				it.World.told[at] = true
				found(h)
			}
		})
	}})
}

type once struct {
	rule, path   string
	line, column int
	text, key    string
}

// each calls judge for resources of one type, or of several.
func each(types string, judge func(it *Item, found func(check.Hit))) func(*Item, func(check.Hit)) {
	list := strings.Fields(types)
	return func(it *Item, found func(check.Hit)) {
		for _, t := range list {
			if it.Type == t {
				judge(it, found)
			}
		}
	}
}

// eachTask calls judge for each task or job.
func eachTask(judge func(t *Task, found func(check.Hit))) func(*Item, func(check.Hit)) {
	return func(it *Item, found func(check.Hit)) {
		if it.Task != nil {
			judge(it.Task, found)
		}
	}
}

// eachContainer calls judge for each container of a task.
func eachContainer(judge func(c *Container, found func(check.Hit))) func(*Item, func(check.Hit)) {
	return eachTask(func(t *Task, found func(check.Hit)) {
		for _, c := range t.Containers {
			judge(c, found)
		}
	})
}

// onInstances is eachContainer without tasks of Fargate, where AWS sees to it.
func onInstances(judge func(c *Container, found func(check.Hit))) func(*Item, func(check.Hit)) {
	return eachContainer(func(c *Container, found func(check.Hit)) {
		if !c.Task.Fargate {
			judge(c, found)
		}
	})
}
