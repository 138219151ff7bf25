// SPDX-License-Identifier: Apache-2.0

package livecheck

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// callerIdentity is the request that STS answers for every principal, whatever
// its rights.
const callerIdentity = "Action=GetCallerIdentity&Version=2011-06-15"

// sign signs a request of AWS, Signature Version 4, see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
func sign(r *http.Request, host, body, id, secret string, at time.Time) {
	const region, service = "us-east-1", "sts"
	at = at.UTC()
	day, stamp := at.Format("20060102"), at.Format("20060102T150405Z")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("X-Amz-Date", stamp)
	const signed = "content-type;host;x-amz-date"
	canonical := strings.Join([]string{
		r.Method, "/", "", "content-type:" + r.Header.Get("Content-Type"), "host:" + host, "x-amz-date:" + stamp, "", signed, hexSum(body),
	}, "\n")
	scope := strings.Join([]string{day, region, service, "aws4_request"}, "/")
	key := []byte("AWS4" + secret)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	text := strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, hexSum(canonical)}, "\n")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+id+"/"+scope+", SignedHeaders="+signed+", Signature="+hex.EncodeToString(mac(key, text)))
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func hexSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
