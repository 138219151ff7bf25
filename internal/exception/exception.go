// SPDX-License-Identifier: Apache-2.0

// Package exception reads the files in which people accept findings: our own,
// the ignore files of other tools, and VEX documents. It runs nothing that such
// a file says, opens no file itself and decides nothing: it gives lists of
// exceptions, and internal/policy applies them.
package exception

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Format is what a file is.
type Format string

// The formats.
const (
	Own         Format = "sekisho"
	TrivyIgnore Format = "trivyignore"
	TrivyYAML   Format = "trivyignore.yaml"
	Grype       Format = "grype"
	OSVScanner  Format = "osv-scanner"
	Snyk        Format = "snyk"
	Dockle      Format = "dockle"
	Hadolint    Format = "hadolint"
	Checkov     Format = "checkov"
	KubeLinter  Format = "kube-linter"
	OpenVEX     Format = "openvex"
	CycloneDX   Format = "cyclonedx-vex"
	CSAF        Format = "csaf-vex"
)

// VEX says whether the format is one of statements.
func (f Format) VEX() bool { return f == OpenVEX || f == CycloneDX || f == CSAF }

// OwnFile is where our own format is looked for, beside the code.
const OwnFile = ".sekisho/exceptions.yaml"

// Found are the names that are looked for in a directory, in the order in which
// they count.
var Found = []string{
	OwnFile, ".trivyignore", ".trivyignore.yaml", ".grype.yaml", "osv-scanner.toml", ".snyk", ".dockleignore", ".hadolint.yaml",
}

// MaxBytes bounds a file; larger ones are refused.
const MaxBytes = 64 << 20

// Bounds of what one file can hold: exceptions, after lists of paths were made
// into one each, and mistakes that are told.
const (
	maxExceptions = 200_000
	maxMistakes   = 10
)

// Error is a mistake in a file, or an entry that cannot be used.
type Error struct {
	File         string
	Line, Column int
	Text         string
	cause        error
}

func mistake(file string, line int, cause error) *Error {
	return &Error{File: file, Line: line, Text: cause.Error(), cause: cause}
}

// Unwrap gives the text as an error, which is said in every language.
func (e *Error) Unwrap() error { return e.cause }

func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return e.File + ": " + e.Text
	case e.Column == 0:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
}

// File is what was read.
type File struct {
	Name       string
	Format     Format
	Exceptions []sekisho.Exception
	// Skipped are entries that say something that cannot be judged here, such as
	// a constraint that is not known: they except nothing.
	Skipped []*Error
}

// ErrNoVEX says that a text is no document of statements in a format that is known.
var ErrNoVEX = message.New("it is no VEX document: OpenVEX, CycloneDX or CSAF in JSON")

// ReadVEX reads a document of statements, whatever its name. The error is
// [ErrNoVEX] for anything else, and as of [Read] for a document that is damaged.
func ReadVEX(name string, text []byte) (*File, error) {
	if len(text) > MaxBytes {
		return Read(name, text)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if t := bytes.TrimSpace(text); len(t) == 0 || t[0] != '{' {
		return nil, ErrNoVEX
	}
	r := &reader{File: File{Name: name}}
	tree, err := parse(text)
	if err != nil {
		return nil, r.mistake(err)
	}
	if r.Format = byContent(tree); !r.Format.VEX() {
		return nil, ErrNoVEX
	}
	return r.read(tree, text)
}

// Read reads a file of any format, told by its name, else by its content. Name
// is how the file is called in what it excepts. The error is one Error, or
// several joined.
func Read(name string, text []byte) (*File, error) {
	r := &reader{File: File{Name: name}}
	if len(text) > MaxBytes {
		return nil, mistake(name, 0, message.Errorf("it is larger than %d MiB", MaxBytes>>20))
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	r.Format = byName(name)
	var tree *document.Node
	if r.Format != TrivyIgnore && r.Format != Dockle && r.Format != OSVScanner {
		var err error
		if tree, err = parse(text); err != nil && (r.Format != "" || looksLikeDocument(text)) {
			return nil, r.mistake(err)
		}
		if r.Format == "" {
			r.Format = byContent(tree)
		}
	}
	return r.read(tree, text)
}

// read takes in what a file of a format says: its tree or, for formats of lines,
// its text.
func (r *reader) read(tree *document.Node, text []byte) (*File, error) {
	switch r.Format {
	case Own:
		r.own(tree)
	case TrivyIgnore, Dockle:
		r.lines(text)
	case TrivyYAML:
		r.trivy(tree)
	case Grype:
		r.grype(tree)
	case OSVScanner:
		r.osv(text)
	case Snyk:
		r.snyk(tree)
	case Hadolint:
		r.ids(tree.Get("ignored"), sekisho.ResourceDockerfile+"/")
	case Checkov:
		r.ids(tree.Get("skip-check"), "")
	case KubeLinter:
		r.ids(tree.Get("checks", "exclude"), sekisho.ResourceKubernetes+"/")
	case OpenVEX:
		r.openVEX(tree)
	case CycloneDX:
		r.cycloneDX(tree)
	case CSAF:
		r.csaf(tree)
	default:
		if tree != nil && tree.Kind != document.String {
			return nil, mistake(r.Name, 1, message.New("this is no file of exceptions of a known format; our own begins with \"exceptions:\""))
		}
		r.Format = TrivyIgnore
		r.lines(text)
	}
	if err := errors.Join(r.errs...); err != nil {
		return nil, err
	}
	return &r.File, nil
}

// byName tells the formats whose files have a name of their own.
func byName(name string) Format {
	name = strings.ReplaceAll(name, "\\", "/")
	base := path.Base(name)
	switch base = strings.TrimSuffix(base, ".yml"); strings.TrimSuffix(base, ".yaml") {
	case ".trivyignore":
		if base != path.Base(name) || strings.HasSuffix(base, ".yaml") {
			return TrivyYAML
		}
		return TrivyIgnore
	case ".dockleignore":
		return Dockle
	case ".snyk":
		return Snyk
	case ".hadolint", "hadolint":
		return Hadolint
	case ".grype", "grype":
		return Grype
	case ".checkov", "checkov":
		return Checkov
	case ".kube-linter":
		return KubeLinter
	}
	switch {
	case strings.HasSuffix(base, ".toml"):
		return OSVScanner
	case path.Base(name) == path.Base(OwnFile) && path.Base(path.Dir(name)) == path.Dir(OwnFile):
		return Own
	}
	return ""
}

// byContent tells the formats of documents by their keys.
func byContent(n *document.Node) Format {
	switch has := func(keys ...string) bool { return n.Get(keys...).Present() }; {
	case has("exceptions"):
		return Own
	case strings.HasPrefix(n.Get("@context").Str(), "https://openvex.dev/"):
		return OpenVEX
	case n.Get("bomFormat").Str() == "CycloneDX":
		return CycloneDX
	case has("document", "csaf_version"):
		return CSAF
	case has("ignored"):
		return Hadolint
	case has("skip-check"):
		return Checkov
	case has("checks", "exclude"):
		return KubeLinter
	case n.Get("ignore") != nil && n.Get("ignore").Kind == document.List:
		return Grype
	case n.Get("ignore") != nil && n.Get("ignore").Kind == document.Map:
		return Snyk
	}
	for _, key := range []string{"vulnerabilities", "misconfigurations", "secrets", "licenses"} {
		if l := n.Get(key); l != nil && l.Kind == document.List {
			return TrivyYAML
		}
	}
	return ""
}

// looksLikeDocument says whether text that could not be parsed was meant as JSON
// or YAML: a line of ids has no such marks.
func looksLikeDocument(text []byte) bool {
	t := bytes.TrimSpace(text)
	return len(t) > 0 && (t[0] == '{' || t[0] == '[') || bytes.Contains(text, []byte(":\n")) || bytes.Contains(text, []byte(": "))
}

// parse reads JSON or YAML; the first document of several, nil of none.
func parse(text []byte) (*document.Node, error) {
	if t := bytes.TrimSpace(text); len(t) > 0 && t[0] == '{' {
		return document.JSON(text)
	}
	docs, err := document.YAML(text)
	if len(docs) == 0 {
		return nil, err
	}
	return docs[0], err
}

// reader collects what a file says.
type reader struct {
	File
	errs []error
	full bool
}

// mistake puts the name of the file before a mistake of the document.
func (r *reader) mistake(err error) error {
	if e, ok := errors.AsType[*document.Error](err); ok {
		return mistake(r.Name, e.Line, e.Cause)
	}
	return mistake(r.Name, 0, err)
}

func (r *reader) at(n *document.Node, format string, args ...any) *Error {
	e := mistake(r.Name, 0, message.Told(format, args...))
	if n != nil {
		e.Line, e.Column = n.Line, n.Column
	}
	return e
}

func (r *reader) bad(n *document.Node, format string, args ...any) {
	if len(r.errs) < maxMistakes {
		r.errs = append(r.errs, r.at(n, format, args...))
	}
}

func (r *reader) skip(n *document.Node, format string, args ...any) {
	if len(r.Skipped) < maxExceptions {
		r.Skipped = append(r.Skipped, r.at(n, format, args...))
	}
}

// add takes an exception and where it stands.
func (r *reader) add(at *document.Node, e sekisho.Exception) {
	if len(r.Exceptions) >= maxExceptions {
		if !r.full {
			r.full = true
			r.errs = append(r.errs, mistake(r.Name, at.Line, message.Errorf("there are more than %d exceptions, lists of paths multiplied", maxExceptions)))
		}
		return
	}
	e.By, e.Line, e.Column = r.Name, at.Line, at.Column
	if r.Format.VEX() {
		e.By = "VEX " + r.Name
	}
	r.Exceptions = append(r.Exceptions, e)
}

// families are the resources that the ids of other tools' checks are about. Our
// rules answer to the same id wherever the intent is the same; who ignored a
// check of Dockerfiles did not accept that a Pod runs as root.
var families = []struct {
	prefix string
	kinds  []string
}{
	{"DS-", []string{sekisho.ResourceDockerfile, sekisho.ResourceImage}},
	{"KSV-", []string{sekisho.ResourceKubernetes}},
	{"CKV_DOCKER_", []string{sekisho.ResourceDockerfile}},
	{"CKV_K8S_", []string{sekisho.ResourceKubernetes}},
	{"CKV2_K8S_", []string{sekisho.ResourceKubernetes}},
}

// foreign takes an exception whose rule is another tool's id: the resources that
// the id is about, else kind, are put before it.
func (r *reader) foreign(at *document.Node, kind string, e sekisho.Exception) {
	id := e.Rule
	for _, f := range families {
		if !strings.HasPrefix(sekisho.RuleKey(id), f.prefix) {
			continue
		}
		for _, k := range f.kinds {
			e.Rule = k + "/" + id
			r.add(at, e)
		}
		return
	}
	e.Rule = kind + id
	r.add(at, e)
}

// list gives the items of a list; what is no list and is there is a mistake.
func (r *reader) list(n *document.Node, what string) []*document.Node {
	if n.Present() && n.Kind != document.List {
		r.bad(n, "%s must be a list", what)
	}
	return n.List()
}

// texts gives the strings of a list, or one string.
func (r *reader) texts(n *document.Node, what string) []string {
	if s := n.Str(); s != "" {
		return []string{s}
	}
	var out []string
	for _, item := range r.list(n, what) {
		if item.Str() == "" {
			r.bad(item, "%s must be texts", what)
			continue
		}
		out = append(out, item.Str())
	}
	return out
}

// date reads a day, or the day (UTC) of a time; "" and a mistake for another text.
func (r *reader) date(n *document.Node, what string) string {
	if !n.Present() {
		return ""
	}
	d, ok := day(n.Str())
	if !ok {
		r.bad(n, "%s %q is no date, write it like 2026-12-31", what, n.Str())
	}
	return d
}

// day of a date or a time in one of the notations that the formats use.
func day(s string) (string, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Format(time.DateOnly), true
		}
	}
	return "", false
}

// goodPattern says whether a pattern of paths can be compared.
func goodPattern(s string) bool {
	return !slices.ContainsFunc(strings.Split(s, "/"), func(part string) bool { _, err := path.Match(part, ""); return err != nil })
}

// orAny is a list with one empty text where it is empty, so that loops over
// several lists make every combination.
func orAny(list []string) []string {
	if len(list) == 0 {
		return []string{""}
	}
	return list
}
