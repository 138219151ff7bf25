// SPDX-License-Identifier: Apache-2.0

package ecosystem

import (
	"github.com/sekisho/sekisho/internal/ecosystem/alpine"
	"github.com/sekisho/sekisho/internal/ecosystem/arch"
	"github.com/sekisho/sekisho/internal/ecosystem/binary"
	"github.com/sekisho/sekisho/internal/ecosystem/debian"
	"github.com/sekisho/sekisho/internal/ecosystem/rpm"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Compare orders two versions of an ecosystem: negative, zero or positive. ok is
// false for an unknown ecosystem and for what is no version of it.
func Compare() func(ecosystem, a, b string) (n int, ok bool) {
	orders := map[string]sekisho.Order{
		sekisho.EcosystemDeb: debian.Order(), sekisho.EcosystemAPK: alpine.Order(), sekisho.EcosystemRPM: rpm.Order(),
		sekisho.EcosystemALPM: arch.Order(), sekisho.EcosystemBinary: binary.Order(),
	}
	for name, l := range languages() {
		orders[name] = l.order
	}
	return func(ecosystem, a, b string) (int, bool) {
		o, ok := orders[ecosystem]
		if !ok {
			return 0, false
		}
		n, err := o.Compare(a, b)
		return n, err == nil
	}
}
