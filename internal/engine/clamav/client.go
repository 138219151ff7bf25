// SPDX-License-Identifier: Apache-2.0

package clamav

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/internal/message"
)

// The protocol is that of clamd(8), section COMMANDS
// (https://docs.clamav.net/manual/Usage/Scanning.html#clamd): commands that
// begin with "z" end with a NUL, and so do their answers. Within IDSESSION an
// answer begins with the number of its command. INSTREAM is followed by chunks,
// each with its length in four bytes, most significant first; a chunk of length
// zero ends the stream.

// maxReply is how long an answer may be; signatures have short names.
const maxReply = 4 << 10

// errTooLarge is clamd's answer to a stream longer than its StreamMaxLength.
var errTooLarge = message.New("the stream is longer than clamd's StreamMaxLength")

// refusal is an answer of clamd that ends in ERROR: about one stream.
type refusal struct{ text string }

func (r refusal) Error() string { return "clamd answers " + r.text }

// conn is one session with clamd, used by one goroutine at a time. A timer ends
// it that no answer stops: no clock is needed.
type conn struct {
	net.Conn
	r       *bufio.Reader
	timeout time.Duration
	timer   *time.Timer
	expired atomic.Bool
}

// dial connects. Commands follow one at a time.
func dial(ctx context.Context, network, address string, timeout time.Duration) (*conn, error) {
	d := net.Dialer{Timeout: min(timeout, 10*time.Second)}
	nc, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: nc, r: bufio.NewReaderSize(nc, maxReply), timeout: timeout}
	c.timer = time.AfterFunc(timeout, func() {
		c.expired.Store(true)
		nc.Close()
	})
	return c, nil
}

// end ends the session; what is lost by it was not examined.
func (c *conn) end() {
	c.timer.Stop()
	c.Conn.Close()
}

// rest lets the session wait for the next file; wake says whether it is still there.
func (c *conn) rest()      { c.timer.Reset(idle) }
func (c *conn) wake() bool { return c.timer.Stop() && !c.expired.Load() }

// timed names the timeout instead of the connection that it closed.
func (c *conn) timed(err error) error {
	if err != nil && c.expired.Load() {
		return os.ErrDeadlineExceeded
	}
	return err
}

// command sends one command.
func (c *conn) command(name string) error {
	c.timer.Reset(c.timeout)
	_, err := io.WriteString(c.Conn, "z"+name+"\x00")
	return c.timed(err)
}

// session begins one, so that the connection stays open after an answer.
func (c *conn) session() error { return c.command("IDSESSION") }

// begin opens a stream.
func (c *conn) begin() error { return c.command("INSTREAM") }

// chunk sends a part of the stream; an empty one ends it.
func (c *conn) chunk(part []byte) error {
	c.timer.Reset(c.timeout)
	var size [4]byte
	binary.BigEndian.PutUint32(size[:], uint32(len(part)))
	b := net.Buffers{size[:], part}
	_, err := b.WriteTo(c.Conn)
	return c.timed(err)
}

// reply reads an answer, without the number of its command.
func (c *conn) reply() (string, error) {
	c.timer.Reset(c.timeout)
	b, err := c.r.ReadSlice(0)
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", message.Errorf("the answer is longer than %d bytes: is it clamd that listens there?", maxReply)
	case err != nil:
		return "", c.timed(err)
	}
	return answer(b), nil
}

// answer is the text of one, without the number of its command.
func answer(b []byte) string {
	s := printable(strings.TrimRight(string(bytes.TrimSuffix(b, []byte{0})), "\n"))
	if number, rest, ok := strings.Cut(s, ": "); ok && number != "" && strings.Trim(number, "0123456789") == "" {
		s = rest
	}
	return s
}

// result reads the answer to a stream: the name of the signature, empty for
// a clean one.
func (c *conn) result() (string, error) {
	s, err := c.reply()
	if err != nil {
		return "", err
	}
	return verdict(s)
}

// verdict understands the answer to a stream.
func verdict(s string) (string, error) {
	body := strings.TrimPrefix(s, "stream: ")
	if name, ok := strings.CutSuffix(body, " FOUND"); ok && name != "" {
		return name, nil
	}
	switch {
	case body == "OK":
		return "", nil
	case strings.Contains(body, "size limit exceeded"):
		return "", errTooLarge
	case strings.HasSuffix(body, "ERROR"):
		return "", refusal{fmt.Sprintf("%q", body)}
	}
	return "", message.Errorf("the answer %q is not one of clamd's: is it clamd that listens there?", body)
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\ufffd' {
			return '?'
		}
		return r
	}, s)
}

// Version of an engine and of the database that it has loaded.
type Version struct {
	// Program is "ClamAV 1.4.6"; Database its number, "27463", and Date its day,
	// "2026-11-20": both empty where clamd has no official database loaded.
	Program, Database, Date string
}

func (v Version) String() string {
	if v.Database == "" {
		return v.Program
	}
	s := v.Program + ", database " + v.Database
	if v.Date != "" {
		s += " of " + v.Date
	}
	return s
}

// parseVersion reads the answer to VERSION:
// "ClamAV 1.4.6/27463/Thu Nov 20 10:26:04 2026", or "ClamAV 1.4.6" alone.
func parseVersion(s string) (Version, error) {
	part := strings.SplitN(s, "/", 3)
	v := Version{Program: strings.TrimSpace(part[0])}
	if !strings.HasPrefix(v.Program, "ClamAV") {
		return v, message.Errorf("the answer %q names no version of ClamAV: is it clamd that listens there?", s)
	}
	if len(part) == 3 && part[1] != "0" {
		v.Database = part[1]
		if t, err := time.Parse(time.ANSIC, strings.TrimSpace(part[2])); err == nil {
			v.Date = t.Format(time.DateOnly)
		}
	}
	return v, nil
}

// ask sends one command over a connection of its own.
func ask(ctx context.Context, network, address, command string, timeout time.Duration) (string, error) {
	c, err := dial(ctx, network, address, timeout)
	if err != nil {
		return "", err
	}
	defer c.end()
	defer context.AfterFunc(ctx, c.end)()
	if err := c.command(command); err != nil {
		return "", err
	}
	s, err := c.reply()
	if errors.Is(err, io.EOF) {
		return "", message.Errorf("the connection was closed without an answer to %s", command)
	}
	return s, err
}
