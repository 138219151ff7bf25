// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// motor is an engine: it tells of a layer's files when the layer ends.
type motor struct {
	print   string
	problem *sekisho.Problem
	stumble bool

	mu     sync.Mutex
	begun  int
	layers [][]string
}

func (m *motor) Name() string                             { return "test/motor" }
func (m *motor) Version() int                             { return 1 }
func (m *motor) Wants(*sekisho.File) bool                 { return false }
func (m *motor) Fingerprint() string                      { return m.print }
func (m *motor) Sniff(*sekisho.File) sekisho.SniffWriter  { panic("the layer was begun") }
func (m *motor) Begin(context.Context) sekisho.LayerSniff { m.begun++; return &motorLayer{m: m} }
func (m *motor) Extract(context.Context, *sekisho.Input) (inv sekisho.Inventory, err error) {
	return inv, nil
}

type motorLayer struct {
	m     *motor
	mu    sync.Mutex
	files []string
	open  int
}

type motorFile struct {
	l    *motorLayer
	path string
}

func (l *motorLayer) Sniff(f *sekisho.File) sekisho.SniffWriter {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open++
	return &motorFile{l, f.Path}
}

func (f *motorFile) Write(_ []byte, last bool) bool { return !last }

func (f *motorFile) Facts() sekisho.Inventory {
	f.l.mu.Lock()
	defer f.l.mu.Unlock()
	f.l.files = append(f.l.files, f.path)
	f.l.open--
	return sekisho.Inventory{}
}

func (l *motorLayer) End() (inv sekisho.Inventory) {
	if l.m.stumble {
		panic("no engine")
	}
	if l.open != 0 {
		panic("files are still on their way")
	}
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	slices.Sort(l.files)
	l.m.layers = append(l.m.layers, l.files)
	for _, p := range l.files {
		if strings.HasPrefix(p, "bad") {
			inv.Malware = append(inv.Malware, sekisho.MalwareFact{Detector: "motor", Name: "Bad", Location: sekisho.Location{Path: p}})
		}
	}
	if l.m.problem != nil {
		inv.Problems = []sekisho.Problem{*l.m.problem}
	}
	return inv
}

// keeper is a checker that remembers what it was shown.
type keeper struct{ malware []sekisho.MalwareFact }

func (*keeper) Name() string { return "test/keeper" }
func (k *keeper) Check(_ context.Context, inv *sekisho.Inventory) (sekisho.Judgement, error) {
	k.malware = inv.Malware
	return sekisho.Judgement{}, nil
}

func TestEnginesSeeLayersAndTellAtTheirEnd(t *testing.T) {
	m, k := &motor{print: "1"}, &keeper{}
	big := strings.Repeat("x", 3<<20)
	r := run(t, Options{Extractors: append(extractors(), m), Checkers: []sekisho.Checker{k}, Parallel: 1},
		layerOf(t, "", file{path: "bad1", body: "x"}, file{path: "good", body: "y"}, file{path: "bad2", body: big}), layerOf(t, "", file{path: ".wh.bad1"}, file{path: "last", body: "z"}))
	if len(r.Problems) != 0 {
		t.Errorf("%v", r.Problems)
	}
	slices.SortFunc(m.layers, func(a, b []string) int { return len(b) - len(a) })
	if d := cmp.Diff([][]string{{"bad1", "bad2", "good"}, {"last"}}, m.layers); d != "" {
		t.Error(d)
	}
	var got []string
	for _, f := range k.malware {
		got = append(got, fmt.Sprintf("%s %d %v", f.Location.Path, f.Location.Index, f.Location.Hidden))
	}
	if d := cmp.Diff([]string{"bad1 0 true", "bad2 0 false"}, got); d != "" {
		t.Error(d)
	}
}

func TestEngineThatStumbles(t *testing.T) {
	r := run(t, Options{Extractors: append(extractors(), &motor{print: "1", stumble: true})}, layerOf(t, "", file{path: "a", body: "x"}))
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error, "test/motor stumbled") || r.Coverage.Complete {
		t.Errorf("%v", r.Problems)
	}
}

func TestCacheKnowsWhatEnginesDependOn(t *testing.T) {
	cache := NewCache(t.TempDir(), 0, time.Now)
	l := layerOf(t, "", file{path: "bad", body: "x"})
	walks := func(m *motor) (bool, *sekisho.Result) {
		r, err := Run(t.Context(), &sekisho.Artifact{Layers: []sekisho.Layer{l}}, Options{Extractors: []sekisho.Extractor{m}, Cache: cache, TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		return m.begun > 0, r
	}
	passing := &sekisho.Problem{Error: "no answer", Passing: true}
	lasting := &sekisho.Problem{Error: "too large", Minor: true}
	for i, c := range []struct {
		m    *motor
		read bool
	}{
		{&motor{print: "database 1"}, true},
		{&motor{print: "database 1"}, false},
		{&motor{print: "database 2"}, true}, // another database, other facts
		{&motor{print: "database 2"}, false},
		{&motor{print: "database 1"}, false},
		{&motor{print: ""}, true}, // nobody knows what the facts depend on
		{&motor{print: ""}, true},
		{&motor{print: "3", problem: passing}, true},
		{&motor{print: "3"}, true}, // what failed is tried again
		{&motor{print: "3"}, false},
		{&motor{print: "4", problem: lasting}, true},
		{&motor{print: "4"}, false},
	} {
		read, r := walks(c.m)
		if read != c.read {
			t.Errorf("%d: the layer was read: %v", i, read)
		}
		if i == 11 && len(r.Problems) != 1 {
			t.Error("what was not examined is told by the cache, too")
		}
	}
}
