// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// source is the text of a node as it is written.
func (w *walker) source(n syntax.Node) string {
	from, to := n.Pos().Offset(), n.End().Offset()
	if !n.Pos().IsValid() || from > to || to > uint(len(w.text)) {
		return ""
	}
	return w.text[from:to]
}

// expand adds a word, or the several that its braces stand for in bash:
// "lib{a,b}". Sequences and many braces are left as one word that is not known.
func (w *walker) expand(out []Word, word *syntax.Word) []Word {
	plain := w.plain(word)
	if w.dialect != Bash || !braces(word) {
		return append(out, plain)
	}
	plain.Known = false
	if len(plain.Text) > 2000 || strings.Contains(plain.Text, "..") || strings.Count(plain.Text, "{") > 5 || w.s.words > maxWords {
		return append(out, plain)
	}
	split := &syntax.Word{Parts: append([]syntax.WordPart(nil), word.Parts...)}
	if !syntax.SplitBraces(split) {
		plain.Known = true
		return append(out, plain)
	}
	for each, err := range expand.BracesSeq(nil, split) {
		if err != nil || w.s.words > maxWords {
			return append(out, plain)
		}
		v := w.parts(each.Parts)
		v.Span = plain.Span
		out = append(out, v)
		w.s.words++
	}
	return out
}

func braces(word *syntax.Word) bool {
	for _, p := range word.Parts {
		if l, ok := p.(*syntax.Lit); ok && strings.Contains(l.Value, "{") {
			return true
		}
	}
	return false
}

func (w *walker) plain(word *syntax.Word) Word {
	v := w.parts(word.Parts)
	v.Span = w.at.span(word.Pos(), word.End())
	w.s.words++
	return v
}

// parts is the value of a word's parts.
func (w *walker) parts(parts []syntax.WordPart) Word {
	v := Word{Known: true}
	if len(parts) == 1 {
		// Most words are one piece of text.
		if l, ok := parts[0].(*syntax.Lit); ok && !strings.Contains(l.Value, `\`) {
			v.Text, v.Glob = l.Value, strings.ContainsAny(l.Value, "*?[")
			return v
		}
	}
	var b strings.Builder
	for _, p := range parts {
		w.part(&b, &v, p, false)
	}
	v.Text = b.String()
	return v
}

func (w *walker) part(b *strings.Builder, v *Word, p syntax.WordPart, quoted bool) {
	switch p := p.(type) {
	case *syntax.Lit:
		if !quoted && pattern(p.Value) {
			v.Glob = true
		}
		unescape(b, p.Value, quoted)
	case *syntax.SglQuoted:
		v.Quoted = true
		if !p.Dollar {
			b.WriteString(p.Value)
		} else if !ansi(b, p.Value) {
			v.Known = false
		}
	case *syntax.DblQuoted:
		v.Quoted = true
		for _, inner := range p.Parts {
			w.part(b, v, inner, true)
		}
	case *syntax.ExtGlob:
		v.Glob = true
		b.WriteString(w.source(p))
	case *syntax.ParamExp:
		v.Known = false
		if p.Param != nil {
			v.Vars = append(v.Vars, p.Param.Value)
		}
		b.WriteString(w.source(p))
	default:
		v.Known = false
		b.WriteString(w.source(p))
	}
}

// pattern reports a file name pattern that is not escaped.
func pattern(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '*', '?', '[':
			return true
		}
	}
	return false
}

// unescape writes a literal without its backslashes: outside quotes all of them
// escape, in double quotes those before $ ` " \ and a line's end.
func unescape(b *strings.Builder, s string, quoted bool) {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (!quoted || strings.IndexByte("$`\"\\\n", s[i+1]) >= 0) {
			i++
			if s[i] == '\n' {
				continue
			}
		}
		b.WriteByte(s[i])
	}
}

// ansi writes the text of $'...'; false for escapes that are rare.
func ansi(b *strings.Builder, s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if at := strings.IndexByte(`abefnrtv\'"?`, s[i]); at >= 0 {
			b.WriteByte("\a\b\x1b\f\n\r\t\v\\'\"?"[at])
			continue
		}
		if s[i] == 'x' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		return false
	}
	return true
}
