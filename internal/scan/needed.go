// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// index finds the packages of distributions that a container sees.
func (s *squash) index() {
	s.byName = map[string][]*entry{}
	for _, e := range s.entries {
		if distribution(e.pkg.Ecosystem) && !allHidden(e.places) {
			k := e.pkg.Ecosystem + "\x00" + e.pkg.Name
			s.byName[k] = append(s.byName[k], e)
		}
	}
}

// forget takes back what is known of who needs whom.
func forget(p *sekisho.Package) {
	p.Installed, p.Needs, p.Suits, p.AskedAs = "", nil, nil, ""
}

// mark tells the packages that were asked for from those that came with them, by
// the file that counts: the highest visible one.
func (s *squash) mark() {
	for _, ecosystem := range []string{sekisho.EcosystemDeb, sekisho.EcosystemAPK, sekisho.EcosystemRPM} {
		var all []*entry
		for _, e := range s.entries {
			if e.pkg.Ecosystem == ecosystem && e.pkg.Installed != "" {
				all = append(all, e)
			}
		}
		marks := s.marks(ecosystem)
		switch {
		case s.unclear:
			for _, e := range all {
				forget(&e.pkg)
			}
		case marks == nil && ecosystem != sekisho.EcosystemAPK:
			// apt takes all for asked for. Of rpm no marks are read: to take all for
			// asked for is to keep them.
		case marks == nil, marks.Asked && !askedFor(all, marks.Names):
			for _, e := range all {
				forget(&e.pkg)
			}
		case !marks.Asked:
			came, anyArch := setOf(marks.Names), map[string]bool{}
			for _, n := range marks.Names {
				n, _, _ = strings.Cut(n, ":")
				anyArch[n] = true
			}
			for _, e := range all {
				p := &e.pkg
				if p.Installed == sekisho.InstalledAsked && (came[p.Name] || came[p.Name+":"+p.Arch] || p.Arch == "all" && anyArch[p.Name]) {
					p.Installed = sekisho.InstalledAutomatic
				}
			}
		}
	}
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, n := range names {
		set[n] = true
	}
	return set
}

func (s *squash) marks(ecosystem string) *sekisho.InstallMarks {
	for i, f := range slices.Backward(s.layers) {
		if f == nil {
			continue
		}
		for j := range f.Inventory.Marks {
			if m := &f.Inventory.Marks[j]; m.Ecosystem == ecosystem && !s.isHidden(i, m.Location.Path) {
				return m
			}
		}
	}
	return nil
}

// askedFor makes all packages automatic but those of the names. It is false when
// a name is nobody's: then it is not known what was asked for.
func askedFor(all []*entry, names []string) bool {
	open := setOf(names)
	asked := setOf(names)
	for _, e := range all {
		p := &e.pkg
		if p.Installed == sekisho.InstalledEssential {
			delete(open, p.Name)
			continue
		}
		p.Installed = sekisho.InstalledAutomatic
		for group := range strings.FieldsSeq(p.AskedAs) {
			if asked[group] {
				p.Installed = sekisho.InstalledAsked
			}
			delete(open, group)
		}
		for _, n := range p.Provides {
			if asked[n] {
				p.Installed = sekisho.InstalledAsked
				p.AskedAs = ""
			}
			delete(open, n)
		}
		if asked[p.Name] {
			p.Installed, p.AskedAs = sekisho.InstalledAsked, ""
		}
		delete(open, p.Name)
		if p.Installed == sekisho.InstalledAutomatic {
			p.AskedAs = ""
		}
	}
	for n := range open {
		if !strings.HasPrefix(n, ".") { // a group whose packages are all gone asks for nothing
			return false
		}
	}
	return true
}

// Bounds of what is looked up.
const (
	maxUsers = 100_000 // files that programs and scripts need
	maxWords = 2_000   // of an image's configuration
	// mostUsers are named of a package.
	mostUsers = 3
)

// searched are the directories of programs where PATH does not say it.
var searched = []string{"usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin"}

// libraries are the directories in which distributions keep shared objects;
// those of the root are theirs too, see sekisho.HashPath.
var libraries = []string{
	"usr/lib", "usr/lib64", "usr/lib32", "usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib/arm-linux-gnueabihf", "usr/lib/arm-linux-gnueabi",
	"usr/lib/i386-linux-gnu", "usr/lib/powerpc64le-linux-gnu", "usr/lib/s390x-linux-gnu", "usr/lib/riscv64-linux-gnu", "usr/lib/mips64el-linux-gnuabi64",
}

// users says for files, by the hashes of their paths, what needs them that no
// package knows of: the image's configuration, programs and scripts. What a
// package installed is there too; that does no harm.
func (s *squash) users() map[uint64][]string {
	all := map[uint64][]string{}
	add := func(user, path string) {
		if len(all) >= maxUsers {
			s.unclear = true
			return
		}
		h := sekisho.HashPath(path)
		all[h] = withUser(all[h], user)
	}
	dirs := searched
	program := func(user, name string) {
		if strings.Contains(name, "/") {
			add(user, name)
			return
		}
		for _, d := range dirs {
			add(user, d+"/"+name)
		}
	}
	if image := s.artifact.Image; image != nil {
		for _, e := range image.Env {
			if path, ok := strings.CutPrefix(e, "PATH="); ok {
				dirs = append(slices.Clone(searched), strings.SplitN(path, ":", 50)...)
			}
		}
		left := maxWords
		for _, words := range [][]string{image.Entrypoint, image.Cmd, image.Healthcheck} {
			for _, w := range words {
				for name := range strings.FieldsFuncSeq(w, func(r rune) bool { return strings.ContainsRune(" \t\r\n;|&()<>{}[]\"'`$=,", r) }) {
					if left--; left < 0 {
						s.unclear = true
						break
					}
					program(sekisho.UsedByConfig, name)
				}
			}
		}
	}
	for i, f := range s.layers {
		if f == nil {
			continue
		}
		for j := range f.Inventory.Uses {
			u := &f.Inventory.Uses[j]
			if s.isHidden(i, u.Location.Path) {
				continue
			}
			if u.Program != "" {
				program(u.Location.Path, u.Program)
			}
			for _, l := range u.Libraries {
				for _, d := range libraries {
					add(u.Location.Path, d+"/"+l)
				}
			}
		}
	}
	return all
}

// use notes the user of a package's file.
func (s *squash) use(o *sekisho.Ownership, user string) {
	for _, e := range s.byName[o.Ecosystem+"\x00"+o.Name] {
		if (o.Arch == "" || e.pkg.Arch == o.Arch) && (o.Version == "" || e.pkg.Version == o.Version) {
			e.pkg.UsedBy = withUser(e.pkg.UsedBy, user)
		}
	}
}

// withUser adds a user to the few that are named, whatever the order in which
// they come.
func withUser(few []string, user string) []string {
	i, ok := slices.BinarySearch(few, user)
	if ok || i == mostUsers {
		return few
	}
	few = slices.Insert(slices.Clip(few), i, user)
	return few[:min(len(few), mostUsers)]
}

// unowned are the programs and scripts of a layer that no package of the same
// layer installed: what a package's programs need, the package says.
func unowned(inv *sekisho.Inventory) []sekisho.Use {
	if len(inv.Uses) == 0 {
		return nil
	}
	nobodys := make(map[uint64]bool, len(inv.Uses))
	for i := range inv.Uses {
		nobodys[sekisho.HashPath(inv.Uses[i].Location.Path)] = true
	}
	for i := range inv.Owned {
		for _, h := range inv.Owned[i].Files {
			delete(nobodys, h)
		}
	}
	uses := slices.DeleteFunc(inv.Uses, func(u sekisho.Use) bool { return !nobodys[sekisho.HashPath(u.Location.Path)] })
	slices.SortFunc(uses, func(a, b sekisho.Use) int { return strings.Compare(a.Location.Path, b.Location.Path) })
	return slices.Clip(uses)
}
