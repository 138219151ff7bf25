// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/rule/shell"
)

// gitlabWords are the members of the top that are no jobs
// (https://docs.gitlab.com/ci/yaml/).
var gitlabWords = []string{"default", "include", "stages", "variables", "workflow", "image", "services", "before_script", "after_script", "cache", "spec", "types"}

func (d *Definition) gitlab() {
	d.gitlabJob(d.Root, "")
	d.gitlabJob(d.Root.Get("default"), "")
	for name, job := range d.Root.Members() {
		if !slices.Contains(gitlabWords, name) && job.Kind == document.Map {
			d.gitlabJob(job, "job/"+name)
		}
	}
	for _, inc := range gitlabIncludes(d.Root.Get("include")) {
		for _, kind := range []string{"remote", "project", "component", "template"} {
			v := inc.Get(kind)
			if v.Str() == "" {
				continue
			}
			d.Uses = append(d.Uses, Use{Ref: v.Str(), Node: v, With: inc, Kind: kind})
		}
		if strings.HasPrefix(inc.Str(), "https://") || strings.HasPrefix(inc.Str(), "http://") {
			d.Uses = append(d.Uses, Use{Ref: inc.Str(), Node: inc, Kind: "remote"})
		}
	}
}

func gitlabIncludes(n *document.Node) []*document.Node {
	if n == nil {
		return nil
	}
	if n.Kind == document.List {
		return n.Items
	}
	return []*document.Node{n}
}

func (d *Definition) gitlabJob(job *document.Node, title string) {
	if job == nil || job.Kind != document.Map {
		return
	}
	d.variables(job.Get("variables"), title)
	for _, n := range append([]*document.Node{job.Get("image")}, job.Get("services").List()...) {
		service := n != job.Get("image")
		if n.Str() != "" {
			d.image(n, n.Str(), title, service)
			continue
		}
		v := n.Get("name")
		d.image(v, v.Str(), title, service)
		d.variables(n.Get("variables"), title)
		if c := n.Get("command"); c != nil {
			d.Containers = append(d.Containers, Container{Job: title, Node: c, Image: v.Str()})
		}
	}
	for _, key := range []string{"before_script", "script", "after_script"} {
		for _, n := range strs(job.Get(key)) {
			d.script(n, title, shell.Bash, true)
		}
	}
}

// circleci reads a configuration
// (https://circleci.com/docs/configuration-reference/).
func (d *Definition) circleci() {
	for name, v := range d.Root.Get("orbs").Members() {
		if v.Str() != "" {
			d.Uses = append(d.Uses, Use{Ref: v.Str(), Node: v, Kind: "orb", Job: ""})
		} else if v.Kind == document.Map {
			for command, c := range v.Get("commands").Members() {
				d.circleciSteps(c.Get("steps"), "orb/"+name+"/"+command)
			}
			for job, c := range v.Get("jobs").Members() {
				d.circleciJob(c, "orb/"+name+"/"+job)
			}
		}
	}
	for name, c := range d.Root.Get("commands").Members() {
		d.circleciSteps(c.Get("steps"), "command/"+name)
	}
	for name, c := range d.Root.Get("executors").Members() {
		d.circleciJob(c, "executor/"+name)
	}
	for name, c := range d.Root.Get("jobs").Members() {
		d.circleciJob(c, "job/"+name)
	}
}

func (d *Definition) circleciJob(job *document.Node, title string) {
	d.variables(job.Get("environment"), title)
	for i, c := range job.Get("docker").List() {
		image := c.Get("image")
		d.image(image, image.Str(), title, i > 0)
		d.variables(c.Get("environment"), title)
		d.variables(c.Get("auth"), title)
		d.variables(c.Get("aws_auth"), title)
	}
	d.circleciSteps(job.Get("steps"), title)
}

func (d *Definition) circleciSteps(steps *document.Node, title string) {
	for _, step := range steps.List() {
		run := step.Get("run")
		if run.Str() != "" {
			d.script(run, title, shell.Bash, true)
			continue
		}
		if run != nil {
			dialect, known := shell.Bash, true
			if sh := run.Get("shell").Str(); sh != "" {
				sh, _, _ = strings.Cut(sh, " ")
				dialect, known = shell.DialectOf(sh)
			}
			d.variables(run.Get("environment"), title)
			d.script(run.Get("command"), title, dialect, known)
		}
		for _, key := range []string{"when", "unless"} {
			d.circleciSteps(step.Get(key, "steps"), title)
		}
	}
}

// tekton reads tasks, pipelines and their runs
// (https://tekton.dev/docs/pipelines/tasks/).
func (d *Definition) tekton() bool {
	if !strings.HasPrefix(d.Root.Get("apiVersion").Str(), "tekton.dev/") {
		return false
	}
	kind := d.Root.Get("kind").Str()
	title := kind + "/" + d.Root.Get("metadata", "name").Str()
	spec := d.Root.Get("spec")
	switch kind {
	case "Task", "ClusterTask", "StepAction":
		d.tektonTask(spec, title)
	case "TaskRun":
		d.tektonTask(spec.Get("taskSpec"), title)
	case "Pipeline":
		d.tektonPipeline(spec, title)
	case "PipelineRun":
		d.tektonPipeline(spec.Get("pipelineSpec"), title)
	default:
		return false
	}
	return true
}

func (d *Definition) tektonPipeline(spec *document.Node, title string) {
	for _, key := range []string{"tasks", "finally"} {
		for _, t := range spec.Get(key).List() {
			d.tektonTask(t.Get("taskSpec"), title)
		}
	}
}

func (d *Definition) tektonTask(spec *document.Node, title string) {
	if spec == nil {
		return
	}
	usual := spec.Get("stepTemplate")
	var parts []*document.Node
	parts = append(parts, spec.Get("steps").List()...)
	parts = append(parts, spec.Get("sidecars").List()...)
	if spec.Get("image") != nil {
		parts = append(parts, spec) // a StepAction is its own step
	}
	for _, step := range parts {
		image := step.Get("image")
		if image == nil {
			image = usual.Get("image")
		} else {
			d.image(image, image.Str(), title, false)
		}
		for _, e := range step.Get("env").List() {
			if v := e.Get("value"); v != nil {
				d.Variables = append(d.Variables, Variable{Name: e.Get("name").Str(), Key: e.Key("value"), Value: v, Job: title})
			}
		}
		security := step.Get("securityContext")
		if security == nil {
			security = usual.Get("securityContext")
		}
		d.Containers = append(d.Containers, Container{Job: title, Node: step, Image: image.Str(), Security: security})
		d.tektonScript(step, title)
	}
	if v := spec.Get("volumes"); v != nil {
		d.Containers = append(d.Containers, Container{Job: title, Node: v, Volumes: v})
	}
}

func (d *Definition) tektonScript(step *document.Node, title string) {
	if s := step.Get("script"); s.Str() != "" {
		dialect, known := shell.POSIX, true
		if first, _, _ := strings.Cut(s.Text, "\n"); strings.HasPrefix(first, "#!") {
			words := strings.Fields(first[2:])
			known = false
			for _, w := range words {
				if dialect, known = shell.DialectOf(w); known {
					break
				}
			}
		}
		d.script(s, title, dialect, known)
		return
	}
	words := append(strs(step.Get("command")), strs(step.Get("args"))...)
	for i, w := range words {
		if w.Str() == "-c" && i > 0 && i+1 < len(words) {
			if dialect, known := shell.DialectOf(words[i-1].Str()); known {
				d.script(words[i+1], title, dialect, true)
			}
			return
		}
	}
	for _, w := range words {
		// A program with its arguments: each option is judged by itself.
		d.script(w, title, shell.POSIX, false)
	}
}

// codebuild reads a buildspec
// (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html).
func (d *Definition) codebuild() {
	d.variables(d.Root.Get("env", "variables"), "")
	dialect, known := shell.POSIX, true
	if sh := d.Root.Get("env", "shell").Str(); sh != "" {
		dialect, known = shell.DialectOf(sh)
	}
	for name, phase := range d.Root.Get("phases").Members() {
		for _, key := range []string{"commands", "finally"} {
			for _, n := range strs(phase.Get(key)) {
				d.script(n, "phase/"+name, dialect, known)
			}
		}
	}
}
