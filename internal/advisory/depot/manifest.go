// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
)

// Schema is the version of the manifest that is written and understood.
const Schema = 1

// Bounds of what a manifest may say.
const (
	maxManifest  = 8 << 20
	maxSignature = 64 << 10
	maxShards    = 20_000
	maxSources   = 2_000
	maxText      = 500
	maxShardSize = 16 << 30
	maxTotalSize = 256 << 30
	maxRows      = 1 << 40
)

// Shard is one immutable file of the database: the advisories of one world, or
// what is known of the flaws of one year.
type Shard struct {
	// World is what the shard is about: "debian/12", "npm", "risk/2024".
	World string `json:"world"`
	// Digest is "sha256:" and 64 hexadecimal digits, of the file as it is kept.
	Digest string `json:"digest"`
	// Size is in bytes.
	Size int64 `json:"size"`
	Rows int64 `json:"rows"`
}

// Source is a feed that the database was built from.
type Source struct {
	Name      string `json:"name"`
	Publisher string `json:"publisher,omitempty"`
	License   string `json:"license,omitempty"`
	// Date of the newest data, "2024-05-06".
	Date string `json:"date,omitempty"`
	Rows int64  `json:"rows"`
	// Problems counts the records that could not be understood.
	Problems int64 `json:"problems"`
}

// Manifest lists what a database holds. Its canonical JSON is what is signed.
type Manifest struct {
	Schema int `json:"schema"`
	// Serial grows with each edition; an older one does not replace a newer one.
	Serial uint64 `json:"serial"`
	// Created and Expires are RFC 3339 in UTC. Expires may be empty; after it a
	// mirror that still serves this edition is stale.
	Created string `json:"created"`
	Expires string `json:"expires,omitempty"`
	// Kind of database: "full", "starter".
	Kind    string   `json:"kind"`
	Sources []Source `json:"sources"`
	Shards  []Shard  `json:"shards"`
}

// Shard finds the shard of a world.
func (m *Manifest) Shard(world string) (Shard, bool) {
	i, ok := slices.BinarySearchFunc(m.Shards, world, func(s Shard, w string) int { return cmp.Compare(s.World, w) })
	if !ok {
		return Shard{}, false
	}
	return m.Shards[i], true
}

// Expired reports whether the edition is past its date.
func (m *Manifest) Expired(now time.Time) bool {
	t, err := time.Parse(time.RFC3339, m.Expires)
	return err == nil && now.After(t)
}

// Encode gives the canonical JSON: shards and sources sorted, no spaces, a line
// feed at the end. The same manifest gives the same bytes. What may not be in a
// manifest is a [*ManifestError].
func (m *Manifest) Encode() ([]byte, error) {
	c := *m
	c.Shards = slices.SortedFunc(slices.Values(m.Shards), func(a, b Shard) int { return cmp.Compare(a.World, b.World) })
	c.Sources = slices.SortedFunc(slices.Values(m.Sources), func(a, b Source) int { return cmp.Compare(a.Name, b.Name) })
	if c.Shards == nil {
		c.Shards = []Shard{}
	}
	if c.Sources == nil {
		c.Sources = []Source{}
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(&c); err != nil {
		return nil, message.Errorf("encode the manifest: %w", err)
	}
	if b.Len() > maxManifest {
		return nil, lie("it has %d bytes, more than %d", b.Len(), maxManifest)
	}
	return b.Bytes(), nil
}

// Parse reads a manifest. It takes the canonical form only, so that no two
// readers understand the same signed bytes differently; everything else is a
// [*ManifestError].
func Parse(raw []byte) (*Manifest, error) {
	if len(raw) > maxManifest {
		return nil, lie("it has more than %d bytes", maxManifest)
	}
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(&m)
	if err != nil { // a later version may have fields that this one does not know
		m.Schema = 0
		_ = json.Unmarshal(raw, &struct{ Schema *int }{&m.Schema})
	}
	if m.Schema > Schema {
		return nil, lie("it is of version %d and this program understands up to %d: install a newer sekisho", m.Schema, Schema)
	}
	if err != nil {
		return nil, lie("%v", err)
	}
	canonical, err := m.Encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(canonical, raw) {
		return nil, lie("it is not in canonical form")
	}
	return &m, nil
}

// A world is a path of up to four names that begin with a letter or digit: it
// cannot climb, hide or be absolute.
var (
	worldName = pattern.New(`^[A-Za-z0-9][A-Za-z0-9._+~:-]*(/[A-Za-z0-9][A-Za-z0-9._+~:-]*){0,3}$`)
	kindName  = pattern.New(`^[a-z][a-z0-9-]{0,31}$`)
	digestOf  = pattern.New(`^sha256:[0-9a-f]{64}$`)
)

// validate holds a sorted manifest to its bounds.
func (m *Manifest) validate() error {
	switch {
	case m.Schema != Schema:
		return lie("it says version %d, and %d is meant", m.Schema, Schema)
	case m.Serial == 0:
		return lie("it has no serial number")
	case !isTime(m.Created):
		return lie("its creation date %.40q is no RFC 3339 time in UTC", m.Created)
	case m.Expires != "" && !isTime(m.Expires):
		return lie("its expiry date %.40q is no RFC 3339 time in UTC", m.Expires)
	case !kindName.MatchString(m.Kind):
		return lie("%.40q is no kind of database", m.Kind)
	case len(m.Shards) > maxShards:
		return lie("it lists %d shards, more than %d", len(m.Shards), maxShards)
	case len(m.Sources) > maxSources:
		return lie("it lists %d sources, more than %d", len(m.Sources), maxSources)
	}
	var total int64
	sizes := make(map[string]int64, len(m.Shards))
	for i, s := range m.Shards {
		switch size, again := sizes[s.Digest]; {
		case !isWorld(s.World):
			return lie("%.120q is no name of a world", s.World)
		case i > 0 && m.Shards[i-1].World == s.World:
			return lie("it lists %s twice", s.World)
		case !digestOf.MatchString(s.Digest):
			return lie("the digest %.80q of %s is not sha256: and 64 hexadecimal digits", s.Digest, s.World)
		case s.Size < 1 || s.Size > maxShardSize:
			return lie("%s cannot have %d bytes", s.World, s.Size)
		case s.Rows < 0 || s.Rows > maxRows:
			return lie("%s cannot have %d rows", s.World, s.Rows)
		case again && size != s.Size:
			return lie("%s has the digest of another shard and not its size", s.World)
		}
		sizes[s.Digest] = s.Size
		if total += s.Size; total > maxTotalSize {
			return lie("its shards add up to more than %d bytes", int64(maxTotalSize))
		}
	}
	for i, s := range m.Sources {
		if s.Name == "" || i > 0 && m.Sources[i-1].Name == s.Name {
			return lie("it lists the source %.80q twice, or without a name", s.Name)
		}
		for _, text := range []string{s.Name, s.Publisher, s.License, s.Date} {
			if len(text) > maxText || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
				return lie("what it says of the source %.80q is too long or not text", s.Name)
			}
		}
		if s.Rows < 0 || s.Rows > maxRows || s.Problems < 0 || s.Problems > maxRows {
			return lie("the source %s cannot have %d rows and %d problems", s.Name, s.Rows, s.Problems)
		}
	}
	return nil
}

func isWorld(s string) bool { return len(s) <= 100 && worldName.MatchString(s) }

func isTime(s string) bool {
	t, err := time.Parse(time.RFC3339, s)
	return err == nil && strings.HasSuffix(s, "Z") && t.Year() >= 2000
}

func sum(raw []byte) string {
	s := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(s[:])
}
