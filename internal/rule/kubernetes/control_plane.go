// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// flags are those of a program of the control plane, as its static pod gives
// them (https://kubernetes.io/docs/reference/command-line-tools-reference/).
type flags struct {
	c       *Container
	program string
	nodes   map[string]*document.Node
	values  map[string]string
}

// controlPlane reads the flags of the programs of a control plane in a pod.
func controlPlane(c *Container) *flags {
	f := &flags{c: c, nodes: map[string]*document.Node{}, values: map[string]string{}}
	c.programs(func(n *document.Node, text string) {
		switch base := path.Base(text); {
		case f.program == "" && slices.Contains([]string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"}, base):
			f.program = base
		case strings.HasPrefix(text, "--"):
			name, value, ok := strings.Cut(text[2:], "=")
			if !ok {
				value = "true"
			}
			f.nodes[name], f.values[name] = n, value
		}
	})
	if f.program == "" {
		return nil
	}
	return f
}

// wanted is one flag: ok says whether its value is good; "" is one that is not
// written.
type wanted struct {
	program, flag string
	severity      sekisho.Severity
	want          string
	ok            func(value string, f *flags) bool
}

func set(v string, _ *flags) bool      { return v != "" }
func unset(v string, _ *flags) bool    { return v == "" }
func isTrue(v string, _ *flags) bool   { return v == "true" }
func isFalse(v string, _ *flags) bool  { return v == "false" }
func notFalse(v string, _ *flags) bool { return v != "false" }
func notTrue(v string, _ *flags) bool  { return v != "true" }

func has(words ...string) func(string, *flags) bool {
	return func(v string, _ *flags) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(strings.Split(v, ","), w) })
	}
}

func hasNot(words ...string) func(string, *flags) bool {
	return func(v string, _ *flags) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(strings.Split(v, ","), w) })
	}
}

func atLeast(n int) func(string, *flags) bool {
	return func(v string, _ *flags) bool { i, err := strconv.Atoi(v); return err == nil && i >= n }
}

func local(v string, _ *flags) bool {
	return v == "" || v == "127.0.0.1" || v == "::1" || v == "localhost"
}

// or accepts a flag that is not there where a configuration file says it.
func or(file string, ok func(string, *flags) bool) func(string, *flags) bool {
	return func(v string, f *flags) bool { return f.values[file] != "" || ok(v, f) }
}

const (
	apiServer  = "kube-apiserver"
	controller = "kube-controller-manager"
)

// controlPlaneFlags follow sections 1.2 to 2 of the CIS benchmark.
var controlPlaneFlags = []wanted{
	{apiServer, "anonymous-auth", sekisho.SeverityMedium, "--anonymous-auth=false", or("authentication-config", isFalse)},
	{apiServer, "token-auth-file", sekisho.SeverityHigh, "no --token-auth-file", unset},
	{apiServer, "basic-auth-file", sekisho.SeverityHigh, "no --basic-auth-file", unset},
	{apiServer, "insecure-bind-address", sekisho.SeverityCritical, "no --insecure-bind-address", unset},
	{apiServer, "insecure-port", sekisho.SeverityCritical, "no --insecure-port", func(v string, _ *flags) bool { return v == "" || v == "0" }},
	{apiServer, "kubelet-https", sekisho.SeverityHigh, "no --kubelet-https=false", notFalse},
	{apiServer, "kubelet-client-certificate", sekisho.SeverityMedium, "--kubelet-client-certificate", set},
	{apiServer, "kubelet-client-key", sekisho.SeverityMedium, "--kubelet-client-key", set},
	{apiServer, "kubelet-certificate-authority", sekisho.SeverityMedium, "--kubelet-certificate-authority", set},
	{apiServer, "authorization-mode", sekisho.SeverityCritical, "--authorization-mode=Node,RBAC", or("authorization-config", func(v string, f *flags) bool {
		return has("Node", "RBAC")(v, f) && hasNot("AlwaysAllow")(v, f)
	})},
	{apiServer, "enable-admission-plugins", sekisho.SeverityMedium, "NodeRestriction and not AlwaysAdmit in --enable-admission-plugins", func(v string, f *flags) bool {
		return has("NodeRestriction")(v, f) && hasNot("AlwaysAdmit")(v, f)
	}},
	{apiServer, "disable-admission-plugins", sekisho.SeverityMedium, "neither ServiceAccount nor NamespaceLifecycle nor PodSecurity in --disable-admission-plugins", hasNot("ServiceAccount", "NamespaceLifecycle", "PodSecurity")},
	{apiServer, "profiling", sekisho.SeverityLow, "--profiling=false", isFalse},
	{apiServer, "audit-log-path", sekisho.SeverityMedium, "--audit-log-path", or("audit-webhook-config-file", set)},
	{apiServer, "audit-log-maxage", sekisho.SeverityLow, "--audit-log-maxage of 30 or more", or("audit-webhook-config-file", atLeast(30))},
	{apiServer, "audit-log-maxbackup", sekisho.SeverityLow, "--audit-log-maxbackup of 10 or more", or("audit-webhook-config-file", atLeast(10))},
	{apiServer, "audit-log-maxsize", sekisho.SeverityLow, "--audit-log-maxsize of 100 or more", or("audit-webhook-config-file", atLeast(100))},
	{apiServer, "service-account-lookup", sekisho.SeverityMedium, "no --service-account-lookup=false", notFalse},
	{apiServer, "service-account-key-file", sekisho.SeverityMedium, "--service-account-key-file", set},
	{apiServer, "etcd-certfile", sekisho.SeverityHigh, "--etcd-certfile", set},
	{apiServer, "etcd-keyfile", sekisho.SeverityHigh, "--etcd-keyfile", set},
	{apiServer, "etcd-cafile", sekisho.SeverityHigh, "--etcd-cafile", set},
	{apiServer, "tls-cert-file", sekisho.SeverityHigh, "--tls-cert-file", set},
	{apiServer, "tls-private-key-file", sekisho.SeverityHigh, "--tls-private-key-file", set},
	{apiServer, "client-ca-file", sekisho.SeverityHigh, "--client-ca-file", set},
	{apiServer, "encryption-provider-config", sekisho.SeverityMedium, "--encryption-provider-config", set},
	{controller, "profiling", sekisho.SeverityLow, "--profiling=false", isFalse},
	{controller, "use-service-account-credentials", sekisho.SeverityMedium, "--use-service-account-credentials=true", isTrue},
	{controller, "service-account-private-key-file", sekisho.SeverityMedium, "--service-account-private-key-file", set},
	{controller, "root-ca-file", sekisho.SeverityMedium, "--root-ca-file", set},
	{controller, "bind-address", sekisho.SeverityLow, "--bind-address=127.0.0.1", local},
	{"kube-scheduler", "profiling", sekisho.SeverityLow, "--profiling=false", isFalse},
	{"kube-scheduler", "bind-address", sekisho.SeverityLow, "--bind-address=127.0.0.1", local},
	{"etcd", "cert-file", sekisho.SeverityHigh, "--cert-file", set},
	{"etcd", "key-file", sekisho.SeverityHigh, "--key-file", set},
	{"etcd", "client-cert-auth", sekisho.SeverityHigh, "--client-cert-auth=true", isTrue},
	{"etcd", "auto-tls", sekisho.SeverityMedium, "no --auto-tls=true", notTrue},
	{"etcd", "peer-cert-file", sekisho.SeverityMedium, "--peer-cert-file", set},
	{"etcd", "peer-key-file", sekisho.SeverityMedium, "--peer-key-file", set},
	{"etcd", "peer-client-cert-auth", sekisho.SeverityMedium, "--peer-client-cert-auth=true", isTrue},
	{"etcd", "peer-auto-tls", sekisho.SeverityMedium, "no --peer-auto-tls=true", notTrue},
}

var _ = rules.Add(over("control-plane-flag", "KCV-0001 C-0005 C-0066 C-0067 C-0088", "cis-kubernetes-1.2 cis-kubernetes-1.3 cis-kubernetes-1.4 cis-kubernetes-2 nist-800-190-4.3.2", sekisho.SeverityMedium, false,
	w("By flag: critical where everybody may do everything, low where it only helps to find out what happened.", "フラグごとに異なる。誰でも何でもできるものは致命的、調査を助けるだけのものは低。"),
	w("{0} is not run with {1}", "{0} に {1} が設定されていない"),
	w("The control plane decides for all nodes: what it lets in, or does not write down, is let in everywhere.", "コントロールプレーンは全ノードを左右します。ここで許したもの、記録しないものは全体に及びます。"),
	w("Set {1} in the manifest of the static pod (kubeadm: in ClusterConfiguration, under extraArgs).", "static Pod のマニフェスト (kubeadm では ClusterConfiguration の extraArgs) で {1} を設定してください。"),
	eachContainer(func(c *Container, found func(check.Hit)) {
		f := controlPlane(c)
		if f == nil {
			return
		}
		for i := range controlPlaneFlags {
			x := &controlPlaneFlags[i]
			if x.program != f.program || x.ok(f.values[x.flag], f) {
				continue
			}
			h := c.named()
			if n := f.nodes[x.flag]; n != nil {
				h = c.Pod.Owner.at(n, n.Str())
			}
			h.Args, h.Severity, h.Key = []string{f.program, x.want}, x.severity, f.program+" "+x.flag
			h.Excerpt = cmp.Or(h.Excerpt, f.program)
			found(h)
		}
	})))
