// SPDX-License-Identifier: Apache-2.0

// Package document is a configuration file as a tree of values, each with the
// place where it is written. Readers of YAML and JSON are here; other rooms
// build the same tree from their own languages. It judges nothing and knows no
// kind of document.
package document

import (
	"iter"
	"math"
	"strconv"
	"strings"
)

// Kind is the sort of a value.
type Kind uint8

// The kinds. Unknown is a value that is there and cannot be known from the
// files, such as the address of a resource not yet made: a rule must not judge it.
const (
	Null Kind = iota
	Bool
	Number
	String
	List
	Map
	Unknown
)

// Node is a value. The methods of a nil Node answer like an absent value.
type Node struct {
	Kind Kind
	// Text of a scalar as it is meant: "true", "8080", "text".
	Text string
	// Items of a List, or the values of a Map, in the order of the file.
	Items []*Node
	// Keys of a Map, one for each of Items; String nodes.
	Keys []*Node
	// Tag is the YAML tag of a value that is not one of YAML's own: "!Ref".
	Tag string
	// File that it is written in, when it is not the document's own.
	File string
	// Line and Column where it begins, EndLine and EndColumn behind its last
	// byte; 1 based, columns in bytes; 0 when not known.
	Line, Column, EndLine, EndColumn int
}

// Get follows keys of maps; nil when one is not there.
func (n *Node) Get(path ...string) *Node {
	for _, key := range path {
		n = n.child(key)
	}
	return n
}

func (n *Node) child(key string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	for i, k := range n.Keys {
		if k.Text == key {
			return n.Items[i]
		}
	}
	return nil
}

// Key is the key of a map's member, for its place; nil when it is not there.
func (n *Node) Key(key string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	for _, k := range n.Keys {
		if k.Text == key {
			return k
		}
	}
	return nil
}

// At is the i-th item of a list; nil when there is none.
func (n *Node) At(i int) *Node {
	if n == nil || n.Kind != List || i < 0 || i >= len(n.Items) {
		return nil
	}
	return n.Items[i]
}

// Members are the keys and values of a map; none of anything else.
func (n *Node) Members() iter.Seq2[string, *Node] {
	return func(yield func(string, *Node) bool) {
		if n == nil || n.Kind != Map {
			return
		}
		for i, k := range n.Keys {
			if !yield(k.Text, n.Items[i]) {
				return
			}
		}
	}
}

// List are the items of a list; none of anything else.
func (n *Node) List() []*Node {
	if n == nil || n.Kind != List {
		return nil
	}
	return n.Items
}

// Present is true for a value that is written and not null.
func (n *Node) Present() bool { return n != nil && n.Kind != Null }

// Known is false for a value that is there and cannot be known. An absent value
// is known to be absent.
func (n *Node) Known() bool { return n == nil || n.Kind != Unknown }

// Str is the text of a string, number or boolean; "" for anything else.
func (n *Node) Str() string {
	if n == nil || n.Kind != String && n.Kind != Number && n.Kind != Bool {
		return ""
	}
	return n.Text
}

// Bool is the value of a boolean (also of "true" written as a string); ok is
// false for anything else.
func (n *Node) Bool() (v, ok bool) {
	switch {
	case n == nil || n.Kind != Bool && n.Kind != String:
		return false, false
	case strings.EqualFold(n.Text, "true"):
		return true, true
	case strings.EqualFold(n.Text, "false"):
		return false, true
	}
	return false, false
}

// True reports whether the value is true; False whether it is false. Both are
// false for an absent value.
func (n *Node) True() bool { v, ok := n.Bool(); return ok && v }

// False reports whether the value is false.
func (n *Node) False() bool { v, ok := n.Bool(); return ok && !v }

// Int is the value of a whole number (also one written as a string).
func (n *Node) Int() (int64, bool) {
	if n == nil || n.Kind != Number && n.Kind != String {
		return 0, false
	}
	if v, err := strconv.ParseInt(n.Text, 0, 64); err == nil {
		return v, true
	}
	if f, err := strconv.ParseFloat(n.Text, 64); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return int64(f), true
	}
	return 0, false
}

// Value is the tree as plain Go values: nil, bool, int64, float64, string,
// []any, map[string]any. Unknown values are left out of maps and nil in lists.
func (n *Node) Value() any {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case Bool:
		return strings.EqualFold(n.Text, "true")
	case Number:
		if v, err := strconv.ParseInt(n.Text, 0, 64); err == nil {
			return v
		}
		if f, err := strconv.ParseFloat(n.Text, 64); err == nil {
			return f
		}
		return n.Text
	case String:
		return n.Text
	case List:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = item.Value()
		}
		return out
	case Map:
		out := make(map[string]any, len(n.Items))
		for i, k := range n.Keys {
			if n.Items[i].Kind != Unknown {
				out[k.Text] = n.Items[i].Value()
			}
		}
		return out
	case Null, Unknown:
	}
	return nil
}
