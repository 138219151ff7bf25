// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"context"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const infoDir = "var/lib/dpkg/info/"

// list reads which files a package installed: info/NAME[:ARCH].list, and
// status.d/NAME.md5sums of distroless images.
type list struct{}

func (list) Name() string { return "debian/list" }
func (list) Version() int { return 1 }

func (list) Wants(f *sekisho.File) bool {
	return strings.HasPrefix(f.Path, "var/lib/dpkg/") &&
		(strings.HasPrefix(f.Path, infoDir) && strings.HasSuffix(f.Path, ".list") ||
			strings.HasPrefix(f.Path, statusDir) && strings.HasSuffix(f.Path, ".md5sums"))
}

func (list) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	base := in.Path[strings.LastIndexByte(in.Path, '/')+1:]
	sums := strings.HasSuffix(base, ".md5sums")
	base = base[:strings.LastIndexByte(base, '.')]
	o := sekisho.Ownership{Ecosystem: sekisho.EcosystemDeb}
	name, arch, _ := strings.Cut(base, ":")
	o.Name, o.Arch = strings.Clone(name), strings.Clone(arch)
	o.Files = make(sekisho.PathSet, 0, bytes.Count(b, []byte{'\n'})+1)
	for len(b) > 0 {
		var l []byte
		l, b, _ = bytes.Cut(b, []byte{'\n'})
		if sums { // 32 hex digits, two spaces, the path
			_, l, _ = bytes.Cut(l, []byte("  "))
		}
		if len(l) > 1 {
			o.Files = append(o.Files, sekisho.HashPath(string(l)))
		}
	}
	o.Files = o.Files.Sorted()
	inv.Owned = []sekisho.Ownership{o}
	return inv, nil
}
