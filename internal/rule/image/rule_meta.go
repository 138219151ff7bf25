// SPDX-License-Identifier: Apache-2.0

package image

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// named are the names by which the image was asked for (asked is true then);
// those it carries itself when it came out of a file.
func (i *Image) named() (names []string, asked bool) {
	if !i.IsImage {
		return nil, false
	}
	switch i.Target.Source {
	case "registry", "docker", "podman", "containerd":
		return []string{i.Target.Name}, true
	}
	return i.Config.Tags, false
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "latest-tag", Aliases: ids("DKL-DI-0006 DS-0001 CKV_DOCKER_7"), Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("The image itself is not worse for it; what is deployed by the name may be another one tomorrow.", "イメージ自体が悪くなるわけではありませんが、同じ名前で明日は別のものがデプロイされ得ます。"),
		Title:      words("The image is called latest: {0}", "イメージのタグが latest: {0}"),
		Why:        words("Nobody can say which version runs, nor go back to the one before; whoever may push replaces what all others pull.", "どの版が動いているか分からず、前の版にも戻せません。push できる者は全員が取得するものを差し替えられます。"),
		Fix:        words("Give each build a tag of its own, and deploy by digest.", "ビルドごとに固有のタグを付け、ダイジェストでデプロイします。"),
		References: ids("nist-800-190-4.2.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		names, asked := i.named()
		var bad []string
		for _, n := range names {
			// A layout may name an image by its tag alone: there, no tag is not
			// "latest".
			_, tag, digest := imageref.Split(n)
			if digest == "" && (tag == "latest" || n == "latest" || asked && tag == "" && !imageID(n)) {
				bad = append(bad, n)
			}
		}
		// One other name is enough to deploy it by.
		if len(bad) > 0 && len(bad) == len(names) {
			found(check.Hit{Resource: "name", Excerpt: bad[0], Args: []string{bad[0]}})
		}
	},
})

// imageID says whether a name is the beginning of an image's id.
func imageID(s string) bool {
	return strings.HasPrefix(s, "sha256:") || len(s) >= 12 && strings.Trim(s, "0123456789abcdef") == ""
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "registry-not-allowed", Aliases: ids("DL3026 KSV-0125 DS-0018"), Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("You said from where images may come; this one comes from elsewhere.", "許可したレジストリ以外から取得しています。"),
		Title:      words("The registry {0} is not among those allowed", "許可されていないレジストリ {0}"),
		Why:        words("What is in an image from a registry that nobody vetted runs with all the rights of your service.", "確認していないレジストリのイメージの中身が、サービスの権限で動きます。"),
		Fix:        words("Mirror the image into a registry that is allowed, or add its registry to the list.", "許可されたレジストリに複製するか、レジストリを許可リストに加えます。"),
		References: ids("nist-800-190-4.1.5 cis-docker-4.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if len(i.Settings.Registries) == 0 || !i.IsImage || i.Target.Source != "registry" {
			return
		}
		if r := imageref.Parse(i.Target.Name, ""); !r.Allowed(i.Settings.Registries) {
			found(check.Hit{Resource: "name", Excerpt: i.Target.Name, Args: []string{r.Registry}})
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "latest-base", Aliases: ids("CIS-Docker-4.2"), Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("The image is what it is; the next build of it will be another.", "このイメージ自体は固定ですが、次のビルドでは別物になります。"),
		Title:      words("The image was built on {0}", "{0} を基に構築されたイメージ"),
		Why:        words("A base without a version changes under the build: a fix that was there may be gone, and what was tested is not what is built.", "版を指定しないベースはビルドのたびに変わり、検証した内容と異なるものができます。"),
		Fix:        words("Name a version of the base in FROM, with its digest.", "FROM でベースの版とダイジェストを指定します。"),
		References: ids("cis-docker-4.2 nist-800-190-4.1.5"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		const label = "org.opencontainers.image.base.name"
		name := i.Config.Labels[label]
		if p := i.Config.Provenance; name == "" && p != nil {
			name = p.BaseName
		}
		if name == "" || strings.HasSuffix(name, "scratch") {
			return
		}
		if _, tag, digest := imageref.Split(name); digest == "" && (tag == "" || tag == "latest") {
			found(i.config("base", label+"="+name, "LABEL", label, name))
		}
	},
})

// day reads a day of Settings.Today.
func day(s string) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return t, err == nil
}

// told says whether a time of an image was meant: builds that are to be the same
// each time write the beginning of an epoch.
func told(t *time.Time) bool { return t != nil && t.Year() > 1980 }

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "image-age", Aliases: ids("CIS-Docker-4.4 CIS-Docker-5.28"), Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("Age is a hint: what is known to be wrong with its packages is reported by itself.", "古さは目安です。パッケージの既知の脆弱性は別に報告されます。"),
		Title:      words("The image was built {0} days ago", "{0} 日前に作成されたイメージ"),
		Why:        words("Fixes that distributions published since are not in it, those without a CVE neither.", "その後にディストリビューションが公開した修正が、CVE のないものも含めて入っていません。"),
		Fix:        words("Build it again on a fresh base, at least each month, by a schedule.", "新しいベースで、少なくとも月に一度、定期的に再ビルドします。"),
		References: ids("nist-800-190-4.1.1 cis-docker-4.4"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		today, ok := day(i.Settings.Today)
		if !ok || !i.IsImage || !told(i.Config.Created) {
			return
		}
		if days := int(today.Sub(*i.Config.Created).Hours() / 24); days > 90 {
			found(check.Hit{Resource: "created", Excerpt: i.Config.Created.UTC().Format(time.DateOnly), Key: "created", Args: []string{decimal(int64(days))}})
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "no-created-date", Severity: sekisho.SeverityNegligible, Stages: stages,
		Because:    words("Reproducible builds leave it out on purpose; its age is then not known.", "再現可能ビルドでは意図的に省かれますが、古さが分からなくなります。"),
		Title:      words("The image does not say when it was built", "イメージに作成日時がない"),
		Why:        words("Nobody can tell whether it is of this week or of years ago.", "今週のものか数年前のものか、誰にも分かりません。"),
		Fix:        words("Set SOURCE_DATE_EPOCH to the time of the commit: builds stay reproducible and say their age.", "SOURCE_DATE_EPOCH にコミット時刻を設定すれば、再現性を保ったまま日時を示せます。"),
		References: ids("nist-800-190-4.1.1"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if i.IsImage && !told(i.Config.Created) {
			found(check.Hit{Resource: "created"})
		}
	},
})

// maxSize is the size above which an image is large, in bytes.
const maxSize = 1 << 30

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "image-size", Severity: sekisho.SeverityLow, Stages: stages, Off: true,
		Because:    words("Size is a hint at what is not needed, no flaw.", "大きさは不要物の目安で、欠陥ではありません。"),
		Title:      words("The layers have {0} MiB", "レイヤーの合計が {0} MiB"),
		Why:        words("All that the program does not need can still be used by whoever took it over, and has to be patched.", "プログラムに不要なものも、侵入者は利用でき、修正の対象にもなります。"),
		Fix:        words("Build in one stage, and copy the result into a small base.", "ビルド用ステージで作成し、成果物だけを小さなベースにコピーします。"),
		References: ids("nist-800-190-4.1.2 cis-docker-4.3"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		var sum int64
		for _, l := range i.Layers {
			sum += max(l.Size, 0)
		}
		if i.IsImage && sum > maxSize {
			found(check.Hit{Resource: "layers", Excerpt: decimal(sum) + " bytes as stored", Key: "size", Args: []string{decimal(sum >> 20)}})
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "no-source-label", Severity: sekisho.SeverityNegligible, Stages: stages,
		Because:    words("Nothing is worse for it until a flaw has to be traced to its source.", "欠陥の出どころを追う段になって初めて困ります。"),
		Title:      words("The image does not say what it was built from: no {0}", "何から作られたかの記載がない: {0} なし"),
		Why:        words("When a flaw is found in the image, nobody can tell from it which repository and which commit to mend.", "脆弱性が見つかっても、どのリポジトリのどのコミットを直せばよいか分かりません。"),
		Fix:        words("Set the labels org.opencontainers.image.source and org.opencontainers.image.revision in the build.", "ビルドで org.opencontainers.image.source と org.opencontainers.image.revision を設定します。"),
		References: ids("nist-800-190-4.2.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if !i.IsImage {
			return
		}
		var missing []string
		for _, name := range [...]string{"source", "revision"} {
			full := "org.opencontainers.image." + name
			p := i.Config.Provenance
			switch {
			case i.Config.Labels[full] != "", i.Config.Annotations[full] != "":
			case name == "source" && (p != nil && p.Source != "" || i.Config.Labels["org.label-schema.vcs-url"] != ""):
			case name == "revision" && (p != nil && p.Revision != "" || i.Config.Labels["org.label-schema.vcs-ref"] != ""):
			default:
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 {
			found(check.Hit{Resource: "labels", Key: "labels", Excerpt: "org.opencontainers.image." + strings.Join(missing, ", ."), Args: []string{strings.Join(missing, ", ")}})
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "label-missing", Aliases: ids("DL3049"), Severity: sekisho.SeverityLow, Stages: stages,
		Because:    words("You asked for the label.", "指定された必須ラベルです。"),
		Title:      words("The label {0} is missing", "ラベル {0} がない"),
		Why:        words("Whoever looks for the owner or the source of the image finds nobody.", "イメージの所有者や出どころを調べても分かりません。"),
		Fix:        words("LABEL {0}=... in the Dockerfile, or --label in the build.", "Dockerfile の LABEL {0}=... か、ビルド時の --label で付けます。"),
		References: ids("nist-800-190-4.2.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if !i.IsImage {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(i.Settings.Labels)) {
			if i.Config.Labels[name] == "" {
				found(check.Hit{Resource: "labels", Excerpt: name, Args: []string{name}})
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "end-of-life", Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("Nobody publishes fixes for the packages any more, and few report flaws in them. Rated low while the maker offers longer support to those who arrange for it.", "パッケージの修正はもう公開されず、脆弱性の報告も減ります。延長サポートの期間中は低とします。"),
		Title:      words("The regular support of {0} ended on {1}", "{0} の通常サポートは {1} に終了"),
		Why:        words("Every flaw that is found from now on stays: a report without findings says nothing about it.", "今後見つかる脆弱性はすべて残ります。検出がなくても安全とは言えません。"),
		Fix:        words("Build the image on a release that is supported.", "サポート中のリリースを基に作り直します。"),
		References: ids("nist-800-190-4.1.1 cwe-1104"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if i.OS == nil || i.OS.EOL == "" || i.Settings.Today <= i.OS.EOL || i.Settings.Today == "" {
			return
		}
		name := i.OS.PrettyName
		if name == "" {
			name = strings.TrimSpace(i.OS.ID + " " + i.OS.Version)
		}
		l := i.OS.Location
		h := check.Hit{Path: l.Path, Layer: l.Layer, Index: l.Index, Instruction: i.instruction(l.Index), Excerpt: i.OS.ID + " " + i.OS.Version, Args: []string{name, i.OS.EOL}}
		if i.Settings.Today <= i.OS.EOLExtended {
			h.Severity = sekisho.SeverityLow
		}
		found(h)
	},
})
