// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// The same image is ranked by what runs it.
func TestScanWorkload(t *testing.T) {
	d := newDesk(t)
	app := d.archive("app.tar", "registry.example.com/shop/api:1", layerStep{"ADD", map[string]string{"etc/os-release": alpine, "lib/apk/db/installed": fmt.Sprintf(musl+ssl, "1.2.5-r0", "3.3.0-r0")}})
	pod := func(image, security string) string {
		return fmt.Sprintf("apiVersion: v1\nkind: Pod\nmetadata: {name: api}\nspec:\n  containers:\n  - name: api\n    image: %s\n    ports: [{containerPort: 8080}]\n    securityContext: %s\n", image, security)
	}
	score := func(r *sekisho.Result) (points int, codes string) {
		for i := range r.Findings {
			f := &r.Findings[i]
			remote := slices.ContainsFunc(f.Risk.Lines, func(l sekisho.RiskLine) bool { return l.Code == "remote" })
			if f.Rule == "CVE-2024-6119" && remote {
				for _, l := range f.Risk.Lines {
					codes += l.Code + " "
				}
				return f.Risk.Score, codes
			}
		}
		t.Fatal("the finding is gone")
		return 0, ""
	}
	plain, _ := d.scan(app)
	base, codes := score(plain)
	if !strings.Contains(codes, "root ") || strings.Contains(codes, "exposed ") || len(plain.Workloads) > 0 {
		t.Errorf("alone: %d %s", base, codes)
	}
	for _, tt := range []struct {
		name, file, text, want, without string
		change                          int
		assumed                         bool
	}{
		{"a user without rights", "pod.yaml", pod("registry.example.com/shop/api:1", "{runAsNonRoot: true}"), "exposed ", "root ", 1, false},
		{"another tag", "pod.yaml", pod("registry.example.com/shop/api:2", "{privileged: true}"), "exposed privileged root ", "powers ", 10, false},
		{"the only image", "pod.yaml", pod("other:1", "{capabilities: {add: [SYS_ADMIN]}}"), "exposed powers root ", "privileged ", 8, true},
		{"a task definition", "task.json", `{"family": "api", "containerDefinitions": [{"name": "api", "image": "registry.example.com/shop/api:1", "user": "0", "portMappings": [{"containerPort": 80}]}]}`, "exposed root ", "powers ", 4, false},
		{"of two images its own", "compose.yaml", "services:\n  api: {image: 'registry.example.com/shop/api:1', user: '7'}\n  db: {image: 'db:1', privileged: true}\n", "severity ", "root ", -3, false},
	} {
		d.write(tt.file, tt.text)
		r, errs := d.scan(app, "--workload", tt.file)
		got, codes := score(r)
		if got-base != tt.change || !strings.Contains(codes, tt.want) || strings.Contains(codes, tt.without) || len(r.Workloads) != 1 || r.Workloads[0].Path != tt.file {
			t.Errorf("%s: %d more by %s; %+v", tt.name, got-base, codes, r.Workloads)
		}
		if strings.Contains(errs, "as if it were that one") != tt.assumed {
			t.Errorf("%s: %s", tt.name, errs)
		}
		if _, out, _ := d.run("scan", app, "--workload", tt.file, "--skip-db-update", "--no-cache"); !strings.Contains(out, "Runs as: ") {
			t.Errorf("%s: %s", tt.name, out)
		}
	}
	d.write("other.yaml", "services:\n  a: {image: 'a:1'}\n  b: {image: 'b:1'}\n")
	d.write("compose.yaml", "services:\n  a: {image: 'a:1'}\n  b: {image: 'b:1'}\n")
	d.write("empty.yaml", "a: 1\n")
	for file, want := range map[string]string{
		"compose.yaml": "but of a:1, b:1",
		"empty.yaml":   "no container is started there",
		"missing.yaml": "missing.yaml",
	} {
		if status, _, errs := d.run("scan", app, "--workload", file, "--skip-db-update"); status != ExitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: %d %s", file, status, errs)
		}
	}
	// A directory is read as a whole, and what is broken in it is said.
	if err := os.MkdirAll(filepath.Join(d.dir, "deploy"), 0o750); err != nil {
		t.Fatal(err)
	}
	d.write("deploy/pod.yaml", pod("registry.example.com/shop/api:1", "{runAsUser: 0}"))
	d.write("deploy/broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [\n")
	r, errs := d.scan(app, "--workload", "deploy")
	if len(r.Workloads) != 1 || r.Workloads[0].Path != "deploy/pod.yaml" || !strings.Contains(errs, "deploy/broken.yaml") {
		t.Errorf("%+v\n%s", r.Workloads, errs)
	}
}
