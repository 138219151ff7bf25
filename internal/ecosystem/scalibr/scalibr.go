// SPDX-License-Identifier: Apache-2.0

// Package scalibr turns a filesystem extractor of google/osv-scalibr into one
// of ours. It is the only place that knows scalibr's interfaces; which
// extractors are used, and for which files, the ecosystems' folders say. It is
// for formats where scalibr states all that the report wants; where lines,
// relationships or licences would be lost, an ecosystem has its own parser.
//
// What it costs, whichever extractor is used first (v0.5.3, linux/amd64, Go
// 1.26): 9.4 MB of a stripped binary and 2 ms of start-up, nearly all of it
// protocol buffers, go-git and the inventory of every other ecosystem; each
// further extractor of a text format adds a tenth of a megabyte.
package scalibr

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	config "github.com/google/osv-scalibr/binary/proto/config_go_proto"
	"github.com/google/osv-scalibr/extractor"
	"github.com/google/osv-scalibr/extractor/filesystem"
	"github.com/google/osv-scalibr/extractor/filesystem/osv"
	"github.com/google/osv-scalibr/log"
	"github.com/google/osv-scalibr/purl"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxBytes is the size of the largest file that is handed to scalibr, whose
// extractors may keep several times that in memory.
const maxBytes = 32 << 20

// Extractor says which extractor of scalibr reads which files, and under what name.
type Extractor struct {
	// Name and Version as [sekisho.Extractor] has them.
	Name    string
	Version int
	// Wants tests a path. It is asked of every file, so it must not allocate;
	// scalibr's own FileRequired is not consulted.
	Wants func(path string) bool
	// New makes scalibr's extractor.
	New func(*config.PluginConfig) (filesystem.Extractor, error)
}

// Wrap returns an extractor that hands wanted files to scalibr.
func Wrap(e Extractor) sekisho.Extractor {
	quiet()
	return wrapped{e}
}

// quiet takes scalibr's process-wide logger away: it writes to standard error,
// and what it says there of a file it returns as an error too.
var quiet = sync.OnceFunc(func() { log.SetLogger(silence{}) })

type silence struct{}

func (silence) Errorf(string, ...any) {}
func (silence) Error(...any)          {}
func (silence) Warnf(string, ...any)  {}
func (silence) Warn(...any)           {}
func (silence) Infof(string, ...any)  {}
func (silence) Info(...any)           {}
func (silence) Debugf(string, ...any) {}
func (silence) Debug(...any)          {}

type wrapped struct{ e Extractor }

func (w wrapped) Name() string { return w.e.Name }
func (w wrapped) Version() int { return w.e.Version }

func (w wrapped) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && w.e.Wants(f.Path)
}

// Extract gives scalibr a file system of the wanted file and its neighbours,
// and states the packages that it found. A panic of scalibr is an error.
func (w wrapped) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if err := ctx.Err(); err != nil {
		return inv, err
	}
	if in.Size > maxBytes {
		return inv, &sekisho.ProblemError{Problem: sekisho.Problem{Bound: "file-bytes"}.Saying(message.Say("file of %d bytes is larger than the %d that a file of this format may have", in.Size, maxBytes))}
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read with %s: the extractor broke off: %v", w.e.Name, p)
		}
	}()
	ex, err := w.e.New(&config.PluginConfig{})
	if err != nil {
		return inv, fmt.Errorf("set up %s: %w", w.e.Name, err)
	}
	files := view{in}
	found, err := ex.Extract(ctx, &filesystem.ScanInput{
		FS:     files,
		Path:   in.Path,
		Info:   info{in},
		Reader: in.NewReader(),
	})
	for _, p := range found.Packages {
		if ctx.Err() != nil {
			break
		}
		if q, ok := convert(p, in); ok {
			inv.Packages = append(inv.Packages, q)
		}
	}
	if err != nil {
		err = fmt.Errorf("read with %s: %w", w.e.Name, err)
	}
	return inv, err
}

// ecosystems of scalibr's purl types.
var ecosystems = map[string]string{
	purl.TypeGem:       sekisho.EcosystemGem,
	purl.TypeComposer:  sekisho.EcosystemComposer,
	purl.TypeNuget:     sekisho.EcosystemNuGet,
	purl.TypeHex:       sekisho.EcosystemHex,
	purl.TypePub:       sekisho.EcosystemPub,
	purl.TypeSwift:     sekisho.EcosystemSwift,
	purl.TypeCocoapods: sekisho.EcosystemCocoa,
	purl.TypeConan:     sekisho.EcosystemConan,
	purl.TypeCran:      sekisho.EcosystemCRAN,
	purl.TypeHackage:   sekisho.EcosystemHackage,
	purl.TypeNPM:       sekisho.EcosystemNPM,
	purl.TypePyPi:      sekisho.EcosystemPyPI,
	purl.TypeCargo:     sekisho.EcosystemCargo,
	purl.TypeMaven:     sekisho.EcosystemMaven,
	purl.TypeGolang:    sekisho.EcosystemGo,
}

// convert makes our package of scalibr's. Packages without one fixed version
// (a range, a property that only a build would know), or of a type that is no ecosystem of ours (a GitHub
// repository), are left out.
func convert(p *extractor.Package, in *sekisho.Input) (sekisho.Package, bool) {
	if p == nil || p.Name == "" || p.Version == "" || strings.ContainsAny(p.Version, "$*[]()<>=~^|, ") {
		return sekisho.Package{}, false
	}
	ecosystem, ok := ecosystems[p.PURLType]
	if !ok {
		return sekisho.Package{}, false
	}
	q := sekisho.Package{
		Ecosystem: ecosystem,
		Name:      strings.Clone(p.Name),
		Version:   strings.Clone(p.Version),
		Licenses:  slices.Clone(p.Licenses),
	}
	u := sekisho.PURL{Type: p.PURLType, Name: p.Name, Version: p.Version}
	if s := p.PURL(); s != nil {
		u = sekisho.PURL{Type: s.Type, Namespace: s.Namespace, Name: s.Name, Version: s.Version, Subpath: s.Subpath}
		for _, kv := range s.Qualifiers {
			if u.Qualifiers == nil {
				u.Qualifiers = map[string]string{}
			}
			u.Qualifiers[kv.Key] = kv.Value
		}
	}
	q.PURL = u.String()
	if d := p.Location.Descriptor; d != nil && d.File != nil && d.File.Path == in.Path {
		q.Line = max(d.File.LineNumber, 0)
	}
	if g, ok := p.Metadata.(osv.DepGroups); ok {
		q.Dev = onlyDev(g.DepGroups())
	}
	return q, true
}

// onlyDev reports whether every group is one of development or test.
func onlyDev(groups []string) bool {
	for _, g := range groups {
		switch strings.ToLower(g) {
		case "dev", "develop", "development", "test", "tests":
		default:
			return false
		}
	}
	return len(groups) > 0
}
