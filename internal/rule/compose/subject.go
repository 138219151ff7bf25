// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
)

// Variables are what the rules of users see, the same in all three kinds:
// service is the container (name, image, privileged, user, capAdd, mounts, ports,
// environment ...), and raw the service of a Compose file as it is written.
func Variables() check.Variables {
	return check.Variables{"service": "dyn", "raw": "dyn"}
}

// subject is a service as the rules of users see it.
type subject struct{ s *Service }

// fields are the settings of one value, by their names in rules of users.
func (s *Service) fields() map[string]Value {
	network := Value{}
	if len(s.Network) > 0 {
		network = s.Network[0]
	}
	return map[string]Value{
		"image": s.Image, "user": s.User, "privileged": s.Privileged, "pid": s.PID, "ipc": s.IPC, "userns": s.UserNS, "uts": s.UTS, "cgroup": s.Cgroup,
		"network": network, "readOnly": s.ReadOnly, "restart": s.Restart, "logDriver": s.Logging, "memory": s.Memory, "cpus": s.CPUs, "pids": s.Pids,
		"cgroupParent": s.CgroupParent, "healthcheck": s.Healthcheck,
	}
}

// lists are the settings of several values.
func (s *Service) lists() map[string][]Value {
	return map[string][]Value{
		"capAdd": s.CapAdd, "capDrop": s.CapDrop, "securityOpt": s.SecurityOpt, "devices": s.Devices, "networks": s.Network, "envFiles": s.EnvFiles,
		"command": s.Command, "ulimits": s.Ulimits,
	}
}

// Vars leaves out what is not set and what is not known.
func (j subject) Vars() map[string]any {
	s := j.s
	m := map[string]any{"name": s.Name, "rootless": s.Rootless, "build": s.Build.Set}
	for name, v := range s.fields() {
		if x := v.any(); x != nil {
			m[name] = x
		}
	}
	for name, list := range s.lists() {
		out := []any{}
		for _, v := range list {
			if x := v.any(); x != nil {
				out = append(out, x)
			}
		}
		m[name] = out
	}
	mounts, ports, env := []any{}, []any{}, map[string]any{}
	for i := range s.Mounts {
		v := &s.Mounts[i]
		mounts = append(mounts, map[string]any{"type": v.Type, "source": strings.ReplaceAll(v.Source, hole, "?"), "target": strings.ReplaceAll(v.Target, hole, "?"), "readOnly": v.ReadOnly, "propagation": v.Propagation})
	}
	for i := range s.Ports {
		v := &s.Ports[i]
		ports = append(ports, map[string]any{"ip": strings.ReplaceAll(v.IP, hole, "?"), "host": strings.ReplaceAll(v.Host, hole, "?"), "container": strings.ReplaceAll(v.Container, hole, "?"), "protocol": v.Protocol})
	}
	for _, p := range s.Environment {
		if p.Given && p.Known() {
			env[p.Name] = p.Text
		}
	}
	m["mounts"], m["ports"], m["environment"] = mounts, ports, env
	raw := map[string]any{}
	if v, ok := s.raw.Value().(map[string]any); ok {
		raw = v
	}
	return map[string]any{"service": m, "raw": raw}
}

// Locate finds "service.privileged", "service.mounts[0].source" and
// "raw.deploy.replicas".
func (j subject) Locate(p string) check.Hit {
	root, rest, _ := strings.Cut(p, ".")
	v := j.s.At
	if root == "raw" {
		v = j.raw(rest)
	} else {
		v = j.member(rest, v)
	}
	h := j.s.hit(v)
	if h.Path == j.s.File {
		h.Path = ""
	}
	return h
}

func (j subject) member(p string, v Value) Value {
	name, index := p, -1
	if i := strings.IndexAny(p, ".["); i >= 0 {
		name = p[:i]
		if n, _, ok := strings.Cut(strings.TrimPrefix(p[i:], "["), "]"); ok {
			if k, err := strconv.Atoi(n); err == nil {
				index = k
			}
		}
	}
	if f, ok := j.s.fields()[name]; ok && f.Set {
		return f
	}
	list := j.s.lists()[name]
	switch name {
	case "mounts":
		for i := range j.s.Mounts {
			list = append(list, j.s.Mounts[i].Value)
		}
	case "ports":
		for i := range j.s.Ports {
			list = append(list, j.s.Ports[i].Value)
		}
	case "environment":
		for i := range j.s.Environment {
			if e := &j.s.Environment[i]; p == "environment."+e.Name || strings.HasPrefix(p, `environment["`+e.Name+`"]`) {
				e := e.Value
				e.Written = j.s.Environment[i].Name
				return e
			}
		}
	}
	if len(list) > 0 {
		return list[min(max(index, 0), len(list)-1)]
	}
	return v
}

func (j subject) raw(p string) Value {
	if j.s.raw == nil {
		return j.s.At
	}
	n, _, key := j.s.raw.Locate(p)
	if n == j.s.raw {
		return j.s.At
	}
	v := Value{Set: true, Written: n.Str(), File: n.File, Line: n.Line, Column: n.Column, EndLine: n.EndLine, EndColumn: n.EndColumn}
	if key != "" {
		if secretText(key, v.Written) {
			v.Written = redacted
		}
		v.Written = key + ": " + v.Written
	}
	return v
}
