// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// goMod finds the requirement of a module, or the toolchain where the standard
// library is wanted. The version that is wanted gets its v.
func goMod(text []byte, w *Want) ([]site, string) {
	f, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return nil, RefusedUnreadable
	}
	if w.Name == "stdlib" {
		// The line of the toolchain names the release that builds; "go" alone is a
		// lower bound of the language.
		if f.Toolchain == nil || !strings.HasPrefix(f.Toolchain.Name, "go") {
			return nil, ""
		}
		line := f.Toolchain.Syntax
		i := bytes.LastIndex(text[line.Start.Byte:line.End.Byte], []byte(f.Toolchain.Name))
		if i < 0 {
			return nil, RefusedUnreadable
		}
		from := line.Start.Byte + i + len("go")
		return []site{{from: from, to: from + len(f.Toolchain.Name) - len("go"), style: style{exact: true}}}, ""
	}
	to := "v" + strings.TrimPrefix(w.To, "v")
	if !semver.IsValid(to) {
		return nil, RefusedVersion
	}
	w.To = to
	for _, r := range f.Replace {
		if r.Old.Path == w.Name {
			return nil, RefusedReplaced
		}
	}
	var out []site
	for _, r := range f.Require {
		if r.Mod.Path != w.Name {
			continue
		}
		if _, major, ok := module.SplitPathVersion(w.Name); !ok || module.CheckPathMajor(to, major) != nil {
			return nil, RefusedMajorPath
		}
		line := text[r.Syntax.Start.Byte:r.Syntax.End.Byte]
		i := bytes.LastIndex(line, []byte(r.Mod.Version))
		if i < 0 {
			return nil, RefusedUnreadable
		}
		from := r.Syntax.Start.Byte + i
		out = append(out, site{from: from, to: from + len(r.Mod.Version), style: style{exact: true, v: true}})
	}
	return out, ""
}
