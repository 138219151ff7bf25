// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"testing"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/imageref"
)

func TestParseImage(t *testing.T) {
	odd := cloud.Reference(`lookup(var.a, "x/y:1@z")`)
	tag := cloud.Reference("var.tag")
	for text, want := range map[string]image{
		"nginx:1":                       {imageref.Reference{Registry: "docker.io", Repository: "library/nginx", Tag: "1"}, true, true},
		odd:                             {imageref.Reference{Registry: odd}, false, false},
		odd + ":" + tag:                 {imageref.Reference{Registry: odd, Tag: tag}, false, false},
		odd + "/app:1":                  {imageref.Reference{Registry: odd, Repository: "app", Tag: "1"}, false, false},
		"registry.example.com/a:" + tag: {imageref.Reference{Registry: "registry.example.com", Repository: "a", Tag: tag}, true, false},
		"team/" + odd + "@" + tag:       {imageref.Reference{Registry: "docker.io", Repository: "team/" + odd, Digest: tag}, false, false},
	} {
		if got := parseImage(text); got != want {
			t.Errorf("%q is %+v, want %+v", cloud.Show(text), got, want)
		}
	}
}
