// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"bufio"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
)

// git is a repository's own directory. The layout is gitrepository-layout(5).
type git struct {
	dir    string // of HEAD: .git, or a worktree's directory
	common string // of refs, packed-refs and config
	top    string // of the work tree
	bare   bool   // there is no work tree
}

// findGit looks for the repository that dir belongs to; nil when there is none.
func findGit(dir string) *git {
	for top := dir; ; top = filepath.Dir(top) {
		p := filepath.Join(top, ".git")
		if top == dir && isBare(dir) {
			return &git{dir: dir, common: dir, top: dir, bare: true}
		}
		if info, err := os.Stat(p); err == nil {
			if !info.IsDir() { // a worktree or a submodule: "gitdir: PATH"
				to, ok := strings.CutPrefix(small(p), "gitdir: ")
				if !ok {
					return nil
				}
				if !filepath.IsAbs(to) {
					to = filepath.Join(top, to)
				}
				p = to
			}
			g := &git{dir: p, common: p, top: top}
			if c := small(filepath.Join(p, "commondir")); c != "" {
				if !filepath.IsAbs(c) {
					c = filepath.Join(p, c)
				}
				g.common = c
			}
			if small(filepath.Join(p, "HEAD")) == "" {
				return nil
			}
			return g
		}
		if top == filepath.Dir(top) {
			return nil
		}
	}
}

// isBare says whether a directory is a repository itself.
func isBare(dir string) bool {
	for _, name := range []string{"objects", "refs"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.IsDir() {
			return false
		}
	}
	return small(filepath.Join(dir, "HEAD")) != "" && filepath.Base(dir) != ".git"
}

// small reads a file of one line; empty when there is none.
func small(name string) string {
	f, err := openPlain(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// branch is the name of the checked out branch; empty for a detached HEAD.
func (g *git) branch() string {
	ref, ok := strings.CutPrefix(small(filepath.Join(g.dir, "HEAD")), "ref: ")
	if !ok {
		return ""
	}
	return strings.TrimPrefix(ref, "refs/heads/")
}

// commit is the object name of HEAD; empty before the first commit.
func (g *git) commit() string {
	at := small(filepath.Join(g.dir, "HEAD"))
	for range 5 { // symbolic references of symbolic references are rare
		ref, ok := strings.CutPrefix(at, "ref: ")
		if !ok {
			break
		}
		at = g.ref(ref)
	}
	if len(at) != 40 && len(at) != 64 || strings.Trim(at, "0123456789abcdef") != "" {
		return ""
	}
	return at
}

func (g *git) ref(name string) string {
	if !fs.ValidPath(name) {
		return ""
	}
	for _, dir := range []string{g.dir, g.common} {
		if v := small(filepath.Join(dir, name)); v != "" {
			return v
		}
	}
	for id, n := range packedRefs(g.common) {
		if n == name {
			return id
		}
	}
	return ""
}

// packedRefs gives object and name of every reference in the packed-refs file.
func packedRefs(dir string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		f, err := openPlain(filepath.Join(dir, "packed-refs"))
		if err != nil {
			return
		}
		defer f.Close()
		for sc := bufio.NewScanner(f); sc.Scan(); {
			if id, name, ok := strings.Cut(sc.Text(), " "); ok && id != "#" && !yield(id, name) {
				return
			}
		}
	}
}

// origin is the address of the remote "origin", without any credentials.
func (g *git) origin() string {
	f, err := openPlain(filepath.Join(g.common, "config"))
	if err != nil {
		return ""
	}
	defer f.Close()
	in := false
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := strings.TrimSpace(sc.Text())
		if strings.HasPrefix(line, "[") {
			in = line == `[remote "origin"]`
			continue
		}
		if k, v, ok := strings.Cut(line, "="); in && ok && strings.TrimSpace(k) == "url" {
			return withoutCredentials(strings.TrimSpace(v))
		}
	}
	return ""
}

func withoutCredentials(s string) string {
	if !strings.Contains(s, "://") {
		return s // git@host:path: the user's name is no secret there
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	if u.Scheme != "ssh" {
		u.User = nil
	} else if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	return u.String()
}

var errLong = message.New("ignore file is too long")

// lines reads an ignore file of at most 1 MiB.
func lines(r io.Reader) ([]string, error) {
	b, err := io.ReadAll(io.LimitReader(r, 1<<20+1))
	if err != nil {
		return nil, err
	}
	if len(b) > 1<<20 {
		return nil, errLong
	}
	return strings.Split(string(b), "\n"), nil
}
