// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// asProgram makes the test's own binary be the program.
const asProgram = "TEST_IS_THE_PROGRAM" // not SEKISHO_…: the program refuses settings that it does not know

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program runs the program and gives its standard error, where the runtime traces.
func program(t *testing.T, trace string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "GODEBUG="+trace, "GOGC=", "GOMEMLIMIT=", "HOME="+t.TempDir())
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v: %s", args, err, errs.Bytes())
	}
	return errs.Bytes()
}

// What packages allocate before the program begins is counted and not timed: it
// is the same on every machine, however busy. Every run pays it, in processor
// time and in pages of memory.
func TestStartAllocatesLittle(t *testing.T) {
	const maxBytes, maxAllocs = 2_700_000, 17_000
	line := regexp.MustCompile(`(?m)^init (\S+) @.*, (\d+) bytes, (\d+) allocs$`)
	found := line.FindAllSubmatch(program(t, "inittrace=1", "version"), -1)
	if len(found) < 100 {
		t.Fatalf("only %d packages were traced: the runtime writes another form", len(found))
	}
	var size, allocs int
	var largest string
	most := 0
	for _, m := range found {
		b, err := strconv.Atoi(string(m[2]))
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(string(m[3]))
		if err != nil {
			t.Fatal(err)
		}
		size, allocs = size+b, allocs+n
		if b > most {
			most, largest = b, string(m[1])
		}
	}
	t.Logf("%d packages: %d bytes, %d allocations; the most: %s, %d bytes", len(found), size, allocs, largest, most)
	if size > maxBytes || allocs > maxAllocs {
		t.Errorf("packages allocate %d bytes in %d pieces before the program begins, at most %d and %d: see GODEBUG=inittrace=1, and make at the first use what a run may not need",
			size, allocs, maxBytes, maxAllocs)
	}
}

// A short run ends before the collector would pay. One that packages cause before
// the program begins begins below 4 MB, Go's own bound; the test above bounds what they allocate.
func TestShortRunsDoNotCollect(t *testing.T) {
	type component struct {
		Type    string `json:"type"`
		Name    string `json:"name"`
		Version string `json:"version"`
		PURL    string `json:"purl"`
	}
	bill := struct {
		Format     string      `json:"bomFormat"`
		Spec       string      `json:"specVersion"`
		Components []component `json:"components"`
	}{Format: "CycloneDX", Spec: "1.6"}
	for i := range 800 {
		name := fmt.Sprintf("example-%d", i)
		bill.Components = append(bill.Components, component{"library", name, "1.0.0", "pkg:npm/" + name + "@1.0.0"})
	}
	raw, err := json.Marshal(bill)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "bill.cdx.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	begun := regexp.MustCompile(`(?m)^gc \d+ .*, (\d+)->\d+->\d+ MB, .*$`)
	for _, args := range [][]string{{"version"}, {"scan", "sbom:" + file, "--offline", "-q"}} {
		out := program(t, "gctrace=1", args...)
		for _, m := range begun.FindAllSubmatch(out, -1) {
			heap, err := strconv.Atoi(string(m[1]))
			if err != nil || heap > 4 {
				t.Errorf("%s collects: %s", args[0], m[0])
			}
		}
	}
}
