// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/keyword"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// clean is 32 MB of real text: the source of this program, several times.
func clean(b *testing.B) []byte {
	b.Helper()
	var out []byte
	err := filepath.WalkDir("../..", func(p string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(p, ".go") {
			return err
		}
		text, err := os.ReadFile(p)
		out = append(out, text...)
		return err
	})
	if err != nil || len(out) == 0 {
		b.Fatal(err)
	}
	return bytes.Repeat(out, 1+32<<20/len(out))
}

func BenchmarkSniff(b *testing.B) {
	text := clean(b)
	sc := New(nil, nil)
	b.SetBytes(int64(len(text)))
	b.ResetTimer()
	for range b.N {
		w := sc.Sniff(&sekisho.File{Path: "a.go", Size: int64(len(text))})
		for i := 0; i < len(text); i += 128 << 10 {
			w.Write(text[i:min(len(text), i+128<<10)], false)
		}
		w.Facts()
	}
}

func BenchmarkFilter(b *testing.B) {
	text := clean(b)
	f := New(nil, nil).filter
	b.SetBytes(int64(len(text)))
	b.ResetTimer()
	hits := 0
	for range b.N {
		f.Scan(text, 0, len(text), func(*keyword.Word[*detector], int) { hits++ })
	}
	b.ReportMetric(float64(hits)/float64(b.N)/float64(len(text))*1e6, "hits/MB")
}

// The floors: what no scanner of text can do without, and what every walk does.
func BenchmarkFloorIndexByte(b *testing.B) {
	text := clean(b)
	b.SetBytes(int64(len(text)))
	b.ResetTimer()
	for range b.N {
		bytes.Count(text, []byte{'\n'})
	}
}

func BenchmarkFloorSHA256(b *testing.B) {
	text := clean(b)
	b.SetBytes(int64(len(text)))
	b.ResetTimer()
	for range b.N {
		sha256.Sum256(text)
	}
}
