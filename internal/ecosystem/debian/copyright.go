// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// copyrightFile reads usr/share/doc/NAME/copyright: the License fields of the
// machine readable format, else the texts in usr/share/common-licenses that
// the prose refers to.
type copyrightFile struct{}

const (
	docDir          = "usr/share/doc/"
	copyrightSuffix = "/copyright"
	// maxCopyright is how much of a copyright file is looked at, in bytes: the
	// texts of the names stand at the end, in boost's behind a megabyte of files.
	maxCopyright = 4 << 20
	// maxLicenses is how many licences one package can declare.
	maxLicenses = 200
	// maxLicense is the length of one licence's name, in bytes.
	maxLicense = 200
)

func (copyrightFile) Name() string { return "debian/copyright" }
func (copyrightFile) Version() int { return 2 }

func (copyrightFile) Wants(f *sekisho.File) bool {
	return strings.HasSuffix(f.Path, copyrightSuffix) && strings.HasPrefix(f.Path, docDir) && documented(f.Path) != ""
}

// documented is the package whose copyright file it is, empty for another file.
func documented(path string) string {
	if len(path) <= len(docDir)+len(copyrightSuffix) {
		return ""
	}
	name := path[len(docDir) : len(path)-len(copyrightSuffix)]
	if strings.IndexByte(name, '/') >= 0 {
		return ""
	}
	return name
}

func (copyrightFile) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	var inv sekisho.Inventory
	b, err := head(in, maxCopyright)
	licenses := licenseFields(b)
	if len(licenses) == 0 {
		licenses = commonLicenses(b)
	}
	if len(licenses) > 0 {
		inv.Licenses = []sekisho.DeclaredLicense{{
			Ecosystem: sekisho.EcosystemDeb, Name: strings.Clone(documented(in.Path)), Licenses: licenses,
		}}
	}
	if err != nil {
		return inv, &sekisho.ProblemError{Problem: sekisho.Problem{Minor: true}.Saying(message.Say("read the copyright file: %v", err))}
	}
	return inv, nil
}

// head is the first n bytes of the file, all of it when it is shorter.
func head(in *sekisho.Input, n int64) ([]byte, error) {
	if in.Size <= n {
		return in.Bytes()
	}
	b := make([]byte, n)
	got, err := in.Content.ReadAt(b, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b[:got], err
}

// licenseFields gives the first line of each License field, in order, once. A
// name that the file made up is replaced where its text is that of a licence with
// an id.
func licenseFields(b []byte) (out []string) {
	field := []byte("\nLicense:")
	if start := bytes.TrimLeft(b, "\ufeff \t\r\n"); !bytes.HasPrefix(start, []byte("Format")) {
		return nil // prose that has a line like this by chance
	}
	texts := definitions{}
	for len(out) < maxLicenses {
		i := bytes.Index(b, field)
		if i < 0 {
			break
		}
		b = b[i+len(field):]
		line, body := b, []byte(nil)
		if end := bytes.IndexByte(b, '\n'); end >= 0 {
			line, body = b[:end], continued(b[end+1:])
		}
		line = bytes.TrimSpace(line)
		out = addLicense(out, line)
		texts.add(string(line), body)
	}
	return texts.apply(out)
}

// commonLicenses gives the names of the common texts that are referred to.
func commonLicenses(b []byte) (out []string) {
	dir := []byte("/usr/share/common-licenses/")
	for len(out) < maxLicenses {
		i := bytes.Index(b, dir)
		if i < 0 {
			break
		}
		b = b[i+len(dir):]
		end := 0
		for end < len(b) && end < maxLicense && (b[end] == '-' || b[end] == '.' || b[end] == '+' ||
			'0' <= b[end] && b[end] <= '9' || 'a' <= b[end]|0x20 && b[end]|0x20 <= 'z') {
			end++
		}
		out = addLicense(out, bytes.TrimRight(b[:end], ".-"))
	}
	return out
}

func addLicense(all []string, name []byte) []string {
	if len(name) == 0 || len(name) > maxLicense || slices.Contains(all, string(name)) {
		return all
	}
	return append(all, strings.ToValidUTF8(string(name), "?"))
}
