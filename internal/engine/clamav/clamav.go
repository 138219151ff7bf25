// SPDX-License-Identifier: Apache-2.0

// Package clamav has ClamAV look at the files of a walk: a client of its daemon
// clamd, which is given each file as it streams by. Nothing is kept, and no
// database is read or fetched here: what is found is what that clamd knows. The
// room makes facts; internal/engine makes findings of them.
package clamav

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Detector is the name of the room's facts.
const Detector = "clamav"

// version is raised whenever the same answers would give other facts.
const version = 1

// DefaultMaxBytes is the size above which files are not given to clamd: the
// MaxFileSize and StreamMaxLength of Debian's configuration. A clamd says OK of
// files beyond its MaxFileSize without a look at them, so more than that is
// only right where both are known to be higher.
const DefaultMaxBytes = 25 << 20

// DefaultTimeout of each answer: clamd's own MaxScanTime.
const DefaultTimeout = 2 * time.Minute

// Options of a connection. The zero value of a field means its default.
type Options struct {
	// Address is "unix:/run/clamav/clamd.ctl" or "tcp:host:port".
	Address string
	// Timeout of each answer; DefaultTimeout.
	Timeout time.Duration
	// MaxBytes is the largest file that is given to clamd; DefaultMaxBytes.
	MaxBytes int64
	// Sessions is how many files are looked at at once.
	Sessions int
}

// Engine is a clamd that answers. It is a [sekisho.LayerSniffer], safe for
// concurrent use.
type Engine struct {
	network, address string
	opt              Options
	version          Version

	free  chan *conn // sessions that wait
	slots chan struct{}
	// lost counts failures in a row; at maxLost clamd is given up.
	lost atomic.Int32

	mu     sync.Mutex
	open   map[*conn]bool
	closed bool
}

// maxLost is how many files in a row may fail before clamd is given up: each
// may cost a whole timeout.
const maxLost = 3

// idle is how long a session may rest; clamd closes those that rest for its
// IdleTimeout or CommandReadTimeout, 30 seconds by default.
const idle = 10 * time.Second

// ParseAddress splits "unix:/path" and "tcp:host:port".
func ParseAddress(s string) (network, address string, err error) {
	network, address, ok := strings.Cut(s, ":")
	switch {
	case ok && network == "unix" && address != "":
		return network, address, nil
	case ok && network == "tcp":
		if host, port, err := net.SplitHostPort(address); err == nil && host != "" && port != "" {
			return network, address, nil
		}
	}
	return "", "", message.Errorf("%q is neither unix:/path/of/socket nor tcp:HOST:PORT", s)
}

// Places are where clamd listens as distributions install it.
func Places() []string {
	return []string{
		"unix:/run/clamav/clamd.ctl", "unix:/var/run/clamav/clamd.ctl", // Debian, Ubuntu
		"unix:/run/clamd.scan/clamd.sock", "unix:/var/run/clamd.scan/clamd.sock", // Fedora, RHEL with EPEL
		"unix:/run/clamav/clamd.sock", "unix:/var/run/clamav/clamd.sock", // Alpine, Arch, the official container
		"unix:/tmp/clamd.socket", "unix:/tmp/clamd.sock", // as ClamAV's own example has it
		"tcp:127.0.0.1:3310",
	}
}

// Open asks clamd who it is. The sessions end with the context, or by Close.
func Open(ctx context.Context, opt Options) (*Engine, error) {
	network, address, err := ParseAddress(opt.Address)
	if err != nil {
		return nil, err
	}
	if opt.Timeout <= 0 {
		opt.Timeout = DefaultTimeout
	}
	if opt.MaxBytes <= 0 {
		opt.MaxBytes = DefaultMaxBytes
	}
	if opt.Sessions <= 0 {
		opt.Sessions = min(8, 2*runtime.GOMAXPROCS(0)) // clamd's MaxThreads is 10 by default
	}
	e := &Engine{network: network, address: address, opt: opt, free: make(chan *conn, opt.Sessions), slots: make(chan struct{}, opt.Sessions), open: map[*conn]bool{}}
	hello := min(opt.Timeout, 15*time.Second) // nothing is scanned for these
	s, err := ask(ctx, network, address, "PING", hello)
	if err != nil {
		return nil, message.Errorf("ask clamd at %s: %w", opt.Address, err)
	}
	if s != "PONG" {
		return nil, message.Errorf("ask clamd at %s: the answer to PING is %q, not PONG: is it clamd that listens there?", opt.Address, s)
	}
	if s, err = ask(ctx, network, address, "VERSION", hello); err == nil {
		e.version, err = parseVersion(s)
	}
	if err != nil {
		return nil, message.Errorf("ask clamd at %s: %w", opt.Address, err)
	}
	context.AfterFunc(ctx, e.Close)
	return e, nil
}

// EngineVersion says what looks at the files.
func (e *Engine) EngineVersion() Version { return e.version }

// Close ends all sessions; files that are on their way are then not examined.
func (e *Engine) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for c := range e.open {
		c.end()
	}
	clear(e.open)
}

// Name of the extractor.
func (e *Engine) Name() string { return Detector }

// Version of the room.
func (e *Engine) Version() int { return version }

// Fingerprint names the program, its official database and the bound. Without
// an official database nothing tells one set of own signatures from another.
func (e *Engine) Fingerprint() string {
	if e.version.Database == "" {
		return ""
	}
	return fmt.Sprintf("%s %d", e.version, e.opt.MaxBytes)
}

// Wants nothing to be kept.
func (e *Engine) Wants(*sekisho.File) bool { return false }

// Extract is never called.
func (e *Engine) Extract(context.Context, *sekisho.Input) (sekisho.Inventory, error) {
	return sekisho.Inventory{}, nil
}

// Sniff is never called: see Begin.
func (e *Engine) Sniff(*sekisho.File) sekisho.SniffWriter { return nil }

// errDown is the reason when clamd was given up before.
var errDown = message.New("clamd was given up after several files without an answer")

// take gives a session, a waiting one where there is one.
func (e *Engine) take(ctx context.Context) (*conn, error) {
	select {
	case e.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for e.lost.Load() < maxLost {
		select {
		case c := <-e.free:
			if c.wake() {
				return c, nil
			}
			e.drop(c)
			continue
		default:
		}
		c, err := e.connect(ctx)
		if err != nil {
			<-e.slots
			return nil, err
		}
		return c, nil
	}
	<-e.slots
	return nil, errDown
}

func (e *Engine) connect(ctx context.Context) (*conn, error) {
	c, err := dial(ctx, e.network, e.address, e.opt.Timeout)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		c.end()
		return nil, net.ErrClosed
	}
	if err := c.session(); err != nil {
		c.end()
		return nil, err
	}
	e.open[c] = true
	return c, nil
}

// give puts a session back that answered; drop ends one that did not.
func (e *Engine) give(c *conn) {
	c.rest()
	e.free <- c
	<-e.slots
}

func (e *Engine) drop(c *conn) {
	c.end()
	e.mu.Lock()
	delete(e.open, c)
	e.mu.Unlock()
}

func (e *Engine) discard(c *conn) {
	e.drop(c)
	<-e.slots
}
