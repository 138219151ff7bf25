// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A tree that somebody else wrote may hold a sekisho.yaml: it runs no program,
// writes and prints nothing that lies elsewhere, and sends nothing away.
func TestNearSettingsStayNear(t *testing.T) {
	outside := t.TempDir()
	for name, c := range map[string]struct {
		settings string
		refused  bool
	}{
		"a program":             {"shellcheck: ./evil", true},
		"a program of the PATH": {"shellcheck: auto", false},
		"compiled rules":        {"yara: rules.yarc", true},
		"a server for files":    {"clamd: tcp:192.0.2.1:3310", true},
		"a file above":          {"output: [json=../report.json]", true},
		"a file elsewhere":      {"output: [" + filepath.ToSlash(outside) + "/report.json]", true},
		"a link elsewhere":      {"output: [json=link/report.json]", true},
		"a file here":           {"output: [json=report.json, out/report.html]", false},
		"a format alone":        {"output: [table]", false},
		"a secret printed":      {"template: '@../secret'\nformat: template", true},
		"a linked secret":       {"template: '@linked'\nformat: template", true},
		"a key to trust":        {"signature-key: key.pub", true},
		"no key to trust":       {"signature-key: []", true},
		"a text":                {"template: '@text'\nformat: template", false},
	} {
		t.Run(name, func(t *testing.T) {
			dir, home := t.TempDir(), t.TempDir()
			mark := filepath.Join(outside, "ran")
			writeFiles(t, dir, map[string]string{
				"evil": "#!/bin/sh\ntouch " + mark + "\necho '[]'\n", "Dockerfile": "FROM scratch\nRUN echo $x\n",
				"sekisho.yaml": c.settings + "\n", "text": "hello", "out/keep": "",
			})
			if err := os.Chmod(filepath.Join(dir, "evil"), 0o700); err != nil {
				t.Fatal(err)
			}
			writeFiles(t, outside, map[string]string{"secret": "the secret"})
			for link, to := range map[string]string{"link": outside, "linked": filepath.Join(outside, "secret")} {
				if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			run := func(args ...string) (string, string, int) {
				var out, errs bytes.Buffer
				a := &App{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: func() time.Time { return time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC) }, Dir: dir, Env: []string{"HOME=" + home}}
				status := a.Run(t.Context(), append([]string{"scan", ".", "--no-cache"}, args...))
				return out.String(), errs.String(), status
			}
			out, errs, status := run()
			if refused := status == ExitUsage && strings.Contains(errs, "sekisho.yaml:1: "); refused != c.refused {
				t.Errorf("status %d: %s", status, errs)
			}
			if _, err := os.Stat(mark); err == nil || strings.Contains(out, "the secret") {
				t.Errorf("what lies in the tree ran or was printed: %s", out)
			}
			if !c.refused {
				return
			}
			// Who names the file answers for it.
			defer func() { _ = os.Remove(mark) }() // it may run now
			if _, errs, _ := run("--config", "sekisho.yaml"); strings.Contains(errs, "sekisho.yaml:1: ") {
				t.Errorf("with --config: %s", errs)
			}
		})
	}
}

// What waits for ever or never ends is no configuration that is found.
func TestConfigurationIsAFile(t *testing.T) {
	for name, target := range map[string]string{"device": "/dev/zero", "directory": t.TempDir()} {
		dir := t.TempDir()
		writeFiles(t, dir, map[string]string{"a.txt": "x"})
		if err := os.Symlink(target, filepath.Join(dir, "sekisho.yaml")); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		a := &App{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: time.Now, Dir: dir, Env: []string{"HOME=" + t.TempDir()}}
		if status := a.Run(t.Context(), []string{"config", "show"}); status != ExitAllowed {
			t.Errorf("%s: status %d, %s", name, status, errs.String())
		}
		a.Stderr, a.Stdout = &errs, &out
		if status := a.Run(t.Context(), []string{"config", "show", "--config", "/dev/zero"}); status != ExitUsage || !strings.Contains(errs.String(), "larger than 1 MiB") {
			t.Errorf("%s: --config: status %d, %s", name, status, errs.String())
		}
	}
}
