// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/Masterminds/semver/v3"
	"sigs.k8s.io/yaml"

	"github.com/sekisho/sekisho/internal/message"
)

// helmFile is a file of a chart; its name is the path below the chart.
type helmFile struct {
	name string
	data []byte
}

// helmChart is a chart as Helm reads it (https://helm.sh/docs/topics/charts/).
type helmChart struct {
	meta *helmMeta
	// values are those of values.yaml, and what is imported into them.
	values map[string]any
	// source is the values.yaml.
	source *helmFile
	// schema is the values.schema.json, nil for none.
	schema *helmFile
	// templates are the files in templates/, files those that templates can
	// read.
	templates, files []*helmFile
	parent           *helmChart
	charts           []*helmChart
}

// helmMeta is a Chart.yaml of version 1 or 2, with what a requirements.yaml adds
// (https://helm.sh/docs/topics/charts/#the-chartyaml-file).
type helmMeta struct {
	Name         string             `json:"name"`
	Home         string             `json:"home"`
	Sources      []string           `json:"sources"`
	Version      string             `json:"version"`
	Description  string             `json:"description"`
	Keywords     []string           `json:"keywords"`
	Maintainers  []*helmMaintainer  `json:"maintainers"`
	Icon         string             `json:"icon"`
	APIVersion   string             `json:"apiVersion"`
	Condition    string             `json:"condition"`
	Tags         string             `json:"tags"`
	AppVersion   string             `json:"appVersion"`
	Deprecated   bool               `json:"deprecated"`
	Annotations  map[string]string  `json:"annotations"`
	KubeVersion  string             `json:"kubeVersion"`
	Dependencies []*helmRequirement `json:"dependencies"`
	Type         string             `json:"type"`
}

type helmMaintainer struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	URL   string `json:"url"`
}

// helmRequirement is a subchart that a chart asks for.
type helmRequirement struct {
	Name         string   `json:"name"`
	Version      string   `json:"version"`
	Repository   string   `json:"repository"`
	Condition    string   `json:"condition"`
	Tags         []string `json:"tags"`
	Enabled      bool     `json:"enabled"`
	ImportValues []any    `json:"import-values"`
	Alias        string   `json:"alias"`
}

func (c *helmChart) adopt(charts []*helmChart) {
	c.charts = charts
	for _, sub := range charts {
		sub.parent = c
	}
}

// path is the name under which templates of the chart are known.
func (c *helmChart) path() string {
	if c.parent == nil {
		return c.meta.Name
	}
	return c.parent.path() + "/charts/" + c.meta.Name
}

// clone copies a chart and its subcharts, as long as some are left to be made;
// the files stay the same.
func (c *helmChart) clone(left *int) *helmChart {
	out, meta := *c, *c.meta
	out.meta, out.parent = &meta, nil
	meta.Dependencies = slices.Clone(meta.Dependencies)
	for i, d := range meta.Dependencies {
		copied := *d
		meta.Dependencies[i] = &copied
	}
	*left--
	var charts []*helmChart
	for _, sub := range c.charts {
		if *left >= 0 {
			charts = append(charts, sub.clone(left))
		}
	}
	out.adopt(charts)
	return &out
}

// loadChart makes a chart of its files, with the subcharts in charts/. Archives
// are directories by now.
func loadChart(files []*helmFile) (*helmChart, error) {
	c := &helmChart{}
	for _, f := range files {
		if f.name != "Chart.yaml" {
			continue
		}
		c.meta = &helmMeta{}
		if err := yaml.Unmarshal(f.data, c.meta); err != nil {
			return nil, message.Errorf("read Chart.yaml: %w", err)
		}
		if c.meta.APIVersion == "" {
			c.meta.APIVersion = "v1"
		}
	}
	if c.meta == nil {
		return nil, message.New("there is no Chart.yaml")
	}
	below := map[string][]*helmFile{}
	for _, f := range files {
		sub, inCharts := strings.CutPrefix(f.name, "charts/")
		switch {
		case f.name == "Chart.yaml", f.name == "Chart.lock":
		case f.name == schemaFile:
			c.schema = f
		case f.name == "values.yaml":
			values, err := readValues(f.data)
			if err != nil {
				return nil, message.Errorf("read values.yaml: %w", err)
			}
			c.values, c.source = values, f
		case f.name == "requirements.yaml":
			if err := yaml.Unmarshal(f.data, c.meta); err != nil {
				return nil, message.Errorf("read requirements.yaml: %w", err)
			}
			fallthrough
		case f.name == "requirements.lock":
			if c.meta.APIVersion == "v1" {
				c.files = append(c.files, f)
			}
		case strings.HasPrefix(f.name, "templates/"):
			c.templates = append(c.templates, f)
		case inCharts && path.Ext(f.name) != ".prov":
			name, rest, _ := strings.Cut(sub, "/")
			below[name] = append(below[name], &helmFile{rest, f.data})
		default:
			c.files = append(c.files, f)
		}
	}
	if err := c.meta.check(); err != nil {
		return nil, message.Errorf("read Chart.yaml: %w", err)
	}
	var charts []*helmChart
	for _, name := range slices.Sorted(maps.Keys(below)) {
		if name == "" || name[0] == '_' || name[0] == '.' {
			continue
		}
		sub, err := loadChart(below[name])
		if err != nil {
			return nil, message.Errorf("charts/%s: %w", name, err)
		}
		charts = append(charts, sub)
	}
	c.adopt(charts)
	return c, nil
}

// check refuses what Helm refuses, and cleans texts as it does.
func (m *helmMeta) check() error {
	for _, s := range []*string{&m.Name, &m.Description, &m.Home, &m.Icon, &m.Condition, &m.Tags, &m.AppVersion, &m.KubeVersion} {
		*s = cleanText(*s)
	}
	for _, list := range [][]string{m.Sources, m.Keywords} {
		for i := range list {
			list[i] = cleanText(list[i])
		}
	}
	switch {
	case m.Name == "":
		return message.New("the chart has no name")
	case m.Name == "." || m.Name == ".." || strings.Contains(m.Name, "/"):
		return message.Errorf("the name %q is no name of a chart", m.Name)
	case m.Version == "":
		return message.New("the chart has no version")
	case !slices.Contains([]string{"", "application", "library"}, m.Type):
		return message.Errorf("the type %q is neither application nor library", m.Type)
	}
	if _, err := semver.NewVersion(m.Version); err != nil {
		return message.Errorf("the version %q: %w", m.Version, err)
	}
	for _, one := range m.Maintainers {
		if one == nil {
			return message.New("a maintainer is empty")
		}
		one.Name, one.Email, one.URL = cleanText(one.Name), cleanText(one.Email), cleanText(one.URL)
	}
	seen := map[string]bool{}
	for _, d := range m.Dependencies {
		if d == nil {
			return message.New("a dependency is empty")
		}
		d.Name, d.Version, d.Repository, d.Condition = cleanText(d.Name), cleanText(d.Version), cleanText(d.Repository), cleanText(d.Condition)
		for i := range d.Tags {
			d.Tags[i] = cleanText(d.Tags[i])
		}
		name := d.Name
		if d.Alias != "" {
			name = d.Alias
			if strings.ContainsFunc(name, func(r rune) bool {
				return r != '_' && r != '-' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
			}) {
				return message.Errorf("the alias %q is no name", name)
			}
		}
		if seen[name] {
			return message.Errorf("two dependencies are called %q", name)
		}
		seen[name] = true
	}
	return nil
}

// cleanText leaves out what cannot be printed.
func cleanText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return -1
	}, s)
}

// object is what templates see as .Chart.
func (c *helmChart) object() map[string]any {
	m := c.meta
	maintainers := make([]any, len(m.Maintainers))
	for i, p := range m.Maintainers {
		maintainers[i] = map[string]any{"Name": p.Name, "Email": p.Email, "URL": p.URL}
	}
	dependencies := make([]any, len(m.Dependencies))
	for i, d := range m.Dependencies {
		dependencies[i] = map[string]any{
			"Name": d.Name, "Version": d.Version, "Repository": d.Repository, "Condition": d.Condition, "Tags": anys(d.Tags),
			"Enabled": d.Enabled, "ImportValues": anys(d.ImportValues), "Alias": d.Alias,
		}
	}
	return map[string]any{
		"Name": m.Name, "Home": m.Home, "Sources": anys(m.Sources), "Version": m.Version, "Description": m.Description,
		"Keywords": anys(m.Keywords), "Maintainers": maintainers, "Icon": m.Icon, "APIVersion": m.APIVersion,
		"Condition": m.Condition, "Tags": m.Tags, "AppVersion": m.AppVersion, "Deprecated": m.Deprecated,
		"Annotations": m.Annotations, "KubeVersion": m.KubeVersion, "Dependencies": dependencies, "Type": m.Type,
		"IsRoot": c.parent == nil,
	}
}

func anys[T any](in []T) []any {
	out := make([]any, len(in))
	for i, v := range in {
		out[i] = v
	}
	return out
}

// hasSchema is true when the chart or a subchart says what its values must be.
func (c *helmChart) hasSchema() bool {
	return c.schema != nil || slices.ContainsFunc(c.charts, (*helmChart).hasSchema)
}

// crds are the files in crds/ of the chart and its subcharts.
func (c *helmChart) crds() (out []*helmFile) {
	for _, f := range c.files {
		if ext := strings.ToLower(path.Ext(f.name)); strings.HasPrefix(f.name, "crds/") && (ext == ".yaml" || ext == ".yml" || ext == ".json") {
			out = append(out, f)
		}
	}
	for _, sub := range c.charts {
		out = append(out, sub.crds()...)
	}
	return out
}

// readValues reads a file of values: the documents in it, one over the other.
func readValues(text []byte) (map[string]any, error) {
	out := map[string]any{}
	var doc []byte
	add := func() error {
		one := map[string]any{}
		if err := yaml.Unmarshal(doc, &one); err != nil {
			return err
		}
		out, doc = overlay(out, one), nil
		return nil
	}
	for line := range bytes.Lines(text) {
		rest, ok := bytes.CutPrefix(line, []byte("---"))
		if !ok {
			doc = append(doc, line...)
			continue
		}
		if rest = bytes.TrimSpace(rest); len(rest) > 0 && rest[0] != '#' {
			return nil, message.Errorf("the line of a separator goes on: %.40q", rest)
		}
		if len(doc) == 0 {
			doc = append(doc, line...)
			continue
		}
		if err := add(); err != nil {
			return nil, err
		}
	}
	if len(doc) == 0 {
		return out, nil
	}
	return out, add()
}

// overlay is a map with the keys of another put over it, map by map.
func overlay(under, over map[string]any) map[string]any {
	out := maps.Clone(under)
	for k, v := range over {
		a, ok := out[k].(map[string]any)
		b, isMap := v.(map[string]any)
		if ok && isMap {
			v = overlay(a, b)
		}
		out[k] = v
	}
	return out
}
