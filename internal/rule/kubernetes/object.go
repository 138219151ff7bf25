// SPDX-License-Identifier: Apache-2.0

// Package kubernetes recognises what is written for Kubernetes in a source tree
// (manifests, Helm charts, kustomizations), turns charts and kustomizations into
// the objects that they make, and judges the objects by its rules. It asks no
// cluster and no network, and opens no file outside of what was extracted.
package kubernetes

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// rules judge one object in its world.
var rules = check.NewSet[*Object](sekisho.ResourceKubernetes)

// Rules returns what is known of each rule.
func Rules() []sekisho.Rule { return members().Mark(rules.Rules()) }

func w(en, ja string) sekisho.Words { return sekisho.Words{EN: en, JA: ja} }

// anywhere are the stages of a rule over manifests.
func anywhere() []string { return []string{sekisho.StageSource, sekisho.StageDeploy} }

// ids splits the list of a rule's aliases or references.
func ids(list string) []string { return strings.Fields(list) }

// Object is one object of Kubernetes
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/).
type Object struct {
	Node *document.Node
	// Path of the file that it is written in. Nodes with another File are
	// written elsewhere: in a helper of a chart, a patch.
	Path  string
	Group string // "" for the core group, "apps"
	// Version of the group: "v1", "v1beta1".
	Version   string
	Kind      string
	Name      string
	Namespace string
	// Pods are the templates of pods in it, or the pod itself.
	Pods []*Pod
	// World is what it is deployed with.
	World *World

	trace tracer
	// written is the name in the file, where a kustomization made another of it.
	written string
}

// tracer finds the places behind a rendered value; key is the member's name.
type tracer interface {
	causes(n *document.Node, key string) []sekisho.Evidence
}

// Title names the object in findings: "Deployment/web".
func (o *Object) Title() string {
	name := cmp.Or(o.written, o.Name)
	if name == "" {
		return o.Kind
	}
	return o.Kind + "/" + name
}

// Is says whether the object is of one of the kinds, in its usual group.
func (o *Object) Is(kinds ...string) bool {
	for _, k := range kinds {
		if o.Kind == k && coreGroup(o.Group) {
			return true
		}
	}
	return false
}

// coreGroup is true for the groups of Kubernetes itself.
func coreGroup(group string) bool {
	return !strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io") || group == "apps.openshift.io"
}

// Labels of the object.
func (o *Object) Labels() *document.Node { return o.Node.Get("metadata", "labels") }

// Pod is a pod or the template of one.
type Pod struct {
	Owner *Object
	// Meta is its metadata, Spec its specification.
	Meta, Spec *document.Node
	// Containers are all: those of initialisation, the main ones, the ephemeral.
	Containers []*Container
}

// The types of container.
const (
	initContainer      = "initContainer"
	mainContainer      = "container"
	ephemeralContainer = "ephemeralContainer"
)

// Container is one container of a pod.
type Container struct {
	Pod  *Pod
	Node *document.Node
	Type string
	Name string
}

// Windows is true for a pod that says it runs on Windows
// (https://kubernetes.io/docs/concepts/windows/user-guide/).
func (p *Pod) Windows() bool { return p.Spec.Get("os", "name").Str() == "windows" }

// UserNamespace is true for a pod whose users are not the host's
// (https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/).
func (p *Pod) UserNamespace() bool { return p.Spec.Get("hostUsers").False() }

// Sidecar is true for an initContainer that runs as long as the pod does.
func (c *Container) Sidecar() bool {
	return c.Type == initContainer && c.Node.Get("restartPolicy").Str() == "Always"
}

// Lasting is true for containers that run as long as the pod.
func (c *Container) Lasting() bool { return c.Type == mainContainer || c.Sidecar() }

// Security is a field of the container's own securityContext.
func (c *Container) Security(path ...string) *document.Node {
	return c.Node.Get("securityContext").Get(path...)
}

// Effective is a field of the securityContext where the container's own stands
// before the pod's: runAsUser, runAsNonRoot, seccompProfile ...
func (c *Container) Effective(field string) *document.Node {
	if n := c.Security(field); n.Present() {
		return n
	}
	return c.Pod.Spec.Get("securityContext", field)
}

// Place is where the container is named: the hit of what it lacks.
func (c *Container) Place() *document.Node {
	if n := c.Node.Get("name"); n != nil {
		return n
	}
	return c.Node
}

// World are the objects that are deployed together: those of one chart, one
// kustomization, or all plain manifests of the tree.
type World struct {
	Objects []*Object
	// Whole is true when the world is rendered: nothing else is deployed with it.
	Whole    bool
	Settings *check.Settings

	index *index
}

// index finds the objects of a world without a search.
type index struct {
	kinds, names map[string][]*Object
	// first are the first objects with pods of each namespace.
	first map[string]*Object
	// policies hold traffic, of Kubernetes and of network providers.
	policies []*Object
	// foreign is true where objects of other groups may make pods that are not
	// seen here.
	foreign bool
}

// podless are groups whose objects make no pods.
var podless = []string{"cert-manager.io", "external-secrets.io", "traefik.io", "istio.io", "gatekeeper.sh", "kyverno.io", "cilium.io", "projectcalico.org", "openshift.io"}

func (w *World) indexed() *index {
	if w.index != nil {
		return w.index
	}
	x := &index{kinds: map[string][]*Object{}, names: map[string][]*Object{}, first: map[string]*Object{}}
	for _, o := range w.Objects {
		switch o.Kind {
		case "NetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy":
			x.policies = append(x.policies, o)
		}
		if len(o.Pods) > 0 && x.first[o.Namespace] == nil && o.Kind != "PodTemplate" && !o.Pods[0].Spec.Get("hostNetwork").True() {
			x.first[o.Namespace] = o
		}
		if o.Kind == "ServiceMonitor" || o.Kind == "PodMonitor" || o.Kind == "PrometheusRule" {
			continue
		}
		if coreGroup(o.Group) {
			x.kinds[o.Kind] = append(x.kinds[o.Kind], o)
			x.names[o.Kind+"/"+o.Name] = append(x.names[o.Kind+"/"+o.Name], o)
		} else if len(o.Pods) == 0 && o.Node.Get("spec") != nil && !slices.ContainsFunc(podless, func(g string) bool { return strings.HasSuffix(o.Group, g) }) {
			x.foreign = true
		}
	}
	w.index = x
	return x
}

// Of returns the objects of a kind of Kubernetes itself.
func (w *World) Of(kind string) []*Object { return w.indexed().kinds[kind] }

// Find is the object of a kind by its name, in the namespace or one not said.
func (w *World) Find(kind, namespace, name string) *Object {
	for _, o := range w.indexed().names[kind+"/"+name] {
		if sameNamespace(o.Namespace, namespace) {
			return o
		}
	}
	return nil
}

// sameNamespace is true also where one of them is not written: it is given when
// the manifest is applied.
func sameNamespace(a, b string) bool { return a == b || a == "" || b == "" }

// newObject makes an object of a document; nil for what is none.
func newObject(n *document.Node, path string) *Object {
	version, kind := n.Get("apiVersion").Str(), n.Get("kind").Str()
	if version == "" || kind == "" {
		return nil
	}
	o := &Object{Node: n, Path: path, Version: version, Kind: kind}
	if g, v, ok := strings.Cut(version, "/"); ok {
		o.Group, o.Version = g, v
	}
	meta := n.Get("metadata")
	o.Name, o.Namespace = meta.Get("name").Str(), meta.Get("namespace").Str()
	if o.Name == "" {
		o.Name = meta.Get("generateName").Str()
	}
	o.pods()
	return o
}

// objects makes objects of a document, lists taken apart.
func objects(n *document.Node, path string, out []*Object) []*Object {
	return objectsIn(n, path, out, 0)
}

func objectsIn(n *document.Node, path string, out []*Object, depth int) []*Object {
	if kind := n.Get("kind").Str(); strings.HasSuffix(kind, "List") && n.Get("items") != nil && depth < 8 {
		for _, item := range n.Get("items").List() {
			out = objectsIn(item, path, out, depth+1)
		}
		return out
	}
	if o := newObject(n, path); o != nil {
		out = append(out, o)
	}
	return out
}

// pods finds the templates of pods.
func (o *Object) pods() {
	spec := o.Node.Get("spec")
	switch o.Kind {
	case "Pod":
		if o.Group == "" {
			o.pod(o.Node.Get("metadata"), spec)
		}
		return
	case "PodTemplate":
		if t := o.Node.Get("template"); t != nil {
			o.pod(t.Get("metadata"), t.Get("spec"))
		}
		return
	case "CustomResourceDefinition", "ValidatingAdmissionPolicy", "ConfigMap", "Secret":
		return
	}
	if o.Group == "argoproj.io" && strings.HasSuffix(o.Kind, "Workflow") || o.Group == "argoproj.io" && strings.HasSuffix(o.Kind, "WorkflowTemplate") {
		if w := spec.Get("workflowSpec"); w != nil {
			spec = w
		}
		o.steps(spec, spec.Get("templates"))
		return
	}
	if o.Group == "tekton.dev" {
		o.steps(spec, &document.Node{Kind: document.List, Items: tasks(spec)})
		return
	}
	if coreGroup(o.Group) {
		t := spec.Get("template")
		if o.Kind == "CronJob" {
			t = spec.Get("jobTemplate", "spec", "template")
		}
		if t.Get("spec", "containers") != nil || t.Get("spec", "initContainers") != nil {
			o.pod(t.Get("metadata"), t.Get("spec"))
		}
		return
	}
	o.search(o.Node, spec, 0)
}

// steps finds the containers of workflows: each template or task is a pod of
// its own, with what the workflow says of all.
func (o *Object) steps(common, templates *document.Node) {
	for _, t := range templates.List() {
		cs := &document.Node{Kind: document.List}
		for _, key := range [...]string{"container", "script"} {
			if c := t.Get(key); c.Get("image") != nil {
				cs.Items = append(cs.Items, c)
			}
		}
		for _, key := range [...]string{"steps", "sidecars"} {
			for _, c := range t.Get(key).List() {
				if c.Get("image") != nil {
					cs.Items = append(cs.Items, c)
				}
			}
		}
		if len(cs.Items) == 0 || len(o.Pods) > 100 {
			continue
		}
		spec := &document.Node{Kind: document.Map, Line: t.Line, Column: t.Column, EndLine: t.EndLine, EndColumn: t.EndColumn}
		add := func(key string, v *document.Node) {
			if v != nil && spec.Get(key) == nil {
				k := &document.Node{Kind: document.String, Text: key, File: v.File, Line: v.Line, Column: v.Column, EndLine: v.Line, EndColumn: v.Column}
				spec.Keys, spec.Items = append(spec.Keys, k), append(spec.Items, v)
			}
		}
		add("containers", cs)
		for _, from := range [...]*document.Node{t, t.Get("podTemplate"), common, common.Get("podTemplate")} {
			for _, key := range [...]string{"initContainers", "securityContext", "serviceAccountName", "automountServiceAccountToken", "hostNetwork", "hostAliases", "volumes", "nodeSelector", "affinity", "priorityClassName"} {
				add(key, from.Get(key))
			}
		}
		o.pod(t.Get("metadata"), spec)
	}
}

// tasks are the specifications of the tasks of a Task, Pipeline or a run of one.
func tasks(spec *document.Node) []*document.Node {
	out := []*document.Node{spec}
	if t := spec.Get("taskSpec"); t != nil {
		out = append(out, t)
	}
	for _, p := range [...]*document.Node{spec, spec.Get("pipelineSpec")} {
		for _, t := range p.Get("tasks").List() {
			if s := t.Get("taskSpec"); s != nil {
				out = append(out, s)
			}
		}
	}
	return out
}

// search finds templates of pods in the objects of other groups: rollouts,
// services of Knative, jobs of all kinds.
func (o *Object) search(parent, spec *document.Node, depth int) {
	if spec == nil || depth > 8 || len(o.Pods) > 100 {
		return
	}
	if cs := spec.Get("containers").List(); len(cs) > 0 && cs[0].Get("image") != nil {
		o.pod(parent.Get("metadata"), spec)
		return
	}
	for _, item := range spec.Items {
		if item.Kind == document.Map || item.Kind == document.List {
			o.search(spec, item, depth+1)
		}
	}
}

func (o *Object) pod(meta, spec *document.Node) {
	if spec == nil || spec.Kind != document.Map {
		return
	}
	p := &Pod{Owner: o, Meta: meta, Spec: spec}
	for _, t := range [...]string{initContainer, mainContainer, ephemeralContainer} {
		for _, c := range spec.Get(t + "s").List() {
			if c.Kind == document.Map {
				p.Containers = append(p.Containers, &Container{Pod: p, Node: c, Type: t, Name: c.Get("name").Str()})
			}
		}
	}
	o.Pods = append(o.Pods, p)
}
