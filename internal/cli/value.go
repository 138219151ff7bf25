// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// byteSize is a number of bytes that may be written with a unit.
type byteSize int64

var units = []struct {
	name string
	n    int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"B", 1}}

func (b *byteSize) Set(s string) error {
	n := int64(1)
	digits := s
	for _, u := range units {
		if len(s) > len(u.name) && strings.EqualFold(s[len(s)-len(u.name):], u.name) {
			n, digits = u.n, strings.TrimSpace(s[:len(s)-len(u.name)])
			break
		}
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || v <= 0 || math.IsNaN(v) || v*float64(n) > math.MaxInt64/2 {
		return message.Errorf("%q is no size, write it like 64MiB or 2GB", s)
	}
	*b = byteSize(v * float64(n))
	return nil
}

func (b byteSize) String() string {
	for _, u := range units[:3] {
		if int64(b) >= u.n && int64(b)%u.n == 0 {
			return strconv.FormatInt(int64(b)/u.n, 10) + u.name
		}
	}
	if b >= 1<<20 {
		return fmt.Sprintf("%.1fMiB", float64(b)/(1<<20))
	}
	return strconv.FormatInt(int64(b), 10) + "B"
}

func (b *byteSize) Type() string { return "size" }

// severityList is --severity HIGH,CRITICAL.
type severityList []sekisho.Severity

func (l *severityList) Set(s string) error {
	for w := range strings.SplitSeq(s, ",") {
		v, err := sekisho.ParseSeverity(strings.TrimSpace(w))
		if err != nil {
			return err
		}
		if !slices.Contains(*l, v) {
			*l = append(*l, v)
		}
	}
	return nil
}

func (l *severityList) String() string {
	var out []string
	for _, s := range *l {
		out = append(out, s.String())
	}
	return strings.Join(out, ",")
}

func (l *severityList) Type() string { return "severities" }

// severityFlag is --fail-on high, or new:high; nil when it is not set.
type severityFlag struct {
	v *sekisho.Severity
	// fresh counts what is new, alone.
	fresh bool
}

func (f *severityFlag) Set(s string) error {
	word, fresh := strings.CutPrefix(s, "new:")
	v, err := sekisho.ParseSeverity(word)
	if err == nil {
		f.v, f.fresh = &v, fresh
	}
	return err
}

func (f *severityFlag) String() string {
	if f.v == nil {
		return ""
	}
	if f.fresh {
		return "new:" + f.v.String()
	}
	return f.v.String()
}

func (f *severityFlag) Type() string { return "severity" }

// platformFlag is --platform linux/arm64 or all.
type platformFlag string

func (f *platformFlag) Set(s string) error {
	if s != "all" && s != "" {
		if _, err := sekisho.ParsePlatform(s); err != nil {
			return err
		}
	}
	*f = platformFlag(s)
	return nil
}

func (f *platformFlag) String() string { return string(*f) }
func (f *platformFlag) Type() string   { return "platform" }
