// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strconv"
	"strings"
)

// parsePort reads "[ip:][host:]container[/protocol]"
// (https://docs.docker.com/engine/network/port-publishing/).
func parsePort(v Value) Port {
	p := Port{Value: v, Protocol: "tcp"}
	text := v.Text
	if i := strings.LastIndexByte(text, '/'); i >= 0 {
		text, p.Protocol = text[:i], strings.ToLower(text[i+1:])
	}
	if strings.HasPrefix(text, "[") {
		if ip, rest, ok := strings.Cut(text[1:], "]:"); ok {
			p.IP, text = ip, rest
		}
	}
	parts := strings.Split(text, ":")
	p.Container = parts[len(parts)-1]
	if len(parts) > 1 {
		p.Host = parts[len(parts)-2]
	}
	if len(parts) > 2 {
		p.IP = strings.Join(parts[:len(parts)-2], ":")
	}
	return p
}

// everywhere reports a port that is open on all addresses of the host; false
// when the address is not known.
func (p *Port) everywhere() bool {
	switch p.IP {
	case "", "0.0.0.0", "::", "*":
		return true
	}
	return false
}

// bounds of a port or a range of ports; ok is false when they are not known.
func bounds(text string) (from, to int, ok bool) {
	a, b, found := strings.Cut(text, "-")
	from, err := strconv.Atoi(a)
	if err != nil {
		return 0, 0, false
	}
	if !found {
		return from, from, true
	}
	to, err = strconv.Atoi(b)
	return from, to, err == nil
}
