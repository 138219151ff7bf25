// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"bytes"
	"context"
	"errors"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the one that keeps task and service definitions in JSON,
// as "aws ecs register-task-definition --cli-input-json" takes them
// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html).
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{extractor{}} }

// fileBytes is the size of the largest file that is kept.
const fileBytes = 4 << 20

type extractor struct{}

func (extractor) Name() string { return "aws/ecs" }
func (extractor) Version() int { return 1 }

func (extractor) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || strings.HasPrefix(f.Path, ".git/") || strings.Contains(f.Path, "node_modules/") {
		return false
	}
	switch path.Ext(f.Path) {
	case ".yaml", ".yml":
		name := path.Base(f.Path)
		return strings.Contains(name, "task") || strings.Contains(name, "ecs") || strings.Contains(name, "service")
	case ".json":
		name := path.Base(f.Path)
		return !strings.HasPrefix(name, "package") && !strings.HasPrefix(name, "tsconfig")
	}
	return false
}

func (extractor) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	size := in.Size
	head := make([]byte, min(size, fileBytes))
	if n, err := in.Content.ReadAt(head, 0); n < len(head) {
		return sekisho.Inventory{}, err
	}
	if !looksLikeECS(head) {
		return sekisho.Inventory{}, nil
	}
	if size > fileBytes {
		return sekisho.Inventory{Problems: []sekisho.Problem{
			sekisho.Problem{Stage: sekisho.StageExtract, Path: in.Path, Bound: "file-bytes"}.Saying(message.Say("the file has %d bytes; configuration of more than %d is not judged: split it", size, fileBytes)),
		}}, nil
	}
	return sekisho.Inventory{Resources: []sekisho.Resource{{Kind: sekisho.ResourceECS, Location: sekisho.Location{Path: in.Path}, Text: head}}}, nil
}

// looksLikeECS searches for words and parses nothing. A template of
// CloudFormation writes them with a capital letter; a plan of Terraform holds
// definitions as text.
func looksLikeECS(text []byte) bool {
	if bytes.Contains(text, []byte("AWS::")) || bytes.Contains(text, []byte(`"planned_values"`)) || bytes.Contains(text, []byte("apiVersion")) {
		return false
	}
	return bytes.Contains(text, []byte("containerDefinitions")) || looksLikeService(text)
}

// looksLikeService wants two members that only a service has together.
func looksLikeService(text []byte) bool {
	n := 0
	for _, word := range [...]string{"deploymentConfiguration", "launchType", "networkConfiguration", "desiredCount", "enableExecuteCommand", "platformVersion", "capacityProviderStrategy"} {
		if bytes.Contains(text, []byte(word)) {
			n++
		}
	}
	return n >= 2
}

// readECS makes a stack of the definitions of each directory.
func readECS(ctx context.Context, inv *sekisho.Inventory) ([]*cloud.Stack, error) {
	var out []*cloud.Stack
	of := map[string]*cloud.Stack{}
	for i := range inv.Resources {
		res := &inv.Resources[i]
		if res.Kind != sekisho.ResourceECS || res.Location.Hidden {
			continue
		}
		if err := ctx.Err(); err != nil {
			return out, err
		}
		dir := path.Dir(res.Location.Path)
		s := of[dir]
		if s == nil {
			s = &cloud.Stack{Language: sekisho.ResourceECS}
			of[dir], out = s, append(out, s)
		}
		parseECS(s, res.Location.Path, res.Text)
	}
	return out, nil
}

// filled finds what ecspresso fills in: "{{ must_env `TAG` }}".
var filled = pattern.New("\\{\\{[^{}\n]*\\}\\}")

// parseECS adds what a file defines.
func parseECS(s *cloud.Stack, name string, text []byte) {
	if bytes.Contains(text, []byte("{{")) {
		text = filled.ReplaceAllFunc(text, func(m []byte) []byte {
			var word strings.Builder
			for _, c := range string(bytes.Trim(m, "{} ")) {
				if c == '_' || c == ' ' || c == '.' || c == '-' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
					word.WriteRune(c)
				}
			}
			return []byte(cloud.Reference(word.String()))
		})
	}
	root, err := ecsTree(name, text)
	if err != nil {
		if bytes.Contains(text, []byte("{{")) || bytes.Contains(text, []byte("{%")) || bytes.Contains(text, []byte("\ue0a0")) {
			s.Problems = append(s.Problems, sekisho.Problem{Path: name, Minor: true}.Saying(message.Say("this looks like a definition of ECS that another program fills in first: render it and scan the result (%v)", err)))
			return
		}
		m := cloud.Mistake{Path: name, Line: 1, Text: err.Error()}
		if e, ok := errors.AsType[*document.Error](err); ok && e.Line > 0 {
			m.Line, m.Text = e.Line, e.Text
		}
		s.Mistakes = append(s.Mistakes, m)
		return
	}
	// describe-task-definition and describe-services wrap what they print.
	for _, n := range []*document.Node{root, root.Get("taskDefinition"), root.Get("service"), root.Get("services").At(0)} {
		switch {
		case n.Get("containerDefinitions").Present():
			define(s, name, "aws_ecs_task_definition", n, n.Get("family").Str())
		case n != nil && n.Kind == document.Map && n.Get("taskDefinition").Get("containerDefinitions") == nil && isService(n):
			define(s, name, "aws_ecs_service", n, n.Get("serviceName").Str())
		}
	}
}

func ecsTree(name string, text []byte) (*document.Node, error) {
	if path.Ext(name) == ".json" {
		return document.JSON(text)
	}
	docs, err := document.YAML(text)
	if err != nil || len(docs) == 0 {
		return nil, err
	}
	return docs[0], nil
}

func isService(n *document.Node) bool {
	if n.Get("containers") != nil || n.Get("image") != nil {
		return false
	}
	count := 0
	for key := range n.Members() {
		switch key {
		case "taskDefinition", "deploymentConfiguration", "launchType", "networkConfiguration", "desiredCount", "enableExecuteCommand", "platformVersion", "capacityProviderStrategy", "serviceName":
			count++
		}
	}
	return count >= 2
}

// define adds a resource of a definition.
func define(s *cloud.Stack, name, kind string, n *document.Node, called string) {
	if called == "" || !cloud.Whole(called) {
		called = strings.TrimSuffix(path.Base(name), path.Ext(name))
	}
	body := terraformNames(n, true, 0)
	s.Resources = append(s.Resources, &cloud.Resource{
		Type: kind, Address: called, Title: called, Body: body, Path: name, Line: max(1, n.Line), Column: max(1, n.Column), EndLine: max(1, n.EndLine),
	})
}

// terraformNames turns a definition's names into Terraform's; containers keep
// theirs, which Terraform has as JSON.
func terraformNames(n *document.Node, rename bool, depth int) *document.Node {
	if n == nil || depth > 100 {
		return n
	}
	if n.Kind == document.String && !cloud.Whole(n.Text) {
		out := *n
		t := cloud.Text(n.Text)
		out.Kind, out.Text = t.Kind, t.Text
		return &out
	}
	if n.Kind != document.Map && n.Kind != document.List {
		return n
	}
	out := *n
	out.Keys, out.Items = nil, make([]*document.Node, 0, len(n.Items))
	for i, item := range n.Items {
		if n.Kind == document.List {
			out.Items = append(out.Items, terraformNames(item, rename, depth+1))
			continue
		}
		key := *n.Keys[i]
		inner := rename && key.Text != "containerDefinitions"
		if rename {
			key.Text, key.Tag = cloud.Snake(key.Text), key.Text
		}
		if key.Tag == "volumes" {
			key.Text = "volume"
		}
		out.Keys, out.Items = append(out.Keys, &key), append(out.Items, terraformNames(item, inner, depth+1))
	}
	return &out
}
