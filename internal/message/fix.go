// SPDX-License-Identifier: Apache-2.0

package message

// What sekisho fix says.
var (
	FixShort   = Text{"Rewrite Dockerfiles where that is safe: shows a diff, or writes it", "Dockerfile を安全に直せる範囲で書き換える (差分の表示または書き込み)"}
	FixLong    = Text{"FILE is a Dockerfile, a directory (every Dockerfile in it), or - for standard input. The difference is shown\nand nothing is changed; --write changes the files, --check exits with 1 where something would change.\n\nRewritten is what leaves the program of the image as it is. What may change how it behaves (a user, SHELL with pipefail) is left\nunless --unsafe or the rule's name (--rule run-as-root) asks for it. A comment that silences a rule keeps its line.\n\nWith --deps or --suggested it is about a directory: dependencies to raise, or the edits that findings suggest in\nDockerfiles, Kubernetes, Compose and workflow files.\n\nExit status: 0 done, 1 --check found something, 2 usage, 3 a file could not be read or an image not asked for, 4 failed.", "FILE は Dockerfile、ディレクトリ (中のすべての Dockerfile)、または標準入力を表す - です。既定では差分を表示するだけで\n何も変更しません。--write はファイルを書き換え、--check は変更すべき箇所があれば終了ステータス 1 を返します。\n\n書き換えるのは、イメージの動作が変わらない箇所です。動作が変わり得るもの (ユーザーの追加、SHELL の pipefail) は、\n--unsafe かルール名 (--rule run-as-root) を指定したときだけ書き換えます。コメントで抑制した行はそのままにします。\n\n--deps と --suggested はディレクトリが対象です。前者は依存関係を更新し、後者は Dockerfile、Kubernetes、Compose、\nワークフローの検出結果にある修正案を適用します。\n\n終了ステータス: 0 完了、1 --check で該当あり、2 使い方の誤り、3 解釈できないファイルや問い合わせできないイメージ、4 失敗。"}
	FixExample = Text{"  sekisho fix Dockerfile\n  sekisho fix --write .\n  sekisho fix --check --rule DL3015,DL3020 services\n  sekisho fix --pin --write Dockerfile\n  sekisho fix --suggested", "  sekisho fix Dockerfile\n  sekisho fix --write .\n  sekisho fix --check --rule DL3015,DL3020 services\n  sekisho fix --pin --write Dockerfile\n  sekisho fix --suggested"}

	FlagFixWrite  = Text{"write the files in place of showing the difference", "差分を表示せず、ファイルを書き換える"}
	FlagFixCheck  = Text{"exit with 1 where something would change", "変更すべき箇所があれば終了ステータス 1 を返す"}
	FlagFixUnsafe = Text{"rewrite also what may change how the image behaves", "イメージの動作が変わり得る箇所も書き換える"}
	FlagFixRule   = Text{"rewrite for these rules alone, by id or by another tool's id, also what is unsafe", "このルールだけを対象に、動作が変わり得る書き換えも行う。ID または他ツールの ID で指定"}
	FlagFixPin    = Text{"put the digest behind the names of images, as their registry says it", "レジストリに問い合わせ、イメージ名にダイジェストを付ける"}

	FixNoFile      = Text{"what shall be rewritten? Name a Dockerfile or a directory: sekisho fix Dockerfile", "何を書き換えますか。Dockerfile またはディレクトリを指定してください: sekisho fix Dockerfile"}
	FixNothing     = Text{"there is no Dockerfile in %s", "%s に Dockerfile がありません"}
	FixTwice       = Text{"--write and --check were both given: name one of them", "--write と --check の両方が指定されています。どちらか一方にしてください"}
	FixPinOffline  = Text{"--offline was given, and --pin asks registries", "--offline が指定されているため、--pin でレジストリに問い合わせできません"}
	FixNotFixable  = Text{"nothing can be rewritten for the rule %q; sekisho rules show says which can", "ルール %q に対する書き換えはありません。sekisho rules show で確認できます"}
	FixUnreadable  = Text{"%s:%d: left alone, it cannot be read: %s", "%s:%d: 解釈できないため変更していません: %s"}
	FixLarge       = Text{"%s: left alone, it has more than %d bytes", "%s: %d バイトを超えるため変更していません"}
	FixPinUnknown  = Text{"the digest of %s is not known: %v", "%s のダイジェストが分かりません: %v"}
	FixWould       = Text{"%s: would be rewritten for: %s", "%s: 書き換えの対象: %s"}
	FixDone        = Text{"%s: rewritten for: %s", "%s: 書き換えました: %s"}
	FixLeft        = Text{"%s: left, since the image may behave differently (--unsafe rewrites it): %s", "%s: 動作が変わり得るため残しました (--unsafe で書き換えます): %s"}
	FixIncomplete  = Text{"not everything could be rewritten: %d", "書き換えられなかったもの: %d"}
	FixCheckFailed = Text{"files that would be rewritten: %d", "書き換えが必要なファイル: %d"}
)
