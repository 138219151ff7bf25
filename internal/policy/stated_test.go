// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"testing"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is built in suppresses what holds no code, and gives way to whatever a
// user says.
func TestStated(t *testing.T) {
	headers := func() *sekisho.Result {
		ref := &sekisho.PackageRef{PURL: "pkg:deb/debian/linux-libc-dev@5", Name: "linux-libc-dev", Version: "5", Ecosystem: "deb"}
		return &sekisho.Result{
			Packages: []sekisho.Package{{PURL: ref.PURL, Name: ref.Name, Version: ref.Version, Ecosystem: "deb"}},
			Findings: []sekisho.Finding{
				{ID: "headers", Kind: sekisho.Vulnerability, Rule: "CVE-2026-1", Package: ref, Inert: sekisho.InertKernelHeaders},
				{ID: "kernel", Kind: sekisho.Vulnerability, Rule: "CVE-2026-1", Package: ref, Inert: sekisho.InertHostKernel},
				{ID: "code", Kind: sekisho.Vulnerability, Rule: "CVE-2026-1", Package: ref},
			},
		}
	}
	by := func(r *sekisho.Result) (out []string) {
		for _, f := range r.Findings {
			if f.Suppressed != nil {
				out = append(out, f.ID+" "+f.Suppressed.By)
			}
		}
		return out
	}
	for name, tt := range map[string]struct {
		user []sekisho.Exception
		want []string
	}{
		"alone":                    {nil, []string{"headers sekisho"}},
		"an exception of the user": {[]sekisho.Exception{{Rule: "CVE-2026-1", By: "own.yaml", Line: 1}}, []string{"headers own.yaml", "kernel own.yaml", "code own.yaml"}},
		"a statement: affected":    {[]sekisho.Exception{{Rule: "CVE-2026-1", By: "vex", Statement: true, Status: sekisho.StatusAffected, Created: "2020-01-02T00:00:00Z"}}, nil},
		"the same without a time":  {[]sekisho.Exception{{Rule: "CVE-2026-1", By: "vex", Statement: true, Status: sekisho.StatusAffected}}, nil},
		"an ended exception":       {[]sekisho.Exception{{Rule: "CVE-2026-1", By: "own.yaml", Line: 1, Expires: "2020-01-01"}}, []string{"headers sekisho"}},
	} {
		r := headers()
		Except(r, append(tt.user, Stated()...), today, "")
		if got := by(r); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	r := headers()
	Except(r, Stated(), "", "")
	s := r.Findings[0].Suppressed
	if s == nil || s.Status != sekisho.StatusNotAffected || !slices.Contains(sekisho.VEXJustifications, s.Justification) || message.Ja.Fault(s.Code, nil, s.Reason) == s.Reason {
		t.Errorf("%+v", s)
	}
}
