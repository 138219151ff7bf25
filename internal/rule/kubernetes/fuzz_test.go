// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// seeds are the files of all archives.
func seeds(f testing.TB) (out [][]byte) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	for _, n := range names {
		text, err := os.ReadFile(n)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(text).Files {
			if file.Name != "want" {
				out = append(out, file.Data)
			}
		}
	}
	return out
}

// sane checks what holds of every judgement.
func sane(t *testing.T, j sekisho.Judgement, files map[string][]byte) {
	t.Helper()
	for _, p := range j.Problems {
		if strings.Contains(p.Error, "stumbled") {
			t.Fatalf("%s", p.Error)
		}
	}
	for _, f := range j.Findings {
		text, ok := files[f.Location.Path]
		if !ok {
			t.Fatalf("%s in %q, which is no file", f.Rule, f.Location.Path)
		}
		if n := bytes.Count(text, []byte("\n")) + 1; f.Location.Line > n+1 || f.Location.Line < 0 {
			t.Fatalf("%s at line %d of %d", f.Rule, f.Location.Line, n)
		}
		if f.Location.EndLine > 0 && f.Location.EndLine < f.Location.Line {
			t.Fatalf("%s ends before it begins", f.Rule)
		}
		if strings.ContainsAny(f.Title+f.Evidence[0].Text, "\n\x01\x02") {
			t.Fatalf("%s: %q %q", f.Rule, f.Title, f.Evidence[0].Text)
		}
	}
}

func every() *check.Settings {
	s := &check.Settings{Registries: []string{"registry.example.com"}}
	for _, r := range Rules() {
		s.On = append(s.On, r.ID)
	}
	return s
}

func FuzzManifest(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	s := every()
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{"a.yaml", "a.json"} {
			files := map[string][]byte{name: text}
			j := judge(t, files, s)
			sane(t, j, files)
			if again := judge(t, files, s); fmt.Sprint(lines(j)) != fmt.Sprint(lines(again)) {
				t.Fatal("the same file is judged in two ways")
			}
		}
	})
}

func FuzzChart(f *testing.F) {
	files := tree(f, "chart.txt")
	f.Add(files["shop/templates/deployment.yaml"], files["shop/templates/_helpers.tpl"], files["shop/values.yaml"])
	f.Add([]byte("{{ range .Values.a }}{{ tpl . $ }}{{ end }}apiVersion: v1\nkind: Pod"), []byte("{{define \"a\"}}{{template \"a\" .}}{{end}}"), []byte("a: ['{{ . }}']"))
	f.Add([]byte("apiVersion: v1\nkind: Pod\nspec: {{- -3 }}{{ with $x := .Values }}{{ $x.a }}{{ else }}\x01{{ end }}"), []byte(""), []byte("a: 1"))
	f.Fuzz(func(t *testing.T, template, partial, values []byte) {
		files := map[string][]byte{
			"c/Chart.yaml": []byte("apiVersion: v2\nname: c\nversion: 1.0.0\n"), "c/values.yaml": values,
			"c/templates/a.yaml": template, "c/templates/_b.tpl": partial,
		}
		sane(t, judge(t, files, nil), files)
	})
}

// Marks change nothing of what a template writes.
func FuzzMarks(f *testing.F) {
	files := tree(f, "chart.txt")
	for _, text := range files {
		f.Add(string(text))
	}
	f.Add("a {{- 1 -}} b {{ if true -}} c {{- else }}d{{ end }} {{- /* x */ -}} e\n{{ with 1 }}{{ . }}{{ end }}{{ range $i, $x := list }}{{ $i }}{{ break }}{{ end }}")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\x01\x02") {
			return
		}
		trees, err := parseTemplate("t", text)
		if err != nil || trees["t"] == nil {
			return
		}
		m := &marker{defines: map[string]*reads{}}
		out := m.instrument("t", text, "t", nil, trees)
		again, err := parseTemplate("t", out)
		if err != nil {
			t.Fatalf("%v\n%q\n%q", err, text, out)
		}
		plain, _ := parseTemplate("t", text)
		got, _ := strip(again["t"].Root.String())
		got = strings.ReplaceAll(strings.ReplaceAll(got, "{{"+tick+"}}", ""), bounded, "")
		want := plain["t"].Root.String()
		if !strings.Contains(want, "tpl") && got != want {
			t.Fatalf("%q\n%q", got, want)
		}
	})
}

func FuzzKustomize(f *testing.F) {
	files := tree(f, "kustomize.txt")
	f.Add(files["overlays/dev/kustomization.yaml"], files["base/deployment.yaml"], files["overlays/dev/patch.yaml"])
	f.Add([]byte("resources: [pod.yaml, .]\npatches: [{path: patch.yaml}]"), []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a}"), []byte("- op: add\n  path: /spec\n  value: {}"))
	f.Fuzz(func(t *testing.T, kustomization, pod, patch []byte) {
		files := map[string][]byte{"a/kustomization.yaml": kustomization, "a/pod.yaml": pod, "a/patch.yaml": patch}
		sane(t, judge(t, files, nil), files)
	})
}

// What is cut or no manifest at all is judged without a panic.
func TestDamaged(t *testing.T) {
	for _, text := range seeds(t) {
		for i := 0; i < len(text); i += 41 {
			files := map[string][]byte{"a.yaml": text[:i]}
			sane(t, judge(t, files, nil), files)
		}
	}
}

// manifests are many that are unlike each other, each in its own file.
func manifests(n int) map[string][]byte {
	files := map[string][]byte{}
	for i := range n {
		files[fmt.Sprintf("app%d/deployment.yaml", i)] = fmt.Appendf(nil, `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app%[1]d
  namespace: team%[2]d
  labels:
    app.kubernetes.io/name: app%[1]d
spec:
  replicas: 3
  selector:
    matchLabels:
      app: app%[1]d
  template:
    metadata:
      labels:
        app: app%[1]d
    spec:
      securityContext:
        runAsNonRoot: true
      containers:
        - name: app
          image: registry.example.com/app%[1]d:1.2.3
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: LOG_LEVEL
              value: info
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 256Mi}
          livenessProbe:
            httpGet: {path: /healthz, port: http}
          volumeMounts:
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: tmp
          emptyDir: {}
---
apiVersion: v1
kind: Service
metadata:
  name: app%[1]d
  namespace: team%[2]d
spec:
  selector:
    app: app%[1]d
  ports:
    - port: 80
      targetPort: http
`, i, i%20)
	}
	return files
}

// BenchmarkManifests judges 2,000 manifests (1,000 files of two) from bytes to
// findings.
func BenchmarkManifests(b *testing.B) {
	inv := inventory(b, manifests(1000))
	var size int64
	for _, r := range inv.Resources {
		size += int64(len(r.Text))
	}
	b.SetBytes(size)
	for b.Loop() {
		if j, err := Checker(nil).Check(b.Context(), inv); err != nil || len(j.Findings) < 1000 {
			b.Fatal(len(j.Findings), err)
		}
	}
	b.ReportMetric(2000*float64(b.N)/b.Elapsed().Seconds(), "manifests/s")
}

// BenchmarkOtherYAML decides what of a large tree is a manifest.
func BenchmarkOtherYAML(b *testing.B) {
	text := []byte(strings.Repeat("- name: something else\n  value: of data, with words like kind and apiVersionless\n", 100))
	in := &sekisho.Input{Path: "a.yaml", Content: bytes.NewReader(text), Size: int64(len(text))}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if inv, err := (extractor{}).Extract(b.Context(), in); err != nil || len(inv.Resources) != 0 {
			b.Fatal(inv, err)
		}
	}
}
