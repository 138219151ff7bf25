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

// source is an image that the file takes something from.
type source struct {
	at *Statement
	// word as it is written, and ref with its variables resolved.
	word, ref string
	known     bool
	from      bool
}

// images are the images of FROM, COPY --from and RUN --mount=from=; stages of
// the file and scratch are none.
func (f *File) images() (out []source) {
	add := func(s *Statement, word string, from bool) {
		w := Words{Text: word, Known: true}
		if from {
			w = f.Expand(s, word)
		}
		if w.Text == "" || w.Text == "scratch" || f.Named(w.Text, s.Stage.Index) != nil {
			return
		}
		out = append(out, source{s, word, w.Text, w.Known, from})
	}
	for _, s := range f.Statements {
		if s.Stage == nil {
			continue
		}
		switch c := s.Command.(type) {
		case *instructions.Stage:
			add(s, c.BaseName, true)
		case *instructions.CopyCommand:
			add(s, c.From, false)
		case *instructions.RunCommand:
			for _, m := range s.Mounts() {
				add(s, m.From, false)
			}
		}
	}
	return out
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "latest-tag", Aliases: ids("DL3006 DL3007 DS-0001 CKV_DOCKER_7 DKL-DI-0006 CIS-Docker-4.2"), Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("The build changes without a change of the file, and nobody can say later what was in it.", "ファイルを変えていないのにビルド結果が変わり、後から中身を確かめられません。"),
		Title:      words("The image {0} has the tag latest, or none", "イメージ {0} のタグが latest、または無指定"),
		Why:        words("Whoever can push to that tag, or a new major version, gets into the next build unseen.", "そのタグに push できる者や新しいメジャーバージョンが、次のビルドに気付かれずに入り込みます。"),
		Fix:        words("Name a version, and better its digest: image:1.27.3@sha256:... .", "バージョンを指定します。できればダイジェストも付けます (image:1.27.3@sha256:...)。"),
		References: ids("nist-800-190-4.1.5 cis-docker-4.2 cwe-1357"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, s := range f.images() {
			// COPY --from without a tag may be a named context of the build.
			if i := imageref.Parse(s.ref, ""); s.known && i.Digest == "" && (i.Tag == "latest" || i.Tag == "" && s.from) {
				found(hitWord(s.at, s.word, s.ref))
			}
		}
	},
})

// movingTag finds tags that name no version: a channel, a branch, a release of a
// distribution alone.
var movingTag = pattern.New(`^(?:stable|edge|rolling|nightly|dev|devel|develop|development|main|master|head|trunk|canary|beta|alpha|rc|test|testing|unstable|sid|next|current|lts|mainline|release|prod|production|staging|snapshot|debug|nonroot|debug-nonroot|latest-[a-z0-9.-]+|[a-z0-9.]+-latest|(?:lts|stable|mainline|current|edge|nightly|latest|rolling|slim|alpine|bookworm|bullseye|trixie|jdk|jre|perl|fpm|cli|apache|full|minimal)(?:-(?:slim|alpine|bookworm|bullseye|trixie|noble|jammy|perl|fpm|cli|apache|fips|jdk|jre))*)$`)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "mutable-tag", Severity: sekisho.SeverityLow, Stages: build,
		Because:    words("Less wrong than latest: such a tag at least promises a channel.", "latest よりはましです。少なくとも系列は決まります。"),
		Title:      words("The tag of {0} names no version", "{0} のタグがバージョンを示していない"),
		Why:        words("The tag moves from version to version by design: two builds of one file differ, and a bad release arrives by itself.", "このタグは設計上バージョンをまたいで動きます。同じファイルでもビルドごとに中身が変わり、問題のあるリリースも自動的に入ります。"),
		Fix:        words("Name the version: node:22.11-alpine in place of node:lts-alpine.", "バージョンを書きます。例: node:lts-alpine ではなく node:22.11-alpine。"),
		References: ids("nist-800-190-4.1.5 cwe-1357"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, s := range f.images() {
			i := imageref.Parse(s.ref, "")
			if !s.known || i.Digest != "" || i.Tag == "latest" || !movingTag.MatchString(i.Tag) {
				continue
			}
			// Distroless has no tags of versions; "debian:bookworm" and
			// "ubuntu:noble" are releases that get fixes only.
			switch name := official(i); {
			case strings.HasPrefix(i.Repository, "distroless/") && i.Registry == "gcr.io", i.Tag == "nonroot",
				(name == "debian" || name == "ubuntu" || name == "buildpack-deps") && i.Tag != "stable" && i.Tag != "testing" && i.Tag != "unstable" && i.Tag != "sid" && i.Tag != "rolling":
				continue
			}
			found(hitWord(s.at, s.word, s.ref))
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "unpinned-image", Fixable: true, Aliases: ids("C-0306"), Severity: sekisho.SeverityLow, Stages: build, Off: true,
		Because:    words("A digest without a robot that renews it grows old, which is worse: the rule is for those who have one.", "更新を自動化せずにダイジェストを固定すると古くなり、かえって危険です。自動更新がある環境向けのルールです。"),
		Title:      words("{0} is not pinned by a digest", "{0} がダイジェストで固定されていない"),
		Why:        words("Tags can be moved, also by whoever steals the publisher's password; a digest cannot.", "タグは付け替えられます。公開者の認証情報を盗んだ者にもできます。ダイジェストは変えられません。"),
		Fix:        words("Write name:tag@sha256:... and let Renovate or Dependabot keep it fresh.", "name:tag@sha256:... と書き、Renovate や Dependabot で更新します。"),
		References: ids("nist-800-190-4.1.5 cwe-1357"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, s := range f.images() {
			if s.known && imageref.Parse(s.ref, "").Digest == "" {
				found(hitWord(s.at, s.word, s.ref))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "registry-not-allowed", Aliases: ids("DL3026 KSV-0125"), Severity: sekisho.SeverityHigh, Stages: build,
		Because:    words("You said from where images may come; this one comes from elsewhere.", "許可したレジストリ以外から取得しています。"),
		Title:      words("The registry {0} is not among those allowed", "許可されていないレジストリ {0}"),
		Why:        words("What is in an image from a registry that nobody vetted runs with all the rights of your build and your service.", "確認していないレジストリのイメージの中身が、ビルドとサービスの権限で動きます。"),
		Fix:        words("Mirror the image into a registry that is allowed, or add its registry to the list.", "許可されたレジストリに複製するか、レジストリを許可リストに加えます。"),
		References: ids("nist-800-190-4.1.5 cis-docker-4.2"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		if f.Settings == nil || len(f.Settings.Registries) == 0 {
			return
		}
		for _, s := range f.images() {
			i := imageref.Parse(s.ref, "")
			if strings.Contains(i.Registry, "$") || !s.known && !strings.Contains(s.ref, "/") {
				continue
			}
			// COPY --from=name may be a named context.
			if !s.from && !strings.ContainsAny(s.ref, "/:") {
				continue
			}
			if !allowed(f.Settings.Registries, i) {
				found(hitWord(s.at, s.word, i.Registry))
			}
		}
	},
})

// allowed says whether an image is from one of the registries: "docker.io",
// "*.example.com", "ghcr.io/team/*", "*".
func allowed(list []string, i imageref.Reference) bool {
	full := i.Registry + "/" + i.Repository
	for _, pattern := range list {
		pattern = strings.TrimSuffix(pattern, "/")
		host, rest, ok := strings.Cut(pattern, "/")
		if m, err := path.Match(host, i.Registry); err != nil || !m && pattern != "*" {
			continue
		}
		if !ok || rest == "*" {
			return true
		}
		prefix := strings.TrimSuffix(pattern[len(host):], "*")
		got := full[len(i.Registry):]
		if strings.HasPrefix(got, prefix) && (strings.HasSuffix(pattern, "*") || len(got) == len(prefix) || got[len(prefix)] == '/') {
			return true
		}
	}
	return false
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "constant-platform", Aliases: ids("DL3029 FromPlatformFlagConstDisallowed"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("It is about where the image runs, not about safety.", "安全性ではなく、動作環境に関する指摘です。"),
		Title:   words("FROM is bound to the platform {0}", "FROM のプラットフォームが {0} に固定"),
		Why:     words("On other machines the image is emulated, slowly, or a build for several platforms holds the wrong one.", "他の機種では低速なエミュレーションになるか、マルチプラットフォームのビルドに誤ったものが入ります。"),
		Fix:     words("Leave --platform out, use $BUILDPLATFORM for stages that cross-compile, or name the stage after its platform.", "--platform を外すか、クロスコンパイルするステージでは $BUILDPLATFORM を使います。意図的ならステージ名に機種名を含めます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		all(f, func(s *Statement, c *instructions.Stage) {
			p := c.Platform
			if p == "" || strings.Contains(p, "$") {
				return
			}
			os, arch, _ := strings.Cut(strings.ToLower(p), "/")
			arch, _, _ = strings.Cut(arch, "/")
			if os != "" && strings.Contains(c.Name, os) || arch != "" && strings.Contains(c.Name, arch) || os == "windows" {
				return
			}
			found(hitWord(s, "--platform="+p, p))
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "redundant-platform", Aliases: ids("DL3065 RedundantTargetPlatform"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("It changes nothing.", "結果は変わりません。"),
		Title:   words("FROM says $TARGETPLATFORM, which it takes anyway", "FROM の $TARGETPLATFORM は既定値と同じ"),
		Why:     words("The words suggest that something is chosen here, and nothing is.", "何かを選択しているように見えますが、何も変わりません。"),
		Fix:     words("Leave --platform out.", "--platform を外します。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		all(f, func(s *Statement, c *instructions.Stage) {
			if p := strings.Trim(c.Platform, `"`); p == "$TARGETPLATFORM" || p == "${TARGETPLATFORM}" {
				found(hitWord(s, c.Platform))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "duplicate-stage", Aliases: ids("DL3024 DS-0012 CKV_DOCKER_11 DuplicateStageName"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("The build works, with another stage than the reader thinks.", "ビルドは通りますが、読み手の想定と異なるステージが使われます。"),
		Title:   words("Two stages are called {0}", "ステージ名 {0} が重複"),
		Why:     words("COPY --from and --target take one of the two: the wrong files may end in the image.", "COPY --from や --target がどちらか一方を選ぶため、誤ったファイルがイメージに入ることがあります。"),
		Fix:     words("Give each stage its own name.", "ステージごとに別の名前を付けます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		seen := map[string]bool{}
		for _, s := range f.Stages {
			if s.Name != "" && seen[s.Name] {
				found(hit(s.From, s.Name))
			}
			seen[s.Name] = true
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "reserved-stage-name", Aliases: ids("DL3063 ReservedStageName"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("FROM and COPY --from with that name mean something else.", "この名前は FROM や COPY --from で別の意味になります。"),
		Title:   words("A stage is called {0}, a reserved word", "予約語 {0} がステージ名になっている"),
		Why:     words("The name means an empty image (scratch) or the context of the build (context): the stage cannot be reached reliably.", "scratch は空のイメージ、context はビルドコンテキストを指すため、このステージを確実に参照できません。"),
		Fix:     words("Choose another name.", "別の名前にします。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, s := range f.Stages {
			if s.Name == "scratch" || s.Name == "context" {
				found(hit(s.From, s.Name))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "undeclared-from-argument", Aliases: ids("UndefinedArgInFrom"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("The base image is not the one that the file seems to name.", "ベースイメージが、ファイルの見かけと異なるものになります。"),
		Title:   words("FROM uses {0}, which no ARG above the first FROM declares", "FROM が使う {0} は先頭の ARG で宣言されていない"),
		Why:     words("The variable is empty in FROM: the build fails, or takes another image.", "FROM の中で空になり、ビルドが失敗するか別のイメージが使われます。"),
		Fix:     words("Declare it above the first FROM: ARG {0}=value.", "最初の FROM より前に ARG {0}=値 を書きます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		all(f, func(s *Statement, c *instructions.Stage) {
			for _, word := range [...]string{c.BaseName, c.Platform} {
				for _, name := range f.Expand(s, word).Undefined {
					found(hitWord(s, word, name))
				}
			}
		})
	},
})

var imageForm = pattern.New(`^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@[a-z0-9+._-]+:[0-9a-fA-F]{32,})?$`)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "no-default-base", Aliases: ids("InvalidDefaultArgInFrom"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("The build fails unless the argument is given; it is not unsafe.", "引数を渡さないとビルドが失敗しますが、危険ではありません。"),
		Title:   words("Without build arguments FROM names no image: {0}", "ビルド引数がないと FROM がイメージ名にならない: {0}"),
		Why:     words("A build without the argument fails, and tools that read the file cannot know its base.", "引数なしのビルドが失敗し、ファイルを読む道具もベースイメージを特定できません。"),
		Fix:     words("Give the ARG a default value.", "ARG に既定値を付けます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		all(f, func(s *Statement, c *instructions.Stage) {
			if !strings.Contains(c.BaseName, "$") || len(f.Expand(s, c.BaseName).Undefined) > 0 || s.Stage.Parent != nil {
				return
			}
			if plain := f.Defaults(s, c.BaseName); !imageForm.MatchString(plain) {
				found(hitWord(s, c.BaseName, c.BaseName))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "untrusted-frontend", Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("The frontend decides what every line of the file means; Docker's own are trusted as the builder is.", "フロントエンドはファイルの全行の意味を決めます。Docker 公式のものはビルダーと同様に信頼します。"),
		Title:      words("The build is led by the foreign frontend {0}", "外部のフロントエンド {0} がビルドを制御"),
		Why:        words("The image behind # syntax= is fetched and run before anything else, and may put what it likes into the result.", "# syntax= のイメージは最初に取得・実行され、成果物に何でも入れられます。"),
		Fix:        words("Use docker/dockerfile:1, or pin the frontend that you need by its digest.", "docker/dockerfile:1 を使うか、必要なフロントエンドをダイジェストで固定します。"),
		References: ids("nist-800-190-4.1.5 cwe-829"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		if f.Syntax == "" {
			return
		}
		i := imageref.Parse(f.Syntax, "")
		switch full := i.Registry + "/" + i.Repository; {
		case i.Digest != "", full == "docker.io/docker/dockerfile", full == "docker.io/docker/dockerfile-upstream":
		default:
			found(check.Hit{Line: f.SyntaxLine, Column: 1, Excerpt: "# syntax=" + f.Syntax, Args: []string{f.Syntax}})
		}
	},
})
