// SPDX-License-Identifier: Apache-2.0

package base

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// history reads one entry a line; "-" in front marks one without a layer.
func history(lines ...string) []sekisho.History {
	var out []sekisho.History
	for _, l := range lines {
		rest, empty := strings.CutPrefix(l, "-")
		out = append(out, sekisho.History{CreatedBy: rest, EmptyLayer: empty})
	}
	return out
}

// file makes a Build of lines "3 RUN x"; "1 FROM image AS name" begins a stage.
func file(t *testing.T, text string) *Build {
	t.Helper()
	b := &Build{File: "Dockerfile", Given: true}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		var n int
		if _, err := fmt.Sscanf(line, "%d", &n); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		_, line = cut(line)
		word, rest := cut(line)
		if word != "FROM" {
			s := &b.Stages[len(b.Stages)-1]
			s.Steps = append(s.Steps, Step{Keyword: word, Line: n, Texts: []string{rest}})
			continue
		}
		words := strings.Fields(rest)
		s := Stage{From: words[0], Written: words[0], Known: !strings.Contains(words[0], "$"), Parent: -1, Line: n}
		if len(words) == 3 {
			s.Name = words[2]
		}
		for i := range b.Stages {
			if b.Stages[i].Name == words[0] {
				s.Parent = i
			}
		}
		b.Stages = append(b.Stages, s)
	}
	return b
}

func TestAlign(t *testing.T) {
	nop := func(s string) string { return "/bin/sh -c #(nop) " + s }
	base := []string{nop("ADD file:aa in / "), "-" + nop(` CMD ["bash"]`)}
	with := func(lines ...string) []sekisho.History {
		return history(append(append([]string{}, base...), lines...)...)
	}
	for _, tt := range []struct {
		name, file string
		history    []sekisho.History
		// want is the lines of the layers; nil when nothing may be said.
		want  []int
		base  int
		found bool // the file was found, not given
	}{
		{
			name: "classic builder", file: "1 FROM debian:12\n2 RUN apt-get update\n3 COPY a /b\n4 CMD [\"x\", \"y\"]",
			history: with("/bin/sh -c apt-get update", nop("COPY file:11 in /b "), "-"+nop(` CMD ["x" "y"]`)), want: []int{0, 2, 3}, base: 1,
		},
		{
			name: "BuildKit", file: "1 FROM debian:12\n2 RUN apt-get update\n3 COPY a /b\n4 CMD [\"x\", \"y\"]",
			history: with("RUN /bin/sh -c apt-get update # buildkit", "COPY a /b # buildkit", `-CMD ["x" "y"]`), want: []int{0, 2, 3}, base: 1,
		},
		{
			name: "kaniko", file: "1 FROM debian:12\n2 RUN apt-get update\n3 COPY a /b",
			history: with("RUN apt-get update", "COPY a /b"), want: []int{0, 2, 3}, base: 1,
		},
		{
			name: "arguments before the shell", file: "1 FROM debian:12\n2 ARG V=1\n3 RUN echo $V",
			history: with("-ARG V=2", "RUN |1 V=2 /bin/sh -c echo $V # buildkit"), want: []int{0, 3}, base: 1,
		},
		{
			name: "ARG that is not in the history", file: "1 FROM debian:12\n2 ARG V=1\n3 RUN echo $V",
			history: with("/bin/sh -c echo $V"), want: []int{0, 3}, base: 1,
		},
		{name: "another ARG", file: "1 FROM debian:12\n2 ARG W\n3 RUN x", history: with("-ARG V", "/bin/sh -c x"), want: []int{0, 3}, base: 1},
		{name: "continuation and blanks", file: "1 FROM debian:12\n2 RUN a  &&     b", history: with("RUN /bin/sh -c a  && b # buildkit"), want: []int{0, 2}, base: 1},
		{
			name: "SHELL", file: "1 FROM debian:12\n2 SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\n3 RUN a | b",
			history: with("-SHELL [/bin/bash -o pipefail -c]", "RUN /bin/bash -o pipefail -c a | b # buildkit"), want: []int{0, 3}, base: 1,
		},
		{name: "exec form of RUN", file: "1 FROM debian:12\n2 RUN [\"/bin/a\", \"b\"]", history: with("RUN /bin/a b # buildkit"), want: []int{0, 2}, base: 1},
		{
			name: "variables in COPY, ENV and LABEL", file: "1 FROM debian:12\n2 ENV A=\"x y\" B=${V}\n3 LABEL v=\"$V\"\n4 COPY app-${V}.tar $DIR/",
			history: with("-ENV A=x y B=1.2", "-LABEL v=1.2", "COPY app-1.2.tar /srv/ # buildkit"), want: []int{0, 4}, base: 1,
		},
		{name: "old form of ENV", file: "1 FROM debian:12\n2 ENV A some value\n3 RUN x", history: with("-ENV A=some value", "RUN /bin/sh -c x # buildkit"), want: []int{0, 3}, base: 1},
		{
			name: "shell form of CMD", file: "1 FROM debian:12\n2 RUN x\n3 CMD echo \"hi\"",
			history: with("RUN /bin/sh -c x", `-CMD ["/bin/sh" "-c" "echo \"hi\""]`), want: []int{0, 2}, base: 1,
		},
		{
			name: "EXPOSE as a map, sorted", file: "1 FROM debian:12\n2 RUN x\n3 EXPOSE 8080/tcp 53/udp",
			history: with("RUN /bin/sh -c x", "-EXPOSE map[53/udp:{} 8080/tcp:{}]"), want: []int{0, 2}, base: 1,
		},
		{name: "relative WORKDIR", file: "1 FROM debian:12\n2 WORKDIR app\n3 RUN x", history: with("WORKDIR /srv/app", "RUN /bin/sh -c x"), want: []int{0, 2, 3}, base: 1},
		{name: "flags of COPY", file: "1 FROM debian:12\n2 COPY --from=build --chown=a:b /x /y", history: with("COPY --chown=a:b /x /y # buildkit"), want: []int{0, 2}, base: 1},
		{name: "several files of the classic builder", file: "1 FROM debian:12\n2 COPY a b ./dir/", history: with(nop("COPY multi:11 in ./dir/ ")), want: []int{0, 2}, base: 1},
		{
			name: "stage on a stage", file: "1 FROM debian:12 AS a\n2 RUN one\n3 FROM a\n4 RUN two",
			history: with("RUN /bin/sh -c one # buildkit", "RUN /bin/sh -c two # buildkit"), want: []int{0, 2, 4}, base: 1,
		},
		{
			name: "a target that is not the last", file: "1 FROM debian:12 AS a\n2 RUN one\n3 FROM a AS b\n4 RUN two\n5 FROM a\n6 RUN three",
			history: with("RUN /bin/sh -c one # buildkit", "RUN /bin/sh -c two # buildkit"), want: []int{0, 2, 4}, base: 1,
		},
		{
			name: "scratch", file: "1 FROM golang:1 AS b\n2 RUN build\n3 FROM scratch\n4 COPY --from=b /app /app\n5 ENTRYPOINT [\"/app\"]",
			history: history("COPY /app /app # buildkit", `-ENTRYPOINT ["/app"]`), want: []int{4}, base: 0,
		},
		{name: "labels of the command line", file: "1 FROM debian:12\n2 RUN x", history: with("RUN /bin/sh -c x", "-LABEL rev=1"), want: []int{0, 2}, base: 1},
		{
			name: "ONBUILD of the base", file: "1 FROM node:onbuild\n2 RUN x",
			history: with("-"+nop("ONBUILD COPY . /app"), "-"+nop("ONBUILD RUN npm ci"), nop("COPY dir:11 in /app "), "/bin/sh -c npm ci", "/bin/sh -c x"), want: []int{0, 1, 1, 2}, base: 1,
		},
		{
			name: "one layer of all steps (buildah)", file: "1 FROM debian:12\n2 RUN a\n3 COPY b /b\n4 RUN c",
			history: with("-/bin/sh -c a", "-"+nop("COPY file:11 in /b "), "/bin/sh -c c"), want: []int{0, 0}, base: 1,
		},
		{
			name: "the last instruction took the layer", file: "1 FROM debian:12\n2 COPY b /b\n3 CMD [\"x\"]",
			history: with("-"+nop("COPY file:11 in /b "), nop(`CMD ["x"]`)), want: []int{0, 0}, base: 1,
		},
		{name: "base without a history", file: "1 FROM imported\n2 RUN x", history: history("RUN /bin/sh -c x # buildkit"), want: []int{0, 0, 2}, base: 2},
		{name: "found beside, and fits", file: "1 FROM debian:12\n2 RUN x", history: with("RUN /bin/sh -c x"), want: []int{0, 2}, base: 1, found: true},

		{name: "found beside, and nothing but a command fits", file: "1 FROM debian:12\n2 CMD [\"bash\"]", history: with(), found: true},
		{name: "another command", file: "1 FROM debian:12\n2 RUN x", history: with("/bin/sh -c y")},
		{name: "a command that ends alike", file: "1 FROM debian:12\n2 RUN make", history: with("/bin/sh -c cmake; make")},
		{name: "a command behind a path", file: "1 FROM debian:12\n2 RUN make", history: with("/bin/sh -c cd /x make")},
		{name: "another destination", file: "1 FROM debian:12\n2 COPY a /b", history: with(nop("COPY file:11 in /c "))},
		{name: "another source", file: "1 FROM debian:12\n2 COPY a /b", history: with("COPY c /b # buildkit")},
		{name: "another order", file: "1 FROM debian:12\n2 RUN x\n3 RUN y", history: with("/bin/sh -c y", "/bin/sh -c x")},
		{name: "a step too many", file: "1 FROM debian:12\n2 RUN w\n3 RUN x\n4 RUN y", history: with("/bin/sh -c x", "/bin/sh -c y")},
		{name: "changed in the middle", file: "1 FROM debian:12\n2 RUN x\n3 RUN new\n4 RUN y", history: with("/bin/sh -c x", "/bin/sh -c old", "/bin/sh -c y")},
		{name: "scratch with something below", file: "1 FROM scratch\n2 COPY a /a", history: with("COPY a /a # buildkit")},
		{name: "two stages that look alike", file: "1 FROM debian:12 AS a\n2 RUN x\n3 FROM alpine AS b\n4 RUN x", history: with("RUN /bin/sh -c x")},
		{name: "FROM alone", file: "1 FROM debian:12", history: with()},
		{name: "another keyword", file: "1 FROM debian:12\n2 ADD a /b", history: with("COPY a /b # buildkit")},
		{name: "history that does not account for the layers", file: "1 FROM debian:12\n2 RUN x", history: with("-RUN /bin/sh -c y", "RUN /bin/sh -c x")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := file(t, tt.file)
			b.Given = !tt.found
			layers := filled(tt.history)
			if len(tt.want) > 0 {
				layers = len(tt.want)
			}
			if strings.Contains(tt.name, "account") {
				layers = 5
			}
			f := align(b, tt.history, layers)
			if f == nil {
				if tt.want != nil {
					t.Fatal("it does not fit")
				}
				return
			}
			if tt.want == nil {
				t.Fatalf("it fits: %v", f.lines(layers))
			}
			if d := cmp.Diff(tt.want, f.lines(layers)); d != "" {
				t.Errorf("lines (-want +got):\n%s", d)
			}
			if f.base != tt.base {
				t.Errorf("the base has %d layers, want %d", f.base, tt.base)
			}
		})
	}
}

// The target that was asked for decides between stages that look alike.
func TestAlignTarget(t *testing.T) {
	b := file(t, "1 FROM debian:12 AS a\n2 RUN x\n3 FROM debian:12 AS b\n4 RUN x")
	b.Target = "a"
	f := align(b, history("ADD rootfs.tar /", "RUN /bin/sh -c x"), 2)
	if f == nil || f.lines(2)[1] != 2 {
		t.Fatalf("got %+v", f)
	}
}

// A build that is longer than any real one fits within the bounds.
func TestAlignLong(t *testing.T) {
	const n = 5000
	b := &Build{Given: true, Stages: []Stage{{From: "debian:12", Known: true, Parent: -1, Line: 1}}}
	h := history("ADD rootfs.tar /")
	for i := range n {
		text := fmt.Sprintf("echo %d %s", i, strings.Repeat("x", 200))
		b.Stages[0].Steps = append(b.Stages[0].Steps, Step{Keyword: "RUN", Line: i + 2, Texts: []string{text}})
		h = append(h, sekisho.History{CreatedBy: "/bin/sh -c " + text})
	}
	f := align(b, h, n+1)
	if f == nil || f.steps != n {
		t.Fatal("it does not fit")
	}
}

// Many stages on a long one must not cost their number times its length.
func TestAlignBudget(t *testing.T) {
	long := strings.Repeat("x ", 2<<20)
	b := &Build{Given: true, Stages: []Stage{{Name: "s0", From: "debian:12", Known: true, Parent: -1, Line: 1, Steps: []Step{{Keyword: "RUN", Line: 2, Texts: []string{long}}}}}}
	for i := range 150 {
		b.Stages = append(b.Stages, Stage{Name: fmt.Sprint("s", i+1), From: "s0", Known: true, Parent: 0, Line: i + 3})
	}
	if f := align(b, history("ADD rootfs.tar /", "/bin/sh -c "+long), 2); f != nil {
		t.Error("it compared all of it")
	}
}

func BenchmarkAlign(b *testing.B) {
	for _, n := range []int{50, 500, 5000} {
		build := &Build{Given: true, Stages: []Stage{{From: "debian:12", Known: true, Parent: -1}}}
		h := history("ADD rootfs.tar /")
		for i := range n {
			text := fmt.Sprintf("apt-get install -y package-%d && rm -rf /var/lib/apt/lists/*", i)
			build.Stages[0].Steps = append(build.Stages[0].Steps, Step{Keyword: "RUN", Line: i + 2, Texts: []string{text}})
			h = append(h, sekisho.History{CreatedBy: "/bin/sh -c " + text})
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if align(build, h, n+1) == nil {
					b.Fatal("it does not fit")
				}
			}
		})
	}
}

func FuzzAlign(f *testing.F) {
	f.Add("RUN", "echo $V", "|1 V=1 /bin/sh -c echo $V")
	f.Add("COPY", "--from=a b ${C:-d}/", "/bin/sh -c #(nop) COPY multi:00 in d/ ")
	f.Add("ENV", `A "x\" y"`, "ENV A=x y")
	f.Add("ARG", `A="b c" D`, "ARG A=b D")
	f.Add("WORKDIR", "$A/../b", "WORKDIR /b")
	f.Add("EXPOSE", "80", "EXPOSE map[80/tcp:{}]")
	f.Fuzz(func(t *testing.T, keyword, text, createdBy string) {
		b := &Build{Given: true, Stages: []Stage{{From: "debian:12", Known: true, Parent: -1, Line: 1, Steps: []Step{{Keyword: keyword, Line: 2, Texts: []string{text}}}}}}
		h := []sekisho.History{{CreatedBy: "ADD rootfs.tar /"}, {CreatedBy: createdBy}}
		fit := align(b, h, 2)
		if fit == nil {
			return
		}
		if got := fit.lines(2); got[0] != 0 || got[1] != 0 && got[1] != 2 {
			t.Fatalf("lines %v", got)
		}
	})
}
