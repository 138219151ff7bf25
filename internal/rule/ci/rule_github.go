// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var (
	// foreign finds what whoever opens an issue or a pull request chooses
	// (https://securitylab.github.com/resources/github-actions-untrusted-input/).
	foreign = pattern.New(`github\.(?:head_ref\b|event\.(?:issue\.(?:title|body)|pull_request\.(?:title|body|head\.(?:ref|label|repo\.(?:default_branch|description|homepage)))|(?:comment|review|review_comment|discussion_comment)\.body|discussion\.(?:title|body)|pages\b.*page_name|commits\b.*\.(?:message|author|committer)|head_commit\.(?:message|author|committer)|workflow_run\.(?:head_branch|display_title|head_commit\.(?:message|author|committer)|head_repository\.description)|client_payload\b))`)
	inputs  = pattern.New(`^\s*inputs\.[\w-]+\s*$`)
	// harmlessly are parts of an expression that are true or false, or a number.
	harmlessly = pattern.New(`(?:contains|startsWith|endsWith|hashFiles)\s*\([^()]*\)|[\w.\[\]*'"-]+\s*[!=]=\s*(?:'[^']*'|[\w.]+)`)
	branch     = pattern.New(`<<\s*pipeline\.(?:git\.(?:branch|tag)|trigger_parameters\.[\w.]+)\s*>>`)
)

// scriptInputs are inputs of actions that are programs.
var scriptInputs = []string{"script", "run", "command", "inlineScript", "inline-script", "cmd", "commands"}

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "script-injection", Aliases: ids("CKV_GHA_2 CKV_CIRCLECIPIPELINES_6 template-injection Dangerous-Workflow injection CICD-SEC-4"), Severity: sekisho.SeverityHigh, Stages: build(),
		Because:    w("Anybody who can open an issue or a pull request runs commands in the build. Rated lower where the event gives no secrets, or where the text comes from whoever uses the action.", "Issue やプルリクエストを作れる誰もがビルド内でコマンドを実行できるため。シークレットが渡らないイベントや、アクション利用者が渡すテキストの場合は下げます。"),
		Title:      w("{0} becomes part of a script", "{0} がスクリプトの一部になる"),
		Why:        w("The expression is put into the text before the shell reads it: a title such as $(curl ...) is a command then.", "式はシェルが読む前にテキストへ埋め込まれます。$(curl ...) のようなタイトルはコマンドとして実行されます。"),
		Fix:        w("Hand it over in a variable: env: TITLE: ${{ ... }}, and write \"$TITLE\" in the script.", "変数で渡してください: env: TITLE: ${{ ... }} とし、スクリプトでは \"$TITLE\" と書きます。"),
		References: ids("cwe-78 cwe-94"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		switch d.System {
		case githubWorkflow, githubAction:
			scripts := d.Scripts
			for _, u := range d.Uses {
				for _, key := range scriptInputs {
					if v := u.With.Get(key); v.Str() != "" {
						scripts = append(scripts, &Script{Node: v, Job: u.Job, Text: v.Text, d: d})
					}
				}
			}
			for _, s := range scripts {
				d.injected(s, found)
			}
		case circleci:
			for _, s := range d.Scripts {
				for _, at := range branch.FindAllStringIndex(s.Text, -1) {
					text := s.Text[at[0]:at[1]]
					h := s.offset(at[0], at[1], text, strings.Trim(text, "<> "))
					h.Severity = sekisho.SeverityMedium
					found(h)
				}
			}
		}
	},
})

func (d *Definition) injected(s *Script, found func(check.Hit)) {
	for _, at := range githubExpression.FindAllStringIndex(s.Text, -1) {
		text := s.Text[at[0]:at[1]]
		inner := harmlessly.ReplaceAllString(text[3:len(text)-2], "true")
		what := foreign.FindString(inner)
		severity := sekisho.SeverityUnknown
		switch {
		case what != "" && len(d.On) == 1 && d.On["pull_request"] != nil:
			// No secrets, and a token that reads.
			severity = sekisho.SeverityMedium
		case what != "":
		case d.System == githubAction && inputs.MatchString(inner):
			what, severity = strings.TrimSpace(inner), sekisho.SeverityLow
		default:
			continue
		}
		h := s.offset(at[0], at[1], text, what)
		h.Severity = severity
		found(h)
	}
}

// heads find the code of a pull request in an expression, by the event that
// runs with the rights of the base repository.
var heads = []struct {
	event string
	form  *pattern.Pattern
}{
	{"pull_request_target", pattern.New(`github\.event\.pull_request\.(?:head\.|merge_commit_sha|number)|github\.head_ref|github\.event\.number|refs/pull/`)},
	{"workflow_run", pattern.New(`github\.event\.workflow_run\.(?:head_|pull_requests)|refs/pull/`)},
	{"issue_comment", pattern.New(`github\.event\.issue\.number|refs/pull/`)},
}

var (
	fetchPull = pattern.New(`(?:^|[+:/])pull/`)
	eventTest = pattern.New(`github\.event_name\s*([!=]=)\s*'(\w+)'`)
)

// reached reports whether the condition of a job lets the event through, as far
// as it speaks of events.
func (d *Definition) reached(job, event string) bool {
	text := d.Root.Get("jobs", strings.TrimPrefix(job, "job/"), "if").Str()
	asked := false
	for _, m := range eventTest.FindAllStringSubmatch(text, -1) {
		if m[1] == "!=" && m[2] == event {
			return false
		}
		if m[1] == "==" && m[2] == event {
			return true
		}
		asked = asked || m[1] == "=="
	}
	return !asked || strings.Contains(text, "||")
}

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "untrusted-checkout", Aliases: ids("dangerous-triggers untrusted_checkout_exec pr_target_checkout"), Severity: sekisho.SeverityHigh, Stages: build(),
		Because:    w("Anybody with an account gets the secrets and the write token of the repository. It is not rated critical, since a condition may hold the job back until somebody looked.", "アカウントを持つ誰もがリポジトリのシークレットと書き込みトークンを得られるため。人の確認を待つ条件がある場合もあるため、緊急とはしません。"),
		Title:      w("Code of a pull request is fetched where the secrets are ({0})", "シークレットのある場所でプルリクエストのコードを取得している ({0})"),
		Why:        w("{0} runs with the rights of the base repository. Once the code of the pull request lies there, its package scripts, makefiles and tests run with these rights.", "{0} は元リポジトリの権限で動きます。プルリクエストのコードを置くと、そのパッケージスクリプトや Makefile、テストがその権限で実行されます。"),
		Fix:        w("Build pull requests on the event pull_request, without secrets; let a second workflow, on workflow_run, use the results as data only.", "プルリクエストはシークレットのない pull_request イベントでビルドし、workflow_run の別ワークフローで結果をデータとしてのみ扱ってください。"),
		References: ids("cwe-829 cwe-269"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		for _, h := range heads {
			if _, ok := d.On[h.event]; !ok {
				continue
			}
			for _, u := range d.Uses {
				if !strings.HasPrefix(u.Ref, "actions/checkout@") || !d.reached(u.Job, h.event) {
					continue
				}
				for _, key := range []string{"ref", "repository"} {
					if v := u.With.Get(key); h.form.MatchString(v.Str()) {
						found(member(u.With, key, u.Job, h.event))
						break
					}
				}
			}
			d.commands(func(s *Script, c *shell.Command) {
				bad := c.Is("gh", "pr", "checkout")
				if c.Is("git", "fetch") || c.Is("git", "pull") {
					for i := range c.Args {
						bad = bad || fetchPull.MatchString(c.Args[i].Text)
					}
				}
				if bad && d.reached(s.Job, h.event) {
					found(s.at(c.Span, s.source(c.Span), h.event))
				}
			})
			return
		}
	},
})

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "workflow-permissions", Aliases: ids("CKV2_GHA_1 excessive-permissions Token-Permissions default_permissions_on_risky_events CICD-SEC-5"), Severity: sekisho.SeverityMedium, Stages: build(),
		Because:    w("Every step has the token. Where permissions are missing the repository's setting decides, which may be to read: low.", "すべての手順がトークンを持つため。permissions がない場合はリポジトリの設定次第(読み取りのみの可能性あり)のため低とします。"),
		Title:      w("The token of the workflow may do more than it needs ({0})", "ワークフローのトークンの権限が必要以上に広い ({0})"),
		Why:        w("A step that was taken over pushes code, changes releases and packages with the token.", "手順を奪われると、トークンでコードの push やリリース・パッケージの改変が行われます。"),
		Fix:        w("Write permissions: contents: read at the top, and more only in the job that needs it.", "先頭に permissions: contents: read を書き、追加の権限は必要なジョブだけに与えてください。"),
		References: ids("cwe-250 cwe-732"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		if d.System != githubWorkflow || strings.Contains(d.Path, ".gitea/") || strings.Contains(d.Path, ".forgejo/") {
			return
		}
		top := d.Root.Get("permissions")
		if top.Str() == "write-all" {
			found(member(d.Root, "permissions", "", "write-all"))
		}
		missing := false
		for name, job := range d.Root.Get("jobs").Members() {
			p := job.Get("permissions")
			if p.Str() == "write-all" {
				found(member(job, "permissions", "job/"+name, "write-all"))
			}
			missing = missing || p == nil
		}
		_, called := d.On["workflow_call"]
		if top != nil || !missing || called && len(d.On) == 1 {
			return
		}
		at := d.Root.Key("on")
		if at == nil {
			at = d.Root.Key("jobs")
		}
		if at != nil {
			h := hit(at, "", "permissions: ?", "no permissions")
			h.Severity = sekisho.SeverityLow
			found(h)
		}
	},
})

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "insecure-commands", Aliases: ids("CKV_GHA_1"), Severity: sekisho.SeverityHigh, Stages: build(),
		Because:    w("Text that a step prints then sets variables of the steps behind it.", "手順が出力したテキストで、後続の手順の環境変数が設定されてしまうため。"),
		Title:      w("Commands in the output of steps are allowed ({0})", "手順の出力中のコマンドが許可されている ({0})"),
		Why:        w("Whoever gets a line into the log, by the name of a branch or a test, sets PATH or LD_PRELOAD for what follows.", "ブランチ名やテスト名などでログに 1 行書ける者が、以降の PATH や LD_PRELOAD を設定できます。"),
		Fix:        w("Remove the variable, and write to $GITHUB_ENV and $GITHUB_PATH.", "この変数を削除し、$GITHUB_ENV と $GITHUB_PATH に書き込んでください。"),
		References: ids("cwe-77"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		for _, v := range d.Variables {
			if v.Name == "ACTIONS_ALLOW_UNSECURE_COMMANDS" && v.Value.True() {
				found(pair(v.Key, v.Value, v.Job, v.Name))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "checkout-keeps-token", Aliases: ids("artipacked"), Severity: sekisho.SeverityLow, Stages: build(), Off: true,
		Because:    w("It matters where later steps run foreign code or upload the directory.", "後続の手順が外部のコードを実行したり、ディレクトリをアップロードしたりする場合に問題となります。"),
		Title:      w("The checkout leaves its token on the disk", "チェックアウトがトークンをディスクに残す"),
		Why:        w("Every later step, and whoever downloads an artifact with .git in it, can read the token.", "後続のすべての手順や、.git を含む成果物を入手した者がトークンを読めます。"),
		Fix:        w("with: persist-credentials: false, unless a step pushes.", "push する手順がなければ with: persist-credentials: false を指定してください。"),
		References: ids("cwe-522"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		for _, u := range d.Uses {
			if strings.HasPrefix(u.Ref, "actions/checkout@") && !u.With.Get("persist-credentials").False() {
				found(hit(u.Node, u.Job, u.Ref))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "self-hosted-runner", Aliases: ids("pr_runs_on_self_hosted"), Severity: sekisho.SeverityMedium, Stages: build(), Off: true,
		Because:    w("Only public repositories take pull requests of strangers; the file does not say whether this is one.", "見知らぬ者のプルリクエストを受けるのは公開リポジトリだけですが、ファイルからは判断できません。"),
		Title:      w("Pull requests are built on a machine of your own", "プルリクエストを自前のマシンでビルドしている"),
		Why:        w("The code of the pull request runs in your network and stays on the machine for the builds behind it.", "プルリクエストのコードが自社ネットワーク内で実行され、後続のビルドのためのマシンに残り得ます。"),
		Fix:        w("Use runners that live for one job, in a network of their own, or the service's own for pull requests.", "1 ジョブで使い捨てるランナーを独立したネットワークに置くか、プルリクエストにはサービス提供のランナーを使ってください。"),
		References: ids("cwe-668"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		_, pr := d.On["pull_request"]
		_, target := d.On["pull_request_target"]
		if !pr && !target {
			return
		}
		for name, job := range d.Root.Get("jobs").Members() {
			on := job.Get("runs-on")
			labels := on
			if on != nil && on.Kind == document.Map {
				labels = on.Get("labels")
			}
			for _, n := range strs(labels) {
				if n.Str() == "self-hosted" {
					found(member(job, "runs-on", "job/"+name))
					break
				}
			}
		}
	},
})
