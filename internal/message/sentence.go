// SPDX-License-Identifier: Apache-2.0

package message

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Sentence is an error whose English is a text of the catalogue (see [Faults]), so
// that it can be said in another language at the edge of the program.
type Sentence struct { //nolint:errname // what it is: callers read it as a sentence
	english error
	format  string
	args    []any
}

// Errorf is [fmt.Errorf] for an English text of the catalogue. A test finds every
// call and demands that the catalogue has its format.
func Errorf(format string, args ...any) error {
	return &Sentence{english: fmt.Errorf(format, args...), format: format, args: args}
}

// Told is [Errorf] for what passes on a format that it was given, such as a reader
// that collects mistakes with their places; the test looks at who calls that.
func Told(format string, args ...any) error { return Errorf(format, args...) }

// New is [errors.New] for an English text of the catalogue.
func New(english string) error {
	return &Sentence{english: errors.New(english), format: strings.ReplaceAll(english, "%", "%%")}
}

// Say are the code, the arguments and the English of a text of the catalogue.
func Say(format string, args ...any) (code string, texts []string, english string) {
	s := Sentence{english: fmt.Errorf(format, args...), format: format, args: args}
	return s.Words()
}

// Note are the words of a text that is a fault too (see notes).
func Note(t Text, args ...any) (code string, texts []string, english string) {
	s := Sentence{english: errors.New(En.Of(t, args...)), format: t.En, args: args}
	return s.Words()
}

func (s *Sentence) Error() string { return s.english.Error() }

// Unwrap is the cause, or the one error that holds several.
func (s *Sentence) Unwrap() error {
	if _, many := any(s.english).(interface{ Unwrap() []error }); many {
		return s.english
	}
	return errors.Unwrap(s.english)
}

// reason is a sentence that does not repeat the words of its causes.
type reason struct {
	*Sentence
	causes []error
}

// Because is an error of the causes that is told by a sentence of its own.
func Because(causes []error, format string, args ...any) error {
	return &reason{&Sentence{english: fmt.Errorf(format, args...), format: format, args: args}, causes}
}

func (r *reason) Unwrap() []error { return r.causes }

// Words are the code of the sentence, its arguments as texts, and its English. The
// code of a cause follows behind a slash, its arguments in place of it at the end.
func (s *Sentence) Words() (code string, texts []string, english string) {
	english = s.english.Error()
	if err := errors.Unwrap(s.english); s.format == "%w" && err != nil {
		return Words(err)
	}
	f, ok := byEnglish()[s.format]
	if !ok {
		return "", nil, english
	}
	code = f.Code
	var inner []string
	verbs := verbsOf(s.format)
	place := causeAt(verbs)
	for i, v := range verbs {
		if v.arg >= len(s.args) {
			return "", nil, english
		}
		arg := s.args[v.arg]
		if err, ok := arg.(error); ok && i == place {
			if c, t, _ := Words(err); c != "" {
				code += "/" + c
				inner = append([]string{}, t...)
				continue
			}
		}
		texts = append(texts, v.format(arg))
	}
	return code, append(texts, inner...), english
}

// speaker is an error that knows its words.
type speaker interface {
	Words() (code string, args []string, english string)
}

// Within begins the code of a text behind a few words that are in no catalogue,
// which are its first argument: "docs/a.md: ".
const Within = "in"

// Words are the code and the arguments of an error and its English. The code is
// empty for an error that the catalogue does not have.
func Words(err error) (code string, args []string, english string) {
	english = err.Error()
	if s, ok := any(err).(speaker); ok {
		return s.Words()
	}
	s, ok := errors.AsType[wordedError](err)
	if !ok {
		return "", nil, english
	}
	code, args, own := s.Words()
	before, found := strings.CutSuffix(english, own)
	switch {
	case code == "" || !found:
		return "", nil, english
	case before == "":
		return code, args, english
	}
	return Within + "/" + code, append([]string{before}, args...), english
}

// wordedError is a speaker as an error.
type wordedError interface {
	error
	speaker
}

// Error is an error in the language.
func (l Lang) Error(err error) string {
	if l == En {
		return err.Error()
	}
	if s, ok := any(err).(speaker); ok {
		return l.Fault(s.Words())
	}
	if many, ok := any(err).(interface{ Unwrap() []error }); ok {
		var lines []string
		for _, e := range many.Unwrap() {
			lines = append(lines, l.Error(e))
		}
		if joined := errors.Join(many.Unwrap()...); joined != nil && joined.Error() == err.Error() {
			return strings.Join(lines, "\n")
		}
	}
	return l.Fault(Words(err))
}

// spoken is the text of a code; false where this version does not have it.
func (l Lang) spoken(code string, args []string) (string, bool) {
	first, rest, nested := strings.Cut(code, "/")
	if first == Within && nested && len(args) > 0 {
		text, ok := l.spoken(rest, args[1:])
		return args[0] + text, ok
	}
	f, ok := FaultOf(first)
	if !ok {
		return "", false
	}
	verbs := verbsOf(f.Text.En)
	texts := slices.Clone(args)
	if nested {
		at := causeAt(verbs)
		if at < 0 || len(args) < len(verbs)-1 {
			return "", false
		}
		cause, ok := l.spoken(rest, args[len(verbs)-1:])
		if !ok {
			return "", false
		}
		texts = slices.Insert(slices.Clone(args[:len(verbs)-1]), at, cause)
	}
	if len(texts) != len(verbs) {
		return "", false
	}
	own := make([]any, len(texts))
	for i, v := range verbs {
		own[i] = texts[i]
		if (v.letter == 'w' || v.letter == 'v') && (!nested || i != causeAt(verbs)) {
			own[i] = l.cause(texts[i])
		}
	}
	return fmt.Sprintf(ofTexts(f.Text.Ja), own...), true
}

// verb is one verb of a format, and the argument that it shows.
type verb struct {
	text   string // without the number of its argument
	letter byte
	arg    int
}

// causeAt is the verb that shows the cause: the first %w, else the first %v; -1
// without one.
func causeAt(verbs []verb) int {
	for _, letter := range []byte{'w', 'v'} {
		if i := slices.IndexFunc(verbs, func(v verb) bool { return v.letter == letter }); i >= 0 {
			return i
		}
	}
	return -1
}

// format is the argument as the verb shows it.
func (v verb) format(arg any) string {
	if v.letter == 'w' {
		return fmt.Sprint(arg)
	}
	return fmt.Sprintf(v.text, arg)
}

// verbsOf are the verbs of a format in their order; %% is none.
func verbsOf(format string) []verb {
	var out []verb
	eachVerb(format, func(v verb) string { out = append(out, v); return "" })
	return out
}

// ofTexts is the format for arguments that are texts already.
func ofTexts(format string) string {
	return eachVerb(format, func(v verb) string { return fmt.Sprintf("%%[%d]s", v.arg+1) })
}

func eachVerb(format string, say func(verb) string) string {
	var out strings.Builder
	next := 0
	for {
		at := strings.IndexByte(format, '%')
		if at < 0 || at+1 >= len(format) {
			out.WriteString(format)
			return out.String()
		}
		out.WriteString(format[:at])
		format = format[at:]
		if format[1] == '%' {
			out.WriteString("%%")
			format = format[2:]
			continue
		}
		end := strings.IndexFunc(format, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
		if end < 0 {
			out.WriteString(format)
			return out.String()
		}
		text := format[:end+1]
		if open, shut := strings.IndexByte(text, '['), strings.IndexByte(text, ']'); open > 0 && shut > open {
			n := 0
			if _, err := fmt.Sscanf(text[open:], "[%d]", &n); err == nil && n > 0 {
				next = n - 1
			}
			text = text[:open] + text[shut+1:]
		}
		out.WriteString(say(verb{text, format[end], next}))
		format = format[end+1:]
		next++
	}
}
