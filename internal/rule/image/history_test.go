// SPDX-License-Identifier: Apache-2.0

package image

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/sensitive"
)

func TestParseStep(t *testing.T) {
	for _, tt := range []struct {
		by         string
		verb, text string
		args       []Arg
		classic    bool
	}{
		// The classic builder, and Buildah, which writes as it did.
		{by: "/bin/sh -c #(nop) ADD file:0123 in / ", verb: "ADD", text: "file:0123 in /", classic: true},
		{by: `/bin/sh -c #(nop)  CMD ["sh" "-c" "a"]`, verb: "CMD", text: `["sh" "-c" "a"]`, classic: true},
		{by: "/bin/sh -c apk add curl", verb: "RUN", text: "apk add curl"},
		{by: "|2 A=1 B=two words /bin/sh -c make", verb: "RUN", text: "make", args: []Arg{{"A", "1"}, {"B", "two words"}}},
		{by: "|1 TOKEN=a=b= /bin/bash -o pipefail -c make", verb: "RUN", text: "make", args: []Arg{{"TOKEN", "a=b="}}},
		// BuildKit.
		{by: "RUN /bin/sh -c apk add curl # buildkit", verb: "RUN", text: "apk add curl"},
		{by: "RUN |1 TOKEN=x /bin/sh -c make # buildkit", verb: "RUN", text: "make", args: []Arg{{"TOKEN", "x"}}},
		{by: "RUN /bin/bash -euxo pipefail -c make a # buildkit", verb: "RUN", text: "make a"},
		{by: "RUN /app/tool --flag # buildkit", verb: "RUN", text: "/app/tool --flag"},
		{by: "COPY --chown=1:1 a b /c/ # buildkit", verb: "COPY", text: "--chown=1:1 a b /c/"},
		{by: "USER 1000", verb: "USER", text: "1000"},
		{by: "ENV A=b C=d", verb: "ENV", text: "A=b C=d"},
		{by: "RUN |1 TOKEN=two words /bin/ls /app # buildkit", verb: "RUN", text: "/bin/ls /app", args: []Arg{{"TOKEN", "two words"}}},
		// Others.
		{by: "", text: ""},
		{by: "bazel build //:image", text: "bazel build //:image"},
		{by: "# debian.sh --arch 'amd64' out/ 'bookworm'", text: "# debian.sh --arch 'amd64' out/ 'bookworm'"},
		{by: "|x /bin/sh -c a", verb: "RUN", text: "|x /bin/sh -c a"},
		{by: "|3", verb: "RUN", text: ""},
		{by: "/bin/sh -c", text: "/bin/sh -c"},
		{by: "/bin/bash -o pipefail", text: "/bin/bash -o pipefail"},
		{by: "/bin/sh -", text: "/bin/sh -"},
	} {
		s := parseStep(tt.by)
		if s.Verb != tt.verb || s.Text != tt.text || s.Classic != tt.classic {
			t.Errorf("%q: %q %q %v", tt.by, s.Verb, s.Text, s.Classic)
		}
		if d := cmp.Diff(tt.args, s.Args); d != "" {
			t.Errorf("%q: %s", tt.by, d)
		}
	}
}

func TestSteps(t *testing.T) {
	history := []sekisho.History{{CreatedBy: "ADD a / # buildkit"}, {CreatedBy: "ENV A=b", EmptyLayer: true}, {CreatedBy: "RUN /bin/sh -c if then # buildkit"}}
	s := steps(history, 2)
	if s[0].Layer != 0 || s[1].Layer != -1 || s[2].Layer != 1 || s[2].unread == nil || s[2].script != nil {
		t.Errorf("%+v", s)
	}
	// A history that does not account for the layers names none.
	for _, step := range steps(history, 3) {
		if step.Layer != -1 {
			t.Errorf("%+v", step)
		}
	}
}

// What findings show of a step holds no secret.
func TestShownIsMasked(t *testing.T) {
	const secret = "s3cr3tpw99"
	for _, by := range []string{
		"ENV API_SECRET=" + secret + " B=c", `ENV B=c API_SECRET="` + secret + `"`, "ENV API_SECRET " + secret, "/bin/sh -c #(nop)  ENV DB_PASSWORD=" + secret,
		"RUN /bin/sh -c export TOKEN=" + secret + " && make # buildkit", "|1 TOKEN=" + secret + " /bin/sh -c make", "RUN |1 TOKEN=" + secret + " /bin/sh -c make # buildkit",
		"/bin/sh -c curl -u me:" + secret + " https://example.com", "/bin/sh -c git clone https://me:" + secret + "@example.com/a", `/bin/sh -c curl -H "Authorization: Bearer ` + secret + `" https://example.com`,
		"/bin/sh -c login --password=" + secret, "/bin/sh -c login --password " + secret, "LABEL com.example.token=" + secret,
	} {
		s := parseStep(by)
		if got := s.Shown(); strings.Contains(got, secret) {
			t.Errorf("%q is shown as %q", by, got)
		}
	}
	plain := parseStep("RUN /bin/sh -c apt-get install -y --no-install-recommends passwd openssl && passwd -l root # buildkit")
	if got := plain.Shown(); strings.Contains(got, mask) {
		t.Errorf("%q hides what is no secret", got)
	}
}

func TestSecretName(t *testing.T) {
	for name := range strings.FieldsSeq("PASSWORD DB_PASSWORD DB_PASS dbPassword API_KEY apiKey AWS_SECRET_ACCESS_KEY GITHUB_TOKEN NPM_TOKEN SECRET_KEY_BASE APP_KEY PRIVATE_KEY com.example.api-token REDIS_AUTH SLACK_API_TOKEN SERVICE_ACCOUNT_KEY LICENSE_KEY SIGNING_KEY") {
		if !secretName(name) {
			t.Errorf("%s is none", name)
		}
	}
	for name := range strings.FieldsSeq("PATH GPG_KEY GPG_KEYS POSTGRES_PASSWORD_FILE KEY MONKEY TOKEN_TTL AWS_ACCESS_KEY_ID PUBLIC_KEY SSH_AUTH_SOCK SECRET_NAME PASS_THROUGH AUTH_ENABLED BYPASS COMPASS TOKENIZERS_PARALLELISM KEYCLOAK_VERSION PWD OLDPWD MAX_TOKENS_LIMIT PASSWORD_MIN_LENGTH AUTHOR COPYRIGHT_AUTHORS TOKEN_URL SORT_KEY PARTITION_KEY _ -") {
		if secretName(name) {
			t.Errorf("%s is one", name)
		}
	}
}

func FuzzStep(f *testing.F) {
	for _, s := range []string{"|2 A=1 B=two words /bin/sh -c make", "RUN /bin/bash -o pipefail -c make a # buildkit", "/bin/sh -c #(nop) ADD file:0123 in / ", "ENV TOKEN=ghp_0123456789abcdefghijABCDEFGHIJ012345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, by string) {
		s := steps([]sekisho.History{{CreatedBy: by}}, 1)[0]
		if shown := s.Shown(); strings.Contains(shown, "ghp_0123456789abcdefghijABCDEFGHIJ012345") && s.Text != "" && !strings.Contains(by, "\\") && sensitive.All.In(shown) {
			t.Fatalf("%q is shown as %q", by, shown)
		}
	})
}
