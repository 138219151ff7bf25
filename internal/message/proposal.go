// SPDX-License-Identifier: Apache-2.0

package message

// The commands update-base and fix --deps, and what they write.
var (
	UpdateBaseShort   = Text{"Change the base image of a Dockerfile, and say which vulnerabilities that removes and adds", "Dockerfile のベースイメージを変更し、減る脆弱性と増える脆弱性を示す"}
	UpdateBaseLong    = Text{"DIR or the Dockerfile in it (.) is read; the final stage's FROM is compared with --to, or with each\n--candidate. Without either, what the tag names now is compared with what FROM pins. Both images are\njudged by the same database. Nothing is changed without --write; of candidates, only one that removes\nmore risk than it adds is chosen.\n\nA reference with a digest stays one with a digest. --fail-on denies what the new base adds.\n\nExit status: 0 done, 1 denied by --fail-on, 2 usage, 3 a candidate could not be judged, 4 failed.", "ディレクトリ (既定は .) 内の Dockerfile、または指定した Dockerfile を読み、最終ステージの FROM を --to または\n--candidate の各イメージと比較します。どちらも省略した場合は、FROM のダイジェストとタグの現在の内容を比較します。\n両方を同じデータベースで評価します。--write を付けない限りファイルは変更しません。候補が複数ある場合は、\n増えるリスクより減るリスクが大きいものだけを選びます。\n\nダイジェスト付きの参照は、変更後もダイジェスト付きになります。--fail-on は新しいベースで増える検出結果を拒否します。\n\n終了ステータス: 0 完了、1 --fail-on による拒否、2 使い方の誤り、3 評価できない候補あり、4 失敗。"}
	UpdateBaseExample = Text{"  sekisho update-base --to debian:13-slim\n  sekisho update-base services/api --candidate node:24-slim --candidate node:24-alpine\n  sekisho update-base Dockerfile --write\n  sekisho update-base --from-archive old=old.tar --to example.com/base:2 --from-archive example.com/base:2=new.tar", "  sekisho update-base --to debian:13-slim\n  sekisho update-base services/api --candidate node:24-slim --candidate node:24-alpine\n  sekisho update-base Dockerfile --write\n  sekisho update-base --from-archive old=old.tar --to example.com/base:2 --from-archive example.com/base:2=new.tar"}

	FlagUpdateTo        = Text{"image to stand in FROM", "FROM に書くイメージ"}
	FlagUpdateCandidate = Text{"image to compare; the best of several is chosen", "比較するイメージ。複数指定すると最良のものを選ぶ"}
	FlagUpdateArchive   = Text{"IMAGE=FILE: read this image from an archive; old=FILE for the present base", "イメージ=ファイル: このイメージをアーカイブから読む。現在のベースは old=ファイル"}
	FlagUpdateStage     = Text{"stage whose base is changed, by name or number; the last one otherwise", "ベースを変更するステージの名前または番号。省略時は最後のステージ"}
	FlagUpdateWrite     = Text{"write the Dockerfile in place of only showing the difference", "差分の表示だけでなく、Dockerfile に書き込む"}
	FlagUpdatePin       = Text{"put the digest of the new base behind its tag", "新しいベースのタグにダイジェストを付ける"}

	UpdateBaseMany      = Text{"one Dockerfile at a time: %s is one too many", "Dockerfile は一つずつ指定してください: %s は余分です"}
	UpdateBaseBoth      = Text{"--to and --candidate were both given: --to is the choice, --candidate lets the best one be chosen", "--to と --candidate の両方が指定されています。決まっているなら --to、選ばせるなら --candidate を使ってください"}
	UpdateBaseNoFile    = Text{"there is no Dockerfile in %s; name it: sekisho update-base FILE", "%s に Dockerfile がありません。ファイルを指定してください: sekisho update-base ファイル"}
	UpdateBaseNoStage   = Text{"%s has no stage %q; there are: %s", "%s にステージ %q はありません。指定できるもの: %s"}
	UpdateBaseScratch   = Text{"%s:%d: the stage stands on scratch: there is no base to change", "%s:%d: scratch から作るステージなので、変更するベースがありません"}
	UpdateBaseVariable  = Text{"%s:%d: the base %q is not known: give its ARG a default in the Dockerfile", "%s:%d: ベース %q を特定できません。Dockerfile で ARG に既定値を設定してください"}
	UpdateBaseOffline   = Text{"what the tag of %s names now only its registry can say, and --offline was given: name the new base with --to (and --from-archive)", "%s のタグの現在の内容はレジストリに問い合わせないと分かりませんが、--offline が指定されています。--to (と --from-archive) で新しいベースを指定してください"}
	UpdateBaseDigest    = Text{"%s:%d pins a digest, and that of %s is not known (it was read from %s): write it behind the name, --to NAME:TAG@sha256:…", "%s:%d はダイジェストで固定されていますが、%s のダイジェストが分かりません (読み込み元: %s)。--to 名前:タグ@sha256:… のように指定してください"}
	UpdateBaseNoTag     = Text{"%s:%d names %s by digest alone: which newer one is meant? Name it with --to", "%s:%d の %s はダイジェストだけの参照です。新しいものを --to で指定してください"}
	UpdateBaseNotImage  = Text{"%s is not an image: name one, or give its archive with --from-archive", "%s はイメージではありません。イメージ名か、--from-archive でアーカイブを指定してください"}
	UpdateBaseArchive   = Text{"--from-archive %s: write IMAGE=FILE, or old=FILE for the present base", "--from-archive %s: イメージ=ファイル、または old=ファイル (現在のベース) の形で指定してください"}
	UpdateBaseIdle      = Text{"--from-archive %s=…: no image of this name is compared", "--from-archive %s=…: この名前のイメージは比較対象にありません"}
	UpdateBaseOldFails  = Text{"the present base %s cannot be opened (%v); name a file with --from-archive old=FILE", "現在のベース %s を開けません (%v)。--from-archive old=ファイル で指定できます"}
	UpdateBaseCandidate = Text{"%s could not be judged: %v", "%s を評価できませんでした: %v"}
	UpdateBaseFailed    = Text{"candidates that could not be judged: %d", "評価できなかった候補: %d"}
	UpdateBaseUnread    = Text{"%s cannot be changed: the place of its FROM is not found", "%s を変更できません。FROM の位置を特定できません"}
	UpdateBaseComposed  = Text{"%s:%s: FROM %s is put together of variables that cannot be changed for %s alone: change the ARG by hand", "%s:%s: FROM %s は変数の組み合わせで、%s への変更を自動で行えません。ARG を手で変更してください"}
	UpdateBaseShared    = Text{"%s: the stage %q takes its base from the same ARG and would change too: give the two an ARG each", "%s: ステージ %q も同じ ARG をベースに使っており、一緒に変わってしまいます。ARG を分けてください"}
	UpdateBaseOutside   = Text{"%s is a link that leads out of %s: name the file itself to change it", "%s は %s の外を指すリンクです。変更するにはファイル自体を指定してください"}
	UpdateBaseRead      = Text{"%s: left alone, it has more than %d bytes", "%s: %d バイトを超えるため変更していません"}
	ProposalStale       = Text{"%s was changed by somebody else meanwhile: nothing was written; run it again", "%s が途中で変更されました。何も書き込んでいません。もう一度実行してください"}
	ProposalDenied      = Text{"nothing was written", "書き込みは行っていません"}

	ProposalBase      = Text{"Base image", "ベースイメージ"}
	ProposalBaseLine  = Text{"%s  (%s): %d packages%s", "%s (%s): パッケージ %d 個%s"}
	ProposalMove      = Text{"%s: removes %d (%s), adds %d (%s), keeps %d; risk %+d; %d packages (%+d)%s", "%s: 減る %d 件 (%s)、増える %d 件 (%s)、残る %d 件、リスク %+d、パッケージ %d 個 (%+d)%s"}
	ProposalPartly    = Text{"a part of it was not assessed, or it gets no fixes any more: it may have more findings than are counted here", "一部未評価、またはサポート終了済みのため、実際の検出結果はここに示す数より多い可能性があります"}
	ProposalSize      = Text{", %s", "、%s"}
	ProposalNotRead   = Text{"%s: not judged: %s", "%s: 評価できません: %s"}
	ProposalChosen    = Text{"chosen", "選択"}
	ProposalChange    = Text{"Change", "変更"}
	ProposalWritten   = Text{"Written", "書き込み済み"}
	ProposalRun       = Text{"Run", "実行するコマンド"}
	ProposalRan       = Text{"Ran, in a copy", "コピー上で実行済み"}
	ProposalLeft      = Text{"Left", "残るもの"}
	ProposalLeftLine  = Text{"%s: %s", "%s: %s"}
	ProposalRaise     = Text{"%s %s → %s  %s: closes %d", "%s %s → %s  %s: 解消 %d 件"}
	ProposalMajor     = Text{"another major version", "メジャーバージョンが変わります"}
	ProposalAllowed   = Text{"%s allows it already: the lockfile is to be refreshed", "%s で既に許可済み。ロックファイルの更新が必要です"}
	ProposalMoreStays = Text{"and %d more", "ほか %d 件"}
	ProposalNothing   = Text{"nothing to change", "変更するものはありません"}
	ProposalDelta     = Text{"What the change brings", "変更による差分"}
	ProposalForecast  = Text{"What the change is expected to bring: the lockfile is not written yet, and what else the package manager moves is not in this", "見込みの差分。ロックファイルは未更新のため、パッケージマネージャーが併せて変更するものは含みません"}
)

// MoveTexts say why a base was chosen, or none, by their code.
var MoveTexts = map[string]Reason{
	"best":       {Text{"chosen: of these it removes the most risk (%s)", "選択の理由: 候補のうち減るリスクが最大 (%s)"}, 1},
	"better":     {Text{"better: it removes more risk than it adds (%s)", "改善: 増えるリスクより減るリスクが大きい (%s)"}, 1},
	"worse":      {Text{"worse: it adds more risk than it removes (%s)", "悪化: 減るリスクより増えるリスクが大きい (%s)"}, 1},
	"equal":      {Text{"no better: the risk is the same", "改善なし: リスクは変わりません"}, 0},
	"unassessed": {Text{"not known to be better: it could not be assessed as a whole", "改善とは言えません: 全体を評価できていません"}, 0},
	"no-better":  {Text{"none is better than what is there: FROM stays", "現在のベースより良い候補がないため、FROM は変更しません"}, 0},
	"current":    {Text{"the tag names what FROM has: there is nothing newer", "タグの内容は FROM と同じです。新しいものはありません"}, 0},
	"rebuild":    {Text{"the tag names another image now: a rebuild with --pull takes it, and FROM stays as it is (--pin writes the digest)", "タグは別のイメージを指すようになりました。FROM はそのままで --pull を付けて再ビルドすれば反映されます (--pin でダイジェストを書き込みます)"}, 0},
}

// LeftTexts say why findings stay, by their code.
var LeftTexts = map[string]Reason{
	"no-fix":      {Text{"no fixed version was published", "修正版が公開されていません"}, 0},
	"major":       {Text{"another major version fixes it (%s): --major takes it", "修正版はメジャーバージョンが異なります (%s)。--major で対象にできます"}, 1},
	"transitive":  {Text{"no manifest names it; what depends on it, or the lockfile %s, is to be refreshed", "マニフェストに記載がありません。依存元かロックファイル %s を更新してください"}, 1},
	"no-manifest": {Text{"there is no manifest that can be edited for it", "編集できるマニフェストがありません"}, 0},
	"refused":     {Text{"%s: %s", "%s: %s"}, 2},
	"order":       {Text{"its versions cannot be compared", "バージョンを比較できません"}, 0},
	"lock":        {Text{"the package manager kept a version that has it: something else holds it back", "パッケージマネージャーが該当バージョンを維持しました。ほかの依存関係が更新を妨げています"}, 0},
}

// RefusalTexts say why a requirement is not edited, by their code.
var RefusalTexts = map[string]Text{
	"unreadable": {"it cannot be read as what its name says", "ファイル名どおりの形式として解釈できません"},
	"duplicate":  {"it has one key twice", "同じキーが重複しています"},
	"range":      {"its requirement is a range that cannot be raised in one place: change it by hand", "バージョン指定が複合的な範囲のため自動では変更できません。手で変更してください"},
	"hashes":     {"the line has hashes, which are not to be guessed: write it with the tool that made them", "ハッシュ付きの行です。ハッシュは推測できないため、生成元のツールで更新してください"},
	"generated":  {"a tool wrote it: change what it is written from, and run the tool", "ツールが生成したファイルです。生成元を変更して再生成してください"},
	"elsewhere":  {"the version stands in another file (a parent, a property, a workspace)", "バージョンは別のファイルで指定されています (親 POM、プロパティ、ワークスペースなど)"},
	"source":     {"it asks for a path, an address or a repository in place of a version", "バージョンではなくパス、URL、リポジトリの指定です"},
	"replaced":   {"go.mod replaces the module: change the replacement", "go.mod の replace で置き換えられています。replace を変更してください"},
	"major-path": {"the other major version has another module path: the imports change with it", "別のメジャーバージョンはモジュールパスが異なり、import の変更も必要です"},
	"override":   {"an override stands in the way, or the package manager has no way to say this one: write it by hand", "既存の override と衝突するか、このパッケージマネージャーでは指定できません。手で変更してください"},
	"version":    {"the fixed version is none that can stand there", "修正版の表記をそのまま書けません"},
	"link":       {"it is a link, and what it points at is not changed through it", "リンクのため、リンク先は変更しません"},
}

// StayTexts say why a suggested edit was not made, by their code.
var StayTexts = map[string]Text{
	"unsafe":     {"what runs may behave differently (--unsafe makes them, --rule ID those of a rule)", "動作が変わる可能性あり (--unsafe で適用、--rule ID でそのルールだけ適用)"},
	"others":     {"the file was written by others", "他者が書いたファイルです"},
	"link":       {"it is a link, and what it points at is not changed through it", "リンクのため、リンク先は変更しません"},
	"unread":     {"the file could not be read with the edit: please report it with the file", "変更後のファイルを解釈できません。ファイルを添えて報告してください"},
	"stale":      {"the file was changed while it was scanned: run it again", "スキャン中にファイルが変更されました。もう一度実行してください"},
	"rounds":     {"there were too many edits of this place: run it again", "同じ箇所の変更が多すぎます。もう一度実行してください"},
	"unreadable": {"the file cannot be read, or is too large", "ファイルを読めないか、大きすぎます"},
}

// The command fix with --deps.
var (
	FlagFixSuggested       = Text{"make the edits that findings suggest in Dockerfiles, Kubernetes, Compose and workflow files of a source tree", "ソースツリーの Dockerfile、Kubernetes、Compose、ワークフローの検出結果にある修正案を適用する"}
	FixSuggestedMany       = Text{"fix --suggested takes one directory: %s is one too many", "fix --suggested のディレクトリは一つだけ指定してください: %s は余分です"}
	FixSuggestedTree       = Text{"fix --suggested wants a directory, and %s is none; sekisho fix FILE rewrites one Dockerfile", "fix --suggested にはディレクトリが必要です: %s はディレクトリではありません。Dockerfile 一つなら sekisho fix FILE を使ってください"}
	FixSuggestedNot        = Text{"--%s has no meaning with fix --suggested: leave one of the two away", "--%s は fix --suggested と一緒には使えません"}
	FixSuggestedIncomplete = Text{"a part of the tree was not assessed: more may be to be edited (sekisho scan repo:%s --scanners misconfig says what)", "ツリーの一部を評価できていないため、ほかにも修正案があり得ます (sekisho scan repo:%s --scanners misconfig で確認できます)"}
	FixBoth                = Text{"--deps and --suggested were both given: name one of them", "--deps と --suggested の両方が指定されています。どちらか一方にしてください"}

	FlagFixDeps       = Text{"raise the dependencies of a source tree in place of rewriting Dockerfiles", "Dockerfile ではなく、ソースツリーの依存関係を更新する"}
	FlagFixMajor      = Text{"with --deps: take other major versions too", "--deps と併用: メジャーバージョンの変更も認める"}
	FlagFixOverrides  = Text{"with --deps: where no range allows a fixed version of a package that others need, write an override in package.json (npm, yarn, pnpm)", "--deps と併用: 依存元の範囲指定では修正版にできない間接的な依存を、package.json の override で更新する (npm、yarn、pnpm)"}
	FlagFixLock       = Text{"with --deps: have npm, go, cargo or composer write the lockfiles, in a copy and without scripts (uses the network)", "--deps と併用: npm、go、cargo、composer にロックファイルを更新させる。コピー上で、スクリプトを実行せずに行う (ネットワークを使用)"}
	FixDepsOnly       = Text{"--%s belongs to fix --deps or fix --suggested", "--%s は fix --deps か fix --suggested でだけ使えます"}
	FixDepsNot        = Text{"--%s rewrites Dockerfiles: leave it or --deps away", "--%s は Dockerfile の書き換え用です。--deps と一緒には使えません"}
	FixDepsMany       = Text{"fix --deps takes one directory: %s is one too many", "fix --deps のディレクトリは一つだけ指定してください: %s は余分です"}
	FixDepsTree       = Text{"fix --deps wants a directory, and %s is none", "fix --deps にはディレクトリが必要です: %s はディレクトリではありません"}
	FixDepsIncomplete = Text{"a part of the tree was not assessed: more may be to be raised (sekisho scan repo:%s says what)", "ツリーの一部を評価できていないため、ほかにも更新すべきものがあり得ます (詳細は sekisho scan repo:%s)"}
	FixLockOffline    = Text{"--offline was given, and --lock asks registries", "--offline が指定されているため、--lock でレジストリに問い合わせできません"}
	FixLockMissing    = Text{"%s is not installed: the lockfile is left; run it where it is: %s", "%s がインストールされていないため、ロックファイルは更新していません。使える環境で実行してください: %s"}
	FixLockCode       = Text{"%s would run code of the project (%s): run it yourself: %s", "%s はプロジェクトのコードを実行し得ます (%s)。ご自身で実行してください: %s"}
	FixLockFails      = Text{"%s did not write the lockfile (%s): nothing was changed; without --lock the manifests alone are edited", "%s でロックファイルを更新できませんでした (%s)。何も変更していません。--lock を外すとマニフェストだけを変更します"}
	FixLockLarge      = Text{"the tree is too large to be copied for --lock (more than %s or %d files)", "ツリーが大きすぎて --lock 用にコピーできません (%s または %d ファイルを超過)"}
)
