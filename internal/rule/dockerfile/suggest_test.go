// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/check/checktest"
)

// Every rule that can be rewritten has an example in which that is suggested, but
// for those where somebody has to choose.
func TestSuggestions(t *testing.T) {
	got := checktest.Suggestions(t, Rules(), "testdata", judge)
	for _, id := range Fixable() {
		if got[id] == 0 && !guessed[id] {
			t.Errorf("no example of %s has a suggestion", id)
		}
		if got[id] > 0 && guessed[id] {
			t.Errorf("%s is suggested", id)
		}
	}
}

// suggestions are those of a Dockerfile, "rule LINE-LINE>text|text".
func suggestions(t *testing.T, text string) (out []string) {
	t.Helper()
	for _, f := range judge(t, map[string][]byte{"Dockerfile": []byte(text)}, &check.Settings{}).Findings {
		if s := f.Suggestion; s != nil {
			out = append(out, fmt.Sprintf("%s %d-%d>%s", f.Rule, s.Line, s.EndLine(), strings.Join(s.After, "|")))
		}
	}
	slices.Sort(out)
	return out
}

// Lines are those of the file, whatever stands above.
func TestSuggestedLines(t *testing.T) {
	const text = "# escape=\\\nFROM debian:12\n# \u540d\u524d\nRUN <<EOF\nset -eu\necho a\nEOF\nRUN\tapt-get update && \\\n    # what for\n\n    apt-get install \\\n      jq && rm -rf /var/lib/apt/lists/*\nUSER app\nCMD ./run \u540d\u524d\n"
	want := []string{
		"install-asks 11-11>    apt-get install -y \\",
		"recommended-packages 11-11>    apt-get install --no-install-recommends \\",
		"shell-form 14-14>CMD [\"./run\", \"\u540d\u524d\"]",
	}
	for name, text := range map[string]string{
		"as it is": text, "a byte order mark": "\ufeff" + text,
		"returns": strings.ReplaceAll(strings.ReplaceAll(text, "RUN <<EOF\nset -eu\necho a\nEOF\n", "RUN a\nRUN b\nRUN c\nRUN d\n"), "\n", "\r\n"),
	} {
		got := slices.DeleteFunc(suggestions(t, text), func(s string) bool { return strings.HasPrefix(s, "consecutive") })
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// A line with a secret is in no suggestion: neither as it is nor as it becomes.
func TestSuggestionsShowNoSecret(t *testing.T) {
	got := suggestions(t, "FROM debian:12\nENV API_PASSWORD hunter2secret\nENV MODE fast\nRUN apt-get update && curl -u ci:hunter2secret https://example.com/x && apt-get install -y --no-install-recommends jq\nUSER app\n")
	want := []string{"legacy-key-value 3-3>ENV MODE=fast"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Only what a finding is about is edited, and all that it needs.
func TestSuggestionsOfOneStatement(t *testing.T) {
	got := suggestions(t, "FROM alpine:3.20\nRUN apk add --no-cache git && pip install --no-cache-dir a==1 && pip install b==1 && pip install c==1\nUSER app\n")
	want := []string{"package-cache-left 2-2>RUN apk add --no-cache git && pip install --no-cache-dir a==1 && pip install --no-cache-dir b==1 && pip install --no-cache-dir c==1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	got = suggestions(t, "FROM debian:12\nRUN apt update && apt install -y --no-install-recommends jq && rm -rf /var/lib/apt/lists/*\nUSER app\n")
	if want := []string{"apt-command 2-2>RUN apt-get update && apt-get install -y --no-install-recommends jq && rm -rf /var/lib/apt/lists/*"}; !slices.Equal(got, want) {
		t.Error(got)
	}
}

// What is silenced is not suggested, and a file with a mistake is left alone.
func TestNotSuggested(t *testing.T) {
	for _, text := range []string{
		"FROM debian:12\n# sekisho:ignore legacy-key-value\nENV MODE fast\nUSER app\n",
		"FROM debian:12\nENV MODE fast\nCOPY\nUSER app\n",
		"ENV MODE fast\n",
	} {
		if got := suggestions(t, text); len(got) > 0 {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// The work for one file is bounded: a file that would need more has fewer.
func TestSuggestionsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("FROM debian:12\n")
	const n = 3000
	for i := range n {
		fmt.Fprintf(&b, "ENV A%d fast\n", i)
	}
	got := suggestions(t, b.String())
	if most := suggestedWork/b.Len() + 1; len(got) == 0 || len(got) > most {
		t.Errorf("%d suggestions, %d at most are wanted", len(got), most)
	}
}

// BenchmarkSuggestions is a file with a dozen suggestions beside the same without
// any rule that makes one: the difference is what they take.
func BenchmarkSuggestions(b *testing.B) {
	files := map[string][]byte{"Dockerfile": []byte("FROM debian:12 AS build\nENV A x\nENV B y\nMAINTAINER me\nADD app.conf /etc/app.conf\nWORKDIR srv\nRUN apt-get update && apt-get install curl git \\\n  make \\\n  gcc\nRUN apt-get install -y jq && pip install flask && curl -fsS https://example.com/x | tar xz\nCOPY a b c\nFROM debian:12\nRUN apk add git\nCMD node server.js\n")}
	for name, s := range map[string]*check.Settings{"with": {}, "without": {Off: Fixable()}} {
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = 0
				for _, f := range judge(b, files, s).Findings {
					if f.Suggestion != nil {
						n++
					}
				}
			}
			b.ReportMetric(float64(n), "suggestions")
		})
	}
}
