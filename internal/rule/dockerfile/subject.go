// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strconv"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/pattern"
)

// Variables are what rules of users see of a Dockerfile: instructions is a list
// of {keyword, text, arguments, line, stage, flags}, stages one of {name, base,
// index, line, user, final}, and env and labels hold the values of the last
// stage by name.
func Variables() check.Variables {
	return check.Variables{"instructions": "list(dyn)", "stages": "list(dyn)", "env": "map(string, dyn)", "labels": "map(string, dyn)"}
}

// Vars are the values of the variables.
func (f *File) Vars() map[string]any {
	list := make([]any, 0, len(f.Statements))
	for _, s := range f.Statements {
		m := map[string]any{"keyword": s.Keyword, "text": s.Logical, "arguments": s.Arguments(), "line": int64(s.First), "stage": int64(-1), "flags": []any{}}
		if s.Stage != nil {
			m["stage"] = int64(s.Stage.Index)
		}
		if s.node != nil {
			flags := make([]any, 0, len(s.node.Flags))
			for _, flag := range s.node.Flags {
				flags = append(flags, flag)
			}
			m["flags"] = flags
		}
		list = append(list, m)
	}
	stages := make([]any, 0, len(f.Stages))
	for i, s := range f.Stages {
		_, user, _ := f.FinalUser(s)
		stages = append(stages, map[string]any{"name": s.Name, "base": s.Base, "index": int64(i), "line": int64(s.From.First), "user": user, "final": s == f.Final()})
	}
	env, labels := map[string]any{}, map[string]any{}
	if final := f.Final(); final != nil {
		final.Chain(func(s *Statement) bool {
			switch c := s.Command.(type) {
			case *instructions.EnvCommand:
				for _, e := range c.Env {
					if env[e.Key] == nil {
						env[e.Key] = f.Expand(s, e.Value).Text
					}
				}
			case *instructions.LabelCommand:
				for _, l := range c.Labels {
					if labels[l.Key] == nil {
						labels[l.Key] = f.Expand(s, l.Value).Text
					}
				}
			}
			return true
		})
	}
	return map[string]any{"instructions": list, "stages": stages, "env": env, "labels": labels}
}

var element = pattern.New(`^(instructions|stages)\[(\d+)\]`)

// Locate finds the statement of a path such as "instructions[3].text"; the last
// FROM for others.
func (f *File) Locate(path string) check.Hit {
	if m := element.FindStringSubmatch(path); m != nil {
		i, err := strconv.Atoi(m[2])
		switch {
		case err != nil:
		case m[1] == "instructions" && i < len(f.Statements):
			return hit(f.Statements[i])
		case m[1] == "stages" && i < len(f.Stages):
			return hit(f.Stages[i].From)
		}
	}
	if final := f.Final(); final != nil {
		return hit(final.From)
	}
	return check.Hit{Line: 1}
}
