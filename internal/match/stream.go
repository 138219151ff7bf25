// SPDX-License-Identifier: Apache-2.0

package match

import (
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// An rpm module stream and a channel are lines of versions beside the release's
// own: a fix in one says nothing of a package in another.

// modular says whether an rpm version was built for a module.
func modular(version string) bool { return strings.Contains(version, ".module") }

// moduleFits says whether a row is about the package's module stream.
func moduleFits(a *sekisho.Advisory, p *sekisho.Package) bool {
	mine := p.Modularity
	switch {
	case a.Module != "":
		return mine == a.Module || strings.HasPrefix(mine, a.Module+":")
	case len(a.Ranges) > 0 && modular(a.Ranges[len(a.Ranges)-1].Fixed):
		// The source names no stream: then the one with the same beginning of the
		// version, as nodejs 18.x and 20.x have.
		return (mine != "" || modular(p.Version)) && sameLine(p.Version, a.Ranges[len(a.Ranges)-1].Fixed)
	case a.BySource:
		return true // a state of the source package, whatever its stream
	}
	return mine == ""
}

func moduleReason(a *sekisho.Advisory, p *sekisho.Package) sekisho.Told {
	switch {
	case a.Module == "" && p.Modularity == "":
		return sekisho.Tell(message.ReasonStreamNone.Words())
	case a.Module == "":
		return sekisho.Tell(message.ReasonStream.Words(p.Modularity))
	case p.Modularity == "":
		return sekisho.Tell(message.ReasonModuleNone.Words(a.Module))
	}
	return sekisho.Tell(message.ReasonModule.Words(a.Module, p.Modularity))
}

// sameLine compares the first number of two rpm versions, without the epoch.
func sameLine(a, b string) bool {
	first := func(v string) string {
		if _, rest, ok := strings.Cut(v, ":"); ok {
			v = rest
		}
		return v[:len(v)-len(strings.TrimLeft(v, "0123456789"))]
	}
	return first(a) == first(b)
}

// channelFits says whether a row of a channel is about the installed version.
//   - esm…, ltss: the release's own line of versions, fixed for subscribers.
//   - ksplice, fips: builds of their own, known by their version.
//   - extras-NAME9.9: another line, known by its number.
//
// Everything else is a product of its own.
func channelFits(channel, version string) bool {
	switch {
	case channel == "", strings.HasPrefix(channel, "esm"), strings.HasPrefix(channel, "ltss"):
		return true
	case channel == "ksplice", channel == "fips":
		return strings.Contains(version, channel)
	case strings.HasPrefix(channel, "extras-"):
		line := strings.TrimLeft(channel, "abcdefghijklmnopqrstuvwxyz-_")
		if _, rest, ok := strings.Cut(version, ":"); ok {
			version = rest
		}
		rest, ok := strings.CutPrefix(version, line)
		return ok && (line == "" || rest == "" || strings.IndexByte("0123456789", rest[0]) < 0)
	}
	return false
}
