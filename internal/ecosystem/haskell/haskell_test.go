// SPDX-License-Identifier: Apache-2.0

package haskell

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestStackLock(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, stackLock{}, "stack.yaml.lock"), `
		acme-missiles 0.3 pkg:hackage/acme-missiles@0.3 line=4
		wai-extra 3.1.2 pkg:hackage/wai-extra@3.1.2 line=13`)
}

func TestCabalFreeze(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, cabalFreeze{}, "cabal.project.freeze"), `
		aeson 2.0.3.0 pkg:hackage/aeson@2.0.3.0 line=2
		base 4.16.4.0 pkg:hackage/base@4.16.4.0 line=4
		text 1.2.5.0 pkg:hackage/text@1.2.5.0 line=7
		zlib 0.6.3.0 pkg:hackage/zlib@0.6.3.0 line=7`)
}

func FuzzHaskell(f *testing.F) { extracttest.Fuzz(f, stackLock{}, cabalFreeze{}) }
