// SPDX-License-Identifier: Apache-2.0

package image

import (
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "leftover-file", Aliases: ids("DKL-LI-0003"), Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("It was not meant to be in the image, and tells how the image is made. What lies in /tmp is rated negligible.", "イメージに含める意図のないもので、構築方法などを明かします。/tmp の中身はごく低い扱いとします。"),
		Title:      words("Left over from work or build: {0}", "作業やビルドの残り: {0}"),
		Why:        words("Editors, clouds and build tools leave files behind that name hosts, accounts and paths, and sometimes hold more.", "エディターやクラウド、ビルドツールが残すファイルには、ホスト名やアカウント、パスなどが含まれます。"),
		Fix:        words("Name it in .dockerignore, or remove it in the step that makes it.", ".dockerignore に書くか、生成する手順で削除します。"),
		References: ids("cwe-538 nist-800-190-4.1.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if !i.IsImage {
			return // people work on machines
		}
		i.noted(noteLeftover, func(f *sekisho.FileNote) { found(i.hit(f, "/"+f.Location.Path)) })
		var temporary []*sekisho.FileNote
		i.noted(noteTemporary, func(f *sekisho.FileNote) { temporary = append(temporary, f) })
		if len(temporary) > 0 {
			h := i.list(temporary, noteTemporary)
			h.Severity = sekisho.SeverityNegligible
			h.Args[0] = "/tmp: " + h.Args[0]
			found(h)
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "repository-in-image", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("It holds the whole history of the source, with what was once committed by mistake.", "誤ってコミットしたものも含む、ソースの全履歴が入っています。"),
		Title:      words("A version control directory: {0}", "バージョン管理のディレクトリ: {0}"),
		Why:        words("A web server that serves the directory gives the source to the network; its configuration may hold the token that it was cloned with.", "Web サーバーから公開されればソースが漏れます。設定にはクローン時のトークンが残ることもあります。"),
		Fix:        words("Name .git in .dockerignore; copy what the program needs and no more.", ".dockerignore に .git を書き、必要なものだけをコピーします。"),
		References: ids("cwe-527 nist-800-190-4.1.4"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if !i.IsImage {
			return
		}
		i.noted(noteRepository, func(f *sekisho.FileNote) { found(i.hit(f, "/"+f.Location.Path)) })
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "history-file", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("People type passwords on command lines.", "コマンドラインにはパスワードも入力されがちです。"),
		Title:      words("What somebody typed is in the image: {0}", "コマンド履歴がイメージに含まれる: {0}"),
		Why:        words("It tells which hosts and accounts there are, and often how to log in to them.", "存在するホストやアカウント、しばしばログイン方法まで分かります。"),
		Fix:        words("Remove it. An image that was made with docker commit is better built from a Dockerfile.", "削除します。docker commit で作ったイメージは Dockerfile から作り直します。"),
		References: ids("cwe-532 nist-800-190-4.1.4"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if !i.IsImage {
			return
		}
		i.noted(noteHistory, func(f *sekisho.FileNote) { found(i.hit(f, "/"+f.Location.Path)) })
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "memory-dump", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("It holds the memory of a program as it was: keys, passwords, data of users.", "プログラムのメモリ内容 (鍵、パスワード、利用者のデータ) がそのまま入っています。"),
		Title:      words("The memory of a program is in the image: {0}", "メモリダンプがイメージに含まれる: {0}"),
		Why:        words("Whoever pulls the image searches it with a line of shell.", "イメージを取得した者は、シェル 1 行で中身を検索できます。"),
		Fix:        words("Remove it in the step that makes it.", "生成する手順で削除します。"),
		References: ids("cwe-528 nist-800-190-4.1.4"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if !i.IsImage {
			return
		}
		i.noted(noteDump, func(f *sekisho.FileNote) { found(i.hit(f, "/"+f.Location.Path)) })
	},
})

// cacheHints say how to leave no cache, by what it is the cache of.
var cacheHints = map[string]string{
	"apt": "rm -rf /var/lib/apt/lists/*", "apk": "apk add --no-cache", "dnf": "dnf clean all", "libdnf5": "dnf clean all", "yum": "yum clean all", "tdnf": "tdnf clean all", "zypp": "zypper clean --all",
	"pacman": "pacman -Scc --noconfirm", "pip": "pip install --no-cache-dir", "npm": "npm cache clean --force", "yarn": "yarn cache clean", "uv": "uv --no-cache", "go-build": "go clean -cache", "go": "go clean -modcache",
	"composer": "composer clear-cache", "pypoetry": "poetry cache clear --all .", "pnpm": "pnpm store prune",
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "package-cache-left", Aliases: ids("DKL-DI-0004 DKL-DI-0005 DL3009 DL3019 DL3032 DL3036 DL3040 DL3042 DS-0015 DS-0019 DS-0020 DS-0025"), Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("It makes the image larger and no program needs it. Judged by the files that are there, whatever the history says.", "イメージが大きくなるだけで、どのプログラムにも不要です。履歴ではなく実在するファイルで判定します。"),
		Title:      words("The cache of {0} is in the image", "{0} のキャッシュがイメージに残る"),
		Why:        words("An old index also lets a package be installed in a running container without a look at the network.", "古い索引が残ると、動作中のコンテナで古いパッケージの導入にも使われます。"),
		Fix:        words("Clean up in the RUN that installs, since a later one does not shrink the layer: {1}. Or a cache mount: RUN --mount=type=cache.", "導入と同じ RUN で掃除します (後の手順では層は小さくなりません): {1}。または RUN --mount=type=cache を使います。"),
		References: ids("nist-800-190-4.1.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if !i.IsImage {
			return
		}
		byKind := map[string][]*sekisho.FileNote{}
		var kinds []string
		for n := range i.Files {
			for _, note := range i.Files[n].Notes {
				kind, ok := strings.CutPrefix(note, noteCache)
				if !ok {
					continue
				}
				if byKind[kind] == nil {
					kinds = append(kinds, kind)
				}
				byKind[kind] = append(byKind[kind], &i.Files[n])
			}
		}
		for _, kind := range kinds {
			files := byKind[kind]
			h := i.list(files, kind)
			var size int64
			for _, f := range files {
				if f.Type != sekisho.TypeDir {
					size += f.Size
				}
			}
			where := "/" + files[0].Location.Path
			if files[0].Type == sekisho.TypeDir {
				where = path.Dir(where)
			}
			hint := cacheHints[kind]
			if hint == "" {
				hint = "rm -rf " + where
			}
			h.Args = []string{kind, hint}
			h.Excerpt = where
			if len(files) > 1 && size > 0 {
				h.Excerpt += ", and " + decimal(int64(len(files)-1)) + " more, " + decimal(size>>10) + " KiB"
			}
			found(h)
		}
	},
})
