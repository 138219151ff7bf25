// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// seed adds the files of the archives of a kind.
func seed(f *testing.F, kind string, add func(name string, text []byte)) {
	f.Helper()
	archives, err := filepath.Glob(filepath.Join("testdata", kind, "*.txtar"))
	if err != nil || len(archives) == 0 {
		f.Fatal("no archives", err)
	}
	for _, name := range archives {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(text).Files {
			add(file.Name, file.Data)
		}
	}
}

// all switches every rule on.
func all() *check.Settings {
	s := &check.Settings{Registries: []string{"registry.example.com"}}
	for _, r := range Rules() {
		s.On = append(s.On, r.ID)
	}
	return s
}

// sound judges files and holds what is found to their text.
func sound(t *testing.T, files map[string][]byte) {
	t.Helper()
	j := judge(t, files, all())
	for _, p := range j.Problems {
		if strings.Contains(p.Error, "stumbled") {
			t.Fatal(p.Error)
		}
	}
	for i := range j.Findings {
		f := &j.Findings[i]
		text, ok := files[f.Location.Path]
		if !ok || f.Location.Line < 1 || f.Location.Line > strings.Count(string(text), "\n")+2 {
			t.Fatalf("%s is at %+v", f.Rule, f.Location)
		}
		if strings.Contains(f.Title+f.Evidence[0].Text, hole) {
			t.Fatalf("a hole in %q %q", f.Title, f.Evidence[0].Text)
		}
	}
}

func FuzzCompose(f *testing.F) {
	seed(f, sekisho.ResourceCompose, func(name string, text []byte) {
		if filepath.Ext(name) == ".yaml" {
			f.Add(string(text), "A=b\nPASSWORD=x")
		}
	})
	f.Add("services: {a: {extends: a}, b: {extends: {service: c, file: compose.yaml}}, c: {extends: b, image: x, ports: [{}], volumes: [{}, ':', '::']}}", "")
	f.Fuzz(func(t *testing.T, text, env string) {
		sound(t, map[string][]byte{"compose.yaml": []byte(text), "compose.override.yaml": []byte(text), "a/docker-compose.yml": []byte(text), ".env": []byte(env)})
	})
}

func FuzzQuadlet(f *testing.F) {
	seed(f, sekisho.ResourceQuadlet, func(name string, text []byte) {
		if filepath.Ext(name) == ".container" {
			f.Add(string(text))
		}
	})
	f.Add("[Container]\nPodmanArgs=-v \\\n\\\n;\n 'x")
	f.Fuzz(func(t *testing.T, text string) {
		sound(t, map[string][]byte{"a.container": []byte(text), "a.pod": []byte(text), "a.image": []byte(text)})
	})
}

func FuzzCommands(f *testing.F) {
	seed(f, sekisho.ResourceDockerRun, func(_ string, text []byte) { f.Add(string(text)) })
	f.Add("docker run -v $(pwd):/x ${A[@]} -p \\\n 80 -- $$ `")
	f.Add("\tdocker run $(A $(B)) $(shell x) $$( $< $()\n")
	f.Fuzz(func(t *testing.T, text string) {
		sound(t, map[string][]byte{"a.sh": []byte(text), "Makefile": []byte(text), "a.service": []byte(text), "a.md": []byte(text)})
	})
}

func FuzzInterpolate(f *testing.F) {
	for _, s := range []string{"a$b", "${A:-${B:-c}}", "$$", "${", "${A:+x}", "${A?x}", "${A!x}", "$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := interpolate(s, func(name string) (string, bool) { return "v", name == "A" })
		if !strings.Contains(s, "$") && got != s {
			t.Fatalf("%q became %q", s, got)
		}
		if n := strings.Count(s, "$"); len(got) > len(s)+n {
			t.Fatalf("%q grew to %q", s, got)
		}
	})
}
