// SPDX-License-Identifier: Apache-2.0

package message

// What the command line says.
var (
	RootShort        = Text{"The checkpoint for containers: what is in it, what matters, what may pass", "コンテナの関所: 何が入っているか、何が重要か、通してよいかを判定します"}
	RootLong         = Text{"Sekisho opens a container image, a root file system, a source tree or an SBOM, reads it once,\nlists every package in it, and says what could not be assessed.\n\nStart with: sekisho scan alpine:3.20", "Sekisho はコンテナイメージ、ルートファイルシステム、ソースツリー、SBOM を開き、一度だけ読んで、\n含まれるすべてのパッケージと、評価できなかった部分を報告します。\n\nまずは: sekisho scan alpine:3.20"}
	UnknownCommand   = Text{"there is no command %q; to scan an image write: sekisho scan IMAGE", "コマンド %q はありません。イメージを調べるには sekisho scan イメージ名 と入力してください"}
	NoArguments      = Text{"%q was not expected: this command takes no arguments", "%q は不要です。このコマンドに引数はありません"}
	HelpShort        = Text{"Help about any command", "コマンドのヘルプを表示する"}
	CompletionShort  = Text{"Print the completion script of a shell", "シェルの補完スクリプトを出力する"}
	CompletionOf     = Text{"The script for %s", "%s 用のスクリプト"}
	VersionShort     = Text{"Print the version", "バージョンを表示する"}
	Panic            = Text{"something went wrong inside the program (%v at %s); please report it with the command that you typed", "プログラム内部で問題が起きました (%v、%s)。入力したコマンドを添えて報告してください"}
	Interrupted      = Text{"interrupted, nothing was written", "中断しました。何も書き込んでいません"}
	TimedOut         = Text{"the time given by --timeout is over, nothing was written; give it more time", "--timeout の時間を過ぎたため中断しました。何も書き込んでいません。時間を延ばしてください"}
	FromDefault      = Text{"default", "既定値"}
	BadLang          = Text{"--lang %q: there are en and ja", "--lang %q: en または ja を指定してください"}
	FlagNone         = Text{"unknown flag: %s", "フラグ %s はありません"}
	FlagNeedsValue   = Text{"flag needs an argument: %s", "フラグ %s には値が必要です"}
	FlagBadValue     = Text{"invalid argument %q for %s: %v", "%[2]s の値 %[1]q が正しくありません: %[3]v"}
	BadFlag          = Text{"%v (--help shows what there is)", "%v (--help で一覧を表示します)"}
	UnknownSettingAt = Text{"%s:%d: there is no setting %q, the nearest is %q", "%s:%d: 設定 %q はありません。近いものは %q です"}
	SettingTwice     = Text{"%s:%d: %s is set twice", "%s:%d: %s が二度設定されています"}
	SettingPlain     = Text{"%s:%d: %s takes a value or a list of plain values", "%s:%d: %s には値、または値のリストを指定してください"}
	SettingsList     = Text{"%s:%d: the configuration is made of lines like \"setting: value\"", "%s:%d: 設定ファイルは「設定: 値」の行で書いてください"}
	SettingValue     = Text{"%s: %s: %v", "%s: %s: %v"}
	ReadConfig       = Text{"read configuration: %v", "設定ファイルを読めません: %v"}
	SettingNear      = Text{"%s: %s: %q reaches beyond the scan (it runs a program, or reads, writes or sends files elsewhere), and whoever changes this directory can set it: give it as a flag, in the environment, in your own sekisho.yaml, or name the file with --config", "%s: %s: %q は、プログラムの実行や、このディレクトリの外のファイルの読み書き・送信を伴います。このディレクトリを変更できる人なら誰でも設定できてしまうため、フラグ、環境変数、ユーザーの sekisho.yaml で指定するか、--config でこのファイルを指定してください"}
	UnknownSetting   = Text{"there is no setting %s, the nearest is %s", "設定 %s はありません。近いものは %s です"}

	ScanShort   = Text{"List what is in an image, a directory, a source tree or an SBOM", "イメージ、ディレクトリ、ソースツリー、SBOM の中身を調べる"}
	ScanLong    = Text{"TARGET is an image reference, a file, a directory, - for standard input, or one of\nregistry: docker: podman: containerd: docker-archive: oci-archive: oci-dir: dir: repo: sbom: purl:\nfollowed by its name. What exists on disk is taken first, then Docker, Podman and the registry.\n\nExit status: 0 allowed, 1 denied (--fail-on), 2 usage, 3 incomplete (with a gate), 4 failed.", "TARGET はイメージ名、ファイル、ディレクトリ、標準入力を表す - 、または次の接頭辞と名前です:\nregistry: docker: podman: containerd: docker-archive: oci-archive: oci-dir: dir: repo: sbom: purl:\nディスク上にあるものが優先され、次に Docker、Podman、レジストリの順に探します。\n\n終了ステータス: 0 許可、1 拒否 (--fail-on)、2 使い方の誤り、3 一部未評価 (判定基準がある場合)、4 失敗。"}
	ScanExample = Text{"  sekisho scan alpine:3.20\n  sekisho scan dir:/\n  sekisho scan . -f json -o html=report.html\n  docker save app:1 | sekisho scan -", "  sekisho scan alpine:3.20\n  sekisho scan dir:/\n  sekisho scan . -f json -o html=report.html\n  docker save app:1 | sekisho scan -"}

	InputAndTarget  = Text{"--input and a target were both given: name one of them", "--input と対象の両方が指定されています。どちらか一方にしてください"}
	NoTarget        = Text{"what shall be scanned? Name an image, a file or a directory: sekisho scan alpine:3.20", "何を調べますか。イメージ、ファイル、ディレクトリのいずれかを指定してください: sekisho scan alpine:3.20"}
	ManyTargets     = Text{"one target at a time: %q is too many", "対象は一度に一つです。%q は余分です"}
	EmptyScheme     = Text{"%s: needs a name after the colon", "%s: の後に名前が必要です"}
	OfflineRegistry = Text{"--offline was given, and a registry is on the network", "--offline が指定されているため、レジストリには接続できません"}
	Stdin           = Text{"standard input", "標準入力"}
	NoSuchFile      = Text{"open %s: there is no such file", "%s を開けません: ファイルがありません"}
	OpenFile        = Text{"open %s: %v", "%s を開けません: %v"}
	EmptyFile       = Text{"open %s: the file is empty", "%s を開けません: ファイルが空です"}
	NoFile          = Text{"open %s: it is neither a file nor a directory; pipe it in as - to read it", "%s を開けません: ファイルでもディレクトリでもありません。パイプで - として渡してください"}
	NothingInFile   = Text{"open %s: it is no image archive, no SBOM and no file that names packages (%v)", "%s を開けません: イメージのアーカイブでも SBOM でもなく、パッケージを示すファイルでもありません (%v)"}
	StdinEmpty      = Text{"standard input is empty: pipe an image archive or an SBOM into it", "標準入力が空です。イメージのアーカイブまたは SBOM をパイプで渡してください"}
	StdinLarge      = Text{"standard input has more than %v: raise --max-total-bytes to read it", "標準入力が %v を超えています。--max-total-bytes を大きくしてください"}
	StdinTwice      = Text{"standard input cannot be both the target and the password: save the target to a file", "標準入力を対象とパスワードの両方に使うことはできません。対象をファイルに保存してください"}
	TookFile        = Text{"%s was read from the disk; an image of this name is registry:%[1]s or docker:%[1]s", "%s はディスクから読みました。この名前のイメージは registry:%[1]s または docker:%[1]s です"}
	BadExitCode     = Text{"--exit-code %d is not between 0 and 125", "--exit-code %d は 0 から 125 の間ではありません"}
	BadPattern      = Text{"--exclude %q is no pattern: write it like *.log or var/cache/**", "--exclude %q は正しいパターンではありません。*.log や var/cache/** のように書いてください"}
	BadMirror       = Text{"--mirror %q: write it like docker.io=mirror.example.com", "--mirror %q: docker.io=mirror.example.com のように書いてください"}
	NoDirectory     = Text{"-o %s: there is no directory %s", "-o %s: ディレクトリ %s がありません"}
	ReadTemplate    = Text{"read template: %v", "テンプレートを読めません: %v"}
	OpenedFrom      = Text{"%s was opened by: %s", "%s を次から開きました: %s"}
	UnknownScanner  = Text{"there is no scanner %q: %s", "スキャナー %q はありません: %s"}
	UnknownFormat   = Text{"there is no format %q: %s", "形式 %q はありません: %s"}
	TemplateMissing = Text{"-f template needs --template TEXT or --template @FILE", "-f template には --template テキスト または --template @ファイル が必要です"}
	FilteredOut     = Text{"%d findings were left out of the report by --severity or --only-fixed", "--severity または --only-fixed により %d 件の検出結果をレポートから除きました"}
	Denied          = Text{"denied: %s", "拒否: %s"}
	IncompleteExit  = Text{"incomplete: %s; --allow-incomplete lets it pass", "一部を評価できませんでした: %s。--allow-incomplete を付けると許可します"}

	ConvertShort    = Text{"Write a JSON report again in another format", "JSON レポートを別の形式に変換する"}
	ConvertOne      = Text{"convert takes one JSON report, or - for standard input", "convert には JSON レポートを一つ、または標準入力を表す - を指定してください"}
	CacheShort      = Text{"Look at or clear the cache of facts", "キャッシュを確認または削除する"}
	CacheInfoShort  = Text{"Say where the cache is and how large", "キャッシュの場所と大きさを表示する"}
	CacheCleanShort = Text{"Remove everything from the cache", "キャッシュをすべて削除する"}
	CacheInfo       = Text{"%s: %d layers, %v of at most %v", "%s: レイヤー %d 個、%v (上限 %v)"}
	CacheCleaned    = Text{"%s: removed %d layers, %v (the limit is %v)", "%s: レイヤー %d 個、%v を削除しました (上限 %v)"}
	CacheOldest     = Text{"oldest use: %s", "最も古い利用: %s"}
	ConfigShort     = Text{"Look at the configuration", "設定を確認する"}
	ConfigShowShort = Text{"Print every setting and where its value comes from", "すべての設定値とその出どころを表示する"}

	ProgressPull       = Text{"pulling", "取得中"}
	ProgressSave       = Text{"saving", "保存中"}
	ProgressDecompress = Text{"decompressing", "展開中"}
	ProgressWalk       = Text{"reading layers", "レイヤーを読込中"}
	ProgressMatch      = Text{"matching", "照合中"}
)

// Help of the flags.
var (
	FlagHelp            = Text{"show this help", "このヘルプを表示する"}
	FlagLang            = Text{"language of texts: en or ja (by default that of the locale)", "表示言語: en または ja (既定はロケールに従う)"}
	FlagFormat          = Text{"format of the report: %s", "レポートの形式: %s"}
	FlagOutput          = Text{"write to a file: FORMAT=FILE, or FILE in the format of -f", "ファイルに出力する: 形式=ファイル、または -f の形式でファイル名のみ"}
	FlagTemplate        = Text{"text of a Go template for -f template, or @FILE", "-f template 用の Go テンプレート、または @ファイル"}
	FlagSeverity        = Text{"show findings of these severities only: high,critical", "指定した深刻度の検出結果だけを表示する: high,critical"}
	FlagOnlyFixed       = Text{"show and count vulnerabilities that have a fix only (also --ignore-unfixed)", "修正版のある脆弱性だけを表示し、数える (--ignore-unfixed も同じ)"}
	FlagListPackages    = Text{"list every package in the table", "表にすべてのパッケージを載せる"}
	FlagNoColor         = Text{"no colours (NO_COLOR does the same)", "色を付けない (NO_COLOR も同じ)"}
	FlagInput           = Text{"file to scan instead of TARGET", "TARGET の代わりに調べるファイル"}
	FlagPlatform        = Text{"os/arch[/variant], or all for every platform of an index", "os/arch[/variant]、または all で全プラットフォーム"}
	FlagScanners        = Text{"what to judge: %s", "評価する項目: %s"}
	FlagFailOn          = Text{"deny (status 1) findings of this severity or a higher one", "この深刻度以上の検出結果があれば拒否する (終了ステータス 1)"}
	FlagExitCode        = Text{"deny with this status when there are findings of --severity", "--severity の検出結果があれば、このステータスで拒否する"}
	FlagAllowIncomplete = Text{"let a target pass in which something was not assessed", "評価できなかった部分があっても許可する"}
	FlagOffline         = Text{"never use the network", "ネットワークを使わない"}
	FlagTimeout         = Text{"give up after this time: 5m (0: never)", "この時間で打ち切る: 5m (0: 打ち切らない)"}
	FlagNoProgress      = Text{"no progress bars", "進捗バーを表示しない"}
	FlagQuiet           = Text{"no progress and no remarks", "進捗や補足を表示しない"}
	FlagExclude         = Text{"leave out paths, directories with what is in them: *.log, var/cache (also --skip-dirs)", "対象から除くパス。ディレクトリは中身ごと除く: *.log、var/cache (--skip-dirs も同じ)"}
	FlagIncludeIgnored  = Text{"read what git ignores in a source tree too", "ソースツリーで git が無視するファイルも読む"}
	FlagUsername        = Text{"user name for the registry", "レジストリのユーザー名"}
	FlagPasswordStdin   = Text{"read the registry's password from standard input", "レジストリのパスワードを標準入力から読む"}
	FlagRegistryToken   = Text{"bearer token for the registry", "レジストリのベアラートークン"}
	FlagPlainHTTP       = Text{"talk to the registry without TLS", "レジストリに TLS なしで接続する"}
	FlagInsecure        = Text{"do not verify the registry's certificate", "レジストリの証明書を検証しない"}
	FlagCAFile          = Text{"PEM file of certificate authorities to trust", "信頼する認証局の PEM ファイル"}
	FlagMirror          = Text{"ask a mirror first: docker.io=mirror.example.com", "先にミラーへ問い合わせる: docker.io=mirror.example.com"}
	FlagCacheDir        = Text{"directory of the cache (by default below XDG_CACHE_HOME)", "キャッシュのディレクトリ (既定は XDG_CACHE_HOME の下)"}
	FlagNoCache         = Text{"neither read nor write the cache", "キャッシュを使わない"}
	FlagParallel        = Text{"layers and files that are read at once (0: one a processor)", "同時に読むレイヤーとファイルの数 (0: プロセッサ数)"}
	FlagMaxFileBytes    = Text{"bound: size of a file that is read", "上限: 読み込むファイル一つのサイズ"}
	FlagMaxTotalBytes   = Text{"bound: uncompressed size of all layers", "上限: 全レイヤーの展開後のサイズ"}
	FlagMaxEntries      = Text{"bound: entries in all layers", "上限: 全レイヤーのエントリー数"}
	FlagMaxPathBytes    = Text{"bound: length of a path in bytes", "上限: パスの長さ (バイト)"}
	FlagMaxNesting      = Text{"bound: depth of archives within archives", "上限: アーカイブの入れ子の深さ"}
	FlagMaxRatio        = Text{"bound: uncompressed to compressed size", "上限: 圧縮率 (展開後のサイズ / 圧縮時のサイズ)"}
	FlagMaxMemory       = Text{"content kept in memory before temporary files are used", "メモリーに保持する内容の上限 (超えると一時ファイルを使用)"}
	FlagConfig          = Text{"configuration file (by default ./sekisho.yaml and the user's)", "設定ファイル (既定は ./sekisho.yaml とユーザーの設定)"}
)
