// SPDX-License-Identifier: Apache-2.0

package report

import (
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// licenseLine counts what is known of licences; empty when they were not looked at.
func licenseLine(r *sekisho.Result, l message.Lang) string {
	c := r.Coverage.Licenses
	if c == nil {
		return ""
	}
	return l.Of(message.LicenseLine, c.Known, c.Unknown, c.Unstated)
}
