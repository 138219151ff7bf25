// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
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
	fixes := map[string]map[string][][2]string{}
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
			of = map[string][][2]string{}
			fixes[doc.Distroversion] = of
		}
		for _, p := range doc.Packages {
			for version, entries := range p.Pkg.Secfixes {
				for _, entry := range entries {
					ids := regexp.MustCompile(`CVE-\d{4}-\d{4,}`).FindAllString(entry, -1)
					if len(ids) == 0 {
						ids = strings.Fields(entry)[:1]
					}
					for _, id := range ids {
						of[p.Pkg.Name] = append(of[p.Pkg.Name], [2]string{id, version})
					}
				}
			}
		}
	})
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
			naive, packages := map[string]bool{}, 0
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
				packages++
				for _, fix := range fixes[release][cmp.Or(field["o"], field["P"])] {
					if fix[1] != "0" && apkBelow(t, field["V"], fix[1]) {
						naive[statement("alpine-secdb", fix[0], fix[0], field["P"], field["V"], fix[1])] = true
					}
				}
			}
			t.Logf("%d packages", packages)
			compare(t, name, naive, evidenceSet(scan(t, db, "dir:"+root), "apk"), 0)
		})
	}
}

var apkForm = regexp.MustCompile(`^([0-9.]+)([a-z]?[0-9]*)((?:_[a-z]+[0-9]*)*)(?:~[0-9a-f]+)?(?:-r([0-9]+))?$`)

// apkBelow says whether a is below b: numbers, then a letter, then suffixes,
// then the revision of the package (apk-package(5)).
func apkBelow(t *testing.T, a, b string) bool {
	t.Helper()
	x, y := apkForm.FindStringSubmatch(a), apkForm.FindStringSubmatch(b)
	if x == nil || y == nil {
		t.Fatalf("%q or %q is no version of apk", a, b)
	}
	return cmp.Or(apkNumbers(x[1], y[1]), cmp.Compare(x[2], y[2]), apkSuffixes(x[3], y[3]), number(x[4])-number(y[4])) < 0
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
