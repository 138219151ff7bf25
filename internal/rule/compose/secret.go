// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strings"
	"sync"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/sensitive"
)

var (
	secretWord = sync.OnceValue(func() *pattern.Pattern {
		return pattern.New(`(?i)passw(or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|client[_-]?key|encryption[_-]?key|signing[_-]?key|master[_-]?key|app[_-]?key|credential|_pwd$|^pwd_|_pass$|^pass$`)
	})
	// plainEnd ends names of what is no secret itself.
	plainEnd = sync.OnceValue(func() *pattern.Pattern {
		return pattern.New(`(?i)([_.-]?(file|path|dir|name|url|uri|host|port|ttl|expiry|expires|expiration|length|size|enabled?|disabled?|ref|header|type|id|issuer|audience|endpoint|arn|algorithm|policy|count|timeout|duration|interval|lifetime|age|days|min|max|mode|format|prefix|suffix|rotation|provider|store|backend|version|namespace|key_?name|public[_-]?key|required|limit|tokens|method|hash(_?rounds|ers?)|validators?|realm|htpasswd|login|reset|change|empty|auth|_in|minutes|seconds|hours))$|(?i)max_tokens|tokeni[sz]|allow_empty|random_(root_)?password|access_key_id|public`)
	})
	// later are values that somebody fills in later.
	later = sync.OnceValue(func() *pattern.Pattern {
		return pattern.New(`(?i)^(\[.*\]|\$[({].*|\{\{.*|\.\.\.|.*replace.?(me|with|this).*|your[_-].*|.*[_-]here|%.*%|[0-9.]{1,5}|changeit)$`)
	})
	// guessable are passwords that everybody tries.
	guessable = sync.OnceValue(func() *pattern.Pattern {
		return pattern.New(`(?i)^(pass(word|wd)?[0-9]{0,4}!?|postgres(ql)?|mysql|mariadb|root|admin(istrator)?[0-9]{0,3}|example|secret|test(ing)?[0-9]{0,3}|guest|user|changeme|change[_-]?me.*|default|dev(elopment)?|demo|local(dev)?|docker|redis|mongo|rabbitmq|minio(admin)?|toor|qwerty|letmein|123456(78)?9?0?|[a-z]+_?(password|pass)|app|wordpress|grafana|elastic|keycloak|insecure.*|foo|bar)$`)
	})
)

// secretName is true for the name of a variable that should hold a secret.
func secretName(name string) bool {
	return maybeSecret(name) && secretWord().MatchString(name) && !plainEnd().MatchString(name)
}

// maybeSecret is asked first: most names have none of the words.
func maybeSecret(name string) bool {
	lower := strings.ToLower(name)
	for _, word := range [...]string{"pass", "pwd", "secret", "token", "key", "credential"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// placeholder says whether a value stands for the one that somebody fills in.
func placeholder(value string) bool {
	return sensitive.Placeholder(value) || later().MatchString(value)
}

// password is the one in an address.
func password(value string) (string, bool) {
	return sensitive.Password(value, func(p string) bool {
		return len(p) > 1 && !strings.Contains(p, hole) && !placeholder(p)
	})
}

// secretText says whether the value under the name is a secret in clear.
func secretText(name, value string) bool {
	value = strings.TrimSpace(value)
	if placeholder(value) {
		return false
	}
	if sensitive.All.In(value) {
		return true
	}
	if _, ok := password(value); ok {
		return true
	}
	return secretName(name) && !sensitive.Pointer(value) && !strings.Contains(value, "://") && len(value) >= 3 && !strings.Contains(value, "\n")
}

// weight is the severity of a secret: one that everybody guesses was never one,
// and is of development most often.
func (s *Service) weight(value string) sekisho.Severity {
	if p, ok := password(value); ok && !sensitive.All.In(value) {
		value = p
	}
	value = strings.TrimSpace(value)
	m, _ := parseImage(s.Image.Text)
	if guessable().MatchString(value) || strings.EqualFold(value, s.Name) || strings.EqualFold(value, m.Repository[strings.LastIndexByte(m.Repository, '/')+1:]) {
		return sekisho.SeverityMedium
	}
	return sekisho.SeverityHigh
}

// secretPairs judges variables.
func (s *Service) secretPairs(pairs []Pair, found func(check.Hit)) {
	for _, p := range pairs {
		if !p.Given || !p.Literal || !p.Known() || !secretText(p.Name, p.Text) {
			continue
		}
		h := s.hit(p.Value, p.Name)
		h.Excerpt = p.Name + "=***"
		h.Key = s.Name + "\x00" + p.Name
		h.Severity = s.weight(p.Text)
		found(h)
	}
}

// passwordOptions are options of programs that take a password: the next word,
// or what follows at once.
var passwordOptions = sync.OnceValue(func() *pattern.Pattern {
	return pattern.New(`^--?(?:[a-z0-9.-]*[.-])?(?:password|passwd|requirepass|masterauth|token|secret|secret-key|access-key|api-key|apikey|auth-token|admin-password|root-password|db-password|password-secret)$`)
})

// secretWords judges the words of a command.
func (s *Service) secretWords(words []Value, found func(check.Hit)) {
	words = splitWords(words)
	client := false // of MySQL, before the word
	for i, v := range words {
		client = client || mysqlClients[v.Text[strings.LastIndexByte(v.Text, '/')+1:]]
		if !v.Literal && !sensitive.All.In(v.Text) {
			continue
		}
		name, value, ok := strings.Cut(v.Text, "=")
		switch {
		case ok && !strings.ContainsAny(name, " \n") && len(name) < 60 && secretText(strings.TrimLeft(name, "-"), value):
			name = strings.TrimLeft(name, "-")
		case passwordOptions().MatchString(v.Text) && i+1 < len(words) && words[i+1].Literal && words[i+1].Known() && !strings.HasPrefix(words[i+1].Text, "-") && secretText("password", words[i+1].Text):
			name, value = v.Text, words[i+1].Text
		case sensitive.All.In(v.Text) || secretText("", v.Text):
			name, value = "the command", v.Text
		case client && mysqlPassword(v):
			name, value = "-p", strings.TrimPrefix(v.Text, "-p")
		default:
			continue
		}
		h := s.hit(v, name)
		h.Excerpt = name + " ***"
		h.Key = s.Name + "\x00" + name
		h.Severity = s.weight(value)
		found(h)
	}
}

// mysqlClients take a password as "-psecret".
var mysqlClients = map[string]bool{"mysql": true, "mysqladmin": true, "mariadb": true, "mariadb-admin": true, "mysqldump": true, "mariadb-dump": true}

func mysqlPassword(v Value) bool {
	return strings.HasPrefix(v.Text, "-p") && len(v.Text) > 4 && v.Known() && !placeholder(v.Text[2:])
}

// splitWords takes commands that are one text apart: "redis-server --requirepass x".
func splitWords(values []Value) []Value {
	var out []Value
	for _, v := range values {
		if !strings.ContainsAny(v.Text, " \n") || len(v.Text) > 64<<10 {
			out = append(out, v)
			continue
		}
		literal := v.Literal
		for f := range strings.FieldsSeq(v.Text) {
			one := v
			one.Text = strings.Trim(f, `"'`)
			one.Literal = literal || !strings.Contains(f, hole) && !strings.Contains(v.Written, "$")
			out = append(out, one)
		}
	}
	return out
}
