// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const defaultDockerHost = "unix:///var/run/docker.sock"

func openDocker(ctx context.Context, ref string, o Options) ([]*sekisho.Artifact, error) {
	host, files, err := dockerHost(o)
	if err != nil {
		return nil, err
	}
	d, err := newDaemon("Docker", host, files)
	if err != nil {
		return nil, err
	}
	return d.open(ctx, ref, o)
}

// dockerHost finds the daemon in the order of Docker's own client: the option,
// DOCKER_HOST, the context of DOCKER_CONTEXT or of the configuration file, the
// usual socket, the sockets of rootless Docker and Docker Desktop.
func dockerHost(o Options) (host string, files *tlsFiles, err error) {
	host = first(o.DockerHost, o.env("DOCKER_HOST"))
	if host != "" {
		if dir := o.env("DOCKER_CERT_PATH"); dir != "" || o.env("DOCKER_TLS_VERIFY") != "" {
			files = tlsIn(first(dir, configDir(o)))
		}
		return host, files, nil
	}
	if host, files, err := contextHost(o); host != "" || err != nil {
		return host, files, err
	}
	candidates := []string{"/var/run/docker.sock"}
	if dir := o.env("XDG_RUNTIME_DIR"); dir != "" {
		candidates = append(candidates, filepath.Join(dir, "docker.sock"))
	}
	if home := o.env("HOME"); home != "" {
		candidates = append(candidates, filepath.Join(home, ".docker/run/docker.sock"))
	}
	for _, c := range candidates {
		if _, err := os.Stat(c); err == nil {
			return "unix://" + c, nil, nil
		}
	}
	return defaultDockerHost, nil, nil
}

func configDir(o Options) string {
	return first(o.env("DOCKER_CONFIG"), filepath.Join(o.env("HOME"), ".docker"))
}

// contextHost reads the endpoint of the current context; empty when it is the
// default one.
// See https://docs.docker.com/engine/manage-resources/contexts/.
func contextHost(o Options) (string, *tlsFiles, error) {
	dir, name := configDir(o), o.env("DOCKER_CONTEXT")
	if name == "" {
		var c struct {
			CurrentContext string `json:"currentContext"`
		}
		raw, err := os.ReadFile(filepath.Join(dir, "config.json"))
		if err != nil || json.Unmarshal(raw, &c) != nil {
			return "", nil, nil //nolint:nilerr // no context is chosen there
		}
		name = c.CurrentContext
	}
	if name == "" || name == "default" {
		return "", nil, nil
	}
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	raw, err := os.ReadFile(filepath.Join(dir, "contexts/meta", id, "meta.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, message.Because([]error{errUnavailable}, "Docker's context %q does not exist: choose another with docker context use, or set DOCKER_HOST", name)
	}
	if err != nil {
		return "", nil, message.Errorf("read Docker's context %q: %w", name, err)
	}
	var meta struct {
		Endpoints struct {
			Docker struct{ Host string } `json:"docker"`
		}
	}
	if err := json.Unmarshal(raw, &meta); err != nil {
		return "", nil, message.Errorf("read Docker's context %q: %w", name, err)
	}
	var files *tlsFiles
	certs := filepath.Join(dir, "contexts/tls", id, "docker")
	if _, err := os.Stat(certs); err == nil {
		files = tlsIn(certs)
	}
	return meta.Endpoints.Docker.Host, files, nil
}

// tlsFiles are the files ca.pem, cert.pem and key.pem of Docker's client; those
// that do not exist are done without.
type tlsFiles struct{ dir string }

func tlsIn(dir string) *tlsFiles { return &tlsFiles{dir} }

// config verifies the daemon in any case, by ca.pem or the system's roots.
func (t *tlsFiles) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t == nil {
		return c, nil
	}
	ca, err := os.ReadFile(filepath.Join(t.dir, "ca.pem"))
	switch {
	case err == nil:
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(ca) {
			return nil, message.Errorf("file %s holds no certificate: check DOCKER_CERT_PATH", filepath.Join(t.dir, "ca.pem"))
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, message.Errorf("read the certificates of DOCKER_CERT_PATH: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(t.dir, "cert.pem"), filepath.Join(t.dir, "key.pem"))
	switch {
	case err == nil:
		c.Certificates = []tls.Certificate{pair}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, message.Errorf("read the client certificate of DOCKER_CERT_PATH: %w", err)
	}
	return c, nil
}
