// SPDX-License-Identifier: Apache-2.0

package message

// The texts of the engines of the user.
var (
	FlagClamd         = Text{"have ClamAV examine every file: unix:/run/clamav/clamd.ctl, tcp:HOST:PORT, or auto to look for clamd where distributions put it", "すべてのファイルを ClamAV でも検査する。unix:/run/clamav/clamd.ctl、tcp:HOST:PORT、または auto (ディストリビューション標準の場所で clamd を探す) で指定"}
	FlagClamdMaxBytes = Text{"largest file that is given to clamd; not above its StreamMaxLength and MaxFileSize", "clamd に渡すファイルの最大サイズ。clamd の StreamMaxLength と MaxFileSize を超えないこと"}
	FlagClamdTimeout  = Text{"how long clamd may take for one file", "ClamAV がファイル 1 件の検査にかけてよい時間"}
	FlagYara          = Text{"match the YARA rules of a file (source or compiled) or directory against every file", "ファイル (ソースまたはコンパイル済み) やディレクトリの YARA ルールをすべてのファイルに適用する"}
	FlagYaraMaxBytes  = Text{"largest file that YARA examines", "YARA で検査するファイルの最大サイズ"}
	FlagYaraTimeout   = Text{"how long YARA may take for one file", "YARA がファイル 1 件の検査にかけてよい時間"}

	BadClamd     = Text{"--clamd: %v; or write auto", "--clamd: %v。auto も指定できます"}
	BadEngine    = Text{"--%s must be more than zero", "--%s には 0 より大きい値を指定してください"}
	BadYaraRules = Text{"--yara: %v", "--yara: %v"}

	// The problems of engines that do not run; English in the report, as all
	// problems are.
	ClamdNoAnswer = Text{"nothing was examined by ClamAV: clamd at %s does not answer (%s); start it (Debian: clamav-daemon), or correct --clamd", "ClamAV による検査は行われませんでした。%s の clamd が応答しません (%s)。clamd を起動するか (Debian では clamav-daemon)、--clamd を修正してください"}
	ClamdNowhere  = Text{"nothing was examined by ClamAV: no clamd was found (looked at %s); start it (Debian: clamav-daemon), or give its address to --clamd", "ClamAV による検査は行われませんでした。clamd が見つかりません (探した場所: %s)。clamd を起動するか (Debian では clamav-daemon)、--clamd にアドレスを指定してください"}
	ClamdOld      = Text{"the database of ClamAV is %d days old (%s): newer malware is not known; have freshclam update it", "ClamAV のデータベースは %d 日前 (%s) のものです。新しいマルウェアは検出できません。freshclam で更新してください"}
	YaraMissing   = Text{"nothing was examined by YARA: the program yara is not installed; install it (Debian: yara)", "YARA による検査は行われませんでした。yara コマンドがありません。導入してください (Debian では yara)"}
	YaraNoRules   = Text{"nothing was examined by YARA: %s holds no rule; name files with rules", "YARA による検査は行われませんでした。%s にルールがありません。ルールを含むファイルを指定してください"}
	YaraBroken    = Text{"nothing was examined by YARA: %v", "YARA による検査は行われませんでした: %v"}
)
