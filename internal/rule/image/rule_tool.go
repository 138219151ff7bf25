// SPDX-License-Identifier: Apache-2.0

package image

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// programs judges the programs with a note: one finding names them all. Only
// images are judged: a machine has to have its tools.
func programs(note string) func(i *Image, found func(check.Hit)) {
	return func(i *Image, found func(check.Hit)) {
		if !i.IsImage {
			return
		}
		var files []*sekisho.FileNote
		i.noted(note, func(f *sekisho.FileNote) { files = append(files, f) })
		if len(files) == 0 {
			return
		}
		slices.SortStableFunc(files, func(a, b *sekisho.FileNote) int { return strings.Compare(file(a), file(b)) })
		found(i.list(files, note))
	}
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "sudo", Aliases: ids("DKL-DI-0001 DL3004 DS-0010 CKV2_DOCKER_1"), Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("It undoes USER for whoever may call it. Judged by the program that is there, whatever the history says.", "呼び出せる者に対して USER の効果を打ち消します。履歴ではなく実在するプログラムで判定します。"),
		Title:      words("A program that makes root of users: {0}", "一般ユーザーを root にするプログラム: {0}"),
		Why:        words("sudo is a large setuid program with a history of flaws; who takes over the lesser user becomes root with it.", "sudo は大きな setuid プログラムで、脆弱性が繰り返し見つかっています。一般ユーザーを乗っ取った者が root になれます。"),
		Fix:        words("Leave the package out; switch users in the Dockerfile with USER, and with gosu or setpriv when the container starts.", "パッケージを入れません。Dockerfile では USER、起動時は gosu や setpriv で切り替えます。"),
		References: ids("nist-800-190-4.1.2 cwe-250"),
	},
	Judge: programs(noteSudo),
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "package-manager", Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("Every image of a general distribution has one: it is an opportunity, not a flaw.", "一般的なディストリビューションのイメージには必ずあり、欠陥ではなく改善の余地です。"),
		Title:      words("A package manager is in the image: {0}", "パッケージマネージャーがイメージに含まれる: {0}"),
		Why:        words("Whoever takes over the program, as root, installs what is missing with a line.", "プログラムを root として乗っ取った者が、足りない道具を 1 行で導入できます。"),
		Fix:        words("Build on a distroless or minimal base (chiselled, ubi-micro, Wolfi without apk), or copy the program into scratch.", "distroless や最小構成のベース (chiselled、ubi-micro、apk なしの Wolfi) を使うか、scratch にプログラムをコピーします。"),
		References: ids("nist-800-190-4.1.2 cis-docker-4.3"),
	},
	Judge: programs(notePackageManager),
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "shell-in-image", Severity: sekisho.SeverityLow, Stages: stages, Off: true,
		Because:    words("Most images have one, and many need it to start.", "多くのイメージにあり、起動に必要な場合もあります。"),
		Title:      words("A shell is in the image: {0}", "シェルがイメージに含まれる: {0}"),
		Why:        words("Injected commands need one: without it most exploits for the shell end in an error.", "コマンドインジェクションにはシェルが必要です。なければ多くの攻撃はエラーで終わります。"),
		Fix:        words("Start the program in exec form on a base without a shell.", "シェルのないベースで、exec 形式でプログラムを起動します。"),
		References: ids("nist-800-190-4.1.2 cis-docker-4.3"),
	},
	Judge: programs(noteShell),
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "debug-variant", Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("The base was chosen for having no shell, and this variant of it has one.", "シェルがないことを理由に選ばれるベースですが、この変種には入っています。"),
		Title:      words("The debug variant of a distroless image", "distroless の debug 版"),
		Why:        words("BusyBox gives a shell, a downloader and a hundred tools to whoever takes over the program.", "BusyBox により、侵入者にシェルやダウンローダーなど多数の道具を与えます。"),
		Fix:        words("Take the tag without :debug, and look into containers with kubectl debug.", ":debug の付かないタグを使い、調査には kubectl debug を使います。"),
		References: ids("nist-800-190-4.1.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if !i.IsImage || !i.distroless() {
			return
		}
		i.noted(noteShell, func(f *sekisho.FileNote) {
			if strings.HasPrefix(f.Location.Path, "busybox/") && file(f) == "busybox" {
				found(i.hit(f))
			}
		})
	},
})

// distroless says whether the packages are recorded as in the images of that
// name, a file each, for no package manager is there to keep a list.
func (i *Image) distroless() bool {
	return slices.ContainsFunc(i.Packages, func(p sekisho.Package) bool {
		return !p.Hidden && strings.HasPrefix(p.Path, "var/lib/dpkg/status.d/")
	})
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "build-tools-left", Aliases: ids("CIS-Docker-4.3 CIS-DI-0003"), Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("An image that compiles is meant to have them; one that runs a program is not.", "ビルド用のイメージなら必要ですが、実行用には不要です。"),
		Title:      words("Build tools are in the image: {0}", "ビルドツールがイメージに含まれる: {0}"),
		Why:        words("An exploit for the kernel of the host is compiled on the spot, and hundreds of packages have to be patched for nothing.", "ホストのカーネル向けの攻撃コードをその場でコンパイルでき、不要なパッケージの修正も必要になります。"),
		Fix:        words("Compile in one stage, and COPY --from the result into the one that runs.", "コンパイルは別のステージで行い、成果物を COPY --from します。"),
		References: ids("nist-800-190-4.1.2 cis-docker-4.3"),
	},
	Judge: programs(noteCompiler),
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "network-tool", Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("Few services need them; attackers bring them along when they are not there.", "必要とするサービスはわずかで、攻撃者がまず欲しがる道具です。"),
		Title:      words("Tools to explore networks are in the image: {0}", "ネットワーク探索の道具がイメージに含まれる: {0}"),
		Why:        words("From the container one looks for other services, listens to their traffic, and opens a tunnel to the outside.", "コンテナから他のサービスの探索、通信の傍受、外部へのトンネル作成ができます。"),
		Fix:        words("Leave them out, and use kubectl debug with an image that has them.", "含めず、必要なときは道具入りのイメージで kubectl debug を使います。"),
		References: ids("nist-800-190-4.1.2 cis-docker-4.3"),
	},
	Judge: programs(noteNetworkTool),
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "transfer-tool", Severity: sekisho.SeverityLow, Stages: stages, Off: true,
		Because:    words("Many images need one for their health check.", "ヘルスチェックのために必要なイメージも多いためです。"),
		Title:      words("Tools to transfer files are in the image: {0}", "ファイル転送の道具がイメージに含まれる: {0}"),
		Why:        words("The second half of most attacks is downloaded with them.", "攻撃の後半は、多くの場合これらで取得されます。"),
		Fix:        words("Leave them out of the last stage; let the program check its own health.", "最終ステージには含めず、ヘルスチェックはプログラム自身で行います。"),
		References: ids("nist-800-190-4.1.2 cis-docker-4.3"),
	},
	Judge: programs(noteTransferTool),
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "debug-tool", Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("They need CAP_SYS_PTRACE for other users' programs, not for those of the same user.", "同じユーザーのプログラムであれば、CAP_SYS_PTRACE なしで使えます。"),
		Title:      words("Debuggers are in the image: {0}", "デバッガーがイメージに含まれる: {0}"),
		Why:        words("They read the memory of running programs: keys, sessions, data of users.", "動作中のプログラムのメモリ (鍵、セッション、利用者のデータ) を読み取れます。"),
		Fix:        words("Leave them out, and use kubectl debug with an image that has them.", "含めず、必要なときは道具入りのイメージで kubectl debug を使います。"),
		References: ids("nist-800-190-4.1.2 cwe-489"),
	},
	Judge: programs(noteDebugTool),
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "remote-login", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("A second way in beside the orchestrator's, with accounts and flaws of its own.", "オーケストレーターとは別の、独自のアカウントと脆弱性を持つ入口です。"),
		Title:      words("A server for logins or files is in the image: {0}", "ログインやファイル共有のサーバーがイメージに含まれる: {0}"),
		Why:        words("It can be guessed at from the network, and what is done through it is in no audit log of the platform.", "ネットワークから総当たりでき、操作はプラットフォームの監査ログに残りません。"),
		Fix:        words("Leave the server out; docker exec and kubectl exec give a shell with access control and a log.", "サーバーを入れず、アクセス制御と記録のある docker exec や kubectl exec を使います。"),
		References: ids("cis-docker-5.7 nist-800-190-4.1.2"),
	},
	Judge: programs(noteRemoteLogin),
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "cron-daemon", Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("It wants root and runs beside the program, where nobody watches it.", "root が必要で、監視されないままプログラムと並んで動きます。"),
		Title:      words("A cron daemon is in the image: {0}", "cron デーモンがイメージに含まれる: {0}"),
		Why:        words("A line in a crontab starts an attacker's program again after each restart; and its failures reach no log of the platform.", "crontab の 1 行で攻撃者のプログラムが繰り返し起動します。失敗もプラットフォームのログに残りません。"),
		Fix:        words("Let the platform keep the time: a CronJob, a scheduled task of ECS.", "Kubernetes の CronJob や ECS のスケジュールタスクなど、プラットフォームの機能を使います。"),
		References: ids("nist-800-190-4.1.2"),
	},
	Judge: programs(noteCron),
})
