// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/check/userrule"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func rulesOf(j sekisho.Judgement) (out []string) {
	for i := range j.Findings {
		out = append(out, j.Findings[i].Rule)
	}
	return out
}

// What is no image and no root file system is not judged.
func TestOtherTargets(t *testing.T) {
	for _, target := range []sekisho.Target{{Kind: sekisho.KindRepository}, {Kind: sekisho.KindSBOM}, {Kind: sekisho.KindPURL}, {Kind: sekisho.KindRootFS, Source: "file"}} {
		inv := &sekisho.Inventory{Target: target, Files: []sekisho.FileNote{{Notes: []string{noteSetuid}, Location: sekisho.Location{Path: "a"}}}, Image: &sekisho.ImageConfig{User: "root"}}
		j, err := Checker(nil).Check(t.Context(), inv)
		if err != nil || len(j.Findings) != 0 {
			t.Errorf("%+v: %v %v", target, rulesOf(j), err)
		}
	}
	// An image whose configuration could not be read is judged by its files.
	inv := &sekisho.Inventory{Target: sekisho.Target{Kind: sekisho.KindImage}, Files: []sekisho.FileNote{{Notes: []string{noteSetuid}, Location: sekisho.Location{Path: "a"}}}}
	j, err := Checker(nil).Check(t.Context(), inv)
	if d := cmp.Diff([]string{"setuid"}, rulesOf(j)); d != "" || err != nil {
		t.Error(d, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Checker(nil).Check(ctx, inv); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestLabelSilences(t *testing.T) {
	files := map[string][]byte{"config.json": []byte(`{"created":"2026-11-01T00:00:00Z","config":{"User":"root","Cmd":["/a"],"Labels":{"sekisho.dev/ignore":"CIS-DI-0001, no-source-label","sekisho.dev/ignore-reason":"started by our platform"}}}`)}
	j := judge(t, files, nil)
	if d := cmp.Diff([]string{"no-source-label", "run-as-root"}, sorted(rulesOf(j))); d != "" {
		t.Fatal(d)
	}
	for _, f := range j.Findings {
		if f.Suppressed == nil || f.Suppressed.Reason != "started by our platform" {
			t.Errorf("%s: %+v", f.Rule, f.Suppressed)
		}
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// A file in which the secret itself was recognised is not reported twice.
func TestToldSecrets(t *testing.T) {
	at := sekisho.Location{Path: "app/.env", Index: 1}
	inv := &sekisho.Inventory{
		Target:  sekisho.Target{Kind: sekisho.KindImage},
		Files:   []sekisho.FileNote{{Notes: []string{noteCredential + ".env"}, Location: at}, {Notes: []string{noteCredential + ".env"}, Location: sekisho.Location{Path: "app/.env.local", Index: 1}}},
		Secrets: []sekisho.SecretFact{{Location: at}, {Location: sekisho.Location{Path: "app/.env.local", Index: 0}}},
	}
	j, err := Checker(&check.Settings{Only: []string{"secret-file"}}).Check(t.Context(), inv)
	if err != nil || len(j.Findings) != 1 || j.Findings[0].Location.Path != "app/.env.local" {
		t.Errorf("%+v %v", j.Findings, err)
	}
}

// A step that no shell can read is said to be unread.
func TestUnreadStep(t *testing.T) {
	j := judge(t, map[string][]byte{"config.json": []byte(`{"history":[{"created_by":"RUN /bin/sh -c if then fi ( # buildkit"}]}`)}, nil)
	if len(j.Problems) != 1 || !j.Problems[0].Minor || j.Problems[0].Layer != "sha256:layer0" {
		t.Errorf("%+v", j.Problems)
	}
}

// Fingerprints hold over rebuilds: layers and instructions are no part of them.
func TestFingerprints(t *testing.T) {
	one := func(layer, instruction string) string {
		inv := &sekisho.Inventory{
			Target: sekisho.Target{Kind: sekisho.KindImage}, Image: &sekisho.ImageConfig{User: "1", Created: nil}, Layers: []sekisho.Layer{{DiffID: layer, Instruction: instruction}},
			Files: []sekisho.FileNote{{Notes: []string{noteSetuid}, Mode: 0o755, Location: sekisho.Location{Path: "opt/a", Layer: layer}}},
		}
		j, err := Checker(&check.Settings{Only: []string{"setuid"}}).Check(t.Context(), inv)
		if err != nil || len(j.Findings) != 1 {
			t.Fatal(j, err)
		}
		if f := j.Findings[0]; f.Layer != layer || f.Introduced.Instruction != instruction {
			t.Errorf("%+v", f)
		}
		return j.Findings[0].ID
	}
	if one("sha256:a", "RUN a") != one("sha256:b", "RUN b") {
		t.Error("a rebuilt layer is another finding")
	}
}

// Rules of users see the image, without secrets.
func TestUserRules(t *testing.T) {
	text := `rules:
  - id: team-user
    kind: image
    severity: high
    title: Wrong user
    why: We say so.
    fix: USER 10001
    require: config.user == "10001"
  - id: no-setuid-at-all
    kind: image
    severity: low
    title: A setuid file
    why: We say so.
    fix: chmod a-s
    require: files.all(f, !("setuid" in f.notes))
    at: files[0]
  - id: no-password-variable
    kind: image
    severity: low
    title: A variable
    why: We say so.
    fix: Remove it
    require: env.all(e, e != "DB_PASSWORD") && history.all(h, !h.contains("b7f2c19e")) && labels["token"] == "****"
`
	u, err := userrule.Load(map[string][]byte{"team.yaml": []byte(text)}, map[string]check.Variables{sekisho.ResourceImage: Variables()})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"config.json": []byte(`{"config":{"User":"0","Env":["DB_PASSWORD=b7f2c19e"],"Labels":{"token":"b7f2c19e"}},"history":[{"created_by":"RUN |1 TOKEN=b7f2c19e /bin/sh -c make TOKEN=b7f2c19e # buildkit"}]}`),
		"files":       []byte("4755 0:0 opt/tool\n"),
	}
	j := judge(t, files, &check.Settings{User: u, Only: []string{"team-user", "no-setuid-at-all", "no-password-variable"}})
	if len(j.Problems) != 0 {
		t.Fatalf("%+v", j.Problems)
	}
	var got []string
	for _, f := range j.Findings {
		got = append(got, f.Rule+" "+f.Location.Path)
	}
	if d := cmp.Diff([]string{"no-password-variable ", "no-setuid-at-all opt/tool", "team-user "}, sorted(got)); d != "" {
		t.Error(d)
	}
	s := subject{newImage(inventory(t, files, nil), nil)}
	if text := fmt.Sprint(s.Vars()); strings.Contains(text, "b7f2c19e") {
		t.Errorf("a secret is among the variables: %s", text)
	}
	for _, path := range []string{"", "config.user", "files[9]", "files[-1]", "history[x]", "history[0]", "labels[\"a\"]", "nothing"} {
		_ = s.Locate(path)
	}
}

// The obsolete advice on content trust is given by no rule.
func TestNoContentTrust(t *testing.T) {
	for _, r := range Rules() {
		for _, id := range r.Aliases {
			if id == "CIS-DI-0005" || id == "CIS-Docker-4.5" {
				t.Errorf("%s answers to %s", r.ID, id)
			}
		}
		if strings.Contains(r.Fix.EN+r.Fix.JA, "CONTENT_TRUST") {
			t.Errorf("%s advises content trust", r.ID)
		}
	}
}

// large is an image with as much in it as the walk lets through.
func large() *sekisho.Inventory {
	inv := &sekisho.Inventory{Target: sekisho.Target{Kind: sekisho.KindImage, Name: "app", Source: "docker"}, Image: &sekisho.ImageConfig{User: "root", Cmd: []string{"/a"}}}
	for n := range 100 {
		by := fmt.Sprintf("RUN |1 TOKEN=b7f2c19e%d /bin/sh -c apt-get update && apt-get install -y package%d && rm -rf /var/lib/apt/lists/* # buildkit", n, n)
		inv.Image.History = append(inv.Image.History, sekisho.History{CreatedBy: by})
		inv.Layers = append(inv.Layers, sekisho.Layer{DiffID: fmt.Sprint("sha256:", n), Instruction: by})
	}
	for n := range 20_000 {
		inv.Files = append(inv.Files, sekisho.FileNote{Mode: 0o777, Notes: []string{noteWritable}, Location: sekisho.Location{Path: fmt.Sprintf("app/part%d/file%d", n%100, n), Index: n % 100}})
	}
	return inv
}

func BenchmarkChecker(b *testing.B) {
	inv := large()
	for b.Loop() {
		if _, err := Checker(&check.Settings{Today: today}).Check(b.Context(), inv); err != nil {
			b.Fatal(err)
		}
	}
}
