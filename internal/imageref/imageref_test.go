// SPDX-License-Identifier: Apache-2.0

package imageref

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for s, want := range map[string]Reference{
		"nginx":                              {"docker.io", "library/nginx", "", ""},
		"nginx:1.27":                         {"docker.io", "library/nginx", "1.27", ""},
		"docker.io/nginx":                    {"docker.io", "library/nginx", "", ""},
		"index.docker.io/team/app":           {"docker.io", "team/app", "", ""},
		"registry-1.docker.io/nginx:1":       {"docker.io", "library/nginx", "1", ""},
		"team/app@sha256:01":                 {"docker.io", "team/app", "", "sha256:01"},
		"localhost/app":                      {"localhost", "app", "", ""},
		"localhost:5000/a/b:1":               {"localhost:5000", "a/b", "1", ""},
		"registry.example.com:5000/app":      {"registry.example.com:5000", "app", "", ""},
		"registry.example.com/a:1@sha256:01": {"registry.example.com", "a", "1", "sha256:01"},
		"\x00/app:\x00":                      {"\x00", "app", "\x00", ""},
		"a\x00b/c":                           {"a\x00b", "c", "", ""},
		"\x00:1":                             {"docker.io", "library/\x00", "1", ""},
		"":                                   {"docker.io", "library/", "", ""},
		":":                                  {"docker.io", "library/", "", ""},
		"/":                                  {"docker.io", "/", "", ""},
		"@":                                  {"docker.io", "library/", "", ""},
	} {
		if got := Parse(s, "\x00"); got != want {
			t.Errorf("%q is %+v, want %+v", s, got, want)
		}
	}
	if got := Parse("\x00/app", ""); got.Registry != "docker.io" {
		t.Errorf("without a mark, the first part is the registry %q", got.Registry)
	}
}

func TestAllowed(t *testing.T) {
	for _, c := range []struct {
		patterns, image string
		want            bool
	}{
		{"", "nginx", false},
		{"*", "registry.example.com:5000/a/b", true},
		{"docker.io", "nginx", true},
		{"docker.io/", "team/app", true},
		{"index.docker.io", "nginx", true},
		{"docker.io", "docker.io.example.com/nginx", false},
		{"docker.io/nginx", "docker.io/nginx:1", true},
		{"docker.io/nginx", "nginx", true},
		{"docker.io/nginx", "nginx/unit", true},
		{"docker.io/nginx", "evil/nginx", false},
		{"docker.io/library", "nginx", true},
		{"docker.io/library/*", "nginx", true},
		{"docker.io/library/*", "team/app", false},
		{"*.example.com", "registry.example.com/app", true},
		{"*.example.com", "example.com/app", false},
		{"*.example.com/team", "registry.example.com/team/app", true},
		{"*.example.com/team/*", "registry.example.com/team/a/b", true},
		{"*.example.com/team", "registry.example.com/teams/app", false},
		{"ghcr.io/team", "ghcr.io/team/app", true},
		{"ghcr.io/team", "ghcr.io/team-evil/app", false},
		{"ghcr.io/team/*", "ghcr.io/team", false},
		{"ghcr.io/team-*", "ghcr.io/team-a/app", true},
		{"ghcr.io/team-*", "ghcr.io/other/app", false},
		{"ghcr.io/*/app", "ghcr.io/team/app", true},
		{"ghcr.io/*/app", "ghcr.io/team/other", false},
		{"[", "nginx", false},
		{"quay.io [ ghcr.io", "ghcr.io/a/b", true},
		{"localhost:5000", "localhost:5000/a", true},
		{"localhost", "localhost:5000/a", false},
	} {
		if got := Parse(c.image, "").Allowed(strings.Fields(c.patterns)); got != c.want {
			t.Errorf("%q under %q: %v", c.image, c.patterns, got)
		}
	}
	if Parse("nginx", "").Allowed([]string{"", "/", "//"}) {
		t.Error("an empty pattern allows nginx")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"nginx", "registry.example.com:5000/a/b:1@sha256:01", "\x00/a:\x00", ":/@:/@", "a//b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := Parse(s, "\x00")
		if r.Registry == "" && !strings.HasPrefix(s, "/") {
			t.Fatalf("%q has no registry", s)
		}
		name, tag, digest := Split(s)
		if len(name)+len(tag)+len(digest) > len(s) || !strings.HasPrefix(s, name) || !strings.HasSuffix(s, digest) {
			t.Fatalf("%q is split into %q, %q, %q", s, name, tag, digest)
		}
		if !r.Allowed([]string{"*"}) {
			t.Fatalf("%q is not allowed by *", s)
		}
		if r.Allowed(nil) {
			t.Fatalf("%q is allowed by nothing", s)
		}
	})
}
