// SPDX-License-Identifier: Apache-2.0

package cargo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zlib"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestLock(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, lock{}, "src/Cargo.lock"), `
		bitflags 1.3.2 pkg:cargo/bitflags@1.3.2 line=5 transitive
		bitflags 2.4.0 pkg:cargo/bitflags@2.4.0 line=11 direct
		forked 0.1.0 pkg:cargo/forked@0.1.0?vcs_url=git%2Bhttps:%2F%2Fgit.example.com%2Fforked.git%400123456789abcdef0123456789abcdef01234567 line=16 direct
		inner 0.9.0 pkg:cargo/inner@0.9.0?repository_url=https:%2F%2Fcrates.example.com%2Findex line=24 direct
		shop 1.0.0 pkg:cargo/shop@1.0.0 line=29 root
		shop-core 1.0.0 pkg:cargo/shop-core@1.0.0 line=38 root`)
	extracttest.Equal(t, extracttest.File(t, lock{}, "src/v1/Cargo.lock"), `
		old 0.1.0 pkg:cargo/old@0.1.0 line=1 root
		libc 0.2.30 pkg:cargo/libc@0.2.30 line=8 direct
		log 0.4.0 pkg:cargo/log@0.4.0 line=14 transitive`)
	// Without a project nobody can tell what is direct.
	extracttest.Equal(t, extracttest.File(t, lock{}, "src/v4/Cargo.lock"), "solo 0.0.1 pkg:cargo/solo@0.0.1 line=3")
}

func TestLockChecksum(t *testing.T) {
	b, err := os.ReadFile("testdata/src/Cargo.lock")
	if err != nil {
		t.Fatal(err)
	}
	inv, err := extracttest.Extract(t, lock{}, "Cargo.lock", b)
	if err != nil || len(inv.Packages[0].Checksums) != 1 || inv.Packages[0].Checksums[0] != "sha256:bef38d45163c2f1dde094a7dfd33ccf595c92905c8f8f4fdc18d06fb1037718a" {
		t.Error(inv.Packages[0].Checksums, err)
	}
}

func TestLockDamaged(t *testing.T) {
	const good = "[[package]]\nname = \"a\"\nversion = \"1\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
	for _, tt := range []struct{ text, line string }{
		{good + "<<<<<<< HEAD\n", "line 5"},
		{good + "dependencies = [\n \"b\"\n", "line 6"},
		{good + "dependencies = [\n b\n]\n", "line 6"},
		{good + "checksum = 5\n", "line 5"},
		{good + "[[package]]\nversion = \"2\"\n", "line 5"},
		{good + "dependencies = 3", "line 5"},
	} {
		inv, err := extracttest.Extract(t, lock{}, "Cargo.lock", []byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.line+" ") {
			t.Errorf("%q: want an error of %s, got %v", tt.text, tt.line, err)
		}
		if len(inv.Packages) != 1 || inv.Packages[0].Name != "a" {
			t.Errorf("%q: the good part is lost: %v", tt.text, inv.Packages)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (lock{}).Extract(ctx, extracttest.Input("Cargo.lock", bytes.Repeat([]byte("\n"), 1<<14))); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// list is what cargo-auditable would write for the project shop.
const list = `{"packages":[
	{"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"},
	{"name":"deep","version":"2.0.0","source":"crates.io"},
	{"name":"forked","version":"0.3.0","source":"git","dependencies":[1]},
	{"name":"inner","version":"0.9.0","source":"registry"},
	{"name":"shop","version":"1.0.0","source":"local","dependencies":[0,2,3,5],"root":true},
	{"name":"shop-core","version":"1.0.0","source":"local"}],"format":1}`

const listed6 = `
	cc 1.0.0 pkg:cargo/cc@1.0.0 direct dev
	deep 2.0.0 pkg:cargo/deep@2.0.0 transitive
	forked 0.3.0 pkg:cargo/forked@0.3.0 direct
	inner 0.9.0 pkg:cargo/inner@0.9.0 direct
	shop 1.0.0 pkg:cargo/shop@1.0.0 root
	shop-core 1.0.0 pkg:cargo/shop-core@1.0.0 root`

func pack(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// elf makes a program of nothing but sections.
func elf(order binary.AppendByteOrder, is64 bool, section []byte) []byte {
	names := "\x00.shstrtab\x00.dep-v0x\x00.dep-v0\x00"
	head, entry := 52, 40
	if is64 {
		head, entry = 64, 64
	}
	sectionAt := head
	namesAt := sectionAt + len(section)
	tableAt := namesAt + len(names)
	b := []byte{0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	if is64 {
		b[4] = 2
	}
	if order.String() == "BigEndian" {
		b[5] = 2
	}
	word := func(v int) {
		if is64 {
			b = order.AppendUint64(b, uint64(v))
		} else {
			b = order.AppendUint32(b, uint32(v))
		}
	}
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 62)
	b = order.AppendUint32(b, 1)
	word(0)
	word(0)
	word(tableAt)
	b = order.AppendUint32(b, 0)
	for _, v := range []int{head, 0, 0, entry, 4, 1} {
		b = order.AppendUint16(b, uint16(v))
	}
	b = append(append(b, section...), names...)
	for _, s := range [][3]int{{0, 0, 0}, {1, namesAt, len(names)}, {11, 0, 4}, {20, sectionAt, len(section)}} {
		b = order.AppendUint32(b, uint32(s[0]))
		b = order.AppendUint32(b, 1)
		word(0)
		word(0)
		word(s[1])
		word(s[2])
		b = order.AppendUint32(b, 0)
		b = order.AppendUint32(b, 0)
		word(0)
		word(0)
	}
	return b
}

func portable(section []byte) []byte {
	le := binary.LittleEndian
	b := make([]byte, 64)
	copy(b, "MZ")
	le.PutUint32(b[60:], 64)
	b = append(b, "PE\x00\x00"...)
	b = le.AppendUint16(b, 0x8664)
	b = le.AppendUint16(b, 1) // sections
	b = append(b, make([]byte, 16)...)
	b = append(b, ".dep-v0\x00"...)
	at := uint32(len(b) + 32)
	for _, v := range []uint32{uint32(len(section)), 0, uint32(len(section)), at, 0, 0, 0, 0} {
		b = le.AppendUint32(b, v)
	}
	return append(b, section...)
}

func mach(section []byte) []byte {
	le := binary.LittleEndian
	var b []byte
	for _, v := range []uint32{0xfeedfacf, 0x01000007, 3, 2, 1, 152, 0, 0, 0x19, 152} {
		b = le.AppendUint32(b, v)
	}
	name := func(s string) { b = append(b, (s + strings.Repeat("\x00", 16))[:16]...) }
	name("__DATA")
	const at = 32 + 152
	for _, v := range []uint64{0, 0, at, uint64(len(section))} {
		b = le.AppendUint64(b, v)
	}
	for _, v := range []uint32{7, 7, 1, 0} {
		b = le.AppendUint32(b, v)
	}
	name(".dep-v0")
	name("__DATA")
	b = le.AppendUint64(b, 0)
	b = le.AppendUint64(b, uint64(len(section)))
	for _, v := range []uint32{at, 0, 0, 0, 0, 0, 0, 0} {
		b = le.AppendUint32(b, v)
	}
	return append(b, section...)
}

func programs(t testing.TB, section []byte) map[string][]byte {
	t.Helper()
	return map[string][]byte{
		"elf64":     elf(binary.LittleEndian, true, section),
		"elf32":     elf(binary.LittleEndian, false, section),
		"elf64-big": elf(binary.BigEndian, true, section),
		"elf32-big": elf(binary.BigEndian, false, section),
		"pe.exe":    portable(section),
		"mach-o":    mach(section),
	}
}

func wants(name string, b []byte) bool {
	return (auditable{}).Wants(&sekisho.File{Path: name, Mode: 0o755, Head: b[:min(len(b), sekisho.HeadSize)]})
}

func TestAuditable(t *testing.T) {
	for name, b := range programs(t, pack(t, list)) {
		if !wants(name, b) {
			t.Errorf("%s is not wanted", name)
		}
		inv, err := (auditable{}).Extract(t.Context(), extracttest.Input(name, b))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		extracttest.Equal(t, extracttest.Lines(t, inv), listed6)
	}
}

func TestAuditableDamaged(t *testing.T) {
	for why, section := range map[string][]byte{
		"no zlib":   []byte("this is not zlib"),
		"truncated": pack(t, list)[:40],
		"no JSON":   pack(t, "{"),
		"outside":   pack(t, `{"packages":[{"name":"a","version":"1","dependencies":[1]}]}`),
		"negative":  pack(t, `{"packages":[{"name":"a","version":"1","dependencies":[-1]}]}`),
		"nameless":  pack(t, `{"packages":[{"version":"1"}]}`),
		"bomb":      pack(t, `{"packages":[{"name":"a","version":"1"}]}`+strings.Repeat(" ", maxList)),
	} {
		for name, b := range programs(t, section) {
			inv, err := (auditable{}).Extract(t.Context(), extracttest.Input(name, b))
			if err == nil || len(inv.Packages) > 0 {
				t.Errorf("%s %s: want an error, got %v", why, name, inv.Packages)
			}
		}
	}
	// The table of names is not where the header says.
	b := elf(binary.LittleEndian, true, pack(t, list))
	b[62], b[63] = 0xff, 0xff
	if inv, err := (auditable{}).Extract(t.Context(), extracttest.Input("a", b)); err != nil || len(inv.Packages) > 0 {
		t.Error(inv.Packages, err)
	}
	// A program that is cut off anywhere is no concern of this ecosystem.
	for name, b := range programs(t, pack(t, list)) {
		for n := range b {
			inv, err := (auditable{}).Extract(t.Context(), extracttest.Input(name, b[:n]))
			if err != nil || len(inv.Packages) > 0 {
				t.Fatalf("%s, %d bytes: %v, %v", name, n, inv.Packages, err)
			}
		}
	}
}

func TestWants(t *testing.T) {
	head := []byte(elfMagic + "\x02")
	for _, f := range []sekisho.File{
		{Path: "a.o", Mode: 0o644, Head: head},
		{Path: "a", Mode: 0o755, Head: []byte("#!/b")},
		{Path: "a", Mode: 0o755},
		{Path: "a", Mode: 0o777, Head: head, Type: sekisho.TypeSymlink},
		{Path: "notes", Head: []byte("MZ..")},
	} {
		if (auditable{}).Wants(&f) {
			t.Errorf("%+v is wanted", f)
		}
	}
	if !(lock{}).Wants(&sekisho.File{Path: "Cargo.lock"}) || (lock{}).Wants(&sekisho.File{Path: "xCargo.lock"}) {
		t.Error("Cargo.lock is wanted, and nothing else")
	}
}

// A real program of rustc, with the section that objcopy puts in.
func TestProgramOfRustc(t *testing.T) {
	for _, tool := range []string{"rustc", "objcopy"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is not installed", tool)
			}
			t.Skipf("%s is not installed", tool)
		}
	}
	dir := t.TempDir()
	for name, text := range map[string][]byte{"m.rs": []byte("fn main() {}"), "section": pack(t, list)} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"rustc", "-C", "strip=symbols", "m.rs", "-o", "plain"}, {"objcopy", "--add-section", ".dep-v0=section", "plain", "audited"}} {
		c := exec.CommandContext(t.Context(), args[0], args[1:]...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	for name, want := range map[string]string{"plain": "", "audited": listed6} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		inv, err := (auditable{}).Extract(t.Context(), extracttest.Input(name, b))
		if err != nil || !wants(name, b) {
			t.Fatal(name, err)
		}
		extracttest.Equal(t, extracttest.Lines(t, inv), want)
	}
}

func FuzzLock(f *testing.F) { extracttest.Fuzz(f, lock{}) }

func FuzzAuditable(f *testing.F) {
	for _, b := range programs(f, pack(f, list)) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		inv, err := (auditable{}).Extract(t.Context(), extracttest.Input("a", b))
		for _, p := range inv.Packages {
			if p.Name == "" || p.Version == "" || p.PURL == "" {
				t.Fatalf("%+v, %v", p, err)
			}
		}
	})
}

// BenchmarkNotRust is what every program that is not Rust's costs.
func BenchmarkNotRust(b *testing.B) {
	data := elf(binary.LittleEndian, true, make([]byte, 8<<20))
	data = bytes.Replace(data, []byte(".dep-v0\x00"), []byte(".text00\x00"), 1)
	in := extracttest.Input("a", data)
	b.ReportAllocs()
	for b.Loop() {
		if inv, err := (auditable{}).Extract(b.Context(), in); err != nil || len(inv.Packages) > 0 {
			b.Fatal(inv, err)
		}
	}
}

// TestRealLock compares with `cargo tree --workspace --target all` of Cargo
// 1.95, over crates of our own: a renamed one, two versions of one, those of a
// build, of tests and of Windows.
func TestRealLock(t *testing.T) { extracttest.Listed(t, lock{}, "real/Cargo.lock") }
