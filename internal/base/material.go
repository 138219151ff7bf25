// SPDX-License-Identifier: Apache-2.0

package base

import (
	"net/url"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Material is an image that a build took something from.
type Material struct {
	// Name is a reference without digest, "docker.io/library/golang:1.22".
	Name   string
	Digest string
}

// Reference is what can be opened: by digest where that is known.
func (m Material) Reference() string {
	if m.Digest == "" {
		return m.Name
	}
	name := m.Name
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name = name[:colon]
	}
	return name + "@" + m.Digest
}

// tools are images that a build runs and that give nothing to its result: the
// frontend that reads the Dockerfile, and the scanner of BuildKit.
var tools = [...]string{"docker.io/docker/dockerfile", "docker.io/docker/dockerfile-upstream", "docker.io/docker/buildkit-syft-scanner", "docker.io/moby/buildkit"}

// Materials are the images of a provenance, each once, in its order. They are
// written "pkg:docker/debian@12?platform=linux%2Famd64 sha256:...", see
// https://github.com/package-url/purl-spec/blob/main/PURL-TYPES.rst#docker.
func Materials(p *sekisho.Provenance) []Material {
	var out []Material
	seen := map[Material]bool{}
	for _, line := range p.Materials {
		uri, digests, _ := strings.Cut(line, " ")
		m := Material{}
		if rest, ok := strings.CutPrefix(uri, "pkg:docker/"); ok {
			m.Name, m.Digest = dockerPURL(rest)
		} else if rest, ok := strings.CutPrefix(uri, "docker-image://"); ok {
			m.Name, m.Digest, _ = strings.Cut(rest, "@")
		}
		if m.Name == "" {
			continue
		}
		for d := range strings.FieldsSeq(digests) {
			if strings.HasPrefix(d, "sha256:") {
				m.Digest = d
			}
		}
		tool := false
		for _, t := range tools {
			name := Normal(m.Name)
			tool = tool || name == t || strings.HasPrefix(name, t+":")
		}
		if !tool && !seen[m] {
			seen[m] = true
			out = append(out, m)
		}
	}
	return out
}

// dockerPURL reads "library/debian@12?platform=..." into a reference.
func dockerPURL(s string) (name, digest string) {
	s, query, _ := strings.Cut(s, "?")
	path, version, _ := strings.Cut(s, "@")
	path, err := url.PathUnescape(path)
	if err != nil {
		return "", ""
	}
	if version, err = url.PathUnescape(version); err != nil {
		return "", ""
	}
	if q, err := url.ParseQuery(query); err == nil {
		digest = q.Get("digest")
	}
	switch {
	case strings.HasPrefix(version, "sha256:"):
		digest = version
	case version != "":
		path += ":" + version
	}
	return path, digest
}

// Normal writes a reference in full, without its digest: "debian" is
// "docker.io/library/debian:latest".
func Normal(ref string) string {
	ref, digest, pinned := strings.Cut(ref, "@")
	ref = strings.TrimPrefix(ref, "docker-image://")
	tag := ""
	if colon := strings.LastIndexByte(ref, ':'); colon > strings.LastIndexByte(ref, '/') {
		ref, tag = ref[:colon], ref[colon:]
	}
	if tag == "" && (!pinned || digest == "") {
		tag = ":latest"
	}
	first, rest, ok := strings.Cut(ref, "/")
	switch {
	case !ok:
		return "docker.io/library/" + ref + tag
	case first == "index.docker.io" || first == "registry-1.docker.io":
		return "docker.io/" + rest + tag
	case first == "docker.io" && !strings.Contains(rest, "/"):
		return "docker.io/library/" + rest + tag
	case strings.ContainsAny(first, ".:") || first == "localhost":
		return ref + tag
	}
	return "docker.io/" + ref + tag
}

// sameName says whether two references mean one image: by digest where both
// have one, else by name and tag.
func sameName(a, b string) bool {
	_, x, _ := strings.Cut(a, "@")
	_, y, _ := strings.Cut(b, "@")
	if x != "" && y != "" {
		return x == y
	}
	if a == "" || b == "" {
		return false
	}
	m, n := Normal(a), Normal(b)
	if m == n {
		return true
	}
	// One is pinned without a tag, and the other has one: the name decides.
	if (x != "") != (y != "") {
		return bare(m) == bare(n) && (bare(m) == m || bare(n) == n)
	}
	return false
}

// bare is a reference without its tag.
func bare(ref string) string {
	if colon := strings.LastIndexByte(ref, ':'); colon > strings.LastIndexByte(ref, '/') {
		return ref[:colon]
	}
	return ref
}
