// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Inputs reach the scripts by the environment, only those steps have the token
// that talk to GitHub, and nothing of a third party is used.
func TestActionIsNarrow(t *testing.T) {
	a := loadAction(t, root+"/deploy/github-action")
	if a.Runs.Using != "composite" || len(a.Runs.Steps) < 5 {
		t.Fatalf("not a composite action of several steps: %+v", a.Runs)
	}
	for _, s := range a.Runs.Steps {
		if s.Uses != "" {
			t.Errorf("step %s uses %s: an action of elsewhere needs its commit, which nobody checked", s.Name, s.Uses)
		}
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %s has an expression in its script", s.Name)
		}
		token := false
		for _, v := range s.Env {
			token = token || strings.Contains(v, "token")
		}
		if want := s.Name == "Comment" || s.Name == "Code scanning"; token != want {
			t.Errorf("step %s has the token: %v", s.Name, token)
		}
	}
	for name, in := range a.Inputs {
		if in.Description == "" {
			t.Errorf("input %s has no description", name)
		}
		used := false
		for _, s := range a.Runs.Steps {
			used = used || strings.Contains(s.If, "inputs."+name)
			for _, v := range s.Env {
				used = used || regexp.MustCompile(`inputs\.`+name+`\b`).MatchString(v)
			}
		}
		if !used {
			t.Errorf("input %s is used by no step", name)
		}
	}
}

// The gate fails on a finding that the change brings and passes one that was
// there; reports, annotations and outputs are there in both cases.
func TestActionGatesOnWhatIsNew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		brings   map[string]string
		inputs   map[string]string
		env      []string
		github   map[string]string
		ok       bool
		findings string
		annotate string
	}{
		{"a new one", map[string]string{"compose.yaml": newCompose}, map[string]string{"since": "auto", "fail-on": "new:high"}, []string{"GITHUB_BASE_REF=main"}, nil, false, "1", "::error file=compose.yaml,line=4,"},
		{"a known one", map[string]string{"notes.txt": "x\n"}, map[string]string{"since": "auto", "fail-on": "new:high"}, []string{"GITHUB_BASE_REF=main"}, nil, true, "0", ""},
		{"all", map[string]string{"notes.txt": "x\n"}, map[string]string{"fail-on": "high"}, nil, nil, false, "1", "::error file=old/compose.yaml,line=4,"},
		{"no gate", map[string]string{"compose.yaml": newCompose}, map[string]string{"fail-on": ""}, nil, nil, true, "2", "::error file=compose.yaml,line=4,"},
		{"a baseline", map[string]string{"compose.yaml": newCompose}, map[string]string{"baseline": "origin/main", "fail-on": "new:high"}, nil, nil, false, "2", "::error file=compose.yaml,line=4,"},
		{"a push", map[string]string{"compose.yaml": newCompose}, map[string]string{"since": "auto", "fail-on": "new:high"}, nil, map[string]string{"event.before": "PARTED"}, false, "1", "::error file=compose.yaml,line=4,"},
		{"a new branch", map[string]string{"compose.yaml": newCompose}, map[string]string{"since": "auto", "fail-on": "new:high"}, nil, map[string]string{"event.before": strings.Repeat("0", 40)}, true, "2", "::warning title=Sekisho::This event has nothing to compare with"},
		{"arguments", map[string]string{"compose.yaml": newCompose, "b.yaml": "x: 1\n"}, map[string]string{"fail-on": "high", "args": "--exclude\n*.yaml\n--no-cache"}, nil, nil, true, "0", ""},
		{"scanners", map[string]string{"compose.yaml": newCompose}, map[string]string{"fail-on": "high", "scanners": "secret"}, nil, nil, true, "0", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, parted := project(t, c.brings)
			r := newRunner(t, dir)
			maps.Copy(r.inputs, c.inputs)
			for k, v := range c.github {
				r.github[k] = strings.Replace(v, "PARTED", parted, 1)
			}
			r.env = c.env
			out := r.run()
			if out.ok != c.ok || out.outputs["findings"] != c.findings {
				t.Fatalf("ok %v, %s findings, want %v, %s:\n%s", out.ok, out.outputs["findings"], c.ok, c.findings, out.log)
			}
			if !strings.Contains(out.log, c.annotate) || c.annotate == "" && strings.Contains(out.log, "::error") {
				t.Errorf("no %q in the log:\n%s", c.annotate, out.log)
			}
			if !strings.Contains(out.summary, "**Verdict: ") || !strings.Contains(out.log, "Verdict: ") {
				t.Errorf("no verdict in the summary %q or the log", out.summary)
			}
			var report struct {
				Findings []struct{ State string }
			}
			if err := json.Unmarshal([]byte(read(t, out.outputs["json"])), &report); err != nil {
				t.Error(err)
			}
			if c.findings != "0" && len(report.Findings) == 0 {
				t.Error("the report has no findings")
			}
			if !strings.Contains(read(t, out.outputs["sarif"]), `"version": "2.1.0"`) {
				t.Error("there is no SARIF")
			}
			wants := map[bool]string{true: "0", false: "1"}[c.ok]
			if out.outputs["status"] != wants {
				t.Errorf("status %s, want %s", out.outputs["status"], wants)
			}
		})
	}
}

// The language is the reader's; the outputs stay as they are.
func TestActionInJapanese(t *testing.T) {
	t.Parallel()
	dir, _ := project(t, map[string]string{"compose.yaml": newCompose})
	r := newRunner(t, dir)
	r.inputs["since"], r.inputs["fail-on"] = "origin/main", "new:high"
	r.env = []string{"SEKISHO_LANG=ja"}
	out := r.run()
	if out.ok || out.outputs["decision"] != "deny" || out.outputs["high"] != "1" || out.outputs["critical"] != "0" || !strings.Contains(out.summary, "判定") {
		t.Errorf("ok %v, %v: %s", out.ok, out.outputs, out.summary)
	}
}

// What the scanned tree is named is no command to the runner, and inputs are
// never evaluated.
func TestActionHostileInput(t *testing.T) {
	t.Parallel()
	dir, _ := project(t, map[string]string{
		"::error::x/compose.yaml":                        newCompose,
		"a\n::set-env name=PATH::x\n/compose.yaml":       newCompose,
		"$(touch injected)/compose.yaml":                 newCompose,
		"##[add-mask]high/compose.yaml":                  newCompose,
		"::stop-commands::x\n::add-mask::t/compose.yaml": newCompose,
	})
	r := newRunner(t, dir)
	r.inputs["output"] = "html=$(touch injected).html\nsarif=`touch injected`.sarif"
	r.inputs["args"] = "--exclude\n$(touch injected)*; touch injected"
	r.inputs["category"] = "$(touch injected)"
	r.inputs["target"] = "repo:."
	out := r.run()
	if out.ok || out.outputs["status"] != "1" {
		t.Fatalf("status %s: %s", out.outputs["status"], out.log)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "injected*")); len(found) > 0 {
		t.Errorf("an input was run: %v", found)
	}
	if _, text := len(out.log), read(t, filepath.Join(dir, "$(touch injected).html")); !strings.Contains(text, "<html") {
		t.Error("the report that was asked for is not there")
	}
	// Commands count only outside of what was stopped, and there ours alone.
	stopped := ""
	for line := range strings.Lines(out.log) {
		line = strings.TrimSpace(line)
		switch token, stop := strings.CutPrefix(line, "::stop-commands::"); {
		case stopped == "" && stop:
			if len(token) != 32 {
				t.Errorf("the token %q can be guessed", token)
			}
			stopped = "::" + token + "::"
		case stopped != "" && line == stopped:
			stopped = ""
		case stopped == "" && strings.HasPrefix(line, "::"):
			if !regexp.MustCompile(`^::(error|warning|notice) (file=[^,]*,line=\d+,(endLine=\d+,)?(col=\d+,endColumn=\d+,)?)?title=[^:]*::`).MatchString(line) {
				t.Errorf("a command: %s", line)
			}
		case stopped == "" && strings.Contains(line, "##[") && !strings.HasPrefix(line, "::"):
			t.Errorf("an old command: %s", line)
		}
	}
	if stopped != "" {
		t.Error("commands stay stopped")
	}

	for name, inputs := range map[string]map[string]string{
		"target: name":       {"target": ""},
		"standard input":     {"target": "-"},
		"--no-such":          {"args": "--no-such"},
		"there is no such f": {"target": "./missing"},
	} {
		r := newRunner(t, dir)
		maps.Copy(r.inputs, inputs)
		out := r.run()
		if out.ok || !strings.Contains(out.log, name) || slices.Contains(out.ran, "Gate") {
			t.Errorf("%v: ok %v, %v: %s", inputs, out.ok, out.ran, out.log)
		}
	}
}
