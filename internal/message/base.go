// SPDX-License-Identifier: Apache-2.0

package message

// Texts about base images.
var (
	BaseImage = Text{"Base image", "ベースイメージ"}
	// BaseKnown says by which rung, BaseSplit what comes from it.
	BaseKnown = map[string]Text{
		"provenance": {"known by the builder's provenance", "ビルダーの来歴情報 (provenance) による"},
		"annotation": {"known by the annotations of the manifest", "マニフェストのアノテーションによる"},
		"label":      {"known by labels, which may be inherited", "ラベルによる (継承された可能性あり)"},
		"chain-id":   {"known by its layers, which are in the index of bases", "ベース索引にあるレイヤーとの一致による"},
		"dockerfile": {"known by the Dockerfile, which the history fits", "履歴と一致する Dockerfile による"},
		"guess":      {"a guess by the history", "履歴からの推測"},
	}
	BaseSplit       = Text{"%d of %d findings come from it (%s)", "検出 %[2]d 件中 %[1]d 件がこれに由来 (%[3]s)"}
	BaseLayersOne   = Text{"layer 1 of %d", "全 %d レイヤー中 1 番目"}
	BaseLayers      = Text{"layers 1-%d of %d", "全 %[2]d レイヤー中 1～%[1]d 番目"}
	BaseLayersAll   = Text{"all %d layers", "全 %d レイヤー"}
	BaseLayersBy    = Text{"number of layers: %s", "レイヤー数の根拠: %s"}
	BaseNotSplit    = Text{"which layers are its own is not known, so findings are not split: add it with sekisho base add, or give --dockerfile", "どのレイヤーがベースのものか不明なため、検出結果の区分なし (sekisho base add で登録するか --dockerfile を指定)"}
	BaseScratch     = Text{"none: it is built from scratch, and every layer is its own", "なし (scratch から構築。すべて自前のレイヤー)"}
	BaseUnnamed     = Text{"an image with %s", "%s を含むイメージ"}
	BaseUnnamedNoOS = Text{"an image without a name", "名称不明のイメージ"}
	BaseVerified    = Text{"verified", "検証済み"}
	BaseClaimed     = Text{"claimed, not verified", "申告のみ、未検証"}
	BaseAlso        = Text{"the same layers as %s", "%s と同じレイヤー"}
	BaseMoved       = Text{"its tag names a newer image now: %s", "タグは現在、別のイメージ %s を指す"}
	BaseCurrent     = Text{"its tag still names this image", "タグは今も同じイメージを指す"}
	BaseCandidate   = Text{"%s would remove %d findings (%s) and add %d (%s); %d stay", "%[1]s に変更すると %[2]d 件を解消 (%[3]s)、%[4]d 件が追加 (%[5]s)、%[6]d 件が残る"}
	BaseKEV         = Text{"known exploited: %s", "悪用確認済み: %s"}
	BaseCandidateBy = Text{"Candidate", "候補"}
	BasePartly      = Text{"part of it was not assessed, or it gets no fixes any more", "一部未評価、またはサポート終了済み"}
	BaseNothing     = Text{"none", "なし"}
	BaseFrom        = Text{"FROM in %s", "FROM は %s"}
	OriginWords     = map[string]Text{
		"base":    {"the base image", "ベースイメージ"},
		"own":     {"own layers", "自前のレイヤー"},
		"builder": {"only in a builder stage", "ビルド用ステージのみ"},
	}
	Origin            = Text{"Origin", "由来"}
	DockerfileLine    = Text{"Dockerfile line", "Dockerfile の行"}
	BuilderStages     = Text{"Builder stages", "ビルド用ステージ"}
	BuildersNot       = Text{"builder stages: not assessed", "ビルド用ステージ: 未評価"}
	BuildersPartly    = Text{"builder stages: assessed in part: their images were scanned, what their steps added was not", "ビルド用ステージ: 一部のみ評価 (元のイメージは検査、各ステップが加えた内容は未検査)"}
	BuildersDone      = Text{"builder stages: assessed", "ビルド用ステージ: 評価済み"}
	BuilderLine       = Text{"%s: %d packages, %d findings (%s), only in a builder stage", "%s: パッケージ %d 個、検出 %d 件 (%s)。ビルド用ステージのみ"}
	BuilderUnassessed = Text{"%s: not assessed: %s", "%s: 未評価: %s"}

	BaseShort       = Text{"Keep an index of base images, by which their layers are recognised", "レイヤーからベースイメージを識別するための索引を管理"}
	BaseAddShort    = Text{"Add images to the index of bases", "イメージをベース索引に追加"}
	BaseAddLong     = Text{"Add images to the index of bases. Only the list of layers is read, no layer is pulled. An image that is built on one of them is then recognised by its layers, whatever it says of itself.", "イメージをベース索引に追加。読み取るのはレイヤーの一覧だけで、レイヤー自体は取得しない。登録したイメージを元に作られたイメージは、その自己申告によらずレイヤーから識別される。"}
	BaseAddExample  = Text{"  sekisho base add debian:12 registry.example.com/team/base:1\n  sekisho base add ./base.tar --name registry.example.com/team/base:1", "  sekisho base add debian:12 registry.example.com/team/base:1\n  sekisho base add ./base.tar --name registry.example.com/team/base:1"}
	BaseListShort   = Text{"List the index of bases", "ベース索引を一覧表示"}
	BaseRemoveShort = Text{"Remove images from the index of bases, by name or digest", "名前またはダイジェストでベース索引から削除"}
	BaseNoImage     = Text{"name an image: sekisho base %s IMAGE...", "イメージを指定 (sekisho base %s IMAGE...)"}
	BaseAdded       = Text{"%s: added, %d layers (%s)", "%s: 追加 (レイヤー %d 個、%s)"}
	BaseAddedSame   = Text{"%s: added, the same %d layers as %s", "%s: 追加 (レイヤー %d 個は %s と同じ)"}
	BaseAddedMoved  = Text{"%s: added, %d layers (%s); before, the name meant another image (%d layers)", "%s: 追加 (レイヤー %d 個、%s)。この名前はこれまで別のレイヤー %d 個を指していた"}
	BaseRemoved     = Text{"%s: removed", "%s: 削除"}
	BaseNotThere    = Text{"%s is not in the index of bases: sekisho base list shows what is", "%s はベース索引にない (sekisho base list で確認)"}
	BaseEmpty       = Text{"the index of bases is empty: add one with sekisho base add IMAGE", "ベース索引は空 (sekisho base add IMAGE で追加)"}
	BaseIndexBad    = Text{"read the index of bases %s: %v", "ベース索引 %s の読み取り: %v"}
	BaseNameMany    = Text{"--name is for one image", "--name を使えるのはイメージが 1 個のときだけ"}
	PlatformColumn  = Text{"Platform", "プラットフォーム"}
	BaseColumnLayer = Text{"Layers", "レイヤー"}
	BaseColumnAdded = Text{"Added", "追加日"}
	BaseColumnSum   = Text{"Digest", "ダイジェスト"}

	FlagBaseName       = Text{"name to keep the image under (by default its own; of an archive its tag, else its path)", "索引に登録する名前 (既定はイメージ自身の名前。アーカイブではタグ、なければパス)"}
	FlagDockerfile     = Text{"Dockerfile that the image was built from: its lines are named in the report", "イメージの元になった Dockerfile。レポートに行番号を表示"}
	FlagBaseCandidate  = Text{"image to compare with the base image, by what it would remove and add", "ベースイメージと比較する候補。解消と追加の件数を表示"}
	FlagCheckBase      = Text{"ask whether the tag of the base image names a newer image now", "ベースイメージのタグが新しいイメージを指していないか確認"}
	FlagBuilderStages  = Text{"scan the images of other build stages too, where the provenance or the Dockerfile names them; they count for no gate", "provenance や Dockerfile から分かる他のビルドステージのイメージも検査 (合否には影響しない)"}
	DockerfileNone     = Text{"%s is no Dockerfile: it has no FROM", "%s は Dockerfile ではない (FROM がない)"}
	DockerfileUnfit    = Text{"the history of the image does not fit %s beyond doubt: no line of it is named", "イメージの履歴と %s が一意に対応しないため、行番号は表示しない"}
	DockerfileNoImage  = Text{"%s is for images: the target is none", "%s はイメージ専用 (対象はイメージではない)"}
	BaseUnknownFor     = Text{"the base image is not known, so %s had nothing to compare with: add the base with sekisho base add, or give --dockerfile", "ベースイメージが不明なため %s の比較対象なし (sekisho base add で登録するか --dockerfile を指定)"}
	BaseCandidateFails = Text{"scan the candidate %s: %v", "候補 %s の検査: %v"}
	BaseCheckFails     = Text{"ask for the base image %s: %v", "ベースイメージ %s の確認: %v"}
	BaseStageFails     = Text{"read the bills of materials of builder stages: %v", "ビルド用ステージの SBOM の読み取り: %v"}
	BaseNoCandidate    = Text{"the candidate %s is no image: name an image, an archive or an OCI layout", "候補 %s はイメージではない (イメージ、アーカイブまたは OCI レイアウトを指定)"}
	BaseNoDigest       = Text{"the digest of the base image %s is not known, so whether its tag moved cannot be told; it names %s now", "ベースイメージ %s のダイジェストが不明なため、タグの移動は判定できない (現在は %s)"}
	BaseCheckOffline   = Text{"--check-base asks a registry and goes with no --offline", "--check-base はレジストリに問い合わせるため --offline と併用不可"}
)
