// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"crypto/sha256"
	"encoding/hex"
)

// published are values that their makers gave to everybody, by the beginning of
// their SHA-256: they are not reported. A list by value cannot hide another one.
var published = map[string]string{
	"defcda422e024b4513efbde4": "crypto/x509/platform_root_key.pem of Go, a test root",
	"6189b36d964849f343700885": "crash reports of the Google Cloud CLI",
	"a73b3ad3b416d981fce26779": "crash reports of the Google Cloud CLI",
	"b3f19cc85129501b94306e78": "gsutil",
	"f7026ba153dc0b7d0823c3df": "Debian's Chromium",
	"f7a56b7565bd1c2663a13018": "the tests of gRPC, in its programs for Java",
	"41ef371e8721eb9c8f351d9d": "the tests of gRPC, in its programs for Java",
	"f5ec12fdba70bcf76299726f": "the tests of gRPC, in its programs for Java",
	"f314732ecd4f6806b2088fd5": "the tests of gRPC, in its programs for Java",
	"3e3a55ce585337b3391581b7": "the tests of gRPC, in its programs for Java",
	"58691c908ef3def800e6ef9e": "the tests of gRPC, in its programs for Java",
	"f9eeb66c490c73f264327bb4": "the tests of gRPC, in its programs for Java",
}

// isPublished says whether everybody has the value anyway.
func isPublished(value []byte) bool {
	sum := sha256.Sum256(value)
	return published[hex.EncodeToString(sum[:12])] != ""
}
