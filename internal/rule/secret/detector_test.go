// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
)

// example is a text that holds one secret, and the same broken: where the form
// or its checksum is not right any more.
type example struct {
	path string
	// good is the text; what stands between « and » is the value (the marks are
	// taken out).
	good string
	bad  []string
	off  bool
}

// token makes the bad forms of a prefix and a body: cut, longer, a placeholder.
func token(prefix, alphabet string, n, seed int) example {
	body := sample(alphabet, n, seed)
	return example{good: `key = "«` + prefix + body + `»"`, bad: []string{
		prefix + body[:n-1], prefix + body + "0", prefix + strings.Repeat("x", n), "a" + prefix + body, prefix[:len(prefix)-1] + body,
	}}
}

// swapped changes the last character before a mark.
func swapped(s string) string {
	last := byte('a')
	if s[len(s)-1] == 'a' {
		last = 'b'
	}
	return s[:len(s)-1] + string(last)
}

func field(kind byte, body string) string { return string([]byte{kind, byte(len(body))}) + body }

func pypi(location string, signature int) string {
	b := "\x02" + field(1, location) + field(2, sample(sampleHex, 36, 4)) + "\x00" + field(2, `{"permissions": "user", "version": 1}`) + "\x00\x00" + field(6, sample(sampleB64, signature, 5))
	return "pypi-" + base64.RawURLEncoding.EncodeToString([]byte(b))
}

func ageIdentity() string {
	data := make([]int, 52)
	for i, c := range []byte(sample(bech32Set, 52, 8)) {
		data[i] = strings.IndexByte(bech32Set, c)
	}
	data[51] &= 16 // the padding of 256 bits
	hrp := "age-secret-key-"
	var values []int
	for i := range hrp {
		values = append(values, int(hrp[i]>>5))
	}
	values = append(values, 0)
	for i := range hrp {
		values = append(values, int(hrp[i]&31))
	}
	values = append(append(values, data...), 0, 0, 0, 0, 0, 0)
	sum := 1
	for _, v := range values {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ v
		for i, g := range []int{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	sum ^= 1
	s := hrp + "1"
	for _, d := range data {
		s += string(bech32Set[d])
	}
	for i := range 6 {
		s += string(bech32Set[sum>>(5*(5-i))&31])
	}
	return strings.ToUpper(s)
}

func webTokenOf(claims map[string]any) string {
	c, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(c) + "." + sample(sampleURL, 43, 3)
}

func rsaPEM(t testing.TB) string {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)}))
}

func ecPEM(t testing.TB) string {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func openSSHPEM(cipher string) string {
	b := "openssh-key-v1\x00" + string(binary.BigEndian.AppendUint32(nil, uint32(len(cipher)))) + cipher + sample(sampleB64, 200, 6)
	return string(pem.EncodeToMemory(&pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: []byte(b)}))
}

// examples of every detector, by its id.
func examples(t testing.TB) map[string][]example {
	t.Helper()
	h := func(n, seed int) string { return sample(sampleHex, n, seed) }
	a := func(n, seed int) string { return sample(sampleAlnum, n, seed) }
	u := func(n, seed int) string { return sample(sampleURL, n, seed) }
	one := func(good string, bad ...string) []example { return []example{{good: good, bad: bad}} }
	in := func(path, good string, bad ...string) []example { return []example{{path: path, good: good, bad: bad}} }
	npm := a(30, 21)
	npmToken := "npm_" + npm + crcBase62([]byte(npm))
	gh := githubToken(31)
	glsa := "glsa_" + a(32, 41)
	crc := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(glsa)))
	macaroonToken := pypi("pypi.org", 32)
	b64 := func(n, seed int) string {
		return base64.StdEncoding.EncodeToString([]byte(sample("\x80\x90\xa1\xb2\xc3\xd4\xe5\xf6\x07\x18\x29\x3a\x4b\x5c\x6d\x7e\x8f\x01\x22\x43\x64", n, seed)))
	}
	account, err := json.Marshal(map[string]string{"type": "service_account", "project_id": "p", "private_key": ecPEM(t), "client_email": "a@p.iam.gserviceaccount.com"})
	if err != nil {
		t.Fatal(err)
	}
	key, ec := rsaPEM(t), ecPEM(t)
	awsKey := sample(sampleB64, 37, 50) + "/aZ"
	sentry := base64.StdEncoding.EncodeToString([]byte(`{"iat":1687336543.633931,"url":"https://sentry.internal","region_url":"https://us.sentry.internal","org":"team"}`))
	line := sample(sampleB64, 156, 61) + "/1O/w1cDnyilFU="
	age := ageIdentity()
	clusterKey := base64.StdEncoding.EncodeToString([]byte(ec))
	supabase := webTokenOf(map[string]any{"iss": "supabase", "ref": "abcdefghijklmnopqrst", "role": "service_role", "iat": 1})
	anonymous := webTokenOf(map[string]any{"iss": "supabase", "ref": "abcdefghijklmnopqrst", "role": "anon", "iat": 1})
	uuid := h(8, 1) + "-" + h(4, 2) + "-" + h(4, 3) + "-" + h(4, 4) + "-" + h(12, 5)
	ops := "ops_" + base64.RawURLEncoding.EncodeToString([]byte(`{"email":"`+a(80, 1)+`","secretKey":"`+a(120, 2)+`"}`))
	pass := "Gk3" + "xP0qv8Zt"
	return map[string][]example{
		"github-token": {
			{good: "«" + gh + "»", bad: []string{swapped(gh), gh[:39], gh + "a", "x" + gh, strings.ToUpper(gh)}},
			{good: `{"text": "line\n«` + gh + `»\n"}`},
			{good: "https://x-access-token:«" + gh + "»@github.com/o/r.git"},
			{good: "gho_" + gh[4:]},
		},
		"github-fine-grained-token": one("«github_pat_11"+a(20, 1)+"_"+a(59, 2)+"»", "github_pat_11"+a(21, 1)+a(59, 2), "github_pat_11"+a(20, 1)+"_"+a(58, 2)),
		"gitlab-token":              {token("glpat-", sampleURL, 20, 11), token("glptt-", sampleHex, 40, 1), {good: "glpat-" + a(40, 2) + ".01.0z" + sample("0123456789abcdefghijklmnopqrstuvwxyz", 7, 1)}, {good: "glagent-" + u(50, 7)}},
		"atlassian-token":           one("«ATATT3"+u(180, 3)+"="+strings.ToUpper(h(8, 3))+"»", "ATATT3"+u(180, 3)+"="+strings.ToUpper(h(7, 3)), "ATATT3"+u(189, 3)),
		"circleci-token":            {{good: "«CCIPAT_" + a(63, 1) + "»", bad: []string{"CCIPAT_" + a(40, 1), "CCIPAT_" + strings.Repeat("x", 63)}}},
		"buildkite-token":           {token("bkua_", sampleHex, 40, 1)},
		"sonar-token":               {token("squ_", sampleHex, 40, 1)},
		"linear-token":              {token("lin_api_", sampleAlnum, 40, 1)},
		"sentry-token":              {token("sntryu_", sampleHex, 64, 1), {good: "«sntrys_" + sentry + "_" + a(43, 1) + "»", bad: []string{"sntrys_" + a(160, 1) + "_" + a(43, 1)}}},
		"npm-token":                 one("//registry.example.com/:x «"+npmToken+"»", swapped(npmToken), npmToken+"1", npmToken[:39]),
		"pypi-token":                one("«"+macaroonToken+"»", pypi("pypi.net", 32), pypi("pypi.org", 31), macaroonToken[:len(macaroonToken)-3], macaroonToken+"AAAA"),
		"rubygems-token":            {token("rubygems_", sampleHex, 48, 1)},
		"crates-token":              {token("cio", sampleAlnum, 32, 1)},
		"packagist-token":           {token("packagist_ort_", sampleHex, 68, 1)},
		"deno-token":                {token("ddp_", sampleAlnum, 36, 1)},
		"nuget-key":                 {token("oy2", "abcdefghijklmnopqrstuvwxyz0123456789", 43, 1)},
		"docker-hub-token":          {token("dckr_pat_", sampleURL, 27, 1)},
		"jfrog-token":               {token("AKCp", sampleAlnum, 69, 1)},
		"aws-access-key-id":         {token("AKIA", sampleB32, 16, 1), {good: "x", bad: []string{"AKIA" + strings.Repeat("A", 16), "AKIA" + sample(sampleB32, 15, 1) + "1", "AKIAIOSFODNN7" + "EXAMPLE"}}},
		"aws-secret-access-key": append(one("aws_secret_access_key = «"+awsKey+"»", "aws_secret_access_key = "+h(40, 1), "aws_secret_access_key = "+awsKey+"a", "aws_secret_access_key = ${SECRET}", "sha = "+awsKey),
			example{good: `{"SecretAccessKey": "«` + awsKey + `»"}`}, example{good: "AWS_SECRET=«" + awsKey + "»"}, example{good: `<secret_access_key = '«` + awsKey + `»'>`}),
		"azure-shared-key":    append(one("AccountName=a;AccountKey=«"+b64(64, 1)+"»;EndpointSuffix=core", "AccountKey="+b64(63, 1)+";", "AccountKey="+strings.Repeat("A", 86)+"=="), example{good: "SharedAccessKey=«" + b64(32, 4) + "»"}),
		"azure-client-secret": one(`"«`+a(3, 1)+"8Q~"+u(34, 1)+`»"`, a(3, 1)+"xQ~"+u(34, 1), a(3, 1)+"8Q~"+u(30, 1), a(4, 1)+"8Q~"+u(34, 1)),
		"azure-service-key":   append(one("key: «"+a(52, 1)+"JQQJ9"+"9BDACAAAA"+a(18, 2)+"»", a(51, 1)+"JQQJ9"+a(27, 2), a(53, 1)+"JQQJ9"+a(27, 2)), example{good: a(76, 3) + "AZDO" + a(4, 3)}),
		"gcp-service-account": append(in("sa.json", "«"+string(account)+"»", `{"type": "service_account"}`, strings.Replace(string(account), "BEGIN PRIVATE", "BEGIN PUBLIC", 1)), example{good: strings.ReplaceAll(string(account), ",", ",\n  ")}),
		"google-api-key":      {token("AIza", sampleURL, 35, 1)}, "google-oauth-secret": {token("GOCSPX-", sampleURL, 28, 1)},
		"google-access-token": {{good: "«ya29." + u(180, 1) + "»", bad: []string{"ya29." + u(30, 1)}}}, "onepassword-token": one("«"+ops+"»", "ops_eyJ"+a(300, 1)),
		"elastic-cloud-key": {{good: "«essu_" + a(92, 1) + "»", bad: []string{"essu_" + a(80, 1), "essu_" + a(100, 1)}}}, "alibaba-access-key": {token("LTAI", sampleAlnum, 20, 1)}, "tencent-secret-id": {token("AKID", sampleAlnum, 32, 2)},
		"digitalocean-token": {token("dop_v1_", sampleHex, 64, 1)}, "heroku-token": {token("HRKU-AA", sampleURL, 58, 1)}, "netlify-token": {token("nfp_", sampleAlnum, 36, 1)},
		"fly-token":                {token("fo1_", sampleURL, 43, 1)},
		"cloudflare-origin-ca-key": one("«v1.0-"+h(24, 1)+"-"+h(146, 2)+"»", "v1.0-"+h(171, 1), "v1.0-"+h(24, 1)+"-"+h(145, 2)),
		"vault-token":              {{good: "«hvs." + u(95, 1) + "»", bad: []string{"hvs." + u(20, 1), "hvs." + strings.Repeat("x", 95), "hvs.Client.something.else"}}},
		"terraform-cloud-token":    one("token = «"+a(14, 1)+".atlasv1."+a(67, 2)+"»", a(13, 1)+".atlasv1."+a(67, 2), a(14, 1)+".atlasv1."+a(50, 2)),
		"pulumi-token":             {token("pul-", sampleHex, 40, 1)}, "doppler-token": {{good: "«dp.pt." + a(43, 1) + "»", bad: []string{"dp.pt." + a(30, 1)}}},
		"tailscale-key":    one("«tskey-auth-"+a(12, 1)+"CNTRL-"+a(32, 2)+"»", "tskey-auth-"+a(40, 1), "tskey-other-"+a(12, 1)+"-"+a(32, 2)),
		"databricks-token": {token("dapi", sampleHex, 32, 1)}, "planetscale-token": {{good: "«pscale_tkn_" + u(43, 1) + "»", bad: []string{"pscale_tkn_" + u(20, 1)}}},
		"supabase-token": {token("sbp_", sampleHex, 40, 1)}, "supabase-service-role": one("«"+supabase+"»", anonymous, supabase[:60]),
		"grafana-token":         append(one("«"+glsa+"_"+hex.EncodeToString(crc)+"»", glsa+"_"+hex.EncodeToString(crc)[:7], "glsa_"+strings.Repeat("x", 32)+"_12345678"), example{good: "glc_" + base64.StdEncoding.EncodeToString([]byte(`{"o":"12345","n":"stack-1","k":"`+a(24, 1)+`"}`))}),
		"new-relic-key":         {token("NRAK-", sampleUpper, 27, 1)},
		"dynatrace-token":       one("«dt0c01."+sample(sampleUpper, 24, 1)+"."+sample(sampleUpper, 64, 2)+"»", "dt0c01."+sample(sampleUpper, 89, 1)),
		"postman-key":           one("«PMAK-"+h(24, 1)+"-"+h(34, 2)+"»", "PMAK-"+h(59, 1)),
		"notion-token":          {token("secret_", sampleAlnum, 43, 1), token("ntn_", sampleAlnum, 46, 1)},
		"figma-token":           {{good: "«figd_" + u(40, 1) + "»", bad: []string{"figd_" + u(20, 1)}}},
		"airtable-token":        one("«pat"+a(14, 1)+"."+h(64, 2)+"»", "pat"+a(13, 1)+"."+h(64, 2), "pattern.compile"),
		"contentful-token":      {token("CFPAT-", sampleURL, 43, 1)},
		"infracost-key":         {token("ico-", sampleAlnum, 32, 1)},
		"slack-token":           append(one("«xoxb-"+sample("123456789", 12, 1)+"-"+sample("123456789", 13, 2)+"-"+a(24, 3)+"»", "xoxb-"+a(50, 1), "xoxb-not-a-real-token-but-a-long-sentence-of-words"), example{good: "xapp-1-A" + sample(sampleUpper, 10, 1) + "-" + sample("123456789", 13, 2) + "-" + h(64, 1)}),
		"slack-webhook":         one("https://hooks.slack.com/«services/T"+sample(sampleUpper, 9, 1)+"/B"+sample(sampleUpper, 9, 2)+"/"+a(24, 3)+"»", "https://hooks.slack.com/services/T00000000/B00000000/"+strings.Repeat("X", 24), "https://hooks.slack.com/services/"),
		"discord-webhook":       one("https://discord.com/api/webhooks/«"+sample("123456789", 18, 1)+"/"+u(68, 1)+"»", "https://discord.com/api/webhooks/123/abc"),
		"teams-webhook":         one("https://t.webhook.office.com/webhookb2/«"+uuid+"@"+uuid+"/IncomingWebhook/"+h(32, 1)+"/"+uuid+"»", "https://t.webhook.office.com/webhookb2/x"),
		"telegram-bot-token":    one("https://api.telegram.org/bot«"+sample("123456789", 9, 1)+":AA"+u(33, 2)+"»/getMe", sample("123456789", 9, 1)+":AB"+u(33, 2), sample("123456789", 9, 1)+":AA"+u(34, 2), sample("123456789", 7, 1)+":AA"+u(33, 2)),
		"line-channel-token":    one("LINE_TOKEN=«"+line+"»", "x/1O/w1cDnyilFU=", line[40:]),
		"sendgrid-key":          one("«SG."+u(22, 1)+"."+u(43, 2)+"»", "SG."+u(66, 1), "SG."+u(22, 1)+"."+u(42, 2)),
		"mailgun-key":           {token("key-", sampleHex, 32, 1)},
		"mailchimp-key":         one("«"+h(32, 1)+"-us12»", h(31, 1)+"-us12", h(32, 1)+"-us", h(32, 1)+"-usage"),
		"brevo-key":             one("«xkeysib-"+h(64, 1)+"-"+a(16, 2)+"»", "xkeysib-"+h(81, 1)),
		"stripe-key":            one("«sk_live_"+a(24, 1)+"»", "sk_live_"+a(23, 1), "sk_live_"+strings.Repeat("x", 24)),
		"stripe-test-key":       one("«sk_test_"+a(24, 1)+"»", "sk_test_"+a(20, 1)),
		"stripe-webhook-secret": one("«whsec_"+a(32, 1)+"»", "whsec_"+a(20, 1)),
		"square-token":          {token("sq0atp-", sampleURL, 22, 1)},
		"braintree-token":       one("«access_token$production$"+sample("abcdefghijklmnopqrstuvwxyz0123456789", 16, 1)+"$"+h(32, 2)+"»", "access_token$production$"+h(49, 1)),
		"shopify-token":         {token("shpat_", sampleHex, 32, 1)},
		"openai-key":            append(one("«sk-proj-"+u(74, 1)+"T3Blbk"+"FJ"+u(74, 2)+"»", "sk-"+a(48, 1), a(20, 1)+"T3Blbk"+"FJ"+a(20, 2)), example{good: "sk-" + a(20, 1) + "T3Blbk" + "FJ" + a(20, 2)}),
		"anthropic-key":         one("«sk-ant-api03-"+u(93, 1)+"AA»", "sk-ant-api03-"+u(93, 1)+"AB", "sk-ant-api03-"+u(60, 1)+"AA"),
		"hugging-face-token":    {token("hf_", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 34, 1), {good: "x", bad: []string{"hf_thisisaverylongfunctionnameinlowerc"}}},
		"openrouter-key":        {token("sk-or-v1-", sampleHex, 64, 1)},
		"groq-key":              {token("gsk_", sampleAlnum, 52, 1)},
		"replicate-token":       {token("r8_", sampleAlnum, 37, 1)},
		"xai-key":               {token("xai-", sampleAlnum, 80, 1)},
		"perplexity-key":        {token("pplx-", sampleAlnum, 48, 1)},
		"private-key":           append(one("«"+strings.TrimSpace(key)+"»\n", "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----", strings.Replace(key, "MI", "AI", 1), strings.ReplaceAll(key, "PRIVATE", "PUBLIC"), key[:800], `"-----BEGIN PRIVATE KEY-----" + key + "-----END PRIVATE KEY-----"`, strings.Replace(openSSHPEM("none"), "b3BlbnNz", "b3BlbnNa", 1)), example{good: ec}, example{good: `{"key": "` + strings.ReplaceAll(ec, "\n", `\n`) + `"}`}, example{good: "  k: |\n    " + strings.ReplaceAll(key, "\n", "\n    ")}, example{good: openSSHPEM("none")}, example{good: strings.ReplaceAll(key, "\n", "\r\n")}),
		"putty-private-key":     one("«PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: a\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\n"+b64(36, 1)+"\n»Private-MAC: "+h(64, 1)+"\n", "PuTTY-User-Key-File-3: x", "PuTTY-User-Key-File-3: x\nPrivate-Lines: 1\n***\nPrivate-MAC: x"),
		"age-key":               one("«"+age+"»", age[:len(age)-1]+"Q", age[:len(age)-1]+"P", age[:70], strings.ToLower(age)),
		"heroku-uuid-key":       one("HEROKU_API_KEY=«"+uuid+"»", "HEROKU_APP="+uuid, "OTHER_API_KEY="+uuid, "heroku_api_key="+strings.ReplaceAll(uuid, "-", "a")),
		"datadog-key":           one("DD_API_KEY: «"+h(32, 1)+"»", "DD_API_KEY: "+h(31, 1), "API_KEY: "+h(32, 1), "DD_API_KEY: "+strings.Repeat("0", 32)),
		"twilio-token":          one("twilio_auth_token = '«"+h(32, 1)+"»'", "twilio_sid = '"+h(32, 1)+"'", "if twilio_auth_token == '"+h(32, 1)+"'"),
		"cloudflare-token":      one(`"cloudflareApiToken": "«`+u(40, 1)+`»"`, `"cloudflareZone": "`+u(40, 1)+`"`),
		"fastly-token":          one("FASTLY_API_TOKEN=«"+u(32, 1)+"»", "FASTLY_SERVICE="+u(32, 1)),
		"kintone-token":         one("kintone.apiToken=«"+a(40, 1)+"»", "kintone.app="+a(40, 1)),
		"sakura-cloud-secret":   one("SAKURACLOUD_ACCESS_TOKEN_SECRET=«"+a(64, 1)+"»", "SAKURACLOUD_ZONE="+a(64, 1)),
		"line-channel-secret":   one("LINE_CHANNEL_SECRET=«"+h(32, 1)+"»", "LINE_CHANNEL_ID="+h(32, 1)),
		"okta-token":            one("okta_api_token: «00"+u(40, 1)+"»", "okta_domain: 00"+u(40, 1)),
		"discord-bot-token":     one("DISCORD_TOKEN=«"+base64.RawStdEncoding.EncodeToString([]byte(sample("123456789", 18, 1)))+"."+u(6, 1)+"."+u(27, 2)+"»", "DISCORD_TOKEN="+u(59, 1)),
		"new-relic-license-key": one("NEW_RELIC_LICENSE_KEY=«"+h(36, 1)+"NRAL»", "NEW_RELIC_LICENSE_KEY="+h(40, 1)),
		"paypal-secret":         one("PAYPAL_CLIENT_SECRET=«E"+u(79, 1)+"»", "PAYPAL_CLIENT_ID=A"+u(79, 1)),
		"tencent-secret-key":    one("TENCENTCLOUD_SECRET_KEY=«"+a(32, 1)+"»", "TENCENTCLOUD_REGION="+a(32, 1)),
		"alibaba-secret-key":    one("ALIYUN_ACCESS_KEY_SECRET=«"+a(30, 1)+"»", "ALIYUN_REGION="+a(30, 1)),
		"hcp-client-secret":     one("HCP_CLIENT_SECRET=«"+u(64, 1)+"»", "HCP_CLIENT_ID="+u(64, 1)),
		"mistral-key":           one("MISTRAL_API_KEY=«"+a(32, 1)+"»", "MISTRAL_MODEL="+a(32, 1)),
		"recaptcha-secret":      one("RECAPTCHA_SECRET=«6L"+u(38, 1)+"»", "RECAPTCHA_SITE="+u(40, 1)),
		"sops-age-key":          nil, // an age key has its own checksum: age-key finds it
		"generic-secret":        {{good: `password = "«` + pass + `»"`, off: true, bad: []string{`password = "changeme123"`, `password = os.getenv("X1y2Z3w4")`, `password = "${X1y2Z3w4}"`, `if password == "` + pass + `"`, `password: <your-p4ssword-Q9>`}}},
		"jwt":                   {{good: "«" + anonymous + "»", off: true, bad: []string{anonymous[:40], "eyJ.eyJ.abcdefghijklmnopqr", "eyJhbGciOiJub25lIn0." + strings.Split(anonymous, ".")[1] + "." + a(40, 1)}}},
		"url-password": append(one("DATABASE_URL=postgres://app:«"+pass+"»@db.prod.internal:5432/x", "postgres://user:password@db.prod.internal/x", "postgres://user:"+pass+"@localhost/x", "postgres://user:"+pass+"@db.example.com/x", "postgres://user:${PASS}@db.prod.internal/x", "postgres://user:<pass>@db.prod.internal/x",
			"http://host.internal:8080/a@b", "git@github.com:org/repo.git", "https://www.npmjs.com/package/a:b@1.2.3", "mysql://root:root@db.prod.internal/x", "postgres://user:{{ .Pass }}@db.prod.internal", "https://user:xxxxxxxx@db.prod.internal"),
			example{good: "redis://:«" + pass + "»@cache.prod.internal"}, example{good: `url = "https://bot:«` + pass + `»@git.prod.internal/a.git"`}),
		"docker-auth": in(".docker/config.json", `{"auths": {"registry.internal": {"auth": "«`+base64.StdEncoding.EncodeToString([]byte("bob:"+pass))+`»"}}}`,
			`{"auths": {"registry.internal": {"auth": "`+base64.StdEncoding.EncodeToString([]byte("nocolon"+pass))+`"}}}`, `{"auth": "`+base64.StdEncoding.EncodeToString([]byte("bob:"+pass))+`"}`, `{"auths": {"r": {"auth": "`+base64.StdEncoding.EncodeToString([]byte("user:password"))+`"}}}`),
		"npmrc-auth":      append(in("home/u/.npmrc", "//registry.internal/:_authToken=«"+uuid+"»", "//registry.internal/:_authToken=${NPM_TOKEN}", "registry=https://registry.internal", "always-auth=true"), example{path: ".yarnrc.yml", good: "npmAuthToken: \"«" + uuid + "»\""}),
		"netrc-password":  append(in("root/.netrc", "machine git.internal login bob password «"+pass+"»\n", "machine git.internal login bob", "# password "+pass, "machine git.internal password changeme"), example{path: ".netrc", good: "machine git.internal\n login bob\n password «" + pass + "»"}),
		"pypirc-password": in(".pypirc", "[pypi]\nusername = bob\npassword = «"+pass+"»\n", "[pypi]\nusername = bob", "password = ${PASS}"),
		"kubeconfig-credential": append(in(".kube/config", "current-context: a\nusers:\n- name: a\n  user:\n    client-key-data: «"+clusterKey+"»\n", "client-key-data: "+base64.StdEncoding.EncodeToString([]byte("no key")), "client-key-data: REDACTED"),
			example{path: "kubeconfig", good: "current-context: a\nusers:\n- name: a\n  user:\n    token: «" + a(64, 1) + "»\n"}),
		"env-file-secret": append(in("app/.env", "DB_PASSWORD=«"+pass+"»\n", "DB_PASSWORD=changeme", "DB_PASSWORD=", "DB_PASSWORD=${OTHER}", "DB_HOST="+pass, "# DB_PASSWORD="+pass, "DB_PASSWORD=password"),
			example{path: ".env.production", good: "export API_TOKEN='«" + a(32, 3) + "»'\n"}),
		"password-hash":          append(in("etc/shadow", "root:«$6$"+a(16, 1)+"$"+a(86, 2)+"»:19000:0:99999:7:::\n", "root:*:19000:0:99999:7:::", "root:!:19000::::::", "root:x:0:0::/root:/bin/sh"), example{path: "srv/.htpasswd", good: "bob:«$apr1$" + a(8, 1) + "$" + a(22, 2) + "»\n"}),
		"terraform-state-secret": in("terraform.tfstate", `{"attributes": {`+"\n"+`  "master_password": "«`+pass+`»",`+"\n}}\n", `  "master_password": null,`, `  "master_password": "",`, `  "name": "`+pass+`",`),
	}
}

func TestDetectors(t *testing.T) {
	all := examples(t)
	var on []string
	for _, r := range Rules() {
		if _, ok := all[r.ID]; !ok {
			t.Errorf("%s has no example", r.ID)
		}
		on = append(on, r.ID)
	}
	for id, list := range all {
		if !slices.Contains(on, id) {
			t.Errorf("there is no detector %s", id)
			continue
		}
		for i, e := range list {
			name := fmt.Sprintf("%s %d", id, i)
			sc := New(nil, nil)
			if e.off {
				sc = New(&check.Settings{On: []string{id}}, nil)
			}
			only := New(&check.Settings{Only: []string{id}}, nil)
			path := e.path
			if path == "" {
				path = "srv/config.txt"
			}
			if e.good != "x" {
				from := strings.Index(e.good, "«")
				text := []byte(strings.NewReplacer("«", "", "»", "").Replace("first line\n" + e.good + "\n"))
				for _, part := range []int{0, 13} {
					facts := look(t, sc, path, text, part)
					if len(facts) != 1 || facts[0].Detector != id {
						t.Errorf("%s: found %q, want it alone, in parts of %d", name, names(facts), part)
						continue
					}
					l := facts[0].Location
					if before := []byte("first line\n" + e.good)[:max(0, from)+11]; from >= 0 && (l.Line != bytes.Count(before, []byte("\n"))+1 || l.Column != len(before)-bytes.LastIndexByte(before, '\n')) {
						t.Errorf("%s: at %d:%d in parts of %d", name, l.Line, l.Column, part)
					}
				}
			}
			for n, bad := range e.bad {
				if f := look(t, only, path, []byte("first line\n"+bad+"\n"), 0); len(f) != 0 {
					t.Errorf("%s: bad example %d is found: %s", name, n, f[0].Level)
				}
			}
		}
	}
}

// A key with a passphrase is worth less.
func TestEncryptedKeys(t *testing.T) {
	der := sample("\x80\x90\xa1\xb2\xc3\xd4\xe5\xf6\x07\x18\x29\x3a\x4b\x5c\x6d\x7e\x8f\x01\x22\x43\x64", 600, 1)
	for name, text := range map[string]string{
		"openssh": openSSHPEM("aes256-ctr"),
		"pkcs8":   string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("0" + der)})),
		"rsa":     string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC," + sample("0123456789ABCDEF", 32, 1)}, Bytes: []byte(der)})),
	} {
		f := look(t, New(nil, nil), "k", []byte(text), 0)
		if len(f) != 1 || f[0].Severity != low {
			t.Errorf("%s: %+v", name, f)
		}
	}
	same := map[string]bool{}
	key := ecPEM(t)
	for _, text := range []string{key, strings.ReplaceAll(key, "\n", "\r\n"), strings.ReplaceAll(key, "\n", `\n`), "  " + strings.ReplaceAll(key, "\n", "\n  ")} {
		f := look(t, New(nil, nil), "k", []byte(text), 0)
		if len(f) == 1 {
			same[f[0].Hash] = true
		}
	}
	if len(same) != 1 {
		t.Errorf("one key written in four ways has %d hashes", len(same))
	}
}

func TestPublishedChecksum(t *testing.T) {
	// The example of the announcement of the format: its checksum is known.
	body := "zQWBuTSOoRi4A9" + "spHcVY5ncnsDkxkJ"
	if got := crcBase62([]byte(body)); got != "0mLq17" {
		t.Errorf("checksum %s", got)
	}
}
