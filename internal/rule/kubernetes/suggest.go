// SPDX-License-Identifier: Apache-2.0

package kubernetes

import "github.com/sekisho/sekisho/internal/check"

// members are what the rules know the right value of. All of it but a new name for
// an old field changes what the workload may do: that is what the rules are for,
// and whoever follows them knows what the workload needs.
func members() check.Members {
	off := func(key string) []check.Member { return []check.Member{{Key: key, Was: "true", Now: "false"}} }
	return check.Members{
		"privileged":                       off("privileged"),
		"privilege-escalation":             off("allowPrivilegeEscalation"),
		"host-network":                     off("hostNetwork"),
		"host-pid":                         off("hostPID"),
		"host-ipc":                         off("hostIPC"),
		"host-process":                     off("hostProcess"),
		"service-account-token":            off("automountServiceAccountToken"),
		"ingress-snippet":                  off("allow-snippet-annotations"),
		"writable-root":                    {{Key: "readOnlyRootFilesystem", Was: "false", Now: "true"}},
		"run-as-root":                      {{Key: "runAsNonRoot", Was: "false", Now: "true"}},
		"seccomp-unconfined":               {{Key: "type", Was: "Unconfined", Now: "RuntimeDefault"}},
		"apparmor-unconfined":              {{Key: "type", Was: "Unconfined", Now: "RuntimeDefault"}},
		"proc-mount":                       {{Key: "procMount", Was: "Unmasked", Now: "Default"}},
		"proc-mount-user-namespace":        {{Key: "procMount", Was: "Unmasked", Now: "Default"}},
		"mount-propagation":                {{Key: "mountPropagation", Was: "Bidirectional"}},
		"pull-policy":                      {{Key: "imagePullPolicy", Was: "IfNotPresent", Now: "Always"}, {Key: "imagePullPolicy", Was: "Never", Now: "Always"}},
		"deprecated-service-account-field": {{Key: "serviceAccount", Name: "serviceAccountName", Safe: true}},
	}
}
