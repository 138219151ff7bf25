// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"encoding/base64"
	"path"
	"strings"
)

// places are secrets that the file or the address that they stand in tells.
func places() []*detector {
	return []*detector{urlPassword(), dockerAuth(), npmrc(), netrc(), pypirc(), kubeconfig(), envFile(), passwordHash(), terraformState()}
}

// urlPassword finds "scheme://user:password@host".
func urlPassword() *detector {
	d := &detector{
		id: "url-password", severity: high, chosen: true, rank: rankPlace, keywords: []string{"://"},
		words: words{"Password in an address", "アドレスに含まれるパスワード", toLogin, ""},
	}
	d.find = func(t *text, at int, found func(hit)) {
		scheme := t.back(at, newSet("09azAZ", "+-."), 20)
		if at-scheme < 2 {
			return
		}
		i := at + 3
		colon, end := -1, -1
	walk:
		for j := i; j < len(t.b) && j < i+300; j++ {
			switch c := t.b[j]; {
			case c == ':' && colon < 0:
				colon = j
			case c == '@':
				end = j
				break walk
			case c <= ' ' || c >= 0x7f || strings.IndexByte("/?#\"'`<>{}|\\^,()[]*", c) >= 0:
				return
			}
		}
		t.work += 16
		if colon < 0 || end < 0 || end-colon-1 < 6 {
			return
		}
		pass, user := t.b[colon+1:end], t.b[i:colon]
		host := t.b[end+1 : t.run(end+1, newSet("09azAZ", ".-_"), 200)]
		if dull(pass) || bytes.EqualFold(pass, user) || bytes.ContainsAny(pass, "$%{}") && !percent(pass) || !realHost(string(host)) || word(pass) {
			return
		}
		found(hit{start: colon + 1, end: end, level: levelContext})
	}
	return d
}

// percent says whether all percent signs begin an encoded byte.
func percent(b []byte) bool {
	if bytes.ContainsAny(b, "${}") {
		return false
	}
	for i, c := range b {
		if c == '%' && (i+2 >= len(b) || !anyHex[b[i+1]] || !anyHex[b[i+2]]) {
			return false
		}
	}
	return true
}

// word says whether a password is plain lower-case letters or digits only: in
// addresses of examples it is.
func word(b []byte) bool {
	var lower, other int
	for _, c := range b {
		if c >= 'a' && c <= 'z' {
			lower++
		} else {
			other++
		}
	}
	return other == 0 && len(b) < 12 || lower == 0 && bytes.Trim(b, "0123456789") == nil
}

// realHost says whether a host is one that somebody may reach.
func realHost(h string) bool {
	h = strings.ToLower(strings.TrimRight(h, "."))
	if h == "" || strings.HasPrefix(h, "localhost") || strings.HasPrefix(h, "127.") || h == "0.0.0.0" || h == "host" || h == "hostname" || h == "server" || h == "proxy" || h == "domain.com" || h == "somewhere.com" || h == "my.host" || h == "host.com" || h == "site.com" {
		return false
	}
	for _, s := range [...]string{"example.com", "example.org", "example.net", "example", ".test", ".invalid", ".localhost", "acme.com", "foo.com", "bar.com", "test.com", "server.com"} {
		if h == strings.TrimPrefix(s, ".") || strings.HasSuffix(h, "."+strings.TrimPrefix(s, ".")) {
			return false
		}
	}
	return !strings.HasPrefix(h, "example") && !strings.HasPrefix(h, "your") && !strings.HasPrefix(h, "my-") && !strings.HasPrefix(h, "foo") && !strings.HasPrefix(h, "bar")
}

// dockerAuth finds the logins of Docker's configuration: base64 of user:password.
func dockerAuth() *detector {
	d := &detector{id: "docker-auth", severity: high, opaque: true, rank: rankPlace, keywords: []string{`"auth"`, `\"auth\"`}, words: words{"Registry login of Docker", "Docker のレジストリ認証情報", toPublish, ""}}
	d.find = func(t *text, at int, found func(hit)) {
		i := at
		if t.b[i] == '\\' {
			i++
		}
		_, value, ok := t.assignment(i + 1)
		if !ok || value.len() < 12 || !t.near(at, 600, "auths") {
			return
		}
		raw, err := base64.StdEncoding.DecodeString(string(t.b[value.start:value.end]))
		if err != nil {
			return
		}
		user, pass, ok := strings.Cut(string(raw), ":")
		if !ok || user == "" || len(pass) < 6 || !printable(raw) || dull([]byte(pass)) {
			return
		}
		found(hit{start: value.start, end: value.end, level: levelStructure})
	}
	return d
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// npmrc finds the logins of npm's and Yarn's configuration.
func npmrc() *detector {
	d := &detector{id: "npmrc-auth", severity: high, opaque: true, rank: rankPlace, keywords: []string{":_authToken", ":_password", "_auth", "npmAuthToken"}, words: words{"Login of an npm registry", "npm レジストリの認証情報", toPublish, ""}}
	d.find = func(t *text, at int, found func(hit)) {
		if name := path.Base(t.path); !strings.Contains(name, "npmrc") && !strings.Contains(name, "yarnrc") {
			return
		}
		if t.b[at] == ':' {
			at++
		}
		name, value, ok := t.assignment(at)
		if !ok || value.len() < 8 {
			return
		}
		if n := string(name); !strings.HasSuffix(n, "_authToken") && !strings.HasSuffix(n, "_password") && !strings.HasSuffix(n, "_auth") && n != "npmAuthToken" {
			return
		}
		if v := t.b[value.start:value.end]; !dull(v) && mixed(v, 2.5) {
			found(hit{start: value.start, end: value.end, level: levelContext})
		}
	}
	return d
}

// netrc finds passwords of .netrc: "machine HOST login USER password PASSWORD".
func netrc() *detector {
	d := &detector{id: "netrc-password", severity: high, chosen: true, rank: rankPlace, words: words{"Password in .netrc", ".netrc のパスワード", toLogin, ""}}
	d.file = func(p string) bool { b := path.Base(p); return b == ".netrc" || b == "_netrc" || b == ".authinfo" }
	d.eachLine = func(t *text, start, end int, found func(hit)) {
		line := t.b[start:end]
		for _, key := range [...]string{"password", "passwd"} {
			i := bytes.Index(line, []byte(key+" "))
			if i < 0 || i > 0 && line[i-1] > ' ' || bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) {
				continue
			}
			from := t.run(start+i+len(key), blank, 40)
			to := from
			for to < end && t.b[to] > ' ' {
				to++
			}
			if to-from >= 4 && !dull(t.b[from:to]) {
				found(hit{start: from, end: to, level: levelContext})
			}
		}
	}
	return d
}

// lineValue finds "name = value" in a line of a file, for names that accept takes.
func lineValue(t *text, start, end int, separators string, accept func(name string) bool) (span, bool) {
	line := t.b[start:end]
	i := bytes.IndexAny(line, separators)
	if i <= 0 || bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) {
		return span{}, false
	}
	name := strings.Trim(strings.TrimPrefix(strings.TrimSpace(string(line[:i])), "export "), " \t\"'-")
	if !accept(strings.ToLower(name)) {
		return span{}, false
	}
	v := bytes.TrimRight(bytes.TrimSpace(line[i+1:]), ",\r")
	if len(v) > 1 && (v[0] == '"' || v[0] == '\'') && v[len(v)-1] == v[0] {
		v = v[1 : len(v)-1]
	} else if j := bytes.Index(v, []byte(" #")); j >= 0 {
		v = bytes.TrimSpace(v[:j])
	}
	if len(v) == 0 {
		return span{}, false
	}
	at := start + i + 1 + bytes.Index(line[i+1:], v)
	return span{at, at + len(v)}, true
}

func pypirc() *detector {
	d := &detector{id: "pypirc-password", severity: high, chosen: true, rank: rankPlace, words: words{"Password in .pypirc", ".pypirc のパスワード", toPublish, "https://pypi.org/manage/account/"}}
	d.file = func(p string) bool { return path.Base(p) == ".pypirc" }
	d.eachLine = func(t *text, start, end int, found func(hit)) {
		if v, ok := lineValue(t, start, end, "=:", func(n string) bool { return n == "password" }); ok && v.len() >= 4 && !dull(t.b[v.start:v.end]) {
			found(hit{start: v.start, end: v.end, level: levelContext})
		}
	}
	return d
}

// kubeconfig finds what logs in to a cluster. The key of a client is base64 of a
// PEM block.
func kubeconfig() *detector {
	d := &detector{id: "kubeconfig-credential", severity: critical, opaque: true, rank: rankPlace, keywords: []string{"client-key-data", "current-context"}, words: words{"Login of a Kubernetes cluster", "Kubernetes クラスターの認証情報", toMachines, ""}}
	d.find = func(t *text, at int, found func(hit)) {
		if t.b[at+1] == 'l' {
			_, value, ok := t.assignment(at)
			if !ok {
				return
			}
			raw, err := base64.StdEncoding.DecodeString(string(t.b[value.start:value.end]))
			if err == nil && bytes.Contains(raw, []byte("PRIVATE KEY-----")) && len(raw) > 200 {
				found(hit{start: value.start, end: value.end, level: levelStructure})
			}
			return
		}
		for rest := at; ; {
			i := bytes.Index(t.b[rest:min(len(t.b), at+lookAhead)], []byte("token:"))
			t.work += lookAhead / 8
			if i < 0 || t.work > maxWork {
				return
			}
			rest += i + 1
			if rest > 1 && letters[t.b[rest-2]] {
				continue
			}
			if _, value, ok := t.assignment(rest - 1); ok && value.len() >= 20 && mixed(t.b[value.start:value.end], 3.5) && !code(t.b[value.start:value.end]) {
				found(hit{start: value.start, end: value.end, level: levelContext})
			}
		}
	}
	return d
}

// envFile finds what .env files say of passwords and keys.
func envFile() *detector {
	d := &detector{id: "env-file-secret", severity: medium, chosen: true, rank: rankName, words: words{"Secret in an .env file", ".env ファイルのシークレット", toLogin, ""}}
	d.file = func(p string) bool {
		b := strings.ToLower(path.Base(p))
		if b != ".env" && !strings.HasPrefix(b, ".env.") && !strings.HasSuffix(b, ".env") {
			return false
		}
		for _, s := range [...]string{"example", "sample", "template", "dist", "default", "test", "schema"} {
			if strings.Contains(b, s) {
				return false
			}
		}
		return true
	}
	d.eachLine = func(t *text, start, end int, found func(hit)) {
		v, ok := lineValue(t, start, end, "=", secretName)
		if !ok || v.len() < 8 || v.len() > 500 {
			return
		}
		if b := t.b[v.start:v.end]; !dull(b) && !word(b) && !bytes.Contains(b, []byte("://")) {
			found(hit{start: v.start, end: v.end, level: levelContext})
		}
	}
	return d
}

// secretName says whether a (lower case) name is that of a secret.
func secretName(n string) bool {
	for _, s := range [...]string{"password", "passwd", "secret", "token", "api_key", "apikey", "private_key", "access_key", "credential", "_pass", "_pwd", "secret_key", "encryption_key", "client_secret"} {
		if strings.HasSuffix(n, s) {
			return true
		}
	}
	return false
}

// passwordHash finds hashes of passwords in the files that hold them.
func passwordHash() *detector {
	d := &detector{id: "password-hash", severity: medium, opaque: true, rank: rankPlace, words: words{"Hash of a password", "パスワードのハッシュ", toLogin, ""}}
	d.file = func(p string) bool {
		b := path.Base(p)
		return p == "etc/shadow" || p == "etc/shadow-" || b == ".htpasswd" || b == "htpasswd"
	}
	d.eachLine = func(t *text, start, end int, found func(hit)) {
		line := t.b[start:end]
		i := bytes.IndexByte(line, ':')
		if i <= 0 || line[0] == '#' {
			return
		}
		h := line[i+1:]
		if j := bytes.IndexByte(h, ':'); j >= 0 {
			h = h[:j]
		}
		h = bytes.TrimSpace(h)
		for _, p := range [...]string{"$1$", "$2", "$5$", "$6$", "$y$", "$7$", "$gy$", "$apr1$", "{SHA}", "{SSHA}", "$argon2"} {
			if bytes.HasPrefix(h, []byte(p)) && len(h) >= 25 {
				at := start + i + 1 + bytes.Index(line[i+1:], h)
				found(hit{start: at, end: at + len(h), level: levelStructure})
			}
		}
	}
	return d
}

// terraformState finds what Terraform keeps in clear: passwords and keys of what
// it made.
func terraformState() *detector {
	d := &detector{id: "terraform-state-secret", severity: high, chosen: true, rank: rankName, words: words{"Secret in Terraform's state", "Terraform の state に含まれるシークレット", toCloud, ""}}
	d.file = func(p string) bool {
		b := path.Base(p)
		return strings.HasSuffix(b, ".tfstate") || strings.HasSuffix(b, ".tfstate.backup")
	}
	d.eachLine = func(t *text, start, end int, found func(hit)) {
		v, ok := lineValue(t, start, end, ":", func(n string) bool {
			return secretName(n) || n == "result" || strings.HasSuffix(n, "connection_string") || strings.HasSuffix(n, "access_key") || n == "bcrypt_hash"
		})
		if !ok || v.len() < 8 || v.len() > 8<<10 || t.b[v.start-1] != '"' {
			return
		}
		if b := t.b[v.start:v.end]; !dull(b) {
			found(hit{start: v.start, end: v.end, level: levelContext})
		}
	}
	return d
}
