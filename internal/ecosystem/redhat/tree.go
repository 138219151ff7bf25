// SPDX-License-Identifier: Apache-2.0

package redhat

import (
	"net/url"
	"strings"
)

// tree resolves the product ids of a CSAF document.
type tree struct {
	cpe, purl map[string]string
	relations map[string]relationship
}

func newTree(d *csaf) *tree {
	t := &tree{cpe: map[string]string{}, purl: map[string]string{}, relations: make(map[string]relationship, len(d.Tree.Relationships))}
	t.add(d.Tree.Branches)
	for _, r := range d.Tree.Relationships {
		t.relations[r.Whole.ID] = r
	}
	return t
}

func (t *tree) add(branches []branch) {
	for i := range branches {
		if p := branches[i].Product; p != nil {
			if p.Helper.CPE != "" {
				t.cpe[p.ID] = p.Helper.CPE
			}
			if p.Helper.PURL != "" {
				t.purl[p.ID] = p.Helper.PURL
			}
		}
		t.add(branches[i].Branches)
	}
}

// product is a source package in a release.
type product struct {
	world, module, name string
	// evr is "epoch:version-release" of a build; empty for the package as such.
	evr string
}

// product resolves the id of a package "as a component of" a platform. False
// for anything but a source package of the product proper.
func (t *tree) product(id string) (product, bool) {
	r, ok := t.relations[id]
	if !ok {
		return product{}, false
	}
	p := product{world: world(t.cpe[r.Platform])}
	if p.world == "" {
		return p, false
	}
	purl := t.purl[r.Component]
	if purl == "" {
		// Older files have no purl for what is not built.
		p.module, p.name, ok = component(r.Component)
		return p, ok
	}
	return p, p.read(purl)
}

// read takes name, version, epoch and module stream from
// "pkg:rpm/redhat/ruby@3.1.4-142?arch=src&epoch=1&rpmmod=ruby:3.1:8090...".
func (p *product) read(purl string) bool {
	rest, ok := strings.CutPrefix(purl, "pkg:rpm/redhat/")
	if !ok {
		return false
	}
	rest, query, _ := strings.Cut(rest, "?")
	q, err := url.ParseQuery(strings.ReplaceAll(query, "+", "%2B"))
	if err != nil || q.Get("arch") != "src" {
		return false
	}
	name, version, _ := strings.Cut(rest, "@")
	if p.name, err = url.PathUnescape(name); err != nil {
		return false
	}
	if version, err = url.PathUnescape(version); err != nil {
		return false
	}
	module, name, ok := component(p.name)
	if !ok {
		return false
	}
	p.module, p.name = module, name
	if m := strings.SplitN(q.Get("rpmmod"), ":", 3); len(m) >= 2 && m[0] != "" && m[1] != "" {
		p.module = m[0] + ":" + m[1]
	}
	if version != "" {
		epoch := q.Get("epoch")
		if epoch == "" {
			epoch = "0"
		}
		p.evr = epoch + ":" + version
	}
	return true
}
