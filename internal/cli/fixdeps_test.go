// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// put writes a file and the directories above it.
func (d *desk) put(name, text string) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(d.dir, name)), 0o700); err != nil {
		d.t.Fatal(err)
	}
	d.write(name, text)
}

func (d *desk) read(name string) string {
	d.t.Helper()
	b, err := os.ReadFile(filepath.Join(d.dir, name))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

// fixDeps runs the command for JSON.
func (d *desk) fixDeps(args ...string) (*sekisho.Proposal, int, string) {
	d.t.Helper()
	status, out, errs := d.run(append([]string{"fix", "--deps", "--skip-db-update", "-f", "json"}, args...)...)
	var p sekisho.Proposal
	if out == "" {
		return nil, status, errs
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		d.t.Fatalf("%v: %v\n%s", args, err, errs)
	}
	return &p, status, errs
}

// program skips the test where a program is missing.
func program(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is needed: %v", name, err)
		}
		t.Skipf("%s is not installed", name)
	}
}

const (
	webManifest = "{\r\n  \"name\": \"web\", \"version\": \"1.0.0\",\r\n  \"dependencies\": {\"lodash\":\"^4.17.15\"}\r\n}\r\n"
	webLock     = `{
  "name": "web", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": {"name": "web", "version": "1.0.0", "dependencies": {"lodash": "^4.17.15"}},
    "node_modules/lodash": {"version": "4.17.15", "integrity": "sha512-8xOcRHvCjnocdS5cpwXQXVzmmh5e5+saE2QGoeQmbKmRS6J3VQppPOIt0MnmE+4xlZoumy0GPG0D0MVIQbNA1A=="}
  }
}
`
)

func TestFixDeps(t *testing.T) {
	d := newDesk(t)
	d.put("tree/web/package.json", webManifest)
	d.put("tree/web/package-lock.json", webLock)
	d.put("tree/api/requirements.txt", "# pins\nDjango==3.2.0  # web\nrequests>=2\n")
	before := d.read("tree/api/requirements.txt")

	p, status, errs := d.fixDeps("--offline", "tree")
	if status != 0 || p == nil {
		t.Fatalf("status %d: %s", status, errs)
	}
	if len(p.Raises) != 2 || len(p.Edits) != 2 || p.Written || !p.Projected {
		t.Fatalf("%+v", p)
	}
	i := slices.IndexFunc(p.Raises, func(r sekisho.Raise) bool { return r.Name == "lodash" })
	lodash := p.Raises[i]
	if lodash.Path != "web/package.json" || lodash.Line != 3 || lodash.Was != "^4.17.15" || lodash.Now != "^"+lodash.To || lodash.Closes == 0 || lodash.Major {
		t.Errorf("%+v", lodash)
	}
	if len(p.Commands) != 1 || p.Commands[0].Dir != "web" || p.Commands[0].Ran || p.Commands[0].Args[0] != "npm" {
		t.Errorf("%+v", p.Commands)
	}
	c := p.Comparison
	if len(c.Added) != 0 || len(c.Fixed) != p.Raises[0].Closes+p.Raises[1].Closes || len(c.Vanished) != 0 || len(c.Packages.Upgraded) != 2 {
		t.Errorf("%d added, %d fixed, %d vanished, %v", len(c.Added), len(c.Fixed), len(c.Vanished), c.Packages)
	}
	if d.read("tree/web/package.json") != webManifest || d.read("tree/api/requirements.txt") != before {
		t.Error("changed without --write")
	}
	// Another major version fixes more, and is asked for.
	if !slices.ContainsFunc(p.Left, func(l sekisho.LeftFinding) bool { return l.Name == "django" && l.Why.Code == sekisho.LeftMajor }) {
		t.Errorf("%+v", p.Left)
	}
	p, _, _ = d.fixDeps("--offline", "--major", "tree")
	if !slices.ContainsFunc(p.Raises, func(r sekisho.Raise) bool { return r.Name == "django" && r.Major && strings.HasPrefix(r.To, "4.") }) {
		t.Errorf("%+v", p.Raises)
	}

	if _, status, _ = d.fixDeps("--offline", "--check", "tree"); status != ExitDenied {
		t.Errorf("--check: status %d", status)
	}
	p, status, _ = d.fixDeps("--offline", "--write", "tree")
	if status != 0 || !p.Written {
		t.Fatalf("status %d", status)
	}
	if got, want := d.read("tree/web/package.json"), strings.Replace(webManifest, "4.17.15", lodash.To, 1); got != want {
		t.Errorf("%q", got)
	}
	if d.read("tree/web/package-lock.json") != webLock {
		t.Error("the lockfile changed, whose hashes nobody knows")
	}
	if got := d.read("tree/api/requirements.txt"); !strings.HasPrefix(got, "# pins\nDjango==3.2.") || !strings.HasSuffix(got, "  # web\nrequests>=2\n") || got == before {
		t.Errorf("%q", got)
	}
	// The second time nothing changes, and what is to be done is said still.
	p, status, _ = d.fixDeps("--offline", "--write", "tree")
	if status != 0 || len(p.Edits) != 0 || p.Written || len(p.Commands) != 1 || len(p.Raises) != 1 || p.Raises[0].Was != p.Raises[0].Now {
		t.Errorf("status %d, %+v", status, p)
	}
	if _, status, _ = d.fixDeps("--offline", "--check", "tree"); status != 0 {
		t.Errorf("--check: status %d", status)
	}
}

// Manifests that are links, or not in their format, are left alone, and the
// others are not written in part.
func TestFixDepsHostile(t *testing.T) {
	d := newDesk(t)
	d.put("outside/package.json", webManifest)
	d.put("tree/web/package-lock.json", webLock)
	if err := os.Symlink("../../outside/package.json", filepath.Join(d.dir, "tree/web/package.json")); err != nil {
		t.Fatal(err)
	}
	d.put("tree/bad/package-lock.json", webLock)
	d.put("tree/bad/package.json", "{\"dependencies\":{\"lodash\":\"^4.17.15\",\"lodash\":\"^4.0.0\"}}")
	d.put("tree/hash/requirements.txt", "django==3.2.0 \\\n  --hash=sha256:"+strings.Repeat("0", 64)+"\n")
	p, status, errs := d.fixDeps("--offline", "--write", "tree")
	if status != 0 || len(p.Edits) != 0 || len(p.Raises) != 0 || p.Written {
		t.Fatalf("status %d, %+v: %s", status, p, errs)
	}
	why := map[string]bool{}
	for _, l := range p.Left {
		why[strings.Join(append([]string{l.Why.Code}, l.Why.Args...), " ")] = true
	}
	for _, want := range []string{"refused bad/package.json duplicate", "refused web/package.json link", "refused hash/requirements.txt hashes"} {
		if !why[want] {
			t.Errorf("%q is not told: %v", want, why)
		}
	}
	if d.read("outside/package.json") != webManifest {
		t.Error("a file outside of the tree was written")
	}
	if _, status, errs := d.fixDeps("--offline", "--lock", "tree"); status != ExitUsage {
		t.Errorf("status %d: %s", status, errs)
	}
}

// Files are replaced all or none, and not over what somebody else wrote meanwhile.
func TestWriteEdited(t *testing.T) {
	d := newDesk(t)
	a := &App{lang: "en", Dir: d.dir}
	one := &editedFile{name: "one", path: d.write("one", "old"), mode: 0o640, before: []byte("old"), after: []byte("new")}
	two := &editedFile{name: "two", path: d.write("two", "somebody else"), mode: 0o600, before: []byte("old"), after: []byte("new")}
	if err := a.writeEdited([]*editedFile{one, two}); err == nil || !strings.Contains(err.Error(), "two was changed by somebody else") {
		t.Errorf("%v", err)
	}
	if got := d.read("one"); got != "old" {
		t.Errorf("%q was written though the other file could not be", got)
	}
	two.before = []byte("somebody else")
	if err := a.writeEdited([]*editedFile{one, two}); err != nil || d.read("one")+d.read("two") != "newnew" {
		t.Errorf("%v", err)
	}
	if info, err := os.Stat(one.path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", info, err)
	}
	left, err := filepath.Glob(filepath.Join(d.dir, ".sekisho-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
}

// npm writes the lockfile, from a registry of the test's own.
func TestFixDepsByNPM(t *testing.T) {
	program(t, "npm")
	d := newDesk(t)
	var registry *httptest.Server
	registry = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/lodash" {
			http.NotFound(w, r)
			return
		}
		versions := map[string]any{}
		for i := 15; i <= 23; i++ {
			v := fmt.Sprintf("4.17.%d", i)
			versions[v] = map[string]any{"name": "lodash", "version": v, "dist": map[string]any{"tarball": registry.URL + "/lodash/-/lodash-" + v + ".tgz", "integrity": "sha512-" + strings.Repeat("A", 86) + "=="}}
		}
		if err := json.NewEncoder(w).Encode(map[string]any{"name": "lodash", "dist-tags": map[string]string{"latest": "4.17.23"}, "versions": versions}); err != nil {
			t.Error(err)
		}
	}))
	defer registry.Close()
	d.put("tree/package.json", `{"name":"web","version":"1.0.0","scripts":{"preinstall":"touch ran"},"dependencies":{"lodash":"^4.17.15"}}`)
	d.put("tree/package-lock.json", webLock)
	d.put("tree/.npmrc", "registry="+registry.URL+"/\ngit=./evil\n")
	p, status, errs := d.fixDeps("--lock", "--write", "tree")
	if status != 0 || p == nil {
		t.Fatalf("status %d: %s", status, errs)
	}
	if p.Projected || !p.Written || len(p.Edits) != 2 || !p.Edits[0].Lock || p.Edits[0].Path != "tree/package-lock.json" || !p.Commands[0].Ran {
		t.Errorf("%+v", p)
	}
	if lock := d.read("tree/package-lock.json"); strings.Contains(lock, `"4.17.15"`) || !strings.Contains(lock, "4.17.23") {
		t.Errorf("%s", lock)
	}
	if len(p.Comparison.Fixed) == 0 || len(p.Comparison.Added) != 0 || len(p.Comparison.Packages.Upgraded) != 1 || p.Comparison.Packages.Upgraded[0].To != "4.17.23" {
		t.Errorf("%+v", p.Comparison.Packages)
	}
	for _, name := range []string{"tree/ran", "tree/node_modules"} {
		if _, err := os.Lstat(filepath.Join(d.dir, name)); err == nil {
			t.Errorf("%s is there", name)
		}
	}
	// A registry that does not answer leaves everything as it is.
	registry.Close()
	d.put("tree/package.json", `{"name":"web","version":"1.0.0","dependencies":{"lodash":"^4.17.15"}}`)
	d.put("tree/package-lock.json", webLock)
	d.put("tree/.npmrc", "registry="+registry.URL+"/\nfetch-retries=0\n")
	if err := os.RemoveAll(filepath.Join(d.dir, "home")); err != nil {
		t.Fatal(err)
	}
	if p, status, errs = d.fixDeps("--lock", "--write", "tree"); status != ExitFailed || p != nil || !strings.Contains(errs, "nothing was changed") {
		t.Errorf("status %d: %s", status, errs)
	}
	if d.read("tree/package-lock.json") != webLock {
		t.Error("the lockfile changed")
	}
}

// go mod tidy, from a proxy in a directory.
func TestFixDepsByGo(t *testing.T) {
	program(t, "go")
	d := newDesk(t)
	d.put("tree/go.mod", "module example.com/m\n\ngo 1.22\n\nrequire golang.org/x/text v0.3.5 // text\n")
	d.put("tree/main.go", "package main\n\nimport _ \"golang.org/x/text\"\n\nfunc main() {}\n")
	p, status, errs := d.fixDeps("--offline", "tree")
	if status != 0 || len(p.Raises) != 1 || !p.Projected {
		t.Fatalf("status %d: %s", status, errs)
	}
	version := "v" + strings.TrimPrefix(p.Raises[0].To, "v")
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"go.mod": "module golang.org/x/text\n\ngo 1.21\n", "text.go": "package text\n"} {
		w, err := z.Create("golang.org/x/text@" + version + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, text)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	proxy := "proxy/golang.org/x/text/@v/"
	d.put(proxy+"list", version+"\n")
	d.put(proxy+version+".info", `{"Version":"`+version+`"}`)
	d.put(proxy+version+".mod", "module golang.org/x/text\n\ngo 1.21\n")
	d.put(proxy+version+".zip", b.String())
	d.put("home/.config/go/env", "GOPROXY=file://"+filepath.ToSlash(filepath.Join(d.dir, "proxy"))+"\nGOSUMDB=off\nGOTOOLCHAIN=local\nGOMODCACHE="+filepath.Join(d.dir, "modules")+"\n")
	defer func() { // the cache of modules is read only
		cmd := exec.Command("go", "clean", "-modcache")
		cmd.Env = append(os.Environ(), "GOMODCACHE="+filepath.Join(d.dir, "modules"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Logf("%v: %s", err, out)
		}
	}()
	p, status, errs = d.fixDeps("--lock", "--write", "tree")
	if status != 0 || p == nil || p.Projected || !p.Written {
		t.Fatalf("status %d: %s", status, errs)
	}
	if got := d.read("tree/go.mod"); !strings.Contains(got, "require golang.org/x/text "+version+" // text\n") {
		t.Errorf("%q", got)
	}
	if got := d.read("tree/go.sum"); !strings.Contains(got, "golang.org/x/text "+version+" h1:") {
		t.Errorf("%q", got)
	}
	if len(p.Comparison.Fixed) == 0 || len(p.Comparison.Added) != 0 {
		t.Errorf("%d fixed", len(p.Comparison.Fixed))
	}
	p, status, _ = d.fixDeps("--lock", "--write", "tree")
	if status != 0 || len(p.Edits) != 0 {
		t.Errorf("the second time: status %d, %+v", status, p.Edits)
	}
	// What would run code of the project, or leave the vendored copy behind, is not run.
	d.put("tree/go.mod", "module example.com/m\n\ngo 1.22\n\nrequire golang.org/x/text v0.3.5 // text\n")
	d.put("tree/vendor/modules.txt", "")
	p, _, errs = d.fixDeps("--lock", "tree")
	if !strings.Contains(errs, "vendor/modules.txt") || p.Commands[0].Ran || !p.Projected {
		t.Errorf("%s", errs)
	}
}

// cargo update, from an index of the test's own.
func TestFixDepsByCargo(t *testing.T) {
	program(t, "cargo")
	// rustup's shim looks for its toolchains in the home directory.
	if out, err := exec.CommandContext(t.Context(), "rustup", "which", "cargo").Output(); err == nil {
		t.Setenv("PATH", filepath.Dir(strings.TrimSpace(string(out)))+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	d := newDesk(t)
	index := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/config.json":
			fmt.Fprintf(w, `{"dl":"http://%s/dl"}`, r.Host)
		case "/sm/al/smallvec":
			for _, v := range []string{"1.6.0", "1.6.1", "1.9.0"} {
				fmt.Fprintf(w, `{"name":"smallvec","vers":%q,"deps":[],"cksum":%q,"features":{},"yanked":false}`+"\n", v, strings.Repeat("0", 64))
			}
		default:
			http.NotFound(w, r)
		}
	}))
	defer index.Close()
	d.put("home/.cargo/config.toml", "[source.crates-io]\nreplace-with = \"test\"\n[source.test]\nregistry = \"sparse+"+index.URL+"/\"\n")
	d.put("tree/Cargo.toml", "[package]\nname = \"m\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nsmallvec = \"1.6.0\" # keep\n")
	d.put("tree/src/main.rs", "fn main() {}\n")
	d.put("tree/Cargo.lock", "version = 3\n\n[[package]]\nname = \"m\"\nversion = \"0.1.0\"\ndependencies = [\n \"smallvec\",\n]\n\n[[package]]\nname = \"smallvec\"\nversion = \"1.6.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \""+strings.Repeat("0", 64)+"\"\n")
	p, status, errs := d.fixDeps("--lock", "--write", "tree")
	if status != 0 || p == nil || p.Projected || !p.Written || len(p.Raises) != 1 || p.Raises[0].To != "1.6.1" {
		t.Fatalf("status %d: %s\n%+v", status, errs, p)
	}
	if got := d.read("tree/Cargo.toml"); !strings.Contains(got, "smallvec = \"1.6.1\" # keep\n") {
		t.Errorf("%q", got)
	}
	if got := d.read("tree/Cargo.lock"); !strings.Contains(got, `version = "1.6.1"`) {
		t.Errorf("%q", got)
	}
	if len(p.Comparison.Fixed) == 0 || len(p.Comparison.Added) != 0 {
		t.Errorf("%d fixed", len(p.Comparison.Fixed))
	}
	// A project that names its own programs is not run.
	d.put("tree/Cargo.toml", strings.Replace(d.read("tree/Cargo.toml"), "1.6.1", "1.6.0", 1))
	d.put("tree/Cargo.lock", strings.Replace(d.read("tree/Cargo.lock"), "\"1.6.1\"", "\"1.6.0\"", 1))
	d.put("tree/.cargo/config.toml", "[build]\nrustc = \"./evil\"\n")
	p, _, errs = d.fixDeps("--lock", "tree")
	if !strings.Contains(errs, ".cargo/config.toml") || p.Commands[0].Ran || !p.Projected {
		t.Errorf("%s", errs)
	}
}

// Modules of Maven: the version stands in the parent, in a property or managed.
func TestFixDepsMavenParent(t *testing.T) {
	d := newDesk(t)
	d.put("pom.xml", "<project>\n<groupId>com.example</groupId><artifactId>parent</artifactId><version>1</version>\n<properties>\n<log4j.version>2.14.1</log4j.version>\n</properties>\n"+
		"<dependencyManagement><dependencies><dependency><groupId>org.yaml</groupId><artifactId>snakeyaml</artifactId>\n<version>1.26</version></dependency></dependencies></dependencyManagement>\n</project>\n")
	d.put("app/pom.xml", "<project>\n<parent><groupId>com.example</groupId><artifactId>parent</artifactId><version>1</version></parent>\n<artifactId>app</artifactId>\n<dependencies>\n"+
		"<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>${log4j.version}</version></dependency>\n"+
		"<dependency><groupId>org.yaml</groupId><artifactId>snakeyaml</artifactId></dependency>\n</dependencies>\n</project>\n")
	app := d.read("app/pom.xml")
	p, status, errs := d.fixDeps("--write", ".")
	if status != 0 || len(p.Raises) != 2 {
		t.Fatalf("%d %s: %+v", status, errs, p)
	}
	for _, r := range p.Raises {
		if r.Path != "pom.xml" || r.Closes == 0 {
			t.Errorf("%+v", r)
		}
	}
	if top := d.read("pom.xml"); strings.Contains(top, "2.14.1") || strings.Contains(top, "1.26<") || d.read("app/pom.xml") != app {
		t.Errorf("%s", top)
	}
}

// A catalog of Gradle is of all projects below its directory.
func TestFixDepsGradleCatalog(t *testing.T) {
	d := newDesk(t)
	catalog := "[versions]\nlog4j = \"2.14.1\"\n\n[libraries]\ncore = { module = \"org.apache.logging.log4j:log4j-core\", version.ref = \"log4j\" }\ntext = \"org.apache.commons:commons-text:1.9\"\n"
	d.put("gradle/libs.versions.toml", catalog)
	d.put("other/gradle/libs.versions.toml", catalog)
	d.put("app/gradle.lockfile", "org.apache.logging.log4j:log4j-core:2.14.1=runtimeClasspath\norg.apache.commons:commons-text:1.9=runtimeClasspath\nempty=\n")
	p, status, errs := d.fixDeps("--write", ".")
	if status != 0 || len(p.Raises) != 2 || !p.Projected {
		t.Fatalf("%d %s: %+v", status, errs, p)
	}
	if got := d.read("gradle/libs.versions.toml"); strings.Contains(got, "2.14.1") || strings.Contains(got, ":1.9") || d.read("other/gradle/libs.versions.toml") != catalog {
		t.Errorf("%s", got)
	}
}
