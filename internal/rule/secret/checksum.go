// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/crc32"
	"strings"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// crcBase62 is the checksum of GitHub's and npm's tokens: CRC-32 in six digits.
// https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
func crcBase62(b []byte) string {
	n := crc32.ChecksumIEEE(b)
	var out [6]byte
	for i := 5; i >= 0; i-- {
		out[i] = base62[n%62]
		n /= 62
	}
	return string(out[:])
}

// tailCRC checks tokens whose last six characters are the checksum of what is
// between the prefix of four and them.
func tailCRC(token []byte) (string, bool) {
	cut := len(token) - 6
	return levelChecksum, crcBase62(token[4:cut]) == string(token[cut:])
}

// macaroon checks PyPI's tokens: version 2 macaroons whose location is the index.
// https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt
func macaroon(token []byte) (string, bool) {
	b, err := base64.RawURLEncoding.DecodeString(string(token[len("pypi-"):]))
	if err != nil || len(b) < 40 || b[0] != 2 {
		return "", false
	}
	b = b[1:]
	const location, identifier, signature = 1, 2, 6
	seen := map[uint64]bool{}
	for len(b) > 0 {
		kind, n := binary.Uvarint(b)
		if n <= 0 {
			return "", false
		}
		b = b[n:]
		if kind == 0 {
			continue
		}
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return "", false
		}
		body := b[n : n+int(size)]
		b = b[n+int(size):]
		switch kind {
		case location:
			if !seen[location] && string(body) != "pypi.org" && string(body) != "test.pypi.org" {
				return "", false
			}
		case signature:
			return levelStructure, size == 32 && len(b) == 0 && seen[location] && seen[identifier]
		}
		seen[kind] = true
	}
	return "", false
}

// grafana checks service account tokens: glsa_SECRET_CRC, the checksum of what
// is before it, lowest byte first. Another order of it is seen too, so a wrong
// one only makes the token less sure.
func grafana(token []byte) (string, bool) {
	cut := bytes.LastIndexByte(token, '_')
	sum, err := hex.DecodeString(string(token[cut+1:]))
	if err != nil || len(sum) != 4 || cut != len("glsa_")+32 {
		return "", false
	}
	crc := crc32.ChecksumIEEE(token[:cut])
	if binary.LittleEndian.Uint32(sum) == crc || binary.BigEndian.Uint32(sum) == crc {
		return levelChecksum, true
	}
	return levelForm, mixed(token[5:cut], 3)
}

// jsonBase64 checks tokens that are base64 of a JSON object with these members.
func jsonBase64(prefix int, members ...string) func([]byte) (string, bool) {
	return func(token []byte) (string, bool) {
		b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(string(token[prefix:]), "="))
		if err != nil {
			return "", false
		}
		var m map[string]json.RawMessage
		if json.Unmarshal(b, &m) != nil {
			return "", false
		}
		for _, name := range members {
			if _, ok := m[name]; !ok {
				return "", false
			}
		}
		return levelStructure, true
	}
}

const bech32Set = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32 checks the checksum of a lower-case Bech32 string (BIP 173).
func bech32(s string) bool {
	cut := strings.LastIndexByte(s, '1')
	if cut < 1 || len(s)-cut < 8 {
		return false
	}
	sum := uint32(1)
	step := func(v byte) {
		top := sum >> 25
		sum = (sum&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	for i := range cut {
		step(s[i] >> 5)
	}
	step(0)
	for i := range cut {
		step(s[i] & 31)
	}
	for i := cut + 1; i < len(s); i++ {
		v := strings.IndexByte(bech32Set, s[i])
		if v < 0 {
			return false
		}
		step(byte(v))
	}
	return sum == 1
}

// ageKey checks age's identities: Bech32 in upper case.
func ageKey(token []byte) (string, bool) {
	return levelChecksum, bech32(strings.ToLower(string(token)))
}

// digitsAndLetters asks for both, with the entropy of random text.
func digitsAndLetters(prefix int, bits float64) func([]byte) (string, bool) {
	return func(token []byte) (string, bool) { return levelForm, mixed(token[prefix:], bits) }
}
