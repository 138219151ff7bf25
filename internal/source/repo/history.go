// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
)

// History is a repository, opened to read its revisions. It may be used by
// several goroutines; it runs no git program and writes nothing.
type History struct {
	// Prefix is where the path that was opened lies in the work tree, "" for its
	// top, "a/b" below it.
	Prefix string

	git     *git
	objects *objects
	shallow map[string]bool
}

// ErrNoRepository is a path that is in no repository.
var ErrNoRepository = message.New("it is in no git repository")

// ErrShallow is history that the clone was not given.
var ErrShallow = message.New("the clone is shallow and ends before it: `git fetch --unshallow` gets the rest, in GitHub Actions fetch-depth: 0 at actions/checkout, in GitLab CI GIT_DEPTH: 0")

// OpenHistory opens the repository that a directory belongs to. The caller closes it.
func OpenHistory(path string) (*History, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	g := findGit(abs)
	if g == nil {
		return nil, message.Errorf("open %s: %w", path, ErrNoRepository)
	}
	h := &History{git: g, objects: g.objects(), shallow: map[string]bool{}}
	if rel, err := filepath.Rel(g.top, abs); err == nil && rel != "." {
		h.Prefix = filepath.ToSlash(rel)
	}
	b, err := readPlain(filepath.Join(g.common, "shallow"), maxSmall)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, message.Errorf("open %s: %w", path, err)
	}
	for id := range strings.FieldsSeq(string(b)) {
		h.shallow[id] = true
	}
	return h, nil
}

// Close closes the files of the repository.
func (h *History) Close() error { return h.objects.close() }

// Shallow says whether the clone lacks older history.
func (h *History) Shallow() bool { return len(h.shallow) > 0 }

// Commit of a repository.
type Commit struct {
	ID      string
	Tree    string
	Parents []string
	Author  string
	Email   string
	// Authored and Committed are the times that the commit states.
	Authored  time.Time
	Committed time.Time
	Subject   string
	// Cut is true where a shallow clone ends: the parents are not there.
	Cut bool
}

// Commit reads a commit by its full name.
func (h *History) Commit(id string) (*Commit, error) {
	b, err := h.objects.read(id, kindCommit, maxSmall)
	if err != nil {
		return nil, message.Errorf("read commit %s: %w", id, err)
	}
	c, err := parseCommit(b)
	if err != nil {
		return nil, message.Errorf("read commit %s: %w", id, err)
	}
	c.ID, c.Cut = id, h.shallow[id]
	return c, nil
}

// parseCommit reads the text of a commit.
func parseCommit(b []byte) (*Commit, error) {
	c := &Commit{}
	for {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		b = rest
		if len(line) == 0 {
			break
		}
		word, value, _ := strings.Cut(string(line), " ")
		switch word {
		case "tree":
			c.Tree = value
		case "parent":
			c.Parents = append(c.Parents, value)
		case "author":
			c.Author, c.Email, c.Authored = person(value)
		case "committer":
			_, _, c.Committed = person(value)
		}
	}
	subject, _, _ := bytes.Cut(bytes.TrimLeft(b, "\n"), []byte("\n"))
	c.Subject = strings.ToValidUTF8(strings.TrimSpace(string(subject)), "\ufffd")
	if c.Tree == "" {
		return nil, errObject
	}
	return c, nil
}

// person reads "Name <address> seconds zone".
func person(s string) (name, email string, at time.Time) {
	name, rest, _ := strings.Cut(strings.ToValidUTF8(s, "\ufffd"), "<")
	email, rest, _ = strings.Cut(rest, ">")
	secs, zone, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseInt(secs, 10, 64)
	if err != nil {
		return strings.TrimSpace(name), email, time.Time{}
	}
	at = time.Unix(n, 0).UTC()
	if z, err := time.Parse("-0700", zone); err == nil {
		at = at.In(z.Location())
	}
	return strings.TrimSpace(name), email, at
}

// TreeEntry is one entry of a directory.
type TreeEntry struct {
	Name string
	// Mode as git writes it: 040000 a directory, 100644 and 100755 files, 120000 a
	// symbolic link, 160000 a commit of a submodule.
	Mode uint32
	ID   string
}

// The modes of entries.
const (
	ModeDir       = 0o040000
	ModeLink      = 0o120000
	ModeSubmodule = 0o160000
	modeType      = 0o170000
)

// IsDir and IsFile tell the types of entry apart.
func (e TreeEntry) IsDir() bool { return e.Mode&modeType == ModeDir }

// IsFile is true for a regular file.
func (e TreeEntry) IsFile() bool { return e.Mode&modeType == 0o100000 }

// Entries lists a tree in the order of git. A name that no file can have ("..",
// "a/b") is an error: the tree was made to be harmful.
func (h *History) Entries(tree string) ([]TreeEntry, error) {
	b, err := h.objects.read(tree, kindTree, maxSmall)
	if err != nil {
		return nil, message.Errorf("read tree %s: %w", tree, err)
	}
	out, err := parseTree(b, h.objects.size)
	if err != nil {
		return nil, message.Errorf("read tree %s: %w", tree, err)
	}
	return out, nil
}

// parseTree reads the bytes of a tree whose names of objects have size bytes.
func parseTree(b []byte, size int) ([]TreeEntry, error) {
	var out []TreeEntry
	for len(b) > 0 {
		head, rest, ok := bytes.Cut(b, []byte{0})
		digits, name, ok2 := strings.Cut(string(head), " ")
		mode, err := strconv.ParseUint(digits, 8, 32)
		if !ok || !ok2 || err != nil || len(rest) < size || name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
			return nil, errObject
		}
		out = append(out, TreeEntry{Name: name, Mode: uint32(mode), ID: hex.EncodeToString(rest[:size])})
		b = rest[size:]
	}
	return out, nil
}

// Subtree finds a directory in a tree by its path, "" or "a/b"; fs.ErrNotExist
// when it is not there.
func (h *History) Subtree(tree, dir string) (string, error) {
	if dir == "" || dir == "." {
		return tree, nil
	}
	for part := range strings.SplitSeq(dir, "/") {
		entries, err := h.Entries(tree)
		if err != nil {
			return "", err
		}
		i := slices.IndexFunc(entries, func(e TreeEntry) bool { return e.Name == part && e.IsDir() })
		if i < 0 {
			return "", fs.ErrNotExist
		}
		tree = entries[i].ID
	}
	return tree, nil
}

// Blob opens the content of a file: a stream of exactly size bytes.
func (h *History) Blob(id string) (size int64, rc io.ReadCloser, err error) {
	kind, size, rc, err := h.objects.open(id)
	if err != nil {
		return 0, nil, message.Errorf("read blob %s: %w", id, err)
	}
	if kind != kindBlob {
		_ = rc.Close() // it was only opened
		return 0, nil, message.Errorf("read blob %s: %w", id, errKind)
	}
	return size, rc, nil
}

// Ref is a branch, a tag or another name of a commit.
type Ref struct {
	// Name in full, "refs/heads/main", and the object that it names: mostly a
	// commit; Resolve finds the commit of a tag.
	Name string
	ID   string
}

// maxRefs is how many names of one repository are believed.
const maxRefs = 1_000_000

// Refs lists every name in refs/ with its object, in the order of the names.
func (h *History) Refs() ([]Ref, error) {
	found := map[string]string{}
	for id, name := range packedRefs(h.git.common) {
		if h.isID(id) && len(found) < maxRefs {
			found[name] = id
		}
	}
	for _, dir := range []string{h.git.common, h.git.dir} {
		err := fs.WalkDir(os.DirFS(dir), "refs", func(p string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || len(found) >= maxRefs {
				return nil // one that cannot be read names nothing
			}
			if id := h.follow(small(filepath.Join(dir, p))); id != "" {
				found[p] = id
			}
			return nil
		})
		if err != nil {
			return nil, message.Errorf("read the references: %w", err)
		}
	}
	out := make([]Ref, 0, len(found))
	for name, id := range found {
		out = append(out, Ref{name, id})
	}
	slices.SortFunc(out, func(a, b Ref) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// follow ends at the object that a reference's file names; empty for none.
func (h *History) follow(value string) string {
	for range 5 {
		ref, ok := strings.CutPrefix(value, "ref: ")
		if !ok {
			break
		}
		value = h.git.ref(strings.TrimSpace(ref))
	}
	value, _, _ = strings.Cut(value, "\t") // FETCH_HEAD
	if !h.isID(value) {
		return ""
	}
	return value
}

func (h *History) isID(s string) bool {
	return len(s) == 2*h.objects.size && strings.Trim(s, "0123456789abcdef") == ""
}

// MergeBase is the commit at which the histories of two commits parted: the
// latest that both have. Without one the error says so, and a shallow clone
// that may hide it is an ErrShallow.
func (h *History) MergeBase(ctx context.Context, a, b string) (string, error) {
	const ofA, ofB, stale = 1, 2, 4
	marks := map[string]uint8{}
	var queue commits
	cut := false
	push := func(id string, mark uint8) error {
		if marks[id]&mark == mark {
			return nil
		}
		c, err := h.Commit(id)
		if err != nil {
			return err
		}
		marks[id] |= mark
		heap.Push(&queue, c)
		return nil
	}
	if err := errors.Join(push(a, ofA), push(b, ofB)); err != nil {
		return "", err
	}
	var found []*Commit
	for slices.ContainsFunc(queue, func(c *Commit) bool { return marks[c.ID]&stale == 0 }) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		c := heap.Pop(&queue).(*Commit)
		mark := marks[c.ID]
		if mark == ofA|ofB {
			if !slices.ContainsFunc(found, func(f *Commit) bool { return f.ID == c.ID }) {
				found = append(found, c)
			}
			mark |= stale
		}
		if c.Cut {
			cut = true
			continue
		}
		for _, p := range c.Parents {
			if err := push(p, mark); err != nil {
				return "", err
			}
		}
	}
	for _, c := range found { // the latest first
		if marks[c.ID]&stale == 0 {
			return c.ID, nil
		}
	}
	if cut {
		return "", message.Errorf("find where %s and %s parted: %w", a[:7], b[:7], ErrShallow)
	}
	return "", message.Errorf("find where %s and %s parted: they have no commit in common", a[:7], b[:7])
}

// commits is a heap with the latest first.
type commits []*Commit

func (c commits) Len() int           { return len(c) }
func (c commits) Less(i, j int) bool { return c[i].Committed.After(c[j].Committed) }
func (c commits) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *commits) Push(x any)        { *c = append(*c, x.(*Commit)) }
func (c *commits) Pop() any {
	old := *c
	last := old[len(old)-1]
	*c = old[:len(old)-1]
	return last
}
