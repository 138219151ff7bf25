// SPDX-License-Identifier: Apache-2.0

package sensitive

import (
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
)

// address finds the password in an address (RFC 3986, userinfo), one in quotes
// as shells take it too.
var address = pattern.New(`(://(?:"[^"\s/@]*"|'[^'\s/@]*'|[^/\s:@"']*):)("[^"\s/@]+"|'[^'\s/@]+'|[^/\s@"']+)@`)

// Password is the first password in an address of the text, without quotes, that
// the judge takes for one; false for none.
func Password(s string, judge func(password string) bool) (string, bool) {
	if !strings.Contains(s, "://") {
		return "", false
	}
	for _, m := range address.FindAllStringSubmatch(s, -1) {
		if p := strings.Trim(m[2], `"'`); judge(p) {
			return p, true
		}
	}
	return "", false
}

// HidePasswords writes Mask over the passwords in addresses that the judge takes
// for ones.
func HidePasswords(s string, judge func(password string) bool) string {
	if !strings.Contains(s, "://") {
		return s
	}
	return address.ReplaceAllStringFunc(s, func(m string) string {
		p := address.FindStringSubmatch(m)
		if !judge(strings.Trim(p[2], `"'`)) {
			return m
		}
		return p[1] + Mask + "@"
	})
}

// Placeholder is true for values that nobody takes for a secret, whatever the
// name says: none at all, a switch, a word that stands for the value. Passwords
// that everybody guesses are no placeholders: what they are worth, the caller
// says.
func Placeholder(s string) bool {
	s = strings.ToLower(strings.Trim(strings.TrimSpace(s), `"'`))
	switch s {
	case "", "true", "false", "yes", "no", "on", "off", "none", "null", "nil", "undefined", "enabled", "disabled", "todo", "tbd", "unset", "redacted":
		return true
	}
	return strings.Trim(s, "*") == "" || strings.Trim(s, "x") == "" || strings.Trim(s, "-") == "" || strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">")
}

// Pointer is true for values that say where a secret is: an ARN, a dynamic
// reference of CloudFormation, a parameter, a file.
func Pointer(s string) bool {
	for _, prefix := range [...]string{"arn:", "./", "file:", "vault:", "ssm:", "secretsmanager:", "projects/"} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return strings.HasPrefix(s, "/") && !padded(s) || strings.Contains(s, "{{resolve:")
}

// padded is true for what is written in base64 (RFC 4648) and padded, which may
// begin with a slash as paths do.
func padded(s string) bool {
	body := strings.TrimRight(s, "=")
	if len(body) == len(s) || len(s)-len(body) > 2 || len(s) < 16 {
		return false
	}
	return strings.IndexFunc(body, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '/'
	}) < 0
}
