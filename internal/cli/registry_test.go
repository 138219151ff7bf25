// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// tlsRegistry runs Debian's docker-registry with a certificate that signs
// itself, and gives its address and the file of the certificate.
func tlsRegistry(t *testing.T) (addr, cert string) {
	t.Helper()
	program, err := exec.LookPath("docker-registry")
	if err != nil {
		need(t, "docker-registry is not installed, make test installs it as root")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test registry"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = l.Addr().String()
	l.Close()
	dir := t.TempDir()
	cert = filepath.Join(dir, "cert.pem")
	config := fmt.Sprintf("version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %q, tls: {certificate: %s, key: %s}}\n",
		filepath.Join(dir, "data"), addr, cert, filepath.Join(dir, "key.pem"))
	for name, b := range map[string][]byte{
		"cert.pem":   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		"key.pem":    pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs}),
		"config.yml": []byte(config),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), program, "serve", filepath.Join(dir, "config.yml"))
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 200 {
		if c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr); err == nil {
			c.Close()
			return addr, cert
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("docker-registry did not start: %s", log.String())
	return "", ""
}

// layoutDir is an OCI layout in the making.
type layoutDir struct {
	*testing.T
	dir string
}

// put stores a blob and describes it.
func (l layoutDir) put(mediaType string, b []byte) map[string]any {
	l.Helper()
	sum := sha256.Sum256(b)
	id := hex.EncodeToString(sum[:])
	name := filepath.Join(l.dir, "blobs", "sha256", id)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		l.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		l.Fatal(err)
	}
	return map[string]any{"mediaType": mediaType, "digest": "sha256:" + id, "size": len(b)}
}

func (l layoutDir) document(v any) []byte {
	l.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		l.Fatal(err)
	}
	return b
}

// finish names the top of the layout.
func (l layoutDir) finish(top map[string]any, name string) {
	l.Helper()
	top["annotations"] = map[string]string{"org.opencontainers.image.ref.name": name}
	for name, b := range map[string][]byte{
		"index.json": l.document(map[string]any{"schemaVersion": 2, "manifests": []any{top}}), "oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}`),
	} {
		if err := os.WriteFile(filepath.Join(l.dir, name), b, 0o600); err != nil {
			l.Fatal(err)
		}
	}
}

const oci = "application/vnd.oci.image."

// statementLayout is an attestation as cosign attaches it: OpenVEX in a
// statement in an envelope, about the digest.
func statementLayout(t *testing.T, subject, id, purl string) string {
	t.Helper()
	l := layoutDir{t, t.TempDir()}
	_, hash, _ := strings.Cut(subject, ":")
	statement := l.document(map[string]any{
		"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://openvex.dev/ns/v0.2.0", "subject": []any{map[string]any{"name": "app", "digest": map[string]string{"sha256": hash}}},
		"predicate": map[string]any{
			"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "a", "timestamp": "2026-01-01T00:00:00Z", "version": 1,
			"statements": []any{map[string]any{"vulnerability": map[string]string{"name": id}, "products": []any{map[string]string{"@id": purl}}, "status": "not_affected", "justification": "vulnerable_code_not_in_execute_path"}},
		},
	})
	envelope := l.document(map[string]any{"payloadType": "application/vnd.in-toto+json", "payload": base64.StdEncoding.EncodeToString(statement), "signatures": []any{map[string]string{"sig": "eA=="}}})
	layer := l.put("application/vnd.dsse.envelope.v1+json", envelope)
	layer["annotations"] = map[string]string{"predicateType": "https://openvex.dev/ns/v0.2.0"}
	config := l.put(oci+"config.v1+json", l.document(map[string]any{"os": "", "architecture": "", "rootfs": map[string]any{"type": "layers", "diff_ids": []any{layer["digest"]}}}))
	l.finish(l.put(oci+"manifest.v1+json", l.document(map[string]any{"schemaVersion": 2, "mediaType": oci + "manifest.v1+json", "config": config, "layers": []any{layer}})), "vex")
	return l.dir
}

// twoPlatforms writes an OCI layout of one image for amd64 and arm64, whose
// packages differ, and gives its directory and the digest of the index.
func twoPlatforms(t *testing.T) (dir, index string) {
	t.Helper()
	l := layoutDir{t, t.TempDir()}
	var manifests []any
	for arch, version := range map[string]string{"amd64": "1.2.5-r0", "arm64": "1.2.5-r1"} {
		layer := l.put(oci+"layer.v1.tar", tarOf(map[string]string{
			"etc/os-release":       "ID=alpine\nVERSION_ID=3.20.3\n",
			"lib/apk/db/installed": "P:musl\nV:" + version + "\nA:x\no:musl\n\nP:zlib\nV:1.3.1-r1\nA:x\no:zlib\n\n",
		}))
		config := l.put(oci+"config.v1+json", l.document(map[string]any{
			"os": "linux", "architecture": arch, "rootfs": map[string]any{"type": "layers", "diff_ids": []any{layer["digest"]}},
		}))
		m := l.put(oci+"manifest.v1+json", l.document(map[string]any{"schemaVersion": 2, "mediaType": oci + "manifest.v1+json", "config": config, "layers": []any{layer}}))
		m["platform"] = map[string]string{"os": "linux", "architecture": arch}
		manifests = append(manifests, m)
	}
	top := l.put(oci+"index.v1+json", l.document(map[string]any{"schemaVersion": 2, "mediaType": oci + "index.v1+json", "manifests": manifests}))
	index = top["digest"].(string) //nolint:forcetypeassert // as put it there
	l.finish(top, "app")
	return l.dir, index
}

// The program as it is built, against a real registry over TLS: the authority
// that is given, every platform in one run, a mirror in place of the registry.
func TestProgramAndRegistry(t *testing.T) {
	if _, err := exec.LookPath("skopeo"); err != nil {
		need(t, "skopeo is not installed, make test installs it as root")
	}
	addr, cert := tlsRegistry(t)
	layout, index := twoPlatforms(t)
	runProgram(t, "skopeo", "--insecure-policy", "copy", "--all", "--preserve-digests", "--quiet", "--dest-tls-verify=false", "oci:"+layout+":app", "docker://"+addr+"/team/app:1")
	program := filepath.Join(t.TempDir(), "sekisho")
	runProgram(t, "go", "build", "-o", program, "../../cmd/sekisho")
	home := t.TempDir()
	run := func(args ...string) (out, errOut string, status int) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), program, append([]string{"scan", "--no-color"}, args...)...)
		cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "LANG=C", "NO_PROXY=*", "DOCKER_CONFIG=" + home}
		var o, e bytes.Buffer
		cmd.Stdout, cmd.Stderr = &o, &e
		err := cmd.Run()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return o.String(), e.String(), exit.ExitCode()
		}
		if err != nil {
			t.Fatal(err)
		}
		return o.String(), e.String(), 0
	}
	result := func(args ...string) (r sekisho.Result) {
		t.Helper()
		out, errOut, status := run(append(args, "-q", "-f", "json")...)
		if status != ExitAllowed {
			t.Fatalf("%v: status %d, %s", args, status, errOut)
		}
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	ref := "registry:" + addr + "/team/app:1"

	out, errOut, status := run(ref)
	if status != ExitFailed || out != "" || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, "not trusted") || !strings.Contains(errOut, "--ca-file") {
		t.Errorf("without the authority: status %d, %q, %q", status, out, errOut)
	}

	r := result(ref, "--platform", "all", "--ca-file", cert)
	platforms := []string{r.Target.Platform.String()}
	for i := range r.Platforms {
		platforms = append(platforms, r.Platforms[i].Target.Platform.String())
		if r.Platforms[i].Target.IndexDigest != index || len(r.Platforms[i].Packages) != 2 {
			t.Errorf("further platform %+v with %d packages", r.Platforms[i].Target, len(r.Platforms[i].Packages))
		}
	}
	if len(platforms) != 2 || platforms[0] == platforms[1] || r.Target.IndexDigest != index || len(r.Packages) != 2 {
		t.Errorf("platforms %v of %+v with %d packages", platforms, r.Target, len(r.Packages))
	}
	want := []sekisho.PlatformDifference{{Ecosystem: "apk", Name: "musl", Versions: map[string]string{"linux/amd64": "1.2.5-r0", "linux/arm64": "1.2.5-r1"}}}
	if d := cmp.Diff(want, r.Differences); d != "" {
		t.Error("differences:", d)
	}
	if out, _, _ := run(ref, "--platform", "all", "--ca-file", cert, "-q"); !strings.Contains(out, "1.2.5-r0") || !strings.Contains(out, "1.2.5-r1") || !strings.Contains(out, "linux/arm64") {
		t.Errorf("the table does not show how the platforms differ:\n%s", out)
	}

	// The registry of the name does not exist: only the mirror can have answered.
	r = result("registry:registry.example.com/team/app:1", "--platform", "linux/arm64", "--mirror", "registry.example.com="+addr, "--ca-file", cert)
	if r.Target.Name != "registry.example.com/team/app:1" || r.Target.Platform.String() != "linux/arm64" || len(r.Packages) != 2 || r.Packages[0].Version != "1.2.5-r1" {
		t.Errorf("by the mirror: %+v %+v", r.Target, r.Packages)
	}
	// A statement that is attached to the image silences what it speaks of.
	vex := statementLayout(t, index, "CVE-2025-26519", "pkg:apk/alpine/musl")
	runProgram(t, "skopeo", "--insecure-policy", "copy", "--preserve-digests", "--quiet", "--dest-tls-verify=false", "oci:"+vex+":vex", "docker://"+addr+"/team/app:"+strings.Replace(index, ":", "-", 1)+".att")
	silenced := func(r *sekisho.Result) (out []string) {
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Rule == "CVE-2025-26519" && f.Suppressed != nil {
				out = append(out, f.Suppressed.Status)
			}
		}
		return out
	}
	r = result(ref, "--platform", "linux/amd64", "--ca-file", cert)
	if got := silenced(&r); got != nil {
		t.Errorf("a statement that nobody asked for: %v", got)
	}
	r = result(ref, "--platform", "linux/amd64", "--ca-file", cert, "--vex", "oci")
	if got := silenced(&r); len(got) != 1 || got[0] != sekisho.StatusNotAffected {
		t.Errorf("the statement beside the image: %v, problems %v", got, r.Problems)
	}
	if _, errOut, _ := run(ref, "--platform", "linux/amd64", "--ca-file", cert, "--vex", "oci"); !strings.Contains(errOut, "1 VEX documents are attached to the image; their signatures are not verified") {
		t.Errorf("standard error: %s", errOut)
	}
	_, errOut, status = run(ref, "--platform", "linux/s390x", "--ca-file", cert)
	if status != ExitFailed || !strings.Contains(errOut, "linux/amd64") || !strings.Contains(errOut, "linux/arm64") {
		t.Errorf("a platform that is not there: status %d, %q", status, errOut)
	}
}
