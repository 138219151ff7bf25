// SPDX-License-Identifier: Apache-2.0

package license

import (
	"slices"
	"strings"
)

// Category is the kind of duties that a licence brings.
type Category string

// The categories, from the least duties to the most.
const (
	PublicDomain Category = "public-domain"
	// Permissive: keep the notice.
	Permissive Category = "permissive"
	// WeakCopyleft: give the source of these files or of this library, with what
	// was changed in it.
	WeakCopyleft Category = "weak-copyleft"
	// StrongCopyleft: give the source of the whole work to those who receive it.
	StrongCopyleft Category = "strong-copyleft"
	// NetworkCopyleft: and to those who use it over a network.
	NetworkCopyleft Category = "network-copyleft"
	// SourceAvailable: the source can be read and some uses are forbidden:
	// commercial ones, competing ones, those as a service.
	SourceAvailable Category = "source-available"
	// Proprietary: nothing is allowed that was not agreed upon.
	Proprietary Category = "proprietary"
	// Unknown: nobody could tell.
	Unknown Category = "unknown"
)

// Categories in the order of the duties.
var Categories = []Category{PublicDomain, Permissive, WeakCopyleft, StrongCopyleft, NetworkCopyleft, SourceAvailable, Proprietary, Unknown}

// families are the ids, or with "*" the beginnings of ids, that are not
// permissive. The longest that fits counts.
var families = map[Category][]string{
	PublicDomain: {
		"CC0-1.0", "CC-PDDC", "CC-PDM-1.0", "Unlicense", "PDDL-1.0", "NIST-PD*", "SAX-PD*", "ANTLR-PD*", "blessing", "libselinux-1.0", "NTIA-PD", "NCBI-PD",
		"LZMA-SDK-9.11-to-9.20", "LZMA-SDK-9.22", "diffmark", "LicenseRef-public-domain*", "LicenseRef-Public-Domain*", "LicenseRef-Fedora-Public-Domain*",
		"LicenseRef-Fedora-UltraPermissive", "LicenseRef-PD", "LicenseRef-PD-*", "LicenseRef-pd", "LicenseRef-SUSE-Public-Domain",
	},
	Permissive: {
		"LicenseRef-BSD*", "LicenseRef-bsd*", "LicenseRef-MIT*", "LicenseRef-mit*", "LicenseRef-Expat*", "LicenseRef-expat*", "LicenseRef-ISC*", "LicenseRef-isc*", "LicenseRef-HPND*", "LicenseRef-X11*",
		"LicenseRef-Zlib*", "LicenseRef-zlib*", "LicenseRef-permissive*", "LicenseRef-Permissive*", "LicenseRef-Apache*", "LicenseRef-NTP*", "LicenseRef-FSF*", "LicenseRef-GAP*", "LicenseRef-all-permissive*",
		"LicenseRef-Callaway-BSD", "LicenseRef-Callaway-MIT", "LicenseRef-CC-BY", "LicenseRef-Artistic", "LicenseRef-Boost*",
		"LicenseRef-PSF*", "LicenseRef-OpenLDAP*", "LicenseRef-Copyright-only", "LicenseRef-Freely-Redistributable", "LicenseRef-no-restrictions*", "LicenseRef-unlimited*", "LicenseRef-Unlimited*",
		"LicenseRef-W3C*", "LicenseRef-IETF*", "LicenseRef-Unicode*", "LicenseRef-unicode*", "LicenseRef-SIL*", "LicenseRef-Python*", "LicenseRef-PCRE*", "LicenseRef-TCL*", "LicenseRef-Khronos*",
	},
	WeakCopyleft: {
		"LGPL-*", "LGPLLR", "MPL-*", "NPL-*", "EPL-*", "CPL-1.0", "IPL-1.0", "CDDL-*", "CUA-OPL-1.0", "APSL-*", "MS-RL", "CECILL-C", "CERN-OHL-W-2.0", "CERN-OHL-1.*", "GFDL-*", "CC-BY-SA-*", "CC-SA-1.0", "LPPL-*",
		"Vim", "OCLC-2.0", "SPL-1.0", "SISSL*", "RPSL-1.0", "RSCPL", "LPL-*", "NOSL", "OSET-PL-2.1", "gSOAP-1.3b", "ErlPL-1.1", "Interbase-1.0", "SugarCRM-1.1.3",
		"CATOSL-1.1", "BitTorrent-*", "OPL-1.0", "Frameworx-1.0", "IPA", "LiLiQ-R-1.1", "CDLA-Sharing-1.0", "Imlib2", "UCL-1.0", "OGTSL", "LAL-*", "Nokia", "NASA-1.3", "NGPL", "SNIA", "TOSL", "TPL-1.0",
		"OCCT-PL", "Glide", "CDL-1.0", "ESA-PL-weak-copyleft-2.4", "FreeImage", "TAPR-OHL-1.0", "YPL-*", "Zimbra-*", "RHeCos-1.1", "Linux-man-pages-copyleft*", "FDK-*", "Sendmail*", "Eurosym", "MakeIndex", "Noweb", "GL2PS", "Motosoto",
		"LicenseRef-LGPL*", "LicenseRef-MPL*", "LicenseRef-EPL*", "LicenseRef-CDDL*", "LicenseRef-GFDL*", "LicenseRef-CC-BY-SA*", "LicenseRef-LPPL*",
	},
	StrongCopyleft: {
		"GPL-*", "CECILL-1.*", "CECILL-2.*", "Sleepycat", "QPL-1.0*", "D-FSL-1.0", "Arphic-1999", "CERN-OHL-S-2.0", "LiLiQ-Rplus-1.1", "copyleft-next-*", "Parity-*", "TMate", "SimPL-2.0", "VOSTROM",
		"ODbL-1.0", "BSD-Protection", "ESA-PL-strong-copyleft-2.4", "TGPPL-1.0", "SMAIL-GPL", "Watcom-1.0", "BSD-Source-alt-GPL", "LicenseRef-GPL*", "LicenseRef-gpl*",
	},
	NetworkCopyleft: {"AGPL-*", "OSL-*", "NPOSL-3.0", "CPAL-1.0", "RPL-*", "APL-1.0", "CAL-1.0*", "EUPL-*", "LicenseRef-AGPL*", "LicenseRef-EUPL*", "LicenseRef-OSL*"},
	SourceAvailable: {
		"BUSL-1.1", "SSPL-1.0", "Elastic-2.0", "FSL-*", "SUL-1.0", "PolyForm-*", "CC-BY-NC-*", "CC-BY-ND-*", "Aladdin", "Hippocratic-*", "C-UDA-1.0", "NCGL-UK-2.0", "PPL", "MMPL-1.0.1", "BSD-3-Clause-OpenWebUI", "UnRAR",
		"LicenseRef-Commons-Clause*", "LicenseRef-Confluent-Community*", "LicenseRef-RSAL*", "LicenseRef-Elastic*", "LicenseRef-BUSL*", "LicenseRef-CC-BY-NC*", "LicenseRef-CC-BY-ND*", "LicenseRef-Timescale*", "LicenseRef-FSL*", "LicenseRef-Prosperity*",
	},
	Proprietary: {
		"LicenseRef-proprietary*", "LicenseRef-Proprietary*", "LicenseRef-commercial*", "LicenseRef-Commercial*", "LicenseRef-Microsoft*", "LicenseRef-Oracle*", "LicenseRef-Nvidia*", "LicenseRef-NVIDIA*",
		"LicenseRef-Redistributable-no-modification*", "LicenseRef-Freeware*",
	},
}

type family struct {
	prefix   string
	whole    bool
	category Category
}

// ordered has the longest first.
var ordered = onceFamilies()

func onceFamilies() []family {
	var out []family
	for _, c := range Categories {
		for _, f := range families[c] {
			p, begins := strings.CutSuffix(f, "*")
			out = append(out, family{p, !begins, c})
		}
	}
	slices.SortStableFunc(out, func(a, b family) int { return len(b.prefix) - len(a.prefix) })
	return out
}

// linking are the exceptions that leave what is linked, compiled or generated
// under its own licence: with them the copyleft is weak.
var linking = []string{
	"Classpath-exception-2.0", "GCC-exception-2.0", "GCC-exception-2.0-note", "GCC-exception-3.1", "GNAT-exception", "GNU-compiler-exception", "Libtool-exception", "Autoconf-exception-2.0", "Autoconf-exception-3.0",
	"Autoconf-exception-generic", "Autoconf-exception-generic-3.0", "Autoconf-exception-macro", "Bison-exception-1.24", "Bison-exception-2.2", "Bootloader-exception", "CLISP-exception-2.0", "eCos-exception-2.0",
	"FLTK-exception", "Font-exception-2.0", "freertos-exception-2.0", "GPL-3.0-linking-exception", "GPL-3.0-linking-source-exception", "GPL-3.0-interface-exception", "gnu-javamail-exception", "i2p-gpl-java-exception",
	"LGPL-3.0-linking-exception", "Linux-syscall-note", "LLGPL", "mif-exception", "OCaml-LGPL-linking-exception", "OpenJDK-assembly-exception-1.0", "PS-or-PDF-font-exception-20170817", "Qt-GPL-exception-1.0",
	"Qwt-exception-1.0", "SWI-exception", "Swift-exception", "Texinfo-exception", "u-boot-exception-2.0", "WxWindows-exception-3.1", "KiCad-libraries-exception", "GNOME-examples-exception", "SANE-exception", "QPL-1.0-INRIA-2004-exception",
}

// restricted says whether a name that begins like a free licence forbids uses.
func restricted(ref string) bool {
	for _, w := range [...]string{"commons-clause", "noncommercial", "non-commercial", "no-commercial", "nonfree", "non-free", "-nc-", "-nd-"} {
		if strings.Contains(ref+"-", w) {
			return true
		}
	}
	return false
}

// endings are how the short names of copyright files say what they are:
// "Janik-permissive", "Powell-BSD-style", "Kuchling-PD".
var endings = []struct {
	suffix   string
	category Category
}{
	{"-permissive", Permissive},
	{"-bsd", Permissive},
	{"-bsd-style", Permissive},
	{"-bsd-like", Permissive},
	{"-mit", Permissive},
	{"-mit-style", Permissive},
	{"-expat", Permissive},
	{"-pd", PublicDomain},
	{"-public-domain", PublicDomain},
}

// category of a leaf. A licence with an exception that is not known
// counts as without: exceptions only permit more.
func (e Expression) category() Category {
	id := e.ID
	if _, ref, ok := strings.Cut(id, ":"); ok {
		id = ref
	}
	c := Unknown
	if _, listed := table().ids[strings.ToLower(id)]; listed {
		c = Permissive
	}
	if base, _, ok := strings.Cut(strings.TrimPrefix(id, "LicenseRef-"), "-with-"); ok && c == Unknown {
		if _, listed := table().ids[strings.ToLower(base)]; listed {
			id, c = base, Permissive
		}
	}
	if ref := strings.ToLower(id); strings.HasPrefix(ref, "licenseref-") && restricted(ref) {
		return SourceAvailable
	}
	for _, f := range ordered {
		if f.whole && id == f.prefix || !f.whole && strings.HasPrefix(id, f.prefix) {
			c = f.category
			break
		}
	}
	if c == Unknown && strings.HasPrefix(id, "LicenseRef-") {
		for _, e := range endings {
			if strings.HasSuffix(strings.ToLower(id), e.suffix) {
				c = e.category
			}
		}
	}
	if c == StrongCopyleft && slices.Contains(linking, e.Exception) {
		return WeakCopyleft
	}
	return c
}

// Category of the whole: of what has the most duties among what has to be kept
// together, and the least of what can be chosen. It is Unknown when something
// that is unknown could change it.
func (e Expression) Category() Category {
	switch {
	case e.IsZero():
		return Unknown
	case e.Op == Leaf:
		return e.category()
	}
	best := -1
	for _, t := range e.Terms {
		n := slices.Index(Categories, t.Category())
		if best < 0 || e.Op == And && n > best || e.Op == Or && n < best {
			best = n
		}
	}
	return Categories[best]
}

// Known is true when every licence of the expression has a category.
func (e Expression) Known() bool {
	known := !e.IsZero()
	e.Leaves(func(l Expression) { known = known && l.category() != Unknown })
	return known
}
