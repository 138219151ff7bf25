// SPDX-License-Identifier: Apache-2.0

package threat

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxUnpacked bounds a compressed file of scores; a day has 12 MB in 2026.
const maxUnpacked = 256 << 20

var errTooLarge = fmt.Errorf("larger than %d MiB when unpacked", maxUnpacked>>20)

// parseEPSS reads scores of FIRST's model (https://www.first.org/epss/data_stats),
// plain or gzipped, and of https://github.com/jgamblin/KEV_EPSS. For each flaw
// the newest file wins, and one without a date loses to all others. Scores of
// the first model, whose files have neither date nor percentile, are passed
// over: they mean something else than today's. A table of cve and score_date
// corrects the date of single rows in an excerpt that was gathered over time.
func parseEPSS(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	s := scores{best: map[string]sekisho.EPSS{}, when: map[string]string{}}
	err := eachFile(ctx, files, func(f sekisho.FeedFile, name string) {
		problem := func(err error) { out.Problem(f.Path, err) }
		var r io.Reader = bytes.NewReader(f.Data)
		if plain, ok := strings.CutSuffix(name, ".gz"); ok {
			z, err := gzip.NewReader(r)
			if err != nil {
				problem(err)
				return
			}
			name, r = plain, &cappedReader{r: z, left: maxUnpacked}
		}
		if strings.HasSuffix(name, ".csv") {
			s.read(r, out, problem)
		}
	})
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(s.best)) {
		e := s.best[id]
		if d := s.when[id]; d != "" && d < e.Date {
			e.Date = d
		}
		out.CVE(&sekisho.CVE{ID: id, EPSS: &e})
	}
	return nil
}

type scores struct {
	best map[string]sekisho.EPSS
	when map[string]string
}

func (s *scores) read(r io.Reader, out sekisho.FeedSink, problem func(error)) {
	b := bufio.NewReader(r)
	date := ""
	if first, err := b.Peek(1); err == nil && first[0] == '#' {
		line, err := b.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			problem(err)
			return
		}
		for field := range strings.SplitSeq(strings.TrimPrefix(strings.TrimSpace(line), "#"), ",") {
			if v, ok := strings.CutPrefix(strings.TrimSpace(field), "score_date:"); ok {
				date = day(v)
			}
		}
		if date == "" {
			problem(fmt.Errorf("the first line names no score_date: %w", errNoDate))
			return
		}
		out.Date(date)
	}
	t, err := newTable(b, "cve")
	if err != nil {
		problem(err)
		return
	}
	percentile := "percentile"
	if t.has("epss percentile") {
		percentile = "epss percentile"
	}
	switch {
	case t.has("score_date") && !t.has("epss"):
		t.each(func() error {
			if cveID.MatchString(t.get("cve")) {
				s.when[t.get("cve")] = day(t.get("score_date"))
			}
			return nil
		}, problem)
	case !t.has("epss"):
		problem(fmt.Errorf("epss: %w", errHeader))
	case t.has(percentile):
		t.each(func() error { return s.add(t.get("cve"), t.get("epss"), t.get(percentile), date) }, problem)
	}
}

func (s *scores) add(id, score, percentile, date string) error {
	if !cveID.MatchString(id) {
		return fmt.Errorf("%q: %w", id, errNoID)
	}
	e := sekisho.EPSS{Date: date}
	var err error
	if e.Score, err = probability(score); err != nil {
		return fmt.Errorf("%s has the score %q: %w", id, score, err)
	}
	if e.Percentile, err = probability(percentile); err != nil {
		return fmt.Errorf("%s has the percentile %q: %w", id, percentile, err)
	}
	if old, ok := s.best[id]; !ok || old.Date < date {
		s.best[strings.Clone(id)] = e
	}
	return nil
}

func probability(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	// Not a number compares as false.
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, errNumber
	}
	return f, nil
}

// cappedReader ends with an error, not with silence, where its bound is passed.
type cappedReader struct {
	r    io.Reader
	left int
}

func (c *cappedReader) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTooLarge
	}
	n, err := c.r.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}
