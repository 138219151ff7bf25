// SPDX-License-Identifier: Apache-2.0

// Package risk ranks findings by what is known of them and of where they are,
// and groups them into the few actions that close them. It is pure: it opens
// nothing, knows no clock and no network, and decides nothing: policy does.
package risk

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Weights is the table of all figures. Points are added to a score of 0 to 100;
// factors, from 0 to 1, lower the sum until then.
type Weights struct {
	// Severity points by the severity's name.
	Severity map[string]int `json:"severity"`
	// Remote: the vector says reachable over the network. Effortless: without
	// privileges and without a user's help.
	Remote     int `json:"remote"`
	Effortless int `json:"effortless"`
	// KEV: CISA lists it as exploited; Ransomware on top of it.
	KEV        int `json:"kev"`
	Ransomware int `json:"ransomware"`
	// EPSS is given whole for a probability of 1, and by its square root below.
	// Percentile is given whole for the flaw that is more likely than all others,
	// and nothing below the middle.
	EPSS       int `json:"epss"`
	Percentile int `json:"epssPercentile"`
	// Exploited: an observer calls it active. Exploit: a public exploit exists.
	Exploited int `json:"exploited"`
	Exploit   int `json:"exploit"`
	// Fix exists; OldFix: and the flaw is public for more than 90 days.
	Fix    int `json:"fix"`
	OldFix int `json:"oldFix"`
	// Exposed: the container serves a port, and the flaw is remote; Routed: and
	// something leads to it from outside. Root, Powers and Privileged: what an
	// attacker has afterwards. InUse: seen in use.
	Exposed    int `json:"exposed"`
	Routed     int `json:"routed"`
	Root       int `json:"root"`
	Powers     int `json:"powers"`
	Privileged int `json:"privileged"`
	InUse      int `json:"inUse"`
	// Application: of what the image is for, not of the distribution below it.
	// Direct dependencies are easier to reach than those of dependencies.
	Application int `json:"application"`
	Direct      int `json:"direct"`
	// Secret and Malware are given to findings of those kinds.
	Secret int `json:"secret"`
	// Verified: the service still takes the secret. Rejected: it does not.
	Verified int     `json:"verified"`
	Rejected float64 `json:"rejected"`
	Malware  int     `json:"malware"`
	// Hidden: only in a lower layer. Dev: a dependency of development. NotInUse:
	// watched for long and never loaded.
	// Builder: only in an image that a stage of the build used.
	Hidden   float64 `json:"hidden"`
	Dev      float64 `json:"dev"`
	Builder  float64 `json:"builder"`
	NotInUse float64 `json:"notInUse"`
	// NoCode: the package holds none of the code that the flaw is in. HostKernel: a
	// kernel in an image of containers, which run on that of the host.
	NoCode     float64 `json:"noCode"`
	HostKernel float64 `json:"hostKernel"`
	// Likely is the EPSS probability from which a flaw counts as likely to be
	// exploited. PlanFrom and TrackFrom are the scores from which a finding is
	// planned or tracked.
	Likely    float64 `json:"likely"`
	PlanFrom  int     `json:"planFrom"`
	TrackFrom int     `json:"trackFrom"`
	// Days until a class asks to be done, from the day of the scan; 0 for none.
	Days map[sekisho.RiskClass]int `json:"days"`
}

// Default are the weights that hold when a user gives no others.
func Default() *Weights {
	return &Weights{
		Severity: map[string]int{"critical": 40, "high": 30, "medium": 18, "low": 8, "negligible": 2, "unknown": 12},
		Remote:   4, Effortless: 3, KEV: 30, Ransomware: 5, EPSS: 20, Percentile: 3, Exploited: 12, Exploit: 6, Fix: 6, OldFix: 2,
		Exposed: 4, Routed: 3, Root: 3, Powers: 4, Privileged: 6, InUse: 8, Application: 1, Direct: 2, Secret: 45, Verified: 10, Rejected: 0.3, Malware: 60,
		Hidden: 0.3, Dev: 0.4, Builder: 0.3, NotInUse: 0.6, NoCode: 0.1, HostKernel: 0.3, Likely: 0.5, PlanFrom: 35, TrackFrom: 16,
		Days: map[sekisho.RiskClass]int{sekisho.ActNow: 7, sekisho.Plan: 30, sekisho.Track: 90},
	}
}

// Setting is what is known of where the findings are.
type Setting struct {
	// Today is the day of the judgement, "2026-01-31".
	Today string
	// Ports that the container serves; Routes that lead to them from outside; Root,
	// Powers and Privileged as it runs. Of several workloads the worst counts.
	Ports, Routes, Powers []string
	Root, Privileged      bool
	// InUse says of a package's purl whether it was seen loaded at run time;
	// known is false where nobody watched.
	InUse func(purl string) (used, known bool)
}

// SettingOf reads what the result itself says.
func SettingOf(r *sekisho.Result) Setting {
	s := Setting{Today: r.Created.Format(time.DateOnly)}
	if r.Created.IsZero() {
		s.Today = ""
	}
	if r.Image != nil {
		s.Ports = r.Image.ExposedPorts
		user, _, _ := strings.Cut(r.Image.User, ":")
		s.Root = user == "" || user == "root" || user == "0"
	}
	s.run(r.Workloads)
	return s
}

// run lets the workloads that are known say how the image is run: they have the
// last word on the user, and what they do not say is the image's.
func (s *Setting) run(all []sekisho.Workload) {
	image, root := s.Root, false
	more := func(list *[]string, words []string) {
		for _, w := range words {
			if !slices.Contains(*list, w) {
				*list = append(slices.Clip(*list), w)
			}
		}
	}
	for i := range all {
		w := &all[i]
		root = root || w.Root == nil && image || w.Root != nil && *w.Root
		s.Privileged = s.Privileged || w.Privileged
		more(&s.Powers, w.Powers)
		more(&s.Ports, w.Ports)
		more(&s.Routes, w.Routes)
	}
	if len(all) > 0 {
		s.Root = root
	}
}

// Rank gives every finding of the result its risk, and the result its actions.
// Compare orders versions of an ecosystem (negative, zero, positive; ok is false
// for what is no version).
func Rank(r *sekisho.Result, s Setting, w *Weights, compare func(ecosystem, a, b string) (n int, ok bool)) {
	packages := make(map[string]*sekisho.Package, len(r.Packages))
	for i := range r.Packages {
		packages[r.Packages[i].PURL] = &r.Packages[i]
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		var p *sekisho.Package
		if f.Package != nil {
			p = packages[f.Package.PURL]
		}
		f.Risk = Of(f, p, &s, w)
	}
	r.Weights = w.Changes()
	r.Actions = plan(r, packages, compare)
}

// sum adds lines.
type sum struct {
	points float64
	lines  []sekisho.RiskLine
}

func (s *sum) add(points int, code string, args ...string) {
	if points == 0 {
		return
	}
	s.points += float64(points)
	s.lines = append(s.lines, sekisho.RiskLine{Code: code, Args: args, Points: points})
}

func (s *sum) lower(factor float64, code string, args ...string) {
	if factor >= 1 || factor < 0 {
		return
	}
	s.points *= factor
	s.lines = append(s.lines, sekisho.RiskLine{Code: code, Args: args, Factor: factor})
}

// Of is the risk of one finding; p is its package, nil where it has none or the
// report does not list it.
func Of(f *sekisho.Finding, p *sekisho.Package, s *Setting, w *Weights) *sekisho.Risk {
	t := &sum{lines: make([]sekisho.RiskLine, 0, 8)} // most findings have fewer
	t.add(w.Severity[f.Severity.String()], "severity", f.Severity.String())
	switch f.Kind {
	case sekisho.Secret:
		t.add(w.Secret, "secret")
		if v := f.Verification; v != nil && v.State == sekisho.VerifiedActive {
			t.add(w.Verified, "verified", v.By)
		}
	case sekisho.Malware:
		t.add(w.Malware, "malware")
	case sekisho.Vulnerability, sekisho.Misconfiguration, sekisho.License:
	}
	remote, effortless := vector(f.CVSS)
	if remote {
		t.add(w.Remote, "remote")
	}
	if effortless {
		t.add(w.Effortless, "effortless")
	}
	if f.KEV != nil {
		t.add(w.KEV, "kev", f.KEV.Added)
		if f.KEV.Ransomware {
			t.add(w.Ransomware, "ransomware")
		}
	}
	likely := false
	if f.EPSS != nil {
		p := min(max(f.EPSS.Score, 0), 1)
		t.add(int(math.Round(float64(w.EPSS)*math.Sqrt(p))), "epss", strconv.FormatFloat(p, 'g', 4, 64))
		likely = p >= w.Likely
		above := max(0, 2*min(f.EPSS.Percentile, 1)-1)
		t.add(int(math.Round(float64(w.Percentile)*above)), "epss-percentile", strconv.FormatFloat(100*f.EPSS.Percentile, 'f', 1, 64))
	}
	active := slices.Contains(f.Exploits, "ssvc-active")
	if active {
		t.add(w.Exploited, "exploited")
	}
	// An attack that was seen is no exploit that everybody has.
	if public := slices.DeleteFunc(slices.Clone(f.Exploits), func(s string) bool { return s == "ssvc-active" }); len(public) > 0 {
		t.add(w.Exploit, "exploit", strings.Join(public, ", "))
	}
	fixable := f.Fixed != "" || f.Kind != sekisho.Vulnerability
	if f.Kind == sekisho.Misconfiguration {
		t.add(w.Fix, "own-file")
	}
	if f.Fixed != "" {
		t.add(w.Fix, "fix", f.Fixed)
		if days(f.Published, s.Today) > 90 {
			t.add(w.OldFix, "old-fix", f.Published)
		}
	}
	hidden := f.Location.Hidden
	if p != nil {
		hidden = hidden || p.Hidden
		if f.Kind == sekisho.Vulnerability && f.Package != nil && !slices.Contains(systems, f.Package.Ecosystem) {
			t.add(w.Application, "application")
		}
		if p.Relationship == sekisho.Direct {
			t.add(w.Direct, "direct")
		}
	}
	t.place(f, s, w, remote)
	if hidden && f.Kind != sekisho.Secret {
		t.lower(w.Hidden, "hidden")
	}
	if p != nil && p.Dev {
		t.lower(w.Dev, "dev")
	}
	builder := f.Origin == sekisho.OriginBuilder
	if builder {
		t.lower(w.Builder, "builder")
	}
	switch f.Inert {
	case "":
	case sekisho.InertHostKernel:
		t.lower(w.HostKernel, "host-kernel")
	default:
		t.lower(w.NoCode, "no-code")
	}
	rejected := f.Kind == sekisho.Secret && f.Verification != nil && f.Verification.State == sekisho.VerifiedRejected
	if rejected {
		t.lower(w.Rejected, "rejected", f.Verification.By)
	}
	out := &sekisho.Risk{Score: min(100, int(math.Round(t.points))), Lines: t.lines}
	urgent := f.KEV != nil || likely || active || f.Kind == sekisho.Secret && !rejected || f.Kind == sekisho.Malware && f.Severity >= sekisho.SeverityHigh
	away := hidden && f.Kind != sekisho.Secret || p != nil && p.Dev || builder || f.Inert != ""
	switch {
	case f.KEV != nil && f.Inert == "", urgent && fixable && !away:
		out.Class = sekisho.ActNow
	case out.Score >= w.PlanFrom && fixable:
		out.Class = sekisho.Plan
	case out.Score >= w.TrackFrom || urgent:
		out.Class = sekisho.Track
	default:
		out.Class = sekisho.Accept
	}
	if n := w.Days[out.Class]; n > 0 {
		if day, err := time.Parse(time.DateOnly, s.Today); err == nil {
			out.Due = day.AddDate(0, 0, n).Format(time.DateOnly)
		}
	}
	return out
}

// place adds what is known of the container around the finding.
func (s *sum) place(f *sekisho.Finding, at *Setting, w *Weights, remote bool) {
	if f.Kind != sekisho.Vulnerability {
		return
	}
	if remote && len(at.Ports) > 0 {
		s.add(w.Exposed, "exposed", strings.Join(at.Ports, ", "))
	}
	if remote && len(at.Routes) > 0 {
		s.add(w.Routed, "routed", strings.Join(at.Routes, ", "))
	}
	if at.Privileged {
		s.add(w.Privileged, "privileged")
	}
	if len(at.Powers) > 0 {
		s.add(w.Powers, "powers", strings.Join(at.Powers, ", "))
	}
	if at.Root {
		s.add(w.Root, "root")
	}
	if at.InUse == nil || f.Package == nil {
		return
	}
	if used, known := at.InUse(f.Package.PURL); known && used {
		s.add(w.InUse, "in-use")
	} else if known {
		s.lower(w.NotInUse, "not-in-use")
	}
}

// vector reads the exploitability of the worst vector: reachable over the
// network; without privileges and a user's help. CVSS 2 says Au:N for the latter.
func vector(all []sekisho.CVSS) (remote, effortless bool) {
	for _, c := range all {
		v := "/" + c.Vector + "/"
		r := strings.Contains(v, "/AV:N/")
		e := strings.Contains(v, "/PR:N/") && strings.Contains(v, "/UI:N/") || strings.Contains(v, "/Au:N/")
		remote, effortless = remote || r, effortless || e
	}
	return remote, effortless
}

// days from one date to another; 0 where one is not known.
func days(from, to string) int {
	a, err := time.Parse(time.DateOnly, from[:min(len(from), 10)])
	b, err2 := time.Parse(time.DateOnly, to)
	if err != nil || err2 != nil {
		return 0
	}
	return int(b.Sub(a).Hours() / 24)
}

// Urgency is the place of a class in RiskClasses.
func Urgency(c sekisho.RiskClass) int {
	if i := slices.Index(sekisho.RiskClasses, c); i >= 0 {
		return i
	}
	return len(sekisho.RiskClasses)
}

// Compare orders findings: the more urgent class, then the higher score, first.
func Compare(a, b *sekisho.Finding) int {
	x, y := a.Risk, b.Risk
	switch {
	case x == nil || y == nil:
		return cmp.Or(boolInt(x == nil)-boolInt(y == nil), -cmp.Compare(a.Severity, b.Severity))
	}
	return cmp.Or(cmp.Compare(Urgency(x.Class), Urgency(y.Class)), -cmp.Compare(x.Score, y.Score), -cmp.Compare(a.Severity, b.Severity))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
