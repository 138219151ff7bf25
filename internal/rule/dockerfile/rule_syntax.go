// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID:       "syntax",
		Aliases:  []string{"DL1000"},
		Severity: sekisho.SeverityMedium,
		Because:  words("The build fails on it, or the file is for another builder; and what cannot be read cannot be judged.", "ビルドが失敗するか、別のビルダー向けのファイルです。読めないものは判定できません。"),
		Title:    words("The instruction cannot be read", "命令を解釈できない"),
		Why:      words("The rules saw nothing of this instruction ({0}): whatever it does went unjudged.", "この命令はルールの対象になっていません ({0})。何をするものであっても判定されていません。"),
		Fix:      words("Write it as the reference of Dockerfiles has it; docker build --check names the place too.", "Dockerfile リファレンスの書式に直します。docker build --check でも場所を確認できます。"),

		Stages: build,
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, s := range f.Statements {
			if s.Mistake != "" && !forbiddenTrigger(s) {
				found(hit(s, maskText(s.Mistake)))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID:       "from-not-first",
		Aliases:  []string{"DL3061"},
		Severity: sekisho.SeverityMedium,
		Because:  words("No builder accepts the file.", "どのビルダーもこのファイルを受け付けません。"),
		Title:    words("{0} stands before the first FROM", "最初の FROM より前に {0}"),
		Why:      words("Only ARG and comments may stand before FROM; the build fails, or an old builder leaves the instruction out in silence.", "FROM の前に書けるのは ARG とコメントだけです。ビルドが失敗するか、古いビルダーでは黙って無視されます。"),
		Fix:      words("Begin with FROM and put the instruction behind it.", "FROM から書き始め、この命令はその後に置きます。"),

		Stages: build,
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, s := range f.Statements {
			if s.Keyword == "from" {
				return
			}
			if s.Keyword != "arg" && s.Mistake == "" {
				found(hit(s, strings.ToUpper(s.Keyword)))
			}
		}
	},
})

// forbiddenTrigger says whether ONBUILD holds an instruction that it must not.
func forbiddenTrigger(s *Statement) bool {
	if s.Keyword != "onbuild" {
		return false
	}
	switch word, _, _ := strings.Cut(strings.ToLower(s.Arguments()), " "); word {
	case "onbuild", "from", "maintainer":
		return true
	}
	return false
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID:       "onbuild-forbidden",
		Aliases:  []string{"DL3043"},
		Severity: sekisho.SeverityMedium,
		Because:  words("No builder accepts the file.", "どのビルダーもこのファイルを受け付けません。"),
		Title:    words("ONBUILD cannot hold this instruction", "ONBUILD に書けない命令"),
		Why:      words("ONBUILD, FROM and MAINTAINER are no triggers: the build fails.", "ONBUILD・FROM・MAINTAINER はトリガーにできず、ビルドが失敗します。"),
		Fix:      words("Remove it, or put what it should do into the Dockerfile that builds on this image.", "削除するか、このイメージを元にする側の Dockerfile に書きます。"),

		Stages: build,
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, s := range f.Statements {
			if forbiddenTrigger(s) {
				found(hit(s))
			}
		}
	},
})
