// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

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

func server(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func plain(t *testing.T, s *httptest.Server) Origin {
	t.Helper()
	o, err := HTTPS(s.URL+"/db", s.Client(), true)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func isShard(r *http.Request) bool { return strings.Contains(r.URL.Path, "/shards/") }

func TestHTTP(t *testing.T) {
	private, public := newKey(1)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	mirror := t.TempDir()
	big := content(3, 300_000)
	m := build(t, mirror, day, map[string][]byte{"npm": big, "alpine/3.20": content(4, 3000)}, private)
	files := http.StripPrefix("/db", http.FileServer(http.Dir(mirror)))
	opts := Options{Policy: p, Now: day, All: true}

	var tries, ranges, sent atomic.Int64
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		check   func() bool
		atLeast time.Duration
	}{
		"good": {func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" {
				t.Error("credentials were sent")
			}
			files.ServeHTTP(w, r)
		}, nil, 0},
		"busy, with Retry-After": {func(w http.ResponseWriter, r *http.Request) {
			if tries.Add(1) == 1 {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			files.ServeHTTP(w, r)
		}, func() bool { return tries.Load() == 5 }, time.Second},
		"in trouble": {func(w http.ResponseWriter, r *http.Request) {
			if n := tries.Add(1); n == 1 || n == 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			files.ServeHTTP(w, r)
		}, func() bool { return tries.Load() == 6 }, 400 * time.Millisecond},
		"broken connections": {func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				ranges.Add(1)
			}
			if isShard(r) && ranges.Load() < 3 {
				w = &cutWriter{w, 50_000}
			}
			files.ServeHTTP(w, r)
		}, func() bool { return ranges.Load() == 3 }, 0},
		"no ranges": {func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Range")
			if isShard(r) && tries.Add(1) < 4 {
				w = &cutWriter{w, 60_000}
			}
			files.ServeHTTP(w, r)
		}, func() bool { return tries.Load() > 3 }, 0},
		"shards without an end": {func(w http.ResponseWriter, r *http.Request) {
			if !isShard(r) {
				files.ServeHTTP(w, r)
				return
			}
			if _, err := w.Write(big); strings.Contains(r.URL.Path, strings.TrimPrefix(sum(big), "sha256:")) {
				for err == nil && sent.Load() < 64<<20 {
					var n int
					n, err = w.Write(make([]byte, 64<<10))
					sent.Add(int64(n))
				}
				return
			}
			panic(http.ErrAbortHandler)
		}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			tries.Store(0)
			ranges.Store(0)
			dir := t.TempDir()
			s := server(t, tt.handler)
			opts := opts
			if strings.HasPrefix(name, "shards") {
				opts.All, opts.Worlds = false, []string{"npm"}
			}
			var most int64
			opts.Progress = func(_ string, done, _ int64) { most = max(most, done) }
			begun := time.Now()
			r, err := refresh(t, dir, plain(t, s), opts)
			if err != nil || most > int64(len(big)) {
				t.Fatalf("%+v %d %v", r, most, err)
			}
			if took := time.Since(begun); took < tt.atLeast {
				t.Errorf("it took %s only", took)
			}
			if tt.check != nil && !tt.check() {
				t.Errorf("%d tries, %d ranges", tries.Load(), ranges.Load())
			}
			holds(t, dir, p, m.Serial, len(r.Fetched))
		})
	}

	t.Run("resumed by the next update", func(t *testing.T) {
		dir := t.TempDir()
		broken := server(t, func(w http.ResponseWriter, r *http.Request) {
			if isShard(r) && r.Header.Get("Range") != "" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			if isShard(r) {
				w = &cutWriter{w, 100_000}
			}
			files.ServeHTTP(w, r)
		})
		one := opts
		one.All, one.Worlds = false, []string{"npm"}
		if _, err := refresh(t, dir, plain(t, broken), one); err == nil {
			t.Fatal("a broken server gave a whole shard")
		}
		var asked atomic.Value
		s := server(t, func(w http.ResponseWriter, r *http.Request) {
			if isShard(r) {
				asked.Store(r.Header.Get("Range"))
			}
			files.ServeHTTP(w, r)
		})
		r, err := refresh(t, dir, plain(t, s), one)
		if from := fmt.Sprint(asked.Load()); err != nil || from != "bytes=100000-" || r.Fetched[0].World != "npm" {
			t.Errorf("asked for %s: %+v %v", from, r, err)
		}
		holds(t, dir, p, m.Serial, 1)
	})
}

// TestMirrorChanges has a mirror that goes on to the next edition between two
// requests, and one that compresses what is not a shard.
func TestMirrorChanges(t *testing.T) {
	private, public := newKey(1)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	mirror := t.TempDir()
	worlds := small3()
	for i := range 300 {
		worlds[fmt.Sprintf("release/%d", i)] = content(uint64(i), 100)
	}
	m := build(t, mirror, day, worlds, private)
	raw, sigs, err := readPair(mirror)
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.Replace(raw, []byte(`"rows":100`), []byte(`"rows":101`), 1)
	var asked atomic.Int64
	changes := 1
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if isShard(r) && r.Header.Get("Accept-Encoding") != "identity" {
			t.Error("a shard may be compressed on its way")
		}
		body := sigs
		switch {
		case isShard(r):
			http.StripPrefix("/db", http.FileServer(http.Dir(mirror))).ServeHTTP(w, r)
			return
		case strings.HasSuffix(r.URL.Path, ".sig"):
		case asked.Add(1) <= int64(changes):
			body = before
		default:
			body = raw
		}
		w.Header().Set("Content-Encoding", "gzip")
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(body)
		_ = z.Close()
		_, _ = w.Write(b.Bytes())
	})
	dir := t.TempDir()
	if _, err := refresh(t, dir, plain(t, s), Options{Policy: p, Worlds: []string{"npm"}}); err != nil || asked.Load() != 2 {
		t.Errorf("asked %d times: %v", asked.Load(), err)
	}
	holds(t, dir, p, m.Serial, 1)
	asked.Store(0)
	changes = 100
	if _, err := refresh(t, t.TempDir(), plain(t, s), Options{Policy: p}); !errors.Is(err, ErrAltered) || asked.Load() != 3 {
		t.Errorf("asked %d times: %v", asked.Load(), err)
	}
	var z bytes.Buffer
	c := gzip.NewWriter(&z)
	_, _ = c.Write(raw)
	_ = c.Close()
	t.Logf("a manifest of %d shards has %d bytes, %d compressed; its signature file has %d", len(m.Shards), len(raw), z.Len(), len(sigs))
}

func TestHTTPRefusals(t *testing.T) {
	private, public := newKey(1)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	mirror := t.TempDir()
	build(t, mirror, day, small3(), private)
	files := http.StripPrefix("/db", http.FileServer(http.Dir(mirror)))
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		kind    error
		text    string
	}{
		"nothing there": {http.NotFound, ErrGone, "answers 404"},
		"limited for long": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3000")
			w.WriteHeader(http.StatusTooManyRequests)
		}, nil, "come back in 50m0s"},
		"forbidden": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, nil, "does not let us"},
		"a page":    {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>log in</html>") }, nil, "signature file cannot be read"},
		"no signature": {func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ".sig") {
				http.NotFound(w, r)
				return
			}
			files.ServeHTTP(w, r)
		}, ErrUnsigned, "is refused: the database is not signed"},
		"endless manifest": {func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
					return
				}
			}
		}, nil, "more than 8388608 bytes"},
		"shards gone": {func(w http.ResponseWriter, r *http.Request) {
			if isShard(r) {
				http.NotFound(w, r)
				return
			}
			files.ServeHTTP(w, r)
		}, ErrGone, "update the database"},
		"the wrong shard": {func(w http.ResponseWriter, r *http.Request) {
			if isShard(r) {
				_, _ = w.Write(content(77, 300))
				return
			}
			files.ServeHTTP(w, r)
		}, nil, "damaged or was exchanged"},
		"truncated shards": {func(w http.ResponseWriter, r *http.Request) {
			if isShard(r) {
				_, _ = w.Write(content(1, 300)[:50])
				return
			}
			files.ServeHTTP(w, r)
		}, nil, "it ends after 50 of"},
		"round and round": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, nil, "from one place to the next"},
	} {
		s := server(t, tt.handler)
		dir := t.TempDir()
		_, err := refresh(t, dir, plain(t, s), Options{Policy: p, All: true})
		if err == nil || tt.kind != nil && !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.text) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Open(t.Context(), dir, p); !errors.Is(err, ErrNoDatabase) {
			t.Errorf("%s: %v", name, err)
		}
		s.Close()
	}
	for address, text := range map[string]string{
		"http://example.com/db":          "is not encrypted",
		"http://u:secret@example.com/db": "is not encrypted",
		"ftp://example.com/db":           "write it like",
		"example.com/db":                 "write it like",
		"https://example.com/db?x=1":     "write it like",
		"https://u:secret@exam ple.com":  "write it like",
		"":                               "write it like",
	} {
		if _, err := HTTPS(address, http.DefaultClient, false); err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
	o, err := HTTPS("http://u:secret@127.0.0.1:1/db", http.DefaultClient, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.(*web).once1(t); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
}

// once1 makes one request for the manifest.
func (w *web) once1(t *testing.T) (*stream, time.Duration, error) {
	s := &stream{web: w, ctx: t.Context(), url: w.base.JoinPath(manifestFile)}
	wait, err := s.once()
	return s, wait, err
}

func TestStalled(t *testing.T) {
	release := make(chan struct{})
	var asked atomic.Int64
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write(make([]byte, 40))
			w.(http.Flusher).Flush()
			<-release
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(make([]byte, 100)))
	})
	defer close(release)
	o := plain(t, s).(*web)
	o.stall = 100 * time.Millisecond
	rc, err := o.Shard(t.Context(), sum(nil), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	if raw, err := io.ReadAll(rc); err != nil || len(raw) != 100 || asked.Load() != 2 {
		t.Errorf("%d bytes, %d requests, %v", len(raw), asked.Load(), err)
	}
}

// TestTLS has an authority of its own, and a server that sends us elsewhere.
func TestTLS(t *testing.T) {
	private, public := newKey(1)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	mirror := t.TempDir()
	m := build(t, mirror, day, small3(), private)
	files := http.StripPrefix("/db", http.FileServer(http.Dir(mirror)))
	secure := func(h http.Handler) *httptest.Server {
		s := httptest.NewUnstartedServer(h)
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	s := secure(files)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	through := secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(s.URL, "127.0.0.1", "localhost", 1)+r.URL.Path, http.StatusFound)
	}))
	clear := server(t, files.ServeHTTP)
	down := secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, clear.URL+r.URL.Path, http.StatusFound)
	}))
	byName := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "example.com"}}}
	for name, tt := range map[string]struct {
		url    string
		client *http.Client
		text   string
	}{
		"known authority":    {s.URL, trusting, ""},
		"unknown authority":  {s.URL, &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool()}}}, "certificate"},
		"sent to a host":     {through.URL, byName, ""},
		"sent to plain HTTP": {down.URL, trusting, "which is not encrypted"},
	} {
		dir := t.TempDir()
		o, err := HTTPS(tt.url+"/db", tt.client, false)
		if err != nil {
			t.Fatal(err)
		}
		_, err = refresh(t, dir, o, Options{Policy: p, All: true})
		switch {
		case tt.text == "" && err != nil, tt.text != "" && (err == nil || !strings.Contains(err.Error(), tt.text)):
			t.Errorf("%s: %v", name, err)
		case err == nil:
			holds(t, dir, p, m.Serial, 3)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for _, tt := range []struct {
		v, now string
		want   time.Duration
	}{
		{"3", "", 3 * time.Second},
		{"0", "", time.Millisecond},
		{"999999999", "", 24 * time.Hour},
		{"Sun, 06 Nov 1994 08:49:40 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 3 * time.Second},
		{"Sun, 06 Nov 1994 08:49:40 GMT", "", 0},
		{"", "", 0},
		{"soon", "", 0},
		{"-1", "", 0},
	} {
		if d := retryAfter(http.Header{"Retry-After": {tt.v}, "Date": {tt.now}}); d != tt.want {
			t.Errorf("%q: %v", tt.v, d)
		}
	}
}
