// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"slices"

	"github.com/sekisho/sekisho/internal/livecheck"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule/secret"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// keepForVerify makes the scanner hold values where a live check was asked for.
func (a *App) keepForVerify(f *scanFlags, sc *secret.Scanner) (*secret.Vault, error) {
	switch {
	case !f.secrets.verify:
		return nil, nil
	case f.offline:
		return nil, a.usage(message.VerifyOffline)
	case !slices.Contains(f.scanners, "secret"):
		return nil, a.usage(message.VerifyWithoutSecrets)
	}
	return sc.Keep(), nil
}

// verify asks the services of the secrets that were found, once each, and writes
// the answers into the findings.
func (in *inspector) verify(ctx context.Context, r *sekisho.Result) error {
	if in.vault == nil {
		return nil
	}
	var claims []livecheck.Claim
	asked := map[string]string{} // by value, the claim that stands for it
	same := map[string]string{}  // by finding, its claim
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Kind != sekisho.Secret || f.Suppressed != nil {
			continue
		}
		k, ok := in.vault.Of(f.ID)
		if !ok {
			continue
		}
		key := k.Detector + "\x00" + k.Value
		if asked[key] == "" {
			asked[key] = f.ID
			claims = append(claims, livecheck.Claim{ID: f.ID, Detector: k.Detector, Value: k.Value, Beside: k.Beside})
		}
		same[f.ID] = asked[key]
	}
	check := in.app.live
	check.Now = in.app.Now
	answers, err := check.Check(ctx, claims)
	if err != nil {
		return err
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if v, ok := answers[same[f.ID]]; ok {
			f.Verification = &v
		}
	}
	return nil
}
