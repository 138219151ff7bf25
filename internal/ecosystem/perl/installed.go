// SPDX-License-Identifier: Apache-2.0

package perl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// installed reads what cpanm leaves of an
// installation in .meta/NAME-VERSION: install.json, with the archive, and
// MYMETA.json beside it, with the licence. See
// https://metacpan.org/pod/CPAN::Meta::Spec.
type installed struct{}

func (installed) Name() string { return "perl/installed" }
func (installed) Version() int { return 1 }

func (installed) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && strings.HasSuffix(f.Path, ".json") &&
		(isBase(f.Path, "install.json") || isBase(f.Path, "MYMETA.json")) && strings.Contains(f.Path, ".meta/")
}

// Group gives MYMETA.json to the install.json of the same directory.
func (installed) Group(path string) string {
	if dir, ok := strings.CutSuffix(path, "MYMETA.json"); ok {
		return dir + "install.json"
	}
	return path
}

var errInstall = errors.New("record of an installation has no distribution with a version")

func (installed) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if err := ctx.Err(); err != nil {
		return inv, err
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var record struct{ Dist, Pathname string }
	if err := json.Unmarshal(b, &record); err != nil {
		return inv, fmt.Errorf("read record of an installation: %w", err)
	}
	name, version, ok := split(record.Dist)
	if !ok {
		return inv, errInstall
	}
	p := distribution(strings.Clone(name), strings.Clone(version), record.Pathname)
	if meta := in.Beside[strings.TrimSuffix(in.Path, "install.json")+"MYMETA.json"]; meta != nil {
		var m struct{ License []string }
		if b, e := meta.Bytes(); e != nil {
			err = e
		} else if e := json.Unmarshal(b, &m); e != nil {
			err = fmt.Errorf("read licence of %s: %w", name, e)
		}
		for _, l := range m.License {
			if l != "unknown" {
				p.Licenses = append(p.Licenses, l)
			}
		}
	}
	inv.Packages = append(inv.Packages, p)
	return inv, err
}

// perllocal reads perllocal.pod, to which Perl's installers append an entry
// for each module: "=head2 DATE: C<Module> L<Foo::Bar|Foo::Bar>" with its
// "C<VERSION: 1.0>" below. Of a module that was installed twice the last entry
// counts. Names are given as distributions have them, Foo-Bar. See
// https://metacpan.org/pod/ExtUtils::Command::MM#perllocal_install.
type perllocal struct{}

func (perllocal) Name() string { return "perl/perllocal" }
func (perllocal) Version() int { return 1 }

func (perllocal) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "perllocal.pod")
}

func (perllocal) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var module string
	at := map[string]int{}
	t := lockfile.NewText(b)
	for {
		line, ok := t.Next()
		if !ok {
			return inv, nil
		}
		if t.Line&255 == 0 {
			if err := ctx.Err(); err != nil {
				return inv, err
			}
		}
		if bytes.HasPrefix(line, []byte("=head2 ")) {
			module = ""
			if _, m, ok := bytes.Cut(line, []byte("C<Module> L<")); ok {
				if i := bytes.IndexAny(m, "|>"); i > 0 {
					module = string(m[:i])
				}
			}
			continue
		}
		_, v, ok := bytes.Cut(line, []byte("C<VERSION: "))
		if !ok || module == "" {
			continue
		}
		v, _, ok = bytes.Cut(v, []byte{'>'})
		if !ok || len(v) == 0 || v[0] < '0' || v[0] > '9' && v[0] != 'v' {
			continue
		}
		p := sekisho.Package{
			PURL:      sekisho.PURL{Type: "cpan", Name: module, Version: string(v)}.String(),
			Ecosystem: sekisho.EcosystemCPAN,
			Name:      strings.ReplaceAll(module, "::", "-"),
			Version:   string(v),
			Line:      t.Line,
		}
		if i, ok := at[module]; ok {
			inv.Packages[i] = p
		} else {
			at[module] = len(inv.Packages)
			inv.Packages = append(inv.Packages, p)
		}
		module = ""
	}
}
