// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// place is the target of a result, as exceptions name it.
type place struct {
	target *sekisho.Target
	// names are the spellings of the image's repository; empty where the target
	// is no image. tag is empty when the image was named by its digest.
	names   []string
	tag     string
	digests []string
	// packages of the result by type, namespace and name; made when needed.
	result   *sekisho.Result
	packages map[[3]string][]*sekisho.Package
}

func newPlace(r *sekisho.Result) *place {
	p := &place{target: &r.Target, result: r}
	if r.Target.Kind != sekisho.KindImage && r.Target.Kind != sekisho.KindSBOM {
		return p
	}
	var digest string
	var repository string
	repository, p.tag, digest = splitReference(r.Target.Name)
	p.names = spellings(repository)
	for _, d := range []string{r.Target.Digest, r.Target.IndexDigest, r.Target.ConfigDigest, digest} {
		if d != "" {
			p.digests = append(p.digests, d)
		}
	}
	if p.tag == "" && digest == "" {
		p.tag = "latest"
	}
	return p
}

// splitReference gives the parts of "registry:5000/name:tag@sha256:...".
func splitReference(s string) (repository, tag, digest string) {
	s, digest, _ = strings.Cut(s, "@")
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, '/') {
		s, tag = s[:i], s[i+1:]
	}
	return s, tag, digest
}

// spellings of a repository: Docker Hub's are written in three ways.
func spellings(repository string) []string {
	short := strings.TrimPrefix(repository, "docker.io/")
	short = strings.TrimPrefix(short, "index.docker.io/")
	short = strings.TrimPrefix(short, "library/")
	out := []string{repository}
	first, _, rest := strings.Cut(short, "/")
	switch {
	case !rest:
		out = append(out, short, "library/"+short, "docker.io/library/"+short)
	case !strings.ContainsAny(first, ".:") && first != "localhost":
		out = append(out, short, "docker.io/"+short)
	}
	return out
}

// image says whether the target is an image that the pattern means.
func (p *place) image(pattern string) bool {
	if len(p.names) == 0 {
		return false
	}
	if strings.HasPrefix(pattern, "sha256:") || strings.HasPrefix(pattern, "sha512:") {
		return slices.Contains(p.digests, pattern)
	}
	repository, tag, digest := splitReference(pattern)
	if digest != "" && !slices.Contains(p.digests, digest) {
		return false
	}
	if tag != "" && (p.tag == "" || !wild(tag, p.tag)) {
		return false
	}
	return slices.ContainsFunc(p.names, func(name string) bool {
		return matched(repository, name)
	})
}

// matched compares a whole repository: "*" stays within a part of it, but at the
// end it stands for the rest.
func matched(pattern, name string) bool {
	parts := strings.Split(pattern, "/")
	if len(parts) > 1 && parts[len(parts)-1] == "*" || pattern == "*" {
		parts = append(parts, "**")
	}
	all := reach(parts, strings.Split(name, "/"))
	return all[len(all)-1]
}

// applies says whether an exception is about the target.
func (p *place) applies(e *entry) bool {
	if e.Image != "" && !p.image(e.Image) {
		return false
	}
	switch {
	case e.product == nil:
		return true
	case e.product.Type == "oci" || e.product.Type == "docker":
		return p.imagePURL(e.product)
	}
	if p.packages == nil {
		p.packages = map[[3]string][]*sekisho.Package{}
		for i := range p.result.Packages {
			if u, err := sekisho.ParsePURL(p.result.Packages[i].PURL); err == nil {
				k := [3]string{u.Type, u.Namespace, u.Name}
				p.packages[k] = append(p.packages[k], &p.result.Packages[i])
			}
		}
	}
	return slices.ContainsFunc(p.packages[[3]string{e.product.Type, e.product.Namespace, e.product.Name}], func(pkg *sekisho.Package) bool {
		have, err := sekisho.ParsePURL(pkg.PURL)
		return err == nil && matchPURL(e.product, &have, pkg.Version)
	})
}

// imagePURL says whether the target is the image of a package URL
// (https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md):
// the version is a digest, and the repository and tag are qualifiers.
func (p *place) imagePURL(u *sekisho.PURL) bool {
	if len(p.names) == 0 {
		return false
	}
	name := u.Name
	if u.Type == "docker" {
		if u.Namespace != "" {
			name = u.Namespace + "/" + name
		}
		if u.Version != "" && u.Version != p.tag && !slices.Contains(p.digests, u.Version) {
			return false
		}
	} else if u.Version != "" && !slices.Contains(p.digests, u.Version) {
		return false
	}
	if t := u.Qualifiers["tag"]; t != "" && u.Version == "" && t != p.tag {
		return false
	}
	if arch := u.Qualifiers["arch"]; arch != "" && p.target.Platform != nil && arch != p.target.Platform.Architecture {
		return false
	}
	if where := u.Qualifiers["repository_url"]; where != "" {
		where = strings.TrimPrefix(strings.TrimPrefix(where, "https://"), "http://")
		return slices.ContainsFunc(p.names, func(n string) bool { return strings.EqualFold(n, where) || strings.EqualFold(n, where+"/"+name) })
	}
	// A digest says which image it is, whatever it is called here.
	if u.Version != "" && slices.Contains(p.digests, u.Version) {
		return true
	}
	return slices.ContainsFunc(p.names, func(n string) bool {
		return strings.EqualFold(n, name) || u.Type == "oci" && strings.EqualFold(n[strings.LastIndexByte(n, '/')+1:], name)
	})
}
