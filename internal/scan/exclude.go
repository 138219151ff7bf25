// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"path"
	"strings"
)

// exclusion is which paths are left out, see [Options.Exclude].
type exclusion []excludedPath

// excludedPath is one pattern, without what does not matter of its spelling.
type excludedPath struct {
	pattern string
	plain   bool // no letter of it has a meaning of its own
	// anywhere: it matches at any depth.
	anywhere bool
	// parts is how many names of a path it matches; 0 where a class of letters
	// might match a slash, and any number is to be tried.
	parts int
}

// newExclusion reads patterns of [path.Match]. A path is left out where it, or a
// directory that it is in, matches one. A pattern without a slash, or one that
// begins with "**/", matches at any depth.
func newExclusion(patterns []string) (out exclusion) {
	for _, p := range patterns {
		p = strings.TrimSuffix(strings.Trim(strings.TrimPrefix(p, "./"), "/"), "/**")
		rest, anywhere := strings.CutPrefix(p, "**/")
		e := excludedPath{pattern: rest, plain: !strings.ContainsAny(rest, `*?[\`), anywhere: anywhere || !strings.Contains(p, "/"), parts: 1 + strings.Count(rest, "/")}
		if strings.Contains(rest, "[") {
			e.parts = 0
		}
		out = append(out, e)
	}
	return out
}

// has says whether a path is left out. It is asked of every file: it allocates
// nothing, and a name is compared once with each pattern.
func (x exclusion) has(p string) bool {
	for i := range x {
		if x[i].covers(p) {
			return true
		}
	}
	return false
}

func (e *excludedPath) covers(p string) bool {
	if p == "" || p == "." || p == "/" {
		return false
	}
	for from := 0; ; {
		if e.begins(p[from:]) {
			return true
		}
		next := strings.IndexByte(p[from:], '/')
		if next < 0 || !e.anywhere {
			return false
		}
		from += next + 1
	}
}

// begins says whether the path, or a directory that it is in, matches from its
// beginning.
func (e *excludedPath) begins(p string) bool {
	if e.plain {
		rest, ok := strings.CutPrefix(p, e.pattern)
		return ok && (rest == "" || rest[0] == '/')
	}
	end, n := 0, 0
	for end < len(p) {
		if next := strings.IndexByte(p[end+1:], '/'); next >= 0 {
			end += 1 + next
		} else {
			end = len(p)
		}
		if n++; e.parts != 0 && n < e.parts {
			continue
		}
		if ok, _ := path.Match(e.pattern, p[:end]); ok { // cli refuses a damaged pattern
			return true
		}
		if n == e.parts {
			return false
		}
	}
	return false
}
