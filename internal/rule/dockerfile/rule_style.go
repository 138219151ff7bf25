// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// warnings judges by what BuildKit's own instruction parser warned of.
func warnings(name string, args func(*Statement) []string) func(*File, func(check.Hit)) {
	return func(f *File, found func(check.Hit)) {
		for _, w := range f.Lint {
			if w.Rule == name {
				found(hit(w.At, args(w.At)...))
			}
		}
	}
}

func noArgs(*Statement) []string { return nil }

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "maintainer", Fixable: true, Aliases: ids("DL4000 DS-0022 CKV_DOCKER_6 MaintainerDeprecated"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("It still works.", "まだ動作はします。"),
		Title:   words("MAINTAINER is deprecated", "MAINTAINER は非推奨"),
		Why:     words("Tools no longer read it: who is to be told of a flaw cannot be found.", "もう参照されないため、脆弱性の連絡先が分かりません。"),
		Fix:     words("LABEL org.opencontainers.image.authors=\"...\"", "LABEL org.opencontainers.image.authors=\"...\" に置き換えます。"),
	},
	Judge: warnings("MaintainerDeprecated", noArgs),
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "stage-name-case", Fixable: true, Aliases: ids("StageNameCasing"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("Style.", "書式の問題です。"),
		Title:   words("The stage's name is not in lower case", "ステージ名が小文字でない"),
		Why:     words("Names of stages are lower case for the builder: two that differ in case alone are one.", "ビルダーは名前を小文字で扱うため、大文字小文字だけが違う名前は同じものになります。"),
		Fix:     words("Write it in lower case.", "小文字で書きます。"),
	},
	Judge: warnings("StageNameCasing", noArgs),
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "from-as-case", Fixable: true, Aliases: ids("FromAsCasing"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("Style.", "書式の問題です。"),
		Title:   words("FROM and AS are written in different case", "FROM と AS の大文字小文字が不揃い"),
		Why:     words("The line reads worse than it need; nothing else.", "読みにくいだけで、他の影響はありません。"),
		Fix:     words("FROM ... AS ..., or from ... as ... .", "FROM ... AS ... のように揃えます。"),
	},
	Judge: warnings("FromAsCasing", noArgs),
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "definition-comment", Aliases: ids("InvalidDefinitionDescription"), Severity: sekisho.SeverityNegligible, Stages: build, Off: true,
		Because: words("Only docker build --call=outline reads such comments.", "この形式のコメントを読むのは docker build --call=outline だけです。"),
		Title:   words("The comment above does not begin with the name", "直前のコメントが名前で始まっていない"),
		Why:     words("docker build --call=outline shows no description of the stage or the argument.", "docker build --call=outline に説明が表示されません。"),
		Fix:     words("Begin it with the name of the stage or argument, or put an empty line below it.", "ステージ名や引数名で始めるか、コメントの下に空行を入れます。"),
	},
	Judge: warnings("InvalidDefinitionDescription", noArgs),
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "instruction-case", Fixable: true, Aliases: ids("ConsistentInstructionCasing"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("Style.", "書式の問題です。"),
		Title:   words("{0} is not written like the other instructions", "{0} の大文字小文字が他の命令と不揃い"),
		Why:     words("A reviewer who looks for RUN or USER overlooks it.", "RUN や USER を探すレビュアーが見落とします。"),
		Fix:     words("Write all instructions in capitals.", "命令はすべて大文字で書きます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, odd := range f.oddCase() {
			found(hitRange(odd.at, 0, len(odd.at.Written), odd.at.Written))
		}
	},
})

// odd is a statement whose keyword is not written as most are.
type odd struct {
	at   *Statement
	want string
}

// oddCase finds them.
func (f *File) oddCase() (out []odd) {
	lower, upper := 0, 0
	for _, s := range f.Statements {
		switch s.Written {
		case s.Keyword:
			lower++
		case strings.ToUpper(s.Keyword):
			upper++
		}
	}
	for _, s := range f.Statements {
		want := strings.ToUpper(s.Keyword)
		if lower > upper {
			want = s.Keyword
		}
		if s.Command != nil && s.Written != want {
			out = append(out, odd{s, want})
		}
	}
	return out
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "empty-continuation", Aliases: ids("NoEmptyContinuation"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("BuildKit will refuse it one day.", "将来の BuildKit ではエラーになります。"),
		Title:   words("An empty line continues the instruction", "継続行の途中に空行"),
		Why:     words("The line above ends with the continuation mark, so that what stands below is part of it, whether meant so or not.", "上の行が継続記号で終わっているため、空行の下も意図に関わらず同じ命令の一部になります。"),
		Fix:     words("Remove the empty line, or the mark above it.", "空行、または上の行の継続記号を消します。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, s := range f.Statements {
			if s.EmptyLine > 0 && s.EmptyLine < s.bodyLine-1 {
				h := hit(s)
				h.Line, h.Column, h.EndLine, h.EndColumn = s.EmptyLine, 1, s.EmptyLine, 1
				found(h)
			}
		}
	},
})

var pragma = pattern.New(`^(?i)\s*#\s*(?:hadolint\s+(?:global\s+)?ignore|checkov:skip|bridgecrew:skip|trivy:ignore|sekisho:ignore|check\s*=\s*(?:[^#]*;)?\s*skip)`)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "inline-ignore", Aliases: ids("DL1001"), Severity: sekisho.SeverityNegligible, Stages: build, Off: true,
		Because: words("For those who keep all exceptions in one place.", "例外を 1 か所で管理する組織向けのルールです。"),
		Title:   words("A comment silences rules", "コメントによるルールの抑制"),
		Why:     words("Exceptions in comments escape whoever is responsible for them.", "コメント内の例外は責任者の目に留まりません。"),
		Fix:     words("Move the exception to the central list, with a reason and an end.", "理由と期限を付けて中央の一覧に移します。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		n := 0
		for line := range strings.Lines(string(f.Text)) {
			n++
			if strings.Contains(line, "#") && pragma.MatchString(line) {
				found(check.Hit{Line: n, Column: 1, Excerpt: line})
			}
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "relative-workdir", Fixable: true, Aliases: ids("DL3000 DS-0009 CKV_DOCKER_10 WorkdirRelativePath"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("It works until the base image changes its directory.", "ベースイメージの作業ディレクトリが変わるまでは動作します。"),
		Title:   words("WORKDIR {0} is relative, and nothing above says to what", "WORKDIR {0} の基準となるパスが指定されていない"),
		Why:     words("The base image decides where it is; after an update, files and programs lie elsewhere.", "場所はベースイメージ次第で、更新後にファイルやプログラムの位置が変わります。"),
		Fix:     words("Write the absolute path.", "絶対パスで書きます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		all(f, func(s *Statement, c *instructions.WorkdirCommand) {
			w := f.Expand(s, c.Path)
			if s.Stage == nil || !w.Known || absolute(w.Text) || w.Text == "" {
				return
			}
			if _, ok := f.Workdir(s); !ok {
				found(hitWord(s, c.Path, c.Path))
			}
		})
	},
})

var systemDir = pattern.New(`^/(?:$|(?:bin|boot|dev|etc|lib|lib32|lib64|proc|run|sbin|sys|usr|usr/bin|usr/sbin|usr/lib|var|var/lib|var/run)(?:/\.?)?$|(?:dev|proc|sys|boot|etc/(?:ssl|pam\.d|sudoers\.d|cron\.d|systemd))/)`)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "workdir-system", Aliases: ids("DS-0030"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("Files of the program among those of the system.", "アプリケーションのファイルがシステムの領域に混ざります。"),
		Title:   words("WORKDIR is the system directory {0}", "WORKDIR がシステムディレクトリ {0}"),
		Why:     words("A COPY or a program that writes to its directory may replace programs and settings of the system.", "COPY や作業ディレクトリへの書き込みで、システムのプログラムや設定が置き換わることがあります。"),
		Fix:     words("Use a directory of its own: WORKDIR /app.", "専用のディレクトリを使います (WORKDIR /app)。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		all(f, func(s *Statement, c *instructions.WorkdirCommand) {
			if w := f.Expand(s, c.Path); w.Known && w.Text != "/" && systemDir.MatchString(w.Text) {
				found(hitWord(s, c.Path, c.Path))
			}
		})
	},
})
