// SPDX-License-Identifier: Apache-2.0

package userrule

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var kinds = map[string]check.Variables{"kubernetes": {"object": "dyn", "path": "string", "images": "list(string)"}}

// subject is a document.
type subject struct{ n *document.Node }

func (s subject) Vars() map[string]any {
	images := []string{}
	for _, c := range s.n.Get("spec", "containers").List() {
		images = append(images, c.Get("image").Str())
	}
	return map[string]any{"object": s.n.Value(), "path": "pod.yaml", "images": images}
}

func (s subject) Locate(path string) check.Hit {
	n := s.n
	for name := range strings.SplitSeq(strings.TrimPrefix(path, "object."), ".") {
		if c := n.Get(name); c != nil {
			n = c
		}
	}
	return check.Hit{Line: n.Line, Column: n.Column, Key: path}
}

const good = `rules:
  - id: team-registry
    kind: kubernetes
    severity: high
    title: {en: "Image of {0} is from another registry", ja: "{0} のイメージが別のレジストリのものです"}
    why: Nobody inspected it.
    fix: Push it to registry.example.com.
    when: object.kind == "Pod"
    require: images.all(i, i.startsWith("registry.example.com/"))
    at: object.spec.containers
    args: '[object.metadata.name]'
    aliases: [TEAM-1]
    references: [nist-800-190-4.1.5]
    stages: [deploy]
`

func run(t *testing.T, rules, pod string, s check.Settings) sekisho.Judgement {
	t.Helper()
	u, err := Load(map[string][]byte{"team.yaml": []byte(rules)}, kinds)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := document.YAML([]byte(pod))
	if err != nil {
		t.Fatal(err)
	}
	s.User = u
	j := check.NewJudge(&s)
	j.RunUser(&check.Place{Location: sekisho.Location{Path: "pod.yaml"}, Silences: check.Silences([]byte(pod), "#")}, "kubernetes", subject{docs[0]})
	j.RunUser(&check.Place{}, "dockerfile", subject{docs[0]})
	return j.Judgement()
}

const pod = "kind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - image: registry.example.com/a\n    - image: docker.io/b\n"

func TestRun(t *testing.T) {
	j := run(t, good, pod, check.Settings{})
	if len(j.Findings) != 1 || len(j.Problems) != 0 || len(j.Rules) != 1 {
		t.Fatalf("%+v", j)
	}
	f := j.Findings[0]
	if f.Rule != "team-registry" || f.ResourceKind != "kubernetes" || f.Title != "Image of web is from another registry" || f.Location.Line != 5 || f.Severity != sekisho.SeverityHigh || j.Rules[0].Title.JA == "" || f.References[0] != "nist-800-190-4.1.5" {
		t.Errorf("%+v", f)
	}
	for name, other := range map[string]string{"good": strings.Replace(pod, "docker.io", "registry.example.com", 1), "not applicable": strings.Replace(pod, "Pod", "Job", 1)} {
		if j := run(t, good, other, check.Settings{}); len(j.Findings) != 0 || len(j.Problems) != 0 {
			t.Errorf("%s: %+v", name, j)
		}
	}
	if j := run(t, good, pod, check.Settings{Off: []string{"team-1"}}); len(j.Findings) != 0 {
		t.Errorf("%+v", j)
	}
	if j := run(t, good, "# sekisho:ignore-file team-registry reason=known\n"+pod, check.Settings{}); j.Findings[0].Suppressed == nil {
		t.Errorf("%+v", j)
	}
	if j := run(t, good, "kind: Pod\n", check.Settings{}); len(j.Findings) != 0 || len(j.Problems) != 0 {
		t.Errorf("nothing to judge: %+v", j)
	}
	missing := strings.Replace(good, "images.all(i, i.startsWith(\"registry.example.com/\"))", "object.spec.hostNetwork == false", 1)
	if j := run(t, missing, pod, check.Settings{}); len(j.Findings) != 0 || len(j.Problems) != 1 || !strings.Contains(j.Problems[0].Error, "has()") {
		t.Errorf("a missing field: %+v", j)
	}
}

// What an expression costs is bounded.
func TestCost(t *testing.T) {
	costly := strings.Replace(good, `images.all(i, i.startsWith("registry.example.com/"))`, `images.all(a, images.all(b, images.all(c, images.all(d, a+b+c+d != "x"))))`, 1)
	many := "kind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n" + strings.Repeat("    - image: registry.example.com/a\n", 200)
	j := run(t, costly, many, check.Settings{})
	if len(j.Problems) != 1 || !strings.Contains(j.Problems[0].Error, "cost") {
		t.Errorf("%+v", j)
	}
}

func TestMistakes(t *testing.T) {
	for _, tt := range []struct{ from, to, want string }{
		{"object.kind == \"Pod\"", "object.kind == ", "team.yaml:8:25: Syntax error: mismatched input '<EOF>'"},
		{"object.kind == \"Pod\"", "objekt.kind == \"Pod\"", "team.yaml:8:11: undeclared reference to 'objekt'"},
		{"object.kind == \"Pod\"", "size(images)", "team.yaml:8:11: the expression gives int"},
		{"images.all(i, i.startsWith(\"registry.example.com/\"))", "images.all(i, i.startsWith(1))", "team.yaml:9:40: found no matching overload for 'startsWith'"},
		{"'[object.metadata.name]'", "'[nothing.metadata.name]'", "team.yaml:11:13: undeclared reference"},
		{"kind: kubernetes", "kind: cubernetes", "team.yaml:3:11: there is no kind \"cubernetes\": kubernetes"},
		{"severity: high", "severity: grave", "team.yaml:4:15: severity \"grave\" is none of"},
		{"    why: Nobody inspected it.\n", "", "team.yaml:2:5: the rule has no why"},
		{"    fix:", "    fixx:", "\"fixx\" is no field of a rule"},
		{"rules:", "rule:", "team.yaml:1:1: there is no list called rules"},
		{"rules:\n", "rules: [\n", "team.yaml:1: this is no YAML"},
		{"  - id: team-registry", "  - id: team-registry\n    id: x\n  - text\n  - id: team-registry", "a rule is written with"},
		{"object.kind == \"Pod\"", "|\n      object.kind ==\n      what", "team.yaml:10: undeclared reference to 'what'"},
	} {
		text := strings.Replace(good, tt.from, tt.to, 1)
		if text == good {
			t.Fatalf("%q is not in the rules", tt.from)
		}
		_, err := Load(map[string][]byte{"team.yaml": []byte(text)}, kinds)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v\nwant %s", tt.to, err, tt.want)
		}
	}
	two := map[string][]byte{"a.yaml": []byte(good), "b.yaml": []byte(good)}
	if _, err := Load(two, kinds); err == nil || !strings.Contains(err.Error(), "b.yaml:2:9: the id \"team-registry\" is taken: it is in a.yaml") {
		t.Errorf("two of one id: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(good)
	f.Fuzz(func(t *testing.T, s string) {
		u, err := Load(map[string][]byte{"x": []byte(s)}, kinds)
		if err == nil && u == nil {
			t.Fatal("neither rules nor a mistake")
		}
	})
}
