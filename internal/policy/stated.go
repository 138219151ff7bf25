// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Stated are the statements that are built in: packages that hold none of the
// code of their source do not have its flaws. They belong behind all other
// exceptions: whoever says something else of a finding is right.
func Stated() []sekisho.Exception {
	var out []sekisho.Exception
	for _, text := range []message.Fault{message.StatedHeaders, message.StatedDocumentation, message.StatedTranslations} {
		code, _, english := text.Words()
		out = append(out, sekisho.Exception{
			Rule: string(sekisho.Vulnerability) + "/" + sekisho.AnyRule, Inert: code, Reason: english, Code: code, By: "sekisho",
			Status: sekisho.StatusNotAffected, Justification: "vulnerable_code_not_present", Statement: true,
		})
	}
	return out
}
