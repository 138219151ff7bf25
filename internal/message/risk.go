// SPDX-License-Identifier: Apache-2.0

package message

// RiskLines explain one summand of a score, by its code.
var RiskLines = map[string]Text{
	"severity":        {"severity %s", "深刻度 %s"},
	"remote":          {"reachable over the network", "ネットワーク経由で攻撃可能"},
	"effortless":      {"needs no privileges and no help of a user", "権限も利用者の操作も不要"},
	"kev":             {"CISA lists it as exploited (%s)", "CISA が悪用を確認 (%s)"},
	"ransomware":      {"used by ransomware", "ランサムウェアで使用"},
	"epss":            {"probability of exploitation in 30 days (EPSS): %s", "30 日以内に悪用される確率 (EPSS): %s"},
	"epss-percentile": {"more likely to be exploited than %s %% of all flaws (EPSS)", "全脆弱性の %s %% より悪用されやすい (EPSS)"},
	"exploited":       {"observed in attacks", "攻撃での使用を観測"},
	"exploit":         {"a public exploit exists: %s", "公開された攻撃コードあり: %s"},
	"fix":             {"a fix exists: %s", "修正版あり: %s"},
	"own-file":        {"a change of one's own file fixes it", "自分のファイルの変更で解消"},
	"old-fix":         {"public since %s or longer", "遅くとも %s から公開"},
	"exposed":         {"the container serves %s", "コンテナが %s を公開"},
	"routed":          {"reachable from outside by %s", "%s により外部から到達可能"},
	"powers":          {"the container reaches the host: %s", "コンテナからホストに手が届く: %s"},
	"privileged":      {"the container is privileged", "特権コンテナで動作"},
	"root":            {"the container runs as root", "コンテナが root で動作"},
	"in-use":          {"seen in use", "使用中であることを確認"},
	"not-in-use":      {"never seen in use", "使用を一度も確認していない"},
	"application":     {"of the application, not of the distribution", "ディストリビューションではなくアプリケーションの一部"},
	"direct":          {"a direct dependency", "直接の依存"},
	"secret":          {"a secret that leaked", "漏えいしたシークレット"},
	"verified":        {"%s still takes it", "%s で現在も有効"},
	"rejected":        {"%s does not take it any more", "%s では無効になっている"},
	"malware":         {"malware", "マルウェア"},
	"hidden":          {"only in a lower layer", "下位レイヤーのみに存在"},
	"builder":         {"only in a builder stage", "ビルド用ステージのみに存在"},
	"no-code":         {"the package holds none of the code that the flaw is in", "欠陥のあるコードがパッケージに含まれない"},
	"host-kernel":     {"a container runs on the kernel of its host, not on this one", "コンテナはこのカーネルではなくホストのカーネルで動作"},
	"dev":             {"a dependency of development only", "開発時だけの依存"},
}

// RiskClassNames as reports show them.
var RiskClassNames = map[string]Text{
	"act-now": {"act now", "今すぐ対応"},
	"plan":    {"plan", "計画して対応"},
	"track":   {"track", "経過観察"},
	"accept":  {"accept candidate", "受容候補"},
}

// InstallReasons say why a package of a distribution is there.
var InstallReasons = map[string]Text{
	"essential": {"a system needs it", "システムに必須"},
	"asked":     {"somebody asked for it", "名前を指定してインストール"},
	"automatic": {"it came because others needed it", "他のパッケージの依存でインストール"},
}

// Actions by kind, with the arguments that report.actionText gives.
var (
	Actions = map[string]Text{
		"upgrade-system":           {"Upgrade %[2]d packages of %[1]s (%[3]s), or rebuild on a newer base", "%[1]s のパッケージ %[2]d 個を更新 (%[3]s)、または新しいベースで再ビルド"},
		"upgrade-base":             {"Rebuild on the newest %[1]s, or upgrade %[2]d packages (%[3]s)", "最新の %[1]s で再ビルド、またはパッケージ %[2]d 個を更新 (%[3]s)"},
		"upgrade-own":              {"Upgrade %[2]d packages above the base, in a layer of your own (%[3]s)", "ベースの上にある自前のレイヤーでパッケージ %[2]d 個を更新 (%[3]s)"},
		"rebuild-base":             {"Rebuild: the tag %[1]s names a newer image (%[2]d packages: %[3]s)", "再ビルド: タグ %[1]s は新しいイメージを指す (パッケージ %[2]d 個: %[3]s)"},
		"move-base":                {"Build on %[4]s instead of %[1]s (%[2]d packages: %[3]s)", "ベースを %[1]s から %[4]s に変更 (パッケージ %[2]d 個: %[3]s)"},
		"upgrade-dependency":       {"Raise %[1]s from %[2]s to %[3]s", "%[1]s を %[2]s から %[3]s に更新"},
		"refresh-lock":             {"Refresh %[1]s: %[2]d packages within their major versions (%[3]s)", "%[1]s を更新: メジャーバージョンを変えずにパッケージ %[2]d 個 (%[3]s)"},
		"rebuild-program":          {"Rebuild or replace the program %[1]s: %[2]d modules (%[3]s)", "プログラム %[1]s を再ビルドまたは置き換え: モジュール %[2]d 個 (%[3]s)"},
		"replace-program":          {"Replace the program %[1]s %[2]s by %[3]s", "プログラム %[1]s %[2]s を %[3]s に置き換え"},
		"change-file":              {"Change %[1]s: %[2]s", "%[1]s を修正: %[2]s"},
		"change-file-many":         {"Change %[2]d things in %[1]s (%[3]s)", "%[1]s の %[2]d 点を修正 (%[3]s)"},
		"rotate-secret":            {"Revoke the secret in %[1]s (%[2]s), then rebuild without it", "%[1]s のシークレット (%[2]s) を失効させ、含めずに再ビルド"},
		"remove":                   {"Remove %[1]s (%[2]s)", "%[1]s (%[2]s) を削除"},
		"drop-packages":            {"Drop %[2]d packages of %[1]s that nothing installed needs (%[3]s)", "%[1]s のパッケージのうち、インストール済みの何からも必要とされない %[2]d 個を削除 (%[3]s)"},
		"drop-own":                 {"Leave %[2]d packages that nothing installed needs out of the image (%[3]s): remove them in the RUN that installs them, or use a builder stage", "インストール済みの何からも必要とされないパッケージ %[2]d 個をイメージに残さない (%[3]s): インストールと同じ RUN で削除、またはビルド用ステージを使う"},
		"drop-base":                {"Build on a slimmer base than %[1]s: nothing installed needs %[2]d packages of it (%[3]s)", "%[1]s より小さいベースを使う: 含まれるパッケージ %[2]d 個は、インストール済みの何からも必要とされない (%[3]s)"},
		"mitigate":                 {"Remove %[1]s %[2]s, or keep it out of reach: it is exploited, and no fix exists yet", "%[1]s %[2]s を削除するか到達できないようにする: 悪用が確認されているが修正版がない"},
		"rebuild-without":          {"Rebuild without %[1]s: a later layer only hides it, and it is still in the image", "%[1]s を含めずに再ビルド: 後のレイヤーで隠れているだけで、イメージには残っている"},
		"migrate-release-extended": {"Plan the move from %[1]s, whose regular support has ended, to a newer release", "通常サポートが終了した %[1]s から新しいリリースへの移行を計画"},
		"migrate-release":          {"Move from %[1]s, which gets no fixes any more, to a supported release", "修正が提供されなくなった %[1]s から、サポート中のリリースへ移行"},
	}
	ActionMajor     = Text{"a new major version", "メジャーバージョンの変更"}
	ActionCloses    = Text{"closes %d", "%d 件を解消"}
	ActionAlsoIn    = Text{"(and in %d more places: %s)", "(ほか %d か所: %s)"}
	ActionAdds      = Text{"%d of them new", "うち新規 %d 件"}
	ActionRemaining = Text{"%d remain", "残り %d 件"}
	ActionUnseen    = Text{"as far as packages tell", "パッケージ情報による判断"}
	ActionUnseenAll = Text{"Seen are the dependencies of packages, what programs are linked with, the first lines of scripts and the image's command; a program that calls another by its name is not.", "確認しているのは、パッケージの依存関係、プログラムのリンク先、スクリプトの先頭行、イメージのコマンドです。プログラムが名前で呼び出すものは見えません。"}
	ActionCommand   = Text{"Command", "コマンド"}
	ActionUsers     = Text{"What needs it", "使用元"}
	NeededBy        = Text{"needed by %d packages: %s", "%d 個のパッケージが必要としている: %s"}
	NeededByNone    = Text{"no installed package needs it", "必要としているパッケージはない"}
	UsedBy          = Text{"used by %s", "使用: %s"}
	ActionsHead     = Text{"What to do", "対応すること"}
	ActionsSummary  = Text{"%d actions close %d of %d findings", "%[2]d 件 (全 %[3]d 件) を %[1]d 個の対応で解消"}
	ActionsMore     = Text{"and %d more actions that close %d findings (in the other formats)", "ほか %d 個の対応で %d 件を解消 (他の形式にすべて記載)"}
	// OneSecurityContext is for so many of the things to change.
	OneSecurityContext = Text{"a securityContext for %d of them", "うち %d 点は securityContext の記述"}
	ActionsWaiting     = Text{"Nothing to do yet about %d findings: %s", "現時点で対応できない検出結果 %d 件: %s"}
	LowerLayersOnly    = Text{"in lower layers only", "下位レイヤーのみ"}
	ActionsRest        = Text{"%d more actions that close %d findings", "ほか %d 個の対応で %d 件を解消"}
	RiskScore          = Text{"Risk", "リスク"}
	RiskOf             = Text{"%d of 100, %s", "100 点中 %d 点、%s"}
	RiskDue            = Text{"by %s", "期限 %s"}
	RiskTimes          = Text{"times %g", "%g 倍"}
)
