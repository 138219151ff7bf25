// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// userRegistry serves images whose user is their tag ("none" for none), without
// layers.
func userRegistry(t *testing.T) (addr string, manifest func(user string) string) {
	t.Helper()
	config := func(user string) string {
		if user == "none" {
			user = ""
		}
		return fmt.Sprintf(`{"architecture":"amd64","os":"linux","config":{"User":%q},"rootfs":{"type":"layers","diff_ids":[]}}`, user)
	}
	manifest = func(user string) string {
		c := config(user)
		return fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q,"size":%d},"layers":[]}`, digestOf(c), len(c))
	}
	users := []string{"none", "0", "1000"}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/" {
			return
		}
		for _, u := range users {
			switch r.URL.Path {
			case "/v2/app/manifests/" + u, "/v2/app/manifests/" + digestOf(manifest(u)):
				w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
				w.Header().Set("Docker-Content-Digest", digestOf(manifest(u)))
				fmt.Fprint(w, manifest(u))
				return
			case "/v2/app/blobs/" + digestOf(config(u)):
				fmt.Fprint(w, config(u))
				return
			}
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://"), manifest
}

// told runs the program over a Dockerfile of the text.
func told(t *testing.T, text string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, complaint bytes.Buffer
	a := &App{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &complaint, Dir: dir, Version: "test", Now: time.Now,
		Env: []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "DOCKER_HOST=unix://" + dir + "/none.sock", "CONTAINER_HOST=unix://" + dir + "/none.sock", "CONTAINERD_ADDRESS=" + dir + "/none.sock"},
	}
	status = a.Run(t.Context(), append(args, "Dockerfile"))
	return out.String(), complaint.String(), status
}

// Without USER the base image decides, and is asked only where that is wanted.
func TestResolveBases(t *testing.T) {
	addr, _ := userRegistry(t)
	for tag, want := range map[string]string{"none": "(run-as-root)", "0": "(run-as-root)", "1000": "", "missing": "(no-user)"} {
		text := "FROM " + addr + "/app:" + tag + "\nCOPY app /app\nCMD [\"/app\"]\n"
		out, complaint, status := told(t, text, "scan", "--scanners", "misconfig", "--plain-http", "--resolve-bases")
		if status != 0 || strings.Contains(out, "(no-user)") != (want == "(no-user)") || strings.Contains(out, "(run-as-root)") != (want == "(run-as-root)") {
			t.Errorf("%s: status %d, want %s in\n%s%s", tag, status, want, out, complaint)
		}
		if said := strings.Contains(complaint, "the user of the base image "+addr+"/app:missing is not known"); said != (tag == "missing") {
			t.Errorf("%s: %s", tag, complaint)
		}
		if out, _, _ := told(t, text, "scan", "--scanners", "misconfig", "--plain-http"); !strings.Contains(out, "(no-user)") {
			t.Errorf("%s: without the flag: %s", tag, out)
		}
		// Only daemons are asked without the network, and none is there.
		if out, _, _ := told(t, text, "scan", "--scanners", "misconfig", "--plain-http", "--resolve-bases", "--offline", "--skip-db-update"); !strings.Contains(out, "(no-user)") {
			t.Errorf("%s: offline: %s", tag, out)
		}
	}
}

func TestFixPins(t *testing.T) {
	addr, manifest := userRegistry(t)
	out, complaint, status := told(t, "FROM "+addr+"/app:1000 AS a\nFROM "+addr+"/app:missing\n", "fix", "--pin", "--plain-http")
	if want := "+FROM " + addr + "/app:1000@" + digestOf(manifest("1000")) + " AS a\n"; !strings.Contains(out, want) || strings.Contains(out, "+FROM "+addr+"/app:missing") {
		t.Errorf("want %s in\n%s", want, out)
	}
	if status != ExitIncomplete || !strings.Contains(complaint, "the digest of "+addr+"/app:missing is not known") {
		t.Errorf("status %d: %s", status, complaint)
	}
}

func TestShellCheckProgram(t *testing.T) {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("shellcheck is not installed")
		}
		t.Skip("shellcheck is not installed")
	}
	// SC2088 is none of our own rules, SC2164 is.
	text := "FROM debian:12\nRUN cp -r \"~/x\" /y; cd /z; make\nUSER 1\n"
	out, _, status := told(t, text, "scan", "--scanners", "misconfig", "--shellcheck", "auto")
	if status != 0 || !strings.Contains(out, "ShellCheck SC2088") || strings.Contains(out, "ShellCheck SC2164") || !strings.Contains(out, "(unchecked-cd)") {
		t.Errorf("status %d: %s", status, out)
	}
	if out, _, _ := told(t, text, "scan", "--scanners", "misconfig"); strings.Contains(out, "ShellCheck SC") {
		t.Errorf("it was not asked for: %s", out)
	}
	// A program that does not answer as ShellCheck is a problem, and no silence.
	out, _, _ = told(t, text, "scan", "--scanners", "misconfig", "--shellcheck", "/bin/cat")
	if !strings.Contains(out, "read the report of ShellCheck") {
		t.Errorf("no problem is told: %s", out)
	}
	if _, complaint, status := told(t, text, "scan", "--shellcheck", "nowhere"); status != ExitUsage || !strings.Contains(complaint, "--shellcheck nowhere: there is no such program") {
		t.Errorf("status %d: %s", status, complaint)
	}
}
