// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// unit reads the command lines of a systemd service.
func (r *commandReader) unit(text string) {
	u, _ := parseUnit(r.file, text)
	r.lasting = true // systemd keeps it running
	r.rootless = rootlessPath(r.file)
	for i := range u.entries {
		if e := &u.entries[i]; e.section == "Service" && e.key == "User" && e.Text != "root" && e.Text != "0" && e.Text != "" {
			r.rootless = true
		}
	}
	for i := range u.entries {
		e := &u.entries[i]
		if e.section != "Service" || !strings.HasPrefix(e.key, "Exec") || !namesEngine(e.Text) || !namesRun(e.Text) {
			continue
		}
		line := strings.TrimLeft(e.Text, "-@:+!|")
		line = strings.Repeat(" ", len(e.Text)-len(line)) + line
		s, err := shell.Parse(line, shell.Bash)
		if err != nil {
			r.problems = append(r.problems, sekisho.Problem{Path: r.file, Minor: true}.Saying(message.Say("the command of %s cannot be parsed: %v", e.key, err)))
			continue
		}
		r.read(s, func(_, column int) (int, int) { return e.at(column - 1) })
	}
}

// makefile reads the recipes.
func (r *commandReader) makefile(text string) {
	var recipe strings.Builder
	first, n, more := 0, 0, false
	for raw := range strings.Lines(text) {
		n++
		if !more {
			if !strings.HasPrefix(raw, "\t") {
				more = false
				continue
			}
			first = n
		}
		recipe.WriteString(raw)
		if more = strings.HasSuffix(strings.TrimRight(raw, "\r\n"), `\`); more && recipe.Len() < 64<<10 {
			continue
		}
		r.line(recipeText(recipe.String()), first)
		recipe.Reset()
		more = false
	}
	if recipe.Len() > 0 {
		r.line(recipeText(recipe.String()), first)
	}
}

// recipeText is a recipe as a shell can read it, every byte in its place: make's
// variables become those of a shell, which are not known either.
func recipeText(s string) string {
	b := []byte(s)
	for i := 0; i < len(b) && (b[i] == '\t' || b[i] == ' ' || b[i] == '@' || b[i] == '-' || b[i] == '+'); i++ {
		b[i] = ' '
	}
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '$' {
			continue
		}
		switch c := b[i+1]; c {
		case '$':
			// "$$X" is "$X" to the shell.
			b[i] = '_'
			i++
		case '(', '{':
			end := balanced(s, i+1)
			if end >= len(b) {
				return string(b)
			}
			b[i+1], b[end] = '{', '}'
			for j := i + 2; j < end; j++ {
				if !isName("_" + string(b[j])) {
					b[j] = '_'
				}
			}
			if end == i+2 {
				b[i], b[i+1], b[end] = '_', '_', '_'
			}
			i = end
		case '<', '^', '+', '|', '%':
			b[i+1] = '@'
			i++
		}
	}
	return string(b)
}

// page reads the code blocks of a Markdown file
// (https://spec.commonmark.org/0.31.2/#fenced-code-blocks).
func (r *commandReader) page(text string) {
	var block strings.Builder
	fence, first, n, wanted := "", 0, 0, false
	for raw := range strings.Lines(text) {
		n++
		line := strings.TrimSpace(raw)
		switch {
		case fence == "" && (strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~")):
			fence, first = line[:3], n
			language := strings.TrimLeft(line, "`~ ")
			if i := strings.IndexAny(language, " {,"); i >= 0 {
				language = language[:i]
			}
			switch strings.ToLower(language) {
			case "", "sh", "bash", "shell", "console", "terminal", "zsh", "shell-session", "text", "cli":
				wanted = true
			default:
				wanted = false
			}
		case fence != "" && strings.HasPrefix(line, fence):
			r.block(block.String(), first)
			block.Reset()
			fence = ""
		case fence != "" && wanted:
			block.WriteString(raw)
		}
	}
	r.block(block.String(), first)
}

// block reads the lines of a code block that begins behind the line.
func (r *commandReader) block(text string, behind int) {
	r.offset = behind
	r.lines(text)
	r.offset = 0
}
