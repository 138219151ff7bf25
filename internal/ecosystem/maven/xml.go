// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"
)

var (
	errXML     = errors.New("the XML is damaged")
	errXMLDeep = errors.New("the XML is nested too deeply")
)

const maxXMLDepth = 64

// scanXML passes over an XML text once. It calls begin and end for each
// element, with the names of the open elements (that one last, without
// prefixes) and, at the end, the text that stood in it. Document types are
// passed over, so nothing can be defined or loaded by them. The names and the
// text are valid during the call. See https://www.w3.org/TR/xml/.
func scanXML(b []byte, begin func(path []string, line int), end func(path []string, text []byte)) error {
	var path []string
	var text []byte
	line, counted := 1, 0
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '<')
		if i < 0 {
			if len(path) > 0 {
				return errXML
			}
			return nil
		}
		text = appendText(text, b[at:at+i])
		at += i
		rest := b[at:]
		switch {
		case bytes.HasPrefix(rest, []byte("<!--")):
			n := bytes.Index(rest[4:], []byte("-->"))
			if n < 0 {
				return errXML
			}
			at += 4 + n + 3
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			n := bytes.Index(rest[9:], []byte("]]>"))
			if n < 0 {
				return errXML
			}
			if len(text) < maxXMLText {
				text = append(text, rest[9:9+n]...)
			}
			at += 9 + n + 3
		case bytes.HasPrefix(rest, []byte("<!")), bytes.HasPrefix(rest, []byte("<?")):
			n := declarationEnd(rest)
			if n < 0 {
				return errXML
			}
			at += n
		case bytes.HasPrefix(rest, []byte("</")):
			n := bytes.IndexByte(rest, '>')
			if n < 0 || len(path) == 0 || localName(rest[2:n]) != path[len(path)-1] {
				return errXML
			}
			end(path, bytes.TrimSpace(text))
			path = path[:len(path)-1]
			text = text[:0]
			at += n + 1
		default:
			n := tagEnd(rest)
			if n < 0 {
				return errXML
			}
			if len(path) >= maxXMLDepth {
				return errXMLDeep
			}
			tag := rest[1:n]
			empty := bytes.HasSuffix(tag, []byte("/"))
			if j := bytes.IndexAny(tag, " \t\r\n/"); j >= 0 {
				tag = tag[:j]
			}
			line += bytes.Count(b[counted:at], []byte{'\n'})
			counted = at
			path = append(path, localName(tag))
			begin(path, line)
			text = text[:0]
			if empty {
				end(path, nil)
				path = path[:len(path)-1]
			}
			at += n + 1
		}
	}
}

// declarationEnd is the length of a "<!...>" or "<?...?>", with the brackets
// and quotes that a document type may hold; -1 when it does not end.
func declarationEnd(b []byte) int {
	if b[1] == '?' {
		if n := bytes.Index(b, []byte("?>")); n >= 0 {
			return n + 2
		}
		return -1
	}
	depth, quote := 0, byte(0)
	for i := 2; i < len(b); i++ {
		switch c := b[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"', c == '\'':
			quote = c
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '>' && depth <= 0:
			return i + 1
		}
	}
	return -1
}

// tagEnd finds the ">" of a tag: one within an attribute's quotes is none.
func tagEnd(b []byte) int {
	quote := byte(0)
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"', c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return -1
}

func localName(b []byte) string {
	b = bytes.TrimSpace(b)
	if i := bytes.LastIndexByte(b, ':'); i >= 0 {
		b = b[i+1:]
	}
	return string(b)
}

// maxXMLText is how much text of one element is kept: no name is that long.
const maxXMLText = 4096

// appendText adds text with its entities replaced.
func appendText(to, b []byte) []byte {
	for len(b) > 0 && len(to) < maxXMLText {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			return append(to, b[:min(len(b), maxXMLText)]...)
		}
		to = append(to, b[:min(i, maxXMLText)]...)
		b = b[i:]
		n := bytes.IndexByte(b[:min(len(b), 12)], ';')
		if n < 0 {
			to, b = append(to, '&'), b[1:]
			continue
		}
		switch name := string(b[1:n]); name {
		case "lt":
			to = append(to, '<')
		case "gt":
			to = append(to, '>')
		case "amp":
			to = append(to, '&')
		case "quot":
			to = append(to, '"')
		case "apos":
			to = append(to, '\'')
		default:
			if len(name) > 1 && name[0] == '#' {
				digits, base := name[1:], 10
				if digits[0] == 'x' {
					digits, base = digits[1:], 16
				}
				if v, err := strconv.ParseUint(digits, base, 21); err == nil {
					to = utf8.AppendRune(to, rune(v))
				}
			}
		}
		b = b[n+1:]
	}
	return to
}
