// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What an archive is, in the order of trust:
//
//  1. META-INF/maven/*/*/pom.properties. Several of them mean a shaded archive:
//     each is a package, and the one that agrees with the file's name is the
//     archive itself.
//  2. pom.xml at the same places, where the properties are missing.
//  3. The file's name "artifact-1.2.3.jar" and the manifest. The version is
//     the name's, else Plugin-Version, Implementation-Version, Bundle-Version,
//     Specification-Version. The artifact is the name's. The group is Group-Id
//     (Jenkins), Implementation-Vendor-Id, what a well-known project publishes
//     under when the classes are in its directory (groups.go), else what
//     stands before the artifact in Bundle-SymbolicName or
//     Automatic-Module-Name. When none of them tells, the package has no
//     group: none is invented.
//
// The SHA-1 of an archive with classes is kept for those of the third kind: a
// repository's index knows them by it.

const (
	maxProperties = 16 << 10
	maxPOM        = 1 << 20
)

// found is one artifact that an archive says it holds.
type found struct {
	coordinates
	licenses []string
	dir      string // META-INF/maven/group/artifact
}

// identify adds the packages of one archive.
func (w *walk) identify(ctx context.Context, r io.ReaderAt, size int64, location string, c *contents) error {
	name := nameOf(location)
	all, err := w.projects(ctx, r, size, location, c.poms)
	if err != nil {
		return err
	}
	self, best := -1, 0
	for i := range all {
		if n := agreement(all[i].coordinates, name); n > best {
			self, best = i, n
		}
	}
	if !c.classes && c.manifest == nil && len(all) == 0 {
		return nil // a plain zip file: sources, resources
	}
	// The manifest is needed when the archive's own project is not there, or
	// does not declare a licence (most inherit it from a parent).
	var m manifest
	if c.manifest != nil && (self < 0 || len(all[self].licenses) == 0) {
		b, err := w.beginning(r, size, *c.manifest, maxManifest)
		if err != nil {
			w.entryProblem(location+"!/"+c.manifest.name, err)
		}
		m = parseManifest(b)
	}
	named := m.identity(name)
	if self < 0 {
		// A renamed file ("app.jar") is known by the version.
		for i := range all {
			if named.version == "" && len(all) == 1 || sameVersion(named.version, all[i].version) {
				self = i
				break
			}
		}
	}
	if self >= 0 {
		f := &all[self]
		f.version = or(f.version, named.version)
		if len(f.licenses) == 0 {
			f.licenses = m.licenses()
		}
	}
	for i := range all {
		if all[i].version != "" {
			w.add(all[i], location, nil)
		}
	}
	if self >= 0 && all[self].version != "" || len(all) > 0 && named.version == "" {
		return nil
	}
	return w.byName(ctx, r, size, location, found{coordinates: named, licenses: m.licenses()}, m, c.classes)
}

func (w *walk) add(f found, location string, checksums []string) {
	p := makePackage(f.coordinates)
	p.Licenses = f.licenses
	p.Checksums = checksums
	p.Locations = []sekisho.Location{{Path: location}}
	w.inv.Packages = append(w.inv.Packages, p)
}

// projects reads the Maven files of an archive, one artifact a directory.
func (w *walk) projects(ctx context.Context, r io.ReaderAt, size int64, location string, poms []kept) ([]found, error) {
	if len(poms) == 0 {
		return nil, nil
	}
	var all []found
	byDir := make(map[string]int, len(poms))
	for _, k := range poms {
		if err := ctx.Err(); err != nil {
			return all, err
		}
		dir := k.name[:strings.LastIndexByte(k.name, '/')]
		isXML := strings.HasSuffix(k.name, ".xml")
		limit := int64(maxProperties)
		if isXML {
			limit = maxPOM
		}
		b, err := w.beginning(r, size, k, limit)
		if err != nil {
			w.entryProblem(location+"!/"+k.name, err)
			continue
		}
		i, known := byDir[dir]
		if !known {
			i = len(all)
			byDir[dir] = i
			all = append(all, found{dir: dir})
		}
		f := &all[i]
		if !isXML {
			c := parseProperties(b).cleaned()
			f.group, f.artifact, f.version = or(c.group, f.group), or(c.artifact, f.artifact), or(c.version, f.version)
			continue
		}
		p, err := parsePOM(b)
		if err != nil {
			w.minor(location+"!/"+k.name, message.Errorf("read project file: %v", err))
		}
		c := p.resolvedSelf().cleaned()
		f.group, f.artifact, f.version = or(f.group, c.group), or(f.artifact, c.artifact), or(f.version, c.version)
		f.licenses = p.licenses
	}
	for i := range all {
		f := &all[i]
		// The directory is META-INF/maven/group/artifact.
		rest := f.dir[strings.LastIndex(f.dir, string(mavenDir))+len(mavenDir):]
		group, artifact, ok := strings.Cut(rest, "/")
		if d := (coordinates{group: group, artifact: artifact}).cleaned(); ok && d.artifact != "" {
			f.group, f.artifact = or(f.group, d.group), or(f.artifact, d.artifact)
		}
	}
	return slices.DeleteFunc(all, func(f found) bool { return f.artifact == "" }), nil
}

func (w *walk) entryProblem(path string, err error) {
	if b, ok := err.(*boundError); ok { //nolint:errorlint // allow returns it bare
		w.problem(path, b.bound, b.why)
		return
	}
	w.problem(path, "", message.Errorf("read entry: %v", err))
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// agreement of an artifact with the name of the file, 0 when there is none.
func agreement(c coordinates, name fileName) int {
	a, b := folded(c.artifact), folded(name.artifact)
	same := name.version != "" && c.version == name.version
	switch {
	case a == b && same, a == folded(name.whole), c.version != "" && a+"-"+folded(c.version) == folded(name.whole):
		return 6 // also where the artifact's own name ends in a number: "log4j-1.2.17-0.0"
	case a == b || folded(c.group)+"-"+a == b:
		return 5
	case same && related(a, b):
		return 4
	case strings.HasPrefix(b, a+"-") && (name.version == "" || same):
		return 3 // "artifact-all"
	case same:
		return 2
	case related(a, b) && name.version == "":
		return 1
	}
	return 0
}

// sameVersion compares what a manifest says with what Maven says: OSGi writes
// 31.1.0.jre where Maven has 31.1-jre.
func sameVersion(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	for {
		var x, y string
		x, a = nextPart(a)
		y, b = nextPart(b)
		if !strings.EqualFold(x, y) {
			return false
		}
		if x == "" {
			return true
		}
	}
}

// nextPart is what stands before the next separator; zeros are passed over.
func nextPart(s string) (part, rest string) {
	for s != "" && (part == "" || part == "0") {
		i := strings.IndexAny(s, ".-_")
		if i < 0 {
			part, s = s, ""
		} else {
			part, s = s[:i], s[i+1:]
		}
	}
	if part == "0" {
		part = ""
	}
	return part, s
}

func related(a, b string) bool { return strings.Contains(a, b) || strings.Contains(b, a) }

// folded spells names of all conventions alike.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '.', '_':
			return '-'
		}
		return r
	}, strings.ToLower(s))
}

// byName adds an archive that is known by its name and manifest only.
func (w *walk) byName(ctx context.Context, r io.ReaderAt, size int64, location string, f found, m manifest, classes bool) error {
	if f.artifact == "" || !classes && f.version == "" {
		return nil
	}
	// The classes of an Android library are the library's.
	if strings.HasSuffix(location, ".aar!/classes.jar") {
		return nil
	}
	if f.group == "" && classes {
		group, err := w.wellKnownGroup(ctx, r, size, f.coordinates)
		if err != nil {
			return err
		}
		f.group = group
	}
	if f.group == "" {
		f.group = m.derivedGroup(f.artifact)
	}
	var checksums []string
	if classes {
		sum, err := w.sum(ctx, r, size)
		if err != nil {
			return err
		}
		checksums = []string{sum}
		if f.version == "" || f.group == "" {
			if w.unnamed++; w.unnamed <= 5 {
				w.unnamedAre = append(w.unnamedAre, location[strings.LastIndexByte(location, '/')+1:])
			}
		}
	}
	w.add(f, location, checksums)
	return nil
}

// identity is what name and manifest say together, without derived groups.
func (m manifest) identity(name fileName) coordinates {
	c := coordinates{artifact: name.artifact, version: name.version}
	for _, v := range [...]string{m.pluginVer, m.implVersion, m.bundleVersion, m.specVersion} {
		if c.version == "" && startsLikeVersion(v) {
			c.version = v
		}
	}
	if m.pluginGroup != "" {
		c.group = m.pluginGroup
		c.artifact = or(m.pluginName, c.artifact)
	} else if isGroup(m.implVendorID) {
		c.group = m.implVendorID
	}
	c = c.cleaned()
	if c.group != "" {
		// "com.example.artifact-1.0.jar", as sbt's packager names them.
		if rest, ok := strings.CutPrefix(c.artifact, c.group+"."); ok && rest != "" {
			c.artifact = rest
		}
	}
	return c
}

func startsLikeVersion(v string) bool {
	return plain(v) && (isDigit(v[0]) || len(v) > 1 && (v[0] == 'v' || v[0] == 'r') && isDigit(v[1]))
}

// isGroup tells "org.example" and "commons-io" from "Example, Inc.".
func isGroup(s string) bool {
	if !plain(s) {
		return false
	}
	return s == strings.ToLower(s) || strings.IndexByte(s, '.') > 0
}

// derivedGroup is what stands before the artifact in the names that OSGi and
// the module system know the archive by.
func (m manifest) derivedGroup(artifact string) string {
	for _, name := range [...]string{m.bundleName, m.module} {
		name, _, _ = strings.Cut(name, ";")
		name = strings.TrimSpace(name)
		a, n := folded(artifact), folded(name)
		if rest, ok := strings.CutSuffix(n, "-"+a); ok && rest != "" && plain(name) {
			if g := name[:len(rest)]; strings.IndexByte(g, '.') > 0 {
				return g
			}
		}
	}
	return ""
}

// licenses of Bundle-License: "Apache-2.0;link=..., https://...".
func (m manifest) licenses() []string {
	var all []string
	for l := range strings.SplitSeq(m.license, ",") {
		l, _, _ = strings.Cut(l, ";")
		if l = strings.Trim(l, " \t\""); l != "" && len(l) <= 200 && len(all) < 16 {
			all = append(all, l)
		}
	}
	return all
}
