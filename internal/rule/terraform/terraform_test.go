// SPDX-License-Identifier: Apache-2.0

package terraform

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sekisho/sekisho/internal/check/checktest"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// read extracts and reads the files of an archive.
func read(t testing.TB, archive string) []*cloud.Stack {
	t.Helper()
	files := map[string][]byte{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		files[f.Name] = f.Data
	}
	stacks, err := Read(t.Context(), inventory(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return stacks
}

func inventory(t testing.TB, files map[string][]byte) *sekisho.Inventory {
	t.Helper()
	return checktest.Extract(t, Extractors(), files)
}

// show writes a tree with the lines of its values.
func show(n *document.Node) string {
	if n == nil {
		return "absent"
	}
	place := fmt.Sprintf("@%d", n.Line)
	if i := strings.LastIndexByte(n.File, '/'); i >= 0 {
		place = "@" + n.File + ":" + fmt.Sprint(n.Line)
	}
	switch n.Kind {
	case document.Unknown:
		return "?" + n.Text + place
	case document.Null:
		return "null" + place
	case document.List:
		var parts []string
		for _, item := range n.Items {
			parts = append(parts, show(item))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case document.Map:
		var parts []string
		for i, item := range n.Items {
			parts = append(parts, n.Keys[i].Text+"="+show(item))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case document.Bool, document.Number, document.String:
	}
	return cloud.Show(n.Text) + place
}

func TestValues(t *testing.T) {
	for _, tt := range []struct{ name, archive, address, want string }{
		{"literals", `
-- main.tf --
resource "aws_x" "a" {
  s = "text"
  n = 1.5
  b = true
  z = null
  l = [1, "a"]
  nested {
    k = 1
  }
  nested {
    k = 2
  }
}
`, "aws_x.a", "{s=text@2 n=1.5@3 b=true@4 z=null@5 l=[1@6 a@6] nested=[{k=1@8} {k=2@11}]}"},
		{"variables", `
-- main.tf --
variable "a" { default = "one" }
variable "b" { type = string }
variable "c" { type = list(string) }
variable "d" { default = "two" }
variable "e" {
  type    = object({ name = string, size = optional(number, 3) })
  default = { name = "x" }
}
resource "aws_x" "a" {
  a = var.a
  b = var.b
  c = var.c
  d = "${var.b}:${var.d}"
  e = var.e
}
-- terraform.tfvars --
d = "three"
-- z.auto.tfvars --
d = "four"
`, "aws_x.a", "{a=one@10 b=?var.b@11 c=?var.c@12 d=${var.b}:four@13 e={name=x@14 size=3@14}}"},
		{"locals and functions", `
-- main.tf --
locals {
  name = lower("APP")
  list = concat(["a"], ["b"])
  env  = merge({ A = "1" }, { B = local.name })
  loop = local.loop
}
resource "aws_x" "a" {
  name = format("%s-%s", local.name, try(local.env.none, "d"))
  list = [for s in local.list : upper(s)]
  env  = local.env
  len  = length(local.list)
  cond = length(local.list) > 1 ? "many" : "one"
  loop = local.loop
  bad  = nosuch(1)
  re   = replace("a.b", "/[.]/", "-")
}
`, "aws_x.a", "{name=app-d@8 list=[A@9 B@9] env={A=1@4 B=app@4} len=2@11 cond=many@12 loop=?local.loop@13 bad=?@14 re=a-b@15}"},
		{"references", `
-- main.tf --
resource "aws_role" "r" { name = "r" }
resource "aws_x" "a" {
  role  = aws_role.r.arn
  image = "${aws_repo.x.url}:latest"
  list  = [aws_role.r.id, "b"]
  ids   = aws_subnet.s[*].id
  first = aws_role.list[0].arn
  deep  = aws_c.c.ca[0].data
  data  = data.aws_caller_identity.me.account_id
  cond  = aws_role.r.name == "r" ? "x" : "y"
  keyed = aws_subnet.s[aws_role.r.name].id
  join  = join(":", [aws_repo.x.url, "1"])
}
resource "aws_subnet" "s" { count = 2 }
`, "aws_x.a", "{role=?aws_role.r.arn@3 image=${aws_repo.x.url}:latest@4 list=[?aws_role.r.id@5 b@5] ids=[?aws_subnet.s.id@6] first=?aws_role.list.arn@7 deep=?aws_c.c.ca.data@8 " +
			"data=?data.aws_caller_identity.me.account_id@9 cond=?@10 keyed=?aws_subnet.s.id@11 join=${aws_repo.x.url}:1@12}"},
		{"json in text", `
-- main.tf --
resource "aws_x" "a" {
  container_definitions = jsonencode([{
    name  = "app"
    image = "${aws_repo.r.url}:1"
  }])
  policy = <<-EOT
    {
      "Statement": [
        {"Action": "*", "Cpu": ${aws_x.y.cpu}}
      ]
    }
  EOT
  assume_role_policy = "{\"a\": 1}"
}
`, "aws_x.a", "{container_definitions=[{name=app@3 image=${aws_repo.r.url}:1@4}] policy={Statement=[{Action=*@9 Cpu=?aws_x.y.cpu@9}]} assume_role_policy={a=1@13}}"},
		{"files", `
-- infra/main.tf --
resource "aws_x" "a" {
  container_definitions = file("${path.module}/files/task.json")
  policy                = templatefile("files/p.tftpl", { action = "s3:*", arn = aws_b.b.arn })
  other                 = file("none.txt")
}
-- infra/files/task.json --
[
  {"image": "a"}
]
-- infra/files/p.tftpl --
{"Statement": [
  {"Action": "${action}", "Resource": "${arn}"}
]}
`, "aws_x.a", "{container_definitions=[{image=a@infra/files/task.json:2}] policy={Statement=[{Action=s3:*@infra/files/p.tftpl:2 Resource=?aws_b.b.arn@infra/files/p.tftpl:2}]} other=?@infra/main.tf:4}"},
		{"dynamic", `
-- main.tf --
variable "unknown" { type = list(string) }
resource "aws_x" "a" {
  dynamic "ingress" {
    for_each = { ssh = 22, web = 80 }
    iterator = it
    content {
      port = it.value
      name = it.key
    }
  }
  dynamic "egress" {
    for_each = var.unknown
    content { port = 1 }
  }
}
`, "aws_x.a", "{ingress=[{port=22@7 name=ssh@8} {port=80@7 name=web@8}] egress=[?@11]}"},
		{"policy document", `
-- main.tf --
data "aws_iam_policy_document" "base" {
  statement {
    actions   = ["s3:Get*"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "p" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    effect = "Deny"
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:x"
      values   = ["y"]
    }
  }
}
resource "aws_x" "a" {
  policy = data.aws_iam_policy_document.p.json
}
`, "aws_x.a", "{policy={Version=2012-10-17@7 Statement=[{Effect=Allow@1 Action=[s3:Get*@3] Resource=[*@4]} {Effect=Deny@10 Principal={AWS=[*@13]} Condition={StringEquals={aws:x=[y@18]}}}]}}"},
		{"module", `
-- live/main.tf --
module "app" {
  source = "../modules/app"
  env = {
    A = "1"
  }
  image = "x:1"
  policy = data.aws_iam_policy_document.p.json
}
data "aws_iam_policy_document" "p" {
  statement { actions = ["*"] }
}
resource "aws_x" "outside" {
  role = module.app.role_arn
  name = module.app.name
}
-- modules/app/main.tf --
variable "env" {}
variable "image" {}
variable "policy" {}
resource "aws_x" "a" {
  env = var.env
  image = var.image
  policy = var.policy
  role = aws_role.r.arn
}
resource "aws_role" "r" {}
output "role_arn" { value = aws_role.r.arn }
output "name" { value = "app" }
`, "module.app.aws_x.a", "{env={A=1@live/main.tf:4} image=x:1@modules/app/main.tf:6 policy={Version=2012-10-17@live/main.tf:9 Statement=[{Effect=Allow@live/main.tf:9 Action=[*@live/main.tf:10]}]} role=?module.app.aws_role.r.arn@modules/app/main.tf:8}"},
		{"json syntax", `
-- main.tf.json --
{
  "variable": {"v": {"default": "x"}},
  "resource": {
    "aws_x": {
      "a": {
        "name": "${var.v}-1",
        "nested": {"k": true},
        "policy": "{\"a\": 1}"
      }
    }
  }
}
`, "aws_x.a", "{name=x-1@6 nested={k=true@7} policy={a=1@8}}"},
		{"plan", `
-- plan.json --
{"format_version": "1.2",
 "planned_values": {"root_module": {"resources": [
  {"address": "aws_x.a[0]", "mode": "managed", "type": "aws_x", "name": "a", "values": {
    "policy": "{\"a\": 1}", "b": true}}]}},
 "configuration": {"root_module": {"resources": [
  {"address": "aws_x.a", "expressions": {"role": {"references": ["aws_role.r.arn", "aws_role.r"]}, "b": {"constant_value": true}}}]}}}
`, "aws_x.a", "{policy={a=1@4} b=true@4 role=?aws_role.r.arn@3}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, s := range read(t, tt.archive) {
				for _, m := range s.Mistakes {
					t.Errorf("%+v", m)
				}
				for _, r := range s.Resources {
					if r.Address == tt.address {
						if got := show(r.Body); got != tt.want {
							t.Errorf("\n got %s\nwant %s", got, tt.want)
						}
						return
					}
				}
			}
			t.Error("the resource is not there")
		})
	}
}

// titles are the resources of all stacks, in order.
func titles(stacks []*cloud.Stack) string {
	var out []string
	for _, s := range stacks {
		for _, r := range s.Resources {
			out = append(out, fmt.Sprintf("%s:%d", r.Title, r.Line))
		}
	}
	return strings.Join(out, " ")
}

func TestInstances(t *testing.T) {
	got := read(t, `
-- main.tf --
variable "on" { default = false }
variable "n" { type = number }
resource "aws_x" "never" { count = var.on ? 1 : 0 }
resource "aws_x" "two" { count = 2 }
resource "aws_x" "unknown" { count = var.n }
resource "aws_x" "each" { for_each = toset(["a", "b"]) }
resource "other_x" "a" {}
module "m" {
  for_each = { x = 1 }
  source   = "./m"
  name     = each.key
}
module "remote" { source = "terraform-aws-modules/vpc/aws" }
-- m/main.tf --
variable "name" {}
resource "aws_x" "in" {
  name = var.name
}
module "again" { source = "../m" }
`)
	want := `aws_x.two[0]:4 aws_x.two[1]:4 aws_x.unknown:5 aws_x.each["a"]:6 aws_x.each["b"]:6 module.m["x"].aws_x.in:2`
	if got := titles(got); !strings.HasPrefix(got, want+" module.m[\"x\"].module.again.aws_x.in") || strings.Contains(got, "never") {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	text := fmt.Sprint(got[0].Problems)
	if !strings.Contains(text, "terraform-aws-modules/vpc/aws") || !strings.Contains(text, "nested more than") {
		t.Error(text)
	}
}

func TestMistakes(t *testing.T) {
	got := read(t, "-- main.tf --\nresource \"aws_x\" \"a\" {\n  b = \n}\nresource \"aws_x\" \"b\" {}\n-- j.tf.json --\n{\n\"a\":,}\n-- ok.tf --\nresource \"aws_x\" \"c\" {}\n")
	if len(got) != 1 || len(got[0].Mistakes) != 2 || got[0].Mistakes[0].Line != 2 || !strings.Contains(titles(got), "aws_x.c") {
		t.Errorf("%+v %s", got[0].Mistakes, titles(got))
	}
}

// What multiplies or nests without end is given up in time.
func TestBombs(t *testing.T) {
	double := "locals {\n  a0 = \"xxxxxxxxxxxxxxxx\"\n  l0 = [1, 2, 3, 4, 5, 6, 7, 8]\n"
	for i := 1; i < 60; i++ {
		double += fmt.Sprintf("  a%d = \"${local.a%d}${local.a%d}\"\n  l%d = [local.l%d, local.l%d]\n", i, i-1, i-1, i, i-1, i-1)
	}
	double += "}\nresource \"aws_x\" \"a\" {\n  s = local.a59\n  l = local.l59\n  j = jsonencode(local.l59)\n}\n"
	for name, text := range map[string]string{
		"doubling":  double,
		"brackets":  "a = " + strings.Repeat("(", 1<<20),
		"lists":     "a = " + strings.Repeat("[", 1<<18),
		"templates": "a = " + strings.Repeat("\"${", 1<<18),
		"minus":     "a = " + strings.Repeat("-", 1<<17) + "1",
		"not":       "a = " + strings.Repeat("!", 1<<17) + "1",
		"sum":       "a = 1" + strings.Repeat("+1", 1<<17),
		"ternary":   "a = 1" + strings.Repeat("?1:1", 1<<16),
		"blocks":    strings.Repeat("a {\n", 1<<16),
		"loops":     "resource \"aws_x\" \"a\" {\n a = [for a in range(1000): [for b in range(1000): [for c in range(1000): c]]]\n}",
		"index":     "a = b" + strings.Repeat("[c]", 1<<18),
		"splat":     "a = b" + strings.Repeat("[*]", 1<<18),
		"calls":     "a = " + strings.Repeat("f(", 1<<18),
		"ladder":    "resource \"aws_x\" \"a\" {\n count = 1000000000\n}",
	} {
		t.Run(name, func(t *testing.T) {
			got := read(t, "-- main.tf --\n"+text+"\n")
			if len(got) != 1 {
				t.Fatal(len(got))
			}
			if len(got[0].Mistakes)+len(got[0].Problems)+len(got[0].Resources) == 0 {
				t.Error("nothing is said")
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("variable \"a\" { default = [1] }\nlocals { b = { for k, v in var.a : k => v } }\nresource \"aws_x\" \"a\" {\n for_each = local.b\n c = \"${each.key}-${aws_y.z.id}\"\n dynamic \"d\" {\n  for_each = var.a\n  content { e = d.value }\n }\n policy = jsonencode({a = aws_x.b[0].c})\n}\n"), uint8(0))
	f.Add([]byte(`{"resource": {"aws_x": {"a": {"b": "${var.c}"}}}}`), uint8(1))
	f.Add([]byte(`{"format_version": "1", "planned_values": {"root_module": {"resources": [{"type": "aws_x", "address": "aws_x.a[\"b\"]", "values": {}}]}}}`), uint8(2))
	f.Add([]byte("module \"m\" {\n source = \"./\"\n a = module.m.b\n}\ndata \"aws_iam_policy_document\" \"d\" {\n source_policy_documents = [data.aws_iam_policy_document.d.json]\n}\nresource \"aws_x\" \"a\" {\n policy = data.aws_iam_policy_document.d.json\n}\n"), uint8(0))
	f.Fuzz(func(t *testing.T, text []byte, kind uint8) {
		name := [...]string{"main.tf", "main.tf.json", "plan.json"}[kind%3]
		stacks, err := Read(t.Context(), inventory(t, map[string][]byte{name: text}))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range stacks {
			for _, r := range s.Resources {
				if r.Body == nil || r.Body.Kind != document.Map || len(r.Body.Keys) != len(r.Body.Items) {
					t.Fatal("a resource without a body")
				}
			}
		}
	})
}
