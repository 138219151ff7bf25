// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = add(sekisho.Rule{
	ID: "eks-public-endpoint", Aliases: ids("AWS-0040 AWS-0041 CKV_AWS_38 CKV_AWS_39 EKS.1 aws-eks-no-public-cluster-access aws-eks-no-public-cluster-access-to-cidr"), Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.3.1 cwe-668"),
	Because:    w("A credential is still needed.", "認証情報は依然として必要なため。"),
	Title:      w("The API server of the cluster is open to the Internet", "クラスターの API サーバーがインターネットに公開"),
	Why:        w("A leaked token, and every flaw of the API server, can be used from anywhere.", "漏れたトークンや API サーバーの欠陥が、どこからでも悪用できます。"),
	Fix:        w("Set endpointPublicAccess to false and endpointPrivateAccess to true, or name your networks in publicAccessCidrs.", "endpointPublicAccess を false、endpointPrivateAccess を true にするか、publicAccessCidrs を自社ネットワークに限定してください。"),
}, each("aws_eks_cluster", func(it *Item, found func(check.Hit)) {
	b := cloud.Block(it.Body, "vpc_config")
	public, cidrs := b.Get("endpoint_public_access"), b.Get("public_access_cidrs")
	if cloud.Doubtful(it.Body, "vpc_config") || !public.Known() || off(public) || !cidrs.Known() {
		return
	}
	if cidrs == nil || cidrs.Kind == document.Null {
		if public != nil {
			found(it.field(b, "endpoint_public_access"))
		} else {
			found(it.lack(b))
		}
		return
	}
	for _, n := range cidrs.List() {
		if isWorld(n.Str()) {
			found(it.at(n, brief(n)))
		}
	}
}))

var _ = add(sekisho.Rule{
	ID: "eks-unencrypted-secrets", Aliases: ids("AWS-0039 CKV_AWS_58 EKS.3 aws-eks-encrypt-secrets"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.3.1 cis-kubernetes-1.2.27 cwe-311"),
	Because:    w("The disks are encrypted by AWS anyway; since version 1.28 all data of the API is under a key of AWS.", "ディスクは AWS により暗号化され、1.28 以降は API の全データも AWS の鍵で暗号化されるため。"),
	Title:      w("Secrets of the cluster have no key of your own", "クラスターの Secret に独自の KMS キーがない"),
	Why:        w("Access to the secrets cannot be withdrawn or audited by the key.", "鍵による Secret へのアクセスの取り消しや監査ができません。"),
	Fix:        w("Set encryptionConfig for secrets with a key in KMS.", "secrets に対する encryptionConfig に KMS キーを指定してください。"),
}, each("aws_eks_cluster", func(it *Item, found func(check.Hit)) {
	if cloud.Doubtful(it.Body, "encryption_config") {
		return
	}
	for _, b := range cloud.Blocks(it.Body, "encryption_config") {
		resources := b.Get("resources")
		if !resources.Known() || slices.ContainsFunc(resources.List(), func(n *document.Node) bool { return !n.Known() || n.Str() == "secrets" }) {
			return
		}
	}
	found(it.self())
}))

var _ = add(sekisho.Rule{
	ID: "eks-no-logs", Aliases: ids("AWS-0038 CKV_AWS_37 EKS.8 aws-eks-enable-control-plane-logging"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.4.4 cis-eks-2.1.1 cwe-778"),
	Because:    w("It is about seeing, not about stopping.", "検知のための機能で、防御ではないため。"),
	Title:      w("The cluster does not log {0}", "クラスターのログ {0} が無効"),
	Why:        w("Who did what to the cluster is not known after an incident.", "インシデント後に、誰がクラスターに何をしたか分かりません。"),
	Fix:        w("Enable the log types api, audit and authenticator.", "ログタイプ api、audit、authenticator を有効にしてください。"),
}, each("aws_eks_cluster", func(it *Item, found func(check.Hit)) {
	list := it.Body.Get("enabled_cluster_log_types")
	if !list.Known() || !it.Body.Get("logging").Known() {
		return
	}
	var missing []string
	for _, want := range [...]string{"api", "audit", "authenticator"} {
		if !slices.ContainsFunc(list.List(), func(n *document.Node) bool { return !n.Known() || n.Str() == want }) {
			missing = append(missing, want)
		}
	}
	switch {
	case len(missing) == 0:
	case list != nil:
		found(it.field(it.Body, "enabled_cluster_log_types", strings.Join(missing, ", ")))
	default:
		found(it.self(strings.Join(missing, ", ")))
	}
}))

// supportEnds is the last day of the standard support of EKS for minor versions
// of Kubernetes, as of 2026-08-22, where no database says it; that of older ones
// has ended (https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html).
var supportEnds = map[int]string{31: "2025-11-26", 32: "2026-03-23", 33: "2026-07-29", 34: "2026-12-02", 35: "2027-03-27", 36: "2027-08-02"}

// unsupported says whether the support of a version has ended, by the database
// or else by the table; only versions before the table where the day of the
// judgement is not known.
func unsupported(minor int, s *check.Settings) bool {
	today := ""
	if s != nil {
		today = s.Today
	}
	end, ok := supportEnds[minor]
	if s != nil && s.Ends != nil {
		if day, known := s.Ends("amazon-eks", "1."+strconv.Itoa(minor)); known {
			end, ok = day, true
		}
	}
	return minor < 31 || ok && today > end
}

var _ = add(sekisho.Rule{
	ID: "end-of-life", Aliases: ids("CKV_AWS_339 EKS.2"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.5.2 cwe-1104"),
	Because:    w("AWS patches it for a while longer, for a price.", "しばらくは有償の延長サポートで修正が提供されるため。"),
	Title:      w("The version {0} of the cluster is out of standard support", "クラスターのバージョン {0} が標準サポート終了"),
	Why:        w("The project does not correct flaws of this version any more.", "プロジェクトはこの版の欠陥をもう修正しません。"),
	Fix:        w("Upgrade the cluster, a minor version at a time, and then its nodes.", "クラスターをマイナーバージョンずつ更新し、続けてノードも更新してください。"),
}, each("aws_eks_cluster", func(it *Item, found func(check.Hit)) {
	v := it.Body.Get("version").Str()
	minor, ok := strings.CutPrefix(v, "1.")
	if n, err := strconv.Atoi(minor); ok && err == nil && unsupported(n, it.World.Settings) {
		found(it.field(it.Body, "version", v))
	}
}))

var _ = add(sekisho.Rule{
	ID: "eks-node-ssh", Aliases: ids("CKV_AWS_100"), Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.5.1 cwe-668"),
	Because:    w("EKS opens port 22 to the world when no group is named.", "セキュリティグループを指定しないと、EKS はポート 22 を全世界に開くため。"),
	Title:      w("SSH of the nodes is open to the Internet", "ノードの SSH がインターネットに公開"),
	Why:        w("Nodes are reached past the cluster: whoever has the key is root on them and has the tokens of all their pods.", "クラスターを経由せずノードに届きます。鍵を持つ者はノードの root となり、全 Pod のトークンを得ます。"),
	Fix:        w("Remove ec2SshKey and use Session Manager, or name source security groups.", "ec2SshKey を削除して Session Manager を使うか、接続元のセキュリティグループを指定してください。"),
}, each("aws_eks_node_group", func(it *Item, found func(check.Hit)) {
	b := cloud.Block(it.Body, "remote_access")
	key, k := spelled(b, "ec2_ssh_key")
	if groups := b.Get("source_security_group_ids"); k.Present() && groups.Known() && len(groups.List()) == 0 {
		found(it.field(b, key))
	}
}))

var _ = add(sekisho.Rule{
	ID: "imds-v1", Aliases: ids("AWS-0028 AWS-0130 CKV_AWS_79 EC2.8 EC2.170 aws-ec2-enforce-http-token-imds aws-ec2-enforce-launch-config-http-token-imds"), Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.5.5 cwe-918"),
	Because:    w("One request that a program can be made to send is enough; medium where nothing is said, for the image may decide.", "プログラムに送らせた一つのリクエストで足りるため。指定がない場合は AMI 側で必須化されていることもあるため中とします。"),
	Title:      w("The instance answers metadata requests without a token (IMDSv1)", "インスタンスメタデータがトークンなし (IMDSv1) で応答"),
	Why:        w("A server-side request forgery in any container reads the credentials of the instance's role.", "どのコンテナの SSRF でも、インスタンスのロールの認証情報を読み取れます。"),
	Fix:        w("Set httpTokens to required.", "httpTokens を required にしてください。"),
}, each("aws_launch_template aws_instance aws_launch_configuration", func(it *Item, found func(check.Hit)) {
	if cloud.Doubtful(it.Body, "metadata_options") {
		return
	}
	b := cloud.Block(it.Body, "metadata_options")
	tokens := b.Get("http_tokens")
	switch {
	case off(b.Get("http_endpoint")) || !b.Get("http_endpoint").Known() || !tokens.Known() || tokens.Str() == "required":
	case tokens == nil:
		// Images of Amazon Linux 2023 and settings of accounts may require them.
		h := it.lack(b)
		h.Severity = sekisho.SeverityMedium
		found(h)
	default:
		found(it.field(b, "http_tokens"))
	}
}))

var _ = add(sekisho.Rule{
	ID: "imds-hop-limit", Aliases: ids("CKV_AWS_341"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.5.5 cwe-668"),
	Because:    w("It matters where containers run, and some agents need it.", "コンテナを動かす場合に問題となり、必要とするエージェントもあるため。"),
	Title:      w("Containers reach the metadata of the instance (hop limit {0})", "コンテナがインスタンスメタデータに到達可能 (ホップ制限 {0})"),
	Why:        w("A program in a container asks for a token and gets the credentials of the node.", "コンテナ内のプログラムがトークンを要求し、ノードの認証情報を得られます。"),
	Fix:        w("Set httpPutResponseHopLimit to 1; give pods and tasks roles of their own.", "httpPutResponseHopLimit を 1 にし、Pod やタスクには専用のロールを与えてください。"),
}, each("aws_launch_template aws_instance aws_launch_configuration", func(it *Item, found func(check.Hit)) {
	b := cloud.Block(it.Body, "metadata_options")
	if n, ok := b.Get("http_put_response_hop_limit").Int(); ok && n > 1 && !off(b.Get("http_endpoint")) {
		found(it.field(b, "http_put_response_hop_limit", strconv.FormatInt(n, 10)))
	}
}))

// userData is the script of an instance; known says whether it can be read.
func (it *Item) userData() (key, text string) {
	for _, key := range [...]string{"user_data", "user_data_base64"} {
		if n := it.Body.Get(key); n != nil && n.Kind == document.String {
			return key, decoded(n.Text)
		}
	}
	return "", ""
}

var _ = add(sekisho.Rule{
	ID: "ecs-imds-open", Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.5.5 cwe-668"),
	Because:    w("It is for tasks in awsvpc mode; a hop limit of 1 stops those in bridge mode.", "awsvpc モードのタスクが対象で、bridge モードはホップ制限 1 で防げるため。"),
	Title:      w("Tasks on the instance reach its metadata", "インスタンス上のタスクからメタデータに到達可能"),
	Why:        w("A program in a task asks for the credentials of the instance, which may register instances and read every task's images.", "タスク内のプログラムがインスタンスの認証情報を取得できます。これでインスタンスの登録や全タスクのイメージ取得が可能です。"),
	Fix:        w("Write ECS_AWSVPC_BLOCK_IMDS=true into /etc/ecs/ecs.config.", "/etc/ecs/ecs.config に ECS_AWSVPC_BLOCK_IMDS=true を書いてください。"),
}, each("aws_launch_template aws_instance aws_launch_configuration", func(it *Item, found func(check.Hit)) {
	key, text := it.userData()
	if strings.Contains(text, "ECS_CLUSTER") && !strings.Contains(text, "ECS_AWSVPC_BLOCK_IMDS=true") && !strings.Contains(text, "awsvpc-block-imds") {
		found(it.shown(it.Body, key, "ECS_CLUSTER="))
	}
}))

var _ = add(sekisho.Rule{
	ID: "secret-in-user-data", Aliases: ids("AWS-0029 AWS-0129 CKV_AWS_46"), Severity: sekisho.SeverityHigh,
	References: ids("cwe-798 cwe-312"),
	Because:    w("Every program on the instance can read it.", "インスタンス上のどのプログラムからも読めるため。"),
	Title:      w("The user data of the instance holds a secret", "インスタンスのユーザーデータにシークレット"),
	Why:        w("User data is in the metadata, in the console and in every version of the template.", "ユーザーデータはメタデータ、コンソール、テンプレートの全バージョンから読めます。"),
	Fix:        w("Fetch the secret from Secrets Manager when the instance starts; change it, for it is known.", "起動時に Secrets Manager から取得してください。既に知られているものとして値も変更します。"),
}, each("aws_launch_template aws_instance aws_launch_configuration", func(it *Item, found func(check.Hit)) {
	key, text := it.userData()
	for line := range strings.Lines(text) {
		if hasSecretWord(line) {
			h := it.shown(it.Body, key, maskWords(cloud.Show(strings.TrimSpace(line))))
			found(h)
			return
		}
	}
}))
