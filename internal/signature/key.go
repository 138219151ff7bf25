// SPDX-License-Identifier: Apache-2.0

package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
)

// What keys may cost.
const (
	maxKeys    = 16
	minRSABits = 2048
	maxRSABits = 16384
)

// Key is a public key that signatures are verified by.
type Key struct {
	// ID is the digest of the key as SubjectPublicKeyInfo in DER: "sha256:...".
	ID     string
	public crypto.PublicKey
}

// ParseKeys reads the public keys of a PEM file: ECDSA over P-256, P-384 and
// P-521, Ed25519, RSA of 2048 bits and more, as SubjectPublicKeyInfo (RFC 5280,
// 4.1) or, for RSA, as PKCS #1. Whatever else is in the file is an error.
func ParseKeys(text []byte) ([]Key, error) {
	var keys []Key
	for rest := text; ; {
		block, after := pem.Decode(rest)
		if block == nil {
			if len(bytes.TrimSpace(rest)) > 0 {
				return nil, message.New("it holds something that is no public key in PEM form (-----BEGIN PUBLIC KEY-----)")
			}
			break
		}
		if before, _, _ := bytes.Cut(rest, []byte("-----BEGIN")); len(bytes.TrimSpace(before)) > 0 {
			return nil, message.New("it holds something beside public keys in PEM form (-----BEGIN PUBLIC KEY-----)")
		}
		rest = after
		k, err := parseKey(block)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(keys, func(o Key) bool { return o.ID == k.ID }) {
			keys = append(keys, k)
		}
		if len(keys) > maxKeys {
			return nil, message.Errorf("it holds more than the %d keys that are read", maxKeys)
		}
	}
	if len(keys) == 0 {
		return nil, message.New("it holds no public key in PEM form (-----BEGIN PUBLIC KEY-----)")
	}
	return keys, nil
}

func parseKey(block *pem.Block) (Key, error) {
	var public crypto.PublicKey
	var err error
	switch {
	case strings.Contains(block.Type, "PRIVATE"):
		return Key{}, message.New("it is a private key: give the public key that belongs to it, and keep this one to yourself")
	case block.Type == "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case block.Type == "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case block.Type == "CERTIFICATE":
		return Key{}, message.New("it is a certificate: give the public key in it (openssl x509 -pubkey -noout)")
	default:
		return Key{}, message.Errorf("it holds a %q and not a public key", block.Type)
	}
	if err != nil {
		return Key{}, message.Errorf("it holds no public key that can be read: %w", err)
	}
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		if p.Curve != elliptic.P256() && p.Curve != elliptic.P384() && p.Curve != elliptic.P521() {
			return Key{}, message.Errorf("it holds a key over the curve %s: P-256, P-384 and P-521 are taken", p.Curve.Params().Name)
		}
	case *rsa.PublicKey:
		if n := p.N.BitLen(); n < minRSABits || n > maxRSABits {
			return Key{}, message.Errorf("it holds an RSA key of %d bits: from %d to %d are taken", n, minRSABits, maxRSABits)
		}
	case ed25519.PublicKey:
	default:
		return Key{}, message.New("it holds a key of a kind that is not taken: ECDSA, Ed25519 and RSA are")
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return Key{}, message.Errorf("it holds no public key that can be read: %w", err)
	}
	sum := sha256.Sum256(der)
	return Key{ID: "sha256:" + hex.EncodeToString(sum[:]), public: public}, nil
}

// content is what was signed, with its digests made once.
type content struct {
	text   []byte
	hashes []hashed
}

type hashed struct {
	hash crypto.Hash
	sum  []byte
}

func newContent(text []byte) content {
	a, b, c := sha256.Sum256(text), sha512.Sum384(text), sha512.Sum512(text)
	return content{text, []hashed{{crypto.SHA256, a[:]}, {crypto.SHA384, b[:]}, {crypto.SHA512, c[:]}}}
}

// verifies says whether sig is the key's signature of m: ECDSA in ASN.1 and RSA
// PKCS #1 v1.5 over one of the SHA-2 digests (which one a signer takes, neither
// the key nor the signature says), Ed25519 over the text or, as Ed25519ph, over
// its SHA-512.
func (k *Key) verifies(m content, sig []byte) bool {
	switch public := k.public.(type) {
	case *ecdsa.PublicKey:
		return slices.ContainsFunc(m.hashes, func(h hashed) bool { return ecdsa.VerifyASN1(public, h.sum, sig) })
	case *rsa.PublicKey:
		return slices.ContainsFunc(m.hashes, func(h hashed) bool { return rsa.VerifyPKCS1v15(public, h.hash, h.sum, sig) == nil })
	case ed25519.PublicKey:
		if ed25519.Verify(public, m.text, sig) {
			return true
		}
		return slices.ContainsFunc(m.hashes, func(h hashed) bool {
			return h.hash == crypto.SHA512 && ed25519.VerifyWithOptions(public, h.sum, sig, &ed25519.Options{Hash: crypto.SHA512}) == nil
		})
	}
	return false
}
