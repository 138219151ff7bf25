// SPDX-License-Identifier: Apache-2.0

package sekisho

// The rungs by which a base image is known, the surest first, as reports spell
// them.
const (
	// BaseByProvenance: the builder's attestation names it among its materials.
	BaseByProvenance = "provenance"
	// BaseByAnnotation: the manifest's org.opencontainers.image.base.* say it.
	BaseByAnnotation = "annotation"
	// BaseByLabel: labels of that name say it. A label is handed on to images
	// that are built on the one that it speaks of.
	BaseByLabel = "label"
	// BaseByChain: the lowest layers are those of an image that the user added to
	// the index of bases.
	BaseByChain = "chain-id"
	// BaseByDockerfile: the image's history fits a Dockerfile, which names it.
	BaseByDockerfile = "dockerfile"
	// BaseByGuess: the history looks as if another image ended there.
	BaseByGuess = "guess"
)

// The origins of a finding, as reports spell them; empty where it is not known
// which layers are the base's, or where no layer brought the finding in.
const (
	OriginBase = "base"
	OriginOwn  = "own"
	// OriginBuilder: in an image that only a stage of the build used.
	OriginBuilder = "builder"
)

// The values of Coverage.BuilderStages.
const (
	BuildersAssessed    = "assessed"
	BuildersInPart      = "in-part"
	BuildersNotAssessed = "not-assessed"
)

// BaseImage is the image that another one was built on, and how that is known.
// What a builder or a label claims is not proved by it.
type BaseImage struct {
	// Name is a reference as the rung gives it, "docker.io/library/debian:12";
	// "scratch" for none; empty for a guess, and where only the digest is known.
	Name string `json:"name,omitempty"`
	// Names are further names of an image with the same layers.
	Names  []string `json:"names,omitempty"`
	Digest string   `json:"digest,omitempty"`
	// KnownBy is the rung.
	KnownBy string `json:"knownBy"`
	// Verified is true when the layers were compared with those of an image of
	// this name or digest that was opened; otherwise it is a claim.
	Verified bool `json:"verified"`
	// Split is true when it is known how many layers are the base's: Layers, the
	// lowest ones. SplitBy is the rung that told it, when it is another one.
	Split   bool   `json:"split"`
	SplitBy string `json:"splitBy,omitempty"`
	Layers  int    `json:"layers"`
	// File and Line of the FROM that names it; Line is 0 where it is not known.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Current is the digest that Name has now, where that was asked for, and
	// Moved is true when it is another one than Digest.
	Current string `json:"current,omitempty"`
	Moved   bool   `json:"moved,omitempty"`
	// Candidates are the images that it was compared with, the best first.
	Candidates []BaseCandidate `json:"candidates,omitempty"`
}

// BaseCandidate is another base, and what the move to it would bring: findings
// of the present base that it does not have, and those that only it has.
type BaseCandidate struct {
	Name   string `json:"name"`
	Digest string `json:"digest,omitempty"`
	// Removes and Adds count findings, Keeps those that both have; by class the
	// first two once more.
	Removes        int               `json:"removes"`
	Adds           int               `json:"adds"`
	Keeps          int               `json:"keeps"`
	RemovesByClass map[RiskClass]int `json:"removesByClass,omitempty"`
	AddsByClass    map[RiskClass]int `json:"addsByClass,omitempty"`
	// RemovesKEV and AddsKEV name the flaws that are known to be exploited.
	RemovesKEV []string `json:"removesKev,omitempty"`
	AddsKEV    []string `json:"addsKev,omitempty"`
	// Risk that is removed: the sum of scores that go, less those that come.
	Risk int `json:"risk"`
	// Best is true for the one that became an action.
	Best bool `json:"best,omitempty"`
	// Closes are the ids of the findings that it removes.
	Closes []string `json:"closes,omitempty"`
	// Incomplete is true when it could not be read to the end: what it seems to
	// lack may be there.
	Incomplete bool `json:"incomplete,omitempty"`
}

// BuilderImage is an image that only stages of the build used, or such a stage,
// judged apart: what is in it is not in the image.
type BuilderImage struct {
	Name   string `json:"name"`
	Digest string `json:"digest,omitempty"`
	// Stage is true when Name is a stage, known by the bill of materials that the
	// builder attached; its packages are what the stage held at its end.
	Stage bool `json:"stage,omitempty"`
	// Assessed is false where it could not be opened; Error says why.
	Assessed bool   `json:"assessed"`
	Error    string `json:"error,omitempty"`
	Packages int    `json:"packages"`
	// Findings of it, of origin "builder"; they count for no gate.
	Findings []Finding `json:"findings,omitempty"`
}

// StageSBOM is an SPDX document about a stage of the build. It is a claim.
type StageSBOM struct {
	// Stage as the Dockerfile names it.
	Stage    string
	Document []byte
}

// BuildRecord is what a builder noted of its steps, see
// https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md.
// It is a claim.
type BuildRecord struct {
	// File is the path of the Dockerfile, and Text its content.
	File string
	Text []byte
	// Target is the stage that was asked for, Args the build's arguments.
	Target string
	Args   map[string]string
	Steps  []BuildStep
}

// BuildStep is one step with its place in the Dockerfile.
type BuildStep struct {
	// Image and Digest are set for a step that fetches an image.
	Image, Digest string
	// Line where the instruction begins; 0 when not known.
	Line int
	// Layers are the digests of the layers that the step's result has, the lowest
	// first, once for each way in which it was stored.
	Layers [][]string
}
