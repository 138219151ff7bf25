// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"bufio"
	"bytes"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
)

// ignoreFile and schemaFile are files of a chart that are no templates.
const (
	ignoreFile = ".helmignore"
	schemaFile = "values.schema.json"
)

// helmIgnore are the patterns of a .helmignore
// (https://helm.sh/docs/chart_template_guide/helm_ignore_file/).
type helmIgnore []ignorePattern

type ignorePattern struct {
	glob string
	// negate is a pattern that began with "!", directory one that ended with
	// "/", whole one that is held to the path and not to the name.
	negate, directory, whole bool
}

// readIgnore reads the patterns, and adds the one that holds for every chart.
func readIgnore(text []byte) (helmIgnore, error) {
	var out helmIgnore
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if strings.Contains(line, "**") {
			return nil, message.Errorf("the pattern %.100q has **, which Helm does not know", line)
		}
		if _, err := path.Match(line, "abc"); err != nil {
			return nil, message.Errorf("the pattern %.100q: %w", line, err)
		}
		var p ignorePattern
		line, p.negate = strings.CutPrefix(line, "!")
		line, p.directory = strings.CutSuffix(line, "/")
		p.whole = strings.Contains(line, "/")
		p.glob = strings.TrimPrefix(line, "/")
		out = append(out, p)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return append(out, ignorePattern{glob: "templates/.?*", whole: true}), nil
}

// ignores says whether a file is left out, by its name or that of a directory
// in which it is.
func (g helmIgnore) ignores(name string) bool {
	for i := range len(name) {
		if name[i] == '/' && g.matches(name[:i], true) {
			return true
		}
	}
	return g.matches(name, false)
}

// matches follows Helm to the letter: the first pattern that applies decides, and
// one with "!" leaves out everything that it does not match.
func (g helmIgnore) matches(name string, directory bool) bool {
	for _, p := range g {
		n := name
		if !p.whole {
			n = path.Base(n)
		}
		ok, err := path.Match(p.glob, n)
		ok = ok && err == nil
		switch {
		case p.negate && (p.directory && !directory || !ok):
			return true
		case p.negate, p.directory && !directory:
		case ok:
			return true
		}
	}
	return false
}
