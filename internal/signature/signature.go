// SPDX-License-Identifier: Apache-2.0

// Package signature verifies signatures of images and of statements about them,
// by public keys that the user named. It is pure: it gets what lies beside an
// image and gives an answer, and opens no file, no network and no clock. Schemes
// and certificates that it cannot verify are named as such and never pass.
package signature

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Trust is what signatures are verified by.
type Trust struct{ keys []Key }

// NewTrust trusts the keys, each once.
func NewTrust(keys []Key) (*Trust, error) {
	t := &Trust{}
	for _, k := range keys {
		if !slices.ContainsFunc(t.keys, func(o Key) bool { return o.ID == k.ID }) {
			t.keys = append(t.keys, k)
		}
	}
	switch n := len(t.keys); {
	case n == 0:
		return nil, message.New("there is no key to trust")
	case n > maxKeys:
		return nil, message.Errorf("there are %d keys to trust, more than the %d that are tried", n, maxKeys)
	}
	return t, nil
}

// IDs of the keys.
func (t *Trust) IDs() []string {
	out := make([]string, len(t.keys))
	for i := range t.keys {
		out[i] = t.keys[i].ID
	}
	return out
}

// by gives the ids of the keys that made one of the signatures of the text.
func (t *Trust) by(text []byte, signatures ...[]byte) []string {
	var out []string
	m := newContent(text)
	for i := range t.keys {
		if slices.ContainsFunc(signatures, func(s []byte) bool { return t.keys[i].verifies(m, s) }) {
			out = append(out, t.keys[i].ID)
		}
	}
	return out
}

// predicateSign is the type of a statement that says no more than that this is
// the image: cosign writes it in place of its older payload.
const predicateSign = "https://sigstore.dev/cosign/sign/v1"

// statementTypes are those of in-toto's statements.
var statementTypes = []string{"https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"}

// Check verifies everything that was found beside an image.
func (t *Trust) Check(found *sekisho.SignatureSearch) *sekisho.SignatureCheck {
	c := &sekisho.SignatureCheck{Keys: t.IDs(), Digests: found.Digests, Signatures: []sekisho.Signature{}}
	for i := range found.Documents {
		s := t.Document(&found.Documents[i], found.Digests)
		c.Signed = c.Signed || s.Verified && s.Kind == sekisho.SignatureOfImage
		c.Signatures = append(c.Signatures, s)
	}
	// One that verifies is enough, whatever else there may be; that there is none
	// is known only where all were seen.
	c.Complete, c.Checked = found.Asked, c.Signed || found.Asked
	if !c.Checked {
		c.Code, c.Args, c.Why = found.Why.Code, found.Why.Args, found.Why.Text
		if c.Code == "" {
			c.Code, c.Args, c.Why = message.SignatureUnasked.Words()
		}
	}
	return c
}

// Document verifies one document. The signature must be over it, it must be about
// one of the digests, and one of the keys must have made it.
func (t *Trust) Document(d *sekisho.SignedDocument, digests []string) sekisho.Signature {
	switch {
	case d.MediaType == TypeSimple:
		return t.simple(d, digests)
	case d.MediaType == TypeEnvelope:
		_, s := t.Envelope(d, digests)
		return s
	case strings.HasPrefix(d.MediaType, TypeBundle):
		_, s := t.Envelope(d, digests)
		s.Scheme = sekisho.SchemeBundle
		return s
	}
	s := sekisho.Signature{Scheme: d.MediaType, Manifest: d.Manifest}
	if d.MediaType == TypeNotation {
		s.Kind, s.Scheme = sekisho.SignatureOfImage, sekisho.SchemeNotation
	}
	return refuse(s, message.SignatureScheme, s.Scheme)
}

// refuse gives the signature with the reason why it does not verify.
func refuse(s sekisho.Signature, why message.Fault, args ...any) sekisho.Signature {
	s.Verified, s.By = false, nil
	s.Code, s.Args, s.Why = why.Words(args...)
	return s
}

// unreadable gives the signature with what is wrong with its document.
func unreadable(s sekisho.Signature, err error) sekisho.Signature {
	s.Verified, s.By = false, nil
	s.Code, s.Args, s.Why = message.Say("it cannot be read: %w", err)
	return s
}

// stranger says that no key made a signature, or that a certificate would have to
// be judged.
func (t *Trust) stranger(s sekisho.Signature, certificate bool) sekisho.Signature {
	if certificate {
		return refuse(s, message.SignatureCertificate)
	}
	return refuse(s, message.SignatureKey)
}

// simpleType is the type that a payload of cosign states.
const simpleType = "cosign container image signature"

// simple verifies cosign's payload with the signature beside it.
// See https://github.com/containers/image/blob/main/docs/containers-signature.5.md#json-data-format
// for the payload.
func (t *Trust) simple(d *sekisho.SignedDocument, digests []string) sekisho.Signature {
	s := sekisho.Signature{Kind: sekisho.SignatureOfImage, Scheme: sekisho.SchemeCosign, Manifest: d.Manifest}
	var payload struct {
		Critical struct {
			Type  string `json:"type"`
			Image struct {
				Digest string `json:"docker-manifest-digest"`
			} `json:"image"`
		} `json:"critical"`
	}
	if err := document.Decode(d.Text, &payload); err != nil {
		return unreadable(s, err)
	}
	s.Digest = payload.Critical.Image.Digest
	sig, err := decodeBase64(d.Signature)
	switch {
	case err != nil:
		return unreadable(s, err)
	case len(sig) == 0:
		return refuse(s, message.SignatureEmpty)
	case payload.Critical.Type != simpleType:
		return refuse(s, message.SignatureType, payload.Critical.Type)
	case !slices.Contains(digests, s.Digest):
		return refuse(s, message.SignatureOther, s.Digest)
	}
	if s.By = t.by(d.Text, sig); len(s.By) == 0 {
		return t.stranger(s, d.Certificate)
	}
	s.Verified = true
	return s
}

// Envelope verifies an envelope or a bundle with one in it. The statement is nil
// unless it is verified.
func (t *Trust) Envelope(d *sekisho.SignedDocument, digests []string) (*Statement, sekisho.Signature) {
	s := sekisho.Signature{Scheme: sekisho.SchemeEnvelope, Manifest: d.Manifest}
	e, err := OpenEnvelope(d.Text)
	if err != nil {
		return nil, unreadable(s, err)
	}
	if e.PayloadType != TypeInToto {
		return nil, refuse(s, message.SignatureType, e.PayloadType)
	}
	said, err := ParseStatement(e.Payload)
	if err != nil {
		return nil, unreadable(s, err)
	}
	s.Kind, s.PredicateType = sekisho.SignatureOfStatement, said.PredicateType
	if said.PredicateType == predicateSign {
		s.Kind = sekisho.SignatureOfImage
	}
	s.Digest = said.About(digests)
	switch {
	case len(e.Signatures) == 0:
		return nil, refuse(s, message.SignatureEmpty)
	case !slices.Contains(statementTypes, said.Type):
		return nil, refuse(s, message.SignatureType, said.Type)
	case s.Digest == "":
		return nil, refuse(s, message.SignatureOther, said.first())
	}
	if s.By = t.by(e.signedText(), e.Signatures...); len(s.By) == 0 {
		return nil, t.stranger(s, e.Certificate || d.Certificate)
	}
	s.Verified = true
	return said, s
}

// first names one thing that a statement is about.
func (s *Statement) first() string {
	for _, subject := range s.Subject {
		for _, algorithm := range []string{"sha256", "sha512"} {
			if hex := subject.Digest[algorithm]; hex != "" {
				return algorithm + ":" + hex
			}
		}
	}
	return "?"
}

// Attachment verifies the statement that an attachment was taken out of, and
// gives what it says. What was verified is read anew: nothing that was read
// before counts.
func (t *Trust) Attachment(a *sekisho.Attachment, digests []string) (json.RawMessage, sekisho.Signature) {
	d := &sekisho.SignedDocument{Manifest: a.Name, MediaType: TypeEnvelope, Text: a.Envelope}
	if a.Envelope == nil {
		return nil, refuse(sekisho.Signature{Kind: sekisho.SignatureOfStatement, Manifest: a.Name}, message.SignatureEmpty)
	}
	said, s := t.Envelope(d, digests)
	if said == nil {
		return nil, s
	}
	return said.Predicate, s
}
