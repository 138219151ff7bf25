// SPDX-License-Identifier: Apache-2.0

package pypi

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func extract(t testing.TB, e sekisho.Extractor, path, body string) ([]string, error) {
	t.Helper()
	if !e.Wants(&sekisho.File{Path: path, Size: int64(len(body))}) {
		t.Fatalf("%s does not want %s", e.Name(), path)
	}
	inv, err := e.Extract(context.Background(), &sekisho.Input{Path: path, Content: bytes.NewReader([]byte(body)), Size: int64(len(body))})
	var out []string
	for _, p := range inv.Packages {
		s := fmt.Sprintf("%s %d", p.PURL, p.Line)
		if p.Dev {
			s += " dev"
		}
		if len(p.Licenses) > 0 {
			s += " " + strings.Join(p.Licenses, ",")
		}
		for _, l := range p.Locations {
			s += " " + l.Path
		}
		out = append(out, s)
	}
	for _, p := range inv.Problems {
		out = append(out, "problem: "+p.Error[:30])
	}
	slices.Sort(out)
	return out, err
}

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{"Friendly-Bard": "friendly-bard", "FRIENDLY.__--bard": "friendly-bard", "zope.interface": "zope-interface", "a": "a"} {
		if got := Normalize(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestMetadata(t *testing.T) {
	const text = "Metadata-Version: 2.1\nName: Zope.Interface\nVersion: 6.0\nClassifier: License :: OSI Approved :: Zope Public License\nDescription: x\n Name: no\n\nVersion: 9\n"
	for path, want := range map[string]string{
		"usr/lib/python3/dist-packages/zope.interface-6.0.dist-info/METADATA": "pkg:pypi/zope-interface@6.0 0 Zope Public License",
		"usr/lib/python3/dist-packages/zope.interface-6.0.egg-info":           "pkg:pypi/zope-interface@6.0 0 Zope Public License",
	} {
		got, err := extract(t, metadata{}, path, text)
		if d := cmp.Diff([]string{want}, got); d != "" || err != nil {
			t.Error(d, err)
		}
	}
	for text, want := range map[string]string{
		"Name: a\nVersion: 1\nLicense: MIT\n":                              "pkg:pypi/a@1 0 MIT",
		"Name: a\r\nVersion: 1\r\nLicense-Expression: MIT OR ISC\r\n\r\nx": "pkg:pypi/a@1 0 MIT OR ISC",
	} {
		got, err := extract(t, metadata{}, "x/a.dist-info/METADATA", text)
		if d := cmp.Diff([]string{want}, got); d != "" || err != nil {
			t.Error(d, err)
		}
	}
	for _, bad := range []string{"", "Name: a\n\nVersion: 1\n", "Version: 1\n"} {
		if _, err := extract(t, metadata{}, "x/a.dist-info/METADATA", bad); err == nil {
			t.Errorf("%q passed", bad)
		}
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("EGG-INFO/PKG-INFO")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "Name: egged\nVersion: 2\n")
	z.Close()
	got, err := extract(t, metadata{}, "usr/lib/python3/site-packages/egged.egg", b.String())
	if d := cmp.Diff([]string{"pkg:pypi/egged@2 0 usr/lib/python3/site-packages/egged.egg!/EGG-INFO/PKG-INFO"}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	if (metadata{}).Wants(&sekisho.File{Path: "src/app.egg-info/PKG-INFO"}) {
		t.Error("the project's own egg-info is wanted")
	}
}

func TestRequirements(t *testing.T) {
	got, err := extract(t, requirements{}, "requirements.txt", `# comment
Django==4.2.1  # note
requests[socks] == 2.31.0 ; python_version > "3"
flask>=2
-r other.txt
--index-url https://index.example.com
pkg @ https://example.com/pkg.whl
six===1.16.0 \
    --hash=sha256:abc \
    --hash=sha256:def
./local
wild==1.*
`)
	want := []string{"pkg:pypi/django@4.2.1 2", "pkg:pypi/requests@2.31.0 3", "pkg:pypi/six@1.16.0 8", "problem: 2 requirements are not pinned "}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
	for p, want := range map[string]bool{
		"requirements-dev.txt": true, "app/requirements/base.txt": true, "dev-requirements.txt": true, "notes.txt": false,
		"usr/lib/python3/site-packages/x/requirements.txt": false, "requirements/a.b.txt": false,
	} {
		if (requirements{}).Wants(&sekisho.File{Path: p}) != want {
			t.Errorf("Wants(%s) is not %v", p, want)
		}
	}
}

func TestLocks(t *testing.T) {
	for path, tt := range map[string]struct {
		body string
		want []string
	}{
		"poetry.lock": {
			"[[package]]\nname = \"A_b\"\nversion = \"1.0\"\ncategory = \"dev\"\n\n[[package]]\nname = \"c\"\nversion = \"2\"\n[package.source]\ntype = \"git\"\n\n[[package]]\nname = \"d\"\nversion = \"3\"\ngroups = [\"main\", \"dev\"]\n",
			[]string{"pkg:pypi/a-b@1.0 1 dev", "pkg:pypi/d@3 12"},
		},
		"x/pdm.lock": {"[metadata]\ngroups = [\"default\"]\n[[package]]\nname = \"a\"\nversion = \"1\"\ngroups = [\"test\"]\n", []string{"pkg:pypi/a@1 3 dev"}},
		"uv.lock": {
			"version = 1\n[[package]]\nname = \"app\"\nversion = \"0.1\"\nsource = { virtual = \".\" }\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { registry = \"https://index.example.com\" }\n",
			[]string{"pkg:pypi/a@1 6"},
		},
		"pylock.toml": {"lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\nversion = \"1\"\n[[packages]]\nname = \"b\"\nversion = \"2\"\ndirectory = { path = \".\" }\n", []string{"pkg:pypi/a@1 2"}},
	} {
		got, err := extract(t, tomlLock{}, path, tt.body)
		if d := cmp.Diff(tt.want, got); d != "" || err != nil {
			t.Error(path, d, err)
		}
		if _, err := extract(t, tomlLock{}, path, tt.body[:len(tt.body)-3]+"{["); err == nil {
			t.Error(path, "damaged passed")
		}
	}
	got, err := extract(t, pipfileLock{}, "Pipfile.lock", "{\n \"_meta\": {},\n \"default\": {\n  \"A\": {\"version\": \"==1.0\"}},\n \"develop\": {\"b\": {\"version\": \"==2\"}, \"g\": {\"git\": \"x\"}}\n}")
	if d := cmp.Diff([]string{"pkg:pypi/a@1.0 4", "pkg:pypi/b@2 5 dev"}, got); d != "" || err != nil {
		t.Error(d, err)
	}
}

func FuzzPyPI(f *testing.F) {
	f.Add([]byte("Name: a\nVersion: 1\n"))
	f.Add([]byte("a==1 \\\n --hash=x\n"))
	f.Add([]byte("[[package]]\nname='a'\nversion='1'\n"))
	f.Add([]byte(`{"default":{"a":{"version":"==1"}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for path, e := range map[string]sekisho.Extractor{"a.dist-info/METADATA": metadata{}, "x.egg": metadata{}, "requirements.txt": requirements{}, "poetry.lock": tomlLock{}, "Pipfile.lock": pipfileLock{}} {
			inv, _ := e.Extract(context.Background(), &sekisho.Input{Path: path, Content: bytes.NewReader(b), Size: int64(len(b))})
			for _, p := range inv.Packages {
				if p.Name == "" || p.Version == "" {
					t.Fatalf("%s: %+v", e.Name(), p)
				}
			}
		}
	})
}
