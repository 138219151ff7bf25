// SPDX-License-Identifier: Apache-2.0

package alpine

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/relation"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// relations are the fields of a package that speak of others: D: what it needs,
// p: what it provides, i: with which packages it is installed by itself. They
// point into the file.
type relations struct{ needs, provides, with []byte }

// group is a virtual package: a name that "apk add --virtual" gave to others.
type group struct {
	name  string
	needs []byte
}

// relate states who needs whom among the packages of one database. A package of a
// group has its name, and is asked for as long as the group is. Where no package
// has a dependency the fields were left out, and nothing is known. It is false
// where there is too much to be read.
func relate(packages []sekisho.Package, related []relations, groups []group) bool {
	known := false
	s := relation.New(packages)
	for i := range related {
		known = known || len(related[i].needs) > 0
		for name := range bytes.FieldsSeq(related[i].provides) {
			n := string(bare(name))
			s.Provide(i, n)
			// So that what "apk add" was told can be found. Nobody asks for more
			// names than these of one package.
			if len(packages[i].Provides) < maxProvided && !strings.HasPrefix(n, "so:") && !strings.HasPrefix(n, "pc:") {
				packages[i].Provides = append(packages[i].Provides, n)
			}
			if s.Exceeded() {
				break
			}
		}
	}
	if !known {
		s.Forget()
		return true
	}
	at := make(map[string]int, len(packages))
	for i := range packages {
		at[packages[i].Name] = i
	}
	var found []string
	find := func(list []byte) []string {
		found = found[:0]
		for name := range bytes.FieldsSeq(list) {
			if found = s.Find(found, bare(name)); s.Exceeded() {
				break
			}
		}
		return found
	}
	suits := make([][]string, len(packages))
	for i := range related {
		// It stays while those stay with which it came.
		for _, other := range find(related[i].with) {
			j := at[other]
			suits[j] = append(suits[j], packages[i].Name)
		}
	}
	for i := range related {
		s.State(i, find(related[i].needs), suits[i])
		packages[i].Installed = sekisho.InstalledAsked
	}
	many := false
	for _, g := range groups {
		for _, name := range find(g.needs) {
			p := &packages[at[name]]
			p.AskedAs = strings.TrimSpace(p.AskedAs + " " + g.name)
			many = many || len(p.AskedAs) > maxGroups
		}
		if many {
			break
		}
	}
	if many || s.Exceeded() {
		s.Forget()
		return false
	}
	return true
}

const (
	// maxProvided is how many names of a package are kept.
	maxProvided = 200
	// maxGroups is the length of the names of the groups of a package, in bytes.
	maxGroups = 1000
)

// bare is a name of a dependency without its version and repository:
// "musl>=1.2", "so:libz.so.1=1", "foo@edge". A conflict ("!foo") has none.
func bare(name []byte) []byte {
	if name[0] == '!' {
		return nil
	}
	if i := bytes.IndexAny(name, "=<>~@"); i >= 0 {
		name = name[:i]
	}
	return name
}

// world reads etc/apk/world: what "apk add" was told, in one line or several. All
// other packages came because these need them.
type world struct{}

func (world) Name() string { return "alpine/world" }
func (world) Version() int { return 1 }

func (world) Wants(f *sekisho.File) bool { return f.Path == "etc/apk/world" }

func (world) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	b, err := in.Bytes()
	if err != nil {
		return sekisho.Inventory{}, fmt.Errorf("read what apk was asked for: %w", err)
	}
	marks := sekisho.InstallMarks{Ecosystem: sekisho.EcosystemAPK, Asked: true}
	for name := range bytes.FieldsSeq(b) {
		if n := bare(name); len(n) > 0 {
			marks.Names = append(marks.Names, string(n))
		}
	}
	return sekisho.Inventory{Marks: []sekisho.InstallMarks{marks}}, nil
}
