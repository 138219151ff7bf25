// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"bytes"

	"github.com/sekisho/sekisho/internal/ecosystem/relation"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// relations are what the packages of a database say of others, in their order.
// rpm itself does not know what was asked for.
// Format: https://rpm-software-management.github.io/rpm/manual/dependencies.html.
type relations struct {
	packages []related
	kept     int // bytes
}

// related are names of one package, each with a zero byte behind it.
type related struct {
	provides, needs, suits, with []byte
}

// maxRelated is how many bytes of names are kept of a database; real ones of 2000
// packages have five million.
const maxRelated = 24 << 20

// add keeps what a header says: its bytes are gone with the next one.
func (r *relations) add(h *header) {
	var one related
	keep := func(into *[]byte, lists ...stringArray) {
		for _, list := range lists {
			for {
				name, ok := list.next()
				if !ok || r.kept > maxRelated {
					break
				}
				if bytes.HasPrefix(name, []byte("rpmlib(")) {
					continue
				}
				*into = append(append(*into, name...), 0)
				r.kept += len(name) + 1
			}
		}
	}
	keep(&one.provides, h.provides)
	keep(&one.needs, h.requires)
	keep(&one.suits, h.recommends, h.suggests)
	keep(&one.with, h.supplements, h.enhances)
	r.packages = append(r.packages, one)
}

// relate states who needs whom. A path that is needed is looked for in the lists
// of files. Where no package has a dependency nothing is known. It is false where
// there is too much to be read.
func (r *relations) relate(inv *sekisho.Inventory) bool {
	s := relation.New(inv.Packages)
	known := false
	for i := range r.packages {
		known = known || len(r.packages[i].needs) > 0
		each(r.packages[i].provides, func(name []byte) bool {
			s.Provide(i, string(name))
			return !s.Exceeded()
		})
	}
	if !known {
		return true
	}
	r.files(s, inv)
	at := make(map[string]int, len(inv.Packages))
	for i := range inv.Packages {
		at[inv.Packages[i].Name] = i
	}
	find := func(list []byte) (found []string) {
		each(list, func(name []byte) bool {
			eachWord(name, func(word []byte) { found = s.Find(found, word) })
			return !s.Exceeded()
		})
		return found
	}
	suits := make([][]string, len(inv.Packages))
	for i := range r.packages {
		suits[i] = append(suits[i], find(r.packages[i].suits)...)
		for _, other := range find(r.packages[i].with) {
			j := at[other]
			suits[j] = append(suits[j], inv.Packages[i].Name)
		}
	}
	for i := range r.packages {
		s.State(i, find(r.packages[i].needs), suits[i])
		inv.Packages[i].Installed = sekisho.InstalledAsked
		if s.Exceeded() || r.kept > maxRelated {
			s.Forget()
			return false
		}
	}
	return true
}

// files finds who has the paths that are needed.
func (r *relations) files(s *relation.Set, inv *sekisho.Inventory) {
	paths := map[uint64]string{}
	for i := range r.packages {
		each(r.packages[i].needs, func(name []byte) bool {
			eachWord(name, func(word []byte) {
				if word[0] == '/' && len(paths) < maxPaths {
					paths[sekisho.HashPath(string(word))] = string(word)
				}
			})
			return true
		})
	}
	if len(paths) == maxPaths {
		r.kept = maxRelated + 1
		return
	}
	at := make(map[[2]string]int, len(inv.Packages))
	for i := range inv.Packages {
		at[[2]string{inv.Packages[i].Name, inv.Packages[i].Arch}] = i
	}
	for i := range inv.Owned {
		o := &inv.Owned[i]
		j, ok := at[[2]string{o.Name, o.Arch}]
		if !ok {
			continue
		}
		for _, h := range o.Files {
			if path, ok := paths[h]; ok {
				s.Provide(j, path)
			}
		}
	}
}

// maxPaths is how many paths are looked for.
const maxPaths = 100_000

// each calls do for the names of a list until it returns false.
func each(list []byte, do func(name []byte) bool) {
	for len(list) > 0 {
		name, rest, _ := bytes.Cut(list, []byte{0})
		if list = rest; len(name) > 0 && !do(name) {
			return
		}
	}
}

// eachWord calls do for a name, or for the names in an expression: of
// "(a >= 1 or (b if c))" all of them, whatever it says.
func eachWord(name []byte, do func(word []byte)) {
	if name[0] != '(' {
		do(name)
		return
	}
	for word := range bytes.FieldsSeq(name) {
		word = bytes.TrimLeft(word, "(")
		// A closing bracket may be the name's: "libc.so.6()(64bit)".
		for bytes.HasSuffix(word, []byte(")")) && bytes.Count(word, []byte(")")) > bytes.Count(word, []byte("(")) {
			word = word[:len(word)-1]
		}
		switch string(word) {
		case "", "and", "or", "if", "else", "with", "without", "unless", "<", "<=", "=", ">=", ">":
		default:
			do(word)
		}
	}
}
