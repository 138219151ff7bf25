// SPDX-License-Identifier: Apache-2.0

package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var (
	digest = "sha256:" + strings.Repeat("1", 64)
	index  = "sha256:" + strings.Repeat("2", 64)
	other  = "sha256:" + strings.Repeat("3", 64)
)

// signer is a key of a test, with the way in which it signs.
type signer struct {
	public crypto.PublicKey
	sign   func(text []byte) []byte
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func ecdsaSigner(curve elliptic.Curve, sum func([]byte) []byte) signer {
	k := must(ecdsa.GenerateKey(curve, rand.Reader))
	return signer{&k.PublicKey, func(text []byte) []byte { return must(ecdsa.SignASN1(rand.Reader, k, sum(text))) }}
}

func sum256(b []byte) []byte { s := sha256.Sum256(b); return s[:] }
func sum384(b []byte) []byte { s := sha512.Sum384(b); return s[:] }
func sum512(b []byte) []byte { s := sha512.Sum512(b); return s[:] }

func (s signer) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(s.public))})
}

func (s signer) trust(t testing.TB) *Trust {
	t.Helper()
	keys, err := ParseKeys(s.pem())
	if err != nil {
		t.Fatal(err)
	}
	trust, err := NewTrust(keys)
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func payload(digest, kind string) []byte {
	return fmt.Appendf(nil, `{"critical":{"identity":{"docker-reference":"registry.example.com/app"},"image":{"docker-manifest-digest":%q},"type":%q},"optional":null}`, digest, kind)
}

func (s signer) simple(text []byte) sekisho.SignedDocument {
	return sekisho.SignedDocument{Manifest: "sha256:m", MediaType: TypeSimple, Text: text, Signature: b64(s.sign(text))}
}

func statement(digest, predicate string) []byte {
	return fmt.Appendf(nil, `{"_type":"https://in-toto.io/Statement/v1","predicateType":%q,"subject":[{"name":"x","digest":{"sha256":%q}}],"predicate":{"a":1}}`, predicate, strings.TrimPrefix(digest, "sha256:"))
}

// envelope signs a payload of a type; the type that the envelope states may be another.
func (s signer) envelope(text []byte, kind, stated string) []byte {
	e := Envelope{PayloadType: kind, Payload: text}
	return must(json.Marshal(map[string]any{"payloadType": stated, "payload": b64(text), "signatures": []any{map[string]string{"sig": b64(s.sign(e.signedText()))}}}))
}

func documentOf(kind string, text []byte) sekisho.SignedDocument {
	return sekisho.SignedDocument{Manifest: "sha256:m", MediaType: kind, Text: text}
}

// Every kind of key that is taken verifies what it signed and nothing else, with
// each digest that signers take.
func TestKeys(t *testing.T) {
	rsaKey := must(rsa.GenerateKey(rand.Reader, 2048))
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signers := map[string]signer{
		"p256":         ecdsaSigner(elliptic.P256(), sum256),
		"p384, sha256": ecdsaSigner(elliptic.P384(), sum256),
		"p384, sha384": ecdsaSigner(elliptic.P384(), sum384),
		"p521, sha512": ecdsaSigner(elliptic.P521(), sum512),
		"rsa, sha256":  {&rsaKey.PublicKey, func(b []byte) []byte { return must(rsa.SignPKCS1v15(nil, rsaKey, crypto.SHA256, sum256(b))) }},
		"rsa, sha512":  {&rsaKey.PublicKey, func(b []byte) []byte { return must(rsa.SignPKCS1v15(nil, rsaKey, crypto.SHA512, sum512(b))) }},
		"ed25519":      {edPublic, func(b []byte) []byte { return ed25519.Sign(edKey, b) }},
		"ed25519, sha512": {edPublic, func(b []byte) []byte {
			return must(edKey.Sign(nil, sum512(b), &ed25519.Options{Hash: crypto.SHA512}))
		}},
	}
	stranger := ecdsaSigner(elliptic.P256(), sum256).trust(t)
	for name, s := range signers {
		trust := s.trust(t)
		d := s.simple(payload(digest, simpleType))
		if got := trust.Document(&d, []string{digest}); !got.Verified || got.Digest != digest || !slices.Equal(got.By, trust.IDs()) || got.Why != "" {
			t.Errorf("%s: %+v", name, got)
		}
		if got := stranger.Document(&d, []string{digest}); got.Verified || got.Code != message.SignatureKey.Code || got.By != nil {
			t.Errorf("%s by another key: %+v", name, got)
		}
		d.Text = append(slices.Clone(d.Text), ' ')
		if got := trust.Document(&d, []string{digest}); got.Verified || got.Code != message.SignatureKey.Code {
			t.Errorf("%s over another text: %+v", name, got)
		}
	}
}

// What is no public key, or a weak one, is refused with a reason.
func TestKeysThatAreRefused(t *testing.T) {
	block := func(kind string, b []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}) }
	p224 := must(x509.MarshalPKIXPublicKey(&must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader)).PublicKey))
	t.Setenv("GODEBUG", "rsa1024min=0")
	weak := must(x509.MarshalPKIXPublicKey(&must(rsa.GenerateKey(rand.Reader, 1024)).PublicKey))
	good := ecdsaSigner(elliptic.P256(), sum256).pem()
	var many []byte
	for range maxKeys + 1 {
		many = append(many, ecdsaSigner(elliptic.P256(), sum256).pem()...)
	}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"nothing":       {nil, "no public key"},
		"words":         {[]byte("hello"), "no public key"},
		"a private key": {block("ENCRYPTED SIGSTORE PRIVATE KEY", []byte("x")), "keep this one to yourself"}, // no key: one letter
		"a certificate": {block("CERTIFICATE", []byte("x")), "openssl x509 -pubkey"},
		"another thing": {block("CERTIFICATE REQUEST", []byte("x")), `"CERTIFICATE REQUEST"`},
		"garbage":       {block("PUBLIC KEY", []byte("x")), "no public key that can be read"},
		"P-224":         {block("PUBLIC KEY", p224), "P-224"},
		"RSA 1024":      {block("PUBLIC KEY", weak), "1024 bits"},
		"text before":   {append([]byte("my key:\n"), good...), "beside public keys"},
		"text after":    {append(slices.Clone(good), "and so on"...), "no public key"},
		"too many":      {many, "more than the 16 keys"},
	} {
		if keys, err := ParseKeys(c.text); err == nil || !strings.Contains(err.Error(), c.want) || keys != nil {
			t.Errorf("%s: %v, %v", name, keys, err)
		}
	}
	twice, err := ParseKeys(append(slices.Clone(good), good...))
	if err != nil || len(twice) != 1 {
		t.Errorf("the same key twice: %d, %v", len(twice), err)
	}
	if trust, err := NewTrust(append(twice, twice...)); err != nil || len(trust.IDs()) != 1 {
		t.Errorf("the same key of two files: %v", err)
	}
	if _, err := NewTrust(nil); err == nil {
		t.Error("nobody is trusted, and that is no error")
	}
}

// Each attack on a signature fails, and says why.
func TestAttacks(t *testing.T) {
	s := ecdsaSigner(elliptic.P256(), sum256)
	thief := ecdsaSigner(elliptic.P256(), sum256)
	trust, digests := s.trust(t), []string{digest, index}
	with := func(d sekisho.SignedDocument, change func(*sekisho.SignedDocument)) sekisho.SignedDocument {
		change(&d)
		return d
	}
	good := s.simple(payload(digest, simpleType))
	said := statement(digest, predicateSign)
	edit := func(text []byte, change func(map[string]any)) []byte {
		m := map[string]any{}
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		change(m)
		return must(json.Marshal(m))
	}
	sealed := s.envelope(said, TypeInToto, TypeInToto)
	many := make([]any, maxSignatures+1)
	for i := range many {
		many[i] = map[string]string{"sig": "eA=="}
	}
	for name, c := range map[string]struct {
		doc  sekisho.SignedDocument
		want string
	}{
		"for another image":            {s.simple(payload(other, simpleType)), message.SignatureOther.Code},
		"for no image":                 {s.simple(payload("", simpleType)), message.SignatureOther.Code},
		"of another type":              {s.simple(payload(digest, "atomic container signature")), message.SignatureType.Code},
		"of no type":                   {s.simple(payload(digest, "")), message.SignatureType.Code},
		"by a thief":                   {thief.simple(payload(digest, simpleType)), message.SignatureKey.Code},
		"without a signature":          {with(good, func(d *sekisho.SignedDocument) { d.Signature = "" }), message.SignatureEmpty.Code},
		"with a signature of nothing":  {with(good, func(d *sekisho.SignedDocument) { d.Signature = "====" }), message.SignatureEmpty.Code},
		"with a broken signature":      {with(good, func(d *sekisho.SignedDocument) { d.Signature = "%" }), "signature-unreadable"},
		"with another payload":         {with(good, func(d *sekisho.SignedDocument) { d.Text = payload(index, simpleType) }), message.SignatureKey.Code},
		"with a certificate":           {with(thief.simple(payload(digest, simpleType)), func(d *sekisho.SignedDocument) { d.Certificate = true }), message.SignatureCertificate.Code},
		"with a damaged payload":       {with(good, func(d *sekisho.SignedDocument) { d.Text = d.Text[:20] }), "signature-unreadable"},
		"an empty payload":             {with(good, func(d *sekisho.SignedDocument) { d.Text = nil }), "signature-unreadable"},
		"a payload as an envelope":     {with(good, func(d *sekisho.SignedDocument) { d.MediaType = TypeEnvelope }), "signature-unreadable"},
		"an envelope as a payload":     {with(good, func(d *sekisho.SignedDocument) { d.Text = sealed }), message.SignatureType.Code},
		"an envelope by a thief":       {documentOf(TypeEnvelope, thief.envelope(said, TypeInToto, TypeInToto)), message.SignatureKey.Code},
		"an envelope of another image": {documentOf(TypeEnvelope, s.envelope(statement(other, predicateSign), TypeInToto, TypeInToto)), message.SignatureOther.Code},
		"an envelope of no image":      {documentOf(TypeEnvelope, s.envelope([]byte(`{"_type":"https://in-toto.io/Statement/v1"}`), TypeInToto, TypeInToto)), message.SignatureOther.Code},
		"a signed text of another type that reads as a statement": {documentOf(TypeEnvelope, s.envelope(said, "text/plain", TypeInToto)), message.SignatureKey.Code},
		"an envelope of another type":                             {documentOf(TypeEnvelope, s.envelope(said, "text/plain", "text/plain")), message.SignatureType.Code},
		"a statement of another type":                             {documentOf(TypeEnvelope, s.envelope([]byte(strings.Replace(string(said), "in-toto.io/Statement", "example.com/Statement", 1)), TypeInToto, TypeInToto)), message.SignatureType.Code},
		"a bare signature of the text":                            {documentOf(TypeEnvelope, edit(sealed, func(m map[string]any) { m["signatures"] = []any{map[string]string{"sig": b64(s.sign(said))}} })), message.SignatureKey.Code},
		"no signatures":                                           {documentOf(TypeEnvelope, edit(sealed, func(m map[string]any) { m["signatures"] = []any{} })), message.SignatureEmpty.Code},
		"empty signatures":                                        {documentOf(TypeEnvelope, edit(sealed, func(m map[string]any) { m["signatures"] = []any{map[string]string{"sig": ""}} })), message.SignatureEmpty.Code},
		"too many signatures":                                     {documentOf(TypeEnvelope, edit(sealed, func(m map[string]any) { m["signatures"] = many })), "signature-unreadable"},
		"another payload":                                         {documentOf(TypeEnvelope, edit(sealed, func(m map[string]any) { m["payload"] = b64(statement(index, predicateSign)) })), message.SignatureKey.Code},
		"two envelopes in one": {documentOf(TypeBundle+".v0.3+json", edit(sealed, func(m map[string]any) {
			m["dsseEnvelope"] = json.RawMessage(thief.envelope(said, TypeInToto, TypeInToto))
		})), "signature-unreadable"},
		"the signature of a file":     {documentOf(TypeBundle+".v0.3+json", []byte(`{"messageSignature":{"signature":"eA=="}}`)), "signature-unreadable/envelope-file"},
		"a bundle with a certificate": {documentOf(TypeBundle+".v0.3+json", fmt.Appendf(nil, `{"verificationMaterial":{"certificate":{"rawBytes":"eA=="}},"dsseEnvelope":%s}`, thief.envelope(said, TypeInToto, TypeInToto))), message.SignatureCertificate.Code},
		"too many values":             {documentOf(TypeEnvelope, []byte(`{"more":[`+strings.Repeat("1,", document.MaxValues)+`1],`+string(sealed[1:]))), "signature-unreadable/values"},
		"Notation":                    {documentOf(TypeNotation, nil), message.SignatureScheme.Code},
		"a scheme of tomorrow":        {documentOf("application/vnd.example.signature", []byte("x")), message.SignatureScheme.Code},
	} {
		got := trust.Document(&c.doc, digests)
		if got.Verified || !strings.HasPrefix(got.Code, c.want) || got.By != nil || got.Why == "" {
			t.Errorf("%s: %+v", name, got)
		}
		check := trust.Check(&sekisho.SignatureSearch{Digests: digests, Asked: true, Documents: []sekisho.SignedDocument{c.doc}})
		if check.Signed || !check.Checked || len(check.Signatures) != 1 || len(check.Signers()) != 0 {
			t.Errorf("%s: %+v", name, check)
		}
	}
}

// What is right verifies, over the manifest and over the index, and says which;
// a statement about the image does not sign it.
func TestCheck(t *testing.T) {
	s, second := ecdsaSigner(elliptic.P256(), sum256), ecdsaSigner(elliptic.P384(), sum384)
	keys, err := ParseKeys(append(s.pem(), second.pem()...))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := NewTrust(keys)
	if err != nil {
		t.Fatal(err)
	}
	said := statement(digest, "https://slsa.dev/provenance/v1")
	e := Envelope{PayloadType: TypeInToto, Payload: said}
	twice := must(json.Marshal(map[string]any{"payloadType": TypeInToto, "payload": b64(said), "signatures": []any{
		map[string]string{"sig": b64(second.sign(e.signedText()))}, map[string]string{"sig": ""}, map[string]string{"sig": b64(s.sign(e.signedText()))}, map[string]string{"sig": b64(s.sign(e.signedText()))},
	}}))
	all := []sekisho.SignedDocument{
		documentOf(TypeEnvelope, twice),
		s.simple(payload(index, simpleType)),
		documentOf(TypeBundle+".v0.3+json", fmt.Appendf(nil, `{"mediaType":"x","dsseEnvelope":%s}`, second.envelope(statement(digest, predicateSign), TypeInToto, TypeInToto))),
		s.simple(payload(other, simpleType)),
	}
	find := func(docs ...sekisho.SignedDocument) *sekisho.SignatureSearch {
		return &sekisho.SignatureSearch{Digests: []string{digest, index}, Asked: true, Documents: docs}
	}
	c := trust.Check(find(all...))
	if !c.Signed || !c.Checked || !c.Complete || !slices.Equal(c.Signers(), trust.IDs()) || !slices.Equal(c.Attested(), []string{"https://slsa.dev/provenance/v1"}) {
		t.Errorf("%+v", c)
	}
	for i, want := range []sekisho.Signature{
		{Kind: "statement", Scheme: "dsse", Digest: digest, Verified: true, By: trust.IDs()},
		{Kind: "image", Scheme: "cosign", Digest: index, Verified: true, By: trust.IDs()[:1]},
		{Kind: "image", Scheme: "sigstore-bundle", Digest: digest, Verified: true, By: trust.IDs()[1:]},
		{Kind: "image", Scheme: "cosign", Digest: other},
	} {
		if got := c.Signatures[i]; got.Kind != want.Kind || got.Scheme != want.Scheme || got.Digest != want.Digest || got.Verified != want.Verified || !slices.Equal(got.By, want.By) {
			t.Errorf("%d: %+v", i, got)
		}
	}
	if c := trust.Check(find(all[0])); c.Signed || !c.Checked {
		t.Errorf("a statement signs the image: %+v", c)
	}
	if c := trust.Check(find()); c.Signed || !c.Checked || c.Signatures == nil {
		t.Errorf("nothing: %+v", c)
	}
	unasked := find(all[3])
	unasked.Asked = false
	if c := trust.Check(unasked); c.Checked || c.Signed || c.Code != message.SignatureUnasked.Code || c.Why == "" {
		t.Errorf("not asked: %+v", c)
	}
	unasked.Documents = all
	unasked.Why = sekisho.Tell(message.SignatureLocal.Words("oci-dir"))
	if c := trust.Check(unasked); !c.Checked || !c.Signed || c.Complete || c.Why != "" {
		t.Errorf("not all asked, and one verifies: %+v", c)
	}
}

// What is applied is the text that was verified.
func TestAttachment(t *testing.T) {
	s := ecdsaSigner(elliptic.P256(), sum256)
	trust := s.trust(t)
	sealed := s.envelope(statement(digest, "https://openvex.dev/ns"), TypeInToto, TypeInToto)
	text, got := trust.Attachment(&sekisho.Attachment{Name: "sha256:m", Text: []byte("another"), Envelope: sealed}, []string{digest})
	if string(text) != `{"a":1}` || !got.Verified {
		t.Errorf("%s, %+v", text, got)
	}
	for name, a := range map[string]sekisho.Attachment{
		"no envelope":     {Text: []byte("{}")},
		"another's":       {Text: []byte("{}"), Envelope: ecdsaSigner(elliptic.P256(), sum256).envelope(statement(digest, "https://openvex.dev/ns"), TypeInToto, TypeInToto)},
		"another image's": {Text: []byte("{}"), Envelope: s.envelope(statement(other, "https://openvex.dev/ns"), TypeInToto, TypeInToto)},
	} {
		if text, got := trust.Attachment(&a, []string{digest}); text != nil || got.Verified || got.Why == "" || (got.Code == message.SignatureEmpty.Code) != (a.Envelope == nil) {
			t.Errorf("%s: %s, %+v", name, text, got)
		}
	}
}

// made is what cosign 3.1.3 made with throwaway keys, in its older and its newer
// form: signatures of an image and of an index, and a VEX document.
type made struct {
	Keys      map[string]string
	Documents []struct{ Digest, MediaType, Signature, Text string }
}

func cosigned(t testing.TB) (m made) {
	t.Helper()
	text, err := os.ReadFile("testdata/cosign-v3.1.3.json")
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil || len(m.Documents) < 12 || len(m.Keys) < 5 {
		t.Fatalf("%d documents, %d keys, %v", len(m.Documents), len(m.Keys), err)
	}
	return m
}

// Everything that cosign made verifies by exactly one of its keys.
func TestCosign(t *testing.T) {
	m := cosigned(t)
	counts := map[string]int{}
	for name, text := range m.Keys {
		keys, err := ParseKeys([]byte(text))
		if err != nil {
			t.Fatal(name, err)
		}
		trust, err := NewTrust(keys)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range m.Documents {
			doc := sekisho.SignedDocument{MediaType: d.MediaType, Signature: d.Signature, Text: []byte(d.Text)}
			if s := trust.Document(&doc, []string{d.Digest}); s.Verified {
				counts[fmt.Sprint("document ", i)]++
				counts[name+" "+s.Scheme+" "+s.Kind]++
			}
			if s := trust.Document(&doc, []string{other}); s.Verified {
				t.Errorf("%d verifies for another image", i)
			}
		}
	}
	want := map[string]int{"cosign cosign image": 1, "cosign sigstore-bundle image": 1, "cosign sigstore-bundle statement": 1, "cosign dsse statement": 1}
	for _, k := range []string{"p384", "p521", "rsa", "ed"} {
		want[k+" cosign image"], want[k+" sigstore-bundle image"] = 1, 1
	}
	for i := range m.Documents {
		want[fmt.Sprint("document ", i)] = 1
	}
	if fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("verified %v\nand not   %v", counts, want)
	}
}

func FuzzDocument(f *testing.F) {
	m := cosigned(f)
	keys, err := ParseKeys([]byte(m.Keys["cosign"]))
	if err != nil {
		f.Fatal(err)
	}
	trust, err := NewTrust(keys)
	if err != nil {
		f.Fatal(err)
	}
	genuine := map[string]bool{}
	for _, d := range m.Documents {
		f.Add(d.MediaType, d.Signature, []byte(d.Text))
		f.Add(d.MediaType, d.Signature, []byte(d.Text[:len(d.Text)/2]))
		if e, err := OpenEnvelope([]byte(d.Text)); err == nil {
			genuine[string(e.Payload)] = true
		} else {
			genuine[d.Text] = true
		}
	}
	f.Fuzz(func(t *testing.T, kind, sig string, text []byte) {
		s := trust.Document(&sekisho.SignedDocument{MediaType: kind, Signature: sig, Text: text}, []string{m.Documents[0].Digest})
		if s.Verified == (s.Why != "") || s.Verified != (len(s.By) > 0) {
			t.Errorf("%+v", s)
		}
		if e, err := OpenEnvelope(text); s.Verified && !genuine[string(text)] && (err != nil || !genuine[string(e.Payload)]) {
			t.Errorf("a forgery verifies: %q", text)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	for _, text := range cosigned(f).Keys {
		f.Add([]byte(text))
		f.Add([]byte(text[:len(text)/2]))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := ParseKeys(text)
		if (err == nil) != (len(keys) > 0) {
			t.Errorf("%d keys, %v", len(keys), err)
		}
	})
}
