// SPDX-License-Identifier: Apache-2.0

// Package cloudformation reads CloudFormation and SAM templates, and what CDK
// synthesises, into stacks
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html).
// Functions are evaluated where the template alone decides them. It judges
// nothing: the room aws does.
package cloudformation

import (
	"bytes"
	"context"
	"errors"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the one that keeps templates.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{extractor{}} }

// fileBytes is the size of the largest file that is kept.
const fileBytes = 4 << 20

type extractor struct{}

func (extractor) Name() string { return "cloudformation/template" }
func (extractor) Version() int { return 1 }

// Wants looks at names only: what a file is, its content says.
func (extractor) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || strings.HasPrefix(f.Path, ".git/") || strings.Contains(f.Path, "node_modules/") {
		return false
	}
	switch path.Ext(f.Path) {
	case ".yaml", ".yml", ".template":
		return true
	case ".json":
		name := path.Base(f.Path)
		return !strings.HasPrefix(name, "package") && !strings.HasPrefix(name, "tsconfig")
	}
	return false
}

// Extract keeps the file if its content is a template.
func (extractor) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	if in.Size > fileBytes {
		return refuse(in)
	}
	text, err := in.Bytes()
	if err != nil || !looksLikeTemplate(text) {
		return sekisho.Inventory{}, err
	}
	return sekisho.Inventory{Resources: []sekisho.Resource{{Kind: sekisho.ResourceCloudFormation, Location: sekisho.Location{Path: in.Path}, Text: bytes.Clone(text)}}}, nil
}

// refuse is a Problem where the beginning of the file looks like a template.
func refuse(in *sekisho.Input) (sekisho.Inventory, error) {
	head := make([]byte, 64<<10)
	n, err := in.Content.ReadAt(head, 0)
	if n == 0 {
		return sekisho.Inventory{}, err
	}
	if !looksLikeTemplate(head[:n]) {
		return sekisho.Inventory{}, nil
	}
	return sekisho.Inventory{Problems: []sekisho.Problem{
		sekisho.Problem{Stage: sekisho.StageExtract, Path: in.Path, Bound: "file-bytes"}.Saying(message.Say("the file has %d bytes; configuration of more than %d is not judged: split it", in.Size, fileBytes)),
	}}, nil
}

// looksLikeTemplate searches for words and parses nothing.
func looksLikeTemplate(text []byte) bool {
	if !bytes.Contains(text, []byte("Resources")) {
		return false
	}
	return bytes.Contains(text, []byte("AWSTemplateFormatVersion")) || bytes.Contains(text, []byte("AWS::")) && bytes.Contains(text, []byte("Type"))
}

// Read makes a stack of each template.
func Read(ctx context.Context, inv *sekisho.Inventory) ([]*cloud.Stack, error) {
	var out []*cloud.Stack
	for i := range inv.Resources {
		res := &inv.Resources[i]
		if res.Kind != sekisho.ResourceCloudFormation || res.Location.Hidden {
			continue
		}
		if err := ctx.Err(); err != nil {
			return out, err
		}
		if s := Parse(res.Location.Path, res.Text); s != nil {
			out = append(out, s)
		}
	}
	return out, nil
}

// Parse reads one template; nil for a text that is none.
func Parse(name string, text []byte) *cloud.Stack {
	s := &cloud.Stack{Language: sekisho.ResourceCloudFormation}
	root, err := tree(text)
	if err != nil {
		// A file that a program fills in first, or whose words only look like a
		// template's, is not broken.
		if bytes.Contains(text, []byte("{{")) && !bytes.Contains(text, []byte("{{resolve:")) || bytes.Contains(text, []byte("{%")) || !bytes.Contains(text, []byte("AWSTemplateFormatVersion")) {
			s.Problems = append(s.Problems, sekisho.Problem{Path: name, Minor: true}.Saying(message.Say("this looks like a CloudFormation template that another program fills in first: render it and scan the result (%v)", err)))
			return s
		}
		m := cloud.Mistake{Path: name, Line: 1, Text: err.Error()}
		if e, ok := errors.AsType[*document.Error](err); ok && e.Line > 0 {
			m.Line, m.Text = e.Line, e.Text
		}
		s.Mistakes = append(s.Mistakes, m)
		return s
	}
	if !isTemplate(root) {
		return nil
	}
	t := newTemplate(name, root)
	t.resources(s)
	s.Problems = append(s.Problems, t.problems...)
	return s
}

// tree reads JSON by its own reader, which is much faster.
func tree(text []byte) (*document.Node, error) {
	if b := bytes.TrimLeft(text, "\ufeff \t\r\n"); len(b) > 0 && b[0] == '{' {
		return document.JSON(text)
	}
	docs, err := document.YAML(text)
	if err != nil {
		return nil, err
	}
	for _, d := range docs {
		if isTemplate(d) {
			return d, nil
		}
	}
	return nil, nil
}

// isTemplate wants a resource with a type of CloudFormation's.
func isTemplate(root *document.Node) bool {
	if root.Get("AWSTemplateFormatVersion").Present() {
		return true
	}
	for _, r := range root.Get("Resources").Members() {
		if t := r.Get("Type").Str(); strings.HasPrefix(t, "AWS::") || strings.HasPrefix(t, "Custom::") {
			return true
		}
	}
	return false
}
