// SPDX-License-Identifier: Apache-2.0

package message

// The words of signatures in reports and of the command verify.
var (
	Signatures        = Text{"Signature", "署名"}
	SignatureYes      = Text{"verified, by %s", "検証済み (署名者 %s)"}
	SignatureNo       = Text{"none verifies", "検証できる署名なし"}
	SignatureNothing  = Text{"none", "なし"}
	SignatureNotKnown = Text{"not known", "不明"}
	SignatureUnknown  = Text{"not known: %s", "不明: %s"}
	SignatureRefused  = Text{"%s not verified: %s", "%s 件は検証不可 (%s)"}
	SignatureStates   = Text{"verified statements: %s", "検証済みのステートメント: %s"}

	FlagSignatureKey = Text{"file with public keys (PEM) that signatures of the image must verify by", "イメージの署名の検証に使う公開鍵 (PEM) のファイル"}
	FlagsSignature   = Text{"Signatures:", "署名:"}
	SignatureNoKey   = Text{"a policy asks for signatures of the image: name the public keys to verify them by with --signature-key", "ポリシーがイメージの署名を条件にしています。検証に使う公開鍵を --signature-key で指定してください"}
	SignatureKeyBad  = Text{"--signature-key %s: %s", "--signature-key %s: %s"}
	SettingTrust     = Text{"%s: %s says whom to trust, and whoever changes this directory can set it: give it as a flag, in the environment, in your own sekisho.yaml, or name the file with --config", "%s: %s は信頼する相手を決める設定で、このディレクトリを変更できる人なら誰でも設定できてしまいます。フラグ、環境変数、ユーザーの sekisho.yaml で指定するか、--config でこのファイルを指定してください"}

	VEXVerified = Text{"%d VEX documents are attached to the image, and the signatures of %d verify: the others are not applied", "イメージに添付された VEX 文書: %d 件 (署名を検証できた %d 件だけを適用)"}

	VerifyShort   = Text{"Verify the signatures of an image", "イメージの署名を検証"}
	VerifyLong    = Text{"Verify that an image is signed by one of the given keys: a signature of cosign (a tag .sig, a referrer, or a Sigstore bundle) over its digest. Nothing but manifests and signatures is read.\n\nExit status: 0 signed, 1 no signature verifies, 2 usage, 3 not known, 4 failed.", "指定した鍵でイメージが署名されていることを検証します。対象はイメージのダイジェストに対する cosign の署名 (.sig タグ、referrer、Sigstore バンドル) です。読み取るのはマニフェストと署名だけです。\n\n終了ステータス: 0 署名あり、1 検証できる署名なし、2 使い方の誤り、3 不明、4 失敗。"}
	VerifyExample = Text{"  sekisho verify registry.example.com/app:1.0 --signature-key cosign.pub\n  sekisho verify registry.example.com/app:1.0 --signature-key a.pub --signature-key b.pub -f json", "  sekisho verify registry.example.com/app:1.0 --signature-key cosign.pub\n  sekisho verify registry.example.com/app:1.0 --signature-key a.pub --signature-key b.pub -f json"}
	VerifyNoImage = Text{"name one image: sekisho verify IMAGE --signature-key FILE", "イメージを 1 つ指定してください: sekisho verify イメージ --signature-key ファイル"}
	VerifyNoKey   = Text{"give the public key that it must be signed by: --signature-key FILE", "検証に使う公開鍵を指定してください: --signature-key ファイル"}
	VerifyTarget  = Text{"%s is no image: only images have signatures here", "%s はイメージではありません。署名を検証できるのはイメージだけです"}
	VerifyFormat  = Text{"--format %q: text and json are written", "--format %q: 指定できるのは text と json です"}
	FlagVerifyFmt = Text{"text or json", "text または json"}
	VerifyYes     = Text{"verified      %s, over the %s, by %s", "検証済み  %s、対象は%s、署名者 %s"}
	VerifyNot     = Text{"not verified  %s: %s", "検証不可  %s: %s"}
	// What a signature is over.
	VerifyManifest = Text{"manifest", "マニフェスト"}
	VerifyIndex    = Text{"index", "インデックス"}
	VerifyDenied   = Text{"not verified: %s", "検証できません: %s"}
	VerifyUnknown  = Text{"not known whether the image is signed: %s", "署名の有無が不明です: %s"}
)
