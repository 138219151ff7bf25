// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/rule/cloudformation"
	"github.com/sekisho/sekisho/internal/rule/terraform"
)

const everythingWrong = `{
  "family": "app", "networkMode": "host", "pidMode": "host", "ipcMode": "host", "requiresCompatibilities": ["EC2"],
  "volumes": [{"name": "a", "host": {"sourcePath": "/var/run/docker.sock"}}, {"name": "b", "host": {"sourcePath": "/"}}],
  "containerDefinitions": [{
    "name": "app", "image": "app:latest", "privileged": true, "user": "root",
    "dockerSecurityOptions": ["seccomp=unconfined", "apparmor:unconfined"],
    "linuxParameters": {"devices": [{"hostPath": "/dev/sda"}], "capabilities": {"add": ["SYS_ADMIN"]}}
  }]
}`

// What AWS sees to on Fargate is found on instances, and only there; what is
// the customer's is found on both.
func TestResponsibility(t *testing.T) {
	found := func(text string) map[string]bool {
		out := map[string]bool{}
		for _, f := range judge(t, map[string][]byte{"task.json": []byte(text)}, everyRule()).Findings {
			out[f.Rule] = true
		}
		return out
	}
	instance, fargate := found(everythingWrong), found(strings.Replace(everythingWrong, `"EC2"`, `"FARGATE"`, 1))
	n := 0
	for _, r := range Rules() {
		switch r.Owner {
		case amazon:
			n++
			if !instance[r.ID] || fargate[r.ID] {
				t.Errorf("%s: on an instance %v, on Fargate %v", r.ID, instance[r.ID], fargate[r.ID])
			}
		case customer:
			if instance[r.ID] != fargate[r.ID] {
				t.Errorf("%s: on an instance %v, on Fargate %v", r.ID, instance[r.ID], fargate[r.ID])
			}
		default:
			t.Errorf("%s: nobody is responsible", r.ID)
		}
	}
	if n < 10 {
		t.Errorf("only %d rules are of AWS", n)
	}
	if both := found(strings.Replace(everythingWrong, `"EC2"`, `"FARGATE", "EC2"`, 1)); !both["privileged"] {
		t.Error("a task that may run on instances too is judged like one")
	}
}

// The tables name every rule and every alias that is an id of a peer.
func TestTables(t *testing.T) {
	text, err := os.ReadFile("../../../docs/rules-aws.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Rules() {
		if !strings.Contains(string(text), "| `"+r.ID+"` | "+r.Severity.String()+" |") {
			t.Errorf("docs/rules-aws.md does not list %s as %s", r.ID, r.Severity)
		}
		for _, a := range r.Aliases {
			if !strings.HasPrefix(a, "aws-") && !strings.Contains(string(text), a) {
				t.Errorf("docs/rules-aws.md does not name %s", a)
			}
		}
	}
}

// Files that end in the middle are mistakes or problems; no rule stumbles.
func TestTruncated(t *testing.T) {
	for _, name := range []string{"fargate-terraform", "fargate-cloudformation", "fargate-cdk", "eks-terraform"} {
		files := tree(t, name)
		for p, text := range files {
			for cut := 1; cut < len(text); cut += 211 {
				one := map[string][]byte{p: text[:cut]}
				for _, problem := range judge(t, one, everyRule()).Problems {
					if strings.Contains(problem.Error, "stumbled") {
						t.Fatalf("%s cut at %d: %s", p, cut, problem.Error)
					}
				}
			}
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	inv := inventory(t, tree(t, "fargate-terraform"))
	if _, err := Checker(nil, cloudformation.Read, terraform.Read).Check(ctx, inv); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
