// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// mostComment bounds Markdown, in bytes: a comment of GitHub holds 65536
// characters, and who posts it may want to add a line.
const mostComment = 64<<10 - 1 - 1000

// mostCell bounds one text of a comment, in columns.
const mostCell = 300

// partOfOther is the key of Markdown that stands in another document: it has no
// first line of its own.
const partOfOther = "\x00"

// comment is Markdown that stays below a length. Each part takes as much as is
// left, and what did not fit is counted and said at the end.
type comment struct {
	strings.Builder

	lang    message.Lang
	limit   int // bytes that may be written now
	closing int // bytes that what is open needs to be closed
	left    []leftOut
}

// leftOut is what a comment has no room for: a text with a number in it.
type leftOut struct {
	what message.Text
	n    int
}

// newComment begins with the line by which a comment is found again.
func newComment(key string, l message.Lang) *comment {
	c := &comment{lang: l, limit: mostComment - 2000} // the rest is for the last line
	if key != partOfOther {
		c.WriteString(marker(key) + "\n")
	}
	return c
}

// fits says whether a text may be written, beside what is yet to be closed.
func (c *comment) fits(s string) bool { return c.Len()+len(s)+c.closing <= c.limit }

// add writes a text where there is room for it.
func (c *comment) add(format string, args ...any) bool {
	s := fmt.Sprintf(format, args...)
	if !c.fits(s) {
		return false
	}
	c.WriteString(s)
	return true
}

// list writes a head, rows and a tail: as many rows as there is room for, and at
// most so many. What is left is counted. It gives the number of rows that are there.
func (c *comment) list(head, tail string, n, most int, row func(i int) string, what message.Text) (shown int) {
	if n == 0 {
		return 0
	}
	c.closing += len(tail)
	first := ""
	if most > 0 {
		first = row(0)
	}
	if first != "" && c.fits(head+first) {
		c.WriteString(head)
		for ; shown < min(n, most); shown++ {
			if s := row(shown); !c.add("%s", s) {
				break
			}
		}
	}
	c.closing -= len(tail)
	if shown > 0 {
		c.WriteString(tail)
	}
	c.leave(what, n-shown)
	return shown
}

// leave counts what was left out.
func (c *comment) leave(what message.Text, n int) {
	if n <= 0 {
		return
	}
	for i := range c.left {
		if c.left[i].what == what {
			c.left[i].n += n
			return
		}
	}
	c.left = append(c.left, leftOut{what, n})
}

// end writes what was left out, and gives the comment.
func (c *comment) end() string {
	if len(c.left) > 0 {
		var all []string
		for _, l := range c.left {
			all = append(all, c.lang.Of(l.what, l.n))
		}
		fmt.Fprintf(c, "\n_%s_\n", c.lang.Of(message.CommentLeft, strings.Join(all, c.lang.Of(message.ListComma))))
	}
	return c.String()
}

// details begin a part that is folded; the blank line is part of Markdown in HTML.
func details(summary string) string { return "\n<details><summary>" + summary + "</summary>\n\n" }

const endDetails = "\n</details>\n"

// marker is the first line of a comment: nobody sees it, and who posts the next
// one finds it.
func marker(key string) string { return "<!-- sekisho:" + commentKey(key) + " -->" }

// mostKey bounds a key, in bytes.
const mostKey = 200

// commentKey makes a text the key of a comment: it can neither end the comment nor
// hold a space.
func commentKey(s string) string {
	b := []byte(s)
	for i, c := range b {
		word := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !word && strings.IndexByte("._/:@-", c) < 0 || c == '-' && i > 0 && b[i-1] == '-' {
			b[i] = '_'
		}
	}
	if len(b) > mostKey { // two long names stay two
		return string(b[:mostKey-33]) + "_" + digestOf(s)
	}
	return orElse(strings.Trim(string(b), "-"), "report")
}

// CommentKey is what stays of a target from build to build, so that the comment of
// the last one can be found: an image without its tag, with its platform; the name
// of a tree without the way to it.
func CommentKey(t *sekisho.Target) string {
	name := t.Name
	switch {
	case t.Kind == sekisho.KindImage:
		name, _, _ = strings.Cut(name, "@")
		if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
			name = name[:i]
		}
	case t.Repository != "":
		name = strings.TrimSuffix(strings.TrimSuffix(t.Repository, "/"), ".git")
		name = name[strings.LastIndexAny(name, "/:")+1:] + ":" + relative(t.Name)
	default:
		name = relative(name)
	}
	key := strings.TrimRight(string(t.Kind)+":"+name, ":")
	if t.Platform != nil {
		key += ":" + t.Platform.String()
	}
	return commentKey(key)
}

// relative is the name of a tree or a file as it is on every machine: without the
// version or revision, and the last part alone of an absolute path.
func relative(name string) string {
	if i := strings.LastIndexByte(name, '@'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	switch name = path.Clean(name); {
	case path.IsAbs(name):
		return path.Base(name)
	case name == ".":
		return ""
	}
	return name
}
