// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// builder makes a Service of the node of a Compose service.
type builder struct {
	project *projects
	// written and copied hold the text of values that variables stand in.
	written []map[*document.Node]string
	copied  map[*document.Node]string
	// partial is true when a part of the service is in no file of the tree.
	partial bool
}

// text of a scalar as it is written.
func (b *builder) text(n *document.Node) string {
	for _, m := range b.written {
		if t, ok := m[n]; ok {
			return t
		}
	}
	return n.Text
}

// scalar is a value under a key; written as "key: value".
func (b *builder) scalar(key, n *document.Node) Value {
	if n == nil || n.Kind == document.Null || n.Kind == document.Map || n.Kind == document.List {
		return Value{}
	}
	text := b.text(n)
	v := Value{Text: n.Text, Set: true, Literal: text == n.Text, File: n.File, Line: n.Line, Column: n.Column, EndLine: n.EndLine, EndColumn: n.EndColumn, Written: short(text)}
	if key != nil {
		v.Written = key.Text + ": " + v.Written
		// A value of an anchor stands elsewhere; the place is then its own.
		if key.File == n.File && key.Line <= n.Line {
			v.Line, v.Column = key.Line, key.Column
		}
	}
	return v
}

// member is the scalar of a map under a key.
func (b *builder) member(n *document.Node, key string) Value {
	return b.scalar(n.Key(key), n.Get(key))
}

// list are the items of a list, or the one scalar in its place.
func (b *builder) list(n *document.Node, key string) []Value {
	v := n.Get(key)
	if one := b.scalar(n.Key(key), v); one.Set {
		return []Value{one}
	}
	var out []Value
	for _, item := range v.List() {
		if one := b.scalar(nil, item); one.Set {
			out = append(out, one)
		}
	}
	return out
}

// pairs are variables as a map or as a list of NAME=value.
func (b *builder) pairs(n *document.Node, key string) []Pair {
	var out []Pair
	v := n.Get(key)
	if v != nil && v.Kind == document.List {
		v = b.asMap(v)
	}
	if v == nil || v.Kind != document.Map {
		return nil
	}
	for i, k := range v.Keys {
		val := b.scalar(k, v.Items[i])
		given := val.Set
		if !given {
			val = Value{Set: true, File: k.File, Line: k.Line, Column: k.Column, EndLine: k.EndLine, EndColumn: k.EndColumn}
		}
		out = append(out, Pair{Name: k.Text, Value: val, Given: given})
	}
	return out
}

// service reads the members of a service
// (https://github.com/compose-spec/compose-spec/blob/main/05-services.md).
func (b *builder) service(key, n *document.Node) *Service {
	s := &Service{Kind: sekisho.ResourceCompose, Name: key.Text, Resource: "service/" + key.Text, Lasting: true, raw: n}
	s.Image = b.member(n, "image")
	s.User = b.member(n, "user")
	s.Privileged = b.member(n, "privileged")
	s.CapAdd, s.CapDrop, s.SecurityOpt = b.list(n, "cap_add"), b.list(n, "cap_drop"), b.list(n, "security_opt")
	s.PID, s.IPC, s.UserNS, s.UTS, s.Cgroup = b.member(n, "pid"), b.member(n, "ipc"), b.member(n, "userns_mode"), b.member(n, "uts"), b.member(n, "cgroup")
	if m := b.member(n, "network_mode"); m.Set {
		s.Network = []Value{m}
	}
	s.Devices, s.DeviceRules = b.list(n, "devices"), b.list(n, "device_cgroup_rules")
	for _, d := range n.Get("devices").List() {
		if src := b.member(d, "source"); src.Set {
			s.Devices = append(s.Devices, src)
		}
	}
	b.mounts(s, n)
	b.ports(s, n)
	b.build(s, n)
	s.Environment = b.pairs(n, "environment")
	s.EnvFiles = b.list(n, "env_file")
	for _, f := range n.Get("env_file").List() {
		if v := b.member(f, "path"); v.Set {
			s.EnvFiles = append(s.EnvFiles, v)
		}
	}
	s.Command = append(b.list(n, "entrypoint"), b.list(n, "command")...)
	s.ReadOnly, s.Restart, s.CgroupParent = b.member(n, "read_only"), b.member(n, "restart"), b.member(n, "cgroup_parent")
	s.OOMKillDisable, s.APISocket = b.member(n, "oom_kill_disable"), b.member(n, "use_api_socket")
	b.health(s, n)
	s.Logging = b.member(n.Get("logging"), "driver")
	if !s.Logging.Set {
		s.Logging = b.member(n, "log_driver")
	}
	limits := n.Get("deploy", "resources", "limits")
	s.Memory = first(b.member(n, "mem_limit"), b.member(limits, "memory"))
	s.CPUs = first(b.member(n, "cpus"), b.member(limits, "cpus"), b.member(n, "cpu_quota"), b.member(n, "cpu_shares"))
	s.Pids = first(b.member(n, "pids_limit"), b.member(limits, "pids"))
	for i, k := range keysOf(n.Get("ulimits")) {
		item := n.Get("ulimits").Items[i]
		v := b.scalar(k, item)
		if !v.Set {
			v = b.member(item, "hard")
		}
		v.Text = k.Text + "=" + v.Text
		s.Ulimits = append(s.Ulimits, v)
	}
	return s
}

func first(values ...Value) Value {
	for _, v := range values {
		if v.Set {
			return v
		}
	}
	return Value{}
}

func (b *builder) health(s *Service, n *document.Node) {
	h := n.Get("healthcheck")
	s.Health = b.list(h, "test")
	s.Healthcheck = first(s.Health...)
	if d := b.member(h, "disable"); d.True() {
		s.NoHealthcheck = d
	} else if len(s.Health) > 0 && s.Health[0].Is("NONE") {
		s.NoHealthcheck = s.Health[0]
	}
}

// build reads what the build of the image is given.
func (b *builder) build(s *Service, n *document.Node) {
	build := n.Get("build")
	if s.Build = b.member(n, "build"); !s.Build.Set && build.Present() {
		s.Build = Value{Set: true, File: build.File, Line: build.Line, Column: build.Column}
	}
	s.BuildArgs = b.pairs(build, "args")
	if p := b.member(build, "privileged"); p.True() {
		s.BuildPrivileged = append(s.BuildPrivileged, p)
	}
	for _, e := range b.list(build, "entitlements") {
		if e.Is("security.insecure") {
			s.BuildPrivileged = append(s.BuildPrivileged, e)
		}
	}
}

func (b *builder) mounts(s *Service, n *document.Node) {
	for _, item := range n.Get("volumes").List() {
		if item.Kind != document.Map {
			if v := b.scalar(nil, item); v.Set {
				s.Mounts = append(s.Mounts, parseMount(v))
			}
			continue
		}
		m := Mount{Type: item.Get("type").Str(), Source: textOf(item.Get("source")), Target: textOf(item.Get("target")), ReadOnly: item.Get("read_only").True(), Propagation: item.Get("bind", "propagation").Str()}
		m.Value = first(b.member(item, "source"), b.member(item, "target"))
		if m.Type == "" && hostPath(m.Source) {
			m.Type = "bind"
		}
		if m.Set {
			s.Mounts = append(s.Mounts, m)
		}
	}
}

func (b *builder) ports(s *Service, n *document.Node) {
	for _, item := range n.Get("ports").List() {
		if item.Kind != document.Map {
			if v := b.scalar(nil, item); v.Set {
				s.Ports = append(s.Ports, parsePort(v))
			}
			continue
		}
		p := Port{IP: textOf(item.Get("host_ip")), Host: textOf(item.Get("published")), Container: textOf(item.Get("target")), Protocol: item.Get("protocol").Str()}
		p.Value = first(b.member(item, "published"), b.member(item, "target"))
		if p.Set {
			s.Ports = append(s.Ports, p)
		}
	}
}

// textOf is the text of a scalar, with holes.
func textOf(n *document.Node) string {
	if n == nil || n.Kind == document.Map || n.Kind == document.List {
		return ""
	}
	return n.Text
}

func keysOf(n *document.Node) []*document.Node {
	if n == nil || n.Kind != document.Map {
		return nil
	}
	return n.Keys
}
