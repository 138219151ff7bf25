// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeFiles writes files below a directory.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, body := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// osvRecord is an advisory in OSV's format about the versions below fixed.
func osvRecord(id, alias, ecosystem, name, fixed string) string {
	return fmt.Sprintf(`{"schema_version":"1.6.0","id":%q,"aliases":[%q],"modified":"2025-12-30T00:00:00Z","published":"2025-12-01T00:00:00Z",
"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
"affected":[{"package":{"ecosystem":%q,"name":%q},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":%q}]}]}]}`, id, alias, ecosystem, name, fixed)
}

// ownFeeds writes a small directory of feeds in their publishers' formats, of
// flaws that nothing real has.
func ownFeeds(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"alpine-secdb/v3.20/main.json": `{"distroversion":"v3.20","reponame":"main","packages":[{"pkg":{"name":"musl","secfixes":{"1.2.5-r1":["CVE-2099-0001"],"1.2.4-r0":["CVE-2099-0002"]}}}]}`,
		"debian-tracker/data.json": `{"foo":{"CVE-2099-0003":{"releases":{"bookworm":{"status":"resolved","fixed_version":"1:2.3-2","urgency":"medium"}}},
"CVE-2099-0004":{"releases":{"bookworm":{"status":"open","urgency":"low"}}},
"CVE-2099-0005":{"releases":{"bookworm":{"status":"resolved","fixed_version":"1:2.2-1","urgency":"high"}}}},
"six":{"CVE-2099-0006":{"releases":{"bookworm":{"status":"open","urgency":"medium"}}}}}`,
		"kev/known_exploited_vulnerabilities.json": `{"title":"x","catalogVersion":"2025.12.31","dateReleased":"2025-12-31T00:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2099-0001","vendorProject":"x","product":"musl","vulnerabilityName":"x","dateAdded":"2025-12-20","dueDate":"2026-01-10","knownRansomwareCampaignUse":"Unknown"}]}`,
	}
	for i, r := range [][3]string{
		{"npm", "@s/a", "1.0.0"},
		{"npm", "b", "2.0.1"},
		{"npm", "c", "2.9.0"},
		{"npm", "a", "1.0.1"},
		{"PyPI", "a-b", "1.1"},
		{"PyPI", "six", "1.17.0"}, // the second is the distribution's
		{"Maven", "com.example:shop", "2.0.1"},
		{"Maven", "org.example:inner", "1.2"},
		{"Go", "github.com/Masterminds/semver/v3", "3.2.1"},
		{"Go", "example.com/shop", "9.0.0"}, // the second is the project itself
		{"Go", "github.com/sekisho/sekisho", "999.0.0"},
	} {
		id := fmt.Sprintf("GHSA-0000-0000-%04d", i)
		files["osv/"+strings.ReplaceAll(r[0], " ", "")+"/"+id+".json"] = osvRecord(id, fmt.Sprintf("CVE-2099-1%03d", i), r[0], r[1], r[2])
	}
	writeFiles(t, dir, files)
	return dir
}
