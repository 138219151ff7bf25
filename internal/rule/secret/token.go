// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const (
	critical = sekisho.SeverityCritical
	high     = sekisho.SeverityHigh
	medium   = sekisho.SeverityMedium
	low      = sekisho.SeverityLow
)

// all are the detectors, in the order of ids.
func all() []*detector {
	list := slices.Concat(codeTokens(), packageTokens(), cloudTokens(), serviceTokens(), messageTokens(), payTokens(), modelTokens(), keys(), places(), named())
	slices.SortFunc(list, func(a, b *detector) int { return strings.Compare(a.id, b.id) })
	return list
}

// codeTokens open source code and pipelines.
func codeTokens() []*detector {
	hex40 := func(prefix string) form { return form{prefix, lowerHex, 40, 40, nil} }
	return []*detector{
		forms(detector{id: "github-token", severity: critical, words: words{"GitHub token", "GitHub のトークン", toCode, "https://github.com/settings/tokens"}},
			form{"ghp_", alnum, 36, 36, tailCRC}, form{"gho_", alnum, 36, 36, tailCRC}, form{"ghu_", alnum, 36, 36, tailCRC},
			form{"ghs_", alnum, 36, 36, tailCRC}, form{"ghr_", alnum, 36, 36, tailCRC}, form{"ghr_", alnum, 76, 76, tailCRC}),
		forms(detector{id: "github-fine-grained-token", severity: critical, words: words{"GitHub fine-grained token", "GitHub のトークン (fine-grained)", toCode, "https://github.com/settings/personal-access-tokens"}},
			form{"github_pat_", wordSet, 82, 82, func(t []byte) (string, bool) {
				b := t[len("github_pat_"):]
				return levelStructure, b[22] == '_' && !strings.Contains(string(b[:22])+string(b[23:]), "_") && mixed(b, 4)
			}}),
		forms(detector{id: "gitlab-token", severity: critical, words: words{"GitLab token", "GitLab のトークン", toCode, "GitLab: Preferences > Access tokens"}},
			form{"glpat-", urlSafe, 20, 20, digitsAndLetters(6, 3)}, form{"glpat-", urlDots, 27, 320, routable(6)}, form{"gldt-", urlSafe, 20, 20, digitsAndLetters(5, 3)}, form{"glrt-", urlSafe, 20, 20, digitsAndLetters(5, 3)},
			form{"glrt-", urlDots, 27, 320, routable(5)}, hex40("glptt-"), form{"glcbt-", urlSafe, 22, 80, digitsAndLetters(6, 3)}, form{"glsoat-", urlSafe, 20, 20, digitsAndLetters(7, 3)},
			form{"glagent-", urlSafe, 50, 80, digitsAndLetters(8, 4)}, form{"glft-", urlSafe, 20, 80, digitsAndLetters(5, 3)}, form{"glimt-", urlSafe, 25, 25, digitsAndLetters(6, 3)},
			form{"gloas-", urlSafe, 64, 64, digitsAndLetters(6, 4)}, form{"glffct-", urlSafe, 20, 20, digitsAndLetters(7, 3)}, form{"GR1348941", urlSafe, 20, 20, digitsAndLetters(9, 3)}),
		forms(detector{id: "atlassian-token", severity: critical, words: words{"Atlassian API token", "Atlassian の API トークン", toCode, "https://id.atlassian.com/manage-profile/security/api-tokens"}},
			form{"ATATT3", newSet("09azAZ", "_-="), 170, 250, checkedTail}, form{"ATCTT3", newSet("09azAZ", "_-="), 170, 250, checkedTail}, form{"ATBB", newSet("09azAZ", ""), 32, 32, digitsAndLetters(4, 3.5)}),
		forms(detector{id: "circleci-token", severity: high, words: words{"CircleCI token", "CircleCI のトークン", toCode, "https://app.circleci.com/settings/user/tokens"}},
			form{"CCIPAT_", urlSafe, 60, 70, digitsAndLetters(7, 4)}, form{"CCIPRJ_", urlSafe, 60, 70, digitsAndLetters(7, 4)}),
		forms(detector{id: "buildkite-token", severity: high, words: words{"Buildkite token", "Buildkite のトークン", toCode, "https://buildkite.com/user/api-access-tokens"}}, hex40("bkua_")),
		forms(detector{id: "sonar-token", severity: medium, words: words{"SonarQube token", "SonarQube のトークン", toCode, "SonarQube: My Account > Security"}}, hex40("squ_"), hex40("sqp_"), hex40("sqa_")),
		forms(detector{id: "linear-token", severity: high, words: words{"Linear API key", "Linear の API キー", toData, "https://linear.app/settings/api"}},
			form{"lin_api_", alnum, 40, 40, digitsAndLetters(8, 3.5)}, form{"lin_oauth_", lowerHex, 64, 64, nil}),
		forms(detector{id: "sentry-token", severity: medium, words: words{"Sentry token", "Sentry のトークン", toData, "https://sentry.io/settings/account/api/auth-tokens/"}},
			form{"sntryu_", lowerHex, 64, 64, nil}, form{"sntrys_", newSet("09azAZ", "_+/="), 100, 600, func(t []byte) (string, bool) {
				body, _, ok := strings.Cut(string(t[len("sntrys_"):]), "_")
				level, good := jsonBase64(0, "iat", "org")([]byte(body))
				return level, ok && good
			}}),
	}
}

// routable asks for the parts of GitLab's newer tokens: a payload, a length and
// seven digits of a checksum.
func routable(prefix int) func([]byte) (string, bool) {
	return func(t []byte) (string, bool) {
		parts := strings.Split(string(t[prefix:]), ".")
		if len(parts) < 2 || len(parts[0]) < 20 || len(parts[len(parts)-1]) < 7 || len(parts[len(parts)-1]) > 9 {
			return "", false
		}
		return levelForm, mixed([]byte(parts[0]), 3)
	}
}

// checkedTail asks for "=" and eight hex digits, Atlassian's checksum.
func checkedTail(t []byte) (string, bool) {
	i := strings.IndexByte(string(t), '=')
	if i != len(t)-9 {
		return "", false
	}
	for _, c := range t[i+1:] {
		if !anyHex[c] {
			return "", false
		}
	}
	return levelStructure, mixed(t[:i], 4)
}

// packageTokens let publish packages and images.
func packageTokens() []*detector {
	return []*detector{
		forms(detector{id: "npm-token", severity: critical, words: words{"npm access token", "npm のアクセストークン", toPublish, "https://www.npmjs.com/settings/~/tokens"}},
			form{"npm_", alnum, 36, 36, tailCRC}),
		forms(detector{id: "pypi-token", severity: critical, words: words{"PyPI token", "PyPI のトークン", toPublish, "https://pypi.org/manage/account/"}},
			form{"pypi-", urlSafe, 80, 1000, macaroon}),
		forms(detector{id: "rubygems-token", severity: critical, words: words{"RubyGems API key", "RubyGems の API キー", toPublish, "https://rubygems.org/profile/api_keys"}},
			form{"rubygems_", lowerHex, 48, 48, nil}),
		forms(detector{id: "crates-token", severity: critical, words: words{"crates.io token", "crates.io のトークン", toPublish, "https://crates.io/settings/tokens"}},
			form{"cio", alnum, 32, 32, digitsAndLetters(3, 4)}),
		forms(detector{id: "packagist-token", severity: high, words: words{"Private Packagist token", "Private Packagist のトークン", toPublish, "https://packagist.com/"}},
			form{"packagist_ack_", lowerHex, 28, 32, digitsAndLetters(14, 3)}, form{"packagist_acs_", lowerHex, 64, 96, digitsAndLetters(14, 3)}, form{"packagist_ort_", lowerHex, 68, 68, digitsAndLetters(14, 3)}),
		forms(detector{id: "deno-token", severity: high, words: words{"Deno Deploy token", "Deno Deploy のトークン", toCloud, "https://dash.deno.com/account#access-tokens"}},
			form{"ddp_", alnum, 36, 36, digitsAndLetters(4, 3.8)}, form{"ddo_", alnum, 36, 36, digitsAndLetters(4, 3.8)}),
		forms(detector{id: "nuget-key", severity: critical, words: words{"NuGet API key", "NuGet の API キー", toPublish, "https://www.nuget.org/account/apikeys"}},
			form{"oy2", lowerNum, 43, 43, digitsAndLetters(3, 3.8)}),
		forms(detector{id: "docker-hub-token", severity: critical, words: words{"Docker Hub token", "Docker Hub のトークン", toPublish, "https://app.docker.com/settings/personal-access-tokens"}},
			form{"dckr_pat_", urlSafe, 27, 27, digitsAndLetters(9, 3)}, form{"dckr_oat_", urlSafe, 32, 32, digitsAndLetters(9, 3)}),
		forms(detector{id: "jfrog-token", severity: high, words: words{"JFrog API key", "JFrog の API キー", toPublish, "JFrog: Administration > User Management"}},
			form{"AKCp", alnum, 69, 69, digitsAndLetters(4, 4)}, form{"cmVmdGtuOj", alnum, 54, 54, digitsAndLetters(10, 4)}),
	}
}

// cloudTokens open accounts with providers of machines and storage.
func cloudTokens() []*detector {
	hex64 := func(prefix string) form { return form{prefix, lowerHex, 64, 64, nil} }
	return []*detector{
		awsID(), awsSecret(), azureKey(), azureSecret(), azureAnnotated(), serviceAccount(),
		forms(detector{id: "google-api-key", severity: medium, words: words{"Google API key", "Google の API キー", toBill, "https://console.cloud.google.com/apis/credentials"}},
			form{"AIza", urlSafe, 35, 35, digitsAndLetters(4, 3.5)}),
		forms(detector{id: "google-oauth-secret", severity: high, words: words{"Google OAuth client secret", "Google の OAuth クライアントシークレット", toData, "https://console.cloud.google.com/apis/credentials"}},
			form{"GOCSPX-", urlSafe, 28, 28, digitsAndLetters(7, 3)}),
		forms(detector{id: "google-access-token", severity: high, words: words{"Google access token", "Google のアクセストークン", toCloud, "https://myaccount.google.com/permissions"}},
			form{"ya29.", urlSafe, 100, 1000, digitsAndLetters(5, 4.5)}),
		forms(detector{id: "onepassword-token", severity: critical, words: words{"1Password service account token", "1Password のサービスアカウントトークン", toData, "https://my.1password.com/"}},
			form{"ops_eyJ", newSet("09azAZ", "_-+/="), 250, 4000, func(t []byte) (string, bool) { return jsonBase64(4, "email", "secretKey")(t) }}),
		forms(detector{id: "elastic-cloud-key", severity: high, words: words{"Elastic Cloud API key", "Elastic Cloud の API キー", toData, "https://cloud.elastic.co/account/keys"}},
			form{"essu_", base64Set, 92, 96, digitsAndLetters(5, 4)}),
		forms(detector{id: "alibaba-access-key", severity: high, words: words{"Alibaba Cloud access key", "Alibaba Cloud のアクセスキー", toCloud, "https://ram.console.aliyun.com/"}},
			form{"LTAI", alnum, 20, 20, digitsAndLetters(4, 3.5)}),
		forms(detector{id: "tencent-secret-id", severity: high, words: words{"Tencent Cloud secret id", "Tencent Cloud の SecretId", toCloud, "https://console.cloud.tencent.com/cam/capi"}},
			form{"AKID", alnum, 32, 32, digitsAndLetters(4, 4)}),
		forms(detector{id: "digitalocean-token", severity: critical, words: words{"DigitalOcean token", "DigitalOcean のトークン", toCloud, "https://cloud.digitalocean.com/account/api/tokens"}},
			hex64("dop_v1_"), hex64("doo_v1_"), hex64("dor_v1_")),
		forms(detector{id: "heroku-token", severity: critical, words: words{"Heroku API key", "Heroku の API キー", toCloud, "https://dashboard.heroku.com/account"}},
			form{"HRKU-AA", urlSafe, 58, 58, digitsAndLetters(7, 4)}),
		forms(detector{id: "netlify-token", severity: high, words: words{"Netlify token", "Netlify のトークン", toCloud, "https://app.netlify.com/user/applications"}},
			form{"nfp_", alnum, 36, 36, digitsAndLetters(4, 3.8)}),
		forms(detector{id: "fly-token", severity: high, words: words{"Fly.io token", "Fly.io のトークン", toCloud, "https://fly.io/user/personal_access_tokens"}},
			form{"fm2_", base64Set, 100, 2000, digitsAndLetters(4, 4)}, form{"fo1_", urlSafe, 43, 43, digitsAndLetters(4, 4)}),
		forms(detector{id: "cloudflare-origin-ca-key", severity: high, words: words{"Cloudflare Origin CA key", "Cloudflare の Origin CA キー", toCloud, "https://dash.cloudflare.com/profile/api-tokens"}},
			form{"v1.0-", newSet("09af", "-"), 171, 171, func(t []byte) (string, bool) {
				return levelForm, t[len("v1.0-")+24] == '-' && strings.Count(string(t), "-") == 2
			}}),
		forms(detector{id: "vault-token", severity: critical, words: words{"HashiCorp Vault token", "HashiCorp Vault のトークン", toCloud, "vault token revoke"}},
			form{"hvs.", urlSafe, 24, 200, digitsAndLetters(4, 3.5)}, form{"hvb.", urlSafe, 90, 400, digitsAndLetters(4, 4)}, form{"hvr.", urlSafe, 90, 400, digitsAndLetters(4, 4)}),
		terraformCloud(),
		forms(detector{id: "pulumi-token", severity: critical, words: words{"Pulumi token", "Pulumi のトークン", toCloud, "https://app.pulumi.com/account/tokens"}},
			form{"pul-", lowerHex, 40, 40, nil}),
		forms(detector{id: "doppler-token", severity: critical, words: words{"Doppler token", "Doppler のトークン", toCloud, "https://dashboard.doppler.com/"}},
			form{"dp.pt.", alnum, 40, 44, digitsAndLetters(6, 4)}, form{"dp.st.", urlDots, 40, 80, digitsAndLetters(6, 3.8)}, form{"dp.sa.", alnum, 40, 44, digitsAndLetters(6, 4)}),
		forms(detector{id: "tailscale-key", severity: critical, words: words{"Tailscale key", "Tailscale のキー", toCloud, "https://login.tailscale.com/admin/settings/keys"}},
			form{"tskey-", newSet("09azAZ", "-"), 30, 80, func(t []byte) (string, bool) {
				p := strings.Split(string(t), "-")
				return levelForm, len(p) == 4 && slices.Contains([]string{"auth", "api", "client", "scim", "webhook"}, p[1]) && len(p[2]) >= 10 && len(p[3]) >= 16 && mixed([]byte(p[3]), 3)
			}}),
		forms(detector{id: "databricks-token", severity: critical, words: words{"Databricks token", "Databricks のトークン", toData, "Databricks: Settings > Developer > Access tokens"}},
			form{"dapi", newSet("09af", "-"), 32, 34, func(t []byte) (string, bool) {
				rest := string(t[4+32:])
				return levelForm, !strings.Contains(string(t[4:36]), "-") && mixed(t[4:36], 3) && (rest == "" || len(rest) == 2 && rest[0] == '-')
			}}),
		forms(detector{id: "planetscale-token", severity: high, words: words{"PlanetScale credential", "PlanetScale の認証情報", toData, "https://app.planetscale.com/"}},
			form{"pscale_tkn_", urlDots, 32, 64, digitsAndLetters(11, 3.8)}, form{"pscale_pw_", urlDots, 32, 64, digitsAndLetters(10, 3.8)}),
		forms(detector{id: "supabase-token", severity: critical, words: words{"Supabase token", "Supabase のトークン", toData, "https://supabase.com/dashboard/account/tokens"}},
			form{"sbp_", lowerHex, 40, 40, nil}, form{"sb_secret_", urlSafe, 31, 31, digitsAndLetters(10, 3.5)}),
	}
}

// serviceTokens open services that run or watch software.
func serviceTokens() []*detector {
	return []*detector{
		forms(detector{id: "grafana-token", severity: high, words: words{"Grafana token", "Grafana のトークン", toData, "Grafana: Administration > Service accounts"}},
			form{"glsa_", wordSet, 41, 41, grafana}, form{"glc_", base64Set, 32, 400, jsonBase64(4, "o", "n", "k")}, form{"eyJrIjoi", base64Set, 60, 400, jsonBase64(0, "k", "n", "id")}),
		forms(detector{id: "new-relic-key", severity: high, words: words{"New Relic key", "New Relic のキー", toData, "https://one.newrelic.com/api-keys"}},
			form{"NRAK-", upperNum, 27, 27, digitsAndLetters(5, 3.3)}, form{"NRII-", urlSafe, 32, 32, digitsAndLetters(5, 3.5)}),
		forms(detector{id: "dynatrace-token", severity: high, words: words{"Dynatrace token", "Dynatrace のトークン", toData, "Dynatrace: Access tokens"}},
			form{"dt0c01.", urlDots, 89, 89, func(t []byte) (string, bool) { return levelForm, t[7+24] == '.' && mixed(t[7+25:], 4) }}),
		forms(detector{id: "postman-key", severity: high, words: words{"Postman API key", "Postman の API キー", toData, "https://go.postman.co/settings/me/api-keys"}},
			form{"PMAK-", newSet("09af", "-"), 59, 59, func(t []byte) (string, bool) { return levelForm, t[5+24] == '-' && mixed(t[5:], 3) }}),
		forms(detector{id: "notion-token", severity: high, words: words{"Notion token", "Notion のトークン", toData, "https://www.notion.so/my-integrations"}},
			form{"ntn_", alnum, 46, 46, digitsAndLetters(4, 4)}, form{"secret_", alnum, 43, 43, digitsAndLetters(7, 4.2)}),
		forms(detector{id: "figma-token", severity: medium, words: words{"Figma token", "Figma のトークン", toData, "https://www.figma.com/settings"}},
			form{"figd_", urlSafe, 38, 46, digitsAndLetters(5, 4)}),
		forms(detector{id: "airtable-token", severity: high, words: words{"Airtable token", "Airtable のトークン", toData, "https://airtable.com/create/tokens"}},
			form{"pat", urlDots, 79, 79, func(t []byte) (string, bool) {
				return levelForm, t[3+14] == '.' && strings.Count(string(t), ".") == 1 && entropy(t[3+15:]) < 4.1 && mixed(t[3:17], 3)
			}}),
		forms(detector{id: "contentful-token", severity: high, words: words{"Contentful token", "Contentful のトークン", toData, "https://app.contentful.com/account/profile/cma_tokens"}},
			form{"CFPAT-", urlSafe, 43, 43, digitsAndLetters(6, 4)}),
		forms(detector{id: "infracost-key", severity: low, words: words{"Infracost API key", "Infracost の API キー", toBill, "https://dashboard.infracost.io/"}},
			form{"ico-", alnum, 32, 32, digitsAndLetters(4, 3.8)}),
	}
}

// messageTokens let send and read messages.
func messageTokens() []*detector {
	return []*detector{
		forms(detector{id: "slack-token", severity: high, words: words{"Slack token", "Slack のトークン", toMessages, "https://api.slack.com/apps"}},
			form{"xoxb-", newSet("09azAZ", "-"), 40, 90, slack(3)}, form{"xoxp-", newSet("09azAZ", "-"), 60, 100, slack(4)}, form{"xoxa-", newSet("09azAZ", "-"), 40, 100, slack(3)},
			form{"xoxr-", newSet("09azAZ", "-"), 40, 100, slack(3)}, form{"xoxs-", newSet("09azAZ", "-"), 40, 100, slack(4)}, form{"xoxe.xoxp-", newSet("09azAZ", "-"), 100, 300, digitsAndLetters(10, 4)},
			form{"xapp-", newSet("09azAZ", "-"), 80, 150, func(t []byte) (string, bool) {
				p := strings.Split(string(t), "-")
				return levelStructure, len(p) == 5 && len(p[4]) == 64 && strings.HasPrefix(p[2], "A") && mixed([]byte(p[4]), 3)
			}}),
		webhook("slack-webhook", "hooks.slack.com/", words{"Slack webhook", "Slack の Webhook", toMessages, "https://api.slack.com/apps"}, func(rest string) bool {
			p := strings.Split(rest, "/")
			switch {
			case len(p) == 4 && p[0] == "services", len(p) == 5 && p[0] == "workflows":
				return strings.HasPrefix(p[1], "T") && len(p[1]) >= 8 && len(p[2]) >= 8 && len(p[len(p)-1]) == 24 && mixed([]byte(p[len(p)-1]), 3.3)
			}
			return false
		}),
		webhook("discord-webhook", "/api/webhooks/", words{"Discord webhook", "Discord の Webhook", toMessages, "Discord: Server Settings > Integrations"}, func(rest string) bool {
			id, token, _ := strings.Cut(rest, "/")
			return len(id) >= 17 && len(id) <= 20 && strings.Trim(id, "0123456789") == "" && len(token) == 68 && mixed([]byte(token), 4)
		}),
		webhook("teams-webhook", ".webhook.office.com/webhookb2/", words{"Microsoft Teams webhook", "Microsoft Teams の Webhook", toMessages, "Teams: Channel > Connectors"}, func(rest string) bool {
			p := strings.Split(rest, "/")
			return len(p) >= 4 && len(p[0]) == 73 && p[1] == "IncomingWebhook" && len(p[2]) == 32 && mixed([]byte(p[2]), 3)
		}),
		telegram(), line(),
		forms(detector{id: "sendgrid-key", severity: high, words: words{"SendGrid API key", "SendGrid の API キー", toMessages, "https://app.sendgrid.com/settings/api_keys"}},
			form{"SG.", urlDots, 66, 66, func(t []byte) (string, bool) {
				return levelForm, t[3+22] == '.' && strings.Count(string(t), ".") == 2 && mixed(t[3:], 4)
			}}),
		forms(detector{id: "mailgun-key", severity: high, words: words{"Mailgun API key", "Mailgun の API キー", toMessages, "https://app.mailgun.com/settings/api_security"}},
			form{"key-", lowerHex, 32, 32, digitsAndLetters(4, 3)}),
		mailchimp(),
		forms(detector{id: "brevo-key", severity: high, words: words{"Brevo API key", "Brevo の API キー", toMessages, "https://app.brevo.com/settings/keys/api"}},
			form{"xkeysib-", newSet("09azAZ", "-"), 81, 81, func(t []byte) (string, bool) { return levelForm, t[8+64] == '-' && mixed(t[8:], 3.3) }}),
	}
}

// slack asks for n parts: numbers, then one of letters and digits.
func slack(n int) func([]byte) (string, bool) {
	return func(t []byte) (string, bool) {
		p := strings.Split(string(t), "-")[1:]
		if len(p) != n {
			return "", false
		}
		for _, number := range p[:n-1] {
			if len(number) < 9 || len(number) > 14 || strings.Trim(number, "0123456789") != "" {
				return "", false
			}
		}
		last := p[n-1]
		return levelStructure, len(last) >= 23 && len(last) <= 64 && mixed([]byte(last), 3)
	}
}

// payTokens move money or orders.
func payTokens() []*detector {
	return []*detector{
		forms(detector{id: "stripe-key", severity: critical, words: words{"Stripe live key", "Stripe の本番キー", toMoney, "https://dashboard.stripe.com/apikeys"}},
			form{"sk_live_", alnum, 24, 247, digitsAndLetters(8, 3.3)}, form{"rk_live_", alnum, 24, 247, digitsAndLetters(8, 3.3)}),
		forms(detector{id: "stripe-test-key", severity: low, words: words{"Stripe test key", "Stripe のテストキー", toMoney, "https://dashboard.stripe.com/test/apikeys"}},
			form{"sk_test_", alnum, 24, 247, digitsAndLetters(8, 3.3)}, form{"rk_test_", alnum, 24, 247, digitsAndLetters(8, 3.3)}),
		forms(detector{id: "stripe-webhook-secret", severity: medium, words: words{"Stripe webhook secret", "Stripe の Webhook シークレット", toMoney, "https://dashboard.stripe.com/webhooks"}},
			form{"whsec_", newSet("09azAZ", "+/="), 32, 64, digitsAndLetters(6, 3.5)}),
		forms(detector{id: "square-token", severity: critical, words: words{"Square token", "Square のトークン", toMoney, "https://developer.squareup.com/apps"}},
			form{"sq0atp-", urlSafe, 22, 22, digitsAndLetters(7, 3)}, form{"sq0csp-", urlSafe, 43, 43, digitsAndLetters(7, 4)}, form{"EAAA", urlSafe, 60, 60, digitsAndLetters(4, 4.3)}),
		forms(detector{id: "braintree-token", severity: critical, words: words{"PayPal Braintree token", "PayPal Braintree のトークン", toMoney, "https://www.braintreegateway.com/"}},
			form{"access_token$production$", newSet("09az", "$"), 49, 49, func(t []byte) (string, bool) {
				return levelStructure, t[len("access_token$production$")+16] == '$' && mixed(t[len("access_token$production$"):], 3)
			}}),
		forms(detector{id: "shopify-token", severity: critical, words: words{"Shopify token", "Shopify のトークン", toMoney, "https://admin.shopify.com/"}},
			form{"shpat_", anyHex, 32, 32, digitsAndLetters(6, 3)}, form{"shpss_", anyHex, 32, 32, digitsAndLetters(6, 3)}, form{"shpca_", anyHex, 32, 32, digitsAndLetters(6, 3)}, form{"shppa_", anyHex, 32, 32, digitsAndLetters(6, 3)}),
	}
}

// modelTokens use language models on somebody's bill.
func modelTokens() []*detector {
	return []*detector{
		openAI(),
		forms(detector{id: "anthropic-key", severity: high, words: words{"Anthropic API key", "Anthropic の API キー", toBill, "https://console.anthropic.com/settings/keys"}},
			form{"sk-ant-", urlSafe, 90, 120, func(t []byte) (string, bool) {
				kind, _, _ := strings.Cut(string(t[len("sk-ant-"):]), "-")
				return levelStructure, len(kind) >= 4 && len(kind) <= 9 && digits[kind[len(kind)-1]] && strings.HasSuffix(string(t), "AA") && mixed(t[20:], 4)
			}}),
		forms(detector{id: "hugging-face-token", severity: high, words: words{"Hugging Face token", "Hugging Face のトークン", toCode, "https://huggingface.co/settings/tokens"}},
			form{"hf_", letters, 34, 34, func(t []byte) (string, bool) { return levelForm, entropy(t[3:]) > 4 && manyCases(t[3:]) }},
			form{"api_org_", letters, 34, 34, func(t []byte) (string, bool) { return levelForm, entropy(t[8:]) > 4 && manyCases(t[8:]) }}),
		forms(detector{id: "openrouter-key", severity: high, words: words{"OpenRouter API key", "OpenRouter の API キー", toBill, "https://openrouter.ai/settings/keys"}}, form{"sk-or-v1-", lowerHex, 64, 64, digitsAndLetters(9, 3)}),
		forms(detector{id: "groq-key", severity: high, words: words{"Groq API key", "Groq の API キー", toBill, "https://console.groq.com/keys"}}, form{"gsk_", alnum, 52, 52, digitsAndLetters(4, 4)}),
		forms(detector{id: "replicate-token", severity: high, words: words{"Replicate token", "Replicate のトークン", toBill, "https://replicate.com/account/api-tokens"}}, form{"r8_", alnum, 37, 37, digitsAndLetters(3, 4)}),
		forms(detector{id: "xai-key", severity: high, words: words{"xAI API key", "xAI の API キー", toBill, "https://console.x.ai/"}}, form{"xai-", alnum, 80, 80, digitsAndLetters(4, 4.5)}),
		forms(detector{id: "perplexity-key", severity: high, words: words{"Perplexity API key", "Perplexity の API キー", toBill, "https://www.perplexity.ai/settings/api"}}, form{"pplx-", alnum, 48, 48, digitsAndLetters(5, 4)}),
	}
}

// manyCases says whether upper and lower case alternate as in random letters.
func manyCases(b []byte) bool {
	changes := 0
	for i := 1; i < len(b); i++ {
		if (b[i]&32 == 0) != (b[i-1]&32 == 0) {
			changes++
		}
	}
	return changes*4 >= len(b)
}
