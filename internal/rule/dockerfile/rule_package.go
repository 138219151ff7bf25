// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// packages calls judge for each use of a package manager in each RUN.
func (f *File) packages(judge func(*Script, *shell.Use)) {
	f.Runs(func(s *Script) {
		for _, u := range s.Uses() {
			judge(s, u)
		}
	})
}

// cacheDirs are where the families keep what they downloaded.
var cacheDirs = map[string][]string{
	"apt": {"/var/lib/apt/lists"}, "apk": {"/var/cache/apk", "/etc/apk/cache"}, "yum": {"/var/cache/yum", "/var/cache/dnf"},
	"dnf": {"/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"}, "zypper": {"/var/cache/zypp"},
	"pip": {"/root/.cache/pip"}, "yarn": {"/usr/local/share/.cache/yarn", "/root/.cache/yarn"},
}

// mounted says whether a cache or tmpfs mount covers the family's directory, so
// that nothing of it gets into the layer.
func mounted(s *Statement, family string) bool {
	for _, m := range s.Mounts() {
		if m.Type != instructions.MountTypeCache && m.Type != instructions.MountTypeTmpfs {
			continue
		}
		target := strings.TrimRight(m.Target, "/")
		for _, dir := range cacheDirs[family] {
			if dir == target || strings.HasPrefix(dir, target+"/") {
				return true
			}
		}
		if (family == "pip" || family == "yarn") && (strings.Contains(target, family) || strings.HasSuffix(target, "/.cache") || strings.Contains(target, "$")) {
			return true
		}
	}
	return false
}

// set says whether a variable has a value at the statement.
func set(s *Statement, names ...string) bool {
	if s.Stage == nil {
		return false
	}
	return slices.ContainsFunc(names, func(name string) bool {
		b, ok := s.Stage.vars.at(name, s.order)
		return ok && b.value != ""
	})
}

// inImage says whether what a script leaves gets into the image.
func (f *File) inImage(s *Script) bool { return s.At.Stage != nil && f.reaches(s.At.Stage) }

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "package-cache-left", Fixable: true, Aliases: ids("DL3009 DL3019 DL3032 DL3036 DL3040 DL3042 DL3060 DS-0015 DS-0019 DS-0020 DS-0025 DS-0027 DKL-DI-0004 DKL-DI-0005"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("It costs space and time, not safety.", "失うのは容量と時間で、安全性ではありません。"),
		Title:   words("{0} leaves its cache in the image", "{0} のキャッシュがイメージに残る"),
		Why:     words("Every pull carries tens of megabytes that nobody reads; and a later install from an old index gets old packages.", "誰も読まない数十 MB が毎回転送されます。また古い索引からのインストールで古いパッケージが入ります。"),
		Fix:     words("In the same RUN: rm -rf /var/lib/apt/lists/*, apk add --no-cache, dnf clean all, pip install --no-cache-dir, yarn cache clean; or RUN --mount=type=cache.", "同じ RUN の中で rm -rf /var/lib/apt/lists/*、apk add --no-cache、dnf clean all、pip install --no-cache-dir、yarn cache clean を行うか、RUN --mount=type=cache を使います。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.Runs(func(s *Script) {
			if !f.inImage(s) {
				return
			}
			seen := map[string]bool{}
			for _, u := range s.Uses() {
				if !seen[u.Family] && leaves(s, u) {
					seen[u.Family] = true
					found(s.Hit(u.Command.Span, u.Manager))
				}
			}
		})
	},
})

// leaves says whether what a use writes to the cache stays in the layer.
func leaves(s *Script, u *shell.Use) bool {
	if cacheDirs[u.Family] == nil || !fills(u) || u.NoCache || mounted(s.At, u.Family) || cleaned(s, u) {
		return false
	}
	return u.Family != "pip" || !set(s.At, "PIP_NO_CACHE_DIR", "UV_NO_CACHE") && (u.Manager != "uv" || !set(s.At, "UV_CACHE_DIR"))
}

// fills says whether a use writes to the cache. Of apt only the lists count:
// the official images remove the archives themselves.
func fills(u *shell.Use) bool {
	switch u.Family {
	case "apt":
		return u.Action == shell.Update
	case "apk":
		return u.Action == shell.Install || u.Action == shell.Upgrade
	default:
		return u.Action == shell.Install || u.Action == shell.Upgrade || u.Action == shell.Sync
	}
}

// cleaned says whether a later command of the script removes what the use left.
func cleaned(s *Script, u *shell.Use) bool {
	// A trap or a function may do it.
	return s.LastCleaning(u.Family) > s.places[u.Command] || strings.Contains(s.Text, "trap ")
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "install-asks", Fixable: true, Aliases: ids("DL3014 DL3030 DL3034 DL3038 DS-0021"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("The build stops, on the day that there is something to ask.", "確認が必要になった時点でビルドが止まります。"),
		Title:   words("{0} asks before it installs", "{0} が確認を求める"),
		Why:     words("There is nobody to answer in a build: it fails, and fixes do not get out.", "ビルド中に答える人はいません。失敗し、修正が届かなくなります。"),
		Fix:     words("Add -y (zypper: --non-interactive).", "-y を付けます (zypper は --non-interactive)。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.packages(func(s *Script, u *shell.Use) {
			if asks(u) {
				found(s.Hit(u.Command.Span, u.Manager))
			}
		})
	},
})

// asks says whether a use waits for somebody to say yes.
func asks(u *shell.Use) bool {
	switch u.Family {
	case "apt", "yum", "dnf", "zypper":
		return !u.Yes && u.Command.Pipe.Index == 0 && (u.Action == shell.Upgrade || u.Action == shell.Install && len(u.Packages) > 0)
	}
	return false
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "recommended-packages", Fixable: true, Aliases: ids("DL3015 DS-0029"), Severity: sekisho.SeverityLow, Stages: build,
		Because:    words("More packages, more flaws to patch; none of them is certain.", "パッケージが増えれば修正すべき脆弱性も増えますが、必ず問題になるわけではありません。"),
		Title:      words("apt-get installs recommended packages too", "apt-get が推奨パッケージも導入"),
		Why:        words("Programs that nobody asked for are there for whoever breaks in, and their flaws count as yours.", "頼んでいないプログラムが侵入者の道具になり、その脆弱性も自分の対応対象になります。"),
		Fix:        words("Add --no-install-recommends, and name what is then missing.", "--no-install-recommends を付け、不足するものは明示します。"),
		References: ids("nist-800-190-4.1.2 cis-docker-4.3"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.recommended(func(s *Script, u *shell.Use) { found(s.Hit(u.Command.Span)) })
	},
})

// recommended are the uses of apt that install recommended packages too.
func (f *File) recommended(visit func(*Script, *shell.Use)) {
	if strings.Contains(string(f.Text), "Install-Recommends") {
		return
	}
	f.packages(func(s *Script, u *shell.Use) {
		if u.Family == "apt" && u.Action == shell.Install && len(u.Packages) > 0 && f.inImage(s) && !u.Command.Has("--no-install-recommends") {
			visit(s, u)
		}
	})
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "apt-command", Fixable: true, Aliases: ids("DL3027 CKV_DOCKER_9"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("It works today.", "今のところ動作します。"),
		Title:   words("apt is made for people", "apt は対話用のコマンド"),
		Why:     words("Its options and output may change between releases; scripts are promised apt-get and apt-cache.", "オプションや出力がリリースごとに変わり得ます。スクリプト向けに互換性があるのは apt-get と apt-cache です。"),
		Fix:     words("Write apt-get or apt-cache.", "apt-get や apt-cache を使います。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.Runs(func(s *Script) {
			for i := range s.Commands {
				if c := &s.Commands[i]; c.Name == "apt" {
					found(s.Hit(c.Span))
					return // once a RUN
				}
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "dist-upgrade", Aliases: ids("DL3035 DS-0024 DKL-DI-0003"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("It fixes flaws too; the harm is that the result is left to the day.", "脆弱性も直りますが、結果がビルド日に左右されます。"),
		Title:   words("{0} moves the whole distribution", "{0} でディストリビューション全体を更新"),
		Why:     words("Packages come and go by themselves, even to another release: what was tested is not what is built.", "パッケージが勝手に増減し、別のリリースに移ることもあります。検証したものとビルドされるものが一致しません。"),
		Fix:     words("Take a newer base image, and upgrade the packages that need it.", "ベースイメージを新しくし、必要なパッケージだけを更新します。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.packages(func(s *Script, u *shell.Use) {
			switch u.Sub {
			case "dist-upgrade", "full-upgrade", "dup", "distro-sync", "system-upgrade":
				found(s.Hit(u.Command.Span, u.Manager+" "+u.Sub))
			}
		})
	},
})

// idle are commands that need no package.
var idle = map[string]bool{"rm": true, "echo": true, "true": true, "set": true, "export": true, ":": true, "sleep": true, "": true}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "lone-update", Aliases: ids("DS-0017 CKV_DOCKER_5 CIS-DI-0007 CIS-Docker-4.7"), Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("Fixes that are out do not get into the image, and nothing tells.", "公開済みの修正が気付かれないままイメージに入りません。"),
		Title:      words("The package index is updated in a RUN of its own", "索引の更新だけの RUN"),
		Why:        words("The layer is cached: the next build installs from an index of months ago, with the flaws of that time.", "レイヤーがキャッシュされ、次のビルドは数か月前の索引から、当時の脆弱性ごとインストールします。"),
		Fix:        words("Join it with the install: RUN apt-get update && apt-get install -y ... .", "インストールと同じ RUN にまとめます (RUN apt-get update && apt-get install -y ...)。"),
		References: ids("cis-docker-4.7"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.Runs(func(s *Script) {
			needed := map[string]bool{} // families whose index something needs
			others := false
			own := map[int]*shell.Use{}
			for _, u := range s.Uses() {
				own[s.places[u.Command]] = u
				if u.Action != shell.Update && u.Action != shell.Clean && u.Action != shell.Remove {
					needed[u.Family] = true
				}
			}
			for i := range s.Commands {
				if own[i] == nil && !idle[s.Commands[i].Name] {
					others = true
				}
			}
			for _, u := range s.Uses() {
				switch u.Family {
				case "apt", "apk", "yum", "dnf", "zypper":
					if u.Action == shell.Update && !others && !needed[u.Family] && !mounted(s.At, u.Family) {
						found(s.Hit(u.Command.Span))
					}
				}
			}
		})
	},
})

// names joins the packages of a use that a test holds for.
func names(u *shell.Use, want func(*shell.Package) bool) string {
	var out []string
	for i := range u.Packages {
		if want(&u.Packages[i]) {
			out = append(out, u.Packages[i].Name)
		}
	}
	if len(out) > 4 {
		out = append(out[:4], "...")
	}
	return strings.Join(out, " ")
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "unpinned-os-package", Aliases: ids("DL3008 DL3018 DL3033 DL3037 DL3041"), Severity: sekisho.SeverityLow, Stages: build, Off: true,
		Because: words("Distributions keep only the newest build of a version: a pin breaks the build on the day of the fix. For those with a mirror of snapshots.", "ディストリビューションは最新ビルドしか残さないため、固定すると修正版が出た日にビルドが壊れます。スナップショットのミラーがある環境向けです。"),
		Title:   words("{0} without a version: {1}", "{0} のバージョン指定なし: {1}"),
		Why:     words("Two builds of one file hold different packages.", "同じファイルでもビルドごとに中身が異なります。"),
		Fix:     words("name=version (apt, apk), name-version (yum, dnf), name=version (zypper); or pin the base image by digest and a snapshot.", "apt・apk・zypper は name=version、yum・dnf は name-version と書きます。ベースイメージのダイジェストとスナップショットの固定でも構いません。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.packages(func(s *Script, u *shell.Use) {
			switch u.Family {
			case "apt", "apk", "yum", "dnf", "zypper":
			default:
				return
			}
			if list := names(u, func(p *shell.Package) bool { return p.Pin == shell.PinNone }); u.Action == shell.Install && list != "" {
				found(s.Hit(u.Command.Span, u.Manager, list))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "unpinned-package", Aliases: ids("DL3013 DL3016 DL3028 DL3062"), Severity: sekisho.SeverityLow, Stages: build,
		Because:    words("It takes a bad release of that package, which does happen.", "悪意あるリリースが前提ですが、実際に起きています。"),
		Title:      words("{0} installs whatever is newest: {1}", "{0} が最新版を無条件に導入: {1}"),
		Why:        words("A stolen account publishes one version, and the next build runs it, with the build's secrets.", "乗っ取られたアカウントが公開した版を、次のビルドがビルドのシークレットとともに実行します。"),
		Fix:        words("Name the version (name==1.2.3, name@1.2.3, gem -v), or install from a lock file with hashes.", "バージョンを書くか (name==1.2.3、name@1.2.3、gem -v)、ハッシュ付きのロックファイルから導入します。"),
		References: ids("nist-800-190-4.1.5 cwe-1357"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.packages(func(s *Script, u *shell.Use) {
			switch u.Family {
			case "pip", "npm", "yarn", "pnpm", "gem", "go", "cargo":
			default:
				return
			}
			if u.Action != shell.Install || u.Family == "pip" && (len(u.Command.Values("-c", "--constraint", "--constraints")) > 0 || set(s.At, "PIP_CONSTRAINT", "UV_CONSTRAINT")) {
				return
			}
			list := names(u, func(p *shell.Package) bool {
				switch p.Name {
				case "pip", "setuptools", "wheel":
					return false // the tools of the manager itself
				}
				return p.Pin == shell.PinNone || p.Pin == shell.PinRange && p.Version == "latest"
			})
			if list != "" {
				found(s.Hit(u.Command.Span, u.Manager, list))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "runtime-install", Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("What runs was never scanned.", "実際に動くものが一度も検査されていません。"),
		Title:      words("{0} installs packages each time the container starts", "起動のたびに {0} でパッケージを導入"),
		Why:        words("The container needs the network, root and a writable disk to start; and runs whatever the registry serves at that moment.", "起動にネットワーク・root・書き込み可能なディスクが必要になり、その時点でレジストリが返すものを実行します。"),
		Fix:        words("Install in RUN; start the program alone.", "RUN で導入し、起動時はプログラムだけを動かします。"),
		References: ids("nist-800-190-4.4.4 cwe-829"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.Starts(func(s *Script) {
			if !f.inImage(s) {
				return
			}
			for _, u := range s.Uses() {
				if u.Action == shell.Install || u.Action == shell.Upgrade || u.Action == shell.Sync {
					found(s.Hit(u.Command.Span, u.Manager))
				}
			}
		})
	},
})

// compilers are packages that only a build needs, by their names in the
// distributions.
var compilers = map[string]bool{
	"gcc": true, "g++": true, "gcc-c++": true, "clang": true, "cmake": true, "build-essential": true, "build-base": true,
	"base-devel": true, "musl-dev": true, "libc6-dev": true, "libc-dev": true, "alpine-sdk": true,
	"python3-dev": true, "python-dev": true, "python3-devel": true, "ruby-dev": true, "nodejs-dev": true, "golang": true, "golang-go": true, "go": true,
	"rust": true, "cargo": true, "rustc": true, "default-jdk": true, "openjdk-17-jdk": true, "openjdk-21-jdk": true, "maven": true, "gradle": true,
}

// buildBases are images made to build with.
var buildBases = map[string]bool{
	"golang": true, "rust": true, "maven": true, "gradle": true, "gcc": true, "haskell": true, "dart": true, "clojure": true, "buildpack-deps": true,
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "build-tools-left", Aliases: ids("CIS-Docker-4.3"), Severity: sekisho.SeverityLow, Stages: build,
		Because:    words("They are flaws to patch and tools to misuse; neither is a way in by itself.", "修正対象の脆弱性と悪用できる道具が増えますが、それ自体が侵入口ではありません。"),
		Title:      words("Build tools stay in the image: {0}", "ビルドツールがイメージに残る: {0}"),
		Why:        words("An intruder compiles on the spot, and every flaw of compiler and headers shows in each scan.", "侵入者がその場でコンパイルでき、コンパイラーやヘッダーの脆弱性が毎回の検査に現れます。"),
		Fix:        words("Build in a first stage and COPY --from the result into a small one; or remove the packages in the same RUN.", "前段のステージでビルドし、成果物だけを COPY --from で小さなイメージに移すか、同じ RUN の中で削除します。"),
		References: ids("nist-800-190-4.1.2 cis-docker-4.3"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		final := f.Final()
		if final == nil {
			return
		}
		if root := final.Root(); root.Known && (entrypoint(final) != nil || cmd(final) != nil) {
			i := imageref.Parse(root.Base, "")
			name := official(i)
			if buildBases[name] || i.Registry == "mcr.microsoft.com" && i.Repository == "dotnet/sdk" {
				found(hit(root.From, root.Base))
			}
		}
		f.Runs(func(s *Script) {
			if !f.inImage(s) {
				return
			}
			gone := removing(s)
			for _, u := range s.Uses() {
				switch u.Family {
				case "apt", "apk", "yum", "dnf", "zypper":
					if u.Action != shell.Install || gone[u.Family] {
						continue
					}
					if list := names(u, func(p *shell.Package) bool { return compilers[p.Name] }); list != "" {
						found(s.Hit(u.Command.Span, list))
					}
				}
			}
		})
	},
})

// removing are the families whose packages the script removes: the build
// dependencies, it may be assumed.
func removing(s *Script) map[string]bool {
	out := map[string]bool{}
	for _, u := range s.Uses() {
		if u.Action == shell.Remove {
			out[u.Family] = true
		}
	}
	return out
}
