// SPDX-License-Identifier: Apache-2.0

package advisory

import (
	"strings"

	gocvss20 "github.com/pandatix/go-cvss/20"
	gocvss30 "github.com/pandatix/go-cvss/30"
	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"
)

// Score is the base score of a CVSS vector of version 2.0, 3.0, 3.1 or 4.0
// (https://www.first.org/cvss), 0 for what is none.
func Score(vector string) float64 {
	switch {
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		if v, err := gocvss31.ParseVector(vector); err == nil {
			return v.BaseScore()
		}
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		if v, err := gocvss30.ParseVector(vector); err == nil {
			return v.BaseScore()
		}
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		if v, err := gocvss40.ParseVector(vector); err == nil {
			return v.Score()
		}
	default:
		if v, err := gocvss20.ParseVector(vector); err == nil {
			return v.BaseScore()
		}
	}
	return 0
}

// metrics of CVSS 3's base group, in the order of the specification.
var metrics = []struct{ name, values string }{
	{"AV", "NALP"}, {"AC", "LH"}, {"PR", "NLH"}, {"UI", "NR"}, {"S", "UC"}, {"C", "HLN"}, {"I", "HLN"}, {"A", "HLN"},
}

// vector writes a CVSS 3 vector of base metrics as one number above 1, and any
// other text as 0 and the text. The number is the metrics' positions in mixed
// radix, and the minor version.
func (e *encoder) vector(s string) {
	if n, ok := packVector(s); ok {
		e.uint(n + 1)
		return
	}
	e.uint(0)
	e.str(s)
}

func packVector(s string) (n uint64, ok bool) {
	rest, ok := strings.CutPrefix(s, "CVSS:3.")
	if !ok || len(rest) < 2 || (rest[0] != '0' && rest[0] != '1') {
		return 0, false
	}
	n = uint64(rest[0] - '0')
	rest = rest[1:]
	for _, m := range metrics {
		l := len(m.name)
		if len(rest) < l+3 || rest[0] != '/' || rest[1:1+l] != m.name || rest[1+l] != ':' {
			return 0, false
		}
		i := strings.IndexByte(m.values, rest[2+l])
		if i < 0 {
			return 0, false
		}
		n = n*uint64(len(m.values)) + uint64(i)
		rest = rest[3+l:]
	}
	return n, rest == ""
}

func (d *decoder) vector() string {
	n := d.uint()
	if n == 0 {
		return d.str()
	}
	return unpackVector(n - 1)
}

func unpackVector(n uint64) string {
	var values [8]byte
	for i := len(metrics) - 1; i >= 0; i-- {
		radix := uint64(len(metrics[i].values))
		values[i] = metrics[i].values[n%radix]
		n /= radix
	}
	b := make([]byte, 0, 48)
	b = append(b, "CVSS:3."...)
	b = append(b, '0'+byte(n&1))
	for i, m := range metrics {
		b = append(b, '/')
		b = append(b, m.name...)
		b = append(b, ':', values[i])
	}
	return string(b)
}
