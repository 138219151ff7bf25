// SPDX-License-Identifier: Apache-2.0

package requirement

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
)

// gemText is the form of Gem::Version: numbers and words parted by dots, with
// "-" for ".pre.".
var gemText = pattern.New(`^[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)

func gemDialect() *Dialect {
	return &Dialect{
		name: "RubyGems", order: order("RubyGems"), comparator: gemComparator,
		successor: func(v string) string { return v + ".0.1" },
	}
}

// gemComparator reads one bound. "~> 5.2.4.3" is [5.2.4.3, 5.2.5) without the
// pre-releases of 5.2.5; no version is the least of those, 5.2.5.A stands for
// it (letters are ordered as in ASCII).
func gemComparator(op, version string) ([]span, error) {
	if len(version) > 256 || !gemText.MatchString(version) {
		return nil, fmt.Errorf("version %q: %w", version, ErrSyntax)
	}
	v := strings.ReplaceAll(version, "-", ".pre.")
	if op != "~>" {
		return bound(op, v)
	}
	var release []string
	for f := range strings.SplitSeq(v, ".") {
		// "3beta2" is the segment 3, and then a word.
		word := strings.TrimLeft(f, "0123456789")
		if number := f[:len(f)-len(word)]; number != "" {
			release = append(release, number)
		}
		if word != "" {
			break
		}
	}
	if len(release) > 1 {
		release = release[:len(release)-1]
	}
	n, err := strconv.ParseUint(release[len(release)-1], 10, 62)
	if err != nil {
		return nil, fmt.Errorf("version %q: %w", version, ErrSyntax)
	}
	release[len(release)-1] = strconv.FormatUint(n+1, 10)
	return []span{{before(v), before(strings.Join(release, ".") + ".A")}}, nil
}
