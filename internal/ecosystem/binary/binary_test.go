// SPDX-License-Identifier: Apache-2.0

package binary

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestFiles(t *testing.T) {
	for name, want := range map[string]string{
		"usr/sbin/nginx":         "nginx 1.25.3 pkg:generic/nginx@1.25.3",
		"usr/sbin/redis-server":  "redis 7.2.4 pkg:generic/redis@7.2.4",
		"opt/python/bin/python3": "python 3.12.4 pkg:generic/python@3.12.4",
	} {
		extracttest.Equal(t, extracttest.File(t, newExecutable(), name), want)
	}
	for name, want := range map[string]string{
		"usr/local/go/VERSION":               "go 1.22.5 pkg:generic/go@1.22.5",
		"srv/wp-includes/version.php":        "wordpress 6.5.4 pkg:generic/wordpress@6.5.4",
		"opt/erlang/releases/26/OTP_VERSION": "erlang 26.2.5 pkg:generic/erlang@26.2.5",

		"usr/local/lib/R/library/base/DESCRIPTION": "r 4.3.1 pkg:generic/r@4.3.1",
		"opt/julia/include/julia/julia_version.h":  "julia 1.10.2 pkg:generic/julia@1.10.2",
		"srv/app/library/base/DESCRIPTION":         "",
	} {
		extracttest.Equal(t, extracttest.File(t, versionFile{}, name), want)
	}
}

// The strings around the versions are as they stand in real programs: those of
// Debian 12, of Docker's official images, and of the authors' own builds.
func TestMarks(t *testing.T) {
	const elf = elfMagic + "\x02\x01\x01\x00"
	for _, tt := range []struct{ path, text, want string }{
		{"bin/bash", "@(#)Bash version 5.2.15(1) release GNU\x00", "bash 5.2.15"},
		{"bin/busybox", "syslogd started: BusyBox v1.35.0\x00BusyBox v1.36.1 (2024-01-01 00:00:00 UTC)\x00", "busybox 1.36.1"},
		{"usr/bin/curl", "\x00curl/7.88.1\x00", "curl 7.88.1"},
		{"usr/lib/libcurl.so.4.8.0", "CLIENT libcurl 7.88.1\x00libcurl/7.88.1\x00", "curl 7.88.1"},
		{"usr/lib/libexpat.so.1.8.10", "\x00expat_2.5.0\x00", "expat 2.5.0"},
		{"usr/bin/git", "git/\x00git/2.39.5\x00", "git 2.39.5"},
		{"lib/libc.so.6", "GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\nCopyright", "glibc 2.36"},
		{"lib/libc-2.31.so", "GNU C Library (GNU libc) stable release version 2.31.\nCopyright", "glibc 2.31"},
		{"usr/sbin/haproxy", "TLS version 1.2\x00HAProxy version 2.6.12-1+deb12u4, released 2026/10/17\x00", "haproxy 2.6.12"},
		{"usr/local/sbin/haproxy", "HA-Proxy version 1.8.0, released 2017/11/26\x00", "haproxy 1.8.0"},
		{"usr/sbin/apache2", "\x00Apache/2.4\x00Apache/2.4.71 (Debian)\x00", "httpd 2.4"},
		{"usr/local/apache2/bin/httpd", "\x00Apache/2.4.58 (Unix)\x00", "httpd 2.4.58"},
		{"lib/libpng16.so.16.39.0", " libpng version 1.6.39\x00 libpng version 1.6.39 - November 20, 2022\x00", "libpng 1.6.39"},
		{"usr/sbin/lighttpd", "lighttpd/1.4.69\x00", "lighttpd 1.4.69"},
		{"usr/bin/lua5.4", "$LuaVersion: Lua 5.4.4  Copyright (C) 1994-2022", "lua 5.4.4"},
		{"usr/bin/lua5.1", "$Lua: Lua 5.1.5 Copyright (C) 1994-2012", "lua 5.1.5"},
		{"usr/sbin/mariadbd", "\x00mysqld-10.11\x0010.11.19-MariaDB\x00", "mariadb 10.11.19"},
		{"usr/sbin/mysqld", "\x00mysqld-8.0\x008.0.36\x00", "mysql 8.0.36"},
		{"usr/bin/memcached", "memcached 1.6.18\n\x00", "memcached 1.6.18"},
		{"usr/local/openresty/nginx/sbin/nginx", "nginx version: openresty/1.21.4.1\n\x00", "openresty 1.21.4.1"},
		{"usr/local/bin/node", "\x00node.js/v20.20.2\x00", "node 20.20.2"},
		{"usr/sbin/sshd", "\x00OpenSSH_9.2\x00OpenSSH_9.2p1 Debian-2+deb12u10\x00", "openssh 9.2p1"},
		{"lib/libcrypto.so.3", "\x00OpenSSL 3.0.19 27 Jan 2026\x00", "openssl 3.0.19"},
		{"lib/libcrypto.so.1.1", "\x00OpenSSL 1.1.1w  11 Sep 2023\x00", "openssl 1.1.1w"},
		{"usr/bin/openssl", "\x00OpenSSL 1.1.0 or later\x00OpenSSL 3.2.0-beta1 26 Oct 2023", "openssl 3.2.0-beta1"},
		{"lib/libcrypto.so.10", "\x00OpenSSL 1.0.2k-fips  26 Jan 2017", "openssl 1.0.2k"},
		{"usr/bin/perl5.36.0", "\x00v5.36.0\x00", "perl 5.36.0"},
		{"usr/bin/php8.2", "X-Powered-By: PHP/8.2.35\x00", "php 8.2.35"},
		{"usr/local/sbin/php-fpm", "X-Powered-By: PHP/8.3.0RC1\x00", "php 8.3.0RC1"},
		{"usr/lib/postgresql/15/bin/postgres", "upgrading to PostgreSQL 9.1.\x00PostgreSQL 15.20 (Debian 15.20-0+deb12u1) on x86_64\x00", "postgresql 15.20"},
		{"usr/local/bin/postgres", "\x00PostgreSQL 16.1 on x86_64-pc-linux-musl\x00", "postgresql 16.1"},
		{"usr/local/lib/libpython3.12.so.1.0", "/root/versions/3.12.1\x00", "python 3.12.1"},
		{"lib/libpython3.6m.so.1.0", "3.6.15\x00", "python 3.6.15"},
		{"usr/local/bin/python3.13", "\x003.13.0rc2\x00", "python 3.13.0rc2"},
		{"usr/bin/valkey-server", "\x007.2.4\x008.0.1\x008.0.0\x00", "valkey 8.0.1"},
		{"lib/libruby-3.1.so.3.1.2", "\x00ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)\x00", "ruby 3.1.2"},
		{"lib/libsqlite3.so.0.8.6", "\x003.x\x003.40.1\x00", "sqlite 3.40.1"},
		{"usr/sbin/squid", "squid-5.7=.\x00squid/5.7\x00", "squid 5.7"},
		{"usr/sbin/varnishd", "varnish-7.1.1 revision 7cee1c58\x00", "varnish 7.1.1"},
		{"lib/libz.so.1.2.13", " deflate 1.2.13 Copyright 1995-2022", "zlib 1.2.13"},
		// Other programs of the same name.
		{"usr/bin/node", "I am a cat", ""},
		{"lib/libz3.so.4", "Z3 4.8", ""},
		{"lib/libpython3.so", "libpython3.12.so.1.0\x00", ""},
		{"usr/bin/perl", "\x00v5\x00v5.\x00v5.x", ""},
	} {
		inv, err := extracttest.Extract(t, newExecutable(), tt.path, []byte(elf+tt.text+"\x00\x00"))
		got := ""
		if len(inv.Packages) > 0 {
			got = inv.Packages[0].Name + " " + inv.Packages[0].Version
		}
		if err != nil || got != tt.want {
			t.Errorf("%s %q: got %q, %v, want %q", tt.path, tt.text, got, err, tt.want)
		}
	}
}

func TestWants(t *testing.T) {
	for base, want := range map[string]string{
		"nginx": "nginx", "nginx.conf": "", "python3.11": "python", "python3.11-config": "", "pythonx": "", "python": "python",
		"libssl.so.3": "openssl", "libssl": "", "openssl": "openssl", "openssl.so": "", "libpython3.11.so.1.0": "python",
		"php-fpm8.2": "php", "phpize": "", "ssh": "openssh", "ssh-agent": "", "git": "git", "gitk": "", "libcrypto.so.1.1": "openssl",
		"libc.so.6": "glibc", "libcap.so.2": "", "postgres": "postgresql", "": "", "redis-server": "redis", "libnode.so.108": "node",
	} {
		got := ""
		if p := find(base); p != nil {
			got = p.name
		}
		if got != want {
			t.Errorf("%s is %q, want %q", base, got, want)
		}
	}
	head := []byte(elfMagic)
	if (executable{}).Wants(&sekisho.File{Path: "bin/git", Head: []byte("#!/bin/sh")}) ||
		(executable{}).Wants(&sekisho.File{Path: "bin/git", Head: head, Type: sekisho.TypeSymlink}) ||
		!(executable{}).Wants(&sekisho.File{Path: "bin/git", Head: head}) {
		t.Error("only ELF files are wanted")
	}
	f := sekisho.File{Path: "usr/lib/x86_64-linux-gnu/libsomething.so.1.2", Head: head}
	if n := testing.AllocsPerRun(100, func() { (executable{}).Wants(&f) }); n != 0 {
		t.Errorf("Wants allocates %v times", n)
	}
}

// onDisk is content that is not in memory.
type onDisk struct{ io.ReaderAt }

// A mark is seen wherever it stands, also across the edges of the windows.
func TestWindows(t *testing.T) {
	mark := []byte("\x00node.js/v20.20.2\x00")
	for _, at := range []int{windowLen - 30, windowLen - 18, windowLen - 10, windowLen - overlap, windowLen, 2*windowLen - overlap - 5, 3 * windowLen} {
		b := make([]byte, 4*windowLen)
		copy(b, elfMagic)
		copy(b[at:], mark)
		in := &sekisho.Input{Path: "node", Content: onDisk{bytes.NewReader(b)}, Size: int64(len(b))}
		inv, err := newExecutable().Extract(t.Context(), in)
		if err != nil || len(inv.Packages) != 1 || inv.Packages[0].Version != "20.20.2" {
			t.Errorf("at %d: %v, %v", at, inv.Packages, err)
		}
	}
	for _, at := range []int{16*windowLen - 10, 16*windowLen - overlap, 31 * windowLen} {
		b := make([]byte, 33*windowLen)
		copy(b[at:], mark)
		if inv, err := newExecutable().Extract(t.Context(), extracttest.Input("node", b)); err != nil || len(inv.Packages) != 1 {
			t.Errorf("in memory at %d: %v, %v", at, inv.Packages, err)
		}
	}
	in := &sekisho.Input{Path: "node", Content: onDisk{bytes.NewReader(nil)}, Size: 5}
	if _, err := newExecutable().Extract(t.Context(), in); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file that is shorter than it says: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newExecutable().Extract(ctx, in); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestVersionAt(t *testing.T) {
	for in, want := range map[string]string{
		"1.2.3": "1.2.3", "1.2.3.4.5": "1.2.3.4", "1": "", "1.": "", "1.2.": "1.2", "": "", "a.b": "", "1.2-rc1 ": "1.2-rc1",
		"1.2-1+deb": "1.2", "1.1.1w ": "1.1.1w", "1.1.1work": "1.1.1", "9.2p1 ": "9.2p1", "3.1.2p20 (": "3.1.2", "3.13.0b2\x00": "3.13.0b2",
		"123456789.1": "", "1.2..3": "1.2", "2.9-dev3": "2.9-dev3", "1.0.2zh-fips": "1.0.2zh",
	} {
		if got := string(versionAt([]byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// The programs of this machine know their own versions.
func TestProgramsOfThisMachine(t *testing.T) {
	number := regexp.MustCompile(`\d+(\.\d+)+(p\d+)?`)
	checked := 0
	for _, args := range [][]string{
		{"bash", "--version"},
		{"curl", "--version"},
		{"git", "--version"},
		{"node", "--version"},
		{"openssl", "version"},
		{"perl", "-e", "printf '%vd', $^V"},
		{"python3.11", "--version"},
		{"ssh", "-V"},
		{"busybox"},
		{"redis-server", "--version"},
		{"nginx", "-v"},
		{"haproxy", "-v"},
		{"php", "--version"},
		{"postgres", "--version"},
	} {
		file, err := exec.LookPath(args[0])
		if err != nil {
			continue
		}
		if file, err = filepath.EvalSymlinks(file); err != nil {
			continue
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		st, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		head := make([]byte, 4)
		if _, err := f.ReadAt(head, 0); err != nil || !(executable{}).Wants(&sekisho.File{Path: file, Head: head}) {
			continue // a script that starts it
		}
		out, err := exec.CommandContext(t.Context(), file, args[1:]...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		inv, err := newExecutable().Extract(t.Context(), &sekisho.Input{Path: strings.TrimPrefix(file, "/"), Content: f, Size: st.Size()})
		if want := number.FindString(string(out)); err != nil || len(inv.Packages) != 1 || inv.Packages[0].Version != want {
			t.Errorf("%s: %v, %v, it says %s", file, inv.Packages, err, want)
		}
		checked++
	}
	// R's program is a script; its base package speaks for it.
	const base = "usr/lib/R/library/base/DESCRIPTION"
	if b, err := os.ReadFile("/" + base); err == nil {
		out, err := exec.CommandContext(t.Context(), "R", "--version").Output()
		if err != nil {
			t.Fatal(err)
		}
		inv, err := extracttest.Extract(t, versionFile{}, base, b)
		if err != nil || len(inv.Packages) != 1 || !strings.HasPrefix(string(out), "R version "+inv.Packages[0].Version+" ") {
			t.Errorf("%v, %v, R says %q", inv.Packages, err, out)
		}
		checked++
	}
	t.Log(checked, "programs checked")
	if checked == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("none of the programs is installed")
		}
		t.Skip("none of the programs is installed")
	}
}

func FuzzExecutable(f *testing.F) { extracttest.Fuzz(f, newExecutable()) }

func FuzzVersionFile(f *testing.F) { extracttest.Fuzz(f, versionFile{}) }

func BenchmarkExecutable(b *testing.B) {
	data := bytes.Repeat([]byte("some text that programs have, with 1.2.3 dots\x00\x01\x02\x03"), 1<<20/50*32)
	copy(data, elfMagic)
	data = append(data, "\x00node.js/v20.20.2\x00"...)
	x := newExecutable()
	for _, name := range []string{"node", "redis-server", "python3.11"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := x.Extract(b.Context(), extracttest.Input(name, data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
