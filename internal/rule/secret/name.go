// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// span is a part of the text.
type span struct{ start, end int }

func (s span) len() int { return s.end - s.start }

var nameSet = newSet("09azAZ", "_-.")

// assignment reads "name = value" around a keyword in the name, as programs,
// YAML, JSON, INI files and shells write it. The value may be in quotes.
func (t *text) assignment(at int) (name []byte, value span, ok bool) {
	start := t.back(at, nameSet, 80)
	i := t.run(at, nameSet, 120)
	for i < len(t.b) && t.b[i] == ' ' && i < at+20 && i+1 < len(t.b) && letters[t.b[i+1]] { // "secret access key"
		i = t.run(i+1, nameSet, 80)
	}
	name = t.b[start:i]
	quoted := i < len(t.b) && (t.b[i] == '"' || t.b[i] == '\'' || t.b[i] == '`')
	if quoted || i+1 < len(t.b) && t.b[i] == '\\' && t.b[i+1] == '"' {
		i = t.run(i, newSet("", "\"'`\\"), 3)
		if i < len(t.b) && t.b[i] == ']' { // env["NAME"] = value
			i++
		}
	}
	i = t.run(i, blank, 40)
	from := i
	switch {
	case i >= len(t.b):
		return nil, span{}, false
	case t.b[i] == '=', t.b[i] == ':':
		i = t.run(i, newSet("", "=:>"), 3) // = := => : ==
		if i-from > 1 && string(t.b[from:i]) != ":=" && string(t.b[from:i]) != "=>" {
			return nil, span{}, false // a comparison
		}
	default:
		return nil, span{}, false
	}
	i = t.run(i, blank, 40)
	if i >= len(t.b) {
		return nil, span{}, false
	}
	if i+1 < len(t.b) && t.b[i] == '\\' && t.b[i+1] == '"' {
		end := bytes.Index(t.b[i+2:min(len(t.b), i+2+maxValue)], []byte(`\"`))
		if end < 0 {
			return nil, span{}, false
		}
		return name, span{i + 2, i + 2 + end}, end > 0
	}
	if q := t.b[i]; q == '"' || q == '\'' || q == '`' {
		for end := i + 1; end < min(len(t.b), i+1+maxValue); end++ {
			switch t.b[end] {
			case '\\':
				end++
			case '\n':
				return nil, span{}, false
			case q:
				return name, span{i + 1, end}, end > i+1
			}
		}
		return nil, span{}, false
	}
	end := i
	defer func() { t.work += value.len() }()
	for end < len(t.b) && end < i+maxValue && t.b[end] > ' ' && !strings.ContainsRune(`"'`+"`,;)}]<\\", rune(t.b[end])) {
		end++
	}
	return name, span{i, end}, end > i
}

// maxValue is the length of a value that is looked at.
const maxValue = 4 << 10

var blank = newSet("", " \t")

// code says whether a value is no literal: a variable, a call, a template.
func code(v []byte) bool {
	s := string(v)
	for _, p := range [...]string{"$", "{{", "<", "%", "#{", "os.", "env.", "env:", "process.", "System.", "secrets.", "vault:", "ENC[", "!", "@", "&", "*"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return strings.ContainsAny(s, "(){}[]<> \t") || strings.Contains(s, "${") || strings.Contains(s, "::")
}

// dull says whether a password is one that stands for any: a default, a word.
func dull(v []byte) bool {
	s := strings.ToLower(string(v))
	switch strings.Trim(s, "0123456789!_-.*#") {
	case "", "password", "passwd", "pass", "pwd", "secret", "changeme", "changeit", "change", "admin", "root", "user", "username", "test", "testing", "tester", "guest", "default", "none", "null", "nil",
		"true", "false", "undefined", "foo", "bar", "baz", "foobar", "qwerty", "letmein", "example", "mypassword", "mysecret", "mysecretpassword", "p", "pw", "abc", "postgres", "mysql", "redis", "mongo",
		"rabbitmq", "docker", "vagrant", "toor", "hunter", "xxx", "token", "key", "apikey", "api_key", "your_password", "userpass", "dev", "development", "local", "localhost", "string", "password123", "optional", "required", "demo", "sample", "anonymous", "nopassword", "empty", "credentials", "s3cr3t", "p4ssw0rd", "passw0rd", "p@ssw0rd", "p@ssword", "pa55word", "sekrit", "secure":
		return true
	}
	return code(v) || placeholder(v) || strings.Contains(s, "password") || strings.Contains(s, "passwd") || strings.Contains(s, "secret") || strings.Contains(s, "change") || strings.Contains(s, "replace") || strings.Contains(s, "...") || strings.Contains(s, "insert")
}

// named finds values whose name says what they are: their own form is too plain.
func named() []*detector {
	list := []*detector{generic(), jwt(), supabaseRole()}
	for _, n := range []struct {
		id, name, ja string
		opens        opening
		revoke       string
		keys         []string
		last         []string // what the name ends with
		set          *set
		lengths      []int
	}{
		{"heroku-uuid-key", "Heroku API key", "Heroku の API キー", toCloud, "https://dashboard.heroku.com/account", []string{"heroku"}, []string{"key", "token", "password"}, newSet("09af", "-"), []int{36}},
		{"datadog-key", "Datadog key", "Datadog のキー", toData, "https://app.datadoghq.com/organization-settings/api-keys", []string{"datadog", "dd_api_key", "dd_app_key"}, []string{"key", "token"}, lowerHex, []int{32, 40}},
		{"twilio-token", "Twilio auth token", "Twilio の認証トークン", toMessages, "https://console.twilio.com/", []string{"twilio"}, []string{"token", "secret", "key"}, lowerHex, []int{32}},
		{"cloudflare-token", "Cloudflare API token", "Cloudflare の API トークン", toCloud, "https://dash.cloudflare.com/profile/api-tokens", []string{"cloudflare", "cf_api"}, []string{"token", "key"}, urlSafe, []int{37, 40}},
		{"fastly-token", "Fastly API token", "Fastly の API トークン", toCloud, "https://manage.fastly.com/account/personal/tokens", []string{"fastly"}, []string{"token", "key"}, urlSafe, []int{32}},
		{"kintone-token", "kintone API token", "kintone の API トークン", toData, "kintone: アプリの設定 > API トークン", []string{"kintone"}, []string{"token"}, alnum, []int{40}},
		{"sakura-cloud-secret", "Sakura Cloud access token secret", "さくらのクラウドのアクセストークンシークレット", toCloud, "https://secure.sakura.ad.jp/cloud/", []string{"sakura"}, []string{"secret"}, alnum, []int{64}},
		{"line-channel-secret", "LINE channel secret", "LINE のチャネルシークレット", toMessages, "https://developers.line.biz/console/", []string{"line_channel_secret", "linechannelsecret", "channel_secret", "channelsecret"}, []string{"secret"}, lowerHex, []int{32}},
		{"okta-token", "Okta API token", "Okta の API トークン", toLogin, "Okta: Security > API > Tokens", []string{"okta"}, []string{"token", "key"}, urlSafe, []int{42}},
		{"discord-bot-token", "Discord bot token", "Discord のボットトークン", toMessages, "https://discord.com/developers/applications", []string{"discord"}, []string{"token"}, urlDots, []int{59, 68, 70, 72}},
		{"new-relic-license-key", "New Relic license key", "New Relic のライセンスキー", toData, "https://one.newrelic.com/api-keys", []string{"new_relic", "newrelic", "license_key"}, []string{"key"}, alnum, []int{40}},
		{"paypal-secret", "PayPal client secret", "PayPal のクライアントシークレット", toMoney, "https://developer.paypal.com/dashboard/", []string{"paypal"}, []string{"secret"}, urlSafe, []int{80}},
		{"tencent-secret-key", "Tencent Cloud secret key", "Tencent Cloud の SecretKey", toCloud, "https://console.cloud.tencent.com/cam/capi", []string{"tencent"}, []string{"key"}, alnum, []int{32}},
		{"alibaba-secret-key", "Alibaba Cloud access key secret", "Alibaba Cloud の AccessKey シークレット", toCloud, "https://ram.console.aliyun.com/", []string{"alibaba", "aliyun", "alicloud"}, []string{"secret", "key"}, alnum, []int{30}},
		{"hcp-client-secret", "HashiCorp Cloud client secret", "HashiCorp Cloud のクライアントシークレット", toCloud, "https://portal.cloud.hashicorp.com/", []string{"hcp_client"}, []string{"secret"}, urlDots, []int{64}},
		{"mistral-key", "Mistral API key", "Mistral の API キー", toBill, "https://console.mistral.ai/api-keys", []string{"mistral"}, []string{"key"}, alnum, []int{32}},
		{"recaptcha-secret", "reCAPTCHA secret key", "reCAPTCHA のシークレットキー", toLogin, "https://www.google.com/recaptcha/admin", []string{"captcha"}, []string{"secret", "secret_key", "private_key"}, urlSafe, []int{40}},
		{"sops-age-key", "sops key", "sops の鍵", toMachines, "", []string{"sops_age_key"}, []string{"key"}, upperNum, []int{74}},
	} {
		d := &detector{id: n.id, severity: high, rank: rankPlace, fold: true, keywords: n.keys, words: words{n.name, n.ja, n.opens, n.revoke}}
		d.find = func(t *text, at int, found func(hit)) {
			name, value, ok := t.assignment(at)
			if !ok || !slices.Contains(n.lengths, value.len()) || t.run(value.start, n.set, maxValue) != value.end {
				return
			}
			lower := strings.ToLower(string(name))
			if !slices.ContainsFunc(n.last, func(s string) bool { return strings.HasSuffix(lower, s) }) {
				return
			}
			v := t.b[value.start:value.end]
			switch n.id {
			case "heroku-uuid-key":
				if v[8] != '-' || v[13] != '-' || v[18] != '-' || v[23] != '-' {
					return
				}
			case "discord-bot-token":
				id, _, _ := strings.Cut(string(v), ".")
				if raw, err := base64.RawStdEncoding.DecodeString(id); err != nil || strings.Trim(string(raw), "0123456789") != "" || strings.Count(string(v), ".") != 2 {
					return
				}
			case "new-relic-license-key":
				if !bytes.HasSuffix(v, []byte("NRAL")) {
					return
				}
			}
			if mixed(v, 3) {
				found(hit{start: value.start, end: value.end, level: levelContext})
			}
		}
		list = append(list, d)
	}
	return list
}

// generic finds literals that are given to a name that sounds like a secret. It
// is off: names sound so in many programs.
func generic() *detector {
	d := &detector{
		id: "generic-secret", severity: low, off: true, chosen: true, rank: rankName, fold: true,
		keywords: []string{"password", "passwd", "secret", "api_key", "apikey", "api-key", "access_token", "auth_token", "private_token"},
		words:    words{"Value that is named like a secret", "秘密らしい名前の値", toLogin, ""},
	}
	d.find = func(t *text, at int, found func(hit)) {
		name, value, ok := t.assignment(at)
		if !ok || value.len() < 8 || value.len() > 200 || len(name) > 60 {
			return
		}
		v := t.b[value.start:value.end]
		if dull(v) || !mixed(v, 3) || !quotedOrEnv(t, value, name) {
			return
		}
		found(hit{start: value.start, end: value.end, level: levelContext})
	}
	return d
}

// quotedOrEnv says whether a value is a literal: in quotes, or of a NAME.
func quotedOrEnv(t *text, v span, name []byte) bool {
	if v.start > 0 && (t.b[v.start-1] == '"' || t.b[v.start-1] == '\'') {
		return true
	}
	return bytes.Equal(name, bytes.ToUpper(name))
}

// jwt finds JSON Web Tokens. They are off: most are examples, or ended long ago.
func jwt() *detector {
	d := &detector{id: "jwt", severity: low, off: true, rank: rankPlace, keywords: []string{"eyJ"}, words: words{"JSON Web Token", "JSON Web Token (JWT)", toLogin, ""}}
	d.find = func(t *text, at int, found func(hit)) {
		if end, _, ok := t.webToken(at); ok {
			found(hit{start: at, end: end, level: levelStructure})
		}
	}
	return d
}

// supabaseRole finds the token that passes over all rules of a Supabase database.
func supabaseRole() *detector {
	d := &detector{id: "supabase-service-role", severity: critical, rank: rankForm, keywords: []string{"eyJ"}, words: words{"Supabase service role key", "Supabase の service_role キー", toData, "https://supabase.com/dashboard/project/_/settings/api"}}
	d.find = func(t *text, at int, found func(hit)) {
		end, claims, ok := t.webToken(at)
		if ok && claims["role"] == "service_role" && claims["iss"] == "supabase" && claims["ref"] != nil {
			found(hit{start: at, end: end, level: levelStructure})
		}
	}
	return d
}

// webToken decodes the token that begins at at.
func (t *text) webToken(at int) (end int, claims map[string]any, ok bool) {
	if !t.begins(at) || at > 0 && (t.b[at-1] == '.' || t.b[at-1] == '-') {
		return 0, nil, false
	}
	end = t.run(at, urlDots, 4<<10)
	parts := strings.Split(string(t.b[at:end]), ".")
	if len(parts) != 3 || len(parts[2]) < 16 {
		return 0, nil, false
	}
	var head map[string]any
	for i, into := range []*map[string]any{&head, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, into) != nil {
			return 0, nil, false
		}
	}
	alg, _ := head["alg"].(string)
	return end, claims, alg != "" && alg != "none"
}
