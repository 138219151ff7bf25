// SPDX-License-Identifier: Apache-2.0

package base

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// indexVersion of the file; a reader of another one refuses it.
const indexVersion = 1

// MaxIndex bounds the file of the index, in bytes.
const MaxIndex = 16 << 20

// Bounds of what is in the index.
const (
	maxEntries = 100_000
	maxName    = 512
)

// Index holds the images that a user named as bases, by the chain id of their
// layers: https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid.
type Index struct {
	Version int     `json:"version"`
	Bases   []Entry `json:"bases"`

	at map[string]int
}

// Entry is one stack of layers and the images that are made of it.
type Entry struct {
	// Chain is the chain id of all layers, Layers their number.
	Chain  string  `json:"chain"`
	Layers int     `json:"layers"`
	Names  []Named `json:"names"`
}

// Named is one image of a stack.
type Named struct {
	Name string `json:"name"`
	// Digest of the manifest, or of the index that it was chosen from; Config is
	// the digest of the configuration.
	Digest string `json:"digest,omitempty"`
	Index  string `json:"index,omitempty"`
	Config string `json:"config,omitempty"`
	// Platform "linux/amd64", and the day on which it was added.
	Platform string `json:"platform,omitempty"`
	Added    string `json:"added,omitempty"`
}

// ParseIndex reads an index. No bytes are an empty one.
func ParseIndex(b []byte) (*Index, error) {
	x := &Index{Version: indexVersion}
	if len(b) > MaxIndex {
		return nil, message.Errorf("it has more than the %d MiB that an index of bases may have", MaxIndex>>20)
	}
	if len(bytes.TrimSpace(b)) > 0 {
		x.Version = 0 // one that does not tell is none
		if err := json.Unmarshal(b, x); err != nil {
			return nil, message.Errorf("it is no index of bases: %w", err)
		}
	}
	if x.Version != indexVersion {
		return nil, message.Errorf("its version is %d and this program reads %d: remove the file and add the bases again", x.Version, indexVersion)
	}
	if len(x.Bases) > maxEntries {
		return nil, message.Errorf("it has more than %d bases", maxEntries)
	}
	for i := range x.Bases {
		if e := &x.Bases[i]; !digest(e.Chain) || e.Layers < 1 || len(e.Names) == 0 {
			return nil, message.New("it is damaged: a base has no layers or no name; remove the file and add the bases again")
		}
	}
	x.order()
	return x, nil
}

// digest says whether s is a SHA-256 digest as OCI writes it.
func digest(s string) bool {
	hexed, ok := strings.CutPrefix(s, "sha256:")
	b, err := hex.DecodeString(hexed)
	return ok && err == nil && len(b) == sha256.Size
}

// Encode writes the index: the same bases give the same bytes.
func (x *Index) Encode() ([]byte, error) {
	x.order()
	b, err := json.MarshalIndent(x, "", "  ")
	if err == nil && (len(b) >= MaxIndex || len(x.Bases) > maxEntries) {
		err = message.Errorf("it would be larger than %d MiB or hold more than %d bases: remove some", MaxIndex>>20, maxEntries)
	}
	return append(b, '\n'), err
}

func (x *Index) order() {
	for i := range x.Bases {
		slices.SortFunc(x.Bases[i].Names, func(a, b Named) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Digest, b.Digest), cmp.Compare(a.Platform, b.Platform))
		})
	}
	slices.SortStableFunc(x.Bases, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Names[0].Name, b.Names[0].Name), cmp.Compare(a.Chain, b.Chain))
	})
	x.at = make(map[string]int, len(x.Bases))
	for i := range x.Bases {
		x.at[x.Bases[i].Chain] = i
	}
}

// Add takes in an opened image under its name, and says whether its layers are
// new. A name that meant other layers on the platform before means these now.
func (x *Index) Add(art *sekisho.Artifact, name, day string) (fresh bool, err error) {
	if art.Image == nil || len(art.Layers) == 0 {
		return false, message.New("it is no image with layers")
	}
	if !goodName(name) {
		return false, message.Errorf("it calls itself %.80q, which is no name of an image: give one with --name", name)
	}
	all := chains(art.Layers)
	chain := all[len(all)-1]
	if chain == "" {
		return false, message.New("its configuration does not tell the digests of its layers")
	}
	n := Named{Name: name, Digest: art.Target.Digest, Index: art.Target.IndexDigest, Config: art.Target.ConfigDigest, Added: day}
	if p := art.Target.Platform; p != nil {
		n.Platform = p.String()
	}
	same := func(o Named) bool { return o.Name == n.Name && o.Platform == n.Platform }
	for i := range x.Bases {
		x.Bases[i].Names = slices.DeleteFunc(x.Bases[i].Names, same)
	}
	at := slices.IndexFunc(x.Bases, func(e Entry) bool { return e.Chain == chain })
	if fresh = at < 0; fresh {
		x.Bases = append(x.Bases, Entry{Chain: chain, Layers: len(all)})
		at = len(x.Bases) - 1
	}
	x.Bases[at].Names = append(x.Bases[at].Names, n)
	x.Bases = slices.DeleteFunc(x.Bases, func(e Entry) bool { return len(e.Names) == 0 })
	x.order()
	return fresh, nil
}

// goodName says whether a name can be kept: an archive tells its own, and it is
// shown for ever after.
func goodName(s string) bool {
	return s != "" && len(s) <= maxName && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar })
}

// Meant says which layers a name has on the platform of an opened image, where
// they are others than the image's: 0 for none.
func (x *Index) Meant(art *sekisho.Artifact, name string) (layers int) {
	all := chains(art.Layers)
	platform := ""
	if p := art.Target.Platform; p != nil {
		platform = p.String()
	}
	for i := range x.Bases {
		e := &x.Bases[i]
		if len(all) > 0 && e.Chain != all[len(all)-1] && slices.ContainsFunc(e.Names, func(n Named) bool { return n.Name == name && n.Platform == platform }) {
			return e.Layers
		}
	}
	return 0
}

// Others are the names of the layers of an opened image, but for one.
func (x *Index) Others(art *sekisho.Artifact, name string) []string {
	all := chains(art.Layers)
	if len(all) == 0 {
		return nil
	}
	var out []string
	if i, ok := x.at[all[len(all)-1]]; ok {
		for _, n := range x.Bases[i].Names {
			if n.Name != name && !slices.Contains(out, n.Name) {
				out = append(out, n.Name)
			}
		}
	}
	return out
}

// Remove drops a name or a digest, and returns how many images went.
func (x *Index) Remove(what string) int {
	n := 0
	for i := range x.Bases {
		x.Bases[i].Names = slices.DeleteFunc(x.Bases[i].Names, func(o Named) bool {
			gone := o.Name == what || what != "" && (o.Digest == what || o.Index == what || o.Config == what || x.Bases[i].Chain == what)
			if gone {
				n++
			}
			return gone
		})
	}
	x.Bases = slices.DeleteFunc(x.Bases, func(e Entry) bool { return len(e.Names) == 0 })
	x.order()
	return n
}

// longest is the entry of most layers that are the lowest of the stack. The
// image itself is not its own base.
func (x *Index) longest(stack []string, config string) *Entry {
	if x == nil {
		return nil
	}
	for i, chain := range slices.Backward(stack) {
		if e := x.entry(chain, i+1, config); e != nil {
			return e
		}
	}
	return nil
}

// named is the entry of a name or digest whose layers are the lowest of the stack.
func (x *Index) named(name, digest string, stack []string, config string) *Entry {
	if x == nil {
		return nil
	}
	for i, chain := range slices.Backward(stack) {
		e := x.entry(chain, i+1, config)
		if e != nil && slices.ContainsFunc(e.Names, func(n Named) bool {
			if digest != "" && (n.Digest != "" || n.Index != "") {
				return n.Digest == digest || n.Index == digest
			}
			return name != "" && sameName(n.Name, name)
		}) {
			return e
		}
	}
	return nil
}

// entry of a chain id, without the names of the image itself.
func (x *Index) entry(chain string, layers int, config string) *Entry {
	i, ok := x.at[chain]
	if !ok || chain == "" || x.Bases[i].Layers != layers {
		return nil
	}
	e := x.Bases[i]
	e.Names = slices.Clone(e.Names)
	if config != "" {
		e.Names = slices.DeleteFunc(e.Names, func(n Named) bool { return n.Config == config })
	}
	if len(e.Names) == 0 {
		return nil
	}
	return &e
}

// chains are the chain ids of the layers, the lowest first; empty from the first
// layer on whose diff id is not known.
func chains(layers []sekisho.Layer) []string {
	out := make([]string, len(layers))
	for i := range layers {
		id := layers[i].DiffID
		if !digest(id) {
			break
		}
		if i > 0 {
			sum := sha256.Sum256([]byte(out[i-1] + " " + id))
			id = "sha256:" + hex.EncodeToString(sum[:])
		}
		out[i] = id
	}
	return out
}
