// SPDX-License-Identifier: Apache-2.0

package image

import (
	"strings"
	"unicode"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sensitive"
)

// secretWords are the words of a name that say that its value is a secret;
// keyWords those that say it when "key" follows; plainWords those that say that
// it is none after all: the name of a file, a public key, a lifetime.
var (
	secretWords = set("password passwd passphrase passcode pwd pword pass secret secrets token tokens credential credentials creds apikey apikeys apitoken authtoken accesstoken privatekey accesskey secretkey apisecret userpass dbpass auth pat bearer")
	keyWords    = set("api private secret access signing encryption master deploy app service account storage client shared license licence session jwt hmac aes rsa ssh host decryption admin subscription function instrumentation write ingest")
	plainWords  = set("public pub file files path dir directory version versions id ids name names url uri urls endpoint host hostname type kind expiry expires expire expiration ttl timeout lifetime duration age algorithm algo alg length size len gpg pgp fingerprint keyring keys keyserver method mode enabled enable disabled disable require required allow min max limit issuer audience header prefix suffix format store manager provider class service scope backend module cache sock socket map layout policy rounds cost count field random rotation rotate interval through checksum sha256 sha512 digest strength env empty schemes scheme plugin plugins driver realm region hint prompt script program command port location ref arn")
)

func set(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// nameWords takes a name apart: at _, -, . and where small letters end.
func nameWords(name string) (words []string) {
	start := 0
	var last rune
	for i, r := range name {
		switch {
		case r == '_' || r == '-' || r == '.' || r == ':' || r == '/':
			words, start = add(words, name[start:i]), i+1
		case unicode.IsUpper(r) && unicode.IsLower(last):
			words, start = add(words, name[start:i]), i
		}
		last = r
	}
	return add(words, name[start:])
}

func add(words []string, w string) []string {
	if w == "" {
		return words
	}
	return append(words, strings.ToLower(w))
}

// secretName says whether the name of a variable, a label or an argument is one
// for a secret.
func secretName(name string) bool {
	words := nameWords(name)
	if len(words) == 0 || len(words) == 1 && (words[0] == "auth" || words[0] == "pass" || words[0] == "pwd" || words[0] == "oldpwd" || words[0] == "pat") {
		return false
	}
	secret := false
	for i, w := range words {
		if plainWords[w] && !(w == "service" && i+1 < len(words)) {
			return false
		}
		if secretWords[w] || w == "key" && i > 0 && keyWords[words[i-1]] {
			secret = true
		}
		if (w == "auth" || w == "pat" || w == "tokens" || w == "pass") && i < len(words)-1 && !secretWords[words[len(words)-1]] {
			// AUTH_ENABLED_X, PASS_THROUGH: only the last word counts.
			secret = secret && w != "auth" && w != "pat" && w != "pass" && w != "tokens"
		}
	}
	return secret
}

// plainValues are values of settings that are called as secrets are.
var plainValues = set("default optional required plain md5 scram-sha-256 basic bearer oauth2 empty")

// exampleWords are parts of values that stand for the real one.
var exampleWords = []string{"changeme", "change_me", "change-me", "replace", "example", "placeholder", "dummy", "your_", "your-", "yourpassword", "yoursecret", "insert", "xxxx", "****", "todo", "<", "{{", "fixme", "notset", "not-set", "not_set", "redacted"}

// secretValue says whether a value may be a secret: none that is empty, refers
// to another, or is an example.
func secretValue(v string) bool {
	v = strings.Trim(strings.TrimSpace(v), `"'`)
	lower := strings.ToLower(v)
	switch {
	case sensitive.Placeholder(v), sensitive.Pointer(v), strings.HasPrefix(v, "$"), strings.HasPrefix(v, "%"), plainValues[lower]:
		return false
	case len(v) < 4 && digits(v):
		return false
	case strings.HasPrefix(v, "secret:"), strings.HasPrefix(v, "ssh-rsa "), strings.HasPrefix(v, "ssh-ed25519 "), strings.HasPrefix(v, "-----BEGIN PUBLIC KEY"), strings.HasPrefix(v, "-----BEGIN CERTIFICATE"):
		return false
	}
	for _, w := range exampleWords {
		if strings.Contains(lower, w) {
			return false
		}
	}
	return true
}

// The shapes of secrets in any text.
var (
	header   = pattern.New(`(?i)((?:authorization|private-token|x-[a-z-]*(?:token|key)|job-token)\s*:\s*(?:(?:bearer|basic|token)\s+)?)([^\s"']+)`)
	assigned = pattern.New(`([A-Za-z_][A-Za-z0-9_.-]*)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"';|&]+)`)
	// spaced is the old form of ENV: NAME value.
	spaced = pattern.New(`\b([A-Za-z0-9]+_[A-Za-z0-9_]*)([ \t]+)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"';|&]+)`)
	option = pattern.New(`((?:^|\s)(?:--password|--token|--passwd|--secret|--api-key|--http-password|--proxy-password|-u|--user)(?:=|\s+))("[^"]*"|'[^']*'|[^\s;|&]+)`)
	// maybe is asked first: most text holds nothing to hide.
	maybe = pattern.New(`(?i)pass|pwd|pword|secret|token|cred|auth|key|://|pat|gh[pousr]_|glpat|AKIA|ASIA|xox|npm_|k_live|AIza|pypi|eyJ|SG\.|hvs\.|-u|--user`)
)

const mask = sensitive.Mask

// maxMasked is how much of a text is looked at, in bytes; findings show less.
const maxMasked = 4096

// maskText hides what may be secret in a text.
func maskText(text string) string { return mapSecrets(text, nil) }

// mapSecrets hides what may be secret and calls found with the name of each, or
// with what it is.
func mapSecrets(text string, found func(what string)) string {
	if len(text) > maxMasked {
		text = text[:maxMasked]
	}
	if !maybe.MatchString(text) {
		return text
	}
	say := func(what string) {
		if found != nil {
			found(what)
		}
	}
	text = assigned.ReplaceAllStringFunc(text, func(m string) string {
		p := assigned.FindStringSubmatch(m)
		if !secretName(p[1]) || !secretValue(p[2]) {
			return m
		}
		say(p[1])
		return p[1] + "=" + mask
	})
	text = spaced.ReplaceAllStringFunc(text, func(m string) string {
		p := spaced.FindStringSubmatch(m)
		if !secretName(p[1]) || !secretValue(p[3]) {
			return m
		}
		return p[1] + p[2] + mask
	})
	text = sensitive.HidePasswords(text, func(p string) bool {
		if !secretValue(p) || p == mask {
			return false
		}
		say("URL")
		return true
	})
	text = header.ReplaceAllStringFunc(text, func(m string) string {
		p := header.FindStringSubmatch(m)
		if !secretValue(p[2]) || p[2] == mask {
			return m
		}
		say("Authorization")
		return p[1] + mask
	})
	text = option.ReplaceAllStringFunc(text, func(m string) string {
		p := option.FindStringSubmatch(m)
		if o := strings.TrimSpace(p[1]); (o == "-u" || o == "--user") && !strings.Contains(p[2], ":") || !secretValue(p[2]) || strings.Contains(p[2], mask) {
			return m
		}
		if o := strings.TrimSpace(p[1]); (o == "-u" || o == "--user") && digits(strings.ReplaceAll(p[2], ":", "")) {
			return m // user and group, as docker and install take them
		}
		say(strings.TrimRight(strings.TrimSpace(p[1]), "="))
		return p[1] + mask
	})
	return sensitive.All.Hide(text, func() { say("token") })
}

// secretForm says whether a value has the form of a secret, whatever its name.
func secretForm(v string) bool {
	if len(v) > maxMasked {
		v = v[:maxMasked]
	}
	if sensitive.All.In(v) {
		return true
	}
	_, ok := sensitive.Password(v, secretValue)
	return ok
}
