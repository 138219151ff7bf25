// SPDX-License-Identifier: Apache-2.0

package message

import "testing"

func TestSingular(t *testing.T) {
	for _, tt := range []struct {
		text Text
		args []any
		want string
	}{
		{TotalFindings, []any{1}, "1 finding"},
		{TotalFindings, []any{0}, "0 findings"},
		{TotalFindings, []any{11}, "11 findings"},
		{TotalBySeverity, []any{1, "1 packages, %d findings"}, "1 finding: 1 packages, %d findings"},
		{TotalRest, []any{1, 1}, "; 1 suppressed; 1 package"},
		{TotalRest, []any{1, 2}, "; 1 suppressed; 2 packages"},
		{FilteredOut, []any{1}, "1 finding was left out of the report by --severity or --only-fixed"},
		{ExceptionsWrong, []any{1}, "1 exception expired or without a match"},
		{ActionsMore, []any{1, 1}, "and 1 more action that closes 1 finding (in the other formats)"},
		{Text{En: "100%% of %[2]d files in %[1]d layers"}, []any{1, 2}, "100% of 2 files in 1 layer"},
		{Text{En: "%s problems: %.1f files"}, []any{"1", 1.5}, "1 problem: 1.5 files"},
		{Text{En: "%d of %d findings are new"}, []any{0, 1}, "0 of 1 findings are new"},
		{Text{En: "%d filesystems"}, []any{1}, "1 filesystems"},
		{Text{En: "%d%"}, []any{1}, "1%!(NOVERB)"},
	} {
		if got := En.Of(tt.text, tt.args...); got != tt.want {
			t.Errorf("%q of %v: %q, want %q", tt.text.En, tt.args, got, tt.want)
		}
	}
	if got := Ja.Of(TotalFindings, 1); got != "検出結果 1 件" {
		t.Error(got)
	}
}
