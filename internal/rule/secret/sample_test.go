// SPDX-License-Identifier: Apache-2.0

package secret

import "math/rand/v2"

const (
	sampleAlnum = base62
	sampleHex   = "0123456789abcdef"
	sampleURL   = base62 + "_-"
	sampleUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	sampleB32   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	sampleB64   = base62 + "+/"
)

// sample makes n random characters of the alphabet; the same for the same seed.
// Tests make their tokens at run time: none is in the source.
func sample(alphabet string, n, seed int) string {
	r := rand.New(rand.NewPCG(uint64(seed), 99))
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func githubToken(seed int) string {
	body := sample(sampleAlnum, 30, seed)
	return "ghp_" + body + crcBase62([]byte(body))
}
