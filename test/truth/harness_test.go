// SPDX-License-Identifier: Apache-2.0

// Package truth holds what the built program finds to what a second, naive
// reading of the same feeds finds. It has tests only, and they may not use the
// code that they judge: nothing of internal/ecosystem, internal/advisory or
// internal/match.
package truth

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// shared holds the data beside the checkout.
var shared = filepath.Join("..", "..", "..", "shared")

// workshop is what the tests build once, and TestMain removes.
var workshop struct {
	dir       string
	program   func() (string, error)
	mu        sync.Mutex
	databases map[string]func() (string, error)
}

func TestMain(m *testing.M) {
	if raced {
		fmt.Println("the tests of truth run without the race detector: see race_test.go")
		os.Exit(0)
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sekisho-truth-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	workshop.dir = dir
	workshop.databases = map[string]func() (string, error){}
	workshop.program = sync.OnceValues(func() (string, error) {
		bin := filepath.Join(dir, "sekisho")
		cmd := exec.Command("go", "build", "-o", bin, "../../cmd/sekisho")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build the program: %w\n%s", err, out)
		}
		return bin, nil
	})
	return m.Run()
}

// need skips a test that lacks a real part, with the reason; in CI it fails.
func need(t *testing.T, why string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(why, args...)
	}
	t.Skipf(why, args...)
}

// tool needs a program of the machine.
func tool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		need(t, "the program %s is not installed, scripts/test installs it as root", name)
	}
}

// execute runs the built program and returns its standard output.
func execute(bin string, args ...string) ([]byte, error) {
	var out, errOut bytes.Buffer
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), "LANG=C", "XDG_CACHE_HOME="+filepath.Join(workshop.dir, "cache"), "XDG_CONFIG_HOME="+filepath.Join(workshop.dir, "config"))
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("sekisho %s: %w\n%s", strings.Join(args, " "), err, errOut.Bytes())
	}
	return out.Bytes(), nil
}

// database gives the directory of a database built of the named feeds, once a
// set of names.
func database(t *testing.T, feeds ...string) string {
	t.Helper()
	from := filepath.Join(shared, "feeds")
	for _, f := range feeds {
		if _, err := os.Stat(filepath.Join(from, f+".tar.zst")); err != nil {
			need(t, "no feed to read: %v", err)
		}
	}
	key := strings.Join(slices.Sorted(slices.Values(feeds)), ",")
	workshop.mu.Lock()
	build, ok := workshop.databases[key]
	if !ok {
		build = sync.OnceValues(func() (string, error) {
			bin, err := workshop.program()
			if err != nil {
				return "", err
			}
			dir := filepath.Join(workshop.dir, "db-"+strings.ReplaceAll(key, ",", "-"))
			_, err = execute(bin, "db", "build", "--from", from, "--only", key, "-o", dir)
			return dir, err
		})
		workshop.databases[key] = build
	}
	workshop.mu.Unlock()
	dir, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// scan gives the report of a target, judged by the database in db.
func scan(t *testing.T, db, target string, args ...string) *sekisho.Result {
	t.Helper()
	bin, err := workshop.program()
	if err != nil {
		t.Fatal(err)
	}
	out, err := execute(bin, append([]string{"scan", target, "--db", db, "--offline", "-q", "-f", "json"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	var r sekisho.Result
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("read the report of %s: %v", target, err)
	}
	return &r
}

// feedFiles calls yield for each file of a feed.
func feedFiles(t *testing.T, feed string, yield func(path string, data []byte)) {
	t.Helper()
	f, err := os.Open(filepath.Join(shared, "feeds", feed+".tar.zst"))
	if err != nil {
		need(t, "no feed to read: %v", err)
	}
	defer f.Close()
	z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for r, n := tar.NewReader(z), 0; ; n++ {
		h, err := r.Next()
		if errors.Is(err, io.EOF) && n > 0 {
			return
		}
		if err != nil {
			t.Fatalf("read the feed %s: %v", feed, err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("read %s of the feed %s: %v", h.Name, feed, err)
		}
		yield(h.Name, data)
	}
}

// compare reports what one of two sets lacks, at most some of it, and logs how
// many were compared. Fewer than least says that the test did not look.
func compare(t *testing.T, what string, naive, program map[string]bool, least int) {
	t.Helper()
	var missing, extra []string
	for k := range naive {
		if !program[k] {
			missing = append(missing, k)
		}
	}
	for k := range program {
		if !naive[k] {
			extra = append(extra, k)
		}
	}
	t.Logf("%s: %d by the naive reading, %d by the program, %d missing, %d extra", what, len(naive), len(program), len(missing), len(extra))
	for word, list := range map[string][]string{"the program lacks": missing, "only the program has": extra} {
		slices.Sort(list)
		if len(list) > 0 {
			t.Errorf("%s: %s %d:\n%s", what, word, len(list), strings.Join(list[:min(len(list), 40)], "\n"))
		}
	}
	if len(naive) < least {
		t.Errorf("%s: %d compared, want %d at least", what, len(naive), least)
	}
}
