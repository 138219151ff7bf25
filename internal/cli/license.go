// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"slices"

	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/license"
	"github.com/sekisho/sekisho/internal/message"
)

// licenseOptions are the lists of a policy over licences.
type licenseOptions struct{ deny, allow []string }

func (f *licenseOptions) add(a *App, s *pflag.FlagSet) {
	s.StringSliceVar(&f.deny, "license-deny", nil, a.lang.Of(message.FlagLicenseDeny))
	s.StringSliceVar(&f.allow, "license-allow", nil, a.lang.Of(message.FlagLicenseAllow))
}

// licensePolicy reads the lists. Lists that no scanner would look at are a
// mistake: a gate that never closes.
func (a *App) licensePolicy(f *licenseOptions, scanners []string) (license.Policy, error) {
	p, err := license.ParsePolicy(f.deny, f.allow)
	if err != nil {
		return p, a.usage(message.BadLicense, err)
	}
	if !p.IsZero() && !slices.Contains(scanners, "license") {
		return p, a.usage(message.LicenseNotScanned)
	}
	return p, nil
}
