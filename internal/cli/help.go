// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/report"
)

// Help is written here and not by cobra's template: a scan has some ninety
// flags, of which a newcomer needs ten.

// group is flags under a heading, in the order in which they are shown.
type group struct {
	title message.Text
	flags []string
}

// flagGroups are the headings of commands with many flags. A flag that is in
// none is shown with the first ones; a test finds it.
var flagGroups = []group{
	{message.FlagsFirst, []string{"to", "candidate", "from-archive", "stage", "write", "check", "deps", "suggested", "major", "overrides", "lock", "rule", "unsafe", "pin", "format", "output", "severity", "only-fixed", "scanners", "fail-on", "exceptions", "policy", "platform", "offline", "quiet", "help"}},
	{message.FlagsTarget, []string{"input", "files", "exclude", "include-ignored", "timeout", "no-progress", "parallel"}},
	{message.FlagsReport, []string{"template", "list-packages", "no-color", "comment-key", "vex-author", "vex-namespace"}},
	{message.FlagsCompare, []string{"baseline", "since", "witness"}},
	{message.FlagsGate, []string{"exit-code", "allow-incomplete", "environment", "team", "tag", "risk", "workload"}},
	{message.FlagsException, []string{"vex", "no-ignore-files", "no-built-in-statements"}},
	{message.FlagsSignature, []string{"signature-key"}},
	{message.FlagsBase, []string{"dockerfile", "check-base", "base-candidate", "builder-stages", "resolve-bases"}},
	{message.FlagsSecret, []string{"history", "verify", "secret-key-file"}},
	{message.FlagsMalware, []string{"malware-hashes", "clamd", "clamd-max-bytes", "clamd-timeout", "yara", "yara-max-bytes", "yara-timeout"}},
	{message.FlagsRule, []string{"rules", "skip-rule", "enable-rule", "trusted-registry", "require-label", "strict-labels", "helm-values", "helm-set", "kube-version", "shellcheck"}},
	{message.FlagsLicense, []string{"license-deny", "license-allow"}},
	{message.FlagsDatabase, []string{"db", "db-url", "db-key", "allow-unsigned", "skip-db-update"}},
	{message.FlagsRegistry, []string{"username", "password-stdin", "registry-token", "plain-http", "insecure", "ca-file", "mirror"}},
	{message.FlagsBound, []string{"config", "cache-dir", "no-cache", "max-file-bytes", "max-total-bytes", "max-entries", "max-path-bytes", "max-nesting", "max-ratio", "max-memory"}},
}

// manyFlags is from how many on the flags of a command are grouped.
const manyFlags = 25

// commandGroups are the headings of the list of commands.
var commandGroups = []struct {
	id       string
	title    message.Text
	commands []string
}{
	{"scan", message.CommandsScan, []string{"scan", "verify", "diff", "explain", "fix", "update-base", "merge", "convert"}},
	{"decide", message.CommandsDecide, []string{"exceptions", "policy", "rules", "base"}},
	{"setup", message.CommandsSetUp, []string{"db", "cache", "config", "completion", "version", "help"}},
}

// groupCommands gives the commands of root their headings.
func groupCommands(root *cobra.Command, l message.Lang) {
	for _, g := range commandGroups {
		root.AddGroup(&cobra.Group{ID: g.id, Title: l.Of(g.title)})
		for _, c := range root.Commands() {
			if slices.Contains(g.commands, c.Name()) {
				c.GroupID = g.id
			}
		}
	}
}

// usageText writes how a command is used, in columns of the terminal.
func (a *App) usageText(c *cobra.Command) error {
	w, _ := a.terminal(true)
	if w <= 0 {
		w = 100
	}
	h := helpWriter{lang: a.lang, width: max(w, 60)}
	if heading := a.lang.Of(message.HelpUsage); c.Runnable() && !c.HasAvailableSubCommands() {
		h.line(heading + "\n  " + c.UseLine())
	} else {
		h.line(heading + "\n  " + c.CommandPath() + " COMMAND")
	}
	if len(c.Aliases) > 0 {
		h.line("\n" + a.lang.Of(message.HelpAliases) + "\n  " + c.NameAndAliases())
	}
	if c.HasExample() {
		h.line("\n" + a.lang.Of(message.HelpExamples) + "\n" + c.Example)
	}
	for _, g := range c.Groups() {
		h.commands(c, g.ID, g.Title)
	}
	h.commands(c, "", a.lang.Of(message.HelpCommands))
	h.flags(c.LocalFlags())
	if inherited := c.InheritedFlags(); inherited.HasAvailableFlags() {
		h.flagList(a.lang.Of(message.HelpGlobalFlags), visible(inherited))
	}
	if c.HasAvailableSubCommands() {
		h.line("\n" + a.lang.Of(message.HelpMore, c.CommandPath()))
	}
	_, err := fmt.Fprint(c.OutOrStdout(), h.String())
	return err
}

// helpWriter writes lists of two columns.
type helpWriter struct {
	strings.Builder

	lang  message.Lang
	width int
}

func (h *helpWriter) line(s string) { h.WriteString(s + "\n") }

func (h *helpWriter) commands(c *cobra.Command, id, title string) {
	var rows [][2]string
	for _, sub := range c.Commands() {
		if sub.GroupID == id && (sub.IsAvailableCommand() || sub.Name() == "help") {
			rows = append(rows, [2]string{sub.Name(), sub.Short})
		}
	}
	// In the order in which they are learned, where there is one.
	for _, g := range commandGroups {
		if g.id == id {
			slices.SortFunc(rows, func(x, y [2]string) int {
				return slices.Index(g.commands, x[0]) - slices.Index(g.commands, y[0])
			})
		}
	}
	h.list(title, rows)
}

func visible(s *pflag.FlagSet) (out []*pflag.Flag) {
	s.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			out = append(out, f)
		}
	})
	return out
}

// flags lists the flags of a command, under headings when there are many.
func (h *helpWriter) flags(s *pflag.FlagSet) {
	all := visible(s)
	if len(all) < manyFlags {
		h.flagList(h.lang.Of(message.HelpFlags), all)
		return
	}
	grouped := map[string]bool{}
	lists := make([][]*pflag.Flag, len(flagGroups))
	for i, g := range flagGroups {
		for _, name := range g.flags {
			grouped[name] = true
			if f := s.Lookup(name); f != nil && !f.Hidden {
				lists[i] = append(lists[i], f)
			}
		}
	}
	for _, f := range all {
		if !grouped[f.Name] {
			lists[0] = append(lists[0], f)
		}
	}
	for i, g := range flagGroups {
		h.flagList(h.lang.Of(g.title), lists[i])
	}
}

func (h *helpWriter) flagList(title string, flags []*pflag.Flag) {
	rows := make([][2]string, 0, len(flags))
	for _, f := range flags {
		name := "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		if v := valueWord(f); v != "" {
			name += " " + v
		}
		rows = append(rows, [2]string{name, f.Usage + h.notes(f)})
	}
	h.list(title, rows)
}

// notes is what holds for a flag by its type: its default, and whether it may be repeated.
func (h *helpWriter) notes(f *pflag.Flag) string {
	var notes []string
	if slices.Contains([]string{"stringSlice", "stringArray"}, f.Value.Type()) {
		notes = append(notes, h.lang.Of(message.HelpRepeatable))
	}
	if d := strings.Trim(f.DefValue, "[]"); f.Name != "lang" && !slices.Contains([]string{"", "0", "0s", "false"}, d) {
		notes = append(notes, h.lang.Of(message.HelpDefault, d))
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, h.lang.Of(message.ListComma)) + ")"
}

// valueWords are what flags of text take; VALUE where none says.
var valueWords = map[string]string{
	"format": "FORMAT", "output": "FORMAT=FILE", "template": "TEXT|@FILE", "vex-author": "NAME", "vex-namespace": "URL",
	"severity": "LIST", "scanners": "LIST", "lang": "en|ja", "input": "FILE", "exclude": "PATTERN",
	"exceptions": "FILE", "signature-key": "FILE", "vex": "FILE|DIR|oci", "policy": "FILE|PRESET", "environment": "NAME", "team": "NAME", "tag": "NAME=VALUE", "risk": "FILE", "workload": "FILE|DIR",
	"baseline": "REPORT|IMAGE|REV", "since": "REV", "witness": "REPORT", "secret-key-file": "FILE", "malware-hashes": "FILE",
	"clamd": "ADDRESS|auto", "to": "IMAGE", "candidate": "IMAGE", "stage": "STAGE", "from-archive": "IMAGE=FILE", "yara": "FILE|DIR", "dockerfile": "FILE", "base-candidate": "IMAGE",
	"rules": "FILE|DIR", "rule": "ID", "skip-rule": "ID", "enable-rule": "ID", "trusted-registry": "HOST", "require-label": "NAME:FORM",
	"helm-values": "FILE", "helm-set": "KEY=VALUE", "kube-version": "VERSION", "shellcheck": "off|auto|FILE", "license-deny": "LICENCE", "license-allow": "LICENCE",
	"db": "DIR", "db-url": "URL", "db-key": "FILE", "world": "WORLD", "config": "FILE", "cache-dir": "DIR",
	"username": "NAME", "registry-token": "TOKEN", "ca-file": "FILE", "mirror": "HOST=MIRROR", "in": "REPORT", "day": "DATE", "expires": "DATE",
}

// valueWord stands for the value of a flag.
func valueWord(f *pflag.Flag) string {
	if f.Name == "output" && f.Value.Type() == "string" { // diff, db build: one place, of one form
		return "PATH"
	}
	if w := valueWords[f.Name]; w != "" && f.Value.Type() != "bool" && f.Value.Type() != "int" {
		return w
	}
	switch f.Value.Type() {
	case "bool":
		return ""
	case "int", "int64":
		return "N"
	case "duration":
		return "TIME"
	case "stringSlice", "stringArray", "string":
		return "VALUE"
	}
	return strings.ToUpper(f.Value.Type())
}

// nameColumns is how wide the column of names gets; longer names have a line of their own.
const nameColumns = 30

func (h *helpWriter) list(title string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	h.line("\n" + title)
	names := 0
	for _, r := range rows {
		names = max(names, min(len(r[0]), nameColumns))
	}
	indent := strings.Repeat(" ", names+4)
	for _, r := range rows {
		first := "  " + r[0]
		if len(r[0]) > names {
			h.line(first)
			first = indent
		} else {
			first += strings.Repeat(" ", names+2-len(r[0]))
		}
		for _, l := range report.Lines(first, indent, r[1], h.width) {
			h.line(l)
		}
	}
}
