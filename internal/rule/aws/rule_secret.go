// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/sensitive"
)

var _ = add(sekisho.Rule{
	ID: "secret-in-env", Aliases: ids("AWS-0036 ECS.8 CKV_AWS_45 aws-ecs-no-plaintext-secrets"), Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.1.4 cwe-798 cwe-526"),
	Because:    w("The value is in the file, in the definition and in the console.", "値がファイル、タスク定義、コンソールのすべてに残るため。"),
	Title:      w("The variable {1} of {0} holds a secret in clear", "{0} の環境変数 {1} に平文のシークレット"),
	Why:        w("Whoever may describe the task definition or the function reads it, and old revisions keep it for ever.", "タスク定義や関数を参照できる誰もが読め、古いリビジョンにも残り続けます。"),
	Fix:        w("Keep it in Secrets Manager or Parameter Store, name it by secrets with valueFrom, and change the secret: it is known by now.", "Secrets Manager か Parameter Store に置き、secrets の valueFrom で参照してください。既に知られているものとして値も変更します。"),
}, func(it *Item, found func(check.Hit)) {
	if it.Task != nil {
		for _, c := range it.Task.Containers {
			for _, e := range c.Node.Get("environment").List() {
				if name := e.Get("name").Str(); secretValue(name, e.Get("value")) {
					h := it.shown(e, "value", mask, c.Name, cloud.Show(name))
					h.Excerpt, h.Key = cloud.Show(name)+"="+mask, c.Name+"\x00"+name
					found(h)
				}
			}
		}
	}
	if it.Type == "aws_lambda_function" {
		for _, env := range cloud.Blocks(it.Body, "environment", "variables") {
			for name, v := range env.Members() {
				if secretValue(name, v) {
					h := it.shown(env, name, mask, it.Address, name)
					h.Excerpt, h.Key = name+"="+mask, name
					found(h)
				}
			}
		}
	}
})

// maskWords masks what looks like a secret in the words of a command.
func maskWords(s string) string {
	s = option.ReplaceAllStringFunc(s, func(m string) string {
		for _, g := range option.FindStringSubmatch(m)[1:] {
			if g != "" {
				m = strings.Replace(m, g, mask, 1)
			}
		}
		return m
	})
	return sensitive.HidePasswords(sensitive.All.Hide(s, nil), isWritten)
}

// hasSecretWord says whether the words of a command hold a secret.
func hasSecretWord(s string) bool {
	if isToken(s) {
		return true
	}
	m := option.FindStringSubmatch(s)
	return m != nil && !isSample(m[1]+m[2]) && cloud.Whole(m[1]+m[2]) && !isPointer(m[1]+m[2])
}

var _ = add(sekisho.Rule{
	ID: "secret-in-command", Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.1.4 cwe-798 cwe-214"),
	Because:    w("The value is in the definition, in the process list and often in logs.", "値がタスク定義、プロセス一覧、多くの場合ログにも残るため。"),
	Title:      w("The command of container {0} holds a secret", "コンテナ {0} のコマンドにシークレット"),
	Why:        w("Whoever may describe the task definition reads it, and every process in the task sees it in the arguments.", "タスク定義を参照できる誰もが読め、タスク内の全プロセスからも引数として見えます。"),
	Fix:        w("Pass it by secrets with valueFrom and let the program read the variable; then change the secret.", "secrets の valueFrom で渡し、プログラムに環境変数から読ませてください。値も変更します。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	for _, key := range [...]string{"command", "entryPoint"} {
		list := c.Node.Get(key)
		words := make([]string, 0, len(list.List()))
		for _, n := range list.List() {
			words = append(words, n.Str())
		}
		if all := strings.Join(words, " "); len(words) > 0 && hasSecretWord(all) {
			h := c.Task.shown(c.Node, key, maskWords(cloud.Show(all)), c.Name)
			h.Key = c.Name + "\x00" + key
			found(h)
		}
	}
	if list := c.Node.Get("command"); list != nil && list.Kind == document.String && hasSecretWord(list.Text) {
		found(c.Task.shown(c.Node, "command", maskWords(cloud.Show(list.Text)), c.Name))
	}
}))
