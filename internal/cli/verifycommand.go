// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// verification is what the command says of one image; its JSON is a list of them.
type verification struct {
	Target     sekisho.Target          `json:"target"`
	Signatures *sekisho.SignatureCheck `json:"signatures"`
	Problems   []sekisho.Problem       `json:"problems"`
}

func (a *App) verifyCommand() *cobra.Command {
	f := &scanFlags{}
	format := "text"
	c := &cobra.Command{Use: "verify IMAGE", Short: a.lang.Of(message.VerifyShort), Long: a.lang.Of(message.VerifyLong), Example: a.lang.Of(message.VerifyExample)}
	s := c.Flags()
	s.SortFlags = false
	f.signatures.add(a, s)
	s.StringVarP(&format, "format", "f", format, a.lang.Of(message.FlagVerifyFmt))
	s.Var(&f.platform, "platform", a.lang.Of(message.FlagPlatform))
	s.BoolVar(&f.offline, "offline", false, a.lang.Of(message.FlagOffline))
	s.DurationVar(&f.timeout, "timeout", 0, a.lang.Of(message.FlagTimeout))
	s.BoolVarP(&f.quiet, "quiet", "q", false, a.lang.Of(message.FlagQuiet))
	f.registry.add(a, s)
	s.String("config", "", a.lang.Of(message.FlagConfig))
	means(s, "format")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := a.applySettings(cmd); err != nil {
			return err
		}
		switch {
		case len(args) != 1:
			return a.usage(message.VerifyNoImage)
		case !f.signatures.asked():
			return a.usage(message.VerifyNoKey)
		case format != "text" && format != "json":
			return a.usage(message.VerifyFormat, format)
		}
		ctx := cmd.Context()
		if f.timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, f.timeout)
			defer cancel()
		}
		if err := a.readPassword(ctx, &f.registry); err != nil {
			return err
		}
		all, err := a.verifyImage(ctx, args[0], f)
		if err != nil {
			return err
		}
		if err := a.writeVerified(cmd.OutOrStdout(), all, format); err != nil {
			return err
		}
		return a.verified(all)
	}
	return c
}

// verifyImage opens the image, one artifact a platform, and verifies each.
func (a *App) verifyImage(ctx context.Context, arg string, f *scanFlags) ([]verification, error) {
	trust, err := a.signatureTrust(&f.signatures)
	if err != nil {
		return nil, err
	}
	t, err := a.target([]string{arg}, f)
	if err != nil {
		return nil, err
	}
	if t.scheme == "" && !f.offline {
		if _, err := os.Stat(a.path(t.name)); err != nil {
			t.scheme = "registry" // no daemon keeps signatures
		}
	}
	artifacts, err := a.open(ctx, t, f, a.newProgress(true))
	if err != nil {
		return nil, err
	}
	defer closeAll(artifacts)
	var out []verification
	for _, art := range artifacts {
		check := checkSignatures(trust, art)
		if check == nil {
			return nil, a.usage(message.VerifyTarget, art.Target.Name)
		}
		out = append(out, verification{Target: art.Target, Signatures: check, Problems: append([]sekisho.Problem{}, art.Problems...)})
	}
	return out, nil
}

// verified turns the answer into the exit status: each platform must be signed.
func (a *App) verified(all []verification) error {
	for i := range all {
		if v := &all[i]; v.Signatures.Checked && !v.Signatures.Signed {
			return exitError{ExitDenied, a.lang.Of(message.VerifyDenied, report.Title(&v.Target))}
		}
	}
	for i := range all {
		if c := all[i].Signatures; !c.Checked {
			return exitError{ExitIncomplete, a.lang.Of(message.VerifyUnknown, a.lang.Fault(c.Code, c.Args, c.Why))}
		}
	}
	return nil
}

func (a *App) writeVerified(w io.Writer, all []verification, format string) error {
	if format == "json" {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(all)
	}
	var b strings.Builder
	for i := range all {
		v := &all[i]
		fmt.Fprintf(&b, "%s\n", report.Title(&v.Target))
		for _, d := range v.Signatures.Digests {
			fmt.Fprintf(&b, "  %s\n", plain(d))
		}
		for _, s := range report.SignatureTexts(v.Signatures, a.lang) {
			fmt.Fprintf(&b, "  %s\n", s)
		}
		for j := range v.Problems {
			p := &v.Problems[j]
			fmt.Fprintf(&b, "  ! %s\n", plain(strings.TrimSpace(p.Path+" "+a.lang.Fault(p.Code, p.Args, p.Error))))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
