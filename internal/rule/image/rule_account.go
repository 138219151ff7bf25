// SPDX-License-Identifier: Apache-2.0

package image

import (
	"strconv"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// account is a line of a list of accounts as a place that breaks a rule.
func (i *Image) account(a *Account, excerpt string, args ...string) check.Hit {
	l := a.Location
	return check.Hit{Path: l.Path, Line: l.Line, Layer: l.Layer, Index: l.Index, Instruction: i.instruction(l.Index), Excerpt: excerpt, Args: args}
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "empty-password", Aliases: ids("DKL-LI-0001"), Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("Anybody who reaches a login prompt, su or sudo is that user without a word. Rated low for an account without a login shell.", "ログイン画面や su、sudo に到達できれば、誰でもそのユーザーになれます。ログインシェルのないアカウントは低とします。"),
		Title:      words("The account {0} has an empty password", "アカウント {0} のパスワードが空"),
		Why:        words("With su in the image, whoever took over the program becomes this user, often root, by pressing enter.", "イメージに su があれば、プログラムを乗っ取った者は Enter を押すだけでこのユーザー (多くは root) になれます。"),
		Fix:        words("Lock the account: passwd -l {0}, or take a base image where it is locked.", "passwd -l {0} でロックするか、ロック済みのベースイメージを使います。"),
		References: ids("cwe-258 nist-800-190-4.1.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		shells := map[string]string{}
		for n := range i.Accounts.Users {
			shells[i.Accounts.Users[n].Name] = i.Accounts.Users[n].Shell
		}
		judge := func(a *Account) {
			if a.Password != passwordEmpty {
				return
			}
			h := i.account(a, a.Name+": no password", a.Name)
			if shell, ok := shells[a.Name]; !ok || !login(shell) {
				h.Severity = sekisho.SeverityLow
			}
			found(h)
		}
		for n := range i.Accounts.Users {
			judge(&i.Accounts.Users[n])
		}
		for n := range i.Accounts.Shadow {
			judge(&i.Accounts.Shadow[n])
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "password-set", Aliases: ids("CKV2_DOCKER_17"), Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("The same password is in every container of the image, and its hash is open to whoever can pull it.", "同じパスワードがこのイメージの全コンテナに入り、ハッシュはイメージを取得できる誰もが入手できます。"),
		Title:      words("The account {0} has a password", "アカウント {0} にパスワードが設定されている"),
		Why:        words("The hash can be guessed at offline, for as long as it takes, and the password then opens every container and whatever else it was used for.", "ハッシュはオフラインで時間をかけて解析でき、判明すれば全コンテナと、同じパスワードを使う他の場所に入れます。"),
		Fix:        words("Leave the account locked; a container needs no password. Take the chpasswd or passwd out of the build.", "アカウントをロックしたままにします。コンテナにパスワードは不要です。ビルドから chpasswd や passwd を取り除きます。"),
		References: ids("cwe-259 nist-800-190-4.1.4"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		if !i.IsImage {
			return // people log in to machines
		}
		for _, list := range [][]Account{i.Accounts.Users, i.Accounts.Shadow} {
			for n := range list {
				if list[n].Password == passwordSet {
					found(i.account(&list[n], list[n].Name+": password set", list[n].Name))
				}
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "second-root", Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("It is root under a name that nobody looks for.", "誰も注意しない名前の root だからです。"),
		Title:      words("The account {0} has the uid 0", "アカウント {0} の uid が 0"),
		Why:        words("Checks that look for the name root pass it by: USER {0} and su {0} are root all the same. It is a common back door.", "root という名前だけを見る検査をすり抜けます。USER {0} も su {0} も実際は root です。バックドアの常套手段です。"),
		Fix:        words("Remove the account, or give it another uid.", "アカウントを削除するか、別の uid を割り当てます。"),
		References: ids("cwe-250 nist-800-190-4.1.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		for n := range i.Accounts.Users {
			// FreeBSD has toor from the beginning, without a password.
			if a := &i.Accounts.Users[n]; a.ID == 0 && a.Name != "root" {
				found(i.account(a, a.Name+": uid 0", a.Name))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "duplicate-account", Aliases: ids("DKL-LI-0002"), Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("Two names with one number share all files and processes; of one name, only the first line counts.", "番号が同じ 2 つの名前は、ファイルもプロセスも共有します。同じ名前では最初の行だけが有効です。"),
		Title:      words("{0} {1} is there twice: {2} and {3}", "{0} {1} が重複: {2} と {3}"),
		Why:        words("What one of them may not do the other does for it, and a log cannot tell them apart.", "一方に禁じたことをもう一方が実行でき、ログでも区別できません。"),
		Fix:        words("Give each its own: look at useradd --uid and groupadd --gid in the build.", "それぞれ固有の値にします。ビルドの useradd --uid、groupadd --gid を確認します。"),
		References: ids("cwe-694"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		i.twice(i.Accounts.Users, "uid", "user", found)
		i.twice(i.Accounts.Groups, "gid", "group", found)
	},
})

// lineOf is a line of a list of accounts, in a word.
func lineOf(a *Account) string { return "/" + a.Location.Path + ":" + strconv.Itoa(a.Location.Line) }

// twice finds numbers and names that stand in a list twice. Numbers of a second
// root have a rule of their own.
func (i *Image) twice(list []Account, number, word string, found func(check.Hit)) {
	ids, names := map[int64]*Account{}, map[string]*Account{}
	for n := range list {
		a := &list[n]
		if first := names[a.Name]; first != nil {
			found(i.account(a, a.Name, word, a.Name, lineOf(first), lineOf(a)))
			continue // one finding a line is enough
		}
		names[a.Name] = a
		if a.ID < 0 {
			continue
		}
		if first := ids[a.ID]; first == nil {
			ids[a.ID] = a
		} else if a.ID != 0 || number == "gid" {
			found(i.account(a, number+" "+decimal(a.ID), number, decimal(a.ID), first.Name, a.Name))
		}
	}
}
