// SPDX-License-Identifier: Apache-2.0

package cputime

import (
	"runtime"
	"testing"
	"time"
)

// Waiting is no work, and work is.
func TestOf(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("threads cannot be asked here: it is the time that passed")
	}
	if d := Of(func() { time.Sleep(300 * time.Millisecond) }); d > 100*time.Millisecond {
		t.Errorf("300 ms of sleep are %v of work", d)
	}
	sum := 0
	begin := now()
	d := Of(func() {
		for now()-begin < 50*time.Millisecond {
			sum++
		}
	})
	if d < 40*time.Millisecond || sum == 0 {
		t.Errorf("50 ms of work are %v", d)
	}
}
