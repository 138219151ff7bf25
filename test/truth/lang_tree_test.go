// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/module"
)

// langWorld is one ecosystem under test.
type langWorld struct {
	ecosystem string
	oracle    func(t *testing.T) *langOracle
	// name of a package that the trees can hold, fit a version of it, "" for one
	// that they cannot.
	name *regexp.Regexp
	fit  func(name, version string) string
	// marks of pre-releases and builds.
	marks []string
	// unknown is a name that no advisory is about.
	unknown string
	// spell writes a name in another way that means the same, for each other one.
	spell func(name string) string
	// write makes the files of one layer, a format each.
	write []func(t *testing.T, dir string, list []langPkg)
}

func langMatching(re string) func(string, string) string {
	x := regexp.MustCompile("^(?:" + re + ")$")
	return func(_, v string) string {
		if x.MatchString(v) {
			return v
		}
		return ""
	}
}

const langSemantic = `\d+\.\d+\.\d+(-[0-9A-Za-z][0-9A-Za-z.-]*)?(\+[0-9A-Za-z][0-9A-Za-z.-]*)?`

func langWorlds() []*langWorld {
	anyName := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	return []*langWorld{
		{
			ecosystem: "golang", oracle: func(*testing.T) *langOracle { return langGoOracle() }, name: regexp.MustCompile(`^[a-z0-9.-]+\.[a-z]+/[A-Za-z0-9._/-]+$`), fit: langFitGo,
			marks:   []string{"-rc.1", "-0.20210101000000-0123456789ab", "-alpha.10", "-0"},
			unknown: "example.com/untouched/m%d", write: []func(*testing.T, string, []langPkg){langWriteGoMod, langWriteGoMod, langWriteVendor},
		},
		{
			ecosystem: "npm", oracle: langNodeOracle, name: regexp.MustCompile(`^(@[a-z0-9._-]+/)?[A-Za-z0-9][A-Za-z0-9._-]*$`), fit: langMatching(langSemantic),
			marks: []string{"-rc.1", "-0", "+build.5", "-beta.10", "-beta.2+x"}, unknown: "@untouched/m%d",
			write: []func(*testing.T, string, []langPkg){langWritePackageLock, langWritePackageLock, langWriteNodeModules},
		},
		{
			ecosystem: "pypi", oracle: langPythonOracle, name: anyName, fit: langMatching(`[0-9][0-9A-Za-z.+!]*`),
			marks: []string{"rc1", ".dev1", ".post1", "+local.1", "a2", ".0", "b1.post2"}, unknown: "untouched-m%d",
			write: []func(*testing.T, string, []langPkg){langWriteSitePackages, langWritePoetryLock, langWriteRequirements},
		},
		{
			ecosystem: "maven", oracle: langMavenOracle, name: regexp.MustCompile(`^[A-Za-z0-9._-]+:[A-Za-z0-9._-]+$`), fit: langMatching(`[0-9][0-9A-Za-z._-]*`),
			marks: []string{"-rc1", "-SNAPSHOT", ".Final", "-alpha-2", ".0", "-1", ".RELEASE", "-M1"}, unknown: "com.example:untouched%d",
			write: []func(*testing.T, string, []langPkg){langWriteJars, langWritePom, langWriteGradleLock},
		},
		{
			ecosystem: "gem", oracle: langRubyOracle, name: anyName, fit: langMatching(`[0-9][0-9A-Za-z.]*`),
			marks: []string{".rc1", ".pre", ".0", ".1", ".beta.2"}, unknown: "untouched-m%d",
			write: []func(*testing.T, string, []langPkg){langWriteGemfileLock, langWriteGemspecs, langWriteGemfileLock},
		},
		{
			ecosystem: "cargo", oracle: langNodeOracle, name: anyName, fit: langMatching(langSemantic),
			marks: []string{"-rc.1", "-alpha.2", "+1.1.1t", "-0"}, unknown: "untouched-m%d",
			write: []func(*testing.T, string, []langPkg){langWriteCargoLock, langWriteCargoLock, langWriteCargoLock},
		},
		{
			ecosystem: "composer", oracle: langComposerOracle, name: regexp.MustCompile(`^[a-z0-9._-]+/[a-z0-9._-]+$`), fit: langMatching(`[0-9]+(\.[0-9]+){1,3}(-(alpha|beta|RC|p)[0-9]*)?`),
			marks: []string{"-RC1", "-beta2", "-alpha1", ".0"}, unknown: "untouched/m%d",
			write: []func(*testing.T, string, []langPkg){langWriteComposerLock, langWriteComposerLock, langWriteComposerLock},
		},
		{
			ecosystem: "nuget", oracle: func(*testing.T) *langOracle { return langNugetOracle() }, name: anyName, fit: langMatching(`\d+\.\d+\.\d+(\.\d+)?(-[0-9A-Za-z][0-9A-Za-z.-]*)?`),
			marks: []string{"-rc.1", "-Preview.2", "-preview.10", "-alpha", ".0"}, unknown: "Untouched.M%d", spell: strings.ToUpper,
			write: []func(*testing.T, string, []langPkg){langWritePackagesLock, langWritePackagesLock, langWritePackagesLock},
		},
	}
}

// langFitGo makes a version one that go.mod takes of a module of that path.
func langFitGo(name, v string) string {
	v = "v" + strings.TrimPrefix(v, "v")
	if !regexp.MustCompile("^v" + langSemantic + "$").MatchString(v) {
		return ""
	}
	v, _, _ = strings.Cut(v, "+")
	if module.Check(name, v) == nil {
		return v
	}
	if v += "+incompatible"; module.Check(name, v) == nil {
		return v
	}
	return ""
}

func langPut(t *testing.T, name string, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func langPutJSON(t *testing.T, name string, v any) {
	t.Helper()
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	langPut(t, name, string(b))
}

// langLines joins one text a package.
func langLines(list []langPkg, format func(p langPkg) string) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(format(p))
	}
	return b.String()
}

func langWriteGoMod(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	langPut(t, filepath.Join(dir, "go.mod"), "module example.com/tree\n\ngo 1.21\n\nrequire (\n"+
		langLines(list, func(p langPkg) string { return "\t" + p.name + " " + p.version + "\n" })+")\n")
}

func langWriteVendor(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	langPut(t, filepath.Join(dir, "vendor", "modules.txt"), langLines(list, func(p langPkg) string {
		return "# " + p.name + " " + p.version + "\n## explicit; go 1.21\n" + p.name + "\n"
	}))
}

func langWritePackagesLock(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	entries := map[string]any{}
	for _, p := range list {
		entries[p.name] = map[string]any{"type": "Transitive", "resolved": p.version, "contentHash": "00"}
	}
	langPutJSON(t, filepath.Join(dir, "packages.lock.json"), map[string]any{"version": 1, "dependencies": map[string]any{"net8.0": entries}})
}

func langWritePackageLock(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	entries := map[string]any{"": map[string]any{"name": "tree", "version": "1.0.0"}}
	for i, p := range list {
		at := "node_modules/" + p.name
		if i%4 == 3 { // below another package
			at = "node_modules/" + list[i-1].name + "/" + at
		}
		entries[at] = map[string]any{"version": p.version}
	}
	langPutJSON(t, filepath.Join(dir, "package-lock.json"), map[string]any{"name": "tree", "version": "1.0.0", "lockfileVersion": 3, "packages": entries})
}

func langWriteNodeModules(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	for _, p := range list {
		langPutJSON(t, filepath.Join(dir, "node_modules", filepath.FromSlash(p.name), "package.json"), map[string]any{"name": p.name, "version": p.version})
	}
}

func langWriteSitePackages(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	for i, p := range list {
		name := p.name
		if i%3 == 0 { // names differ in case and separators
			name = strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "-", "_")
		}
		langPut(t, filepath.Join(dir, "lib/python3.12/site-packages", name+"-"+p.version+".dist-info", "METADATA"),
			"Metadata-Version: 2.1\nName: "+name+"\nVersion: "+p.version+"\n\nA text.\n")
	}
}

func langWritePoetryLock(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	langPut(t, filepath.Join(dir, "poetry.lock"), langLines(list, func(p langPkg) string {
		return fmt.Sprintf("[[package]]\nname = %q\nversion = %q\noptional = false\nfiles = []\n\n", p.name, p.version)
	})+"[metadata]\nlock-version = \"2.0\"\n")
}

func langWriteRequirements(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	langPut(t, filepath.Join(dir, "requirements.txt"), langLines(list, func(p langPkg) string { return p.name + "==" + p.version + "\n" }))
}

func langWriteJars(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	for i, p := range list {
		group, artifact, _ := strings.Cut(p.name, ":")
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create("META-INF/maven/" + group + "/" + artifact + "/pom.properties")
		if err == nil {
			_, err = fmt.Fprintf(w, "groupId=%s\nartifactId=%s\nversion=%s\n", group, artifact, p.version)
		}
		if err == nil {
			err = z.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		langPut(t, filepath.Join(dir, "lib", fmt.Sprintf("%d", i), artifact+"-"+p.version+".jar"), b.String())
	}
}

func langWritePom(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	langPut(t, filepath.Join(dir, "pom.xml"), `<?xml version="1.0"?><project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>com.example</groupId><artifactId>tree</artifactId><version>1</version><dependencies>
`+langLines(list, func(p langPkg) string {
		group, artifact, _ := strings.Cut(p.name, ":")
		return "<dependency><groupId>" + group + "</groupId><artifactId>" + artifact + "</artifactId><version>" + p.version + "</version></dependency>\n"
	})+"</dependencies></project>\n")
}

func langWriteGradleLock(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	langPut(t, filepath.Join(dir, "gradle.lockfile"), langLines(list, func(p langPkg) string {
		return p.name + ":" + p.version + "=runtimeClasspath\n"
	})+"empty=\n")
}

func langWriteGemfileLock(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	langPut(t, filepath.Join(dir, "Gemfile.lock"), "GEM\n  remote: https://rubygems.example.com/\n  specs:\n"+
		langLines(list, func(p langPkg) string { return "    " + p.name + " (" + p.version + ")\n" })+"\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n")
}

func langWriteGemspecs(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	for _, p := range list {
		langPut(t, filepath.Join(dir, "usr/lib/ruby/gems/3.1.0/specifications", p.name+"-"+p.version+".gemspec"), fmt.Sprintf(
			"# -*- encoding: utf-8 -*-\n# stub: %s %s ruby lib\n\nGem::Specification.new do |s|\n  s.name = %q.freeze\n  s.version = %q\nend\n", p.name, p.version, p.name, p.version))
	}
}

func langWriteCargoLock(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	langPut(t, filepath.Join(dir, "Cargo.lock"), "version = 3\n\n"+langLines(list, func(p langPkg) string {
		return fmt.Sprintf("[[package]]\nname = %q\nversion = %q\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"\n\n", p.name, p.version)
	}))
}

func langWriteComposerLock(t *testing.T, dir string, list []langPkg) {
	t.Helper()
	var entries []map[string]any
	for _, p := range list {
		entries = append(entries, map[string]any{"name": p.name, "version": p.version, "type": "library"})
	}
	langPutJSON(t, filepath.Join(dir, "composer.lock"), map[string]any{"content-hash": "00", "packages": entries, "packages-dev": []any{}})
}
