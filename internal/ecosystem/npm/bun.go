// SPDX-License-Identifier: Apache-2.0

package npm

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// bunLock reads bun.lock, JSON with trailing commas and comments.
// See https://bun.sh/docs/install/lockfile.
type bunLock struct{}

func (bunLock) Name() string { return "npm/bun" }
func (bunLock) Version() int { return 1 }

func (bunLock) Wants(f *sekisho.File) bool { return base(f.Path, "bun.lock") && !installed(f.Path) }

func (bunLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	j := lockfile.NewJSON(plainJSON(b))
	direct := map[string]bool{}
	err = j.Object(ctx, func(key string, _ int) error {
		switch key {
		case "workspaces":
			var all map[string]map[string]json.RawMessage
			if err := j.Decode(&all); err != nil {
				return err
			}
			for _, w := range all {
				for _, f := range []string{"dependencies", "devDependencies", "optionalDependencies", "peerDependencies"} {
					var m map[string]string
					if json.Unmarshal(w[f], &m) == nil {
						for n := range m {
							direct[n] = true
						}
					}
				}
			}
			return nil
		case "packages":
			return j.Object(ctx, func(key string, line int) error {
				var list []json.RawMessage
				if err := j.Decode(&list); err != nil {
					return err
				}
				var id string
				if len(list) == 0 || json.Unmarshal(list[0], &id) != nil {
					return nil
				}
				name, version := splitSpec(id)
				if !registryVersion(version) || !validName(name) {
					return nil // a workspace, a path, git
				}
				p := pkg(name, version)
				p.Line, p.Relationship = line, sekisho.Transitive
				if direct[key] {
					p.Relationship = sekisho.Direct
				}
				inv.Packages = append(inv.Packages, p)
				return nil
			})
		}
		return j.Skip()
	})
	if err != nil {
		return inv, fmt.Errorf("it is no valid bun.lock: %w", err)
	}
	return inv, nil
}

// plainJSON blanks comments and trailing commas out; lines stay where they are.
func plainJSON(b []byte) []byte {
	out := make([]byte, len(b))
	copy(out, b)
	comma := -1
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case c == '"':
			comma = -1
			for i++; i < len(out) && out[i] != '"'; i++ {
				if out[i] == '\\' {
					i++
				}
			}
		case c == '/' && i+1 < len(out) && out[i+1] == '/':
			for ; i < len(out) && out[i] != '\n'; i++ {
				out[i] = ' '
			}
		case c == '/' && i+1 < len(out) && out[i+1] == '*':
			for ; i < len(out) && !(out[i] == '*' && i+1 < len(out) && out[i+1] == '/'); i++ {
				if out[i] != '\n' {
					out[i] = ' '
				}
			}
			if i+1 < len(out) {
				out[i], out[i+1] = ' ', ' '
			}
		case c == ',':
			comma = i
		case c == '}' || c == ']':
			if comma >= 0 {
				out[comma] = ' '
			}
			comma = -1
		case c > ' ':
			comma = -1
		}
	}
	return out
}
