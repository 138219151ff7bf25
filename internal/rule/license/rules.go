// SPDX-License-Identifier: Apache-2.0

package license

import (
	"github.com/sekisho/sekisho/internal/license"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var stages = []string{sekisho.StageSource, sekisho.StageImage}

// byCategory is the rule that speaks of a category.
var byCategory = map[license.Category]*sekisho.Rule{
	license.NetworkCopyleft: &rules[0], license.SourceAvailable: &rules[1], license.Proprietary: &rules[2], license.StrongCopyleft: &rules[3],
	license.WeakCopyleft: &rules[4], license.Permissive: &rules[5], license.PublicDomain: &rules[5], license.Unknown: &rules[6],
}

// rules from the one with the most duties.
var rules = []sekisho.Rule{
	{
		ID: "network-copyleft-license", Kind: sekisho.ResourceLicense, Severity: sekisho.SeverityLow, Stages: stages,
		Title: sekisho.Words{EN: "{0} is under {1}: users over a network may ask for the source", JA: "{0} は {1}: ネットワーク越しの利用者にもソースコードの提供義務"},
		Because: sekisho.Words{
			EN: "The duty is kept by offering the source; it becomes costly only when it is noticed late.",
			JA: "ソースコードを提供すれば義務は果たせます。気付くのが遅れた場合にだけ負担が大きくなります。",
		},
		Why: sekisho.Words{
			EN: "Who passes the image on has to give the source of this package and of what forms one work with it; who changed it and lets others use it over a network has to offer them that source, too.",
			JA: "イメージを配布する場合、このパッケージと一体になる部分も含めてソースコードを提供する義務があります。改変して利用者にネットワーク越しに使わせる場合は、配布しなくても利用者にソースコードを提供する義務があります。",
		},
		Fix: sekisho.Words{
			EN: "Offer the source with the image and in the service, or replace the package, or buy another licence where the author sells one. Allow it with --license-allow when this has been decided.",
			JA: "イメージとサービスの両方でソースコードを入手できるようにするか、別のパッケージに置き換えるか、商用ライセンスがあれば購入してください。方針として認める場合は --license-allow に指定してください。",
		},
	},
	{
		ID: "source-available-license", Kind: sekisho.ResourceLicense, Severity: sekisho.SeverityMedium, Stages: stages,
		Title: sekisho.Words{EN: "{0} is under {1}, which forbids some uses", JA: "{0} は {1}: 用途に制限"},
		Because: sekisho.Words{
			EN: "A forbidden use cannot be made good by offering source: it needs another licence or another package.",
			JA: "禁止された用途は、ソースコードを公開しても解消できません。別の契約かパッケージの置き換えが必要です。",
		},
		Why: sekisho.Words{
			EN: "The source can be read, but the licence is not open source: uses such as commercial ones, ones that compete with the author, or offering it as a service are forbidden, and so may be passing it on.",
			JA: "ソースコードは公開されていますが、オープンソースライセンスではありません。商用利用、作者と競合する利用、サービスとしての提供などが禁止され、再配布できないこともあります。",
		},
		Fix: sekisho.Words{
			EN: "Have your use compared with the licence; else take a version from before the licence changed, a fork, or a commercial licence. Allow it with --license-allow when this has been decided.",
			JA: "自社の用途が許されるかを確認してください。許されない場合は、ライセンス変更前の版、フォーク、商用ライセンスを検討してください。方針として認める場合は --license-allow に指定してください。",
		},
	},
	{
		ID: "proprietary-license", Kind: sekisho.ResourceLicense, Severity: sekisho.SeverityLow, Stages: stages,
		Title: sekisho.Words{EN: "{0} is proprietary ({1})", JA: "{0} はプロプライエタリ ({1})"},
		Because: sekisho.Words{
			EN: "Most such packages are the user's own or come with an agreement; only passing them on is a risk.",
			JA: "多くは自社製か契約のあるものです。問題になるのは第三者への配布だけです。",
		},
		Why: sekisho.Words{
			EN: "Nothing is allowed that was not agreed upon with the owner: an image that is passed on, or pushed to a public registry, passes the package on with it.",
			JA: "権利者と合意していない利用は認められません。イメージの配布や公開レジストリーへの push は、このパッケージの再配布になります。",
		},
		Fix: sekisho.Words{
			EN: "Keep the image private, or make sure that the agreement with the owner covers passing it on. Declare your own package's licence, or allow proprietary with --license-allow.",
			JA: "イメージを非公開にするか、再配布が契約で認められていることを確認してください。自社のパッケージであればライセンスを記載するか、--license-allow に proprietary を指定してください。",
		},
	},
	{
		ID: "strong-copyleft-license", Kind: sekisho.ResourceLicense, Severity: sekisho.SeverityLow, Stages: stages, Off: true,
		Title: sekisho.Words{EN: "{0} is under {1}: the source goes with the image", JA: "{0} は {1}: イメージの配布時にソースコードの提供義務"},
		Because: sekisho.Words{
			EN: "Every image of a distribution holds such packages; the duty begins when the image is passed on.",
			JA: "どのディストリビューションのイメージにも含まれます。義務が生じるのはイメージを配布したときです。",
		},
		Why: sekisho.Words{
			EN: "Who passes the image on has to give its receivers the source of exactly this version, or a written offer of it, and everything that forms one work with it comes under the same licence.",
			JA: "イメージを配布する場合、受け取った人にこの版と一致するソースコード (または提供を約束する書面) を渡す義務があります。一体の著作物となる部分にも同じライセンスが及びます。",
		},
		Fix: sekisho.Words{
			EN: "Publish the source packages beside the image, with the licence texts, or do not pass the image on; do not link it into programs under other terms.",
			JA: "ソースパッケージとライセンス文をイメージとともに公開するか、イメージを配布しないでください。ほかの条件のプログラムにはリンクしないでください。",
		},
	},
	{
		ID: "weak-copyleft-license", Kind: sekisho.ResourceLicense, Severity: sekisho.SeverityNegligible, Stages: stages, Off: true,
		Title: sekisho.Words{EN: "{0} is under {1}: its own source goes with the image", JA: "{0} は {1}: そのライブラリ自体のソースコードの提供義務"},
		Because: sekisho.Words{
			EN: "The duty ends at the files of the library itself.",
			JA: "義務の範囲はそのライブラリ自体に限られます。",
		},
		Why: sekisho.Words{
			EN: "Who passes the image on has to give the source of this library, with the changes made to it, and must let users replace it; the program that uses it keeps its own licence.",
			JA: "イメージを配布する場合、変更点も含めてこのライブラリのソースコードを提供し、利用者が差し替えられるようにする義務があります。利用するプログラムのライセンスには影響しません。",
		},
		Fix: sekisho.Words{
			EN: "Publish the source of the library and your changes to it; keep it a file of its own.",
			JA: "ライブラリのソースコードと変更点を公開し、独立したファイルのまま利用してください。",
		},
	},
	{
		ID: "unwanted-license", Kind: sekisho.ResourceLicense, Severity: sekisho.SeverityLow, Stages: stages, Off: true,
		Title: sekisho.Words{EN: "{0} is under {1}, which the policy does not allow", JA: "{0} は {1}: ポリシーで不許可"},
		Because: sekisho.Words{
			EN: "Only the user's own lists say that it is unwanted.",
			JA: "利用者が指定したリストだけに基づく判定です。",
		},
		Why: sekisho.Words{
			EN: "The licence asks for little more than keeping its notice, and the lists of licences do not have it.",
			JA: "著作権表示を残す程度の義務しかないライセンスですが、許可リストに含まれていないか、拒否リストに含まれています。",
		},
		Fix: sekisho.Words{
			EN: "Add it to --license-allow, or replace the package.",
			JA: "--license-allow に追加するか、パッケージを置き換えてください。",
		},
	},
	{
		ID: "unknown-license", Kind: sekisho.ResourceLicense, Severity: sekisho.SeverityLow, Stages: stages, Off: true,
		Title: sekisho.Words{EN: "The licence of {0} is not known ({1})", JA: "{0} のライセンスは不明 ({1})"},
		Because: sekisho.Words{
			EN: "It says nothing against the package, only that somebody has to read.",
			JA: "問題があるという意味ではなく、確認が必要という意味です。",
		},
		Why: sekisho.Words{
			EN: "Without a licence nobody may pass a package on, and what nobody has read may hold any duty.",
			JA: "ライセンスのないパッケージは再配布できません。確認していないライセンスには、どのような義務があるか分かりません。",
		},
		Fix: sekisho.Words{
			EN: "Read the package's files or ask its authors, and have them declare an SPDX expression.",
			JA: "パッケージ内のファイルを読むか作者に確認し、SPDX のライセンス式を記載してもらってください。",
		},
	},
}
