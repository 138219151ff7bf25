// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// projectFile reads pom.xml of a source tree: the project itself and the
// dependencies that it names with a version.
type projectFile struct{}

func (projectFile) Name() string { return "maven/pom" }
func (projectFile) Version() int { return 1 }

func (projectFile) Wants(f *sekisho.File) bool {
	// Under META-INF it is an installed artifact's: its dependencies need not
	// be there, and those that are have files of their own.
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "pom.xml") && !strings.Contains(f.Path, string(mavenDir))
}

func (projectFile) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if err := ctx.Err(); err != nil {
		return inv, err
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	p, err := parsePOM(b)
	if err != nil {
		err = fmt.Errorf("read Maven project: %w", err)
	}
	if c := p.resolvedSelf().cleaned(); c.artifact != "" && c.version != "" {
		own := makePackage(c)
		own.Relationship, own.Licenses = sekisho.Root, p.licenses
		own.Line = 1
		inv.Packages = append(inv.Packages, own)
	}
	var unresolved []string
	missing := 0
	for _, d := range p.dependencies {
		d = p.resolvedDependency(d)
		c := d.cleaned()
		if c.group == "" || c.artifact == "" || c.version == "" {
			if missing++; missing <= 5 {
				unresolved = append(unresolved, short(d.group)+":"+short(d.artifact))
			}
			continue
		}
		dep := makePackage(c)
		dep.Relationship = sekisho.Direct
		dep.Dev = d.scope == "test"
		dep.Line = d.line
		inv.Packages = append(inv.Packages, dep)
	}
	if missing > 0 {
		more := ""
		if missing > len(unresolved) {
			more = fmt.Sprintf(" and %d more", missing-len(unresolved))
		}
		inv.Problems = append(inv.Problems, sekisho.Problem{Stage: sekisho.StageExtract, Path: in.Path, Minor: true}.Saying(message.Say("the version of %s%s is set by a parent or an imported project that is not in this file: build the project and scan the result, or keep a lock file", strings.Join(unresolved, ", "), more)))
	}
	return inv, err
}

func short(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) > 100 {
		s = strings.ToValidUTF8(s[:100], "") + "..."
	}
	return s
}

// pomProperties reads META-INF/maven/*/*/pom.properties of an archive that was
// unpacked, as servlet containers do.
type pomProperties struct{}

func (pomProperties) Name() string { return "maven/pom-properties" }
func (pomProperties) Version() int { return 1 }

func (pomProperties) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && strings.HasSuffix(f.Path, "/pom.properties") && strings.Contains(f.Path, string(mavenDir))
}

func (pomProperties) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if err := ctx.Err(); err != nil {
		return inv, err
	}
	if in.Size > 1<<20 {
		return inv, fmt.Errorf("read artifact properties: %d bytes are too many for them", in.Size)
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	if c := parseProperties(b).cleaned(); c.group != "" && c.artifact != "" && c.version != "" {
		inv.Packages = append(inv.Packages, makePackage(c))
	}
	return inv, nil
}
