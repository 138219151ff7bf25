// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func fuzzDatabase(f *testing.F, name string, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		in := input("var/lib/rpm/"+name, b)
		if name == sqliteName && len(b) > 4 { // the log is in the same bytes
			cut := int(binary.BigEndian.Uint32(b)) % len(b)
			in.Beside = map[string]*sekisho.Input{in.Path + walSuffix: input(in.Path+walSuffix, b[cut:])}
		}
		inv, _ := database{}.Extract(t.Context(), in)
		for _, p := range inv.Packages {
			if p.Name == "" || p.Version == "" || p.SourceName == "" {
				t.Fatalf("%+v", p)
			}
		}
		files := 0
		for _, o := range inv.Owned {
			files += len(o.Files)
		}
		if files > 2*len(b) {
			t.Fatalf("%d bytes told of %d files", len(b), files)
		}
	})
}

func FuzzBDB(f *testing.F) {
	fuzzDatabase(f, bdbName, smallBDB(map[uint32][]byte{1: sampleHeader("one", 600), 2: sampleHeader("two", 1)}))
}

func FuzzNDB(f *testing.F) {
	fuzzDatabase(f, ndbName, smallNDB(sampleHeader("one", 10), sampleHeader("two", 20)))
}

// smallSQLite has pages of 512 bytes: the schema, and a table whose only row
// goes on to a page of overflow.
func smallSQLite(name string) []byte {
	const size = 512
	blob := sampleHeader(name, 500)
	big := binary.BigEndian
	b := make([]byte, 5*size)
	copy(b, sqliteMagic)
	big.PutUint16(b[16:], size)
	b[18], b[19] = 2, 2
	leaf := func(page, start int, cell []byte) {
		p := b[page*size : (page+1)*size]
		at := size - len(cell)
		copy(p[at:], cell)
		p[start] = sqliteLeaf
		big.PutUint16(p[start+3:], 1)
		big.PutUint16(p[start+8:], uint16(at))
	}
	// type, name, tbl_name, rootpage, sql
	row := append([]byte{6, 12 + 1 + 2*5, 12 + 1 + 2*8, 12 + 1 + 2*8, 1, 0}, "tablePackagesPackages\x02"...)
	leaf(0, sqliteHead, append([]byte{byte(len(row)), 1}, row...))
	kind := uint64(12 + 2*len(blob))
	payload := append([]byte{4, 0, byte(kind>>7) | 0x80, byte(kind) & 0x7f}, blob...)
	db := sqlite{usable: size}
	local := db.local(len(payload))
	cell := append([]byte{byte(len(payload)>>7) | 0x80, byte(len(payload)) & 0x7f, 7}, payload[:local]...)
	leaf(1, 0, big.AppendUint32(cell, 3))
	rest := payload[local:]
	for page := 2; len(rest) > 0; page++ {
		n := copy(b[page*size+4:(page+1)*size], rest)
		if rest = rest[n:]; len(rest) > 0 {
			big.PutUint32(b[page*size:], uint32(page+2))
		}
	}
	return b
}

func TestSmallSQLite(t *testing.T) {
	inv, err := database{}.Extract(t.Context(), input("var/lib/rpm/"+sqliteName, smallSQLite("one")))
	if err != nil || len(inv.Packages) != 1 || inv.Packages[0].Name != "one" || len(inv.Owned) != 1 {
		t.Errorf("%+v, %v", inv, err)
	}
}

func FuzzSQLite(f *testing.F) { fuzzDatabase(f, sqliteName, smallSQLite("one")) }

func FuzzHeader(f *testing.F) {
	f.Add(sampleHeader("one", 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := parseHeader(b)
		if err != nil {
			return
		}
		if p, err := h.pkg(); err == nil && (p.Name == "" || p.Version == "") {
			t.Fatalf("%+v", p)
		}
		if files, _ := h.files(); len(files) > len(b) {
			t.Fatalf("%d bytes told of %d files", len(b), len(files))
		}
	})
}

// benchmark reads from a file, as the walk keeps a large database.
func benchmark(b *testing.B, dir, name string) {
	path := filepath.Join(shared, dir, name)
	need(b, path)
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	s, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	in := &sekisho.Input{Path: "var/lib/rpm/" + name, Content: f, Size: s.Size()}
	b.SetBytes(in.Size)
	b.ReportAllocs()
	for b.Loop() {
		if inv, err := (database{}).Extract(b.Context(), in); err != nil || len(inv.Packages) == 0 {
			b.Fatal(err)
		}
	}
}

func BenchmarkSQLite(b *testing.B) { benchmark(b, "azurelinux-2.0/var/lib/rpm", sqliteName) }
func BenchmarkNDB(b *testing.B)    { benchmark(b, "sles-15/usr/lib/sysimage/rpm", ndbName) }
