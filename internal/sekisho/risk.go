// SPDX-License-Identifier: Apache-2.0

package sekisho

// RiskClass says what to do about a finding, not how bad it sounds.
type RiskClass string

// The classes, the most urgent first.
const (
	// ActNow: known to be exploited or likely to be, and something can be done.
	ActNow RiskClass = "act-now"
	// Plan: worth a place in the next round of work.
	Plan RiskClass = "plan"
	// Track: nothing to do yet, or little to gain; to be looked at again.
	Track RiskClass = "track"
	// Accept: candidates for a dated exception.
	Accept RiskClass = "accept"
)

// RiskClasses with the most urgent first.
var RiskClasses = []RiskClass{ActNow, Plan, Track, Accept}

// Risk is where a finding ranks, and why: the sum of its lines.
type Risk struct {
	// Score from 0 to 100.
	Score int       `json:"score"`
	Class RiskClass `json:"class"`
	// Due is the day until which the class asks to be done; empty for none.
	Due   string     `json:"due,omitempty"`
	Lines []RiskLine `json:"lines"`
}

// RiskLine is one summand: a code that is never reused, with its arguments.
// Points are added; where Factor is not 0 the sum until then is multiplied.
type RiskLine struct {
	Code   string   `json:"code"`
	Args   []string `json:"args,omitempty"`
	Points int      `json:"points,omitempty"`
	Factor float64  `json:"factor,omitempty"`
}

// WeightChange is a figure of the ranking that a user set: its code ("kev",
// "severity.high", "sla.act-now"), and what it is without him.
type WeightChange struct {
	Code    string  `json:"code"`
	Value   float64 `json:"value"`
	Default float64 `json:"default"`
}

// The kinds of action, as reports spell them.
const (
	// ActionUpgradeSystem: install the distribution's fixed packages, or rebuild
	// on a base that has them. Subject is the distribution.
	ActionUpgradeSystem = "upgrade-system"
	// ActionUpgradeOwn: upgrade the distribution's packages in one's own layers;
	// a newer base does not change them. Path and Lines are the instructions that
	// installed them. Subject is the distribution, or the base that has no newer
	// content.
	ActionUpgradeOwn = "upgrade-own"
	// ActionUpgradeBase is the same where the base image is known.
	ActionUpgradeBase = "upgrade-base"
	// ActionRebuildBase: rebuild on the same tag of the base, which names another
	// image now. From and To are the digests.
	ActionRebuildBase = "rebuild-base"
	// ActionMoveBase: build on another image, To, that was opened and compared.
	// Remaining counts what the base then has, Adds what it did not have before.
	ActionMoveBase = "move-base"
	// ActionUpgradeDependency: raise one dependency to a version without the
	// findings.
	ActionUpgradeDependency = "upgrade-dependency"
	// ActionRefreshLock: let the package manager raise packages of one lockfile
	// within their major versions. Packages are their names.
	ActionRefreshLock = "refresh-lock"
	// ActionRebuildProgram: rebuild a program of newer modules, or replace it.
	// Packages are the modules.
	ActionRebuildProgram = "rebuild-program"
	// ActionReplaceProgram: replace a program that no package manager owns.
	ActionReplaceProgram = "replace-program"
	// ActionChangeFile: change one thing in a file; or in how an image is built,
	// when Subject is the image and there is no Path.
	ActionChangeFile = "change-file"
	// ActionRotateSecret: revoke what leaked, and rebuild without it.
	ActionRotateSecret = "rotate-secret"
	// ActionRemove: remove malware, or a package that is.
	ActionRemove = "remove"
	// ActionDrop: remove packages of the distribution that nothing which is
	// installed needs: Packages, with what is then needed by nothing. Command does
	// it. Remaining counts the findings of the distribution's packages that stay.
	ActionDrop = "drop-packages"
	// ActionDropOwn is the same of packages that own layers installed: a later
	// layer does not take them out of the image, so the step that installs them
	// has to remove them, or another stage has to install them. Path and Lines are
	// those steps.
	ActionDropOwn = "drop-own"
	// ActionDropBase: build on a base without them. Subject is the base.
	ActionDropBase = "drop-base"
	// ActionRebuildWithout: build without what a later layer only hides; it is still
	// in the image. Path is where it lies, Introduced the layer that holds it.
	ActionRebuildWithout = "rebuild-without"
	// ActionMitigate: what is exploited and has no fix is taken away, or kept out of
	// reach. Subject is the package.
	ActionMitigate = "mitigate"
	// ActionMigrate: the release gets no fixes any more.
	ActionMigrate = "migrate-release"
)

// Action is one change that closes findings.
type Action struct {
	Kind string `json:"kind"`
	// Subject that is changed: a package's name, a file, a distribution.
	Subject string `json:"subject"`
	// Package is the purl of what is raised, From its version and To the first
	// one that closes all that can be closed.
	Package string `json:"package,omitempty"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	// Major is true when To is another major version.
	Major bool `json:"major,omitempty"`
	// Rules that a change of a file is about, the worst first, and its lines.
	Rules []string `json:"rules,omitempty"`
	Path  string   `json:"path,omitempty"`
	Lines []int    `json:"lines,omitempty"`
	// AlsoIn are the other files, archives or programs that hold the same packages in
	// the same versions: the findings are closed when all are changed.
	AlsoIn []string `json:"alsoIn,omitempty"`
	// Packages that a system upgrade raises, those of the worst findings first.
	// Those that are dropped: first what is to be named, then what goes with it.
	Packages []string `json:"packages,omitempty"`
	// Named is how many of the Packages that are dropped are to be named.
	Named int `json:"named,omitempty"`
	// Command that does it, for a shell, where the action has one.
	Command string `json:"command,omitempty"`
	// Closes are the ids of the findings; Remaining counts those of the same
	// subject that are left.
	Closes    []string  `json:"closes"`
	Remaining int       `json:"remaining,omitempty"`
	Adds      int       `json:"adds,omitempty"`
	Class     RiskClass `json:"class"`
	// Score is the highest of the findings, Removed the sum of their scores.
	Score   int `json:"score"`
	Removed int `json:"removed"`
	// Layer of the package, and the instruction that brought it in.
	Introduced *Introduction `json:"introduced,omitempty"`
}
