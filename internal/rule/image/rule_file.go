// SPDX-License-Identifier: Apache-2.0

package image

import (
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// standardSetuid are the setuid and setgid programs that packages of
// distributions bring: su, passwd, mount and their like.
var standardSetuid = set(`su sudo doas sudoedit passwd gpasswd chage chfn chsh newgrp sg expiry mount umount umount.nfs mount.nfs mount.cifs fusermount fusermount3
	ping ping6 arping traceroute6 unix_chkpwd pam_timestamp_check pam_extrausers_chkpwd userhelper usernetctl newuidmap newgidmap ssh-agent ssh-keysign
	dbus-daemon-launch-helper polkit-agent-helper-1 pkexec at crontab wall write bsd-write write.ul locate plocate mlocate slocate screen
	utempter lockdev postdrop postqueue sendmail procmail lockfile dotlockfile mail-lock mail-unlock mail-touchlock exim4 chrome-sandbox chromium-sandbox
	bbsuid busybox-suid suexec cgexec staprun Xorg.wrap kismet_cap dumpcap vlock grub2-set-bootflag pt_chown ksu krb5-strength newrole run_init
	snap-confine lxc-user-nic vmware-user-suid-wrapper camel-lock-helper-1.2 mtr-packet nvidia-modprobe`)

// standardDirs are where packages put them.
func standardDir(p string) bool {
	for _, dir := range [...]string{"bin/", "sbin/", "usr/bin/", "usr/sbin/", "usr/lib/", "usr/libexec/", "lib/", "usr/lib64/", "usr/lib/openssh/"} {
		if strings.HasPrefix(p, dir) {
			return true
		}
	}
	return false
}

func file(f *sekisho.FileNote) string {
	return f.Location.Path[strings.LastIndexByte(f.Location.Path, '/')+1:]
}

// evidence is a file beside the first.
func evidence(f *sekisho.FileNote) sekisho.Evidence {
	return sekisho.Evidence{Source: "image/files", Text: describe(f), Path: f.Location.Path, Line: f.Location.Line}
}

// maxListed is how many files one finding lists.
const maxListed = 50

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "setuid", Aliases: ids("CIS-DI-0008 CIS-Docker-4.8"), Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("It runs as its owner, whoever starts it. Those that packages of distributions bring (su, passwd, mount ...) are one finding, rated low.", "誰が起動しても所有者の権限で動きます。ディストリビューションのパッケージ由来のもの (su、passwd、mount など) は 1 件にまとめ、低とします。"),
		Title:      words("Programs that run as another user or group: {0}", "他のユーザーやグループの権限で動くプログラム: {0}"),
		Why:        words("A flaw in such a program makes root of the lesser user that the image was so careful to set.", "このプログラムに欠陥があれば、せっかく設定した一般ユーザーが root になれます。"),
		Fix:        words("chmod a-s in the step that brings it, or do not install it; allowPrivilegeEscalation: false and no-new-privileges make the bits void.", "導入する手順で chmod a-s するか、導入しません。allowPrivilegeEscalation: false や no-new-privileges でも無効にできます。"),
		References: ids("cis-docker-4.8 nist-800-190-4.1.2 cwe-250"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		var standard []*sekisho.FileNote
		for n := range i.Files {
			f := &i.Files[n]
			if !slices.Contains(f.Notes, noteSetuid) && !slices.Contains(f.Notes, noteSetgid) {
				continue
			}
			if standardDir(f.Location.Path) && standardSetuid[file(f)] && (f.UID == 0 || f.Notes[0] == noteSetgid) {
				standard = append(standard, f)
				continue
			}
			found(i.hit(f, "/"+f.Location.Path))
		}
		if len(standard) > 0 {
			h := i.list(standard, "")
			h.Severity = sekisho.SeverityLow
			found(h)
		}
	},
})

// list is one hit over several files: the place is that of the first, the
// others are evidence. The key is the same whatever they are.
func (i *Image) list(files []*sekisho.FileNote, key string) check.Hit {
	names := make([]string, 0, len(files))
	for _, f := range files {
		if n := file(f); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	h := i.hit(files[0])
	h.Excerpt, h.Key = strings.Join(names, " "), "list "+key
	if len(names) > 8 {
		names = append(names[:8:8], "...")
	}
	h.Args = []string{strings.Join(names, ", ")}
	for n, f := range files {
		if n == maxListed {
			break
		}
		h.Causes = append(h.Causes, evidence(f))
	}
	return h
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "world-writable", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("Every user of the container may change it, and a directory without the sticky bit lets them replace what others put there.", "コンテナ内の全ユーザーが変更できます。sticky ビットのないディレクトリでは他者のファイルも差し替えられます。"),
		Title:      words("Everybody may write to {0}", "{0} に誰でも書き込める"),
		Why:        words("A program that was taken over as the least of users puts its code where another, often root, will run it.", "最小権限で侵入した攻撃者が、root など別のユーザーが実行する場所にコードを置けます。"),
		Fix:        words("chmod o-w; use COPY --chown and --chmod to give it to the one user who needs it.", "chmod o-w します。必要なユーザーにだけ COPY --chown と --chmod で権限を与えます。"),
		References: ids("cwe-732 nist-800-190-4.1.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		// One finding a tree: what lies in a directory that is itself writable is
		// counted there.
		var files []*sekisho.FileNote
		i.noted(noteWritable, func(f *sekisho.FileNote) {
			if !pseudo(f.Location.Path) {
				files = append(files, f)
			}
		})
		slices.SortStableFunc(files, func(a, b *sekisho.FileNote) int { return strings.Compare(a.Location.Path+"/", b.Location.Path+"/") })
		var tops []*sekisho.FileNote
		inside := map[*sekisho.FileNote]int{}
		for n := 0; n < len(files); {
			top := files[n]
			for n++; n < len(files) && top.Type == sekisho.TypeDir && strings.HasPrefix(files[n].Location.Path, top.Location.Path+"/"); n++ {
				inside[top]++
			}
			tops = append(tops, top)
		}
		for n := 0; n < len(tops); {
			top, dir := tops[n], path.Dir(tops[n].Location.Path)
			same := 1
			for n+same < len(tops) && path.Dir(tops[n+same].Location.Path) == dir {
				same++
			}
			if same > maxAlone {
				h := i.hit(top, "/"+dir+"/* ("+decimal(int64(same))+")")
				h.Excerpt, h.Key = "/"+dir+"/*", "all /"+dir
				for _, f := range tops[n:min(n+same, n+maxListed)] {
					h.Causes = append(h.Causes, evidence(f))
				}
				found(h)
				n += same
				continue
			}
			h := i.hit(top, "/"+top.Location.Path)
			if k := inside[top]; k > 0 {
				h.Args[0] += " (+" + decimal(int64(k)) + ")"
			}
			found(h)
			n++
		}
	},
})

// maxAlone is how many writable entries of a directory are findings of their
// own.
const maxAlone = 4

// pseudo says whether a path is below what the runtime mounts anyway.
func pseudo(p string) bool { return under(p, "proc") || under(p, "sys") || under(p, "dev") }

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "device-file", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("It names a device of the host; the runtime decides whether it may be used, and a privileged container may.", "ホストのデバイスを指します。利用の可否はランタイム次第で、特権コンテナでは使えます。"),
		Title:      words("A device outside /dev: {0}", "/dev 以外にあるデバイスファイル: {0}"),
		Why:        words("A disk or the memory of the host under a harmless name waits for the one container that runs with too many rights.", "無害な名前を装ったホストのディスクやメモリへの入口が、過剰な権限で動くコンテナで悪用されます。"),
		Fix:        words("Remove it from the build; the runtime makes the devices that a container needs.", "ビルドから取り除きます。必要なデバイスはランタイムが用意します。"),
		References: ids("nist-800-190-4.1.3 cwe-732"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		i.noted(noteDevice, func(f *sekisho.FileNote) { found(i.hit(f, "/"+f.Location.Path)) })
	},
})

// keyed gives the files with a note of keys or credentials.
func keyed(files []sekisho.FileNote, visit func(f *sekisho.FileNote, note string)) {
	for n := range files {
		for _, note := range files[n].Notes {
			if note == noteKey || note == noteEncryptedKey || strings.HasPrefix(note, noteCredential) {
				visit(&files[n], note)
				break
			}
		}
	}
}

func hostKey(f *sekisho.FileNote) bool {
	return strings.HasPrefix(file(f), "ssh_host_") || file(f) == "ssl-cert-snakeoil.key" || strings.HasPrefix(f.Location.Path, "etc/dropbear/")
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "secret-file", Aliases: ids("CIS-Docker-4.10"), Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("The file was looked into (or its format is for nothing else): it holds a key, a password or a token, and whoever can pull the image has it. What a passphrase protects is rated medium.", "内容 (専用の形式では形式) を確認し、鍵やパスワード、トークンが含まれていました。イメージを取得できる者が入手できます。パスフレーズで保護されたものは中とします。"),
		Title:      words("A file with a key or credentials: {0}", "鍵または認証情報を含むファイル: {0}"),
		Why:        words("Every program of the container that may read it, and everybody who can pull the image, can use what it opens.", "コンテナ内で読み取れる全プログラムと、イメージを取得できる全員が利用できます。"),
		Fix:        words("Use RUN --mount=type=secret or type=ssh in the build and a mounted secret at run time; keep the file out of the build context, and change the secret.", "ビルドでは RUN --mount=type=secret や type=ssh、実行時はマウントした secret を使います。ビルドコンテキストから除外し、シークレットを変更します。"),
		References: ids("nist-800-190-4.1.4 cis-docker-4.10 cwe-312 cwe-798"),
	},
	Judge: func(i *Image, found func(check.Hit)) { keyFiles(i, i.Files, found) },
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "deleted-secret-file", Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("A layer is kept and handed out as a whole: what a later one deletes can be unpacked all the same. What a passphrase protects is rated medium.", "層は丸ごと保存、配布されるため、後の層で削除しても取り出せます。パスフレーズで保護されたものは中とします。"),
		Title:      words("A file with a key or credentials was deleted, and is still in a layer: {0}", "鍵または認証情報を含むファイルが、削除後も層に残る: {0}"),
		Why:        words("docker save and tar are all that it takes to have it; scanners of registries look for nothing else.", "docker save と tar だけで取り出せます。レジストリを探索する攻撃者がまず狙うものです。"),
		Fix:        words("Build the image again with RUN --mount=type=secret or type=ssh in place of COPY and rm, delete the old image, and change the secret.", "COPY と rm の代わりに RUN --mount=type=secret や type=ssh を使って作り直し、古いイメージを削除し、シークレットを変更します。"),
		References: ids("nist-800-190-4.1.4 cis-docker-4.10 cwe-312 cwe-798"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		// What is there still, or again, is reported as that; of several layers
		// the lowest is named.
		seen := map[string]bool{}
		keyed(i.Files, func(f *sekisho.FileNote, _ string) { seen[f.Location.Path] = true })
		var once []sekisho.FileNote
		keyed(i.Deleted, func(f *sekisho.FileNote, _ string) {
			if !seen[f.Location.Path] {
				seen[f.Location.Path] = true
				once = append(once, *f)
			}
		})
		keyFiles(i, once, found)
	},
})

// keyFiles finds the files with a key or credentials, but for the keys of hosts.
func keyFiles(i *Image, files []sekisho.FileNote, found func(check.Hit)) {
	keyed(files, func(f *sekisho.FileNote, note string) {
		if hostKey(f) || i.told[placeOf(&f.Location)] {
			return
		}
		h := i.hit(f, "/"+f.Location.Path)
		if note == noteEncryptedKey {
			h.Severity = sekisho.SeverityMedium
		}
		found(h)
	})
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "host-key", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("The key is to prove which host one speaks with, and every container of the image has the same.", "接続先を証明するための鍵が、このイメージの全コンテナで同じになります。"),
		Title:      words("The key of a host is in the image: {0}", "ホスト鍵がイメージに含まれる: {0}"),
		Why:        words("Whoever pulls the image can pretend to be any of its containers.", "イメージを取得した者は、そのどのコンテナにもなりすませます。"),
		Fix:        words("Remove the key in the step that makes it, and make one when the container starts, if there has to be a server at all.", "生成する手順で削除し、サーバーが必要な場合は起動時に生成します。"),
		References: ids("cwe-321 nist-800-190-4.1.4"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if !i.IsImage {
			return // a machine has to have one
		}
		keyed(i.Files, func(f *sekisho.FileNote, note string) {
			if hostKey(f) && note == noteKey && !i.told[placeOf(&f.Location)] {
				found(i.hit(f, "/"+f.Location.Path))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "login-keys", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("It lets the owner of the key into every container that runs a server.", "SSH サーバーが動くすべてのコンテナに、鍵の所有者が入れます。"),
		Title:      words("Keys that may log in: {0}", "ログインを許す公開鍵: {0}"),
		Why:        words("A key that was put there once is forgotten, and opens the door long after its owner left.", "一度置かれた鍵は忘れられ、所有者が去った後も有効なままです。"),
		Fix:        words("Remove the file; use docker exec or kubectl exec.", "ファイルを削除し、docker exec や kubectl exec を使います。"),
		References: ids("nist-800-190-4.1.2 cwe-284"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if !i.IsImage {
			return
		}
		i.noted(noteLoginKeys, func(f *sekisho.FileNote) { found(i.hit(f, "/"+f.Location.Path)) })
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "library-preload", Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("The library runs inside of every program of the container; user-mode rootkits live there.", "ライブラリが全プログラムの中で動きます。ユーザーモードのルートキットの定番です。"),
		Title:      words("/etc/ld.so.preload loads a library into every program", "/etc/ld.so.preload が全プログラムにライブラリを読み込ませる"),
		Why:        words("What it loads can hide files and processes and read each password, setuid programs included.", "読み込まれたものは、ファイルやプロセスを隠し、setuid プログラムを含めてパスワードを読み取れます。"),
		Fix:        words("Find out who wrote it. A library that is wanted goes into LD_PRELOAD of the one program that needs it.", "誰が作成したかを確認します。必要なライブラリは、対象のプログラムの LD_PRELOAD で指定します。"),
		References: ids("cwe-426 nist-800-190-4.1.3"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		i.noted(notePreload, func(f *sekisho.FileNote) { found(i.hit(f)) })
	},
})
