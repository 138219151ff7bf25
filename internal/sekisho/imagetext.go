// SPDX-License-Identifier: Apache-2.0

package sekisho

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ImageText is a text of an image's configuration in which a secret can be.
type ImageText struct {
	// Name of the text, for people: "ENV PATH", "LABEL build", "history step 3".
	Name string
	Text string
	// Step of the history, from 1 on; 0 for other texts.
	Step int
}

// Texts lists what an image says of itself, in a fixed order.
func (c *ImageConfig) Texts() []ImageText {
	var out []ImageText
	for _, e := range c.Env {
		name, _, _ := strings.Cut(e, "=")
		out = append(out, ImageText{Name: "ENV " + name, Text: e})
	}
	for _, k := range slices.Sorted(maps.Keys(c.Labels)) {
		out = append(out, ImageText{Name: "LABEL " + k, Text: k + "=" + c.Labels[k]})
	}
	for _, k := range slices.Sorted(maps.Keys(c.Annotations)) {
		out = append(out, ImageText{Name: "annotation " + k, Text: k + "=" + c.Annotations[k]})
	}
	for _, t := range []struct {
		name  string
		words []string
	}{{"ENTRYPOINT", c.Entrypoint}, {"CMD", c.Cmd}, {"HEALTHCHECK", c.Healthcheck}} {
		out = append(out, ImageText{Name: t.name, Text: strings.Join(t.words, " ")})
	}
	for i, h := range c.History {
		name := fmt.Sprintf("history step %d", i+1)
		out = append(out, ImageText{Name: name, Text: h.CreatedBy, Step: i + 1})
		if h.Comment != "" {
			out = append(out, ImageText{Name: name + ", comment", Text: h.Comment, Step: i + 1})
		}
	}
	return out
}

// Within cuts what a location speaks of out of a text; empty when it is not in it.
func (l *Location) Within(text string) string {
	at := func(line, column int) int {
		from := 0
		for range line - 1 {
			i := strings.IndexByte(text[from:], '\n')
			if i < 0 {
				return -1
			}
			from += i + 1
		}
		return from + column - 1
	}
	start, end := at(l.Line, l.Column), at(l.EndLine, l.EndColumn)
	if start < 0 || end > len(text) || start >= end {
		return ""
	}
	return text[start:end]
}
