// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/adler32"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestHeader(t *testing.T) {
	h, err := parseHeader(sampleHeader("foo", 3))
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.pkg()
	if err != nil {
		t.Fatal(err)
	}
	want := sekisho.Package{Ecosystem: "rpm", Name: "foo", Version: "7:1-2", SourceName: "src-foo", SourceVersion: "7:1-2"}
	if d := cmp.Diff(want, p); d != "" {
		t.Error(d)
	}
	files, err := h.files()
	if d := cmp.Diff(sekisho.NewPathSet([]string{"/ddd/foo"}), files); d != "" || err != nil {
		t.Error(d, err)
	}

	var old headerWriter
	old.add(tagName, typeString, 1, "old\x00")
	old.add(tagVersion, typeString, 1, "1\x00")
	old.add(tagEpoch, typeInt32, 1, "\x00\x00\x00\x00")
	old.add(tagOldFilenames, typeStringArray, 2, "/bin/old\x00/etc/old\x00")
	old.add(tagVendor, typeString, 1, "(none)\x00")
	if h, err = parseHeader(old.bytes()); err != nil {
		t.Fatal(err)
	}
	if p, err = h.pkg(); err != nil || p.Version != "1" || p.SourceName != "old" || p.Vendor != "" {
		t.Errorf("%+v %v", p, err)
	}
	if files, err = h.files(); err != nil || len(files) != 2 || !files.Has("usr/bin/old") {
		t.Errorf("%v %v", files, err)
	}
}

func TestHeaderDamaged(t *testing.T) {
	one := func(tag, kind, count uint32, data string) []byte {
		var h headerWriter
		h.add(tagName, typeString, 1, "x\x00")
		h.add(tagVersion, typeString, 1, "1\x00")
		h.add(tag, kind, count, data)
		return h.bytes()
	}
	big := binary.BigEndian
	for _, tt := range []struct {
		name string
		b    []byte
		says string
	}{
		{"empty", nil, "cut off"},
		{"entries that are not there", big.AppendUint32(big.AppendUint32(nil, 0xffffffff), 0xffffffff), "claims"},
		{"a string without an end", one(tagArch, typeString, 1, "x86"), "outside"},
		{"a string that is a number", one(tagArch, typeInt32, 1, "\x00\x00\x00\x00"), "no string"},
		{"a number that is a string", one(tagEpoch, typeString, 1, "1\x00"), "no 32 bit number"},
		{"more numbers than data", one(tagDirIndexes, typeInt32, 1<<31, "\x00\x00\x00\x00"), "outside"},
		{"more strings than data", one(tagBasenames, typeStringArray, 0xffffffff, "a\x00"), "outside"},
	} {
		if _, err := parseHeader(tt.b); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	h, err := parseHeader(one(tagBasenames, typeStringArray, 1, "a\x00"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.files(); err == nil {
		t.Error("a file without a directory passed")
	}
	if h, err = parseHeader(sampleHeader("long", maxPath)); err != nil {
		t.Fatal(err)
	}
	if files, err := h.files(); err == nil || len(files) > 0 {
		t.Errorf("a path that no system has passed: %v", err)
	}
	var twice headerWriter
	twice.add(tagName, typeString, 1, "first\x00")
	twice.add(tagName, typeString, 1, "second\x00")
	if h, err = parseHeader(twice.bytes()); err != nil || string(h.name) != "first" {
		t.Errorf("a tag twice: %q, %v", h.name, err)
	}
	var nameless headerWriter
	nameless.add(tagVersion, typeString, 1, "1\x00")
	if h, err = parseHeader(nameless.bytes()); err != nil {
		t.Fatal(err)
	}
	if _, err = h.pkg(); err == nil {
		t.Error("a header without a name passed")
	}
}

func TestSourceOf(t *testing.T) {
	for file, want := range map[string][2]string{
		"bash-5.1.8-9.el9.src.rpm":             {"bash", "5.1.8-9.el9"},
		"java-11-openjdk-11.0.20-1.nosrc.rpm":  {"java-11-openjdk", "11.0.20-1"},
		"a-1-2.src":                            {"", ""},
		"-1-2.src.rpm":                         {"", ""},
		"a-1.src.rpm":                          {"", ""},
		"":                                     {"", ""},
		"module-1.0~b2-3.module+el8+5.src.rpm": {"module", "1.0~b2-3.module+el8+5"},
	} {
		if name, version := sourceOf(file, 0); name != want[0] || version != want[1] {
			t.Errorf("%s: %q %q", file, name, version)
		}
	}
	if _, v := sourceOf("a-1-2.src.rpm", 3); v != "3:1-2" {
		t.Errorf("with an epoch: %s", v)
	}
}

// smallNDB writes a database of one slot page and the headers in order.
func smallNDB(headers ...[]byte) []byte {
	le := binary.LittleEndian
	b := make([]byte, ndbPage)
	copy(b, ndbMagic)
	le.PutUint32(b[12:], 1)
	for i := 32; i < ndbPage; i += 16 {
		copy(b[i:], ndbSlot)
	}
	for i, h := range headers {
		number := uint32(i + 1)
		blob := []byte(ndbBlobStart)
		blob = le.AppendUint32(le.AppendUint32(le.AppendUint32(blob, number), 1), uint32(len(h)))
		blob = append(blob, h...)
		for (len(blob)+ndbTail)%ndbBlock != 0 {
			blob = append(blob, 0)
		}
		blob = le.AppendUint32(blob, adler32.Checksum(blob))
		blob = append(le.AppendUint32(blob, uint32(len(h))), ndbBlobEnd...)
		slot := b[32+16*i:]
		le.PutUint32(slot[4:], number)
		le.PutUint32(slot[8:], uint32(len(b)/ndbBlock))
		le.PutUint32(slot[12:], uint32(len(blob)/ndbBlock))
		b = append(b, blob...)
	}
	return b
}

func TestNDBDamaged(t *testing.T) {
	db := smallNDB(sampleHeader("one", 10), sampleHeader("two", 20), sampleHeader("three", 30))
	names := func(b []byte) (string, error) {
		inv, err := database{}.Extract(t.Context(), input("var/lib/rpm/"+ndbName, b))
		var out []string
		for _, p := range inv.Packages {
			out = append(out, p.Name)
		}
		return strings.Join(out, " "), err
	}
	if got, err := names(db); got != "one two three" || err != nil {
		t.Fatalf("whole: %s, %v", got, err)
	}
	set := func(off int, v byte) []byte {
		b := slices.Clone(db)
		b[off] = v
		return b
	}
	second := int(binary.LittleEndian.Uint32(db[32+16+8:])) * ndbBlock
	for _, tt := range []struct {
		name string
		b    []byte
		want string
		says string
	}{
		{"a byte of a header", set(second+60, 0x5a), "one three", "checksum"},
		{"the beginning of a blob", set(second, 'X'), "one three", "no beginning"},
		{"the number of a blob", set(second+4, 9), "one three", "another package"},
		{"the length of a blob", set(second+13, 9), "one three", "wrong length"},
		{"a slot that leaves the file", set(32+16+10, 0xff), "one three", "outside"},
		{"a slot of no blocks", set(32+16+12, 0), "one three", "outside"},
		{"no slot", set(32+16, 'X'), "one", "something else"},
		{"another version", set(4, 1), "", "format 1"},
		{"another file", []byte(strings.Repeat("text ", 2000)), "", "no ndb"},
		{"cut within the last", db[:len(db)-1], "one two", "outside"},
		{"empty", nil, "", "header"},
	} {
		got, err := names(tt.b)
		if got != tt.want || err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %q, want %q: %v", tt.name, got, tt.want, err)
		}
	}
	// Slots that all name one large blob cannot make the reader read it each time.
	bomb := smallNDB(sampleHeader("one", 4000), sampleHeader("two", 10))
	for i := 32 + 16; i < ndbPage; i += 16 {
		copy(bomb[i:i+16], bomb[32:])
	}
	if got, err := names(bomb); err == nil || !strings.Contains(err.Error(), "overlap") || len(strings.Fields(got)) > 3 {
		t.Errorf("overlapping slots: %q %v", got, err)
	}
}

// rpm keeps signing keys as if they were packages; they are none.
func TestKeysAreNoPackages(t *testing.T) {
	inv, err := database{}.Extract(t.Context(), input("var/lib/rpm/"+ndbName, smallNDB(sampleHeader("gpg-pubkey", 1), sampleHeader("gpg", 1))))
	if err != nil || len(inv.Packages) != 1 || inv.Packages[0].Name != "gpg" || len(inv.Owned) != 1 {
		t.Errorf("%+v, %v", inv, err)
	}
}

// Every page of a real database that is overwritten is told of, or was not
// needed: what is left is the same as before.
func TestSQLiteDamaged(t *testing.T) {
	whole := need(t, filepath.Join(shared, "azurelinux-2.0/var/lib/rpm", sqliteName))
	in := input("var/lib/rpm/"+sqliteName, whole)
	all, err := database{}.Extract(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, p := range all.Packages {
		known[told(p)] = true
	}
	const size = 4096
	if binary.BigEndian.Uint16(whole[16:]) != size {
		t.Fatal("the database has pages of another size")
	}
	silent, lost := 0, 0
	b := slices.Clone(whole)
	for page := 0; page < len(b)/size; page += 7 {
		copy(b[page*size:], bytes.Repeat([]byte{0xff}, size))
		inv, err := database{}.Extract(t.Context(), input(in.Path, b))
		copy(b[page*size:], whole[page*size:(page+1)*size])
		for _, p := range inv.Packages {
			if !known[told(p)] {
				silent++ // inside of a header nothing has a checksum
			}
		}
		if len(inv.Packages) < len(all.Packages) {
			lost++
			if err == nil {
				t.Errorf("page %d: %d of %d packages are lost without an error", page+1, len(all.Packages)-len(inv.Packages), len(all.Packages))
			}
		}
	}
	if lost == 0 || silent > 3 {
		t.Errorf("%d damages lost a package, %d packages appeared from nowhere", lost, silent)
	}
	for _, tt := range []struct {
		name string
		b    []byte
		says string
	}{
		{"empty", nil, "SQLite header"},
		{"another file", bytes.Repeat([]byte("text"), 2000), "no SQLite"},
		{"page size of 3", func() []byte { b := slices.Clone(whole[:size]); b[16], b[17] = 0, 3; return b }(), "pages of 3"},
		{"first page only", whole[:size], "does not exist"},
		{"no table", func() []byte { return bytes.ReplaceAll(whole, []byte("Packages"), []byte("Parcels_")) }(), "no table"},
	} {
		if inv, err := (database{}).Extract(t.Context(), input(in.Path, tt.b)); err == nil || !strings.Contains(err.Error(), tt.says) || len(inv.Packages) > 0 {
			t.Errorf("%s: %d packages, %v", tt.name, len(inv.Packages), err)
		}
	}
	for _, n := range []int{len(whole) / 2, len(whole) - size} {
		if inv, err := (database{}).Extract(t.Context(), input(in.Path, whole[:n])); len(inv.Packages) < len(all.Packages) && err == nil {
			t.Errorf("cut at %d: %d packages without an error", n, len(inv.Packages))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (database{}).Extract(ctx, in); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Cells that all name the same bytes of a page are read once.
func TestSQLiteOverlap(t *testing.T) {
	b := smallSQLite("one")
	leaf := b[512:1024]
	cell := binary.BigEndian.Uint16(leaf[8:])
	for i := range 100 {
		binary.BigEndian.PutUint16(leaf[8+2*i:], cell)
	}
	binary.BigEndian.PutUint16(leaf[3:], 100)
	inv, err := database{}.Extract(t.Context(), input("var/lib/rpm/"+sqliteName, b))
	if err == nil || !strings.Contains(err.Error(), "overlap") || len(inv.Packages) > 1 {
		t.Errorf("%d packages, %v", len(inv.Packages), err)
	}
}

func TestVarint(t *testing.T) {
	for _, tt := range []struct {
		b    string
		v    uint64
		n    int
		name string
	}{
		{"\x00", 0, 1, "zero"},
		{"\x7f", 127, 1, "one byte"},
		{"\x81\x00", 128, 2, "two bytes"},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff", 1<<64 - 1, 9, "nine bytes"},
		{"", 0, 0, "nothing"},
		{"\x80", 0, 0, "cut"},
		{"\xff\xff\xff\xff\xff\xff\xff\xff", 0, 0, "cut before the ninth"},
	} {
		if v, n := varint([]byte(tt.b)); v != tt.v || n != tt.n {
			t.Errorf("%s: %d %d", tt.name, v, n)
		}
	}
}

func TestManifest(t *testing.T) {
	const path = "var/lib/rpmmanifest/container-manifest-2"
	text := "bash\t5.1.8-1.cm2\t1653816591\t1653753130\tMicrosoft Corporation\t(none)\t3515072\tx86_64\t0\tbash-5.1.8-1.cm2.src.rpm\n" +
		"openssl-libs\t1.1.1k-1.cm2\t1\t1\t(none)\t2\t1\tx86_64\t2\topenssl-1.1.1k-1.cm2.src.rpm\n" +
		"gpg-pubkey\t3135ce90-5e6fda74\t1\t1\t(none)\t(none)\t0\t(none)\t0\t(none)\n" +
		"broken\t1\n"
	inv, err := manifest{}.Extract(t.Context(), input(path, []byte(text)))
	if err == nil || !strings.Contains(err.Error(), "line 4") {
		t.Errorf("a broken line: %v", err)
	}
	want := []sekisho.Package{
		{Ecosystem: "rpm", Name: "bash", Version: "5.1.8-1.cm2", SourceName: "bash", SourceVersion: "5.1.8-1.cm2", Arch: "x86_64", Vendor: "Microsoft Corporation", Line: 1, Locations: []sekisho.Location{{Path: path, Line: 1}}},
		{Ecosystem: "rpm", Name: "openssl-libs", Version: "2:1.1.1k-1.cm2", SourceName: "openssl", SourceVersion: "2:1.1.1k-1.cm2", Arch: "x86_64", Line: 2, Locations: []sekisho.Location{{Path: path, Line: 2}}},
	}
	if d := cmp.Diff(want, inv.Packages); d != "" {
		t.Error(d)
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]string{
		"var/lib/rpm/Packages": "rpm/database", "usr/lib/sysimage/rpm/Packages.db": "rpm/database",
		"usr/share/rpm/rpmdb.sqlite": "rpm/database", "usr/lib/sysimage/rpm/rpmdb.sqlite-wal": "rpm/database",
		"var/lib/rpmmanifest/container-manifest-2": "rpm/manifest",
		"var/lib/rpm/rpmdb.sqlite-shm":             "", "var/lib/rpm/Name": "", "srv/var/lib/rpm/Packages": "", "Packages": "",
		"var/lib/rpm/sub/Packages": "",
	} {
		got := ""
		for _, e := range Extractors() {
			if e.Wants(&sekisho.File{Path: path}) {
				got += e.Name()
			}
		}
		if got != want {
			t.Errorf("%s is wanted by %q, want %q", path, got, want)
		}
	}
}
