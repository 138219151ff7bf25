// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"sync"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Vault holds values while a scan runs, for a live check that the user asked for.
// It is memory only: facts, findings, reports and the cache never hold a value.
type Vault struct {
	mu     sync.Mutex
	values map[vaultKey]*kept
	named  map[string]vaultKey // by the id of the finding
}

type vaultKey struct{ detector, hash string }

type kept struct {
	value  string
	places []sekisho.Location
}

// Kept is a value that a finding speaks of.
type Kept struct {
	Detector, Value string
	// Beside is the other half of a pair: the access key id of an AWS secret.
	Beside string
}

// maxKept is how many values are held.
const maxKept = 2_000

// Keep makes the scanner hold the values that it finds from now on. It is called
// before the scan; facts from a cache have no values.
func (sc *Scanner) Keep() *Vault {
	sc.vault = &Vault{values: map[vaultKey]*kept{}, named: map[string]vaultKey{}}
	return sc.vault
}

func (v *Vault) put(detector, hash string, value []byte, at sekisho.Location) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	k := vaultKey{detector, hash}
	one := v.values[k]
	if one == nil {
		if len(v.values) == maxKept {
			return
		}
		one = &kept{value: string(value)}
		v.values[k] = one
	}
	if len(one.places) < maxEvidence {
		one.places = append(one.places, at)
	}
}

func (v *Vault) name(id, detector, hash string) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.named[id] = vaultKey{detector, hash}
}

// near is how many lines apart the halves of a pair may be.
const near = 40

// Of gives the value of a finding; false when it is not held.
func (v *Vault) Of(id string) (Kept, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	k, ok := v.named[id]
	one := v.values[k]
	if !ok || one == nil {
		return Kept{}, false
	}
	out := Kept{Detector: k.detector, Value: one.value}
	if k.detector != "aws-secret-access-key" {
		return out, true
	}
	best := near + 1
	for other, half := range v.values {
		if other.detector != "aws-access-key-id" {
			continue
		}
		for _, a := range one.places {
			for _, b := range half.places {
				d := max(a.Line-b.Line, b.Line-a.Line)
				if a.Path == b.Path && (d < best || d == best && half.value < out.Beside) {
					best, out.Beside = d, half.value
				}
			}
		}
	}
	return out, true
}
