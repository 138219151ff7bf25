// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/signature"
)

// signatureFlags say by whom images must be signed.
type signatureFlags struct{ keys []string }

func (f *signatureFlags) add(a *App, s *pflag.FlagSet) {
	s.StringSliceVar(&f.keys, "signature-key", nil, a.lang.Of(message.FlagSignatureKey))
}

// trustFlags say whom to trust: a sekisho.yaml that is found beside what is
// scanned may not set them.
var trustFlags = []string{"signature-key"}

// asked says whether signatures are to be verified.
func (f *signatureFlags) asked() bool { return len(f.keys) > 0 }

// signatureTrust reads the keys; nil when none was named.
func (a *App) signatureTrust(f *signatureFlags) (*signature.Trust, error) {
	if !f.asked() {
		return nil, nil
	}
	var keys []signature.Key
	for _, name := range f.keys {
		text, err := a.smallFile(name)
		if err != nil {
			return nil, err
		}
		these, err := signature.ParseKeys(text)
		if err != nil {
			return nil, a.usage(message.SignatureKeyBad, name, a.lang.Error(err))
		}
		keys = append(keys, these...)
	}
	t, err := signature.NewTrust(keys)
	if err != nil {
		return nil, a.usage(message.SignatureKeyBad, f.keys[0], a.lang.Error(err))
	}
	return t, nil
}

// checkSignatures verifies the signatures of an image; nil for other targets, and
// where nobody named a key.
func checkSignatures(trust *signature.Trust, art *sekisho.Artifact) *sekisho.SignatureCheck {
	if trust == nil || art.Target.Kind != sekisho.KindImage {
		return nil
	}
	found := art.Signatures
	if found == nil { // its source keeps no manifest that could be signed
		found = &sekisho.SignatureSearch{Why: sekisho.Tell(message.SignatureLocal.Words(art.Target.Source))}
	}
	return trust.Check(found)
}

// missKey says what is missing where a policy asks for signatures and nobody named
// a key.
func (a *App) missKey(r *sekisho.Result, f *scanFlags) {
	if f.quiet || f.signatures.asked() {
		return
	}
	for i := range r.Verdict.Details {
		d := &r.Verdict.Details[i]
		if d.Code == sekisho.ReasonRuleUnknown && slices.ContainsFunc(d.Args, func(s string) bool {
			return strings.Contains(s, "image.sign") || strings.Contains(s, "image.attested")
		}) {
			a.remark(message.SignatureNoKey)
			return
		}
	}
}

// verifiedAttachments are the statements beside the images whose signatures
// verify, with the text that was signed. The others become problems.
func verifiedAttachments(trust *signature.Trust, artifacts []*sekisho.Artifact) (all int) {
	for _, art := range artifacts {
		digests := slices.DeleteFunc([]string{art.Target.Digest, art.Target.IndexDigest}, func(s string) bool { return s == "" })
		var kept []sekisho.Attachment
		for i := range art.Attached {
			all++
			doc := art.Attached[i]
			text, s := trust.Attachment(&doc, digests)
			if s.Verified {
				doc.Text = text
				kept = append(kept, doc)
				continue
			}
			p := sekisho.Problem{Stage: sekisho.StageOpen, Path: doc.Name, Minor: true}
			art.Problems = append(art.Problems, p.Saying(message.Say("the VEX document beside the image is not applied, its signature does not verify: %v", s.Why)))
		}
		art.Attached = kept
	}
	return all
}
