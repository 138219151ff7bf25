// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/check/checktest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// judge runs the extractor over the files of a case and the checker over what
// it keeps.
func judge(t testing.TB, files map[string][]byte, s *check.Settings) sekisho.Judgement {
	t.Helper()
	var inv sekisho.Inventory
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		in := &sekisho.Input{Path: name, Content: bytes.NewReader(files[name]), Size: int64(len(files[name]))}
		for _, e := range Extractors() {
			if !e.Wants(&sekisho.File{Path: name}) {
				continue
			}
			got, err := e.Extract(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for i := range got.Resources {
				got.Resources[i].Location.Path = name
			}
			inv.Merge(got)
		}
	}
	j, err := Checker(s).Check(t.Context(), &inv)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestRules(t *testing.T) {
	checktest.Run(t, Rules(), "testdata", func(t *testing.T, files map[string][]byte, s *check.Settings) sekisho.Judgement {
		s.Registries = []string{"docker.io", "*.example.com", "ghcr.io/team/*"}
		s.Labels = map[string]string{
			"org.opencontainers.image.title": "text", "org.opencontainers.image.source": "url", "org.opencontainers.image.created": "rfc3339",
			"org.opencontainers.image.licenses": "spdx", "org.opencontainers.image.revision": "hash", "org.opencontainers.image.version": "semver", "com.example.contact": "email",
		}
		s.StrictLabels = true
		s.Shell = func(_ context.Context, script, _ string, _ map[string]bool) ([]check.ShellMistake, error) {
			out := []check.ShellMistake{{Code: "SC2086", Line: 1, Column: 1, EndLine: 1, EndColumn: 2}}
			for i, line := range strings.Split(script, "\n") {
				if at := strings.Index(line, "oops"); at >= 0 {
					out = append(out, check.ShellMistake{Code: "SC1000", Message: "a mistake", Line: i + 1, Column: at + 1, EndLine: i + 1, EndColumn: at + 5})
				}
			}
			return out, nil
		}
		j := judge(t, files, s)
		for _, p := range j.Problems {
			t.Error(p)
		}
		return j
	})
}
