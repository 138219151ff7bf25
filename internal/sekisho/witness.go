// SPDX-License-Identifier: Apache-2.0

package sekisho

import "strings"

// Witness is what another tool says of a finding. It is cited beside our own
// evidence and never lowers what we say.
type Witness struct {
	// Tool by its name in lower case: "trivy", "grype", "amazon-inspector".
	Tool    string `json:"tool"`
	Version string `json:"version,omitempty"`
	// Date of the report, "2026-01-31" or a time (RFC 3339).
	Date string `json:"date,omitempty"`
	// ID as the tool names it, and the other ids that it gives.
	ID      string   `json:"id"`
	Aliases []string `json:"aliases,omitempty"`
	// Severity is the tool's own word, and Source whose word the tool says it is,
	// or whose advisory it matched: "nvd", "debian", "ghsa". Empty where the tool
	// does not say.
	Severity string `json:"severity,omitempty"`
	Source   string `json:"source,omitempty"`
	// By is how it was matched, where the tool says so: "cpe", "package".
	By string `json:"by,omitempty"`
	// Fixed is the version that the tool calls fixed, Status its state in the
	// words of Finding.Status, or StatusNotAffected.
	Fixed  string `json:"fixed,omitempty"`
	Status string `json:"status,omitempty"`
	// Suppressed says why the tool itself did not count it.
	Suppressed string      `json:"suppressed,omitempty"`
	Kind       FindingKind `json:"kind,omitempty"`
	Title      string      `json:"title,omitempty"`
	// Package, as the tool names it, where that is not our name of it.
	Package string `json:"package,omitempty"`
	Layer   string `json:"layer,omitempty"`
	Path    string `json:"path,omitempty"`
	Line    int    `json:"line,omitempty"`
}

// WitnessReport is a report of another tool that was read or merged, and what it
// covers: what it does not speak of is not assessed by it.
type WitnessReport struct {
	Tool    string `json:"tool"`
	Version string `json:"version,omitempty"`
	// Format of the file: "trivy", "sarif".
	Format string `json:"format"`
	Date   string `json:"date,omitempty"`
	// Database is the date of the advisories that the tool used, where it says so.
	Database string `json:"database,omitempty"`
	// Target by the tool's own name of it, and the digests that it states: of the
	// manifest, and of the image's configuration.
	Target       string `json:"target,omitempty"`
	Digest       string `json:"digest,omitempty"`
	ConfigDigest string `json:"configDigest,omitempty"`
	// OtherTarget is true when these digests are not those of the result.
	OtherTarget bool `json:"otherTarget,omitempty"`
	// Kinds of finding that it shows to have looked for.
	Kinds []FindingKind `json:"kinds,omitempty"`
	// Findings and Packages that it holds. Without packages nobody can tell what
	// the tool saw and found nothing in.
	Findings int `json:"findings"`
	Packages int `json:"packages,omitempty"`
	// Lowest severity among its vulnerabilities, and OnlyFixed when a version
	// fixes each of them: signs of a filter.
	Lowest    string `json:"lowest,omitempty"`
	OnlyFixed bool   `json:"onlyFixed,omitempty"`
}

// Disagreement is where a tool and we do not say the same of a finding, and the
// reason as far as it can be known.
type Disagreement struct {
	// Tool that says otherwise.
	Tool string `json:"tool"`
	// About is one of the words below.
	About string `json:"about"`
	// Theirs and Ours are what each says; empty for nothing.
	Theirs string `json:"theirs,omitempty"`
	Ours   string `json:"ours,omitempty"`
	// Code of the reason, never reused, with its arguments: texts in every
	// language are made of them.
	Code string   `json:"code"`
	Args []string `json:"args,omitempty"`
}

// What a Disagreement is about.
const (
	AboutSeverity = "severity"
	AboutFixed    = "fixed"
	// AboutAffected: the tool says that it is not affected, or does not count it.
	AboutAffected = "affected"
	AboutKind     = "kind"
	// AboutMissingHere: the tool has a finding that we do not have.
	AboutMissingHere = "missing-here"
	// AboutMissingThere: the tool looked at the package and has no such finding.
	AboutMissingThere = "missing-there"
)

// The codes of the reasons of disagreements, with their arguments.
const (
	// WhyUnknown: nothing in the reports tells.
	WhyUnknown = "unknown"
	// WhySeveritySource: whose severity theirs is, and whose ours is.
	WhySeveritySource = "severity-source"
	// WhySeverityUnrated: the tool gives no severity.
	WhySeverityUnrated = "severity-unrated"
	// WhySeverityOwn: the tool rates by itself; whose severity ours is.
	WhySeverityOwn = "severity-own"
	// WhySeverityRule: every tool rates its own rules.
	WhySeverityRule = "severity-rule"
	// WhyFixSource: whose fix theirs is, and whose ours is.
	WhyFixSource = "fix-source"
	// WhyFixUpstream: the tool matched by this source, whose versions are those of
	// the upstream project; whose advisory ours is.
	WhyFixUpstream = "fix-upstream"
	// WhyFixEarlier: our evidence holds that version too, from this source, and a
	// later one is needed to satisfy all.
	WhyFixEarlier = "fix-earlier"
	// WhyFixOlder: the tool's advisories are of the first date, ours of the second.
	WhyFixOlder = "fix-older"
	// WhyFixChannel: ours comes from an extra channel.
	WhyFixChannel = "fix-channel"
	// WhyNotAffected: the tool's state, "not_affected".
	WhyNotAffected = "not-affected"
	// WhySuppressed: the tool's own reason.
	WhySuppressed = "suppressed"
	// WhyMalware: we call the package malware, the tool calls it vulnerable, or
	// the other way round.
	WhyMalware = "malware"

	// Missing at ours. WhyScannerOff: our scanner of this name did not run.
	WhyScannerOff = "scanner-off"
	// WhyNoPackage: we do not have the package.
	WhyNoPackage = "no-package"
	// WhyOtherVersion: we have it in these versions.
	WhyOtherVersion = "other-version"
	// WhyNoFile: no configuration file of this kind was judged by us.
	WhyNoFile = "no-file"
	// WhyHidden: it is in a lower layer only.
	WhyHidden = "hidden"
	// WhyOwned: it belongs to this package of the distribution.
	WhyOwned = "owned"
	// WhyRoot: it is the project itself.
	WhyRoot = "root"
	// WhyNotAssessed: we have no advisories for it.
	WhyNotAssessed = "not-assessed"
	// WhyCleared: our database, by this source's row of this id, says that it is
	// not affected, for this reason.
	WhyCleared = "cleared"
	// WhyNoAdvisory: no advisory of ours names it with the package; the argument
	// is the part of the database that was asked.
	WhyNoAdvisory = "no-advisory"
	// WhyCPE: the tool matched by CPE, that is by name, and no advisory of ours.
	WhyCPE = "cpe"
	// WhyAffectedHere: our database does have it as affected.
	WhyAffectedHere = "affected-here"

	// Missing there. WhyDatabaseOlder: the tool's advisories are of the first
	// date, the flaw became public on the second.
	WhyDatabaseOlder = "database-older"
	// WhyOnlyFixed: the tool's report has no finding without a fix.
	WhyOnlyFixed = "only-fixed"
	// WhyLowest: it has none below this severity.
	WhyLowest = "lowest"
	// WhyPackageNotThere: the tool lists its packages, without this one.
	WhyPackageNotThere = "package-not-there"
	// WhyPackageThere: it lists the package, and nothing tells more.
	WhyPackageThere = "package-there"
)

// SeverityWord reads the words that tools and publishers use for severities, and
// the levels of SARIF; SeverityUnknown for any other.
func SeverityWord(word string) Severity {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "critical", "very high":
		return SeverityCritical
	case "high", "important", "error":
		return SeverityHigh
	case "medium", "moderate", "warning":
		return SeverityMedium
	case "low", "note", "minor":
		return SeverityLow
	case "negligible", "info", "informational", "none", "unimportant":
		return SeverityNegligible
	}
	return SeverityUnknown
}
