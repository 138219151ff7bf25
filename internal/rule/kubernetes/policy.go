// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// The rules that an API server can hold by itself, as expressions of CEL that
// are true for what is good
// (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/).

// matchPods and the others are what a policy is asked about.
const (
	matchPods = `    - {apiGroups: [""], apiVersions: ["v1"], operations: [CREATE, UPDATE], resources: [pods, pods/ephemeralcontainers, podtemplates, replicationcontrollers]}
    - {apiGroups: [apps], apiVersions: ["v1"], operations: [CREATE, UPDATE], resources: [deployments, daemonsets, statefulsets, replicasets]}
    - {apiGroups: [batch], apiVersions: ["v1"], operations: [CREATE, UPDATE], resources: [jobs, cronjobs]}
`
	matchServices  = "    - {apiGroups: [\"\"], apiVersions: [\"v1\"], operations: [CREATE, UPDATE], resources: [services]}\n"
	matchIngresses = "    - {apiGroups: [networking.k8s.io], apiVersions: [\"v1\"], operations: [CREATE, UPDATE], resources: [ingresses]}\n"
	matchRoles     = "    - {apiGroups: [rbac.authorization.k8s.io], apiVersions: [\"v1\"], operations: [CREATE, UPDATE], resources: [roles, clusterroles]}\n"
	matchBindings  = "    - {apiGroups: [rbac.authorization.k8s.io], apiVersions: [\"v1\"], operations: [CREATE, UPDATE], resources: [rolebindings, clusterrolebindings]}\n"
)

// The variables of policies about pods: its specification, and its containers.
const (
	specOf       = `(object.kind == 'Pod' ? object.?spec.orValue({}) : object.kind == 'CronJob' ? object.?spec.?jobTemplate.?spec.?template.?spec.orValue({}) : object.kind == 'PodTemplate' ? object.?template.?spec.orValue({}) : object.?spec.?template.?spec.orValue({}))`
	metaOf       = `(object.kind == 'Pod' ? object.?metadata.orValue({}) : object.kind == 'CronJob' ? object.?spec.?jobTemplate.?spec.?template.?metadata.orValue({}) : object.kind == 'PodTemplate' ? object.?template.?metadata.orValue({}) : object.?spec.?template.?metadata.orValue({}))`
	containersOf = `(variables.spec.?containers.orValue([]) + variables.spec.?initContainers.orValue([]) + variables.spec.?ephemeralContainers.orValue([]))`
	windows      = `variables.spec.?os.?name.orValue('') == 'windows'`
	userns       = `!variables.spec.?hostUsers.orValue(true)`
)

// policy is one rule as an admission policy.
type policy struct {
	match      string
	expression string
}

func list(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "'" + w + "'"
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// policies by the rules' ids.
func policies() map[string]policy {
	pods := func(e string) policy { return policy{matchPods, e} }
	all := func(e string) policy { return pods("variables.containers.all(c, " + e + ")") }
	profiles := func(field, allowed string) policy {
		return pods(fmt.Sprintf("variables.spec.?securityContext.?%[1]s.?type.orValue('RuntimeDefault') in %[2]s && variables.containers.all(c, c.?securityContext.?%[1]s.?type.orValue('RuntimeDefault') in %[2]s)", field, allowed))
	}
	handlers := func(hook string) string {
		return fmt.Sprintf("c.?%[1]s.?httpGet.?host.orValue('') == '' && c.?%[1]s.?tcpSocket.?host.orValue('') == ''", hook)
	}
	hostPath := func(test string) policy {
		return pods("variables.spec.?volumes.orValue([]).all(v, !has(v.hostPath) || type(v.hostPath) == null_type || (" + test + "))")
	}
	selinux := func(from string) string {
		return fmt.Sprintf("(%[1]s.?seLinuxOptions.?type.orValue('') in %[2]s && %[1]s.?seLinuxOptions.?user.orValue('') == '' && %[1]s.?seLinuxOptions.?role.orValue('') == '')", from, list(selinuxTypes))
	}
	grants := func(e string) policy {
		return policy{matchRoles, "object.?rules.orValue([]).all(r, " + e + ")"}
	}
	return map[string]policy{
		"privileged":               all("!c.?securityContext.?privileged.orValue(false)"),
		"host-network":             pods("!variables.spec.?hostNetwork.orValue(false)"),
		"host-pid":                 pods("!variables.spec.?hostPID.orValue(false)"),
		"host-ipc":                 pods("!variables.spec.?hostIPC.orValue(false)"),
		"host-process":             pods("!variables.spec.?securityContext.?windowsOptions.?hostProcess.orValue(false) && variables.containers.all(c, !c.?securityContext.?windowsOptions.?hostProcess.orValue(false))"),
		"host-port":                all("c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0)"),
		"probe-host":               all(strings.Join([]string{handlers("livenessProbe"), handlers("readinessProbe"), handlers("startupProbe"), handlers("lifecycle.?postStart"), handlers("lifecycle.?preStop")}, " && ")),
		"added-capability":         all("c.?securityContext.?capabilities.?add.orValue([]).all(x, x in " + list(baselineCapabilities) + ")"),
		"capabilities-not-dropped": pods(windows + " || variables.containers.all(c, 'ALL' in c.?securityContext.?capabilities.?drop.orValue([]) && c.?securityContext.?capabilities.?add.orValue([]).all(x, x == 'NET_BIND_SERVICE' || !(x in " + list(baselineCapabilities) + ")))"),
		"apparmor-unconfined": pods("variables.meta.?annotations.orValue({}).all(k, !k.startsWith('container.apparmor.security.beta.kubernetes.io/') || variables.meta.annotations[k] in ['', 'runtime/default'] || variables.meta.annotations[k].startsWith('localhost/')) && " +
			profiles("appArmorProfile", "['RuntimeDefault', 'Localhost']").expression),
		"selinux-options":                 pods(selinux("variables.spec.?securityContext") + " && variables.containers.all(c, " + selinux("c.?securityContext") + ")"),
		"proc-mount":                      pods(userns + " || variables.containers.all(c, c.?securityContext.?procMount.orValue('Default') in ['', 'Default'])"),
		"unsafe-sysctl":                   pods("variables.spec.?securityContext.?sysctls.orValue([]).all(s, s.name in " + list(safeSysctls) + ")"),
		"no-seccomp":                      pods(windows + " || has(variables.spec.securityContext) && variables.spec.?securityContext.?seccompProfile.?type.hasValue() || variables.containers.all(c, c.?securityContext.?seccompProfile.?type.hasValue())"),
		"run-as-root":                     pods(userns + " || (variables.spec.?securityContext.?runAsUser.orValue(1) != 0 && variables.containers.all(c, c.?securityContext.?runAsUser.orValue(1) != 0 && (c.?securityContext.?runAsNonRoot.hasValue() ? c.securityContext.runAsNonRoot : variables.spec.?securityContext.?runAsNonRoot.orValue(false) || c.?securityContext.?runAsUser.hasValue() || variables.spec.?securityContext.?runAsUser.hasValue())))"),
		"privilege-escalation":            pods(windows + " || variables.containers.all(c, c.?securityContext.?privileged.orValue(false) || !c.?securityContext.?allowPrivilegeEscalation.orValue(true))"),
		"writable-root":                   pods(windows + " || (variables.spec.?containers.orValue([]) + variables.spec.?initContainers.orValue([])).all(c, c.?securityContext.?readOnlyRootFilesystem.orValue(false))"),
		"volume-type":                     pods("variables.spec.?volumes.orValue([]).all(v, v.all(k, k in ['name', 'hostPath'] || k in " + list(restrictedVolumes) + "))"),
		"runtime-socket":                  hostPath("!(v.?hostPath.?path.orValue('/') in " + list(runtimeSockets) + " || v.?hostPath.?path.orValue('/').endsWith('.sock') && (v.hostPath.path.contains('docker') || v.hostPath.path.contains('containerd') || v.hostPath.path.contains('crio')) || v.?hostPath.?path.orValue('/') in ['/run/', '/var/run/'])"),
		"host-aliases":                    pods("size(variables.spec.?hostAliases.orValue([])) == 0"),
		"mount-propagation":               all("c.?volumeMounts.orValue([]).all(m, m.?mountPropagation.orValue('') != 'Bidirectional')"),
		"ssh-port":                        all("c.?ports.orValue([]).all(p, p.?containerPort.orValue(0) != 22)"),
		"latest-tag":                      all("c.?image.orValue('').contains('@') || c.?image.orValue('').contains('$') || c.?image.orValue('').matches('^.*:[^/:]+$') && !c.?image.orValue('').endsWith(':latest')"),
		"unpinned-image":                  all("c.?image.orValue('').contains('@sha256:') || c.?image.orValue('').contains('$')"),
		"no-memory-limit":                 pods("variables.spec.?resources.?limits.?memory.hasValue() || variables.spec.?containers.orValue([]).all(c, c.?resources.?limits.?memory.hasValue())"),
		"no-cpu-request":                  pods("variables.spec.?resources.?requests.?cpu.hasValue() || variables.spec.?containers.orValue([]).all(c, c.?resources.?requests.?cpu.hasValue() || c.?resources.?limits.?cpu.hasValue())"),
		"root-group":                      pods(userns + " || (variables.spec.?securityContext.?runAsGroup.orValue(1) != 0 && variables.spec.?securityContext.?fsGroup.orValue(1) != 0 && variables.spec.?securityContext.?supplementalGroups.orValue([]).all(g, g != 0) && variables.containers.all(c, c.?securityContext.?runAsGroup.orValue(1) != 0))"),
		"secret-from-env":                 all("c.?env.orValue([]).all(e, !e.?valueFrom.?secretKeyRef.hasValue()) && c.?envFrom.orValue([]).all(e, !e.?secretRef.hasValue())"),
		"external-ip":                     {matchServices, "size(object.?spec.?externalIPs.orValue([])) == 0"},
		"ingress-snippet":                 {matchIngresses, "object.?metadata.?annotations.orValue({}).all(k, !(k.contains('nginx.ingress.kubernetes.io/') && k.endsWith('-snippet')))"},
		"rbac-wildcard":                   grants("!('*' in r.?verbs.orValue([])) && !('*' in r.?resources.orValue([])) && (!('*' in r.?apiGroups.orValue([])) || size(r.?resources.orValue([])) == 0)"),
		"rbac-impersonate":                grants("!('impersonate' in r.?verbs.orValue([])) || size(r.?resourceNames.orValue([])) > 0 || '*' in r.?resources.orValue([])"),
		"rbac-node-proxy":                 grants("!('nodes/proxy' in r.?resources.orValue([]) && r.?verbs.orValue([]).exists(v, v in ['*', 'get', 'create', 'update', 'patch']))"),
		"anonymous-binding":               {matchBindings, "object.roleRef.name in " + list(publicRoles) + " || object.?subjects.orValue([]).all(s, !(s.name in ['system:anonymous', 'system:unauthenticated']))"},
		"authenticated-binding":           {matchBindings, "object.roleRef.name in " + list(publicRoles) + " || object.?subjects.orValue([]).all(s, !(s.name in ['system:authenticated', 'system:serviceaccounts']))"},
		"cluster-admin-binding":           {matchBindings, "!(object.roleRef.name == 'cluster-admin' && object.roleRef.kind == 'ClusterRole') || object.?subjects.orValue([]).all(s, s.name in ['system:masters', 'system:authenticated', 'system:unauthenticated', 'system:anonymous'])"},
		"default-service-account-binding": {matchBindings, "object.?subjects.orValue([]).all(s, !(s.kind == 'ServiceAccount' && s.name == 'default'))"},
		"default-account-token":           {"    - {apiGroups: [\"\"], apiVersions: [\"v1\"], operations: [CREATE, UPDATE], resources: [serviceaccounts]}\n", "object.metadata.name != 'default' || !object.?automountServiceAccountToken.orValue(true)"},
	}
}

// Policies are the validation expressions over `object` of the rules that CEL
// can say, by the rules' ids. They are true for what the rule allows. What a
// rule asks of other objects, and the severities, are not in them.
func Policies() map[string]string {
	out := map[string]string{}
	for id, p := range policies() {
		out[id] = expand(p.expression)
	}
	return out
}

// expand writes the variables out.
func expand(e string) string {
	e = strings.ReplaceAll(e, "variables.containers", containersOf)
	e = strings.ReplaceAll(e, "variables.spec", specOf)
	return strings.ReplaceAll(e, "variables.meta", metaOf)
}

// Policy is the rule as a ValidatingAdmissionPolicy with its binding, which
// denies; false for rules that CEL cannot say.
func Policy(id string) (yaml string, ok bool) {
	p, ok := policies()[id]
	all := Rules()
	i := slices.IndexFunc(all, func(r sekisho.Rule) bool { return r.ID == id })
	if !ok || i < 0 {
		return "", false
	}
	r := all[i]
	message := id + ": " + withoutArgs(r.Fix.EN)
	if title := withoutArgs(r.Title.EN); !strings.Contains(title, "{") {
		message = title + ". " + withoutArgs(r.Fix.EN)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata:\n  name: sekisho-%s\nspec:\n  failurePolicy: Fail\n  matchConstraints:\n    resourceRules:\n%s", id, strings.ReplaceAll(p.match, "    - ", "      - "))
	if strings.Contains(p.expression, "variables.") {
		b.WriteString("  variables:\n")
		fmt.Fprintf(&b, "    - name: spec\n      expression: %s\n", strconv.Quote(specOf))
		if strings.Contains(p.expression, "variables.containers") {
			fmt.Fprintf(&b, "    - name: containers\n      expression: %s\n", strconv.Quote(containersOf))
		}
		if strings.Contains(p.expression, "variables.meta") {
			fmt.Fprintf(&b, "    - name: meta\n      expression: %s\n", strconv.Quote(metaOf))
		}
	}
	fmt.Fprintf(&b, "  validations:\n    - expression: %s\n      message: %s\n      reason: Forbidden\n", strconv.Quote(p.expression), strconv.Quote(message))
	fmt.Fprintf(&b, "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata:\n  name: sekisho-%s\nspec:\n  policyName: sekisho-%[1]s\n  validationActions: [Deny]\n", id)
	return b.String(), true
}

// withoutArgs takes the places of arguments out of a text.
func withoutArgs(s string) string {
	for i := range 4 {
		s = strings.ReplaceAll(s, " {"+strconv.Itoa(i)+"}", "")
	}
	return s
}
