// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
)

// Whatever tool a repository was silenced for, it stays silenced, with the reason.
func TestSilences(t *testing.T) {
	const spec = "spec:\n  hostPID: true\n  hostIPC: true\n  containers:\n    - name: a\n      image: x\n"
	head := func(notes string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n" + notes + spec
	}
	plain := "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n"
	for _, tt := range []struct{ name, text, want string }{
		{"kube-linter", head("    ignore-check.kube-linter.io/host-pid: \"it watches\"\n"), "host-pid:kube-linter:it watches"},
		{"kube-linter all", head("    kube-linter.io/ignore-all: \"old\"\n"), "host-ipc:kube-linter:old host-pid:kube-linter:old"},
		{"checkov", head("    checkov.io/skip1: CKV_K8S_17=it watches\n    checkov.io/skip2: CKV_K8S_18\n"), "host-ipc:checkov: host-pid:checkov:it watches"},
		{"own annotation", head("    sekisho.dev/ignore: host-pid,KSV-0008\n"), "host-ipc:sekisho: host-pid:sekisho:"},
		{"trivy", plain + strings.Replace(spec, "  hostPID", "  #trivy:ignore:AVD-KSV-0010\n  hostPID", 1), "host-pid:trivy:"},
		{"trivy of old", plain + strings.Replace(spec, "  hostPID", "  # trivy:ignore:KSV010\n  hostPID", 1), "host-pid:trivy:"},
		{"own", plain + strings.Replace(spec, "hostIPC: true", `hostIPC: true # sekisho:ignore C-0038,host-ipc reason="why not"`, 1), "host-ipc:sekisho:why not"},
		{"checkov comment", plain + strings.Replace(spec, "hostIPC: true", "hostIPC: true # checkov:skip=CKV_K8S_18:why not", 1), "host-ipc:checkov:why not"},
		{"whole object", "# sekisho:ignore host-pid\n" + plain + spec, "host-pid:sekisho:"},
		{"whole file", "# sekisho:ignore-file host-pid\n" + plain + spec + "---\n" + plain + spec, "host-pid:sekisho: host-pid:sekisho:"},
		{"one document of two", plain + strings.Replace(spec, "  hostPID", "  # sekisho:ignore host-pid\n  hostPID", 1) + "---\n" + plain + spec, "host-pid:sekisho:"},
		{"the second of two", plain + spec + "---\n# sekisho:ignore host-pid\n" + plain + spec, "host-pid:sekisho:"},
		{"ended", plain + strings.Replace(spec, "  hostPID", "  # sekisho:ignore host-pid until=2026-01-01\n  hostPID", 1), ""},
		{"another rule", head("    ignore-check.kube-linter.io/host-network: \"x\"\n"), ""},
		{"template", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    metadata:\n      annotations: {ignore-check.kube-linter.io/host-ipc: because}\n    spec: {hostIPC: true, containers: [{name: a, image: x}]}\n", "host-ipc:kube-linter:because"},
	} {
		j := judge(t, map[string][]byte{"a.yaml": []byte(tt.text)}, &check.Settings{Only: []string{"host-pid", "host-ipc"}, Today: "2026-06-01"})
		var got []string
		for _, f := range j.Findings {
			if s := f.Suppressed; s != nil {
				got = append(got, f.Rule+":"+s.By+":"+s.Reason)
			}
		}
		slices.Sort(got)
		if len(j.Findings) == 0 || strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %d findings, silenced %q, want %q", tt.name, len(j.Findings), got, tt.want)
		}
	}
}

// What is no manifest is not kept, and what is too large is said.
func TestExtract(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"a/pod.yaml":              {"apiVersion: v1\nkind: Pod\n", "kubernetes"},
		"a/pod.json":              {`{"kind":"Pod","apiVersion":"v1"}`, "kubernetes"},
		"a/list.yml":              {"{apiVersion: v1, kind: List, items: []}", "kubernetes"},
		"package.json":            {`{"kind":"Pod","apiVersion":"v1"}`, ""},
		"node_modules/x/pod.yaml": {"apiVersion: v1\nkind: Pod\n", ""},
		"a/workflow.yaml":         {"on: push\njobs: {}\n", ""},
		"a/words.yaml":            {"text: the apiVersion and the kind of it\n", ""},
		"a/Chart.yaml":            {"apiVersion: v2\nname: x\n", "helm"},
		"a/values-prod.yaml":      {"a: 1\n", "helm"},
		"a/templates/x.yaml":      {"{{ if .Values.a }}{{ end }}", "helm"},
		"a/templates/_x.tpl":      {"{{ define \"a\" }}{{ end }}", "helm"},
		"a/templates/page.html":   {"{{ apiVersion }}", ""},
		"a/kustomization.yaml":    {"resources: []\n", "kustomize"},
		"a/patch.yaml":            {"- op: add\n  path: /a\n", "kustomize"},
		"a/notes.md":              {"apiVersion: v1\nkind: Pod\n", ""},
	} {
		inv := inventory(t, map[string][]byte{name: []byte(tt.text)})
		got := ""
		if len(inv.Resources) > 0 {
			got = inv.Resources[0].Kind
		}
		if got != tt.want || len(inv.Problems) > 0 {
			t.Errorf("%s: %q, want %q; %v", name, got, tt.want, inv.Problems)
		}
	}
	big := "apiVersion: v1\nkind: ConfigMap\ndata: {a: \"" + strings.Repeat("x", fileBytes) + "\"}\n"
	if inv := inventory(t, map[string][]byte{"a.yaml": []byte(big)}); len(inv.Resources) != 0 || len(inv.Problems) != 1 || inv.Problems[0].Bound != "file-bytes" {
		t.Errorf("%d %v", len(inv.Resources), inv.Problems)
	}
	if inv := inventory(t, map[string][]byte{"a.yaml": []byte(strings.Repeat("- data\n", fileBytes))}); len(inv.Resources)+len(inv.Problems) != 0 {
		t.Errorf("%d %v", len(inv.Resources), inv.Problems)
	}
}
