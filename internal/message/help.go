// SPDX-License-Identifier: Apache-2.0

package message

// The headings of help.
var (
	HelpUsage       = Text{"Usage:", "使い方:"}
	HelpAliases     = Text{"Aliases:", "別名:"}
	HelpExamples    = Text{"Examples:", "例:"}
	HelpCommands    = Text{"Commands:", "コマンド:"}
	HelpFlags       = Text{"Flags:", "フラグ:"}
	HelpGlobalFlags = Text{"Flags of every command:", "共通のフラグ:"}
	HelpMore        = Text{"%s COMMAND --help says more of a command.", "各コマンドの説明は %s COMMAND --help で表示します。"}
	HelpRepeatable  = Text{"repeatable", "複数指定可"}
	HelpDefault     = Text{"default %s", "既定 %s"}

	CommandsScan   = Text{"Scan, compare, explain:", "検査・比較・説明のコマンド:"}
	CommandsDecide = Text{"Rules and decisions:", "ルールと判定のコマンド:"}
	CommandsSetUp  = Text{"Set up:", "設定・管理のコマンド:"}

	FlagsFirst     = Text{"Most used:", "よく使うフラグ:"}
	FlagsTarget    = Text{"What is read:", "読み取る対象:"}
	FlagsReport    = Text{"Report:", "レポート:"}
	FlagsCompare   = Text{"Compare and join:", "比較と統合:"}
	FlagsGate      = Text{"Gate and policy:", "ゲートとポリシー:"}
	FlagsException = Text{"Exceptions and VEX:", "例外と VEX:"}
	FlagsBase      = Text{"Base image:", "ベースイメージ:"}
	FlagsSecret    = Text{"Secrets:", "シークレット:"}
	FlagsMalware   = Text{"Malware:", "マルウェア:"}
	FlagsRule      = Text{"Rules of configuration:", "設定ミスのルール:"}
	FlagsLicense   = Text{"Licences:", "ライセンス:"}
	FlagsDatabase  = Text{"Database:", "データベース:"}
	FlagsRegistry  = Text{"Registry:", "レジストリ:"}
	FlagsBound     = Text{"Cache, settings, bounds:", "キャッシュ・設定・上限:"}
)
