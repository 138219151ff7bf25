// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"archive/tar"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Docker builds what was written and what was made of it, and the two images
// start in the same way. The base is made of the shell of this machine and of
// package managers that write down what they are asked for, and refuse to
// install when they would have to ask: nothing comes from the network.
func TestFixedFilesBuild(t *testing.T) {
	base := dockerBase(t)
	for name, tt := range map[string]struct{ before, log, start string }{
		"apt": {
			"FROM BASE\n# tools\nRUN set -eu; \\\n    apt-get update; \\\n    apt-get install -y \\\n      # one\n      tree\nADD app /app\nCMD cat /app\n",
			"apt-get update\napt-get install --no-install-recommends -y tree\n", "[cat /app]",
		},
		"asks": {
			"FROM BASE as Tools\nMAINTAINER Jane <jane@example.com>\nRUN apt update && \\\n    apt install -y zip\nRUN pip install --no-input flask==3\nFROM tools\nENV NAME two words\nEXPOSE 80/TCP\nADD app dir/\nENTRYPOINT cat '/dir/app'\n",
			"apt-get update\napt-get install --no-install-recommends -y zip\npip install --no-cache-dir --no-input flask==3\n", "[cat /dir/app]",
		},
		"apk": {
			"# escape=`\nFROM BASE\nRUN apk update && `\n    apk add tree\nCOPY app app more/\nCMD [\"cat\", \"/more/app\"]\n",
			"apk add --no-cache tree\n", "[cat /more/app]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := strings.ReplaceAll(tt.before, "BASE", base)
			fixed := Fix([]byte(before), FixOptions{})
			if fixed.Mistake != "" || len(fixed.Edits) == 0 {
				t.Fatalf("%+v", fixed)
			}
			old, _, _ := buildImage(t, []byte(before), base+"-old")
			log, start, lists := buildImage(t, fixed.Text, base+"-new")
			if log != tt.log || start != tt.start {
				t.Errorf("the log\n%sthe start %s", log, start)
			}
			if strings.Contains(tt.log, "apt-get update") && lists {
				t.Error("the lists are still in the image")
			}
			if old == log {
				t.Error("the file was built as it was before")
			}
		})
	}
}

// A file that asks is no build before, and one after.
func TestFixMakesItBuild(t *testing.T) {
	base := dockerBase(t)
	dir := t.TempDir()
	before := "FROM " + base + "\nRUN apt-get update && apt-get install tree\n"
	if out, err := dockerBuild(t, dir, []byte(before), base+"-old"); err == nil {
		t.Fatalf("it was built: %s", out)
	}
	buildImage(t, Fix([]byte(before), FixOptions{}).Text, base+"-new")
}

const manager = `#!/bin/sh
echo "${0##*/} $*" >> /log
case "${0##*/} $*" in
"apt-get install"*)
	case " $* " in *" -y "*) ;; *) exit 1 ;; esac ;;
"apt-get update" | "apt update") echo x > /var/lib/apt/lists/index ;;
esac
`

// dockerBase loads the base image, and removes it at the end.
func dockerBase(t *testing.T) string {
	t.Helper()
	docker(t, "version")
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	add := func(name string, mode int64, text []byte) {
		if err := w.WriteHeader(&tar.Header{Name: strings.TrimPrefix(name, "/"), Mode: mode, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	library := regexp.MustCompile(`(/\S+)(?: \(0x|\n)`)
	have := map[string]bool{}
	for _, program := range []string{"sh", "rm", "cat"} {
		from, err := exec.LookPath(program)
		if err != nil {
			t.Skipf("%s is not installed", program)
		}
		out, err := exec.CommandContext(t.Context(), "ldd", from).Output()
		if err != nil {
			t.Skipf("ldd: %v", err)
		}
		files := map[string]string{from: "/bin/" + program}
		for _, m := range library.FindAllStringSubmatch(string(out), -1) {
			files[m[1]] = m[1]
		}
		for from, to := range files {
			if have[to] {
				continue
			}
			have[to] = true
			text, err := os.ReadFile(from)
			if err != nil {
				t.Fatal(err)
			}
			add(to, 0o755, text)
		}
	}
	for _, name := range []string{"apt-get", "apt", "apk", "pip"} {
		add("/bin/"+name, 0o755, []byte(manager))
	}
	add("/var/lib/apt/lists/keep", 0o644, nil)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name := "sekisho-fix-test:" + strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name()))
	cmd := exec.CommandContext(t.Context(), "docker", "import", "--change", "ENV PATH=/bin", "-", name)
	cmd.Stdin = &b
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("import: %v: %s", err, out)
	}
	t.Cleanup(func() { removeImages(t, name, name+"-old", name+"-new") })
	return name
}

// docker runs the program; without it, or without its daemon, the test is
// skipped, and fails in CI.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "docker", args...).Output()
	if err != nil && args[0] == "version" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("docker does not answer: %v", err)
		}
		t.Skipf("docker does not answer: %v", err)
	}
	if err != nil {
		t.Fatalf("docker %v: %v", args, err)
	}
	return string(out)
}

func dockerBuild(t *testing.T, dir string, text []byte, tag string) ([]byte, error) {
	t.Helper()
	for name, text := range map[string][]byte{"Dockerfile": text, "app": []byte("app\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return exec.CommandContext(t.Context(), "docker", "build", "--no-cache", "--network=none", "-q", "-t", tag, dir).CombinedOutput()
}

// buildImage gives what the package managers of the build were asked for, how the
// image starts, and whether the lists of apt are in it.
func buildImage(t *testing.T, text []byte, tag string) (log, start string, lists bool) {
	t.Helper()
	if out, err := dockerBuild(t, t.TempDir(), text, tag); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, text)
	}
	config := docker(t, "image", "inspect", "--format", "{{join .Config.Entrypoint \" \"}}{{join .Config.Cmd \" \"}}", tag)
	id := strings.TrimSpace(docker(t, "create", tag, "none"))
	t.Cleanup(func() { _ = exec.Command("docker", "rm", id).Run() })
	out, err := exec.CommandContext(t.Context(), "docker", "export", id).Output()
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(bytes.NewReader(out))
	for h, err := r.Next(); err == nil; h, err = r.Next() {
		switch strings.TrimPrefix(h.Name, "/") {
		case "log":
			var b bytes.Buffer
			if _, err := b.ReadFrom(r); err != nil {
				t.Fatal(err)
			}
			log = b.String()
		case "var/lib/apt/lists/index":
			lists = true
		}
	}
	return log, "[" + strings.TrimSpace(config) + "]", lists
}

func removeImages(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		_ = exec.Command("docker", "rmi", "-f", name).Run()
	}
}
