// SPDX-License-Identifier: Apache-2.0

package license

import (
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"MIT":                                    "MIT",
		"mit":                                    "MIT",
		"GPL-2.0":                                "GPL-2.0-only",
		"GPL-2.0+":                               "GPL-2.0-or-later",
		"LGPL-2.1-or-later":                      "LGPL-2.1-or-later",
		"MPL-1.1+":                               "MPL-1.1+",
		"GPL-2.0-with-classpath-exception":       "GPL-2.0-only WITH Classpath-exception-2.0",
		"GPL-2.0-with-classpath-exception+":      "GPL-2.0-or-later WITH Classpath-exception-2.0",
		"(MIT OR Apache-2.0)":                    "MIT OR Apache-2.0",
		"MIT OR Apache-2.0 AND BSD-3-Clause":     "MIT OR (Apache-2.0 AND BSD-3-Clause)",
		"(MIT OR Apache-2.0) AND BSD-3-Clause":   "(MIT OR Apache-2.0) AND BSD-3-Clause",
		"MIT AND (MIT AND (ISC AND MIT))":        "MIT AND ISC",
		"Apache-2.0 with LLVM-exception or NCSA": "Apache-2.0 WITH LLVM-exception OR NCSA",
		"LicenseRef-my-own AND DocumentRef-a:LicenseRef-b": "LicenseRef-my-own AND DocumentRef-a:LicenseRef-b",
		"GPL-2.0-only WITH AdditionRef-mine":               "GPL-2.0-only WITH AdditionRef-mine",
		"wxWindows":                                        "LGPL-2.0-or-later WITH WxWindows-exception-3.1",
	} {
		e, err := Parse(in)
		if err != nil || e.String() != want {
			t.Errorf("Parse(%q) = %q, %v; want %q", in, e, err, want)
			continue
		}
		again, err := Parse(e.String())
		if err != nil || !again.equal(e) {
			t.Errorf("%q is read again as %q, %v", e, again, err)
		}
	}
	for _, in := range []string{
		"", " ", "()", "MIT OR", "OR MIT", "MIT Apache-2.0", "(MIT", "MIT)", "MIT WITH", "MIT WITH MIT", "WITH", "NoSuchLicense", "MIT AND AND ISC", "LicenseRef-", "LicenseRef-a_b",
		"DocumentRef-:LicenseRef-a", "GPL-2.0-only WITH Classpath-exception-2.0 WITH LLVM-exception", "(MIT OR ISC) WITH LLVM-exception", strings.Repeat("(", 100) + "MIT" + strings.Repeat(")", 100), strings.Repeat("MIT AND ", 9000) + "MIT",
	} {
		if e, err := Parse(in); err == nil {
			t.Errorf("Parse(%.60q) = %q, want an error", in, e)
		}
	}
}

func TestNormalise(t *testing.T) {
	for _, tt := range []struct {
		ecosystem string
		declared  string // several are apart by "\n"
		want      string
	}{
		{"", "MIT/Apache-2.0", "MIT OR Apache-2.0"},
		{"", "MIT/X11", "MIT"},
		{"", "Apache License, Version 2.0", "Apache-2.0"},
		{"", "The Apache Software License, Version 2.0", "Apache-2.0"},
		{"", "Apache 2.0 License", "Apache-2.0"},
		{"", "BSD", "LicenseRef-BSD"},
		{"", "Dual MIT/BSD", "MIT OR LicenseRef-BSD"},
		{"", "GNU Lesser General Public License v3 or later (LGPLv3+)", "LGPL-3.0-or-later"},
		{"", "GNU General Public License (GPL), version 2, or any later version", "GPL-2.0-or-later"},
		{"", "Business Source License 1.1", "BUSL-1.1"},
		{"", "MIT with Commons Clause", "MIT AND LicenseRef-Commons-Clause"},
		{"", "UNKNOWN", ""},
		{sekisho.EcosystemDeb, "GPL-2+", "GPL-2.0-or-later"},
		{sekisho.EcosystemDeb, "GPL-2+ with OpenSSL exception", "LicenseRef-GPL-2.0-or-later-with-OpenSSL-exception"},
		{sekisho.EcosystemDeb, "GPL-3+ with GCC exception", "GPL-3.0-or-later WITH GCC-exception-3.1"},
		{sekisho.EcosystemDeb, "Expat\nBSD-3-clause\nGPL-2+ or Artistic\npublic-domain", "MIT AND BSD-3-Clause AND (GPL-2.0-or-later OR Artistic-1.0-Perl) AND LicenseRef-public-domain"},
		{sekisho.EcosystemDeb, "BSD-3-clause~Google", "LicenseRef-BSD-3-Clause-with-Google"},
		{sekisho.EcosystemDeb, "Expat and (LGPL-2.1+ or MPL-1.1)", "MIT AND (LGPL-2.1-or-later OR MPL-1.1)"},
		{sekisho.EcosystemDeb, "Artistic, GPL-1+, or BSD-2-clause", "Artistic-1.0-Perl OR GPL-1.0-or-later OR BSD-2-Clause"},
		{sekisho.EcosystemRPM, "GPLv2+ and LGPLv2+ with exceptions and (MIT or ASL 2.0)", "GPL-2.0-or-later AND LicenseRef-LGPL-2.0-or-later-with-exceptions AND (MIT OR Apache-2.0)"},
		{sekisho.EcosystemRPM, "Public Domain", "LicenseRef-public-domain"},
		{sekisho.EcosystemRPM, "GPL+ or Artistic", "Artistic-1.0-Perl OR GPL-1.0-or-later"},
		{sekisho.EcosystemAPK, "GPL-2.0-only", "GPL-2.0-only"},
		{sekisho.EcosystemAPK, "MIT BSD GPL2+", "MIT AND LicenseRef-BSD AND GPL-2.0-or-later"},
		{sekisho.EcosystemNPM, "UNLICENSED", "LicenseRef-proprietary"},
		{sekisho.EcosystemNPM, "SEE LICENSE IN LICENSE.md", ""},
		{sekisho.EcosystemNPM, "MIT\nApache2", "MIT OR Apache-2.0"},
		{sekisho.EcosystemPyPI, "OSI Approved\nBSD License", "LicenseRef-BSD"},
		{sekisho.EcosystemMaven, "https://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0"},
		{sekisho.EcosystemMaven, "GPL2 w/ CPE\nEPL 2.0", "GPL-2.0-only WITH Classpath-exception-2.0 OR EPL-2.0"},
		{sekisho.EcosystemMaven, "Eclipse Public License - v 1.0", "EPL-1.0"},
		{sekisho.EcosystemMaven, "https://opensource.org/licenses/BSD-3-Clause", "BSD-3-Clause"},
		{sekisho.EcosystemComposer, "proprietary", "LicenseRef-proprietary"},
		{sekisho.EcosystemGem, "Ruby\nBSD-2-Clause", "Ruby OR BSD-2-Clause"},
		{sekisho.EcosystemCRAN, "GPL (>= 2)", "GPL-2.0-or-later"},
		{sekisho.EcosystemCRAN, "MIT + file LICENSE", "MIT"},
		{sekisho.EcosystemCRAN, "GPL-2 | GPL-3", "GPL-2.0-only OR GPL-3.0-only"},
		{sekisho.EcosystemCPAN, "perl_5", "Artistic-1.0-Perl OR GPL-1.0-or-later"},
		{sekisho.EcosystemCPAN, "lgpl_2_1", "LGPL-2.1-only"},
		{sekisho.EcosystemHackage, "BSD3", "BSD-3-Clause"},
	} {
		if got := Normalise(tt.ecosystem, strings.Split(tt.declared, "\n")).String(); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.ecosystem, tt.declared, got, tt.want)
		}
	}
}

func TestCategory(t *testing.T) {
	for in, want := range map[string]Category{
		"MIT": Permissive, "Unlicense": PublicDomain, "LGPL-2.1-or-later": WeakCopyleft, "GPL-3.0-only": StrongCopyleft, "AGPL-3.0-or-later": NetworkCopyleft, "BUSL-1.1": SourceAvailable, "SSPL-1.0": SourceAvailable,
		"CC-BY-NC-4.0": SourceAvailable, "CC-BY-4.0": Permissive, "CC-BY-SA-4.0": WeakCopyleft, "LicenseRef-proprietary": Proprietary, "LicenseRef-whatever": Unknown, "DocumentRef-x:LicenseRef-BSD": Permissive,
		"GPL-2.0-only WITH Classpath-exception-2.0": WeakCopyleft, "GPL-2.0-only WITH Universal-FOSS-exception-1.0": StrongCopyleft, "MIT OR AGPL-3.0-only": Permissive, "MIT AND AGPL-3.0-only": NetworkCopyleft,
		"MIT AND LicenseRef-whatever": Unknown, "MIT OR LicenseRef-whatever": Permissive, "LicenseRef-GPL-2.0-or-later-with-foo": StrongCopyleft, "MIT AND LicenseRef-Commons-Clause": SourceAvailable,
		"LicenseRef-MIT-NonCommercial": SourceAvailable, "LicenseRef-BSL": Unknown, "LicenseRef-BSD-NC": SourceAvailable, "LicenseRef-Janik-permissive": Permissive, "LicenseRef-Plumb-PD": PublicDomain,
	} {
		e, err := Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Category(); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
}

// Every line of the tables means what it names.
func TestTables(t *testing.T) {
	for _, a := range aliases {
		if e, err := Parse(a.expression); err != nil || e.Category() == Unknown {
			t.Errorf("%q: %v, %s", a.expression, err, e.Category())
		}
	}
	for _, a := range addresses {
		if _, err := Parse(a.expression); err != nil {
			t.Errorf("%q: %v", a.prefix, err)
		}
	}
	for id := range exceptionNames {
		if !slices.Contains(listExceptions, id) {
			t.Errorf("%s is no exception of the list", id)
		}
	}
	for _, id := range linking {
		if !slices.Contains(listExceptions, id) {
			t.Errorf("%s is no exception of the list", id)
		}
	}
	for c, all := range families {
		for _, f := range all {
			p, begins := strings.CutSuffix(f, "*")
			if strings.HasPrefix(p, "LicenseRef-") {
				continue
			}
			if !slices.ContainsFunc(listIDs, func(id ID) bool { return id.ID == p || begins && strings.HasPrefix(id.ID, p) }) {
				t.Errorf("%s: %s fits no id of the list", c, f)
			}
		}
	}
	for _, id := range listIDs {
		if e, err := Parse(id.ID); err != nil || e.Category() == Unknown {
			t.Errorf("%s: %v", id.ID, err)
		}
		if e := Normalise("", []string{id.ID}); e.IsZero() {
			t.Errorf("%s is lost", id.ID)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"MIT OR (Apache-2.0 AND GPL-2.0+ WITH Classpath-exception-2.0)", "((((", "LicenseRef-a", "DocumentRef-d:LicenseRef-x+"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(e.String())
		if err != nil || again.String() != e.String() {
			t.Fatalf("%q gives %q, which gives %q, %v", s, e, again, err)
		}
	})
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"GPL-2+ with OpenSSL exception, MIT or (BSD", "GPL (>= 2) | file LICENSE", "http://www.apache.org/licenses/", "A/B/C, and D w/ e", strings.Repeat("(", 500), "\xff and \x00"} {
		f.Add("deb", s)
	}
	f.Fuzz(func(t *testing.T, ecosystem, s string) {
		e := Normalise(ecosystem, []string{s, "MIT"})
		if e.IsZero() {
			t.Fatalf("%q: the licence beside it is lost", s)
		}
		again, err := Parse(e.String())
		if err != nil || again.String() != e.String() {
			t.Fatalf("%q gives %q, which gives %q, %v", s, e, again, err)
		}
	})
}
