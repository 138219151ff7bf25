// SPDX-License-Identifier: Apache-2.0

// Package cpp knows the world of Conan, the package manager of C and C++, by
// its lock files and plain recipes. It runs no recipe and judges nothing.
package cpp

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{conanLock{}, conanfile{}} }

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}

// reference reads "name/version[@user/channel][#revision][%timestamp]".
// See https://docs.conan.io/2/reference/conanfile/methods/requirements.html.
func reference(ref string) (p sekisho.Package, ok bool) {
	ref, _, _ = strings.Cut(ref, "%")
	ref, revision, _ := strings.Cut(ref, "#")
	revision, _, _ = strings.Cut(revision, ":")
	ref, owner, _ := strings.Cut(ref, "@")
	user, channel, _ := strings.Cut(owner, "/")
	name, version, ok := strings.Cut(strings.TrimSpace(ref), "/")
	if !ok || name == "" || version == "" || strings.ContainsAny(version, "[/ ") {
		return p, false // a range or a path names no version
	}
	if user == "_" {
		user, channel = "", ""
	}
	u := sekisho.PURL{Type: "conan", Name: name, Version: version, Qualifiers: map[string]string{
		"user": user, "channel": channel, "rrev": revision,
	}}
	return sekisho.Package{
		PURL: u.String(), Ecosystem: sekisho.EcosystemConan,
		Name: strings.Clone(name), Version: strings.Clone(version),
	}, true
}

// conanLock reads conan.lock: version 0.4 and before (Conan 1) hold a graph of
// numbered nodes, of which "0" is the project; 0.5 (Conan 2) plain lists. See
// https://docs.conan.io/2/tutorial/versioning/lockfiles.html.
type conanLock struct{}

func (conanLock) Name() string { return "cpp/conan-lock" }
func (conanLock) Version() int { return 1 }

func (conanLock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "conan.lock")
}

type node struct {
	Ref           string
	Pref          string // before Conan 1.17: the reference with a package id
	Requires      []string
	BuildRequires []string `json:"build_requires"`
	Path          string
}

func (conanLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	j := lockfile.NewJSON(b)
	list := func(dev bool) error {
		return j.Array(ctx, func() error {
			line := j.Line()
			var ref string
			if err := j.Decode(&ref); err != nil {
				return err
			}
			if p, ok := reference(ref); ok {
				p.Line, p.Dev = line, dev
				inv.Packages = append(inv.Packages, p)
			}
			return nil
		})
	}
	err = j.Object(ctx, func(key string, _ int) error {
		switch key {
		case "requires":
			return list(false)
		case "build_requires", "python_requires":
			return list(true)
		case "graph_lock":
			return j.Object(ctx, func(key string, _ int) error {
				if key == "nodes" {
					return nodes(ctx, j, &inv)
				}
				return j.Skip()
			})
		}
		return j.Skip()
	})
	if err != nil {
		err = fmt.Errorf("read Conan lock: %w", err)
	}
	return inv, err
}

func nodes(ctx context.Context, j *lockfile.JSON, inv *sekisho.Inventory) error {
	var ids []string // of inv.Packages, from first on
	first := len(inv.Packages)
	var root node
	needed, built := map[string]bool{}, map[string]bool{}
	err := j.Object(ctx, func(id string, line int) error {
		var n node
		if err := j.Decode(&n); err != nil {
			return err
		}
		for _, r := range n.Requires {
			needed[r] = true
		}
		for _, r := range n.BuildRequires {
			built[r] = true
		}
		if id == "0" {
			root = n
			return nil
		}
		ref := n.Ref
		if ref == "" {
			ref = n.Pref
		}
		if p, ok := reference(ref); ok {
			p.Line = line
			ids = append(ids, id)
			inv.Packages = append(inv.Packages, p)
		}
		return nil
	})
	direct := map[string]bool{}
	for _, r := range root.Requires {
		direct[r] = true
	}
	for _, r := range root.BuildRequires {
		direct[r] = true
	}
	for i, id := range ids {
		p := &inv.Packages[first+i]
		p.Dev = built[id] && !needed[id]
		p.Relationship = sekisho.Transitive
		if direct[id] {
			p.Relationship = sekisho.Direct
		}
	}
	return err
}

// conanfile reads conanfile.txt: exact references under [requires] and
// [tool_requires]. See https://docs.conan.io/2/reference/conanfile_txt.html.
type conanfile struct{}

func (conanfile) Name() string { return "cpp/conanfile" }
func (conanfile) Version() int { return 1 }

func (conanfile) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "conanfile.txt")
}

func (conanfile) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	wanted, dev := false, false
	t := lockfile.NewText(b)
	for {
		line, ok := t.Next()
		if !ok {
			return inv, nil
		}
		if t.Line&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return inv, err
			}
		}
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0 || line[0] == '#':
		case line[0] == '[':
			section := string(line)
			dev = section == "[tool_requires]" || section == "[build_requires]" || section == "[test_requires]"
			wanted = dev || section == "[requires]"
		case wanted:
			line, _, _ = bytes.Cut(line, []byte(" #"))
			if p, ok := reference(string(line)); ok {
				p.Line, p.Dev, p.Relationship = t.Line, dev, sekisho.Direct
				inv.Packages = append(inv.Packages, p)
			}
		}
	}
}
