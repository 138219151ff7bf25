// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/sekisho/sekisho/internal/message"
)

// How often and how long a request is tried again.
const (
	maxTries = 5
	maxPause = 30 * time.Second
	maxWait  = 90 * time.Second // of one request, in all
)

// retrying repeats requests that a server in trouble refused (429, 502, 503,
// 504, or a broken connection), with growing pauses or as long as Retry-After
// says. Only requests without a body come here.
type retrying struct{ inner http.RoundTripper }

func (t *retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	pause := 200 * time.Millisecond
	var waited time.Duration
	for try := 1; ; try++ {
		resp, err := t.inner.RoundTrip(req)
		wait := pause + rand.N(pause) //nolint:gosec // spreads requests, no secret
		switch {
		case err != nil && (req.Context().Err() != nil || !temporary(err)):
			return nil, err
		case err == nil && !busy(resp.StatusCode):
			return resp, nil
		case err == nil:
			if after, ok := retryAfter(resp.Header.Get("Retry-After"), resp.Header.Get("Date")); ok {
				wait = after
			}
		}
		if try == maxTries || waited+wait > maxWait || wait > maxPause || req.Body != nil && req.Body != http.NoBody {
			return resp, err // the caller explains what it got
		}
		if resp != nil {
			resp.Body.Close()
		}
		if err := sleep(req.Context(), wait); err != nil {
			return nil, err
		}
		waited += wait
		pause *= 2
	}
}

func busy(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// temporary says whether a broken connection may be better the next time.
func temporary(err error) bool {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	for _, s := range []string{"connection reset", "broken pipe", "server closed idle connection", "http2: server sent GOAWAY", "TLS handshake timeout"} {
		if strings.Contains(err.Error(), s) {
			return true
		}
	}
	return false
}

// retryAfter reads seconds or a date (RFC 9110, 10.2.3); a date counts from the
// server's own clock.
func retryAfter(v, now string) (time.Duration, bool) {
	if s, err := strconv.Atoi(strings.TrimSpace(v)); err == nil && s >= 0 {
		return time.Duration(min(s, 3600)) * time.Second, true
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0, false
	}
	from, err := http.ParseTime(now)
	if err != nil {
		return 0, false
	}
	return max(0, at.Sub(from)), true
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// resuming is one continuous stream of a blob over connections that may break:
// it goes on where it stopped, by a Range request, or by skipping what was read
// already where the server knows no ranges.
type resuming struct {
	ctx     context.Context // of the one stream that this is
	client  *http.Client
	url     string
	size    int64 // as the manifest says; 0 when it does not
	explain func(error) error

	body  io.ReadCloser
	off   int64
	tries int
}

func (b *resuming) connect() error {
	req, err := http.NewRequestWithContext(b.ctx, http.MethodGet, b.url, nil)
	if err != nil {
		return err
	}
	if b.off > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", b.off))
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return err
	}
	switch {
	case b.off > 0 && resp.StatusCode == http.StatusPartialContent:
		if !strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", b.off)) {
			resp.Body.Close()
			return message.Errorf("it answers with the wrong part of the blob (%s)", resp.Header.Get("Content-Range"))
		}
	case resp.StatusCode == http.StatusOK:
		if b.off > 0 { // no ranges here
			if _, err := io.CopyN(io.Discard, resp.Body, b.off); err != nil {
				resp.Body.Close()
				return err
			}
		}
	default:
		defer resp.Body.Close()
		return transport.CheckError(resp, http.StatusOK)
	}
	b.body = resp.Body
	return nil
}

func (b *resuming) Read(p []byte) (int, error) {
	for {
		if b.body == nil {
			return 0, http.ErrBodyReadAfterClose
		}
		n, err := b.body.Read(p)
		b.off += int64(n)
		if b.size > 0 && b.off > b.size {
			return 0, b.explain(message.Errorf("the blob is longer than the %d bytes that the manifest says", b.size))
		}
		switch {
		case err == nil, n > 0:
			if n > 0 && b.tries > 0 && b.off%(1<<20) < int64(n) {
				b.tries-- // every MiB that came through earns another try
			}
			return n, nil
		case errors.Is(err, io.EOF) && (b.size <= 0 || b.off == b.size):
			return 0, io.EOF
		case b.ctx.Err() != nil:
			return 0, b.ctx.Err()
		}
		if err := b.again(err); err != nil {
			return 0, b.explain(err)
		}
	}
}

// again opens the next connection after one broke.
func (b *resuming) again(cause error) error {
	b.body.Close()
	for {
		if b.tries++; b.tries > maxTries {
			return message.Errorf("the connection broke again and again after %d bytes: %w", b.off, cause)
		}
		if err := sleep(b.ctx, time.Duration(b.tries)*100*time.Millisecond); err != nil {
			return err
		}
		err := b.connect()
		if err == nil {
			return nil
		}
		if b.ctx.Err() != nil || !temporary(err) {
			return err
		}
		cause = err
	}
}

func (b *resuming) Close() error {
	if b.body == nil {
		return nil
	}
	err := b.body.Close()
	return err
}
