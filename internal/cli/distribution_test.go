// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// need skips a test that lacks a real part, with the reason; in CI it fails.
func need(t *testing.T, why string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(why, args...)
	}
	t.Skipf(why, args...)
}

// runProgram runs a program of the machine and returns what it printed.
func runProgram(t *testing.T, name string, args ...string) string {
	t.Helper()
	var errOut bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=0", "DEBIAN_FRONTEND=noninteractive")
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args[:min(len(args), 2)], " "), err, out, errOut.String())
	}
	return string(out)
}

// sekishoIn runs the program in process and returns what it printed.
func sekishoIn(t *testing.T, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	var out, errOut bytes.Buffer
	a := &App{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errOut, Now: time.Now, Version: "test",
		Env: append(os.Environ(), "LANG=C", "XDG_CACHE_HOME="+dir, "XDG_CONFIG_HOME="+dir),
	}
	if status := a.Run(t.Context(), args); status != ExitAllowed {
		t.Fatalf("sekisho %v: status %d\n%s", args, status, errOut.String())
	}
	return out.Bytes()
}

func scanJSON(t *testing.T, args ...string) *sekisho.Result {
	t.Helper()
	var r sekisho.Result
	out := sekishoIn(t, append([]string{"scan", "-q", "-f", "json", "--scanners", "vuln"}, args...)...)
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// aptSource is the machine's own distribution and where apt has it from.
func aptSource(t *testing.T) (suite, mirror string) {
	t.Helper()
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		need(t, "this machine has no /etc/os-release: %v", err)
	}
	for line := range strings.Lines(string(release)) {
		if v, ok := strings.CutPrefix(line, "VERSION_CODENAME="); ok {
			suite = strings.Trim(v, "\"\n")
		}
	}
	files, _ := filepath.Glob("/etc/apt/sources.list.d/*")
	for _, name := range append([]string{"/etc/apt/sources.list"}, files...) {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		switch filepath.Ext(name) {
		case ".list":
			for line := range strings.Lines(string(b)) {
				if i := strings.IndexByte(line, ']'); i > 0 && strings.Contains(line, "[") {
					line = "deb " + line[i+1:]
				}
				if f := strings.Fields(line); len(f) > 3 && f[0] == "deb" && f[2] == suite && f[3] == "main" {
					return suite, f[1]
				}
			}
		case ".sources":
			for part := range strings.SplitSeq(string(b), "\n\n") {
				field := map[string][]string{}
				for line := range strings.Lines(part) {
					if k, v, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, "#") {
						field[strings.ToLower(k)] = strings.Fields(v)
					}
				}
				if slices.Contains(field["types"], "deb") && slices.Contains(field["suites"], suite) && slices.Contains(field["components"], "main") && len(field["uris"]) > 0 {
					return suite, field["uris"][0]
				}
			}
		}
	}
	need(t, "apt has no source of this machine's distribution (%q)", suite)
	return "", ""
}

// A real distribution, made by its own tools into a real image, of which a
// later layer removes a package: what we list is what dpkg lists.
func TestRealDistribution(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes a distribution, which takes most of a minute")
	}
	for _, p := range []string{"debootstrap", "docker", "tar"} {
		if _, err := exec.LookPath(p); err != nil {
			need(t, "the program %s is not installed, make test installs it as root", p)
		}
	}
	if os.Getuid() != 0 {
		need(t, "only root can make a distribution with debootstrap")
	}
	if out, err := exec.CommandContext(t.Context(), "docker", "version", "--format", "{{.Server.Version}}").CombinedOutput(); err != nil {
		need(t, "no Docker daemon answers: %s", bytes.TrimSpace(out))
	}
	suite, mirror := aptSource(t)
	dir := t.TempDir()
	root := filepath.Join(dir, "root")
	// Nothing of this is to outlive a crash: without waiting for the disk it is twice as fast.
	if err := os.MkdirAll(filepath.Join(root, "etc/dpkg/dpkg.cfg.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "etc/dpkg/dpkg.cfg.d/fast"), []byte("force-unsafe-io\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	runProgram(t, "debootstrap", "--variant=minbase", suite, root, mirror)

	tag := fmt.Sprintf("sekisho.example.com/distribution-%d", os.Getpid())
	t.Cleanup(func() {
		out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "docker", "image", "rm", "--force", tag+":2", tag+":1").CombinedOutput()
		if err != nil {
			t.Logf("remove the images: %v %s", err, out)
		}
	})
	tarball := filepath.Join(dir, "root.tar")
	runProgram(t, "tar", "-C", root, "--exclude=./var/cache/apt/archives/*.deb", "--exclude=./dev/*", "-cf", tarball, ".")
	runProgram(t, "docker", "import", tarball, tag+":1")
	dockerfile := "FROM " + tag + ":1\nRUN dpkg --purge --force-all tzdata\n"
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o600); err != nil {
		t.Fatal(err)
	}
	runProgram(t, "docker", "build", "--quiet", "--network=none", "--tag", tag+":2", "--file", filepath.Join(dir, "Dockerfile"), t.TempDir())

	query := []string{"dpkg-query", "-W", "-f", "${db:Status-Status}|${Package} ${Version} ${Architecture} of ${source:Package} ${source:Version}\n"}
	installed := func(out string) (list []string) {
		for line := range strings.Lines(out) {
			if p, ok := strings.CutPrefix(strings.TrimSpace(line), "installed|"); ok {
				list = append(list, p)
			}
		}
		slices.Sort(list)
		return list
	}
	before := installed(runProgram(t, "chroot", append([]string{root}, query...)...))
	after := installed(runProgram(t, "docker", append([]string{"run", "--rm", "--network=none", tag + ":2"}, query...)...))
	if len(before) < 50 || len(after) != len(before)-1 {
		t.Fatalf("dpkg lists %d packages and then %d: this is no distribution without one package", len(before), len(after))
	}
	for target, want := range map[string][]string{"dir:" + root: before, "docker:" + tag + ":1": before, "docker:" + tag + ":2": after} {
		r := scanJSON(t, target)
		var got, hidden, strays []string
		for _, p := range r.Packages {
			switch {
			case p.Ecosystem != sekisho.EcosystemDeb:
				if p.OwnedBy == "" {
					strays = append(strays, p.PURL)
				}
			case p.Hidden:
				hidden = append(hidden, p.Name)
			default:
				got = append(got, fmt.Sprintf("%s %s %s of %s %s", p.Name, p.Version, p.Arch, p.SourceName, p.SourceVersion))
				if !strings.HasPrefix(p.PURL, "pkg:deb/debian/"+p.Name+"@") && strings.Contains(target, "debian") {
					t.Errorf("%s: purl %s", target, p.PURL)
				}
			}
		}
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (- dpkg, + sekisho): %s", target, d)
		}
		var removed []string
		if strings.HasSuffix(target, ":2") {
			removed = []string{"tzdata"}
		}
		if d := cmp.Diff(removed, hidden); d != "" {
			t.Errorf("%s hides %s", target, d)
		}
		if len(strays) > 0 {
			t.Errorf("%s: nobody owns %v", target, strays)
		}
		if r.OS == nil || r.OS.Codename != suite || len(r.Problems) > 0 {
			t.Errorf("%s: system %+v, problems %+v", target, r.OS, r.Problems)
		}
	}
}
