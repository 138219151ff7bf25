// SPDX-License-Identifier: Apache-2.0

package cpp

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestConanLock(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, conanLock{}, "v1/conan.lock"), `
		libcurl 7.79.1 pkg:conan/libcurl@7.79.1?rrev=0123 line=11 direct
		openssl 1.1.1l pkg:conan/openssl@1.1.1l?channel=stable&rrev=4567&user=user line=12 transitive
		cmake 3.21.0 pkg:conan/cmake@3.21.0?rrev=89ab line=13 direct dev`)
	extracttest.Equal(t, extracttest.File(t, conanLock{}, "v2/conan.lock"), `
		zlib 1.2.11 pkg:conan/zlib@1.2.11?rrev=4524fcdd41f33e8df88ece6e755a5dcc line=4
		cmake 3.22.6 pkg:conan/cmake@3.22.6?rrev=f305019023c2db74d1001c5afa5cf362 line=8 dev`)
}

func TestConanfile(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, conanfile{}, "conanfile.txt"), `
		poco 1.9.4 pkg:conan/poco@1.9.4 line=2 direct
		zlib 1.2.11 pkg:conan/zlib@1.2.11 line=4 direct
		cmake 3.22.6 pkg:conan/cmake@3.22.6 line=8 direct dev`)
}

func FuzzConan(f *testing.F) { extracttest.Fuzz(f, conanLock{}, conanfile{}) }
