// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"encoding/hex"
	"errors"
	"hash/maphash"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// name of an object: 20 bytes, or 32 in a SHA-256 repository.
type name [32]byte

func (h *History) parse(id string) (n name) {
	_, _ = hex.Decode(n[:], []byte(id)) // it came from this room
	return n
}

func (h *History) write(n *name) string { return hex.EncodeToString(n[:h.objects.size]) }

// past is the walk over commits and their trees: what they brought, in which
// order. The contents are read afterwards, in the order of the packs.
type past struct {
	h     *History
	opt   Options
	tips  map[name][]string // commits by the names of their references
	head  name
	start int // references that were followed

	commits []pastCommit // parents before their children
	at      map[name]int32

	trees   map[name][]uint64 // where each was seen, as hashes of paths
	seed    maphash.Seed
	entries int64
	blobs   []pastBlob
	blobAt  map[name]int32
	subs    map[string]bool // submodules

	missing  int // commits and trees that are not there
	damaged  int
	cut      bool // a shallow clone ended the walk
	problems []sekisho.Problem
}

type pastCommit struct {
	id, tree name
	parents  []name
	when     int64 // the committer's time
	day      string
}

// pastBlob is a content: the commit that brought it (-1: one behind --since) and
// its paths, the first one first.
type pastBlob struct {
	id     name
	commit int32
	paths  []string
}

// The bounds of the walk that are not of [sekisho.Bounds].
const (
	maxTreePlaces = 64         // of one tree: more places hold nothing new
	maxPaths      = 20         // of one content
	maxCommits    = 20_000_000 // ten times what the largest repositories have
	maxTreeDepth  = 400        // of directories
)

var errEntries = message.New("too many entries")

// follow adds the references: all of them, or HEAD alone with --since.
func (p *past) follow() error {
	add := func(id, ref string) {
		if !p.h.isID(id) || strings.Trim(id, "0") == "" {
			return
		}
		c, err := p.h.peel(id)
		switch {
		case errors.Is(err, ErrNoRevision):
			return // a tag of a tree or of a file
		case err != nil:
			p.missing++
			return
		}
		n := p.h.parse(c)
		p.tips[n] = append(p.tips[n], ref)
		p.start++
	}
	head := p.h.git.commit()
	if head != "" {
		p.head = p.h.parse(head)
		add(head, "HEAD")
	}
	if p.opt.Since != "" {
		if head == "" {
			return message.Errorf("read the history since %s: there is no commit yet", p.opt.Since)
		}
		return nil
	}
	refs, err := p.h.Refs()
	if err != nil {
		return err
	}
	for _, r := range refs {
		add(r.ID, r.Name)
	}
	// Older stashes are in the log alone, and each work tree has a HEAD.
	common := p.h.git.common
	if f, err := openRegular(filepath.Join(common, "logs", "refs", "stash")); err == nil {
		ls, err := lines(f)
		if err == nil {
			for _, l := range ls {
				if f := strings.Fields(l); len(f) > 1 {
					add(f[1], "refs/stash")
				}
			}
		}
		f.Close()
	}
	trees, err := os.ReadDir(filepath.Join(common, "worktrees"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return message.Errorf("read the work trees: %w", err)
	}
	for _, t := range trees {
		w := &git{dir: filepath.Join(common, "worktrees", t.Name()), common: common}
		add(w.commit(), "HEAD of the work tree "+t.Name())
	}
	return nil
}

// read walks the commits from the references, and then their trees from the
// oldest on.
func (p *past) read(ctx context.Context) error {
	if err := p.follow(); err != nil {
		return err
	}
	known := map[name]bool{} // commits behind --since
	edge := map[name]bool{}
	if p.opt.Since != "" {
		id, err := p.h.Resolve(p.opt.Since)
		if err != nil {
			return message.Errorf("read the history since %s: %w", p.opt.Since, err)
		}
		since := p.h.parse(id)
		if _, err := p.collect(ctx, []name{since}, known, nil); err != nil {
			return err
		}
		edge[since] = true
		p.cut = false // what is behind is not asked for
	}
	tips := make([]name, 0, len(p.tips))
	for t := range p.tips {
		tips = append(tips, t)
	}
	slices.SortFunc(tips, func(a, b name) int { return bytes.Compare(a[:], b[:]) })
	all, err := p.collect(ctx, tips, map[name]bool{}, known)
	if err != nil {
		return err
	}
	p.order(all)
	for i := range p.commits {
		for _, q := range p.commits[i].parents {
			if known[q] {
				edge[q] = true
			}
		}
	}
	for id := range edge {
		if c, ok := p.commit(id); ok {
			if err := p.root(c.tree, -1); err != nil {
				return err
			}
		}
	}
	for i := range p.commits {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.root(p.commits[i].tree, int32(i)); err != nil {
			return err
		}
	}
	return nil
}

// collect reads all commits that are reachable and not in stop.
func (p *past) collect(ctx context.Context, from []name, seen, stop map[name]bool) ([]pastCommit, error) {
	var out []pastCommit
	for todo := slices.Clone(from); len(todo) > 0; {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[id] || stop[id] {
			continue
		}
		seen[id] = true
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(out) == maxCommits {
			p.problem("entries", message.Errorf("the repository has more than %d commits: the rest was not looked through", maxCommits), false)
			break
		}
		c, ok := p.commit(id)
		if !ok {
			continue
		}
		out = append(out, c)
		todo = append(todo, c.parents...)
	}
	return out, nil
}

func (p *past) commit(id name) (pastCommit, bool) {
	c, err := p.h.Commit(p.h.write(&id))
	if err != nil {
		p.lost(err)
		return pastCommit{}, false
	}
	out := pastCommit{id: id, tree: p.h.parse(c.Tree), when: c.Committed.Unix()}
	if !c.Authored.IsZero() {
		out.day = c.Authored.Format("2006-01-02")
	}
	if c.Cut {
		p.cut = true
		return out, true
	}
	for _, q := range c.Parents {
		if p.h.isID(q) {
			out.parents = append(out.parents, p.h.parse(q))
		}
	}
	return out, true
}

func (p *past) lost(err error) {
	if errors.Is(err, ErrNoObject) {
		p.missing++
	} else {
		p.damaged++
	}
}

func (p *past) problem(bound string, why error, minor bool) {
	p.problems = append(p.problems, sekisho.Problem{Stage: sekisho.StageWalk, Bound: bound, Minor: minor}.Saying(message.Words(why)))
}

// order puts parents before children, else the oldest first.
func (p *past) order(all []pastCommit) {
	index := make(map[name]int32, len(all))
	for i := range all {
		index[all[i].id] = int32(i)
	}
	waits := make([]int32, len(all))
	children := make([][]int32, len(all))
	ready := &oldest{all: all}
	for i := range all {
		for _, q := range all[i].parents {
			if j, ok := index[q]; ok {
				waits[i]++
				children[j] = append(children[j], int32(i))
			}
		}
		if waits[i] == 0 {
			ready.next = append(ready.next, int32(i))
		}
	}
	heap.Init(ready)
	p.commits = make([]pastCommit, 0, len(all))
	p.at = make(map[name]int32, len(all))
	for ready.Len() > 0 {
		i, _ := heap.Pop(ready).(int32)
		p.at[all[i].id] = int32(len(p.commits))
		p.commits = append(p.commits, all[i])
		for _, c := range children[i] {
			if waits[c]--; waits[c] == 0 {
				heap.Push(ready, c)
			}
		}
	}
	if len(p.commits) < len(all) { // commits that are their own ancestors: forged
		p.problem("", message.New("the history goes in a circle: the repository is damaged or made to do harm; `git fsck` says more"), false)
		for i := range all {
			if _, ok := p.at[all[i].id]; !ok {
				p.at[all[i].id] = int32(len(p.commits))
				p.commits = append(p.commits, all[i])
			}
		}
	}
}

// oldest is a heap of commits, the oldest first.
type oldest struct {
	all  []pastCommit
	next []int32
}

func (o *oldest) Len() int { return len(o.next) }
func (o *oldest) Less(i, j int) bool {
	a, b := &o.all[o.next[i]], &o.all[o.next[j]]
	return cmp.Or(cmp.Compare(a.when, b.when), bytes.Compare(a.id[:], b.id[:])) < 0
}
func (o *oldest) Swap(i, j int) { o.next[i], o.next[j] = o.next[j], o.next[i] }
func (o *oldest) Push(x any) {
	i, _ := x.(int32)
	o.next = append(o.next, i)
}

func (o *oldest) Pop() any {
	last := o.next[len(o.next)-1]
	o.next = o.next[:len(o.next)-1]
	return last
}

// root walks the tree of a commit, below the directory that was asked for.
func (p *past) root(tree name, commit int32) error {
	for part := range strings.SplitSeq(p.h.Prefix, "/") {
		if part == "" {
			break
		}
		found := false
		err := p.list(tree, func(mode uint32, entry []byte, id name) error {
			if mode&modeType == ModeDir && string(entry) == part {
				tree, found = id, true
			}
			return nil
		})
		if err != nil || !found {
			p.lostTree(err)
			return nil
		}
	}
	err := p.tree(tree, "", 0, commit)
	if errors.Is(err, errEntries) {
		p.problem("entries", message.Errorf("the trees of the history hold more than %d entries: the rest was not looked through, raise --max-entries or use --since", p.opt.Bounds.Entries), false)
		return nil
	}
	return err
}

func (p *past) lostTree(err error) {
	if err != nil {
		p.lost(err)
	}
}

// tree walks what is new in a directory.
func (p *past) tree(tree name, dir string, depth int, commit int32) error {
	at := maphash.String(p.seed, dir)
	places := p.trees[tree]
	if len(places) >= maxTreePlaces || slices.Contains(places, at) {
		return nil
	}
	p.trees[tree] = append(places, at)
	if depth > maxTreeDepth || len(dir) > p.opt.Bounds.PathBytes {
		if !slices.ContainsFunc(p.problems, func(q sekisho.Problem) bool { return q.Bound == "path-bytes" }) {
			p.problem("path-bytes", message.Errorf("the history holds directories that are nested more than %d deep or have longer paths than %d bytes: they were not looked through", maxTreeDepth, p.opt.Bounds.PathBytes), false)
		}
		return nil
	}
	err := p.list(tree, func(mode uint32, entry []byte, id name) error {
		if p.entries++; p.entries > p.opt.Bounds.Entries {
			return errEntries
		}
		switch mode & modeType {
		case ModeDir:
			return p.tree(id, join(dir, entry), depth+1, commit)
		case ModeSubmodule:
			if len(p.subs) < 1000 {
				p.subs[join(dir, entry)] = true
			}
		case 0o100000:
			p.blob(id, dir, entry, commit)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEntries) {
		p.lostTree(err)
		return nil
	}
	return err
}

func join(dir string, entry []byte) string {
	if dir == "" {
		return string(entry)
	}
	return dir + "/" + string(entry)
}

func (p *past) blob(id name, dir string, entry []byte, commit int32) {
	i, ok := p.blobAt[id]
	if !ok {
		p.blobAt[id] = int32(len(p.blobs))
		p.blobs = append(p.blobs, pastBlob{id: id, commit: commit, paths: []string{join(dir, entry)}})
		return
	}
	b := &p.blobs[i]
	if len(b.paths) < maxPaths {
		if at := join(dir, entry); !slices.Contains(b.paths, at) {
			b.paths = append(b.paths, at)
		}
	}
}

// list calls each for the entries of a tree, until an error.
func (p *past) list(tree name, each func(mode uint32, entry []byte, id name) error) error {
	b, err := p.h.objects.read(p.h.write(&tree), kindTree, maxSmall)
	if err != nil {
		return err
	}
	size := p.h.objects.size
	for len(b) > 0 {
		nul := bytes.IndexByte(b, 0)
		if nul < 0 || len(b)-nul-1 < size {
			return errObject
		}
		digits, entry, ok := bytes.Cut(b[:nul], []byte(" "))
		var mode uint32
		for _, c := range digits {
			if c < '0' || c > '7' || mode > 0o777777 {
				return errObject
			}
			mode = mode<<3 | uint32(c-'0')
		}
		if !ok || len(entry) == 0 || string(entry) == "." || string(entry) == ".." || bytes.IndexByte(entry, '/') >= 0 {
			return errObject
		}
		var id name
		copy(id[:], b[nul+1:nul+1+size])
		if err := each(mode, entry, id); err != nil {
			return err
		}
		b = b[nul+1+size:]
	}
	return nil
}

// places are the names under which a content is looked through: the first path,
// and one more for each other file name, since a name can say what a value is.
func (b *pastBlob) places() []string {
	out := b.paths[:1:1]
	for _, p := range b.paths[1:] {
		if !slices.ContainsFunc(out, func(o string) bool { return path.Base(o) == path.Base(p) }) {
			out = append(out, p)
		}
	}
	return out
}
