// SPDX-License-Identifier: Apache-2.0

package osv

import (
	"encoding/json"
	"errors"
)

// record is what is needed of an OSV record; the rest is passed over unread.
type record struct {
	ID        string     `json:"id"`
	Modified  string     `json:"modified"`
	Published string     `json:"published"`
	Withdrawn string     `json:"withdrawn"`
	Summary   string     `json:"summary"`
	Aliases   []string   `json:"aliases"`
	Upstream  []string   `json:"upstream"`
	Related   []string   `json:"related"`
	Severity  severities `json:"severity"`
	Affected  []affected `json:"affected"`
	Specific  specific   `json:"database_specific"`
}

type affected struct {
	Package struct {
		Ecosystem string `json:"ecosystem"`
		Name      string `json:"name"`
		PURL      string `json:"purl"`
	} `json:"package"`
	Ranges []versionRange `json:"ranges"`
	// Versions is decoded only where no range says the same.
	Versions  json.RawMessage `json:"versions"`
	Severity  severities      `json:"severity"`
	Ecosystem specific        `json:"ecosystem_specific"`
	Database  specific        `json:"database_specific"`
}

type versionRange struct {
	Type   string  `json:"type"`
	Repo   string  `json:"repo"`
	Events []event `json:"events"`
}

type event struct {
	Introduced   string `json:"introduced"`
	Fixed        string `json:"fixed"`
	LastAffected string `json:"last_affected"`
	Limit        string `json:"limit"`
}

// severities is a list of scores; whatever has another shape is none.
type severities []struct {
	Type  string `json:"type"`
	Score string `json:"score"`
}

func (s *severities) UnmarshalJSON(b []byte) error {
	type plain severities
	return lenient(b, (*plain)(s))
}

// specific holds the fields beyond the schema that a publisher is known to give.
type specific struct {
	Severity       string   `json:"severity"`
	CWEs           []string `json:"cwe_ids"`
	NVDPublished   string   `json:"nvd_published_at"`
	LastKnown      string   `json:"last_known_affected_version_range"`
	Urgency        string   `json:"urgency"`
	UbuntuPriority string   `json:"ubuntu_priority"`
	Binaries       binaries `json:"binaries"`
	RPMModularity  string   `json:"rpm_modularity"`
	// Informational is RustSec's word for what is no vulnerability.
	Informational string `json:"informational"`
}

func (s *specific) UnmarshalJSON(b []byte) error {
	type plain specific
	return lenient(b, (*plain)(s))
}

// binaries of a source package: SUSE gives maps of name to version.
type binaries []map[string]string

func (s *binaries) UnmarshalJSON(b []byte) error {
	type plain binaries
	return lenient(b, (*plain)(s))
}

// lenient decodes a field that publishers fill in as they like: a value of
// another type than expected is left out and the rest is kept.
func lenient(b []byte, v any) error {
	var mismatch *json.UnmarshalTypeError
	if err := json.Unmarshal(b, v); err != nil && !errors.As(err, &mismatch) {
		return err
	}
	return nil
}
