// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// An object is read to its promised size, in steps, into no more memory than it
// needs; one that is in memory is not copied.
func TestReadAll(t *testing.T) {
	for _, size := range []int{0, 1, 1000, 1 << 20, 1<<20 + 1, 5<<20 + 7} {
		want := bytes.Repeat([]byte("0123456789abc"), size/13+1)[:size]
		// What follows the object is not its own.
		got, err := readAll(io.MultiReader(bytes.NewReader(want), bytes.NewReader([]byte("more"))), int64(size), 8<<20)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes: %d, %v", size, len(got), err)
		}
		if cap(got) > size+size/8+1 {
			t.Errorf("%d bytes take %d", size, cap(got))
		}
		if size > 0 {
			if _, err := readAll(bytes.NewReader(want[1:]), int64(size), 8<<20); !errors.Is(err, errObject) {
				t.Errorf("%d bytes, cut: %v", size, err)
			}
		}
	}
	if _, err := readAll(bytes.NewReader(nil), 9<<20, 8<<20); err == nil {
		t.Error("more than the bound was read")
	}
	// A promise of much costs nothing until it comes.
	if n := testing.AllocsPerRun(1, func() { _, _ = readAll(bytes.NewReader(nil), 1<<40, 1<<41) }); n > 4 {
		t.Errorf("%v allocations for what never comes", n)
	}
	b := []byte("held")
	got, err := readAll(&whole{bytes.NewReader(b), b}, 4, 10)
	if err != nil || &got[0] != &b[0] {
		t.Error("an object in memory was copied")
	}
}
