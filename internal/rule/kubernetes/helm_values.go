// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/sekisho/sekisho/internal/message"
)

// Values of a chart are put together as Helm does
// (https://helm.sh/docs/chart_template_guide/subcharts_and_globals/): what is
// nearer to the user wins, a null takes a default away, and "global" reaches all
// subcharts. Merging keeps nulls, coalescing lets them act.

// helmCharts bounds the subcharts of a chart: each alias makes another one.
const helmCharts = 500

// helmValues is a table of values that templates see. Its exported methods are
// those that Helm's has: templates call them by these names.
type helmValues map[string]any

// AsMap is the table as a plain map.
func (v helmValues) AsMap() map[string]any {
	if v == nil {
		return map[string]any{}
	}
	return v
}

// YAML is the table as a text.
func (v helmValues) YAML() (string, error) {
	out, err := yaml.Marshal(v)
	return string(out), err
}

// Table is the table under keys that dots separate.
func (v helmValues) Table(keys string) (helmValues, error) {
	for key := range strings.SplitSeq(keys, ".") {
		switch next := v[key].(type) {
		case map[string]any:
			v = next
		case helmValues:
			v = next
		default:
			return helmValues{}, message.Errorf("%q is not a table", key)
		}
	}
	return v, nil
}

// PathValue is the value, and no table, under keys that dots separate.
func (v helmValues) PathValue(keys string) (any, error) {
	if i := strings.LastIndexByte(keys, '.'); i >= 0 {
		table, err := v.Table(keys[:i])
		if err != nil {
			return nil, err
		}
		v, keys = table, keys[i+1:]
	}
	out, ok := v[keys]
	if _, isMap := out.(map[string]any); !ok || isMap || keys == "" {
		return nil, message.Errorf("%q is not a value", keys)
	}
	return out, nil
}

// deepCopy copies what YAML can make.
func deepCopy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return copyTable(v)
	case helmValues:
		return copyTable(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = deepCopy(v[i])
		}
		return out
	}
	return v
}

func copyTable(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, item := range m {
		out[k] = deepCopy(item)
	}
	return out
}

// coalesce is what a chart and its subcharts get, with the given values first.
func (c *helmChart) coalesce(given map[string]any, merge bool) (map[string]any, error) {
	out := copyTable(given)
	return out, c.fill(out, merge)
}

// fill adds to a table what the chart says by default, and makes the tables of
// its subcharts.
func (c *helmChart) fill(out map[string]any, merge bool) error {
	subs := make(map[string]bool, len(c.charts))
	for _, sub := range c.charts {
		subs[sub.meta.Name] = true
	}
	for k, v := range copyTable(c.values) {
		table, isTable := v.(map[string]any)
		have, ok := out[k]
		mine, haveTable := have.(map[string]any)
		switch {
		case !ok && merge:
			out[k] = v
		case !ok:
			// A null in the defaults of a chart stands for nothing.
			if v != nil {
				dropNulls(table)
				out[k] = v
			}
		case have == nil && !merge:
			delete(out, k)
		case haveTable && isTable:
			// A subchart's own defaults are still to come under its nulls.
			keep := merge || subs[k]
			if !keep {
				dropNulls(table)
			}
			mergeTables(mine, table, keep)
		}
	}
	for _, sub := range c.charts {
		name := sub.meta.Name
		if _, ok := out[name]; !ok {
			out[name] = map[string]any{}
		}
		table, ok := out[name].(map[string]any)
		if !ok {
			return message.Errorf("the value %s must be a map, for it is the name of a subchart", name)
		}
		inheritGlobals(table, out)
		if err := sub.fill(table, merge); err != nil {
			return err
		}
	}
	return nil
}

// dropNulls takes nulls out of a table at every depth.
func dropNulls(m map[string]any) {
	for k, v := range m {
		if v == nil {
			delete(m, k)
		} else if table, ok := v.(map[string]any); ok {
			dropNulls(table)
		}
	}
}

// mergeTables adds to a table what another has. A null of the first is kept when
// merging; otherwise it takes away what the other says. As in Helm, such a null
// is noted in the other too, which may be part of a third.
func mergeTables(to, from map[string]any, merge bool) map[string]any {
	if from == nil {
		return to
	}
	if to == nil {
		return from
	}
	said := make(map[string]bool, len(from))
	for k, v := range from {
		said[k] = v != nil
	}
	for k, v := range to {
		if v == nil {
			from[k] = nil
		}
	}
	for k, v := range from {
		have, ok := to[k]
		if !ok {
			to[k] = v
			continue
		}
		if have == nil {
			if !merge && said[k] {
				delete(to, k)
			}
			continue
		}
		mine, ok1 := have.(map[string]any)
		other, ok2 := v.(map[string]any)
		if ok1 && ok2 {
			mergeTables(mine, other, merge)
		}
	}
	return to
}

// inheritGlobals gives a subchart the globals of its parent, which win.
func inheritGlobals(sub, parent map[string]any) {
	table := func(of map[string]any) (map[string]any, bool) {
		v, ok := of["global"]
		if !ok {
			return map[string]any{}, true
		}
		m, ok := v.(map[string]any)
		return m, ok
	}
	mine, ok1 := table(sub)
	theirs, ok2 := table(parent)
	if !ok1 || !ok2 {
		return
	}
	for k, v := range theirs {
		have, ok := mine[k]
		old, isTable := have.(map[string]any)
		if m, isMap := v.(map[string]any); isMap {
			if ok && !isTable {
				continue
			}
			// The copy is shallow: tables in it are one with the parent's.
			m = maps.Clone(m)
			mine[k] = mergeTables(m, old, true)
		} else if !isTable {
			mine[k] = v
		}
	}
	sub["global"] = mine
}

// depend settles which subcharts there are, under which names, and what they
// give to their parents (https://helm.sh/docs/topics/charts/#chart-dependencies).
func (c *helmChart) depend(values map[string]any) error {
	left := helmCharts
	if err := c.choose(values, "", &left); err != nil {
		return err
	}
	return c.importValues()
}

// choose leaves those subcharts that conditions and tags leave.
func (c *helmChart) choose(values map[string]any, at string, left *int) error {
	wanted := c.meta.Dependencies
	if wanted == nil {
		return nil
	}
	fits := func(sub *helmChart, d *helmRequirement) bool {
		return sub.meta.Name == d.Name && inRange(d.Version, sub.meta.Version)
	}
	var charts []*helmChart
	for _, sub := range c.charts {
		asked := false
		for _, d := range wanted {
			asked = asked || fits(sub, d)
		}
		if !asked {
			charts = append(charts, sub)
		}
	}
	for _, d := range wanted {
		for _, sub := range c.charts {
			if fits(sub, d) {
				if sub = sub.clone(left); *left < 0 {
					return message.Errorf("it has more than %d subcharts", helmCharts)
				}
				if d.Alias != "" {
					sub.meta.Name = d.Alias
				}
				charts = append(charts, sub)
				break
			}
		}
		if d.Alias != "" {
			d.Name = d.Alias
		}
	}
	c.adopt(charts)
	all, err := c.coalesce(values, false)
	if err != nil {
		return err
	}
	off := map[string]bool{}
	for _, d := range wanted {
		if d.Enabled = d.enabled(all, at); !d.Enabled {
			off[d.Name] = true
		}
	}
	var on []*helmChart
	for _, sub := range c.charts {
		if !off[sub.meta.Name] {
			on = append(on, sub)
		}
	}
	for _, sub := range on {
		if err := sub.choose(all, at+sub.meta.Name+".", left); err != nil {
			return err
		}
	}
	c.meta.Dependencies = nil
	for _, d := range wanted {
		if !off[d.Name] {
			c.meta.Dependencies = append(c.meta.Dependencies, d)
		}
	}
	c.adopt(on)
	return nil
}

// enabled is what the first condition that is set says, or else the tags.
func (d *helmRequirement) enabled(values helmValues, at string) bool {
	for condition := range strings.SplitSeq(strings.TrimSpace(d.Condition), ",") {
		if condition == "" {
			continue
		}
		if v, err := values.PathValue(at + condition); err == nil {
			if on, ok := v.(bool); ok {
				return on
			}
		}
	}
	tags, err := values.Table("tags")
	if err != nil {
		return true
	}
	off := false
	for _, tag := range d.Tags {
		if on, ok := tags[tag].(bool); on {
			return true
		} else if ok {
			off = true
		}
	}
	return !off
}

// importValues puts values of subcharts into those of their parents, the
// innermost first.
func (c *helmChart) importValues() error {
	for _, sub := range c.charts {
		if err := sub.importValues(); err != nil {
			return err
		}
	}
	if c.meta.Dependencies == nil {
		return nil
	}
	all, err := c.coalesce(nil, true)
	if err != nil {
		return err
	}
	imported := map[string]any{}
	for _, d := range c.meta.Dependencies {
		var read []any
		for _, one := range d.ImportValues {
			child, parent := "", "."
			switch one := one.(type) {
			case string:
				child = "exports." + one
			case map[string]any:
				child, parent = fmt.Sprint(one["child"]), fmt.Sprint(one["parent"])
			default:
				continue
			}
			read = append(read, map[string]string{"child": child, "parent": parent})
			table, err := helmValues(all).Table(d.Name + "." + child)
			if err != nil {
				continue
			}
			from := table.AsMap()
			if parent != "." {
				keys := strings.Split(parent, ".")
				if len(keys) > 100 {
					return message.New("values are imported too deep")
				}
				for _, key := range slices.Backward(keys) {
					from = map[string]any{key: from}
				}
			}
			imported = mergeTables(imported, from, true)
		}
		d.ImportValues = read
	}
	c.values = mergeTables(copyTable(all), imported, true)
	return nil
}
