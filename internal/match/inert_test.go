// SPDX-License-Identifier: Apache-2.0

package match

import (
	"path"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestInert(t *testing.T) {
	const headers, kernel, doc, words = sekisho.InertKernelHeaders, sekisho.InertHostKernel, sekisho.InertDocumentation, sekisho.InertTranslations
	for _, tt := range []struct{ ecosystem, name, source, want, outside string }{
		{"deb", "linux-libc-dev", "linux", headers, headers},
		{"deb", "linux-libc-dev-arm64-cross", "cross-toolchain-base", "", ""},
		{"deb", "linux-headers-6.1.0-18-amd64", "linux", headers, headers},
		{"deb", "linux-headers-generic", "linux-meta", headers, headers},
		{"deb", "linux-hwe-5.15-headers-5.15.0-70", "linux-hwe-5.15", headers, headers},
		{"deb", "linux-image-6.1.0-18-amd64", "linux-signed-amd64", kernel, ""},
		{"deb", "linux-modules-5.15.0-70-generic", "linux", kernel, ""},
		{"deb", "linux-perf", "linux", "", ""},
		{"deb", "linux-kbuild-6.1", "linux", "", ""},
		{"deb", "bpftool", "linux", "", ""},
		{"deb", "linux-headers-thing", "mythings", "", ""},
		{"deb", "linux-doc-6.1", "linux", doc, doc},
		{"deb", "git-man", "git", doc, doc},
		{"deb", "git", "git", "", ""},
		{"deb", "gnupg-l10n", "gnupg2", words, words},
		{"deb", "python3-doc", "python3-defaults", "", ""},
		{"deb", "libmagickcore-6-headers", "imagemagick", "", ""},
		{"rpm", "kernel-headers", "kernel", headers, headers},
		{"rpm", "kernel-headers", "", headers, headers},
		{"rpm", "kernel-devel", "kernel", headers, headers},
		{"rpm", "kernel-rt-devel", "kernel-rt", headers, headers},
		{"rpm", "kernel6.1-headers", "kernel6.1", headers, headers},
		{"rpm", "kernel-tools-libs-devel", "kernel", "", ""},
		{"rpm", "kernel-tools", "kernel", "", ""},
		{"rpm", "kernel-core", "kernel", kernel, ""},
		{"rpm", "kernel-modules-extra", "kernel", kernel, ""},
		{"rpm", "kernel6.1", "kernel6.1", kernel, ""},
		{"rpm", "kernel6.1-tools", "kernel6.1", "", ""},
		{"rpm", "kernel-default", "kernel-default", kernel, ""},
		{"rpm", "kernel-doc", "kernel", doc, doc},
		{"rpm", "bash-doc", "bash", "", ""},
		{"apk", "linux-headers", "linux-headers", headers, headers},
		{"apk", "linux-lts", "linux-lts", kernel, ""},
		{"apk", "bash-doc", "bash", doc, doc},
		{"apk", "bash-doc", "bash-doc", "", ""},
		{"apk", "git-lang", "git", words, words},
		{"alpm", "linux-lts-headers", "linux-lts", headers, headers},
		{"alpm", "linux", "linux", kernel, ""},
		{"npm", "linux-headers-x", "linux", "", ""},
	} {
		p := sekisho.Package{Ecosystem: tt.ecosystem, Name: tt.name, SourceName: tt.source}
		if got := inert(inertPackages(), &p, true); got != tt.want {
			t.Errorf("%s %s of %s in a container: %q, want %q", tt.ecosystem, tt.name, tt.source, got, tt.want)
		}
		if got := inert(inertPackages(), &p, false); got != tt.outside {
			t.Errorf("%s %s of %s elsewhere: %q, want %q", tt.ecosystem, tt.name, tt.source, got, tt.outside)
		}
	}
}

// Every pattern of the table can be understood: a broken one matches nothing.
func TestInertPatterns(t *testing.T) {
	for _, e := range inertPackages() {
		if e.code == "" || len(e.names) == 0 || e.sources == nil && e.ecosystem != sekisho.EcosystemAPK {
			t.Errorf("%+v names too little", e)
		}
		for _, list := range [][]string{e.sources, e.names, e.but} {
			for _, p := range list {
				if _, err := path.Match(p, "x"); err != nil {
					t.Errorf("%s: %v", p, err)
				}
			}
		}
	}
}

func TestContained(t *testing.T) {
	image := func(labels map[string]string) *sekisho.Inventory {
		return &sekisho.Inventory{Target: sekisho.Target{Kind: sekisho.KindImage}, Image: &sekisho.ImageConfig{Labels: labels}}
	}
	for name, tt := range map[string]struct {
		inv  *sekisho.Inventory
		want bool
	}{
		"an image":              {image(nil), true},
		"without configuration": {&sekisho.Inventory{Target: sekisho.Target{Kind: sekisho.KindImage}}, true},
		"an image that boots":   {image(map[string]string{"containers.bootc": "1"}), false},
		"an ostree that boots":  {image(map[string]string{"ostree.bootable": "true"}), false},
		"a root file system":    {&sekisho.Inventory{Target: sekisho.Target{Kind: sekisho.KindRootFS}}, false},
		"a bill of materials":   {&sekisho.Inventory{Target: sekisho.Target{Kind: sekisho.KindSBOM}}, false},
	} {
		if got := contained(tt.inv); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The finding says what the package is; malware is what it is wherever it lies.
func TestFindingsOfInertPackages(t *testing.T) {
	rows := []sekisho.Advisory{
		{World: "deb", Package: "linux", BySource: true, ID: "CVE-1", Feed: "f", Status: sekisho.StatusAffected},
		{World: "deb", Package: "linux", BySource: true, ID: "MAL-1", Feed: "f", Status: sekisho.StatusAffected, Malicious: true},
	}
	at := func(_ *sekisho.OS, p *sekisho.Package) ([]Place, sekisho.Told) {
		return []Place{{World: "deb", Name: p.Name, Version: p.Version, SourceName: p.SourceName, SourceVersion: p.SourceVersion, Order: numbers}}, sekisho.Told{}
	}
	m := &Matcher{Database: &table{rows: rows}, Places: at, Score: func(string) float64 { return 0 }}
	inv := &sekisho.Inventory{Target: sekisho.Target{Kind: sekisho.KindImage}}
	for _, name := range []string{"linux-libc-dev", "linux-image-amd64", "linux-perf"} {
		inv.Packages = append(inv.Packages, sekisho.Package{PURL: "pkg:deb/" + name, Ecosystem: "deb", Name: name, Version: "5", SourceName: "linux", SourceVersion: "5"})
	}
	j, err := m.Check(t.Context(), inv)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range j.Findings {
		got[f.Package.Name+" "+f.Rule] = f.Inert
		if f.Suppressed != nil {
			t.Errorf("%s is suppressed by the matcher: a policy decides", f.Rule)
		}
	}
	want := map[string]string{
		"linux-libc-dev CVE-1": sekisho.InertKernelHeaders, "linux-image-amd64 CVE-1": sekisho.InertHostKernel, "linux-perf CVE-1": "",
		"linux-libc-dev MAL-1": "", "linux-image-amd64 MAL-1": "", "linux-perf MAL-1": "",
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
	for k, v := range want {
		if w, ok := got[k]; !ok || w != v {
			t.Errorf("%s: %q, want %q", k, w, v)
		}
	}
}
