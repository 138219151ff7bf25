// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
)

// RegistryOptions say how registries are talked to. Without credentials here,
// those of Docker's and Podman's configuration and their helpers are used
// (DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR), else none.
type RegistryOptions struct {
	Username, Password string
	// Token is a bearer token that is sent as it is.
	Token string
	// PlainHTTP talks without TLS; Insecure does not verify certificates.
	PlainHTTP, Insecure bool
	// CAFile is a PEM file of authorities to trust beside the system's.
	CAFile string
	// Mirrors by registry are asked in order before the registry itself. The
	// registry's credentials are never sent to them.
	Mirrors map[string][]string
}

// mediaTypes that are asked for.
var mediaTypes = strings.Join([]string{
	"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
	"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
	"application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.1",
}, ", ")

// registry is a repository of a registry, with its mirrors.
// See https://github.com/opencontainers/distribution-spec/blob/main/spec.md.
type registry struct {
	places []place // mirrors first, the registry itself last
	opt    RegistryOptions
}

// place is one host that may have the repository.
type place struct {
	repo   name.Repository
	base   http.RoundTripper
	once   *sync.Mutex  // guards client
	client *http.Client // with credentials; made at the first use
	mirror bool
}

// openRemote prepares the store for a reference: the store, the tag or digest
// within it, and the full name of the image.
func openRemote(_ context.Context, ref string, o Options) (s store, tagOrDigest, fullName string, err error) {
	opts := []name.Option{name.WeakValidation}
	if o.Registry.PlainHTTP {
		opts = append(opts, name.Insecure)
	}
	r, err := name.ParseReference(ref, opts...)
	if err != nil {
		return nil, "", "", message.Errorf("%q is no image reference: write it like example.com/team/app:1.0", ref)
	}
	base, err := o.Registry.transport()
	if err != nil {
		return nil, "", "", err
	}
	g := &registry{opt: o.Registry}
	for _, m := range o.Registry.mirrors(r.Context().RegistryStr()) {
		// Docker's configuration writes mirrors as addresses.
		host, plain := strings.CutPrefix(strings.TrimPrefix(m, "https://"), "http://")
		of := slices.Clip(opts)
		if plain {
			of = append(of, name.Insecure)
		}
		repo, err := name.NewRepository(strings.TrimSuffix(host, "/")+"/"+r.Context().RepositoryStr(), of...)
		if err != nil {
			return nil, "", "", message.Errorf("mirror %q is no registry: write it like mirror.example.com", m)
		}
		g.places = append(g.places, place{repo: repo, base: base, once: new(sync.Mutex), mirror: true})
	}
	g.places = append(g.places, place{repo: r.Context(), base: base, once: new(sync.Mutex)})
	full := r.Name()
	if rest, ok := strings.CutPrefix(full, name.DefaultRegistry+"/"); ok {
		full = "docker.io/" + rest // as people write it
	}
	return g, r.Identifier(), full, nil
}

func (o RegistryOptions) mirrors(host string) []string {
	if host == name.DefaultRegistry && len(o.Mirrors[host]) == 0 {
		host = "docker.io"
	}
	return o.Mirrors[host]
}

// transport is HTTP with the wanted trust.
func (o RegistryOptions) transport() (http.RoundTripper, error) {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, message.New("the program's HTTP transport was replaced")
	}
	t = t.Clone()
	t.ResponseHeaderTimeout = time.Minute
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.Insecure} //nolint:gosec // only when --insecure asks for it
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, message.Errorf("read certificate authorities: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, message.Errorf("read certificate authorities: %s holds no certificate in PEM form", o.CAFile)
		}
		t.TLSClientConfig.RootCAs = pool
	}
	return t, nil
}

// connect does the token dance of a place once.
func (g *registry) connect(ctx context.Context, p *place) (*http.Client, error) {
	p.once.Lock()
	defer p.once.Unlock()
	if p.client != nil {
		return p.client, nil
	}
	auth, err := g.authenticator(ctx, p)
	if err != nil {
		return nil, err
	}
	rt := &retrying{inner: p.base}
	wrapped, err := transport.NewWithContext(ctx, p.repo.Registry, auth, rt, []string{p.repo.Scope(transport.PullScope)})
	if err != nil {
		return nil, g.explain(p, "", err)
	}
	p.client = &http.Client{Transport: wrapped}
	return p.client, nil
}

func (g *registry) authenticator(ctx context.Context, p *place) (authn.Authenticator, error) {
	if !p.mirror {
		switch {
		case g.opt.Token != "":
			return authn.FromConfig(authn.AuthConfig{RegistryToken: g.opt.Token}), nil
		case g.opt.Username != "":
			return authn.FromConfig(authn.AuthConfig{Username: g.opt.Username, Password: g.opt.Password}), nil
		}
	}
	auth, err := authn.Resolve(ctx, authn.DefaultKeychain, p.repo)
	if err != nil {
		return nil, message.Errorf("read the credentials for %s from Docker's configuration: %w", p.repo.RegistryStr(), err)
	}
	return auth, nil
}

// each asks the places in turn until one answers.
func (g *registry) each(ctx context.Context, what string, do func(*place, *http.Client) error) error {
	var last error
	for i := range g.places {
		p := &g.places[i]
		client, err := g.connect(ctx, p)
		if err == nil {
			if err = do(p, client); err == nil {
				return nil
			}
			err = g.explain(p, what, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		last = err
	}
	return last
}

func (g *registry) url(p *place, kind, ref string) string {
	return p.repo.Scheme() + "://" + p.repo.RegistryStr() + "/v2/" + p.repo.RepositoryStr() + "/" + kind + "/" + ref
}

// Manifest implements store.
func (g *registry) Manifest(ctx context.Context, ref string) (raw []byte, mediaType, digest string, err error) {
	err = g.each(ctx, ref, func(p *place, client *http.Client) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url(p, "manifests", ref), nil)
		if err != nil {
			return err
		}
		req.Header.Set("Accept", mediaTypes)
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if err := transport.CheckError(resp, http.StatusOK); err != nil {
			return err
		}
		raw, err = io.ReadAll(io.LimitReader(resp.Body, maxManifest+1))
		if err != nil {
			return err
		}
		if len(raw) > maxManifest {
			return message.Errorf("its manifest has more than %d bytes", maxManifest)
		}
		mediaType, _, _ = strings.Cut(resp.Header.Get("Content-Type"), ";")
		if strings.HasPrefix(mediaType, "text/html") || bytes.HasPrefix(bytes.TrimSpace(raw), []byte("<")) {
			return errGarbage
		}
		if !json.Valid(raw) {
			return errGarbage
		}
		algorithm := "sha256"
		if strings.HasPrefix(ref, "sha512:") {
			algorithm = "sha512"
		}
		digest = digestWith(algorithm, raw)
		if strings.Contains(ref, ":") && ref != digest {
			return message.Errorf("the manifest that it sent has digest %s and not %s: it was damaged or exchanged", digest, ref)
		}
		if said := resp.Header.Get("Docker-Content-Digest"); strings.HasPrefix(said, algorithm+":") && said != digest {
			return message.Errorf("the manifest that it sent has digest %s, and its header says %s", digest, said)
		}
		return nil
	})
	return raw, mediaType, digest, err
}

func digestWith(algorithm string, b []byte) string {
	if algorithm == "sha512" {
		s := sha512.Sum512(b)
		return "sha512:" + hex.EncodeToString(s[:])
	}
	s := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(s[:])
}

var errGarbage = message.New("it answers with something that is no manifest: is this a registry?")

// Blob implements store. The stream survives broken connections.
func (g *registry) Blob(ctx context.Context, desc v1.Descriptor) (rc io.ReadCloser, err error) {
	err = g.each(ctx, desc.Digest.String(), func(p *place, client *http.Client) error {
		b := &resuming{
			ctx: ctx, client: client, url: g.url(p, "blobs", desc.Digest.String()), size: desc.Size,
			explain: func(err error) error { return g.explain(p, desc.Digest.String(), err) },
		}
		if err := b.connect(); err != nil {
			return err
		}
		rc = b
		return nil
	})
	return rc, err
}

// Referrers implements store: the referrers API, else the tag that stands for it.
func (g *registry) Referrers(ctx context.Context, digest string) (out []v1.Descriptor, err error) {
	err = g.each(ctx, digest, func(p *place, client *http.Client) error {
		for _, url := range []string{g.url(p, "referrers", digest), g.url(p, "manifests", strings.Replace(digest, ":", "-", 1))} {
			all, err := pages(ctx, client, url)
			if err == nil {
				out = all
			}
			if len(all) > 0 || err != nil && !errors.Is(err, errNoReferrers) {
				return err
			}
			if err == nil && !p.mirror {
				return nil
			}
		}
		if p.mirror {
			return errNoReferrers // many keep images alone: the registry itself is asked
		}
		return nil
	})
	return out, err
}

// maxPages bounds a list that comes in pages.
const maxPages = 32

// pages reads an index, and those that it says are next. One that is not there is
// errNoReferrers.
// See https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers.
func pages(ctx context.Context, client *http.Client, from string) (out []v1.Descriptor, err error) {
	at, err := url.Parse(from)
	if err != nil {
		return nil, err
	}
	for range maxPages {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", "application/vnd.oci.image.index.v1+json")
		resp, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(io.LimitReader(resp.Body, maxManifest))
		resp.Body.Close()
		switch resp.StatusCode {
		case http.StatusNotFound, http.StatusBadRequest, http.StatusMethodNotAllowed:
			return nil, errNoReferrers
		case http.StatusOK:
			if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
				return nil, errNoReferrers // a page for people, where there is no such list
			}
		}
		if err := errors.Join(err, transport.CheckError(resp, http.StatusOK)); err != nil {
			return nil, err
		}
		var index v1.IndexManifest
		if err := document.Decode(b, &index); err != nil {
			return nil, errGarbage
		}
		if out = append(out, index.Manifests...); len(out) > maxIndexEntries {
			return nil, message.Errorf("more than %d documents refer to the image", maxIndexEntries)
		}
		next, ok := nextPage(resp.Header.Get("Link"))
		if !ok {
			return out, nil
		}
		to, err := at.Parse(next)
		if err != nil || to.Host != at.Host || to.Scheme != at.Scheme {
			return nil, message.New("the next page of what refers to the image is on another host")
		}
		at = to
	}
	return nil, message.Errorf("what refers to the image fills more than the %d pages that are read", maxPages)
}

// nextPage reads a header Link (RFC 8288) with one address.
func nextPage(link string) (string, bool) {
	address, rest, ok := strings.Cut(link, ">")
	if !ok || !strings.HasPrefix(strings.TrimSpace(address), "<") || !strings.Contains(rest, "next") {
		return "", false
	}
	return strings.TrimSpace(address)[1:], true
}

var errNoReferrers = message.New("it lists nothing that refers to the image")

// Close implements store.
func (g *registry) Close() error {
	for _, p := range g.places {
		if t, ok := p.base.(*http.Transport); ok {
			t.CloseIdleConnections()
		}
	}
	return nil
}

// explain makes one sentence that says what to do next.
func (g *registry) explain(p *place, what string, err error) error {
	host, repo := p.repo.RegistryStr(), p.repo.RepositoryStr()
	at := repo
	if strings.Contains(what, ":") {
		at += "@" + what
	} else if what != "" {
		at += ":" + what
	}
	var te *transport.Error
	var unknown x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var record tls.RecordHeaderError
	var name *net.DNSError
	var dial *net.OpError
	cause := []error{err}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	// Certificates first: for a host of a private network, plain HTTP was tried
	// after TLS, and its refusal is no reason.
	case errors.As(err, &unknown):
		return message.Because(cause, "the certificate of %s is signed by an authority that is not trusted: give it with --ca-file", host)
	case errors.As(err, &hostname):
		return message.Because(cause, "the certificate of %s is for another host: check the name", host)
	case errors.As(err, &te) && (te.StatusCode == http.StatusUnauthorized || te.StatusCode == http.StatusForbidden):
		return message.Because(cause, "%s does not let us read %s: check the name, run docker login %s, or give --username and --password-stdin", host, at, host)
	case errors.As(err, &te) && te.StatusCode == http.StatusNotFound:
		return message.Because([]error{errNoImage, err}, "%s has no image %s: check the name and the tag", host, at)
	case errors.As(err, &te) && te.StatusCode == http.StatusTooManyRequests:
		return message.Because(cause, "%s limits how much may be pulled and the limit is reached: wait, log in with docker login %s, or use a mirror with --mirror", host, host)
	case errors.As(err, &te):
		return message.Because(cause, "%s answers %d to the request for %s: try again later", host, te.StatusCode, at)
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return message.Because(cause, "%s does not speak TLS: give --plain-http if that is meant to be so", host)
	case errors.As(err, &name) && name.IsNotFound:
		return message.Because(cause, "read %s: no host %s is known: check the name of the registry and this machine's network", at, host)
	case errors.As(err, &dial) && dial.Op == "dial":
		return message.Because(cause, "read %s: %s cannot be reached (%v): check the name of the registry, this machine's network and HTTPS_PROXY", at, host, rootCause(dial))
	case errors.Is(err, errGarbage):
		return message.Because(cause, "asked for %s, %s: %v", at, host, err)
	}
	return message.Because(cause, "read %s from %s: %v", at, host, rootCause(err))
}

// rootCause is the innermost error: the others repeat addresses.
func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
