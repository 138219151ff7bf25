// SPDX-License-Identifier: Apache-2.0

package maven

import "bytes"

// manifest is the main section of META-INF/MANIFEST.MF, as far as it says what
// the archive is. See
// https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html#jar-manifest,
// OSGi Core chapter 3 for the Bundle-* and
// https://www.jenkins.io/doc/developer/plugin-development/ for the others.
type manifest struct {
	implTitle, implVersion, implVendorID string
	bundleName, bundleVersion            string
	module                               string
	specVersion                          string
	pluginGroup, pluginName, pluginVer   string
	license                              string
}

// maxManifest is how much of a manifest is read, in bytes: the main section
// stands first, and the digests of signed files behind it do not matter.
const maxManifest = 128 << 10

// parseManifest reads the main section, which ends at the first empty line.
func parseManifest(b []byte) manifest {
	var m manifest
	for len(b) > 0 {
		var line []byte
		if line, b = cutLine(b); len(line) == 0 {
			break
		}
		key, value, ok := bytes.Cut(line, []byte(":"))
		to := m.field(key)
		if !ok || to == nil {
			continue
		}
		text := string(bytes.TrimPrefix(value, []byte(" ")))
		for len(b) > 0 && b[0] == ' ' && len(text) < 4096 {
			var more []byte
			more, b = cutLine(b[1:])
			text += string(more)
		}
		*to = string(bytes.TrimSpace([]byte(text)))
	}
	return m
}

func (m *manifest) field(key []byte) *string {
	if len(key) > 32 {
		return nil
	}
	for _, f := range [...]struct {
		name string
		to   *string
	}{
		{"Implementation-Title", &m.implTitle},
		{"Implementation-Version", &m.implVersion},
		{"Implementation-Vendor-Id", &m.implVendorID},
		{"Bundle-SymbolicName", &m.bundleName},
		{"Bundle-Version", &m.bundleVersion},
		{"Automatic-Module-Name", &m.module},
		{"Specification-Version", &m.specVersion},
		{"Group-Id", &m.pluginGroup},
		{"Short-Name", &m.pluginName},
		{"Plugin-Version", &m.pluginVer},
		{"Bundle-License", &m.license},
	} {
		if bytes.EqualFold(key, []byte(f.name)) {
			return f.to
		}
	}
	return nil
}

// cutLine cuts at LF, CR or CR LF.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexAny(b, "\r\n")
	if i < 0 {
		return b, nil
	}
	rest = b[i+1:]
	if b[i] == '\r' && len(rest) > 0 && rest[0] == '\n' {
		rest = rest[1:]
	}
	return b[:i], rest
}

// parseProperties reads group, artifact and version of a pom.properties; see
// java.util.Properties.load for the notation.
func parseProperties(b []byte) coordinates {
	var c coordinates
	for len(b) > 0 {
		var line []byte
		line, b = cutLine(b)
		line = bytes.TrimLeft(line, " \t\f")
		i := bytes.IndexAny(line, "=: \t")
		if i <= 0 || line[0] == '#' || line[0] == '!' {
			continue
		}
		var to *string
		switch string(line[:i]) {
		case "groupId":
			to = &c.group
		case "artifactId":
			to = &c.artifact
		case "version":
			to = &c.version
		default:
			continue
		}
		value := bytes.TrimSpace(bytes.TrimLeft(line[i:], "=: \t"))
		if bytes.IndexByte(value, '\\') >= 0 {
			value = bytes.ReplaceAll(value, []byte{'\\'}, nil)
		}
		*to = string(value)
	}
	return c
}
