// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Archive is the test of one rule: a txtar file
// (https://pkg.go.dev/golang.org/x/tools/txtar) whose first directories are
// cases, "bad", "bad-heredoc", "good", each with the files of one target, and a
// file "want" with the findings that the bad cases must give, a line each:
//
//	bad/Dockerfile:3 USER root
//	bad/pod.yaml:7 [Pod/web] privileged: true
type Archive struct {
	Cases map[string]map[string][]byte
	Want  []string
}

// ParseArchive reads a rule's test. It must have a good and a bad case.
func ParseArchive(text []byte) (*Archive, error) {
	a := &Archive{Cases: map[string]map[string][]byte{}}
	var kinds [2]bool
	for _, f := range txtar.Parse(text).Files {
		if f.Name == "want" {
			for line := range strings.Lines(string(f.Data)) {
				if line = strings.TrimSpace(line); line != "" {
					a.Want = append(a.Want, line)
				}
			}
			continue
		}
		name, path, ok := strings.Cut(f.Name, "/")
		bad, good := strings.HasPrefix(name, "bad"), strings.HasPrefix(name, "good")
		if !ok || !bad && !good {
			return nil, fmt.Errorf("the file %q is in no case: a case is a directory whose name begins with bad or good", f.Name)
		}
		kinds[0], kinds[1] = kinds[0] || bad, kinds[1] || good
		if a.Cases[name] == nil {
			a.Cases[name] = map[string][]byte{}
		}
		a.Cases[name][path] = f.Data
	}
	if !kinds[0] || !kinds[1] {
		return nil, fmt.Errorf("there must be a good and a bad case")
	}
	return a, nil
}

// Run judges every case and says how the findings of the rule differ from those
// that are wanted; got is the whole of them, as Want is written.
func (a *Archive) Run(rule string, judge func(files map[string][]byte) sekisho.Judgement) (got, bad []string) {
	names := make([]string, 0, len(a.Cases))
	for name := range a.Cases {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n := 0
		for _, f := range judge(a.Cases[name]).Findings {
			if f.Rule != rule || f.Suppressed != nil {
				continue
			}
			n++
			line := fmt.Sprintf("%s/%s:%d", name, f.Location.Path, f.Location.Line)
			if f.Resource != "" {
				line += " [" + f.Resource + "]"
			}
			if text := f.Evidence[0].Text; text != "" {
				line += " " + text
			}
			if strings.HasPrefix(name, "good") {
				bad = append(bad, "found although all is good: "+line)
				continue
			}
			got = append(got, line)
		}
		if n == 0 && strings.HasPrefix(name, "bad") {
			bad = append(bad, "nothing found in "+name)
		}
	}
	for _, line := range a.Want {
		if !slices.Contains(got, line) {
			bad = append(bad, "not found: "+line)
		}
	}
	for _, line := range got {
		if !slices.Contains(a.Want, line) {
			bad = append(bad, "not wanted: "+line)
		}
	}
	return got, bad
}
