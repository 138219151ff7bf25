// SPDX-License-Identifier: Apache-2.0

package cloudformation

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// show writes a tree with the lines of its scalars.
func show(n *document.Node) string {
	if n == nil {
		return "absent"
	}
	switch n.Kind {
	case document.Unknown:
		return fmt.Sprintf("?%s@%d", n.Text, n.Line)
	case document.Null:
		return "null"
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
	return fmt.Sprintf("%s@%d", cloud.Show(n.Text), n.Line)
}

const head = `AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Name: {Type: String, Default: app}
  Given: {Type: String}
  List: {Type: CommaDelimitedList, Default: "a, b"}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /a/b}
  One: {Type: String, Default: x, AllowedValues: [x]}
Mappings:
  M: {k: {v: mapped}}
Conditions:
  Yes: !Equals [a, a]
  No: !Not [!Condition Yes]
  Chosen: !Equals [!Ref Name, app]
  Fixed: !Equals [!Ref One, x]
  Both: !And [!Condition Yes, !Condition Chosen]
  Either: !Or [!Condition No, !Condition Yes]
  Loop: !Not [!Condition Loop]
Resources:
  R:
    Type: AWS::X::Y
    Properties:
      P: `

func TestFunctions(t *testing.T) {
	for value, want := range map[string]string{
		"plain":                                  "plain@22",
		"!Ref Name":                              "app@22",
		"!Ref Given":                             "?Given@22",
		"!Ref List":                              "[a@22 b@22]",
		"!Ref Stored":                            "?Stored@22",
		"!Ref AWS::Region":                       "?AWS::Region@22",
		"!Ref Other":                             "?Other@22",
		"!Ref AWS::NoValue":                      "absent",
		"{Ref: Name}":                            "app@22",
		"!GetAtt A.Arn":                          "?A.Arn@22",
		"{'Fn::GetAtt': [A, Arn]}":               "?A.Arn@22",
		`!Sub "${Name}-${Given}-${!x}"`:          "app-${Given}-${x}@22",
		`!Sub ["${a}:${Name}", {a: !Ref Given}]`: "${Given}:app@22",
		`!Sub "${Given}"`:                        "?Given@22",
		`!Join [":", [a, !Ref Given, b]]`:        "a:${Given}:b@22",
		`!Join [",", !Ref List]`:                 "a,b@22",
		"!If [Yes, a, b]":                        "a@22",
		"!If [No, a, b]":                         "b@22",
		"!If [Chosen, a, b]":                     "?@22",
		"!If [Fixed, a, b]":                      "a@22",
		"!If [Both, a, b]":                       "?@22",
		"!If [Either, a, b]":                     "a@22",
		"!If [Loop, a, b]":                       "?@22",
		"!If [None, a, b]":                       "?@22",
		"!If [No, a, !Ref AWS::NoValue]":         "absent",
		"!FindInMap [M, k, v]":                   "mapped@22",
		"!FindInMap [M, !Ref Given, v]":          "?@22",
		"!FindInMap [M, k, none]":                "?@22",
		`!Select [1, [a, b]]`:                    "b@22",
		`!Select [5, [a, b]]`:                    "?@22",
		`!Select [0, !Split ["/", "x/y"]]`:       "x@22",
		`!Split ["/", !Ref Given]`:               "?@22",
		"!Base64 text":                           "text@22",
		"!ImportValue vpc":                       "?ImportValue vpc@22",
		"!Unheard [a]":                           "?@22",
		"[a, !If [No, b, !Ref AWS::NoValue]]":    "[a@22]",
		"{InnerKey: {DeepKey: 1}}":               "{inner_key={deep_key=1@22}}",
		"{Options: {AsItIs: 1}}":                 "{options={AsItIs=1@22}}",
		"{Condition: x}":                         "{condition=x@22}",
	} {
		s := Parse("t.yaml", []byte(head+value+"\n"))
		if s == nil || len(s.Mistakes) > 0 || len(s.Resources) != 1 {
			t.Errorf("%s: %+v", value, s)
			continue
		}
		if got := show(s.Resources[0].Body.Get("p")); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}

func TestTemplates(t *testing.T) {
	for name, tt := range map[string]struct {
		text, want string
	}{
		"no template":  {"a: 1\n", "none"},
		"a resource":   {"Resources: {A: {Type: 'AWS::S3::Bucket'}}\n", "AWS::S3::Bucket:A"},
		"json":         {`{"Resources": {"A": {"Type": "AWS::ECS::Cluster", "Properties": {}}}}`, "aws_ecs_cluster:A"},
		"a loop":       {"Resources: {A: {Type: 'AWS::S3::Bucket'}, 'Fn::ForEach::B': [x, [a], {}]}\n", "AWS::S3::Bucket:A problem"},
		"a transform":  {"Transform: Mine\nResources: {A: {Type: 'AWS::S3::Bucket'}}\n", "AWS::S3::Bucket:A problem"},
		"sam":          {"Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: 'AWS::Serverless::Function'}}\n", "aws_lambda_function:A"},
		"broken":       {"AWSTemplateFormatVersion: x\nResources: {", "mistake"},
		"filled in":    {"AWSTemplateFormatVersion: x\nResources:\n  {{ name }}: [\n", "problem"},
		"not one":      {"Resources: [AWS::X", "problem"},
		"made by a fn": {"Resources: {A: {Type: 'AWS::S3::Bucket', Properties: !If [x, {}, {}]}}\n", "problem"},
	} {
		var got []string
		s := Parse("t.yaml", []byte(tt.text))
		if s == nil {
			got = append(got, "none")
		} else {
			for _, r := range s.Resources {
				got = append(got, r.Type+":"+r.Address)
			}
			for range s.Mistakes {
				got = append(got, "mistake")
			}
			for range s.Problems {
				got = append(got, "problem")
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// Functions that double a value again and again end.
func TestBomb(t *testing.T) {
	text := "AWSTemplateFormatVersion: x\nMappings: {M: {k: {v0: xxxxxxxxxxxxxxxx}}}\nResources:\n  A:\n    Type: AWS::X::Y\n    Properties:\n      P: "
	value := "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	for range 12 {
		value = `!Join ["", [` + value + "," + value + "]]"
	}
	s := Parse("t.yaml", []byte(text+value+"\n"))
	if s == nil || len(s.Resources) != 1 {
		t.Fatalf("%+v", s)
	}
	deep := strings.Repeat(`{"Fn::Base64": `, 150) + "1" + strings.Repeat("}", 150)
	s = Parse("t.json", []byte(`{"Resources": {"A": {"Type": "AWS::X::Y", "Properties": {"P": `+deep+`}}}}`))
	if len(s.Resources) != 1 || len(s.Problems) != 1 || s.Resources[0].Body.Get("p").Kind != document.Unknown {
		t.Errorf("%+v", s)
	}
}

func TestExtract(t *testing.T) {
	for name, tt := range map[string]struct {
		path, text string
		want       int
	}{
		"template":   {"a/template.yaml", "AWSTemplateFormatVersion: x\nResources: {}", 1},
		"cdk":        {"cdk.out/S.template.json", `{"Resources": {"A": {"Type": "AWS::X::Y"}}}`, 1},
		"kubernetes": {"pod.yaml", "kind: Pod\nResources: {}\n", 0},
		"package":    {"package.json", `{"Resources": {"A": {"Type": "AWS::X::Y"}}}`, 0},
		"text":       {"a.txt", "AWSTemplateFormatVersion Resources", 0},
	} {
		e := extractor{}
		got := 0
		if e.Wants(&sekisho.File{Path: tt.path}) {
			inv, err := e.Extract(t.Context(), &sekisho.Input{Path: tt.path, Content: bytes.NewReader([]byte(tt.text)), Size: int64(len(tt.text))})
			if err != nil {
				t.Fatal(err)
			}
			got = len(inv.Resources)
		}
		if got != tt.want {
			t.Errorf("%s: %d", name, got)
		}
	}
	big := append([]byte("AWSTemplateFormatVersion: x\nResources:\n"), bytes.Repeat([]byte("# \n"), fileBytes/2)...)
	inv, err := extractor{}.Extract(t.Context(), &sekisho.Input{Path: "t.yaml", Content: bytes.NewReader(big), Size: int64(len(big))})
	if err != nil || len(inv.Problems) != 1 || inv.Problems[0].Bound != "file-bytes" {
		t.Errorf("%+v %v", inv, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(head + "!Sub [\"${a}${Name}\", {a: !Join [\",\", [!Ref List, !GetAtt [A, B]]]}]\n"))
	f.Add([]byte(`{"Resources": {"A": {"Type": "AWS::ECS::TaskDefinition", "Condition": "C", "Properties": {"Volumes": [{"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}], "ContainerDefinitions": {"Fn::Select": [1, {"Fn::Split": ["", "a"]}]}}}}}`))
	f.Add([]byte("Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {A: 1}}\nResources: {A: {Type: AWS::Serverless::Function, Properties: [1]}, B: {Type: 'AWS::EKS::Cluster', Properties: {Logging: {ClusterLogging: {EnabledTypes: x}}}}}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s := Parse("t.yaml", text)
		if s == nil {
			return
		}
		for _, r := range s.Resources {
			if r.Body == nil || r.Body.Kind != document.Map || len(r.Body.Keys) != len(r.Body.Items) {
				t.Fatal("a resource without a body")
			}
		}
	})
}
