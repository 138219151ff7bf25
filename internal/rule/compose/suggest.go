// SPDX-License-Identifier: Apache-2.0

package compose

import "github.com/sekisho/sekisho/internal/check"

// members are what the rules know the right value of in Compose files. All of it
// changes what the container may do: that is what the rules are for, and whoever
// follows them knows what it needs.
func members() check.Members {
	gone := func(key string) []check.Member { return []check.Member{{Key: key, Was: "host"}} }
	return check.Members{
		"privileged":          {{Key: "privileged", Was: "true", Now: "false"}},
		"privileged-build":    {{Key: "privileged", Was: "true", Now: "false"}},
		"runtime-socket":      {{Key: "use_api_socket", Was: "true", Now: "false"}},
		"oom-kill-disabled":   {{Key: "oom_kill_disable", Was: "true", Now: "false"}},
		"writable-root":       {{Key: "read_only", Was: "false", Now: "true"}},
		"host-pid":            gone("pid"),
		"host-ipc":            gone("ipc"),
		"host-uts":            gone("uts"),
		"host-user-namespace": gone("userns_mode"),
		"host-cgroup":         gone("cgroup"),
	}
}
