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

// tracked files are scanned though a pattern names them: what git lists is the truth.
func TestTrackedThoughIgnored(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal("git is needed to compare with: install git")
	}
	for name, setUp := range map[string][][]string{
		"version 2": {{"init", "-q"}},
		"version 3": {{"init", "-q"}}, // made by --intent-to-add
		"version 4": {{"init", "-q"}, {"config", "index.version", "4"}},
		"sha256":    {{"init", "-q", "--object-format=sha256"}},
		"split":     {{"init", "-q"}, {"config", "core.splitIndex", "true"}, {"config", "splitIndex.maxPercentChange", "100"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, args := range setUp {
				gitIn(t, dir, args...)
			}
			write(t, dir, map[string]string{
				".gitignore": "vendor/\n*.lock\n/sub/generated\n", "a.txt": "", "my.lock": "tracked", "other.lock": "",
				"vendor/kept/package.json": "tracked", "vendor/kept/other.json": "", "vendor/deep/er/x": "", "vendor/top": "",
				"sub/generated/f": "tracked", "sub/generated/g": "", "sub/b": "",
				"long/" + strings.Repeat("n", 200) + "/" + strings.Repeat("m", 200): "",
			})
			gitIn(t, dir, "add", "-f", ".gitignore", "my.lock", "vendor/kept/package.json", "long")
			gitIn(t, dir, "commit", "-qm", "x")
			if name == "split" {
				gitIn(t, dir, "update-index", "--split-index")
			}
			if name == "version 3" {
				gitIn(t, dir, "add", "-f", "--intent-to-add", "sub/generated/f")
			} else {
				gitIn(t, dir, "add", "-f", "sub/generated/f")
			}
			if b, err := os.ReadFile(filepath.Join(dir, ".git/index")); err != nil || name == "split" && !strings.Contains(string(b), "link") || name[:3] == "ver" && b[7] != name[8]-'0' {
				t.Fatalf("git made another index than was wanted: %q %v", b[:min(len(b), 12)], err)
			}
			for _, sub := range []string{".", "sub", "vendor"} {
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
			}
		})
	}
}

// An index that cannot be read is said, and costs nothing but what it would tell.
func TestDamagedIndex(t *testing.T) {
	for name, index := range map[string]string{
		"garbage": "hello", "truncated": "DIRC\x00\x00\x00\x02\x00\x00\x00\x09", "newer": "DIRC\x00\x00\x00\x05\x00\x00\x00\x00",
		"endless": "DIRC\x00\x00\x00\x02\xff\xff\xff\xff" + strings.Repeat("x", 1<<18),
	} {
		dir := t.TempDir()
		write(t, dir, map[string]string{".git/HEAD": "ref: refs/heads/main", ".git/index": index, ".gitignore": "b", "a": "", "b": "", "sub/b": ""})
		a, err := Open(t.Context(), dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		s, err := a.Layers[0].Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var files, problems []string
		for {
			f, err := s.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				problems = append(problems, err.Error())
			} else if f.Type == sekisho.TypeRegular {
				files = append(files, f.Path)
			}
		}
		if d := cmp.Diff([]string{".gitignore", "a"}, files); d != "" {
			t.Error(name, d)
		}
		if len(problems) != 1 || !strings.Contains(problems[0], "git's index") {
			t.Errorf("%s: problems %v", name, problems)
		}
	}
}

func FuzzIndex(f *testing.F) {
	entry := strings.Repeat("\x00", 60) + "\x00\x05a/b.c" + strings.Repeat("\x00", 5)
	f.Add([]byte("DIRC\x00\x00\x00\x02\x00\x00\x00\x01" + entry))
	f.Add([]byte("DIRC\x00\x00\x00\x04\x00\x00\x00\x01" + strings.Repeat("\x00", 62) + "\x00a/b\x00link\x00\x00\x00\x14" + strings.Repeat("a", 20)))
	dir := f.TempDir()
	name := filepath.Join(dir, "index")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		got, _ := (&git{dir: dir, common: dir}).tracked("")
		for p := range got.files {
			if p == "" || strings.HasSuffix(p, "/") {
				t.Fatalf("path %q", p)
			}
		}
	})
}
