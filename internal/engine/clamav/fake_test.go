// SPDX-License-Identifier: Apache-2.0

package clamav

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func sortStrings(s []string) { slices.Sort(s) }

// fake is a clamd that says what the test wants after a stream.
func fake(t *testing.T, after func(c net.Conn, number int)) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c, after)
		}
	}()
	return "unix:" + name
}

func serve(c net.Conn, after func(net.Conn, int)) {
	defer c.Close()
	r := bufio.NewReader(c)
	for n := 0; ; {
		command, err := r.ReadString(0)
		if err != nil {
			return
		}
		switch strings.Trim(command, "z\x00") {
		case "PING":
			_, _ = io.WriteString(c, "PONG\x00")
			return
		case "VERSION":
			_, _ = io.WriteString(c, "ClamAV 9.9.9/12345/Thu Nov 20 10:26:04 2026\x00")
			return
		case "INSTREAM":
			n++
			for {
				var size uint32
				if binary.Read(r, binary.BigEndian, &size) != nil {
					return
				}
				if size == 0 {
					break
				}
				if _, err := io.CopyN(io.Discard, r, int64(size)); err != nil {
					return
				}
			}
			after(c, n)
		}
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		after func(net.Conn, int)
		want  string
	}{
		"silence":     {func(net.Conn, int) {}, "it took too long"},
		"garbage":     {func(c net.Conn, _ int) { _, _ = io.WriteString(c, "HTTP/1.1 400\x00") }, "is it clamd that listens there?"},
		"no end":      {func(c net.Conn, _ int) { _, _ = io.WriteString(c, strings.Repeat("x", 100_000)) }, "the answer is longer than"},
		"hangs up":    {func(c net.Conn, _ int) { c.Close() }, "the connection was lost"},
		"an error":    {func(c net.Conn, _ int) { _, _ = io.WriteString(c, "1: stream: Can't allocate memory ERROR\x00") }, "Can't allocate memory"},
		"half a word": {func(c net.Conn, _ int) { _, _ = io.WriteString(c, "1: stream: O"); c.Close() }, "the connection was lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t, Options{Address: fake(t, c.after), Timeout: 300 * time.Millisecond, Sessions: 1})
			if !strings.Contains(e.Fingerprint(), "12345") {
				t.Errorf("the key does not hold the database: %q", e.Fingerprint())
			}
			l := e.Begin(t.Context())
			begin := time.Now()
			for range 100 {
				if inv := give(l, "file", []byte("content"), 3); len(inv.Malware) != 0 {
					t.Errorf("%v", inv.Malware)
				}
			}
			if d := time.Since(begin); d > 10*time.Second {
				t.Errorf("it took %v to give up", d)
			}
			end := names(l.End())
			if len(end) != 1 || !strings.Contains(end[0], "minor=false passing=true 100 files were not examined") || !strings.Contains(end[0], c.want) {
				t.Errorf("%v", end)
			}
		})
	}
}

func TestLimitsOfClamdAreNoMalware(t *testing.T) {
	e := open(t, Options{Address: fake(t, func(c net.Conn, n int) {
		answer := []string{"1: stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\x00", "2: stream: PUA.Test FOUND\x00", "3: stream: OK\x00"}
		_, _ = io.WriteString(c, answer[(n-1)%3])
	}), Sessions: 1})
	l := e.Begin(t.Context())
	var got []sekisho.MalwareFact
	for _, p := range []string{"deep.zip", "unwanted", "clean"} {
		got = append(got, give(l, p, []byte("content"), 100).Malware...)
	}
	if len(got) != 1 || got[0].Name != "PUA.Test" || got[0].Location.Path != "unwanted" || got[0].Severity != sekisho.SeverityMedium || got[0].Date != "2026-11-20" || got[0].Engine != "ClamAV 9.9.9, database 12345 of 2026-11-20" {
		t.Errorf("%+v", got)
	}
	if end := names(l.End()); len(end) != 1 || !strings.HasPrefix(end[0], "clamd-limits minor=true passing=false 1 files reached a limit of clamd and were examined by ClamAV in part: deep.zip") {
		t.Errorf("%v", end)
	}
}

func TestSessionsThatRestEnd(t *testing.T) {
	e := open(t, Options{Address: fake(t, func(c net.Conn, _ int) { _, _ = io.WriteString(c, "1: stream: OK\x00") }), Sessions: 1})
	l := e.Begin(t.Context())
	give(l, "a", []byte("x"), 1)
	c := <-e.free
	c.timer.Stop()
	c.expired.Store(true) // as its timer would
	c.Conn.Close()
	e.free <- c
	give(l, "b", []byte("x"), 1)
	if end := names(l.End()); len(end) != 0 {
		t.Errorf("%v", end)
	}
}
