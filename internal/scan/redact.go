// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"maps"
	"slices"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// redact takes secrets out of what the report repeats of the image's own words.
// The artifact is left as it is.
func redact(r *sekisho.Result, checkers []sekisho.Checker) {
	for _, c := range checkers {
		red, ok := c.(sekisho.Redactor)
		if !ok {
			continue
		}
		known := map[string]string{} // one instruction stands at many packages
		text := func(s *string) {
			out, ok := known[*s]
			if !ok {
				out = red.Redact(*s)
				known[*s] = out
			}
			*s = out
		}
		introduced := func(i **sekisho.Introduction) {
			if *i != nil {
				c := **i
				text(&c.Instruction)
				*i = &c
			}
		}
		r.Layers = slices.Clone(r.Layers)
		for i := range r.Layers {
			text(&r.Layers[i].Instruction)
		}
		for i := range r.Packages {
			introduced(&r.Packages[i].Introduced)
		}
		for i := range r.Findings {
			f := &r.Findings[i]
			introduced(&f.Introduced)
			if f.Kind != sekisho.Misconfiguration {
				continue
			}
			// Rules show the line that is wrong, whatever else stands in it.
			f.Args, f.Evidence = slices.Clone(f.Args), slices.Clone(f.Evidence)
			for n := range f.Args {
				text(&f.Args[n])
			}
			for n := range f.Evidence {
				text(&f.Evidence[n].Text)
			}
			for _, s := range []*string{&f.Title, &f.Why, &f.Fix, &f.Resource} {
				text(s)
			}
		}
		for i := range r.Problems {
			text(&r.Problems[i].Error)
		}
		if r.Image != nil {
			r.Image = redactImage(r.Image, text)
		}
	}
}

func redactImage(in *sekisho.ImageConfig, text func(*string)) *sekisho.ImageConfig {
	c := *in
	for _, list := range []*[]string{&c.Env, &c.Entrypoint, &c.Cmd, &c.Healthcheck} {
		*list = slices.Clone(*list)
		for i := range *list {
			text(&(*list)[i])
		}
	}
	for _, m := range []*map[string]string{&c.Labels, &c.Annotations} {
		*m = maps.Clone(*m)
		for k, v := range *m {
			// The name says what the value is.
			s := k + "=" + v
			text(&s)
			if len(s) > len(k) && s[:len(k)+1] == k+"=" {
				(*m)[k] = s[len(k)+1:]
			}
		}
	}
	c.History = slices.Clone(c.History)
	for i := range c.History {
		text(&c.History[i].CreatedBy)
		text(&c.History[i].Comment)
	}
	return &c
}
