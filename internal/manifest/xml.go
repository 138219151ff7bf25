// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

const maxXMLDepth = 100

// xmlText is an element that has text and nothing else, with the names of the
// elements around it and itself, and where its text stands.
type xmlText struct {
	path     []string
	value    string
	from, to int
	// parent numbers the element around it.
	parent int
}

// xmlTag is the tag that begins an element.
type xmlTag struct {
	path     []string
	attrs    []xml.Attr
	from, to int
	number   int
}

// xmlScan finds texts and tags; false when the document cannot be read.
func xmlScan(text []byte) (texts []xmlText, tags []xmlTag, ok bool) {
	dec := xml.NewDecoder(bytes.NewReader(text))
	type open struct {
		number, from int
		value        string
		plain        bool
	}
	var stack []open
	var path []string
	for {
		before := int(dec.InputOffset())
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return texts, tags, true
		}
		if err != nil {
			return nil, nil, false
		}
		after := int(dec.InputOffset())
		switch t := token.(type) {
		case xml.StartElement:
			if len(stack) > maxXMLDepth {
				return nil, nil, false
			}
			if len(stack) > 0 {
				stack[len(stack)-1].plain = false
			}
			path = append(slices.Clip(path), t.Name.Local)
			tags = append(tags, xmlTag{path: path, attrs: t.Attr, from: before, to: after, number: len(tags)})
			stack = append(stack, open{number: len(tags) - 1, from: after, plain: true})
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].value += string(t)
			}
		case xml.EndElement:
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if top.plain && len(stack) > 0 && string(text[top.from:before]) == top.value {
				lead := len(top.value) - len(strings.TrimLeft(top.value, " \t\r\n"))
				value := strings.TrimSpace(top.value)
				texts = append(texts, xmlText{path: path, value: value, from: top.from + lead, to: top.from + lead + len(value), parent: stack[len(stack)-1].number})
			}
			path = path[:len(path)-1]
		}
	}
}

// pom finds the version of an artifact: in its dependency, in the dependency
// management, or in the property of this file that they name.
func pom(text []byte, w Want) (out []site, why string) {
	texts, _, ok := xmlScan(text)
	if !ok {
		return nil, RefusedUnreadable
	}
	properties := map[string][]xmlText{}
	groups := map[int]map[string]xmlText{}
	var order []int
	for _, t := range texts {
		p := t.path
		if len(p) == 3 && p[0] == "project" && p[1] == "properties" {
			properties[p[2]] = append(properties[p[2]], t)
		}
		if len(p) >= 4 && p[0] == "project" && p[len(p)-2] == "dependency" && p[len(p)-3] == "dependencies" && !slices.Contains(p, "plugin") {
			if groups[t.parent] == nil {
				groups[t.parent] = map[string]xmlText{}
				order = append(order, t.parent)
			}
			groups[t.parent][p[len(p)-1]] = t
		}
	}
	named := false
	for _, n := range order {
		d := groups[n]
		if d["groupId"].value+":"+d["artifactId"].value != w.Name {
			continue
		}
		v, ok := d["version"]
		if !ok {
			named = true
			continue
		}
		if name, ok := strings.CutPrefix(v.value, "${"); ok {
			all := properties[strings.TrimSuffix(name, "}")]
			if len(all) != 1 || !strings.HasSuffix(name, "}") || strings.HasPrefix(name, "project.") {
				return nil, RefusedElsewhere
			}
			v = all[0]
		}
		out = append(out, site{from: v.from, to: v.to, style: style{exact: true}})
	}
	if all := properties[w.Property]; len(out) == 0 && w.Property != "" && len(all) == 1 && all[0].value == w.From {
		return []site{{from: all[0].from, to: all[0].to, style: style{exact: true}}}, ""
	}
	if len(out) == 0 && named {
		return nil, RefusedElsewhere
	}
	return out, ""
}

// Property is the name of the property that the version of a package is in pom.xml;
// "" where it is none, or where several are named.
func Property(text []byte, name string) string {
	texts, _, ok := xmlScan(text)
	if !ok {
		return ""
	}
	groups := map[int]map[string]string{}
	for _, t := range texts {
		if p := t.path; len(p) >= 4 && p[0] == "project" && p[len(p)-2] == "dependency" && p[len(p)-3] == "dependencies" && !slices.Contains(p, "plugin") {
			if groups[t.parent] == nil {
				groups[t.parent] = map[string]string{}
			}
			groups[t.parent][p[len(p)-1]] = t.value
		}
	}
	found := ""
	for _, d := range groups {
		if d["groupId"]+":"+d["artifactId"] != name || d["version"] == "" {
			continue
		}
		property, ok := strings.CutPrefix(d["version"], "${")
		property, whole := strings.CutSuffix(property, "}")
		if !ok || !whole || strings.HasPrefix(property, "project.") || strings.ContainsAny(property, "${}") || found != "" && found != property {
			return ""
		}
		found = property
	}
	return found
}

// msBuild finds the version of a package: an attribute of its reference, or the
// element in it.
func msBuild(text []byte, w Want) (out []site, why string) {
	texts, tags, ok := xmlScan(text)
	if !ok {
		return nil, RefusedUnreadable
	}
	bare := false
	for _, t := range tags {
		if last := t.path[len(t.path)-1]; last != "PackageReference" && last != "PackageVersion" && last != "GlobalPackageReference" {
			continue
		}
		name := ""
		for _, a := range t.attrs {
			if a.Name.Local == "Include" || a.Name.Local == "Update" {
				name = a.Value
			}
		}
		if !strings.EqualFold(name, w.Name) {
			continue
		}
		found := false
		for _, attr := range []string{"Version", "VersionOverride"} {
			from, to, ok := attribute(text, t, attr)
			if ok {
				out, found = append(out, msSite(text, from, to)), true
			}
		}
		for _, v := range texts {
			if last := v.path[len(v.path)-1]; v.parent == t.number && (last == "Version" || last == "VersionOverride") {
				out, found = append(out, msSite(text, v.from, v.to)), true
			}
		}
		bare = bare || !found
	}
	if len(out) == 0 && bare {
		return nil, RefusedElsewhere
	}
	return out, ""
}

func msSite(text []byte, from, to int) site {
	s := site{from: from, to: to, style: style{exact: true}}
	if bytes.Contains(text[from:to], []byte("$(")) {
		s.refused = RefusedElsewhere
	}
	return s
}

// attribute finds the value of an attribute in the text of a tag.
func attribute(text []byte, t xmlTag, name string) (from, to int, ok bool) {
	i := t.from + 1
	for i < t.to && !isBlank(text[i]) {
		i++ // the name of the element
	}
	for i < t.to {
		for i < t.to && isBlank(text[i]) {
			i++
		}
		start := i
		for i < t.to && text[i] != '=' && !isBlank(text[i]) && text[i] != '>' {
			i++
		}
		key := string(text[start:i])
		for i < t.to && (isBlank(text[i]) || text[i] == '=') {
			i++
		}
		if i >= t.to || text[i] != '"' && text[i] != '\'' {
			return 0, 0, false
		}
		end := bytes.IndexByte(text[i+1:t.to], text[i])
		if end < 0 {
			return 0, 0, false
		}
		from, to = i+1, i+1+end
		if key == name {
			return from, to, true
		}
		i = to + 1
	}
	return 0, 0, false
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
