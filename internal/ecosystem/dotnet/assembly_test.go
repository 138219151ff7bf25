// SPDX-License-Identifier: Apache-2.0

package dotnet

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// pe builds a PE32+ file with one section that holds a resource directory and
// its version resource, as a compiler lays it out.
func pe(managed bool, strings ...string) []byte {
	le := binary.LittleEndian
	const peAt, sectionRVA, sectionAt = 0x80, 0x2000, 0x400
	b := make([]byte, sectionAt)
	copy(b, "MZ")
	le.PutUint32(b[0x3c:], peAt)
	copy(b[peAt:], "PE\x00\x00")
	le.PutUint16(b[peAt+4:], 0x8664)
	le.PutUint16(b[peAt+6:], 1)    // sections
	le.PutUint16(b[peAt+20:], 240) // optional header
	opt := b[peAt+24:]
	le.PutUint16(opt, 0x20b)
	le.PutUint32(opt[108:], 16)
	le.PutUint32(opt[112+2*8:], sectionRVA)
	if managed {
		le.PutUint32(opt[112+14*8:], 0x3000)
	}
	section := opt[240:]
	copy(section, ".rsrc")
	le.PutUint32(section[12:], sectionRVA)
	le.PutUint32(section[20:], sectionAt)

	var r []byte
	directory := func(id, next uint32) {
		d := make([]byte, 24)
		le.PutUint16(d[14:], 1)
		le.PutUint32(d[16:], id)
		le.PutUint32(d[20:], next)
		r = append(r, d...)
	}
	directory(16, 24|1<<31)
	directory(1, 48|1<<31)
	directory(0, 72)
	info := versionInfo(strings...)
	data := make([]byte, 16)
	le.PutUint32(data, sectionRVA+88)
	le.PutUint32(data[4:], uint32(len(info)))
	r = append(append(r, data...), info...)
	le.PutUint32(section[8:], uint32(len(r)))
	le.PutUint32(section[16:], uint32(len(r)))
	return append(b, r...)
}

func versionInfo(strings ...string) []byte {
	var table []byte
	for i := 0; i+1 < len(strings); i += 2 {
		table = append(table, vnode(strings[i], strings[i+1], nil, nil)...)
	}
	file := vnode("StringFileInfo", "", nil, vnode("000004b0", "", nil, table))
	translation := vnode("VarFileInfo", "", nil, vnode("Translation", "", []byte{0, 0, 0xb0, 4}, nil))
	return vnode("VS_VERSION_INFO", "", make([]byte, 52), append(translation, file...))
}

// vnode is aligned to four bytes at its end, which its length does not count.
func vnode(key, text string, value, children []byte) []byte {
	le := binary.LittleEndian
	b := make([]byte, 6)
	pad := func() {
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	wide := func(s string) int {
		u := append(utf16.Encode([]rune(s)), 0)
		for _, c := range u {
			b = le.AppendUint16(b, c)
		}
		return len(u)
	}
	wide(key)
	pad()
	switch {
	case text != "":
		le.PutUint16(b[4:], 1)
		n := wide(text)
		le.PutUint16(b[2:], uint16(n))
	case value != nil:
		le.PutUint16(b[2:], uint16(len(value)))
		b = append(b, value...)
	}
	if children != nil {
		pad()
		b = append(b, children...)
	}
	le.PutUint16(b, uint16(len(b)))
	pad()
	return b
}

func TestAssembly(t *testing.T) {
	for _, tt := range []struct {
		strings []string
		want    string
	}{
		{[]string{"CompanyName", "Example ☃", "FileVersion", "13.0.1.25517", "ProductVersion", "13.0.1+ae9fe44e1323e91bcbd185ca1a14099fba7c021f"}, "Newtonsoft.Json 13.0.1 pkg:nuget/Newtonsoft.Json@13.0.1"},
		{[]string{"FileVersion", "4.6.26515.06", "ProductVersion", "4.6.26515.06 @BuiltBy: example"}, "Newtonsoft.Json 4.6.26515.06 pkg:nuget/Newtonsoft.Json@4.6.26515.06"},
		{[]string{"ProductVersion", "next", "FileVersion", "2.1.0-beta.3"}, "Newtonsoft.Json 2.1.0-beta.3 pkg:nuget/Newtonsoft.Json@2.1.0-beta.3"},
		{[]string{"ProductVersion", "0.0.0.0"}, ""},
		{nil, ""},
	} {
		inv, err := extracttest.Extract(t, assembly{}, "app/Newtonsoft.Json.dll", pe(true, tt.strings...))
		if err != nil {
			t.Error(err)
		}
		extracttest.Equal(t, extracttest.Lines(t, inv), tt.want)
	}
}

func TestAssemblyWants(t *testing.T) {
	managed, native := pe(true), pe(false)
	for _, tt := range []struct {
		path string
		b    []byte
		want bool
	}{
		{"app/a.dll", managed, true},
		{"app/a.exe", managed, true},
		{"app/a.dll", native, false},
		{"app/a.so", managed, false},
		{"app/de/a.resources.dll", managed, false},
		{"usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/a.dll", managed, false},
		{"usr/share/dotnet/packs/Microsoft.NETCore.App.Ref/8.0.1/ref/net8.0/a.dll", managed, false},
		{"app/a.dll", managed[:0x100], false},
		{"app/a.dll", []byte("MZ"), false},
		{"app/a.dll", nil, false},
	} {
		f := sekisho.File{Path: tt.path, Head: tt.b[:min(len(tt.b), sekisho.HeadSize)]}
		if got := (assembly{}).Wants(&f); got != tt.want {
			t.Errorf("Wants(%s) = %v, want %v", tt.path, got, tt.want)
		}
	}
}

// Every part of a file that ends early, or points elsewhere, is an error or
// nothing, never a panic.
func TestDamagedAssembly(t *testing.T) {
	b := pe(true, "ProductVersion", "1.2.3")
	for n := range b {
		inv, err := (assembly{}).Extract(t.Context(), extracttest.Input("a.dll", b[:n]))
		if err == nil && len(inv.Packages) > 0 && inv.Packages[0].Version != "1.2.3" {
			t.Errorf("%d bytes: %v", n, inv.Packages)
		}
		for _, v := range []byte{0, 0x7f, 0x80, 0xff} {
			d := append([]byte(nil), b...)
			d[n] = v
			_, _ = (assembly{}).Extract(t.Context(), extracttest.Input("a.dll", d))
		}
	}
	if _, err := (assembly{}).Extract(t.Context(), extracttest.Input("a.dll", b[:0x420])); err == nil {
		t.Error("want an error for a file that ends in its resource directory")
	}
}

func FuzzAssembly(f *testing.F) {
	f.Add(pe(true, "ProductVersion", "1.2.3", "FileVersion", "1.2.3.4"))
	f.Add(pe(true))
	f.Fuzz(func(t *testing.T, b []byte) {
		inv, _ := (assembly{}).Extract(t.Context(), extracttest.Input("a.dll", b))
		for _, p := range inv.Packages {
			if p.Version == "" || len(p.Version) > 64 {
				t.Fatal(p)
			}
		}
	})
}
