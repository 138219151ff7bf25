// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
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

func needProgram(t *testing.T, names ...string) {
	t.Helper()
	for _, n := range names {
		if _, err := exec.LookPath(n); err != nil {
			need(t, "the program %s is not installed", n)
		}
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		need(t, "only root can do this")
	}
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// tidy runs a command when the test ends.
func tidy(t *testing.T, name string, args ...string) {
	t.Cleanup(func() {
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Logf("%s %v: %v %s", name, args, err, out)
		}
	})
}

func needDocker(t *testing.T) {
	t.Helper()
	needProgram(t, "docker")
	if out, err := exec.CommandContext(t.Context(), "docker", "version", "--format", "{{.Server.Version}}").CombinedOutput(); err != nil {
		need(t, "no Docker daemon answers: %s", bytes.TrimSpace(out))
	}
}

// uniqueTag names an image of this test run.
func uniqueTag(t *testing.T) string {
	return strings.ToLower(fmt.Sprintf("sekisho.example.com/%s-%d:1.0", t.Name(), os.Getpid()))
}

const dockerfile = `FROM scratch
LABEL org.opencontainers.image.source=https://example.com/src
COPY one /etc/one
COPY two /etc/two
COPY one /etc/again
USER app
CMD ["/etc/one"]
`

// buildDocker builds an image with Docker's own builder.
func buildDocker(t *testing.T) (tag, id string) {
	t.Helper()
	needDocker(t)
	dir := t.TempDir()
	for name, body := range map[string]string{"Dockerfile": dockerfile, "one": "first file of " + t.Name(), "two": "second file"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tag = uniqueTag(t)
	cmd := exec.CommandContext(t.Context(), "docker", "build", "--quiet", "--tag", tag, dir)
	cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("docker build: %v\n%s", err, out)
	}
	tidy(t, "docker", "image", "rm", "--force", tag)
	return tag, run(t, "docker", "image", "inspect", "--format", "{{.Id}}", tag)
}

// loadable is the image of classic without what only a hostile archive has.
func loadable(t *testing.T) (members []member, id string) {
	all, id := classic(t)
	one, two := newFixture(t).layerTars("linux/amd64")
	for _, m := range all {
		if strings.HasSuffix(m.name, ".json") {
			members = append(members, m)
		}
	}
	dir := func(c string) string { return strings.Repeat(c, 64) + "/layer.tar" }
	return append([]member{{name: dir("a"), body: string(one)}, {name: dir("b"), body: string(two)}}, members...), id
}

func checkBuilt(t *testing.T, art *sekisho.Artifact) {
	t.Helper()
	got := contents(t, art)
	if len(got) != 3 || got["etc/two"] != "second file" || got["etc/again"] != got["etc/one"] || !strings.HasPrefix(got["etc/one"], "first file of Test") {
		t.Errorf("contents %v", got)
	}
	if len(art.Layers) != 3 || !strings.HasPrefix(art.Layers[1].Instruction, "COPY ") || !strings.HasSuffix(art.Layers[1].Instruction, "/etc/two") || art.Layers[2].DiffID == "" {
		t.Errorf("layers %+v", art.Layers)
	}
	img := art.Image
	if img.User != "app" || cmp.Diff([]string{"/etc/one"}, img.Cmd) != "" || img.Provenance == nil || img.Provenance.Source != "https://example.com/src" || len(img.History) < 6 {
		t.Errorf("image %+v", img)
	}
	if len(art.Problems) != 0 {
		t.Errorf("problems %v", art.Problems)
	}
}

func TestDockerDaemon(t *testing.T) {
	tag, id := buildDocker(t)
	run(t, "docker", "tag", tag, strings.Replace(tag, ":1.0", ":2.0", 1))
	tidy(t, "docker", "image", "rm", strings.Replace(tag, ":1.0", ":2.0", 1))
	var saved int64
	art := open(t, "docker", tag, Options{Progress: func(stage string, done, _ int64) {
		if stage == "save" {
			saved = done
		}
	}})
	checkBuilt(t, art)
	if art.Target.Source != "docker" || art.Target.Name != tag || art.Target.ConfigDigest != id || art.Target.Platform == nil {
		t.Errorf("target %+v", art.Target)
	}
	if d := cmp.Diff([]string{tag, strings.Replace(tag, ":1.0", ":2.0", 1)}, art.Image.Tags); d != "" {
		t.Error(d)
	}
	if saved == 0 {
		t.Error("no progress was told")
	}
	// Bare reference, id, and short id mean the same image.
	for _, ref := range []string{tag, id, strings.TrimPrefix(id, "sha256:")[:12]} {
		a := open(t, "", ref, Options{})
		if a.Target.ConfigDigest != id || a.Target.Source != "docker" {
			t.Errorf("%s: %+v", ref, a.Target)
		}
	}
	_, err := Open(t.Context(), "docker", tag, Options{Platform: "linux/s390x"})
	wantError(t, err, "has no platform linux/s390x", "only")
	_, err = Open(t.Context(), "docker", "sekisho.example.com/no-such:1", Options{})
	wantError(t, err, "Docker has no image sekisho.example.com/no-such:1", `"docker pull`, "registry:")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, "docker", tag, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestDockerSave(t *testing.T) {
	tag, id := buildDocker(t)
	p := filepath.Join(t.TempDir(), "saved.tar")
	run(t, "docker", "save", "--output", p, tag)
	art := open(t, DockerArchive, p, Options{})
	checkBuilt(t, art)
	if art.Target.ConfigDigest != id || art.Image.Tags[0] != tag {
		t.Errorf("%+v %v", art.Target, art.Image.Tags)
	}
	// What is written here must be what Docker takes for an image.
	members, other := loadable(t)
	loaded := run(t, "docker", "load", "--input", writeFile(t, "ours.tar", tarOf(t, members...)))
	tidy(t, "docker", "image", "rm", "--force", "example.com/app:1", "app:2")
	if !strings.Contains(loaded, "example.com/app:1") {
		t.Errorf("docker load: %s", loaded)
	}
	if a := open(t, "docker", "example.com/app:1", Options{}); a.Target.ConfigDigest != "sha256:"+other || contents(t, a)["etc/platform"] != "linux/amd64" {
		t.Errorf("%+v", a.Target)
	}
}

// skopeo makes the same image in every form; each must give the same.
func TestSkopeo(t *testing.T) {
	needProgram(t, "skopeo")
	tag, id := buildDocker(t)
	dir := t.TempDir()
	for _, tt := range []struct{ scheme, to, ref string }{
		{OCIDir, "oci:" + dir + "/oci:app", dir + "/oci"},
		{OCIDir, "oci:" + dir + "/oci:app", dir + "/oci:app"},
		{OCIArchive, "oci-archive:" + dir + "/oci.tar:example.com/app:7", dir + "/oci.tar:7"},
		{DockerArchive, "docker-archive:" + dir + "/docker.tar:example.com/app:7", dir + "/docker.tar:example.com/app:7"},
	} {
		run(t, "skopeo", "--insecure-policy", "copy", "--quiet", "docker-daemon:"+tag, tt.to)
		art := open(t, tt.scheme, tt.ref, Options{})
		checkBuilt(t, art)
		if art.Target.Source != tt.scheme {
			t.Errorf("%s: %+v", tt.to, art.Target)
		}
		if tt.scheme == DockerArchive {
			if art.Target.ConfigDigest != id {
				t.Errorf("%+v", art.Target)
			}
			os.Remove(dir + "/docker.tar")
		} else if art.Target.Digest == "" || art.Layers[0].Digest == "" {
			t.Errorf("%s: %+v", tt.to, art.Target)
		}
	}
	// zstd layers.
	run(t, "skopeo", "--insecure-policy", "copy", "--quiet", "--dest-compress-format", "zstd", "docker-daemon:"+tag, "oci:"+dir+"/zstd:app")
	art := open(t, OCIDir, dir+"/zstd", Options{})
	checkBuilt(t, art)
	if !strings.HasSuffix(art.Layers[0].MediaType, "+zstd") {
		t.Errorf("layer of type %s", art.Layers[0].MediaType)
	}
}

// buildah makes an index of two platforms, skopeo copies it whole.
func TestBuildahManifest(t *testing.T) {
	needProgram(t, "buildah", "skopeo")
	needRoot(t)
	dir := t.TempDir()
	storage := []string{"--root", dir + "/root", "--runroot", dir + "/runroot", "--storage-driver", "vfs"}
	buildah := func(args ...string) string { return run(t, "buildah", append(storage, args...)...) }
	buildah("manifest", "create", "both")
	for _, arch := range []string{"amd64", "arm64"} {
		c := buildah("from", "--arch", arch, "scratch")
		buildah("copy", "--quiet", c, writeFile(t, "one", []byte("for "+arch)), "/etc/one")
		buildah("config", "--arch", arch, "--os", "linux", "--label", "org.opencontainers.image.revision=abc", c)
		buildah("commit", "--quiet", "--manifest", "both", c, "image-"+arch)
	}
	buildah("manifest", "push", "--all", "both", "oci:"+dir+"/oci:both")
	run(t, "skopeo", "--insecure-policy", "copy", "--quiet", "--all", "oci:"+dir+"/oci:both", "oci-archive:"+dir+"/oci.tar")
	for scheme, ref := range map[string]string{OCIDir: dir + "/oci", OCIArchive: dir + "/oci.tar"} {
		arts, err := Open(t.Context(), scheme, ref, Options{AllPlatforms: true})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range arts {
			got = append(got, a.Target.Platform.String()+" "+contents(t, a)["etc/one"])
			if a.Target.IndexDigest == "" || a.Target.Digest == a.Target.IndexDigest || a.Image.Provenance.Revision != "abc" || len(a.Target.Platforms) != 2 {
				t.Errorf("%+v", a.Target)
			}
		}
		if d := cmp.Diff([]string{"linux/amd64 for amd64", "linux/arm64 for arm64"}, got); d != "" {
			t.Error(d)
		}
		closeAll(t, arts)
		_, err = Open(t.Context(), scheme, ref, Options{Platform: "linux/riscv64"})
		wantError(t, err, "it has linux/amd64, linux/arm64")
	}
}

func TestPodman(t *testing.T) {
	needProgram(t, "podman")
	needRoot(t)
	members, id := loadable(t)
	run(t, "podman", "load", "--quiet", "--input", writeFile(t, "ours.tar", tarOf(t, members...)))
	tidy(t, "podman", "image", "rm", "--force", id)
	check := func(o Options, ref string) {
		t.Helper()
		art := open(t, "podman", ref, o)
		if art.Target.ConfigDigest != "sha256:"+id || art.Target.Source != "podman" || art.Target.Name != ref || !validDigest(art.Target.Digest) || contents(t, art)["etc/platform"] != "linux/amd64" {
			t.Errorf("%+v", art.Target)
		}
		if !strings.Contains(strings.Join(art.Image.Tags, " "), "example.com/app:1") || art.Layers[1].Instruction != "RUN apk add curl" || len(art.Problems) != 0 {
			t.Errorf("%v %v %v", art.Image.Tags, art.Layers, art.Problems)
		}
		_, err := Open(t.Context(), "podman", "example.com/no-such:1", o)
		wantError(t, err, "Podman has no image example.com/no-such:1", `"podman pull`)
		_, err = Open(t.Context(), "podman", ref, withPlatform(o, "linux/arm64"))
		wantError(t, err, "linux/amd64 only")
	}
	// Without its service, by the program. XDG_RUNTIME_DIR has no socket.
	none := func(string) string { return "" }
	if _, err := os.Stat("/run/podman/podman.sock"); err != nil {
		check(Options{Env: none}, "example.com/app:1")
		check(Options{Env: none}, id[:12])
	}
	// By its service.
	runtimeDir := t.TempDir()
	socket := filepath.Join(runtimeDir, "podman/podman.sock")
	if err := os.Mkdir(filepath.Dir(socket), 0o755); err != nil {
		t.Fatal(err)
	}
	serve(t, socket, "podman", "system", "service", "--time=0", "unix://"+socket)
	check(Options{PodmanHost: "unix://" + socket}, "example.com/app:1")
	inRuntimeDir := func(key string) string {
		if key == "XDG_RUNTIME_DIR" {
			return runtimeDir
		}
		return ""
	}
	check(Options{Env: inRuntimeDir}, "example.com/app:1")
	// A bare reference gets there when Docker is not running.
	art := open(t, "", "example.com/app:1", Options{DockerHost: "unix:///nonexistent.sock", Env: inRuntimeDir})
	if art.Target.Source != "podman" {
		t.Errorf("%+v", art.Target)
	}
}

func withPlatform(o Options, p string) Options {
	o.Platform = p
	return o
}

// serve starts a program that answers at a socket, until the test ends.
func serve(t *testing.T, socket, program string, args ...string) {
	t.Helper()
	var log bytes.Buffer
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &log, &log, 5*time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
	})
	for range 300 {
		c, err := net.Dial("unix", socket)
		if err == nil {
			c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s does not answer at %s", program, socket)
}

func TestContainerd(t *testing.T) {
	needProgram(t, "containerd", "ctr")
	needRoot(t)
	dir, err := os.MkdirTemp("", "ctrd") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := dir + "/s"
	config := fmt.Sprintf("version = 2\nroot = %q\nstate = %q\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\", \"io.containerd.internal.v1.opt\"]\n[grpc]\naddress = %q\n[ttrpc]\naddress = %q\n", dir+"/root", dir+"/state", socket, dir+"/t")
	serve(t, socket, "containerd", "--config", writeFile(t, "config.toml", []byte(config)))
	f, root, amd, _, _ := multi(t)
	f.refs = []object{with(root, "annotations", object{containerdKey: "example.com/app:1", refNameKey: "1"})}
	run(t, "ctr", "--address", socket, "--namespace", "k8s.io", "images", "import", "--all-platforms", "--no-unpack", f.archive())
	o := Options{ContainerdAddress: socket, Platform: "linux/amd64"}
	art := open(t, "containerd", "example.com/app:1", o)
	if art.Target.Digest != amd["digest"] || art.Target.IndexDigest != root["digest"] || art.Target.Source != "containerd" || contents(t, art)["etc/platform"] != "linux/amd64" {
		t.Errorf("%+v", art.Target)
	}
	if arm := open(t, "containerd", "example.com/app:1", withPlatform(o, "linux/arm64")); contents(t, arm)["etc/platform"] != "linux/arm64v8" {
		t.Errorf("%+v", arm.Target)
	}
	arts, err := Open(t.Context(), "containerd", "example.com/app:1", Options{ContainerdAddress: socket, AllPlatforms: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(arts) != 3 {
		t.Errorf("%d platforms", len(arts))
	}
	closeAll(t, arts)
	// What ctr imports under a name of its own has no registry in it.
	run(t, "ctr", "--address", socket, "--namespace", "k8s.io", "images", "tag", "example.com/app:1", "import-2026-01-02:latest")
	if art := open(t, "containerd", "import-2026-01-02:latest", o); art.Target.Digest != amd["digest"] {
		t.Errorf("by a name without a registry: %+v", art.Target)
	}
	_, err = Open(t.Context(), "containerd", "example.com/app:2", o)
	wantError(t, err, "containerd (namespace default, k8s.io, moby) has no image example.com/app:2")
	_, err = Open(t.Context(), "containerd", "example.com/app:1", Options{ContainerdAddress: dir + "/none"})
	wantError(t, err, "containerd is not running", "CONTAINERD_ADDRESS")
}

func TestDaemonThatDoesNotAnswer(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale.sock")
	l, err := net.Listen("unix", stale)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	for host, words := range map[string]string{
		"unix://" + dir + "/none.sock": "Docker is not running: nothing answers at unix://",
		"unix://" + stale:              "Docker is not running",
		"tcp://127.0.0.1:1":            "Docker is not running",
		"ssh://me@example.com":         "is of a kind that is not supported",
	} {
		_, err := Open(t.Context(), "docker", "app:1", Options{DockerHost: host})
		wantError(t, err, words)
	}
	if os.Getuid() == 0 {
		// Root may open every socket, so the kernel's answer is made up.
		d := &daemon{name: "Docker", source: "docker", host: "unix:///s"}
		err = d.explain(t.Context(), &net.OpError{Op: "dial", Err: os.ErrPermission})
	} else {
		closed := filepath.Join(dir, "closed.sock")
		l, lerr := net.Listen("unix", closed)
		if lerr != nil {
			t.Fatal(lerr)
		}
		defer l.Close()
		if err := os.Chmod(closed, 0); err != nil {
			t.Fatal(err)
		}
		_, err = Open(t.Context(), "docker", "app:1", Options{DockerHost: "unix://" + closed})
	}
	wantError(t, err, "may not be opened by this user", "group")
	if !errors.Is(err, errUnavailable) {
		t.Error("a bare reference would not go on")
	}
}

// fakeDocker answers as a daemon with containerd's image store does.
type fakeDocker struct {
	inspect object
	archive []byte
	query   string
	status  int
}

func (f *fakeDocker) start(t *testing.T) Options {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{ReadHeaderTimeout: time.Second, Handler: f}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close() })
	return Options{DockerHost: "unix://" + socket}
}

func (f *fakeDocker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Api-Version", "1.51")
	if f.status != 0 {
		w.WriteHeader(f.status)
		_, _ = w.Write([]byte(`{"message":"the disk is on fire\n"}`))
		return
	}
	if strings.HasSuffix(r.URL.Path, "/json") {
		_ = json.NewEncoder(w).Encode(f.inspect)
		return
	}
	f.query = r.URL.Path + " " + r.URL.Query().Get("platform")
	_, _ = w.Write(f.archive)
}

func TestDockerContainerdStore(t *testing.T) {
	f, root, _, arm, _ := multi(t)
	f.refs = []object{with(root, "annotations", object{containerdKey: "docker.io/library/app:latest", refNameKey: "latest"})}
	fake := &fakeDocker{archive: tarOf(t, f.members()...), inspect: object{
		"Id": root["digest"], "RepoTags": []string{"app:latest"}, "RepoDigests": []string{"app@" + root["digest"].(string)},
		"Os": "linux", "Architecture": "amd64", "Descriptor": object{"mediaType": ociIndex, "digest": root["digest"]},
	}}
	o := fake.start(t)
	art := open(t, "docker", "app", withPlatform(o, "linux/arm64"))
	if art.Target.Digest != arm["digest"] || art.Target.IndexDigest != root["digest"] || fake.query != `/images/app:latest/get {"architecture":"arm64","os":"linux","variant":""}` {
		t.Errorf("%+v, asked %s", art.Target, fake.query)
	}
	o.AllPlatforms = true
	arts, err := Open(t.Context(), "docker", "app", o)
	if err != nil {
		t.Fatal(err)
	}
	if len(arts) != 3 || strings.Contains(fake.query, "linux") {
		t.Errorf("%d platforms, asked %s", len(arts), fake.query)
	}
	closeAll(t, arts)

	// The transfer breaks off, the daemon answers nonsense, or refuses.
	before := countOpen(t)
	fake.archive = fake.archive[:len(fake.archive)/3]
	_, err = Open(t.Context(), "docker", "app", o)
	wantError(t, err, "archive app ends in the middle of", "cut off")
	fake.inspect = object{"hello": "world"}
	_, err = Open(t.Context(), "docker", "app", o)
	wantError(t, err, "is not Docker")
	fake.status = http.StatusInternalServerError
	_, err = Open(t.Context(), "docker", "app", o)
	wantError(t, err, "Docker refused to give image app: the disk is on fire")
	time.Sleep(50 * time.Millisecond) // for the server to see that connections were closed
	if after := countOpen(t); after > before {
		t.Errorf("%d files open before, %d after", before, after)
	}
}

func TestDockerOverTLS(t *testing.T) {
	members, id := classic(t)
	fake := &fakeDocker{archive: tarOf(t, members...), inspect: object{"Id": "sha256:" + id, "Os": "linux", "Architecture": "amd64"}}
	s := httptest.NewTLSServer(fake)
	defer s.Close()
	certs := t.TempDir()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(certs, "ca.pem"), ca, 0o644); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"DOCKER_HOST": "tcp://" + s.Listener.Addr().String(), "DOCKER_CERT_PATH": certs, "DOCKER_TLS_VERIFY": "1"}
	o := Options{Env: func(key string) string { return env[key] }}
	if art := open(t, "docker", "app:1", o); len(contents(t, art)) != 3 || art.Target.ConfigDigest != "sha256:"+id {
		t.Errorf("%+v", art.Target)
	}
	// A daemon of another authority is not believed, with or without the variable.
	env["DOCKER_CERT_PATH"], env["DOCKER_TLS_VERIFY"] = t.TempDir(), ""
	_, err := Open(t.Context(), "docker", "app:1", o)
	wantError(t, err, "certificate")
}

func TestDockerHost(t *testing.T) {
	home := t.TempDir()
	docker := filepath.Join(home, ".docker")
	meta := filepath.Join(docker, "contexts/meta", strings.TrimPrefix(digestOf([]byte("far")), "sha256:"))
	if err := os.MkdirAll(meta, 0o755); err != nil {
		t.Fatal(err)
	}
	for p, body := range map[string]string{
		filepath.Join(meta, "meta.json"):     `{"Name":"far","Endpoints":{"docker":{"Host":"tcp://far.example.com:2376"}}}`,
		filepath.Join(docker, "config.json"): `{"currentContext":"far"}`,
	} {
		if err := os.WriteFile(p, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name string
		o    Options
		env  map[string]string
		want string
		tls  bool
	}{
		{"option", Options{DockerHost: "tcp://a:1"}, map[string]string{"DOCKER_HOST": "tcp://b:1"}, "tcp://a:1", false},
		{"environment", Options{}, map[string]string{"DOCKER_HOST": "tcp://b:1", "DOCKER_CERT_PATH": "/certs"}, "tcp://b:1", true},
		{"context of the configuration", Options{}, nil, "tcp://far.example.com:2376", false},
		{"context of the environment", Options{}, map[string]string{"DOCKER_CONTEXT": "far", "DOCKER_CONFIG": docker}, "tcp://far.example.com:2376", false},
	} {
		tt.o.Env = func(key string) string {
			if key == "HOME" {
				return home
			}
			return tt.env[key]
		}
		host, files, err := dockerHost(tt.o)
		if err != nil || host != tt.want || (files != nil) != tt.tls {
			t.Errorf("%s: %s %v %v", tt.name, host, files, err)
		}
	}
	_, err := Open(t.Context(), "docker", "app", Options{Env: func(key string) string { return map[string]string{"DOCKER_CONTEXT": "lost", "HOME": home}[key] }})
	wantError(t, err, `context "lost" does not exist`)
}

func TestReferences(t *testing.T) {
	for _, ref := range []string{"alpine", "example.com:5000/team/app:1.0", "app@sha256:" + strings.Repeat("0", 64), "0123456789ab"} {
		if err := checkReference(ref); err != nil {
			t.Error(err)
		}
	}
	for _, ref := range []string{"-o", "a b", "../x", "a//b", "a?x=y", "a#b", "a%2f", "", strings.Repeat("a", 2000)} {
		if checkReference(ref) == nil {
			t.Errorf("%q was let through", ref)
		}
	}
	for in, want := range map[string]string{"alpine": "docker.io/library/alpine:latest", "example.com/app:1": "example.com/app:1", "team/app:1": "docker.io/team/app:1"} {
		if got, err := fullName(in); err != nil || got != want {
			t.Errorf("%s gives %s, %v", in, got, err)
		}
	}
}
