// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The program runs in process: each behaviour of the command line is a script.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sekisho": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			app := &App{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.Environ(), Version: "test",
				Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }}
			os.Exit(app.Run(ctx, os.Args[1:]))
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("LANG", "C")
			e.Setenv("DOCKER_HOST", "unix://"+filepath.Join(e.WorkDir, "no-docker.sock"))
			e.Setenv("CONTAINER_HOST", "unix://"+filepath.Join(e.WorkDir, "no-podman.sock"))
			return writeImage(filepath.Join(e.WorkDir, "image.tar"))
		},
	})
}

// writeImage makes a Docker archive of a small Alpine with an application.
func writeImage(name string) error {
	layer := tarOf(map[string]string{
		"etc/os-release":                  "ID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME=\"Alpine Linux v3.20\"\n",
		"lib/apk/db/installed":            "P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\no:musl\nF:lib\nR:ld-musl-x86_64.so.1\n\n",
		"app/node_modules/a/package.json": `{"name":"a","version":"1.0.0","license":"MIT"}`,
	})
	sum := sha256.Sum256(layer)
	id := hex.EncodeToString(sum[:])
	config, err := json.Marshal(map[string]any{
		"os": "linux", "architecture": "amd64", "rootfs": map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + id}},
		"history": []any{map[string]string{"created_by": "/bin/sh -c #(nop) ADD file:x in /"}},
	})
	if err != nil {
		return err
	}
	manifest := `[{"Config":"config.json","RepoTags":["example.com/app:1"],"Layers":["layer.tar"]}]`
	return os.WriteFile(name, tarOf(map[string]string{"layer.tar": string(layer), "config.json": string(config), "manifest.json": manifest}), 0o600)
}

func tarOf(files map[string]string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for n, body := range files {
		if err := w.WriteHeader(&tar.Header{Name: n, Size: int64(len(body)), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			panic(err)
		}
		fmt.Fprint(w, body)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestByteSize(t *testing.T) {
	for in, want := range map[string]int64{"64MiB": 64 << 20, "2GB": 2e9, "10": 10, "1.5 KiB": 1536, "3g": 3 << 30} {
		var b byteSize
		if err := b.Set(in); err != nil || int64(b) != want {
			t.Errorf("%s: %d %v", in, b, err)
		}
	}
	for _, in := range []string{"", "x", "-1", "0", "1XB", "NaN", "1e300"} {
		var b byteSize
		if err := b.Set(in); err == nil {
			t.Errorf("%q passed as %d", in, b)
		}
	}
}

func TestAPanicIsASentence(t *testing.T) {
	var out, errOut bytes.Buffer
	a := &App{Stdin: panics{}, Stdout: &out, Stderr: &errOut, Now: time.Now}
	if status := a.Run(t.Context(), []string{"scan", "-"}); status != ExitFailed {
		t.Errorf("status %d", status)
	}
	if s := errOut.String(); bytes.Count(errOut.Bytes(), []byte("\n")) != 1 || !bytes.Contains(errOut.Bytes(), []byte("please report it")) {
		t.Errorf("%q", s)
	}
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("on purpose") }
