// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sekisho/sekisho/internal/advisory/depot"
)

var databaseDay = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)

// database builds an edition of worlds, each of so many bytes.
func database(t *testing.T, dir string, after time.Duration, worlds map[string]int, keys ...ed25519.PrivateKey) *depot.Manifest {
	t.Helper()
	w, err := depot.NewWriter(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for world, size := range worlds {
		raw := make([]byte, size)
		r := rand.New(rand.NewPCG(uint64(size), uint64(len(world))))
		for i := range raw {
			raw[i] = byte(r.Uint32())
		}
		if _, err := w.Add(world, 1, func(w io.Writer) error { _, err := w.Write(raw); return err }); err != nil {
			t.Fatal(err)
		}
	}
	m, err := w.Commit(depot.Manifest{Created: databaseDay.Add(after).Format(time.RFC3339), Kind: "full"}, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func databaseKey(seed byte) (ed25519.PrivateKey, depot.Policy) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return key, depot.Policy{Keys: []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}}
}

func openDatabase(t *testing.T, ref string, o RegistryOptions) *Database {
	t.Helper()
	d, err := OpenDatabase(t.Context(), ref, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// wire counts what a registry sends.
type wire struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (w wire) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.n.Add(int64(n))
	return n, err
}

func TestDatabase(t *testing.T) {
	addr := startRegistry(t, false)
	key, policy := databaseKey(1)
	from, dir := t.TempDir(), filepath.Join(t.TempDir(), "db")
	worlds := map[string]int{"npm": 900_000, "debian/12": 400_000, "risk/2024": 150_000}
	for i := range 300 { // a manifest as large as a real one
		worlds[fmt.Sprintf("other/%d", i)] = 100 + i
	}
	worlds["alpine/3.20"] = 30_000
	m := database(t, from, 0, worlds, key)

	var sent, uploads atomic.Int64
	p := proxied(t, addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPatch || r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/blobs/") {
			uploads.Add(1)
		}
		next.ServeHTTP(wire{w, &sent}, r)
	})
	ref := p + "/team/db:1"
	digest, err := PushDatabase(t.Context(), ref, from, policy, RegistryOptions{})
	if err != nil || !strings.HasPrefix(digest, "sha256:") {
		t.Fatal(digest, err)
	}
	raw, mediaType, got, err := openDatabase(t, ref, RegistryOptions{}).registry.Manifest(t.Context(), "1")
	if err != nil || got != digest || mediaType != ociManifest {
		t.Fatal(mediaType, got, err)
	}
	var pushed v1.Manifest
	if err := json.Unmarshal(raw, &pushed); err != nil || pushed.ArtifactType != databaseType || len(pushed.Layers) != len(m.Shards)+2 {
		t.Fatalf("%+v %v", pushed, err)
	}
	for i, l := range pushed.Layers[2:] {
		if s := m.Shards[i]; l.Annotations[titleKey] != s.World || l.Digest.String() != s.Digest || l.Size != s.Size || l.MediaType != databaseShardType {
			t.Fatalf("%+v is not %+v", l, s)
		}
	}
	// Pushed again, nothing is sent.
	uploads.Store(0)
	if again, err := PushDatabase(t.Context(), ref, from, policy, RegistryOptions{}); err != nil || again != digest || uploads.Load() != 0 {
		t.Errorf("%s, %d uploads, %v", again, uploads.Load(), err)
	}

	// A first scan of an Alpine image: the manifest and one shard.
	sent.Store(0)
	origin := openDatabase(t, ref, RegistryOptions{})
	r, err := depot.Update(t.Context(), dir, origin, depot.Options{Policy: policy, Now: databaseDay})
	if err != nil || !r.Changed || len(r.Fetched) != 0 {
		t.Fatalf("%+v %v", r, err)
	}
	d, err := depot.Open(t.Context(), dir, policy)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	_, n, err := d.Fetch(t.Context(), origin, "alpine/3.20")
	if err != nil || n != 30_000 {
		t.Fatal(n, err)
	}
	t.Logf("a first scan fetched %d bytes of bodies: a shard of %d of %d bytes, and %d shards are listed", sent.Load(), n, 900_000+400_000+150_000+30_000+300*250, len(m.Shards))
	if sent.Load() > 200_000 {
		t.Errorf("%d bytes for a shard of 30 kB", sent.Load())
	}
	if err := d.CheckShard(t.Context(), "alpine/3.20"); err != nil {
		t.Error(err)
	}
	r, err = depot.Update(t.Context(), dir, origin, depot.Options{Policy: policy, Now: databaseDay, Force: true, All: true})
	if err != nil || len(r.Fetched) != len(m.Shards)-1 || r.Unchanged != 1 {
		t.Fatalf("%d %d %v", len(r.Fetched), r.Unchanged, err)
	}
	if v, err := d.Verify(t.Context()); err != nil || len(v.Damaged) > 0 || v.Missing > 0 {
		t.Errorf("%+v %v", v, err)
	}

	// The next edition sends the one shard that changed, and the files beside.
	worlds["npm"]++
	uploads.Store(0)
	database(t, from, time.Hour, worlds, key)
	if _, err := PushDatabase(t.Context(), ref, from, policy, RegistryOptions{}); err != nil || uploads.Load() != 6 { // a PATCH and a PUT each
		t.Errorf("%d uploads, %v", uploads.Load(), err)
	}
	r, err = depot.Update(t.Context(), dir, origin, depot.Options{Policy: policy, Now: databaseDay, Force: true})
	if err != nil || len(r.Fetched) != 1 || r.Fetched[0].World != "npm" {
		t.Errorf("%+v %v", r.Fetched, err)
	}
	// By digest, the first edition is still there, and is a roll-back.
	pinned := openDatabase(t, p+"/team/db@"+digest, RegistryOptions{})
	if _, err := depot.Update(t.Context(), dir, pinned, depot.Options{Policy: policy, Now: databaseDay, Force: true}); !errors.Is(err, depot.ErrRollback) {
		t.Error(err)
	}
}

func TestDatabaseFaults(t *testing.T) {
	addr := startRegistry(t, false)
	key, policy := databaseKey(1)
	other, _ := databaseKey(2)
	from := t.TempDir()
	m := database(t, from, 0, map[string]int{"npm": 300_000, "pypi": 1000}, key)
	if _, err := PushDatabase(t.Context(), addr+"/db:1", from, policy, RegistryOptions{}); err != nil {
		t.Fatal(err)
	}
	update := func(ref string, dir string) (depot.Report, error) {
		return depot.Update(t.Context(), dir, openDatabase(t, ref, RegistryOptions{}), depot.Options{Policy: policy, Now: databaseDay, All: true})
	}
	blob := func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, m.Shards[0].Digest)
	}
	// Broken at once and again: resumed within one update.
	var ranges atomic.Int64
	p := proxied(t, addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Header.Get("Range") != "" {
			ranges.Add(1)
		}
		if blob(r) && ranges.Load() < 2 {
			w = &cutWriter{w, 100_000}
		}
		next.ServeHTTP(w, r)
	})
	if r, err := update(p+"/db:1", t.TempDir()); err != nil || len(r.Fetched) != 2 || ranges.Load() < 2 {
		t.Errorf("%+v, %d ranges, %v", r.Fetched, ranges.Load(), err)
	}
	// Cut off for good, then resumed by the next update, with and without ranges.
	for _, known := range []bool{true, false} {
		dir := t.TempDir()
		dead := proxied(t, addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			switch {
			case blob(r) && r.Header.Get("Range") != "":
				w.WriteHeader(http.StatusForbidden)
				return
			case blob(r):
				w = &cutWriter{w, 123_456}
			}
			next.ServeHTTP(w, r)
		})
		if _, err := update(dead+"/db:1", dir); err == nil {
			t.Fatal("a dead registry gave a shard")
		}
		part, err := os.Stat(filepath.Join(dir, "shards", "sha256", strings.TrimPrefix(m.Shards[0].Digest, "sha256:")+".part"))
		if err != nil {
			t.Fatal(err)
		}
		var asked atomic.Value
		alive := proxied(t, addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if blob(r) {
				asked.Store(r.Header.Get("Range"))
			}
			if !known {
				r.Header.Del("Range")
			}
			next.ServeHTTP(w, r)
		})
		if _, err := update(alive+"/db:1", dir); err != nil || part.Size() == 0 || asked.Load() != fmt.Sprintf("bytes=%d-", part.Size()) {
			t.Errorf("asked for %v of a part of %d: %v", asked.Load(), part.Size(), err)
		}
		d, err := depot.Open(t.Context(), dir, policy)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := d.Verify(t.Context()); err != nil || len(v.Damaged) > 0 || v.Shards != 2 {
			t.Errorf("%+v %v", v, err)
		}
		d.Close()
	}
	// What is no database, or not ours.
	push(t, addr, "app:1")
	for ref, want := range map[string]struct {
		kind error
		text string
	}{
		addr + "/db:2":  {depot.ErrGone, "has no image db:2"},
		addr + "/app:1": {nil, "is no database of vulnerabilities"},
	} {
		if _, err := update(ref, t.TempDir()); err == nil || want.kind != nil && !errors.Is(err, want.kind) || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%s: %v", ref, err)
		}
	}
	foreign := t.TempDir()
	database(t, foreign, 0, map[string]int{"npm": 10}, other)
	if _, err := PushDatabase(t.Context(), addr+"/db:foreign", foreign, policy, RegistryOptions{}); !errors.Is(err, depot.ErrWrongKey) {
		t.Errorf("pushed by another key: %v", err)
	}
	if _, err := PushDatabase(t.Context(), addr+"/db:foreign", foreign, depot.Policy{AllowUnsigned: true}, RegistryOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := update(addr+"/db:foreign", t.TempDir()); !errors.Is(err, depot.ErrWrongKey) {
		t.Errorf("%v", err)
	}
	exchanged := proxied(t, addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if blob(r) {
			r.URL.Path = strings.Replace(r.URL.Path, m.Shards[0].Digest, m.Shards[1].Digest, 1)
		}
		next.ServeHTTP(w, r)
	})
	var damaged *depot.DamagedError
	if _, err := update(exchanged+"/db:1", t.TempDir()); !errors.As(err, &damaged) {
		t.Errorf("an exchanged shard: %v", err)
	}
	missing := proxied(t, addr, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if blob(r) {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
	if _, err := update(missing+"/db:1", t.TempDir()); !errors.Is(err, depot.ErrGone) {
		t.Errorf("a shard that is gone: %v", err)
	}
	// What cannot be pushed.
	if err := os.Truncate(filepath.Join(from, "shards", "sha256", strings.TrimPrefix(m.Shards[0].Digest, "sha256:")), 5); err != nil {
		t.Fatal(err)
	}
	if _, err := PushDatabase(t.Context(), addr+"/db:3", from, policy, RegistryOptions{}); !errors.As(err, &damaged) {
		t.Errorf("a damaged database: %v", err)
	}
	if _, err := PushDatabase(t.Context(), addr+"/db@"+m.Shards[0].Digest, from, policy, RegistryOptions{}); err == nil || !strings.Contains(err.Error(), "push to a tag") {
		t.Errorf("to a digest: %v", err)
	}
}

func TestDatabaseLogin(t *testing.T) {
	addr := startRegistry(t, true)
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	t.Setenv("REGISTRY_AUTH_FILE", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	key, policy := databaseKey(1)
	from := t.TempDir()
	database(t, from, 0, map[string]int{"npm": 1000}, key)
	if _, err := PushDatabase(t.Context(), addr+"/db:1", from, policy, RegistryOptions{}); err == nil || !strings.Contains(err.Error(), "does not let us push to db: run docker login "+addr) {
		t.Errorf("without credentials: %v", err)
	}
	good := RegistryOptions{Username: "u", Password: "p"}
	if _, err := PushDatabase(t.Context(), addr+"/db:1", from, policy, good); err != nil {
		t.Fatal(err)
	}
	o := depot.Options{Policy: policy, Now: databaseDay, All: true}
	if _, err := depot.Update(t.Context(), t.TempDir(), openDatabase(t, addr+"/db:1", RegistryOptions{}), o); err == nil || !strings.Contains(err.Error(), "docker login "+addr) {
		t.Errorf("without credentials: %v", err)
	}
	if r, err := depot.Update(t.Context(), t.TempDir(), openDatabase(t, addr+"/db:1", good), o); err != nil || len(r.Fetched) != 1 {
		t.Errorf("%+v %v", r, err)
	}
}
