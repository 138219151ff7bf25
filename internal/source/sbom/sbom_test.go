// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func open(t testing.TB, doc string) (*sekisho.Artifact, error) {
	t.Helper()
	return Open(context.Background(), strings.NewReader(doc), "bom", Options{})
}

// lines describes what was read in short.
func lines(a *sekisho.Artifact) (out []string) {
	for _, o := range a.Inventory.OS {
		out = append(out, "os "+o.ID+" "+o.Version)
	}
	for _, p := range a.Inventory.Packages {
		s := fmt.Sprintf("%s %s %s src=%s %s", p.Ecosystem, p.Name, p.Version, p.SourceName, p.SourceVersion)
		if p.Relationship != "" {
			s += " " + string(p.Relationship)
		}
		if p.Dev {
			s += " dev"
		}
		if len(p.Licenses) > 0 {
			s += " " + strings.Join(p.Licenses, ",")
		}
		for _, l := range p.Locations {
			s += fmt.Sprintf(" @%s:%d", l.Path, l.Line)
		}
		out = append(out, strings.Join(strings.Fields(s), " "))
	}
	for _, p := range a.Problems {
		out = append(out, "problem "+p.Error[:24])
	}
	return out
}

const cdxJSON = `{"bomFormat": "CycloneDX", "specVersion": "1.5",
 "metadata": {"component": {"bom-ref": "root", "type": "application", "name": "app"}},
 "components": [
  {"type": "operating-system", "name": "debian", "version": "12"},
  {"type": "library", "bom-ref": "c", "name": "curl", "purl": "pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12", "licenses": [{"license": {"id": "curl"}}],
   "properties": [{"name": "aquasecurity:trivy:SrcName", "value": "curlsrc"}, {"name": "aquasecurity:trivy:SrcVersion", "value": "7.88.1"}, {"name": "aquasecurity:trivy:SrcRelease", "value": "10"}]},
  {"type": "library", "bom-ref": "n", "group": "@a", "name": "b", "purl": "pkg:npm/%40a/b@1.0.0", "scope": "excluded", "licenses": [{"expression": "MIT OR ISC"}],
   "components": [{"type": "library", "bom-ref": "m", "name": "inner", "purl": "pkg:maven/org.x/inner@2"}]},
  {"type": "library", "name": "nameless"}
 ],
 "dependencies": [{"ref": "root", "dependsOn": ["n"]}, {"ref": "n", "dependsOn": ["m"]}]}`

func TestFormats(t *testing.T) {
	for name, tt := range map[string]struct {
		doc, format string
		want        []string
	}{
		"CycloneDX JSON": {cdxJSON, CycloneDXJSON, []string{
			"os debian 12", "deb curl 7.88.1-10 src=curlsrc 7.88.1-10 transitive curl", "npm @a/b 1.0.0 src= direct dev MIT OR ISC",
			"maven org.x:inner 2 src= transitive", "problem 1 entries have no packag",
		}},
		"CycloneDX XML": {`<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1"><components>
<component type="library" bom-ref="x"><name>x</name><version>1</version><licenses><license><id>MIT</id></license></licenses><purl>pkg:npm/x@1</purl></component>
</components></bom>`, CycloneDXXML, []string{"npm x 1 src= MIT"}},
		"SPDX JSON": {
			`{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","packages":[
{"name":"img","primaryPackagePurpose":"CONTAINER"},
{"name":"bash","versionInfo":"5","licenseDeclared":"GPL-3.0-or-later","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:rpm/rhel/bash@5.1.8-6.el9?epoch=1&distro=rhel-9.3&upstream=bash-5.1.8-6.el9.src.rpm"}]}]}`,
			SPDXJSON,
			[]string{"os rhel 9.3", "rpm bash 1:5.1.8-6.el9 src=bash 5.1.8-6.el9 GPL-3.0-or-later"},
		},
		"SPDX tag-value": {
			"SPDXVersion: SPDX-2.2\nPackageName: a\nPackageVersion: 1\nPackageLicenseDeclared: MIT\nPackageComment: <text>x\nExternalRef: PACKAGE-MANAGER purl pkg:npm/no@1\n</text>\nExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n\nPackageName: b\n",
			SPDXTagValue,
			[]string{"npm a 1 src= MIT", "problem 1 entries have no packag"},
		},
		"Syft JSON": {
			`{"artifacts":[{"name":"musl","version":"1.2","purl":"pkg:apk/alpine/musl@1.2?distro=alpine-3.18.9","licenses":[{"value":"MIT"}],"locations":[{"path":"/lib/apk/db/installed","layerID":"sha256:x"}],"metadata":{"originPackage":"musl-src"}}],"distro":{"id":"alpine","versionID":"3.18.9","idLike":["x"]}}`,
			SyftJSON,
			[]string{"os alpine 3.18.9", "apk musl 1.2 src=musl-src 1.2 MIT @lib/apk/db/installed:0"},
		},
		"our own": {
			`{"schemaVersion":"1.0","tool":{"name":"sekisho"},"os":{"id":"debian","version":"12"},"packages":[{"purl":"pkg:npm/a@1","ecosystem":"npm","name":"a","version":"1"},{"purl":"pkg:npm/gone@1","name":"gone","hidden":true}]}`,
			SekishoJSON,
			[]string{"os debian 12", "npm a 1 src="},
		},
		"a list": {
			"pkg:npm/a@1\n# comment\n\npkg:golang/example.com/x/y@v1.2.3\npkg:npm/a@1\n", PURLList,
			[]string{"npm a 1 src=", "golang example.com/x/y v1.2.3 src="},
		},
	} {
		if f, ok := Detect([]byte(tt.doc)); !ok || f != tt.format {
			t.Errorf("%s was taken for %q", name, f)
		}
		a, err := open(t, tt.doc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(tt.want, lines(a)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if _, err := open(t, tt.doc[:len(tt.doc)*2/3]); err == nil && tt.format != SPDXTagValue && tt.format != PURLList {
			t.Errorf("%s, cut off, passed", name)
		}
	}
}

func TestRefusals(t *testing.T) {
	deep := `<bom xmlns="http://cyclonedx.org/schema/bom/1.4">` + strings.Repeat("<components><component>", 100)
	for doc, want := range map[string]string{
		`{"bomFormat":"CycloneDX","specVersion":"1.1"}`: "not one of 1.2 to 1.7",
		`{"spdxVersion":"SPDX-3.0","SPDXID":"x"}`:       "not 2.x",
		`{"hello":1}`:                       "none of CycloneDX",
		`{"schemaVersion":"9.0","tool":{}}`: "is not 1.x",
		`{"bomFormat":"CycloneDX","specVersion":"1.5","components":"x"}`: "not what the format says",
		"pkg:npm/a@1\nnonsense\n": "line 2",
		deep:                      "nest deeper",
	} {
		if _, err := open(t, doc); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q: %v, want %q", doc, err, want)
		}
	}
	for _, s := range []string{"", "hello", "PK\x03\x04", "{}", "<html>"} {
		if f, ok := Detect([]byte(s)); ok {
			t.Errorf("%q was taken for %s", s, f)
		}
	}
	if _, err := FromPURL("pkg:npm"); err == nil {
		t.Error("a purl without a name passed")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Open(ctx, strings.NewReader(cdxJSON), "x", Options{}); err == nil {
		t.Error("a cancelled read went on")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(cdxJSON)
	f.Add(`<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components/></bom>`)
	f.Add("SPDXVersion: SPDX-2.2\nPackageName: a\nExternalRef: X purl pkg:npm/a@1\n")
	f.Add(`{"artifacts":[{"purl":"pkg:npm/a@1"}]}`)
	f.Add("pkg:npm/a@1")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := open(t, s)
		if err != nil {
			return
		}
		for _, p := range a.Inventory.Packages {
			if p.PURL != "" && p.Name == "" {
				t.Fatalf("%+v", p)
			}
		}
	})
}

func BenchmarkCycloneDX800(b *testing.B) {
	var s strings.Builder
	s.WriteString(`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[`)
	for i := range 800 {
		if i > 0 {
			s.WriteByte(',')
		}
		fmt.Fprintf(&s, `{"type":"library","bom-ref":"r%d","name":"p%d","version":"1.0.%d","purl":"pkg:npm/p%d@1.0.%d","properties":[{"name":"syft:location:0:path","value":"/app/node_modules/p%d/package.json"}]}`, i, i, i, i, i, i)
	}
	s.WriteString("]}")
	b.SetBytes(int64(s.Len()))
	for b.Loop() {
		if _, err := open(b, s.String()); err != nil {
			b.Fatal(err)
		}
	}
}
