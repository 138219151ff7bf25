// SPDX-License-Identifier: Apache-2.0

package document

import (
	"strconv"
	"strings"
)

// Locate follows a path as CEL writes it, "spec.containers[0].image" or
// `metadata.labels["app.example.com/name"]`, as far as it goes: n itself for a
// path that begins with what is not there. For the value of a map's member, in
// and key are the map and its key; nil and "" for n itself and for items of
// lists.
func (n *Node) Locate(path string) (found, in *Node, key string) {
	found = n
	for path != "" {
		var part string
		if rest, ok := strings.CutPrefix(path, "["); ok {
			part, path = bracketed(rest)
		} else {
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			part, path = path[:end], path[end:]
		}
		path = strings.TrimPrefix(path, ".")
		if next := found.child(part); next != nil {
			found, in, key = next, found, part
			continue
		}
		i, err := strconv.Atoi(part)
		if err != nil || found.At(i) == nil {
			break
		}
		found, in, key = found.At(i), nil, ""
	}
	return found, in, key
}

// bracketed parts an index, or a key in quotes, from what follows its bracket.
func bracketed(s string) (index, rest string) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		if index, rest, ok := strings.Cut(s[1:], s[:1]+"]"); ok {
			return index, rest
		}
	}
	index, rest, _ = strings.Cut(s, "]")
	return strings.Trim(index, `"'`), rest
}

// flowBytes is about how long a text of Flow may be.
const flowBytes = 200

// Flow writes a value in one line, for people, as YAML's flow style does, and
// breaks off where it grows long. Scalars, null and unknown values are written
// by the function.
func (n *Node) Flow(scalar func(*Node) string) string {
	var b strings.Builder
	n.flow(&b, scalar)
	return b.String()
}

func (n *Node) flow(b *strings.Builder, scalar func(*Node) string) {
	switch {
	case n == nil || b.Len() > flowBytes:
	case n.Kind == List:
		b.WriteByte('[')
		for i, item := range n.Items {
			if i > 0 && b.Len() <= flowBytes {
				b.WriteString(", ")
			}
			item.flow(b, scalar)
		}
		b.WriteByte(']')
	case n.Kind == Map:
		b.WriteByte('{')
		for i, item := range n.Items {
			if b.Len() > flowBytes {
				break
			}
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(n.Keys[i].Text)
			b.WriteString(": ")
			item.flow(b, scalar)
		}
		b.WriteByte('}')
	default:
		b.WriteString(scalar(n))
	}
}
