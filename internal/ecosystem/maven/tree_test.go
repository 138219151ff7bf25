// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// projects reads several files as the walk gives them: one with the others beside it.
func projects(t *testing.T, files map[string]string) sekisho.Inventory {
	t.Helper()
	paths := slices.Sorted(maps.Keys(files))
	in := extracttest.Input(paths[0], []byte(files[paths[0]]))
	in.Beside = map[string]*sekisho.Input{}
	for _, p := range paths[1:] {
		in.Beside[p] = extracttest.Input(p, []byte(files[p]))
	}
	inv, err := projectFile{}.Extract(t.Context(), in)
	if err != nil {
		t.Error(err)
	}
	return inv
}

func project(name, version, parent, rest string) string {
	v := ""
	if version != "" {
		v = "<version>" + version + "</version>"
	}
	if parent != "" {
		parent = "<parent><groupId>g</groupId>" + parent + "</parent>"
	}
	return "<project>" + parent + "<groupId>g</groupId><artifactId>" + name + "</artifactId>" + v + rest + "</project>"
}

const (
	wantsA = "<dependencies><dependency><groupId>x</groupId><artifactId>a</artifactId></dependency></dependencies>"
	wantsP = "<dependencies><dependency><groupId>x</groupId><artifactId>a</artifactId><version>${a.version}</version></dependency></dependencies>"
	parent = "<artifactId>parent</artifactId><version>1</version>"
)

func manages(version string) string {
	return "<dependencyManagement><dependencies><dependency><groupId>x</groupId><artifactId>a</artifactId><version>" + version + "</version></dependency></dependencies></dependencyManagement>"
}

func importing(name, version string) string {
	return "<dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>" + name + "</artifactId><version>" + version + "</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>"
}

// Modules take versions from their parents and from what those import, as far as
// they are in the tree; never from another version of them.
func TestProjectsOfOneTree(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string // the version of x:a in m, "" for unknown
	}{
		{"a property of the parent", map[string]string{"pom.xml": project("parent", "1", "", "<properties><a.version>7</a.version></properties>"), "m/pom.xml": project("m", "", parent, wantsP)}, "7"},
		{"managed by the parent", map[string]string{"pom.xml": project("parent", "1", "", manages("7")), "m/pom.xml": project("m", "", parent, wantsA)}, "7"},
		{"managed by the parent, with a property of the module", map[string]string{
			"pom.xml":   project("parent", "1", "", "<properties><a.version>7</a.version></properties>"+manages("${a.version}")),
			"m/pom.xml": project("m", "", parent, "<properties><a.version>8</a.version></properties>"+wantsA),
		}, "8"},
		{"by the parent of the parent, in directories of other names", map[string]string{
			"build/top/pom.xml":    project("parent", "1", "", "<properties><a.version>7</a.version></properties>"),
			"build/middle/pom.xml": project("middle", "", strings.Replace(parent, "</version>", "</version><relativePath>../top</relativePath>", 1), manages("${a.version}")),
			"m/pom.xml":            project("m", "", "<artifactId>middle</artifactId><version>1</version><relativePath>../build/middle/pom.xml</relativePath>", wantsA),
		}, "7"},
		{"found by its name", map[string]string{"build/pom.xml": project("parent", "1", "", manages("7")), "a/m/pom.xml": project("m", "", parent+"<relativePath/>", wantsA)}, "7"},
		{"the version of the tree in a property", map[string]string{"pom.xml": project("parent", "${revision}", "", "<properties><revision>1</revision></properties>"+manages("7")), "m/pom.xml": project("m", "", strings.Replace(parent, ">1<", ">${revision}<", 1), wantsA)}, "7"},
		{"an import of the tree", map[string]string{
			"bom/pom.xml": project("bom", "3", "", "<properties><a.version>7</a.version></properties>"+manages("${a.version}")),
			"pom.xml":     project("parent", "1", "", "<properties><a.version>wrong</a.version></properties>"+importing("bom", "3")),
			"m/pom.xml":   project("m", "", parent, wantsA),
		}, "7"},
		{"another version of the parent", map[string]string{"pom.xml": project("parent", "2", "", manages("7")), "m/pom.xml": project("m", "", parent, wantsA)}, ""},
		{"another version of the import", map[string]string{"bom/pom.xml": project("bom", "4", "", manages("7")), "m/pom.xml": project("m", "1", "", importing("bom", "3")+wantsA)}, ""},
		{"no parent in the tree", map[string]string{"pom.xml": project("other", "1", "", manages("7")), "m/pom.xml": project("m", "", parent, wantsA)}, ""},
		{"a parent of itself", map[string]string{"m/pom.xml": project("m", "1", "<artifactId>m</artifactId><version>1</version>", wantsA)}, ""},
		{"two that are each other's parent", map[string]string{"pom.xml": project("parent", "1", "<artifactId>m</artifactId><version>1</version><relativePath>m</relativePath>", ""), "m/pom.xml": project("m", "1", parent, wantsA)}, ""},
	} {
		inv := projects(t, tt.files)
		got := ""
		for _, p := range inv.Packages {
			if p.Name == "x:a" {
				got += p.Version
				if !strings.HasSuffix(p.Path, "m/pom.xml") || p.Path != p.Locations[0].Path || p.Line != 1 {
					t.Errorf("%s: at %s", tt.name, p.Path)
				}
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if said := fmt.Sprint(inv.Problems); strings.Contains(said, "x:a") != (tt.want == "") {
			t.Errorf("%s: %s", tt.name, said)
		}
	}
}

// What is wrong with one file is said of it, and the others are read.
func TestProjectsWithDamage(t *testing.T) {
	inv := projects(t, map[string]string{"a/pom.xml": project("a", "1", "", ""), "b/pom.xml": "<project><artifactId>b", "c/pom.xml": project("c", "1", "", "")})
	if len(inv.Packages) != 2 || len(inv.Problems) != 1 || inv.Problems[0].Path != "b/pom.xml" {
		t.Errorf("%+v", inv)
	}
}
