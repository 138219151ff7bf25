// SPDX-License-Identifier: Apache-2.0

package sekisho

import (
	"reflect"
	"strings"
)

// FindingKind is the sort of a finding.
type FindingKind string

// The kinds of finding, as reports spell them.
const (
	Vulnerability    FindingKind = "vulnerability"
	Misconfiguration FindingKind = "misconfiguration"
	Secret           FindingKind = "secret"
	Malware          FindingKind = "malware"
	License          FindingKind = "license"
)

// Severity is how bad a finding is, as decided by policy from what the sources say.
type Severity uint8

// The severities in rising order.
const (
	SeverityUnknown Severity = iota
	SeverityNegligible
	SeverityLow
	SeverityMedium
	SeverityHigh
	SeverityCritical
)

var severityNames = [...]string{"unknown", "negligible", "low", "medium", "high", "critical"}

// Severities in falling order, for those who group by them.
var Severities = []Severity{SeverityCritical, SeverityHigh, SeverityMedium, SeverityLow, SeverityNegligible, SeverityUnknown}

func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return "unknown"
}

// ParseSeverity reads a severity in any case.
func ParseSeverity(s string) (Severity, error) {
	for i, n := range severityNames {
		if strings.EqualFold(s, n) {
			return Severity(i), nil
		}
	}
	return 0, mistake("severity-none", "severity %q is none of %s", s, strings.Join(severityNames[:], ", "))
}

// MarshalText writes the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name.
func (s *Severity) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSeverity(string(b))
	return err
}

// Rating is the qualitative severity of a CVSS score, as CVSS 3 and 4 define it.
func Rating(score float64) Severity {
	switch {
	case score >= 9:
		return SeverityCritical
	case score >= 7:
		return SeverityHigh
	case score >= 4:
		return SeverityMedium
	case score > 0:
		return SeverityLow
	}
	return SeverityUnknown
}

// Finding is anything that somebody may have to act on.
type Finding struct {
	// ID is the fingerprint: stable over rebuilds, line moves and tag changes.
	ID   string      `json:"id"`
	Kind FindingKind `json:"kind"`
	// Rule is the id that a person would search: a CVE, a rule's id.
	Rule     string   `json:"rule"`
	Aliases  []string `json:"aliases,omitempty"`
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`
	// Package that the finding is about; nil when it is not about a package.
	Package *PackageRef `json:"package,omitempty"`
	// Fixed is the version that fixes it; empty when there is none.
	Fixed string `json:"fixed,omitempty"`
	// Later are the ranges of higher versions that have the flaw too: what fixes
	// one series does not fix the next. Of packages of languages.
	Later []Range `json:"later,omitempty"`
	// Status in the field's words: "fixed", "affected", "will_not_fix",
	// "end_of_life", "under_investigation", "fix_deferred".
	Status string `json:"status,omitempty"`
	// Inert says why the code that the flaw is in does not run where the package
	// is, by one of the codes below; empty where it may.
	Inert string `json:"inert,omitempty"`
	// Layer is the diff id of the layer that introduced it.
	Layer      string        `json:"layer,omitempty"`
	Location   Location      `json:"location,omitzero"`
	Introduced *Introduction `json:"introduced,omitempty"`
	// Origin is "base" or "own" where it is known which layers are the base
	// image's; a package that an own layer upgraded is own.
	Origin string `json:"origin,omitempty"`
	// Resource names what a misconfiguration is about: "Deployment/web", and
	// ResourceKind its kind: with Rule it finds the rule in Result.Rules.
	Resource     string `json:"resource,omitempty"`
	ResourceKind string `json:"resourceKind,omitempty"`
	// Args fill the places in the texts of the rule, for reports in another
	// language; Title, Why and Fix hold the English text.
	Args []string `json:"args,omitempty"`
	// Why an attacker would like it; Fix what to do next.
	Why string `json:"why,omitempty"`
	Fix string `json:"fix,omitempty"`
	// Suggestion is the edit of the file that closes the finding, where the rule
	// knows it for certain.
	Suggestion *Suggestion `json:"suggestion,omitempty"`
	References []string    `json:"references,omitempty"`
	CVSS       []CVSS      `json:"cvss,omitempty"`
	EPSS       *EPSS       `json:"epss,omitempty"`
	KEV        *KEV        `json:"kev,omitempty"`
	// Exploits names the public indexes that hold an exploit: "metasploit".
	Exploits  []string   `json:"exploits,omitempty"`
	CWEs      []string   `json:"cwes,omitempty"`
	Published string     `json:"published,omitempty"`
	Evidence  []Evidence `json:"evidence"`
	// Verification is what the service of a secret says of it, where it was asked.
	Verification *Verification `json:"verification,omitempty"`
	// State is StateNew or StateKnown where the result was compared with a
	// baseline, and empty where it was not.
	State string `json:"state,omitempty"`
	// Witnesses are other tools that have the same finding. One that only they
	// have cites no other evidence than theirs.
	Witnesses []Witness `json:"witnesses,omitempty"`
	// Disagreements say where a tool and we differ, and why.
	Disagreements []Disagreement `json:"disagreements,omitempty"`
	// Risk ranks the finding among all.
	Risk *Risk `json:"risk,omitempty"`
	// Suppressed is set when an exception or a statement silenced the finding:
	// it stays in the report, counted apart.
	Suppressed *Suppression `json:"suppressed,omitempty"`
}

// Suggestion is an edit of the file in which a finding is (Location.Path): whole
// lines become other lines. They are given without their ends, which stay as the
// file has them. A line that may hold a secret is never in one.
type Suggestion struct {
	// Line is the first of the lines of Before, 1 based. What stands there now is
	// Before, at least one line; After is what is to stand there, and nothing where
	// the lines go.
	Line   int      `json:"line"`
	Before []string `json:"before"`
	After  []string `json:"after"`
	// Unsafe is true when what is built or run may behave differently for it, as
	// the text of the rule says: somebody must look.
	Unsafe bool `json:"unsafe,omitempty"`
}

// EndLine is the last of the lines of Before.
func (s *Suggestion) EndLine() int { return s.Line + len(s.Before) - 1 }

// The states of a finding beside a baseline.
const (
	StateNew   = "new"
	StateKnown = "known"
)

// The codes of Finding.Inert. All but the last are statements that the package is
// not affected, which suppress the finding; they are never reused.
const (
	// InertKernelHeaders: headers of the kernel, and files to build modules with.
	InertKernelHeaders = "kernel-headers"
	// InertDocumentation and InertTranslations: pages of a manual, catalogues of
	// messages.
	InertDocumentation = "documentation"
	InertTranslations  = "translations"
	// InertHostKernel: a kernel in an image of containers, which run on that of
	// the host. The finding stays, and ranks low.
	InertHostKernel = "host-kernel"
)

// PackageRef points at a package of the report.
type PackageRef struct {
	PURL      string `json:"purl"`
	Name      string `json:"name,omitempty"`
	Version   string `json:"version,omitempty"`
	Ecosystem string `json:"ecosystem,omitempty"`
}

// CVSS is one source's score.
type CVSS struct {
	Source string  `json:"source,omitempty"`
	Vector string  `json:"vector"`
	Score  float64 `json:"score"`
}

// EPSS is the exploit prediction of first.org/epss.
type EPSS struct {
	Score      float64 `json:"score"`
	Percentile float64 `json:"percentile,omitempty"`
	Date       string  `json:"date,omitempty"`
}

// KEV says that CISA lists the flaw as exploited.
type KEV struct {
	Added      string `json:"added,omitempty"`
	Due        string `json:"due,omitempty"`
	Ransomware bool   `json:"ransomware,omitempty"`
}

// Evidence is why a finding is one: never empty, never a secret in clear.
type Evidence struct {
	// Source that says so ("debian-tracker", a rule's id) and its date.
	Source string `json:"source"`
	ID     string `json:"id,omitempty"`
	Date   string `json:"date,omitempty"`
	// Text is the reason in words; Range and Order the version range and the
	// order by which it was compared.
	Text string `json:"text,omitempty"`
	// Code names the text and Args fill it, for reports in another language; empty
	// where it is what a file says.
	Code string   `json:"code,omitempty"`
	Args []string `json:"args,omitempty"`
	// Severity is the source's own word, "important", and Status its state.
	Severity string `json:"severity,omitempty"`
	Status   string `json:"status,omitempty"`
	// Fixed is the version that this source calls fixed, in Channel where that
	// is not the release's own: "esm-apps".
	Fixed   string `json:"fixed,omitempty"`
	Channel string `json:"channel,omitempty"`
	Range   string `json:"range,omitempty"`
	Order   string `json:"order,omitempty"`
	Path    string `json:"path,omitempty"`
	Line    int    `json:"line,omitempty"`
	// Commit in which it was seen first, of what is in a repository's history.
	Commit string `json:"commit,omitempty"`
}

// Same says whether two pieces of evidence are equal.
func (e Evidence) Same(other Evidence) bool { return reflect.DeepEqual(e, other) }

// Verification is whether a service still takes a credential that was found.
type Verification struct {
	// State is VerifiedActive, VerifiedRejected or VerifiedUnknown.
	State string `json:"state"`
	// By is the host that was asked.
	By string `json:"by,omitempty"`
	// Reason of an unknown state.
	Reason string `json:"reason,omitempty"`
}

// The states of a Verification.
const (
	VerifiedActive   = "active"
	VerifiedRejected = "rejected"
	VerifiedUnknown  = "unknown"
)

// Suppression says who silenced a finding and why.
type Suppression struct {
	By     string `json:"by"`
	Reason string `json:"reason,omitempty"`
	Until  string `json:"until,omitempty"`
	// Owner of the risk, and who approved it.
	Owner    string `json:"owner,omitempty"`
	Approver string `json:"approver,omitempty"`
	// Status and Justification of VEX, see Exception.
	Status        string `json:"status,omitempty"`
	Justification string `json:"justification,omitempty"`
	// Code of Reason where it is a text of the program, for reports in another
	// language.
	Code string `json:"code,omitempty"`
}

// OpenAt says whether a version above the package's has the flaw of f as well,
// and which version ends it there: empty where none is known. Versions that
// cannot be compared do not have it.
func (f *Finding) OpenAt(version string, order func(a, b string) (int, bool)) (fixed string, open bool) {
	for _, r := range f.Later {
		if n, ok := order(version, r.Introduced); !ok || n < 0 {
			continue
		}
		end := r.Fixed
		if end == "" {
			end = r.LastAffected
		}
		if end == "" {
			return "", true
		}
		if n, ok := order(version, end); ok && (n < 0 || n == 0 && r.Fixed == "") {
			return r.Fixed, true
		}
	}
	return "", false
}

// Clear is the lowest version, from the given one up, that has none of the flaws
// of the findings, as far as their ranges tell. What cannot be cleared is left
// as it is: OpenAt says so of the version.
func Clear(version string, findings []*Finding, order func(a, b string) (int, bool)) string {
	// Every step ends one range for good: they are finite.
	for raised := true; raised; {
		raised = false
		for _, f := range findings {
			fixed, open := f.OpenAt(version, order)
			if n, ok := order(fixed, version); open && fixed != "" && ok && n > 0 {
				version, raised = fixed, true
			}
		}
	}
	return version
}
