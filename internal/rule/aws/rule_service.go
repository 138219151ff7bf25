// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// awsvpc is the part of a service about its network, which CloudFormation has
// one level deeper.
func (it *Item) awsvpc() *document.Node {
	n := cloud.Block(it.Body, "network_configuration")
	if inner := cloud.Block(n, "awsvpc_configuration"); inner != nil {
		return inner
	}
	return n
}

var _ = add(sekisho.Rule{
	ID: "public-ip", Aliases: ids("CKV_AWS_333 ECS.2 ECS.16"), Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.3.3 cwe-668"),
	Because:    w("One open port of the security group is then open to the world.", "セキュリティグループで開いたポートがそのまま世界に公開されるため。"),
	Title:      w("Tasks of the service get public addresses", "サービスのタスクにパブリック IP を割り当て"),
	Why:        w("Attackers reach the program past the load balancer and its firewall, and a stolen task talks to anybody.", "攻撃者がロードバランサーとその WAF を通らずに届き、乗っ取られたタスクは誰とでも通信できます。"),
	Fix:        w("Set assignPublicIp to DISABLED, place tasks in private subnets, and give them VPC endpoints or a NAT gateway.", "assignPublicIp を DISABLED にし、プライベートサブネットに置いて VPC エンドポイントか NAT ゲートウェイを使ってください。"),
}, each("aws_ecs_service aws_ecs_task_set", func(it *Item, found func(check.Hit)) {
	if n := it.awsvpc(); on(n.Get("assign_public_ip")) {
		found(it.field(n, "assign_public_ip"))
	}
}))

// oldPlatforms of Linux are before 1.4.0; 1.4.0 is what LATEST means
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-linux-fargate.html).
func oldPlatform(v string) bool {
	return strings.HasPrefix(v, "1.") && v != "1.4.0" && v != "1.0.0"
}

var _ = add(sekisho.Rule{
	ID: "old-platform-version", Aliases: ids("CKV_AWS_332 ECS.10"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.5.2 cwe-1104"),
	Because:    w("AWS patches the kernel and the runtime in the newest version only.", "カーネルとランタイムの修正は最新の版にのみ入るため。"),
	Title:      w("Fargate is pinned to the platform version {0}", "Fargate のプラットフォームバージョンを {0} に固定"),
	Why:        w("Flaws of the kernel and the runtime stay open that AWS has closed elsewhere; the host is theirs, its version is yours to choose.", "AWS が修正済みのカーネルやランタイムの欠陥が残ります。ホストは AWS の責任ですが、版の選択は利用者の責任です。"),
	Fix:        w("Remove the version, or set LATEST.", "指定を削除するか LATEST にしてください。"),
}, each("aws_ecs_service aws_ecs_task_set", func(it *Item, found func(check.Hit)) {
	if v := it.Body.Get("platform_version").Str(); oldPlatform(v) {
		found(it.field(it.Body, "platform_version", v))
	}
}))

var _ = add(sekisho.Rule{
	ID: "exec-enabled", Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.4.4 cwe-489"),
	Because:    w("It takes a permission to use it, and is at times needed.", "使うには権限が必要で、必要な場面もあるため。"),
	Title:      w("ECS Exec is enabled: a shell into every task", "ECS Exec が有効 (全タスクでシェルを実行可能)"),
	Why:        w("Whoever has ecs:ExecuteCommand is in the container, with its secrets and its role, and as root whatever its user is.", "ecs:ExecuteCommand を持つ者はコンテナに入り、シークレットとロールを使えます。コンテナのユーザーによらず root になります。"),
	Fix:        w("Leave enableExecuteCommand off in production, or allow it by tag for the time of an incident and log its sessions.", "本番では enableExecuteCommand を無効にし、障害対応時だけタグ条件付きで許可してセッションを記録してください。"),
}, each("aws_ecs_service", func(it *Item, found func(check.Hit)) {
	if on(it.Body.Get("enable_execute_command")) {
		found(it.field(it.Body, "enable_execute_command"))
	}
}))

var _ = add(sekisho.Rule{
	ID: "no-circuit-breaker", Severity: sekisho.SeverityLow, Off: true,
	References: ids("cwe-754"),
	Because:    w("It is about availability.", "可用性の問題であるため。"),
	Title:      w("A failed deployment of the service is not rolled back", "サービスのデプロイ失敗時にロールバックされない"),
	Why:        w("Tasks that cannot start are tried for hours, and a fix waits behind them.", "起動できないタスクが何時間も再試行され、修正の反映が遅れます。"),
	Fix:        w("Enable deploymentCircuitBreaker with rollback.", "deploymentCircuitBreaker を rollback とともに有効にしてください。"),
}, each("aws_ecs_service", func(it *Item, found func(check.Hit)) {
	b := cloud.Block(it.Body, "deployment_circuit_breaker")
	if b == nil {
		b = cloud.Block(it.Body, "deployment_configuration", "deployment_circuit_breaker")
	}
	switch {
	case cloud.Doubtful(it.Body, "deployment_circuit_breaker") || cloud.Doubtful(it.Body, "deployment_configuration", "deployment_circuit_breaker"):
	case it.Body.Get("deployment_controller").Present() && !on(b.Get("enable")):
		// CodeDeploy and others have their own.
	case !b.Get("rollback").Known() || !b.Get("enable").Known():
	case !on(b.Get("enable")) || !on(b.Get("rollback")):
		found(it.lack(b))
	}
}))

var _ = add(sekisho.Rule{
	ID: "no-container-insights", Aliases: ids("AWS-0034 CKV_AWS_65 ECS.12 aws-ecs-enable-container-insight"), Severity: sekisho.SeverityLow,
	References: ids("nist-800-190-4.4.4 cwe-778"),
	Because:    w("It is about seeing, not about stopping, and it costs.", "検知のための機能で防御ではなく、料金もかかるため。"),
	Title:      w("Container Insights is off", "Container Insights が無効"),
	Why:        w("Tasks that restart, or that compute for somebody else, go unnoticed.", "再起動を繰り返すタスクや、他人のために計算するタスクに気付けません。"),
	Fix:        w("Set containerInsights to enhanced or enabled in the settings of the cluster.", "クラスターの設定で containerInsights を enhanced または enabled にしてください。"),
}, each("aws_ecs_cluster", func(it *Item, found func(check.Hit)) {
	if cloud.Doubtful(it.Body, "setting") {
		return
	}
	for _, s := range cloud.Blocks(it.Body, "setting") {
		if s.Get("name").Str() == "containerInsights" {
			if v := s.Get("value"); v.Known() && !on(v) && v.Str() != "enhanced" {
				found(it.field(s, "value"))
			}
			return
		}
	}
	// The account's setting decides when the cluster has none.
	for _, a := range it.World.byType["aws_ecs_account_setting_default"] {
		if a.Body.Get("name").Str() == "containerInsights" {
			return
		}
	}
	found(it.self())
}))

// execConfiguration is the cluster's, and whether anything uses it: a service of
// the stack that has ECS Exec.
func (it *Item) execConfiguration() (n *document.Node, used []*Item) {
	for _, s := range it.World.byType["aws_ecs_service"] {
		if on(s.Body.Get("enable_execute_command")) {
			if r := it.World.resolve(s.Body.Get("cluster")); r == nil || r == it.Resource {
				used = append(used, s)
			}
		}
	}
	return cloud.Block(it.Body, "configuration", "execute_command_configuration"), used
}

// silent says whether the task of a service is known to have no log by awslogs,
// where sessions are written unless the cluster says something else.
func (it *Item) silent() bool {
	r := it.World.resolve(it.Body.Get("task_definition"))
	for _, other := range it.World.byType["aws_ecs_task_definition"] {
		if other.Resource == r && other.Task != nil && len(other.Task.Containers) > 0 {
			return !slices.ContainsFunc(other.Task.Containers, func(c *Container) bool {
				l := c.Node.Get("logConfiguration")
				return !l.Known() || !l.Get("logDriver").Known() || l.Get("logDriver").Str() == "awslogs"
			})
		}
	}
	return false
}

var _ = add(sekisho.Rule{
	ID: "exec-not-logged", Aliases: ids("CKV_AWS_223"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.4.4 cwe-778"),
	Because:    w("It is judged where sessions are possible.", "セッションが可能な場合にのみ判定するため。"),
	Title:      w("Sessions of ECS Exec are not logged", "ECS Exec のセッションが記録されない"),
	Why:        w("What was typed in a container, by an employee or with a stolen key, is not known afterwards.", "従業員や盗まれた鍵によってコンテナ内で何が実行されたか、後から分かりません。"),
	Fix:        w("Set logging to OVERRIDE in executeCommandConfiguration with a log group or a bucket.", "executeCommandConfiguration の logging を OVERRIDE にし、ロググループかバケットを指定してください。"),
}, each("aws_ecs_cluster", func(it *Item, found func(check.Hit)) {
	n, used := it.execConfiguration()
	if n.Get("logging").Str() == "NONE" {
		found(it.field(n, "logging"))
		return
	}
	// DEFAULT, which is meant when nothing is said, writes to the log that the
	// task has by awslogs.
	if v := n.Get("logging"); v.Known() && (v.Str() == "" || v.Str() == "DEFAULT") && !cloud.Doubtful(it.Body, "configuration", "execute_command_configuration") {
		if slices.ContainsFunc(used, (*Item).silent) {
			found(it.lack(n))
		}
	}
}))

var _ = add(sekisho.Rule{
	ID: "exec-not-encrypted", Aliases: ids("CKV_AWS_224"), Severity: sekisho.SeverityLow,
	References: ids("cwe-311"),
	Because:    w("The session is under TLS as well; the key adds a permission of its own.", "セッションは TLS でも保護され、鍵は追加の権限管理となるため。"),
	Title:      w("Sessions of ECS Exec have no key of their own", "ECS Exec のセッションが KMS キーで暗号化されていない"),
	Why:        w("Without a key in KMS there is no second permission between a stolen credential and a shell.", "KMS キーがなければ、盗まれた認証情報とシェルの間に二つ目の権限がありません。"),
	Fix:        w("Set kmsKeyId in executeCommandConfiguration.", "executeCommandConfiguration に kmsKeyId を指定してください。"),
}, each("aws_ecs_cluster", func(it *Item, found func(check.Hit)) {
	n, used := it.execConfiguration()
	if (len(used) > 0 || n != nil) && lacks(n, "kms_key_id") && !cloud.Doubtful(it.Body, "configuration", "execute_command_configuration") {
		found(it.lack(n))
	}
}))

var _ = add(sekisho.Rule{
	ID: "ephemeral-storage-key", Severity: sekisho.SeverityLow, Off: true,
	References: ids("cwe-311"),
	Because:    w("The storage is encrypted with a key of AWS anyway.", "ストレージは AWS の鍵で既に暗号化されているため。"),
	Title:      w("The ephemeral storage of Fargate has no key of your own", "Fargate のエフェメラルストレージに独自の鍵がない"),
	Why:        w("Access to the key cannot be withdrawn or audited.", "鍵へのアクセスの取り消しや監査ができません。"),
	Fix:        w("Set fargateEphemeralStorageKmsKeyId in managedStorageConfiguration of the cluster.", "クラスターの managedStorageConfiguration に fargateEphemeralStorageKmsKeyId を指定してください。"),
}, each("aws_ecs_cluster", func(it *Item, found func(check.Hit)) {
	n := cloud.Block(it.Body, "configuration", "managed_storage_configuration")
	if lacks(n, "fargate_ephemeral_storage_kms_key_id") && !cloud.Doubtful(it.Body, "configuration", "managed_storage_configuration") {
		found(it.lack(n))
	}
}))

var _ = add(sekisho.Rule{
	ID: "guardduty-excluded", Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.4.4 cwe-778"),
	Because:    w("Somebody has switched the watch off by hand.", "監視を意図的に外しているため。"),
	Title:      w("The tag GuardDutyManaged keeps run-time monitoring away", "GuardDutyManaged タグでランタイム監視を除外"),
	Why:        w("GuardDuty places its agent in no task of the cluster: malware and escapes go unseen.", "クラスターのどのタスクにも GuardDuty エージェントが入らず、マルウェアや脱出を検知できません。"),
	Fix:        w("Remove the tag GuardDutyManaged=false.", "タグ GuardDutyManaged=false を削除してください。"),
}, each("aws_ecs_cluster aws_eks_cluster aws_ecs_service", func(it *Item, found func(check.Hit)) {
	tags := it.Body.Get("tags")
	if off(tags.Get("GuardDutyManaged")) {
		found(it.field(tags, "GuardDutyManaged"))
	}
	for _, tag := range cloud.Blocks(it.Body, "tags") {
		if key, k := spelled(tag, "Key", "key"); k.Str() == "GuardDutyManaged" && key != "" {
			if name, v := spelled(tag, "Value", "value"); off(v) {
				found(it.field(tag, name))
			}
		}
	}
}))
