// SPDX-License-Identifier: Apache-2.0

package fleet

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/cli"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var update = flag.Bool("update", false, "write docs/fleet.md")

// day of every scan: the findings are those of the database in the program, and
// nothing depends on the day of the test.
var day = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// lot is where the fleet lies: built once, by the first test that needs it, and
// removed by TestMain.
var lot struct {
	sync.Mutex
	dir    string
	images []image
	// reports are the scans so far, by image and format.
	reports map[string]string
}

func TestMain(m *testing.M) { os.Exit(within(m)) }

func within(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sekisho-fleet-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	lot.dir, lot.reports = dir, map[string]string{}
	return m.Run()
}

// yard is the lot, for one test.
type yard struct {
	*testing.T
	dir    string
	images []image
}

// run runs the program in the yard.
func (y *yard) run(args ...string) (status int, stdout, stderr string) {
	y.Helper()
	var out, errs bytes.Buffer
	app := &cli.App{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Version: "test", Dir: y.dir, Now: func() time.Time { return day },
		Env: []string{"HOME=" + filepath.Join(y.dir, "home"), "LANG=C", "PATH=" + os.Getenv("PATH"), "DOCKER_HOST=unix://" + filepath.Join(y.dir, "none.sock"), "CONTAINER_HOST=unix://" + filepath.Join(y.dir, "none.sock")},
	}
	status = app.Run(y.Context(), args)
	return status, out.String(), errs.String()
}

// does runs the program and wants it to end well.
func (y *yard) does(args ...string) string {
	y.Helper()
	status, out, errs := y.run(args...)
	if status != 0 {
		y.Fatalf("sekisho %s: status %d: %s", strings.Join(args, " "), status, errs)
	}
	return out
}

// scanned are the formats of an image's one scan.
var scanned = []string{"json", "table", "cyclonedx", "spdx-json"}

// scan gives the report of an image in a format; an image is scanned once.
func (y *yard) scan(name, format string) string {
	y.Helper()
	lot.Lock()
	defer lot.Unlock()
	if _, ok := lot.reports[name+" "+format]; !ok {
		args := []string{"scan", "oci-dir:" + name, "-q", "--offline", "--no-cache", "--scanners", "vuln,misconfig,secret,malware"}
		for _, f := range scanned {
			args = append(args, "-o", f+"="+name+".scan."+f)
		}
		y.does(args...)
		for _, f := range scanned {
			b, err := os.ReadFile(filepath.Join(y.dir, name+".scan."+f))
			must(y.T, err)
			lot.reports[name+" "+f] = string(b)
		}
	}
	return lot.reports[name+" "+format]
}

func (y *yard) result(report string) *sekisho.Result {
	y.Helper()
	var r sekisho.Result
	must(y.T, json.Unmarshal([]byte(report), &r))
	return &r
}

// small are the images that the race detector sees.
var small = []string{"debian-12", "alpine-3.18", "java", "go", "leaked-key", "malware"}

// newYard gives the fleet; images that others are built on are in the index of
// bases.
func newYard(t *testing.T) *yard {
	t.Helper()
	lot.Lock()
	defer lot.Unlock()
	y := &yard{T: t, dir: lot.dir, images: lot.images}
	if y.images != nil {
		return y
	}
	y.images = fleet(t)
	if raced {
		y.images = slices.DeleteFunc(y.images, func(i image) bool { return !slices.Contains(small, i.name) })
	}
	bases := map[string]bool{}
	for i := range y.images {
		y.images[i].layout(t, y.dir)
		bases[y.images[i].base] = true
	}
	for _, i := range y.images {
		if bases[i.name] {
			y.does("base", "add", "oci-dir:"+i.name)
		}
	}
	lot.images = y.images
	return y
}

// figures of one image, a row of the table.
type figures struct {
	packages, raw, findings, stated, actions, now, read, all int
}

// count takes the figures from a report and what a terminal shows of it.
func count(r *sekisho.Result, table string) (n figures) {
	n.packages, n.actions = len(r.Packages), len(r.Actions)
	places := map[string]int{}
	for _, p := range r.Packages {
		places[p.PURL] += max(1, len(p.Locations))
	}
	for _, f := range r.Findings {
		// Each source's statement, for each place of the package.
		statements := 1
		if f.Kind == sekisho.Vulnerability && f.Package != nil {
			statements = 0
			for _, e := range f.Evidence {
				if e.Status != sekisho.StatusNotAffected {
					statements++
				}
			}
			statements *= max(1, places[f.Package.PURL])
		}
		n.raw += statements
		if f.Suppressed != nil {
			n.stated++
			continue
		}
		n.findings++
		if f.Risk != nil && f.Risk.Class == sekisho.ActNow {
			n.now++
		}
	}
	n.all = strings.Count(table, "\n")
	if _, after, ok := strings.Cut(table, "\nWhat to do\n"); ok {
		section, _, _ := strings.Cut(after, "\n\n")
		n.read = 1 + strings.Count(section, "\n")
	}
	return n
}

const intro = `# The reference fleet

` + "`go test ./test/fleet`" + ` builds these images, scans them by the database in the program as of 2026-11-21 and holds this page to what comes
out; ` + "`-update`" + ` writes the page anew, after a new database or a change of the ranking.

The parts are real: names and versions of Debian are those that ` + "`debootstrap` and `apt`" + ` gave, the package databases of Alpine, Azure
Linux and SUSE are those of the distributions, the lockfile is npm's, the Go program is built by the test. No network is used. Images that
stand on another one of the list are recognised by the index of bases.

| column | what it counts |
|---|---|
| packages | installed packages, those of lower layers too |
| raw | what a list without judgement would print: each source's statement that a binary package is affected, at each place where the package lies, with a fix or without |
| findings | after statements about one flaw of one package are one, without those of the next column |
| stated | findings of packages that hold no code of their source (headers of the kernel, a manual, translations): the report keeps them apart as "not affected" |
| actions | what can be done, all of them |
| act now | findings of the most urgent class |
| lines to read | lines of the part "What to do" on a terminal of 100 columns, wrapped ones counted each |
| whole table | all lines of the terminal's report, for who wants every package |

The promise is one line to read for fifty raw findings over the fleet; a small image has a few lines whatever it is. The test also says:
everything that CISA lists as exploited and whose code is there, every leaked secret and malware is to be done now, and has an action; no finding is closed twice;
what actions say of their findings adds up; every flaw of an image with a known base is the base's or its own.

`

// What a person reads of the fleet is short, and nothing urgent is missing in it.
func TestFleet(t *testing.T) {
	y := newYard(t)
	var doc strings.Builder
	doc.WriteString(intro)
	doc.WriteString("| image | what | packages | raw | findings | stated | actions | act now | lines to read | whole table |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	var sum figures
	for _, i := range y.images {
		// Where the images lie is of no account: lines are as long on every machine.
		text := strings.ReplaceAll(y.scan(i.name, "json"), y.dir+"/", "fleet.example.com/")
		r := y.result(text)
		table := y.does("convert", y.write(i.name+".json", text), "-f", "table")
		t.Run(i.name, func(t *testing.T) { holds(t, &i, r) })
		n := count(r, table)
		fmt.Fprintf(&doc, "| %s | %s | %d | %d | %d | %d | %d | %d | %d | %d |\n", i.name, i.about, n.packages, n.raw, n.findings, n.stated, n.actions, n.now, n.read, n.all)
		sum.packages, sum.raw, sum.findings, sum.actions = sum.packages+n.packages, sum.raw+n.raw, sum.findings+n.findings, sum.actions+n.actions
		sum.stated, sum.now, sum.read, sum.all = sum.stated+n.stated, sum.now+n.now, sum.read+n.read, sum.all+n.all
	}
	if raced {
		return
	}
	if len(y.images) < 12 {
		t.Errorf("a fleet of %d images", len(y.images))
	}
	fmt.Fprintf(&doc, "| **all** | | %d | %d | %d | %d | %d | %d | %d | %d |\n", sum.packages, sum.raw, sum.findings, sum.stated, sum.actions, sum.now, sum.read, sum.all)
	if sum.read*50 > sum.raw {
		t.Errorf("%d lines to read for %d raw findings: more than one for fifty", sum.read, sum.raw)
	}
	fmt.Fprintf(&doc, "\nThat is one line for %d raw findings.\n", sum.raw/max(1, sum.read))
	page := filepath.Join("..", "..", "docs", "fleet.md")
	if *update {
		must(t, os.WriteFile(page, []byte(doc.String()), 0o600))
		return
	}
	b, err := os.ReadFile(page)
	must(t, err)
	if d := cmp.Diff(string(b), doc.String()); d != "" {
		t.Errorf("docs/fleet.md is not what the fleet says now (-update writes it): %s", d)
	}
}

// holds says what is true of every report.
func holds(t *testing.T, i *image, r *sekisho.Result) {
	open, class := map[string]sekisho.RiskClass{}, map[string]int{}
	for n := range r.Findings {
		f := &r.Findings[n]
		if f.Suppressed != nil && f.Suppressed.Code != "" && f.Suppressed.Code == f.Inert && f.Kind == sekisho.Vulnerability && f.Risk != nil {
			if f.Risk.Class == sekisho.ActNow {
				t.Errorf("%s of %s is not affected and to be done now", f.Rule, f.Package.PURL)
			}
			continue
		}
		if f.Suppressed != nil || f.Risk == nil {
			t.Errorf("%s of %+v: suppressed by %+v, risk %+v: nothing was accepted here", f.Rule, f.Package, f.Suppressed, f.Risk)
			continue
		}
		if open[f.ID] != "" {
			t.Errorf("two findings have the id %s: %s", f.ID, f.Rule)
		}
		open[f.ID] = f.Risk.Class
		class[string(f.Risk.Class)]++
		if f.Risk.Class != sekisho.ActNow && (f.KEV != nil || f.Kind == sekisho.Secret || f.Kind == sekisho.Malware && f.Severity >= sekisho.SeverityHigh) {
			t.Errorf("%s (KEV %v, %s) is %q and not to be done now", f.Rule, f.KEV != nil, f.Kind, f.Risk.Class)
		}
		if i.base != "" && f.Kind == sekisho.Vulnerability && f.Origin == "" {
			t.Errorf("%s of %s is neither the base's nor own", f.Rule, f.Package.PURL)
		}
	}
	once(t, r)
	closed := map[string]string{}
	for _, a := range r.Actions {
		score, removed, worst := 0, 0, sekisho.Accept
		for _, id := range a.Closes {
			if other := closed[id]; other != "" {
				t.Errorf("%s is closed by %q and by %q", id, other, a.Subject)
			}
			closed[id] = a.Kind + " " + a.Subject
			if open[id] == "" {
				t.Errorf("%q closes %s, which is not there", a.Subject, id)
			}
			for n := range r.Findings {
				if f := &r.Findings[n]; f.ID == id {
					removed += f.Risk.Score
					score = max(score, f.Risk.Score)
					if slices.Index(sekisho.RiskClasses, f.Risk.Class) < slices.Index(sekisho.RiskClasses, worst) {
						worst = f.Risk.Class
					}
				}
			}
		}
		if a.Score != score || a.Removed != removed || a.Class != worst {
			t.Errorf("%s %s says score %d, %d removed, %q; its findings say %d, %d, %q", a.Kind, a.Subject, a.Score, a.Removed, a.Class, score, removed, worst)
		}
	}
	for n := range r.Findings {
		if f := &r.Findings[n]; f.Risk != nil && f.Risk.Class == sekisho.ActNow && closed[f.ID] == "" {
			t.Errorf("%s of %+v is to be done now, and no action does it", f.Rule, f.Package)
		}
	}
	if (r.Base != nil) != (i.base != "") {
		t.Errorf("base %q: %+v", i.base, r.Base)
	}
}

// once says that no flaw of a package is there twice under several of its names:
// an id of a flaw is in one finding of a package, whatever source gave it. What
// a distribution publishes (DSA, DLA) fixes several flaws, and names none.
func once(t *testing.T, r *sekisho.Result) {
	t.Helper()
	of := map[string]string{}
	for n := range r.Findings {
		f := &r.Findings[n]
		if f.Package == nil {
			continue
		}
		for _, id := range append([]string{f.Rule}, f.Aliases...) {
			if family, _, _ := strings.Cut(id, "-"); !slices.Contains([]string{"CVE", "GHSA", "PYSEC", "GO", "RUSTSEC", "TEMP", "NSWG"}, family) {
				continue
			}
			key := id + " in " + f.Package.PURL + " at " + f.Location.Path
			if other, ok := of[key]; ok {
				t.Errorf("%s: it is in the findings %s and %s", key, other, f.Rule)
			}
			of[key] = f.Rule
		}
	}
}
