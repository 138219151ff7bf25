// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// hole stands in a text for a variable whose value is not known.
const hole = "\x00"

// Value is one setting with the place where it is written.
type Value struct {
	// Text is the value; a hole stands for each variable that is not known.
	Text string
	// Set is false for a setting that is not there.
	Set bool
	// Literal is true when no variable was in it.
	Literal bool
	// Written is the setting as it is written, in one line: "privileged: true",
	// "PodmanArgs=--privileged", "--privileged".
	Written                          string
	File                             string
	Line, Column, EndLine, EndColumn int
}

// Known is true when all of the text is known, also of a setting that is absent.
func (v Value) Known() bool { return !strings.Contains(v.Text, hole) }

// Is reports a known value, whatever its case.
func (v Value) Is(texts ...string) bool {
	if v.Set {
		for _, t := range texts {
			if strings.EqualFold(v.Text, t) {
				return true
			}
		}
	}
	return false
}

// True reports whether the value switches something on.
func (v Value) True() bool { return v.Is("true", "yes", "1", "on") }

// node is the value as a node of a document, for rules of users.
func (v Value) any() any {
	switch {
	case !v.Set || !v.Known():
		return nil
	case v.Is("true"):
		return true
	case v.Is("false"):
		return false
	}
	return v.Text
}

// Mount is a volume, a bind mount or a tmpfs.
type Mount struct {
	Value
	// Type is "bind", "volume", "tmpfs", "image" ...
	Type           string
	Source, Target string
	ReadOnly       bool
	// Propagation is "shared", "rslave"; empty when it is not asked for.
	Propagation string
}

// Port is a port that is published on the host.
type Port struct {
	Value
	// IP of the host, empty for all; Host port, empty for one that the engine
	// chooses. Ranges are as written: "8000-8010".
	IP, Host, Container, Protocol string
}

// Pair is a variable of the environment; Value.Text is its value.
type Pair struct {
	Name string
	Value
	// Given is false for a variable that is handed on from the caller.
	Given bool
}

// Service is one container as a Compose file, a quadlet or a command line asks
// for it.
type Service struct {
	// Kind of resource that it was read from.
	Kind string
	// Name of the service, the unit or the container.
	Name     string
	At       Value
	Settings *check.Settings
	// File whose findings are wanted: a service can be made of several files,
	// and is judged once for each.
	File string
	// Resource as findings name it: "service/web".
	Resource string
	// Partial is true when more settings may come from elsewhere: what is absent
	// is not known to be absent.
	Partial bool
	// Lasting is true for a container that is meant to stay.
	Lasting bool
	// Rootless is true when the engine is known to run as a user.
	Rootless bool
	// Exec is true for docker exec: a process in a container that runs.
	Exec bool
	// Docs is true for an example in a page of documentation.
	Docs bool
	// Broken says what is wrong with a file that cannot be read; such a service
	// has nothing but At.
	Broken string

	// LocalImage is true for an image that the same file builds.
	LocalImage bool

	Image, Build, Privileged, User                         Value
	CapAdd, CapDrop, SecurityOpt                           []Value
	PID, IPC, UserNS, UTS, Cgroup                          Value
	Network                                                []Value
	Mounts                                                 []Mount
	Devices, DeviceRules                                   []Value
	Ports                                                  []Port
	Environment, BuildArgs                                 []Pair
	EnvFiles                                               []Value
	Command, Health                                        []Value
	ReadOnly, Healthcheck, NoHealthcheck, Restart, Logging Value
	Memory, CPUs, Pids                                     Value
	Ulimits                                                []Value
	CgroupParent, OOMKillDisable                           Value
	// APISocket is Compose's use_api_socket; BuildPrivileged what gives rights to
	// its build; TLSVerify the check of the registry's certificate; AutoUpdate
	// the policy of podman auto-update.
	APISocket, TLSVerify, InsecureRegistry, AutoUpdate Value
	BuildPrivileged                                    []Value

	raw  *document.Node
	envs map[string]*envFile
}

// hit is a setting as a place that breaks a rule. The first argument of every
// rule's texts is the name of the service.
func (s *Service) hit(v Value, args ...string) check.Hit {
	return check.Hit{
		Path: v.File, Line: v.Line, Column: v.Column, EndLine: v.EndLine, EndColumn: v.EndColumn,
		Resource: s.Resource, Excerpt: strings.ReplaceAll(v.Written, hole, "?"), Args: append([]string{s.Name}, args...),
	}
}

// self is the service as a whole, for what is missing.
func (s *Service) self() check.Hit { return s.hit(s.At) }

// option is the value of an option of security_opt: "seccomp" of
// "seccomp=unconfined" or "seccomp:unconfined".
func option(v Value) (name, value string) {
	i := strings.IndexAny(v.Text, "=:")
	if i < 0 {
		return strings.ToLower(v.Text), ""
	}
	return strings.ToLower(v.Text[:i]), v.Text[i+1:]
}

// hostNetwork reports the network of the host, as far as it is known.
func (s *Service) hostNetwork() bool {
	for _, n := range s.Network {
		if n.Is("host") {
			return true
		}
	}
	return false
}

// kinds are those that the rules of the room are made for.
var kinds = []string{sekisho.ResourceCompose, sekisho.ResourceQuadlet, sekisho.ResourceDockerRun}

// short makes a value's text fit an excerpt.
func short(s string) string {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i] + " ..."
	}
	return s
}

// markLocal marks the services whose image another service, or another command
// of the file, builds.
func markLocal(services []*Service, built map[string]bool) {
	for _, s := range services {
		s.LocalImage = s.Image.Set && built[strings.TrimSuffix(s.Image.Text, ":latest")]
	}
}
