// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// refusedSignature is one that does not verify, with the words of a fault.
func refusedSignature(why message.Fault, args ...any) sekisho.Signature {
	s := sekisho.Signature{Kind: sekisho.SignatureOfImage, Scheme: sekisho.SchemeCosign, Manifest: "sha256:" + strings.Repeat("d", 64)}
	s.Code, s.Args, s.Why = why.Words(args...)
	return s
}

// Whether an image is signed is one line, in both languages; what does not verify
// is counted by its reason as long as nothing verifies.
func TestSignatureText(t *testing.T) {
	by := []string{"sha256:aa"}
	image := sekisho.Signature{Kind: sekisho.SignatureOfImage, Scheme: sekisho.SchemeBundle, Manifest: "sha256:" + strings.Repeat("c", 64), Digest: "sha256:i", Verified: true, By: by}
	statement := sekisho.Signature{Kind: sekisho.SignatureOfStatement, Scheme: sekisho.SchemeEnvelope, PredicateType: "https://openvex.dev/ns", Manifest: "sha256:e", Digest: "sha256:m", Verified: true, By: by}
	key, notation := refusedSignature(message.SignatureKey), refusedSignature(message.SignatureScheme, "no\x1b[31mtation")
	code, args, why := message.SignatureLocal.Words("docker")
	for _, tt := range []struct {
		check  *sekisho.SignatureCheck
		en, ja string
	}{
		{nil, "", ""},
		{&sekisho.SignatureCheck{Checked: true, Signed: true, Signatures: []sekisho.Signature{key, image, statement}}, "verified, by sha256:aa; verified statements: https://openvex.dev/ns", "検証済み (署名者 sha256:aa)、検証済みのステートメント: https://openvex.dev/ns"},
		{&sekisho.SignatureCheck{Checked: true}, "none", "なし"},
		{&sekisho.SignatureCheck{Checked: true, Signatures: []sekisho.Signature{key, notation, key}}, "none verifies; 2 not verified: none of the given keys made it; 1 not verified: it is signed by a scheme that is not verified: no\ufffd[31mtation", "検証できる署名なし、2 件は検証不可 (指定された鍵による署名ではありません)、1 件は検証不可 (検証に対応していない署名方式です: no\ufffd[31mtation)"},
		{&sekisho.SignatureCheck{Code: code, Args: args, Why: why}, "not known: signatures lie in the image's registry, and this image is from docker: name it as registry:IMAGE", "不明: 署名はイメージのレジストリにありますが、このイメージの取得元は docker です。registry:IMAGE と指定してください"},
	} {
		r := judgedImage()
		r.Signatures = tt.check
		if got := SignatureText(r, message.En); got != tt.en {
			t.Errorf("%q, want %q", got, tt.en)
		}
		if got := SignatureText(r, message.Ja); got != tt.ja {
			t.Errorf("%q, want %q", got, tt.ja)
		}
	}
	c := &sekisho.SignatureCheck{Checked: true, Signed: true, Digests: []string{"sha256:m", "sha256:i"}, Signatures: []sekisho.Signature{image, statement, key}}
	want := []string{
		"verified      sigstore-bundle sha256:ccccccccccc…, over the index, by sha256:aa", "verified      dsse sha256:e https://openvex.dev/ns, over the manifest, by sha256:aa",
		"not verified  cosign sha256:ddddddddddd…: none of the given keys made it",
	}
	if got := SignatureTexts(c, message.En); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	r := judgedImage()
	r.Signatures = c
	for _, format := range []string{"table", "markdown", "html"} {
		var b bytes.Buffer
		if err := Write(&b, format, r, Options{Lang: message.En, Width: 200}); err != nil {
			t.Fatal(err)
		}
		if s := strings.Join(strings.Fields(b.String()), " "); !strings.Contains(s, "Signature") || !strings.Contains(s, "verified, by sha256:aa; verified statements: https:") {
			t.Errorf("%s does not say that the image is signed: %s", format, s[strings.Index(s, "Signature"):])
		}
	}
}

// A comparison says in one line how the signature differs, and what comes out of a
// report of others cannot mark up a comment.
func TestDiffOfSignatures(t *testing.T) {
	c := &sekisho.Comparison{Signature: &sekisho.SignatureChange{
		From: sekisho.SignatureState{State: sekisho.SignatureVerified, By: []string{"sha256:<b>1"}}, To: sekisho.SignatureState{State: sekisho.SignatureNone},
	}}
	for format, want := range map[string]string{"table": "Signature: verified, by sha256:<b>1 → none\n", "markdown": "Signature: verified, by sha256:&lt;b&gt;1 → none\n"} {
		var out strings.Builder
		if err := WriteDiff(&out, format, c, Options{Lang: message.En, Width: 100}); err != nil {
			t.Fatal(err)
		}
		if strings.Count(out.String(), want) != 1 {
			t.Errorf("%s does not say %q:\n%s", format, want, out.String())
		}
	}
	if got := signatureState(&c.Signature.To, message.Ja); got != "なし" {
		t.Error(got)
	}
}
