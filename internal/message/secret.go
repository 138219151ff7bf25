// SPDX-License-Identifier: Apache-2.0

package message

// The texts of the search for secrets.
var (
	FlagSecretKeyFile = Text{"file with a key of your own for the hashes of secrets: findings then have ids that nobody else can check guesses against", "秘密情報のハッシュに使う独自の鍵のファイル。検出結果の ID から値を推測して照合することが、他人にはできなくなる"}
	FlagHistory       = Text{"look for secrets in the commits of a source tree too: all branches, tags and stashes, or with --since REV the commits in REV..HEAD", "ソースツリーのコミットからも秘密情報を探す。対象は全ブランチ、タグ、stash。--since REV を付けると REV..HEAD のコミットのみ"}
	HistoryOfTree     = Text{"--history is for source trees in git, and %s is none: name the directory as repo:DIR", "--history は git のソースツリー用です。%s は対象外です。repo:DIR の形でディレクトリを指定してください"}
	SecretKeyShort    = Text{"%s holds no key: it needs 16 bytes or more", "%s に鍵がありません。16 バイト以上が必要です"}
)
