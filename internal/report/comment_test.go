// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// beside is a judged image compared with a baseline: every third finding is new.
func beside() *sekisho.Result {
	r := judgedImage()
	r.Baseline = &sekisho.Baseline{Name: "base.json", Kind: sekisho.BaselineReport}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.State = sekisho.StateKnown
		if i%3 == 0 {
			f.State = sekisho.StateNew
		}
		switch {
		case f.Suppressed != nil:
		case f.State == sekisho.StateNew:
			r.Baseline.New++
		default:
			r.Baseline.Known++
		}
	}
	return r
}

// What a change brings stands in the open, the worst first, and the rest is folded.
func TestCommentShowsWhatIsNew(t *testing.T) {
	for _, lang := range []message.Lang{message.En, message.Ja} {
		s := render(t, "markdown", beside(), Options{Lang: lang, Comment: "pr check -->\n1"})
		first, _, _ := strings.Cut(s, "\n")
		if first != "<!-- sekisho:pr_check_-___1 -->" {
			t.Errorf("the first line is %q", first)
		}
		open, folded, ok := strings.Cut(s, "<details>")
		if !ok || !strings.Contains(open, lang.Of(message.DiffAdded)+" 5\n") || !strings.Contains(folded, lang.Of(message.CommentKnown, 10)) {
			t.Errorf("%s: %s", lang, s)
		}
		r := beside()
		at := 0
		for _, f := range ordered(r) {
			row := "| " + lang.Of(message.SeverityNames[f.Severity.String()]) + " | [" + f.Rule + "]("
			part := folded
			switch {
			case f.Suppressed != nil:
				continue
			case f.State == sekisho.StateNew:
				part = open
				if n := strings.Index(open, row); n < at {
					t.Errorf("%s: %s is not in its order", lang, f.Rule)
				} else {
					at = n
				}
			}
			if !strings.Contains(part, row) {
				t.Errorf("%s: %s (%s) is in the wrong part", lang, f.Rule, f.State)
			}
		}
	}
}

// A comment is taken by GitHub whatever is in it, and says what it left out.
func TestCommentHasALength(t *testing.T) {
	long := beside()
	long.Findings = nil
	for i := range 3000 {
		f := judgedImage().Findings[i%10]
		f.ID, f.Title, f.State = fmt.Sprint(i), strings.Repeat("所", 5000)+strings.Repeat("\u0301", 9000), sekisho.StateNew
		if i%2 == 1 {
			f.State = sekisho.StateKnown
		}
		if i%7 == 0 {
			f.Suppressed = &sekisho.Suppression{By: "team", Reason: strings.Repeat("because ", 900)}
		}
		long.Findings = append(long.Findings, f)
		long.Problems = append(long.Problems, sekisho.Problem{Stage: "walk", Path: strings.Repeat("a/", 4000), Error: "broken"})
		long.Actions = append(long.Actions, sekisho.Action{Kind: sekisho.ActionUpgradeDependency, Class: sekisho.ActNow, Subject: strings.Repeat("p", 4000), Closes: []string{f.ID}})
	}
	long.Target.Name = strings.Repeat("registry.example.com/", 500)
	for _, lang := range []message.Lang{message.En, message.Ja} {
		s := render(t, "markdown", long, Options{Lang: lang})
		if n := len(s); n > 65000 || n < 50000 {
			t.Errorf("%s: %d bytes", lang, n)
		}
		if strings.Count(s, "<details>") != strings.Count(s, "</details>") {
			t.Errorf("%s: what is folded is not closed", lang)
		}
		last := s[strings.LastIndex(strings.TrimSpace(s), "\n"):]
		for _, what := range []message.Text{message.CommentProblems, message.CommentActions, message.CommentFindings, message.CommentSuppressed} {
			word, _, _ := strings.Cut(lang.Of(what, 1), "1")
			if !strings.Contains(last, word) {
				t.Errorf("%s: %q is not in the last line: %s", lang, word, last)
			}
		}
		shown := strings.Count(s, "\n| ") - strings.Count(s, "\n|---")
		left := regexp.MustCompile(`(?:findings |検出結果 )(\d+)`).FindStringSubmatch(last)
		all := 0
		for i := range long.Findings {
			if long.Findings[i].Suppressed == nil {
				all++
			}
		}
		if left == nil || left[1] != fmt.Sprint(all-shown) {
			t.Errorf("%s: %d of %d findings are shown, and left out: %v", lang, shown, all, left)
		}
	}
	if s := render(t, "markdown", judgedImage(), Options{}); strings.Contains(s, "Left out") {
		t.Error("nothing was left out")
	}
}

// No text of a target can name a person or an issue, be a link, markup, HTML or a
// command of a robot in a comment.
func TestCommentIsHarmless(t *testing.T) {
	evil := "x\n/approve\n@octocat #12 !34 &5 https://evil.example.com www.evil.example.com [a](javascript:x) ![i](x) <img src=x> --> | `c` **b** ~~s~~ $m$ GH-77 \x1b[31m"
	r := beside()
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Title, f.Rule, f.Resource, f.Fixed, f.Location.Path = evil, "CVE-1)"+evil, evil, evil, evil
		f.Package.Name, f.Package.Version, f.Package.PURL = evil, evil, evil
	}
	r.Target.Name, r.Baseline.Name, r.OS.PrettyName = evil, evil, evil
	r.Problems = []sekisho.Problem{{Stage: evil, Path: evil, Error: evil}}
	r.Coverage.Ecosystems[0].Ecosystem = evil
	r.Actions = []sekisho.Action{{Kind: sekisho.ActionUpgradeDependency, Class: sekisho.RiskClass(evil), Subject: evil, From: evil, To: evil, Path: evil}}
	c := comparisonOf(r)
	var b strings.Builder
	if err := WriteDiff(&b, "markdown", c, Options{}); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{"scan": render(t, "markdown", r, Options{}), "diff": b.String()} {
		if strings.Count(s, "octocat") < 5 {
			t.Fatalf("%s: the text is not there: %s", name, s)
		}
		for _, bad := range []string{"@octocat", "#12", "!34", "&5", "://evil", "www.evil", "[a]", "![", "<img", " `c", "**b", "~~", "$m", "GH-77", "\x1b", "x -->\n@"} {
			if strings.Contains(s, bad) {
				t.Errorf("%s: %q is in the comment", name, bad)
			}
		}
		for i, line := range strings.Split(s, "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "/") || i > 0 && strings.Contains(line, "-->") {
				t.Errorf("%s: line %d: %s", name, i, line)
			}
		}
	}
}

// comparisonOf is a result as both sides of a comparison, with everything in it.
func comparisonOf(r *sekisho.Result) *sekisho.Comparison {
	return &sekisho.Comparison{
		SchemaVersion: sekisho.SchemaVersion, Tool: r.Tool, Created: r.Created, Old: sekisho.Side{Target: r.Target}, New: sekisho.Side{Target: r.Target},
		Remarks: []sekisho.Reason{{Code: r.Target.Name, Args: []string{r.Target.Name}}}, Added: r.Findings[:5], Appeared: r.Findings[5:7], Fixed: r.Findings[7:9], Vanished: r.Findings[9:11],
		Unchanged: r.Findings[11:], Changed: []sekisho.FindingChange{{Finding: r.Findings[12], Changes: []sekisho.FieldChange{{Field: sekisho.FieldFixed, From: r.Findings[12].Fixed, To: "2"}}}},
		Packages: sekisho.PackageChanges{Added: []sekisho.PackageChange{{Ecosystem: "deb", Name: r.Findings[0].Package.Name, To: "1", Path: "a"}}, Unchanged: 3},
		Layers:   &sekisho.LayerChanges{Unchanged: 1, Shared: 1, Added: []sekisho.Layer{{DiffID: "sha256:a", Digest: "sha256:b", Instruction: r.Target.Name}}},
		Image:    []sekisho.FieldChange{{Field: "user", From: r.Target.Name, To: "app"}}, Files: []sekisho.FileChange{{Path: r.Target.Name, State: sekisho.FileRenamed, From: "b"}},
	}
}

// The key is the same for the next build of a target, on any machine.
func TestCommentKey(t *testing.T) {
	amd := &sekisho.Platform{OS: "linux", Architecture: "amd64"}
	for want, targets := range map[string][]sekisho.Target{
		"image:registry.example.com:5000/shop/api:linux/amd64": {
			{Kind: sekisho.KindImage, Name: "registry.example.com:5000/shop/api:1", Platform: amd},
			{Kind: sekisho.KindImage, Name: "registry.example.com:5000/shop/api:2@sha256:abc", Platform: amd},
			{Kind: sekisho.KindImage, Name: "registry.example.com:5000/shop/api", Platform: amd},
		},
		"repository":          {{Kind: sekisho.KindRepository, Name: "."}, {Kind: sekisho.KindRepository, Name: "./"}, {Kind: sekisho.KindRepository, Name: ".@HEAD"}},
		"repository:api":      {{Kind: sekisho.KindRepository, Name: "/home/a/work/api"}, {Kind: sekisho.KindRepository, Name: "api"}},
		"repository:shop":     {{Kind: sekisho.KindRepository, Name: ".", Repository: "https://git.example.com/team/shop.git"}, {Kind: sekisho.KindRepository, Name: ".@main", Repository: "git@git.example.com:team/shop.git"}},
		"repository:shop:api": {{Kind: sekisho.KindRepository, Name: "./api", Repository: "https://git.example.com/team/shop"}},
		"purl:pkg:npm/_40a/b": {{Kind: sekisho.KindPURL, Name: "pkg:npm/%40a/b@1"}},
		"sbom:x-_.json":       {{Kind: sekisho.KindSBOM, Name: "/tmp/x--.json"}},
	} {
		for i := range targets {
			if got := CommentKey(&targets[i]); got != want {
				t.Errorf("%s: %s, want %s", targets[i].Name, got, want)
			}
		}
	}
	long := []string{commentKey(strings.Repeat("a", 300) + "1"), commentKey(strings.Repeat("a", 300) + "2")}
	if long[0] == long[1] || len(long[0]) > mostKey {
		t.Errorf("long keys: %q", long)
	}
}

// What GitLab demands of a code quality report.
func TestCodeQuality(t *testing.T) {
	for name, r := range results() {
		if name == "judged" {
			r.Findings = append(r.Findings, r.Findings[0]) // of a tool that gives two the same id
			r.Findings[0].Location.Path = "/../../etc/./passwd"
		}
		var issues []qualityIssue
		if err := json.Unmarshal([]byte(render(t, "codequality", r, Options{})), &issues); err != nil || issues == nil {
			t.Fatalf("%s: %v", name, err)
		}
		prints := map[string]bool{}
		for _, i := range issues {
			if prints[i.Fingerprint] || i.Fingerprint == "" || i.Description == "" || i.Check == "" || i.Location.Lines.Begin < 1 || strings.Contains(i.Description, "\n") {
				t.Errorf("%s: %+v", name, i)
			}
			prints[i.Fingerprint] = true
			if p := i.Location.Path; p == "" || path.IsAbs(p) || strings.HasPrefix(p, "./") || strings.HasPrefix(p, "..") {
				t.Errorf("%s: path %s", name, p)
			}
			if !regexp.MustCompile(`^(info|minor|major|critical|blocker)$`).MatchString(i.Severity) {
				t.Errorf("%s: severity %s", name, i.Severity)
			}
		}
		want := map[string]int{}
		for _, r := range all(r) {
			for i := range r.Findings {
				if r.Findings[i].Suppressed == nil && name != "index" {
					want["findings"]++
				}
			}
			for i := range r.Problems {
				if !r.Problems[i].Minor {
					want["problems"]++
				}
			}
		}
		if name == "index" {
			want["findings"] = 15 // of both platforms, once
		}
		if len(issues) != want["findings"]+want["problems"] {
			t.Errorf("%s: %d issues of %v", name, len(issues), want)
		}
	}
}
