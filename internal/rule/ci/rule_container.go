// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func w(en, ja string) sekisho.Words    { return sekisho.Words{EN: en, JA: ja} }
func ids(list string) []string         { return strings.Fields(list) }
func build() []string                  { return []string{sekisho.StageBuild} }
func has(list []string, s string) bool { return slices.Contains(list, s) }

// rootless finds images of builders that do without privileges, and need a
// system call filter that lets user namespaces through.
var rootless = pattern.New(`(?i)rootless|kaniko|buildah|podman|genuinetools/img|r\.j3ss\.co/img`)

// emulators are images that register interpreters of other processors with the
// kernel, once and for the whole machine.
var emulators = pattern.New(`^(?:docker\.io/)?(?:tonistiigi/binfmt|multiarch/qemu-user-static|linuxkit/binfmt)(?:[:@]|$)`)

// dind finds images of Docker in Docker.
var dind = pattern.New(`(?:^|/)docker:(?:[\w.-]*-)?dind\b|(?:^|[/-])dind(?:[:@]|$)`)

func isDind(image string) bool {
	return dind.MatchString(image) && !strings.Contains(image, "rootless")
}

// started reads a command that starts a container, and its image.
func started(c *shell.Command) (image string, ok bool) {
	switch c.Name {
	case "docker", "nerdctl", "podman":
	default:
		return "", false
	}
	ops := c.Operands()
	if len(ops) > 0 && ops[0].Text == "container" {
		ops = ops[1:]
	}
	if len(ops) == 0 || ops[0].Text != "run" && ops[0].Text != "create" && ops[0].Text != "exec" {
		return "", false
	}
	if len(ops) > 1 {
		image = ops[1].Text
	}
	return image, true
}

// rights are the options by which a container gets the machine.
func rights(c *shell.Command, image string) (word string, severity sekisho.Severity) {
	switch {
	case c.Name == "podman" && !has(c.Via, "sudo"):
		// Root in a user namespace of whoever calls it.
		return "", 0
	case before(c, "--privileged") && !strings.Contains(image, "rootless"):
		if emulators.MatchString(image) {
			return "--privileged", sekisho.SeverityLow
		}
		return "--privileged", sekisho.SeverityHigh
	}
	for _, v := range c.Values("--cap-add") {
		switch strings.TrimPrefix(strings.ToUpper(v.Text), "CAP_") {
		case "ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF":
			return "--cap-add " + v.Text, sekisho.SeverityHigh
		}
	}
	for _, v := range c.Values("--pid", "--userns") {
		if v.Text == "host" {
			return "host", sekisho.SeverityMedium
		}
	}
	if !rootless.MatchString(image) {
		for _, v := range c.Values("--security-opt") {
			if strings.HasSuffix(v.Text, "=unconfined") || strings.HasSuffix(v.Text, ":unconfined") {
				return v.Text, sekisho.SeverityMedium
			}
		}
	}
	return "", 0
}

// before reports an option that stands before the command in the container.
func before(c *shell.Command, name string) bool {
	ops := c.Operands()
	end := len(c.Args)
	if len(ops) > 1 {
		at := 1
		if ops[0].Text == "container" && len(ops) > 2 {
			at = 2
		}
		for i := range c.Args {
			if c.Args[i].Span == ops[at].Span {
				end = i
				break
			}
		}
	}
	for i := range c.Args[:end] {
		if t := c.Args[i].Text; t == name || t == name+"=true" {
			return true
		}
	}
	return false
}

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "privileged-build", Severity: sekisho.SeverityHigh, Stages: build(),
		Because:    w("Who controls one line of the build controls the machine that runs it. Docker in Docker is rated medium: a runner has to allow it.", "ビルドの 1 行を支配する者が、実行マシン全体を支配できるため。Docker in Docker はランナー側の許可が必要なため中とします。"),
		Title:      w("The build runs with the rights of the machine ({0})", "ビルドがマシンの権限で実行される ({0})"),
		Why:        w("A privileged container mounts the disk of the runner and loads kernel modules. A bad dependency, or a pull request, then reaches the other builds and the secrets on that machine.", "特権コンテナはランナーのディスクをマウントし、カーネルモジュールを読み込めます。悪意ある依存やプルリクエストから、同じマシン上の他のビルドやシークレットに到達されます。"),
		Fix:        w("Build images with a rootless builder: BuildKit rootless, buildah, kaniko, or the builder that the service offers.", "イメージのビルドには BuildKit rootless、buildah、kaniko などの rootless ビルダーか、サービス提供のビルダーを使ってください。"),
		References: ids("nist-800-190-4.4.3 cis-docker-5.5 cwe-250"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		d.commands(func(s *Script, c *shell.Command) {
			if image, ok := started(c); ok {
				if word, severity := rights(c, image); word != "" {
					h := s.at(c.Span, mask(s.source(c.Span)), word)
					h.Severity = severity
					found(h)
				}
			}
			if (c.Name == "docker" || c.Name == "buildctl" || c.Name == "buildx") && insecure(c) {
				found(s.at(c.Span, mask(s.source(c.Span)), "security.insecure"))
			}
		})
		for i := range d.Containers {
			c := &d.Containers[i]
			if c.Options != nil {
				if word, severity := rights(&c.Options.Shell.Commands[0], c.Image); word != "" {
					h := c.Options.at(c.Options.Shell.Commands[0].Span, mask(c.Options.Text), word)
					h.Severity = severity
					found(h)
				}
			}
			if c.Security.Get("privileged").True() && !strings.Contains(c.Image, "rootless") {
				found(member(c.Security, "privileged", c.Job, "privileged: true"))
			}
		}
		for _, i := range d.Images {
			if d.System == gitlab && isDind(i.Ref) {
				h := hit(i.Node, i.Job, i.Ref, i.Ref)
				h.Severity = sekisho.SeverityMedium
				found(h)
			}
		}
		for _, u := range d.Uses {
			for _, key := range []string{"allow", "buildkitd-flags"} {
				if v := u.With.Get(key); strings.Contains(v.Str(), "security.insecure") {
					found(member(u.With, key, u.Job, "security.insecure"))
				}
			}
		}
	},
})

// insecure reports a build that may run steps without any walls.
func insecure(c *shell.Command) bool {
	for _, v := range c.Values("--allow", "--buildkitd-flags") {
		if strings.Contains(v.Text, "security.insecure") {
			return true
		}
	}
	return false
}

// socket finds the sockets of engines that run as root.
var socket = pattern.New(`(?:^|(?:^|,)(?:source|src)=)(/(?:var/)?run/(?:docker\.sock|containerd/containerd\.sock|containerd\.sock|crio/crio\.sock|podman/podman\.sock|buildkit/buildkitd\.sock))(?:$|[:,])`)

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "runtime-socket", Aliases: ids("CIS-Docker-5.32"), Severity: sekisho.SeverityHigh, Stages: build(),
		Because:    w("Who can write to the socket is root on the machine that builds. On a machine that serves one build only, less can be lost: commands are rated medium.", "ソケットに書き込める者は、ビルドするマシンの root と同じです。1 ビルドで使い捨てるマシンでは被害が限られるため、コマンドは中とします。"),
		Title:      w("The container gets the socket of the engine: {0}", "コンテナにエンジンのソケットを渡している: {0}"),
		Why:        w("One request to it starts a privileged container with the machine's disk; read-only mounts change nothing.", "リクエスト 1 つで、マシンのディスクを持つ特権コンテナを起動できます。読み取り専用マウントでも同じです。"),
		Fix:        w("Give the tool the image itself (an archive, a registry), or build with a rootless builder. The socket of a rootless engine is no danger of this kind.", "ツールにはイメージそのもの(アーカイブやレジストリ)を渡すか、rootless ビルダーを使ってください。rootless エンジンのソケットにはこの危険はありません。"),
		References: ids("cis-docker-5.32 nist-800-190-4.4.3 cwe-250"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		d.commands(func(s *Script, c *shell.Command) {
			if _, ok := started(c); !ok {
				return
			}
			for _, v := range c.Values("-v", "--volume", "--mount") {
				if m := socket.FindStringSubmatch(v.Text); m != nil {
					h := s.at(v.Span, v.Text, m[1])
					h.Severity = sekisho.SeverityMedium
					found(h)
				}
			}
		})
		for i := range d.Containers {
			c := &d.Containers[i]
			if c.Options != nil {
				for _, v := range c.Options.Shell.Commands[0].Values("-v", "--volume", "--mount") {
					if m := socket.FindStringSubmatch(v.Text); m != nil {
						found(c.Options.at(v.Span, v.Text, m[1]))
					}
				}
			}
			for _, v := range c.Volumes.List() {
				text, at := v.Str(), v
				if p := v.Get("hostPath", "path"); p != nil {
					text, at = p.Str(), p
				}
				if m := socket.FindStringSubmatch(text); m != nil {
					found(hit(at, c.Job, text, m[1]))
				}
			}
		}
	},
})

// plainDaemon finds the address of a daemon without TLS on another machine.
var plainDaemon = pattern.New(`^tcp://([^:/]+)(?::2375)?/?$`)

func otherHost(address string) bool {
	m := plainDaemon.FindStringSubmatch(address)
	return m != nil && m[1] != "localhost" && m[1] != "127.0.0.1" && !strings.ContainsAny(m[1], "$<{")
}

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "docker-without-tls", Aliases: ids("CIS-Docker-2.7"), Severity: sekisho.SeverityMedium, Stages: build(),
		Because:    w("The daemon is most often in the same private network as the job.", "多くの場合、デーモンはジョブと同じプライベートネットワークにあります。"),
		Title:      w("The Docker daemon takes commands without TLS ({0})", "Docker デーモンが TLS なしで命令を受け付ける ({0})"),
		Why:        w("Whoever reaches the port is root where the daemon runs: any other container of the network, and a web page through the job.", "ポートに到達できる者は、デーモンが動く環境の root になれます。同じネットワークの他のコンテナも含みます。"),
		Fix:        w("Leave DOCKER_TLS_CERTDIR at /certs, share /certs/client with the job, and use port 2376.", "DOCKER_TLS_CERTDIR を /certs のままにして /certs/client をジョブと共有し、ポート 2376 を使ってください。"),
		References: ids("cis-docker-2.7 nist-800-190-4.5.1 cwe-306"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		for _, v := range d.Variables {
			switch {
			case v.Name == "DOCKER_TLS_CERTDIR" && (v.Value.Kind == document.String && v.Value.Text == "" || v.Value.Kind == document.Null):
				found(pair(v.Key, v.Value, v.Job, v.Name))
			case v.Name == "DOCKER_HOST" && otherHost(v.Value.Str()):
				found(pair(v.Key, v.Value, v.Job, v.Value.Str()))
			}
		}
		for i := range d.Containers {
			if c := &d.Containers[i]; dind.MatchString(c.Image) {
				for _, n := range append(append(strs(c.Node.Get("args")), strs(c.Node.Get("command"))...), lists(c.Node)...) {
					if n.Str() == "--tls=false" || strings.HasPrefix(n.Str(), "--host=tcp://0.0.0.0:2375") {
						found(hit(n, c.Job, n.Str(), n.Str()))
					}
				}
			}
		}
		d.commands(func(s *Script, c *shell.Command) {
			for _, a := range c.Assigns {
				if a.Value != nil && (a.Name == "DOCKER_HOST" && otherHost(a.Value.Text) || a.Name == "DOCKER_TLS_CERTDIR" && a.Value.Known && a.Value.Text == "") {
					found(s.at(a.Span, s.source(a.Span), a.Name))
				}
			}
			if c.Name != "docker" && c.Name != "dockerd" {
				return
			}
			for _, v := range c.Values("-H", "--host") {
				if otherHost(v.Text) {
					found(s.at(v.Span, v.Text, v.Text))
				}
			}
		})
	},
})

// lists are the items of a list itself.
func lists(n *document.Node) []*document.Node {
	if n == nil || n.Kind != document.List {
		return nil
	}
	return strs(n)
}
