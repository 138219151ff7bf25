// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// The program runs in process: each behaviour of the command line is a script.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sekisho": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			app := &App{
				Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.Environ(), Version: "test",
				Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
			}
			os.Exit(app.Run(ctx, os.Args[1:]))
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// status N ARGS... runs sekisho and wants that exit status.
			"status": func(ts *testscript.TestScript, _ bool, args []string) {
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				err = ts.Exec("sekisho", args[1:]...)
				got := 0
				if exit, ok := errors.AsType[*exec.ExitError](err); ok {
					got = exit.ExitCode()
				} else {
					ts.Check(err)
				}
				if got != want {
					ts.Fatalf("status %d, want %d", got, want)
				}
			},
		},
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

// Every error has one status, and each status its own meaning.
func TestStatus(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx  context.Context
		err  error
		want int
		say  string
	}{
		"allowed":     {t.Context(), nil, 0, ""},
		"denied":      {t.Context(), exitError{ExitDenied, "denied: 1 high"}, 1, "sekisho: denied: 1 high\n"},
		"chosen":      {t.Context(), exitError{7, "denied"}, 7, "sekisho: denied\n"},
		"usage":       {t.Context(), fmt.Errorf("x: %w", usageError{errors.New("wrong\nflag")}), 2, "sekisho: x: wrong flag\n"},
		"incomplete":  {t.Context(), exitError{ExitIncomplete, "incomplete"}, 3, "sekisho: incomplete\n"},
		"failed":      {t.Context(), errors.New("open \x1b[31mx"), 4, "sekisho: open \ufffd[31mx\n"},
		"interrupted": {cancelled, fmt.Errorf("read: %w", context.Canceled), 4, "sekisho: interrupted, nothing was written\n"},
		"time":        {t.Context(), fmt.Errorf("read: %w", context.DeadlineExceeded), 4, "sekisho: the time given by --timeout is over, nothing was written; give it more time\n"},
	} {
		var errOut bytes.Buffer
		a := &App{Stderr: &errOut, lang: message.En}
		if got := a.status(tt.ctx, tt.err); got != tt.want || errOut.String() != tt.say {
			t.Errorf("%s: status %d and %q, want %d and %q", name, got, errOut.String(), tt.want, tt.say)
		}
	}
}

// What the verdict becomes; --exit-code chooses the number of a denial only.
func TestVerdictStatus(t *testing.T) {
	a := &App{lang: message.En}
	for _, tt := range []struct {
		decision sekisho.Decision
		exitCode int
		want     int
	}{{sekisho.Allow, 5, 0}, {sekisho.Deny, 0, 1}, {sekisho.Deny, 5, 5}, {sekisho.Incomplete, 5, 3}} {
		err := a.verdict(&sekisho.Result{Verdict: sekisho.Verdict{Decision: tt.decision, Reasons: []string{"why"}}}, &scanFlags{exitCode: tt.exitCode})
		got := 0
		if exit, ok := errors.AsType[exitError](err); ok {
			got = exit.status
		}
		if got != tt.want {
			t.Errorf("%s with --exit-code %d: status %d, want %d", tt.decision, tt.exitCode, got, tt.want)
		}
	}
}

// --severity and --only-fixed leave findings out of the report, and say so.
func TestFilter(t *testing.T) {
	var errOut bytes.Buffer
	o := &outputs{app: &App{Stderr: &errOut, lang: message.En}, flags: &outputFlags{onlyFixed: true}}
	if err := o.flags.severities.Set("HIGH,critical"); err != nil {
		t.Fatal(err)
	}
	vuln := func(id string, s sekisho.Severity, fixed string) sekisho.Finding {
		return sekisho.Finding{ID: id, Kind: sekisho.Vulnerability, Severity: s, Fixed: fixed}
	}
	r := &sekisho.Result{Findings: []sekisho.Finding{
		vuln("a", sekisho.SeverityHigh, "2"), vuln("b", sekisho.SeverityHigh, ""), vuln("c", sekisho.SeverityLow, "2"),
		{ID: "d", Kind: sekisho.Secret, Severity: sekisho.SeverityCritical},
	}}
	got := ""
	for _, f := range o.filter(r).Findings {
		got += f.ID
	}
	if got != "ad" || len(r.Findings) != 4 {
		t.Errorf("shown are %q of %d, want ad of 4", got, len(r.Findings))
	}
	if want := "sekisho: 2 findings were left out of the report by --severity or --only-fixed\n"; errOut.String() != want {
		t.Errorf("said %q, want %q", errOut.String(), want)
	}
}

// Ctrl-C ends a scan of standard input that says nothing.
func TestInterruptWhileReadingStdin(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var out, errOut bytes.Buffer
	a := &App{Stdin: r, Stdout: &out, Stderr: &errOut, Now: time.Now}
	status := make(chan int)
	go func() { status <- a.Run(ctx, []string{"scan", "-"}) }()
	cancel()
	select {
	case s := <-status:
		if s != ExitFailed || !bytes.Contains(errOut.Bytes(), []byte("interrupted")) || out.Len() > 0 {
			t.Errorf("status %d, %q", s, errOut.String())
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the scan goes on after it was interrupted")
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		in   string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"取得中", 5, "取得"}, {"取得中", 6, "取得中"}, {"", 0, ""}} {
		if got := cut(tt.in, tt.n); got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

// Every setting can be written in a file and in the environment, and help has
// a text for each in both languages.
func TestEveryFlagIsASetting(t *testing.T) {
	for _, l := range []message.Lang{message.En, message.Ja} {
		a := &App{lang: l}
		names := a.settable()
		if len(names) < 30 {
			t.Fatalf("only %d settings", len(names))
		}
		a.scanCommand().Flags().VisitAll(func(f *pflag.Flag) {
			if !slices.Contains(names, f.Name) && !slices.Contains(commandOnly, f.Name) {
				t.Errorf("--%s is no setting", f.Name)
			}
			if f.Usage == "" {
				t.Errorf("--%s has no help in %s", f.Name, l)
			}
		})
	}
}

// Every command and flag has its help in both languages, and the two differ.
func TestHelpOfEveryCommand(t *testing.T) {
	help := func(l message.Lang) map[string]string {
		out := map[string]string{}
		var walk func(c *cobra.Command)
		walk = func(c *cobra.Command) {
			out[c.CommandPath()] = c.Short
			c.Flags().VisitAll(func(f *pflag.Flag) { out[c.CommandPath()+" --"+f.Name] = f.Usage })
			for _, sub := range c.Commands() {
				walk(sub)
			}
		}
		a := &App{lang: l}
		for _, c := range []*cobra.Command{a.dbCommand(), a.explainCommand()} {
			walk(c)
		}
		return out
	}
	en, ja := help(message.En), help(message.Ja)
	if len(en) < 40 {
		t.Fatalf("only %d texts", len(en))
	}
	for name, text := range en {
		if text == "" || ja[name] == "" || text == ja[name] {
			t.Errorf("%s: %q and %q", name, text, ja[name])
		}
	}
}
