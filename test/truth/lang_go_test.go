// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// langModules are what a program was built of, by Go's own library.
func langModules(t *testing.T, program string) []langPkg {
	t.Helper()
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	list := []langPkg{{"stdlib", strings.TrimPrefix(strings.Fields(info.GoVersion)[0], "go")}}
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		list = append(list, langPkg{d.Path, d.Version})
	}
	return list
}

// langJudge compares what a tree of Go's finds with the naive reading.
func langJudge(t *testing.T, what, dir string, list []langPkg, packages, least int) {
	t.Helper()
	all, o := langNaiveClaims(t), langGoOracle()
	want := map[string]bool{}
	o.settle(t, func() { want = langWanted("golang", all, o, list) })
	r := scan(t, database(t, langFeeds()...), "dir:"+dir)
	seen := map[string]bool{}
	for _, p := range list {
		seen[p.name+" "+p.version] = true
	}
	got := map[string]bool{}
	for _, p := range r.Packages {
		if p.Ecosystem == "golang" && p.Relationship != "root" {
			got[p.Name+" "+p.Version] = true
		}
	}
	compare(t, "packages of "+what, seen, got, packages)
	found := langSaid(r, "golang")
	compare(t, what, langOnce(t, want, found), found, least)
}

// This program and its go.mod, whose modules are kept up to date: hardly any
// finding is right.
func TestOwnModules(t *testing.T) {
	bin, err := workshop.program()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(bin)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "program"), data, 0o755); err != nil {
		t.Fatal(err)
	}
	langJudge(t, "this program", dir, langModules(t, bin), 20, 0)

	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	langPut(t, filepath.Join(dir, "go.mod"), string(mod))
	var list []langPkg
	for _, m := range regexp.MustCompile(`(?m)^(?:require )?\s*(\S+\.\S+/\S+|\S+\.\S+) (v\S+)(?: // indirect)?$`).FindAllStringSubmatch(string(mod), -1) {
		list = append(list, langPkg{m[1], m[2]})
	}
	if m := regexp.MustCompile(`(?m)^toolchain go(\S+)$`).FindStringSubmatch(string(mod)); m != nil {
		list = append(list, langPkg{"stdlib", m[1]})
	}
	langJudge(t, "this go.mod", dir, list, 50, 0)
}

// A program that is built of old versions: of modules that hold nothing but
// their names, vendored.
func TestGoProgram(t *testing.T) {
	tool(t, "go")
	w := langWorlds()[0]
	d := langDraw(t, w, langNaiveClaims(t), w.oracle(t), 330)
	src, out := t.TempDir(), t.TempDir()
	var list []langPkg
	for _, p := range d.layers[0] {
		// No package of one module may lie in another's directory.
		nested := strings.Contains(p.name, "internal") || strings.HasPrefix(p.name, "github.com/golang/go")
		for _, q := range d.layers[0] {
			nested = nested || q.name != p.name && (strings.HasPrefix(p.name, q.name+"/") || strings.HasPrefix(q.name, p.name+"/"))
		}
		if !nested && len(list) < 150 {
			list = append(list, p)
			langPut(t, filepath.Join(src, "vendor", filepath.FromSlash(p.name), "p.go"), "package p\n")
		}
	}
	langPut(t, filepath.Join(src, "go.mod"), "module example.com/old\n\ngo 1.21\n\nrequire (\n"+
		langLines(list, func(p langPkg) string { return "\t" + p.name + " " + p.version + "\n" })+")\n")
	langPut(t, filepath.Join(src, "main.go"), "package main\n\nimport (\n"+
		langLines(list, func(p langPkg) string { return "\t_ \"" + p.name + "\"\n" })+")\n\nfunc main() {}\n")
	langPut(t, filepath.Join(src, "vendor", "modules.txt"), langLines(list, func(p langPkg) string {
		return "# " + p.name + " " + p.version + "\n## explicit\n" + p.name + "\n"
	}))
	cmd := exec.CommandContext(t.Context(), "go", "build", "-mod=vendor", "-o", filepath.Join(out, "old"), ".")
	cmd.Dir = src
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GOTOOLCHAIN=local", "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build a program of old modules: %v\n%.2000s", err, text)
	}
	langJudge(t, "a program of old modules", out, langModules(t, filepath.Join(out, "old")), 100, 100)
}

// The standard library of each release of Go, as toolchain lines name it.
func TestGoReleases(t *testing.T) {
	dir := t.TempDir()
	var list []langPkg
	for minor := 16; minor <= 26; minor++ {
		for _, end := range []string{"rc1", "beta1", ".0", ".1", ".4", ".9", ".13", "rc2"} {
			v := fmt.Sprintf("1.%d%s", minor, end)
			if minor < 21 && end == ".0" {
				v = fmt.Sprintf("1.%d", minor) // the first release had no third number
			}
			list = append(list, langPkg{"stdlib", v})
			langPut(t, filepath.Join(dir, "m"+v, "go.mod"), "module example.com/m\n\ngo 1.16\n\ntoolchain go"+v+"\n")
		}
	}
	langJudge(t, "releases of Go", dir, list, 80, 500)
}
