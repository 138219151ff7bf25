// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// debianFlaw is what the tracker says of a flaw in a source package of a
// release: the version that fixed it, or a state.
type debianFlaw struct{ id, fixed, state string }

var debianTracker struct {
	once sync.Once
	// of a release's source package.
	flaws map[[2]string][]debianFlaw
}

// debianFlaws reads the tracker's data.json, and the decisions that the
// security team wrote beside it into data/CVE/list
// (https://security-team.debian.org/security_tracker.html):
//   - "resolved" means that fixed_version has the fix, "0" that no version of
//     the release ever had the flaw;
//   - "open" means that every version has it, whatever its urgency;
//   - "undetermined" that nobody knows.
//
// A decision about a release ("[trixie] - curl <not-affected> (...)") says
// more than "open", and adds what data.json lacks.
func debianFlaws(t *testing.T) map[[2]string][]debianFlaw {
	t.Helper()
	debianTracker.once.Do(func() {
		type key struct{ pkg, id, release string }
		decided := map[key]string{}
		var doc map[string]map[string]struct {
			Releases map[string]struct {
				Status string
				Fixed  string `json:"fixed_version"`
			}
		}
		feedFiles(t, "debian-tracker", func(name string, data []byte) {
			switch {
			case path.Base(name) == "data.json":
				if err := json.Unmarshal(data, &doc); err != nil {
					t.Fatal(err)
				}
			case strings.HasPrefix(path.Base(name), "CVE-list"):
				id := ""
				for line := range strings.Lines(string(data)) {
					if f := strings.Fields(line); !strings.HasPrefix(line, "\t") {
						id = f[0]
					} else if len(f) > 3 && f[0][0] == '[' && f[1] == "-" && f[3][0] == '<' {
						decided[key{f[2], id, strings.Trim(f[0], "[]")}] = strings.Trim(f[3], "<>")
					}
				}
			}
		})
		states := map[string]string{
			"ignored": "will_not_fix", "postponed": "fix_deferred", "end-of-life": "end_of_life", "no-dsa": "affected",
			"unfixed": "affected", "undetermined": "under_investigation", "not-affected": "",
		}
		all := map[[2]string][]debianFlaw{}
		for pkg, flaws := range doc {
			for id, flaw := range flaws {
				for release, r := range flaw.Releases {
					k, f := key{pkg, id, release}, debianFlaw{id: id}
					decision, any := decided[k]
					delete(decided, k)
					switch r.Status {
					case "resolved":
						if f.fixed = r.Fixed; f.fixed == "0" {
							continue
						}
					case "open":
						f.state = "affected"
						if any {
							f.state = states[decision]
						}
					case "undetermined":
						f.state = "under_investigation"
					default:
						t.Fatalf("status %q", r.Status)
					}
					at := [2]string{release, pkg}
					all[at] = append(all[at], f)
				}
			}
		}
		for k, decision := range decided {
			at := [2]string{k.release, k.pkg}
			all[at] = append(all[at], debianFlaw{id: k.id, state: states[decision]})
		}
		debianTracker.flaws = all
	})
	return debianTracker.flaws
}

// debianPackage is an installed one as dpkg tells.
type debianPackage struct{ name, version, source, sourceVersion string }

func debianPackages(t *testing.T, root string) (list []debianPackage) {
	t.Helper()
	var errOut bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "dpkg-query", "--admindir", filepath.Join(root, "var/lib/dpkg"), "-W",
		"-f", "${db:Status-Status}|${Package}|${Version}|${source:Package}|${source:Version}\n")
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("dpkg-query: %v\n%s", err, errOut.Bytes())
	}
	for line := range strings.Lines(string(out)) {
		if f := strings.Split(strings.TrimSpace(line), "|"); f[0] == "installed" {
			list = append(list, debianPackage{f[1], f[2], f[3], f[4]})
		}
	}
	return list
}

// debianNaive is what the tracker says of the packages.
func debianNaive(t *testing.T, release string, packages []debianPackage) map[string]bool {
	t.Helper()
	flaws, naive := debianFlaws(t), map[string]bool{}
	for _, p := range packages {
		for _, f := range flaws[[2]string{release, p.source}] {
			if f.state != "" || f.fixed != "" && dpkgCompare(p.sourceVersion, f.fixed) < 0 {
				naive[statement("debian-tracker", f.id, f.id, p.name, p.version, cmp.Or(f.fixed, f.state))] = true
			}
		}
	}
	return naive
}

// dpkgCompare is deb-version(7), written once more: epoch, upstream version and
// revision; stretches of letters, where ~ is below the end and letters are
// below all else, take turns with numbers.
func dpkgCompare(a, b string) int {
	part := func(v string) (epoch, upstream, revision string) {
		upstream = v
		if before, after, ok := strings.Cut(v, ":"); ok {
			epoch, upstream = before, after
		}
		if i := strings.LastIndexByte(upstream, '-'); i >= 0 {
			upstream, revision = upstream[:i], upstream[i+1:]
		}
		return epoch, upstream, revision
	}
	e1, u1, r1 := part(a)
	e2, u2, r2 := part(b)
	return cmp.Or(number(e1)-number(e2), dpkgPart(u1, u2), dpkgPart(r1, r2))
}

func dpkgPart(a, b string) int {
	const figures = "0123456789"
	weight := func(s string, i int) int {
		switch {
		case i >= len(s):
			return 0
		case s[i] == '~':
			return -1
		case s[i]|0x20 >= 'a' && s[i]|0x20 <= 'z':
			return int(s[i])
		}
		return int(s[i]) + 256
	}
	for a != "" || b != "" {
		// Up to the next number, then the number.
		i, j := strings.IndexAny(a+"0", figures), strings.IndexAny(b+"0", figures)
		for k := range max(i, j) {
			if n := weight(a[:i], k) - weight(b[:j], k); n != 0 {
				return n
			}
		}
		a, b = a[i:], b[j:]
		x := strings.TrimLeft(a[:len(a)-len(strings.TrimLeft(a, figures))], "0")
		y := strings.TrimLeft(b[:len(b)-len(strings.TrimLeft(b, figures))], "0")
		a, b = strings.TrimLeft(a, figures), strings.TrimLeft(b, figures)
		if n := cmp.Or(len(x)-len(y), strings.Compare(x, y)); n != 0 {
			return n
		}
	}
	return 0
}

// The naive order is itself held to dpkg, over the versions of this machine.
func TestNaiveDpkg(t *testing.T) {
	tool(t, "dpkg")
	flaws := debianFlaws(t)
	checked := 0
	for _, p := range debianPackages(t, "/") {
		for _, f := range flaws[[2]string{"bookworm", p.source}] {
			if f.fixed == "" || checked == 300 {
				continue
			}
			checked++
			want := exec.CommandContext(t.Context(), "dpkg", "--compare-versions", p.sourceVersion, "lt", f.fixed).Run() == nil
			if got := dpkgCompare(p.sourceVersion, f.fixed) < 0; got != want {
				t.Errorf("%s below %s: %v, dpkg says %v", p.sourceVersion, f.fixed, got, want)
			}
			break // one a package
		}
	}
	t.Logf("%d pairs", checked)
	if checked < 20 {
		t.Errorf("only %d pairs compared", checked)
	}
}

// machine is the file system of this machine with what a distribution installs.
func machine(t *testing.T) (release string, exclude []string) {
	t.Helper()
	tool(t, "dpkg-query")
	b, err := os.ReadFile("/etc/os-release")
	if err != nil || !strings.Contains(string(b), "\nID=debian\n") {
		need(t, "this machine is no Debian: %v", err)
	}
	_, codename, _ := strings.Cut(string(b), "VERSION_CODENAME=")
	release, _, _ = strings.Cut(codename, "\n")
	entries, err := os.ReadDir("/")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains([]string{"etc", "usr", "var", "bin", "lib", "lib64", "sbin"}, e.Name()) {
			exclude = append(exclude, e.Name())
		}
	}
	// What containers and caches hold is not installed on this machine.
	return release, append(exclude, "var/cache", "var/lib/containerd", "var/lib/containers", "var/lib/docker", "var/tmp")
}

// This machine, judged with Debian's and the languages' advisories at once: of
// Debian the same as the naive reading; and nothing twice, because what dpkg
// installed is Debian's, and no finding of PyPI, npm or another ecosystem.
func TestThisDebian(t *testing.T) {
	release, exclude := machine(t)
	packages := debianPackages(t, "/")
	naive := debianNaive(t, release, packages)
	r := scan(t, database(t, "debian-tracker", "ghsa"), "dir:/", "--scanners", "vuln", "--exclude", strings.Join(exclude, ","))
	t.Logf("%d packages", len(packages))
	compare(t, "this machine", naive, evidenceSet(r, "deb"), 100)

	owned := dpkgFiles(t)
	seen, free, judged := map[string]int{}, 0, map[string]bool{}
	for i := range r.Findings {
		if p := r.Findings[i].Package; p != nil && p.Ecosystem != "deb" {
			judged[p.PURL] = true
		}
	}
	for i := range r.Packages {
		p := &r.Packages[i]
		if p.Ecosystem == "deb" || p.Ecosystem == "binary" || p.Path == "" {
			continue
		}
		// A package that also lies where nobody owns it is judged, for that place.
		nobodys := slices.ContainsFunc(p.Locations, func(l sekisho.Location) bool { return !ownedBy(owned, l.Path) })
		switch {
		case nobodys:
			free++
			if ownedBy(owned, p.Path) || p.OwnedBy != "" {
				t.Errorf("%s is nobody's in one place, and reported at %s as owned by %q", p.PURL, p.Path, p.OwnedBy)
			}
		default:
			seen[p.Ecosystem]++
			if p.OwnedBy == "" || judged[p.PURL] {
				t.Errorf("%s at %s belongs to a package of dpkg, and is owned by %q, with findings: %v", p.PURL, p.Path, p.OwnedBy, judged[p.PURL])
			}
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Package != nil && f.Package.Ecosystem != "deb" && ownedBy(owned, f.Location.Path) {
			t.Errorf("%s about %s at %s, whose file dpkg owns", f.Rule, f.Package.PURL, f.Location.Path)
		}
	}
	t.Logf("of languages: %v owned by packages of dpkg, %d of nobody, %d with findings", seen, free, len(judged))
	for ecosystem, least := range map[string]int{sekisho.EcosystemPyPI: 5, sekisho.EcosystemNPM: 5} {
		if seen[ecosystem] < least {
			need(t, "only %d packages of %s that dpkg owns, want %d: scripts/test installs python3-packaging and node-semver", seen[ecosystem], ecosystem, least)
		}
	}
}

// ownedBy says whether a file, or the archive that it lies in, is owned.
func ownedBy(owned map[string]bool, path string) bool {
	file, _, _ := strings.Cut(path, "!/")
	return owned["/"+file]
}

// dpkgFiles are the files that installed packages own.
func dpkgFiles(t *testing.T) map[string]bool {
	t.Helper()
	lists, err := filepath.Glob("/var/lib/dpkg/info/*.list")
	if err != nil || len(lists) == 0 {
		t.Fatalf("dpkg owns no files: %v", err)
	}
	owned := map[string]bool{}
	for _, name := range lists {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			file := strings.TrimSpace(line)
			owned[file] = true
			// Where /lib is a link to /usr/lib, the package may name either.
			for _, dir := range []string{"/bin/", "/lib/", "/lib64/", "/sbin/"} {
				if strings.HasPrefix(file, dir) {
					owned["/usr"+file] = true
				}
			}
		}
	}
	return owned
}

// Roots of three releases, made by Debian's own tool.
func TestDebian(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes three distributions, which takes a minute")
	}
	tool(t, "debootstrap")
	tool(t, "dpkg-query")
	if os.Getuid() != 0 {
		need(t, "only root can make a distribution with debootstrap")
	}
	db := database(t, "debian-tracker", "ghsa") // as for this machine: built once
	debianFlaws(t)
	for _, suite := range []string{"bullseye", "bookworm", "trixie"} {
		t.Run(suite, func(t *testing.T) {
			t.Parallel()
			root := debootstrap(t, suite)
			packages := debianPackages(t, root)
			t.Logf("%d packages", len(packages))
			if len(packages) < 50 {
				t.Fatalf("dpkg lists %d packages: this is no distribution", len(packages))
			}
			compare(t, suite, debianNaive(t, suite, packages), evidenceSet(scan(t, db, "dir:"+root), "deb"), 100)
		})
	}
}

// debootstrap makes the root of a release from apt's own mirror.
func debootstrap(t *testing.T, suite string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), suite)
	// Nothing of this is to outlive a crash: without waiting for the disk it is twice as fast.
	if err := os.MkdirAll(filepath.Join(root, "etc/dpkg/dpkg.cfg.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "etc/dpkg/dpkg.cfg.d/fast"), []byte("force-unsafe-io\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "debootstrap", "--variant=minbase", suite, root, debianMirror(t))
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		need(t, "debootstrap %s: %v\n%s", suite, err, out[max(0, len(out)-1000):])
	}
	return root
}

// debianMirror is where apt of this machine has Debian from.
func debianMirror(t *testing.T) string {
	t.Helper()
	files, _ := filepath.Glob("/etc/apt/sources.list.d/*")
	for _, name := range append([]string{"/etc/apt/sources.list"}, files...) {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			for word := range strings.FieldsSeq(line) {
				url := strings.TrimSuffix(word, "/")
				if !strings.HasPrefix(line, "#") && strings.Contains(url, "://") && strings.HasSuffix(url, "/debian") {
					return url
				}
			}
		}
	}
	need(t, "apt has no source of Debian")
	return ""
}
