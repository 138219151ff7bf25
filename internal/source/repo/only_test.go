// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Of a tree, and of a revision of it, only what was named is read: a file that
// git ignores when it was named itself, and what lies in a named directory as
// git sees it.
func TestOnlyWhatWasNamed(t *testing.T) {
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q")
	write(t, dir, map[string]string{
		".gitignore": "*.log\nout/\n", "a.txt": "a", "b.log": "b", "sub/c.txt": "c", "sub/d.log": "d", "sub/deep/e.txt": "e",
		"subway/f.txt": "f", "out/g.txt": "g", "out/h.txt": "h",
	})
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "x")
	for _, c := range []struct {
		only           []string
		disk, revision []string
	}{
		{nil, []string{".gitignore", "a.txt", "sub/c.txt", "sub/deep/e.txt", "subway/f.txt"}, []string{".gitignore", "a.txt", "sub/c.txt", "sub/deep/e.txt", "subway/f.txt"}},
		{[]string{"a.txt"}, []string{"a.txt"}, []string{"a.txt"}},
		{[]string{"b.log", "out/g.txt"}, []string{"b.log", "out/g.txt"}, nil},
		{[]string{"sub"}, []string{"sub/c.txt", "sub/deep/e.txt"}, []string{"sub/c.txt", "sub/deep/e.txt"}},
		{[]string{"sub/deep/../c.txt"}, []string{"sub/c.txt"}, []string{"sub/c.txt"}},
		{[]string{".git/HEAD", "none"}, nil, nil},
		{[]string{"."}, []string{".gitignore", "a.txt", "sub/c.txt", "sub/deep/e.txt", "subway/f.txt"}, []string{".gitignore", "a.txt", "sub/c.txt", "sub/deep/e.txt", "subway/f.txt"}},
	} {
		tree, err := Open(t.Context(), dir, Options{Only: c.only})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.disk, regular(t, tree)); d != "" {
			t.Errorf("%q of the disk: %s", c.only, d)
		}
		rev, err := OpenRevision(t.Context(), dir, "HEAD", Options{Only: c.only})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.revision, regular(t, rev)); d != "" {
			t.Errorf("%q of the revision: %s", c.only, d)
		}
		if err := rev.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestUnborn(t *testing.T) {
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q")
	unborn := func() bool {
		h := history(t, dir)
		return h.Unborn()
	}
	if !unborn() {
		t.Error("nothing was committed, and HEAD is said to be born")
	}
	write(t, dir, map[string]string{"a": "a"})
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "x")
	if unborn() {
		t.Error("there is a commit, and HEAD is said to be unborn")
	}
}
