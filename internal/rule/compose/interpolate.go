// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strings"
)

// envFile is a file of variables (https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/).
type envFile struct {
	values map[string]string
	// secrets are the names whose values were taken out.
	secrets []string
}

// redacted stands in a kept file for the value of a secret.
const redacted = "***"

// envLine takes a line of an env file apart.
func envLine(line string) (name, value string, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return "", "", false
	}
	line = strings.TrimSpace(strings.TrimPrefix(line, "export "))
	name, value, ok = strings.Cut(line, "=")
	if name = strings.TrimSpace(name); !ok || !isName(name) {
		return "", "", false
	}
	value = strings.TrimSpace(value)
	if len(value) > 1 && (value[0] == '"' || value[0] == '\'') {
		if end := strings.IndexByte(value[1:], value[0]); end >= 0 {
			return name, value[1 : end+1], true
		}
		return name, value[1:], true
	}
	if i := strings.Index(value, " #"); i >= 0 {
		value = strings.TrimSpace(value[:i])
	}
	return name, value, true
}

// redactEnv is the text without the values of secrets, and without what is no
// assignment: the rest of a value of several lines may be a key.
func redactEnv(text []byte) []byte {
	var b strings.Builder
	until := "" // what ends a value of several lines
	for line := range strings.Lines(string(text)) {
		if until != "" {
			if strings.Contains(line, until) {
				until = ""
			}
			b.WriteByte('\n')
			continue
		}
		if name, value, ok := envLine(line); ok {
			if _, raw, _ := strings.Cut(line, "="); strings.Contains(raw, "-----BEGIN") && !strings.Contains(raw, "-----END") {
				until = "-----END"
			} else if raw = strings.TrimSpace(raw); raw != "" && (raw[0] == '"' || raw[0] == '\'') && !strings.Contains(raw[1:], raw[:1]) {
				until, value = raw[:1], redacted
			}
			if value != "" && secretText(name, value) {
				value = redacted
			}
			b.WriteString(name + "=" + strings.ReplaceAll(value, "\n", " "))
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

func parseEnv(text []byte) *envFile {
	e := &envFile{values: map[string]string{}}
	for line := range strings.Lines(string(text)) {
		name, value, ok := envLine(line)
		switch {
		case !ok:
		case value == redacted:
			e.secrets = append(e.secrets, name)
			e.values[name] = hole
		case strings.ContainsRune(value, '$'), len(value) > 4<<10:
			e.values[name] = hole
		default:
			e.values[name] = value
		}
	}
	return e
}

func isName(s string) bool { return s != "" && nameLen(s) == len(s) }

// nameLen is the length of the name of a variable that a text begins with.
func nameLen(s string) int {
	for i := range len(s) {
		if c := s[i]; c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return i
		}
	}
	return len(s)
}

// interpolate puts the variables into a text, "$NAME", "${NAME:-default}"
// (https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md);
// a hole stands for one that is not known. look returns ok for those that are set.
func interpolate(text string, look func(name string) (string, bool)) string {
	return expandText(text, look, 0)
}

// Bounds of a text with variables: how deep defaults stand in defaults, and how
// long it may become. Beyond them it is not known.
const (
	maxDefaults = 20
	maxExpanded = 64 << 10
)

func expandText(text string, look func(string) (string, bool), depth int) string {
	if !strings.ContainsRune(text, '$') {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if b.Len() > maxExpanded {
			return hole
		}
		if text[i] != '$' || i+1 == len(text) {
			b.WriteByte(text[i])
			i++
			continue
		}
		switch c := text[i+1]; {
		case c == '$':
			b.WriteByte('$')
			i += 2
		case c == '{':
			end := closing(text, i+2)
			if end < 0 || depth > maxDefaults {
				b.WriteString(hole)
				return b.String()
			}
			b.WriteString(expandOne(text[i+2:end], look, depth))
			i = end + 1
		default:
			end := i + 1 + nameLen(text[i+1:])
			if end == i+1 {
				b.WriteByte('$')
				i++
				continue
			}
			if v, ok := look(text[i+1 : end]); ok {
				b.WriteString(v)
			} else {
				b.WriteString(hole)
			}
			i = end
		}
	}
	return b.String()
}

// closing is the index of the brace that closes what was opened before from.
func closing(text string, from int) int {
	open := 1
	for i := from; i < len(text); i++ {
		switch {
		case text[i] == '}':
			if open--; open == 0 {
				return i
			}
		case text[i] == '{' && text[i-1] == '$':
			open++
		}
	}
	return -1
}

// expandOne is the value of what stands in the braces.
func expandOne(inner string, look func(string) (string, bool), depth int) string {
	n := nameLen(inner)
	name, rest := inner[:n], inner[n:]
	value, set := look(name)
	colon := strings.HasPrefix(rest, ":")
	op := strings.TrimPrefix(rest, ":")
	missing := !set || colon && value == ""
	switch {
	case name == "", rest != "" && (op == "" || !strings.ContainsRune("-+?=", rune(op[0]))):
		return hole
	case strings.HasPrefix(op, "-"), strings.HasPrefix(op, "="):
		if missing {
			return expandText(op[1:], look, depth+1)
		}
		return value
	case strings.HasPrefix(op, "+"):
		if value == hole {
			return hole
		}
		if missing {
			// Nobody sets it here; whoever starts the project may.
			return hole
		}
		return expandText(op[1:], look, depth+1)
	case missing:
		return hole
	}
	return value
}
