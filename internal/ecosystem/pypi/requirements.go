// SPDX-License-Identifier: Apache-2.0

package pypi

import (
	"bytes"
	"context"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// requirements reads requirements files: what is pinned by == or ===. What is
// not pinned is no version: it is counted in a Problem.
// See https://pip.pypa.io/en/stable/reference/requirements-file-format/.
type requirements struct{}

func (requirements) Name() string { return "pypi/requirements" }
func (requirements) Version() int { return 1 }

func (requirements) Wants(f *sekisho.File) bool {
	if !strings.HasSuffix(f.Path, ".txt") || f.Size > 4<<20 {
		return false
	}
	name := f.Path[strings.LastIndexByte(f.Path, '/')+1:]
	if strings.Contains(f.Path, ".dist-info/") || strings.Contains(f.Path, "site-packages/") || strings.Contains(f.Path, "dist-packages/") {
		return false
	}
	return strings.HasPrefix(name, "requirements") || strings.HasSuffix(name, "requirements.txt") ||
		strings.HasSuffix(f.Path[:len(f.Path)-len(name)], "requirements/") && strings.Count(name, ".") == 1
}

func (requirements) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	name := in.Path[strings.LastIndexByte(in.Path, '/')+1:]
	dev := strings.Contains(name, "dev") || strings.Contains(name, "test")
	var logical strings.Builder
	start, n, loose := 0, 0, 0
	flush := func() {
		line := strings.TrimSpace(logical.String())
		logical.Reset()
		if line == "" {
			return
		}
		p, pinned, ok := requirement(line)
		switch {
		case ok && pinned:
			p.Line, p.Dev, p.Relationship = start, dev, sekisho.Direct
			inv.Packages = append(inv.Packages, p)
		case ok:
			loose++
		}
	}
	for l := range bytes.Lines(b) {
		n++
		if logical.Len() == 0 {
			start = n
		}
		s := strings.TrimRight(string(l), "\r\n")
		if i := strings.Index(s, " #"); i >= 0 {
			s = s[:i]
		}
		if strings.HasPrefix(strings.TrimSpace(s), "#") {
			s = ""
		}
		if rest, ok := strings.CutSuffix(s, `\`); ok && logical.Len() < 1<<16 {
			logical.WriteString(rest + " ")
			continue
		}
		logical.WriteString(s)
		flush()
	}
	flush()
	if loose > 0 {
		inv.Problems = append(inv.Problems, sekisho.Problem{Minor: true}.Saying(message.Say("%d requirements are not pinned by ==: which version is used is not known; pin them, or scan what is installed", loose)))
	}
	return inv, nil
}

// requirement reads one logical line; ok is false for options, paths, addresses.
func requirement(line string) (p sekisho.Package, pinned, ok bool) {
	if line[0] == '-' || strings.Contains(line, "://") || strings.HasPrefix(line, ".") || strings.HasPrefix(line, "/") {
		return p, false, false
	}
	line, _, _ = strings.Cut(line, " --hash")
	line, _, _ = strings.Cut(line, ";")
	end := strings.IndexAny(line, "=<>!~[( ")
	if end < 0 {
		end = len(line)
	}
	name := line[:end]
	if !validName(name) {
		return p, false, false
	}
	rest := strings.TrimSpace(line[end:])
	if strings.HasPrefix(rest, "[") { // extras
		_, rest, _ = strings.Cut(rest, "]")
	}
	rest = strings.Trim(strings.TrimSpace(rest), "()")
	version, exact := strings.CutPrefix(rest, "==")
	version = strings.TrimSpace(strings.TrimPrefix(version, "="))
	if !exact || version == "" || strings.ContainsAny(version, "*,<>! ") {
		return p, false, true
	}
	return pkg(name, version), true, true
}
