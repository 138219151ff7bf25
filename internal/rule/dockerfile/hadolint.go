// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"maps"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// hadolint is what a project wrote into .hadolint.yaml at the root of its tree,
// as https://github.com/hadolint/hadolint#configure documents the keys.
type hadolint struct {
	silences   []check.Silence
	severities map[string]sekisho.Severity
	registries []string
	labels     map[string]string
	strict     bool
	// noPragma is true when comments in the file do not count.
	noPragma bool
}

// hadolintConfig reads the configuration that the inventory holds; an empty one
// where there is none.
func hadolintConfig(inv *sekisho.Inventory) (*hadolint, *sekisho.Problem) {
	for _, name := range [...]string{".hadolint.yaml", ".hadolint.yml"} {
		for i := range inv.Resources {
			r := &inv.Resources[i]
			if r.Kind != sekisho.ResourceIgnore || r.Location.Path != name || r.Location.Hidden {
				continue
			}
			docs, err := document.YAML(r.Text)
			if err != nil {
				p := sekisho.Problem{Path: name, Stage: sekisho.StageCheck}.Saying(message.Words(err))
				return &hadolint{}, &p
			}
			if len(docs) == 0 {
				return &hadolint{}, nil
			}
			return parseHadolint(docs[0], name), nil
		}
	}
	return &hadolint{}, nil
}

// readHadolint reads the text of such a file; an empty configuration where it
// cannot be read.
func readHadolint(text []byte) *hadolint {
	docs, err := document.YAML(text)
	if err != nil || len(docs) == 0 {
		return &hadolint{}
	}
	return parseHadolint(docs[0], ".hadolint.yaml")
}

func parseHadolint(doc *document.Node, name string) *hadolint {
	h := &hadolint{severities: map[string]sekisho.Severity{}, labels: map[string]string{}}
	if ids := texts(doc.Get("ignored")); len(ids) > 0 {
		h.silences = []check.Silence{{Whole: true, IDs: ids, By: "hadolint", Reason: name}}
	}
	for level, severity := range map[string]sekisho.Severity{"error": sekisho.SeverityHigh, "warning": sekisho.SeverityMedium, "info": sekisho.SeverityLow, "style": sekisho.SeverityNegligible} {
		for _, id := range texts(doc.Get("override", level)) {
			h.severities[id] = severity
		}
	}
	h.registries = texts(doc.Get("trustedRegistries"))
	for key, value := range doc.Get("label-schema").Members() {
		h.labels[key] = value.Str()
	}
	h.strict = doc.Get("strict-labels").True()
	h.noPragma = doc.Get("disable-ignore-pragma").True()
	return h
}

func texts(n *document.Node) (out []string) {
	for _, item := range n.List() {
		if s := item.Str(); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// apply adds the configuration to the settings; what the user of this program
// set stays.
func (h *hadolint) apply(s *check.Settings) {
	if len(h.severities) > 0 {
		own := s.Severities
		s.Severities = maps.Clone(h.severities)
		maps.Copy(s.Severities, own)
	}
	if len(s.Registries) == 0 {
		s.Registries = h.registries
	}
	if len(s.Labels) == 0 && len(h.labels) > 0 {
		s.Labels = h.labels
	}
	s.StrictLabels = s.StrictLabels || h.strict
}
