// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// database is a fake extractor of a distribution's files: "db" has lines of a name
// and what it needs, and of "owns", a name and a path; "asked" and "came" are
// marks; what ends in ".use" uses a program and libraries.
type database struct{ ecosystem string }

func (database) Name() string { return "test/database" }
func (database) Version() int { return 1 }
func (database) Wants(f *sekisho.File) bool {
	return f.Path == "db" || f.Path == "asked" || f.Path == "came" || strings.HasSuffix(f.Path, ".use")
}

func (d database) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	words := strings.Fields(string(b))
	switch {
	case in.Path == "asked", in.Path == "came":
		inv.Marks = []sekisho.InstallMarks{{Ecosystem: d.ecosystem, Asked: in.Path == "asked", Names: words}}
	case in.Path != "db":
		inv.Uses = []sekisho.Use{{Program: words[0], Libraries: words[1:]}}
	default:
		for line := range strings.Lines(string(b)) {
			words := strings.Fields(line)
			if words[0] == "owns" {
				inv.Owned = append(inv.Owned, sekisho.Ownership{Ecosystem: d.ecosystem, Name: words[1], Files: sekisho.NewPathSet(words[2:])})
				continue
			}
			p := sekisho.Package{Ecosystem: d.ecosystem, Name: words[0], Version: "1", Installed: sekisho.InstalledAsked, Needs: words[1:]}
			p.Name, p.AskedAs, _ = strings.Cut(p.Name, "=")
			if name, ok := strings.CutSuffix(p.Name, "!"); ok {
				p.Name, p.Installed = name, sekisho.InstalledEssential
			}
			p.Name, p.Arch, _ = strings.Cut(p.Name, ":")
			if name, other, ok := strings.Cut(p.Name, "+"); ok {
				p.Name, p.Provides = name, []string{other}
			}
			inv.Packages = append(inv.Packages, p)
		}
	}
	return inv, nil
}

// reasons describe why packages are there, and what needs them.
func reasons(r *sekisho.Result) (out []string) {
	for _, p := range r.Packages {
		s := strings.TrimRight(p.Name+":"+p.Arch, ":") + " " + string(p.Installed)
		if p.AskedAs != "" {
			s += " as " + p.AskedAs
		}
		if len(p.Needs) > 0 {
			s += fmt.Sprint(" needs ", p.Needs)
		}
		if len(p.UsedBy) > 0 {
			s += fmt.Sprint(" used by ", p.UsedBy)
		}
		out = append(out, s)
	}
	return out
}

func TestMarks(t *testing.T) {
	for _, tt := range []struct {
		name, ecosystem string
		layers          [][]file
		want            []string
	}{
		{
			"apt's marks", "deb",
			[][]file{{{path: "db", body: "libc:amd64! \nlibx:amd64\nlibx:i386\nliball:all\napp:amd64 libx"}, {path: "came", body: "libc:amd64 libx:amd64 liball:amd64"}}},
			[]string{"app:amd64 asked needs [libx]", "liball:all automatic", "libx:amd64 automatic", "libx:i386 asked", "libc:amd64 essential"},
		},
		{"no marks of apt", "deb", [][]file{{{path: "db", body: "a\nb"}}}, []string{"a asked", "b asked"}},
		{"a later layer's marks", "deb", [][]file{{{path: "db", body: "a\nb"}, {path: "came", body: "a"}}, {{path: "came", body: "b"}}}, []string{"a asked", "b automatic"}},
		{"marks that are gone", "deb", [][]file{{{path: "db", body: "a\nb"}, {path: "came", body: "a"}}, {{path: ".wh.came"}}}, []string{"a asked", "b asked"}},
		{"a later layer's needs", "deb", [][]file{{{path: "db", body: "a b\nb\ngone a"}}, {{path: "db", body: "a c\nb\nc"}}}, []string{"a asked needs [c]", "b asked", "c asked", "gone "}},
		{
			"apk's world", "apk",
			[][]file{{{path: "db", body: "musl\nbusybox+ash musl\ngcc=.build-deps musl\ngit=.build-deps\nssl+libssl"}, {path: "asked", body: "ash git .build-deps .gone"}}},
			[]string{"busybox asked needs [musl]", "gcc asked as .build-deps needs [musl]", "git asked", "musl automatic", "ssl automatic"},
		},
		{"a group that nobody asked for", "apk", [][]file{{{path: "db", body: "gcc=.old\na"}, {path: "asked", body: "a"}}}, []string{"a asked", "gcc automatic"}},
		{"a world with a name that is nobody's", "apk", [][]file{{{path: "db", body: "a b\nb"}, {path: "asked", body: "a so:libx.so.1"}}}, []string{"a ", "b "}},
		{"no world", "apk", [][]file{{{path: "db", body: "a b\nb"}}}, []string{"a ", "b "}},
		{"rpm without marks", "rpm", [][]file{{{path: "db", body: "a b\nb"}}}, []string{"a asked needs [b]", "b asked"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var layers []sekisho.Layer
			for _, files := range tt.layers {
				layers = append(layers, layerOf(t, "", files...))
			}
			r := run(t, Options{Extractors: []sekisho.Extractor{database{tt.ecosystem}}}, layers...)
			got := map[string]bool{}
			for _, s := range reasons(r) {
				got[s] = true
			}
			want := map[string]bool{}
			for _, s := range tt.want {
				want[s] = true
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// What the image's configuration, programs and scripts need is known of the
// packages that have it; what a package's own program needs, the package says.
func TestUsedBy(t *testing.T) {
	db := "git\nopenssl\npython\ncurl\nmake\nlibz\nown\n" +
		"owns git usr/bin/git\nowns openssl usr/lib/x86_64-linux-gnu/libssl.so.3\nowns python bin/python3\nowns curl opt/tools/curl\nowns make usr/bin/make\nowns libz lib64/libz.so.1\nowns own usr/bin/own.use usr/share/x\n"
	image := &sekisho.ImageConfig{
		Env: []string{"A=b", "PATH=/opt/tools:/usr/bin"}, Entrypoint: []string{"/bin/sh", "-c", "cd /app&&exec git daemon"}, Healthcheck: []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"},
	}
	layers := []sekisho.Layer{
		layerOf(t, "", file{path: "db", body: db}, file{path: "usr/bin/own.use", body: "usr/bin/make"}, file{path: "gone.use", body: "usr/bin/make"}),
		layerOf(t, "", file{path: "app/b.use", body: "python3 libssl.so.3 libz.so.1"}, file{path: "app/a.use", body: "none libssl.so.3"}, file{path: ".wh.gone.use"}),
	}
	for range 3 {
		r, err := Run(t.Context(), &sekisho.Artifact{Target: sekisho.Target{Name: "test"}, Layers: layers, Image: image}, Options{Extractors: []sekisho.Extractor{database{"deb"}}, TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"curl asked used by [config]", "git asked used by [config]", "libz asked used by [app/b.use]", "make asked", "openssl asked used by [app/a.use app/b.use]", "own asked", "python asked used by [app/b.use]",
		}
		if d := cmp.Diff(want, reasons(r)); d != "" {
			t.Error(d)
		}
	}
	// More than can be looked up: then nothing is known.
	image.Cmd = []string{strings.Repeat("word ", maxWords+1)}
	r, err := Run(t.Context(), &sekisho.Artifact{Target: sekisho.Target{Name: "test"}, Layers: layers, Image: image}, Options{Extractors: []sekisho.Extractor{database{"deb"}}, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Packages {
		if p.Installed != "" {
			t.Errorf("%s is %q", p.Name, p.Installed)
		}
	}
}

func TestWithUser(t *testing.T) {
	var few []string
	for _, u := range []string{"d", "b", "e", "b", "a", "c", "d"} {
		few = withUser(few, u)
	}
	if d := cmp.Diff([]string{"a", "b", "c"}, few); d != "" {
		t.Error(d)
	}
}
