// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/livecheck"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// The vendors are a server of the test: one token works, one does not, one is not
// known, and the pair of AWS is signed with the id that stands beside the secret.
func TestVerify(t *testing.T) {
	good, bad, lost := gitHubToken(301), gitHubToken(302), gitHubToken(303)
	id, secret := "AKIA"+"QX7RZ2MTVK4LPWNE", "k9Zp3QvX7+rT1mWc/"+"8sYbN4hGfJ2dLaEuRo6KtViB"[:23]
	var mu sync.Mutex
	asked := map[string]int{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.Host]++
		mu.Unlock()
		auth := r.Header.Get("Authorization")
		switch {
		case strings.HasPrefix(auth, "AWS4-HMAC-SHA256 Credential="+id+"/"), auth == "Bearer "+good:
		case auth == "Bearer "+bad:
			w.WriteHeader(http.StatusUnauthorized)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	p := newPerson(t)
	p.live = livecheck.Checker{Client: server.Client(), Base: server.URL, Wait: func(context.Context, time.Duration) error { return nil }}
	dir := t.TempDir()
	for name, body := range map[string]string{
		"good": good, "copy": "the same " + good, "bad": bad, "lost": lost,
		"config": "[default]\naws_access_key_id = " + id + "\naws_secret_access_key = " + secret + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	scan := []string{"scan", "-q", "--scanners", "secret", "repo:" + dir, "--verify"}
	said := p.does(append(scan, "-f", "json")...)
	var r sekisho.Result
	if err := json.Unmarshal([]byte(said), &r); err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range r.Findings {
		f := &r.Findings[i]
		v := f.Verification
		if v == nil {
			v = &sekisho.Verification{State: "not asked"}
		}
		got = append(got, fmt.Sprintf("%s %s %s %s %s", f.Location.Path, f.Rule, v.State, v.By, f.Risk.Class))
	}
	slices.Sort(got)
	want := []string{
		"bad github-token rejected api.github.com track",
		"config aws-access-key-id not asked  act-now",
		"config aws-secret-access-key active sts.amazonaws.com act-now",
		"copy github-token active api.github.com act-now",
		"lost github-token unknown api.github.com act-now",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if asked["api.github.com"] != 3 || asked["sts.amazonaws.com"] != 1 || len(asked) != 2 {
		t.Errorf("asked %v", asked)
	}
	table := p.does(scan...)
	ja := p.does(append(scan, "--lang", "ja")...)
	for _, part := range []string{"[verified active by api.github.com]", "[rejected by api.github.com]", "[could not verify at api.github.com: the service", "answered with status 503]"} {
		if !strings.Contains(table, part) {
			t.Errorf("the table does not say %q:\n%s", part, table)
		}
	}
	if !strings.Contains(ja, "api.github.com で有効と確認") {
		t.Errorf("in Japanese:\n%s", ja)
	}
	for _, v := range []string{good, bad, lost, secret} {
		if strings.Contains(said+table+ja, v) {
			t.Error("a report holds a value")
		}
	}
	// Nobody is asked unless it is wanted.
	clear(asked)
	p.does("scan", "-q", "--scanners", "secret", "repo:"+dir)
	if len(asked) > 0 {
		t.Errorf("without --verify %v were asked", asked)
	}
	for _, args := range [][]string{{"--verify", "--offline"}, {"--verify", "--scanners", "misconfig"}} {
		if _, errOut, status := p.run(append([]string{"scan", "repo:" + dir}, args...)...); status != ExitUsage || errOut == "" {
			t.Errorf("%v: status %d %s", args, status, errOut)
		}
	}
}

// Layers of images are read again: the cache of facts has no values.
func TestVerifyPassesTheCacheBy(t *testing.T) {
	asked := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer server.Close()
	p := newPerson(t)
	p.live = livecheck.Checker{Client: server.Client(), Base: server.URL, Wait: func(context.Context, time.Duration) error { return nil }}
	var tokens []string
	for i := range 7 {
		tokens = append(tokens, gitHubToken(i))
	}
	image := secretImage(t, tokens)
	p.does("scan", "-q", "--scanners", "secret", image)
	p.does("scan", "-q", "--scanners", "secret", "--verify", image)
	if asked != 7 {
		t.Errorf("%d services were asked, want one for each token", asked)
	}
}
