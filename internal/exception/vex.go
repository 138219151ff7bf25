// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// statement is what every format of VEX says: flaws, what it speaks of, and the
// state.
type statement struct {
	at     *document.Node
	ids    []string
	status string
	// justification is the label, and text what was written in words.
	justification, text string
	// when as moment gives it.
	when string
}

// subject is what a statement speaks of.
type subject struct {
	// product is an image or package that must be in the target, as a package
	// URL; part the package that has the flaw. An image alone speaks of all
	// packages in it, a package alone of itself.
	product, part string
	// image is a reference that is no package URL, and versions a range of part.
	image, versions string
}

// say makes the exceptions of a statement about a subject: one an id.
func (r *reader) say(s *statement, about *subject) {
	e := sekisho.Exception{
		Product: about.product, Package: about.part, Image: about.image, Range: about.versions,
		Status: s.status, Justification: s.justification, Reason: s.text, Created: s.when, Statement: true,
	}
	for _, p := range []string{e.Product, e.Package} {
		if p == "" {
			continue
		}
		if _, err := sekisho.ParsePURL(p); err != nil {
			r.skip(s.at, "%w", err)
			return
		}
	}
	if e.Product+e.Package+e.Image == "" {
		r.skip(s.at, "the statement names no product by package URL")
		return
	}
	for _, id := range s.ids {
		e.Rule = id
		r.add(s.at, e)
	}
}

// good says whether a statement can be used; it is passed over, and said, when
// it cannot.
func (r *reader) good(s *statement) bool {
	switch {
	case len(s.ids) == 0:
		r.skip(s.at, "the statement names no vulnerability")
	case !slices.Contains([]string{sekisho.StatusNotAffected, sekisho.StatusAffected, sekisho.StatusFixed, sekisho.StatusInvestigating}, s.status):
		r.skip(s.at, "the status %.40q is not known", s.status)
	default:
		return true
	}
	return false
}

// idsOf keeps what can be the id of a vulnerability, each once.
func idsOf(ids ...string) []string {
	var out []string
	for _, id := range ids {
		// Some name it by the address of its page.
		if strings.Contains(id, "://") {
			id = id[strings.LastIndexByte(id, '/')+1:]
		}
		if id = strings.TrimSpace(id); id != "" && len(id) <= 256 && idForm.MatchString(id) && !slices.ContainsFunc(out, func(s string) bool { return strings.EqualFold(s, id) }) {
			out = append(out, id)
		}
	}
	return out
}

// moment is a time that can be compared as text, in UTC; empty when it is none.
func moment(texts ...string) string {
	for _, s := range texts {
		if t, err := time.Parse(time.RFC3339, strings.TrimSpace(s)); err == nil {
			return t.UTC().Format("2006-01-02T15:04:05.000000000Z")
		}
	}
	return ""
}

// isPURL says whether a text means to be a package URL.
func isPURL(s string) bool { return strings.HasPrefix(strings.ToLower(s), "pkg:") }

// isImage says whether a package URL names an image.
func isImage(purl string) bool {
	low := strings.ToLower(purl)
	return strings.HasPrefix(low, "pkg:oci/") || strings.HasPrefix(low, "pkg:docker/")
}

// alone is the subject of a product without parts.
func alone(purl string) subject {
	if isImage(purl) {
		return subject{product: purl}
	}
	return subject{part: purl}
}

// openVEX reads an OpenVEX document
// (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md), 0.0 and 0.2.
func (r *reader) openVEX(doc *document.Node) {
	for _, n := range r.list(doc.Get("statements"), "statements") {
		v := n.Get("vulnerability")
		s := statement{
			at: n, status: n.Get("status").Str(), justification: n.Get("justification").Str(), text: n.Get("impact_statement").Str(),
			when: moment(n.Get("last_updated").Str(), n.Get("timestamp").Str(), doc.Get("last_updated").Str(), doc.Get("timestamp").Str()),
		}
		ids := []string{v.Str(), v.Get("name").Str(), v.Get("@id").Str()}
		for _, a := range v.Get("aliases").List() {
			ids = append(ids, a.Str())
		}
		s.ids = idsOf(ids...)
		if !r.good(&s) {
			continue
		}
		switch {
		case s.status == sekisho.StatusNotAffected && s.justification == "" && s.text == "":
			r.skip(n, "not_affected needs a justification or an impact_statement")
			continue
		case s.justification != "" && !slices.Contains(sekisho.VEXJustifications, s.justification):
			r.skip(n, "the justification %.60q is not known", s.justification)
			continue
		}
		if s.text == "" {
			s.text = n.Get("status_notes").Str()
		}
		products := r.list(n.Get("products"), "products")
		if len(products) == 0 {
			r.skip(n, "the statement names no product")
		}
		for _, p := range products {
			r.openVEXProduct(&s, p, append(slices.Clone(p.Get("subcomponents").List()), n.Get("subcomponents").List()...))
		}
	}
}

func (r *reader) openVEXProduct(s *statement, p *document.Node, parts []*document.Node) {
	name := openVEXName(p)
	about := subject{image: name}
	switch {
	case isPURL(name):
		about = alone(name)
	case name == "" || strings.Contains(name, "://") || strings.ContainsAny(name, " *?["):
		r.skip(p, "the product %.60q is neither a package URL nor an image", name)
		return
	}
	if len(parts) == 0 {
		r.say(s, &about)
		return
	}
	for _, part := range parts {
		purl := openVEXName(part)
		if !isPURL(purl) {
			r.skip(part, "the component %.60q is no package URL", purl)
			continue
		}
		one := subject{product: name, part: purl}
		if about.image != "" {
			one = subject{image: about.image, part: purl}
		}
		r.say(s, &one)
	}
}

// openVEXName is how a product or a component is called: its package URL, else
// its id.
func openVEXName(n *document.Node) string {
	for _, s := range []string{n.Get("identifiers", "purl").Str(), n.Get("@id").Str(), n.Str()} {
		if s != "" {
			return s
		}
	}
	return ""
}
