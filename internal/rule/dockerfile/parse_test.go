// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestKindOf(t *testing.T) {
	for name, want := range map[string]string{
		"Dockerfile": "dockerfile", "a/b/Dockerfile": "dockerfile", "Dockerfile.prod": "dockerfile", "web.Dockerfile": "dockerfile", "web.dockerfile": "dockerfile",
		"dockerfile": "dockerfile", "Containerfile": "dockerfile", "Containerfile.x": "dockerfile", "Dockerfile-dev": "", "MyDockerfile": "",
		"Dockerfile.md": "", "dockerfile.vim": "", "Dockerfile.j2": "", "dockerfile.go": "", "Dockerfile.dockerignore": "context", "a/.dockerignore": "context",
		".hadolint.yaml": "ignore", ".hadolint.yml": "ignore", "sub/.hadolint.yaml": "", "docker-compose.yml": "", "": "",
	} {
		if got := kindOf(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if (extractor{}).Wants(&sekisho.File{Path: "Dockerfile", Type: sekisho.TypeSymlink}) {
		t.Error("wants a link")
	}
}

// Each statement as "first-last keyword: logical line".
func TestSplit(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"plain":     {"FROM a\n\n# c\nRUN x\n", []string{"1-1 from: FROM a", "4-4 run: RUN x"}},
		"no end":    {"FROM a", []string{"1-1 from: FROM a"}},
		"crlf, bom": {"\xef\xbb\xbfFROM a\r\nRUN x \\\r\n  y\r\n", []string{"1-1 from: FROM a", "2-3 run: RUN x   y"}},
		"continued": {"FROM a\nRUN x \\\n# c\n\n  && y\nUSER z\n", []string{"1-1 from: FROM a", "2-5 run: RUN x   && y", "6-6 user: USER z"}},
		"escape":    {"# escape=`\nFROM a\nCOPY x `\n  c:\\\nUSER z\n", []string{"2-2 from: FROM a", "3-4 copy: COPY x   c:\\", "5-5 user: USER z"}},
		"escaped":   {"FROM a\nRUN x \\\\\nUSER z\n", []string{"1-1 from: FROM a", "2-2 run: RUN x \\\\", "3-3 user: USER z"}},
		"heredoc":   {"FROM a\nRUN <<A cat <<-'B'\nUSER x\nA\nFROM\n\tB\nUSER z\n", []string{"1-1 from: FROM a", "2-6 run: RUN <<A cat <<-'B'", "7-7 user: USER z"}},
		"no heredoc": {"FROM a\nRUN echo \"<<A\"\nENV X=<<A\nUSER z\n", []string{
			"1-1 from: FROM a", "2-2 run: RUN echo \"<<A\"", "3-3 env: ENV X=<<A", "4-4 user: USER z",
		}},
		"open heredoc": {"FROM a\nRUN <<A\nx\n", []string{"1-1 from: FROM a", "2-4 run: RUN <<A"}},
		"open line":    {"FROM a\nRUN x \\\n", []string{"1-1 from: FROM a", "2-2 run: RUN x "}},
		"empty":        {"", nil},
		"comments":     {"# a\n#b\n", nil},
	} {
		var got []string
		for _, s := range Parse([]byte(tt.text)).Statements {
			got = append(got, fmt.Sprintf("%d-%d %s: %s", s.First, s.Last, s.Keyword, s.Logical))
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestPlaces(t *testing.T) {
	f := Parse([]byte("FROM a\n  RUN one \\\n    # c\n\ttwo && \\\n three\nONBUILD RUN \\\n  x && y\n"))
	run := f.Statements[1]
	for word, want := range map[string]string{"RUN": "2:3", "one": "2:7", "two": "4:2", "three": "5:2"} {
		l, c := run.Place(strings.Index(run.Logical, word))
		if got := fmt.Sprintf("%d:%d", l, c); got != want {
			t.Errorf("%s at %s, want %s", word, got, want)
		}
	}
	trigger := f.Statements[2].Trigger
	for word, want := range map[string]string{"RUN": "6:9", "x": "7:3", "y": "7:8"} {
		l, c := trigger.Place(strings.Index(trigger.Logical, word))
		if got := fmt.Sprintf("%d:%d", l, c); got != want {
			t.Errorf("%s at %s, want %s", word, got, want)
		}
	}
}

func TestInheritance(t *testing.T) {
	f := Parse([]byte(`ARG TAG=1
ARG NONE
FROM a:$TAG AS Base
ARG TAG
ENV E=$TAG-x
ARG E=other
ARG OWN=1
USER app
WORKDIR /x
SHELL ["/bin/bash", "-c"]
FROM base AS next
WORKDIR y
USER $E
LABEL l=$OWN m=${NONE:-d} n=$TAG
FROM next
RUN true
FROM base:1
COPY --from=1 a b
`))
	if len(f.Stages) != 4 || f.Stages[0].Base != "a:1" || f.Stages[1].Parent != f.Stages[0] || f.Stages[2].Parent != f.Stages[1] || f.Stages[3].Parent != nil {
		t.Fatalf("%+v", f.Stages)
	}
	if !f.Stages[0].Used || !f.Stages[1].Used || f.Stages[2].Used {
		t.Error("used stages")
	}
	label := f.Statements[13]
	for word, want := range map[string]string{"$E": "1-x true []", "$OWN": "$OWN false [OWN]", "${NONE:-d}": "${NONE:-d} false []", "$TAG": "$TAG false [TAG]", `"a b"`: "a b true []", `\$E`: "$E true []"} {
		w := f.Expand(label, word)
		if got := fmt.Sprintf("%s %v %v", w.Text, w.Known, w.Undefined); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
	run := f.Statements[15]
	if dir, ok := f.Workdir(run); dir != "/x/y" || !ok {
		t.Error(dir, ok)
	}
	if _, user, known := f.FinalUser(f.Stages[2]); user != "1-x" || !known {
		t.Error(user, known)
	}
	if sh := f.shellOf(run); sh[0] != "/bin/bash" {
		t.Error(sh)
	}
	if _, user, _ := f.FinalUser(f.Stages[3]); user != "" {
		t.Error(user)
	}
}

func TestImages(t *testing.T) {
	for ref, want := range map[string]string{
		"debian":                     "docker.io library/debian  ",
		"debian:12":                  "docker.io library/debian 12 ",
		"x/y@sha256:00":              "docker.io x/y  sha256:00",
		"localhost/x:1":              "localhost x 1 ",
		"r.example.com:5000/x/y:1@d": "r.example.com:5000 x/y 1 d",
		"r.example.com:5000/x":       "r.example.com:5000 x  ",
		"index.docker.io/a/b":        "docker.io a/b  ",
		"":                           "docker.io library/  ",
	} {
		i := imageref.Parse(ref, "")
		if got := strings.Join([]string{i.Registry, i.Repository, i.Tag, i.Digest}, " "); got != want {
			t.Errorf("%q: %q, want %q", ref, got, want)
		}
	}
	for ref, want := range map[string]string{
		"scratch": "root", "debian:12": "root", "public.ecr.aws/docker/library/node:22": "root", "postgres:16": "", "ghcr.io/x/y:1": "",
		"gcr.io/distroless/base:nonroot": "other", "gcr.io/distroless/base": "root", "mcr.microsoft.com/dotnet/aspnet:8.0": "root", "mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled": "other",
		"registry.access.redhat.com/ubi9/ubi-minimal:9.4": "root", "registry.access.redhat.com/ubi9/nodejs-20": "", "bitnami/redis:7": "other", "nginxinc/nginx-unprivileged:1": "other",
	} {
		if got := baseUser(ref); got != want {
			t.Errorf("%s runs as %q, want %q", ref, got, want)
		}
	}
}

// found are the rules that find something, with who silenced it.
func found(t *testing.T, files map[string]string, s *check.Settings) []string {
	t.Helper()
	raw := map[string][]byte{}
	for name, text := range files {
		raw[name] = []byte(text)
	}
	var out []string
	for _, f := range judge(t, raw, s).Findings {
		line := fmt.Sprintf("%d %s %s", f.Location.Line, f.Rule, f.Severity)
		if f.Suppressed != nil {
			line += " by " + f.Suppressed.By + " " + f.Suppressed.Reason
		}
		out = append(out, strings.TrimSpace(line))
	}
	return out
}

func TestSilences(t *testing.T) {
	s := &check.Settings{Only: []string{"run-as-root", "apt-command"}}
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"hadolint":          {"FROM debian:12\n# hadolint ignore=DL3027\nRUN true \\\n && apt update\nRUN apt update\nUSER 1\n", []string{"4 apt-command negligible by hadolint", "5 apt-command negligible"}},
		"checkov, anywhere": {"FROM debian:12\nRUN apt update\nUSER 1\n# checkov:skip=CKV_DOCKER_9: why not\n", []string{"2 apt-command negligible by checkov why not"}},
		"buildkit":          {"# check=skip=DL3027\nFROM debian:12\nRUN apt update\nUSER 1\n", []string{"3 apt-command negligible by buildkit"}},
		"trivy":             {"FROM debian:12\n#trivy:ignore:DS002\nUSER root\n", []string{"3 run-as-root high by trivy"}},
		"own":               {"FROM debian:12\n# sekisho:ignore run-as-root reason=\"init\"\nUSER root\n", []string{"3 run-as-root high by sekisho init"}},
		"inside":            {"FROM debian:12\nRUN true \\\n # hadolint ignore=DL3027\n && apt update\nUSER root\n", []string{"4 apt-command negligible", "5 run-as-root high"}},
	} {
		if d := cmp.Diff(tt.want, found(t, map[string]string{"Dockerfile": tt.text}, s)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestHadolintConfiguration(t *testing.T) {
	text := "FROM quay.io/x:1\n# hadolint ignore=DL3002\nUSER root\nRUN apt update\nLABEL a=b\n"
	config := "ignored:\n  - DL3027\noverride:\n  error: [DL3050]\n  info:\n    - DL3002\ntrustedRegistries: [docker.io]\nlabel-schema:\n  a: url\nstrict-labels: true\ndisable-ignore-pragma: true\n"
	only := []string{"run-as-root", "apt-command", "registry-not-allowed", "label-form", "label-unknown"}
	for _, name := range []string{".hadolint.yaml", ".hadolint.yml"} {
		got := found(t, map[string]string{"Dockerfile": text, name: config}, &check.Settings{Only: only})
		want := []string{"1 registry-not-allowed high", "5 label-form low", "4 apt-command negligible by hadolint " + name, "3 run-as-root low"}
		if d := cmp.Diff(sorted(want), sorted(got)); d != "" {
			t.Error(d)
		}
	}
	// The user's own settings stand above the file's.
	got := found(t, map[string]string{"Dockerfile": text, ".hadolint.yaml": config}, &check.Settings{
		Only: only, Severities: map[string]sekisho.Severity{"DL3002": sekisho.SeverityCritical}, Registries: []string{"quay.io"},
	})
	if d := cmp.Diff(sorted([]string{"5 label-form low", "4 apt-command negligible by hadolint .hadolint.yaml", "3 run-as-root critical"}), sorted(got)); d != "" {
		t.Error(d)
	}
	j := judge(t, map[string][]byte{"Dockerfile": []byte(text), ".hadolint.yaml": []byte("ignored: [\n")}, nil)
	if len(j.Problems) != 1 || j.Problems[0].Path != ".hadolint.yaml" {
		t.Error(j.Problems)
	}
}

func sorted(list []string) []string {
	out := append([]string(nil), list...)
	for i := range out {
		for k := i; k > 0 && out[k] < out[k-1]; k-- {
			out[k], out[k-1] = out[k-1], out[k]
		}
	}
	return out
}

func TestSecretsAreMasked(t *testing.T) {
	for text, want := range map[string]string{
		"RUN curl -u user:hunter2 https://x":                               "RUN curl -u **** https://x",
		"RUN curl -u user https://x":                                       "RUN curl -u user https://x",
		"RUN git clone https://u:hunter2@example.com/x":                    "RUN git clone https://u:****@example.com/x",
		"RUN DB_PASSWORD=hunter2 make":                                     "RUN DB_PASSWORD=**** make",
		"RUN DB_PASSWORD=$P make":                                          "RUN DB_PASSWORD=$P make",
		"ENV DB_PASSWORD hunter2":                                          "ENV DB_PASSWORD ****",
		`RUN curl -H "Authorization: Bearer hunter2" x`:                    `RUN curl -H "Authorization: Bearer ****" x`,
		"RUN x ghp_" + strings.Repeat("a", 36):                             "RUN x ****",
		"RUN apt-get install -y --no-install-recommends libpam-passwdqc x": "RUN apt-get install -y --no-install-recommends libpam-passwdqc x",
	} {
		if got := maskText(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	j := judge(t, map[string][]byte{"Dockerfile": []byte("FROM a\nENV DB_PASSWORD=hunter2 A=$B\nARG TOKEN=hunter2\nRUN echo root:hunter2 | chpasswd && curl -ku a:hunter2 https://x | sh\nLABEL password=hunter2\nCOPY hunter2 x y\nMAINTAINER\n")}, nil)
	for _, f := range j.Findings {
		if f.Rule != "copy-relative" && f.Rule != "copy-destination" && strings.Contains(fmt.Sprint(f), "hunter2") {
			t.Errorf("%s shows the secret: %+v", f.Rule, f)
		}
	}
}

func TestBoundsAndProblems(t *testing.T) {
	in := &sekisho.Input{Path: "Dockerfile", Size: maxFile + 1}
	if _, err := (extractor{}).Extract(t.Context(), in); err == nil {
		t.Error("a file of any size is taken")
	}
	j := judge(t, map[string][]byte{"Dockerfile": []byte("FROM a\n" + strings.Repeat("RUN true\n", maxStatements))}, nil)
	if len(j.Problems) != 1 {
		t.Error(j.Problems)
	}
	for text, want := range map[string]string{
		strings.Repeat("${A:-", 200) + strings.Repeat("}", 200): "nested",
		strings.Repeat("x \\\n", maxStatement):                  "longer",
		strings.Repeat("${A} ", 200):                            "",
	} {
		f := Parse([]byte("FROM a\nENV A=\"" + text + "\"\nUSER root\n"))
		if got := f.Statements[1].Mistake; want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%.20q: %q, want %q", text, got, want)
		}
		if f.Statements[len(f.Statements)-1].Command == nil {
			t.Errorf("%.20q: what follows was not read", text)
		}
	}
	inv := &sekisho.Inventory{Resources: []sekisho.Resource{{Kind: sekisho.ResourceDockerfile, Text: []byte("FROM a\nUSER root\n"), Location: sekisho.Location{Path: "Dockerfile", Hidden: true}}}}
	if j, err := Checker(nil).Check(t.Context(), inv); err != nil || len(j.Findings) > 0 {
		t.Error("a hidden file is judged", err)
	}
}

// Every rule of the peers' lists that the table calls covered is an alias of one
// of ours.
func TestAliases(t *testing.T) {
	have := map[string]bool{}
	for _, r := range Rules() {
		for _, a := range r.Aliases {
			have[a] = true
		}
	}
	for _, list := range []string{
		"DL1001 DL3000 DL3001 DL3002 DL3003 DL3004 DL3006 DL3007 DL3008 DL3009 DL3010 DL3011 DL3012 DL3013 DL3014 DL3015 DL3016 DL3018 DL3019 DL3020 DL3021 DL3022 DL3023 DL3024 DL3025 DL3026 DL3027 DL3028 DL3029 DL3030 DL3032 DL3033 DL3034 DL3035 DL3036 DL3037 DL3038 DL3040 DL3041 DL3042 DL3043 DL3044 DL3045 DL3046 DL3047 DL3048 DL3049 DL3050 DL3051 DL3052 DL3053 DL3054 DL3055 DL3056 DL3057 DL3058 DL3059 DL3060 DL3061 DL3062 DL3063 DL3064 DL3065 DL3066 DL3067 DL4000 DL4001 DL4003 DL4004 DL4005 DL4006",
		"StageNameCasing FromAsCasing NoEmptyContinuation ConsistentInstructionCasing DuplicateStageName ReservedStageName JSONArgsRecommended MaintainerDeprecated UndefinedArgInFrom WorkdirRelativePath UndefinedVar MultipleInstructionsDisallowed LegacyKeyValueFormat RedundantTargetPlatform SecretsUsedInArgOrEnv InvalidDefaultArgInFrom FromPlatformFlagConstDisallowed CopyIgnoredFile ExposeProtoCasing ExposeInvalidFormat InvalidDefinitionDescription",
		"DS-0001 DS-0002 DS-0004 DS-0005 DS-0006 DS-0007 DS-0008 DS-0009 DS-0010 DS-0011 DS-0012 DS-0013 DS-0014 DS-0015 DS-0016 DS-0017 DS-0019 DS-0020 DS-0021 DS-0022 DS-0023 DS-0024 DS-0025 DS-0026 DS-0027 DS-0029 DS-0030 DS-0031",
		"CKV_DOCKER_1 CKV_DOCKER_2 CKV_DOCKER_3 CKV_DOCKER_4 CKV_DOCKER_5 CKV_DOCKER_6 CKV_DOCKER_7 CKV_DOCKER_8 CKV_DOCKER_9 CKV_DOCKER_10 CKV_DOCKER_11",
		"CKV2_DOCKER_1 CKV2_DOCKER_2 CKV2_DOCKER_3 CKV2_DOCKER_4 CKV2_DOCKER_5 CKV2_DOCKER_6 CKV2_DOCKER_7 CKV2_DOCKER_8 CKV2_DOCKER_9 CKV2_DOCKER_10 CKV2_DOCKER_11 CKV2_DOCKER_12 CKV2_DOCKER_13 CKV2_DOCKER_14 CKV2_DOCKER_15 CKV2_DOCKER_16 CKV2_DOCKER_17",
	} {
		for id := range strings.FieldsSeq(list) {
			if !have[id] {
				t.Errorf("no rule answers to %s", id)
			}
		}
	}
}

// The table of the peers' ids is written by hand: no rule may be missing in it.
func TestTableNamesEveryRule(t *testing.T) {
	text, err := os.ReadFile("../../../docs/rules-dockerfile.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Rules() {
		if !strings.Contains(string(text), "`"+r.ID+"`") {
			t.Errorf("docs/rules-dockerfile.md does not name %s", r.ID)
		}
		for _, a := range r.Aliases {
			for _, peer := range []string{"DL", "DS-", "CKV", "DKL", "CIS-D"} {
				if strings.HasPrefix(a, peer) && !strings.Contains(string(text), "| "+a+" | `"+r.ID+"` |") {
					t.Errorf("docs/rules-dockerfile.md does not say that %s is %s", a, r.ID)
				}
			}
		}
	}
}
