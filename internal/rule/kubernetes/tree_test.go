// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// tree reads the files of an archive.
func tree(t testing.TB, name string) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile("testdata/tree/" + name)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range txtar.Parse(text).Files {
		files[f.Name] = f.Data
	}
	return files
}

// lines writes findings and problems, one a line, with what caused them.
func lines(j sekisho.Judgement) (out []string) {
	for _, f := range j.Findings {
		line := fmt.Sprintf("%s:%d:%d [%s] %s: %s", f.Location.Path, f.Location.Line, f.Location.Column, f.Resource, f.Rule, f.Evidence[0].Text)
		for _, e := range f.Evidence[1:] {
			line += fmt.Sprintf(" <- %s:%d %s", e.Path, e.Line, e.Text)
		}
		if f.Suppressed != nil {
			line += " (silenced: " + f.Suppressed.Reason + ")"
		}
		out = append(out, line)
	}
	for _, p := range j.Problems {
		out = append(out, "PROBLEM "+p.Path+": "+p.Error)
	}
	return out
}

// golden holds what is found in a tree; write it with SEKISHO_UPDATE=1 and read
// the difference.
func golden(t *testing.T, name string, got []string) {
	t.Helper()
	file := "testdata/tree/" + name
	text := strings.Join(got, "\n") + "\n"
	if os.Getenv("SEKISHO_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), text); d != "" {
		t.Error(d)
	}
}

func TestChart(t *testing.T) {
	s := &check.Settings{Only: strings.Fields("privileged host-pid host-ipc host-network secret-in-env run-as-root capabilities-not-dropped latest-tag")}
	golden(t, "chart.want", lines(judge(t, tree(t, "chart.txt"), s)))
}

func TestKustomize(t *testing.T) {
	s := &check.Settings{Only: strings.Fields("privileged host-pid host-ipc host-network latest-tag")}
	golden(t, "kustomize.want", lines(judge(t, tree(t, "kustomize.txt"), s)))
}

// Values files and single values of the settings are those that charts see, and
// a finding names the file that decided.
func TestChartSettings(t *testing.T) {
	files := tree(t, "chart.txt")
	files["shop/values-prod.yaml"] = []byte("securityContext:\n  privileged: true\ncache:\n  hostNetwork: false\n")
	s := &check.Settings{Only: strings.Fields("privileged host-pid host-network"), HelmValues: []string{"shop/values-prod.yaml"}, HelmSet: []string{"serviceAccount.create=false"}}
	want := []string{
		"shop/templates/deployment.yaml:23:17 [Deployment/shop] privileged: privileged: true <- shop/values-prod.yaml:2 securityContext.privileged: true",
		"PROBLEM shop/Chart.yaml: the subchart absent is not under charts/ and is not judged: run helm dependency build first",
	}
	if d := cmp.Diff(want, lines(judge(t, files, s))); d != "" {
		t.Error(d)
	}
	s.HelmValues = []string{"values-none.yaml"}
	if got := lines(judge(t, files, s)); len(got) != 1 || !strings.Contains(got[0], "PROBLEM") || !strings.Contains(got[0], "values-none.yaml is not in the tree") {
		t.Error(got)
	}
}

// A packaged subchart is read in its archive.
func TestPackagedChart(t *testing.T) {
	files := tree(t, "chart.txt")
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	w := tar.NewWriter(g)
	for name, text := range files {
		if rest, ok := strings.CutPrefix(name, "shop/charts/cache/"); ok {
			if err := w.WriteHeader(&tar.Header{Name: "cache/" + rest, Mode: 0o600, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(text); err != nil {
				t.Fatal(err)
			}
			delete(files, name)
		}
	}
	if w.Close() != nil || g.Close() != nil {
		t.Fatal("the archive was not written")
	}
	files["shop/charts/cache-1.0.0.tgz"] = z.Bytes()
	s := &check.Settings{Only: []string{"host-network"}}
	want := []string{
		"shop/charts/cache-1.0.0.tgz!/cache/templates/pod.yaml:6:3 [Pod/cache] host-network: hostNetwork: true <- shop/values.yaml:16 cache.hostNetwork: true",
		"PROBLEM shop/Chart.yaml: the subchart absent is not under charts/ and is not judged: run helm dependency build first",
	}
	if d := cmp.Diff(want, lines(judge(t, files, s))); d != "" {
		t.Error(d)
	}
	files["shop/charts/cache-1.0.0.tgz"] = z.Bytes()[:z.Len()/2]
	if got := strings.Join(lines(judge(t, files, s)), "\n"); !strings.Contains(got, "PROBLEM shop/charts/cache-1.0.0.tgz: open the chart's archive") {
		t.Error(got)
	}
}

// A chart and a kustomization may be the root of the tree, and stand beside
// manifests that are none of theirs.
func TestRoot(t *testing.T) {
	s := &check.Settings{Only: []string{"host-pid"}}
	pod := func(name, pid string) []byte {
		return []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\nspec:\n  hostPID: " + pid + "\n  containers: [{name: a, image: x}]\n")
	}
	got := lines(judge(t, map[string][]byte{
		"Chart.yaml": []byte("apiVersion: v2\nname: c\nversion: 1.0.0\n"), "values.yaml": []byte("pid: true\n"),
		"templates/pod.yaml": pod("a", "{{ .Values.pid }}"), "examples/pod.yaml": pod("example", "true"),
	}, s))
	want := []string{
		"templates/pod.yaml:5:3 [Pod/a] host-pid: hostPID: true <- values.yaml:1 pid: true",
		"examples/pod.yaml:5:3 [Pod/example] host-pid: hostPID: true",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	got = lines(judge(t, map[string][]byte{
		"kustomization.yaml": []byte("resources: [pod.yaml]\nnamePrefix: x-\n"), "pod.yaml": pod("a", "true"), "other.yaml": pod("other", "true"),
	}, s))
	want = []string{"pod.yaml:5:3 [Pod/a] host-pid: hostPID: true", "other.yaml:5:3 [Pod/other] host-pid: hostPID: true"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	// A circle is said, and what is in it is judged.
	got = lines(judge(t, map[string][]byte{"a/kustomization.yaml": []byte("resources: [../b]\n"), "b/kustomization.yaml": []byte("resources: [../a, pod.yaml]\n"), "b/pod.yaml": pod("a", "true")}, s))
	if len(got) != 3 || got[0] != "b/pod.yaml:5:3 [Pod/a] host-pid: hostPID: true" || !strings.Contains(got[1]+got[2], "a/kustomization.yaml: the kustomization refers to itself") {
		t.Error(got)
	}
	// Many ways to one base are not all walked.
	files := map[string][]byte{}
	for i := range 30 {
		files[fmt.Sprintf("k%d/kustomization.yaml", i)] = fmt.Appendf(nil, "resources: [../k%[1]d, ../m%[1]d]\n", i+1)
		files[fmt.Sprintf("m%d/kustomization.yaml", i)] = fmt.Appendf(nil, "resources: [../k%[1]d, ../m%[1]d]\n", i+1)
	}
	files["k30/kustomization.yaml"], files["m30/kustomization.yaml"] = []byte("namePrefix: a\n"), []byte("namePrefix: b\n")
	if got := strings.Join(lines(judge(t, files, s)), "\n"); !strings.Contains(got, "PROBLEM k0/kustomization.yaml") || !strings.Contains(got, "2000 others") {
		t.Error(got)
	}
	// Templates that belong to no chart are manifests when they can be read as such.
	got = lines(judge(t, map[string][]byte{"templates/pod.yaml": pod("a", "true"), "templates/b.yaml": pod("{{ b", "true")}, s))
	if len(got) != 2 || got[0] != "templates/pod.yaml:5:3 [Pod/a] host-pid: hostPID: true" || !strings.HasPrefix(got[1], "PROBLEM templates/b.yaml: this looks like a template") {
		t.Error(got)
	}
}

// A template that fails does not hide what the others make.
func TestBrokenTemplate(t *testing.T) {
	files := tree(t, "chart.txt")
	files["shop/templates/broken.yaml"] = []byte("a: {{ .Values.not.there.at.all }}\n")
	files["shop/templates/worse.yaml"] = []byte("apiVersion: v1\nkind: Pod\n  spec: {{ index .Values.extra 7 }}\n")
	s := &check.Settings{Only: []string{"privileged"}}
	got := strings.Join(lines(judge(t, files, s)), "\n")
	for _, want := range []string{
		"shop/templates/deployment.yaml:23:17 [Deployment/shop] privileged",
		"PROBLEM shop/templates/broken.yaml: the template cannot be rendered",
		"PROBLEM shop/templates/worse.yaml: the template cannot be rendered",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("not there: %s\n%s", want, got)
		}
	}
}

// What a hostile chart does ends, as a problem of the chart.
func TestBounds(t *testing.T) {
	for name, tt := range map[string]struct{ template, values, want string }{
		"range":     {`{{ range until 900000 }}{{ range until 900000 }}x{{ end }}{{ end }}`, "", "loops or writes too much"},
		"until":     {`{{ until 2000000000 }}`, "", "loops or writes too much"},
		"repeat":    {`{{ repeat 2000000000 "xxxxxxxx" }}`, "", "loops or writes too much"},
		"nested":    {`{{ $l := until 10000 }}{{ range $l }}{{ range $l }}{{ range $l }}x{{ end }}{{ end }}{{ end }}`, "", "loops or writes too much"},
		"recursion": {`{{ define "a" }}{{ include "a" . }}{{ include "a" . }}{{ end }}{{ include "a" . }}`, "", "PROBLEM c/"},
		"tpl":       {`{{ tpl .Values.x . }}`, `x: '{{ $l := until 10000 }}{{ range $l }}{{ range $l }}{{ range $l }}{{ end }}{{ end }}{{ end }}'`, "loops or writes too much"},
		"syntax":    {`{{ if }}`, "", "missing value for if"},
		"call":      {`{{ .Values.a.b.c }}`, "", "nil pointer"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string][]byte{
				"c/Chart.yaml":       []byte("apiVersion: v2\nname: c\nversion: 1.0.0\n"),
				"c/values.yaml":      []byte(tt.values),
				"c/templates/a.yaml": []byte("apiVersion: v1\nkind: Pod\n" + tt.template),
			}
			got := strings.Join(lines(judge(t, files, nil)), "\n")
			if !strings.Contains(got, "PROBLEM c/") || !strings.Contains(got, tt.want) {
				t.Errorf("%.500s", got)
			}
		})
	}
}

// Aliases that stand for too many values never reach the library, which has no
// bound of its own, be they in a file or in a text within one.
func TestKustomizeAliases(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 7; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), i-1)
	}
	bomb += "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
	inline := "patches:\n- patch: |\n    " + strings.ReplaceAll(strings.TrimSuffix(bomb, "\n"), "\n", "\n    ") + "\n"
	for name, files := range map[string]map[string][]byte{
		"a.yaml":             {"kustomization.yaml": []byte("resources: [a.yaml]\n"), "a.yaml": []byte(bomb)},
		"kustomization.yaml": {"kustomization.yaml": []byte("resources: [a.yaml]\n" + inline), "a.yaml": []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")},
	} {
		got := strings.Join(lines(judge(t, files, nil)), "\n")
		if !strings.Contains(got, "PROBLEM kustomization.yaml") || !strings.Contains(got, "the aliases in "+name+" stand for too many values") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
