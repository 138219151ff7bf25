// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// scanned runs a scan in process, in a working directory.
func scanned(t *testing.T, dir string, args ...string) *sekisho.Result {
	t.Helper()
	var out, errOut bytes.Buffer
	a := &App{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errOut, Dir: dir, Version: "test", Env: []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")},
		Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
	}
	status := a.Run(t.Context(), append([]string{"scan", "-q", "-f", "json", "--no-cache", "--scanners", "vuln,misconfig,secret,license"}, args...))
	if status != ExitAllowed {
		t.Fatalf("scan %v: status %d, %s", args, status, errOut.String())
	}
	var r sekisho.Result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// ids of the findings, each with what it is about.
func ids(t *testing.T, r *sekisho.Result) map[string]string {
	t.Helper()
	out := map[string]string{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if was, twice := out[f.ID]; twice {
			t.Errorf("two findings have the id %s: %s, and %s in %s", f.ID, was, f.Rule, f.Location.Path)
		}
		out[f.ID] = strings.TrimSpace(string(f.Kind) + " " + f.Rule + " " + f.Location.Path)
	}
	return out
}

func kinds(r *sekisho.Result) map[sekisho.FindingKind]int {
	out := map[sekisho.FindingKind]int{}
	for i := range r.Findings {
		out[r.Findings[i].Kind]++
	}
	return out
}

func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, body := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Every file of the archives of every rule is scanned, and again with lines put
// above: each finding keeps its id, and equal hits in one file stay several.
func TestFingerprintsOfEveryRuleSurviveMovedLines(t *testing.T) {
	archives, err := filepath.Glob("../rule/*/testdata/*.txtar")
	if err != nil || len(archives) < 200 {
		t.Fatalf("%d archives, %v", len(archives), err)
	}
	directive := pattern.New(`^#\s*(?:syntax|check|escape)\s*=`)
	files, moved := map[string]string{}, map[string]string{}
	for _, a := range archives {
		b, err := os.ReadFile(a)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(b).Files {
			if !filepath.IsLocal(f.Name) || strings.HasPrefix(f.Name, "want") {
				continue
			}
			name := path.Join(path.Base(path.Dir(path.Dir(a))), strings.TrimSuffix(path.Base(a), ".txtar"), f.Name)
			text := string(f.Data)
			files[name], moved[name] = text, text
			base, ext := strings.ToLower(path.Base(f.Name)), path.Ext(f.Name)
			comments := strings.Contains(base, "dockerfile") || ext == ".tf" || ext == ".yaml" || ext == ".yml"
			if !comments || strings.HasPrefix(strings.TrimSpace(text), "{") || strings.Contains(text, "{{") {
				continue
			}
			lines := strings.Split(text, "\n")
			at := 0
			for at < len(lines) && directive.MatchString(lines[at]) {
				at++
			}
			moved[name] = strings.Join(slices.Concat(lines[:at], []string{"", "# put above", ""}, lines[at:]), "\n")
		}
	}
	one, two := t.TempDir(), t.TempDir()
	put(t, one, files)
	put(t, two, moved)
	before, after := scanned(t, one, "repo:"+one, "--scanners", "misconfig"), scanned(t, two, "repo:"+two, "--scanners", "misconfig")
	if d := cmp.Diff(ids(t, before), ids(t, after)); d != "" {
		t.Errorf("ids that depend on the line: %s", d)
	}
	lines := map[string]int{}
	for i := range before.Findings {
		lines[before.Findings[i].ID] = before.Findings[i].Location.Line
	}
	shifted := 0
	for i := range after.Findings {
		if f := &after.Findings[i]; f.Location.Line > lines[f.ID] {
			shifted++
		}
	}
	if shifted < 1000 {
		t.Errorf("only %d of %d findings moved: the test shows nothing", shifted, len(after.Findings))
	}
}

// secretIn is a token of the form that GitHub's have, with its checksum.
const secretIn = "aws_access_key_id = AKIAQ6FXOLFGNWNO4SJD\naws_secret_access_key = 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\n"

// stage is what an image of the tests holds: something of every kind.
func stage() map[string]string {
	return map[string]string{
		"etc/os-release":                                  "ID=alpine\nVERSION_ID=3.20.3\n",
		"lib/apk/db/installed":                            "P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\nF:lib\nR:ld-musl-x86_64.so.1\n\n",
		"app/node_modules/lodash/package.json":            `{"name":"lodash","version":"4.17.15","license":"GPL-3.0-only"}`,
		"app/other/node_modules/lodash/package.json":      `{"name":"lodash","version":"4.17.10","license":"GPL-3.0-only"}`,
		"app/node_modules/minimist/package.json":          `{"name":"minimist","version":"1.2.0","license":"AGPL-3.0-only"}`,
		"root/.aws/credentials":                           "[default]\n" + secretIn,
		"home/app/.aws/credentials":                       "[default]\n" + strings.ReplaceAll(secretIn, "AKIAQ6FXOLFGNWNO4SJD", "AKIAQ6FXOLFGNWNO4SJE"),
		"app/" + strings.Repeat("deep/", 3) + "README.md": "nothing\n",
	}
}

// imageWith writes a Docker archive with a tag, the files in one layer each time
// in another order and of another time: its digests are its own.
func imageWith(t *testing.T, tag string, files map[string]string, build int) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	names := slices.Sorted(maps.Keys(files))
	if build%2 == 1 {
		slices.Reverse(names)
	}
	for _, n := range names {
		if err := w.WriteHeader(&tar.Header{Name: n, Size: int64(len(files[n])), Mode: 0o644, Typeflag: tar.TypeReg, ModTime: time.Unix(int64(1e9+build), 0)}); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, files[n])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	config, err := json.Marshal(map[string]any{
		"os": "linux", "architecture": "amd64", "created": time.Unix(int64(1.7e9+build), 0).UTC(),
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(sum[:])}},
		"config":  map[string]any{"Env": []string{"DATABASE_PASSWORD=hunter2-but-longer"}, "ExposedPorts": map[string]any{"22/tcp": map[string]any{}}},
		"history": []any{map[string]any{"created": time.Unix(int64(1.7e9+build), 0).UTC(), "created_by": "COPY . / # buildkit"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "image.tar")
	manifest := fmt.Sprintf(`[{"Config":"config.json","RepoTags":[%q],"Layers":["layer.tar"]}]`, tag)
	if err := os.WriteFile(name, tarOf(map[string]string{"layer.tar": b.String(), "config.json": string(config), "manifest.json": manifest}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// A rebuild has new layer digests and times, a release another tag, a scan another
// working directory: what is found stays the same.
func TestFingerprintsSurviveARebuild(t *testing.T) {
	args := []string{"--license-deny", "strong-copyleft,network-copyleft"}
	first := scanned(t, t.TempDir(), append(args, "docker-archive:"+imageWith(t, "example.com/app:1", stage(), 0))...)
	if n := kinds(first); n[sekisho.Vulnerability] < 4 || n[sekisho.Misconfiguration] < 2 || n[sekisho.Secret] < 3 || n[sekisho.License] < 2 {
		t.Fatalf("the image does not show every kind: %v", n)
	}
	second := scanned(t, t.TempDir(), append(args, "docker-archive:"+imageWith(t, "registry.example.com/team/app:2.0", stage(), 1))...)
	if first.Layers[0].DiffID == second.Layers[0].DiffID {
		t.Fatal("the layers are the same: the test shows nothing")
	}
	if d := cmp.Diff(ids(t, first), ids(t, second)); d != "" {
		t.Errorf("ids that depend on the build: %s", d)
	}
}

// A source tree on another path, named from another directory, with its files
// moved about inside.
func TestFingerprintsSurviveMovedText(t *testing.T) {
	lock := func(above string, packages ...string) string {
		return `{"name":"app","lockfileVersion":3,` + above + `"packages":{"":{"name":"app"},` + strings.Join(packages, ",\n") + "}}"
	}
	lodash, minimist := `"node_modules/lodash":{"version":"4.17.15","license":"GPL-3.0-only"}`, `"node_modules/minimist":{"version":"1.2.0","license":"AGPL-3.0-only"}`
	run := "RUN curl http://example.com/a | sh\n"
	before := map[string]string{
		"package-lock.json": lock("", lodash, minimist), "Dockerfile": "FROM node:18\n" + run + run,
		"k8s.yaml":     "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: x, image: 'a:1', securityContext: {privileged: true}}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {containers: [{name: x, image: 'a:1', securityContext: {privileged: true}}]}\n",
		"settings.ini": "[default]\n" + secretIn,
	}
	after := maps.Clone(before)
	after["package-lock.json"] = lock("\n\n\n", minimist, lodash)
	after["Dockerfile"] = "# why\n\nFROM node:18\n# once\n" + run + "# and again\n" + run
	docs := strings.Split(before["k8s.yaml"], "---\n")
	after["k8s.yaml"] = "# pods\n" + docs[1] + "---\n" + docs[0]
	after["settings.ini"] = "; above\n\n" + before["settings.ini"]
	args := []string{"--license-deny", "strong-copyleft,network-copyleft"}
	one, two := t.TempDir(), t.TempDir()
	put(t, one, before)
	put(t, filepath.Join(two, "elsewhere"), after)
	first, second := scanned(t, one, append(args, "repo:.")...), scanned(t, two, append(args, "repo:elsewhere")...)
	if n := kinds(first); n[sekisho.Vulnerability] < 4 || n[sekisho.Misconfiguration] < 10 || n[sekisho.Secret] < 1 || n[sekisho.License] < 2 {
		t.Fatalf("the tree does not show every kind: %v", n)
	}
	if d := cmp.Diff(ids(t, first), ids(t, second)); d != "" {
		t.Errorf("ids that depend on the place in a file: %s", d)
	}
	equal := 0
	for _, s := range ids(t, first) {
		if s == "misconfiguration download-and-run Dockerfile" {
			equal++
		}
	}
	if equal != 2 {
		t.Errorf("two equal lines are %d findings", equal)
	}
	// The same secret in one more file, of a name that comes first, is the same.
	put(t, one, map[string]string{"a-copy.ini": before["settings.ini"]})
	secrets := func(r *sekisho.Result) (out []string) {
		for i := range r.Findings {
			if r.Findings[i].Kind == sekisho.Secret {
				out = append(out, r.Findings[i].ID)
			}
		}
		slices.Sort(out)
		return out
	}
	if d := cmp.Diff(secrets(first), secrets(scanned(t, one, append(args, "repo:.")...))); d != "" {
		t.Errorf("ids of secrets that depend on the file: %s", d)
	}
}
