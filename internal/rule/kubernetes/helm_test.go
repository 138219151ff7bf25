// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/strvals"
)

// byHelm renders a chart with Helm's library, which only tests use: it is what
// our renderer is held to.
func byHelm(t testing.TB, files []*helmFile, given []byte, set string, replace template.FuncMap) (map[string]string, error) {
	t.Helper()
	var buffered []*archive.BufferedFile
	for _, f := range files {
		buffered = append(buffered, &archive.BufferedFile{Name: f.name, Data: bytes.Clone(f.data)})
	}
	c, err := loader.LoadFiles(buffered)
	if err != nil {
		return nil, err
	}
	values, err := loader.LoadValues(bytes.NewReader(given))
	if err != nil {
		return nil, err
	}
	if err := strvals.ParseInto(set, values); err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependencies(c, values); err != nil {
		return nil, err
	}
	version, err := common.ParseKubeVersion("v" + kubeMajor + "." + kubeMinor + ".0")
	if err != nil {
		t.Fatal(err)
	}
	caps := common.DefaultCapabilities.Copy()
	caps.KubeVersion = *version
	// In tests Helm is told another version of the client than in programs.
	caps.HelmVersion.KubeClientVersion = "v" + kubeMajor + "." + kubeMinor
	// Our output does not depend on the compiler.
	caps.HelmVersion.GoVersion = ""
	top, err := util.ToRenderValuesWithSchemaValidation(c, values, common.ReleaseOptions{Name: "release-name", Namespace: "default", Revision: 1, IsInstall: true}, caps, true)
	if err != nil {
		return nil, err
	}
	return engine.Engine{CustomTemplateFuncs: replace}.RenderWithContext(t.Context(), c, top)
}

// byUs renders a chart with our renderer.
func byUs(t testing.TB, files []*helmFile, given []byte, set string, replace template.FuncMap) (map[string]string, error) {
	t.Helper()
	var all []*helmFile
	for _, f := range files {
		if filepath.Ext(f.name) != ".tgz" {
			all = append(all, f)
			continue
		}
		more, err := untar(f.data, strings.TrimSuffix(f.name, ".tgz"), "", map[*byte]string{}, 0)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	c, err := loadChart(all)
	if err != nil {
		return nil, err
	}
	values, err := readValues(given)
	if err != nil {
		return nil, err
	}
	if err := setValues(set, values); err != nil {
		return nil, err
	}
	if err := c.depend(values); err != nil {
		return nil, err
	}
	capabilities, err := c.capabilities("")
	if err != nil {
		return nil, err
	}
	top, err := c.renderValues(values, capabilities)
	if err != nil {
		return nil, err
	}
	return renderChart(t.Context(), c, top, replace)
}

// pack makes archives of the directories in charts/, the innermost first.
func pack(t testing.TB, files []*helmFile) []*helmFile {
	t.Helper()
	var out []*helmFile
	below := map[string][]*helmFile{}
	for _, f := range files {
		rest, ok := strings.CutPrefix(f.name, "charts/")
		name, rest, isDir := strings.Cut(rest, "/")
		if !ok || !isDir {
			out = append(out, f)
			continue
		}
		below[name] = append(below[name], &helmFile{rest, f.data})
	}
	for _, name := range slices.Sorted(maps.Keys(below)) {
		var z bytes.Buffer
		g := gzip.NewWriter(&z)
		w := tar.NewWriter(g)
		for _, f := range pack(t, below[name]) {
			if err := w.WriteHeader(&tar.Header{Name: name + "/" + f.name, Mode: 0o600, Size: int64(len(f.data)), Typeflag: tar.TypeReg}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(f.data); err != nil {
				t.Fatal(err)
			}
		}
		if w.Close() != nil || g.Close() != nil {
			t.Fatal("the archive was not written")
		}
		out = append(out, &helmFile{"charts/" + name + "-1.0.0.tgz", z.Bytes()})
	}
	return out
}

// Each chart is rendered by Helm and by us, as directories and as archives, with
// Helm's functions and with those that replace them here, and all is equal. An
// archive begins with "fails" where both must refuse it; user.yaml and user.set
// are what a user gives.
func TestHelmConformance(t *testing.T) {
	names, err := filepath.Glob("testdata/helm/*.txtar")
	if err != nil || len(names) < 15 {
		t.Fatal(names, err)
	}
	for _, name := range append(names, "testdata/tree/chart.txt") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var files []*helmFile
			var given []byte
			set := ""
			for _, f := range a.Files {
				switch f.Name {
				case "user.yaml":
					given = f.Data
				case "user.set":
					set = strings.TrimSpace(string(f.Data))
				default:
					files = append(files, &helmFile{strings.TrimPrefix(f.Name, "shop/"), f.Data})
				}
			}
			packed := pack(t, files)
			for _, tt := range []struct {
				name    string
				files   []*helmFile
				replace template.FuncMap
			}{
				{"plain", files, nil}, {"packed", packed, nil}, {"replaced", files, functions(t.Context())},
			} {
				want, wantErr := byHelm(t, tt.files, given, set, tt.replace)
				got, gotErr := byUs(t, tt.files, given, set, tt.replace)
				fails := strings.HasPrefix(string(a.Comment), "fails")
				switch {
				case (wantErr == nil) != (gotErr == nil):
					t.Fatalf("%s: Helm says %v, and we %v", tt.name, wantErr, gotErr)
				case tt.replace == nil && fails != (gotErr != nil) && !strings.HasSuffix(name, "chart.txt"):
					t.Fatalf("%s: it ends with %v", tt.name, gotErr)
				case wantErr == nil && !fails && len(want) == 0:
					t.Fatal("nothing is rendered")
				}
				if d := cmp.Diff(want, got); wantErr == nil && d != "" {
					t.Errorf("%s: %s", tt.name, d)
				}
			}
		})
	}
}

// Charts without a cluster are told of the APIs that Helm's client knows.
func TestHelmCapabilities(t *testing.T) {
	got, err := newCapabilities("")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string(common.DefaultVersionSet), []string(got.APIVersions)); d != "" {
		t.Error(d)
	}
}

// Every function of Helm is there, and no other.
func TestHelmFunctionNames(t *testing.T) {
	ours := helmFunctions()
	maps.Copy(ours, (&nesting{}).functions(template.New("")))
	file := func(name string) []*helmFile {
		return []*helmFile{{"Chart.yaml", []byte("apiVersion: v2\nname: c\nversion: 1.0.0\n")}, {"templates/a.yaml", []byte("{{ if false }}{{ " + name + " }}{{ end }}")}}
	}
	for name := range ours {
		if _, err := byHelm(t, file(name), nil, "", nil); err != nil {
			t.Errorf("Helm does not know %s: %v", name, err)
		}
	}
	for _, name := range []string{"env", "expandenv"} {
		if _, err := byHelm(t, file(name), nil, "", nil); err == nil || ours[name] != nil {
			t.Errorf("%s is known", name)
		}
	}
	// The names are those of the list in Helm's documentation, without those of
	// sprig, which are sprig's.
	for name := range strings.FieldsSeq(`include tpl required fail lookup getHostByName
		toYaml mustToYaml toYamlPretty fromYaml fromYamlArray toJson mustToJson fromJson fromJsonArray
		toToml mustToToml fromToml mustToDuration durationSeconds durationMilliseconds durationMicroseconds
		durationNanoseconds durationMinutes durationHours durationDays durationWeeks durationRoundTo durationTruncateTo`) {
		if ours[name] == nil {
			t.Errorf("%s is not known", name)
		}
	}
}

// sameSet holds what is read of a --set to what Helm reads.
func sameSet(t *testing.T, text string) {
	t.Helper()
	start := func() map[string]any {
		return map[string]any{"m": map[string]any{"a": "b"}, "l": []any{"x", map[string]any{"k": "v"}, []any{"y"}}, "s": "text", "n": nil}
	}
	want, got := start(), start()
	wantErr, gotErr := strvals.ParseInto(text, want), setValues(text, got)
	if wantErr == nil && errors.Is(gotErr, errUnfinished) {
		return
	}
	if (wantErr == nil) != (gotErr == nil) {
		t.Fatalf("%q: Helm says %v %v, and we %v %v", text, want, wantErr, got, gotErr)
	}
	if d := cmp.Diff(want, got); wantErr == nil && d != "" {
		t.Fatalf("%q: %s", text, d)
	}
}

func TestSet(t *testing.T) {
	for _, text := range []string{
		"", "a=b", "a=1", "a=01", "a=0", "a=-5", "a=1.5", "a=true", "a=FALSE", "a=null", "a=", "a=b,c=d", "a=,b=c",
		"a.b.c=d,a.b.e=f", "m.a=c", "m.x=c", "m=1", "a={x,1,true}", "a={}", "a={x,y},b=1", "a={x", "l[0]=z", "l[5]=z",
		"l[1].k=w", "l[1].z=w", "l[0].k=w", "l[2][0]=z", "l[2][3]=z", "l[7].a.b=c", "new[0].a=b,new[0].c=d,new[1]={q}",
		`a\.b=c`, `a=x\,y`, `a.b\.c/d=e`, `a=\`, "a", "a,b", "a.b", "a[", "a[x]=1", "a[-1]=1", "a[70000]=1", "a[0]x=1",
		"s.a=1", "s[0]=1", "l.a=1", "n.a=1", "m[0]=1", "=x", ".a=b", "a.=b", "a..b=c", "a=b=c", "a=b,", "a[0][0][1]=x",
		strings.Repeat("a.", 30) + "b=1", strings.Repeat("a.", 31) + "b=1", "日本=語",
	} {
		sameSet(t, text)
	}
}

func FuzzSet(f *testing.F) {
	for _, s := range []string{"a=b", "a.b={x,y},c[0].d=1", `a\.b=\,`, "l[2][1]=null,n[0]=1", "m.a[0]=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		// Helm forgets the empty value of a map in a list at the very end.
		forgets := strings.HasSuffix(text, "=") && strings.Contains(text, "].")
		if len(text) < 200 && strings.ToValidUTF8(text, "") == text && !forgets {
			sameSet(t, text)
		}
	})
}

// FuzzValues holds how values are put together to how Helm does.
func FuzzValues(f *testing.F) {
	f.Add("a: 1\nglobal: {x: {y: 1}}\n", "b: {c: null}\nglobal: {x: {z: 2}}\n", "sub: {b: null}\n")
	f.Add("sub: {b: {c: 2}}\n", "b: {c: 1, d: null}\n", "sub: null\n")
	f.Add("t: {u: null}\n---\nt: {v: 1}\n", "exports: {data: {k: 1}}\n", "t: {v: null}\nglobal: 1\n")
	f.Fuzz(func(t *testing.T, root, sub, given string) {
		if strings.ToValidUTF8(root+sub+given, "") != root+sub+given {
			return
		}
		files := []*helmFile{
			{"Chart.yaml", []byte("apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: sub, version: 1.x, condition: 'sub.on,on', tags: [a, b], import-values: [data, {child: b, parent: t}]}]\n")},
			{"values.yaml", []byte(root)},
			{"templates/a.yaml", []byte("{{ toYaml .Values }}")},
			{"charts/sub/Chart.yaml", []byte("apiVersion: v2\nname: sub\nversion: 1.0.0\n")},
			{"charts/sub/values.yaml", []byte(sub)},
			{"charts/sub/templates/a.yaml", []byte("{{ toYaml .Values }}")},
		}
		want, wantErr := byHelm(t, files, []byte(given), "", nil)
		got, gotErr := byUs(t, files, []byte(given), "", nil)
		if (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("Helm says %v, and we %v", wantErr, gotErr)
		}
		if d := cmp.Diff(want, got); wantErr == nil && d != "" {
			t.Fatal(d)
		}
	})
}

// Aliases of aliases do not make charts without an end, and named templates that
// call each other end.
func TestHelmBounds(t *testing.T) {
	var files []*helmFile
	for depth, at := 0, ""; depth < 9; depth, at = depth+1, at+"charts/s/" {
		meta := "apiVersion: v2\nname: s\nversion: 1.0.0\ndependencies:\n"
		for i := range 10 {
			meta += fmt.Sprintf("- {name: s, version: 1.0.0, alias: a%d}\n", i)
		}
		files = append(files, &helmFile{at + "Chart.yaml", []byte(meta)})
	}
	if _, err := byUs(t, files, nil, "", nil); err == nil || !strings.Contains(err.Error(), "more than 500 subcharts") {
		t.Error(err)
	}
	text := ""
	for i := range 50 {
		text += fmt.Sprintf(`{{ define "t%d" }}{{ include "t%d" . }}{{ end }}`, i, (i+1)%50)
	}
	files = []*helmFile{{"Chart.yaml", []byte("apiVersion: v2\nname: c\nversion: 1.0.0\n")}, {"templates/a.yaml", []byte(text + `{{ include "t0" . }}`)}}
	if _, err := byUs(t, files, nil, "", nil); err == nil || !strings.Contains(err.Error(), "nest without an end") {
		t.Error(err)
	}
	files[1].data = []byte(`{{ tpl .Values.x . }}`)
	if _, err := byUs(t, files, []byte("x: '{{ tpl .Values.x . }}'"), "", nil); err == nil || !strings.Contains(err.Error(), "nest without an end") {
		t.Error(err)
	}
}
