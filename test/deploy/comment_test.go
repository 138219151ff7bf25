// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A platform answers as the interface for comments of GitHub or GitLab does:
// https://docs.github.com/rest/issues/comments, https://docs.gitlab.com/api/notes/.
type platform struct {
	*httptest.Server
	mu       sync.Mutex
	gitlab   bool
	token    string
	login    string // of the token's owner; empty: it may not ask
	comments []comment
	perPage  int // what the server gives at most
	most     int // characters of a body
	refuse   map[string]int
	calls    []string
	raced    bool // a comment goes away between the list and the change
}

type comment struct {
	ID   int
	Who  string
	Body string
}

func newPlatform(t *testing.T, gitlab bool) (*platform, []string) {
	t.Helper()
	need(t, "curl", "jq", "gzip", "base64")
	p := &platform{gitlab: gitlab, token: "s3cret", perPage: 100, most: 65536, refuse: map[string]int{}}
	p.Server = httptest.NewTLSServer(p)
	t.Cleanup(p.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"CURL_CA_BUNDLE=" + ca, "COMMENT_TOKEN=s3cret", "COMMENT_KEY=app"}
	if gitlab {
		p.login = "project_1_bot"
		return p, append(env, "CI_API_V4_URL="+p.URL+"/api/v4", "CI_PROJECT_ID=12", "CI_MERGE_REQUEST_IID=7", "CI_JOB_URL="+p.URL+"/team/app/-/jobs/3")
	}
	return p, append(env, "GITHUB_API_URL="+p.URL, "GITHUB_REPOSITORY=team/app", "PR_NUMBER=7", "GITHUB_RUN_ID=42")
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	call := r.Method + " " + r.URL.Path
	p.calls = append(p.calls, call)
	answer := func(code int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(v)
	}
	list, one, who, owner := "/repos/team/app/issues/7/comments", "/repos/team/app/issues/comments/", "login", "user"
	given := r.Header.Get("Authorization")
	want := "Bearer " + p.token
	if p.gitlab {
		list, who, owner = "/api/v4/projects/12/merge_requests/7/notes", "username", "author"
		one, given, want = list+"/", r.Header.Get("PRIVATE-TOKEN"), p.token
	}
	if given != want {
		answer(401, map[string]string{"message": "Bad credentials"})
		return
	}
	if code := p.refuse[r.Method]; code != 0 && !strings.HasSuffix(r.URL.Path, "/user") {
		answer(code, map[string]string{"message": "Resource not accessible\n::error::by integration"})
		return
	}
	shown := func(c comment) map[string]any {
		return map[string]any{"id": c.ID, "body": c.Body, owner: map[string]string{who: c.Who}}
	}
	var sent struct{ Body string }
	if r.Method != http.MethodGet {
		b, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(b, &sent); err != nil || r.Header.Get("Content-Type") != "application/json" {
			answer(400, map[string]string{"message": "Problems parsing JSON"})
			return
		}
		if len([]rune(sent.Body)) > p.most {
			answer(422, map[string]string{"message": "Body is too long"})
			return
		}
	}
	me := p.login
	if me == "" {
		me = "github-actions[bot]"
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/user"):
		if p.login == "" {
			answer(403, map[string]string{"message": "Resource not accessible by integration"})
			return
		}
		answer(200, map[string]string{who: p.login})
	case r.Method == http.MethodGet && r.URL.Path == list:
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		per, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		per = min(per, p.perPage)
		from, to := min((page-1)*per, len(p.comments)), min(page*per, len(p.comments))
		if to < len(p.comments) {
			w.Header().Set("Link", fmt.Sprintf(`<%s%s?page=%d>; rel="next"`, p.URL, list, page+1))
		}
		out := []map[string]any{}
		for _, c := range p.comments[from:to] {
			out = append(out, shown(c))
		}
		answer(200, out)
		if p.raced {
			p.comments, p.raced = nil, false
		}
	case r.Method == http.MethodPost && r.URL.Path == list:
		c := comment{len(p.comments) + 1000, me, sent.Body}
		p.comments = append(p.comments, c)
		answer(201, shown(c))
	case (r.Method == http.MethodPatch && !p.gitlab || r.Method == http.MethodPut && p.gitlab) && strings.HasPrefix(r.URL.Path, one):
		id, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, one))
		i := slices.IndexFunc(p.comments, func(c comment) bool { return c.ID == id })
		if i < 0 {
			answer(404, map[string]string{"message": "Not Found"})
			return
		}
		if p.comments[i].Who != me {
			answer(403, map[string]string{"message": "not yours"})
			return
		}
		p.comments[i].Body = sent.Body
		answer(200, shown(p.comments[i]))
	default:
		answer(404, map[string]string{"message": "Not Found"})
	}
}

// say runs the script over a report.
func say(t *testing.T, env []string, report string, more ...string) (int, string) {
	t.Helper()
	body := filepath.Join(t.TempDir(), "report.md")
	if err := os.WriteFile(body, []byte(report), 0o600); err != nil {
		t.Fatal(err)
	}
	// A token must be on no command line: every program that is run is noted.
	env = slices.Concat(environment(t), env, []string{"COMMENT_BODY=" + body, "RUNNER_TEMP=" + t.TempDir()}, more)
	status, out := run(t, t.TempDir(), env, "sh", absolute(t, root+"/deploy/github-action/comment.sh"))
	if strings.Contains(out, "s3cret") {
		t.Errorf("the token is in the log: %s", out)
	}
	return status, out
}

const marker = "<!-- sekisho:app -->\n"

// The first report is a comment, the next ones update it: whoever else wrote,
// with the marker or without, is left alone.
func TestCommentIsUpdatedAndNotRepeated(t *testing.T) {
	t.Parallel()
	for _, gitlab := range []bool{false, true} {
		t.Run(map[bool]string{true: "gitlab", false: "github"}[gitlab], func(t *testing.T) {
			p, env := newPlatform(t, gitlab)
			p.comments = []comment{{1, "someone", marker + "mine"}, {2, "someone", "hello"}}
			if status, out := say(t, env, "# One\n"); status != 0 || !strings.Contains(out, "written") {
				t.Fatalf("status %d: %s", status, out)
			}
			if len(p.comments) != 3 || !strings.HasPrefix(p.comments[2].Body, marker+"# One\n") || !strings.Contains(p.comments[2].Body, "[Run](https://") {
				t.Fatalf("comments: %v", p.comments)
			}
			// Others wrote since: it is beyond the first pages.
			for i := range 250 {
				p.comments = slices.Insert(p.comments, 0, comment{i + 10, "someone", marker + "x"})
			}
			if status, out := say(t, env, "# Two\n", "COMMENT_FINDINGS=2", "COMMENT_DECISION=deny"); status != 0 || !strings.Contains(out, "updated") {
				t.Fatalf("status %d: %s", status, out)
			}
			if len(p.comments) != 253 || !strings.HasPrefix(p.comments[252].Body, marker+"# Two\n") {
				t.Fatalf("%d comments, the last %q", len(p.comments), p.comments[252].Body)
			}
			// A server that gives smaller pages.
			p.perPage = 60
			if status, out := say(t, env, "# None\n", "COMMENT_FINDINGS=0", "COMMENT_DECISION=allow"); status != 0 {
				t.Fatalf("status %d: %s", status, out)
			}
			if len(p.comments) != 253 || !strings.HasPrefix(p.comments[252].Body, marker+"**Nothing (new) is found any more.**\n\n# None\n") {
				t.Fatalf("%d comments, the last %q", len(p.comments), p.comments[252].Body)
			}
			if status, _ := say(t, env, "# None\n", "COMMENT_FINDINGS=0", "COMMENT_DECISION=allow", "SEKISHO_LANG=ja"); status != 0 || !strings.Contains(p.comments[252].Body, "検出結果はなくなりました") {
				t.Errorf("not in Japanese: %q", p.comments[252].Body)
			}
			// Another scan has a comment of its own, and so a name that begins alike.
			if status, out := say(t, env, "# Other\n", "COMMENT_KEY=app2"); status != 0 || len(p.comments) != 254 {
				t.Fatalf("status %d, %d comments: %s", status, len(p.comments), out)
			}
			for i, c := range p.comments[:252] {
				if c.Who != "someone" || strings.HasPrefix(c.Body, marker+"#") {
					t.Fatalf("comment %d of somebody else is %q now", i, c.Body)
				}
			}
			for _, call := range p.calls {
				if strings.HasPrefix(call, "DELETE") {
					t.Error(call)
				}
			}
		})
	}
}

func TestCommentOfNothing(t *testing.T) {
	t.Parallel()
	p, env := newPlatform(t, false)
	if status, out := say(t, env, "# None\n", "COMMENT_FINDINGS=0", "COMMENT_DECISION=allow"); status != 0 || len(p.comments) != 0 {
		t.Errorf("status %d, %d comments: %s", status, len(p.comments), out)
	}
	// What could not be assessed is not nothing.
	if status, out := say(t, env, "# Incomplete\n", "COMMENT_FINDINGS=0", "COMMENT_DECISION=incomplete"); status != 0 || len(p.comments) != 1 {
		t.Errorf("status %d, %d comments: %s", status, len(p.comments), out)
	}
	// It was deleted between the list and the change: a new one takes its place.
	p.raced = true
	if status, out := say(t, env, "# Again\n"); status != 0 || len(p.comments) != 1 || !strings.Contains(p.comments[0].Body, "# Again") {
		t.Errorf("status %d, %v: %s", status, p.comments, out)
	}
	// A token with a name of its own, asked for or given.
	p.login = "release-robot"
	if status, _ := say(t, env, "# Mine\n"); status != 0 || len(p.comments) != 2 || p.comments[1].Who != "release-robot" {
		t.Errorf("status %d, %v", status, p.comments)
	}
	p.login = ""
	p.comments = []comment{{5, "my-app[bot]", marker + "old"}}
	if status, out := say(t, env, "# Mine\n", "COMMENT_AUTHOR=my-app[bot]"); status == 0 || !strings.Contains(out, "answered 403 (not yours)") {
		t.Errorf("status %d: %s", status, out)
	}
}

// The report itself says how its comment is known.
func TestCommentIsKnownByTheReport(t *testing.T) {
	t.Parallel()
	p, env := newPlatform(t, false)
	env = append(env, "COMMENT_KEY=")
	for _, c := range []struct {
		report, want string
		comments     int
	}{
		{"<!-- sekisho:repository:app -->\n# One\n", "<!-- sekisho:repository:app -->\n# One\n", 1},
		{"<!-- sekisho:repository:app -->\n# Two\n", "<!-- sekisho:repository:app -->\n# Two\n", 1},
		{"<!-- sekisho:image:app -->\n# Image\n", "<!-- sekisho:image:app -->\n# Image\n", 2},
		{"<!-- sekisho:x --><b> -->\n# Bad\n", "<!-- sekisho:report -->\n<!-- sekisho:x --><b> -->\n# Bad\n", 3},
	} {
		if status, out := say(t, env, c.report); status != 0 || len(p.comments) != c.comments || !slices.ContainsFunc(p.comments, func(got comment) bool { return strings.HasPrefix(got.Body, c.want) }) {
			t.Errorf("status %d, %v: %s", status, p.comments, out)
		}
	}
	if status, _ := say(t, env, "<!-- sekisho:image:app -->\n# Mine\n", "COMMENT_KEY=mine"); status != 0 || !strings.HasPrefix(p.comments[3].Body, "<!-- sekisho:mine -->\n# Mine\n") {
		t.Errorf("status %d, %v", status, p.comments)
	}
}

func TestCommentLongAndHostile(t *testing.T) {
	t.Parallel()
	for _, gitlab := range []bool{false, true} {
		p, env := newPlatform(t, gitlab)
		if gitlab {
			p.most = 1_000_000
		}
		line := "| high | 日本語 \"quoted\" \\ $(touch x) `touch x` '; touch x # |\n"
		text := "# Report\n/close\n  /merge\n\t/approve now\r\n/x\n" + strings.Repeat(line, 40000)
		if status, out := say(t, env, text); status != 0 {
			t.Fatalf("status %d: %s", status, out)
		}
		got := p.comments[0].Body
		if !strings.Contains(got, line) || !strings.Contains(got, "This report was cut") || len([]rune(got)) > p.most {
			t.Errorf("%d characters, the end is %q", len([]rune(got)), got[len(got)-200:])
		}
		for l := range strings.Lines(got) {
			if strings.HasPrefix(strings.TrimSpace(l), "/") {
				t.Errorf("a quick action: %q", l)
			}
			if strings.HasPrefix(l, "| high") && l != line {
				t.Errorf("a line was cut: %q", l)
			}
		}
		if !strings.Contains(got, "\n&#47;close\n  &#47;merge\n\t&#47;approve now\r\n&#47;x\n") {
			t.Errorf("lines are missing: %.100q", got)
		}
		// The server measures in another way.
		p.most = 20000
		if gitlab {
			p.most = 300_000
		}
		if status, out := say(t, env, text); status != 0 || len(p.comments) != 1 || len([]rune(p.comments[0].Body)) > p.most {
			t.Errorf("status %d: %s", status, out)
		}
		p.most = 100
		if status, out := say(t, env, text); status != 1 || !strings.Contains(out, "answered 422 (Body is too long)") {
			t.Errorf("status %d: %s", status, out)
		}
		// A key ends no comment of HTML.
		p.most, p.comments = 1<<20, nil
		if status, _ := say(t, env, "x\n", "COMMENT_KEY=a --> <b>\n$(touch x)"); status != 0 || !strings.HasPrefix(p.comments[0].Body, "<!-- sekisho:a_-_") || strings.Count(p.comments[0].Body, "-->") != 1 {
			t.Errorf("%v", p.comments)
		}
	}
}

func TestCommentRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		gitlab bool
		refuse map[string]int
		more   []string
		want   string
	}{
		{"read", false, map[string]int{"GET": 403}, nil, "read the comments: https://127.0.0.1"},
		{"may not write", false, map[string]int{"POST": 403}, nil, "answered 403 (Resource not accessible::error::by integration); the job needs permissions: pull-requests: write"},
		{"may not write a note", true, map[string]int{"POST": 403}, nil, "the token needs the scope api"},
		{"wrong token", false, nil, []string{"COMMENT_TOKEN=other"}, "answered 401 (Bad credentials)"},
		{"wrong token of GitLab", true, nil, []string{"COMMENT_TOKEN=other"}, "answered 401 (Bad credentials)"},
		{"no token", false, nil, []string{"COMMENT_TOKEN="}, "there is no token"},
		{"a header in the token", false, nil, []string{"COMMENT_TOKEN=s3cret\nX: y"}, "more than one line"},
		{"no pull request", false, nil, []string{"PR_NUMBER="}, "this is no pull request"},
		{"a path in the number", false, nil, []string{"PR_NUMBER=7/../8"}, "this is no pull request"},
		{"no merge request", true, nil, []string{"CI_MERGE_REQUEST_IID="}, "no pipeline of a merge request"},
		{"a path in the repository", false, nil, []string{"GITHUB_REPOSITORY=team/app/../x"}, "names no repository"},
		{"no report", false, nil, []string{"COMMENT_BODY=/nonexistent"}, "there is no report"},
		{"without TLS", false, nil, []string{"GITHUB_API_URL=http://127.0.0.1:9"}, "did not answer"},
		{"an unknown certificate", false, nil, []string{"CURL_CA_BUNDLE=/dev/null"}, "did not answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, env := newPlatform(t, c.gitlab)
			p.refuse = c.refuse
			status, out := say(t, env, "# Report\n", c.more...)
			if status != 1 || !strings.Contains(out, c.want) {
				t.Errorf("status %d, want 1 and %q: %s", status, c.want, out)
			}
			if len(p.comments) != 0 {
				t.Errorf("%d comments", len(p.comments))
			}
			for l := range strings.Lines(out) {
				if strings.HasPrefix(strings.TrimSpace(l), "::") {
					t.Errorf("a command to the runner: %q", l)
				}
			}
		})
	}
}

// Tokens are on no command line, where every process of the machine can read
// them: curl is handed them by a pipe.
func TestTokenIsOnNoCommandLine(t *testing.T) {
	t.Parallel()
	p, env := newPlatform(t, false)
	dir := t.TempDir()
	real, out := run(t, dir, environment(t), "sh", "-c", "command -v curl")
	if real != 0 {
		t.Fatal(out)
	}
	write(t, dir, map[string]string{"curl": "#!/bin/sh\nprintf '%s\\n' \"$@\" >>" + dir + "/arguments\nexec " + strings.TrimSpace(out) + " \"$@\"\n"})
	if err := os.Chmod(filepath.Join(dir, "curl"), 0o700); err != nil {
		t.Fatal(err)
	}
	if status, out := say(t, env, "# Report\n", "PATH="+dir+":"+os.Getenv("PATH")); status != 0 || len(p.comments) != 1 {
		t.Fatalf("status %d: %s", status, out)
	}
	if args := read(t, filepath.Join(dir, "arguments")); strings.Contains(args, "s3cret") || !strings.Contains(args, "--header") {
		t.Errorf("arguments of curl: %s", args)
	}
}
