// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// brief writes an exception in one line: "3: rule package=x ...".
func brief(e *sekisho.Exception) string {
	s := fmt.Sprintf("%d: %s", e.Line, e.Rule)
	for _, f := range [][2]string{
		{"package", e.Package},
		{"type", e.Type},
		{"fix", e.FixState},
		{"path", e.Path},
		{"image", e.Image},
		{"env", e.Environment},
		{"product", e.Product},
		{"range", e.Range},
		{"reason", e.Reason},
		{"owner", e.Owner},
		{"approver", e.Approver},
		{"created", e.Created},
		{"expires", e.Expires},
		{"status", e.Status},
		{"justification", e.Justification},
	} {
		if f[1] != "" {
			s += fmt.Sprintf(" %s=%s", f[0], f[1])
		}
	}
	return s
}

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		format     Format
		want       []string
		skipped    []string
	}{
		{
			".sekisho/exceptions.yaml", `exceptions:
  - rule: CVE-2026-1
    reason: not reachable
    expires: 2026-12-31
  - {rule: dockerfile/DL3002, path: build/**, image: "registry.example.com/*", environment: prod, reason: r, owner: team, approver: boss, created: 2026-01-01, expires: "2026-02-01"}
  - rule: "*"
    package: pkg:npm/lodash@4
    type: npm
    fix-state: not-fixed
    reason: r
    expires: 2026-03-01
    status: not_affected
    justification: component_not_present
`, Own,
			[]string{
				"2: CVE-2026-1 reason=not reachable expires=2026-12-31",
				"5: dockerfile/DL3002 path=build/** image=registry.example.com/* env=prod reason=r owner=team approver=boss created=2026-01-01 expires=2026-02-01",
				"6: * package=pkg:npm/lodash@4 type=npm fix=not-fixed reason=r expires=2026-03-01 status=not_affected justification=component_not_present",
			},
			nil,
		},
		{".sekisho/exceptions.yaml", "", Own, nil, nil},
		{".sekisho/exceptions.yaml", "exceptions:\n", Own, nil, nil},
		{"team.yaml", "exceptions: []\n", Own, nil, nil},
		{
			".trivyignore", "# the team knows\nCVE-2026-1\nAVD-DS-0002 exp:2026-01-31 # a job\n\n# a section\n\naws-access-key\n# next\nGHSA-a exp:2026-02-01T10:00:00Z\n", TrivyIgnore,
			[]string{"2: CVE-2026-1 reason=the team knows", "3: dockerfile/AVD-DS-0002 reason=a job expires=2026-01-31", "3: image/AVD-DS-0002 reason=a job expires=2026-01-31", "7: aws-access-key", "9: GHSA-a reason=next expires=2026-02-01"},
			nil,
		},
		{"ignored.txt", "CVE-2026-1\r\nCVE-2026-2\r\n", TrivyIgnore, []string{"1: CVE-2026-1", "2: CVE-2026-2"}, nil},
		{"one.txt", "CVE-2026-1", TrivyIgnore, []string{"1: CVE-2026-1"}, nil},
		{"none.txt", "", TrivyIgnore, nil, nil},
		{
			".trivyignore.yaml", `vulnerabilities:
  - id: CVE-2026-1
    paths: [a.jar, "lib/**"]
    purls: ["pkg:npm/a", "pkg:npm/b@1"]
    expired_at: 2026-01-31
    statement: why
misconfigurations:
  - id: AVD-DS-0002
secrets:
  - id: aws-access-key-id
    paths: [test]
licenses:
  - id: GPL-3.0
`, TrivyYAML,
			[]string{
				"2: vulnerability/CVE-2026-1 package=pkg:npm/a path=a.jar reason=why expires=2026-01-31", "2: vulnerability/CVE-2026-1 package=pkg:npm/b@1 path=a.jar reason=why expires=2026-01-31",
				"2: vulnerability/CVE-2026-1 package=pkg:npm/a path=lib/** reason=why expires=2026-01-31", "2: vulnerability/CVE-2026-1 package=pkg:npm/b@1 path=lib/** reason=why expires=2026-01-31",
				"8: dockerfile/AVD-DS-0002", "8: image/AVD-DS-0002", "10: secret/aws-access-key-id path=test", "13: license/GPL-3.0",
			},
			nil,
		},
		{"t.yaml", "secrets: [{id: x}]", TrivyYAML, []string{"1: secret/x"}, nil},
		{
			".grype.yaml", `fail-on-severity: high
ignore:
  - vulnerability: CVE-2026-1
    include-aliases: true
    reason: why
    fix-state: wont-fix
  - package: {name: "linux-.*", type: deb, location: "/usr/lib/**"}
  - vulnerability: CVE-2026-2
    namespace: github:language:go
  - package: {name: "a|b"}
  - package: {version: 1.2.3}
  - package: {upstream-name: linux}
  - vulnerability: CVE-2026-3
    match-type: [cpe-match]
  - reason: everything
  - package: {name: x, type: spaceship}
`, Grype,
			[]string{"3: CVE-2026-1 fix=wont-fix reason=why", "7: vulnerability/* package=linux-* type=deb path=/usr/lib/**", "11: vulnerability/* package=*@1.2.3"},
			[]string{
				`.grype.yaml:9:5: the constraint "namespace" of Grype is not known here`, `.grype.yaml:10:21: the name "a|b" is a regular expression, only .* is known here`,
				`.grype.yaml:12:15: the constraint "package.upstream-name" of Grype is not known here`, `.grype.yaml:14:5: the constraint "match-type" of Grype is not known here`,
				`.grype.yaml:15:5: the rule would ignore everything`, `.grype.yaml:16:30: the type "spaceship" of packages is not known here`,
			},
		},
		{
			"osv-scanner.toml", `[[IgnoredVulns]]
id = "GHSA-a"
ignoreUntil = 2026-01-31
reason = "why"

[[IgnoredVulns]]
id = "CVE-2026-1"
ignoreUntil = 2026-02-01T00:30:00+09:00
[[PackageOverrides]]
name = "lodash"
version = "4.17.20"
ecosystem = "npm"
ignore = true
effectiveUntil = 2026-03-01
reason = "old"
[[PackageOverrides]]
ecosystem = "Debian:12"
vulnerability.ignore = true
[[PackageOverrides]]
name = "x"
group = "dev"
ignore = true
[[PackageOverrides]]
ignore = true
[[PackageOverrides]]
name = "lib"
license.override = ["MIT"]
`, OSVScanner,
			[]string{
				"1: GHSA-a reason=why expires=2026-01-31", "6: CVE-2026-1 expires=2026-01-31", "9: vulnerability/* package=lodash@4.17.20 type=npm reason=old expires=2026-03-01",
				"9: license/* package=lodash@4.17.20 type=npm reason=old expires=2026-03-01", "16: vulnerability/* type=deb",
			},
			[]string{`osv-scanner.toml:19: the constraint "group" of osv-scanner is not known here`, `osv-scanner.toml:23: the override would ignore everything`},
		},
		{
			".snyk", `version: v1.25.0
ignore:
  SNYK-JS-LODASH-1:
    - '*':
        reason: None Given
        expires: 2026-01-31T00:00:00.000Z
        created: 2025-12-31T10:00:00.000Z
    - 'app > lodash@4.17.20':
        reason: later
    - 'app > *':
        reason: no
  SNYK-CC-K8S-1:
    - 'deploy/web.yaml > [DocId: 0] > spec':
        reason: dev
patch: {}
`, Snyk,
			[]string{
				"4: SNYK-JS-LODASH-1 reason=None Given created=2025-12-31 expires=2026-01-31", "8: SNYK-JS-LODASH-1 package=lodash@4.17.20 reason=later",
				"13: SNYK-CC-K8S-1 path=deploy/web.yaml reason=dev",
			},
			[]string{`.snyk:10:7: the path "app > *" ends in no package`},
		},
		{".dockleignore", "# set a user\nCIS-DI-0001\nDKL-DI-0006 # tag\n", Dockle, []string{"2: image/CIS-DI-0001 reason=set a user", "3: image/DKL-DI-0006 reason=tag"}, nil},
		{".hadolint.yaml", "failure-threshold: error\nignored:\n  - DL3008\n  - SC2086\noverride: {error: [DL3002]}\n", Hadolint, []string{"3: dockerfile/DL3008", "4: dockerfile/SC2086"}, nil},
		{".hadolint.yaml", "failure-threshold: error\n", Hadolint, nil, nil},
		{".checkov.yaml", "skip-check:\n  - CKV_DOCKER_3\n  - CKV_AWS*\n  - LOW\n", Checkov, []string{"2: dockerfile/CKV_DOCKER_3"}, []string{`.checkov.yaml:3:5: "CKV_AWS*" names no single rule`, `.checkov.yaml:4:5: "LOW" names no single rule`}},
		{"c.yaml", "skip-check: CKV_DOCKER_2, CKV_DOCKER_3\n", Checkov, []string{"1: dockerfile/CKV_DOCKER_2", "1: dockerfile/CKV_DOCKER_3"}, nil},
		{".kube-linter.yaml", "checks:\n  exclude: [run-as-non-root]\n", KubeLinter, []string{"2: kubernetes/run-as-non-root"}, nil},
	} {
		f, err := Read(tt.name, []byte(tt.text))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got, skipped []string
		for i := range f.Exceptions {
			got = append(got, brief(&f.Exceptions[i]))
			if f.Exceptions[i].By != tt.name {
				t.Errorf("%s: by %q", tt.name, f.Exceptions[i].By)
			}
		}
		for _, e := range f.Skipped {
			skipped = append(skipped, e.Error())
		}
		if d := cmp.Diff(tt.want, got); d != "" || f.Format != tt.format {
			t.Errorf("%s is %s: %s", tt.name, f.Format, d)
		}
		if d := cmp.Diff(tt.skipped, skipped); d != "" {
			t.Errorf("%s passes over: %s", tt.name, d)
		}
	}
}

func TestMistakes(t *testing.T) {
	own := func(fields string) string { return "exceptions:\n  - " + fields + "\n" }
	for _, tt := range []struct{ name, text, want string }{
		{"x/.sekisho/exceptions.yaml", own("{rule: a, reason: b, expires: 2026-01-01, because: c}"), `x/.sekisho/exceptions.yaml:2:47: there is no field "because"`},
		{"e.yaml", "exceptions: []\npolicy: x\n", `e.yaml:2:1: there is no field "policy"`},
		{"e.yaml", own("{reason: b, expires: 2026-01-01}"), "e.yaml:2:5: rule is missing"},
		{"e.yaml", own("{rule: a, expires: 2026-01-01}"), "e.yaml:2:5: reason is missing"},
		{"e.yaml", own("{rule: a, reason: b}"), "e.yaml:2:5: expires is missing"},
		{"e.yaml", own("{rule: a, reason: b, expires: }"), "e.yaml:2:26: expires is missing"},
		{"e.yaml", own("{rule: a, reason: b, expires: 2026-02-30}"), `e.yaml:2:35: expires "2026-02-30" is no date`},
		{"e.yaml", own("{rule: a, reason: b, expires: 2026-02-03T00:00:00Z}"), "is no date"},
		{"e.yaml", own("{rule: a, reason: b, expires: never}"), "is no date"},
		{"e.yaml", own("{rule: a, reason: b, expires: [x]}"), "e.yaml:2:35: expires must be a text"},
		{"e.yaml", own("{rule: a, reason: b, expires: 2026-01-01, created: x}"), "e.yaml:2:56: created"},
		{"e.yaml", own("{rule: '*', reason: b, expires: 2026-01-01}"), "needs a package"},
		{"e.yaml", own("{rule: vulnerability/*, reason: b, expires: 2026-01-01, environment: dev}"), "needs a package"},
		{"e.yaml", own("{rule: a, reason: b, expires: 2026-01-01, status: affected}"), "leave it out to accept the risk"},
		{"e.yaml", own("{rule: a, reason: b, expires: 2026-01-01, status: x}"), "is none of not_affected, fixed"},
		{"e.yaml", own("{rule: a, reason: b, expires: 2026-01-01, justification: component_not_present}"), "needs status: not_affected"},
		{"e.yaml", own("{rule: a, reason: b, expires: 2026-01-01, status: not_affected, justification: x}"), "is none of component_not_present"},
		{"e.yaml", own("{rule: a, reason: b, expires: 2026-01-01, path: '['}"), "is no pattern"},
		{"e.yaml", own("{rule: a, reason: b, expires: 2026-01-01, package: 'pkg:x'}"), "e.yaml:2:56: package URL"},
		{"e.yaml", own("{rule: a, reason: b, expires: 2026-01-01, fix-state: x}"), "fix-state"},
		{"e.yaml", own("text"), "an exception is a map"},
		{"e.yaml", "exceptions: {a: b}\n", "e.yaml:1:13: exceptions must be a list"},
		{"e.yaml", "exceptions: [\n", "e.yaml:"},
		{".sekisho/exceptions.yaml", "just words\n", "must hold a list"},
		{"e.yaml", "apiVersion: v1\nkind: Pod\n", "e.yaml:1: this is no file of exceptions"},
		{"e.json", `{"a": 1,`, "e.json:1: this is no JSON"},
		{".trivyignore", "CVE-1 exp:soon\n", `.trivyignore:1: "exp:soon" after the id`},
		{".trivyignore", "CVE-1\n\x00\x01\n", ".trivyignore:2: "},
		{".dockleignore", "CIS-DI-0001 exp:2026-01-01\n", ".dockleignore:1: "},
		{".trivyignore.yaml", "vulnerabilities:\n  - paths: [a]\n", ".trivyignore.yaml:2:5: id is missing"},
		{".trivyignore.yaml", "vulnerabilities: {id: a}\n", ".trivyignore.yaml:1:18: vulnerabilities must be a list"},
		{".trivyignore.yaml", "vulnerabilities: [{id: a, expired_at: x}]\n", `.trivyignore.yaml:1:39: expired_at "x" is no date`},
		{".trivyignore.yaml", "vulnerabilities: [{id: a, purls: [x]}]\n", "package URL"},
		{".trivyignore.yaml", "vulnerabilities: [{id: a, paths: ['[']}]\n", "is no pattern"},
		{".grype.yaml", "ignore: x\n", ".grype.yaml:1:9: ignore must be a list"},
		{".grype.yaml", "ignore: [x]\n", ".grype.yaml:1:10: a rule"},
		{".grype.yaml", "ignore: [{fix-state: x}]\n", ".grype.yaml:1:22: fix-state"},
		{"osv-scanner.toml", "a = 1\n[[IgnoredVulns]\n", ": this is no TOML"},
		{"osv-scanner.toml", "[[IgnoredVulns]]\nreason = \"x\"\n", "osv-scanner.toml:1: id is missing"},
		{"osv-scanner.toml", "IgnoredVulns = 3\n", "osv-scanner.toml"},
		{".snyk", "ignore: [a]\n", ".snyk:1:9: ignore must be a map"},
		{".snyk", "ignore: {a: [b]}\n", ".snyk:1:14: an entry of a"},
		{".snyk", "ignore: {a: [{'*': {expires: x}}]}\n", `.snyk:1:30: expires "x" is no date`},
		{".hadolint.yaml", "ignored: {a: b}\n", ".hadolint.yaml:1:10: the rules to leave out must be a list"},
		{".hadolint.yaml", "ignored: [{a: b}]\n", ".hadolint.yaml:1:11: the id of a rule must be a text"},
		{".hadolint.yaml", "ignored: [\n", ".hadolint.yaml:"},
	} {
		f, err := Read(tt.name, []byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) || f != nil {
			t.Errorf("%s %q: %v, want %q", tt.name, tt.text, err, tt.want)
		}
	}
}

// What is written in our format reads as the same.
func TestWrite(t *testing.T) {
	list := []sekisho.Exception{
		{Rule: "CVE-2026-1", Package: "@acme/app@1", Path: "a/**", Reason: "a: b #c", By: ".trivyignore"},
		{Rule: "image/CIS-DI-0001", Expires: "2026-05-06", Owner: "yes", Created: "2026-01-01", By: ".dockleignore"},
		{Rule: "*", Package: "*@1.2", Type: "npm", FixState: "unknown", Image: "1", Environment: "null", Reason: "日本語\nzwei", Approver: "x", Status: "not_affected", Justification: "component_not_present", By: "x"},
		{Rule: "CVE-2026-2", Statement: true, Status: "fixed"},
	}
	var b bytes.Buffer
	left, err := Write(&b, list, "2026-04-01")
	if err != nil || len(left) != 1 || !left[0].Statement {
		t.Fatal(left, err)
	}
	f, err := Read(OwnFile, b.Bytes())
	if err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	want := list[:3]
	want[0].Expires, want[2].Expires, want[1].Reason = "2026-04-01", "2026-04-01", "imported from .dockleignore"
	for i := range f.Exceptions {
		f.Exceptions[i].Line, f.Exceptions[i].Column = 0, 0
		want[i].By = OwnFile
	}
	if d := cmp.Diff(want, f.Exceptions); d != "" {
		t.Error(d, b.String())
	}
	b.Reset()
	if _, err := Write(&b, nil, "2026-04-01"); err != nil || b.String() != "exceptions: []\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestBounds(t *testing.T) {
	if _, err := Read("x", make([]byte, MaxBytes+1)); err == nil {
		t.Error("a huge file was read")
	}
	list := strings.Repeat("a,", 1000)
	purls := strings.Repeat(`"pkg:npm/a",`, 1000)
	if _, err := Read("t.yaml", []byte("vulnerabilities: [{id: a, paths: ["+list+"], purls: ["+purls+"]}]")); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Error("a million exceptions were read:", err)
	}
	_, err := Read("e.yaml", []byte("exceptions:\n"+strings.Repeat("  - {rule: a}\n", 1000)))
	if err == nil || strings.Count(err.Error(), "\n") >= maxMistakes {
		t.Error("not bounded:", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"x", OwnFile, ".trivyignore", ".trivyignore.yaml", ".grype.yaml", "osv-scanner.toml", ".snyk", ".dockleignore", ".hadolint.yaml", ".checkov.yaml", ".kube-linter.yaml"} {
		for _, text := range []string{
			"exceptions:\n  - {rule: a, reason: b, expires: 2026-01-01}\n", "CVE-1 exp:2026-01-01 # x\n", "vulnerabilities: [{id: a, paths: [b], purls: ['pkg:npm/a']}]",
			"ignore: [{vulnerability: a, package: {name: b}}]", "ignore: {a: [{'*': {reason: b, expires: 2026-01-01}}]}", "[[IgnoredVulns]]\nid = 'a'\n[[PackageOverrides]]\nname = 'b'\nignore = true\n",
			"ignored: [DL3008]", "skip-check: a,b", "checks: {exclude: [a]}", "{", "",
		} {
			f.Add(name, []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		file, err := Read(name, text)
		if (file == nil) == (err == nil) {
			t.Fatal("a file and a mistake, or none of both")
		}
		if file == nil {
			return
		}
		for i := range file.Exceptions {
			e := &file.Exceptions[i]
			if e.Rule == "" || e.Expires != "" && len(e.Expires) != 10 || !strings.HasSuffix(e.By, name) {
				t.Fatalf("%+v", e)
			}
		}
	})
}
