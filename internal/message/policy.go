// SPDX-License-Identifier: Apache-2.0

package message

// The words of policies.
var (
	FlagPolicy = Text{
		"policy to judge by: a file, or strict, recommended or audit; none judges by no policy that is found",
		"判定に使うポリシー。ファイルまたは strict、recommended、audit。none は自動検出したポリシーを使わない",
	}
	FlagTeam = Text{"team that owns the target, for policies", "対象を所有するチーム。ポリシーの判定に使う"}
	FlagTag  = Text{"tag of the target for policies, as name=value", "ポリシーの判定に使うタグ。名前=値 の形式"}

	FlagWorkload = Text{"manifest, chart, task definition or Compose file that runs the image: its ports, user and rights count in the ranking", "イメージを動かすマニフェスト、チャート、タスク定義、Compose ファイル。ポート、ユーザー、権限をリスク評価に反映"}
	// Workloads of --workload.
	WorkloadBad     = Text{"--workload %s: %s: %s", "--workload %s: %s: %s"}
	WorkloadNone    = Text{"--workload %s: no container is started there; name a manifest or a chart of Kubernetes, a task definition of ECS, or a Compose file", "--workload %s: コンテナを起動する定義が見つかりません。Kubernetes のマニフェストやチャート、ECS のタスク定義、Compose ファイルを指定してください"}
	WorkloadMany    = Text{"--workload %s: more files than are read; name the directory of the manifests", "--workload %s: ファイルが多すぎます。マニフェストのあるディレクトリを指定してください"}
	WorkloadOther   = Text{"the files of --workload start no container of %s, but of %s: name the file that runs it", "--workload のファイルに %s のコンテナはなく、あるのは %s です。このイメージを動かすファイルを指定してください"}
	WorkloadAssumed = Text{"the only image in the files of --workload is %s: %s is ranked as if it were that one", "--workload のファイルにあるイメージは %s のみのため、%s をこのイメージとみなして評価"}
	WorkloadUnread  = Text{"%s: not read, so the ranking may miss how the image runs: %s", "%s: 読み取れないため、実行方法がリスク評価に反映されない可能性あり: %s"}
	WorkloadRuns    = Text{"Runs as", "実行方法"}
	WorkloadRoot    = Text{"root", "root"}
	WorkloadNotRoot = Text{"not root", "root 以外"}
	WorkloadUser    = Text{"the image's user", "イメージのユーザー"}
	WorkloadAll     = Text{"privileged", "特権"}
	WorkloadPorts   = Text{"ports %s", "ポート %s"}
	WorkloadRoutes  = Text{"from outside by %s", "外部から %s 経由"}
	FlagRisk        = Text{"file with weights and days of the ranking", "リスク評価の重みと対応期限を書いたファイル"}
	RiskBad         = Text{"the weights cannot be used: %s", "リスクの重みを使用できません: %s"}

	AndMore        = Text{"and %s more", "ほか %s 件"}
	WeightsChanged = Text{"the ranking has other weights: %s", "リスク評価の重みを変更: %s"}

	FlagPolicyDay = Text{"day that conditions take for today, such as 2026-12-31 (default the report's)", "条件が「今日」とみなす日付。例: 2026-12-31 (既定はレポートの作成日)"}
	PolicyDay     = Text{"--day %q is no date, write it like 2026-12-31", "--day %q は日付ではありません。2026-12-31 のように書きます"}

	PolicyBad     = Text{"the policy cannot be used: %s", "ポリシーを使用できません: %s"}
	PolicyNone    = Text{"--policy none goes with no other policy", "--policy none は他のポリシーと同時に指定できません"}
	PolicyTag     = Text{"--tag %q is not name=value", "--tag %q が 名前=値 の形式ではありません"}
	PolicyUsed    = Text{"judged by the policy %s: %d rules", "ポリシー %s (ルール %d 件) で判定"}
	PolicyLink    = Text{"%s leads out of its directory and is not read; --policy names it", "%s はディレクトリの外を指すため読みません。--policy で指定できます"}
	PolicyNoFile  = Text{"there is no policy %q: it is neither a file nor one of %s", "ポリシー %q がありません。ファイルでも %s のいずれでもありません"}
	PolicyShort   = Text{"Policies: who may pass, and why", "ポリシー: 何を通し、何を止めるか"}
	PolicyWhich   = Text{"name one policy: a file, or one of %s", "ポリシーを 1 つ指定してください。ファイルまたは %s"}
	PolicyColumns = []Text{{"Rule", "ルール"}, {"Effect", "効果"}, {"About", "判定の単位"}, {"From", "定義元"}, {"Message", "説明"}}
	PolicyGood    = Text{"%s: %d rules, no mistakes", "%s: ルール %d 件、誤りなし"}

	PolicyCheckShort = Text{"Check a policy and list its rules", "ポリシーを検査し、ルールを一覧表示"}
	PolicyShowShort  = Text{"Print a preset, to begin one's own with", "プリセットを表示。独自ポリシーの出発点に使える"}
	PolicyTestShort  = Text{"Run the examples of a policy", "ポリシーのテストを実行"}
	PolicyTestLong   = Text{
		"Run the tests of a policy: pieces of reports, and the decision and rules that they lead to. Tests are in the file, or in a file NAME_test.yaml beside it. The status is 1 when one fails.",
		"ポリシーのテスト (レポートの一部と、期待する判定・ルール) を実行します。テストはポリシーのファイル内、または隣の 名前_test.yaml に書きます。失敗したテストがあれば終了ステータスは 1 です。",
	}
	PolicyEvalShort = Text{"Judge a stored report again", "保存したレポートを再判定"}
	PolicyEvalLong  = Text{
		"Judge a JSON report by policies, without a new scan. Without --policy it is judged by what it was judged by when it was made: the verdict is the same. Files of policies that it names are to be given.",
		"スキャンし直さずに JSON レポートをポリシーで判定します。--policy を省略すると、レポート作成時と同じ基準で判定し、判定も同じになります。作成時にポリシーファイルを使った場合は、そのファイルの指定が必要です。",
	}
	PolicyEvalIn      = Text{"name the report: --in REPORT.json", "レポートを指定してください: --in REPORT.json"}
	PolicyEvalFile    = Text{"the report was judged by the file %s: give it with --policy", "このレポートは %s で判定されています。--policy で指定してください"}
	PolicyEvalChanged = Text{"%s is not the policy that the report was judged by: it has changed since", "%s はレポート作成時のポリシーから変更されています"}
	PolicyEvalPart    = Text{"the report shows %d of the %d findings that were judged: write it without --severity and --only-fixed to judge it again", "このレポートには判定した検出結果 %[2]d 件のうち %[1]d 件だけが含まれます。再判定するには --severity と --only-fixed なしで出力してください"}
	PolicyEvalSame    = Text{"the verdict is the one in the report", "レポートの判定と一致"}
	PolicyEvalOther   = Text{"the report says %s", "レポートの判定は %s"}

	PolicyTestPass = Text{"ok    %s", "成功  %s"}
	PolicyTestFail = Text{"FAIL  %s (line %d): %s", "失敗  %s (%d 行目): %s"}
	PolicyTestEnd  = Text{"%d tests passed", "テスト %d 件が成功"}
	PolicyTestBad  = Text{"%d of %d tests failed", "テスト %[2]d 件のうち %[1]d 件が失敗"}
	PolicyNoTests  = Text{"%s has no tests: write them under tests, or in %s", "%s にテストがありません。tests の下、または %s に書いてください"}

	PolicyEffects  = map[string]Text{"deny": {"deny", "拒否"}, "warn": {"warn", "警告"}}
	PolicySubjects = map[string]Text{"finding": {"each finding", "検出結果ごと"}, "package": {"each package", "パッケージごと"}, "result": {"the target", "対象全体"}}
)
