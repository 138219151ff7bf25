// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/source/image"
	"github.com/sekisho/sekisho/internal/source/repo"
	"github.com/sekisho/sekisho/internal/source/rootfs"
	"github.com/sekisho/sekisho/internal/source/sbom"
)

// target is what the command line asks for. An empty scheme is to be detected.
type target struct{ scheme, name string }

// schemes that a user can write; "file" is a path to be told apart by what is
// there, "image" a bare reference whatever is on the disk.
var schemes = []string{"image", "registry", "docker", "podman", "containerd", "docker-archive", "oci-archive", "oci-dir", "dir", "repo", "git", "sbom", "purl", "file"}

func (a *App) target(args []string, f *scanFlags) (target, error) {
	if f.input != "" {
		if len(args) > 0 {
			return target{}, a.usage(message.InputAndTarget)
		}
		return target{scheme: "file", name: f.input}, nil
	}
	if f.files {
		return a.namedFiles(args, f)
	}
	switch {
	case len(args) == 0:
		return target{}, a.usage(message.NoTarget)
	case len(args) > 1:
		return target{}, a.usage(message.ManyTargets, args[1])
	case args[0] == "-":
		return target{scheme: "-"}, nil
	case strings.HasPrefix(args[0], "pkg:"):
		return target{"purl", args[0]}, nil
	}
	for _, s := range schemes {
		if rest, ok := strings.CutPrefix(args[0], s+":"); ok {
			if rest == "" {
				return target{}, a.usage(message.EmptyScheme, s)
			}
			return target{s, rest}, nil
		}
	}
	return target{name: args[0]}, nil
}

// open opens a target: one artifact, or one a platform.
func (a *App) open(ctx context.Context, t target, f *scanFlags, bar *progress) ([]*sekisho.Artifact, error) {
	all, err := a.openTarget(ctx, t, f, bar)
	if err != nil || !f.history {
		return all, err
	}
	for _, art := range all {
		if art.Target.Kind != sekisho.KindRepository {
			err = errors.Join(err, a.usage(message.HistoryOfTree, art.Target.Name))
		}
		if err != nil && art.Close != nil {
			_ = art.Close() // nothing was read
		}
	}
	return all, err
}

func (a *App) openTarget(ctx context.Context, t target, f *scanFlags, bar *progress) ([]*sekisho.Artifact, error) {
	o, err := a.imageOptions(f, bar)
	if err != nil {
		return nil, err
	}
	o.Signatures = f.signatures.asked()
	if f.offline && t.scheme == "registry" {
		return nil, a.usage(message.OfflineRegistry)
	}
	switch t.scheme {
	case "-":
		file, err := a.stdinFile(ctx, int64(f.totalBytes))
		if err != nil {
			return nil, err
		}
		return a.openFile(ctx, file, a.lang.Of(message.Stdin), f, o)
	case "file":
		return a.openPath(ctx, t.name, f, o)
	case "image":
		return a.openBare(ctx, t.name, f, o)
	case "dir":
		return one(rootfs.Open(ctx, a.path(t.name), rootfs.Options{Bounds: f.bounds()}))
	case "repo", "git":
		return a.openTree(ctx, t, f)
	case "sbom":
		file, err := os.Open(a.path(t.name))
		if err != nil {
			return nil, a.notThere(t.name, err)
		}
		defer file.Close()
		return one(sbom.Open(ctx, file, t.name, sbom.Options{Bounds: f.bounds()}))
	case "purl":
		return one(sbom.FromPURL(t.name))
	case "docker-archive", "oci-archive", "oci-dir":
		return image.Open(ctx, t.scheme, a.path(t.name), o)
	case "":
		return a.detect(ctx, t.name, f, o)
	}
	return image.Open(ctx, t.scheme, t.name, o)
}

func (a *App) repoOptions(f *scanFlags) repo.Options {
	return repo.Options{Ignored: f.ignored, History: f.history, Since: f.since, Only: f.only, Bounds: f.bounds()}
}

// openTree opens a source tree: as it lies on the disk, or at a revision.
func (a *App) openTree(ctx context.Context, t target, f *scanFlags) ([]*sekisho.Artifact, error) {
	o := a.repoOptions(f)
	dir, rev := a.revision(t)
	if rev == "" {
		return one(repo.Open(ctx, a.path(dir), o))
	}
	if f.ignored {
		return nil, a.usage(message.IgnoredAtRevision)
	}
	return one(repo.OpenRevision(ctx, a.path(dir), rev, o))
}

// revision tells the directory and the revision of a source tree apart:
// "repo:DIR@REV", and "git:REV" for that of the working directory. A directory
// whose own name has an @ is a directory. No revision: the tree on the disk.
func (a *App) revision(t target) (dir, rev string) {
	if t.scheme == "git" {
		return ".", t.name
	}
	if _, err := os.Stat(a.path(t.name)); err == nil {
		return t.name, ""
	}
	for i := range len(t.name) {
		if t.name[i] != '@' || i+1 == len(t.name) {
			continue
		}
		dir := t.name[:i]
		if dir == "" {
			dir = "."
		}
		if info, err := os.Stat(a.path(dir)); err == nil && info.IsDir() {
			return dir, t.name[i+1:]
		}
	}
	return t.name, ""
}

func hasScheme(s string) bool {
	return slices.ContainsFunc(schemes, func(scheme string) bool { return strings.HasPrefix(s, scheme+":") })
}

func (a *App) notThere(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New(a.lang.Of(message.NoSuchFile, name))
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return errors.New(a.lang.Of(message.OpenFile, name, err))
}

// detect tells a file, a directory and an image reference apart. What is there
// on disk wins, and it is said when it could have been meant as an image.
func (a *App) detect(ctx context.Context, name string, f *scanFlags, o image.Options) ([]*sekisho.Artifact, error) {
	_, err := os.Stat(a.path(name))
	if err == nil {
		if likeImage(name) && !f.quiet {
			a.remark(message.TookFile, name)
		}
		return a.openPath(ctx, name, f, o)
	}
	if likePath(name) {
		return nil, a.notThere(name, err)
	}
	return a.openBare(ctx, name, f, o)
}

// likePath says whether a name can only be meant as a path.
func likePath(name string) bool {
	for _, p := range []string{"./", "../", "/", "~"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	switch filepath.Ext(name) {
	case ".tar", ".tgz", ".gz", ".zst", ".json", ".xml", ".spdx", ".jar", ".war", ".lock":
		return true
	}
	return false
}

// likeImage says whether the name of something on the disk could be meant as
// an image too: "redis", "team/app", but not "./redis" or "app.tar".
func likeImage(name string) bool {
	return !strings.Contains(name, ".") && strings.IndexFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("/:_-", r))
	}) < 0 && !strings.HasPrefix(name, "/") && !strings.HasSuffix(name, "/")
}

// openBare opens an image by a bare reference and says who had it. Without the
// network only daemons are asked.
func (a *App) openBare(ctx context.Context, name string, f *scanFlags, o image.Options) ([]*sekisho.Artifact, error) {
	places := []string{""}
	if f.offline {
		places = []string{"docker", "podman", "containerd"}
	}
	var all []*sekisho.Artifact
	var errs []error
	for _, p := range places {
		var err error
		if all, err = image.Open(ctx, p, name, o); err == nil {
			break
		}
		if ctx.Err() != nil {
			return nil, err
		}
		errs = append(errs, err)
	}
	if len(errs) == len(places) {
		return nil, joined(errs)
	}
	if len(all) > 0 && !f.quiet {
		a.remark(message.OpenedFrom, name, all[0].Target.Source)
	}
	return all, nil
}

// joined is one error of several, in one line.
func joined(errs []error) error {
	err := errs[0]
	for _, e := range errs[1:] {
		err = message.Errorf("%w; %w", err, e)
	}
	return err
}

func (a *App) openPath(ctx context.Context, name string, f *scanFlags, o image.Options) ([]*sekisho.Artifact, error) {
	p := a.path(name)
	info, err := os.Stat(p)
	if err != nil {
		return nil, a.notThere(name, err)
	}
	if info.IsDir() {
		switch {
		case image.DetectDir(p):
			return image.Open(ctx, "oci-dir", p, o)
		case isRootFS(p):
			return one(rootfs.Open(ctx, p, rootfs.Options{Bounds: f.bounds()}))
		}
		return one(repo.Open(ctx, p, a.repoOptions(f)))
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New(a.lang.Of(message.NoFile, name))
	}
	file, err := os.Open(p)
	if err != nil {
		return nil, a.notThere(name, err)
	}
	return a.openFile(ctx, file, name, f, o)
}

// isRootFS says whether a directory holds a system.
func isRootFS(dir string) bool {
	for _, p := range []string{"etc/os-release", "usr/lib/os-release", "var/lib/dpkg/status", "lib/apk/db/installed", "var/lib/rpm", "usr/lib/sysimage/rpm"} {
		if _, err := os.Lstat(filepath.Join(dir, p)); err == nil {
			return true
		}
	}
	return false
}

// openFile opens an image archive, an SBOM or a file that an extractor reads,
// by its bytes; it takes file over.
func (a *App) openFile(ctx context.Context, file *os.File, name string, f *scanFlags, o image.Options) ([]*sekisho.Artifact, error) {
	head := make([]byte, 4096)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		file.Close()
		return nil, message.Errorf("read %s: %w", name, err)
	}
	if n == 0 {
		file.Close()
		return nil, errors.New(a.lang.Of(message.EmptyFile, name))
	}
	head = head[:n]
	// A lock file may look like an SBOM: where its marks are not among the first
	// bytes, the name decides.
	if format, ok := sbom.Detect(head); ok && (format != "" || !wanted(file, head)) {
		defer file.Close()
		return one(sbom.Open(ctx, file, name, sbom.Options{Bounds: f.bounds()}))
	}
	kind, err := image.DetectFile(file)
	if err == nil && kind == "" && wanted(file, head) {
		file.Close()
		return one(rootfs.OpenFile(ctx, a.path(name), rootfs.Options{Bounds: f.bounds()}))
	}
	all, err := image.OpenFile(ctx, file, name, o)
	if err != nil && kind == "" && ctx.Err() == nil {
		return nil, errors.New(a.lang.Of(message.NothingInFile, name, err))
	}
	return all, err
}

// wanted says whether an extractor reads a file of this name, alone.
func wanted(file *os.File, head []byte) bool {
	info, err := file.Stat()
	if err != nil {
		return false
	}
	f := sekisho.File{
		Path: filepath.Base(file.Name()), Mode: info.Mode().Perm(), Size: info.Size(), ModTime: info.ModTime(),
		Head: head[:min(len(head), sekisho.HeadSize)],
	}
	return slices.ContainsFunc(slices.Concat(ecosystem.Extractors(), rule.Extractors()), func(e sekisho.Extractor) bool { return e.Wants(&f) })
}

func one(art *sekisho.Artifact, err error) ([]*sekisho.Artifact, error) {
	if err != nil {
		return nil, err
	}
	return []*sekisho.Artifact{art}, nil
}
