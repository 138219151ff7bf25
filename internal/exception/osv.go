// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"errors"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// osvConfig is osv-scanner.toml
// (https://google.github.io/osv-scanner/configuration/), as far as it ignores.
type osvConfig struct {
	IgnoredVulns []struct {
		ID          string    `toml:"id"`
		IgnoreUntil time.Time `toml:"ignoreUntil"`
		Reason      string    `toml:"reason"`
	}
	PackageOverrides []struct {
		Name          string
		Version       string
		Ecosystem     string
		Group         string
		Ignore        bool
		Vulnerability struct{ Ignore bool }
		License       struct {
			Ignore   bool
			Override []string
		}
		EffectiveUntil time.Time
		Reason         string
	}
}

func (r *reader) osv(text []byte) {
	var c osvConfig
	if err := toml.Unmarshal(text, &c); err != nil {
		e := mistake(r.Name, 0, message.Errorf("this is no TOML of osv-scanner: %s", strings.TrimPrefix(err.Error(), "toml: ")))
		if p, ok := errors.AsType[toml.ParseError](err); ok {
			e = mistake(r.Name, p.Position.Line, message.Errorf("this is no TOML: %s", p.Message))
		}
		r.errs = append(r.errs, e)
		return
	}
	lines := headers(text)
	place := func(table string, i int) *document.Node {
		if l := lines[table]; i < len(l) {
			return &document.Node{Line: l[i]}
		}
		return &document.Node{}
	}
	until := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.DateOnly)
	}
	for i, v := range c.IgnoredVulns {
		at := place("IgnoredVulns", i)
		if v.ID == "" {
			r.bad(at, "id is missing")
			continue
		}
		r.add(at, sekisho.Exception{Rule: v.ID, Reason: v.Reason, Expires: until(v.IgnoreUntil)})
	}
	for i, p := range c.PackageOverrides {
		at := place("PackageOverrides", i)
		e := sekisho.Exception{Package: p.Name, Reason: p.Reason, Expires: until(p.EffectiveUntil)}
		if p.Version != "" {
			if e.Package == "" {
				e.Package = sekisho.AnyRule
			}
			e.Package += "@" + p.Version
		}
		if p.Group != "" {
			r.skip(at, "the constraint \"group\" of osv-scanner is not known here")
			continue
		}
		if name, _, _ := strings.Cut(p.Ecosystem, ":"); name != "" {
			if e.Type = purlTypes[name]; e.Type == "" {
				r.skip(at, "the ecosystem %q is not known here", p.Ecosystem)
				continue
			}
		}
		if e.Package+e.Type == "" && (p.Ignore || p.Vulnerability.Ignore || p.License.Ignore) {
			r.skip(at, "the override would ignore everything")
			continue
		}
		if p.Ignore || p.Vulnerability.Ignore {
			e.Rule = string(sekisho.Vulnerability) + "/" + sekisho.AnyRule
			r.add(at, e)
		}
		if p.Ignore || p.License.Ignore {
			e.Rule = string(sekisho.License) + "/" + sekisho.AnyRule
			r.add(at, e)
		}
	}
}

// headers are the lines of the arrays of tables, "[[name]]", by name.
func headers(text []byte) map[string][]int {
	out := map[string][]int{}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "[["); ok {
			if name, _, ok = strings.Cut(name, "]]"); ok {
				name = strings.TrimSpace(name)
				out[name] = append(out[name], n)
			}
		}
	}
	return out
}
