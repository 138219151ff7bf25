// SPDX-License-Identifier: Apache-2.0

package sekisho

// SignatureSearch is what was found beside an image where signatures lie. Nobody
// has verified anything of it.
type SignatureSearch struct {
	// Digests are those that a signature of the image may be over: the manifest's,
	// and that of the index that it was chosen from.
	Digests []string
	// Asked is true where the place that keeps the image's signatures answered
	// every question. Without it nobody knows that there are no more than these.
	Asked bool
	// Why it was not asked, where nobody could; empty where it answered badly: a
	// problem of the artifact says how.
	Why Told
	// Documents in the order in which they were found, each once.
	Documents []SignedDocument
}

// SignedDocument is a document beside an image with what signs it, as it lies
// there.
type SignedDocument struct {
	// Manifest is the digest of the manifest that carries it.
	Manifest string
	// MediaType of the document; where it is of a scheme that nobody here reads,
	// the type of the artifact, and Text is nil.
	MediaType string
	// Signature of Text in base64, where it stands beside it and not in it.
	Signature string
	// Certificate is true where a certificate stands beside it.
	Certificate bool
	Text        []byte
}

// The kinds of signature.
const (
	// SignatureOfImage says: this is the image that I mean.
	SignatureOfImage = "image"
	// SignatureOfStatement is over a statement about the image: a bill of
	// materials, a provenance, a VEX document.
	SignatureOfStatement = "statement"
)

// The schemes of signatures.
const (
	// SchemeCosign is https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md.
	SchemeCosign = "cosign"
	// SchemeBundle is https://docs.sigstore.dev/about/bundle/.
	SchemeBundle = "sigstore-bundle"
	// SchemeEnvelope is https://github.com/secure-systems-lab/dsse/blob/master/envelope.md.
	SchemeEnvelope = "dsse"
	// SchemeNotation is https://github.com/notaryproject/specifications; it is not verified.
	SchemeNotation = "notation"
)

// SignatureCheck says which signatures lie beside an image, and which of them
// verify.
type SignatureCheck struct {
	// Checked is true where it is known whether the image is signed. Otherwise
	// Code, Args and Why say why it is not.
	Checked bool     `json:"checked"`
	Code    string   `json:"code,omitempty"`
	Args    []string `json:"args,omitempty"`
	Why     string   `json:"why,omitempty"`
	// Complete is true where everything that may be a signature was read.
	Complete bool `json:"complete"`
	// Signed is true where a signature of the image verifies by a key that the
	// user named, over a digest of Digests.
	Signed bool `json:"signed"`
	// Digests are those that a signature of the image may be over.
	Digests []string `json:"digests,omitempty"`
	// Keys are the ids of those that the user named, see Signature.By.
	Keys       []string    `json:"keys"`
	Signatures []Signature `json:"signatures"`
}

// Signature is one signature beside an image, or several of one document.
type Signature struct {
	// Kind is SignatureOfImage or SignatureOfStatement; empty where that is not known.
	Kind string `json:"kind,omitempty"`
	// Scheme is one of the schemes, or the type of the artifact.
	Scheme string `json:"scheme"`
	// Manifest is the digest of the manifest that carries it.
	Manifest string `json:"manifest"`
	// Digest of the image that it is over: the manifest's or the index's.
	Digest string `json:"digest,omitempty"`
	// PredicateType of the statement.
	PredicateType string `json:"predicateType,omitempty"`
	Verified      bool   `json:"verified"`
	// By are the ids of the keys by which it verifies: the digest of the key as
	// SubjectPublicKeyInfo in DER, "sha256:...".
	By []string `json:"by,omitempty"`
	// Code, Args and Why say why it does not verify.
	Code string   `json:"code,omitempty"`
	Args []string `json:"args,omitempty"`
	Why  string   `json:"why,omitempty"`
}

// Signers are the ids of the keys by which signatures of the image verify, each
// once, in the order of the signatures.
func (c *SignatureCheck) Signers() []string {
	return c.collect(SignatureOfImage, func(s *Signature) []string { return s.By })
}

// Attested are the types of the statements about the image that verify.
func (c *SignatureCheck) Attested() []string {
	return c.collect(SignatureOfStatement, func(s *Signature) []string { return []string{s.PredicateType} })
}

func (c *SignatureCheck) collect(kind string, of func(*Signature) []string) []string {
	out := []string{}
	seen := map[string]bool{}
	for i := range c.Signatures {
		if s := &c.Signatures[i]; s.Verified && s.Kind == kind {
			for _, v := range of(s) {
				if !seen[v] {
					seen[v] = true
					out = append(out, v)
				}
			}
		}
	}
	return out
}
