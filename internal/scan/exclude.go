// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"path"
	"strings"
)

// excluded says whether a path is left out: it matches a pattern of
// [path.Match], or a directory that it is in does. A pattern without a slash,
// or one that begins with "**/", matches at any depth.
func (o *Options) excluded(p string) bool {
	for _, pattern := range o.Exclude {
		pattern = strings.TrimSuffix(strings.Trim(strings.TrimPrefix(pattern, "./"), "/"), "/**")
		rest, anywhere := strings.CutPrefix(pattern, "**/")
		anywhere = anywhere || !strings.Contains(pattern, "/")
		for dir := p; dir != "." && dir != "/"; dir = path.Dir(dir) {
			for tail := dir; ; {
				if ok, _ := path.Match(rest, tail); ok { // cli refuses a damaged pattern
					return true
				}
				_, below, more := strings.Cut(tail, "/")
				if !anywhere || !more {
					break
				}
				tail = below
			}
		}
	}
	return false
}
