// SPDX-License-Identifier: Apache-2.0

package swift

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestPackageResolved(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, packageResolved{}, "v1/Package.resolved"), `
		github.com/apple/swift-nio 2.39.0 pkg:swift/github.com/apple/swift-nio@2.39.0 line=4`)
	extracttest.Equal(t, extracttest.File(t, packageResolved{}, "v3/Package.resolved"), `
		github.com/vapor/vapor 4.84.1 pkg:swift/github.com/vapor/vapor@4.84.1 line=4
		git.example.com/group/sub/branch 0123abc pkg:swift/git.example.com/group/sub/branch@0123abc line=10
		mona.linkedlist 1.2.0 pkg:swift/mona/linkedlist@1.2.0 line=16`)
}

func TestPodfileLock(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, podfileLock{}, "Podfile.lock"), `
		AFNetworking 4.0.1 pkg:cocoapods/AFNetworking@4.0.1 line=2 direct
		GoogleUtilities 7.8.0 pkg:cocoapods/GoogleUtilities@7.8.0 line=5 direct
		PromisesObjC 2.1.1 pkg:cocoapods/PromisesObjC@2.1.1 line=7 transitive`)
	if _, err := extracttest.Extract(t, podfileLock{}, "Podfile.lock", []byte("nothing")); err == nil {
		t.Error("want an error without PODS")
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://user:secret@GitHub.com/a/b.git": "github.com/a/b",
		"https://github.com/a/b/":                "github.com/a/b",
		"git@github.com:a/b.git":                 "github.com/a/b",
		"ssh://git@host:22/a/b":                  "host/a/b",
		"file:///home/me/a":                      "",
		"/home/me/a":                             "",
		"../a":                                   "",
		"https://github.com":                     "",
		"":                                       "",
	} {
		if got := address(in); got != want {
			t.Errorf("address(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzLocks(f *testing.F) { extracttest.Fuzz(f, packageResolved{}, podfileLock{}) }
