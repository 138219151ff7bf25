// SPDX-License-Identifier: Apache-2.0

package message

// The texts of the search for secrets.
var (
	FlagSecretKeyFile = Text{"file with a key of your own for the hashes of secrets: findings then have ids that nobody else can check guesses against", "秘密情報のハッシュに使う独自の鍵のファイル。検出結果の ID から値を推測して照合することが、他人にはできなくなる"}
	SecretKeyShort    = Text{"%s holds no key: it needs 16 bytes or more", "%s に鍵がありません。16 バイト以上が必要です"}
)
