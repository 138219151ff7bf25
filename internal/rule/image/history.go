// SPDX-License-Identifier: Apache-2.0

package image

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Step is one step of an image's history, as the classic builder, BuildKit,
// Buildah and others write it.
type Step struct {
	// Verb is the instruction, "RUN", "ADD"; empty for what is none.
	Verb string
	// Text is what follows it: the shell's text for RUN.
	Text string
	// Args are the build arguments that were given to the step.
	Args []Arg
	// Layer is the index of the layer that the step made, -1 for none or when it
	// is not known.
	Layer int
	// Classic is true for the form of the classic builder, where sources of ADD
	// are digests.
	Classic bool
	// script is the text of RUN, parsed; nil for other steps.
	script *shell.Script
	// unread says why a script is nil although there is one.
	unread error
}

// Arg is a build argument.
type Arg struct{ Name, Value string }

// maxScripts bounds how much shell text of a history is parsed, in bytes.
const maxScripts = 4 << 20

// steps reads a history. The layers are known only when there is one for each
// step that made one.
func steps(history []sekisho.History, layers int) []Step {
	made := 0
	for i := range history {
		if !history[i].EmptyLayer {
			made++
		}
	}
	out := make([]Step, 0, len(history))
	next, budget := 0, maxScripts
	for i := range history {
		s := parseStep(history[i].CreatedBy)
		s.Layer = -1
		if !history[i].EmptyLayer && made == layers {
			s.Layer = next
			next++
		}
		if s.Verb == "RUN" {
			if budget -= len(s.Text); budget < 0 {
				s.unread = message.New("the history is too long")
			} else if script, err := shell.Parse(s.Text, shell.Bash); err != nil {
				s.unread = err
			} else {
				s.script = script
			}
		}
		out = append(out, s)
	}
	return out
}

var verbs = map[string]bool{
	"ADD": true, "COPY": true, "ENV": true, "LABEL": true, "USER": true, "EXPOSE": true, "VOLUME": true, "CMD": true, "ENTRYPOINT": true, "WORKDIR": true,
	"ARG": true, "HEALTHCHECK": true, "ONBUILD": true, "SHELL": true, "STOPSIGNAL": true, "MAINTAINER": true,
}

func parseStep(createdBy string) (s Step) {
	text := strings.TrimSpace(createdBy)
	text = strings.TrimSpace(strings.TrimSuffix(text, "# buildkit"))
	if i := strings.Index(text, "#(nop)"); i >= 0 && i < 64 {
		s.Classic = true
		text = strings.TrimSpace(text[i+len("#(nop)"):])
	} else {
		body, run := strings.CutPrefix(text, "RUN ")
		body = strings.TrimSpace(body)
		if strings.HasPrefix(body, "|") {
			s.Args, body = buildArgs(body)
			run = true
		}
		script, ok := shellText(body)
		if ok || run {
			s.Verb, s.Text = "RUN", script
			return s
		}
	}
	verb, rest, _ := strings.Cut(text, " ")
	if !verbs[verb] {
		s.Text = text
		return s
	}
	s.Verb, s.Text = verb, strings.TrimSpace(rest)
	return s
}

// buildArgs reads "|2 A=x B=y z /bin/sh -c text": values may hold spaces.
func buildArgs(text string) (args []Arg, rest string) {
	count, body, _ := strings.Cut(strings.TrimPrefix(text, "|"), " ")
	if !digits(count) {
		return nil, text
	}
	at := len(body)
	for _, sh := range []string{"/bin/sh -c ", "/bin/bash ", "/bin/ash ", "/bin/sh ", "/bin/dash ", "/bin/zsh ", "/usr/bin/env ", "cmd /S /C ", "powershell "} {
		if i := strings.Index(body, sh); i >= 0 && i < at && (i == 0 || body[i-1] == ' ') {
			at = i
		}
	}
	if at == len(body) {
		// The exec form: a program by its path.
		if i := strings.Index(body, " /"); i >= 0 {
			at = i + 1
		}
	}
	head, rest := body[:at], body[at:]
	for word := range strings.SplitSeq(strings.TrimSpace(head), " ") {
		n, v, ok := strings.Cut(word, "=")
		if ok && variableName(n) {
			args = append(args, Arg{n, v})
		} else if len(args) > 0 {
			args[len(args)-1].Value += " " + word
		}
	}
	return args, rest
}

func variableName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return s != ""
}

// shellText takes the shell away: "/bin/bash -o pipefail -c text".
func shellText(body string) (text string, ok bool) {
	first, rest, found := strings.Cut(body, " ")
	if !found || !strings.HasPrefix(first, "/") || !strings.HasSuffix(first, "sh") {
		return body, false
	}
	for {
		rest = strings.TrimLeft(rest, " ")
		word, after, found := strings.Cut(rest, " ")
		switch {
		case !found || word == "" || word[0] != '-' && word[0] != '+':
			return body, false
		case word[0] == '-' && word[1:] != "" && word[1] != '-' && strings.HasSuffix(word, "c"):
			return after, true
		case strings.HasSuffix(word, "o"):
			_, after, _ = strings.Cut(strings.TrimLeft(after, " "), " ")
		}
		rest = after
	}
}

// Shown is the step in one line, without secrets.
func (s *Step) Shown() string {
	text := s.Text
	if s.Verb != "" {
		text = s.Verb + " " + text
	}
	return check.Excerpt(maskText(text))
}

// runs calls visit for each command of each RUN.
func (i *Image) runs(visit func(*Step, *shell.Command)) {
	for n := range i.Steps {
		if s := &i.Steps[n]; s.script != nil {
			for c := range s.script.Commands {
				visit(s, &s.script.Commands[c])
			}
		}
	}
}
