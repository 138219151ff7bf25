// SPDX-License-Identifier: Apache-2.0

package keyword

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// naive is the same by comparing every word at every place.
func naive(words []Word[int], b []byte) (out []string) {
	for i := range b {
		for _, w := range words {
			n := len(w.Text)
			if n < 2 || i+n > len(b) {
				continue
			}
			if string(b[i:i+n]) == w.Text || w.Fold && equalFold(b[i:i+n], w.Text) {
				out = append(out, fmt.Sprintf("%d@%d", w.For, i))
			}
		}
	}
	slices.Sort(out)
	return out
}

func found(f *Filter[int], b []byte, step int) (out []string) {
	for from := 0; from < len(b); from += step {
		f.Scan(b, from, min(from+step, len(b)), func(w *Word[int], at int) { out = append(out, fmt.Sprintf("%d@%d", w.For, at)) })
	}
	slices.Sort(out)
	return out
}

// Every word is found, once, wherever the text is cut.
func TestScan(t *testing.T) {
	words := []Word[int]{{Text: "stratum+", For: 1}, {Text: "eval(", Fold: true, For: 2}, {Text: "um", For: 3}, {Text: "x", For: 4}, {Text: "-e ", For: 5}}
	for i := range 600 { // more than there are buckets
		words = append(words, Word[int]{Text: fmt.Sprintf("%c%c%03d", 'A'+i%26, 'a'+i%23, i), For: 10 + i})
	}
	f := New(words)
	texts := []string{"", "s", "stratum+tcp EVAL(x) eVaL( um stratum+", "Aa000", strings.Repeat("stratum", 9) + "+", "\x00eval(\xff", words[400].Text + words[5].Text + "nc -e /bin/sh"}
	for _, text := range texts {
		want := naive(words, []byte(text))
		for _, step := range []int{1, 3, 8, 1 << 20} {
			if got := found(f, []byte(text), step); !slices.Equal(got, want) {
				t.Errorf("%q in steps of %d: %v, want %v", text, step, got, want)
			}
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte("a stratum+tcp://x"), "stratum+", true)
	f.Add([]byte("EVALeval"), "eval", true)
	f.Fuzz(func(t *testing.T, b []byte, word string, fold bool) {
		if fold {
			word = strings.ToLower(word)
		}
		if fold && !isASCII(word) || len(b) > 1<<12 {
			return
		}
		words := []Word[int]{{Text: word, Fold: fold}, {Text: "zq", For: 1}}
		if got, want := found(New(words), b, 5), naive(words, b); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) }

func BenchmarkScan(b *testing.B) {
	text := bytes.Repeat([]byte("The quick brown fox jumps over the lazy dog and goes home. 0123456789\n"), 1<<14)
	f := New([]Word[int]{{Text: "stratum+"}, {Text: "/dev/tcp/"}, {Text: "$_POST"}, {Text: "donate-level"}})
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		f.Scan(text, 0, len(text), func(*Word[int], int) {})
	}
}
