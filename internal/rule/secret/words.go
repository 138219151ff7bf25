// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"github.com/sekisho/sekisho/internal/sekisho"
)

// words are what is said of a kind of secret: its name, what it opens, and where
// it is taken back.
type words struct {
	name, ja string
	opens    opening
	revoke   string
}

// opening is what an attacker gets.
type opening int

const (
	toCode opening = iota
	toPublish
	toCloud
	toData
	toMessages
	toMoney
	toBill
	toMachines
	toLogin
)

var openings = map[opening]sekisho.Words{
	toCode:     {EN: "read and change source code and its pipelines", JA: "ソースコードとパイプラインを読み書き"},
	toPublish:  {EN: "publish packages and images that others install", JA: "他人がインストールするパッケージやイメージを公開"},
	toCloud:    {EN: "use the cloud account: read its data, start machines on its bill", JA: "クラウドアカウントを使い、データの閲覧や課金を伴うマシンの起動を"},
	toData:     {EN: "read and change the data of the service", JA: "サービスのデータを読み書き"},
	toMessages: {EN: "send messages in the owner's name, and read some", JA: "所有者の名前でメッセージを送信し、一部を閲覧"},
	toMoney:    {EN: "see customers and orders and move money", JA: "顧客や注文を閲覧し、お金を動かす操作を"},
	toBill:     {EN: "use the service on the owner's bill", JA: "所有者の費用でサービスを利用"},
	toMachines: {EN: "pose as the machine or person that owns the key, and read what was encrypted for it", JA: "鍵の持ち主である機器や人になりすまし、その鍵宛ての暗号文を解読"},
	toLogin:    {EN: "log in", JA: "ログイン"},
}

// place says where a secret was found, as the kind of the rule.
const (
	kindFile    = sekisho.ResourceSecret
	kindDeleted = sekisho.ResourceSecretDeleted
	kindImage   = sekisho.ResourceSecretImage
	kindHistory = sekisho.ResourceSecretHistory
)

var because = map[sekisho.Severity]sekisho.Words{
	critical: {EN: "It works from anywhere for whoever has it, and what it opens is wide.", JA: "持っていれば誰でもどこからでも使え、届く範囲が広いためです。"},
	high:     {EN: "It works from anywhere for whoever has it.", JA: "持っていれば誰でもどこからでも使えるためです。"},
	medium:   {EN: "It helps an attacker who also reaches the service or guesses the rest.", JA: "サービスに到達できる攻撃者や、残りを推測できる攻撃者の助けになるためです。"},
	low:      {EN: "It is for tests, needs a password, or is often no secret at all.", JA: "テスト用である、別のパスワードが必要である、または秘密でないことが多いためです。"},
}

func (d *detector) rule() sekisho.Rule { return d.ruleOf(kindFile) }

// ruleOf is the rule of the detector for a place.
func (d *detector) ruleOf(kind string) sekisho.Rule {
	w := d.words
	o := openings[w.opens]
	r := sekisho.Rule{
		ID: d.id, Kind: kind, Severity: d.severity, Because: because[d.severity], Off: d.off,
		References: []string{"cwe-798", "nist-800-190-4.1.4"}, Stages: []string{sekisho.StageSource, sekisho.StageBuild, sekisho.StageImage},
	}
	revoke, revokeJA := "Revoke it first, since nobody knows who has read it: ", "誰に読まれたか分からないため、まず失効させてください: "
	where, whereJA := w.revoke, w.revoke
	if where == "" {
		where, whereJA = "change it wherever it is used", "使われている場所すべてで変更します"
	}
	revoke, revokeJA = revoke+where+". ", revokeJA+whereJA+"。"
	switch kind {
	case kindDeleted:
		r.Title = sekisho.Words{EN: w.name + " in a layer, deleted by a later one", JA: w.ja + "(後のレイヤーで削除されたが、下のレイヤーに残存)"}
		r.Why = sekisho.Words{
			EN: "A later layer deleted or replaced the file, but the layer that holds it is still part of the image: whoever can pull the image can unpack it and " + o.EN + ".",
			JA: "後のレイヤーがファイルを削除または置換していますが、元のレイヤーはイメージに残っています。イメージを取得できる人なら誰でも展開して、" + o.JA + "できます。",
		}
		r.Fix = sekisho.Words{
			EN: revoke + "Then rebuild without it: give it to the build step as a secret (RUN --mount=type=secret) or use it in a stage that is not shipped; deleting it in another step does not help. Remove the old tags from the registry.",
			JA: revokeJA + "そのうえで、含めずにビルドし直します。ビルド手順にはシークレットとして渡す (RUN --mount=type=secret) か、出荷しないステージで使ってください。別の手順での削除では消えません。レジストリの古いタグも削除します。",
		}
	case kindImage:
		r.Title = sekisho.Words{EN: w.name + " in what the image says of itself: {0}", JA: "イメージの設定に" + w.ja + ": {0}"}
		r.Why = sekisho.Words{
			EN: "Variables, labels and the build history are in the image's configuration, which is readable without even pulling the layers: whoever can see the image can " + o.EN + ".",
			JA: "環境変数、ラベル、ビルド履歴はイメージの設定に含まれ、レイヤーを取得しなくても読めます。イメージを見られる人なら誰でも" + o.JA + "できます。",
		}
		r.Fix = sekisho.Words{
			EN: revoke + "Then rebuild: no ENV, LABEL or ARG with the value; give it to a build step as a secret (RUN --mount=type=secret) and to the container when it starts.",
			JA: revokeJA + "そのうえで、ENV、LABEL、ARG に値を書かずにビルドし直します。ビルド手順にはシークレットとして (RUN --mount=type=secret)、コンテナには起動時に渡してください。",
		}
	case kindHistory:
		r.Title = sekisho.Words{EN: w.name + " in the git history: {0}", JA: "git の履歴に" + w.ja + ": {0}"}
		r.Why = sekisho.Words{
			EN: "No file holds it any more, but the commits do: whoever has a clone, a fork or a cache of the repository can " + o.EN + ".",
			JA: "現在のファイルにはなくても、コミットには残っています。リポジトリのクローン、フォーク、キャッシュを持つ人なら誰でも" + o.JA + "できます。",
		}
		r.Fix = sekisho.Words{
			EN: revoke + "Nothing else helps: clones and forks keep it. Then, if you want the history clean, rewrite it (git filter-repo --replace-text) and have everybody clone anew.",
			JA: revokeJA + "クローンやフォークに残るため、ほかの対処では防げません。そのうえで履歴からも消したい場合は、git filter-repo --replace-text で書き換え、全員がクローンし直してください。",
		}
	default:
		r.Title = sekisho.Words{EN: w.name, JA: w.ja}
		r.Why = sekisho.Words{EN: "Whoever can read the file can " + o.EN + ".", JA: "ファイルを読める人なら誰でも" + o.JA + "できます。"}
		r.Fix = sekisho.Words{
			EN: revoke + "Then take it out of the file, and out of the history or the image's layer that holds it (rebuild, do not delete it in a later step), and give it to the program when it starts, from a secret store.",
			JA: revokeJA + "そのうえで、ファイルからも、それを含む履歴やイメージのレイヤーからも取り除き (後の手順での削除ではなく再ビルド)、起動時にシークレットストアから渡してください。",
		}
	}
	return r
}
