// SPDX-License-Identifier: Apache-2.0

package message

// What the commands and flags about rules say.
var (
	RulesShort       = Text{"List, show, test and export the rules of configuration", "設定ルールの一覧、説明、テスト、書き出し"}
	RulesListShort   = Text{"List the rules", "ルールの一覧を表示する"}
	RulesShowShort   = Text{"Show a rule: why it matters and what to write instead", "ルールの理由と直し方を表示する"}
	RulesTestShort   = Text{"Test your own rules by the archives beside them", "自作ルールを同じ場所のテスト用アーカイブで検証する"}
	RulesTestLong    = Text{"DIR holds the rules (*.yaml) and for each a test ID.txtar, with cases in the directories bad... and good...,\nand the wanted findings in the file want (PATH:LINE [RESOURCE] TEXT).", "DIR にはルール (*.yaml) と、ルールごとのテスト ID.txtar を置きます。テストには bad... と good... で始まるディレクトリのケースと、\n期待する検出結果 want (パス:行 [リソース] 抜粋) を書きます。"}
	RulesExportShort = Text{"Write rules of Kubernetes as native admission policies", "Kubernetes のルールをネイティブのアドミッションポリシーとして書き出す"}

	FlagRules           = Text{"directory or file with rules of your own", "自作ルールのディレクトリまたはファイル"}
	FlagSkipRule        = Text{"rules that are not to run, by id or by another tool's id", "実行しないルール。ID または他ツールの ID で指定"}
	FlagEnableRule      = Text{"rules to run although they are off by default", "既定では実行しないルールを有効にする"}
	FlagTrustedRegistry = Text{"registries that images may come from, such as ghcr.io or *.example.com", "イメージの取得を許可するレジストリ。例: ghcr.io、*.example.com"}
	FlagRequireLabel    = Text{"labels that an image must have, NAME:FORM, FORM one of text, url, rfc3339, spdx, hash, semver, email", "イメージに必須のラベル。名前:形式 (text、url、rfc3339、spdx、hash、semver、email) で指定"}
	FlagStrictLabels    = Text{"allow no labels but the required ones", "必須ラベル以外を許可しない"}
	FlagHelmValues      = Text{"values file to render Helm charts with, a path in the scanned tree", "Helm チャートの描画に使う values ファイル。対象内のパスで指定"}
	FlagKubeVersion     = Text{"version of Kubernetes to render Helm charts for, 1.31 (default: the newest that is known)", "Helm チャートの描画で想定する Kubernetes のバージョン。例: 1.31 (既定: 対応する最新)"}
	FlagHelmSet         = Text{"value to render Helm charts with, KEY=VALUE", "Helm チャートの描画に使う値。KEY=VALUE で指定"}
	FlagShellCheck      = Text{"judge RUN bodies by the program ShellCheck too: off, auto (when it is installed) or its path", "RUN の本文を ShellCheck でも検査する。off、auto (導入済みの場合)、またはプログラムのパスで指定"}
	FlagResolveBases    = Text{"open base images to see which user they have (daemon or registry)", "ベースイメージを開いてユーザーを確認する (デーモンまたはレジストリ)"}
	FlagRuleKind        = Text{"only rules of this kind of resource: %s", "この種類のルールだけを対象にする: %s"}
	FlagRuleFormat      = Text{"table, json or markdown", "table、json、markdown のいずれか"}
	FlagExportFormat    = Text{"validatingadmissionpolicy", "validatingadmissionpolicy"}

	RuleKindUnknown   = Text{"there is no kind %q of rules: %s", "ルールの種類 %q はありません: %s"}
	RuleUnknown       = Text{"there is no rule %q; sekisho rules list names them", "ルール %q はありません。sekisho rules list で一覧を表示できます"}
	RuleFormatUnknown = Text{"there is no format %q: %s", "形式 %q はありません: %s"}
	ShellCheckNone    = Text{"--shellcheck %s: there is no such program; write off, auto or its path", "--shellcheck %s: プログラムがありません。off、auto、またはパスを指定してください"}
	BaseUnknown       = Text{"the user of the base image %s is not known: %v", "ベースイメージ %s のユーザーが分かりません: %v"}
	RulesFileBad      = Text{"the rules cannot be used: %s", "ルールを使用できません: %s"}
	RulesNoFiles      = Text{"%s holds no rules: files that end in .yaml or .yml", "%s にルール (.yaml または .yml で終わるファイル) がありません"}
	RulesNeeded       = Text{"rules test needs --rules DIR", "rules test には --rules (ディレクトリ) が必要です"}
	RulesTested       = Text{"%d rules tested, all as wanted", "%d 個のルールを検証し、すべて期待どおりです"}
	RulesTestFailed   = Text{"%d of %d rules are not as wanted", "%[2]d 個中 %[1]d 個のルールが期待と異なります"}
	RuleNoTest        = Text{"there is no test %s", "テスト %s がありません"}
	BadLabelForm      = Text{"--require-label %q: write it like org.opencontainers.image.source:url, the form one of %s", "--require-label %q: org.opencontainers.image.source:url のように書きます。形式は %s のいずれかです"}
	RulesNotExported  = Text{"%s cannot be said in the language of admission policies", "%s はアドミッションポリシーの言語では書けません"}

	RuleKindColumn   = Text{"Kind", "種類"}
	RuleIDColumn     = Text{"Rule", "ルール"}
	RuleTitleColumn  = Text{"What it finds", "検出する内容"}
	RuleAliasColumn  = Text{"Also known as", "他ツールの ID"}
	RuleSevColumn    = Text{"Severity", "深刻度"}
	RuleBecause      = Text{"Severity", "深刻度"}
	RuleWhy          = Text{"Why", "理由"}
	RuleFix          = Text{"What to do", "対処"}
	RuleAliases      = Text{"Also known as", "他ツールの ID"}
	RuleReferences   = Text{"References", "参照"}
	RuleStages       = Text{"Stages", "段階"}
	RuleOff          = Text{"off by default: --enable-rule %s", "既定では無効: --enable-rule %s"}
	RuleFixable      = Text{"sekisho fix can rewrite it", "sekisho fix で書き換えられます"}
	RuleOwner        = Text{"Who acts", "対応の主体"}
	RulesCatalogue   = Text{"Rules", "ルール一覧"}
	RulesCatalogueIs = Text{"Written by `sekisho rules list -f markdown`. %d rules of %d kinds of resource.", "`sekisho rules list -f markdown` の出力です。%[2]d 種類のリソースに対する %[1]d 個のルール。"}
)
