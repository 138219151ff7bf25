// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "run-as-root", Aliases: ids("CIS-Docker-4.1"), Severity: sekisho.SeverityMedium,
		References: ids("cis-docker-4.1 nist-800-190-4.1.2 cwe-250"),
		Because:    w("Root of the container is root of the host behind any flaw of the wall between; where a user namespace or a rootless engine is known, it is not reported.", "隔離に欠陥があればコンテナの root はホストの root になるため。ユーザー名前空間や rootless と分かる場合は報告しません。"),
		Title:      w("Container {0} is made to run as root", "コンテナ {0} を root で実行"),
		Why:        w("An intruder writes all files of the container and of its volumes, and starts every escape with the rights it needs.", "侵入者はコンテナとボリュームの全ファイルに書き込め、脱出に必要な権限も最初から持ちます。"),
		Fix:        w("Write {how} with a user of the image, or remove the line where the image has a user of its own.", "{how} でイメージ内の一般ユーザーを指定するか、イメージがユーザーを持つならこの行を削除してください。"),
	},
	Compose: "user: \"10001:10001\"", Quadlet: "User=10001", Run: "--user 10001:10001",
	Judge: func(s *Service, found func(check.Hit)) {
		if isRoot(s.User) && !s.Rootless && (!s.UserNS.Set || s.UserNS.Is("host")) {
			found(s.hit(s.User))
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "writable-root", Aliases: ids("CIS-Docker-5.13 writable-filesystem-service"), Severity: sekisho.SeverityLow, Off: true,
		References: ids("cis-docker-5.13 nist-800-190-4.4.4"),
		Because:    w("Low: an intruder is there already, and is only kept from staying.", "侵入後の居座りを防ぐ対策であるため低。"),
		Title:      w("The root file system of container {0} is writable", "コンテナ {0} のルートファイルシステムに書き込める"),
		Why:        w("Tools and changed programs can be put into the container and run.", "ツールや改変したプログラムをコンテナ内に置いて実行できます。"),
		Fix:        w("Write {how}, with a tmpfs for what the program writes.", "{how} と書き、書き込み先には tmpfs を割り当ててください。"),
	},
	Compose: "read_only: true", Quadlet: "ReadOnly=true", Run: "--read-only",
	Judge: func(s *Service, found func(check.Hit)) {
		switch {
		case s.ReadOnly.True() || !s.ReadOnly.Known():
		case s.ReadOnly.Set:
			found(s.hit(s.ReadOnly))
		case !s.Partial:
			found(s.self())
		}
	},
})
