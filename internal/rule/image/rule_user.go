// SPDX-License-Identifier: Apache-2.0

package image

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// user is whom the image runs as.
type user struct {
	// Written is the value of USER.
	Written string
	// Name and Group are its parts, Account who that is in the image.
	Name, Group string
	Account     *Account
	// Root is true for uid 0, by number or by name.
	Root bool
	// GID is the group, -1 when it is not known.
	GID int64
}

func (i *Image) windows() bool { return i.Target.Platform != nil && i.Target.Platform.OS == "windows" }

// user resolves USER by the accounts of the image, as container runtimes do
// (a name first, then a number).
func (i *Image) user() user {
	u := user{Written: i.Config.User, GID: -1}
	u.Name, u.Group, _ = strings.Cut(strings.TrimSpace(u.Written), ":")
	if i.windows() {
		u.Root = strings.EqualFold(u.Name, "ContainerAdministrator") || strings.EqualFold(u.Name, `User Manager\ContainerAdministrator`)
		return u
	}
	if u.Name == "" {
		u.Root = true
	} else if u.Account = i.Accounts.User(u.Name); u.Account != nil {
		u.Root, u.GID = u.Account.ID == 0, u.Account.GID
	} else {
		u.Root = u.Name == "root" || strings.Trim(u.Name, "0") == ""
		if id(u.Name) > 0 {
			u.GID = 0 // runtimes give the group root to a number without an account
		}
	}
	if u.Group != "" {
		if g := i.Accounts.Group(u.Group); g != nil {
			u.GID = g.ID
		} else {
			u.GID = id(u.Group)
		}
	}
	return u
}

// userHit shows who the image runs as; the line of passwd is a cause.
func (i *Image) userHit(u user, args ...string) check.Hit {
	excerpt := "USER " + u.Written
	if u.Written == "" {
		excerpt = "USER not set"
	}
	h := i.config("user", excerpt, "USER", u.Written, args...)
	if u.Account != nil && u.Account.Name != u.Written {
		h.Causes = []sekisho.Evidence{{Source: "image/accounts", Text: "uid " + decimal(u.Account.ID) + " is " + u.Account.Name, Path: u.Account.Location.Path, Line: u.Account.Location.Line}}
	}
	return h
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "run-as-root", Aliases: ids("CIS-DI-0001 DL3002 DS-0002 CKV_DOCKER_3 CKV_DOCKER_8 CIS-Docker-4.1"), Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("Root in a container is root for the kernel. Rated medium where nobody set a user, which the deployment can still do, and low where the image holds a program that steps down from root when it starts (gosu, su-exec, setpriv).", "コンテナ内の root はカーネルから見ても root です。ユーザーが未指定でデプロイ時に指定できる場合は中、起動時に root から降りるプログラム (gosu、su-exec、setpriv) がイメージにある場合は低とします。"),
		Title:      words("The image runs as root: {0}", "イメージが root で動作: {0}"),
		Why:        words("Whoever takes over the program may write everywhere in the container, install tools, and use every flaw that needs root to reach the host.", "プログラムを乗っ取った攻撃者は、コンテナ内のどこにでも書き込み、道具を導入し、root を必要とする欠陥を使ってホストに到達できます。"),
		Fix:        words("Create a user in the Dockerfile and end it with USER and a number, such as USER 10001.", "Dockerfile でユーザーを作成し、末尾で USER 10001 のように番号で指定します。"),
		References: ids("nist-800-190-4.1.2 cis-docker-4.1 pss-restricted cwe-250"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		u := i.user()
		if !i.IsImage || !u.Root || u.Written == "" && i.runsNothing() {
			return
		}
		how := "USER " + u.Written
		switch {
		case u.Written == "":
			how = "USER not set"
		case u.Account != nil && u.Account.Name != u.Name:
			how += " (" + u.Account.Name + ")"
		case u.Account != nil && u.Name != "root" && u.Name != "0":
			how += " (uid 0)"
		}
		h := i.userHit(u, how)
		if u.Written == "" {
			h.Severity = sekisho.SeverityMedium
		}
		i.noted(noteStepDown, func(f *sekisho.FileNote) {
			// setpriv comes with util-linux, asked for or not.
			if f.Location.Path != "usr/bin/setpriv" && f.Location.Path != "bin/setpriv" || i.commandHas("setpriv") {
				h.Severity = sekisho.SeverityLow
				h.Causes = append(h.Causes, sekisho.Evidence{Source: "image/files", Text: "a program that steps down from root", Path: f.Location.Path})
			}
		})
		found(h)
	},
})

// runsNothing says whether the image starts no program: one that is only built
// upon, or copied from.
func (i *Image) runsNothing() bool { return len(i.Config.Entrypoint) == 0 && len(i.Config.Cmd) == 0 }

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "root-group", Aliases: ids("KSV-0116"), Severity: sekisho.SeverityNegligible, Stages: stages,
		Because:    words("OpenShift wants the group root so that any user number can write; elsewhere it gives away more than is needed.", "OpenShift では任意のユーザー番号が書き込めるよう root グループを使います。それ以外では必要以上の権限です。"),
		Title:      words("The user {0} is in the group root", "ユーザー {0} が root グループに所属"),
		Why:        words("Files that the group root may read or write are open to the program although it is not root.", "root でなくても、root グループに許可されたファイルを読み書きできます。"),
		Fix:        words("Give the user a group of its own: USER 10001:10001. Leave it where the image is for OpenShift.", "USER 10001:10001 のように専用のグループを指定します。OpenShift 向けのイメージではそのままで構いません。"),
		References: ids("nist-800-190-4.1.2 cwe-250"), Off: true,
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if u := i.user(); i.IsImage && !u.Root && u.GID == 0 && !i.windows() {
			found(i.userHit(u, u.Written))
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "unknown-user", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("The container does not start, and the quick remedy is to run it as root.", "コンテナが起動せず、応急処置として root で動かされがちです。"),
		Title:      words("USER {0} is no account of the image", "USER {0} がイメージのアカウントに存在しない"),
		Why:        words("A runtime that cannot find the name refuses to start the container; whoever is in a hurry then takes USER away.", "ランタイムは名前を解決できず起動を拒否します。急ぐ人は USER を外してしまいます。"),
		Fix:        words("Create the account in the same stage, or write a number.", "同じステージでアカウントを作成するか、番号で指定します。"),
		References: ids("nist-800-190-4.1.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		u := i.user()
		if !i.IsImage || i.windows() || strings.ContainsAny(u.Written, "$?") || !i.Accounts.Found {
			return
		}
		if u.Name != "" && u.Account == nil && id(u.Name) < 0 {
			found(i.userHit(u, u.Name))
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "user-by-name", Aliases: ids("DL3066"), Severity: sekisho.SeverityLow, Stages: stages, Off: true,
		Because: words("It matters to those who let Kubernetes enforce runAsNonRoot.", "Kubernetes の runAsNonRoot を使う環境でのみ問題になります。"),
		Title:   words("USER {0} is a name", "USER {0} が名前で指定"),
		Why:     words("Kubernetes cannot tell from a name whether it is root, and refuses to start the container under runAsNonRoot.", "Kubernetes は名前から root かどうかを判断できず、runAsNonRoot の下では起動を拒否します。"),
		Fix:     words("Write the number of the user.", "ユーザーの番号を書きます。"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if u := i.user(); i.IsImage && !i.windows() && u.Name != "" && id(u.Name) < 0 && !u.Root {
			found(i.userHit(u, u.Name))
		}
	},
})
