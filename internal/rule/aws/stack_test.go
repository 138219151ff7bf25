// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func tree(t testing.TB, name string) map[string][]byte {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("testdata", "stack", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range a.Files {
		files[f.Name] = f.Data
	}
	return files
}

// found are the ids of the rules that a tree breaks.
func found(j sekisho.Judgement) string {
	ids := map[string]bool{}
	for _, f := range j.Findings {
		ids[f.Rule] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(ids)), " ")
}

// everyRule switches on what is off.
func everyRule() *check.Settings {
	s := &check.Settings{Registries: []string{"registry.example.com"}}
	for _, r := range Rules() {
		s.On = append(s.On, r.ID)
	}
	return s
}

// One service, declared in three languages, breaks the same rules.
func TestLanguagesAgree(t *testing.T) {
	const want = "ecr-mutable-tags exec-enabled exec-not-encrypted http-listener iam-service-wildcard latest-tag lb-invalid-headers no-user public-ip secret-in-env writable-root"
	for _, name := range []string{"fargate-terraform", "fargate-cloudformation", "fargate-cdk"} {
		j := judge(t, tree(t, name), nil)
		if got := found(j); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
		for _, p := range j.Problems {
			t.Errorf("%s: %+v", name, p)
		}
	}
	first := found(judge(t, tree(t, "fargate-terraform"), everyRule()))
	for _, name := range []string{"fargate-cloudformation", "fargate-cdk"} {
		if got := found(judge(t, tree(t, name), everyRule())); got != first {
			t.Errorf("%s with every rule:\n got %s\nwant %s", name, got, first)
		}
	}
}

// Findings lie where people look: in the module's file, or in the caller's
// where the wrong value is written there.
func TestPlacesInModules(t *testing.T) {
	var got []string
	for _, f := range judge(t, tree(t, "fargate-terraform"), nil).Findings {
		switch f.Rule {
		case "public-ip", "latest-tag", "iam-service-wildcard", "secret-in-env", "http-listener":
			got = append(got, f.Rule+" "+f.Location.Path+" "+f.Resource+" "+f.Evidence[0].Text)
			if f.Location.Line == 0 {
				t.Errorf("no line: %+v", f)
			}
		}
	}
	slices.Sort(got)
	want := []string{
		`http-listener main.tf aws_lb_listener.http protocol = "HTTP"`,
		`iam-service-wildcard main.tf module.web.aws_iam_role_policy.task Action: "s3:*"`,
		`latest-tag modules/service/main.tf module.web.aws_ecs_task_definition.this image = "${aws_ecr_repository.app.repository_url}:latest"`,
		`public-ip modules/service/main.tf module.web.aws_ecs_service.this assign_public_ip = true`,
		`secret-in-env modules/service/main.tf module.web.aws_ecs_task_definition.this DB_PASSWORD=****`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// The day on which the support of a version ends is the database's, else the
// table's; a version that neither knows is not out of support.
func TestSupportOfClusters(t *testing.T) {
	moved := func(product, cycle string) (string, bool) {
		return "2027-01-31", product == "amazon-eks" && cycle == "1.33"
	}
	for _, tt := range []struct {
		minor int
		today string
		ends  func(product, cycle string) (string, bool)
		want  bool
	}{
		{24, "", nil, true},
		{31, "", nil, false},
		{33, "2026-07-29", nil, false},
		{33, "2026-07-30", nil, true},
		{99, "2099-01-01", nil, false},
		{33, "2026-07-30", moved, false},
		{33, "2027-02-01", moved, true},
		{32, "2026-07-30", moved, true},
		{99, "2099-01-01", moved, false},
	} {
		if got := unsupported(tt.minor, &check.Settings{Today: tt.today, Ends: tt.ends}); got != tt.want {
			t.Errorf("1.%d on %s (database: %v): %v", tt.minor, tt.today, tt.ends != nil, got)
		}
	}
	if unsupported(33, nil) || !unsupported(24, nil) {
		t.Error("without settings the table alone speaks of what ended long ago")
	}
}

func TestEKS(t *testing.T) {
	j := judge(t, tree(t, "eks-terraform"), nil)
	const want = "eks-no-logs eks-node-ssh eks-public-endpoint end-of-life imds-hop-limit oidc-trust-open"
	if got := found(j); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	n := 0
	for _, f := range j.Findings {
		if f.Rule == "eks-node-ssh" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the line of two instances is reported %d times", n)
	}
	if len(j.Problems) != 1 || !strings.Contains(j.Problems[0].Error, "terraform-aws-modules/vpc/aws") || !j.Problems[0].Minor {
		t.Errorf("%+v", j.Problems)
	}
}

func TestSilences(t *testing.T) {
	j := judge(t, map[string][]byte{
		"main.tf": []byte(`# trivy:ignore:AVD-AWS-0030
resource "aws_ecr_repository" "a" {
  # checkov:skip=CKV_AWS_51:moved on purpose
  name = "a"
}
resource "aws_ecr_repository" "b" {
  image_scanning_configuration {
    scan_on_push = false // sekisho:ignore ecr-no-scan reason="scanned elsewhere"
  }
}
`),
		"t.yaml": []byte(`Resources:
  R:
    Type: AWS::ECR::Repository
    Metadata:
      checkov:
        skip:
          - id: CKV_AWS_51
            comment: later
`),
	}, nil)
	var got []string
	for _, f := range j.Findings {
		s := "-"
		if f.Suppressed != nil {
			s = f.Suppressed.By + ":" + f.Suppressed.Reason
		}
		got = append(got, f.Resource+" "+f.Rule+" "+s)
	}
	slices.Sort(got)
	want := []string{
		"R ecr-mutable-tags checkov:later",
		"R ecr-no-scan -",
		"aws_ecr_repository.a ecr-mutable-tags checkov:moved on purpose",
		"aws_ecr_repository.a ecr-no-scan trivy:",
		"aws_ecr_repository.b ecr-mutable-tags -",
		"aws_ecr_repository.b ecr-no-scan sekisho:scanned elsewhere",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// No secret leaves in a finding, whichever rule speaks of it.
func TestSecretsAreMasked(t *testing.T) {
	for _, name := range []string{"fargate-terraform", "fargate-cloudformation", "fargate-cdk"} {
		for _, f := range judge(t, tree(t, name), everyRule()).Findings {
			if strings.Contains(f.Title+f.Why+f.Fix+strings.Join(f.Args, " ")+f.Evidence[0].Text, "correct-horse") {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// FuzzECS feeds the reader of definitions and all rules.
func FuzzECS(f *testing.F) {
	f.Add([]byte(`{"containerDefinitions": [{"name": "a", "image": "b:1", "environment": [{"name": "A_TOKEN", "value": "x"}], "command": ["a"]}], "volumes": [{"host": {"sourcePath": "/"}}]}`))
	f.Add([]byte("{\"containerDefinitions\": [{\"image\": \"{{ must_env `A` }}:latest\"}], \"launchType\": \"EC2\", \"desiredCount\": 1}"))
	f.Add([]byte(`{"taskDefinition": {"containerDefinitions": {}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		j := judge(t, map[string][]byte{"task.json": text}, everyRule())
		for _, p := range j.Problems {
			if strings.Contains(p.Error, "stumbled") {
				t.Error(p.Error)
			}
		}
	})
}

// The day decides about versions that the table knows.
func TestSupport(t *testing.T) {
	for _, tt := range []struct {
		minor int
		today string
		want  bool
	}{{30, "", true}, {31, "", false}, {31, "2025-11-26", false}, {31, "2025-11-27", true}, {33, "2026-08-01", true}, {34, "2026-08-01", false}, {99, "2099-01-01", false}} {
		if got := unsupported(tt.minor, &check.Settings{Today: tt.today}); got != tt.want {
			t.Errorf("1.%d on %q: %v", tt.minor, tt.today, got)
		}
	}
}

// A rule of a user sees every language alike, and finds the place.
func TestSubject(t *testing.T) {
	for name, want := range map[string]string{
		"fargate-terraform":      `map[name:DB_PASSWORD value:correct-horse-battery] modules/service/main.tf "value = ****"`,
		"fargate-cloudformation": `map[name:DB_PASSWORD value:correct-horse-battery] template.yaml "Value: ****"`,
	} {
		files := tree(t, name)
		var got string
		s := &check.Settings{User: userRule(func(at *check.Place, s check.Subject) {
			v := s.Vars()
			if v["type"] != "aws_ecs_task_definition" {
				return
			}
			env := v["resource"].(map[string]any)["container_definitions"].([]any)[0].(map[string]any)["environment"].([]any)
			for i, e := range env {
				if e.(map[string]any)["name"] == "DB_PASSWORD" {
					h := s.Locate(fmt.Sprintf("resource.container_definitions[0].environment[%d].value", i))
					got = fmt.Sprintf("%v %s %q", e, at.Location.Path, h.Excerpt)
					if h.Line == 0 {
						t.Error("no line")
					}
				}
			}
		})}
		judge(t, files, s)
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

type userRule func(at *check.Place, s check.Subject)

func (f userRule) Run(_ *check.Judge, at *check.Place, kind string, s check.Subject) {
	if kind == sekisho.ResourceAWS {
		f(at, s)
	}
}

// BenchmarkFiles judges 2,000 small files: a directory each of Terraform, a
// template, a definition.
func BenchmarkFiles(b *testing.B) {
	files := map[string][]byte{}
	tf := "variable \"tag\" { default = \"1.2\" }\nresource \"aws_ecr_repository\" \"app\" {\n  name = \"app\"\n}\nresource \"aws_ecs_task_definition\" \"app\" {\n  family = \"app\"\n  requires_compatibilities = [\"FARGATE\"]\n  task_role_arn = aws_iam_role.task.arn\n" +
		"  container_definitions = jsonencode([{\n    name  = \"app\"\n    image = \"${aws_ecr_repository.app.repository_url}:${var.tag}\"\n    user  = \"1000\"\n    environment = [{ name = \"A\", value = \"b\" }]\n  }])\n}\n" +
		"resource \"aws_iam_role\" \"task\" {\n  assume_role_policy = jsonencode({\n    Statement = [{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = { Service = \"ecs-tasks.amazonaws.com\" } }]\n  })\n}\n"
	cfn := "AWSTemplateFormatVersion: x\nResources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      Family: app\n      RequiresCompatibilities: [FARGATE]\n      TaskRoleArn: !GetAtt Role.Arn\n      ContainerDefinitions:\n        - Name: app\n          Image: !Sub \"${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app:1.2\"\n          User: \"1000\"\n          Environment:\n            - {Name: A, Value: b}\n" +
		"  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n        Statement:\n          - Effect: Allow\n            Action: sts:AssumeRole\n            Principal: {Service: ecs-tasks.amazonaws.com}\n"
	json := "{\"family\": \"app\", \"requiresCompatibilities\": [\"FARGATE\"], \"containerDefinitions\": [{\"name\": \"app\", \"image\": \"app:1\", \"user\": \"1000\", \"environment\": [{\"name\": \"A\", \"value\": \"b\"}], \"logConfiguration\": {\"logDriver\": \"awslogs\"}}]}"
	for i := range 2000 {
		switch i % 3 {
		case 0:
			files[fmt.Sprintf("tf%d/main.tf", i)] = []byte(tf)
		case 1:
			files[fmt.Sprintf("cfn%d/template.yaml", i)] = []byte(cfn)
		default:
			files[fmt.Sprintf("ecs%d/task.json", i)] = []byte(json)
		}
	}
	for b.Loop() {
		if j := judge(b, files, nil); len(j.Findings) < 2000 {
			b.Fatal(len(j.Findings))
		}
	}
	b.ReportMetric(2000*float64(b.N)/b.Elapsed().Seconds(), "files/s")
}

// A runtime is judged by its day of deprecation, not by the later one of the
// database on which updates are refused, unless only that is known or it is earlier.
func TestRuntimes(t *testing.T) {
	none := func(string, string) (string, bool) { return "", false }
	ends := func(product, cycle string) (string, bool) {
		days := map[string]string{"nodejs18.x": "2027-03-03", "nodejs26.x": "2030-07-01", "java21": "2028-01-31"}
		return days[cycle], product == "aws-lambda" && days[cycle] != ""
	}
	for _, tt := range []struct {
		runtime, today string
		ends           func(product, cycle string) (string, bool)
		want           string
	}{
		{"nodejs18.x", "2025-06-02", nil, ""},
		{"nodejs18.x", "2025-06-03", nil, "soon 2025-09-01"},
		{"nodejs18.x", "2025-09-01", nil, "soon 2025-09-01"},
		{"nodejs18.x", "2025-09-02", nil, "over 2025-09-01"},
		{"nodejs18.x", "2026-11-21", ends, "over 2025-09-01"},
		{"nodejs18.x", "", nil, "over 2025-09-01"},
		{"nodejs26.x", "2031-01-01", nil, ""},
		{"nodejs26.x", "2031-01-01", none, ""},
		{"nodejs26.x", "2030-03-01", ends, ""},
		{"nodejs26.x", "2030-05-01", ends, "soon 2030-07-01"},
		{"nodejs26.x", "2030-07-02", ends, "over 2030-07-01"},
		{"java21", "2028-02-01", nil, ""},
		{"java21", "2028-02-01", ends, "over 2028-01-31"},
		{"java21", "not a day", nil, ""},
		{"", "2026-11-21", ends, ""},
	} {
		day, over, soon := runtimeSupport(tt.runtime, &check.Settings{Today: tt.today, Ends: tt.ends})
		got := ""
		switch {
		case over && soon:
			t.Errorf("%s on %s is over and will be", tt.runtime, tt.today)
		case over:
			got = "over " + day
		case soon:
			got = "soon " + day
		}
		if got != tt.want {
			t.Errorf("%s on %s (database: %v): %q, want %q", tt.runtime, tt.today, tt.ends != nil, got, tt.want)
		}
	}
	if _, over, _ := runtimeSupport("nodejs12.x", nil); !over {
		t.Error("without settings the day of the table holds")
	}
	// What a finding advises is supported for long.
	for _, runtime := range []string{"nodejs12.x", "python3.6", "java8", "dotnetcore3.1", "ruby2.5", "go1.x", "provided"} {
		if day, over, soon := runtimeSupport(runtimeAfter(runtime), nil); day == "" || over || soon {
			t.Errorf("%s: advised is %s, until %q", runtime, runtimeAfter(runtime), day)
		}
	}
}

// What is deprecated before long is low.
func TestRuntimeSoon(t *testing.T) {
	for today, want := range map[string]sekisho.Severity{"2026-05-02": sekisho.SeverityLow, "2026-08-01": sekisho.SeverityMedium} {
		j := judge(t, map[string][]byte{"t.yaml": []byte("Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: provided.al2}\n")}, &check.Settings{Today: today})
		if len(j.Findings) != 1 || j.Findings[0].Rule != "deprecated-runtime" || j.Findings[0].Severity != want || j.Findings[0].Title != "The runtime provided.al2 of F is not supported after 2026-07-31" {
			t.Errorf("%s: %+v", today, j.Findings)
		}
	}
}
