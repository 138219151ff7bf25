// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/risk"
	"github.com/sekisho/sekisho/internal/scan"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/source/rootfs"
)

// aptWorld is a directory with a database of dpkg and the marks of apt, which both
// apt and we read.
type aptWorld struct {
	*testing.T
	dir string
}

func newAptWorld(t *testing.T, status, states string) *aptWorld {
	t.Helper()
	w := &aptWorld{t, t.TempDir()}
	for name, text := range map[string]string{
		"var/lib/dpkg/status": status, "var/lib/apt/extended_states": states, "etc/os-release": "ID=debian\nVERSION_ID=12\n",
		"var/lib/apt/lists/partial/x": "", "var/cache/apt/archives/partial/x": "", "etc/apt/sources.list": "", "etc/apt/preferences.d/x": "", "etc/apt/apt.conf.d/x": "", "var/log/apt/x": "",
	} {
		path := filepath.Join(w.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

var removed = regexp.MustCompile(`(?m)^(?:Remv|Purg) (\S+?)(?::\S+)? `)

// apt says what it would remove.
func (w *aptWorld) apt(args ...string) []string {
	w.Helper()
	config := filepath.Join(w.dir, "apt.conf")
	if err := os.WriteFile(config, []byte("Dir \""+w.dir+"\";\nDir::State::status \""+w.dir+"/var/lib/dpkg/status\";\nAPT::Architecture \"amd64\";\nAPT::Architectures { \"amd64\"; };\nDir::Bin::dpkg \"/usr/bin/dpkg\";\n"), 0o600); err != nil {
		w.Fatal(err)
	}
	cmd := exec.CommandContext(w.Context(), "apt-get", append([]string{"-s", "-y"}, args...)...)
	cmd.Env = append(os.Environ(), "APT_CONFIG="+config, "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.Fatalf("apt-get %v: %v\n%s", args, err, out)
	}
	var names []string
	for _, m := range removed.FindAllStringSubmatch(string(out), -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// drop is our action; each package has a finding, so that none is missing in it.
func (w *aptWorld) drop() *sekisho.Action {
	w.Helper()
	art, err := rootfs.Open(w.Context(), w.dir, rootfs.Options{})
	if err != nil {
		w.Fatal(err)
	}
	r, err := scan.Run(w.Context(), art, scan.Options{Extractors: ecosystem.Extractors(), TempDir: w.TempDir()})
	if err != nil {
		w.Fatal(err)
	}
	for i := range r.Packages {
		p := &r.Packages[i]
		r.Findings = append(r.Findings, sekisho.Finding{ID: p.PURL, Kind: sekisho.Vulnerability, Severity: sekisho.SeverityHigh, Package: &sekisho.PackageRef{PURL: p.PURL, Name: p.Name, Ecosystem: p.Ecosystem}})
	}
	rank(r, risk.Default())
	for i := range r.Actions {
		if r.Actions[i].Kind == sekisho.ActionDrop {
			return &r.Actions[i]
		}
	}
	return &sekisho.Action{}
}

// agrees compares the packages of the action with what apt removes by its command.
func (w *aptWorld) agrees() (dropped int) {
	w.Helper()
	a := w.drop()
	left := w.apt("autoremove", "--purge")
	if a.Command == "" {
		if len(left) > 0 {
			w.Errorf("apt would remove %v, we say nothing", left)
		}
		return 0
	}
	got := slices.Sorted(slices.Values(a.Packages))
	want := w.apt(strings.Fields(a.Command)[1:]...)
	if d := cmp.Diff(want, got); d != "" {
		w.Errorf("%s: apt removes others (-apt +we): %s", a.Command, d)
	}
	for _, name := range left {
		if !slices.Contains(got, name) {
			w.Errorf("apt would remove %s, which nothing needs; we keep it", name)
		}
	}
	return len(got)
}

func needApt(t *testing.T) {
	t.Helper()
	for _, program := range []string{"apt-get", "dpkg"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skipf("apt is to be asked, and is not here: %v", err)
		}
	}
}

// What we say of this machine is what apt would do.
func TestDropAgreesWithAptHere(t *testing.T) {
	needApt(t)
	status, err := os.ReadFile("/var/lib/dpkg/status")
	if err != nil {
		t.Skip(err)
	}
	states, err := os.ReadFile("/var/lib/apt/extended_states")
	if err != nil {
		t.Skip(err)
	}
	n := newAptWorld(t, string(status), string(states)).agrees()
	t.Logf("%d packages of this machine can go", n)
}

// Of databases that are drawn, with alternatives, virtual packages, versions,
// architectures and cycles, we never drop what apt would keep.
func TestDropAgreesWithApt(t *testing.T) {
	needApt(t)
	random := rand.New(rand.NewPCG(6, 2))
	some := 0
	for round := range 40 {
		var status, states strings.Builder
		names := []string{"gcc", "make", "git", "linux-libc-dev"}
		for i := range 20 + random.IntN(20) {
			names = append(names, fmt.Sprint("lib", i))
		}
		pick := func() string { return names[random.IntN(len(names))] }
		for i, name := range names {
			fmt.Fprintf(&status, "Package: %s\nStatus: install ok installed\nMaintainer: A <a@example.com>\nArchitecture: %s\nVersion: 1-1\nDescription: x\n", name, []string{"amd64", "amd64", "all"}[random.IntN(3)])
			if i%9 == 8 {
				fmt.Fprintf(&status, "Essential: yes\nPriority: required\n")
			}
			// Every dependency is satisfied, as dpkg has it.
			needs := []string{fmt.Sprintf("%s (>= 1~)", pick()), pick() + " | absent", "absent | " + pick(), fmt.Sprintf("%s (<< 9) | %s", pick(), pick()), "virtual-" + fmt.Sprint(random.IntN(3))}
			random.Shuffle(len(needs), func(i, j int) { needs[i], needs[j] = needs[j], needs[i] })
			if n := random.IntN(3); n > 0 {
				fmt.Fprintf(&status, "%s: %s\n", []string{"Depends", "Pre-Depends"}[random.IntN(2)], strings.Join(needs[:n], ", "))
			}
			if random.IntN(4) == 0 {
				fmt.Fprintf(&status, "Recommends: %s, gone\n", pick())
			}
			if random.IntN(6) == 0 {
				fmt.Fprintf(&status, "Suggests: %s\n", pick())
			}
			if i < 3 || random.IntN(5) == 0 {
				fmt.Fprintf(&status, "Provides: virtual-%d\n", i%3)
			}
			status.WriteString("\n")
			if random.IntN(4) > 0 {
				fmt.Fprintf(&states, "Package: %s\nArchitecture: amd64\nAuto-Installed: 1\n\n", name)
			}
		}
		w := newAptWorld(t, status.String(), states.String())
		some += w.agrees()
		if t.Failed() {
			t.Fatalf("round %d:\n%s\n%s", round, status.String(), states.String())
		}
	}
	if some < 50 {
		t.Errorf("%d packages were dropped: the test says little", some)
	}
}
