// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/sekisho/sekisho/internal/message"
)

// Settings come, the strongest first, from a flag, an environment variable
// SEKISHO_FLAG_NAME, ./sekisho.yaml, the user's sekisho.yaml, the default.
// Every one has the name and the type of its flag.

const (
	envPrefix  = "SEKISHO_"
	configName = "sekisho.yaml"
)

// origin is a value and where it came from.
type origin struct {
	values []string
	from   string
}

// commandOnly are flags that make sense on a command line alone.
var commandOnly = []string{"help", "config", "input", "password-stdin", "files"}

// ownMeaning marks a flag that has the name of a setting and means another thing.
const ownMeaning = "sekisho_own"

// means marks flags of a command as its own: no setting is theirs.
func means(s *pflag.FlagSet, names ...string) {
	for _, n := range names {
		s.Lookup(n).Annotations = map[string][]string{ownMeaning: nil}
	}
}

// aliases are other tools' words for our flags.
var aliases = map[string]string{
	"ignore-unfixed": "only-fixed", "skip-dirs": "exclude", "skip-files": "exclude",
	"list-all-pkgs": "list-packages", "offline-scan": "offline", "ignorefile": "exceptions",
	"security-checks": "scanners", "insecure-skip-tls-verify": "insecure",
}

// canonical gives our word for a flag.
func canonical(name string) string {
	if to, ok := aliases[name]; ok {
		return to
	}
	return name
}

func normalize(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	return pflag.NormalizedName(canonical(name))
}

// secretFlags are shown as stars by config show.
var secretFlags = []string{"registry-token"}

// applySettings sets the flags that the command line left alone from the
// environment and the configuration files, and says where each came from.
func (a *App) applySettings(cmd *cobra.Command) (map[string]origin, error) {
	flags := cmd.Flags()
	from := map[string]origin{}
	files, err := a.configFiles(cmd)
	if err != nil {
		return nil, err
	}
	var fromFiles []map[string]origin
	for _, f := range files {
		m, err := a.readConfig(f.data, f.name, a.settable())
		if err != nil {
			return nil, err
		}
		if f.near {
			if err := a.checkNear(m); err != nil {
				return nil, err
			}
		}
		fromFiles = append(fromFiles, m)
	}
	fromEnv, err := a.fromEnv()
	if err != nil {
		return nil, err
	}
	var firstErr error
	flags.VisitAll(func(f *pflag.Flag) {
		if _, own := f.Annotations[ownMeaning]; own || slices.Contains(commandOnly, f.Name) {
			return
		}
		if f.Changed {
			from[f.Name] = origin{[]string{f.Value.String()}, "--" + f.Name}
			return
		}
		for _, m := range append([]map[string]origin{fromEnv}, fromFiles...) {
			o, ok := m[f.Name]
			if !ok {
				continue
			}
			for _, v := range o.values {
				if err := flags.Set(f.Name, v); err != nil && firstErr == nil {
					firstErr = a.usage(message.SettingValue, o.from, f.Name, err)
				}
			}
			from[f.Name] = o
			return
		}
		from[f.Name] = origin{[]string{f.DefValue}, a.lang.Of(message.FromDefault)}
	})
	if firstErr != nil {
		return nil, firstErr
	}
	if f := flags.Lookup("lang"); f != nil {
		if a.lang, err = message.Parse(f.Value.String()); err != nil {
			return nil, a.usage(message.BadLang, f.Value.String())
		}
	}
	return from, nil
}

// settable lists every setting: the flags of the commands that have them.
func (a *App) settable() []string {
	seen := map[string]bool{"lang": true}
	for _, c := range []*cobra.Command{a.scanCommand(), a.cacheCommand()} {
		for _, c := range append([]*cobra.Command{c}, c.Commands()...) {
			c.Flags().VisitAll(func(f *pflag.Flag) {
				if !slices.Contains(commandOnly, f.Name) {
					seen[f.Name] = true
				}
			})
		}
	}
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

func (a *App) fromEnv() (map[string]origin, error) {
	names := a.settable()
	m := map[string]origin{}
	for _, kv := range a.Env {
		k, v, _ := strings.Cut(kv, "=")
		rest, ok := strings.CutPrefix(k, envPrefix)
		if !ok || rest == "CONFIG" || v == "" {
			continue
		}
		name := canonical(strings.ReplaceAll(strings.ToLower(rest), "_", "-"))
		if !slices.Contains(names, name) {
			return nil, a.usage(message.UnknownSetting, k, envPrefix+strings.ToUpper(strings.ReplaceAll(nearest(name, names), "-", "_")))
		}
		m[name] = origin{[]string{v}, k}
	}
	return m, nil
}

type configFile struct {
	name string
	data []byte
	near bool // found in the working directory
}

// configFiles reads the files that exist, the strongest first.
func (a *App) configFiles(cmd *cobra.Command) ([]configFile, error) {
	given := a.env(envPrefix + "CONFIG")
	if f := cmd.Flags().Lookup("config"); f != nil && f.Value.String() != "" {
		given = f.Value.String()
	}
	var names []string
	if given != "" {
		names = []string{a.path(given)}
	} else {
		names = []string{a.path(configName)}
		dir := a.env("XDG_CONFIG_HOME")
		if !filepath.IsAbs(dir) && a.env("HOME") != "" {
			dir = filepath.Join(a.env("HOME"), ".config")
		}
		if dir != "" {
			names = append(names, filepath.Join(dir, "sekisho", configName))
		}
	}
	var files []configFile
	for i, n := range names {
		info, err := os.Stat(n)
		if given == "" && (errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular()) {
			continue // a pipe or a device would keep the program waiting
		}
		var b []byte
		if err == nil {
			b, err = readConfigFile(n)
		}
		if err != nil {
			return nil, a.usage(message.ReadConfig, err)
		}
		files = append(files, configFile{n, b, given == "" && i == 0})
	}
	return files, nil
}

// maxConfig bounds a configuration file, in bytes.
const maxConfig = 1 << 20

func readConfigFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxConfig+1))
	if err == nil && len(b) > maxConfig {
		err = message.Errorf("%s is larger than 1 MiB", name)
	}
	return b, err
}

// readConfig reads a flat mapping of settings; a key that is none is refused
// with its line and the nearest one that is.
func (a *App) readConfig(b []byte, file string, names []string) (map[string]origin, error) {
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(b)).Decode(&doc); err != nil {
		if len(bytes.TrimSpace(b)) == 0 {
			return nil, nil
		}
		return nil, usageError{message.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))}
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil, nil
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, a.usage(message.SettingsList, file, top.Line)
	}
	m := map[string]origin{}
	for i := 0; i+1 < len(top.Content); i += 2 {
		k, v := top.Content[i], top.Content[i+1]
		name := canonical(k.Value)
		if !slices.Contains(names, name) {
			return nil, a.usage(message.UnknownSettingAt, file, k.Line, k.Value, nearest(name, names))
		}
		if _, twice := m[name]; twice {
			return nil, a.usage(message.SettingTwice, file, k.Line, name)
		}
		o := origin{from: fmt.Sprintf("%s:%d", file, k.Line)}
		switch v.Kind {
		case yaml.ScalarNode:
			o.values = []string{v.Value}
		case yaml.SequenceNode:
			for _, e := range v.Content {
				if e.Kind != yaml.ScalarNode {
					return nil, a.usage(message.SettingPlain, file, e.Line, k.Value)
				}
				o.values = append(o.values, e.Value)
			}
		default:
			return nil, a.usage(message.SettingPlain, file, v.Line, k.Value)
		}
		m[name] = o
	}
	return m, nil
}

// nearest is the name with the smallest edit distance.
func nearest(s string, names []string) string {
	best, at := "", 1<<30
	for _, n := range names {
		if d := distance(s, n); d < at {
			best, at = n, d
		}
	}
	return best
}

func distance(a, b string) int {
	if len(a) > 100 {
		a = a[:100]
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := prev
			if a[i] != b[j] {
				cost++
			}
			prev = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func (a *App) configCommand() *cobra.Command {
	c := &cobra.Command{Use: "config", Short: a.lang.Of(message.ConfigShort), RunE: func(cmd *cobra.Command, args []string) error {
		if err := noArgs(a)(cmd, args); err != nil {
			return err
		}
		return cmd.Help()
	}}
	show := a.scanCommand()
	show.Use, show.Short, show.Long, show.Example, show.Args = "show", a.lang.Of(message.ConfigShowShort), "", "", noArgs(a)
	show.RunE = func(cmd *cobra.Command, _ []string) error {
		from, err := a.applySettings(cmd)
		if err != nil {
			return err
		}
		names := make([]string, 0, len(from))
		for n := range from {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			v := cmd.Flags().Lookup(n).Value.String()
			if slices.Contains(secretFlags, n) && v != "" {
				v = "********"
			}
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%-20s %-28s # %s\n", n+":", v, from[n].from); err != nil {
				return err
			}
		}
		return nil
	}
	c.AddCommand(show)
	return c
}
