// SPDX-License-Identifier: Apache-2.0

package message

// What the commands about the database and its evidence say.
var (
	DBShort       = Text{"Build, update and search the database of advisories", "脆弱性データベースを作成、更新、検索する"}
	DBBuildShort  = Text{"Compile feeds into a database", "公開データから脆弱性データベースを作成する"}
	DBBuildLong   = Text{"DIR holds one entry a feed: a directory, or a .zip, .tar.gz, .tar.zst or .tar archive, named as the feed.\nOUT is a directory, or a file ending in .tar for sekisho db import.\n\nFeeds: %s", "DIR には公開データごとに一つ、データ名と同じ名前のディレクトリまたは .zip、.tar.gz、.tar.zst、.tar を置きます。\nOUT はディレクトリ、または sekisho db import 用の .tar ファイルです。\n\n対応データ: %s"}
	DBUpdateShort = Text{"Fetch what changed since the last update", "前回の更新以降に変わった部分を取得する"}
	DBStatusShort = Text{"Say which database is used, how old it is and what it holds", "使用するデータベース、その新しさ、内容を表示する"}
	DBVerifyShort = Text{"Check the signature and every part of the database", "データベースの署名とすべての部分を検証する"}
	DBExportShort = Text{"Write the database into one file, for machines without network", "ネットワークのない環境に運べるよう、データベースを一つのファイルに書き出す"}
	DBImportShort = Text{"Take the database from a file that db export wrote", "db export で書き出したファイルからデータベースを取り込む"}
	DBSearchShort = Text{"Show what the database says of a CVE, an advisory or a package", "CVE、アドバイザリ、パッケージについてデータベースの内容を表示する"}
	DBKeygenShort = Text{"Make a pair of keys to sign databases with", "データベースの署名に使う鍵の組を作成する"}
	DBPushShort   = Text{"Publish the database as an OCI artifact", "データベースを OCI アーティファクトとして公開する"}

	FlagDB            = Text{"the database: a directory (default: the user's, else the one in the program)", "使用するデータベースのディレクトリ (既定: ユーザーのもの、なければ内蔵のもの)"}
	FlagDBURL         = Text{"where the database is fetched from: https://..., oci://REGISTRY/NAME:TAG, or a directory", "データベースの取得元: https://...、oci://レジストリ/名前:タグ、またはディレクトリ"}
	FlagDBKey         = Text{"file with the public keys that may have signed the database (repeatable)", "データベースの署名として信頼する公開鍵のファイル (複数指定可)"}
	FlagSkipDBUpdate  = Text{"use the database as it is, without asking for a newer one", "新しいデータベースを確認せず、手元のものをそのまま使う"}
	FlagFrom          = Text{"directory that holds the feeds", "公開データを置いたディレクトリ"}
	FlagOnly          = Text{"build from these feeds only (comma separated)", "指定したデータだけから作成する (カンマ区切り)"}
	FlagDBOut         = Text{"where the database goes: a directory, or a .tar file", "出力先: ディレクトリまたは .tar ファイル"}
	FlagSignKey       = Text{"private key to sign the database with (sekisho db keygen makes one)", "データベースに署名する秘密鍵 (sekisho db keygen で作成)"}
	FlagFactsOnly     = Text{"leave out every sentence of a publisher: identifiers, versions and figures only", "公開元の文章を含めず、識別子、バージョン、数値だけにする"}
	FlagStarter       = Text{"only feeds whose licence lets facts be carried, and facts only: the database in the program", "事実の転載が許される公開データの事実だけを使う (プログラムに内蔵するデータベース)"}
	FlagFast          = Text{"compress less, for a database that stays on this machine", "圧縮を軽くする (この環境だけで使う場合)"}
	FlagDBExpires     = Text{"days after which a mirror that still serves this database counts as stale (0: never)", "この日数を過ぎても配布されている場合は古いとみなす (0: 期限なし)"}
	FlagForce         = Text{"ask although it was asked today, and check every part", "当日に確認済みでも再度確認し、すべての部分を検証する"}
	FlagRollback      = Text{"take a database that is older than the present one", "現在のものより古いデータベースも受け入れる"}
	FlagAll           = Text{"fetch every part now instead of when a scan needs it", "必要になった時ではなく、すべての部分を今すぐ取得する"}
	FlagWorld         = Text{"a part of the database, such as debian/12 or npm (repeatable)", "データベースの一部。例: debian/12、npm (複数指定可)"}
	FlagExportFile    = Text{"the file to write", "書き出すファイル"}
	FlagLimit         = Text{"show at most this many rows (0: all)", "表示する最大行数 (0: すべて)"}
	FlagSearchJSON    = Text{"print JSON lines", "JSON を 1 行ずつ出力する"}
	FlagUnsigned      = Text{"accept a database without a signature", "署名のないデータベースも受け入れる"}
	DBFromMissing     = Text{"db build needs --from DIR with the feeds and -o OUT", "db build には --from (公開データのディレクトリ) と -o (出力先) が必要です"}
	DBFeedDone        = Text{"%-18s %s %8d rows %7d flaws %s", "%-18s %s %8d 行 %7d 件の脆弱性 %s"}
	DBFeedProblems    = Text{"(%d not understood, such as %s)", "(解釈できないもの %d 件、例: %s)"}
	DBBuilt           = Text{"%s: %d parts, %d rows, %s, %s", "%s: %d 個の部分、%d 行、%s、%s"}
	DBSigned          = Text{"signed by %s", "署名: %s"}
	DBUnsigned        = Text{"not signed", "署名なし"}
	DBUpdated         = Text{"updated to the database of %s: %d parts fetched (%s), %d unchanged", "%s のデータベースに更新しました: %d 個の部分を取得 (%s)、変更なし %d 個"}
	DBCurrent         = Text{"the database of %s is the newest (%s fetched)", "%s のデータベースが最新です (取得 %s)"}
	DBAskedToday      = Text{"asked less than a day ago: the database of %s stays; --force asks again", "1 日以内に確認済みです: %s のデータベースをそのまま使います。--force で再確認します"}
	DBNoURL           = Text{"where from? Give --db-url, or set db-url in sekisho.yaml", "取得元がありません。--db-url を指定するか、sekisho.yaml の db-url に設定してください"}
	DBOfflineUpdate   = Text{"--offline was given, and an update needs the network", "--offline が指定されているため更新できません"}
	DBVerified        = Text{"%d parts are whole, %d are not fetched; %s", "%d 個の部分に異常なし、未取得 %d 個。%s"}
	DBDamagedParts    = Text{"damaged: %s; fetch them again with sekisho db update --force", "壊れている部分: %s。sekisho db update --force で取り直してください"}
	DBStatusLine      = Text{"%s database of %s (%s), %s", "%s データベース、%s (%s)、%s"}
	DBStatusParts     = Text{"%d parts, %d rows, %s; on this machine: %d parts", "%d 個の部分、%d 行、%s。この環境にある部分: %d 個"}
	DBStatusAsked     = Text{"last asked for a newer one: %s", "最後に更新を確認した日時: %s"}
	DBNothingFound    = Text{"the database says nothing of %s", "データベースに %s の情報はありません"}
	DBMoreRows        = Text{"and %d more: --limit 0 shows all", "ほか %d 行: --limit 0 ですべて表示します"}
	DBSearchHead      = Text{"PART\tPACKAGE\tID\tSTATE\tAFFECTED\tSEVERITY\tSOURCE", "部分\tパッケージ\tID\t状態\t影響範囲\t深刻度\t情報源"}
	DBKeysWritten     = Text{"private key: %s (keep it secret), public key: %s, id %s", "秘密鍵: %s (公開しないでください)、公開鍵: %s、ID %s"}
	DBExported        = Text{"%s: %s", "%s: %s"}
	DBImported        = Text{"imported the database of %s: %d parts", "%s のデータベースを取り込みました: %d 個の部分"}
	DBPushed          = Text{"%s: pushed", "%s: 公開しました"}
	DBInProgram       = Text{"in the program", "プログラムに内蔵"}
	DBStarterWarning  = Text{"judged by the database in the program, %d days old: newer flaws are missing. Update with: sekisho db update --db-url URL", "プログラムに内蔵のデータベース (%d 日前のもの) で照合しました。それ以降の脆弱性は含まれません。更新: sekisho db update --db-url URL"}
	DBOldWarning      = Text{"the database is %d days old: newer flaws are missing. Update with: sekisho db update", "データベースは %d 日前のものです。それ以降の脆弱性は含まれません。更新: sekisho db update"}
	DBUpdateFailed    = Text{"the database was not updated (%v); the one of %s is used", "データベースを更新できませんでした (%v)。%s のものを使います"}
	DBNotHere         = Text{"this part of the database is not on this machine: run sekisho db update --world %s", "データベースのこの部分は手元にありません: sekisho db update --world %s を実行してください"}
	DBReadOnlyStarter = Text{"there is only the database in the program: sekisho db update or sekisho db build gives another", "プログラムに内蔵のデータベースしかありません。sekisho db update または sekisho db build で用意してください"}

	ExplainShort      = Text{"Say why a finding is one, or why a package does not have a flaw", "検出の根拠、またはパッケージに影響がない理由を説明する"}
	ExplainLong       = Text{"WHAT is a finding's id, or a CVE or advisory. --in names a JSON report of sekisho scan.\nWith --package, also a package without the flaw is explained.", "WHAT は検出結果の ID、または CVE やアドバイザリの ID です。--in に sekisho scan の JSON レポートを指定します。\n--package を付けると、影響のないパッケージについても理由を説明します。"}
	FlagIn            = Text{"the report: a JSON file of sekisho scan, - for standard input", "sekisho scan の JSON レポート (- で標準入力)"}
	FlagPackage       = Text{"the package that the question is about", "対象のパッケージ名"}
	ExplainInMissing  = Text{"explain needs a report: --in report.json", "レポートを指定してください: --in report.json"}
	ExplainWhat       = Text{"explain what? Name a finding's id or a CVE", "何を説明しますか。検出結果の ID か CVE を指定してください"}
	ExplainNothing    = Text{"neither the report nor the database connects %s with a package of this target; --package NAME asks about one package", "レポートにもデータベースにも、%s とこの対象のパッケージを結び付ける情報はありません。--package 名前 で個別に確認できます"}
	ExplainFinding    = Text{"%s in %s %s: %s", "%s (%s %s): %s"}
	ExplainAliases    = Text{"also known as", "別名"}
	ExplainWhere      = Text{"found in", "場所"}
	ExplainLayer      = Text{"introduced by", "追加した命令"}
	ExplainSources    = Text{"what the sources say", "情報源の内容"}
	ExplainAffected   = Text{"affected", "影響あり"}
	ExplainUnaffected = Text{"not affected", "影響なし"}
	ExplainCompared   = Text{"version %s, compared in the order of %s with %s", "バージョン %s を %s の順序で %s と比較"}
	ExplainFixedIn    = Text{"fixed in", "修正版"}
	ExplainNoFix      = Text{"no fix (%s)", "修正版なし (%s)"}
	ExplainDecision   = Text{"decision", "判定"}
	ExplainKEV        = Text{"known to be exploited since %s (CISA KEV)", "%s から悪用が確認されています (CISA KEV)"}
	ExplainEPSS       = Text{"probability of exploitation within 30 days: %.1f%% (EPSS of %s)", "30 日以内に悪用される確率: %.1f%% (EPSS、%s 時点)"}
	ExplainExploits   = Text{"public exploits", "公開された攻撃コード"}
	ExplainDB         = Text{"judged by", "使用したデータベース"}
	ExplainSuppressed = Text{"suppressed", "抑制"}
)
