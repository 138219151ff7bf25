// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of the list of actions on a terminal.
const (
	mostActions  = 10
	mostUpgraded = 3
)

// actionText is an action in one sentence.
func actionText(r *sekisho.Result, a *sekisho.Action, l message.Lang) string {
	text, ok := message.Actions[a.Kind]
	if !ok {
		return a.Kind + " " + a.Subject
	}
	var s string
	switch a.Kind {
	case sekisho.ActionUpgradeSystem, sekisho.ActionUpgradeBase, sekisho.ActionRefreshLock, sekisho.ActionRebuildProgram:
		s = l.Of(text, a.Subject, len(a.Packages), some(a.Packages))
	case sekisho.ActionDrop:
		if r.Target.Kind == sekisho.KindImage {
			text = message.Actions[sekisho.ActionDropOwn]
		}
		s = l.Of(text, a.Subject, len(a.Packages), some(a.Packages))
	case sekisho.ActionUpgradeOwn, sekisho.ActionRebuildBase, sekisho.ActionDropOwn, sekisho.ActionDropBase:
		s = l.Of(text, a.Subject, len(a.Packages), some(a.Packages))
	case sekisho.ActionMoveBase:
		s = l.Of(text, a.Subject, len(a.Packages), some(a.Packages), a.To)
	case sekisho.ActionUpgradeDependency, sekisho.ActionReplaceProgram:
		s = l.Of(text, a.Subject, a.From, a.To)
		if a.Major {
			s += " (" + l.Of(message.ActionMajor) + ")"
		}
		if a.Path != "" {
			s += " - " + holder(a.Path)
		}
	case sekisho.ActionMitigate:
		s = l.Of(text, a.Subject, a.From)
	case sekisho.ActionRebuildWithout:
		s = l.Of(text, a.Subject)
		if a.Path != "" && a.Path != a.Subject {
			s += " - " + holder(a.Path)
		}
	case sekisho.ActionMigrate:
		if r.OS != nil && r.OS.EOLExtended > r.OS.EOL && r.Created.Format(time.DateOnly) <= r.OS.EOLExtended {
			text = message.Actions["migrate-release-extended"]
		}
		s = l.Of(text, a.Subject)
	case sekisho.ActionChangeFile:
		where := a.Subject
		if n := lineList(a.Lines); n != "" {
			where += ":" + strings.ReplaceAll(n, ", ", ",")
		}
		s = l.Of(text, where, ruleTitle(r, a))
		if len(a.Rules) > 1 {
			s = l.Of(message.Actions["change-file-many"], a.Subject, len(a.Rules), some(thingsToChange(r, a, l)))
		}
	default:
		s = strings.TrimSuffix(l.Of(text, a.Subject, ruleTitle(r, a)), " ()")
	}
	if n := len(a.AlsoIn); n > 0 {
		s += " " + l.Of(message.ActionAlsoIn, n, some(a.AlsoIn))
	}
	if at := actionPlace(a); at != "" {
		s += " - " + at
	}
	return clean(s)
}

// thingsToChange are the rules that a change of a file is about, where those that one
// securityContext of a container answers to are one: it is written once.
func thingsToChange(r *sekisho.Result, a *sekisho.Action, l message.Lang) []string {
	pods := slices.ContainsFunc(r.Findings, func(f sekisho.Finding) bool {
		return (f.ResourceKind == sekisho.ResourceKubernetes || f.ResourceKind == sekisho.ResourceHelm || f.ResourceKind == sekisho.ResourceKustomize) && slices.Contains(a.Closes, f.ID)
	})
	if !pods {
		return a.Rules
	}
	var rest []string
	for _, rule := range a.Rules {
		switch rule {
		case "run-as-root", "privilege-escalation", "capabilities-not-dropped", "no-seccomp", "writable-root", "non-root-not-enforced", "no-security-context":
		default:
			rest = append(rest, rule)
		}
	}
	if n := len(a.Rules) - len(rest); n > 1 {
		return append([]string{l.Of(message.OneSecurityContext, n)}, rest...)
	}
	return a.Rules
}

// holder is what a person looks into for a package that lies at a path: the
// archive around it, the environment, or the directory with its node_modules. The
// name of the package's own file says nothing more.
func holder(path string) string {
	if at, _, ok := strings.Cut(path, "!/"); ok {
		return at
	}
	for _, dir := range []string{"node_modules", "site-packages", "dist-packages"} {
		if at, _, ok := strings.Cut("/"+path, "/"+dir+"/"); ok {
			return strings.TrimPrefix(at+"/"+dir, "/")
		}
	}
	return path
}

// ruleTitle is the title of the rule that an action is about, as its findings
// say it.
func ruleTitle(r *sekisho.Result, a *sekisho.Action) string {
	if len(a.Rules) == 0 {
		return ""
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Rule == a.Rules[0] && slices.Contains(a.Closes, f.ID) {
			return orElse(f.Title, f.Rule)
		}
	}
	return a.Rules[0]
}

func some(names []string) string {
	s := strings.Join(names[:min(len(names), mostUpgraded)], ", ")
	if len(names) > mostUpgraded {
		s += ", ..."
	}
	return s
}

// actionNotes are what an action brings.
func actionNotes(a *sekisho.Action, l message.Lang) string {
	s := l.Of(message.ActionCloses, len(a.Closes))
	if a.Remaining > 0 {
		s += l.Of(message.ListComma) + l.Of(message.ActionRemaining, a.Remaining)
	}
	if drops(a) {
		s += l.Of(message.ListComma) + l.Of(message.ActionUnseen)
	}
	if a.Adds > 0 {
		s += l.Of(message.ListComma) + l.Of(message.ActionAdds, a.Adds)
	}
	return s
}

func drops(a *sekisho.Action) bool {
	return a.Kind == sekisho.ActionDrop || a.Kind == sekisho.ActionDropOwn || a.Kind == sekisho.ActionDropBase
}

// ActionText is the action that closes a finding, in one sentence with what it
// brings, and its command; both are empty where there is none.
func ActionText(r *sekisho.Result, id string, l message.Lang) (text, command string) {
	for i := range r.Actions {
		if a := &r.Actions[i]; slices.Contains(a.Closes, id) {
			text = actionText(r, a, l) + " [" + actionNotes(a, l) + "]"
			if drops(a) {
				text += " " + l.Of(message.ActionUnseenAll)
			}
			return text, clean(a.Command)
		}
	}
	return "", ""
}

// UsersText says why a distribution's package is installed and what needs it;
// empty where that is not known.
func UsersText(p *sekisho.Package, all []sekisho.Package, l message.Lang) string {
	word, ok := message.InstallReasons[string(p.Installed)]
	if !ok || p.Hidden {
		return ""
	}
	var needed []string
	for i := range all {
		if o := &all[i]; o.Ecosystem == p.Ecosystem && !o.Hidden && slices.Contains(o.Needs, p.Name) {
			needed = append(needed, o.Name)
		}
	}
	users := l.Of(message.NeededByNone)
	if len(needed) > 0 {
		users = l.Of(message.NeededBy, len(needed), some(needed))
	}
	parts := []string{l.Of(word), users}
	if len(p.UsedBy) > 0 {
		parts = append(parts, l.Of(message.UsedBy, strings.Join(p.UsedBy, ", ")))
	}
	return clean(strings.Join(parts, l.Of(message.ListStop)))
}

// className is a class in words.
func className(c sekisho.RiskClass, l message.Lang) string {
	if m, ok := message.RiskClassNames[string(c)]; ok {
		return l.Of(m)
	}
	return string(c)
}

var classColour = map[sekisho.RiskClass]string{sekisho.ActNow: "1;31", sekisho.Plan: "33", sekisho.Track: "36", sekisho.Accept: "2"}

// actions writes the few things to do, before the findings that they close.
func (t *table) actions(r *sekisho.Result) {
	if len(r.Actions) == 0 {
		if s := waiting(r, t.o.Lang); s != "" {
			t.heading(message.ActionsHead)
			t.wrap("  ", "    ", t.colour("2", s))
		}
		return
	}
	t.heading(message.ActionsHead)
	closed := 0
	for i := range r.Actions {
		closed += len(r.Actions[i].Closes)
	}
	t.wrap("  ", "    ", t.colour("2", t.text(message.ActionsSummary, len(r.Actions), closed, count(r).all)))
	if s := weightsLine(r, t.o.Lang); s != "" {
		t.wrap("  ", "    ", t.colour("33", s))
	}
	shown, rest := 0, 0
	for i := range r.Actions {
		a := &r.Actions[i]
		// What must be done now is never left out.
		if shown >= mostActions && a.Class != sekisho.ActNow {
			rest += len(a.Closes)
			continue
		}
		shown++
		t.wrap(fmt.Sprintf("  %2d. ", shown), "      ", t.colour(classColour[a.Class], className(a.Class, t.o.Lang))+"  "+actionText(r, a, t.o.Lang)+"  "+t.colour("2", "["+actionNotes(a, t.o.Lang)+"]"))
	}
	if rest > 0 {
		t.wrap("      ", "      ", t.colour("2", t.text(message.ActionsMore, len(r.Actions)-shown, rest)))
	}
	if s := waiting(r, t.o.Lang); s != "" {
		t.wrap("  ", "    ", t.colour("2", s))
	}
}

// waiting counts the vulnerabilities that no action closes, by what is said of
// them: "Nothing to do yet about 103 findings: no fix yet 98, ...". Empty for none.
func waiting(r *sekisho.Result, l message.Lang) string {
	closed := map[string]bool{}
	for i := range r.Actions {
		for _, id := range r.Actions[i].Closes {
			closed[id] = true
		}
	}
	counts, all := map[string]int{}, 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Suppressed != nil || f.Risk == nil || f.Kind != sekisho.Vulnerability || closed[f.ID] {
			continue
		}
		word := statusText(f, l)
		if f.Location.Hidden {
			word = l.Of(message.LowerLayersOnly)
		}
		if word == "" {
			continue
		}
		counts[word]++
		all++
	}
	if all == 0 {
		return ""
	}
	words := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	for i, w := range words {
		words[i] = fmt.Sprintf("%s %d", w, counts[w])
	}
	return clean(l.Of(message.ActionsWaiting, all, strings.Join(words, l.Of(message.ListComma))))
}

// RiskText is the score of a finding and what it is made of, a line each.
func RiskText(k *sekisho.Risk, l message.Lang) (head string, lines []string) {
	if k == nil {
		return "", nil
	}
	head = l.Of(message.RiskOf, k.Score, className(k.Class, l))
	if k.Due != "" {
		head += l.Of(message.ListComma) + l.Of(message.RiskDue, k.Due)
	}
	for _, line := range k.Lines {
		text := line.Code
		if m, ok := message.RiskLines[line.Code]; ok {
			args := make([]any, len(line.Args))
			for i, a := range line.Args {
				args[i] = a
			}
			if strings.Contains(m.En, "%s") {
				for len(args) < 1 {
					args = append(args, "?")
				}
				text = l.Of(m, args...)
			} else {
				text = l.Of(m)
			}
		}
		if line.Factor > 0 {
			lines = append(lines, fmt.Sprintf("%5s  %s", "", text+", "+l.Of(message.RiskTimes, line.Factor)))
			continue
		}
		lines = append(lines, fmt.Sprintf("%+5d  %s", line.Points, text))
	}
	return head, lines
}
