// SPDX-License-Identifier: Apache-2.0

package npm

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// packageJSON reads installed packages: node_modules/NAME/package.json and
// node_modules/@SCOPE/NAME/package.json. Deeper ones belong to a package's own
// tests and parts. See https://docs.npmjs.com/cli/configuring-npm/package-json.
type packageJSON struct{}

func (packageJSON) Name() string { return "npm/package-json" }
func (packageJSON) Version() int { return 1 }

const (
	manifest = "/package.json"
	modules  = "node_modules/"
)

func (packageJSON) Wants(f *sekisho.File) bool {
	return strings.HasSuffix(f.Path, manifest) && f.Size < 8<<20 && nameOf(f.Path) != ""
}

// nameOf is the name that the directory gives; empty when it is none of a package.
func nameOf(path string) string {
	i := strings.LastIndex(path, modules)
	if i < 0 || i > 0 && path[i-1] != '/' || len(path)-len(manifest) <= i+len(modules) {
		return ""
	}
	name := path[i+len(modules) : len(path)-len(manifest)]
	if name == "" || name[0] == '.' {
		return ""
	}
	slash := strings.IndexByte(name, '/')
	if name[0] == '@' {
		if slash < 2 || strings.IndexByte(name[slash+1:], '/') >= 0 {
			return ""
		}
		return name
	}
	if slash >= 0 {
		return ""
	}
	return name
}

func (packageJSON) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var m struct {
		Name     string          `json:"name"`
		Version  string          `json:"version"`
		License  json.RawMessage `json:"license"`
		Licenses json.RawMessage `json:"licenses"`
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return inv, fmt.Errorf("it is no valid package.json: %w", err)
	}
	if m.Name == "" {
		m.Name = nameOf(in.Path)
	}
	if m.Version == "" || !validName(m.Name) {
		return inv, nil // a link of a workspace, or a stub that only says "type"
	}
	p := pkg(m.Name, m.Version)
	p.Licenses = append(licenses(m.License), licenses(m.Licenses)...)
	inv.Packages = []sekisho.Package{p}
	return inv, nil
}

// licenses reads a string, {"type": ...}, or a list of either.
func licenses(b json.RawMessage) []string {
	if len(b) == 0 {
		return nil
	}
	switch b[0] {
	case '"':
		var s string
		if json.Unmarshal(b, &s) == nil && s != "" {
			return []string{s}
		}
	case '{':
		var o struct{ Type, Name string }
		if json.Unmarshal(b, &o) == nil && o.Type+o.Name != "" {
			if o.Type == "" {
				o.Type = o.Name
			}
			return []string{o.Type}
		}
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(b, &list) != nil {
			return nil
		}
		var out []string
		for _, e := range list[:min(len(list), 20)] {
			if len(e) > 0 && e[0] != '[' {
				out = append(out, licenses(e)...)
			}
		}
		return out
	}
	return nil
}
