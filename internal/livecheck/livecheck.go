// SPDX-License-Identifier: Apache-2.0

// Package livecheck asks services whether credentials that were found still
// work, by the one request that each documents for it and that changes nothing.
// It keeps no credential and no answer, follows no redirect, and knows nothing of
// where a credential was found. Nobody calls it unless the user asked for it.
package livecheck

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Claim is a credential to be asked about. ID is that of the finding.
type Claim struct {
	ID, Detector string
	Value        string
	// Beside is the other half, where the credential is a pair: the access key id.
	Beside string
}

// Checker asks. The zero value of a field means its default.
type Checker struct {
	Client *http.Client
	// Base replaces scheme and host of every endpoint: for tests.
	Base string
	// Now is the clock; requests of AWS are signed with it.
	Now func() time.Time
	// Wait sleeps between two requests to one host.
	Wait func(ctx context.Context, d time.Duration) error
}

// The bounds of a run.
const (
	parallel = 4
	timeout  = 10 * time.Second
	// pause between two requests to one host, and how many it gets at most.
	pause   = 250 * time.Millisecond
	maxHost = 100
	maxBody = 64 << 10
)

// Check asks about each claim, and answers by its ID. Hosts are asked beside each
// other, each by one request at a time. A claim of a detector that has no endpoint has no
// answer.
func (c *Checker) Check(ctx context.Context, claims []Claim) (map[string]sekisho.Verification, error) {
	all := endpoints()
	hosts := map[string][]Claim{}
	for _, one := range claims {
		e, ok := all[one.Detector]
		if !ok {
			continue
		}
		u, err := url.Parse(strings.ReplaceAll(e.url, "%s", ""))
		if err != nil {
			return nil, message.Errorf("parse the address of %s: %w", one.Detector, err)
		}
		hosts[u.Host] = append(hosts[u.Host], one)
	}
	var mu sync.Mutex
	out := map[string]sekisho.Verification{}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for host, list := range hosts {
		g.Go(func() error {
			for i, one := range list {
				v := sekisho.Verification{State: sekisho.VerifiedUnknown, By: host, Reason: fmt.Sprintf("more than %d credentials are for this service", maxHost)}
				if i < maxHost {
					if i > 0 {
						if err := c.wait(ctx); err != nil {
							return err
						}
					}
					v = c.ask(ctx, all[one.Detector], host, &one)
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				mu.Lock()
				out[one.ID] = v
				mu.Unlock()
			}
			return nil
		})
	}
	return out, g.Wait()
}

func (c *Checker) wait(ctx context.Context) error {
	if c.Wait != nil {
		return c.Wait(ctx, pause)
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ask makes the request. What goes wrong is a state, with a reason that repeats
// nothing of the credential or of the answer.
func (c *Checker) ask(ctx context.Context, e endpoint, host string, one *Claim) sekisho.Verification {
	unknown := func(format string, args ...any) sekisho.Verification {
		return sekisho.Verification{State: sekisho.VerifiedUnknown, By: host, Reason: fmt.Sprintf(format, args...)}
	}
	if len(e.accepts) > 0 && !slices.ContainsFunc(e.accepts, func(p string) bool { return strings.HasPrefix(one.Value, p) }) {
		return unknown("the service documents no request for this form of it")
	}
	if strings.ContainsFunc(one.Value, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return unknown("it cannot be sent in a request")
	}
	if one.Detector == awsSecret && !strings.HasPrefix(one.Beside, "AKIA") {
		return unknown("no access key id that goes with it was found near it")
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := c.request(ctx, e, host, one)
	if err != nil {
		return unknown("the request cannot be made")
	}
	client := http.Client{}
	if c.Client != nil {
		client = *c.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(r)
	if err != nil {
		return unknown("%s", trouble(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return unknown("%s", trouble(err))
	}
	return judge(e, host, resp.StatusCode, body)
}

func (c *Checker) request(ctx context.Context, e endpoint, host string, one *Claim) (*http.Request, error) {
	at := strings.ReplaceAll(e.url, "%s", url.PathEscape(one.Value))
	if c.Base != "" {
		_, path, _ := strings.Cut(strings.TrimPrefix(at, "https://"), "/")
		at = c.Base + "/" + path
	}
	body := ""
	if one.Detector == awsSecret {
		body = callerIdentity
	}
	r, err := http.NewRequestWithContext(ctx, cmp.Or(e.method, http.MethodGet), at, strings.NewReader(body))
	if err != nil {
		return nil, message.New("make the request") // the address may hold the credential
	}
	r.Host = host
	r.Header.Set("User-Agent", "sekisho")
	r.Header.Set("Accept", "application/json")
	for k, v := range e.more {
		r.Header.Set(k, v)
	}
	switch prefix := cmp.Or(e.prefix, "Bearer "); {
	case one.Detector == awsSecret:
		sign(r, host, body, one.Beside, one.Value, c.Now())
	case strings.Contains(e.url, "%s"):
	case prefix == "-":
		r.Header.Set(cmp.Or(e.header, "Authorization"), one.Value)
	default:
		r.Header.Set(cmp.Or(e.header, "Authorization"), prefix+one.Value)
	}
	return r, nil
}

// trouble says why there is no answer, without the address: it may hold the
// credential.
func trouble(err error) string {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		if ue.Timeout() {
			return "the service did not answer in time"
		}
		err = ue.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "the service did not answer in time"
	}
	return "the service cannot be reached"
}

// slackRejected are the errors of Slack for a credential that does not work:
// https://docs.slack.dev/reference/methods/auth.test.
var slackRejected = []string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}

func judge(e endpoint, host string, status int, body []byte) sekisho.Verification {
	v := sekisho.Verification{State: sekisho.VerifiedUnknown, By: host, Reason: fmt.Sprintf("the service answered with status %d", status)}
	switch {
	case e.envelope && status == http.StatusOK:
		var says struct {
			OK    bool   `json:"ok"`
			Error string `json:"error"`
		}
		switch err := json.Unmarshal(body, &says); {
		case err != nil:
			v.Reason = "the service answered with what is no JSON"
		case says.OK:
			v.State, v.Reason = sekisho.VerifiedActive, ""
		case slices.Contains(slackRejected, says.Error):
			v.State, v.Reason = sekisho.VerifiedRejected, ""
		default:
			v.Reason = "the service answered with another error"
		}
	case status >= 200 && status < 300, slices.Contains(e.active, status):
		v.State, v.Reason = sekisho.VerifiedActive, ""
	case status == http.StatusUnauthorized || slices.Contains(e.rejected, status):
		if e.elsewhere {
			v.Reason = "the service does not know it, another server of the kind may"
			return v
		}
		v.State, v.Reason = sekisho.VerifiedRejected, ""
	}
	return v
}
