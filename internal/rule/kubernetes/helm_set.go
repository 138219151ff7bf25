// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
)

// Bounds of a value on the command line.
const (
	setIndex = 65536
	setDepth = 30
)

// errUnfinished is for what Helm leaves out in silence.
var errUnfinished = message.New("it has no name, or no end")

// setStep is one step on the way to a value: a key of a map, or an index.
type setStep struct {
	key   string
	index int
	list  bool
}

// setValues puts values written as "a.b=1,c[0].d={x,y}" into a table
// (https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set).
// A backslash takes the next character as it is.
func setValues(text string, into map[string]any) error {
	s := &setReader{[]rune(text)}
	for len(s.rest) > 0 {
		way, err := s.way()
		if err != nil {
			return err
		}
		v, err := s.value()
		if err != nil {
			return err
		}
		if _, err := put(into, way, v); err != nil {
			return err
		}
	}
	return nil
}

// setReader is what is left of the text.
type setReader struct{ rest []rune }

// until reads up to one of the characters, which is 0 at the end.
func (s *setReader) until(stops string) (string, rune) {
	var b strings.Builder
	for len(s.rest) > 0 {
		r := s.rest[0]
		s.rest = s.rest[1:]
		switch {
		case strings.ContainsRune(stops, r):
			return b.String(), r
		case r == '\\':
			if len(s.rest) == 0 {
				return b.String(), 0
			}
			b.WriteRune(s.rest[0])
			s.rest = s.rest[1:]
		default:
			b.WriteRune(r)
		}
	}
	return b.String(), 0
}

// way reads the keys and indices up to the "=".
func (s *setReader) way() (out []setStep, err error) {
	for dots := 0; ; {
		key, stop := s.until("=[,.")
		if key == "" {
			return nil, message.Errorf("a key: %w", errUnfinished)
		}
		out = append(out, setStep{key: key})
		for stop == '[' {
			text, end := s.until("]")
			if end == 0 {
				return nil, message.Errorf("the index %q of %s: %w", text, key, errUnfinished)
			}
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > setIndex {
				return nil, message.Errorf("the index %q of %s is none", text, key)
			}
			out = append(out, setStep{index: n, list: true})
			more, next := s.until("[.=")
			if more != "" {
				return nil, message.Errorf("the index of %s is followed by %q", key, more)
			}
			if next == 0 {
				return nil, message.Errorf("the list %s: %w", key, errUnfinished)
			}
			stop = next
		}
		switch stop {
		case '=':
			return out, nil
		case '.':
			if dots++; dots > setDepth {
				return nil, message.Errorf("the key has more than %d parts", setDepth)
			}
		default:
			return nil, message.Errorf("the key %q has no value", key)
		}
	}
}

// value reads a value, or a list of them in braces, and the comma after it.
func (s *setReader) value() (any, error) {
	if len(s.rest) == 0 || s.rest[0] != '{' {
		text, _ := s.until(",")
		return scalar(text), nil
	}
	s.rest = s.rest[1:]
	list := []any{}
	for {
		text, stop := s.until(",}")
		switch stop {
		case 0:
			return nil, message.New("a list does not end with a brace")
		case '}':
			if len(s.rest) > 0 && s.rest[0] == ',' {
				s.rest = s.rest[1:]
			}
			return append(list, scalar(text)), nil
		}
		list = append(list, scalar(text))
	}
}

// scalar is the value that a text stands for.
func scalar(s string) any {
	switch strings.ToLower(s) {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	case "0":
		return int64(0)
	}
	if !strings.HasPrefix(s, "0") {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n
		}
	}
	return s
}

// put returns a map or list with the value at the end of the way.
func put(at any, way []setStep, v any) (any, error) {
	if len(way) == 0 {
		return v, nil
	}
	step := way[0]
	if step.list {
		list, ok := at.([]any)
		if !ok && at != nil {
			return nil, message.Errorf("there is no list to take the index %d of", step.index)
		}
		if len(list) <= step.index {
			list = append(list, make([]any, step.index+1-len(list))...)
		}
		old := list[step.index]
		if _, isMap := old.(map[string]any); !isMap && len(way) > 1 && !way[1].list {
			old = nil
		}
		v, err := put(old, way[1:], v)
		list[step.index] = v
		return list, err
	}
	m, ok := at.(map[string]any)
	if !ok && at != nil {
		return nil, message.Errorf("the key %q stands in what is no map", step.key)
	}
	if m == nil {
		m = map[string]any{}
	}
	old, ok := m[step.key]
	if ok && old == nil && len(way) > 1 {
		return nil, message.Errorf("the key %q is null", step.key)
	}
	v, err := put(old, way[1:], v)
	m[step.key] = v
	return m, err
}
