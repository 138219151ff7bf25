// SPDX-License-Identifier: Apache-2.0

package distro

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func extract(t testing.TB, path, body string) []sekisho.OS {
	t.Helper()
	if !(release{}).Wants(&sekisho.File{Path: path, Size: int64(len(body))}) {
		t.Fatalf("%s is not wanted", path)
	}
	inv, err := release{}.Extract(context.Background(), &sekisho.Input{Path: path, Content: bytes.NewReader([]byte(body)), Size: int64(len(body))})
	if err != nil {
		t.Fatal(err)
	}
	for i := range inv.OS {
		inv.OS[i].Location.Path = path
	}
	return inv.OS
}

func TestChoose(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  sekisho.OS
	}{
		"debian in full":        {map[string]string{"usr/lib/os-release": "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n", "etc/debian_version": "12.5\n"}, sekisho.OS{ID: "debian", Version: "12.5", Codename: "bookworm", PrettyName: "Debian GNU/Linux 12 (bookworm)", Family: "debian", EOL: "2026-07-11", EOLExtended: "2028-06-30"}},
		"ubuntu keeps its own":  {map[string]string{"etc/os-release": "ID=ubuntu\nVERSION_ID=\"24.04\"\nID_LIKE=debian", "etc/debian_version": "trixie/sid"}, sekisho.OS{ID: "ubuntu", Version: "24.04", IDLike: []string{"debian"}, Family: "ubuntu", EOL: supportEnds["ubuntu 24.04"][0], EOLExtended: supportEnds["ubuntu 24.04"][1]}},
		"alpine":                {map[string]string{"etc/alpine-release": "3.18.9\n", "etc/os-release": "ID=alpine\nVERSION_ID=3.18.9"}, sekisho.OS{ID: "alpine", Version: "3.18.9", Family: "alpine", EOL: "2025-05-09"}},
		"old centos":            {map[string]string{"etc/redhat-release": "CentOS release 6.10 (Final)\n"}, sekisho.OS{ID: "centos", Version: "6.10", PrettyName: "CentOS release 6.10 (Final)", Family: "centos", EOL: "2020-11-30"}},
		"a derivative":          {map[string]string{"etc/os-release": "ID=kali\nID_LIKE='debian'\nVERSION_ID=2024.1"}, sekisho.OS{ID: "kali", Version: "2024.1", IDLike: []string{"debian"}, Family: "debian", Derived: true}},
		"nobody knows it":       {map[string]string{"etc/os-release": "ID=homebrew-os\nVERSION_ID=1"}, sekisho.OS{ID: "homebrew-os", Version: "1"}},
		"centos 8 is no stream": {map[string]string{"etc/os-release": "ID=centos\nVERSION_ID=8\nNAME=\"CentOS Linux\""}, sekisho.OS{ID: "centos", Version: "8", Name: "CentOS Linux", Family: "centos", EOL: "2021-12-31"}},
	} {
		var all []sekisho.OS
		for p, b := range tt.files {
			all = append(all, extract(t, p, b)...)
		}
		got := Choose(all)
		if got == nil {
			t.Errorf("%s: nothing", name)
			continue
		}
		got.Location = sekisho.Location{}
		if len(got.IDLike) == 0 {
			got.IDLike = nil
		}
		if d := cmp.Diff(tt.want, *got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if o := Choose([]sekisho.OS{{ID: "debian", Location: sekisho.Location{Hidden: true}}}); o != nil {
		t.Errorf("a hidden release was chosen: %+v", o)
	}
}

func TestTableHasNoHoles(t *testing.T) {
	if len(supportEnds) < 200 {
		t.Errorf("%d releases only", len(supportEnds))
	}
	for k, v := range supportEnds {
		for _, d := range v {
			if d != "" && (len(d) != 10 || d[4] != '-' || d[7] != '-') {
				t.Errorf("%s: %q is no date", k, d)
			}
		}
	}
}

func FuzzRelease(f *testing.F) {
	f.Add("ID=debian\nVERSION_ID=\"12\"")
	f.Add("CentOS release 6.10 (Final)")
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range []string{"etc/os-release", "etc/lsb-release", "etc/redhat-release", "etc/photon-release"} {
			Choose(extract(t, p, s[:min(len(s), 60<<10)]))
		}
	})
}
