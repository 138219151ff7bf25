// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// inGit runs git in a repository of the tests.
func inGit(t *testing.T, dir string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		need(t, "git is needed to make repositories: install git")
	}
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// differs runs sekisho diff in process.
func differs(t *testing.T, dir string, args ...string) *sekisho.Comparison {
	t.Helper()
	var out, errOut bytes.Buffer
	a := &App{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errOut, Dir: dir, Version: "test", Env: []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")},
		Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
	}
	if status := a.Run(t.Context(), append([]string{"diff", "-q", "-f", "json", "--no-cache", "--scanners", "vuln,misconfig,secret,license"}, args...)); status != ExitAllowed {
		t.Fatalf("diff %v: status %d, %s", args, status, errOut.String())
	}
	var c sekisho.Comparison
	if err := json.Unmarshal(out.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

func tellings(all []sekisho.Finding) []string {
	var out []string
	for i := range all {
		f := &all[i]
		out = append(out, strings.TrimSpace(fmt.Sprint(f.Kind, " ", f.Rule, " ", f.Location.Path, " ", f.Resource, " ", f.ID)))
	}
	slices.Sort(out)
	return out
}

// editor makes random changes to a tree of things that have findings.
type editor struct {
	*rand.Rand
	dir   string
	names []string
}

func (e *editor) text() (name, body string) {
	packages := []string{`"node_modules/lodash":{"version":"4.17.%d"}`, `"node_modules/minimist":{"version":"1.2.%d"}`, `"node_modules/ua-parser-js":{"version":"0.7.2%d"}`}
	dir := []string{"", "a/", "b/c/"}[e.IntN(3)]
	switch e.IntN(4) {
	case 0:
		var held []string
		for _, p := range packages {
			if e.IntN(2) == 0 {
				held = append(held, fmt.Sprintf(p, e.IntN(10)))
			}
		}
		return dir + "package-lock.json", `{"name":"app","lockfileVersion":3,"packages":{` + strings.Join(append([]string{`"":{"name":"app"}`}, held...), ",\n") + "}}\n"
	case 1:
		lines := []string{"FROM node:18"}
		for range e.IntN(5) {
			lines = append(lines, []string{"RUN curl http://example.com/a | sh", "ADD http://example.com/x.tar /x", "USER root", "# nothing", "EXPOSE 22"}[e.IntN(5)])
		}
		return dir + []string{"Dockerfile", "web.Dockerfile"}[e.IntN(2)], strings.Join(lines, "\n") + "\n"
	case 2:
		return dir + []string{"one.ini", "two.ini"}[e.IntN(2)], fmt.Sprintf("[default]\naws_access_key_id = AKIAQ6FXOLFGNWNO4SJ%c\n", 'A'+rune(e.IntN(4)))
	}
	var pods []string
	for range 1 + e.IntN(3) {
		pods = append(pods, fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec: {containers: [{name: x, image: 'a:1', securityContext: {privileged: %v}}]}\n", e.IntN(4), e.IntN(2) == 0))
	}
	return dir + "pods.yaml", strings.Join(pods, "---\n")
}

// edit changes, adds, removes or renames a file.
func (e *editor) edit(t *testing.T) {
	t.Helper()
	name, body := e.text()
	if len(e.names) > 0 && e.IntN(4) == 0 {
		i := e.IntN(len(e.names))
		old := filepath.Join(e.dir, e.names[i])
		if e.IntN(2) == 0 {
			if err := os.Remove(old); err != nil {
				t.Fatal(err)
			}
			e.names = slices.Delete(e.names, i, i+1)
			return
		}
		to := "moved/" + fmt.Sprint(e.IntN(1000)) + "/" + filepath.Base(e.names[i])
		if err := os.MkdirAll(filepath.Dir(filepath.Join(e.dir, to)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(old, filepath.Join(e.dir, to)); err != nil {
			t.Fatal(err)
		}
		e.names[i] = to
		return
	}
	put(t, e.dir, map[string]string{name: body})
	if !slices.Contains(e.names, name) {
		e.names = append(e.names, name)
	}
}

// What --since shows is the new part of the difference between the tree at the
// merge base and the tree on the disk, committed or not; and all else is in the
// scan without --since.
func TestSinceIsTheNewPartOfTheDifference(t *testing.T) {
	busy := 0
	for seed := range uint64(12) {
		dir := t.TempDir()
		e := &editor{Rand: rand.New(rand.NewPCG(seed, 7)), dir: dir}
		inGit(t, dir, "init", "-q")
		save := func(m string) {
			inGit(t, dir, "add", "-A")
			inGit(t, dir, "commit", "-q", "--allow-empty", "-m", m)
		}
		for range 6 {
			e.edit(t)
		}
		save("base")
		base := inGit(t, dir, "rev-parse", "HEAD")
		inGit(t, dir, "checkout", "-qb", "feature")
		for range 3 {
			e.edit(t)
		}
		save("feature")
		held := slices.Clone(e.names)
		inGit(t, dir, "checkout", "-q", "main") // the target goes on: no part of the change
		put(t, dir, map[string]string{"main/Dockerfile": "FROM node:18\nRUN curl http://example.com/a | sh\n"})
		save("main goes on")
		inGit(t, dir, "checkout", "-q", "feature")
		e.names = held
		for range 3 { // not committed, and not tracked
			e.edit(t)
		}
		since := scanned(t, dir, "repo:.", "--since", "main")
		c := differs(t, dir, "repo:.@"+base, "repo:.")
		if d := cmp.Diff(tellings(c.Added), tellings(since.Findings)); d != "" {
			t.Errorf("seed %d: %s", seed, d)
		}
		whole := scanned(t, dir, "repo:.")
		b := since.Baseline
		if b == nil || b.Target.Digest != base || b.New != len(since.Findings) || b.New+b.Known != len(whole.Findings) || b.Fixed != len(c.Fixed) {
			t.Errorf("seed %d: %+v, %d findings of %d, %d fixed", seed, b, len(since.Findings), len(whole.Findings), len(c.Fixed))
		}
		all := tellings(whole.Findings)
		for _, s := range tellings(since.Findings) {
			if _, ok := slices.BinarySearch(all, s); !ok {
				t.Errorf("seed %d: %s is in no scan of the whole tree", seed, s)
			}
			if strings.Contains(s, " main/") {
				t.Errorf("seed %d: %s is not of this change", seed, s)
			}
		}
		if b.New > 0 && b.Known > 0 && b.Fixed > 0 {
			busy++
		}
	}
	if busy < 4 {
		t.Errorf("only %d of the repositories show anything", busy)
	}
}
