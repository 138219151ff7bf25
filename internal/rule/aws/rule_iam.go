// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// eachStatement calls judge for each statement of the policies that an item
// writes for identities, and that allows something.
func eachStatement(judge func(it *Item, s *document.Node, found func(check.Hit))) func(*Item, func(check.Hit)) {
	return func(it *Item, found func(check.Hit)) {
		if !strings.HasPrefix(it.Type, "aws_iam_") {
			return
		}
		for _, d := range documents(it.Resource) {
			for _, s := range statements(d) {
				if allows(s) {
					judge(it, s, found)
				}
			}
		}
	}
}

// within says that a hit lies in another resource than the one that is judged.
func (it *Item) within(r *cloud.Resource, h check.Hit) check.Hit {
	if r != it.Resource {
		h.Resource = r.Title
		if h.Path == "" && r.Path != it.Path {
			h.Path = r.Path
		}
	}
	return h
}

var _ = add(sekisho.Rule{
	ID: "iam-wildcard", Aliases: ids("CKV_AWS_62 CKV_AWS_63 CKV_AWS_1 IAM.1"), Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.3.1 cwe-250 cwe-732"),
	Because:    w("It gives the whole account.", "アカウント全体の権限を与えるため。"),
	Title:      w("A policy allows every action", "ポリシーがすべてのアクションを許可"),
	Why:        w("Whoever takes over the task or the key that has the policy owns the account.", "このポリシーを持つタスクや鍵を奪った者がアカウントを支配します。"),
	Fix:        w("Name the actions that the program calls and the resources that it needs.", "プログラムが呼び出すアクションと必要なリソースを列挙してください。"),
}, eachStatement(func(it *Item, s *document.Node, found func(check.Hit)) {
	for _, n := range texts(s.Get("Action")) {
		if a := n.Str(); a == "*" || a == "*:*" {
			h := it.at(n, `Action: "`+a+`"`)
			if everything(s) == nil && s.Get("Resource") != nil {
				h.Severity = sekisho.SeverityMedium
			}
			found(h)
		}
	}
}))

// dataServices are those where all actions on all resources are all data.
var dataServices = ids("s3 dynamodb rds secretsmanager ssm kms ecr ecs eks ec2 lambda sqs sns logs iam sts organizations cloudformation elasticfilesystem")

var _ = add(sekisho.Rule{
	ID: "iam-service-wildcard", Aliases: ids("CKV_AWS_111 CKV_AWS_107 CKV_AWS_108 CKV_AWS_109 CKV_AWS_288 CKV_AWS_289 CKV_AWS_290 CKV_AWS_355 CKV_AWS_356 AWS-0057 AWS-0345 IAM.21 aws-iam-no-policy-wildcards"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.3.1 cwe-250 cwe-732"),
	Because:    w("It gives one service of the account; for iam, sts and secrets it is high.", "一つのサービス全体の権限を与えるため。iam、sts、secretsmanager では高とします。"),
	Title:      w("A policy allows {0} on every resource", "ポリシーが全リソースへの {0} を許可"),
	Why:        w("An intruder in one task reads and deletes what belongs to all others.", "一つのタスクの侵入者が、他のすべてのものを読み、削除できます。"),
	Fix:        w("Name the actions, and the ARNs of the resources that this program uses.", "アクションと、このプログラムが使うリソースの ARN を列挙してください。"),
}, eachStatement(func(it *Item, s *document.Node, found func(check.Hit)) {
	if everything(s) == nil || conditional(s) {
		return
	}
	for _, n := range texts(s.Get("Action")) {
		service, rest, ok := strings.Cut(strings.ToLower(n.Str()), ":")
		if !ok || rest != "*" || !slices.Contains(dataServices, service) {
			continue
		}
		h := it.at(n, `Action: "`+n.Str()+`"`, n.Str())
		if service == "iam" || service == "sts" || service == "secretsmanager" || service == "organizations" {
			h.Severity = sekisho.SeverityHigh
		}
		found(h)
	}
}))

var _ = add(sekisho.Rule{
	ID: "iam-pass-role", Aliases: ids("AWS-0342"), Severity: sekisho.SeverityHigh,
	References: ids("cwe-250 cwe-269"),
	Because:    w("It is one step from any role of the account.", "アカウントの任意のロールまであと一歩であるため。"),
	Title:      w("A policy lets any role be passed (iam:PassRole on *)", "ポリシーが任意のロールの受け渡し (iam:PassRole) を許可"),
	Why:        w("Whoever may also start a task, a function or an instance starts it with the strongest role there is.", "タスク、関数、インスタンスを起動できる者が、最も強いロールでそれを起動できます。"),
	Fix:        w("Name the roles as resources and the service in the condition iam:PassedToService.", "リソースにロールを列挙し、条件 iam:PassedToService でサービスを限定してください。"),
}, eachStatement(func(it *Item, s *document.Node, found func(check.Hit)) {
	if n := action(s, "iam:PassRole"); n != nil && n.Str() != "*" && !strings.EqualFold(n.Str(), "iam:*") && everything(s) != nil {
		h := it.at(n, `Action: "`+n.Str()+`"`)
		if conditional(s) {
			h.Severity = sekisho.SeverityLow
		}
		found(h)
	}
}))

// escalations are actions that make whoever has them an administrator.
var escalations = ids("iam:CreatePolicyVersion iam:SetDefaultPolicyVersion iam:CreateAccessKey iam:CreateLoginProfile iam:UpdateLoginProfile iam:AttachUserPolicy iam:AttachGroupPolicy iam:AttachRolePolicy iam:PutUserPolicy iam:PutGroupPolicy iam:PutRolePolicy iam:AddUserToGroup iam:UpdateAssumeRolePolicy")

var _ = add(sekisho.Rule{
	ID: "iam-escalation", Aliases: ids("CKV_AWS_110 CKV_AWS_286"), Severity: sekisho.SeverityHigh,
	References: ids("cwe-269"),
	Because:    w("One call makes an administrator.", "一度の呼び出しで管理者になれるため。"),
	Title:      w("A policy allows {0} on everything, a way to become administrator", "ポリシーが全対象への {0} を許可 (管理者への昇格が可能)"),
	Why:        w("The holder gives itself, or a role that it can use, every right of the account.", "保有者が、自身や使えるロールにアカウントの全権限を与えられます。"),
	Fix:        w("Remove the action, or name the resources and require a permissions boundary.", "アクションを削除するか、リソースを限定して permissions boundary を必須にしてください。"),
}, eachStatement(func(it *Item, s *document.Node, found func(check.Hit)) {
	if everything(s) == nil || conditional(s) {
		return
	}
	for _, name := range escalations {
		if n := action(s, name); n != nil && n.Str() != "*" && !strings.EqualFold(n.Str(), "iam:*") {
			found(it.at(n, `Action: "`+n.Str()+`"`, n.Str()))
			return
		}
	}
}))

// principals calls visit with each principal of a statement: its type and text.
func principals(s *document.Node, visit func(kind string, n *document.Node)) {
	p := s.Get("Principal")
	if p == nil {
		return
	}
	if p.Kind == document.String {
		visit("AWS", p)
	}
	for kind, v := range p.Members() {
		for _, n := range texts(v) {
			visit(kind, n)
		}
	}
}

var _ = add(sekisho.Rule{
	ID: "trust-everyone", Aliases: ids("CKV_AWS_60 CKV_AWS_61"), Severity: sekisho.SeverityCritical,
	References: ids("cwe-284 cwe-732"),
	Because:    w("Any account of AWS in the world can take the role.", "世界中のどの AWS アカウントもロールを引き受けられるため。"),
	Title:      w("The role may be assumed by everyone", "ロールを誰でも引き受け可能"),
	Why:        w("An attacker with an account of their own assumes the role and has its rights.", "攻撃者は自分のアカウントからロールを引き受け、その権限を得られます。"),
	Fix:        w("Name the service (ecs-tasks.amazonaws.com) or the accounts and roles as principals.", "サービス (ecs-tasks.amazonaws.com) またはアカウントやロールをプリンシパルに指定してください。"),
}, each("aws_iam_role", func(it *Item, found func(check.Hit)) {
	for _, s := range statements(it.Body.Get("assume_role_policy")) {
		principals(s, func(kind string, n *document.Node) {
			if allows(s) && kind == "AWS" && n.Str() == "*" && !conditional(s) {
				found(it.at(n, `Principal: "*"`))
			}
		})
	}
}))

var _ = add(sekisho.Rule{
	ID: "oidc-trust-open", Aliases: ids("CKV_AWS_358"), Severity: sekisho.SeverityHigh,
	References: ids("cwe-284 cwe-863"),
	Because:    w("Every pipeline or pod of the provider can take the role.", "プロバイダーのどのパイプラインや Pod もロールを引き受けられるため。"),
	Title:      w("The role trusts every identity of an OpenID Connect provider", "ロールが OIDC プロバイダーの全 ID を信頼"),
	Why:        w("A workflow of any repository, or any service account of the cluster, asks for a token and gets the role.", "どのリポジトリのワークフローでも、クラスターのどの ServiceAccount でも、トークンを使ってロールを得られます。"),
	Fix:        w("Add a condition on the provider's :sub with the repository and branch, or the namespace and service account.", "プロバイダーの :sub に対する条件で、リポジトリとブランチ、または Namespace と ServiceAccount を限定してください。"),
}, each("aws_iam_role", func(it *Item, found func(check.Hit)) {
	for _, s := range statements(it.Body.Get("assume_role_policy")) {
		if !allows(s) || action(s, "sts:AssumeRoleWithWebIdentity") == nil {
			continue
		}
		subject := false
		for _, c := range s.Get("Condition").Members() {
			for key, v := range c.Members() {
				star := slices.ContainsFunc(texts(v), func(n *document.Node) bool { return n.Str() == "*" })
				subject = subject || (strings.HasSuffix(key, ":sub") || strings.HasSuffix(cloud.Show(key), "}") || strings.HasSuffix(key, ":job_workflow_ref")) && !star
			}
		}
		if c := s.Get("Condition"); !subject && (c == nil || c.Kind == document.Map) {
			found(it.lack(s))
		}
	}
}))

var _ = add(sekisho.Rule{
	ID: "task-role-admin", Aliases: ids("CKV_AWS_274"), Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.3.1 cwe-250"),
	Because:    w("A flaw of one program is then the whole account.", "一つのプログラムの欠陥がアカウント全体に及ぶため。"),
	Title:      w("The role of the task is an administrator ({0})", "タスクのロールが管理者権限 ({0}) を保有"),
	Why:        w("Code that an attacker gets to run in the task asks for the role's credentials at a fixed address, and then owns the account.", "タスク内でコードを実行できた攻撃者は、固定アドレスからロールの認証情報を取得し、アカウントを支配できます。"),
	Fix:        w("Attach a policy with the actions and resources that the program uses.", "プログラムが使うアクションとリソースだけを許可したポリシーを付けてください。"),
}, eachTask(func(t *Task, found func(check.Hit)) {
	for _, key := range [...]string{t.TaskRole, t.ExecutionRole} {
		role := t.World.resolve(t.role(key))
		if role == nil || role.Type != "aws_iam_role" {
			continue
		}
		for _, g := range t.World.grantsOf(role).managed {
			if name := managed(g.node.Str()); slices.Contains(administrators, name) {
				h := t.World.item(g.by).at(g.node, name, name)
				found(t.within(g.by, h))
			}
		}
	}
}))

// secretActions read secrets.
var secretActions = ids("secretsmanager:GetSecretValue ssm:GetParameters ssm:GetParameter kms:Decrypt")

var _ = add(sekisho.Rule{
	ID: "execution-role-broad", Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.3.1 cwe-732"),
	Because:    w("The agent has the role, the program only if the two roles are one.", "ロールを使うのはエージェントで、プログラムは両ロールが同一の場合のみ使えるため。"),
	Title:      w("The execution role may use {0} on everything", "実行ロールが全対象への {0} を許可"),
	Why:        w("Whoever may register a task definition with the role names any secret of the account in it and reads it.", "このロールでタスク定義を登録できる者が、アカウントの任意のシークレットを指定して読み取れます。"),
	Fix:        w("Name the ARNs of the secrets, parameters and keys that the definition uses.", "定義で使うシークレット、パラメータ、鍵の ARN を列挙してください。"),
}, eachTask(func(t *Task, found func(check.Hit)) {
	role := t.World.resolve(t.role(t.ExecutionRole))
	if role == nil || role.Type != "aws_iam_role" {
		return
	}
	for _, g := range t.World.grantsOf(role).policies {
		for _, s := range statements(g.node) {
			if !allows(s) || everything(s) == nil || conditional(s) {
				continue
			}
			for _, name := range secretActions {
				if n := action(s, name); n != nil {
					found(t.within(g.by, t.World.item(g.by).at(n, `Action: "`+n.Str()+`"`, n.Str())))
					break
				}
			}
		}
	}
}))
