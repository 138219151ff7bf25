// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/message"
)

// A flag of a command with many stands under exactly one heading.
func TestEveryFlagHasAHeading(t *testing.T) {
	grouped := map[string]int{}
	for _, g := range flagGroups {
		for _, f := range g.flags {
			grouped[f]++
		}
	}
	a := &App{lang: message.En}
	used := map[string]bool{"help": true}
	for _, c := range a.root(nil).Commands() {
		if flags := visible(c.LocalFlags()); len(flags) >= manyFlags || c.Name() == "scan" {
			if len(flags) < manyFlags {
				t.Errorf("%s has %d flags: does the test still see them?", c.Name(), len(flags))
			}
			for _, f := range flags {
				used[f.Name] = true
				if strings.Contains(f.Usage, "repeat") {
					t.Errorf("--%s of %s: help says by itself what may be repeated", f.Name, c.Name())
				}
				if grouped[f.Name] != 1 {
					t.Errorf("--%s of %s stands under %d headings: give it its line in flagGroups", f.Name, c.Name(), grouped[f.Name])
				}
			}
		}
	}
	for f := range grouped {
		if !used[f] {
			t.Errorf("flagGroups names --%s, which no command has", f)
		}
	}
}

// Each command of the program is listed under a heading.
func TestEveryCommandHasAHeading(t *testing.T) {
	a := &App{lang: message.En}
	for _, c := range a.root(nil).Commands() {
		if c.IsAvailableCommand() && c.GroupID == "" {
			t.Errorf("%s has no heading: give it its place in commandGroups", c.Name())
		}
	}
}

// What most people need is first, in both languages, and no line is wider than asked.
func TestHelpOfScan(t *testing.T) {
	for _, lang := range []message.Lang{message.En, message.Ja} {
		var out strings.Builder
		a := &App{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Env: []string{"COLUMNS=90"}}
		if status := a.Run(t.Context(), []string{"scan", "--help", "--lang", string(lang)}); status != ExitAllowed {
			t.Fatalf("status %d: %s", status, out.String())
		}
		_, list, ok := strings.Cut(out.String(), "\n"+lang.Of(message.FlagsFirst)+"\n")
		if !ok {
			t.Fatalf("%s: no heading in %s", lang, out.String())
		}
		first, _, _ := strings.Cut(list, "\n\n")
		for _, want := range []string{"--fail-on SEVERITY", "--scanners LIST", lang.Of(message.HelpDefault, "vuln,misconfig,secret"), lang.Of(message.FlagFailOn)} {
			if !strings.Contains(first, want) {
				t.Errorf("%s: %q is not among the first flags:\n%s", lang, want, first)
			}
		}
		if strings.Contains(first, "--max-ratio") {
			t.Errorf("%s: bounds are among the first flags", lang)
		}
		var names []string
		short := map[string]string{"help": "h"}
		a.scanCommand().Flags().VisitAll(func(f *pflag.Flag) {
			names = append(names, f.Name)
			short[f.Name] = f.Shorthand
		})
		for _, n := range append(names, "lang", "help") {
			count := 0
			for l := range strings.Lines(out.String()) {
				for _, start := range []string{"      --", "  -" + short[n] + ", --"} {
					if rest, ok := strings.CutPrefix(l, start+n); ok && strings.IndexAny(rest, " \n") == 0 {
						count++
					}
				}
			}
			if count != 1 {
				t.Errorf("%s: --%s is shown %d times", lang, n, count)
			}
		}
		for l := range strings.SplitSeq(list, "\n") {
			if n := slices.Max([]int{0, len([]rune(l))}); n > 90 {
				t.Errorf("%s: a line of %d columns: %s", lang, n, l)
			}
		}
	}
}
