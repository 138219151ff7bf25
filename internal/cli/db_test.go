// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/advisory/depot"
	"github.com/sekisho/sekisho/internal/livecheck"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// person runs the program on a machine of their own, at a time of the test's.
type person struct {
	t    *testing.T
	home string
	now  time.Time
	env  []string
	live livecheck.Checker
}

func newPerson(t *testing.T) *person {
	t.Helper()
	return &person{t: t, home: t.TempDir(), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func (p *person) run(args ...string) (out, errOut string, status int) {
	p.t.Helper()
	var o, e bytes.Buffer
	a := &App{
		Stdin: strings.NewReader(""), Stdout: &o, Stderr: &e, Now: func() time.Time { return p.now }, Version: "test", Dir: p.home,
		Env: append([]string{"HOME=" + p.home, "LANG=C"}, p.env...), live: p.live,
	}
	status = a.Run(p.t.Context(), args)
	return o.String(), e.String(), status
}

// does runs what must succeed, and gives both outputs.
func (p *person) does(args ...string) string {
	p.t.Helper()
	out, errOut, status := p.run(args...)
	if status != ExitAllowed {
		p.t.Fatalf("sekisho %v: status %d\n%s%s", args, status, out, errOut)
	}
	return out + errOut
}

// refused runs what must fail with one clear sentence.
func (p *person) refused(status int, sentence string, args ...string) {
	p.t.Helper()
	out, errOut, got := p.run(args...)
	if got != status || out != "" || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, sentence) {
		p.t.Errorf("sekisho %v: status %d, want %d with %q\n%s%s", args, got, status, sentence, out, errOut)
	}
}

// finds scans and gives the findings as "package rule".
func (p *person) finds(args ...string) (found []string, r *sekisho.Result) {
	p.t.Helper()
	out, errOut, status := p.run(append([]string{"scan", "-q", "-f", "json", "--scanners", "vuln"}, args...)...)
	if status != ExitAllowed {
		p.t.Fatalf("scan %v: status %d %s", args, status, errOut)
	}
	r = &sekisho.Result{}
	if err := json.Unmarshal([]byte(out), r); err != nil {
		p.t.Fatal(err)
	}
	for _, f := range r.Findings {
		found = append(found, f.Package.Name+" "+f.Rule)
	}
	slices.Sort(found)
	return found, r
}

// mirror is a real web server over TLS that serves a database and counts.
type mirror struct {
	*httptest.Server
	dir, ca string

	mu       sync.Mutex
	requests []string
	bytes    int64
}

func newMirror(t *testing.T, dir string) *mirror {
	t.Helper()
	m := &mirror{dir: dir, ca: filepath.Join(t.TempDir(), "ca.pem")}
	m.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.requests = append(m.requests, strings.TrimPrefix(r.URL.Path, "/db/"))
		dir := m.dir
		m.mu.Unlock()
		http.StripPrefix("/db/", http.FileServer(http.Dir(dir))).ServeHTTP(&counting{w, m}, r)
	}))
	t.Cleanup(m.Close)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.Certificate().Raw})
	if err := os.WriteFile(m.ca, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	return m
}

type counting struct {
	http.ResponseWriter
	m *mirror
}

func (c *counting) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.m.mu.Lock()
	c.m.bytes += int64(n)
	c.m.mu.Unlock()
	return n, err
}

// asked gives what was asked for since the last call: shards by their worlds.
func (m *mirror) asked(t *testing.T) (all []string, bytes int64) {
	t.Helper()
	worlds := map[string]string{}
	for _, s := range manifestOf(t, m.dir).Shards {
		worlds["shards/sha256/"+strings.TrimPrefix(s.Digest, "sha256:")] = s.World
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.requests {
		if w, ok := worlds[r]; ok {
			r = w
		}
		all = append(all, r)
	}
	bytes = m.bytes
	m.requests, m.bytes = nil, 0
	slices.Sort(all)
	return all, bytes
}

func manifestOf(t *testing.T, dir string) *depot.Manifest {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := depot.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// published is a signed database behind a web server, and who made it.
type published struct {
	*person
	feeds, key, pub string
	web             *mirror
}

func publish(t *testing.T) *published {
	t.Helper()
	p := &published{person: newPerson(t), feeds: ownFeeds(t)}
	dir := t.TempDir()
	p.key, p.pub = filepath.Join(dir, "signing.key"), filepath.Join(dir, "signing.pub")
	if out := p.does("db", "keygen", filepath.Join(dir, "signing")); !strings.Contains(out, "ed25519:") {
		t.Errorf("keygen says %q", out)
	}
	p.web = newMirror(t, filepath.Join(dir, "edition"))
	p.edition(p.web.dir)
	return p
}

func (p *published) edition(dir string) {
	p.t.Helper()
	if out := p.does("db", "build", "--fast", "--from", p.feeds, "-o", dir, "--key", p.key); !strings.Contains(out, "signed by ed25519:") {
		p.t.Errorf("build says %q", out)
	}
}

// from are the flags that name the place and its trust.
func (p *published) from() []string {
	return []string{"--db-url", p.web.URL + "/db", "--db-key", p.pub, "--ca-file", p.web.ca}
}

func archive(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "image.tar")
	if err := writeImage(name); err != nil {
		t.Fatal(err)
	}
	return name
}

// The first scan fetches the parts that it needs and no other; the next fetches
// nothing; a new edition costs what changed; offline asks nobody.
func TestDatabaseOfAServerIsFetchedByParts(t *testing.T) {
	p := publish(t)
	user, image := newPerson(t), archive(t)
	want := []string{"a CVE-2099-1003", "musl CVE-2099-0001"}

	found, r := user.finds(append(p.from(), image)...)
	if d := cmp.Diff(want, found); d != "" {
		t.Error("findings:", d)
	}
	asked, size := p.web.asked(t)
	if d := cmp.Diff([]string{"alpine/3.20", "manifest.json", "manifest.json.sig", "npm", "risk/2099"}, asked); d != "" {
		t.Error("the first scan asked for:", d)
	}
	t.Logf("the first scan: %d requests, %d bytes", len(asked), size)
	if r.Database == nil || r.Database.Kind != "full" || r.Database.Date != "2026-01-02" {
		t.Errorf("the report says of the database %+v", r.Database)
	}
	for _, f := range r.Findings {
		if (f.KEV != nil) != (f.Rule == "CVE-2099-0001") {
			t.Errorf("%s: known to be exploited: %+v", f.Rule, f.KEV)
		}
	}

	user.finds(append(p.from(), image)...)
	if out := user.does(append([]string{"db", "update"}, p.from()...)...); !strings.Contains(out, "asked less than a day ago") || !strings.Contains(out, "--force") {
		t.Errorf("update says %q", out)
	}
	if asked, _ := p.web.asked(t); len(asked) > 0 {
		t.Errorf("the same day it asked for %v", asked)
	}

	// A new edition in which npm alone is another.
	writeFiles(t, p.feeds, map[string]string{"osv/npm/new.json": osvRecord("GHSA-0000-0000-9999", "CVE-2099-9999", "npm", "a", "1.0.2")})
	p.now = p.now.Add(25 * time.Hour)
	p.edition(p.web.dir)
	user.now = user.now.Add(26 * time.Hour)
	if out := user.does(append([]string{"db", "update"}, p.from()...)...); !strings.Contains(out, "updated to the database of 2026-01-03: 1 part fetched") || !strings.Contains(out, "2 unchanged") {
		t.Errorf("update says %q", out)
	}
	if asked, _ := p.web.asked(t); !slices.Equal(asked, []string{"manifest.json", "manifest.json.sig", "npm"}) {
		t.Errorf("the update asked for %v", asked)
	}
	if found, _ := user.finds("--offline", "--db-url", p.web.URL+"/db", "--db-key", p.pub, image); !slices.Equal(found, []string{"a CVE-2099-1003", "a CVE-2099-9999", "musl CVE-2099-0001"}) {
		t.Errorf("offline it finds %v", found)
	}

	// What is not here is a gap that is told, and offline nobody is asked for it.
	found, r = user.finds("--offline", "--db-url", p.web.URL+"/db", "--db-key", p.pub, "pkg:pypi/a-b@1.0")
	if len(found) > 0 || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error, "sekisho db update --world pypi") {
		t.Errorf("offline without the part: %v %+v", found, r.Problems)
	}
	user.refused(ExitUsage, "needs the network", append([]string{"db", "update", "--offline"}, p.from()...)...)
	out := user.does("db", "status", "--parts", "--db-key", p.pub)
	for _, s := range []string{"full database of 2026-01-03T04:04:05Z (0 days old): ", "signed by ed25519:", "3 of the parts are on this machine", "last asked for a newer one: 2026-01-03T05:04:05Z", "kev                2025-12-31  facts about flaws"} {
		if !strings.Contains(out, s) {
			t.Errorf("status does not say %q:\n%s", s, out)
		}
	}
	if strings.Contains(out, "0 flaws") || strings.Contains(out, " 0 rows") {
		t.Errorf("status counts nothing:\n%s", out)
	}
	if asked, _ := p.web.asked(t); len(asked) > 0 {
		t.Errorf("offline it asked for %v", asked)
	}
	user.now = user.now.Add(72 * time.Hour)
	if out := user.does("db", "status"); !strings.Contains(out, "(3 days old)") {
		t.Errorf("three days later status says\n%s", out)
	}
	user.now = user.now.Add(-72 * time.Hour)
	user.does(append([]string{"db", "update", "--world", "pypi"}, p.from()...)...)
	if asked, _ := p.web.asked(t); !slices.Equal(asked, []string{"pypi"}) {
		t.Errorf("for a part of the edition that is here it asked for %v", asked)
	}
	if out := user.does("db", "verify", "--db-key", p.pub); !strings.Contains(out, "4 parts are whole") {
		t.Errorf("verify says %q", out)
	}
}

// Whatever is wrong with what is offered, it is refused in one sentence, and the
// database that was there goes on to work.
func TestDatabaseOnOfferIsRefused(t *testing.T) {
	p := publish(t)
	good, image := p.web.dir, archive(t)
	private, err := depot.ReadPrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	// The next edition, which each case spoils in another way.
	p.now = p.now.Add(time.Hour)
	writeFiles(t, p.feeds, map[string]string{"osv/npm/new.json": osvRecord("GHSA-0000-0000-9999", "CVE-2099-9999", "npm", "a", "1.0.2")})
	next := filepath.Join(t.TempDir(), "next")
	p.edition(next)
	manifest := func(dir string) string { return filepath.Join(dir, "manifest.json") }
	shard := func(dir, world string) string {
		s, ok := manifestOf(t, next).Shard(world)
		if !ok {
			t.Fatalf("no part %s", world)
		}
		return filepath.Join(dir, "shards", "sha256", strings.TrimPrefix(s.Digest, "sha256:"))
	}
	edit := func(file string, change func([]byte) []byte) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, change(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sign := func(dir string) {
		raw, err := os.ReadFile(manifest(dir))
		if err != nil {
			t.Fatal(err)
		}
		sig, err := depot.Sign(raw, private)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(manifest(dir)+".sig", sig, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lie := func(dir string, change func(*depot.Manifest)) {
		m := manifestOf(t, dir)
		change(m)
		raw, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(manifest(dir), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		sign(dir)
	}
	for name, tt := range map[string]struct {
		spoil func(dir string)
		say   string
		// the manifest alone shows it, also to one who has no database yet
		first bool
	}{
		"no signature":  {func(dir string) { os.Remove(manifest(dir) + ".sig") }, "is not signed, and is refused", true},
		"another's key": {func(dir string) { p.foreign(dir) }, "and only ed25519:", true},
		"altered": {func(dir string) {
			edit(manifest(dir), func(b []byte) []byte { return bytes.Replace(b, []byte(`"rows":1`), []byte(`"rows":2`), 1) })
		}, "was altered after ed25519:", true},
		"damaged sig": {func(dir string) { edit(manifest(dir)+".sig", func(b []byte) []byte { return b[:len(b)/2] }) }, "database is refused", true},
		"a web page": {func(dir string) {
			edit(manifest(dir), func([]byte) []byte { return []byte("<html>log in</html>") })
			sign(dir)
		}, "its list of parts is not valid", true},
		"nothing":     {func(dir string) { os.Remove(manifest(dir)) }, "there is no database at https://", false},
		"out of date": {func(dir string) { lie(dir, func(m *depot.Manifest) { m.Expires = "2026-01-02T03:30:00Z" }) }, "was good until 2026-01-02", true},
		"older": {func(dir string) {
			lie(dir, func(m *depot.Manifest) { m.Serial = 1; m.Created = "2020-01-01T00:00:00Z" })
		}, "of 2020-01-01T00:00:00Z, is older than the present one", false},
		"cut part":       {func(dir string) { edit(shard(dir, "npm"), func(b []byte) []byte { return b[:len(b)/2] }) }, "part npm of the database", false},
		"exchanged part": {func(dir string) { edit(shard(dir, "npm"), func(b []byte) []byte { b[len(b)/2] ^= 1; return b }) }, "part npm of the database is damaged or was exchanged", false},
		"missing part":   {func(dir string) { os.Remove(shard(dir, "npm")) }, "npm", false},
		"swapped parts": {func(dir string) {
			edit(shard(dir, "npm"), func([]byte) []byte {
				b, err := os.ReadFile(shard(dir, "pypi"))
				if err != nil {
					t.Fatal(err)
				}
				return b
			})
		}, "part npm of the database", false},
		"a size that lies": {func(dir string) {
			lie(dir, func(m *depot.Manifest) {
				for i := range m.Shards {
					m.Shards[i].Size++
				}
			})
		}, "of the database is damaged or was exchanged", false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "spoiled")
			if err := os.CopyFS(dir, os.DirFS(next)); err != nil {
				t.Fatal(err)
			}
			user := newPerson(t)
			p.web.dir = good
			user.finds(append(p.from(), image)...)
			status := func() string {
				then := *user
				then.now = p.now
				return then.does("db", "status", "--db-key", p.pub)
			}
			before := status()
			tt.spoil(dir)
			p.web.dir = dir
			user.now = user.now.Add(25 * time.Hour)
			if name == "out of date" {
				user.now = user.now.Add(-24 * time.Hour)
			}
			user.refused(ExitFailed, tt.say, append([]string{"db", "update", "--force"}, p.from()...)...)
			if d := cmp.Diff(before, status()); d != "" {
				t.Error("the database became another:", d)
			}
			// A scan says it and judges with what is there.
			out, errOut, exit := user.run(append(append([]string{"scan", "--no-color"}, p.from()...), image)...)
			if exit != ExitAllowed || !strings.Contains(out, "CVE-2099-0001") || !strings.Contains(out, "CVE-2099-1003") || strings.Contains(out, "CVE-2099-9999") {
				t.Errorf("status %d:\n%s%s", exit, out, errOut)
			}
			if name != "out of date" && !strings.Contains(errOut, "the database was not updated (") {
				t.Errorf("the scan did not say it: %q", errOut)
			}
			if tt.first {
				newcomer := newPerson(t)
				newcomer.now = user.now
				newcomer.refused(ExitFailed, tt.say, append(append([]string{"scan"}, p.from()...), image)...)
			}
		})
	}

	// Who asks for the older one gets it.
	user := newPerson(t)
	p.web.dir = next
	user.finds(append(p.from(), image)...)
	p.web.dir = good
	user.refused(ExitFailed, "--allow-rollback", append([]string{"db", "update", "--force"}, p.from()...)...)
	user.does(append([]string{"db", "update", "--force", "--allow-rollback"}, p.from()...)...)
	if found, _ := user.finds("--offline", "--db-key", p.pub, image); !slices.Equal(found, []string{"a CVE-2099-1003", "musl CVE-2099-0001"}) {
		t.Errorf("after the roll-back it finds %v", found)
	}
	// An authority that is not given, an address that is none.
	user.refused(ExitFailed, "certificate", "db", "update", "--force", "--db-url", p.web.URL+"/db", "--db-key", p.pub)
	user.refused(ExitFailed, "not encrypted", "db", "update", "--force", "--db-url", "http://127.0.0.1:1/db", "--db-key", p.pub)
	user.refused(ExitUsage, "ftp://x is no place", "db", "update", "--force", "--db-url", "ftp://x", "--db-key", p.pub)
	user.refused(ExitFailed, "there is no database at "+p.web.URL+"/nothing", "db", "update", "--force", "--db-url", p.web.URL+"/nothing", "--db-key", p.pub, "--ca-file", p.web.ca)
	user.refused(ExitUsage, "--ca-file", append([]string{"db", "update", "--force", "--ca-file", "none.pem"}, p.from()[:4]...)...)
	user.refused(ExitUsage, "--db-key", "db", "update", "--db-url", p.web.URL, "--db-key", "none.pub")
	user.refused(ExitUsage, `no part "debain/12"`, append([]string{"db", "update", "--force", "--world", "debain/12"}, p.from()...)...)
	user.refused(ExitFailed, "--db-key", "db", "update", "--force", "--db-url", p.web.URL+"/db", "--ca-file", p.web.ca)
}

// A part that is spoiled, or gone, when a scan wants it: spoiled it is a gap that
// is told and denies nothing in silence; gone, because the place has moved on, the
// new edition is taken.
func TestPartIsFetchedLate(t *testing.T) {
	p := publish(t)
	image := archive(t)
	first := p.web.dir
	part := func(dir, world string) string {
		s, ok := manifestOf(t, dir).Shard(world)
		if !ok {
			t.Fatalf("no part %s", world)
		}
		return filepath.Join(dir, "shards", "sha256", strings.TrimPrefix(s.Digest, "sha256:"))
	}
	user := newPerson(t)
	user.does(append([]string{"db", "update"}, p.from()...)...)
	whole, err := os.ReadFile(part(first, "npm"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(part(first, "pypi"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(part(first, "npm"), other, 0o600); err != nil {
		t.Fatal(err)
	}
	found, r := user.finds(append(p.from(), image)...)
	if !slices.Equal(found, []string{"musl CVE-2099-0001"}) || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error, "part npm of the database is damaged or was exchanged") {
		t.Errorf("with an exchanged part: %v %+v", found, r.Problems)
	}
	if out, errOut, status := user.run(append(append([]string{"scan", "--fail-on", "critical"}, p.from()...), "pkg:npm/a@1.0.0")...); status != ExitIncomplete {
		t.Errorf("a gate over it: status %d %s%s", status, out, errOut)
	}
	if err := os.WriteFile(part(first, "npm"), whole, 0o600); err != nil {
		t.Fatal(err)
	}

	writeFiles(t, p.feeds, map[string]string{"osv/npm/new.json": osvRecord("GHSA-0000-0000-9999", "CVE-2099-9999", "npm", "a", "1.0.2")})
	p.now = p.now.Add(time.Hour)
	p.web.dir = filepath.Join(t.TempDir(), "second")
	p.edition(p.web.dir)
	user.now = user.now.Add(2 * time.Hour)
	p.web.asked(t)
	found, r = user.finds(append(p.from(), "--skip-db-update", image)...)
	if !slices.Equal(found, []string{"musl CVE-2099-0001"}) || len(r.Problems) != 1 {
		t.Errorf("without an update: %v %+v", found, r.Problems)
	}
	found, r = user.finds(append(p.from(), image)...)
	if !slices.Equal(found, []string{"a CVE-2099-1003", "a CVE-2099-9999", "musl CVE-2099-0001"}) || len(r.Problems) > 0 {
		t.Errorf("of a place that moved on: %v %+v", found, r.Problems)
	}
	if out := user.does("db", "status", "--db-key", p.pub); !strings.Contains(out, "full database of 2026-01-02T04:04:05Z") {
		t.Errorf("the new edition is not the one here:\n%s", out)
	}
}

// foreign signs a database with a key that nobody trusts.
func (p *published) foreign(dir string) {
	p.t.Helper()
	name := filepath.Join(p.t.TempDir(), "foreign")
	p.does("db", "keygen", name)
	key, err := depot.ReadPrivateKey(name + ".key")
	if err != nil {
		p.t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	sig, err := depot.Sign(raw, key)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json.sig"), sig, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// A database travels in one file to a machine without network, whole or not at all.
func TestDatabaseIsCarried(t *testing.T) {
	p := publish(t)
	image := archive(t)
	file := filepath.Join(t.TempDir(), "db.tar")
	if out := p.does("db", "export", "--db", p.web.dir, "-o", file); !strings.Contains(out, file+": ") {
		t.Errorf("export says %q", out)
	}
	away := newPerson(t)
	if out := away.does("db", "import", file, "--db-key", p.pub); !strings.Contains(out, "imported the database of 2026-01-02T03:04:05Z: 7 parts") {
		t.Errorf("import says %q", out)
	}
	if found, _ := away.finds("--offline", image); !slices.Equal(found, []string{"a CVE-2099-1003", "musl CVE-2099-0001"}) {
		t.Errorf("it finds %v", found)
	}
	// One that db build packed is the same.
	packed := filepath.Join(t.TempDir(), "packed.tar")
	p.edition(packed)
	a, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(packed); err != nil || !bytes.Equal(a, b) {
		t.Errorf("db build -o packed.tar (%d bytes) is not what export writes (%d): %v", len(b), len(a), err)
	}
	some := filepath.Join(t.TempDir(), "some.tar")
	p.does("db", "export", "--db", p.web.dir, "-o", some, "--world", "npm")
	p.refused(ExitUsage, `no part "nope"`, "db", "export", "--db", p.web.dir, "-o", some, "--world", "nope")

	cut := filepath.Join(t.TempDir(), "cut.tar")
	if err := os.WriteFile(cut, a[:len(a)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	p.now = p.now.Add(-time.Hour)
	older := filepath.Join(t.TempDir(), "older.tar")
	p.edition(older)
	unsigned := filepath.Join(t.TempDir(), "unsigned.tar")
	p.does("db", "build", "--fast", "--from", p.feeds, "-o", unsigned)
	for f, say := range map[string]string{cut: "the archive is damaged", older: "is older than the present one", unsigned: "is not signed", image: "", filepath.Join(t.TempDir(), "none.tar"): "there is no such file"} {
		away.refused(ExitFailed, say, "db", "import", f, "--db-key", p.pub)
		if found, _ := away.finds("--offline", image); len(found) != 2 {
			t.Errorf("after %s it finds %v", f, found)
		}
	}
	away.does("db", "import", older, "--db-key", p.pub, "--allow-rollback")
}

// Two at once: both succeed, and the database is whole.
func TestTwoUpdateAtOnce(t *testing.T) {
	p := publish(t)
	user := newPerson(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var e bytes.Buffer
			a := &App{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &e, Now: func() time.Time { return user.now }, Dir: user.home, Env: []string{"HOME=" + user.home, "LANG=C"}}
			if status := a.Run(t.Context(), append([]string{"db", "update", "--force", "--all"}, p.from()...)); status != ExitAllowed {
				t.Errorf("status %d: %s", status, e.String())
			}
		})
	}
	wg.Wait()
	if out := user.does("db", "verify", "--db-key", p.pub); !strings.Contains(out, "7 parts are whole, 0 are not fetched; signed by") {
		t.Errorf("verify says %q", out)
	}
}

// A damaged part on this machine is told by verify and fetched again by force.
func TestDamagedPartHere(t *testing.T) {
	p := publish(t)
	user, image := newPerson(t), archive(t)
	user.finds(append(p.from(), image)...)
	s, _ := manifestOf(t, p.web.dir).Shard("npm")
	file := filepath.Join(user.home, ".local", "share", "sekisho", "db", "shards", "sha256", strings.TrimPrefix(s.Digest, "sha256:"))
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	user.refused(ExitFailed, "damaged: npm; fetch them again with sekisho db update --force", "db", "verify")
	user.does(append([]string{"db", "update", "--force"}, p.from()...)...)
	if out := user.does("db", "verify"); !strings.Contains(out, "3 parts are whole, 4 are not fetched") {
		t.Errorf("verify says %q", out)
	}
}

// What can be set for a scan can be set for the commands of the database.
func TestDatabaseSettings(t *testing.T) {
	p := publish(t)
	user := newPerson(t)
	user.env = []string{"SEKISHO_DB_URL=" + p.web.URL + "/db", "SEKISHO_DB_KEY=" + p.pub, "SEKISHO_CA_FILE=" + p.web.ca, "SEKISHO_DB=mine"}
	user.does("db", "update", "--all")
	if m := manifestOf(t, filepath.Join(user.home, "mine")); len(m.Shards) != 7 {
		t.Errorf("%d parts", len(m.Shards))
	}
	if found, _ := user.finds(archive(t)); len(found) != 2 {
		t.Errorf("it finds %v", found)
	}
	other := newPerson(t)
	writeFiles(t, other.home, map[string]string{"sekisho.yaml": "db-url: " + p.web.URL + "/db\ndb-key: [" + p.pub + "]\nca-file: " + p.web.ca + "\ndb: theirs\noutput: [json=report.json]\nlang: ja\n"})
	if out := other.does("db", "update", "--world", "npm"); !strings.Contains(out, "1 個の部分を取得") {
		t.Errorf("update says %q", out)
	}
	if m := manifestOf(t, filepath.Join(other.home, "theirs")); m.Kind != "full" {
		t.Errorf("%+v", m)
	}
	// The report's place is not the export's, nor the build's.
	other.refused(ExitUsage, "-o", "db", "export")
	other.refused(ExitUsage, "-o", "db", "build", "--from", p.feeds)
	other.env = []string{"SEKISHO_DB_KEYS=x"}
	other.refused(ExitUsage, "SEKISHO_DB_KEY", "db", "status")
	other.env = []string{"SEKISHO_OFFLINE=true"}
	other.refused(ExitUsage, "オフライン", "db", "update", "--force")
}

// A finding is explained by its own id as it is by its CVE, alone.
func TestExplainAFindingByItsID(t *testing.T) {
	p := publish(t)
	image := archive(t)
	report := filepath.Join(p.home, "r.json")
	p.does("scan", "-q", "--scanners", "vuln", "--db", p.web.dir, "-f", "json", "-o", report, image)
	_, r := p.finds("--db", p.web.dir, image)
	for i := range r.Findings {
		f := &r.Findings[i]
		out := p.does("explain", "--db", p.web.dir, "--in", report, f.ID)
		if want := f.Rule + " in " + f.Package.Name + " " + f.Package.Version; !strings.HasPrefix(out, want) || strings.Count(out, "judged by") != 1 || !strings.Contains(out, "fixed in: "+f.Fixed) {
			t.Errorf("%s is explained as\n%s", f.ID, out)
		}
	}
	// The layer that brought the package in is part of the chain, and CISA's list.
	out := p.does("explain", "--db", p.web.dir, "--in", report, "CVE-2099-0001")
	for _, s := range []string{"found in: lib/apk/db/installed", "introduced by: ", "alpine-secdb · CVE-2099-0001", "in the order of apk with < 1.2.5-r1", "known to be exploited since 2025-12-20 (CISA KEV)"} {
		if !strings.Contains(out, s) {
			t.Errorf("explain does not say %q:\n%s", s, out)
		}
	}
}

// What explains asks the edition that was named, and brings it here as a scan does;
// what looks at this machine alone takes no address.
func TestExplainAsksTheNamedDatabase(t *testing.T) {
	p := publish(t)
	report := filepath.Join(p.home, "r.json")
	p.does("scan", "-q", "--scanners", "vuln", "--db", p.web.dir, "-f", "json", "-o", report, archive(t))
	p.web.asked(t)
	user := newPerson(t)
	out := user.does(append([]string{"explain", "CVE-2099-0001", "--package", "a", "--in", report}, p.from()...)...)
	if !strings.HasPrefix(out, "a ") {
		t.Errorf("it says %q", out)
	}
	if asked, _ := p.web.asked(t); !slices.Contains(asked, "manifest.json") {
		t.Errorf("it asked for %v", asked)
	}
	user.does(append([]string{"explain", "CVE-2099-0001", "--offline", "--in", report}, p.from()...)...)
	user.does(append([]string{"explain", "CVE-2099-0001", "--skip-db-update", "--in", report}, p.from()...)...)
	if asked, _ := p.web.asked(t); len(asked) > 0 {
		t.Errorf("offline it asked for %v", asked)
	}
	for _, args := range [][]string{{"db", "status"}, {"db", "search", "a"}, {"db", "verify"}, {"db", "export", "-o", "x"}} {
		user.refused(ExitUsage, "unknown flag: --db-url", append(args, "--db-url", p.web.URL)...)
	}
}

// A judgement is as old as what it rests on: a small feed that has had no reason
// to change for years does not age it, a large one does.
func TestAgeOfTheJudgement(t *testing.T) {
	old := strings.NewReplacer("2025-12-30", "2012-01-02", "2025-12-01", "2012-01-01")
	for name, tt := range map[string]struct {
		older int
		say   string
	}{"a small part is old": {1, ""}, "a large part is old": {20, "sekisho: the database is 5114 days old"}} {
		feeds := t.TempDir()
		files := map[string]string{}
		for i := range 40 {
			id, dir, edit := fmt.Sprintf("GHSA-0000-0000-%04d", i), "osv", strings.NewReplacer()
			if i < tt.older {
				dir, edit = "ghsa", old
			}
			files[dir+"/"+id+".json"] = edit.Replace(osvRecord(id, fmt.Sprintf("CVE-2099-1%03d", i), "npm", fmt.Sprintf("p%d", i), "2.0.0"))
		}
		writeFiles(t, feeds, files)
		p := newPerson(t)
		p.does("db", "build", "--fast", "--from", feeds, "-o", "db")
		out, errOut, status := p.run("scan", "--db", "db", "pkg:npm/p0@1.0.0")
		if status != ExitAllowed || !strings.Contains(out, "CVE-2099-1000") || !strings.HasPrefix(errOut, tt.say) || (tt.say == "" && errOut != "") {
			t.Errorf("%s: status %d, %q\n%s", name, status, errOut, out)
		}
	}
}
