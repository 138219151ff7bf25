// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// daemon speaks the HTTP API of Docker or Podman.
// See https://docs.docker.com/reference/api/engine/.
type daemon struct {
	name   string // "Docker", "Podman"
	source string
	host   string // as a person would write it, for messages
	base   string
	prefix string // of the API's paths
	client *http.Client
}

// inspected is what is read of an image's inspection.
type inspected struct {
	ID           string `json:"Id"`
	RepoTags     []string
	RepoDigests  []string
	Os           string
	OsVersion    string
	Architecture string
	Variant      string
	Size         int64
	// Digest of the manifest, of Podman only.
	Digest string
	// Descriptor is there when Docker keeps images in containerd's store.
	Descriptor *struct {
		MediaType string `json:"mediaType"`
		Digest    string `json:"digest"`
	}

	apiVersion string
}

func (i *inspected) platform() *sekisho.Platform {
	if i.Os == "" && i.Architecture == "" {
		return nil
	}
	return &sekisho.Platform{OS: i.Os, Architecture: i.Architecture, Variant: i.Variant, OSVersion: i.OsVersion}
}

// newDaemon prepares a connection; nothing is dialled yet.
func newDaemon(name, host string, tls *tlsFiles) (*daemon, error) {
	d := &daemon{name: name, source: strings.ToLower(name), host: host}
	u, err := url.Parse(host)
	if err != nil {
		return nil, message.Errorf("%s's address %q cannot be read: write it like unix:///var/run/docker.sock or tcp://host:2376", name, host)
	}
	transport := &http.Transport{DisableCompression: true, ResponseHeaderTimeout: 10 * time.Minute}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	switch u.Scheme {
	case "unix":
		path := u.Path
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", path)
		}
		d.base = "http://localhost"
	case "tcp", "http", "https":
		transport.DialContext = dialer.DialContext
		transport.Proxy = http.ProxyFromEnvironment
		d.base = "http://" + u.Host
		if tls != nil || u.Scheme == "https" {
			if transport.TLSClientConfig, err = tls.config(); err != nil {
				return nil, err
			}
			d.base = "https://" + u.Host
		}
	default:
		return nil, message.Errorf("%s's address %s is of a kind that is not supported: use unix:// or tcp://, or scan the output of %s save", name, host, strings.ToLower(name))
	}
	d.client = &http.Client{Transport: transport}
	return d, nil
}

func (d *daemon) get(ctx context.Context, path string, query url.Values) (*http.Response, error) {
	u := d.base + (&url.URL{Path: d.prefix + path}).EscapedPath()
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, message.Errorf("ask %s: %w", d.name, err)
	}
	res, err := d.client.Do(req)
	if err != nil {
		return nil, d.explain(ctx, err)
	}
	return res, nil
}

// explain says why there was no answer, and what to do about it.
func (d *daemon) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var opErr *net.OpError
	switch {
	case errors.Is(err, os.ErrPermission):
		return message.Because([]error{errUnavailable, os.ErrPermission}, "%s's socket %s may not be opened by this user: run as root or as a member of the socket's group, or write registry: before the reference to pull the image instead", d.name, d.host)
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return message.Because([]error{errUnavailable}, "%s is not running: nothing answers at %s: start it, set %s, or write registry: before the reference to pull the image instead", d.name, d.host, d.hostVariable())
	case errors.As(err, &opErr) && opErr.Op == "dial":
		return message.Because([]error{errUnavailable}, "%s cannot be reached at %s (%v): check %s", d.name, d.host, opErr.Err, d.hostVariable())
	}
	return message.Errorf("ask %s at %s: %w", d.name, d.host, err)
}

func (d *daemon) hostVariable() string {
	if d.source == "podman" {
		return "CONTAINER_HOST"
	}
	return "DOCKER_HOST"
}

func (d *daemon) noImage(ref string) error {
	return noImage(d.name, d.source+" pull "+ref, ref)
}

func noImage(who, pull, ref string) error {
	return message.Because([]error{errNoImage}, "%s has no image %s: check the name, run %q first, or write registry:%s", who, ref, pull, ref)
}

// answer turns an unsuccessful answer into an error.
func (d *daemon) answer(res *http.Response, ref string) error {
	if res.StatusCode == http.StatusOK {
		return nil
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotFound {
		return d.noImage(ref)
	}
	raw, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	var m struct{ Message, Cause string }
	text := res.Status
	if json.Unmarshal(raw, &m) == nil && m.Message != "" {
		text = strings.TrimSpace(m.Message)
	}
	return message.Errorf("%s refused to give image %s: %s", d.name, ref, text)
}

func (d *daemon) inspect(ctx context.Context, ref string) (*inspected, error) {
	res, err := d.get(ctx, "/images/"+ref+"/json", nil)
	if err != nil {
		return nil, err
	}
	if err := d.answer(res, ref); err != nil {
		return nil, err
	}
	raw, err := readAll(ctx, res.Body, maxConfig)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return nil, message.Errorf("inspect image %s of %s: %w", ref, d.name, err)
	}
	in := &inspected{apiVersion: res.Header.Get("Api-Version")}
	if err := document.Decode(raw, in); err != nil && !typeError(err) {
		return nil, message.Errorf("inspect image %s of %s: %w", ref, d.name, err)
	}
	if in.ID == "" {
		return nil, message.Errorf("inspect image %s: what answers at %s is not %s: check %s", ref, d.host, d.name, d.hostVariable())
	}
	return in, nil
}

// open has the image saved into a temporary file and opens that.
func (d *daemon) open(ctx context.Context, ref string, o Options) ([]*sekisho.Artifact, error) {
	defer d.client.CloseIdleConnections()
	if err := checkReference(ref); err != nil {
		return nil, err
	}
	in, err := d.inspect(ctx, ref)
	if err != nil {
		return nil, err
	}
	if err := servesRequest(in, ref, o); err != nil {
		return nil, err
	}
	what, query := saveRequest(in, ref, o)
	if d.source == "podman" {
		query.Set("format", DockerArchive) // no layer is compressed for nothing
	}
	res, err := d.get(ctx, "/images/"+what+"/get", query)
	if err != nil {
		return nil, err
	}
	if err := d.answer(res, ref); err != nil {
		return nil, err
	}
	limit := o.Bounds.WithDefaults().TotalBytes
	f, err := spool(ctx, res.Body, limit, fmt.Sprintf("image %s from %s", ref, d.name), newMeter("save", in.Size, o.Progress))
	if err := errors.Join(err, res.Body.Close()); err != nil {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
		return nil, err
	}
	arts, err := openArchive(ctx, f, archiveOptions{name: ref, source: d.source}, o)
	if err != nil {
		return nil, err
	}
	for _, art := range arts {
		in.adorn(art)
	}
	return arts, nil
}

// servesRequest refuses an image of another platform before it is transferred.
// In containerd's store there may be others than the one inspected.
func servesRequest(in *inspected, ref string, o Options) error {
	want, asked, err := wanted(o)
	if err != nil {
		return err
	}
	p := in.platform()
	if !asked || o.AllPlatforms || in.Descriptor != nil || p == nil || rank(*p, want) > 0 {
		return nil
	}
	return &PlatformError{Name: ref, Want: want, Have: []sekisho.Platform{*p}}
}

// saveRequest says what to ask for. The id is unmistakable, whereas a name
// without a tag would save all its tags; containerd's store knows digests and
// is asked by name, and for the one platform that is needed.
func saveRequest(in *inspected, ref string, o Options) (string, url.Values) {
	query := url.Values{}
	if in.Descriptor == nil {
		return in.ID, query
	}
	what := ref
	if i := strings.LastIndex(ref, "/"); !strings.ContainsAny(ref[i+1:], ":@") && !strings.HasPrefix(in.ID, "sha256:"+ref) {
		what += ":latest"
	}
	if !o.AllPlatforms && apiAtLeast(in.apiVersion, 1, 48) {
		p := in.platform()
		if want, asked, err := wanted(o); err == nil && asked {
			p = &want
		}
		if p != nil {
			raw, err := json.Marshal(map[string]string{"os": p.OS, "architecture": p.Architecture, "variant": p.Variant})
			if err == nil {
				query.Set("platform", string(raw))
			}
		}
	}
	return what, query
}

func apiAtLeast(version string, major, minor int) bool {
	a, b, ok := strings.Cut(version, ".")
	ma, err1 := strconv.Atoi(a)
	mi, err2 := strconv.Atoi(b)
	return ok && err1 == nil && err2 == nil && (ma > major || ma == major && mi >= minor)
}

// adorn adds what the daemon knows of the image and its archive does not: names
// and the digest in the registry. The digest of a manifest that was made up
// while saving is of no use to anybody and gives way.
func (i *inspected) adorn(art *sekisho.Artifact) {
	tags := slices.DeleteFunc(slices.Concat(i.RepoTags, i.RepoDigests), func(s string) bool { return s == "" || strings.Contains(s, "<none>") })
	slices.Sort(tags)
	art.Image.Tags = slices.Compact(tags)
	if i.Descriptor != nil {
		return
	}
	art.Target.Digest = ""
	for _, rd := range i.RepoDigests {
		if _, digest, ok := strings.Cut(rd, "@"); ok && validDigest(digest) {
			art.Target.Digest = digest
			break
		}
	}
	if validDigest(i.Digest) {
		art.Target.Digest = i.Digest
	}
	if art.Target.Platform == nil {
		art.Target.Platform = i.platform()
	}
}
