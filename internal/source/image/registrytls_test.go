// SPDX-License-Identifier: Apache-2.0

package image

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// selfSigned writes a certificate that signs itself, for the names, and its key.
func selfSigned(t *testing.T, names ...string) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test registry"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return writeFile(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		writeFile(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs}))
}

// A real registry with a certificate of its own: it is believed when its
// authority is given, and else the message says that this is to be done.
func TestRegistryOverTLS(t *testing.T) {
	cert, key := selfSigned(t, "127.0.0.1", "localhost")
	addr := startRegistryWith(t, fmt.Sprintf(", tls: {certificate: %s, key: %s}", cert, key), "")
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	img := push(t, addr, "team/app:1", remote.WithTransport(&http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}))
	want, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{addr, "localhost:" + port} {
		for name, o := range map[string]RegistryOptions{"its authority": {CAFile: cert}, "no verification": {Insecure: true}} {
			a, n, err := pull(t, host+"/team/app:1", o)
			if err != nil || n != 3 || a.Target.Digest != want.String() {
				t.Errorf("%s with %s: %d files, %v", host, name, n, err)
			}
		}
		_, _, err := pull(t, host+"/team/app:1", RegistryOptions{})
		wantError(t, err, "certificate of "+host, "not trusted", "--ca-file")
	}
	other, _ := selfSigned(t, "127.0.0.1")
	_, _, err = pull(t, addr+"/team/app:1", RegistryOptions{CAFile: other})
	wantError(t, err, "not trusted", "--ca-file")
	_, _, err = pull(t, addr+"/team/app:1", RegistryOptions{PlainHTTP: true})
	wantError(t, err, "not trusted", "--ca-file") // TLS is tried first there, too

	// A certificate for another name.
	cert, key = selfSigned(t, "registry.example.com")
	addr = startRegistryWith(t, fmt.Sprintf(", tls: {certificate: %s, key: %s}", cert, key), "")
	_, _, err = pull(t, addr+"/team/app:1", RegistryOptions{CAFile: cert})
	wantError(t, err, "certificate of "+addr, "another host")
}
