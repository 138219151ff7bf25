// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// manifest reads var/lib/rpmmanifest/container-manifest-2, which the distroless
// images of CBL-Mariner and Azure Linux carry in place of a database: a line a
// package, made by rpm's query format
//
//	%{NAME}\t%{VERSION}-%{RELEASE}\t%{INSTALLTIME}\t%{BUILDTIME}\t%{VENDOR}\t%{EPOCH}\t%{SIZE}\t%{ARCH}\t%{EPOCHNUM}\t%{SOURCERPM}
type manifest struct{}

func (manifest) Name() string { return "rpm/manifest" }
func (manifest) Version() int { return 1 }

func (manifest) Wants(f *sekisho.File) bool {
	return f.Path == "var/lib/rpmmanifest/container-manifest-2"
}

func (manifest) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	var inv sekisho.Inventory
	b, err := in.Bytes()
	var damaged damage
	number := 0
	for line := range strings.Lines(string(b)) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		p, err := manifestLine(line)
		if err != nil {
			damaged.add(fmt.Errorf("line %d: %w", number, err))
			continue
		}
		if p.Name == "gpg-pubkey" {
			continue
		}
		p.Line = number
		p.Locations = []sekisho.Location{{Path: in.Path, Line: number}}
		inv.Packages = append(inv.Packages, p)
	}
	if err = errors.Join(err, damaged.err()); err != nil {
		return inv, fmt.Errorf("read the rpm manifest (packages may be missing): %w", err)
	}
	return inv, nil
}

func manifestLine(line string) (sekisho.Package, error) {
	f := strings.Split(line, "\t")
	if len(f) < 10 || f[0] == "" || f[1] == "" {
		return sekisho.Package{}, fmt.Errorf("it has %d fields where a name, a version and eight more belong", len(f))
	}
	epoch, _ := strconv.ParseUint(f[5], 10, 32) // "(none)" is 0
	p := sekisho.Package{
		Ecosystem: sekisho.EcosystemRPM,
		Name:      strings.Clone(f[0]),
		Version:   strings.Clone(evr(uint32(epoch), f[1], "")),
		Arch:      strings.Clone(present(f[7])),
		Vendor:    strings.Clone(present(f[4])),
	}
	name, version := sourceOf(f[9], uint32(epoch))
	p.SourceName, p.SourceVersion = strings.Clone(name), strings.Clone(version)
	if p.SourceName == "" {
		p.SourceName, p.SourceVersion = p.Name, p.Version
	}
	return p, nil
}
