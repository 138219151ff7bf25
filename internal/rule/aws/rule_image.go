// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// hitImage is a hit at the image of a container.
func (c *Container) hitImage(args ...string) check.Hit {
	return c.has(c.Node, "image", append([]string{cloud.Show(c.Node.Get("image").Str())}, args...)...)
}

// bareRepository says whether a text is or ends with the address of a
// repository, which has no tag, by the name of the attribute.
func bareRepository(s string) bool {
	refs := cloud.References(s)
	if len(refs) == 0 || !strings.HasSuffix(s, cloud.Reference(refs[len(refs)-1])) {
		return false
	}
	last := refs[len(refs)-1]
	return strings.HasSuffix(last, ".repository_url") || strings.HasSuffix(last, ".RepositoryUri")
}

var _ = add(sekisho.Rule{
	ID: "latest-tag", Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.1.5 cwe-1357"),
	Because:    w("Two tasks of one definition can run different programs.", "同じ定義のタスクでも異なるプログラムが動きうるため。"),
	Title:      w("The image {1} of container {0} has the tag latest, or none", "コンテナ {0} のイメージ {1} のタグが latest、または無指定"),
	Why:        w("Whoever can push to that tag gets into every task that starts from then on, and nobody can say later what ran.", "そのタグに push できる者が以後に起動する全タスクに入り込め、何が動いていたか後から確かめられません。"),
	Fix:        w("Name the version that was scanned, and better its digest: image:1.4.2@sha256:... .", "スキャン済みの版を指定してください。できればダイジェストも付けます (image:1.4.2@sha256:...)。"),
}, func(it *Item, found func(check.Hit)) {
	bad := func(s string) bool {
		i := parseImage(s)
		switch {
		case i.digest != "":
			return false
		case i.tag == "":
			return i.named || bareRepository(s)
		}
		return i.tag == "latest"
	}
	if it.Task != nil {
		for _, c := range it.Task.Containers {
			if _, ok := c.image(); ok && bad(c.Node.Get("image").Text) || cloud.Target(c.Node.Get("image")) != "" && bareRepository(cloud.Reference(cloud.Target(c.Node.Get("image")))) {
				found(c.hitImage())
			}
		}
	}
	if it.Type == "aws_lambda_function" {
		if s := it.Body.Get("image_uri").Str(); s != "" && bad(s) {
			found(it.field(it.Body, "image_uri", it.Address, cloud.Show(s)))
		}
	}
})
