// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// The detectors of this file have forms that a prefix, an alphabet and a length
// do not tell.

// awsID finds access key ids: sixteen Base32 digits, which hold the account. The
// id of a key alone opens nothing, the secret beside it is found by awsSecret.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
func awsID() *detector {
	check := func(t []byte) (string, bool) { return levelStructure, mixedUpper(t[4:]) }
	return forms(detector{id: "aws-access-key-id", severity: high, words: words{"AWS access key id", "AWS のアクセスキー ID", toCloud, "https://console.aws.amazon.com/iam/ (Users > Security credentials)"}},
		form{"AKIA", base32Set, 16, 16, check}, form{"ASIA", base32Set, 16, 16, check}, form{"ABIA", base32Set, 16, 16, check}, form{"ACCA", base32Set, 16, 16, check})
}

// mixedUpper is mixed for alphabets whose digits may be missing by chance.
func mixedUpper(b []byte) bool { return entropy(b) >= 2.8 && !placeholder(b) }

func awsSecret() *detector {
	d := &detector{
		id: "aws-secret-access-key", severity: critical, rank: rankPlace, fold: true, keywords: []string{"secret_access_key", "secretaccesskey", "aws_secret_key", "aws_secret", "secret access key", "akia", "asia"},
		words: words{"AWS secret access key", "AWS のシークレットアクセスキー", toCloud, "https://console.aws.amazon.com/iam/ (Users > Security credentials)"},
	}
	d.find = func(t *text, at int, found func(hit)) {
		if p := string(t.b[at : at+4]); p == "AKIA" || p == "ASIA" {
			nearID(t, at, found)
			return
		}
		_, value, ok := t.assignment(at)
		if !ok || value.len() != 40 {
			return
		}
		v := t.b[value.start:value.end]
		if t.run(value.start, base64Set, 40) != value.end || !mixed(v, 4) {
			return
		}
		found(hit{start: value.start, end: value.end, level: levelContext})
	}
	return d
}

// nearID finds the secret that follows an access key id closely, whatever the
// names are: 40 characters of base64 with letters of both cases and digits.
func nearID(t *text, at int, found func(hit)) {
	if !t.begins(at) || t.run(at, base32Set, 21) != at+20 || !mixedUpper(t.b[at+4:at+20]) {
		return
	}
	for i := at + 20; i < min(len(t.b), at+300); {
		if !base64Set[t.b[i]] {
			i++
			continue
		}
		end := t.run(i, base64Set, 300)
		for i < end && t.b[i] == '=' { // of the assignment
			i++
		}
		if v := t.b[i:end]; end-i == 40 && mixed(v, 4.3) && !bytes.Equal(v, bytes.ToLower(v)) && !bytes.Equal(v, bytes.ToUpper(v)) {
			found(hit{start: i, end: end, level: levelContext})
			return
		}
		i = end + 1
	}
}

// azureKey finds keys of storage accounts, service buses and the like: 64 or 32
// random bytes in base64, after their name in a connection string.
func azureKey() *detector {
	d := &detector{
		id: "azure-shared-key", severity: critical, rank: rankForm, fold: true, keywords: []string{"accountkey", "sharedaccesskey", "account_key", "storage_key"},
		words: words{"Azure account key", "Azure のアカウントキー", toCloud, "https://portal.azure.com/ (Access keys > Rotate)"},
	}
	d.find = func(t *text, at int, found func(hit)) {
		_, value, ok := t.assignment(at)
		if !ok {
			return
		}
		end := t.run(value.start, base64Set, 90)
		v := t.b[value.start:end]
		raw, err := base64.StdEncoding.DecodeString(string(v))
		// The key of the storage emulator is published by its maker.
		if err != nil || len(raw) != 64 && len(raw) != 32 || !mixed(v, 3.8) || bytes.HasPrefix(v, []byte("Eby8vdM02xNO"+"cqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2")) {
			return
		}
		found(hit{start: value.start, end: end, level: levelStructure})
	}
	return d
}

// azureSecret finds client secrets of Entra ID (Azure AD): 40 characters with
// "Q~" after three and a digit.
func azureSecret() *detector {
	d := &detector{
		id: "azure-client-secret", severity: critical, rank: rankForm, keywords: []string{"Q~"},
		words: words{"Azure client secret (Entra ID)", "Azure のクライアントシークレット (Entra ID)", toCloud, "https://portal.azure.com/ (App registrations > Certificates & secrets)"},
	}
	alphabet := newSet("09azAZ", "_~.-")
	d.find = func(t *text, at int, found func(hit)) {
		if at < 4 || !digits[t.b[at-1]] || at > 4 && alphabet[t.b[at-5]] || t.back(at-1, alphabet, 3) != at-4 {
			return
		}
		end := t.run(at+2, alphabet, 40)
		if n := end - at - 2; n < 31 || n > 34 || !mixed(t.b[at-4:end], 4) {
			return
		}
		found(hit{start: at - 4, end: end, level: levelForm})
	}
	return d
}

// azureAnnotated finds the newer keys of Azure's services and of Azure DevOps:
// 84 characters with a mark inside.
func azureAnnotated() *detector {
	d := &detector{
		id: "azure-service-key", severity: critical, rank: rankForm, keywords: []string{"JQQJ9", "AZDO"},
		words: words{"Azure service key or DevOps token", "Azure のサービスキーまたは DevOps トークン", toCloud, "https://portal.azure.com/"},
	}
	d.find = func(t *text, at int, found func(hit)) {
		before := 52
		if t.b[at] == 'A' {
			before = 76
		}
		start := at - before
		if start < 0 || t.back(at, alnum, before+1) != start || t.run(start, alnum, 90) != start+84 || !mixed(t.b[start:at], 4) {
			return
		}
		found(hit{start: start, end: start + 84, level: levelStructure})
	}
	return d
}

func terraformCloud() *detector {
	d := &detector{
		id: "terraform-cloud-token", severity: critical, rank: rankForm, keywords: []string{".atlasv1."},
		words: words{"HCP Terraform token", "HCP Terraform のトークン", toCloud, "https://app.terraform.io/app/settings/tokens"},
	}
	d.find = func(t *text, at int, found func(hit)) {
		start := t.back(at, alnum, 15)
		end := t.run(at+len(".atlasv1."), urlSafe, 80)
		if n := end - at - len(".atlasv1."); at-start != 14 || n < 60 || n > 70 || !mixed(t.b[at+len(".atlasv1."):end], 4) {
			return
		}
		found(hit{start: start, end: end, level: levelForm})
	}
	return d
}

func telegram() *detector {
	d := &detector{
		id: "telegram-bot-token", severity: high, rank: rankForm, keywords: []string{":AA"},
		words: words{"Telegram bot token", "Telegram のボットトークン", toMessages, "@BotFather: /revoke"},
	}
	d.find = func(t *text, at int, found func(hit)) {
		start := t.back(at, digits, 11)
		end := t.run(at+1, urlSafe, 36)
		// In the address of a call, "bot" stands before it.
		if n := at - start; n < 8 || n > 10 || end-at-1 != 35 || !mixed(t.b[at+3:end], 3.5) || !t.begins(start) && !bytes.HasSuffix(t.b[:start], []byte("bot")) {
			return
		}
		found(hit{start: start, end: end, level: levelForm})
	}
	return d
}

// line finds LINE's long-lived channel access tokens: 172 characters of base64
// that all end alike.
func line() *detector {
	const tail = "/1O/w1cDnyilFU="
	d := &detector{
		id: "line-channel-token", severity: high, rank: rankForm, keywords: []string{tail},
		words: words{"LINE channel access token", "LINE のチャネルアクセストークン", toMessages, "https://developers.line.biz/console/"},
	}
	d.find = func(t *text, at int, found func(hit)) {
		end := at + len(tail)
		start := t.back(at, base64Set, 180)
		if i := bytes.LastIndexByte(t.b[start:at], '='); i >= 0 {
			start += i + 1 // of the assignment
		}
		if n := end - start; n < 160 || n > 180 || !mixed(t.b[start:at], 4.5) {
			return
		}
		found(hit{start: start, end: end, level: levelForm})
	}
	return d
}

func mailchimp() *detector {
	d := &detector{
		id: "mailchimp-key", severity: high, rank: rankForm, keywords: []string{"-us"},
		words: words{"Mailchimp API key", "Mailchimp の API キー", toMessages, "https://admin.mailchimp.com/account/api/"},
	}
	d.find = func(t *text, at int, found func(hit)) {
		start := t.back(at, lowerHex, 33)
		end := t.run(at+3, digits, 3)
		if at-start != 32 || end == at+3 || end-at-3 > 2 || !t.begins(start) || !t.ends(end) || !mixed(t.b[start:at], 3) {
			return
		}
		found(hit{start: start, end: end, level: levelForm})
	}
	return d
}

// openAI finds keys by "OpenAI" in base64 in their middle.
func openAI() *detector {
	const mark = "T3BlbkFJ"
	d := &detector{
		id: "openai-key", severity: high, rank: rankForm, keywords: []string{mark},
		words: words{"OpenAI API key", "OpenAI の API キー", toBill, "https://platform.openai.com/api-keys"},
	}
	d.find = func(t *text, at int, found func(hit)) {
		start := t.back(at, urlSafe, 120)
		end := t.run(at+len(mark), urlSafe, 100)
		if i := bytes.Index(t.b[start:at], []byte("sk-")); i >= 0 {
			start += i
		}
		if !bytes.HasPrefix(t.b[start:at], []byte("sk-")) || at-start < 20 || end-at-len(mark) < 20 || !mixed(t.b[start+3:at], 3.3) || !mixed(t.b[at+len(mark):end], 3.3) {
			return
		}
		found(hit{start: start, end: end, level: levelStructure})
	}
	return d
}

// webhook finds addresses that anybody may post to.
func webhook(id, key string, w words, check func(rest string) bool) *detector {
	d := &detector{id: id, severity: medium, rank: rankForm, keywords: []string{key}, words: w}
	alphabet := newSet("09azAZ", "_-/@.")
	d.find = func(t *text, at int, found func(hit)) {
		end := t.run(at+len(key), alphabet, 300)
		if !check(strings.TrimRight(string(t.b[at+len(key):end]), "/.")) {
			return
		}
		found(hit{start: at + len(key), end: end, level: levelStructure})
	}
	return d
}
