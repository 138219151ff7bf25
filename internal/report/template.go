// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// writeTemplate fills a Go template (text/template) with the result. Beside the
// language's own functions there are json, upper, lower, join, replace and clean.
func writeTemplate(w io.Writer, r *sekisho.Result, o Options) error {
	t, err := template.New("report").Option("missingkey=error").Funcs(template.FuncMap{
		"json": func(v any) (string, error) {
			b, err := json.Marshal(v)
			return string(b), err
		},
		"upper": strings.ToUpper, "lower": strings.ToLower, "clean": clean,
		"join":    func(sep string, s []string) string { return strings.Join(s, sep) },
		"replace": func(old, with, s string) string { return strings.ReplaceAll(s, old, with) },
	}).Parse(o.Template)
	if err != nil {
		return message.Errorf("read the template: %w", err)
	}
	if err := t.Execute(w, r); err != nil {
		return message.Errorf("fill the template: %w", err)
	}
	return nil
}

// writePURLs writes the package URLs of what a container sees, one a line.
func writePURLs(w io.Writer, r *sekisho.Result, _ Options) error {
	for _, r := range all(r) {
		for i := range r.Packages {
			if p := &r.Packages[i]; !p.Hidden && p.PURL != "" {
				if _, err := fmt.Fprintln(w, clean(p.PURL)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
