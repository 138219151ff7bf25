// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// nose is a fake sniffer: it hashes what it gets, says "secret" of files that
// begin so, and redacts the word.
type nose struct {
	mu   sync.Mutex
	seen map[string]string
	ends map[string]int
}

func newNose() *nose { return &nose{seen: map[string]string{}, ends: map[string]int{}} }

func (n *nose) Name() string             { return "test/nose" }
func (n *nose) Version() int             { return 1 }
func (n *nose) Wants(*sekisho.File) bool { return false }
func (n *nose) Redact(s string) string   { return strings.ReplaceAll(s, "hidden-word", "...") }

func (n *nose) Extract(context.Context, *sekisho.Input) (sekisho.Inventory, error) {
	return sekisho.Inventory{}, nil
}

func (n *nose) Check(_ context.Context, inv *sekisho.Inventory) (j sekisho.Judgement, err error) {
	for i := range inv.Secrets {
		l := inv.Secrets[i].Location
		j.Findings = append(j.Findings, sekisho.Finding{Kind: sekisho.Secret, Rule: "word", Location: l, Introduced: &sekisho.Introduction{Index: l.Index, Instruction: inv.Layers[l.Index].Instruction}})
	}
	j.Findings = append(j.Findings, sekisho.Finding{
		Kind: sekisho.Misconfiguration, Rule: "shows-a-line", Title: "RUN hidden-word", Args: []string{"hidden-word"}, Evidence: []sekisho.Evidence{{Text: "hidden-word"}},
	})
	j.Problems = append(j.Problems, sekisho.Problem{Error: "line 3: hidden-word"})
	return j, nil
}

func (n *nose) Sniff(f *sekisho.File) sekisho.SniffWriter {
	if strings.HasPrefix(f.Path, "not/") {
		return nil
	}
	return &whiff{n: n, path: f.Path, h: sha256.New()}
}

type whiff struct {
	n     *nose
	path  string
	h     hash.Hash
	found bool
}

func (w *whiff) Write(part []byte, last bool) bool {
	if strings.Contains(w.path, "panic") {
		panic("as asked")
	}
	w.found = w.found || strings.HasPrefix(string(part), "secret")
	w.h.Write(part)
	return !last && !strings.Contains(w.path, "stop")
}

func (w *whiff) Facts() (inv sekisho.Inventory) {
	w.n.mu.Lock()
	defer w.n.mu.Unlock()
	w.n.seen[w.path] = hex.EncodeToString(w.h.Sum(nil))
	w.n.ends[w.path]++
	if w.found {
		inv.Secrets = []sekisho.SecretFact{{Detector: "word", Hash: "h", Location: sekisho.Location{Path: w.path, Line: 1}}}
	}
	return inv
}

// Whoever wants a file beside it, and however large it is, a sniffer gets all of
// its content once; of archives and of directories.
func TestSniffersSeeEveryByteOnce(t *testing.T) {
	var files []file
	want := map[string]string{}
	for _, size := range []int{1, 511, 512, 513, sniffChunk - 1, sniffChunk, sniffChunk + 1, sniffSmall, sniffSmall + 1, 3 << 20} {
		for _, name := range []string{"plain", "lock"} { // the second is wanted by an extractor
			f := file{path: fmt.Sprintf("%d/%s", size, name), body: strings.Repeat("0123456789 abc", size/14+1)[:size], mode: 0o644}
			files = append(files, f)
			sum := sha256.Sum256([]byte(f.body))
			want[f.path] = hex.EncodeToString(sum[:])
		}
	}
	files = append(files, file{path: "empty"}, file{path: "not/this", body: "secret"}, file{path: "zlink", link: "1/plain"})
	dir := t.TempDir()
	for _, f := range files {
		if f.link != "" {
			continue
		}
		name := filepath.Join(dir, f.path)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(f.body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, l := range map[string]sekisho.Layer{
		"archive": layerOf(t, "", files...),
		"directory": {Open: func(ctx context.Context) (sekisho.FileStream, error) {
			return layer.NewDir(ctx, root, layer.DirOptions{}), nil
		}},
	} {
		for _, memory := range []int64{64 << 20, 1} {
			n := newNose()
			r := run(t, Options{Extractors: append(extractors(), n), Checkers: []sekisho.Checker{n}, Bounds: sekisho.Bounds{RetainBytes: memory}}, l)
			if d := cmp.Diff(want, n.seen); d != "" {
				t.Errorf("%s with %d bytes of memory: %s", name, memory, d)
			}
			for p, ends := range n.ends {
				if ends != 1 {
					t.Errorf("%s: %s was ended %d times", name, p, ends)
				}
			}
			if len(r.Problems) != 1 {
				t.Errorf("%s: %v", name, r.Problems)
			}
		}
	}
}

func TestSniffersThatStopOrStumble(t *testing.T) {
	big := strings.Repeat("x", 3<<20)
	n := newNose()
	r := run(t, Options{Extractors: append(extractors(), n)}, layerOf(t, "", file{path: "a/panic", body: "x"}, file{path: "big/panic", body: big}, file{path: "big/stop", body: big}, file{path: "last", body: "y"}))
	if len(r.Problems) != 2 || !strings.Contains(r.Problems[0].Error, "test/nose stumbled") {
		t.Errorf("%v", r.Problems)
	}
	if n.ends["big/stop"] != 1 || n.ends["last"] != 1 || n.ends["a/panic"] != 0 {
		t.Errorf("%v", n.ends)
	}
}

func TestSecretsAreSquashedAndRedacted(t *testing.T) {
	n := newNose()
	cache := NewCache(t.TempDir(), 0, time.Now)
	layers := []sekisho.Layer{layerOf(t, "RUN hidden-word", file{path: "a", body: "secret"}, file{path: "b", body: "secret"}), layerOf(t, "", file{path: ".wh.a"})}
	image := &sekisho.ImageConfig{Labels: map[string]string{"l": "hidden-word"}, History: []sekisho.History{{CreatedBy: "RUN hidden-word"}}, Cmd: []string{"hidden-word"}}
	for range 2 {
		r, err := Run(t.Context(), &sekisho.Artifact{Layers: layers, Image: image}, Options{Extractors: append(extractors(), n), Checkers: []sekisho.Checker{n}, Cache: cache, TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range r.Findings {
			if f.Kind == sekisho.Secret {
				got = append(got, fmt.Sprintf("%s %d %v %s", f.Location.Path, f.Location.Index, f.Location.Hidden, f.Introduced.Instruction))
			}
		}
		if d := cmp.Diff([]string{"a 0 true RUN ...", "b 0 false RUN ..."}, got); d != "" {
			t.Error(d)
		}
		if s := mustJSON(t, r); strings.Contains(s, "hidden-word") {
			t.Errorf("the result repeats a secret: %s", s)
		}
	}
	if layers[0].Instruction != "RUN hidden-word" || image.Cmd[0] != "hidden-word" || image.Labels["l"] != "hidden-word" {
		t.Error("the artifact itself was changed")
	}
}

func TestSniffBounds(t *testing.T) {
	n := newNose()
	r := run(t, Options{Extractors: []sekisho.Extractor{n}, Bounds: sekisho.Bounds{FileBytes: 2 << 20}}, layerOf(t, "", file{path: "big", body: strings.Repeat("x", 5<<20)}, file{path: "next", body: "y"}))
	if len(r.Problems) != 1 || r.Problems[0].Bound != "file-bytes" || r.Problems[0].Path != "big" || n.ends["next"] != 1 {
		t.Errorf("%v", r.Problems)
	}
	// Very many secrets: the layer is named, and the rest left.
	files := make([]file, maxSniffed+2000)
	for i := range files {
		files[i] = file{path: fmt.Sprintf("s%d", i), body: "secret"}
	}
	n = newNose()
	r = run(t, Options{Extractors: []sekisho.Extractor{n}}, layerOf(t, "", files...))
	if len(r.Problems) == 0 || r.Problems[0].Bound != "secrets" || len(n.ends) > maxSniffed+100 {
		t.Errorf("%d files were looked at, problems %v", len(n.ends), r.Problems)
	}
}

// endless is a stream of very many tiny files, or of one that is very large.
type endless struct {
	files, at, size int64
	left            int64
	file            sekisho.File
}

func (e *endless) Close() error { return nil }

func (e *endless) Next() (*sekisho.File, error) {
	if e.at == e.files {
		return nil, io.EOF
	}
	e.at++
	e.left = e.size
	e.file = sekisho.File{Path: fmt.Sprintf("f%d", e.at), Size: e.size}
	return &e.file, nil
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), e.left))
	for i := range n {
		p[i] = 'a'
	}
	e.left -= int64(n)
	return n, nil
}

// quiet looks at everything and remembers nothing.
type quiet struct{ *nose }

func (quiet) Sniff(*sekisho.File) sekisho.SniffWriter { return silent{} }

type silent struct{}

func (silent) Write(_ []byte, last bool) bool { return !last }
func (silent) Facts() sekisho.Inventory       { return sekisho.Inventory{} }

func TestSniffingCostsNoMemory(t *testing.T) {
	for name, e := range map[string]endless{"one line of 1 GB": {files: 1, size: 1 << 30}, "very many files": {files: 200_000, size: 10}} {
		if name == "very many files" && testing.Short() {
			e.files = 10_000
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		l := sekisho.Layer{Open: func(context.Context) (sekisho.FileStream, error) { s := e; return &s, nil }}
		r := run(t, Options{Extractors: []sekisho.Extractor{quiet{newNose()}}}, l)
		runtime.ReadMemStats(&after)
		if len(r.Problems) != 0 || r.Coverage.Files != e.files {
			t.Errorf("%s: %v", name, r.Problems)
		}
		if name == "one line of 1 GB" && after.TotalAlloc-before.TotalAlloc > 16<<20 {
			t.Errorf("%s: %d bytes were allocated", name, after.TotalAlloc-before.TotalAlloc)
		}
	}
}
