// SPDX-License-Identifier: Apache-2.0

package livecheck

import "net/http"

// endpoint is what a vendor documents for asking whether a credential works:
// it reads who asks, and changes nothing.
type endpoint struct {
	// document is the vendor's page that describes the request.
	document string
	url      string // %s is the credential, where the vendor wants it there
	method   string // GET by default
	// header that carries the credential, "Authorization" by default, and what is
	// before it, "Bearer " by default ("-" for nothing).
	header, prefix string
	// more headers that the service wants.
	more map[string]string
	// active are statuses beside 2xx of a credential that works, without the right
	// to ask this; rejected those beside 401 of one that does not.
	active, rejected []int
	// elsewhere: other servers than this one know such credentials, so that a
	// refusal says nothing.
	elsewhere bool
	// envelope: the status is always 200, and "ok" of the body says it (Slack).
	envelope bool
	// accepts limits the check to credentials with one of these beginnings.
	accepts []string
}

var forbidden = []int{http.StatusForbidden}

// endpoints are those of the detectors. What is not here is not asked of anybody:
// a password, a key without a server, services without such a request.
func endpoints() map[string]endpoint {
	github := endpoint{document: "https://docs.github.com/en/rest/rate-limit/rate-limit", url: "https://api.github.com/rate_limit", more: map[string]string{"X-GitHub-Api-Version": "2022-11-28"}}
	stripe := endpoint{document: "https://docs.stripe.com/api/balance/balance_retrieve", url: "https://api.stripe.com/v1/balance", active: forbidden}
	return map[string]endpoint{
		"github-token":              github,
		"github-fine-grained-token": github,
		"gitlab-token":              {document: "https://docs.gitlab.com/api/personal_access_tokens/", url: "https://gitlab.com/api/v4/personal_access_tokens/self", elsewhere: true, accepts: []string{"glpat-"}},
		"slack-token":               {document: "https://docs.slack.dev/reference/methods/auth.test", url: "https://slack.com/api/auth.test", method: http.MethodPost, envelope: true, accepts: []string{"xoxb-", "xoxp-", "xoxe.xox"}},
		"stripe-key":                stripe,
		"stripe-test-key":           stripe,
		"sendgrid-key":              {document: "https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions", url: "https://api.sendgrid.com/v3/scopes"},
		"openai-key":                {document: "https://platform.openai.com/docs/api-reference/models/list", url: "https://api.openai.com/v1/models", active: forbidden},
		"anthropic-key":             {document: "https://docs.anthropic.com/en/api/models-list", url: "https://api.anthropic.com/v1/models", header: "X-Api-Key", prefix: "-", more: map[string]string{"Anthropic-Version": "2023-06-01"}},
		"groq-key":                  {document: "https://console.groq.com/docs/api-reference#models-list", url: "https://api.groq.com/openai/v1/models"},
		"hugging-face-token":        {document: "https://huggingface.co/docs/hub/api", url: "https://huggingface.co/api/whoami-v2"},
		"replicate-token":           {document: "https://replicate.com/docs/reference/http", url: "https://api.replicate.com/v1/account"},
		"digitalocean-token":        {document: "https://docs.digitalocean.com/reference/api/", url: "https://api.digitalocean.com/v2/account", active: forbidden, accepts: []string{"dop_v1_"}},
		"heroku-token":              {document: "https://devcenter.heroku.com/articles/platform-api-reference#account-info", url: "https://api.heroku.com/account", active: forbidden, more: map[string]string{"Accept": "application/vnd.heroku+json; version=3"}},
		"circleci-token":            {document: "https://circleci.com/docs/api/v2/#operation/getCurrentUser", url: "https://circleci.com/api/v2/me", header: "Circle-Token", prefix: "-"},
		"buildkite-token":           {document: "https://buildkite.com/docs/apis/rest-api/access-token", url: "https://api.buildkite.com/v2/access-token"},
		"netlify-token":             {document: "https://docs.netlify.com/api/get-started/", url: "https://api.netlify.com/api/v1/user"},
		"pulumi-token":              {document: "https://www.pulumi.com/docs/pulumi-cloud/reference/cloud-rest-api/", url: "https://api.pulumi.com/api/user", prefix: "token "},
		"postman-key":               {document: "https://www.postman.com/postman/postman-public-workspace/documentation/", url: "https://api.getpostman.com/me", header: "X-Api-Key", prefix: "-"},
		"notion-token":              {document: "https://developers.notion.com/reference/get-self", url: "https://api.notion.com/v1/users/me", active: forbidden, more: map[string]string{"Notion-Version": "2022-06-28"}},
		"figma-token":               {document: "https://developers.figma.com/docs/rest-api/users-endpoints/", url: "https://api.figma.com/v1/me", header: "X-Figma-Token", prefix: "-", rejected: forbidden},
		"discord-bot-token":         {document: "https://discord.com/developers/docs/resources/user#get-current-user", url: "https://discord.com/api/v10/users/@me", prefix: "Bot "},
		"telegram-bot-token":        {document: "https://core.telegram.org/bots/api#getme", url: "https://api.telegram.org/bot%s/getMe", rejected: []int{http.StatusNotFound}},
		"line-channel-token":        {document: "https://developers.line.biz/en/reference/messaging-api/#get-bot-info", url: "https://api.line.me/v2/bot/info", active: forbidden},
		// Signed, see sign: the id and the secret are found apart.
		awsSecret: {document: "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html", url: "https://sts.amazonaws.com/", method: http.MethodPost, rejected: forbidden},
	}
}

// awsSecret is the detector of one half of a pair; the other is [Claim.Beside].
const awsSecret = "aws-secret-access-key" //nolint:gosec // the name of a detector
