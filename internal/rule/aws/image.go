// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"path"
	"regexp"
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
)

// image is a reference of an image, which may be known in part.
type image struct {
	registry, path, tag, digest string
	// named is false where the name itself cannot be known.
	named bool
	// whole is true where nothing of it is unknown.
	whole bool
}

// parseImage takes a reference apart
// (https://github.com/distribution/reference). The tag is empty where there is
// none, and holds a mark of cloud where it is not known.
func parseImage(s string) image {
	i := image{whole: cloud.Whole(s)}
	name, digest, ok := strings.Cut(s, "@")
	if ok {
		i.digest = digest
	}
	base := name[strings.LastIndexByte(name, '/')+1:]
	if n := strings.LastIndexByte(outside(base), ':'); n >= 0 {
		i.tag = base[n+1:]
		name = name[:len(name)-len(base)+n]
	}
	i.named = cloud.Whole(name)
	i.registry, i.path = "docker.io", name
	if first, rest, ok := strings.Cut(name, "/"); ok && (strings.ContainsAny(outside(first), ".:") || first == "localhost" || !cloud.Whole(first)) {
		i.registry, i.path = first, rest
	} else if !ok && !i.named {
		// A reference alone may be the whole address of a repository.
		i.registry, i.path = name, ""
	}
	if i.registry == "docker.io" && !strings.Contains(i.path, "/") {
		i.path = "library/" + i.path
	}
	return i
}

// outside is the text with what lies inside of references blanked.
func outside(s string) string {
	if cloud.Whole(s) {
		return s
	}
	for _, name := range cloud.References(s) {
		ref := cloud.Reference(name)
		s = strings.Replace(s, ref, strings.Repeat("x", len(ref)), 1)
	}
	return s
}

// image is the container's; ok is false where nothing of it is known.
func (c *Container) image() (image, bool) {
	n := c.Node.Get("image")
	if n == nil || n.Kind != document.String || n.Text == "" {
		return image{}, false
	}
	// A reference alone may hold a tag and a digest; one that names a repository
	// by what it is called ("repository_url") holds neither, nor does one that
	// text follows.
	return parseImage(n.Text), true
}

// movingTag finds tags that name no version.
var movingTag = regexp.MustCompile(`^(?:stable|edge|rolling|nightly|dev|devel|develop|main|master|head|trunk|canary|beta|alpha|test|testing|staging|stg|prod|production|release|current|lts|next|live)$`)

// allowed says whether an image is from one of the registries: "docker.io",
// "*.example.com", "ghcr.io/team/*", "*".
func allowed(list []string, i image) bool {
	full := i.registry + "/" + i.path
	for _, p := range list {
		if p == "*" || p == i.registry {
			return true
		}
		if ok, err := path.Match(p, i.registry); ok && err == nil {
			return true
		}
		if prefix, star := strings.CutSuffix(p, "/*"); star && strings.HasPrefix(full, prefix+"/") || strings.HasPrefix(full, p+"/") || full == p {
			return true
		}
	}
	return false
}
