// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/ignore"

	"github.com/sekisho/sekisho/internal/check"
)

// ignored is whether Helm's rules leave a file out of a directory that it walks.
func ignoredByHelm(t *testing.T, rules *ignore.Rules, tree fstest.MapFS, name string) bool {
	t.Helper()
	for i := range len(name) + 1 {
		if i < len(name) && name[i] != '/' {
			continue
		}
		info, err := fs.Stat(tree, name[:i])
		if err != nil {
			t.Fatal(err)
		}
		if rules.Ignore(name[:i], info) {
			return true
		}
	}
	return false
}

var ignoreCases = []string{
	"", "# all\n\n", "*.yaml", "templates/dev.yaml", "/templates/dev.yaml", "/dev.yaml", "dev.yaml", "templates", "templates/", "/templates/",
	"dev/", "dev.yaml/", "!dev.yaml", "!templates\n!*.yaml", "!templates/", "/", "//", "!", "a?v.yaml", "[d]ev.*", "templates/*/", "*/dev.yaml",
	"templates/sub/*.yaml\ncharts/*", "\xef\xbb\xbf*.txt", "  dev.yaml  ", ".*", "charts/", "**", "a/**", "[", "a[b-", `\d\e\v.yaml`, `dev.yaml\`,
	strings.Repeat("x", 70000),
}

// sameIgnore holds a .helmignore to what Helm leaves out.
func sameIgnore(t *testing.T, text string) {
	t.Helper()
	names := []string{
		"Chart.yaml", "dev.yaml", "dev/dev.yaml", "notes.txt", ".git/config", "templates/dev.yaml", "templates/.dev.yaml", "templates/.yaml",
		"templates/sub/dev.yaml", "templates/sub/.dev.yaml", "templates/_helpers.tpl", "charts/a/Chart.yaml", "charts/a/templates/dev.yaml", "charts/a-1.0.0.tgz",
	}
	tree := fstest.MapFS{}
	for _, n := range names {
		tree[n] = &fstest.MapFile{}
	}
	rules, wantErr := ignore.Parse(strings.NewReader(text))
	got, gotErr := readIgnore([]byte(text))
	if (wantErr == nil) != (gotErr == nil) {
		t.Fatalf("%.100q: Helm says %v, and we %v", text, wantErr, gotErr)
	}
	if wantErr != nil {
		return
	}
	rules.AddDefaults()
	for _, n := range names {
		if want := ignoredByHelm(t, rules, tree, n); want != got.ignores(n) {
			t.Fatalf("%.100q: Helm says %v of %s", text, want, n)
		}
	}
}

func TestHelmIgnore(t *testing.T) {
	for _, text := range ignoreCases {
		sameIgnore(t, text)
	}
}

func FuzzHelmIgnore(f *testing.F) {
	for _, text := range ignoreCases[:len(ignoreCases)-1] {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		// Helm looks at the length of a line before its mark of the order of bytes
		// and at each line's end as we do; a file of one huge line is in the table.
		if len(text) < 1000 {
			sameIgnore(t, text)
		}
	})
}

// What a chart leaves out is not judged, in the chart that Helm loads from the
// same directory neither.
func TestChartIgnores(t *testing.T) {
	files := map[string][]byte{
		"shop/Chart.yaml":                      []byte("apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
		"shop/.helmignore":                     []byte("# ours\ntemplates/dev.yaml\ncharts/old/\n"),
		"shop/templates/pod.yaml":              []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID: true\n"),
		"shop/templates/dev.yaml":              []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: {{ fail \"never\" }}}\nspec:\n  hostPID: true\n"),
		"shop/charts/old/Chart.yaml":           []byte("apiVersion: v2\nname: old\nversion: 1.0.0\n"),
		"shop/charts/old/templates/pod.yaml":   []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec:\n  hostPID: true\n"),
		"shop/charts/fresh/Chart.yaml":         []byte("apiVersion: v2\nname: fresh\nversion: 1.0.0\n"),
		"shop/charts/fresh/templates/pod.yaml": []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: c}\nspec:\n  hostPID: true\n"),
	}
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := loader.LoadDir(filepath.Join(dir, "shop"))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Templates) != 1 || len(c.Dependencies()) != 1 || c.Dependencies()[0].Name() != "fresh" {
		t.Fatalf("Helm loads %d templates and %d charts", len(c.Templates), len(c.Dependencies()))
	}
	s := &check.Settings{Only: []string{"host-pid"}}
	want := []string{
		"shop/charts/fresh/templates/pod.yaml:5:3 [Pod/c] host-pid: hostPID: true",
		"shop/templates/pod.yaml:5:3 [Pod/a] host-pid: hostPID: true",
	}
	if d := cmp.Diff(want, lines(judge(t, files, s))); d != "" {
		t.Error(d)
	}
	files["shop/.helmignore"] = []byte("a/**\n")
	if got := lines(judge(t, files, s)); len(got) != 1 || !strings.Contains(got[0], "PROBLEM shop/.helmignore") || !strings.Contains(got[0], "which Helm does not know") {
		t.Error(got)
	}
}

// A chart is rendered for a version of Kubernetes that it is made for, or not.
func TestKubeVersion(t *testing.T) {
	files := map[string][]byte{
		"Chart.yaml":         []byte("apiVersion: v2\nname: shop\nversion: 1.0.0\nkubeVersion: '>=1.20.0 <1.32.0'\n"),
		"values.schema.json": []byte(`{"type": "object"}`),
		"templates/pod.yaml": []byte("apiVersion: v1\nkind: Pod\nmetadata:\n  name: v{{ .Capabilities.KubeVersion.Minor }}\nspec:\n  hostPID: true\n"),
	}
	s := &check.Settings{Only: []string{"host-pid"}}
	schema := "PROBLEM Chart.yaml: the values are not held to values.schema.json; everything else of the chart is judged"
	got := lines(judge(t, files, s))
	if len(got) != 2 || got[0] != schema || !strings.Contains(got[1], "made for Kubernetes >=1.20.0 <1.32.0, and was to be rendered for v1.37.0: name a version that fits with --kube-version") {
		t.Error(got)
	}
	s.KubeVersion = "v1.31.4-gke.1245000"
	if d := cmp.Diff([]string{"templates/pod.yaml:6:3 [Pod/v31] host-pid: hostPID: true", schema}, lines(judge(t, files, s))); d != "" {
		t.Error(d)
	}
	for _, version := range []string{"1.31", "v1.31", "1.31.4", "v1.31.4-gke.1245000", "1.31.0+k3s1", "1.20.0-rc.1"} {
		want, err := common.ParseKubeVersion(version)
		if err != nil {
			t.Fatal(err)
		}
		got, err := newCapabilities(version)
		if err != nil {
			t.Fatal(err)
		}
		k := &got.KubeVersion
		if d := cmp.Diff([]string{want.Version, want.Major, want.Minor, want.String()}, []string{k.Version, k.Major, k.Minor, k.String()}); d != "" {
			t.Errorf("%s: %s", version, d)
		}
		for _, constraint := range []string{">=1.20.0-0", "<1.32", "1.31.x", "^1.30", "~1.31.4", ">1.31", "junk"} {
			c := &helmChart{meta: &helmMeta{KubeVersion: constraint}}
			_, err := c.capabilities(version)
			if chartutil.IsCompatibleRange(constraint, want.String()) != (err == nil) {
				t.Errorf("%s of %s: %v", version, constraint, err)
			}
		}
	}
	if bad := slices.DeleteFunc([]string{"", "1", "v", "1.", "1.x", "1.2.3.4", "1.2 ", "latest", "1.02", "1.2_3"}, func(v string) bool { return CheckKubeVersion(v) != nil }); len(bad) > 0 {
		t.Errorf("these are taken for versions: %q", bad)
	}
}
