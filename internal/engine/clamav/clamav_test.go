// SPDX-License-Identifier: Apache-2.0

package clamav

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/engine/enginetest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// give sniffs a file in parts of the size, and returns what was told of it.
func give(l sekisho.LayerSniff, path string, content []byte, part int) sekisho.Inventory {
	w := l.Sniff(&sekisho.File{Path: path, Size: int64(len(content))})
	if w == nil {
		return sekisho.Inventory{}
	}
	for {
		n := min(part, len(content))
		if !w.Write(content[:n], n == len(content)) {
			return w.Facts()
		}
		content = content[n:]
	}
}

func names(inv sekisho.Inventory) (out []string) {
	for _, m := range inv.Malware {
		out = append(out, m.Location.Path+" "+m.Name)
	}
	for _, p := range inv.Problems {
		out = append(out, fmt.Sprintf("%s minor=%v passing=%v %s", p.Bound, p.Minor, p.Passing, p.Error))
	}
	return out
}

func open(t *testing.T, opt Options) *Engine {
	t.Helper()
	e, err := Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func TestRealClamd(t *testing.T) {
	d := enginetest.StartClamd(t, "2M")
	for _, address := range []string{d.Unix, d.TCP} {
		e := open(t, Options{Address: address, Sessions: 3})
		if v := e.EngineVersion(); !strings.HasPrefix(v.Program, "ClamAV ") || v.Database != "" || e.Fingerprint() != "" {
			t.Errorf("%+v: signatures of one's own have no version, and nothing may be cached", v)
		}
		l := e.Begin(t.Context())
		big := bytes.Repeat([]byte("x"), 1<<20)
		marked := append(bytes.Clone(big), enginetest.Marked()...)
		var mu sync.Mutex
		var got []string
		var wg sync.WaitGroup
		for i := range 40 { // more than there are sessions
			wg.Go(func() {
				var inv sekisho.Inventory
				switch i {
				case 3:
					inv = give(l, "eicar", enginetest.Eicar(), 1<<20)
				case 7:
					inv = give(l, "eicar-in-parts", enginetest.Eicar(), 10)
				case 11:
					inv = give(l, "marked", marked, 128<<10)
				default:
					inv = give(l, fmt.Sprint("clean", i), append([]byte(fmt.Sprint(i)), big...), 300_000)
				}
				mu.Lock()
				got = append(got, names(inv)...)
				if len(inv.Malware) == 1 && (len(inv.Malware[0].SHA256) != 64 || !strings.HasPrefix(inv.Malware[0].Engine, "ClamAV ")) {
					t.Errorf("%+v", inv.Malware[0])
				}
				mu.Unlock()
			})
		}
		wg.Wait()
		want := []string{"eicar Eicar.Test.UNOFFICIAL", "eicar-in-parts Eicar.Test.UNOFFICIAL", "marked Own.Marked.UNOFFICIAL"}
		sortStrings(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", address, diff)
		}
		if end := names(l.End()); len(end) != 0 {
			t.Errorf("%v", end)
		}

		// Beyond StreamMaxLength, in parts and at once; the session after it is
		// a new one.
		l = e.Begin(t.Context())
		huge := bytes.Repeat([]byte("y"), 6<<20)
		for i, part := range []int{128 << 10, len(huge)} {
			if inv := give(l, fmt.Sprint("huge", i), huge, part); len(names(inv)) != 0 {
				t.Errorf("%v", names(inv))
			}
		}
		if inv := give(l, "eicar", enginetest.Eicar(), 100); len(inv.Malware) != 1 {
			t.Errorf("%v", names(inv))
		}
		end := names(l.End())
		if len(end) != 1 || !strings.HasPrefix(end[0], "clamd-max-bytes minor=true passing=false 2 files are larger") || !strings.Contains(end[0], "huge0, huge1") {
			t.Errorf("%s: %v", address, end)
		}
	}
}

func TestBoundOfBytes(t *testing.T) {
	d := enginetest.StartClamd(t, "25M")
	e := open(t, Options{Address: d.Unix, MaxBytes: 100})
	l := e.Begin(t.Context())
	for i := range 9 {
		give(l, fmt.Sprintf("large%d", i), bytes.Repeat([]byte("x"), 101), 50)
	}
	if inv := give(l, "eicar", enginetest.Eicar(), 100); len(inv.Malware) != 1 {
		t.Errorf("%v", names(inv))
	}
	end := names(l.End())
	if len(end) != 1 || !strings.Contains(end[0], "9 files are larger than 100 bytes") || !strings.Contains(end[0], "large0, large1, large2, large3, large4 and 4 more") {
		t.Errorf("%v", end)
	}
}

func TestClamdThatDies(t *testing.T) {
	d := enginetest.StartClamd(t, "25M")
	e := open(t, Options{Address: d.Unix, Sessions: 2})
	l := e.Begin(t.Context())
	if inv := give(l, "before", enginetest.Eicar(), 100); len(inv.Malware) != 1 {
		t.Fatal("the file was not found")
	}
	// A restart costs nothing: what comes at once is sent again.
	d.Kill()
	d.Start(t)
	if inv := give(l, "between", enginetest.Eicar(), 100); len(inv.Malware) != 1 {
		t.Errorf("after a restart: %v %v", names(inv), names(l.End()))
	}
	// In the middle of a file.
	w := l.Sniff(&sekisho.File{Path: "cut", Size: 1 << 20})
	w.Write(make([]byte, 1000), false)
	d.Kill()
	for w.Write(make([]byte, 100_000), false) {
	}
	if inv := w.Facts(); len(names(inv)) != 0 {
		t.Errorf("%v", names(inv))
	}
	begin := time.Now()
	for i := range 5_000 {
		give(l, fmt.Sprint("after", i), enginetest.Eicar(), 100)
	}
	if d := time.Since(begin); d > 20*time.Second {
		t.Errorf("a dead clamd was asked again and again: %v", d)
	}
	end := names(l.End())
	if len(end) != 1 || !strings.Contains(end[0], "minor=false passing=true 5001 files were not examined by ClamAV") || !strings.Contains(end[0], "the connection was lost") && !strings.Contains(end[0], "nobody listens") {
		t.Errorf("%v", end)
	}
	if _, err := Open(t.Context(), Options{Address: d.Unix}); err == nil || Reason(err) != "nobody listens there" {
		t.Errorf("%v", err)
	}
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	for address, want := range map[string]string{
		"":                      "neither unix:/path/of/socket nor tcp:HOST:PORT",
		"unix:":                 "neither",
		"tcp:localhost":         "neither",
		"http://example.com":    "neither",
		"unix:/nowhere/clamd.s": "there is no such socket",
		"tcp:127.0.0.1:1":       "nobody listens there",
	} {
		_, err := Open(t.Context(), Options{Address: address})
		if err == nil || !strings.Contains(Reason(err), want) {
			t.Errorf("%q: %v, want %s", address, err, want)
		}
	}
}

func TestVersion(t *testing.T) {
	for text, want := range map[string]Version{
		"ClamAV 1.4.6/27463/Thu Nov 20 10:26:04 2026": {"ClamAV 1.4.6", "27463", "2026-11-20"},
		"ClamAV 1.4.6/27463/Thu Nov  5 10:26:04 2026": {"ClamAV 1.4.6", "27463", "2026-11-05"},
		"ClamAV 1.4.6":            {"ClamAV 1.4.6", "", ""},
		"ClamAV 1.4.6/27463/soon": {"ClamAV 1.4.6", "27463", ""},
		"ClamAV 1.4.6/0/x":        {"ClamAV 1.4.6", "", ""},
	} {
		got, err := parseVersion(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %s %v", text, diff, err)
		}
	}
	if s := (Version{"ClamAV 1.4.6", "27463", "2026-11-20"}).String(); s != "ClamAV 1.4.6, database 27463 of 2026-11-20" {
		t.Error(s)
	}
	for _, text := range []string{"", "UNKNOWN COMMAND", "HTTP/1.1 400 Bad Request"} {
		if _, err := parseVersion(text); err == nil {
			t.Errorf("%q is no version", text)
		}
	}
}

func TestVerdict(t *testing.T) {
	for text, want := range map[string]string{
		"stream: OK": "", "stream: Win.Test.EICAR_HDB-1 FOUND": "Win.Test.EICAR_HDB-1", "stream: a b FOUND": "a b",
	} {
		if got, err := verdict(text); got != want || err != nil {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
	if _, err := verdict("INSTREAM size limit exceeded. ERROR"); !errors.Is(err, errTooLarge) {
		t.Error(err)
	}
	if _, err := verdict("stream: Can't open file ERROR"); !isRefusal(err) {
		t.Error(err)
	}
	for _, text := range []string{"", "stream: ", " FOUND", "UNKNOWN COMMAND", "stream: OKAY"} {
		if name, err := verdict(text); err == nil || isAnswer(err) {
			t.Errorf("%q is a verdict: %q %v", text, name, err)
		}
	}
	if got := answer([]byte("12: stream: \x1b[31mX FOUND\x00")); got != "stream: ?[31mX FOUND" {
		t.Errorf("%q", got)
	}
}

func TestSeverity(t *testing.T) {
	for name, want := range map[string]sekisho.Severity{
		"Win.Trojan.X-1": sekisho.SeverityUnknown, "PUA.Win.Y": sekisho.SeverityMedium, "Heuristics.Phishing.Email": sekisho.SeverityHigh,
		"Heuristics.Encrypted.Zip": sekisho.SeverityMedium,
	} {
		if got := severity(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, s := range []string{"1: stream: OK\x00", "stream: X FOUND\x00", "INSTREAM size limit exceeded. ERROR\x00", "ClamAV 1.4.6/27463/Thu Nov 20 10:26:04 2026\x00", ": \x00", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := answer(b)
		if strings.ContainsAny(s, "\x00\x1b\r\n") {
			t.Errorf("%q goes to a terminal", s)
		}
		name, err := verdict(s)
		if err != nil && name != "" {
			t.Errorf("%q: %q and %v", s, name, err)
		}
		_, _ = parseVersion(s)
	})
}

func TestCancelled(t *testing.T) {
	d := enginetest.StartClamd(t, "25M")
	ctx, cancel := context.WithCancel(t.Context())
	e, err := Open(ctx, Options{Address: d.Unix, Sessions: 1})
	if err != nil {
		t.Fatal(err)
	}
	l := e.Begin(ctx)
	w := l.Sniff(&sekisho.File{Path: "a", Size: 1000})
	w.Write(make([]byte, 10), false)
	done := make(chan struct{})
	go func() { // waits for the only session
		give(l, "b", []byte("x"), 10)
		close(done)
	}()
	cancel()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("a file waits although the scan was cancelled")
	}
	for w.Write(make([]byte, 10), false) {
		time.Sleep(time.Millisecond)
	}
	w.Facts()
	if end := names(l.End()); len(end) != 0 {
		t.Errorf("%v", end)
	}
}
