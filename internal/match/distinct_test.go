// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// copies are findings of one flaw, one for each "path@version".
func copies(places ...string) map[string]string {
	var all []sekisho.Finding
	for _, p := range places {
		var path, version string
		if _, err := fmt.Sscanf(p, "%s %s", &path, &version); err != nil {
			panic(err)
		}
		all = append(all, sekisho.Finding{ID: "plain", Package: &sekisho.PackageRef{PURL: "pkg:npm/p@" + version, Version: version}, Location: sekisho.Location{Path: path}})
	}
	distinct(all)
	ids := map[string]string{}
	for _, f := range all {
		ids[f.ID] = f.Location.Path + " " + f.Package.Version
	}
	return ids
}

// What happens to one copy of a package makes no finding of another copy new.
func TestIdsOfCopies(t *testing.T) {
	for name, tt := range map[string]struct {
		before, after []string
		fresh         int // ids that were not there before
		all           int
	}{
		"one stays what it is":           {[]string{"a 1"}, []string{"a 2"}, 0, 1},
		"the first goes":                 {[]string{"a 1", "b 2"}, []string{"b 2"}, 0, 1},
		"the second goes":                {[]string{"a 1", "b 2"}, []string{"a 1"}, 0, 1},
		"one of three goes":              {[]string{"a 1", "b 2", "c 3"}, []string{"b 2", "c 3"}, 0, 2},
		"the second is raised":           {[]string{"a 1", "b 2"}, []string{"a 1", "b 3"}, 0, 2},
		"the first is raised above":      {[]string{"a 1", "b 2"}, []string{"a 9", "b 2"}, 0, 2},
		"its path has the version":       {[]string{"a 1", "b-2.jar 2"}, []string{"a 1", "b-3.jar 3"}, 0, 2},
		"one comes before":               {[]string{"b 2"}, []string{"a 1", "b 2"}, 1, 2},
		"one comes behind":               {[]string{"a 1"}, []string{"a 1", "b 2"}, 1, 2},
		"two versions in one lockfile":   {[]string{"lock 1", "lock 2"}, []string{"lock 1", "lock 3"}, 0, 2},
		"three versions, and one is out": {[]string{"lock 1", "lock 2", "lock 3"}, []string{"lock 2", "lock 3"}, 0, 2},
	} {
		before, after := copies(tt.before...), copies(tt.after...)
		fresh := 0
		for id := range after {
			if before[id] == "" {
				fresh++
			}
		}
		if fresh != tt.fresh || len(after) != tt.all {
			t.Errorf("%s: %d ids are new of %d, want %d of %d: %v, then %v", name, fresh, len(after), tt.fresh, tt.all, before, after)
		}
	}
}
