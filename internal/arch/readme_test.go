// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The README in Japanese has the sections and the commands of the English one.
func TestReadmes(t *testing.T) {
	read := func(name string) (levels, commands []string) {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		return outline(string(text))
	}
	levels, commands := read("README.md")
	levelsJa, commandsJa := read("README.ja.md")
	if !slices.Equal(levels, levelsJa) {
		t.Errorf("headings of README.md %v, of README.ja.md %v", levels, levelsJa)
	}
	for _, c := range commands {
		if !slices.Contains(commandsJa, c) {
			t.Errorf("README.ja.md lacks the command %q", c)
		}
	}
	for _, c := range commandsJa {
		if !slices.Contains(commands, c) {
			t.Errorf("README.md lacks the command %q", c)
		}
	}
	if len(levels) < 8 || len(commands) < 8 {
		t.Errorf("only %d headings and %d commands: does the test still see them?", len(levels), len(commands))
	}
	levels, commands = outline("# A\n\n    $ sekisho scan x --lang ja   # why\n\n```sh\n# no heading\nsekisho db update\nTarget: x\n```\n\n## B\nsekisho is prose\n")
	if !slices.Equal(levels, []string{"#", "##"}) || !slices.Equal(commands, []string{"sekisho scan x", "sekisho db update"}) {
		t.Errorf("%q %q", levels, commands)
	}
}

// outline are the levels of the headings of a text in Markdown and the commands in
// its blocks of code, without comments and the choice of the language.
func outline(text string) (levels, commands []string) {
	fenced := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
			continue
		}
		level, _, _ := strings.Cut(line, " ")
		switch {
		case !fenced && level != "" && strings.Trim(level, "#") == "":
			levels = append(levels, level)
			continue
		case !fenced && !strings.HasPrefix(line, "    "):
			continue
		}
		line, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "$ "), " #")
		line = strings.TrimSpace(strings.Replace(line, " --lang ja", "", 1))
		first, _, _ := strings.Cut(line, " ")
		if slices.Contains([]string{"sekisho", "make", "go", "docker", "git", "curl", "export"}, first) {
			commands = append(commands, line)
		}
	}
	return levels, commands
}
