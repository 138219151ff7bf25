// SPDX-License-Identifier: Apache-2.0

// Package beam knows the world of Erlang and Elixir: the lock files of Mix and
// rebar3, and installed OTP applications. It evaluates no term and judges nothing.
package beam

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{mixLock{}, rebarLock{}, otpApp{}} }

func hex(name, version string) sekisho.Package {
	return sekisho.Package{
		PURL:      sekisho.PURL{Type: "hex", Name: name, Version: version}.String(),
		Ecosystem: sekisho.EcosystemHex,
		Name:      name,
		Version:   version,
	}
}

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}
