// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"cmp"
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// askBase asks for the user of the image that the last stage is built on, where
// the file does not say one and somebody can be asked.
func (f *File) askBase(ctx context.Context) {
	final := f.Final()
	if f.Settings == nil || f.Settings.BaseUser == nil || final == nil {
		return
	}
	root := final.Root()
	if at, _, _ := f.FinalUser(final); at != nil || !root.Known || root.Base == "scratch" || root.Base == "" {
		return
	}
	if user, ok := f.Settings.BaseUser(ctx, root.Base); ok {
		f.users = map[string]string{root.Base: user}
	}
}

// baseUser says what the configuration of a base image has as its user: as the
// image itself says where it was asked, else as far as its name tells.
func (f *File) baseUser(ref string) string {
	user, ok := f.users[ref]
	switch {
	case !ok:
		return baseUser(ref)
	case user == "" || rootUser(user):
		return "root"
	}
	return "other"
}

// Bounds of what the program ShellCheck is asked: scripts of a file, and the
// time that all of them may take together.
const (
	maxChecked   = 500
	checkingTime = 2 * time.Minute
)

// askShellCheck gives the scripts of RUN to the program ShellCheck, where there
// is one. What the rules of this room find by themselves is left out.
func (f *File) askShellCheck(ctx context.Context) error {
	if f.Settings == nil || f.Settings.Shell == nil {
		return nil
	}
	var scripts []*Script
	f.Runs(func(s *Script) {
		if !s.Exec {
			scripts = append(scripts, s)
		}
	})
	var failed error
	if len(scripts) > maxChecked {
		failed = message.Errorf("ShellCheck was asked about %d of %d scripts", maxChecked, len(scripts))
		scripts = scripts[:maxChecked]
	}
	ctx, cancel := context.WithTimeout(ctx, checkingTime)
	defer cancel()
	known := f.knownVariables()
	results, errs := make([][]check.ShellMistake, len(scripts)), make([]error, len(scripts))
	next := make(chan int)
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(scripts)) {
		all.Go(func() {
			for i := range next {
				results[i], errs[i] = f.Settings.Shell(ctx, scripts[i].Text, scripts[i].Dialect.String(), known)
			}
		})
	}
	for i := range scripts {
		next <- i
	}
	close(next)
	all.Wait()
	for i, list := range results {
		for _, m := range list {
			if _, own := shell.Explain(m.Code); !own {
				f.external = append(f.external, mistakeAt{scripts[i], shell.Finding{
					Code: m.Code, Message: m.Message, Span: shell.Span{Line: m.Line, Column: m.Column, EndLine: m.EndLine, EndColumn: m.EndColumn},
				}})
			}
		}
	}
	// One sentence is enough: the others say the same.
	return cmp.Or(append([]error{failed}, errs...)...)
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "shellcheck", Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("What the program says is mostly advice; what is dangerous has a rule of its own here.", "プログラムの指摘の多くは助言です。危険なものには個別のルールがあります。"),
		Title:   words("ShellCheck {0}: {1}", "ShellCheck の指摘 {0}: {1}"),
		Why:     words("The program ShellCheck, which --shellcheck asked for, says so of the script.", "--shellcheck で指定したプログラム ShellCheck が、このスクリプトについて指摘しています。"),
		Fix:     words("See https://www.shellcheck.net/wiki/{0}; # sekisho:ignore shellcheck above the RUN silences it.", "https://www.shellcheck.net/wiki/{0} を参照します。RUN の上に # sekisho:ignore shellcheck と書くと抑制できます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, m := range f.external {
			h := m.script.Hit(m.Span, m.Code, m.Message)
			h.Key = m.Code + " " + h.Excerpt
			found(h)
		}
	},
})
