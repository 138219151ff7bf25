// SPDX-License-Identifier: Apache-2.0

package osv

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLocate(t *testing.T) {
	tests := []struct{ ecosystem, name, world, as, channel, by string }{
		{"npm", "@a/B", "npm", "@a/B", "", ""},
		{"PyPI", "Foo__Bar.-baz", "pypi", "foo-bar-baz", "", ""},
		{"Go", "stdlib", "golang", "stdlib", "", ""},
		{"Maven:https://repo.example.com/", "a:b", "maven", "a:b", "", ""},
		{"crates.io", "serde_json", "cargo", "serde_json", "", ""},
		{"RubyGems", "rails", "gem", "rails", "", ""},
		{"Packagist", "Acme/Lib", "composer", "acme/lib", "", ""},
		{"NuGet", "Acme.Lib", "nuget", "acme.lib", "", ""},
		{"Hex", "phoenix", "hex", "phoenix", "", ""},
		{"Pub", "http", "pub", "http", "", ""},
		{"SwiftURL", "https://GitHub.com/vapor/Vapor.git", "swift", "github.com/vapor/Vapor", "", ""},
		{"SwiftURL", "github.com/vapor/vapor", "swift", "github.com/vapor/vapor", "", ""},
		{"GitHub Actions", "Actions/Checkout", "githubactions", "actions/checkout", "", ""},
		{"CRAN", "readxl", "cran", "readxl", "", ""},
		{"Hackage", "aeson", "hackage", "aeson", "", ""},
		{"GHC", "GHC", "binary", "ghc", "", ""},
		{"ConanCenter", "zlib", "conan", "zlib", "", ""},
		{"Julia", "HTTP", "julia", "HTTP", "", ""},
		{"bitnami", "nginx", "bitnami", "nginx", "", ""},
		{"kubernetes", "k8s.io/kubelet", "kubernetes", "k8s.io/kubelet", "", ""},
		{"Debian:12", "curl", "debian/12", "curl", "", "source"},
		{"Ubuntu:22.04:LTS", "curl", "ubuntu/22.04", "curl", "", "source"},
		{"Ubuntu:25.10", "curl", "ubuntu/25.10", "curl", "", "source"},
		{"Ubuntu:Pro:18.04:LTS", "curl", "ubuntu/18.04", "curl", "esm", "source"},
		{"Ubuntu:Pro:FIPS-updates:20.04:LTS", "openssl", "ubuntu/20.04-fips-updates", "openssl", "", "source"},
		{"Ubuntu:Pro:22.04:LTS:Realtime:Kernel", "linux", "ubuntu/22.04-realtime-kernel", "linux", "", "source"},
		{"Ubuntu:22.04:LTS:for:NVIDIA:BlueField", "linux", "ubuntu/22.04-nvidia-bluefield", "linux", "", "source"},
		{"Alpine:v3.20", "curl", "alpine/3.20", "curl", "", "source"},
		{"Alpine", "curl", "alpine/edge", "curl", "", "source"},
		{"Wolfi", "curl", "wolfi", "curl", "", "source"},
		{"Chainguard", "curl", "chainguard", "curl", "", "source"},
		{"AlmaLinux:9", "curl", "alma/9", "curl", "", ""},
		{"Rocky Linux:9", "curl", "rocky/9", "curl", "", "source"},
		{"Red Hat:enterprise_linux:9::appstream", "curl", "redhat/9", "curl", "", ""},
		{"Red Hat:enterprise_linux:10.0", "curl", "redhat/10", "curl", "", ""},
		{"Red Hat:rhel_eus:9.2::baseos", "curl", "redhat/9.2-eus", "curl", "", ""},
		{"Red Hat:rhel_aus:8.6::appstream", "curl", "redhat/8.6-aus", "curl", "", ""},
		{"Red Hat:rhel_els:7", "curl", "redhat/7", "curl", "els", ""},
		{"Red Hat:rhel_extras:7", "docker", "redhat/7", "docker", "extras", ""},
		{"Red Hat:rhel_software_collections:3::el7", "rh-x", "redhat/7", "rh-x", "software-collections", ""},
		{"Red Hat:rhel_software_collections:3", "rh-x", "", "", "", ""},
		{"Red Hat:openshift:4.12::el8", "x", "", "", "", ""},
		{"Red Hat:jboss_core_services:1::el7", "x", "", "", "", ""},
		{"Red Hat:", "x", "", "", "", ""},
		{"redhat:8", "x", "redhat/8", "x", "", ""},
		{"SUSE:Linux Enterprise Server 15 SP5", "x", "suse/sles-15.5", "x", "", ""},
		{"SUSE:Linux Enterprise Server 16.0", "x", "suse/sles-16.0", "x", "", ""},
		{"SUSE:Linux Enterprise Server for SAP Applications 15 SP4", "x", "suse/sles-15.4", "x", "", ""},
		{"SUSE:Linux Enterprise Module for Basesystem 15", "x", "suse/sles-15", "x", "", ""},
		{"SUSE:Linux Enterprise Module for Basesystem 15 SP5", "x", "suse/sles-15.5", "x", "", ""},
		{"SUSE:Linux Enterprise Server 15-LTSS", "x", "suse/sles-15", "x", "ltss", ""},
		{"SUSE:Linux Enterprise High Performance Computing 15 SP3-ESPOS", "x", "suse/sles-15.3", "x", "ltss", ""},
		{"SUSE:Linux Enterprise Server 15 SP1-BCL", "x", "suse/sles-15.1", "x", "bcl", ""},
		{"SUSE:Linux Enterprise Micro 5.3", "x", "suse/sle-micro-5.3", "x", "", ""},
		{"SUSE:Linux Micro 6.0", "x", "suse/sle-micro-6.0", "x", "", ""},
		{"openSUSE:Leap 15.5", "x", "suse/leap-15.5", "x", "", ""},
		{"openSUSE:Leap 15.5 NonFree", "x", "suse/leap-15.5", "x", "", ""},
		{"openSUSE:Leap Micro 5.4", "x", "suse/leap-micro-5.4", "x", "", ""},
		{"openSUSE:Tumbleweed", "x", "suse/tumbleweed", "x", "", ""},
		{"SUSE:Manager Client Tools for SLE Micro 5", "x", "suse/manager-client-tools-for-sle-micro-5", "x", "", ""},
		{"openEuler:22.03-LTS-SP3", "x", "openeuler/22.03-lts-sp3", "x", "", "source"},
		{"Mageia:9", "x", "mageia/9", "x", "", "source"},
		{"Photon OS:4.0", "x", "photon/4.0", "x", "", ""},
		{"Azure Linux:3", "x", "azurelinux/3.0", "x", "", ""},
		{"cbl-mariner:2.0", "x", "azurelinux/2.0", "x", "", ""},
		{"Oracle Linux:8", "x", "oracle/8", "x", "", ""},
		{"Amazon Linux:amazon_linux_2023::al2023_appstream", "x", "amazon/2023", "x", "", ""},
		{"Android", "x", "android", "x", "", ""},
		{"Something New:../7 Rc", "x", "something-new/7-rc", "x", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.ecosystem, func(t *testing.T) {
			p, ok := locate(tt.ecosystem, tt.name, "")
			if ok != (tt.world != "") {
				t.Fatalf("found: %v, %+v", ok, p)
			}
			if !ok {
				return
			}
			by := ""
			if p.bySource {
				by = "source"
			}
			got := []string{p.world, p.name, p.channel, by}
			if d := cmp.Diff([]string{tt.world, tt.as, tt.channel, tt.by}, got); d != "" {
				t.Error(d)
			}
		})
	}
	if p, _ := locate("Rocky Linux:9", "kernel", "pkg:rpm/rocky-linux/kernel?distro=rocky-linux-9-sig-cloud&epoch=0"); p.world != "rocky/9-sig-cloud" {
		t.Error(p.world)
	}
}

func TestModules(t *testing.T) {
	for title, want := range map[string][]string{
		"Red Hat Security Advisory: nodejs:16 security, bug fix, and enhancement update": {"nodejs:16"},
		"Low: virt:rhel and virt-devel:rhel security update":                             {"virt:rhel", "virt-devel:rhel"},
		"Moderate: idm:DL1 security update":                                              {"idm:DL1"},
		"Important: 389-ds:1.4 security update":                                          {"389-ds:1.4"},
		"Moderate: go-toolset:Rocky Linux8 security update":                              {"go-toolset:rhel8"},
		"Important: varnish security update":                                             nil,
		"Update of RHSA-2024:1234":                                                       nil,
	} {
		if d := cmp.Diff(want, modules(title)); d != "" {
			t.Errorf("%s: %s", title, d)
		}
	}
}
