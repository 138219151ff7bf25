// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const practice = "testdata/practice.txtar"

// trees are the files of testdata/practice.txtar and what is to be found in
// them.
func trees(t testing.TB) (ar *txtar.Archive, files map[string][]byte, want string) {
	t.Helper()
	text, err := os.ReadFile(practice)
	if err != nil {
		t.Fatal(err)
	}
	ar = txtar.Parse(text)
	files = map[string][]byte{}
	for _, f := range ar.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		files[f.Name] = f.Data
	}
	return ar, files, want
}

// TestPractice: the findings of realistic projects, no more and no less.
func TestPractice(t *testing.T) {
	ar, files, want := trees(t)
	var got strings.Builder
	for i, f := range judge(t, files, nil).Findings {
		fmt.Fprintf(&got, "%s:%d:%d %s/%s %s [%s] %s\n", f.Location.Path, f.Location.Line, f.Location.Column, f.ResourceKind, f.Rule, f.Severity, f.Resource, f.Evidence[0].Text)
		if f.Title == "" || strings.Contains(f.Title+f.Why+f.Fix, "{") && !strings.Contains(f.Title+f.Why+f.Fix, "${") && !strings.Contains(f.Fix, "{test") {
			t.Errorf("finding %d: %q %q %q", i, f.Title, f.Why, f.Fix)
		}
	}
	if u := flag.Lookup("update"); u.Value.String() == "true" {
		for i := range ar.Files {
			if ar.Files[i].Name == "want" {
				ar.Files[i].Data = []byte(got.String())
			}
		}
		if err := os.WriteFile(practice, txtar.Format(ar), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want, got.String()); d != "" {
		t.Error(d)
	}
}

// No value of a secret is in what is said, whatever the rule.
func TestSecretsAreMasked(t *testing.T) {
	_, files, _ := trees(t)
	archives, err := filepath.Glob("testdata/*/secret-*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, name := range archives {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range txtar.Parse(text).Files {
			if !strings.Contains(f.Name, "good") {
				files[filepath.Base(filepath.Dir(name))+filepath.Base(name)+"/"+f.Name] = f.Data
			}
		}
	}
	for _, f := range judge(t, files, all()).Findings {
		said := fmt.Sprint(f)
		for _, s := range []string{"correct-horse", "correct horse", "abcdef0123", "abc def", "4b1f9c0d2e7a", "bm90LWEtcmVhbC", "s3cr3t", "AKIAIOSF"} {
			if strings.Contains(said, s) {
				t.Errorf("%s/%s shows %s: %s", f.ResourceKind, f.Rule, s, said)
			}
		}
	}
}

// Settings and users' rules see what the rules see.
func TestSubject(t *testing.T) {
	user := &userRules{}
	files := map[string][]byte{"compose.yaml": []byte("services:\n  app:\n    image: nginx:1\n    privileged: true\n    environment: {A: b}\n    volumes: ['/a:/b']\n    deploy: {replicas: 3}\n")}
	judge(t, files, &check.Settings{User: user})
	if user.kind != sekisho.ResourceCompose || len(user.vars) != len(Variables()) {
		t.Fatalf("%+v", user)
	}
	s, ok := user.vars["service"].(map[string]any)
	if !ok || s["name"] != "app" || s["privileged"] != true || s["image"] != "nginx:1" {
		t.Errorf("%v", s)
	}
	for p, want := range map[string]string{
		"service.privileged": "4:5 privileged: true", "service.mounts[0].source": "6:15 /a:/b", "service.environment.A": "5:19 A", "service.nothing": "2:3 app:",
		"raw.deploy.replicas": "7:24 replicas: 3", "raw.volumes[0]": "6:15 /a:/b", "raw.nothing.x": "2:3 app:", "": "2:3 app:",
	} {
		h := user.subject.Locate(p)
		if got := fmt.Sprintf("%d:%d %s", h.Line, h.Column, h.Excerpt); got != want {
			t.Errorf("%s: %s, want %s", p, got, want)
		}
	}
}

type userRules struct {
	kind    string
	vars    map[string]any
	subject check.Subject
}

func (u *userRules) Run(_ *check.Judge, _ *check.Place, kind string, s check.Subject) {
	u.kind, u.vars, u.subject = kind, s.Vars(), s
}

func TestTooLarge(t *testing.T) {
	text := append([]byte("services:\n  a:\n    image: x\n"), bytes.Repeat([]byte("# x\n"), fileBytes/4)...)
	inv := inventory(t, map[string][]byte{"compose.yaml": text, "a.sh": bytes.Repeat([]byte("ls\n"), fileBytes/2)})
	if len(inv.Resources) != 0 || len(inv.Problems) != 1 || inv.Problems[0].Bound != "file-bytes" {
		t.Errorf("%d resources, %+v", len(inv.Resources), inv.Problems)
	}
}

// BenchmarkCheck judges the files of testdata/practice.txtar, 2,000 in all.
func BenchmarkCheck(b *testing.B) {
	_, files, _ := trees(b)
	many := map[string][]byte{}
	for i := 0; len(many) < 2000; i++ {
		for p, text := range files {
			many[fmt.Sprintf("%d/%s", i, p)] = text
		}
	}
	inv := inventory(b, many)
	b.ResetTimer()
	for b.Loop() {
		if _, err := Checker(nil).Check(b.Context(), inv); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(many)*b.N)/b.Elapsed().Seconds(), "files/s")
}
