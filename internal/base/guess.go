// SPDX-License-Identifier: Apache-2.0

package base

import (
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// gap is how much later than the base the own steps must have been made for a
// guess: a build takes minutes, a base is older.
const gap = time.Hour

// byGuess takes the last place of the history where an image seems to have ended:
// what was there set a command or an entry point, and what follows was made much
// later. It has no name: the history holds none.
func (s *search) byGuess() *sekisho.BaseImage {
	h := s.img.History
	if filled(h) != len(s.art.Layers) {
		return nil
	}
	for i := len(h) - 1; i > 0; i-- {
		a, b := h[i-1].Created, h[i].Created
		if a == nil || b == nil || b.Sub(*a) < gap {
			continue
		}
		switch parse(h[i-1].CreatedBy).keyword {
		case "CMD", "ENTRYPOINT":
		default:
			continue
		}
		n := filled(h[:i])
		if n == 0 {
			return nil
		}
		return &sekisho.BaseImage{KnownBy: sekisho.BaseByGuess, Split: true, Layers: n}
	}
	return nil
}
