// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of what --workload reads of a directory.
const (
	workloadFiles = 20_000
	workloadBytes = 4 << 20
	workloadTotal = 256 << 20
)

// readWorkloads reads the containers that files and directories start: manifests,
// charts, task definitions, Compose files. A file or directory that starts none
// is a mistake.
func (a *App) readWorkloads(ctx context.Context, names []string, s *check.Settings) (out []sekisho.Workload, bad []sekisho.Problem, err error) {
	for _, name := range names {
		files, err := a.workloadFiles(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		all, problems, err := rule.Workloads(ctx, files, s)
		if err != nil {
			return nil, nil, err
		}
		if len(all) == 0 {
			if i := slices.IndexFunc(problems, func(p sekisho.Problem) bool { return !p.Minor }); i >= 0 {
				return nil, nil, a.usage(message.WorkloadBad, name, problems[i].Path, problems[i].Error)
			}
			return nil, nil, a.usage(message.WorkloadNone, name)
		}
		for i := range all {
			if clean := filepath.ToSlash(name); path.Base(clean) == all[i].Path && len(files) == 1 {
				all[i].Path = clean
			} else {
				all[i].Path = path.Join(clean, all[i].Path)
			}
		}
		out = append(out, all...)
		for _, p := range problems {
			if p.Path = path.Join(filepath.ToSlash(name), p.Path); !p.Minor {
				bad = append(bad, p)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y sekisho.Workload) int {
		return cmp.Or(cmp.Compare(x.Path, y.Path), cmp.Compare(x.Line, y.Line))
	})
	return out, bad, nil
}

// workloadFiles reads a file, or those of a directory that may say how containers
// are run. Links are not followed.
func (a *App) workloadFiles(ctx context.Context, name string) (map[string][]byte, error) {
	info, err := os.Stat(a.path(name))
	if err != nil {
		return nil, usageError{a.notThere(name, err)}
	}
	dir, top := a.path(name), "."
	if !info.IsDir() {
		dir, top = filepath.Dir(a.path(name)), filepath.Base(name)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, usageError{a.notThere(name, err)}
	}
	defer root.Close()
	files, total := map[string][]byte{}, 0
	err = fs.WalkDir(root.FS(), filepath.ToSlash(top), func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.IsDir() || !d.Type().IsRegular() && p != top:
			return nil
		case p != top && !rule.WorkloadFile(&sekisho.File{Path: p, Mode: 0o644}):
			return nil
		}
		text, err := readPart(root, p)
		if err != nil {
			return err
		}
		if total += len(text); len(files) >= workloadFiles || total > workloadTotal {
			return usageError{errors.New(a.lang.Of(message.WorkloadMany, name))}
		}
		if len(text) <= workloadBytes {
			files[p] = text
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		if _, ok := errors.AsType[usageError](err); !ok {
			err = usageError{a.notThere(name, err)}
		}
	}
	return files, err
}

// readPart reads a file, one byte past the bound at most.
func readPart(root *os.Root, p string) ([]byte, error) {
	f, err := root.Open(filepath.FromSlash(p))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, workloadBytes+1))
}

// placed gives the result the workloads that start the target, and says so where
// that rests on a guess.
func (in *inspector) placed(r *sekisho.Result) error {
	if len(in.workloads) == 0 {
		return nil
	}
	found, sure := startedOf(in.workloads, r)
	if len(found) == 0 {
		var images []string
		for i := range in.workloads {
			if !slices.Contains(images, in.workloads[i].Image) {
				images = append(images, in.workloads[i].Image)
			}
		}
		return in.app.usage(message.WorkloadOther, r.Target.Name, strings.Join(images[:min(len(images), 10)], ", "))
	}
	if !sure && !in.flags.quiet {
		in.app.remark(message.WorkloadAssumed, found[0].Image, r.Target.Name)
	}
	for _, p := range in.unread {
		in.note(r, message.WorkloadUnread, p.Path, p.Error)
	}
	r.Workloads = found
	for i := range r.Platforms {
		r.Platforms[i].Workloads = found
	}
	return nil
}

// startedOf chooses the workloads of the target: those of its digest or of one of
// its names, else those of its repository under another tag (sure too: what is
// built now replaces what is written there), else the only image that there is.
func startedOf(all []sekisho.Workload, r *sekisho.Result) (found []sekisho.Workload, sure bool) {
	t := &r.Target
	digests := []string{t.Digest, t.IndexDigest, t.ConfigDigest}
	var mine []imageref.Reference
	if t.Kind == sekisho.KindImage || t.Kind == sekisho.KindSBOM {
		mine = append(mine, imageref.Parse(t.Name, ""))
	}
	if r.Image != nil {
		for _, tag := range r.Image.Tags {
			mine = append(mine, imageref.Parse(tag, ""))
		}
	}
	var exact, sameName []sekisho.Workload
	images := map[string]bool{}
	for i := range all {
		ref := imageref.Parse(all[i].Image, "")
		images[all[i].Image] = true
		same, tagged := false, ref.Digest != "" && slices.Contains(digests, ref.Digest)
		for _, m := range mine {
			if ref.Registry == m.Registry && ref.Repository == m.Repository {
				same, tagged = true, tagged || ref.Digest == "" && cmp.Or(ref.Tag, "latest") == cmp.Or(m.Tag, "latest")
			}
		}
		switch {
		case tagged:
			exact = append(exact, all[i])
		case same:
			sameName = append(sameName, all[i])
		}
	}
	switch {
	case len(exact) > 0:
		return exact, true
	case len(sameName) > 0:
		return sameName, true
	case len(images) == 1:
		return all, false
	}
	return nil, false
}
