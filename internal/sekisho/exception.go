// SPDX-License-Identifier: Apache-2.0

package sekisho

import (
	"fmt"
	"strconv"
	"strings"
)

// AnyRule is the Rule of an Exception that speaks of every finding of its place.
// Secrets and malicious packages are not among them.
const AnyRule = "*"

// VEXJustifications are why something is not affected, as OpenVEX spells them.
var VEXJustifications = []string{
	"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
	"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist",
}

// Exception is a risk that somebody accepted, or a statement that there is none.
// An empty constraint holds for everything.
type Exception struct {
	// Rule is the id of a rule, an alias or a CVE, in any case, or AnyRule. The
	// kind of a finding or of a resource may stand before it:
	// "secret/aws-access-key", "dockerfile/DL3008", "vulnerability/*".
	Rule string `json:"rule"`
	// Package is a package URL, with or without version, or a name, "name" or
	// "name@version"; in a name "*" stands for any characters.
	Package string `json:"package,omitempty"`
	// Type is the type of the package's URL: "npm".
	Type string `json:"type,omitempty"`
	// FixState is "fixed" for findings that a version fixes, "not-fixed",
	// "wont-fix" or "unknown" for the others.
	FixState string `json:"fixState,omitempty"`
	// Path is a pattern of paths in the target: "*" within a directory, "**"
	// across them. A directory goes with what is in it, and a pattern without a
	// slash holds at any depth.
	Path string `json:"path,omitempty"`
	// Image is a pattern of references ("registry.example.com/team/*", with or
	// without tag) or a digest ("sha256:...").
	Image string `json:"image,omitempty"`
	// Environment is a pattern of the names that --environment gives.
	Environment string `json:"environment,omitempty"`
	// Inert is a Finding.Inert.
	Inert string `json:"inert,omitempty"`
	// Product is the package URL of what a VEX statement is about: the image
	// (pkg:oci) or a package of the target.
	Product string `json:"product,omitempty"`
	// Range of versions as https://github.com/package-url/vers-spec has it. One
	// that was not resolved to versions matches nothing.
	Range string `json:"range,omitempty"`

	Reason string `json:"reason,omitempty"`
	// Code of Reason where it is a text of the program.
	Code     string `json:"code,omitempty"`
	Owner    string `json:"owner,omitempty"`
	Approver string `json:"approver,omitempty"`
	// Created is a date, or a time (RFC 3339, UTC) for a statement.
	Created string `json:"created,omitempty"`
	// Expires is the last day on which it holds, "2026-12-31" in UTC; empty for
	// ever.
	Expires string `json:"expires,omitempty"`
	// Status and Justification are those of VEX, as OpenVEX spells them
	// (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md#status-labels).
	// StatusNotAffected, StatusFixed and no status at all suppress.
	Status        string `json:"status,omitempty"`
	Justification string `json:"justification,omitempty"`

	// By is the file that it stands in, Line and Column where; exceptions of one
	// place are one entry of it.
	By     string `json:"by,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	// Statement is true for one of a VEX document: of several that match one
	// finding the latest counts.
	Statement bool `json:"statement,omitempty"`
}

// RuleKey takes away the ways in which one id of a rule is spelled: case, and
// for Trivy's checks DS002, DS-0002 and AVD-DS-0002.
func RuleKey(id string) string {
	id = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(id)), "AVD-")
	for _, p := range [...]string{"DS", "KSV"} {
		rest, ok := strings.CutPrefix(id, p)
		if n, err := strconv.Atoi(strings.TrimPrefix(rest, "-")); ok && err == nil && n > 0 {
			return fmt.Sprintf("%s-%04d", p, n)
		}
	}
	return id
}
