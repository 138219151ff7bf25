// SPDX-License-Identifier: Apache-2.0

package beam

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

func TestMixLock(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, mixLock{}, "mix.lock"), `
		plug 1.15.2 pkg:hex/plug@1.15.2 line=2
		actual_name 0.3.0 pkg:hex/actual_name@0.3.0 line=3
		tool `+commit+` pkg:hex/tool@`+commit+`?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Ftool.git%40`+commit+` line=4`)
	if _, err := extracttest.Extract(t, mixLock{}, "mix.lock", []byte("<<<<<<< HEAD\n%{\n")); err == nil {
		t.Error("want an error for what is no map")
	}
}

func TestRebarLock(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, rebarLock{}, "rebar.lock"), `
		cowboy 2.10.0 pkg:hex/cowboy@2.10.0 line=2 direct
		cowlib 2.12.1 pkg:hex/cowlib@2.12.1 line=3 transitive
		tool `+commit+` pkg:hex/tool@`+commit+`?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Ftool.git%40`+commit+` line=4 direct`)
	extracttest.Equal(t, extracttest.File(t, rebarLock{}, "old/rebar.lock"), `
		jsx 2.8.0 pkg:hex/jsx@2.8.0 line=1 direct`)
}

func TestOTPApp(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, otpApp{}, "lib/plug-1.15.2/ebin/plug.app"),
		`plug 1.15.2 pkg:hex/plug@1.15.2 line=1 ["Apache-2.0"]`)
	extracttest.Equal(t, extracttest.File(t, otpApp{}, "lib/ssl-10.9/ebin/ssl.app"),
		`ssl 10.9 pkg:otp/ssl@10.9 line=2`)
	for _, bad := range []string{"", "{", "{application,x}", "{application,x,[{vsn}]}.", `{release,x,[{vsn,"1"}]}.`} {
		if _, err := extracttest.Extract(t, otpApp{}, "ebin/x.app", []byte(bad)); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{
		"mix.lock": true, "a/rebar.lock": true, "ebin/x.app": true, "usr/lib/erlang/lib/ssl-10.9/ebin/ssl.app": true,
		"deps/plug/mix.lock": false, "app/_build/default/lib/jsx/rebar.lock": false, "deps/mix.lock": true, "mydeps/a/mix.lock": true,
		"_build/prod/lib/plug/ebin/plug.app": true,
		"x.app":                              false, "lib/x.app": false, "webin/x.app": false, "remix.lock": false,
	} {
		f := sekisho.File{Path: path}
		got := false
		for _, ex := range Extractors() {
			got = got || ex.Wants(&f)
		}
		if got != want {
			t.Errorf("Wants(%s) = %v", path, got)
		}
	}
}

func FuzzLocks(f *testing.F) { extracttest.Fuzz(f, mixLock{}, rebarLock{}) }
func FuzzApp(f *testing.F)   { extracttest.Fuzz(f, otpApp{}) }

// What is no such file at all is not a project without dependencies.
func TestForeignRebarLock(t *testing.T) {
	for _, s := range []string{"", "<<<<<<< HEAD\n", "garbage"} {
		if _, err := extracttest.Extract(t, rebarLock{}, "rebar.lock", []byte(s)); err == nil {
			t.Errorf("%q: want an error", s)
		}
	}
}
