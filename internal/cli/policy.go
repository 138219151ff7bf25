// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/policy/userpolicy"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// policyFlags say what a result is judged by.
type policyFlags struct {
	names []string
	team  string
	tags  []string
	risk  string
}

func (f *policyFlags) add(a *App, s *pflag.FlagSet) {
	s.StringSliceVar(&f.names, "policy", nil, a.lang.Of(message.FlagPolicy))
	s.StringVar(&f.team, "team", "", a.lang.Of(message.FlagTeam))
	s.StringSliceVar(&f.tags, "tag", nil, a.lang.Of(message.FlagTag))
}

// policyFile is where a policy is found.
const policyFile = ".sekisho/policy.yaml"

// noPolicy is the name that turns off what is found.
const noPolicy = "none"

// named says whether the user chose the policies: none is looked for then.
func (f *policyFlags) named() bool { return len(f.names) > 0 }

// policies reads those that were named, or the one of the working directory.
func (a *App) policies(f *policyFlags) ([]*userpolicy.File, error) {
	if slices.Contains(f.names, noPolicy) {
		if len(f.names) > 1 {
			return nil, a.usage(message.PolicyNone)
		}
		return nil, nil
	}
	if !f.named() {
		return a.foundPolicy("")
	}
	var out []*userpolicy.File
	for _, name := range f.names {
		file, err := a.policy(name)
		if err != nil {
			return nil, err
		}
		out = append(out, file)
	}
	return out, nil
}

// policy reads a preset or a file. A file of a preset's name is written ./strict.
func (a *App) policy(name string) (*userpolicy.File, error) {
	text, ok := userpolicy.PresetText(name)
	if !ok {
		_, err := os.Stat(a.path(name))
		if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, "/.") {
			return nil, a.usage(message.PolicyNoFile, name, strings.Join(userpolicy.Presets(), ", "))
		}
		if text, err = a.smallFile(name); err != nil {
			return nil, err
		}
	}
	return a.loadPolicy(filepath.ToSlash(name), text)
}

func (a *App) loadPolicy(name string, text []byte) (*userpolicy.File, error) {
	file, err := userpolicy.Load(name, text)
	if err != nil {
		return nil, a.usage(message.PolicyBad, a.mistakes(err))
	}
	return file, nil
}

// foundPolicy reads the policy of a directory, the working directory for "". It
// can only add: rules of all policies hold, and no policy takes away what another
// or a flag denies.
func (a *App) foundPolicy(dir string) ([]*userpolicy.File, error) {
	root, err := os.OpenRoot(a.path(filepath.Join(dir, ".")))
	if err != nil {
		return nil, nil // there is no such directory, or it cannot be listed: nothing is found in it
	}
	defer root.Close()
	shown := filepath.Join(dir, filepath.FromSlash(policyFile))
	info, err := root.Stat(policyFile)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !info.Mode().IsRegular():
		return nil, nil
	case err != nil:
		if top, err2 := root.Lstat(filepath.Dir(policyFile)); err2 == nil && !top.IsDir() && top.Mode()&fs.ModeSymlink == 0 {
			return nil, nil // a file has the directory's name
		}
		if dir != "" { // whoever changes the tree could have removed the policy as well
			a.remark(message.PolicyLink, shown)
			return nil, nil
		}
		return nil, a.usage(message.PolicyLink, shown)
	}
	file, err := root.Open(policyFile)
	if err != nil {
		return nil, a.notThere(shown, err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, userpolicy.MaxBytes+1))
	if err != nil {
		return nil, a.notThere(shown, err)
	}
	found, err := a.loadPolicy(filepath.ToSlash(shown), text)
	if err != nil {
		return nil, err
	}
	return []*userpolicy.File{found}, nil
}

// treePolicy reads the policy of a scanned source tree, where none was named.
func (a *App) treePolicy(f *policyFlags, t target, r *sekisho.Result) ([]*userpolicy.File, error) {
	if f.named() || r.Target.Kind != sekisho.KindRepository {
		return nil, nil
	}
	if info, err := os.Stat(a.path(t.name)); err != nil || !info.IsDir() || sameDir(a.path("."), a.path(t.name)) {
		return nil, nil
	}
	return a.foundPolicy(t.name)
}

// context is what the flags say of the target.
func (a *App) policyContext(f *policyFlags, environment string) (policy.Context, error) {
	c := policy.Context{Environment: environment, Team: f.team}
	for _, t := range f.tags {
		k, v, ok := strings.Cut(t, "=")
		if !ok || k == "" {
			return c, a.usage(message.PolicyTag, t)
		}
		if c.Tags == nil {
			c.Tags = map[string]string{}
		}
		c.Tags[k] = v
	}
	return c, nil
}

// judge makes the verdict of a scan.
func (a *App) judge(r *sekisho.Result, f *scanFlags, files []*userpolicy.File, ctx policy.Context) {
	p := policy.Policy{Gate: f.gate(), Context: ctx}
	for _, file := range files {
		p.Rules = append(p.Rules, file.Rules...)
		p.Sources = append(p.Sources, file.Source)
		if !f.quiet {
			a.remark(message.PolicyUsed, file.Name, len(file.Rules))
		}
	}
	r.Verdict = policy.Judge(r, p)
}
