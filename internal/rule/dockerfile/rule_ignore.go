// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"path"
	"regexp"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxPatterns and maxPattern bound what is read of a .dockerignore.
const (
	maxPatterns = 2000
	maxPattern  = 1 << 10
)

// ignorePattern is a line of .dockerignore
// (https://docs.docker.com/build/concepts/context/#dockerignore-files).
type ignorePattern struct {
	form *regexp.Regexp
	text string
	keep bool
}

func parseIgnore(text []byte) (out []ignorePattern) {
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || len(line) > maxPattern || len(out) == maxPatterns {
			continue
		}
		p := ignorePattern{}
		if line[0] == '!' {
			p.keep, line = true, strings.TrimSpace(line[1:])
		}
		p.text = strings.TrimPrefix(path.Clean(line), "/")
		form, err := regexp.Compile(ignoreForm(p.text))
		if err != nil {
			continue
		}
		p.form = form
		out = append(out, p)
	}
	return out
}

// ignoreForm makes an expression of a pattern: what matches a directory matches
// all that is in it.
func ignoreForm(p string) string {
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(p); i++ {
		switch c := p[i]; c {
		case '*':
			switch {
			case strings.HasPrefix(p[i:], "**/"):
				b.WriteString("(?:.*/)?")
				i += 2
			case strings.HasPrefix(p[i:], "**"):
				b.WriteString(".*")
				i++
			default:
				b.WriteString("[^/]*")
			}
		case '?':
			b.WriteString("[^/]")
		case '[', ']':
			b.WriteByte(c)
		case '\\':
			if i++; i < len(p) {
				b.WriteString(regexp.QuoteMeta(p[i : i+1]))
			}
		default:
			b.WriteString(regexp.QuoteMeta(p[i : i+1]))
		}
	}
	b.WriteString("(?:/.*)?$")
	return b.String()
}

// ignored says whether a path of the context is left out, and nothing in it is
// let in again.
func ignored(patterns []ignorePattern, file string) bool {
	out := false
	for _, p := range patterns {
		if p.form.MatchString(file) {
			out = !p.keep
		} else if p.keep && (strings.HasPrefix(p.text, file+"/") || strings.ContainsAny(p.text, "*?[")) {
			out = false
		}
	}
	return out
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "copy-ignored", Aliases: ids("CopyIgnoredFile"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("The build fails on it.", "ビルドが失敗します。"),
		Title:   words("{0} is copied and .dockerignore leaves it out", "{0} は .dockerignore で除外されている"),
		Why:     words("The builder never gets the file: it cannot be copied.", "ファイルがビルダーに渡らないため、コピーできません。"),
		Fix:     words("Let it in (!{0}) or do not copy it.", "許可する (!{0}) か、コピーをやめます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		// The paths of both files must be of one directory.
		if !f.Ignore.Own {
			return
		}
		var patterns []ignorePattern
		f.transfers(func(t transfer) {
			if t.from != "" || t.at.Stage == nil || t.trigger {
				return
			}
			for _, src := range t.sources {
				w := f.Expand(t.at, src)
				name := strings.TrimPrefix(path.Clean("/"+w.Text), "/")
				if !w.Known || name == "" || strings.ContainsAny(name, "*?[") || webAddress.MatchString(w.Text) || gitAddress.MatchString(w.Text) {
					continue
				}
				if patterns == nil {
					patterns = parseIgnore(f.Ignore.Text)
				}
				if ignored(patterns, name) {
					found(hitWord(t.at, src, src))
				}
			}
		})
	},
})
