// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
)

// documents are the policies of identities that an item writes.
func documents(r *cloud.Resource) (out []*document.Node) {
	switch r.Type {
	case "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy":
		out = append(out, r.Body.Get("policy"))
	case "aws_iam_role", "aws_iam_user", "aws_iam_group":
		for _, b := range cloud.Blocks(r.Body, "inline_policy") {
			out = append(out, b.Get("policy"))
		}
	}
	return out
}

// statements of a policy (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
func statements(policy *document.Node) []*document.Node { return cloud.Blocks(policy, "Statement") }

// texts are the items of an element that is a text or a list of texts.
func texts(n *document.Node) []*document.Node {
	if n == nil {
		return nil
	}
	if n.Kind == document.List {
		return n.Items
	}
	return []*document.Node{n}
}

func allows(s *document.Node) bool { return strings.EqualFold(s.Get("Effect").Str(), "Allow") }

// conditional says whether a statement has a condition.
func conditional(s *document.Node) bool {
	c := s.Get("Condition")
	return c != nil && (c.Kind != document.Map || len(c.Items) > 0)
}

// everything finds the resource "*" of a statement; nil when it names some.
func everything(s *document.Node) *document.Node {
	for _, n := range texts(s.Get("Resource")) {
		if n.Str() == "*" {
			return n
		}
	}
	return nil
}

// action finds an action of a statement that covers the one named.
func action(s *document.Node, name string) *document.Node {
	for _, n := range texts(s.Get("Action")) {
		if covers(n.Str(), name) {
			return n
		}
	}
	return nil
}

// covers says whether a pattern of actions covers the one named: "iam:Pass*".
func covers(pattern, name string) bool {
	if pattern == "" || !cloud.Whole(pattern) || strings.ContainsAny(pattern, "[\\") {
		return false
	}
	if pattern == "*" {
		return true
	}
	ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(name))
	return ok && err == nil
}

// administrators are policies of AWS that give everything, or the means to it.
var administrators = []string{"AdministratorAccess", "IAMFullAccess", "PowerUserAccess", "AdministratorAccess-Amplify", "AWSAccountManagementFullAccess"}

// managed is the name of a policy of AWS's; empty for another.
func managed(arn string) string {
	_, name, ok := strings.Cut(arn, ":iam::aws:policy/")
	if !ok || !cloud.Whole(name) {
		return ""
	}
	return name[strings.LastIndexByte(name, '/')+1:]
}

// grants is what a role may do.
type grants struct {
	// policies with the resources that write them.
	policies []granted
	// managed policies of AWS, by the nodes that name them.
	managed []granted
}

type granted struct {
	by   *cloud.Resource
	node *document.Node
}

// grantsOf collects the policies of a role, wherever they are attached.
func (w *World) grantsOf(role *cloud.Resource) grants {
	var g grants
	add := func(r *cloud.Resource) {
		for _, d := range documents(r) {
			if d != nil {
				g.policies = append(g.policies, granted{r, d})
			}
		}
	}
	attach := func(by *cloud.Resource, n *document.Node) {
		if p := w.resolve(n); p != nil {
			add(p)
		} else if managed(n.Str()) != "" {
			g.managed = append(g.managed, granted{by, n})
		}
	}
	add(role)
	for _, n := range role.Body.Get("managed_policy_arns").List() {
		attach(role, n)
	}
	for _, it := range w.byType["aws_iam_role_policy"] {
		if w.names(it.Body, role) {
			add(it.Resource)
		}
	}
	for _, it := range w.byType["aws_iam_policy"] {
		if w.names(it.Body, role) {
			add(it.Resource)
		}
	}
	for _, kind := range [...]string{"aws_iam_role_policy_attachment", "aws_iam_policy_attachment"} {
		for _, it := range w.byType[kind] {
			if w.names(it.Body, role) {
				attach(it.Resource, it.Body.Get("policy_arn"))
			}
		}
	}
	for _, it := range w.byType["aws_iam_role_policy_attachments_exclusive"] {
		if w.names(it.Body, role) {
			for _, n := range it.Body.Get("policy_arns").List() {
				attach(it.Resource, n)
			}
		}
	}
	return g
}

// names says whether the arguments role, role_name and roles name the role.
func (w *World) names(body *document.Node, role *cloud.Resource) bool {
	is := func(n *document.Node) bool {
		if n == nil {
			return false
		}
		if n.Kind == document.Unknown {
			return w.resolve(n) == role
		}
		name := role.Body.Get("name").Str()
		return name != "" && n.Str() == name
	}
	return is(body.Get("role")) || is(body.Get("role_name")) || slices.ContainsFunc(body.Get("roles").List(), is)
}

// item wraps a resource for hits in it.
func (w *World) item(r *cloud.Resource) *Item { return &Item{Resource: r, World: w} }
