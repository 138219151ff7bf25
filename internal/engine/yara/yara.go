// SPDX-License-Identifier: Apache-2.0

// Package yara has the program yara match the rules of the user against the
// files of a walk. Files are handed over in batches, in a private directory that
// is removed; the rules are compiled once. The room makes facts; internal/engine
// makes findings of them. It has no rules of its own and fetches none.
package yara

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Detector is the name of the room's facts.
const Detector = "yara"

// version is raised whenever the same output would give other facts.
const version = 1

// Defaults of Options.
const (
	DefaultMaxBytes = 64 << 20
	DefaultTimeout  = 10 * time.Second
)

// Options of the engine. The zero value of a field means its default.
type Options struct {
	// Program and Compiler are the paths of yara and yarac, version 4.
	Program, Compiler string
	// Rules are files of rules, compiled files of rules, and directories whose
	// *.yar and *.yara are read.
	Rules []string
	// TempDir holds the files that are handed over.
	TempDir string
	// MaxBytes is the largest file that is examined, Timeout how long one may take.
	MaxBytes int64
	Timeout  time.Duration
	// Processes is how many run at once.
	Processes int
}

// RulesError says what is wrong with the user's rules.
type RulesError struct{ cause error }

func (e *RulesError) Error() string { return e.cause.Error() }

// Unwrap gives the text as an error, which is said in every language.
func (e *RulesError) Unwrap() error { return e.cause }

// ErrNoRules says that the files of rules are in order and hold no rule: nothing would be
// examined.
var ErrNoRules = message.New("the files that --yara names hold no rule")

// Engine is the program with compiled rules. It is a [sekisho.LayerSniffer],
// safe for concurrent use.
type Engine struct {
	opt      Options
	dir      string // private
	program  string // "YARA 4.2.3"
	rules    []string
	print    string // of the rules
	names    []string
	slots    chan struct{}
	external bool // variables of other programs were given empty values
}

// Open asks the program for its version and compiles the rules. A *RulesError is
// the user's, as is [ErrNoRules]; any other is about the program. Close removes what it made.
func Open(ctx context.Context, opt Options) (e *Engine, err error) {
	if opt.MaxBytes <= 0 {
		opt.MaxBytes = DefaultMaxBytes
	}
	if opt.Timeout <= 0 {
		opt.Timeout = DefaultTimeout
	}
	if opt.Processes <= 0 {
		opt.Processes = runtime.GOMAXPROCS(0)
	}
	e = &Engine{opt: opt, slots: make(chan struct{}, opt.Processes)}
	if e.program, err = programVersion(ctx, opt.Program); err != nil {
		return nil, err
	}
	if e.dir, err = os.MkdirTemp(opt.TempDir, "sekisho-yara-"); err != nil { // 0700
		return nil, message.Errorf("make a directory for yara: %w", err)
	}
	if err = e.compile(ctx); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// Close removes the directory.
func (e *Engine) Close() {
	// What cannot be removed lies in the system's directory for such files.
	_ = os.RemoveAll(e.dir)
}

// EngineVersion is "YARA 4.2.3, 12 files of rules".
func (e *Engine) EngineVersion() string {
	if len(e.names) == 1 {
		return e.program + ", rules of " + e.names[0]
	}
	return fmt.Sprintf("%s, %d files of rules", e.program, len(e.names))
}

// Name of the extractor.
func (e *Engine) Name() string { return Detector }

// Version of the room.
func (e *Engine) Version() int { return version }

// Fingerprint names the program, the rules and the bounds.
func (e *Engine) Fingerprint() string {
	return fmt.Sprintf("%s %s %d %s", e.program, e.print, e.opt.MaxBytes, e.opt.Timeout)
}

// Wants nothing to be kept.
func (e *Engine) Wants(*sekisho.File) bool { return false }

// Extract is never called.
func (e *Engine) Extract(context.Context, *sekisho.Input) (sekisho.Inventory, error) {
	return sekisho.Inventory{}, nil
}

// Sniff is never called: see Begin.
func (e *Engine) Sniff(*sekisho.File) sekisho.SniffWriter { return nil }

// programVersion is "YARA 4.2.3".
func programVersion(ctx context.Context, program string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := command(ctx, program, "--version").Output()
	if err != nil {
		return "", message.Errorf("ask %s for its version: %w", program, err)
	}
	v := strings.TrimSpace(string(out))
	major, _, ok := strings.Cut(v, ".")
	if n, err := strconv.Atoi(major); !ok || err != nil || n < 4 || len(v) > 40 {
		return "", message.Errorf("%s calls its version %s: version 4 of YARA is needed", program, strconv.Quote(v[:min(len(v), 40)]))
	}
	return "YARA " + v, nil
}

// command of an environment of its own: what a user exports changes no result.
func command(ctx context.Context, program string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, program, args...) //nolint:gosec // the user's own PATH names it
	c.Env = []string{"LC_ALL=C", "PATH=/usr/bin:/bin"}
	c.WaitDelay = 5 * time.Second
	return c
}

// maxRuleFiles is how many files of rules go into one command.
const maxRuleFiles = 5000

// source is a file of rules and its namespace.
type source struct{ path, namespace string }

// compile makes one compiled file of all sources, and takes the compiled ones of
// the user as they are.
func (e *Engine) compile(ctx context.Context) error {
	var sources []source
	for _, p := range e.opt.Rules {
		info, err := os.Stat(p)
		if err != nil {
			return &RulesError{message.Errorf("the rules %s cannot be read: %v", p, reason(err))}
		}
		if !info.IsDir() {
			compiled, err := isCompiled(p)
			if err != nil {
				return &RulesError{message.Errorf("the rules %s cannot be read: %v", p, reason(err))}
			}
			e.names = append(e.names, filepath.Base(p))
			if compiled {
				e.rules = append(e.rules, p)
				continue
			}
			sources = append(sources, source{p, namespace(filepath.Base(p))})
			continue
		}
		found, err := ruleFiles(p)
		if err != nil {
			return err
		}
		for _, s := range found {
			e.names = append(e.names, filepath.Base(s.path))
		}
		sources = append(sources, found...)
	}
	if len(sources) > maxRuleFiles {
		return &RulesError{message.Errorf("there are %d files of rules, more than %d: compile them with yarac into one file and name that", len(sources), maxRuleFiles)}
	}
	if len(sources) > 0 {
		out := filepath.Join(e.dir, "rules.yarc")
		if err := e.yarac(ctx, sources, out); err != nil {
			return err
		}
		e.rules = append([]string{out}, e.rules...)
	}
	sum, rules := sha256.New(), 0
	for _, p := range e.rules {
		n, err := e.try(ctx, p)
		if err != nil {
			return err
		}
		rules += n
		f, err := os.Open(p)
		if err != nil {
			return &RulesError{message.Errorf("the rules %s cannot be read: %v", p, reason(err))}
		}
		size, err := io.Copy(sum, f)
		f.Close()
		if err != nil {
			return &RulesError{message.Errorf("the rules %s cannot be read: %v", p, reason(err))}
		}
		fmt.Fprintf(sum, "\n%d\n", size)
	}
	if rules == 0 {
		return ErrNoRules
	}
	e.print = hex.EncodeToString(sum.Sum(nil)[:16])
	return nil
}

func reason(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

// isCompiled looks at the first bytes.
func isCompiled(p string) (bool, error) {
	f, err := os.Open(p)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var head [4]byte
	_, err = io.ReadFull(f, head[:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return string(head[:]) == "YARA", nil
}

// ruleFiles are the *.yar and *.yara below a directory.
func ruleFiles(dir string) (out []source, err error) {
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ext := strings.ToLower(filepath.Ext(p)); d.Type().IsRegular() && (ext == ".yar" || ext == ".yara") {
			rel, err := filepath.Rel(dir, p)
			if err != nil {
				return err
			}
			out = append(out, source{p, namespace(rel)})
		}
		return nil
	})
	if err != nil {
		return nil, &RulesError{message.Errorf("the rules in %s cannot be read: %v", dir, reason(err))}
	}
	if len(out) == 0 {
		return nil, &RulesError{message.Errorf("there is no file *.yar or *.yara in %s", dir)}
	}
	return out, nil
}

// namespace of a file of rules: its path without the ending. yarac ends it at
// the first colon.
func namespace(rel string) string {
	rel = strings.TrimSuffix(rel, filepath.Ext(rel))
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == ':' || r >= 0x7f {
			return '_'
		}
		return r
	}, filepath.ToSlash(rel))
}

// externals are variables that other programs define for each file. Rules that
// ask for them compile, and get an empty text.
var externals = []string{"filename", "filepath", "extension", "filetype", "owner"}

func (e *Engine) yarac(ctx context.Context, sources []source, out string) error {
	if e.opt.Compiler == "" {
		return &RulesError{message.New("yarac, which compiles rules, is not installed beside yara: install it (Debian's package yara has both)")}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	var files []string
	taken := map[string]int{}
	for _, s := range sources {
		taken[s.namespace]++
		if n := taken[s.namespace]; n > 1 { // two directories with a file of one name
			s.namespace += "." + strconv.Itoa(n)
		}
		files = append(files, s.namespace+":"+s.path)
	}
	run := func(defines []string) (string, error) {
		var complaint bytes.Buffer
		c := command(ctx, e.opt.Compiler, slices.Concat([]string{"-w"}, defines, files, []string{out})...)
		c.Stderr = &limited{w: &complaint, n: 64 << 10}
		err := c.Run()
		return complaint.String(), err
	}
	complaint, err := run(nil)
	if err != nil && slices.ContainsFunc(externals, func(n string) bool { return strings.Contains(complaint, `undefined identifier "`+n+`"`) }) {
		var defines []string
		for _, n := range externals {
			defines = append(defines, "-d", n+"=")
		}
		if complaint, err = run(defines); err == nil {
			e.external = true
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &RulesError{message.Errorf("the rules do not compile: %s", firstError(complaint, err))}
	}
	return nil
}

// firstError is the first of yara's complaints and how many there are.
func firstError(complaint string, err error) string {
	var lines []string
	for line := range strings.Lines(complaint) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "warning:") {
			lines = append(lines, strings.TrimPrefix(line, "error: "))
		}
	}
	switch len(lines) {
	case 0:
		return err.Error()
	case 1:
		return lines[0]
	}
	return fmt.Sprintf("%s (and %d more)", lines[0], len(lines)-1)
}

// try has the program load compiled rules, and counts them.
func (e *Engine) try(ctx context.Context, rules string) (int, error) {
	empty := filepath.Join(e.dir, "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		return 0, message.Errorf("make a file for yara: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var said, complaint bytes.Buffer
	c := command(ctx, e.opt.Program, "-w", "--print-stats", "-C", rules, empty)
	c.Stdout, c.Stderr = &limited{w: &said, n: 64 << 10}, &limited{w: &complaint, n: 64 << 10}
	if err := c.Run(); err != nil {
		return 0, &RulesError{message.Errorf("yara does not take the compiled rules %s: %s", rules, firstError(complaint.String(), err))}
	}
	return countRules(said.String()), nil
}

// countRules reads "number of rules : 12" in the statistics that yara prints; a
// program that prints none has some.
func countRules(stats string) int {
	for line := range strings.Lines(stats) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "number of rules" {
			if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil {
				return n
			}
		}
	}
	return 1
}

// limited keeps the first n bytes.
type limited struct {
	w io.Writer
	n int
}

func (l *limited) Write(p []byte) (int, error) {
	if k := min(len(p), l.n); k > 0 {
		l.n -= k
		if _, err := l.w.Write(p[:k]); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
