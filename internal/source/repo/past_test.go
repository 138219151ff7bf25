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

// openedPast opens a tree with its history.
func openedPast(t *testing.T, dir string, opt Options) *sekisho.GitHistory {
	t.Helper()
	opt.History = true
	a, err := Open(t.Context(), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a.History
}

// streamed are the contents of a history by their names, and the problems.
func streamed(t *testing.T, h *sekisho.GitHistory) (contents map[string]string, paths, problems []string) {
	t.Helper()
	contents = map[string]string{}
	s, err := h.Layer.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for {
		f, err := s.Next()
		if errors.Is(err, io.EOF) {
			return contents, paths, problems
		}
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		c, err := f.Open()
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		b, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size()))
		if err := errors.Join(err, c.Close()); err != nil {
			t.Fatal(err)
		}
		contents[f.Object] = string(b)
		paths = append(paths, f.Path)
	}
}

// What git lists as reachable is the truth: every content once, loose and packed,
// in repositories of both hashes.
func TestPastHoldsWhatGitHolds(t *testing.T) {
	needGit(t)
	for _, format := range []string{"sha1", "sha256"} {
		dir := t.TempDir()
		gitIn(t, dir, "init", "-q", "--object-format="+format)
		rnd := rand.New(rand.NewPCG(1, 2))
		for i := range 30 {
			name := fmt.Sprintf("d%d/f%d.txt", rnd.IntN(3), rnd.IntN(5))
			body := strings.Repeat(fmt.Sprintf("line %d\n", rnd.IntN(9)), 50+rnd.IntN(200)) + fmt.Sprint(i)
			write(t, dir, map[string]string{name: body})
			commit(t, dir, "c", i)
			switch i {
			case 10:
				gitIn(t, dir, "checkout", "-q", "-b", "side")
			case 15:
				gitIn(t, dir, "tag", "-a", "-m", "t", "v1")
				gitIn(t, dir, "checkout", "-q", "main")
			case 20:
				gitIn(t, dir, "gc", "-q")
			case 25:
				gitIn(t, dir, "merge", "-q", "-X", "ours", "-m", "m", "side")
			}
		}
		write(t, dir, map[string]string{"d0/stashed": "one"})
		gitIn(t, dir, "add", "-A")
		gitIn(t, dir, "stash", "-q")
		var want []string
		for line := range strings.SplitSeq(gitIn(t, dir, "rev-list", "--all", "--objects"), "\n") {
			if id, _, _ := strings.Cut(line, " "); gitIn(t, dir, "cat-file", "-t", id) == "blob" {
				want = append(want, id)
			}
		}
		got, _, problems := streamed(t, openedPast(t, dir, Options{}))
		if len(problems) > 0 {
			t.Errorf("%s: problems %v", format, problems)
		}
		var ids []string
		for id, body := range got {
			ids = append(ids, id)
			if out := gitIn(t, dir, "cat-file", "blob", id); out != strings.TrimSpace(body) {
				t.Errorf("%s: %s is another content", format, id)
			}
		}
		slices.Sort(ids)
		slices.Sort(want)
		if d := cmp.Diff(want, ids); d != "" || len(want) < 30 {
			t.Errorf("%s: %d contents: %s", format, len(want), d)
		}
		// Behind a revision of the first line of descent.
		since := gitIn(t, dir, "rev-parse", "main~2")
		want = nil
		for line := range strings.SplitSeq(gitIn(t, dir, "rev-list", since+"..HEAD", "--objects"), "\n") {
			if id, _, _ := strings.Cut(line, " "); gitIn(t, dir, "cat-file", "-t", id) == "blob" {
				want = append(want, id)
			}
		}
		h := openedPast(t, dir, Options{Since: since})
		got, _, _ = streamed(t, h)
		if len(got) != len(want) || len(want) == 0 {
			t.Errorf("%s: %d contents since %s, want %d", format, len(got), since, len(want))
		}
		if c := h.Coverage(); c.Commits != 2 || c.Contents != len(want) || c.Refs != 1 || c.Since != since {
			t.Errorf("%s: %+v", format, c)
		}
	}
}

func TestTrace(t *testing.T) {
	needGit(t)
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q")
	ids := map[string]string{}
	step := 0
	at := func(name string) { step++; ids[name] = commit(t, dir, name, step*1440) }
	blob := func(body string) string {
		write(t, dir, map[string]string{"../x": body})
		return gitIn(t, dir, "hash-object", filepath.Join(dir, "../x"))
	}
	write(t, dir, map[string]string{"a/secret": "one", "kept": "kept", "plain": "p"})
	at("first")
	write(t, dir, map[string]string{"a/secret": "one changed"})
	at("changed")
	gitIn(t, dir, "mv", "a/secret", "b")
	at("moved")
	gitIn(t, dir, "rm", "-q", "b")
	at("removed")
	write(t, dir, map[string]string{"back": "one"})
	at("back")
	gitIn(t, dir, "rm", "-q", "back")
	at("removed again")
	gitIn(t, dir, "checkout", "-q", "-b", "side")
	write(t, dir, map[string]string{"on-side": "side"})
	at("side")
	gitIn(t, dir, "checkout", "-q", "main")
	write(t, dir, map[string]string{"plain": "q"})
	at("last")
	h := openedPast(t, dir, Options{})
	streamed(t, h)
	got, err := h.Trace(t.Context(), [][]string{
		{blob("one"), blob("one changed")}, {blob("kept")}, {blob("side")}, {blob("nowhere")}, {blob("p")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []*sekisho.Past{
		{Commit: ids["first"], Date: "2023-11-16", Object: blob("one"), Paths: []string{"a/secret", "back", "b"}, Removed: ids["removed again"], RemovedDate: "2023-11-21"},
		{Commit: ids["first"], Date: "2023-11-16", Object: blob("kept"), Paths: []string{"kept"}, AtHead: true},
		{Commit: ids["side"], Date: "2023-11-22", Object: blob("side"), Paths: []string{"on-side"}, Refs: []string{"refs/heads/side"}},
		nil,
		{Commit: ids["first"], Date: "2023-11-16", Object: blob("p"), Paths: []string{"plain"}, Refs: []string{"refs/heads/side"}, Removed: ids["last"], RemovedDate: "2023-11-23"},
	}
	for i, w := range want {
		if w == nil || got[i] == nil {
			if w != got[i] {
				t.Errorf("%d: %+v, want %+v", i, got[i], w)
			}
			continue
		}
		slices.Sort(w.Paths[1:])
		slices.Sort(got[i].Paths[1:])
		if d := cmp.Diff(w, got[i]); d != "" {
			t.Errorf("%d: %s", i, d)
		}
	}
}

// What a clone does not hold is said, and the rest is read.
func TestPastOfClones(t *testing.T) {
	needGit(t)
	dir := t.TempDir()
	src := filepath.Join(dir, "src")
	if err := os.Mkdir(src, 0o755); err != nil {
		t.Fatal(err)
	}
	gitIn(t, src, "init", "-q")
	gitIn(t, src, "config", "uploadpack.allowFilter", "true")
	for i := range 5 {
		write(t, src, map[string]string{"sub/f": fmt.Sprint("content ", i), fmt.Sprint("g", i): fmt.Sprint("other ", i)})
		commit(t, src, "c", i)
	}
	clone := func(name string, args ...string) string {
		to := filepath.Join(dir, name)
		gitIn(t, dir, append(append([]string{"clone", "-q"}, args...), "file://"+src, to)...)
		return to
	}
	shallow, partial := clone("shallow", "--depth=2"), clone("partial", "--filter=blob:none", "--no-checkout")
	bare, shared := clone("bare.git", "--bare"), filepath.Join(dir, "shared")
	gitIn(t, dir, "clone", "-q", "--shared", src, shared)
	gitIn(t, src, "worktree", "add", "-q", "--detach", filepath.Join(dir, "tree"), "main~1")
	damaged := clone("damaged")

	packs, _ := filepath.Glob(filepath.Join(damaged, ".git/objects/pack/*.pack"))
	b, err := os.ReadFile(packs[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := 40; i < len(b)-20; i += 7 {
		b[i] ^= 0x55
	}
	if err := errors.Join(os.Chmod(packs[0], 0o600), os.WriteFile(packs[0], b, 0o600)); err != nil {
		t.Fatal(err)
	}
	linked := clone("linked")
	if err := errors.Join(os.Rename(filepath.Join(linked, ".git/objects"), filepath.Join(dir, "objects")), os.Symlink(filepath.Join(dir, "objects"), filepath.Join(linked, ".git/objects"))); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		dir      string
		contents int
		problem  string
	}{
		"whole":              {src, 10, ""},
		"shallow":            {shallow, 7, "fetch --unshallow"},
		"partial":            {partial, 0, "10 files of the history are not in this clone"},
		"bare":               {bare, 10, ""},
		"alternates":         {shared, 10, ""},
		"a work tree":        {filepath.Join(dir, "tree"), 10, ""},
		"a directory of it":  {filepath.Join(src, "sub"), 5, ""},
		"a damaged pack":     {damaged, 0, "damaged"},
		"a link out of .git": {linked, -1, "no directory (a symbolic link"},
	} {
		t.Run(name, func(t *testing.T) {
			h := openedPast(t, tt.dir, Options{})
			if tt.contents < 0 {
				if _, err := h.Layer.Open(t.Context()); err == nil || !strings.Contains(err.Error(), tt.problem) {
					t.Fatalf("opened with %v", err)
				}
				return
			}
			got, _, problems := streamed(t, h)
			if len(got) != tt.contents {
				t.Errorf("%d contents, want %d", len(got), tt.contents)
			}
			if all := strings.Join(problems, "\n"); tt.problem == "" && all != "" || !strings.Contains(all, tt.problem) {
				t.Errorf("problems %q", all)
			}
		})
	}
}

// A tree of trees of trees is a billion files of one content.
func TestPastBomb(t *testing.T) {
	needGit(t)
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q")
	write(t, dir, map[string]string{"x": "content"})
	id := gitIn(t, dir, "hash-object", "-w", "x")
	kind, mode := "blob", "100644"
	for range 12 {
		var lines strings.Builder
		for i := range 10 {
			fmt.Fprintf(&lines, "%s %s %s\tn%d\n", mode, kind, id, i)
		}
		list := filepath.Join(dir, "list")
		if err := os.WriteFile(list, []byte(lines.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		id = gitInput(t, dir, list, "mktree")
		kind, mode = "tree", "040000"
	}
	c := gitIn(t, dir, "commit-tree", "-m", "bomb", id)
	gitIn(t, dir, "update-ref", "refs/heads/main", c)
	h := openedPast(t, dir, Options{})
	got, paths, problems := streamed(t, h)
	if len(got) != 1 || len(paths) > maxPaths || len(problems) > 0 {
		t.Errorf("%d contents, %d paths, %v", len(got), len(paths), problems)
	}
	h = openedPast(t, dir, Options{Bounds: sekisho.Bounds{Entries: 50}})
	if _, _, problems = streamed(t, h); len(problems) != 1 || !strings.Contains(problems[0], "--max-entries") {
		t.Errorf("with a bound: %v", problems)
	}
}

// gitInput runs git with a file as its input.
func gitInput(t *testing.T, dir, file string, args ...string) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	cmd.Stdin = f
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestPastRefusals(t *testing.T) {
	needGit(t)
	dir := t.TempDir()
	if _, err := Open(t.Context(), dir, Options{History: true}); err == nil || !strings.Contains(err.Error(), "no git repository") {
		t.Errorf("without git: %v", err)
	}
	gitIn(t, dir, "init", "-q")
	got, _, problems := streamed(t, openedPast(t, dir, Options{}))
	if len(got)+len(problems) > 0 {
		t.Errorf("an empty repository: %v %v", got, problems)
	}
	write(t, dir, map[string]string{"a": "a"})
	commit(t, dir, "c", 1)
	if _, err := Open(t.Context(), dir, Options{History: true, Since: "v9"}); err == nil || !strings.Contains(err.Error(), "v9") {
		t.Errorf("a revision that is none: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, ".git/reftable"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := openedPast(t, dir, Options{}).Layer.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "reftable") {
		t.Errorf("a reftable: %v", err)
	}
}
