// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// baselineCapabilities may be added under the baseline: what container engines
// give by default, without NET_RAW.
var baselineCapabilities = strings.Fields("AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT")

// nodeCapabilities give the node, or nearly so.
var nodeCapabilities = strings.Fields("ALL SYS_ADMIN SYS_MODULE SYS_PTRACE SYS_RAWIO SYS_BOOT DAC_READ_SEARCH BPF MAC_ADMIN MAC_OVERRIDE")

// capability is the name as the kernel's lists have it: "CAP_" is accepted by
// some engines.
func capability(n *document.Node) string { return n.Str() }

// plainCapability is the name without the prefix and in capitals, for its weight.
func plainCapability(s string) string { return strings.TrimPrefix(strings.ToUpper(s), "CAP_") }

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "added-capability", Aliases: ids("KSV-0022 KSV-0005 KSV-0119 KSV-0120 CKV_K8S_24 CKV_K8S_25 CKV_K8S_39 C-0046"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("pss-baseline cis-kubernetes-5.2.9 nist-800-190-4.4.3 nsa-cisa-pod-security cwe-250"),
		Because:    w("Medium; high for the capabilities that give the node (SYS_ADMIN, SYS_MODULE, SYS_PTRACE, BPF, ALL ...).", "通常は中。ノードを奪えるケーパビリティ (SYS_ADMIN、SYS_MODULE、SYS_PTRACE、BPF、ALL など) は高。"),
		Title:      w("Container {0} adds the capability {1}", "コンテナ {0} がケーパビリティ {1} を追加"),
		Why:        w("{1} is more than container engines give by default; an intruder uses it on the kernel, the network of the pod, or the node.", "{1} はコンテナエンジンの既定を超える権限です。侵入者はこれをカーネルや Pod のネットワーク、ノードに対して使います。"),
		Fix:        w("Remove {1} from capabilities.add; drop ALL and add back only what the program fails without.", "capabilities.add から {1} を外してください。ALL を drop し、ないと動かないものだけを戻します。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		for _, n := range c.Security("capabilities", "add").List() {
			name := capability(n)
			if !n.Known() || slices.Contains(baselineCapabilities, name) {
				continue
			}
			h := c.Pod.Owner.at(n, "add: "+name, c.Name, name)
			h.Key = c.Name + "\x00" + name
			if slices.Contains(nodeCapabilities, plainCapability(name)) {
				h.Severity = sekisho.SeverityHigh
			}
			found(h)
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "capabilities-not-dropped", Aliases: ids("KSV-0003 KSV-0004 KSV-0106 CKV_K8S_7 CKV_K8S_28 CKV_K8S_37 drop-net-raw-capability"), Severity: sekisho.SeverityLow, Stages: anywhere(),
		References: ids("pss-restricted cis-kubernetes-5.2.8 cis-kubernetes-5.2.9 nist-800-190-4.4.3 nsa-cisa-pod-security"),
		Because:    w("The engine's default set is of use to an intruder only after a first break-in.", "既定のケーパビリティが役立つのは最初の侵入の後であるため。"),
		Title:      w("Container {0} keeps capabilities", "コンテナ {0} がケーパビリティを保持"),
		Why:        w("Without drop: [ALL] the process keeps raw sockets, file ownership overrides and more; adding anything but NET_BIND_SERVICE is beyond the restricted standard.", "drop: [ALL] がないと、raw ソケットやファイル所有権の上書きなどが残ります。restricted 標準では NET_BIND_SERVICE 以外の追加も認められません。"),
		Fix:        w("Write securityContext.capabilities.drop: [ALL], and add NET_BIND_SERVICE only where a port under 1024 is needed.", "securityContext.capabilities.drop: [ALL] を書き、1024 未満のポートが必要な場合に限り NET_BIND_SERVICE を追加してください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		if c.Pod.Windows() || c.Security("privileged").True() {
			return
		}
		caps := c.Security("capabilities")
		drops := slices.ContainsFunc(caps.Get("drop").List(), func(n *document.Node) bool { return capability(n) == "ALL" || !n.Known() })
		switch {
		case !drops && caps.Get("drop").Present():
			found(c.has(caps, "drop"))
		case !drops && caps.Get("drop").Known():
			found(c.named())
		default:
			for _, n := range caps.Get("add").List() {
				// What is beyond the baseline is told by added-capability.
				if name := capability(n); name != "NET_BIND_SERVICE" && slices.Contains(baselineCapabilities, name) {
					h := c.Pod.Owner.at(n, "add: "+name, c.Name)
					h.Key = c.Name + "\x00" + name
					found(h)
				}
			}
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "apparmor-unconfined", Aliases: ids("KSV-0002"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("pss-baseline nist-800-190-4.4.3 nsa-cisa-pod-security"),
		Because:    w("A protection that is there by default is switched off.", "既定で有効な保護を無効にしているため。"),
		Title:      w("AppArmor is switched off or its profile is unknown", "AppArmor が無効、または不明なプロファイルを指定"),
		Why:        w("Without the engine's profile the process may write below /proc and /sys, mount, and trace others.", "エンジンの既定プロファイルがないと、/proc や /sys への書き込み、マウント、他プロセスの追跡が許されます。"),
		Fix:        w("Set appArmorProfile.type to RuntimeDefault, or to Localhost with a profile of your own.", "appArmorProfile.type を RuntimeDefault、または独自プロファイルの Localhost にしてください。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		const prefix = "container.apparmor.security.beta.kubernetes.io/"
		notes := p.Meta.Get("annotations")
		for key, v := range notes.Members() {
			if s := v.Str(); strings.HasPrefix(key, prefix) && v.Known() && s != "" && s != "runtime/default" && !strings.HasPrefix(s, "localhost/") {
				found(p.Owner.field(notes, key))
			}
		}
		profile := func(sc *document.Node, c *Container) {
			a := sc.Get("appArmorProfile")
			if t := a.Get("type"); t.Present() && t.Known() && t.Str() != "RuntimeDefault" && t.Str() != "Localhost" {
				if c == nil {
					found(p.Owner.field(a, "type"))
				} else {
					found(c.has(a, "type"))
				}
			}
		}
		profile(p.Spec.Get("securityContext"), nil)
		for _, c := range p.Containers {
			profile(c.Security(), c)
		}
	}),
})

// selinuxTypes are the types of processes in containers.
var selinuxTypes = []string{"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "selinux-options", Aliases: ids("KSV-0025"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("pss-baseline nist-800-190-4.4.3 nsa-cisa-pod-security"),
		Because:    w("SELinux types such as spc_t confine nothing.", "spc_t のような SELinux タイプは何も制限しないため。"),
		Title:      w("SELinux is given the {0} {1}", "SELinux の {0} に {1} を指定"),
		Why:        w("Another user, role or type than those of containers lets the process out of the confinement that the node gives it.", "コンテナ用以外のユーザー・ロール・タイプを与えると、ノードによる閉じ込めからプロセスが外れます。"),
		Fix:        w("Remove the option, or use one of container_t, container_init_t, container_kvm_t, container_engine_t as the type; user and role stay unset.", "指定を削除するか、type には container_t、container_init_t、container_kvm_t、container_engine_t のいずれかを使ってください。user と role は指定しません。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		options := func(sc *document.Node, hit func(m *document.Node, key string, args ...string)) {
			o := sc.Get("seLinuxOptions")
			if t := o.Get("type"); t.Known() && !slices.Contains(selinuxTypes, t.Str()) {
				hit(o, "type", "type", t.Str())
			}
			for _, key := range [...]string{"user", "role"} {
				if v := o.Get(key).Str(); v != "" {
					hit(o, key, key, v)
				}
			}
		}
		options(p.Spec.Get("securityContext"), func(m *document.Node, key string, args ...string) { found(p.Owner.field(m, key, args...)) })
		for _, c := range p.Containers {
			options(c.Security(), func(m *document.Node, key string, args ...string) {
				h := p.Owner.field(m, key, args...)
				h.Key = c.Name + "\x00" + h.Excerpt
				found(h)
			})
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "proc-mount", Aliases: ids("KSV-0027 unsafe-proc-mount"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("pss-baseline nist-800-190-4.4.3"),
		Because:    w("Kernel settings under /proc become visible and writable.", "/proc のカーネル設定が見え、書き込めるため。"),
		Title:      w("Container {0} has /proc unmasked", "コンテナ {0} の /proc がマスクされていない"),
		Why:        w("Masked parts of /proc tell of the node and change its kernel.", "/proc のマスクされた部分からはノードの情報が読め、カーネルの設定も変えられます。"),
		Fix:        w("Remove procMount, or set it to Default. Nested containers need Unmasked with hostUsers: false.", "procMount を削除するか Default にしてください。コンテナ内でコンテナを動かす場合は hostUsers: false と併用します。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		if m := c.Security("procMount"); m.Known() && m.Str() != "" && m.Str() != "Default" && !c.Pod.UserNamespace() {
			found(c.has(c.Security(), "procMount"))
		}
	}),
})

// safeSysctls are those that the baseline allows: they belong to a namespace and
// isolate pods from each other.
var safeSysctls = strings.Fields("kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start net.ipv4.tcp_syncookies net.ipv4.ping_group_range net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_rmem net.ipv4.tcp_wmem net.ipv4.tcp_slow_start_after_idle net.ipv4.tcp_notsent_lowat")

// The restricted standard forbids it even there, since Kubernetes 1.35.
var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "proc-mount-user-namespace", Severity: sekisho.SeverityNegligible, Stages: anywhere(), References: ids("pss-restricted"),
		Because: w("Root of the user namespace is nobody on the node.", "ユーザー名前空間の root はノードでは無権限のため。"),
		Title:   w("Container {0} has /proc unmasked in a user namespace", "コンテナ {0} がユーザー名前空間内で /proc をマスクしていない"),
		Why:     w("The baseline allows it beside hostUsers: false; a namespace that enforces the restricted standard refuses the pod.", "baseline では hostUsers: false と併せて許されますが、restricted 標準を強制する Namespace では Pod が拒否されます。"),
		Fix:     w("Remove procMount unless the pod runs containers of its own.", "Pod 内でコンテナを動かすのでなければ procMount を削除してください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		if m := c.Security("procMount"); m.Known() && m.Str() != "" && m.Str() != "Default" && c.Pod.UserNamespace() {
			found(c.has(c.Security(), "procMount"))
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "unsafe-sysctl", Aliases: ids("KSV-0026 unsafe-sysctls"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("pss-baseline nist-800-190-4.4.3"),
		Because:    w("Some sysctls reach other pods or the node.", "他の Pod やノードに影響する sysctl があるため。"),
		Title:      w("The pod sets the sysctl {0}", "Pod が sysctl {0} を設定"),
		Why:        w("{0} is not among those that are known to stay in the pod: it can disturb neighbours or weaken the node.", "{0} は Pod 内に閉じると分かっている sysctl ではなく、隣の Pod を妨げたりノードを弱めたりするおそれがあります。"),
		Fix:        w("Remove it, or set it for the node where it is really needed.", "削除してください。本当に必要ならノード側で設定します。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		for _, s := range p.Spec.Get("securityContext", "sysctls").List() {
			if name := s.Get("name"); name.Known() && name.Str() != "" && !slices.Contains(safeSysctls, name.Str()) {
				found(p.Owner.field(s, "name", name.Str()))
			}
		}
	}),
})
