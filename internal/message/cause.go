// SPDX-License-Identifier: Apache-2.0

package message

import "strings"

// causes are what the operating system and Go's libraries say, by the English
// that ends their sentences.
var causes = [][2]string{
	{"no such file or directory", "ファイルまたはディレクトリがありません"},
	{"permission denied", "権限がありません"},
	{"operation not permitted", "許可されていない操作です"},
	{"is a directory", "ディレクトリです"},
	{"not a directory", "ディレクトリではありません"},
	{"file exists", "既に存在します"},
	{"file already exists", "既に存在します"},
	{"file does not exist", "ファイルがありません"},
	{"file name too long", "ファイル名が長すぎます"},
	{"no space left on device", "ディスクの空き容量がありません"},
	{"disk quota exceeded", "ディスクの割り当て容量を超えました"},
	{"read-only file system", "読み取り専用のファイルシステムです"},
	{"too many open files", "開いているファイルが多すぎます"},
	{"too many levels of symbolic links", "シンボリックリンクが循環しています"},
	{"input/output error", "入出力エラー"},
	{"broken pipe", "出力先が閉じられました"},
	{"connection refused", "接続を拒否されました"},
	{"connection reset by peer", "相手が接続を切断しました"},
	{"network is unreachable", "ネットワークに到達できません"},
	{"no route to host", "ホストへの経路がありません"},
	{"no such host", "ホスト名を解決できません"},
	{"server misbehaving", "DNS サーバーが正しく応答しません"},
	{"i/o timeout", "時間切れです"},
	{"Client.Timeout exceeded while awaiting headers)", "時間切れです"},
	{"TLS handshake timeout", "TLS ハンドシェイクが時間切れです"},
	{"context deadline exceeded", "時間切れです"},
	{"context canceled", "中断されました"},
	{"certificate signed by unknown authority", "証明書の発行元を信頼できません"},
	{"certificate has expired or is not yet valid", "証明書の有効期間外です"},
	{"server gave HTTP response to HTTPS client", "HTTPS ではなく HTTP で応答しました"},
	{"first record does not look like a TLS handshake", "TLS の応答ではありません"},
	{"Proxy Authentication Required", "プロキシの認証が必要です"},
	{"Unauthorized", "認証が必要です"},
	{"Forbidden", "アクセスを拒否されました"},
	{"Not Found", "見つかりません"},
	{"Too Many Requests", "リクエストが多すぎます"},
	{"Internal Server Error", "サーバー内部エラー"},
	{"Bad Gateway", "ゲートウェイのエラー"},
	{"Service Unavailable", "サービスを利用できません"},
	{"Gateway Timeout", "ゲートウェイの時間切れ"},
	{"unexpected EOF", "途中で終わっています"},
	{"unexpected end of JSON input", "JSON が途中で終わっています"},
	{"executable file not found in $PATH", "プログラムが PATH にありません"},
	{"invalid syntax", "書式が正しくありません"},
	{"EOF", "途中で終わっています"},
}

// cause is what is behind a sentence, as somebody else's program said it: what is
// well known in the language, with the English in brackets.
func (l Lang) cause(english string) string {
	if l == En {
		return english
	}
	if f, ok := byEnglish()[english]; ok && len(verbsOf(english)) == 0 {
		return l.Of(f.Text)
	}
	for _, c := range causes {
		if before, ok := strings.CutSuffix(english, c[0]); ok && (before == "" || strings.HasSuffix(before, " ")) {
			return c[1] + " (" + english + ")"
		}
	}
	return english
}
