// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sourceRPM takes "bash-5.1.8-6.el9.src.rpm" apart.
func sourceRPM(file string) (name, version string) {
	parts := strings.Split(strings.TrimSuffix(strings.TrimSuffix(file, ".rpm"), ".src"), "-")
	if len(parts) < 3 {
		return "", ""
	}
	n := len(parts) - 2
	return strings.Join(parts[:n], "-"), strings.Join(parts[n:], "-")
}

// rpmQuery is what rpm itself lists of a database.
func rpmQuery(t *testing.T, dir string) (list []installed) {
	t.Helper()
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "rpm", "--dbpath", abs, "-qa", "--qf", "%{NAME}|%{EPOCHNUM}:%{VERSION}-%{RELEASE}|%{ARCH}|%{SOURCERPM}\n").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if f := strings.Split(strings.TrimSpace(line), "|"); f[0] != "gpg-pubkey" {
			p := installed{name: f[0], version: f[1], arch: f[2]}
			p.source, p.sourceVersion = sourceRPM(f[3])
			if epoch, _, _ := strings.Cut(f[1], ":"); epoch != "0" {
				p.sourceVersion = epoch + ":" + p.sourceVersion
			}
			list = append(list, p)
		}
	}
	return list
}

// ndbQuery reads the blobs of an ndb database one after the other: Debian's rpm
// is built without that form. A blob is "BlbS", three words, and a header as
// in a package file: the number of tags, the size of the data, 16 bytes a tag
// (tag, type, offset, count), the data.
func ndbQuery(t *testing.T, file string) (list []installed) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		need(t, "no database: %v", err)
	}
	for at := 0; ; at += 16 {
		i := bytes.Index(b[min(at, len(b)):], []byte("BlbS"))
		if i < 0 {
			return list
		}
		if at += i; at%16 != 0 || at+24 > len(b) {
			at -= at % 16
			continue
		}
		head := b[at+16:]
		tags, size := int(binary.BigEndian.Uint32(head)), int(binary.BigEndian.Uint32(head[4:]))
		if tags > 1000 || 8+16*tags+size > len(head) {
			t.Fatalf("a header of %d tags and %d bytes at %d", tags, size, at)
		}
		data := head[8+16*tags:]
		text := func(tag uint32) string {
			for j := range tags {
				if e := head[8+16*j:]; binary.BigEndian.Uint32(e) == tag {
					s := data[binary.BigEndian.Uint32(e[8:]):]
					return string(s[:bytes.IndexByte(s, 0)])
				}
			}
			return ""
		}
		p := installed{name: text(1000), version: text(1001) + "-" + text(1002), arch: text(1022)}
		for j := range tags {
			if e := head[8+16*j:]; binary.BigEndian.Uint32(e) == 1003 {
				t.Fatalf("%s has an epoch, which this does not read", p.name)
			}
		}
		if p.source, p.sourceVersion = sourceRPM(text(1044)); p.name != "gpg-pubkey" {
			list = append(list, p)
		}
	}
}
