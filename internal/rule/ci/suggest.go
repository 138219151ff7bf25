// SPDX-License-Identifier: Apache-2.0

package ci

import "github.com/sekisho/sekisho/internal/check"

// members are what the rules know the right value of. A job that needs more than it
// is left with fails: whoever follows them adds that right to the job.
func members() check.Members {
	return check.Members{
		"workflow-permissions": {{Key: "permissions", Was: "write-all", Now: "\n  contents: read"}},
		"insecure-commands":    {{Key: "ACTIONS_ALLOW_UNSECURE_COMMANDS", Was: "true", Now: "false"}},
	}
}
