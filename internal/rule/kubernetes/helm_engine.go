// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template"

	"github.com/Masterminds/semver/v3"

	"github.com/sekisho/sekisho/internal/message"
)

// includeDepth bounds how deep named templates nest.
const includeDepth = 1000

// inRange is true for a version that a constraint of a Chart.yaml allows.
func inRange(constraint, version string) bool {
	v, err := semver.NewVersion(version)
	if err != nil {
		return false
	}
	c, err := semver.NewConstraint(constraint)
	return err == nil && c.Check(v)
}

// renderValues is the top of what the templates of a chart see: what a first
// installation into the namespace default gives them.
func (c *helmChart) renderValues(given map[string]any, capabilities *helmCapabilities) (helmValues, error) {
	values, err := c.coalesce(given, false)
	if err != nil {
		return nil, err
	}
	return helmValues{
		"Capabilities": capabilities,
		"Release": map[string]any{
			"Name": "release-name", "Namespace": "default", "IsUpgrade": false, "IsInstall": true, "Revision": 1, "Service": "Helm",
		},
		"Values": helmValues(values),
	}, nil
}

// helmTemplate is one template, with what it sees.
type helmTemplate struct {
	text string
	base string
	dot  helmValues
}

// gather notes the templates of a chart and its subcharts by their names, and
// returns what they see.
func (c *helmChart) gather(above helmValues, all map[string]helmTemplate) map[string]any {
	subs := map[string]any{}
	files := make(helmFiles, len(c.files))
	for _, f := range c.files {
		files[f.name] = f.data
	}
	dot := map[string]any{
		"Chart": c.object(), "Files": files, "Release": above["Release"], "Capabilities": above["Capabilities"],
		"Values": helmValues{}, "Subcharts": subs,
	}
	if c.parent == nil {
		dot["Values"] = above["Values"]
	} else if own, err := above.Table("Values." + c.meta.Name); err == nil {
		dot["Values"] = own
	}
	for _, sub := range c.charts {
		subs[sub.meta.Name] = sub.gather(dot, all)
	}
	at := c.path()
	for _, f := range c.templates {
		// The templates of a library are there to be included.
		if c.meta.Type == "library" && !strings.HasPrefix(path.Base(f.name), "_") {
			continue
		}
		all[path.Join(at, f.name)] = helmTemplate{string(f.data), path.Join(at, "templates"), dot}
	}
	return dot
}

// renderChart renders the templates of a chart and its subcharts; keys are the
// names of the templates. Functions replace those of Helm.
func renderChart(ctx context.Context, c *helmChart, top helmValues, replace template.FuncMap) (map[string]string, error) {
	all := map[string]helmTemplate{}
	c.gather(top, all)
	// Of two definitions of one name the last counts: that of the outer chart.
	names := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		if d := strings.Count(b, "/") - strings.Count(a, "/"); d != 0 {
			return d
		}
		return strings.Compare(b, a)
	})
	root := template.New("gotpl").Option("missingkey=zero")
	functions := helmFunctions()
	n := &nesting{}
	maps.Copy(functions, n.functions(root))
	maps.Copy(functions, replace)
	root.Funcs(functions)
	for _, name := range names {
		if _, err := root.New(name).Parse(all[name].text); err != nil {
			return nil, err
		}
	}
	out := make(map[string]string, len(names))
	written := 0
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t := all[name]
		t.dot["Template"] = helmValues{"Name": name, "BasePath": t.base}
		var b strings.Builder
		if err := root.ExecuteTemplate(&b, name, t.dot); err != nil {
			return nil, err
		}
		if written += b.Len(); written > renderBytes {
			return nil, message.Errorf("it writes more than %d bytes", renderBytes)
		}
		out[name] = withoutNoValue(b.String())
	}
	return out, nil
}

// withoutNoValue takes out what text/template writes for a key that is not there.
func withoutNoValue(s string) string { return strings.ReplaceAll(s, "<no value>", "") }

// nesting counts the named templates in which a rendering is.
type nesting struct{ depth int }

var errNesting = message.New("named templates nest without an end")

// functions are those that need to know the other templates.
func (n *nesting) functions(t *template.Template) template.FuncMap {
	return template.FuncMap{
		"include": func(name string, dot any) (string, error) {
			if n.depth > includeDepth {
				return "", message.Errorf("include %q: %w", name, errNesting)
			}
			n.depth++
			defer func() { n.depth-- }()
			var b strings.Builder
			err := t.ExecuteTemplate(&b, name, dot)
			return b.String(), err
		},
		// What is defined in the text is known in the text only.
		"tpl": func(text string, dot any) (string, error) {
			if n.depth > includeDepth {
				return "", message.Errorf("tpl: %w", errNesting)
			}
			n.depth++
			defer func() { n.depth-- }()
			own, err := t.Clone()
			if err != nil {
				return "", err
			}
			own.Option("missingkey=zero").Funcs(n.functions(own))
			if own, err = own.New(t.Name()).Parse(text); err != nil {
				return "", message.Errorf("parse %.100q: %w", text, err)
			}
			var b strings.Builder
			if err := own.Execute(&b, dot); err != nil {
				return "", message.Errorf("render %.100q: %w", text, err)
			}
			return withoutNoValue(b.String()), nil
		},
	}
}
