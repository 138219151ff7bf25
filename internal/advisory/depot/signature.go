// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"slices"

	"github.com/sekisho/sekisho/internal/message"
)

// Policy says which manifests are trusted.
type Policy struct {
	// Keys that are trusted; a signature by one of them is enough.
	Keys []ed25519.PublicKey
	// AllowUnsigned takes a manifest without a signature, and any signature
	// when there are no Keys: for a database that was built on this machine.
	AllowUnsigned bool
}

// signatures is manifest.json.sig. It may hold those of two manifests while one
// replaces the other.
type signatures struct {
	Schema     int         `json:"schema"`
	Signatures []signature `json:"signatures"`
}

type signature struct {
	// Manifest is the digest of the bytes that were signed.
	Manifest string `json:"manifest"`
	// Key is the id of the key; empty in the note that a manifest is not signed.
	Key string `json:"key,omitempty"`
	// Signature is ed25519 (RFC 8032) over the manifest's bytes, in base64.
	Signature []byte `json:"signature,omitempty"`
}

const maxSignatures = 32

// Sign signs the exact bytes of a manifest with each key and gives the text of
// manifest.json.sig; nil without keys.
func Sign(manifest []byte, keys ...ed25519.PrivateKey) ([]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var list []signature
	for _, key := range keys {
		public, ok := key.Public().(ed25519.PublicKey)
		if len(key) != ed25519.PrivateKeySize || !ok {
			return nil, message.Errorf("sign the manifest: this is no ed25519 key")
		}
		list = append(list, signature{Manifest: sum(manifest), Key: KeyID(public), Signature: ed25519.Sign(key, manifest)})
	}
	return encodeSignatures(list)
}

func encodeSignatures(list []signature) ([]byte, error) {
	raw, err := json.Marshal(signatures{Schema: Schema, Signatures: list})
	if err != nil {
		return nil, message.Errorf("write the signature: %w", err)
	}
	return append(raw, '\n'), nil
}

func parseSignatures(raw []byte) ([]signature, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	if len(raw) > maxSignature {
		return nil, lie("its signature file has more than %d bytes", maxSignature)
	}
	var s signatures
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, lie("its signature file cannot be read: %v", err)
	}
	if s.Schema != Schema {
		return nil, lie("its signature file is of version %d, and this program understands %d", s.Schema, Schema)
	}
	if len(s.Signatures) > maxSignatures {
		return nil, lie("it has %d signatures, more than %d", len(s.Signatures), maxSignatures)
	}
	for _, one := range s.Signatures {
		if !digestOf.MatchString(one.Manifest) || len(one.Key) > 64 || one.Key == "" != (len(one.Signature) == 0) ||
			one.Key != "" && len(one.Signature) != ed25519.SignatureSize {
			return nil, lie("its signature file holds something that is no signature")
		}
	}
	return s.Signatures, nil
}

// Check verifies the exact bytes of a manifest by the text of its signature
// file (nil when there is none). It returns the id of the trusted key that
// signed, empty for an unsigned one that the policy allows; else a
// [*SignatureError] or a [*ManifestError].
func (p Policy) Check(manifest, signatureFile []byte) (key string, err error) {
	list, err := parseSignatures(signatureFile)
	if err != nil {
		return "", err
	}
	digest := sum(manifest)
	var have, want []string
	trusted, noted, altered := "", false, false
	for _, k := range p.Keys {
		want = append(want, KeyID(k))
	}
	for _, s := range list {
		if s.Key == "" {
			noted = noted || s.Manifest == digest
			continue
		}
		if !slices.Contains(have, s.Key) {
			have = append(have, s.Key)
		}
		i := slices.Index(want, s.Key)
		switch {
		case i < 0:
		case ed25519.Verify(p.Keys[i], manifest, s.Signature):
			trusted = s.Key
		default:
			altered = true
		}
	}
	switch {
	case trusted != "":
		return trusted, nil
	case (len(have) == 0 || noted || len(p.Keys) == 0) && p.AllowUnsigned:
		return "", nil
	case len(have) == 0 || noted:
		return "", &SignatureError{Kind: ErrUnsigned, Want: want}
	case altered:
		return "", &SignatureError{Kind: ErrAltered, Have: have, Want: want}
	}
	return "", &SignatureError{Kind: ErrWrongKey, Have: have, Want: want}
}

// both joins the signatures of the present manifest with those of the next, for
// the moment between the two.
func both(present, presentSigs, next, nextSigs []byte) ([]byte, error) {
	var list []signature
	if old, err := parseSignatures(presentSigs); err == nil { // a damaged file has nothing to keep
		list = slices.DeleteFunc(old, func(s signature) bool { return s.Manifest != sum(present) })
	}
	if len(list) == 0 && present != nil {
		list = append(list, signature{Manifest: sum(present)})
	}
	incoming, err := parseSignatures(nextSigs)
	if err != nil {
		return nil, err
	}
	for _, s := range incoming {
		if s.Manifest == sum(next) {
			list = append(list, s)
		}
	}
	if len(incoming) == 0 {
		list = append(list, signature{Manifest: sum(next)})
	}
	return encodeSignatures(list)
}

// only leaves the signatures of one manifest in the text of a signature file.
func only(manifest, sigs []byte) ([]byte, error) {
	list, err := parseSignatures(sigs)
	if err != nil {
		return nil, err
	}
	mine := slices.DeleteFunc(slices.Clone(list), func(s signature) bool { return s.Key == "" || s.Manifest != sum(manifest) })
	switch len(mine) {
	case 0:
		return nil, nil
	case len(list):
		return sigs, nil
	}
	return encodeSignatures(mine)
}
