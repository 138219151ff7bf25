// SPDX-License-Identifier: Apache-2.0

package message

// The command diff, baselines and --since.
var (
	DiffShort     = Text{"Say how two images, trees, revisions, SBOMs or reports differ", "二つのイメージ、ツリー、リビジョン、SBOM、レポートの差分を示す"}
	DiffLong      = Text{"OLD and NEW are targets as of scan, JSON reports of scan, or revisions of a git repository:\nrepo:DIR@REV, or git:REV for the repository of the working directory. REV is a branch, a tag,\norigin/main, HEAD~2 or a commit. Both sides are judged by the same database.\n\nWith --fail-on, findings of this severity that only NEW has deny (status 1).", "OLD と NEW には、scan と同じ対象、scan の JSON レポート、git リポジトリのリビジョンを指定できます。\nリビジョンは repo:ディレクトリ@REV、作業ディレクトリのリポジトリなら git:REV と書きます。\nREV はブランチ、タグ、origin/main、HEAD~2、コミットのいずれかです。両方を同じデータベースで評価します。\n\n--fail-on を付けると、NEW だけにあるその深刻度以上の検出結果で拒否します (終了ステータス 1)。"}
	DiffExample   = Text{"  sekisho diff app:1.0 app:1.1\n  sekisho diff repo:.@origin/main repo:.\n  sekisho diff git:v1.0 git:HEAD -f markdown\n  sekisho diff yesterday.json app:latest --fail-on high", "  sekisho diff app:1.0 app:1.1\n  sekisho diff repo:.@origin/main repo:.\n  sekisho diff git:v1.0 git:HEAD -f markdown\n  sekisho diff yesterday.json app:latest --fail-on high"}
	DiffTwo       = Text{"diff takes two: sekisho diff OLD NEW", "diff には二つ指定してください: sekisho diff OLD NEW"}
	DiffEmptyFile = Text{"nothing in %s was understood, so all would seem to be fixed: name a JSON report of sekisho, an image, an SBOM, a directory or a configuration file", "%s の中身を認識できず、すべて解消したように見えてしまいます。sekisho の JSON レポート、イメージ、SBOM、ディレクトリ、設定ファイルのいずれかを指定してください"}
	DiffStdin     = Text{"standard input can be one of the two sides, not both", "標準入力は片方だけに使えます"}

	FlagDiffOutput = Text{"write to this file", "このファイルに出力する"}
	FlagBaseline   = Text{"a report, an image or a revision that findings are known from: the others are new", "既知とみなす検出結果の元 (レポート、イメージ、リビジョン)。それ以外は新規になる"}
	FlagSince      = Text{"show what changed since the tree parted from this revision (origin/main), alone; with --history: look through the commits behind it", "このリビジョン (origin/main など) と分岐してからの変更分だけを示す。--history と併用すると、それより後のコミットを調べる"}
	FlagFiles      = Text{"the arguments are files and directories of the source tree in the working directory: look at these alone (for pre-commit and editors)", "引数を、作業ディレクトリのソースツリー内のファイルやディレクトリとみなし、それだけを調べる (pre-commit やエディター向け)"}

	FilesNone    = Text{"--files wants files: sekisho scan --files Dockerfile package-lock.json", "--files にはファイルが必要です: sekisho scan --files Dockerfile package-lock.json"}
	FilesOutside = Text{"%s is not in the working directory: with --files, run sekisho at the top of the tree that the files are in", "%s は作業ディレクトリの外にあります。--files を使うときは、ファイルを含むツリーの先頭で sekisho を実行してください"}
	FilesHistory = Text{"--history looks through commits, --files at files as they are: leave one away", "--history はコミットを、--files は現在のファイルを調べます。どちらかを外してください"}

	IgnoredAtRevision = Text{"--include-ignored reads what git ignores, and a revision has none of it: leave one away", "--include-ignored は git が無視するファイルを読みますが、リビジョンには含まれません。どちらかを外してください"}
	SinceNoTree       = Text{"--since wants a source tree in a git repository: sekisho scan repo:. --since %s", "--since には git リポジトリのソースツリーが必要です: sekisho scan repo:. --since %s"}
	SinceAndBaseline  = Text{"--since and --baseline were both given: name one of them", "--since と --baseline の両方が指定されています。どちらか一方にしてください"}
	NewNeedsBaseline  = Text{"--fail-on %s asks for what is new: say since when, with --baseline or --since", "--fail-on %s は新規だけを数えます。比較元を --baseline か --since で指定してください"}
	BaselinePartial   = Text{"--baseline %s: it was written with --since and holds a part of what is known: write one of the whole tree", "--baseline %s: --since で作られたもので、既知の検出結果の一部しかありません。ツリー全体のものを作ってください"}
	Plain             = Text{"%s", "%s"}
	BaselineEmptyFile = Text{"--baseline %s: nothing in it was understood: name a JSON report of sekisho, an image, a revision, an SBOM, a directory or a configuration file", "--baseline %s: 中身を認識できません。sekisho の JSON レポート、イメージ、リビジョン、SBOM、ディレクトリ、設定ファイルのいずれかを指定してください"}
	BaselineNothing   = Text{"--baseline %s: it is no file, no revision of the tree and no image that can be opened (%v)", "--baseline %s: ファイルでもツリーのリビジョンでもなく、イメージとしても開けません (%v)"}

	DiffOld        = Text{"Old", "変更前"}
	DiffNew        = Text{"New", "変更後"}
	DiffAdded      = Text{"New findings", "新規の検出結果"}
	DiffAppeared   = Text{"Seen now, not assessed before", "今回検出 (変更前は未評価)"}
	DiffFixed      = Text{"Fixed", "解消"}
	DiffVanished   = Text{"No longer seen: not assessed", "検出されなくなった (変更後は未評価)"}
	DiffChanged    = Text{"Known, and changed", "既知で内容が変化"}
	DiffUnchanged  = Text{"unchanged", "変化なし"}
	DiffSummary    = Text{"%d new, %d fixed, %d unchanged", "新規 %d 件、解消 %d 件、変化なし %d 件"}
	DiffMore       = Text{"and %d more", "ほか %d 件"}
	DiffNothing    = Text{"none", "なし"}
	DiffPackages   = Text{"Packages", "パッケージ"}
	DiffPackageSum = Text{"%d added, %d removed, %d upgraded, %d downgraded, %d unchanged", "追加 %d、削除 %d、更新 %d、ダウングレード %d、変化なし %d"}
	DiffFiles      = Text{"Files", "ファイル"}
	DiffFileSum    = Text{"%d added, %d removed, %d modified, %d renamed", "追加 %d、削除 %d、変更 %d、名前変更 %d"}
	DiffLayers     = Text{"Layers", "レイヤー"}
	DiffLayerSum   = Text{"%d added, %d removed, %d unchanged; the first %d are shared", "追加 %d、削除 %d、変化なし %d (先頭 %d 個は共通)"}
	DiffImage      = Text{"Image settings", "イメージの設定"}
	DiffNewly      = Text{"newly listed as exploited (KEV)", "悪用が確認された脆弱性 (KEV) に新たに掲載"}
	DiffRemark     = Text{"Remark", "注意"}
	DiffWasSilent  = Text{"its exception ended", "例外の期限切れ・削除"}
	DiffIsSilent   = Text{"now suppressed by %s", "%s により抑制"}

	BaselineLine = Text{"Compared with %s: %d new, %d known, %d fixed", "%s との比較: 新規 %d 件、既知 %d 件、解消 %d 件"}
	SinceLine    = Text{"Since %s (%s): %d of %d findings are of this change, %d fixed, %d files changed", "%s (%s) 以降: 検出結果 %[4]d 件中 %[3]d 件がこの変更によるもの、解消 %[5]d 件、変更ファイル %[6]d 個"}
	NewMark      = Text{"new", "新規"}
	KnownMark    = Text{"known", "既知"}
)

// RemarkTexts of comparisons and baselines, by their code.
var RemarkTexts = map[string]Reason{
	"kinds":          {Text{"a %s is compared with a %s: what only one kind has is no change", "%s と %s の比較です。一方の種類にしかないものは変更ではありません"}, 2},
	"databases":      {Text{"the sides were judged by different databases (%s; %s): a difference may be that of the data", "データベースが異なります (%s; %s)。差分はデータの違いによる可能性があります"}, 2},
	"platforms":      {Text{"the platforms differ: %s, %s", "プラットフォームが異なります: %s、%s"}, 2},
	"old-scanners":   {Text{"ran on the old side alone: %s", "変更前だけで実行: %s"}, 1},
	"new-scanners":   {Text{"did not run on the old side: %s", "変更前では未実行: %s"}, 1},
	"old-incomplete": {Text{"part of the old side was not assessed", "変更前の一部は未評価"}, 0},
	"new-incomplete": {Text{"part of the new side was not assessed", "変更後の一部は未評価"}, 0},
	"rejudged":       {Text{"the packages of the report were judged again by the database of %s", "レポートのパッケージを %s 時点のデータベースで再評価"}, 1},
	"foreign":        {Text{"the baseline is of another target: %s, and this is %s", "ベースラインの対象が異なります: %s (今回は %s)"}, 2},
	"judges":         {Text{"this change also edits what judges it: %s", "この変更は判定に使うファイルも変更しています: %s"}, 1},
	"stale":          {Text{"the baseline is %s days old: look at what it holds and write it again", "ベースラインは %s 日前のものです。内容を見直して作り直してください"}, 1},
}
