// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// logWriter writes a write-ahead log for pages of 512 bytes.
type logWriter struct {
	b   []byte
	sum walSum
}

func newLog(order binary.ByteOrder) *logWriter {
	big := binary.BigEndian
	magic := uint32(walMagic)
	if order == binary.ByteOrder(big) {
		magic |= 1
	}
	w := &logWriter{sum: walSum{order: order}}
	for _, v := range []uint32{magic, 3007000, 512, 0, 0xaaaa, 0xbbbb} {
		w.b = big.AppendUint32(w.b, v)
	}
	w.sum.add(w.b)
	w.b = big.AppendUint32(big.AppendUint32(w.b, w.sum.s0), w.sum.s1)
	return w
}

// all writes every page of a database; the last frame commits if asked.
func (w *logWriter) all(db []byte, commit bool) {
	big := binary.BigEndian
	pages := len(db) / 512
	for n := range pages {
		size := uint32(0)
		if commit && n == pages-1 {
			size = uint32(pages)
		}
		frame := big.AppendUint32(big.AppendUint32(nil, uint32(n+1)), size)
		page := db[n*512 : (n+1)*512]
		w.sum.add(frame)
		w.sum.add(page)
		for _, v := range []uint32{0xaaaa, 0xbbbb, w.sum.s0, w.sum.s1} {
			frame = big.AppendUint32(frame, v)
		}
		w.b = append(append(w.b, frame...), page...)
	}
}

func TestLogFrames(t *testing.T) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		w := newLog(order)
		frames := [][]byte{w.b} // the log after each step
		step := func(name string, commit bool) {
			w.all(smallSQLite(name), commit)
			frames = append(frames, slices.Clip(w.b))
		}
		step("two", true)
		step("three", false)
		step("four", true)
		step("five", false)
		salted := append([]byte(nil), frames[3]...)
		salted[walHead+8] ^= 1 // left over from an earlier round of the log
		for _, tt := range []struct {
			name string
			db   []byte
			log  []byte
			want string
		}{
			{"no frame", smallSQLite("one"), frames[0], "one"},
			{"a commit", smallSQLite("one"), frames[1], "two"},
			{"an uncommitted write after it", smallSQLite("one"), frames[2], "two"},
			{"the next commit", smallSQLite("one"), frames[3], "four"},
			{"its last frame cut", smallSQLite("one"), frames[3][:len(frames[3])-1], "two"},
			{"an uncommitted write at the end", smallSQLite("one"), frames[4], "four"},
			{"another salt", smallSQLite("one"), salted, "one"},
			{"all in the log", nil, frames[1], "two"},
		} {
			in := input("var/lib/rpm/"+sqliteName, tt.db)
			in.Beside = map[string]*sekisho.Input{in.Path + walSuffix: input(in.Path+walSuffix, tt.log)}
			inv, err := database{}.Extract(t.Context(), in)
			got := ""
			for _, p := range inv.Packages {
				got += p.Name
			}
			if got != tt.want || err != nil {
				t.Errorf("%s (%v): %q, want %q: %v", tt.name, order, got, tt.want, err)
			}
		}
		// A database that was last used without a log has no use for one.
		plain := smallSQLite("one")
		plain[18], plain[19] = 1, 1
		in := input("var/lib/rpm/"+sqliteName, plain)
		in.Beside = map[string]*sekisho.Input{in.Path + walSuffix: input(in.Path+walSuffix, frames[1])}
		if inv, err := (database{}).Extract(t.Context(), in); err != nil || len(inv.Packages) != 1 || inv.Packages[0].Name != "one" {
			t.Errorf("journal mode delete: %+v, %v", inv.Packages, err)
		}
	}
}
