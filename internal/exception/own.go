// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// ownEntry is an entry of our own format, docs/exceptions.md: the order of the
// fields is that of the file.
type ownEntry struct {
	Rule          string `yaml:"rule"`
	Package       string `yaml:"package,omitempty"`
	Type          string `yaml:"type,omitempty"`
	FixState      string `yaml:"fix-state,omitempty"`
	Path          string `yaml:"path,omitempty"`
	Image         string `yaml:"image,omitempty"`
	Environment   string `yaml:"environment,omitempty"`
	Reason        string `yaml:"reason"`
	Owner         string `yaml:"owner,omitempty"`
	Approver      string `yaml:"approver,omitempty"`
	Created       string `yaml:"created,omitempty"`
	Expires       string `yaml:"expires"`
	Status        string `yaml:"status,omitempty"`
	Justification string `yaml:"justification,omitempty"`
}

var ownFields = []string{
	"rule", "package", "type", "fix-state", "path", "image", "environment", "reason", "owner", "approver", "created", "expires", "status", "justification",
}

var fixStates = []string{"fixed", "not-fixed", "wont-fix", "unknown"}

// own reads our own format: everything that is not known is a mistake.
func (r *reader) own(doc *document.Node) {
	if doc == nil {
		return // an empty file
	}
	if doc.Kind != document.Map {
		r.bad(doc, "the file must hold a list \"exceptions\"")
		return
	}
	for key := range doc.Members() {
		if key != "exceptions" {
			r.bad(doc.Key(key), "there is no field %q, the file holds a list \"exceptions\"", key)
		}
	}
	for _, n := range r.list(doc.Get("exceptions"), "exceptions") {
		if n.Kind != document.Map {
			r.bad(n, "an exception is a map of fields: %s", strings.Join(ownFields, ", "))
			continue
		}
		r.ownEntry(n)
	}
}

func (r *reader) ownEntry(n *document.Node) {
	before := len(r.errs)
	for key, v := range n.Members() {
		switch {
		case !slices.Contains(ownFields, key):
			r.bad(n.Key(key), "there is no field %q: %s", key, strings.Join(ownFields, ", "))
		case v.Present() && v.Kind != document.String && v.Kind != document.Number && v.Kind != document.Bool:
			r.bad(v, "%s must be a text", key)
		}
	}
	text := func(key string) string { return strings.TrimSpace(n.Get(key).Str()) }
	for _, key := range []string{"rule", "reason", "expires"} {
		if text(key) == "" && (n.Get(key) == nil || !n.Get(key).Present() || n.Get(key).Kind == document.String) {
			place := n
			if k := n.Key(key); k != nil {
				place = k
			}
			switch key {
			case "rule":
				r.bad(place, "rule is missing: the id of a rule or a CVE")
			case "reason":
				r.bad(place, "reason is missing: say why the risk is accepted")
			default:
				r.bad(place, "expires is missing: the last day on which the exception holds, such as 2026-12-31")
			}
		}
	}
	e := sekisho.Exception{
		Rule: text("rule"), Package: text("package"), Type: text("type"), FixState: text("fix-state"), Path: text("path"), Image: text("image"),
		Environment: text("environment"), Reason: text("reason"), Owner: text("owner"), Approver: text("approver"), Status: text("status"), Justification: text("justification"),
	}
	if text("expires") != "" {
		e.Expires = r.dateOnly(n.Get("expires"), "expires")
	}
	if text("created") != "" {
		e.Created = r.dateOnly(n.Get("created"), "created")
	}
	if (e.Rule == sekisho.AnyRule || strings.HasSuffix(e.Rule, "/"+sekisho.AnyRule)) && e.Package+e.Type+e.FixState+e.Path+e.Image == "" {
		r.bad(n.Get("rule"), "an exception of every rule needs a package, type, fix-state, path or image")
	}
	if e.Path != "" && !goodPattern(e.Path) {
		r.bad(n.Get("path"), "path %q is no pattern", e.Path)
	}
	if e.FixState != "" && !slices.Contains(fixStates, e.FixState) {
		r.bad(n.Get("fix-state"), "fix-state %q is none of %s", e.FixState, strings.Join(fixStates, ", "))
	}
	if strings.HasPrefix(strings.ToLower(e.Package), "pkg:") {
		if _, err := sekisho.ParsePURL(e.Package); err != nil {
			r.bad(n.Get("package"), "%w", err)
		}
	}
	r.ownStatus(n, &e)
	if len(r.errs) == before {
		r.add(n, e)
	}
}

// ownStatus checks what an exception says in the words of VEX.
func (r *reader) ownStatus(n *document.Node, e *sekisho.Exception) {
	switch e.Status {
	case "", sekisho.StatusNotAffected, sekisho.StatusFixed:
	case sekisho.StatusAffected, sekisho.StatusInvestigating:
		r.bad(n.Get("status"), "status %s excepts nothing; leave it out to accept the risk", e.Status)
	default:
		r.bad(n.Get("status"), "status %q is none of not_affected, fixed", e.Status)
	}
	switch {
	case e.Justification == "":
	case e.Status != sekisho.StatusNotAffected:
		r.bad(n.Get("justification"), "a justification needs status: not_affected")
	case !slices.Contains(sekisho.VEXJustifications, e.Justification):
		r.bad(n.Get("justification"), "justification %q is none of %s", e.Justification, strings.Join(sekisho.VEXJustifications, ", "))
	}
}

// dateOnly reads a day and no time.
func (r *reader) dateOnly(n *document.Node, what string) string {
	s := strings.TrimSpace(n.Str())
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		r.bad(n, "%s %q is no date, write it like 2026-12-31", what, s)
		return ""
	}
	return s
}

// Write writes exceptions in our own format. Those without an end are given
// this one, and those without a reason the file that they stand in. What our
// format cannot say is returned: statements of VEX.
func Write(w io.Writer, list []sekisho.Exception, expires string) (left []sekisho.Exception, err error) {
	doc := struct {
		Exceptions []ownEntry `yaml:"exceptions"`
	}{Exceptions: []ownEntry{}}
	for _, e := range list {
		if e.Statement || e.Product != "" || e.Range != "" {
			left = append(left, e)
			continue
		}
		if e.Expires == "" {
			e.Expires = expires
		}
		if e.Reason == "" {
			e.Reason = fmt.Sprintf("imported from %s", e.By)
		}
		doc.Exceptions = append(doc.Exceptions, ownEntry{
			e.Rule, e.Package, e.Type, e.FixState, e.Path, e.Image, e.Environment, e.Reason, e.Owner, e.Approver, e.Created, e.Expires, e.Status, e.Justification,
		})
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, message.Errorf("write exceptions: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return nil, message.Errorf("write exceptions: %w", err)
	}
	return left, nil
}
