// SPDX-License-Identifier: Apache-2.0

package scalibr

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	stdlog "log"
	"os"
	"strings"
	"testing"

	config "github.com/google/osv-scalibr/binary/proto/config_go_proto"
	"github.com/google/osv-scalibr/extractor"
	"github.com/google/osv-scalibr/extractor/filesystem"
	"github.com/google/osv-scalibr/extractor/filesystem/osv"
	"github.com/google/osv-scalibr/inventory"
	"github.com/google/osv-scalibr/log"
	"github.com/google/osv-scalibr/plugin"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// fake is an extractor of scalibr that does what a test wants.
type fake struct {
	extract func(*filesystem.ScanInput) ([]*extractor.Package, error)
}

func (fake) Name() string                         { return "fake" }
func (fake) Version() int                         { return 1 }
func (fake) Requirements() *plugin.Capabilities   { return &plugin.Capabilities{} }
func (fake) FileRequired(filesystem.FileAPI) bool { panic("asked for FileRequired") }
func (f fake) Extract(_ context.Context, in *filesystem.ScanInput) (inventory.Inventory, error) {
	p, err := f.extract(in)
	return inventory.Inventory{Packages: p}, err
}

func wrap(extract func(*filesystem.ScanInput) ([]*extractor.Package, error)) sekisho.Extractor {
	return Wrap(Extractor{
		Name: "test/fake", Version: 3,
		Wants: func(p string) bool { return strings.HasSuffix(p, ".lock") },
		New:   func(*config.PluginConfig) (filesystem.Extractor, error) { return fake{extract}, nil },
	})
}

func TestConvert(t *testing.T) {
	ex := wrap(func(in *filesystem.ScanInput) ([]*extractor.Package, error) {
		dev := &osv.DepGroupMetadata{DepGroupVals: []string{"dev"}}
		both := &osv.DepGroupMetadata{DepGroupVals: []string{"dev", "main"}}
		return []*extractor.Package{
			{Name: "a", Version: "1", PURLType: "nuget", Location: extractor.LocationFromPathAndLine(in.Path, 7), Metadata: dev, Licenses: []string{"MIT"}},
			{Name: "b", Version: "1", PURLType: "gem", Location: extractor.LocationFromPathAndLine("elsewhere", 9), Metadata: both},
			{Name: "x/y", Version: "1", PURLType: "github"},
			{Name: "range", Version: "[1,2)", PURLType: "nuget"},
			{Name: "none", PURLType: "nuget"},
			nil,
		}, errors.New("the rest is damaged")
	})
	inv, err := ex.Extract(t.Context(), extracttest.Input("a/x.lock", []byte("x")))
	if err == nil || !strings.Contains(err.Error(), "test/fake: the rest is damaged") {
		t.Error(err)
	}
	extracttest.Equal(t, extracttest.Lines(t, inv), `
		a 1 pkg:nuget/a@1 line=7 dev ["MIT"]
		b 1 pkg:gem/b@1`)
	if ex.Name() != "test/fake" || ex.Version() != 3 {
		t.Error(ex.Name(), ex.Version())
	}
}

func TestPanicIsAnError(t *testing.T) {
	ex := wrap(func(*filesystem.ScanInput) ([]*extractor.Package, error) {
		var none []int
		_ = none[len(none)]
		return nil, nil
	})
	_, err := ex.Extract(t.Context(), extracttest.Input("x.lock", nil))
	if err == nil || !strings.Contains(err.Error(), "broke off") {
		t.Error(err)
	}
}

func TestBounds(t *testing.T) {
	ex := wrap(func(*filesystem.ScanInput) ([]*extractor.Package, error) {
		t.Error("scalibr was called")
		return nil, nil
	})
	in := extracttest.Input("x.lock", nil)
	in.Size = maxBytes + 1
	_, err := ex.Extract(t.Context(), in)
	if p := sekisho.AsProblem(sekisho.StageExtract, "x.lock", err); p.Bound != "file-bytes" {
		t.Errorf("%+v", p)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ex.Extract(ctx, extracttest.Input("x.lock", nil)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	broken := Wrap(Extractor{
		Name: "test/broken", Wants: func(string) bool { return true },
		New: func(*config.PluginConfig) (filesystem.Extractor, error) { return nil, errors.New("no") },
	})
	if _, err := broken.Extract(t.Context(), extracttest.Input("x", nil)); err == nil {
		t.Error("want the error of New")
	}
}

func TestWantsRegularFiles(t *testing.T) {
	ex := wrap(nil)
	for _, tt := range []struct {
		f    sekisho.File
		want bool
	}{
		{sekisho.File{Path: "a.lock"}, true},
		{sekisho.File{Path: "a.txt"}, false},
		{sekisho.File{Path: "a.lock", Type: sekisho.TypeSymlink}, false},
	} {
		if ex.Wants(&tt.f) != tt.want {
			t.Errorf("%+v", tt.f)
		}
	}
}

func TestView(t *testing.T) {
	in := extracttest.Input("a/x.lock", []byte("main"))
	in.Beside = map[string]*sekisho.Input{
		"a/w.json":   extracttest.Input("a/w.json", []byte("beside")),
		"a/b/y.json": extracttest.Input("a/b/y.json", nil),
	}
	ex := wrap(func(si *filesystem.ScanInput) ([]*extractor.Package, error) {
		if b, err := io.ReadAll(si.Reader); string(b) != "main" || err != nil {
			t.Error(string(b), err)
		}
		if b, err := fs.ReadFile(si.FS, "a/w.json"); string(b) != "beside" || err != nil {
			t.Error(string(b), err)
		}
		f, err := si.FS.Open("a/x.lock")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var b [2]byte
		if _, err := f.(io.ReaderAt).ReadAt(b[:], 1); err != nil || string(b[:]) != "ai" {
			t.Error(string(b[:]), err)
		}
		if i, err := f.Stat(); err != nil || i.Name() != "x.lock" || i.Size() != 4 || i.IsDir() || i.Mode() != 0o644 {
			t.Error(i, err)
		}
		var names []string
		entries, err := si.FS.ReadDir("a")
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if s := strings.Join(names, " "); s != "w.json x.lock" || err != nil {
			t.Error(s, err)
		}
		for _, missing := range []string{"etc/passwd", "/etc/passwd", "a/../../etc/passwd", "a"} {
			if _, err := si.FS.Open(missing); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Open(%s): %v", missing, err)
			}
			if _, err := si.FS.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Stat(%s): %v", missing, err)
			}
		}
		return nil, nil
	})
	if _, err := ex.Extract(t.Context(), in); err != nil {
		t.Error(err)
	}
}

// scalibr must not write to standard error in the middle of a report.
func TestSilence(t *testing.T) {
	wrap(nil)
	var said bytes.Buffer
	stdlog.SetOutput(&said)
	defer stdlog.SetOutput(os.Stderr)
	log.Errorf("x %d", 1)
	log.Warn("y")
	if said.Len() != 0 {
		t.Errorf("scalibr says %q", said.String())
	}
}
