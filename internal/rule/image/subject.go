// SPDX-License-Identifier: Apache-2.0

package image

import (
	"io/fs"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Variables are what rules of users see of an image: its configuration (without
// the values of its variables), the texts of its history (without secrets), its
// labels, the files that were noted, its packages.
func Variables() check.Variables {
	return check.Variables{
		"config": "map(string, dyn)", "history": "list(string)", "labels": "map(string, string)", "env": "list(string)",
		"files": "list(dyn)", "packages": "list(dyn)", "target": "map(string, dyn)", "os": "map(string, dyn)",
	}
}

// subject is an image as rules of users see it.
type subject struct{ i *Image }

func (s subject) Vars() map[string]any {
	i := s.i
	c := i.Config
	created := ""
	if c.Created != nil {
		created = c.Created.UTC().Format("2006-01-02T15:04:05Z")
	}
	history := make([]string, 0, len(i.Steps))
	for n := range i.Steps {
		history = append(history, i.Steps[n].Shown())
	}
	labels := make(map[string]string, len(c.Labels))
	for k, v := range c.Labels {
		if labels[k] = v; hidesSecret(k, v) {
			labels[k] = mask
		}
	}
	env := make([]string, 0, len(c.Env))
	for _, e := range c.Env {
		name, _, _ := strings.Cut(e, "=")
		env = append(env, name)
	}
	files := make([]any, 0, len(i.Files))
	for n := range i.Files {
		f := &i.Files[n]
		files = append(files, map[string]any{
			"path": "/" + f.Location.Path, "mode": int64(octal(fs.FileMode(f.Mode))), "uid": int64(f.UID), "gid": int64(f.GID), "size": f.Size,
			"link": f.Link, "notes": texts(f.Notes), "layer": f.Location.Layer,
		})
	}
	packages := make([]any, 0, len(i.Packages))
	for n := range i.Packages {
		if p := &i.Packages[n]; !p.Hidden {
			packages = append(packages, map[string]any{"name": p.Name, "version": p.Version, "ecosystem": p.Ecosystem, "purl": p.PURL, "licenses": texts(p.Licenses)})
		}
	}
	release := map[string]any{"id": "", "version": "", "eol": ""}
	if i.OS != nil {
		release = map[string]any{"id": i.OS.ID, "version": i.OS.Version, "eol": i.OS.EOL}
	}
	return map[string]any{
		"config": map[string]any{
			"user": c.User, "workingDir": c.WorkingDir, "entrypoint": shown(c.Entrypoint), "cmd": shown(c.Cmd), "exposedPorts": texts(c.ExposedPorts),
			"volumes": texts(c.Volumes), "healthcheck": shown(c.Healthcheck), "created": created, "author": c.Author, "tags": texts(c.Tags), "layers": int64(len(i.Layers)),
		},
		"history": history, "labels": labels, "env": env, "files": files, "packages": packages,
		"target": map[string]any{"name": i.Target.Name, "kind": string(i.Target.Kind), "source": i.Target.Source, "digest": i.Target.Digest},
		"os":     release,
	}
}

func texts(list []string) []any {
	out := make([]any, 0, len(list))
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

// shown are the words of a command without secrets.
func shown(list []string) []any {
	out := make([]any, 0, len(list))
	for _, s := range list {
		out = append(out, maskText(s))
	}
	return out
}

// Locate finds the part of the image that a path speaks of.
func (s subject) Locate(path string) check.Hit {
	part, rest, _ := strings.Cut(path, ".")
	part, index, _ := strings.Cut(part, "[")
	switch part {
	case "files":
		if n := id(strings.TrimSuffix(index, "]")); n >= 0 && n < int64(len(s.i.Files)) {
			return s.i.hit(&s.i.Files[n])
		}
	case "history":
		if n := id(strings.TrimSuffix(index, "]")); n >= 0 && n < int64(len(s.i.Steps)) {
			return s.i.step(&s.i.Steps[n])
		}
	case "config":
		return check.Hit{Resource: "config", Excerpt: rest}
	}
	return check.Hit{Resource: part, Excerpt: strings.Trim(index, `]"'`)}
}

var _ check.Subject = subject{}

var _ sekisho.Noter = noter{}
