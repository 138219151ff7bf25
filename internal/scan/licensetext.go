// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/license"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// licenseTexts are the licences that were recognised by their text, by whose they
// are, and the expressions of what packages declare.
type licenseTexts struct {
	texts map[textKey]licenseText
	// crowd counts the packages of each place: the text in a jar that many were
	// shaded into is about none of them.
	crowd map[string]int
	// known keeps what was normalised: thousands of packages declare "MIT".
	known map[string]license.Expression
}

// textKey is a place (the directory or archive of the package), or a name with
// or without a version.
type textKey struct{ ecosystem, beside, name, version string }

type licenseText struct {
	licenses []string
	path     string
}

func (s *squash) licenseTexts() *licenseTexts {
	t := &licenseTexts{texts: map[textKey]licenseText{}, crowd: map[string]int{}, known: map[string]license.Expression{}}
	for _, e := range s.entries {
		seen := map[string]bool{}
		for _, l := range e.places {
			if !seen[l.Path] && !distribution(e.pkg.Ecosystem) {
				seen[l.Path] = true
				t.crowd[l.Path]++
			}
		}
	}
	for i, f := range s.layers {
		if f == nil {
			continue
		}
		// Workers end in any order: the first by path gives its name.
		found := slices.Clone(f.Inventory.Licenses)
		slices.SortStableFunc(found, func(a, b sekisho.DeclaredLicense) int { return strings.Compare(a.Location.Path, b.Location.Path) })
		for _, d := range found {
			if !d.Text || s.isHidden(i, d.Location.Path) {
				continue
			}
			k := textKey{d.Ecosystem, d.Beside, d.Name, d.Version}
			old := t.texts[k]
			if old.path == "" {
				old.path = d.Location.Path
			}
			old.licenses = append(slices.Clip(old.licenses), d.Licenses...)
			t.texts[k] = old
		}
	}
	return t
}

// fill gives the package its expression: of what it declares, or, where that says
// nothing that is known, of the text beside it.
func (t *licenseTexts) fill(p *sekisho.Package) {
	if p.LicenseFile != "" && p.LicenseExpression != "" {
		return // a bill of materials says what somebody recognised
	}
	e := t.normalise(p.Ecosystem, p.Licenses)
	p.LicenseExpression = e.String()
	if len(t.texts) == 0 || distribution(p.Ecosystem) || e.Known() {
		return
	}
	keys := []textKey{{p.Ecosystem, "", p.Name, p.Version}, {p.Ecosystem, "", p.Name, ""}}
	for _, l := range p.Locations {
		if t.crowd[l.Path] > 1 {
			continue
		}
		keys = append(keys, textKey{ecosystem: p.Ecosystem, beside: path.Dir(l.Path)}, textKey{ecosystem: p.Ecosystem, beside: l.Path})
	}
	for _, k := range keys {
		text, ok := t.texts[k]
		if !ok {
			continue
		}
		if read := t.normalise("", text.licenses); !read.IsZero() {
			p.LicenseExpression, p.LicenseFile = read.String(), text.path
			return
		}
	}
}

func (t *licenseTexts) normalise(ecosystem string, declared []string) license.Expression {
	if len(declared) == 0 {
		return license.Expression{}
	}
	k := ecosystem + "\x00" + strings.Join(declared, "\x00")
	e, ok := t.known[k]
	if !ok {
		e = license.Normalise(ecosystem, declared)
		t.known[k] = e
	}
	return e
}
