// SPDX-License-Identifier: Apache-2.0

package npm

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// yarnLock reads yarn.lock, of version 1 and of berry, which is YAML of the
// same outline. See https://classic.yarnpkg.com/lang/en/docs/yarn-lock/ and
// https://yarnpkg.com/advanced/lexicon#lockfile.
type yarnLock struct{}

func (yarnLock) Name() string { return "npm/yarn" }
func (yarnLock) Version() int { return 1 }

func (yarnLock) Wants(f *sekisho.File) bool { return base(f.Path, "yarn.lock") && !installed(f.Path) }

var errYarn = errors.New("it does not look like a yarn.lock: no package in it has a version")

func (yarnLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var key, version, resolution string
	keyLine, n, entries := 0, 0, 0
	flush := func() {
		if key == "" {
			return
		}
		entries++
		if p, ok := yarnPackage(key, version, resolution); ok {
			p.Line = keyLine
			inv.Packages = append(inv.Packages, p)
		}
		key, version, resolution = "", "", ""
	}
	for l := range bytes.Lines(b) {
		n++
		if n%4096 == 0 && ctx.Err() != nil {
			return inv, ctx.Err()
		}
		line := bytes.TrimRight(l, "\r\n")
		switch {
		case len(bytes.TrimSpace(line)) == 0 || line[0] == '#':
		case line[0] != ' ':
			flush()
			if k, ok := bytes.CutSuffix(line, []byte(":")); ok && !bytes.HasPrefix(k, []byte("__metadata")) {
				key, keyLine = string(k), n
			}
		case len(line) > 2 && line[2] != ' ':
			f := strings.TrimSpace(string(line))
			if v, ok := cutField(f, "version"); ok {
				version = v
			} else if v, ok := cutField(f, "resolution"); ok {
				resolution = v
			} else if v, ok := cutField(f, "resolved"); ok {
				resolution = v
			}
		}
	}
	flush()
	if entries == 0 && len(bytes.TrimSpace(b)) > 0 && !bytes.Contains(b, []byte("yarn lockfile")) && !bytes.Contains(b, []byte("__metadata")) {
		return inv, errYarn
	}
	return inv, nil
}

// cutField reads `version "1.0"` (version 1) and `version: 1.0` (berry).
func cutField(s, name string) (string, bool) {
	rest, ok := strings.CutPrefix(s, name)
	if !ok || rest == "" || rest[0] != ' ' && rest[0] != ':' {
		return "", false
	}
	return strings.Trim(strings.TrimLeft(rest, ": "), `"'`), true
}

// yarnPackage reads `"@a/b@^1.0, @a/b@npm:~1.1"` and what it was resolved to.
func yarnPackage(key, version, resolution string) (p sekisho.Package, ok bool) {
	first, _, _ := strings.Cut(strings.Trim(key, `"`), ",")
	first = strings.Trim(strings.TrimSpace(first), `"`)
	name, want := splitSpec(first)
	if _, after, ok := strings.Cut(want, "npm:"); ok { // an alias, or berry's protocol
		if real, _ := splitSpec(after); strings.Contains(after, "@") && validName(real) {
			name = real
		}
	}
	switch {
	case strings.Contains(resolution, "@npm:"): // berry: "@a/b@npm:1.0"
		name = resolution[:strings.Index(resolution, "@npm:")]
	case strings.Contains(resolution, "@workspace:"), strings.Contains(resolution, "@patch:"), strings.Contains(resolution, "@link:"),
		strings.Contains(resolution, "@portal:"), strings.Contains(resolution, "@file:"), strings.Contains(resolution, "git"+"+"),
		strings.HasPrefix(want, "git"), strings.HasPrefix(want, "file:"), strings.HasPrefix(want, "link:"), strings.Contains(resolution, ".git#"):
		return p, false
	}
	if !registryVersion(version) || !validName(name) {
		return p, false
	}
	return pkg(name, version), true
}

// splitSpec cuts "name@range"; the name may begin with "@".
func splitSpec(s string) (name, want string) {
	if i := strings.IndexByte(s[min(1, len(s)):], '@'); i >= 0 {
		return s[:i+1], s[i+2:]
	}
	return s, ""
}
