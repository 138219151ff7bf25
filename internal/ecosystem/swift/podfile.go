// SPDX-License-Identifier: Apache-2.0

package swift

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// podfileLock reads Podfile.lock, YAML in the one shape that CocoaPods writes:
// "  - NAME/SUBSPEC (VERSION)" under PODS, what the project asked for under
// DEPENDENCIES. The parts of a pod share its version: one package stands for
// them all. See https://guides.cocoapods.org/using/using-cocoapods.html#what-is-podfilelock.
type podfileLock struct{}

func (podfileLock) Name() string { return "swift/podfile-lock" }
func (podfileLock) Version() int { return 1 }

func (podfileLock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "Podfile.lock") &&
		!strings.Contains(f.Path, "node_modules/") // the example of a React Native module
}

var errNoPods = errors.New("lock file has no PODS section as CocoaPods writes it")

func (podfileLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	seen, direct := map[string]bool{}, map[string]bool{}
	section := ""
	found := false
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
		if len(line) > 0 && line[0] != ' ' {
			section = string(bytes.TrimSuffix(line, []byte{':'}))
			found = found || section == "PODS"
			continue
		}
		item, ok := bytes.CutPrefix(line, []byte("  - "))
		if !ok {
			continue
		}
		item = lockfile.Unquote(bytes.TrimSuffix(item, []byte{':'}))
		name, version, _ := bytes.Cut(item, []byte(" ("))
		version = bytes.TrimSuffix(version, []byte{')'})
		name, _, _ = bytes.Cut(name, []byte{'/'})
		if len(name) == 0 {
			continue
		}
		switch section {
		case "PODS":
			if len(version) == 0 || seen[string(name)] {
				continue
			}
			seen[string(name)] = true
			p := sekisho.Package{Ecosystem: sekisho.EcosystemCocoa, Name: string(name), Version: string(version), Line: t.Line}
			p.PURL = sekisho.PURL{Type: "cocoapods", Name: p.Name, Version: p.Version}.String()
			inv.Packages = append(inv.Packages, p)
		case "DEPENDENCIES":
			direct[string(name)] = true
		}
	}
	for i := range inv.Packages {
		inv.Packages[i].Relationship = sekisho.Transitive
		if direct[inv.Packages[i].Name] {
			inv.Packages[i].Relationship = sekisho.Direct
		}
	}
	if !found {
		return inv, errNoPods
	}
	return inv, nil
}
