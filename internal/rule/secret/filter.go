// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"encoding/binary"
	"slices"
	"strings"
)

// filter finds the keywords of all detectors in one pass. Each keyword is known
// by its rarest two neighbouring bytes: one look-up per byte in a table that
// stays in the first cache; what it lets through is compared in full.
type filter struct {
	// pairs has 0 where no keyword has the pair, else 1 and the index of its
	// bucket.
	pairs   [1 << 16]uint8
	buckets [][]keyword
}

// keyword is a word that a detector is called for.
type keyword struct {
	text     string // lower case when fold
	fold     bool
	offset   int // of the pair in text
	detector *detector
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

func newFilter(detectors []*detector) *filter {
	f := &filter{}
	index := map[uint16]int{}
	for _, d := range detectors {
		for _, text := range d.keywords {
			k := keyword{text: text, fold: d.fold, detector: d}
			best := -1
			for i := range len(text) - 1 {
				if s := rarity(text[i]) + rarity(text[i+1]); s > best {
					best, k.offset = s, i
				}
			}
			for _, p := range casings(text[k.offset], text[k.offset+1], d.fold) {
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

// scan calls hit for each keyword whose pair begins in b[from:to]; the keyword
// itself begins at the offset that it is called with, which can be before from.
func (f *filter) scan(b []byte, from, to int, hit func(k *keyword, at int)) {
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

func (f *filter) compare(b []byte, i int, bucket uint8, hit func(k *keyword, at int)) {
	list := f.buckets[bucket-1]
	for n := range list {
		k := &list[n]
		at := i - k.offset
		if at < 0 || at+len(k.text) > len(b) {
			continue
		}
		if k.fold && equalFold(b[at:at+len(k.text)], k.text) || !k.fold && string(b[at:at+len(k.text)]) == k.text {
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
