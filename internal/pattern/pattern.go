// SPDX-License-Identifier: Apache-2.0

// Package pattern holds regular expressions that are compiled when they are
// first asked for: the rooms hold hundreds, and a run needs few of them. It must
// not grow beyond what regexp has.
package pattern

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression (https://pkg.go.dev/regexp/syntax). Its methods
// are those of regexp.Regexp, and any number of goroutines may call them.
type Pattern struct {
	text string
	once sync.Once
	re   *regexp.Regexp
}

// New returns the pattern of a text that is known to be right: its first use
// panics otherwise. A test compiles all texts that the rooms give to it.
func New(text string) *Pattern {
	return &Pattern{text: text} // so small that the compiler lays package variables out: no work at the start
}

func (p *Pattern) compiled() *regexp.Regexp {
	p.once.Do(p.compile)
	return p.re
}

func (p *Pattern) compile() { p.re = regexp.MustCompile(p.text) }

// MatchString is true where the text has a match.
func (p *Pattern) MatchString(s string) bool { return p.compiled().MatchString(s) }

// Match is true where the text has a match.
func (p *Pattern) Match(b []byte) bool { return p.compiled().Match(b) }

// FindString is the leftmost match, empty for none.
func (p *Pattern) FindString(s string) string { return p.compiled().FindString(s) }

// FindIndex is the place of the leftmost match, nil for none.
func (p *Pattern) FindIndex(b []byte) []int { return p.compiled().FindIndex(b) }

// FindStringSubmatch is the leftmost match and its groups, nil for none.
func (p *Pattern) FindStringSubmatch(s string) []string { return p.compiled().FindStringSubmatch(s) }

// FindStringSubmatchIndex are the places of the leftmost match and its groups.
func (p *Pattern) FindStringSubmatchIndex(s string) []int {
	return p.compiled().FindStringSubmatchIndex(s)
}

// FindSubmatch is the leftmost match and its groups, nil for none.
func (p *Pattern) FindSubmatch(b []byte) [][]byte { return p.compiled().FindSubmatch(b) }

// FindAllString are up to n matches, all for n < 0.
func (p *Pattern) FindAllString(s string, n int) []string { return p.compiled().FindAllString(s, n) }

// FindAllStringIndex are the places of up to n matches, all for n < 0.
func (p *Pattern) FindAllStringIndex(s string, n int) [][]int {
	return p.compiled().FindAllStringIndex(s, n)
}

// FindAllStringSubmatch are up to n matches with their groups, all for n < 0.
func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	return p.compiled().FindAllStringSubmatch(s, n)
}

// FindAllSubmatchIndex are the places of up to n matches and their groups.
func (p *Pattern) FindAllSubmatchIndex(b []byte, n int) [][]int {
	return p.compiled().FindAllSubmatchIndex(b, n)
}

// ReplaceAllString writes the replacement, with $1 for a group, over the matches.
func (p *Pattern) ReplaceAllString(s, with string) string {
	return p.compiled().ReplaceAllString(s, with)
}

// ReplaceAllStringFunc writes what the function makes of a match over it.
func (p *Pattern) ReplaceAllStringFunc(s string, f func(string) string) string {
	return p.compiled().ReplaceAllStringFunc(s, f)
}

// ReplaceAllFunc writes what the function makes of a match over it.
func (p *Pattern) ReplaceAllFunc(b []byte, f func([]byte) []byte) []byte {
	return p.compiled().ReplaceAllFunc(b, f)
}

// String is the text of the pattern.
func (p *Pattern) String() string { return p.text }

// FindSubmatchIndex are the places of the leftmost match and its groups.
func (p *Pattern) FindSubmatchIndex(b []byte) []int { return p.compiled().FindSubmatchIndex(b) }
