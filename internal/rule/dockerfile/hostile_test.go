// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cputime"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is written to cost much costs little: megabytes of one thing.
func TestHostile(t *testing.T) {
	many := func(head, unit string, n int) string { return head + strings.Repeat(unit, n) }
	for name, text := range map[string]string{
		"variables":    many("FROM a\n", "ENV A=1\n", 9_000) + many("", "USER $B\n", 3_000),
		"doubling":     many("FROM a\nENV A=xxxxxxxxxx\n", "ENV A=$A$A$A$A\n", 2_000),
		"stages":       many("", "FROM a AS a\n", 5_000),
		"chain":        "FROM x AS s0\n" + many("", "FROM s0 AS s0\nRUN true\n", 3_000),
		"nested":       many("FROM a\nENV A=", "${A:-", 100_000),
		"nested words": many("FROM a\nENV A=", "${A:-x} ", 20_000),
		"onbuild":      many("FROM a\n", "ONBUILD ", 60_000),
		"heredocs":     many("FROM a\nRUN true ", "<<A ", 20_000),
		"heredoc":      "FROM a\nRUN <<A\n" + many("", "apt-get install x\n", 5_000) + "A\n",
		"heredoc open": many("FROM a\n", "RUN <<A\n", 5_000),
		"continued":    many("FROM a\nRUN x", " \\\n", 100_000),
		"comments":     many("FROM a\nRUN x \\\n", "# c\n", 100_000),
		"broken":       many("FROM a\n", "BROKEN\n", 4_000),
		"broken copy":  many("FROM a\n", "COPY x\n", 4_000),
		"copies":       many("FROM a\nCOPY", " a.tar", 30_000) + "/\nRUN tar xf a.tar\n",
		"tars":         many("FROM a\n", "COPY a.tar /\n", 500) + many("", "RUN tar xf b.tar\n", 2_000),
		"ports":        many("FROM a\nEXPOSE", " 1-99999999", 40_000),
		"labels":       many("FROM a\nLABEL", " a=$b", 30_000),
		"long line":    "FROM a\nRUN echo " + strings.Repeat("a", 1<<20),
		"pipes":        many("FROM a\nRUN curl x", " | cat", 9_000),
		"pipelines":    many("FROM a\nRUN true", "; curl x | tar x", 3_000),
		"uses":         many("FROM a\nRUN true", " && pip install x", 5_000),
		"ignores":      many("FROM a\n", "# hadolint ignore=DL3008\nCOPY x\n", 3_000),
		"binary":       strings.Repeat("\x00\xff\x7f\n", 4_000),
		"quotes":       many("FROM a\nENV A=", `"'`, 100_000),
		"secrets":      many("FROM a\nRUN x ", "TOKEN=a ", 40_000),
	} {
		t.Run(name, func(t *testing.T) {
			var j sekisho.Judgement
			took := cputime.Of(func() { j = judge(t, map[string][]byte{"Dockerfile": []byte(text)}, &check.Settings{}) })
			t.Logf("%d bytes in %v: %d findings, %d problems", len(text), took, len(j.Findings), len(j.Problems))
			if took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// Rewriting parses again and again: that too ends in time.
func TestHostileFix(t *testing.T) {
	many := func(head, unit string, n int) string { return head + strings.Repeat(unit, n) }
	for name, text := range map[string]string{
		"uses":     many("FROM a\nRUN true", " && pip install x", 3_000),
		"runs":     many("FROM debian\n", "RUN apt-get update && apt-get install x\n", 3_000),
		"commands": many("FROM debian\n", "CMD a b\n", 5_000),
		"pairs":    many("FROM debian\n", "ENV a b\n", 9_000),
		"stages":   many("FROM debian AS s\n", "FROM s AS S\nADD a b\n", 1_500),
		"ignores":  many("FROM a\n", "# hadolint ignore=DL3008\nADD x /\n", 3_000),
		"sudo":     many("FROM debian\nRUN sudo a", " && sudo a", 5_000),
	} {
		t.Run(name, func(t *testing.T) {
			var got Fixed
			took := cputime.Of(func() { got = Fix([]byte(text), FixOptions{Unsafe: true}) })
			t.Logf("%d bytes in %v: %d edits, %q", len(text), took, len(got.Edits), got.Mistake)
			if took > 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
