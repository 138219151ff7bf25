// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/rule/shell"
)

// cache keeps what package managers download out of the image.
func (x *fixer) cache() {
	x.Runs(func(s *Script) {
		if s.Exec || !x.inImage(s) {
			return
		}
		told := map[string]bool{}
		for _, u := range s.Uses() {
			if !leaves(s, u) {
				continue
			}
			switch u.Family {
			case "apk":
				x.behind(s, sub(u), " --no-cache", false)
			case "pip":
				flag := " --no-cache-dir"
				if u.Manager == "uv" {
					flag = " --no-cache"
				}
				x.behind(s, sub(u), flag, false)
			case "apt":
				if installs(s, "apt") && !told["apt"] && !x.leanedOn(s, "apt") {
					x.clean(s, u, "rm -rf /var/lib/apt/lists/*", false)
				}
				told["apt"] = true
			case "yum", "dnf":
				if !told["dnf"] {
					x.clean(s, u, u.Command.Name+" clean all", false)
				}
				told["dnf"] = true
			case "zypper":
				if !told["zypper"] {
					x.clean(s, u, "zypper clean --all", false)
				}
				told["zypper"] = true
			case "yarn":
				// The cache may be part of the source.
				if !told["yarn"] {
					x.clean(s, u, "yarn cache clean", true)
				}
				told["yarn"] = true
			}
		}
		x.dropUpdate(s)
	})
}

func installs(s *Script, family string) bool {
	return slices.ContainsFunc(s.Uses(), func(u *shell.Use) bool {
		return u.Family == family && (u.Action == shell.Install || u.Action == shell.Upgrade)
	})
}

// dropUpdate removes an apk update before an apk add that fetches the index
// itself.
func (x *fixer) dropUpdate(s *Script) {
	if mounted(s.At, "apk") || x.leanedOn(s, "apk") {
		return
	}
	for _, u := range s.Uses() {
		if u.Family == "apk" && u.Action != shell.Update && u.Action != shell.Remove && !u.NoCache {
			return
		}
	}
	for i := range len(s.Commands) - 1 {
		c, next := &s.Commands[i], &s.Commands[i+1]
		u, ok := c.Use()
		v, is := next.Use()
		if !ok || !is || u.Family != "apk" || u.Action != shell.Update || v.Family != "apk" || !v.NoCache || len(c.Via)+len(next.Via) > 0 || c.Redirects != nil || c.Pipe.Length > 1 || next.Pipe.Length > 1 ||
			c.Negated || next.Chain.List != c.Chain.List || next.Chain.Index != c.Chain.Index+1 || next.Chain.Op != "&&" || c.Assigns != nil {
			continue
		}
		if len(c.Operands()) > 1 || c.Has("--repository", "-X", "--repositories-file") {
			continue
		}
		from, _, a := x.word(s, &c.Program)
		to, _, b := x.word(s, &next.Program)
		if a && b && from < to && !bytes.Contains(x.Text[from:to], []byte("#")) {
			x.edit(Edit{From: from, To: to, Line: s.At.First})
		}
	}
}

// leanedOn says whether a later script uses the index that this one fetched.
func (f *File) leanedOn(s *Script, family string) bool {
	if f.leaning == nil {
		f.leaning = map[string]map[*Stage]int{}
	}
	last, ok := f.leaning[family]
	if !ok {
		last = map[*Stage]int{}
		f.read()
		for _, t := range f.scripts {
			if t.At.Stage == nil || !leans(t, family) {
				continue
			}
			for st, n := t.At.Stage, 0; st != nil && n < maxChain; st, n = st.Parent, n+1 {
				last[st] = max(last[st], t.At.order)
			}
		}
		f.leaning[family] = last
	}
	return last[s.At.Stage] > s.At.order
}

// leans says whether a script uses an index that it did not fetch.
func leans(s *Script, family string) bool {
	for i := range s.Commands {
		c := &s.Commands[i]
		if family == "apt" && (c.Name == "apt-cache" || c.Name == "apt-file") {
			return true
		}
		u, ok := c.Use()
		if !ok || u.Family != family {
			continue
		}
		switch {
		case u.Action == shell.Update:
			return false
		case u.Action != shell.Remove && u.Action != shell.Clean && !u.NoCache:
			return true
		}
	}
	return false
}

// clean adds a command to the end of a script, as the script is laid out.
func (x *fixer) clean(s *Script, u *shell.Use, command string, unsafe bool) {
	for _, via := range u.Command.Via {
		if via == "sudo" || via == "doas" {
			command = via + " " + command
			break
		}
	}
	line, column, ok := s.Tail()
	if !ok || column < 2 || strings.Contains(s.Text, "\r") {
		return
	}
	fileLine, fileColumn := s.Place(line, column-1)
	pos := x.at(fileLine, fileColumn)
	if off := s.offset(line, column-1); pos < 0 || pos >= len(x.Text) || off >= len(s.Text) || x.Text[pos] != s.Text[off] {
		return
	}
	pos++
	x.edit(Edit{From: pos, To: pos, Text: x.joined(s, fileLine, pos, command), Line: s.At.First, Unsafe: unsafe})
}

// joined is a command with what joins it to the script before it.
func (x *fixer) joined(s *Script, tail, pos int, command string) string {
	inline := " && " + command
	first := tail
	for i := range slices.Backward(s.Commands) {
		if c := &s.Commands[i]; len(c.Via) == 0 && !c.Subst {
			first, _ = s.Place(c.Line, c.Column)
			break
		}
	}
	rest, _, _ := bytes.Cut(x.Text[pos:], []byte("\n"))
	if len(bytes.TrimSpace(rest)) > 0 {
		return inline
	}
	if s.off < 0 {
		if s.StopsAtErrors() {
			return x.eol + indent(x.line(first)) + command
		}
		return inline
	}
	if tail == s.At.First {
		return inline
	}
	escape := " " + string(x.Escape) + x.eol
	gap := indent(x.line(tail))
	if strings.HasPrefix(strings.TrimLeft(x.line(first), " \t"), "&&") {
		gap = indent(x.line(first))
	} else if first > s.At.First {
		above := ""
		for n := first - 1; n >= s.At.First; n-- {
			if above = strings.TrimSpace(x.line(n)); above != "" && !strings.HasPrefix(above, "#") {
				break
			}
		}
		above = strings.TrimSpace(strings.TrimSuffix(above, string(x.Escape)))
		switch {
		case strings.HasSuffix(above, "&&"):
			return " &&" + escape + indent(x.line(first)) + command
		case strings.HasSuffix(above, ";") && s.StopsAtErrors():
			return ";" + escape + indent(x.line(first)) + command
		}
	}
	if gap == "" {
		gap = "    "
	}
	return escape + gap + "&& " + command
}
