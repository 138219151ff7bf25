// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// A base closes what is the base's and only that; what is known of its tag and of
// candidates decides how.
func TestBaseActions(t *testing.T) {
	split := sekisho.BaseImage{Name: "debian:12", Digest: "sha256:1", KnownBy: sekisho.BaseByProvenance, Split: true, Layers: 1, File: "Dockerfile", Line: 2}
	edit := func(change func(*sekisho.BaseImage)) *sekisho.BaseImage {
		b := split
		change(&b)
		return &b
	}
	for _, tt := range []struct {
		name string
		base *sekisho.BaseImage
		want []string
	}{
		{"no base", nil, []string{"upgrade-dependency npm: np", "upgrade-system Debian: libc,tar,curl left 1"}},
		{"split", &split, []string{"upgrade-base debian:12: libc,tar,np left 1 at [2]", "upgrade-own Debian: curl at [5]"}},
		{"a guess", edit(func(b *sekisho.BaseImage) { b.KnownBy, b.Name = sekisho.BaseByGuess, "" }), []string{"upgrade-dependency npm: np", "upgrade-system Debian: libc,tar,curl left 1"}},
		{"a name alone", edit(func(b *sekisho.BaseImage) { b.Split, b.Layers = false, 0 }), []string{"upgrade-base debian:12: libc,tar,curl left 1 at [2]", "upgrade-dependency npm: np"}},
		{"the tag moved", edit(func(b *sekisho.BaseImage) { b.Moved, b.Current = true, "sha256:2" }), []string{"rebuild-base debian:12: libc,tar,np left 1 at [2]", "upgrade-own Debian: curl at [5]"}},
		{"what the tag names now was opened", edit(func(b *sekisho.BaseImage) {
			b.Moved, b.Current = true, "sha256:2"
			b.Candidates = []sekisho.BaseCandidate{{Name: "debian:12", Digest: "sha256:2", Closes: []string{"libc"}, Keeps: 3, Adds: 4}}
		}), []string{"rebuild-base debian:12: libc left 7 at [2]", "upgrade-dependency npm: np", "upgrade-own Debian: curl at [5]", "upgrade-own debian:12: tar left 1"}},
		{"what the tag names now is the best candidate", edit(func(b *sekisho.BaseImage) {
			b.Moved, b.Current = true, "sha256:2"
			b.Candidates = []sekisho.BaseCandidate{{Name: "debian:12", Digest: "sha256:2", Best: true, Closes: []string{"libc", "np", "tar"}, Keeps: 1}}
		}), []string{"rebuild-base debian:12: libc,tar,np left 1 at [2]", "upgrade-own Debian: curl at [5]"}},
		{"the tag is what it was", edit(func(b *sekisho.BaseImage) { b.Current = "sha256:1" }), []string{"upgrade-dependency npm: np", "upgrade-own Debian: curl at [5]", "upgrade-own debian:12: libc,tar left 1"}},
		{"a candidate", edit(func(b *sekisho.BaseImage) {
			b.Candidates = []sekisho.BaseCandidate{{Name: "debian:13", Best: true, Closes: []string{"libc", "none", "np"}, Keeps: 1, Adds: 2}}
		}), []string{"move-base debian:12: libc,none,np left 3 at [2]", "upgrade-base debian:12: tar at [2]", "upgrade-own Debian: curl at [5]"}},
		{"a candidate that is not the best", edit(func(b *sekisho.BaseImage) {
			b.Candidates = []sekisho.BaseCandidate{{Name: "debian:13", Closes: []string{"libc"}}}
		}), []string{"upgrade-base debian:12: libc,tar,np left 1 at [2]", "upgrade-own Debian: curl at [5]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &sekisho.Result{OS: &sekisho.OS{ID: "debian", PrettyName: "Debian"}, Base: tt.base}
			for _, p := range []struct {
				name, ecosystem, fixed string
				layer                  int
			}{{"libc", "deb", "2", 0}, {"tar", "deb", "2", 0}, {"none", "deb", "", 0}, {"np", "npm", "2", 0}, {"curl", "deb", "2", 1}} {
				in := &sekisho.Introduction{Index: p.layer}
				origin := ""
				if p.layer == 1 {
					in.File, in.Line = "Dockerfile", 5
				}
				if tt.base != nil && tt.base.Split {
					origin = []string{sekisho.OriginBase, sekisho.OriginOwn}[p.layer]
				}
				r.Packages = append(r.Packages, sekisho.Package{PURL: p.name, Name: p.name, Ecosystem: p.ecosystem, Introduced: in})
				r.Findings = append(r.Findings, sekisho.Finding{
					ID: p.name, Kind: sekisho.Vulnerability, Severity: sekisho.SeverityHigh, Fixed: p.fixed, Origin: origin, Introduced: in,
					Package: &sekisho.PackageRef{PURL: p.name, Name: p.name, Version: "1", Ecosystem: p.ecosystem},
				})
			}
			Rank(r, Setting{}, Default(), func(_, a, b string) (int, bool) { return strings.Compare(a, b), true })
			order := []string{"libc", "tar", "none", "np", "curl"}
			var got []string
			for _, a := range r.Actions {
				subject := a.Subject
				if a.Kind == sekisho.ActionUpgradeDependency {
					subject = "npm"
				}
				slices.SortFunc(a.Closes, func(x, y string) int { return slices.Index(order, x) - slices.Index(order, y) })
				s := fmt.Sprintf("%s %s: %s", a.Kind, subject, strings.Join(a.Closes, ","))
				if a.Remaining > 0 {
					s += fmt.Sprint(" left ", a.Remaining)
				}
				if len(a.Lines) > 0 {
					s += fmt.Sprint(" at ", a.Lines)
				}
				got = append(got, s)
			}
			slices.Sort(got)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
