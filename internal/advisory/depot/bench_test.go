// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"crypto/ed25519"
	"fmt"
	"path/filepath"
	"testing"
)

// many300 is a database of about as many shards as a full one.
func many300(b *testing.B) (string, Policy) {
	b.Helper()
	private, public := newKey(1)
	dir := b.TempDir()
	worlds := map[string][]byte{"npm": content(1, 16<<20)}
	for i := range 300 {
		worlds[fmt.Sprintf("release/%d", i)] = content(uint64(i), 4096)
	}
	build(b, dir, day, worlds, private)
	return dir, Policy{Keys: []ed25519.PublicKey{public}}
}

// BenchmarkOpen opens and verifies the manifest, and finds one shard.
func BenchmarkOpen(b *testing.B) {
	dir, p := many300(b)
	for b.Loop() {
		d, err := Open(b.Context(), dir, p)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.Path("npm"); err != nil {
			b.Fatal(err)
		}
		d.Close()
	}
}

// BenchmarkCheckShard hashes a shard of 16 MiB.
func BenchmarkCheckShard(b *testing.B) {
	dir, p := many300(b)
	d := open(b, dir, p)
	b.SetBytes(16 << 20)
	for b.Loop() {
		if err := d.CheckShard(b.Context(), "npm"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdate brings 301 shards from a directory.
func BenchmarkUpdate(b *testing.B) {
	mirror, p := many300(b)
	for b.Loop() {
		dir := filepath.Join(b.TempDir(), "db")
		r, err := refresh(b, dir, Directory(mirror), Options{Policy: p, All: true})
		if err != nil || len(r.Fetched) != 301 {
			b.Fatal(len(r.Fetched), err)
		}
	}
}
