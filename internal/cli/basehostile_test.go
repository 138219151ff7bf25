// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// Several add at once, and none of their bases is lost.
func TestBasesAddedAtOnce(t *testing.T) {
	d := newDesk(t)
	var files []string
	for i := range 8 {
		files = append(files, d.archive(fmt.Sprintf("%d.tar", i), fmt.Sprintf("base.example.com/%d:1", i), layerStep{"ADD x /", map[string]string{"app/file": fmt.Sprint(i)}}))
	}
	var wait sync.WaitGroup
	for _, f := range files {
		wait.Go(func() {
			if status, out, errs := d.run("base", "add", f); status != ExitAllowed {
				t.Errorf("%d %s %s", status, out, errs)
			}
		})
	}
	wait.Wait()
	_, out, _ := d.run("base", "list")
	if n := strings.Count(out, "base.example.com/"); n != len(files) {
		t.Errorf("%d of %d are there:\n%s", n, len(files), out)
	}
}

// An archive tells its own name: one that could write to the terminal is refused,
// and one that takes over another's name is told.
func TestBaseWithANameOfItsOwn(t *testing.T) {
	d := newDesk(t)
	bad := d.archive("bad.tar", "debian\x1b[2J\u202e:12", system("1.2.5-r0"))
	status, out, errs := d.run("base", "add", bad)
	if status != ExitFailed || !strings.Contains(errs, "no name of an image: give one with --name") || strings.ContainsAny(out+errs, "\x1b\u202e") {
		t.Errorf("%d %q %q", status, out, errs)
	}
	if status, _, errs := d.run("base", "add", bad, "--name", "mine:1"); status != ExitAllowed {
		t.Errorf("%d %s", status, errs)
	}
	first := d.archive("first.tar", "debian:12", system("1.2.5-r1"))
	second := d.archive("second.tar", "debian:12", system("1.2.5-r2"), layerStep{"RUN x", map[string]string{"app/file": "y"}})
	d.run("base", "add", first)
	if _, out, _ := d.run("base", "add", second); !strings.Contains(out, "before, the name meant another image (1 layer)") {
		t.Errorf("it says %q", out)
	}
	if _, out, _ := d.run("base", "add", second); strings.Contains(out, "another image") {
		t.Errorf("of the same it says %q", out)
	}
}

// What lies in the place of the index keeps nobody waiting and fills no memory.
func TestIndexThatIsNoFile(t *testing.T) {
	d := newDesk(t)
	app := d.app()
	index := filepath.Join(d.dir, "home", ".local", "share", "sekisho", "bases.json")
	if err := os.MkdirAll(filepath.Dir(index), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(index, 0o600); err != nil {
		t.Skipf("this system has no pipes: %v", err)
	}
	for _, args := range [][]string{{"base", "list"}, {"base", "add", app}, {"scan", app}} {
		if status, _, errs := d.run(args...); status != ExitFailed || !strings.Contains(errs, "bases.json") {
			t.Errorf("%v: %d %s", args, status, errs)
		}
	}
	if err := os.Remove(index); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(index, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(index, 1<<40); err != nil { // a hole: it takes no room
		t.Fatal(err)
	}
	if status, _, errs := d.run("base", "list"); status != ExitFailed || !strings.Contains(errs, "more than the 16 MiB") {
		t.Errorf("%d %s", status, errs)
	}
	for text, want := range map[string]string{`{}`: "its version is 0", `null`: "its version is 0", `{"version":2,"bases":[]}`: "its version is 2", `{"version":1,"bases":[{}]}`: "damaged", `[`: "no index of bases"} {
		if err := os.WriteFile(index, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if status, _, errs := d.run("base", "list"); status != ExitFailed || !strings.Contains(errs, want) {
			t.Errorf("%s: %d %s", text, status, errs)
		}
	}
}
