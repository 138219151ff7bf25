// SPDX-License-Identifier: Apache-2.0

package image

import (
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// There is no rule for CIS 4.5 and CIS-DI-0005, which ask for Docker Content
// Trust: the service behind it is being switched off, and with the variable set
// pulls fail. See docs/rules-image.md.

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "add-instead-of-copy", Aliases: ids("CIS-DI-0009 DL3020 DS-0005 CKV_DOCKER_4 CIS-Docker-4.9"), Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("ADD unpacks and downloads without being asked; COPY does what it says.", "ADD は暗黙に展開やダウンロードを行います。COPY は書いたとおりに動きます。"),
		Title:      words("ADD where COPY would do", "COPY で足りる場所に ADD"),
		Why:        words("An archive that somebody else can change is unpacked over the file system, and an address is fetched without a check.", "他者が変更できるアーカイブがファイルシステムに展開され、URL は検証なしに取得されます。"),
		Fix:        words("Use COPY; keep ADD for archives that are to be unpacked, and for addresses with --checksum.", "COPY を使います。ADD は展開したいアーカイブと、--checksum を付けた URL に限ります。"),
		References: ids("cis-docker-4.9"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		for n := range i.Steps {
			s := &i.Steps[n]
			if s.Verb != "ADD" || i.rootFileSystem(n) || keepsADD(s) {
				continue
			}
			found(i.step(s))
		}
	},
})

// rootFileSystem says whether a step lays down the base: the first one that
// makes a layer, or a source that goes to the root as a whole.
func (i *Image) rootFileSystem(n int) bool {
	s := &i.Steps[n]
	fields := strings.Fields(s.Text)
	if len(fields) > 0 && fields[len(fields)-1] == "/" {
		return true
	}
	for k := range n {
		if v := i.Steps[k].Verb; v == "ADD" || v == "COPY" || v == "RUN" || i.Steps[k].Layer >= 0 {
			return false
		}
	}
	return true
}

// keepsADD says whether ADD does what COPY cannot.
func keepsADD(s *Step) bool {
	fields := strings.Fields(s.Text)
	for _, f := range fields {
		if strings.HasPrefix(f, "multi:") || strings.HasPrefix(f, "dir:") {
			return false // several files, or a directory, are no archive
		}
		if strings.Contains(f, "://") || strings.HasPrefix(f, "git@") || strings.HasSuffix(f, ".git") {
			return true
		}
		for _, ext := range [...]string{".tar", ".tgz", ".gz", ".xz", ".bz2", ".zst", ".txz", ".tbz", ".tbz2", ".tzst"} {
			if strings.HasSuffix(strings.ToLower(f), ext) {
				return true
			}
		}
		// The classic builder writes digests: what lands on a name without an
		// extension may have been an archive.
		if s.Classic && strings.HasPrefix(f, "file:") && !strings.Contains(path.Base(fields[len(fields)-1]), ".") {
			return true
		}
		if s.Classic && len(f) == 64 && !strings.ContainsAny(f, ":/.") {
			return true
		}
	}
	return false
}

// uses are what the commands of a step ask of package managers.
func (s *Step) uses() []*shell.Use {
	if s.script == nil {
		return nil
	}
	return s.script.Uses()
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "lone-update", Aliases: ids("CIS-DI-0007 DS-0017 CKV_DOCKER_5 CIS-Docker-4.7"), Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("The cached layer keeps the old index, and later builds install packages with known flaws from it.", "キャッシュされた層に古い索引が残り、以後のビルドで既知の脆弱性を持つパッケージが入ります。"),
		Title:      words("The package index is renewed in a step of its own", "パッケージ索引の更新だけの手順"),
		Why:        words("The builder takes that step from its cache for as long as its text does not change: fixes that were published since are not seen.", "手順の文字列が変わらない限りキャッシュが使われ、その後に公開された修正が反映されません。"),
		Fix:        words("Update, install and clean in one RUN, joined by &&.", "更新、インストール、掃除を && でつなぎ、1 つの RUN にします。"),
		References: ids("cis-docker-4.7"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		for n := range i.Steps {
			update := ""
			used := map[string]bool{}
			for _, u := range i.Steps[n].uses() {
				switch u.Action {
				case shell.Update:
					switch u.Family {
					case "apt", "apk", "zypper":
						update = u.Family
					}
				case shell.Install, shell.Upgrade, shell.Sync, shell.Remove:
					used[u.Family] = true
				}
			}
			// pipx and others install by themselves; only the same family's
			// index matters.
			if update != "" && !used[update] && !callsScript(&i.Steps[n]) {
				found(i.step(&i.Steps[n]))
			}
		}
	},
})

// callsScript says whether a step runs a program of its own, which may install
// what the update is for: ./install.sh.
func callsScript(s *Step) bool {
	for c := range s.script.Commands {
		switch p := s.script.Commands[c].Program.Text; {
		case strings.HasSuffix(p, ".sh"), strings.HasPrefix(p, "./"), strings.HasPrefix(p, "/tmp/"), strings.HasPrefix(p, "/opt/"), strings.Contains(p, "install"), strings.Contains(p, "setup"):
			return true
		}
		switch s.script.Commands[c].Name {
		case "sh", "bash", "python", "python3", "ansible-playbook", "debootstrap", "make":
			return true
		}
	}
	return false
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "dist-upgrade", Aliases: ids("DKL-DI-0003 DL3035 DS-0024"), Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("It moves the image to another release than its base: what was tested is not what runs.", "ベースとは別のリリースに移ってしまい、検証したものと動くものが異なります。"),
		Title:      words("The build upgrades the distribution: {0}", "ビルドでディストリビューションを更新: {0}"),
		Why:        words("Packages are removed and replaced as the upgrade sees fit, and two builds of one file give two systems.", "パッケージが更新側の判断で削除や置換され、同じファイルから異なるシステムができます。"),
		Fix:        words("Take a newer base image; for fixes alone, apt-get upgrade or its like.", "新しいベースイメージを使います。修正だけなら apt-get upgrade などにとどめます。"),
		References: ids("nist-800-190-4.1.1"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		i.runs(func(s *Step, c *shell.Command) {
			for _, sub := range [...][2]string{{"apt-get", "dist-upgrade"}, {"apt", "full-upgrade"}, {"apt", "dist-upgrade"}, {"aptitude", "full-upgrade"}, {"zypper", "dist-upgrade"}, {"zypper", "dup"}, {"dnf", "system-upgrade"}, {"dnf", "distro-sync"}, {"yum", "distro-sync"}, {"do-release-upgrade", ""}} {
				if c.Name == sub[0] && (sub[1] == "" || c.Is(sub[0], sub[1])) {
					found(i.step(s, strings.TrimSpace(sub[0]+" "+sub[1])))
					return
				}
			}
		})
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "download-and-run", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("Whoever controls the address, or the way to it, decided what is in the image.", "配布元や経路を支配する者が、イメージの中身を決められます。"),
		Title:      words("A step ran what it downloaded: {0} | {1}", "ダウンロードした内容をそのまま実行: {0} | {1}"),
		Why:        words("Nothing was checked before it ran as root in the build; tomorrow the address may answer with something else.", "検証なしに root で実行されており、明日には別の内容が返るかもしれません。"),
		Fix:        words("Download to a file, compare its checksum or signature, then run it.", "ファイルに保存し、チェックサムか署名を確認してから実行します。"),
		References: ids("nist-800-190-4.1.5 cwe-494"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		type source struct {
			step *Step
			pipe int
		}
		fetch := map[source]string{}
		i.runs(func(s *Step, c *shell.Command) {
			k := source{s, c.Pipe.ID}
			switch c.Name {
			case "curl", "wget":
				fetch[k] = c.Name
			case "sh", "bash", "ash", "dash", "zsh", "python", "python3", "perl", "ruby", "node":
				if fetch[k] != "" && c.Pipe.Index > 0 {
					found(i.step(s, fetch[k], c.Name))
					delete(fetch, k)
				}
			}
		})
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "many-layers", Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("The storage driver overlay2 takes 128 layers; an image near it can soon be built upon no more.", "overlay2 の上限は 128 層で、近づくとこれ以上積み重ねられません。"),
		Title:      words("The image has {0} layers", "レイヤー数が {0}"),
		Why:        words("Many layers mostly mean that files were added and removed again: what was removed is still in the image.", "層が多い場合、追加と削除を繰り返していることが多く、削除したものもイメージに残っています。"),
		Fix:        words("Join steps that belong together, or copy the result of a build stage into a fresh one.", "関連する手順をまとめるか、ビルドステージの成果物だけを新しいステージにコピーします。"),
		References: ids("nist-800-190-4.1.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if n := len(i.Layers); i.IsImage && n > 100 {
			found(check.Hit{Resource: "layers", Excerpt: decimal(int64(n)) + " layers", Key: "layers", Args: []string{decimal(int64(n))}})
		}
	},
})

// baseName is the last part of a path, of a program that is called by it.
func baseName(p string) string { return path.Base(strings.ReplaceAll(p, `\`, "/")) }
