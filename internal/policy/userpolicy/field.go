// SPDX-License-Identifier: Apache-2.0

package userpolicy

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"

	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// field is one thing that a condition can ask for.
type field struct {
	// of is the object that has it: "finding"; empty for a variable.
	of, name string
	kind     *cel.Type
	// words are all values that a text can have; nil for any.
	words []string
	// get gives the value, or an error that says that it is not known.
	get func(c *policy.Case) (any, error)
}

// path is the field as a condition writes it.
func (f *field) path() string {
	if f.of == "" {
		return f.name
	}
	return strings.ReplaceAll(f.of, "_", ".") + "." + f.name
}

// object is a value of fields; the condition's variable of the name, or a field
// of another: "finding_risk" is finding.risk.
type object string

func (o object) celType() *cel.Type { return cel.ObjectType("sekisho." + string(o)) }

func notKnown(what string) (any, error) { return nil, &policy.NotKnownError{What: what} }

func known[T any](v T) (any, error) { return v, nil }

// plain is a field that is always known.
func plain[T any](get func(c *policy.Case) T) func(*policy.Case) (any, error) {
	return func(c *policy.Case) (any, error) { return get(c), nil }
}

// day reads a date or a time.
func day(s, what string) (any, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return notKnown(what)
}

// fed says whether the database holds what a feed says: without it a flaw that is
// not marked is not known not to be.
func fed(c *policy.Case, feed string) bool {
	d := c.Result.Database
	return d != nil && slices.ContainsFunc(d.Facts, func(s sekisho.DatabaseSource) bool { return s.Name == feed })
}

// fields is the table of everything that conditions can ask for; docs/policy.md
// explains each.
func fields() []field {
	str, boolean, whole := cel.StringType, cel.BoolType, cel.IntType
	list, words := cel.ListType(str), cel.MapType(str, str)
	at, span := cel.TimestampType, cel.DurationType
	out := []field{
		{"", "finding", object("finding").celType(), nil, part("finding")},
		{"", "pkg", object("pkg").celType(), nil, part("pkg")},
		{"", "image", object("image").celType(), nil, part("image")},
		{"", "target", object("target").celType(), nil, part("target")},
		{"", "os", object("os").celType(), nil, part("os")},
		{"", "coverage", object("coverage").celType(), nil, part("coverage")},
		{"", "database", object("database").celType(), nil, part("database")},
		{"", "environment", str, nil, func(c *policy.Case) (any, error) { return told(c.Context.Environment, "environment") }},
		{"", "team", str, nil, func(c *policy.Case) (any, error) { return told(c.Context.Team, "team") }},
		{"", "tags", words, nil, plain(func(c *policy.Case) map[string]string { return c.Context.Tags })},
		{"", "now", at, nil, now},

		{"target", "kind", str, []string{"image", "rootfs", "repository", "sbom", "purl"}, plain(func(c *policy.Case) string { return string(c.Result.Target.Kind) })},
		{"target", "name", str, nil, plain(func(c *policy.Case) string { return c.Result.Target.Name })},
		{"target", "digest", str, nil, plain(func(c *policy.Case) string { return c.Result.Target.Digest })},
		{"target", "platform", str, nil, plain(func(c *policy.Case) string {
			if c.Result.Target.Platform == nil {
				return ""
			}
			return c.Result.Target.Platform.String()
		})},
		{"target", "repository", str, nil, plain(func(c *policy.Case) string { return c.Result.Target.Repository })},

		{"os", "id", str, nil, system(func(o *sekisho.OS) (any, error) { return known(o.ID) })},
		{"os", "version", str, nil, system(func(o *sekisho.OS) (any, error) { return known(o.Version) })},
		{"os", "family", str, nil, system(func(o *sekisho.OS) (any, error) { return known(o.Family) })},
		{"os", "eol", at, nil, system(func(o *sekisho.OS) (any, error) { return day(o.EOL, "os.eol") })},

		{"coverage", "os", str, []string{"supported", "derived", "end-of-life", "unsupported", "none"}, plain(func(c *policy.Case) string { return c.Result.Coverage.OS })},
		{"coverage", "complete", boolean, nil, plain(func(c *policy.Case) bool { return c.Result.Coverage.Complete })},
		{"coverage", "problems", whole, nil, plain(func(c *policy.Case) int64 { return int64(c.Result.Coverage.Problems) })},
		{"coverage", "ran", list, nil, plain(ran)},
		{"coverage", "layersUnread", whole, nil, plain(func(c *policy.Case) int64 { return int64(c.Result.Coverage.LayersUnread) })},
		{"coverage", "unownedBinaries", whole, nil, plain(func(c *policy.Case) int64 { return int64(c.Result.Coverage.UnownedBinaries) })},
		{"coverage", "notAssessed", whole, nil, plain(func(c *policy.Case) int64 {
			n := 0
			for i := range c.Result.Coverage.Ecosystems {
				n += c.Result.Coverage.Ecosystems[i].NotAssessed
			}
			return int64(n)
		})},

		{"database", "date", at, nil, databaseDate},
		{"database", "age", span, nil, func(c *policy.Case) (any, error) {
			v, err := databaseDate(c)
			if err != nil {
				return nil, err
			}
			n, err := now(c)
			if err != nil {
				return nil, err
			}
			return n.(time.Time).Sub(v.(time.Time)), nil
		}},
		{"database", "kind", str, nil, func(c *policy.Case) (any, error) {
			if c.Result.Database == nil {
				return notKnown("database.kind")
			}
			return known(c.Result.Database.Kind)
		}},
	}
	return slices.Concat(out, findingFields(), packageFields("pkg"), packageFields("finding_package"), imageFields())
}

func told(s, what string) (any, error) {
	if s == "" {
		return notKnown(what)
	}
	return s, nil
}

func now(c *policy.Case) (any, error) {
	if c.Now.IsZero() {
		return notKnown("now")
	}
	return c.Now, nil
}

func databaseDate(c *policy.Case) (any, error) {
	if c.Result.Database == nil {
		return notKnown("database.date")
	}
	return day(c.Result.Database.Date, "database.date")
}

func ran(c *policy.Case) []string {
	out := []string{}
	for _, s := range c.Result.Coverage.Scanners {
		if s.Ran {
			out = append(out, s.Name)
		}
	}
	return out
}

// system is a field of the distribution; where there is none it has no name, and
// that is known.
func system(get func(*sekisho.OS) (any, error)) func(*policy.Case) (any, error) {
	return func(c *policy.Case) (any, error) {
		if c.Result.OS == nil {
			return get(&sekisho.OS{})
		}
		return get(c.Result.OS)
	}
}

func findingFields() []field {
	str, boolean, whole, number := cel.StringType, cel.BoolType, cel.IntType, cel.DoubleType
	list, at := cel.ListType(str), cel.TimestampType
	of := func(get func(f *sekisho.Finding) (any, error)) func(*policy.Case) (any, error) {
		return func(c *policy.Case) (any, error) { return get(c.Finding) }
	}
	text := func(get func(f *sekisho.Finding) string) func(*policy.Case) (any, error) {
		return func(c *policy.Case) (any, error) { return get(c.Finding), nil }
	}
	ranked := func(what string, get func(r *sekisho.Risk) (any, error)) func(*policy.Case) (any, error) {
		return func(c *policy.Case) (any, error) {
			if c.Finding.Risk == nil {
				return notKnown(what)
			}
			return get(c.Finding.Risk)
		}
	}
	excused := func(get func(s *sekisho.Suppression) (any, error)) func(*policy.Case) (any, error) {
		return func(c *policy.Case) (any, error) {
			if c.Finding.Suppressed == nil {
				return get(&sekisho.Suppression{})
			}
			return get(c.Finding.Suppressed)
		}
	}
	return []field{
		{"finding", "id", str, nil, text(func(f *sekisho.Finding) string { return f.ID })},
		{"finding", "kind", str, []string{"vulnerability", "misconfiguration", "secret", "malware", "license"}, text(func(f *sekisho.Finding) string { return string(f.Kind) })},
		{"finding", "rule", str, nil, text(func(f *sekisho.Finding) string { return f.Rule })},
		{"finding", "aliases", list, nil, of(func(f *sekisho.Finding) (any, error) { return known(f.Aliases) })},
		{"finding", "severity", severityType, nil, of(func(f *sekisho.Finding) (any, error) { return severity(f.Severity), nil })},
		{"finding", "title", str, nil, text(func(f *sekisho.Finding) string { return f.Title })},
		{"finding", "fixed", str, nil, text(func(f *sekisho.Finding) string { return f.Fixed })},
		{"finding", "status", str, nil, text(func(f *sekisho.Finding) string { return f.Status })},
		{"finding", "published", at, nil, of(func(f *sekisho.Finding) (any, error) { return day(f.Published, "finding.published") })},
		{"finding", "kev", boolean, nil, func(c *policy.Case) (any, error) {
			if c.Finding.KEV == nil && c.Finding.Kind == sekisho.Vulnerability && !fed(c, "kev") {
				return notKnown("finding.kev")
			}
			return known(c.Finding.KEV != nil)
		}},
		{"finding", "kevDue", at, nil, of(func(f *sekisho.Finding) (any, error) {
			if f.KEV == nil {
				return notKnown("finding.kevDue")
			}
			return day(f.KEV.Due, "finding.kevDue")
		})},
		{"finding", "ransomware", boolean, nil, func(c *policy.Case) (any, error) {
			if c.Finding.KEV == nil && c.Finding.Kind == sekisho.Vulnerability && !fed(c, "kev") {
				return notKnown("finding.ransomware")
			}
			return known(c.Finding.KEV != nil && c.Finding.KEV.Ransomware)
		}},
		{"finding", "epss", number, nil, func(c *policy.Case) (any, error) {
			switch f := c.Finding; {
			case f.EPSS != nil:
				return known(f.EPSS.Score)
			case f.Kind == sekisho.Vulnerability && !fed(c, "epss"):
				return notKnown("finding.epss")
			}
			return known(0.0)
		}},
		{"finding", "epssPercentile", number, nil, func(c *policy.Case) (any, error) {
			switch f := c.Finding; {
			case f.EPSS != nil:
				return known(f.EPSS.Percentile)
			case f.Kind == sekisho.Vulnerability && !fed(c, "epss"):
				return notKnown("finding.epssPercentile")
			}
			return known(0.0)
		}},
		{"finding", "exploits", list, nil, of(func(f *sekisho.Finding) (any, error) { return known(f.Exploits) })},
		{"finding", "exploited", boolean, nil, of(func(f *sekisho.Finding) (any, error) {
			return known(f.KEV != nil || slices.Contains(f.Exploits, "ssvc-active"))
		})},
		{"finding", "cvss", number, nil, of(func(f *sekisho.Finding) (any, error) {
			if f.Kind == sekisho.Vulnerability && len(f.CVSS) == 0 {
				return notKnown("finding.cvss")
			}
			worst := 0.0
			for _, c := range f.CVSS {
				worst = max(worst, c.Score)
			}
			return known(worst)
		})},
		{"finding", "cwes", list, nil, of(func(f *sekisho.Finding) (any, error) { return known(f.CWEs) })},
		{"finding", "path", str, nil, text(func(f *sekisho.Finding) string { return f.Location.Path })},
		{"finding", "line", whole, nil, of(func(f *sekisho.Finding) (any, error) { return known(int64(f.Location.Line)) })},
		{"finding", "hidden", boolean, nil, func(c *policy.Case) (any, error) {
			return known(c.Finding.Location.Hidden || c.Package != nil && c.Package.Hidden)
		}},
		{"finding", "resource", str, nil, text(func(f *sekisho.Finding) string { return f.Resource })},
		{"finding", "resourceKind", str, nil, text(func(f *sekisho.Finding) string { return f.ResourceKind })},
		{"finding", "package", object("finding_package").celType(), nil, part("finding_package")},
		{"finding", "risk", object("finding_risk").celType(), nil, part("finding_risk")},
		{"finding", "overdue", boolean, nil, func(c *policy.Case) (any, error) {
			switch r := c.Finding.Risk; {
			case r == nil || c.Now.IsZero():
				return notKnown("finding.overdue")
			default:
				return known(r.Due != "" && c.Now.UTC().Format(time.DateOnly) > r.Due)
			}
		}},
		{"finding", "origin", str, []string{sekisho.OriginBase, sekisho.OriginOwn, sekisho.OriginBuilder}, func(c *policy.Case) (any, error) {
			// What an image claims of its base may make its own flaws the base's.
			if o := c.Finding.Origin; o != sekisho.OriginBuilder && (c.Result.Base == nil || !c.Result.Base.Verified) {
				return notKnown("finding.origin")
			}
			return told(c.Finding.Origin, "finding.origin")
		}},
		{"finding", "new", boolean, nil, of(func(f *sekisho.Finding) (any, error) {
			if f.State == "" {
				return notKnown("finding.new")
			}
			return known(f.State == sekisho.StateNew)
		})},
		{"finding", "inert", str, nil, text(func(f *sekisho.Finding) string { return f.Inert })},
		{"finding", "suppressed", boolean, nil, of(func(f *sekisho.Finding) (any, error) { return known(f.Suppressed != nil) })},
		{"finding", "exception", object("finding_exception").celType(), nil, part("finding_exception")},

		{"finding_risk", "score", whole, nil, ranked("finding.risk.score", func(r *sekisho.Risk) (any, error) { return known(int64(r.Score)) })},
		{"finding_risk", "class", str, []string{"act-now", "plan", "track", "accept"}, ranked("finding.risk.class", func(r *sekisho.Risk) (any, error) { return known(string(r.Class)) })},
		{"finding_risk", "due", at, nil, ranked("finding.risk.due", func(r *sekisho.Risk) (any, error) { return day(r.Due, "finding.risk.due") })},

		{"finding_exception", "by", str, nil, excused(func(s *sekisho.Suppression) (any, error) { return known(s.By) })},
		{"finding_exception", "reason", str, nil, excused(func(s *sekisho.Suppression) (any, error) { return known(s.Reason) })},
		{"finding_exception", "owner", str, nil, excused(func(s *sekisho.Suppression) (any, error) { return known(s.Owner) })},
		{"finding_exception", "approver", str, nil, excused(func(s *sekisho.Suppression) (any, error) { return known(s.Approver) })},
		{"finding_exception", "status", str, nil, excused(func(s *sekisho.Suppression) (any, error) { return known(s.Status) })},
		{"finding_exception", "until", at, nil, excused(func(s *sekisho.Suppression) (any, error) { return day(s.Until, "finding.exception.until") })},
	}
}

// packageFields are those of a package: the one that is asked about, or that of
// the finding. A finding without a package has empty ones.
func packageFields(of string) []field {
	str, boolean := cel.StringType, cel.BoolType
	prefix := strings.ReplaceAll(of, "_", ".") + "."
	// get takes what only the package says, and ref what the finding says of it too.
	get := func(name string, full func(p *sekisho.Package) (any, error), ref func(p *sekisho.PackageRef) string) func(*policy.Case) (any, error) {
		return func(c *policy.Case) (any, error) {
			switch {
			case c.Package != nil:
				return full(c.Package)
			case c.Finding == nil || c.Finding.Package == nil:
				return full(&sekisho.Package{Relationship: "none", LicenseExpression: "none"})
			case ref != nil:
				return known(ref(c.Finding.Package))
			}
			return notKnown(prefix + name)
		}
	}
	return []field{
		{of, "purl", str, nil, get("purl", func(p *sekisho.Package) (any, error) { return known(p.PURL) }, func(p *sekisho.PackageRef) string { return p.PURL })},
		{of, "name", str, nil, get("name", func(p *sekisho.Package) (any, error) { return known(p.Name) }, func(p *sekisho.PackageRef) string { return p.Name })},
		{of, "version", str, nil, get("version", func(p *sekisho.Package) (any, error) { return known(p.Version) }, func(p *sekisho.PackageRef) string { return p.Version })},
		{of, "ecosystem", str, nil, get("ecosystem", func(p *sekisho.Package) (any, error) { return known(p.Ecosystem) }, func(p *sekisho.PackageRef) string { return p.Ecosystem })},
		{of, "sourceName", str, nil, get("sourceName", func(p *sekisho.Package) (any, error) { return known(cmp.Or(p.SourceName, p.Name)) }, nil)},
		{of, "path", str, nil, get("path", func(p *sekisho.Package) (any, error) { return known(p.Path) }, nil)},
		{of, "dev", boolean, nil, get("dev", func(p *sekisho.Package) (any, error) { return known(p.Dev) }, nil)},
		{of, "hidden", boolean, nil, get("hidden", func(p *sekisho.Package) (any, error) { return known(p.Hidden) }, nil)},
		{of, "relationship", str, []string{"direct", "transitive", "root", "none"}, get("relationship", func(p *sekisho.Package) (any, error) { return told(string(p.Relationship), prefix+"relationship") }, nil)},
		{of, "license", str, nil, get("license", func(p *sekisho.Package) (any, error) { return told(p.LicenseExpression, prefix+"license") }, nil)},
		{of, "licenses", cel.ListType(str), nil, get("licenses", func(p *sekisho.Package) (any, error) {
			if len(p.Licenses) == 0 && p.LicenseExpression == "" {
				return notKnown(prefix + "licenses")
			}
			return known(p.Licenses)
		}, nil)},
	}
}

func imageFields() []field {
	str := cel.StringType
	of := func(name string, get func(i *sekisho.ImageConfig) (any, error)) func(*policy.Case) (any, error) {
		return func(c *policy.Case) (any, error) {
			if c.Result.Image == nil {
				return notKnown("image." + name)
			}
			return get(c.Result.Image)
		}
	}
	return []field{
		{"image", "name", str, nil, plain(func(c *policy.Case) string { return c.Result.Target.Name })},
		{"image", "user", str, nil, of("user", func(i *sekisho.ImageConfig) (any, error) { return known(i.User) })},
		{"image", "root", cel.BoolType, nil, of("root", func(i *sekisho.ImageConfig) (any, error) {
			user, _, _ := strings.Cut(i.User, ":")
			return known(user == "" || user == "root" || user == "0")
		})},
		{"image", "labels", cel.MapType(str, str), nil, of("labels", func(i *sekisho.ImageConfig) (any, error) { return known(i.Labels) })},
		{"image", "ports", cel.ListType(str), nil, of("ports", func(i *sekisho.ImageConfig) (any, error) { return known(i.ExposedPorts) })},
		{"image", "created", cel.TimestampType, nil, of("created", func(i *sekisho.ImageConfig) (any, error) {
			if i.Created == nil {
				return notKnown("image.created")
			}
			return known(*i.Created)
		})},
		{"image", "base", str, nil, func(c *policy.Case) (any, error) {
			if b := c.Result.Base; b != nil && b.KnownBy != sekisho.BaseByGuess {
				return told(b.Name, "image.base")
			}
			return notKnown("image.base")
		}},
		{"image", "baseVerified", cel.BoolType, nil, func(c *policy.Case) (any, error) {
			if c.Result.Base == nil {
				return notKnown("image.baseVerified")
			}
			return known(c.Result.Base.Verified)
		}},
		{"image", "signed", cel.BoolType, nil, func(c *policy.Case) (any, error) {
			if s := c.Result.Signatures; s != nil && s.Checked {
				return known(s.Signed)
			}
			return notKnown("image.signed")
		}},
		{"image", "signers", cel.ListType(str), nil, allSignatures("signers", (*sekisho.SignatureCheck).Signers)},
		{"image", "attested", cel.ListType(str), nil, allSignatures("attested", (*sekisho.SignatureCheck).Attested)},
	}
}

// allSignatures is a list of what verifies; it is known where everything that may
// be a signature was seen.
func allSignatures(name string, get func(*sekisho.SignatureCheck) []string) func(*policy.Case) (any, error) {
	return func(c *policy.Case) (any, error) {
		if s := c.Result.Signatures; s != nil && s.Complete {
			return known(get(s))
		}
		return notKnown("image." + name)
	}
}
