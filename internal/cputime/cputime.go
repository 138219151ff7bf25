// SPDX-License-Identifier: Apache-2.0

// Package cputime measures the work of a call, for tests that hold a bound on
// it: the processor time of the thread that runs it, which other work on the
// machine does not lengthen as it does a wall clock's. Only tests use it. It
// does not see what the call starts on other goroutines.
package cputime

import (
	"runtime"
	"time"
)

// Of is the processor time that f took, the user's and the system's. Where
// threads cannot be asked it is the time that passed.
func Of(f func()) (d time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin := now()
	defer func() { d = now() - begin }()
	f()
	return 0
}
