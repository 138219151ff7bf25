// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"errors"
	"io"
	"os"
	"testing"
)

// BenchmarkPast reads the whole history of the repository that
// SEKISHO_BENCH_REPO names (this checkout by default), on one core: walk is the
// way to the contents, contents with reading them.
func BenchmarkPast(b *testing.B) {
	dir := os.Getenv("SEKISHO_BENCH_REPO")
	if dir == "" {
		dir = "../../.."
	}
	for _, read := range []bool{false, true} {
		name := "walk"
		if read {
			name = "contents"
		}
		b.Run(name, func(b *testing.B) {
			commits := 0
			for b.Loop() {
				a, err := Open(b.Context(), dir, Options{History: true})
				if err != nil {
					b.Skip(err)
				}
				s, err := a.History.Layer.Open(b.Context())
				if err != nil {
					b.Skip(err)
				}
				for {
					f, err := s.Next()
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil || !read {
						continue
					}
					c, err := f.Open()
					if err != nil {
						b.Fatal(err)
					}
					c.Close()
				}
				c := a.History.Coverage()
				if commits += c.Commits; read {
					b.SetBytes(c.Bytes)
				}
				s.Close()
				a.Close()
			}
			b.ReportMetric(float64(commits)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}
