// SPDX-License-Identifier: Apache-2.0

package shell

import "strings"

// parse reads the name of a package as the manager does.
func (u *Use) parse(c *Command, w Word) Package {
	p := Package{Name: w.Text, Word: w}
	text := w.Text
	switch {
	case strings.Contains(text, "://") && !strings.HasPrefix(text, "git+") && u.Family != "go":
		p.Pin = PinURL
	case local(u.Family, &w):
		p.Pin = PinLocal
	default:
		u.version(&p, c, text)
	}
	if !w.Known && p.Pin != PinURL && p.Pin != PinLocal {
		p.Pin = PinUnknown
		// "pkg=$VERSION": the name is known.
		if strings.ContainsAny(p.Name, "$`") {
			p.Name = ""
		}
	}
	return p
}

// local reports a file or directory.
func local(family string, w *Word) bool {
	t := w.Text
	switch {
	case strings.HasPrefix(t, "./"), strings.HasPrefix(t, "../"), strings.HasPrefix(t, "/"), strings.HasPrefix(t, "~/"), t == ".", t == "..", strings.HasPrefix(t, ".["), strings.HasPrefix(t, "file:"):
		return true
	}
	var endings []string
	switch family {
	case "apt":
		endings = []string{".deb"}
	case "apk":
		endings = []string{".apk"}
	case "yum", "dnf", "zypper":
		endings = []string{".rpm"}
	case "pip":
		endings = []string{".whl", ".tar.gz", ".zip", ".tar.bz2"}
	case "npm", "yarn", "pnpm":
		endings = []string{".tgz", ".tar.gz"}
	case "gem":
		endings = []string{".gem"}
	}
	for _, e := range endings {
		if strings.HasSuffix(t, e) {
			return true
		}
	}
	return false
}

// version splits name and version.
func (u *Use) version(p *Package, c *Command, text string) {
	cut := func(at int, pin Pin) {
		p.Name, p.Version, p.Pin = text[:at], text[at+1:], pin
	}
	switch u.Family {
	case "apt":
		switch i := strings.IndexAny(text, "=/"); {
		case i > 0 && text[i] == '=':
			pin := PinExact
			if strings.Contains(text[i:], "*") {
				pin = PinRange
			}
			cut(i, pin)
		case i > 0:
			cut(i, PinRange) // pkg/release
		}
	case "apk":
		if i := strings.IndexAny(text, "=<>~@"); i > 0 {
			switch {
			case text[i] == '@': // a tagged repository, perhaps with a version behind
				cut(i, PinNone)
				if j := strings.IndexAny(p.Version, "=~<>"); j >= 0 {
					p.Version, p.Pin = strings.TrimLeft(p.Version[j:], "=~<>"), PinExact
				}
			case text[i] == '=' && !strings.HasPrefix(text[i:], "=~"):
				cut(i, PinExact)
			default:
				cut(i, PinRange)
				p.Version = strings.TrimLeft(p.Version, "=~<>")
			}
		}
		if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "!") {
			p.Pin = PinLocal // the name of a virtual package, or one to keep out
		}
	case "yum", "dnf":
		if strings.HasPrefix(text, "@") || strings.HasPrefix(text, "-") {
			return
		}
		if i := rpmVersion(text); i > 0 {
			pin := PinExact
			if strings.Contains(text[i:], "*") {
				pin = PinRange
			}
			cut(i, pin)
		}
	case "zypper":
		if i := strings.IndexAny(text, "=<>"); i > 0 {
			pin := PinRange
			if text[i] == '=' {
				pin = PinExact
			}
			cut(i, pin)
			p.Version = strings.TrimLeft(p.Version, "=")
		} else if i := rpmVersion(text); i > 0 {
			cut(i, PinExact)
		}
	case "pip":
		pipVersion(p, text)
	case "npm", "yarn", "pnpm":
		npmVersion(p, text)
	case "gem":
		if i := strings.IndexByte(text, ':'); i > 0 {
			cut(i, PinExact)
		} else if v, ok := c.Value("-v", "--version"); ok {
			p.setVersion(&v)
		}
		if p.Version != "" && strings.ContainsAny(p.Version[:1], "~<>!") {
			p.Pin = PinRange
		}
	case "go":
		u.goVersion(p, text)
	case "cargo":
		if i := strings.LastIndexByte(text, '@'); i > 0 {
			cut(i, PinExact)
		} else if v, ok := c.Value("--version", "--vers"); ok {
			p.setVersion(&v)
		}
		if _, ok := c.Value("--rev", "--tag"); ok {
			p.Pin = PinExact
		}
		if p.Version != "" && strings.ContainsAny(p.Version[:1], "~<>^*") {
			p.Pin = PinRange
		}
		if _, ok := c.Value("--path"); ok {
			p.Pin = PinLocal
		}
	}
}

func (p *Package) setVersion(v *Word) {
	p.Version, p.Pin = v.Text, PinExact
	if !v.Known {
		p.Pin = PinUnknown
	}
}

// rpmVersion finds the hyphen before a version: "curl-7.61.1-33.el8", "go-1.2*".
// A name may have numbers behind hyphens ("python-3" is none, "java-11-openjdk"
// neither), so what follows must look like a version to its end.
func rpmVersion(text string) int {
	for i := 1; i < len(text)-1; i++ {
		if text[i] != '-' || text[i+1] < '0' || text[i+1] > '9' {
			continue
		}
		rest := text[i+1:]
		version, release, _ := strings.Cut(rest, "-")
		if !strings.ContainsAny(version, ".:*") && release == "" {
			continue
		}
		if release != "" && (release[0] < '0' || release[0] > '9') && release[0] != '*' {
			continue
		}
		if strings.Trim(version, "0123456789.:_~^+*abcdefghijklmnopqrstuvwxyz") != "" {
			continue
		}
		return i
	}
	return 0
}

// pipVersion reads a requirement (https://peps.python.org/pep-0508/).
func pipVersion(p *Package, text string) {
	text, _, _ = strings.Cut(text, ";")
	if strings.HasPrefix(text, "git+") || strings.Contains(text, " @ ") || strings.HasPrefix(text, "hg+") || strings.HasPrefix(text, "svn+") {
		p.Pin = PinURL
		if i := strings.Index(text, "://"); i > 0 && strings.Contains(text[:i], "git+") {
			rest, _, _ := strings.Cut(text[i+3:], "#")
			p.Pin = PinRange
			if j := strings.LastIndexByte(rest, '@'); j > 0 && strings.Contains(rest[:j], "/") {
				p.Version, p.Pin = rest[j+1:], gitPin(rest[j+1:])
			}
		}
		return
	}
	i := strings.IndexAny(text, "=<>!~")
	if i <= 0 {
		p.Name = strings.TrimSpace(text)
		return
	}
	p.Name = strings.TrimSpace(text[:i])
	p.Version = strings.TrimSpace(strings.TrimLeft(text[i:], "=<>!~"))
	p.Pin = PinRange
	if strings.HasPrefix(text[i:], "==") && !strings.Contains(text[i:], ",") && !strings.HasSuffix(p.Version, "*") {
		p.Pin = PinExact
	}
}

// gitPin tells a commit or a tag of a version from a branch.
func gitPin(ref string) Pin {
	if len(ref) >= 7 && len(ref) <= 64 && strings.Trim(ref, "0123456789abcdef") == "" {
		return PinExact
	}
	if v := strings.TrimPrefix(ref, "v"); v != "" && v[0] >= '0' && v[0] <= '9' {
		return PinExact
	}
	return PinRange
}

// npmVersion reads "name@version", "@scope/name@version", "user/repository#ref".
func npmVersion(p *Package, text string) {
	if i := strings.LastIndexByte(text, '@'); i > 0 && !strings.HasPrefix(text, "git") {
		p.Name, p.Version = text[:i], strings.TrimPrefix(text[i+1:], "npm:")
		switch {
		case fullVersion(p.Version):
			p.Pin = PinExact
		default:
			p.Pin = PinRange // "^1", "1.x", "1", "latest", "next"
			if p.Version == "latest" || p.Version == "" {
				p.Pin = PinNone
			}
		}
		return
	}
	if strings.HasPrefix(text, "@") {
		return
	}
	if strings.Contains(text, "/") || strings.HasPrefix(text, "git+") {
		p.Pin = PinRange
		if _, ref, ok := strings.Cut(text, "#"); ok {
			p.Version, p.Pin = ref, gitPin(ref)
		}
	}
}

// fullVersion reports a version of three numbers: 1.2.3, 1.2.3-rc.1.
func fullVersion(v string) bool {
	v = strings.TrimPrefix(strings.TrimPrefix(v, "="), "v")
	core := v
	if i := strings.IndexAny(v, "-+"); i >= 0 {
		core = v[:i]
	}
	parts := strings.Split(core, ".")
	for _, part := range parts {
		if part == "" || strings.Trim(part, "0123456789") != "" {
			return false
		}
	}
	return len(parts) == 3
}

// goVersion reads "module/path@version"; without one, go install takes what
// go.mod says, which is exact.
func (u *Use) goVersion(p *Package, text string) {
	i := strings.LastIndexByte(text, '@')
	if i <= 0 {
		p.Pin = PinLocal
		return
	}
	p.Name, p.Version = text[:i], text[i+1:]
	switch {
	case p.Version == "latest" || p.Version == "upgrade" || p.Version == "patch":
		p.Pin = PinNone
	case fullVersion(p.Version) || gitPin(p.Version) == PinExact && !strings.HasPrefix(p.Version, "v"):
		p.Pin = PinExact
	default:
		p.Pin = PinRange
	}
}
