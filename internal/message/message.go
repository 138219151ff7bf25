// SPDX-License-Identifier: Apache-2.0

// Package message is the one catalogue of the words that a person reads:
// labels, remedies, help, in English and Japanese. It knows no report and no
// command; texts are grouped in files by who shows them.
package message

import (
	"fmt"
	"slices"
	"strings"
)

// Lang is a language of the catalogue.
type Lang string

// The languages.
const (
	En Lang = "en"
	Ja Lang = "ja"
)

// Text is one message in every language, with the same verbs (fmt) in each.
type Text struct{ En, Ja string }

// Of gives the text in the language, with args filled in when there are any.
func (l Lang) Of(t Text, args ...any) string {
	s := t.En
	if l == Ja {
		s = t.Ja
	}
	if len(args) == 0 {
		return s
	}
	if l != Ja {
		s = singular(s, args)
	} else {
		args = l.errors(args)
	}
	return fmt.Sprintf(s, args...)
}

// Parse reads "en", "ja", "ja_JP.UTF-8".
func Parse(s string) (Lang, error) {
	switch low := strings.ToLower(s); {
	case low == "en", strings.HasPrefix(low, "en_"), strings.HasPrefix(low, "en-"):
		return En, nil
	case low == "ja", strings.HasPrefix(low, "ja_"), strings.HasPrefix(low, "ja-"):
		return Ja, nil
	}
	return En, fmt.Errorf("language %q is none of en, ja", s)
}

// Detect follows the locale as setlocale(3) does: LC_ALL, LC_MESSAGES, LANG.
func Detect(env func(string) string) Lang {
	for _, k := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(k); v != "" {
			l, _ := Parse(v) // any other locale is answered in English
			return l
		}
	}
	return En
}

// errors are the arguments, those that are errors in the language.
func (l Lang) errors(args []any) []any {
	out := slices.Clone(args)
	for i, a := range out {
		if err, ok := a.(error); ok {
			out[i] = l.Error(err)
		}
	}
	return out
}
