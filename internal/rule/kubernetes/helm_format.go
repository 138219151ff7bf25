// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"reflect"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
	pretty "sigs.k8s.io/yaml/goyaml.v3"

	"github.com/sekisho/sekisho/internal/message"
)

// helmFunctions are those that templates of charts have, but for include and tpl
// (https://helm.sh/docs/chart_template_guide/function_list/): those of sprig
// without the environment, and Helm's own.
func helmFunctions() template.FuncMap {
	out := sprig.TxtFuncMap()
	delete(out, "env")
	delete(out, "expandenv")
	maps.Copy(out, template.FuncMap{
		"toYaml":        silent(toYAML),
		"mustToYaml":    toYAML,
		"toYamlPretty":  silent(toPrettyYAML),
		"fromYaml":      readTable(func(s string, v any) error { return yaml.Unmarshal([]byte(s), v) }),
		"fromYamlArray": readList(func(s string, v any) error { return yaml.Unmarshal([]byte(s), v) }),
		"toJson":        silent(toJSON),
		"mustToJson":    toJSON,
		"fromJson":      readTable(func(s string, v any) error { return json.Unmarshal([]byte(s), v) }),
		"fromJsonArray": readList(func(s string, v any) error { return json.Unmarshal([]byte(s), v) }),
		"toToml": func(v any) string {
			s, err := toTOML(v)
			if err != nil {
				return err.Error()
			}
			return s
		},
		"mustToToml": toTOML,
		"fromToml":   readTable(func(s string, v any) error { return toml.Unmarshal([]byte(s), v) }),
		"required": func(why string, v any) (any, error) {
			if v == nil || v == "" {
				return v, errors.New(why)
			}
			return v, nil
		},
		"fail":          func(why string) (string, error) { return "", errors.New(why) },
		"lookup":        func(_, _, _, _ string) map[string]any { return map[string]any{} },
		"getHostByName": func(string) string { return "" },

		"mustToDuration":       duration,
		"durationSeconds":      func(v any) float64 { return orZero(v).Seconds() },
		"durationMilliseconds": func(v any) int64 { return orZero(v).Milliseconds() },
		"durationMicroseconds": func(v any) int64 { return orZero(v).Microseconds() },
		"durationNanoseconds":  func(v any) int64 { return orZero(v).Nanoseconds() },
		"durationMinutes":      func(v any) float64 { return orZero(v).Minutes() },
		"durationHours":        func(v any) float64 { return orZero(v).Hours() },
		"durationDays":         func(v any) float64 { return orZero(v).Hours() / 24 },
		"durationWeeks":        func(v any) float64 { return orZero(v).Hours() / 24 / 7 },
		"durationRoundTo":      func(v, unit any) time.Duration { return orZero(v).Round(orZero(unit)) },
		"durationTruncateTo":   func(v, unit any) time.Duration { return orZero(v).Truncate(orZero(unit)) },
	})
	return out
}

// silent writes nothing for what cannot be written.
func silent(write func(any) (string, error)) func(any) string {
	return func(v any) string {
		s, err := write(v)
		if err != nil {
			return ""
		}
		return s
	}
}

// readTable reads a map; what is wrong with the text stands under "Error".
func readTable(read func(string, any) error) func(string) map[string]any {
	return func(s string) map[string]any {
		out := map[string]any{}
		if err := read(s, &out); err != nil {
			if out == nil {
				out = map[string]any{}
			}
			out["Error"] = err.Error()
		}
		return out
	}
}

// readList reads a list; what is wrong with the text is its one item.
func readList(read func(string, any) error) func(string) []any {
	return func(s string) []any {
		out := []any{}
		if err := read(s, &out); err != nil {
			return []any{err.Error()}
		}
		return out
	}
}

func toYAML(v any) (string, error) {
	out, err := yaml.Marshal(v)
	return strings.TrimSuffix(string(out), "\n"), err
}

// toPrettyYAML indents lists in maps.
func toPrettyYAML(v any) (string, error) {
	var b bytes.Buffer
	e := pretty.NewEncoder(&b)
	e.SetIndent(2)
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func toJSON(v any) (string, error) {
	out, err := json.Marshal(v)
	return string(out), err
}

func toTOML(v any) (string, error) {
	var b strings.Builder
	err := toml.NewEncoder(&b).Encode(v)
	return b.String(), err
}

// orZero is a duration, none where it cannot be read.
func orZero(v any) time.Duration {
	d, err := duration(v)
	if err != nil {
		return 0
	}
	return d
}

// duration reads "1h2m", and numbers, and texts of numbers, as seconds.
func duration(v any) (time.Duration, error) {
	switch v := v.(type) {
	case time.Duration:
		return v, nil
	case string:
		s := strings.TrimSpace(v)
		if d, err := time.ParseDuration(s); err == nil {
			return d, nil
		}
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0, message.Errorf("%q is no duration", v)
		}
		return seconds(f)
	}
	switch n := reflect.ValueOf(v); {
	case n.CanInt():
		return wholeSeconds(n.Int())
	case n.CanUint() && n.Uint() <= math.MaxInt64:
		return wholeSeconds(int64(n.Uint()))
	case n.CanFloat():
		return seconds(n.Float())
	}
	return 0, message.Errorf("%v is no duration", v)
}

func wholeSeconds(n int64) (time.Duration, error) {
	if most := int64(math.MaxInt64 / time.Second); n > most || n < -most {
		return 0, message.Errorf("%d seconds are too many", n)
	}
	return time.Duration(n) * time.Second, nil
}

func seconds(f float64) (time.Duration, error) {
	f *= float64(time.Second)
	if math.IsNaN(f) || f >= math.MaxInt64 || f <= math.MinInt64 {
		return 0, message.New("the seconds are too many")
	}
	return time.Duration(f), nil
}
