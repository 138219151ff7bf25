// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// The controls of the Pod Security Standards' baseline that are about the host
// (https://kubernetes.io/docs/concepts/security/pod-security-standards/).

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "privileged", Aliases: ids("KSV-0017 CKV_K8S_2 CKV_K8S_16 C-0057 privileged-container scc-deny-privileged-container CKV_K8S_1"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("pss-baseline cis-kubernetes-5.2.2 nist-800-190-4.4.3 nsa-cisa-pod-security cwe-250"),
		Because:    w("Whoever takes the process has the node.", "プロセスを奪われるとノード全体を奪われるため。"),
		Title:      w("Container {0} is privileged", "コンテナ {0} が特権で動作"),
		Why:        w("A privileged container has every capability, every device and no seccomp, AppArmor or SELinux confinement: an intruder mounts the node's disk and leaves the container.", "特権コンテナは全ケーパビリティと全デバイスを持ち、seccomp・AppArmor・SELinux の制限も外れます。侵入者はノードのディスクをマウントしてコンテナから抜け出せます。"),
		Fix:        w("Remove privileged: true. Where one thing is needed, add that one capability, or mount that one device by a device plugin.", "privileged: true を削除してください。特定の操作だけが必要なら、そのケーパビリティだけを追加するか、デバイスプラグインで必要なデバイスだけを渡してください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		if c.Security("privileged").True() {
			found(c.has(c.Security(), "privileged"))
		}
	}),
})

// hostFlag judges a boolean of the pod.
func hostFlag(key string) func(*Object, func(check.Hit)) {
	return eachPod(func(p *Pod, found func(check.Hit)) {
		if p.Spec.Get(key).True() {
			found(p.Owner.field(p.Spec, key))
		}
	})
}

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "host-network", Aliases: ids("KSV-0009 CKV_K8S_4 CKV_K8S_19 C-0041"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("pss-baseline cis-kubernetes-5.2.5 nist-800-190-4.3.3 nsa-cisa-pod-security"),
		Because:    w("Network policies end at the host's network.", "ホストのネットワークにはネットワークポリシーが効かないため。"),
		Title:      w("The pod uses the network of the node", "Pod がノードのネットワークを使用"),
		Why:        w("The pod reaches what listens on the node's own addresses (kubelet, metadata service, local agents), can watch the node's traffic, and no NetworkPolicy holds it.", "Pod からノード自身のアドレスで待ち受けるもの (kubelet、メタデータサービス、ローカルエージェント) に届き、ノードの通信を観察でき、NetworkPolicy も適用されません。"),
		Fix:        w("Remove hostNetwork: true and publish the port by a Service.", "hostNetwork: true を削除し、ポートは Service で公開してください。"),
	},
	Judge: hostFlag("hostNetwork"),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "host-pid", Aliases: ids("KSV-0010 CKV_K8S_17 C-0038"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("pss-baseline cis-kubernetes-5.2.3 nist-800-190-4.4.3 nsa-cisa-pod-security"),
		Because:    w("Processes of the node and of other pods are in reach.", "ノードと他の Pod のプロセスに手が届くため。"),
		Title:      w("The pod sees the processes of the node", "Pod がノードの PID 名前空間を使用"),
		Why:        w("An intruder reads the environment and the files of every process on the node through /proc, and with a few more rights takes them over.", "侵入者は /proc を通じてノード上の全プロセスの環境変数やファイルを読み、わずかな権限の追加でそれらを乗っ取れます。"),
		Fix:        w("Remove hostPID: true. Containers of one pod share processes by shareProcessNamespace.", "hostPID: true を削除してください。同じ Pod 内で共有するだけなら shareProcessNamespace を使います。"),
	},
	Judge: hostFlag("hostPID"),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "host-ipc", Aliases: ids("KSV-0008 CKV_K8S_3 CKV_K8S_18"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("pss-baseline cis-kubernetes-5.2.4 nist-800-190-4.4.3 nsa-cisa-pod-security"),
		Because:    w("Shared memory of the node's processes can be read and changed.", "ノードのプロセスの共有メモリを読み書きできるため。"),
		Title:      w("The pod uses the IPC namespace of the node", "Pod がノードの IPC 名前空間を使用"),
		Why:        w("Shared memory and semaphores of databases and agents on the node are open to the pod.", "ノード上のデータベースやエージェントの共有メモリとセマフォに Pod から触れられます。"),
		Fix:        w("Remove hostIPC: true; an emptyDir with medium: Memory shares memory in the pod.", "hostIPC: true を削除してください。Pod 内の共有メモリには medium: Memory の emptyDir を使います。"),
	},
	Judge: hostFlag("hostIPC"),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "host-process", Aliases: ids("KSV-0103"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("pss-baseline cis-kubernetes-5.2.10 nist-800-190-4.4.3"),
		Because:    w("The container is a process of the Windows node.", "コンテナが Windows ノードのプロセスとして動くため。"),
		Title:      w("The Windows container runs on the host", "Windows コンテナがホスト上で動作 (HostProcess)"),
		Why:        w("A HostProcess container is not isolated at all: it runs with an account of the node.", "HostProcess コンテナはまったく隔離されず、ノードのアカウントで動作します。"),
		Fix:        w("Remove windowsOptions.hostProcess; keep it to the agents that administer nodes, in a namespace of their own.", "windowsOptions.hostProcess を削除してください。ノードを管理するエージェントに限り、専用の Namespace で使います。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		if o := p.Spec.Get("securityContext", "windowsOptions"); o.Get("hostProcess").True() {
			found(p.Owner.field(o, "hostProcess"))
		}
		for _, c := range p.Containers {
			if o := c.Security("windowsOptions"); o.Get("hostProcess").True() {
				found(c.has(o, "hostProcess"))
			}
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "host-port", Aliases: ids("KSV-0024 CKV_K8S_26 C-0044"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("pss-baseline cis-kubernetes-5.2.12 nsa-cisa-network"),
		Because:    w("The port is open on every node's address.", "ノードのアドレスでポートが開くため。"),
		Title:      w("Container {0} opens port {1} of the node", "コンテナ {0} がノードのポート {1} を使用"),
		Why:        w("A port of the node is reached past Services, load balancers and often past network policies; it also ties the pod to a node.", "ノードのポートには Service やロードバランサー、多くの場合はネットワークポリシーも通らずに届きます。Pod の配置もノードに縛られます。"),
		Fix:        w("Remove hostPort and expose the container by a Service.", "hostPort を削除し、Service で公開してください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		for _, p := range c.Node.Get("ports").List() {
			if v, ok := p.Get("hostPort").Int(); ok && v != 0 {
				found(c.has(p, "hostPort", p.Get("hostPort").Str()))
			}
		}
	}),
})

// handlers calls visit with each probe and hook of a container.
func (c *Container) handlers(visit func(*document.Node)) {
	for _, probe := range [...]string{"livenessProbe", "readinessProbe", "startupProbe"} {
		visit(c.Node.Get(probe))
	}
	for _, hook := range [...]string{"postStart", "preStop"} {
		visit(c.Node.Get("lifecycle", hook))
	}
}

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "probe-host", Severity: sekisho.SeverityMedium, Stages: anywhere(), References: ids("pss-baseline cwe-918"),
		Because: w("The kubelet asks wherever the manifest says.", "kubelet がマニフェストの指定先へ接続するため。"),
		Title:   w("A probe or hook of container {0} names a host", "コンテナ {0} のプローブまたはフックが host を指定"),
		Why:     w("The kubelet sends the request from the node's network: whoever may create pods makes it call the metadata service or anything that trusts the node.", "リクエストはノードのネットワークから送られるため、Pod を作成できる者は kubelet にメタデータサービスやノードを信頼する相手を呼び出させることができます。"),
		Fix:     w("Remove host: the probe then asks the pod itself. A virtual host is asked for by httpHeaders.", "host を削除してください。プローブは Pod 自身に送られます。仮想ホスト名は httpHeaders で指定します。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		c.handlers(func(h *document.Node) {
			for _, kind := range [...]string{"httpGet", "tcpSocket"} {
				if a := h.Get(kind); a.Get("host").Str() != "" {
					found(c.has(a, "host"))
				}
			}
		})
	}),
})
