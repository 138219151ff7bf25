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
//
// Neither says what is for development only. Only berry names the project and
// its workspaces: in version 1 nobody knows which packages are direct.
type yarnLock struct{}

func (yarnLock) Name() string { return "npm/yarn" }
func (yarnLock) Version() int { return 2 }

func (yarnLock) Wants(f *sekisho.File) bool { return base(f.Path, "yarn.lock") && !installed(f.Path) }

var errYarn = errors.New("it does not look like a yarn.lock: no package in it has a version")

// yarnEntry is one block of the lock.
type yarnEntry struct {
	// specs are what is asked for: "a@^1.0.0", "a@npm:^1.0.0".
	specs               []string
	version, resolution string
	// conditions of the platform, "os=darwin & cpu=arm64" (berry).
	conditions string
	line       int
	needs      []yarnNeed
}

type yarnNeed struct {
	spec     string
	optional bool
}

func (e *yarnEntry) workspace() bool { return strings.Contains(e.resolution, "@workspace:") }

func (yarnLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	entries, err := yarnEntries(ctx, b)
	if err != nil {
		return inv, err
	}
	if len(entries) == 0 && len(bytes.TrimSpace(b)) > 0 && !bytes.Contains(b, []byte("yarn lockfile")) && !bytes.Contains(b, []byte("__metadata")) {
		return inv, errYarn
	}
	direct, required := yarnReach(entries)
	for i := range entries {
		e := &entries[i]
		p, ok := yarnPackage(e.specs[0], e.version, e.resolution)
		if !ok {
			continue
		}
		p.Line = e.line
		if direct != nil {
			p.Relationship = sekisho.Transitive
			if direct[i] {
				p.Relationship = sekisho.Direct
			}
		}
		if !required[i] || e.conditions != "" {
			p.Tree = tree(in.Path)
		}
		inv.Packages = append(inv.Packages, p)
	}
	return inv, nil
}

// yarnEntries cuts the lock into its blocks.
func yarnEntries(ctx context.Context, b []byte) (entries []yarnEntry, err error) {
	var e *yarnEntry
	section, meta, n := "", "", 0
	for l := range bytes.Lines(b) {
		n++
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		line := string(bytes.TrimRight(l, "\r\n"))
		switch text := strings.TrimSpace(line); {
		case text == "" || line[0] == '#':
		case line[0] != ' ':
			e, section = nil, ""
			if k, ok := strings.CutSuffix(line, ":"); ok && !strings.HasPrefix(k, "__metadata") {
				if specs := yarnSpecs(k); len(specs) > 0 {
					entries = append(entries, yarnEntry{specs: specs, line: n})
					e = &entries[len(entries)-1]
				}
			}
		case e == nil || len(line) < 3:
		case line[2] != ' ':
			k, v := yarnField(text)
			section = k
			switch k {
			case "version":
				e.version = v
			case "resolution", "resolved":
				e.resolution = v
			case "conditions":
				e.conditions = v
			}
		case len(line) > 4 && line[4] != ' ':
			k, v := yarnField(text)
			switch section {
			case "dependencies", "optionalDependencies":
				e.needs = append(e.needs, yarnNeed{k + "@" + v, section == "optionalDependencies"})
			case "dependenciesMeta":
				meta = k
			}
		case section == "dependenciesMeta" && text == "optional: true":
			for i := range e.needs {
				if strings.HasPrefix(e.needs[i].spec, meta+"@") {
					e.needs[i].optional = true
				}
			}
		}
	}
	return entries, nil
}

// yarnSpecs reads `"@a/b@^1.0", c@2` (version 1) and `"@a/b@npm:^1.0, @a/b@npm:2"`.
func yarnSpecs(key string) (specs []string) {
	for s := range strings.SplitSeq(key, ",") {
		if s = strings.Trim(s, ` "`); s != "" {
			specs = append(specs, s)
		}
	}
	return specs
}

// yarnField reads `name "1.0"` (version 1) and `name: 1.0` (berry), where the
// name may stand in quotes.
func yarnField(s string) (name, value string) {
	if rest, ok := strings.CutPrefix(s, `"`); ok {
		name, value, _ = strings.Cut(rest, `"`)
	} else if i := strings.IndexAny(s, " :"); i > 0 {
		name, value = s[:i], s[i:]
	} else {
		name = s
	}
	return name, strings.Trim(strings.TrimLeft(value, ": "), `"'`)
}

// yarnReach says which entries the project itself asks for (nil in version 1,
// whose lock does not name the project), and which are asked for by more than
// optional dependencies. What nobody in a lock of version 1 asks for is the
// project's own wish, optional or not.
func yarnReach(entries []yarnEntry) (direct, required []bool) {
	bySpec := make(map[string]int, len(entries))
	asked := make([]bool, len(entries))
	berry := false
	for i := range entries {
		for _, s := range entries[i].specs {
			bySpec[s] = i
		}
		berry = berry || entries[i].workspace()
	}
	if berry {
		direct = make([]bool, len(entries))
	}
	for i := range entries {
		for _, need := range entries[i].needs {
			to, ok := bySpec[need.spec]
			if !ok {
				continue
			}
			asked[to] = true
			if entries[i].workspace() {
				direct[to] = true
			}
		}
	}
	required = make([]bool, len(entries))
	var todo []int
	for i := range entries {
		if berry && entries[i].workspace() || !berry && !asked[i] {
			required[i] = true
			todo = append(todo, i)
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, need := range entries[i].needs {
			if to, ok := bySpec[need.spec]; ok && !need.optional && !required[to] {
				required[to] = true
				todo = append(todo, to)
			}
		}
	}
	return direct, required
}

// yarnPackage reads `@a/b@^1.0` and what it was resolved to.
func yarnPackage(spec, version, resolution string) (p sekisho.Package, ok bool) {
	name, want := splitSpec(spec)
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
