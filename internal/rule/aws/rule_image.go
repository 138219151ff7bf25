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
		case i.Digest != "":
			return false
		case i.Tag == "":
			return i.named || bareRepository(s)
		}
		return i.Tag == "latest"
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

var _ = add(sekisho.Rule{
	ID: "mutable-tag", Severity: sekisho.SeverityLow,
	References: ids("nist-800-190-4.1.5 cwe-1357"),
	Because:    w("Less wrong than latest: such a tag at least promises a channel.", "latest よりはましです。少なくとも系列は決まります。"),
	Title:      w("The tag of {1} in container {0} names no version", "コンテナ {0} の {1} のタグがバージョンを示していない"),
	Why:        w("The tag moves by design: tasks that start after a push run another program than those before.", "このタグは設計上動きます。push の後に起動したタスクは以前と異なるプログラムを動かします。"),
	Fix:        w("Name the version or the commit, or the digest that was scanned.", "バージョンかコミット、またはスキャン済みのダイジェストを指定してください。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	if i, ok := c.image(); ok && i.Digest == "" && movingTag.MatchString(i.Tag) {
		found(c.hitImage())
	}
}))

var _ = add(sekisho.Rule{
	ID: "unpinned-image", Severity: sekisho.SeverityLow, Off: true,
	References: ids("nist-800-190-4.1.5 cwe-1357"),
	Because:    w("A tag of a repository whose tags cannot change is as good; ECR has such.", "タグを変更不可にした ECR リポジトリであれば、タグでも同等であるため。"),
	Title:      w("The image {1} of container {0} is not pinned by a digest", "コンテナ {0} のイメージ {1} がダイジェストで固定されていない"),
	Why:        w("Tags can be moved, also by whoever steals the credentials of a pipeline: what runs is then not what was scanned.", "タグは、パイプラインの認証情報を盗んだ者にも付け替えられます。動くものがスキャンしたものと異なりえます。"),
	Fix:        w("Write repository@sha256:... as the pipeline printed it after the push.", "push 後にパイプラインが出力した repository@sha256:... を書いてください。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	if i, ok := c.image(); ok && i.Digest == "" && i.whole {
		found(c.hitImage())
	}
}))

var _ = add(sekisho.Rule{
	ID: "registry-not-allowed", Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.1.5"),
	Because:    w("You said from where images may come; this one comes from elsewhere.", "許可したレジストリ以外から取得しているため。"),
	Title:      w("Container {0} takes an image from {1}, which is not allowed", "コンテナ {0} が許可されていない {1} のイメージを使用"),
	Why:        w("What is in an image from a registry that nobody vetted runs with the role of the task.", "確認していないレジストリのイメージの中身が、タスクのロールで動きます。"),
	Fix:        w("Mirror the image into ECR, by a pull-through cache for example, or add its registry to the list.", "プルスルーキャッシュなどで ECR に複製するか、レジストリを許可リストに加えてください。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	s := c.Task.World.Settings
	if s == nil || len(s.Registries) == 0 {
		return
	}
	if i, ok := c.image(); ok && cloud.Whole(i.Registry) && !i.Allowed(s.Registries) {
		found(c.has(c.Node, "image", i.Registry))
	}
}))
