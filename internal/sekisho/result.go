// SPDX-License-Identifier: Apache-2.0

package sekisho

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// The stages at which a problem can arise.
const (
	StageOpen    = "open"
	StageWalk    = "walk"
	StageExtract = "extract"
	StageMatch   = "match"
	StageCheck   = "check"
	StageMerge   = "merge"
)

// Problem is something that could not be examined. A result with a problem is
// not clean: it is not assessed in that part.
type Problem struct {
	Stage string `json:"stage"`
	// Path of the file or the digest of the layer; empty for the whole target.
	Path string `json:"path,omitempty"`
	// Layer is the diff id (or digest) of the layer, when it was one.
	Layer string `json:"layer,omitempty"`
	// Bound is the name of the bound that was crossed: "file-bytes".
	Bound string `json:"bound,omitempty"`
	// Error in one sentence that says what to do next, where something can be done.
	Error string `json:"error"`
	// Code names the sentence and Args fill it, for reports in another language;
	// empty where it is known in English only.
	Code string   `json:"code,omitempty"`
	Args []string `json:"args,omitempty"`
	// Minor problems do not make a result incomplete: one damaged file of many
	// that hold no package for sure.
	Minor bool `json:"minor,omitempty"`
	// Passing problems may be gone at the next scan of the same bytes (a service
	// that did not answer): facts with one are not cached.
	Passing bool `json:"-"`
}

// Same says whether two problems are equal.
func (p Problem) Same(other Problem) bool { return reflect.DeepEqual(p, other) }

// Saying is the problem with the words of a text of the catalogue.
func (p Problem) Saying(code string, args []string, english string) Problem {
	p.Code, p.Args, p.Error = code, args, english
	return p
}

// Told is a reason in words: the English, and the code and the arguments under
// which the catalogue has it in every language.
type Told struct {
	Code string
	Args []string
	Text string
}

// Tell is a reason with the words of a text of the catalogue.
func Tell(code string, args []string, english string) Told { return Told{code, args, english} }

// ProblemError carries a Problem as an error, for those that can only return one.
type ProblemError struct{ Problem Problem }

func (e *ProblemError) Error() string {
	if e.Problem.Path == "" {
		return e.Problem.Error
	}
	return fmt.Sprintf("%s: %s", e.Problem.Path, e.Problem.Error)
}

// Words are the code of the sentence behind its path, its arguments, and its English.
func (e *ProblemError) Words() (code string, args []string, english string) {
	p := e.Problem
	if p.Path != "" && p.Code != "" {
		return "in/" + p.Code, append([]string{p.Path + ": "}, p.Args...), e.Error()
	}
	return p.Code, p.Args, e.Error()
}

// worded is an error that knows its sentence in the catalogue.
type worded interface {
	Words() (code string, args []string, english string)
}

// AsProblem turns an error into a Problem of the stage and path.
func AsProblem(stage, path string, err error) Problem {
	if pe, ok := errors.AsType[*ProblemError](err); ok {
		p := pe.Problem
		if p.Stage == "" {
			p.Stage = stage
		}
		if p.Path == "" {
			p.Path = path
		}
		return p
	}
	p := Problem{Stage: stage, Path: path}
	if w, ok := any(err).(worded); ok {
		return p.Saying(w.Words())
	}
	p.Error = err.Error()
	return p
}

// SchemaVersion of the JSON report; docs/report.schema.json describes it.
// The first number changes when a reader of the old one would break.
const SchemaVersion = "1.0"

// Result is everything that a scan has to say; the JSON report is this type.
// The same input gives the same bytes, except for Created.
type Result struct {
	SchemaVersion string       `json:"schemaVersion"`
	Tool          Tool         `json:"tool"`
	Created       time.Time    `json:"created,omitzero"`
	Target        Target       `json:"target"`
	OS            *OS          `json:"os,omitempty"`
	Image         *ImageConfig `json:"image,omitempty"`
	// Base is the image that it was built on; nil where that is not known.
	Base *BaseImage `json:"base,omitempty"`
	// Signatures of the image; nil where nobody named a key to verify them by.
	Signatures *SignatureCheck `json:"signatures,omitempty"`
	// Builders are the images that only stages of the build used, where they
	// were to be scanned.
	Builders []BuilderImage `json:"builders,omitempty"`
	// Workloads are how containers of it are run, where files that say so were
	// given beside it.
	Workloads []Workload `json:"workloads,omitempty"`
	Layers    []Layer    `json:"layers,omitempty"`
	Database  *Database  `json:"database,omitempty"`
	Packages  []Package  `json:"packages"`
	Findings  []Finding  `json:"findings"`
	// Baseline is what the findings were compared with; nil for nothing.
	Baseline *Baseline `json:"baseline,omitempty"`
	// Actions close findings, the one that removes most risk first.
	Actions []Action `json:"actions,omitempty"`
	// Weights of the ranking that the user changed.
	Weights []WeightChange `json:"weights,omitempty"`
	// Rules are those of the findings: their texts in every language. Advisories
	// are no rules.
	Rules []Rule `json:"rules,omitempty"`
	// Witnesses are the reports of other tools that were read or merged.
	Witnesses []WitnessReport `json:"witnesses,omitempty"`
	Problems  []Problem       `json:"problems"`
	Coverage  Coverage        `json:"coverage"`
	Verdict   Verdict         `json:"verdict"`
	// Platforms holds one result for each further platform of a run with
	// --platform all, and Differences says how they differ.
	Platforms   []Result             `json:"platforms,omitempty"`
	Differences []PlatformDifference `json:"differences,omitempty"`
}

// The kinds of baseline.
const (
	BaselineReport       = "report"
	BaselineFingerprints = "fingerprints"
	BaselineTarget       = "target"
	// BaselineSince is a revision: the result holds what changed since it, alone.
	BaselineSince = "since"
)

// Baseline is an earlier state that a result was compared with, and what came of it.
type Baseline struct {
	// Name as it was asked for: a file, an image, a revision.
	Name    string    `json:"name"`
	Kind    string    `json:"kind"`
	Target  Target    `json:"target,omitzero"`
	Created time.Time `json:"created,omitzero"`
	// New and Known count the findings that nothing suppressed; those of BaselineSince
	// that are known are not in the result. Fixed are those of the baseline that
	// are gone, where that part was assessed, and Vanished where it was not.
	New      int `json:"new"`
	Known    int `json:"known"`
	Fixed    int `json:"fixed"`
	Vanished int `json:"vanished,omitempty"`
	// Files that differ, for BaselineSince.
	Files []FileChange `json:"files,omitempty"`
	// Remarks say what makes the baseline doubtful, as those of a Comparison.
	Remarks []Reason `json:"remarks,omitempty"`
}

// PlatformDifference is a package that not all platforms of an image have in
// the same version.
type PlatformDifference struct {
	Ecosystem string `json:"ecosystem"`
	Name      string `json:"name"`
	// Versions by platform; an empty string where the package is missing.
	Versions map[string]string `json:"versions"`
}

// Tool that made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Database that the packages were judged by.
type Database struct {
	Date    string           `json:"date,omitempty"`
	Kind    string           `json:"kind,omitempty"`
	Sources []DatabaseSource `json:"sources,omitempty"`
	// Facts are the feeds that say how flaws are exploited, "kev" and "epss": a
	// flaw of which they say nothing is not listed there. Without them it is not
	// known.
	Facts []DatabaseSource `json:"facts,omitempty"`
}

// DatabaseSource is one feed of the database.
type DatabaseSource struct {
	Name string `json:"name"`
	Date string `json:"date,omitempty"`
}

// Coverage says what was looked at, so that "no findings" can be told from
// "not assessed".
type Coverage struct {
	// Scanners that ran and those that did not, with the reason.
	Scanners []ScannerCoverage `json:"scanners"`
	// OS is "supported", "derived", "end-of-life", "unsupported" or "none".
	OS string `json:"os"`
	// Ecosystems counts packages, by ecosystem.
	Ecosystems []EcosystemCoverage `json:"ecosystems"`
	// Resources counts the configuration files that were judged, by kind.
	Resources []ResourceCoverage `json:"resources,omitempty"`
	// Licenses counts the packages whose licences were judged; nil when they were
	// not looked at.
	Licenses *LicenseCoverage `json:"licenses,omitempty"`
	// History counts what was looked through of a repository's commits; nil when
	// they were not asked for.
	History *HistoryCoverage `json:"history,omitempty"`
	// LockedOnly counts packages that only a lock names and that are not in the
	// tree installed beside it, see Package.Tree: they are not listed.
	LockedOnly int `json:"lockedOnly,omitempty"`
	// BuilderStages says what became of the images of other stages of the build:
	// "assessed", "not-assessed", "in-part"; empty where there is no sign of any.
	BuilderStages string `json:"builderStages,omitempty"`
	Layers        int    `json:"layers"`
	// LayersCached were answered from the cache of facts, LayersUnread not at all.
	LayersCached int `json:"layersCached"`
	LayersUnread int `json:"layersUnread"`
	// Files and bytes (uncompressed) that the layers hold, and files that an
	// extractor read.
	Files     int64 `json:"files"`
	Bytes     int64 `json:"bytes"`
	FilesRead int64 `json:"filesRead"`
	// UnownedBinaries counts executables that no package owns and no extractor
	// could name.
	UnownedBinaries int `json:"unownedBinaries"`
	// Unowned names the first twenty of them.
	Unowned  []string `json:"unowned,omitempty"`
	Problems int      `json:"problems"`
	Complete bool     `json:"complete"`
}

// ScannerCoverage is one scanner of --scanners.
type ScannerCoverage struct {
	Name string `json:"name"`
	// Asked is true when the user wanted it; one that was asked for and did not
	// run makes the result incomplete.
	Asked bool `json:"asked"`
	Ran   bool `json:"ran"`
	// Why it did not run, or what it ran without.
	Why string `json:"why,omitempty"`
	// Code of Why, for reports in other languages.
	Code string `json:"code,omitempty"`
	// Version of an engine that is not part of this program, and of what it knows:
	// "ClamAV 1.4.6, database 27000 of 2026-11-20".
	Version string `json:"version,omitempty"`
}

// The codes of ScannerCoverage.
const (
	ScannerNotAsked   = "not-asked"
	ScannerMissing    = "not-in-this-version"
	ScannerNoDatabase = "no-database"
	// ScannerNoHashList is said of the scanner of malware, which ran: there was no
	// list of hashes to look files up in.
	ScannerNoHashList = "no-hash-list"
	// ScannerNoContent: a bill of materials or a purl brings no files to look at.
	ScannerNoContent = "no-content"
	// ScannerNoAnswer: the service that does it cannot be reached, ScannerNoProgram:
	// the program that does it is not installed. ScannerNoRules: it has nothing to
	// look for. A problem says more.
	ScannerNoAnswer  = "no-answer"
	ScannerNoProgram = "no-program"
	ScannerNoRules   = "no-rules"
	// ScannerSilent: another tool's report does not show whether it looked.
	ScannerSilent = "witness-silent"
)

// EcosystemCoverage counts the packages of one ecosystem.
type EcosystemCoverage struct {
	Ecosystem string `json:"ecosystem"`
	Packages  int    `json:"packages"`
	// Hidden packages are in a lower layer only, OwnedBy ones are installed by
	// a distribution's package, NotAssessed have no advisories to be judged by.
	Hidden      int `json:"hidden,omitempty"`
	Owned       int `json:"owned,omitempty"`
	NotAssessed int `json:"notAssessed,omitempty"`
}

// LicenseCoverage counts packages by what is known of their licences: all parts
// of it, not all (a name that nobody knows), or nothing declared and no text of a
// licence recognised. The last two are not assessed.
type LicenseCoverage struct {
	Known    int `json:"known"`
	Unknown  int `json:"unknown"`
	Unstated int `json:"unstated"`
}

// ResourceCoverage counts the configuration files of one kind.
type ResourceCoverage struct {
	Kind  string `json:"kind"`
	Files int    `json:"files"`
}

// Decision is the outcome of a policy.
type Decision string

// The decisions.
const (
	Allow      Decision = "allow"
	Deny       Decision = "deny"
	Incomplete Decision = "incomplete"
)

// Verdict says who may pass and why.
type Verdict struct {
	Decision Decision `json:"decision"`
	Reasons  []string `json:"reasons,omitempty"`
	// Details say the same as Reasons, in the same order, for programs and for
	// reports in other languages.
	Details []Reason `json:"details,omitempty"`
	// Judged is what the verdict was made by: the same report and the same
	// policies give the same verdict. Nil where nothing could be denied.
	Judged *Judged `json:"judged,omitempty"`
}

// Judged is what a verdict was made by.
type Judged struct {
	By []PolicySource `json:"by,omitempty"`
	// Environment, Team and Tags that policies were told.
	Environment string            `json:"environment,omitempty"`
	Team        string            `json:"team,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	// FailOn is the gate of the command line; the others narrow it.
	FailOn          *Severity  `json:"failOn,omitempty"`
	Only            []Severity `json:"only,omitempty"`
	New             bool       `json:"new,omitempty"`
	OnlyFixed       bool       `json:"onlyFixed,omitempty"`
	AllowIncomplete bool       `json:"allowIncomplete,omitempty"`
	// Now that conditions saw, where it is not the time of the report.
	Now time.Time `json:"now,omitzero"`
	// Findings that were judged, suppressed ones too: a report may show fewer.
	Findings int `json:"findings"`
}

// PolicySource is a policy that a verdict was made by.
type PolicySource struct {
	// Name of a preset, or of the file.
	Name string `json:"name"`
	// Digest of its text: "sha256:...".
	Digest string `json:"digest"`
	// Rules that hold of it.
	Rules int `json:"rules"`
}

// Reason is one reason of a verdict: a code that is never reused, and what it
// speaks of.
type Reason struct {
	Code string   `json:"code"`
	Args []string `json:"args,omitempty"`
	// Rule of a policy, where it was one, with the policy's name, "deny" or
	// "warn", and its own words.
	Rule    string `json:"rule,omitempty"`
	Policy  string `json:"policy,omitempty"`
	Effect  string `json:"effect,omitempty"`
	Message *Words `json:"message,omitempty"`
	// Count of what the rule hit; the ids of the findings, or the purls of the
	// packages, the worst first and twenty at most.
	Count    int      `json:"count,omitempty"`
	Findings []string `json:"findings,omitempty"`
	Packages []string `json:"packages,omitempty"`
}

// The codes of reasons, with their arguments.
const (
	// ReasonNoGate: nothing was asked to be denied.
	ReasonNoGate = "no-gate"
	// ReasonFindings: the severity from which on is denied, and then pairs of a
	// severity and how many findings have it.
	ReasonFindings = "findings"
	// ReasonProblems: how many parts could not be assessed.
	ReasonProblems = "problems"
	// ReasonNotJudged: the scanners that were asked for and did not run.
	ReasonNotJudged = "not-judged"
	// ReasonBelow: the severity from which on is denied.
	ReasonBelow = "below"
	// ReasonRuleDenied and ReasonRuleWarned: the rule, how often its condition
	// holds, and its message.
	ReasonRuleDenied = "rule-denied"
	ReasonRuleWarned = "rule-warned"
	// ReasonRuleUnknown: the rule, and the facts that it needs and nobody knows.
	ReasonRuleUnknown = "rule-not-known"
	// ReasonRuleOpen: the rule, and why it could not be assessed.
	ReasonRuleOpen = "rule-not-assessed"
	// ReasonRuleUnseen: the rule, and the scanners that nobody asked for.
	ReasonRuleUnseen = "rule-not-looked-for"
	// ReasonPassed: how many rules found nothing, of how many.
	ReasonPassed = "rules-passed"
	// ReasonNewFindings and ReasonNewBelow are ReasonFindings and ReasonBelow where
	// new findings alone count.
	ReasonNewFindings = "new-findings"
	ReasonNewBelow    = "new-below"
)
