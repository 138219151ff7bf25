// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const desc = `%NAME%
libfoo-ng

%VERSION%
1:1.3.1-2

%BASE%
foo

%DESC%
%NAME% in a description is no section

%ARCH%
x86_64

%PACKAGER%
Jane Doe <jane@example.com>

%LICENSE%
GPL-2.0-or-later
custom:foo

%DEPENDS%
glibc
`

const files = `%FILES%
usr/
usr/lib/
usr/lib/libfoo.so.1
usr/bin/foo

%BACKUP%
etc/foo.conf	d41d8cd98f00b204e9800998ecf8427e
`

func input(path, s string) *sekisho.Input {
	return &sekisho.Input{Path: path, Content: bytes.NewReader([]byte(s)), Size: int64(len(s))}
}

func TestDescription(t *testing.T) {
	path := localDir + "libfoo-ng-1:1.3.1-2/desc"
	inv, err := description{}.Extract(t.Context(), input(path, desc))
	want := []sekisho.Package{{
		Ecosystem: "alpm", Name: "libfoo-ng", Version: "1:1.3.1-2", SourceName: "foo", SourceVersion: "1:1.3.1-2", Arch: "x86_64",
		Vendor: "Jane Doe", Licenses: []string{"GPL-2.0-or-later", "custom:foo"}, Line: 2, Locations: []sekisho.Location{{Path: path, Line: 2}},
	}}
	if d := cmp.Diff(want, inv.Packages); d != "" || err != nil {
		t.Error(d, err)
	}
	inv, err = description{}.Extract(t.Context(), input(path, strings.ReplaceAll(desc, "%BASE%", "%OTHER%")))
	if err != nil || inv.Packages[0].SourceName != "libfoo-ng" {
		t.Errorf("without a base: %+v, %v", inv.Packages, err)
	}
	for n := range strings.Index(desc, "1:1.3.1-2") {
		if inv, err = (description{}).Extract(t.Context(), input(path, desc[:n])); err == nil {
			t.Fatalf("cut at %d: %+v passed without a version", n, inv.Packages)
		}
	}
}

func TestFileList(t *testing.T) {
	inv, err := fileList{}.Extract(t.Context(), input(localDir+"libfoo-ng-1:1.3.1-2/files", files))
	want := []sekisho.Ownership{{Ecosystem: "alpm", Name: "libfoo-ng", Version: "1:1.3.1-2", Files: sekisho.NewPathSet([]string{"/usr/lib/libfoo.so.1", "/usr/bin/foo"})}}
	if d := cmp.Diff(want, inv.Owned); d != "" || err != nil {
		t.Error(d, err)
	}
	if inv, err = (fileList{}).Extract(t.Context(), input(localDir+"base-3-2/files", "")); err != nil || len(inv.Owned) != 0 {
		t.Errorf("an empty list: %+v, %v", inv.Owned, err)
	}
	for _, dir := range []string{"x", "x-1", "-1-2"} {
		if _, err := (fileList{}).Extract(t.Context(), input(localDir+dir+"/files", files)); err == nil {
			t.Errorf("%q passed as a package's directory", dir)
		}
	}
}

func TestWants(t *testing.T) {
	for _, tt := range []struct {
		path        string
		desc, files bool
	}{
		{localDir + "a-1-1/desc", true, false},
		{localDir + "a-1-1/files", false, true},
		{localDir + "a-1-1/mtree", false, false},
		{localDir + "desc", false, false},
		{localDir + "a/b/desc", false, false},
		{"srv/" + localDir + "a-1-1/desc", false, false},
	} {
		f := &sekisho.File{Path: tt.path}
		if d, l := (description{}).Wants(f), (fileList{}).Wants(f); d != tt.desc || l != tt.files {
			t.Errorf("%s: %v %v", tt.path, d, l)
		}
	}
}

func FuzzLocal(f *testing.F) {
	f.Add(desc)
	f.Add(files)
	f.Fuzz(func(t *testing.T, s string) {
		inv, err := description{}.Extract(t.Context(), input(localDir+"a-1-1/desc", s))
		if err == nil && (len(inv.Packages) != 1 || inv.Packages[0].Name == "" || inv.Packages[0].Version == "") {
			t.Fatalf("%+v", inv.Packages)
		}
		if _, err := (fileList{}).Extract(t.Context(), input(localDir+"a-1-1/files", s)); err != nil {
			t.Fatal(err)
		}
	})
}
