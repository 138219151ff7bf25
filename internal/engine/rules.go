// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"slices"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Rules are those of this kind, in the order of ids.
func Rules() []sekisho.Rule { return slices.Clone(rules) }

func ruleOf(detector string) *sekisho.Rule {
	switch detector {
	case ClamAV:
		return &rules[0]
	case YARA:
		return &rules[1]
	}
	return nil
}

var stages = []string{sekisho.StageSource, sekisho.StageImage}

var rules = []sekisho.Rule{
	{
		ID: "clamav-signature", Kind: sekisho.ResourceEngine, Severity: sekisho.SeverityCritical, Stages: stages,
		Title: sekisho.Words{EN: "ClamAV knows {1} as {0}", JA: "ClamAV が {1} を {0} として検出"},
		Because: sekisho.Words{
			EN: "A signature names a known hostile file. Names that begin with PUA (unwanted by some) are medium, those of heuristics high.",
			JA: "シグネチャは既知の悪意あるファイルを指します。PUA で始まる名前 (望ましくない可能性のあるプログラム) は「警告」、ヒューリスティックによるものは「重要」とします。",
		},
		Why: sekisho.Words{
			EN: "Whoever put the file there may put more there: the build, a base image or a dependency may be in other hands.",
			JA: "ファイルを置いた者は、ほかにも何か仕込めます。ビルド環境、ベースイメージ、依存パッケージのいずれかが乗っ取られているおそれがあります。",
		},
		Fix: sekisho.Words{
			EN: "Do not run the image. Find out which instruction or package brings the file, remove it, and rebuild from sources that you trust. If ClamAV is wrong, report it at https://www.clamav.net/reports/fp and accept the finding until then.",
			JA: "イメージを実行しないでください。ファイルを持ち込んだ命令やパッケージを突き止めて取り除き、信頼できるソースからビルドし直してください。誤検出であれば https://www.clamav.net/reports/fp に報告し、修正されるまで例外として登録してください。",
		},
	},
	{
		ID: "yara-match", Kind: sekisho.ResourceEngine, Severity: sekisho.SeverityHigh, Stages: stages,
		Title: sekisho.Words{EN: "The YARA rule {0} matches {1}", JA: "YARA ルール {0} が {1} に一致"},
		Because: sekisho.Words{
			EN: "What a rule means only its author knows: its meta data severity or score decides, and high where it says nothing.",
			JA: "ルールの意味は作者にしか分かりません。メタデータの severity か score に従い、どちらもなければ「重要」とします。",
		},
		Why: sekisho.Words{
			EN: "The file has what the rule describes. The rule's own description is in the evidence.",
			JA: "ルールが記述する特徴をファイルが備えています。ルール自身の説明は根拠の欄にあります。",
		},
		Fix: sekisho.Words{
			EN: "Compare the file with the description of the rule. If it is hostile, remove what brings it and rebuild; if not, make the rule more exact or accept the finding.",
			JA: "ルールの説明とファイルを照らし合わせてください。悪意があるものなら、持ち込んだものを取り除いてビルドし直してください。そうでなければ、ルールの条件を絞るか例外として登録してください。",
		},
	},
}
