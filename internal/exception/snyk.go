// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// snyk reads the map "ignore" of a .snyk file
// (https://docs.snyk.io/manage-risk/policies/the-.snyk-file): id, then a list of
// paths, each with a reason and an end. A path leads through dependencies to a
// package, "app > lodash@4.17.20": the package at its end is excepted, since a
// finding is about a package and not about one way to it. For an id of
// infrastructure files (SNYK-CC-...) it begins with the file.
func (r *reader) snyk(doc *document.Node) {
	ignore := doc.Get("ignore")
	if ignore.Present() && ignore.Kind != document.Map {
		r.bad(ignore, "ignore must be a map of ids")
		return
	}
	for id, entries := range ignore.Members() {
		if strings.TrimSpace(id) == "" {
			r.bad(ignore.Key(id), "the id is empty")
			continue
		}
		for _, entry := range r.list(entries, id) {
			if entry.Kind != document.Map {
				r.bad(entry, "an entry of %s is a map of paths", id)
				continue
			}
			for where, n := range entry.Members() {
				e := sekisho.Exception{Rule: id, Reason: n.Get("reason").Str(), Owner: n.Get("ignoredBy", "email").Str(), Created: r.date(n.Get("created"), "created"), Expires: r.date(n.Get("expires"), "expires")}
				parts := strings.Split(where, " > ")
				last := strings.TrimSpace(parts[len(parts)-1])
				switch {
				case strings.TrimSpace(where) == "*":
				case strings.HasPrefix(id, "SNYK-CC-"):
					if e.Path = strings.TrimSpace(parts[0]); e.Path == "*" {
						e.Path = ""
					}
				case last == "*" || last == "":
					r.skip(entry.Key(where), "the path %q ends in no package", where)
					continue
				default:
					e.Package = last
				}
				if e.Path != "" && !goodPattern(e.Path) {
					r.bad(entry.Key(where), "path %q is no pattern", e.Path)
					continue
				}
				r.add(entry.Key(where), e)
			}
		}
	}
}
