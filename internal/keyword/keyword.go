// SPDX-License-Identifier: Apache-2.0

// Package keyword finds many words in a text in one pass: the first look of
// those that search content as it streams by. It knows no word by itself and
// keeps no text.
package keyword

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Filter finds all of its words in one pass. Each is known by its rarest two
// neighbouring bytes: one look-up per byte in a table that stays in the first
// cache; what it lets through is compared in full. It is safe for several
// goroutines.
type Filter[T any] struct {
	// pairs has 0 where no word has the pair, else 1 and the index of its bucket.
	pairs   [1 << 16]uint8
	buckets [][]Word[T]
}

// Word is what is looked for, two bytes or more; For says what it stands for.
type Word[T any] struct {
	Text string // lower case when Fold
	Fold bool   // it may be written in any case
	For  T

	offset int // of the pair in Text
}

// common are bytes in falling order of how often text and source have them; what
// is not in it is rare.
const common = " etaoinsrlhdcupmfgy.w,bv_-k/=\"'();:0x1{}*2T>I<ASECN3RjD45PqzOML6#8[]79FB"

func rarity(c byte) int {
	if i := strings.IndexByte(common, c); i >= 0 {
		return i
	}
	return len(common) + 4
}

// New makes a filter of words. Those of less than two bytes are never found.
func New[T any](words []Word[T]) *Filter[T] {
	f := &Filter[T]{}
	index := map[uint16]int{}
	for _, k := range words {
		best := -1
		for i := range len(k.Text) - 1 {
			if s := rarity(k.Text[i]) + rarity(k.Text[i+1]); s > best {
				best, k.offset = s, i
			}
		}
		if best < 0 {
			continue
		}
		for _, p := range casings(k.Text[k.offset], k.Text[k.offset+1], k.Fold) {
			n, ok := index[p]
			if !ok && len(f.buckets) == 255 {
				n, ok = int(p)%255, true // shares a bucket: compared in full anyway
			}
			if !ok {
				n = len(f.buckets)
				f.buckets = append(f.buckets, nil)
			}
			index[p] = n
			f.pairs[p] = uint8(n + 1)
			f.buckets[n] = append(f.buckets[n], k)
		}
	}
	return f
}

// casings are the pairs that a and b may be written as.
func casings(a, b byte, fold bool) (out []uint16) {
	one := func(c byte) []byte {
		if fold && c >= 'a' && c <= 'z' {
			return []byte{c, c - 32}
		}
		return []byte{c}
	}
	for _, x := range one(a) {
		for _, y := range one(b) {
			out = append(out, uint16(x)|uint16(y)<<8)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Scan calls hit for each word whose pair begins in b[from:to]; the word itself
// begins at the offset that it is called with, which can be before from. Whoever
// scans a text in parts gets each word once, from the part with its pair.
func (f *Filter[T]) Scan(b []byte, from, to int, hit func(w *Word[T], at int)) {
	to = min(to, len(b)-1)
	i := from
	t := &f.pairs
	for ; i+4 <= to && i+8 <= len(b); i += 4 {
		w := binary.LittleEndian.Uint64(b[i:])
		if t[uint16(w)]|t[uint16(w>>8)]|t[uint16(w>>16)]|t[uint16(w>>24)] == 0 {
			continue
		}
		for j := i; j < i+4; j++ {
			if n := t[uint16(b[j])|uint16(b[j+1])<<8]; n != 0 {
				f.compare(b, j, n, hit)
			}
		}
	}
	for ; i < to; i++ {
		if n := t[uint16(b[i])|uint16(b[i+1])<<8]; n != 0 {
			f.compare(b, i, n, hit)
		}
	}
}

func (f *Filter[T]) compare(b []byte, i int, bucket uint8, hit func(w *Word[T], at int)) {
	list := f.buckets[bucket-1]
	for n := range list {
		k := &list[n]
		at := i - k.offset
		if at < 0 || at+len(k.Text) > len(b) {
			continue
		}
		if k.Fold && equalFold(b[at:at+len(k.Text)], k.Text) || !k.Fold && string(b[at:at+len(k.Text)]) == k.Text {
			hit(k, at)
		}
	}
}

// equalFold compares with a lower-case word.
func equalFold(b []byte, lower string) bool {
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 32
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
