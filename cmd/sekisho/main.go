// SPDX-License-Identifier: Apache-2.0

// Command sekisho inspects containers at the checkpoint.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/sekisho/sekisho/internal/cli"
)

// version is set by the build: -ldflags "-X main.version=...".
var version = "dev"

func main() {
	defer runtime.KeepAlive(collectLate())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second signal ends the process at once
	}()
	app := &cli.App{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Env: os.Environ(), Now: time.Now, Version: version,
	}
	os.Exit(app.Run(ctx, os.Args[1:]))
}

// The bounds of the collector: what a short run allocates before the first
// collection, in MiB, and the ballast.
const (
	firstCollection = 32
	ballastSize     = 16
	defaultMinimum  = 4 // the heap at which Go collects first, at 100 percent
)

// collectLate sets the collector. A scan makes little garbage that lives, so
// collecting early keeps the peak low; with a small heap it would collect all
// the time. Hence a ballast, which must be kept: memory that is never touched,
// and so takes none. Most runs end before they would gain from a collection at
// all, so the first one waits, and then the usual pace begins.
func collectLate() []byte {
	debug.SetGCPercent(100 * (firstCollection + ballastSize) / defaultMinimum)
	runtime.AddCleanup(new([16]byte), func(percent int) { debug.SetGCPercent(percent) }, 50)
	return make([]byte, ballastSize<<20)
}
