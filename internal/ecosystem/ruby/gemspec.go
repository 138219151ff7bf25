// SPDX-License-Identifier: Apache-2.0

package ruby

import (
	"bytes"
	"context"
	"errors"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// gemspec reads the specifications of installed gems: what RubyGems writes to
// specifications/NAME-VERSION[-PLATFORM].gemspec, and to specifications/default
// for the gems that come with Ruby. The files are Ruby programs, but RubyGems
// writes them in one shape, one "s.field = literal" a line. A gemspec in a
// source tree is a program that a person wrote, and is left alone.
type gemspec struct{}

func (gemspec) Name() string { return "ruby/gemspec" }
func (gemspec) Version() int { return 1 }

func (gemspec) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || !strings.HasSuffix(f.Path, ".gemspec") {
		return false
	}
	i := strings.LastIndexByte(f.Path, '/')
	if i < 0 {
		return false
	}
	dir := strings.TrimSuffix(f.Path[:i], "/default")
	return strings.HasSuffix(dir, "specifications") && (len(dir) == len("specifications") || dir[len(dir)-len("specifications")-1] == '/')
}

var errGemspec = errors.New("specification has no name or version that can be read without running it")

// stubLine is how RubyGems marks its own files: "# stub: NAME VERSION PLATFORM PATHS".
var stubLine = []byte("# stub: ")

func (gemspec) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if err := ctx.Err(); err != nil {
		return inv, err
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var name, version, platform string
	var licenses []string
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
		if bytes.HasPrefix(line, stubLine) {
			if f := bytes.Fields(line[len(stubLine):]); len(f) >= 3 && name == "" {
				name, version, platform = string(f[0]), string(f[1]), string(f[2])
			}
			continue
		}
		field, value, ok := bytes.Cut(bytes.TrimSpace(line), []byte(" = "))
		if !ok {
			continue
		}
		_, f, ok := bytes.Cut(field, []byte{'.'})
		if !ok {
			continue
		}
		switch string(f) {
		case "name":
			set(&name, value)
		case "version":
			set(&version, value)
		case "platform":
			set(&platform, value)
		case "license", "licenses":
			if licenses == nil {
				licenses = literals(value)
			}
		}
	}
	base := strings.TrimSuffix(path.Base(in.Path), ".gemspec")
	if name == "" || version == "" {
		// The file's name has both: versions begin with a digit, platforms do not.
		name, version, platform = split(base)
	}
	if name == "" || version == "" {
		return inv, errGemspec
	}
	p := gem(strings.Clone(name), strings.Clone(version), strings.Clone(platform))
	p.Licenses = licenses
	inv.Packages = append(inv.Packages, p)
	return inv, nil
}

func set(v *string, b []byte) {
	if *v != "" {
		return
	}
	if l := literals(b); len(l) > 0 {
		*v = l[0]
	}
}

// literals returns the quoted strings of a line, 64 at most.
func literals(b []byte) []string {
	var all []string
	for len(all) < 64 {
		i := bytes.IndexAny(b, `"'`)
		if i < 0 {
			break
		}
		q := b[i]
		b = b[i+1:]
		n := bytes.IndexByte(b, q)
		if n < 0 {
			break
		}
		if n > 0 && n < 256 {
			all = append(all, string(b[:n]))
		}
		b = b[n+1:]
	}
	return all
}

// split reads "NAME-VERSION[-PLATFORM]"; the version begins with a digit.
func split(base string) (name, version, platform string) {
	for i := 1; i+1 < len(base); i++ {
		if base[i] == '-' && base[i+1] >= '0' && base[i+1] <= '9' {
			version, platform, _ = strings.Cut(base[i+1:], "-")
			return base[:i], version, platform
		}
	}
	return "", "", ""
}
