// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestBaseUserIsAsked(t *testing.T) {
	asked := []string{}
	s := &check.Settings{Only: []string{"run-as-root", "no-user"}, BaseUser: func(_ context.Context, ref string) (string, bool) {
		asked = append(asked, ref)
		switch ref {
		case "example.com/root:1":
			return "", true
		case "example.com/zero:1":
			return "0:0", true
		case "example.com/app:1", "debian:own":
			return "app", true
		}
		return "", false
	}}
	for base, want := range map[string]string{
		"example.com/root:1": "1 run-as-root medium", "example.com/zero:1": "1 run-as-root medium", "example.com/app:1": "", "example.com/other:1": "1 no-user low",
		// What the image says counts more than what its name says.
		"debian:own": "", "debian:12": "1 run-as-root medium",
	} {
		got := found(t, map[string]string{"Dockerfile": "FROM " + base + "\nCMD [\"app\"]\n"}, s)
		if strings.Join(got, "\n") != want {
			t.Errorf("%s: %q, want %q", base, got, want)
		}
	}
	before := len(asked)
	found(t, map[string]string{"Dockerfile": "FROM debian:12\nUSER 1\n", "a.Dockerfile": "ARG X\nFROM $X\nCMD a\n", "b.Dockerfile": "FROM scratch\nCMD a\n"}, s)
	if len(asked) != before {
		t.Errorf("asked for %q, where the answer changes nothing", asked[before:])
	}
}

// Whoever reads one file knows nothing of the files beside it.
func TestAloneClaimsNothingOfItsNeighbours(t *testing.T) {
	const text = "FROM debian:12\nCOPY . /app\nUSER 1\n"
	for source, want := range map[string]int{"file": 0, "repo": 1} {
		inv := sekisho.Inventory{
			Target:    sekisho.Target{Source: source},
			Resources: []sekisho.Resource{{Kind: sekisho.ResourceDockerfile, Location: sekisho.Location{Path: "Dockerfile"}, Text: []byte(text)}},
		}
		j, err := Checker(&check.Settings{Only: []string{"copy-all"}}).Check(t.Context(), &inv)
		if err != nil || len(j.Findings) != want {
			t.Errorf("%s: %v, %d findings, want %d", source, err, len(j.Findings), want)
		}
	}
}

func TestShellCheckIsBounded(t *testing.T) {
	text := "FROM debian:12\n" + strings.Repeat("RUN true\n", maxChecked+5)
	boom := errors.New("boom")
	for name, fail := range map[string]error{"works": nil, "fails": boom} {
		s := &check.Settings{Only: []string{"shellcheck"}, Shell: func(context.Context, string, string, map[string]bool) ([]check.ShellMistake, error) {
			return []check.ShellMistake{{Code: "SC1000", Line: 99, Column: 99, EndLine: 200, EndColumn: 1}}, fail
		}}
		j := judge(t, map[string][]byte{"Dockerfile": []byte(text)}, s)
		if len(j.Problems) != 1 || len(j.Findings) != maxChecked {
			t.Errorf("%s: %d problems, %d findings", name, len(j.Problems), len(j.Findings))
		}
	}
}

// What the program costs: one start for each RUN.
func BenchmarkShellCheck(b *testing.B) {
	program, err := exec.LookPath("shellcheck")
	if err != nil {
		b.Skip("shellcheck is not installed")
	}
	text, err := os.ReadFile(practice)
	if err != nil {
		b.Fatal(err)
	}
	var files [][]byte
	for part := range bytes.SplitSeq(text, []byte("\n-- ")) {
		if _, body, ok := bytes.Cut(part, []byte(" --\n")); ok && fromLine.Match(body) {
			files = append(files, body)
		}
	}
	ask := func(ctx context.Context, script, dialect string, known map[string]bool) ([]check.ShellMistake, error) {
		d, _ := shell.DialectOf(dialect)
		_, err := shell.External(ctx, program, script, d, known)
		return nil, err
	}
	for name, s := range map[string]*check.Settings{"off": {}, "on": {Shell: ask}} {
		b.Run(name, func(b *testing.B) {
			began := time.Now()
			for range b.N {
				for _, f := range slices.Repeat(files, 100/len(files)+1)[:100] {
					judge(b, map[string][]byte{"Dockerfile": f}, s)
				}
			}
			b.ReportMetric(time.Since(began).Seconds()/float64(b.N), "s/100files")
		})
	}
}
