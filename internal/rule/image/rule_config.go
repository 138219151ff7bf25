// SPDX-License-Identifier: Apache-2.0

package image

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "no-healthcheck", Aliases: ids("CIS-DI-0006 DL3057 DS-0026 CKV_DOCKER_2 CIS-Docker-4.6"), Severity: sekisho.SeverityLow, Stages: stages, Off: true,
		Because:    words("Docker, Swarm and Compose use it; Kubernetes ignores it and has probes, ECS has its own in the task definition, and OCI images cannot carry it.", "Docker、Swarm、Compose では使われますが、Kubernetes は無視して Probe を使い、ECS はタスク定義側で設定し、OCI 形式のイメージには含められません。"),
		Title:      words("No HEALTHCHECK", "HEALTHCHECK がない"),
		Why:        words("A program that hangs, because of a flaw or an attack, is not noticed and not started again.", "不具合や攻撃でプログラムが停止しても気付かれず、再起動もされません。"),
		Fix:        words("HEALTHCHECK CMD with a program of the image; on Kubernetes write livenessProbe and readinessProbe instead, and leave this rule off.", "イメージ内のプログラムで HEALTHCHECK CMD を書きます。Kubernetes では livenessProbe と readinessProbe を書き、このルールは無効のままにします。"),
		References: ids("cis-docker-4.6"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if h := i.Config.Healthcheck; i.IsImage && (len(h) == 0 || h[0] == "NONE") {
			found(i.config("healthcheck", strings.Join(h, " "), "HEALTHCHECK", ""))
		}
	},
})

// port is one exposed port.
type port struct {
	word     string
	from, to int
	udp      bool
}

func (i *Image) ports(visit func(p port)) {
	for _, word := range i.Config.ExposedPorts {
		number, proto, _ := strings.Cut(word, "/")
		from, to, ranged := strings.Cut(number, "-")
		if !ranged {
			to = from
		}
		a, err1 := strconv.Atoi(from)
		b, err2 := strconv.Atoi(to)
		if err1 == nil && err2 == nil && a <= b && b <= 65535 && a >= 0 {
			visit(port{word, a, b, strings.EqualFold(proto, "udp")})
		}
	}
}

func (p port) has(n int) bool { return p.from <= n && n <= p.to }

func (i *Image) portHit(p port, args ...string) check.Hit {
	return i.config("exposed-port", "EXPOSE "+p.word, "EXPOSE", strconv.Itoa(p.from), args...)
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "ssh-port", Aliases: ids("CKV_DOCKER_1 DS-0004 CIS-Docker-5.7"), Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("A second way in, with its own keys and its own flaws, that no orchestrator watches.", "独自の鍵と脆弱性を持つ別の入口になり、オーケストレーターの管理も及びません。"),
		Title:      words("Port 22 (SSH) is exposed", "22 番ポート (SSH) を公開"),
		Why:        words("An SSH server in a container can be guessed at from the network, and whoever is in leaves no trace in the orchestrator's log.", "コンテナ内の SSH サーバーはネットワーク越しに総当たりの対象になり、侵入してもオーケストレーターのログに残りません。"),
		Fix:        words("Leave the server out; docker exec or kubectl exec give a shell, with access control and a log.", "SSH サーバーを入れず、アクセス制御と記録のある docker exec や kubectl exec を使います。"),
		References: ids("nist-800-190-4.1.2 cis-docker-5.7"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		i.ports(func(p port) {
			if p.has(22) && !p.udp {
				found(i.portHit(p))
			}
		})
	},
})

// adminPorts are those by which a machine is administered, debugPorts those by
// which a program is taken apart.
var (
	adminPorts = map[int]string{23: "Telnet", 512: "rexec", 513: "rlogin", 514: "rsh", 2375: "Docker, no TLS", 3389: "RDP", 5900: "VNC", 5901: "VNC", 5985: "WinRM", 5986: "WinRM", 10250: "kubelet"}
	debugPorts = map[int]string{9229: "Node.js inspector", 5678: "debugpy", 2345: "Delve", 40000: "Delve", 5858: "Node.js debugger", 8787: "JDWP", 5005: "JDWP", 9999: "JMX"}
)

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "admin-port", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("These protocols give the whole container to whoever has the password, or to everybody.", "パスワードを知る者、あるいは誰にでも、コンテナ全体の操作を許すプロトコルです。"),
		Title:      words("Port {0} ({1}) is exposed", "ポート {0} ({1}) を公開"),
		Why:        words("Networks are searched for these ports all day; most of the protocols were made for networks without attackers.", "これらのポートは常に探索されています。多くは攻撃者のいないネットワークを前提としたプロトコルです。"),
		Fix:        words("Leave the server out of the image, and use docker exec or kubectl exec.", "サーバーをイメージに含めず、docker exec や kubectl exec を使います。"),
		References: ids("nist-800-190-4.1.2 cis-docker-5.9"),
	},
	Judge: func(i *Image, found func(check.Hit)) { i.namedPorts(adminPorts, found) },
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "debug-port", Severity: sekisho.SeverityLow, Stages: stages, Off: true,
		Because:    words("The number alone is no proof: other programs use it as well. What starts a debugger has a rule of its own.", "番号だけでは断定できず、他のプログラムも使います。デバッガーの起動自体は別のルールで判定します。"),
		Title:      words("Port {0}, as used by {1}, is exposed", "{1} が使うポート {0} を公開"),
		Why:        words("A debugger runs whatever code it is sent.", "デバッガーは送られた任意のコードを実行します。"),
		Fix:        words("Leave the debugger out of the image that is deployed.", "デプロイするイメージにはデバッガーを含めません。"),
		References: ids("cwe-489"),
	},
	Judge: func(i *Image, found func(check.Hit)) { i.namedPorts(debugPorts, found) },
})

func (i *Image) namedPorts(names map[int]string, found func(check.Hit)) {
	i.ports(func(p port) {
		if p.to-p.from > 100 || p.udp {
			return
		}
		for n := p.from; n <= p.to; n++ {
			if name := names[n]; name != "" {
				found(i.portHit(p, strconv.Itoa(n), name))
			}
		}
	})
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "privileged-port", Aliases: ids("CIS-Docker-5.8 KSV-0117"), Severity: sekisho.SeverityLow, Stages: stages, Off: true,
		Because:    words("Recent runtimes let every user bind them: a hint for those whose platform does not.", "最近のランタイムでは一般ユーザーでも使えます。そうでない環境向けの情報です。"),
		Title:      words("Port {0} is below 1024", "1024 未満のポート {0}"),
		Why:        words("Where the runtime keeps to the old rule, the program needs root or NET_BIND_SERVICE for it, and gets more than that.", "従来どおりのランタイムでは root か NET_BIND_SERVICE が必要になり、必要以上の権限を与えがちです。"),
		Fix:        words("Listen on 8080 or the like and map the port outside.", "8080 などで待ち受け、外側で対応付けます。"),
		References: ids("cis-docker-5.8"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		i.ports(func(p port) {
			if p.from < 1024 && p.from > 0 {
				found(i.portHit(p, p.word))
			}
		})
	},
})

// systemVolumes are directories that no volume may take the place of.
var systemVolumes = []string{"/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var", "/var/run"}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "volume-system", Aliases: ids("DKL-DI-0002"), Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("It hides what the kernel or the system needs there, in every container of the image.", "カーネルやシステムが必要とするものを、このイメージの全コンテナで覆い隠します。"),
		Title:      words("VOLUME {0} is a directory of the system", "VOLUME {0} がシステムのディレクトリ"),
		Why:        words("What is written there outlives the container and may be shared with others: programs, accounts and devices can be put into the next one.", "書き込まれた内容はコンテナより長く残り、他と共有されることもあります。次のコンテナにプログラムやアカウント、デバイスを仕込めます。"),
		Fix:        words("Declare a directory of the application alone, such as /var/lib/app.", "/var/lib/app のように、アプリケーション専用のディレクトリを指定します。"),
		References: ids("nist-800-190-4.4.3 cis-docker-5.6"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		for _, v := range i.Config.Volumes {
			clean := path.Clean("/" + v)
			if slices.Contains(systemVolumes, clean) || under(clean, "/dev") && clean != "/dev/shm" || under(clean, "/proc") || under(clean, "/sys") {
				found(i.config("volume", "VOLUME "+v, "VOLUME", v, v))
			}
		}
	},
})

func under(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "volume-secrets", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("What is mounted there to be forgotten is kept on disk instead.", "残らないはずのシークレットがディスクに残ります。"),
		Title:      words("VOLUME {0} keeps secrets", "VOLUME {0} にシークレットが残る"),
		Why:        words("Docker and Kubernetes mount secrets below /run/secrets in memory. A volume there copies what was in the image and stays on the host after the container.", "Docker や Kubernetes は /run/secrets 以下のシークレットをメモリ上にマウントします。ここをボリュームにすると、内容がコンテナ終了後もホストに残ります。"),
		Fix:        words("Take the VOLUME away, and let the platform mount the secret.", "VOLUME を削除し、プラットフォームにマウントさせます。"),
		References: ids("nist-800-190-4.1.4"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		for _, v := range i.Config.Volumes {
			if c := path.Clean("/" + v); under(c, "/run/secrets") || under(c, "/var/run/secrets") {
				found(i.config("volume", "VOLUME "+v, "VOLUME", v, v))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "writable-search-path", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("The next program that is looked up by name may be an attacker's.", "次に名前で呼び出されるプログラムが、攻撃者のものになり得ます。"),
		Title:      words("PATH holds {0}", "PATH に {0} が含まれる"),
		Why:        words("Whoever may write there, as any user of the container, puts a program called ls or sh in the way.", "そこに書き込める者は、ls や sh という名前のプログラムを割り込ませることができます。"),
		Fix:        words("Name directories of root only, by their full path.", "root だけが書き込めるディレクトリを絶対パスで指定します。"),
		References: ids("cwe-426 cwe-427"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		value, ok := i.env("PATH")
		if !ok || i.windows() {
			return
		}
		for dir := range strings.SplitSeq(value, ":") {
			switch c := path.Clean(dir); {
			case dir == "":
				// An empty entry is the current directory.
				found(i.config("env", "PATH="+value, "ENV", "PATH", `""`))
			case !strings.HasPrefix(dir, "/") && !strings.Contains(dir, "$"), under(c, "/tmp"), under(c, "/var/tmp"), under(c, "/dev/shm"):
				found(i.config("env", "PATH="+value, "ENV", "PATH", dir))
			}
		}
	},
})

// env is the value of a variable.
func (i *Image) env(name string) (value string, ok bool) {
	for _, e := range i.Config.Env {
		if k, v, found := strings.Cut(e, "="); found && k == name {
			value, ok = v, true
		}
	}
	return value, ok
}
