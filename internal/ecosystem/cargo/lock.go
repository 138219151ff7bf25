// SPDX-License-Identifier: Apache-2.0

package cargo

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// lock reads Cargo.lock of the versions 1 to 4: the subset of TOML that Cargo
// writes, a key a line. Crates without a source are the project's own: they
// are its roots, and what they name is a direct dependency. See
// https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html.
type lock struct{}

func (lock) Name() string { return "cargo/lock" }
func (lock) Version() int { return 1 }

func (lock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "Cargo.lock")
}

// crate is one [[package]] of a lock file. Its strings are parts of the file.
type crate struct {
	name, version, source, checksum string
	dependencies                    []string
	line                            int
}

func (lock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	crates, bad, err := parseLock(ctx, string(b))
	if err != nil {
		return inv, err
	}
	direct := directOf(crates)
	hasRoot := false
	for i := range crates {
		hasRoot = hasRoot || crates[i].source == ""
	}
	for i, c := range crates {
		if !plain(c.name) || !plain(c.version) || len(c.source) > maxText {
			if bad == 0 {
				bad = c.line
			}
			continue
		}
		from, address := parseSource(c.source)
		p := makePackage(c.name, c.version, from, address)
		p.Line = c.line
		switch {
		case from == local:
		case direct[i]:
			p.Relationship = sekisho.Direct
		case hasRoot:
			p.Relationship = sekisho.Transitive
		}
		if len(c.checksum) == 64 {
			p.Checksums = []string{"sha256:" + c.checksum}
		}
		inv.Packages = append(inv.Packages, p)
	}
	if bad > 0 {
		err = fmt.Errorf("read Cargo lock: line %d is not as Cargo writes it: what it says is missing here", bad)
	}
	return inv, err
}

// parseLock reads the crates; bad is the first line that was not understood.
func parseLock(ctx context.Context, s string) (crates []crate, bad int, err error) {
	var c *crate
	inList, n := false, 0
	wrong := func() {
		if bad == 0 {
			bad = n
		}
	}
	for line := range strings.Lines(s) {
		n++
		if n&0xfff == 0 && ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case inList:
			if strings.HasPrefix(line, "]") {
				inList = false
				continue
			}
			if !c.list(line) {
				wrong()
				inList = false
			}
		case line == "[[package]]" || line == "[root]":
			crates = append(crates, crate{line: n})
			c = &crates[len(crates)-1]
		case line[0] == '[':
			c = nil // [metadata], [[patch.unused]]
		case c != nil:
			key, value, ok := strings.Cut(line, "=")
			if key, value = strings.TrimSpace(key), strings.TrimSpace(value); !ok {
				wrong()
				continue
			}
			if key == "dependencies" {
				if inside, ok := strings.CutPrefix(value, "["); !ok {
					wrong()
				} else if one, closed := strings.CutSuffix(inside, "]"); closed {
					if !c.list(one) {
						wrong()
					}
				} else if inList = true; !c.list(inside) {
					wrong()
				}
				continue
			}
			if !c.set(key, value) {
				wrong()
			}
		}
	}
	if inList {
		wrong()
	}
	return crates, bad, nil
}

func (c *crate) set(key, value string) bool {
	var to *string
	switch key {
	case "name":
		to = &c.name
	case "version":
		to = &c.version
	case "source":
		to = &c.source
	case "checksum":
		to = &c.checksum
	default:
		return true // "replace", and what Cargo may add
	}
	v, ok := unquote(value)
	*to = v
	return ok
}

func unquote(s string) (string, bool) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' || strings.IndexByte(s[1:len(s)-1], '"') >= 0 {
		return "", false
	}
	return s[1 : len(s)-1], true
}

// list adds the quoted dependencies of a line.
func (c *crate) list(line string) bool {
	for one := range strings.SplitSeq(line, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		v, ok := unquote(one)
		if !ok {
			return false
		}
		c.dependencies = append(c.dependencies, v)
	}
	return true
}

// directOf tells which crates the project's own name: "name", "name version"
// or "name version (source)", as much as it takes to be unique.
func directOf(crates []crate) []bool {
	byName := make(map[string][]int, len(crates))
	for i := range crates {
		byName[crates[i].name] = append(byName[crates[i].name], i)
	}
	direct := make([]bool, len(crates))
	for i := range crates {
		if crates[i].source != "" {
			continue
		}
		for _, d := range crates[i].dependencies {
			name, rest, _ := strings.Cut(d, " ")
			version, source, _ := strings.Cut(rest, " ")
			source = strings.Trim(source, "()")
			for _, j := range byName[name] {
				if (version == "" || version == crates[j].version) && (source == "" || source == crates[j].source) {
					direct[j] = true
					break
				}
			}
		}
	}
	return direct
}

// hasAny reports whether b begins with one of the magics.
func hasAny(b []byte, magics ...string) bool {
	for _, m := range magics {
		if bytes.HasPrefix(b, []byte(m)) {
			return true
		}
	}
	return false
}
