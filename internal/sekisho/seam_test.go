// SPDX-License-Identifier: Apache-2.0

package sekisho

import (
	"reflect"
	"testing"
)

// A new kind of fact that Merge forgets would be lost without a word.
var artifactFields = map[string]bool{"Target": true, "Image": true, "Layers": true}

func TestMergeCarriesEveryField(t *testing.T) {
	var full, got Inventory
	v := reflect.ValueOf(&full).Elem()
	for name, field := range v.Fields() {
		if artifactFields[name.Name] {
			continue
		}
		field.Set(reflect.MakeSlice(field.Type(), 2, 2))
	}
	got.Merge(full)
	g := reflect.ValueOf(got)
	for i := range g.NumField() {
		if !artifactFields[g.Type().Field(i).Name] && g.Field(i).Len() != 2 {
			t.Errorf("Merge forgets Inventory.%s", g.Type().Field(i).Name)
		}
	}
}

func TestPURL(t *testing.T) {
	for _, tt := range []struct {
		p    PURL
		want string
	}{
		{PURL{Type: "npm", Namespace: "@babel", Name: "core", Version: "7.0.0"}, "pkg:npm/%40babel/core@7.0.0"},
		{PURL{Type: "deb", Namespace: "Debian", Name: "curl", Version: "1:7.50.3-1+b1", Qualifiers: map[string]string{"distro": "debian-12", "arch": "i386"}}, "pkg:deb/debian/curl@1:7.50.3-1%2Bb1?arch=i386&distro=debian-12"},
		{PURL{Type: "golang", Namespace: "github.com/Foo", Name: "bar", Version: "v1.0.0", Subpath: "/a/../b/"}, "pkg:golang/github.com/Foo/bar@v1.0.0#a/b"},
		{PURL{Type: "PyPI", Name: "Django_x", Version: "1"}, "pkg:pypi/django-x@1"},
		{PURL{Type: "maven", Namespace: "org.apache.commons", Name: "io", Qualifiers: map[string]string{"x": ""}}, "pkg:maven/org.apache.commons/io"},
	} {
		got := tt.p.String()
		if got != tt.want {
			t.Errorf("%+v = %s, want %s", tt.p, got, tt.want)
		}
		back, err := ParsePURL(got)
		if err != nil || back.String() != got {
			t.Errorf("ParsePURL(%s) = %s, %v", got, back, err)
		}
	}
	for _, bad := range []string{"", "npm/x", "pkg:npm", "pkg:npm/", "pkg:n pm/x", "pkg:npm/%zz", "pkg:/x"} {
		if p, err := ParsePURL(bad); err == nil {
			t.Errorf("ParsePURL(%q) = %v, want an error", bad, p)
		}
	}
}

func FuzzParsePURL(f *testing.F) {
	f.Add("pkg:npm/%40babel/core@7.0.0?a=b#c")
	f.Add("pkg:deb/debian/curl@1:7")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePURL(s)
		if err != nil {
			return
		}
		again, err := ParsePURL(p.String())
		if err != nil || again.String() != p.String() {
			t.Fatalf("%q -> %s -> %s, %v", s, p, again, err)
		}
	})
}
