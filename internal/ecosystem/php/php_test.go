// SPDX-License-Identifier: Apache-2.0

package php

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestComposerLock(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, composerLock{}, "composer.lock"), `
		example/http-kernel v6.4.1 pkg:composer/example/http-kernel@v6.4.1 line=5 ["MIT"]
		example/log dev-main pkg:composer/example/log@dev-main line=14 ["GPL-2.0-or-later"]
		example/unit 10.5.0 pkg:composer/example/unit@10.5.0 line=21 dev ["BSD-3-Clause" "MIT"]`)
}

func TestInstalled(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, installed{}, "composer/installed.json"), `
		example/log 3.0.0 pkg:composer/example/log@3.0.0 line=3 ["MIT"]
		example/unit 10.5.0 pkg:composer/example/unit@10.5.0 line=4 dev`)
	extracttest.Equal(t, extracttest.File(t, installed{}, "v1/composer/installed.json"), `
		example/log 1.1.4 pkg:composer/example/log@1.1.4 line=2 ["MIT"]`)
}

// A file that breaks off still states what stands before the break.
func TestTruncated(t *testing.T) {
	inv, err := extracttest.Extract(t, composerLock{}, "composer.lock", []byte(`{"packages":[{"name":"a/b","version":"1"},{"name":`))
	if err == nil || len(inv.Packages) != 1 || inv.Packages[0].Name != "a/b" {
		t.Error(inv.Packages, err)
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{
		"composer.lock": true, "app/composer.lock": true, "xcomposer.lock": false,
		"app/vendor/example/log/composer.lock": false, "vendor/example/log/composer.lock": false, "vendor/composer.lock": true,
		"app/vendor/composer/installed.json": true, "installed.json": false, "a/mycomposer/installed.json": false,
	} {
		f := sekisho.File{Path: path}
		if got := (composerLock{}).Wants(&f) || (installed{}).Wants(&f); got != want {
			t.Errorf("Wants(%s) = %v", path, got)
		}
	}
}

func FuzzComposer(f *testing.F) { extracttest.Fuzz(f, composerLock{}, installed{}) }

// TestRealLock compares with `composer show --locked` of Composer 2.5, over
// packages of our own, and the file of what was installed. A metapackage holds
// nothing and is left out.
func TestRealLock(t *testing.T) {
	extracttest.Listed(t, composerLock{}, "real/composer.lock")
	inv := extracttest.File(t, installed{}, "real/composer/installed.json")
	extracttest.Equal(t, inv, `
		acme/bolt 0.9.1-beta2 pkg:composer/acme/bolt@0.9.1-beta2 line=18 dev ["MIT" "GPL-2.0-only"]
		acme/checker 7.4 pkg:composer/acme/checker@7.4 line=35 dev
		acme/gear v2.1.0 pkg:composer/acme/gear@v2.1.0 line=51
		acme/widget 1.2.0 pkg:composer/acme/widget@1.2.0 line=64 ["MIT"]`)
}
