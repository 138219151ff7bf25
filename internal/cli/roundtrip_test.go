// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// zipOf makes a jar.
func zipOf(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, body := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// programsOf makes a layer whose files may be run.
func programsOf(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, body := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(body)), Mode: 0o755, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// mixedImage writes a Docker archive with packages of a distribution, npm,
// Python, Java and Go (this very test is the Go program).
func mixedImage(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	pom := func(group, artifact, version string) map[string]string {
		return map[string]string{"META-INF/maven/" + group + "/" + artifact + "/pom.properties": "groupId=" + group + "\nartifactId=" + artifact + "\nversion=" + version + "\n"}
	}
	war := pom("com.example", "shop", "2.0.0")
	war["WEB-INF/lib/inner-1.1.jar"] = zipOf(t, pom("org.example", "inner", "1.1"))
	layers := []string{
		string(tarOf(map[string]string{
			"etc/os-release": "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
			"var/lib/dpkg/status": "Package: libfoo1\nStatus: install ok installed\nArchitecture: amd64\nSource: foo (1:2.3-1)\nVersion: 1:2.3-1+b2\nMaintainer: A <a@example.com>\nDescription: foo\n\n" +
				"Package: python3-six\nStatus: install ok installed\nArchitecture: all\nSource: six\nVersion: 1.16.0-4\nMaintainer: A <a@example.com>\nDescription: six\n\n",
			"var/lib/dpkg/info/python3-six.list":                                "/usr/lib/python3/dist-packages/six-1.16.0.egg-info\n/usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO\n",
			"usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO":        "Metadata-Version: 1.2\nName: six\nVersion: 1.16.0\nLicense: MIT\n",
			"usr/local/lib/python3.11/site-packages/a_b-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: A.B\nVersion: 1.0+local.1\nLicense: BSD-3-Clause\n",
			"app/node_modules/@s/a/package.json":                                `{"name":"@s/a","version":"1.0.0-rc.1+build.5","license":"(MIT OR Apache-2.0)"}`,
			"app/node_modules/b/package.json":                                   `{"name":"b","version":"2.0.0"}`,
			"app/node_modules/c/node_modules/b/package.json":                    `{"name":"b","version":"2.0.0"}`,
			"app/node_modules/c/package.json":                                   `{"name":"c","version":"3.0.0","license":"SEE LICENSE IN x"}`,
			"srv/old/node_modules/gone/package.json":                            `{"name":"gone","version":"1.0.0"}`,
			"srv/shop.war":                                                      zipOf(t, war),
			"src/go.mod":                                                        "module example.com/shop\n\ngo 1.22\n\nrequire (\n\tgithub.com/Masterminds/semver/v3 v3.2.0\n\tgolang.org/x/net v0.17.0 // indirect\n)\n",
			"app/vendor/composer/installed.json":                                `{"packages":[{"name":"example/unknown","version":"1.0.0"}],"dev":false,"dev-package-names":[]}`,
			"usr/local/go/VERSION":                                              "go1.22.5\ntime 2024-06-27T20:11:12Z\n",
		})),
		programsOf(t, map[string]string{"usr/local/bin/server": string(program), "srv/.wh.old": ""}),
	}
	files := map[string]string{}
	var ids, names []string
	for i, l := range layers {
		sum := sha256.Sum256([]byte(l))
		ids = append(ids, "sha256:"+hex.EncodeToString(sum[:]))
		names = append(names, "layer"+string(rune('0'+i))+".tar")
		files[names[i]] = l
	}
	config, err := json.Marshal(map[string]any{"os": "linux", "architecture": "amd64", "rootfs": map[string]any{"type": "layers", "diff_ids": ids}})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := json.Marshal([]any{map[string]any{"Config": "config.json", "RepoTags": []string{"example.com/mixed:1"}, "Layers": names}})
	if err != nil {
		t.Fatal(err)
	}
	files["config.json"], files["manifest.json"] = string(config), string(manifest)
	name := filepath.Join(t.TempDir(), "mixed.tar")
	if err := os.WriteFile(name, tarOf(files), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// What an image holds, written as a bill of materials and read again, is the
// same packages, and has the same findings and problems: judging the bill is
// judging the image.
func TestBillOfMaterialsSaysWhatTheImageSays(t *testing.T) {
	image := mixedImage(t)
	db := filepath.Join(t.TempDir(), "db")
	sekishoIn(t, "db", "build", "--fast", "--from", ownFeeds(t), "-o", db)
	judged := func(r *sekisho.Result) (all []string) {
		for _, f := range r.Findings {
			all = append(all, strings.Join([]string{f.Rule, strings.Join(f.Aliases, ","), f.Package.PURL, f.Fixed, f.Status, f.Severity.String()}, " "))
		}
		for _, p := range r.Problems {
			all = append(all, "problem "+p.Stage+" "+p.Error)
		}
		slices.Sort(all)
		return all
	}
	describe := func(r *sekisho.Result) (all []string, count map[string]int) {
		count = map[string]int{}
		for _, p := range r.Packages {
			if p.Hidden {
				continue
			}
			count[p.Ecosystem]++
			all = append(all, strings.Join([]string{p.PURL, p.Ecosystem, p.Name, p.Version, "of", p.SourceName, p.SourceVersion, "in", p.OwnedBy}, " "))
		}
		slices.Sort(all)
		return all, count
	}
	first := scanJSON(t, "docker-archive:"+image, "--db", db)
	want, count := describe(first)
	wantJudged := judged(first)
	if !slices.ContainsFunc(wantJudged, func(s string) bool { return strings.Contains(s, "not assessed: no advisories for") }) {
		t.Error("nothing says that packages of composer are not assessed:", first.Problems)
	}
	rules := map[string]string{}
	for _, f := range first.Findings {
		rules[f.Package.Name] += f.Rule + " "
	}
	wantRules := map[string]string{
		"libfoo1": "CVE-2099-0003 CVE-2099-0004 ", "python3-six": "CVE-2099-0006 ", "@s/a": "CVE-2099-1000 ", "b": "CVE-2099-1001 ",
		"a-b": "CVE-2099-1004 ", "com.example:shop": "CVE-2099-1006 ", "org.example:inner": "CVE-2099-1007 ", "github.com/Masterminds/semver/v3": "CVE-2099-1008 ",
	}
	if d := cmp.Diff(wantRules, rules); d != "" {
		t.Error("the image is judged otherwise (- want):", d)
	}
	for ecosystem, least := range map[string]int{
		sekisho.EcosystemDeb: 2, sekisho.EcosystemNPM: 3, sekisho.EcosystemPyPI: 2, sekisho.EcosystemMaven: 2, sekisho.EcosystemGo: 3, sekisho.EcosystemBinary: 1,
	} {
		if count[ecosystem] < least {
			t.Errorf("the image has only %d packages of %s", count[ecosystem], ecosystem)
		}
	}
	for _, format := range []string{"json", "cyclonedx", "cyclonedx-xml", "spdx-json", "tag-value"} {
		name := filepath.Join(t.TempDir(), "bom")
		var bill []byte
		if format == "tag-value" {
			bill = tagValue(t, sekishoIn(t, "scan", "-q", "-f", "spdx-json", "--db", db, "docker-archive:"+image))
		} else {
			bill = sekishoIn(t, "scan", "-q", "-f", format, "--db", db, "docker-archive:"+image)
		}
		if err := os.WriteFile(name, bill, 0o600); err != nil {
			t.Fatal(err)
		}
		r := scanJSON(t, "sbom:"+name, "--db", db)
		got, _ := describe(r)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (- image, + bill): %s", format, d)
		}
		if r.OS == nil || r.OS.ID != "debian" || r.OS.Version != "12" || r.OS.Family != "debian" {
			t.Errorf("%s: system %+v", format, r.OS)
		}
		if d := cmp.Diff(wantJudged, judged(r)); d != "" {
			t.Errorf("%s: findings and problems (- image, + bill): %s", format, d)
		}
	}
}

// tagValue writes an SPDX document in the form with tags, as converters do
// (https://spdx.github.io/spdx-spec/v2.3/conformance/).
func tagValue(t *testing.T, document []byte) []byte {
	t.Helper()
	var d struct {
		ID       string `json:"SPDXID"`
		Creation struct {
			Creators []string `json:"creators"`
		} `json:"creationInfo"`
		Packages []struct {
			ID       string `json:"SPDXID"`
			Name     string `json:"name"`
			Version  string `json:"versionInfo"`
			Declared string `json:"licenseDeclared"`
			Purpose  string `json:"primaryPackagePurpose"`
			Source   string `json:"sourceInfo"`
			Comment  string `json:"comment"`
			Refs     []struct {
				Category string `json:"referenceCategory"`
				Type     string `json:"referenceType"`
				Locator  string `json:"referenceLocator"`
			} `json:"externalRefs"`
		} `json:"packages"`
		Relationships []struct {
			Element string `json:"spdxElementId"`
			Type    string `json:"relationshipType"`
			Related string `json:"relatedSpdxElement"`
		} `json:"relationships"`
	}
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	line := func(tag, value string) {
		if value != "" {
			b.WriteString(tag + ": " + value + "\n")
		}
	}
	line("SPDXVersion", "SPDX-2.3")
	line("SPDXID", d.ID)
	line("Creator", strings.Join(d.Creation.Creators, ""))
	for _, p := range d.Packages {
		line("\nPackageName", p.Name)
		line("SPDXID", p.ID)
		line("PackageVersion", p.Version)
		line("PackageLicenseDeclared", p.Declared)
		line("PrimaryPackagePurpose", strings.ReplaceAll(p.Purpose, "_", "-"))
		if p.Source != "" {
			line("PackageSourceInfo", "<text>"+p.Source+"</text>")
		}
		if p.Comment != "" {
			line("PackageComment", "<text>"+p.Comment+"</text>")
		}
		for _, r := range p.Refs {
			line("ExternalRef", r.Category+" "+r.Type+" "+r.Locator)
		}
	}
	for _, r := range d.Relationships {
		line("Relationship", r.Element+" "+r.Type+" "+r.Related)
	}
	return b.Bytes()
}
