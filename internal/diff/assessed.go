// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// view is what a result looked at.
type view struct {
	r *sekisho.Result
	// whole is true where nothing can be said of any part: a problem of the whole
	// target or of a layer may hide anything.
	whole bool
	// paths are those of problems, and ecosystems those without any advisories.
	paths      map[string]bool
	ecosystems map[string]bool
}

func newView(r *sekisho.Result) *view {
	v := &view{r: r, paths: map[string]bool{}, ecosystems: map[string]bool{}}
	v.whole = r.Coverage.LayersUnread > 0
	for i := range r.Problems {
		switch p := &r.Problems[i]; {
		case p.Path != "":
			v.paths[p.Path] = true
		case !p.Minor:
			v.whole = true
		}
	}
	for _, e := range r.Coverage.Ecosystems {
		if e.NotAssessed > 0 && e.NotAssessed >= e.Packages-e.Owned {
			v.ecosystems[e.Ecosystem] = true
		}
	}
	return v
}

// scanner that looks for a kind of finding.
var scanner = map[sekisho.FindingKind]string{
	sekisho.Vulnerability: "vuln", sekisho.Malware: "malware", sekisho.Misconfiguration: "misconfig",
	sekisho.Secret: "secret", sekisho.License: "license",
}

// assessed says whether the result would have the finding if it were there.
func (v *view) assessed(f *sekisho.Finding) bool {
	looked := ran(v.r, scanner[f.Kind])
	if f.Kind == sekisho.Malware && f.Package != nil { // known by advisories, or by its files
		looked = looked || ran(v.r, "vuln")
	}
	if v.whole || !looked || v.problemAt(f.Location.Path) {
		return false
	}
	if f.Kind != sekisho.Vulnerability && f.Kind != sekisho.Malware || f.Package == nil {
		return true
	}
	if system(f.Package.Ecosystem) && v.r.Coverage.OS == "unsupported" {
		return false
	}
	return v.r.Database != nil && !v.ecosystems[f.Package.Ecosystem]
}

// ran says whether a scanner looked at the target; a scanner of a name that is
// not listed did not.
func ran(r *sekisho.Result, name string) bool {
	return slices.ContainsFunc(r.Coverage.Scanners, func(s sekisho.ScannerCoverage) bool { return s.Name == name && s.Ran })
}

// problemAt says whether the file, an archive that it is in or a directory above
// could not be read.
func (v *view) problemAt(path string) bool {
	for path != "" && len(v.paths) > 0 {
		if v.paths[path] {
			return true
		}
		i := max(strings.LastIndexByte(path, '/'), strings.LastIndexByte(path, '!'))
		if i < 0 {
			return false
		}
		path = path[:i]
	}
	return false
}

// system says whether an ecosystem is that of a distribution.
func system(ecosystem string) bool {
	switch ecosystem {
	case sekisho.EcosystemDeb, sekisho.EcosystemAPK, sekisho.EcosystemRPM, sekisho.EcosystemALPM:
		return true
	}
	return false
}
