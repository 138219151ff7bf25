// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A release is what its page serves: the program of a version and its sums.
type release struct {
	*httptest.Server
	sum   string
	calls []string
	env   []string
}

func newRelease(t *testing.T, content string) *release {
	t.Helper()
	need(t, "curl", "sha256sum")
	h := sha256.Sum256([]byte(content))
	r := &release{sum: hex.EncodeToString(h[:])}
	r.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.calls = append(r.calls, q.URL.Path)
		switch q.URL.Path {
		case "/v1.2.3/sekisho-1.2.3-linux-amd64": // GitHub sends on to its store
			http.Redirect(w, q, "/store", http.StatusFound)
		case "/store":
			_, _ = io.WriteString(w, content)
		case "/v1.2.3/SHA256SUMS":
			_, _ = io.WriteString(w, strings.Repeat("0", 64)+"  sekisho-1.2.3-linux-arm64\n"+r.sum+"  sekisho-1.2.3-linux-amd64\n")
		default:
			http.NotFound(w, q)
		}
	}))
	t.Cleanup(r.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	r.env = []string{"CURL_CA_BUNDLE=" + ca, "IN_SOURCE=" + r.URL}
	return r
}

// The program is run when its sum is the known one, and never otherwise.
func TestInstall(t *testing.T) {
	real := "#!/bin/sh\necho program\n"
	h := sha256.Sum256([]byte(real))
	sum := hex.EncodeToString(h[:])
	for _, c := range []struct {
		name, content string
		pinned        string // SHA256SUMS beside the script
		env           []string
		want          string // of the log; empty: it is installed
	}{
		{"a checksum", real, "", []string{"IN_VERSION=1.2.3", "IN_CHECKSUM=" + sum}, ""},
		{"with its name, in capitals", real, "", []string{"IN_VERSION=v1.2.3", "IN_CHECKSUM=sha256:" + strings.ToUpper(sum)}, ""},
		{"pinned with the action", real, sum + "  sekisho-1.2.3-linux-amd64\n", nil, ""},
		{"the release's own sum", real, "", []string{"IN_VERSION=1.2.3"}, ""},
		{"other content", real + "# changed\n", "", []string{"IN_VERSION=1.2.3", "IN_CHECKSUM=" + sum}, "has another SHA-256"},
		{"other content than pinned", real + "# changed\n", sum + "  sekisho-1.2.3-linux-amd64\n", []string{"IN_VERSION=1.2.3"}, "has another SHA-256"},
		{"no version", real, "", nil, "name the release to use"},
		{"a path as version", real, "", []string{"IN_VERSION=1/../../x"}, "a version such as 1.2.3 is wanted"},
		{"a command as version", real, "", []string{"IN_VERSION=1$(touch injected)"}, "a version such as 1.2.3 is wanted"},
		{"a short checksum", real, "", []string{"IN_VERSION=1.2.3", "IN_CHECKSUM=" + sum[:40]}, "64 hexadecimal digits"},
		{"no such release", real, "", []string{"IN_VERSION=9.9.9", "IN_CHECKSUM=" + sum}, "is there such a release?"},
		{"no such system", real, "", []string{"IN_VERSION=1.2.3", "RUNNER_OS=Windows"}, "there is no release for Windows"},
		{"without TLS", real, "", []string{"IN_VERSION=1.2.3", "IN_SOURCE=http://127.0.0.1:9"}, "could not be fetched"},
		{"a program that is not there", real, "", []string{"IN_BINARY=./none"}, "there is no program of this name"},
		{"a program of another sum", real, "", []string{"IN_BINARY=/bin/sh", "IN_CHECKSUM=" + sum}, "another SHA-256 than checksum says"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRelease(t, c.content)
			dir := t.TempDir()
			write(t, dir, map[string]string{"install.sh": read(t, root+"/deploy/github-action/install.sh"), "output": ""})
			if c.pinned != "" {
				write(t, dir, map[string]string{"SHA256SUMS": c.pinned})
			}
			env := slices.Concat(environment(t), r.env, []string{"RUNNER_TEMP=" + dir, "RUNNER_TOOL_CACHE=" + dir + "/tools", "GITHUB_OUTPUT=" + dir + "/output"}, c.env)
			install := func() (int, string, string) {
				status, out := run(t, dir, env, "sh", dir+"/install.sh")
				name, _ := strings.CutPrefix(read(t, dir+"/output"), "binary=")
				return status, out, strings.TrimSpace(name)
			}
			status, out, name := install()
			if _, err := os.Stat(filepath.Join(dir, "injected")); err == nil {
				t.Error("the version was run")
			}
			if c.want != "" {
				if status == 0 || !strings.Contains(out, c.want) || name != "" {
					t.Errorf("status %d, %q: %s", status, name, out)
				}
				return
			}
			if _, said := run(t, dir, environment(t), name); status != 0 || said != "program\n" {
				t.Fatalf("status %d, it says %q: %s", status, said, out)
			}
			if c.name == "the release's own sum" != strings.Contains(out, "::notice") {
				t.Errorf("the notice: %s", out)
			}
			// The next job finds it, and finds out when it was changed.
			r.calls = nil
			write(t, dir, map[string]string{"output": ""})
			if status, out, again := install(); status != 0 || again != name || slices.Contains(r.calls, "/store") {
				t.Errorf("status %d, %s, calls %v: %s", status, again, r.calls, out)
			}
			if err := os.WriteFile(name, []byte("#!/bin/sh\necho hostile\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, dir, map[string]string{"output": ""})
			if status, out, again := install(); status != 0 || !slices.Contains(r.calls, "/store") {
				t.Errorf("status %d, %s, calls %v: %s", status, again, r.calls, out)
			}
			if _, said := run(t, dir, environment(t), name); said != "program\n" {
				t.Errorf("a changed program was taken: %q", said)
			}
		})
	}
}

// The whole action, from the release to the comment: a pull request gets all its
// findings in code scanning, the new ones in one comment, and a fork neither.
func TestActionWhole(t *testing.T) {
	t.Parallel()
	release := newRelease(t, read(t, program(t)))
	api, env := newPlatform(t, false)
	var uploads []string
	inner := api.Config.Handler
	api.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path != "/repos/team/app/code-scanning/sarifs" {
			inner.ServeHTTP(w, q)
			return
		}
		var sent struct {
			Commit string `json:"commit_sha"`
			Ref    string `json:"ref"`
			SARIF  string `json:"sarif"`
		}
		b, _ := io.ReadAll(q.Body)
		var packed []byte
		err := json.Unmarshal(b, &sent)
		if err == nil {
			packed, err = base64.StdEncoding.DecodeString(sent.SARIF)
		}
		z, zerr := gzip.NewReader(bytes.NewReader(packed))
		if err != nil || zerr != nil || q.Method != http.MethodPost || q.Header.Get("Authorization") != "Bearer s3cret" || len(sent.Commit) != 40 || sent.Ref != "refs/pull/7/merge" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		text, _ := io.ReadAll(z)
		uploads = append(uploads, string(text))
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"id":"1"}`)
	})
	dir, _ := project(t, map[string]string{"compose.yaml": newCompose})
	r := newRunner(t, dir)
	both := filepath.Join(t.TempDir(), "ca.pem") // the sites of the release and of the interface
	all := read(t, strings.TrimPrefix(env[0], "CURL_CA_BUNDLE=")) + read(t, strings.TrimPrefix(release.env[0], "CURL_CA_BUNDLE="))
	if err := os.WriteFile(both, []byte(all), 0o600); err != nil {
		t.Fatal(err)
	}
	r.env = []string{"GITHUB_BASE_REF=main", "GITHUB_API_URL=" + api.URL, "CURL_CA_BUNDLE=" + both, release.env[1]}
	r.inputs = map[string]string{
		"version": "1.2.3", "checksum": release.sum, "since": "auto", "fail-on": "new:high", "comment": "true", "sarif": "true", "token": "s3cret",
	}
	r.github["event.pull_request"], r.github["event.pull_request.number"] = "object", "7"
	r.github["event.pull_request.head.repo.full_name"] = "team/app"
	out := r.run()
	if out.ok || out.outputs["status"] != "1" || out.outputs["findings"] != "1" {
		t.Fatalf("status %s: %s", out.outputs["status"], out.log)
	}
	if len(api.comments) != 1 || !strings.Contains(api.comments[0].Body, "compose.yaml:4") || strings.Contains(api.comments[0].Body, "old/compose.yaml") {
		t.Errorf("comments: %v", api.comments)
	}
	if len(uploads) != 1 || !strings.Contains(uploads[0], "old/compose.yaml") || !strings.Contains(uploads[0], `"id": "./"`) {
		t.Errorf("%d uploads to code scanning: %.300s", len(uploads), uploads)
	}
	for step, given := range out.envs {
		for k, v := range given {
			if v == "s3cret" && step != "Comment" && step != "Code scanning" {
				t.Errorf("step %s has the token in %s", step, k)
			}
		}
	}
	// It was put right: the comment says so, and there is still one.
	write(t, dir, map[string]string{"compose.yaml": "services: {}\n"})
	if out = r.run(); !out.ok || len(api.comments) != 1 || !strings.Contains(api.comments[0].Body, "Nothing (new) is found any more") {
		t.Errorf("ok %v, comments %v: %s", out.ok, api.comments, out.log)
	}
	// Of a fork the token may only read.
	r.github["event.pull_request.head.repo.full_name"] = "stranger/app"
	write(t, dir, map[string]string{"compose.yaml": newCompose})
	calls, sent := len(api.calls), len(uploads)
	if out = r.run(); out.ok || len(api.calls) != calls || len(uploads) != sent || !strings.Contains(out.log, "its token may only read") {
		t.Errorf("ok %v, %d calls: %s", out.ok, len(api.calls)-calls, out.log)
	}
	// Code scanning refuses: the job fails, and the comment and the gate have run.
	r.github["event.pull_request.head.repo.full_name"] = "team/app"
	r.inputs["token"] = "other"
	if out = r.run(); out.ok || !strings.Contains(out.log, "code scanning answered 400") || !slices.Contains(out.ran, "Gate") {
		t.Errorf("ok %v, %v: %s", out.ok, out.ran, out.log)
	}
}

// Neither a program nor a token goes over plain HTTP, and none follows a
// redirect there.
func TestOnlyByTLS(t *testing.T) {
	t.Parallel()
	calls := 0
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer plain.Close()
	dir := t.TempDir()
	write(t, dir, map[string]string{"output": "", "report.md": "# Report\n", "report.sarif": `{"runs":[{}]}`})
	env := environment(t, "RUNNER_TEMP="+dir, "GITHUB_OUTPUT="+dir+"/output", "IN_VERSION=1.2.3", "IN_CHECKSUM="+strings.Repeat("0", 64),
		"GITHUB_API_URL="+plain.URL, "GITHUB_REPOSITORY=team/app", "GITHUB_SHA=x", "GITHUB_REF=x", "PR_NUMBER=7", "COMMENT_TOKEN=s3cret", "COMMENT_BODY="+dir+"/report.md",
		"SARIF_TOKEN=s3cret", "SARIF_FILE="+dir+"/report.sarif")
	redirect := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	defer redirect.Close()
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: redirect.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for script, more := range map[string][]string{
		"install.sh": {"IN_SOURCE=" + plain.URL}, "comment.sh": nil, "sarif.sh": nil,
	} {
		for _, m := range [][]string{more, {"IN_SOURCE=" + redirect.URL, "GITHUB_API_URL=" + redirect.URL, "CURL_CA_BUNDLE=" + ca}} {
			if status, out := run(t, dir, slices.Concat(env, m), "sh", absolute(t, root+"/deploy/github-action/"+script)); status == 0 || calls > 0 {
				t.Errorf("%s %q: status %d, %d calls: %s", script, m, status, calls, out)
			}
		}
	}
}
