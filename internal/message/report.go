// SPDX-License-Identifier: Apache-2.0

package message

// Labels of reports.
var (
	Target        = Text{"Target", "対象"}
	System        = Text{"System", "OS"}
	Database      = Text{"Database", "脆弱性データベース"}
	NoDatabase    = Text{"none: packages were not judged against advisories", "なし: パッケージを脆弱性情報と照合していません"}
	Findings      = Text{"Findings", "検出結果"}
	NoFindings    = Text{"no findings in what was assessed", "評価した範囲に検出結果はありません"}
	Packages      = Text{"Packages", "パッケージ"}
	Coverage      = Text{"Coverage: what was looked at", "評価範囲"}
	NotAssessed   = Text{"Not assessed", "未評価"}
	Problems      = Text{"Problems", "評価できなかったもの"}
	Verdict       = Text{"Verdict", "判定"}
	Severity      = Text{"Severity", "深刻度"}
	Rule          = Text{"Rule", "ルール"}
	Package       = Text{"Package", "パッケージ"}
	Version       = Text{"Version", "バージョン"}
	Fixed         = Text{"Fixed in", "修正版"}
	Introduced    = Text{"Introduced by", "混入したレイヤー"}
	Where         = Text{"Where", "場所"}
	Title         = Text{"Title", "概要"}
	Kind          = Text{"Kind", "種別"}
	Ecosystem     = Text{"Ecosystem", "エコシステム"}
	Visible       = Text{"in container", "コンテナ内"}
	HiddenCount   = Text{"lower layers", "下位レイヤー"}
	OwnedCount    = Text{"OS-owned", "OS が所有"}
	Layers        = Text{"Layers", "レイヤー"}
	LayersLine    = Text{"%d layers: %d from the cache, %d not read to the end", "レイヤー %d 個 (キャッシュ %d、最後まで読めなかったもの %d)"}
	FilesLine     = Text{"%d files, %s; %d read by extractors", "ファイル %d 個、%s (抽出器が読んだもの %d)"}
	UnownedLine   = Text{"%d programs that no package owns and nobody could name: %s", "どのパッケージにも属さず、名前も分からないプログラム %d 個: %s"}
	Ran           = Text{"ran", "実行"}
	DidNotRun     = Text{"did not run", "未実行"}
	Total         = Text{"Total", "合計"}
	TotalLine     = Text{"%d findings: %s; %d suppressed; %d packages", "検出結果 %d 件: %s、抑制 %d 件、パッケージ %d 個"}
	NoOS          = Text{"no distribution was recognised", "ディストリビューションを識別できません"}
	OSUnsupported = Text{"not a distribution that is known: its packages cannot be judged by anybody's advisories", "未対応のディストリビューションのため、パッケージを脆弱性情報と照合できません"}
	OSDerived     = Text{"derived from %s, whose advisories apply as far as they fit", "%s の派生ディストリビューションです。その脆弱性情報を準用します"}
	OSEnded       = Text{"its support ended on %s: no more fixes come, move to a release that is supported", "サポートは %s に終了しました。修正は提供されないため、サポート中のリリースへ移行してください"}
	OSExtended    = Text{"regular support ended on %s, long term support ends on %s", "通常サポートは %s に終了、長期サポートは %s まで"}
	OSSupported   = Text{"supported until %s", "%s までサポート"}
	Incomplete    = Text{"not assessed in part", "一部未評価"}
	MoreProblems  = Text{"... and %d more, all of them are in the JSON report", "... ほか %d 件。すべて JSON 報告にあります"}
	Allowed       = Text{"allowed", "許可"}
	DeniedWord    = Text{"denied", "拒否"}
	Differences   = Text{"Differences between platforms", "プラットフォーム間の差異"}
	Missing       = Text{"missing", "なし"}
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
	AllPackages   = Text{"all packages", "すべてのパッケージ"}
	ShownOf       = Text{"shown", "件表示"}
	Hidden        = Text{"removed by a later layer", "後のレイヤーで削除"}
	OwnedBy       = Text{"installed by %s", "%s がインストール"}
)

// SeverityNames in both languages, by their English name.
var SeverityNames = map[string]Text{
	"critical": {"critical", "緊急"}, "high": {"high", "重要"}, "medium": {"medium", "警告"},
	"low": {"low", "注意"}, "negligible": {"negligible", "軽微"}, "unknown": {"unknown", "不明"},
}
