// SPDX-License-Identifier: Apache-2.0

package shell

import "github.com/sekisho/sekisho/internal/sekisho"

// Code is what is known of a code that Findings gives. "{0}" stands for the
// finding's Arg.
type Code struct {
	ID string
	// Style is true where the script does what was meant, and could be written
	// better.
	Style bool
	Title sekisho.Words
	Why   sekisho.Words
	Fix   sekisho.Words
}

// Explain says what a code means; ok is false for codes that Findings does not
// give.
func Explain(id string) (c Code, ok bool) {
	for i := range codes {
		if codes[i].ID == id {
			return codes[i], true
		}
	}
	if what, ok := bash[id]; ok {
		c := portable
		c.ID = id
		c.Title.EN, c.Title.JA = what.EN, what.JA
		return c, true
	}
	return Code{}, false
}

// Codes are all codes that Findings gives.
func Codes() []Code {
	out := append([]Code(nil), codes...)
	for _, id := range bashIDs {
		c, _ := Explain(id)
		out = append(out, c)
	}
	return out
}

var codes = []Code{
	{
		ID:    "SC2086",
		Title: sekisho.Words{EN: "${0} is used without quotes", JA: "${0} が引用符なしで使われている"},
		Why:   sekisho.Words{EN: "The shell splits the value at blanks and replaces patterns in it by file names. A value that somebody else chooses becomes more arguments, and options, of the command.", JA: "シェルは値を空白で分割し、パターンをファイル名に置き換えます。他人が決められる値であれば、コマンドの引数やオプションを増やされます。"},
		Fix:   sekisho.Words{EN: "Write \"${0}\" in double quotes.", JA: "\"${0}\" のように二重引用符で囲んでください。"},
	},
	{
		ID:    "SC2046",
		Title: sekisho.Words{EN: "The output of a command is used without quotes", JA: "コマンドの出力が引用符なしで使われている"},
		Why:   sekisho.Words{EN: "The shell splits the output at blanks and replaces patterns in it by file names: what the command prints becomes arguments and options.", JA: "シェルは出力を空白で分割し、パターンをファイル名に置き換えます。出力の内容がそのまま引数やオプションになります。"},
		Fix:   sekisho.Words{EN: "Write \"$(...)\" in double quotes, or read the words with xargs where several are wanted.", JA: "\"$(...)\" のように二重引用符で囲むか、複数の語が必要な場合は xargs で読み込んでください。"},
	},
	{
		ID:    "SC2068",
		Title: sekisho.Words{EN: "The elements of ${0} are used without quotes", JA: "${0} の要素が引用符なしで使われている"},
		Why:   sekisho.Words{EN: "Each element is split again at blanks, so arguments are not handed on as they came.", JA: "各要素が空白で再び分割されるため、引数が元のまま渡りません。"},
		Fix:   sekisho.Words{EN: "Write \"$@\" or \"${array[@]}\" in double quotes.", JA: "\"$@\" や \"${array[@]}\" のように二重引用符で囲んでください。"},
	},
	{
		ID:    "SC2048",
		Title: sekisho.Words{EN: "$* without quotes splits the arguments again", JA: "引用符なしの $* は引数を再び分割する"},
		Why:   sekisho.Words{EN: "Arguments with blanks become several arguments.", JA: "空白を含む引数が複数の引数になります。"},
		Fix:   sekisho.Words{EN: "Use \"$@\".", JA: "\"$@\" を使ってください。"},
	},
	{
		ID:    "SC2154",
		Title: sekisho.Words{EN: "The variable {0} is never set", JA: "変数 {0} はどこでも設定されていない"},
		Why:   sekisho.Words{EN: "It is empty unless the environment has it. A command such as rm -rf \"$dir/\" then does something else than it says.", JA: "環境変数にない限り空になります。rm -rf \"$dir/\" のようなコマンドが意図と異なる動作をします。"},
		Fix:   sekisho.Words{EN: "Set {0} before it is used, or write ${{0}:?} where it must come from outside.", JA: "使う前に {0} を設定してください。外から渡す変数であれば ${{0}:?} と書いてください。"},
	},
	{
		ID:    "SC2164",
		Title: sekisho.Words{EN: "{0} may fail and the script goes on", JA: "{0} が失敗してもスクリプトが続行される"},
		Why:   sekisho.Words{EN: "What follows then runs in the wrong directory.", JA: "以降のコマンドが誤ったディレクトリで実行されます。"},
		Fix:   sekisho.Words{EN: "Join it with what follows by &&, write || exit 1 behind it, or begin the script with set -e.", JA: "後続のコマンドと && でつなぐか、|| exit 1 を付けるか、スクリプトの先頭に set -e を書いてください。"},
	},
	{
		ID:    "SC2015",
		Title: sekisho.Words{EN: "A && B || C is not if, then, else", JA: "A && B || C は if/else ではない"},
		Why:   sekisho.Words{EN: "C also runs when A succeeds and B fails, so the failure of B is hidden.", JA: "A が成功して B が失敗した場合にも C が実行され、B の失敗が隠れます。"},
		Fix:   sekisho.Words{EN: "Write if A; then B; else C; fi.", JA: "if A; then B; else C; fi と書いてください。"},
	},
	{
		ID:    "SC2028",
		Title: sekisho.Words{EN: "echo may print the backslash as it is", JA: "echo はバックスラッシュをそのまま出力することがある"},
		Why:   sekisho.Words{EN: "Some shells expand \\n in the arguments of echo and others do not: the file that is written differs with the base image.", JA: "echo の引数の \\n を展開するシェルとしないシェルがあり、ベースイメージによって書き込まれる内容が変わります。"},
		Fix:   sekisho.Words{EN: "Use printf '...\\n', which expands them in every shell.", JA: "どのシェルでも展開される printf '...\\n' を使ってください。"},
	},
	{
		ID:    "SC2035",
		Title: sekisho.Words{EN: "A file name that begins with - would be an option", JA: "- で始まるファイル名がオプションとして扱われる"},
		Why:   sekisho.Words{EN: "Who can place a file in the directory chooses options of the command.", JA: "そのディレクトリにファイルを置ける者が、コマンドのオプションを指定できます。"},
		Fix:   sekisho.Words{EN: "Write ./*, or -- before the pattern.", JA: "./* と書くか、パターンの前に -- を置いてください。"},
	},
	{
		ID:    "SC2155",
		Title: sekisho.Words{EN: "The failure of the command that gives {0} its value is lost", JA: "{0} に値を与えるコマンドの失敗が失われる"},
		Why:   sekisho.Words{EN: "The command ends as export, local or declare does, which is well: set -e and && do not see that the substitution failed.", JA: "終了ステータスは export、local、declare のもの(成功)になり、コマンド置換の失敗が set -e や && に伝わりません。"},
		Fix:   sekisho.Words{EN: "Set it first, and export it in a command of its own: {0}=$(...) && export {0}.", JA: "先に代入し、別のコマンドで export してください: {0}=$(...) && export {0}"},
	},
	{
		ID: "SC2162", Style: true,
		Title: sekisho.Words{EN: "read without -r changes backslashes", JA: "-r のない read はバックスラッシュを変更する"},
		Why:   sekisho.Words{EN: "Backslashes in the input are taken as escapes and lost.", JA: "入力中のバックスラッシュがエスケープとして解釈され、失われます。"},
		Fix:   sekisho.Words{EN: "Write read -r.", JA: "read -r と書いてください。"},
	},
	{
		ID: "SC2006", Style: true,
		Title: sekisho.Words{EN: "Backquotes in place of $(...)", JA: "$(...) ではなくバッククォートが使われている"},
		Why:   sekisho.Words{EN: "Backquotes need escapes when they are nested, and are misread.", JA: "入れ子にするとエスケープが必要になり、読み間違いの原因になります。"},
		Fix:   sekisho.Words{EN: "Write $(...).", JA: "$(...) と書いてください。"},
	},
	{
		ID:    "SC2112",
		Title: sekisho.Words{EN: "The keyword function is not of sh", JA: "function キーワードは sh にない"},
		Why:   portable.Why,
		Fix:   sekisho.Words{EN: "Write name() { ...; }.", JA: "name() { ...; } と書いてください。"},
	},
}

// portable is what all findings say that are about features of bash under sh.
var portable = Code{
	Why: sekisho.Words{EN: "The shell that runs the text does not have it, or not every sh has it: the command fails, or does something else, when the base image has another sh.", JA: "このテキストを実行するシェルにはない機能か、sh によっては存在しない機能です。ベースイメージの sh が変わると、失敗したり別の動作をしたりします。"},
	Fix: sekisho.Words{EN: "Write it as POSIX does, or choose bash: SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"] in a Dockerfile, shell: bash in a build definition.", JA: "POSIX の書き方に直すか、bash を指定してください(Dockerfile なら SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]、ビルド定義なら shell: bash)。"},
}
