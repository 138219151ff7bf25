// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/sensitive"
)

// pair is a variable that ENV or ARG sets.
type pair struct {
	at    *Statement
	name  string
	value string
	// given is false for ARG without a value.
	given bool
	env   bool
}

func (f *File) pairs(visit func(pair)) {
	for _, s := range f.Statements {
		if s.Trigger != nil {
			s = s.Trigger
		}
		switch c := s.Command.(type) {
		case *instructions.EnvCommand:
			for _, e := range c.Env {
				visit(pair{s, e.Key, e.Value, true, true})
			}
		case *instructions.ArgCommand:
			for _, a := range c.Args {
				visit(pair{s, a.Key, a.ValueString(), a.Value != nil, false})
			}
		}
	}
}

// noSecret are values that a variable with the name of a secret often has and
// that are none: what is empty, a placeholder, a path, a switch.
var noSecret = pattern.New(`(?i)^(?:true|false|yes|no|on|off|none|null|nil|0|1|unset|undefined|required|optional|changeme|change_me|change-me|changeit|replace[-_ ]?me|placeholder|dummy|fake|example|sample|xxx+|\*+|\.\.\.|<.*>|\[.*\]|\{\{.*\}\}|your[-_ ].*|todo|/.*|\./.*|file:.*)$`)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "secret-in-env", Aliases: ids("DL3064 DS-0031 SecretsUsedInArgOrEnv CIS-DI-0010"), Severity: sekisho.SeverityHigh, Stages: build,
		Because:    words("With a value that is no placeholder the secret is in the file and in the image: high. An ARG that takes one at build time is medium, low in a stage that is not part of the image; an empty or sample value is low.", "値が書かれていればシークレットがファイルとイメージの両方に残るため「重要」、ビルド時に受け取る ARG は「警告」(イメージに残らないステージでは「注意」)、空や見本の値は「注意」とします。"),
		Title:      words("{0} holds a secret", "{0} にシークレット"),
		Why:        words("ENV stays in the image's configuration and ARG in its history: docker inspect and docker history show both to whoever has the image.", "ENV はイメージの設定に、ARG は履歴に残り、イメージを持つ誰もが docker inspect や docker history で読めます。"),
		Fix:        words("For the build: RUN --mount=type=secret,id=...; for the program: a secret of the orchestrator, as a file.", "ビルド時は RUN --mount=type=secret,id=...、実行時はオーケストレーターのシークレットをファイルで渡します。"),
		References: ids("nist-800-190-4.1.4 cis-docker-4.10 cwe-798 cwe-526"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.pairs(func(p pair) {
			value := strings.Trim(p.value, `"'`)
			known := sensitive.All.In(value) || hasPassword(value)
			if !known && !Secret(p.name) {
				return
			}
			h := hitWord(p.at, p.name, p.name)
			h.Key = p.name
			h.Excerpt = strings.ToUpper(p.at.Keyword) + " " + p.name
			if p.given {
				h.Excerpt += "=" + mask
			}
			switch w := f.Expand(p.at, p.value); {
			case known:
			case strings.Contains(value, "$") && p.env:
				// ENV TOKEN=$TOKEN keeps what the ARG brought.
				if w.Known && (w.Text == "" || noSecret.MatchString(w.Text)) {
					h.Severity = sekisho.SeverityLow
				}
			case !p.given || value == "" && !p.env:
				h.Severity = sekisho.SeverityMedium
				if p.at.Stage == nil || !f.reaches(p.at.Stage) {
					h.Severity = sekisho.SeverityLow // not in the history of the image
				}
			case value == "" || noSecret.MatchString(value):
				h.Severity = sekisho.SeverityLow
			}
			found(h)
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "env-self-reference", Aliases: ids("DL3044"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("The value is another than the line says.", "見かけと異なる値になります。"),
		Title:   words("ENV uses {0}, which the same line sets", "同じ ENV の中で設定した {0} を参照"),
		Why:     words("All values of one ENV are worked out before any is set: the variable is empty, or has its old value.", "1 つの ENV の値はすべて設定前に評価されるため、変数は空か以前の値になります。"),
		Fix:     words("Write two ENV lines.", "ENV を 2 行に分けます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		all(f, func(s *Statement, c *instructions.EnvCommand) {
			if len(c.Env) < 2 {
				return
			}
			set := map[string]bool{}
			for _, e := range c.Env {
				set[e.Key] = true
			}
			for _, e := range c.Env {
				for _, name := range variables(e.Value) {
					// PATH=$PATH:/x adds to what was there before: meant so.
					if name == e.Key || !set[name] || s.Stage == nil {
						continue
					}
					if _, before := s.Stage.vars.at(name, s.order); !before && !predefined[name] {
						found(hitWord(s, e.Key, name))
					}
				}
			}
		})
	},
})

var variable = pattern.New(`\\.|\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// variables are the names that a word uses, without those behind a backslash.
func variables(word string) (out []string) {
	for _, m := range variable.FindAllStringSubmatch(word, -1) {
		if m[1] != "" {
			out = append(out, m[1])
		}
	}
	return out
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "legacy-key-value", Fixable: true, Aliases: ids("LegacyKeyValueFormat"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("It works.", "動作はします。"),
		Title:   words("{0} with a space in place of =", "{0} が = ではなく空白区切り"),
		Why:     words("Everything behind the first space is the value: a second variable on the line becomes part of it.", "最初の空白以降がすべて値になるため、同じ行の 2 つ目の変数も値の一部になります。"),
		Fix:     words("Write NAME=value.", "NAME=値 と書きます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, s := range f.Statements {
			var pairs instructions.KeyValuePairs
			switch c := s.Command.(type) {
			case *instructions.EnvCommand:
				pairs = c.Env
			case *instructions.LabelCommand:
				pairs = c.Labels
			}
			if len(pairs) > 0 && pairs[0].NoDelim {
				found(hit(s, strings.ToUpper(s.Keyword)))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "undefined-variable", Aliases: ids("UndefinedVar"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("Nothing breaks at once: an empty text takes the place.", "すぐには壊れませんが、空文字列に置き換わります。"),
		Title:   words("{0} is not set in this stage", "{0} はこのステージで定義されていない"),
		Why:     words("The name is empty here: a path, a version or a user ends elsewhere. ARG above the first FROM does not count inside a stage.", "ここでは空になり、パスやバージョン、ユーザーが意図と異なります。最初の FROM より前の ARG はステージ内では無効です。"),
		Fix:     words("Declare it in this stage: ARG {0}.", "このステージで ARG {0} を宣言します。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		declared := map[string]bool{}
		f.pairs(func(p pair) { declared[p.name] = true })
		for _, s := range f.Statements {
			if s.Stage == nil || s.Stage.From == s {
				continue
			}
			seen := map[string]bool{}
			for _, word := range expanded(s) {
				for _, name := range f.Expand(s, word).Undefined {
					// The base image may set it: only what the file declares
					// elsewhere is known to be meant.
					if seen[name] || !declared[name] && s.Stage.Root().Base != "scratch" {
						continue
					}
					seen[name] = true
					found(hitWord(s, name, name))
				}
			}
		}
	},
})

// expanded are the words of an instruction in which the builder resolves
// variables.
func expanded(s *Statement) (out []string) {
	switch c := s.Command.(type) {
	case *instructions.EnvCommand:
		for _, e := range c.Env {
			// NAME=${NAME} and NAME=x:$NAME add to what the base may have.
			if !slices.Contains(variables(e.Value), e.Key) {
				out = append(out, e.Value)
			}
		}
	case *instructions.LabelCommand:
		for _, e := range c.Labels {
			out = append(out, e.Value)
		}
	case *instructions.CopyCommand:
		out = append(slices.Clone(c.SourcePaths), c.DestPath, c.Chown, c.Chmod)
	case *instructions.AddCommand:
		out = append(slices.Clone(c.SourcePaths), c.DestPath, c.Chown, c.Chmod)
	case *instructions.WorkdirCommand:
		out = []string{c.Path}
	case *instructions.UserCommand:
		out = []string{c.User}
	case *instructions.ExposeCommand:
		out = c.Ports
	case *instructions.VolumeCommand:
		out = c.Volumes
	}
	return out
}
