// SPDX-License-Identifier: Apache-2.0

// Command testsummary reads the events of go test -json from standard input
// and prints what a person wants of them: a line a package, the output of what
// failed, every skip with its reason, and totals. It ends with status 1 when
// something failed, or was skipped while CI=true.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// event is one line of https://pkg.go.dev/cmd/test2json.
type event struct {
	Action, Package, Test, Output, ImportPath string
	Elapsed                                   float64
}

func main() {
	if !summarise(os.Stdin, os.Stdout, os.Getenv("CI") == "true") {
		os.Exit(1)
	}
}

// frame lines are go test's own and say nothing about a failure.
var frame = regexp.MustCompile(`^\s*(=== (RUN|PAUSE|CONT|NAME)|--- (PASS|SKIP|FAIL))`)

// summarise reports whether everything passed.
func summarise(r io.Reader, w io.Writer, ci bool) bool {
	output := map[string]*strings.Builder{}
	var passed, failed, packages, broken int
	var skipped []string
	in := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		var e event
		if len(line) > 0 && json.Unmarshal(line, &e) != nil {
			fmt.Fprintf(w, "%s", line) // the go command's own words
			e = event{}
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output":
			if output[key] == nil {
				output[key] = &strings.Builder{}
			}
			output[key].WriteString(e.Output)
		case "build-output":
			fmt.Fprint(w, e.Output)
		case "build-fail":
			broken++
		case "pass", "fail", "skip":
			text := ""
			if b := output[key]; b != nil {
				text = b.String()
			}
			delete(output, key)
			switch {
			case e.Test == "" && e.Action == "skip": // no test files
			case e.Test == "":
				packages++
				word := "ok  "
				if e.Action == "fail" {
					word = "FAIL"
					broken++
					fmt.Fprint(w, text)
				}
				fmt.Fprintf(w, "%s %s %.1fs\n", word, e.Package, e.Elapsed)
			case e.Action == "pass":
				passed++
			case e.Action == "fail":
				failed++
				fmt.Fprintf(w, "--- FAIL %s %s\n%s", e.Package, e.Test, text)
			default:
				skipped = append(skipped, fmt.Sprintf("%s %s: %s", e.Package, e.Test, reason(text)))
			}
		}
		if err != nil {
			break
		}
	}
	for _, s := range skipped {
		fmt.Fprintln(w, "skipped", s)
	}
	fmt.Fprintf(w, "tests: %d passed, %d failed, %d skipped, in %d packages\n", passed, failed, len(skipped), packages)
	switch {
	case failed > 0 || broken > 0:
		return false
	case packages == 0:
		fmt.Fprintln(w, "no test ran")
		return false
	case ci && len(skipped) > 0:
		fmt.Fprintln(w, "CI=true: a skipped test is a failure")
		return false
	}
	return true
}

// reason is what t.Skip said.
func reason(text string) string {
	var said []string
	for line := range strings.Lines(text) {
		if !frame.MatchString(line) {
			said = append(said, strings.TrimSpace(line))
		}
	}
	return strings.Join(said, " ")
}
