// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/relation"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// relations are the fields of a package that speak of others. They point into the
// file.
// Format: https://www.debian.org/doc/debian-policy/ch-relationships.html.
type relations struct {
	needs, suits [2][]byte
	provides     []byte
	essential    bool
}

func (p *paragraph) relations() relations {
	yes := func(b []byte) bool { return bytes.EqualFold(b, []byte("yes")) }
	return relations{
		needs: [2][]byte{p.preDepends, p.needs}, suits: [2][]byte{p.recommends, p.suggests}, provides: p.provides,
		essential: yes(p.essential) || yes(p.protected) || yes(p.important) || bytes.EqualFold(p.priority, []byte("required")),
	}
}

// relate states who needs whom among the packages of one database. Where no
// package has a dependency the fields were left out, and nothing is known. It is
// false where there is too much to be read.
func relate(packages []sekisho.Package, related []relations) bool {
	s := relation.New(packages)
	known := false
	for i := range related {
		r := &related[i]
		known = known || len(r.needs[0]) > 0 || len(r.needs[1]) > 0
		eachName(r.provides, func(name []byte) bool {
			s.Provide(i, string(name))
			return !s.Exceeded()
		})
	}
	if !known {
		return true
	}
	var needs, suits []string
	find := func(found []string, fields [2][]byte) []string {
		for _, f := range fields {
			eachName(f, func(name []byte) bool {
				found = s.Find(found, name)
				return !s.Exceeded()
			})
		}
		return found
	}
	for i := range related {
		r := &related[i]
		needs, suits = find(needs[:0], r.needs), find(suits[:0], r.suits)
		s.State(i, needs, suits)
		packages[i].Installed = sekisho.InstalledAsked
		if r.essential {
			packages[i].Installed = sekisho.InstalledEssential
		}
		if s.Exceeded() {
			s.Forget()
			return false
		}
	}
	return true
}

// eachName calls each for the names in a list of relations, alternatives too,
// without versions and architectures, until it returns false.
func eachName(list []byte, each func(name []byte) bool) {
	for len(list) > 0 {
		one := list
		if i := bytes.IndexAny(list, ",|"); i >= 0 {
			one, list = list[:i], list[i+1:]
		} else {
			list = nil
		}
		one = bytes.TrimLeft(one, " \t\r\n")
		if i := bytes.IndexAny(one, " \t\r\n:([<"); i >= 0 {
			one = one[:i]
		}
		if len(one) > 0 && !each(one) {
			return
		}
	}
}

// extendedStates reads var/lib/apt/extended_states: the packages that came
// because others needed them have a paragraph with "Auto-Installed: 1". apt
// takes all others for asked for.
type extendedStates struct{}

func (extendedStates) Name() string { return "debian/extended-states" }
func (extendedStates) Version() int { return 1 }

func (extendedStates) Wants(f *sekisho.File) bool { return f.Path == "var/lib/apt/extended_states" }

func (extendedStates) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	b, err := in.Bytes()
	marks := sekisho.InstallMarks{Ecosystem: sekisho.EcosystemDeb}
	var name, arch string
	auto := false
	end := func() {
		if name != "" && auto {
			marks.Names = append(marks.Names, strings.TrimSuffix(name+":"+arch, ":"))
		}
		name, arch, auto = "", "", false
	}
	for line := range strings.Lines(string(b)) {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "":
			end()
		case "package":
			name = value
		case "architecture":
			arch = value
		case "auto-installed":
			auto = value == "1"
		}
	}
	end()
	inv := sekisho.Inventory{Marks: []sekisho.InstallMarks{marks}}
	if err != nil {
		return sekisho.Inventory{}, fmt.Errorf("read what apt installed by itself: %w", err)
	}
	return inv, nil
}
