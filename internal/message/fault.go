// SPDX-License-Identifier: Apache-2.0

package message

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Fault is a text that a report carries under a code with its arguments, so that
// it can be shown in another language later: why something was not examined, or
// why a finding is one. Texts that errors carry (see [Errorf]) have a %w for the cause.
type Fault struct {
	Code string
	Text Text
}

// Words are the code, the arguments as texts, and the English of both.
func (f Fault) Words(args ...any) (code string, texts []string, english string) {
	for _, a := range args {
		texts = append(texts, fmt.Sprint(a))
	}
	return f.Code, texts, En.fill(f.Text, texts)
}

// fill puts arguments that are texts already into a text.
func (l Lang) fill(t Text, texts []string) string {
	args := make([]any, len(texts))
	for i, s := range texts {
		args[i] = s
	}
	return l.Of(t, args...)
}

// Unassessed begins the code of a problem whose other part says why packages
// were not assessed; its last argument are the packages.
const Unassessed = "not-assessed/"

// unassessed are packages that were not assessed: why, and which.
var unassessed = Text{"not assessed: %s (%s)", "未評価: %s (%s)"}

// UnassessedWords are those of a problem that says why packages were not assessed.
func UnassessedWords(code string, args []string, english, packages string) (string, []string, string) {
	texts := append(slices.Clip(args), packages)
	return Unassessed + code, texts, En.Of(unassessed, english, packages)
}

// Fault is the text of a code in the language; the English one for a code that
// this version does not know, or with other arguments than it knows.
func (l Lang) Fault(code string, args []string, english string) string {
	if l == En {
		return english
	}
	if code == "" {
		return l.cause(english)
	}
	rest, listed := strings.CutPrefix(code, Unassessed)
	own := args
	if listed && len(args) > 0 {
		own = args[:len(args)-1]
	}
	text, ok := l.spoken(rest, own)
	switch {
	case !ok:
		return english
	case listed && len(args) > 0:
		return l.Of(unassessed, text, args[len(args)-1])
	}
	return text
}

// table has every fault by what it is found by.
type table struct{ code, english map[string]Fault }

// faults is made when the first text in another language is asked for.
var faults = sync.OnceValue(func() table {
	t := table{map[string]Fault{}, map[string]Fault{}}
	for _, f := range Faults() {
		t.code[f.Code], t.english[f.Text.En] = f, f
	}
	return t
})

func byEnglish() map[string]Fault { return faults().english }

// FaultOf is the text of a code.
func FaultOf(code string) (Fault, bool) {
	f, ok := faults().code[code]
	return f, ok
}
