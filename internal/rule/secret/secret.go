// SPDX-License-Identifier: Apache-2.0

// Package secret finds what opens doors: tokens, keys and passwords in the
// content of files of every layer, deleted ones too, and in what an image says
// of itself. It knows each by its form and, where the form has one, by its
// checksum. A value never leaves the room: what does is a keyed hash, at most
// four characters and the length. It makes no network connection;
// values are held, in memory, only for a live check that was asked for: see Keep.
package secret

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/keyword"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// version is raised whenever the same bytes would give other facts.
const version = 2

// publicKey separates these hashes from all others. It is no secret: findings
// must have the same id on every machine that has none of its own. Whoever has
// a report can therefore try guesses; tokens are beyond guessing, and values that
// people choose are hashed slowly (see stretch).
const publicKey = "sekisho/secret/1"

// stretch is how often the hash of a value that people choose is repeated.
const stretch = 4096

// Scanner looks for secrets. It is a [sekisho.Sniffer] and, with Check, a
// [sekisho.Checker]; safe for concurrent use.
type Scanner struct {
	settings  *check.Settings
	key       []byte
	detectors []*detector
	files     []*detector // those that read files of certain names
	filter    *keyword.Filter[*detector]
	version   int
	vault     *Vault // nil unless values are kept for a live check
}

// New makes a scanner of the detectors that run by the settings (nil: those that
// are not off by default). Key hashes the values; nil for the public one.
func New(s *check.Settings, key []byte) *Scanner {
	if len(key) == 0 {
		key = []byte(publicKey)
	}
	sc := &Scanner{settings: s, key: key}
	h := fnv.New32a()
	fmt.Fprintf(h, "%d %x", version, sha256.Sum256(key))
	for _, d := range all() {
		r := d.rule()
		if !s.Runs(&r) {
			continue
		}
		fmt.Fprintf(h, " %s", d.id)
		sc.detectors = append(sc.detectors, d)
		if d.file != nil {
			sc.files = append(sc.files, d)
		}
	}
	sc.filter = keyword.New(keywords(sc.detectors))
	sc.version = int(h.Sum32())
	return sc
}

// Name of the extractor and the checker.
func (sc *Scanner) Name() string { return "secret" }

// Version tells the version of the detectors, which of them run, and the key.
func (sc *Scanner) Version() int { return sc.version }

// Wants nothing to be kept: see Sniff.
func (sc *Scanner) Wants(*sekisho.File) bool { return false }

// Extract is never called.
func (sc *Scanner) Extract(context.Context, *sekisho.Input) (sekisho.Inventory, error) {
	return sekisho.Inventory{}, nil
}

// Rules is the catalogue, in the order of ids.
func Rules() []sekisho.Rule {
	var out []sekisho.Rule
	for _, d := range all() {
		out = append(out, d.rule())
	}
	return out
}

// keywords are the words of all detectors.
func keywords(detectors []*detector) []keyword.Word[*detector] {
	var out []keyword.Word[*detector]
	for _, d := range detectors {
		for _, text := range d.keywords {
			out = append(out, keyword.Word[*detector]{Text: text, Fold: d.fold, For: d})
		}
	}
	return out
}

// hash of a value, the same for the same value and key.
func (sc *Scanner) hash(d *detector, value []byte) string {
	m := hmac.New(sha256.New, sc.key)
	m.Write([]byte(d.id))
	m.Write([]byte{0})
	m.Write(value)
	sum := m.Sum(nil)
	if d.chosen {
		for range stretch {
			m.Reset()
			m.Write(sum)
			sum = m.Sum(sum[:0])
		}
	}
	return hex.EncodeToString(sum[:16])
}

// excerpt shows as much of a value as may be shown: a quarter of it, four
// characters at most, nothing of what people choose; and the length.
func excerpt(d *detector, value []byte) string {
	n := min(4, len(value)/4)
	if d.chosen || d.opaque {
		n = 0
	}
	for i, c := range value[:n] {
		if c <= ' ' || c >= 0x7f {
			n = i
			break
		}
	}
	return fmt.Sprintf("%s…[%d]", value[:n], len(value))
}
