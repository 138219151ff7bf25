// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// trivy reads .trivyignore.yaml
// (https://trivy.dev/docs/latest/configuration/filtering/#trivyignoreyaml).
func (r *reader) trivy(doc *document.Node) {
	if doc.Present() && doc.Kind != document.Map {
		r.bad(doc, "the file must hold lists: vulnerabilities, misconfigurations, secrets, licenses")
		return
	}
	for _, section := range []struct {
		key  string
		kind sekisho.FindingKind
	}{
		{"vulnerabilities", sekisho.Vulnerability},
		{"misconfigurations", sekisho.Misconfiguration},
		{"secrets", sekisho.Secret},
		{"licenses", sekisho.License},
	} {
		for _, n := range r.list(doc.Get(section.key), section.key) {
			id := n.Get("id").Str()
			if id == "" {
				r.bad(n, "id is missing")
				continue
			}
			e := sekisho.Exception{Rule: id, Reason: n.Get("statement").Str(), Expires: r.date(n.Get("expired_at"), "expired_at")}
			purls := r.texts(n.Get("purls"), "purls")
			for _, p := range purls {
				if _, err := sekisho.ParsePURL(p); err != nil {
					r.bad(n.Get("purls"), "%w", err)
				}
			}
			paths := r.texts(n.Get("paths"), "paths")
			for _, p := range paths {
				if !goodPattern(p) {
					r.bad(n.Get("paths"), "path %q is no pattern", p)
				}
			}
			for _, e.Path = range orAny(paths) {
				for _, e.Package = range orAny(purls) {
					r.foreign(n, string(section.kind)+"/", e)
				}
			}
		}
	}
}
