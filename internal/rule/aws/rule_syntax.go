// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = add(sekisho.Rule{
	ID: "syntax", Severity: sekisho.SeverityMedium,
	References: ids("cwe-1286"),
	Because:    w("What cannot be read is not judged at all.", "読み取れないファイルはまったく検査されないため。"),
	Title:      w("The file cannot be read: {0}", "ファイルを読み取れません: {0}"),
	Why:        w("No rule has looked at the file: what is wrong in it goes unseen.", "どのルールもこのファイルを検査できておらず、問題が見逃されます。"),
	Fix:        w("Correct the text at the line that is named.", "示された行の記述を直してください。"),
}, func(it *Item, found func(check.Hit)) {
	if it.Mistake != nil {
		found(check.Hit{Line: it.Line, Column: it.Column, Excerpt: it.Mistake.Text, Args: []string{it.Mistake.Text}, Key: "syntax"}) // the text may name lines
	}
})
