// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Workloads are the containers that the manifests, charts and kustomizations of
// an inventory start, in the order of the files; with what could not be read.
func Workloads(ctx context.Context, s *check.Settings, inv *sekisho.Inventory) ([]sekisho.Workload, []sekisho.Problem, error) {
	var out []sekisho.Workload
	r := &run{judge: check.NewJudge(s), files: map[string]*file{}, plain: &World{Settings: s}, members: members()}
	r.see = func(o *Object) {
		if o.Kind == syntaxKind {
			r.judge.Problem(sekisho.Problem{Path: o.Path}.Saying(message.Say("%v", o.Name)))
			return
		}
		for _, p := range o.Pods {
			for _, c := range p.Containers {
				if w, ok := c.workload(); ok {
					out = append(out, w)
				}
			}
		}
	}
	err := r.all(ctx, inv)
	return out, r.judge.Judgement().Problems, err
}

// workload is a container that stays, as far as its manifest says.
func (c *Container) workload() (sekisho.Workload, bool) {
	image := c.Node.Get("image")
	if image.Str() == "" || !c.Lasting() {
		return sekisho.Workload{}, false
	}
	o := c.Pod.Owner
	w := sekisho.Workload{
		Kind: sekisho.ResourceKubernetes, Name: o.Title(), Container: c.Name, Image: image.Str(),
		Path: cmp.Or(image.File, o.Path), Line: image.Line, Root: c.root(), Privileged: c.Security("privileged").True(),
	}
	for _, n := range c.Security("capabilities", "add").List() {
		if name := plainCapability(capability(n)); slices.Contains(nodeCapabilities, name) {
			w.Powers = append(w.Powers, name)
		}
	}
	for _, h := range [...]struct{ key, name string }{{"hostNetwork", "network"}, {"hostPID", "PID"}, {"hostIPC", "IPC"}} {
		if c.Pod.Spec.Get(h.key).True() {
			w.Powers = append(w.Powers, "host "+h.name)
		}
	}
	for _, v := range c.Pod.hostVolumes() {
		if c.mounts(v.name) && (isSensitive(v.path) && !tells(v.path) || isSocket(v.path)) {
			w.Powers = append(w.Powers, "host path "+v.path)
		}
	}
	for _, p := range c.Node.Get("ports").List() {
		if port := p.Get("containerPort").Str(); port != "" {
			w.Ports = append(w.Ports, port+"/"+strings.ToLower(cmp.Or(p.Get("protocol").Str(), "TCP")))
		}
	}
	c.routes(&w)
	return w, true
}

// root says whether the container runs as root; nil where the image decides.
// Root of a user namespace is nobody on the node.
func (c *Container) root() *bool {
	uid, said := c.Effective("runAsUser").Int()
	switch {
	case c.Pod.UserNamespace() || c.Effective("runAsNonRoot").True():
		return new(false)
	case said:
		return new(uid == 0)
	}
	return nil
}

// mounts says whether the container has the volume.
func (c *Container) mounts(volume string) bool {
	return slices.ContainsFunc(c.Node.Get("volumeMounts").List(), func(m *document.Node) bool { return m.Get("name").Str() == volume })
}

// routes are the Services that choose the pod, with their target ports, and the
// Ingresses that lead to those.
func (c *Container) routes(w *sekisho.Workload) {
	o := c.Pod.Owner
	for _, s := range o.World.Of("Service") {
		selector := s.Node.Get("spec", "selector")
		if !sameNamespace(s.Namespace, o.Namespace) || empty(selector) || !known(selector, c.Pod.Meta.Get("labels")) || !matches(selector, c.Pod.Meta.Get("labels")) {
			continue
		}
		for _, p := range s.Node.Get("spec", "ports").List() {
			target := cmp.Or(p.Get("targetPort").Str(), p.Get("port").Str())
			if _, err := strconv.Atoi(target); err != nil {
				continue // a name of a port that the container lists itself
			}
			if port := target + "/" + strings.ToLower(cmp.Or(p.Get("protocol").Str(), "TCP")); !slices.Contains(w.Ports, port) && len(c.Pod.Spec.Get("containers").List()) == 1 {
				w.Ports = append(w.Ports, port)
			}
		}
		if t := s.Node.Get("spec", "type").Str(); t == "LoadBalancer" || t == "NodePort" {
			w.Routes = append(w.Routes, s.Title()+" "+t)
		}
		for _, in := range o.World.Of("Ingress") {
			if sameNamespace(in.Namespace, o.Namespace) && leads(in.Node.Get("spec"), s.Name, 0) {
				w.Routes = append(w.Routes, in.Title())
			}
		}
	}
}

// leads says whether an Ingress names the service as a backend.
func leads(n *document.Node, service string, depth int) bool {
	if n == nil || depth > 12 {
		return false
	}
	if n.Get("service", "name").Str() == service || n.Get("serviceName").Str() == service {
		return true
	}
	return slices.ContainsFunc(n.Items, func(item *document.Node) bool {
		return (item.Kind == document.Map || item.Kind == document.List) && leads(item, service, depth+1)
	})
}
