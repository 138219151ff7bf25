// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
)

// How often and how long a request is tried again, and how long a stream may
// bring nothing.
const (
	maxTries     = 5
	maxPause     = 30 * time.Second
	stallTimeout = time.Minute
)

// HTTPS is the origin of a web server that serves the files of a depot below an
// address: ADDRESS/manifest.json, ADDRESS/manifest.json.sig and
// ADDRESS/shards/sha256/HEX. An http address, or being sent to one, is refused
// unless plain is set. The client brings the trust and the proxies.
func HTTPS(address string, client *http.Client, plain bool) (Origin, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, message.Errorf("%.200q is no address of a database: write it like https://example.com/db", redact(address))
	}
	switch {
	case u.Scheme == "https", u.Scheme == "http" && plain:
	case u.Scheme == "http":
		return nil, message.Errorf("%s is not encrypted: use https, or allow plain HTTP if that is meant to be so", u.Redacted())
	default:
		return nil, message.Errorf("%s is no address of a database: write it like https://example.com/db", u.Redacted())
	}
	c := *client
	c.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		switch {
		case len(via) > 5:
			return message.New("it sends us from one place to the next")
		case req.URL.Scheme != "https" && !plain:
			return message.Errorf("it sends us to %s, which is not encrypted", req.URL.Host)
		}
		return nil
	}
	return &web{base: u, client: &c, stall: stallTimeout}, nil
}

// redact hides the password of an address that could not be parsed.
func redact(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return "..." + address[i:]
	}
	return address
}

type web struct {
	base   *url.URL
	client *http.Client
	stall  time.Duration
}

// Manifest implements [Origin]. The two files are asked for again when they do
// not belong together: the mirror may have changed in between.
func (w *web) Manifest(ctx context.Context) (manifest, sigs []byte, err error) {
	for try := 1; ; try++ {
		if manifest, err = w.small(ctx, manifestFile, maxManifest); err != nil {
			return nil, nil, err
		}
		sigs, err = w.small(ctx, signatureName, maxSignature)
		if errors.Is(err, ErrGone) {
			return manifest, nil, nil
		}
		list, damaged := parseSignatures(sigs)
		named := slices.ContainsFunc(list, func(s signature) bool { return s.Manifest == sum(manifest) })
		if err != nil || damaged != nil || named || try == 3 {
			return manifest, sigs, err
		}
		if err := sleep(ctx, time.Duration(try)*200*time.Millisecond); err != nil {
			return nil, nil, err
		}
	}
}

// small reads a file of at most limit bytes.
func (w *web) small(ctx context.Context, name string, limit int64) ([]byte, error) {
	s := &stream{web: w, ctx: ctx, url: w.base.JoinPath(name)}
	if err := s.connect(); err != nil {
		return nil, err
	}
	defer s.end()
	raw, err := io.ReadAll(io.LimitReader(s, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(raw)) > limit {
		return nil, lie("%s has more than %d bytes", s.url.Redacted(), limit)
	}
	return raw, nil
}

func (w *web) Shard(ctx context.Context, digest string, offset int64) (io.ReadCloser, error) {
	if !digestOf.MatchString(digest) {
		return nil, message.Errorf("%w: %.80q is no digest", ErrGone, digest)
	}
	s := &stream{web: w, ctx: ctx, off: offset, whole: true, url: w.base.JoinPath("shards", "sha256", strings.TrimPrefix(digest, "sha256:"))}
	if err := s.connect(); err != nil {
		return nil, err
	}
	return s, nil
}

// stream is one continuous file over connections that may break: it goes on
// where it stopped, by a Range request (RFC 9110, 14), or by passing over what
// was read already where the server knows no ranges.
type stream struct {
	web *web
	ctx context.Context // of the one stream that this is
	url *url.URL
	// whole is false for a file that may be compressed on its way.
	whole bool

	body   io.ReadCloser
	timer  *time.Timer // ends a connection that brings nothing
	cancel context.CancelFunc
	off    int64
	broken int
}

// connect asks until the server answers, with growing pauses or as long as
// Retry-After says.
func (s *stream) connect() error {
	pause := 200 * time.Millisecond
	for try := 1; ; try++ {
		wait, err := s.once()
		if err == nil {
			return nil
		}
		if s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		if wait < 0 || try == maxTries {
			return err
		}
		if wait == 0 {
			wait = pause + rand.N(pause) //nolint:gosec // spreads requests, no secret
		}
		if wait > maxPause {
			return message.Errorf("%w; it asks to come back in %s: try again then", err, wait)
		}
		if err := sleep(s.ctx, wait); err != nil {
			return err
		}
		pause *= 2
	}
}

// once makes one request. After an error, wait says how long the server wants
// us to wait, 0 when it does not say, and a negative one that another try is of
// no use.
func (s *stream) once() (wait time.Duration, err error) {
	ctx, cancel := context.WithCancel(s.ctx)
	timer := time.AfterFunc(s.web.stall, cancel)
	defer func() {
		if err != nil {
			timer.Stop()
			cancel()
		}
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url.String(), nil)
	if err != nil {
		return -1, err
	}
	if s.whole {
		req.Header.Set("Accept-Encoding", "identity") // offsets count the bytes of the file
	}
	if s.off > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", s.off))
	}
	resp, err := s.web.client.Do(req)
	if err != nil {
		return s.failed(ctx, err)
	}
	defer func() {
		if err != nil {
			resp.Body.Close()
		}
	}()
	at := s.url.Redacted()
	switch code := resp.StatusCode; {
	case code == http.StatusPartialContent && s.off > 0:
		if got := resp.Header.Get("Content-Range"); !strings.HasPrefix(got, fmt.Sprintf("bytes %d-", s.off)) {
			return -1, message.Errorf("read %s: it answers with the wrong part (%.60s)", at, got)
		}
	case code == http.StatusOK:
		if _, err := io.CopyN(io.Discard, resp.Body, s.off); err != nil {
			return 0, message.Errorf("read %s: it ends before byte %d: %w", at, s.off, err)
		}
	case code == http.StatusNotFound, code == http.StatusGone:
		return -1, message.Errorf("%w: %s answers %s", ErrGone, at, resp.Status)
	case code == http.StatusTooManyRequests:
		return retryAfter(resp.Header), message.Errorf("read %s: it limits how much we may fetch (%s)", at, resp.Status)
	case code >= 500:
		return retryAfter(resp.Header), message.Errorf("read %s: it is in trouble (%s)", at, resp.Status)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return -1, message.Errorf("read %s: it does not let us (%s): check the address and its password", at, resp.Status)
	default:
		return -1, message.Errorf("read %s: it answers %.60s", at, resp.Status)
	}
	s.body, s.timer, s.cancel = resp.Body, timer, cancel
	return 0, nil
}

// failed sorts what a request ended with: only a connection that broke or never
// came about may be better the next time.
func (s *stream) failed(ctx context.Context, err error) (time.Duration, error) {
	var op *net.OpError
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err // the address that it repeats may hold a password
	}
	wait := time.Duration(-1)
	if errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || ctx.Err() != nil {
		wait = 0
	}
	if ctx.Err() != nil && s.ctx.Err() == nil {
		err = message.Errorf("nothing came for %s", s.web.stall)
	}
	return wait, message.Errorf("read %s: %w", s.url.Redacted(), err)
}

func (s *stream) Read(p []byte) (int, error) {
	for {
		s.timer.Reset(s.web.stall)
		n, err := s.body.Read(p)
		s.off += int64(n)
		switch {
		case n > 0:
			if s.broken > 0 && s.off%(1<<20) < int64(n) {
				s.broken-- // every MiB that came through earns another try
			}
			return n, nil // an error comes again
		case err == nil:
			return 0, nil
		case errors.Is(err, io.EOF):
			return 0, io.EOF
		case s.ctx.Err() != nil:
			return 0, s.ctx.Err()
		}
		s.end()
		if s.broken++; s.broken > maxTries {
			return 0, message.Errorf("read %s: the connection broke again and again, after %d bytes: %w", s.url.Redacted(), s.off, err)
		}
		if err := sleep(s.ctx, time.Duration(s.broken)*100*time.Millisecond); err != nil {
			return 0, err
		}
		if err := s.connect(); err != nil {
			return 0, err
		}
	}
}

// end gives a connection up.
func (s *stream) end() {
	s.timer.Stop()
	s.body.Close()
	s.cancel()
}

func (s *stream) Close() error {
	s.end()
	return nil
}

// retryAfter reads seconds or a date (RFC 9110, 10.2.3); a date counts from the
// server's own clock. 0 when there is neither.
func retryAfter(h http.Header) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.Atoi(v); err == nil && s >= 0 {
		return max(time.Duration(min(s, 86400))*time.Second, time.Millisecond)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	from, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(at.Sub(from), time.Millisecond)
}
