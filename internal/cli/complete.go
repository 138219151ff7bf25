// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// completeValues tells the shell which values the flags of a command take.
func completeValues(c *cobra.Command) {
	var severities []string
	for _, s := range sekisho.Severities {
		severities = append(severities, s.String())
	}
	for name, values := range map[string][]string{
		"format": report.Formats(), "severity": severities, "fail-on": severities, "scanners": scannerNames,
		"platform": {"all", "linux/amd64", "linux/arm64"},
	} {
		if c.Flags().Lookup(name) == nil {
			continue
		}
		if err := c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // a flag twice: a mistake of ours that every test meets
		}
	}
}
