// SPDX-License-Identifier: Apache-2.0

// Package deploy runs what deploy/ holds as its platform would: every script,
// over real repositories, with the built program, and against servers that
// answer as the platforms' interfaces do.
package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// root is the top of the repository.
const root = "../.."

// need skips where a real part is missing, and fails where it must be there.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is needed: scripts/test installs it", p)
			}
			t.Skipf("%s is needed: scripts/test installs it", p)
		}
	}
}

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sekisho-deploy-*")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "sekisho")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-X main.version=1.2.3", "-o", name, root+"/cmd/sekisho")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build sekisho: %w\n%s", err, out)
	}
	return name, nil
})

func TestMain(m *testing.M) {
	// Programs read the scripts, which the cache of go test does not see.
	for _, pattern := range []string{"/deploy/*/*", "/deploy/*", "/scripts/*"} {
		names, _ := filepath.Glob(root + pattern)
		for _, name := range names {
			_, _ = os.ReadFile(name) // a directory is none
		}
	}
	status := m.Run()
	if name, err := built(); err == nil {
		_ = os.RemoveAll(filepath.Dir(name)) // in the temporary directory
	}
	os.Exit(status)
}

// program is the built program.
func program(t *testing.T) string {
	t.Helper()
	name, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func absolute(t *testing.T, name string) string {
	t.Helper()
	abs, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// environment is what a job has, and nothing of whoever runs the tests.
func environment(t *testing.T, more ...string) []string {
	t.Helper()
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "LC_ALL=C.UTF-8",
	}, more...)
}

// run runs a program and gives its exit status and what it said.
func run(t *testing.T, dir string, env []string, name string, args ...string) (status int, out string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	cmd.WaitDelay = time.Second
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), b.String()
	}
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, b.String())
	}
	return 0, b.String()
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	need(t, "git")
	status, out := run(t, dir, environment(t), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"}, args...)...)
	if status != 0 {
		t.Fatalf("git %v: %s", args, out)
	}
	return strings.TrimSpace(out)
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Files of the projects that are scanned.
const (
	oldCompose = "services:\n  old:\n    image: example.com/old:1\n    privileged: true\n    mem_limit: 64m\n"
	newCompose = "services:\n  new:\n    image: example.com/new:1\n    privileged: true\n    mem_limit: 64m\n"
	clean      = "FROM example.com/base:1.2\nUSER 10001\nCMD [\"/app\"]\n"
)

// project is a clone with a branch that parted from origin/main: main has a
// finding, and so has the branch when it brings one.
func project(t *testing.T, brings map[string]string) (dir, parted string) {
	t.Helper()
	origin, dir := t.TempDir(), t.TempDir()
	git(t, origin, "init", "-q")
	write(t, origin, map[string]string{"old/compose.yaml": oldCompose, "README.md": "# Project\n"})
	git(t, origin, "add", "-A")
	git(t, origin, "commit", "-qm", "main")
	git(t, dir, "clone", "-q", origin, ".")
	git(t, dir, "checkout", "-qb", "change")
	parted = git(t, dir, "rev-parse", "HEAD")
	write(t, dir, brings)
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-qm", "change", "--allow-empty")
	return dir, parted
}
