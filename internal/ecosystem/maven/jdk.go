// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// jdk reads the file "release" in the home of a Java run time, lines KEY="value".
// Oracle's commercial builds are named "java", all others "openjdk".
// See https://openjdk.org/jeps/223 for the notation of the version.
type jdk struct{}

func (jdk) Name() string { return "maven/jdk" }
func (jdk) Version() int { return 1 }

var javaVersion = []byte("JAVA_VERSION=")

func (jdk) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "release") && f.Size <= 1<<20 &&
		(bytes.Contains(f.Head, javaVersion) || bytes.HasPrefix(f.Head, []byte("IMPLEMENTOR=")))
}

func (jdk) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	p := sekisho.Package{Ecosystem: sekisho.EcosystemBinary, Name: "openjdk"}
	for n := 1; len(b) > 0; n++ {
		var line []byte
		line, b = cutLine(b)
		key, value, ok := bytes.Cut(line, []byte{'='})
		if value = bytes.Trim(value, "\" \t"); !ok || len(value) == 0 || len(value) > maxCoordinate {
			continue
		}
		switch string(key) {
		case "JAVA_VERSION":
			if v := string(value); plain(v) {
				p.Version, p.Line = v, n
			}
		case "IMPLEMENTOR":
			p.Vendor = strings.ToValidUTF8(string(value), "?")
		case "OS_ARCH":
			p.Arch = strings.ToValidUTF8(string(value), "?")
		case "BUILD_TYPE":
			if string(value) == "commercial" {
				p.Name = "java"
			}
		}
	}
	if p.Version == "" {
		return inv, errors.New("the Java release file has no JAVA_VERSION")
	}
	p.PURL = sekisho.PURL{Type: "generic", Name: p.Name, Version: p.Version}.String()
	inv.Packages = append(inv.Packages, p)
	return inv, nil
}
