// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// guardedPorts are those of programs that are not made to be met by strangers:
// they have no password by default, or give everything to whoever has it.
var guardedPorts = map[int]string{
	2375: "Docker", 2376: "Docker", 2377: "Docker Swarm", 2379: "etcd", 2380: "etcd", 3306: "MySQL", 33060: "MySQL", 5432: "PostgreSQL", 6379: "Redis", 26379: "Redis Sentinel",
	1433: "SQL Server", 1521: "Oracle", 27017: "MongoDB", 27018: "MongoDB", 27019: "MongoDB", 9200: "Elasticsearch", 9300: "Elasticsearch", 5984: "CouchDB",
	8086: "InfluxDB", 9042: "Cassandra", 11211: "memcached", 2181: "ZooKeeper", 9092: "Kafka", 5672: "RabbitMQ", 15672: "RabbitMQ", 8500: "Consul", 8200: "Vault",
	3389: "RDP", 5900: "VNC", 5901: "VNC", 23: "Telnet", 111: "rpcbind", 2049: "NFS", 445: "SMB", 139: "SMB", 389: "LDAP", 10250: "kubelet", 6443: "Kubernetes",
	9229: "Node.js debugger", 5005: "Java debugger", 1099: "JMX", 5601: "Kibana", 26257: "CockroachDB",
	7687: "Neo4j", 28015: "RethinkDB", 4369: "Erlang", 8983: "Solr", 6333: "Qdrant", 19530: "Milvus", 11434: "Ollama",
}

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "sensitive-port-published", Aliases: ids("CIS-Docker-5.9"), Severity: sekisho.SeverityMedium,
		References: ids("cis-docker-5.14 cis-docker-5.9 nist-800-190-4.4.2 cwe-668"),
		Because:    w("Whether strangers reach the host is not known from the file; high for Docker's own port without TLS, which is root on the host.", "ホストへ外部から届くかはファイルから分からないため。TLS なしの Docker のポートはホストの root と同じなので高。"),
		Title:      w("Container {0} opens the port of {2} ({1}) on all addresses of the host", "コンテナ {0} が {2} のポート ({1}) をホストの全アドレスで公開"),
		Why:        w("The engine writes its own firewall rules, so that the port is open to the network although ufw or firewalld say no; {2} is searched for by scanners within hours.", "エンジンが独自にファイアウォール規則を書くため、ufw や firewalld で閉じていても外から届きます。{2} はスキャナーに数時間で発見されます。"),
		Fix:        w("Remove it where only other containers use it; else bind it to one address: {how}.", "他のコンテナだけが使うなら削除し、必要ならアドレスを限定してください ({how})。"),
	},
	Compose: "\"127.0.0.1:5432:5432\"", Quadlet: "PublishPort=127.0.0.1:5432:5432", Run: "-p 127.0.0.1:5432:5432",
	Judge: func(s *Service, found func(check.Hit)) {
		for i := range s.Ports {
			p := &s.Ports[i]
			from, to, ok := bounds(p.Container)
			if !ok || !p.everywhere() || p.Protocol == "udp" || s.hostNetwork() {
				continue
			}
			for port := from; port <= to && port-from < 1000; port++ {
				if program := guardedPorts[port]; program != "" {
					h := s.hit(p.Value, strconv.Itoa(port), program)
					if port == 2375 {
						h.Severity = sekisho.SeverityHigh
					}
					found(h)
					break
				}
			}
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "port-on-all-addresses", Aliases: ids("CIS-Docker-5.14 no-unbound-port-interfaces"), Severity: sekisho.SeverityLow, Off: true,
		References: ids("cis-docker-5.14 nist-800-190-4.4.2 cwe-668"),
		Because:    w("Low: most ports are published to be reached.", "多くのポートは外から使うために公開されるため低。"),
		Title:      w("Container {0} publishes {1} on all addresses of the host", "コンテナ {0} が {1} をホストの全アドレスで公開"),
		Why:        w("The port is open in every network that the host is in, past the host's own firewall rules.", "ホスト自身のファイアウォール規則を通らず、接続する全ネットワークにポートが開きます。"),
		Fix:        w("Name the address that it is for: {how}.", "用途に合うアドレスを指定してください ({how})。"),
	},
	Compose: "\"127.0.0.1:8080:80\"", Quadlet: "PublishPort=127.0.0.1:8080:80", Run: "-p 127.0.0.1:8080:80",
	Judge: func(s *Service, found func(check.Hit)) {
		for i := range s.Ports {
			if p := &s.Ports[i]; p.everywhere() && p.Container != "" {
				found(s.hit(p.Value, strings.ReplaceAll(p.Container, hole, "?")))
			}
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "ssh-port", Aliases: ids("CIS-Docker-5.7 CKV_DOCKER_1 DS-0004 C-0042"), Severity: sekisho.SeverityMedium,
		References: ids("cis-docker-5.7 nist-800-190-4.1.2"),
		Because:    w("It is a second way in, past the engine's own and its log.", "エンジンとそのログを通らない第二の入口になるため。"),
		Title:      w("Container {0} publishes the port of SSH", "コンテナ {0} が SSH のポートを公開"),
		Why:        w("Keys and passwords of the daemon must be kept apart from everything else, and are guessed at day and night.", "デーモンの鍵やパスワードを別途管理する必要があり、総当たりの対象にもなります。"),
		Fix:        w("Remove {how}; enter by docker exec. A Git server is a good reason: ignore the finding with it.", "{how} を削除し、docker exec を使ってください。Git サーバーなど正当な理由があれば、理由を書いて除外します。"),
	},
	Compose: "the port 22", Quadlet: "the port 22", Run: "the port 22",
	Judge: func(s *Service, found func(check.Hit)) {
		for i := range s.Ports {
			if s.Ports[i].Container == "22" && s.Ports[i].Protocol != "udp" && s.Ports[i].everywhere() {
				found(s.hit(s.Ports[i].Value))
			}
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "privileged-port", Aliases: ids("CIS-Docker-5.8"), Severity: sekisho.SeverityLow, Off: true,
		References: ids("cis-docker-5.8"),
		Because:    w("Low: web servers are meant to be there.", "Web サーバーなど正当な用途が多いため低。"),
		Title:      w("Container {0} takes the port {1} of the host, under 1024", "コンテナ {0} がホストの 1024 未満のポート {1} を使用"),
		Why:        w("Clients take what answers there for a service of the host's administrator.", "利用者は 1024 未満のポートで応答するものを管理者のサービスと見なします。"),
		Fix:        w("Publish a port above 1023 behind the host's own proxy ({how}).", "1023 を超えるポートで公開し ({how})、ホストのプロキシから中継してください。"),
	},
	Compose: "\"8080:80\"", Quadlet: "PublishPort=8080:80", Run: "-p 8080:80",
	Judge: func(s *Service, found func(check.Hit)) {
		for i := range s.Ports {
			p := &s.Ports[i]
			if n, _, ok := bounds(p.Host); ok && n > 0 && n < 1024 && n != 80 && n != 443 {
				found(s.hit(p.Value, p.Host))
			}
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "default-bridge", Aliases: ids("CIS-Docker-5.30"), Severity: sekisho.SeverityLow, Off: true,
		References: ids("cis-docker-5.30 nist-800-190-4.3.3"),
		Because:    w("Low: it takes an intruder in another container of the host.", "同じホストの別コンテナへの侵入が前提のため低。"),
		Title:      w("Container {0} is on the default network of the engine", "コンテナ {0} がエンジンの既定ネットワークに接続"),
		Why:        w("Every container that names no network is there, and all of them reach one another.", "ネットワークを指定しない全コンテナが接続され、互いに通信できます。"),
		Fix:        w("Remove {how} and name a network of the application's own.", "{how} をやめ、アプリケーション専用のネットワークを指定してください。"),
	},
	Compose: "network_mode: bridge", Quadlet: "Network=podman", Run: "--network bridge",
	Judge: func(s *Service, found func(check.Hit)) {
		for _, n := range s.Network {
			if n.Is("bridge", "default", "podman") {
				found(s.hit(n))
			}
		}
		if s.Kind == sekisho.ResourceDockerRun && len(s.Network) == 0 && !s.Partial {
			found(s.self())
		}
	},
})
