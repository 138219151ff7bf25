// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "syntax", Severity: sekisho.SeverityLow,
		Because: w("What cannot be read cannot be started, and is judged by nobody.", "読めないファイルは起動できず、検査もできないため。"),
		Title:   w("The {how} cannot be read", "{how} を解析できない"),
		Why:     w("What stands here was not judged: {1}", "この部分は検査されていません: {1}"),
		Fix:     w("Correct this line of the {how}.", "{how} のこの行を修正してください。"),
	},
	Compose: "Compose file", Quadlet: "quadlet", Broken: true,
	Judge: func(s *Service, found func(check.Hit)) { found(s.hit(s.At, s.Broken)) },
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "risky-example", Severity: sekisho.SeverityLow, Off: true, References: ids("nist-800-190-4.4.3"),
		Because: w("Nothing runs from a page; readers copy it.", "文書から直接は実行されないが、読者が写すため。"),
		Title:   w("The documentation tells readers to give away the host ({1})", "文書の例がホストを明け渡す実行方法 ({1})"),
		Why:     w("Examples are copied as they are, onto machines that matter.", "例はそのまま本番のマシンに写されます。"),
		Fix:     w("Show {how} without it, or say beside it what it gives away.", "それを含まない {how} を示すか、何を渡すことになるかを併記してください。"),
	},
	Run: "a docker run line", Docs: true,
	Judge: func(s *Service, found func(check.Hit)) {
		if s.Privileged.True() {
			found(s.hit(s.Privileged, "--privileged"))
		}
		for i := range s.Mounts {
			m := &s.Mounts[i]
			is, _ := m.socket()
			if p := m.host(); is || p == "/" || p != "" && isSensitive(p) && !m.ReadOnly {
				found(s.hit(m.Value, m.Source))
			}
		}
		for _, v := range []Value{s.PID, s.IPC} {
			if v.Is("host") {
				found(s.hit(v, v.Written))
			}
		}
	},
})
