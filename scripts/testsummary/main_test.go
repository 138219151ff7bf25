// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

func TestSummarise(t *testing.T) {
	const (
		pass  = `{"Action":"run","Package":"p","Test":"A"}` + "\n" + `{"Action":"pass","Package":"p","Test":"A"}` + "\n"
		end   = `{"Action":"pass","Package":"p","Elapsed":1}` + "\n"
		skip  = `{"Action":"output","Package":"p","Test":"B","Output":"=== RUN   B\n"}` + "\n" + `{"Action":"output","Package":"p","Test":"B","Output":"    b.go:1: no daemon\n"}` + "\n" + `{"Action":"skip","Package":"p","Test":"B"}` + "\n"
		fail  = `{"Action":"output","Package":"p","Test":"C","Output":"    c.go:1: got 1\n"}` + "\n" + `{"Action":"fail","Package":"p","Test":"C"}` + "\n" + `{"Action":"fail","Package":"p"}` + "\n"
		build = `{"ImportPath":"p","Action":"build-output","Output":"p.go:1: no\n"}` + "\n" + `{"ImportPath":"p","Action":"build-fail"}` + "\n"
	)
	for name, tt := range map[string]struct {
		in   string
		ci   bool
		ok   bool
		want string
	}{
		"pass":       {pass + end, true, true, "1 passed, 0 failed, 0 skipped, in 1 packages"},
		"skip":       {pass + skip + end, false, true, "skipped p B: b.go:1: no daemon"},
		"skip in CI": {pass + skip + end, true, false, "a skipped test is a failure"},
		"fail":       {pass + fail, false, false, "c.go:1: got 1"},
		"build":      {build + pass + end, false, false, "p.go:1: no"},
		"nothing":    {"", false, false, "no test ran"},
		"no JSON":    {"go: cannot find\n", false, false, "go: cannot find"},
	} {
		var out strings.Builder
		if ok := summarise(strings.NewReader(tt.in), &out, tt.ci); ok != tt.ok || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%s: %v, %q; want %v and %q", name, ok, out.String(), tt.ok, tt.want)
		}
	}
}
