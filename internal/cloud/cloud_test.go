// SPDX-License-Identifier: Apache-2.0

package cloud

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/document"
)

func TestReferences(t *testing.T) {
	ref := Reference("aws_x.y.arn")
	for _, tt := range []struct{ text, kind, shown, refs string }{
		{"plain", "text", "plain", ""},
		{ref, "unknown", "${aws_x.y.arn}", "aws_x.y.arn"},
		{ref + ":latest", "text", "${aws_x.y.arn}:latest", "aws_x.y.arn"},
		{ref + ref, "text", "${aws_x.y.arn}${aws_x.y.arn}", "aws_x.y.arn aws_x.y.arn"},
		{openMark + "cut", "text", "${cut", ""},
		{"", "text", "", ""},
	} {
		n := Text(tt.text)
		kind := "text"
		if n.Kind == document.Unknown {
			kind = "unknown"
		}
		if kind != tt.kind || Show(tt.text) != tt.shown || strings.Join(References(tt.text), " ") != tt.refs {
			t.Errorf("%q: %s %q %q", tt.text, kind, Show(tt.text), References(tt.text))
		}
		if Whole(tt.text) != !strings.Contains(tt.text, openMark) {
			t.Errorf("%q: whole", tt.text)
		}
	}
	if Target(Text(ref)) != "aws_x.y.arn" || Target(Text("aws_x.y.arn")) != "" || Target(nil) != "" {
		t.Error("targets")
	}
	if Reference("a"+closeMark+"b") != Reference("ab") {
		t.Error("a name with marks in it")
	}
}

func TestFind(t *testing.T) {
	a, b := &Resource{Address: "aws_x.y"}, &Resource{Address: "module.m.aws_x.y"}
	s := &Stack{Resources: []*Resource{a, b, {Address: "aws_x.y"}}}
	for ref, want := range map[string]*Resource{"aws_x.y": a, "aws_x.y.arn": a, "aws_x.y.a.b.c": a, "module.m.aws_x.y.id": b, "aws_x": nil, "aws_x.z.arn": nil, "": nil, ".": nil} {
		if s.Find(ref) != want {
			t.Errorf("%q", ref)
		}
	}
}

func TestBlocks(t *testing.T) {
	docs, err := document.YAML([]byte("one: {a: {b: 1}}\nmany: [{a: [{b: 1}, {b: 2}]}, {a: {b: 3}}]\ntext: x\n"))
	if err != nil {
		t.Fatal(err)
	}
	n := docs[0]
	for path, want := range map[string]int{"one a": 1, "many a": 3, "text a": 0, "none": 0, "many": 2} {
		if got := len(Blocks(n, strings.Fields(path)...)); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if Block(n, "many", "a").Get("b").Str() != "1" || Block(n, "none", "a") != nil {
		t.Error("the first block")
	}
	u := &document.Node{Kind: document.Map, Keys: []*document.Node{{Text: "a"}, {Text: "b"}}, Items: []*document.Node{{Kind: document.Unknown}, {Kind: document.List, Items: []*document.Node{{Kind: document.Unknown}}}}}
	if !Doubtful(u, "a") || !Doubtful(u, "a", "c") || !Doubtful(u, "b") || Doubtful(u, "c") || Doubtful(n, "one", "a") {
		t.Error("doubt")
	}
}

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{
		"EFSVolumeConfiguration": "efs_volume_configuration", "ContainerDefinitions": "container_definitions", "taskRoleArn": "task_role_arn", "IAM": "iam", "KmsKeyId": "kms_key_id",
		"CidrIpv6": "cidr_ipv6", "EnableECSManagedTags": "enable_ecs_managed_tags", "": "", "a_b": "a_b", "Ec2SshKey": "ec2_ssh_key", "HTTPEndpoint": "http_endpoint",
	} {
		if got := Snake(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
