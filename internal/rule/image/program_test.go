// SPDX-License-Identifier: Apache-2.0

package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// layout writes an OCI layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md)
// of one image and gives the diff ids of its layers.
func layout(t *testing.T, dir string, config map[string]any, layers ...[]byte) (ids []string) {
	t.Helper()
	document := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	write := func(name string, b []byte) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put := func(kind string, b []byte) map[string]any {
		sum := sha256.Sum256(b)
		id := hex.EncodeToString(sum[:])
		write("blobs/sha256/"+id, b)
		return map[string]any{"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + id, "size": len(b)}
	}
	var descriptors []any
	for _, l := range layers {
		d := put("layer.v1.tar", l)
		descriptors = append(descriptors, d)
		ids = append(ids, d["digest"].(string))
	}
	config["os"], config["architecture"], config["rootfs"] = "linux", "amd64", map[string]any{"type": "layers", "diff_ids": ids}
	m := put("manifest.v1+json", document(map[string]any{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": put("config.v1+json", document(config)), "layers": descriptors}))
	write("index.json", document(map[string]any{"schemaVersion": 2, "manifests": []any{m}}))
	write("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	return ids
}

// entries makes a layer: headers with their content.
type entry struct {
	tar.Header
	body string
}

func layerOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := e.Header
		h.Size = int64(len(e.body))
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func reg(name string, mode int64, body string) entry {
	return entry{tar.Header{Name: name, Mode: mode}, body}
}

func dir(name string, mode int64) entry {
	return entry{tar.Header{Name: name, Mode: mode, Typeflag: tar.TypeDir}, ""}
}

// alpine is the layer of a real root file system of Alpine Linux, with the links
// that BusyBox has in it.
func alpine(t *testing.T) []byte {
	t.Helper()
	root := filepath.FromSlash("../../../../shared/rootfs/alpine-3.10")
	if _, err := os.Stat(root); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the root file systems are missing: ", err)
		}
		t.Skip("the root file systems are not beside the checkout")
	}
	var all []entry
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		name, _ := filepath.Rel(root, p)
		all = append(all, reg(filepath.ToSlash(name), 0o644, string(b)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, reg("bin/busybox", 0o755, "x"), reg("sbin/apk", 0o755, "x"), reg("bin/bbsuid", 0o4111, "x"), dir("tmp", 0o1777), dir("var/tmp", 0o1777))
	for _, name := range []string{"bin/sh", "usr/bin/wget", "usr/bin/nc", "usr/sbin/crond", "bin/su"} {
		all = append(all, entry{tar.Header{Name: name, Mode: 0o777, Typeflag: tar.TypeSymlink, Linkname: "/bin/busybox"}, ""})
	}
	return layerOf(t, all...)
}

// builtProgram builds the program.
func builtProgram(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "sekisho")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "../../../cmd/sekisho").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	return bin
}

// scan runs the program over a target.
func scan(t *testing.T, bin, home, target string, args ...string) (r sekisho.Result, text string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), bin, append([]string{"scan", target, "-q", "-f", "json", "--scanners", "misconfig"}, args...)...)
	c.Env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME="+home, "XDG_CONFIG_HOME="+home)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	return r, string(out)
}

func TestProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	bin := builtProgram(t)
	t.Run("image", func(t *testing.T) { programImage(t, bin) })
	t.Run("directory", func(t *testing.T) { programDirectory(t, bin) })
}

// programImage scans an image with many mistakes on top of a real root file
// system: each is found once, in the layer that made it.
func programImage(t *testing.T, bin string) {
	base := alpine(t)
	home, where := t.TempDir(), filepath.Join(t.TempDir(), "oci")
	const secret = "b7f2c19e11aa"
	key := "-----BEGIN RSA PRIVATE KEY-----\n" + strings.Repeat("MIIEnotarealkeynotarealkeynotarealkeynotareal\n", 4) + "-----END RSA PRIVATE KEY-----\n"
	layers := [][]byte{
		base,
		layerOf(t, dir("app", 0o777), reg("app/server", 0o777, "x"), reg("app/id_rsa", 0o600, key), reg("app/.env", 0o644, "DB_PASSWORD="+secret+"\n"), dir("app/.git", 0o755)),
		layerOf(t, reg("usr/local/bin/helper", 0o4755, "x"), reg("etc/passwd", 0o644, "root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\napp2:x:1000:1000::/:/bin/sh\n"),
			reg("etc/shadow", 0o600, "root:::0:::::\ntoor:$6$salt$"+secret+":19000::::::\n"), reg("var/cache/apk/APKINDEX.0.tar.gz", 0o644, "x")),
		layerOf(t, reg("app/.wh.id_rsa", 0, "")),
	}
	ids := layout(t, where, map[string]any{
		"created": "2020-01-01T00:00:00Z",
		"config": map[string]any{
			"User": "toor", "Env": []string{"PATH=/usr/bin:/bin", "API_SECRET=" + secret, "GPG_KEY=0D96DF4D4110E5C4"}, "Cmd": []string{"node", "--inspect=0.0.0.0", "app.js"},
			"ExposedPorts": map[string]any{"22/tcp": map[string]any{}}, "Volumes": map[string]any{"/proc": map[string]any{}}, "Labels": map[string]string{"sekisho.dev/ignore": "no-source-label"},
		},
		"history": []map[string]any{
			{"created_by": "ADD alpine-minirootfs-3.10.9-x86_64.tar.gz / # buildkit"},
			{"created_by": "ENV API_SECRET=" + secret, "empty_layer": true},
			{"created_by": "ADD app /app # buildkit"},
			{"created_by": "RUN |1 TOKEN=" + secret + " /bin/sh -c apk update # buildkit"},
			{"created_by": "RUN /bin/sh -c rm /app/id_rsa # buildkit"},
			{"created_by": "USER toor", "empty_layer": true},
		},
	}, layers...)
	r, text := scan(t, bin, home, "oci-dir:"+where)
	if len(r.Problems) > 0 {
		t.Errorf("%+v", r.Problems)
	}
	for i := range r.Findings {
		b, err := json.Marshal(r.Findings[i])
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(secret)) || bytes.Contains(b, []byte("MIIEnotareal")) {
			t.Errorf("a secret is in a finding: %s", b)
		}
	}
	if strings.Contains(text, "$6$") {
		t.Error("a password hash is in the report")
	}
	layerIndex := func(id string) int { return slices.Index(ids, id) }
	var got []string
	for i := range r.Findings {
		f := &r.Findings[i]
		line := f.Severity.String() + " " + f.Rule + " " + f.Location.Path
		if f.Layer != "" {
			line += " @" + string(rune('0'+layerIndex(f.Layer)))
			if f.Introduced != nil && f.Introduced.Index != layerIndex(f.Layer) {
				t.Errorf("%s: the index is %d", line, f.Introduced.Index)
			}
		}
		if f.Introduced != nil {
			line += " " + f.Introduced.Instruction
		}
		if f.Suppressed != nil {
			line += " (suppressed)"
		}
		got = append(got, strings.TrimSpace(line))
	}
	slices.Sort(got)
	want := []string{
		"high debug-server",
		"high deleted-secret-file app/id_rsa @1 ADD app /app",
		"high empty-password etc/shadow @2 RUN apk update",
		"high end-of-life etc/os-release @0 ADD alpine-minirootfs-3.10.9-x86_64.tar.gz /",
		"high run-as-root  USER toor",
		"high second-root etc/passwd @2 RUN apk update",
		"high secret-file app/.env @1 ADD app /app",
		"high secret-in-env  ENV API_SECRET=****",
		"high secret-in-history  @2 RUN apk update",
		"low add-instead-of-copy  @1 ADD app /app",
		"low image-age",
		"low package-cache-left var/cache/apk/APKINDEX.0.tar.gz @2 RUN apk update",
		"low package-manager sbin/apk @0 ADD alpine-minirootfs-3.10.9-x86_64.tar.gz /",
		"low setuid bin/bbsuid @0 ADD alpine-minirootfs-3.10.9-x86_64.tar.gz /",
		"medium duplicate-account etc/passwd @2 RUN apk update",
		"medium lone-update  @2 RUN apk update",
		"medium password-set etc/shadow @2 RUN apk update",
		"medium repository-in-image app/.git @1 ADD app /app",
		"medium setuid usr/local/bin/helper @2 RUN apk update",
		"medium ssh-port",
		"medium volume-system",
		"medium world-writable app @1 ADD app /app",
		"negligible no-source-label  (suppressed)",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	// The facts of the layers are cached now: the notes among them.
	again, _ := scan(t, bin, home, "oci-dir:"+where)
	if again.Coverage.LayersCached != len(layers) {
		t.Errorf("%d layers came from the cache", again.Coverage.LayersCached)
	}
	if d := cmp.Diff(r.Findings, again.Findings); d != "" {
		t.Errorf("the cache gives other findings: %s", d)
	}
}

// programDirectory scans a root file system, which has no configuration: only
// the rules over files judge it.
func programDirectory(t *testing.T, bin string) {
	root := t.TempDir()
	for name, body := range map[string]string{"etc/passwd": "root::0:0::/root:/bin/sh\n", "usr/local/bin/helper": "x", "root/.bash_history": "ls\n", "usr/bin/sudo": "x", "app/.env": "API_TOKEN=b7f2c19e\n"} {
		p := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(root, "usr/local/bin/helper"), 0o755|fs.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	r, _ := scan(t, bin, t.TempDir(), "dir:"+root)
	var got []string
	for i := range r.Findings {
		got = append(got, r.Findings[i].Rule+" "+r.Findings[i].Location.Path)
	}
	slices.Sort(got)
	if d := cmp.Diff([]string{"empty-password etc/passwd", "secret-file app/.env", "setuid usr/local/bin/helper"}, got); d != "" {
		t.Error(d)
	}
}
