// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// sorted puts an inventory in an order that the storage does not decide.
func sorted(inv sekisho.Inventory) sekisho.Inventory {
	slices.SortFunc(inv.Packages, func(a, b sekisho.Package) int { return strings.Compare(told(a), told(b)) })
	slices.SortFunc(inv.Owned, func(a, b sekisho.Ownership) int {
		return strings.Compare(a.Name+" "+a.Version, b.Name+" "+b.Version)
	})
	return inv
}

// The headers of a real SQLite database, put into a hash by Berkeley DB itself
// (perl's DB_File) with pages of several sizes, are the same packages.
func TestBDBHoldsWhatSQLiteHolds(t *testing.T) {
	b := need(t, filepath.Join(shared, "azurelinux-2.0/var/lib/rpm", sqliteName))
	in := input("var/lib/rpm/"+sqliteName, b)
	want, err := database{}.Extract(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	lines.WriteString("0 81000000\n") // how many there are: no header
	if err := readSQLite(t.Context(), in, func(number uint32, blob []byte) error {
		fmt.Fprintf(&lines, "%d %s\n", number, hex.EncodeToString(blob))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, page := range []int{512, 4096, 65536} {
		for _, order := range []int{1234, 4321} {
			file := filepath.Join(t.TempDir(), bdbName)
			run(t, lines.String(), "perl", "-MDB_File", "-MFcntl", "-e", `
my $h = DB_File::HASHINFO->new; $h->{bsize} = $ARGV[1]; $h->{lorder} = $ARGV[2];
tie(my %db, "DB_File", $ARGV[0], O_RDWR|O_CREAT, 0644, $h) or die $!;
while (<STDIN>) { my ($n, $x) = split; $db{pack($ARGV[2] == 1234 ? "V" : "N", $n)} = pack("H*", $x) }
untie %db;`, file, fmt.Sprint(page), fmt.Sprint(order))
			made, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := database{}.Extract(t.Context(), input("var/lib/rpm/"+bdbName, made))
			if err != nil {
				t.Fatalf("pages of %d, order %d: %v", page, order, err)
			}
			if d := cmp.Diff(sorted(want), sorted(got)); d != "" {
				t.Errorf("pages of %d, order %d: %s", page, order, d)
			}
		}
	}
}

// One damaged page costs the header that it belongs to.
func TestBDBDamaged(t *testing.T) {
	db := smallBDB(map[uint32][]byte{1: sampleHeader("one", 3000), 2: sampleHeader("two", 10), 3: sampleHeader("three", 3900)})
	names := func(b []byte) (string, error) {
		inv, err := database{}.Extract(t.Context(), input("var/lib/rpm/"+bdbName, b))
		var out []string
		for _, p := range sorted(inv).Packages {
			out = append(out, p.Name)
		}
		return strings.Join(out, " "), err
	}
	if got, err := names(db); got != "one three two" || err != nil {
		t.Fatalf("whole: %s, %v", got, err)
	}
	set := func(off int, v byte) []byte {
		b := slices.Clone(db)
		b[off] = v
		return b
	}
	for _, tt := range []struct {
		name string
		b    []byte
		want string
		says string
	}{
		{"an overflow page of another type", set(2*512+25, 1), "three two", "no overflow page"},
		{"a chain that goes in a circle", set(3*512+16, 2), "three two", "belongs to another header"},
		{"a chain that leaves the file", set(3*512+18, 1), "three two", "does not exist"},
		{"a chain that ends early", set(2*512+16, 0), "three two", "are there"},
		{"an item of an unknown type", func() []byte {
			b := slices.Clone(db)
			b[512+int(binary.LittleEndian.Uint16(b[512+26+2:]))] = 9
			return b
		}(), "three two", "unknown type"},
		{"an index that is out of order", set(512+26+3, 0xff), "", "wrong place"},
		{"more entries than fit", set(512+21, 0xff), "", "claims"},
		{"a page size that is none", set(20, 1), "", "pages of"},
		{"an encrypted database", set(24, 1), "", "encrypted"},
		{"another file", []byte(strings.Repeat("text ", 200)), "", "no Berkeley DB"},
		{"the end is cut off", db[:len(db)-512], "one two", "read"},
		{"empty", nil, "", "describes the database"},
	} {
		got, err := names(tt.b)
		if got != tt.want || err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %q, want %q: %v", tt.name, got, tt.want, err)
		}
	}
	for n := range db {
		if _, err := names(db[:n]); err == nil {
			t.Fatalf("cut at %d of %d without an error", n, len(db))
		}
	}
}

// sampleHeader is a header with a name, a version and a file in a directory
// whose name is long.
func sampleHeader(name string, long int) []byte {
	var h headerWriter
	h.add(tagName, typeString, 1, name+"\x00")
	h.add(tagVersion, typeString, 1, "1\x00")
	h.add(tagRelease, typeString, 1, "2\x00")
	h.add(tagBasenames, typeStringArray, 1, name+"\x00")
	h.add(tagDirNames, typeStringArray, 1, "/"+strings.Repeat("d", long)+"/\x00")
	h.add(tagDirIndexes, typeInt32, 1, "\x00\x00\x00\x00")
	h.add(tagEpoch, typeInt32, 1, "\x00\x00\x00\x07")
	h.add(tagSourceRPM, typeString, 1, "src-"+name+"-1-2.src.rpm\x00")
	return h.bytes()
}

type headerWriter struct{ index, data []byte }

func (h *headerWriter) add(tag, kind, count uint32, data string) {
	if kind == typeInt32 {
		for len(h.data)%4 != 0 {
			h.data = append(h.data, 0)
		}
	}
	for _, v := range []uint32{tag, kind, uint32(len(h.data)), count} {
		h.index = binary.BigEndian.AppendUint32(h.index, v)
	}
	h.data = append(h.data, data...)
}

func (h *headerWriter) bytes() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(h.index)/entrySize))
	b = binary.BigEndian.AppendUint32(b, uint32(len(h.data)))
	return append(append(b, h.index...), h.data...)
}

// smallBDB writes a hash with pages of 512 bytes: a bucket, then the chains in
// the order of the numbers.
func smallBDB(headers map[uint32][]byte) []byte {
	const size = 512
	le := binary.LittleEndian
	bucket := make([]byte, size)
	bucket[25] = bdbHash
	le.PutUint32(bucket[8:], 1)
	var chains []byte
	next, end, n := uint32(2), size, 0
	put := func(item []byte) {
		end -= len(item)
		copy(bucket[end:], item)
		le.PutUint16(bucket[26+2*n:], uint16(end))
		n++
		le.PutUint16(bucket[20:], uint16(n))
	}
	for number := range uint32(len(headers) + 1) {
		blob := headers[number]
		if blob == nil {
			continue
		}
		put(le.AppendUint32([]byte{bdbKeyData}, number))
		put(le.AppendUint32(le.AppendUint32([]byte{bdbOffPage, 0, 0, 0}, next), uint32(len(blob))))
		for len(blob) > 0 {
			page := make([]byte, size)
			k := copy(page[bdbPageHead:], blob)
			blob = blob[k:]
			le.PutUint32(page[8:], next)
			next++
			if len(blob) > 0 {
				le.PutUint32(page[16:], next)
			}
			le.PutUint16(page[22:], uint16(k))
			page[25] = bdbOverflow
			chains = append(chains, page...)
		}
	}
	meta := make([]byte, size)
	le.PutUint32(meta[12:], bdbHashMagic)
	le.PutUint32(meta[20:], size)
	meta[25] = bdbHashMeta
	le.PutUint32(meta[32:], next-1)
	return slices.Concat(meta, bucket, chains)
}
