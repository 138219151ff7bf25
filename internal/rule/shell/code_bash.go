// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"maps"
	"slices"

	"github.com/sekisho/sekisho/internal/sekisho"
)

var bashIDs = slices.Sorted(maps.Keys(bash))

// bash are the findings about what bash has and sh may not have.
var bash = map[string]sekisho.Words{
	"SC3001": notSh("process substitution", "プロセス置換"),
	"SC3002": notSh("extended pattern", "拡張パターン"),
	"SC3003": notSh("quotes with escapes", "エスケープ付き引用符"),
	"SC3004": notSh("translated quotes", "翻訳用引用符"),
	"SC3005": notSh("arithmetic for loop", "算術 for ループ"),
	"SC3006": notSh("arithmetic command", "算術コマンド"),
	"SC3007": notSh("old arithmetic expansion", "旧形式の算術展開"),
	"SC3008": notSh("select loop", "select ループ"),
	"SC3009": notSh("brace expansion", "ブレース展開"),
	"SC3010": notSh("conditional command", "条件コマンド"),
	"SC3011": notSh("here-string", "ヒアストリング"),
	"SC3012": notSh("comparison of texts", "文字列の大小比較"),
	"SC3013": notSh("comparison of files", "ファイルの比較"),
	"SC3014": notSh("double equals sign in a test", "test での =="),
	"SC3015": notSh("regular expression in a test", "test での正規表現"),
	"SC3016": notSh("test of a variable", "変数の存在テスト"),
	"SC3017": notSh("unary -a in a test", "test での単項 -a"),
	"SC3018": notSh("increment", "インクリメント"),
	"SC3019": notSh("power", "べき乗"),
	"SC3020": notSh("redirection of both outputs", "両出力のリダイレクト"),
	"SC3021": notSh("redirection of both outputs", "両出力のリダイレクト"),
	"SC3022": notSh("named file descriptor", "名前付きファイル記述子"),
	"SC3023": notSh("file descriptor above 9", "10 以上のファイル記述子"),
	"SC3024": notSh("appending assignment", "追加代入"),
	"SC3025": notSh("network file", "ネットワークファイル"),
	"SC3026": notSh("negated pattern", "否定パターン"),
	"SC3028": notSh("variable of bash", "bash の変数"),
	"SC3029": notSh("pipe of both outputs", "両出力のパイプ"),
	"SC3030": notSh("array", "配列"),
	"SC3032": notSh("coprocess", "コプロセス"),
	"SC3033": notSh("function name", "関数名"),
	"SC3034": notSh("content of a file", "ファイル内容の展開"),
	"SC3035": notSh("content of a file", "ファイル内容の展開"),
	"SC3036": notSh("option", "オプション"),
	"SC3037": notSh("option that not every echo has", "echo によっては存在しないオプション"),
	"SC3038": notSh("option", "オプション"),
	"SC3039": notSh("command", "コマンド"),
	"SC3040": notSh("shell option", "シェルオプション"),
	"SC3041": notSh("shell option", "シェルオプション"),
	"SC3043": notSh("command", "コマンド"),
	"SC3044": notSh("command", "コマンド"),
	"SC3045": notSh("option", "オプション"),
	"SC3046": notSh("command", "コマンド"),
	"SC3047": notSh("trapped event", "trap のイベント"),
	"SC3048": notSh("name of a signal", "シグナル名"),
	"SC3050": notSh("format of printf", "printf の書式"),
	"SC3052": notSh("number with a base", "基数付きの数値"),
	"SC3053": notSh("indirect expansion", "間接展開"),
	"SC3054": notSh("element of an array", "配列要素"),
	"SC3055": notSh("keys of an array", "配列のキー"),
	"SC3056": notSh("variables by prefix", "接頭辞による変数名展開"),
	"SC3057": notSh("part of a text", "部分文字列"),
	"SC3059": notSh("change of case", "大文字・小文字の変換"),
	"SC3060": notSh("replacement in a text", "文字列置換"),
}

func notSh(en, ja string) sekisho.Words {
	return sekisho.Words{EN: "Not in every sh: " + en + " {0}", JA: "sh にない機能: " + ja + " {0}"}
}
