// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"context"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const docDir = "usr/share/doc/"

// copyright reads the licences that usr/share/doc/NAME/copyright declares: the
// License fields of machine readable ones, else the references to
// usr/share/common-licenses.
// See https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/.
type copyright struct{}

func (copyright) Name() string { return "debian/copyright" }
func (copyright) Version() int { return 1 }

func (copyright) Wants(f *sekisho.File) bool {
	return strings.HasSuffix(f.Path, "/copyright") && strings.HasPrefix(f.Path, docDir) && f.Size < 1<<20 &&
		strings.IndexByte(f.Path[len(docDir):], '/') == len(f.Path)-len(docDir)-len("/copyright")
}

func (copyright) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	d := sekisho.DeclaredLicense{Ecosystem: sekisho.EcosystemDeb, Name: strings.Clone(in.Path[len(docDir) : len(in.Path)-len("/copyright")])}
	seen := map[string]bool{}
	add := func(l string) {
		if l != "" && len(l) < 200 && !seen[l] && len(seen) < 50 {
			seen[l] = true
			d.Licenses = append(d.Licenses, l)
		}
	}
	if bytes.Contains(b[:min(len(b), 1000)], []byte("copyright-format/1.0")) {
		for rest := b; len(rest) > 0; {
			var l []byte
			l, rest, _ = bytes.Cut(rest, []byte{'\n'})
			if v, ok := bytes.CutPrefix(l, []byte("License:")); ok {
				add(value(v))
			}
		}
	}
	if len(d.Licenses) == 0 {
		const common = "/usr/share/common-licenses/"
		for rest := b; ; {
			i := bytes.Index(rest, []byte(common))
			if i < 0 {
				break
			}
			rest = rest[i+len(common):]
			n := 0
			for n < len(rest) && (rest[n] == '-' || rest[n] == '.' || rest[n] >= '0' && rest[n] <= '9' || rest[n]|0x20 >= 'a' && rest[n]|0x20 <= 'z') {
				n++
			}
			add(strings.TrimRight(string(rest[:n]), "."))
		}
	}
	if len(d.Licenses) > 0 {
		inv.Licenses = []sekisho.DeclaredLicense{d}
	}
	return inv, nil
}
