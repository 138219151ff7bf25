// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"encoding/base64"
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/pattern"
)

// secretName finds the words in the name of a variable that say that its value
// is a secret; plainName those that say that it is none: where it is kept, its
// id, a public key, how long it lives.
var (
	secretName = pattern.New(`(?i)(?:^|[_.-])(?:password|passwd|passphrase|pwd|pass|secrets?|token|credentials?|creds|apikey|api[_-]key|privatekey|private[_-]key|accesskey|access[_-]key|secretkey|encryption[_-]key|signing[_-]key|master[_-]key)(?:$|[_.-])|(?:password|passwd|secret|token|apikey|privatekey|secretkey|secretaccesskey)$`)
	plainName  = pattern.New(`(?i)(?:^|[_.-])(?:public|pub|file|files|path|dir|arn|arns|version|id|ids|name|names|url|uri|endpoint|host|type|expiry|expires|expiration|ttl|timeout|lifetime|algorithm|alg|length|size|min|max|limit|issuer|audience|header|prefix|suffix|format|store|manager|provider|enabled|enable|disabled|required|require|rotation|region|policy|count|field|bucket|table|user|username)(?:$|[_.-])`)
	// tokenForm are shapes of well-known tokens, and passwords in addresses.
	tokenForm = pattern.New(`\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|npm_[A-Za-z0-9]{30,}|sk_live_[A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{30,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*)|-----BEGIN [A-Z ]*PRIVATE KEY-----`)
	address   = pattern.New(`[a-zA-Z][a-zA-Z0-9+.-]*://[^/\s:@"']*:([^/\s@"'$<{]+)@`)
	// option finds secrets in the words of a command.
	option = pattern.New(`(?i)(?:^|\s)-{1,2}(?:[a-z-]*password|[a-z-]*passwd|[a-z-]*token|[a-z-]*secret|[a-z-]*api-key|[a-z-]*access-key)(?:=|\s+)([^\s$<{-][^\s]*)|(?:^|\s)(?:export\s+)?[A-Z][A-Z0-9_]*(?:PASSWORD|SECRET|TOKEN|API_KEY)=["']?([^\s"'$<{;]+)`)
	// maybeToken is asked first: most texts hold nothing like it.
	maybeToken = pattern.New(`gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|xox|npm_|sk_live_|AIza|eyJ|PRIVATE KEY|://`)
)

const mask = "****"

// isSecretName says whether the name of a variable is one for a secret.
func isSecretName(name string) bool {
	return secretName.MatchString(name) && !plainName.MatchString(name)
}

// isToken says whether a text holds a secret by its shape, whatever its name.
func isToken(s string) bool {
	if !maybeToken.MatchString(s) {
		return false
	}
	if tokenForm.MatchString(s) {
		return true
	}
	m := address.FindStringSubmatch(s)
	return m != nil && cloud.Whole(m[1]) && !isSample(m[1])
}

// isSample is true for values that nobody would take for a secret.
func isSample(s string) bool {
	switch strings.ToLower(strings.Trim(s, `"'`)) {
	case "", "true", "false", "yes", "no", "none", "null", "changeme", "change-me", "password", "example", "placeholder", "xxx", "todo", "dummy", "<password>", "redacted", "0", "1":
		return true
	}
	return strings.Trim(s, "*") == "" || strings.Trim(s, "xX") == "" || strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">")
}

// isPointer is true for values that say where a secret is: an ARN, a dynamic
// reference of CloudFormation, a path of a parameter.
func isPointer(s string) bool {
	return strings.HasPrefix(s, "arn:") || strings.Contains(s, "{{resolve:") || strings.HasPrefix(s, "/") || strings.HasPrefix(s, "ssm://") || strings.HasPrefix(s, "vault:") ||
		strings.HasPrefix(s, "secretsmanager:") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
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
