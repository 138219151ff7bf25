// SPDX-License-Identifier: Apache-2.0

package distro

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func extract(t testing.TB, path, body string) []sekisho.OS {
	t.Helper()
	if !(release{}).Wants(&sekisho.File{Path: path}) {
		t.Fatalf("%s is not wanted", path)
	}
	inv, err := release{}.Extract(t.Context(), &sekisho.Input{Path: path, Content: bytes.NewReader([]byte(body)), Size: int64(len(body))})
	if err != nil {
		t.Fatal(err)
	}
	return inv.OS
}

// chosen extracts the files and chooses, in either order.
func chosen(t *testing.T, files map[string]string) *sekisho.OS {
	t.Helper()
	var all []sekisho.OS
	for _, p := range slices.Sorted(maps.Keys(files)) {
		all = append(all, extract(t, p, files[p])...)
	}
	got := Choose(all)
	slices.Reverse(all)
	if d := cmp.Diff(got, Choose(all)); d != "" {
		t.Errorf("the order of the files matters: %s", d)
	}
	return got
}

func TestChoose(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  sekisho.OS
	}{
		{"debian in full", map[string]string{
			"usr/lib/os-release": "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nNAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
			"etc/debian_version": "12.5\n",
		}, sekisho.OS{ID: "debian", Version: "12.5", Name: "Debian GNU/Linux", Codename: "bookworm", PrettyName: "Debian GNU/Linux 12 (bookworm)", Family: "debian", EOL: "2026-07-11", EOLExtended: "2028-06-30"}},
		{"debian testing", map[string]string{
			"etc/os-release": "ID=debian\nNAME=\"Debian GNU/Linux\"\n", "etc/debian_version": "forky/sid\n",
		}, sekisho.OS{ID: "debian", Name: "Debian GNU/Linux", Codename: "forky", Family: "debian"}},
		{
			"debian etch, no os-release",
			map[string]string{"etc/debian_version": "4.0\n"},
			sekisho.OS{ID: "debian", Version: "4.0", Family: "debian", EOL: "2010-02-15"},
		},
		{"distroless", map[string]string{
			"usr/lib/os-release": "PRETTY_NAME=\"Distroless\"\nNAME=\"Debian GNU/Linux\"\nID=\"debian\"\nVERSION_ID=\"11\"\n",
		}, sekisho.OS{ID: "debian", Version: "11", Name: "Debian GNU/Linux", PrettyName: "Distroless", Family: "debian", EOL: "2024-08-14", EOLExtended: "2026-08-31"}},
		{"ubuntu beside debian_version", map[string]string{
			"etc/os-release": "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"22.04\"\nVERSION_CODENAME=jammy\nUBUNTU_CODENAME=jammy\n", "etc/debian_version": "bookworm/sid\n",
			"etc/lsb-release": "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\nDISTRIB_DESCRIPTION=\"Ubuntu 22.04.4 LTS\"\n",
		}, sekisho.OS{ID: "ubuntu", Version: "22.04", Codename: "jammy", IDLike: []string{"debian"}, PrettyName: "Ubuntu 22.04.4 LTS", Family: "ubuntu", EOL: "2027-04-01", EOLExtended: "2032-04-09"}},
		{"old ubuntu, lsb-release only", map[string]string{
			"etc/lsb-release": "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\nDISTRIB_CODENAME=lucid\nDISTRIB_DESCRIPTION=\"Ubuntu 10.04.4 LTS\"\n", "etc/debian_version": "squeeze/sid\n",
		}, sekisho.OS{ID: "ubuntu", Version: "10.04", Codename: "lucid", PrettyName: "Ubuntu 10.04.4 LTS", Family: "ubuntu", EOL: lifetimes["ubuntu 10.04"].regular, EOLExtended: lifetimes["ubuntu 10.04"].extended}},
		{"mint names its parent", map[string]string{
			"etc/os-release": "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=\"22\"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble\n",
		}, sekisho.OS{ID: "linuxmint", Version: "22", Codename: "noble", IDLike: []string{"ubuntu", "debian"}, Family: "ubuntu", Derived: true}},
		{
			"kali",
			map[string]string{"etc/os-release": "ID=kali\nID_LIKE='debian'\nVERSION_ID=2024.1\n"},
			sekisho.OS{ID: "kali", Version: "2024.1", IDLike: []string{"debian"}, Family: "debian", Derived: true},
		},
		{
			"manjaro",
			map[string]string{"etc/os-release": "ID=manjaro\nID_LIKE=arch\n", "etc/arch-release": ""},
			sekisho.OS{ID: "manjaro", IDLike: []string{"arch"}, Family: "arch", Derived: true},
		},
		{"arch", map[string]string{"etc/arch-release": ""}, sekisho.OS{ID: "arch", Family: "arch"}},
		{
			"bottlerocket",
			map[string]string{"etc/os-release": "ID=bottlerocket\nVERSION_ID=1.20.0\n"},
			sekisho.OS{ID: "bottlerocket", Version: "1.20.0"},
		},
		{
			"alpine",
			map[string]string{"etc/os-release": "ID=alpine\nVERSION_ID=3.18\n", "etc/alpine-release": "3.18.9\n"},
			sekisho.OS{ID: "alpine", Version: "3.18.9", Family: "alpine", EOL: "2025-05-09"},
		},
		{
			"alpine edge",
			map[string]string{"etc/os-release": "ID=alpine\nVERSION_ID=3.21.0_alpha20240923\n", "etc/alpine-release": "3.21.0_alpha20240923\n"},
			sekisho.OS{ID: "alpine", Version: "3.21.0_alpha20240923", Codename: "edge", Family: "alpine"},
		},
		{"wolfi", map[string]string{"etc/os-release": "ID=wolfi\nVERSION_ID=\"20230201\"\n"}, sekisho.OS{ID: "wolfi", Version: "20230201", Family: "wolfi"}},
		{"centos 7 in full", map[string]string{
			"etc/os-release": "ID=\"centos\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"7\"\nCPE_NAME=\"cpe:/o:centos:centos:7\"\n", "etc/centos-release": "CentOS Linux release 7.9.2009 (Core)\n",
		}, sekisho.OS{ID: "centos", Version: "7.9.2009", IDLike: []string{"rhel", "fedora"}, CPE: "cpe:/o:centos:centos:7", PrettyName: "CentOS Linux release 7.9.2009 (Core)", Family: "centos", EOL: "2024-06-30"}},
		{
			"centos linux 8",
			map[string]string{"etc/os-release": "ID=centos\nVERSION_ID=8\nNAME=\"CentOS Linux\"\n"},
			sekisho.OS{ID: "centos", Version: "8", Name: "CentOS Linux", Family: "centos", EOL: "2021-12-31"},
		},
		{
			"centos stream 8",
			map[string]string{"etc/os-release": "ID=centos\nVERSION_ID=8\nNAME=\"CentOS Stream\"\n"},
			sekisho.OS{ID: "centos", Version: "8", Name: "CentOS Stream", Family: "centos", EOL: "2024-05-31"},
		},
		{
			"centos 6",
			map[string]string{"etc/redhat-release": "CentOS release 6.10 (Final)\n", "etc/system-release": "CentOS release 6.10 (Final)\n"},
			sekisho.OS{ID: "centos", Version: "6.10", PrettyName: "CentOS release 6.10 (Final)", Family: "centos", EOL: "2020-11-30"},
		},
		{
			"oracle's own file goes first",
			map[string]string{"etc/redhat-release": "Red Hat Enterprise Linux Server release 6.9 (Santiago)\n", "etc/oracle-release": "Oracle Linux Server release 6.9\n"},
			sekisho.OS{ID: "ol", Version: "6.9", PrettyName: "Oracle Linux Server release 6.9", Family: "ol", EOL: "2021-03-31", EOLExtended: "2024-12-31"},
		},
		{
			"rhel minor release",
			map[string]string{"etc/os-release": "ID=\"rhel\"\nVERSION_ID=\"8.9\"\n"},
			sekisho.OS{ID: "rhel", Version: "8.9", Family: "rhel", EOL: "2029-05-31", EOLExtended: "2033-05-31"},
		},
		{
			"amazon linux 1",
			map[string]string{"etc/system-release": "Amazon Linux AMI release 2018.03\n"},
			sekisho.OS{ID: "amzn", Version: "2018.03", PrettyName: "Amazon Linux AMI release 2018.03", Family: "amzn", EOL: "2023-12-31"},
		},
		{
			"amazon linux 2023",
			map[string]string{"etc/os-release": "ID=\"amzn\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"2023\"\n"},
			sekisho.OS{ID: "amzn", Version: "2023", IDLike: []string{"fedora"}, Family: "amzn", EOL: "2029-06-30"},
		},
		{
			"sles service pack",
			map[string]string{"etc/os-release": "ID=\"sles\"\nID_LIKE=\"suse\"\nVERSION_ID=\"15.3\"\n"},
			sekisho.OS{ID: "sles", Version: "15.3", IDLike: []string{"suse"}, Family: "sles", EOL: "2022-12-31", EOLExtended: "2025-12-31"},
		},
		{
			"sles 11",
			map[string]string{"etc/SuSE-release": "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n"},
			sekisho.OS{ID: "sles", Version: "11.4", PrettyName: "SUSE Linux Enterprise Server 11 (x86_64)", Family: "sles", EOL: "2019-03-31", EOLExtended: "2022-03-31"},
		},
		{
			"a service pack of the future has no date of another",
			map[string]string{"etc/os-release": "ID=sles\nVERSION_ID=15.99\n"},
			sekisho.OS{ID: "sles", Version: "15.99", Family: "sles"},
		},
		{
			"leap",
			map[string]string{"etc/os-release": "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\nVERSION_ID=\"15.6\"\n"},
			sekisho.OS{ID: "opensuse-leap", Version: "15.6", IDLike: []string{"suse", "opensuse"}, Family: "opensuse-leap", EOL: "2026-04-30"},
		},
		{
			"micro's new name",
			map[string]string{"etc/os-release": "ID=\"sl-micro\"\nID_LIKE=\"suse\"\nVERSION_ID=\"6.0\"\n"},
			sekisho.OS{ID: "sl-micro", Version: "6.0", IDLike: []string{"suse"}, Family: "sle-micro", EOL: "2028-06-30"},
		},
		{
			"mariner in full",
			map[string]string{"etc/os-release": "ID=mariner\nVERSION_ID=\"2.0\"\n", "etc/mariner-release": "CBL-Mariner 2.0.20240112\nMARINER_BUILD_NUMBER=x\n"},
			sekisho.OS{ID: "mariner", Version: "2.0.20240112", PrettyName: "CBL-Mariner 2.0.20240112", Family: "mariner", EOL: "2025-07-31"},
		},
		{
			"photon",
			map[string]string{"etc/os-release": "ID=photon\nVERSION_ID=4.0\n", "etc/lsb-release": "DISTRIB_ID=\"VMware Photon OS\"\nDISTRIB_RELEASE=\"4.0\"\nDISTRIB_CODENAME=Photon\n"},
			sekisho.OS{ID: "photon", Version: "4.0", Codename: "Photon", Family: "photon", EOL: "2027-10-11"},
		},
		{
			"escapes",
			map[string]string{"etc/os-release": "# ID=no\nID=\"Debian\"\nNAME=\"a \\\"b\\\" \\$c \\x\"\nPRETTY_NAME='d \\\" e'\n BROKEN\n=x\n"},
			sekisho.OS{ID: "debian", Name: `a "b" $c \x`, PrettyName: `d \" e`, Family: "debian"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := chosen(t, tt.files)
			if got == nil {
				t.Fatal("nothing was chosen")
			}
			if got.Location.Path == "" {
				t.Error("the release has no location")
			}
			got.Location = sekisho.Location{}
			if d := cmp.Diff(tt.want, *got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestChooseVisible(t *testing.T) {
	hidden := sekisho.Location{Path: "etc/os-release", Hidden: true}
	seen := sekisho.Location{Path: "usr/lib/os-release", Index: 1}
	all := []sekisho.OS{{ID: "debian", Version: "11", Location: hidden}, {ID: "debian", Version: "12", Location: seen}, {ID: "debian", Version: "12.9", Location: hidden}}
	if o := Choose(all); o == nil || o.Version != "12" || o.Location.Index != 1 {
		t.Errorf("%+v", o)
	}
	if o := Choose(all[:1]); o != nil {
		t.Errorf("a hidden release was chosen: %+v", o)
	}
	if all[1].Family != "" {
		t.Error("Choose wrote to what it was given")
	}
	if Choose(nil) != nil {
		t.Error("something came from nothing")
	}
}

// The roots of real distributions.
func TestRealRoots(t *testing.T) {
	const shared = "../../../../shared/rootfs/"
	for dir, want := range map[string]string{
		"alpine-3.10": "alpine 3.10.9 alpine 2021-05-01", "alpine-3.20": "alpine 3.20.3 alpine 2026-04-01",
		"alpine-edge": "alpine 3.21.0_alpha20240923 alpine ", "azurelinux-2.0": "mariner 2.0 mariner 2025-07-31",
		"sles-15": "sles 15.3 sles 2022-12-31",
	} {
		if _, err := os.Stat(shared + dir); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skipf("the shared data is not here: %v", err)
		}
		files := map[string]string{}
		err := filepath.WalkDir(shared+dir, func(p string, d os.DirEntry, err error) error {
			rel := strings.TrimPrefix(filepath.ToSlash(p), shared+dir+"/")
			if err != nil || d.IsDir() || !(release{}).Wants(&sekisho.File{Path: rel}) {
				return err
			}
			b, err := os.ReadFile(p)
			files[rel] = string(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		o := chosen(t, files)
		if got := strings.Join([]string{o.ID, o.Version, o.Family, o.EOL}, " "); got != want {
			t.Errorf("%s is %q, want %q", dir, got, want)
		}
	}
}

func TestReleaseRefusesGiants(t *testing.T) {
	inv, err := release{}.Extract(t.Context(), &sekisho.Input{Path: "etc/os-release", Content: bytes.NewReader(nil), Size: maxRelease + 1})
	if err == nil || len(inv.OS) > 0 {
		t.Errorf("%+v, %v", inv.OS, err)
	}
}

func TestWantsNot(t *testing.T) {
	for _, p := range []string{"etc/os-release.bak", "srv/etc/os-release", "etc/issue", "usr/lib/os-release.d/x", "etc/", ""} {
		if (release{}).Wants(&sekisho.File{Path: p}) {
			t.Errorf("%q is wanted", p)
		}
	}
}

// Every family that is not rolling has dates.
func TestFamiliesHaveLifetimes(t *testing.T) {
	rolling := []string{"arch", "wolfi", "chainguard", "opensuse-tumbleweed", "azurelinux"} // of azurelinux 3 none is published here
	for _, f := range families {
		found := false
		for k := range lifetimes {
			found = found || strings.HasPrefix(k, f+" ")
		}
		if found == slices.Contains(rolling, f) {
			t.Errorf("%s: has dates: %v", f, found)
		}
	}
	for k, l := range lifetimes {
		product, version, _ := strings.Cut(k, " ")
		if date(l.regular) == "" || l.extended != "" && l.extended <= l.regular {
			t.Errorf("%s: %+v", k, l)
		}
		if c := cycle(product, version); c != version && lifetimes[product+" "+c].regular == "" && !strings.HasPrefix(product, "debian") {
			t.Errorf("%s is never found: it is looked for as %s", k, c)
		}
	}
}

func FuzzRelease(f *testing.F) {
	f.Add("ID=debian\nVERSION_ID=\"12\"")
	f.Add("CentOS release 6.10 (Final)")
	f.Add("SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n")
	f.Fuzz(func(t *testing.T, s string) {
		var all []sekisho.OS
		for _, p := range []string{"etc/os-release", "etc/lsb-release", "etc/redhat-release", "etc/SuSE-release", "etc/debian_version", "etc/alpine-release"} {
			for _, o := range extract(t, p, s[:min(len(s), maxRelease)]) {
				if o.ID == "" || o.Location.Path != p {
					t.Fatalf("%+v", o)
				}
				all = append(all, o)
			}
		}
		if o := Choose(all); (o == nil) != (len(all) == 0) {
			t.Fatalf("%d facts gave %+v", len(all), o)
		}
	})
}
