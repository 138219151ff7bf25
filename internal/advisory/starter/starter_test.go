// SPDX-License-Identifier: Apache-2.0

package starter

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/advisory"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxSize of the starter database in the binary.
const maxSize = 16_000_000

// listed is the manifest, as far as these tests read it.
type listed struct {
	Created, Kind string
	Sources       []struct{ Name, Publisher, License, Date string }
	Shards        []struct {
		World, Digest string
		Size          int64
		Rows          int
	}
}

func embedded(t *testing.T) listed {
	t.Helper()
	text, err := Manifest()
	if err != nil {
		t.Fatal(err)
	}
	var m listed
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSize(t *testing.T) {
	if n := Size(); n < 1_000_000 || n > maxSize {
		t.Errorf("the starter database has %d bytes, want from 1,000,000 to %d", n, maxSize)
	}
}

func TestManifestSaysDateAndSources(t *testing.T) {
	m := embedded(t)
	if m.Kind != "starter" {
		t.Errorf("kind is %q", m.Kind)
	}
	if d, err := time.Parse(time.RFC3339, m.Created); err != nil || d.Year() < 2026 {
		t.Errorf("created %q: %v", m.Created, err)
	}
	dated := 0
	for _, s := range m.Sources {
		if s.Publisher == "" || s.License == "" {
			t.Errorf("%s lacks its publisher or licence", s.Name)
		}
		if s.Date != "" {
			dated++
		}
		if s.Date > m.Created[:10] {
			t.Errorf("%s is of %s, later than the whole (%s)", s.Name, s.Date, m.Created)
		}
	}
	// Alpine's, the vectors, Node.js' and the templates' index state no day.
	if dated < len(m.Sources)-4 || dated == 0 {
		t.Errorf("%d of %d sources have a date", dated, len(m.Sources))
	}
	for _, name := range []string{"alpine-secdb", "debian-tracker", "ghsa", "go-vulndb", "rustsec", "kev", "epss", "cvss-ssvc", "eol"} {
		if !slices.ContainsFunc(m.Sources, func(s struct{ Name, Publisher, License, Date string }) bool { return s.Name == name }) {
			t.Errorf("%s is not in the starter database", name)
		}
	}
}

// What forbids it, what is not verified, and what is a mixture stays out.
func TestSourcesThatStayOut(t *testing.T) {
	out := map[string]string{
		"wolfi-secdb": "CC-BY-NC-ND", "chainguard-secdb": "CC-BY-NC-ND",
		"amazon-updateinfo": "not verified", "oracle-oval": "not verified", "rocky": "not verified", "rocky-osv": "not verified",
		"arch": "not verified", "redhat-osv": "not verified", "redhat-cve": "not verified", "redhat-vex": "not verified",
		"suse-osv": "not verified", "ubuntu-uct": "share alike", "osv": "mixed", "osv-fixtures": "mixed",
		"trickest-poc": "its links come from Exploit-DB too", "malware-osv": "size",
	}
	m := embedded(t)
	for _, s := range m.Sources {
		if why, ok := out[s.Name]; ok {
			t.Errorf("%s is in the starter database: %s", s.Name, why)
		}
	}
	for _, s := range m.Shards {
		family, _, _ := strings.Cut(s.World, "/")
		if slices.Contains([]string{"wolfi", "chainguard", "amazon", "oracle", "rocky", "arch", "redhat", "suse", "ubuntu", "malware"}, family) {
			t.Errorf("the starter database has %s", s.World)
		}
	}
}

// notice reads NOTICE, which is in the repository's root.
func notice(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../../NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// unnamed gives the sources that have no line "NAME: ..." in a NOTICE, and
// those whose paragraph does not say their licence.
func unnamed(m listed, notice string) (bad []string) {
	for _, s := range m.Sources {
		at := regexp.MustCompile(`(?ms)^- ` + regexp.QuoteMeta(s.Name) + `: (.*?)(?:^- |^$|\z)`).FindStringSubmatch(notice)
		licence, _, _ := strings.Cut(s.License, ";")
		if at == nil || !strings.Contains(strings.Join(strings.Fields(at[1]), " "), licence) {
			bad = append(bad, s.Name)
		}
	}
	return bad
}

func TestNoticeNamesEverySource(t *testing.T) {
	m, text := embedded(t), notice(t)
	if bad := unnamed(m, text); len(bad) > 0 {
		t.Errorf("NOTICE does not name, with the licence: %s", strings.Join(bad, ", "))
	}
	// The check must be seen to fail.
	if bad := unnamed(m, strings.ReplaceAll(text, "- ghsa:", "- another:")); !slices.Equal(bad, []string{"ghsa"}) {
		t.Errorf("without ghsa, %v are missed", bad)
	}
	if bad := unnamed(m, strings.ReplaceAll(text, "CC0-1.0", "")); !slices.Contains(bad, "kev") {
		t.Errorf("without its licence, kev is taken for named (%v)", bad)
	}
}

// open gives the database behind a manifest.
func open(t *testing.T, m listed) *advisory.Database {
	t.Helper()
	db := advisory.New(func(_ context.Context, world string) (io.ReaderAt, int64, func() error, error) {
		for _, s := range m.Shards {
			if s.World != world {
				continue
			}
			text, ok := Shard(s.Digest)
			if !ok {
				return nil, 0, nil, errors.New("it is listed and not there")
			}
			return strings.NewReader(text), int64(len(text)), nil, nil
		}
		return nil, 0, nil, advisory.ErrNoWorld
	})
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// prose is what no fact looks like: five words after one another.
var prose = regexp.MustCompile(`(\pL+[ ,;]+){4}\pL+`)

func texts(a *sekisho.Advisory) []string {
	all := append([]string{a.ID, a.Status, a.Urgency, a.Module, a.Channel, a.Informational}, a.Aliases...)
	all = append(append(append(all, a.Versions...), a.CVSS...), a.Arches...)
	for _, r := range a.Ranges {
		all = append(all, r.Introduced, r.Fixed, r.LastAffected)
	}
	return all
}

// Every part is what the manifest says, can be read, and holds facts alone.
func TestFactsAlone(t *testing.T) {
	if !prose.MatchString("A flaw was found in the parser.") || prose.MatchString("not yet assigned") {
		t.Fatal("the test does not know prose")
	}
	m := embedded(t)
	known := map[string]bool{}
	for _, s := range m.Sources {
		known[s.Name] = true
	}
	db := open(t, m)
	total := 0
	for _, s := range m.Shards {
		text, _ := Shard(s.Digest)
		sum := sha256.Sum256([]byte(text))
		if int64(len(text)) != s.Size || "sha256:"+hex.EncodeToString(sum[:]) != s.Digest {
			t.Errorf("%s is not what the manifest says", s.World)
		}
		rows := 0
		if err := db.Each(t.Context(), s.World, func(a *sekisho.Advisory) {
			rows++
			if a.Summary != "" {
				t.Errorf("%s %s %s has a summary: %q", s.World, a.Package, a.ID, a.Summary)
			}
			if !known[a.Feed] {
				t.Errorf("%s %s %s is of %s, which is not listed", s.World, a.Package, a.ID, a.Feed)
			}
			for _, text := range texts(a) {
				if prose.MatchString(text) {
					t.Errorf("%s %s %s has a sentence: %q", s.World, a.Package, a.ID, text)
				}
			}
		}); err != nil {
			t.Errorf("read %s: %v", s.World, err)
		}
		if !strings.HasPrefix(s.World, "risk/") && rows != s.Rows {
			t.Errorf("%s has %d rows, the manifest says %d", s.World, rows, s.Rows)
		}
		total += rows
	}
	if total < 200_000 {
		t.Errorf("only %d rows", total)
	}
}

// The figures of risk travel with the rows: a flaw of 2021 that all know.
func TestRiskIsThere(t *testing.T) {
	m := embedded(t)
	db := open(t, m)
	for _, world := range []string{"maven", "debian/11"} {
		c, err := db.CVE(t.Context(), world, "CVE-2021-44228")
		if err != nil {
			t.Fatal(err)
		}
		if len(c.CVSS) == 0 || c.CVSS[0].Score != 10 || c.EPSS == nil || c.EPSS.Score < 0.9 || c.KEV == nil || c.KEV.Added != "2021-12-10" || !slices.Contains(c.Exploits, "metasploit") {
			t.Errorf("CVE-2021-44228 in %s: %+v", world, c)
		}
	}
}

func TestDamagedArchive(t *testing.T) {
	for name, text := range map[string]string{"cut": archive[:len(archive)/2], "garbage": strings.Repeat("x", 2048)} {
		if _, err := index(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if p, err := index(b.String()); err != nil || len(p) != 0 {
		t.Errorf("an empty archive gives %d entries, %v", len(p), err)
	}
}
