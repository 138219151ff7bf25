// SPDX-License-Identifier: Apache-2.0

package hashlist

import (
	"fmt"
	"iter"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

var (
	sha256Hex = strings.Repeat("0123456789abcdef", 4)
	sha1Hex   = strings.Repeat("89abcdef01", 4)
	md5Hex    = strings.Repeat("00ff", 8)
)

func read(t testing.TB, text string) (entries []Entry, problems []string) {
	t.Helper()
	err := Read(strings.NewReader(text), func(e Entry) { entries = append(entries, e) }, func(line int, err error) { problems = append(problems, fmt.Sprintf("%d: %v", line, err)) })
	if err != nil {
		problems = append(problems, err.Error())
	}
	return entries, problems
}

func TestRead(t *testing.T) {
	one := func(hash, kind, name string, size int64, date string) []Entry {
		return []Entry{{Hash: hash, Algorithm: kind, Name: name, Size: size, Date: date}}
	}
	for name, tt := range map[string]struct {
		text     string
		want     []Entry
		problems int
	}{
		"plain":        {sha256Hex + "\n", one(sha256Hex, "sha256", "", -1, ""), 0},
		"upper case":   {"# a list\n\n" + strings.ToUpper(sha1Hex), one(sha1Hex, "sha1", "", -1, ""), 0},
		"sha256sum":    {sha256Hex + " *Linux.Bad one\r\n", one(sha256Hex, "sha256", "Linux.Bad one", -1, ""), 0},
		"byte order":   {"\ufeff" + md5Hex, one(md5Hex, "md5", "", -1, ""), 0},
		"hdb":          {md5Hex + ":68:Eicar-Like-1\n", one(md5Hex, "md5", "Eicar-Like-1", 68, ""), 0},
		"hsb":          {sha256Hex + ":*:Unix.Miner-2:73\n", one(sha256Hex, "sha256", "Unix.Miner-2", -1, ""), 0},
		"bad size":     {sha256Hex + ":many:X\n", nil, 1},
		"no name":      {sha256Hex + ":12\n", nil, 1},
		"bazaar":       {"################\n# \"first_seen_utc\",\"sha256_hash\",\"md5_hash\",\"sha1_hash\",\"reporter\",\"file_name\",\"file_type_guess\",\"mime_type\",\"signature\",\"clamav\"\n\"2026-01-02 03:04:05\", \"" + sha256Hex + "\", \"" + md5Hex + "\", \"" + sha1Hex + "\", \"me\", \"x.elf\", \"elf\", \"application/x-executable\", \"Mirai\", \"n/a\"\n", one(sha256Hex, "sha256", "Mirai", -1, "2026-01-02"), 0},
		"bazaar n/a":   {"\"2026-01-02\",\"" + sha256Hex + "\",\"\",\"\",\"\",\"\",\"\",\"\",\"n/a\"\n", one(sha256Hex, "sha256", "", -1, "2026-01-02"), 0},
		"other CSV":    {"date,family,sha256\n2026-01-02,Bad,\"" + sha256Hex + "\"\n", one(sha256Hex, "sha256", "Bad", -1, "2026-01-02"), 0},
		"hash, name":   {sha256Hex + ",Bad\n", one(sha256Hex, "sha256", "Bad", -1, ""), 0},
		"comments":     {"; a\n// b\n# c\n", nil, 0},
		"no hash":      {"hello world\n" + sha256Hex[:63] + "\n" + sha256Hex[:63] + "g\n", nil, 3},
		"control name": {sha256Hex + " a\x1b[31mb\n", one(sha256Hex, "sha256", "a[31mb", -1, ""), 0},
		"long line":    {strings.Repeat("a", maxLine+1), nil, 1},
	} {
		got, problems := read(t, tt.text)
		if d := cmp.Diff(tt.want, got); d != "" || len(problems) != tt.problems {
			t.Errorf("%s: %s %v", name, d, problems)
		}
	}
}

// sink keeps rows.
type sink struct {
	rows     []sekisho.Advisory
	date     string
	problems []string
}

func (s *sink) Advisory(a *sekisho.Advisory) { s.rows = append(s.rows, *a) }
func (s *sink) CVE(*sekisho.CVE)             {}
func (s *sink) Date(day string)              { s.date = max(s.date, day) }
func (s *sink) Problem(path string, err error) {
	s.problems = append(s.problems, path+": "+err.Error())
}

func files(m ...string) iter.Seq2[sekisho.FeedFile, error] {
	return func(yield func(sekisho.FeedFile, error) bool) {
		for i := 0; i < len(m); i += 2 {
			if !yield(sekisho.FeedFile{Path: m[i], Data: []byte(m[i+1])}, nil) {
				return
			}
		}
	}
}

// What goes into the database as a row comes out as the same entry.
func TestFeed(t *testing.T) {
	var s sink
	err := parseFeed(t.Context(), files(
		"full.csv", "\"2026-01-02 03:04:05\",\""+sha256Hex+"\",\"\",\"\",\"\",\"\",\"\",\"\",\"Mirai\"\nnonsense\n",
		"local.hdb", md5Hex+":68:Bad-1\n", "mine.txt", sha1Hex+"\n", "README.txt", "read me", "photo.png", "no list",
	), &s)
	if err != nil || len(s.problems) != 1 || s.date != "2026-01-02" {
		t.Errorf("%v %v %s", err, s.problems, s.date)
	}
	want := []Entry{{sha256Hex, "sha256", "Mirai", -1, "2026-01-02"}, {md5Hex, "md5", "Bad-1", 68, ""}, {sha1Hex, "sha1", "", -1, ""}}
	var got []Entry
	for i := range s.rows {
		got = append(got, OfRow(&s.rows[i]))
		if s.rows[i].World != World(got[i].Algorithm) || !s.rows[i].Malicious {
			t.Errorf("%+v", s.rows[i])
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if e := got[1]; !e.Fits(68) || e.Fits(69) || !got[0].Fits(69) {
		t.Error("sizes")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(sha256Hex + "\n" + md5Hex + ":68:Bad\n")
	f.Add("date,sha256,name\n2026-01-02," + sha256Hex + ",\"x\"\"y\"\n")
	f.Add("\"a\nb\",")
	f.Fuzz(func(t *testing.T, text string) {
		entries, _ := read(t, text)
		for _, e := range entries {
			if Algorithm(e.Hash) != e.Algorithm || e.Algorithm == "" || e.Hash != strings.ToLower(e.Hash) || len(e.Name) > maxName || !utf8.ValidString(e.Name) || strings.ContainsAny(e.Name, "\n\x1b\x00") || e.Size < -1 {
				t.Fatalf("%+v", e)
			}
			if back := OfRow(e.row()); back != e {
				t.Fatalf("%+v became %+v", e, back)
			}
		}
	})
}
