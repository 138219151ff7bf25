// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/semver"
)

// oracle answers by the ecosystem's own tool, one process for many questions. A
// question that it does not know yet is noted and answered by 0, so one asks
// until nothing is pending.
type oracle struct {
	answers map[question]int
	pending map[question]bool
	run     func(t *testing.T, questions []question) []string
	asked   int
}

// question is "compare a with b", or "does a fit the requirement b".
type question struct {
	kind byte // 'c' or 's'
	a, b string
}

// unknown is the answer where one side is no version.
const unknown = 99

func (o *oracle) ask(kind byte, a, b string) int {
	q := question{kind, a, b}
	if n, ok := o.answers[q]; ok {
		return n
	}
	o.pending[q] = true
	return 0
}

// settle has f ask until all answers are known.
func (o *oracle) settle(t *testing.T, f func()) {
	t.Helper()
	o.pending = map[question]bool{}
	if o.answers == nil {
		o.answers = map[question]int{}
	}
	for range 50 {
		f()
		if len(o.pending) == 0 {
			return
		}
		var list []question
		for q := range o.pending {
			list = append(list, q)
		}
		slices.SortFunc(list, func(a, b question) int {
			return strings.Compare(string(a.kind)+a.a+"\t"+a.b, string(b.kind)+b.a+"\t"+b.b)
		})
		words := o.run(t, list)
		if len(words) != len(list) {
			t.Fatalf("the tool gave %d answers to %d questions", len(words), len(list))
		}
		for i, w := range words {
			n, ok := map[string]int{"-1": -1, "0": 0, "1": 1}[w]
			if !ok {
				n = unknown
			}
			o.answers[list[i]] = n
		}
		o.asked += len(list)
		o.pending = map[question]bool{}
	}
	t.Fatal("questions without end")
}

// piped is an oracle that is a program: a line a question, a line an answer.
func piped(program string, args ...string) *oracle {
	return &oracle{run: func(t *testing.T, questions []question) []string {
		t.Helper()
		var in bytes.Buffer
		for _, q := range questions {
			in.WriteString(string(q.kind) + "\t" + clean(q.a) + "\t" + clean(q.b) + "\n")
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

func clean(s string) string { return strings.NewReplacer("\t", " ", "\n", " ").Replace(s) }

// goOracle is the go command's own library. Releases of Go are written as its
// vulnerability database writes them.
func goOracle() *oracle {
	release := regexp.MustCompile(`^(\d+\.\d+(?:\.\d+)?)(rc|beta)(\d+)$`)
	v := func(s string) string {
		if m := release.FindStringSubmatch(s); m != nil {
			s = m[1] + ".0-" + m[2] + "." + m[3]
		}
		return "v" + strings.TrimPrefix(s, "v")
	}
	return &oracle{run: func(_ *testing.T, questions []question) []string {
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

func pythonOracle(t *testing.T) *oracle {
	t.Helper()
	for _, p := range []string{"/usr/bin/python3", "python3"} {
		if exec.CommandContext(t.Context(), p, "-c", "import packaging.version").Run() == nil {
			return piped(p, "-c", `
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

// nodeOracle is npm's semver. Requirements are those of Cargo, where a bare
// version stands for a caret and a comma for "and"; a pre-release is a version
// like any other.
func nodeOracle(t *testing.T) *oracle {
	t.Helper()
	tool(t, "node")
	for _, module := range []string{"/usr/share/nodejs/semver", "/usr/lib/node_modules/npm/node_modules/semver"} {
		if _, err := os.Stat(module); err == nil {
			return piped("node", "-e", `
				const semver = require(process.argv[1]), out = []
				for (const line of require("fs").readFileSync(0, "utf8").split("\n").slice(0, -1)) {
					const [kind, a, b] = line.split("\t")
					try {
						if (kind === "c") out.push(semver.compare(a, b, true))
						else {
							const range = b.split(",").map(s => s.trim()).map(s => /^[0-9]/.test(s) ? "^" + s : s).join(" ")
							out.push(semver.satisfies(a, new semver.Range(range, {includePrerelease: true}), {includePrerelease: true}) ? 1 : 0)
						}
					} catch { out.push("?") }
				}
				console.log(out.join("\n"))`, module)
		}
	}
	need(t, "npm's semver is not installed (node-semver)")
	return nil
}

func rubyOracle(t *testing.T) *oracle {
	t.Helper()
	tool(t, "ruby")
	return piped("ruby", "-e", `
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
}

// mavenOracle is Maven's own class, which compares each argument with the one
// before.
func mavenOracle(t *testing.T) *oracle {
	t.Helper()
	tool(t, "java")
	const artifact = "/usr/share/java/maven3-artifact.jar"
	if _, err := os.Stat(artifact); err != nil {
		need(t, "Maven's ComparableVersion is not installed (libmaven3-core-java)")
	}
	said := regexp.MustCompile(`(?m)^ +\S* (==|<|>) \S*$`)
	return &oracle{run: func(t *testing.T, questions []question) []string {
		t.Helper()
		var lines []string
		for chunk := range slices.Chunk(questions, 20000) {
			args := []string{"-XX:TieredStopAtLevel=1", "-cp", artifact + ":/usr/share/java/commons-lang3.jar", "org.apache.maven.artifact.versioning.ComparableVersion"}
			for _, q := range chunk {
				args = append(args, strings.ReplaceAll(clean(q.a), " ", "_"), strings.ReplaceAll(clean(q.b), " ", "_"))
			}
			out, err := exec.CommandContext(t.Context(), "java", args...).Output()
			if err != nil {
				t.Fatal(err)
			}
			found := said.FindAllSubmatch(out, -1)
			for i := 0; i < len(found); i += 2 {
				lines = append(lines, map[string]string{"==": "0", "<": "-1", ">": "1"}[string(found[i][1])])
			}
		}
		return lines
	}}
}

// composerOracle is Composer's own parser and PHP's comparison.
func composerOracle(t *testing.T) *oracle {
	t.Helper()
	tool(t, "php")
	const library = "/usr/share/php/Composer/Semver/autoload.php"
	if _, err := os.Stat(library); err != nil {
		need(t, "Composer's version parser is not installed (php-composer-semver)")
	}
	return piped("php", "-r", `
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
