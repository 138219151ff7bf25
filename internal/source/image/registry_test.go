// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// startRegistry runs Debian's docker-registry on a free port, with the user
// "u", password "p" when auth is set.
func startRegistry(t *testing.T, auth bool) string {
	t.Helper()
	if !auth {
		return startRegistryWith(t, "", "")
	}
	hash, err := exec.Command("htpasswd", "-nbB", "u", "p").Output() // bcrypt of "p"
	if err != nil {
		needProgram(t, "htpasswd")
		t.Fatalf("htpasswd (package apache2-utils): %v", err)
	}
	file := writeFile(t, "htpasswd", bytes.TrimSpace(hash))
	return startRegistryWith(t, "", fmt.Sprintf("auth: {htpasswd: {realm: test, path: %s}}\n", file))
}

// startRegistryWith adds to the configuration's part on HTTP, and other parts.
func startRegistryWith(t *testing.T, overHTTP, more string) string {
	t.Helper()
	program, err := exec.LookPath("docker-registry")
	if err != nil {
		need(t, "docker-registry is not installed, make test installs it as root")
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir := t.TempDir()
	config := fmt.Sprintf("version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %q%s}\n%s", filepath.Join(dir, "data"), addr, overHTTP, more)
	file := filepath.Join(dir, "config.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "serve", file)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 100 {
		if c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr); err == nil {
			c.Close()
			return addr
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("docker-registry did not start: %s", log.String())
	return ""
}

func push(t *testing.T, addr, repo string, opts ...remote.Option) v1.Image {
	t.Helper()
	img, err := random.Image(300_000, 3)
	if err != nil {
		t.Fatal(err)
	}
	if img, err = mutate.ConfigFile(img, &v1.ConfigFile{OS: "linux", Architecture: "amd64", RootFS: v1.RootFS{Type: "layers", DiffIDs: diffIDs(t, img)}}); err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(addr + "/" + repo)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, img, opts...); err != nil {
		t.Fatal(err)
	}
	return img
}

func diffIDs(t *testing.T, img v1.Image) (out []v1.Hash) {
	t.Helper()
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layers {
		d, err := l.DiffID()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, d)
	}
	return out
}

// readLayers reads every layer to its verified end.
func readLayers(ctx context.Context, arts []*sekisho.Artifact) (files int, err error) {
	for _, a := range arts {
		for i := range a.Layers {
			s, err := a.Layers[i].Open(ctx)
			if err != nil {
				return files, err
			}
			for {
				_, err := s.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					s.Close()
					return files, err
				}
				files++
			}
			s.Close()
		}
	}
	return files, nil
}

func pull(t *testing.T, ref string, o RegistryOptions) (*sekisho.Artifact, int, error) {
	t.Helper()
	arts, err := Open(t.Context(), "registry", ref, Options{Registry: o, Platform: "linux/amd64"})
	if err != nil {
		return nil, 0, err
	}
	defer arts[0].Close()
	n, err := readLayers(t.Context(), arts)
	return arts[0], n, err
}

func TestRegistry(t *testing.T) {
	addr := startRegistry(t, false)
	img := push(t, addr, "team/app:1")
	want, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{addr + "/team/app:1", addr + "/team/app@" + want.String()} {
		a, n, err := pull(t, ref, RegistryOptions{})
		if err != nil || n != 3 || a.Target.Digest != want.String() || a.Target.Source != "registry" || len(a.Layers) != 3 {
			t.Fatalf("%s: %d files, %+v, %v", ref, n, a, err)
		}
	}
	for ref, text := range map[string]string{
		addr + "/team/none:1": "has no image team/none:1: check the name and the tag",
		addr + "/team/app:2":  "has no image team/app:2",
		addr + "/team/app@sha256:" + strings.Repeat("0", 64): "has no image",
		"127.0.0.1:1/x": "127.0.0.1:1 cannot be reached",
	} {
		if _, _, err := pull(t, ref, RegistryOptions{}); err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", ref, err)
		}
	}
}

func TestRegistryLogin(t *testing.T) {
	addr := startRegistry(t, true)
	push(t, addr, "app:1", remote.WithAuth(&authn.Basic{Username: "u", Password: "p"}))
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	t.Setenv("REGISTRY_AUTH_FILE", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if _, _, err := pull(t, addr+"/app:1", RegistryOptions{}); err == nil || !strings.Contains(err.Error(), "docker login "+addr) {
		t.Errorf("without credentials: %v", err)
	}
	if _, _, err := pull(t, addr+"/app:1", RegistryOptions{Username: "u", Password: "wrong"}); err == nil || !strings.Contains(err.Error(), "docker login") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("with a wrong password: %v", err)
	}
	if _, n, err := pull(t, addr+"/app:1", RegistryOptions{Username: "u", Password: "p"}); err != nil || n != 3 {
		t.Errorf("with credentials: %d %v", n, err)
	}
	config := fmt.Sprintf(`{"auths":{%q:{"auth":"dTpw"}}}`, addr) // u:p
	file := filepath.Join(os.Getenv("DOCKER_CONFIG"), "config.json")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, n, err := pull(t, addr+"/app:1", RegistryOptions{}); err != nil || n != 3 {
		t.Errorf("with Docker's configuration: %d %v", n, err)
	}
	// A credential helper.
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "docker-credential-fake"), []byte("#!/bin/sh\ncat >/dev/null\nprintf '{\"Username\":\"u\",\"Secret\":\"p\"}'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	if err := os.WriteFile(file, fmt.Appendf(nil, `{"credHelpers":{%q:"fake"}}`, addr), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, n, err := pull(t, addr+"/app:1", RegistryOptions{}); err != nil || n != 3 {
		t.Errorf("with a helper: %d %v", n, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	auth := filepath.Join(t.TempDir(), "auth.json")
	if err := os.WriteFile(auth, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("REGISTRY_AUTH_FILE", auth)
	if _, n, err := pull(t, addr+"/app:1", RegistryOptions{}); err != nil || n != 3 {
		t.Errorf("with REGISTRY_AUTH_FILE: %d %v", n, err)
	}
}

// proxied puts a handler that may misbehave before a real registry.
func proxied(t *testing.T, addr string, misbehave func(w http.ResponseWriter, r *http.Request, next http.Handler)) string {
	t.Helper()
	next := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: addr})
	next.ErrorLog = nil
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { misbehave(w, r, next) }))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// cutWriter passes n bytes on and then breaks the connection.
type cutWriter struct {
	http.ResponseWriter
	n int
}

func (w *cutWriter) Write(b []byte) (int, error) {
	if len(b) > w.n {
		_, _ = w.ResponseWriter.Write(b[:w.n])
		w.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	w.n -= len(b)
	return w.ResponseWriter.Write(b)
}

func TestRegistryFaults(t *testing.T) {
	addr := startRegistry(t, false)
	push(t, addr, "app:1")
	blob := func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/blobs/") }

	var busyCount atomic.Int64
	p := proxied(t, addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if n := busyCount.Add(1); n%2 == 1 {
			if n%4 == 1 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
			} else {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return
		}
		next.ServeHTTP(w, r)
	})
	if _, n, err := pull(t, p+"/app:1", RegistryOptions{}); err != nil || n != 3 {
		t.Errorf("a busy registry: %d %v", n, err)
	}

	var ranges atomic.Int64
	p = proxied(t, addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get("Range") != "" {
			ranges.Add(1)
		}
		if blob(r) && ranges.Load() < 3 {
			w = &cutWriter{w, 100_000}
		}
		next.ServeHTTP(w, r)
	})
	if _, n, err := pull(t, p+"/app:1", RegistryOptions{}); err != nil || n != 3 || ranges.Load() < 3 {
		t.Errorf("broken connections: %d files, %d resumed, %v", n, ranges.Load(), err)
	}

	var cuts atomic.Int64
	p = proxied(t, addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Header.Del("Range") // a server that knows no ranges
		if blob(r) && cuts.Add(1) < 3 {
			w = &cutWriter{w, 50_000}
		}
		next.ServeHTTP(w, r)
	})
	if _, n, err := pull(t, p+"/app:1", RegistryOptions{}); err != nil || n != 3 {
		t.Errorf("broken connections without ranges: %d %v", n, err)
	}

	p = proxied(t, addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if blob(r) {
			w = &cutWriter{w, 1000}
		}
		next.ServeHTTP(w, r)
	})
	if _, _, err := pull(t, p+"/app:1", RegistryOptions{}); err == nil {
		t.Error("a connection that always breaks gave a whole blob")
	}

	for text, handler := range map[string]http.HandlerFunc{
		"is this a registry": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hello</html>") },
		"limits how much": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3000")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"answers 500": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v2/" {
				return
			}
			w.WriteHeader(http.StatusInternalServerError)
		},
		"more than 8388608": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(bytes.Repeat([]byte(" "), maxManifest+10))
		},
		"does not let us read": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v2/" {
				return
			}
			w.WriteHeader(http.StatusForbidden)
		},
	} {
		s := httptest.NewServer(handler)
		_, _, err := pull(t, strings.TrimPrefix(s.URL, "http://")+"/app:1", RegistryOptions{})
		s.Close()
		if err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
			t.Errorf("want %q, got %v", text, err)
		}
	}
	// Another image's manifest under this digest.
	p = proxied(t, addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "/manifests/sha256:") {
			r.URL.Path = "/v2/app/manifests/1"
		}
		next.ServeHTTP(w, r)
	})
	if _, _, err := pull(t, p+"/app@sha256:"+strings.Repeat("1", 64), RegistryOptions{}); err == nil || !strings.Contains(err.Error(), "damaged or exchanged") {
		t.Errorf("an exchanged manifest: %v", err)
	}
}

func TestRegistryTLSAndMirrors(t *testing.T) {
	addr := startRegistry(t, false)
	push(t, addr, "app:1")
	next := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: addr})
	s := httptest.NewUnstartedServer(next)
	s.Config.ErrorLog = nil
	s.StartTLS()
	defer s.Close()
	// Loopback registries are asked without TLS, as Docker does: the transport is
	// tried by itself.
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		o    RegistryOptions
		want bool
	}{{RegistryOptions{}, false}, {RegistryOptions{CAFile: ca}, true}, {RegistryOptions{Insecure: true}, true}} {
		rt, err := tt.o.transport()
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/v2/", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := rt.RoundTrip(req)
		if (err == nil) != tt.want {
			t.Errorf("%+v: %v", tt.o, err)
		}
		if err == nil {
			resp.Body.Close()
		}
	}
	if _, err := (RegistryOptions{CAFile: "/dev/null"}).transport(); err == nil || !strings.Contains(err.Error(), "no certificate") {
		t.Errorf("an empty CA file: %v", err)
	}
	// The registry is not there, its mirror is; then the first mirror is not.
	o := RegistryOptions{Mirrors: map[string][]string{"127.0.0.1:1": {"127.0.0.1:2", "http://" + addr + "/"}}}
	if a, n, err := pull(t, "127.0.0.1:1/app:1", o); err != nil || n != 3 || a.Target.Name != "127.0.0.1:1/app:1" {
		t.Errorf("by a mirror: %d %v", n, err)
	}
}

func TestRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		v, now string
		want   time.Duration
		ok     bool
	}{
		{"3", "", 3 * time.Second, true},
		{"Sun, 06 Nov 1994 08:49:40 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 3 * time.Second, true},
		{"", "", 0, false},
		{"soon", "", 0, false},
		{"-1", "", 0, false},
	} {
		if d, ok := retryAfter(tt.v, tt.now); d != tt.want || ok != tt.ok {
			t.Errorf("%q: %v %v", tt.v, d, ok)
		}
	}
}

// TestNobodyAnswers holds that a registry that is not there gives one sentence
// that says what to look at.
func TestNobodyAnswers(t *testing.T) {
	_, _, err := pull(t, "127.0.0.1:1/team/app:1", RegistryOptions{})
	wantError(t, err, "read team/app: 127.0.0.1:1 cannot be reached (", "refused): check the name of the registry, this machine's network and HTTPS_PROXY")
	_, _, err = pull(t, "registry.invalid/team/app:1", RegistryOptions{})
	wantError(t, err, "team/app", "check the name of the registry")
}
