// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// A parent pins a version with flaws: no refresh of the lockfile helps, and an
// override does, with the real npm.
func TestFixDepsOverrides(t *testing.T) {
	const manifest = "{\n  \"name\": \"web\", \"version\": \"1.0.0\",\n  \"dependencies\": {\"p\": \"^1.0.0\"}\n}\n"
	lock := func(want string) string {
		return `{"name":"web","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{
"":{"name":"web","version":"1.0.0","dependencies":{"p":"^1.0.0"}},
"node_modules/p":{"version":"1.0.0","dependencies":{"lodash":"` + want + `"}},
"node_modules/lodash":{"version":"4.17.15"}}}`
	}
	d := newDesk(t)
	d.put("tree/package.json", manifest)
	d.put("tree/package-lock.json", lock("4.17.15"))
	// Not without the flag, and not where a refresh is enough.
	if p, status, errs := d.fixDeps("--offline", "tree"); status != 0 || len(p.Edits) != 0 || p.Left[len(p.Left)-1].Why.Code != sekisho.LeftTransitive {
		t.Fatalf("status %d: %s %+v", status, errs, p)
	}
	d.put("tree/package-lock.json", lock("^4.17.0"))
	if p, status, errs := d.fixDeps("--offline", "--overrides", "tree"); status != 0 || len(p.Edits) != 0 || len(p.Commands) != 1 {
		t.Fatalf("status %d: %s %+v", status, errs, p)
	}
	d.put("tree/package-lock.json", lock("4.17.15"))
	p, status, errs := d.fixDeps("--offline", "--overrides", "tree")
	if status != 0 || len(p.Raises) != 1 || len(p.Edits) != 1 || !p.Projected || len(p.Comparison.Fixed) == 0 || len(p.Comparison.Added) != 0 {
		t.Fatalf("status %d: %s %+v", status, errs, p)
	}

	program(t, "npm")
	var registry *httptest.Server
	registry = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, versions := strings.TrimPrefix(r.URL.Path, "/"), map[string]any{}
		of := map[string][]string{"p": {"1.0.0"}, "lodash": {"4.17.15", "4.17.21", "4.17.23", "4.18.0"}}[name]
		if of == nil {
			http.NotFound(w, r)
			return
		}
		for _, v := range of {
			one := map[string]any{"name": name, "version": v, "dist": map[string]any{"tarball": fmt.Sprintf("%s/%s/-/%s-%s.tgz", registry.URL, name, name, v), "integrity": "sha512-" + strings.Repeat("A", 86) + "=="}}
			if name == "p" {
				one["dependencies"] = map[string]string{"lodash": "4.17.15"}
			}
			versions[v] = one
		}
		if err := json.NewEncoder(w).Encode(map[string]any{"name": name, "dist-tags": map[string]string{"latest": of[len(of)-1]}, "versions": versions}); err != nil {
			t.Error(err)
		}
	}))
	defer registry.Close()
	d.put("tree/.npmrc", "registry="+registry.URL+"/\n")
	to := p.Raises[0].To
	p, status, errs = d.fixDeps("--overrides", "--lock", "--write", "tree")
	if status != 0 || p == nil || p.Projected || !p.Written || len(p.Comparison.Fixed) == 0 || len(p.Comparison.Added) != 0 {
		t.Fatalf("status %d: %s %+v", status, errs, p)
	}
	if got, want := d.read("tree/package.json"), strings.TrimSuffix(manifest, "\n}\n")+",\n  \"overrides\": {\n    \"lodash\": \"^"+to+"\"\n  }\n}\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := d.read("tree/package-lock.json"); strings.Contains(got, `"version": "4.17.15"`) {
		t.Errorf("%s", got)
	}
}
