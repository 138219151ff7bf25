// SPDX-License-Identifier: Apache-2.0

// Package distro knows which distribution's release a file system is: from
// os-release, or from the older files where there is none. It does not know
// packages.
//
// Format: https://www.freedesktop.org/software/systemd/man/latest/os-release.html.
package distro

import (
	"context"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors of the release.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{release{}} }

type release struct{}

func (release) Name() string { return "distro/release" }
func (release) Version() int { return 1 }

// Files that name a release. The value is the ID that a file which says only a
// version stands for; empty where the file itself names it.
func known(p string) (id string, ok bool) {
	switch p {
	case "etc/os-release", "usr/lib/os-release", "etc/lsb-release", "etc/redhat-release", "etc/centos-release",
		"etc/system-release", "etc/fedora-release", "etc/oracle-release", "etc/SuSE-release":
		return "", true
	case "etc/alpine-release":
		return "alpine", true
	case "etc/debian_version":
		return "debian", true
	case "etc/arch-release":
		return "arch", true
	case "etc/photon-release":
		return "photon", true
	case "etc/mariner-release":
		return "mariner", true
	}
	return "", false
}

func (release) Wants(f *sekisho.File) bool {
	if len(f.Path) > 20 || f.Size > 64<<10 {
		return false
	}
	_, ok := known(f.Path)
	return ok
}

func (release) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	id, _ := known(in.Path)
	var o sekisho.OS
	switch {
	case strings.HasSuffix(in.Path, "os-release"):
		o = osRelease(string(b))
	case in.Path == "etc/lsb-release":
		f := fields(string(b))
		o = sekisho.OS{ID: strings.ToLower(f["DISTRIB_ID"]), Version: f["DISTRIB_RELEASE"], Codename: f["DISTRIB_CODENAME"], PrettyName: f["DISTRIB_DESCRIPTION"]}
	case id != "":
		v, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
		if id == "photon" || id == "mariner" { // "VMware Photon OS 3.0"
			v = number(v)
		}
		o = sekisho.OS{ID: id, Version: v}
	default:
		o = sentence(string(b))
	}
	if o.ID != "" {
		inv.OS = []sekisho.OS{o}
	}
	return inv, nil
}

func osRelease(s string) sekisho.OS {
	f := fields(s)
	return sekisho.OS{
		ID: strings.ToLower(f["ID"]), Version: f["VERSION_ID"], Name: f["NAME"], Codename: f["VERSION_CODENAME"],
		IDLike: strings.Fields(strings.ToLower(f["ID_LIKE"])), CPE: f["CPE_NAME"], PrettyName: f["PRETTY_NAME"],
	}
}

// fields reads shell assignments; quotes are removed, nothing is expanded.
func fields(s string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(s) {
		k, v, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.HasPrefix(k, "#") || len(v) > 1000 {
			continue
		}
		if n := len(v); n >= 2 && (v[0] == '"' || v[0] == '\'') && v[n-1] == v[0] {
			v = v[1 : n-1]
			v = strings.NewReplacer(`\"`, `"`, `\$`, `$`, "\\`", "`", `\\`, `\`).Replace(v)
		}
		m[k] = v
	}
	return m
}

// sentence reads "CentOS Linux release 7.9.2009 (Core)" and its relatives.
func sentence(s string) sekisho.OS {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	o := sekisho.OS{PrettyName: line, Version: number(line)}
	low := strings.ToLower(line)
	for _, w := range []struct{ word, id string }{
		{"centos", "centos"}, {"red hat", "rhel"}, {"fedora", "fedora"}, {"rocky", "rocky"}, {"almalinux", "almalinux"},
		{"oracle", "ol"}, {"amazon", "amzn"}, {"opensuse", "opensuse-leap"}, {"suse linux enterprise", "sles"},
	} {
		if strings.Contains(low, w.word) {
			o.ID = w.id
			break
		}
	}
	return o
}

// number is the first word that looks like a version.
func number(s string) string {
	for _, w := range strings.Fields(s) {
		if w[0] >= '0' && w[0] <= '9' {
			return w
		}
	}
	return ""
}
