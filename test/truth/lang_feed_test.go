// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v3"
)

// langFeeds are the feeds that say something of languages' packages.
func langFeeds() []string {
	return []string{"friendsofphp", "ghsa", "go-vulndb", "malware-osv", "osv-fixtures", "pypa-osv", "rubysec", "rustsec"}
}

// langClaim is what one record of a feed says of one package, as it is written.
type langClaim struct {
	feed, id  string
	ids       []string // the id and its aliases
	withdrawn bool
	// ignored says why a record is no claim about vulnerable versions.
	ignored string
	// OSV: the events of each range that is not of commits, the list of versions,
	// GitHub's words for the end of an open range.
	ranges   [][]langEvent
	versions []string
	last     string
	git      bool
	// The other formats: a version that fits one of unaffected is not affected;
	// for FriendsOfPHP, one that fits one of affected is.
	unaffected, affected []string
}

type langEvent struct {
	Introduced   string `json:"introduced"`
	Fixed        string `json:"fixed"`
	LastAffected string `json:"last_affected"`
	Limit        string `json:"limit"`
}

func (e langEvent) version() string {
	return e.Introduced + e.Fixed + e.LastAffected + e.Limit
}

// langClaims by "ECOSYSTEM NAME", names as one looks them up.
type langClaims map[string][]*langClaim

// langEcosystems of the OSV schema as reports name them.
var langEcosystems = map[string]string{
	"Go": "golang", "npm": "npm", "PyPI": "pypi", "Maven": "maven", "RubyGems": "gem", "crates.io": "cargo", "Packagist": "composer", "NuGet": "nuget",
}

var langSeparators = regexp.MustCompile(`[-_.]+`)

// langPlainName is how two spellings of a package's name are found to be one.
func langPlainName(ecosystem, name string) string {
	switch ecosystem {
	case "pypi":
		return langSeparators.ReplaceAllString(strings.ToLower(name), "-")
	case "composer", "nuget":
		return strings.ToLower(name)
	}
	return name
}

func (c langClaims) add(ecosystem, name string, cl *langClaim) {
	key := ecosystem + " " + langPlainName(ecosystem, name)
	c[key] = append(c[key], cl)
}

// langRead holds what the feeds say, read once for all tests.
var langRead struct {
	once     sync.Once
	all      langClaims
	problems []string
}

// langNaiveClaims reads the feeds.
func langNaiveClaims(t *testing.T) langClaims {
	t.Helper()
	langRead.once.Do(func() {
		langRead.all = langClaims{}
		for _, feed := range langFeeds() {
			feedFiles(t, feed, func(name string, data []byte) {
				var err error
				switch {
				case feed == "rustsec":
					err = langRead.all.rustsec(name, data)
				case feed == "rubysec":
					err = langRead.all.rubysec(name, data)
				case feed == "friendsofphp":
					err = langRead.all.friends(name, data)
				case strings.HasSuffix(name, ".json"):
					err = langRead.all.osv(feed, data)
				}
				if err != nil {
					langRead.problems = append(langRead.problems, name+": "+err.Error())
				}
			})
		}
		t.Logf("%d names, %d files not understood", len(langRead.all), len(langRead.problems))
	})
	if n := len(langRead.problems); n > 5 {
		t.Errorf("the naive reading did not understand %d files, such as %v", n, langRead.problems[:5])
	}
	return langRead.all
}

func (c langClaims) osv(feed string, data []byte) error {
	var r struct {
		ID        string   `json:"id"`
		Aliases   []string `json:"aliases"`
		Upstream  []string `json:"upstream"`
		Withdrawn string   `json:"withdrawn"`
		Affected  []struct {
			Package  struct{ Ecosystem, Name string } `json:"package"`
			Versions json.RawMessage                  `json:"versions"`
			Ranges   []struct {
				Type   string      `json:"type"`
				Events []langEvent `json:"events"`
			} `json:"ranges"`
			Database json.RawMessage `json:"database_specific"`
		} `json:"affected"`
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return err
	}
	for _, a := range r.Affected {
		eco := langEcosystems[a.Package.Ecosystem]
		if eco == "" || a.Package.Name == "" {
			continue
		}
		cl := &langClaim{feed: feed, id: r.ID, withdrawn: r.Withdrawn != "", ids: append(append([]string{r.ID}, r.Aliases...), r.Upstream...)}
		var specific struct {
			Last          string `json:"last_known_affected_version_range"`
			Informational string `json:"informational"`
		}
		if json.Unmarshal(a.Database, &specific) == nil {
			cl.last = specific.Last
			cl.ignored = specific.Informational
		}
		if json.Unmarshal(a.Versions, &cl.versions) != nil {
			cl.versions = nil // some records of the API hold a count in its place
		}
		for _, rg := range a.Ranges {
			if rg.Type == "GIT" {
				cl.git = true
				continue
			}
			cl.ranges = append(cl.ranges, rg.Events)
		}
		c.add(eco, a.Package.Name, cl)
	}
	return nil
}

func (c langClaims) rustsec(name string, data []byte) error {
	if !strings.Contains(name, "/crates/") || !strings.HasSuffix(name, ".md") {
		return nil
	}
	_, rest, _ := strings.Cut(string(data), "```toml\n")
	facts, _, _ := strings.Cut(rest, "\n```")
	var r struct {
		Advisory struct {
			ID, Package, Withdrawn, Informational string
			Aliases                               []string
		}
		Versions struct{ Patched, Unaffected []string }
	}
	if err := toml.Unmarshal([]byte(facts), &r); err != nil {
		return err
	}
	a := r.Advisory
	c.add("cargo", a.Package, &langClaim{
		feed: "rustsec", id: a.ID, ids: append([]string{a.ID}, a.Aliases...), withdrawn: a.Withdrawn != "", ignored: a.Informational,
		unaffected: append(r.Versions.Patched, r.Versions.Unaffected...),
	})
	return nil
}

func (c langClaims) rubysec(name string, data []byte) error {
	if !strings.Contains(name, "/gems/") || !strings.HasSuffix(name, ".yml") {
		return nil
	}
	var r struct {
		Gem, CVE, GHSA, OSVDB string
		Patched               []string `yaml:"patched_versions"`
		Unaffected            []string `yaml:"unaffected_versions"`
	}
	if err := yaml.Unmarshal(data, &r); err != nil {
		return err
	}
	id := strings.TrimSuffix(path.Base(name), ".yml")
	cl := &langClaim{feed: "rubysec", id: id, ids: []string{id}, unaffected: append(r.Patched, r.Unaffected...)}
	for kind, number := range map[string]string{"CVE-": r.CVE, "GHSA-": r.GHSA, "OSVDB-": r.OSVDB} {
		if number != "" {
			cl.ids = append(cl.ids, kind+number)
		}
	}
	c.add("gem", r.Gem, cl)
	return nil
}

func (c langClaims) friends(name string, data []byte) error {
	if !strings.HasSuffix(name, ".yaml") {
		return nil
	}
	var r struct {
		Reference, CVE string
		Branches       map[string]struct{ Versions []string }
	}
	if err := yaml.Unmarshal(data, &r); err != nil {
		return err
	}
	pkg := strings.TrimPrefix(r.Reference, "composer://")
	id := strings.ToLower(pkg) + "/" + strings.TrimSuffix(path.Base(name), ".yaml")
	cl := &langClaim{feed: "friendsofphp", id: id, ids: []string{id}}
	if strings.HasPrefix(r.CVE, "CVE-") {
		cl.ids = append(cl.ids, r.CVE)
	}
	for _, b := range r.Branches {
		cl.affected = append(cl.affected, strings.Join(b.Versions, ","))
	}
	slices.Sort(cl.affected) // the branches come in any order
	c.add("composer", pkg, cl)
	return nil
}
