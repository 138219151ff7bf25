// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"maps"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/rule/shell"
)

// githubWorkflow reads a workflow
// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax).
func (d *Definition) githubWorkflow() {
	d.On = map[string]*document.Node{}
	on := d.Root.Get("on")
	switch {
	case on != nil && on.Kind == document.Map:
		maps.Insert(d.On, on.Members())
	default:
		for _, n := range strs(on) {
			d.On[n.Str()] = n
		}
	}
	d.variables(d.Root.Get("env"), "")
	usual := d.Root.Get("defaults", "run", "shell").Str()
	for name, job := range d.Root.Get("jobs").Members() {
		title := "job/" + name
		d.variables(job.Get("env"), title)
		if u := job.Get("uses"); u.Str() != "" {
			d.Uses = append(d.Uses, Use{Ref: u.Str(), Node: u, With: job.Get("with"), Job: title, Kind: "workflow"})
		}
		d.githubContainer(job.Get("container"), title, false)
		for _, s := range job.Get("services").Members() {
			d.githubContainer(s, title, true)
		}
		sh := job.Get("defaults", "run", "shell").Str()
		if sh == "" {
			sh = usual
		}
		windows := false
		for _, n := range strs(job.Get("runs-on")) {
			windows = windows || strings.Contains(strings.ToLower(n.Str()), "windows")
		}
		d.githubSteps(job.Get("steps"), title, sh, windows)
	}
}

func (d *Definition) githubContainer(n *document.Node, job string, service bool) {
	if n.Str() != "" {
		d.image(n, n.Str(), job, service)
		return
	}
	if n == nil || n.Kind != document.Map {
		return
	}
	image := n.Get("image")
	d.image(image, image.Str(), job, service)
	d.variables(n.Get("env"), job)
	d.Containers = append(d.Containers, Container{Job: job, Node: n, Image: image.Str(), Options: d.options(n.Get("options"), job), Volumes: n.Get("volumes")})
	if c := n.Get("credentials"); c != nil {
		d.variables(c, job)
	}
}

// githubSteps reads the steps of a job or a composite action. Where windows is
// true, a step without a shell of its own may be PowerShell.
func (d *Definition) githubSteps(steps *document.Node, job, usual string, windows bool) {
	for _, step := range steps.List() {
		d.variables(step.Get("env"), job)
		if u := step.Get("uses"); u.Str() != "" {
			if ref, ok := strings.CutPrefix(u.Str(), "docker://"); ok {
				d.image(u, ref, job, false)
			} else {
				d.Uses = append(d.Uses, Use{Ref: u.Str(), Node: u, With: step.Get("with"), Job: job, Kind: "action"})
			}
		}
		name := step.Get("shell").Str()
		if name == "" {
			name = usual
		}
		dialect, known := shell.Bash, !windows
		if name != "" {
			name, _, _ = strings.Cut(name, " ")
			dialect, known = shell.DialectOf(name)
		}
		d.script(step.Get("run"), job, dialect, known)
	}
}
