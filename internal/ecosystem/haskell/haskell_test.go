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

// What is no such file at all is not a project without dependencies.
func TestForeignStackLock(t *testing.T) {
	for _, s := range []string{"", "<<<<<<< HEAD\n", "garbage"} {
		if _, err := extracttest.Extract(t, stackLock{}, "stack.yaml.lock", []byte(s)); err == nil {
			t.Errorf("%q: want an error", s)
		}
	}
}

// What is no such file at all is not a project without dependencies.
func TestForeignCabalFreeze(t *testing.T) {
	for _, s := range []string{"", "<<<<<<< HEAD\n", "garbage"} {
		if _, err := extracttest.Extract(t, cabalFreeze{}, "cabal.project.freeze", []byte(s)); err == nil {
			t.Errorf("%q: want an error", s)
		}
	}
}
