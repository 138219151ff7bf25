// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// An Alpine package has a flaw when secdb names a fix of its origin that is
// above the installed version (https://secdb.alpinelinux.org: "secfixes" maps
// a version of the origin package to what it fixed).
func TestAlpine(t *testing.T) {
	roots, err := filepath.Glob(filepath.Join(shared, "rootfs", "alpine-*"))
	if err != nil || len(roots) == 0 {
		need(t, "no roots of Alpine beside the checkout: %v", err)
	}
	db := database(t, "alpine-secdb")
	// fixes by release, origin and flaw.
	fixes := map[string]map[string][]fix{}
	var garbled []string
	feedFiles(t, "alpine-secdb", func(path string, data []byte) {
		if !strings.HasSuffix(path, ".json") {
			return
		}
		var doc struct {
			Distroversion string
			Packages      []struct {
				Pkg struct {
					Name     string
					Secfixes map[string][]string
				}
			}
		}
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		of := fixes[doc.Distroversion]
		if of == nil {
			of = map[string][]fix{}
			fixes[doc.Distroversion] = of
		}
		for _, p := range doc.Packages {
			for version, entries := range p.Pkg.Secfixes {
				for _, entry := range entries {
					ids := flawsOfEntry(entry)
					if len(ids) == 0 {
						garbled = append(garbled, doc.Distroversion+" "+p.Pkg.Name+" "+entry)
					}
					for _, id := range ids {
						if version != "0" { // never in the package
							of[p.Pkg.Name] = append(of[p.Pkg.Name], fix{id: id, fixed: version})
						}
					}
				}
			}
		}
	})
	t.Logf("%d entries name no flaw that can be read: %q", len(garbled), garbled)
	if len(garbled) > 40 {
		t.Errorf("%d entries are garbled: the feed has another form", len(garbled))
	}
	alpineBills(t, db, fixes)
	for _, root := range roots {
		name := filepath.Base(root)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(filepath.Join(root, "lib/apk/db/installed"))
			if err != nil {
				t.Fatal(err)
			}
			release := strings.Replace(name, "alpine-", "v", 1)
			if name == "alpine-edge" {
				release = "edge"
			}
			var packages []installed
			for entry := range bytes.SplitSeq(b, []byte("\n\n")) {
				field := map[string]string{}
				for line := range strings.Lines(string(entry)) {
					if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
						if _, had := field[k]; !had {
							field[k] = v
						}
					}
				}
				if field["P"] == "" {
					continue
				}
				packages = append(packages, installed{
					name: field["P"], version: field["V"], source: cmp.Or(field["o"], field["P"]), sourceVersion: field["V"],
				})
			}
			t.Logf("%d packages", len(packages))
			naive := judge("alpine-secdb", fixes[release], packages, true, apkCompare)
			compare(t, name, naive, evidenceSet(scan(t, db, "dir:"+root), "apk"), 0)
		})
	}
}

var cveEntry = regexp.MustCompile(`CVE[-_ ](\d{4}-\d{4,})`)

// flawsOfEntry reads "CVE-2016-10013 XSA-204", also where the spelling is
// "CVE 2025-48379"; without a CVE the first other word names the flaw. None for
// a slip such as "CVE-46838".
func flawsOfEntry(entry string) (ids []string) {
	for _, m := range cveEntry.FindAllStringSubmatch(entry, -1) {
		ids = append(ids, "CVE-"+m[1])
	}
	for word := range strings.FieldsSeq(entry) {
		if len(ids) == 0 && !strings.HasPrefix(word, "CVE") {
			ids = append(ids, word)
		}
	}
	return ids
}

// The roots have few packages: more are drawn from each release's own.
func alpineBills(t *testing.T, db string, fixes map[string]map[string][]fix) {
	t.Helper()
	for _, release := range []string{"v3.12", "v3.18", "v3.20", "v3.23"} {
		packages := drawAround(fixes[release], nil, 500, func(fixed string, i int) string {
			version, revision, _ := strings.Cut(fixed, "-r")
			return []string{fixed, version + "_pre1-r" + revision, version + "-r" + fmt.Sprint(number(revision)+1), version + "-r" + fmt.Sprint(max(0, number(revision)-1))}[i%4]
		})
		packages = slices.DeleteFunc(packages, func(p installed) bool { return !apkForm.MatchString(p.version) })
		t.Logf("%s: %d packages", release, len(packages))
		target := bill(t, "apk", "alpine", strings.TrimPrefix(release, "v"), packages)
		compare(t, "bill of "+release, judge("alpine-secdb", fixes[release], packages, true, apkCompare), evidenceSet(scan(t, db, target), "apk"), 500)
	}
}

var apkForm = regexp.MustCompile(`^([0-9.]+)([a-z]?[0-9]*)((?:_[a-z]+[0-9]*)*)(?:~[0-9a-f]+)?(?:-r([0-9]+))?$`)

// apkCompare is apk-package(5) once more: numbers, then a letter, then suffixes,
// then the revision of the package.
func apkCompare(a, b string) int {
	x, y := apkForm.FindStringSubmatch(a), apkForm.FindStringSubmatch(b)
	if x == nil || y == nil {
		panic(fmt.Sprintf("%q or %q is no version of apk", a, b))
	}
	return cmp.Or(apkNumbers(x[1], y[1]), cmp.Compare(x[2], y[2]), apkSuffixes(x[3], y[3]), number(x[4])-number(y[4]))
}

func apkNumbers(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		n := number(x[i]) - number(y[i])
		if i > 0 && (strings.HasPrefix(x[i], "0") || strings.HasPrefix(y[i], "0")) {
			n = strings.Compare(x[i], y[i])
		}
		if n != 0 {
			return n
		}
	}
	return len(x) - len(y)
}

var apkSuffix = map[string]int{"alpha": -4, "beta": -3, "pre": -2, "rc": -1, "": 0, "cvs": 1, "svn": 2, "git": 3, "hg": 4, "p": 5}

func apkSuffixes(a, b string) int {
	x, y := strings.Split(a+"_", "_")[1:], strings.Split(b+"_", "_")[1:]
	for i := range min(len(x), len(y)) {
		xs, ys := strings.TrimRight(x[i], "0123456789"), strings.TrimRight(y[i], "0123456789")
		if n := cmp.Or(apkSuffix[xs]-apkSuffix[ys], number(x[i][len(xs):])-number(y[i][len(ys):])); n != 0 {
			return n
		}
	}
	return len(x) - len(y)
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
