// SPDX-License-Identifier: Apache-2.0

package threat

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const (
	eolWorld = "eol"
	// eolEnded is the Urgency of a cycle whose support is over since a day that
	// the source does not name.
	eolEnded = "ended"
	// maxProduct bounds one product's page; the largest has 100 kB.
	maxProduct = 4 << 20
)

var (
	errNoFrontMatter = errors.New("no YAML between two lines of ---")
	errNoCycles      = errors.New("no releases")
	errTwice         = errors.New("the cycle is there twice")
)

var productSlug = pattern.New(`^[a-z0-9][a-z0-9.+-]*$`)

// parseEOL reads the ends of support. Each cycle of a product is one row of the
// world "eol": Package the slug ("nodejs", "alpine-linux"), ID the cycle ("20",
// "3.18"), Published its release, Modified the day on which support ends or
// ended. Modified is empty where no end is set; Urgency is then "ended" if it
// is over all the same. Support that is paid for, or by others (Debian LTS,
// Ubuntu Pro), is not in it.
//
// Sources are products/*.md of https://endoflife.date and, for "debian" and
// "ubuntu", debian.csv and ubuntu.csv of Debian's distro-info-data, which win.
func parseEOL(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	rows := map[cycleKey]*cycle{}
	err := eachFile(ctx, files, func(f sekisho.FeedFile, name string) {
		problem := func(err error) { out.Problem(f.Path, err) }
		product, isPage := strings.CutSuffix(name, ".md")
		switch {
		case name == "debian.csv", name == "ubuntu.csv":
			distroInfo(f.Data, strings.TrimSuffix(name, ".csv"), rows, problem)
		case isPage && strings.Contains("/"+f.Path, "/products/"):
			if latest := productPage(f.Data, product, rows, problem); latest != "" {
				out.Date(latest)
			}
		}
	})
	if err != nil {
		return err
	}
	keys := slices.SortedFunc(maps.Keys(rows), func(a, b cycleKey) int {
		return cmp.Or(strings.Compare(a.product, b.product), strings.Compare(a.cycle, b.cycle))
	})
	for _, k := range keys {
		c := rows[k]
		out.Advisory(&sekisho.Advisory{
			World: eolWorld, Package: k.product, ID: k.cycle, Status: sekisho.StatusEndOfLife,
			Informational: "end-of-life", Urgency: c.urgency, Published: c.released, Modified: c.end,
		})
	}
	return nil
}

type cycleKey struct{ product, cycle string }

type cycle struct {
	released, end, urgency string
	distro                 bool
}

// productPage reads the front matter of a page, and returns the day of the
// newest release in it.
func productPage(data []byte, product string, rows map[cycleKey]*cycle, problem func(error)) (latest string) {
	if !productSlug.MatchString(product) {
		problem(fmt.Errorf("product %q: %w", product, errNoID))
		return ""
	}
	front, err := frontMatter(data)
	if err != nil {
		problem(err)
		return ""
	}
	var page struct {
		Releases []yaml.Node `yaml:"releases"`
	}
	if err := yaml.Unmarshal(front, &page); err != nil {
		problem(err)
		return ""
	}
	if len(page.Releases) == 0 {
		problem(errNoCycles)
	}
	for i := range page.Releases {
		var r struct {
			Cycle    string    `yaml:"releaseCycle"`
			Released string    `yaml:"releaseDate"`
			Latest   string    `yaml:"latestReleaseDate"`
			End      yaml.Node `yaml:"eol"`
		}
		err := page.Releases[i].Decode(&r)
		k, c := cycleKey{product, strings.TrimSpace(r.Cycle)}, &cycle{released: day(r.Released)}
		if err == nil {
			c.end, c.urgency, err = end(&r.End)
		}
		if err == nil && k.cycle == "" {
			err = errNoID
		}
		if old := rows[k]; err == nil && old != nil && !old.distro {
			err = errTwice
		} else if err == nil && old == nil {
			rows[k] = c
		}
		if err != nil {
			problem(fmt.Errorf("release %d %q: %w", i, k.cycle, err))
			continue
		}
		latest = max(latest, day(r.Latest))
	}
	return latest
}

// end reads the field eol: a day, true or false.
func end(n *yaml.Node) (date, urgency string, err error) {
	switch {
	case n.Kind != yaml.ScalarNode:
		return "", "", fmt.Errorf("eol: %w", errNoDate)
	case n.Value == "false":
		return "", "", nil
	case n.Value == "true":
		return "", eolEnded, nil
	case day(n.Value) == "":
		return "", "", fmt.Errorf("eol %q: %w", n.Value, errNoDate)
	}
	return day(n.Value), "", nil
}

// frontMatter is the text between a first line of "---" and the next such line.
func frontMatter(data []byte) ([]byte, error) {
	if len(data) > maxProduct {
		return nil, fmt.Errorf("page larger than %d MiB", maxProduct>>20)
	}
	text := bytes.ReplaceAll(bytes.TrimPrefix(data, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	text, ok := bytes.CutPrefix(text, []byte("---\n"))
	if !ok {
		return nil, errNoFrontMatter
	}
	front, _, ok := bytes.Cut(append([]byte("\n"), text...), []byte("\n---"))
	if !ok {
		return nil, errNoFrontMatter
	}
	return front, nil
}

// distroInfo reads version, release and eol; a series without a version (sid)
// never ends.
func distroInfo(data []byte, product string, rows map[cycleKey]*cycle, problem func(error)) {
	t, err := newTable(bytes.NewReader(data), "version", "release", "eol")
	if err != nil {
		problem(err)
		return
	}
	t.each(func() error {
		version := strings.TrimSuffix(t.get("version"), " LTS")
		if version == "" {
			return nil
		}
		e := t.get("eol")
		if e != "" && day(e) == "" {
			return fmt.Errorf("%s: eol %q: %w", version, e, errNoDate)
		}
		rows[cycleKey{product, strings.Clone(version)}] = &cycle{released: day(t.get("release")), end: day(e), distro: true}
		return nil
	}, problem)
}
