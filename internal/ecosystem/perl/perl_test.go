// SPDX-License-Identifier: Apache-2.0

package perl

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestCpanfileSnapshot(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, cpanfileSnapshot{}, "cpanfile.snapshot"), `
		Algorithm-Diff 1.1903 pkg:cpan/TYEMQ/Algorithm-Diff@1.1903 line=3
		Net-IPv4Addr v0.10.1 pkg:cpan/FRAJULAC/Net-IPv4Addr@v0.10.1 line=9
		local-lib 2.000024-TRIAL pkg:cpan/local-lib@2.000024-TRIAL line=11`)
	if _, err := extracttest.Extract(t, cpanfileSnapshot{}, "cpanfile.snapshot", []byte("nothing\n")); err == nil {
		t.Error("want an error without DISTRIBUTIONS")
	}
}

func TestInstalled(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, installed{}, "lib/perl5/.meta/Moose-2.2203/install.json"), `
		Moose 2.2203 pkg:cpan/ETHER/Moose@2.2203 ["perl_5"]`)
	const path = "lib/.meta/X-1/install.json"
	for _, bad := range []string{"", "[]", "{}", `{"dist":"Moose"}`} {
		if _, err := extracttest.Extract(t, installed{}, path, []byte(bad)); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
}

func TestPerllocal(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, perllocal{}, "perllocal.pod"), `
		JSON-XS 4.03 pkg:cpan/JSON::XS@4.03 line=29
		Try-Tiny 0.31 pkg:cpan/Try::Tiny@0.31 line=23`)
}

func TestSplit(t *testing.T) {
	for in, want := range map[string]string{
		"Moose-2.2203": "Moose|2.2203", "A-B-v1.2": "A-B|v1.2", "Win32-API-0.84": "Win32-API|0.84",
		"Moose": "|", "": "|", "-": "|", "-1": "|", "A-": "|", "A-v": "|",
	} {
		name, version, _ := split(in)
		if got := name + "|" + version; got != want {
			t.Errorf("split(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzPerl(f *testing.F) { extracttest.Fuzz(f, cpanfileSnapshot{}, installed{}, perllocal{}) }
