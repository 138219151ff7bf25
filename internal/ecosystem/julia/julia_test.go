// SPDX-License-Identifier: Apache-2.0

package julia

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestManifest(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, manifest{}, "v1/Manifest.toml"), `
		JSON 0.21.4 pkg:julia/JSON@0.21.4?uuid=682c06a0-de6a-54ab-a142-c8b1cf79cde6 line=5`)
	extracttest.Equal(t, extracttest.File(t, manifest{}, "v2/Manifest.toml"), `
		HTTP 1.9.14 pkg:julia/HTTP@1.9.14?uuid=cd3eb016-35fb-5094-929b-558a96fad6f3 line=5 direct
		Mine 0.1.0 pkg:julia/Mine@0.1.0?uuid=00000000-0000-0000-0000-000000000001 line=10 root
		OpenSSL 1.4.1 pkg:julia/OpenSSL@1.4.1?uuid=4d8831e6-92b7-49fb-bdf8-b643e874388c line=15 transitive`)
}

func TestDepot(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, depot{}, "root/.julia/packages/Colors/mIuXl/Project.toml"), `
		Colors 0.12.10 pkg:julia/Colors@0.12.10?uuid=5ae59095-9a9b-59fe-a467-6f913c188581`)
	for path, want := range map[string]bool{
		"opt/julia/packages/A/b/Project.toml":      true,
		"opt/julia/packages/A/b/test/Project.toml": false,
		"packages/A/b/Project.toml":                false,
		"Project.toml":                             false,
	} {
		f := sekisho.File{Path: path}
		if got := (depot{}).Wants(&f); got != want {
			t.Errorf("Wants(%s) = %v", path, got)
		}
	}
}

func FuzzJulia(f *testing.F) { extracttest.Fuzz(f, manifest{}, depot{}) }
