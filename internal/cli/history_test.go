// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// gitRepository makes commits of a day each; a nil content removes the file.
func gitRepository(t *testing.T, steps []map[string]string) (dir string, run func(args ...string) string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("git is needed: install git")
		}
		t.Skip("git is needed: install git")
	}
	dir = t.TempDir()
	n := 0
	run = func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"}, args...)...)
		day := fmt.Sprintf("2025-01-%02dT12:00:00Z", n)
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_DATE="+day, "GIT_COMMITTER_DATE="+day)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("init", "-q")
	for _, files := range steps {
		n++
		for name, body := range files {
			name = filepath.Join(dir, name)
			if body == "" {
				if err := os.Remove(name); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		run("add", "-A")
		run("commit", "-q", "--allow-empty", "-m", fmt.Sprint("step ", n))
	}
	return dir, run
}

func TestSecretsOfHistory(t *testing.T) {
	var tokens []string
	for i := range 5 {
		tokens = append(tokens, gitHubToken(200+i))
	}
	dir, run := gitRepository(t, []map[string]string{
		{"README": "hi"},
		{"app/a.conf": "x\ntoken = " + tokens[0], "kept": tokens[1]},
		{"app/a.conf": "x\ny\ntoken = " + tokens[0]},
		{"app/a.conf": "", "docs/b": "moved " + tokens[0]},
		{"docs/b": "clean", "late": tokens[2]},
		{"late": "clean"},
		{"testdata/x": "PASSWORD=" + "Gk3" + "xP0qv8Zt", "testdata/.env": "API_PASSWORD=" + "Gk3" + "xP0qv8Zt"},
	})
	id := func(rev string) string { return run("rev-parse", "--short=12", rev) }
	c2, c5, c6, since := id("HEAD~5"), id("HEAD~2"), id("HEAD~1"), id("HEAD~3")
	run("checkout", "-q", "-b", "side")
	if err := os.WriteFile(filepath.Join(dir, "README"), []byte(tokens[3]), 0o600); err != nil {
		t.Fatal(err)
	}
	run("commit", "-qam", "on the side")
	side := id("HEAD")
	run("checkout", "-q", "main")
	if err := os.WriteFile(filepath.Join(dir, "README"), []byte(tokens[4]), 0o600); err != nil {
		t.Fatal(err)
	}
	run("stash", "-q")
	stash := id("stash@{0}")
	p := newPerson(t)
	look := func(args ...string) (out []string, r sekisho.Result) {
		t.Helper()
		said := p.does(append([]string{"scan", "-q", "-f", "json", "--offline", "--scanners", "secret", "repo:" + dir}, args...)...)
		for _, token := range tokens {
			if strings.Contains(said, token) {
				t.Error("the report holds a value")
			}
		}
		if err := json.Unmarshal([]byte(said), &r); err != nil {
			t.Fatal(err)
		}
		for i := range r.Findings {
			f := &r.Findings[i]
			state := ""
			if f.Suppressed != nil {
				state = " suppressed"
			}
			out = append(out, fmt.Sprintf("%s %s:%d %s %d places%s", f.ResourceKind, f.Location.Path, f.Location.Line, strings.Join(f.Args, " "), len(f.Evidence), state))
		}
		slices.Sort(out)
		return out, r
	}
	got, r := look("--history")
	want := []string{
		"secret kept:1  2 places",
		"secret testdata/.env:1  2 places suppressed",
		"secret-history README:1 " + side + " (2025-01-07) → refs/heads/side 1 places",
		"secret-history README:1 " + stash + " (2025-01-07) → refs/stash 1 places",
		"secret-history app/a.conf:2 " + c2 + " (2025-01-02) → " + c5 + " (2025-01-05) 1 places",
		"secret-history late:1 " + c5 + " (2025-01-05) → " + c6 + " (2025-01-06) 1 places",
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if c := r.Coverage.History; c == nil || c.Commits != 10 || !r.Coverage.Complete {
		t.Errorf("coverage %+v, problems %v", c, r.Problems)
	}
	i := slices.IndexFunc(r.Findings, func(f sekisho.Finding) bool { return f.Location.Path == "app/a.conf" })
	if e := r.Findings[i].Evidence[0]; e.Commit[:12] != c2 || !strings.Contains(e.Text, "removed in "+c5) || !strings.Contains(e.Text, "also as docs/b") {
		t.Errorf("evidence %+v", e)
	}
	if fix := r.Findings[i].Fix; !strings.HasPrefix(fix, "Revoke it first") || !strings.Contains(fix, "git filter-repo") {
		t.Errorf("fix %q", fix)
	}
	// The id does not depend on the commits.
	ids := map[string]bool{}
	for _, f := range r.Findings {
		ids[f.ID] = true
	}
	run("commit", "-q", "--amend", "-m", "another name")
	if _, again := look("--history"); slices.ContainsFunc(again.Findings, func(f sekisho.Finding) bool { return !ids[f.ID] }) {
		t.Error("ids changed with the commits")
	}
	if got, _ := look("--history", "--since", since); !slices.Equal(got, []string{
		"secret kept:1  1 places", "secret testdata/.env:1  2 places suppressed", want[5],
	}) {
		t.Errorf("since %s: %s", since, strings.Join(got, "\n"))
	}
	if got, _ := look(); len(got) != 2 {
		t.Errorf("without --history: %s", strings.Join(got, "\n"))
	}
	table := p.does("scan", "-q", "--offline", "--scanners", "secret", "--history", "repo:"+dir)
	if !strings.Contains(table, "history: 11 commits") {
		t.Errorf("the table does not say what was looked through:\n%s", table)
	}
	if _, errOut, status := p.run("scan", "--offline", "--history", "pkg:npm/x@1"); status != ExitUsage || !strings.Contains(errOut, "repo:DIR") {
		t.Errorf("the history of a purl: %d %s", status, errOut)
	}
}
