// SPDX-License-Identifier: Apache-2.0

package message

// The words of exceptions.
var (
	ExceptionsShort       = Text{"Exceptions: accepted risks, with a reason and an end", "例外: 理由と期限を付けて受容したリスク"}
	ExceptionsImportShort = Text{"Write our format from other tools' ignore files", "他ツールの除外ファイルから例外ファイルを作成"}
	ExceptionsImportLong  = Text{
		"Write .sekisho/exceptions.yaml from ignore files of Trivy, Grype, OSV-Scanner, Snyk, Dockle, hadolint, Checkov and kube-linter. Every exception needs an end: those that have none are given that of --expires.",
		"Trivy、Grype、OSV-Scanner、Snyk、Dockle、hadolint、Checkov、kube-linter の除外ファイルから .sekisho/exceptions.yaml を作成します。例外には期限が必須のため、期限のないものには --expires の日付を設定します。",
	}
	ExceptionsListShort  = Text{"List the exceptions that hold for a directory", "ディレクトリに適用される例外を一覧表示"}
	ExceptionsCheckShort = Text{"Name exceptions that have expired, end soon or match nothing", "期限切れ・期限間近・不使用の例外を検査"}
	ExceptionsCheckLong  = Text{
		"Name the exceptions that have expired or end within 14 days and, with --in REPORT.json, those that match nothing in it. The status is 1 when one has expired or matches nothing.",
		"期限切れの例外と 14 日以内に期限を迎える例外を表示します。--in REPORT.json を指定すると、レポートのどの検出結果にも該当しない例外も表示します。期限切れまたは不使用の例外があれば終了ステータスは 1 です。",
	}

	FlagExceptions       = Text{"file of exceptions: ours, or an ignore file or VEX document of another tool, by name or content", "例外ファイル。独自形式のほか、他ツールの除外ファイルや VEX 文書も名前または内容で判別"}
	FlagVEX              = Text{"VEX document, directory of them (OpenVEX, CycloneDX, CSAF), or oci for those attached to the image in its registry", "VEX 文書、そのディレクトリ (OpenVEX、CycloneDX、CSAF)、または oci (レジストリでイメージに添付された文書)"}
	FlagVEXAuthor        = Text{"who states what is written as VEX (openvex, csaf-vex)", "VEX 文書 (openvex、csaf-vex) の作成者名"}
	FlagVEXNamespace     = Text{"address that stands for the author in csaf-vex, such as https://example.com", "csaf-vex で作成者を表す URL。例: https://example.com"}
	VEXAttached          = Text{"%d VEX documents are attached to the image; their signatures are not verified", "イメージに添付された VEX 文書: %d 件 (署名は検証していません)"}
	VEXNoneAttached      = Text{"no VEX document is attached to the image", "イメージに添付された VEX 文書はありません"}
	VEXNotInRegistry     = Text{"VEX attached to an image lies in its registry, and this target is from %q: name it as registry:IMAGE", "添付された VEX 文書はレジストリにありますが、この対象の取得元は %q です。registry:IMAGE と指定してください"}
	FlagEnvironment      = Text{"where the target runs, for exceptions and policies that hold in one environment", "対象の稼働環境。特定の環境に限った例外やポリシーの判定に使う"}
	FlagNoStatements     = Text{"count flaws of packages that hold no code of their source too (kernel headers, documentation, translations)", "元のソースのコードを含まないパッケージ (カーネルヘッダー、文書、翻訳) の脆弱性も数える"}
	FlagNoIgnoreFiles    = Text{"read no ignore files but those that are named", "指定したもの以外の除外ファイルを読まない"}
	FlagExpires          = Text{"end of the exceptions that have none, such as 2026-12-31 (default in 90 days)", "期限のない例外に設定する日付。例: 2026-12-31 (既定は 90 日後)"}
	FlagExceptionsOutput = Text{"file to write (default standard output)", "出力ファイル (既定は標準出力)"}
	FlagExceptionsIn     = Text{"JSON report to compare with", "照合する JSON レポート"}
	FlagExceptionsFormat = Text{"table or json", "table または json"}

	ExceptionsBad        = Text{"the exceptions cannot be used: %s", "例外ファイルを使用できません: %s"}
	ExceptionsNotVEX     = Text{"%s is no VEX document: OpenVEX, CycloneDX or CSAF in JSON", "%s は VEX 文書 (OpenVEX、CycloneDX、CSAF の JSON) ではありません"}
	ExceptionsNoVEX      = Text{"%s holds no VEX documents: files that end in .json", "%s に VEX 文書 (.json ファイル) がありません"}
	ExceptionsNoFile     = Text{"name the ignore files to import", "取り込む除外ファイルを指定してください"}
	ExceptionsBadDate    = Text{"--expires %q is no date, write it like 2026-12-31", "--expires %q は日付ではありません。2026-12-31 のように書きます"}
	ExceptionsPast       = Text{"--expires %s is over already", "--expires %s はすでに過ぎています"}
	ExceptionsFormatBad  = Text{"there is no format %q: table, json", "形式 %q はありません: table、json"}
	ExceptionsOneDir     = Text{"name one directory at most", "指定できるディレクトリは 1 つだけです"}
	ExceptionsFile       = Text{"%s: exceptions: %d, findings suppressed: %d", "%s: 例外 %d 件、検出結果 %d 件を抑制"}
	ExceptionsExpired    = Text{"the exception of %s expired on %s (%s); findings that it would have covered: %d", "%[1]s の例外は %[2]s に期限切れ (%[3]s): 該当する検出結果 %[4]d 件"}
	ExceptionsEnding     = Text{"the exception of %s ends on %s (%s); findings that it covers: %d", "%[1]s の例外は %[2]s に期限を迎えます (%[3]s): 抑制中の検出結果 %[4]d 件"}
	ExceptionsUnused     = Text{"%s: matched nothing: %s", "%s: 該当する検出結果のない例外: %s"}
	ExceptionsSkipped    = Text{"passed over, so it excepts nothing: %s", "解釈できないため適用しません: %s"}
	ExceptionsLink       = Text{"%s leads out of its directory and was not read; --exceptions names it", "%s はディレクトリ外へのリンクのため読み込みません。使うには --exceptions で指定します"}
	ExceptionsMore       = Text{"and %d more", "ほか %d 件"}
	ExceptionsDefaultEnd = Text{"exceptions without an end: %d, which now end on %s (in 90 days); --expires sets another", "期限のない例外 %d 件に %s (90 日後) を設定しました。--expires で変更できます"}
	ExceptionsGivenEnd   = Text{"exceptions without an end: %d, which now end on %s", "期限のない例外 %d 件に %s を設定しました"}
	ExceptionsLeft       = Text{"%d statements of VEX were left out, scan --vex reads them", "VEX の記述 %d 件は対象外です。scan --vex で読み込めます"}
	ExceptionsNone       = Text{"no exceptions", "例外はありません"}
	ExceptionsGood       = Text{"%d exceptions, none expired or unused", "例外 %d 件、期限切れ・不使用なし"}
	ExceptionsGoodDates  = Text{"%d exceptions, none expired; --in REPORT.json says which match nothing", "例外 %d 件、期限切れなし。--in REPORT.json で不使用の例外も確認できます"}
	ExceptionsWrong      = Text{"%d exceptions expired or without a match", "期限切れまたは不使用の例外が %d 件あります"}

	ExceptionRule   = Text{"Rule", "ルール"}
	ExceptionFor    = Text{"For", "対象"}
	ExceptionUntil  = Text{"Until", "期限"}
	ExceptionOwner  = Text{"Owner", "責任者"}
	ExceptionReason = Text{"Reason", "理由"}
	ExceptionWhere  = Text{"File", "ファイル"}
	ExceptionOver   = Text{"%s (expired)", "%s (期限切れ)"}

	SuppressedFindings = Text{"Suppressed findings", "抑制した検出結果"}
	SuppressedLine     = Text{"%d %s", "%d 件: %s"}
	SuppressedNoReason = Text{"no reason given", "理由の記載なし"}
)
