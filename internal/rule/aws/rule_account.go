// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = add(sekisho.Rule{
	ID: "log-group-no-retention", Aliases: ids("CKV_AWS_66 CKV_AWS_338 CloudWatch.16"), Severity: sekisho.SeverityLow, Off: true,
	References: ids("cwe-779"),
	Because:    w("Logs that are kept for ever are a cost first.", "無期限の保存はまず費用の問題であるため。"),
	Title:      w("The log group keeps its logs for ever", "ロググループの保存期間が無期限"),
	Why:        w("Personal data in logs stays beyond its purpose, and the bill ends in logging being turned off.", "ログ中の個人情報が目的を超えて残り、費用のためにログ自体が止められがちです。"),
	Fix:        w("Set retentionInDays, a year for what may be evidence.", "retentionInDays を指定してください。証跡となるものは 1 年を目安にします。"),
}, each("aws_cloudwatch_log_group", func(it *Item, found func(check.Hit)) {
	n := it.Body.Get("retention_in_days")
	if v, ok := n.Int(); n == nil || n.Kind == document.Null || ok && v == 0 {
		found(it.self())
	}
}))

var _ = add(sekisho.Rule{
	ID: "log-group-no-key", Aliases: ids("AWS-0017 CKV_AWS_158 aws-cloudwatch-log-group-customer-key"), Severity: sekisho.SeverityLow, Off: true,
	References: ids("cwe-311"),
	Because:    w("Logs are encrypted with a key of AWS anyway.", "ログは AWS の鍵で既に暗号化されているため。"),
	Title:      w("The log group has no key in KMS", "ロググループに KMS キーがない"),
	Why:        w("Reading logs cannot be withdrawn or audited by the key.", "鍵による読み取りの取り消しや監査ができません。"),
	Fix:        w("Set kmsKeyId.", "kmsKeyId を指定してください。"),
}, each("aws_cloudwatch_log_group", func(it *Item, found func(check.Hit)) {
	if lacks(it.Body, "kms_key_id") {
		found(it.self())
	}
}))

var _ = add(sekisho.Rule{
	ID: "secret-in-configuration", Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.1.4 cwe-798"),
	Because:    w("The value is in the repository and in the state.", "値がリポジトリとステートに残るため。"),
	Title:      w("The value of the secret is written in the configuration", "シークレットの値が設定ファイルに平文で記載"),
	Why:        w("Whoever reads the repository has the secret; encrypting it afterwards does not help.", "リポジトリを読める者がシークレットを得ます。後で暗号化しても意味がありません。"),
	Fix:        w("Let Secrets Manager generate the value, or set it outside of the code; change the one that is written here.", "値は Secrets Manager に生成させるか、コードの外で設定してください。ここに書かれた値は変更します。"),
}, func(it *Item, found func(check.Hit)) {
	var key string
	switch it.Type {
	case "aws_secretsmanager_secret_version", "aws_secretsmanager_secret":
		key = "secret_string"
	case "aws_ssm_parameter":
		key = "value"
		name := it.Body.Get("name").Str()
		if it.Body.Get("type").Str() != "SecureString" && !isSecretName(strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "-", "_")) {
			return
		}
	default:
		return
	}
	if n := it.Body.Get(key); n != nil && literalSecret(n) {
		h := it.shown(it.Body, key, mask)
		h.Key = it.Address
		found(h)
	}
})

// literalSecret says whether a value, or a member of a map of values, is written
// in the configuration.
func literalSecret(n *document.Node) bool {
	if n.Kind == document.Map {
		for key, v := range n.Members() {
			if secretValue(key, v) {
				return true
			}
		}
		return false
	}
	s := strings.TrimSpace(n.Str())
	if strings.HasPrefix(s, "{") {
		m, err := document.JSON([]byte(s))
		return err == nil && m.Kind == document.Map && literalSecret(m)
	}
	return n.Kind == document.String && cloud.Whole(s) && !isSample(s) && !isPointer(s)
}

var _ = add(sekisho.Rule{
	ID: "kms-no-rotation", Aliases: ids("AWS-0065 CKV_AWS_7 KMS.4 aws-kms-auto-rotate-keys"), Severity: sekisho.SeverityLow,
	References: ids("cwe-320"),
	Because:    w("The key never leaves KMS.", "鍵が KMS の外に出ることはないため。"),
	Title:      w("The key is not rotated", "KMS キーがローテーションされない"),
	Why:        w("All that was ever encrypted hangs on one key.", "これまでに暗号化したすべてが一つの鍵に依存します。"),
	Fix:        w("Enable key rotation.", "キーローテーションを有効にしてください。"),
}, each("aws_kms_key", func(it *Item, found func(check.Hit)) {
	for _, key := range [...]string{"key_usage", "key_spec", "customer_master_key_spec"} {
		// Keys that sign cannot be rotated.
		if v := it.Body.Get(key); !v.Known() || v.Str() != "" && v.Str() != "ENCRYPT_DECRYPT" && v.Str() != "SYMMETRIC_DEFAULT" {
			return
		}
	}
	switch n := it.Body.Get("enable_key_rotation"); {
	case n == nil || n.Kind == document.Null:
		found(it.self())
	case off(n):
		found(it.field(it.Body, "enable_key_rotation"))
	}
}))

var _ = add(sekisho.Rule{
	ID: "kms-public-key", Aliases: ids("CKV_AWS_33"), Severity: sekisho.SeverityHigh,
	References: ids("cwe-284"),
	Because:    w("Any account may use the key.", "どのアカウントもその鍵を使えるため。"),
	Title:      w("The policy of the key allows everyone", "KMS キーポリシーが全員に許可"),
	Why:        w("What the key protects, images, logs or secrets, is protected from nobody who gets the ciphertext.", "鍵が守るイメージ、ログ、シークレットが、暗号文を得た者に対して守られません。"),
	Fix:        w("Name the accounts and roles as principals, or add the condition kms:CallerAccount.", "プリンシパルにアカウントやロールを指定するか、条件 kms:CallerAccount を追加してください。"),
}, each("aws_kms_key aws_kms_key_policy", func(it *Item, found func(check.Hit)) {
	for _, s := range statements(it.Body.Get("policy")) {
		principals(s, func(kind string, n *document.Node) {
			if allows(s) && kind == "AWS" && n.Str() == "*" && !conditional(s) {
				found(it.at(n, `Principal: "*"`))
			}
		})
	}
}))

var _ = add(sekisho.Rule{
	ID: "guardduty-off", Aliases: ids("CKV_AWS_238 GuardDuty.1"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.4.4 cwe-778"),
	Because:    w("It is judged where the detector is declared.", "ディテクターが宣言されている場合にのみ判定するため。"),
	Title:      w("GuardDuty is declared and off", "GuardDuty が無効の状態で宣言"),
	Why:        w("Stolen credentials, miners and calls to known bad hosts go unseen.", "盗まれた認証情報、マイニング、悪性ホストへの通信を検知できません。"),
	Fix:        w("Set enable to true.", "enable を true にしてください。"),
}, each("aws_guardduty_detector", func(it *Item, found func(check.Hit)) {
	if off(it.Body.Get("enable")) {
		found(it.field(it.Body, "enable"))
	}
}))

var _ = add(sekisho.Rule{
	ID: "guardduty-no-runtime", Aliases: ids("GuardDuty.11 GuardDuty.12"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.4.4 cwe-778"),
	Because:    w("It is judged where a stack has a detector and runs containers.", "ディテクターとコンテナの両方を持つスタックでのみ判定するため。"),
	Title:      w("GuardDuty does not watch containers at run time", "GuardDuty がコンテナのランタイムを監視していない"),
	Why:        w("What happens inside of tasks and pods, a reverse shell or an escape, is not seen from outside.", "リバースシェルや脱出など、タスクや Pod の内部の動きは外側からは見えません。"),
	Fix:        w("Enable the feature RUNTIME_MONITORING with ECS_FARGATE_AGENT_MANAGEMENT and EKS_ADDON_MANAGEMENT.", "RUNTIME_MONITORING を ECS_FARGATE_AGENT_MANAGEMENT と EKS_ADDON_MANAGEMENT とともに有効にしてください。"),
}, each("aws_guardduty_detector", func(it *Item, found func(check.Hit)) {
	w := it.World
	if off(it.Body.Get("enable")) || len(w.byType["aws_ecs_cluster"])+len(w.byType["aws_eks_cluster"])+len(w.byType["aws_ecs_service"]) == 0 {
		return
	}
	features := cloud.Blocks(it.Body, "features")
	for _, f := range w.byType["aws_guardduty_detector_feature"] {
		features = append(features, f.Body)
	}
	if !it.Body.Get("features").Known() {
		return
	}
	for _, f := range features {
		name, status := f.Get("name"), f.Get("status")
		if (!name.Known() || name.Str() == "RUNTIME_MONITORING" || name.Str() == "EKS_RUNTIME_MONITORING") && (!status.Known() || on(status)) {
			return
		}
	}
	found(it.self())
}))

var _ = add(sekisho.Rule{
	ID: "cloudtrail-weak", Aliases: ids("AWS-0014 AWS-0016 CKV_AWS_36 CKV_AWS_67 CKV_AWS_251 CloudTrail.1 CloudTrail.4 aws-cloudtrail-enable-all-regions aws-cloudtrail-enable-log-validation"), Severity: sekisho.SeverityMedium,
	References: ids("cwe-778"),
	Because:    w("The trail is there, with a gap.", "証跡自体は存在するものの、欠落があるため。"),
	Title:      w("The trail has a gap: {0}", "CloudTrail の証跡に不備 ({0})"),
	Why:        w("An intruder works in another region, or rewrites the log files afterwards.", "侵入者が別リージョンで活動したり、後からログファイルを書き換えたりできます。"),
	Fix:        w("Set isLogging, isMultiRegionTrail and enableLogFileValidation to true.", "isLogging、isMultiRegionTrail、enableLogFileValidation を true にしてください。"),
}, each("aws_cloudtrail", func(it *Item, found func(check.Hit)) {
	if n := it.Body.Get("enable_logging"); off(n) {
		found(it.field(it.Body, "enable_logging", "logging"))
	}
	for _, c := range [...]struct{ key, name string }{{"is_multi_region_trail", "multi-region"}, {"enable_log_file_validation", "log file validation"}} {
		switch n := it.Body.Get(c.key); {
		case n == nil || n.Kind == document.Null:
			h := it.self(c.name)
			h.Key = c.key
			found(h)
		case off(n):
			found(it.field(it.Body, c.key, c.name))
		}
	}
}))

// account says whether a stack sets up an account: it has two of the services
// that watch one.
func (w *World) account() *Item {
	var first *Item
	n := 0
	for _, kind := range [...]string{"aws_guardduty_detector", "aws_cloudtrail", "aws_securityhub_account", "aws_config_configuration_recorder"} {
		if items := w.byType[kind]; len(items) > 0 {
			n++
			if first == nil {
				first = items[0]
			}
		}
	}
	if n < 2 {
		return nil
	}
	return first
}

var _ = add(sekisho.Rule{
	ID: "account-unwatched", Aliases: ids("SecurityHub.1"), Severity: sekisho.SeverityLow,
	References: ids("cwe-778"),
	Because:    w("An administrator account of the organisation may do it; it is judged only where a stack sets up an account.", "組織の管理アカウントで有効化されていることもあり、アカウントを設定するスタックでのみ判定するため。"),
	Title:      w("The stack sets up an account without {0}", "アカウントを設定するスタックに {0} がない"),
	Why:        w("Findings of the other services lie where nobody looks, or are not made at all.", "他サービスの検出結果が誰も見ない場所に残るか、そもそも作られません。"),
	Fix:        w("Enable the service in the same stack.", "同じスタックでサービスを有効にしてください。"),
}, func(it *Item, found func(check.Hit)) {
	if it.Mistake != nil || it.World.account() != it {
		return
	}
	for _, c := range [...]struct{ kind, name string }{{"aws_guardduty_detector", "GuardDuty"}, {"aws_cloudtrail", "CloudTrail"}, {"aws_securityhub_account", "Security Hub"}} {
		if len(it.World.byType[c.kind]) == 0 {
			h := it.self(c.name)
			h.Key = c.name
			found(h)
		}
	}
})
