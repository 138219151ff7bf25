// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// limit judges a limit that should be there; none are the values that mean no
// limit.
func limit(of func(*Service) Value, none ...string) func(*Service, func(check.Hit)) {
	return func(s *Service, found func(check.Hit)) {
		switch v := of(s); {
		case v.Set && v.Is(none...):
			found(s.hit(v))
		case !v.Set && !s.Partial && s.CgroupParent.Text == "":
			found(s.self())
		}
	}
}

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "no-memory-limit", Aliases: ids("CIS-Docker-5.11 C-0271"), Severity: sekisho.SeverityLow,
		References: ids("cis-docker-5.11 nist-800-190-4.4.3 cwe-770"),
		Because:    w("It costs availability, not secrets.", "影響は可用性に限られるため。"),
		Title:      w("Container {0} has no limit of memory", "コンテナ {0} にメモリの上限がない"),
		Why:        w("A leak or a flood of requests takes the memory of the host; the kernel then kills what it likes, also other containers.", "メモリリークや大量のリクエストがホストのメモリを使い切り、カーネルが他のコンテナも含めて停止させます。"),
		Fix:        w("Write {how}.", "{how} と書いてください。"),
	},
	Compose: "mem_limit: 512m (or deploy.resources.limits.memory)", Quadlet: "Memory=512m (or MemoryMax= under [Service])", Run: "--memory 512m",
	Judge: limit(func(s *Service) Value { return s.Memory }, "0", "-1", "infinity"),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "no-cpu-limit", Aliases: ids("CIS-Docker-5.12 C-0270"), Severity: sekisho.SeverityLow, Off: true,
		References: ids("cis-docker-5.12 cwe-770"),
		Because:    w("The kernel shares the processors fairly by default.", "CPU はカーネルが既定で公平に分配するため。"),
		Title:      w("Container {0} has no limit of processor time", "コンテナ {0} に CPU の上限がない"),
		Why:        w("A miner or an endless loop slows down everything else on the host.", "マイニングや無限ループがホスト全体を遅くします。"),
		Fix:        w("Write {how}.", "{how} と書いてください。"),
	},
	Compose: "cpus: 1.5", Quadlet: "CPUQuota=150% under [Service]", Run: "--cpus 1.5",
	Judge: limit(func(s *Service) Value { return s.CPUs }, "0"),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "no-pids-limit", Aliases: ids("CIS-Docker-5.29"), Severity: sekisho.SeverityLow, Off: true,
		References: ids("cis-docker-5.29 cwe-770"),
		Because:    w("It costs availability; Podman and many daemons have a limit by default.", "影響は可用性に限られ、Podman など既定で上限を持つものも多いため。"),
		Title:      w("Container {0} has no limit of processes", "コンテナ {0} にプロセス数の上限がない"),
		Why:        w("A fork bomb takes the process numbers of the whole host.", "フォーク爆弾がホスト全体のプロセス番号を使い切ります。"),
		Fix:        w("Write {how}.", "{how} と書いてください。"),
	},
	Compose: "pids_limit: 200", Quadlet: "PidsLimit=200", Run: "--pids-limit 200",
	Judge: func(s *Service, found func(check.Hit)) {
		// Podman sets a limit of its own, 2048, where nothing is said.
		if s.Kind == sekisho.ResourceQuadlet && !s.Pids.Set {
			return
		}
		limit(func(s *Service) Value { return s.Pids }, "0", "-1", "infinity")(s, found)
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "oom-kill-disabled", Severity: sekisho.SeverityMedium, References: ids("cis-docker-5.11 cwe-770"),
		Because: w("The host hangs instead of one container.", "一つのコンテナの代わりにホストが停止するため。"),
		Title:   w("Container {0} is never killed when memory runs out", "コンテナ {0} がメモリ不足でも停止されない"),
		Why:     w("A container that eats the memory is spared, and the programs of the host are killed in its stead.", "メモリを使い切ったコンテナが残り、代わりにホストのプログラムが停止されます。"),
		Fix:     w("Remove {how}, and set a limit of memory.", "{how} を削除し、メモリの上限を設定してください。"),
	},
	Compose: "oom_kill_disable: true", Quadlet: "PodmanArgs=--oom-kill-disable", Run: "--oom-kill-disable",
	Judge: func(s *Service, found func(check.Hit)) {
		if s.OOMKillDisable.True() {
			found(s.hit(s.OOMKillDisable))
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "unlimited-ulimit", Aliases: ids("CIS-Docker-5.19"), Severity: sekisho.SeverityLow,
		References: ids("cis-docker-5.19 cwe-770"),
		Because:    w("It costs availability, not secrets.", "影響は可用性に限られるため。"),
		Title:      w("Container {0} has no limit of {1}", "コンテナ {0} の {1} が無制限"),
		Why:        w("The engine's default limit is lifted: a fork bomb or a core dump of everything in memory is possible.", "エンジンの既定の上限が外れ、フォーク爆弾やメモリ全体のコアダンプが可能になります。"),
		Fix:        w("Give a number in {how}.", "{how} に数値を指定してください。"),
	},
	Compose: "ulimits", Quadlet: "Ulimit=", Run: "--ulimit",
	Judge: func(s *Service, found func(check.Hit)) {
		for _, v := range s.Ulimits {
			name, value, _ := strings.Cut(v.Text, "=")
			if _, hard, ok := strings.Cut(value, ":"); ok {
				value = hard
			}
			// memlock is what databases must have; open files cost little.
			if (name == "nproc" || name == "core") && (value == "-1" || value == "unlimited") {
				found(s.hit(v, name))
			}
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "restart-always", Aliases: ids("CIS-Docker-5.15"), Severity: sekisho.SeverityNegligible, Off: true,
		References: ids("cis-docker-5.15"),
		Because:    w("Most services are meant to come back; the benchmark fears an endless loop.", "多くのサービスでは意図した設定で、無限の再起動だけが懸念のため。"),
		Title:      w("Container {0} is restarted without end", "コンテナ {0} が無制限に再起動される"),
		Why:        w("A container that cannot start takes the host's time, and an attack that crashes it can be tried for ever.", "起動できないコンテナがホストの資源を使い、クラッシュを伴う攻撃を何度でも試せます。"),
		Fix:        w("Write {how}.", "{how} と書いてください。"),
	},
	Compose: "restart: on-failure:5", Quadlet: "Restart=on-failure with StartLimitBurst=5", Run: "--restart on-failure:5",
	Judge: func(s *Service, found func(check.Hit)) {
		if s.Restart.Is("always", "unless-stopped") {
			found(s.hit(s.Restart))
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "no-healthcheck", Aliases: ids("CIS-Docker-5.27 CKV_DOCKER_2 DS-0026"), Severity: sekisho.SeverityLow, Off: true,
		References: ids("cis-docker-5.27"),
		Because:    w("Low: it is about operation, and the image may have one.", "運用面の項目であり、イメージ側で定義されている場合もあるため低。"),
		Title:      w("The health of container {0} is not checked", "コンテナ {0} にヘルスチェックがない"),
		Why:        w("A program that hangs, or was replaced, is taken for one that works.", "停止したり差し替えられたりしたプログラムが、正常と見なされます。"),
		Fix:        w("Write {how}.", "{how} と書いてください。"),
	},
	Compose: "healthcheck: {test: [...]}", Quadlet: "HealthCmd=...", Run: "--health-cmd",
	Judge: func(s *Service, found func(check.Hit)) {
		switch {
		case s.NoHealthcheck.Set:
			found(s.hit(s.NoHealthcheck))
		case !s.Healthcheck.Set && !s.Partial:
			found(s.self())
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "logging-off", Severity: sekisho.SeverityLow, References: ids("nist-800-190-4.4.4 cwe-778"),
		Because: w("Nothing is weaker by it; what happened is not known afterwards.", "防御は弱まらないが、事後に経緯が分からなくなるため。"),
		Title:   w("The output of container {0} is thrown away", "コンテナ {0} の出力を破棄"),
		Why:     w("An intrusion leaves no trace of what the program said.", "侵入があってもプログラムの出力が残りません。"),
		Fix:     w("Remove {how}; bound the size of the log instead (max-size, max-file).", "{how} を削除し、ログの大きさを max-size と max-file で制限してください。"),
	},
	Compose: "driver: none", Quadlet: "LogDriver=none", Run: "--log-driver none",
	Judge: func(s *Service, found func(check.Hit)) {
		if s.Logging.Is("none") && s.Lasting {
			found(s.hit(s.Logging))
		}
	},
})
