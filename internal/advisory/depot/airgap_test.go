// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"archive/tar"
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func exported(t testing.TB, dir string, p Policy, worlds []string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Export(t.Context(), &b, dir, p, worlds); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type member struct {
	name string
	raw  []byte
	kind byte
	link string
}

func members(t testing.TB, raw []byte) (out []member) {
	t.Helper()
	r := tar.NewReader(bytes.NewReader(raw))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, member{h.Name, b, h.Typeflag, ""})
	}
}

func tarOf(t testing.TB, list ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range list {
		if err := w.WriteHeader(&tar.Header{Name: m.name, Size: int64(len(m.raw)), Typeflag: m.kind, Mode: 0o644, Linkname: m.link}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.raw); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAirGap(t *testing.T) {
	private, public := newKey(1)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "db")
	m := build(t, from, day, small3(), private)
	raw := exported(t, from, p, nil)
	if !bytes.Equal(raw, exported(t, from, p, nil)) {
		t.Error("the same edition gives other bytes")
	}
	var names []string
	for _, m := range members(t, raw) {
		names = append(names, m.name)
	}
	if len(names) != 6 || names[0] != manifestFile || names[1] != signatureName || names[5] != tarEnd {
		t.Errorf("%v", names)
	}
	r, err := Import(t.Context(), bytes.NewReader(raw), to, Options{Policy: p, Now: day})
	if err != nil || !r.Changed || len(r.Fetched) != 3 {
		t.Fatalf("%+v %v", r, err)
	}
	holds(t, to, p, m.Serial, 3)
	r, err = Import(t.Context(), bytes.NewReader(raw), to, Options{Policy: p, Now: day})
	if err != nil || r.Changed || r.Unchanged != 3 {
		t.Errorf("%+v %v", r, err)
	}
	if !bytes.Equal(raw, exported(t, to, p, nil)) {
		t.Error("what was imported is not what was exported")
	}
	if _, ok := LastChecked(to); ok {
		t.Error("an import counts as a question to the origin")
	}
	// A part of it.
	part := filepath.Join(t.TempDir(), "db")
	if _, err := Import(t.Context(), bytes.NewReader(exported(t, from, p, []string{"npm"})), part, Options{Policy: p, Now: day}); err != nil {
		t.Fatal(err)
	}
	holds(t, part, p, m.Serial, 1)
	if err := Export(t.Context(), io.Discard, part, p, []string{"debian/12"}); !errors.Is(err, ErrNotFetched) {
		t.Error(err)
	}
	if err := Export(t.Context(), io.Discard, part, Policy{}, nil); !errors.Is(err, ErrWrongKey) {
		t.Error(err)
	}
	s, _ := m.Shard("npm")
	if err := os.WriteFile(shardPath(part, s.Digest), content(44, 200), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Export(t.Context(), io.Discard, part, p, nil); !errors.As(err, new(*DamagedError)) {
		t.Error(err)
	}
	// An older one, and one that is late.
	older := t.TempDir()
	build(t, older, day.AddDate(0, 0, -1), small3(), private)
	if _, err := Import(t.Context(), bytes.NewReader(exported(t, older, p, nil)), to, Options{Policy: p, Now: day}); !errors.Is(err, ErrRollback) {
		t.Error(err)
	}
	if _, err := Import(t.Context(), bytes.NewReader(raw), to, Options{Policy: p, Now: day.AddDate(0, 2, 0)}); !errors.Is(err, ErrExpired) {
		t.Error(err)
	}
}

func TestImportRefusals(t *testing.T) {
	private, public := newKey(1)
	other, _ := newKey(2)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	from, dir, foreign, bare := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	m := build(t, dir, day, small3(), private)
	next := map[string][]byte{"npm": content(7, 300), "debian/12": content(8, 300)}
	m2 := build(t, from, day.Add(time.Hour), next, private)
	build(t, foreign, day.Add(time.Hour), next, other)
	build(t, bare, day.Add(time.Hour), next)
	good := members(t, exported(t, from, p, nil))
	change := func(f func(l []member) []member) []byte { return tarOf(t, f(slices.Clone(good))...) }
	evil := member{"../../evil", []byte("x"), tar.TypeReg, ""}
	for name, tt := range map[string]struct {
		raw  []byte
		kind error
		text string
	}{
		"empty":          {nil, nil, "no archive of one"},
		"garbage":        {content(1, 2000), nil, "no archive of one"},
		"no manifest":    {change(func(l []member) []member { return l[1:] }), nil, "not with manifest.json"},
		"no signature":   {change(func(l []member) []member { return slices.Delete(l, 1, 2) }), ErrUnsigned, "not signed"},
		"unsigned":       {exported(t, bare, Policy{AllowUnsigned: true}, nil), ErrUnsigned, "not signed"},
		"wrongly signed": {exported(t, foreign, Policy{AllowUnsigned: true}, nil), ErrWrongKey, "is trusted"},
		"altered": {change(func(l []member) []member {
			l[0].raw = bytes.Replace(l[0].raw, []byte(`"rows":300`), []byte(`"rows":301`), 1)
			return l
		}), ErrAltered, "altered"},
		"climbs":      {change(func(l []member) []member { return slices.Insert(l, 2, evil) }), nil, "does not list"},
		"absolute":    {change(func(l []member) []member { l[2].name = "/etc/evil"; return l }), nil, "does not list"},
		"climbs late": {change(func(l []member) []member { l[3].name = "shards/sha256/../../../evil"; return l }), nil, "does not list"},
		"a link": {change(func(l []member) []member {
			l[2].kind, l[2].raw, l[2].link = tar.TypeSymlink, nil, "/etc/passwd"
			return l
		}), nil, "does not list"},
		"a directory": {change(func(l []member) []member { return slices.Insert(l, 2, member{"shards/", nil, tar.TypeDir, ""}) }), nil, "does not list"},
		"twice":       {change(func(l []member) []member { return slices.Insert(l, 2, l[2]) }), nil, "or lists once"},
		"not listed":  {change(func(l []member) []member { l[2].name = tarShards + strings.Repeat("0", 64); return l }), nil, "does not list"},
		"swapped":     {change(func(l []member) []member { l[2].raw, l[3].raw = l[3].raw, l[2].raw; return l }), nil, "damaged or was exchanged"},
		"short":       {change(func(l []member) []member { l[2].raw = l[2].raw[:299]; return l }), nil, "has 299 bytes"},
		"long":        {change(func(l []member) []member { l[2].raw = append(slices.Clone(l[2].raw), 0); return l }), nil, "has 301 bytes"},
		"no end":      {change(func(l []member) []member { return l[:len(l)-1] }), nil, "cut off"},
		"huge":        {change(func(l []member) []member { l[0].raw = make([]byte, maxManifest+1); return l }), nil, "more than 8388608"},
		"huge sig":    {change(func(l []member) []member { l[1].raw = make([]byte, maxSignature+1); return l }), nil, "more than 65536"},
	} {
		dir := t.TempDir()
		m := build(t, dir, day, small3(), private)
		r, err := Import(t.Context(), bytes.NewReader(tt.raw), dir, Options{Policy: p, Now: day})
		if err == nil || tt.kind != nil && !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.text) || r.Changed {
			t.Errorf("%s: %+v %v", name, r, err)
		}
		holds(t, dir, p, m.Serial, 3)
	}
	// Cut off at every byte: never a change before the end, and the old edition works.
	raw := tarOf(t, good...)
	for n := 0; n < len(raw); n += 97 {
		r, err := Import(t.Context(), bytes.NewReader(raw[:n]), dir, Options{Policy: p, Now: day})
		if err == nil && n < len(raw)-1024 || err == nil != r.Changed {
			t.Fatalf("cut at %d of %d: %+v %v", n, len(raw), r, err)
		}
		if err == nil {
			break // only the archive's own end is missing
		}
		holds(t, dir, p, m.Serial, 3)
	}
	if _, err := Import(t.Context(), bytes.NewReader(raw), dir, Options{Policy: p, Now: day}); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, p, m2.Serial, 2)
}

func FuzzManifest(f *testing.F) {
	dir := f.TempDir()
	private, public := newKey(1)
	build(f, dir, day, small3(), private)
	raw, sigs, err := readPair(dir)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw, sigs)
	f.Add([]byte(`{"schema":1}`), []byte(`{"schema":1,"signatures":[]}`))
	f.Add([]byte(`{"schema":1,"serial":1,"created":"2026-05-06T07:08:09Z","kind":"full","sources":[],"shards":[]}`+"\n"), []byte(nil))
	p := Policy{Keys: []ed25519.PublicKey{public}}
	f.Fuzz(func(t *testing.T, manifest, sig []byte) {
		if key, err := p.Check(manifest, sig); err == nil && (key != KeyID(public) || !bytes.Equal(manifest, raw)) {
			t.Error("a forgery passes")
		}
		m, err := Parse(manifest)
		if err != nil {
			return
		}
		for _, s := range m.Shards {
			if path := shardPath("db", s.Digest); filepath.Dir(path) != filepath.Join("db", "shards", "sha256") || !filepath.IsLocal(s.World) {
				t.Errorf("%q lies at %s", s.World, path)
			}
		}
		if again, err := m.Encode(); err != nil || !bytes.Equal(again, manifest) {
			t.Errorf("not the same bytes: %v", err)
		}
	})
}

// FuzzImport puts a member of any kind among those of a good archive, and cuts
// it off.
func FuzzImport(f *testing.F) {
	from := f.TempDir()
	private, public := newKey(1)
	m := build(f, from, day, map[string][]byte{"npm": content(1, 20), "debian/12": content(2, 30)}, private)
	p := Policy{Keys: []ed25519.PublicKey{public}}
	good := members(f, exported(f, from, p, nil))
	f.Add("../evil", byte(tar.TypeReg), "", []byte("x"), uint8(2), uint16(0))
	f.Add("shards/sha256/../../../../evil", byte(tar.TypeReg), "", []byte("x"), uint8(3), uint16(0))
	f.Add(good[2].name, byte(tar.TypeSymlink), "/etc/passwd", []byte(nil), uint8(2), uint16(0))
	f.Add(manifestFile, byte(tar.TypeReg), "", []byte(`{"schema":1}`), uint8(0), uint16(0))
	f.Add(signatureName, byte(tar.TypeReg), "", []byte(`{"schema":1,"signatures":[]}`), uint8(1), uint16(700))
	f.Fuzz(func(t *testing.T, name string, kind byte, link string, raw []byte, at uint8, cut uint16) {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		list := slices.Insert(slices.Clone(good), min(int(at), len(good)), member{name, raw, kind, link})
		for _, m := range list {
			if err := w.WriteHeader(&tar.Header{Name: m.name, Size: int64(len(m.raw)), Typeflag: m.kind, Linkname: m.link}); err != nil {
				return // no archive can hold it
			}
			if _, err := w.Write(m.raw); err != nil {
				return
			}
		}
		if err := w.Close(); err != nil {
			return
		}
		whole := b.Bytes()
		root := t.TempDir()
		dir := filepath.Join(root, "a", "db")
		_, err := Import(t.Context(), bytes.NewReader(whole[:len(whole)-min(int(cut), len(whole))]), dir, Options{Policy: p, Now: day})
		if err == nil {
			d := open(t, dir, p)
			if v, err := d.Verify(t.Context()); err != nil || len(v.Damaged) > 0 || v.Shards != 2 || d.Manifest().Serial != m.Serial {
				t.Errorf("%+v %v", v, err)
			}
			if int(at) < len(good) {
				t.Errorf("an archive with %q in it is imported", name)
			}
		}
		for _, d := range []string{root, filepath.Join(root, "a")} {
			if entries, err := os.ReadDir(d); err != nil && !errors.Is(err, os.ErrNotExist) || len(entries) > 1 {
				t.Errorf("something lies outside: %v %v", entries, err)
			}
		}
	})
}
