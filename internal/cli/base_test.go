// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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

// desk is a place to run the program in: its own home, its own working directory.
type desk struct {
	t   *testing.T
	dir string
}

func newDesk(t *testing.T) *desk { return &desk{t, t.TempDir()} }

func (d *desk) run(args ...string) (status int, stdout, stderr string) {
	d.t.Helper()
	var out, errs bytes.Buffer
	app := &App{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Version: "test", Dir: d.dir, Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Env: []string{
			"HOME=" + filepath.Join(d.dir, "home"), "LANG=C", "PATH=" + os.Getenv("PATH"), "DOCKER_HOST=unix://" + filepath.Join(d.dir, "no-docker.sock"), "CONTAINER_HOST=unix://" + filepath.Join(d.dir, "no-podman.sock"),
		},
	}
	status = app.Run(d.t.Context(), args)
	return status, out.String(), errs.String()
}

// scan scans for vulnerabilities by the database in the program.
func (d *desk) scan(args ...string) (*sekisho.Result, string) {
	d.t.Helper()
	_, out, errs := d.run(append([]string{"scan", "--scanners", "vuln", "--skip-db-update", "--no-cache", "-f", "json"}, args...)...)
	var r sekisho.Result
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		d.t.Fatalf("%v: %v\n%s", args, err, errs)
	}
	return &r, errs
}

func (d *desk) write(name, text string) string {
	d.t.Helper()
	p := filepath.Join(d.dir, name)
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return p
}

// step is a layer with what the history says of it.
type layerStep struct {
	created string
	files   map[string]string
}

// archive writes a Docker archive of the steps; those without files are empty.
func (d *desk) archive(name, tag string, steps ...layerStep) string {
	d.t.Helper()
	files := map[string]string{}
	var ids, layers, history []any
	for i, s := range steps {
		h := map[string]any{"created_by": s.created}
		if s.files == nil {
			h["empty_layer"] = true
			history = append(history, h)
			continue
		}
		b := oneTar(d.t, s.files)
		id := sha256.Sum256(b)
		file := fmt.Sprintf("%d/layer.tar", i)
		files[file] = string(b)
		ids, layers, history = append(ids, "sha256:"+hex.EncodeToString(id[:])), append(layers, file), append(history, h)
	}
	config, err := json.Marshal(map[string]any{"os": "linux", "architecture": "amd64", "rootfs": map[string]any{"type": "layers", "diff_ids": ids}, "history": history})
	if err != nil {
		d.t.Fatal(err)
	}
	manifest, err := json.Marshal([]any{map[string]any{"Config": "config.json", "RepoTags": []string{tag}, "Layers": layers}})
	if err != nil {
		d.t.Fatal(err)
	}
	files["config.json"], files["manifest.json"] = string(config), string(manifest)
	return d.write(name, string(tarOf(files)))
}

// oneTar is a tar of the files in a fixed order: the same files have one digest.
func oneTar(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out []byte
	for _, name := range []string{"etc/os-release", "lib/apk/db/installed", "app/package-lock.json", "app/file"} {
		body, ok := files[name]
		if !ok {
			continue
		}
		part := tarOf(map[string]string{name: body})
		out = append(out, part[:len(part)-1024]...)
	}
	return append(out, make([]byte, 1024)...)
}

const (
	alpine = "ID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME=\"Alpine Linux v3.20\"\n"
	musl   = "P:musl\nV:%s\nA:x86_64\no:musl\n\n"
	ssl    = "P:libssl3\nV:%s\nA:x86_64\no:openssl\n\n"
)

// system is the lowest layer: musl of this version, and an old openssl.
func system(muslVersion string) layerStep {
	return layerStep{"/bin/sh -c #(nop) ADD file:aa in / ", map[string]string{"etc/os-release": alpine, "lib/apk/db/installed": fmt.Sprintf(musl+ssl, muslVersion, "3.3.0-r0")}}
}

// app is the image of most tests: openssl is upgraded by an own layer.
func (d *desk) app() string {
	return d.archive("app.tar", "app.example.com/app:1", system("1.2.5-r0"), layerStep{created: `/bin/sh -c #(nop)  CMD ["sh"]`},
		layerStep{"/bin/sh -c apk upgrade libssl3", map[string]string{"lib/apk/db/installed": fmt.Sprintf(musl+ssl, "1.2.5-r0", "3.3.2-r0")}},
		layerStep{"/bin/sh -c #(nop) COPY file:bb in /app/ ", map[string]string{"app/file": "x"}})
}

const appDockerfile = "ARG VERSION=3.20\nFROM base.example.com/alpine:${VERSION}\n\nRUN apk upgrade \\\n    libssl3\nCOPY file /app/\n"

// What BuildKit 0.17 wrote for the Dockerfile in testdata, with mode=max.
func TestBaseByBuildKit(t *testing.T) {
	d := newDesk(t)
	fixture := func(name string) string {
		p, err := filepath.Abs(filepath.Join("testdata", "base", name))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	r, _ := d.scan("--offline", fixture("buildkit-max.tar"))
	want := &sekisho.BaseImage{
		Name: "base.example.com/team/base:1", Digest: "sha256:df6172ed1a3f608df3eeb631f081f16beb775359b8e62eddc18e49b184c217bb", KnownBy: sekisho.BaseByProvenance, Split: true, Layers: 2, File: "Dockerfile", Line: 6,
	}
	if diff := cmp.Diff(want, r.Base); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{":0", ":0", "Dockerfile:8", "Dockerfile:9", "Dockerfile:10"}, linesOf(r)); diff != "" {
		t.Error(diff)
	}
	for _, f := range r.Findings {
		want, line := "base", 0
		if f.Package.Name == "lodash" {
			want, line = "own", 10
		}
		if f.Origin != want || f.Introduced.Line != line {
			t.Errorf("%s %s: %s, line %d", f.Rule, f.Package.Name, f.Origin, f.Introduced.Line)
		}
	}
	if r.Coverage.BuilderStages != sekisho.BuildersNotAssessed {
		t.Errorf("builder stages: %q", r.Coverage.BuilderStages)
	}
	// With mode=min two images are named, and none is said to be the base.
	if r, _ := d.scan("--offline", fixture("buildkit-min.tar")); r.Base != nil || r.Layers[4].Line != 0 {
		t.Errorf("%+v, line %d", r.Base, r.Layers[4].Line)
	}
	r, _ = d.scan("--offline", fixture("buildkit-min.tar"), "--dockerfile", fixture("Dockerfile"))
	if r.Base == nil || r.Base.KnownBy != sekisho.BaseByProvenance || r.Base.SplitBy != sekisho.BaseByDockerfile || r.Base.Layers != 2 || r.Layers[4].Line != 10 {
		t.Errorf("with the Dockerfile: %+v", r.Base)
	}
}

func linesOf(r *sekisho.Result) (out []string) {
	for _, l := range r.Layers {
		out = append(out, fmt.Sprintf("%s:%d", filepath.Base("/"+l.File), l.Line))
	}
	for i := range out {
		out[i] = strings.TrimPrefix(out[i], "/")
	}
	return out
}

func TestBaseByDockerfile(t *testing.T) {
	d := newDesk(t)
	app := d.app()
	r, _ := d.scan(app)
	if r.Base != nil {
		t.Errorf("nothing is known: %+v", r.Base)
	}
	d.write("Other", strings.Replace(appDockerfile, "libssl3", "curl", 1))
	if r, errs := d.scan(app, "--dockerfile", "Other"); r.Base != nil || r.Layers[1].Line != 0 || !strings.Contains(errs, "does not fit Other") {
		t.Errorf("another one: %+v %s", r.Base, errs)
	}
	d.write("Dockerfile", appDockerfile) // found beside
	r, _ = d.scan(app)
	if r.Base == nil || r.Base.KnownBy != sekisho.BaseByDockerfile || r.Base.Name != "base.example.com/alpine:3.20" || r.Base.Layers != 1 || r.Base.Line != 2 {
		t.Fatalf("%+v", r.Base)
	}
	if diff := cmp.Diff([]string{":0", "Dockerfile:4", "Dockerfile:6"}, linesOf(r)); diff != "" {
		t.Error(diff)
	}
	origins := map[string]map[string]int{}
	for _, f := range r.Findings {
		if origins[f.Package.Name] == nil {
			origins[f.Package.Name] = map[string]int{}
		}
		origins[f.Package.Name][f.Origin]++
	}
	if origins["musl"]["base"] == 0 || origins["musl"]["own"] > 0 {
		t.Errorf("musl: %v", origins["musl"])
	}
	// The version that the base brought is gone: what is left is one's own.
	for _, f := range r.Findings {
		if f.Package.Name == "libssl3" && !f.Location.Hidden && f.Origin != "own" {
			t.Errorf("%s of libssl3 %s: %s", f.Rule, f.Package.Version, f.Origin)
		}
	}
	closes := map[string][]string{}
	for _, a := range r.Actions {
		closes[a.Kind] = append(closes[a.Kind], a.Packages...)
		if a.Kind == sekisho.ActionUpgradeOwn && (a.Path != "Dockerfile" || fmt.Sprint(a.Lines) != "[4]") {
			t.Errorf("%+v", a)
		}
	}
	if diff := cmp.Diff(map[string][]string{sekisho.ActionUpgradeBase: {"musl"}, sekisho.ActionUpgradeOwn: {"libssl3"}}, closes); diff != "" {
		t.Error(diff)
	}
	_, out, _ := d.run("scan", "--scanners", "vuln", "--skip-db-update", "-q", app)
	for _, want := range []string{"Base image: base.example.com/alpine:3.20; ", "layer 1 of 3", "Dockerfile:2", "Dockerfile:4"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

func TestBaseCommand(t *testing.T) {
	d := newDesk(t)
	app := d.app()
	lower := d.archive("base.tar", "base.example.com/alpine:3.20", system("1.2.5-r0"), layerStep{created: `/bin/sh -c #(nop)  CMD ["sh"]`})
	for _, tt := range []struct {
		status int
		want   string
		args   []string
	}{
		{0, "the index of bases is empty", []string{"base", "list"}},
		{2, "name an image", []string{"base", "add"}},
		{2, "--name is for one image", []string{"base", "add", "a", "b", "--name", "x"}},
		{4, "there is no such file", []string{"base", "add", "./nope.tar"}},
		{0, "base.example.com/alpine:3.20: added, 1 layer (linux/amd64)", []string{"base", "add", lower}},
		{0, "again:1: added, the same 1 layer as base.example.com/alpine:3.20", []string{"base", "add", lower, "--name", "again:1"}},
		{0, "again:1", []string{"base", "list"}},
		{4, "nope is not in the index", []string{"base", "remove", "nope"}},
		{0, "again:1: 削除", []string{"base", "remove", "again:1", "--lang", "ja"}},
	} {
		status, out, errs := d.run(tt.args...)
		if status != tt.status || !strings.Contains(out+errs, tt.want) {
			t.Errorf("%v: %d %s %s", tt.args, status, out, errs)
		}
	}
	r, _ := d.scan(app)
	if r.Base == nil || r.Base.KnownBy != sekisho.BaseByChain || r.Base.Name != "base.example.com/alpine:3.20" || !r.Base.Verified || len(r.Base.Names) != 0 {
		t.Errorf("%+v", r.Base)
	}
	if r, _ := d.scan(lower); r.Base != nil {
		t.Errorf("the base is its own base: %+v", r.Base)
	}
	other := d.archive("other.tar", "other:1", system("1.2.5-r1"), layerStep{"RUN x", map[string]string{"app/file": "y"}})
	if r, _ := d.scan(other); r.Base != nil {
		t.Errorf("other layers: %+v", r.Base)
	}
	index := filepath.Join(d.dir, "home", ".local", "share", "sekisho", "bases.json")
	if err := os.WriteFile(index, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := d.run("scan", app); status != ExitFailed || !strings.Contains(errs, "bases.json") {
		t.Errorf("a damaged index: %d %s", status, errs)
	}
}

// The candidate that removes most without adding more becomes the action; one
// that cannot be judged never does.
func TestBaseCandidates(t *testing.T) {
	d := newDesk(t)
	app := d.app()
	d.write("Dockerfile", appDockerfile)
	fixed := d.archive("fixed.tar", "base.example.com/alpine:3.20-fixed", system("1.2.5-r3"))
	same := d.archive("same.tar", "base.example.com/alpine:3.20-same", system("1.2.5-r0"))
	unknown := d.archive("unknown.tar", "base.example.com/nix:1", layerStep{"ADD x /", map[string]string{"etc/os-release": "ID=nobody\nVERSION_ID=1\n"}})
	r, _ := d.scan(app, "--base-candidate", same, "--base-candidate", unknown, "--base-candidate", fixed, "--base-candidate", "./nope.tar")
	var got []string
	for _, c := range r.Base.Candidates {
		got = append(got, fmt.Sprint(filepath.Base(c.Name), " best ", c.Best, " incomplete ", c.Incomplete, " adds ", c.Adds))
		if c.Best && (c.Removes == 0 || c.Risk <= 0 || len(c.Closes) != c.Removes) {
			t.Errorf("%+v", c)
		}
		if filepath.Base(c.Name) == "same.tar" && (c.Removes != 0 || c.Keeps == 0) {
			t.Errorf("%+v", c)
		}
	}
	// The openssl of a candidate is upgraded by the own layer: it adds nothing.
	if diff := cmp.Diff([]string{"fixed.tar best true incomplete false adds 0", "same.tar best false incomplete false adds 0", "unknown.tar best false incomplete true adds 0"}, got); diff != "" {
		t.Error(diff)
	}
	found := false
	for _, a := range r.Actions {
		if a.Kind == sekisho.ActionMoveBase {
			found = true
			if filepath.Base(a.To) != "fixed.tar" || len(a.Closes) == 0 || a.Remaining != r.Base.Candidates[0].Keeps || fmt.Sprint(a.Lines) != "[2]" {
				t.Errorf("%+v", a)
			}
		}
	}
	if !found {
		t.Errorf("no move: %+v", r.Actions)
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error, "nope.tar") {
		t.Errorf("%+v", r.Problems)
	}
	for _, args := range [][]string{{"--check-base", "dir:" + d.dir}, {"--check-base", "--offline", app}, {"--dockerfile", "x", "dir:" + d.dir}} {
		if status, _, errs := d.run(append([]string{"scan"}, args...)...); status != ExitUsage {
			t.Errorf("%v: %d %s", args, status, errs)
		}
	}
}

// tagged serves one image under one tag, from a Docker archive's parts.
type tagged struct {
	manifest []byte
	blobs    map[string][]byte
}

func newTagged(t *testing.T, s layerStep) *tagged {
	t.Helper()
	out := &tagged{blobs: map[string][]byte{}}
	put := func(mediaType string, b []byte) map[string]any {
		id := sha256.Sum256(b)
		name := "sha256:" + hex.EncodeToString(id[:])
		out.blobs[name] = b
		return map[string]any{"mediaType": mediaType, "digest": name, "size": len(b)}
	}
	layer := put("application/vnd.oci.image.layer.v1.tar", oneTar(t, s.files))
	config, err := json.Marshal(map[string]any{"os": "linux", "architecture": "amd64", "rootfs": map[string]any{"type": "layers", "diff_ids": []any{layer["digest"]}}})
	if err != nil {
		t.Fatal(err)
	}
	out.manifest, err = json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": put("application/vnd.oci.image.config.v1+json", config), "layers": []any{layer},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (i *tagged) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	last := parts[len(parts)-1]
	switch {
	case r.URL.Path == "/v2/":
	case strings.Contains(r.URL.Path, "/alpine/manifests/"):
		id := sha256.Sum256(i.manifest)
		w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		w.Header().Set("Docker-Content-Digest", "sha256:"+hex.EncodeToString(id[:]))
		_, _ = w.Write(i.manifest)
	case i.blobs[last] != nil:
		_, _ = w.Write(i.blobs[last])
	default:
		http.NotFound(w, r)
	}
}

func TestCheckBase(t *testing.T) {
	d := newDesk(t)
	app := d.app()
	old, fresh := newTagged(t, system("1.2.5-r0")), newTagged(t, system("1.2.5-r3"))
	now := old
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { now.ServeHTTP(w, r) }))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	d.write("Dockerfile", strings.Replace(appDockerfile, "base.example.com", host, 1))

	kinds := func(r *sekisho.Result) (out []string) {
		for _, a := range r.Actions {
			out = append(out, a.Kind)
		}
		return out
	}
	r, _ := d.scan(app, "--check-base")
	if b := r.Base; b.Moved || b.Current == "" || !b.Verified {
		t.Errorf("the same image: %+v", b)
	}
	for _, k := range kinds(r) {
		if k == sekisho.ActionUpgradeBase || k == sekisho.ActionRebuildBase {
			t.Errorf("a rebuild would change nothing: %v", kinds(r))
		}
	}
	now = fresh
	r, _ = d.scan(app, "--check-base")
	if b := r.Base; !b.Moved || b.Verified {
		t.Errorf("another image: %+v", b)
	}
	if !strings.Contains(fmt.Sprint(kinds(r)), sekisho.ActionRebuildBase) {
		t.Errorf("%v", kinds(r))
	}
	server.Close()
	r, errs := d.scan(app, "--check-base")
	if r.Base.Moved || r.Base.Current != "" || len(r.Problems) != 1 || !strings.Contains(errs, "ask for the base image") {
		t.Errorf("nobody answers: %+v %+v %s", r.Base, r.Problems, errs)
	}
}

// An image may name any host as its base's: it gets no credentials that were
// meant for another registry.
func TestClaimedBaseGetsNoCredentials(t *testing.T) {
	d := newDesk(t)
	app := d.app()
	asked, told := 0, ""
	image := newTagged(t, system("1.2.5-r0"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		told += r.Header.Get("Authorization")
		image.ServeHTTP(w, r)
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	d.write("Dockerfile", strings.ReplaceAll("FROM HOST/other/alpine:2 AS b\nRUN make\nFROM HOST/alpine:1\nRUN apk upgrade libssl3\nCOPY file /app/\n", "HOST", host))
	r, _ := d.scan(app, "--check-base", "--builder-stages", "--registry-token", "s3cret")
	if r.Base == nil || r.Base.Current == "" || len(r.Builders) != 1 || !r.Builders[0].Assessed {
		t.Fatalf("%+v %+v", r.Base, r.Builders)
	}
	if asked == 0 || told != "" {
		t.Errorf("%d requests with %q", asked, told)
	}
}

// Builder stages are scanned apart, count for no gate, and rank lower.
func TestBuilderStages(t *testing.T) {
	d := newDesk(t)
	server := httptest.NewServer(newTagged(t, system("1.2.5-r0")))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	d.write("Dockerfile", "FROM "+host+"/alpine:1 AS build\nRUN make\nFROM "+host+"/gone:1 AS gone\nRUN make\nFROM scratch\nCOPY --from=build /f /app/\n")
	app := d.archive("static.tar", "static:1", layerStep{"COPY /f /app/ # buildkit", map[string]string{"app/file": "x"}})
	r, _ := d.scan(app)
	if r.Base == nil || r.Base.Name != "scratch" || r.Coverage.BuilderStages != sekisho.BuildersNotAssessed || len(r.Builders) != 0 {
		t.Errorf("%+v %s", r.Base, r.Coverage.BuilderStages)
	}
	r, _ = d.scan(app, "--builder-stages", "--fail-on", "low")
	if r.Coverage.BuilderStages != sekisho.BuildersInPart || len(r.Builders) != 2 || r.Verdict.Decision == sekisho.Deny || len(r.Findings) != 0 {
		t.Fatalf("%s %+v %+v", r.Coverage.BuilderStages, r.Builders, r.Verdict)
	}
	one := r.Builders[0]
	if !one.Assessed || one.Packages != 2 || len(one.Findings) == 0 || one.Findings[0].Origin != sekisho.OriginBuilder {
		t.Errorf("%+v", one)
	}
	lowered := false
	for _, l := range one.Findings[0].Risk.Lines {
		lowered = lowered || l.Code == "builder" && l.Factor < 1
	}
	if !lowered {
		t.Errorf("%+v", one.Findings[0].Risk)
	}
	if gone := r.Builders[1]; gone.Assessed || gone.Error == "" {
		t.Errorf("%+v", gone)
	}
}

// BuildKit attached a bill of materials of the only other stage: it is judged,
// and nothing is left that nobody looked at.
func TestBuilderStageSBOM(t *testing.T) {
	d := newDesk(t)
	file, err := filepath.Abs(filepath.Join("testdata", "base", "buildkit-sbom.tar"))
	if err != nil {
		t.Fatal(err)
	}
	if r, _ := d.scan("--offline", file); r.Coverage.BuilderStages != sekisho.BuildersNotAssessed || len(r.Builders) != 0 {
		t.Errorf("not asked for: %s %+v", r.Coverage.BuilderStages, r.Builders)
	}
	r, _ := d.scan("--offline", "--builder-stages", file)
	if r.Coverage.BuilderStages != sekisho.BuildersAssessed || len(r.Builders) != 1 {
		t.Fatalf("%s %+v", r.Coverage.BuilderStages, r.Builders)
	}
	b := r.Builders[0]
	if b.Name != "build" || !b.Stage || !b.Assessed || b.Packages != 1 || len(b.Findings) == 0 || b.Findings[0].Origin != sekisho.OriginBuilder {
		t.Errorf("%+v", b)
	}
}

// Images that Docker's classic builder and buildah make of one Dockerfile.
func TestBaseOfRealBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("builds images")
	}
	context := t.TempDir()
	for name, text := range map[string]string{
		"os-release": alpine, "installed": fmt.Sprintf(musl, "1.2.5-r0"), "file": "x",
		"Base":       "FROM scratch\nCOPY os-release /etc/\nCOPY installed /lib/apk/db/\nCMD [\"sh\"]\n",
		"Dockerfile": "ARG TAG=%s\nFROM base.example.com/TEST AS build\nCOPY file /built\n\nFROM base.example.com/TEST\nLABEL a=\"b c\" d=e\nENV A=\"x y\" B=2\nWORKDIR /srv/app\nCOPY --from=build /built .\n# a comment\nCOPY file \\\n     os-release \\\n     ./dir/\nEXPOSE 8080 443/tcp\nUSER 1000\nCMD echo \"hi\"\n",
	} {
		if err := os.WriteFile(filepath.Join(context, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tag := strings.ToLower(fmt.Sprintf("%s-%d:1", t.Name(), os.Getpid()))
	text, err := os.ReadFile(filepath.Join(context, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(context, "Dockerfile"), []byte(strings.ReplaceAll(strings.ReplaceAll(string(text), "TEST", tag), "%s", "x")), 0o600); err != nil {
		t.Fatal(err)
	}
	do := func(t *testing.T, env []string, name string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Env, cmd.Dir = append(os.Environ(), env...), context
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
	}
	check := func(t *testing.T, archive string, rung string, want []string) {
		t.Helper()
		r, errs := newDesk(t).scan(archive, "--dockerfile", filepath.Join(context, "Dockerfile"))
		if r.Base == nil || r.Base.KnownBy != rung || !strings.HasSuffix(r.Base.Name, tag) || !r.Base.Split || r.Base.Layers != 2 || r.Base.Line != 5 {
			t.Errorf("%+v %s", r.Base, errs)
		}
		if diff := cmp.Diff(want, linesOf(r)); diff != "" {
			t.Error(diff)
		}
	}
	t.Run("docker", func(t *testing.T) {
		if err := exec.CommandContext(t.Context(), "docker", "version").Run(); err != nil {
			absent(t, "no Docker daemon answers")
		}
		classic := []string{"DOCKER_BUILDKIT=0"}
		do(t, classic, "docker", "build", "-q", "-t", "base.example.com/"+tag, "-f", "Base", ".")
		do(t, classic, "docker", "build", "-q", "-t", "app.example.com/"+tag, ".")
		t.Cleanup(func() {
			_ = exec.Command("docker", "rmi", "base.example.com/"+tag, "app.example.com/"+tag).Run() // tidying up
		})
		file := filepath.Join(t.TempDir(), "app.tar")
		do(t, nil, "docker", "save", "-o", file, "app.example.com/"+tag)
		check(t, file, sekisho.BaseByDockerfile, []string{":0", ":0", "Dockerfile:8", "Dockerfile:9", "Dockerfile:11"})
	})
	t.Run("buildah", func(t *testing.T) {
		if _, err := exec.LookPath("buildah"); err != nil || os.Getuid() != 0 {
			absent(t, "buildah is not installed, or this is not root")
		}
		store := t.TempDir()
		root := []string{"--root", filepath.Join(store, "root"), "--runroot", filepath.Join(store, "run"), "--storage-driver", "vfs"}
		buildah := func(args ...string) {
			t.Helper()
			do(t, []string{"BUILDAH_ISOLATION=chroot"}, "buildah", append(root, args...)...)
		}
		buildah("build", "-q", "--layers", "-t", "base.example.com/"+tag, "-f", "Base", ".")
		for _, layers := range []string{"--layers", "--layers=false"} {
			buildah("build", "-q", layers, "--pull=never", "-t", "app.example.com/"+tag, ".")
			file := filepath.Join(store, "app.tar")
			_ = os.Remove(file) // of the round before
			buildah("push", "-q", "app.example.com/"+tag, "oci-archive:"+file)
			want := []string{":0", ":0", "Dockerfile:9", "Dockerfile:11"}
			if layers == "--layers=false" {
				want = []string{":0", ":0", ":0"} // one layer of all steps has no line
			}
			check(t, file, sekisho.BaseByAnnotation, want)
		}
	})
}

// absent skips a test that lacks a real part, with the reason; in CI it fails.
func absent(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}
