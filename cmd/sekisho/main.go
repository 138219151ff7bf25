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
	// A scan makes little garbage that lives; collecting early keeps the peak
	// low. With a small heap it would collect all the time: 16 MiB that are never
	// touched, and so take no memory, let the first collection wait. It halves the
	// processor time of a scan of an SBOM.
	debug.SetGCPercent(50)
	ballast := make([]byte, 16<<20)
	defer runtime.KeepAlive(ballast)
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
