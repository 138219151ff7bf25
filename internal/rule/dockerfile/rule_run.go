// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"path"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "shell-syntax", Severity: sekisho.SeverityMedium, Stages: build,
		Because: words("The build fails on it; and what cannot be read cannot be judged.", "ビルドが失敗します。また、読めないものは判定できません。"),
		Title:   words("The shell cannot read this", "シェルの構文エラー"),
		Why:     words("The rules saw nothing of this script: {0}", "このスクリプトはルールの対象になっていません: {0}"),
		Fix:     words("Correct it; sh -n names the place too.", "構文を直します。sh -n でも場所を確認できます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.read()
		for _, b := range f.broken {
			h := hit(b.at, maskText(b.text))
			h.Line, h.Column, h.EndLine, h.EndColumn = b.line, b.column, 0, 0
			found(h)
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "sudo", Fixable: true, Aliases: ids("DL3004 DS-0010 CKV2_DOCKER_1 DKL-DI-0001"), Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("It undoes USER for whoever may call it.", "呼び出せる者に対して USER の効果を打ち消します。"),
		Title:      words("sudo in a build", "ビルド内で sudo"),
		Why:        words("sudo in the image is a setuid program: who takes over the lesser user becomes root with it.", "イメージ内の sudo は setuid プログラムです。一般ユーザーを乗っ取った者がこれで root になれます。"),
		Fix:        words("USER root before the step and USER app after it; leave the package out.", "手順の前に USER root、後に USER app を置き、sudo は入れません。"),
		References: ids("nist-800-190-4.1.2 cwe-250"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.Runs(func(s *Script) {
			for i := range s.Commands {
				if c := &s.Commands[i]; c.Name == "sudo" {
					found(s.Hit(c.Span))
					return
				}
			}
			for _, u := range s.Uses() {
				if u.Action == shell.Install && f.inImage(s) && names(u, func(p *shell.Package) bool { return p.Name == "sudo" }) != "" {
					found(s.Hit(u.Command.Span))
					return
				}
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "cd-in-run", Aliases: ids("DL3003 DS-0013"), Severity: sekisho.SeverityNegligible, Stages: build, Off: true,
		Because: words("Style.", "書式の問題です。"),
		Title:   words("RUN changes the directory", "RUN の中で cd"),
		Why:     words("The change holds for this instruction alone, and is easily overlooked.", "この命令の中でしか効かず、見落とされやすいためです。"),
		Fix:     words("Use WORKDIR.", "WORKDIR を使います。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.commands(func(s *Script, c *shell.Command) {
			if c.Name == "cd" && !c.Subst {
				found(s.Hit(c.Span))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "lost-cd", Severity: sekisho.SeverityLow, Stages: build,
		Because: words("What follows runs elsewhere than its author thinks.", "後続の命令が、作者の想定と別の場所で動きます。"),
		Title:   words("cd at the end of RUN has no effect", "RUN の末尾の cd は効果がない"),
		Why:     words("Each RUN begins in WORKDIR again: the next one reads and writes in another directory.", "RUN は毎回 WORKDIR から始まるため、次の命令は別のディレクトリで読み書きします。"),
		Fix:     words("Write WORKDIR in its place.", "WORKDIR に置き換えます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.Runs(func(s *Script) {
			if n := len(s.Commands); n > 0 && !s.Exec {
				if c := &s.Commands[n-1]; c.Name == "cd" && !c.Subst && !c.Condition && len(c.Args) > 0 {
					found(s.Hit(c.Span))
				}
			}
		})
	},
})

// forPeople are commands that have no use in a build.
var forPeople = map[string]bool{
	"vim": true, "vi": true, "nano": true, "emacs": true, "less": true, "more": true, "top": true, "htop": true, "free": true, "ps": true, "kill": true, "shutdown": true, "reboot": true,
	"poweroff": true, "halt": true, "service": true, "systemctl": true, "ifconfig": true, "mount": true, "ssh": true, "telnet": true,
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "interactive-command", Aliases: ids("DL3001"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("It fails or does nothing.", "失敗するか、何も起こりません。"),
		Title:   words("{0} has no use in a build", "ビルドの中で {0} は意味がない"),
		Why:     words("There is no person, no service manager and no host: what it was meant to do does not happen.", "操作する人もサービス管理もホストも存在せず、意図した動作になりません。"),
		Fix:     words("Leave it out; start services with CMD or ENTRYPOINT.", "削除します。サービスの起動は CMD や ENTRYPOINT で行います。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.Runs(func(s *Script) {
			background := backgroundIn(s)
			for i := range s.Commands {
				c := &s.Commands[i]
				if !forPeople[c.Name] || len(c.Via) > 0 && c.Via[len(c.Via)-1] == "xargs" {
					continue
				}
				switch c.Name {
				case "ps", "kill":
					// A server that was started for one step of the build.
					if background {
						continue
					}
				case "ssh":
					if hasMount(s.At, instructions.MountTypeSSH) || c.Has("-V", "-T") {
						continue
					}
				case "systemctl":
					// "enable" and "mask" are settings, for images with an init.
					if ops := c.Operands(); len(ops) > 0 && ops[0].Text != "start" && ops[0].Text != "restart" && ops[0].Text != "status" {
						continue
					}
				case "service":
					// A database for one step: started, used and stopped.
					if len(s.Commands) > 1 {
						continue
					}
				case "mount":
					if strings.Contains(s.At.Logical, "--security=insecure") {
						continue
					}
				}
				found(s.Hit(c.Span, c.Name))
			}
		})
	},
})

func backgroundIn(s *Script) bool {
	for i := range s.Commands {
		if s.Commands[i].Background {
			return true
		}
	}
	return false
}

func hasMount(s *Statement, t instructions.MountType) bool {
	for _, m := range s.Mounts() {
		if m.Type == t {
			return true
		}
	}
	return false
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "archive-by-hand", Aliases: ids("DL3010"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("It costs space.", "容量の問題です。"),
		Title:   words("{0} is copied and then unpacked", "{0} をコピーしてから展開"),
		Why:     words("The archive stays in its layer, also when RUN deletes it.", "RUN で消しても、アーカイブはレイヤーに残ります。"),
		Fix:     words("ADD unpacks a local archive by itself; or RUN --mount=type=bind.", "ローカルのアーカイブは ADD で展開するか、RUN --mount=type=bind を使います。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		type file struct {
			stage *Stage
			name  string
		}
		type source struct {
			at   *Statement
			word string
		}
		copied := map[file]source{}
		f.transfers(func(t transfer) {
			if t.from != "" || t.add || t.at.Stage == nil {
				return
			}
			for _, src := range t.sources {
				if base := path.Base(src); archiveName.MatchString(base) {
					copied[file{t.at.Stage, base}] = source{t.at, src}
				}
			}
		})
		if len(copied) == 0 {
			return
		}
		f.commands(func(s *Script, c *shell.Command) {
			if c.Name != "tar" && c.Name != "bsdtar" {
				return
			}
			for _, w := range c.Args {
				key := file{s.At.Stage, path.Base(w.Text)}
				if src, ok := copied[key]; ok && w.Known && src.at.order < s.At.order {
					delete(copied, key) // told once
					found(hitWord(src.at, src.word, src.word))
				}
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "large-uid", Fixable: true, Aliases: ids("DL3046"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("The image grows; nothing else.", "イメージが肥大するだけです。"),
		Title:   words("useradd with the large number {0} and without -l", "大きな UID {0} の useradd に -l がない"),
		Why:     words("The files lastlog and faillog get as many records as the number: a sparse file that a layer stores in full.", "lastlog・faillog に番号分の領域が作られ、レイヤーでは疎でない巨大なファイルになります。"),
		Fix:     words("useradd --no-log-init (-l), or a smaller number.", "useradd --no-log-init (-l) を付けるか、小さな番号にします。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.commands(func(s *Script, c *shell.Command) {
			if uid := largeUID(c); uid != "" {
				found(s.Hit(c.Span, uid))
			}
		})
	},
})

// large says whether a number of a user makes large log files.
func large(uid string) bool {
	n, err := strconv.Atoi(uid)
	return err == nil && n > 99999
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "wget-progress", Fixable: true, Aliases: ids("DL3047"), Severity: sekisho.SeverityNegligible, Stages: build, Off: true,
		Because: words("Long logs, no more.", "ログが長くなるだけです。"),
		Title:   words("wget prints a line for every few kilobytes", "wget の進捗表示がログを埋める"),
		Why:     words("What matters in the log of the build is hard to find.", "ビルドログの重要な行が埋もれます。"),
		Fix:     words("wget -q, -nv or --progress=dot:giga.", "wget に -q、-nv、--progress=dot:giga のいずれかを付けます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.commands(func(s *Script, c *shell.Command) {
			if loudWget(s, c) {
				found(s.Hit(c.Span))
			}
		})
	},
})

// loudWget says whether a command is a wget that shows its progress.
func loudWget(s *Script, c *shell.Command) bool {
	return c.Name == "wget" && !c.Has("-q", "--quiet", "--no-verbose", "--progress", "-o", "--output-file", "-a", "--append-output") && !strings.Contains(s.cut(c.Span), "-nv")
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "wget-and-curl", Aliases: ids("DL4001 DS-0014"), Severity: sekisho.SeverityNegligible, Stages: build,
		Because: words("One tool more in the image.", "道具が 1 つ余計に入るだけです。"),
		Title:   words("Both wget and curl are used", "wget と curl を併用"),
		Why:     words("Two tools that do the same are two to patch, and both help whoever breaks in.", "同じ用途の道具が 2 つあると、修正も悪用の余地も 2 倍です。"),
		Fix:     words("Decide for one of them.", "どちらか一方に揃えます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		first := map[*Stage]string{}
		told := map[*Stage]bool{}
		f.commands(func(s *Script, c *shell.Command) {
			if c.Name != "wget" && c.Name != "curl" || s.At.Stage == nil {
				return
			}
			switch stage := s.At.Stage; {
			case first[stage] == "":
				first[stage] = c.Name
			case first[stage] != c.Name && !told[stage]:
				told[stage] = true
				found(s.Hit(c.Span))
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "sh-relinked", Aliases: ids("DL4005"), Severity: sekisho.SeverityLow, Stages: build,
		Because: words("Programs of the distribution rely on their sh.", "ディストリビューションのプログラムは元の sh を前提にしています。"),
		Title:   words("/bin/sh is made another shell", "/bin/sh を別のシェルに差し替え"),
		Why:     words("Scripts of the distribution run in a shell that they were not written for; an update puts the old one back.", "ディストリビューションのスクリプトが想定外のシェルで動き、更新で元に戻ることもあります。"),
		Fix:     words("SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]", "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"] を使います。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.commands(func(s *Script, c *shell.Command) {
			if ops := c.Operands(); (c.Name == "ln" || c.Name == "mv" || c.Name == "cp") && len(ops) > 1 {
				if last := ops[len(ops)-1].Text; last == "/bin/sh" || last == "/usr/bin/sh" {
					found(s.Hit(c.Span))
				}
			}
		})
	},
})

// harmless begin a pipe without ever failing in a way that matters.
var harmless = map[string]bool{"echo": true, "printf": true, "yes": true, "true": true, ":": true, "seq": true, "uname": true, "env": true, "dpkg": true, "ls": true, "id": true, "date": true, "set": true, "find": true, "grep": true, "egrep": true, "awk": true, "sed": true, "sort": true, "head": true, "tail": true, "cut": true, "tr": true, "ldd": true, "scanelf": true, "nproc": true, "pwd": true, "basename": true, "dirname": true, "uniq": true, "wc": true, "xargs": true, "cat": true, "which": true, "command": true, "hostname": true, "arch": true, "getconf": true, "readlink": true, "apk": true, "rpm": true, "locale": true, "tee": true}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "no-pipefail", Fixable: true, Aliases: ids("DL4006"), Severity: sekisho.SeverityLow, Stages: build,
		Because:    words("It needs a failure to matter, and then it hides it.", "失敗したときに限りますが、その失敗を隠します。"),
		Title:      words("The failure of {0} goes unseen", "{0} の失敗が見逃される"),
		Why:        words("A shell takes the status of the last command of a pipe: half a download, or none, becomes a finished layer.", "パイプの終了状態は最後のコマンドのものになり、途中で切れたダウンロードもそのままレイヤーになります。"),
		Fix:        words("SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"] above it (Alpine: /bin/ash -eo pipefail -c), or set -o pipefail in a script of bash.", "手前に SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"] を置きます (Alpine は /bin/ash -eo pipefail -c)。bash のスクリプトなら set -o pipefail でも構いません。"),
		References: ids("cwe-252"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.Runs(func(s *Script) {
			if c := lost(s); c != nil {
				found(s.Hit(c.Span, c.Name))
			}
		})
	},
})

// lost is the first command of a script whose failure a pipe hides; nil for none.
func lost(s *Script) *shell.Command {
	if s.Exec || s.Pipefail {
		return nil
	}
	for i := range s.Commands {
		c := &s.Commands[i]
		if c.Name == "set" && strings.Contains(s.cut(c.Span), "pipefail") {
			return nil
		}
		if c.Pipe.Length < 2 || c.Pipe.Index == c.Pipe.Length-1 || c.Condition || c.Negated || c.Name == "" || harmless[c.Name] || len(c.Via) > 0 {
			continue
		}
		// What is run by the pipe is worse, and has its own rule.
		if last := lastOf(s, c); last != nil && (interpreters[last.Name] || last.Name == "grep" && last.Has("-q")) {
			continue
		}
		return c
	}
	return nil
}

// lastOf is the last command of the pipe that a command is in.
func lastOf(s *Script, c *shell.Command) *shell.Command {
	for _, i := range s.Pipe(c) {
		if o := &s.Commands[i]; o.Pipe.Index == c.Pipe.Length-1 && len(o.Via) == 0 {
			return o
		}
	}
	return nil
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "consecutive-run", Aliases: ids("DL3059"), Severity: sekisho.SeverityNegligible, Stages: build, Off: true,
		Because: words("One layer more or less.", "レイヤーが 1 つ増えるだけです。"),
		Title:   words("Two RUN follow each other", "RUN が連続"),
		Why:     words("What the second deletes stays in the layer of the first.", "後の RUN で消しても、前の RUN のレイヤーには残ります。"),
		Fix:     words("Join them with &&, or use a heredoc.", "&& でつなぐか、ヒアドキュメントにまとめます。"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		for _, stage := range f.Stages {
			for i := 1; i < len(stage.Statements); i++ {
				a, b := stage.Statements[i-1], stage.Statements[i]
				if a.Keyword == "run" && b.Keyword == "run" && a.Command != nil && b.Command != nil &&
					strings.Join(a.node.Flags, " ") == strings.Join(b.node.Flags, " ") && strings.Count(a.Logical, "&&") < 2 && strings.Count(b.Logical, "&&") < 2 && len(b.heredocs) == 0 {
					found(hit(b))
				}
			}
		}
	},
})
