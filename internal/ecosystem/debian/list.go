// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// fileList reads var/lib/dpkg/info/NAME.list and NAME:ARCH.list, one absolute
// path a line, directories included.
type fileList struct{}

const (
	infoDir    = "var/lib/dpkg/info/"
	listSuffix = ".list"
)

func (fileList) Name() string { return "debian/list" }
func (fileList) Version() int { return 1 }

func (fileList) Wants(f *sekisho.File) bool {
	return strings.HasSuffix(f.Path, listSuffix) && strings.HasPrefix(f.Path, infoDir) &&
		len(f.Path) > len(infoDir)+len(listSuffix) && strings.IndexByte(f.Path[len(infoDir):], '/') < 0
}

func (fileList) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	b, err := in.Bytes()
	name, arch, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(in.Path, infoDir), listSuffix), ":")
	inv := sekisho.Inventory{Owned: []sekisho.Ownership{{
		Ecosystem: sekisho.EcosystemDeb, Name: strings.Clone(name), Arch: strings.Clone(arch),
		Files: hashLines(string(b), func(line string) string { return line }),
	}}}
	if err != nil {
		return inv, fmt.Errorf("read the file list of %s: %w", name, err)
	}
	return inv, nil
}

// hashLines makes a set of the path that is in each line, none when it is empty.
func hashLines(s string, path func(line string) string) sekisho.PathSet {
	set := make(sekisho.PathSet, 0, strings.Count(s, "\n")+1)
	for len(s) > 0 {
		var line string
		line, s, _ = strings.Cut(s, "\n")
		if p := path(strings.TrimSuffix(line, "\r")); p != "" && p != "/." {
			set = append(set, sekisho.HashPath(p))
		}
	}
	return set.Sorted()
}
