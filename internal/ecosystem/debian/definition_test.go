// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/license"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// allPermissive is the text of FSFAP as a field of a copyright file.
const allPermissive = ` Copying and distribution of this file, with or without modification, are
 permitted in any medium without royalty provided the copyright notice and
 this notice are preserved.  This file is offered as-is, without any warranty.
`

func TestNamesThatAFileMadeUp(t *testing.T) {
	if shortTexts() == nil {
		t.Fatal("the library refuses the list of texts")
	}
	begin := "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-2+\n text\n\n"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"the text decides":              {"License: MadeUp\n" + allPermissive, []string{"GPL-2+", "FSFAP"}},
		"in an expression, before it":   {"License: GPL-2+ and MadeUp\n\nLicense: MadeUp\n" + allPermissive, []string{"GPL-2+", "GPL-2.0-or-later AND FSFAP", "FSFAP"}},
		"or":                            {"License: MadeUp or GPL-3\n\nLicense: MadeUp\n" + allPermissive, []string{"GPL-2+", "FSFAP OR GPL-3.0-only", "FSFAP"}},
		"one term more":                 {"License: MadeUp\n" + allPermissive + " .\n It must not be used on Sundays.\n", []string{"GPL-2+", "MadeUp"}},
		"one name, two texts":           {"License: MadeUp\n" + allPermissive + "\nLicense: MadeUp\n Do as I say.\n", []string{"GPL-2+", "MadeUp"}},
		"two texts, the other way":      {"License: MadeUp\n Do as I say.\n\nLicense: MadeUp\n" + allPermissive, []string{"GPL-2+", "MadeUp"}},
		"no text":                       {"License: MadeUp\n\nFiles: x\n", []string{"GPL-2+", "MadeUp"}},
		"known names keep their words":  {"License: Expat\n" + allPermissive, []string{"GPL-2+", "Expat"}},
		"the text of another paragraph": {"License: MadeUp\n\nComment: x\n" + allPermissive, []string{"GPL-2+", "MadeUp"}},
		"the end of the file":           {"License: MadeUp\n" + strings.TrimSuffix(allPermissive, "\n"), []string{"GPL-2+", "FSFAP"}},
		"a name and an exception to it": {"License: MadeUp with OpenSSL exception\n\nLicense: MadeUp\n" + allPermissive, []string{"GPL-2+", "MadeUp with OpenSSL exception", "FSFAP"}},
		"a reference with an exception": {"License: MadeUp with OpenSSL exception\n" + allPermissive, []string{"GPL-2+", "MadeUp with OpenSSL exception"}},
	} {
		if d := cmp.Diff(c.want, licenseFields([]byte(begin+c.text))); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	long := "License: MadeUp\n" + strings.Repeat(" word\n", maxDefinition)
	if d := cmp.Diff([]string{"GPL-2+", "MadeUp"}, licenseFields([]byte(begin+long))); d != "" {
		t.Error(d)
	}
}

func FuzzLicenseFields(f *testing.F) {
	f.Add([]byte("Format: x\nLicense: MadeUp\n" + allPermissive))
	f.Add([]byte("Format: x\nLicense: a and b\n\nLicense: b\n\t.\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, l := range licenseFields(b) {
			if l == "" || len(l) > 10*maxLicense {
				t.Errorf("%q", l)
			}
		}
	})
}

// What the copyright files of this machine say, by field and by file: the numbers
// in docs/licenses.md.
func TestCopyrightFilesOfThisMachine(t *testing.T) {
	files, err := filepath.Glob("/usr/share/doc/*/copyright")
	if err != nil || len(files) < 100 {
		t.Skip("this machine has no copyright files of Debian")
	}
	var machine, fields, known, whole int
	left := map[string]int{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		list := licenseFields(b[:min(len(b), maxCopyright)])
		if len(list) == 0 {
			continue
		}
		machine++
		all := true
		for _, l := range list {
			e := license.Normalise(sekisho.EcosystemDeb, []string{l})
			if e.IsZero() {
				continue // "none", "other": it declares nothing
			}
			fields++
			if e.Known() {
				known++
			} else {
				all = false
				left[l]++
			}
		}
		if all {
			whole++
		}
	}
	if b, err := os.ReadFile("/usr/share/doc/util-linux/copyright"); err == nil {
		if list := licenseFields(b); slices.Contains(list, "BSLA") || !slices.Contains(list, "BSD-4.3TAHOE") {
			t.Errorf("util-linux: %q", list)
		}
	}
	share := 100 * float64(known) / float64(fields)
	t.Logf("%d of %d fields are known, %.1f %%; all of %d of %d machine readable files (%d in all)", known, fields, share, whole, machine, len(files))
	for l, n := range left {
		t.Logf("%d %s", n, l)
	}
	if share < 95 {
		t.Errorf("only %.1f %% of the fields are known", share)
	}
}
