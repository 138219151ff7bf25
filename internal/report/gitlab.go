// SPDX-License-Identifier: Apache-2.0

package report

import (
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// GitLab's container scanning (images) and dependency scanning (everything
// else) report, version 15.
// See https://docs.gitlab.com/user/application_security/container_scanning/.
type gitlabReport struct {
	Version string       `json:"version"`
	Scan    gitlabScan   `json:"scan"`
	Vulns   []gitlabVuln `json:"vulnerabilities"`
}

type gitlabScan struct {
	Analyzer gitlabTool      `json:"analyzer"`
	Scanner  gitlabTool      `json:"scanner"`
	Type     string          `json:"type"`
	Start    string          `json:"start_time"`
	End      string          `json:"end_time"`
	Status   string          `json:"status"`
	Messages []gitlabMessage `json:"messages,omitempty"`
}

type gitlabTool struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Vendor  struct {
		Name string `json:"name"`
	} `json:"vendor"`
}

type gitlabMessage struct {
	Level string `json:"level"`
	Value string `json:"value"`
}

type gitlabVuln struct {
	ID          string             `json:"id"`
	Name        string             `json:"name"`
	Description string             `json:"description"`
	Severity    string             `json:"severity"`
	Solution    string             `json:"solution,omitempty"`
	Identifiers []gitlabIdentifier `json:"identifiers"`
	Location    map[string]any     `json:"location"`
}

type gitlabIdentifier struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

func writeGitLab(w io.Writer, r *sekisho.Result, _ Options) error {
	tool := gitlabTool{ID: "sekisho", Name: "Sekisho", Version: orElse(r.Tool.Version, "dev")}
	tool.Vendor.Name = "Sekisho"
	at := r.Created.UTC().Format("2006-01-02T15:04:05")
	doc := gitlabReport{Version: "15.2.1", Scan: gitlabScan{
		Analyzer: tool, Scanner: tool, Type: "dependency_scanning", Start: at, End: at, Status: "success",
	}, Vulns: []gitlabVuln{}}
	image := r.Target.Kind == sekisho.KindImage
	if image {
		doc.Scan.Type = "container_scanning"
	}
	for _, r := range all(r) {
		if !r.Coverage.Complete {
			doc.Scan.Status = "failure"
		}
		for i := range r.Problems {
			level := "warn"
			if r.Problems[i].Minor {
				level = "info"
			}
			doc.Scan.Messages = append(doc.Scan.Messages, gitlabMessage{level, problemText(&r.Problems[i])})
		}
		for i := range r.Findings {
			f := &r.Findings[i]
			if f.Kind != sekisho.Vulnerability || f.Suppressed != nil || f.Package == nil {
				continue // the format knows vulnerabilities of packages alone
			}
			doc.Vulns = append(doc.Vulns, gitlabVulnOf(r, f, image))
		}
	}
	return encode(w, doc)
}

func gitlabVulnOf(r *sekisho.Result, f *sekisho.Finding, image bool) gitlabVuln {
	v := gitlabVuln{
		ID: f.ID, Name: cutTo(orElse(f.Title, f.Rule), 255), Description: orElse(f.Why, f.Title, f.Rule), Solution: f.Fix,
		Severity: map[sekisho.Severity]string{
			sekisho.SeverityCritical: "Critical", sekisho.SeverityHigh: "High", sekisho.SeverityMedium: "Medium",
			sekisho.SeverityLow: "Low", sekisho.SeverityNegligible: "Info", sekisho.SeverityUnknown: "Unknown",
		}[f.Severity],
	}
	if f.Fixed != "" {
		v.Solution = orElse(v.Solution, "Upgrade "+f.Package.Name+" to "+f.Fixed)
	}
	for _, id := range append([]string{f.Rule}, f.Aliases...) {
		typ, _, _ := strings.Cut(strings.ToLower(id), "-")
		v.Identifiers = append(v.Identifiers, gitlabIdentifier{typ, id, id})
	}
	dep := map[string]any{"package": map[string]any{"name": f.Package.Name}, "version": f.Package.Version}
	v.Location = map[string]any{"dependency": dep}
	if image {
		os := "unknown"
		if r.OS != nil {
			os = r.OS.ID + ":" + r.OS.Version
		}
		v.Location["operating_system"] = os
		v.Location["image"] = r.Target.Name
	} else {
		v.Location["file"] = orElse(f.Location.Path, packagePath(r, f), r.Target.Name)
	}
	return v
}
