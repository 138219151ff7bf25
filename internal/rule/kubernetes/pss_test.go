// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
)

// The values of each control of the Pod Security Standards, as
// https://kubernetes.io/docs/concepts/security/pod-security-standards/ lists
// them for Kubernetes 1.37: a pod with a forbidden one breaks the level, a pod
// with an allowed one does not. The pods are otherwise as the restricted
// standard wants them.
var controls = []struct {
	name, level        string
	allowed, forbidden []string
}{
	{
		"HostProcess", "baseline",
		[]string{"p: {windowsOptions: {}}", "p: {windowsOptions: {hostProcess: false}}", "c: {windowsOptions: {hostProcess: false}}"},
		[]string{"p: {windowsOptions: {hostProcess: true}}", "c: {windowsOptions: {hostProcess: true}}", "i: {windowsOptions: {hostProcess: true}}", "e: {windowsOptions: {hostProcess: true}}"},
	},
	{
		"Host Namespaces", "baseline",
		[]string{"s: {hostNetwork: false}", "s: {hostPID: false}", "s: {hostIPC: false}"},
		[]string{"s: {hostNetwork: true}", "s: {hostPID: true}", "s: {hostIPC: true}"},
	},
	{
		"Privileged Containers", "baseline",
		[]string{"c: {privileged: false}"},
		[]string{"c: {privileged: true}", "i: {privileged: true}", "e: {privileged: true}"},
	},
	{
		"Capabilities", "baseline",
		each("c: {capabilities: {add: [%s]}}", "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT"),
		append(each("c: {capabilities: {add: [%s]}}", "ALL NET_RAW NET_ADMIN SYS_ADMIN SYS_PTRACE SYS_MODULE SYS_TIME BPF PERFMON CAP_CHOWN chown AUDIT_CONTROL AUDIT_READ BLOCK_SUSPEND CHECKPOINT_RESTORE DAC_READ_SEARCH IPC_LOCK IPC_OWNER LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE NET_BROADCAST SYSLOG SYS_BOOT SYS_NICE SYS_PACCT SYS_RAWIO SYS_RESOURCE SYS_TTY_CONFIG WAKE_ALARM"),
			"i: {capabilities: {add: [SYS_ADMIN]}}", "e: {capabilities: {add: [CHOWN, SYS_ADMIN]}}"),
	},
	{
		"HostPath Volumes", "baseline",
		[]string{"v: {emptyDir: {}}", "v: {}", "v: {hostPath: null, emptyDir: {}}"},
		[]string{"v: {hostPath: {path: /data}}", "v: {hostPath: {path: /}}", "v: {hostPath: {path: /var/run/docker.sock}}", "v: {hostPath: {path: /etc/localtime}}", "v: {hostPath: {}}"},
	},
	{
		"Host Ports", "baseline",
		[]string{"k: {ports: [{containerPort: 80}]}", "k: {ports: [{containerPort: 80, hostPort: 0}]}"},
		[]string{"k: {ports: [{containerPort: 80, hostPort: 80}]}", "ki: {ports: [{containerPort: 1, hostPort: 9}]}"},
	},
	{
		"Host Probes / Lifecycle Hooks", "baseline",
		[]string{"k: {livenessProbe: {httpGet: {port: 80}}}", `k: {livenessProbe: {tcpSocket: {port: 80, host: ""}}}`, "k: {lifecycle: {preStop: {httpGet: {port: 80}}}}"},
		[]string{
			"k: {livenessProbe: {httpGet: {port: 80, host: a}}}", "k: {readinessProbe: {tcpSocket: {port: 80, host: 127.0.0.1}}}", "k: {startupProbe: {httpGet: {port: 80, host: a}}}",
			"k: {lifecycle: {postStart: {httpGet: {port: 80, host: a}}}}", "k: {lifecycle: {preStop: {tcpSocket: {port: 80, host: a}}}}", "ki: {livenessProbe: {tcpSocket: {port: 80, host: a}}}",
		},
	},
	{
		"AppArmor", "baseline",
		[]string{
			"p: {appArmorProfile: {type: RuntimeDefault}}", "c: {appArmorProfile: {type: Localhost, localhostProfile: x}}", "a: {container.apparmor.security.beta.kubernetes.io/app: runtime/default}",
			"a: {container.apparmor.security.beta.kubernetes.io/app: localhost/x}", `a: {container.apparmor.security.beta.kubernetes.io/app: ""}`,
		},
		[]string{"p: {appArmorProfile: {type: Unconfined}}", "c: {appArmorProfile: {type: Unconfined}}", "i: {appArmorProfile: {type: Unconfined}}", "a: {container.apparmor.security.beta.kubernetes.io/app: unconfined}"},
	},
	{
		"SELinux", "baseline",
		append(each("c: {seLinuxOptions: {type: %s}}", `"" container_t container_init_t container_kvm_t container_engine_t`), "p: {seLinuxOptions: {level: 's0:c1'}}", `p: {seLinuxOptions: {user: "", role: ""}}`),
		[]string{"p: {seLinuxOptions: {type: spc_t}}", "c: {seLinuxOptions: {type: unconfined_t}}", "p: {seLinuxOptions: {user: a}}", "c: {seLinuxOptions: {role: a}}", "e: {seLinuxOptions: {type: spc_t}}"},
	},
	{
		"/proc Mount Type", "baseline",
		[]string{"c: {procMount: Default}", "uc: {procMount: Unmasked}"},
		[]string{"c: {procMount: Unmasked}", "i: {procMount: Unmasked}"},
	},
	{
		"Seccomp", "baseline",
		[]string{"p: {seccompProfile: {type: RuntimeDefault}}", "c: {seccompProfile: {type: Localhost}}"},
		[]string{"p: {seccompProfile: {type: Unconfined}}", "c: {seccompProfile: {type: Unconfined}}", "i: {seccompProfile: {type: Unconfined}}", "e: {seccompProfile: {type: Unconfined}}"},
	},
	{
		"Sysctls", "baseline",
		each("p: {sysctls: [{name: %s}]}", "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start net.ipv4.tcp_syncookies net.ipv4.ping_group_range net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_rmem net.ipv4.tcp_wmem net.ipv4.tcp_slow_start_after_idle net.ipv4.tcp_notsent_lowat"),
		each("p: {sysctls: [{name: net.ipv4.tcp_syncookies}, {name: %s}]}", "kernel.msgmax net.core.somaxconn kernel.shmall net.ipv4.ip_forward fs.mqueue.msg_max"),
	},
	{
		"Volume Types", "restricted",
		each("v: {%s: {}}", "configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret image"),
		each("v: {%s: {}}", "hostPath nfs gitRepo iscsi glusterfs rbd flexVolume cinder cephfs flocker fc azureFile azureDisk vsphereVolume quobyte photonPersistentDisk portworxVolume scaleIO storageos awsElasticBlockStore gcePersistentDisk"),
	},
	{
		"Privilege Escalation", "restricted",
		[]string{"c: {allowPrivilegeEscalation: false}", "wc: {allowPrivilegeEscalation: null}"},
		[]string{"c: {allowPrivilegeEscalation: true}", "c: {allowPrivilegeEscalation: null}", "i: {allowPrivilegeEscalation: true}", "e: {allowPrivilegeEscalation: null}"},
	},
	{
		"Running as Non-root", "restricted",
		[]string{"c: {runAsNonRoot: true}", "pn: {runAsNonRoot: null}", "uc: {runAsNonRoot: false}"},
		[]string{"c: {runAsNonRoot: false}", "p: {runAsNonRoot: null}", "p: {runAsNonRoot: false}", "pn: {runAsNonRoot: false}", "i: {runAsNonRoot: false}", "wc: {runAsNonRoot: false}"},
	},
	{
		"Running as Non-root user", "restricted",
		[]string{"c: {runAsUser: 1000}", "p: {runAsUser: 65532}", "uc: {runAsUser: 0}"},
		[]string{"c: {runAsUser: 0}", "p: {runAsUser: 0}", "i: {runAsUser: 0}", "e: {runAsUser: 0}", "wc: {runAsUser: 0}"},
	},
	{
		"Seccomp (restricted)", "restricted",
		[]string{"p: {seccompProfile: {type: Localhost}}", "pc: {seccompProfile: null}", "wp: {seccompProfile: null}"},
		[]string{"p: {seccompProfile: null}", "p: {seccompProfile: {type: Unconfined}}", "c: {seccompProfile: {type: Unconfined}}", "p: {seccompProfile: {}}"},
	},
	{
		"Capabilities (restricted)", "restricted",
		[]string{"c: {capabilities: {drop: [ALL]}}", "c: {capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}", "c: {capabilities: {drop: [NET_RAW, ALL]}}", "wc: {capabilities: null}"},
		[]string{"c: {capabilities: null}", "c: {capabilities: {drop: [NET_RAW]}}", "c: {capabilities: {drop: [ALL], add: [CHOWN]}}", "c: {capabilities: {drop: [ALL], add: [NET_RAW]}}", "i: {capabilities: {drop: []}}", "e: {capabilities: null}"},
	},
	{"Proc mount (restricted)", "restricted", []string{"uc: {procMount: Default}"}, []string{"uc: {procMount: Unmasked}"}},
}

func each(form, values string) (out []string) {
	for v := range strings.FieldsSeq(values) {
		out = append(out, fmt.Sprintf(form, v))
	}
	return out
}

// podOf makes a pod of a value: its key says where it goes. "p" the pod's
// securityContext, "c", "i", "e" those of a container, "s" the spec, "v" a volume,
// "k" and "ki" a container itself, "a" annotations; before it "u" for a pod with
// its own users, "w" for Windows; "pn" and "pc" where every container says what
// the pod does not.
func podOf(value string) string {
	where, text, _ := strings.Cut(value, ": ")
	sc := map[string]string{"p": "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}"}
	for _, c := range []string{"c", "i", "e"} {
		sc[c] = "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}"
	}
	extra := map[string]string{}
	if rest, ok := strings.CutPrefix(where, "u"); ok {
		where, extra["s"] = rest, "  hostUsers: false\n"
	}
	if rest, ok := strings.CutPrefix(where, "w"); ok {
		where, extra["s"] = rest, "  os: {name: windows}\n"
	}
	switch where {
	case "pn":
		where = "p"
		for _, c := range []string{"c", "i", "e"} {
			sc[c] += ", runAsNonRoot: true"
		}
	case "pc":
		where = "p"
		for _, c := range []string{"c", "i", "e"} {
			sc[c] += ", seccompProfile: {type: RuntimeDefault}"
		}
	}
	inner := strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	switch where {
	case "p", "c", "i", "e":
		// The last of two members of one key counts.
		name, _, _ := strings.Cut(inner, ":")
		var kept []string
		for _, m := range strings.SplitAfter(sc[where], ", ") {
			if !strings.HasPrefix(m, name+":") && !(strings.HasPrefix(m, "drop") && name == "capabilities") {
				kept = append(kept, strings.TrimSuffix(m, ", "))
			}
		}
		if name == "capabilities" && !strings.Contains(inner, "drop") && inner != "capabilities: null" {
			inner = strings.Replace(inner, "{add", "{drop: [ALL], add", 1)
		}
		sc[where] = strings.Join(append(kept, inner), ", ")
	case "s":
		extra["s"] += "  " + inner + "\n"
	case "v":
		extra["v"] = "  volumes: [{name: v, " + inner + "}]\n"
	case "a":
		extra["a"] = "  annotations: {" + inner + "}\n"
	default:
		extra[where] = ", " + inner
	}
	return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n" + extra["a"] + "spec:\n" + extra["s"] + extra["v"] +
		"  securityContext: {" + sc["p"] + "}\n" +
		"  initContainers: [{name: init, image: x, securityContext: {" + sc["i"] + "}" + extra["ki"] + "}]\n" +
		"  containers: [{name: app, image: x, securityContext: {" + sc["c"] + "}" + extra["k"] + "}]\n" +
		"  ephemeralContainers: [{name: debug, image: x, securityContext: {" + sc["e"] + "}}]\n"
}

// broken are the rules of the level that find something; restricted is all of
// baseline and more.
func broken(t *testing.T, level, pod string) (out []string) {
	t.Helper()
	j := judge(t, map[string][]byte{"pod.yaml": []byte(pod)}, &check.Settings{})
	for _, f := range j.Findings {
		if f.Rule == "syntax" {
			t.Fatalf("%s\n%s", f.Title, pod)
		}
		if slices.Contains(f.References, "pss-"+level) || level == "restricted" && slices.Contains(f.References, "pss-baseline") {
			out = append(out, f.Rule)
		}
	}
	return out
}

func TestPodSecurityStandards(t *testing.T) {
	n := 0
	for _, c := range controls {
		t.Run(c.name, func(t *testing.T) {
			for _, v := range c.allowed {
				n++
				if got := broken(t, c.level, podOf(v)); len(got) > 0 {
					t.Errorf("%s is allowed, and %v find something in\n%s", v, got, podOf(v))
				}
			}
			for _, v := range c.forbidden {
				n++
				if len(broken(t, c.level, podOf(v))) == 0 {
					t.Errorf("%s is forbidden, and nothing is found in\n%s", v, podOf(v))
				}
			}
		})
	}
	if n < 200 {
		t.Errorf("only %d values", n)
	}
}
