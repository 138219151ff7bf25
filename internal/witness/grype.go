// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is read of Grype's JSON (`grype -o json`),
// https://github.com/anchore/grype/tree/main/grype/presenter/models.
type grypeReport struct {
	Matches []grypeMatch `json:"matches"`
	Ignored []grypeMatch `json:"ignoredMatches"`
	Source  struct {
		Type   string          `json:"type"`
		Target json.RawMessage `json:"target"`
	} `json:"source"`
	Distro struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	} `json:"distro"`
	Descriptor struct {
		Name      string          `json:"name"`
		Version   string          `json:"version"`
		Timestamp string          `json:"timestamp"`
		DB        json.RawMessage `json:"db"`
	} `json:"descriptor"`
}

type grypeMatch struct {
	Vulnerability grypeVulnerability   `json:"vulnerability"`
	Related       []grypeVulnerability `json:"relatedVulnerabilities"`
	Details       []struct {
		Type    string `json:"type"`
		Matcher string `json:"matcher"`
	} `json:"matchDetails"`
	Artifact struct {
		Name      string `json:"name"`
		Version   string `json:"version"`
		Type      string `json:"type"`
		Locations []struct {
			Path    string `json:"path"`
			LayerID string `json:"layerID"`
		} `json:"locations"`
		PURL      string `json:"purl"`
		Upstreams []struct {
			Name string `json:"name"`
		} `json:"upstreams"`
	} `json:"artifact"`
	AppliedIgnoreRules []struct {
		Vulnerability string `json:"vulnerability"`
		Reason        string `json:"reason"`
		Namespace     string `json:"namespace"`
		VexStatus     string `json:"vex-status"`
		FixState      string `json:"fix-state"`
	} `json:"appliedIgnoreRules"`
}

type grypeVulnerability struct {
	ID          string   `json:"id"`
	DataSource  string   `json:"dataSource"`
	Namespace   string   `json:"namespace"`
	Severity    string   `json:"severity"`
	URLs        []string `json:"urls"`
	Description string   `json:"description"`
	CVSS        []struct {
		Source  string `json:"source"`
		Vector  string `json:"vector"`
		Metrics struct {
			BaseScore float64 `json:"baseScore"`
		} `json:"metrics"`
	} `json:"cvss"`
	EPSS []struct {
		Score      float64 `json:"epss"`
		Percentile float64 `json:"percentile"`
		Date       string  `json:"date"`
	} `json:"epss"`
	KEV []struct {
		Added      string `json:"dateAdded"`
		Due        string `json:"dueDate"`
		Ransomware string `json:"knownRansomwareCampaignUse"`
	} `json:"knownExploited"`
	CWEs []struct {
		CWE string `json:"cwe"`
	} `json:"cwes"`
	Fix struct {
		Versions []string `json:"versions"`
		State    string   `json:"state"`
	} `json:"fix"`
}

// grypeImage is the target of an image.
type grypeImage struct {
	Input          string `json:"userInput"`
	ImageID        string `json:"imageID"`
	ManifestDigest string `json:"manifestDigest"`
	Architecture   string `json:"architecture"`
	OS             string `json:"os"`
}

func (b *builder) grype(text []byte) error {
	var g grypeReport
	if err := decode(text, Grype, &g); err != nil {
		return err
	}
	w := b.tool(cmp.Or(g.Descriptor.Name, "grype"), g.Descriptor.Version, g.Descriptor.Timestamp)
	b.covers(sekisho.Vulnerability)
	w.Database = grypeDatabase(g.Descriptor.DB)
	target := &b.r.Target
	var image grypeImage
	var path string
	switch {
	case json.Unmarshal(g.Source.Target, &path) == nil:
		target.Name = cmp.Or(cut(path, maxWord), target.Name)
		target.Kind = sekisho.KindRootFS
	case json.Unmarshal(g.Source.Target, &image) == nil:
		target.Name = cmp.Or(cut(image.Input, maxWord), target.Name)
		w.Digest, w.ConfigDigest = cut(image.ManifestDigest, maxWord), cut(image.ImageID, maxWord)
		if g.Source.Type == "image" {
			target.Kind = sekisho.KindImage
		}
		if image.Architecture != "" {
			target.Platform = &sekisho.Platform{OS: cmp.Or(image.OS, "linux"), Architecture: image.Architecture}
		}
	}
	w.Target = target.Name
	target.Digest, target.ConfigDigest = w.Digest, w.ConfigDigest
	if g.Distro.Name != "" {
		b.r.OS = &sekisho.OS{ID: cut(g.Distro.Name, maxWord), Version: cut(g.Distro.Version, maxWord)}
	}
	for i := range g.Matches {
		b.grypeMatch(&g.Matches[i], false)
	}
	for i := range g.Ignored {
		b.grypeMatch(&g.Ignored[i], true)
	}
	return nil
}

// grypeDatabase is the day on which the database was built: at another place in
// each of its schemas.
func grypeDatabase(raw json.RawMessage) string {
	var db struct {
		Built  string `json:"built"`
		Status struct {
			Built string `json:"built"`
		} `json:"status"`
	}
	if json.Unmarshal(raw, &db) != nil {
		return ""
	}
	return day(cmp.Or(db.Status.Built, db.Built))
}

func (b *builder) grypeMatch(m *grypeMatch, ignored bool) {
	v := &m.Vulnerability
	f := sekisho.Finding{
		Kind: sekisho.Vulnerability, Title: v.Description, References: append([]string{v.DataSource}, v.URLs...),
		Package: &sekisho.PackageRef{PURL: m.Artifact.PURL, Name: m.Artifact.Name, Version: m.Artifact.Version, Ecosystem: grypeEcosystem(m.Artifact.Type)},
	}
	if u, err := sekisho.ParsePURL(m.Artifact.PURL); err == nil {
		f.Package.Name = nameOf(u)
	}
	if len(m.Artifact.Locations) > 0 {
		f.Location = sekisho.Location{Path: m.Artifact.Locations[0].Path, Layer: m.Artifact.Locations[0].LayerID}
	}
	w := sekisho.Witness{ID: v.ID, Severity: v.Severity, Source: v.Namespace, Fixed: strings.Join(v.Fix.Versions, ", "), Status: grypeStatus(v.Fix.State)}
	for _, r := range m.Related {
		w.Aliases = append(w.Aliases, r.ID)
		f.Title = cmp.Or(f.Title, r.Description)
	}
	for _, d := range m.Details {
		if d.Type == "cpe-match" {
			w.By = "cpe"
		}
	}
	for _, all := range append([]grypeVulnerability{*v}, m.Related...) {
		for _, c := range all.CVSS {
			if c.Vector != "" && !slices.ContainsFunc(f.CVSS, func(x sekisho.CVSS) bool { return x.Vector == c.Vector }) {
				f.CVSS = append(f.CVSS, sekisho.CVSS{Source: c.Source, Vector: c.Vector, Score: c.Metrics.BaseScore})
			}
		}
		for _, e := range all.EPSS {
			f.EPSS = &sekisho.EPSS{Score: e.Score, Percentile: e.Percentile, Date: e.Date}
		}
		for _, k := range all.KEV {
			f.KEV = &sekisho.KEV{Added: k.Added, Due: k.Due, Ransomware: strings.EqualFold(k.Ransomware, "known")}
		}
		for _, c := range all.CWEs {
			f.CWEs = append(f.CWEs, c.CWE)
		}
	}
	if ignored {
		w.Suppressed = "an ignore rule"
		for _, rule := range m.AppliedIgnoreRules {
			if rule.VexStatus != "" {
				w.Suppressed = "VEX: " + rule.VexStatus
				if rule.VexStatus == sekisho.StatusNotAffected {
					w.Status = sekisho.StatusNotAffected
				}
			}
			if rule.Reason != "" {
				w.Suppressed = rule.Reason
			}
		}
	}
	b.finding(f, w)
}

func grypeStatus(state string) string {
	switch state {
	case "fixed":
		return sekisho.StatusFixed
	case "wont-fix":
		return sekisho.StatusWillNotFix
	case "not-fixed":
		return sekisho.StatusAffected
	}
	return ""
}

// grypeEcosystem is our word for Syft's type of a package.
func grypeEcosystem(typ string) string {
	switch typ {
	case "java-archive", "jenkins-plugin":
		return sekisho.EcosystemMaven
	case "python":
		return sekisho.EcosystemPyPI
	case "go-module":
		return sekisho.EcosystemGo
	case "rust-crate":
		return sekisho.EcosystemCargo
	case "php-composer":
		return sekisho.EcosystemComposer
	case "dotnet":
		return sekisho.EcosystemNuGet
	case "dart-pub":
		return sekisho.EcosystemPub
	case "pod":
		return sekisho.EcosystemCocoa
	case "R-package":
		return sekisho.EcosystemCRAN
	}
	return typ
}
