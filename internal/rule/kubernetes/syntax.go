// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// syntaxKind is the kind of the object that stands for a file that is broken;
// its name is the mistake.
const syntaxKind = "\x00syntax"

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "syntax", Aliases: ids("schema-validation"), Severity: sekisho.SeverityLow, Stages: anywhere(),
		Because: w("What cannot be read cannot be applied, and is judged by nobody.", "読めないマニフェストは適用できず、検査もできないため。"),
		Title:   w("The manifest cannot be read", "マニフェストを解析できない"),
		Why:     w("Everything behind the mistake was not judged: {0}", "誤りより後ろは検査されていません: {0}"),
		Fix:     w("Correct the YAML or JSON on this line.", "この行の YAML または JSON を修正してください。"),
	},
	Judge: func(o *Object, found func(check.Hit)) {
		if o.Kind == syntaxKind {
			found(check.Hit{Line: o.Node.Line, Excerpt: o.Name, Args: []string{o.Name}, Key: "syntax"}) // the text names lines
		}
	},
})
