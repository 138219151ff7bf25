// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Workloads are the containers that the Compose files, quadlets and docker run
// lines of an inventory start, in the order of the files; with what could not be
// read.
func Workloads(ctx context.Context, s *check.Settings, inv *sekisho.Inventory) ([]sekisho.Workload, []sekisho.Problem, error) {
	var out []sekisho.Workload
	t := newTree(s, inv)
	err := t.each(ctx, func(services []*Service) {
		for _, s := range services {
			switch {
			case s.Broken != "":
				t.problems = append(t.problems, sekisho.Problem{Path: s.At.File}.Saying(message.Say("%v", s.Broken)))
			case !s.Exec && !s.Docs && s.Image.Set && s.Image.Known():
				out = append(out, s.workload())
			}
		}
	})
	return out, t.problems, err
}

// workload is the service as far as its file says.
func (s *Service) workload() sekisho.Workload {
	w := sekisho.Workload{
		Kind: s.Kind, Name: s.Resource, Image: s.Image.Text, Path: cmp.Or(s.Image.File, s.At.File), Line: cmp.Or(s.Image.Line, s.At.Line),
		Privileged: s.Privileged.True() && !s.Rootless,
	}
	switch user, _, _ := strings.Cut(s.User.Text, ":"); {
	case s.Rootless:
		w.Root = new(false) // root of a user's engine is that user on the host
	case s.User.Set && s.User.Known() && user != "":
		w.Root = new(user == "root" || strings.Trim(user, "0") == "")
	}
	for _, v := range s.CapAdd {
		if name := capability(v); v.Known() && !s.Rootless && capabilities[name] == sekisho.SeverityHigh {
			w.Powers = append(w.Powers, name)
		}
	}
	if s.hostNetwork() {
		w.Powers = append(w.Powers, "host network")
	}
	if s.PID.Is("host") {
		w.Powers = append(w.Powers, "host PID")
	}
	if s.IPC.Is("host") {
		w.Powers = append(w.Powers, "host IPC")
	}
	for i := range s.Mounts {
		if socket, _ := s.Mounts[i].socket(); socket || s.Mounts[i].host() == "/" {
			w.Powers = append(w.Powers, "host path "+s.Mounts[i].Source)
		}
	}
	for _, p := range s.Ports {
		if !p.Known() || p.Container == "" {
			continue
		}
		port := p.Container + "/" + p.Protocol
		if !slices.Contains(w.Ports, port) {
			w.Ports = append(w.Ports, port)
		}
		if p.everywhere() && p.Host != "" {
			w.Routes = append(w.Routes, "host port "+p.Host)
		}
	}
	return w
}
