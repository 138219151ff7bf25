// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/semver"
)

// langOracle answers by the ecosystem's own tool, one process for many questions. A
// question that it does not know yet is noted and answered by 0, so one asks
// until nothing is pending.
type langOracle struct {
	answers map[langQuestion]int
	pending map[langQuestion]bool
	run     func(t *testing.T, questions []langQuestion) []string
	asked   int
	// dash is what the tool writes for "-" in a version.
	dash string
	// otherwise holds what Composer would say otherwise than the order alone.
	otherwise map[string]bool
}

// langQuestion is "compare a with b", or "does a fit the requirement b".
type langQuestion struct {
	kind byte // 'c' or 's'
	a, b string
}

// langUnknown is the answer where one side is no version.
const langUnknown = 99

func (o *langOracle) ask(kind byte, a, b string) int {
	q := langQuestion{kind, a, b}
	if n, ok := o.answers[q]; ok {
		return n
	}
	o.pending[q] = true
	return 0
}

// settle has f ask until all answers are known.
func (o *langOracle) settle(t *testing.T, f func()) {
	t.Helper()
	o.pending = map[langQuestion]bool{}
	if o.answers == nil {
		o.answers = map[langQuestion]int{}
	}
	for range 50 {
		o.otherwise = map[string]bool{}
		f()
		if len(o.pending) == 0 {
			return
		}
		var list []langQuestion
		for q := range o.pending {
			list = append(list, q)
		}
		slices.SortFunc(list, func(a, b langQuestion) int {
			return strings.Compare(string(a.kind)+a.a+"\t"+a.b, string(b.kind)+b.a+"\t"+b.b)
		})
		words := o.run(t, list)
		if len(words) != len(list) {
			t.Fatalf("the tool gave %d answers to %d questions", len(words), len(list))
		}
		for i, w := range words {
			n, ok := map[string]int{"-1": -1, "0": 0, "1": 1}[w]
			if !ok {
				n = langUnknown
			}
			o.answers[list[i]] = n
		}
		o.asked += len(list)
		o.pending = map[langQuestion]bool{}
	}
	t.Fatal("questions without end")
}

// langPiped is an oracle that is a program: a line a question, a line an answer.
func langPiped(program string, args ...string) *langOracle {
	return &langOracle{run: func(t *testing.T, questions []langQuestion) []string {
		t.Helper()
		var in bytes.Buffer
		for _, q := range questions {
			in.WriteString(string(q.kind) + "\t" + langClean(q.a) + "\t" + langClean(q.b) + "\n")
		}
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Stdin = &in
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("run %s: %v", program, err)
		}
		return strings.Fields(string(out))
	}}
}

var langNumbers = regexp.MustCompile(`^([vV]?)(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)$`)

// langFull writes what authors mean for a semantic version as one: missing numbers
// are zeros ("1.2", "2.1-beta.5"), zeros that lead do not count ("19.03.0"), a
// fourth number is just above the third ("1.0.25.1"), and a word after a dot is a
// pre-release ("2.0.0.beta.9").
func langFull(s string) string {
	m := langNumbers.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+2])
	}
	rest := m[5]
	if strings.HasPrefix(rest, ".") && len(rest) > 1 {
		if rest[1] >= '0' && rest[1] <= '9' {
			n[2]++
			rest = "-0"
		} else {
			rest = "-" + rest[1:]
		}
	}
	return fmt.Sprintf("%s%d.%d.%d%s", m[1], n[0], n[1], n[2], rest)
}

func langClean(s string) string { return strings.NewReplacer("\t", " ", "\n", " ").Replace(s) }

// langGoOracle is the go command's own library. Releases of Go are written as its
// vulnerability database writes them.
func langGoOracle() *langOracle {
	release := regexp.MustCompile(`^(\d+\.\d+(?:\.\d+)?)(rc|beta)(\d+)$`)
	v := func(s string) string {
		if m := release.FindStringSubmatch(s); m != nil {
			s = m[1] + "-" + m[2] + "." + m[3]
		}
		return "v" + strings.TrimPrefix(langFull(s), "v")
	}
	return &langOracle{run: func(_ *testing.T, questions []langQuestion) []string {
		var out []string
		for _, q := range questions {
			a, b := v(q.a), v(q.b)
			if !semver.IsValid(a) || !semver.IsValid(b) {
				out = append(out, "?")
				continue
			}
			out = append(out, map[int]string{-1: "-1", 0: "0", 1: "1"}[semver.Compare(a, b)])
		}
		return out
	}}
}

func langPythonOracle(t *testing.T) *langOracle {
	t.Helper()
	for _, p := range []string{"/usr/bin/python3", "python3"} {
		if exec.CommandContext(t.Context(), p, "-c", "import packaging.version").Run() == nil {
			return langPiped(p, "-c", `
import sys
from packaging.version import Version, InvalidVersion
for line in sys.stdin:
    _, a, b = line.rstrip("\n").split("\t")
    try:
        a, b = Version(a), Version(b)
        print(-1 if a < b else 1 if a > b else 0)
    except InvalidVersion:
        print("?")`)
		}
	}
	need(t, "python3 with packaging is not installed (python3-packaging)")
	return nil
}

// langNodeOracle is npm's semver. Requirements are those of Cargo, where a bare
// version stands for a caret and a comma for "and"; a pre-release is a version
// like any other.
func langNodeOracle(t *testing.T) *langOracle {
	t.Helper()
	tool(t, "node")
	for _, module := range []string{"/usr/lib/node_modules/npm/node_modules/semver", "/usr/share/nodejs/semver"} {
		if exec.CommandContext(t.Context(), "node", "-e", "require(process.argv[1])", module).Run() == nil {
			o := langPiped("node", "-e", `
				const semver = require(process.argv[1]), out = []
				for (const line of require("fs").readFileSync(0, "utf8").split("\n").slice(0, -1)) {
					const [kind, a, b] = line.split("\t")
					try {
						if (kind === "c") out.push(semver.compare(a, b, true))
						else {
							const range = b.split(",").map(s => s.trim()).map(s => /^[0-9]/.test(s) ? "^" + s : s)
								.map(s => /^[<>]/.test(s) ? s + ".0".repeat(Math.max(0, 3 - s.split("-")[0].split(".").length)) : s).join(" ")
							out.push(semver.satisfies(a, new semver.Range(range, {includePrerelease: true}), {includePrerelease: true}) ? 1 : 0)
						}
					} catch { out.push("?") }
				}
				console.log(out.join("\n"))`, module)
			run := o.run
			o.run = func(t *testing.T, questions []langQuestion) []string {
				t.Helper()
				written := slices.Clone(questions)
				for i := range written {
					if written[i].kind == 'c' {
						written[i].a, written[i].b = langFull(written[i].a), langFull(written[i].b)
					}
				}
				return run(t, written)
			}
			return o
		}
	}
	need(t, "npm's semver is not installed (node-semver)")
	return nil
}

func langRubyOracle(t *testing.T) *langOracle {
	t.Helper()
	tool(t, "ruby")
	o := langPiped("ruby", "-e", `
		STDIN.each_line do |line|
			kind, a, b = line.chomp.split("\t", -1)
			begin
				raise "none" if a.strip.empty? || b.strip.empty?
				if kind == "c"
					puts Gem::Version.new(a) <=> Gem::Version.new(b)
				else
					puts Gem::Requirement.new(b.split(",").map(&:strip)).satisfied_by?(Gem::Version.new(a)) ? 1 : 0
				end
			rescue StandardError
				puts "?"
			end
		end`)
	o.dash = ".pre."
	return o
}

// langMavenOracle is Maven's own class, which compares each argument with the one
// before.
func langMavenOracle(t *testing.T) *langOracle {
	t.Helper()
	tool(t, "java")
	const artifact = "/usr/share/java/maven3-artifact.jar"
	if _, err := os.Stat(artifact); err != nil {
		need(t, "Maven's ComparableVersion is not installed (libmaven3-core-java)")
	}
	said := regexp.MustCompile(`(?m)^ +\S* (==|<|>) \S*$`)
	return &langOracle{run: func(t *testing.T, questions []langQuestion) []string {
		t.Helper()
		var langLines []string
		for chunk := range slices.Chunk(questions, 20000) {
			args := []string{"-XX:TieredStopAtLevel=1", "-cp", artifact + ":/usr/share/java/commons-lang3.jar", "org.apache.maven.artifact.versioning.ComparableVersion"}
			for _, q := range chunk {
				args = append(args, strings.ReplaceAll(langClean(q.a), " ", "_"), strings.ReplaceAll(langClean(q.b), " ", "_"))
			}
			out, err := exec.CommandContext(t.Context(), "java", args...).Output()
			if err != nil {
				t.Fatal(err)
			}
			found := said.FindAllSubmatch(out, -1)
			for i := 0; i < len(found); i += 2 {
				langLines = append(langLines, map[string]string{"==": "0", "<": "-1", ">": "1"}[string(found[i][1])])
			}
		}
		return langLines
	}}
}

// langComposerOracle is Composer's own parser and PHP's comparison.
func langComposerOracle(t *testing.T) *langOracle {
	t.Helper()
	tool(t, "php")
	const library = "/usr/share/php/Composer/Semver/autoload.php"
	if _, err := os.Stat(library); err != nil {
		need(t, "Composer's version parser is not installed (php-composer-semver)")
	}
	return langPiped("php", "-r", `
		require $argv[1];
		$p = new Composer\Semver\VersionParser();
		while (($line = fgets(STDIN)) !== false) {
			[$kind, $a, $b] = explode("\t", rtrim($line, "\n"));
			try {
				if ($kind === "c") {
					$a = $p->normalize($a); $b = $p->normalize($b);
					echo Composer\Semver\Comparator::lessThan($a, $b) ? -1 : (Composer\Semver\Comparator::greaterThan($a, $b) ? 1 : 0), "\n";
				} else {
					echo Composer\Semver\Semver::satisfies($a, $b) ? 1 : 0, "\n";
				}
			} catch (Throwable $e) { echo "?\n"; }
		}`, "--", library)
}

// langNugetOracle is written after NuGet's description of its versions, whose tool
// runs on Windows and .NET alone: up to four numbers, then dotted identifiers
// without regard to case, numbers below words; what follows "+" does not count.
func langNugetOracle() *langOracle {
	form := regexp.MustCompile(`^(\d+(?:\.\d+){0,3})(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$`)
	number := func(s string) (int, bool) {
		n, err := strconv.Atoi(s)
		return n, err == nil
	}
	compare := func(a, b []string) int {
		x, y := append(strings.Split(a[1], "."), "0", "0", "0"), append(strings.Split(b[1], "."), "0", "0", "0")
		for i := range 4 {
			n, _ := number(x[i])
			m, _ := number(y[i])
			if n != m {
				return cmp.Compare(n, m)
			}
		}
		if a[2] == "" || b[2] == "" { // a release is above its pre-releases
			return cmp.Compare(len(b[2]), len(a[2]))
		}
		x, y = strings.Split(strings.ToLower(a[2]), "."), strings.Split(strings.ToLower(b[2]), ".")
		for i := range min(len(x), len(y)) {
			n, isN := number(x[i])
			m, isM := number(y[i])
			switch {
			case x[i] == y[i]:
			case isN && isM:
				return cmp.Compare(n, m)
			case isN:
				return -1
			case isM:
				return 1
			default:
				return cmp.Compare(x[i], y[i])
			}
		}
		return cmp.Compare(len(x), len(y))
	}
	return &langOracle{run: func(_ *testing.T, questions []langQuestion) []string {
		var out []string
		for _, q := range questions {
			a, b := form.FindStringSubmatch(q.a), form.FindStringSubmatch(q.b)
			if a == nil || b == nil {
				out = append(out, "?")
				continue
			}
			out = append(out, strconv.Itoa(max(-1, min(1, compare(a, b)))))
		}
		return out
	}}
}
