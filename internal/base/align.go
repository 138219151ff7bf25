// SPDX-License-Identifier: Apache-2.0

package base

import (
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of an alignment. Real images have tens of steps.
const (
	maxSteps  = 20_000
	maxStages = 200
	// maxCompared is how many bytes of texts are compared, in all stages together:
	// a hostile Dockerfile may have many stages on one long one.
	maxCompared = 64 << 20
	// maxLabels are the LABEL entries that "build --label" puts at the end.
	maxLabels = 8
)

// fit is a history that fits a Dockerfile: every step of a stage, from the last
// to the first, has its entry.
type fit struct {
	build *Build
	// root is the stage that stands on an image, stage the index of the built one.
	root  *Stage
	stage int
	// first is the first own entry of the history, base the layers below it.
	first, base int
	history     []sekisho.History
	// at is the line of each entry of the history; 0 for those of the base and
	// those that no step made.
	at []int
	// makers counts the entries of instructions that make layers, steps all.
	makers, steps int
}

// align finds the stage whose steps are the end of the history. Where several
// fit, the one with most steps is it; several with as many are none. It returns
// nil where nothing is sure.
func align(b *Build, history []sekisho.History, layers int) *fit {
	if b == nil || len(b.Stages) == 0 || len(b.Stages) > maxStages || len(history) == 0 || len(history) > maxSteps {
		return nil
	}
	entries := make([]step, len(history))
	for i := range history {
		entries[i] = parse(history[i].CreatedBy)
	}
	var best *fit
	tie := false
	left := maxCompared
	try := func(stage int) {
		f := b.fits(stage, history, entries, layers, &left)
		switch {
		case f == nil || !b.Given && f.makers == 0:
		case best == nil || f.steps > best.steps:
			best, tie = f, false
		case f.steps == best.steps:
			tie = tie || !slices.Equal(f.at, best.at) || f.root != best.root
		}
	}
	if b.Target != "" {
		try(b.Final())
	} else {
		for i := range b.Stages {
			try(i)
		}
	}
	if tie || left < 0 {
		return nil
	}
	return best
}

// fits walks the history and the steps of a stage from their ends.
func (b *Build) fits(stage int, history []sekisho.History, entries []step, layers int, left *int) *fit {
	steps := b.steps(stage)
	root := b.Root(stage)
	if len(steps) == 0 || root < 0 {
		return nil
	}
	f := &fit{build: b, stage: stage, root: &b.Stages[root], history: history, at: make([]int, len(history))}
	i, j := len(entries)-1, len(steps)-1
	for n := 0; i > 0 && n < maxLabels && entries[i].keyword == "LABEL" && !matches(&steps[j], &entries[i]); n++ {
		i--
	}
	for ; j >= 0; j-- {
		s := &steps[j]
		if i >= 0 {
			*left -= len(entries[i].body)
		}
		for _, text := range s.Texts {
			*left -= len(text)
		}
		if *left < 0 {
			return nil
		}
		switch {
		case i >= 0 && matches(s, &entries[i]):
			f.at[i] = s.Line
			f.steps++
			if slices.Contains(makers, s.Keyword) {
				f.makers++
			}
			i--
		case s.Keyword == "ARG" || s.Keyword == "ONBUILD": // not every builder writes them
		default:
			return nil
		}
	}
	if f.steps == 0 {
		return nil
	}
	f.first = f.triggered(entries, i+1)
	own := filled(history[f.first:])
	f.base = layers - own
	scratch := f.root.Known && f.root.From == "scratch"
	switch {
	case scratch && (f.first > 0 || f.base != 0):
		return nil
	case !scratch && f.base < 1:
		return nil
	case f.first > 0 && filled(history[:f.first]) > 0 && filled(history) != layers:
		return nil // the history does not account for the layers
	}
	return f
}

// stacked says whether a stage is the built one or below it.
func (f *fit) stacked(i int) bool {
	at := f.stage
	for n := 0; n <= len(f.build.Stages); n++ {
		if at == i {
			return true
		}
		p := f.build.Stages[at].Parent
		if p < 0 || p >= at {
			return false
		}
		at = p
	}
	return false
}

// agrees says whether FROM may mean the base. One with a variable may mean any:
// an argument of the build replaces its default.
func (f *fit) agrees(b *sekisho.BaseImage) bool {
	if !f.root.Known || b.Name == "" || strings.Contains(f.root.Written, "$") || sameName(f.root.From, b.Name) {
		return true
	}
	return slices.ContainsFunc(b.Names, func(n string) bool { return sameName(f.root.From, n) })
}

// triggered takes in the entries before the boundary that ONBUILD of the base
// made: the builder runs them where FROM stands.
func (f *fit) triggered(entries []step, boundary int) int {
	var triggers []Step
	last := -1
	for i, e := range entries[:boundary] {
		if e.keyword == "ONBUILD" {
			word, rest := cut(e.body)
			triggers = append(triggers, Step{Keyword: strings.ToUpper(word), Line: f.root.Line, Texts: []string{rest}})
			last = i
		}
	}
	for skip := range triggers {
		run := triggers[skip:]
		from := boundary - len(run)
		if from <= last || len(run) > 100 {
			continue
		}
		all := true
		for i := range run {
			all = all && matches(&run[i], &entries[from+i])
		}
		if all {
			for i := range run {
				f.at[from+i] = f.root.Line
			}
			return from
		}
	}
	return boundary
}

// lines of the layers: 0 for those of the base. Where the own steps made one
// layer together (squash, buildah without --layers), no line is its own.
func (f *fit) lines(layers int) []int {
	out := make([]int, layers)
	empty, made := 0, 0
	for i := f.first; i < len(f.history); i++ {
		switch e := parse(f.history[i].CreatedBy); {
		case !f.history[i].EmptyLayer:
			made++
		case e.keyword == "COPY" || e.keyword == "ADD" || e.keyword == "RUN":
			empty++
		}
	}
	if made == 1 && empty > 0 {
		return out
	}
	at := layers - 1
	for i := len(f.history) - 1; i >= f.first && at >= 0; i-- {
		if f.history[i].EmptyLayer {
			continue
		}
		if slices.Contains(makers, parse(f.history[i].CreatedBy).keyword) {
			out[at] = f.at[i]
		}
		at--
	}
	return out
}

// matches says whether an instruction may have made an entry.
func matches(s *Step, e *step) bool {
	if s.Keyword != e.keyword {
		return false
	}
	switch s.Keyword {
	case "HEALTHCHECK":
		return true // builders write structures of their own
	case "EXPOSE":
		return strings.Contains(strings.Join(s.Texts, ""), "$") || slices.Equal(ports(s.Texts[0]), ports(e.body))
	}
	for _, text := range s.Texts {
		if same(s.Keyword, text, e.body) {
			return true
		}
	}
	return false
}

func same(keyword, text, body string) bool {
	switch keyword {
	case "RUN", "CMD", "ENTRYPOINT":
		want, have := squeeze(text, false), squeeze(body, false)
		shell, ok := strings.CutSuffix(have, want)
		return ok && behindShell(shell)
	case "COPY", "ADD":
		return copied(flagless(text), flagless(body))
	case "ENV", "LABEL":
		return like(pair(squeeze(text, true)), pair(squeeze(body, false)))
	case "ARG":
		return slices.Equal(argNames(text), argNames(body))
	case "WORKDIR":
		want, have := squeeze(text, true), squeeze(body, false)
		clean := func(s string) string { return strings.TrimSuffix(strings.TrimPrefix(path.Clean(s), "./"), "/") }
		return like(clean(want), clean(have)) || !strings.HasPrefix(want, "/") && like(string(anything)+"/"+clean(want), clean(have))
	}
	return like(squeeze(text, true), squeeze(body, false))
}

// behindShell says whether what stands before a command is a shell's command
// line, or the list of arguments that builders put before it.
func behindShell(s string) bool {
	if s == "" {
		return true
	}
	words := strings.Fields(s)
	if !strings.HasSuffix(s, " ") || len(words) == 0 {
		return false
	}
	if s[0] == '|' {
		return true
	}
	first, last := words[0], words[len(words)-1]
	shell := first[0] == '/' || slices.Contains([]string{"sh", "bash", "ash", "cmd", "powershell", "pwsh"}, strings.ToLower(first))
	return shell && (last[0] == '-' || strings.EqualFold(last, "/c"))
}

// flagless drops the flags in front.
func flagless(s string) string {
	for {
		word, rest := cut(s)
		if !strings.HasPrefix(word, "--") {
			return strings.TrimSpace(s)
		}
		s = rest
	}
}

// copied compares COPY and ADD: the classic builder writes digests of what was
// copied, "file:3f6c... in /dest ".
func copied(text, body string) bool {
	for _, kind := range [...]string{"file:", "dir:", "multi:"} {
		sum, to, ok := strings.Cut(body, " in ")
		if !ok || !strings.HasPrefix(sum, kind) || strings.ContainsAny(sum, " /") {
			continue
		}
		words := strings.Fields(squeeze(text, true))
		if len(words) < 2 {
			return false
		}
		have := strings.TrimSuffix(squeeze(to, false), "/")
		want := strings.TrimSuffix(words[len(words)-1], "/")
		return like(want, have) || like(string(anything)+"/"+strings.TrimPrefix(want, "./"), have) && !strings.HasPrefix(want, "/")
	}
	return like(squeeze(text, true), squeeze(body, true)) || like(squeeze(text, true), squeeze(body, false))
}

// pair writes the old form "NAME value" as "NAME=value".
func pair(s string) string {
	word, rest := cut(s)
	if rest == "" || strings.Contains(word, "=") || strings.ContainsRune(word, anything) {
		return s
	}
	return word + "=" + rest
}

// argNames are the names that ARG declares.
func argNames(s string) []string {
	var out []string
	quote := byte(0)
	begin := true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote, begin = c, false
		case c == ' ' || c == '\t' || c == '\n':
			begin = true
		case begin:
			end := strings.IndexAny(s[i:], "= \t\n")
			if end < 0 {
				end = len(s) - i
			}
			out = append(out, s[i:i+end])
			begin = false
		}
	}
	return out
}

// ports are the numbers of EXPOSE, in order, whatever stands around them.
func ports(s string) []string {
	out := strings.FieldsFunc(s, func(c rune) bool { return c < '0' || c > '9' })
	slices.Sort(out)
	return slices.Compact(out)
}
