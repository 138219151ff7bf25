// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
)

// Variables are what rules of users see of each resource, in whatever language
// it is declared: its type and arguments by Terraform's names. Container
// definitions and policies are lists and maps; what cannot be known is left out.
func Variables() check.Variables {
	return check.Variables{"type": "string", "address": "string", "resource": "dyn"}
}

// subject is a resource as rules of users see it.
type subject struct{ it *Item }

func (s subject) Vars() map[string]any {
	return map[string]any{"type": s.it.Type, "address": s.it.Address, "resource": plain(s.it.Body, 0)}
}

// plain is a tree as Go values, references in texts written as "${name}".
func plain(n *document.Node, depth int) any {
	if n == nil || depth > 100 {
		return nil
	}
	switch n.Kind {
	case document.String:
		return cloud.Show(n.Text)
	case document.List:
		out := make([]any, 0, len(n.Items))
		for _, item := range n.Items {
			out = append(out, plain(item, depth+1))
		}
		return out
	case document.Map:
		out := make(map[string]any, len(n.Items))
		for i, k := range n.Keys {
			if n.Items[i].Kind != document.Unknown {
				out[k.Text] = plain(n.Items[i], depth+1)
			}
		}
		return out
	case document.Null, document.Bool, document.Number, document.Unknown:
	}
	return n.Value()
}

// Locate finds "resource.container_definitions[0].image", or the nearest that
// there is.
func (s subject) Locate(path string) check.Hit {
	rest, ok := strings.CutPrefix(path, "resource.")
	if !ok {
		return s.it.self()
	}
	n, in, key := s.it.Body.Locate(rest)
	switch {
	case n == s.it.Body:
		return s.it.self()
	case n.Kind == document.Map || n.Kind == document.List:
		// There may be secrets in it.
		return s.it.at(n, path)
	case in == nil:
		return s.it.at(n, maskWords(brief(n)))
	case isSecretName(key) || secretValue(in.Get("name").Str(), n):
		return s.it.shown(in, key, mask)
	}
	return s.it.field(in, key)
}
