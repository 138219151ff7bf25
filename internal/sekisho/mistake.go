// SPDX-License-Identifier: Apache-2.0

package sekisho

import "fmt"

// told is an error that carries the code of its text and the arguments, as
// problems do, so that it can be said in another language.
type told struct {
	code    string
	args    []string
	english string
}

// mistake is an error of an English text that the catalogue has under the code; its
// test holds both to each other. Verbs show texts, by %q, %s and %v.
func mistake(code, format string, args ...string) error {
	texts, shown := make([]string, len(args)), make([]any, len(args))
	for i, a := range args {
		texts[i], shown[i] = a, a
	}
	verb := 0
	for i := 0; i+1 < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		if format[i+1] == 'q' {
			texts[verb] = fmt.Sprintf("%q", args[verb])
		}
		verb++
	}
	return &told{code, texts, fmt.Sprintf(format, shown...)}
}

func (w *told) Error() string { return w.english }

// Words are the code, the arguments as texts, and the English.
func (w *told) Words() (code string, args []string, english string) {
	return w.code, w.args, w.english
}
