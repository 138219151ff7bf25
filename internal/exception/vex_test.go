// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"cmp"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestVEX(t *testing.T) {
	for _, tt := range []struct {
		file          string
		format        Format
		want, skipped []string
	}{
		{"openvex.json", OpenVEX, []string{
			"8: CVE-2026-1 package=pkg:npm/lodash@4.17.20 product=pkg:oci/app@sha256%3Aaa?repository_url=registry.example.com/team/app created=2026-01-01T00:00:00.000000000Z status=not_affected justification=vulnerable_code_not_in_execute_path",
			"8: GHSA-aaaa-bbbb-cccc package=pkg:npm/lodash@4.17.20 product=pkg:oci/app@sha256%3Aaa?repository_url=registry.example.com/team/app created=2026-01-01T00:00:00.000000000Z status=not_affected justification=vulnerable_code_not_in_execute_path",
			"13: CVE-2026-2 package=pkg:deb/debian/libc6 reason=in this build created=2026-01-02T00:00:00.000000000Z status=fixed",
			"13: CVE-2026-2 image=registry.example.com/app:1 reason=in this build created=2026-01-02T00:00:00.000000000Z status=fixed",
			"20: CVE-2026-4 package=pkg:npm/a created=2026-01-01T00:00:00.000000000Z status=under_investigation",
			"22: CVE-2026-5 package=pkg:golang/example.com/lib@v2 product=pkg:golang/example.com/tool@v1 reason=never called created=2026-01-01T00:00:00.000000000Z status=not_affected",
		}, []string{
			`10:153: the component "lodash" is no package URL`, `15:144: the product "https://example.com/x" is neither a package URL nor an image`,
			`18:5: not_affected needs a justification or an impact_statement`, `19:5: the justification "trust_me" is not known`, `21:5: the status "fine" is not known`,
			`23:5: the statement names no vulnerability`, `24:5: the statement names no product`,
		}},
		{"cyclonedx.json", CycloneDX, []string{
			"6: CVE-2026-1 package=pkg:npm/lodash@4.17.20 product=pkg:oci/app@sha256%3Aaa reason=never called created=2026-01-03T00:00:00.000000000Z status=not_affected justification=code_not_reachable",
			"6: GHSA-a package=pkg:npm/lodash@4.17.20 product=pkg:oci/app@sha256%3Aaa reason=never called created=2026-01-03T00:00:00.000000000Z status=not_affected justification=code_not_reachable",
			"6: CVE-2026-1 package=pkg:npm/b@1 product=pkg:oci/app@sha256%3Aaa reason=never called created=2026-01-03T00:00:00.000000000Z status=not_affected justification=code_not_reachable",
			"6: GHSA-a package=pkg:npm/b@1 product=pkg:oci/app@sha256%3Aaa reason=never called created=2026-01-03T00:00:00.000000000Z status=not_affected justification=code_not_reachable",
			"7: CVE-2026-2 product=pkg:oci/app@sha256%3Aaa created=2026-01-01T00:00:00.000000000Z status=fixed",
			"7: CVE-2026-2 package=pkg:npm/c@2 product=pkg:oci/app@sha256%3Aaa created=2026-01-01T00:00:00.000000000Z status=fixed",
			"8: CVE-2026-3 package=pkg:npm/lodash@5.0.0 product=pkg:oci/app@sha256%3Aaa created=2026-01-01T00:00:00.000000000Z status=not_affected",
			"8: CVE-2026-3 package=pkg:npm/lodash product=pkg:oci/app@sha256%3Aaa range=vers:npm/<5.0.0 created=2026-01-01T00:00:00.000000000Z status=affected",
			"8: CVE-2026-3 package=pkg:npm/lodash@6 product=pkg:oci/app@sha256%3Aaa created=2026-01-01T00:00:00.000000000Z status=under_investigation",
		}, []string{
			`7:162: the component "unknown" has no package URL`, `8:243: the range "below 5" is not known here, it is written like vers:npm/<1.2.3`,
			`10:5: the analysis names no component in affects`, `11:5: the status "wishful" is not known`,
		}},
		{"csaf.json", CSAF, []string{
			"24: CVE-2026-1 package=pkg:npm/lib range=vers:npm/>=2.0.0|<3.0.0 created=2026-01-05T00:00:00.000000000Z status=not_affected justification=vulnerable_code_not_present",
			"24: EX-77 package=pkg:npm/lib range=vers:npm/>=2.0.0|<3.0.0 created=2026-01-05T00:00:00.000000000Z status=not_affected justification=vulnerable_code_not_present",
			"24: CVE-2026-1 package=pkg:rpm/example/openssl product=pkg:oci/app@sha256:aa reason=built without it created=2026-01-05T00:00:00.000000000Z status=not_affected justification=vulnerable_code_not_present",
			"24: EX-77 package=pkg:rpm/example/openssl product=pkg:oci/app@sha256:aa reason=built without it created=2026-01-05T00:00:00.000000000Z status=not_affected justification=vulnerable_code_not_present",
			"24: CVE-2026-1 package=pkg:rpm/example/openssl@3.0-1?arch=x86_64 created=2026-01-05T00:00:00.000000000Z status=fixed",
			"24: EX-77 package=pkg:rpm/example/openssl@3.0-1?arch=x86_64 created=2026-01-05T00:00:00.000000000Z status=fixed",
			"24: CVE-2026-1 product=pkg:oci/app@sha256:aa created=2026-01-05T00:00:00.000000000Z status=affected",
			"24: EX-77 product=pkg:oci/app@sha256:aa created=2026-01-05T00:00:00.000000000Z status=affected",
		}, []string{
			`27:72: known_not_affected needs a flag or a threat of category impact for "lib-1.2.3"`,
			`24:23: 3 products of CVE-2026-1, EX-77 have no package URL, or versions in words`,
		}},
	} {
		text, err := os.ReadFile("testdata/" + tt.file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Read(tt.file, text)
		if err != nil {
			t.Errorf("%s: %v", tt.file, err)
			continue
		}
		var got, skipped []string
		for i := range f.Exceptions {
			got = append(got, brief(&f.Exceptions[i]))
			if e := f.Exceptions[i]; !e.Statement || e.By != "VEX "+tt.file {
				t.Errorf("%s: %+v", tt.file, e)
			}
		}
		for _, e := range f.Skipped {
			skipped = append(skipped, strings.TrimPrefix(e.Error(), tt.file+":"))
		}
		if d := gocmp.Diff(tt.want, got); d != "" || f.Format != tt.format {
			t.Errorf("%s is %s: %s", tt.file, f.Format, d)
		}
		if d := gocmp.Diff(tt.skipped, skipped); d != "" {
			t.Errorf("%s passes over: %s", tt.file, d)
		}
		// Cut anywhere it is a mistake, not a smaller document.
		for i := 1; i < len(text)-2; i += 37 {
			if _, err := Read(tt.file, text[:i]); err == nil {
				t.Errorf("%s cut at %d was read", tt.file, i)
			}
		}
	}
}

// numbers compares dotted numbers.
var numbers = sekisho.Order{Name: "numbers", Compare: func(a, b string) (int, error) {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		var n, m int
		var err, err2 error
		if i < len(x) {
			n, err = strconv.Atoi(x[i])
		}
		if i < len(y) {
			m, err2 = strconv.Atoi(y[i])
		}
		if err := errors.Join(err, err2); err != nil {
			return 0, err
		}
		if n != m {
			return cmp.Compare(n, m), nil
		}
	}
	return 0, nil
}}

func TestWithin(t *testing.T) {
	for _, tt := range []struct{ text, in, out string }{
		{"vers:npm/1.2|>=2.0|<5.0", "1.2 2 2.0 3 4.9", "1.1 1.3 5 6"},
		{"vers:npm/<2", "1 1.9", "2 3"},
		{"vers:npm/<=2", "1 2", "2.1"},
		{"vers:npm/>2", "2.1 9", "2 1"},
		{"vers:npm/>=2|!=3", "2 4", "3 1"},
		{"vers:npm/>=1|<2|>=3|<4", "1 1.5 3 3.9", "0.5 2 2.5 4 5"},
		{"vers:npm/>=3|<4|>=1|<2", "1 1.5 3 3.9", "0.5 2 2.5 4 5"},
		{"vers:npm/<1|>=2|<3", "0.5 2 2.9", "1 1.5 3"},
		{"vers:npm/!=3", "2 4", "3"},
		{"vers:npm/1|2", "1 2", "1.5 3"},
		{"vers:npm/=1|!=2", "1", "2 3"},
		{"vers:npm/*", "1", ""},
		{"vers:all/*", "1", ""},
		{"vers:none/*", "", "1"},
		{"vers:npm/%31.2", "1.2", "1.3"},
		{"vers:npm/ >= 1 | < 2", "1", "2"},
	} {
		for want, versions := range map[bool]string{true: tt.in, false: tt.out} {
			for v := range strings.FieldsSeq(versions) {
				if got, ok := Within(tt.text, "npm", v, numbers); got != want || !ok {
					t.Errorf("%s in %s: %v %v", v, tt.text, got, ok)
				}
			}
		}
	}
	for _, text := range []string{"", "npm/1", "vers:npm", "vers:npm/", "vers:deb/<2", "vers:npm/<x", "vers:npm/<1|*", "vers:npm/%zz", "vers:all/1", "vers:npm/" + strings.Repeat("1|", maxConstraints) + "1"} {
		if got, ok := Within(text, "npm", "1", numbers); got || ok {
			t.Errorf("%.30q was understood", text)
		}
	}
	if _, ok := Within("vers:npm/<2", "npm", "x", numbers); ok {
		t.Error("what is no version was compared")
	}
}

func TestResolve(t *testing.T) {
	pkg := func(purl, version string) sekisho.Package { return sekisho.Package{PURL: purl, Version: version} }
	results := []*sekisho.Result{
		{Packages: []sekisho.Package{pkg("pkg:npm/a@1", "1"), pkg("pkg:npm/a@2", "2"), pkg("pkg:npm/a@1", "1"), pkg("pkg:npm/b@1", "1"), pkg("pkg:npm/c@x", "x")}},
		{Packages: []sekisho.Package{pkg("pkg:npm/a@1.5", "1.5"), pkg("pkg:gem/a@1", "1")}},
	}
	orders := func(_ *sekisho.OS, p *sekisho.Package) (sekisho.Order, bool) {
		return numbers, !strings.HasPrefix(p.PURL, "pkg:gem")
	}
	list := []sekisho.Exception{
		{Rule: "x"},
		{Rule: "1", Package: "pkg:npm/a", Range: "vers:npm/<2"},
		{Rule: "2", Package: "pkg:npm/none", Range: "vers:npm/<2"},
		{Rule: "3", Package: "pkg:npm/c", Range: "vers:npm/<2"},
		{Rule: "4", Package: "pkg:gem/a", Range: "vers:gem/<2"},
		{Rule: "5", Package: "pkg:npm/b", Range: "below 5"},
	}
	resolved, unknown := Resolve(list, results, orders)
	want := []sekisho.Exception{{Rule: "x"}, {Rule: "1", Package: "pkg:npm/a@1"}, {Rule: "1", Package: "pkg:npm/a@1.5"}, list[3], list[4], list[5]}
	if d := gocmp.Diff(want, resolved); d != "" {
		t.Error(d)
	}
	if d := gocmp.Diff(list[3:], unknown); d != "" {
		t.Error(d)
	}
}

func FuzzVEX(f *testing.F) {
	for _, name := range []string{"openvex.json", "cyclonedx.json", "csaf.json"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Read("vex.json", text)
		if err != nil || !file.Format.VEX() {
			return
		}
		for i := range file.Exceptions {
			if e := &file.Exceptions[i]; e.Rule == "" || !e.Statement || e.Package+e.Product+e.Image == "" {
				t.Fatalf("%+v", e)
			}
		}
	})
}

func FuzzWithin(f *testing.F) {
	f.Add("vers:npm/1.2|>=2.0|<5.0", "1.2")
	f.Add("vers:npm/!=3|<%31", "1")
	f.Fuzz(func(t *testing.T, text, version string) {
		if within, ok := Within(text, "npm", version, numbers); within && !ok {
			t.Fatal("in a range that is none")
		}
	})
}

// --vex takes statements alone: whatever else is read under no name of its own.
func TestReadVEX(t *testing.T) {
	const statement = `{"@context":"https://openvex.dev/ns/v0.2.0","statements":[{"vulnerability":{"name":"CVE-2026-0001"},"products":[{"@id":"pkg:npm/a@1.0"}],"status":"not_affected","justification":"component_not_present"}]}`
	for name, text := range map[string]string{"a.json": statement, ".snyk": statement, "x.toml": "\xef\xbb\xbf " + statement} {
		f, err := ReadVEX(name, []byte(text))
		if err != nil || f.Format != OpenVEX || len(f.Exceptions) != 1 || f.Exceptions[0].By != "VEX "+name {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "binary": "\x00\xff\x91\x0a\xb0", "ids": "CVE-2026-0001\n", "list": "[]", "object": `{"a":1}`, "trivy": `{"vulnerabilities":[{"id":"CVE-2026-0001"}]}`,
		"own": "exceptions:\n- rule: CVE-2026-0001\n",
	} {
		if _, err := ReadVEX(name, []byte(text)); !errors.Is(err, ErrNoVEX) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadVEX("cut", []byte(statement[:60])); err == nil || errors.Is(err, ErrNoVEX) || !strings.Contains(err.Error(), "cut:1") {
		t.Errorf("cut off: %v", err)
	}
	if _, err := ReadVEX("large", make([]byte, MaxBytes+1)); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("large: %v", err)
	}
}
