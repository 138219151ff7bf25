// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Workloads are the containers of the task and job definitions of an inventory,
// in JSON or in the stacks that the readers make; with what could not be read.
func Workloads(ctx context.Context, s *check.Settings, inv *sekisho.Inventory, readers ...cloud.Reader) ([]sekisho.Workload, []sekisho.Problem, error) {
	var out []sekisho.Workload
	var problems []sekisho.Problem
	for _, read := range append([]cloud.Reader{readECS}, readers...) {
		stacks, err := read(ctx, inv)
		if err != nil {
			return out, problems, err
		}
		for _, stack := range stacks {
			problems = append(problems, stack.Problems...)
			for _, m := range stack.Mistakes {
				problems = append(problems, sekisho.Problem{Path: m.Path}.Saying(message.Say("%v", m.Text)))
			}
			for _, it := range newWorld(stack, s).Items {
				if it.Task == nil {
					continue
				}
				for _, c := range it.Task.Containers {
					if w, ok := c.workload(); ok {
						out = append(out, w)
					}
				}
			}
		}
	}
	return out, problems, nil
}

// workload is the container as far as its definition says. Fargate gives a
// machine of its own to each task: what is privileged there has no host.
func (c *Container) workload() (sekisho.Workload, bool) {
	image := c.Node.Get("image")
	if image.Str() == "" {
		return sekisho.Workload{}, false
	}
	t := c.Task
	w := sekisho.Workload{
		Kind: sekisho.ResourceAWS, Name: t.Title, Container: c.Name, Image: image.Str(),
		Path: cmp.Or(image.File, t.Path), Line: cmp.Or(image.Line, t.Line), Privileged: c.Node.Get("privileged").True() && !t.Fargate,
	}
	if user := c.Node.Get("user").Str(); user != "" && cloud.Whole(user) {
		w.Root = new(isRoot(user))
	}
	for _, n := range c.Node.Get("linuxParameters", "capabilities", "add").List() {
		name := strings.TrimPrefix(strings.ToUpper(n.Str()), "CAP_")
		if slices.Contains(strongCapabilities, name) && !t.Fargate {
			w.Powers = append(w.Powers, name)
		}
	}
	for _, n := range [...]struct {
		name string
		keys []string
	}{{"network", []string{"network_mode", "networkMode"}}, {"PID", []string{"pid_mode", "pidMode"}}, {"IPC", []string{"ipc_mode", "ipcMode"}}} {
		if slices.ContainsFunc(n.keys, func(k string) bool { return t.Definition.Get(k).Str() == "host" }) && !t.Fargate {
			w.Powers = append(w.Powers, "host "+n.name)
		}
	}
	for _, v := range t.volumes() {
		p, _, _ := hostPath(v)
		if (p == "/" || strings.HasSuffix(p, "docker.sock") || strings.HasSuffix(p, "containerd.sock")) && c.mountsVolume(v.Get("name").Str()) {
			w.Powers = append(w.Powers, "host path "+p)
		}
	}
	for _, p := range c.Node.Get("portMappings").List() {
		if port := p.Get("containerPort").Str(); port != "" {
			w.Ports = append(w.Ports, port+"/"+strings.ToLower(cmp.Or(p.Get("protocol").Str(), "tcp")))
		}
	}
	return w, true
}

// mountsVolume says whether the container has the volume of the task.
func (c *Container) mountsVolume(name string) bool {
	return slices.ContainsFunc(c.Node.Get("mountPoints").List(), func(m *document.Node) bool { return m.Get("sourceVolume").Str() == name })
}
