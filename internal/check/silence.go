// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Silence is a comment (or an annotation) that silences rules.
type Silence struct {
	// Line of the comment; 0 for the whole resource.
	Line int
	// Whole is true when it speaks of the whole file or resource.
	Whole bool
	// Here is true when it stands on the line that it speaks of, or inside the
	// statement; false when it speaks of the statement below it.
	Here bool
	// IDs of the rules as whoever wrote it calls them; "*" and "all" for every one.
	IDs []string
	// By is the tool whose notation it is: "hadolint", "sekisho".
	By     string
	Reason string
	// Until is the last day on which it holds, "2026-12-31"; empty for ever.
	Until string
}

// Silences reads the comments that silence rules, in the notations of hadolint,
// BuildKit, Trivy, Checkov, kube-linter's YAML comment form being annotations
// (the room of Kubernetes reads them), and our own:
//
//	# sekisho:ignore RULE[,RULE] until=2026-12-31 reason="..."
//	# sekisho:ignore-file RULE ...
//	# hadolint ignore=DL3008,DL3009   # hadolint global ignore=DL3008
//	# check=skip=StageNameCasing;error=true
//	# trivy:ignore:AVD-DS-0002:exp:2026-01-31
//	# checkov:skip=CKV_DOCKER_3:the reason
//
// marks are how a comment begins in the file's language: "#", "//".
func Silences(text []byte, marks ...string) []Silence {
	// Most files have none: look for the words first, and before them for those
	// that every notation has, since the search for the former is slow.
	if !bytes.Contains(text, []byte("ignore")) && !bytes.Contains(text, []byte("skip")) || !silenceWord.Match(text) {
		return nil
	}
	var out []Silence
	n := 0
	for line := range bytes.Lines(text) {
		n++
		for _, mark := range marks {
			i := bytes.Index(line, []byte(mark))
			if i < 0 {
				continue
			}
			comment := strings.TrimSpace(strings.TrimLeft(string(line[i:]), mark[:1]))
			s, ok := parseSilence(comment)
			if !ok {
				continue
			}
			s.Line = n
			s.Here = s.Here || len(bytes.TrimSpace(line[:i])) > 0
			out = append(out, s)
			break
		}
	}
	return out
}

var (
	silenceWord = pattern.New(`(?i)sekisho:ignore|hadolint|check=|trivy:ignore|tfsec:ignore|checkov:skip|bridgecrew:skip`)
	ownForm     = pattern.New(`^sekisho:ignore(-file)?\s+(\S+)(.*)$`)
	untilForm   = pattern.New(`\buntil=(\d{4}-\d{2}-\d{2})\b`)
	reasonForm  = pattern.New(`\breason=(?:"([^"]*)"|(\S+))`)
	hadolint    = pattern.New(`^hadolint\s+(global\s+)?ignore\s*=\s*([A-Za-z0-9_, ]+)`)
	buildkit    = pattern.New(`^check\s*=\s*(?:[^#]*;)?\s*skip\s*=\s*([A-Za-z0-9_, ]+)`)
	trivyForm   = pattern.New(`^(?:trivy|tfsec):ignore:([A-Za-z0-9_*-]+)(?:\[[^\]]*\])?(?::exp:(\d{4}-\d{2}-\d{2}))?`)
	checkovForm = pattern.New(`^(?:checkov|bridgecrew):skip=([A-Za-z0-9_-]+)(?::(.*))?$`)
)

func parseSilence(comment string) (Silence, bool) {
	if m := ownForm.FindStringSubmatch(comment); m != nil {
		s := Silence{By: "sekisho", Whole: m[1] != "", IDs: split(m[2])}
		if u := untilForm.FindStringSubmatch(m[3]); u != nil {
			s.Until = u[1]
		}
		if r := reasonForm.FindStringSubmatch(m[3]); r != nil {
			s.Reason = r[1] + r[2]
		}
		return s, true
	}
	if m := hadolint.FindStringSubmatch(comment); m != nil {
		return Silence{By: "hadolint", Whole: m[1] != "", IDs: split(m[2])}, true
	}
	if m := buildkit.FindStringSubmatch(comment); m != nil {
		return Silence{By: "buildkit", Whole: true, IDs: split(m[1])}, true
	}
	if m := trivyForm.FindStringSubmatch(comment); m != nil {
		return Silence{By: "trivy", IDs: split(m[1]), Until: m[2]}, true
	}
	if m := checkovForm.FindStringSubmatch(comment); m != nil {
		return Silence{By: "checkov", Here: true, IDs: split(m[1]), Reason: strings.TrimSpace(m[2])}, true
	}
	return Silence{}, false
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// Silenced says whether a comment or an annotation silences the rule on a line;
// today ("2026-01-31") ends those that have a last day.
func (p *Place) Silenced(r *sekisho.Rule, line int, today string) bool {
	return silenced(p, r, line, today) != nil
}

// silenced finds the silence that covers a hit of the rule on the line.
func silenced(at *Place, r *sekisho.Rule, line int, today string) *sekisho.Suppression {
	if len(at.spans) != len(at.Silences) {
		at.spans = make([]Block, len(at.Silences))
		for i := range at.Silences {
			at.spans[i] = at.Silences[i].span(at.Blocks)
		}
	}
	for i := range at.Silences {
		s := &at.Silences[i]
		if s.Until != "" && today > s.Until || !s.covers(at.spans[i], line) {
			continue
		}
		if slices.ContainsFunc(s.IDs, func(id string) bool { return id == "*" || strings.EqualFold(id, "all") || Names(id, r) }) {
			return &sekisho.Suppression{By: s.By, Reason: s.Reason, Until: s.Until}
		}
	}
	return nil
}

// span is the innermost block that the comment is in, or stands above; zero for
// none and for a silence of the whole.
func (s *Silence) span(blocks []Block) Block {
	best := Block{}
	if s.Whole || s.Line == 0 {
		return best
	}
	for _, b := range blocks {
		in := s.Here && b.First <= s.Line && s.Line <= b.Last
		above := !s.Here && b.First > s.Line && (best.First == 0 || b.First < best.First || b.First == best.First && b.Last > best.Last)
		if above || in && (best.First == 0 || b.First >= best.First) {
			best = b
		}
	}
	return best
}

func (s *Silence) covers(span Block, line int) bool {
	if s.Whole || s.Line == 0 {
		return true
	}
	if span.First == 0 {
		return line == s.Line || !s.Here && line == s.Line+1
	}
	return span.First <= line && line <= span.Last
}
