// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// mistakes are the findings of the shell room in the scripts of RUN, by code,
// worked out once for a file.
func (f *File) mistakes() map[string][]mistakeAt {
	if f.shellMistakes != nil {
		return f.shellMistakes
	}
	f.shellMistakes = map[string][]mistakeAt{}
	known := f.knownVariables()
	f.Runs(func(s *Script) {
		if s.Exec {
			return
		}
		for _, found := range s.Findings(known) {
			f.shellMistakes[found.Code] = append(f.shellMistakes[found.Code], mistakeAt{s, found})
		}
	})
	return f.shellMistakes
}

// knownVariables are those that the scripts get from outside.
func (f *File) knownVariables() map[string]bool {
	// What any line of the file declares counts as set: the room of the shell is
	// to find misspelt names, and the rule undefined-variable finds the rest.
	known := map[string]bool{}
	f.pairs(func(p pair) { known[p.name] = true })
	for name := range predefined {
		known[name] = true
	}
	for _, name := range platformArgs {
		known[name] = true
	}
	for _, s := range f.Statements {
		for _, m := range s.Mounts() {
			if m.Env != nil {
				known[*m.Env] = true
			}
		}
	}
	return known
}

// mistakeAt is a finding of the shell room with its script.
type mistakeAt struct {
	script *Script
	shell.Finding
}

// shellRule is a rule over one code of ShellCheck's.
func shellRule(id, code string, severity sekisho.Severity, off bool) check.Rule[*File] {
	c, _ := shell.Explain(code)
	because := words("It goes wrong with some values, and those of a build are mostly your own.", "特定の値でのみ問題になり、ビルドの値は大抵自分で決めたものです。")
	if c.Style {
		because = words("Style.", "書き方の問題です。")
	}
	return check.Rule[*File]{
		Rule: sekisho.Rule{
			ID: id, Aliases: []string{code}, Severity: severity, Stages: build, Off: off,
			Because: because, Title: c.Title, Why: c.Why, Fix: c.Fix,
		},
		Judge: func(f *File, found func(check.Hit)) {
			for _, m := range f.mistakes()[code] {
				found(m.script.Hit(m.Span, m.Arg))
			}
		},
	}
}

// Quotes are off by default: in a build nearly all values are the author's own,
// and nearly every file has such a place.
var (
	_ = rules.Add(shellRule("unquoted-variable", "SC2086", sekisho.SeverityNegligible, true))
	_ = rules.Add(shellRule("unquoted-command", "SC2046", sekisho.SeverityNegligible, true))
	_ = rules.Add(shellRule("unquoted-array", "SC2068", sekisho.SeverityLow, false))
	_ = rules.Add(shellRule("unquoted-arguments", "SC2048", sekisho.SeverityLow, false))
	_ = rules.Add(shellRule("unset-variable", "SC2154", sekisho.SeverityLow, false))
	_ = rules.Add(shellRule("unchecked-cd", "SC2164", sekisho.SeverityLow, false))
	_ = rules.Add(shellRule("and-or-chain", "SC2015", sekisho.SeverityNegligible, false))
	_ = rules.Add(shellRule("echo-escape", "SC2028", sekisho.SeverityLow, false))
	_ = rules.Add(shellRule("dash-glob", "SC2035", sekisho.SeverityNegligible, false))
	_ = rules.Add(shellRule("masked-status", "SC2155", sekisho.SeverityNegligible, true))
	_ = rules.Add(shellRule("read-backslash", "SC2162", sekisho.SeverityNegligible, true))
	_ = rules.Add(shellRule("backticks", "SC2006", sekisho.SeverityNegligible, true))
	_ = rules.Add(shellRule("function-keyword", "SC2112", sekisho.SeverityLow, false))
)

// bashCodes are ShellCheck's codes for what bash has and sh has not.
func bashCodes() (out []string) {
	for _, c := range shell.Codes() {
		if strings.HasPrefix(c.ID, "SC3") {
			out = append(out, c.ID)
		}
	}
	return out
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "bashism", Aliases: append(bashCodes(), "SC2039"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("It works where sh happens to be bash.", "sh がたまたま bash の環境では動作します。"),
		Title:   words("sh may not know this: {0}", "sh では使えない可能性: {0}"),
		Why:     words("RUN uses /bin/sh, which is dash in Debian and ash in Alpine: the step fails there, or does something else without a word.", "RUN は /bin/sh を使います。Debian では dash、Alpine では ash のため、失敗するか、黙って別の動作をします。"),
		Fix:     words("SHELL [\"/bin/bash\", \"-c\"] above it, or write it as POSIX has it.", "手前に SHELL [\"/bin/bash\", \"-c\"] を置くか、POSIX の書き方に直します。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, code := range bashCodes() {
			for _, m := range f.mistakes()[code] {
				h := m.script.Hit(m.Span)
				h.Args = []string{h.Excerpt}
				found(h)
			}
		}
	},
})
