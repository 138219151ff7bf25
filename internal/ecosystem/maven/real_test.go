// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// missing skips a test for which this machine lacks something; CI must have it.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// Archives of the JDK's own tools: their compression, their manifests.
func TestArchivesOfTheJDK(t *testing.T) {
	for _, tool := range []string{"javac", "jar"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing(t, tool+" is not installed (Debian: default-jdk-headless)")
		}
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), args[0], args[1:]...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	write("src/com/example/Shop.java", "package com.example; public class Shop { public static void main(String[] a) {} }")
	write("meta", "Implementation-Version: 2.4.6\nImplementation-Vendor-Id: com.example\nBundle-Description: "+strings.Repeat("a long line that jar folds ", 10)+"\n")
	write("out/META-INF/maven/com.example/shop/pom.properties", "groupId=com.example\nartifactId=shop\nversion=1.3\n")
	run("javac", "-d", "out", "src/com/example/Shop.java")
	run("jar", "cfm", "named.jar", "meta", "-C", "out", "com")
	run("jar", "cf", "shop.jar", "-C", "out", ".")
	write("war/WEB-INF/lib/keep", "")
	run("cp", "named.jar", "shop.jar", "war/WEB-INF/lib/")
	run("jar", "cf", "deflated.war", "-C", "war", "WEB-INF")
	run("jar", "cf0", "stored.war", "-C", "war", "WEB-INF")
	for _, war := range []string{"deflated.war", "stored.war"} {
		b, err := os.ReadFile(filepath.Join(dir, war))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(read(t, war, string(b), sekisho.Bounds{})), "\n")
		slices.Sort(lines)
		extracttest.Equal(t, strings.Join(lines, "\n"),
			war+"!/WEB-INF/lib/named.jar com.example:named 2.4.6 sha1\n"+war+"!/WEB-INF/lib/shop.jar com.example:shop 1.3")
	}
}

// debianRepo is laid out as a Maven repository: the path of each link tells
// what the archive it leads to is.
const debianRepo = "/usr/share/maven-repo"

func TestArchivesOfDebian(t *testing.T) {
	links, err := filepath.Glob(debianRepo + "/*/*/*/*.jar")
	for _, depth := range []string{"/*/*/*/*/*.jar", "/*/*/*/*/*/*.jar", "/*/*/*/*/*/*/*.jar"} {
		more, _ := filepath.Glob(debianRepo + depth)
		links = append(links, more...)
	}
	if err != nil || len(links) == 0 {
		missing(t, "no Java libraries of Debian are installed (maven)")
	}
	checked := 0
	for _, link := range links {
		rel := strings.Split(strings.TrimPrefix(link, debianRepo+"/"), "/")
		n := len(rel)
		group, artifact, version := strings.Join(rel[:n-3], "."), rel[n-3], rel[n-2]
		if version == "debian" || strings.HasSuffix(version, ".x") {
			continue // Debian's names for "the one that there is"
		}
		file, err := filepath.EvalSymlinks(link)
		if err != nil {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// Only archives that carry Maven's properties can be known in full.
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(z.File, func(f *zip.File) bool {
			return f.Name == "META-INF/maven/"+group+"/"+artifact+"/pom.properties"
		}) {
			continue
		}
		inv, err := newArchive().Extract(t.Context(), extracttest.Input(strings.TrimPrefix(file, "/"), b))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(inv.Packages, func(p sekisho.Package) bool {
			return p.Name == group+":"+artifact && p.Version == version
		}) {
			t.Errorf("%s is %s:%s %s, got\n%s", file, group, artifact, version, describe(inv))
		}
		checked++
	}
	t.Log(checked, "archives checked")
	if checked < 10 {
		t.Errorf("only %d of %d archives were checked", checked, len(links))
	}
}

// library is the jars of a directory, in memory.
func library(b *testing.B) (files map[string][]byte, total int64) {
	b.Helper()
	files = map[string][]byte{}
	all, _ := filepath.Glob("/usr/share/java/*.jar")
	for _, f := range all {
		if st, err := os.Lstat(f); err != nil || !st.Mode().IsRegular() {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		files[f] = data
		total += int64(len(data))
	}
	if len(files) == 0 {
		missing(b, "no Java libraries of Debian are installed (maven)")
	}
	return files, total
}

func BenchmarkArchive(b *testing.B) {
	files, total := library(b)
	x := newArchive()
	b.SetBytes(total)
	b.ReportAllocs()
	for b.Loop() {
		for name, data := range files {
			if _, err := x.Extract(b.Context(), extracttest.Input(name, data)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkNestedArchive reads the same jars within one web application.
func BenchmarkNestedArchive(b *testing.B) {
	files, _ := library(b)
	for name, stored := range map[string]bool{"stored": true, "deflated": false} {
		b.Run(name, func(b *testing.B) {
			var parts []part
			for f, data := range files {
				parts = append(parts, part{name: "WEB-INF/lib/" + filepath.Base(f), data: string(data), stored: stored})
			}
			war := []byte(pack(b, parts...))
			x := newArchive()
			b.SetBytes(int64(len(war)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := x.Extract(b.Context(), extracttest.Input("a.war", war)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDirectory compares the reader of the directory with archive/zip.
func BenchmarkDirectory(b *testing.B) {
	files, total := library(b)
	b.Run("own", func(b *testing.B) {
		window := make([]byte, windowLen)
		b.SetBytes(total)
		b.ReportAllocs()
		for b.Loop() {
			for _, data := range files {
				d, err := openDirectory(bytes.NewReader(data), int64(len(data)), window)
				var e entry
				for err == nil {
					err = d.next(&e)
				}
			}
		}
	})
	b.Run("archive-zip", func(b *testing.B) {
		b.SetBytes(total)
		b.ReportAllocs()
		for b.Loop() {
			for _, data := range files {
				if _, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkChecksum is what the SHA-1 of every archive would cost.
func BenchmarkChecksum(b *testing.B) {
	files, total := library(b)
	w := &walk{pool: newPool()}
	b.SetBytes(total)
	for b.Loop() {
		for name, data := range files {
			in := extracttest.Input(name, data)
			if _, err := w.sum(b.Context(), in.Content, in.Size); err != nil {
				b.Fatal(err)
			}
		}
	}
}
