// SPDX-License-Identifier: Apache-2.0

// Package userrule reads the rules that users write, in YAML with expressions of
// CEL (https://cel.dev), and judges resources by them. Expressions are checked
// when they are read, and what one may cost is bounded. It knows no kind of
// resource by name: it is handed their variables.
package userrule

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/expression"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of one evaluation: steps as CEL counts them, and what it finds.
const (
	maxCost = 2_000_000
	maxHits = 100
)

// Rules are the rules of a user.
type Rules struct{ rules []*rule }

// rule is one rule, compiled.
type rule struct {
	about sekisho.Rule
	// when, if any, says whether the rule applies; require must be true; each
	// gives the paths or values that are wrong instead.
	when, require, args cel.Program
	// at is the path of the place.
	at string
}

// Error is a mistake in a file of rules.
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

// Load reads files of rules, by name. Kinds are the variables that each kind of
// resource has. Every mistake is reported, joined; there are no rules then.
//
//	rules:
//	  - id: team-registry
//	    kind: kubernetes
//	    severity: high
//	    title: Image from another registry        # or {en: ..., ja: ...}
//	    why: Nobody inspected it.
//	    fix: Push it to registry.example.com.
//	    when: object.kind == "Pod"                # optional
//	    require: object.spec.containers.all(c, c.image.startsWith("registry.example.com/"))
//	    at: object.spec.containers                # optional: the place to show
//	    args: '[object.metadata.name]'            # optional: fills {0} in the texts
//	    references: [nist-800-190-4.1.5]          # optional, as are aliases, stages
func Load(files map[string][]byte, kinds map[string]check.Variables) (*Rules, error) {
	l := &loader{kinds: kinds, envs: map[string]*cel.Env{}, ids: map[string]string{}}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		l.file(name, files[name])
	}
	if err := errors.Join(l.errs...); err != nil {
		return nil, err
	}
	return &Rules{l.rules}, nil
}

// Rules returns what is known of each rule, in the order of ids.
func (u *Rules) Rules() []sekisho.Rule {
	out := make([]sekisho.Rule, 0, len(u.rules))
	for _, r := range u.rules {
		out = append(out, r.about)
	}
	slices.SortFunc(out, func(a, b sekisho.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Run judges a resource by the rules of its kind. An expression that cannot be
// evaluated over it (a missing field, too many steps) is a Problem.
func (u *Rules) Run(j *check.Judge, at *check.Place, kind string, s check.Subject) {
	var vars map[string]any
	for _, r := range u.rules {
		if r.about.Kind != kind || !j.Settings.Runs(&r.about) {
			continue
		}
		if vars == nil {
			vars = s.Vars()
		}
		problem := func(err error) {
			j.Problem(sekisho.Problem{Path: at.Location.Path}.Saying(message.Say("the rule %s could not be evaluated (guard it with has() or when): %v", r.about.ID, err)))
		}
		if r.when != nil {
			ok, err := truth(r.when, vars)
			if err != nil {
				problem(err)
				continue
			}
			if !ok {
				continue
			}
		}
		ok, err := truth(r.require, vars)
		if err != nil {
			problem(err)
			continue
		}
		if ok {
			continue
		}
		h := s.Locate(r.at)
		if r.args != nil {
			if h.Args, err = texts(r.args, vars); err != nil {
				problem(err)
			}
		}
		j.Add(&r.about, at, &h)
	}
}

func truth(p cel.Program, vars map[string]any) (bool, error) {
	v, _, err := p.Eval(vars)
	if err != nil {
		return false, err
	}
	b, ok := v.(types.Bool)
	if !ok {
		return false, message.Errorf("the value is %s and not true or false", v.Type().TypeName())
	}
	return bool(b), nil
}

func texts(p cel.Program, vars map[string]any) ([]string, error) {
	v, _, err := p.Eval(vars)
	if err != nil {
		return nil, err
	}
	list, ok := v.Value().([]any)
	var out []string
	if ok {
		for _, x := range list {
			out = append(out, fmt.Sprint(x))
		}
		return out[:min(len(out), maxHits)], nil
	}
	n, err := v.ConvertToNative(stringsType)
	if err != nil {
		return nil, err
	}
	out, _ = n.([]string)
	return out[:min(len(out), maxHits)], nil
}

// loader reads files.
type loader struct {
	kinds map[string]check.Variables
	envs  map[string]*cel.Env
	ids   map[string]string // and where they were seen
	rules []*rule
	errs  []error
	name  string
}

func (l *loader) bad(n *document.Node, format string, args ...any) {
	cause := message.Told(format, args...)
	e := &Error{File: l.name, Text: cause.Error(), cause: cause}
	if n != nil {
		e.Line, e.Column = n.Line, n.Column
	}
	l.errs = append(l.errs, e)
}

func (l *loader) file(name string, text []byte) {
	l.name = name
	docs, err := document.YAML(text)
	if err != nil {
		e := &Error{File: name, Text: err.Error(), cause: err}
		if de, ok := errors.AsType[*document.Error](err); ok {
			e.Line, e.Text, e.cause = de.Line, de.Text, de.Cause
		}
		l.errs = append(l.errs, e)
		return
	}
	for _, doc := range docs {
		list := doc.Get("rules")
		if list == nil || list.Kind != document.List {
			l.bad(doc, "there is no list called rules")
			continue
		}
		for key := range doc.Members() {
			if key != "rules" {
				l.bad(doc.Key(key), "%q is not known here: only rules is", key)
			}
		}
		for _, n := range list.List() {
			l.rule(n)
		}
	}
}

// fields of a rule, and whether it needs them.
var fields = map[string]bool{
	"id": true, "kind": true, "severity": true, "title": true, "why": true, "fix": true, "require": true,
	"when": false, "at": false, "args": false, "because": false, "aliases": false, "references": false, "stages": false, "off": false,
}

func (l *loader) rule(n *document.Node) {
	before := len(l.errs)
	if n.Kind != document.Map {
		l.bad(n, "a rule is written with id, kind, severity, title, why, fix and require")
		return
	}
	for key := range n.Members() {
		if _, ok := fields[key]; !ok {
			l.bad(n.Key(key), "%q is no field of a rule", key)
		}
	}
	for _, key := range slices.Sorted(mapKeys(fields)) {
		if v := n.Get(key); fields[key] && (!v.Present() || v.Kind == document.String && v.Text == "") {
			l.bad(n, "the rule has no %s", key)
		}
	}
	r := &rule{at: n.Get("at").Str()}
	a := &r.about
	a.ID, a.Kind = n.Get("id").Str(), n.Get("kind").Str()
	vars, ok := l.kinds[a.Kind]
	if a.Kind != "" && !ok {
		l.bad(n.Get("kind"), "there is no kind %q: %s", a.Kind, strings.Join(slices.Sorted(mapKeys(l.kinds)), ", "))
	}
	if other, ok := l.ids[a.Kind+"/"+a.ID]; ok && a.ID != "" {
		l.bad(n.Get("id"), "the id %q is taken: it is in %s too", a.ID, other)
	}
	l.ids[a.Kind+"/"+a.ID] = l.name
	if s := n.Get("severity"); s.Present() {
		var err error
		if a.Severity, err = sekisho.ParseSeverity(s.Str()); err != nil {
			l.bad(s, "%w", err)
		}
	}
	a.Title, a.Why, a.Fix, a.Because = words(n.Get("title")), words(n.Get("why")), words(n.Get("fix")), words(n.Get("because"))
	a.Aliases, a.References, a.Stages = list(n.Get("aliases")), list(n.Get("references")), list(n.Get("stages"))
	a.Off = n.Get("off").True()
	if ok {
		r.when = l.compile(n.Get("when"), a.Kind, vars, true)
		r.require = l.compile(n.Get("require"), a.Kind, vars, true)
		r.args = l.compile(n.Get("args"), a.Kind, vars, false)
	}
	if len(l.errs) == before {
		l.rules = append(l.rules, r)
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

func list(n *document.Node) (out []string) {
	for _, x := range n.List() {
		out = append(out, x.Str())
	}
	return out
}

// compile checks an expression; its mistakes are told at their place in the file.
func (l *loader) compile(n *document.Node, kind string, vars check.Variables, condition bool) cel.Program {
	if !n.Present() {
		return nil
	}
	env, err := l.env(kind, vars)
	if err != nil {
		l.bad(n, "%w", err)
		return nil
	}
	ast, mistakes := expression.Compile(env, n)
	for _, m := range mistakes {
		l.bad(&document.Node{Line: m.Line, Column: m.Column}, "%w", m.Err())
	}
	if ast == nil {
		return nil
	}
	if t := ast.OutputType(); condition && !t.IsExactType(cel.BoolType) && !t.IsExactType(cel.DynType) {
		l.bad(n, "the expression gives %s and not true or false", t)
		return nil
	}
	p, err := env.Program(ast, cel.CostLimit(maxCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		l.bad(n, "%w", err)
		return nil
	}
	return p
}

func (l *loader) env(kind string, vars check.Variables) (*cel.Env, error) {
	if e := l.envs[kind]; e != nil {
		return e, nil
	}
	opts := append(expression.Bounds(), ext.Strings(), ext.Sets(), ext.Lists(), ext.Bindings(), cel.OptionalTypes(), cel.CrossTypeNumericComparisons(true))
	for _, name := range slices.Sorted(mapKeys(vars)) {
		t, err := celType(vars[name])
		if err != nil {
			return nil, err
		}
		opts = append(opts, cel.Variable(name, t))
	}
	e, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, message.Errorf("prepare the expressions of %s: %w", kind, err)
	}
	l.envs[kind] = e
	return e, nil
}
