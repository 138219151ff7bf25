// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
)

// Definition is a build as one document defines it.
type Definition struct {
	System string
	Path   string
	Root   *document.Node
	// Broken says why the file is no YAML; nothing else is known of it then.
	Broken error
	// Scripts are the texts that shells run, in order.
	Scripts []*Script
	// Images are those that jobs, services and steps run in.
	Images []Image
	// Uses are actions, orbs, components and files of elsewhere.
	Uses []Use
	// Variables are those of the environment, that the file sets.
	Variables []Variable
	// Containers are the options with which the system starts containers.
	Containers []Container
	// On are the events of a workflow of GitHub's.
	On map[string]*document.Node

	text  []byte
	lines []int
}

// Image is one that a part of the build runs in.
type Image struct {
	Ref     string
	Node    *document.Node
	Job     string
	Service bool
}

// Use is a part of the build that is written elsewhere.
type Use struct {
	Ref  string
	Node *document.Node
	// With are its inputs.
	With *document.Node
	Job  string
	// Kind is "action", "workflow", "orb", "component", "project", "remote",
	// "template".
	Kind string
}

// Variable is one of the environment.
type Variable struct {
	Name  string
	Key   *document.Node
	Value *document.Node
	Job   string
}

// Container is what a definition asks for a container: the options of docker
// run, or a security context.
type Container struct {
	Job  string
	Node *document.Node
	// Image that is started, where known.
	Image string
	// Options are those of docker run.
	Options *Script
	// Security is a security context of Kubernetes.
	Security *document.Node
	// Volumes are "host:container" of GitHub, or volumes of Kubernetes.
	Volumes *document.Node
}

// build fills the definition; false for a document of another kind.
func (d *Definition) build() bool {
	switch d.System {
	case githubWorkflow:
		d.githubWorkflow()
	case githubAction:
		d.githubSteps(d.Root.Get("runs", "steps"), "", "", false)
		if v := d.Root.Get("runs", "image"); strings.HasPrefix(v.Str(), "docker://") {
			d.image(v, strings.TrimPrefix(v.Str(), "docker://"), "", false)
		}
	case gitlab:
		d.gitlab()
	case circleci:
		d.circleci()
	case tekton:
		return d.tekton()
	case codebuild:
		d.codebuild()
	}
	return true
}

func (d *Definition) image(n *document.Node, ref, job string, service bool) {
	if ref = strings.TrimSpace(ref); ref != "" {
		d.Images = append(d.Images, Image{Ref: ref, Node: n, Job: job, Service: service})
	}
}

func (d *Definition) variables(m *document.Node, job string) {
	for name, v := range m.Members() {
		if v.Kind == document.Map {
			// GitLab: NAME: {value: x, description: y}
			v = v.Get("value")
		}
		if v != nil {
			d.Variables = append(d.Variables, Variable{Name: name, Key: m.Key(name), Value: v, Job: job})
		}
	}
}

// hit is a hit at a node.
func hit(n *document.Node, job, excerpt string, args ...string) check.Hit {
	h := check.Hit{Line: n.Line, Column: n.Column, EndLine: n.EndLine, EndColumn: n.EndColumn, Excerpt: excerpt, Args: args, Resource: job}
	if h.EndColumn == 0 {
		h.EndLine = 0
	}
	return h
}

// member is a hit at "key: value".
func member(m *document.Node, key, job string, args ...string) check.Hit {
	k, v := m.Key(key), m.Get(key)
	return pair(k, v, job, args...)
}

func pair(k, v *document.Node, job string, args ...string) check.Hit {
	value := v.Str()
	if v.Kind == document.String && value == "" {
		value = `""`
	}
	h := hit(v, job, k.Text+": "+value, args...)
	if k.Line > 0 {
		h.Line, h.Column = k.Line, k.Column
	}
	if h.EndLine < h.Line {
		h.EndLine, h.EndColumn = k.EndLine, k.EndColumn
	}
	return h
}

// strs are the texts of a list, or the one of a scalar.
func strs(n *document.Node) []*document.Node {
	if n == nil {
		return nil
	}
	if n.Kind != document.List {
		return []*document.Node{n}
	}
	var out []*document.Node
	for _, item := range n.Items {
		out = append(out, strs(item)...)
	}
	return out
}
