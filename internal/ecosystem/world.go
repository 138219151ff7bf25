// SPDX-License-Identifier: Apache-2.0

package ecosystem

import (
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/alpine"
	"github.com/sekisho/sekisho/internal/ecosystem/arch"
	"github.com/sekisho/sekisho/internal/ecosystem/beam"
	"github.com/sekisho/sekisho/internal/ecosystem/binary"
	"github.com/sekisho/sekisho/internal/ecosystem/cargo"
	"github.com/sekisho/sekisho/internal/ecosystem/cpp"
	"github.com/sekisho/sekisho/internal/ecosystem/dart"
	"github.com/sekisho/sekisho/internal/ecosystem/debian"
	"github.com/sekisho/sekisho/internal/ecosystem/dotnet"
	"github.com/sekisho/sekisho/internal/ecosystem/golang"
	"github.com/sekisho/sekisho/internal/ecosystem/haskell"
	"github.com/sekisho/sekisho/internal/ecosystem/julia"
	"github.com/sekisho/sekisho/internal/ecosystem/lua"
	"github.com/sekisho/sekisho/internal/ecosystem/maven"
	"github.com/sekisho/sekisho/internal/ecosystem/npm"
	"github.com/sekisho/sekisho/internal/ecosystem/perl"
	"github.com/sekisho/sekisho/internal/ecosystem/php"
	"github.com/sekisho/sekisho/internal/ecosystem/pypi"
	"github.com/sekisho/sekisho/internal/ecosystem/r"
	"github.com/sekisho/sekisho/internal/ecosystem/rpm"
	"github.com/sekisho/sekisho/internal/ecosystem/ruby"
	"github.com/sekisho/sekisho/internal/ecosystem/swift"
	"github.com/sekisho/sekisho/internal/match"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// language is a world that does not depend on the distribution.
type language struct {
	order sekisho.Order
	// fold is true where names differ by case only in how they are written.
	fold bool
}

// languages by ecosystem, which is also the name of the world.
func languages() map[string]language {
	return map[string]language{
		sekisho.EcosystemCargo:    {order: cargo.Order()},
		sekisho.EcosystemCocoa:    {order: swift.Order()},
		sekisho.EcosystemComposer: {order: php.Order(), fold: true},
		sekisho.EcosystemConan:    {order: cpp.Order()},
		sekisho.EcosystemCPAN:     {order: perl.Order()},
		sekisho.EcosystemCRAN:     {order: r.Order()},
		sekisho.EcosystemGem:      {order: ruby.Order()},
		sekisho.EcosystemGo:       {order: golang.Order()},
		sekisho.EcosystemHackage:  {order: haskell.Order()},
		sekisho.EcosystemHex:      {order: beam.Order()},
		sekisho.EcosystemJulia:    {order: julia.Order()},
		sekisho.EcosystemLuaRocks: {order: lua.Order()},
		sekisho.EcosystemMaven:    {order: maven.Order()},
		sekisho.EcosystemNPM:      {order: npm.Order()},
		sekisho.EcosystemNuGet:    {order: dotnet.Order(), fold: true},
		sekisho.EcosystemPub:      {order: dart.Order()},
		sekisho.EcosystemPyPI:     {order: pypi.Order()},
		sekisho.EcosystemSwift:    {order: swift.Order()},
	}
}

// Places says where the advisories about a package are: the distribution's for
// its packages, the ecosystem's for all others.
func Places() match.Places {
	langs := languages()
	system := map[string]sekisho.Order{
		sekisho.EcosystemDeb: debian.Order(), sekisho.EcosystemAPK: alpine.Order(),
		sekisho.EcosystemRPM: rpm.Order(), sekisho.EcosystemALPM: arch.Order(),
	}
	programs := binary.Order()
	return func(os *sekisho.OS, p *sekisho.Package) ([]match.Place, sekisho.Told) {
		if order, ok := system[p.Ecosystem]; ok {
			world, why := release(os, p)
			if why.Code != "" {
				return nil, why
			}
			return []match.Place{{World: world, Name: p.Name, Version: p.Version, SourceName: p.SourceName, SourceVersion: p.SourceVersion, Order: order, Bundles: true}}, sekisho.Told{}
		}
		if l, ok := langs[p.Ecosystem]; ok {
			name := p.Name
			if l.fold {
				name = strings.ToLower(name)
			}
			if p.Ecosystem == sekisho.EcosystemMaven && !strings.Contains(name, ":") {
				return nil, sekisho.Tell(message.WhyNoGroup.Words())
			}
			return []match.Place{
				{World: p.Ecosystem, Name: name, Version: p.Version, Order: l.order},
				// Malicious packages are known of most ecosystems.
				{World: "malware/" + p.Ecosystem, Name: name, Version: p.Version, Order: l.order, Optional: true},
			}, sekisho.Told{}
		}
		switch p.Ecosystem {
		case sekisho.EcosystemBinary, sekisho.EcosystemOTP:
			return program(p, programs)
		case "bitnami":
			return []match.Place{{World: "bitnami", Name: p.Name, Version: p.Version, Order: programs}}, sekisho.Told{}
		}
		return nil, sekisho.Tell(message.WhyNoWorld.Words(p.Ecosystem))
	}
}

// upstream are the names that Bitnami's advisories have for programs; their
// ranges are those of the program's own releases.
var upstream = map[string]string{"httpd": "apache", "openjdk": "java", "mongod": "mongodb", "go": "golang"}

func program(p *sekisho.Package, order sekisho.Order) ([]match.Place, sekisho.Told) {
	name := p.Name
	if other, ok := upstream[name]; ok {
		name = other
	}
	if p.Name == "go" {
		// The standard library's advisories are those of the toolchain.
		return []match.Place{{World: sekisho.EcosystemGo, Name: "stdlib", Version: p.Version, Order: golang.Order()}}, sekisho.Told{}
	}
	return []match.Place{
		{World: "binary", Name: p.Name, Version: p.Version, Order: order, Optional: true},
		{World: "bitnami", Name: name, Version: p.Version, Order: order},
	}, sekisho.Told{}
}

// release is the world of a distribution's release.
func release(os *sekisho.OS, p *sekisho.Package) (world string, why sekisho.Told) {
	if os == nil {
		return "", sekisho.Tell(message.WhyNoOS.Words(p.Ecosystem))
	}
	if os.Family == "" {
		return "", sekisho.Tell(message.WhyNoWorld.Words(strings.TrimSpace(os.ID + " " + os.Version)))
	}
	major, rest, _ := strings.Cut(os.Version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	two := major
	if minor != "" {
		two += "." + minor
	}
	switch os.Family {
	case "debian":
		return "debian/" + debianRelease(major, os.Codename), sekisho.Told{}
	case "ubuntu":
		return "ubuntu/" + two, sekisho.Told{}
	case "alpine":
		if os.Codename == "edge" {
			return "alpine/edge", sekisho.Told{}
		}
		return "alpine/" + two, sekisho.Told{}
	case "wolfi", "chainguard", "arch":
		return os.Family, sekisho.Told{}
	case "rhel", "centos":
		return "redhat/" + major, sekisho.Told{}
	case "almalinux":
		return "alma/" + major, sekisho.Told{}
	case "rocky":
		return "rocky/" + major, sekisho.Told{}
	case "ol":
		return "oracle/" + major, sekisho.Told{}
	case "amzn":
		if len(major) == 4 && major != "2023" && major < "2022" {
			major = "1" // the releases before Amazon Linux 2 were named by month
		}
		return "amazon/" + major, sekisho.Told{}
	case "sles":
		return "suse/sles-" + two, sekisho.Told{}
	case "sle-micro":
		return "suse/sle-micro-" + two, sekisho.Told{}
	case "opensuse-leap":
		return "suse/leap-" + two, sekisho.Told{}
	case "opensuse-tumbleweed":
		return "suse/tumbleweed", sekisho.Told{}
	case "mariner", "azurelinux":
		return "azurelinux/" + two, sekisho.Told{}
	}
	return os.Family + "/" + two, sekisho.Told{}
}

// debianRelease prefers the number; testing and unstable have a name alone.
func debianRelease(major, codename string) string {
	if major != "" {
		return major
	}
	if n, ok := map[string]string{"bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14", "duke": "15"}[codename]; ok {
		return n
	}
	return "sid"
}
