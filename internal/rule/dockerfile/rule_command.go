// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"path"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "shell-form", Fixable: true, Aliases: ids("DL3025 JSONArgsRecommended"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("The container works, and stops badly.", "動作はしますが、正しく停止しません。"),
		Title:   words("{0} runs through a shell", "{0} がシェル経由で起動"),
		Why:     words("The shell is process 1 and passes no signals on: the program is killed at each stop. And what is in its variables is read as shell text.", "シェルが PID 1 となりシグナルを伝えないため、停止のたびに強制終了されます。また変数の内容がシェルの構文として解釈されます。"),
		Fix:     words("Write the words as a list: [\"program\", \"argument\"]; where a shell is needed, begin with exec.", "[\"program\", \"argument\"] の形で書きます。シェルが必要なら exec で始めます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, s := range f.Statements {
			var line instructions.ShellDependantCmdLine
			switch c := s.Command.(type) {
			case *instructions.CmdCommand:
				line = c.ShellDependantCmdLine
			case *instructions.EntrypointCommand:
				line = c.ShellDependantCmdLine
			default:
				continue
			}
			if shellForm(s, line) {
				found(hit(s, strings.ToUpper(s.Keyword)))
			}
		}
	},
})

// shellForm says whether a shell starts the command and nobody asked for one.
func shellForm(s *Statement, line instructions.ShellDependantCmdLine) bool {
	if !line.PrependShell || len(line.CmdLine) == 0 || strings.HasPrefix(strings.TrimSpace(line.CmdLine[0]), "exec ") {
		return false
	}
	// Who wrote SHELL chose it.
	at, _ := Before[*instructions.ShellCommand](s)
	return at == nil
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "repeated-instruction", Aliases: ids("DL3012 DL4003 DL4004 DS-0007 DS-0016 DS-0023 MultipleInstructionsDisallowed"), Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("One of them has no effect, and the reader may trust that one.", "一方は無効なのに、読み手がそちらを信じる恐れがあります。"),
		Title:   words("A later {0} in the stage takes the place of this one", "同じステージの後の {0} により無効"),
		Why:     words("Only the last counts: a start command or a health check that somebody relies on does not exist.", "有効なのは最後の 1 つだけです。頼りにしている起動コマンドやヘルスチェックが存在しないことになります。"),
		Fix:     words("Keep one of them.", "1 つだけ残します。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, stage := range f.Stages {
			last := map[string]*Statement{}
			for _, s := range stage.Statements {
				switch s.Command.(type) {
				case *instructions.CmdCommand, *instructions.EntrypointCommand, *instructions.HealthCheckCommand:
					if earlier := last[s.Keyword]; earlier != nil {
						found(hit(earlier, strings.ToUpper(s.Keyword)))
					}
					last[s.Keyword] = s
				}
			}
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "no-healthcheck", Aliases: ids("DL3057 DS-0026 CKV_DOCKER_2 CIS-DI-0006 CIS-Docker-4.6"), Severity: sekisho.SeverityLow, Stages: build, Off: true,
		Because:    words("Kubernetes, ECS and Nomad have checks of their own: only plain Docker and Swarm read this one.", "Kubernetes・ECS・Nomad は独自のヘルスチェックを使います。これを読むのは素の Docker と Swarm だけです。"),
		Title:      words("There is no HEALTHCHECK", "HEALTHCHECK がない"),
		Why:        words("A program that hangs goes on getting requests, and nobody starts it again.", "応答しなくなったプログラムに要求が送られ続け、再起動もされません。"),
		Fix:        words("HEALTHCHECK CMD [\"/app\", \"health\"], or a probe of the orchestrator.", "HEALTHCHECK CMD [\"/app\", \"health\"] を書くか、オーケストレーターのプローブを使います。"),
		References: ids("cis-docker-4.6"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		s := f.Final()
		if s == nil || buildsNothing(s) {
			return
		}
		if at, _ := Last[*instructions.HealthCheckCommand](s); at == nil {
			found(hit(s.From))
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "user-by-name", Aliases: ids("DL3066"), Severity: sekisho.SeverityLow, Stages: build, Off: true,
		Because: words("It matters to Kubernetes with runAsNonRoot alone.", "影響があるのは Kubernetes で runAsNonRoot を使う場合だけです。"),
		Title:   words("USER {0} is a name", "USER {0} が名前による指定"),
		Why:     words("Kubernetes cannot tell from a name that it is not root: a pod with runAsNonRoot does not start. And which number it is depends on the image's passwd.", "Kubernetes は名前だけでは root でないと判断できず、runAsNonRoot の Pod が起動しません。番号もイメージ内の passwd 次第です。"),
		Fix:     words("Write the number: USER 10001:10001.", "番号で書きます (USER 10001:10001)。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		s := f.Final()
		if s == nil {
			return
		}
		at, user, known := f.FinalUser(s)
		name, _, _ := strings.Cut(user, ":")
		if _, err := strconv.Atoi(name); at != nil && known && err != nil && !rootUser(user) {
			found(hit(at, user))
		}
	},
})

var volumeSystem = pattern.New(`^/(?:dev|proc|sys|boot|etc|bin|sbin|lib|lib64|usr|run/secrets|var/run/secrets)?(?:/|$)`)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "volume-system", Aliases: ids("DKL-DI-0002"), Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("The runtime puts a writable copy over a directory that the system relies on.", "システムが依存するディレクトリの上に、書き込み可能な複製が置かれます。"),
		Title:      words("VOLUME on the system directory {0}", "システムディレクトリ {0} に VOLUME"),
		Why:        words("What is in a volume outlives the container and its updates: programs and settings that someone changed there stay changed.", "ボリュームの内容はコンテナや更新後も残ります。改ざんされたプログラムや設定がそのまま使われ続けます。"),
		Fix:        words("Use VOLUME for data directories alone, or leave volumes to the orchestrator.", "VOLUME はデータ用ディレクトリだけに使うか、オーケストレーター側で指定します。"),
		References: ids("nist-800-190-4.1.2"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		all(f, func(s *Statement, c *instructions.VolumeCommand) {
			for _, v := range c.Volumes {
				w := f.Expand(s, v)
				clean := path.Clean(w.Text)
				if w.Known && (clean == "/" || clean != "/usr/share" && !strings.HasPrefix(clean, "/usr/share/") && !strings.HasPrefix(clean, "/usr/local/") && !strings.HasPrefix(clean, "/usr/src") && !strings.HasPrefix(clean, "/etc/") && volumeSystem.MatchString(clean)) {
					found(hitWord(s, v, v))
				}
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "runtime-socket", Aliases: ids("CIS-Docker-5.32 KSV-0006"), Severity: sekisho.SeverityHigh, Stages: build,
		Because:    words("Who can write to the socket is root on the host.", "ソケットに書き込める者はホストの root と同じです。"),
		Title:      words("The image asks for the runtime's socket {0}", "イメージがランタイムのソケット {0} を要求"),
		Why:        words("One request to it starts a privileged container with the host's disk.", "リクエスト 1 つで、ホストのディスクを持つ特権コンテナを起動できます。"),
		Fix:        words("Use a rootless builder, or a proxy that lets the needed calls through.", "rootless のビルダーか、必要な呼び出しだけを通すプロキシを使います。"),
		References: ids("cis-docker-5.32 nist-800-190-4.4.3 cwe-250"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		all(f, func(s *Statement, c *instructions.VolumeCommand) {
			for _, v := range c.Volumes {
				if strings.HasSuffix(v, "/docker.sock") || strings.HasSuffix(v, "/containerd.sock") || strings.HasSuffix(v, "/podman.sock") || strings.HasSuffix(v, "/crio.sock") {
					found(hitWord(s, v, v))
				}
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "privileged-build", Severity: sekisho.SeverityHigh, Stages: build,
		Because:    words("The step runs outside of the walls of the build.", "この手順はビルドの隔離の外で動きます。"),
		Title:      words("A build step asks for more than the build gives: {0}", "ビルドの隔離を緩める指定 {0}"),
		Why:        words("--security=insecure gives a step all rights over the builder; --network=host lets it reach what listens on the builder's own addresses. One bad dependency is enough.", "--security=insecure はビルダーへの全権限を、--network=host はビルダー自身のアドレスへの到達を許します。悪意ある依存が 1 つあれば足ります。"),
		Fix:        words("Do without; give the step the file or the service that it needs.", "使わずに済ませ、必要なファイルやサービスだけを渡します。"),
		References: ids("nist-800-190-4.4.3 cwe-250"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		all(f, func(s *Statement, _ *instructions.RunCommand) {
			for _, flag := range s.node.Flags {
				switch flag {
				case "--security=insecure":
					found(hitWord(s, flag, flag))
				case "--network=host":
					h := hitWord(s, flag, flag)
					h.Severity = sekisho.SeverityMedium
					found(h)
				}
			}
		})
	},
})

// mode reads a mode as chmod has it; ok is false for one that is not known.
func mode(s string) (bits uint64, ok bool) {
	bits, err := strconv.ParseUint(s, 8, 32)
	return bits, err == nil
}

// symbolic finds in a symbolic mode what it adds for whom: "u+s", "a+rwx",
// "o=w", "+s"; perms is what is looked for.
func symbolic(mode, who string, perm byte) bool {
	for part := range strings.SplitSeq(mode, ",") {
		i := strings.IndexAny(part, "+-=")
		if i < 0 {
			return false
		}
		classes := part[:i]
		if classes == "" && perm != 'w' { // umask keeps "+w" from the others
			classes = "a"
		}
		if part[i] != '-' && strings.IndexByte(part[i:], perm) > 0 && strings.ContainsAny(classes, who) {
			return true
		}
	}
	return false
}

// setID and worldWritable judge a mode in any notation.
func setID(m string) bool {
	if bits, ok := mode(m); ok {
		return bits&0o6000 != 0
	}
	return symbolic(m, "uga", 's')
}

func worldWritable(m string) bool {
	if bits, ok := mode(m); ok {
		return bits&0o002 != 0 && bits&0o1000 == 0
	}
	return symbolic(m, "oa", 'w')
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "setuid", Aliases: ids("CIS-DI-0008 CIS-Docker-4.8"), Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("It undoes USER, for whoever can run the file.", "そのファイルを実行できる者に対して USER の効果を打ち消します。"),
		Title:      words("A file gets the setuid or setgid bit ({0})", "ファイルに setuid・setgid を付与 ({0})"),
		Why:        words("A flaw in a setuid program makes a lesser user root in the container.", "setuid プログラムの欠陥により、一般ユーザーがコンテナ内で root になれます。"),
		Fix:        words("Leave the bit out; give the one capability that is needed, or run with no-new-privileges.", "付けずに済ませ、必要なケーパビリティだけを与えるか no-new-privileges で実行します。"),
		References: ids("nist-800-190-4.1.2 cis-docker-4.8 cwe-732"),
	},
	Judge: func(f *File, found func(check.Hit)) { f.modes(setID, found) },
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "world-writable", Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("It needs a foothold in the container first.", "コンテナ内への足掛かりが前提です。"),
		Title:      words("Everybody may write to it ({0})", "誰でも書き込み可能 ({0})"),
		Why:        words("A process that was taken over can replace programs and settings that others run or trust.", "乗っ取られたプロセスが、他者の使うプログラムや設定を置き換えられます。"),
		Fix:        words("Give the file to the user that writes (--chown), with 755 or 644; for OpenShift, group 0 and 775.", "書き込むユーザーに所有させ (--chown)、755 や 644 にします。OpenShift ではグループ 0 に 775 を与えます。"),
		References: ids("nist-800-190-4.1.2 cwe-732"),
	},
	Judge: func(f *File, found func(check.Hit)) { f.modes(worldWritable, found) },
})
