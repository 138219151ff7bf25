// SPDX-License-Identifier: Apache-2.0

package message

// Texts of the reports of other tools: the command merge, and how they agree.
var (
	MergeShort = Text{"Join a report with the reports of other tools", "レポートに他ツールのレポートを統合する"}
	MergeLong  = Text{
		"Join a JSON report of sekisho with reports of other tools: SARIF, CycloneDX with vulnerabilities, and the JSON of Trivy,\nGrype, Snyk and Amazon Inspector, told apart by their content, also packed by gzip. A finding that several have is one with\nseveral witnesses; where they disagree, the reason is given as far as it can be known. Our severity and fixed version stay.",
		"sekisho の JSON レポートに、他ツールのレポートを統合します。SARIF、脆弱性情報付き CycloneDX、および Trivy、Grype、Snyk、\nAmazon Inspector の JSON を内容で判別して読み込みます (gzip 可)。同じ検出結果は一件にまとめて各ツールの見解を併記し、食い違いが\nあれば分かる範囲で理由を示します。sekisho が判定した深刻度と修正版は変わりません。",
	}
	MergeExample = Text{
		"  sekisho merge report.json trivy.json grype.json\n  sekisho merge report.json trivy.json -f json -o merged.json\n  sekisho scan alpine:3.20 --witness trivy.json",
		"  sekisho merge report.json trivy.json grype.json\n  sekisho merge report.json trivy.json -f json -o merged.json\n  sekisho scan alpine:3.20 --witness trivy.json",
	}
	MergeTwo       = Text{"merge takes a report of sekisho and one or more of other tools: sekisho merge report.json trivy.json", "merge には sekisho のレポートと、統合する他ツールのレポートを一つ以上指定してください: sekisho merge report.json trivy.json"}
	MergeStdinOnce = Text{"standard input (-) can be only one of the reports", "標準入力 (-) に指定できるレポートは一つだけです"}
	FlagWitness    = Text{"a report of another tool (SARIF, CycloneDX, Trivy, Grype, Snyk, Amazon Inspector) to join before the gate", "ゲート判定の前に統合する他ツールのレポート (SARIF、CycloneDX、Trivy、Grype、Snyk、Amazon Inspector)"}
	WitnessOther   = Text{"%s is about another image (%s, not %s): its findings are joined all the same", "%s は別のイメージのレポートです (%s。対象は %s)。検出結果はそのまま統合します"}
	MergeNoDB      = Text{"without a database it cannot be told why findings of other tools are not ours: %v", "データベースがないため、他ツールだけが検出した理由は調べられません: %v"}

	WitnessSection      = Text{"Other tools", "他ツールとの比較"}
	WitnessLine         = Text{"%s: %d findings, %d of them are ours too, %d are not", "%s: 検出 %d 件、うち sekisho と共通 %d 件、このツールのみ %d 件"}
	WitnessForeignLine  = Text{"%s: %d findings", "%s: 検出 %d 件"}
	WitnessMissing      = Text{"; %d of ours it does not have", "。sekisho のみの検出 %d 件"}
	WitnessNoPackages   = Text{"; it does not list the packages that it saw: what it does not report is not assessed by it", "。確認したパッケージの一覧がないため、記載のないものはこのツールでは未評価"}
	WitnessOtherTarget  = Text{"; the report is about another image", "。別のイメージのレポート"}
	DisagreeSection     = Text{"Where the tools disagree", "ツール間の食い違い"}
	DisagreeMore        = Text{"... and %d more, all of them are in the JSON report and in sekisho explain", "... ほか %d 件 (全件は JSON レポートと sekisho explain に記載)"}
	DisagreeKinds       = Text{"%s: %d", "%s %d 件"}
	SeenBy              = Text{"also: %s", "他ツールも検出: %s"}
	OnlyBy              = Text{"only %s", "%s のみ"}
	Witnesses           = Text{"other tools", "他ツール"}
	Disagreements       = Text{"disagreement", "食い違い"}
	WitnessSeverity     = Text{"severity %s", "深刻度 %s"}
	WitnessSeverityBy   = Text{"severity %s (%s)", "深刻度 %s (%s)"}
	WitnessFixed        = Text{"fixed in %s", "修正版 %s"}
	WitnessNoFix        = Text{"no fix", "修正版なし"}
	WitnessSuppressed   = Text{"not counted by the tool: %s", "ツール側で除外: %s"}
	WitnessByCPE        = Text{"matched by CPE", "CPE で照合"}
	WitnessReasonJoiner = Text{": ", ": "}
)

// DisagreementHeads say what a disagreement is about, by its word; arguments are
// the tool, what it says and what we say.
var DisagreementHeads = map[string]Text{
	"severity":      {"%[1]s says %[2]s, we say %[3]s", "%[1]s は%[2]s、sekisho は%[3]s"},
	"fixed":         {"%[1]s says fixed in %[2]s, we say %[3]s", "修正版は %[1]s では %[2]s、sekisho では %[3]s"},
	"affected":      {"%[1]s does not count it (%[2]s), we do (%[3]s)", "%[1]s は対象外 (%[2]s)、sekisho は対象 (%[3]s)"},
	"kind":          {"%[1]s calls it %[2]s, we call it %[3]s", "%[1]s では %[2]s、sekisho では %[3]s"},
	"missing-here":  {"only %[1]s (%[2]s)%.0[3]s", "%[1]s のみが検出 (%[2]s)%.0[3]s"},
	"missing-there": {"not in %[1]s%.0[2]s%.0[3]s", "%[1]s では検出なし%.0[2]s%.0[3]s"},
}

// DisagreementKinds count disagreements, by what they are about.
var DisagreementKinds = map[string]Text{
	"severity": {"severity", "深刻度"}, "fixed": {"fixed version", "修正版"}, "affected": {"not counted there", "ツール側で対象外"}, "kind": {"kind", "種別"},
	"missing-here": {"not ours", "他ツールのみ"}, "missing-there": {"ours alone", "sekisho のみ"},
}

// DisagreementReasons say why, by code.
var DisagreementReasons = map[string]struct {
	Args int
	Text Text
}{
	"unknown":           {0, Text{"we do not know why", "理由は不明"}},
	"severity-source":   {2, Text{"theirs is the word of %s, ours that of %s", "他ツールは %s、sekisho は %s の評価による"}},
	"severity-unrated":  {0, Text{"the tool gives no severity", "ツールが深刻度を示していない"}},
	"severity-own":      {1, Text{"the tool rates by itself, ours is the word of %s", "ツール独自の評価。sekisho は %s の評価による"}},
	"severity-rule":     {0, Text{"every tool rates its own rules", "ルールの深刻度はツールごとに異なる"}},
	"fix-source":        {2, Text{"theirs comes from %s, ours from %s", "他ツールは %s、sekisho は %s の情報による"}},
	"fix-upstream":      {2, Text{"the tool takes the upstream project's versions (%s), ours is of the distribution's advisory (%s)", "ツールは上流プロジェクトのバージョン (%s) で判定。sekisho はディストリビューションの情報 (%s) による"}},
	"fix-earlier":       {2, Text{"%s says so too; %s is the one that satisfies every source", "%s にも同じ記載あり。すべての情報源を満たすのは %s"}},
	"fix-older":         {2, Text{"its advisories are of %s, ours of %s", "ツールの脆弱性情報は %s 時点、sekisho は %s 時点"}},
	"fix-channel":       {1, Text{"the fix comes from the channel %s only", "修正版は追加チャネル %s のみで提供"}},
	"not-affected":      {1, Text{"its report says: %s; another's word does not lower ours", "ツールの記載: %s。他ツールの見解で sekisho の判定は下げない"}},
	"suppressed":        {1, Text{"suppressed there: %s; another's word does not lower ours", "ツール側で抑制: %s。他ツールの見解で sekisho の判定は下げない"}},
	"malware":           {0, Text{"an advisory says that the package itself is malicious", "パッケージ自体が悪意あるものとする情報の有無による"}},
	"scanner-off":       {1, Text{"our scanner %s did not run", "sekisho のスキャナー %s は未実行"}},
	"no-package":        {1, Text{"we do not have a package %s in the target", "対象にパッケージ %s が見つからない"}},
	"other-version":     {1, Text{"we have it in version %s", "sekisho が確認したバージョンは %s"}},
	"no-file":           {1, Text{"we judged no file of the kind %s in the target", "対象に %s のファイルがなく評価していない"}},
	"hidden":            {0, Text{"a later layer removed the package: no container sees it", "後のレイヤーで削除されており、コンテナからは見えない"}},
	"owned":             {1, Text{"it was installed by %s, which is judged in its place", "%s によってインストールされており、そのパッケージとして評価"}},
	"root":              {0, Text{"it is the project itself", "プロジェクト自身"}},
	"not-assessed":      {1, Text{"we have no advisories for packages of %s: not assessed", "%s のパッケージに対応する脆弱性情報がなく未評価"}},
	"cleared":           {3, Text{"our database, by %s %s: %s", "sekisho のデータベース (%s %s) では: %s"}},
	"no-advisory":       {1, Text{"no advisory of %s names it with this package", "%s にこのパッケージに関する該当情報なし"}},
	"cpe":               {0, Text{"the tool matched by CPE, that is by name, and no advisory of the package's own world names it", "ツールは CPE (名前) で照合。パッケージの提供元の情報には該当なし"}},
	"affected-here":     {2, Text{"the database in use now has it (%s %s): scan again", "現在のデータベースには記載あり (%s %s)。再スキャンが必要"}},
	"database-older":    {2, Text{"its advisories are of %s, the flaw became public on %s", "ツールの脆弱性情報は %s 時点。この脆弱性の公開は %s"}},
	"only-fixed":        {0, Text{"its report has no finding without a fix: it was probably asked for fixed ones only", "レポートに修正版のない検出がなく、修正可能なものだけに絞られた可能性が高い"}},
	"lowest":            {1, Text{"its report has nothing below %s: it was probably filtered", "レポートに %s 未満の検出がなく、絞り込まれた可能性が高い"}},
	"package-not-there": {0, Text{"it does not list the package", "ツールのパッケージ一覧に記載なし"}},
	"package-there":     {0, Text{"it lists the package, and does not say why", "パッケージは一覧にあるが、理由の記載なし"}},
}
