// SPDX-License-Identifier: Apache-2.0

// Package enginetest starts real engines for tests: a clamd with signatures of
// its own and no other, on a socket in a directory of the test. Only tests use it.
package enginetest

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the form of ClamAV's signatures of whole files
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Eicar is the test file of the European Institute for Computer Antivirus
// Research (https://www.eicar.org/download-anti-malware-testfile/), put together
// here: scanners must not find this source.
func Eicar() []byte {
	return bytes.Join([][]byte{[]byte(`X5O!P%@AP[4\PZX54(P^)`), []byte(`7CC)7}$EICAR-STANDARD-`), []byte(`ANTIVIRUS-TEST-FILE!$H+H*`)}, nil)
}

// Marked is a text that the test's own signature knows anywhere in a file.
func Marked() string { return "sekisho" + " own " + "signature" }

// Need finds a program or skips the test; in CI it fails.
func Need(t testing.TB, program string) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin", "/sbin"} {
		if p, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return p
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", program)
	}
	t.Skipf("%s is not installed: make test installs it as root", program)
	return ""
}

// Clamd is a daemon of the test.
type Clamd struct {
	// Unix and TCP are its addresses, as --clamd takes them.
	Unix, TCP string

	dir     string
	program string
	process *exec.Cmd
	port    int
}

// StartClamd starts one that takes streams of at most limit, "25M".
func StartClamd(t testing.TB, limit string) *Clamd {
	t.Helper()
	program := Need(t, "clamd")
	// A socket's path has 107 bytes at most: t.TempDir may be longer.
	dir, err := os.MkdirTemp("", "clamd") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	sum := md5.Sum(Eicar()) //nolint:gosec // see above
	for name, text := range map[string]string{
		"db/own.ndb": fmt.Sprintf("Own.Marked:0:*:%x\n", Marked()),
		"db/own.hdb": fmt.Sprintf("%s:%d:Eicar.Test\n", hex.EncodeToString(sum[:]), len(Eicar())),
		"clamd.conf": fmt.Sprintf("LocalSocket %[1]s/s\nTCPSocket %[2]d\nTCPAddr 127.0.0.1\nDatabaseDirectory %[1]s/db\nTemporaryDirectory %[1]s\nForeground yes\nStreamMaxLength %[3]s\nMaxFileSize %[3]s\n", dir, freePort(t), limit),
	} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := &Clamd{Unix: "unix:" + dir + "/s", dir: dir, program: program}
	conf, err := os.ReadFile(filepath.Join(dir, "clamd.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(string(conf[bytes.Index(conf, []byte("TCPSocket")):]), "TCPSocket %d", &c.port); err != nil {
		t.Fatal(err)
	}
	c.TCP = fmt.Sprintf("tcp:127.0.0.1:%d", c.port)
	c.Start(t)
	return c
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // nothing waits
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, _ := l.Addr().(*net.TCPAddr)
	return a.Port
}

// Start starts it (again) and waits until it listens.
func (c *Clamd) Start(t testing.TB) {
	t.Helper()
	var out bytes.Buffer
	c.process = exec.CommandContext(t.Context(), c.program, "-c", filepath.Join(c.dir, "clamd.conf")) //nolint:gosec // it was found on the PATH
	c.process.Stdout, c.process.Stderr = &out, &out
	if err := c.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Kill)
	for range 300 {
		if n, err := net.Dial("unix", filepath.Join(c.dir, "s")); err == nil { //nolint:noctx // it answers at once or not at all
			n.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.Kill()
	t.Fatalf("clamd does not listen: %s", out.Bytes())
}

// Kill ends it as a crash would.
func (c *Clamd) Kill() {
	_ = c.process.Process.Kill() // it may have ended
	_ = c.process.Wait()
}
