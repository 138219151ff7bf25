// SPDX-License-Identifier: Apache-2.0

package match

import (
	"path"
	"slices"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// passive says of the binary packages of a source that they have none of its
// code, or that their code does not run where they are. Patterns are those of
// [path.Match]; a package matches by its ecosystem, a source and a name that no
// exception names.
type passive struct {
	code      string
	ecosystem string
	sources   []string // nil for any but one of the package's own name
	names     []string
	but       []string
}

// inertPackages is the table of them. An entry needs a reason in how the package
// is made, not in how it is mostly used: headers and build files of the kernel,
// pages of a manual, catalogues of translations. Libraries' headers are not
// here: what is inline in them is compiled into programs.
func inertPackages() []passive {
	return []passive{
		// https://salsa.debian.org/kernel-team/linux, https://kernel.ubuntu.com: user-space
		// headers, and what builds modules against a kernel.
		{
			sekisho.InertKernelHeaders, sekisho.EcosystemDeb,
			[]string{"linux", "linux-*"},
			[]string{"linux-libc-dev", "linux-libc-dev-*-cross", "linux-headers-*", "linux-*-headers-*"},
			nil,
		},
		{
			sekisho.InertKernelHeaders, sekisho.EcosystemRPM,
			[]string{"kernel", "kernel-*", "kernel[0-9]*"},
			[]string{"kernel-headers", "kernel*-headers", "kernel-devel", "kernel*-devel", "kernel*-devel-matched"},
			[]string{"*-tools-*", "*-libs-*"},
		},
		{sekisho.InertKernelHeaders, sekisho.EcosystemAPK, []string{"linux-*"}, []string{"linux-headers"}, nil},
		{sekisho.InertKernelHeaders, sekisho.EcosystemALPM, []string{"linux", "linux-*"}, []string{"linux-headers", "linux-*-headers"}, nil},

		{sekisho.InertDocumentation, sekisho.EcosystemDeb, []string{"linux", "linux-*"}, []string{"linux-doc", "linux-doc-*"}, nil},
		{sekisho.InertDocumentation, sekisho.EcosystemDeb, []string{"git"}, []string{"git-man"}, nil},
		{sekisho.InertDocumentation, sekisho.EcosystemRPM, []string{"kernel", "kernel-*"}, []string{"kernel-doc", "kernel-*-doc"}, nil},
		{sekisho.InertTranslations, sekisho.EcosystemDeb, []string{"glibc"}, []string{"libc-l10n"}, nil},
		{sekisho.InertTranslations, sekisho.EcosystemDeb, []string{"gnupg2"}, []string{"gnupg-l10n"}, nil},
		{sekisho.InertTranslations, sekisho.EcosystemDeb, []string{"krb5"}, []string{"krb5-locales"}, nil},
		// abuild moves usr/share/{doc,man,info,...} and usr/share/locale, and nothing else,
		// into these: https://gitlab.alpinelinux.org/alpine/abuild, default_doc and default_lang.
		{sekisho.InertDocumentation, sekisho.EcosystemAPK, nil, []string{"*-doc"}, nil},
		{sekisho.InertTranslations, sekisho.EcosystemAPK, nil, []string{"*-lang"}, nil},

		// Kernels: a container runs on that of its host, whatever lies in its files.
		{
			sekisho.InertHostKernel, sekisho.EcosystemDeb,
			[]string{"linux", "linux-*"},
			[]string{"linux-image-*", "linux-modules-*"},
			nil,
		},
		{
			sekisho.InertHostKernel, sekisho.EcosystemRPM,
			[]string{"kernel", "kernel-*", "kernel[0-9]*"},
			[]string{
				"kernel", "kernel-core", "kernel-modules", "kernel-modules-*", "kernel-rt", "kernel-rt-core", "kernel-rt-modules*", "kernel-uek", "kernel-uek-core",
				"kernel-uek-modules*", "kernel-default", "kernel-default-base", "kernel-azure", "kernel[0-9]*",
			},
			[]string{"*-devel", "*-devel-*", "*-headers", "*-tools", "*-tools-*", "*-libs-*"},
		},
		{
			sekisho.InertHostKernel, sekisho.EcosystemAPK,
			[]string{"linux-*"},
			[]string{"linux-lts", "linux-virt", "linux-edge", "linux-rpi", "linux-stable"},
			nil,
		},
		{sekisho.InertHostKernel, sekisho.EcosystemALPM, []string{"linux", "linux-*"}, []string{"linux", "linux-lts", "linux-zen", "linux-hardened", "linux-rt"}, nil},
	}
}

// inert says why the code of a package's source does not run where it is; empty
// where it may. Container says that the target runs on another kernel than its own.
func inert(table []passive, p *sekisho.Package, container bool) string {
	for i := range table {
		e := &table[i]
		if e.ecosystem != p.Ecosystem || e.code == sekisho.InertHostKernel && !container {
			continue
		}
		source := p.SourceName
		if source == "" {
			source = p.Name // a bill of materials that names no source
		}
		if like(e.names, p.Name) && !like(e.but, p.Name) && (e.sources == nil && source != p.Name || like(e.sources, source)) {
			return e.code
		}
	}
	return ""
}

func like(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, err := path.Match(p, name)
		return err == nil && ok
	})
}

// contained says whether a target is run as a container, on the kernel of a
// host. An image that is made to boot a machine brings its kernel along:
// https://bootc-dev.github.io/bootc/bootc-images.html.
func contained(inv *sekisho.Inventory) bool {
	if inv.Target.Kind != sekisho.KindImage {
		return false
	}
	if inv.Image == nil {
		return true
	}
	return inv.Image.Labels["containers.bootc"] == "" && inv.Image.Labels["ostree.bootable"] == ""
}
