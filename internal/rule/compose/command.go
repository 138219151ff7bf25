// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// commands are the containers that a script, a Makefile, a unit or a page starts.
func (t *tree) commands(file string, text []byte) []*Service {
	r := &commandReader{file: file, built: map[string]bool{}}
	switch ext := path.Ext(file); {
	case ext == ".service":
		r.unit(string(text))
	case ext == ".md" || ext == ".markdown":
		r.docs = true
		r.page(string(text))
	case isMakefile(path.Base(file)):
		r.makefile(string(text))
	default:
		r.script(string(text))
	}
	t.problems = append(t.problems, r.problems...)
	markLocal(r.out, r.built)
	return r.out
}

// commandReader finds the commands of one file.
type commandReader struct {
	file     string
	docs     bool
	rootless bool
	lasting  bool
	out      []*Service
	problems []sekisho.Problem
	// values are the variables that a script sets once.
	values map[string]string
	// built are the images that the file builds or tags.
	built map[string]bool
	// offset is the line before the text that is read.
	offset int
}

// place turns a line and a column of a piece of shell text into those of the file.
type place func(line, column int) (int, int)

func same(line, column int) (int, int) { return line, column }

// script reads a whole script; one that no shell takes is read line by line.
func (r *commandReader) script(text string) {
	dialect := shell.Bash
	if s, err := shell.Parse(text, dialect); err == nil {
		r.variables(s)
		r.read(s, same)
		return
	}
	r.problems = append(r.problems, sekisho.Problem{Path: r.file, Minor: true}.Saying(message.Say("the script cannot be parsed as a whole; the lines that start containers were read one by one")))
	r.lines(text)
}

// variables notes those that are set once, to a value that is known.
func (r *commandReader) variables(s *shell.Script) {
	count := map[string]int{}
	r.values = map[string]string{}
	for i := range s.Commands {
		c := &s.Commands[i]
		for _, a := range c.Assigns {
			count[a.Name]++
			if a.Value != nil && a.Value.Known && !a.Append && !c.Branch && c.Function == "" {
				r.values[a.Name] = a.Value.Text
			}
		}
		if c.Name == "read" || c.Name == "getopts" || c.Name == "mapfile" {
			for _, w := range c.Args {
				count[w.Text] += 2
			}
		}
	}
	for name, n := range count {
		if n > 1 {
			delete(r.values, name)
		}
	}
}

// lines reads each logical line that names an engine.
func (r *commandReader) lines(text string) {
	var joined strings.Builder
	first, n := 0, 0
	for raw := range strings.Lines(text) {
		n++
		if joined.Len() == 0 {
			first = n
		}
		joined.WriteString(raw)
		if body := strings.TrimRight(raw, "\r\n"); strings.HasSuffix(body, `\`) && joined.Len() < 64<<10 {
			continue
		}
		r.line(joined.String(), first)
		joined.Reset()
	}
	if joined.Len() > 0 {
		r.line(joined.String(), first)
	}
}

// line reads one logical line of the file; a prompt before it is passed over.
func (r *commandReader) line(text string, first int) {
	if !namesEngine(text) || !namesRun(text) && !strings.Contains(text, "build") && !strings.Contains(text, " tag ") {
		return
	}
	trimmed := strings.TrimLeft(text, " \t")
	if rest, ok := strings.CutPrefix(trimmed, "$ "); ok {
		trimmed = "  " + rest
	} else if rest, ok := strings.CutPrefix(trimmed, "# "); ok && r.docs {
		trimmed = "  " + rest
	}
	text = strings.Repeat(" ", len(text)-len(trimmed)) + trimmed
	s, err := shell.Parse(text, shell.Bash)
	if err != nil {
		if !r.docs {
			r.problems = append(r.problems, sekisho.Problem{Path: r.file, Minor: true}.Saying(message.Say("a command that may start a container cannot be parsed: %v", err)))
		}
		return
	}
	r.read(s, func(line, column int) (int, int) { return line + first - 1 + r.offset, column })
}

// engines are the programs whose command line is Docker's.
var engines = map[string]bool{"docker": true, "podman": true, "nerdctl": true, "finch": true, "docker.exe": true}

// engineVariable is how scripts and Makefiles call a variable that holds one.
var engineVariable = sync.OnceValue(func() *pattern.Pattern {
	return pattern.New(`(?i)^\$[{(]?[a-z_]*(?:docker|podman|nerdctl|container_?(?:engine|runtime|cli|tool|cmd)|^oci_?(?:bin|engine))(?:_?(?:cmd|bin|cli|exe))?[})]?$`)
})

// globalValued are options before the command that take a value.
var globalValued = strings.Fields("-H --host -c --context --config -l --log-level --tlscacert --tlscert --tlskey --url --connection --root --runroot --storage-driver --storage-opt --identity -n --namespace -a --address --snapshotter --cgroup-manager --runtime --tmpdir --events-backend --network-config-dir --conmon --hooks-dir --module --volumepath")

// read makes a Service of each command that starts a container.
func (r *commandReader) read(s *shell.Script, at place) {
	for i := range s.Commands {
		c := &s.Commands[i]
		if !engines[c.Name] && (c.Name != "" || !engineVariable().MatchString(c.Program.Text)) {
			continue
		}
		words := make([]Value, len(c.Args))
		for j := range c.Args {
			words[j] = r.value(&c.Args[j], at)
		}
		j := 0
		for j < len(words) && strings.HasPrefix(words[j].Text, "-") {
			if slices.Contains(globalValued, words[j].Text) {
				j++
			}
			j++
		}
		if j < len(words) && (words[j].Text == "container" || words[j].Text == "image" || words[j].Text == "buildx") {
			j++
		}
		if j >= len(words) {
			continue
		}
		switch words[j].Text {
		case "run", "create", "exec":
			r.start(c, words[j].Text, words[j+1:], at)
		case "build", "tag", "commit":
			r.build(words[j].Text, words[j+1:])
		}
	}
}

// build notes the names that an image is given.
func (r *commandReader) build(verb string, words []Value) {
	note := func(text string) {
		if !strings.Contains(text, hole) {
			r.built[strings.TrimSuffix(text, ":latest")] = true
		}
	}
	if verb != "build" {
		if len(words) > 1 {
			note(words[len(words)-1].Text)
		}
		return
	}
	for i, v := range words {
		for _, option := range [...]string{"-t", "--tag"} {
			if v.Text == option && i+1 < len(words) {
				note(words[i+1].Text)
			} else if rest, ok := strings.CutPrefix(v.Text, option+"="); ok {
				note(rest)
			} else if option == "-t" && strings.HasPrefix(v.Text, "-t") && len(v.Text) > 2 {
				note(strings.TrimPrefix(v.Text[2:], "="))
			}
		}
	}
}

// value is a word of a command.
func (r *commandReader) value(w *shell.Word, at place) Value {
	v := Value{Set: true, Literal: w.Known, File: r.file, Written: strings.ReplaceAll(w.Text, hole, "?")}
	v.Text = v.Written
	if !w.Known {
		v.Text = holes(interpolateShell(v.Text, r.values))
	}
	v.Line, v.Column = at(w.Line, w.Column)
	v.EndLine, v.EndColumn = at(w.EndLine, w.EndColumn)
	return v
}

// interpolateShell puts in the variables that are known, and leaves the others.
func interpolateShell(text string, values map[string]string) string {
	if len(values) == 0 && !strings.Contains(text, "${") {
		return text
	}
	return interpolate(text, func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	})
}

// start is one docker run, create or exec.
func (r *commandReader) start(c *shell.Command, verb string, words []Value, at place) {
	name := c.Name
	if name == "" {
		name = "docker"
	}
	s := &Service{Kind: sekisho.ResourceDockerRun, Exec: verb == "exec", Lasting: r.lasting, Docs: r.docs, Rootless: r.rootless && c.Name == "podman" && !slices.Contains(c.Via, "sudo")}
	s.At = Value{Set: true, Written: name + " " + verb, File: r.file}
	s.At.Line, s.At.Column = at(c.Line, c.Column)
	s.At.EndLine, s.At.EndColumn = at(c.EndLine, c.EndColumn)
	rest, sure := s.options(words)
	if len(rest) > 0 {
		if sure {
			s.Image = rest[0]
			s.Image.Written = short(s.Image.Written)
		}
		s.Command = rest[1:]
	}
	if s.Name == "" {
		s.Name = name + " " + verb
		if s.Image.Set && s.Image.Known() {
			s.Name = s.Image.Text
		}
	}
	s.Resource = verb + "/" + s.Name
	// What runs and ends, in a test or a build, needs no limits.
	s.Partial = s.Partial || !s.Lasting
	r.out = append(r.out, s)
}
