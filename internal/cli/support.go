// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"sync"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// eolWorld is the part of the database with the ends of support, see
// internal/advisory/threat.
const eolWorld = "eol"

// supportEnds looks the last days of support up in the database, a product at a
// time and each once. What the database does not have, or cannot open, is not known.
func (d *database) supportEnds(ctx context.Context) func(product, cycle string) (string, bool) {
	var mu sync.Mutex
	products := map[string]map[string]string{}
	return func(product, cycle string) (string, bool) {
		mu.Lock()
		defer mu.Unlock()
		cycles, asked := products[product]
		if !asked {
			cycles = map[string]string{}
			if ok, err := d.Has(ctx, eolWorld); err == nil && ok {
				err = d.Advisories(ctx, eolWorld, product, func(a *sekisho.Advisory) {
					if a.Modified != "" {
						cycles[a.ID] = a.Modified
					}
				})
				if err != nil {
					cycles = map[string]string{}
				}
			}
			products[product] = cycles
		}
		day, ok := cycles[cycle]
		return day, ok
	}
}
