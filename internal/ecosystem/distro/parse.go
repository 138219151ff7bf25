// SPDX-License-Identifier: Apache-2.0

package distro

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxValue is the length of the longest value that is kept, in bytes.
const maxValue = 1000

// parseOSRelease reads os-release. A derivative that names the release of its
// parent (UBUNTU_CODENAME, DEBIAN_CODENAME) gets that as its code name, since
// that is what its packages follow.
func parseOSRelease(s string) sekisho.OS {
	f := assignments(s)
	os := sekisho.OS{
		ID: strings.ToLower(f["ID"]), Version: f["VERSION_ID"], Name: f["NAME"], Codename: f["VERSION_CODENAME"],
		CPE: f["CPE_NAME"], PrettyName: f["PRETTY_NAME"],
	}
	if like := strings.Fields(strings.ToLower(f["ID_LIKE"])); len(like) > 0 {
		os.IDLike = like
	}
	for _, parent := range []string{"ubuntu", "debian"} {
		if c := f[strings.ToUpper(parent)+"_CODENAME"]; c != "" && os.ID != parent && os.ID != "ubuntu" {
			os.Codename = c
			break
		}
	}
	if os.ID == "alpine" && strings.Contains(os.Version, "_") {
		os.Codename = "edge" // 3.21.0_alpha20240923
	}
	return os
}

// assignments reads shell assignments the way os-release(5) allows them: quotes
// are taken off, the escapes inside them undone, nothing is expanded.
func assignments(s string) map[string]string {
	f := map[string]string{}
	for line := range strings.Lines(s) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || key == "" || key[0] == '#' || len(value) > maxValue {
			continue
		}
		if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			quote := value[0]
			if value = value[1 : n-1]; quote == '"' && strings.IndexByte(value, '\\') >= 0 {
				value = unescape(value)
			}
		}
		f[strings.Clone(key)] = strings.Clone(value)
	}
	return f
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\"$`\\", s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// names are the words by which a sentence tells its distribution, the more
// particular first: Oracle's and CentOS's sentences may speak of Red Hat too.
var names = []struct{ words, id string }{
	{"centos", "centos"},
	{"rocky", "rocky"},
	{"almalinux", "almalinux"},
	{"oracle linux", "ol"},
	{"enterprise linux enterprise linux", "ol"}, // release 5
	{"amazon linux", "amzn"},
	{"fedora", "fedora"},
	{"red hat", "rhel"},
	{"photon", "photon"},
	{"mariner", "mariner"},
	{"azure linux", "azurelinux"},
	{"suse linux enterprise server", "sles"},
	{"suse linux enterprise desktop", "sled"},
	{"opensuse", "opensuse-leap"},
}

// parseSentence reads "CentOS Linux release 7.9.2009 (Core)" and its kin.
func parseSentence(line string) sekisho.OS {
	if len(line) > maxValue {
		return sekisho.OS{}
	}
	low := strings.ToLower(line)
	for _, n := range names {
		if strings.Contains(low, n.words) {
			os := sekisho.OS{ID: n.id, PrettyName: line, Version: number(line)}
			if strings.Contains(low, "centos stream") {
				os.Name = streamName
			}
			return os
		}
	}
	return sekisho.OS{}
}

// number is the first word that begins with a digit.
func number(s string) string {
	for w := range strings.FieldsSeq(s) {
		if '0' <= w[0] && w[0] <= '9' {
			return w
		}
	}
	return ""
}

// parseSuSE reads SuSE-release, whose sentence names no service pack.
func parseSuSE(s string) sekisho.OS {
	os := parseSentence(firstLine(s))
	for line := range strings.Lines(s) {
		key, value, _ := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		switch key = strings.TrimSpace(key); {
		case key == "VERSION" && value != "" && len(value) < maxValue:
			os.Version = value
		case key == "PATCHLEVEL" && value != "" && value != "0" && len(value) < maxValue && strings.IndexByte(os.Version, '.') < 0:
			os.Version += "." + value
		}
	}
	return os
}

// parseDebianVersion reads "12.5", and "trixie/sid" of what is not released.
func parseDebianVersion(line string) sekisho.OS {
	os := sekisho.OS{ID: "debian"}
	switch {
	case line == "" || len(line) > 100:
		return sekisho.OS{}
	case '0' <= line[0] && line[0] <= '9':
		os.Version = line
	default:
		os.Codename, _, _ = strings.Cut(line, "/")
	}
	return os
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.Clone(strings.TrimSpace(line))
}
