// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// gitHubToken makes a token with a right checksum; none is in the source.
func gitHubToken(seed int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	body := make([]byte, 30)
	sum := sha256.Sum256(fmt.Append(nil, "token", seed))
	for i := range body {
		body[i] = digits[int(sum[i])%62]
	}
	n := crc32.ChecksumIEEE(body)
	var tail [6]byte
	for i := 5; i >= 0; i-- {
		tail[i], n = digits[n%62], n/62
	}
	return "ghp_" + string(body) + string(tail[:])
}

// secretImage is an image of three layers: the second deletes a file of the
// first and writes over another one. Its variables, labels and history hold
// secrets, too.
func secretImage(t *testing.T, tokens []string) string {
	t.Helper()
	password := "Gk3" + "xP0qv8Zt"
	layers := [][]byte{
		tarOf(map[string]string{
			"etc/os-release": "ID=alpine\nVERSION_ID=3.20.3\n", "app/deleted.txt": "a\nb " + tokens[0] + "\n", "app/replaced.txt": tokens[1],
			"big.txt": strings.Repeat("some text without anything in it\n", 70_000) + tokens[6],
		}),
		tarOf(map[string]string{"app/.wh.deleted.txt": "", "app/replaced.txt": "nothing", "app/visible.json": `{"token": "` + tokens[2] + `"}`}),
		tarOf(map[string]string{"app/copy.json": `{"token": "` + tokens[2] + `"}`, "app/db.ini": "url = postgres://app:" + password + "@db.prod.internal/x\n"}),
	}
	files := map[string]string{}
	var ids, names []string
	for i, l := range layers {
		sum := sha256.Sum256(l)
		ids = append(ids, "sha256:"+hex.EncodeToString(sum[:]))
		names = append(names, fmt.Sprintf("l%d.tar", i))
		files[names[i]] = string(l)
	}
	config, err := json.Marshal(map[string]any{
		"os": "linux", "architecture": "amd64", "rootfs": map[string]any{"type": "layers", "diff_ids": ids},
		"config": map[string]any{"Env": []string{"PATH=/bin", "GITHUB_TOKEN=" + tokens[3]}, "Labels": map[string]string{"build": "x " + tokens[4]}},
		"history": []any{
			map[string]string{"created_by": "ADD base"},
			map[string]any{"created_by": "ARG TOKEN", "empty_layer": true},
			map[string]string{"created_by": "|1 TOKEN=" + tokens[5] + " /bin/sh -c git clone"},
			map[string]string{"created_by": "COPY app"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	files["config.json"] = string(config)
	files["manifest.json"] = fmt.Sprintf(`[{"Config":"config.json","RepoTags":["example.com/app:1"],"Layers":["%s"]}]`, strings.Join(names, `","`))
	name := filepath.Join(t.TempDir(), "image.tar")
	if err := os.WriteFile(name, tarOf(files), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// A secret that variables, labels and several steps of the history hold is one
// finding, and so is a file that both a detector and a rule over files know.
func TestOneSecretIsOneFinding(t *testing.T) {
	token, password, plain := gitHubToken(50), "Gk3"+"xP0qv8Zt", "hunter"+"2hunter2"
	layer := tarOf(map[string]string{
		"etc/os-release": "ID=alpine\nVERSION_ID=3.20.3\n", "root/.npmrc": "//registry.example.com/:_authToken=" + token + "\n",
		"app/.env": "DB_PASSWORD=" + password + "\n", "root/.netrc": "machine git.example.com login me password " + password + "\n",
	})
	sum := sha256.Sum256(layer)
	config, err := json.Marshal(map[string]any{
		"os": "linux", "architecture": "amd64", "rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(sum[:])}},
		"config": map[string]any{
			"Env":    []string{"PATH=/bin", "GITHUB_TOKEN=" + token, "API_PASSWORD=" + password, "ADMIN_PASS=" + plain},
			"Labels": map[string]string{"token": token},
		},
		"history": []any{
			map[string]any{"created_by": "ARG GITHUB_TOKEN=" + token, "empty_layer": true},
			map[string]any{"created_by": "ENV GITHUB_TOKEN=" + token + " API_PASSWORD=" + password, "empty_layer": true},
			map[string]any{"created_by": "|2 GITHUB_TOKEN=" + token + " API_PASSWORD=" + password + " /bin/sh -c git clone https://x:" + token + "@git.example.com/a.git"},
			map[string]any{"created_by": "ENV ADMIN_PASS=" + plain, "empty_layer": true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "image.tar")
	if err := os.WriteFile(name, tarOf(map[string]string{"l.tar": string(layer), "config.json": string(config), "manifest.json": `[{"Config":"config.json","RepoTags":["example.com/app:1"],"Layers":["l.tar"]}]`}), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newPerson(t)
	look := func(scanners string) (got []string) {
		var r sekisho.Result
		if err := json.Unmarshal([]byte(p.does("scan", "-q", "-f", "json", "--offline", "--no-cache", "--scanners", scanners, name)), &r); err != nil {
			t.Fatal(err)
		}
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Kind == sekisho.Secret || strings.Contains(f.Rule, "secret") {
				got = append(got, fmt.Sprintf("%s %s%s %d", f.Rule, f.Resource, f.Location.Path, len(f.Evidence)))
			}
		}
		slices.Sort(got)
		return got
	}
	both := look("misconfig,secret")
	want := []string{
		"env-file-secret ENV ADMIN_PASS 2", // and the step that sets it
		"env-file-secret ENV API_PASSWORD 3",
		"env-file-secret app/.env 1",
		"github-token ENV GITHUB_TOKEN 5",
		"github-token root/.npmrc 1",
		"netrc-password root/.netrc 1",
	}
	if !slices.Equal(both, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(both, "\n"), strings.Join(want, "\n"))
	}
	// Without the detectors the rules say it.
	if alone := strings.Join(look("misconfig"), "\n"); !strings.Contains(alone, "secret-in-env env") || !strings.Contains(alone, "secret-in-label") || !strings.Contains(alone, "secret-in-history") || !strings.Contains(alone, "secret-file root/.npmrc") {
		t.Errorf("rules alone: %s", alone)
	}
}

func TestSecretsOfAnImage(t *testing.T) {
	var tokens []string
	for i := range 7 {
		tokens = append(tokens, gitHubToken(i))
	}
	image := secretImage(t, tokens)
	p := newPerson(t)
	var r sekisho.Result
	if err := json.Unmarshal([]byte(p.does("scan", "-q", "-f", "json", image)), &r); err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Kind != sekisho.Secret {
			continue
		}
		layer := -1
		if f.Introduced != nil {
			layer = f.Introduced.Index
		}
		got = append(got, fmt.Sprintf("%s %s %s:%d%s layer %d, %d places", f.ResourceKind, f.Rule, f.Location.Path, f.Location.Line, f.Resource, layer, len(f.Evidence)))
		if !slices.ContainsFunc(r.Rules, func(rule sekisho.Rule) bool { return rule.ID == f.Rule && rule.Kind == f.ResourceKind }) {
			t.Errorf("the texts of %s/%s are not in the report", f.ResourceKind, f.Rule)
		}
	}
	slices.Sort(got)
	want := []string{
		"secret github-token app/visible.json:1 layer 1, 2 places",
		"secret github-token big.txt:70001 layer 0, 1 places",
		"secret url-password app/db.ini:1 layer 2, 1 places",
		"secret-deleted github-token app/deleted.txt:2 layer 0, 1 places",
		"secret-deleted github-token app/replaced.txt:1 layer 0, 1 places",
		"secret-image github-token :0ENV GITHUB_TOKEN layer -1, 1 places",
		"secret-image github-token :0LABEL build layer -1, 1 places",
		"secret-image github-token :0history step 3 layer 1, 1 places",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// A second run is answered from the cache and says the same.
	var again sekisho.Result
	if err := json.Unmarshal([]byte(p.does("scan", "-q", "-f", "json", image)), &again); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r.Findings, again.Findings); d != "" || again.Coverage.LayersCached != 3 {
		t.Errorf("%d layers from the cache, and other findings: %s", again.Coverage.LayersCached, d)
	}
	values := append(slices.Clone(tokens), "Gk3"+"xP0qv8Zt")
	for _, format := range report.Formats() {
		args := []string{"scan", "-q", "-f", format, image}
		if format == "template" {
			args = append(args, "-t", "{{.}}")
		}
		for _, lang := range []string{"en", "ja"} {
			out, errOut, _ := p.run(append(args, "--lang", lang)...)
			if out == "" && format != "purls" {
				t.Errorf("%s says nothing: %s", format, errOut)
			}
			for _, v := range values {
				if strings.Contains(out+errOut, v) || strings.Contains(out+errOut, v[4:]) {
					t.Errorf("the report as %s (%s) holds a value", format, lang)
				}
			}
		}
	}
	inCache(t, p.home, values)
	if out := p.does("scan", "-q", "--scanners", "vuln", "-f", "json", image); strings.Contains(out, `"kind": "secret"`) {
		t.Error("secrets are looked for although nobody asked")
	}
	_, _, status := p.run("scan", "-q", "--fail-on", "critical", image)
	if status != ExitDenied {
		t.Errorf("a gate lets a token through: status %d", status)
	}
	if out := p.does("scan", "-q", "-f", "json", "--skip-rule", "github-token", image); strings.Contains(out, `"rule": "github-token"`) {
		t.Error("a detector that was switched off runs")
	}
	var keyed sekisho.Result
	writeFiles(t, p.home, map[string]string{"key": "0123456789 another key\n", "short": "abc"})
	p.refused(ExitUsage, "16 bytes", "scan", "-q", "--secret-key-file", "short", image)
	p.refused(ExitUsage, "none", "scan", "-q", "--secret-key-file", "none", image)
	if err := json.Unmarshal([]byte(p.does("scan", "-q", "-f", "json", "--secret-key-file", "key", image)), &keyed); err != nil {
		t.Fatal(err)
	}
	same := 0
	for _, f := range keyed.Findings {
		if f.Kind == sekisho.Secret && slices.ContainsFunc(r.Findings, func(o sekisho.Finding) bool { return o.ID == f.ID }) {
			same++
		}
	}
	if same != 0 {
		t.Errorf("%d fingerprints do not depend on the key", same)
	}
}

// inCache looks for the values in every file that the program left behind.
func inCache(t *testing.T, dir string, values []string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if zr, err := zstd.NewReader(nil); err == nil {
			if plain, err := zr.DecodeAll(b, nil); err == nil {
				b = plain
			}
			zr.Close()
		}
		if strings.Contains(name, "facts") {
			files++
		}
		for _, v := range values {
			if strings.Contains(string(b), v) {
				t.Errorf("%s holds a value", name)
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Errorf("no cache was looked at: %v", err)
	}
}

func TestSecretsOfATree(t *testing.T) {
	p := newPerson(t)
	dir := t.TempDir()
	token := gitHubToken(1)
	writeFiles(t, dir, map[string]string{"src/a.py": "x = 1\nt = '" + token + "'\n", "src/b.bin": "\x7fELF\x00" + token, "src/c.txt": strings.Repeat("a", 300_000) + " " + token})
	if err := os.WriteFile(filepath.Join(dir, "closed"), []byte(token), 0o000); err != nil {
		t.Fatal(err)
	}
	// What other rules show of a line has no secret in it.
	writeFiles(t, dir, map[string]string{
		"Dockerfile":  "FROM alpine:latest\nADD https://x-access-token:" + token + "@example.com/a /a\nRUN cd /x && curl -H 'X: " + token + "' http://example.com | sh && sudo apt-get install " + token + "\nENV API_TOKEN=" + token + "\n",
		"deploy.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: a:latest\n    env: [{name: API_TOKEN, value: " + token + "}]\n    command: [sh, -c, 'x " + token + "']\n",
	})
	for _, format := range report.Formats() {
		if out, _, _ := p.run("scan", "-q", "-f", format, dir, "-t", "{{.}}"); strings.Contains(out, token) || strings.Contains(out, token[4:]) {
			t.Errorf("the report as %s holds a value", format)
		}
	}
	for _, target := range []string{dir, "dir:" + dir} {
		out := p.does("scan", "-q", "-f", "json", "--scanners", "secret", target)
		if strings.Count(out, `"rule": "github-token"`) != 1 || strings.Contains(out, token) || strings.Contains(out, "src/b.bin") {
			t.Errorf("%s: %d findings", target, strings.Count(out, `"kind": "secret"`))
		}
	}
}
