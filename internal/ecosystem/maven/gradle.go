// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// gradleLock reads gradle.lockfile and buildscript-gradle.lockfile, with lines
// "group:artifact:version=configuration,...", and the files of Gradle before
// 7, gradle/dependency-locks/CONFIGURATION.lockfile, with lines
// "group:artifact:version". See
// https://docs.gradle.org/current/userguide/dependency_locking.html.
type gradleLock struct{}

func (gradleLock) Name() string { return "maven/gradle-lock" }
func (gradleLock) Version() int { return 1 }

func (gradleLock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && strings.HasSuffix(f.Path, ".lockfile") &&
		(isBase(f.Path, "gradle.lockfile") || isBase(f.Path, "buildscript-gradle.lockfile") || strings.Contains(f.Path, "dependency-locks/"))
}

func (gradleLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	base := in.Path[strings.LastIndexByte(in.Path, '/')+1:]
	// What builds the product is no part of it.
	building := base == "buildscript-gradle.lockfile"
	old := []byte(strings.TrimSuffix(base, ".lockfile"))
	damaged, firstDamaged := 0, 0
	for n := 1; len(b) > 0; n++ {
		if n&0xfff == 0 && ctx.Err() != nil {
			return inv, ctx.Err()
		}
		var line []byte
		line, b, _ = bytes.Cut(b, []byte{'\n'})
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' || bytes.HasPrefix(line, []byte("empty=")) {
			continue
		}
		name, configurations, ok := bytes.Cut(line, []byte{'='})
		if !ok {
			configurations = old
		}
		group, rest, _ := bytes.Cut(name, []byte{':'})
		artifact, version, _ := bytes.Cut(rest, []byte{':'})
		if len(name) > 3*maxCoordinate {
			version = nil
		}
		c := coordinates{string(group), string(artifact), string(version)}
		if c.cleaned() != c || c.group == "" || c.artifact == "" || c.version == "" {
			if damaged++; damaged == 1 {
				firstDamaged = n
			}
			continue
		}
		p := makePackage(c)
		p.Line = n
		p.Dev = building || onlyTests(configurations)
		inv.Packages = append(inv.Packages, p)
	}
	if damaged > 0 {
		err = fmt.Errorf("read Gradle lock: %d lines, the first of them line %d, are not group:artifact:version=configurations", damaged, firstDamaged)
	}
	return inv, err
}

// onlyTests reports whether every configuration is one for tests:
// "testRuntimeClasspath", "integrationTestCompileClasspath".
func onlyTests(configurations []byte) bool {
	for len(configurations) > 0 {
		var c []byte
		c, configurations, _ = bytes.Cut(configurations, []byte{','})
		if !bytes.HasPrefix(c, []byte("test")) && !bytes.Contains(c, []byte("Test")) {
			return false
		}
	}
	return true
}
