// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = add(sekisho.Rule{
	ID: "ecr-no-scan", Aliases: ids("AWS-0030 CKV_AWS_163 ECR.1 aws-ecr-enable-image-scans"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.1.1 cwe-1104"),
	Because:    w("Another scanner may look at the images.", "別のスキャナーがイメージを検査していることもあるため。"),
	Title:      w("Images are not scanned when they are pushed", "push 時にイメージがスキャンされない"),
	Why:        w("Images with known flaws are stored and started without anybody having been told.", "既知の欠陥を含むイメージが、誰にも知らされずに保存され、起動されます。"),
	Fix:        w("Set scanOnPush to true, or enable enhanced scanning for the registry.", "scanOnPush を true にするか、レジストリで拡張スキャンを有効にしてください。"),
}, each("aws_ecr_repository", func(it *Item, found func(check.Hit)) {
	if len(it.World.byType["aws_ecr_registry_scanning_configuration"]) > 0 || cloud.Doubtful(it.Body, "image_scanning_configuration") {
		return
	}
	b := cloud.Block(it.Body, "image_scanning_configuration")
	switch n := b.Get("scan_on_push"); {
	case n == nil:
		found(it.lack(b))
	case off(n):
		found(it.field(b, "scan_on_push"))
	}
}))

var _ = add(sekisho.Rule{
	ID: "ecr-basic-scan", Severity: sekisho.SeverityLow, Off: true,
	References: ids("nist-800-190-4.1.1"),
	Because:    w("Basic scanning finds what distributions report.", "ベーシックスキャンでも OS パッケージの脆弱性は見つかるため。"),
	Title:      w("The registry scans by the basic type", "レジストリのスキャンがベーシックタイプ"),
	Why:        w("Packages of languages are not looked at, and images are not judged again when a flaw becomes known.", "言語のパッケージは検査されず、新たに判明した脆弱性での再評価も行われません。"),
	Fix:        w("Set the scan type to ENHANCED with continuous scanning.", "スキャンタイプを ENHANCED とし、継続スキャンを使ってください。"),
}, each("aws_ecr_registry_scanning_configuration", func(it *Item, found func(check.Hit)) {
	if it.Body.Get("scan_type").Str() == "BASIC" {
		found(it.field(it.Body, "scan_type"))
	}
}))

var _ = add(sekisho.Rule{
	ID: "ecr-mutable-tags", Aliases: ids("AWS-0031 CKV_AWS_51 ECR.2 aws-ecr-enforce-immutable-repository"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.2.2 cwe-345"),
	Because:    w("It takes the right to push to use it.", "悪用には push 権限が必要なため。"),
	Title:      w("Tags of the repository can be moved", "リポジトリのタグを付け替え可能"),
	Why:        w("Whoever steals the credentials of a pipeline replaces an image that is in use under its own name.", "パイプラインの認証情報を盗んだ者が、使用中のイメージを同じ名前のまま差し替えられます。"),
	Fix:        w("Set the tag mutability to IMMUTABLE and push each build under a tag of its own.", "タグのミュータビリティを IMMUTABLE にし、ビルドごとに固有のタグで push してください。"),
}, each("aws_ecr_repository", func(it *Item, found func(check.Hit)) {
	n := it.Body.Get("image_tag_mutability")
	switch v := n.Str(); {
	case !n.Known() || v == "IMMUTABLE":
	case v == "IMMUTABLE_WITH_EXCLUSION":
		// Exclusions that take the tags of releases make it mutable again.
		for _, name := range [...]string{"image_tag_mutability_exclusion_filter", "image_tag_mutability_exclusion_filters"} {
			for _, f := range cloud.Blocks(it.Body, name) {
				key, value := spelled(f, "filter", "image_tag_mutability_exclusion_filter_value")
				if star, err := path.Match(value.Str(), "v1.2.3"); err == nil && star || value.Str() == "latest" || strings.HasPrefix(value.Str(), "latest*") {
					found(it.field(f, key))
				}
			}
		}
	case v == "":
		found(it.self())
	default:
		found(it.field(it.Body, "image_tag_mutability"))
	}
}))

// repositoryPolicy is the policy of a repository, written with it or by itself.
func (it *Item) repositoryPolicy() *document.Node {
	switch it.Type {
	case "aws_ecr_repository", "aws_ecr_repository_policy", "aws_ecr_registry_policy":
		return it.Body.Get("policy")
	}
	return nil
}

var _ = add(sekisho.Rule{
	ID: "ecr-public-policy", Aliases: ids("AWS-0032 CKV_AWS_32 aws-ecr-no-public-access"), Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.2.3 cwe-284"),
	Because:    w("Any account reads the images; with a push action, writes them.", "どのアカウントもイメージを読め、push が許可されていれば書き込めるため。"),
	Title:      w("The policy of the repository allows everyone", "リポジトリポリシーが全員に許可"),
	Why:        w("Your program with what is baked into it is public; where everybody may push, tasks run what a stranger made.", "プログラムとその中身が公開されます。push も許可されていれば、他人のイメージがタスクで動きます。"),
	Fix:        w("Name the accounts or the organisation (aws:PrincipalOrgID) in the policy.", "ポリシーでアカウントか組織 (aws:PrincipalOrgID) を限定してください。"),
}, func(it *Item, found func(check.Hit)) {
	for _, s := range statements(it.repositoryPolicy()) {
		principals(s, func(kind string, n *document.Node) {
			if allows(s) && kind == "AWS" && n.Str() == "*" && !conditional(s) {
				h := it.at(n, `Principal: "*"`)
				if action(s, "ecr:PutImage") != nil {
					h.Severity = sekisho.SeverityCritical
				}
				found(h)
			}
		})
	}
})

var _ = add(sekisho.Rule{
	ID: "ecr-no-key", Aliases: ids("AWS-0033 CKV_AWS_136 ECR.5 aws-ecr-repository-customer-key"), Severity: sekisho.SeverityLow, Off: true,
	References: ids("cwe-311"),
	Because:    w("Images are encrypted with a key of AWS anyway.", "イメージは AWS の鍵で既に暗号化されているため。"),
	Title:      w("The repository has no key in KMS", "リポジトリに KMS キーが設定されていない"),
	Why:        w("Reading images cannot be withdrawn or audited by the key.", "鍵による読み取りの取り消しや監査ができません。"),
	Fix:        w("Set encryptionType to KMS; it is chosen when the repository is made.", "encryptionType を KMS にしてください。作成時にのみ指定できます。"),
}, each("aws_ecr_repository", func(it *Item, found func(check.Hit)) {
	b := cloud.Block(it.Body, "encryption_configuration")
	if n := b.Get("encryption_type"); n.Known() && !strings.HasPrefix(n.Str(), "KMS") && !cloud.Doubtful(it.Body, "encryption_configuration") {
		found(it.lack(b))
	}
}))

var _ = add(sekisho.Rule{
	ID: "ecr-no-lifecycle", Aliases: ids("ECR.3"), Severity: sekisho.SeverityLow, Off: true,
	References: ids("nist-800-190-4.2.2"),
	Because:    w("Old images are a cost first, a risk second.", "古いイメージはまず費用の問題であるため。"),
	Title:      w("Old images of the repository are never deleted", "リポジトリの古いイメージが削除されない"),
	Why:        w("An old version with known flaws can be started again at any time.", "既知の欠陥を含む古い版がいつでも起動できてしまいます。"),
	Fix:        w("Add a lifecycle policy that expires untagged and old images.", "タグなしや古いイメージを期限切れにするライフサイクルポリシーを追加してください。"),
}, each("aws_ecr_repository", func(it *Item, found func(check.Hit)) {
	if it.Body.Get("lifecycle_policy") != nil {
		return
	}
	for _, p := range it.World.byType["aws_ecr_lifecycle_policy"] {
		n := p.Body.Get("repository")
		if r := it.World.resolve(n); r == it.Resource || r == nil && n.Kind == document.Unknown || n.Str() != "" && n.Str() == it.Body.Get("name").Str() {
			return
		}
	}
	found(it.self())
}))
