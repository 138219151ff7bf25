// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"text/template"
	"time"

	"github.com/sekisho/sekisho/internal/message"
)

// errRender ends a rendering that crosses a bound.
var errRender = message.New("it loops or writes too much")

// functions replace those of Helm that are unbounded, slow, random, or that end
// the rendering on purpose (https://helm.sh/docs/chart_template_guide/function_list/).
func functions(ctx context.Context) template.FuncMap {
	var ticks atomic.Int64
	spend := func(n int) error {
		if n < 0 || n > renderTicks || ticks.Add(int64(n)+1) > renderTicks {
			return errRender
		}
		return ctx.Err()
	}
	until := func(start, stop, step int) ([]int, error) {
		if step == 0 || step > 0 && start >= stop || step < 0 && start <= stop {
			return []int{}, nil
		}
		n := (stop - start) / step
		if err := spend(n); err != nil {
			return nil, err
		}
		out := make([]int, 0, n+1)
		for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
			out = append(out, i)
		}
		return out, nil
	}
	letters := func(n int) (string, error) {
		if err := spend(n); err != nil {
			return "", err
		}
		return strings.Repeat("x", n), nil
	}
	text := func(...any) string { return "generated" }
	pair := func(...any) map[string]string { return map[string]string{"Cert": "generated", "Key": "generated"} }
	return template.FuncMap{
		tick:    func() (string, error) { return "", spend(0) },
		bounded: boundedText,
		"until": func(n int) ([]int, error) { return until(0, n, sign(n)) },
		"untilStep": func(start, stop, step int) ([]int, error) {
			return until(start, stop, step)
		},
		"seq": func(params ...int) (string, error) {
			start, stop, step := 1, 0, 1
			switch len(params) {
			case 0:
				return "", nil
			case 1:
				stop = params[0]
			case 2:
				start, stop = params[0], params[1]
			default:
				start, step, stop = params[0], params[1], params[2]
			}
			if len(params) < 3 && stop < start {
				step = -1
			}
			all, err := until(start, stop+sign(step), step)
			return strings.Trim(fmt.Sprint(all), "[]"), err
		},
		"repeat": func(n int, s string) (string, error) {
			if n < 0 {
				n = 0
			}
			if len(s) > 0 && n > renderTicks/len(s) {
				return "", errRender
			}
			if err := spend(n * len(s)); err != nil {
				return "", err
			}
			return strings.Repeat(s, n), nil
		},
		"indent":  func(n int, s string) (string, error) { return indent(n, s, spend) },
		"nindent": func(n int, s string) (string, error) { s, err := indent(n, s, spend); return "\n" + s, err },
		// A chart that asks for a value is judged without it.
		"required": func(_ string, v any) any {
			if v == nil {
				return ""
			}
			return v
		},
		"fail":          func(string) string { return "" },
		"lookup":        func(...string) map[string]any { return map[string]any{} },
		"getHostByName": func(string) string { return "" },
		// The same input gives the same output.
		"now":                      func() time.Time { return time.Unix(0, 0).UTC() },
		"randAlphaNum":             letters,
		"randAlpha":                letters,
		"randAscii":                letters,
		"randNumeric":              func(n int) (string, error) { s, err := letters(n); return strings.ReplaceAll(s, "x", "1"), err },
		"randBytes":                letters,
		"randInt":                  func(from, _ int) int { return from },
		"shuffle":                  func(s string) string { return s },
		"uuidv4":                   func() string { return "00000000-0000-4000-8000-000000000000" },
		"genPrivateKey":            text,
		"genCA":                    pair,
		"genCAWithKey":             pair,
		"genSelfSignedCert":        pair,
		"genSelfSignedCertWithKey": pair,
		"genSignedCert":            pair,
		"genSignedCertWithKey":     pair,
		"buildCustomCert":          pair,
		"derivePassword":           text,
		"htpasswd":                 text,
		"bcrypt":                   text,
		"encryptAES":               text,
		"decryptAES":               text,
	}
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

func indent(n int, s string, spend func(int) error) (string, error) {
	if n < 0 {
		n = 0
	}
	if n > 10_000 {
		return "", errRender
	}
	if err := spend(n * (strings.Count(s, "\n") + 1) / 16); err != nil {
		return "", err
	}
	pad := strings.Repeat(" ", n)
	return pad + strings.ReplaceAll(s, "\n", "\n"+pad), nil
}

// boundedText puts the ticks into a template that is the value of something.
func boundedText(text any) (any, error) {
	s, ok := text.(string)
	if !ok || !strings.Contains(s, "{{") {
		return text, nil
	}
	trees, err := parseTemplate("tpl", s)
	if err != nil {
		// The library says what is wrong with it.
		return text, nil
	}
	m := &marker{defines: map[string]*reads{}}
	var b strings.Builder
	for name, tree := range trees {
		if tree.Root == nil {
			continue
		}
		c := &cursor{m: m, tree: tree, vars: map[string][]string{}}
		c.list(tree.Root, []string{""})
		tree.Root.Nodes = append(tree.Root.Nodes, ticking(tree))
		if name == "tpl" {
			b.WriteString(tree.Root.String())
		} else {
			fmt.Fprintf(&b, "{{define %q}}%s{{end}}", name, tree.Root.String())
		}
	}
	return b.String(), nil
}
