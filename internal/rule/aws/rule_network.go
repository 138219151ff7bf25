// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func isWorld(cidr string) bool { return cidr == "0.0.0.0/0" || cidr == "::/0" }

// opening is a rule of a security group that lets the world in.
type opening struct {
	rule     *document.Node
	world    *document.Node
	from, to int64
	all      bool
}

// openings are those of a security group, or of a rule by itself.
func (it *Item) openings() (out []opening) {
	var list []*document.Node
	switch it.Type {
	case "aws_security_group", "aws_default_security_group":
		list = cloud.Blocks(it.Body, "ingress")
	case "aws_vpc_security_group_ingress_rule":
		list = []*document.Node{it.Body}
	case "aws_security_group_rule":
		if it.Body.Get("type").Str() == "ingress" {
			list = []*document.Node{it.Body}
		}
	}
	for _, r := range list {
		var world *document.Node
		for _, key := range [...]string{"cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "cidr_ip"} {
			for _, n := range texts(r.Get(key)) {
				if isWorld(n.Str()) && world == nil {
					world = n
				}
			}
		}
		if world == nil {
			continue
		}
		o := opening{rule: r, world: world}
		_, p := spelled(r, "protocol", "ip_protocol")
		var a, b bool
		o.from, a = r.Get("from_port").Int()
		o.to, b = r.Get("to_port").Int()
		switch {
		case !p.Known():
			continue
		case p.Str() == "-1" || p.Str() == "all":
			o.all = true
		case p.Str() == "icmp" || p.Str() == "icmpv6" || p.Str() == "58" || p.Str() == "1":
			continue
		case !a || !b:
			continue
		}
		o.all = o.all || o.from <= 0 && o.to >= 65535
		out = append(out, o)
	}
	return out
}

// ofGroup are a security group and the rules that are declared by themselves.
func (w *World) ofGroup(group *cloud.Resource) []*Item {
	if w.groups == nil {
		w.groups = map[*cloud.Resource][]*Item{}
		for _, it := range w.Items {
			if it.Type == "aws_security_group" {
				w.groups[it.Resource] = append(w.groups[it.Resource], it)
			} else if r := w.resolve(it.Body.Get("security_group_id")); r != nil {
				w.groups[r] = append(w.groups[r], it)
			}
		}
	}
	return w.groups[group]
}

// adminPorts give a host or its data to whoever gets through.
var adminPorts = []struct {
	port int64
	name string
}{
	{22, "SSH"},
	{23, "Telnet"},
	{445, "SMB"},
	{1433, "SQL Server"},
	{1521, "Oracle"},
	{2049, "NFS"},
	{2375, "Docker"},
	{2376, "Docker"},
	{2379, "etcd"},
	{3306, "MySQL"},
	{3389, "RDP"},
	{5432, "PostgreSQL"},
	{5601, "Kibana"},
	{5900, "VNC"},
	{6379, "Redis"},
	{6443, "Kubernetes"},
	{9200, "Elasticsearch"},
	{10250, "kubelet"},
	{11211, "memcached"},
	{27017, "MongoDB"},
	{51678, "ECS agent"},
}

var _ = add(sekisho.Rule{
	ID: "open-all-ports", Aliases: ids("CKV_AWS_277"), Severity: sekisho.SeverityCritical,
	References: ids("nist-800-190-4.3.3 cwe-284"),
	Because:    w("Everything that listens is open to everybody.", "待ち受けるすべてが誰にでも開かれるため。"),
	Title:      w("The security group lets everyone reach every port", "セキュリティグループが全ポートを全世界に開放"),
	Why:        w("Whatever a task or a node starts to listen on is on the Internet at once.", "タスクやノードが待ち受けを始めたものが、すぐにインターネットに公開されます。"),
	Fix:        w("Open the one port that is served, to the security group of the load balancer.", "提供するポートだけを、ロードバランサーのセキュリティグループに対して開いてください。"),
}, func(it *Item, found func(check.Hit)) {
	for _, o := range it.openings() {
		if o.all {
			found(it.at(o.world, brief(o.world)))
		}
	}
})

var _ = add(sekisho.Rule{
	ID: "open-admin-port", Aliases: ids("AWS-0107 CKV_AWS_24 CKV_AWS_25 EC2.13 EC2.14 EC2.19 aws-ec2-no-public-ingress-sgr"), Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.3.3 cwe-284"),
	Because:    w("These ports are searched for all day.", "これらのポートは常に探索されているため。"),
	Title:      w("The security group lets everyone reach port {0} ({1})", "セキュリティグループがポート {0} ({1}) を全世界に開放"),
	Why:        w("One weak password or one flaw of the service is the whole host or all of its data.", "弱いパスワードやサービスの欠陥一つで、ホスト全体や全データを奪われます。"),
	Fix:        w("Remove the rule; use Session Manager or ECS Exec for shells, and name the security groups that need the data.", "ルールを削除し、シェルには Session Manager や ECS Exec を使い、データには必要なセキュリティグループだけを許可してください。"),
}, func(it *Item, found func(check.Hit)) {
	for _, o := range it.openings() {
		if o.all {
			continue
		}
		for _, p := range adminPorts {
			if o.from <= p.port && p.port <= o.to {
				h := it.at(o.world, brief(o.world), strconv.FormatInt(p.port, 10), p.name)
				h.Key = fmt.Sprint(p.port, h.Excerpt)
				found(h)
				break
			}
		}
	}
})

var _ = add(sekisho.Rule{
	ID: "open-task-port", Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.3.3 cwe-284"),
	Because:    w("In a private subnet the Internet still does not reach it.", "プライベートサブネットであればインターネットからは届かないため。"),
	Title:      w("Everyone may reach the tasks of {0} past their load balancer", "{0} のタスクにロードバランサーを通らず到達可能"),
	Why:        w("The web application firewall, the log and the certificate of the load balancer are passed by.", "ロードバランサーの WAF、ログ、証明書を迂回されます。"),
	Fix:        w("Let the tasks' group take traffic from the load balancer's group only.", "タスクのセキュリティグループでは、ロードバランサーのグループからの通信だけを許可してください。"),
}, each("aws_ecs_service", func(it *Item, found func(check.Hit)) {
	if lb := it.Body.Get("load_balancer"); lb == nil && it.Body.Get("load_balancers") == nil {
		return
	}
	for _, n := range it.awsvpc().Get("security_groups").List() {
		group := it.World.resolve(n)
		if group == nil {
			continue
		}
		for _, other := range it.World.ofGroup(group) {
			for _, o := range other.openings() {
				found(it.within(other.Resource, other.at(o.world, brief(o.world), it.Title)))
			}
		}
	}
}))

var _ = add(sekisho.Rule{
	ID: "http-listener", Aliases: ids("AWS-0054 CKV_AWS_2 ELB.1 aws-elb-http-not-used"), Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.3.3 cwe-319"),
	Because:    w("Sessions and passwords cross networks in clear; inside of a VPC it is low.", "セッションやパスワードが平文で流れるため。VPC 内部のロードバランサーでは低とします。"),
	Title:      w("The load balancer serves HTTP in clear", "ロードバランサーが平文の HTTP を提供"),
	Why:        w("Whoever is on the way reads and changes what users send and get.", "経路上の者が、利用者の送受信内容を読み、書き換えられます。"),
	Fix:        w("Make the listener redirect to HTTPS, and add a listener with a certificate.", "リスナーを HTTPS へのリダイレクトにし、証明書付きのリスナーを追加してください。"),
}, each("aws_lb_listener aws_alb_listener", func(it *Item, found func(check.Hit)) {
	p := it.Body.Get("protocol")
	if p.Str() != "HTTP" || cloud.Doubtful(it.Body, "default_action") {
		return
	}
	for _, a := range cloud.Blocks(it.Body, "default_action") {
		to := cloud.Block(a, "redirect").Get("protocol")
		if a.Get("type").Str() == "redirect" && (to.Str() == "HTTPS" || !to.Known()) || a.Get("type").Str() == "fixed-response" || !a.Get("type").Known() {
			return
		}
	}
	h := it.field(it.Body, "protocol")
	if lb := it.World.resolve(it.Body.Get("load_balancer_arn")); lb != nil && lb.Body.Get("internal").True() {
		h.Severity = sekisho.SeverityLow
	}
	found(h)
}))

var _ = add(sekisho.Rule{
	ID: "old-tls-policy", Aliases: ids("AWS-0047 CKV_AWS_103 ELB.8 aws-elb-use-secure-tls-policy"), Severity: sekisho.SeverityMedium,
	References: ids("cwe-326 cwe-327"),
	Because:    w("Attacks on old versions need a place in the network.", "古い版への攻撃にはネットワーク上の位置が必要なため。"),
	Title:      w("The listener accepts old versions of TLS", "リスナーが古い TLS バージョンを許可"),
	Why:        w("TLS 1.0 and 1.1 can be broken, and clients talked into using them.", "TLS 1.0 と 1.1 は破られる恐れがあり、クライアントを誘導して使わせることもできます。"),
	Fix:        w("Use a policy such as ELBSecurityPolicy-TLS13-1-2-2021-06.", "ELBSecurityPolicy-TLS13-1-2-2021-06 などのポリシーを使ってください。"),
}, each("aws_lb_listener aws_alb_listener", func(it *Item, found func(check.Hit)) {
	n := it.Body.Get("ssl_policy")
	switch p := n.Str(); {
	case !n.Known():
	case p == "":
		// The default of an interface other than the console is the policy of 2016.
		if v := it.Body.Get("protocol").Str(); v == "HTTPS" || v == "TLS" {
			found(it.self())
		}
	case strings.Contains(p, "TLS13-1-0") || strings.Contains(p, "TLS13-1-1"), p == "ELBSecurityPolicy-2016-08", strings.Contains(p, "TLS-1-0"), strings.Contains(p, "TLS-1-1"), p == "ELBSecurityPolicy-FS-2018-06", p == "ELBSecurityPolicy-2015-05":
		found(it.field(it.Body, "ssl_policy"))
	}
}))

var _ = add(sekisho.Rule{
	ID: "lb-invalid-headers", Aliases: ids("AWS-0052 CKV_AWS_131 ELB.4 aws-elb-drop-invalid-headers"), Severity: sekisho.SeverityLow,
	References: ids("cwe-444"),
	Because:    w("It needs a flaw of the program behind it.", "背後のプログラムに欠陥がある場合に問題となるため。"),
	Title:      w("The load balancer passes invalid headers on", "ロードバランサーが不正なヘッダーを通過させる"),
	Why:        w("Headers that the load balancer and the program read differently smuggle requests.", "ロードバランサーとプログラムで解釈が異なるヘッダーにより、リクエストスマグリングが可能になります。"),
	Fix:        w("Set routing.http.drop_invalid_header_fields.enabled to true.", "routing.http.drop_invalid_header_fields.enabled を true にしてください。"),
}, each("aws_lb aws_alb", func(it *Item, found func(check.Hit)) {
	if t := it.Body.Get("load_balancer_type"); !t.Known() || t.Str() != "" && t.Str() != "application" {
		return
	}
	switch n := it.Body.Get("drop_invalid_header_fields"); {
	case n == nil && !it.Body.Get("load_balancer_attributes").Known():
	case n == nil || n.Kind == document.Null:
		found(it.self())
	case off(n):
		found(it.field(it.Body, "drop_invalid_header_fields"))
	}
}))

var _ = add(sekisho.Rule{
	ID: "lb-no-access-log", Aliases: ids("CKV_AWS_91 ELB.5"), Severity: sekisho.SeverityLow, Off: true,
	References: ids("cwe-778"),
	Because:    w("The program may log requests itself.", "プログラム自身がリクエストを記録していることもあるため。"),
	Title:      w("The load balancer keeps no access log", "ロードバランサーのアクセスログが無効"),
	Why:        w("Who asked for what is not known after an attack.", "攻撃の後に、誰が何を要求したか分かりません。"),
	Fix:        w("Enable access logs to a bucket.", "バケットへのアクセスログを有効にしてください。"),
}, each("aws_lb aws_alb", func(it *Item, found func(check.Hit)) {
	if cloud.Doubtful(it.Body, "access_logs") {
		return
	}
	if n := it.Body.Get("access_logs_enabled"); !n.Known() || on(n) {
		return
	}
	if b := cloud.Block(it.Body, "access_logs"); !on(b.Get("enabled")) && b.Get("enabled").Known() {
		found(it.lack(b))
	}
}))

var _ = add(sekisho.Rule{
	ID: "lb-no-deletion-protection", Aliases: ids("CKV_AWS_150 ELB.6"), Severity: sekisho.SeverityLow, Off: true,
	References: ids("cwe-693"),
	Because:    w("It is about mistakes rather than attacks.", "攻撃よりも操作ミスへの備えであるため。"),
	Title:      w("The load balancer can be deleted by mistake", "ロードバランサーの削除保護が無効"),
	Why:        w("One wrong command takes the service from the net, and its address with it.", "一つの誤操作でサービスとアドレスが失われます。"),
	Fix:        w("Enable deletion protection.", "削除保護を有効にしてください。"),
}, each("aws_lb aws_alb", func(it *Item, found func(check.Hit)) {
	if n := it.Body.Get("enable_deletion_protection"); n.Known() && !on(n) {
		found(it.self())
	}
}))
