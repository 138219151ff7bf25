// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sensitive"
)

// secretName finds the words in the name of a variable that say that its value
// is a secret; plainName those that say that it is none: a file that holds it,
// a public key, the id of a key.
var (
	secretName = pattern.New(`(?i)(?:^|_|-|\.)(?:password|passwd|passphrase|pword|pwd|pass|secrets?|token|credentials?|creds|auth|apikey|key|privatekey|accesskey|secretkey|pat)(?:$|_|-|\.)|(?:password|passwd|secret|token|apikey|privatekey|accesskey|credentials?)$`)
	plainName  = pattern.New(`(?i)(?:^|_|-|\.)(?:public|pub|file|files|path|dir|directory|version|versions|id|ids|name|url|uri|endpoint|host|type|expiry|expires|ttl|timeout|lifetime|algorithm|algo|alg|length|size|gpg|pgp|fingerprint|keyring|keys|keyserver|method|mode|enabled|enable|disabled|require|required|min|max|limit|issuer|audience|header|prefix|suffix|format|store|manager|provider|class|service|scope|backend|module|cache|sock|socket|map|layout|policy|rounds|cost|count|field)(?:$|_|-|\.)|^(?:key|pass|auth|pwd|oldpwd)$|_pass_through|tokeniz|(?:^|_)(?:sha256|checksum|digest)`)
)

// Secret says whether the name of a variable is one for a secret.
func Secret(name string) bool {
	return secretName.MatchString(name) && !plainName.MatchString(name)
}

// hasPassword says whether an address of the text brings a password.
func hasPassword(text string) bool {
	_, ok := sensitive.Password(text, func(string) bool { return true })
	return ok
}

// maskForms find secrets in any text: NAME=value by the name, credentials in
// addresses, headers, options, and the shapes of well-known tokens.
var (
	assigned  = pattern.New(`([A-Za-z_][A-Za-z0-9_.-]*)(=)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"';|&]+)`)
	spaced    = pattern.New(`\b([A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]*)([ \t]+)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"';|&]+)`)
	header    = pattern.New(`(?i)((?:authorization|private-token|x-[a-z-]*(?:token|key)|job-token)\s*:\s*(?:(?:bearer|basic|token)\s+)?)([^\s"']+)`)
	optionPwd = pattern.New(`((?:^|\s)(?:--password|--token|--passwd|--secret|--api-key|--http-password|--proxy-password|-[A-Za-z]*u|--user)(?:=|\s+))("[^"]*"|'[^']*'|[^\s;|&]+)`)
)

// loginPwd is the password of "docker login -p".
var loginPwd = pattern.New(`(\blogin\b[^;&|]*?\s-p[ =]?)([^\s;|&$-][^\s;|&]*)`)

const mask = sensitive.Mask

// maybeSecret is asked first: most text holds nothing to hide.
var maybeSecret = pattern.New(`(?i)pass|pwd|pword|secret|token|cred|auth|key|://|pat|gh[pousr]_|glpat|AKIA|ASIA|xox|npm_|sk_live|AIza|pypi|eyJ|-u|--user`)

func maskText(text string) string {
	if len(text) > 4096 {
		text = text[:4096]
	}
	if !maybeSecret.MatchString(text) {
		return text
	}
	for _, form := range [...]*pattern.Pattern{assigned, spaced} {
		text = form.ReplaceAllStringFunc(text, func(m string) string {
			parts := form.FindStringSubmatch(m)
			if !Secret(parts[1]) || strings.HasPrefix(strings.Trim(parts[3], `"'`), "$") {
				return m
			}
			return parts[1] + parts[2] + mask
		})
	}
	text = loginPwd.ReplaceAllString(text, "${1}"+mask)
	text = sensitive.HidePasswords(text, func(string) bool { return true })
	text = header.ReplaceAllString(text, "${1}"+mask)
	text = optionPwd.ReplaceAllStringFunc(text, func(m string) string {
		parts := optionPwd.FindStringSubmatch(m)
		if o := strings.Trim(parts[1], " \t="); (strings.HasSuffix(o, "u") || o == "--user") && !strings.Contains(parts[2], ":") || strings.HasPrefix(strings.Trim(parts[2], `"'`), "$") {
			return m
		}
		return parts[1] + mask
	})
	return sensitive.All.Hide(text, nil)
}
