// SPDX-License-Identifier: Apache-2.0

package scan

import "testing"

func TestExcluded(t *testing.T) {
	for _, tt := range []struct {
		pattern, path string
		want          bool
	}{
		{"*.log", "a.log", true},
		{"*.log", "var/log/a.log", true},
		{"*.log", "var/log/a.logs", false},
		{"var/cache", "var/cache", true},
		{"var/cache", "var/cache/apt/x", true},
		{"/var/cache/", "var/cache/apt/x", true},
		{"./var/cache/**", "var/cache/apt/x", true},
		{"var/cache", "srv/var/cache/x", false},
		{"var/cache", "var/cached", false},
		{"var/*/apt", "var/cache/apt/x", true},
		{"node_modules", "srv/app/node_modules/a/package.json", true},
		{"**/node_modules", "srv/app/node_modules/a/package.json", true},
		{"**/b/c", "a/b/c/d", true},
		{"**/b/c", "a/b/d/c", false},
		{"a", "ab", false},
	} {
		o := &Options{Exclude: []string{tt.pattern}}
		if got := o.excluded(tt.path); got != tt.want {
			t.Errorf("%q excludes %s: %v, want %v", tt.pattern, tt.path, got, tt.want)
		}
	}
	if (&Options{}).excluded("a") {
		t.Error("no pattern excludes a path")
	}
}
