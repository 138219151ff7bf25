// SPDX-License-Identifier: Apache-2.0

// Command container measures what could hold a shard of the database: the same
// keys and values in bbolt, SQLite, a pebble sstable and the shard's own format.
//
//	go run . write SHARD DIR     puts SHARD's pairs into DIR/own, DIR/bbolt, …
//	go run . read KIND DIR       opens one, looks 1,000 packages up, prints a line
//
// bench/container.sh runs both and prints the table of docs/adr/0006.
package main

import (
	"bufio"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/sstable"
	"github.com/cockroachdb/pebble/vfs"
	"go.etcd.io/bbolt"
	_ "modernc.org/sqlite"

	"github.com/sekisho/sekisho/internal/advisory"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "container:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("usage: container write SHARD DIR | container read own|bbolt|sqlite|pebble DIR")
	}
	if args[0] == "write" {
		return write(args[1], args[2])
	}
	return read(args[1], args[2])
}

// looked is how many packages are looked up.
const looked = 1000

func write(shard, dir string) error {
	r, size, closer, err := advisory.File(shard)
	if err != nil {
		return err
	}
	s, err := advisory.OpenShard(r, size, closer)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text, err := os.ReadFile(shard)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "own"), text, 0o644); err != nil {
		return err
	}
	type pair struct{ k, v string }
	var pairs []pair
	var names []string
	if err := s.Pairs(func(k, v string) error {
		pairs = append(pairs, pair{k, v})
		if k[0] == 'p' {
			names = append(names, k)
		}
		return nil
	}); err != nil {
		return err
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	rnd.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	names = names[:min(looked, len(names))]
	slices.Sort(names)
	if err := os.WriteFile(filepath.Join(dir, "names"), []byte(strings.Join(names, "\n")), 0o644); err != nil {
		return err
	}

	_ = os.Remove(filepath.Join(dir, "bbolt"))
	b, err := bbolt.Open(filepath.Join(dir, "bbolt"), 0o644, nil)
	if err != nil {
		return err
	}
	if err := b.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket([]byte("b"))
		if err != nil {
			return err
		}
		bucket.FillPercent = 1
		for _, p := range pairs {
			if err := bucket.Put([]byte(p.k), []byte(p.v)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if err := b.Close(); err != nil {
		return err
	}

	_ = os.Remove(filepath.Join(dir, "sqlite"))
	q, err := sql.Open("sqlite", filepath.Join(dir, "sqlite"))
	if err != nil {
		return err
	}
	tx, err := q.Begin()
	if err != nil {
		return err
	}
	if _, err := tx.Exec("create table t (k text primary key, v blob) without rowid"); err != nil {
		return err
	}
	for _, p := range pairs {
		if _, err := tx.Exec("insert into t values (?, ?)", p.k, []byte(p.v)); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if err := q.Close(); err != nil {
		return err
	}

	f, err := vfs.Default.Create(filepath.Join(dir, "pebble"))
	if err != nil {
		return err
	}
	w := sstable.NewWriter(objstorageprovider.NewFileWritable(f), sstable.WriterOptions{Compression: sstable.ZstdCompression, BlockSize: 4 << 10, TableFormat: sstable.TableFormatPebblev4})
	for _, p := range pairs {
		if err := w.Set([]byte(p.k), []byte(p.v)); err != nil {
			return err
		}
	}
	return w.Close()
}

// read times open and look-ups of one kind.
func read(kind, dir string) error {
	names, err := lines(filepath.Join(dir, "names"))
	if err != nil {
		return err
	}
	file := filepath.Join(dir, kind)
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	start := time.Now()
	n, err := kinds[kind](file, names)
	took := time.Since(start)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("%s found nothing", kind)
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return err
	}
	fmt.Printf("%s\t%d\t%.2f\t%.1f\t%d\n", kind, info.Size(), float64(took.Microseconds())/1000, float64(u.Maxrss)/1024, n)
	return nil
}

// kinds open a file, look the names up and count the bytes of the values.
var kinds = map[string]func(file string, names []string) (int, error){
	"own": func(file string, names []string) (int, error) {
		r, size, closer, err := advisory.File(file)
		if err != nil {
			return 0, err
		}
		s, err := advisory.OpenShard(r, size, closer)
		if err != nil {
			return 0, err
		}
		defer s.Close()
		n := 0
		for _, k := range names {
			v, err := s.Find(k)
			if err != nil {
				return 0, err
			}
			n += len(v)
		}
		return n, nil
	},
	"bbolt": func(file string, names []string) (int, error) {
		b, err := bbolt.Open(file, 0o444, &bbolt.Options{ReadOnly: true})
		if err != nil {
			return 0, err
		}
		defer b.Close()
		n := 0
		err = b.View(func(tx *bbolt.Tx) error {
			bucket := tx.Bucket([]byte("b"))
			for _, k := range names {
				n += len(string(bucket.Get([]byte(k))))
			}
			return nil
		})
		return n, err
	},
	"sqlite": func(file string, names []string) (int, error) {
		q, err := sql.Open("sqlite", "file:"+file+"?mode=ro&immutable=1")
		if err != nil {
			return 0, err
		}
		defer q.Close()
		st, err := q.Prepare("select v from t where k = ?")
		if err != nil {
			return 0, err
		}
		defer st.Close()
		n := 0
		for _, k := range names {
			var v []byte
			if err := st.QueryRow(k).Scan(&v); err != nil {
				return 0, err
			}
			n += len(v)
		}
		return n, nil
	},
	"pebble": func(file string, names []string) (int, error) {
		f, err := vfs.Default.Open(file)
		if err != nil {
			return 0, err
		}
		readable, err := sstable.NewSimpleReadable(f)
		if err != nil {
			return 0, err
		}
		r, err := sstable.NewReader(readable, sstable.ReaderOptions{})
		if err != nil {
			return 0, err
		}
		defer r.Close()
		it, err := r.NewIter(nil, nil)
		if err != nil {
			return 0, err
		}
		defer it.Close()
		n := 0
		for _, k := range names {
			key, lazy := it.SeekGE([]byte(k), 0)
			if key == nil || string(key.UserKey) != k {
				return 0, fmt.Errorf("%s is not there", k)
			}
			v, _, err := lazy.Value(nil)
			if err != nil {
				return 0, err
			}
			n += len(v)
		}
		return n, nil
	},
}

func lines(file string) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []string
	r := bufio.NewReader(f)
	for {
		s, err := r.ReadString('\n')
		if s = strings.TrimSuffix(s, "\n"); s != "" {
			out = append(out, s)
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
