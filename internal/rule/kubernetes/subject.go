// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
)

// Variables are what the rules of users see: the object, as admission policies
// do.
func Variables() check.Variables { return check.Variables{"object": "dyn"} }

// subject is an object as the rules of users see it.
type subject struct{ o *Object }

func (s subject) Vars() map[string]any { return map[string]any{"object": s.o.Node.Value()} }

// Locate follows "object.spec.containers[0].image" as far as it goes.
func (s subject) Locate(p string) check.Hit {
	n := s.o.Node
	p = strings.TrimPrefix(strings.TrimPrefix(p, "object"), ".")
	for p != "" && n != nil {
		var next *document.Node
		if rest, ok := strings.CutPrefix(p, "["); ok {
			index, after, _ := strings.Cut(rest, "]")
			p = strings.TrimPrefix(after, ".")
			if i, err := strconv.Atoi(index); err == nil {
				next = n.At(i)
			} else {
				next = n.Get(strings.Trim(index, `"'`))
			}
		} else {
			end := strings.IndexAny(p, ".[")
			if end < 0 {
				end = len(p)
			}
			next = n.Get(p[:end])
			p = strings.TrimPrefix(p[end:], ".")
		}
		if next == nil {
			break
		}
		n = next
	}
	h := s.o.at(n, flow(n))
	if n.Kind == document.Map || n.Kind == document.List {
		h.Excerpt = s.o.Title()
	}
	return h
}
