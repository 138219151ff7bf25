// SPDX-License-Identifier: Apache-2.0

package report

import (
	"io"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// writeBaseline writes what --baseline needs to know a finding again, and nothing
// else: a small report, to be kept beside the code. What an exception suppresses
// is left out, so that it is new again on the day on which the exception ends.
func writeBaseline(w io.Writer, r *sekisho.Result, _ Options) error {
	return encode(w, fingerprints(r))
}

func fingerprints(r *sekisho.Result) *sekisho.Result {
	out := &sekisho.Result{
		SchemaVersion: r.SchemaVersion, Tool: r.Tool, Created: r.Created, Target: r.Target, Database: r.Database,
		Baseline: &sekisho.Baseline{Name: r.Target.Name, Kind: sekisho.BaselineFingerprints},
		Packages: []sekisho.Package{}, Findings: []sekisho.Finding{}, Problems: r.Problems, Coverage: r.Coverage, Verdict: r.Verdict,
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Suppressed != nil {
			continue
		}
		known := sekisho.Finding{
			ID: f.ID, Kind: f.Kind, Rule: f.Rule, Severity: f.Severity, Package: f.Package, ResourceKind: f.ResourceKind, Resource: f.Resource,
			Location: sekisho.Location{Path: f.Location.Path, Line: f.Location.Line}, Evidence: []sekisho.Evidence{},
		}
		if f.Kind == sekisho.Vulnerability || f.Kind == sekisho.Malware {
			known.Aliases = f.Aliases
		}
		if f.Kind == sekisho.License {
			known.Args = f.Args
		}
		out.Findings = append(out.Findings, known)
	}
	for i := range r.Platforms {
		out.Platforms = append(out.Platforms, *fingerprints(&r.Platforms[i]))
	}
	return out
}

// baselineText says what a result was compared with and what came of it; empty
// for nothing.
func baselineText(r *sekisho.Result, l message.Lang) string {
	b := r.Baseline
	switch {
	case b == nil || b.Kind == sekisho.BaselineFingerprints && b.New+b.Known+b.Fixed == 0:
		return ""
	case b.Kind == sekisho.BaselineSince:
		at := b.Target.Digest[:min(7, len(b.Target.Digest))]
		if at == "" { // before the first commit
			at = "-"
		}
		return clean(l.Of(message.SinceLine, b.Name, at, b.New, b.New+b.Known, b.Fixed, len(b.Files)))
	}
	return clean(l.Of(message.BaselineLine, b.Name, b.New, b.Known, b.Fixed))
}

// fresh says whether a finding is new beside a baseline.
func fresh(f *sekisho.Finding) bool { return f.State == sekisho.StateNew }
