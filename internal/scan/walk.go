// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// facts is everything that the walk of one layer learned: what is cached.
type facts struct {
	Inventory sekisho.Inventory
	Index     layer.Index
	// Executables are the ELF programs of the layer, so that those that nobody
	// owns can be counted.
	Executables []string
	Files       int64
	FilesRead   int64
	Bytes       int64
	// cached is true when the facts came from the cache.
	cached bool
	// broken is true when the walk ended early: not to be cached.
	broken bool
}

// walker walks the layers of one artifact.
type walker struct {
	opt     Options
	exclude exclusion
	retain  *retainer
	slots   chan struct{} // bounds the extractions that run at once
	noters  []sekisho.Noter
	smell   []sekisho.Sniffer
	entries atomic.Int64
	bytes   atomic.Int64
}

// layerWalk is the state of one layer's walk.
type layerWalk struct {
	*walker
	layer *sekisho.Layer
	jobs  sync.WaitGroup

	mu     sync.Mutex
	facts  facts
	groups map[groupKey]map[string]*kept
	links  []link            // hard links to files that nobody wanted under their first name
	taken  map[string][]int  // wanted files and who took them, for hard links to them
	heads  map[string][]byte // how executables begin, for hard links to them
	full   bool              // too many files were noted

	asked       []smeller      // in the order of walker.smell
	sniffed     []atomic.Int64 // facts that each sniffer told
	unreadable  int            // files that sniffers alone wanted, and the first of them
	unreadFirst string
	past        *pastSecrets // of a history's walk
	archives    bool         // somebody looks into them
}

type groupKey struct {
	extractor int
	main      string
}

type kept struct {
	file    sekisho.File
	content sekisho.Content
}

type link struct {
	file sekisho.File
	want []int
}

// walk reads a layer once. The error is for a layer that could not be read to
// its end; the facts until then are valid.
func (w *walker) walk(ctx context.Context, l *sekisho.Layer) (*facts, error) {
	return w.walkWith(ctx, l, nil)
}

func (w *walker) walkWith(ctx context.Context, l *sekisho.Layer, past *pastSecrets) (f *facts, err error) {
	lw := &layerWalk{past: past, archives: w.opens(), walker: w, layer: l, groups: map[groupKey]map[string]*kept{}, taken: map[string][]int{}, heads: map[string][]byte{}, sniffed: make([]atomic.Int64, len(w.smell))}
	sessions := lw.begin(ctx)
	defer func() {
		lw.jobs.Wait()
		lw.flush(ctx)
		lw.jobs.Wait()
		lw.settle(sessions)
		lw.tellUnread()
		lw.facts.Inventory.Uses = unowned(&lw.facts.Inventory)
		lw.facts.Index.Sort()
		lw.facts.broken = lw.facts.broken || err != nil
		f = &lw.facts
	}()
	err = lw.stream(ctx, lw.entry)
	if err == nil && len(lw.links) > 0 {
		lw.jobs.Wait()
		err = lw.follow(ctx)
	}
	return nil, err
}

// stream opens the layer and calls each for its files.
func (lw *layerWalk) stream(ctx context.Context, each func(context.Context, sekisho.FileStream, *sekisho.File) error) error {
	s, err := lw.layer.Open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		file, err := s.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var pe *sekisho.ProblemError
		if errors.As(err, &pe) && pe.Problem.Bound != "ratio" {
			if !lw.exclude.has(pe.Problem.Path) {
				lw.problem(pe.Problem)
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := each(ctx, s, file); err != nil {
			return err
		}
	}
}

func (lw *layerWalk) problem(p sekisho.Problem) {
	if p.Layer == "" {
		p.Layer = layerName(lw.layer)
	}
	lw.mu.Lock()
	lw.facts.Inventory.Problems = append(lw.facts.Inventory.Problems, p)
	lw.mu.Unlock()
}

func layerName(l *sekisho.Layer) string {
	if l.DiffID != "" {
		return l.DiffID
	}
	return l.Digest
}

// count keeps the bounds over all layers.
func (lw *layerWalk) count(s sekisho.FileStream, file *sekisho.File) error {
	lw.facts.Files++
	if n := lw.entries.Add(1); n > lw.opt.Bounds.Entries {
		return boundProblem("entries", message.FaultEntries, lw.opt.Bounds.Entries)
	}
	size := file.Size
	if b, ok := s.(interface{ Bytes() int64 }); ok {
		// What the stream really gave: a sparse file can claim any size.
		size = b.Bytes() - lw.facts.Bytes
	}
	size = max(size, 0) // see sekisho.File.Size
	lw.facts.Bytes += size
	if n := lw.bytes.Add(size); n > lw.opt.Bounds.TotalBytes {
		return boundProblem("total-bytes", message.FaultTotalBytes, lw.opt.Bounds.TotalBytes)
	}
	return nil
}

func boundProblem(bound string, f message.Fault, limit int64) error {
	return &sekisho.ProblemError{Problem: sekisho.Problem{Stage: sekisho.StageWalk, Bound: bound}.Saying(f.Words(limit))}
}

// leaver is a stream that need not go into the directory that it gave last.
type leaver interface{ Leave() }

// entry looks at one file of the stream.
func (lw *layerWalk) entry(ctx context.Context, s sekisho.FileStream, file *sekisho.File) error {
	if err := lw.count(s, file); err != nil {
		return err
	}
	if lw.facts.Files%4096 == 0 {
		lw.opt.progress(Event{Layer: layerName(lw.layer), Bytes: lw.facts.Bytes, Files: lw.facts.Files})
	}
	if lw.exclude.has(file.Path) {
		if d, ok := s.(leaver); ok && file.Type == sekisho.TypeDir {
			d.Leave()
		}
		return nil
	}
	lw.note(file)
	if file.Open != nil {
		if file.Type != sekisho.TypeRegular {
			return nil
		}
		return lw.later(ctx, *file)
	}
	lw.facts.Index.Add(file)
	switch file.Type {
	case sekisho.TypeRegular:
	case sekisho.TypeHardlink:
		lw.hardlink(file)
		return nil
	default:
		return nil
	}
	var head [sekisho.HeadSize]byte
	n, err := io.ReadFull(s, head[:min(file.Size, sekisho.HeadSize)])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	file.Head = head[:n]
	if executable(file) {
		lw.facts.Executables = append(lw.facts.Executables, file.Path)
	}
	if file.Mode&0o111 != 0 {
		lw.heads[file.Path] = bytes.Clone(file.Head[:min(n, linkHead)])
	}
	want := lw.wanted(file)
	smell := lw.sniffers(file)
	if len(want) == 0 || !lw.fits(file) {
		if smell != nil {
			return lw.passing(ctx, smell, head[:n], s)
		}
		return nil
	}
	content, err := lw.retain.take(file.Size, head[:n], s)
	if err != nil {
		return err
	}
	lw.taken[file.Path] = want
	return lw.extract(ctx, *file, want, content, smell)
}

// maxNotes is how many entries of a layer are noted.
const maxNotes = 20_000

// note asks those who judge entries by themselves.
func (lw *layerWalk) note(file *sekisho.File) {
	if len(lw.noters) == 0 || file.Type == sekisho.TypeWhiteout || file.Type == sekisho.TypeOpaque {
		return
	}
	var notes []string
	for _, n := range lw.noters {
		notes = append(notes, n.Note(file)...)
	}
	if len(notes) == 0 {
		return
	}
	lw.mu.Lock()
	defer lw.mu.Unlock()
	switch n := len(lw.facts.Inventory.Files); {
	case n < maxNotes:
		lw.facts.Inventory.Files = append(lw.facts.Inventory.Files, sekisho.FileNote{
			Type: file.Type, Mode: uint32(file.Mode), UID: file.UID, GID: file.GID, Size: file.Size, Link: file.Link, Notes: notes, Location: sekisho.Location{Path: file.Path},
		})
	case !lw.full:
		lw.full = true
		lw.facts.Inventory.Problems = append(lw.facts.Inventory.Problems, sekisho.Problem{
			Stage: sekisho.StageWalk, Layer: layerName(lw.layer), Bound: "notes",
		}.Saying(message.FaultNotes.Words(maxNotes)))
	}
}

// fits keeps the bound on single files.
func (lw *layerWalk) fits(file *sekisho.File) bool {
	if file.Size <= lw.opt.Bounds.FileBytes {
		return true
	}
	lw.problem(sekisho.Problem{
		Stage: sekisho.StageWalk, Path: file.Path, Bound: "file-bytes",
	}.Saying(message.FaultFileBytes.Words(file.Size, lw.opt.Bounds.FileBytes)))
	return false
}

// later handles a file that can be opened at will: all of it in a worker.
func (lw *layerWalk) later(ctx context.Context, file sekisho.File) error {
	if err := lw.slot(ctx); err != nil {
		return err
	}
	lw.jobs.Go(func() {
		defer func() { <-lw.slots }()
		lw.open(ctx, file)
	})
	return nil
}

func (lw *layerWalk) open(ctx context.Context, file sekisho.File) {
	// Reading the beginning of every file of a machine would cost more than all
	// the rest: it is read of programs and libraries, which alone are known by it.
	var content sekisho.Content
	defer func() {
		if content != nil {
			content.Close()
		}
	}()
	var head [sekisho.HeadSize]byte
	var err error
	if file.Size < 0 {
		if content, err = file.Open(); err != nil {
			lw.unopened(file.Path, err)
			return
		}
		file.Size = content.Size()
		if n := lw.bytes.Add(file.Size); n > lw.opt.Bounds.TotalBytes {
			lw.pastBound()
			return
		}
	}
	if headed(&file) {
		if content, err = file.Open(); err != nil {
			lw.problem(sekisho.Problem{Stage: sekisho.StageWalk, Path: file.Path, Minor: true}.Saying(message.Words(err)))
			return
		}
		n, err := content.ReadAt(head[:min(int64(len(head)), file.Size)], 0)
		if err != nil && !errors.Is(err, io.EOF) {
			lw.problem(sekisho.Problem{Stage: sekisho.StageWalk, Path: file.Path, Minor: true}.Saying(message.Words(err)))
			return
		}
		file.Head = head[:n]
		if executable(&file) {
			lw.mu.Lock()
			lw.facts.Executables = append(lw.facts.Executables, file.Path)
			lw.mu.Unlock()
		}
	}
	want := lw.wanted(&file)
	smell := lw.sniffers(&file)
	if len(want) > 0 && !lw.fits(&file) {
		want = nil
	}
	if len(want) == 0 && smell == nil {
		return
	}
	if content == nil {
		if content, err = file.Open(); err != nil && len(want) == 0 {
			lw.unread(file.Path)
			return
		} else if err != nil {
			lw.problem(sekisho.Problem{Stage: sekisho.StageWalk, Path: file.Path}.Saying(message.Words(err)))
			return
		}
	}
	if smell != nil {
		lw.through(ctx, smell, content)
	}
	if len(want) == 0 {
		return
	}
	c := content
	content = nil
	lw.run(ctx, file, want, c)
}

// headed says whether a file of a directory is looked into before Wants.
func headed(f *sekisho.File) bool {
	if f.Size < 64 {
		return false
	}
	if f.Mode&0o111 != 0 {
		return true
	}
	name := f.Path[strings.LastIndexByte(f.Path, '/')+1:]
	return strings.Contains(name, ".so") || strings.HasSuffix(name, ".exe") || strings.HasSuffix(name, ".dll")
}

func executable(f *sekisho.File) bool {
	if f.Mode&0o111 == 0 || !bytes.HasPrefix(f.Head, []byte("\x7fELF")) {
		return false
	}
	name := f.Path[strings.LastIndexByte(f.Path, '/')+1:]
	return !strings.Contains(name, ".so") && !strings.HasSuffix(name, ".o") && !strings.HasSuffix(name, ".ko")
}

// wanted asks every extractor; the answer is the indexes of those that want it.
func (w *walker) wanted(file *sekisho.File) (want []int) {
	for i, e := range w.opt.Extractors {
		if e.Wants(file) {
			want = append(want, i)
		}
	}
	return want
}

// linkHead is how much of each executable is kept for hard links, in bytes:
// enough to tell a program from a script. Reading a layer again for every
// script with two names would double the time of a scan.
const linkHead = 64

// hardlink remembers a link whose name somebody wants while its first name was
// wanted by nobody: the layer is then read a second time for it.
func (lw *layerWalk) hardlink(file *sekisho.File) {
	plain := *file
	plain.Type = sekisho.TypeRegular
	plain.Head = lw.heads[file.Link] // programs are known by it, other files by name
	want := lw.wanted(&plain)
	var open []int
	for _, i := range want {
		if !slices.Contains(lw.taken[file.Link], i) {
			open = append(open, i)
		}
	}
	if len(open) > 0 && len(lw.links) < 100_000 {
		lw.links = append(lw.links, link{file: *file, want: open})
	}
}

// follow reads the layer again for the targets of wanted hard links.
func (lw *layerWalk) follow(ctx context.Context) error {
	targets := map[string][]link{}
	for _, l := range lw.links {
		targets[l.file.Link] = append(targets[l.file.Link], l)
	}
	return lw.stream(ctx, func(ctx context.Context, s sekisho.FileStream, file *sekisho.File) error {
		links := targets[file.Path]
		if len(links) == 0 || file.Type != sekisho.TypeRegular || !lw.fits(file) {
			return nil
		}
		var head [sekisho.HeadSize]byte
		n, err := io.ReadFull(s, head[:min(file.Size, sekisho.HeadSize)])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		content, err := lw.retain.take(file.Size, head[:n], s)
		if err != nil {
			return err
		}
		shared := share(content, len(links))
		for _, l := range links {
			f := *file
			f.Path, f.Head = l.file.Path, head[:n]
			var want []int
			for _, i := range l.want {
				if lw.opt.Extractors[i].Wants(&f) {
					want = append(want, i)
				}
			}
			if err := lw.extract(ctx, f, want, shared, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

func (lw *layerWalk) slot(ctx context.Context) error {
	select {
	case lw.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// extract runs the extractors over a file in a worker of its own.
func (lw *layerWalk) extract(ctx context.Context, file sekisho.File, want []int, content sekisho.Content, smell *sniff) error {
	file.Head = nil
	if len(want) == 0 {
		return content.Close()
	}
	if err := lw.slot(ctx); err != nil {
		content.Close()
		return err
	}
	lw.jobs.Go(func() {
		defer func() { <-lw.slots }()
		if smell != nil {
			lw.through(ctx, smell, content)
		}
		lw.run(ctx, file, want, content)
	})
	return nil
}

// run gives a file to those who want it, or keeps it for its group.
func (lw *layerWalk) run(ctx context.Context, file sekisho.File, want []int, content sekisho.Content) {
	file.Head, file.Open = nil, nil
	lw.mu.Lock()
	lw.facts.FilesRead++
	lw.mu.Unlock()
	holders := 1
	for _, i := range want {
		if _, ok := lw.opt.Extractors[i].(sekisho.Grouper); ok {
			holders++
		}
	}
	shared := share(content, holders)
	defer shared.Close()
	for _, i := range want {
		e := lw.opt.Extractors[i]
		if g, ok := e.(sekisho.Grouper); ok {
			key := groupKey{i, g.Group(file.Path)}
			lw.mu.Lock()
			if lw.groups[key] == nil {
				lw.groups[key] = map[string]*kept{}
			}
			if old := lw.groups[key][file.Path]; old != nil {
				old.content.Close()
			}
			lw.groups[key][file.Path] = &kept{file, shared}
			lw.mu.Unlock()
			continue
		}
		lw.call(ctx, e, &sekisho.Input{Path: file.Path, File: file, Content: shared, Size: shared.Size(), Bounds: lw.opt.Bounds})
	}
}

// flush gives the groups, complete now, to their extractors.
func (lw *layerWalk) flush(ctx context.Context) {
	for key, files := range lw.groups {
		if key.main == "" {
			key.main = slices.Min(slices.Collect(maps.Keys(files)))
		}
		var main *sekisho.Input
		beside := map[string]*sekisho.Input{}
		for p, k := range files {
			in := &sekisho.Input{Path: p, File: k.file, Content: k.content, Size: k.content.Size(), Bounds: lw.opt.Bounds}
			if p == key.main {
				main = in
			} else {
				beside[p] = in
			}
		}
		if main != nil && ctx.Err() == nil {
			main.Beside = beside
			lw.call(ctx, lw.opt.Extractors[key.extractor], main)
		}
		for _, k := range files {
			k.content.Close()
		}
	}
	lw.groups = nil
}

// call runs one extractor; a panic in it is a problem of that file.
func (lw *layerWalk) call(ctx context.Context, e sekisho.Extractor, in *sekisho.Input) {
	inv, err := func() (inv sekisho.Inventory, err error) {
		defer func() {
			if r := recover(); r != nil {
				err = &sekisho.ProblemError{Problem: sekisho.Problem{Path: in.Path}.Saying(message.FaultExtractor.Words(e.Name(), r, where(debug.Stack())))}
			}
		}()
		return e.Extract(ctx, in)
	}()
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		inv.Problems = append(inv.Problems, sekisho.AsProblem(sekisho.StageExtract, in.Path, err))
	}
	lw.stamp(e, in, &inv)
	lw.mu.Lock()
	lw.facts.Inventory.Merge(inv)
	lw.mu.Unlock()
}

// where finds the line of a panic: the first of our own files in the stack.
func where(stack []byte) string {
	for i, line := range strings.Split(string(stack), "\n") {
		if i > 6 && (strings.Contains(line, "internal/ecosystem/") || strings.Contains(line, "internal/rule/") || strings.Contains(line, "internal/engine/")) && strings.HasPrefix(line, "\t") {
			file, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			return path.Base(path.Dir(file)) + "/" + path.Base(file)
		}
	}
	return "an unknown place"
}

// stamp fills in what every fact has: where it was found and by whom.
func (lw *layerWalk) stamp(e sekisho.Extractor, in *sekisho.Input, inv *sekisho.Inventory) {
	for i := range inv.Packages {
		p := &inv.Packages[i]
		p.Extractor = e.Name()
		if len(p.Locations) == 0 {
			p.Locations = []sekisho.Location{{Path: in.Path, Line: p.Line}}
		}
		for j := range p.Locations {
			if p.Locations[j].Path == "" {
				p.Locations[j].Path = in.Path
			}
		}
	}
	for i := range inv.OS {
		if inv.OS[i].Location.Path == "" {
			inv.OS[i].Location.Path = in.Path
		}
	}
	for i := range inv.Owned {
		inv.Owned[i].Location.Path = in.Path
	}
	for i := range inv.Marks {
		inv.Marks[i].Location.Path = in.Path
	}
	for i := range inv.Uses {
		inv.Uses[i].Location.Path = in.Path
	}
	for i := range inv.Licenses {
		inv.Licenses[i].Location.Path = cmp.Or(inv.Licenses[i].Location.Path, in.Path)
	}
	for i := range inv.Resources {
		if inv.Resources[i].Location.Path == "" {
			inv.Resources[i].Location.Path = in.Path
		}
	}
	for i := range inv.Problems {
		p := &inv.Problems[i]
		if p.Stage == "" {
			p.Stage = sekisho.StageExtract
		}
		if p.Path == "" {
			p.Path = in.Path
		}
		if p.Layer == "" {
			p.Layer = layerName(lw.layer)
		}
	}
}
