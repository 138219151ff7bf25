// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func FuzzArchive(f *testing.F) {
	leaf := pack(f, properties("com.example", "leaf", "1"), classIn("a"), manifestPart("Bundle-SymbolicName: a.b"))
	f.Add([]byte(pack(f, part{name: "leaf-1.jar", data: leaf}, part{name: "stored.jar", data: leaf, stored: true})))
	f.Add([]byte(leaf))
	extracttest.Fuzz(f, newArchive())
}

func FuzzText(f *testing.F) { extracttest.Fuzz(f, gradleLock{}, jdk{}, projectFile{}, pomProperties{}) }

// FuzzDirectory: every record lies within the file, and there is an end.
func FuzzDirectory(f *testing.F) {
	f.Add([]byte(pack(f, properties("com.example", "leaf", "1"), classIn("a"))))
	window := make([]byte, windowLen)
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := openDirectory(bytes.NewReader(b), int64(len(b)), window)
		if err != nil {
			return
		}
		var e entry
		for n := 0; ; n++ {
			if err := d.next(&e); err != nil {
				if !errors.Is(err, io.EOF) && !errors.Is(err, errDirectory) {
					t.Fatal(err)
				}
				return
			}
			if n > len(b)/centralLen {
				t.Fatal("more records than the file has room for")
			}
			if at, err := dataOffset(bytes.NewReader(b), int64(len(b)), e.header, e.compressed); err == nil && (at < 0 || at+e.compressed > int64(len(b))) {
				t.Fatalf("data at %d, %d bytes of %d", at, e.compressed, len(b))
			}
		}
	})
}

// FuzzNames: what a name says is a part of it.
func FuzzNames(f *testing.F) {
	f.Add("a.war!/lib/log4j-1.2-api-2.17.0.jar")
	f.Add("foo-1.0-20200101.123456-1-linux.jar")
	f.Fuzz(func(t *testing.T, s string) {
		n := nameOf(s)
		if len(n.artifact)+len(n.version) > len(n.whole) {
			t.Fatalf("%q: %+v", s, n)
		}
		if !sameVersion(s, s) && s != "" {
			t.Fatalf("%q is not the same as itself", s)
		}
	})
}
