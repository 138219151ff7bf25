// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/check/userrule"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// beyond are the cases of archives that an expression over one object of
// Kubernetes' own groups does not reach, and why.
var beyond = map[string]string{
	"privileged/bad-rollout":     "another group than those matched",
	"privileged/bad-workflow":    "another group than those matched",
	"privileged/bad-task":        "another group than those matched",
	"host-network/bad-knative":   "another group than those matched",
	"host-pid/bad-knative":       "another group than those matched",
	"host-ipc/bad-knative":       "another group than those matched",
	"ingress-snippet/bad-config": "another kind than those matched",
	"rbac-wildcard/good-crd":     "another group than those matched",
}

// Every expression agrees with its rule on all cases of the rule's archive.
func TestPolicies(t *testing.T) {
	ids := make([]string, 0, 64)
	for id := range Policies() {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if len(ids) < 30 {
		t.Fatalf("only %d policies", len(ids))
	}
	for _, id := range ids {
		t.Run(id, func(t *testing.T) {
			text := "rules:\n  - id: user-" + id + "\n    kind: kubernetes\n    severity: high\n    title: x\n    why: x\n    fix: x\n    require: " + quoteYAML(Policies()[id]) + "\n"
			user, err := userrule.Load(map[string][]byte{"p.yaml": []byte(text)}, map[string]check.Variables{sekisho.ResourceKubernetes: Variables()})
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			raw, err := os.ReadFile("testdata/" + id + ".txtar")
			if err != nil {
				t.Fatal(err)
			}
			a, err := check.ParseArchive(raw)
			if err != nil {
				t.Fatal(err)
			}
			for name, files := range a.Cases {
				if _, ok := beyond[id+"/"+name]; ok {
					continue
				}
				bad := 0
				j := judge(t, files, &check.Settings{User: user, Only: []string{"user-" + id}})
				for _, f := range j.Findings {
					if f.Rule == "user-"+id {
						bad++
					}
				}
				for _, p := range j.Problems {
					t.Errorf("%s: %s", name, p.Error)
				}
				if strings.HasPrefix(name, "bad") != (bad > 0) {
					t.Errorf("%s: %d objects are refused", name, bad)
				}
			}
		})
	}
}

func quoteYAML(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// What is exported is YAML of two objects, and names what it is for.
func TestPolicy(t *testing.T) {
	for id := range Policies() {
		text, ok := Policy(id)
		docs, err := document.YAML([]byte(text))
		if !ok || err != nil || len(docs) != 2 {
			t.Fatalf("%s: %v %v\n%s", id, ok, err, text)
		}
		p, b := docs[0], docs[1]
		if p.Get("kind").Str() != "ValidatingAdmissionPolicy" || p.Get("metadata", "name").Str() != "sekisho-"+id || p.Get("spec", "failurePolicy").Str() != "Fail" ||
			len(p.Get("spec", "matchConstraints", "resourceRules").List()) == 0 || p.Get("spec", "validations").At(0).Get("expression").Str() != policies()[id].expression ||
			strings.Contains(p.Get("spec", "validations").At(0).Get("message").Str(), "{") {
			t.Errorf("%s", text)
		}
		if b.Get("spec", "policyName").Str() != "sekisho-"+id || b.Get("spec", "validationActions").At(0).Str() != "Deny" {
			t.Errorf("%s", text)
		}
	}
	if _, ok := Policy("dangling-service"); ok {
		t.Error("a rule over several objects has a policy")
	}
}
