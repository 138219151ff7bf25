// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A runner does with a composite action what GitHub's does, as far as ours asks:
// expressions in env and if, outputs of steps, files of commands, and steps in a
// shell of their own.
type runner struct {
	t         *testing.T
	action    string // directory
	workspace string
	temp      string
	env       []string
	inputs    map[string]string
	github    map[string]string // by its path: event.before
}

type actionFile struct {
	Inputs  map[string]struct{ Description, Default string }
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	ID, Name, If, Shell, Run, Uses string
	Env                            map[string]string
}

// outcome of a run.
type outcome struct {
	ok      bool
	log     string
	outputs map[string]string
	summary string
	ran     []string
	// envs that each step was given, beside the runner's own.
	envs map[string]map[string]string
}

func loadAction(t *testing.T, dir string) *actionFile {
	t.Helper()
	var a actionFile
	d := yaml.NewDecoder(strings.NewReader(read(t, filepath.Join(dir, "action.yml"))))
	if err := d.Decode(&a); err != nil {
		t.Fatal(err)
	}
	return &a
}

func newRunner(t *testing.T, workspace string) *runner {
	t.Helper()
	return &runner{
		t: t, action: absolute(t, root+"/deploy/github-action"), workspace: workspace, temp: t.TempDir(),
		inputs: map[string]string{"binary": program(t)}, github: map[string]string{"token": "job-token", "repository": "team/app"},
	}
}

func (r *runner) run() *outcome {
	t := r.t
	t.Helper()
	need(t, "sh", "git")
	a := loadAction(t, r.action)
	inputs := map[string]string{}
	for name, in := range a.Inputs {
		inputs[name] = r.fill(in.Default, nil, nil)
	}
	for name, v := range r.inputs {
		if _, ok := a.Inputs[name]; !ok {
			t.Fatalf("the action has no input %s", name)
		}
		inputs[name] = v
	}
	out := &outcome{ok: true, outputs: map[string]string{}, envs: map[string]map[string]string{}}
	steps := map[string]map[string]string{}
	summary := filepath.Join(r.temp, "summary")
	for i, s := range a.Runs.Steps {
		name := orName(s.ID, s.Name)
		condition := s.If
		if !strings.Contains(condition, "always()") {
			if !out.ok {
				continue
			}
			condition = strings.TrimPrefix(condition+" && true", " && ")
		}
		if !truth(r.value(condition, inputs, steps)) {
			continue
		}
		file := filepath.Join(r.temp, fmt.Sprintf("step%d.sh", i))
		output := filepath.Join(r.temp, fmt.Sprintf("output%d", i))
		write(t, r.temp, map[string]string{filepath.Base(file): s.Run, filepath.Base(output): ""})
		env := environment(t, append([]string{
			"RUNNER_TEMP=" + r.temp, "RUNNER_OS=Linux", "RUNNER_ARCH=X64", "RUNNER_TOOL_CACHE=" + filepath.Join(r.temp, "tools"), "GITHUB_ACTIONS=true",
			"GITHUB_ACTION_PATH=" + r.action, "GITHUB_OUTPUT=" + output, "GITHUB_STEP_SUMMARY=" + summary, "GITHUB_WORKSPACE=" + r.workspace,
			"GITHUB_REPOSITORY=" + r.github["repository"], "GITHUB_SHA=" + strings.Repeat("ab", 20), "GITHUB_REF=refs/pull/7/merge", "GITHUB_RUN_ID=42",
			"GITHUB_SERVER_URL=https://github.com",
		}, r.env...)...)
		given := map[string]string{}
		for _, k := range slices.Sorted(maps.Keys(s.Env)) {
			given[k] = r.fill(s.Env[k], inputs, steps)
			env = append(env, k+"="+given[k])
		}
		out.envs[name] = given
		if s.Shell != "sh" {
			t.Fatalf("step %s runs in %q", name, s.Shell)
		}
		status, log := run(t, r.workspace, env, "sh", "-e", file)
		out.log += log
		out.ran = append(out.ran, name)
		out.ok = out.ok && status == 0
		steps[s.ID] = map[string]string{}
		for line := range strings.Lines(read(t, output)) {
			k, v, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			if !ok {
				t.Errorf("step %s wrote %q among its outputs", name, line)
			}
			steps[s.ID][k] = v
		}
	}
	for name, o := range a.Outputs {
		out.outputs[name] = r.fill(o.Value, inputs, steps)
	}
	if b, err := os.ReadFile(summary); err == nil {
		out.summary = string(b)
	}
	return out
}

func orName(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

var embedded = regexp.MustCompile(`\$\{\{(.*?)\}\}`)

func (r *runner) fill(s string, inputs map[string]string, steps map[string]map[string]string) string {
	return embedded.ReplaceAllStringFunc(s, func(e string) string {
		return r.value(e[3:len(e)-2], inputs, steps)
	})
}

func truth(s string) bool { return s != "" && s != "false" }

var expressionToken = regexp.MustCompile(`\s*(\|\||&&|==|!=|!|\(|\)|'[^']*'|[\w.-]+(?:\(\))?)`)

// value computes an expression of strings: ||, &&, ==, !=, !, brackets, names.
func (r *runner) value(text string, inputs map[string]string, steps map[string]map[string]string) string {
	var tokens []string
	rest := strings.TrimSpace(text)
	for rest != "" {
		m := expressionToken.FindStringSubmatchIndex(rest)
		if m == nil || m[0] != 0 {
			r.t.Fatalf("expression %q: cannot read %q", text, rest)
		}
		tokens = append(tokens, rest[m[2]:m[3]])
		rest = strings.TrimSpace(rest[m[1]:])
	}
	next := func() string {
		if len(tokens) == 0 {
			return ""
		}
		return tokens[0]
	}
	take := func() string { s := next(); tokens = tokens[1:]; return s }
	word := func(b bool) string {
		if b {
			return "true"
		}
		return ""
	}
	var or func() string
	var atom func() string
	atom = func() string {
		switch s := take(); {
		case s == "!":
			return word(!truth(atom()))
		case s == "(":
			v := or()
			if take() != ")" {
				r.t.Fatalf("expression %q: a bracket is open", text)
			}
			return v
		case strings.HasPrefix(s, "'"):
			return strings.Trim(s, "'")
		case s == "always()", s == "true":
			return "true"
		case strings.HasPrefix(s, "inputs."):
			v, known := inputs[s[7:]]
			if !known {
				r.t.Fatalf("expression %q: no input %s", text, s)
			}
			return v
		case strings.HasPrefix(s, "steps."):
			p := strings.Split(s, ".")
			return steps[p[1]][p[3]]
		case strings.HasPrefix(s, "github."):
			return r.github[s[7:]]
		default:
			r.t.Fatalf("expression %q: what is %s?", text, s)
			return ""
		}
	}
	compared := func() string {
		v := atom()
		for next() == "==" || next() == "!=" {
			if op, w := take(), atom(); op == "==" {
				v = word(v == w)
			} else {
				v = word(v != w)
			}
		}
		return v
	}
	and := func() string {
		v := compared()
		for next() == "&&" {
			take()
			if w := compared(); truth(v) {
				v = w
			}
		}
		return v
	}
	or = func() string {
		v := and()
		for next() == "||" {
			take()
			if w := and(); !truth(v) {
				v = w
			}
		}
		return v
	}
	v := or()
	if len(tokens) > 0 {
		r.t.Fatalf("expression %q: %v is left", text, tokens)
	}
	return v
}
