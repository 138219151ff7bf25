// SPDX-License-Identifier: Apache-2.0

package osv

import (
	"strings"
)

// place is where a package of an OSV ecosystem is looked up.
type place struct {
	world, name, channel string
	bySource             bool
	// distro is true for the packages of a distribution, whose advisories
	// list flaws of others.
	distro bool
}

// languages maps the ecosystems of programming languages and products, in lower
// case and up to the first colon, to worlds.
var languages = map[string]string{
	"npm": "npm", "pypi": "pypi", "go": "golang", "maven": "maven", "crates.io": "cargo",
	"rubygems": "gem", "packagist": "composer", "nuget": "nuget", "hex": "hex", "pub": "pub",
	"swifturl": "swift", "github actions": "githubactions", "cran": "cran", "bioconductor": "bioconductor",
	"hackage": "hackage", "conancenter": "conan", "julia": "julia", "cpan": "cpan",
	"bitnami": "bitnami", "ghc": "binary", "kubernetes": "kubernetes", "luarocks": "luarocks",
}

// distros maps the ecosystems of distributions, in lower case, to worlds where
// all that follows is the release; source says that their records name source
// packages.
var distros = map[string]struct {
	world  string
	source bool
}{
	"debian": {"debian", true}, "wolfi": {"wolfi", true}, "chainguard": {"chainguard", true},
	"minimos": {"minimos", true}, "echo": {"echo", true}, "almalinux": {"alma", false},
	"openeuler": {"openeuler", true}, "mageia": {"mageia", true}, "photon os": {"photon", false},
	"azure linux": {"azurelinux", false}, "cbl-mariner": {"azurelinux", false}, "centos": {"centos", false},
	"oracle linux": {"oracle", false}, "alpaquita": {"alpaquita", true}, "bellsoft hardened containers": {"bellsoft", true},
}

// locate finds the world of a package and its name there. ok is false for the
// streams of Red Hat that are no part of RHEL, see redhat. An ecosystem that
// nobody has heard of is a world of its own, named after it.
func locate(ecosystem, name, purl string) (p place, ok bool) {
	base, rest, _ := strings.Cut(ecosystem, ":")
	key := strings.ToLower(strings.TrimSpace(base))
	if w, ok := languages[key]; ok {
		return place{world: w, name: languageName(w, name)}, name != ""
	}
	p = place{name: name, distro: true}
	switch key {
	case "ubuntu":
		p.bySource = true
		p.world, p.channel = ubuntu(rest)
	case "alpine":
		p.bySource = true
		p.world = release("alpine", strings.TrimPrefix(rest, "v"), "edge")
	case "rocky linux":
		p.bySource = true
		p.world = release("rocky", rest, "")
		if i := strings.Index(purl, "-sig-"); i >= 0 {
			// The builds of a special interest group replace the release's own:
			// their fixes say nothing of those.
			sig, _, _ := strings.Cut(purl[i+1:], "&")
			p.world += "-" + slug(sig)
		}
	case "red hat", "redhat":
		if p.world, p.channel = redhat(rest); p.world == "" {
			return p, false
		}
	case "suse", "opensuse":
		p.world, p.channel = suse(key, rest)
	case "amazon linux":
		v := strings.TrimPrefix(rest, "amazon_linux_")
		v, _, _ = strings.Cut(v, ":")
		p.world = release("amazon", v, "")
	default:
		d, known := distros[key]
		switch {
		case known && d.world == "azurelinux" && rest != "" && !strings.Contains(rest, "."):
			rest += ".0"
		case known && d.world == "oracle":
			rest = strings.TrimPrefix(rest, "ol")
			rest, _, _ = strings.Cut(rest, "_")
		case !known:
			d.world = slug(base)
			p.distro = false
		}
		p.bySource = d.source
		p.world = release(d.world, rest, "")
	}
	return p, name != "" && p.world != ""
}

// release joins a world's name and release.
func release(world, version, without string) string {
	if version = slug(version); version == "" {
		version = without
	}
	if version == "" {
		return world
	}
	return world + "/" + version
}

// slug is s in lower case with all that is neither letter, digit, dot, nor
// underscore made a single dash: a name that is safe in paths.
func slug(s string) string {
	var b strings.Builder
	dash, last := false, rune(0)
	for _, r := range strings.ToLower(s) {
		if r == '.' && last == '.' {
			continue // no path leads up
		}
		last = r
		if r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
			continue
		}
		dash = true
	}
	return strings.Trim(b.String(), ".-")
}

// languageName is the name under which a world's packages are looked up.
func languageName(world, name string) string {
	switch world {
	case "pypi":
		return pep503(name)
	case "composer", "nuget", "githubactions", "binary":
		return strings.ToLower(name)
	case "swift":
		return swiftName(name)
	}
	return name
}

// pep503 normalises a name of PyPI, see
// https://peps.python.org/pep-0503/#normalized-names.
func pep503(name string) string {
	b := make([]byte, 0, len(name))
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '-' || c == '_' || c == '.':
			if n := len(b); n > 0 && b[n-1] == '-' {
				continue
			}
			c = '-'
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return string(b)
}

// swiftName is a package's address without scheme and ".git", the host in lower
// case, as the lock files' packages are named.
func swiftName(name string) string {
	if _, rest, ok := strings.Cut(name, "://"); ok {
		name = rest
	}
	host, path, ok := strings.Cut(name, "/")
	if !ok {
		return name
	}
	return strings.ToLower(host) + "/" + strings.TrimSuffix(strings.Trim(path, "/"), ".git")
}

// ubuntu reads "22.04:LTS", "Pro:22.04:LTS", "Pro:FIPS-updates:20.04:LTS",
// "Pro:22.04:LTS:Realtime:Kernel". Pro's fixes carry the release's own line on:
// a channel. FIPS, real-time and vendors' kernels are other builds of the same
// names, by which the release's packages must not be judged: worlds of their own.
func ubuntu(rest string) (world, channel string) {
	var version string
	var variant []string
	pro := false
	for s := range strings.SplitSeq(rest, ":") {
		switch {
		case strings.EqualFold(s, "LTS"), s == "":
		case strings.EqualFold(s, "Pro"):
			pro = true
		case version == "" && s[0] >= '0' && s[0] <= '9':
			version = s
		case !strings.EqualFold(s, "for"):
			variant = append(variant, s)
		}
	}
	switch {
	case len(variant) > 0:
		version += "-" + strings.Join(variant, "-")
	case pro:
		channel = "esm"
	}
	return release("ubuntu", version, ""), channel
}
