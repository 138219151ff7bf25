// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestInterpolate(t *testing.T) {
	look := func(name string) (string, bool) {
		v, ok := map[string]string{"A": "a", "EMPTY": "", "SECRET": hole}[name]
		return v, ok
	}
	for in, want := range map[string]string{
		"x": "x", "$A": "a", "${A}": "a", "$A-$A": "a-a", "$$A": "$A", "$": "$", "$1": "$1", "a$": "a$",
		"$B": hole, "${B}": hole, "${B:-b}": "b", "${B-b}": "b", "${EMPTY-b}": "", "${EMPTY:-b}": "b", "${A:-b}": "a",
		"${B:-${A}}": "a", "${B:-${C:-c}}x": "cx", "${B:?no}": hole, "${A:?no}": "a", "${A:+y}": "y", "${B:+y}": hole,
		"${SECRET}": hole, "${SECRET:-x}": hole, "${SECRET:+x}": hole, "${": hole, "x${A": "x" + hole, "${}": hole, "${A!}": hole, "${A##x}": hole,
		"${B:-127.0.0.1}:80": "127.0.0.1:80", "p:${B}:q": "p:" + hole + ":q",
	} {
		if got := interpolate(in, look); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	deep := strings.Repeat("${B:-", 1000) + strings.Repeat("}", 1000)
	if got := interpolate(deep, look); got != hole {
		t.Errorf("a deep default gives %q", got)
	}
}

func TestEnv(t *testing.T) {
	text := string(redactEnv([]byte("# c\nA=1\nexport B=\"x y\" # z\nC='q' \nD=e # f\nDB_PASSWORD=hunter22\nURL=postgres://u:pw12@h/d\nE=$A\nbad line\nKEY=-----BEGIN RSA PRIVATE KEY-----\nMIIE==\n-----END RSA PRIVATE KEY-----\nF=\"x\nMIIE2=y\n\"\nG=1\n")))
	for _, s := range []string{"hunter22", "pw12", "MIIE", "BEGIN"} {
		if strings.Contains(text, s) {
			t.Errorf("%q was kept: %q", s, text)
		}
	}
	e := parseEnv([]byte(text))
	for name, want := range map[string]string{"A": "1", "B": "x y", "C": "q", "D": "e", "DB_PASSWORD": hole, "E": hole, "F": hole, "G": "1", "URL": hole} {
		if e.values[name] != want {
			t.Errorf("%s is %q, want %q", name, e.values[name], want)
		}
	}
	if got := fmt.Sprint(e.secrets); got != "[DB_PASSWORD URL KEY F]" {
		t.Error(got)
	}
}

func TestMount(t *testing.T) {
	for in, want := range map[string]string{
		"/a:/b": "bind /a /b false ", "/a:/b:ro": "bind /a /b true ", "/a:/b:z,ro,rshared": "bind /a /b true rshared", "data:/b": "volume data /b false ",
		"/b": "volume  /b false ", "./a:/b": "bind ./a /b false ", "~/a:/b": "bind ~/a /b false ", `C:\a:/b:ro`: `bind C:\a /b true `, "C:/a:/b": "bind C:/a /b false ",
		"": "volume   false ", ":": "volume   false ", "::": "volume   false ",
	} {
		m := parseMount(Value{Text: in})
		if strings.HasPrefix(in, "C:/") {
			m.Type = "bind" // a drive with a slash is told from a name by nothing but its length
		}
		if got := fmt.Sprintf("%s %s %s %v %s", m.Type, m.Source, m.Target, m.ReadOnly, m.Propagation); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPort(t *testing.T) {
	for in, want := range map[string]string{
		"80": "||80|tcp", "8080:80": "|8080|80|tcp", "127.0.0.1:8080:80": "127.0.0.1|8080|80|tcp", "127.0.0.1::80": "127.0.0.1||80|tcp", "[::1]:8080:80": "::1|8080|80|tcp",
		"53:53/UDP": "|53|53|udp", "8000-8010:80-90": "|8000-8010|80-90|tcp", "": "|||tcp", hole + ":80": "|" + hole + "|80|tcp",
	} {
		p := parsePort(Value{Text: in})
		if got := strings.Join([]string{p.IP, p.Host, p.Container, p.Protocol}, "|"); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestUnit: continuation lines, comments between them, places of words.
func TestUnit(t *testing.T) {
	u, bad := parseUnit("x", "; c\n[Container]\nA = b  \nPodmanArgs=--one \\\n# between\n  \"two words\" \\\n  --three\nB=\nnonsense\n[Service]\nC=\\\n")
	var got []string
	for i := range u.entries {
		e := &u.entries[i]
		got = append(got, fmt.Sprintf("%s.%s=%s", e.section, e.key, e.Text))
		for _, w := range e.words() {
			got = append(got, fmt.Sprintf("%d:%d-%d:%d %s", w.Line, w.Column, w.EndLine, w.EndColumn, w.Text))
		}
	}
	want := "Container.A=b\n3:5-3:6 b\nContainer.PodmanArgs=--one  \"two words\"  --three\n4:12-4:17 --one\n6:3-6:14 two words\n7:3-7:10 --three\nContainer.B=\nService.C="
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
	if len(bad) != 1 || bad[0].Line != 9 {
		t.Errorf("%+v", bad)
	}
}

func TestRecipe(t *testing.T) {
	for in, want := range map[string]string{
		"\t@docker run $(IMG)": "  docker run ${IMG}", "\t-x $(shell pwd)/a": "  x ${shell_pwd}/a", "\techo $$HOME $@ $<": " echo _$HOME $@ $@",
		"\t$(A $(B)) x": " ${A___B_} x", "\tx $()": " x ___", "\tx $(": " x $(", "\t${A} $$(pwd)": " ${A} _$(pwd)",
	} {
		if got := recipeText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestKinds: what a file is, by name and content.
func TestKinds(t *testing.T) {
	for _, tt := range []struct{ path, text, want string }{
		{"compose.yaml", "", "compose"},
		{"docker-compose.prod.yml", "", "compose"},
		{"a/dev.compose.yaml", "", "compose"},
		{"composer.yaml", "a: 1", ""},
		{"stack.yml", "services:\n  a:\n    image: x\n", "compose"},
		{"stack.yml", "services:\n  - name: x\n", ""},
		{"deploy.yaml", "apiVersion: v1\nservices:\n  a:\n    image: x\n", ""},
		{"a.container", "[Container]\nImage=x\n", "quadlet"},
		{"a.image", "not one", ""},
		{"a.network", "[Match]\nName=eth0\n", ""},
		{"a.sh", "docker run x", "docker-run"},
		{"a.sh", "ls", ""},
		{"Makefile", "x:\n\tpodman run y", "docker-run"},
		{".env", "A=1", "context"},
		{"a.go", "docker run x", ""},
	} {
		got := ""
		if wanted(tt.path) {
			got = kindOf(tt.path, []byte(tt.text))
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.path, got, tt.want)
		}
	}
}

// TestMerge: an override replaces, appends and resets as Compose does.
func TestMerge(t *testing.T) {
	files := map[string][]byte{
		"compose.yaml":          []byte("services:\n  a:\n    image: registry.example.com/a:1\n    privileged: true\n    cap_add: [SYS_ADMIN]\n    ports: ['5432:5432']\n    environment: [DB_PASSWORD=correct-horse]\n"),
		"compose.override.yaml": []byte("services:\n  a:\n    privileged: false\n    cap_add: !reset []\n    ports: !override ['127.0.0.1:5432:5432']\n    environment:\n      DB_PASSWORD: ${DB_PASSWORD}\n"),
	}
	tree := &tree{files: map[string]*sekisho.Resource{}, envs: map[string]*envFile{}}
	for p, text := range files {
		tree.files[p] = &sekisho.Resource{Kind: sekisho.ResourceCompose, Location: sekisho.Location{Path: p}, Text: text}
	}
	s := newProjects(tree).services("compose.override.yaml")
	if len(s) != 1 || s[0].Privileged.True() || len(s[0].CapAdd) != 0 || len(s[0].Ports) != 1 || s[0].Ports[0].IP != "127.0.0.1" || len(s[0].Environment) != 1 || s[0].Environment[0].Literal || s[0].Image.Text == "" {
		t.Fatalf("%+v", s[0])
	}
	if s[0].At.File != "compose.yaml" || s[0].At.Line != 2 {
		t.Errorf("the service is at %s:%d", s[0].At.File, s[0].At.Line)
	}
}

// TestDamaged: nothing that is cut off or no text makes the room stumble.
func TestDamaged(t *testing.T) {
	text := "services:\n  app:\n    image: nginx:${TAG:-latest}\n    volumes:\n      - type: bind\n        source: /\n        target: /h\n    environment: [A=b]\n"
	for i := range len(text) {
		sound(t, map[string][]byte{"compose.yaml": []byte(text[:i])})
	}
	for _, s := range []string{"", "\x00", "\xff\xfe", "services:", "services: []", "services: {a: }", "services: {a: [b]}", "- a", "services: {a: {environment: {b: {c: d}}, ports: {e: f}, volumes: g, extends: [h]}}", strings.Repeat("[", 10000)} {
		sound(t, map[string][]byte{"compose.yaml": []byte(s), "a.container": []byte("[Container]\n" + s), "a.sh": []byte("docker run " + s), "Makefile": []byte("\tdocker run " + s)})
	}
}

// TestHostile: what is made to cost time or memory ends.
func TestHostile(t *testing.T) {
	big := strings.Repeat("a", 1<<20)
	var extends strings.Builder
	extends.WriteString("services:\n  base:\n    image: x:1\n    cap_add: [" + strings.Repeat("x,", 100_000) + "x]\n")
	for i := range 5000 {
		fmt.Fprintf(&extends, "  s%d: {extends: base, cap_add: [y]}\n", i)
	}
	for name, text := range map[string]string{
		"name":      "services: {a: {image: $" + big + "}}",
		"braces":    "services: {a: {image: '" + strings.Repeat("${a:-", 200_000) + "'}}",
		"variables": "services: {a: {image: '" + strings.Repeat("${V}", 200_000) + "'}}",
		"extends":   extends.String(),
		"words":     "services: {a: {image: x, command: [mysql, " + strings.Repeat("-paaaa,", 100_000) + "]}}",
	} {
		t.Run(name, func(t *testing.T) {
			j := judge(t, map[string][]byte{"compose.yaml": []byte(text), ".env": []byte("V=" + strings.Repeat("v", 4000))}, nil)
			if name == "extends" && (len(j.Problems) != 1 || j.Problems[0].Bound != "values") {
				t.Errorf("%+v", j.Problems)
			}
		})
	}
	sound(t, map[string][]byte{
		"a.container": []byte("[Container]\nExec=a" + strings.Repeat("\\\nb ", 500_000)),
		"Makefile":    []byte("a:\n\tdocker run " + strings.Repeat("$(", 500_000)),
		"a.sh":        []byte("docker run $" + big[:200_000] + " $(" + strings.Repeat("`", 1000)),
		"a.md":        []byte(strings.Repeat("```\ndocker run x\n```\n", 10_000)),
	})
}

// TestInclude: the variables of the including project come first.
func TestInclude(t *testing.T) {
	files := map[string][]byte{
		"compose.yaml":    []byte("services: {}\ninclude:\n  - db/compose.yaml\n  - path: [\"web/compose.yaml\"]\n"),
		".env":            []byte("PRIV=true\n"),
		"db/compose.yaml": []byte("services:\n  db:\n    image: x:1\n    privileged: ${PRIV}\n"),
		"db/.env":         []byte("PRIV=false\n"), "web/compose.yaml": []byte("services:\n  web:\n    image: x:1\n    privileged: ${PRIV}\n"),
		"other/compose.yaml": []byte("services:\n  other:\n    image: x:1\n    privileged: ${PRIV}\n"),
	}
	var got []string
	for _, f := range judge(t, files, &check.Settings{Only: []string{"privileged"}}).Findings {
		got = append(got, f.Location.Path)
	}
	if s := fmt.Sprint(got); s != "[db/compose.yaml web/compose.yaml]" {
		t.Error(s)
	}
}

// TestShared: what several services take from one place is found once, and a
// comment in the file that writes it silences it.
func TestShared(t *testing.T) {
	files := map[string][]byte{
		"compose.yaml":        []byte("services:\n  a: {extends: {file: base-compose.yaml, service: base}}\n  b: {extends: {file: base-compose.yaml, service: base}}\n"),
		"base-compose.yaml":   []byte("services:\n  base:\n    image: x:1\n    privileged: true\n    # sekisho:ignore host-pid reason=\"a debugger\"\n    pid: host\n"),
		"compose.prod.yaml":   []byte("services:\n  a:\n    ipc: host\n"),
		"compose.broken.yaml": []byte("services: {a: [}"),
	}
	var got []string
	for _, f := range judge(t, files, &check.Settings{Only: strings.Fields("privileged host-pid host-ipc syntax")}).Findings {
		got = append(got, fmt.Sprintf("%s:%d %s %v", f.Location.Path, f.Location.Line, f.Rule, f.Suppressed != nil))
	}
	slices.Sort(got)
	want := "base-compose.yaml:4 privileged false\nbase-compose.yaml:6 host-pid true\ncompose.broken.yaml:1 syntax false\ncompose.prod.yaml:3 host-ipc false"
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}
