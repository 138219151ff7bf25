// SPDX-License-Identifier: Apache-2.0

package signature

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
)

// Media types of what holds statements and signatures.
const (
	TypeEnvelope = "application/vnd.dsse.envelope.v1+json"
	TypeInToto   = "application/vnd.in-toto+json"
	// TypeBundle begins the type of a bundle, whose version follows.
	TypeBundle = "application/vnd.dev.sigstore.bundle"
	// TypeSimple is that of cosign's payloads.
	TypeSimple = "application/vnd.dev.cosign.simplesigning.v1+json"
	// TypeNotation is the type of the artifacts of Notation.
	TypeNotation = "application/vnd.cncf.notary.signature"
)

// What a document may hold.
const (
	maxSignatures = 10
)

// Envelope is a DSSE envelope, opened: nothing of it is verified.
// See https://github.com/secure-systems-lab/dsse/blob/master/envelope.md.
type Envelope struct {
	PayloadType string
	Payload     []byte
	// Signatures that are not empty, decoded.
	Signatures [][]byte
	// Certificate is true where a bundle names one in place of a key.
	Certificate bool
}

// ErrNoEnvelope says that a document is JSON and no envelope.
var ErrNoEnvelope = message.New("it is no envelope")

// OpenEnvelope reads a DSSE envelope, or a Sigstore bundle with one in it.
func OpenEnvelope(text []byte) (*Envelope, error) {
	type signed struct {
		PayloadType string `json:"payloadType"`
		Payload     string `json:"payload"`
		Signatures  []struct {
			Sig string `json:"sig"`
		} `json:"signatures"`
	}
	var doc struct {
		signed

		Bundle   *signed `json:"dsseEnvelope"`
		Message  any     `json:"messageSignature"`
		Material struct {
			Certificate any `json:"certificate"`
			Chain       any `json:"x509CertificateChain"`
		} `json:"verificationMaterial"`
	}
	if err := document.Decode(text, &doc); err != nil {
		return nil, err
	}
	from := doc.signed
	switch {
	case doc.Bundle != nil && (doc.Payload != "" || doc.Signatures != nil):
		return nil, message.New("it is a bundle and an envelope at once")
	case doc.Bundle != nil:
		from = *doc.Bundle
	case doc.Message != nil:
		return nil, message.New("the bundle holds the signature of a file and no envelope")
	}
	if from.Payload == "" {
		return nil, ErrNoEnvelope
	}
	e := &Envelope{PayloadType: from.PayloadType, Certificate: doc.Material.Certificate != nil || doc.Material.Chain != nil}
	var err error
	if e.Payload, err = decodeBase64(from.Payload); err != nil {
		return nil, message.Errorf("the envelope holds no base64: %w", err)
	}
	if len(from.Signatures) > maxSignatures {
		return nil, message.Errorf("the envelope holds %d signatures, more than the %d that are read", len(from.Signatures), maxSignatures)
	}
	for _, s := range from.Signatures {
		sig, err := decodeBase64(s.Sig)
		if err != nil {
			return nil, message.Errorf("a signature of the envelope is no base64: %w", err)
		}
		if len(sig) > 0 {
			e.Signatures = append(e.Signatures, sig)
		}
	}
	return e, nil
}

// signedText is what signatures of an envelope are over: the type and the payload
// with their lengths, so that neither can be taken for another.
// See https://github.com/secure-systems-lab/dsse/blob/master/protocol.md.
func (e *Envelope) signedText() []byte {
	b := []byte("DSSEv1 " + strconv.Itoa(len(e.PayloadType)) + " " + e.PayloadType + " " + strconv.Itoa(len(e.Payload)) + " ")
	return append(b, e.Payload...)
}

// Statement is an in-toto statement.
// See https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md.
type Statement struct {
	Type          string    `json:"_type"`
	PredicateType string    `json:"predicateType"`
	Subject       []Subject `json:"subject"`
	// Predicate is what it says, as it stands there.
	Predicate json.RawMessage `json:"predicate"`
}

// Subject is what a statement is about: digests by their algorithm.
type Subject struct {
	Digest map[string]string `json:"digest"`
}

// ParseStatement reads a statement.
func ParseStatement(text []byte) (*Statement, error) {
	s := &Statement{}
	if err := document.Decode(text, s); err != nil {
		return nil, err
	}
	return s, nil
}

// About gives the first of the digests ("sha256:...") that the statement is
// about; empty for none.
func (s *Statement) About(digests []string) string {
	for _, d := range digests {
		algorithm, hex, ok := strings.Cut(d, ":")
		if !ok || hex == "" {
			continue
		}
		for _, subject := range s.Subject {
			if subject.Digest[algorithm] == hex {
				return d
			}
		}
	}
	return ""
}

// decodeBase64 takes either alphabet, padded or not: writers differ.
func decodeBase64(s string) ([]byte, error) {
	s = strings.TrimRight(string(bytes.TrimSpace([]byte(s))), "=")
	if strings.ContainsAny(s, "-_") {
		return base64.RawURLEncoding.DecodeString(s)
	}
	return base64.RawStdEncoding.DecodeString(s)
}
