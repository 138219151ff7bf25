// SPDX-License-Identifier: Apache-2.0

package ruby

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// gemfileLock reads Gemfile.lock and gems.locked, as Bundler writes them:
// sections (GEM, GIT, PATH, PLUGIN SOURCE) whose gems stand at four spaces
// under "specs:", their own needs at six, and DEPENDENCIES of the project at
// two. See https://github.com/rubygems/rubygems/blob/master/bundler/lib/bundler/lockfile_parser.rb.
type gemfileLock struct{}

func (gemfileLock) Name() string { return "ruby/gemfile-lock" }
func (gemfileLock) Version() int { return 1 }

func (gemfileLock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && (isBase(f.Path, "Gemfile.lock") || isBase(f.Path, "gems.locked")) &&
		!insideGem(f.Path) && !strings.Contains(f.Path, "node_modules/")
}

// insideGem reports whether a file belongs to an installed gem,
// ".../gems/NAME-VERSION/...": its lock file is its author's, and nothing of it
// is installed.
func insideGem(path string) bool {
	for {
		i := strings.Index(path, "gems/")
		if i < 0 {
			return false
		}
		path = path[i+len("gems/"):]
		dir, _, ok := strings.Cut(path, "/")
		if !ok {
			return false
		}
		if _, version, _ := split(dir); version != "" {
			return true
		}
	}
}

var errGemfileLock = errors.New("lock file has none of the sections that Bundler writes")

func (gemfileLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var section string
	var own []int // packages of PATH sections: the project and its parts
	specs, known := false, false
	direct := map[string]bool{}
	t := lockfile.NewText(b)
	for {
		line, ok := t.Next()
		if !ok {
			break
		}
		if t.Line&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return inv, err
			}
		}
		indent := lockfile.Indent(line)
		word := bytes.TrimSpace(line)
		switch {
		case len(word) == 0:
		case indent == 0:
			section, specs = string(word), false
			known = known || section == "GEM" || section == "PATH" || section == "GIT" || section == "DEPENDENCIES"
		case indent == 2 && section == "DEPENDENCIES":
			name, _, _ := bytes.Cut(word, []byte{' '})
			direct[string(bytes.TrimSuffix(name, []byte{'!'}))] = true
		case indent == 2:
			specs = string(word) == "specs:"
		case indent == 4 && specs && (section == "GEM" || section == "GIT" || section == "PATH" || section == "PLUGIN SOURCE"):
			name, version, ok := bytes.Cut(word, []byte(" ("))
			if !ok || !bytes.HasSuffix(version, []byte{')'}) || len(name) == 0 {
				continue
			}
			version = version[:len(version)-1]
			version, platform, _ := bytes.Cut(version, []byte{'-'})
			if len(version) == 0 {
				continue
			}
			p := gem(string(name), string(version), string(platform))
			p.Line = t.Line
			if section == "PATH" {
				own = append(own, len(inv.Packages))
			}
			inv.Packages = append(inv.Packages, p)
		}
	}
	for i := range inv.Packages {
		inv.Packages[i].Relationship = sekisho.Transitive
		if direct[inv.Packages[i].Name] {
			inv.Packages[i].Relationship = sekisho.Direct
		}
	}
	for _, i := range own {
		inv.Packages[i].Relationship = sekisho.Root
	}
	if !known {
		return inv, errGemfileLock
	}
	return inv, nil
}
