// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// counting is an origin that counts, and that may break.
type counting struct {
	Origin
	manifests, shards atomic.Int64
	bytes             atomic.Int64
	// left is how many bytes come before everything breaks; negative: all.
	left atomic.Int64
}

var errCut = errors.New("cut off")

func count(o Origin, left int64) *counting {
	c := &counting{Origin: o}
	c.left.Store(left)
	return c
}

func (c *counting) take(n int) int {
	if c.left.Load() < 0 {
		return n
	}
	n = int(min(int64(n), c.left.Load()))
	c.left.Add(int64(-n))
	return n
}

func (c *counting) Manifest(ctx context.Context) ([]byte, []byte, error) {
	c.manifests.Add(1)
	m, s, err := c.Origin.Manifest(ctx)
	if err == nil && (c.take(len(m)) < len(m) || c.take(len(s)) < len(s)) {
		return nil, nil, errCut
	}
	return m, s, err
}

func (c *counting) Shard(ctx context.Context, digest string, offset int64) (io.ReadCloser, error) {
	c.shards.Add(1)
	rc, err := c.Origin.Shard(ctx, digest, offset)
	if err != nil {
		return nil, err
	}
	return &cutReader{rc, c}, nil
}

type cutReader struct {
	io.ReadCloser
	c *counting
}

func (r *cutReader) Read(p []byte) (int, error) {
	n := r.c.take(len(p))
	if n == 0 {
		return 0, errCut
	}
	n, err := r.ReadCloser.Read(p[:n])
	r.c.bytes.Add(int64(n))
	return n, err
}

func TestUpdate(t *testing.T) {
	private, public := newKey(1)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	mirror, dir := t.TempDir(), filepath.Join(t.TempDir(), "db")
	m1 := build(t, mirror, day, small3(), private)
	o := count(Directory(mirror), -1)

	// The first time, lazily: the manifest alone, then a shard on demand.
	r, err := refresh(t, dir, o, Options{Policy: p})
	if err != nil || !r.Checked || !r.Changed || len(r.Fetched) != 0 || r.Key != KeyID(public) {
		t.Fatalf("%+v %v", r, err)
	}
	d := open(t, dir, p)
	if _, err := d.Path("npm"); !errors.Is(err, ErrNotFetched) {
		t.Error(err)
	}
	if v, err := d.Verify(t.Context()); err != nil || v.Missing != 3 || v.Shards != 0 {
		t.Errorf("%+v %v", v, err)
	}
	path, n, err := d.Fetch(t.Context(), o, "npm")
	if err != nil || n != 200 || path == "" {
		t.Fatalf("%s %d %v", path, n, err)
	}
	if _, n, err = d.Fetch(t.Context(), o, "npm"); err != nil || n != 0 || o.shards.Load() != 1 {
		t.Errorf("fetched twice: %d %v", n, err)
	}
	if _, _, err = d.Fetch(t.Context(), o, "cargo"); !errors.Is(err, ErrUnknownWorld) {
		t.Error(err)
	}
	d.Close()

	// Within the day nobody is asked, but what is wanted and missing comes.
	for _, tt := range []struct {
		after time.Duration
		o     Options
		asked bool
	}{
		{time.Hour, Options{}, false},
		{23 * time.Hour, Options{}, false},
		{-time.Hour, Options{}, true}, // the clock was wrong
		{time.Hour, Options{Force: true}, true},
		{25 * time.Hour, Options{}, true},
		{27 * time.Hour, Options{MinInterval: time.Hour}, true},
	} {
		before := o.manifests.Load()
		tt.o.Policy, tt.o.Now = p, day.Add(tt.after)
		r, err := refresh(t, dir, o, tt.o)
		if asked := o.manifests.Load() > before; err != nil || asked != tt.asked || r.Checked != tt.asked || r.Changed || r.Unchanged != 1 || len(r.Fetched) != 0 {
			t.Errorf("after %s: asked %t, %+v, %v", tt.after, asked, r, err)
		}
		if tt.after < 0 { // back to the right time
			if _, err := refresh(t, dir, o, Options{Policy: p, Force: true}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if last, ok := LastChecked(dir); !ok || !last.Equal(day.Add(27*time.Hour)) {
		t.Errorf("%s", last)
	}
	r, err = refresh(t, dir, o, Options{Policy: p, Now: day.Add(27 * time.Hour), Worlds: []string{"risk/2024", "npm"}})
	if err != nil || r.Checked || len(r.Fetched) != 1 || r.Fetched[0].World != "risk/2024" || r.BytesFetched != 100 {
		t.Errorf("%+v %v", r, err)
	}
	holds(t, dir, p, m1.Serial, 2)

	// The next edition: one shard of three changed.
	next := small3()
	next["npm"], next["cargo"] = content(7, 210), content(8, 50)
	m2 := build(t, mirror, day.AddDate(0, 0, 3), next, private)
	before := o.bytes.Load()
	var told []string
	r, err = refresh(t, dir, o, Options{Policy: p, Now: day.AddDate(0, 0, 3), Progress: func(world string, done, total int64) {
		told = append(told, fmt.Sprint(world, " ", done, " ", total))
	}})
	if err != nil || !r.Changed || len(r.Fetched) != 1 || r.Unchanged != 1 || o.bytes.Load()-before != 210 {
		t.Errorf("%+v %v, %d bytes", r, err, o.bytes.Load()-before)
	}
	if len(told) == 0 || told[len(told)-1] != "npm 210 210" {
		t.Errorf("%v", told)
	}
	holds(t, dir, p, m2.Serial, 2)
	if entries, err := os.ReadDir(shardDir(dir)); err != nil || len(entries) != 2 {
		t.Errorf("old shards are left: %v %v", entries, err)
	}
	if _, err := refresh(t, dir, o, Options{Policy: p, Force: true, Worlds: []string{"none"}}); !errors.Is(err, ErrUnknownWorld) {
		t.Error(err)
	}
	r, err = refresh(t, dir, o, Options{Policy: p, Force: true, All: true})
	if err != nil || len(r.Fetched) != 2 || r.Unchanged != 2 || r.Changed {
		t.Errorf("%+v %v", r, err)
	}
	holds(t, dir, p, m2.Serial, 4)
}

func TestUpdateRefusals(t *testing.T) {
	private, public := newKey(1)
	other, otherPublic := newKey(2)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	dir, mirror := t.TempDir(), t.TempDir()
	m := build(t, dir, day, small3(), private)
	try := func(o Options) error {
		t.Helper()
		o.Force = true
		if o.Policy.Keys == nil {
			o.Policy = p
		}
		r, err := refresh(t, dir, Directory(mirror), o)
		if err != nil && (r.Changed || len(r.Fetched) > 0) {
			t.Errorf("refused, and yet: %+v", r)
		}
		return err
	}
	if err := try(Options{}); !errors.Is(err, ErrGone) {
		t.Errorf("an empty mirror: %v", err)
	}
	build(t, mirror, day.Add(time.Hour), map[string][]byte{"npm": content(5, 99)})
	if err := try(Options{}); !errors.Is(err, ErrUnsigned) {
		t.Errorf("unsigned: %v", err)
	}
	build(t, mirror, day.Add(time.Hour), map[string][]byte{"npm": content(5, 99)}, other)
	if err := try(Options{}); !errors.Is(err, ErrWrongKey) {
		t.Errorf("wrongly signed: %v", err)
	}
	build(t, mirror, day.Add(time.Hour), map[string][]byte{"npm": content(5, 99)}, private)
	raw, err := os.ReadFile(filepath.Join(mirror, manifestFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(mirror, manifestFile), []byte(strings.Replace(string(raw), `"rows":99`, `"rows":98`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := try(Options{}); !errors.Is(err, ErrAltered) {
		t.Errorf("altered: %v", err)
	}
	old := t.TempDir()
	build(t, old, day.AddDate(0, 0, -1), map[string][]byte{"npm": content(5, 99)}, private)
	mirror = old
	var edition *EditionError
	if err := try(Options{}); !errors.Is(err, ErrRollback) || !errors.As(err, &edition) || edition.Have.Serial != m.Serial {
		t.Errorf("an older edition: %v", err)
	}
	mirror = t.TempDir()
	build(t, mirror, day.AddDate(0, 0, 1), map[string][]byte{"npm": content(5, 99)}, private)
	if err := try(Options{Now: day.AddDate(0, 3, 0)}); !errors.Is(err, ErrExpired) {
		t.Errorf("a stale mirror: %v", err)
	}
	// A manifest that lies about its shard, well signed.
	for name, lied := range map[string]func(s *Shard){
		"size too large": func(s *Shard) { s.Size++ },
		"size too small": func(s *Shard) { s.Size-- },
		"digest":         func(s *Shard) { s.Digest = sum([]byte("x")) },
	} {
		mirror = t.TempDir()
		lies := *build(t, mirror, day.AddDate(0, 0, 1), map[string][]byte{"npm": content(5, 99)}, private)
		s := lies.Shards[0]
		lied(&s)
		if err := os.Rename(shardPath(mirror, lies.Shards[0].Digest), shardPath(mirror, s.Digest)); err != nil {
			t.Fatal(err)
		}
		lies.Shards = []Shard{s}
		raw, err := lies.Encode()
		if err != nil {
			t.Fatal(err)
		}
		sigs, err := Sign(raw, private)
		if err != nil {
			t.Fatal(err)
		}
		if err := commit(mirror, raw, sigs); err != nil {
			t.Fatal(err)
		}
		var damaged *DamagedError
		if err := try(Options{All: true}); !errors.As(err, &damaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	holds(t, dir, p, m.Serial, 3)

	// What the flags allow.
	mirror = old
	if err := try(Options{AllowRollback: true}); err != nil {
		t.Error(err)
	}
	mirror = t.TempDir()
	build(t, mirror, day, map[string][]byte{"npm": content(5, 99)}, other)
	if err := try(Options{AllowExpired: true, Now: day.AddDate(1, 0, 0), Policy: Policy{Keys: []ed25519.PublicKey{otherPublic}}}); err != nil {
		t.Error(err)
	}
}

// TestCutOff cuts an update at every byte that it fetches.
func TestCutOff(t *testing.T) {
	private, public := newKey(1)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	mirror := t.TempDir()
	next := map[string][]byte{"debian/12": content(1, 300), "npm": content(7, 150), "risk/2024": content(8, 90)}
	m2 := build(t, mirror, day.AddDate(0, 0, 1), next, private)
	raw, sigs, err := readPair(mirror)
	if err != nil {
		t.Fatal(err)
	}
	total := int64(len(raw) + len(sigs) + 150 + 90)
	template := t.TempDir()
	m1 := build(t, template, day, small3(), private)
	opts := Options{Policy: p, Force: true, Now: day}
	var resumed atomic.Int64
	// cut does one; it reports whether the directory was changed.
	cut := func(t *testing.T, dir string, n int64) bool {
		o := count(Directory(mirror), n)
		_, err := refresh(t, dir, o, opts)
		if n == total {
			if err != nil {
				t.Fatalf("all %d bytes came: %v", total, err)
			}
			holds(t, dir, p, m2.Serial, 3)
			return true
		}
		if !errors.Is(err, errCut) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		holds(t, dir, p, m1.Serial, 3)
		if o.bytes.Load() == 0 && n%50 != 0 {
			return false // no shard was begun: the directory is as it was
		}
		r, err := refresh(t, dir, Directory(mirror), opts)
		if err != nil || !r.Changed {
			t.Fatalf("after a cut at %d: %+v %v", n, r, err)
		}
		if came := o.bytes.Load() + r.BytesFetched - int64(len(raw)+len(sigs)); came != 240 {
			t.Fatalf("after a cut at %d: %d bytes of shards came in all, and 240 are needed", n, came)
		}
		if o.bytes.Load() > 0 {
			resumed.Add(1)
		}
		holds(t, dir, p, m2.Serial, 3)
		if entries, err := os.ReadDir(shardDir(dir)); err != nil || len(entries) != 3 {
			t.Fatalf("after a cut at %d: %v %v", n, entries, err)
		}
		return true
	}
	const workers = 8 // they wait for the disk
	t.Run("cuts", func(t *testing.T) {
		for first := range int64(workers) {
			t.Run(fmt.Sprint("from ", first), func(t *testing.T) {
				t.Parallel()
				dir := ""
				for n := first; n <= total; n += workers {
					if dir == "" {
						dir = filepath.Join(t.TempDir(), "db")
						if err := os.CopyFS(dir, os.DirFS(template)); err != nil {
							t.Fatal(err)
						}
					}
					if cut(t, dir, n) {
						dir = ""
					}
				}
			})
		}
	})
	t.Logf("%d cuts, %d of them resumed", total, resumed.Load())
	if resumed.Load() < 200 {
		t.Errorf("only %d updates were resumed", resumed.Load())
	}
}

// TestDamagedPart has a part from before that does not belong to the shard.
func TestDamagedPart(t *testing.T) {
	mirror := t.TempDir()
	m := build(t, mirror, day, small3())
	p := Policy{AllowUnsigned: true}
	for name, part := range map[string][]byte{"other bytes": content(50, 120), "too long": content(50, 400), "whole": content(1, 300), "all zero": make([]byte, 300)} {
		dir := t.TempDir()
		if _, err := refresh(t, dir, Directory(mirror), Options{Policy: p}); err != nil {
			t.Fatal(err)
		}
		s, _ := m.Shard("debian/12")
		if err := os.WriteFile(shardPath(dir, s.Digest)+partial, part, 0o600); err != nil {
			t.Fatal(err)
		}
		d := open(t, dir, p)
		if _, _, err := d.Fetch(t.Context(), Directory(mirror), "debian/12"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		holds(t, dir, p, m.Serial, 1)
	}
}

// TestPairOfFiles stops a commit after each of its steps: the files that a
// reader finds belong together.
func TestPairOfFiles(t *testing.T) {
	private, public := newKey(1)
	signed, unsigned := Policy{Keys: []ed25519.PublicKey{public}}, Policy{Keys: []ed25519.PublicKey{public}, AllowUnsigned: true}
	for _, tt := range []struct {
		name     string
		old, new []ed25519.PrivateKey
		policy   Policy
	}{
		{"signed twice", []ed25519.PrivateKey{private}, []ed25519.PrivateKey{private}, signed},
		{"signed, then not", []ed25519.PrivateKey{private}, nil, unsigned},
		{"signed only now", nil, []ed25519.PrivateKey{private}, unsigned},
		{"never signed", nil, nil, unsigned},
	} {
		dir, other := t.TempDir(), t.TempDir()
		build(t, dir, day, small3(), tt.old...)
		build(t, other, day.Add(time.Hour), small3(), tt.new...)
		oldRaw, oldSigs, err := readPair(dir)
		if err != nil {
			t.Fatal(err)
		}
		newRaw, newSigs, err := readPair(other)
		if err != nil {
			t.Fatal(err)
		}
		joined, err := both(oldRaw, oldSigs, newRaw, newSigs)
		if err != nil {
			t.Fatal(err)
		}
		for i, pair := range [][2][]byte{{oldRaw, oldSigs}, {oldRaw, joined}, {newRaw, joined}, {newRaw, newSigs}} {
			if _, err := tt.policy.Check(pair[0], pair[1]); err != nil {
				t.Errorf("%s, step %d: %v", tt.name, i, err)
			}
		}
		if _, err := signed.Check(newRaw, joined); (err == nil) != (tt.new != nil) {
			t.Errorf("%s: an unsigned edition passes for a signed one: %v", tt.name, err)
		}
		// Twice over: what a crash left between the steps is no hindrance.
		if err := replace(dir, signatureName, joined); err != nil {
			t.Fatal(err)
		}
		if err := commit(dir, newRaw, newSigs); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), dir, tt.policy); err != nil {
			t.Error(err)
		}
	}
}

// The parts of other processes: the test binary runs itself.
const childEnv = "DEPOT_TEST_CHILD"

func TestMain(m *testing.M) {
	if what := os.Getenv(childEnv); what != "" {
		os.Exit(child(what))
	}
	os.Exit(m.Run())
}

func child(what string) int {
	_, public := newKey(1)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	dir, mirror := os.Getenv("DEPOT_TEST_DIR"), os.Getenv("DEPOT_TEST_MIRROR")
	ctx := context.Background()
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, what, err)
		return 1
	}
	switch what {
	case "update":
		for range 20 {
			if _, err := Update(ctx, dir, Directory(mirror), Options{Policy: p, Now: day, Force: true, All: true}); err != nil {
				return fail(err)
			}
		}
	case "read":
		for range 200 {
			d, err := Open(ctx, dir, p)
			if err != nil {
				return fail(err)
			}
			v, err := d.Verify(ctx)
			if err != nil || len(v.Damaged) > 0 || v.Missing > 0 || v.Shards != len(d.Manifest().Shards) {
				return fail(fmt.Errorf("%+v %w", v, err))
			}
			d.Close()
		}
	case "hold":
		lock, err := lockDir(ctx, dir, 0)
		if err != nil {
			return fail(err)
		}
		defer lock.Close()
		fmt.Println("held")
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "limited":
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 20_000, Max: 20_000}); err != nil {
			return fail(err)
		}
		_, err := Update(ctx, dir, Directory(mirror), Options{Policy: p, Now: day, Force: true, All: true})
		if !errors.Is(err, ErrDiskFull) || !strings.Contains(err.Error(), "still works") {
			return fail(fmt.Errorf("not the wanted error: %w", err))
		}
	}
	return 0
}

func start(t *testing.T, what, dir, mirror string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childEnv+"="+what, "DEPOT_TEST_DIR="+dir, "DEPOT_TEST_MIRROR="+mirror)
	cmd.Stderr = os.Stderr
	return cmd
}

// TestProcesses has processes that update and that read at once, while the
// mirror changes.
func TestProcesses(t *testing.T) {
	private, public := newKey(1)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	dir, mirror := t.TempDir(), t.TempDir()
	build(t, mirror, day, small3(), private)
	if _, err := refresh(t, dir, Directory(mirror), Options{Policy: p, All: true}); err != nil {
		t.Fatal(err)
	}
	var all []*exec.Cmd
	for _, what := range []string{"update", "read", "update", "read"} {
		cmd := start(t, what, dir, mirror)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, cmd)
	}
	keep := open(t, mirror, p) // so that the mirror keeps what its readers are about to fetch
	defer keep.Close()
	var last *Manifest
	for i := range 10 {
		next := small3()
		next["npm"] = content(uint64(100+i), 5000)
		last = build(t, mirror, day.Add(time.Duration(i+1)*time.Minute), next, private)
		time.Sleep(20 * time.Millisecond)
	}
	for _, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", cmd.Env[len(cmd.Env)-3:], err)
		}
	}
	if _, err := refresh(t, dir, Directory(mirror), Options{Policy: p, All: true, Force: true}); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, p, last.Serial, 3)
	if entries, err := os.ReadDir(shardDir(dir)); err != nil || len(entries) != 3 {
		t.Errorf("old shards are left: %d %v", len(entries), err)
	}
}

func TestBusy(t *testing.T) {
	private, public := newKey(1)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	dir, mirror := t.TempDir(), t.TempDir()
	m := build(t, dir, day, small3(), private)
	build(t, mirror, day.Add(time.Hour), small3(), private)
	cmd := start(t, "hold", dir, mirror)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if _, err := refresh(t, dir, Directory(mirror), Options{Policy: p, Force: true, LockWait: 50 * time.Millisecond}); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "wait until it has ended") {
		t.Errorf("%v", err)
	}
	holds(t, dir, p, m.Serial, 3) // readers do not wait
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := NewWriter(ctx, dir); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	// A process that is killed holds nothing.
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	in.Close()
	if r, err := refresh(t, dir, Directory(mirror), Options{Policy: p, Force: true}); err != nil || !r.Changed {
		t.Errorf("%+v %v", r, err)
	}
}

// TestDiskFull fills a small file system where it may mount one, and has a limit
// on the size of files in any case.
func TestDiskFull(t *testing.T) {
	private, public := newKey(1)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	mirror := t.TempDir()
	m2 := build(t, mirror, day.Add(time.Hour), map[string][]byte{"debian/12": content(1, 300), "npm": content(2, 400_000)}, private)
	t.Run("limit", func(t *testing.T) {
		dir := t.TempDir()
		m := build(t, dir, day, small3(), private)
		if err := start(t, "limited", dir, mirror).Run(); err != nil {
			t.Fatal(err)
		}
		holds(t, dir, p, m.Serial, 3)
		if _, err := refresh(t, dir, Directory(mirror), Options{Policy: p, Force: true, All: true}); err != nil {
			t.Fatal(err)
		}
		holds(t, dir, p, m2.Serial, 2)
	})
	t.Run("mount", func(t *testing.T) {
		dir := t.TempDir()
		if err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", dir).Run(); err != nil {
			t.Skipf("no file system can be mounted here: %v (the limit on files was tested)", err)
		}
		t.Cleanup(func() { _ = exec.Command("umount", dir).Run() })
		m := build(t, dir, day, small3(), private)
		_, err := refresh(t, dir, Directory(mirror), Options{Policy: p, Force: true, All: true})
		if !errors.Is(err, ErrDiskFull) || !strings.Contains(err.Error(), "the database that was there still works") {
			t.Fatal(err)
		}
		holds(t, dir, p, m.Serial, 3)
		if entries, err := os.ReadDir(shardDir(dir)); err != nil || len(entries) != 3 {
			t.Errorf("half a shard fills the disk: %v %v", entries, err)
		}
		// To the last byte: neither the manifest nor its signature can be written.
		if err := os.WriteFile(filepath.Join(dir, "filler"), make([]byte, 1<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		other := t.TempDir()
		build(t, other, day.Add(time.Hour), map[string][]byte{"debian/12": content(1, 300)}, private)
		if _, err = refresh(t, dir, Directory(other), Options{Policy: p, Force: true, All: true}); !errors.Is(err, ErrDiskFull) {
			t.Errorf("no room for a manifest: %v", err)
		}
		holds(t, dir, p, m.Serial, 3)
		if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
			t.Fatal(err)
		}
		if _, err = refresh(t, dir, Directory(other), Options{Policy: p, Force: true, All: true}); err != nil {
			t.Fatal(err)
		}
	})
}
