// SPDX-License-Identifier: Apache-2.0

package livecheck

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// service is a TLS server that stands for every vendor.
func service(t *testing.T, answer http.HandlerFunc) *Checker {
	t.Helper()
	s := httptest.NewTLSServer(answer)
	t.Cleanup(s.Close)
	return &Checker{
		Client: s.Client(), Base: s.URL, Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Wait: func(context.Context, time.Duration) error { return nil },
	}
}

// Each endpoint sends the credential once, where it is asked for and nowhere
// else, and reads the answers as its vendor documents them.
func TestEveryEndpoint(t *testing.T) {
	for detector, e := range endpoints() {
		if u, err := url.Parse(e.document); err != nil || u.Scheme != "https" || u.Host == "" {
			t.Errorf("%s: no page documents it", detector)
		}
		value := "credential-of-" + detector
		if len(e.accepts) > 0 {
			value = e.accepts[0] + value
		}
		claim := Claim{ID: "1", Detector: detector, Value: value, Beside: "AKIAEXAMPLE"}
		for status, want := range map[int]string{200: "active", 401: "rejected", 429: "unknown", 500: "unknown", 302: "unknown"} {
			var got *http.Request
			asked := 0
			c := service(t, func(w http.ResponseWriter, r *http.Request) {
				asked++
				got = r
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(status)
				if e.envelope {
					fmt.Fprint(w, `{"ok": true}`)
				}
			})
			out, err := c.Check(t.Context(), []Claim{claim})
			if err != nil {
				t.Fatal(err)
			}
			if e.elsewhere && want == "rejected" {
				want = "unknown"
			}
			if v := out["1"]; v.State != want || strings.Contains(v.Reason, value) || (v.Reason == "") != (want != "unknown") {
				t.Errorf("%s, status %d: %+v, want %s", detector, status, v, want)
			}
			if asked != 1 {
				t.Errorf("%s was asked %d times", detector, asked)
			}
			carries := 0
			for _, values := range got.Header {
				if strings.HasSuffix(values[0], value) {
					carries++
				}
			}
			if strings.Contains(got.URL.Path, value) {
				carries++
			}
			if detector == awsSecret {
				if auth := got.Header.Get("Authorization"); strings.Contains(auth, value) || !strings.Contains(auth, "AKIAEXAMPLE/20260102/us-east-1/sts/aws4_request") {
					t.Errorf("signed as %q", auth)
				}
				continue
			}
			if carries != 1 {
				t.Errorf("%s: the credential is in %d places of the request", detector, carries)
			}
		}
	}
}

func TestSlack(t *testing.T) {
	for body, want := range map[string]string{
		`{"ok":true}`: "active", `{"ok":false,"error":"token_revoked"}`: "rejected", `{"ok":false,"error":"ratelimited"}`: "unknown", `<html>`: "unknown",
	} {
		c := service(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
		out, err := c.Check(t.Context(), []Claim{{ID: "1", Detector: "slack-token", Value: "xoxb-1"}})
		if err != nil || out["1"].State != want {
			t.Errorf("%s: %+v %v", body, out, err)
		}
	}
}

// The signature is that of another implementation, and each input counts.
func TestSignature(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	signature := func(id, secret, body string, at time.Time) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://sts.amazonaws.com/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		sign(r, "sts.amazonaws.com", body, id, secret, at)
		_, s, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
		return s
	}
	// By another implementation of the algorithm's description.
	if got := signature("AKIAEXAMPLE", "example-secret", callerIdentity, at); got != "375c1ff22358bb03937da31328c8f4d6cc83109bc1a0279fe3f912783f47c319" {
		t.Errorf("signature %s", got)
	}
	seen := map[string]bool{}
	for _, s := range []string{
		signature("AKIA1", "s", callerIdentity, at), signature("AKIA1", "t", callerIdentity, at),
		signature("AKIA1", "s", "other", at), signature("AKIA1", "s", callerIdentity, at.Add(time.Second)),
	} {
		if len(s) != 64 || seen[s] {
			t.Errorf("signature %q", s)
		}
		seen[s] = true
	}
}

// A host gets one request at a time and a bound number of them; what is not asked
// says so.
func TestBounds(t *testing.T) {
	var mu sync.Mutex
	now, most, asked := 0, 0, 0
	c := service(t, func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		now, asked = now+1, asked+1
		most = max(most, now)
		mu.Unlock()
		time.Sleep(time.Millisecond)
		mu.Lock()
		now--
		mu.Unlock()
	})
	waits := 0
	c.Wait = func(context.Context, time.Duration) error { waits++; return nil }
	var claims []Claim
	for i := range maxHost + 5 {
		claims = append(claims, Claim{ID: fmt.Sprint(i), Detector: "replicate-token", Value: "r8_x"})
	}
	claims = append(claims, Claim{ID: "none", Detector: "private-key", Value: "x"})
	out, err := c.Check(t.Context(), claims)
	if err != nil || asked != maxHost || most != 1 || waits != maxHost-1 || len(out) != maxHost+5 {
		t.Errorf("%d requests, %d at once, %d waits, %d answers, %v", asked, most, waits, len(out), err)
	}
	if v := out[fmt.Sprint(maxHost+1)]; v.State != sekisho.VerifiedUnknown || v.Reason == "" {
		t.Errorf("beyond the bound: %+v", v)
	}
}

func TestNobodyThere(t *testing.T) {
	c := service(t, func(http.ResponseWriter, *http.Request) {})
	c.Base = "https://127.0.0.1:1"
	out, err := c.Check(t.Context(), []Claim{
		{ID: "1", Detector: "telegram-bot-token", Value: "1:secret"},
		{ID: "2", Detector: "replicate-token", Value: "r8\r\nX: y"},
		{ID: "3", Detector: awsSecret, Value: "x"},
		{ID: "4", Detector: "slack-token", Value: "xapp-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, v := range out {
		if v.State != sekisho.VerifiedUnknown || v.Reason == "" || strings.Contains(v.Reason, "secret") {
			t.Errorf("%s: %+v", id, v)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Check(ctx, []Claim{{ID: "1", Detector: "replicate-token", Value: "x"}}); err == nil {
		t.Error("a cancelled check ended well")
	}
}
