// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// transfer is a COPY or ADD.
type transfer struct {
	at      *Statement
	add     bool
	sources []string
	inline  int
	dest    string
	from    string
	chmod   string
	parents bool
	sum     string
	unpack  *bool
	// trigger is true behind ONBUILD.
	trigger bool
}

func (f *File) transfers(visit func(transfer)) {
	for _, s := range f.Statements {
		trigger := s.Trigger != nil
		if trigger {
			s = s.Trigger
		}
		switch c := s.Command.(type) {
		case *instructions.CopyCommand:
			visit(transfer{at: s, trigger: trigger, sources: c.SourcePaths, inline: len(c.SourceContents), dest: c.DestPath, from: c.From, chmod: c.Chmod, parents: c.Parents})
		case *instructions.AddCommand:
			visit(transfer{at: s, trigger: trigger, add: true, sources: c.SourcePaths, inline: len(c.SourceContents), dest: c.DestPath, chmod: c.Chmod, sum: c.Checksum, unpack: c.Unpack})
		}
	}
}

var (
	archiveName = pattern.New(`(?i)\.(?:tar|tgz|tbz2?|txz|tzst|tlz|gz|bz2|xz|zst|lzma|z)$|\.tar\.[a-z0-9]+$`)
	gitAddress  = pattern.New(`^(?:git://|git@|ssh://|https?://[^#?]+\.git(?:[#?]|$)|github\.com/)`)
	webAddress  = pattern.New(`(?i)^(?:https?|ftp)://`)
	commitForm  = pattern.New(`[0-9a-f]{40}`)
)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "add-instead-of-copy", Fixable: true, Aliases: ids("DL3020 DS-0005 CIS-DI-0009 CKV_DOCKER_4 CIS-Docker-4.9"), Severity: sekisho.SeverityLow, Stages: build,
		Because:    words("The result is the same until a file is an archive or a name an address.", "ファイルがアーカイブや URL になるまでは結果が同じです。"),
		Title:      words("ADD where COPY would do", "COPY で足りる箇所に ADD"),
		Why:        words("ADD unpacks archives and fetches addresses: a file that someone swaps for an archive writes elsewhere in the image.", "ADD はアーカイブを展開し URL を取得します。ファイルがアーカイブに差し替えられると、イメージの別の場所に書き込まれます。"),
		Fix:        words("Write COPY; keep ADD for archives, Git addresses and files with --checksum.", "COPY に置き換えます。ADD はアーカイブ、Git の URL、--checksum 付きの取得だけに使います。"),
		References: ids("cis-docker-4.9"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.transfers(func(t transfer) {
			if !t.add || t.unpack != nil {
				return
			}
			for _, src := range t.sources {
				w := f.Expand(t.at, src)
				if w.Known && !archiveName.MatchString(w.Text) && !webAddress.MatchString(w.Text) && !gitAddress.MatchString(w.Text) && !strings.HasSuffix(w.Text, "*") {
					found(hit(t.at))
					return
				}
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "unverified-download", Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("HTTPS tells who answered, not that the file is the one that was reviewed. A Git tag is rated low.", "HTTPS は応答元を保証しますが、確認済みのファイルであることは保証しません。Git のタグは「注意」とします。"),
		Title:      words("ADD fetches {0} without a checksum", "ADD が {0} をチェックサムなしで取得"),
		Why:        words("Whoever controls the server, the account or the tag behind the address puts a program of their own into the image.", "配布元のサーバーやアカウント、タグを支配する者が、任意のプログラムをイメージに入れられます。"),
		Fix:        words("ADD --checksum=sha256:... for files, a full commit (#<40 digits>) for Git.", "ファイルには ADD --checksum=sha256:...、Git には完全なコミット ID (#<40 桁>) を指定します。"),
		References: ids("nist-800-190-4.1.5 cis-docker-4.11 cwe-494"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.transfers(func(t transfer) {
			if !t.add || t.sum != "" {
				return
			}
			for _, src := range t.sources {
				w := f.Expand(t.at, src)
				git := gitAddress.MatchString(w.Text)
				if git && (!w.Known || commitForm.MatchString(w.Text)) || !git && !webAddress.MatchString(w.Text) {
					continue
				}
				h := hitWord(t.at, src, maskText(src))
				if git && strings.Contains(w.Text, "#") {
					h.Severity = sekisho.SeverityLow // a tag or branch: it can be moved
				}
				found(h)
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "copy-destination", Fixable: true, Aliases: ids("DL3021 DS-0011"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("The build fails.", "ビルドが失敗します。"),
		Title:   words("Several files are copied to {0}, which does not end with /", "複数ファイルのコピー先 {0} が / で終わっていない"),
		Why:     words("With more than one source the destination must be a directory and say so.", "コピー元が複数のとき、コピー先は / で終わるディレクトリでなければなりません。"),
		Fix:     words("Put a / behind the destination.", "コピー先の末尾に / を付けます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.transfers(func(t transfer) {
			if openDestination(f, t) {
				found(hitWord(t.at, t.dest, t.dest))
			}
		})
	},
})

// openDestination says whether several files go to what is no directory.
func openDestination(f *File, t transfer) bool {
	if len(t.sources)+t.inline < 2 {
		return false
	}
	w := f.Expand(t.at, t.dest)
	last := t.dest[max(0, len(t.dest)-1):]
	if w.Known {
		last = w.Text[max(0, len(w.Text)-1):]
	}
	switch {
	case last == "/" || last == `\` || w.Text == "." || w.Text == ".." || strings.HasSuffix(w.Text, "/.") || strings.HasSuffix(w.Text, "/.."):
		return false
	case !w.Known && (last == "}" || strings.LastIndexByte(t.dest, '$') > strings.LastIndexByte(t.dest, '/')):
		return false
	}
	return true
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "copy-from-unknown", Aliases: ids("DL3022"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("A misspelt stage is taken for an image of that name, from Docker Hub.", "綴りを誤ったステージ名は、Docker Hub の同名イメージとみなされます。"),
		Title:   words("COPY --from={0} names no stage above it", "COPY --from={0} に対応するステージが上にない"),
		Why:     words("The builder looks for an image of that name, and whoever owns the name decides what is copied.", "ビルダーはその名前のイメージを探すため、名前の所有者がコピー内容を決められます。"),
		Fix:     words("Correct the name, or write the image with registry and tag.", "名前を直すか、イメージならレジストリとタグを付けて書きます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.transfers(func(t transfer) {
			if t.from == "" || t.at.Stage == nil || strings.ContainsAny(t.from, ":/@$") || t.from == "scratch" || t.from == "context" {
				return
			}
			if f.Named(t.from, t.at.Stage.Index) == nil && t.from != t.at.Stage.Name {
				found(hitWord(t.at, "--from="+t.from, t.from))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "copy-from-self", Aliases: ids("DL3023 DS-0006"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("The build fails.", "ビルドが失敗します。"),
		Title:   words("The stage {0} copies from itself", "ステージ {0} が自分自身からコピー"),
		Why:     words("A stage cannot be the source of its own files.", "ステージは自分自身をコピー元にできません。"),
		Fix:     words("Name the stage that makes the files, or use RUN cp.", "ファイルを作るステージを指定するか、RUN cp を使います。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.transfers(func(t transfer) {
			if s := t.at.Stage; s != nil && t.from != "" && strings.EqualFold(t.from, s.Name) && f.Named(t.from, s.Index) == nil {
				found(hitWord(t.at, "--from="+t.from, t.from))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "copy-relative", Aliases: ids("DL3045"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("It works until the base image changes its directory.", "ベースイメージの作業ディレクトリが変わるまでは動作します。"),
		Title:   words("Files are copied to {0} and no WORKDIR says where that is", "コピー先 {0} が相対パスで、WORKDIR がない"),
		Why:     words("The directory is the base image's choice: after an update the files lie elsewhere, over the root of the image perhaps.", "基準のディレクトリはベースイメージ次第です。更新後に別の場所、場合によってはルート直下に置かれます。"),
		Fix:     words("Write an absolute path, or WORKDIR /app above it.", "絶対パスで書くか、手前に WORKDIR /app を置きます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.transfers(func(t transfer) {
			w := f.Expand(t.at, t.dest)
			if t.at.Stage == nil || !w.Known || w.Text == "" || absolute(w.Text) || strings.HasPrefix(w.Text, "~") {
				return
			}
			if at, _ := Before[*instructions.WorkdirCommand](t.at); at == nil {
				// A base that is no stage of this file may well set one; the
				// well-known ones that set none are judged.
				found(hitWord(t.at, t.dest, t.dest))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "copy-whole-stage", Aliases: ids("DL3067"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("The image is larger than it need be, and holds what the other stage left behind.", "イメージが不必要に大きくなり、別ステージの残存物も含みます。"),
		Title:   words("The whole file system of {0} is copied", "{0} のファイルシステム全体をコピー"),
		Why:     words("Build tools, caches and secrets of the other stage come along.", "別ステージのビルドツール・キャッシュ・シークレットまで一緒に入ります。"),
		Fix:     words("Copy the files that the image needs.", "必要なファイルだけをコピーします。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.transfers(func(t transfer) {
			if t.from == "" || len(t.sources) != 1 || t.at.Stage == nil {
				return
			}
			src, dest := f.Expand(t.at, t.sources[0]), f.Expand(t.at, t.dest)
			if path.Clean(src.Text) != "/" || path.Clean(dest.Text) != "/" {
				return
			}
			// Onto scratch it is the usual way to join all layers into one; and an
			// image that is only named may be one of a few files, made for this.
			other := f.Named(t.from, t.at.Stage.Index)
			if t.at.Stage.Root().Base == "scratch" || other != nil && (other.Root().Base == "scratch" || !runs(other)) || other == nil && official(imageref.Parse(t.from, "")) == "" {
				return
			}
			found(hit(t.at, t.from))
		})
	},
})

// runs says whether a stage, or one that it builds on, has a RUN.
func runs(s *Stage) bool {
	return s.Chain(func(st *Statement) bool { return st.Keyword != "run" })
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "copy-all", Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("What lies in the directory today is known; what lies there on the day of the build is not.", "今あるファイルは分かっていても、ビルド時に何があるかは分かりません。"),
		Title:      words("The whole directory is copied and there is no .dockerignore", ".dockerignore がないままディレクトリ全体をコピー"),
		Why:        words(".git, .env, keys and caches of whoever builds end in a layer, where everybody who gets the image can read them.", "ビルドした人の .git、.env、鍵、キャッシュがレイヤーに入り、イメージを入手した誰もが読めます。"),
		Fix:        words("Write a .dockerignore that begins with * and lets in what is needed (!src), or copy directories by name.", "* で始めて必要なもの (!src) だけを許可する .dockerignore を置くか、ディレクトリを名指しでコピーします。"),
		References: ids("nist-800-190-4.1.4 cis-docker-4.10 cwe-538"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		if f.Ignore.Found || f.Ignore.Unknown {
			return
		}
		f.transfers(func(t transfer) {
			// What ONBUILD copies is of another context.
			if t.from != "" || t.at.Stage == nil || t.trigger {
				return
			}
			for _, src := range t.sources {
				if w := f.Expand(t.at, src); w.Known && w.Text != "" && (path.Clean(w.Text) == "." || path.Clean(w.Text) == "/") {
					h := hit(t.at)
					if !f.reaches(t.at.Stage) {
						h.Severity = sekisho.SeverityLow // only the build stage sees it
					}
					found(h)
					return
				}
			}
		})
	},
})

// reaches says whether what is in the stage is in the image that is built: it is
// the last stage or one that it builds on.
func (f *File) reaches(s *Stage) bool {
	for final, n := f.Final(), 0; final != nil && n < maxChain; final, n = final.Parent, n+1 {
		if final == s {
			return true
		}
	}
	return false
}

// secretFile finds names of files that hold secrets, and publicFile those that
// look like it and do not.
var (
	secretFile = pattern.New(`(?i)(?:^|/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|\.env(?:\.(?:local|prod|production|staging|development|dev|test))?|\.netrc|\.npmrc|\.pypirc|\.git-credentials|\.htpasswd|\.pgpass|\.my\.cnf|\.vault-token|\.aws/credentials|\.aws|\.docker/config\.json|\.kube/config|kubeconfig|credentials\.(?:json|xml|yml|yaml)|service-?account(?:-key)?\.json|secrets?\.(?:json|ya?ml|txt|env|toml|ini)|passwords?\.txt|master\.key|\.ssh|\.gnupg|settings-security\.xml|terraform\.tfvars|.*\.tfstate|.*\.(?:pem|p12|pfx|jks|keystore|key|ppk|ovpn|kdbx)|.*_rsa)/?$`)
	publicFile = pattern.New(`(?i)\.pub$|(?:^|[._-])(?:ca|certs?|certificates?|chain|fullchain|public|pub|bundle|root|cacert|crt|example|sample|template|dist|gpg|keyring|signing|archive|truststore|release|repo)(?:[._-]|$)|RPM-GPG-KEY`)
)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "secret-file", Aliases: ids("CIS-Docker-4.10"), Severity: sekisho.SeverityHigh, Stages: build,
		Because:    words("A file of that name is a secret more often than not; in an earlier stage it does not reach the image, and is rated low.", "この名前のファイルは大抵シークレットです。前段のステージだけならイメージに残らないため「注意」とします。"),
		Title:      words("{0} is copied into the image", "{0} をイメージにコピー"),
		Why:        words("Every layer can be read by whoever pulls the image, also when a later line deletes the file.", "後の行で削除しても、イメージを取得した誰もがレイヤーから読み出せます。"),
		Fix:        words("Give it to the one step that needs it: RUN --mount=type=secret,id=...; at run time use the orchestrator's secrets.", "必要な手順にだけ RUN --mount=type=secret,id=... で渡し、実行時はオーケストレーターのシークレットを使います。"),
		References: ids("nist-800-190-4.1.4 cis-docker-4.10 cwe-538 cwe-798"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.transfers(func(t transfer) {
			if t.from != "" || t.at.Stage == nil {
				return
			}
			for _, src := range t.sources {
				w := f.Expand(t.at, src)
				if webAddress.MatchString(w.Text) || !secretFile.MatchString(w.Text) || publicFile.MatchString(path.Base(w.Text)) {
					continue
				}
				h := hitWord(t.at, src, src)
				if !f.reaches(t.at.Stage) {
					h.Severity = sekisho.SeverityLow
				}
				found(h)
			}
		})
	},
})
