// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/sensitive"
)

var (
	secretWord = pattern.New(`(?i)passw(or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|client[_-]?key|encryption[_-]?key|credential|_pwd$|^pwd_`)
	// plainEnd ends names of what is no secret itself: where one is, how long it
	// lives.
	plainEnd = pattern.New(`(?i)([_.-]?(file|path|dir|name|url|uri|host|port|ttl|expiry|expires|expiration|length|size|enabled|disabled|ref|header|type|id|issuer|audience|endpoint|arn|algorithm|policy|count|timeout|duration|interval|lifetime|age|days|min|max|mode|format|prefix|rotation|provider|store|backend|version|namespace|key_?name|public[_-]?key))$`)
	// placeholder are values that somebody fills in later.
	placeholder = pattern.New(`^(<.*>|\$[({].*|\{\{.*|\*+|x+|-+|.*REPLACE.*|%.*%|none|null|true|false|yes|no|enabled|disabled|[0-9.]{1,5}|)$`)
)

// secretName is true for the name of a variable or key that should hold a secret.
func secretName(name string) bool { return secretWord.MatchString(name) && !plainEnd.MatchString(name) }

// secretValue says whether a value is a secret whatever it is called: a token, or
// an address with a password.
func secretValue(value string) bool {
	_, ok := sensitive.Password(value, func(p string) bool { return len(p) >= 3 && !strings.ContainsAny(p, "$({<") })
	return ok || sensitive.All.In(value)
}

// secretText says whether the value under the name is a secret in clear.
func secretText(name, value string) bool {
	value = strings.TrimSpace(value)
	if placeholder.MatchString(value) {
		return false
	}
	if secretValue(value) {
		return true
	}
	return secretName(name) && !strings.HasPrefix(value, "/") && !strings.Contains(value, "://") && len(value) >= 3 && !strings.ContainsAny(value, "\n")
}

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "secret-in-env", Aliases: ids("C-0012 env-var-secret"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("cis-kubernetes-5.4.1 nist-800-190-4.1.4 nsa-cisa-secrets cwe-798"),
		Because:    w("The manifest is in the repository and readable by everybody who may read pods.", "マニフェストはリポジトリに残り、Pod を参照できる全員に読めるため。"),
		Title:      w("Container {0} has a secret in clear in {1}", "コンテナ {0} の {1} にシークレットが平文で存在"),
		Why:        w("The value of {1} stands in the file, its history, the API's answers and crash reports.", "{1} の値がファイルと履歴、API の応答、クラッシュレポートに残ります。"),
		Fix:        w("Put the value into a Secret (or an external store) and mount it as a file; change the value, as it is known now.", "値を Secret (または外部のシークレットストア) に移してファイルとしてマウントしてください。漏れた値は変更が必要です。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		for _, e := range c.Node.Get("env").List() {
			if v := e.Get("value"); v != nil && v.Kind == document.String && secretText(e.Get("name").Str(), v.Text) {
				h := masked(c.has(e, "value", e.Get("name").Str()))
				h.Excerpt = e.Get("name").Str() + "=***"
				h.Key = c.Name + "\x00" + h.Excerpt
				found(h)
			}
		}
		for _, key := range [...]string{"command", "args"} {
			for _, a := range c.Node.Get(key).List() {
				name, value, ok := strings.Cut(strings.TrimLeft(a.Str(), "-"), "=")
				if !ok || len(name) > 60 || strings.ContainsAny(name, " \n") {
					name, value = key, a.Str()
				}
				if secretText(name, value) && (ok || secretValue(value)) {
					h := masked(c.Pod.Owner.at(a, name+"=***", c.Name, name))
					h.Key = c.Name + "\x00" + name
					found(h)
				}
			}
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "secret-in-config-map", Aliases: ids("KSV-0109 KSV-01010"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("cis-kubernetes-5.4.1 nist-800-190-4.1.4 nsa-cisa-secrets cwe-312"),
		Because:    w("ConfigMaps are readable by far more people than Secrets, and never encrypted at rest.", "ConfigMap は Secret よりはるかに多くの人に読め、保存時にも暗号化されないため。"),
		Title:      w("The ConfigMap holds a secret in {0}", "ConfigMap の {0} にシークレット"),
		Why:        w("Whoever may read the namespace's configuration, or the repository, has the value of {0}.", "Namespace の設定またはリポジトリを読める者は {0} の値を得ます。"),
		Fix:        w("Move {0} to a Secret or an external store, and change the value.", "{0} を Secret または外部のシークレットストアに移し、値を変更してください。"),
	},
	Judge: func(o *Object, found func(check.Hit)) {
		if !o.Is("ConfigMap") || o.Group != "" {
			return
		}
		data := o.Node.Get("data")
		for key, v := range data.Members() {
			if v.Kind == document.String && secretText(key, v.Text) {
				h := masked(o.field(data, key, key))
				h.Excerpt = key + ": ***"
				found(h)
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "secret-from-env", Aliases: ids("CKV_K8S_35 C-0207 read-secret-from-env-var"), Severity: sekisho.SeverityLow, Stages: anywhere(), Off: true,
		References: ids("cis-kubernetes-5.4.1 nsa-cisa-secrets"),
		Because:    w("Low: the value is not in the file; the environment is a weaker place than a file.", "値はファイルに書かれておらず、環境変数がファイルより弱い置き場であるだけのため低。"),
		Title:      w("Container {0} reads a Secret from its environment", "コンテナ {0} が Secret を環境変数で受け取る"),
		Why:        w("Environments are inherited by every child process and end in logs and crash reports.", "環境変数は全ての子プロセスに引き継がれ、ログやクラッシュレポートに残ります。"),
		Fix:        w("Mount the Secret as a volume and read the file.", "Secret をボリュームとしてマウントし、ファイルから読んでください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		for _, e := range c.Node.Get("env").List() {
			if r := e.Get("valueFrom", "secretKeyRef"); r.Present() {
				found(c.has(e, "name"))
			}
		}
		for _, e := range c.Node.Get("envFrom").List() {
			if e.Get("secretRef").Present() {
				found(c.has(e, "secretRef"))
			}
		}
	}),
})
