// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var day = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)

// newKey is a key that is the same for the same seed.
func newKey(seed byte) (ed25519.PrivateKey, ed25519.PublicKey) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return private, private.Public().(ed25519.PublicKey)
}

func content(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// build writes an edition; content by world.
func build(t testing.TB, dir string, at time.Time, worlds map[string][]byte, keys ...ed25519.PrivateKey) *Manifest {
	t.Helper()
	w, err := NewWriter(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for world, raw := range worlds {
		if _, err := w.Add(world, int64(len(raw)), func(w io.Writer) error { _, err := w.Write(raw); return err }); err != nil {
			t.Fatal(err)
		}
	}
	m, err := w.Commit(Manifest{
		Created: at.Format(time.RFC3339), Expires: at.AddDate(0, 0, 30).Format(time.RFC3339), Kind: "full",
		Sources: []Source{{Name: "feed", Publisher: "Example", License: "CC0-1.0", Date: "2026-05-06", Rows: 3}},
	}, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func small3() map[string][]byte {
	return map[string][]byte{"debian/12": content(1, 300), "npm": content(2, 200), "risk/2024": content(3, 100)}
}

func open(t testing.TB, dir string, p Policy) *Depot {
	t.Helper()
	d, err := Open(t.Context(), dir, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// holds fails unless the directory opens and its present shards are whole.
func holds(t testing.TB, dir string, p Policy, serial uint64, present int) {
	t.Helper()
	d, err := Open(t.Context(), dir, p)
	if err != nil {
		t.Fatalf("the database does not open: %v", err)
	}
	defer d.Close()
	v, err := d.Verify(t.Context())
	if err != nil || len(v.Damaged) > 0 || v.Shards != present || d.Manifest().Serial != serial {
		t.Fatalf("serial %d (want %d), %d shards (want %d), %d damaged, %v", d.Manifest().Serial, serial, v.Shards, present, len(v.Damaged), err)
	}
}

func refresh(t testing.TB, dir string, o Origin, opts Options) (Report, error) {
	t.Helper()
	if opts.Now.IsZero() {
		opts.Now = day
	}
	return Update(t.Context(), dir, o, opts)
}

func TestBuildAndOpen(t *testing.T) {
	private, public := newKey(1)
	dir := filepath.Join(t.TempDir(), "db")
	policy := Policy{Keys: []ed25519.PublicKey{public}}
	if _, err := Open(t.Context(), dir, policy); !errors.Is(err, ErrNoDatabase) {
		t.Fatal(err)
	}
	worlds := small3()
	build(t, dir, day, worlds, private)
	d := open(t, dir, policy)
	if d.Key() != KeyID(public) || d.Dir() != dir || len(d.Manifest().Shards) != 3 || d.Manifest().Serial != uint64(day.Unix()) {
		t.Fatalf("%s %+v", d.Key(), d.Manifest())
	}
	if diff := cmp.Diff([]string{"debian/12", "npm", "risk/2024"}, d.Worlds()); diff != "" {
		t.Error(diff)
	}
	for world, want := range worlds {
		path, err := d.Path(world)
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := os.ReadFile(path); err != nil || !bytes.Equal(raw, want) {
			t.Errorf("%s: %v", world, err)
		}
	}
	if _, err := d.Path("debian/13"); !errors.Is(err, ErrUnknownWorld) {
		t.Error(err)
	}
	if d.Expired(day) || !d.Expired(day.AddDate(0, 0, 31)) {
		t.Error("the expiry date is not read")
	}
	// The next edition: an open depot keeps its own; then the old shards go.
	next := small3()
	next["npm"] = content(9, 250)
	m2 := build(t, dir, day, next, private)
	if m2.Serial != uint64(day.Unix())+1 {
		t.Errorf("the serial does not grow: %d", m2.Serial)
	}
	old, err := d.Path("npm")
	if err != nil {
		t.Fatalf("the open edition lost a shard: %v", err)
	}
	if d2 := open(t, dir, policy); d2.Manifest().Serial != m2.Serial {
		t.Error("the new edition is not seen")
	} else {
		d2.Close()
	}
	d.Close()
	build(t, dir, day, next, private)
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old shard is still there: %v", err)
	}
	holds(t, dir, policy, m2.Serial+1, 3)
}

func TestDamage(t *testing.T) {
	dir := t.TempDir()
	worlds := small3()
	worlds["npm"] = content(2, 300) // as long as debian/12
	m := build(t, dir, day, worlds)
	p := Policy{AllowUnsigned: true}
	s, _ := m.Shard("debian/12")
	npm, _ := m.Shard("npm")
	path := shardPath(dir, s.Digest)
	other, err := os.ReadFile(shardPath(dir, npm.Digest))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		raw  []byte
		path bool // seen by Path, without reading
		want string
	}{
		"truncated": {worlds["debian/12"][:299], true, "has 299 bytes and should have 300"},
		"longer":    {append(slices.Clone(worlds["debian/12"]), 0), true, "has 301 bytes"},
		"empty":     {nil, true, "has 0 bytes"},
		"swapped":   {other, false, "has digest " + npm.Digest},
		"one bit":   {append([]byte{worlds["debian/12"][0] ^ 1}, worlds["debian/12"][1:]...), false, "has digest"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, tt.raw, 0o644); err != nil {
				t.Fatal(err)
			}
			d := open(t, dir, p)
			defer d.Close()
			var damaged *DamagedError
			if _, err := d.Path("debian/12"); errors.As(err, &damaged) != tt.path {
				t.Errorf("Path: %v", err)
			}
			if err := d.CheckShard(t.Context(), "debian/12"); !errors.As(err, &damaged) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("CheckShard: %v", err)
			}
			v, err := d.Verify(t.Context())
			if err != nil || len(v.Damaged) != 1 || v.Damaged[0].Shard.World != "debian/12" || v.Shards != 3 {
				t.Errorf("Verify: %+v %v", v, err)
			}
			if _, err := d.Path("npm"); err != nil {
				t.Errorf("another shard: %v", err)
			}
		})
	}
	// An update by force mends it.
	mirror := t.TempDir()
	build(t, mirror, day, worlds)
	if r, err := refresh(t, dir, Directory(mirror), Options{Policy: p, Force: true}); err != nil || len(r.Fetched) != 1 || r.Unchanged != 2 {
		t.Errorf("%+v %v", r, err)
	}
	holds(t, dir, p, m.Serial, 3)
}

func TestSignatures(t *testing.T) {
	a, aPub := newKey(1)
	b, bPub := newKey(2)
	raw := []byte("any bytes")
	sign := func(raw []byte, keys ...ed25519.PrivateKey) []byte {
		s, err := Sign(raw, keys...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	trust := func(keys ...ed25519.PublicKey) Policy { return Policy{Keys: keys} }
	local := Policy{Keys: []ed25519.PublicKey{aPub}, AllowUnsigned: true}
	forged := bytes.Replace(sign(raw, b), []byte(KeyID(bPub)), []byte(KeyID(aPub)), 1)
	note, err := encodeSignatures([]signature{{Manifest: sum(raw)}})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		sig    []byte
		policy Policy
		key    string
		kind   error
		text   string
	}{
		"signed":                 {sign(raw, a), trust(aPub), KeyID(aPub), nil, ""},
		"signed, one of two":     {sign(raw, a), trust(bPub, aPub), KeyID(aPub), nil, ""},
		"signed twice":           {sign(raw, b, a), trust(aPub), KeyID(aPub), nil, ""},
		"unsigned":               {nil, trust(aPub), "", ErrUnsigned, "use one that is"},
		"unsigned, no key":       {nil, Policy{}, "", ErrUnsigned, "use one that is"},
		"unsigned and allowed":   {nil, Policy{AllowUnsigned: true}, "", nil, ""},
		"unsigned, local":        {nil, local, "", nil, ""},
		"noted, local":           {note, local, "", nil, ""},
		"noted":                  {note, trust(aPub), "", ErrUnsigned, "not signed"},
		"wrong key":              {sign(raw, b), trust(aPub), "", ErrWrongKey, "only " + KeyID(aPub) + " is trusted"},
		"wrong key, local":       {sign(raw, b), local, "", ErrWrongKey, KeyID(bPub)},
		"no key at all":          {sign(raw, a), Policy{}, "", ErrWrongKey, "name its public key in the configuration"},
		"altered":                {sign([]byte("other bytes"), a), trust(aPub), "", ErrAltered, "do not use it"},
		"altered, local":         {sign([]byte("other bytes"), a), local, "", ErrAltered, "do not use it"},
		"another's, called ours": {forged, trust(aPub), "", ErrAltered, "altered"},
	} {
		key, err := tt.policy.Check(raw, tt.sig)
		if key != tt.key || !errors.Is(err, tt.kind) {
			t.Errorf("%s: %q %v", name, key, err)
		}
		if tt.kind != nil && !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, file := range map[string]string{
		"no JSON":        "hello",
		"newer":          `{"schema":2,"signatures":[]}`,
		"unknown field":  `{"schema":1,"signatures":[],"x":1}`,
		"short":          `{"schema":1,"signatures":[{"manifest":"` + sum(raw) + `","key":"k","signature":"AAAA"}]}`,
		"no digest":      `{"schema":1,"signatures":[{"manifest":"x"}]}`,
		"too many":       `{"schema":1,"signatures":[` + strings.Repeat(`{"manifest":"`+sum(raw)+`"},`, 40) + `{"manifest":"` + sum(raw) + `"}]}`,
		"too long":       strings.Repeat(" ", maxSignature+1),
		"key, no bytes":  `{"schema":1,"signatures":[{"manifest":"` + sum(raw) + `","key":"k"}]}`,
		"bytes, no key":  `{"schema":1,"signatures":[{"manifest":"` + sum(raw) + `","signature":"AAAA"}]}`,
		"huge signature": `{"schema":1,"signatures":[{"manifest":"` + sum(raw) + `","key":"k","signature":"` + strings.Repeat("AAAA", 100) + `"}]}`,
	} {
		if _, err := (Policy{AllowUnsigned: true}).Check(raw, []byte(file)); !errors.As(err, new(*ManifestError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestManifestLies(t *testing.T) {
	shard := func(world string) Shard { return Shard{World: world, Digest: sum([]byte(world)), Size: 1, Rows: 1} }
	good := func() Manifest {
		return Manifest{Schema: 1, Serial: 1, Created: "2026-05-06T07:08:09Z", Kind: "full", Shards: []Shard{shard("npm"), shard("debian/12")}}
	}
	m := good()
	raw, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Parse(raw)
	if err != nil || back.Shards[0].World != "debian/12" {
		t.Fatalf("%+v %v", back, err)
	}
	if again, err := back.Encode(); err != nil || !bytes.Equal(again, raw) {
		t.Errorf("not the same bytes: %v", err)
	}
	for name, change := range map[string]func(m *Manifest){
		"a world twice":       func(m *Manifest) { m.Shards = append(m.Shards, shard("npm")) },
		"climbs":              func(m *Manifest) { m.Shards[0].World = "../npm" },
		"climbs inside":       func(m *Manifest) { m.Shards[0].World = "a/../npm" },
		"absolute":            func(m *Manifest) { m.Shards[0].World = "/npm" },
		"backslash":           func(m *Manifest) { m.Shards[0].World = `a\..\b` },
		"hidden":              func(m *Manifest) { m.Shards[0].World = ".npm" },
		"empty part":          func(m *Manifest) { m.Shards[0].World = "a//b" },
		"ends in a slash":     func(m *Manifest) { m.Shards[0].World = "a/" },
		"null byte":           func(m *Manifest) { m.Shards[0].World = "a\x00b" },
		"line feed":           func(m *Manifest) { m.Shards[0].World = "npm\n" },
		"no world":            func(m *Manifest) { m.Shards[0].World = "" },
		"long world":          func(m *Manifest) { m.Shards[0].World = strings.Repeat("a", 101) },
		"deep world":          func(m *Manifest) { m.Shards[0].World = "a/b/c/d/e" },
		"short digest":        func(m *Manifest) { m.Shards[0].Digest = "sha256:12" },
		"digest climbs":       func(m *Manifest) { m.Shards[0].Digest = "sha256:../../../etc/passwd" },
		"upper case digest":   func(m *Manifest) { m.Shards[0].Digest = strings.ToUpper(m.Shards[0].Digest) },
		"other digest":        func(m *Manifest) { m.Shards[0].Digest = "sha512:" + strings.Repeat("0", 128) },
		"no size":             func(m *Manifest) { m.Shards[0].Size = 0 },
		"negative size":       func(m *Manifest) { m.Shards[0].Size = -1 },
		"huge size":           func(m *Manifest) { m.Shards[0].Size = 1 << 62 },
		"huge sum":            func(m *Manifest) { m.Shards = many(20, maxShardSize) },
		"negative rows":       func(m *Manifest) { m.Shards[0].Rows = -1 },
		"huge rows":           func(m *Manifest) { m.Shards[0].Rows = 1 << 60 },
		"too many shards":     func(m *Manifest) { m.Shards = many(maxShards+1, 1) },
		"digest, two sizes":   func(m *Manifest) { m.Shards[1].Digest, m.Shards[1].Size = m.Shards[0].Digest, 2 },
		"no serial":           func(m *Manifest) { m.Serial = 0 },
		"no date":             func(m *Manifest) { m.Created = "" },
		"a date elsewhere":    func(m *Manifest) { m.Created = "2026-05-06T07:08:09+02:00" },
		"no expiry date":      func(m *Manifest) { m.Expires = "soon" },
		"no kind":             func(m *Manifest) { m.Kind = "" },
		"odd kind":            func(m *Manifest) { m.Kind = "a/b" },
		"later schema":        func(m *Manifest) { m.Schema = 2 },
		"source twice":        func(m *Manifest) { m.Sources = []Source{{Name: "a"}, {Name: "a"}} },
		"source, no name":     func(m *Manifest) { m.Sources = []Source{{}} },
		"source, long":        func(m *Manifest) { m.Sources = []Source{{Name: "a", License: strings.Repeat("x", maxText+1)}} },
		"source, escapes":     func(m *Manifest) { m.Sources = []Source{{Name: "a", Publisher: "\x1b[2J"}} },
		"source, no number":   func(m *Manifest) { m.Sources = []Source{{Name: "a", Problems: -1}} },
		"source, not UTF-8":   func(m *Manifest) { m.Sources = []Source{{Name: "a", Publisher: "\xff"}} },
		"too many sources":    func(m *Manifest) { m.Sources = make([]Source, maxSources+1) },
		"source, huge number": func(m *Manifest) { m.Sources = []Source{{Name: "a", Rows: 1 << 60}} },
	} {
		m := good()
		change(&m)
		if _, err := m.Encode(); !errors.As(err, new(*ManifestError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"empty":           "",
		"garbage":         "\x00\x01",
		"a list":          "[]",
		"a newer one":     `{"schema":2,"things":[]}`,
		"truncated":       string(raw[:len(raw)-3]),
		"spaces":          " " + string(raw),
		"more after it":   string(raw) + "{}",
		"unknown field":   strings.Replace(string(raw), `"kind"`, `"x":1,"kind"`, 1),
		"a key twice":     strings.Replace(string(raw), `"kind"`, `"serial":2,"kind"`, 1),
		"other case":      strings.Replace(string(raw), `"kind"`, `"Kind"`, 1),
		"not sorted":      strings.Replace(strings.Replace(strings.Replace(string(raw), "debian/12", "X", 1), "npm", "debian/12", 1), "X", "npm", 1),
		"a number's form": strings.Replace(string(raw), `"size":1,`, `"size":1e0,`, 1),
		"too big number":  strings.Replace(string(raw), `"size":1,`, `"size":99999999999999999999,`, 1),
		"too long":        string(raw) + strings.Repeat(" ", maxManifest),
	} {
		_, err := Parse([]byte(text))
		if !errors.As(err, new(*ManifestError)) {
			t.Errorf("%s: %v", name, err)
		}
		if want, ok := map[string]string{"a newer one": "install a newer sekisho", "too long": "more than 8388608 bytes"}[name]; ok && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func many(n int, size int64) (out []Shard) {
	for i := range n {
		world := fmt.Sprintf("w%06d", i)
		out = append(out, Shard{World: world, Digest: sum([]byte(world)), Size: size})
	}
	return out
}

func TestKeyFiles(t *testing.T) {
	dir := t.TempDir()
	secret, open := filepath.Join(dir, "db.key"), filepath.Join(dir, "db.pub")
	key, err := GenerateKey(secret, open)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(secret); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	back, err := ReadPrivateKey(secret)
	if err != nil || !back.Equal(key) {
		t.Errorf("%v", err)
	}
	keys, err := ReadPublicKeys(open)
	if err != nil || len(keys) != 1 || !keys[0].Equal(key.Public()) {
		t.Errorf("%v %v", keys, err)
	}
	if _, err := GenerateKey(secret, filepath.Join(dir, "other.pub")); err == nil || !strings.Contains(err.Error(), "is not replaced") {
		t.Errorf("a key was replaced: %v", err)
	}
	if _, err := GenerateKey(filepath.Join(dir, "new.key"), open); err == nil {
		t.Error("a public key was replaced")
	}
	if _, err := os.Stat(filepath.Join(dir, "new.key")); !errors.Is(err, os.ErrNotExist) {
		t.Error("half a pair was left")
	}
	pub, err := os.ReadFile(open)
	if err != nil {
		t.Fatal(err)
	}
	private, err := os.ReadFile(secret)
	if err != nil {
		t.Fatal(err)
	}
	if two, err := ParsePublicKeys(append(slices.Clone(pub), pub...)); err != nil || len(two) != 2 {
		t.Errorf("two keys in a file: %d %v", len(two), err)
	}
	for text, want := range map[string]string{
		"":                    "no public key in PEM",
		string(private):       "keep it secret",
		string(pub) + "hello": "no PEM text",
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n":   "read the public key",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n": "this is a CERTIFICATE",
	} {
		if _, err := ParsePublicKeys([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, want := range map[string]string{"": "no private key", string(pub): "unencrypted PRIVATE KEY", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n": "read the private key"} {
		if _, err := ParsePrivateKey([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestOpenSSL holds the key files and the signature to another program.
func TestOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("openssl is not installed")
		}
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "openssl", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %v: %v: %s", args, err, out)
		}
		return string(out)
	}
	run("genpkey", "-algorithm", "ed25519", "-out", "theirs.key")
	run("pkey", "-in", "theirs.key", "-pubout", "-out", "theirs.pub")
	key, err := ReadPrivateKey(filepath.Join(dir, "theirs.key"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := ReadPublicKeys(filepath.Join(dir, "theirs.pub"))
	if err != nil || !keys[0].Equal(key.Public()) {
		t.Fatal(err)
	}
	db := filepath.Join(dir, "db")
	build(t, db, day, small3(), key)
	raw, sigs, err := readPair(db)
	if err != nil {
		t.Fatal(err)
	}
	list, err := parseSignatures(sigs)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sig"), list[0].Signature, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "raw"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if out := run("pkeyutl", "-verify", "-pubin", "-inkey", "theirs.pub", "-rawin", "-in", "raw", "-sigfile", "sig"); !strings.Contains(out, "Verified Successfully") {
		t.Error(out)
	}
	for _, kind := range []string{"rsa", "ec"} {
		args := []string{"genpkey", "-algorithm", kind, "-out", kind + ".key"}
		if kind == "ec" {
			args = append(args, "-pkeyopt", "ec_paramgen_curve:P-256")
		}
		run(args...)
		run("pkey", "-in", kind+".key", "-pubout", "-out", kind+".pub")
		if _, err := ReadPrivateKey(filepath.Join(dir, kind+".key")); err == nil || !strings.Contains(err.Error(), "ed25519 one is meant") {
			t.Error(err)
		}
		if _, err := ReadPublicKeys(filepath.Join(dir, kind+".pub")); err == nil || !strings.Contains(err.Error(), "ed25519 one is meant") {
			t.Error(err)
		}
	}
}

func TestCancelled(t *testing.T) {
	dir := t.TempDir()
	build(t, dir, day, small3())
	p := Policy{AllowUnsigned: true}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := open(t, dir, p)
	if _, err := d.Verify(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := Update(ctx, t.TempDir(), Directory(dir), Options{Policy: p, Now: day, All: true}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := Export(ctx, io.Discard, dir, p, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
