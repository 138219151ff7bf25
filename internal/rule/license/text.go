// SPDX-License-Identifier: Apache-2.0

package license

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/sekisho/sekisho/internal/license"
	"github.com/sekisho/sekisho/internal/licensetext"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors recognise the texts of licences that lie beside packages.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{text{}} }

// text reads LICENSE and COPYING files in node_modules, in dist-info directories
// of Python, in vendored and cached modules of Go, and inside of jars.
type text struct{}

func (text) Name() string { return "license/text" }
func (text) Version() int { return 1 }

const (
	// maxText is the size of a file that is looked at: the longest licence that
	// people use has 35 KB, and files that hold those of all dependencies are not
	// about the package.
	maxText = 128 << 10
	// maxEntries and maxJar bound what is looked at in an archive.
	maxEntries = 50_000
	maxJar     = 64 << 20
	maxJars    = 1000
	// percent of the words that belong to known texts, so that it counts.
	percent = 75
)

var fileName = pattern.New(`(?i)^(un)?licen[sc]e([-._].*)?$|^copying([-._].*)?$|^(agpl|apache|bsd|gpl|lgpl|mit|mpl)[-.0-9a-z]*[-._]licen[sc]e([-._].*)?$`)

func (text) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular {
		return false
	}
	if jar(f.Path) {
		return true
	}
	if f.Size > maxText {
		return false
	}
	base := f.Path[strings.LastIndexByte(f.Path, '/')+1:]
	if len(base) < 3 || strings.IndexByte("uUlLcCaAbBgGmM", base[0]) < 0 || !named(base) {
		return false
	}
	_, ok := owner(f.Path)
	return ok
}

// named says whether a file of that name holds a licence; programs do not.
func named(base string) bool {
	switch strings.ToLower(path.Ext(base)) {
	case ".js", ".ts", ".py", ".go", ".json", ".xml", ".yml", ".yaml", ".class", ".png", ".map", ".mjs", ".cjs", ".pyc", ".rb":
		return false
	}
	return fileName.MatchString(base)
}

func jar(p string) bool {
	switch p[max(0, len(p)-4):] {
	case ".jar", ".war", ".ear", ".hpi":
		return true
	}
	return false
}

// owner is whose licence a file at the path is.
func owner(p string) (sekisho.DeclaredLicense, bool) {
	dir := path.Dir(p)
	if i := strings.LastIndex("/"+dir, "/node_modules/"); i >= 0 {
		name := ("/" + dir)[i+len("/node_modules/"):]
		n := strings.Count(name, "/")
		ok := name != "" && (n == 0 && name[0] != '@' || n == 1 && name[0] == '@')
		return sekisho.DeclaredLicense{Ecosystem: sekisho.EcosystemNPM, Beside: dir}, ok
	}
	info := strings.TrimSuffix(dir, "/licenses")
	if strings.HasSuffix(info, ".dist-info") || strings.HasSuffix(info, ".egg-info") {
		return sekisho.DeclaredLicense{Ecosystem: sekisho.EcosystemPyPI, Beside: info}, true
	}
	if _, module, ok := strings.Cut("/"+dir, "/pkg/mod/"); ok {
		name, version, ok := strings.Cut(module, "@")
		name, good := unescape(name)
		return sekisho.DeclaredLicense{Ecosystem: sekisho.EcosystemGo, Name: name, Version: version}, ok && good && !strings.Contains(version, "/")
	}
	if _, module, ok := strings.Cut("/"+dir, "/vendor/"); ok {
		first, _, deep := strings.Cut(module, "/")
		return sekisho.DeclaredLicense{Ecosystem: sekisho.EcosystemGo, Name: module}, deep && strings.Contains(first, ".")
	}
	return sekisho.DeclaredLicense{}, false
}

// unescape reads the names of the module cache: "!burnt!sushi" is BurntSushi, see
// https://go.dev/ref/mod#module-cache.
func unescape(name string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] != '!' {
			b.WriteByte(name[i])
			continue
		}
		if i++; i == len(name) || name[i] < 'a' || name[i] > 'z' {
			return "", false
		}
		b.WriteByte(name[i] - 'a' + 'A')
	}
	return b.String(), name != ""
}

func (text) Extract(ctx context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	var inv sekisho.Inventory
	if jar(in.Path) {
		n := 0
		err := archive(ctx, &inv, in.Content, in.Size, in.Path, &n, true)
		return inv, err
	}
	d, ok := owner(in.Path)
	if !ok || in.Size > maxText {
		return inv, nil
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, fmt.Errorf("read the licence: %w", err)
	}
	inv.Licenses = recognised(inv.Licenses, d, in.Path, b)
	return inv, nil
}

// archive looks for META-INF/LICENSE in a jar, and in the jars within it. One
// that cannot be read is said by those who look for packages in it.
func archive(ctx context.Context, inv *sekisho.Inventory, r io.ReaderAt, size int64, name string, jars *int, top bool) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil //nolint:nilerr // the extractor of packages reports it
	}
	for i, f := range z.File {
		if i == maxEntries {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		dir, base := path.Split(f.Name)
		switch {
		case (dir == "META-INF/" || dir == "") && named(base) && f.UncompressedSize64 <= maxText:
			if b, err := content(f, maxText); err == nil {
				inv.Licenses = recognised(inv.Licenses, sekisho.DeclaredLicense{Ecosystem: sekisho.EcosystemMaven, Beside: name}, name+"!/"+f.Name, b)
			}
		case top && jar(f.Name) && f.UncompressedSize64 <= maxJar && *jars < maxJars:
			*jars++
			if b, err := content(f, maxJar); err == nil {
				if err := archive(ctx, inv, bytes.NewReader(b), int64(len(b)), name+"!/"+f.Name, jars, false); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func content(f *zip.File, most int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(b)) > most {
		err = io.ErrShortBuffer
	}
	return b, err
}

// recognised adds what the text says, when most of it is known.
func recognised(all []sekisho.DeclaredLicense, d sekisho.DeclaredLicense, place string, b []byte) []sekisho.DeclaredLicense {
	expression := Recognise(b)
	if expression == "" {
		return all
	}
	d.Text, d.Licenses, d.Location.Path = true, []string{expression}, place
	return append(all, d)
}

// Recognise is the SPDX expression of a licence's text; empty when too much of
// the text is something else.
func Recognise(b []byte) string {
	s := scanner()
	if s == nil {
		return ""
	}
	ids, known := s.Scan(b)
	if known < percent {
		return ""
	}
	e := license.Normalise("", ids)
	if !e.Known() {
		return ""
	}
	return e.String()
}

// texts are the licences that are recognised; with "*" the beginnings of names.
// All that the library knows would take more than a second to get ready, a
// fifth of them covers what packages have.
var texts = []string{
	"0BSD", "AFL-2.1", "AFL-3.0", "AGPL-*", "Apache-1.1", "Apache-2.0", "Artistic-1.0-Perl", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause-Clear", "BSD-4-Clause", "BSD-4-Clause-UC", "BSL-1.0", "BlueOak-1.0.0",
	"CC-BY-3.0", "CC-BY-4.0", "CC0-1.0", "CDDL-1.0", "CDDL-1.1", "CPL-1.0", "CommonsClause", "EPL-*", "EUPL-1.2", "FTL", "GPL-*", "HPND", "ICU", "ISC", "JSON", "LGPL-*", "Libpng", "MIT", "MIT-0", "MIT-CMU", "MPL-*", "MS-PL",
	"NCSA", "OFL-1.1", "OSL-3.0", "OpenSSL", "PHP-3.01", "PSF-2.0", "Parity-7.0.0", "PolyForm-*", "PostgreSQL", "Prosperity-3.0.0", "Python-2.0", "Ruby", "SSPL-1.0", "Sleepycat", "UPL-1.0", "Unicode-DFS-2016", "Unlicense",
	"W3C", "WTFPL", "X11", "ZPL-2.1", "Zlib", "blessing", "bzip2-1.0.6", "curl",
}

// scanner is made when the first text is met; nil when the library refuses the
// list, which a test would see.
var scanner = sync.OnceValue(func() *licensetext.Set {
	s, err := licensetext.New(texts...)
	if err != nil {
		return nil
	}
	return s
})
