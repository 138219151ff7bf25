// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal("git is needed to compare with: install git")
	}
}

// commit makes a commit whose date grows, so that histories have an order.
func commit(t *testing.T, dir, message string, n int) string {
	t.Helper()
	t.Setenv("GIT_AUTHOR_DATE", fmt.Sprintf("%d +0900", 1700000000+n*60))
	t.Setenv("GIT_COMMITTER_DATE", fmt.Sprintf("%d +0900", 1700000000+n*60))
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-q", "--allow-empty", "-m", message)
	return gitIn(t, dir, "rev-parse", "HEAD")
}

func history(t *testing.T, dir string) *History {
	t.Helper()
	h, err := OpenHistory(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// contents are the files of an artifact: mode, and content or link.
func contents(t *testing.T, a *sekisho.Artifact) map[string]string {
	t.Helper()
	s, err := a.Layers[0].Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := map[string]string{}
	for {
		f, err := s.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			out["problem: "+err.Error()] = ""
			continue
		}
		switch f.Type {
		case sekisho.TypeRegular:
			b, err := io.ReadAll(s)
			if err != nil || int64(len(b)) != f.Size {
				t.Fatalf("%s: %d bytes of %d, %v", f.Path, len(b), f.Size, err)
			}
			out[f.Path] = fmt.Sprintf("%o %s", f.Mode&0o111, b)
		case sekisho.TypeSymlink:
			out[f.Path] = "-> " + f.Link
		default:
		}
	}
}

// onDisk are those of a directory, as git archive would give them.
func onDisk(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, p)
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == ".git" {
				return filepath.SkipDir
			}
			return err
		}
		if d.Type()&os.ModeSymlink != 0 {
			link, _ := os.Readlink(p)
			out[filepath.ToSlash(rel)] = "-> " + link
			return nil
		}
		info, _ := d.Info()
		b, err := os.ReadFile(p)
		if d.Name() != ".git" {
			out[filepath.ToSlash(rel)] = fmt.Sprintf("%o %s", info.Mode()&0o111, b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// shapes are the ways in which git keeps one repository.
var shapes = []struct {
	name  string
	init  []string
	after [][]string
}{
	{"loose", nil, nil},
	{"packed", nil, [][]string{{"repack", "-adfq", "--depth=50", "--window=50"}, {"pack-refs", "--all"}}},
	{"names of bases", nil, [][]string{{"-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"}}},
	{"two packs", nil, [][]string{{"repack", "-dq"}, {"repack", "-dq"}}},
	{"sha256", []string{"--object-format=sha256"}, nil},
	{"sha256 packed", []string{"--object-format=sha256"}, [][]string{{"repack", "-adfq"}}},
}

// What git checks out is the truth.
func TestRevisionsAsGitHasThem(t *testing.T) {
	needGit(t)
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) {
			dir := t.TempDir()
			gitIn(t, dir, append([]string{"init", "-q"}, shape.init...)...)
			random := rand.New(rand.NewPCG(1, 2))
			var text strings.Builder
			var ids []string
			for n := range 12 {
				for range 200 {
					fmt.Fprintf(&text, "line %d %x\n", n, random.Uint64())
				}
				write(t, dir, map[string]string{
					"grows": text.String(), "a/b/deep": fmt.Sprint(n), "a.txt": "before a/ for git", "run.sh": "#!/bin/sh\n",
					fmt.Sprintf("of %d/ä\xff", n): "odd name", "empty": "",
				})
				_ = os.Chmod(filepath.Join(dir, "run.sh"), 0o755)
				_ = os.Remove(filepath.Join(dir, "link"))
				if err := os.Symlink(fmt.Sprint("a/", n), filepath.Join(dir, "link")); err != nil {
					t.Fatal(err)
				}
				ids = append(ids, commit(t, dir, fmt.Sprintf("Change %d\n\nbody", n), n))
				if n == 5 {
					gitIn(t, dir, "tag", "-m", "annotated", "v1")
					gitIn(t, dir, "tag", "light")
					gitIn(t, dir, "tag", "-m", "of a tag", "v1-again", "v1")
					gitIn(t, dir, "branch", "feature/x")
					gitIn(t, dir, "update-ref", "refs/remotes/origin/main", "HEAD")
					gitIn(t, dir, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
				}
			}
			for _, args := range shape.after {
				gitIn(t, dir, args...)
			}
			h := history(t, dir)
			for _, rev := range []string{
				"HEAD", "@", "@~3", "HEAD~2", "HEAD^", "HEAD^^", "HEAD~1^0", "main", "heads/main", "refs/heads/main", "feature/x", "v1", "v1^{}", "v1^{commit}~1", "tags/v1",
				"light", "v1-again", "origin/main", "origin", ids[3], ids[3][:10], strings.ToUpper(ids[4][:12]) + "~2", "HEAD~11",
			} {
				want := gitIn(t, dir, "rev-parse", "--verify", "-q", rev+"^{commit}")
				if got, err := h.Resolve(rev); err != nil || got != want {
					t.Errorf("%s is %s, %v; git says %s", rev, got, err, want)
				}
			}
			for _, rev := range []string{"", "none", "HEAD~12", "HEAD^2", "HEAD~99999999999999999999", "main@{1}", "a..b", "../HEAD", "HEAD:a.txt", "HEAD^{tree}", "~", "ffff", "config", "v1^{"} {
				if got, err := h.Resolve(rev); err == nil || !strings.Contains(err.Error(), "revision "+rev) {
					t.Errorf("%q is %s, %v", rev, got, err)
				}
			}
			for _, n := range []int{0, 5, 11} {
				gitIn(t, dir, "checkout", "-qf", ids[n])
				gitIn(t, dir, "clean", "-fdxq")
				for _, sub := range []string{"", "a/b"} {
					a, err := OpenRevision(t.Context(), filepath.Join(dir, sub), ids[n], Options{})
					if err != nil {
						t.Fatal(err)
					}
					defer a.Close()
					if d := cmp.Diff(onDisk(t, filepath.Join(dir, sub)), contents(t, a)); d != "" {
						t.Errorf("%d %s: %s", n, sub, d)
					}
				}
			}
			c, err := h.Commit(ids[7])
			if err != nil || c.Subject != "Change 7" || c.Author != "t" || c.Email != "t@example.com" || c.Authored.Unix() != 1700000420 || len(c.Parents) != 1 || c.Parents[0] != ids[6] {
				t.Errorf("%+v %v", c, err)
			}
			refs, err := h.Refs()
			var names []string
			for _, r := range refs {
				names = append(names, r.ID+" "+r.Name)
			}
			if d := cmp.Diff(strings.Split(gitIn(t, dir, "for-each-ref", "--format=%(objectname) %(refname)"), "\n"), names); d != "" || err != nil {
				t.Errorf("%v %s", err, d)
			}
		})
	}
}

func TestMergeBaseAsGitHasIt(t *testing.T) {
	needGit(t)
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q")
	random := rand.New(rand.NewPCG(3, 4))
	ids := []string{commit(t, dir, "root", 0)}
	for n := 1; n < 60; n++ {
		gitIn(t, dir, "checkout", "-q", "--detach", ids[random.IntN(len(ids))])
		if n%4 == 0 {
			t.Setenv("GIT_COMMITTER_DATE", fmt.Sprintf("%d +0900", 1700000000+n*60))
			gitIn(t, dir, "merge", "-q", "--no-edit", "-s", "ours", ids[random.IntN(len(ids))])
		}
		ids = append(ids, commit(t, dir, fmt.Sprint(n), n))
	}
	h := history(t, dir)
	for range 80 {
		a, b := ids[random.IntN(len(ids))], ids[random.IntN(len(ids))]
		all := strings.Fields(gitIn(t, dir, "merge-base", "--all", a, b))
		got, err := h.MergeBase(t.Context(), a, b)
		if err != nil || !slices.Contains(all, got) {
			t.Errorf("%s %s: %s %v, want one of %v", a, b, got, err, all)
		}
	}
	gitIn(t, dir, "checkout", "-q", "--orphan", "other")
	other := commit(t, dir, "another root", 99)
	if got, err := h.MergeBase(t.Context(), ids[3], other); err == nil || errors.Is(err, ErrShallow) {
		t.Errorf("no common history: %s %v", got, err)
	}
}

// A clone without its history says what to do.
func TestShallowAndBorrowingClones(t *testing.T) {
	needGit(t)
	top := t.TempDir()
	dir := filepath.Join(top, "from")
	write(t, dir, map[string]string{"a": "1"})
	gitIn(t, top, "init", "-q", dir)
	first := commit(t, dir, "one", 1)
	gitIn(t, dir, "checkout", "-qb", "side")
	commit(t, dir, "side", 2)
	gitIn(t, dir, "checkout", "-q", "-")
	commit(t, dir, "two", 3)
	commit(t, dir, "three", 4)
	gitIn(t, top, "clone", "-q", "--depth=1", "--no-single-branch", "file://"+dir, "cut")
	h := history(t, filepath.Join(top, "cut"))
	if !h.Shallow() {
		t.Error("a clone of depth 1 is not shallow")
	}
	for _, rev := range []string{"HEAD~1", first} {
		if _, err := h.Resolve(rev); !errors.Is(err, ErrShallow) || !strings.Contains(err.Error(), "fetch-depth: 0") {
			t.Errorf("%s: %v", rev, err)
		}
	}
	side, err := h.Resolve("origin/side")
	if err != nil {
		t.Fatal(err)
	}
	head, err := h.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.MergeBase(t.Context(), side, head); !errors.Is(err, ErrShallow) {
		t.Errorf("merge base: %v", err)
	}
	gitIn(t, top, "clone", "-q", "--shared", dir, "borrows")
	gitIn(t, top, "clone", "-q", "--reference", dir, dir, "refers")
	gitIn(t, dir, "worktree", "add", "-q", filepath.Join(top, "tree"), "-b", "tree")
	for _, sub := range []string{"borrows", "refers", "tree"} {
		a, err := OpenRevision(t.Context(), filepath.Join(top, sub), first, Options{})
		if err != nil {
			t.Errorf("%s: %v", sub, err)
			continue
		}
		defer a.Close()
		if d := cmp.Diff(map[string]string{"a": "0 1"}, contents(t, a)); d != "" {
			t.Error(d)
		}
	}
}

// What is held of a pack stays below what may be held, and shrinks when less may.
func TestBaseCacheKeeps(t *testing.T) {
	c, p := &baseCache{}, &pack{}
	for i := range 100 {
		c.put(p, int64(i), kindBlob, make([]byte, 1<<20))
	}
	if c.bytes > maxCached || c.bytes < maxCached-1<<20 {
		t.Errorf("%d bytes are held", c.bytes)
	}
	c.keep(maxContents)
	if c.bytes > maxContents || len(c.all) != c.order.Len() || len(c.all) != maxContents>>20 {
		t.Errorf("%d bytes in %d objects are held", c.bytes, len(c.all))
	}
	if _, b := c.get(p, 99); b == nil {
		t.Error("the latest is gone")
	}
	c.put(p, 1000, kindBlob, make([]byte, maxContents/4+1))
	if _, b := c.get(p, 1000); b != nil {
		t.Error("a large one takes the place of all others")
	}
}
