// SPDX-License-Identifier: Apache-2.0

package distro

import (
	"archive/tar"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

var update = flag.Bool("update", false, "write eol.go from the feed")

const feed = "../../../../shared/feeds/eol.tar.zst"

// products of endoflife.date, by what this room calls them.
var products = map[string]string{
	"almalinux": "almalinux", "alpine-linux": "alpine", "amazon-linux": "amzn", "centos": "centos",
	"centos-stream": "centos-stream", "debian": "debian", "fedora": "fedora", "opensuse": "opensuse-leap",
	"oracle-linux": "ol", "rhel": "rhel", "rocky-linux": "rocky", "sles": "sles", "suse-linux-micro": "sle-micro",
	"ubuntu": "ubuntu", "vmware-photon": "photon",
}

// published are dates that the feed has not: Microsoft's own announcements for
// CBL-Mariner (https://github.com/microsoft/azurelinux).
var published = map[string]lifetime{
	"mariner 1.0": {"2023-07-31", ""},
	"mariner 2.0": {"2025-07-31", ""},
}

// The table is what the feed says: eol.go is written from it by
//
//	go test ./internal/ecosystem/distro -run TestLifetimes -update
func TestLifetimes(t *testing.T) {
	want := readFeed(t)
	if *update {
		if err := os.WriteFile("eol.go", table(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want, lifetimes, cmp.AllowUnexported(lifetime{})); d != "" {
		t.Errorf("eol.go differs from the feed, run the test with -update: %s", d)
	}
}

func readFeed(t *testing.T) map[string]lifetime {
	f, err := os.Open(feed)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("the shared data is not here: %v", err)
	}
	defer f.Close()
	z, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := maps.Clone(published)
	more := map[string]lifetime{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		dir, base := path.Base(path.Dir(h.Name)), path.Base(h.Name)
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if product, ok := products[strings.TrimSuffix(base, ".md")]; ok && dir == "products" {
			frontMatter(product, string(b), out)
		} else if dir == "distro-info-data" && strings.HasSuffix(base, ".csv") {
			series(strings.TrimSuffix(base, ".csv"), string(b), more)
		}
	}
	for k, v := range out {
		if v.extended <= v.regular { // no support beyond the regular one
			v.extended = ""
			out[k] = v
		}
	}
	for k, v := range more { // for releases older than endoflife.date knows
		if _, ok := out[k]; !ok {
			out[k] = v
		}
	}
	return out
}

// frontMatter reads the releases of a product page.
func frontMatter(product, page string, out map[string]lifetime) {
	_, page, _ = strings.Cut(page, "\nreleases:\n")
	page, _, _ = strings.Cut(page, "\n---")
	key := ""
	for line := range strings.Lines(page) {
		k, v, _ := strings.Cut(strings.TrimSpace(line), ":")
		v, _, _ = strings.Cut(v, "#")
		v = strings.Trim(strings.TrimSpace(v), `"`)
		l := out[key]
		switch k {
		case "- releaseCycle":
			key = product + " " + v
			continue
		case "eol":
			l.regular = date(v)
		case "eoes":
			l.extended = date(v)
		default:
			continue
		}
		if l.regular != "" {
			out[key] = l
		}
	}
}

// series reads distro-info-data: the columns end where nothing is known.
func series(id, csv string, out map[string]lifetime) {
	for i, line := range slices.Collect(strings.Lines(csv)) {
		f := strings.Split(strings.TrimSpace(line), ",")
		version, _, _ := strings.Cut(f[0], " ")
		if i == 0 || len(f) < 6 || version == "" {
			continue
		}
		l := lifetime{regular: date(f[5])}
		if id == "debian" && len(f) > 6 { // eol-lts
			l.extended = date(f[6])
		} else if id == "ubuntu" && len(f) > 7 { // eol-server, eol-esm
			l.regular, l.extended = max(l.regular, date(f[6])), date(f[7])
		} else if id == "ubuntu" && len(f) > 6 {
			l.regular = max(l.regular, date(f[6]))
		}
		if l.regular != "" {
			out[id+" "+version] = l
		}
	}
}

func date(s string) string {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return "" // true, false
	}
	return s
}

func table(all map[string]lifetime) []byte {
	var b strings.Builder
	b.WriteString(`// SPDX-License-Identifier: Apache-2.0

// Code written by TestLifetimes -update; DO NOT EDIT.

package distro

// lifetimes says when support ends, by os-release ID and release cycle. Facts
// from endoflife.date (MIT), distro-info-data (ISC) and, for CBL-Mariner, its
// maker: see NOTICE.
var lifetimes = map[string]lifetime{
`)
	width := 0
	for k := range all {
		width = max(width, len(k))
	}
	for _, k := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "\t%q:%s {%q, %q},\n", k, strings.Repeat(" ", width-len(k)), all[k].regular, all[k].extended)
	}
	b.WriteString("}\n")
	return []byte(b.String())
}
