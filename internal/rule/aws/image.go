// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/pattern"
)

// image is a reference of an image, which may be known in part: what is not holds
// marks of cloud.
type image struct {
	imageref.Reference
	// named is false where the name itself cannot be known.
	named bool
	// whole is true where nothing of it is unknown.
	whole bool
}

// parseImage takes a reference apart.
func parseImage(s string) image {
	if cloud.Whole(s) {
		return image{Reference: imageref.Parse(s, ""), named: true, whole: true}
	}
	refs := cloud.References(s)
	// What stands in a mark is no part of the reference, whatever is in it.
	const hole = "\x00"
	for _, name := range refs {
		s = strings.Replace(s, cloud.Reference(name), hole, 1)
	}
	name, _, _ := imageref.Split(s)
	i := image{Reference: imageref.Parse(s, hole), named: !strings.Contains(name, hole) && cloud.Whole(name)}
	if !i.named && !strings.Contains(name, "/") {
		// A reference alone may be the whole address of a repository.
		i.Registry, i.Repository = name, ""
	}
	for _, part := range [...]*string{&i.Registry, &i.Repository, &i.Tag, &i.Digest} {
		for strings.Contains(*part, hole) && len(refs) > 0 {
			*part = strings.Replace(*part, hole, cloud.Reference(refs[0]), 1)
			refs = refs[1:]
		}
	}
	return i
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
var movingTag = pattern.New(`^(?:stable|edge|rolling|nightly|dev|devel|develop|main|master|head|trunk|canary|beta|alpha|test|testing|staging|stg|prod|production|release|current|lts|next|live)$`)
