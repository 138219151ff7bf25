// SPDX-License-Identifier: Apache-2.0

package binary

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Strings as the programs have them, behind what must not be taken for them.
func TestMarksBehindOthers(t *testing.T) {
	for _, c := range []struct{ path, content, want string }{
		{"usr/sbin/nginx", "\x00nginx/x\x00nginx version: nginx/1.25.3\n\x00", "nginx 1.25.3"},
		{"usr/sbin/nginx", "\x00nginx version: openresty/1.21.4.1\x00", "openresty 1.21.4.1"},
		{"bin/busybox", "\x00BusyBox v1.36.1 (2023-11-07 18:53:09 UTC)\x00", "busybox 1.36.1"},
		{"usr/lib/libcrypto.so.3", "\x00OpenSSL 3.0.11 19 Sep 2023\x00", "openssl 3.0.11"},
		{"usr/bin/openssl", "\x00OpenSSL 1.1.1w  11 Sep 2023\x00", "openssl 1.1.1w"},
		{"usr/lib/libcrypto.so.42", "\x00LibreSSL 3.8.2\x00", "libressl 3.8.2"},
		{"usr/bin/curl", "curl/7.88.1\x00", "curl 7.88.1"},
		{"usr/lib/libcurl.so.4.8.0", "\x00libcurl/7.88.1\x00", "curl 7.88.1"},
		{"usr/lib/postgresql/15/bin/postgres", "\x00PostgreSQL 15.4 on x86_64-pc-linux-gnu\x00", "postgresql 15.4"},
		{"usr/local/bin/php", "\x00X-Powered-By: PHP/8.2.1\x00", "php 8.2.1"},
		{"usr/local/apache2/bin/httpd", "\x00Apache/2.4.57 (Unix)\x00", "httpd 2.4.57"},
		{"usr/local/lib/libruby.so.3.1", "\x00ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)\x00", "ruby 3.1.2"},
		{"usr/bin/memcached", "\x00memcached 1.6.21\n\x00", "memcached 1.6.21"},
		{"usr/sbin/mariadbd", "\x0010.11.4-MariaDB\x00", "mariadb 10.11.4"},
		{"usr/sbin/sshd", "\x00OpenSSH_9.2p1\x00", "openssh 9.2p1"},
		{"usr/local/lib/libpython3.11.so.1.0", "\x0013.11.9\x00x3.11.9\x003.11.2\x00", "python 3.11.2"},
		{"usr/local/bin/redis-server", "\x002.8.13\x007.2.4\x007.0.1\x00127.0.0.1\x00", "redis 7.2.4"},
		{"usr/bin/valkey-server", "\x007.2.4\x008.0.1\x00", "valkey 8.0.1"},
		{"usr/lib/libsqlite3.so.0.8.6", "\x003.x\x003.40.1\x00", "sqlite 3.40.1"},
		{"usr/sbin/haproxy", "HAProxy version 2.8.3-86e043a, released 2023/09/07\x00", "haproxy 2.8.3"},
		{"usr/bin/perl", "\x00v5.36.0\x00", "perl 5.36.0"},
		{"usr/local/bin/node", "\x00node.js/v20.1.0\x00", "node 20.1.0"},
		{"usr/sbin/nginx", "\x00nginx version: nginx/\x00 nginx version: nginx/1", ""},
		{"usr/bin/openssl", "\x00OpenSSL of 1.1.1 and later\x00", ""},
	} {
		inv, err := extracttest.Extract(t, newExecutable(), c.path, []byte(elfMagic+c.content))
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
		}
		want := ""
		if name, version, ok := strings.Cut(c.want, " "); ok {
			want = c.want + " pkg:generic/" + name + "@" + version
		}
		extracttest.Equal(t, extracttest.Lines(t, inv), want)
	}
}

func TestWantsByPath(t *testing.T) {
	for path, want := range map[string]bool{
		"usr/bin/openssl": true, "usr/lib/libssl.so.3": true, "usr/bin/python3.11": true, "usr/lib/libpython3.11.so.1.0": true,
		"usr/bin/openssl-helper": false, "usr/lib/libssl.a": false, "usr/bin/gitk": false, "usr/bin/": false,
	} {
		if got := newExecutable().Wants(&sekisho.File{Path: path, Mode: 0o755, Head: []byte(elfMagic)}); got != want {
			t.Errorf("Wants(%s) = %v", path, got)
		}
	}
	if newExecutable().Wants(&sekisho.File{Path: "usr/bin/openssl", Mode: 0o755, Head: []byte("#!/bin/sh\n")}) {
		t.Error("wants a script")
	}
}

// reader is content that is not in memory, so that windows are read.
type reader struct{ *bytes.Reader }

// A mark is found wherever it stands, on the edge of two windows as well.
func TestWindowEdges(t *testing.T) {
	const mark = "\x00nginx version: nginx/1.25.3\x00"
	for _, edge := range []int{windowLen, 16 * windowLen} {
		for at := edge - len(mark) - 2; at < edge+2; at++ {
			b := make([]byte, edge+windowLen)
			copy(b[at:], mark)
			in := extracttest.Input("usr/sbin/nginx", b)
			if edge == windowLen {
				in.Content = reader{bytes.NewReader(b)}
			}
			inv, err := newExecutable().Extract(t.Context(), in)
			if err != nil || len(inv.Packages) != 1 || inv.Packages[0].Version != "1.25.3" {
				t.Fatalf("at %d: %+v, %v", at, inv.Packages, err)
			}
		}
	}
	in := extracttest.Input("usr/sbin/nginx", make([]byte, 1000))
	in.Content = reader{bytes.NewReader(make([]byte, 500))}
	if _, err := newExecutable().Extract(t.Context(), in); err == nil {
		t.Error("a file that ends too early is no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newExecutable().Extract(ctx, extracttest.Input("usr/sbin/nginx", make([]byte, 1000))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestVersionFiles(t *testing.T) {
	for _, c := range []struct{ path, content, want string }{
		{"usr/local/go/VERSION", "go1.22.1\ntime 2024-02-29T18:18:48Z\n", "go 1.22.1 pkg:generic/go@1.22.1"},
		{"usr/lib/erlang/releases/25/OTP_VERSION", "25.2.3\n", "erlang 25.2.3 pkg:generic/erlang@25.2.3"},
		{"var/www/html/wp-includes/version.php", "<?php\n$wp_version = '6.4.2';\n", "wordpress 6.4.2 pkg:generic/wordpress@6.4.2"},
	} {
		inv, err := extracttest.Extract(t, versionFile{}, c.path, []byte(c.content))
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
		}
		extracttest.Equal(t, extracttest.Lines(t, inv), c.want)
	}
	if _, err := (versionFile{}).Extract(t.Context(), extracttest.Input("go/VERSION", []byte("go1"))); !errors.Is(err, errNoVersion) {
		t.Errorf("a file without a version: %v", err)
	}
}

// Programs of the machine that the test runs on say their version themselves.
func TestProgramsSayTheSame(t *testing.T) {
	tried := 0
	for _, c := range [][]string{
		{"openssl", "version"},
		{"curl", "--version"},
		{"git", "--version"},
		{"perl", "-e", "print substr $^V, 1"},
		{"bash", "--version"},
		{"node", "--version"},
		{"sqlite3", "--version"},
		{"python3", "--version"},
		{"ssh", "-V"},
	} {
		path, err := exec.LookPath(c[0])
		if err != nil {
			continue
		}
		if path, err = filepath.EvalSymlinks(path); err != nil {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(b, []byte(elfMagic)) || find(filepath.Base(path)) == nil {
			continue
		}
		said, err := exec.CommandContext(t.Context(), path, c[1:]...).CombinedOutput()
		if err != nil {
			continue
		}
		inv, err := extracttest.Extract(t, newExecutable(), strings.TrimPrefix(filepath.ToSlash(path), "/"), b)
		if err != nil {
			t.Errorf("%s: %v", c[0], err)
		}
		if len(inv.Packages) == 0 {
			t.Logf("%s: its version is in a library", c[0])
			continue
		}
		tried++
		if v := inv.Packages[0].Version; !strings.Contains(string(said), v) {
			t.Errorf("%s says %q, read was %s", c[0], said, v)
		}
		t.Log(inv.Packages[0].PURL)
	}
	if tried == 0 {
		t.Skip("no well-known program is on this machine")
	}
}

func FuzzExecutableOfName(f *testing.F) {
	f.Add("nginx", []byte("\x00nginx version: nginx/1.25.3\n"))
	f.Add("libsqlite3.so.0", []byte("\x003.40.1\x00"))
	f.Add("python3.11", []byte("\x003.11.2\x00"))
	f.Add("redis-server", []byte("\x007.0.1\x007.2.4\x00"))
	f.Add("mariadbd", []byte("\x0010.11.4-MariaDB\x00"))
	f.Fuzz(func(t *testing.T, base string, b []byte) {
		inv, err := newExecutable().Extract(t.Context(), extracttest.Input("bin/"+base, b))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range inv.Packages {
			if p.Name == "" || p.Version == "" || len(p.Version) > 2*maxVersion || !bytes.Contains(b, []byte(p.Version)) {
				t.Fatalf("%+v", p)
			}
		}
	})
}
