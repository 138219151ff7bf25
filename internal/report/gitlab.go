// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// GitLab's container scanning (images) and dependency scanning (everything
// else) report, version 15.
// See https://docs.gitlab.com/user/application_security/container_scanning/.
type gitlabReport struct {
	Version string       `json:"version"`
	Scan    gitlabScan   `json:"scan"`
	Vulns   []gitlabVuln `json:"vulnerabilities"`
	// Files is demanded of dependency scanning, and no part of the other.
	Files *[]gitlabFile `json:"dependency_files,omitempty"`
}

type gitlabFile struct {
	Path         string             `json:"path"`
	Manager      string             `json:"package_manager"`
	Dependencies []gitlabDependency `json:"dependencies"`
}

type gitlabDependency struct {
	Package gitlabPackage `json:"package"`
	Version string        `json:"version"`
}

type gitlabPackage struct {
	Name string `json:"name"`
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
	ID          string                  `json:"id"`
	Name        string                  `json:"name"`
	Description string                  `json:"description"`
	Severity    string                  `json:"severity"`
	Solution    string                  `json:"solution,omitempty"`
	Identifiers []gitlabIdentifier      `json:"identifiers"`
	Links       []gitlabLink            `json:"links,omitempty"`
	Details     map[string]gitlabDetail `json:"details,omitempty"`
	Location    map[string]any          `json:"location"`
}

type gitlabLink struct {
	URL string `json:"url"`
}

type gitlabDetail struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

type gitlabIdentifier struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Value string `json:"value"`
	URL   string `json:"url,omitempty"`
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
	} else {
		doc.Files = gitlabFiles(r)
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
			doc.Scan.Messages = append(doc.Scan.Messages, gitlabMessage{level, problemText(&r.Problems[i], message.En)})
		}
		for i := range r.Findings {
			f := &r.Findings[i]
			if !ofPackage(f) || f.Suppressed != nil {
				continue // the format knows vulnerabilities of packages alone
			}
			doc.Vulns = append(doc.Vulns, gitlabVulnOf(r, f, image))
		}
	}
	return encode(w, doc)
}

func gitlabVulnOf(r *sekisho.Result, f *sekisho.Finding, image bool) gitlabVuln {
	var text []string
	if s := orElse(f.Why, f.Title); s != "" {
		text = append(text, s)
	}
	for _, e := range f.Evidence {
		text = append(text, evidenceText(&e, message.En))
	}
	v := gitlabVuln{
		ID: f.ID, Name: cutTo(clean(headline(f)), 200), Description: strings.Join(text, "\n\n"), Solution: cutTo(advise(f, message.En), 3000),
		Severity: map[sekisho.Severity]string{
			sekisho.SeverityCritical: "Critical", sekisho.SeverityHigh: "High", sekisho.SeverityMedium: "Medium",
			sekisho.SeverityLow: "Low", sekisho.SeverityNegligible: "Info", sekisho.SeverityUnknown: "Unknown",
		}[f.Severity],
	}
	for _, id := range append([]string{f.Rule}, f.Aliases...) {
		typ, _, _ := strings.Cut(strings.ToLower(id), "-")
		v.Identifiers = append(v.Identifiers, gitlabIdentifier{orElse(typ, "sekisho"), id, id, idPage(id)})
	}
	for _, s := range links(f, 20) {
		v.Links = append(v.Links, gitlabLink{s})
	}
	v.Details = map[string]gitlabDetail{}
	for i, fact := range facts(f, message.En) {
		v.Details[fmt.Sprintf("fact_%02d", i)] = gitlabDetail{fact[0], "text", fact[1]}
	}
	if f.Introduced != nil && f.Introduced.Instruction != "" {
		v.Details["layer"] = gitlabDetail{"Introduced by layer", "text", fmt.Sprintf("%d %s", f.Introduced.Index, cutTo(introducedText(f.Introduced), 500))}
	}
	v.Location = map[string]any{"dependency": gitlabDependency{gitlabPackage{f.Package.Name}, f.Package.Version}}
	if image {
		os := "unknown"
		if r.OS != nil {
			os = r.OS.ID + ":" + r.OS.Version
		}
		v.Location["operating_system"] = os
		v.Location["image"] = gitlabImage(&r.Target)
	} else {
		v.Location["file"] = orElse(f.Location.Path, packagePath(r, f), r.Target.Name)
	}
	return v
}

// gitlabImageName is what the schema demands of a name: a tag or a digest.
var gitlabImageName = pattern.New(`^[^:]+(:\d+[^:]*)?:[^:]+(:[^:]*)?$`)

func gitlabImage(t *sekisho.Target) string {
	for _, name := range []string{t.Name, t.Name + "@" + t.Digest, t.Name + ":latest"} {
		if gitlabImageName.MatchString(name) {
			return name
		}
	}
	return orElse(strings.Trim(strings.ReplaceAll(t.Name, ":", "_"), "_"), "image") + ":latest"
}

// gitlabFiles are the files that name packages, with those packages.
func gitlabFiles(r *sekisho.Result) *[]gitlabFile {
	files := []gitlabFile{}
	at := map[[2]string]int{}
	for _, r := range all(r) {
		for i := range r.Packages {
			p := &r.Packages[i]
			key := [2]string{orElse(p.Path, r.Target.Name, "."), orElse(p.Ecosystem, "generic")}
			n, ok := at[key]
			if !ok {
				n = len(files)
				at[key] = n
				files = append(files, gitlabFile{key[0], key[1], []gitlabDependency{}})
			}
			files[n].Dependencies = append(files[n].Dependencies, gitlabDependency{gitlabPackage{p.Name}, p.Version})
		}
	}
	return &files
}
