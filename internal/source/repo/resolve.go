// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"bytes"
	"errors"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
)

// ErrNoRevision is a name that stands for no commit of the repository.
var ErrNoRevision = message.New("the repository has no such revision; a branch, a tag, origin/main, HEAD~2 or a commit's name is wanted, and one that only the remote has needs a `git fetch`")

// Resolve finds the commit that a revision names: a branch, a tag, a remote's
// branch, HEAD or @, a commit's name of four digits or more, each with ~N, ^N and
// ^{commit} behind it, as gitrevisions(7) has them.
func (h *History) Resolve(rev string) (string, error) {
	id, err := h.resolve(rev)
	if err != nil {
		return "", message.Errorf("revision %s: %w", rev, err)
	}
	return id, nil
}

func (h *History) resolve(rev string) (string, error) {
	name, steps := rev, ""
	if i := strings.IndexAny(rev, "~^"); i >= 0 {
		name, steps = rev[:i], rev[i:]
	}
	if name == "" || strings.Contains(name, "@{") || strings.ContainsAny(name, ": \\*?[") || strings.Contains(name, "..") {
		return "", ErrNoRevision
	}
	id, err := h.named(name)
	if err != nil {
		return "", err
	}
	for steps != "" {
		op := steps[0]
		if rest, ok := strings.CutPrefix(steps, "^{"); ok {
			what, rest, ok := strings.Cut(rest, "}")
			if !ok || what != "" && what != "commit" {
				return "", ErrNoRevision
			}
			steps = rest // named gives commits only
			continue
		}
		digits := len(steps) - 1 - len(strings.TrimLeft(steps[1:], "0123456789"))
		n := 1
		if digits > 0 {
			if n, err = strconv.Atoi(steps[1 : 1+digits]); err != nil {
				return "", ErrNoRevision
			}
		}
		if op != '~' && op != '^' {
			return "", ErrNoRevision
		}
		if id, err = h.step(id, op, n); err != nil {
			return "", err
		}
		steps = steps[1+digits:]
	}
	return id, nil
}

// step goes n first parents back, or to the nth parent.
func (h *History) step(id string, op byte, n int) (string, error) {
	times, nth := n, 1
	if op == '^' {
		times, nth = min(n, 1), n
	}
	for range times {
		c, err := h.Commit(id)
		switch {
		case err != nil:
			return "", err
		case c.Cut:
			return "", ErrShallow
		case nth > len(c.Parents):
			return "", message.Errorf("%s has %d parents: %w", id[:7], len(c.Parents), ErrNoRevision)
		}
		id = c.Parents[nth-1]
	}
	return id, nil
}

// named finds a commit by one name, in git's order.
func (h *History) named(name string) (string, error) {
	if name == "@" {
		name = "HEAD"
	}
	if h.isID(name) {
		return h.peel(name)
	}
	if top := small(filepath.Join(h.git.dir, filepath.Base(name))); top != "" && !strings.Contains(name, "/") && strings.ToUpper(name) == name {
		if id := h.follow(top); id != "" { // HEAD, FETCH_HEAD, MERGE_HEAD
			return h.peel(id)
		}
	}
	for _, in := range []string{"", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"} {
		if full := in + name; strings.HasPrefix(full, "refs/") {
			if id := h.follow(h.git.ref(full)); id != "" {
				return h.peel(id)
			}
		}
	}
	if id := h.follow(h.git.ref("refs/remotes/" + name + "/HEAD")); id != "" {
		return h.peel(id)
	}
	if digits := strings.ToLower(name); len(name) >= 4 && len(name) < 2*h.objects.size && strings.Trim(digits, "0123456789abcdef") == "" {
		return h.short(digits)
	}
	return "", ErrNoRevision
}

// short finds the one commit whose name begins with the digits.
func (h *History) short(digits string) (string, error) {
	var found []string
	for _, id := range h.objects.withPrefix(digits) {
		if c, err := h.peel(id); err == nil {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		return "", ErrNoRevision
	case 1:
		return found[0], nil
	}
	return "", message.Errorf("%d commits begin with it (%s, %s): write more digits", len(found), found[0], found[1])
}

// peel goes through tags to the commit.
func (h *History) peel(id string) (string, error) {
	for range 10 {
		kind, size, rc, err := h.objects.open(id)
		if err != nil {
			if errors.Is(err, ErrNoObject) && h.Shallow() {
				return "", ErrShallow
			}
			return "", err
		}
		if kind == kindCommit {
			return id, rc.Close()
		}
		if kind != kindTag {
			_ = rc.Close() // it was only opened
			return "", message.Errorf("%s is no commit: %w", id, ErrNoRevision)
		}
		b, err := readAll(rc, size, maxSmall)
		_ = rc.Close() // it was only read
		if err != nil {
			return "", err
		}
		line, _, _ := bytes.Cut(b, []byte("\n"))
		to, ok := strings.CutPrefix(string(line), "object ")
		if !ok || !h.isID(to) {
			return "", errObject
		}
		id = to
	}
	return "", errObject
}
