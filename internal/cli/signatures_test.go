// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// testSigner signs as cosign does; its public key is in a file.
type testSigner struct {
	*testing.T
	key  *ecdsa.PrivateKey
	file string
}

func newTestSigner(t *testing.T) testSigner {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"key.pub": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))})
	return testSigner{t, key, filepath.Join(dir, "key.pub")}
}

func (s testSigner) sign(text []byte) string {
	s.Helper()
	sum := sha256.Sum256(text)
	sig, err := ecdsa.SignASN1(rand.Reader, s.key, sum[:])
	if err != nil {
		s.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sig)
}

// carrier is a layout of one manifest with one layer, as what lies beside images is.
func (s testSigner) carrier(mediaType string, body []byte, notes map[string]string) string {
	s.Helper()
	l := layoutDir{s.T, s.TempDir()}
	layer := l.put(mediaType, body)
	layer["annotations"] = notes
	config := l.put(oci+"config.v1+json", l.document(map[string]any{"os": "", "architecture": "", "rootfs": map[string]any{"type": "layers", "diff_ids": []any{layer["digest"]}}}))
	l.finish(l.put(oci+"manifest.v1+json", l.document(map[string]any{"schemaVersion": 2, "mediaType": oci + "manifest.v1+json", "config": config, "layers": []any{layer}})), "x")
	return l.dir
}

func (s testSigner) signature(digest string) string {
	payload := fmt.Appendf(nil, `{"critical":{"identity":{"docker-reference":""},"image":{"docker-manifest-digest":%q},"type":"cosign container image signature"},"optional":null}`, digest)
	return s.carrier("application/vnd.dev.cosign.simplesigning.v1+json", payload, map[string]string{"dev.cosignproject.cosign/signature": s.sign(payload)})
}

func (s testSigner) vex(digest, id, purl string) string {
	return s.carrier("application/vnd.dsse.envelope.v1+json", s.envelope(digest, id, purl), map[string]string{"predicateType": "https://openvex.dev/ns/v0.2.0"})
}

// envelope is a signed statement that the flaw does not affect the package.
func (s testSigner) envelope(digest, id, purl string) []byte {
	statement := fmt.Appendf(nil, `{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://openvex.dev/ns/v0.2.0","subject":[{"name":"app","digest":{"sha256":%q}}],"predicate":{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.com/vex/2","author":"a","timestamp":"2026-01-01T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":%q},"products":[{"@id":%q}],"status":"not_affected","justification":"vulnerable_code_not_in_execute_path"}]}}`,
		strings.TrimPrefix(digest, "sha256:"), id, purl)
	const kind = "application/vnd.in-toto+json"
	sig := s.sign(fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(kind), kind, len(statement), statement))
	return fmt.Appendf(nil, `{"payloadType":%q,"payload":%q,"signatures":[{"keyid":"","sig":%q}]}`, kind, base64.StdEncoding.EncodeToString(statement), sig)
}

// An image in a real registry over TLS: unsigned, signed for another image, by a
// stranger, by the key that was named; what a policy makes of it; and statements,
// of which only the verified are applied.
func TestSignedImages(t *testing.T) {
	if _, err := exec.LookPath("skopeo"); err != nil {
		need(t, "skopeo is not installed, make test installs it as root")
	}
	addr, cert := tlsRegistry(t)
	layout, index := twoPlatforms(t)
	push := func(dir, from, tag string) {
		t.Helper()
		runProgram(t, "skopeo", "--insecure-policy", "copy", "--all", "--preserve-digests", "--quiet", "--dest-tls-verify=false", "oci:"+dir+":"+from, "docker://"+addr+"/team/app:"+tag)
	}
	push(layout, "app", "1")
	work, home := t.TempDir(), t.TempDir()
	writeFiles(t, work, map[string]string{"policy.yaml": `policy: signed
rules:
  - name: signed
    when: '!image.signed'
    effect: deny
    message: Sign it.
`})
	run := func(args ...string) (string, string, int) {
		t.Helper()
		var out, errs bytes.Buffer
		a := &App{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: func() time.Time { return time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC) }, Dir: work, Env: []string{"HOME=" + home, "DOCKER_CONFIG=" + home, "NO_PROXY=*"}}
		status := a.Run(t.Context(), append(args, "--ca-file", cert, "--platform", "linux/amd64"))
		return out.String(), errs.String(), status
	}
	ref := "registry:" + addr + "/team/app:1"
	ours, stranger := newTestSigner(t), newTestSigner(t)
	scan := func(key string, more ...string) (r sekisho.Result, errs string, status int) {
		t.Helper()
		args := append([]string{"scan", ref, "--no-cache", "-f", "json", "--policy", "policy.yaml"}, more...)
		if key != "" {
			args = append(args, "--signature-key", key)
		}
		out, errs, status := run(args...)
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%v: %s", err, errs)
		}
		return r, errs, status
	}
	verify := func(want int, words ...string) {
		t.Helper()
		out, errs, status := run("verify", ref, "--signature-key", ours.file)
		for _, w := range words {
			if !strings.Contains(out+errs, w) {
				t.Errorf("verify does not say %q: %s%s", w, out, errs)
			}
		}
		if status != want {
			t.Errorf("verify: status %d: %s%s", status, out, errs)
		}
	}
	sigTag := strings.Replace(index, ":", "-", 1) + ".sig"

	if r, errs, status := scan(""); status != ExitIncomplete || r.Signatures != nil || !strings.Contains(errs, "with --signature-key") {
		t.Errorf("no key: status %d, %+v", status, r.Signatures)
	}
	if r, _, status := scan(ours.file); status != ExitDenied || !r.Signatures.Checked || r.Signatures.Signed || len(r.Signatures.Signatures) != 0 || !r.Signatures.Complete {
		t.Errorf("unsigned: status %d, %+v", status, r.Signatures)
	}
	verify(ExitDenied, "Signature: none", "not verified: ")

	push(ours.signature("sha256:"+strings.Repeat("1", 64)), "x", sigTag)
	if r, _, status := scan(ours.file); status != ExitDenied || r.Signatures.Signed || len(r.Signatures.Signatures) != 1 || r.Signatures.Signatures[0].Code != "signature-other-image" {
		t.Errorf("signed for another image: status %d, %+v", status, r.Signatures)
	}
	verify(ExitDenied, "about another image: sha256:1111")

	push(stranger.signature(index), "x", sigTag)
	if r, _, status := scan(ours.file); status != ExitDenied || r.Signatures.Signed || r.Signatures.Signatures[0].Code != "signature-key" {
		t.Errorf("signed by a stranger: status %d, %+v", status, r.Signatures)
	}
	verify(ExitDenied, "none of the given keys made it")

	push(ours.signature(index), "x", sigTag)
	r, _, status := scan(ours.file)
	if status != ExitAllowed || !r.Signatures.Signed || len(r.Signatures.Signers()) != 1 || r.Signatures.Signatures[0].Digest != index || r.Signatures.Signatures[0].By[0] != r.Signatures.Keys[0] {
		t.Errorf("signed: status %d, %+v", status, r.Signatures)
	}
	verify(ExitAllowed, "over the index, by "+r.Signatures.Keys[0])
	if out, _, status := run("scan", ref, "--no-cache", "--signature-key", ours.file, "--signature-key", stranger.file, "--lang", "ja"); status != ExitAllowed || !strings.Contains(out, "署名: 検証済み") {
		t.Errorf("the table: status %d, %s", status, out)
	}

	// A statement of a stranger silences nothing where a key was named, and is named.
	const flaw, purl = "CVE-2025-26519", "pkg:apk/alpine/musl"
	attTag := strings.Replace(index, ":", "-", 1) + ".att"
	suppressed := func(r *sekisho.Result) (n int) {
		for i := range r.Findings {
			if r.Findings[i].Rule == flaw && r.Findings[i].Suppressed != nil {
				n++
			}
		}
		return n
	}
	push(stranger.vex(index, flaw, purl), "x", attTag)
	r, errs, _ := scan(ours.file, "--vex", "oci")
	told := false
	for _, p := range r.Problems {
		told = told || p.Code == "vex-not-verified" && p.Minor && strings.Contains(p.Error, "none of the given keys")
	}
	if suppressed(&r) != 0 || !told || !strings.Contains(errs, "the signatures of 0 verify") {
		t.Errorf("a stranger's statement: %d, %v, %s", suppressed(&r), r.Problems, errs)
	}
	if r, _, _ := scan("", "--vex", "oci"); suppressed(&r) != 1 {
		t.Errorf("without a key: %v", r.Problems)
	}
	push(ours.vex(index, flaw, purl), "x", attTag)
	r, errs, _ = scan(ours.file, "--vex", "oci")
	if suppressed(&r) != 1 || !strings.Contains(errs, "the signatures of 1 verify") || len(r.Signatures.Attested()) != 1 {
		t.Errorf("our statement: %d, %v, %s", suppressed(&r), r.Problems, errs)
	}

	// What is applied is what was signed, whatever was read before.
	trust, err := (&App{}).signatureTrust(&signatureFlags{keys: []string{ours.file}})
	if err != nil {
		t.Fatal(err)
	}
	art := &sekisho.Artifact{Target: sekisho.Target{Digest: index}, Attached: []sekisho.Attachment{{Text: []byte("another"), Envelope: ours.envelope(index, flaw, purl)}, {Text: []byte("bare")}}}
	if n := verifiedAttachments(trust, []*sekisho.Artifact{art}); n != 2 || len(art.Attached) != 1 || !strings.Contains(string(art.Attached[0].Text), flaw) || len(art.Problems) != 1 {
		t.Errorf("%d attachments, %+v, %v", n, art.Attached, art.Problems)
	}

	// The same image out of an archive: nobody knows.
	if out, errs, status := run("verify", "oci-dir:"+layout, "--signature-key", ours.file); status != ExitIncomplete || !strings.Contains(errs, "name it as registry:IMAGE") {
		t.Errorf("a layout: status %d, %s%s", status, out, errs)
	}
	// A name alone is one of the registry: no daemon is asked for what it does not keep.
	if out, errs, status := run("verify", strings.TrimPrefix(ref, "registry:"), "--signature-key", ours.file); status != ExitAllowed || errs != "" {
		t.Errorf("a name alone: status %d, %s%s", status, out, errs)
	}
	out, _, status := run("verify", ref, "--signature-key", ours.file, "-f", "json")
	var list []verification
	if err := json.Unmarshal([]byte(out), &list); err != nil || status != ExitAllowed || len(list) != 1 || !list[0].Signatures.Signed || list[0].Target.IndexDigest != index {
		t.Errorf("JSON: status %d, %v, %s", status, err, out)
	}
	for name, args := range map[string][]string{
		"no key": {ref}, "no image": {"--signature-key", ours.file}, "a tree": {".", "--signature-key", ours.file}, "no file": {ref, "--signature-key", "none"},
		"no key in it": {ref, "--signature-key", "policy.yaml"}, "a format": {ref, "--signature-key", ours.file, "-f", "xml"},
	} {
		if out, errs, status := run(append([]string{"verify"}, args...)...); status != ExitUsage || out != "" || errs == "" {
			t.Errorf("%s: status %d, %s%s", name, status, out, errs)
		}
	}
}
