// SPDX-License-Identifier: Apache-2.0

// Package sbom opens bills of materials and package URLs: artifacts without
// layers that bring their inventory. What an entry lacks is a Problem, never
// left out in silence.
package sbom

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Options of Open.
type Options struct{ Bounds sekisho.Bounds }

// maxBytes of a bill of materials.
const maxBytes = 1 << 30

// The formats.
const (
	CycloneDXJSON = "cyclonedx-json"
	CycloneDXXML  = "cyclonedx-xml"
	SPDXJSON      = "spdx-json"
	SPDXTagValue  = "spdx-tag-value"
	SyftJSON      = "syft-json"
	SekishoJSON   = "sekisho-json"
	PURLList      = "purls"
)

// Detect tells the format by the first bytes (4 KiB are enough for what the
// usual tools write); ok is false when it is no bill of materials that is known.
func Detect(head []byte) (format string, ok bool) {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	has := func(s string) bool { return bytes.Contains(head, []byte(s)) }
	switch {
	case len(head) == 0:
		return "", false
	case head[0] == '{':
		switch {
		case has(`"bomFormat"`), has("cyclonedx.org/schema"):
			return CycloneDXJSON, true
		case has(`"spdxVersion"`), has(`"SPDXID"`):
			return SPDXJSON, true
		case has(`"schemaVersion"`) && has(`"tool"`):
			return SekishoJSON, true
		case has(`"artifacts"`), has("anchore/syft"):
			return SyftJSON, true
		}
		// The mark may stand at the end: every format is tried when it is read.
		return "", has(`"components"`) || has(`"packages"`)
	case head[0] == '<':
		return CycloneDXXML, has("cyclonedx.org/schema/bom")
	case bytes.HasPrefix(head, []byte("SPDXVersion:")):
		return SPDXTagValue, true
	case bytes.HasPrefix(head, []byte("pkg:")):
		return PURLList, true
	}
	return "", false
}

// Open reads a bill of materials of any known format.
func Open(ctx context.Context, r io.Reader, name string, _ Options) (*sekisho.Artifact, error) {
	var buf bytes.Buffer
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() <= maxBytes {
			buf.Grow(int(info.Size()) + bytes.MinRead)
		}
	}
	if _, err := buf.ReadFrom(io.LimitReader(&contextReader{ctx, r}, maxBytes+1)); err != nil {
		return nil, message.Errorf("read %s: %w", name, err)
	}
	b := buf.Bytes()
	if len(b) > maxBytes {
		return nil, message.Errorf("read %s: it has more than %d bytes", name, maxBytes)
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	var err error
	format, _ := Detect(b)
	c := &collector{seen: map[string]int{}}
	switch format {
	case CycloneDXJSON, CycloneDXXML:
		err = c.cyclonedx(b, format)
	case SPDXJSON:
		err = c.spdxJSON(b)
	case SPDXTagValue:
		err = c.spdxTagValue(b)
	case SyftJSON:
		err = c.syft(b)
	case SekishoJSON:
		err = c.sekisho(b)
	case PURLList:
		err = c.list(b)
	default:
		err = message.New("it is none of CycloneDX, SPDX 2, Syft JSON, a list of package URLs or a report of sekisho")
	}
	if err != nil {
		return nil, message.Errorf("read the bill of materials %s: %w", name, err)
	}
	return c.artifact(sekisho.KindSBOM, "sbom", name), nil
}

// FromPURL makes an artifact of package URLs.
func FromPURL(purls ...string) (*sekisho.Artifact, error) {
	c := &collector{seen: map[string]int{}}
	for _, s := range purls {
		p, err := sekisho.ParsePURL(s)
		if err != nil {
			return nil, err
		}
		c.add(p, sekisho.Package{})
	}
	return c.artifact(sekisho.KindPURL, "purl", strings.Join(purls, " ")), nil
}

type contextReader struct {
	ctx context.Context // of the one read that this is
	r   io.Reader
}

func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// collector gathers what a document says.
type collector struct {
	inv      sekisho.Inventory
	seen     map[string]int
	nameless int
	digest   string
}

func (c *collector) artifact(kind sekisho.TargetKind, source, name string) *sekisho.Artifact {
	a := &sekisho.Artifact{Target: sekisho.Target{Kind: kind, Source: source, Name: name, Digest: c.digest}, Inventory: c.inv}
	if c.nameless > 0 {
		a.Problems = append(a.Problems, sekisho.Problem{
			Stage: sekisho.StageOpen, Path: name,
		}.Saying(message.Say("%d entries have no package URL: nobody can tell what they are, have the tool that wrote it add them", c.nameless)))
	}
	return a
}

// list reads one package URL a line; # begins a comment.
func (c *collector) list(b []byte) error {
	sc := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		p, err := sekisho.ParsePURL(line)
		if err != nil {
			return message.Errorf("line %d: %w", n, err)
		}
		c.add(p, sekisho.Package{Line: n})
	}
	return sc.Err()
}

// sekisho reads our own report.
func (c *collector) sekisho(b []byte) error {
	var r sekisho.Result
	if err := json.Unmarshal(b, &r); err != nil {
		return sentence(err)
	}
	major, _, _ := strings.Cut(sekisho.SchemaVersion, ".")
	if m, _, _ := strings.Cut(r.SchemaVersion, "."); m != major {
		return message.Errorf("its schema version %s is not %s.x", r.SchemaVersion, major)
	}
	c.digest = r.Target.Digest
	if r.OS != nil {
		c.inv.OS = append(c.inv.OS, *r.OS)
	}
	for _, p := range r.Packages {
		if p.Hidden {
			continue // in no container
		}
		c.inv.Packages = append(c.inv.Packages, p)
	}
	c.inv.Problems = append(c.inv.Problems, r.Problems...)
	return nil
}

// sentence explains what is wrong with JSON.
func sentence(err error) error {
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typ):
		return message.Errorf("%s is a %s, which is not what the format says", typ.Field, typ.Value)
	case strings.Contains(err.Error(), "unexpected end"), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return message.New("it ends too early, it was cut off: write it again")
	}
	return message.Errorf("it is damaged: %w", err)
}

// add takes a package with what is known beside its purl; the same one twice is
// one package with two locations.
func (c *collector) add(u sekisho.PURL, p sekisho.Package) {
	p.PURL = u.String()
	fill(&p, u)
	c.release(u)
	key := p.PURL + "\x00" + p.SourceName + "\x00" + p.SourceVersion
	if i, ok := c.seen[key]; ok {
		q := &c.inv.Packages[i]
		q.Locations = append(q.Locations, p.Locations...)
		q.Dev = q.Dev && p.Dev
		if p.OwnedBy == "" {
			q.OwnedBy = "" // one of the two is nobody's
		}
		return
	}
	c.seen[key] = len(c.inv.Packages)
	c.inv.Packages = append(c.inv.Packages, p)
}

// release learns the distribution from the qualifiers "distro=debian-12".
func (c *collector) release(u sekisho.PURL) {
	if len(c.inv.OS) > 0 {
		return
	}
	if !distribution(u.Type) {
		return
	}
	d := u.Qualifiers["distro"]
	if d == "" {
		return
	}
	id, version, ok := strings.Cut(d, "-")
	if u.Namespace != "" && strings.HasPrefix(d, u.Namespace+"-") { // opensuse-leap-15.5
		id, version, ok = u.Namespace, strings.TrimPrefix(d, u.Namespace+"-"), true
	} else if i := strings.LastIndexByte(d, '-'); i > 0 {
		id, version = d[:i], d[i+1:]
	}
	if ok {
		c.inv.OS = append(c.inv.OS, sekisho.OS{ID: id, Version: version})
	}
}

// ecosystems by purl type, where they differ.
var ecosystems = map[string]string{"generic": sekisho.EcosystemBinary, "bitnami": "bitnami", "otp": sekisho.EcosystemOTP}

// fill reads a package's fields from its purl, as the extractors would set them.
func fill(p *sekisho.Package, u sekisho.PURL) {
	if p.Ecosystem == "" {
		p.Ecosystem = u.Type
		if e, ok := ecosystems[u.Type]; ok {
			p.Ecosystem = e
		}
	}
	if p.Name == "" {
		p.Name = u.Name
		switch u.Type {
		case "deb", "apk", "rpm", "alpm":
		case "maven":
			if u.Namespace != "" {
				p.Name = u.Namespace + ":" + u.Name
			}
		default:
			if u.Namespace != "" {
				p.Name = u.Namespace + "/" + u.Name
			}
		}
	}
	if p.Version == "" {
		p.Version = u.Version
		if epoch := u.Qualifiers["epoch"]; epoch != "" && epoch != "0" && u.Type == "rpm" && !strings.Contains(p.Version, ":") {
			p.Version = epoch + ":" + p.Version
		}
	}
	if p.Arch == "" {
		p.Arch = u.Qualifiers["arch"]
	}
	if p.Modularity == "" {
		p.Modularity = u.Qualifiers["rpmmod"]
	}
	switch u.Type {
	case "deb", "apk", "rpm", "alpm":
		if p.SourceName == "" {
			if up := u.Qualifiers["upstream"]; up != "" {
				p.SourceName, p.SourceVersion, _ = strings.Cut(up, "@")
				if u.Type == "rpm" { // Syft writes the source rpm's file name
					p.SourceName, p.SourceVersion = sourceRPM(p.SourceName, p.SourceVersion)
				}
			}
		}
		if p.SourceName == "" {
			p.SourceName = p.Name
		}
		if p.SourceVersion == "" {
			p.SourceVersion = p.Version
		}
	}
}

// sourceRPM reads "bash-5.1.8-6.el9.src.rpm".
func sourceRPM(file, version string) (string, string) {
	base, ok := strings.CutSuffix(file, ".src.rpm")
	if !ok {
		return file, version
	}
	i := strings.LastIndexByte(base, '-')
	if i < 0 {
		return base, version
	}
	j := strings.LastIndexByte(base[:i], '-')
	if j < 0 {
		return base, version
	}
	return base[:j], base[j+1:]
}
