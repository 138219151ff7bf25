// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/source/image"
)

// The values of --shellcheck beside a path.
const (
	shellcheckOff  = "off"
	shellcheckAuto = "auto"
)

// shellcheck is the program ShellCheck as rules ask it; nil where it is not to
// be run. With "auto" it is run when it is installed.
func (a *App) shellcheck(setting string) (func(context.Context, string, string, map[string]bool) ([]check.ShellMistake, error), error) {
	program := ""
	switch setting {
	case shellcheckOff, "":
		return nil, nil
	case shellcheckAuto:
		if program = a.lookPath("shellcheck"); program == "" {
			return nil, nil
		}
	default:
		program = a.path(setting)
		if info, err := os.Stat(program); err != nil || info.IsDir() || info.Mode().Perm()&0o111 == 0 {
			return nil, a.usage(message.ShellCheckNone, setting)
		}
	}
	return func(ctx context.Context, script, dialect string, known map[string]bool) ([]check.ShellMistake, error) {
		d, _ := shell.DialectOf(dialect)
		list, err := shell.External(ctx, program, script, d, known)
		if err != nil {
			return nil, err
		}
		out := make([]check.ShellMistake, 0, len(list))
		for _, f := range list {
			out = append(out, check.ShellMistake{Code: f.Code, Message: f.Message, Line: f.Line, Column: f.Column, EndLine: f.EndLine, EndColumn: f.EndColumn})
		}
		return out, nil
	}, nil
}

// lookPath finds a program on the PATH of the environment; empty for none.
func (a *App) lookPath(name string) string {
	for _, dir := range filepath.SplitList(a.env("PATH")) {
		if !filepath.IsAbs(dir) {
			continue // nothing of the working directory is started
		}
		if p, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return p
		}
	}
	return ""
}

// baseTime bounds how long one base image is asked for.
const baseTime = 30 * time.Second

// baseUsers opens base images, each once, and says which user they have. Without
// the network only daemons are asked.
func (a *App) baseUsers(f *scanFlags) (func(context.Context, string) (string, bool), error) {
	registry, err := a.registryOptions(&f.registry)
	if err != nil {
		return nil, err
	}
	o := image.Options{Platform: string(f.platform), Bounds: f.bounds(), Env: a.env, Registry: registry}
	if o.Platform == "all" {
		o.Platform = ""
	}
	var lock sync.Mutex
	known := map[string]baseUser{}
	return func(ctx context.Context, ref string) (string, bool) {
		lock.Lock()
		defer lock.Unlock()
		if u, ok := known[ref]; ok {
			return u.user, u.ok
		}
		ctx, cancel := context.WithTimeout(ctx, baseTime)
		defer cancel()
		places := []string{""}
		if f.offline {
			places = []string{"docker", "podman", "containerd"}
		}
		var errs []error
		got := baseUser{}
		for _, place := range places {
			all, err := image.Open(ctx, place, ref, o)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			got = userOf(all)
			break
		}
		if !got.ok && len(errs) > 0 && !f.quiet {
			a.remark(message.BaseUnknown, ref, joined(errs))
		}
		known[ref] = got
		return got.user, got.ok
	}, nil
}

// baseUser is the user of a base image, where it is known.
type baseUser struct {
	user string
	ok   bool
}

// userOf is the user of the first of the artifacts, which are closed.
func userOf(all []*sekisho.Artifact) (out baseUser) {
	for _, art := range all {
		if art.Image != nil && !out.ok {
			out.user, out.ok = strings.TrimSpace(art.Image.User), true
		}
		if art.Close != nil {
			_ = art.Close() // read only: nothing can be lost
		}
	}
	return out
}
