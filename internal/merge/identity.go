// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// classes are ids that name the same flaw, found by who says them together.
type classes struct{ parent map[string]string }

func newClasses() *classes { return &classes{map[string]string{}} }

// of is the class of an id. The least id of a class names it, so that the order
// of learning does not show.
func (c *classes) of(id string) string {
	for {
		up, ok := c.parent[id]
		if !ok || up == id {
			return id
		}
		if over, ok := c.parent[up]; ok {
			c.parent[id] = over // the next search is shorter
		}
		id = up
	}
}

func (c *classes) unite(a, b string) {
	a, b = c.of(a), c.of(b)
	if a == b {
		return
	}
	if b < a {
		a, b = b, a
	}
	c.parent[b] = a
}

// learn unites the ids of each voice of a finding. One that names several CVEs
// bundles several flaws: these are not one.
func (c *classes) learn(f *sekisho.Finding) {
	if !ofFlaw(f.Kind) {
		return
	}
	say := func(id string, aliases []string) {
		ids := flawIDs(append([]string{id}, aliases...))
		if cves(ids) > 1 {
			return
		}
		for _, other := range ids[min(1, len(ids)):] {
			c.unite(ids[0], other)
		}
	}
	if !Foreign(f) {
		say(f.Rule, f.Aliases)
	}
	for i := range f.Witnesses {
		say(f.Witnesses[i].ID, f.Witnesses[i].Aliases)
	}
}

// keys of a voice: the classes of the flaws that it names, else its ids as they
// are.
func (c *classes) keys(id string, aliases []string) []string {
	all := append([]string{id}, aliases...)
	ids := flawIDs(all)
	if cves(ids) > 1 { // a bundle is each of its CVEs
		ids = slices.DeleteFunc(ids, func(s string) bool { return !isCVE(s) })
	}
	var out []string
	for _, id := range ids {
		out = append(out, c.of(id))
	}
	if len(out) == 0 {
		for _, id := range all {
			out = append(out, strings.ToUpper(id))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// isCVE says whether an id is one, and not a tool's rule for one and a package.
func isCVE(id string) bool {
	rest, ok := strings.CutPrefix(id, "CVE-")
	return ok && rest != "" && strings.Trim(rest, "0123456789-") == ""
}

func cves(ids []string) int {
	n := 0
	for _, id := range ids {
		if isCVE(id) {
			n++
		}
	}
	return n
}

// flawIDs are those that name one flaw, in capitals. The ids of distributions'
// advisories are not among them: one may be about many.
func flawIDs(ids []string) []string {
	var out []string
	for _, id := range ids {
		id = strings.ToUpper(strings.TrimSpace(id))
		if isCVE(id) && !slices.Contains(out, id) {
			out = append(out, id)
			continue
		}
		for _, p := range [...]string{"GHSA-", "GO-", "PYSEC-", "RUSTSEC-", "SNYK-", "MAL-", "OSV-", "TEMP-", "GMS-", "HSEC-", "EEF-"} {
			if strings.HasPrefix(id, p) && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	slices.Sort(out)
	return out
}

// ofFlaw says whether findings of the kind are joined by flaw and package.
func ofFlaw(k sekisho.FindingKind) bool {
	return k == sekisho.Vulnerability || k == sekisho.Malware
}

// ecosystemOf is the ecosystem of a package, by its URL where it has one.
func ecosystemOf(purl, ecosystem string) string {
	if ecosystem == "" && purl != "" {
		if u, err := sekisho.ParsePURL(purl); err == nil {
			if u.Type == "generic" {
				return sekisho.EcosystemBinary
			}
			return u.Type
		}
	}
	return ecosystem
}

// nameOf is the name of a package, normalised: tools spell it in their own ways.
func nameOf(purl, ecosystem, name string) string {
	if name == "" {
		u, err := sekisho.ParsePURL(purl)
		if err != nil {
			return ""
		}
		name = u.Name
		switch {
		case u.Namespace == "" || system(ecosystem):
		case ecosystem == sekisho.EcosystemMaven:
			name = u.Namespace + ":" + u.Name
		default:
			name = u.Namespace + "/" + u.Name
		}
	}
	name = strings.ToLower(name)
	switch ecosystem {
	case sekisho.EcosystemPyPI:
		name = strings.NewReplacer("_", "-", ".", "-").Replace(name)
	case sekisho.EcosystemMaven:
		name = strings.ReplaceAll(name, "/", ":")
	case sekisho.EcosystemGo:
		if name == "go" || name == "golang-stdlib" {
			name = "stdlib"
		}
	}
	return name
}

// system says whether the ecosystem is that of a distribution.
func system(ecosystem string) bool {
	switch ecosystem {
	case sekisho.EcosystemDeb, sekisho.EcosystemAPK, sekisho.EcosystemRPM, sekisho.EcosystemALPM:
		return true
	}
	return false
}

// versionOf is a version without what tools add or leave out.
func versionOf(v string) string {
	v = strings.TrimPrefix(strings.TrimSpace(v), "0:") // no epoch is epoch 0
	if rest, ok := strings.CutPrefix(v, "go"); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
		return rest
	}
	if rest, ok := strings.CutPrefix(v, "v"); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
		return rest
	}
	return v
}

// keysOf are the ways in which a package may be called, the fullest first: with
// its ecosystem, an artifact of Maven without its group, and without ecosystem.
// None for what has no name.
func keysOf(purl, ecosystem, name, version string) []string {
	e := ecosystemOf(purl, ecosystem)
	n, v := nameOf(purl, e, name), versionOf(version)
	if v == "" && purl != "" {
		if u, err := sekisho.ParsePURL(purl); err == nil {
			v = versionOf(u.Version)
		}
	}
	if n == "" {
		return nil
	}
	keys := []string{e + "\x00" + n + "\x00" + v}
	if e == sekisho.EcosystemMaven || e == "" {
		if _, artifact, ok := strings.Cut(n, ":"); ok {
			keys = append(keys, e+"\x00"+artifact+"\x00"+v)
		}
	}
	if e != "" {
		keys = append(keys, "\x00"+n+"\x00"+v)
	}
	return keys
}

// identify gives the findings that only others have their fingerprints: those
// that our own would have. Where two would have the same, the lower in the list
// gets one of its own.
func (m *run) identify() {
	seen := map[string]bool{}
	for i := range m.own {
		seen[m.r.Findings[i].ID] = true
	}
	for i := len(m.own); i < len(m.r.Findings); i++ {
		f := &m.r.Findings[i]
		parts := []string{string(f.Kind), f.Rule}
		place := f.Location.Path + "\x00" + f.Resource
		if f.Package != nil {
			parts = append(parts, f.Package.Ecosystem, f.Package.Name)
			place += "\x00" + f.Package.PURL + "\x00" + f.Package.Version
		} else {
			parts = append(parts, f.Location.Path, f.Resource)
		}
		f.ID = fingerprint(parts...)
		for n := 0; seen[f.ID]; n++ {
			f.ID = fingerprint(f.ID, place, strings.Repeat("+", n))
		}
		seen[f.ID] = true
	}
}

// fingerprint is made as that of our own findings of packages is.
func fingerprint(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:10])
}

// union of two lists, in order, each word once.
func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

func nonEmpty(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// least is the smaller of two texts that are there.
func least(a, b string) string {
	if a == "" || b == "" {
		return cmp.Or(a, b)
	}
	return min(a, b)
}
