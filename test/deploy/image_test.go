// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The image, built by its script and run by a real engine: not as root, on a
// volume that it can only read, and with room for what it spools.
func TestImage(t *testing.T) {
	t.Parallel()
	need(t, "docker", "bash")
	env := environment(t, "DOCKER_HOST="+os.Getenv("DOCKER_HOST"))
	if status, out := run(t, ".", env, "docker", "version"); status != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no Docker daemon: %s", out)
		}
		t.Skipf("no Docker daemon: %s", out)
	}
	name := "sekisho-deploy-test:" + strings.ToLower(filepath.Base(t.TempDir())) + "-" + strings.Trim(filepath.Base(filepath.Dir(program(t))), "-")
	status, out := run(t, root, env, "bash", "scripts/image", "v1.2.3", name, program(t))
	if status != 0 {
		t.Fatal(out)
	}
	defer run(t, ".", env, "docker", "image", "rm", "-f", name)
	if _, out := run(t, ".", env, "docker", "run", "--rm", name, "version"); !strings.Contains(out, "1.2.3") {
		t.Errorf("version: %s", out)
	}
	dir, _ := project(t, map[string]string{"compose.yaml": newCompose})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if status, out := run(t, ".", env, "docker", "run", "--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--tmpfs=/tmp", "-v", dir+":/work:ro", name,
		"scan", "repo:.", "--offline", "--no-cache", "--fail-on", "high"); status != 1 || !strings.Contains(out, "high 2") {
		t.Errorf("status %d: %s", status, out)
	}
	// Itself, out of an archive on standard input, by our own rules.
	status, out = run(t, ".", env, "sh", "-c", "docker save "+name+" | docker run --rm -i --network=none "+name+" scan - --offline --fail-on medium --scanners misconfig,secret,malware --allow-incomplete")
	if status != 0 || !strings.Contains(out, "no findings") {
		t.Errorf("status %d: %s", status, out)
	}
	if _, out := run(t, ".", env, "docker", "image", "inspect", "-f", "{{.Config.User}}", name); strings.TrimSpace(out) != "65532:65532" {
		t.Errorf("it runs as %s", out)
	}
}
