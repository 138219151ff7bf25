// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// csafStates are the states of CSAF
// (https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html#3239-vulnerabilities-property---product-status).
// What is only recommended says nothing of the flaw.
var csafStates = []struct{ key, status string }{
	{"known_not_affected", sekisho.StatusNotAffected},
	{"fixed", sekisho.StatusFixed},
	{"first_fixed", sekisho.StatusFixed},
	{"known_affected", sekisho.StatusAffected},
	{"first_affected", sekisho.StatusAffected},
	{"last_affected", sekisho.StatusAffected},
	{"under_investigation", sekisho.StatusInvestigating},
}

// csafProduct is a product of the tree, under its product_id.
type csafProduct struct {
	purls []string
	// versions is a range that the branch gives; other is true for one that is
	// written in words, which cannot be compared.
	versions string
	other    bool
	// component and platform are product_ids when this is one within the other.
	component, platform string
}

// csafReader is one document.
type csafReader struct {
	*reader
	products map[string]*csafProduct
	groups   map[string][]string
}

// csaf reads a document of the Common Security Advisory Framework, profile VEX.
func (r *reader) csaf(doc *document.Node) {
	c := &csafReader{reader: r, products: map[string]*csafProduct{}, groups: map[string][]string{}}
	tree := doc.Get("product_tree")
	c.branches(tree.Get("branches"), "", "")
	for _, n := range tree.Get("full_product_names").List() {
		c.product(n, "", "")
	}
	for _, n := range tree.Get("relationships").List() {
		full := n.Get("full_product_name")
		c.product(full, "", "")
		if p := c.products[full.Get("product_id").Str()]; p != nil {
			p.component, p.platform = n.Get("product_reference").Str(), n.Get("relates_to_product_reference").Str()
		}
	}
	for _, n := range tree.Get("product_groups").List() {
		for _, id := range n.Get("product_ids").List() {
			c.groups[n.Get("group_id").Str()] = append(c.groups[n.Get("group_id").Str()], id.Str())
		}
	}
	when := moment(doc.Get("document", "tracking", "current_release_date").Str(), doc.Get("document", "tracking", "initial_release_date").Str())
	for _, n := range r.list(doc.Get("vulnerabilities"), "vulnerabilities") {
		c.vulnerability(n, when)
	}
}

// branches walks the tree of vendors, names and versions; the depth is bounded
// by the reader of documents.
func (c *csafReader) branches(list *document.Node, category, name string) {
	for _, n := range list.List() {
		// What stands nearest says which versions are meant.
		category, name := category, name
		switch b := n.Get("category").Str(); b {
		case "product_version", "product_version_range":
			category, name = b, n.Get("name").Str()
		}
		if p := n.Get("product"); p != nil {
			c.product(p, category, name)
		}
		c.branches(n.Get("branches"), category, name)
	}
}

func (c *csafReader) product(n *document.Node, category, name string) {
	id := n.Get("product_id").Str()
	if id == "" {
		return
	}
	helper := n.Get("product_identification_helper")
	p := &csafProduct{}
	for _, s := range append([]*document.Node{helper.Get("purl")}, helper.Get("purls").List()...) {
		u, err := sekisho.ParsePURL(s.Str())
		if s.Str() == "" || err != nil {
			continue
		}
		if u.Version == "" && !isImage(s.Str()) {
			switch {
			case category == "product_version":
				u.Version = name
			case category == "product_version_range" && strings.HasPrefix(name, "vers:"):
				p.versions = name
			case category == "product_version_range":
				p.other = true
			}
		}
		p.purls = append(p.purls, u.String())
	}
	c.products[id] = p
}

// subjects of a product; none where nothing says what it is here.
func (c *csafReader) subjects(id string) []subject {
	p := c.products[id]
	if p == nil || p.other {
		return nil
	}
	var out []subject
	for _, purl := range p.purls {
		s := alone(purl)
		s.versions = p.versions
		out = append(out, s)
	}
	if p.component == "" || len(out) > 0 {
		return out
	}
	part, platform := c.products[p.component], c.products[p.platform]
	if part == nil || part.other {
		return nil
	}
	for _, purl := range part.purls {
		u, err := sekisho.ParsePURL(purl)
		if err != nil || isImage(purl) {
			continue
		}
		if platform != nil && len(platform.purls) > 0 {
			for _, in := range platform.purls {
				out = append(out, subject{product: in, part: purl, versions: part.versions})
			}
			continue
		}
		// The platform is known by its name or CPE alone. A build says by its
		// version which release it is for; a name without one does not.
		if u.Version != "" {
			out = append(out, subject{part: purl})
		}
	}
	return out
}

func (c *csafReader) vulnerability(n *document.Node, when string) {
	ids := []string{n.Get("cve").Str()}
	for _, id := range n.Get("ids").List() {
		ids = append(ids, id.Get("text").Str())
	}
	s := statement{at: n, ids: idsOf(ids...), when: when}
	unknown := 0
	for _, state := range csafStates {
		s.status = state.status
		for _, item := range c.list(n.Get("product_status", state.key), state.key) {
			id := item.Str()
			if !c.good(&s) {
				return
			}
			about := c.subjects(id)
			if len(about) == 0 {
				unknown++
				continue
			}
			one := s
			one.justification, one.text = "", ""
			if state.status == sekisho.StatusNotAffected {
				one.justification, one.text = c.of(n.Get("flags"), id, "", "label"), c.of(n.Get("threats"), id, "impact", "details")
				if one.justification+one.text == "" {
					c.skip(item, "known_not_affected needs a flag or a threat of category impact for %.60q", id)
					continue
				}
			}
			for i := range about {
				c.say(&one, &about[i])
			}
		}
	}
	if unknown > 0 {
		c.skip(n, "%d products of %s have no package URL, or versions in words", unknown, strings.Join(s.ids, ", "))
	}
}

// of finds what a list says of a product: flags and threats name products, or
// groups of them; a threat that names none speaks of all.
func (c *csafReader) of(list *document.Node, product, category, key string) string {
	for _, n := range list.List() {
		if category != "" && n.Get("category").Str() != category {
			continue
		}
		var products []string
		for _, id := range n.Get("product_ids").List() {
			products = append(products, id.Str())
		}
		for _, g := range n.Get("group_ids").List() {
			products = append(products, c.groups[g.Str()]...)
		}
		if len(products) == 0 || slices.Contains(products, product) {
			return n.Get(key).Str()
		}
	}
	return ""
}
