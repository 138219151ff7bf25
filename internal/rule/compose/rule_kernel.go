// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// capability is the name of a capability without its prefix, in upper case.
func capability(v Value) string {
	return strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(v.Text)), "CAP_")
}

// capabilities that give the host, or most of it (high), and those that give
// the network or the data of others (medium). All others are left alone: they
// are among Docker's own, or do little.
var capabilities = map[string]sekisho.Severity{
	"ALL": sekisho.SeverityHigh, "SYS_ADMIN": sekisho.SeverityHigh, "SYS_MODULE": sekisho.SeverityHigh, "SYS_PTRACE": sekisho.SeverityHigh,
	"SYS_RAWIO": sekisho.SeverityHigh, "DAC_READ_SEARCH": sekisho.SeverityHigh, "SYS_BOOT": sekisho.SeverityHigh, "BPF": sekisho.SeverityHigh,
	"MAC_ADMIN": sekisho.SeverityHigh, "MAC_OVERRIDE": sekisho.SeverityHigh, "PERFMON": sekisho.SeverityMedium, "CHECKPOINT_RESTORE": sekisho.SeverityMedium,
	"NET_ADMIN": sekisho.SeverityMedium, "SYSLOG": sekisho.SeverityMedium, "SYS_TIME": sekisho.SeverityMedium, "AUDIT_CONTROL": sekisho.SeverityMedium,
	"AUDIT_READ": sekisho.SeverityMedium, "LINUX_IMMUTABLE": sekisho.SeverityMedium, "SYS_CHROOT": 0, "NET_RAW": 0,
}

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "added-capability", Aliases: ids("CIS-Docker-5.4 CIS-Docker-C.5.3.1 CIS-Docker-C.5.3.2 CIS-Docker-C.5.3.3 CIS-Docker-C.5.3.4"), Severity: sekisho.SeverityMedium,
		References: ids("cis-docker-5.4 nist-800-190-4.4.3 cwe-250"),
		Because:    w("High for those that lead out of the container by themselves (SYS_ADMIN, SYS_MODULE, SYS_PTRACE, BPF ...), unless the engine is rootless.", "単独でコンテナから抜け出せるもの (SYS_ADMIN、SYS_MODULE、SYS_PTRACE、BPF など) は高。rootless なら中。"),
		Title:      w("Container {0} is given the capability {1}", "コンテナ {0} にケーパビリティ {1} を付与"),
		Why:        w("{1} is not among the engine's default set: an intruder has a right on the kernel that other containers do not have.", "{1} はエンジンの既定に含まれず、侵入者は他のコンテナにはないカーネル上の権限を得ます。"),
		Fix:        w("Remove it from {how}; where the program needs one operation, look for the smaller capability, device or sysctl.", "{how} から削除してください。必要な操作が一つなら、より小さいケーパビリティやデバイス、sysctl を検討します。"),
	},
	Compose: "cap_add", Quadlet: "AddCapability=", Run: "--cap-add",
	Judge: func(s *Service, found func(check.Hit)) {
		for _, v := range s.CapAdd {
			severity := capabilities[capability(v)]
			if severity == 0 || !v.Known() || capability(v) == "NET_ADMIN" && s.Rootless {
				continue
			}
			h := s.hit(v, capability(v))
			if h.Severity = severity; s.Rootless {
				h.Severity = sekisho.SeverityMedium
			}
			found(h)
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "capabilities-not-dropped", Severity: sekisho.SeverityLow, Off: true, References: ids("cis-docker-5.4 nist-800-190-4.4.3"),
		Because: w("Low: the default set is small, and many images need a part of it.", "既定の集合は小さく、一部を必要とするイメージも多いため低。"),
		Title:   w("Container {0} keeps the default capabilities", "コンテナ {0} が既定のケーパビリティを保持"),
		Why:     w("A program that needs none keeps rights such as NET_RAW (forging packets) and DAC_OVERRIDE (ignoring file permissions) for an intruder.", "不要な NET_RAW (パケット偽装) や DAC_OVERRIDE (権限の無視) などを侵入者に残します。"),
		Fix:     w("Write {how} and add back what is needed.", "{how} と書き、必要なものだけを追加してください。"),
	},
	Compose: "cap_drop: [ALL]", Quadlet: "DropCapability=all", Run: "--cap-drop ALL",
	Judge: func(s *Service, found func(check.Hit)) {
		for _, v := range s.CapDrop {
			if capability(v) == "ALL" || capability(v) == "NET_RAW" || !v.Known() {
				return
			}
		}
		if !s.Partial && !s.Privileged.True() {
			found(s.self())
		}
	},
})

// security judges the options of security_opt.
func security(bad func(name, value string) bool) func(*Service, func(check.Hit)) {
	return func(s *Service, found func(check.Hit)) {
		for _, v := range s.SecurityOpt {
			if name, value := option(v); v.Known() && bad(name, strings.ToLower(value)) {
				found(s.hit(v))
			}
		}
	}
}

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "seccomp-unconfined", Aliases: ids("CIS-Docker-5.22 seccomp-confinement-disabled"), Severity: sekisho.SeverityMedium,
		References: ids("cis-docker-5.22 nist-800-190-4.4.3"),
		Because:    w("The filter is what keeps flaws of the kernel out of reach.", "フィルターはカーネルの欠陥への到達を防ぐものであるため。"),
		Title:      w("Seccomp is switched off for container {0}", "コンテナ {0} で seccomp が無効"),
		Why:        w("All system calls are open, also those through which most escapes of the last years went (keyctl, userfaultfd, bpf, unshare).", "全システムコールが使え、近年の脱出手法の多くが使った呼び出し (keyctl、userfaultfd、bpf、unshare) も開きます。"),
		Fix:        w("Remove {how}; where the default profile forbids what is needed, give a profile with that call added.", "{how} を削除してください。既定で不足する呼び出しは、それを加えたプロファイルで許可します。"),
	},
	Compose: "seccomp:unconfined", Quadlet: "SeccompProfile=unconfined", Run: "--security-opt seccomp=unconfined",
	Judge: security(func(name, value string) bool { return name == "seccomp" && value == "unconfined" }),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "apparmor-unconfined", Aliases: ids("CIS-Docker-5.2"), Severity: sekisho.SeverityMedium,
		References: ids("cis-docker-5.2 nist-800-190-4.4.3"),
		Because:    w("One layer less; capabilities and seccomp still hold.", "防御が一層減るが、ケーパビリティと seccomp は残るため。"),
		Title:      w("AppArmor is switched off for container {0}", "コンテナ {0} で AppArmor が無効"),
		Why:        w("The default profile keeps a process from mounting and from writing to /proc and /sys; without it one capability is enough.", "既定のプロファイルはマウントや /proc・/sys への書き込みを防ぎます。外すとケーパビリティ一つで可能になります。"),
		Fix:        w("Remove {how}, or name a profile that allows what is needed.", "{how} を削除するか、必要な操作を許すプロファイルを指定してください。"),
	},
	Compose: "apparmor:unconfined", Quadlet: "AppArmor=unconfined", Run: "--security-opt apparmor=unconfined",
	Judge: security(func(name, value string) bool { return name == "apparmor" && value == "unconfined" }),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "selinux-disabled", Aliases: ids("CIS-Docker-5.3 selinux-separation-disabled"), Severity: sekisho.SeverityMedium,
		References: ids("cis-docker-5.3 nist-800-190-4.4.3"),
		Because:    w("On hosts with SELinux it is the strongest wall between containers and the host.", "SELinux のあるホストでは、コンテナとホストを隔てる最も強い壁であるため。"),
		Title:      w("SELinux separation is switched off for container {0}", "コンテナ {0} で SELinux の分離が無効"),
		Why:        w("A process that gets out is confined by nothing, and files of other containers are open.", "抜け出したプロセスを縛るものがなくなり、他のコンテナのファイルにも届きます。"),
		Fix:        w("Remove {how}; let the engine relabel the volume instead (:Z for one container, :z for several).", "{how} を削除し、ボリュームのラベル付け替え (専用なら :Z、共有なら :z) を使ってください。"),
	},
	Compose: "label:disable", Quadlet: "SecurityLabelDisable=true", Run: "--security-opt label=disable",
	Judge: security(func(name, value string) bool {
		return name == "label" && (value == "disable" || value == "type:spc_t" || value == "type=spc_t")
	}),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "proc-mount", Severity: sekisho.SeverityMedium, References: ids("nist-800-190-4.4.3 cis-docker-5.6"),
		Because: w("The hidden parts of /proc and /sys are those that reach the kernel.", "/proc と /sys の隠された部分はカーネルに届くものであるため。"),
		Title:   w("Container {0} sees all of /proc and /sys", "コンテナ {0} から /proc と /sys の全体が見える"),
		Why:     w("Keys, interrupts, firmware and core patterns are readable or writable, where the engine hides them.", "エンジンが隠す鍵、割り込み、ファームウェア、コアダンプの設定などを読み書きできます。"),
		Fix:     w("Remove {how}; unmask the one path that is needed.", "{how} を削除し、必要なパスだけを対象にしてください。"),
	},
	Compose: "systempaths=unconfined", Quadlet: "Unmask=ALL", Run: "--security-opt systempaths=unconfined",
	Judge: security(func(name, value string) bool {
		return name == "systempaths" && value == "unconfined" || name == "unmask" && value == "all"
	}),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "privilege-escalation", Aliases: ids("CIS-Docker-5.26 no-new-privileges"), Severity: sekisho.SeverityLow,
		References: ids("cis-docker-5.26 nist-800-190-4.4.3 cwe-250"),
		Because:    w("Low where nothing is said, since it takes a setuid program in the image; medium where it is switched off.", "指定がない場合は setuid プログラムが必要なため低、明示的に無効なら中。"),
		Title:      w("Processes of container {0} may gain privileges", "コンテナ {0} のプロセスが権限を昇格できる"),
		Why:        w("Through a setuid program of the image (su, mount, a flawed sudo) an intruder becomes root in the container.", "侵入者はイメージ内の setuid プログラム (su、mount、欠陥のある sudo) を通じてコンテナ内の root になれます。"),
		Fix:        w("Write {how}.", "{how} と書いてください。"),
	},
	Compose: "security_opt: [\"no-new-privileges:true\"]", Quadlet: "NoNewPrivileges=true", Run: "--security-opt no-new-privileges",
	Judge: func(s *Service, found func(check.Hit)) {
		for _, v := range s.SecurityOpt {
			name, value := option(v)
			switch {
			case !v.Known():
				return
			case name != "no-new-privileges":
			case value == "" || strings.EqualFold(value, "true") || value == "1" || strings.EqualFold(value, "yes"):
				return
			default:
				h := s.hit(v)
				h.Severity = sekisho.SeverityMedium
				found(h)
				return
			}
		}
		if !s.Partial && !s.Privileged.True() {
			found(s.self())
		}
	},
})
