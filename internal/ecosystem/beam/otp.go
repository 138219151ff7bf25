// SPDX-License-Identifier: Apache-2.0

package beam

import (
	"context"
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// otpApp reads the resource file of an installed application, ebin/NAME.app:
// {application, NAME, [{vsn, "VERSION"}, ...]}. The applications that come with
// Erlang/OTP and Elixir stand in the ecosystem "otp", all others are packages
// of Hex that a build compiled. See https://www.erlang.org/doc/man/app.
type otpApp struct{}

func (otpApp) Name() string { return "beam/otp-app" }
func (otpApp) Version() int { return 1 }

func (otpApp) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || !strings.HasSuffix(f.Path, ".app") {
		return false
	}
	i := strings.LastIndexByte(f.Path, '/')
	return i > 0 && isBase(f.Path[:i], "ebin")
}

var errApp = errors.New("application file has no {application, NAME, [... {vsn, VERSION} ...]}")

func (otpApp) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	s := scanner{b: b, line: 1, comment: '%'}
	if !is(s.next(), "{") || string(s.next().value) != "application" || !is(s.next(), ",") {
		return inv, errApp
	}
	nameToken := s.next()
	if nameToken.kind != word && nameToken.kind != text {
		return inv, errApp
	}
	name := string(nameToken.value)
	var version string
	var licenses []string
	depth := 0
	for n := 0; version == "" || licenses == nil; n++ {
		if n&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return inv, err
			}
		}
		t := s.next()
		if t.kind == end {
			break
		}
		switch {
		case is(t, "[") || is(t, "{"):
			depth++
		case is(t, "]") || is(t, "}"):
			depth--
		case depth == 2 && t.kind == word && string(t.value) == "vsn":
			if is(s.next(), ",") {
				if v := s.next(); v.kind == text && len(v.value) < 256 {
					version = string(v.value)
				}
			}
		case depth == 2 && t.kind == word && string(t.value) == "licenses":
			licenses = s.list()
			depth = 1 // list stopped at the end of the property
		}
	}
	if name == "" || version == "" {
		return inv, errApp
	}
	p := hex(name, version)
	if shipped(name) {
		p.Ecosystem = sekisho.EcosystemOTP
		p.PURL = sekisho.PURL{Type: "otp", Name: name, Version: version}.String()
	}
	p.Licenses = licenses
	p.Line = nameToken.line
	inv.Packages = append(inv.Packages, p)
	return inv, nil
}

// list reads the strings up to the end of a property, 32 at most.
func (s *scanner) list() []string {
	all := []string{}
	for range 256 {
		switch t := s.next(); {
		case t.kind == text && len(all) < 32:
			all = append(all, string(t.value))
		case t.kind == end || is(t, "}"):
			return all
		}
	}
	return all
}

// shipped reports whether an application comes with Erlang/OTP
// (https://www.erlang.org/doc/applications.html) or with Elixir.
func shipped(name string) bool {
	switch name {
	case "asn1", "common_test", "compiler", "crypto", "debugger", "dialyzer", "diameter", "edoc", "eldap",
		"erl_docgen", "erl_interface", "erts", "et", "eunit", "ftp", "inets", "jinterface", "kernel", "megaco",
		"mnesia", "observer", "odbc", "os_mon", "parsetools", "public_key", "reltool", "runtime_tools", "sasl",
		"snmp", "ssh", "ssl", "stdlib", "syntax_tools", "tftp", "tools", "wx", "xmerl",
		"eex", "elixir", "ex_unit", "iex", "logger", "mix":
		return true
	}
	return false
}
