// SPDX-License-Identifier: Apache-2.0

// Command sekisho inspects containers at the checkpoint.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/sekisho/sekisho/internal/cli"
)

// version is set by the build: -ldflags "-X main.version=...".
var version = "dev"

func main() {
	// A scan makes little garbage that lives; collecting early costs nothing
	// that can be measured and keeps the peak low.
	debug.SetGCPercent(50)
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
