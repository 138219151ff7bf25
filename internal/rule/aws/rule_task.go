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
	ID: "no-log-configuration", Aliases: ids("ECS.9"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.4.4 cwe-778"),
	Because:    w("Nobody sees what happened in a task that has gone.", "終了したタスクで何が起きたか確認できないため。"),
	Title:      w("Container {0} sends its log nowhere", "コンテナ {0} のログの送り先がない"),
	Why:        w("On Fargate the output is lost, on an instance it dies with it: an intrusion leaves no trace.", "Fargate では出力が失われ、インスタンス上でもその終了とともに消えます。侵入の痕跡が残りません。"),
	Fix:        w("Set logConfiguration with the driver awslogs or awsfirelens.", "logConfiguration に awslogs または awsfirelens を指定してください。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	l := c.Node.Get("logConfiguration")
	switch {
	case c.Task.Type == "aws_batch_job_definition" || c.Node.Get("firelensConfiguration").Present():
		// Batch logs by itself; a log router without a log of its own is usual.
	case l == nil || l.Kind == document.Null:
		found(c.named())
	case l.Get("logDriver").Str() == "none":
		found(c.has(l, "logDriver"))
	}
}))

var _ = add(sekisho.Rule{
	ID: "no-healthcheck", Aliases: ids("CIS-Docker-4.6"), Severity: sekisho.SeverityLow, Off: true,
	References: ids("cis-docker-4.6"),
	Because:    w("It is about availability; a load balancer may look after it.", "可用性の問題であり、ロードバランサーが確認していることもあるため。"),
	Title:      w("Container {0} has no health check", "コンテナ {0} にヘルスチェックがない"),
	Why:        w("A program that hangs stays in service.", "応答しなくなったプログラムがそのまま使われ続けます。"),
	Fix:        w("Set healthCheck.command; ECS ignores the HEALTHCHECK of the image.", "healthCheck.command を指定してください。ECS はイメージの HEALTHCHECK を使いません。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	if c.Task.Type == "aws_ecs_task_definition" && lacks(c.Node, "healthCheck") && !c.Node.Get("essential").False() {
		found(c.named())
	}
}))

var _ = add(sekisho.Rule{
	ID: "no-memory-limit", Aliases: ids("CIS-Docker-5.11"), Severity: sekisho.SeverityMedium, Owner: amazon,
	References: ids("nist-800-190-4.4.4 cwe-770"),
	Because:    w("Other tasks of the instance suffer. On Fargate the size of the task is the limit.", "同じインスタンスの他タスクが影響を受けるため。Fargate ではタスクのサイズが上限になります。"),
	Title:      w("Container {0} has no limit of memory", "コンテナ {0} にメモリの上限がない"),
	Why:        w("A leak or an attack takes the memory of every task on the instance.", "メモリリークや攻撃が、同じインスタンス上の全タスクのメモリを奪います。"),
	Fix:        w("Set memory for the container or for the task.", "コンテナまたはタスクに memory を指定してください。"),
}, onInstances(func(c *Container, found func(check.Hit)) {
	t := c.Task
	if t.Type == "aws_ecs_task_definition" && lacks(c.Node, "memory") && lacks(t.Body, "memory") && t.Body.Known() {
		found(c.named())
	}
}))

var _ = add(sekisho.Rule{
	ID: "core-dump", Severity: sekisho.SeverityLow,
	References: ids("cwe-528"),
	Because:    w("The dump stays in the container unless it is mounted elsewhere.", "別の場所にマウントしていない限り、ダンプはコンテナ内に留まるため。"),
	Title:      w("Container {0} may write core dumps", "コンテナ {0} がコアダンプを出力可能"),
	Why:        w("A dump holds the memory of the program with its secrets, and can fill the disk.", "ダンプにはシークレットを含むメモリが残り、ディスクを埋め尽くすこともあります。"),
	Fix:        w("Remove the ulimit core, or set both of its limits to 0.", "ulimits の core を削除するか、両方の上限を 0 にしてください。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	for _, u := range cloud.Blocks(c.Node, "ulimits") {
		if n, ok := u.Get("hardLimit").Int(); ok && n != 0 && u.Get("name").Str() == "core" {
			found(c.has(u, "hardLimit"))
		}
	}
}))

var _ = add(sekisho.Rule{
	ID: "no-init-process", Severity: sekisho.SeverityLow, Off: true,
	References: ids("cwe-404"),
	Because:    w("It matters for programs that start others.", "子プロセスを起動するプログラムで意味を持つため。"),
	Title:      w("Container {0} runs without an init process", "コンテナ {0} が init プロセスなしで動作"),
	Why:        w("Processes that have ended are not collected and signals are lost; ECS Exec leaves some behind each time.", "終了したプロセスが回収されず、シグナルも失われます。ECS Exec は使うたびにプロセスを残します。"),
	Fix:        w("Set linuxParameters.initProcessEnabled to true.", "linuxParameters.initProcessEnabled を true にしてください。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	n := c.Node.Get("linuxParameters", "initProcessEnabled")
	if n.Known() && !on(n) && !c.Task.windows() {
		found(c.named())
	}
}))

// efs are the volumes of a task on EFS, with the spelling of their arguments.
func (t *Task) efs() (out []*document.Node) {
	for _, v := range t.volumes() {
		for _, key := range [...]string{"efs_volume_configuration", "efsVolumeConfiguration"} {
			out = append(out, cloud.Blocks(v, key)...)
		}
	}
	return out
}

// spelled finds an argument in either spelling.
func spelled(m *document.Node, names ...string) (string, *document.Node) {
	for _, n := range names {
		if v := m.Get(n); v != nil {
			return n, v
		}
	}
	return names[0], nil
}

var _ = add(sekisho.Rule{
	ID: "efs-unencrypted-transit", Aliases: ids("AWS-0035 CKV_AWS_97 ECS.18 aws-ecs-enable-in-transit-encryption"), Severity: sekisho.SeverityHigh,
	References: ids("cwe-319"),
	Because:    w("Files cross the network in clear.", "ファイルが平文でネットワークを流れるため。"),
	Title:      w("An EFS volume is mounted without encryption in transit", "EFS ボリュームが転送時の暗号化なしでマウント"),
	Why:        w("Whoever listens in the network reads and changes the files of the task.", "ネットワークを盗聴できる者がタスクのファイルを読み、書き換えられます。"),
	Fix:        w("Set transitEncryption to ENABLED in efsVolumeConfiguration.", "efsVolumeConfiguration の transitEncryption を ENABLED にしてください。"),
}, eachTask(func(t *Task, found func(check.Hit)) {
	for _, e := range t.efs() {
		switch key, v := spelled(e, "transit_encryption", "transitEncryption"); {
		case !v.Known() || on(v):
		case v != nil:
			found(t.field(e, key))
		default:
			found(t.lack(e))
		}
	}
}))

var _ = add(sekisho.Rule{
	ID: "efs-no-iam", Severity: sekisho.SeverityMedium,
	References: ids("cwe-306"),
	Because:    w("The network alone decides who mounts the file system.", "ネットワークだけでマウントの可否が決まるため。"),
	Title:      w("An EFS volume is mounted without IAM authorisation", "EFS ボリュームが IAM 認可なしでマウント"),
	Why:        w("Any task that reaches the mount target reads and writes the same files, as any user it likes.", "マウントターゲットに届くどのタスクも、任意のユーザーとして同じファイルを読み書きできます。"),
	Fix:        w("Set authorizationConfig.iam to ENABLED with an access point, and allow the task's role in the policy of the file system.", "authorizationConfig.iam を ENABLED にしてアクセスポイントを指定し、ファイルシステムポリシーでタスクロールを許可してください。"),
}, eachTask(func(t *Task, found func(check.Hit)) {
	for _, e := range t.efs() {
		_, a := spelled(e, "authorization_config", "authorizationConfig")
		if !a.Known() {
			continue
		}
		if a != nil && a.Kind == document.List {
			a = a.At(0)
		}
		if iam := a.Get("iam"); a.Known() && iam.Known() && !on(iam) {
			if iam != nil {
				found(t.field(a, "iam"))
			} else {
				found(t.lack(e))
			}
		}
	}
}))

var _ = add(sekisho.Rule{
	ID: "efs-unencrypted", Aliases: ids("AWS-0037 CKV_AWS_42 EFS.1 aws-efs-enable-at-rest-encryption"), Severity: sekisho.SeverityHigh,
	References: ids("cwe-311"),
	Because:    w("It cannot be turned on later.", "後から有効にできないため。"),
	Title:      w("The EFS file system is not encrypted", "EFS ファイルシステムが暗号化されていない"),
	Why:        w("What tasks keep lies in clear on the disks and in backups.", "タスクのデータがディスクとバックアップに平文で残ります。"),
	Fix:        w("Set encrypted to true; an existing file system has to be copied to a new one.", "encrypted を true にしてください。既存のものは新しいファイルシステムへの移行が必要です。"),
}, each("aws_efs_file_system", func(it *Item, found func(check.Hit)) {
	switch n := it.Body.Get("encrypted"); {
	case n == nil || n.Kind == document.Null:
		found(it.self())
	case n.False():
		found(it.field(it.Body, "encrypted"))
	}
}))

// role is the resource behind a role's argument.
func (t *Task) role(key string) *document.Node { return t.Definition.Get(key) }

var _ = add(sekisho.Rule{
	ID: "same-role", Aliases: ids("CKV_AWS_249"), Severity: sekisho.SeverityMedium,
	References: ids("cwe-250"),
	Because:    w("How much it gives away depends on the role.", "影響の大きさがロールの内容によるため。"),
	Title:      w("The task runs with its execution role", "タスクロールと実行ロールが同一"),
	Why:        w("The program gets what only the agent needs: it pulls any image and reads every secret that the definition names, also those of its sidecars.", "エージェントだけに必要な権限をプログラムも得ます。イメージの取得や、サイドカーの分も含めた定義内の全シークレットの読み取りが可能になります。"),
	Fix:        w("Make a role of its own for the task, with what the program calls.", "プログラムが呼び出す API だけを許可した専用のタスクロールを用意してください。"),
}, eachTask(func(t *Task, found func(check.Hit)) {
	a, b := t.role(t.TaskRole), t.role(t.ExecutionRole)
	if a == nil || b == nil {
		return
	}
	same := a.Kind == document.String && b.Kind == document.String && a.Text != "" && a.Text == b.Text
	if r := t.World.resolve(a); r != nil && r.Type == "aws_iam_role" && r == t.World.resolve(b) || same {
		found(t.field(t.Definition, t.TaskRole))
	}
}))

var _ = add(sekisho.Rule{
	ID: "no-task-role", Severity: sekisho.SeverityLow, Owner: amazon,
	References: ids("nist-800-190-4.3.1 cwe-250"),
	Because:    w("It matters where the instance's role is strong. On Fargate there is no instance to borrow from.", "インスタンスのロールが強い場合に問題になるため。Fargate には借りられるインスタンスがありません。"),
	Title:      w("The task has no role of its own", "タスクに専用のロールがない"),
	Why:        w("The SDK falls back to the metadata of the instance: the program acts with the role of the instance, as every other task there.", "SDK はインスタンスのメタデータに頼るため、プログラムは同居する全タスクと同じインスタンスのロールで動作します。"),
	Fix:        w("Set taskRoleArn, also for a task that calls nothing: to a role without a policy.", "taskRoleArn を指定してください。AWS を呼び出さないタスクにも、ポリシーのないロールを指定します。"),
}, eachTask(func(t *Task, found func(check.Hit)) {
	if t.Type == "aws_ecs_task_definition" && !t.Fargate && lacks(t.Definition, t.TaskRole) {
		found(t.self())
	}
}))

// arnPart is a part of an ARN: arn:partition:service:region:account:rest.
func arnPart(arn string, i int) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || i >= len(parts) || !cloud.Whole(arn) {
		return ""
	}
	return parts[i]
}

var _ = add(sekisho.Rule{
	ID: "secret-elsewhere", Severity: sekisho.SeverityLow, Off: true,
	References: ids("cwe-668"),
	Because:    w("Some organisations keep secrets in an account of their own.", "シークレット専用アカウントを設ける組織もあるため。"),
	Title:      w("The secrets of container {0} come from more than one account or region", "コンテナ {0} のシークレットが複数のアカウントやリージョンにまたがる"),
	Why:        w("A secret from another account can be changed by others; from another region the task does not start when that region is down.", "別アカウントのシークレットは他者に変更されえます。別リージョンの障害時にはタスクが起動しません。"),
	Fix:        w("Keep the secrets of a task in its own account and region.", "タスクのシークレットは同じアカウントとリージョンに置いてください。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	first := ""
	for _, s := range cloud.Blocks(c.Node, "secrets") {
		arn := s.Get("valueFrom").Str()
		place := arnPart(arn, 3) + ":" + arnPart(arn, 4)
		switch {
		case place == ":":
		case first == "":
			first = place
		case place != first:
			found(c.has(s, "valueFrom"))
		}
	}
}))
