// SPDX-License-Identifier: Apache-2.0

package cargo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/sekisho/sekisho/internal/advisory/feedfile"
	"github.com/sekisho/sekisho/internal/ecosystem/requirement"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxFacts bounds the TOML of one advisory; the largest has 6 kB.
const maxFacts = 64 << 10

var (
	errNoFacts = errors.New("no block of TOML")
	errNoID    = errors.New("no id, package or date")
)

var rustDay = pattern.New(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`)

// Feeds returns RustSec's: a file of Markdown an advisory, whose facts are in a
// block of TOML (https://github.com/rustsec/advisory-db#advisory-format).
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name: "rustsec", Publisher: "RustSec", License: "CC0-1.0", Starter: true,
		URL: "https://github.com/rustsec/advisory-db", Parse: parseRustSec,
	}}
}

// rustsec is the part of an advisory that is read.
type rustsec struct {
	Advisory struct {
		ID            string   `toml:"id"`
		Package       string   `toml:"package"`
		Collection    string   `toml:"collection"`
		Aliases       []string `toml:"aliases"`
		Date          string   `toml:"date"`
		Withdrawn     string   `toml:"withdrawn"`
		Informational string   `toml:"informational"`
		CVSS          string   `toml:"cvss"`
	} `toml:"advisory"`
	Versions struct {
		Patched    []string `toml:"patched"`
		Unaffected []string `toml:"unaffected"`
	} `toml:"versions"`
}

// parseRustSec reads crates/NAME/RUSTSEC-*.md. The folder rust/ is about the
// toolchain and its standard library, which are no crates. Withdrawn advisories
// give no row, nor do those that leave no version affected.
func parseRustSec(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	return feedfile.Each(ctx, files, out, func(p string) bool {
		return strings.HasPrefix(path.Base(p), "RUSTSEC-") && strings.HasSuffix(p, ".md") && !strings.Contains("/"+p, "/rust/")
	}, rustsecFile)
}

func rustsecFile(f sekisho.FeedFile, out sekisho.FeedSink) error {
	_, rest, ok := bytes.Cut(append([]byte("\n"), f.Data...), []byte("\n```toml"))
	facts, _, closed := bytes.Cut(rest, []byte("\n```"))
	if !ok || !closed || len(facts) > maxFacts {
		return errNoFacts
	}
	var r rustsec
	if err := toml.Unmarshal(facts, &r); err != nil {
		return err
	}
	a := &r.Advisory
	if a.ID == "" || a.Package == "" || !rustDay.MatchString(a.Date) {
		return errNoID
	}
	if a.Withdrawn != "" || a.Collection == "rust" {
		return nil
	}
	patched, err := requirement.Cargo.Parse(r.Versions.Patched...)
	if err != nil {
		return fmt.Errorf("patched: %w", err)
	}
	unaffected, err := requirement.Cargo.Parse(r.Versions.Unaffected...)
	if err != nil {
		return fmt.Errorf("unaffected: %w", err)
	}
	affected := patched.Or(unaffected).Not()
	out.Date(a.Date)
	if affected.Empty() {
		return nil
	}
	row := sekisho.Advisory{
		World: sekisho.EcosystemCargo, Package: a.Package, ID: a.ID, Aliases: cveFirst(a.Aliases),
		Status: sekisho.StatusAffected, Ranges: affected.Ranges(), Informational: a.Informational, Published: a.Date,
	}
	if !patched.Empty() {
		row.Status = sekisho.StatusFixed
	}
	if a.CVSS != "" {
		row.CVSS = []string{a.CVSS}
	}
	out.Advisory(&row)
	return nil
}

// cveFirst sorts ids, CVEs before all others.
func cveFirst(ids []string) []string {
	slices.SortFunc(ids, func(a, b string) int {
		if x, y := strings.HasPrefix(a, "CVE-"), strings.HasPrefix(b, "CVE-"); x != y {
			if x {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(ids)
}
