// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func w(s string) sekisho.Words { return sekisho.Words{EN: s, JA: s + "。"} }

// lines is a set over texts: one rule finds "root", one panics over "panic".
func lines() *Set[string] {
	s := NewSet[string](sekisho.ResourceDockerfile)
	about := sekisho.Rule{Severity: sekisho.SeverityHigh, Title: w("Runs as {0}"), Why: w("It does."), Fix: w("Do not use {0}."), Because: w("x"), Stages: []string{sekisho.StageBuild}}
	root := about
	root.ID, root.Aliases, root.References = "run-as-root", []string{"DL3002", "AVD-DS-0002", "CKV_DOCKER_8"}, []string{"cis-docker-4.1"}
	s.Add(Rule[string]{Rule: root, Judge: func(t string, found func(Hit)) {
		n := 0
		for l := range strings.Lines(t) {
			if n++; strings.Contains(l, "USER root") {
				found(Hit{Line: n, Column: 1, Excerpt: strings.TrimSpace(l), Args: []string{"root"}})
			}
		}
	}})
	bad := about
	bad.ID = "panics"
	s.Add(Rule[string]{Rule: bad, Judge: func(t string, _ func(Hit)) {
		if strings.Contains(t, "panic") {
			panic("at the disco")
		}
	}})
	off := about
	off.ID, off.Off = "off-by-default", true
	s.Add(Rule[string]{Rule: off, Judge: func(_ string, found func(Hit)) { found(Hit{Line: 1, Severity: sekisho.SeverityLow}) }})
	return s
}

func judge(s *Settings, text string) sekisho.Judgement {
	j := NewJudge(s)
	at := &Place{Location: sekisho.Location{Path: "Dockerfile"}, Silences: Silences([]byte(text), "#")}
	n := 0
	for l := range strings.Lines(text) {
		if n++; !strings.HasPrefix(l, "#") {
			at.Blocks = append(at.Blocks, Block{n, n})
		}
	}
	lines().Run(j, at, text)
	return j.Judgement()
}

func TestFinding(t *testing.T) {
	j := judge(nil, "FROM x\nUSER root\nRUN y\nUSER root\n")
	if len(j.Findings) != 2 || len(j.Rules) != 1 || j.Rules[0].ID != "run-as-root" {
		t.Fatalf("%+v", j)
	}
	f := j.Findings[0]
	want := sekisho.Finding{
		ID: f.ID, Kind: sekisho.Misconfiguration, Rule: "run-as-root", ResourceKind: "dockerfile", Aliases: []string{"DL3002", "AVD-DS-0002", "CKV_DOCKER_8"}, Severity: sekisho.SeverityHigh,
		Title: "Runs as root", Why: "It does.", Fix: "Do not use root.", Args: []string{"root"}, References: []string{"cis-docker-4.1"},
		Location: sekisho.Location{Path: "Dockerfile", Line: 2, Column: 1},
		Evidence: []sekisho.Evidence{{Source: "dockerfile/run-as-root", Text: "USER root", Path: "Dockerfile", Line: 2}},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("%+v", f)
	}
	if f.ID == j.Findings[1].ID {
		t.Error("two findings have one id")
	}
	moved := judge(nil, "# a new line\nFROM x\n\nUSER root\n")
	if moved.Findings[0].ID != f.ID {
		t.Error("a moved line is another finding")
	}
}

func TestSettings(t *testing.T) {
	text := "USER root\n"
	for _, tt := range []struct {
		s    *Settings
		want string
	}{
		{nil, "run-as-root:high"},
		{&Settings{Off: []string{"ds002"}}, ""},
		{&Settings{Off: []string{"dockerfile/run-as-root"}}, ""},
		{&Settings{Off: []string{"kubernetes/run-as-root"}}, "run-as-root:high"},
		{&Settings{On: []string{"off-by-default"}}, "run-as-root:high off-by-default:low"},
		{&Settings{Only: []string{"off-by-default"}}, "off-by-default:low"},
		{&Settings{Severities: map[string]sekisho.Severity{"CKV_DOCKER_8": sekisho.SeverityCritical}}, "run-as-root:critical"},
	} {
		var got []string
		for _, f := range judge(tt.s, text).Findings {
			got = append(got, f.Rule+":"+f.Severity.String())
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%+v: %v, want %s", tt.s, got, tt.want)
		}
	}
}

func TestNames(t *testing.T) {
	r := &sekisho.Rule{ID: "run-as-root", Kind: "dockerfile", Aliases: []string{"AVD-DS-0002", "KSV-0012", "CIS-DI-0001"}}
	for id, want := range map[string]bool{
		"run-as-root": true, "RUN-AS-ROOT": true, "dockerfile/run-as-root": true, "image/run-as-root": false, "DS002": true, "DS-0002": true, "avd-ds-0002": true,
		"AVD-KSV-0012": true, "KSV012": true, "KSV-0013": false, "cis-di-0001": true, "DS-0020": false, "": false, "DS": false, "run-as": false,
	} {
		if Names(id, r) != want {
			t.Errorf("%q: %v", id, !want)
		}
	}
}

func TestPanic(t *testing.T) {
	j := judge(nil, "USER root panic\n")
	if len(j.Findings) != 1 || len(j.Problems) != 1 || !strings.Contains(j.Problems[0].Error, "dockerfile/panics") || j.Problems[0].Stage != sekisho.StageCheck {
		t.Errorf("%+v", j)
	}
}

func TestSilences(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"# sekisho:ignore run-as-root until=2026-12-31 reason=\"the base needs it\"\nUSER root\n", "sekisho the base needs it 2026-12-31"},
		{"# sekisho:ignore run-as-root until=2026-01-01\nUSER root\n", "-"},
		{"USER root # sekisho:ignore DL3002 reason=x\n", "sekisho x "},
		{"# sekisho:ignore DL3002\nFROM x\nUSER root\n", "-"},
		{"# sekisho:ignore-file DL3002\nFROM x\nUSER root\n", "sekisho  "},
		{"# sekisho:ignore other\nUSER root\n", "-"},
		{"# sekisho:ignore *\nUSER root\n", "sekisho  "},
		{"# hadolint ignore=DL3000,DL3002\nUSER root\n", "hadolint  "},
		{"# hadolint global ignore=DL3002\nFROM x\nUSER root\n", "hadolint  "},
		{"# hadolint ignore=DL3000\nUSER root\n", "-"},
		{"# check=skip=StageNameCasing,DL3002;error=true\nFROM x\nUSER root\n", "buildkit  "},
		{"#trivy:ignore:AVD-DS-0002\nUSER root\n", "trivy  "},
		{"#trivy:ignore:ds002:exp:2026-06-30\nUSER root\n", "trivy  2026-06-30"},
		{"#trivy:ignore:ds002:exp:2026-01-30\nUSER root\n", "-"},
		{"USER root # checkov:skip=CKV_DOCKER_8:we know\n", "checkov we know "},
		{"# nothing of the sort ignore=DL3002\nUSER root\n", "-"},
	} {
		f := judge(&Settings{Today: "2026-05-01"}, tt.text).Findings
		got := "-"
		if s := f[0].Suppressed; s != nil {
			got = fmt.Sprintf("%s %s %s", s.By, s.Reason, s.Until)
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestArchive(t *testing.T) {
	run := func(files map[string][]byte) sekisho.Judgement { return judge(nil, string(files["Dockerfile"])) }
	for _, tt := range []struct{ text, want string }{
		{"-- bad/Dockerfile --\nUSER root\n-- good/Dockerfile --\nUSER 1\n-- want --\nbad/Dockerfile:1 USER root\n", ""},
		{"-- bad/Dockerfile --\nUSER root\n-- good/Dockerfile --\nUSER root\n-- want --\nbad/Dockerfile:1 USER root\n", "found although all is good"},
		{"-- bad/Dockerfile --\nUSER 1\n-- good/Dockerfile --\nUSER 1\n", "nothing found in bad"},
		{"-- bad/Dockerfile --\nUSER root\n-- good/Dockerfile --\nUSER 1\n-- want --\nbad/Dockerfile:2 USER root\n", "not found: bad/Dockerfile:2"},
		{"-- bad/Dockerfile --\nUSER root\n-- good/Dockerfile --\nUSER 1\n-- want --\n", "not wanted: bad/Dockerfile:1"},
	} {
		a, err := ParseArchive([]byte(tt.text))
		if err != nil {
			t.Fatal(err)
		}
		_, bad := a.Run("run-as-root", run)
		if tt.want == "" && len(bad) > 0 || !strings.Contains(strings.Join(bad, "\n"), tt.want) {
			t.Errorf("%s: %v, want %q", tt.text, bad, tt.want)
		}
	}
	for _, text := range []string{"-- bad/x --\n", "-- good/x --\n", "-- other/x --\n", "-- x --\n", ""} {
		if _, err := ParseArchive([]byte(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestLint(t *testing.T) {
	for _, r := range lines().Rules() {
		if bad := Lint(&r); bad != nil {
			t.Error(bad)
		}
	}
	if bad := Lint(&sekisho.Rule{ID: "Bad_Id", Title: sekisho.Words{EN: "same", JA: "same"}}); len(bad) < 7 {
		t.Error(bad)
	}
}

func TestExcerpt(t *testing.T) {
	if got := Excerpt(" a\n\tb  c\x00\xff "); got != "a b c\x00?" {
		t.Errorf("%q", got)
	}
	if got := Excerpt(strings.Repeat("関", 100)); len(got) > excerptBytes+3 || !strings.HasSuffix(got, "関...") {
		t.Errorf("%q", got)
	}
}

func FuzzSilences(f *testing.F) {
	f.Add("# sekisho:ignore a,b until=2026-01-01 reason=\"x\"\n// trivy:ignore:A")
	f.Fuzz(func(t *testing.T, s string) {
		for _, x := range Silences([]byte(s), "#", "//") {
			if x.Line < 1 || x.Line > strings.Count(s, "\n")+1 || len(x.IDs) == 0 {
				t.Fatalf("%+v", x)
			}
		}
	})
}
