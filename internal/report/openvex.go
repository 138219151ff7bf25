// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// The shapes of OpenVEX 0.2.0
// (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md).
type (
	vexDocument struct {
		Context    string         `json:"@context"`
		ID         string         `json:"@id"`
		Author     string         `json:"author"`
		Timestamp  string         `json:"timestamp"`
		Version    int            `json:"version"`
		Tooling    string         `json:"tooling,omitempty"`
		Statements []vexStatement `json:"statements"`
	}
	vexStatement struct {
		Vulnerability vexVulnerability `json:"vulnerability"`
		Products      []vexProduct     `json:"products"`
		Status        string           `json:"status"`
		Justification string           `json:"justification,omitempty"`
		Impact        string           `json:"impact_statement,omitempty"`
		Action        string           `json:"action_statement,omitempty"`
	}
	vexVulnerability struct {
		Name    string   `json:"name"`
		Aliases []string `json:"aliases,omitempty"`
	}
	vexProduct struct {
		ID    string         `json:"@id"`
		Parts []vexComponent `json:"subcomponents,omitempty"`
	}
	vexComponent struct {
		ID string `json:"@id"`
	}
)

// writeOpenVEX states of every vulnerability what is known: that there is none,
// where an exception or a statement says so; else that the target is affected,
// and what to do. Products are the image with its packages as subcomponents, or
// the packages.
func writeOpenVEX(w io.Writer, r *sekisho.Result, o Options) error {
	doc := vexDocument{
		Context: "https://openvex.dev/ns/v0.2.0", Author: cmp.Or(o.Author, "sekisho"), Timestamp: r.Created.UTC().Format(time.RFC3339), Version: 1,
		Tooling: strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version), Statements: []vexStatement{},
	}
	at := map[string]int{}
	for _, r := range all(r) {
		image := vexImage(&r.Target)
		for i := range r.Findings {
			f := &r.Findings[i]
			if !vexable(f) {
				continue
			}
			s := vexStatementOf(f)
			key := strings.Join([]string{s.Vulnerability.Name, s.Status, s.Justification, s.Impact, s.Action}, "\x00")
			n, ok := at[key]
			if !ok {
				n = len(doc.Statements)
				at[key] = n
				doc.Statements = append(doc.Statements, s)
			}
			doc.Statements[n].add(image, f.Package.PURL)
		}
	}
	// Other statements are another document.
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	doc.ID = "urn:uuid:" + uuid(sum[:])
	return encode(w, doc)
}

// add puts a package among the products of a statement, once.
func (s *vexStatement) add(image, purl string) {
	if image == "" {
		if !slices.ContainsFunc(s.Products, func(p vexProduct) bool { return p.ID == purl }) {
			s.Products = append(s.Products, vexProduct{ID: purl})
		}
		return
	}
	i := slices.IndexFunc(s.Products, func(p vexProduct) bool { return p.ID == image })
	if i < 0 {
		i = len(s.Products)
		s.Products = append(s.Products, vexProduct{ID: image})
	}
	if p := &s.Products[i]; !slices.Contains(p.Parts, vexComponent{purl}) {
		p.Parts = append(p.Parts, vexComponent{purl})
	}
}

func vexStatementOf(f *sekisho.Finding) vexStatement {
	s := vexStatement{Vulnerability: vexVulnerability{f.Rule, f.Aliases}, Status: sekisho.StatusAffected}
	switch by := f.Suppressed; {
	case by != nil && by.Status == sekisho.StatusNotAffected:
		s.Status, s.Impact = by.Status, by.Reason
		if slices.Contains(sekisho.VEXJustifications, by.Justification) {
			s.Justification = by.Justification
		} else if by.Justification != "" {
			s.Impact = strings.TrimSuffix(by.Justification+": "+by.Reason, ": ")
		}
		if s.Justification == "" && s.Impact == "" { // one of them is required
			s.Impact = SuppressionText(by, message.En)
		}
	case by != nil && by.Status == sekisho.StatusFixed:
		s.Status = by.Status
	case by != nil: // a risk that was accepted is still one
		s.Action = SuppressionText(by, message.En)
	case f.Status == sekisho.StatusInvestigating:
		s.Status = f.Status
	case f.Fixed != "":
		s.Action = "update to " + fixedIn(f)
	default:
		s.Action = "no version that fixes it is known"
	}
	return s
}

// vexImage is how an image is called as a product: by its digest, as
// https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md
// has it, else by its reference; empty for what is no image.
func vexImage(t *sekisho.Target) string {
	if t.Kind != sekisho.KindImage {
		return ""
	}
	if t.Digest == "" {
		return t.Name
	}
	repository, _, _ := strings.Cut(t.Name, "@")
	if i := strings.LastIndexByte(repository, ':'); i > strings.LastIndexByte(repository, '/') {
		repository = repository[:i]
	}
	p := sekisho.PURL{Type: "oci", Name: strings.ToLower(repository[strings.LastIndexByte(repository, '/')+1:]), Version: t.Digest, Qualifiers: map[string]string{"repository_url": repository}}
	if t.Platform != nil {
		p.Qualifiers["arch"] = t.Platform.Architecture
	}
	return p.String()
}
