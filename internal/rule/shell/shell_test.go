// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// show is a command in one line.
func show(c *Command) string {
	var b strings.Builder
	for _, v := range c.Via {
		b.WriteString(v + ":")
	}
	for _, a := range c.Assigns {
		b.WriteString("[" + a.Name + "=")
		if a.Value != nil {
			b.WriteString(a.Value.Text)
		}
		b.WriteString("]")
	}
	b.WriteString(c.Name)
	for _, a := range c.Args {
		if a.Known {
			b.WriteString(" " + a.Text)
		} else {
			b.WriteString(" ?" + a.Text)
		}
	}
	for _, r := range c.Redirects {
		b.WriteString(" " + r.FD + r.Op + r.Target.Text)
	}
	return fmt.Sprintf("%d:%d-%d:%d %s", c.Line, c.Column, c.EndLine, c.EndColumn, b.String())
}

func TestCommands(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"apt-get update && apt-get install -y curl", "1:1-1:15 apt-get update|1:19-1:42 apt-get install -y curl"},
		{"DEBIAN_FRONTEND=noninteractive /usr/bin/apt-get \\\n  install 'a b' \"c$V\"", "1:1-2:22 [DEBIAN_FRONTEND=noninteractive]apt-get install a b ?c$V"},
		{"if ! test -f x; then (cd y; make); fi", "1:6-1:15 test -f x|1:23-1:27 cd y|1:29-1:33 make"},
		{"echo $(id -u `hostname`)", "1:1-1:25 echo ?$(id -u `hostname`)|1:8-1:24 id -u ?`hostname`|1:15-1:23 hostname"},
		{"sudo -E -u bob FOO=1 apt-get install x", "1:1-1:39 sudo -E -u bob FOO=1 apt-get install x|1:22-1:39 sudo:[FOO=1]apt-get install x"},
		{"env -u A B=$C timeout -s KILL 5 curl x", "1:1-1:39 env -u A ?B=$C timeout -s KILL 5 curl x|1:15-1:39 env:[B=$C]timeout -s KILL 5 curl x|1:33-1:39 env:timeout:curl x"},
		{"find . | xargs -0 -n 1 rm -f", "1:1-1:7 find .|1:10-1:29 xargs -0 -n 1 rm -f|1:24-1:29 xargs:rm -f"},
		{"command -v curl", "1:1-1:16 command -v curl"},
		{"sh -c 'cd x &&\n make'", "1:1-2:7 sh -c cd x &&\n make|1:8-1:12 sh:cd x|2:2-2:6 sh:make"},
		{"bash -euxo pipefail -c \"echo \\\"a\\\"; ls\"", "1:1-1:40 bash -euxo pipefail -c echo \"a\"; ls|1:24-1:40 bash:echo a|1:24-1:40 bash:ls"},
		{"sudo sh -c \"bash -c 'ls'\"", "1:1-1:26 sudo sh -c bash -c 'ls'|1:6-1:26 sudo:sh -c bash -c 'ls'|1:13-1:25 sudo:sh:bash -c ls|1:22-1:24 sudo:sh:bash:ls"},
		{"export A=1 B; local x=$(ls)", "1:1-1:13 [A=1][B=]export|1:15-1:28 [x=$(ls)]local|1:25-1:27 ls"},
		{"cat <<EOF >x 2>&1\n$(ls) a\nEOF\n", "1:1-1:4 cat <<EOF >x 2>&1|2:3-2:5 ls"},
		{"for i in $(a); do b \"$i\"; done; while c; do d; done; case $(e) in x) f;; esac; g() { h; }", "1:12-1:13 a|1:19-1:25 b ?$i|1:39-1:40 c|1:45-1:46 d|1:61-1:62 e|1:70-1:71 f|1:86-1:87 h"},
		{"[[ $(a) == b ]] && (( $(c) ))", "1:6-1:7 a|1:25-1:26 c"},
		{"x=$'a\\tb' y=a\\ b", "1:1-1:17 [x=a\tb][y=a b]"},
		{"rm -rf /var/{a,b}/*", "1:1-1:20 rm -rf /var/a/* /var/b/*"},
		{"! a | b & c", "1:3-1:4 a|1:7-1:8 b|1:11-1:12 c"},
		{"su - bob -c 'make x'", "1:1-1:21 su - bob -c make x|1:14-1:20 su:make x"},
		{"eval \"ls $X\"", "1:1-1:13 eval ?ls $X|1:7-1:12 eval:ls ?$X"},
		{"\"$X\" a", "1:1-1:7  a"},
	} {
		s, err := Parse(tt.text, Bash)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		var got []string
		for i := range s.Commands {
			got = append(got, show(&s.Commands[i]))
		}
		if g := strings.Join(got, "|"); g != tt.want {
			t.Errorf("%q:\n got %q\nwant %q", tt.text, g, tt.want)
		}
	}
}

func TestChains(t *testing.T) {
	s, err := Parse("a && b | c || d; e &\nif f && g; then ! h; fi", POSIX)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	lists := map[int]bool{}
	for i := range s.Commands {
		c := &s.Commands[i]
		lists[c.Chain.List] = true
		got = append(got, fmt.Sprintf("%s%s %d %d/%d %v%v%v%v", c.Chain.Op, c.Name, c.Chain.Index, c.Pipe.Index, c.Pipe.Length, c.Condition, c.Branch, c.Negated, c.Background))
	}
	want := "a 0 0/1 falsefalsefalsefalse|&&b 1 0/2 falsefalsefalsefalse|&&c 1 1/2 falsefalsefalsefalse|||d 2 0/1 falsefalsefalsefalse|;e 0 0/1 falsefalsefalsetrue|" +
		"f 0 0/1 truefalsefalsefalse|&&g 1 0/1 truefalsefalsefalse|h 0 0/1 falsetruetruefalse"
	if g := strings.Join(got, "|"); g != want {
		t.Errorf("\n got %s\nwant %s", g, want)
	}
	if len(lists) != 4 {
		t.Errorf("%d lists", len(lists))
	}
}

func TestOptions(t *testing.T) {
	s, err := Parse("apt-get -qyo Dpkg::x=y install -t sid --no-install-recommends --target-release=z -- -a b", POSIX)
	if err != nil {
		t.Fatal(err)
	}
	c := &s.Commands[0]
	if !c.Has("-y", "--yes") || !c.Has("--no-install-recommends") || c.Has("-D") || c.Has("-a") || !c.Is("apt-get", "install") || c.Is("apt-get", "update") {
		t.Error("options")
	}
	var ops, values []string
	for _, w := range c.Operands() {
		ops = append(ops, w.Text)
	}
	for _, w := range c.Values("-t", "--target-release") {
		values = append(values, w.Text)
	}
	if strings.Join(ops, " ") != "install -a b" || strings.Join(values, " ") != "sid z" {
		t.Error(ops, values)
	}
	if v, ok := c.Value("-o"); !ok || v.Text != "Dpkg::x=y" || v.Column != 14 {
		t.Errorf("%+v", v)
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{strings.Repeat("(", maxOpen+1), strings.Repeat("a", maxBytes+1), strings.Repeat("if ", 30000)} {
		if _, err := Parse(text, POSIX); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%.10s: %v", text, err)
		}
	}
	for text, line := range map[string]int{"a\nif x; then": 2, "a && \n": 1, "echo 'x": 1, "a\n\n)": 3} {
		_, err := Parse(text, POSIX)
		var se *SyntaxError
		if !errors.As(err, &se) || se.Line != line {
			t.Errorf("%q: %v", text, err)
		}
	}
}
