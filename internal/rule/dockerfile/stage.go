// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// maxChain is how many stages may build on each other before the rest of the
// chain counts as unknown.
const maxChain = 100

// Stage is one FROM with what follows it.
type Stage struct {
	// Index in the file, and Name in lower case, empty without AS.
	Index int
	Name  string
	From  *Statement
	// Base is the image or stage as FROM names it, variables resolved; Known is
	// false when a variable has no value.
	Base  string
	Known bool
	// Parent is the stage that it builds on; nil for an image.
	Parent *Stage
	// Statements behind FROM, in the order of the file.
	Statements []*Statement
	vars       *vars
	depth      int
	// Used is true when a later stage builds on it or copies from it.
	Used bool
}

// Final is the stage that a build without --target makes; nil without stages.
func (f *File) Final() *Stage {
	if len(f.Stages) == 0 {
		return nil
	}
	return f.Stages[len(f.Stages)-1]
}

// Named finds the stage that a name or a number means, among those before the
// limit; nil for none.
func (f *File) Named(name string, limit int) *Stage {
	list := f.names[strings.ToLower(name)]
	if i := sort.SearchInts(list, limit) - 1; i >= 0 && name != "" {
		return f.Stages[list[i]]
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < limit && n < len(f.Stages) {
		return f.Stages[n]
	}
	return nil
}

// Chain calls visit for the stage and those that it builds on, last first, each
// statement from the last to the first, until visit returns false. It says
// whether visit stopped it.
func (s *Stage) Chain(visit func(*Statement) bool) bool {
	for n := 0; s != nil && n < maxChain; s, n = s.Parent, n+1 {
		for _, st := range slices.Backward(s.Statements) {
			if !visit(st) {
				return true
			}
		}
	}
	return false
}

// Root is the stage of the chain whose base is an image.
func (s *Stage) Root() *Stage {
	for n := 0; s.Parent != nil && n < maxChain; n++ {
		s = s.Parent
	}
	return s
}

// Before finds the last instruction of a type that stands before the statement
// in its chain of stages.
func Before[T any](s *Statement) (*Statement, T) {
	var none T
	if s.Stage == nil {
		return nil, none
	}
	return last[T](s.Stage, s.order)
}

// Last finds the last instruction of a type in a stage's chain.
func Last[T any](s *Stage) (*Statement, T) { return last[T](s, 1<<60) }

func last[T any](s *Stage, order int) (found *Statement, command T) {
	s.Chain(func(st *Statement) bool {
		if c, ok := st.Command.(T); ok && st.order < order {
			found, command = st, c
			return false
		}
		return true
	})
	return found, command
}

// vars are the variables of a stage, each with its values in the order of the
// file. What is not there is asked of the stage that it builds on.
type vars struct {
	parent *vars
	values map[string][]binding
	depth  int
}

type binding struct {
	order int
	value string
	// known is false for an ARG without a value and what was made of one.
	known bool
	env   bool
}

func newVars(parent *vars) *vars {
	v := &vars{parent: parent, values: map[string][]binding{}}
	if parent != nil {
		v.depth = parent.depth + 1
	}
	if v.depth > maxChain {
		v.parent = nil
	}
	return v
}

func (v *vars) set(name string, b binding) { v.values[name] = append(v.values[name], b) }

// at is the value that a variable has before the statement of the order. What a
// parent declared by ARG is not handed on.
func (v *vars) at(name string, order int) (binding, bool) {
	for own := true; v != nil; v, own = v.parent, false {
		list := v.values[name]
		for i := sort.Search(len(list), func(i int) bool { return list[i].order >= order }) - 1; i >= 0; i-- {
			if own || list[i].env {
				return list[i], true
			}
		}
	}
	return binding{}, false
}

// Words is a text with its variables resolved.
type Words struct {
	Text string
	// Known is false when a variable has no value in the file.
	Known bool
	// Undefined are the variables that nothing declares.
	Undefined []string
}

type lookup struct {
	vars      *vars
	order     int
	unknown   bool
	undefined []string
	// defaults is true for a build without arguments, for linux/amd64.
	defaults bool
}

// platformDefaults are the values of the platform arguments there.
var platformDefaults = map[string]string{
	"TARGETPLATFORM": "linux/amd64", "TARGETOS": "linux", "TARGETARCH": "amd64", "BUILDPLATFORM": "linux/amd64", "BUILDOS": "linux", "BUILDARCH": "amd64",
}

// Defaults resolves a word as a build without arguments does: what has no value
// is empty, and the platform is linux/amd64.
func (f *File) Defaults(s *Statement, word string) string {
	if strings.Count(word, "${") > maxNesting {
		return word
	}
	text, _, err := shell.NewLex(f.Escape).ProcessWord(word, &lookup{vars: f.Args, order: s.order, defaults: true})
	if err != nil {
		return word
	}
	return text
}

// Keys is not asked by the lexer while it resolves.
func (l *lookup) Keys() []string { return nil }

func (l *lookup) Get(name string) (string, bool) {
	b, ok := l.vars.at(name, l.order)
	if l.defaults {
		if ok && !b.known {
			return platformDefaults[name], platformDefaults[name] != ""
		}
		return b.value, ok
	}
	if !ok {
		if predefined[name] {
			l.unknown = true
			return "${" + name + "}", true
		}
		l.undefined = append(l.undefined, name)
		return "", false
	}
	if !b.known {
		l.unknown = true
		return "${" + name + "}", true
	}
	return b.value, true
}

// predefined are the arguments that a build has without declaring them
// (https://docs.docker.com/reference/dockerfile/#predefined-args) and what every
// shell sets.
var predefined = map[string]bool{
	"HTTP_PROXY": true, "http_proxy": true, "HTTPS_PROXY": true, "https_proxy": true, "FTP_PROXY": true, "ftp_proxy": true,
	"NO_PROXY": true, "no_proxy": true, "ALL_PROXY": true, "all_proxy": true, "PATH": true, "HOME": true,
	"SOURCE_DATE_EPOCH": true,
}

// platformArgs are global arguments of BuildKit that FROM may use undeclared.
var platformArgs = [...]string{
	"TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "TARGETOSVERSION", "TARGETSTAGE",
	"BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT", "BUILDOSVERSION",
}

// Expand resolves the variables of a word as they are at the statement.
func (f *File) Expand(s *Statement, word string) Words {
	if !strings.ContainsAny(word, "$\"'\\`") {
		return Words{Text: word, Known: true}
	}
	v := f.Args
	if s.Stage != nil && s.Stage.From != s {
		v = s.Stage.vars
	}
	if strings.Count(word, "${") > maxNesting {
		return Words{Text: word}
	}
	l := &lookup{vars: v, order: s.order}
	lex := shell.NewLex(f.Escape)
	lex.SkipUnsetEnv = true
	text, _, err := lex.ProcessWord(word, l)
	if err != nil {
		return Words{Text: word}
	}
	if len(text) > maxStatement {
		return Words{Text: word}
	}
	// "${NAME:-word}" gives its word where nothing declares NAME.
	undefined := l.undefined[:0]
	for _, name := range l.undefined {
		if !strings.Contains(word, "${"+name+":-") && !strings.Contains(word, "${"+name+"-") && !strings.Contains(word, "${"+name+":+") && !strings.Contains(word, "${"+name+"+") {
			undefined = append(undefined, name)
		}
	}
	return Words{Text: text, Known: !l.unknown && len(l.undefined) == 0, Undefined: undefined}
}

// resolve groups the statements into stages and follows the variables.
func (f *File) resolve() {
	for _, name := range platformArgs {
		f.Args.set(name, binding{})
	}
	var stage *Stage
	total := 0
	for _, s := range f.Statements {
		s.Stage = stage
		if from, ok := s.Command.(*instructions.Stage); ok {
			stage = &Stage{Index: len(f.Stages), Name: strings.ToLower(from.Name), From: s}
			s.Stage = stage
			base := f.Expand(s, from.BaseName)
			stage.Base, stage.Known = base.Text, base.Known
			stage.Parent = f.Named(stage.Base, len(f.Stages))
			if !base.Known {
				// A stage for each platform: "FROM app-$TARGETOS".
				stage.Parent = f.Named(f.Defaults(s, from.BaseName), len(f.Stages))
			}
			if _, err := strconv.Atoi(stage.Base); err == nil {
				stage.Parent = nil // FROM takes names only.
			}
			var parent *vars
			if stage.Parent != nil {
				stage.Parent.Used = true
				stage.depth = stage.Parent.depth + 1
				parent = stage.Parent.vars
			}
			stage.vars = newVars(parent)
			if stage.Name != "" {
				f.names[stage.Name] = append(f.names[stage.Name], stage.Index)
			}
			f.Stages = append(f.Stages, stage)
			continue
		}
		if stage != nil {
			stage.Statements = append(stage.Statements, s)
		}
		if s.Trigger != nil {
			s.Trigger.Stage = stage
		}
		f.declare(s, &total)
		f.uses(s)
	}
}

// declare takes in what a statement sets. The values are bounded together: each
// may double the one before.
func (f *File) declare(s *Statement, total *int) {
	v := f.Args
	if s.Stage != nil {
		v = s.Stage.vars
	}
	value := func(word string) binding {
		w := f.Expand(s, word)
		*total += len(w.Text)
		if *total > 4*maxFile {
			return binding{order: s.order}
		}
		return binding{order: s.order, value: w.Text, known: w.Known}
	}
	switch c := s.Command.(type) {
	case *instructions.ArgCommand:
		for _, a := range c.Args {
			b := binding{order: s.order}
			if a.Value != nil {
				b = value(*a.Value)
			} else if s.Stage != nil {
				if global, ok := f.Args.at(a.Key, s.order); ok {
					b.value, b.known = global.value, global.known
				}
			}
			// ENV stays above ARG of the same name.
			if old, ok := v.at(a.Key, s.order); ok && old.env {
				continue
			}
			v.set(a.Key, b)
		}
	case *instructions.EnvCommand:
		for _, e := range c.Env {
			b := value(e.Value)
			b.env = true
			v.set(e.Key, b)
		}
	}
}

// uses marks the stages that a statement takes files from.
func (f *File) uses(s *Statement) {
	mark := func(name string) {
		if name == "" || s.Stage == nil {
			return
		}
		if from := f.Named(name, s.Stage.Index); from != nil {
			from.Used = true
		}
	}
	switch c := s.Command.(type) {
	case *instructions.CopyCommand:
		mark(c.From)
	case *instructions.RunCommand:
		for _, m := range s.Mounts() {
			mark(m.From)
		}
	}
}

// Mounts are the --mount flags of a RUN; variables in them stay as written.
func (s *Statement) Mounts() []*instructions.Mount {
	if c, ok := s.Command.(*instructions.RunCommand); ok {
		return instructions.GetMounts(c)
	}
	return nil
}

// Workdir is the absolute directory at the statement; ok is false when the base
// image decides.
func (f *File) Workdir(s *Statement) (dir string, ok bool) {
	if s.Stage == nil {
		return "", false
	}
	var parts []string
	s.Stage.Chain(func(st *Statement) bool {
		c, is := st.Command.(*instructions.WorkdirCommand)
		if !is || st.order >= s.order {
			return true
		}
		w := f.Expand(st, c.Path)
		if !w.Known {
			ok = true
			parts = nil
			return false
		}
		parts = append([]string{w.Text}, parts...)
		ok = absolute(w.Text)
		return !ok && len(parts) < maxChain
	})
	return path.Join(parts...), ok
}

// absolute says whether a path is, on Linux or on Windows.
func absolute(p string) bool {
	return strings.HasPrefix(p, "/") || strings.HasPrefix(p, `\`) || len(p) > 1 && p[1] == ':'
}
