// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// drop is a set of packages of the distribution that can go together.
type drop struct {
	kind      string
	ecosystem string
	packages  []string // all that goes, those that are to be named first
	named     int
	command   string
	origin    map[string]bool // purls of the packages of the place, those that stay too
}

// findDrops says for packages, by their purls, with which others they can go: what
// nothing that stays needs. Nothing is said of packages whose dependencies are
// not known.
//
// Two things are taken for unused: what came because another package needed it
// and is needed by none any more, and what builds or fetches (see builds and
// fetches) where nothing else needs it. What goes with them is what came for them
// alone. Whatever can satisfy a dependency counts as needed, and so does what the
// image's configuration, or a program or script of no package, was seen to need.
func (b *builder) findDrops() map[string]*drop {
	out := map[string]*drop{}
	for _, ecosystem := range systems {
		n := b.net(ecosystem)
		if n == nil {
			continue
		}
		if !b.split() {
			n.plan(out, sekisho.ActionDrop, func(*node) bool { return true }, nil)
			continue
		}
		// In one's own layers everything below is given.
		own := func(x *node) bool { return !x.base }
		gone := n.plan(out, sekisho.ActionDropOwn, own, nil)
		n.plan(out, sekisho.ActionDropBase, func(x *node) bool { return x.base }, gone)
	}
	return out
}

// dropped gives a finding to the action that drops its package. What is to be
// done now stays with the action that is sure to close it: that a package is
// unused is told by what is installed, and not by who calls it.
func (b *builder) dropped(f *sekisho.Finding, p *sekisho.Package) bool {
	d := b.drops[p.PURL]
	if d == nil {
		return false
	}
	sure := f.Fixed != "" || f.Status == sekisho.StatusEndOfLife
	if sure && f.Risk.Class == sekisho.ActNow || d.kind == sekisho.ActionDropBase && b.ofBase(f) && b.candidate(f) != nil {
		return false
	}
	begin := sekisho.Action{Kind: d.kind, Subject: b.systemName(d.ecosystem), Packages: d.packages, Named: d.named, Command: d.command}
	if d.kind == sekisho.ActionDropBase {
		begin.Subject, begin.Path, begin.Lines = cmp.Or(b.r.Base.Name, b.r.Base.Digest, begin.Subject), b.r.Base.File, lineOf(b.r.Base.Line)
	}
	w := b.get("drop\x00"+d.kind+"\x00"+d.ecosystem, begin)
	w.drop = d
	w.take(f)
	if d.kind == sekisho.ActionDropOwn && p.Introduced != nil && p.Introduced.Line > 0 && !slices.Contains(w.Lines, p.Introduced.Line) {
		w.Path = p.Introduced.File
		w.Lines = append(w.Lines, p.Introduced.Line)
	}
	return true
}

// systemName is the distribution in words.
func (b *builder) systemName(ecosystem string) string {
	if b.r.OS == nil {
		return ecosystem
	}
	return strings.TrimSpace(cmp.Or(b.r.OS.PrettyName, b.r.OS.ID+" "+b.r.OS.Version))
}

// worst puts the packages with the worst findings first, of those that are named
// and of the rest: a text names the first.
func (d *drop) worst(findings []*sekisho.Finding) []string {
	rank := map[string]int{}
	for i, f := range findings {
		if _, ok := rank[f.Package.Name]; !ok {
			rank[f.Package.Name] = i + 1
		}
	}
	order := func(a, b string) int {
		x, y := cmp.Or(rank[a], len(findings)+1), cmp.Or(rank[b], len(findings)+1)
		return cmp.Or(cmp.Compare(x, y), strings.Compare(a, b))
	}
	out := slices.Clone(d.packages)
	slices.SortFunc(out[:d.named], order)
	slices.SortFunc(out[d.named:], order)
	return out
}

// staying counts the findings of the place's packages that stay.
func (b *builder) staying(d *drop) (count int) {
	for i := range b.r.Findings {
		f := &b.r.Findings[i]
		if f.Suppressed == nil && f.Kind == sekisho.Vulnerability && f.Package != nil && d.origin[f.Package.PURL] && b.drops[f.Package.PURL] != d {
			count++
		}
	}
	return count
}

// node is the packages of one name, and where they lead.
type node struct {
	name   string
	reason sekisho.InstallReason
	groups string
	needs  []int
	suits  []int
	used   bool // something that is no package needs it
	base   bool
	purls  []string
}

// net is who needs whom among the packages of an ecosystem.
type net struct {
	ecosystem string
	nodes     []node
	at        map[string]int
	tool      string // the program that removes packages
}

// net is nil where it is not known who needs whom, of one package even.
func (b *builder) net(ecosystem string) *net {
	n := &net{ecosystem: ecosystem, at: map[string]int{}}
	var all []*sekisho.Package
	for i := range b.r.Packages {
		p := &b.r.Packages[i]
		if p.Ecosystem != ecosystem || p.Hidden {
			continue
		}
		if p.Installed == "" {
			return nil
		}
		all = append(all, p)
		if _, ok := n.at[p.Name]; !ok {
			n.at[p.Name] = len(n.nodes)
			n.nodes = append(n.nodes, node{name: p.Name, reason: sekisho.InstalledAutomatic, base: true})
		}
	}
	languages := b.languages()
	for _, p := range all {
		x := &n.nodes[n.at[p.Name]]
		if x.reason != sekisho.InstalledEssential && p.Installed != sekisho.InstalledAutomatic {
			x.reason = p.Installed
		}
		x.groups = cmp.Or(x.groups, p.AskedAs)
		x.used = x.used || len(p.UsedBy) > 0 || runs(p.Name, languages)
		x.base = x.base && p.Introduced != nil && b.r.Base != nil && p.Introduced.Index < b.r.Base.Layers
		x.purls = append(x.purls, p.PURL)
		for _, name := range p.Needs {
			if i, ok := n.at[name]; ok {
				x.needs = append(x.needs, i)
			}
		}
		for _, name := range p.Suits {
			if i, ok := n.at[name]; ok {
				x.suits = append(x.suits, i)
			}
		}
	}
	n.tool = n.remover()
	return n
}

// plan finds what can go of the packages of a place, with gone already away, and
// adds it to out.
func (n *net) plan(out map[string]*drop, kind string, place func(*node) bool, gone []int) []int {
	if len(n.nodes) == 0 {
		return nil
	}
	away := make([]bool, len(n.nodes))
	for _, i := range gone {
		away[i] = true
	}
	candidates := make([]bool, len(n.nodes))
	for i := range n.nodes {
		x := &n.nodes[i]
		candidates[i] = away[i] || place(x) && x.dispensable(kind == sekisho.ActionDropOwn)
	}
	// What is elsewhere is given, but for what went before.
	given := func(i int) bool { return !place(&n.nodes[i]) && !away[i] }
	stays := n.stay(candidates, given)
	var dropped []int
	for i := range n.nodes {
		if !stays[i] && !away[i] && place(&n.nodes[i]) {
			dropped = append(dropped, i)
		}
	}
	if len(dropped) == 0 {
		return nil
	}
	// What somebody asked for is to be named, and what would stay since something
	// that stays goes well with it. The rest goes with them.
	named := make([]bool, len(n.nodes))
	for i := range n.nodes {
		x := &n.nodes[i]
		named[i] = named[i] || x.reason == sekisho.InstalledAsked
		for _, j := range x.suits {
			named[j] = named[j] || stays[i]
		}
	}
	d := &drop{kind: kind, ecosystem: n.ecosystem, origin: map[string]bool{}}
	var rest []string
	for _, i := range dropped {
		if named[i] {
			d.packages = append(d.packages, n.nodes[i].name)
		} else {
			rest = append(rest, n.nodes[i].name)
		}
		for _, u := range n.nodes[i].purls {
			out[u] = d
		}
	}
	for i := range n.nodes {
		if x := &n.nodes[i]; place(x) {
			for _, u := range x.purls {
				d.origin[u] = true
			}
		}
	}
	slices.Sort(d.packages)
	slices.Sort(rest)
	d.named, d.packages = len(d.packages), append(d.packages, rest...)
	if kind != sekisho.ActionDropBase {
		d.command = n.command(d.packages[:d.named])
	}
	return dropped
}

// stay follows the dependencies from what is there for its own sake, without the
// candidates. A candidate that something needs stays after all; one that it would
// merely go well with does not.
func (n *net) stay(candidates []bool, given func(int) bool) []bool {
	stays := make([]bool, len(n.nodes))
	var queue []int
	push := func(i int) {
		if !stays[i] {
			stays[i] = true
			queue = append(queue, i)
		}
	}
	for i := range n.nodes {
		x := &n.nodes[i]
		if x.used || x.reason == sekisho.InstalledEssential || given(i) || x.reason == sekisho.InstalledAsked && !candidates[i] {
			push(i)
		}
	}
	for len(queue) > 0 {
		x := &n.nodes[queue[0]]
		queue = queue[1:]
		for _, i := range x.needs {
			push(i)
		}
		for _, i := range x.suits {
			if !candidates[i] {
				push(i)
			}
		}
	}
	return stays
}

// dispensable says whether a package is there to build or to fetch others. What
// fetches counts where one's own steps installed it: bases have it for their
// users.
func (x *node) dispensable(own bool) bool {
	if x.used || x.reason == sekisho.InstalledEssential {
		return false
	}
	return temporary(x.groups) || builds(x.name) || own && fetches(x.name)
}

// remover is the program that the distribution removes packages with.
func (n *net) remover() string {
	switch n.ecosystem {
	case sekisho.EcosystemDeb:
		return "apt-get purge -y --auto-remove"
	case sekisho.EcosystemAPK:
		return "apk del"
	case sekisho.EcosystemRPM:
		for _, tool := range []string{"dnf", "microdnf", "tdnf", "zypper", "yum"} {
			if _, ok := n.at[tool]; ok {
				return tool + " remove -y"
			}
		}
	}
	return ""
}

// command removes the packages; without names it removes what nothing needs.
func (n *net) command(names []string) string {
	if n.tool == "" {
		return ""
	}
	if len(names) == 0 {
		return map[string]string{sekisho.EcosystemDeb: "apt-get autoremove -y --purge"}[n.ecosystem]
	}
	words, said := []string{n.tool}, map[string]bool{}
	for _, name := range names {
		// A group goes by its own name.
		for word := range strings.FieldsSeq(cmp.Or(n.nodes[n.at[name]].groups, name)) {
			if plain(word) && !said[word] {
				said[word] = true
				words = append(words, word)
			}
		}
	}
	return strings.Join(words, " ")
}

// plain says whether a name can stand in a command as it is: a damaged database
// can hold anything.
func plain(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', i > 0 && (c == '-' || c == '+'), c == '_':
		default:
			return false
		}
	}
	return name != "" && len(name) < 200
}
