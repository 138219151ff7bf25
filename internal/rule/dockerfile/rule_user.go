// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// rootUser says whether a value of USER is root: by name, by number, with any
// group.
func rootUser(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	return name == "root" || name != "" && strings.Trim(name, "0") == "" || strings.EqualFold(name, "ContainerAdministrator")
}

// stepsDown are programs that start another as a lesser user.
var stepsDown = map[string]bool{"gosu": true, "su-exec": true, "setpriv": true, "runuser": true, "chpst": true, "s6-setuidgid": true, "setuidgid": true, "dropprivs": true}

// dropsRoot says whether the stage starts its program through one of them.
func dropsRoot(s *Stage) bool {
	for _, line := range [][]string{entrypoint(s), cmd(s)} {
		for _, word := range line {
			for f := range strings.FieldsSeq(word) {
				if stepsDown[f[strings.LastIndexByte(f, '/')+1:]] {
					return true
				}
			}
		}
	}
	return false
}

func entrypoint(s *Stage) []string {
	if _, c := Last[*instructions.EntrypointCommand](s); c != nil {
		return c.CmdLine
	}
	return nil
}

func cmd(s *Stage) []string {
	if _, c := Last[*instructions.CmdCommand](s); c != nil {
		return c.CmdLine
	}
	return nil
}

// FinalUser is the USER with which the stage ends; known is false when it
// depends on an argument without a value. at is nil when there is none.
func (f *File) FinalUser(s *Stage) (at *Statement, user string, known bool) {
	at, c := Last[*instructions.UserCommand](s)
	if at == nil {
		return nil, "", true
	}
	w := f.Expand(at, c.User)
	return at, w.Text, w.Known
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "run-as-root", Fixable: true,
		Aliases:  []string{"DL3002", "DS-0002", "CIS-DI-0001", "CKV_DOCKER_8", "CIS-Docker-4.1"},
		Severity: sekisho.SeverityHigh,
		Because:  words("Root in a container is root for the kernel: one flaw in the runtime or one careless mount is enough. Where nobody wrote USER, and the base is known to have none, it is rated medium.", "コンテナ内の root はカーネルから見ても root です。ランタイムの欠陥や不用意なマウントが 1 つあれば足ります。USER の記述がなく、ベースイメージにも無いと分かっている場合は「警告」とします。"),
		Title:    words("The image runs as {0}", "イメージが {0} で動作"),
		Why:      words("Whoever takes over the program may write everywhere in the container, install tools, and use every flaw that needs root to reach the host.", "プログラムを乗っ取った攻撃者は、コンテナ内のどこにでも書き込み、道具を導入し、root を必要とする欠陥を使ってホストに到達できます。"),
		Fix:      words("Create a user and end the last stage with it: RUN useradd --system --uid 10001 app, then USER 10001.", "ユーザーを作成し、最後のステージの末尾で切り替えます。例: RUN useradd --system --uid 10001 app のあとに USER 10001。"),

		References: []string{"nist-800-190-4.1.2", "cis-docker-4.1", "pss-restricted", "cwe-250"},
		Stages:     build,
	},
	Judge: func(f *File, found func(check.Hit)) {
		s := f.Final()
		if s == nil || dropsRoot(s) {
			return
		}
		at, user, known := f.FinalUser(s)
		switch {
		case at != nil && known && rootUser(user):
			found(hit(at, user))
		case at == nil && s.Root().Known && !buildsNothing(s) && f.baseUser(s.Root().Base) == "root":
			h := hit(s.From, "root")
			h.Severity = sekisho.SeverityMedium
			found(h)
		}
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "no-user", Fixable: true,
		Aliases:  []string{"CKV_DOCKER_3"},
		Severity: sekisho.SeverityLow,
		Because:  words("It may well be that the base image sets a user: nobody can tell from this file.", "ベースイメージ側でユーザーが設定されている可能性があり、このファイルだけでは判断できません。"),
		Title:    words("No USER: the base image {0} decides whether it runs as root", "USER がなく、root で動くかはベースイメージ {0} 次第"),
		Why:      words("Most images run as root unless told otherwise, and a base image can change its user between two builds.", "多くのイメージは指定がなければ root で動きます。また、ベースイメージのユーザーは次のビルドで変わることがあります。"),
		Fix:      words("Say it here: end the last stage with USER and a number, such as USER 10001.", "最後のステージの末尾に、USER 10001 のように番号で明示します。"),

		References: []string{"nist-800-190-4.1.2", "cis-docker-4.1", "cwe-250"},
		Stages:     build,
	},
	Judge: func(f *File, found func(check.Hit)) {
		s := f.Final()
		if s == nil || buildsNothing(s) || dropsRoot(s) {
			return
		}
		if at, _, _ := f.FinalUser(s); at != nil {
			return
		}
		root := s.Root()
		if root.Known && (f.baseUser(root.Base) != "" || steppingDown[official(imageref.Parse(root.Base, ""))] && entrypoint(s) == nil) {
			return
		}
		found(hit(s.From, root.Base))
	},
})

// buildsNothing says whether the stage runs no program of its own on an empty
// base: an artifact that is exported, not an image that is run.
func buildsNothing(s *Stage) bool {
	return s.Root().Base == "scratch" && entrypoint(s) == nil && cmd(s) == nil
}
