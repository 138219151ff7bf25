// SPDX-License-Identifier: Apache-2.0

package yara

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// match is a rule that matches a file.
type match struct {
	file      string // as it was named to yara
	namespace string
	rule      string
	tags      []string
	meta      []pair
	strings   []string // "$a at 0x0 (5 bytes)", the first ones
	more      int
}

type pair struct{ key, value string }

// The bounds of one run's output.
const (
	maxLine    = 64 << 10
	maxOutput  = 256 << 20
	maxStrings = 5
	maxMatches = 20_000
)

var errOutput = message.New("the program's output is not understood, or has no end")

// parse reads what "yara -e -g -m -L" writes: for each match a line
//
//	namespace:rule [tag,tag] [key="text",key=1] FILE
//
// and then for each string that matched a line 0xOFFSET:LENGTH:$name. Known says
// whether a word is the name of a file that was handed over.
func parse(r io.Reader, known func(string) bool) (out []match, err error) {
	br := bufio.NewReaderSize(r, maxLine)
	var total int
	for {
		line, prefix, err := br.ReadLine()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if total += len(line); total > maxOutput || prefix {
			return out, errOutput
		}
		s := string(line)
		if strings.HasPrefix(s, "0x") {
			if len(out) == 0 {
				return out, errOutput
			}
			m := &out[len(out)-1]
			if len(m.strings) == maxStrings {
				m.more++
				continue
			}
			text, ok := place(s)
			if !ok {
				return out, errOutput
			}
			m.strings = append(m.strings, text)
			continue
		}
		m, ok := parseMatch(s, known)
		if !ok || len(out) == maxMatches {
			return out, errOutput
		}
		out = append(out, m)
	}
}

// place reads "0x10:5:$a".
func place(s string) (string, bool) {
	part := strings.SplitN(s, ":", 3)
	if len(part) != 3 || !strings.HasPrefix(part[2], "$") {
		return "", false
	}
	if _, err := strconv.ParseUint(strings.TrimPrefix(part[0], "0x"), 16, 64); err != nil {
		return "", false
	}
	n, err := strconv.ParseUint(part[1], 10, 63)
	if err != nil {
		return "", false
	}
	name, _, _ := strings.Cut(part[2], ":") // never the value
	return fmt.Sprintf("%s at %s (%d bytes)", clip(name), part[0], n), true
}

func parseMatch(s string, known func(string) bool) (m match, ok bool) {
	cut := strings.LastIndexByte(s, ' ')
	if cut < 0 || !known(s[cut+1:]) {
		return m, false
	}
	m.file, s = s[cut+1:], s[:cut]
	head, rest, ok := strings.Cut(s, " [")
	if !ok {
		return m, false
	}
	if m.namespace, m.rule, ok = strings.Cut(head, ":"); !ok || m.rule == "" {
		return m, false
	}
	m.namespace, m.rule = clip(m.namespace), clip(m.rule)
	tags, rest, ok := strings.Cut(rest, "] [")
	if !ok || !strings.HasSuffix(rest, "]") {
		return m, false
	}
	if tags != "" {
		m.tags = strings.Split(clip(tags), ",")
	}
	m.meta = parseMeta(strings.TrimSuffix(rest, "]"))
	return m, true
}

// parseMeta reads key="text with \" and \n",key=1,key=true.
func parseMeta(s string) (out []pair) {
	for s != "" && len(out) < 100 {
		key, rest, ok := strings.Cut(s, "=")
		if !ok {
			return out
		}
		p := pair{key: strings.ToLower(strings.TrimSpace(strings.TrimPrefix(key, ",")))}
		if strings.HasPrefix(rest, `"`) {
			p.value, s = quoted(rest[1:])
		} else {
			p.value, s, _ = strings.Cut(rest, ",")
		}
		s = strings.TrimPrefix(s, ",")
		p.value = clip(p.value)
		out = append(out, p)
	}
	return out
}

// quoted reads up to the closing quote.
func quoted(s string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
			switch s[i] {
			case 'n', 't', 'r':
				b.WriteByte(' ')
			case 'x':
				if i+2 < len(s) {
					if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
						b.WriteByte(byte(n))
					}
					i += 2
				}
			default:
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// clip makes one short, printable line.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	const most = 300
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

func (m *match) get(keys ...string) string {
	for _, k := range keys {
		for _, p := range m.meta {
			if p.key == k && p.value != "" {
				return p.value
			}
		}
	}
	return ""
}

// severity as the meta data say it: a word, or a score of 0 to 100. Unknown is
// that of the rule over all matches.
func (m *match) severity() sekisho.Severity {
	switch word := strings.ToLower(m.get("severity", "threat_level", "level")); word {
	case "info", "informational", "information", "none":
		return sekisho.SeverityNegligible
	case "moderate":
		return sekisho.SeverityMedium
	case "important":
		return sekisho.SeverityHigh
	default:
		if s, err := sekisho.ParseSeverity(word); err == nil && s != sekisho.SeverityUnknown {
			return s
		}
	}
	score, err := strconv.ParseFloat(cmp.Or(m.get("score"), m.get("severity")), 64)
	switch {
	case err != nil || score < 0 || score > 100:
		return sekisho.SeverityUnknown
	case score >= 90:
		return sekisho.SeverityCritical
	case score >= 70:
		return sekisho.SeverityHigh
	case score >= 40:
		return sekisho.SeverityMedium
	}
	return sekisho.SeverityLow
}

// fact of the match in a file.
func (m *match) fact(engine string, f *handed) sekisho.MalwareFact {
	text := m.get("description", "desc", "info")
	if ref := m.get("reference", "url"); ref != "" {
		text = strings.TrimPrefix(text+" ("+ref+")", " ")
	}
	parts := []string{"namespace " + m.namespace}
	if len(m.tags) > 0 {
		parts = append(parts, "tags "+strings.Join(m.tags, " "))
	}
	parts = append(parts, m.strings...)
	if m.more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", m.more))
	}
	return sekisho.MalwareFact{
		Detector: Detector, SHA256: f.sum, Name: m.rule, Level: "signature", Severity: m.severity(), Text: text,
		Excerpt: strings.Join(parts, ", "), Engine: engine, Location: sekisho.Location{Path: f.path},
	}
}
