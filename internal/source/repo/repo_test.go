// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for p, body := range files {
		p = filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func regular(t *testing.T, a *sekisho.Artifact) (out []string) {
	t.Helper()
	s, err := a.Layers[0].Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		f, err := s.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if f.Type == sekisho.TypeRegular {
			out = append(out, f.Path)
		}
	}
}

// What git itself lists is the truth.
func TestIgnoresWhatGitIgnores(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal("git is needed to compare with: install git")
	}
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q")
	write(t, dir, map[string]string{
		".gitignore": "node_modules/\n*.log\n!keep.log\n/build\n# comment\nsub/*.tmp\n**/deep/x\n",
		"a.txt":      "", "b.log": "", "keep.log": "", "build/out": "", "src/build/out": "",
		"node_modules/x/p.json": "", "src/node_modules/y/p.json": "",
		"src/.gitignore": "*.gen\n!important.gen\n!b.log\n", "src/a.gen": "", "src/important.gen": "", "src/b.log": "",
		"sub/a.tmp": "", "sub/b/a.tmp": "", "q/deep/x": "", "q/deep/y": "",
		".git/info/exclude": "local-only\n", "local-only": "",
	})
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-qm", "x")
	gitIn(t, dir, "remote", "add", "origin", "https://user:secret@git.example.com/team/app.git")
	for _, sub := range []string{".", "src", "sub"} {
		a, err := Open(t.Context(), filepath.Join(dir, sub), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		want := strings.Split(gitIn(t, filepath.Join(dir, sub), "ls-files", "-co", "--exclude-standard"), "\n")
		got := regular(t, a)
		slices.Sort(want)
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", sub, d)
		}
		if a.Target.Digest != gitIn(t, dir, "rev-parse", "HEAD") || a.Target.Revision != "main" || a.Target.Repository != "https://git.example.com/team/app.git" {
			t.Errorf("%s: %+v", sub, a.Target)
		}
	}
	gitIn(t, dir, "pack-refs", "--all")
	gitIn(t, dir, "worktree", "add", "-q", filepath.Join(dir, "wt"), "-b", "other")
	for _, p := range []string{dir, filepath.Join(dir, "wt")} {
		if g := findGit(p); g == nil || g.commit() != gitIn(t, p, "rev-parse", "HEAD") {
			t.Errorf("%s: commit %v", p, g)
		}
	}
	a, err := Open(t.Context(), dir, Options{Ignored: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if all := regular(t, a); !slices.Contains(all, "node_modules/x/p.json") || slices.ContainsFunc(all, func(p string) bool { return strings.HasPrefix(p, ".git/") }) {
		t.Errorf("with what is ignored: %v", all)
	}
}

func TestWithoutGitAndBadInput(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"x/.gitignore": "*", "x/a": ""})
	a, err := Open(t.Context(), filepath.Join(dir, "x"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if d := cmp.Diff([]string{".gitignore", "a"}, regular(t, a)); d != "" {
		t.Error(d)
	}
	for _, p := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "x/a")} {
		if _, err := Open(t.Context(), p, Options{}); err == nil {
			t.Errorf("%s was opened", p)
		}
	}
	// A git directory that is nonsense is no repository, not a crash.
	write(t, dir, map[string]string{"y/.git": "gitdir: ../../..\n", "z/.git/HEAD": "ref: ../../../etc/passwd", "z/f": ""})
	for _, sub := range []string{"y", "z"} {
		if b, err := Open(t.Context(), filepath.Join(dir, sub), Options{}); err != nil || b.Target.Digest != "" {
			t.Errorf("%s: %v %v", sub, b, err)
		} else {
			b.Close()
		}
	}
}
