// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"encoding/base64"
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sensitive"
)

// secretName finds the words in the name of a variable that say that its value
// is a secret; plainName those that say that it is none: where it is kept, its
// id, a public key, how long it lives.
var (
	secretName = pattern.New(`(?i)(?:^|[_.-])(?:password|passwd|passphrase|pwd|pass|secrets?|token|credentials?|creds|apikey|api[_-]key|privatekey|private[_-]key|accesskey|access[_-]key|secretkey|encryption[_-]key|signing[_-]key|master[_-]key)(?:$|[_.-])|(?:password|passwd|secret|token|apikey|privatekey|secretkey|secretaccesskey)$`)
	plainName  = pattern.New(`(?i)(?:^|[_.-])(?:public|pub|file|files|path|dir|arn|arns|version|id|ids|name|names|url|uri|endpoint|host|type|expiry|expires|expiration|ttl|timeout|lifetime|algorithm|alg|length|size|min|max|limit|issuer|audience|header|prefix|suffix|format|store|manager|provider|enabled|enable|disabled|required|require|rotation|region|policy|count|field|bucket|table|user|username)(?:$|[_.-])`)
	// option finds secrets in the words of a command.
	option = pattern.New(`(?i)(?:^|\s)-{1,2}(?:[a-z-]*password|[a-z-]*passwd|[a-z-]*token|[a-z-]*secret|[a-z-]*api-key|[a-z-]*access-key)(?:=|\s+)([^\s$<{-][^\s]*)|(?:^|\s)(?:export\s+)?[A-Z][A-Z0-9_]*(?:PASSWORD|SECRET|TOKEN|API_KEY)=["']?([^\s"'$<{;]+)`)
)

const mask = sensitive.Mask

// isSecretName says whether the name of a variable is one for a secret.
func isSecretName(name string) bool {
	return secretName.MatchString(name) && !plainName.MatchString(name)
}

// isToken says whether a text holds a secret by its shape, whatever its name.
func isToken(s string) bool {
	if sensitive.All.In(s) {
		return true
	}
	_, ok := sensitive.Password(s, func(p string) bool { return isWritten(p) && cloud.Whole(p) && !isSample(p) })
	return ok
}

// isWritten says whether a password in an address is no variable.
func isWritten(p string) bool { return !strings.ContainsAny(p, "$<{") }

// isSample is true for values that nobody would take for a secret.
func isSample(s string) bool {
	switch strings.ToLower(strings.Trim(s, `"'`)) {
	case "changeme", "change-me", "password", "example", "placeholder", "dummy", "0", "1":
		return true
	}
	return sensitive.Placeholder(s)
}

// isPointer is true for values that say where a secret is.
func isPointer(s string) bool {
	return sensitive.Pointer(s) || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// secretValue judges the value of a variable by its name and its shape: a value
// that cannot be known, and one that points to a secret, is none.
func secretValue(name string, v *document.Node) bool {
	s := v.Str()
	if v == nil || v.Kind == document.Unknown || s == "" {
		return false
	}
	if isToken(s) {
		return true
	}
	return cloud.Whole(s) && isSecretName(name) && !isSample(s) && !isPointer(s)
}

// decoded is user data as it is meant: it may be written in base64.
func decoded(s string) string {
	if strings.ContainsAny(s, " \n#") || len(s) < 8 {
		return s
	}
	if b, err := base64.StdEncoding.DecodeString(s); err == nil {
		return strings.ToValidUTF8(string(b), "?")
	}
	return s
}
