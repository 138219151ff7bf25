// SPDX-License-Identifier: Apache-2.0

package image

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// classic is an archive as Docker before 25 saves it: the second layer is a
// link to a layer of another image.
func classic(t testing.TB) (members []member, id string) {
	f := newFixture(t)
	config := f.config("linux", "amd64", "")
	one, two := f.layerTars("linux/amd64")
	id = strings.TrimPrefix(digestOf(config), "sha256:")
	a, b, c := strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 64)
	return []member{
		{name: a + "/", kind: tar.TypeDir},
		{name: a + "/VERSION", body: "1.0"},
		{name: a + "/layer.tar", body: "an older entry of the same name"},
		{name: a + "/layer.tar", body: string(one)},
		{name: b + "/layer.tar", kind: tar.TypeSymlink, link: "../" + c + "/layer.tar"},
		{name: c + "/layer.tar", kind: tar.TypeLink, link: "real.tar"},
		{name: "./real.tar", body: string(two)},
		{name: id + ".json", body: string(config)},
		{name: "manifest.json", body: string(jsonOf(t, []object{{"Config": id + ".json", "RepoTags": []string{"example.com/app:1", "app:2"}, "Layers": []string{a + "/layer.tar", b + "/layer.tar"}}}))},
		{name: "repositories", body: "{}"},
	}, id
}

func TestDockerArchive(t *testing.T) {
	members, id := classic(t)
	raw := tarOf(t, members...)
	for name, body := range map[string][]byte{"plain.tar": raw, "image.tar.gz": gzipOf(t, raw), "image.tar.zst": zstdOf(t, raw), "with:colon@x.tar": raw} {
		t.Run(name, func(t *testing.T) {
			p := writeFile(t, name, body)
			art := open(t, DockerArchive, p, Options{})
			tg := art.Target
			if tg.Source != DockerArchive || tg.Name != p || tg.ConfigDigest != "sha256:"+id || tg.Digest != "" || tg.Platform.String() != "linux/amd64" {
				t.Errorf("target %+v", tg)
			}
			want := map[string]string{"etc/os-release": "ID=test\n", "etc/platform": "linux/amd64", "usr/bin/curl": "binary for linux/amd64"}
			if d := cmp.Diff(want, contents(t, art)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{"example.com/app:1", "app:2"}, art.Image.Tags); d != "" {
				t.Error(d)
			}
			if art.Layers[1].Instruction != "RUN apk add curl" || art.Layers[1].DiffID == "" || art.Layers[0].Size == 0 || len(art.Problems) != 0 {
				t.Errorf("layers %+v, problems %v", art.Layers, art.Problems)
			}
			_, err := Open(t.Context(), DockerArchive, p, Options{Platform: "linux/arm64"})
			wantError(t, err, "linux/amd64 only")
			_, err = Open(t.Context(), DockerArchive, p+":nope", Options{})
			wantError(t, err, "holds no image nope", "example.com/app:1, app:2")
			for _, ref := range []string{":example.com/app:1", ":app:2", ":2", ":@0", "@sha256:" + id} {
				if art := open(t, DockerArchive, p+ref, Options{}); art.Target.Name != p {
					t.Errorf("%s: %+v", ref, art.Target)
				}
			}
		})
	}
}

func TestDockerArchiveOfSeveral(t *testing.T) {
	f := newFixture(t)
	a, b := f.config("linux", "amd64", ""), f.config("linux", "arm64", "")
	p := writeFile(t, "two.tar", tarOf(t,
		member{name: "a.json", body: string(a)}, member{name: "b.json", body: string(b)},
		member{name: "manifest.json", body: `[{"Config":"a.json","RepoTags":["app:1"],"Layers":[]},{"Config":"b.json","RepoTags":null,"Layers":[]}]`}))
	_, err := OpenArchive(t.Context(), p, Options{})
	wantError(t, err, "holds several images", "app:1, @1")
	arts, err := OpenArchive(t.Context(), p+":@1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(t, arts)
	if arts[0].Target.ConfigDigest != digestOf(b) {
		t.Errorf("%+v", arts[0].Target)
	}
	// Layers that the configuration speaks of are missing: said, not ignored.
	if len(arts[0].Problems) != 1 || !strings.Contains(arts[0].Problems[0].Error, "0 layers and the configuration 2 diff ids") {
		t.Errorf("problems %v", arts[0].Problems)
	}
	_, err = OpenArchive(t.Context(), p+":@7", Options{})
	wantError(t, err, "holds no image @7: it has 2")
}

func TestDockerArchiveDamaged(t *testing.T) {
	members, id := classic(t)
	change := func(f func(m *member)) string {
		var ms []member
		for _, m := range members {
			f(&m)
			if m.name != "" {
				ms = append(ms, m)
			}
		}
		return writeFile(t, "bad.tar", tarOf(t, ms...))
	}
	_, err := OpenArchive(t.Context(), change(func(m *member) {
		if m.name == id+".json" {
			m.body = strings.Replace(m.body, "someone", "nobody", 1)
		}
	}), Options{})
	wantError(t, err, id+".json has digest", "exchanged")

	art := open(t, "", "", Options{}, change(func(m *member) {
		if m.name == "./real.tar" {
			m.body = strings.Replace(m.body, "binary", "BINARY", 1)
		}
	}))
	_, err = walk(t, art)
	wantError(t, err, "damaged or exchanged")

	art = open(t, "", "", Options{}, change(func(m *member) {
		if m.name == "./real.tar" {
			m.name = ""
		}
	}))
	if art.Layers[1].Open != nil || len(art.Problems) != 1 || !strings.Contains(art.Problems[0].Error, "not assessed") {
		t.Errorf("problems %v", art.Problems)
	}

	art = open(t, "", "", Options{}, change(func(m *member) {
		if m.name == "./real.tar" {
			*m = member{name: "real.tar", kind: tar.TypeSymlink, link: "real.tar"}
		}
	}))
	if len(art.Problems) != 1 || !strings.Contains(art.Problems[0].Error, "round in circles") {
		t.Errorf("problems %v", art.Problems)
	}

	_, err = OpenArchive(t.Context(), change(func(m *member) {
		if m.name == "manifest.json" {
			m.name = ""
		}
	}), Options{})
	wantError(t, err, "older than 1.10")
	_, err = OpenArchive(t.Context(), writeFile(t, "x.tar", tarOf(t, member{name: "etc/passwd", body: "x"})), Options{})
	wantError(t, err, "is no image archive")
	_, err = OpenArchive(t.Context(), writeFile(t, "x.tar", bytes.Repeat([]byte("garbage "), 200)), Options{})
	wantError(t, err, "is no tar archive")
	_, err = OpenArchive(t.Context(), writeFile(t, "x.tar", nil), Options{})
	wantError(t, err, "is empty")
	_, err = OpenArchive(t.Context(), t.TempDir(), Options{})
	wantError(t, err, "no regular file")
	_, err = OpenArchive(t.Context(), writeFile(t, "x.tar.xz", []byte("\xfd7zXZ\x00...")), Options{})
	wantError(t, err, "compressed with xz", "decompress it first")
}

func TestTruncatedArchive(t *testing.T) {
	members, _ := classic(t)
	raw := tarOf(t, members...)
	packed := gzipOf(t, raw)
	at := bytes.Index(raw, []byte("usr/bin/curl")) + 700 // within real.tar
	_, err := OpenArchive(t.Context(), writeFile(t, "cut.tar", raw[:at]), Options{})
	wantError(t, err, "cut.tar ends in the middle of ./real.tar: it was cut off, save or download it again")
	_, err = OpenArchive(t.Context(), writeFile(t, "cut.tar.gz", packed[:len(packed)/2]), Options{})
	wantError(t, err, "ends in the middle of its gzip data: it was cut off")
	z := zstdOf(t, raw)
	_, err = OpenArchive(t.Context(), writeFile(t, "cut.tar.zst", z[:len(z)/2]), Options{})
	wantError(t, err, "ends in the middle of its zstd data: it was cut off")
	packed[len(packed)-6] ^= 0xff
	_, err = OpenArchive(t.Context(), writeFile(t, "bad.tar.gz", packed), Options{})
	wantError(t, err, "damaged gzip data")
	_, err = OpenArchive(t.Context(), writeFile(t, "note.json", []byte(`{"a": 1}`)), Options{})
	wantError(t, err, "note.json is no tar archive: it has 8 bytes")
	// Wherever it is cut, there is an error or the same image, never a panic.
	for n := 0; n < len(raw); n += 97 {
		arts, err := OpenArchive(t.Context(), writeFile(t, "cut.tar", raw[:n]), Options{})
		if err == nil {
			if got := contents(t, arts[0]); len(got) != 3 {
				t.Errorf("cut at %d of %d: %v", n, len(raw), got)
			}
			closeAll(t, arts)
		}
	}
}

func TestArchiveBomb(t *testing.T) {
	raw := tarOf(t, member{name: "big", body: strings.Repeat("\x00", 20<<20)})
	p := writeFile(t, "bomb.tar.gz", gzipOf(t, raw))
	_, err := OpenArchive(t.Context(), p, Options{Bounds: sekisho.Bounds{TotalBytes: 1 << 20}})
	wantError(t, err, "more than 1048576 bytes", "--max-total-bytes")
}

// A layout that docker save wrote is read by its layout, for the digests, and by
// manifest.json where the layout is not whole.
func TestHybridArchive(t *testing.T) {
	f := newFixture(t)
	m := f.image("linux", "amd64", "")
	f.refs = append(f.refs, with(m, "annotations", object{containerdKey: "docker.io/library/app:1", refNameKey: "1"}))
	config := digestOf(f.config("linux", "amd64", ""))
	one, two := f.layerTars("linux/amd64")
	f.put(ociLayer, two)
	blob := func(d string) string { return "blobs/" + strings.Replace(d, ":", "/", 1) }
	manifest := member{name: "manifest.json", body: string(jsonOf(t, []object{{"Config": blob(config), "RepoTags": []string{"app:1"}, "Layers": []string{blob(digestOf(one)), blob(digestOf(two))}}}))}
	p := writeFile(t, "hybrid.tar", tarOf(t, append(f.members(), manifest)...))
	for _, ref := range []string{"", ":app:1", ":1", ":docker.io/library/app:1"} {
		art := open(t, DockerArchive, p+ref, Options{})
		if art.Target.Digest != m["digest"] || art.Target.Source != DockerArchive || cmp.Diff([]string{"app:1"}, art.Image.Tags) != "" {
			t.Errorf("%q: %+v %v", ref, art.Target, art.Image.Tags)
		}
		if contents(t, art)["etc/platform"] != "linux/amd64" {
			t.Error("content")
		}
	}
	delete(f.blobs, m["digest"].(string))
	art := open(t, "", "", Options{}, writeFile(t, "hybrid.tar", tarOf(t, append(f.members(), manifest)...)))
	if art.Target.Digest != "" || art.Target.ConfigDigest != config || contents(t, art)["etc/platform"] != "linux/amd64" {
		t.Errorf("%+v", art.Target)
	}
}

func TestOpenFile(t *testing.T) {
	members, id := classic(t)
	f, err := unlinked()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(tarOf(t, members...)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.Name()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the temporary file still has a name: %v", err)
	}
	arts, err := OpenFile(t.Context(), f, "-", Options{Platform: "all"}) // the offset is at the end
	if err != nil {
		t.Fatal(err)
	}
	if arts[0].Target.ConfigDigest != "sha256:"+id || arts[0].Target.Name != "-" || len(contents(t, arts[0])) != 3 {
		t.Errorf("%+v", arts[0].Target)
	}
	closeAll(t, arts)
	if _, err := f.Stat(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("the file is still open: %v", err)
	}
}

func TestDetectFile(t *testing.T) {
	members, _ := classic(t)
	saved := tarOf(t, members...)
	f, _, _, _, _ := multi(t)
	layout := tarOf(t, f.members()...)
	skopeo := tarOf(t, member{name: strings.Repeat("0", 64) + ".tar", body: strings.Repeat("x", 9<<20)}, member{name: "manifest.json", body: "[]"})
	for name, tt := range map[string]struct {
		raw  []byte
		want string
	}{
		"docker": {saved, DockerArchive}, "docker gzip": {gzipOf(t, saved), DockerArchive}, "docker zstd": {zstdOf(t, saved), DockerArchive},
		"oci": {layout, OCIArchive}, "oci gzip": {gzipOf(t, layout), OCIArchive}, "skopeo gzip": {gzipOf(t, skopeo), DockerArchive},
		"root fs": {tarOf(t, member{name: "etc/passwd", body: "x"}), ""},
		"web app": {tarOf(t, member{name: "manifest.json", body: `{"name":"x"}`}, member{name: "index.json", body: "{}"}), ""},
		"json":    {[]byte(`{"bomFormat":"CycloneDX"}`), ""}, "empty": {nil, ""}, "broken gzip": {[]byte{0x1f, 0x8b, 1, 2, 3}, ""},
		"xz": {[]byte("\xfd7zXZ\x00..."), ""},
	} {
		file, err := os.Open(writeFile(t, "x", tt.raw))
		if err != nil {
			t.Fatal(err)
		}
		got, err := DetectFile(file)
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, tt.want)
		}
		if off, err := file.Seek(0, io.SeekCurrent); off != 0 || err != nil {
			t.Errorf("%s: the offset was moved to %d (%v)", name, off, err)
		}
		file.Close()
	}
}

// Opening must not read the layers: an archive of 2 GiB (a sparse file) opens
// as fast as a small one.
func TestLargeArchiveOpensAtOnce(t *testing.T) {
	f := newFixture(t)
	config := f.config("linux", "amd64", "")
	p := writeFile(t, "large.tar", nil)
	file, err := os.OpenFile(p, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(file)
	const size = 2 << 30
	if err := w.WriteHeader(&tar.Header{Name: "layer.tar", Size: size}); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Seek(size, io.SeekCurrent); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(tarOf(t, member{name: "a.json", body: string(config)}, member{name: "manifest.json", body: `[{"Config":"a.json","Layers":["layer.tar","layer.tar"]}]`})); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	// The best of some: the machine may do other work, but reading is never fast.
	best := time.Hour
	for range 5 {
		begin := time.Now()
		art := open(t, "", "", Options{}, p)
		if art.Layers[0].Size != size {
			t.Fatalf("layer of %d bytes", art.Layers[0].Size)
		}
		if best = min(best, time.Since(begin)); best <= 500*time.Millisecond {
			return
		}
	}
	t.Errorf("it took %s: the layers were read", best)
}

func TestTruncatedArchiveIsClosed(t *testing.T) {
	members, _ := classic(t)
	raw := tarOf(t, members...)
	p := writeFile(t, "cut.tar", raw[:bytes.Index(raw, []byte("usr/bin/curl"))+700])
	before := countOpen(t)
	if _, err := OpenArchive(t.Context(), p, Options{}); err == nil {
		t.Error("no error")
	}
	if after := countOpen(t); after != before {
		t.Errorf("%d files open before, %d after", before, after)
	}
}
