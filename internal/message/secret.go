// SPDX-License-Identifier: Apache-2.0

package message

// The texts of the search for secrets.
var (
	FlagSecretKeyFile    = Text{"file with a key of your own for the hashes of secrets: findings then have ids that nobody else can check guesses against", "シークレットのハッシュに使う独自の鍵のファイル。検出結果の ID から値を推測して照合することが、他人にはできなくなる"}
	FlagHistory          = Text{"look for secrets in the commits of a source tree too: all branches, tags and stashes, or with --since REV the commits in REV..HEAD", "ソースツリーのコミットからもシークレットを探す。対象は全ブランチ、タグ、stash。--since REV を付けると REV..HEAD のコミットのみ"}
	HistoryOfTree        = Text{"--history is for source trees in git, and %s is none: name the directory as repo:DIR", "--history は git のソースツリー用です。%s は対象外です。repo:DIR の形でディレクトリを指定してください"}
	FlagVerify           = Text{"ask the services of the secrets that were found whether they still work: sends each to its vendor, by the request that it documents for that", "見つかったシークレットがまだ有効かをサービスに問い合わせる。各ベンダーが文書化した確認用リクエストで、値をそのベンダーに送信する"}
	VerifyOffline        = Text{"--verify asks services, and --offline forbids the network: leave one away", "--verify はサービスに問い合わせるため、--offline とは併用できません"}
	VerifyWithoutSecrets = Text{"--verify needs the scanner of secrets: add secret to --scanners", "--verify にはシークレットのスキャナーが必要です。--scanners に secret を加えてください"}
	// What a service says of a secret, with its host.
	VerifiedActive   = Text{"verified active by %s", "%s で有効と確認"}
	VerifiedRejected = Text{"rejected by %s", "%s が拒否 (無効)"}
	VerifiedUnknown  = Text{"could not verify at %s: %s", "%s で確認できず: %s"}
	SecretKeyShort   = Text{"%s holds no key: it needs 16 bytes or more", "%s に鍵がありません。16 バイト以上が必要です"}
)
