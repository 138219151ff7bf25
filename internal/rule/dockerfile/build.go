// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/base"
)

// Build reads a Dockerfile for those who look for bases and for the lines that
// made layers. The arguments are those of the build; they replace the defaults of
// ARG. It returns nil for a file without FROM, and for one that is too large.
func Build(file string, text []byte, args map[string]string) *base.Build {
	if len(text) > maxFile {
		return nil
	}
	f := Parse(text)
	if f.Refused != nil || len(f.Stages) == 0 {
		return nil
	}
	if len(args) > 0 {
		f.given(args)
	}
	out := &base.Build{File: file}
	for _, s := range f.Stages {
		out.Stages = append(out.Stages, f.stage(s))
	}
	return out
}

// given sets the arguments before the first FROM and follows the stages again.
func (f *File) given(args map[string]string) {
	for name, list := range f.Args.values {
		if v, ok := args[name]; ok {
			for i := range list {
				list[i].value, list[i].known = v, true
			}
		}
	}
	for i, s := range f.Stages {
		from, ok := s.From.Command.(*instructions.Stage)
		if !ok {
			continue
		}
		w := f.Expand(s.From, from.BaseName)
		s.Base, s.Known = w.Text, w.Known
		s.Parent = f.Named(s.Base, i)
	}
}

func (f *File) stage(s *Stage) base.Stage {
	out := base.Stage{Name: s.Name, From: s.Base, Known: s.Known, Parent: -1, Line: s.From.First}
	if s.Parent != nil && s.Parent.Index < s.Index {
		out.Parent = s.Parent.Index
	}
	if from, ok := s.From.Command.(*instructions.Stage); ok {
		out.Written = from.BaseName
		if i := strings.LastIndex(s.From.Logical, from.BaseName); i >= 0 && from.BaseName != "" {
			// A stage may be named like its image: the first one behind the flags is meant.
			head := len(s.From.Logical) - len(fromArguments(s.From.Logical))
			if j := strings.Index(s.From.Logical[head:], from.BaseName); j >= 0 {
				i = head + j
			}
			out.Line, out.Column = s.From.Place(i)
		}
		out.Arg, out.ArgLine = f.variableOf(from.BaseName, s.From)
	}
	for _, st := range s.Statements {
		if st.Command == nil {
			continue
		}
		out.Steps = append(out.Steps, stepOf(st))
	}
	return out
}

// fromArguments are the words of FROM behind its flags.
func fromArguments(logical string) string {
	rest := strings.TrimLeft(logical[min(len("from"), len(logical)):], " \t")
	for strings.HasPrefix(rest, "--") {
		i := strings.IndexAny(rest, " \t")
		if i < 0 {
			return ""
		}
		rest = strings.TrimLeft(rest[i:], " \t")
	}
	return rest
}

// variableOf finds the ARG whose value is the whole reference.
func (f *File) variableOf(word string, from *Statement) (name string, line int) {
	rest, ok := strings.CutPrefix(word, "$")
	if !ok {
		return "", 0
	}
	if inner, ok := strings.CutPrefix(rest, "{"); ok {
		rest = strings.TrimSuffix(inner, "}")
	}
	if rest == "" || strings.ContainsAny(rest, "${}:/-+@") {
		return "", 0
	}
	for _, s := range f.Statements {
		arg, ok := s.Command.(*instructions.ArgCommand)
		if !ok || s.Stage != nil || s.order > from.order {
			continue
		}
		for _, a := range arg.Args {
			if a.Key == rest {
				name, line = rest, s.First
			}
		}
	}
	return name, line
}

// stepOf gives the texts that a history may have of an instruction. Of RUN with
// here-documents BuildKit keeps the content: alone where nothing else is run,
// else behind the command.
func stepOf(s *Statement) base.Step {
	out := base.Step{Keyword: strings.ToUpper(s.Keyword), Line: s.First}
	text := s.Arguments()
	run, ok := s.Command.(*instructions.RunCommand)
	if !ok {
		out.Texts = []string{text}
		return out
	}
	bare := text
	for strings.HasPrefix(bare, "--") {
		i := strings.IndexAny(bare, " \t")
		if i < 0 {
			break
		}
		bare = strings.TrimLeft(bare[i:], " \t")
	}
	out.Texts = []string{bare}
	if bare != text {
		out.Texts = append(out.Texts, text)
	}
	if len(run.Files) > 0 {
		var docs, whole strings.Builder
		whole.WriteString(bare)
		for _, d := range run.Files {
			docs.WriteString(d.Data)
			whole.WriteString("\n" + d.Data + d.Name)
		}
		out.Texts = append(out.Texts, whole.String())
		if strings.HasPrefix(strings.TrimSpace(bare), "<<") {
			out.Texts = append(out.Texts, docs.String(), "/dev/pipes/"+run.Files[0].Name)
		}
	}
	return out
}
