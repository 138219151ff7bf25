// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Settings are what a user decides about rules. The zero value judges with
// every rule that is not off by default.
type Settings struct {
	// Off and On are ids, aliases, or "kind/id" of rules that are not to run,
	// or to run although they are off by default.
	Off, On []string
	// Only, when not empty, are the only rules that run.
	Only []string
	// Severities by id that replace the rules' own.
	Severities map[string]sekisho.Severity
	// Registries that images may come from ("docker.io", "*.example.com",
	// "ghcr.io/team/*"); empty for all.
	Registries []string
	// Labels are those that an image must have, by name, with the form of the
	// value: "text", "url", "rfc3339", "spdx", "hash", "semver", "email".
	Labels map[string]string
	// StrictLabels allows no label but those.
	StrictLabels bool
	// HelmValues are values files, as paths in the tree, and HelmSet values
	// ("key=value") that charts are rendered with.
	HelmValues, HelmSet []string
	// KubeVersion is the version of Kubernetes that charts are rendered for,
	// "1.31"; empty for the newest that is known.
	KubeVersion string
	// BaseUser opens the image of a reference and says what its configuration has
	// as its user, "" for none; ok is false when it cannot be opened. nil when no
	// image is to be opened.
	BaseUser func(ctx context.Context, ref string) (user string, ok bool)
	// Shell judges a script by the program ShellCheck: the dialect is "sh",
	// "bash", "dash" or "ash", known are the variables that are set outside. It is
	// called from several goroutines; nil when the program is not to be run.
	Shell func(ctx context.Context, script, dialect string, known map[string]bool) ([]ShellMistake, error)
	// User judges by the rules that the user wrote; nil for none.
	User UserRules
	// Ends gives the last day of support of a cycle of a product, as
	// https://endoflife.date spells both ("amazon-eks", "1.33"); ok is false where it
	// is not known. It is called from several goroutines; nil without a database.
	Ends func(product, cycle string) (day string, ok bool)
	// Today is the day of the judgement, "2026-01-31": silences end.
	Today string
}

// ShellMistake is what ShellCheck says of a place in a script: 1 based, in bytes,
// the end behind the last one.
type ShellMistake struct {
	Code, Message                    string
	Line, Column, EndLine, EndColumn int
}

// Runs says whether a rule is to run.
func (s *Settings) Runs(r *sekisho.Rule) bool {
	if s == nil {
		return !r.Off
	}
	if len(s.Only) > 0 {
		return named(s.Only, r)
	}
	if named(s.Off, r) {
		return false
	}
	return !r.Off || named(s.On, r)
}

func named(list []string, r *sekisho.Rule) bool {
	return slices.ContainsFunc(list, func(id string) bool { return Names(id, r) })
}

// Names says whether id is what somebody calls the rule: its id, "kind/id", or
// one of its aliases, in any case. Trivy's aliases are known with and without
// "AVD-".
func Names(id string, r *sekisho.Rule) bool {
	if kind, rest, ok := strings.Cut(id, "/"); ok && strings.EqualFold(kind, r.Kind) {
		id = rest
	}
	if strings.EqualFold(id, r.ID) {
		return true
	}
	plain := sekisho.RuleKey(id)
	return slices.ContainsFunc(r.Aliases, func(a string) bool { return sekisho.RuleKey(a) == plain })
}

// Place is the resource that is judged, as findings name it.
type Place struct {
	Location sekisho.Location
	// Resource names it: "Deployment/web", a stage, empty for the whole file.
	Resource string
	// Silences are the comments of the file that silence rules.
	Silences []Silence
	// Blocks are the first and last line of each statement, so that a silence
	// above or in one covers all of it.
	Blocks []Block

	// Suggest gives the edit of the resource's file that closes a hit, nil where
	// nobody knows it; nil where nobody is asked.
	Suggest func(r *sekisho.Rule, h *Hit) *sekisho.Suggestion

	// spans are the blocks that the silences cover, worked out once.
	spans []Block
}

// Block is a statement: its first and last line.
type Block struct{ First, Last int }

// Judge collects what the rules of a set find in a resource.
type Judge struct {
	Settings *Settings
	out      sekisho.Judgement
	seen     map[string]int
	used     map[string]bool
	// runs keeps what the settings say of a rule: they are asked of every one for
	// every resource.
	runs map[*sekisho.Rule]bool
}

// NewJudge judges by the settings; nil for the defaults.
func NewJudge(s *Settings) *Judge {
	return &Judge{Settings: s, seen: map[string]int{}, used: map[string]bool{}, runs: map[*sekisho.Rule]bool{}}
}

// Judgement is all that was found, in the order of the resources.
func (j *Judge) Judgement() sekisho.Judgement {
	slices.SortFunc(j.out.Rules, func(a, b sekisho.Rule) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Kind, b.Kind))
	})
	return j.out
}

// Problem adds what could not be assessed.
func (j *Judge) Problem(p sekisho.Problem) {
	if p.Stage == "" {
		p.Stage = sekisho.StageCheck
	}
	j.out.Problems = append(j.out.Problems, p)
}

// Run judges one resource by every rule of the set. A rule that panics is a
// Problem; the others run.
func (s *Set[T]) Run(j *Judge, at *Place, t T) {
	for _, r := range s.rules {
		runs, known := j.runs[&r.Rule]
		if !known {
			runs = j.Settings.Runs(&r.Rule)
			j.runs[&r.Rule] = runs
		}
		if !runs {
			continue
		}
		func() {
			defer func() {
				if e := recover(); e != nil {
					j.Problem(sekisho.Problem{Path: at.Location.Path}.Saying(message.Say("the rule %s/%s stumbled over the file (please report it with the file): %v", s.kind, r.ID, e)))
				}
			}()
			r.Judge(t, func(h Hit) { j.Add(&r.Rule, at, &h) })
		}()
	}
}

// Subject is a resource as rules of users see it.
type Subject interface {
	// Vars are the values of the variables of its kind, as plain Go values (see
	// document.Node.Value).
	Vars() map[string]any
	// Locate finds the place of a path such as "object.spec.containers[0].image";
	// the nearest one that exists.
	Locate(path string) Hit
}

// Variables are the names and types of a kind's variables: "dyn", "string",
// "int", "bool", "list(string)", "list(dyn)", "map(string, dyn)".
type Variables map[string]string

// UserRules judge by the rules that a user wrote.
type UserRules interface {
	Run(j *Judge, at *Place, kind string, s Subject)
}

// RunUser judges one resource by the rules of the user, when there are any.
// Checkers call it beside Set.Run.
func (j *Judge) RunUser(at *Place, kind string, s Subject) {
	if j.Settings != nil && j.Settings.User != nil {
		j.Settings.User.Run(j, at, kind, s)
	}
}

// Add makes a finding of a hit.
func (j *Judge) Add(r *sekisho.Rule, at *Place, h *Hit) {
	l := at.Location
	l.Path = cmp.Or(h.Path, l.Path)
	l.Layer, l.Index = cmp.Or(h.Layer, l.Layer), cmp.Or(h.Index, l.Index)
	l.Hidden = l.Hidden || h.Hidden
	l.Line, l.Column, l.EndLine, l.EndColumn = h.Line, h.Column, h.EndLine, h.EndColumn
	excerpt := Excerpt(h.Excerpt)
	f := sekisho.Finding{
		Kind: sekisho.Misconfiguration, Rule: r.ID, Aliases: r.Aliases, Severity: r.Severity,
		Title: Fill(r.Title.EN, h.Args), Why: Fill(r.Why.EN, h.Args), Fix: Fill(r.Fix.EN, h.Args), Args: h.Args,
		Package: h.Package, Location: l, Layer: h.Layer, Resource: cmp.Or(h.Resource, at.Resource), ResourceKind: r.Kind, References: r.References,
		Evidence: []sekisho.Evidence{{Source: r.Kind + "/" + r.ID, Text: excerpt, Path: l.Path, Line: h.Line}},
	}
	f.Evidence = append(f.Evidence, h.Causes...)
	if h.Instruction != "" {
		f.Introduced = &sekisho.Introduction{Layer: h.Layer, Index: l.Index, Instruction: h.Instruction}
	}
	if h.Severity != sekisho.SeverityUnknown {
		f.Severity = h.Severity
	}
	if j.Settings != nil {
		for id, severity := range j.Settings.Severities {
			if Names(id, r) {
				f.Severity = severity
			}
		}
	}
	// The line is no part of it: a moved line is the same finding. What is
	// written twice in a resource is told apart by its order.
	key := strings.Join([]string{r.Kind, r.ID, l.Path, f.Resource, cmp.Or(h.Key, excerpt)}, "\x00")
	if h.Group != "" { // told at the first of many, whichever that is
		key = strings.Join([]string{r.Kind, r.ID, h.Group}, "\x00")
	}
	j.seen[key]++
	sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(j.seen[key])))
	f.ID = hex.EncodeToString(sum[:16])
	if h.Path == "" {
		f.Suppressed = silenced(at, r, h.Line, j.today())
		if at.Suggest != nil && f.Suppressed == nil && h.Line > 0 {
			f.Suggestion = at.Suggest(r, h)
		}
	}
	if name := r.Kind + "/" + r.ID; !j.used[name] {
		j.used[name] = true
		j.out.Rules = append(j.out.Rules, *r)
	}
	j.out.Findings = append(j.out.Findings, f)
}

func (j *Judge) today() string {
	if j.Settings == nil {
		return ""
	}
	return j.Settings.Today
}

// excerptBytes is how much of a line a finding shows.
const excerptBytes = 160

// Excerpt is text in one line and of a bounded length.
func Excerpt(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	if len(s) <= excerptBytes {
		return s
	}
	cut := excerptBytes
	for cut > 0 && s[cut]&0xc0 == 0x80 {
		cut--
	}
	return s[:cut] + "..."
}

// Fill puts the arguments into a text.
func Fill(text string, args []string) string {
	if len(args) == 0 {
		return text
	}
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i)+"}", a)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
