// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/source/image"
	"github.com/sekisho/sekisho/internal/source/repo"
	"github.com/sekisho/sekisho/internal/source/rootfs"
	"github.com/sekisho/sekisho/internal/source/sbom"
)

// target is what the command line asks for. An empty scheme is to be detected.
type target struct{ scheme, name string }

var schemes = []string{"registry", "docker", "podman", "containerd", "docker-archive", "oci-archive", "oci-dir", "dir", "repo", "sbom", "purl", "file"}

func (a *App) target(args []string, f *scanFlags) (target, error) {
	if f.input != "" {
		if len(args) > 0 {
			return target{}, usageError{errors.New(a.lang.Of(message.InputAndTarget))}
		}
		return target{scheme: "file", name: f.input}, nil
	}
	switch {
	case len(args) == 0:
		return target{}, usageError{errors.New(a.lang.Of(message.NoTarget))}
	case len(args) > 1:
		return target{}, usageError{errors.New(a.lang.Of(message.ManyTargets, args[1]))}
	case args[0] == "-":
		return target{scheme: "-"}, nil
	case strings.HasPrefix(args[0], "pkg:"):
		return target{"purl", args[0]}, nil
	}
	for _, s := range schemes {
		if rest, ok := strings.CutPrefix(args[0], s+":"); ok {
			if rest == "" {
				return target{}, usageError{errors.New(a.lang.Of(message.EmptyScheme, s))}
			}
			return target{s, rest}, nil
		}
	}
	return target{name: args[0]}, nil
}

// open opens a target: one artifact, or one a platform.
func (a *App) open(ctx context.Context, t target, f *scanFlags, bar *progress) ([]*sekisho.Artifact, error) {
	o, err := a.imageOptions(f, bar)
	if err != nil {
		return nil, err
	}
	one := func(art *sekisho.Artifact, err error) ([]*sekisho.Artifact, error) {
		if err != nil {
			return nil, err
		}
		return []*sekisho.Artifact{art}, nil
	}
	if f.offline && t.scheme == "registry" {
		return nil, usageError{errors.New(a.lang.Of(message.OfflineRegistry))}
	}
	switch t.scheme {
	case "-":
		file, err := a.stdinFile(int64(f.totalBytes))
		if err != nil {
			return nil, err
		}
		return a.openFile(ctx, file, a.lang.Of(message.Stdin), f, o)
	case "file":
		return a.openPath(ctx, t.name, f, o)
	case "dir":
		return one(rootfs.Open(ctx, a.path(t.name), rootfs.Options{Bounds: f.bounds()}))
	case "repo":
		return one(repo.Open(ctx, a.path(t.name), repo.Options{Ignored: f.ignored, Bounds: f.bounds()}))
	case "sbom":
		file, err := os.Open(a.path(t.name))
		if err != nil {
			return nil, notThere(t.name, err)
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

func notThere(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open %s: there is no such file", name)
	}
	return fmt.Errorf("open %s: %w", name, err)
}

// detect tells a file, a directory and an image reference apart. What is there
// on disk wins, and it is said when it could have been meant as an image.
func (a *App) detect(ctx context.Context, name string, f *scanFlags, o image.Options) ([]*sekisho.Artifact, error) {
	_, err := os.Stat(a.path(name))
	if err == nil {
		return a.openPath(ctx, name, f, o)
	}
	if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "/") || strings.HasPrefix(name, "../") || strings.HasSuffix(name, ".tar") || strings.HasSuffix(name, ".json") {
		return nil, notThere(name, err)
	}
	all, err := image.Open(ctx, f.bare(), name, o)
	if err == nil && len(all) > 0 && !f.quiet {
		fmt.Fprintln(a.Stderr, a.lang.Of(message.OpenedFrom, name, all[0].Target.Source))
	}
	return all, err
}

// bare is the scheme of a bare reference: without the network only daemons are asked.
func (f *scanFlags) bare() string {
	if f.offline {
		return "docker"
	}
	return ""
}

func (a *App) openPath(ctx context.Context, name string, f *scanFlags, o image.Options) ([]*sekisho.Artifact, error) {
	p := a.path(name)
	info, err := os.Stat(p)
	if err != nil {
		return nil, notThere(name, err)
	}
	if info.IsDir() {
		switch {
		case image.DetectDir(p):
			return image.Open(ctx, "oci-dir", p, o)
		case isRootFS(p):
			art, err := rootfs.Open(ctx, p, rootfs.Options{Bounds: f.bounds()})
			return []*sekisho.Artifact{art}, err
		}
		art, err := repo.Open(ctx, p, repo.Options{Ignored: f.ignored, Bounds: f.bounds()})
		return []*sekisho.Artifact{art}, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open %s: it is neither a file nor a directory; pipe it in as - to read it", name)
	}
	file, err := os.Open(p)
	if err != nil {
		return nil, notThere(name, err)
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

// openFile opens an image archive or an SBOM by its bytes; it takes file over.
func (a *App) openFile(ctx context.Context, file *os.File, name string, f *scanFlags, o image.Options) ([]*sekisho.Artifact, error) {
	head := make([]byte, 4096)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		file.Close()
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if n == 0 {
		file.Close()
		return nil, fmt.Errorf("open %s: the file is empty", name)
	}
	if _, ok := sbom.Detect(head[:n]); ok {
		defer file.Close()
		art, err := sbom.Open(ctx, file, name, sbom.Options{Bounds: f.bounds()})
		return []*sekisho.Artifact{art}, err
	}
	return image.OpenFile(ctx, file, name, o)
}
