// SPDX-License-Identifier: Apache-2.0

package license

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Normalise makes one expression of what a package of the ecosystem declares, in
// the words of that ecosystem. It is zero where nothing is declared. What is not
// understood becomes a LicenseRef- that has no category: see Known.
func Normalise(ecosystem string, declared []string) Expression {
	var terms []Expression
	for _, d := range declared {
		if e := one(ecosystem, d); !e.IsZero() {
			terms = append(terms, e)
		}
	}
	return join(several(ecosystem), terms...)
}

// several says what a list means: in these worlds the user chooses, see
// https://getcomposer.org/doc/04-schema.md#license and the "licenses" of old
// package.json files; Maven's and RubyGems' practice is the same. Elsewhere each
// part has its own.
func several(ecosystem string) Op {
	switch ecosystem {
	case sekisho.EcosystemComposer, sekisho.EcosystemNPM, sekisho.EcosystemMaven, sekisho.EcosystemGem:
		return Or
	}
	return And
}

// one reads one declared text.
func one(ecosystem, text string) Expression {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "?"))
	switch {
	case text == "" || len(text) > maxText:
		return Expression{}
	case silent[strings.ToLower(text)]:
		return Expression{}
	case text == "UNLICENSED" && (ecosystem == sekisho.EcosystemNPM || ecosystem == ""):
		// https://docs.npmjs.com/cli/configuring-npm/package-json#license
		return Expression{ID: refProprietary}
	}
	if ecosystem == sekisho.EcosystemNPM && strings.HasPrefix(strings.ToUpper(text), "SEE LICEN") {
		return Expression{}
	}
	if e, err := Parse(text); err == nil {
		return e
	}
	if e, ok := address(text); ok {
		return e
	}
	if ecosystem == sekisho.EcosystemCRAN {
		text = fileLicense(text)
		if text == "" {
			return Expression{}
		}
	}
	if e, ok := name(text); ok {
		return e
	}
	l := &lenient{words: split(text)}
	if len(l.words) > maxWords {
		return unknown(text)
	}
	return l.list(0)
}

// silent are texts that declare nothing.
var silent = map[string]bool{
	"unknown": true, "none": true, "noassertion": true, "n/a": true, "null": true, "undefined": true, "-": true, "see license": true, "license": true, "see license file": true,
	"osi approved": true, "other": true, "file license": true, "license.txt": true, "license.md": true, "tbd": true, "todo": true, "custom": true, "dual license": true, "open source": true, "open_source": true, "see readme": true,
	"various": true, "distributable": true, "not specified": true, "unspecified": true, "see copyright": true, "uncertain": true, "otherlicense": true, "unspecifiedlicense": true,
}

// fileLicense leaves out R's reference to a file beside the description, see
// https://cran.r-project.org/doc/manuals/R-exts.html#Licensing.
func fileLicense(text string) string {
	for _, s := range [...]string{"+ file LICENSE", "+ file LICENCE", "| file LICENSE", "| file LICENCE"} {
		text = strings.ReplaceAll(text, s, "")
	}
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "file ") || strings.HasPrefix(text, "Part of R") {
		return ""
	}
	return text
}

// name finds a whole name, with "+" and with the exceptions that the list has.
func name(text string) (Expression, bool) {
	k := key(text)
	if k == "" {
		return Expression{}, false
	}
	if e, ok := named(k); ok {
		return e, true
	}
	// "GNU General Public License v2 or later (GPLv2+)": what is in parentheses
	// repeats it, or tells no version.
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open <= 0 || end < open {
		return Expression{}, false
	}
	e, ok := named(key(text[:open] + " " + text[end+1:]))
	if ok && strings.ContainsAny(text[open:end], "0123456789") {
		inner, same := named(key(text[open+1 : end]))
		ok = same && inner.equal(e)
	}
	return e, ok
}

func named(k string) (Expression, bool) {
	if s, ok := table().names[k]; ok {
		e, err := Parse(s)
		return e, err == nil
	}
	base, plus := strings.CutSuffix(k, " +")
	if !plus {
		return Expression{}, false
	}
	s, ok := table().names[base]
	if !ok {
		return Expression{}, false
	}
	e, err := Parse(s)
	if err != nil || e.Op != Leaf || e.Exception != "" || strings.HasPrefix(e.ID, "LicenseRef-") {
		return e, err == nil
	}
	return current(strings.TrimSuffix(e.ID, "-only"), true), true
}

// unknown is a reference of our own for a text that is no known name.
func unknown(text string) Expression {
	slug := slugOf(text)
	if slug == "" {
		return Expression{}
	}
	return Expression{ID: "LicenseRef-" + slug}
}

// maxSlug bounds the name of a reference, in bytes.
const maxSlug = 64

func slugOf(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteRune(r)
		if b.Len() >= maxSlug {
			break
		}
	}
	return strings.Trim(b.String(), ".-")
}

// address reads the URL of a licence.
func address(text string) (Expression, bool) {
	s := strings.ToLower(text)
	_, rest, ok := strings.Cut(s, "://")
	if !ok || strings.ContainsAny(s, " \t\n") {
		return Expression{}, false
	}
	rest = strings.TrimPrefix(rest, "www.")
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	rest = strings.TrimRight(rest, "/")
	for _, u := range addresses {
		if rest == u.prefix || strings.HasPrefix(rest, u.prefix) && !u.whole {
			e, err := Parse(u.expression)
			return e, err == nil
		}
	}
	for _, host := range [...]string{"spdx.org/licenses/", "opensource.org/licenses/", "opensource.org/license/", "licenses.nuget.org/", "choosealicense.com/licenses/", "gnu.org/licenses/", "gnu.org/licenses/old-licenses/", "gnu.org/copyleft/", "apache.org/licenses/", "mozilla.org/mpl/"} {
		id, ok := strings.CutPrefix(rest, host)
		if !ok {
			continue
		}
		for _, ext := range [...]string{".html", ".txt", ".php", ".json", ".md", "-license", ".en"} {
			id = strings.TrimSuffix(id, ext)
		}
		if e, ok := name(id); ok {
			return e, true
		}
	}
	return unknown(text), true
}

// addresses of licences, without the scheme and "www.".
var addresses = []struct {
	prefix, expression string
	whole              bool
}{
	{"apache.org/licenses/license-2.0", "Apache-2.0", false},
	{"apache.org/licenses/license-1.1", "Apache-1.1", false},
	{"apache.org/licenses", "Apache-2.0", true},
	{"opensource.org/licenses/bsd-license", "BSD-2-Clause", false},
	{"opensource.org/licenses/mit-license", "MIT", false},
	{"opensource.org/licenses/cddl1", "CDDL-1.0", false},
	{"gnu.org/licenses/gpl-2.0", "GPL-2.0-only", false},
	{"gnu.org/licenses/gpl-3.0", "GPL-3.0-only", false},
	{"gnu.org/licenses/gpl.", "GPL-3.0-only", false},
	{"gnu.org/licenses/gpl", "GPL-3.0-only", true},
	{"gnu.org/copyleft/gpl", "GPL-1.0-or-later", false},
	{"gnu.org/licenses/lgpl-2.1", "LGPL-2.1-only", false},
	{"gnu.org/licenses/lgpl-3.0", "LGPL-3.0-only", false},
	{"gnu.org/licenses/lgpl.", "LGPL-3.0-only", false},
	{"gnu.org/licenses/lgpl", "LGPL-3.0-only", true},
	{"gnu.org/licenses/agpl", "AGPL-3.0-only", false},
	{"gnu.org/copyleft/lesser", "LGPL-2.0-or-later", false},
	{"gnu.org/licenses/old-licenses/lgpl-2.1", "LGPL-2.1-only", false},
	{"gnu.org/licenses/old-licenses/gpl-2.0", "GPL-2.0-only", false},
	{"gnu.org/software/classpath/license", "GPL-2.0-only WITH Classpath-exception-2.0", false},
	{"openjdk.java.net/legal/gplv2+ce", "GPL-2.0-only WITH Classpath-exception-2.0", false},
	{"openjdk.org/legal/gplv2+ce", "GPL-2.0-only WITH Classpath-exception-2.0", false},
	{"eclipse.org/legal/epl-v10", "EPL-1.0", false},
	{"eclipse.org/legal/epl-v20", "EPL-2.0", false},
	{"eclipse.org/legal/epl-2.0", "EPL-2.0", false},
	{"eclipse.org/org/documents/epl-1.0", "EPL-1.0", false},
	{"eclipse.org/org/documents/epl-2.0", "EPL-2.0", false},
	{"eclipse.org/org/documents/epl-v10", "EPL-1.0", false},
	{"eclipse.org/org/documents/edl-v10", "BSD-3-Clause", false},
	{"mozilla.org/mpl/2.0", "MPL-2.0", false},
	{"mozilla.org/en-us/mpl/2.0", "MPL-2.0", false},
	{"mozilla.org/mpl/mpl-1.1", "MPL-1.1", false},
	{"mozilla.org/mpl/mpl-2.0", "MPL-2.0", false},
	{"mozilla.org/mpl/1.1", "MPL-1.1", false},
	{"creativecommons.org/publicdomain/zero/1.0", "CC0-1.0", false},
	{"creativecommons.org/licenses/publicdomain", refPublicDomain, false},
	{"creativecommons.org/licenses/by/3.0", "CC-BY-3.0", false},
	{"creativecommons.org/licenses/by/4.0", "CC-BY-4.0", false},
	{"creativecommons.org/licenses/by-sa/3.0", "CC-BY-SA-3.0", false},
	{"creativecommons.org/licenses/by-sa/4.0", "CC-BY-SA-4.0", false},
	{"unlicense.org", "Unlicense", false},
	{"json.org/license", "JSON", false},
	{"wtfpl.net", "WTFPL", false},
	{"sam.zoy.org/wtfpl", "WTFPL", false},
	{"glassfish.dev.java.net/public/cddlv1.0", "CDDL-1.0", false},
	{"glassfish.dev.java.net/public/cddl+gpl_1_1", "CDDL-1.1 OR GPL-2.0-only WITH Classpath-exception-2.0", false},
	{"glassfish.java.net/public/cddl+gpl_1_1", "CDDL-1.1 OR GPL-2.0-only WITH Classpath-exception-2.0", false},
	{"github.com/javaee/servlet-spec/blob/master/license", "CDDL-1.1 OR GPL-2.0-only WITH Classpath-exception-2.0", false},
	{"jquery.org/license", "MIT", true},
	{"bouncycastle.org/licen", "MIT", false},
	{"h2database.com/html/license", "EPL-1.0 OR MPL-2.0", false},
	{"scala-lang.org/license", "Apache-2.0", false},
	{"antlr.org/license", "BSD-3-Clause", false},
	{"slf4j.org/license", "MIT", false},
	{"go.microsoft.com/fwlink", "LicenseRef-Microsoft-NET-Library", false},
	{"golang.org/license", "BSD-3-Clause", false},
}
