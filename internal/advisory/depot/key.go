// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"os"

	"github.com/sekisho/sekisho/internal/message"
)

// PEM types of the key files: PKIX (RFC 5280) and PKCS #8 (RFC 5958), as
// openssl genpkey -algorithm ed25519 writes them too.
const (
	publicType  = "PUBLIC KEY"
	privateType = "PRIVATE KEY"
	maxKeyFile  = 64 << 10
)

// KeyID names a public key: "ed25519:" and the first 16 hexadecimal digits of
// the SHA-256 of its 32 bytes.
func KeyID(key ed25519.PublicKey) string {
	s := sha256.Sum256(key)
	return "ed25519:" + hex.EncodeToString(s[:8])
}

// GenerateKey makes a key to sign databases with, and writes it to two new
// files: the private one readable by its owner only. Files that exist are not
// replaced.
func GenerateKey(privateFile, publicFile string) (ed25519.PrivateKey, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, message.Errorf("make a key: %w", err)
	}
	secret, err := MarshalPrivateKey(private)
	if err != nil {
		return nil, err
	}
	open, err := MarshalPublicKey(public)
	if err != nil {
		return nil, err
	}
	if err := writeNew(privateFile, secret, 0o600); err != nil {
		return nil, err
	}
	if err := writeNew(publicFile, open, 0o644); err != nil {
		_ = os.Remove(privateFile)
		return nil, err
	}
	return private, nil
}

func writeNew(name string, raw []byte, mode os.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, os.ErrExist) {
		return message.Errorf("write the key: %s exists and is not replaced", name)
	}
	if err == nil {
		_, err = f.Write(raw)
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			_ = os.Remove(name)
		}
	}
	if err != nil {
		return message.Errorf("write the key: %w", full(err))
	}
	return nil
}

// MarshalPublicKey writes a public key as PEM.
func MarshalPublicKey(key ed25519.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, message.Errorf("write the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: publicType, Bytes: der}), nil
}

// MarshalPrivateKey writes a private key as PEM.
func MarshalPrivateKey(key ed25519.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, message.Errorf("write the private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateType, Bytes: der}), nil
}

// ParsePublicKeys reads the public keys of a PEM text, one or more.
func ParsePublicKeys(text []byte) ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for {
		block, rest := pem.Decode(text)
		switch {
		case block == nil && len(keys) == 0:
			return nil, message.New("this is no public key in PEM form (-----BEGIN PUBLIC KEY-----)")
		case block == nil && len(bytes.TrimSpace(rest)) > 0:
			return nil, message.New("what follows the public key is no PEM text")
		case block == nil:
			return keys, nil
		case block.Type == privateType:
			return nil, message.New("this is a private key, and its public one is meant: keep it secret")
		case block.Type != publicType:
			return nil, message.Errorf("this is a %.40s, and a PUBLIC KEY is meant", block.Type)
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, message.Errorf("read the public key: %w", err)
		}
		public, ok := key.(ed25519.PublicKey)
		if !ok {
			return nil, message.Errorf("the public key is a %T, and an ed25519 one is meant", key)
		}
		keys = append(keys, public)
		text = rest
	}
}

// ParsePrivateKey reads a private key of a PEM text.
func ParsePrivateKey(text []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(text)
	switch {
	case block == nil:
		return nil, message.New("this is no private key in PEM form (-----BEGIN PRIVATE KEY-----)")
	case block.Type != privateType:
		return nil, message.Errorf("this is a %.40s, and an unencrypted PRIVATE KEY is meant", block.Type)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, message.Errorf("read the private key: %w", err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, message.Errorf("the private key is a %T, and an ed25519 one is meant", key)
	}
	return private, nil
}

// ReadPublicKeys reads the public keys of a file.
func ReadPublicKeys(file string) ([]ed25519.PublicKey, error) {
	raw, err := readBounded(file, maxKeyFile)
	if err != nil {
		return nil, err
	}
	keys, err := ParsePublicKeys(raw)
	if err != nil {
		return nil, message.Errorf("read %s: %w", file, err)
	}
	return keys, nil
}

// ReadPrivateKey reads the private key of a file.
func ReadPrivateKey(file string) (ed25519.PrivateKey, error) {
	raw, err := readBounded(file, maxKeyFile)
	if err != nil {
		return nil, err
	}
	key, err := ParsePrivateKey(raw)
	if err != nil {
		return nil, message.Errorf("read %s: %w", file, err)
	}
	return key, nil
}

// readBounded reads a file of at most limit bytes.
func readBounded(file string, limit int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, message.Errorf("read %s: %w", file, err)
	}
	if int64(len(raw)) > limit {
		return nil, message.Errorf("read %s: it has more than %d bytes", file, limit)
	}
	return raw, nil
}
