// SPDX-License-Identifier: Apache-2.0

// Package golang knows Go's modules: those that a binary was built from, and
// those that go.mod and vendor/modules.txt name.
package golang

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors of Go modules.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{program{}, goMod{}, vendored{}} }

// module makes the package of a module.
func module(path, version string) sekisho.Package {
	u := sekisho.PURL{Type: "golang", Name: path, Version: version}
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		u.Namespace, u.Name = path[:i], path[i+1:]
	}
	return sekisho.Package{Ecosystem: sekisho.EcosystemGo, Name: path, Version: version, PURL: u.String()}
}

// stdlib is the standard library, as vuln.go.dev names it.
func stdlib(version string) sekisho.Package {
	version, _, _ = strings.Cut(strings.TrimPrefix(version, "go"), " ") // "go1.22.3 X:boringcrypto"
	return module("stdlib", version)
}
