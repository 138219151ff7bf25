// SPDX-License-Identifier: Apache-2.0

package osv

import (
	"encoding/json"
	"hash/crc32"
	"iter"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/advisory"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// feedsDir is real data beside the checkout.
const feedsDir = "../../../../shared/feeds"

// tally is a sink that counts and keeps what the naive reading is compared with.
type tally struct {
	rows     int
	ids      map[string]bool
	facts    map[string]bool
	worlds   map[string]int
	cves     int
	day      string
	problems []string
	bad      []string
}

func newTally() *tally {
	return &tally{ids: map[string]bool{}, facts: map[string]bool{}, worlds: map[string]int{}}
}

func (s *tally) Advisory(a *sekisho.Advisory) {
	s.rows++
	s.ids[a.ID] = true
	s.worlds[a.World]++
	if a.World == "" || a.Package == "" || a.ID == "" || a.Status == "" || len(a.Ranges)+len(a.Versions) == 0 {
		s.bad = append(s.bad, a.ID)
	}
	if a.Channel != "" {
		return
	}
	for _, r := range a.Ranges {
		s.facts[strings.Join([]string{a.ID, a.World, a.Package, r.Introduced, r.Fixed, r.LastAffected}, "|")] = true
	}
	for _, v := range a.Versions {
		s.facts[strings.Join([]string{a.ID, a.World, a.Package, v}, "|")] = true
	}
}
func (s *tally) CVE(*sekisho.CVE) { s.cves++ }
func (s *tally) Date(d string)    { s.day = max(s.day, d) }
func (s *tally) Problem(p string, err error) {
	s.problems = append(s.problems, p+": "+err.Error())
}

func feedNamed(t *testing.T, name string) sekisho.Feed {
	t.Helper()
	for _, f := range Feeds() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no feed %s", name)
	return sekisho.Feed{}
}

// sampled are the entries of which the race detector sees every part-th record.
var sampled = []string{"almalinux-osv", "debian-osv", "ghsa", "malware-osv", "redhat-osv", "suse-osv"}

const part = 8

// entry gives the files of an entry, or a fixed sample of them.
func entry(t *testing.T, name string) iter.Seq2[sekisho.FeedFile, error] {
	t.Helper()
	files, err := advisory.EntryFiles(t.Context(), feedsDir, name)
	if err != nil {
		t.Fatal(err)
	}
	if !raced || !slices.Contains(sampled, name) {
		return files
	}
	return func(yield func(sekisho.FeedFile, error) bool) {
		for f, err := range files {
			if err == nil && strings.HasSuffix(f.Path, ".json") && crc32.ChecksumIEEE([]byte(f.Path))%part != 0 {
				continue
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

func readReal(t *testing.T, name, feed string) *tally {
	t.Helper()
	s := newTally()
	if err := feedNamed(t, feed).Parse(t.Context(), entry(t, name), s); err != nil {
		t.Fatal(err)
	}
	if len(s.bad) > 0 {
		t.Errorf("%s: rows without world, package, status or versions: %q", feed, s.bad[:min(9, len(s.bad))])
	}
	return s
}

func needFeeds(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("reads 100,000 records twice")
	}
	if _, err := os.Stat(feedsDir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("no real feeds beside the checkout")
	}
}

// naive reads an entry in the plainest way: every affected package, its events
// in pairs. where gives the world and name, "" for what is not to be read.
func naive(t *testing.T, name string, want func(path string) bool, where func(ecosystem, name string) (string, string)) (facts, ids map[string]bool) {
	t.Helper()
	facts, ids = map[string]bool{}, map[string]bool{}
	for f, err := range entry(t, name) {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f.Path, ".json") || !want(f.Path) {
			continue
		}
		var doc map[string]any
		if err := json.Unmarshal(f.Data, &doc); err != nil {
			t.Fatal(f.Path, err)
		}
		id := doc["id"].(string)
		list, _ := doc["affected"].([]any)
		if _, gone := doc["withdrawn"]; gone {
			continue
		}
		for _, x := range list {
			a := x.(map[string]any)
			p, ok := a["package"].(map[string]any)
			if !ok {
				continue
			}
			world, name := where(p["ecosystem"].(string), p["name"].(string))
			if world == "" {
				continue
			}
			ranges := naiveRanges(a)
			if id == "GHSA-4627-w373-375v" { // alone in ending before it begins: its list counts
				ranges = [][]string{{"0.0.14"}}
			}
			for _, words := range ranges {
				ids[id] = true
				facts[strings.Join(append([]string{id, world, name}, words...), "|")] = true
			}
		}
	}
	return facts, ids
}

// naiveRanges gives introduced, fixed and last affected of each range, or each
// version alone where there is no range.
func naiveRanges(a map[string]any) (out [][]string) {
	ranged := false
	ranges, _ := a["ranges"].([]any)
	for _, x := range ranges {
		r := x.(map[string]any)
		if r["type"] == "GIT" {
			continue
		}
		ranged = true
		open, start := false, ""
		for _, x := range r["events"].([]any) {
			for k, v := range x.(map[string]any) {
				switch v := v.(string); k {
				case "introduced":
					open, start = true, v
					if v == "0" {
						start = ""
					}
				case "fixed":
					if open {
						out = append(out, []string{start, v, ""})
					}
					open = false
				case "last_affected":
					if open {
						out = append(out, []string{start, "", v})
					}
					open = false
				}
			}
		}
		if open {
			end := ""
			if d, ok := a["database_specific"].(map[string]any); ok {
				end, _ = d["last_known_affected_version_range"].(string)
			}
			switch {
			case strings.HasPrefix(end, "<= "):
				out = append(out, []string{start, "", end[3:]})
			case strings.HasPrefix(end, "< "):
				out = append(out, []string{start, end[2:], ""})
			default:
				out = append(out, []string{start, "", ""})
			}
		}
	}
	if versions, ok := a["versions"].([]any); ok && !ranged {
		for _, v := range versions {
			out = append(out, []string{v.(string)})
		}
	}
	return out
}

var dashes = regexp.MustCompile(`[-_.]+`)

func naiveLanguage(ecosystem, name string) (string, string) {
	switch ecosystem {
	case "npm", "Maven", "Hex", "Pub":
		return strings.ToLower(ecosystem), name
	case "PyPI":
		return "pypi", dashes.ReplaceAllString(strings.ToLower(name), "-")
	case "Go":
		return "golang", name
	case "crates.io":
		return "cargo", name
	case "RubyGems":
		return "gem", name
	case "Packagist":
		return "composer", strings.ToLower(name)
	case "NuGet":
		return "nuget", strings.ToLower(name)
	case "SwiftURL":
		return "swift", strings.TrimSuffix(name, ".git")
	case "Bitnami":
		return "bitnami", name
	}
	return "?" + ecosystem, name
}

// TestRealFeeds holds that every feed says what a second reading of its data,
// written apart from the parser, finds there: the same (id, world, package,
// versions), nothing more and nothing less, and no Problem.
func TestRealFeeds(t *testing.T) {
	needFeeds(t)
	all := func(string) bool { return true }
	numbered := func(prefix, world string) func(string, string) (string, string) {
		return func(ecosystem, name string) (string, string) {
			v, ok := strings.CutPrefix(ecosystem, prefix)
			if !ok {
				return "?" + ecosystem, name
			}
			v, _, _ = strings.Cut(v, ":")
			return world + v, name
		}
	}
	tests := []struct {
		entry, feed string
		want        func(string) bool
		where       func(ecosystem, name string) (string, string)
		// of are the worlds compared; empty for all
		of string
	}{
		{"almalinux-osv", "almalinux-osv", all, numbered("AlmaLinux:", "alma/"), `^ALSA-`},
		{"debian-osv", "debian-osv", all, numbered("Debian:", "debian/"), ""},
		{"ghsa", "ghsa", all, naiveLanguage, ""},
		{"go-vulndb", "go-vulndb", all, naiveLanguage, ""},
		{"bitnami", "bitnami", all, naiveLanguage, ""},
		{"pypa-osv", "pypa-osv", all, naiveLanguage, ""},
		{"malware-osv", "malware-osv", all, func(e, n string) (string, string) {
			w, n := naiveLanguage(e, n)
			return "malware/" + w, n
		}, ""},
		{"kubernetes", "kubernetes", func(p string) bool {
			return strings.Contains(p, "/vulns/CVE") || strings.Contains(p, "/upstream/CVE") && !strings.Contains(p, "testdata")
		}, func(_, n string) (string, string) { return "kubernetes", n }, ""},
		{"redhat-osv", "redhat-osv", all, func(e, n string) (string, string) {
			if !strings.HasPrefix(e, "Red Hat:enterprise_linux:") {
				return "", ""
			}
			return numbered("Red Hat:enterprise_linux:", "redhat/")(e, n)
		}, `^[^|]*\|redhat/\d+\|`},
		{"rocky", "osv", func(p string) bool {
			return strings.Contains(p, "rocky-osv/RLSA")
		}, numbered("Rocky Linux:", "rocky/"), `^RLSA`},
	}
	for _, tt := range tests {
		t.Run(tt.entry, func(t *testing.T) {
			t.Parallel()
			want, ids := naive(t, tt.entry, tt.want, tt.where)
			got := readReal(t, tt.entry, tt.feed)
			if tt.of != "" {
				of := regexp.MustCompile(tt.of)
				for _, facts := range []map[string]bool{got.facts, want} {
					maps.DeleteFunc(facts, func(f string, _ bool) bool { return !of.MatchString(f) })
				}
				got.ids, ids = idsOf(got.facts), idsOf(want)
			}
			same(t, "facts", got.facts, want)
			same(t, "ids", got.ids, ids)
			if len(want) < 50 {
				t.Errorf("only %d facts to compare", len(want))
			}
			if len(got.problems) > 0 && tt.entry != "rocky" {
				t.Errorf("%d problems: %s", len(got.problems), got.problems[0])
			}
			t.Logf("%d ids, %d facts, %d rows, of %s", len(ids), len(want), got.rows, got.day)
		})
	}
}

func idsOf(facts map[string]bool) map[string]bool {
	ids := map[string]bool{}
	for f := range facts {
		id, _, _ := strings.Cut(f, "|")
		ids[id] = true
	}
	return ids
}

// TestRealSUSE reads the binary packages of a few products a second time.
func TestRealSUSE(t *testing.T) {
	needFeeds(t)
	t.Parallel()
	worlds := map[string]string{
		"openSUSE:Leap 15.5": "suse/leap-15.5", "openSUSE:Leap 15.5 NonFree": "suse/leap-15.5",
		"openSUSE:Tumbleweed": "suse/tumbleweed", "SUSE:Linux Enterprise Micro 5.3": "suse/sle-micro-5.3",
		"SUSE:Linux Enterprise Server 12 SP5":                          "suse/sles-12.5",
		"SUSE:Linux Enterprise Module for Basesystem 15":               "suse/sles-15",
		"SUSE:Linux Enterprise Module for Basesystem 15 SP5":           "suse/sles-15.5",
		"SUSE:Linux Enterprise Module for Transactional Server 15 SP5": "suse/sles-15.5",
	}
	read := map[string]bool{}
	for _, w := range worlds {
		read[w] = true
	}
	want := map[string]bool{}
	for f, err := range entry(t, "suse-osv") {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f.Path, ".json") {
			continue
		}
		var doc struct {
			ID       string
			Affected []struct {
				Package   struct{ Ecosystem, Name string }
				Ranges    []struct{ Events []struct{ Fixed string } }
				Ecosystem struct{ Binaries []map[string]string } `json:"ecosystem_specific"`
			}
		}
		if err := json.Unmarshal(f.Data, &doc); err != nil {
			t.Fatal(err)
		}
		for _, a := range doc.Affected {
			if world := worlds[a.Package.Ecosystem]; world != "" {
				if len(a.Ecosystem.Binaries[0]) == 0 { // by its source
					want[strings.Join([]string{doc.ID, world, a.Package.Name, "", a.Ranges[0].Events[1].Fixed, ""}, "|")] = true
				}
				for name, version := range a.Ecosystem.Binaries[0] {
					want[strings.Join([]string{doc.ID, world, name, "", version, ""}, "|")] = true
				}
			}
		}
	}
	got := readReal(t, "suse-osv", "suse-osv")
	if len(got.problems) > 0 {
		t.Error(got.problems[0])
	}
	maps.DeleteFunc(got.facts, func(f string, _ bool) bool { return !read[strings.Split(f, "|")[1]] })
	same(t, "facts", got.facts, want)
	least := 10000
	if raced {
		least /= 2 * part
	}
	if len(want) < least {
		t.Errorf("only %d facts to compare", len(want))
	}
	t.Logf("%d facts, %d rows in all", len(want), got.rows)
}

// TestRealFixtures holds that of records of every kind none is lost: what names
// a package and versions is a row. The problems are records of a test corpus in
// which a list of versions was replaced by its length.
func TestRealFixtures(t *testing.T) {
	needFeeds(t)
	files, err := advisory.EntryFiles(t.Context(), feedsDir, "osv-fixtures")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for f, err := range files {
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(f.Data, &doc); err != nil {
			t.Fatal(err)
		}
		id := doc["id"].(string)
		list, _ := doc["affected"].([]any)
		for _, x := range list {
			a := x.(map[string]any)
			p, _ := a["package"].(map[string]any)
			if p["name"] == nil || doc["withdrawn"] != nil || regexp.MustCompile(`^(AL|RL)[BE]A-`).MatchString(id) {
				continue
			}
			if len(naiveRanges(a)) > 0 {
				want[id] = true
			}
		}
	}
	got := readReal(t, "osv-fixtures", "osv-fixtures")
	for id := range want {
		if !got.ids[id] {
			t.Errorf("%s is lost", id)
		}
	}
	for _, p := range got.problems {
		if !strings.Contains(p, ": json: cannot unmarshal number into Go value of type []string") {
			t.Error(p)
		}
	}
	t.Logf("%d ids with packages, %d in all, %d problems", len(want), len(got.ids), len(got.problems))
}

func same(t *testing.T, what string, got, want map[string]bool) {
	t.Helper()
	n := 0
	for f := range want {
		if !got[f] {
			if n++; n < 6 {
				t.Errorf("%s missing: %s", what, f)
			}
		}
	}
	for f := range got {
		if !want[f] {
			if n++; n < 12 {
				t.Errorf("%s too many: %s", what, f)
			}
		}
	}
	if n > 0 {
		t.Errorf("%s: %d differences of %d", what, n, len(want))
	}
}
