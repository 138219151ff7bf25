// SPDX-License-Identifier: Apache-2.0

package lua

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestRockspec(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, rockspec{}, "lib/luarocks/rocks-5.4/luasocket/3.1.0-1/luasocket-3.1.0-1.rockspec"),
		`luasocket 3.1.0-1 pkg:luarocks/luasocket@3.1.0-1 ["MIT"]`)
}

func TestLuarocksLock(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, luarocksLock{}, "luarocks.lock"), `
		luarocks-build-rust 0.2.0-1 pkg:luarocks/luarocks-build-rust@0.2.0-1 line=3 dev
		lua-cjson 2.1.0-1 pkg:luarocks/lua-cjson@2.1.0-1 line=6
		lpeg 1.0.2-1 pkg:luarocks/lpeg@1.0.2-1 line=8
		busted 2.0.0-1 pkg:luarocks/busted@2.0.0-1 line=11 dev`)
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{
		"usr/local/lib/luarocks/rocks-5.1/a/1.0-1/a-1.0-1.rockspec": true,
		"usr/lib/luarocks/rocks/a/1.0-1/a-1.0-1.rockspec":           true,
		"src/a-1.0-1.rockspec":                                      false,
		"a.rockspec":                                                false,
		"rocks-5.1//1/a.rockspec":                                   false,
	} {
		f := sekisho.File{Path: path}
		if got := (rockspec{}).Wants(&f); got != want {
			t.Errorf("Wants(%s) = %v", path, got)
		}
	}
}

func FuzzLua(f *testing.F) { extracttest.Fuzz(f, rockspec{}, luarocksLock{}) }

// What is no such file at all is not a project without dependencies.
func TestForeignLuarocksLock(t *testing.T) {
	for _, s := range []string{"", "<<<<<<< HEAD\n", "garbage"} {
		if _, err := extracttest.Extract(t, luarocksLock{}, "luarocks.lock", []byte(s)); err == nil {
			t.Errorf("%q: want an error", s)
		}
	}
}
