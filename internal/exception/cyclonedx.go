// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"net/url"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// cdxStates are the states of CycloneDX's analysis
// (https://cyclonedx.org/docs/1.6/json/#vulnerabilities_items_analysis_state).
var cdxStates = map[string]string{
	"not_affected": sekisho.StatusNotAffected, "false_positive": sekisho.StatusNotAffected, "resolved": sekisho.StatusFixed,
	"resolved_with_pedigree": sekisho.StatusFixed, "exploitable": sekisho.StatusAffected, "in_triage": sekisho.StatusInvestigating,
}

// cycloneDX reads the vulnerabilities of a CycloneDX document in JSON: each has
// an analysis, and names components of this document or of another by BOM-Link.
func (r *reader) cycloneDX(doc *document.Node) {
	purls := map[string]string{}
	var collect func(n *document.Node)
	collect = func(n *document.Node) {
		if ref, purl := n.Get("bom-ref").Str(), n.Get("purl").Str(); ref != "" && purl != "" {
			purls[ref] = purl
		}
		for _, c := range n.Get("components").List() {
			collect(c)
		}
	}
	collect(doc)
	collect(doc.Get("metadata", "component"))
	// A document about an image speaks of the packages in that image.
	image := doc.Get("metadata", "component", "purl").Str()
	if !isImage(image) {
		image = ""
	}
	for _, n := range r.list(doc.Get("vulnerabilities"), "vulnerabilities") {
		analysis := n.Get("analysis")
		s := statement{
			at: n, status: cdxStates[analysis.Get("state").Str()], justification: analysis.Get("justification").Str(), text: analysis.Get("detail").Str(),
			when: moment(analysis.Get("lastUpdated").Str(), analysis.Get("firstIssued").Str(), n.Get("updated").Str(), n.Get("published").Str(), doc.Get("metadata", "timestamp").Str()),
		}
		ids := []string{n.Get("id").Str()}
		for _, ref := range n.Get("references").List() {
			ids = append(ids, ref.Get("id").Str())
		}
		s.ids = idsOf(ids...)
		if analysis.Get("state").Str() == "" {
			continue // a bill of materials that lists what a scanner found
		}
		if s.status == "" {
			s.status = analysis.Get("state").Str()
		}
		if !r.good(&s) {
			continue
		}
		affects := r.list(n.Get("affects"), "affects")
		if len(affects) == 0 {
			r.skip(n, "the analysis names no component in affects")
		}
		for _, a := range affects {
			r.cdxAffects(s, a, purls, image)
		}
	}
}

// cdxAffects makes the statements about one component: about all versions that
// its package URL names, or about each that is listed; image is what holds it.
func (r *reader) cdxAffects(s statement, n *document.Node, purls map[string]string, image string) {
	ref := n.Get("ref").Str()
	purl := purls[ref]
	if _, fragment, ok := strings.Cut(ref, "#"); purl == "" && ok && strings.HasPrefix(ref, "urn:cdx:") {
		if f, err := url.PathUnescape(fragment); err == nil {
			fragment = f
		}
		if purl = purls[fragment]; purl == "" {
			ref = fragment
		}
	}
	if purl == "" && isPURL(ref) {
		purl = ref
	}
	if purl == "" {
		r.skip(n, "the component %.60q has no package URL", ref)
		return
	}
	about := alone(purl)
	if about.part != "" {
		about.product = image
	}
	versions := n.Get("versions").List()
	if len(versions) == 0 {
		r.say(&s, &about)
		return
	}
	for _, v := range versions {
		one, at := s, about
		switch v.Get("status").Str() {
		case "unaffected":
			one.status = sekisho.StatusNotAffected
		case "unknown":
			one.status = sekisho.StatusInvestigating
		}
		p, err := sekisho.ParsePURL(purl)
		switch {
		case err != nil || at.part == "":
			r.skip(v, "versions are known here of packages with a package URL")
			continue
		case v.Get("version").Str() != "":
			p.Version = v.Get("version").Str()
		case strings.HasPrefix(v.Get("range").Str(), "vers:"):
			p.Version, at.versions = "", v.Get("range").Str()
		default:
			r.skip(v, "the range %.60q is not known here, it is written like vers:npm/<1.2.3", v.Get("range").Str())
			continue
		}
		at.part = p.String()
		r.say(&one, &at)
	}
}
