// SPDX-License-Identifier: Apache-2.0

package advisory

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// BuildOptions of Build. The zero value of a field means its default.
type BuildOptions struct {
	Feeds []sekisho.Feed
	// Only these feeds; all that have an entry by default.
	Only []string
	// QuickToRead makes shards that are larger and read in less time, for the
	// database in the program, which nobody fetches.
	QuickToRead bool
	// StarterOnly takes only feeds whose licence lets facts be carried.
	StarterOnly bool
	// FactsOnly drops every sentence of a publisher.
	FactsOnly bool
	// Keep says which worlds are written; nil keeps all.
	Keep func(world string) bool
	// Fast compresses less: for tests and databases that are not published.
	Fast bool
	// Parallel is how many feeds are read and shards written at once.
	Parallel int
	// Done is told of each feed that was read; from several goroutines.
	Done func(Source)
}

// Source says what one feed gave.
type Source struct {
	Name      string `json:"name"`
	Publisher string `json:"publisher"`
	License   string `json:"license"`
	URL       string `json:"url,omitempty"`
	// Date of the data, "2024-05-06".
	Date string `json:"date,omitempty"`
	Rows int    `json:"rows"`
	CVEs int    `json:"cves,omitempty"`
	// Problems counts what could not be understood; FirstProblems are some.
	Problems      int      `json:"problems,omitempty"`
	FirstProblems []string `json:"firstProblems,omitempty"`
}

// maxFirstProblems of a source are named.
const maxFirstProblems = 5

// maxFeeds is what a row's number of the feed can say.
const maxFeeds = 255

// Build reads the feeds that have an entry in dir and hands each compiled shard
// to put, in the order of the worlds. The same entries give the same bytes.
// The sources are those of all feeds that were read; no entry at all, or an
// entry of Only that is missing, is an error.
func Build(ctx context.Context, dir string, opt BuildOptions, put func(world string, rows int, shard []byte) error) ([]Source, error) {
	if opt.Parallel <= 0 {
		opt.Parallel = runtime.GOMAXPROCS(0)
	}
	feeds, err := choose(dir, opt)
	if err != nil {
		return nil, err
	}
	b := &builder{opt: opt, worlds: map[string]*worldRows{}, sinks: make([]*sink, len(feeds))}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(opt.Parallel)
	for i, f := range feeds {
		s := &sink{builder: b, feed: i, source: Source{Name: f.Name, Publisher: f.Publisher, License: f.License, URL: f.URL}, cves: map[string]*sekisho.CVE{}}
		b.sinks[i] = s
		b.feeds = append(b.feeds, f.Name)
		g.Go(func() error {
			files, err := EntryFiles(gctx, dir, f.Name)
			if err != nil {
				return err
			}
			if err := f.Parse(gctx, files, s); err != nil {
				return message.Errorf("feed %s: %w", f.Name, err)
			}
			s.source.CVEs = len(s.cves)
			if opt.Done != nil {
				opt.Done(s.source)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	sources := make([]Source, len(b.sinks))
	for i, s := range b.sinks {
		sources[i] = s.source
	}
	b.mergeCVEs()
	return sources, b.write(ctx, put)
}

// choose gives the feeds that have an entry, in the order of their names.
func choose(dir string, opt BuildOptions) ([]sekisho.Feed, error) {
	wanted := func(f *sekisho.Feed) bool {
		return (len(opt.Only) == 0 || slices.Contains(opt.Only, f.Name)) && (f.Starter || !opt.StarterOnly)
	}
	known := map[string]bool{}
	present := map[string]bool{}
	var feeds []sekisho.Feed
	for _, f := range opt.Feeds {
		known[f.Name] = true
		if !wanted(&f) {
			continue
		}
		if _, err := findEntry(dir, f.Name); err != nil {
			if slices.Contains(opt.Only, f.Name) {
				return nil, err
			}
			continue
		}
		present[f.Name] = true
		feeds = append(feeds, f)
	}
	for _, name := range opt.Only {
		if !known[name] {
			return nil, message.Errorf("feed %s is not known: `sekisho db build --help` lists them", name)
		}
	}
	feeds = slices.DeleteFunc(feeds, func(f sekisho.Feed) bool {
		return f.YieldsTo != "" && present[f.YieldsTo] && !slices.Contains(opt.Only, f.Name)
	})
	slices.SortFunc(feeds, func(a, b sekisho.Feed) int { return strings.Compare(a.Name, b.Name) })
	switch {
	case len(feeds) == 0:
		return nil, message.Errorf("%s: %w", dir, ErrNoFeeds)
	case len(feeds) > maxFeeds:
		return nil, message.New("too many feeds")
	}
	return feeds, nil
}

// builder gathers rows of all feeds.
type builder struct {
	opt   BuildOptions
	feeds []string
	sinks []*sink

	mu     sync.Mutex
	worlds map[string]*worldRows
	cves   map[string]*sekisho.CVE
}

// worldRows holds the encoded rows of a world by package: each row is its
// length and its bytes.
type worldRows struct {
	packages map[string][]byte
}

// sink is one feed's way into the builder.
type sink struct {
	*builder
	feed   int
	source Source
	cves   map[string]*sekisho.CVE
	row    encoder
}

func (s *sink) Advisory(a *sekisho.Advisory) {
	if a.World == "" || a.Package == "" || a.ID == "" {
		s.Problem(a.ID, message.New("a row without world, package or id"))
		return
	}
	if s.opt.Keep != nil && !s.opt.Keep(a.World) {
		return
	}
	s.row.b = s.row.b[:0]
	s.row.advisory(a, s.feed, s.opt.FactsOnly)
	s.source.Rows++
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.worlds[a.World]
	if w == nil {
		w = &worldRows{packages: map[string][]byte{}}
		s.worlds[strings.Clone(a.World)] = w
	}
	rows, ok := w.packages[a.Package]
	rows = binary.AppendUvarint(rows, uint64(len(s.row.b)))
	rows = append(rows, s.row.b...)
	name := a.Package
	if !ok {
		name = strings.Clone(name)
	}
	w.packages[name] = rows
}

func (s *sink) CVE(c *sekisho.CVE) {
	if c.ID == "" {
		return
	}
	have := s.cves[c.ID]
	if have == nil {
		have = &sekisho.CVE{ID: strings.Clone(c.ID)}
		s.cves[have.ID] = have
	}
	mergeCVE(have, c, s.source.Name)
}

func (s *sink) Date(day string) {
	if dayNumber(day) > dayNumber(s.source.Date) {
		s.source.Date = strings.Clone(day[:10])
	}
}

func (s *sink) Problem(path string, err error) {
	s.source.Problems++
	if len(s.source.FirstProblems) < maxFirstProblems {
		s.source.FirstProblems = append(s.source.FirstProblems, fmt.Sprintf("%s: %v", path, err))
	}
}

// mergeCVE adds c's parts to have. Vectors that are there already are not
// repeated; the newer of two EPSS scores counts.
func mergeCVE(have, c *sekisho.CVE, feed string) {
	for _, v := range c.CVSS {
		if v.Vector == "" || slices.ContainsFunc(have.CVSS, func(h sekisho.CVSS) bool { return h.Vector == v.Vector }) {
			continue
		}
		have.CVSS = append(have.CVSS, sekisho.CVSS{Source: strings.Clone(cmp.Or(v.Source, feed)), Vector: strings.Clone(v.Vector)})
	}
	for _, w := range c.CWEs {
		if !slices.Contains(have.CWEs, w) {
			have.CWEs = append(have.CWEs, strings.Clone(w))
		}
	}
	if c.EPSS != nil && (have.EPSS == nil || c.EPSS.Date > have.EPSS.Date) {
		e := *c.EPSS
		e.Date = strings.Clone(e.Date)
		have.EPSS = &e
	}
	if c.KEV != nil {
		k := *c.KEV
		if have.KEV != nil {
			k.Added, k.Due, k.Ransomware = cmp.Or(k.Added, have.KEV.Added), cmp.Or(k.Due, have.KEV.Due), k.Ransomware || have.KEV.Ransomware
		}
		have.KEV = &sekisho.KEV{Added: strings.Clone(k.Added), Due: strings.Clone(k.Due), Ransomware: k.Ransomware}
	}
	for _, x := range c.Exploits {
		if !slices.Contains(have.Exploits, x) {
			have.Exploits = append(have.Exploits, strings.Clone(x))
		}
	}
	if len(c.Published) >= 10 && (have.Published == "" || c.Published[:10] < have.Published) {
		have.Published = strings.Clone(c.Published[:10])
	}
	have.Rejected = have.Rejected || c.Rejected
}

// mergeCVEs joins what the feeds know, in the order of the feeds.
func (b *builder) mergeCVEs() {
	b.cves = map[string]*sekisho.CVE{}
	for _, s := range b.sinks {
		for id, c := range s.cves {
			have := b.cves[id]
			if have == nil {
				b.cves[id] = c
				continue
			}
			mergeCVE(have, c, s.source.Name)
		}
		s.cves = nil
	}
	for _, c := range b.cves {
		c.CVSS = bestVectors(c.CVSS)
		slices.Sort(c.CWEs)
		slices.Sort(c.Exploits)
	}
}

// bestVectors keeps one vector of each version of CVSS, the first named: a
// second opinion of the same version seldom changes what one does.
func bestVectors(all []sekisho.CVSS) []sekisho.CVSS {
	rank := func(v string) int {
		switch {
		case strings.HasPrefix(v, "CVSS:3"):
			return 0
		case strings.HasPrefix(v, "CVSS:4"):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(x, y sekisho.CVSS) int { return rank(x.Vector) - rank(y.Vector) })
	all = slices.CompactFunc(all, func(x, y sekisho.CVSS) bool { return rank(x.Vector) == rank(y.Vector) })
	if len(all) > 1 && rank(all[0].Vector) == 0 && rank(all[len(all)-1].Vector) == 2 {
		all = all[:len(all)-1] // a version 2 vector says nothing beside a version 3 one
	}
	return all
}

// write compiles each world, and the shards of risk.
func (b *builder) write(ctx context.Context, put func(string, int, []byte) error) error {
	type compiled struct {
		rows  int
		shard []byte
	}
	risk := b.risk()
	worlds := slices.Sorted(maps.Keys(b.worlds))
	all := append(worlds, slices.Sorted(maps.Keys(risk))...)
	out := make([]chan compiled, len(all))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(b.opt.Parallel + 1)
	for i := range out {
		out[i] = make(chan compiled, 1)
	}
	g.Go(func() error {
		for i, world := range all {
			select {
			case c := <-out[i]:
				if err := put(world, c.rows, c.shard); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	how := packing{quick: b.opt.QuickToRead, level: zstd.SpeedBestCompression}
	if b.opt.Fast {
		how.level = zstd.SpeedDefault
	}
	for i, world := range all {
		g.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			var head Head
			var pairs []pair
			if i < len(worlds) {
				var err error
				if head, pairs, err = b.compile(world); err != nil {
					return message.Errorf("compile %s: %w", world, err)
				}
			} else {
				pairs = risk[world]
				head = Head{World: world, CVEs: len(pairs), Feeds: []string{}}
			}
			shard, err := shardBytes(head, pairs, how)
			out[i] <- compiled{head.Rows, shard}
			return err
		})
	}
	return g.Wait()
}

// compile sorts a world's rows, numbers their feeds anew, and adds what is
// known of each flaw that they name.
func (b *builder) compile(world string) (Head, []pair, error) {
	b.mu.Lock()
	rows := b.worlds[world].packages
	b.mu.Unlock()
	head := Head{World: world, Feeds: []string{}}
	used := map[byte]bool{}
	flaws := map[string]bool{}
	var pairs []pair
	var a sekisho.Advisory
	for name, buf := range rows {
		var list [][]byte
		for len(buf) > 0 {
			n, l := binary.Uvarint(buf)
			row := buf[l : l+int(n)]
			buf = buf[l+int(n):]
			d := decoder{s: string(row)}
			d.advisory(&a)
			if d.err != nil {
				return head, nil, d.err
			}
			if c := b.cves[a.ID]; c != nil && c.Rejected {
				continue
			}
			for _, id := range append(a.Aliases, a.ID) {
				if b.cves[id] != nil {
					flaws[id] = true
				}
			}
			used[row[0]] = true
			list = append(list, row)
		}
		// By what follows the feed's number first, so that repeats meet.
		slices.SortFunc(list, func(x, y []byte) int { return cmp.Or(bytes.Compare(x[1:], y[1:]), int(x[0])-int(y[0])) })
		list = slices.CompactFunc(list, func(x, y []byte) bool { return bytes.Equal(x[1:], y[1:]) })
		if len(list) == 0 {
			continue
		}
		var e encoder
		e.uint(uint64(len(list)))
		for _, row := range list {
			e.b = append(e.b, row...)
		}
		head.Packages++
		head.Rows += len(list)
		pairs = append(pairs, pair{packageKey + name, e.b})
	}
	number := map[byte]byte{}
	for _, feed := range slices.Sorted(maps.Keys(used)) {
		number[feed] = byte(len(head.Feeds))
		head.Feeds = append(head.Feeds, b.feeds[feed])
	}
	for i := range pairs {
		if err := renumber(pairs[i].value, number); err != nil {
			return head, nil, err
		}
	}
	for id := range flaws {
		var e encoder
		e.cve(b.cves[id], cveCVSS|cveCWEs|cvePublished)
		if len(e.b) > 1 {
			pairs = append(pairs, pair{cveKey + id, e.b})
			head.CVEs++
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int { return strings.Compare(x.key, y.key) })
	return head, pairs, nil
}

// renumber replaces the feed's number of each row of a value, in place.
func renumber(value []byte, number map[byte]byte) error {
	text := string(value)
	d := decoder{s: text}
	n := d.uint()
	var a sekisho.Advisory
	for range n {
		at := len(text) - len(d.s)
		d.advisory(&a)
		if d.err != nil {
			return d.err
		}
		value[at] = number[value[at]]
	}
	return nil
}

// risk gives, by year, what changes daily whatever package has the flaw.
func (b *builder) risk() map[string][]pair {
	years := map[string][]pair{}
	for id, c := range b.cves {
		var e encoder
		e.cve(c, cveEPSS|cveKEV|cveRansomware|cveExploits)
		if len(e.b) > 1 {
			w := RiskWorld(id)
			years[w] = append(years[w], pair{cveKey + id, e.b})
		}
	}
	for _, pairs := range years {
		slices.SortFunc(pairs, func(x, y pair) int { return strings.Compare(x.key, y.key) })
	}
	return years
}

// RiskWorld is the shard that says how a flaw is exploited: "risk/2024".
func RiskWorld(id string) string {
	if len(id) > 8 && strings.HasPrefix(id, "CVE-") && id[8] == '-' {
		return "risk/" + id[4:8]
	}
	return "risk/other"
}
