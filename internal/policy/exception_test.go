// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const today = "2026-01-31"

func sample() *sekisho.Result {
	pkg := func(purl, name, version string) *sekisho.PackageRef {
		return &sekisho.PackageRef{PURL: purl, Name: name, Version: version, Ecosystem: strings.SplitN(purl[4:], "/", 2)[0]}
	}
	return &sekisho.Result{
		Target: sekisho.Target{Kind: sekisho.KindImage, Name: "registry.example.com/team/app:1.2", Digest: "sha256:aa", IndexDigest: "sha256:bb", Platform: &sekisho.Platform{OS: "linux", Architecture: "amd64"}},
		Packages: []sekisho.Package{
			{PURL: "pkg:npm/%40acme/app@1.0.0", Name: "@acme/app", Version: "1.0.0"},
			{PURL: "pkg:npm/lodash@4.17.20", Name: "lodash", Version: "4.17.20"},
		},
		Findings: []sekisho.Finding{
			{ID: "0", Kind: sekisho.Vulnerability, Rule: "CVE-2026-1", Aliases: []string{"GHSA-aaaa-bbbb-cccc"}, Package: pkg("pkg:npm/lodash@4.17.20", "lodash", "4.17.20"), Fixed: "4.17.21", Location: sekisho.Location{Path: "app/node_modules/lodash/package.json"}},
			{ID: "1", Kind: sekisho.Vulnerability, Rule: "CVE-2026-2", Package: pkg("pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12", "libc6", "2.36-9"), Status: sekisho.StatusWillNotFix, Location: sekisho.Location{Path: "var/lib/dpkg/status"}},
			{ID: "2", Kind: sekisho.Misconfiguration, Rule: "run-as-root", ResourceKind: "dockerfile", Aliases: []string{"DL3002", "DS-0002", "CIS-DI-0001"}, Location: sekisho.Location{Path: "build/Dockerfile", Line: 3}},
			{ID: "3", Kind: sekisho.Misconfiguration, Rule: "run-as-root", ResourceKind: "image", Aliases: []string{"DL3002", "DS-0002", "CIS-DI-0001"}},
			{ID: "4", Kind: sekisho.Secret, Rule: "aws-access-key", Location: sekisho.Location{Path: "app/.env"}},
			{ID: "5", Kind: sekisho.Vulnerability, Rule: "MAL-2026-9", Package: pkg("pkg:npm/%40acme/evil@1.0.0", "@acme/evil", "1.0.0"), Location: sekisho.Location{Path: "app/node_modules/evil/package.json"}},
			{ID: "6", Kind: sekisho.Vulnerability, Rule: "CVE-2026-3", Package: pkg("pkg:maven/org.example/lib@1.0", "org.example:lib", "1.0"), Suppressed: &sekisho.Suppression{By: "trivy"}},
		},
	}
}

// covered lists the ids of what an exception suppressed.
func covered(r *sekisho.Result) string {
	out := ""
	for _, f := range r.Findings {
		if f.Suppressed != nil && f.Suppressed.By != "trivy" {
			out += f.ID
		}
	}
	return out
}

func TestExcept(t *testing.T) {
	type e = sekisho.Exception
	for name, tt := range map[string]struct {
		e    e
		want string
	}{
		"cve":                    {e{Rule: "CVE-2026-1"}, "0"},
		"lower case":             {e{Rule: "cve-2026-1"}, "0"},
		"alias":                  {e{Rule: "GHSA-aaaa-bbbb-cccc"}, "0"},
		"another":                {e{Rule: "CVE-2026-10"}, ""},
		"nothing":                {e{}, ""},
		"trivy's spellings":      {e{Rule: "AVD-DS-0002"}, "23"},
		"trivy's old spelling":   {e{Rule: "DS002"}, "23"},
		"of a kind":              {e{Rule: "dockerfile/DL3002"}, "2"},
		"of another kind":        {e{Rule: "kubernetes/run-as-root"}, ""},
		"any":                    {e{Rule: "*"}, "0123"},
		"any vulnerability":      {e{Rule: "vulnerability/*"}, "01"},
		"no secret by any":       {e{Rule: "secret/*"}, ""},
		"a secret by name":       {e{Rule: "aws-access-key"}, "4"},
		"a secret by kind":       {e{Rule: "secret/aws-access-key", Path: ".env"}, "4"},
		"malware by name":        {e{Rule: "MAL-2026-9"}, "5"},
		"package":                {e{Rule: "*", Package: "lodash"}, "0"},
		"version":                {e{Rule: "*", Package: "lodash@4.17.20"}, "0"},
		"another version":        {e{Rule: "*", Package: "lodash@4.17.2"}, ""},
		"scoped":                 {e{Rule: "MAL-2026-9", Package: "@acme/evil"}, "5"},
		"scoped version":         {e{Rule: "MAL-2026-9", Package: "@acme/evil@1.0.1"}, ""},
		"pattern":                {e{Rule: "*", Package: "lib*"}, "1"},
		"type":                   {e{Rule: "*", Type: "deb"}, "1"},
		"purl":                   {e{Rule: "*", Package: "pkg:npm/lodash"}, "0"},
		"purl with version":      {e{Rule: "*", Package: "pkg:npm/lodash@4.17.20"}, "0"},
		"purl, another version":  {e{Rule: "*", Package: "pkg:npm/lodash@4"}, ""},
		"purl with qualifier":    {e{Rule: "*", Package: "pkg:deb/debian/libc6?distro=debian-12"}, "1"},
		"purl, other qualifier":  {e{Rule: "*", Package: "pkg:deb/debian/libc6?distro=debian-11"}, ""},
		"no purl":                {e{Rule: "*", Package: "pkg:"}, ""},
		"path":                   {e{Rule: "*", Path: "app/**/package.json"}, "0"},
		"directory":              {e{Rule: "*", Path: "/build/"}, "2"},
		"name at any depth":      {e{Rule: "*", Path: "Dockerfile"}, "2"},
		"another path":           {e{Rule: "*", Path: "app/package.json"}, ""},
		"bad pattern":            {e{Rule: "*", Path: "["}, ""},
		"fix state":              {e{Rule: "*", FixState: "wont-fix"}, "1"},
		"fixed":                  {e{Rule: "*", FixState: "fixed"}, "0"},
		"image":                  {e{Rule: "CVE-2026-1", Image: "registry.example.com/team/app"}, "0"},
		"image by pattern":       {e{Rule: "CVE-2026-1", Image: "registry.example.com/*"}, "0"},
		"image by tag":           {e{Rule: "CVE-2026-1", Image: "registry.example.com/team/app:1.*"}, "0"},
		"another tag":            {e{Rule: "CVE-2026-1", Image: "registry.example.com/team/app:2"}, ""},
		"digest":                 {e{Rule: "CVE-2026-1", Image: "sha256:aa"}, "0"},
		"index":                  {e{Rule: "CVE-2026-1", Image: "registry.example.com/team/app@sha256:bb"}, "0"},
		"another digest":         {e{Rule: "CVE-2026-1", Image: "sha256:cc"}, ""},
		"image, another digest":  {e{Rule: "CVE-2026-1", Image: "registry.example.com/team/app@sha256:cc"}, ""},
		"another image":          {e{Rule: "CVE-2026-1", Image: "team/app"}, ""},
		"environment":            {e{Rule: "CVE-2026-1", Environment: "prod-*"}, "0"},
		"another environment":    {e{Rule: "CVE-2026-1", Environment: "dev"}, ""},
		"until today":            {e{Rule: "CVE-2026-1", Expires: today}, "0"},
		"until yesterday":        {e{Rule: "CVE-2026-1", Expires: "2026-01-30"}, ""},
		"no date":                {e{Rule: "CVE-2026-1", Expires: "soon"}, ""},
		"not affected":           {e{Rule: "CVE-2026-1", Status: "not_affected", Statement: true}, "0"},
		"fixed, says a document": {e{Rule: "CVE-2026-1", Status: "fixed", Statement: true}, "0"},
		"affected":               {e{Rule: "CVE-2026-1", Status: "affected", Statement: true}, ""},
		"investigating":          {e{Rule: "CVE-2026-1", Status: "under_investigation", Statement: true}, ""},
		"no status":              {e{Rule: "CVE-2026-1", Statement: true}, ""},
		"unresolved range":       {e{Rule: "CVE-2026-1", Range: "vers:npm/<5", Status: "fixed", Statement: true}, ""},
		"product":                {e{Rule: "CVE-2026-1", Product: "pkg:npm/%40acme/app", Package: "pkg:npm/lodash"}, "0"},
		"another product":        {e{Rule: "CVE-2026-1", Product: "pkg:npm/other"}, ""},
		"image as product":       {e{Rule: "CVE-2026-1", Product: "pkg:oci/app@sha256%3Aaa?repository_url=registry.example.com/team/app"}, "0"},
		"product by digest":      {e{Rule: "CVE-2026-1", Product: "pkg:oci/other@sha256%3Abb"}, "0"},
		"other digest":           {e{Rule: "CVE-2026-1", Product: "pkg:oci/app@sha256%3Acc"}, ""},
		"product by name":        {e{Rule: "CVE-2026-1", Product: "pkg:oci/app?tag=1.2"}, "0"},
		"product's other tag":    {e{Rule: "CVE-2026-1", Product: "pkg:oci/app?tag=1.3"}, ""},
		"product's other place":  {e{Rule: "CVE-2026-1", Product: "pkg:oci/app?repository_url=registry.example.com/other/app"}, ""},
		"product's other system": {e{Rule: "CVE-2026-1", Product: "pkg:oci/app?arch=arm64"}, ""},
	} {
		r := sample()
		tt.e.By, tt.e.Reason = "file", "why"
		Except(r, []sekisho.Exception{tt.e}, today, "prod-eu")
		if got := covered(r); got != tt.want {
			t.Errorf("%s: suppressed %q, want %q", name, got, tt.want)
		}
		if r.Findings[6].Suppressed.By != "trivy" {
			t.Errorf("%s: the suppression in the file is gone", name)
		}
	}
}

func TestDockerHub(t *testing.T) {
	for name, patterns := range map[string][]string{
		"nginx":                          {"nginx", "library/nginx", "docker.io/library/nginx", "nginx:latest", "docker.io/*", "*"},
		"docker.io/library/nginx:latest": {"nginx", "docker.io/library/nginx:latest"},
		"team/app:2":                     {"team/app", "docker.io/team/app:2"},
		"localhost:5000/app":             {"localhost:5000/app", "localhost:5000/app:latest"},
	} {
		for _, p := range patterns {
			r := &sekisho.Result{Target: sekisho.Target{Kind: sekisho.KindImage, Name: name}, Findings: []sekisho.Finding{{Rule: "X"}}}
			Except(r, []sekisho.Exception{{Rule: "x", Image: p}}, today, "")
			if r.Findings[0].Suppressed == nil {
				t.Errorf("%s is not the image %s", p, name)
			}
		}
	}
	r := &sekisho.Result{Target: sekisho.Target{Kind: sekisho.KindRepository, Name: "nginx"}, Findings: []sekisho.Finding{{Rule: "X"}}}
	if Except(r, []sekisho.Exception{{Rule: "x", Image: "nginx"}}, today, ""); r.Findings[0].Suppressed != nil {
		t.Error("a directory is no image")
	}
}

func TestRemarks(t *testing.T) {
	r := sample()
	r.Coverage.Scanners = []sekisho.ScannerCoverage{{Name: "vuln", Ran: true}, {Name: "secret"}}
	r.Platforms = []sekisho.Result{*sample()}
	r.Platforms[0].Coverage = r.Coverage
	list := []sekisho.Exception{
		{Rule: "CVE-2026-1", Expires: "2026-01-30", By: "f", Line: 1},
		{Rule: "CVE-2026-1", Package: "lodash", Reason: "first", By: "f", Line: 2, Expires: "2026-02-14", Owner: "team"},
		{Rule: "CVE-2026-1", Reason: "second", By: "f", Line: 3},
		{Rule: "CVE-2026-2", Expires: "2025-01-30", By: "f", Line: 4},
		{Rule: "CVE-2026-2", Package: "libc6", Expires: "2025-01-30", By: "f", Line: 4},
		{Rule: "CVE-1999-1", By: "f", Line: 5},
		{Rule: "run-as-root", Path: "build", By: "f", Line: 6, Expires: "2026-02-15"},
		{Rule: "run-as-root", Path: "elsewhere", By: "f", Line: 6, Expires: "2026-02-15"},
		{Rule: "CVE-1999-2", Image: "sha256:ff", By: "f", Line: 7},
		{Rule: "CVE-1999-3", Environment: "dev", By: "f", Line: 8},
		{Rule: "secret/x", By: "f", Line: 9},
		{Rule: "kubernetes/x", By: "f", Line: 10},
		{Rule: "CVE-1999-4", Status: "fixed", Statement: true, By: "f", Line: 11},
	}
	var got []string
	for _, m := range Except(r, list, today, "prod") {
		got = append(got, fmt.Sprintf("%s %d %d", m.Kind, m.Exception.Line, m.Findings))
	}
	want := []string{"expired 1 0", "suppressed 2 2", "ending 2 2", "expired 4 2", "unused 5 0", "suppressed 6 2"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(&sekisho.Suppression{By: "f", Reason: "first", Until: "2026-02-14", Owner: "team"}, r.Platforms[0].Findings[0].Suppressed); d != "" {
		t.Error(d)
	}
}

// The later of two statements counts, whatever the order; a decision of one's own
// is not undone by a statement.
func TestStatements(t *testing.T) {
	not := sekisho.Exception{Rule: "CVE-2026-1", Status: "not_affected", Statement: true, Created: "2026-01-01T00:00:00Z"}
	is := sekisho.Exception{Rule: "CVE-2026-1", Status: "affected", Statement: true, Created: "2026-01-02T00:00:00Z"}
	own := sekisho.Exception{Rule: "CVE-2026-1"}
	same := is
	same.Created = not.Created
	for name, tt := range map[string]struct {
		list []sekisho.Exception
		want string
	}{
		"withdrawn":       {[]sekisho.Exception{not, is}, ""},
		"in any order":    {[]sekisho.Exception{is, not}, ""},
		"at the one time": {[]sekisho.Exception{not, same}, ""},
		"one's own":       {[]sekisho.Exception{not, is, own}, "0"},
	} {
		r := sample()
		Except(r, tt.list, today, "")
		if got := covered(r); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// random makes exceptions out of few values, so that many match.
func random(rnd *rand.Rand) []sekisho.Exception {
	pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
	list := make([]sekisho.Exception, rnd.IntN(12))
	for i := range list {
		list[i] = sekisho.Exception{
			Rule:    pick("CVE-2026-1", "CVE-2026-2", "GHSA-aaaa-bbbb-cccc", "*", "dockerfile/*", "DL3002", "aws-access-key", "MAL-2026-9", "vulnerability/*", ""),
			Package: pick("", "", "", "lodash", "pkg:npm/lodash", "lib*", "libc6@1"), Path: pick("", "", "", "app/**", "Dockerfile"),
			Image: pick("", "", "", "sha256:aa", "nginx"), Environment: pick("", "", "prod", "dev"),
			Expires: pick("", "2026-01-30", "2026-01-31", "2026-02-01", "2026-02-31", "x"), By: pick("a", "b"), Line: rnd.IntN(4),
			Created: pick("", "2026-01-01", "2026-01-02"), Status: pick("", "", "not_affected", "affected", "fixed"), Statement: rnd.IntN(4) == 0,
		}
	}
	return list
}

func TestProperties(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	suppressed := 0
	for range 3000 {
		list := random(rnd)
		r, again := sample(), sample()
		before, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		remarks := Except(r, list, today, "prod")
		if after, _ := json.Marshal(list); string(after) != string(before) {
			t.Fatal("the list was changed")
		}
		// Pure.
		if d := cmp.Diff(remarks, Except(again, list, today, "prod")); d != "" || !cmp.Equal(r, again) {
			t.Fatal("the same input gives another answer", d)
		}
		// Applied twice it is the same.
		was := covered(again)
		Except(again, list, today, "prod")
		if covered(again) != was {
			t.Fatal("the second time gives more")
		}
		// Whatever the order.
		shuffled := append([]sekisho.Exception(nil), list...)
		rnd.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		other := sample()
		Except(other, shuffled, today, "prod")
		if covered(other) != was {
			t.Fatalf("%q in one order and %q in another: %s", was, covered(other), before)
		}
		// The expired and the indefinite might as well not be there.
		var live []sekisho.Exception
		for _, e := range list {
			if end, err := time.Parse(time.DateOnly, e.Expires); e.Expires == "" || err == nil && end.Format(time.DateOnly) >= today {
				live = append(live, e)
			}
		}
		without := sample()
		Except(without, live, today, "prod")
		if covered(without) != was {
			t.Fatalf("an expired exception suppresses: %q, without %q: %s", was, covered(without), before)
		}
		for _, f := range r.Findings {
			if f.Suppressed != nil && f.Suppressed.Until != "" && f.Suppressed.Until < today {
				t.Fatalf("suppressed until %s", f.Suppressed.Until)
			}
		}
		suppressed += len(was)
	}
	if suppressed < 1000 {
		t.Errorf("only %d findings were suppressed: the lists match too little", suppressed)
	}
}

func BenchmarkExcept(b *testing.B) {
	r := &sekisho.Result{}
	for i := range 100_000 {
		f := sample().Findings[i%6]
		if i%6 < 2 {
			f.Rule = fmt.Sprintf("CVE-2026-%d", i%5000)
		}
		r.Findings = append(r.Findings, f)
	}
	list := []sekisho.Exception{{Rule: "vulnerability/*", Path: "other/**"}}
	for i := range 1000 {
		list = append(list, sekisho.Exception{Rule: fmt.Sprintf("CVE-2026-%d", i), Package: "pkg:npm/lodash"})
	}
	for b.Loop() {
		for i := range r.Findings {
			r.Findings[i].Suppressed = nil
		}
		Except(r, list, today, "")
	}
}
