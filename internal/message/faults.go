// SPDX-License-Identifier: Apache-2.0

package message

import "slices"

// Why something of a target was not examined.
var (
	FaultEntries       = Fault{"entries", Text{"the layers hold more than %s entries: the rest was not read, raise --max-entries to read it", "レイヤーのエントリー数が上限 %s を超えたため、残りは読み取っていません。--max-entries で上限を変更できます"}}
	FaultTotalBytes    = Fault{"total-bytes", Text{"the layers hold more than %s bytes: the rest was not read, raise --max-total-bytes to read it", "レイヤーの合計サイズが上限 %s バイトを超えたため、残りは読み取っていません。--max-total-bytes で上限を変更できます"}}
	FaultNotes         = Fault{"notes", Text{"more than %s files of a layer have something to be said of them: the rest was not judged by the rules of file systems", "1 レイヤー内で指摘の対象となるファイルが上限 %s 個を超えたため、残りはファイルシステムのルールで評価していません"}}
	FaultFileBytes     = Fault{"file-bytes", Text{"the file has %s bytes, more than %s: it was not read, raise --max-file-bytes to read it", "ファイルサイズ %s バイトが上限 %s バイトを超えるため、読み取っていません。--max-file-bytes で上限を変更できます"}}
	FaultBehind        = Fault{"file-bytes-behind", Text{"the file has %s bytes, more than %s: what is behind was not looked through, raise --max-file-bytes to read it", "ファイルサイズ %s バイトが上限 %s バイトを超えるため、上限より後ろは検査していません。--max-file-bytes で上限を変更できます"}}
	FaultExtractor     = Fault{"extractor-panic", Text{"the extractor %s stumbled over the file (please report it with the file): %s at %s", "抽出処理 %s がこのファイルで異常終了しました (ファイルを添えて報告してください): %s (%s)"}}
	FaultSniffer       = Fault{"scanner-panic", Text{"the scanner %s stumbled over the file (please report it with the file): %s at %s", "スキャナー %s がこのファイルで異常終了しました (ファイルを添えて報告してください): %s (%s)"}}
	FaultSnifferLayer  = Fault{"scanner-panic-layer", Text{"the scanner %s stumbled over the layer (please report it): %s at %s", "スキャナー %s がこのレイヤーで異常終了しました (報告してください): %s (%s)"}}
	FaultSecrets       = Fault{"secrets", Text{"the layer holds more than %s secrets: the rest of it was not looked through for more", "レイヤー内のシークレットが上限 %s 件を超えたため、残りは検査していません"}}
	FaultMalware       = Fault{"malware", Text{"the layer holds more than %s things that look like malware: the rest of it was not looked through for more", "レイヤー内のマルウェアの疑いが上限 %s 件を超えたため、残りは検査していません"}}
	FaultUnread        = Fault{"unreadable", Text{"cannot be read and was not looked through, %s files in all: run as a user who may read them, or --exclude them", "読み取れないため検査していません (計 %s ファイル)。読み取り権限のあるユーザーで実行するか、--exclude で除外してください"}}
	FaultPermission    = Fault{"permission", Text{"cannot be read, permission denied: run as a user who may read it, or --exclude it", "権限がなく読み取れません。読み取り権限のあるユーザーで実行するか、--exclude で除外してください"}}
	FaultRead          = Fault{"read", Text{"cannot be read: %s", "読み取れません: %s"}}
	FaultPathBytes     = Fault{"path-bytes", Text{"the path has %s bytes, more than %s: it was not read, raise --max-path-bytes to read it", "パスの長さ %s バイトが上限 %s バイトを超えるため、読み取っていません。--max-path-bytes で上限を変更できます"}}
	FaultRatio         = Fault{"ratio", Text{"the layer grows more than %s times when it is decompressed: the rest was not read, raise --max-ratio if you trust it", "レイヤーの展開後のサイズが圧縮時の %s 倍を超えたため、残りは読み取っていません。信頼できる場合は --max-ratio で上限を変更してください"}}
	FaultHistoryBytes  = Fault{"history-bytes", Text{"the contents of the history have more than %s bytes: the rest was not looked through, raise --max-total-bytes or use --since", "履歴の内容が上限 %s バイトを超えたため、残りは検査していません。--max-total-bytes で上限を変更するか、--since で範囲を絞ってください"}}
	FaultHistoryLost   = Fault{"history-unreadable", Text{"%s contents of the history cannot be read and were not looked through, this is one of them: %s", "履歴の内容 %s 件を読み取れないため検査していません。そのうちの 1 件: %s"}}
	FaultArchive       = Fault{"archive-damaged", Text{"the archive is damaged or of a kind that is not read, what is behind was not looked through for secrets: %s", "アーカイブが破損しているか未対応の形式のため、以降はシークレットを検査していません: %s"}}
	FaultEncrypted     = Fault{"archive-encrypted", Text{"encrypted, and not looked through for secrets: %s files of the archive", "アーカイブ内の %s ファイルは暗号化されているため、シークレットを検査していません"}}
	FaultArchiveNested = Fault{"archive-nested", Text{"the archive within an archive has more than %s bytes: it was not looked through for secrets, unpack it and scan it", "アーカイブ内のアーカイブが上限 %s バイトを超えるため、シークレットを検査していません。展開してからスキャンしてください"}}
)

// Why packages were not judged.
var (
	WhyNoWorld   = Fault{"no-advisories", Text{"no advisories for %s", "%s の脆弱性情報なし"}}
	WhyDatabase  = Fault{"database", Text{"the database cannot be read: %s", "データベースを読み取れない: %s"}}
	WhyNoVersion = Fault{"no-version", Text{"packages without a version", "バージョンのないパッケージ"}}
	WhyVersion   = Fault{"bad-version", Text{"versions that are none of %s", "%s の形式でないバージョン"}}
	WhyNoGroup   = Fault{"no-group", Text{"jars that do not name their group", "グループ ID のない JAR"}}
	WhyNoOS      = Fault{"no-distribution", Text{"packages of %s without a known distribution", "ディストリビューションが不明な %s パッケージ"}}
)

// Why an advisory does not hold for a package.
var (
	ReasonInformational = Fault{"informational", Text{"an informational advisory (%s), not a vulnerability", "参考情報 (%s) であり脆弱性ではない"}}
	ReasonArch          = Fault{"other-architecture", Text{"the advisory is about %s, the package is for %s", "対象アーキテクチャは %s。パッケージは %s 用"}}
	ReasonChannel       = Fault{"other-channel", Text{"the advisory is about packages of %s", "%s のパッケージが対象"}}
	ReasonStream        = Fault{"other-stream", Text{"the advisory is about another stream of the module than %s", "%s とは別のモジュールストリームが対象"}}
	ReasonStreamNone    = Fault{"stream-of-none", Text{"the advisory is about another stream of the module than the release's own packages", "リリース標準のパッケージではなくモジュールストリームが対象"}}
	ReasonModule        = Fault{"other-module", Text{"the advisory is about the module %s, the package is of %s", "モジュール %s が対象。パッケージは %s に属する"}}
	ReasonModuleNone    = Fault{"module-of-none", Text{"the advisory is about the module %s, the package is of no module", "モジュール %s が対象。パッケージはモジュールに属さない"}}
	ReasonSource        = Fault{"source-not-affected", Text{"the source says that it is not affected", "提供元が「影響なし」と表明"}}
	ReasonBound         = Fault{"bad-bound", Text{"a bound of %s is no version of %s", "範囲 %s の境界が %s のバージョン形式でない"}}
	ReasonOutside       = Fault{"outside", Text{"the version lies in no affected range", "影響を受けるバージョン範囲の外"}}
	ReasonFixed         = Fault{"has-fix", Text{"the version has the fix", "修正済みのバージョン"}}
	ReasonHidden        = Fault{"hidden", Text{"a later layer removed it: no container sees it", "後のレイヤーで削除済み。コンテナからは見えない"}}
	ReasonOwned         = Fault{"owned", Text{"it was installed by %s, which is judged in its place", "%s がインストールしたもの。そちらで評価"}}
	ReasonRoot          = Fault{"root", Text{"it is the project itself", "プロジェクト自身"}}
	ReasonUnnamed       = Fault{"not-named", Text{"no advisory of %s about %s names it", "%s の %s に関する脆弱性情報に該当なし"}}
)

// Why a package is not affected by the flaws of its source: the statements that
// are built in, by the code of what the package is.
var (
	StatedHeaders       = Fault{"kernel-headers", Text{"only headers of the kernel and files to build modules with, no code of the kernel that runs", "カーネルのヘッダーとモジュールのビルド用ファイルのみで、動作するカーネルのコードを含まない"}}
	StatedDocumentation = Fault{"documentation", Text{"only documentation, none of the program's code", "文書のみで、プログラムのコードを含まない"}}
	StatedTranslations  = Fault{"translations", Text{"only translations of messages, none of the program's code", "メッセージの翻訳のみで、プログラムのコードを含まない"}}
)

// Why a signature does not verify.
var (
	SignatureEmpty       = Fault{"signature-none", Text{"there is no signature with it", "署名が付いていません"}}
	SignatureType        = Fault{"signature-type", Text{"what is signed is of another type: %s", "署名対象の種類が異なります: %s"}}
	SignatureOther       = Fault{"signature-other-image", Text{"it is about another image: %s", "別のイメージに対する署名です: %s"}}
	SignatureKey         = Fault{"signature-key", Text{"none of the given keys made it", "指定された鍵による署名ではありません"}}
	SignatureCertificate = Fault{"signature-certificate", Text{"it was made with a certificate and none of the given keys; certificates are not verified", "証明書による署名で、指定された鍵によるものではありません。証明書の検証には対応していません"}}
	SignatureScheme      = Fault{"signature-scheme", Text{"it is signed by a scheme that is not verified: %s", "検証に対応していない署名方式です: %s"}}
)

// Why it is not known whether an image is signed.
var (
	SignatureUnasked = Fault{"signatures-no-answer", Text{"not everything that may be a signature could be read: see the problems", "署名の可能性があるものを一部読み取れませんでした。問題の一覧を確認してください"}}
	SignatureLocal   = Fault{"signatures-elsewhere", Text{"signatures lie in the image's registry, and this image is from %s: name it as registry:IMAGE", "署名はイメージのレジストリにありますが、このイメージの取得元は %s です。registry:IMAGE と指定してください"}}
	SignatureTooMany = Fault{"signatures-bound", Text{"more than %s documents, or %s MiB, lie where signatures of the image lie: the rest was not read", "イメージの署名の保存先に %s 個または %s MiB を超える文書があるため、残りは読み取っていません"}}
)

// Faults are all texts that reports and errors carry under a code.
func Faults() []Fault {
	return slices.Concat(named(), sourceFaults, judgeFaults, partFaults, fileFaults, notes)
}

func named() []Fault {
	return []Fault{
		FaultEntries, FaultTotalBytes, FaultNotes, FaultFileBytes, FaultBehind, FaultExtractor, FaultSniffer, FaultSnifferLayer,
		FaultSecrets, FaultMalware, FaultUnread, FaultPermission, FaultRead, FaultPathBytes, FaultRatio, FaultHistoryBytes,
		FaultHistoryLost, FaultArchive, FaultEncrypted, FaultArchiveNested,
		WhyNoWorld, WhyDatabase, WhyNoVersion, WhyVersion, WhyNoGroup, WhyNoOS,
		ReasonInformational, ReasonArch, ReasonChannel, ReasonStream, ReasonStreamNone, ReasonModule, ReasonModuleNone, ReasonSource,
		SignatureEmpty, SignatureType, SignatureOther, SignatureKey, SignatureCertificate, SignatureScheme,
		SignatureUnasked, SignatureLocal, SignatureTooMany,
		ReasonBound, ReasonOutside, ReasonFixed, ReasonHidden, ReasonOwned, ReasonRoot, ReasonUnnamed,
		StatedHeaders, StatedDocumentation, StatedTranslations,
	}
}
