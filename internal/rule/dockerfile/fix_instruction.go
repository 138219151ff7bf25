// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/rule/shell"
)

func (x *fixer) instructionCase() {
	for _, s := range x.oddCase() {
		x.replace(s.at, 0, len(s.at.Written), s.want)
	}
}

var asWord = pattern.New(`(?i)[ \t](as)[ \t]+(\S+)[ \t]*$`)

func (x *fixer) fromAsCase() {
	for _, s := range x.warned("FromAsCasing") {
		m := asWord.FindStringSubmatchIndex(s.Logical)
		if m == nil {
			continue
		}
		want := "AS"
		if s.Written == s.Keyword {
			want = "as"
		}
		x.replace(s, m[2], m[3], want)
	}
}

func (x *fixer) stageNameCase() {
	for _, s := range x.warned("StageNameCasing") {
		if m := asWord.FindStringSubmatchIndex(s.Logical); m != nil {
			x.replace(s, m[4], m[5], strings.ToLower(s.Logical[m[4]:m[5]]))
		}
	}
}

// warned are the statements that BuildKit's linter warned of.
func (f *File) warned(rule string) (out []*Statement) {
	for _, w := range f.Lint {
		if w.Rule == rule {
			out = append(out, w.At)
		}
	}
	return out
}

func (x *fixer) exposeCase() {
	done := map[*Statement]bool{}
	x.ports(func(p port) {
		if p.proto == strings.ToLower(p.proto) || strings.Contains(p.word, "$") || done[p.at] {
			return
		}
		done[p.at] = true
		fields(p.at, func(word string, from int) {
			if i := strings.LastIndexByte(word, '/'); from > 0 && i > 0 && !strings.Contains(word, "$") {
				x.replace(p.at, from+i, from+len(word), strings.ToLower(word[i:]))
			}
		})
	})
}

// simple is a value that means itself with and without double quotes.
func simple(s string) bool { return s != "" && !strings.ContainsAny(s, "\"'\\`$\r\n") }

// keyValue writes "ENV name value" as "ENV name=value".
func (x *fixer) keyValue() {
	for _, s := range x.Statements {
		var pairs instructions.KeyValuePairs
		switch c := s.Command.(type) {
		case *instructions.EnvCommand:
			pairs = c.Env
		case *instructions.LabelCommand:
			pairs = c.Labels
		}
		if len(pairs) != 1 || !pairs[0].NoDelim {
			continue
		}
		key, value := pairs[0].Key, pairs[0].Value
		from := strings.Index(s.Logical[len(s.Written):], key) + len(s.Written)
		rest := s.Logical[from:]
		written := strings.TrimRight(rest, " \t")
		// A variable is resolved in both forms.
		if !simple(strings.ReplaceAll(value, "$", "")) || strings.ContainsAny(key, "\"'\\`$=") || strings.TrimSpace(strings.TrimPrefix(written, key)) != value {
			continue
		}
		text := key + "=" + value
		if strings.ContainsAny(value, " \t") || strings.Contains(value, "=") {
			text = key + `="` + value + `"`
		}
		x.replace(s, from, from+len(written), text)
	}
}

func (x *fixer) maintainer() {
	const key = "org.opencontainers.image.authors"
	if strings.Contains(string(x.Text), key) {
		return
	}
	for _, s := range x.Statements {
		c, ok := s.Command.(*instructions.MaintainerCommand)
		if !ok || s.Stage == nil {
			continue
		}
		name := c.Maintainer
		if n := len(name); n > 1 && (name[0] == '"' || name[0] == '\'') && name[n-1] == name[0] {
			name = name[1 : n-1]
		}
		word := "LABEL"
		if s.Written == s.Keyword {
			word = "label"
		}
		if simple(name) {
			x.replace(s, 0, len(strings.TrimRight(s.Logical, " \t")), word+" "+key+`="`+name+`"`)
		}
	}
}

var copyFlags = pattern.New(`^--(?:chown|chmod|exclude)=|^--link(?:=|$)`)

// plainSource says whether ADD does with a file what COPY does.
func plainSource(w Words) bool {
	if !w.Known || w.Text == "" || archiveName.MatchString(w.Text) || webAddress.MatchString(w.Text) || gitAddress.MatchString(w.Text) {
		return false
	}
	// A pattern may find an archive, where it does not say how names end.
	ext := path.Ext(w.Text)
	return !strings.ContainsAny(w.Text, "*?[") || ext != "" && !strings.ContainsAny(ext, "*?[]")
}

func (x *fixer) addToCopy() {
	x.transfers(func(t transfer) {
		if !t.add || t.unpack != nil || t.sum != "" || t.at.Stage == nil || slices.ContainsFunc(t.at.node.Flags, func(flag string) bool { return !copyFlags.MatchString(flag) }) {
			return
		}
		for _, src := range t.sources {
			if !plainSource(x.Expand(t.at, src)) {
				return
			}
		}
		word := "COPY"
		if t.at.Written == t.at.Keyword {
			word = "copy"
		}
		if len(t.sources) > 0 {
			x.replace(t.at, 0, len(t.at.Written), word)
		}
	})
}

func (x *fixer) destination() {
	x.transfers(func(t transfer) {
		if !openDestination(x.File, t) || !simple(t.dest) {
			return
		}
		end := len(strings.TrimRight(t.at.Logical, " \t"))
		if from := end - len(t.dest); from > 0 && t.at.Logical[from:end] == t.dest && strings.ContainsAny(t.at.Logical[from-1:from], " \t") {
			x.replace(t.at, from, end, t.dest+"/")
		}
	})
}

// rootDirBases are official images whose configuration sets no directory.
var rootDirBases = map[string]bool{
	"alpine": true, "debian": true, "ubuntu": true, "fedora": true, "rockylinux": true, "almalinux": true, "amazonlinux": true, "oraclelinux": true, "busybox": true,
	"archlinux": true, "centos": true, "buildpack-deps": true, "node": true, "python": true, "rust": true, "nginx": true, "eclipse-temurin": true,
}

func (x *fixer) workdir() {
	all(x.File, func(s *Statement, c *instructions.WorkdirCommand) {
		if s.Stage == nil || s.raw == "" || !simple(c.Path) || absolute(c.Path) {
			return
		}
		if _, ok := x.Workdir(s); ok {
			return
		}
		if at, _ := Before[*instructions.WorkdirCommand](s); at != nil {
			return // the next round knows it
		}
		root := s.Stage.Root()
		if !root.Known || root.Base != "scratch" && !rootDirBases[official(imageref.Parse(root.Base, ""))] {
			return
		}
		from := strings.LastIndex(s.Logical, c.Path)
		if strings.TrimSpace(s.Logical[len(s.Written):]) == c.Path {
			x.replace(s, from, from+len(c.Path), path.Join("/", c.Path))
		}
	})
}

// pin puts the digest of an image behind its name.
func (x *fixer) pin() {
	done := map[*Statement]bool{}
	for _, img := range x.images() {
		if !img.known || strings.Contains(img.word, "$") || imageref.Parse(img.ref, "").Digest != "" || done[img.at] || !simple(img.word) {
			continue
		}
		done[img.at] = true
		at := -1
		fields(img.at, func(word string, from int) {
			switch {
			case from == 0 || at >= 0:
			case img.from && word == img.word:
				at = from + len(word)
			case !img.from && (word == "--from="+img.word || strings.HasPrefix(word, "--mount=") && strings.HasSuffix(word, "from="+img.word)):
				at = from + len(word)
			case !img.from && strings.HasPrefix(word, "--mount="):
				if i := strings.Index(word, "from="+img.word+","); i > 0 {
					at = from + i + len("from="+img.word)
				}
			}
		})
		if at < 0 {
			continue
		}
		a, b, ok := x.span(img.at, at-len(img.word), at)
		if !ok {
			continue
		}
		if digest := x.o.Pin(img.ref); digest != "" {
			x.edit(Edit{From: a, To: b, Text: img.word + "@" + digest, Line: img.at.First})
		}
	}
}

// user makes the image run as a user that is not root.
func (x *fixer) user() {
	final := x.Final()
	if final == nil || dropsRoot(final) || buildsNothing(final) {
		return
	}
	at, name, known := x.FinalUser(final)
	root := final.Root()
	switch {
	case at != nil && (!known || !rootUser(name)), !root.Known, windows(root.Base):
		return
	case at == nil && x.rule == "run-as-root" && x.baseUser(root.Base) != "root", at == nil && x.rule == "no-user" && x.baseUser(root.Base) != "", at != nil && x.rule == "no-user":
		return
	case steppingDown[official(imageref.Parse(root.Base, ""))]:
		return
	}
	add := x.accountOf(final)
	if add == nil {
		return
	}
	line := final.From.First
	if at != nil {
		line = at.First
	}
	// Above the commands at the end, which say how it starts.
	var before *Statement
	for _, s := range slices.Backward(final.Statements) {
		switch s.Keyword {
		case "cmd", "entrypoint", "healthcheck", "expose", "stopsignal", "label":
			before = s
			continue
		}
		break
	}
	if before != nil {
		x.above(before, add, line)
		return
	}
	text := strings.Join(add, x.eol) + x.eol
	if n := len(x.Text); n > 0 && x.Text[n-1] != '\n' {
		text = x.eol + strings.TrimSuffix(text, x.eol)
	}
	x.edit(Edit{From: len(x.Text), To: len(x.Text), Text: text, Line: line, Unsafe: true, adds: len(add)})
}

// number is the user that is made where the file makes none.
const number = "10001"

// accountOf are the instructions that make a user and change to it; nil where
// nobody can tell how.
func (f *File) accountOf(final *Stage) []string {
	made, family := "", ""
	f.Runs(func(s *Script) {
		if s.At.Stage == nil || !descends(final, s.At.Stage) || s.At.raw == "" {
			return
		}
		for i := range s.Commands {
			c := &s.Commands[i]
			if u, ok := c.Use(); ok && (u.Family == "apk" || u.Family == "apt") {
				family = u.Family
			}
			if c.Name == "useradd" || c.Name == "adduser" {
				if ops := c.Operands(userOptions...); len(ops) > 0 && ops[0].Known && accountName.MatchString(ops[0].Text) && ops[0].Text != "root" {
					made = ops[0].Text
				}
			}
		}
	})
	i := imageref.Parse(final.Root().Base, "")
	full := i.Registry + "/" + i.Repository
	switch {
	case made != "":
		return []string{"USER " + made}
	case final.Root().Base == "scratch" || strings.HasPrefix(full, "gcr.io/distroless/"):
		return []string{"USER " + number}
	case family == "apk" || official(i) == "alpine" || official(i) != "" && strings.Contains(i.Tag, "alpine"):
		return []string{"RUN adduser -S -D -H -u " + number + " app", "USER " + number}
	case family == "apt" || bashBases[official(i)] && official(i) != "amazonlinux" && !strings.Contains(i.Tag, "minimal"):
		return []string{"RUN useradd --system --uid " + number + " --no-create-home app", "USER " + number}
	}
	return nil
}

var (
	accountName = pattern.New(`^[a-z_][a-z0-9_-]{0,31}$`)
	userOptions = []string{"-u", "--uid", "-g", "--gid", "-G", "--groups", "-d", "--home", "--home-dir", "-s", "--shell", "-c", "--comment", "--gecos", "-h", "-k", "--ingroup", "-b", "-K", "-p", "--password"}
)

// largeUID is the number of a useradd whose log files would be large.
func largeUID(c *shell.Command) string {
	w, ok := c.Value("-u", "--uid")
	if c.Name != "useradd" || !ok || c.Has("-l", "--no-log-init") || !large(w.Text) {
		return ""
	}
	return w.Text
}
