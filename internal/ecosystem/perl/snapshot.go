// SPDX-License-Identifier: Apache-2.0

package perl

import (
	"bytes"
	"context"
	"errors"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// cpanfileSnapshot reads cpanfile.snapshot, format 1.0: distributions at two
// spaces, their properties at four. See https://metacpan.org/pod/Carton.
type cpanfileSnapshot struct{}

func (cpanfileSnapshot) Name() string { return "perl/cpanfile-snapshot" }
func (cpanfileSnapshot) Version() int { return 1 }

func (cpanfileSnapshot) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "cpanfile.snapshot")
}

var errSnapshot = errors.New("snapshot has no DISTRIBUTIONS section as Carton writes it")

func (cpanfileSnapshot) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var name, version, archive string
	var at int
	flush := func() {
		if name != "" {
			p := distribution(name, version, archive)
			p.Line = at
			inv.Packages = append(inv.Packages, p)
		}
		name, archive = "", ""
	}
	found := false
	t := lockfile.NewText(b)
	for {
		line, ok := t.Next()
		if !ok {
			break
		}
		if t.Line&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return inv, err
			}
		}
		indent := lockfile.Indent(line)
		body := bytes.TrimSpace(line)
		switch {
		case len(body) == 0 || body[0] == '#':
		case indent == 0:
			flush()
			found = found || string(body) == "DISTRIBUTIONS"
		case indent == 2 && found:
			flush()
			name, version, _ = split(string(body))
			at = t.Line
		case indent == 4:
			if v, ok := bytes.CutPrefix(body, []byte("pathname: ")); ok {
				archive = string(v)
			}
		}
	}
	flush()
	if !found {
		return inv, errSnapshot
	}
	return inv, nil
}
