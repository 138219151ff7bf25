// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// port is one word of EXPOSE.
type port struct {
	at   *Statement
	word string
	// From and to are the numbers of the container's side; -1 when they are none.
	from, to int
	proto    string
	// mapped is true for the forms of docker run -p.
	mapped bool
}

// ports are the words of EXPOSE whose variables are known.
func (f *File) ports(visit func(port)) {
	all(f, func(s *Statement, c *instructions.ExposeCommand) {
		for _, word := range c.Ports {
			w := f.Expand(s, word)
			if !w.Known {
				continue
			}
			for text := range strings.FieldsSeq(w.Text) {
				p := port{at: s, word: word}
				parts := strings.Split(text, ":")
				p.mapped = len(parts) > 1
				number, proto, _ := strings.Cut(parts[len(parts)-1], "/")
				p.proto = proto
				from, to, isRange := strings.Cut(number, "-")
				p.from = portNumber(from)
				if p.to = p.from; isRange {
					p.to = portNumber(to)
				}
				visit(p)
			}
		}
	})
}

func portNumber(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// hit is the word as a place that breaks a rule.
func (p port) hit(args ...string) check.Hit {
	h := hitWord(p.at, p.word, args...)
	h.Excerpt = strings.ToUpper(p.at.Keyword) + " " + p.word
	return h
}

func (p port) valid() bool { return p.from >= 0 && p.to >= p.from && p.to <= 65535 }

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "invalid-port", Aliases: ids("DL3011 DS-0008"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("The build fails, or the port is never opened.", "ビルドが失敗するか、ポートが開きません。"),
		Title:   words("{0} is no port", "{0} はポート番号ではない"),
		Why:     words("Ports are numbers from 0 to 65535: what was meant stays closed, or another one is opened in its place.", "ポートは 0〜65535 の数です。意図したポートが開かず、代わりに別のものが開かれることがあります。"),
		Fix:     words("Write the number that the program listens on, as 8080 or 8080/udp.", "プログラムが待ち受ける番号を 8080 や 8080/udp のように書きます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.ports(func(p port) {
			switch strings.ToLower(p.proto) {
			case "", "tcp", "udp", "sctp":
				if p.valid() {
					return
				}
			}
			found(p.hit(p.word))
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "expose-mapping", Aliases: ids("ExposeInvalidFormat"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("The part in front is left out without a word.", "前半が黙って無視されます。"),
		Title:   words("EXPOSE maps no ports: {0}", "EXPOSE ではポートを対応付けられない: {0}"),
		Why:     words("An address or a port of the host in EXPOSE has no effect: who reads it believes that the port is bound to it.", "EXPOSE にホストのアドレスやポートを書いても効果がなく、そこに限定されていると誤解されます。"),
		Fix:     words("Write the container's port here, and the mapping at docker run -p or in Compose.", "ここにはコンテナ側のポートだけを書き、対応付けは docker run -p や Compose で行います。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.ports(func(p port) {
			if p.mapped {
				found(p.hit(p.word))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "expose-protocol-case", Fixable: true, Aliases: ids("ExposeProtoCasing"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("It works, today.", "今のところ動作します。"),
		Title:   words("The protocol of {0} is not in lower case", "{0} のプロトコルが小文字でない"),
		Why:     words("Not every builder takes it.", "受け付けないビルダーがあります。"),
		Fix:     words("Write tcp, udp or sctp.", "tcp、udp、sctp と書きます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.ports(func(p port) {
			if p.proto != strings.ToLower(p.proto) {
				found(p.hit(p.word))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "ssh-port", Aliases: ids("CKV_DOCKER_1 DS-0004 CIS-Docker-5.7"), Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("A second way in, with its own keys and its own flaws, that no orchestrator watches.", "独自の鍵と脆弱性を持つ別の入口になり、オーケストレーターの管理も及びません。"),
		Title:      words("Port 22 (SSH) is exposed", "22 番ポート (SSH) を公開"),
		Why:        words("An SSH server in a container can be guessed at from the network, and whoever is in leaves no trace in the orchestrator's log.", "コンテナ内の SSH サーバーはネットワーク越しに総当たりの対象になり、侵入してもオーケストレーターのログに残りません。"),
		Fix:        words("Leave the server out; docker exec or kubectl exec give a shell, with access control and a log.", "SSH サーバーを入れず、アクセス制御と記録のある docker exec や kubectl exec を使います。"),
		References: ids("nist-800-190-4.1.2 cis-docker-5.7"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.ports(func(p port) {
			if p.valid() && p.from <= 22 && 22 <= p.to && !strings.EqualFold(p.proto, "udp") {
				found(p.hit())
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "privileged-port", Aliases: ids("CIS-Docker-5.8 KSV-0117"), Severity: sekisho.SeverityLow, Stages: build, Off: true,
		Because:    words("Recent runtimes let every user bind them: a hint for those whose platform does not.", "最近のランタイムでは一般ユーザーでも使えます。そうでない環境向けの情報です。"),
		Title:      words("Port {0} is below 1024", "1024 未満のポート {0}"),
		Why:        words("Where the runtime keeps to the old rule, the program needs root or NET_BIND_SERVICE for it, and gets more than that.", "従来どおりのランタイムでは root か NET_BIND_SERVICE が必要になり、必要以上の権限を与えがちです。"),
		Fix:        words("Listen on 8080 or the like and map the port outside.", "8080 などで待ち受け、外側で対応付けます。"),
		References: ids("cis-docker-5.8"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.ports(func(p port) {
			if p.valid() && p.from < 1024 && p.from > 0 {
				found(p.hit(p.word))
			}
		})
	},
})
