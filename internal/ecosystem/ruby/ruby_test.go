// SPDX-License-Identifier: Apache-2.0

package ruby

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestGemfileLock(t *testing.T) {
	const want = `
		widget 0.4.0 pkg:gem/widget@0.4.0 line=6 direct
		shop 1.0.0 pkg:gem/shop@1.0.0 line=12 root
		stored 0.1 pkg:gem/stored@0.1 line=19 transitive
		mini_portile2 2.8.5 pkg:gem/mini_portile2@2.8.5 line=24 transitive
		nokogiri 1.15.4 pkg:gem/nokogiri@1.15.4 line=25 direct
		nokogiri 1.15.4 pkg:gem/nokogiri@1.15.4?platform=x86_64-linux line=28 direct
		racc 1.7.1 pkg:gem/racc@1.7.1 line=30 transitive
		rack 2.2.8 pkg:gem/rack@2.2.8 line=31 direct
		rails 7.1.0.beta1 pkg:gem/rails@7.1.0.beta1 line=32 transitive`
	extracttest.Equal(t, extracttest.File(t, gemfileLock{}, "Gemfile.lock"), want)
	extracttest.Equal(t, extracttest.File(t, gemfileLock{}, "gems.locked"), want)
}

func TestGemspec(t *testing.T) {
	for file, want := range map[string]string{
		"specifications/widget-1.2.3.gemspec":              `widget 1.2.3 pkg:gem/widget@1.2.3 ["MIT" "Apache-2.0"]`,
		"specifications/native-0.9.0-x86_64-linux.gemspec": `native 0.9.0 pkg:gem/native@0.9.0?platform=x86_64-linux ["BSD-2-Clause"]`,
		// A version that only Ruby could compute: the file's name has it.
		"specifications/default/json-2.6.1.gemspec": `json 2.6.1 pkg:gem/json@2.6.1`,
	} {
		extracttest.Equal(t, extracttest.File(t, gemspec{}, file), want)
	}
	if _, err := extracttest.Extract(t, gemspec{}, "specifications/what.gemspec", []byte("Gem::Specification.new")); err == nil {
		t.Error("want an error for a specification without name and version")
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{
		"Gemfile.lock":      true,
		"a/b/gems.locked":   true,
		"a/NotGemfile.lock": false,
		"usr/lib/ruby/gems/3.1.0/gems/rbs-2.0.0/steep/Gemfile.lock":         false,
		"app/node_modules/react-native/template/Gemfile.lock":               false,
		"srv/gems/app/Gemfile.lock":                                         true,
		"usr/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec": true,
		"specifications/x-1.gemspec":                                        true,
		"myspecifications/x-1.gemspec":                                      false,
		"src/x.gemspec":                                                     false,
		"x.gemspec":                                                         false,
	} {
		f := sekisho.File{Path: path}
		if got := (gemfileLock{}).Wants(&f) || (gemspec{}).Wants(&f); got != want {
			t.Errorf("Wants(%s) = %v", path, got)
		}
		f.Type = sekisho.TypeSymlink
		if (gemfileLock{}).Wants(&f) || (gemspec{}).Wants(&f) {
			t.Errorf("wants the symbolic link %s", path)
		}
	}
}

func FuzzGemfileLock(f *testing.F) { extracttest.Fuzz(f, gemfileLock{}) }
func FuzzGemspec(f *testing.F)     { extracttest.Fuzz(f, gemspec{}) }

// What is no such file at all is not a project without dependencies.
func TestForeignGemfileLock(t *testing.T) {
	for _, s := range []string{"", "<<<<<<< HEAD\n", "garbage"} {
		if _, err := extracttest.Extract(t, gemfileLock{}, "Gemfile.lock", []byte(s)); err == nil {
			t.Errorf("%q: want an error", s)
		}
	}
}

// TestRealLock compares with `bundle list` of Bundler 2.3, over gems of our own.
func TestRealLock(t *testing.T) { extracttest.Listed(t, gemfileLock{}, "real/Gemfile.lock") }
