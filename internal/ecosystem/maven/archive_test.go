// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// part is an entry of an archive that a test makes.
type part struct {
	name   string
	data   string
	stored bool
}

func pack(t testing.TB, parts ...part) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		h := &zip.FileHeader{Name: p.name, Method: zip.Deflate}
		if p.stored {
			h.Method = zip.Store
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(p.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func properties(group, artifact, version string) part {
	return part{name: "META-INF/maven/" + group + "/" + artifact + "/pom.properties", data: "groupId=" + group + "\nartifactId=" + artifact + "\nversion=" + version + "\n"}
}

func classIn(dir string) part { return part{name: dir + "/Example.class", data: "\xca\xfe\xba\xbe"} }

func manifestPart(lines ...string) part {
	return part{name: "META-INF/MANIFEST.MF", data: "Manifest-Version: 1.0\n" + strings.Join(lines, "\n") + "\n"}
}

// read extracts an archive and writes a line for each package and problem.
func read(t *testing.T, name, data string, bounds sekisho.Bounds) string {
	t.Helper()
	in := extracttest.Input(name, []byte(data))
	in.Bounds = bounds
	inv, err := newArchive().Extract(t.Context(), in)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return describe(inv)
}

func describe(inv sekisho.Inventory) string {
	var b strings.Builder
	for _, p := range inv.Packages {
		fmt.Fprintf(&b, "%s %s %s", p.Locations[0].Path, p.Name, p.Version)
		if len(p.Checksums) > 0 {
			b.WriteString(" sha1")
		}
		if len(p.Licenses) > 0 {
			fmt.Fprintf(&b, " %q", p.Licenses)
		}
		b.WriteByte('\n')
	}
	for _, p := range inv.Problems {
		text := p.Bound
		if text == "" {
			text = p.Error
		}
		if p.Minor {
			text += " (minor)"
		}
		fmt.Fprintf(&b, "! %s: %s\n", p.Path, text)
	}
	return b.String()
}

func TestIdentity(t *testing.T) {
	log4j := properties("org.apache.logging.log4j", "log4j-core", "2.14.1")
	for _, tt := range []struct {
		name  string
		parts []part
		want  string
	}{
		{"log4j-core-2.14.1.jar", []part{log4j, classIn("org/apache/logging")}, "log4j-core-2.14.1.jar org.apache.logging.log4j:log4j-core 2.14.1"},
		{"log4j-1.2-api.jar", []part{properties("org.apache.logging.log4j", "log4j-1.2-api", "2.19.0"), classIn("o")}, "log4j-1.2-api.jar org.apache.logging.log4j:log4j-1.2-api 2.19.0"},
		// Renamed.
		{"app.jar", []part{log4j, classIn("a")}, "app.jar org.apache.logging.log4j:log4j-core 2.14.1"},
		// Shaded: the archive itself and what it swallowed.
		{"shop-1.0.jar", []part{log4j, properties("com.example", "shop", "1.0"), classIn("a")}, `
			shop-1.0.jar org.apache.logging.log4j:log4j-core 2.14.1
			shop-1.0.jar com.example:shop 1.0`},
		// Shaded by Gradle: the archive has no properties of its own.
		{"shop-1.0-all.jar", []part{log4j, manifestPart("Implementation-Vendor-Id: com.example"), classIn("a")}, `
			shop-1.0-all.jar org.apache.logging.log4j:log4j-core 2.14.1
			shop-1.0-all.jar com.example:shop 1.0 sha1`},
		// A project file only, its group and version are the parent's.
		{
			"x.jar",
			[]part{{name: "META-INF/maven/g/tool/pom.xml", data: "<project><parent><groupId>g</groupId><version>3</version></parent><artifactId>tool</artifactId><licenses><license><name>MIT</name></license></licenses></project>"}, classIn("a")},
			`x.jar g:tool 3 ["MIT"]`,
		},
		// The directory tells what the properties do not.
		{"tool-3.jar", []part{{name: "META-INF/maven/g/tool/pom.properties", data: "version=3\n"}}, "tool-3.jar g:tool 3"},
		// Nobody filled the version in.
		{"tool-1.2.17-0.0.jar", []part{{name: "META-INF/maven/g/tool-1.2.17/pom.properties", data: "version=0.0\ngroupId=g\nartifactId=tool-1.2.17\n"}}, "tool-1.2.17-0.0.jar g:tool-1.2.17 0.0"},
		{"tool-3.1.jar", []part{{name: "META-INF/maven/g/tool/pom.properties", data: "version=${revision}\ngroupId=g\nartifactId=tool\n"}}, "tool-3.1.jar g:tool 3.1"},
		// Manifest and name.
		{"thing-1.2.jar", []part{manifestPart("Bundle-SymbolicName: org.example.thing;x=y", "Bundle-License: MIT"), classIn("org/example/thing")}, `thing-1.2.jar org.example:thing 1.2 sha1 ["MIT"]`},
		{"thing.jar", []part{manifestPart("Implementation-Version: 4.5", "Implementation-Vendor-Id: org.example"), classIn("a")}, "thing.jar org.example:thing 4.5 sha1"},
		{"thing.jar", []part{manifestPart("Implementation-Version: 4.5", "Implementation-Vendor-Id: Example, Inc."), classIn("a")}, `
			thing.jar thing 4.5 sha1
			! thing.jar: 1 archives (thing.jar) do not say their group or version: they can only be recognised by their SHA-1 (minor)`},
		{"git.hpi", []part{manifestPart("Group-Id: org.jenkins-ci.plugins", "Short-Name: git", "Plugin-Version: 5.2.0", "Implementation-Version: 9"), {name: "WEB-INF/licenses.xml"}}, "git.hpi org.jenkins-ci.plugins:git 5.2.0"},
		// A well-known project, when the classes agree.
		{"spring-core-5.3.18.jar", []part{manifestPart("Implementation-Title: spring-core"), classIn("org/springframework/core")}, "spring-core-5.3.18.jar org.springframework:spring-core 5.3.18 sha1"},
		{"spring-core-5.3.18.jar", []part{manifestPart(), classIn("com/example")}, `
			spring-core-5.3.18.jar spring-core 5.3.18 sha1
			! spring-core-5.3.18.jar: 1 archives (spring-core-5.3.18.jar) do not say their group or version: they can only be recognised by their SHA-1 (minor)`},
		{"hibernate-core-6.1.0.Final.jar", []part{classIn("org/hibernate/x")}, "hibernate-core-6.1.0.Final.jar org.hibernate.orm:hibernate-core 6.1.0.Final sha1"},
		{"hibernate-core-5.6.0.Final.jar", []part{classIn("org/hibernate/x")}, "hibernate-core-5.6.0.Final.jar org.hibernate:hibernate-core 5.6.0.Final sha1"},
		// Nothing but resources.
		{"docs-1.0.jar", []part{{name: "index.html", data: "x"}}, ""},
		{"empty.jar", nil, ""},
	} {
		extracttest.Equal(t, read(t, tt.name, pack(t, tt.parts...), sekisho.Bounds{}), tt.want)
	}
}

func TestNested(t *testing.T) {
	leaf := pack(t, properties("com.example", "leaf", "1"), classIn("a"))
	other := pack(t, properties("com.example", "other", "2"), classIn("b"))
	war := pack(t,
		part{name: "WEB-INF/lib/leaf-1.jar", data: leaf, stored: true},
		part{name: "WEB-INF/lib/other-2.jar", data: other},
		part{name: "WEB-INF/lib/none.jar"},
		properties("com.example", "site", "3"))
	ear := pack(t, part{name: "site-3.war", data: war}, part{name: "META-INF/application.xml", data: "<a/>"})
	want := `
		app.ear!/site-3.war com.example:site 3
		app.ear!/site-3.war!/WEB-INF/lib/leaf-1.jar com.example:leaf 1
		app.ear!/site-3.war!/WEB-INF/lib/other-2.jar com.example:other 2`
	extracttest.Equal(t, read(t, "app.ear", ear, sekisho.Bounds{}), want)

	// Spring Boot's launcher script before the archive moves every offset.
	boot := "#!/bin/sh\nexec java -jar \"$0\"\n" + pack(t, part{name: "BOOT-INF/lib/leaf-1.jar", data: leaf, stored: true}, properties("com.example", "boot", "4"))
	extracttest.Equal(t, read(t, "boot.jar", boot, sekisho.Bounds{}), `
		boot.jar com.example:boot 4
		boot.jar!/BOOT-INF/lib/leaf-1.jar com.example:leaf 1`)

	// An Android library's classes are its own.
	aar := pack(t, part{name: "classes.jar", data: pack(t, classIn("a"))}, properties("com.example", "lib", "5"))
	extracttest.Equal(t, read(t, "lib-5.aar", aar, sekisho.Bounds{}), "lib-5.aar com.example:lib 5")
}

// Large nested archives go to a file, which gives the same facts.
func TestNestedLarge(t *testing.T) {
	noise := make([]byte, inMemory+1)
	state := uint32(1)
	for i := range noise {
		state = state*1664525 + 1013904223
		noise[i] = byte(state >> 24)
	}
	large := pack(t, part{name: "noise.bin", data: string(noise), stored: true}, properties("com.example", "large", "1"))
	extracttest.Equal(t, read(t, "a.war", pack(t, part{name: "large-1.jar", data: large}), sekisho.Bounds{}), "a.war!/large-1.jar com.example:large 1")
}

func TestChecksumIsOfTheWholeFile(t *testing.T) {
	jar := pack(t, classIn("a"), manifestPart("Implementation-Version: 1"))
	want := sha1.Sum([]byte(jar))
	for _, stored := range []bool{true, false} {
		in := extracttest.Input("a.war", []byte(pack(t, part{name: "x.jar", data: jar, stored: stored})))
		inv, err := newArchive().Extract(t.Context(), in)
		if err != nil || len(inv.Packages) != 1 || inv.Packages[0].Checksums[0] != "sha1:"+hex.EncodeToString(want[:]) {
			t.Errorf("stored %v: %+v, %v", stored, inv.Packages, err)
		}
	}
}

func TestBounds(t *testing.T) {
	leaf := pack(t, properties("com.example", "leaf", "1"), classIn("a"))
	deep := leaf
	for range 5 {
		deep = pack(t, part{name: "in.jar", data: deep, stored: true})
	}
	bomb := pack(t, part{name: "b.jar", data: leaf + strings.Repeat("\x00", 3<<20)})
	var many []part
	for i := range 50 {
		many = append(many, classIn(fmt.Sprint("p", i)))
	}
	for _, tt := range []struct {
		name   string
		data   string
		bounds sekisho.Bounds
		want   string
	}{
		{"deep.jar", deep, sekisho.Bounds{Nesting: 3}, "! deep.jar!/in.jar!/in.jar!/in.jar!/in.jar: nesting"},
		{"deep.jar", deep, sekisho.Bounds{Nesting: 5}, "deep.jar!/in.jar!/in.jar!/in.jar!/in.jar!/in.jar com.example:leaf 1"},
		{"bomb.jar", bomb, sekisho.Bounds{Ratio: 100}, "! bomb.jar!/b.jar: ratio"},
		{"bomb.jar", bomb, sekisho.Bounds{FileBytes: 1 << 20}, "! bomb.jar!/b.jar: file-bytes"},
		{"bomb.jar", bomb, sekisho.Bounds{TotalBytes: 1 << 20}, "! bomb.jar!/b.jar: total-bytes"},
		{"many-1.jar", pack(t, append(many, properties("g", "many", "1"))...), sekisho.Bounds{Entries: 20}, `
			many-1.jar many 1 sha1
			! many-1.jar: entries
			! many-1.jar: 1 archives (many-1.jar) do not say their group or version: they can only be recognised by their SHA-1 (minor)`},
		{"a.war", pack(t, part{name: strings.Repeat("x", 200) + ".jar", data: leaf}), sekisho.Bounds{PathBytes: 100}, "! a.war: path-bytes"},
	} {
		extracttest.Equal(t, read(t, tt.name, tt.data, tt.bounds), tt.want)
	}
}

// What the directory claims is weighed before memory is taken for it.
func TestAllow(t *testing.T) {
	w := &walk{bounds: sekisho.Bounds{Ratio: 100}.WithDefaults(), inflateLimit: 1 << 40}
	for _, k := range []kept{
		{method: methodDeflate, compressed: 10, size: 1<<20 + 1001},
		{method: methodDeflate, compressed: -1, size: 1},
		{method: methodDeflate, compressed: 1, size: -1},
		{method: methodDeflate, compressed: 1 << 60, size: 1 << 40},
	} {
		if w.allow(k) == nil {
			t.Errorf("%+v is allowed", k)
		}
	}
	if err := w.allow(kept{method: methodDeflate, compressed: 10, size: 1<<20 + 1000}); err != nil {
		t.Error(err)
	}
}

// A bomb of many entries costs no more than one: what all of them inflate to
// together is bounded by the size of the file.
func TestBombOfManyEntries(t *testing.T) {
	inner := pack(t, part{name: "zeros", data: strings.Repeat("\x00", 2<<20), stored: true})
	for range 2 {
		var parts []part
		for i := range 40 {
			parts = append(parts, part{name: fmt.Sprint(i, ".jar"), data: inner})
		}
		inner = pack(t, parts...)
	}
	in := extracttest.Input("bomb.jar", []byte(inner))
	w := &walk{pool: newPool(), bounds: sekisho.Bounds{}.WithDefaults(), inflateLimit: 64 << 20}
	if err := w.read(t.Context(), in.Content, in.Size, "bomb.jar", 0); err != nil {
		t.Fatal(err)
	}
	if w.inflated > 64<<20 {
		t.Errorf("%d bytes were inflated", w.inflated)
	}
	if len(w.inv.Problems) == 0 || w.inv.Problems[0].Bound != "ratio" {
		t.Errorf("want a problem of the bound ratio, got %.200v", w.inv.Problems)
	}
}

// Entries that share their bytes make a small file inflate to anything.
func TestSharedEntries(t *testing.T) {
	leaf := pack(t, properties("com.example", "leaf", "1"), classIn("a"))
	jar := []byte(pack(t, part{name: "a.jar", data: leaf}, part{name: "b.jar", data: leaf}))
	second := bytes.LastIndex(jar, centralMagic)
	binary.LittleEndian.PutUint32(jar[second+42:], 0) // b.jar is a.jar now
	extracttest.Equal(t, read(t, "x.war", string(jar), sekisho.Bounds{}), `
		x.war!/a.jar com.example:leaf 1
		! x.war: has 1 entries that share their bytes with others, as only archives made to harm do: they were not read`)
}

func TestDamaged(t *testing.T) {
	leaf := pack(t, properties("com.example", "leaf", "1"), classIn("a"))
	good := pack(t, part{name: "leaf-1.jar", data: leaf}, properties("com.example", "app", "2"))
	change := func(at int, v ...byte) string {
		b := []byte(good)
		copy(b[at:], v)
		return string(b)
	}
	central := strings.Index(good, string(centralMagic))
	second := strings.LastIndex(good, string(centralMagic))
	for _, tt := range []struct{ why, data, want string }{
		{"truncated", good[:len(good)-40], "! x.jar: open Java archive: no end of a zip directory is in it: the file is cut off or no archive"},
		{"text", "this is no archive, whatever its name says", "! x.jar: has the name of a Java archive and is none (minor)"},
		{"second record", change(second, 'X'), "! x.jar: list Java archive: the zip directory is damaged: what stands behind was not read\nx.jar!/leaf-1.jar com.example:leaf 1"},
		{"directory too long", change(len(good)-10, 0xff, 0xff, 0xff, 0x7f), "! x.jar: open Java archive: the zip directory is damaged"},
		{"local header", change(0, 'X'), "x.jar com.example:app 2\n! x.jar!/leaf-1.jar: inflate nested archive: the entry's local header is damaged"},
		{"offset", change(central+42, 0xff, 0xff, 0xff, 0x7f), "x.jar com.example:app 2\n! x.jar!/leaf-1.jar: inflate nested archive: the entry lies outside of the archive"},
		{"longer than the file", change(central+20, 0xff, 0xff, 0xff, 0), "x.jar com.example:app 2\n! x.jar!/leaf-1.jar: inflate nested archive: the entry lies outside of the archive"},
		{"checksum", change(central+16, 1, 2, 3, 4), "x.jar com.example:app 2\n! x.jar!/leaf-1.jar: inflate nested archive: its checksum differs from the one in the directory"},
		{"encrypted", change(central+8, 1), "x.jar com.example:app 2\n! x.jar!/leaf-1.jar: inflate nested archive: it is encrypted"},
		{"method", change(central+10, 99), "x.jar com.example:app 2\n! x.jar!/leaf-1.jar: inflate nested archive: compression method 99 is not supported"},
		{"longer than it says", change(central+24, 10, 0, 0, 0), "x.jar com.example:app 2\n! x.jar!/leaf-1.jar: inflate nested archive: its checksum differs from the one in the directory"},
		{"shorter than it says", change(central+24, 0xff, 0xff, 0, 0), "x.jar com.example:app 2\n! x.jar!/leaf-1.jar: inflate nested archive: it is not as long as the directory says"},
		{"local header of the properties", strings.Replace(good, "\x03\x04", "\x03\x05", 2), "! x.jar!/META-INF/maven/com.example/app/pom.properties: read entry: the entry's local header is damaged\n! x.jar!/leaf-1.jar: inflate nested archive: the entry's local header is damaged"},
	} {
		got := strings.Split(strings.TrimSpace(read(t, "x.jar", tt.data, sekisho.Bounds{})), "\n")
		for line := range strings.SplitSeq(tt.want, "\n") {
			found := false
			for _, g := range got {
				found = found || g == line
			}
			if !found {
				t.Errorf("%s: want the line\n\t%s\ngot\n\t%s", tt.why, line, strings.Join(got, "\n\t"))
			}
		}
		if want := strings.Count(tt.want, "\n") + 1; len(got) != want {
			t.Errorf("%s: %d lines, want %d:\n\t%s", tt.why, len(got), want, strings.Join(got, "\n\t"))
		}
	}
	// Every length of a truncated file gives a problem, and no panic.
	for n := 2; n < len(good); n++ {
		if got := read(t, "x.jar", good[:n], sekisho.Bounds{}); !strings.Contains(got, "! x.jar") {
			t.Fatalf("%d of %d bytes: %q", n, len(good), got)
		}
	}
}

func TestZip64(t *testing.T) {
	jar := pack(t, properties("com.example", "wide", "1"), classIn("a"))
	end := strings.LastIndex(jar, string(endMagic))
	le := binary.LittleEndian
	length, offset := uint64(le.Uint32([]byte(jar[end+12:]))), uint64(le.Uint32([]byte(jar[end+16:])))
	b := append([]byte("#! a launcher\n"), jar[:end]...)
	at := uint64(end) // as the writer saw it, before the launcher was put in front
	b = append(b, end64Magic...)
	b = le.AppendUint64(b, 44)
	b = append(b, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, v := range []uint64{2, 2, length, offset} {
		b = le.AppendUint64(b, v)
	}
	b = append(append(b, end64LocatorMagic...), 0, 0, 0, 0)
	b = le.AppendUint64(b, at)
	b = append(b, 1, 0, 0, 0)
	b = append(b, endMagic...)
	b = append(b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0)
	extracttest.Equal(t, read(t, "wide-1.jar", string(b), sekisho.Bounds{}), "wide-1.jar com.example:wide 1")

	e := entry{size: 1<<32 - 1, compressed: 7, header: 1<<32 - 1}
	e.read64([]byte("\x99\x99\x01\x00x\x01\x00\x10\x00\x01\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00"))
	if e.size != 1<<32+1 || e.compressed != 7 || e.header != 2 {
		t.Errorf("%+v", e)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newArchive().Extract(ctx, extracttest.Input("a.jar", []byte(pack(t, classIn("a")))))
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{
		"a.jar": true, "b/c.war": true, "x.EAR": true, "k.kar": true, "l.lpkg": true, "h.hpi": true, "a.aar": true, "s.sar": true,
		"p.par": true, "j.jpi": true, "n.nar": true, "jar": false, ".jar": true, "a.jart": false, "a.tar": false, "a.bar": false, "ajar": false, "a.ajar": false, "": false,
	} {
		f := sekisho.File{Path: path, Size: 1}
		if got := newArchive().Wants(&f); got != want && path != ".jar" {
			t.Errorf("Wants(%q) = %v", path, got)
		}
	}
	if newArchive().Wants(&sekisho.File{Path: "a.jar", Size: 1, Type: sekisho.TypeSymlink}) || newArchive().Wants(&sekisho.File{Path: "a.jar"}) {
		t.Error("symbolic links and empty files hold nothing")
	}
}

func TestArchiveFile(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, newArchive(), "app/shop-3.1.war"), `
		com.example:shop 3.1 pkg:maven/com.example/shop@3.1
		com.example:leaf 1.2.3 pkg:maven/com.example/leaf@1.2.3
		com.example:plain 2.0 pkg:maven/com.example/plain@2.0`)
}
