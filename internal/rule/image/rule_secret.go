// SPDX-License-Identifier: Apache-2.0

package image

import (
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// hidesSecret says whether a value is to be hidden, by its name or its form.
func hidesSecret(name, value string) bool {
	return secretForm(value) || secretName(name) && secretValue(value)
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "secret-in-env", Aliases: ids("CIS-DI-0010 DL3064 DS-0031"), Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("Whoever can pull the image, or list the environment of a process, has it.", "イメージを取得できる者、プロセスの環境変数を見られる者が入手できます。"),
		Title:      words("The variable {0} holds a secret", "環境変数 {0} にシークレット"),
		Why:        words("The value stands in the image's configuration in clear, in every registry and cache that the image passed, and every program of the container inherits it.", "値はイメージの設定に平文で入り、経由したすべてのレジストリやキャッシュに残ります。コンテナ内の全プログラムにも引き継がれます。"),
		Fix:        words("Take it out of the Dockerfile, change the secret, and hand it over when the container starts: a mounted secret, or {0}_FILE where the program knows it.", "Dockerfile から取り除いてシークレットを変更し、起動時にマウントした secret や、対応していれば {0}_FILE で渡します。"),
		References: ids("nist-800-190-4.1.4 cis-docker-4.10 cwe-526 cwe-798"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		for _, e := range i.untold.Env {
			name, value, _ := strings.Cut(e, "=")
			if !hidesSecret(name, value) {
				continue
			}
			h := i.config("env", name+"="+mask, "ENV", name, name)
			found(h)
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "secret-in-label", Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("Labels are shown by every tool, and copied into logs and catalogues.", "ラベルはあらゆるツールに表示され、ログやカタログにも複製されます。"),
		Title:      words("The label {0} holds a secret", "ラベル {0} にシークレット"),
		Why:        words("Registries give out labels to whoever may pull, and monitoring copies them into its own stores.", "レジストリは取得権限のある全員にラベルを渡し、監視ツールも自身の保存先に複製します。"),
		Fix:        words("Take it out of the build and change the secret.", "ビルドから取り除き、シークレットを変更します。"),
		References: ids("nist-800-190-4.1.4 cwe-798"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		for _, name := range slices.Sorted(maps.Keys(i.untold.Labels)) {
			if hidesSecret(name, i.untold.Labels[name]) {
				found(i.config("label", name+"="+mask, "LABEL", name, name))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "secret-in-history", Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("docker history shows it to whoever can pull the image.", "イメージを取得できる者なら docker history で見られます。"),
		Title:      words("The build history holds a secret: {0}", "ビルド履歴にシークレット: {0}"),
		Why:        words("Build arguments and commands are written into the image as they were, even where a later step removes what they made.", "ビルド引数やコマンドは、後の手順で結果を消しても、そのままイメージに記録されます。"),
		Fix:        words("Hand it to the step with RUN --mount=type=secret, which leaves no trace, and change the secret.", "痕跡の残らない RUN --mount=type=secret で渡し、シークレットを変更します。"),
		References: ids("nist-800-190-4.1.4 cis-docker-4.10 cwe-798"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		seen := map[string]bool{}
		all := i.Steps
		if i.untold != i.Config {
			all = steps(i.untold.History, len(i.Layers))
		}
		for n := range all {
			s := &all[n]
			one := func(what, excerpt string) {
				key := what + "\x00" + excerpt
				if seen[key] {
					return // the same build argument stands in each step behind it
				}
				seen[key] = true
				h := i.step(s, what)
				h.Excerpt = excerpt
				found(h)
			}
			for _, a := range s.Args {
				if hidesSecret(a.Name, a.Value) {
					one(a.Name, "ARG "+a.Name+"="+mask)
				}
			}
			switch s.Verb {
			case "ENV", "LABEL":
				// What remains is judged in the configuration; what was set anew
				// later is in the history alone.
				mapSecrets(s.Text, func(what string) {
					value, _ := i.env(what)
					if _, label := i.Config.Labels[what]; !label && !hidesSecret(what, value) && variableName(what) {
						one(what, s.Verb+" "+what+"="+mask)
					}
				})
				continue
			case "ARG":
				// The default of a declaration.
				if name, value, ok := strings.Cut(s.Text, "="); ok && hidesSecret(name, value) {
					one(name, "ARG "+name+"="+mask)
				}
				continue
			}
			shown := s.Shown()
			mapSecrets(s.Text, func(what string) { one(what, shown) })
		}
	},
})
