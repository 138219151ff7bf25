// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/check/checktest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// judge extracts and judges the files of a tree, as a scan does.
func judge(t testing.TB, files map[string][]byte, s *check.Settings) sekisho.Judgement {
	t.Helper()
	j, err := Checker(s).Check(t.Context(), checktest.Extract(t, Extractors(), files))
	if err != nil {
		t.Fatal(err)
	}
	if len(j.Problems) > 0 {
		t.Fatalf("%+v", j.Problems)
	}
	return j
}

func TestRules(t *testing.T) {
	checktest.Run(t, Rules(), "testdata", func(t *testing.T, files map[string][]byte, s *check.Settings) sekisho.Judgement {
		t.Helper()
		return judge(t, files, s)
	})
}

// Places are exact in literal blocks and on single lines.
func TestPlaces(t *testing.T) {
	text := "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          make\n\n          curl -k https://example.com ${{ a.b }} && curl -k https://example.com/2\n      - run: \"curl -k https://example.com/3\"\n      - run: curl -k https://example.com/4\n"
	j := judge(t, map[string][]byte{".github/workflows/a.yml": []byte(text)}, &check.Settings{Only: []string{"tls-verify-off"}})
	var got []string
	for _, f := range j.Findings {
		l := f.Location
		got = append(got, fmt.Sprintf("%d:%d-%d:%d", l.Line, l.Column, l.EndLine, l.EndColumn))
	}
	want := []string{"10:11-10:49", "10:53-10:82", "11:15-11:44", "12:14-12:43"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSilences(t *testing.T) {
	for text, want := range map[string]string{
		"      - uses: example/x@v1\n":                                                                     "",
		"      - uses: example/x@v1 # zizmor: ignore[unpinned-uses] trusted\n":                             "zizmor",
		"      # sekisho:ignore unpinned-action reason=ours\n      - uses: example/x@v1\n":                 "sekisho",
		"      - uses: example/x@v1 # zizmor: ignore[artipacked]\n":                                        "",
		"      # sekisho:ignore unpinned-action\n      - uses: actions/x@v1\n      - uses: example/x@v1\n": "",
	} {
		j := judge(t, map[string][]byte{".github/workflows/a.yml": []byte("on: push\njobs:\n  a:\n    steps:\n" + text)}, &check.Settings{Only: []string{"unpinned-action"}})
		if len(j.Findings) != 1 {
			t.Fatalf("%q: %d findings", text, len(j.Findings))
		}
		got := ""
		if s := j.Findings[0].Suppressed; s != nil {
			got = s.By
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// What jobs share by an anchor is found once; two faults in one line are two.
func TestOnce(t *testing.T) {
	text := ".a: &a\n  script:\n    - curl -k https://example.com/1; curl -k https://example.com/2\nb: *a\nc:\n  <<: *a\n"
	j := judge(t, map[string][]byte{".gitlab-ci.yml": []byte(text)}, &check.Settings{Only: []string{"tls-verify-off"}})
	if len(j.Findings) != 2 {
		t.Errorf("%d findings", len(j.Findings))
	}
}

func TestSystems(t *testing.T) {
	for p, want := range map[string]string{
		".github/workflows/a.yml": githubWorkflow, "x/.github/workflows/a.yaml": githubWorkflow, ".github/a.yml": "", "action.yml": githubAction, "a/action.yaml": githubAction,
		".gitlab-ci.yml": gitlab, "ci/build.gitlab-ci.yml": gitlab, ".gitlab/ci/a.yml": gitlab, ".circleci/config.yml": circleci, "buildspec.yml": codebuild, "buildspec-test.yaml": codebuild, "a.yml": "",
	} {
		if got := systemByName(p); got != want {
			t.Errorf("%s: %q, want %q", p, got, want)
		}
	}
	if got := system("a.yml", []byte("apiVersion: tekton.dev/v1\n")); got != tekton {
		t.Error(got)
	}
	if got := system("action.yml", []byte("a: b\n")); got != "" {
		t.Error(got)
	}
}

// A file that is too large is a problem and no silence; other YAML is nobody's.
func TestTooLarge(t *testing.T) {
	for p, want := range map[string]int{".gitlab-ci.yml": 1, "data.yml": 0} {
		text := bytes.Repeat([]byte("a: b\n"), fileBytes/5+1)
		inv, err := Extractors()[0].Extract(t.Context(), &sekisho.Input{Path: p, Content: bytes.NewReader(text), Size: int64(len(text))})
		if err != nil || len(inv.Problems) != want || len(inv.Resources) != 0 {
			t.Errorf("%s: %+v %v", p, inv.Problems, err)
		}
	}
}

func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		"docker login -u a -p hunter22 r": "docker login -u a -p **** r", "docker run -p 80:80 x": "docker run -p 80:80 x", "curl -u a:b x": "curl -u **** x",
		"TOKEN=abc make": "TOKEN=**** make", "TOKEN=$X make": "TOKEN=$X make", "curl https://u:p@example.com": "curl https://u:****@example.com",
		"curl -H 'Authorization: Bearer abc' x": "curl -H 'Authorization: Bearer ****' x", "echo ghp_0123456789abcdefghijABCDEFGHIJ012345": "echo ****",
	} {
		if got := mask(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func archives(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a, err := check.ParseArchive(text)
		if err != nil {
			t.Fatal(err)
		}
		for c, files := range a.Cases {
			for p, text := range files {
				out[filepath.Base(name)+"/"+c+"/"+p] = text
			}
		}
	}
	return out
}

func FuzzRead(f *testing.F) {
	files := archives(f)
	for _, p := range slices.Sorted(maps.Keys(files)) {
		f.Add(p, files[p])
	}
	f.Fuzz(func(t *testing.T, p string, text []byte) {
		lines := bytes.Count(text, []byte("\n")) + 1
		for _, d := range read(p, text) {
			j := check.NewJudge(&check.Settings{On: []string{"checkout-keeps-token", "self-hosted-runner", "unpinned-image"}})
			rules.Run(j, &check.Place{Location: sekisho.Location{Path: p}}, d)
			out := j.Judgement()
			for _, problem := range out.Problems {
				t.Fatal(problem.Error)
			}
			for _, x := range out.Findings {
				// The library of YAML counts one line more than bytes have at the end.
				if x.Location.Line < 1 || x.Location.Line > lines+1 {
					t.Fatalf("%s: %+v of %d lines", x.Rule, x.Location, lines)
				}
			}
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	files := archives(b)
	inv := &sekisho.Inventory{}
	for _, p := range slices.Sorted(maps.Keys(files)) {
		inv.Resources = append(inv.Resources, sekisho.Resource{Kind: sekisho.ResourceCI, Location: sekisho.Location{Path: p}, Text: files[p]})
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if _, err := Checker(nil).Check(b.Context(), inv); err != nil {
			b.Fatal(err)
		}
		n += len(files)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "files/s")
}
