// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// hostVolume is a directory of the node in a pod.
type hostVolume struct {
	node *document.Node // the hostPath
	path string
	name string
	// writable is true when a container mounts it without readOnly.
	writable bool
}

// hostVolumes are the volumes of the pod that are paths of the node.
func (p *Pod) hostVolumes() (out []hostVolume) {
	for _, v := range p.Spec.Get("volumes").List() {
		h := v.Get("hostPath")
		if h.Present() && h.Kind == document.Map {
			hv := hostVolume{node: h, path: path.Clean("/" + h.Get("path").Str()), name: v.Get("name").Str()}
			for _, c := range p.Containers {
				for _, m := range c.Node.Get("volumeMounts").List() {
					hv.writable = hv.writable || m.Get("name").Str() == hv.name && !m.Get("readOnly").True()
				}
			}
			out = append(out, hv)
		}
	}
	return out
}

// runtimeSockets are where container engines listen.
var runtimeSockets = strings.Fields("/var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock /var/run/containerd/containerd.sock /run/crio/crio.sock /var/run/crio/crio.sock /run/podman/podman.sock /var/run/podman/podman.sock /run/k3s/containerd/containerd.sock /var/run/k3s/containerd/containerd.sock /run/cri-dockerd.sock /var/run/cri-dockerd.sock /var/run/dockershim.sock /run/containerd /var/run/containerd /run/crio /var/run/crio /run/buildkit/buildkitd.sock /run/user/1000/docker.sock /run /var/run")

// sensitivePaths of a node: reading or writing below them gives keys, programs
// or the kernel.
var sensitivePaths = strings.Fields("/ /bin /boot /dev /etc /home /lib /lib64 /proc /root /sbin /sys /usr /var /var/lib /var/lib/kubelet /var/lib/docker /var/lib/containerd /var/lib/containers /var/lib/etcd /var/lib/cni /opt/cni /var/lib/rancher /var/lib/kubelet/pods /var/spool/cron /mnt /media /srv /run/secrets /var/lib/cloud")

func isSensitive(p string) bool {
	if slices.Contains(sensitivePaths, p) {
		return true
	}
	for _, below := range [...]string{"/etc/", "/root/", "/boot/", "/proc/", "/sys/", "/var/lib/kubelet/", "/var/lib/etcd/", "/var/spool/cron/", "/usr/", "/bin/", "/sbin/", "/home/"} {
		if strings.HasPrefix(p, below) {
			return !harmless(p)
		}
	}
	return false
}

// harmless are files of /etc that tell nothing, and places that drivers share.
func harmless(p string) bool {
	switch p {
	case "/etc/localtime", "/etc/timezone", "/etc/os-release", "/etc/machine-id", "/usr/share/zoneinfo", "/usr/lib/os-release", "/var/lib/kubelet/plugins", "/var/lib/kubelet/device-plugins", "/var/lib/kubelet/plugins_registry", "/sys/fs/bpf":
		return true
	}
	return strings.HasPrefix(p, "/usr/share/zoneinfo/") || strings.HasPrefix(p, "/var/lib/kubelet/plugins/") || strings.HasPrefix(p, "/etc/ssl/certs") || strings.HasPrefix(p, "/usr/share/ca-certificates")
}

// tells are paths that tell of the node and hold no keys: what monitors read.
func tells(p string) bool {
	for _, dir := range [...]string{"/sys", "/proc", "/usr", "/lib", "/lib64", "/bin", "/sbin", "/boot", "/dev"} {
		if p == dir || strings.HasPrefix(p, dir+"/") {
			return true
		}
	}
	return false
}

// hostVolumeRule judges the volumes of the node of which is true; the most
// specific of the three rules takes each.
func hostVolumeRule(which func(string) bool) func(*Object, func(check.Hit)) {
	return eachPod(func(p *Pod, found func(check.Hit)) {
		for _, v := range p.hostVolumes() {
			if !v.node.Get("path").Known() || !which(v.path) {
				continue
			}
			var h check.Hit
			if v.node.Get("path") != nil {
				h = p.Owner.field(v.node, "path", v.path)
			} else {
				h = p.Owner.at(v.node, "hostPath", v.path)
			}
			h.Key = v.name + "\x00" + v.path
			switch {
			case v.writable && which("/host-path"), !v.writable && tells(v.path) && !isSocket(v.path) && which(v.path) && isSensitive(v.path):
				h.Severity = sekisho.SeverityMedium
			}
			found(h)
		}
	})
}

func isSocket(p string) bool { return slices.Contains(runtimeSockets, p) }

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "runtime-socket", Aliases: ids("KSV-0006 CKV_K8S_27 C-0074 docker-sock"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("pss-baseline cis-kubernetes-5.2.11 nist-800-190-4.4.3 nsa-cisa-pod-security cwe-250"),
		Because:    w("The socket of the engine is root on the node.", "エンジンのソケットはノードの root と同じであるため。"),
		Title:      w("The socket of the container engine is mounted: {0}", "コンテナエンジンのソケットをマウント: {0}"),
		Why:        w("Whoever can write to the socket starts a privileged container with the node's disk, also when the mount is read-only.", "ソケットに書ける者は、ノードのディスクを持つ特権コンテナを起動できます。読み取り専用マウントでも同じです。"),
		Fix:        w("Remove the volume. Build images with a rootless builder, read container facts from the API or the kubelet.", "ボリュームを削除してください。イメージのビルドには rootless のビルダーを、コンテナ情報の取得には API や kubelet を使います。"),
	},
	Judge: hostVolumeRule(isSocket),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "sensitive-host-path", Aliases: ids("sensitive-host-mounts C-0020"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("pss-baseline cis-kubernetes-5.2.11 nist-800-190-4.4.3 nist-800-190-4.5.5 nsa-cisa-pod-security"),
		Because:    w("Keys, programs or the kernel of the node are there; medium where what tells of the node is mounted readOnly (/sys, /proc, /usr).", "ノードの鍵・プログラム・カーネルがある場所のため。/sys や /proc などの読み取り専用マウントは中。"),
		Title:      w("A sensitive path of the node is mounted: {0}", "ノードの重要なパスをマウント: {0}"),
		Why:        w("From {0} an intruder takes the credentials of the node or of other pods, or writes what the node will run.", "侵入者は {0} からノードや他の Pod の認証情報を奪ったり、ノードが実行するものを書き込んだりできます。"),
		Fix:        w("Use a PersistentVolumeClaim, projected or emptyDir volume; an agent that must read the node mounts the one file it needs, readOnly.", "PersistentVolumeClaim、projected、emptyDir を使ってください。ノードを読む必要があるエージェントは、必要なファイルだけを readOnly でマウントします。"),
	},
	Judge: hostVolumeRule(func(p string) bool { return !isSocket(p) && isSensitive(p) }),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "host-path", Aliases: ids("KSV-0023 C-0045 C-0048 writable-host-mount"), Severity: sekisho.SeverityLow, Stages: anywhere(),
		References: ids("pss-baseline cis-kubernetes-5.2.11 nist-800-190-4.4.3"),
		Because:    w("Low while it is read-only, medium when the container may write.", "読み取り専用なら低、書き込めるなら中。"),
		Title:      w("A path of the node is mounted: {0}", "ノードのパスをマウント: {0}"),
		Why:        w("Files on the node outlive the pod, are seen by every pod that mounts them, and links in them lead elsewhere on the node.", "ノード上のファイルは Pod より長く残り、同じパスをマウントする全 Pod から見え、リンクを置けばノードの別の場所へ届きます。"),
		Fix:        w("Use a PersistentVolumeClaim (local volumes too), emptyDir, configMap or projected volume; else mount it readOnly.", "PersistentVolumeClaim (local ボリュームも可)、emptyDir、configMap、projected を使うか、readOnly でマウントしてください。"),
	},
	Judge: hostVolumeRule(func(p string) bool { return !isSocket(p) && !isSensitive(p) }),
})

// restrictedVolumes may be used under the restricted standard.
var restrictedVolumes = strings.Fields("configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret image")

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "volume-type", Aliases: ids("KSV-0028 KSV-0121"), Severity: sekisho.SeverityLow, Stages: anywhere(),
		References: ids("pss-restricted"),
		Because:    w("These volumes bypass the storage classes of the cluster; they give no direct way to the node.", "クラスターのストレージクラスを通らないが、ノードへ直接は届かないため。"),
		Title:      w("The volume {0} has the type {1}", "ボリューム {0} の種類が {1}"),
		Why:        w("Network and cloud disks that are named in the pod are mounted by the node with credentials that the pod's author chooses or needs; some types were removed from Kubernetes.", "Pod に直接書かれたネットワークやクラウドのディスクは、Pod 作成者が選ぶ資格情報でノードがマウントします。Kubernetes から削除された種類もあります。"),
		Fix:        w("Use a PersistentVolumeClaim or a csi volume instead of {1}.", "{1} の代わりに PersistentVolumeClaim または csi ボリュームを使ってください。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		for _, v := range p.Spec.Get("volumes").List() {
			for key, node := range v.Members() {
				// hostPath has rules of its own.
				if key != "name" && key != "hostPath" && node.Present() && node.Known() && !slices.Contains(restrictedVolumes, key) {
					h := p.Owner.field(v, key, v.Get("name").Str(), key)
					found(h)
				}
			}
		}
	}),
})
