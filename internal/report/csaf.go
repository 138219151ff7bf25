// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// The shapes of CSAF 2.0, profile VEX
// (https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html#45-profile-5-vex).
type (
	csafFile struct {
		Document csafHead   `json:"document"`
		Tree     csafTree   `json:"product_tree"`
		Vulns    []csafVuln `json:"vulnerabilities,omitempty"`
	}
	csafHead struct {
		Category  string        `json:"category"`
		Version   string        `json:"csaf_version"`
		Lang      string        `json:"lang"`
		Publisher csafPublisher `json:"publisher"`
		Title     string        `json:"title"`
		Tracking  csafTracking  `json:"tracking"`
	}
	csafPublisher struct {
		Category  string `json:"category"`
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	}
	csafTracking struct {
		Current   string         `json:"current_release_date"`
		Generator csafGenerator  `json:"generator"`
		ID        string         `json:"id"`
		Initial   string         `json:"initial_release_date"`
		History   []csafRevision `json:"revision_history"`
		Status    string         `json:"status"`
		Version   string         `json:"version"`
	}
	csafGenerator struct {
		Engine struct {
			Name    string `json:"name"`
			Version string `json:"version,omitempty"`
		} `json:"engine"`
	}
	csafRevision struct {
		Date    string `json:"date"`
		Number  string `json:"number"`
		Summary string `json:"summary"`
	}
	csafTree struct {
		Products  []csafProduct  `json:"full_product_names"`
		Relations []csafRelation `json:"relationships,omitempty"`
	}
	csafProduct struct {
		Name   string      `json:"name"`
		ID     string      `json:"product_id"`
		Helper *csafHelper `json:"product_identification_helper,omitempty"`
	}
	csafHelper struct {
		PURL string `json:"purl"`
	}
	csafRelation struct {
		Category string      `json:"category"`
		Product  csafProduct `json:"full_product_name"`
		Part     string      `json:"product_reference"`
		Of       string      `json:"relates_to_product_reference"`
	}
	csafVuln struct {
		CVE          string              `json:"cve,omitempty"`
		IDs          []csafID            `json:"ids,omitempty"`
		Notes        []csafNote          `json:"notes"`
		Status       map[string][]string `json:"product_status"`
		Flags        []csafFlag          `json:"flags,omitempty"`
		Threats      []csafText          `json:"threats,omitempty"`
		Remediations []csafText          `json:"remediations,omitempty"`
		References   []csafReference     `json:"references,omitempty"`
	}
	csafID struct {
		System string `json:"system_name"`
		Text   string `json:"text"`
	}
	csafNote struct {
		Category string `json:"category"`
		Text     string `json:"text"`
	}
	csafFlag struct {
		Label    string   `json:"label"`
		Products []string `json:"product_ids"`
	}
	csafText struct {
		Category string   `json:"category"`
		Details  string   `json:"details"`
		Products []string `json:"product_ids"`
	}
	csafReference struct {
		Category string `json:"category"`
		Summary  string `json:"summary"`
		URL      string `json:"url"`
	}
)

// csafStatus is the state of OpenVEX in the words of CSAF, and its rank: of two
// statements about one product the one that leaves more to do stands.
var csafStatus = map[string]struct {
	key  string
	rank int
}{
	sekisho.StatusAffected:      {"known_affected", 3},
	sekisho.StatusInvestigating: {"under_investigation", 2},
	sekisho.StatusNotAffected:   {"known_not_affected", 1},
	sekisho.StatusFixed:         {"fixed", 0},
}

// csafWriter makes one document.
type csafWriter struct {
	file  csafFile
	known map[string]bool // products
	at    map[string]int  // vulnerabilities
	// said is what stands of a product, by vulnerability.
	said []map[string]csafSaid
}

type csafSaid struct {
	vexStatement
	category string // of the remediation
}

// writeCSAF states the same as writeOpenVEX. An image and its packages are
// products, and each package in the image one more.
func writeCSAF(w io.Writer, r *sekisho.Result, o Options) error {
	when := r.Created.UTC().Format(time.RFC3339)
	c := csafWriter{known: map[string]bool{}, at: map[string]int{}}
	c.file.Document = csafHead{
		Category: "csaf_vex", Version: "2.0", Lang: "en", Title: "What is known of the vulnerabilities of " + clean(r.Target.Name),
		Publisher: csafPublisher{Category: "other", Name: cmp.Or(o.Author, "sekisho"), Namespace: cmp.Or(o.Namespace, "https://github.com/sekisho/sekisho")},
		Tracking: csafTracking{
			Current: when, Initial: when, Status: "final", Version: "1",
			History: []csafRevision{{Date: when, Number: "1", Summary: "As scanned"}},
		},
	}
	if o.Author != "" {
		c.file.Document.Publisher.Category = "user"
	}
	c.file.Document.Tracking.Generator.Engine.Name, c.file.Document.Tracking.Generator.Engine.Version = cmp.Or(r.Tool.Name, "sekisho"), r.Tool.Version
	for _, one := range all(r) {
		image, target := vexImage(&one.Target), one.Target.Name
		for i := range one.Findings {
			if f := &one.Findings[i]; vexable(f) {
				c.add(f, image, target)
			}
		}
	}
	if len(c.file.Vulns) == 0 {
		// The profile demands a vulnerability; a document without one is no VEX.
		c.product(cmp.Or(vexImage(&r.Target), r.Target.Name), r.Target.Name)
		c.file.Document.Category = "csaf_base"
	}
	for i := range c.file.Vulns {
		c.file.Vulns[i].say(c.said[i])
	}
	text, err := json.Marshal(c.file)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	c.file.Document.Tracking.ID = "sekisho-" + uuid(sum[:])
	return encode(w, c.file)
}

// vexable says whether VEX can speak of a finding.
func vexable(f *sekisho.Finding) bool {
	return (f.Kind == sekisho.Vulnerability || f.Kind == sekisho.Malware) && f.Package != nil && f.Package.PURL != ""
}

func (c *csafWriter) product(id, name string) {
	if c.known[id] {
		return
	}
	c.known[id] = true
	p := csafProduct{Name: cmp.Or(clean(name), id), ID: id}
	if strings.HasPrefix(id, "pkg:") {
		p.Helper = &csafHelper{PURL: id}
	}
	c.file.Tree.Products = append(c.file.Tree.Products, p)
}

// add says what is known of a finding. An image and a package in it are one
// product by a relationship.
func (c *csafWriter) add(f *sekisho.Finding, image, target string) {
	id, name := f.Package.PURL, strings.TrimSpace(f.Package.Name+" "+f.Package.Version)
	c.product(id, name)
	if image != "" {
		c.product(image, target)
		part := id
		id = image + " has " + part
		if !c.known[id] {
			c.known[id] = true
			c.file.Tree.Relations = append(c.file.Tree.Relations, csafRelation{
				Category: "default_component_of", Part: part, Of: image,
				Product: csafProduct{Name: clean(name + " in " + target), ID: id},
			})
		}
	}
	n, ok := c.at[f.Rule]
	if !ok {
		n = len(c.file.Vulns)
		c.at[f.Rule] = n
		c.file.Vulns = append(c.file.Vulns, csafVulnOf(f))
		c.said = append(c.said, map[string]csafSaid{})
	}
	s := csafSaid{vexStatementOf(f), "none_available"}
	switch {
	case f.Suppressed != nil, f.Status == sekisho.StatusWillNotFix:
		s.category = "no_fix_planned"
	case f.Fixed != "":
		s.category = "vendor_fix"
	}
	if was, ok := c.said[n][id]; !ok || csafStatus[s.Status].rank > csafStatus[was.Status].rank {
		c.said[n][id] = s
	}
}

func csafVulnOf(f *sekisho.Finding) csafVuln {
	v := csafVuln{Status: map[string][]string{}, Notes: []csafNote{{"summary", cmp.Or(f.Title, f.Rule+" in "+f.Package.Name)}}}
	for _, id := range slices.Concat([]string{f.Rule}, f.Aliases) {
		if v.CVE == "" && csafCVE(id) {
			v.CVE = id
			continue
		}
		system, _, _ := strings.Cut(id, "-")
		if one := (csafID{cmp.Or(system, "id"), id}); !slices.Contains(v.IDs, one) {
			v.IDs = append(v.IDs, one)
		}
	}
	for _, s := range links(f, 5) {
		v.References = append(v.References, csafReference{"external", "Advisory", s})
	}
	return v
}

// csafCVE says whether an id has the form of a CVE.
func csafCVE(id string) bool {
	year, number, ok := strings.Cut(strings.TrimPrefix(id, "CVE-"), "-")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return ok && strings.HasPrefix(id, "CVE-") && len(year) == 4 && len(number) >= 4 && digits(year) && digits(number)
}

// say fills in the products' states: each product stands in one.
func (v *csafVuln) say(products map[string]csafSaid) {
	text := func(list *[]csafText, category, details, id string) {
		i := slices.IndexFunc(*list, func(t csafText) bool { return t.Category == category && t.Details == details })
		if i < 0 {
			i = len(*list)
			*list = append(*list, csafText{Category: category, Details: details})
		}
		(*list)[i].Products = append((*list)[i].Products, id)
	}
	for _, id := range slices.Sorted(maps.Keys(products)) {
		s := products[id]
		key := csafStatus[s.Status].key
		v.Status[key] = append(v.Status[key], id)
		if s.Justification != "" {
			i := slices.IndexFunc(v.Flags, func(f csafFlag) bool { return f.Label == s.Justification })
			if i < 0 {
				i = len(v.Flags)
				v.Flags = append(v.Flags, csafFlag{Label: s.Justification})
			}
			v.Flags[i].Products = append(v.Flags[i].Products, id)
		}
		if s.Impact != "" {
			text(&v.Threats, "impact", s.Impact, id)
		}
		if s.Status == sekisho.StatusAffected {
			text(&v.Remediations, s.category, cmp.Or(s.Action, s.Impact, "no version that fixes it is known"), id)
		}
	}
}
