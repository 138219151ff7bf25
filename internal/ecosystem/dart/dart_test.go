// SPDX-License-Identifier: Apache-2.0

package dart

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestPubspecLock(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, pubspecLock{}, "pubspec.lock"), `
		args 2.4.2 pkg:pub/args@2.4.2 line=3 transitive
		http 0.13.2 pkg:pub/http@0.13.2 line=16 direct
		lints 3.0.0 pkg:pub/lints@3.0.0 line=22 direct dev
		ours 1.0.0 pkg:pub/ours@1.0.0 line=26 root
		tool 0.2.0 pkg:pub/tool@0.2.0 line=33 direct`)
	if _, err := extracttest.Extract(t, pubspecLock{}, "a/pubspec.lock", []byte("sdks:\n")); err == nil {
		t.Error("want an error without packages")
	}
}

func FuzzPubspecLock(f *testing.F) { extracttest.Fuzz(f, pubspecLock{}) }
