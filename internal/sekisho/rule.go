// SPDX-License-Identifier: Apache-2.0

package sekisho

// The kinds of resource that rules judge. A rule's kind and id name it; rules of
// several kinds share an id when they have the same intent.
const (
	ResourceDockerfile     = "dockerfile"
	ResourceImage          = "image"
	ResourceKubernetes     = "kubernetes"
	ResourceCompose        = "compose"
	ResourceQuadlet        = "quadlet"
	ResourceDockerRun      = "docker-run"
	ResourceAWS            = "aws"
	ResourceCI             = "ci"
	ResourceHelm           = "helm"
	ResourceKustomize      = "kustomize"
	ResourceTerraform      = "terraform"
	ResourceCloudFormation = "cloudformation"
	ResourceECS            = "ecs"
	// ResourceAccounts are etc/passwd, etc/group and etc/shadow without the
	// password hashes.
	ResourceAccounts = "accounts"
	// ResourceSecret is no resource but the kind of the rules that name secrets: in
	// a file, in one that a later layer deleted, in the image's configuration, in
	// the history of a repository.
	ResourceSecret        = "secret"
	ResourceSecretDeleted = "secret-deleted"
	ResourceSecretImage   = "secret-image"
	ResourceSecretHistory = "secret-history"
	// ResourceMalware is the kind of the rules that name hostile files.
	ResourceMalware = "malware"
	// ResourceLicense is the kind of the rules over the licences of packages.
	ResourceLicense = "license"
	// ResourceEngine is the kind of the rules that repeat what engines of the user
	// say of files: ClamAV, YARA.
	ResourceEngine = "engine"
	// ResourceIgnore are the ignore files of other tools and our own.
	ResourceIgnore = "ignore"
	// ResourceContext are small files that rules look up beside another, such as
	// .dockerignore.
	ResourceContext = "context"
)

// The stages at which a rule applies.
const (
	StageSource = "source"
	StageBuild  = "build"
	StageImage  = "image"
	StageDeploy = "deploy"
)

// Resource is a configuration file as it was found: its bytes are kept, so that
// new rules can judge old facts. What kind it is was decided by its content.
type Resource struct {
	Kind     string   `json:"kind"`
	Location Location `json:"location"`
	// Text is the file's content.
	Text []byte `json:"-"`
}

// FileNote is what the entry of one file says, when somebody found it worth
// noting: a setuid program, a directory that everybody may write to. It is made
// of the entry alone.
type FileNote struct {
	Type FileType `json:"type"`
	// Mode holds permission, setuid, setgid and sticky bits, as fs.FileMode does.
	Mode     uint32   `json:"mode"`
	UID      int      `json:"uid"`
	GID      int      `json:"gid"`
	Size     int64    `json:"size"`
	Link     string   `json:"link,omitempty"`
	Notes    []string `json:"notes"`
	Location Location `json:"location"`
}

// Noter is an Extractor that also notes files by their entry. Note is asked of
// every entry of every layer, directories and links too; it does no I/O, and
// what it returns are words of its own ("setuid"); none for most files.
type Noter interface {
	Extractor
	Note(f *File) []string
}

// Words are one text in the languages that reports speak. "{0}", "{1}" stand for
// the arguments of the finding.
type Words struct {
	EN string `json:"en"`
	JA string `json:"ja"`
}

// Rule is what is known of a rule: data, in the report beside its findings.
type Rule struct {
	// ID is the intent, in lower-case words: "run-as-root". Rules of other kinds
	// with the same intent have the same id.
	ID string `json:"id"`
	// Kind of resource that it judges.
	Kind string `json:"kind"`
	// Aliases are the ids that other tools and benchmarks give the intent:
	// "DL3002", "CIS-DI-0001", "KSV-0012".
	Aliases  []string `json:"aliases,omitempty"`
	Severity Severity `json:"severity"`
	// Because is the reason of the severity.
	Because Words `json:"because"`
	// Title in a few words; Why an attacker would like it; Fix what to write
	// instead.
	Title Words `json:"title"`
	Why   Words `json:"why"`
	Fix   Words `json:"fix"`
	// References are ids of standards: "nist-800-190-4.1.2", "cis-docker-4.1",
	// "pss-restricted", "cwe-250".
	References []string `json:"references,omitempty"`
	Stages     []string `json:"stages,omitempty"`
	// Fixable is true when the program can rewrite what is wrong.
	Fixable bool `json:"fixable,omitempty"`
	// Off rules run only when they are asked for by id.
	Off bool `json:"off,omitempty"`
	// Owner says who has to act where the platform is shared: "customer" or
	// "aws" for Fargate.
	Owner string `json:"owner,omitempty"`
}
