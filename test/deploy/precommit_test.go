// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The hooks, run by pre-commit itself when something is committed: what is
// staged counts, not what lies beside it.
func TestPreCommit(t *testing.T) {
	t.Parallel()
	need(t, "git", "pre-commit")
	hooks := t.TempDir()
	git(t, hooks, "init", "-q")
	write(t, hooks, map[string]string{".pre-commit-hooks.yaml": read(t, root+"/.pre-commit-hooks.yaml")})
	git(t, hooks, "add", "-A")
	git(t, hooks, "commit", "-qm", "hooks")
	rev := git(t, hooks, "rev-parse", "HEAD")

	bin := t.TempDir()
	if err := os.Symlink(program(t), filepath.Join(bin, "sekisho")); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	env := environment(t, "PATH="+bin+":"+os.Getenv("PATH"), "PRE_COMMIT_HOME="+t.TempDir())
	inDir := func(args ...string) (int, string) { return run(t, dir, env, args[0], args[1:]...) }
	must := func(args ...string) {
		t.Helper()
		if status, out := inDir(args...); status != 0 {
			t.Fatalf("%v: status %d: %s", args, status, out)
		}
	}
	commit := func(want int, said string) {
		t.Helper()
		status, out := inDir("git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-m", "x")
		if status != want || !strings.Contains(out, said) {
			t.Errorf("commit: status %d, want %d and %q: %s", status, want, said, out)
		}
	}
	must("git", "init", "-q")
	write(t, dir, map[string]string{
		".pre-commit-config.yaml": "repos:\n- repo: " + hooks + "\n  rev: " + rev + "\n  hooks:\n  - id: sekisho-system\n  - id: sekisho-dockerfile-system\n  - id: sekisho-secrets-system\n",
		"README.md":               "# Project\n", "Dockerfile": clean,
	})
	must("pre-commit", "install")
	must("git", "add", "-A")
	commit(0, "Passed") // the first commit has no HEAD to compare with

	// A finding that comes with the commit; the message is the finding.
	write(t, dir, map[string]string{"deploy/compose.yaml": newCompose, "a file.txt": "plain\n"})
	must("git", "add", "-A")
	commit(1, "is privileged (privileged)")
	// Put right in the working directory and not staged: still denied.
	write(t, dir, map[string]string{"deploy/compose.yaml": "services: {}\n"})
	commit(1, "is privileged (privileged)")
	must("git", "add", "-A")
	commit(0, "Passed")

	// The other way round: what is not staged denies nothing.
	write(t, dir, map[string]string{"README.md": "# Project 2\n"})
	must("git", "add", "-A")
	write(t, dir, map[string]string{"deploy/compose.yaml": newCompose, "untracked.Dockerfile": "FROM alpine:latest\n"})
	commit(0, "Passed")
	must("git", "checkout", "-q", ".")

	// A Dockerfile by whatever name, and a secret in a file that nothing else reads.
	write(t, dir, map[string]string{"build/web.Dockerfile": "FROM alpine:latest\n"})
	must("git", "add", "build")
	commit(1, "latest-tag")
	must("git", "rm", "-rqf", "build")
	write(t, dir, map[string]string{"notes.txt": "aws_access_key_id = AKI" + "AQ3EGRJ5XNWMZPK7T\n"})
	must("git", "add", "notes.txt")
	commit(1, "aws-access-key-id")
	must("git", "rm", "-qf", "notes.txt")

	// What was there before the hooks does not stop a change beside it.
	write(t, dir, map[string]string{"old/compose.yaml": oldCompose})
	must("git", "add", "old")
	must("git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qnm", "old")
	write(t, dir, map[string]string{"old/compose.yaml": "# a remark\n" + oldCompose})
	must("git", "add", "old")
	commit(0, "Passed")
}

// A hook on a Dockerfile takes less than a second.
func TestHookIsFast(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	write(t, dir, map[string]string{"Dockerfile": clean})
	var all []hook
	decode(t, root+"/.pre-commit-hooks.yaml", &all)
	for _, h := range all {
		args := append(strings.Fields(h.Entry), "Dockerfile")
		least := time.Hour // the machine has other work too
		for range 5 {
			began := time.Now()
			if status, out := run(t, dir, environment(t), program(t), args[1:]...); status != 0 {
				t.Errorf("%s: status %d: %s", h.ID, status, out)
			}
			least = min(least, time.Since(began))
		}
		if least > time.Second {
			t.Errorf("%s took %v", h.ID, least)
		}
		if !slices.Contains(args, "--offline") || args[0] != "sekisho" {
			t.Errorf("%s: %s", h.ID, h.Entry)
		}
	}
	if len(all) != 6 {
		t.Errorf("%d hooks", len(all))
	}
}

type hook struct{ ID, Entry string }
