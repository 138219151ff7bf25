// SPDX-License-Identifier: Apache-2.0

package message

// Labels of reports.
var (
	Target        = Text{"Target", "対象"}
	System        = Text{"System", "OS"}
	Database      = Text{"Database", "脆弱性データベース"}
	NoDatabase    = Text{"none: packages were not judged against advisories", "なし (パッケージは脆弱性情報と未照合)"}
	Findings      = Text{"Findings", "検出結果"}
	NoFindings    = Text{"no findings in what was assessed", "評価した範囲では検出なし"}
	Packages      = Text{"Packages", "パッケージ"}
	Coverage      = Text{"Coverage: what was looked at", "評価範囲"}
	NotAssessed   = Text{"Not assessed", "未評価"}
	Problems      = Text{"Problems", "問題 (評価できなかった箇所)"}
	Verdict       = Text{"Verdict", "判定"}
	Severity      = Text{"Severity", "深刻度"}
	Rule          = Text{"Rule", "ルール"}
	Package       = Text{"Package", "パッケージ"}
	Version       = Text{"Version", "バージョン"}
	Fixed         = Text{"Fixed in", "修正版"}
	Introduced    = Text{"Introduced by", "導入元レイヤー"}
	Where         = Text{"Where", "場所"}
	Title         = Text{"Title", "概要"}
	Kind          = Text{"Kind", "種別"}
	Ecosystem     = Text{"Ecosystem", "エコシステム"}
	Visible       = Text{"in container", "コンテナ内"}
	HiddenCount   = Text{"lower layers", "下位レイヤー"}
	OwnedCount    = Text{"OS-owned", "OS が所有"}
	Layers        = Text{"Layers", "レイヤー"}
	LayersLine    = Text{"layers: %d (%d from the cache, %d not read to the end)", "レイヤー %d 個 (キャッシュ利用 %d、読み取り未完了 %d)"}
	HistoryLine   = Text{"history: %d commits, %d contents of files, %s, for secrets", "履歴: コミット %d 件、ファイル内容 %d 件、%s (シークレットのみ)"}
	FilesLine     = Text{"files: %d, %s (%d read by extractors)", "ファイル %d 個、%s (うち解析 %d 個)"}
	ResourcesLine = Text{"configuration files: %s", "設定ファイル: %s"}
	UnownedLine   = Text{"%d programs that no package owns and nobody could name: %s", "パッケージに属さず、特定もできない実行ファイル %d 個: %s"}
	UnownedCount  = Text{"%d programs that no package owns and nobody could name", "パッケージに属さず、特定もできない実行ファイル %d 個"}
	Unjudged      = Text{"for which there is no advisory data here: %s", "(対応する脆弱性情報なし): %s"}
	LockedOnly    = Text{"%d packages that only a lock names were left out: what is installed beside it does not hold them", "ロックファイルにのみ記載され、インストール済みツリーにないパッケージ %d 個は対象外"}
	Ran           = Text{"ran", "実行"}
	DidNotRun     = Text{"did not run", "未実行"}
	Total         = Text{"Total", "合計"}
	NoOS          = Text{"no distribution was recognised", "ディストリビューションを識別できず"}
	OSUnsupported = Text{"not a distribution that is known: its packages cannot be judged by anybody's advisories", "未対応のディストリビューション。脆弱性情報との照合は不可"}
	OSDerived     = Text{"derived from %s, whose advisories apply as far as they fit", "%s の派生。その脆弱性情報を準用"}
	OSEnded       = Text{"its support ended on %s: no more fixes come, move to a release that is supported", "サポートは %s に終了。修正は提供されないため、サポート中のリリースへの移行が必要"}
	OSExtended    = Text{"regular support ended on %s, long term support ends on %s", "通常サポートは %s に終了、長期サポートは %s まで"}
	OSSupported   = Text{"supported until %s", "%s までサポート"}
	Incomplete    = Text{"not assessed in part", "一部未評価"}
	MoreProblems  = Text{"... and %d more, all of them are in the JSON report", "... ほか %d 件 (全件は JSON レポートに記載)"}
	Allowed       = Text{"allowed", "許可"}
	DeniedWord    = Text{"denied", "拒否"}
	Differences   = Text{"Differences between platforms", "プラットフォーム間の差異"}
	MoreWorlds    = Text{"%d more", "ほか %d 件"}
	Missing       = Text{"missing", "なし"}
	LicenseLine   = Text{"licences: known of %d packages; not assessed: %d with a name that nobody knows, %d that state none", "ライセンス: 判明 %d 個、未評価 %d 個 (不明な名称)、%d 個 (記載なし)"}
	Licenses      = Text{"Licences", "ライセンス"}
	Filter        = Text{"filter by any word", "絞り込み"}
	AllSeverities = Text{"all severities", "すべての深刻度"}
	ByLayer       = Text{"Packages by layer", "レイヤー別パッケージ数"}
	ByEcosystem   = Text{"Packages by ecosystem", "エコシステム別パッケージ数"}
	BySeverity    = Text{"Findings by severity", "深刻度別の検出結果"}
	Theme         = Text{"light / dark", "明 / 暗"}
	Created       = Text{"made on %s by sekisho %s", "%s、sekisho %s により作成"}
	Instruction   = Text{"Instruction", "命令"}
	Status        = Text{"Status", "状態"}
	Remedy        = Text{"What to do", "対処"}
	CleanPackages = Text{"%d packages, no findings", "パッケージ %d 個、検出なし"}
	CausedBy      = Text{"decided in %s", "値の指定元: %s"}
	Times         = Text{"%d places", "%d か所"}
	AllPackages   = Text{"all packages", "すべてのパッケージ"}
	ShownOf       = Text{"shown", "件表示"}
	Hidden        = Text{"removed by a later layer", "後のレイヤーで削除"}
	OwnedBy       = Text{"installed by %s", "%s によりインストール"}
)

// SeverityNames in both languages, by their English name.
var SeverityNames = map[string]Text{
	"critical": {"critical", "緊急"}, "high": {"high", "重要"}, "medium": {"medium", "警告"},
	"low": {"low", "注意"}, "negligible": {"negligible", "軽微"}, "unknown": {"unknown", "不明"},
}

// What reports say of findings.
var (
	TotalFindings       = Text{"%d findings", "検出結果 %d 件"}
	TotalBySeverity     = Text{"%d findings: %s", "検出結果 %d 件 (%s)"}
	TotalFixable        = Text{"; %d fixable", "、修正版あり %d 件"}
	TotalExploited      = Text{"; %d known to be exploited", "、悪用確認済み %d 件"}
	TotalRest           = Text{"; %d suppressed; %d packages", "、抑制 %d 件、パッケージ %d 個"}
	KEVRansomware       = Text{"KEV ransomware", "KEV ランサムウェア"}
	KEVAdded            = Text{"listed by CISA on %s", "%s に CISA の KEV カタログへ掲載"}
	KEVDue              = Text{", to be fixed by %s", "、対応期限 %s"}
	KEVUsedByRansomware = Text{", used by ransomware", "、ランサムウェアでの悪用あり"}
	Exploited           = Text{"Exploited", "悪用"}
	CVSS                = Text{"CVSS", "CVSS"}
	EPSS                = Text{"EPSS", "EPSS"}
	EPSSRank            = Text{"%s, higher than %s of all", "%s (全体の %s より高い)"}
	Exploits            = Text{"Public exploits", "公開済みの攻撃コード"}
	CWEs                = Text{"Weakness", "脆弱性タイプ"}
	Aliases             = Text{"Also known as", "別名"}
	Published           = Text{"Published", "公開日"}
	Evidence            = Text{"Evidence", "根拠"}
	References          = Text{"References", "参考情報"}
	UpgradeTo           = Text{"Upgrade %s to %s", "%s を %s に更新"}
	FixArrow            = Text{"fixed in %s", "修正版 %s"}
	AlsoIn              = Text{"(the same in %s)", "(%s も同様)"}
	AllWithWorse        = Text{"(listed above, with worse ones of the same package)", "(同じパッケージのより深刻な検出結果とともに上に記載)"}
	WithWorse           = Text{"%d listed above, with worse ones of the same package", "%d 件は、同じパッケージのより深刻な検出結果とともに上に記載"}
	AndFindings         = Text{"and %d more", "ほか %d 件"}
	AndPackages         = Text{"and %d more packages, all of them are in the JSON and HTML reports", "ほかパッケージ %d 個 (全件は JSON・HTML レポートに記載)"}
	SuppressedBy        = Text{"suppressed by %s: %s", "%s により抑制: %s"}
	StatedBy            = Text{"not affected, as %s itself states: %s", "影響なし (%s の組み込みの判定): %s"}
	SuppressedUntil     = Text{" (until %s)", " (%s まで)"}
	Suppressed          = Text{"Suppressed", "抑制した検出結果"}
	OnlyFixable         = Text{"fixable", "修正版あり"}
	OnlyNew             = Text{"new only", "新規のみ"}
	OnlyExploited       = Text{"exploited (KEV)", "悪用確認済み (KEV)"}
	CountOf             = Text{"%[1]s %[2]s", "%[2]s %[1]s 件"}
	ListComma           = Text{", ", "、"}
	ListStop            = Text{"; ", "、"}
	TopPackages         = Text{"Packages with most findings", "検出結果の多いパッケージ"}
	Subject             = Text{"Affected", "該当箇所"}
	WhyBad              = Text{"Why it matters", "影響"}
)

// StatusNames are the states of what nothing fixes.
var StatusNames = map[string]Text{
	"affected": {"no fix yet", "修正版なし"}, "will_not_fix": {"will not be fixed", "修正予定なし"}, "end_of_life": {"end of life", "サポート終了"},
	"under_investigation": {"under investigation", "調査中"}, "fix_deferred": {"fix deferred", "修正延期"}, "fixed": {"fixed", "修正済み"}, "not_affected": {"not affected", "影響なし"},
}

// Reason is the text of a verdict's reason, and how many arguments it takes.
type Reason struct {
	Text Text
	Args int
}

// ReasonTexts of verdicts, by their code.
var ReasonTexts = map[string]Reason{
	"no-gate":    {Text{"no gate was set, --fail-on sets one", "基準は未設定 (--fail-on で設定)"}, 0},
	"findings":   {Text{"%s, and %s or worse is denied", "%s (深刻度「%s」以上を拒否)"}, 2},
	"problems":   {Text{"%s problems: part of the target was not assessed", "問題 %s 件のため、対象の一部は未評価"}, 1},
	"not-judged": {Text{"not judged: %s", "未実行のスキャナー: %s"}, 1},
	"below":      {Text{"no finding is %s or worse", "深刻度「%s」以上の検出結果なし"}, 1},

	"new-findings": {Text{"new: %s, and %s or worse is denied where it is new", "新規 %s (深刻度「%s」以上の新規を拒否)"}, 2},
	"new-below":    {Text{"no new finding is %s or worse", "深刻度「%s」以上の新規の検出結果なし"}, 1},

	"rule-denied":         {Text{"denied (%s, %s): %s", "拒否 (%s、%s 件): %s"}, 3},
	"rule-warned":         {Text{"warning (%s, %s): %s", "警告 (%s、%s 件): %s"}, 3},
	"rule-not-known":      {Text{"the rule %s was not assessed, since it is not known: %s", "ルール %s は未評価 (不明な情報: %s)"}, 2},
	"rule-not-assessed":   {Text{"the rule %s was not assessed: %s", "ルール %s は未評価: %s"}, 2},
	"rule-not-looked-for": {Text{"nobody was asked to look for what the rule %s is about: %s", "ルール %s の対象は検査の指定なし: %s"}, 2},
	"rules-passed":        {Text{"rules that found nothing: %s of %s", "該当なしのルール: %[1]s / %[2]s 件"}, 2},
}

// ScannerCodes say why a scanner did not run.
var ScannerCodes = map[string]Text{
	"not-asked":           {"not asked for by --scanners", "--scanners で指定なし"},
	"not-in-this-version": {"not part of this version: packages are listed and not judged", "このバージョンでは未対応。パッケージの一覧のみで、評価は未実施"},
	"no-hash-list":        {"no list of hashes of malicious files: judged by structure and content alone", "マルウェアのハッシュ一覧なし。構造と内容だけで評価"},
	"no-content":          {"the target brings no files", "対象にファイルが含まれない"},
	"no-answer":           {"the service does not answer, see the problems", "サービスが応答しない。詳細は問題の欄"},
	"no-program":          {"the program is not installed or does not run, see the problems", "プログラムが未導入、または実行できない。詳細は問題の欄"},
	"no-rules":            {"there is no rule in its files, see the problems", "ファイルにルールがない。詳細は問題の欄"},
	"witness-silent":      {"the report does not show whether the tool looked", "レポートからは実施の有無が分からない"},
	"no-database":         {"there is no database of advisories", "脆弱性データベースなし"},
}

// Markdown as a comment.
var (
	CommentLeft        = Text{"Left out here, since a comment has a length (the JSON report has all): %s", "コメントの長さの上限により省略 (全件は JSON レポートに記載): %s"}
	CommentFindings    = Text{"findings %d", "検出結果 %d 件"}
	CommentActions     = Text{"actions %d", "対応 %d 件"}
	CommentRules       = Text{"rules of the policy %d", "ポリシーのルール %d 件"}
	CommentProblems    = Text{"parts that were not assessed %d", "未評価 %d 件"}
	CommentSuppressed  = Text{"suppressed findings %d", "抑制した検出結果 %d 件"}
	CommentWitnesses   = Text{"reports of other tools %d", "他ツールのレポート %d 件"}
	CommentDisputes    = Text{"disagreements %d", "相違 %d 件"}
	CommentDifferences = Text{"differences of platforms %d", "プラットフォーム間の差異 %d 件"}
	CommentLines       = Text{"lines of the coverage %d", "評価範囲の行 %d 件"}
	CommentPackages    = Text{"changed packages %d", "変更されたパッケージ %d 件"}
	CommentSuggestions = Text{"suggested edits %d", "修正案 %d 件"}
	CommentFurther     = Text{"%d more findings", "ほかの検出結果 %d 件"}
	CommentKnown       = Text{"%d known findings, which the change does not bring", "既知の検出結果 %d 件 (今回の変更によるものではない)"}
	FlagComment        = Text{"key of the hidden first line of -f markdown, by which a comment is found and updated; empty: made of the target's name", "-f markdown の先頭の隠し行に書くキー。投稿済みのコメントを探して更新するのに使う。空なら対象の名前から作る"}
)
