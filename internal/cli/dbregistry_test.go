// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// front stands before a registry and counts requests, and the bytes that go out
// over the wire, those of TLS included.
type front struct {
	*httptest.Server
	ca  string
	out atomic.Int64

	mu       sync.Mutex
	requests []string
}

type wire struct {
	net.Conn
	out *atomic.Int64
}

func (w wire) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	w.out.Add(int64(n))
	return n, err
}

type wireListener struct {
	net.Listener
	out *atomic.Int64
}

func (l wireListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return wire{c, l.out}, nil
}

func newFront(t *testing.T, addr, cert string) *front {
	t.Helper()
	text, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "https", Host: addr})
	proxy.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	f := &front{ca: filepath.Join(t.TempDir(), "front.pem")}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.requests = append(f.requests, r.Method+" "+r.URL.Path)
		f.mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	f.Listener = wireListener{f.Listener, &f.out}
	f.StartTLS()
	t.Cleanup(f.Close)
	if err := os.WriteFile(f.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *front) asked() ([]string, int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.requests
	f.requests = nil
	return r, f.out.Swap(0)
}

// from are the flags that name the database in the registry.
func (f *front) from(pub string) []string {
	return []string{"--db-url", "oci://" + f.Listener.Addr().String() + "/team/db:1", "--db-key", pub, "--ca-file", f.ca}
}

// A database pushed to a real registry over TLS is fetched from it by parts.
func TestDatabaseInARegistry(t *testing.T) {
	addr, cert := tlsRegistry(t)
	p := publish(t)
	if out := p.does("db", "push", addr+"/team/db:1", "--db", p.web.dir, "--db-key", p.pub, "--ca-file", cert); !strings.Contains(out, addr+"/team/db:1@sha256:") {
		t.Errorf("push says %q", out)
	}
	f := newFront(t, addr, cert)
	user, image := newPerson(t), archive(t)
	found, _ := user.finds(append(f.from(p.pub), image)...)
	if !slices.Equal(found, []string{"a CVE-2099-1003", "musl CVE-2099-0001"}) {
		t.Errorf("it finds %v", found)
	}
	asked, _ := f.asked()
	if blobs := slices.DeleteFunc(slices.Clone(asked), func(s string) bool { return !strings.Contains(s, "/blobs/") }); len(blobs) != 5 {
		t.Errorf("for the manifest, its signature and 3 parts it asked for %v", asked)
	}
	user.finds(append(f.from(p.pub), image)...)
	user.does(append([]string{"db", "update"}, f.from(p.pub)...)...)
	user.finds(append(f.from(p.pub), "--offline", image)...)
	if asked, size := f.asked(); len(asked) > 0 || size > 0 {
		t.Errorf("the same day it asked for %v (%d bytes)", asked, size)
	}
	if out := user.does(append([]string{"db", "update", "--force", "--all"}, f.from(p.pub)...)...); !strings.Contains(out, "4 parts fetched") || !strings.Contains(out, "3 unchanged") {
		t.Errorf("update says %q", out)
	}
	if out := user.does("db", "verify", "--db-key", p.pub); !strings.Contains(out, "7 parts are whole, 0 are not fetched") {
		t.Errorf("verify says %q", out)
	}

	// An edition without its signature, and another's, are refused here too.
	f.asked()
	other := publish(t)
	other.does("db", "push", addr+"/team/db:1", "--db", other.web.dir, "--ca-file", cert)
	user.refused(ExitFailed, "and only ed25519:", append([]string{"db", "update", "--force"}, f.from(p.pub)...)...)
	if err := os.Remove(filepath.Join(other.web.dir, "manifest.json.sig")); err != nil {
		t.Fatal(err)
	}
	other.does("db", "push", addr+"/team/db:1", "--db", other.web.dir, "--ca-file", cert)
	user.refused(ExitFailed, "is not signed, and is refused", append([]string{"db", "update", "--force"}, f.from(p.pub)...)...)
	if found, _ := user.finds("--offline", image); len(found) != 2 {
		t.Errorf("after the refusals it finds %v", found)
	}
	user.refused(ExitFailed, "", "db", "update", "--force", "--db-url", "oci://"+f.Listener.Addr().String()+"/team/none:1", "--db-key", p.pub, "--ca-file", f.ca)
	user.refused(ExitFailed, "", "db", "push", addr+"/team/Not A Name", "--db", p.web.dir, "--ca-file", cert)
}

// firstScanLimit is what a first scan of an Alpine image may download.
const firstScanLimit = 400 << 10

// What a first scan of an Alpine image downloads, of a database of real feeds in
// a real registry: kilobytes.
func TestFirstScanOfAlpineDownloadsKilobytes(t *testing.T) {
	feeds, root := "../../../shared/feeds", ""
	if found, _ := filepath.Glob("../../../shared/rootfs/alpine-3.20*"); len(found) > 0 {
		root = found[0]
	}
	if _, err := os.Stat(feeds); err != nil || root == "" {
		need(t, "the real feeds and root file systems are not beside the checkout: %v", err)
	}
	addr, cert := tlsRegistry(t)
	p := newPerson(t)
	dir := t.TempDir()
	keys, db := filepath.Join(dir, "signing"), filepath.Join(dir, "db")
	p.does("db", "keygen", keys)
	feeds, err := filepath.Abs(feeds)
	if err != nil {
		t.Fatal(err)
	}
	if root, err = filepath.Abs(root); err != nil {
		t.Fatal(err)
	}
	// Built by the program itself: the race detector would make minutes of it.
	bin := filepath.Join(dir, "sekisho")
	for _, args := range [][]string{
		{"go", "build", "-o", bin, "../../cmd/sekisho"},
		{bin, "db", "build", "--from", feeds, "-o", db, "--key", keys + ".key", "--only", "alpine-secdb,kev,epss,cvss-ssvc,metasploit,nuclei-cves,eol"},
	} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	m := manifestOf(t, db)
	_, whole := totals(m)
	p.does("db", "push", addr+"/team/db:1", "--db", db, "--ca-file", cert)
	f := newFront(t, addr, cert)
	user := newPerson(t)
	found, r := user.finds(append(f.from(keys+".pub"), "dir:"+root)...)
	asked, size := f.asked()
	t.Logf("a first scan of %s (%d packages, %d findings): %d requests, %d bytes over the wire, of a database of %d parts and %d bytes",
		filepath.Base(root), len(r.Packages), len(found), len(asked), size, len(m.Shards), whole)
	if len(r.Packages) < 10 || len(r.Problems) > 0 {
		t.Errorf("%d packages, problems %+v", len(r.Packages), r.Problems)
	}
	if size > firstScanLimit || size == 0 {
		t.Errorf("it downloaded %d bytes, at most %d are fine", size, firstScanLimit)
	}
	user.finds(append(f.from(keys+".pub"), "dir:"+root)...)
	if asked, size := f.asked(); len(asked) > 0 || size > 0 {
		t.Errorf("the second scan asked for %v (%d bytes)", asked, size)
	}
}
