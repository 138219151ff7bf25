// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxDamaged is how many damaged paragraphs are told one by one.
const maxDamaged = 20

// statusFile reads var/lib/dpkg/status.
type statusFile struct{}

func (statusFile) Name() string { return "debian/status" }
func (statusFile) Version() int { return 2 }

func (statusFile) Wants(f *sekisho.File) bool { return f.Path == "var/lib/dpkg/status" }

// Extract lists the packages whose files are on the disk. dpkg's third status
// word decides: "config-files" and "not-installed" are left out; "unpacked",
// "half-configured", "triggers-*" and "half-installed" have files and count as
// installed, the last one with a minor problem. What somebody wants to happen
// (install, hold, deinstall: the first word) is not a fact about the disk.
func (statusFile) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	var inv sekisho.Inventory
	b, err := in.Bytes()
	damaged := 0
	var related []relations
	eachParagraph(b, func(p *paragraph) {
		state := p.status
		if i := bytes.LastIndexByte(state, ' '); i >= 0 {
			state = state[i+1:]
		}
		switch string(state) {
		case "installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending":
		case "half-installed":
			inv.Problems = append(inv.Problems, sekisho.Problem{Minor: true}.Saying(message.Say("the package %q (line %d) is half installed: its version may not be the one on the disk", p.name, p.line)))
			if len(p.version) == 0 {
				return
			}
		case "config-files", "not-installed":
			return
		case "":
			if len(p.name) > 0 {
				return // dpkg knows of it, no more
			}
		default:
			damaged++
			if damaged <= maxDamaged {
				inv.Problems = append(inv.Problems, sekisho.Problem{}.Saying(message.Say("the paragraph at line %d has an unknown status: its package was not read", p.line)))
			}
			return
		}
		pkg, err := p.pkg(in.Path)
		if err != nil {
			damaged++
			if damaged <= maxDamaged {
				inv.Problems = append(inv.Problems, sekisho.Problem{}.Saying(message.Words(err)))
			}
			return
		}
		inv.Packages = append(inv.Packages, pkg)
		related = append(related, p.relations())
	})
	if !relate(inv.Packages, related) {
		inv.Problems = append(inv.Problems, sekisho.Problem{Minor: true}.Saying(message.Say("the dependencies are too many: it is not known which packages need which")))
	}
	if damaged > maxDamaged {
		inv.Problems = append(inv.Problems, sekisho.Problem{}.Saying(message.Say("%d more paragraphs could not be read", damaged-maxDamaged)))
	}
	if err != nil {
		return inv, fmt.Errorf("read the dpkg status: %w", err)
	}
	return inv, nil
}

// statusDirectory reads var/lib/dpkg/status.d of distroless images: a file a
// package, without a Status, and beside it NAME.md5sums. The file's name is
// not always the package's.
type statusDirectory struct{}

const (
	statusDir = "var/lib/dpkg/status.d/"
	sumSuffix = ".md5sums"
)

func (statusDirectory) Name() string { return "debian/status-d" }
func (statusDirectory) Version() int { return 1 }

func (statusDirectory) Wants(f *sekisho.File) bool {
	return strings.HasPrefix(f.Path, statusDir) && strings.IndexByte(f.Path[len(statusDir):], '/') < 0
}

// Group brings the list of sums to its package.
func (statusDirectory) Group(path string) string { return strings.TrimSuffix(path, sumSuffix) }

func (statusDirectory) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	var inv sekisho.Inventory
	b, err := in.Bytes()
	if err != nil {
		return inv, fmt.Errorf("read the package's record: %w", err)
	}
	eachParagraph(b, func(p *paragraph) {
		pkg, err := p.pkg(in.Path)
		if err != nil {
			inv.Problems = append(inv.Problems, sekisho.Problem{}.Saying(message.Words(err)))
			return
		}
		inv.Packages = append(inv.Packages, pkg)
	})
	sums := in.Beside[in.Path+sumSuffix]
	if sums == nil || len(inv.Packages) != 1 {
		return inv, nil
	}
	if b, err = sums.Bytes(); err != nil {
		return inv, fmt.Errorf("read the package's sums: %w", err)
	}
	p := &inv.Packages[0]
	inv.Owned = []sekisho.Ownership{{
		Ecosystem: sekisho.EcosystemDeb, Name: p.Name, Arch: p.Arch, Version: p.Version,
		Files: hashLines(string(b), func(line string) string {
			_, path, _ := strings.Cut(line, "  ")
			return path
		}),
	}}
	return inv, nil
}
