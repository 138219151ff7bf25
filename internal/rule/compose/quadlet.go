// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// quadletTypes are the kinds of quadlets by file name
// (https://docs.podman.io/en/latest/markdown/podman-systemd.unit.5.html).
var quadletTypes = map[string]bool{".container": true, ".pod": true, ".kube": true, ".volume": true, ".network": true, ".image": true, ".build": true}

// rootlessDirs are where the units of users' own service managers are.
var rootlessDirs = []string{".config/containers/systemd/", "containers/systemd/users/", ".config/systemd/user/", "systemd/user/"}

func rootlessPath(p string) bool {
	for _, d := range rootlessDirs {
		if strings.HasPrefix(p, d) || strings.Contains(p, "/"+d) {
			return true
		}
	}
	return false
}

// quadlet reads one quadlet.
func quadlet(file string, text []byte) []*Service {
	u, bad := parseUnit(file, string(text))
	var out []*Service
	for _, b := range bad {
		s := brokenService(sekisho.ResourceQuadlet, file, b.Line, "this is neither a heading nor Key=value: "+short(b.Written))
		out = append(out, s)
		if len(out) >= 20 {
			break
		}
	}
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	main := map[string]string{".container": "Container", ".pod": "Pod", ".kube": "Kube", ".volume": "Volume", ".network": "Network", ".image": "Image", ".build": "Build"}[path.Ext(file)]
	s := &Service{Kind: sekisho.ResourceQuadlet, Name: name, Resource: strings.ToLower(main) + "/" + name, Rootless: rootlessPath(file), Lasting: main == "Container"}
	// A pod's containers have files of their own; the rest are no containers.
	s.Partial = main != "Container"
	s.At = Value{Set: true, Written: "[" + main + "]", File: file, Line: 1, EndLine: strings.Count(string(text), "\n") + 1}
	for _, h := range u.sections {
		if h.Text == main {
			s.At.Line, s.At.Column = h.Line, h.Column
			break
		}
	}
	for i := range u.entries {
		e := &u.entries[i]
		e.Literal = true
		switch e.section {
		case main:
			s.quadletKey(main, e)
		case "Service":
			s.serviceKey(e)
		}
	}
	return append(out, s)
}

// serviceKey notes the limits and the restart policy that systemd keeps.
func (s *Service) serviceKey(e *entry) {
	switch e.key {
	case "Restart":
		s.Restart = e.Value
	case "MemoryMax", "MemoryHigh":
		s.Memory = e.Value
	case "TasksMax":
		s.Pids = e.Value
	case "CPUQuota", "CPUWeight":
		s.CPUs = e.Value
	case "Slice":
		s.CgroupParent = e.Value
	}
}

// quadletOptions are the options of podman run that a key stands for.
var quadletOptions = map[string]string{
	"User": "--user", "AddDevice": "--device", "Volume": "--volume", "Mount": "--mount", "PublishPort": "--publish", "Network": "--network",
	"EnvironmentFile": "--env-file", "HealthCmd": "--health-cmd", "PidsLimit": "--pids-limit", "Memory": "--memory", "ReadOnly": "--read-only",
	"Ulimit": "--ulimit", "UserNS": "--userns", "LogDriver": "--log-driver", "ContainerName": "--name", "PodName": "--name", "TLSVerify": "--tls-verify",
}

// quadletKey notes a key of the main section.
func (s *Service) quadletKey(main string, e *entry) {
	v := e.Value
	switch e.key {
	case "Image":
		// A volume's image is not run; that of an .image or .build unit is judged there.
		if main == "Container" || main == "Image" {
			if ext := path.Ext(v.Text); ext != ".image" && ext != ".build" {
				s.Image = v
			} else {
				s.Build = v
			}
		}
	case "AddCapability", "DropCapability":
		for _, c := range e.words() {
			c.Written = e.key + "=" + c.Written
			s.apply(map[string]string{"AddCapability": "--cap-add", "DropCapability": "--cap-drop"}[e.key], c)
		}
	case "NoNewPrivileges":
		v.Text = "no-new-privileges:" + v.Text
		s.SecurityOpt = append(s.SecurityOpt, v)
	case "SecurityLabelDisable":
		if v.True() {
			v.Text = "label=disable"
			s.SecurityOpt = append(s.SecurityOpt, v)
		}
	case "SeccompProfile":
		v.Text = "seccomp=" + v.Text
		s.SecurityOpt = append(s.SecurityOpt, v)
	case "AppArmor":
		v.Text = "apparmor=" + v.Text
		s.SecurityOpt = append(s.SecurityOpt, v)
	case "Unmask":
		v.Text = "unmask=" + v.Text
		s.SecurityOpt = append(s.SecurityOpt, v)
	case "Environment":
		for _, p := range e.words() {
			p.Literal = true
			s.env(p)
		}
	case "AutoUpdate":
		s.AutoUpdate = v
	case "Exec", "Entrypoint":
		s.Command = append(s.Command, e.words()...)
	case "PodmanArgs", "GlobalArgs":
		words := e.words()
		for i := range words {
			if strings.HasPrefix(words[i].Text, "-") {
				words[i].Written = e.key + "=" + words[i].Written
			}
		}
		if main == "Container" || main == "Pod" || main == "Kube" {
			s.options(words)
		}
	case "Pod":
		// The network, the ports and the user namespace are the pod's.
		s.Partial = true
	default:
		if option := quadletOptions[e.key]; option != "" && (main == "Container" || main == "Pod" || main == "Kube" || e.key == "TLSVerify") {
			s.apply(option, v)
			if option == "--name" && v.Known() && v.Text != "" {
				s.Name = v.Text
			}
		}
	}
}
