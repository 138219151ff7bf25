// SPDX-License-Identifier: Apache-2.0

// Package cloud is infrastructure as it is declared, whatever language declares
// it: stacks of resources whose arguments have the names of Terraform's AWS
// provider (https://registry.terraform.io/providers/hashicorp/aws/latest/docs).
// Readers of languages make stacks, rules judge them. It reads no language and
// judges nothing.
package cloud

import (
	"context"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Reader makes stacks of the configuration files of one language. It takes the
// resources of its kind out of the inventory and opens no file. What it cannot
// read is a Mistake or a Problem of a stack. An error means that it was stopped.
type Reader func(ctx context.Context, inv *sekisho.Inventory) ([]*Stack, error)

// Stack is what is created together: a Terraform root module with the modules
// that it calls, a CloudFormation template.
type Stack struct {
	// Language is the kind of the files: sekisho.ResourceTerraform.
	Language  string
	Resources []*Resource
	// Mistakes are lines that are no text of the language.
	Mistakes []Mistake
	// Problems are what could not be assessed.
	Problems []sekisho.Problem

	byAddress map[string]*Resource
}

// Mistake is a place where a file is broken.
type Mistake struct {
	Path         string
	Line, Column int
	Text         string
}

// Resource is one declared resource.
type Resource struct {
	// Type by Terraform's name, "aws_ecs_service"; one that Terraform has no
	// name for keeps its own ("AWS::X::Y").
	Type string
	// Address is how the file calls it, and how references name it: the logical
	// id, "aws_ecs_service.web", "module.app.aws_ecs_service.web"; instances of
	// count and for_each share it.
	Address string
	// Title names it for people: the address with the instance's key.
	Title string
	// Body holds the arguments by Terraform's names; Map. JSON texts (container
	// definitions, policies) are trees. A nested block is a Map or a List of
	// them. Values that cannot be known are document.Unknown; where they are an
	// attribute of another resource, Text names it (see Target). The Tag of a
	// key is the name that is written, where it is another.
	Body *document.Node
	// Path of the file, and the place of the resource's head in it.
	Path         string
	Line, Column int
	// EndLine is the last line of the resource.
	EndLine int
	// Skips are what silences rules beside the comments of the file: metadata.
	Skips []Skip
}

// Skip silences a rule for a resource.
type Skip struct{ ID, By, Reason string }

// Find returns the resource that a reference names: "aws_iam_role.task.arn",
// "TaskRole"; nil when the stack has none.
func (s *Stack) Find(ref string) *Resource {
	if s.byAddress == nil {
		s.byAddress = make(map[string]*Resource, len(s.Resources))
		for _, r := range s.Resources {
			if s.byAddress[r.Address] == nil {
				s.byAddress[r.Address] = r
			}
		}
	}
	for ref != "" {
		if r := s.byAddress[ref]; r != nil {
			return r
		}
		ref = ref[:max(0, strings.LastIndexByte(ref, '.'))]
	}
	return nil
}

// The marks around a reference in a text that is known in part. They are of
// Unicode's private use area, which no configuration needs.
const (
	openMark  = "\ue0a0"
	closeMark = "\ue0a1"
)

// Reference is the text that stands for an attribute of a resource, or any
// other value that cannot be known and has a name, until it is known:
// readers put it into longer texts ("REFERENCE:latest").
func Reference(name string) string {
	return openMark + strings.NewReplacer(openMark, "", closeMark, "").Replace(name) + closeMark
}

// Target is the reference that a value is, without anything around it.
func Target(n *document.Node) string {
	if n == nil || n.Kind != document.Unknown {
		return ""
	}
	return n.Text
}

// Text is a node of a text with references: Unknown where it is nothing but one.
func Text(s string) *document.Node {
	if name, ok := strings.CutPrefix(s, openMark); ok {
		if name, ok = strings.CutSuffix(name, closeMark); ok && !strings.Contains(name, closeMark) {
			return &document.Node{Kind: document.Unknown, Text: name}
		}
	}
	return &document.Node{Kind: document.String, Text: s}
}

// Whole says whether a text has no reference in it.
func Whole(s string) bool { return !strings.Contains(s, openMark) }

// References are the names in a text that is known in part.
func References(s string) (names []string) {
	for {
		_, rest, ok := strings.Cut(s, openMark)
		if !ok {
			return names
		}
		name, after, ok := strings.Cut(rest, closeMark)
		if !ok {
			return names
		}
		names, s = append(names, name), after
	}
}

// Show writes a text for people, references as "${name}".
func Show(s string) string {
	if Whole(s) {
		return s
	}
	return strings.NewReplacer(openMark+closeMark, "${…}", openMark, "${", closeMark, "}").Replace(s)
}

// Blocks are the maps of a nested block, written once or many times, as a block,
// a list or a single map.
func Blocks(n *document.Node, path ...string) []*document.Node {
	now := []*document.Node{n}
	for _, key := range path {
		var next []*document.Node
		for _, m := range now {
			next = append(next, maps(m.Get(key))...)
		}
		now = next
	}
	return now
}

func maps(n *document.Node) []*document.Node {
	switch {
	case n == nil:
	case n.Kind == document.Map:
		return []*document.Node{n}
	case n.Kind == document.List:
		out := make([]*document.Node, 0, len(n.Items))
		for _, item := range n.Items {
			if item.Kind == document.Map {
				out = append(out, item)
			}
		}
		return out
	}
	return nil
}

// Block is the first map of a nested block; nil when there is none.
func Block(n *document.Node, path ...string) *document.Node {
	for _, key := range path {
		all := maps(n.Get(key))
		if len(all) == 0 {
			return nil
		}
		n = all[0]
	}
	return n
}

// Doubtful says whether a nested block, or one on the way to it, is there but
// cannot be known.
func Doubtful(n *document.Node, path ...string) bool {
	for _, key := range path {
		v := n.Get(key)
		if !v.Known() || v != nil && v.Kind == document.List && len(v.Items) > 0 && !v.Items[0].Known() {
			return true
		}
		all := maps(v)
		if len(all) == 0 {
			return false
		}
		n = all[0]
	}
	return false
}
