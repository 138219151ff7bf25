// SPDX-License-Identifier: Apache-2.0

// Package userpolicy reads the policies that users write, in YAML with conditions
// in CEL (https://cel.dev), and the presets, which are written in the same way.
// Conditions are checked when they are read, and what one may cost is bounded. It
// opens no file and judges nothing: it makes the rules of internal/policy.
package userpolicy

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of one file.
const (
	// MaxBytes is how long a file may be.
	MaxBytes = 1 << 20
	maxRules = 500
	maxTests = 1000
)

//go:embed preset/*.yaml
var presets embed.FS

// File is a policy, ready to be judged by.
type File struct {
	Name  string
	Rules []policy.Rule
	Tests []Test
	// Source says what it was read from, with the presets that it extends.
	Source sekisho.PolicySource
}

// Error is a mistake in a policy.
type Error struct {
	File         string
	Line, Column int
	Text         string
	cause        error
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

// Presets are the names of the policies that come with the program.
func Presets() []string {
	names, err := fs.Glob(presets, "preset/*.yaml")
	if err != nil {
		return nil // the pattern is ours, and right
	}
	for i, n := range names {
		names[i] = strings.TrimSuffix(path.Base(n), ".yaml")
	}
	return names
}

// PresetText is a preset as it is written; ok is false when there is none of the name.
func PresetText(name string) (text []byte, ok bool) {
	if !slices.Contains(Presets(), name) {
		return nil, false
	}
	text, err := presets.ReadFile("preset/" + name + ".yaml")
	return text, err == nil
}

// Load reads one file of a policy, docs/policy.md. Every mistake is reported,
// joined; there is no policy then.
func Load(name string, text []byte) (*File, error) {
	l, err := newLoader(name)
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	hash.Write(text)
	l.file(text)
	for _, p := range l.extended {
		more, _ := PresetText(p)
		hash.Write(more)
	}
	rules := l.rules()
	if err := errors.Join(l.errs...); err != nil {
		return nil, err
	}
	return &File{
		Name: name, Rules: rules, Tests: l.tests,
		Source: sekisho.PolicySource{Name: name, Digest: "sha256:" + hex.EncodeToString(hash.Sum(nil)), Rules: len(rules)},
	}, nil
}

// entry is a rule as it is written, with the file that says so.
type entry struct {
	file string
	node *document.Node
}

// draft is a rule in the making: each field as the last file says it.
type draft struct {
	name   string
	file   string // of the first
	fields map[string]entry
	at     entry
}

type loader struct {
	name     string
	compiler *compiler
	order    []string
	drafts   map[string]*draft
	extended []string
	tests    []Test
	errs     []error
}

func newLoader(name string) (*loader, error) {
	c, err := shared()
	if err != nil {
		return nil, err
	}
	return &loader{name: name, compiler: c, drafts: map[string]*draft{}}, nil
}

func (l *loader) bad(n *document.Node, format string, args ...any) {
	l.wrong(l.name, n, format, args...)
}

func (l *loader) wrong(file string, n *document.Node, format string, args ...any) {
	cause := message.Told(format, args...)
	e := &Error{File: file, Text: cause.Error(), cause: cause}
	if n != nil {
		e.Line, e.Column = n.Line, n.Column
	}
	l.errs = append(l.errs, e)
}

// parse reads the one document of a file.
func (l *loader) parse(text []byte) *document.Node {
	if len(text) > MaxBytes {
		l.bad(nil, "a policy has %d bytes at most", MaxBytes)
		return nil
	}
	docs, err := document.YAML(text)
	if err != nil {
		e := &Error{File: l.name, Text: err.Error(), cause: err}
		if de, ok := errors.AsType[*document.Error](err); ok {
			e.Line, e.Text, e.cause = de.Line, de.Text, de.Cause
		}
		l.errs = append(l.errs, e)
		return nil
	}
	switch {
	case len(docs) == 0:
		l.bad(nil, "the file is empty: write extends or rules")
	case len(docs) > 1:
		l.bad(docs[1], "a policy is one document")
	case docs[0].Kind != document.Map:
		l.bad(docs[0], "a policy is written with rules, extends, disable and tests")
	default:
		return docs[0]
	}
	return nil
}

func (l *loader) file(text []byte) {
	doc := l.parse(text)
	if doc == nil {
		return
	}
	l.only(doc, message.New("a policy"), "policy", "extends", "disable", "rules", "tests")
	if !doc.Get("rules").Present() && !doc.Get("extends").Present() {
		l.bad(doc, "there are no rules: write rules, or extends with a preset (%s)", strings.Join(Presets(), ", "))
	}
	if n := doc.Get("policy"); n.Present() && n.Str() == "" {
		l.bad(n, "policy is the name of the policy")
	}
	for _, n := range l.texts(doc.Get("extends"), "extends") {
		l.extend(n)
	}
	for _, n := range l.texts(doc.Get("disable"), "disable") {
		if l.drafts[n.Str()] == nil {
			if len(l.order) == 0 {
				l.bad(n, "there is no rule %q to disable: extends names no preset", n.Str())
				continue
			}
			l.bad(n, "there is no rule %q to disable: %s", n.Str(), strings.Join(l.order, ", "))
			continue
		}
		delete(l.drafts, n.Str())
		l.order = slices.DeleteFunc(l.order, func(s string) bool { return s == n.Str() })
	}
	if n := doc.Get("rules"); n.Present() && n.Kind != document.List {
		l.bad(n, "rules is a list")
	}
	inherited := maps.Clone(l.drafts)
	for _, n := range doc.Get("rules").List() {
		l.rule(l.name, n, inherited)
	}
	l.readTests(doc.Get("tests"))
}

// extend takes over the rules of a preset.
func (l *loader) extend(n *document.Node) {
	text, ok := PresetText(n.Str())
	if !ok {
		l.bad(n, "there is no preset %q: %s", n.Str(), strings.Join(Presets(), ", "))
		return
	}
	if slices.Contains(l.extended, n.Str()) {
		l.bad(n, "%q is extended twice", n.Str())
		return
	}
	l.extended = append(l.extended, n.Str())
	docs, err := document.YAML(text)
	if err != nil || len(docs) != 1 {
		l.bad(n, "the preset %q cannot be read: %v", n.Str(), err)
		return
	}
	for _, r := range docs[0].Get("rules").List() {
		l.rule(n.Str(), r, l.drafts) // of two presets with a rule of one name the later says more
	}
}

// ruleFields are those of a rule.
var ruleFields = []string{"name", "when", "effect", "message", "kinds", "severity", "scope"}

// rule takes a rule, or what is said more of an inherited one.
func (l *loader) rule(file string, n *document.Node, inherited map[string]*draft) {
	if n.Kind != document.Map {
		l.wrong(file, n, "a rule is written with %s", strings.Join(ruleFields, ", "))
		return
	}
	if file == l.name {
		l.only(n, message.New("a rule"), ruleFields...)
	}
	name := n.Get("name").Str()
	switch {
	case name == "":
		l.wrong(file, n, "the rule has no name")
		return
	case !goodName(name):
		l.wrong(file, n.Get("name"), "the name %q is not of lower-case letters, digits and dashes, 60 at most", name)
		return
	case len(l.order) == maxRules:
		l.wrong(file, n, "a policy has %d rules at most", maxRules)
		return
	}
	d := l.drafts[name]
	if d != nil && inherited[name] == nil {
		l.wrong(file, n.Get("name"), "the name %q is taken", name)
		return
	}
	if d == nil {
		d = &draft{name: name, file: file, fields: map[string]entry{}}
		l.drafts[name] = d
		l.order = append(l.order, name)
	} else if d.file != file {
		d = &draft{name: name, file: d.file, fields: maps.Clone(d.fields)}
		l.drafts[name] = d
		if inherited[name] != nil && file == l.name {
			delete(inherited, name) // a second time it is taken
		}
	}
	d.at = entry{file, n}
	for key, v := range n.Members() {
		d.fields[key] = entry{file, v}
	}
}

func goodName(s string) bool {
	return len(s) <= 60 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// only complains of members that are not known.
func (l *loader) only(n *document.Node, what any, names ...string) {
	for key := range n.Members() {
		if !slices.Contains(names, key) {
			l.bad(n.Key(key), "%q is no field of %v: %s", key, what, strings.Join(names, ", "))
		}
	}
}

// texts are the texts of a list, or one text that stands for a list.
func (l *loader) texts(n *document.Node, what string) []*document.Node {
	if !n.Present() {
		return nil
	}
	list := n.List()
	if n.Kind == document.String {
		list = []*document.Node{n}
	} else if n.Kind != document.List {
		l.bad(n, "%s is a text or a list of texts", what)
	}
	var out []*document.Node
	for _, item := range list {
		if item.Str() == "" {
			l.bad(item, "%s is a text or a list of texts", what)
			continue
		}
		out = append(out, item)
	}
	return out
}

// rules makes the rules of the drafts.
func (l *loader) rules() []policy.Rule {
	var out []policy.Rule
	for _, name := range l.order {
		if r := l.make(l.drafts[name]); r != nil {
			out = append(out, *r)
		}
	}
	if len(out) == 0 && len(l.errs) == 0 {
		l.bad(nil, "no rule is left")
	}
	return out
}

func (l *loader) make(d *draft) *policy.Rule {
	before := len(l.errs)
	get := func(key string) *document.Node { return d.fields[key].node }
	r := &policy.Rule{Name: d.name, Policy: d.file, Subject: policy.OfFindings}
	switch e := policy.Effect(get("effect").Str()); e {
	case policy.Deny, policy.Warn:
		r.Effect = e
	case "":
		l.wrong(d.at.file, d.at.node, "the rule %s has no effect: deny or warn", d.name)
	default:
		l.wrong(d.fields["effect"].file, get("effect"), "effect %q is none of deny, warn", e)
	}
	r.Message = words(get("message"))
	if r.Message.EN == "" {
		l.wrong(d.at.file, d.at.node, "the rule %s has no message: a text, or en and ja", d.name)
	}
	if m := get("message"); m != nil && m.Kind == document.Map {
		l.only(m, "message", "en", "ja")
	}
	for _, n := range l.texts(get("kinds"), "kinds") {
		k := sekisho.FindingKind(n.Str())
		if !slices.Contains(findingKinds, k) {
			l.wrong(d.fields["kinds"].file, n, "there is no kind %q of findings: %v", k, findingKinds)
		}
		r.Kinds = append(r.Kinds, k)
	}
	if n := get("severity"); n.Present() {
		var err error
		if r.Severity, err = sekisho.ParseSeverity(n.Str()); err != nil {
			l.wrong(d.fields["severity"].file, n, "%w", err)
		}
	}
	l.scope(&r.Scope, get("scope"))
	when := get("when")
	switch {
	case when.Present() && when.Kind == document.String:
		l.when(r, d.fields["when"].file, when)
	case when.Present():
		l.wrong(d.fields["when"].file, when, "when is an expression, written as a text")
	case len(r.Kinds) == 0 && r.Severity == 0 && len(l.errs) == before:
		l.wrong(d.at.file, d.at.node, "the rule %s says nothing of what it is about: write when, kinds or severity", d.name)
	default:
		r.When = policy.ConditionFunc(func(*policy.Case) (bool, error) { return true, nil })
	}
	if r.Subject != policy.OfFindings && (len(r.Kinds) > 0 || r.Severity != 0) {
		l.wrong(d.at.file, d.at.node, "the rule %s has kinds or severity, and its condition speaks of no finding", d.name)
	}
	if r.Subject == policy.OfResult && len(r.Scope.Paths) > 0 {
		l.wrong(d.at.file, d.at.node, "the rule %s has paths, and its condition speaks of no finding and no package", d.name)
	}
	if len(l.errs) > before {
		return nil
	}
	return r
}

func (l *loader) when(r *policy.Rule, file string, n *document.Node) {
	c, mistakes := l.compiler.compile(n)
	for _, m := range mistakes {
		l.wrong(file, &document.Node{Line: m.Line, Column: m.Column}, "%w", m.Err())
	}
	if c != nil {
		r.When, r.Subject, r.Suppressed, r.Stated, r.Image = c, c.subject, c.suppressed, c.stated, c.image
	}
}

var findingKinds = []sekisho.FindingKind{sekisho.Vulnerability, sekisho.Misconfiguration, sekisho.Secret, sekisho.Malware, sekisho.License}

var targetKinds = []sekisho.TargetKind{sekisho.KindImage, sekisho.KindRootFS, sekisho.KindRepository, sekisho.KindSBOM, sekisho.KindPURL}

func (l *loader) scope(s *policy.Scope, n *document.Node) {
	if !n.Present() {
		return
	}
	if n.Kind != document.Map {
		l.bad(n, "scope is written with targets, images, environments, teams and paths")
		return
	}
	l.only(n, "scope", "targets", "images", "environments", "teams", "paths")
	for _, one := range []struct {
		key string
		to  *[]string
	}{{"images", &s.Images}, {"environments", &s.Environments}, {"teams", &s.Teams}, {"paths", &s.Paths}} {
		for _, t := range l.texts(n.Get(one.key), one.key) {
			*one.to = append(*one.to, t.Str())
		}
	}
	for _, t := range l.texts(n.Get("targets"), "targets") {
		k := sekisho.TargetKind(t.Str())
		if !slices.Contains(targetKinds, k) {
			l.bad(t, "there is no kind %q of targets: %v", k, targetKinds)
		}
		s.Targets = append(s.Targets, k)
	}
}

// words are a text in one language, which then stands for both, or in two.
func words(n *document.Node) sekisho.Words {
	if s := n.Str(); s != "" {
		return sekisho.Words{EN: s, JA: s}
	}
	en, ja := n.Get("en").Str(), n.Get("ja").Str()
	return sekisho.Words{EN: cmp.Or(en, ja), JA: cmp.Or(ja, en)}
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
