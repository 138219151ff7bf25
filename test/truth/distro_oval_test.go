// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"encoding/xml"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// ovalCriteria is a condition as a person reads it: by its comments.
type ovalCriteria struct {
	Criteria   []ovalCriteria `xml:"criteria"`
	Criterions []struct {
		Comment string `xml:"comment,attr"`
		Test    string `xml:"test_ref,attr"`
	} `xml:"criterion"`
}

type ovalDefinition struct {
	Title      string `xml:"metadata>title"`
	Patchable  string `xml:"metadata>patchable"`
	References []struct {
		Source string `xml:"source,attr"`
		ID     string `xml:"ref_id,attr"`
	} `xml:"metadata>reference"`
	Criteria ovalCriteria `xml:"criteria"`
}

// ovalDocument is a file; the tests lead to names, versions and architectures.
type ovalDocument struct {
	Definitions []ovalDefinition `xml:"definitions>definition"`
	Tests       []struct {
		ID     string `xml:"id,attr"`
		Object struct {
			Ref string `xml:"object_ref,attr"`
		} `xml:"object"`
		State struct {
			Ref string `xml:"state_ref,attr"`
		} `xml:"state"`
	} `xml:"tests>rpminfo_test"`
	Objects []struct {
		ID   string `xml:"id,attr"`
		Name string `xml:"name"`
	} `xml:"objects>rpminfo_object"`
	States []struct {
		ID   string `xml:"id,attr"`
		Arch string `xml:"arch"`
		EVR  struct {
			Operation string `xml:"operation,attr"`
			Value     string `xml:",chardata"`
		} `xml:"evr"`
	} `xml:"states>rpminfo_state"`
}

var oracleOVAL struct {
	once  sync.Once
	fixes map[string]map[string][]fix
}

var earlier = regexp.MustCompile(`^(\S+) is earlier than (\S+)$`)

// oracleFixes reads com.oracle.elsa-all.xml by release and package, by the
// comments of its criteria: "bind is earlier than 30:9.3.3-8.el5".
func oracleFixes(t *testing.T) map[string]map[string][]fix {
	t.Helper()
	oracleOVAL.once.Do(func() {
		oracleOVAL.fixes = map[string]map[string][]fix{}
		feedFiles(t, "oracle-oval", func(path string, data []byte) {
			var doc ovalDocument
			if !strings.HasSuffix(path, ".xml") {
				return
			}
			if err := xml.Unmarshal(data, &doc); err != nil {
				t.Fatal(err)
			}
			arch, of := map[string]string{}, map[string]string{}
			for _, s := range doc.States {
				arch[s.ID] = s.Arch
			}
			for _, x := range doc.Tests {
				of[x.ID] = arch[x.State.Ref]
			}
			for _, d := range doc.Definitions {
				var f fix
				for _, r := range d.References {
					if r.Source == "CVE" {
						f.flaws = append(f.flaws, r.ID)
					} else {
						f.id = r.ID
					}
				}
				oracleWalk(d.Criteria, f, "", of)
			}
		})
	})
	return oracleOVAL.fixes
}

// machineArches is what a machine of an architecture can have installed.
func machineArches(arch string) []string {
	if arch == "x86_64" {
		return []string{"x86_64", "i686", "i386"}
	}
	return []string{arch}
}

// oracleWalk goes down the criteria; arch is that of a test's state.
func oracleWalk(c ovalCriteria, f fix, release string, arch map[string]string) {
	for _, t := range c.Criterions {
		words := strings.Fields(t.Comment)
		switch {
		case strings.HasPrefix(t.Comment, "Oracle Linux arch is "):
			f.arches = machineArches(words[4])
		case strings.HasPrefix(t.Comment, "Oracle Linux "):
			release = words[2]
		case strings.HasPrefix(t.Comment, "Module "):
			f.module = words[1]
		}
	}
	for _, t := range c.Criterions {
		if m := earlier.FindStringSubmatch(t.Comment); m != nil {
			of := oracleOVAL.fixes[release]
			if of == nil {
				of = map[string][]fix{}
				oracleOVAL.fixes[release] = of
			}
			g, name := f, m[1]
			// Flat copies of the criteria name the stream before the package.
			if stream, rest, ok := strings.Cut(name, "::"); ok {
				g.module, name = stream, rest
			}
			if a := arch[t.Test]; a != "" && f.arches == nil {
				for one := range strings.SplitSeq(a, "|") {
					g.arches = append(g.arches, machineArches(one)...)
				}
			}
			g.fixed = m[2]
			of[name] = append(of[name], g)
		}
	}
	for _, sub := range c.Criteria {
		oracleWalk(sub, f, release, arch)
	}
}

// Oracle Linux: builds for Ksplice and those validated for FIPS are lines of
// their own, and judged against themselves alone.
func TestOracle(t *testing.T) {
	db := database(t, "oracle-oval")
	for _, release := range []string{"7", "8", "9"} {
		fixes := map[string][]fix{}
		leave := map[string]bool{}
		for name, list := range oracleFixes(t)[release] {
			for _, f := range list {
				if strings.Contains(f.fixed, "ksplice") || strings.Contains(f.fixed, "fips") {
					continue
				}
				fixes[name] = append(fixes[name], f)
				if f.module == "" && strings.Contains(f.fixed, ".module") {
					leave[name] = true
				}
			}
		}
		t.Logf("%d of %d names left out: a module without its stream", len(leave), len(fixes))
		packages := drawBuilds(fixes, leave, 300)
		t.Logf("%d packages", len(packages))
		compare(t, "Oracle "+release, judge("oracle-oval", fixes, packages, false, rpmCompare), evidenceSet(scan(t, db, bill(t, "rpm", "ol", release, packages)), "rpm"), 1000)
	}
}

// azureFixes reads a file of Azure Linux: a flaw in a source package each,
// "less than" its first fixed version, or "less than or equal" to the last one
// while nothing fixes it; "Not Applicable" is none.
func azureFixes(t *testing.T, release string) map[string][]fix {
	t.Helper()
	fixes := map[string][]fix{}
	feedFiles(t, "azurelinux-oval", func(path string, data []byte) {
		if !strings.Contains(path, "-"+release+"-oval") {
			return
		}
		var doc ovalDocument
		if err := xml.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		for _, d := range doc.Definitions {
			if d.Patchable == "Not Applicable" {
				continue
			}
			f, name := fix{id: d.References[0].ID, state: "affected"}, ""
			for _, c := range d.Criteria.Criterions {
				for _, x := range doc.Tests {
					if x.ID != c.Test {
						continue
					}
					for _, o := range doc.Objects {
						if o.ID == x.Object.Ref {
							name = o.Name
						}
					}
					for _, s := range doc.States {
						if s.ID != x.State.Ref {
							continue
						}
						v := strings.ReplaceAll(s.EVR.Value, " ", "")
						if !strings.Contains(v, "-") { // the suffix belongs to the release that is not there
							v = strings.TrimSuffix(strings.TrimSuffix(v, ".cm2"), ".azl3")
						}
						switch s.EVR.Operation {
						case "less than":
							f.fixed = v
						case "less than or equal":
							f.last = v
						}
					}
				}
			}
			if !strings.Contains(f.fixed+f.last, "null") {
				fixes[name] = append(fixes[name], f)
			}
		}
	})
	return fixes
}

func TestAzureLinux(t *testing.T) {
	tool(t, "rpm")
	root := shared + "/rootfs/azurelinux-2.0"
	packages := rpmQuery(t, root+"/var/lib/rpm")
	t.Logf("%d packages", len(packages))
	fixes := azureFixes(t, "2.0")
	db := database(t, "azurelinux-oval")
	compare(t, "azurelinux-2.0", judge("azurelinux-oval", fixes, packages, true, rpmCompare), evidenceSet(scan(t, db, "dir:"+root), "rpm"), 50)
	for _, release := range []string{"2.0", "3.0"} {
		fixes := azureFixes(t, release)
		names := map[string]bool{}
		for name, list := range fixes {
			names[name] = slices.ContainsFunc(list, func(f fix) bool { return f.fixed == "" || !strings.Contains(f.fixed, "-") })
		}
		distro := map[string]string{"2.0": "mariner", "3.0": "azurelinux"}[release]
		packages := drawBuilds(fixes, names, 400)
		compare(t, "bill of "+release, judge("azurelinux-oval", fixes, packages, true, rpmCompare), evidenceSet(scan(t, db, bill(t, "rpm", distro, release, packages)), "rpm"), 200)
	}
}
